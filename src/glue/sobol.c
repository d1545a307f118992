/* Entries of Sobol indices of any function: design, sums and indices. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/montecarlo/sobol.h"

/* list(a, b): the two samples of n rows and d columns of one replicate, which
 * counts from 1. */
SEXP glue_sobol_design(SEXP key, SEXP replicate, SEXP n, SEXP d)
{
    static const char *const names[] = {"a", "b"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    int rows = Rf_asInteger(n), columns = Rf_asInteger(d);
    SEXP a = PROTECT(Rf_allocMatrix(REALSXP, rows, columns));
    SEXP b = PROTECT(Rf_allocMatrix(REALSXP, rows, columns));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_sobol_design(
        (size_t)columns, (size_t)rows, glue_key_of(key),
        (uint64_t)Rf_asInteger(replicate) - 1, REAL(a), REAL(b), &err);
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP values[] = {a, b};
    SEXP result = glue_list(2, names, values);
    UNPROTECT(2);
    return result;
}

/* Sums of the first ends[k] rows of `y`, which has columns A, B, A_B^(1), ...:
 * a column for each of `ends`. */
SEXP glue_sobol_tally(SEXP y, SEXP centre, SEXP scale, SEXP ends)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    size_t d = (size_t)Rf_ncols(y) - 2, n_ends = (size_t)Rf_xlength(ends);
    size_t *counts = (size_t *)R_alloc(n_ends, sizeof *counts);
    for (size_t k = 0; k < n_ends; k++) {
        counts[k] = (size_t)INTEGER(ends)[k];
    }
    SEXP stats = PROTECT(
        Rf_allocMatrix(REALSXP, (int)cap_sobol_stat_count(d), (int)n_ends));
    if (cap_sobol_tally(d, (size_t)Rf_nrows(y), REAL(y), Rf_asReal(centre),
                        Rf_asReal(scale), n_ends, counts, REAL(stats),
                        &err) != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    return stats;
}

/* list(index, low, high, variance) from the sums of groups, a column each. */
SEXP glue_sobol_indices(SEXP stats, SEXP d, SEXP conf)
{
    static const char *const names[] = {"index", "low", "high", "variance"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    size_t n_factors = (size_t)Rf_asInteger(d);
    size_t n_groups = (size_t)Rf_ncols(stats);
    R_xlen_t n_index = (R_xlen_t)cap_sobol_index_count(n_factors);
    SEXP index = PROTECT(Rf_allocVector(REALSXP, n_index));
    SEXP low = PROTECT(Rf_allocVector(REALSXP, n_index));
    SEXP high = PROTECT(Rf_allocVector(REALSXP, n_index));
    SEXP variance = PROTECT(Rf_allocVector(REALSXP, 1));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_sobol_indices(n_factors, 1, n_groups, REAL(stats),
                                          REAL(index), REAL(variance), &err);
    if (status == CAP_OK) {
        status =
            cap_sobol_jackknife(n_factors, 1, n_groups, REAL(stats),
                                Rf_asReal(conf), REAL(low), REAL(high), &err);
    }
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP values[] = {index, low, high, variance};
    SEXP result = glue_list(4, names, values);
    UNPROTECT(4);
    return result;
}
