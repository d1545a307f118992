/* Entry of the weights that published scores imply. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/weights/implied_weights.h"

/* `options`: list(total, threshold, mads); `total` goes to its place. */
static cap_implied_options implied_options(SEXP options, double *total)
{
    glue_options o = glue_options_of(options, "options");
    cap_implied_options own = {glue_number_of(&o, "threshold"),
                               glue_number_of(&o, "mads")};
    *total = glue_number_of(&o, "total");
    glue_options_end(&o);
    return own;
}

/* list(weight, residual, aside, unclear, figures) of one parent; `x` is rows x
 * items, `figures` n_used, n_aside, rank, condition, largest. */
SEXP glue_implied_weights(SEXP x, SEXP y, SEXP options)
{
    static const char *const names[] = {"weight", "residual", "aside",
                                        "unclear", "figures"};
    static const char *const figure_names[] = {"n_used", "n_aside", "rank",
                                               "condition", "largest"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    double total;
    const cap_implied_options own = implied_options(options, &total);
    cap_implied_report report;
    cap_poll poll;
    const double *shares = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    int n_rows = Rf_nrows(x), n_items = Rf_ncols(x);
    const double *score = glue_numbers(y, n_rows, "y");
    SEXP weight = PROTECT(Rf_allocVector(REALSXP, n_items));
    SEXP residual = PROTECT(Rf_allocVector(REALSXP, n_rows));
    SEXP aside = PROTECT(Rf_allocVector(INTSXP, n_rows));
    SEXP unclear = PROTECT(Rf_allocVector(LGLSXP, n_items));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_implied_weights(
        (size_t)n_rows, (size_t)n_items, shares, score, total, &own,
        REAL(weight), REAL(residual), INTEGER(aside), LOGICAL(unclear),
        &report, &poll, &err);
    gsl_set_error_handler(handler);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double figures[] = {(double)report.n_used, (double)report.n_aside,
                              (double)report.rank, report.condition,
                              report.largest};
    SEXP values[] = {weight, residual, aside, unclear,
                     PROTECT(glue_figures(5, figure_names, figures))};
    SEXP result = glue_list(5, names, values);
    UNPROTECT(6);
    return result;
}
