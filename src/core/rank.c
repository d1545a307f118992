#include "fp.h"
#include "rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

#define LARGEST_SCORE 9e13

/* Counting is faster than sorting while the keys span few values a row. */
#define MAX_SPAN_PER_ROW 64
#define MIN_SPAN 16384

typedef struct {
    int64_t key;
    size_t row;
} keyed_row;

int64_t cap_rank_key(double score)
{
    return (int64_t)floor(100 * score + 0.5 + 1e-7);
}

static int by_key_descending(const void *a, const void *b)
{
    const keyed_row *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? 1 : -1;
    }
    return x->row < y->row ? -1 : x->row > y->row;
}

/* The rank of a run of `ties` equal keys that `above` rows and `distinct`
 * different keys stand before. */
static double run_rank(cap_rank_method method, size_t above, size_t distinct,
                       size_t ties)
{
    switch (method) {
    case CAP_RANK_MIN:
        return (double)above + 1;
    case CAP_RANK_AVERAGE:
        return (double)above + ((double)ties + 1) / 2;
    case CAP_RANK_DENSE:
    default:
        return (double)distinct + 1;
    }
}

static void rank_by_counting(size_t n, const keyed_row *keyed, int64_t lowest,
                             size_t span, size_t *count, double *rank_of,
                             cap_rank_method method, double *ranks)
{
    size_t above = 0, distinct = 0;
    memset(count, 0, span * sizeof *count);
    for (size_t i = 0; i < n; i++) {
        count[keyed[i].key - lowest]++;
    }
    for (size_t k = span; k-- > 0;) {
        if (count[k] > 0) {
            rank_of[k] = run_rank(method, above, distinct, count[k]);
            above += count[k];
            distinct++;
        }
    }
    for (size_t i = 0; i < n; i++) {
        ranks[keyed[i].row] = rank_of[keyed[i].key - lowest];
    }
}

static void rank_by_sorting(size_t n, keyed_row *keyed, cap_rank_method method,
                            double *ranks)
{
    size_t distinct = 0;
    qsort(keyed, n, sizeof *keyed, by_key_descending);
    for (size_t from = 0; from < n;) {
        size_t to = from + 1;
        while (to < n && keyed[to].key == keyed[from].key) {
            to++;
        }
        double rank = run_rank(method, from, distinct++, to - from);
        for (; from < to; from++) {
            ranks[keyed[from].row] = rank;
        }
    }
}

typedef struct {
    keyed_row *keyed;
    size_t *count;
    double *rank_of;
    size_t span;
} rank_workspace;

static cap_status rank_segment(size_t n, const double *scores,
                               cap_rank_method method, rank_workspace *work,
                               double *ranks, cap_error *err)
{
    size_t scored = 0;
    int64_t lowest = INT64_MAX, highest = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        if (isnan(scores[i])) {
            ranks[i] = NAN;
            continue;
        }
        if (fabs(scores[i]) > LARGEST_SCORE) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a score is infinite or too large to rank");
        }
        int64_t key = cap_rank_key(scores[i]);
        lowest = key < lowest ? key : lowest;
        highest = key > highest ? key : highest;
        work->keyed[scored].key = key;
        work->keyed[scored++].row = i;
    }
    if (scored == 0) {
        return CAP_OK;
    }
    uint64_t span = (uint64_t)(highest - lowest) + 1;
    if (span <= work->span) {
        rank_by_counting(scored, work->keyed, lowest, (size_t)span,
                         work->count, work->rank_of, method, ranks);
    } else {
        rank_by_sorting(scored, work->keyed, method, ranks);
    }
    return CAP_OK;
}

static cap_status check_segments(size_t n_rows, size_t n_segments,
                                 const size_t *segment, size_t *longest,
                                 cap_error *err)
{
    *longest = 0;
    if (segment[0] != 0 || segment[n_segments] != n_rows) {
        return cap_fail(err, CAP_ERR_INPUT, "segments must cover all rows");
    }
    for (size_t g = 0; g < n_segments; g++) {
        if (segment[g] > segment[g + 1]) {
            return cap_fail(err, CAP_ERR_INPUT, "segments must ascend");
        }
        size_t length = segment[g + 1] - segment[g];
        *longest = length > *longest ? length : *longest;
    }
    return CAP_OK;
}

cap_status cap_rank_panel(size_t n_rows, size_t n_columns,
                          const double *scores, size_t n_segments,
                          const size_t *segment, cap_rank_method method,
                          double *ranks, const cap_poll *poll, cap_error *err)
{
    size_t longest;
    rank_workspace work = {NULL, NULL, NULL, 0};
    cap_status status =
        check_segments(n_rows, n_segments, segment, &longest, err);
    if (status != CAP_OK) {
        return status;
    }
    work.span = longest < MIN_SPAN / MAX_SPAN_PER_ROW
                    ? MIN_SPAN
                    : longest * MAX_SPAN_PER_ROW;
    work.keyed = cap_calloc(longest, sizeof *work.keyed);
    work.count = cap_calloc(work.span, sizeof *work.count);
    work.rank_of = cap_calloc(work.span, sizeof *work.rank_of);
    if (work.keyed == NULL || work.count == NULL || work.rank_of == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for ranks");
        goto done;
    }
    for (size_t k = 0; k < n_columns; k++) {
        for (size_t g = 0; g < n_segments && status == CAP_OK; g++) {
            size_t offset = k * n_rows + segment[g];
            if (cap_poll_stop(poll)) {
                status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
                break;
            }
            status = rank_segment(segment[g + 1] - segment[g], scores + offset,
                                  method, &work, ranks + offset, err);
        }
    }

done:
    cap_free(work.rank_of);
    cap_free(work.count);
    cap_free(work.keyed);
    return status;
}

cap_status cap_band(size_t n, const double *scores, size_t n_bands,
                    const double *lower, int *band, cap_error *err)
{
    for (size_t b = 0; b < n_bands; b++) {
        if (!isfinite(lower[b]) || (b > 0 && !(lower[b] < lower[b - 1]))) {
            return cap_fail_at(err, CAP_ERR_INPUT, b, CAP_NOWHERE,
                               "bands must descend from the highest bound");
        }
    }
    for (size_t i = 0; i < n; i++) {
        band[i] = 0;
        for (size_t b = 0; b < n_bands && band[i] == 0; b++) {
            if (scores[i] + 1e-9 >= lower[b]) {
                band[i] = (int)b + 1;
            }
        }
    }
    return CAP_OK;
}
