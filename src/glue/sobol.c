/* Entries of Sobol indices of any function: design, sums and indices. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/montecarlo/sobol.h"

/* list(a, b): the two samples of n rows and d columns of one replicate, which
 * counts from 1; `design`: list(key, replicate, n, d). */
SEXP glue_sobol_design(SEXP design)
{
    static const char *const names[] = {"a", "b"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    glue_options o = glue_options_of(design, "design");
    int rows = (int)glue_whole_number(glue_option(&o, "n"), 1, 1 << 30, "n");
    int columns =
        (int)glue_whole_number(glue_option(&o, "d"), 1, INT_MAX, "d");
    uint64_t key = glue_key_of(&o);
    uint64_t at = glue_whole_number(glue_option(&o, "replicate"), 1, GLUE_MOST,
                                    "replicate") -
                  1;
    glue_options_end(&o);
    SEXP a = PROTECT(Rf_allocMatrix(REALSXP, rows, columns));
    SEXP b = PROTECT(Rf_allocMatrix(REALSXP, rows, columns));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_sobol_design((size_t)columns, (size_t)rows, key,
                                         at, REAL(a), REAL(b), &err);
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
    const double *results = glue_matrix(y, GLUE_ANY, GLUE_ANY, "y");
    int columns = Rf_ncols(y);
    if (columns < 3) {
        glue_refuse(y, "y", "a matrix of 3 columns or more");
    }
    size_t d = (size_t)columns - 2, n_ends = (size_t)Rf_xlength(ends);
    const size_t *counts = glue_counts(ends, GLUE_ANY, "ends");
    double middle = glue_number(centre, "centre");
    double size = glue_number(scale, "scale");
    SEXP stats = PROTECT(
        Rf_allocMatrix(REALSXP, (int)cap_sobol_stat_count(d), (int)n_ends));
    if (cap_sobol_tally(d, (size_t)Rf_nrows(y), results, middle, size, n_ends,
                        counts, REAL(stats), &err) != CAP_OK) {
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
    size_t n_factors = glue_whole_number(d, 1, 1e6, "d");
    const double *sums = glue_matrix(
        stats, (R_xlen_t)cap_sobol_stat_count(n_factors), GLUE_ANY, "stats");
    double level = glue_number(conf, "conf");
    size_t n_groups = (size_t)Rf_ncols(stats);
    R_xlen_t n_index = (R_xlen_t)cap_sobol_index_count(n_factors);
    SEXP index = PROTECT(Rf_allocVector(REALSXP, n_index));
    SEXP low = PROTECT(Rf_allocVector(REALSXP, n_index));
    SEXP high = PROTECT(Rf_allocVector(REALSXP, n_index));
    SEXP variance = PROTECT(Rf_allocVector(REALSXP, 1));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_sobol_indices(n_factors, 1, n_groups, sums,
                                          REAL(index), REAL(variance), &err);
    if (status == CAP_OK) {
        status = cap_sobol_jackknife(n_factors, 1, n_groups, sums, level,
                                     REAL(low), REAL(high), &err);
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
