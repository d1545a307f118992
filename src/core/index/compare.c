/* Counts concordant and tied pairs of two columns, the rank correlations that
 * they give, and what ties. */
#include "base/fp.h"
#include "core/index/compare.h"

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "base/allocation.h"
#include "base/sum.h"

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

static void tie_run(cap_ties *ties, size_t t)
{
    if (t > 1) {
        double d = (double)t;
        ties->pairs += pairs_of(t);
        ties->triples += d * (d - 1) * (d - 2);
        ties->log_orders += gsl_sf_lngamma(d + 1);
    }
}

static void gap_run(cap_ties *ties, double gap)
{
    ties->closest = gap < ties->closest ? gap : ties->closest;
}

/* Average ranks by x and ties in x, and of those the pairs tied in both;
 * `rows` in order of x, then y. */
static uint64_t tie_x(size_t n, pair *rows, cap_ties *ties)
{
    uint64_t both = 0;
    for (size_t from = 0, to; from < n; from = to) {
        size_t run = from;
        for (to = from; to < n && rows[to].x == rows[from].x; to++) {
            if (rows[to].y != rows[run].y) {
                both += pairs_of(to - run);
                run = to;
            }
        }
        both += pairs_of(to - run);
        tie_run(ties, to - from);
        if (to < n) {
            gap_run(ties, rows[to].x - rows[from].x);
        }
        for (size_t i = from; i < to; i++) {
            rows[i].rank_x = (double)(from + to + 1) / 2;
        }
    }
    return both;
}

static void tie_y(size_t n, pair *rows, cap_ties *ties)
{
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && rows[to].y == rows[from].y; to++) {
        }
        tie_run(ties, to - from);
        if (to < n) {
            gap_run(ties, rows[to].y - rows[from].y);
        }
        for (size_t i = from; i < to; i++) {
            rows[i].rank_y = (double)(from + to + 1) / 2;
        }
    }
}

static int in_order(size_t n, const pair *rows)
{
    size_t i = 1;
    while (i < n && compare_x(&rows[i - 1], &rows[i]) <= 0) {
        i++;
    }
    return i >= n;
}

static cap_status check_finite(size_t n, const double *x, const double *y,
                               cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i]) || isinf(y[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a value is infinite");
        }
    }
    return CAP_OK;
}

/* Ranks and counts of the rows with both values; they end in *sorted, by y,
 * which is `rows` or `spare`. */
static void rank_pairs(size_t n, const double *x, const double *y, pair *rows,
                       pair *spare, pair **sorted, cap_pair_counts *c)
{
    const cap_pair_counts none = {
        0, {0, 0, 0, INFINITY}, {0, 0, 0, INFINITY}, 0, 0, 0};
    *c = none;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i]) && !isnan(y[i])) {
            rows[c->n].x = x[i];
            rows[c->n++].y = y[i];
        }
    }
    if (!in_order(c->n, rows)) {
        qsort(rows, c->n, sizeof *rows, compare_x);
    }
    *sorted = rows;
    if (c->n == 0) {
        return;
    }
    size_t last = c->n - 1;
    c->tied_both = tie_x(c->n, rows, &c->x);
    c->x.closest /= fmax(fabs(rows[0].x), fabs(rows[last].x));
    c->discordant = sort_by_y(c->n, rows, spare, sorted);
    tie_y(c->n, *sorted, &c->y);
    c->y.closest /= fmax(fabs((*sorted)[0].y), fabs((*sorted)[last].y));
    /* Unsigned parts stay >= 0 in this order. */
    c->concordant = pairs_of(c->n) + c->tied_both - c->x.pairs - c->y.pairs -
                    c->discordant;
}

cap_status cap_count_pairs(size_t n, const double *x, const double *y,
                           cap_pair_counts *counts, cap_error *err)
{
    cap_status status = check_finite(n, x, y, err);
    if (status != CAP_OK) {
        return status;
    }
    pair *rows = cap_calloc(n, sizeof *rows);
    pair *spare = cap_calloc(n, sizeof *spare), *sorted;
    if (rows == NULL || spare == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for pairs");
        goto done;
    }
    rank_pairs(n, x, y, rows, spare, &sorted, counts);

done:
    cap_free(spare);
    cap_free(rows);
    return status;
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

double cap_largest(size_t n, const double *x)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double size = fabs(x[i]);
        largest = size > largest ? size : largest; /* not NaN, of any kind */
    }
    return largest;
}

cap_status cap_tie_within(size_t n, const double *x, double gap, double *tied,
                          cap_error *err)
{
    size_t *order = cap_calloc(n, sizeof *order), used = 0;
    double *known = cap_calloc(n, sizeof *known);
    size_t *row = cap_calloc(n, sizeof *row);
    cap_status status = CAP_OK;
    if (order == NULL || known == NULL || row == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for ties");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        tied[i] = x[i];
        if (!isnan(x[i])) {
            row[used] = i;
            known[used++] = x[i];
        }
    }
    gsl_sort_index(order, known, 1, used);
    for (size_t k = 1; k < used; k++) {
        size_t at = order[k], before = order[k - 1];
        if (known[at] - known[before] <= gap) {
            tied[row[at]] = tied[row[before]];
        }
    }

done:
    cap_free(row);
    cap_free(known);
    cap_free(order);
    return status;
}

static void agreement_of(const cap_pair_counts *c, const pair *rows,
                         cap_agreement *result)
{
    uint64_t all = pairs_of(c->n);
    result->n = c->n;
    if (c->x.pairs < all && c->y.pairs < all) {
        double tau =
            ((double)c->concordant - (double)c->discordant) /
            between((double)(all - c->x.pairs), (double)(all - c->y.pairs));
        result->kendall = tau > 1 ? 1 : tau < -1 ? -1 : tau;
        result->spearman = correlate_ranks(c->n, rows);
    }
}

cap_status cap_rank_agreement(size_t n, const double *x, const double *y,
                              const double *size, cap_agreement *result,
                              cap_error *err)
{
    cap_pair_counts c;
    result->n = 0;
    result->spearman = result->kendall = NAN;
    cap_status status = check_finite(n, x, y, err);
    if (status != CAP_OK) {
        return status;
    }
    pair *rows = cap_calloc(n, sizeof *rows);
    pair *spare = cap_calloc(n, sizeof *spare), *sorted;
    double *tied = cap_calloc(2 * n, sizeof *tied);
    if (rows == NULL || spare == NULL || tied == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for ranks");
        goto done;
    }
    const double *column[2] = {x, y};
    for (size_t k = 0; k < 2 && status == CAP_OK; k++) {
        double of = size == NULL ? cap_largest(n, column[k]) : size[k];
        status = cap_tie_within(n, column[k], CAP_SCORE_GAP * of, tied + k * n,
                                err);
    }
    if (status == CAP_OK) {
        rank_pairs(n, tied, tied + n, rows, spare, &sorted, &c);
        agreement_of(&c, sorted, result);
    }

done:
    cap_free(tied);
    cap_free(spare);
    cap_free(rows);
    return status;
}
