/* Entry of the Sobol indices of an index. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "base/allocation.h"
#include "core/montecarlo/sensitivity.h"
#include "core/montecarlo/sobol.h"

typedef struct {
    double *index, *variance, *low, *high;
    size_t n_boot;
    double conf;
} estimates;

/* `run`: list(key, n_groups, n_rows, threads, nominal_score, nominal_rank,
 * n_boot, conf); the last two go to `to`. */
static cap_sensitivity_run run_of(SEXP run, size_t n_units, estimates *to)
{
    glue_options r = glue_options_of(run, "run");
    cap_sensitivity_run own = {
        .key = glue_key_of(&r),
        .n_groups = glue_whole_of(&r, "n_groups", UINT32_MAX),
        .n_rows = glue_whole_of(&r, "n_rows", UINT32_MAX),
        .threads = glue_threads((int)glue_whole_of(&r, "threads", INT_MAX)),
        .nominal_score = glue_numbers(glue_option(&r, "nominal_score"),
                                      (R_xlen_t)n_units, "nominal_score"),
        .nominal_rank = (const uint32_t *)glue_integers(
            glue_option(&r, "nominal_rank"), (R_xlen_t)n_units,
            "nominal_rank")};
    to->n_boot = glue_whole_of(&r, "n_boot", UINT32_MAX);
    to->conf = glue_number_of(&r, "conf");
    glue_options_end(&r);
    return own;
}

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
SEXP glue_sensitivity(SEXP model, SEXP run)
{
    static const char *const names[] = {"index", "low", "high", "variance"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    cap_model m;
    cap_poll poll;
    SEXP values[4];
    glue_model(model, &tree, &m);
    estimates to = {0};
    const cap_sensitivity_run r = run_of(run, m.n_rows, &to);
    int n_out = (int)cap_sensitivity_outputs(m.n_rows);
    int n_index = (int)cap_sobol_index_count(m.n_factors);
    for (size_t k = 0; k < 3; k++) {
        values[k] = PROTECT(Rf_allocMatrix(REALSXP, n_out, n_index));
    }
    values[3] = PROTECT(Rf_allocVector(REALSXP, n_out));
    to.index = REAL(values[0]);
    to.low = REAL(values[1]);
    to.high = REAL(values[2]);
    to.variance = REAL(values[3]);
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
