/* Entries of groups over editions, for cap_trend(). */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/trend/bootstrap.h"
#include "core/trend/mean_change.h"
#include "core/trend/leave_one_out.h"
#include "core/trend/equating.h"

#include <math.h>

/* c(n, mean_from, mean_to, change, se, df) of the units that are present at
 * both ends. */
SEXP glue_mean_change(SEXP from, SEXP to, SEXP users_from, SEXP users_to)
{
    static const char *const names[] = {"n",      "mean_from", "mean_to",
                                        "change", "se",        "df"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    R_xlen_t n = Rf_xlength(from);
    cap_ends ends = {(size_t)n, glue_numbers(from, n, "from"),
                     glue_numbers(to, n, "to"),
                     glue_numbers_or_none(users_from, n, "users_from"),
                     glue_numbers_or_none(users_to, n, "users_to")};
    if (cap_ends_check(&ends, &err) != CAP_OK) {
        glue_raise(&err);
    }
    cap_mean_change c = cap_change_of_mean(&ends, NULL, 0);
    const double values[] = {(double)c.n,        c.mean_from,
                             c.mean_to,          c.mean_to - c.mean_from,
                             sqrt(c.var_change), c.df};
    return glue_figures(6, names, values);
}

/* A row a group; `top` counts from 1. */
SEXP glue_group_influence(SEXP scores, SEXP users, SEXP groups)
{
    static const char *const names[] = {"top", "mean", "without", "influence"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    R_xlen_t n_rows = Rf_xlength(scores);
    const double *x = glue_numbers(scores, n_rows, "scores");
    const double *u = glue_numbers_or_none(users, n_rows, "users");
    int n = (int)Rf_xlength(glue_elements(groups, GLUE_ANY, "groups"));
    SEXP result = PROTECT(glue_table((size_t)n, 4, names));
    double *at = REAL(result);
    for (R_xlen_t g = 0; g < n; g++) {
        SEXP rows = VECTOR_ELT(groups, g);
        const void *mark = vmaxget();
        cap_influence f;
        const size_t *member =
            glue_indices(rows, GLUE_ANY, (double)n_rows, "groups");
        if (cap_group_influence((size_t)n_rows, x, u, (size_t)Rf_xlength(rows),
                                member, &f, &err) != CAP_OK) {
            glue_raise(&err);
        }
        at[g] = f.top == CAP_NOWHERE ? NA_REAL : (double)f.top + 1;
        at[n + g] = f.mean;
        at[2 * n + g] = f.without;
        at[3 * n + g] = f.influence;
        vmaxset(mark);
    }
    UNPROTECT(1);
    return result;
}

/* `values` put on the scale of `to` by a link of `from` to `to`; `rule`: a
 * word of cap_equating_rules. */
SEXP glue_equate(SEXP rule, SEXP from, SEXP to, SEXP values)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    R_xlen_t n = Rf_xlength(from), m = Rf_xlength(values);
    cap_equating_rule link =
        (cap_equating_rule)glue_choice(rule, cap_equating_rules, "rule");
    const double *x = glue_numbers(from, n, "from");
    const double *y = glue_numbers(to, n, "to");
    const double *given = glue_numbers(values, m, "values");
    SEXP result = PROTECT(Rf_allocVector(REALSXP, m));
    if (cap_equate_scores(link, (size_t)n, x, y, (size_t)m, given,
                          REAL(result), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return result;
}

/* An array figure x column x (estimate, se, low, high) of n figures. */
static SEXP boot_array(const cap_boot *figures, size_t n)
{
    static const char *const parts[] = {"estimate", "se", "low", "high"};
    SEXP array = PROTECT(Rf_alloc3DArray(REALSXP, CAP_BOOT_FIGURES,
                                         (int)(n / CAP_BOOT_FIGURES), 4));
    const SEXP dims[] = {PROTECT(glue_words(cap_boot_figures)), R_NilValue,
                         PROTECT(glue_strings(4, parts))};
    double *at = REAL(array);
    glue_name_dims(array, 3, dims);
    for (size_t f = 0; f < n; f++) {
        at[f] = figures[f].estimate;
        at[n + f] = figures[f].se;
        at[2 * n + f] = figures[f].low;
        at[3 * n + f] = figures[f].high;
    }
    UNPROTECT(3);
    return array;
}

/* `run`: list(n, conf, key). */
static cap_boot_run boot_run(SEXP run)
{
    glue_options r = glue_options_of(run, "run");
    cap_boot_run own = {glue_whole_of(&r, "n", GLUE_MOST), glue_key_of(&r), 0,
                        glue_number_of(&r, "conf")};
    glue_options_end(&r);
    return own;
}

/* A list of an array figure x (columns, pairs) x (estimate, se, low, high) for
 * each group; streams are the groups' numbers. */
SEXP glue_bootstrap(SEXP x, SEXP users, SEXP groups, SEXP pairs, SEXP run)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_poll poll;
    const double *scores = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    int n = Rf_nrows(x), columns = Rf_ncols(x);
    size_t k = (size_t)columns, n_pairs = (size_t)Rf_xlength(pairs) / 2;
    size_t n_figures = (k + n_pairs) * CAP_BOOT_FIGURES;
    R_xlen_t n_groups = Rf_xlength(glue_elements(groups, GLUE_ANY, "groups"));
    const double *u =
        glue_numbers_or_none(users, n * (R_xlen_t)columns, "users");
    cap_status status = CAP_OK;
    SEXP token = PROTECT(glue_poll_begin(&poll));
    SEXP result = PROTECT(Rf_allocVector(VECSXP, n_groups));
    const size_t *pair =
        glue_indices(pairs, 2 * (R_xlen_t)n_pairs, columns, "pairs");
    cap_boot *figures = (cap_boot *)R_alloc(n_figures, sizeof *figures);
    cap_boot_run own = boot_run(run);
    for (R_xlen_t g = 0; g < n_groups && status == CAP_OK; g++) {
        SEXP rows = VECTOR_ELT(groups, g);
        const size_t *member = glue_indices(rows, GLUE_ANY, n, "groups");
        own.stream = (uint32_t)g;
        status = cap_bootstrap_group((size_t)n, k, scores, u,
                                     (size_t)Rf_xlength(rows), member, n_pairs,
                                     pair, &own, &poll, figures, &err);
        if (status == CAP_OK) {
            SET_VECTOR_ELT(result, g, boot_array(figures, n_figures));
        }
    }
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(2);
    return result;
}
