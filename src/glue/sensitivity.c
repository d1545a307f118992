/* Entry of the Sobol indices of an index. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "base/allocation.h"
#include "core/montecarlo/sensitivity.h"
#include "core/montecarlo/sobol.h"

static cap_sensitivity_run run_of(SEXP run, size_t n_units)
{
    return (cap_sensitivity_run){
        .key = glue_key_of(glue_element(run, "key")),
        .n_groups = glue_whole_of(run, "n_groups", UINT32_MAX),
        .n_rows = glue_whole_of(run, "n_rows", UINT32_MAX),
        .threads = glue_threads((int)glue_whole_of(run, "threads", INT_MAX)),
        .nominal_score = glue_numbers(glue_element(run, "nominal_score"),
                                      (R_xlen_t)n_units, "nominal_score"),
        .nominal_rank = (const uint32_t *)glue_integers(
            glue_element(run, "nominal_rank"), (R_xlen_t)n_units,
            "nominal_rank")};
}

typedef struct {
    double *index, *variance, *low, *high;
    size_t n_boot;
    double conf;
} estimates;

/* The sums of the design, and the indices and intervals from them. */
static cap_status estimate(const cap_model *model,
                           const cap_sensitivity_run *run, estimates *to,
                           const cap_poll *poll, cap_error *err)
{
    size_t d = model->n_factors;
    size_t n_out = cap_sensitivity_outputs(model->n_rows);
    double *stats = cap_calloc(run->n_groups * n_out * cap_sobol_stat_count(d),
                               sizeof *stats);
    if (stats == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for the design");
    }
    cap_status status = cap_sensitivity(model, run, stats, poll, err);
    if (status == CAP_OK) {
        status = cap_sobol_indices(d, n_out, run->n_groups, stats, to->index,
                                   to->variance, err);
    }
    if (status == CAP_OK) {
        status = cap_sobol_bootstrap(d, n_out, run->n_groups, stats,
                                     to->n_boot, run->key, to->conf, to->low,
                                     to->high, poll, err);
    }
    cap_free(stats);
    return status;
}

/* list(index, low, high, variance): matrices of outputs x indices as
 * src/core/montecarlo/sobol.h orders them, and a variance an output. */
SEXP glue_sensitivity(SEXP model, SEXP run, SEXP n_boot, SEXP conf)
{
    static const char *const names[] = {"index", "low", "high", "variance"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    cap_model m;
    cap_poll poll;
    SEXP values[4];
    glue_model(model, &tree, &m);
    cap_sensitivity_run r = run_of(run, m.n_rows);
    int n_out = (int)cap_sensitivity_outputs(m.n_rows);
    int n_index = (int)cap_sobol_index_count(m.n_factors);
    for (size_t k = 0; k < 3; k++) {
        values[k] = PROTECT(Rf_allocMatrix(REALSXP, n_out, n_index));
    }
    values[3] = PROTECT(Rf_allocVector(REALSXP, n_out));
    estimates to = {REAL(values[0]),
                    REAL(values[3]),
                    REAL(values[1]),
                    REAL(values[2]),
                    glue_whole_number(n_boot, 0, UINT32_MAX, "n_boot"),
                    glue_number(conf, "conf")};
    SEXP token = PROTECT(glue_poll_begin(&poll));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = glue_tree(glue_element(model, "arrays"), &tree, &err);
    if (status == CAP_OK) {
        status = estimate(&m, &r, &to, &poll, &err);
    }
    cap_tree_free(&tree);
    gsl_set_error_handler(handler);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(4, names, values);
    UNPROTECT(5);
    return result;
}
