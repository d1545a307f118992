/* The glue of intervals, p-values and order statistics. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/framework/quantile.h"
#include "core/index/compare.h"
#include "core/index/interval.h"

static const cap_error no_error = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};

/* n x 4 of estimates, standard errors, degrees of freedom and sizes of one
 * length: low, high, t, p. */
SEXP glue_t_interval(SEXP estimate, SEXP se, SEXP df, SEXP conf, SEXP size)
{
    R_xlen_t n = Rf_xlength(estimate);
    if (Rf_xlength(se) != n || Rf_xlength(df) != n || Rf_xlength(size) != n) {
        cap_error err = no_error;
        cap_fail(&err, CAP_ERR_INPUT, "an interval needs one of each figure");
        glue_raise(&err);
    }
    SEXP result = PROTECT(Rf_allocMatrix(REALSXP, (int)n, 4));
    double *to = REAL(result);
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    for (R_xlen_t i = 0; i < n; i++) {
        cap_t_figures f =
            cap_t_interval(REAL(estimate)[i], REAL(se)[i], REAL(df)[i],
                           Rf_asReal(conf), REAL(size)[i]);
        to[i] = f.low;
        to[i + n] = f.high;
        to[i + 2 * n] = f.t;
        to[i + 3 * n] = f.p;
    }
    gsl_set_error_handler(handler);
    UNPROTECT(1);
    return result;
}

/* Standard errors of shares, as `p` in shape; `n` is recycled over it. */
SEXP glue_share_error(SEXP p, SEXP n)
{
    SEXP result = PROTECT(Rf_duplicate(p));
    R_xlen_t n_counts = Rf_xlength(n);
    for (R_xlen_t i = 0; n_counts > 0 && i < Rf_xlength(p); i++) {
        REAL(result)[i] = cap_share_error(REAL(p)[i], REAL(n)[i % n_counts]);
    }
    UNPROTECT(1);
    return result;
}

SEXP glue_quantiles(SEXP x, SEXP p)
{
    cap_error err = no_error;
    SEXP result = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(p)));
    if (cap_quantiles((size_t)Rf_xlength(x), REAL(x), (size_t)Rf_xlength(p),
                      REAL(p), REAL(result), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return result;
}

SEXP glue_median_deviation(SEXP x)
{
    cap_error err = no_error;
    double deviation;
    if (cap_median_deviation((size_t)Rf_xlength(x), REAL(x), &deviation,
                             &err) != CAP_OK) {
        glue_raise(&err);
    }
    return Rf_ScalarReal(deviation);
}

/* Columns x shares: the class of each quantile of the column's counts, from 1;
 * NA for none. */
SEXP glue_count_quantiles(SEXP counts, SEXP p)
{
    size_t n = (size_t)Rf_nrows(counts);
    int n_columns = Rf_ncols(counts), n_p = (int)Rf_xlength(p);
    SEXP result = PROTECT(Rf_allocMatrix(INTSXP, n_columns, n_p));
    for (int k = 0; k < n_p; k++) {
        for (int c = 0; c < n_columns; c++) {
            size_t at = cap_count_quantile(n, REAL(counts) + (size_t)c * n,
                                           REAL(p)[k]);
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
    SEXP result = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(x)));
    if (cap_tie_within((size_t)Rf_xlength(x), REAL(x), Rf_asReal(gap),
                       REAL(result), &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return result;
}
