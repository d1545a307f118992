/* The glue of intervals, p-values and order statistics. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/framework/quantile.h"
#include "core/index/compare.h"
#include "core/index/interval.h"

static const cap_error no_error = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};

/* A row with low, high, t, p for each of some estimates, standard errors,
 * degrees of freedom and sizes of one length. */
SEXP glue_t_interval(SEXP estimate, SEXP se, SEXP df, SEXP conf, SEXP size)
{
    static const char *const names[] = {"low", "high", "t", "p"};
    R_xlen_t n = Rf_xlength(estimate);
    const double *at = glue_numbers(estimate, n, "estimate");
    const double *error = glue_numbers(se, n, "se");
    const double *freedom = glue_numbers(df, n, "df");
    const double *scale = glue_numbers(size, n, "size");
    double level = glue_number(conf, "conf");
    SEXP result = PROTECT(glue_table((size_t)n, 4, names));
    double *to = REAL(result);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    for (R_xlen_t i = 0; i < n; i++) {
        cap_t_figures f =
            cap_t_interval(at[i], error[i], freedom[i], level, scale[i]);
        to[i] = f.low;
        to[i + n] = f.high;
        to[i + 2 * n] = f.t;
        to[i + 3 * n] = f.p;
    }
    gsl_set_error_handler(handler);
    UNPROTECT(1);
    return result;
}

/* Standard errors of shares, as `p` in shape, each of `n` draws. */
SEXP glue_share_error(SEXP p, SEXP n)
{
    const double *share = glue_numbers(p, GLUE_ANY, "p");
    const double *count = glue_numbers(n, Rf_xlength(p), "n");
    SEXP result = PROTECT(Rf_duplicate(p));
    for (R_xlen_t i = 0; i < Rf_xlength(p); i++) {
        REAL(result)[i] = cap_share_error(share[i], count[i]);
    }
    UNPROTECT(1);
    return result;
}

SEXP glue_quantiles(SEXP x, SEXP p)
{
    cap_error err = no_error;
    const double *value = glue_numbers(x, GLUE_ANY, "x");
    const double *share = glue_numbers(p, GLUE_ANY, "p");
    SEXP result = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(p)));
    if (cap_quantiles((size_t)Rf_xlength(x), value, (size_t)Rf_xlength(p),
                      share, REAL(result), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return result;
}

SEXP glue_median_deviation(SEXP x)
{
    cap_error err = no_error;
    double deviation;
    const double *value = glue_numbers(x, GLUE_ANY, "x");
    if (cap_median_deviation((size_t)Rf_xlength(x), value, &deviation, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    return Rf_ScalarReal(deviation);
}

/* Columns x shares: the class of each quantile of the column's counts, from 1;
 * NA for none. */
SEXP glue_count_quantiles(SEXP counts, SEXP p)
{
    const double *count = glue_matrix(counts, GLUE_ANY, GLUE_ANY, "counts");
    const double *share = glue_numbers(p, GLUE_ANY, "p");
    size_t n = (size_t)Rf_nrows(counts);
    int n_columns = Rf_ncols(counts), n_p = (int)Rf_xlength(p);
    SEXP result = PROTECT(Rf_allocMatrix(INTSXP, n_columns, n_p));
    for (int k = 0; k < n_p; k++) {
        for (int c = 0; c < n_columns; c++) {
            size_t at = cap_count_quantile(n, count + (size_t)c * n, share[k]);
            INTEGER(result)
            [c + k * n_columns] = at == CAP_NOWHERE ? NA_INTEGER : (int)at + 1;
        }
    }
    UNPROTECT(1);
    return result;
}

/* The values with those within `gap` of a neighbour in order made equal. */
SEXP glue_tie(SEXP x, SEXP gap)
{
    cap_error err = no_error;
    const double *value = glue_numbers(x, GLUE_ANY, "x");
    double room = glue_number(gap, "gap");
    SEXP result = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(x)));
    if (cap_tie_within((size_t)Rf_xlength(x), value, room, REAL(result),
                       &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return result;
}
