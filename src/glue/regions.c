/* Entry of group statistics. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/index/regions.h"

enum { N_FIGURES = 16 };

static const char *const figure_names[N_FIGURES] = {
    "n",         "mean",          "median",          "q1",    "q3", "min",
    "max",       "mean_weighted", "se_weighted",     "n_eff", "df", "top",
    "top_share", "top_two_share", "n_without_users", "users"};

static void store(const cap_group *g, double *at, R_xlen_t stride)
{
    const double figures[N_FIGURES] = {
        (double)g->n,
        g->mean,
        g->median,
        g->q1,
        g->q3,
        g->min,
        g->max,
        g->mean_weighted,
        g->se_weighted,
        g->n_eff,
        g->df,
        g->top == CAP_NOWHERE ? NA_REAL : (double)g->top + 1,
        g->top_share,
        g->top_two_share,
        (double)g->n_without_users,
        g->users};
    for (R_xlen_t k = 0; k < N_FIGURES; k++) {
        at[k * stride] = figures[k];
    }
}

/* Statistics of each group (list of row numbers) and column of `scores`: a
 * matrix with a row a group and column (columns fastest) and named columns. */
SEXP glue_group_statistics(SEXP scores, SEXP users, SEXP groups)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *score = glue_matrix(scores, GLUE_ANY, GLUE_ANY, "scores");
    R_xlen_t n_groups = Rf_xlength(glue_elements(groups, GLUE_ANY, "groups"));
    size_t n_rows = (size_t)Rf_nrows(scores);
    const double *u = glue_numbers_or_none(users, (R_xlen_t)n_rows, "users");
    R_xlen_t n_columns = Rf_ncols(scores), stride = n_groups * n_columns;
    SEXP result = PROTECT(glue_table((size_t)stride, N_FIGURES, figure_names));
    for (R_xlen_t g = 0; g < n_groups; g++) {
        SEXP rows = VECTOR_ELT(groups, g);
        const void *mark = vmaxget();
        const size_t *member =
            glue_indices(rows, GLUE_ANY, (double)n_rows, "groups");
        R_CheckUserInterrupt();
        for (R_xlen_t k = 0; k < n_columns; k++) {
            cap_group group;
            if (cap_group_statistics(n_rows, score + (size_t)k * n_rows, u,
                                     (size_t)Rf_xlength(rows), member, &group,
                                     &err) != CAP_OK) {
                glue_raise(&err);
            }
            store(&group, REAL(result) + g * n_columns + k, stride);
        }
        vmaxset(mark);
    }
    UNPROTECT(1);
    return result;
}
