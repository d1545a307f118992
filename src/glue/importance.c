/* Entry of what weights really do. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/weights/importance.h"

/* A matrix correlation, ratio, n with a row for each column of `x`. */
SEXP glue_importance(SEXP x, SEXP y)
{
    static const char *const names[] = {"correlation", "ratio", "n"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *items = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), n_items = (size_t)Rf_ncols(x);
    const double *index = glue_numbers(y, (R_xlen_t)n, "y");
    SEXP result = PROTECT(glue_table(n_items, 3, names));
    double *out = REAL(result);
    for (size_t k = 0; k < n_items; k++) {
        size_t used;
        R_CheckUserInterrupt();
        if (cap_profile_pair(n, items + k * n, index, &out[k],
                             &out[k + n_items], &used, &err) != CAP_OK) {
            glue_raise(&err);
        }
        out[k + 2 * n_items] = (double)used;
    }
    UNPROTECT(1);
    return result;
}
