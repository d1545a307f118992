/* Entries of weights from the data. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>
#include <string.h>

#include "core/weights/principal_components.h"
#include "core/weights/importance_weights.h"
#include "core/weights/weights_spread.h"

static SEXP real_vector(size_t n)
{
    return Rf_allocVector(REALSXP, (R_xlen_t)n);
}

static SEXP square(size_t n)
{
    return Rf_allocMatrix(REALSXP, (int)n, (int)n);
}

/* `options`: list(method, min_max, spearman). */
static cap_spread_options spread_options(SEXP options)
{
    glue_options o = glue_options_of(options, "options");
    cap_spread_options own = {
        (cap_spread_method)glue_choice_of(&o, "method", cap_spread_methods),
        glue_flag_of(&o, "min_max"), glue_flag_of(&o, "spearman")};
    glue_options_end(&o);
    return own;
}

/* list(weight, information) of the columns of `x`. */
SEXP glue_weights_spread(SEXP x, SEXP options)
{
    static const char *const names[] = {"weight", "information"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *items = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), k = (size_t)Rf_ncols(x);
    const cap_spread_options how = spread_options(options);
    SEXP weight = PROTECT(real_vector(k));
    SEXP information = PROTECT(real_vector(k));
    const SEXP values[] = {weight, information};
    SEXP result = PROTECT(glue_list(2, names, values));
    if (cap_spread_weights(n, k, items, &how, REAL(weight), REAL(information),
                           &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(3);
    return result;
}

static void factors_numbers(const cap_factors *out, size_t k, SEXP factor,
                            SEXP counts)
{
    REAL(counts)[0] = (double)out->n_factors;
    REAL(counts)[1] = out->converged;
    for (size_t j = 0; j < k; j++) {
        INTEGER(factor)[j] = (int)out->factor[j] + 1;
    }
}

/* `options`: list(rule, figure, spearman, raw_rotate), where `figure` is the
 * number or share of the rule. */
static cap_factors_options factor_options(SEXP options)
{
    glue_options o = glue_options_of(options, "options");
    double figure = glue_number_of(&o, "figure");
    cap_factors_options own = {
        (cap_factors_rule)glue_choice_of(&o, "rule", cap_factors_rules),
        figure >= 1 && figure < 1e9 ? (size_t)figure : 0, figure,
        glue_flag_of(&o, "spearman"), glue_flag_of(&o, "raw_rotate")};
    glue_options_end(&o);
    return own;
}

/* The factors of the columns of `x` with weights and alphas. counts:
 * n_factors, converged; alphas: standardised, raw; deleted: columns
 * standardised, raw, item-rest. */
SEXP glue_weights_factor(SEXP x, SEXP options)
{
    static const char *const names[] = {
        "correlation", "eigenvalue", "loading", "variance", "communality",
        "factor",      "weight",     "counts",  "alphas",   "deleted"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *items = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), k = (size_t)Rf_ncols(x);
    const cap_factors_options how = factor_options(options);
    SEXP at[] = {
        PROTECT(square(k)),      PROTECT(real_vector(k)),
        PROTECT(square(k)),      PROTECT(real_vector(k)),
        PROTECT(real_vector(k)), PROTECT(Rf_allocVector(INTSXP, (R_xlen_t)k)),
        PROTECT(real_vector(k)), PROTECT(real_vector(2)),
        PROTECT(real_vector(2)), PROTECT(Rf_allocMatrix(REALSXP, (int)k, 3))};
    SEXP result = PROTECT(glue_list(10, names, at));
    cap_factors out = {0,           0,
                       REAL(at[0]), REAL(at[1]),
                       REAL(at[2]), REAL(at[3]),
                       REAL(at[4]), (size_t *)R_alloc(k + 1, sizeof(size_t)),
                       REAL(at[6])};
    double *deleted = REAL(at[9]), *alphas = REAL(at[8]);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_factor_weights(n, k, items, &how, &out, &err);
    if (status == CAP_OK) {
        status =
            cap_alpha(n, k, items, out.correlation, how.spearman, alphas,
                      alphas + 1, deleted, deleted + k, deleted + 2 * k, &err);
    }
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    factors_numbers(&out, k, at[5], at[7]);
    UNPROTECT(11);
    return result;
}

/* list(weight, ratio, importance, optimum, correlation): optimum holds the
 * objective, iterations, starts and whether it converged. `target` has one
 * for each column of `x`; `options`: list(degree, min_max): weights are of the
 * columns as they are, or of (x - min) / (max - min) if `min_max`. */
SEXP glue_weights_optimised(SEXP x, SEXP target, SEXP options)
{
    static const char *const names[] = {"weight", "ratio", "importance",
                                        "optimum", "correlation"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *items = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), k = (size_t)Rf_ncols(x);
    const double *wanted = glue_numbers(target, (R_xlen_t)k, "target");
    glue_options o = glue_options_of(options, "options");
    const cap_optimise_options how = {glue_whole_of(&o, "degree", INT_MAX), 0};
    bool by_range = glue_flag_of(&o, "min_max");
    glue_options_end(&o);
    cap_optimum optimum;
    cap_poll poll;
    SEXP at[] = {PROTECT(real_vector(k)), PROTECT(real_vector(k)),
                 PROTECT(real_vector(k)), PROTECT(real_vector(4)),
                 PROTECT(real_vector(k))};
    SEXP result = PROTECT(glue_list(5, names, at));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status =
        cap_optimise_weights(n, k, items, wanted, &how, REAL(at[0]),
                             REAL(at[1]), REAL(at[2]), &optimum, &poll, &err);
    if (status == CAP_OK) {
        status =
            cap_index_correlation(n, k, items, REAL(at[0]), REAL(at[4]), &err);
    }
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    if (by_range) {
        cap_min_max_weights(n, k, items, REAL(at[0]));
    }
    const double figures[] = {optimum.objective, (double)optimum.iterations,
                              (double)optimum.starts,
                              (double)optimum.converged};
    memcpy(REAL(at[3]), figures, sizeof figures);
    UNPROTECT(7);
    return result;
}

/* Whether the values of an item are the same but for rounding. */
SEXP glue_is_constant(SEXP x)
{
    const double *value = glue_numbers(x, GLUE_ANY, "x");
    return Rf_ScalarLogical(cap_is_constant((size_t)Rf_xlength(x), value));
}
