#include "fp.h"
#include "compare.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "memory.h"
#include "sum.h"

typedef struct {
    double x, y;
    double rank_x, rank_y;
} pair;

static int compare_x(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return (p->y > q->y) - (p->y < q->y);
}

/* Merges two runs in order of y; returns the pairs that stood the wrong way
 * round (a later y that is less). */
static uint64_t merge(const pair *from, size_t left, size_t n, pair *to)
{
    size_t a = 0, b = left;
    uint64_t swaps = 0;
    for (size_t k = 0; k < n; k++) {
        if (b >= n || (a < left && from[a].y <= from[b].y)) {
            to[k] = from[a++];
        } else {
            swaps += left - a;
            to[k] = from[b++];
        }
    }
    return swaps;
}

/* Sorts by y from runs of one; *sorted tells which of the two arrays has the
 * result. */
static uint64_t sort_by_y(size_t n, pair *rows, pair *spare, pair **sorted)
{
    uint64_t swaps = 0;
    for (size_t run = 1; run < n; run *= 2) {
        for (size_t at = 0; at < n; at += 2 * run) {
            size_t length = n - at < 2 * run ? n - at : 2 * run;
            size_t left = length < run ? length : run;
            swaps += merge(rows + at, left, length, spare + at);
        }
        pair *other = rows;
        rows = spare;
        spare = other;
    }
    *sorted = rows;
    return swaps;
}

static uint64_t pairs_of(size_t n)
{
    return n < 2 ? 0 : (uint64_t)n * (n - 1) / 2;
}

/* Average ranks by x and pairs tied in x, and of those the ones tied in both;
 * `rows` in order of x, then y. */
static uint64_t tie_x(size_t n, pair *rows, uint64_t *both)
{
    uint64_t tied = 0;
    *both = 0;
    for (size_t from = 0, to; from < n; from = to) {
        size_t run = from;
        for (to = from; to < n && rows[to].x == rows[from].x; to++) {
            if (rows[to].y != rows[run].y) {
                *both += pairs_of(to - run);
                run = to;
            }
        }
        *both += pairs_of(to - run);
        tied += pairs_of(to - from);
        for (size_t i = from; i < to; i++) {
            rows[i].rank_x = (double)(from + to + 1) / 2;
        }
    }
    return tied;
}

static uint64_t tie_y(size_t n, pair *rows)
{
    uint64_t tied = 0;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && rows[to].y == rows[from].y; to++) {
        }
        tied += pairs_of(to - from);
        for (size_t i = from; i < to; i++) {
            rows[i].rank_y = (double)(from + to + 1) / 2;
        }
    }
    return tied;
}

/* The geometric mean, exact for equals: full agreement is 1 to the last bit.
 */
static double between(double a, double b)
{
    return a == b ? a : sqrt(a) * sqrt(b);
}

static double correlate_ranks(size_t n, const pair *rows)
{
    double mean = ((double)n + 1) / 2;
    cap_sum xx = {0, 0}, yy = {0, 0}, xy = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double a = rows[i].rank_x - mean, b = rows[i].rank_y - mean;
        cap_sum_add(&xx, a * a);
        cap_sum_add(&yy, b * b);
        cap_sum_add(&xy, a * b);
    }
    double r =
        cap_sum_value(&xy) / between(cap_sum_value(&xx), cap_sum_value(&yy));
    return r > 1 ? 1 : r < -1 ? -1 : r;
}

cap_status cap_rank_agreement(size_t n, const double *x, const double *y,
                              cap_agreement *result, cap_error *err)
{
    size_t used = 0;
    uint64_t both;
    result->n = 0;
    result->spearman = result->kendall = NAN;
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i]) || isinf(y[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is infinite");
        }
    }
    pair *rows = cap_calloc(n, sizeof *rows);
    pair *spare = cap_calloc(n, sizeof *spare), *sorted;
    cap_status status = CAP_OK;
    if (rows == NULL || spare == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for ranks");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i]) && !isnan(y[i])) {
            rows[used].x = x[i];
            rows[used++].y = y[i];
        }
    }
    qsort(rows, used, sizeof *rows, compare_x);
    uint64_t tied_x = tie_x(used, rows, &both);
    uint64_t discordant = sort_by_y(used, rows, spare, &sorted);
    uint64_t tied_y = tie_y(used, sorted), all = pairs_of(used);
    result->n = used;
    if (tied_x < all && tied_y < all) {
        /* P + Q + X = all - tied_y, and so on; unsigned parts stay >= 0. */
        double concordant =
            (double)(all + both - tied_x - tied_y - discordant);
        double tau = (concordant - (double)discordant) /
                     between((double)(all - tied_x), (double)(all - tied_y));
        result->kendall = tau > 1 ? 1 : tau < -1 ? -1 : tau;
        result->spearman = correlate_ranks(used, sorted);
    }

done:
    cap_free(spare);
    cap_free(rows);
    return status;
}
