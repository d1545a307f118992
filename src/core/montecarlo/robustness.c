/* Counts ranks, tiers, score points and pairwise orders over the replicates of
 * a model.
 *
 * Replicates are taken in blocks. Within a block the places of one unit lie
 * side by side, so that its counts stay in the cache; pairs of units are
 * compared replicate by replicate only where their ranges in the block
 * overlap. Each thread counts on its own, in whole numbers, and counts are
 * added up at the end: the order cannot matter. Of several failures the one of
 * the lowest replicate is reported, so that it too is the same for any number
 * of threads. */
#include "base/fp.h"
#include "core/montecarlo/robustness.h"

#include <math.h>
#include <string.h>

#include "base/allocation.h"
#include "base/threads.h"

/* Replicates of one block, whose ranks are compared together: fewer than 256,
 * so that two counts fit 16 bits. Rows of a block are longer, lest their
 * starts fall into few sets of the cache. */
enum { BLOCK = 15 * CAP_STRIP, ROW = BLOCK + 32, MOST_ROWS = 16383 };

/* Counts for each unit, `width` of them. The low byte of each stands apart:
 * what is counted falls in few cells, and their bytes stay in the cache. */
typedef struct {
    size_t width;
    uint8_t *low;
    uint32_t *high;          /* multiples of 256 */
    uint16_t *first, *final; /* of each unit, between which all counts are: the
                                rest of the memory is never touched */
} histogram;

/* What one thread owns. Its counts are added to the caller's at the end.
 * Scores are counted for two units at a time, so that there may be a row
 * without a unit. */
typedef struct {
    cap_pipeline *pipeline;
    cap_tally tally;  /* of ranks, pairs, choices, failures; */
    histogram cells;  /* the rest is told by these */
    uint16_t *cell;   /* (n_rows + 1) x ROW: cells of scores in the block */
    int16_t *place;   /* n_rows x ROW: places */
    size_t done;      /* replicates that are in them */
    size_t n_waiting; /* those that the pipeline holds for a strip, */
    uint64_t waiting[CAP_STRIP]; /* which, */
    int *choice;           /* and their choices: CAP_STRIP x n_choosing */
    int16_t *best, *worst; /* n_rows: places of the block */
    size_t *order;         /* n_rows: units from the best `best` */
    cap_error err;
    cap_status status;
    uint64_t failed_at; /* the first replicate that failed here */
} worker;

/* What a cell of scores stands for. */
typedef struct {
    size_t point; /* on the grid of scores */
    size_t tier;  /* as in cap_tally: from 0 */
    int beyond;   /* the grid's ends */
} cell;

/* What all threads see. */
typedef struct {
    const cap_model *model;
    const cap_robustness_run *run;
    size_t n_ranks;
    size_t n_choices;  /* of all factors together */
    size_t n_choosing; /* factors with choices */
    double scale;      /* grid points by point of score */
    double *reached;   /* n_bands: the lowest score in each tier */
    size_t n_cells;
    cell *cells;
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

/* Scores are counted by cells, from which grid point and tier follow: the
 * points, with one more at each end for what lies beyond, and each cut in two
 * where a tier's bound falls in it. A cell's number is the point's and the
 * number of bounds reached, added up; 0 is that of no score. */
enum { MOST_BANDS = 50000 };

/* The point, from -1 to CAP_GRID + 1; -1 for NaN. */
static inline double grid_point(double score, double scale)
{
    double at = score * scale + 0.5;
    at = at > -1 ? at : -1;
    at = at < CAP_GRID + 1 ? at : CAP_GRID + 1;
    return floor(at);
}

/* The lowest score of which cap_band() says that it is at least `lower`: by
 * halving, to the bit. */
static double lowest_in(cap_scale scale, double lower)
{
    double score = lower, step = 4 * cap_bound_slack(scale);
    double under = nextafter(lower - step, -INFINITY);
    for (; cap_bound_holds(scale, under, lower); step *= 2) {
        under -= step;
    }
    for (;;) {
        double middle = under + (score - under) / 2;
        if (!(middle > under && middle < score)) {
            return score;
        }
        if (cap_bound_holds(scale, middle, lower)) {
            score = middle;
        } else {
            under = middle;
        }
    }
}

static cap_status make_cells(job *j, cap_error *err)
{
    const cap_robustness_run *run = j->run;
    size_t passed = 0, k = 1;
    double max = j->model->tree->max[j->model->tree->root];
    cap_scale scale = cap_scale_of(max);
    j->scale = CAP_GRID / max;
    j->n_cells = CAP_GRID + 4 + run->n_bands;
    j->cells = cap_calloc(j->n_cells, sizeof *j->cells);
    j->reached = cap_calloc(run->n_bands, sizeof *j->reached);
    if (j->cells == NULL || j->reached == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for counts");
    }
    for (size_t b = 0; b < run->n_bands; b++) {
        j->reached[b] = lowest_in(scale, run->lower[b]);
    }
    for (int point = -1; point <= CAP_GRID + 1; point++) {
        int beyond = point < 0 || point > CAP_GRID;
        size_t held = (size_t)(point < 0          ? 0
                               : point > CAP_GRID ? CAP_GRID
                                                  : point);
        j->cells[k++] = (cell){held, run->n_bands - passed, beyond};
        while (passed < run->n_bands &&
               grid_point(j->reached[run->n_bands - 1 - passed], j->scale) <=
                   point) {
            passed++;
            j->cells[k++] = (cell){held, run->n_bands - passed, beyond};
        }
    }
    return CAP_OK;
}

/* Cells of the scores of a strip, to rows of a block; simple loops, so that
 * they vectorise. */
CAP_HOT static void find_cells(size_t n, const double *restrict scores,
                               double scale, size_t n_bands,
                               const double *restrict reached,
                               uint16_t *restrict cells)
{
    for (size_t i = 0; i < n; i++) {
        const double *score = scores + i * CAP_STRIP;
        double at[CAP_STRIP];
        for (size_t r = 0; r < CAP_STRIP; r++) {
            double point = grid_point(score[r], scale);
            at[r] = score[r] == score[r] ? point + 2 : 0;
        }
        for (size_t b = 0; b < n_bands; b++) {
            double bound = reached[b];
            for (size_t r = 0; r < CAP_STRIP; r++) {
                at[r] += score[r] >= bound ? 1.0 : 0.0;
            }
        }
        for (size_t r = 0; r < CAP_STRIP; r++) {
            cells[i * ROW + r] = (uint16_t)(int32_t)at[r];
        }
    }
}

/* Doubled ranks as places, to rows of a block: 0 for none, 1 for the first. */
CAP_HOT static void note_places(size_t n, int halves,
                                const uint32_t *restrict rank,
                                int16_t *restrict place)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t r = 0; r < CAP_STRIP; r++) {
            uint32_t doubled = rank[i * CAP_STRIP + r];
            uint32_t whole = doubled / 2, half = doubled - (doubled > 0);
            place[i * ROW + r] = (int16_t)(halves ? half : whole);
        }
    }
}

/* The sums of the units' doubled shifts, which fit: n is under 2^14, and
 * ranks under 2^15. */
CAP_HOT static void sum_shifts(size_t n, const uint32_t *restrict rank,
                               const uint32_t *restrict nominal,
                               uint32_t *restrict shift)
{
    memset(shift, 0, CAP_STRIP * sizeof *shift);
    for (size_t i = 0; i < n; i++, rank += CAP_STRIP) {
        uint32_t from = nominal[i];
        for (size_t r = 0; r < CAP_STRIP && from > 0; r++) {
            uint32_t apart = rank[r] > from ? rank[r] - from : from - rank[r];
            shift[r] += rank[r] > 0 ? apart : 0;
        }
    }
}

static void count_choices_made(const job *j, worker *w, const uint32_t *rank)
{
    const cap_model *m = j->model;
    uint32_t shift[CAP_STRIP];
    if (j->n_choosing == 0) {
        return;
    }
    sum_shifts(m->n_rows, rank, j->run->nominal_rank, shift);
    for (size_t r = 0; r < w->n_waiting; r++) {
        const int *choice = w->choice + r * j->n_choosing;
        for (size_t f = 0, from = 0; f < m->n_factors; f++) {
            size_t n = m->factor[f].n_choices;
            if (n > 0) {
                size_t at = from + (size_t)*choice++;
                w->tally.choice[at]++;
                w->tally.choice_shift[at] += shift[r];
            }
            from += n;
        }
    }
}

/* The state's choices; to the run's too, where it keeps them. */
static void note_choices(const job *j, worker *w, uint64_t at)
{
    const cap_model *m = j->model;
    int *choice = w->choice + w->n_waiting * j->n_choosing, *to = choice;
    for (size_t f = 0; f < m->n_factors; f++) {
        if (m->factor[f].n_choices > 0) {
            *to++ = (int)cap_pipeline_choice(w->pipeline, f);
        }
    }
    if (j->run->kept_choice != NULL) {
        memcpy(j->run->kept_choice + at * j->n_choosing, choice,
               j->n_choosing * sizeof *choice);
    }
}

/* A column of a strip; NULL for a replicate that failed. */
static void keep_scores(const job *j, const double *column, uint64_t at)
{
    size_t n = j->model->n_rows;
    double *to = j->run->kept_score;
    for (size_t i = 0; to != NULL && i < n; i++) {
        to[at * n + i] = column != NULL ? column[i * CAP_STRIP] : NAN;
    }
}

static cap_status run_replicate(const job *j, worker *w, uint64_t replicate)
{
    uint64_t at = replicate - j->run->first;
    for (size_t f = 0; f < j->model->n_factors; f++) {
        cap_pipeline_draw(w->pipeline, j->run->key, replicate, f, 0);
    }
    note_choices(j, w, at);
    cap_status status = cap_pipeline_add(w->pipeline, w->n_waiting, &w->err);
    if (status == CAP_OK) {
        w->waiting[w->n_waiting++] = replicate;
    } else {
        keep_scores(j, NULL, at);
    }
    return status;
}

/* --- one block ----------------------------------------------------------- */

/* Best and worst place of each unit in the block; whether any has none. */
CAP_HOT static int block_ranges(size_t n_rows, size_t n_done,
                                const int16_t *place, int16_t *best,
                                int16_t *worst)
{
    int gappy = 0;
    for (size_t i = 0; i < n_rows; i++) {
        const int16_t *r = place + i * ROW;
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

/* What follows the block's last replicate: a place that no unit has, so that
 * whole rows can be read. */
static void fill_block(size_t n_rows, size_t n_done, int16_t *place)
{
    for (size_t i = 0; i < n_rows; i++) {
        for (size_t r = n_done; r < BLOCK; r++) {
            place[i * ROW + r] = -1;
        }
    }
}

/* Few places, as most units have in a block: each is looked for. */
CAP_HOT static void count_few(const int16_t *restrict place, int16_t first,
                              int16_t last, uint32_t *restrict count)
{
    for (int16_t p = first; p <= last; p++) {
        uint16_t found = 0;
        for (size_t r = 0; r < BLOCK; r++) {
            found = (uint16_t)(found + (place[r] == p));
        }
        count[p - 1] += found;
    }
}

/* Counts the ranks of each unit in a block. */
static void count_places(const job *j, worker *w)
{
    enum { FEW = 64 };
    for (size_t i = 0; i < j->model->n_rows; i++) {
        const int16_t *place = w->place + i * ROW;
        uint32_t *count = w->tally.rank + i * j->n_ranks;
        int16_t first = w->best[i] > 1 ? w->best[i] : 1, last = w->worst[i];
        if (last - first < FEW) {
            count_few(place, first, last, count);
            continue;
        }
        for (size_t r = 0; r < w->done; r++) {
            if (place[r] > 0) {
                count[place[r] - 1]++;
            }
        }
    }
}

/* One more of `at`. */
static inline void count_one(uint8_t *low, uint32_t *high, size_t at)
{
    if (++low[at] == 0) {
        high[at] += 256;
    }
}

/* Counts the scores of two units in a block, side by side: one fills the time
 * in which the other waits for its last count. */
static void count_two(size_t n_done, size_t width, const uint16_t *restrict at,
                      uint8_t *restrict low, uint32_t *restrict high)
{
    for (size_t r = 0; r < n_done; r++) {
        count_one(low, high, at[r]);
        count_one(low, high, width + at[ROW + r]);
    }
}

CAP_HOT static void widen_ranges(size_t n_rows, size_t n_done,
                                 const uint16_t *restrict cells,
                                 uint16_t *restrict first,
                                 uint16_t *restrict final)
{
    for (size_t i = 0; i < n_rows; i++) {
        const uint16_t *at = cells + i * ROW;
        uint16_t low = first[i], high = final[i];
        for (size_t r = 0; r < n_done; r++) {
            low = at[r] < low ? at[r] : low;
            high = at[r] > high ? at[r] : high;
        }
        first[i] = low;
        final[i] = high;
    }
}

static void count_cells(const job *j, worker *w)
{
    size_t n = j->model->n_rows, width = w->cells.width;
    widen_ranges(n, w->done, w->cell, w->cells.first, w->cells.final);
    for (size_t i = 0; i < n; i += 2) {
        count_two(w->done, width, w->cell + i * ROW, w->cells.low + i * width,
                  w->cells.high + i * width);
    }
}

/* How often unit i's place is less than those of others, and how often more;
 * what follows the block's last replicate are ties, uncounted. */
CAP_HOT static void compare_with(size_t n, const int16_t *restrict place,
                                 size_t i, size_t n_others,
                                 const size_t *restrict others,
                                 uint32_t *restrict above)
{
    const int16_t *a = place + i * ROW;
    for (size_t q = 0; q < n_others; q++) {
        const int16_t *b = place + others[q] * ROW;
        uint16_t both = 0;
        for (size_t r = 0; r < BLOCK; r++) {
            both = (uint16_t)(both + (a[r] < b[r]) + 256 * (a[r] > b[r]));
        }
        above[others[q] * n + i] += both % 256;
        above[i * n + others[q]] += both / 256;
    }
}

/* The same where some have no place (0). */
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

/* Counts, for each unit, those that were above it throughout. */
CAP_HOT static void count_apart(size_t n, uint32_t n_done,
                                const int16_t *restrict best,
                                const int16_t *restrict worst,
                                uint32_t *restrict above)
{
    for (size_t i = 0; i < n; i++) {
        int32_t mine = best[i];
        uint32_t *to = above + i * n;
        for (size_t k = 0; k < n; k++) {
            to[k] += worst[k] < mine ? n_done : 0;
        }
    }
}

/* By insertion: from block to block the order hardly changes. */
static void order_by_best(size_t n, const int16_t *best, size_t *order)
{
    for (size_t k = 1; k < n; k++) {
        size_t unit = order[k], to = k;
        for (; to > 0 && best[order[to - 1]] > best[unit]; to--) {
            order[to] = order[to - 1];
        }
        order[to] = unit;
    }
}

static void compare_all(const job *j, worker *w)
{
    size_t n = j->model->n_rows;
    for (size_t i = 0; i < n; i++) {
        for (size_t k = i + 1; k < n; k++) {
            compare_gappy(w->done, w->place + i * ROW, w->place + k * ROW,
                          &w->tally.above[k * n + i],
                          &w->tally.above[i * n + k]);
        }
    }
}

/* Most pairs keep their order through a whole block: only those whose ranges
 * overlap are compared replicate by replicate. What follows the last one are
 * ties, uncounted. */
static void compare_units(const job *j, worker *w)
{
    size_t n = j->model->n_rows;
    uint32_t *above = w->tally.above;
    count_apart(n, (uint32_t)w->done, w->best, w->worst, above);
    order_by_best(n, w->best, w->order);
    for (size_t p = 0; p < n; p++) {
        size_t i = w->order[p], q = p + 1;
        while (q < n && w->best[w->order[q]] <= w->worst[i]) {
            q++;
        }
        compare_with(n, w->place, i, q - p - 1, w->order + p + 1, above);
    }
}

static uint64_t read_first_failed(job *j)
{
    uint64_t at;
    CAP_ATOMIC_READ
    at = j->first_failed;
    return at;
}

static void note_failure(job *j, worker *w, cap_status status,
                         uint64_t replicate)
{
    w->status = status;
    w->failed_at = replicate;
    CAP_CRITICAL
    {
        if (replicate < read_first_failed(j)) {
            CAP_ATOMIC_WRITE
            j->first_failed = replicate;
        }
    }
}

/* Scores and places of the replicates that wait, into the block. */
static void finish_strip(job *j, worker *w)
{
    const double *score;
    const uint32_t *rank;
    size_t n = j->model->n_rows, column;
    cap_error err;
    cap_status status = cap_pipeline_finish(w->pipeline, w->n_waiting, &score,
                                            &rank, &column, &err);
    if (status != CAP_OK) {
        w->err = err;
        note_failure(j, w, status, w->waiting[column]);
        return;
    }
    find_cells(n, score, j->scale, j->run->n_bands, j->reached,
               w->cell + w->done);
    note_places(n, j->model->rank == CAP_RANK_AVERAGE, rank,
                w->place + w->done);
    count_choices_made(j, w, rank);
    for (size_t r = 0; r < w->n_waiting; r++) {
        keep_scores(j, score + r, w->waiting[r] - j->run->first);
    }
    w->done += w->n_waiting;
    w->n_waiting = 0;
}

/* A whole strip at once, if one fits from `first` on and can be drawn so. */
static int run_strip(job *j, worker *w, uint64_t first, uint64_t to)
{
    if (w->n_waiting > 0 || to - first < CAP_STRIP ||
        !cap_pipeline_draw_strip(w->pipeline, j->run->key, first)) {
        return 0;
    }
    for (size_t r = 0; r < CAP_STRIP; r++) {
        w->waiting[r] = first + r;
    }
    w->n_waiting = CAP_STRIP;
    finish_strip(j, w);
    return 1;
}

static void count_block(const job *j, worker *w)
{
    size_t n = j->model->n_rows;
    int gappy = block_ranges(n, w->done, w->place, w->best, w->worst);
    fill_block(n, w->done, w->place);
    count_places(j, w);
    count_cells(j, w);
    if (w->tally.above != NULL) {
        (gappy ? compare_all : compare_units)(j, w);
    }
}

/* Failed replicates leave no counts: the next one takes their place in the
 * block. Those that wait for a strip came before one that fails, so that when
 * they fail too they are the first. */
static void run_block(job *j, worker *w, uint64_t block)
{
    uint64_t from = j->run->first + block * BLOCK;
    uint64_t end = j->run->first + j->run->n;
    uint64_t to = end - from < BLOCK ? end : from + BLOCK;
    w->done = w->n_waiting = 0;
    for (uint64_t r = from; r < to && r < read_first_failed(j); r++) {
        if (run_strip(j, w, r, to)) {
            r += CAP_STRIP - 1;
            continue;
        }
        cap_status status = run_replicate(j, w, r);
        if (status == CAP_ERR_NUMERIC && j->run->allow_failed) {
            w->tally.failed++;
        } else if (status != CAP_OK) {
            note_failure(j, w, status, r);
        } else if (w->n_waiting == CAP_STRIP) {
            finish_strip(j, w);
        }
    }
    finish_strip(j, w);
    if (w->done > 0) {
        count_block(j, w);
    }
}

/* --- threads ------------------------------------------------------------- */

static cap_status new_histogram(size_t n_rows, size_t width, histogram *h,
                                cap_error *err)
{
    h->width = width;
    h->low = cap_calloc(n_rows * width, sizeof *h->low);
    h->high = cap_calloc(n_rows * width, sizeof *h->high);
    h->first = cap_calloc(n_rows, sizeof *h->first);
    h->final = cap_calloc(n_rows, sizeof *h->final);
    if (h->low == NULL || h->high == NULL || h->first == NULL ||
        h->final == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for counts");
    }
    memset(h->first, 0xFF, n_rows * sizeof *h->first); /* none yet */
    return CAP_OK;
}

static void free_histogram(histogram *h)
{
    cap_free(h->final);
    cap_free(h->first);
    cap_free(h->high);
    cap_free(h->low);
}

static void free_worker(worker *w)
{
    cap_free(w->order);
    cap_free(w->worst);
    cap_free(w->best);
    cap_free(w->choice);
    cap_free(w->place);
    cap_free(w->cell);
    cap_free(w->tally.choice_shift);
    cap_free(w->tally.choice);
    cap_free(w->tally.above);
    cap_free(w->tally.rank);
    free_histogram(&w->cells);
    cap_pipeline_free(w->pipeline);
}

static cap_status new_worker(const job *j, const cap_tally *like,
                             const cap_pipeline *first, worker *w,
                             cap_error *err)
{
    size_t n = j->model->n_rows;
    w->failed_at = UINT64_MAX;
    cap_status status = first == NULL
                            ? cap_pipeline_new(j->model, &w->pipeline, err)
                            : cap_pipeline_twin(first, &w->pipeline, err);
    if (status == CAP_OK) {
        status = new_histogram(n + 1, j->n_cells, &w->cells, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    cap_tally *t = &w->tally;
    t->rank = cap_calloc(n * j->n_ranks, sizeof *t->rank);
    if (like->above != NULL) {
        t->above = cap_calloc(n * n, sizeof *t->above);
    }
    t->choice = cap_calloc(j->n_choices, sizeof *t->choice);
    t->choice_shift = cap_calloc(j->n_choices, sizeof *t->choice_shift);
    w->cell = cap_calloc((n + 1) * ROW, sizeof *w->cell);
    w->place = cap_calloc(n * ROW, sizeof *w->place);
    w->choice = cap_calloc(CAP_STRIP * j->n_choosing, sizeof *w->choice);
    w->best = cap_calloc(n, sizeof *w->best);
    w->worst = cap_calloc(n, sizeof *w->worst);
    w->order = cap_calloc(n, sizeof *w->order);
    if (t->rank == NULL || (like->above != NULL && t->above == NULL) ||
        t->choice == NULL || t->choice_shift == NULL || w->cell == NULL ||
        w->place == NULL || w->choice == NULL || w->best == NULL ||
        w->worst == NULL || w->order == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for counts");
    }
    for (size_t i = 0; i < n; i++) {
        w->order[i] = i;
    }
    return CAP_OK;
}

static void add_counts(size_t n, const uint32_t *from, uint32_t *to)
{
    for (size_t k = 0; k < n; k++) {
        to[k] += from[k];
    }
}

/* Grid points, tiers and what lies beyond from the cells after 0. */
static void add_cells(const job *j, const histogram *from, cap_tally *to)
{
    size_t n = j->model->n_rows;
    for (size_t i = 0; i < n; i++) {
        const uint8_t *low = from->low + i * from->width;
        const uint32_t *high = from->high + i * from->width;
        size_t first = from->first[i] > 1 ? from->first[i] : 1;
        for (size_t k = first; k <= from->final[i]; k++) {
            uint32_t count = high[k] + low[k];
            if (count > 0) {
                const cell *c = &j->cells[k];
                to->score[i * (CAP_GRID + 1) + c->point] += count;
                to->tier[c->tier * n + i] += count;
                to->beyond[i] += c->beyond ? count : 0;
            }
        }
    }
}

static void add_tally(const job *j, const worker *w, cap_tally *to)
{
    const cap_tally *from = &w->tally;
    size_t n = j->model->n_rows;
    add_counts(n * j->n_ranks, from->rank, to->rank);
    add_cells(j, &w->cells, to);
    if (to->above != NULL) {
        add_counts(n * n, from->above, to->above);
    }
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
            double share = (double)block / (double)j->n_blocks;
            if (cap_thread_number() == 0 &&
                (cap_poll_stop(poll) || cap_poll_report(poll, share))) {
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
    if (run->n_bands > MOST_BANDS) {
        return cap_fail(err, CAP_ERR_INPUT, "more than %d bands", MOST_BANDS);
    }
    if (run->n >= UINT32_MAX) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "more replicates than counts can hold");
    }
    return cap_bands_check(cap_scale_of(m->tree->max[m->tree->root]),
                           run->n_bands, run->lower, err);
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
    status = make_cells(&j, err);
    if (status != CAP_OK) {
        goto done;
    }
    workers = cap_calloc((size_t)n_threads, sizeof *workers);
    if (workers == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory");
        goto done;
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
        add_tally(&j, &workers[t], tally);
    }

done:
    for (; made > 0; made--) { /* the first last: the others share its model */
        free_worker(&workers[made - 1]);
    }
    cap_free(workers);
    cap_free(j.cells);
    cap_free(j.reached);
    return status;
}

void cap_mean_rank_shifts(size_t n, size_t n_ranks, const double *count,
                          const double *rank, const double *nominal,
                          double *shift)
{
    for (size_t i = 0; i < n; i++) {
        double total = 0, distance = 0; /* halves, so that sums are exact */
        for (size_t r = 0; r < n_ranks; r++) {
            total += count[r + i * n_ranks];
            distance += count[r + i * n_ranks] * fabs(rank[r] - nominal[i]);
        }
        shift[i] = distance / total;
    }
}
