/* Entry of the agreement of two orders. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/index/compare.h"

/* c(n, spearman, kendall) of two vectors of scores. */
SEXP glue_rank_agreement(SEXP x, SEXP y)
{
    static const char *const names[] = {"n", "spearman", "kendall"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_agreement found;
    R_xlen_t n = Rf_xlength(x);
    const double *first = glue_numbers(x, n, "x");
    const double *second = glue_numbers(y, n, "y");
    if (cap_rank_agreement((size_t)n, first, second, NULL, &found, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    const double figures[] = {(double)found.n, found.spearman, found.kendall};
    return glue_figures(3, names, figures);
}
