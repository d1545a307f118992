/* Entry of the weights that published scores imply. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/weights/implied_weights.h"

/* list(weight, residual, aside, unclear, figures) of one parent; `x` is rows x
 * items, `figures` c(n_used, n_aside, rank, condition, largest). */
SEXP glue_implied_weights(SEXP x, SEXP y, SEXP total, SEXP threshold,
                          SEXP mads)
{
    static const char *const names[] = {"weight", "residual", "aside",
                                        "unclear", "figures"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_implied_options options = {glue_number(threshold, "threshold"),
                                   glue_number(mads, "mads")};
    cap_implied_report report;
    cap_poll poll;
    const double *shares = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    int n_rows = Rf_nrows(x), n_items = Rf_ncols(x);
    const double *score = glue_numbers(y, n_rows, "y");
    double points = glue_number(total, "total");
    SEXP weight = PROTECT(Rf_allocVector(REALSXP, n_items));
    SEXP residual = PROTECT(Rf_allocVector(REALSXP, n_rows));
    SEXP aside = PROTECT(Rf_allocVector(INTSXP, n_rows));
    SEXP unclear = PROTECT(Rf_allocVector(LGLSXP, n_items));
    SEXP figures = PROTECT(Rf_allocVector(REALSXP, 5));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_implied_weights(
        (size_t)n_rows, (size_t)n_items, shares, score, points, &options,
        REAL(weight), REAL(residual), INTEGER(aside), LOGICAL(unclear),
        &report, &poll, &err);
    gsl_set_error_handler(handler);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    REAL(figures)[0] = (double)report.n_used;
    REAL(figures)[1] = (double)report.n_aside;
    REAL(figures)[2] = (double)report.rank;
    REAL(figures)[3] = report.condition;
    REAL(figures)[4] = report.largest;
    SEXP values[] = {weight, residual, aside, unclear, figures};
    SEXP result = glue_list(5, names, values);
    UNPROTECT(6);
    return result;
}
