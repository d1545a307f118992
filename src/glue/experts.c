/* Entries of experts' weights: points, concordance, and pairwise judgements.
 */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/weights/ahp.h"
#include "core/weights/budget_allocation.h"
#include "core/weights/kendall_w.h"

/* One-based column of a position in an integer result. */
static int column_or_na(size_t at)
{
    return at == CAP_NOWHERE ? NA_INTEGER : (int)at + 1;
}

/* list(shares, fault, item) of a matrix of points, experts in rows; `fault` a
 * word of cap_expert_faults. */
SEXP glue_expert_shares(SEXP points)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *given = glue_matrix(points, GLUE_ANY, GLUE_ANY, "points");
    int n = Rf_nrows(points), m = Rf_ncols(points);
    SEXP values[3];
    values[0] = PROTECT(Rf_allocMatrix(REALSXP, n, m));
    values[2] = PROTECT(Rf_allocVector(INTSXP, n));
    int *fault = (int *)R_alloc((size_t)n + 1, sizeof *fault);
    size_t *item = (size_t *)R_alloc((size_t)n + 1, sizeof *item);
    if (cap_expert_shares((size_t)n, (size_t)m, given, REAL(values[0]), fault,
                          item, &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (int e = 0; e < n; e++) {
        INTEGER(values[2])[e] = column_or_na(item[e]);
    }
    values[1] = PROTECT(glue_words_for(cap_expert_faults, (size_t)n, fault));
    const char *const names[] = {"shares", "fault", "item"};
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

enum { N_PAIR = 8 };

static const char *const pair_names[N_PAIR] = {
    "upper", "lower", "difference", "se", "p", "swaps", "first", "removals"};

/* A matrix of the pairs of items, one a row, positions counted from 1. */
static void store_pairs(R_xlen_t n, const cap_item_pair *pairs, double *at)
{
    for (R_xlen_t k = 0; k < n; k++) {
        const cap_item_pair *p = pairs + k;
        const double figures[] = {
            (double)p->upper + 1,
            (double)p->lower + 1,
            p->difference,
            p->se,
            p->p,
            (double)p->swaps,
            p->first == CAP_NOWHERE ? NA_REAL : (double)p->first + 1,
            p->removals == CAP_NOWHERE ? NA_REAL : (double)p->removals};
        for (R_xlen_t j = 0; j < N_PAIR; j++) {
            at[j * n + k] = figures[j];
        }
    }
}

/* `options`: list(pool, trim). */
static cap_pool pool_options(SEXP options, double *trim)
{
    glue_options o = glue_options_of(options, "options");
    cap_pool pool = (cap_pool)glue_choice_of(&o, "pool", cap_pools);
    *trim = glue_number_of(&o, "trim");
    glue_options_end(&o);
    return pool;
}

/* list(weight, se, low, high, leave_out, shift, pairs) of shares. */
SEXP glue_expert_pool(SEXP shares, SEXP options)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *share = glue_matrix(shares, GLUE_ANY, GLUE_ANY, "shares");
    int n = Rf_nrows(shares), m = Rf_ncols(shares);
    if (m > 46340) {
        glue_refuse(shares, "shares", "fewer items");
    }
    int n_pairs = m * (m - 1) / 2;
    double trim;
    cap_pool how = pool_options(options, &trim);
    SEXP values[7];
    for (int k = 0; k < 4; k++) {
        values[k] = PROTECT(Rf_allocVector(REALSXP, m));
    }
    values[4] = PROTECT(Rf_allocMatrix(REALSXP, n, m));
    values[5] = PROTECT(Rf_allocVector(REALSXP, n));
    values[6] = PROTECT(glue_table((size_t)n_pairs, N_PAIR, pair_names));
    cap_pooled out = {REAL(values[0]), REAL(values[1]), REAL(values[2]),
                      REAL(values[3]), REAL(values[4]), REAL(values[5])};
    cap_item_pair *pairs =
        (cap_item_pair *)R_alloc((size_t)n_pairs + 1, sizeof *pairs);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status =
        cap_expert_pool((size_t)n, (size_t)m, share, how, trim, &out, &err);
    if (status == CAP_OK) {
        status = cap_expert_pairs((size_t)n, (size_t)m, share, how, out.weight,
                                  out.leave_out, pairs, &err);
    }
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    store_pairs(n_pairs, pairs, REAL(values[6]));
    const char *const names[] = {"weight",    "se",    "low",  "high",
                                 "leave_out", "shift", "pairs"};
    SEXP result = glue_list(7, names, values);
    UNPROTECT(7);
    return result;
}

/* c(w, chi_square, df, p_chi_square, p_exact) of judges in rows. */
SEXP glue_kendall_w(SEXP values, SEXP max_work)
{
    static const char *const names[] = {"w", "chi_square", "df",
                                        "p_chi_square", "p_exact"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *judged = glue_matrix(values, GLUE_ANY, GLUE_ANY, "values");
    double most = glue_number(max_work, "max_work");
    cap_concordance w;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status =
        cap_kendall_w((size_t)Rf_nrows(values), (size_t)Rf_ncols(values),
                      judged, most, &w, &err);
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double figures[] = {w.w, w.chi_square, w.df, w.p_chi_square,
                              w.p_exact};
    return glue_figures(5, names, figures);
}

/* A square matrix of judgements, and its size. */
static const double *judgements_of(SEXP matrix, int *n)
{
    const double *x = glue_matrix(matrix, GLUE_ANY, GLUE_ANY, "matrix");
    *n = Rf_nrows(matrix);
    if (*n != Rf_ncols(matrix) || *n > CAP_AHP_MAX_ITEMS) {
        glue_refuse(matrix, "matrix", "square, of 15 items at most");
    }
    return x;
}

/* list(matrix, rounded): a judgement matrix, checked and reciprocal. */
SEXP glue_ahp_tidy(SEXP matrix)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    int n;
    const double *given = judgements_of(matrix, &n);
    size_t rounded = 0;
    SEXP values[2];
    values[0] = PROTECT(Rf_allocMatrix(REALSXP, n, n));
    if (cap_ahp_tidy((size_t)n, given, REAL(values[0]), &rounded, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    values[1] = PROTECT(Rf_ScalarReal((double)rounded));
    const char *const names[] = {"matrix", "rounded"};
    SEXP result = glue_list(2, names, values);
    UNPROTECT(2);
    return result;
}

static void store_consistency(const cap_ahp_consistency *c, double *at,
                              R_xlen_t stride)
{
    at[0] = c->lambda;
    at[stride] = c->ci;
    at[2 * stride] = c->ri;
    at[3 * stride] = c->cr;
}

static int n_matrices(SEXP matrices, int n)
{
    R_xlen_t size = Rf_xlength(matrices), m = size / n / n;
    if (size != m * n * n || m > INT_MAX) {
        glue_refuse(matrices, "matrices", "whole matrices");
    }
    return (int)m;
}

/* `options`: list(method, group). */
static void ahp_options(SEXP options, cap_ahp_method *method,
                        cap_ahp_group *group)
{
    glue_options o = glue_options_of(options, "options");
    *method = (cap_ahp_method)glue_choice_of(&o, "method", cap_ahp_methods);
    *group = (cap_ahp_group)glue_choice_of(&o, "group", cap_ahp_groups);
    glue_options_end(&o);
}

static const char *const ahp_names[] = {"weight", "se",     "low",
                                        "high",   "pooled", "expert_weight",
                                        "expert", "group"};

/* Weights of a group from its tidy matrices, one after the other:
 * list(weight, se, low, high, pooled, expert_weight, expert, group), the last
 * two with columns lambda, ci, ri, cr. */
SEXP glue_ahp_pool(SEXP matrices, SEXP size, SEXP options)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *given = glue_numbers(matrices, GLUE_ANY, "matrices");
    int n = (int)glue_whole_number(size, 1, CAP_AHP_MAX_ITEMS, "size");
    int m = n_matrices(matrices, n);
    cap_ahp_method method;
    cap_ahp_group group;
    ahp_options(options, &method, &group);
    SEXP values[] = {PROTECT(Rf_allocVector(REALSXP, n)),
                     PROTECT(Rf_allocVector(REALSXP, n)),
                     PROTECT(Rf_allocVector(REALSXP, n)),
                     PROTECT(Rf_allocVector(REALSXP, n)),
                     PROTECT(Rf_allocMatrix(REALSXP, n, n)),
                     PROTECT(Rf_allocMatrix(REALSXP, m, n)),
                     PROTECT(Rf_allocMatrix(REALSXP, m, 4)),
                     PROTECT(Rf_allocVector(REALSXP, 4))};
    cap_ahp_consistency *own =
        (cap_ahp_consistency *)R_alloc((size_t)m + 1, sizeof *own);
    cap_ahp_pooled out = {REAL(values[0]),
                          REAL(values[1]),
                          REAL(values[2]),
                          REAL(values[3]),
                          REAL(values[4]),
                          REAL(values[5]),
                          own,
                          {0, 0, 0, 0}};
    if (cap_ahp_pool((size_t)n, (size_t)m, given, method, group, &out, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    for (int e = 0; e < m; e++) {
        store_consistency(own + e, REAL(values[6]) + e, m);
    }
    store_consistency(&out.group, REAL(values[7]), 1);
    SEXP result = glue_list(8, ahp_names, values);
    UNPROTECT(8);
    return result;
}

/* list(implied, deviation, worst, largest) of a tidy matrix. */
SEXP glue_ahp_triads(SEXP matrix)
{
    int n;
    const double *tidy = judgements_of(matrix, &n);
    size_t worst[3];
    SEXP values[4];
    values[0] = PROTECT(Rf_allocMatrix(REALSXP, n, n));
    values[1] = PROTECT(Rf_allocMatrix(REALSXP, n, n));
    values[2] = PROTECT(Rf_allocVector(INTSXP, 3));
    values[3] = PROTECT(Rf_ScalarReal(cap_ahp_triads(
        (size_t)n, tidy, REAL(values[0]), REAL(values[1]), worst)));
    for (int k = 0; k < 3; k++) {
        INTEGER(values[2])[k] = column_or_na(worst[k]);
    }
    const char *const names[] = {"implied", "deviation", "worst", "largest"};
    SEXP result = glue_list(4, names, values);
    UNPROTECT(4);
    return result;
}

SEXP glue_concentration(SEXP weight, SEXP se)
{
    R_xlen_t n = Rf_xlength(weight);
    const double *share = glue_numbers(weight, n, "weight");
    return Rf_ScalarReal(
        cap_concentration((size_t)n, share, glue_numbers(se, n, "se")));
}
