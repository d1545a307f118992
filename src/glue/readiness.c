/* Entries of readiness: stages, what lacks, and stages of uncertain answers.
 */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>
#include <math.h>

#include "core/readiness/answer_uncertainty.h"
#include "core/readiness/readiness.h"
#include "base/rng.h"
#include "core/readiness/stage_probability.h"

/* framework_gates() of R/framework-gates.R in R_alloc memory; it holds more
 * than the core reads. */
static cap_gates gates_of(SEXP list)
{
    SEXP item = glue_element(list, "item");
    R_xlen_t n_members = Rf_xlength(item);
    glue_options o = glue_options_of(list, "gates");
    size_t n_items = glue_whole_of(&o, "n_items", INT_MAX);
    size_t n_stages = glue_whole_of(&o, "n_stages", INT_MAX);
    R_xlen_t n_groups = (R_xlen_t)glue_whole_of(&o, "n_groups", INT_MAX);
    cap_gates gates = {
        n_items,
        n_stages,
        (size_t)n_groups,
        glue_counts(glue_element(list, "group_stage"), n_groups,
                    "group_stage"),
        glue_counts(glue_element(list, "group_k"), n_groups, "group_k"),
        glue_offsets(glue_element(list, "group_start"), n_groups + 1,
                     (size_t)n_members, "group_start"),
        glue_indices(item, n_members, (double)n_items, "item"),
        glue_numbers(glue_element(list, "minimum"), n_members, "minimum"),
        glue_numbers(glue_element(list, "cap"), (R_xlen_t)n_stages, "cap"),
    };
    return gates;
}

static R_xlen_t n_members(SEXP gates)
{
    return Rf_xlength(glue_element(gates, "item"));
}

/* Rows x items of gates; NULL where all apply. */
static const int *applies_of(SEXP applies, int n_rows, const cap_gates *gates)
{
    return Rf_isNull(applies)
               ? NULL
               : glue_logicals(applies, n_rows * (R_xlen_t)gates->n_items,
                               "applies");
}

/* The stage that each row reaches, by position from 0. */
SEXP glue_stage_reach(SEXP list, SEXP value, SEXP applies)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    const double *x =
        glue_matrix(value, GLUE_ANY, (R_xlen_t)gates.n_items, "value");
    int n = Rf_nrows(value);
    const int *in = applies_of(applies, n, &gates);
    SEXP result = PROTECT(Rf_allocVector(INTSXP, n));
    size_t *stage = (size_t *)R_alloc((size_t)n + 1, sizeof *stage);
    if (cap_stage_reach(&gates, (size_t)n, x, in, stage, &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (int k = 0; k < n; k++) {
        INTEGER(result)[k] = (int)stage[k];
    }
    UNPROTECT(1);
    return result;
}

/* list(met: rows x members; n, k, holds: rows x groups). */
SEXP glue_gates_hold(SEXP list, SEXP value, SEXP applies)
{
    static const char *const names[] = {"met", "n", "k", "holds"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    const double *x =
        glue_matrix(value, GLUE_ANY, (R_xlen_t)gates.n_items, "value");
    int n = Rf_nrows(value), groups = (int)gates.n_groups;
    const int *in = applies_of(applies, n, &gates);
    size_t cells = (size_t)n * gates.n_groups;
    SEXP out[] = {
        PROTECT(Rf_allocMatrix(LGLSXP, n, (int)n_members(list))),
        PROTECT(Rf_allocMatrix(INTSXP, n, groups)),
        PROTECT(Rf_allocMatrix(INTSXP, n, groups)),
        PROTECT(Rf_allocMatrix(LGLSXP, n, groups)),
    };
    cap_gates_state state = {
        LOGICAL(out[0]),
        (cap_group_size *)R_alloc(cells + 1, sizeof(cap_group_size)),
        LOGICAL(out[3])};
    if (cap_gates_hold(&gates, (size_t)n, x, in, &state, &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (size_t k = 0; k < cells; k++) {
        INTEGER(out[1])[k] = (int)state.size[k].n;
        INTEGER(out[2])[k] = (int)state.size[k].k;
    }
    SEXP result = glue_list(4, names, out);
    UNPROTECT(4);
    return result;
}

/* list(deficit, attainment, met, asked, gated) of rows at their stages. */
SEXP glue_stage_next(SEXP list, SEXP value, SEXP applies, SEXP stage,
                     SEXP score)
{
    static const char *const names[] = {"deficit", "attainment", "met",
                                        "asked", "gated"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    const double *x =
        glue_matrix(value, GLUE_ANY, (R_xlen_t)gates.n_items, "value");
    int n_rows = Rf_nrows(value);
    size_t n = (size_t)n_rows;
    const int *in = applies_of(applies, n_rows, &gates);
    const size_t *at = glue_counts(stage, n_rows, "stage");
    const double *own = glue_numbers(score, n_rows, "score");
    for (size_t k = 0; k < n; k++) {
        if (at[k] >= gates.n_stages) {
            glue_refuse(stage, "stage", "stages of the gates");
        }
    }
    SEXP out[5];
    for (int k = 0; k < 5; k++) {
        out[k] = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)n));
    }
    cap_stage_gap gap = {REAL(out[0]), REAL(out[1]), REAL(out[2]),
                         REAL(out[3])};
    cap_status status = cap_stage_next(&gates, n, x, in, at, &gap, &err);
    if (status == CAP_OK) {
        status = cap_stage_cap(&gates, n, own, at, REAL(out[4]), &err);
    }
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(5, names, out);
    UNPROTECT(5);
    return result;
}

static cap_levels levels_of(SEXP levels, R_xlen_t n_items)
{
    glue_options o = glue_options_of(levels, "levels");
    cap_levels out = {
        glue_numbers(glue_option(&o, "lowest"), n_items, "lowest"),
        glue_numbers(glue_option(&o, "step"), n_items, "step"),
        glue_numbers(glue_option(&o, "highest"), n_items, "highest")};
    glue_options_end(&o);
    return out;
}

/* Rows x members: the chance that each member of a gate holds. */
SEXP glue_evidence_pass(SEXP list, SEXP value, SEXP reliability, SEXP levels)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    R_xlen_t n_items = (R_xlen_t)gates.n_items;
    cap_levels scale = levels_of(levels, n_items);
    const double *x = glue_matrix(value, GLUE_ANY, n_items, "value");
    int n = Rf_nrows(value);
    const double *sure = glue_matrix(reliability, n, n_items, "reliability");
    SEXP pass = PROTECT(Rf_allocMatrix(REALSXP, n, (int)n_members(list)));
    if (cap_evidence_pass(&gates, (size_t)n, x, sure, &scale, REAL(pass),
                          &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return pass;
}

/* `run`: list(correlation, key, first, n), of n_rows at a time. */
static cap_evidence_draws draws_of(SEXP run, int n_rows)
{
    glue_options r = glue_options_of(run, "run");
    cap_evidence_draws own = {
        glue_number_of(&r, "correlation"), glue_key_of(&r),
        glue_whole_of(&r, "first", GLUE_MOST),
        glue_whole_of(&r, "n", INT_MAX / (n_rows + 1.0))};
    glue_options_end(&r);
    return own;
}

/* Levels of n draws from draw `first` on; see
 * src/core/readiness/answer_uncertainty.h. */
SEXP glue_evidence_draw(SEXP value, SEXP reliability, SEXP levels, SEXP run)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *x = glue_matrix(value, GLUE_ANY, GLUE_ANY, "value");
    int n = Rf_nrows(value), n_items = Rf_ncols(value);
    const double *sure = glue_matrix(reliability, n, n_items, "reliability");
    cap_levels scale = levels_of(levels, n_items);
    const cap_evidence_draws draws = draws_of(run, n);
    SEXP drawn =
        PROTECT(Rf_allocMatrix(REALSXP, n * (int)draws.n_draws, n_items));
    R_CheckUserInterrupt();
    if (cap_evidence_draw((size_t)n, (size_t)n_items, x, sure, &scale, &draws,
                          REAL(drawn), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return drawn;
}

SEXP glue_evidence_range(SEXP value, SEXP reliability, SEXP levels,
                         SEXP greatest)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *x = glue_matrix(value, GLUE_ANY, GLUE_ANY, "value");
    int n = Rf_nrows(value), n_items = Rf_ncols(value);
    const double *sure = glue_matrix(reliability, n, n_items, "reliability");
    cap_levels scale = levels_of(levels, n_items);
    bool upper = glue_flag(greatest, "greatest");
    SEXP level = PROTECT(Rf_allocMatrix(REALSXP, n, n_items));
    if (cap_evidence_range((size_t)n, (size_t)n_items, x, sure, &scale, upper,
                           REAL(level), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return level;
}

/* `options`: list(correlation, n, key, simulate). */
static cap_stage_probability_options probability_options(SEXP options)
{
    glue_options o = glue_options_of(options, "options");
    cap_stage_probability_options own = {
        glue_number_of(&o, "correlation"), glue_whole_of(&o, "n", GLUE_MOST),
        glue_key_of(&o), glue_flag_of(&o, "simulate")};
    glue_options_end(&o);
    return own;
}

/* list(at_least, lower, upper, error, way): rows x stages, and a word of
 * cap_stage_probability_ways for each row. */
SEXP glue_stage_probability(SEXP list, SEXP pass, SEXP applies, SEXP options)
{
    static const char *const names[] = {"at_least", "lower", "upper", "error",
                                        "way"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    cap_poll poll;
    const double *chance =
        glue_matrix(pass, GLUE_ANY, n_members(list), "pass");
    int n = Rf_nrows(pass);
    const int *in = applies_of(applies, n, &gates);
    const cap_stage_probability_options how = probability_options(options);
    SEXP out[5];
    for (int k = 0; k < 4; k++) {
        out[k] = PROTECT(Rf_allocMatrix(REALSXP, n, (int)gates.n_stages));
    }
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_stage_probability_way *way = (cap_stage_probability_way *)R_alloc(
        (size_t)n + 1, sizeof(cap_stage_probability_way));
    cap_stage_probability law = {REAL(out[0]), REAL(out[1]), REAL(out[2]),
                                 REAL(out[3]), way};
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    cap_status status = cap_stage_probability_find(
        &gates, (size_t)n, chance, in, &how, &law, &poll, &err);
    gsl_set_error_handler(old);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    out[4] = PROTECT(Rf_allocVector(STRSXP, n));
    for (int k = 0; k < n; k++) {
        SET_STRING_ELT(out[4], k,
                       glue_word(cap_stage_probability_ways, (int)way[k]));
    }
    SEXP result = glue_list(5, names, out);
    UNPROTECT(6);
    return result;
}
