#include "fp.h"
#include "rank.h"

#include <math.h>
#include <string.h>

#include "memory.h"

#define LARGEST_SCORE 9e13

/* `distance` is how far a row's key lies below the highest, so that ascending
 * order is from the best. */
typedef struct {
    uint64_t distance;
    size_t row;
} keyed_row;

int64_t cap_rank_key(double score)
{
    return (int64_t)floor(100 * score + 0.5 + 1e-7);
}

/* Least significant digit first, a byte at a time, as many as `widest` has;
 * returns where the sorted rows stand: `rows` or `spare`. Stable, so that ties
 * keep their order, and no comparison: keys are mostly under two bytes. */
static keyed_row *sort_by_distance(size_t n, keyed_row *rows, keyed_row *spare,
                                   uint64_t widest)
{
    for (unsigned shift = 0; shift < 64 && (widest >> shift) > 0; shift += 8) {
        size_t start[257] = {0};
        for (size_t i = 0; i < n; i++) {
            start[((rows[i].distance >> shift) & 255) + 1]++;
        }
        for (size_t digit = 1; digit < 257; digit++) {
            start[digit] += start[digit - 1];
        }
        for (size_t i = 0; i < n; i++) {
            spare[start[(rows[i].distance >> shift) & 255]++] = rows[i];
        }
        keyed_row *sorted = spare;
        spare = rows;
        rows = sorted;
    }
    return rows;
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

static void rank_sorted(size_t n, const keyed_row *sorted,
                        cap_rank_method method, double *ranks)
{
    size_t distinct = 0;
    for (size_t from = 0; from < n;) {
        size_t to = from + 1;
        while (to < n && sorted[to].distance == sorted[from].distance) {
            to++;
        }
        double rank = run_rank(method, from, distinct++, to - from);
        for (; from < to; from++) {
            ranks[sorted[from].row] = rank;
        }
    }
}

static cap_status rank_segment(size_t n, const double *scores,
                               cap_rank_method method, keyed_row *rows,
                               keyed_row *spare, double *ranks, cap_error *err)
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
        /* Unsigned differences wrap around, and back below. */
        rows[scored].distance = (uint64_t)0 - (uint64_t)key;
        rows[scored++].row = i;
    }
    if (scored == 0) {
        return CAP_OK;
    }
    for (size_t i = 0; i < scored; i++) {
        rows[i].distance += (uint64_t)highest;
    }
    uint64_t widest = (uint64_t)highest - (uint64_t)lowest;
    rank_sorted(scored, sort_by_distance(scored, rows, spare, widest), method,
                ranks);
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
    keyed_row *rows = NULL, *spare = NULL;
    cap_status status =
        check_segments(n_rows, n_segments, segment, &longest, err);
    if (status != CAP_OK) {
        return status;
    }
    rows = cap_calloc(longest, sizeof *rows);
    spare = cap_calloc(longest, sizeof *spare);
    if (rows == NULL || spare == NULL) {
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
                                  method, rows, spare, ranks + offset, err);
        }
    }

done:
    cap_free(spare);
    cap_free(rows);
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
