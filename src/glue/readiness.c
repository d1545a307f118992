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

/* framework_gates() of R/framework-gates.R in R_alloc memory. */
static cap_gates gates_of(SEXP list)
{
    cap_gates gates = {
        (size_t)Rf_asInteger(glue_element(list, "n_items")),
        (size_t)Rf_asInteger(glue_element(list, "n_stages")),
        (size_t)Rf_asInteger(glue_element(list, "n_groups")),
        glue_counts(list, "group_stage"),
        glue_counts(list, "group_k"),
        glue_counts(list, "group_start"),
        glue_indices(glue_element(list, "item")),
        REAL(glue_element(list, "minimum")),
        REAL(glue_element(list, "cap")),
    };
    return gates;
}

static const int *applies_of(SEXP applies)
{
    return Rf_isNull(applies) ? NULL : LOGICAL(applies);
}

static size_t *stages_of(SEXP stage)
{
    size_t n = (size_t)Rf_xlength(stage);
    size_t *out = (size_t *)R_alloc(n + 1, sizeof *out);
    for (size_t k = 0; k < n; k++) {
        out[k] = (size_t)INTEGER(stage)[k];
    }
    return out;
}

/* Internal faults, not users': the arrays must fit together. */
static void check_shape(const cap_gates *gates, SEXP value, SEXP applies)
{
    if ((size_t)Rf_ncols(value) != gates->n_items ||
        (!Rf_isNull(applies) && Rf_xlength(applies) != Rf_xlength(value))) {
        Rf_error("values and gates do not fit together");
    }
}

static R_xlen_t n_members(SEXP gates)
{
    return Rf_xlength(glue_element(gates, "item"));
}

/* The stage that each row reaches, by position from 0. */
SEXP glue_stage_reach(SEXP list, SEXP value, SEXP applies)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    int n = Rf_nrows(value);
    check_shape(&gates, value, applies);
    SEXP result = PROTECT(Rf_allocVector(INTSXP, n));
    size_t *stage = (size_t *)R_alloc((size_t)n + 1, sizeof *stage);
    if (cap_stage_reach(&gates, (size_t)n, REAL(value), applies_of(applies),
                        stage, &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (int k = 0; k < n; k++) {
        INTEGER(result)[k] = (int)stage[k];
    }
    UNPROTECT(1);
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
    size_t n = (size_t)Rf_nrows(value);
    const size_t *at = stages_of(stage);
    check_shape(&gates, value, applies);
    SEXP out[5];
    for (int k = 0; k < 5; k++) {
        out[k] = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)n));
    }
    cap_stage_gap gap = {REAL(out[0]), REAL(out[1]), REAL(out[2]),
                         REAL(out[3])};
    cap_status status = cap_stage_next(&gates, n, REAL(value),
                                       applies_of(applies), at, &gap, &err);
    if (status == CAP_OK) {
        status = cap_stage_cap(&gates, n, REAL(score), at, REAL(out[4]), &err);
    }
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(5, names, out);
    UNPROTECT(5);
    return result;
}

static cap_levels levels_of(SEXP levels)
{
    cap_levels out = {REAL(glue_element(levels, "lowest")),
                      REAL(glue_element(levels, "step")),
                      REAL(glue_element(levels, "highest"))};
    return out;
}

/* Rows x members: the chance that each member of a gate holds. */
SEXP glue_evidence_pass(SEXP list, SEXP value, SEXP reliability, SEXP levels)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    cap_levels scale = levels_of(levels);
    int n = Rf_nrows(value);
    check_shape(&gates, value, R_NilValue);
    SEXP pass = PROTECT(Rf_allocMatrix(REALSXP, n, (int)n_members(list)));
    if (cap_evidence_pass(&gates, (size_t)n, REAL(value), REAL(reliability),
                          &scale, REAL(pass), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return pass;
}

/* Levels of n_draws from draw `first` on; see
 * src/core/readiness/answer_uncertainty.h. */
SEXP glue_evidence_draw(SEXP value, SEXP reliability, SEXP levels,
                        SEXP correlation, SEXP key, SEXP first, SEXP n_draws)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_levels scale = levels_of(levels);
    int n = Rf_nrows(value), n_items = Rf_ncols(value);
    cap_evidence_draws draws = {Rf_asReal(correlation), glue_key_of(key),
                                (uint64_t)Rf_asReal(first),
                                (size_t)Rf_asReal(n_draws)};
    SEXP drawn =
        PROTECT(Rf_allocMatrix(REALSXP, n * (int)draws.n_draws, n_items));
    R_CheckUserInterrupt();
    if (cap_evidence_draw((size_t)n, (size_t)n_items, REAL(value),
                          REAL(reliability), &scale, &draws, REAL(drawn),
                          &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return drawn;
}

SEXP glue_evidence_range(SEXP value, SEXP reliability, SEXP levels,
                         SEXP greatest)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_levels scale = levels_of(levels);
    int n = Rf_nrows(value), n_items = Rf_ncols(value);
    SEXP level = PROTECT(Rf_allocMatrix(REALSXP, n, n_items));
    if (cap_evidence_range((size_t)n, (size_t)n_items, REAL(value),
                           REAL(reliability), &scale, Rf_asLogical(greatest),
                           REAL(level), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return level;
}

/* list(at_least, lower, upper, error, way): rows x stages, `way` a row. */
SEXP glue_stage_probability(SEXP list, SEXP pass, SEXP applies,
                            SEXP correlation, SEXP draws, SEXP simulate,
                            SEXP key)
{
    static const char *const names[] = {"at_least", "lower", "upper", "error",
                                        "way"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates = gates_of(list);
    cap_poll poll;
    int n = Rf_nrows(pass);
    SEXP out[5];
    for (int k = 0; k < 4; k++) {
        out[k] = PROTECT(Rf_allocMatrix(REALSXP, n, (int)gates.n_stages));
    }
    out[4] = PROTECT(Rf_allocVector(INTSXP, n));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_stage_probability_way *way = (cap_stage_probability_way *)R_alloc(
        (size_t)n + 1, sizeof(cap_stage_probability_way));
    cap_stage_probability law = {REAL(out[0]), REAL(out[1]), REAL(out[2]),
                                 REAL(out[3]), way};
    cap_stage_probability_options options = {
        Rf_asReal(correlation), (size_t)Rf_asReal(draws), glue_key_of(key),
        Rf_asLogical(simulate)};
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    cap_status status = cap_stage_probability_find(
        &gates, (size_t)n, REAL(pass), applies_of(applies), &options, &law,
        &poll, &err);
    gsl_set_error_handler(old);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    for (int k = 0; k < n; k++) {
        INTEGER(out[4])[k] = (int)way[k];
    }
    SEXP result = glue_list(5, names, out);
    UNPROTECT(6);
    return result;
}
