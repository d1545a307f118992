/* Draws the pick-freeze design of a model's factors and sums what Sobol
 * indices need, for all units at once. */
#include "base/fp.h"
#include "core/montecarlo/sensitivity.h"

#include <math.h>

#include "base/allocation.h"
#include "core/montecarlo/sobol.h"
#include "base/threads.h"

typedef struct {
    cap_pipeline *pipeline;
    double *a, *b, *ab; /* outputs of the three samples; ab for each factor */
    cap_error err;
    cap_status status;
    size_t failed_at; /* row of the design */
} worker;

typedef struct {
    const cap_model *model;
    const cap_sensitivity_run *run;
    size_t n_outputs;
    double *centre; /* n_outputs: the values of the index as it is */
    double *stats;
    size_t first_failed; /* no row from here on matters */
    int stop;
} job;

size_t cap_sensitivity_outputs(size_t n_units) { return 1 + 2 * n_units; }

/* Outputs of the pipeline's last evaluation. */
static void read_outputs(const job *j, const cap_pipeline *p, double *y)
{
    size_t n = j->model->n_rows, counted = 0;
    const double *score = cap_pipeline_scores(p);
    const uint32_t *rank = cap_pipeline_ranks(p);
    const uint32_t *nominal = j->run->nominal_rank;
    uint64_t shift = 0;
    int whole = 1;
    for (size_t i = 0; i < n; i++) {
        y[1 + i] = score[i];
        y[1 + n + i] = rank[i] > 0 ? rank[i] / 2.0 : NAN;
        if (nominal[i] > 0) {
            whole = whole && rank[i] > 0;
            shift += rank[i] > nominal[i] ? rank[i] - nominal[i]
                                          : nominal[i] - rank[i];
            counted++;
        }
    }
    y[0] = whole && counted > 0 ? (double)shift / 2 / (double)counted : NAN;
}

static cap_status evaluate(const job *j, worker *w, double *y)
{
    cap_status status = cap_pipeline_evaluate(w->pipeline, &w->err);
    if (status == CAP_OK) {
        read_outputs(j, w->pipeline, y);
    }
    return status;
}

/* y_A, y_B and y_AB of one row of the design. */
static cap_status run_row(const job *j, worker *w, uint64_t row)
{
    size_t d = j->model->n_factors;
    uint64_t key = j->run->key;
    for (size_t f = 0; f < d; f++) {
        cap_pipeline_draw(w->pipeline, key, row, f, 1);
    }
    cap_status status = evaluate(j, w, w->b);
    for (size_t f = 0; f < d; f++) {
        cap_pipeline_draw(w->pipeline, key, row, f, 0);
    }
    if (status == CAP_OK) {
        status = evaluate(j, w, w->a);
    }
    for (size_t f = 0; f < d && status == CAP_OK; f++) {
        cap_pipeline_draw(w->pipeline, key, row, f, 1);
        status = evaluate(j, w, w->ab + f * j->n_outputs);
        cap_pipeline_draw(w->pipeline, key, row, f, 0);
    }
    return status;
}

static size_t read_first_failed(job *j)
{
    size_t at;
    CAP_ATOMIC_READ
    at = j->first_failed;
    return at;
}

static void note_failure(job *j, worker *w, cap_status status, size_t row)
{
    w->status = status;
    w->failed_at = row;
    CAP_CRITICAL
    {
        if (row < read_first_failed(j)) {
            CAP_ATOMIC_WRITE
            j->first_failed = row;
        }
    }
}

static void run_group(job *j, worker *w, size_t group)
{
    size_t d = j->model->n_factors;
    size_t from = group * j->run->n_rows, to = from + j->run->n_rows;
    double *stats = j->stats + group * j->n_outputs * cap_sobol_stat_count(d);
    for (size_t row = from; row < to && row < read_first_failed(j); row++) {
        cap_status status = run_row(j, w, row);
        if (status != CAP_OK) {
            note_failure(j, w, status, row);
            return;
        }
        cap_sobol_add(d, j->n_outputs, w->a, w->b, w->ab, j->centre, stats);
    }
}

static void run_groups(job *j, worker *workers, int n_threads,
                       const cap_poll *poll)
{
    (void)n_threads;
    CAP_PARALLEL(n_threads)
    {
        worker *w = &workers[cap_thread_number()];
        CAP_SHARED_LOOP
        for (size_t group = 0; group < j->run->n_groups; group++) {
            int stop;
            CAP_ATOMIC_READ
            stop = j->stop;
            if (stop) {
                continue;
            }
            if (cap_thread_number() == 0 && cap_poll_stop(poll)) {
                CAP_ATOMIC_WRITE
                j->stop = 1;
                continue;
            }
            run_group(j, w, group);
        }
    }
}

static cap_status first_failure(const worker *workers, int n_threads,
                                cap_error *err)
{
    const worker *found = NULL;
    for (int t = 0; t < n_threads; t++) {
        if (workers[t].status != CAP_OK &&
            (found == NULL || workers[t].failed_at < found->failed_at)) {
            found = &workers[t];
        }
    }
    if (found != NULL && err != NULL) {
        *err = found->err;
    }
    return found == NULL ? CAP_OK : found->status;
}

static void free_worker(worker *w)
{
    cap_free(w->ab);
    cap_free(w->b);
    cap_free(w->a);
    cap_pipeline_free(w->pipeline);
}

static cap_status new_worker(const job *j, const cap_pipeline *first,
                             worker *w, cap_error *err)
{
    cap_status status = first == NULL
                            ? cap_pipeline_new(j->model, &w->pipeline, err)
                            : cap_pipeline_twin(first, &w->pipeline, err);
    if (status != CAP_OK) {
        return status;
    }
    w->a = cap_calloc(j->n_outputs, sizeof *w->a);
    w->b = cap_calloc(j->n_outputs, sizeof *w->b);
    w->ab = cap_calloc(j->n_outputs * j->model->n_factors, sizeof *w->ab);
    if (w->a == NULL || w->b == NULL || w->ab == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for outputs");
    }
    return CAP_OK;
}

static cap_status find_centre(job *j, cap_error *err)
{
    size_t n = j->model->n_rows;
    j->centre = cap_calloc(j->n_outputs, sizeof *j->centre);
    if (j->centre == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for outputs");
    }
    for (size_t i = 0; i < n; i++) {
        double score = j->run->nominal_score[i];
        j->centre[1 + i] = isfinite(score) ? score : 0;
        j->centre[1 + n + i] = j->run->nominal_rank[i] / 2.0;
    }
    return CAP_OK;
}

cap_status cap_sensitivity(const cap_model *model,
                           const cap_sensitivity_run *run, double *stats,
                           const cap_poll *poll, cap_error *err)
{
    job j = {.model = model,
             .run = run,
             .n_outputs = cap_sensitivity_outputs(model->n_rows),
             .stats = stats,
             .first_failed = CAP_NOWHERE};
    worker *workers = NULL;
    int n_threads = cap_threads_usable(run->threads), made = 0;
    if (model->n_factors == 0 || run->n_groups == 0 || run->n_rows == 0) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "Sobol indices need a factor and a row of a design");
    }
    cap_status status = find_centre(&j, err);
    if (status != CAP_OK) {
        return status;
    }
    workers = cap_calloc((size_t)n_threads, sizeof *workers);
    if (workers == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory");
        goto done;
    }
    for (; made < n_threads && status == CAP_OK; made++) {
        status = new_worker(&j, made == 0 ? NULL : workers[0].pipeline,
                            &workers[made], err);
    }
    if (status == CAP_OK) {
        run_groups(&j, workers, n_threads, poll);
        status = j.stop ? cap_fail(err, CAP_ERR_INTERRUPT, "interrupted")
                        : first_failure(workers, n_threads, err);
    }

done:
    for (; made > 0; made--) { /* the first last: the others share its model */
        free_worker(&workers[made - 1]);
    }
    cap_free(workers);
    cap_free(j.centre);
    return status;
}
