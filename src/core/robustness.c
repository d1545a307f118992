#include "fp.h"
#include "robustness.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "threads.h"

/* Replicates of one block, whose ranks are compared together. Counts within a
 * block fit 16 bits. */
enum { BLOCK = 128, MOST_ROWS = 16383 };

/* What one thread owns. Its counts are added to the caller's at the end. */
typedef struct {
    cap_pipeline *pipeline;
    cap_tally tally;
    int16_t *rank; /* BLOCK x n_rows: doubled ranks of a block's replicates */
    int16_t *point; /* the same: places of their scores on the grid */
    int16_t *best, *worst;  /* n_rows: ranks of the block */
    int32_t *grid, *under;  /* n_rows: place on the grid, tiers above */
    cap_error err;
    cap_status status;
    uint64_t failed_at; /* the first replicate that failed here */
} worker;

/* What all threads see. */
typedef struct {
    const cap_model *model;
    const cap_robustness_run *run;
    size_t n_ranks;
    size_t n_choices;  /* of all factors together */
    size_t n_choosing; /* factors with choices */
    uint64_t n_blocks;
    uint64_t first_failed; /* no replicate from here on matters */
    int stop;
} job;

size_t cap_robustness_ranks(size_t n_rows, cap_rank_method method)
{
    return method == CAP_RANK_AVERAGE ? 2 * n_rows - 1 : n_rows;
}

static void count_choices(job *j)
{
    for (size_t f = 0; f < j->model->n_factors; f++) {
        j->n_choices += j->model->factor[f].n_choices;
        j->n_choosing += j->model->factor[f].n_choices > 0;
    }
}

/* --- one replicate ------------------------------------------------------- */

/* Where each score lies on the grid, and how many tiers it is under; one
 * simple loop each, so that they vectorise. NaN falls anywhere. */
CAP_HOT static void place_scores(size_t n, const double *score, double scale,
                                 size_t n_bands, const double *lower,
                                 int32_t *place, int32_t *under)
{
    for (size_t i = 0; i < n; i++) {
        double at = score[i] * scale + 0.5;
        at = at > 0 ? at : 0;
        at = at < CAP_GRID ? at : CAP_GRID;
        place[i] = (int32_t)at;
        under[i] = 0;
    }
    for (size_t b = 0; b < n_bands; b++) {
        double bound = lower[b];
        for (size_t i = 0; i < n; i++) {
            under[i] += score[i] + 1e-9 < bound;
        }
    }
}

static int is_beyond(double score, double scale)
{
    double at = score * scale + 0.5;
    return at < 0 || at >= CAP_GRID + 1;
}

/* Counts tiers, and keeps ranks and places for the end of the block; gives the
 * sum of the units' doubled shifts. */
static uint64_t note_units(const job *j, worker *w, size_t place)
{
    const cap_model *m = j->model;
    size_t n = m->n_rows;
    const double *score = cap_pipeline_scores(w->pipeline);
    const uint32_t *rank = cap_pipeline_ranks(w->pipeline);
    const uint32_t *nominal = j->run->nominal_rank;
    const int32_t *point = w->grid, *under = w->under;
    int16_t *ranks = w->rank + place, *points = w->point + place;
    uint32_t *tier = w->tally.tier;
    double scale = CAP_GRID / m->tree->max[m->tree->root];
    uint64_t shift = 0;
    place_scores(n, score, scale, j->run->n_bands, j->run->lower, w->grid,
                 w->under);
    for (size_t i = 0; i < n; i++) {
        uint32_t r = rank[i];
        ranks[i * BLOCK] = (int16_t)r;
        points[i * BLOCK] = (int16_t)point[i];
        if (r == 0) {
            continue;
        }
        tier[(size_t)under[i] * n + i]++;
        if (point[i] == 0 || point[i] == CAP_GRID) {
            w->tally.beyond[i] += (uint32_t)is_beyond(score[i], scale);
        }
        if (nominal[i] > 0) {
            shift += r > nominal[i] ? r - nominal[i] : nominal[i] - r;
        }
    }
    return shift;
}

/* Counts ranks and scores of one unit in a block. */
static void count_unit(size_t n_done, const int16_t *restrict rank,
                       const int16_t *restrict point, unsigned half,
                       uint32_t *restrict ranks, uint32_t *restrict scores)
{
    for (size_t r = 0; r < n_done; r++) {
        if (rank[r] > 0) {
            ranks[(unsigned)(rank[r] - 2) >> half]++;
            scores[point[r]]++;
        }
    }
}

/* Unit by unit, whose counts lie together. */
static void count_block(const job *j, worker *w, size_t n_done)
{
    unsigned half = j->model->rank != CAP_RANK_AVERAGE;
    for (size_t i = 0; i < j->model->n_rows; i++) {
        count_unit(n_done, w->rank + i * BLOCK, w->point + i * BLOCK, half,
                   w->tally.rank + i * j->n_ranks,
                   w->tally.score + i * (CAP_GRID + 1));
    }
}

static void count_choices_made(const job *j, worker *w, uint64_t shift)
{
    const cap_model *m = j->model;
    for (size_t f = 0, from = 0; f < m->n_factors; f++) {
        size_t n = m->factor[f].n_choices;
        if (n > 0) {
            size_t choice = cap_pipeline_choice(w->pipeline, f);
            w->tally.choice[from + choice]++;
            w->tally.choice_shift[from + choice] += shift;
        }
        from += n;
    }
}

static void keep_choices(const job *j, const cap_pipeline *p, uint64_t at)
{
    const cap_model *m = j->model;
    int *to = j->run->kept_choice;
    if (to == NULL) {
        return;
    }
    to += at * j->n_choosing;
    for (size_t f = 0; f < m->n_factors; f++) {
        if (m->factor[f].n_choices > 0) {
            *to++ = (int)cap_pipeline_choice(p, f);
        }
    }
}

/* NULL for a replicate that failed. */
static void keep_scores(const job *j, const double *score, uint64_t at)
{
    size_t n = j->model->n_rows;
    double *to = j->run->kept_score;
    for (size_t i = 0; to != NULL && i < n; i++) {
        to[at * n + i] = score != NULL ? score[i] : NAN;
    }
}

static cap_status run_replicate(const job *j, worker *w, uint64_t replicate,
                                size_t place)
{
    uint64_t at = replicate - j->run->first;
    for (size_t f = 0; f < j->model->n_factors; f++) {
        cap_pipeline_draw(w->pipeline, j->run->key, replicate, f, 0);
    }
    keep_choices(j, w->pipeline, at);
    cap_status status = cap_pipeline_evaluate(w->pipeline, &w->err);
    if (status != CAP_OK) {
        keep_scores(j, NULL, at);
        return status;
    }
    count_choices_made(j, w, note_units(j, w, place));
    keep_scores(j, cap_pipeline_scores(w->pipeline), at);
    return CAP_OK;
}

/* --- one block ----------------------------------------------------------- */

/* How often a is less than b, and b less than a. */
CAP_HOT static void compare_block(size_t n, const int16_t *restrict a,
                                  const int16_t *restrict b,
                                  uint32_t *a_first, uint32_t *b_first)
{
    uint16_t less = 0, more = 0;
    for (size_t r = 0; r < n; r++) {
        less = (uint16_t)(less + (a[r] < b[r]));
        more = (uint16_t)(more + (a[r] > b[r]));
    }
    *a_first += less;
    *b_first += more;
}

/* The same where some have no rank (0). */
static void compare_gappy(size_t n, const int16_t *a, const int16_t *b,
                          uint32_t *a_first, uint32_t *b_first)
{
    for (size_t r = 0; r < n; r++) {
        if (a[r] > 0 && b[r] > 0) {
            *a_first += a[r] < b[r];
            *b_first += a[r] > b[r];
        }
    }
}

/* Best and worst rank of each unit in the block; whether any has none. */
CAP_HOT static int block_ranges(size_t n_rows, size_t n_done,
                                const int16_t *rank, int16_t *best,
                                int16_t *worst)
{
    int gappy = 0;
    for (size_t i = 0; i < n_rows; i++) {
        const int16_t *r = rank + i * BLOCK;
        int16_t low = r[0], high = r[0];
        for (size_t k = 1; k < n_done; k++) {
            low = r[k] < low ? r[k] : low;
            high = r[k] > high ? r[k] : high;
        }
        best[i] = low;
        worst[i] = high;
        gappy = gappy || low == 0;
    }
    return gappy;
}

/* Most pairs keep their order through a whole block: only those whose ranges
 * overlap are compared replicate by replicate. */
static void compare_units(const job *j, worker *w, size_t n_done)
{
    size_t n = j->model->n_rows;
    uint32_t *above = w->tally.above;
    if (above == NULL || n_done == 0) {
        return;
    }
    int gappy = block_ranges(n, n_done, w->rank, w->best, w->worst);
    for (size_t i = 0; i < n; i++) {
        const int16_t *a = w->rank + i * BLOCK;
        for (size_t k = i + 1; k < n; k++) {
            const int16_t *b = w->rank + k * BLOCK;
            uint32_t *i_above = &above[k * n + i], *k_above = &above[i * n + k];
            if (gappy) {
                compare_gappy(n_done, a, b, i_above, k_above);
            } else if (w->worst[i] < w->best[k]) {
                *i_above += (uint32_t)n_done;
            } else if (w->worst[k] < w->best[i]) {
                *k_above += (uint32_t)n_done;
            } else {
                compare_block(n_done, a, b, i_above, k_above);
            }
        }
    }
}

static uint64_t read_first_failed(job *j)
{
    uint64_t at;
    CAP_ATOMIC_READ
    at = j->first_failed;
    return at;
}

static void note_failure(job *j, worker *w, uint64_t replicate)
{
    w->failed_at = replicate;
    CAP_CRITICAL
    {
        if (replicate < read_first_failed(j)) {
            CAP_ATOMIC_WRITE
            j->first_failed = replicate;
        }
    }
}

/* Failed replicates leave no counts: the next one takes their place in the
 * block's comparison. */
static void run_block(job *j, worker *w, uint64_t block)
{
    uint64_t from = j->run->first + block * BLOCK;
    uint64_t end = j->run->first + j->run->n;
    uint64_t to = end - from < BLOCK ? end : from + BLOCK;
    size_t done = 0;
    for (uint64_t r = from; r < to && r < read_first_failed(j); r++) {
        cap_status status = run_replicate(j, w, r, done);
        if (status == CAP_OK) {
            done++;
        } else if (status == CAP_ERR_NUMERIC && j->run->allow_failed) {
            w->tally.failed++;
        } else {
            w->status = status;
            note_failure(j, w, r);
        }
    }
    count_block(j, w, done);
    compare_units(j, w, done);
}

/* --- threads ------------------------------------------------------------- */

static void free_worker(worker *w)
{
    cap_free(w->under);
    cap_free(w->grid);
    cap_free(w->worst);
    cap_free(w->best);
    cap_free(w->point);
    cap_free(w->rank);
    cap_free(w->tally.choice_shift);
    cap_free(w->tally.choice);
    cap_free(w->tally.beyond);
    cap_free(w->tally.score);
    cap_free(w->tally.above);
    cap_free(w->tally.tier);
    cap_free(w->tally.rank);
    cap_pipeline_free(w->pipeline);
}

static cap_status new_worker(const job *j, const cap_tally *like,
                             const cap_pipeline *first, worker *w,
                             cap_error *err)
{
    size_t n = j->model->n_rows;
    w->failed_at = UINT64_MAX;
    cap_status status =
        first == NULL ? cap_pipeline_new(j->model, &w->pipeline, err)
                      : cap_pipeline_twin(first, &w->pipeline, err);
    if (status != CAP_OK) {
        return status;
    }
    cap_tally *t = &w->tally;
    t->rank = cap_calloc(n * j->n_ranks, sizeof *t->rank);
    t->tier = cap_calloc(n * (j->run->n_bands + 1), sizeof *t->tier);
    if (like->above != NULL) {
        t->above = cap_calloc(n * n, sizeof *t->above);
    }
    t->score = cap_calloc(n * (CAP_GRID + 1), sizeof *t->score);
    t->beyond = cap_calloc(n, sizeof *t->beyond);
    t->choice = cap_calloc(j->n_choices, sizeof *t->choice);
    t->choice_shift = cap_calloc(j->n_choices, sizeof *t->choice_shift);
    w->rank = cap_calloc(n * BLOCK, sizeof *w->rank);
    w->point = cap_calloc(n * BLOCK, sizeof *w->point);
    w->best = cap_calloc(n, sizeof *w->best);
    w->worst = cap_calloc(n, sizeof *w->worst);
    w->grid = cap_calloc(n, sizeof *w->grid);
    w->under = cap_calloc(n, sizeof *w->under);
    if (t->rank == NULL || t->tier == NULL || t->score == NULL ||
        (like->above != NULL && t->above == NULL) || t->beyond == NULL ||
        t->choice == NULL || t->choice_shift == NULL || w->rank == NULL ||
        w->point == NULL || w->best == NULL || w->worst == NULL ||
        w->grid == NULL || w->under == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for counts");
    }
    return CAP_OK;
}

static void add_counts(size_t n, const uint32_t *from, uint32_t *to)
{
    for (size_t k = 0; k < n; k++) {
        to[k] += from[k];
    }
}

static void add_tally(const job *j, const cap_tally *from, cap_tally *to)
{
    size_t n = j->model->n_rows;
    add_counts(n * j->n_ranks, from->rank, to->rank);
    add_counts(n * (j->run->n_bands + 1), from->tier, to->tier);
    if (to->above != NULL) {
        add_counts(n * n, from->above, to->above);
    }
    add_counts(n * (CAP_GRID + 1), from->score, to->score);
    add_counts(n, from->beyond, to->beyond);
    add_counts(j->n_choices, from->choice, to->choice);
    for (size_t k = 0; k < j->n_choices; k++) {
        to->choice_shift[k] += from->choice_shift[k];
    }
    to->failed += from->failed;
}

static void run_blocks(job *j, worker *workers, int n_threads,
                       const cap_poll *poll)
{
    (void)n_threads;
    CAP_PARALLEL(n_threads)
    {
        worker *w = &workers[cap_thread_number()];
        CAP_SHARED_LOOP
        for (uint64_t block = 0; block < j->n_blocks; block++) {
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
            run_block(j, w, block);
        }
    }
}

/* The failure of the lowest replicate, which is the same for any number of
 * threads. */
static cap_status first_failure(const worker *workers, int n_threads,
                                uint64_t *failed_at, cap_error *err)
{
    const worker *found = NULL;
    for (int t = 0; t < n_threads; t++) {
        if (workers[t].status != CAP_OK &&
            (found == NULL || workers[t].failed_at < found->failed_at)) {
            found = &workers[t];
        }
    }
    if (found == NULL) {
        return CAP_OK;
    }
    *failed_at = found->failed_at;
    cap_fail(err, found->status, "%s (replicate %llu)", found->err.message,
             (unsigned long long)found->failed_at + 1);
    if (err != NULL) {
        err->row = found->err.row;
        err->column = found->err.column;
    }
    return found->status;
}

static cap_status check_run(const cap_model *m, const cap_robustness_run *run,
                            cap_error *err)
{
    if (m->n_rows == 0 || m->n_rows > MOST_ROWS) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "ranks are counted for 1 to %d units", MOST_ROWS);
    }
    if (run->n >= UINT32_MAX) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "more replicates than counts can hold");
    }
    return CAP_OK;
}

cap_status cap_robustness(const cap_model *model,
                          const cap_robustness_run *run, cap_tally *tally,
                          uint64_t *failed_at, const cap_poll *poll,
                          cap_error *err)
{
    job j = {.model = model, .run = run, .first_failed = UINT64_MAX};
    worker *workers = NULL;
    int n_threads = cap_threads_usable(run->threads), made = 0;
    *failed_at = UINT64_MAX;
    cap_status status = check_run(model, run, err);
    if (status != CAP_OK) {
        return status;
    }
    j.n_ranks = cap_robustness_ranks(model->n_rows, model->rank);
    count_choices(&j);
    j.n_blocks = (run->n + BLOCK - 1) / BLOCK;
    workers = cap_calloc((size_t)n_threads, sizeof *workers);
    if (workers == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    for (; made < n_threads && status == CAP_OK; made++) {
        status = new_worker(&j, tally, made == 0 ? NULL : workers[0].pipeline,
                            &workers[made], err);
    }
    if (status != CAP_OK) {
        goto done;
    }
    run_blocks(&j, workers, n_threads, poll);
    status = j.stop ? cap_fail(err, CAP_ERR_INTERRUPT, "interrupted")
                    : first_failure(workers, n_threads, failed_at, err);
    for (int t = 0; t < n_threads; t++) {
        add_tally(&j, &workers[t].tally, tally);
    }

done:
    for (; made > 0; made--) { /* the first last: the others share its model */
        free_worker(&workers[made - 1]);
    }
    cap_free(workers);
    return status;
}
