/* Rounds scores to keys, and ranks and bands by them.
 *
 * Keys are whole numbers and mostly small, so that ranking is a radix sort of
 * their distances from the highest, a byte at a time, without comparisons;
 * ties keep their order. Monte Carlo ranks many columns over and over: there a
 * bit stands for each height that occurs, and a dense rank is a count of bits.
 */
#include "base/fp.h"
#include "core/index/rank.h"

#include <math.h>
#include <string.h>

#include "base/allocation.h"
#include "base/rounding.h"
#include "core/index/compare.h"

const cap_name cap_rank_methods[] = {
    {"dense", CAP_RANK_DENSE},
    {"min", CAP_RANK_MIN},
    {"average", CAP_RANK_AVERAGE},
    {NULL, 0},
};

#define LARGEST_SCORE 9e13 /* on the scale of 0 to 100 */

/* `distance` is how far a row's key lies below the highest, so that ascending
 * order is from the best. */
typedef struct {
    uint64_t distance;
    size_t row;
} keyed_row;

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

static size_t run_end(size_t n, const keyed_row *sorted, size_t from)
{
    size_t to = from + 1;
    while (to < n && sorted[to].distance == sorted[from].distance) {
        to++;
    }
    return to;
}

static cap_status too_large(cap_error *err)
{
    return cap_fail(err, CAP_ERR_INPUT,
                    "a score is infinite or too large to rank");
}

/* Sorts the rows that have a score from the best. */
static cap_status key_rows(size_t n, const double *scores, cap_scale scale,
                           keyed_row *rows, keyed_row *spare,
                           keyed_row **sorted, size_t *scored, cap_error *err)
{
    int64_t lowest = INT64_MAX, highest = INT64_MIN;
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(scores[i])) {
            continue;
        }
        if (fabs(scale.unit * scores[i]) > LARGEST_SCORE) {
            return too_large(err);
        }
        int64_t key = cap_rank_key(scale, scores[i]);
        lowest = key < lowest ? key : lowest;
        highest = key > highest ? key : highest;
        /* Unsigned differences wrap around, and back below. */
        rows[found].distance = (uint64_t)0 - (uint64_t)key;
        rows[found++].row = i;
    }
    for (size_t i = 0; i < found; i++) {
        rows[i].distance += (uint64_t)highest;
    }
    *scored = found;
    *sorted = found == 0
                  ? rows
                  : sort_by_distance(found, rows, spare,
                                     (uint64_t)highest - (uint64_t)lowest);
    return CAP_OK;
}

/* The bits of a finite number as a whole number that falls as it grows. */
static uint64_t falling_bits(double x)
{
    uint64_t bits, sign = (uint64_t)1 << 63;
    x += 0.0; /* one zero */
    memcpy(&bits, &x, sizeof bits);
    return bits & sign ? bits : ~(bits | sign);
}

/* The same for scores without a maximum: those that follow each other within
 * the gap get one distance. */
static cap_status order_rows(size_t n, const double *scores, cap_scale scale,
                             keyed_row *rows, keyed_row *spare,
                             keyed_row **sorted, size_t *scored,
                             cap_error *err)
{
    (void)scale;
    double gap = CAP_RANK_GAP * cap_largest(n, scores);
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        if (isinf(scores[i])) {
            return too_large(err);
        }
        if (!isnan(scores[i])) {
            rows[found++] = (keyed_row){falling_bits(scores[i]), i};
        }
    }
    keyed_row *by = sort_by_distance(found, rows, spare, UINT64_MAX);
    for (size_t k = 1; k < found; k++) {
        if (scores[by[k - 1].row] - scores[by[k].row] <= gap) {
            by[k].distance = by[k - 1].distance;
        }
    }
    *scored = found;
    *sorted = by;
    return CAP_OK;
}

static cap_status sort_rows(size_t n, const double *scores, cap_scale scale,
                            keyed_row *rows, keyed_row *spare,
                            keyed_row **sorted, size_t *scored, cap_error *err)
{
    return (cap_scale_has_max(scale) ? key_rows : order_rows)(
        n, scores, scale, rows, spare, sorted, scored, err);
}

static cap_status rank_segment(size_t n, const double *scores, cap_scale scale,
                               cap_rank_method method, keyed_row *rows,
                               keyed_row *spare, double *ranks, cap_error *err)
{
    keyed_row *sorted;
    size_t scored, distinct = 0;
    cap_status status =
        sort_rows(n, scores, scale, rows, spare, &sorted, &scored, err);
    if (status != CAP_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        ranks[i] = NAN;
    }
    for (size_t from = 0; from < scored;) {
        size_t to = run_end(scored, sorted, from);
        double rank = run_rank(method, from, distinct++, to - from);
        for (; from < to; from++) {
            ranks[sorted[from].row] = rank;
        }
    }
    return CAP_OK;
}

/* --- over and over ------------------------------------------------------- */

/* Keys whose range is at most this are marked in a row of bits. */
#define WIDEST (1u << 16)
enum { BITS = 64, WORDS = WIDEST / BITS + 1, WIDE = 1000000000 };

cap_status cap_rank_space_new(size_t n, cap_scale scale, cap_rank_space *space,
                              cap_error *err)
{
    space->n = n;
    space->scale = scale;
    space->rows = cap_calloc(2 * n, sizeof(keyed_row));
    space->column = cap_calloc(n, sizeof *space->column);
    space->rank = cap_calloc(n, sizeof *space->rank);
    space->key = cap_calloc(n * CAP_STRIP, sizeof *space->key);
    space->height = cap_calloc(n * CAP_STRIP, sizeof *space->height);
    space->word = cap_calloc(n * CAP_STRIP, sizeof *space->word);
    space->seen = cap_calloc(WORDS, sizeof *space->seen);
    space->above = cap_calloc(WORDS, sizeof *space->above);
    if (space->rows == NULL || space->column == NULL || space->rank == NULL ||
        space->key == NULL || space->height == NULL || space->word == NULL ||
        space->seen == NULL || space->above == NULL) {
        cap_rank_space_free(space);
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for ranks");
    }
    return CAP_OK;
}

void cap_rank_space_free(cap_rank_space *space)
{
    cap_free(space->above);
    cap_free(space->seen);
    cap_free(space->word);
    cap_free(space->height);
    cap_free(space->key);
    cap_free(space->rank);
    cap_free(space->column);
    cap_free(space->rows);
    *space = (cap_rank_space){0};
}

/* Keys of n scores in 32 bits; those that do not fit, and of NaN, are WIDE or
 * -WIDE. */
CAP_HOT static void small_keys(size_t n, const double *restrict scores,
                               cap_scale scale, int32_t *restrict key)
{
    double hundredths = 100 * scale.unit; /* as cap_rank_key() */
    for (size_t i = 0; i < n; i++) {
        double t = cap_round_half_up(hundredths * scores[i]);
        t = t > -WIDE ? t : -WIDE;
        t = t < WIDE ? t : WIDE;
        key[i] = (int32_t)t;
    }
}

CAP_HOT static void key_range(size_t n, const int32_t *key, int32_t *lowest,
                              int32_t *highest)
{
    int32_t low = key[0], high = key[0];
    for (size_t i = 1; i < n; i++) {
        low = key[i] < low ? key[i] : low;
        high = key[i] > high ? key[i] : high;
    }
    *lowest = low;
    *highest = high;
}

static inline uint32_t count_bits(uint64_t x)
{
#if defined(__GNUC__)
    return (uint32_t)__builtin_popcountll(x);
#else
    x -= (x >> 1) & 0x5555555555555555u;
    x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (uint32_t)((x * 0x0101010101010101u) >> 56);
#endif
}

CAP_HOT static void find_heights(size_t n, const int32_t *restrict key,
                                 int32_t lowest, uint16_t *restrict height,
                                 uint16_t *restrict word)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t h = (uint32_t)(key[i] - lowest);
        height[i] = (uint16_t)h;
        word[i] = (uint16_t)(h / BITS);
    }
}

/* Dense ranks of column `c` of `columns` that stand side by side. A rank
 * counts the different heights from the highest down to one's own: those in
 * higher words and, in one's own word, those from one's own bit up. */
static inline void dense_by_bits(const cap_rank_space *space, size_t columns,
                                 size_t c, size_t words, uint32_t *ranks)
{
    const uint16_t *height = space->height, *word = space->word;
    uint64_t *seen = space->seen;
    uint32_t *above = space->above, higher = 0;
    size_t end = space->n * columns;
    memset(seen, 0, words * sizeof *seen);
    CAP_UNROLL
    for (size_t i = c; i < end; i += columns) {
        seen[word[i]] |= (uint64_t)1 << (height[i] % BITS);
    }
    CAP_UNROLL
    for (size_t w = words; w-- > 0;) {
        above[w] = higher;
        higher += count_bits(seen[w]);
    }
    CAP_UNROLL
    for (size_t i = c; i < end; i += columns) {
        uint64_t from_own = seen[word[i]] >> (height[i] % BITS);
        ranks[i] = 2 * (above[word[i]] + count_bits(from_own));
    }
}

/* Constant distances between the rows, so that the loops above are short. */
CAP_HOT static void dense_strip(const cap_rank_space *space, size_t words,
                                uint32_t *ranks)
{
    for (size_t c = 0; c < CAP_STRIP; c++) {
        dense_by_bits(space, CAP_STRIP, c, words, ranks);
    }
}

CAP_HOT static void dense_column(const cap_rank_space *space, size_t words,
                                 uint32_t *ranks)
{
    dense_by_bits(space, 1, 0, words, ranks);
}

static cap_status doubled_by_sorting(cap_rank_space *space,
                                     cap_rank_method method, cap_error *err)
{
    keyed_row *rows = space->rows, *sorted;
    uint32_t *ranks = space->rank;
    size_t scored;
    cap_status status = sort_rows(space->n, space->column, space->scale, rows,
                                  rows + space->n, &sorted, &scored, err);
    if (status != CAP_OK) {
        return status;
    }
    for (size_t i = 0; i < space->n; i++) {
        ranks[i] = 0;
    }
    size_t distinct = 0;
    for (size_t from = 0; from < scored;) {
        size_t to = run_end(scored, sorted, from);
        double rank = run_rank(method, from, distinct++, to - from);
        for (; from < to; from++) {
            ranks[sorted[from].row] = (uint32_t)(2 * rank);
        }
    }
    return CAP_OK;
}

/* Columns one by one. */
static cap_status sort_columns(cap_rank_space *space, size_t n_columns,
                               const double *scores, cap_rank_method method,
                               uint32_t *ranks, size_t *failed, cap_error *err)
{
    for (size_t c = 0; c < n_columns; c++) {
        for (size_t i = 0; i < space->n; i++) {
            space->column[i] = scores[i * n_columns + c];
        }
        cap_status status = doubled_by_sorting(space, method, err);
        if (status != CAP_OK) {
            *failed = c;
            return status;
        }
        for (size_t i = 0; i < space->n; i++) {
            ranks[i * n_columns + c] = space->rank[i];
        }
    }
    return CAP_OK;
}

cap_status cap_rank_doubled(cap_rank_space *space, size_t n_columns,
                            const double *scores, cap_rank_method method,
                            uint32_t *ranks, size_t *failed, cap_error *err)
{
    int32_t lowest, highest;
    if (method == CAP_RANK_DENSE && space->n > 0 &&
        cap_scale_has_max(space->scale)) {
        small_keys(space->n * n_columns, scores, space->scale, space->key);
        key_range(space->n * n_columns, space->key, &lowest, &highest);
        uint32_t range = (uint32_t)highest - (uint32_t)lowest;
        if (lowest > -WIDE && highest < WIDE && range < WIDEST) {
            find_heights(space->n * n_columns, space->key, lowest,
                         space->height, space->word);
            (n_columns == 1 ? dense_column
                            : dense_strip)(space, range / BITS + 1, ranks);
            return CAP_OK;
        }
    }
    return sort_columns(space, n_columns, scores, method, ranks, failed, err);
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
                          const double *scores, const cap_scale *scale,
                          size_t n_segments, const size_t *segment,
                          cap_rank_method method, double *ranks,
                          const cap_poll *poll, cap_error *err)
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
                                  scale[k], method, rows, spare,
                                  ranks + offset, err);
        }
    }

done:
    cap_free(spare);
    cap_free(rows);
    return status;
}

cap_status cap_bands_check(cap_scale scale, size_t n_bands,
                           const double *lower, cap_error *err)
{
    if (n_bands > 0 && !cap_scale_has_max(scale)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "bands need scores that have a maximum");
    }
    for (size_t b = 0; b < n_bands; b++) {
        if (!isfinite(lower[b]) || (b > 0 && !(lower[b] < lower[b - 1]))) {
            return cap_fail_at(err, CAP_ERR_INPUT, b, CAP_NOWHERE,
                               "bands must descend from the highest bound");
        }
    }
    return CAP_OK;
}

cap_status cap_band(size_t n, const double *scores, cap_scale scale,
                    size_t n_bands, const double *lower, int *band,
                    cap_error *err)
{
    cap_status status = cap_bands_check(scale, n_bands, lower, err);
    for (size_t i = 0; i < n && status == CAP_OK; i++) {
        band[i] = 0;
        for (size_t b = 0; b < n_bands && band[i] == 0; b++) {
            if (cap_bound_holds(scale, scores[i], lower[b])) {
                band[i] = (int)b + 1;
            }
        }
    }
    return status;
}
