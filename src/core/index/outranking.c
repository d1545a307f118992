/* Compares units pair by pair, and orders them by Copeland's score or Kemeny's
 * rule.
 *
 * Margins are computed in blocks of units so that comparisons vectorise, each
 * pair once. Kemeny's order of up to CAP_KEMENY_EXACT kinds of units is found
 * by dynamic programming over subsets (Held and Karp 1962): gain of a set =
 * best gain of the set without one unit, which stands last. Beyond that, from
 * Copeland's order, units move to their best place until no move gains.
 * Identical units are one kind: they stand together in some optimal order. */
#include "base/fp.h"
#include "core/index/outranking.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocation.h"
#include "base/sum.h"

/* Units that one is compared with at a time. */
#define BLOCK 8

/* The units of one comparison, packed: block after block of units, in a block
 * criterion after criterion, so that a block is read in one stream. */
typedef struct {
    size_t n;       /* units */
    size_t m;       /* criteria of weight > 0 */
    int complete;   /* no value is missing */
    double total;   /* sum of weights */
    double *weight; /* m */
    size_t *row;    /* n; the caller's row */
    double *value;  /* blocks x m x BLOCK; NaN where there is no unit */
    double *one;    /* m; the unit that is compared */
} panel;

static double *cell(const panel *p, size_t unit, size_t k)
{
    return p->value + (unit / BLOCK * p->m + k) * BLOCK + unit % BLOCK;
}

static void panel_free(panel *p)
{
    cap_free(p->one);
    cap_free(p->value);
    cap_free(p->row);
    cap_free(p->weight);
}

/* Room for up to n units on m criteria. */
static cap_status panel_allocate(size_t n, size_t m, panel *p, cap_error *err)
{
    size_t blocks = n / BLOCK + 1;
    p->weight = cap_calloc(m, sizeof *p->weight);
    p->row = cap_calloc(n, sizeof *p->row);
    p->value = m > 0 && blocks > (size_t)-1 / BLOCK / m
                   ? NULL
                   : cap_calloc(blocks * m * BLOCK, sizeof *p->value);
    p->one = cap_calloc(m, sizeof *p->one);
    if (p->weight == NULL || p->row == NULL || p->value == NULL ||
        p->one == NULL) {
        panel_free(p);
        return cap_fail(err, CAP_ERR_MEMORY,
                        "out of memory for the comparison of units");
    }
    return CAP_OK;
}

static void panel_weights(size_t m, const double *weight, panel *p)
{
    cap_sum total = {0, 0};
    p->m = 0;
    for (size_t k = 0; k < m; k++) {
        if (weight[k] > 0) {
            p->weight[p->m++] = weight[k];
            cap_sum_add(&total, weight[k]);
        }
    }
    p->total = cap_sum_value(&total);
}

/* Values that are no unit's compare as missing. */
static void panel_pad(panel *p)
{
    for (size_t unit = p->n; unit % BLOCK != 0; unit++) {
        for (size_t k = 0; k < p->m; k++) {
            *cell(p, unit, k) = NAN;
        }
    }
}

/* Two lanes at a time where the compiler has vectors: with branches, half of
 * the comparisons would be guessed wrongly. */
#if defined(__GNUC__)
typedef double lanes __attribute__((vector_size(16)));
typedef int64_t masks __attribute__((vector_size(16)));
#define WEIGHT_WHERE(mask, w) ((lanes)((masks)(mask) & (masks)(w)))
#else
typedef double lanes;
#define WEIGHT_WHERE(mask, w) ((mask) ? (w) : 0)
#endif
enum { WIDTH = sizeof(lanes) / sizeof(double), STEPS = BLOCK / WIDTH };

/* Net weight where `one` is better than each unit of a block, and the weight
 * of what both have. A comparison with NaN is false. */
static void compare_complete(size_t m, const double *weight, const double *one,
                             const double *block, double *net)
{
    lanes sum[STEPS], v;
    memset(sum, 0, sizeof sum);
    for (size_t k = 0; k < m; k++) {
        lanes w = (lanes){0} + weight[k], x = (lanes){0} + one[k];
        for (size_t l = 0; l < STEPS; l++) {
            memcpy(&v, block + k * BLOCK + l * WIDTH, sizeof v);
            sum[l] += WEIGHT_WHERE(x > v, w) - WEIGHT_WHERE(x < v, w);
        }
    }
    memcpy(net, sum, sizeof sum);
}

static void compare_gaps(size_t m, const double *weight, const double *one,
                         const double *block, double *net, double *both)
{
    lanes sum[STEPS], seen[STEPS], v;
    memset(sum, 0, sizeof sum);
    memset(seen, 0, sizeof seen);
    for (size_t k = 0; k < m; k++) {
        lanes w = (lanes){0} + weight[k], x = (lanes){0} + one[k];
        for (size_t l = 0; l < STEPS; l++) {
            memcpy(&v, block + k * BLOCK + l * WIDTH, sizeof v);
            lanes better = WEIGHT_WHERE(x > v, w);
            lanes worse = WEIGHT_WHERE(x < v, w);
            sum[l] += better - worse;
            seen[l] += better + worse + WEIGHT_WHERE(x == v, w);
        }
    }
    memcpy(net, sum, sizeof sum);
    memcpy(both, seen, sizeof seen);
}

/* Margins of `unit` over the units of block b. */
static void margins_of(const panel *p, size_t b, double *margin)
{
    double both[BLOCK];
    const double *block = p->value + b * p->m * BLOCK;
    if (p->complete) {
        compare_complete(p->m, p->weight, p->one, block, margin);
    } else {
        compare_gaps(p->m, p->weight, p->one, block, margin, both);
    }
    for (size_t l = 0; l < BLOCK; l++) {
        double over = p->complete ? p->total : both[l];
        margin[l] = over > 0 ? margin[l] / over : 0;
        margin[l] = fabs(margin[l]) <= CAP_MARGIN_TOLERANCE ? 0 : margin[l];
        margin[l] = margin[l] > 1 ? 1 : margin[l] < -1 ? -1 : margin[l];
    }
}

static void take(const panel *p, size_t unit)
{
    for (size_t k = 0; k < p->m; k++) {
        p->one[k] = *cell(p, unit, k);
    }
}

/* Each pair is compared once: units after this one. */
static cap_status all_margins(const panel *p, double *margin,
                              const cap_poll *poll, cap_error *err)
{
    size_t n = p->n;
    for (size_t i = 0; i < n; i++) {
        if (i % 64 == 0 && cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        take(p, i);
        margin[i + i * n] = 0;
        for (size_t b = i / BLOCK; b * BLOCK < n; b++) {
            double some[BLOCK];
            margins_of(p, b, some);
            for (size_t l = 0; l < BLOCK; l++) {
                size_t j = b * BLOCK + l;
                if (j > i && j < n) {
                    margin[i + j * n] = some[l];
                    margin[j + i * n] = -some[l];
                }
            }
        }
    }
    return CAP_OK;
}

cap_status cap_outranking(size_t n, size_t m, const double *x,
                          const double *weight, double *margin,
                          const cap_poll *poll, cap_error *err)
{
    panel p = {0};
    for (size_t k = 0; k < m; k++) {
        if (!(weight[k] >= 0 && isfinite(weight[k]))) {
            return cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, k,
                               "a weight is negative or not finite");
        }
        for (size_t i = 0; i < n; i++) {
            if (isinf(x[i + k * n])) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, k,
                                   "a value is infinite");
            }
        }
    }
    cap_status status = panel_allocate(n, m, &p, err);
    if (status != CAP_OK) {
        return status;
    }
    panel_weights(m, weight, &p);
    p.n = n;
    p.complete = 1;
    for (size_t k = 0, q = 0; k < m; k++) {
        for (size_t i = 0; weight[k] > 0 && i < n; i++) {
            *cell(&p, i, q) = x[i + k * n];
            p.complete = p.complete && !isnan(x[i + k * n]);
        }
        q += weight[k] > 0;
    }
    panel_pad(&p);
    status = all_margins(&p, margin, poll, err);
    panel_free(&p);
    return status;
}

/* The units of one segment that have a value and a score. */
static void panel_fill(const cap_children *c, size_t from, size_t to, panel *p)
{
    p->n = 0;
    p->complete = 1;
    for (size_t i = from; i < to; i++) {
        size_t observed = 0, q = 0;
        if (c->left_out != NULL && c->left_out[i]) {
            continue;
        }
        for (size_t k = 0; k < c->n_children; k++) {
            if (c->weight[k] > 0) {
                *cell(p, p->n, q++) = c->value[k][i];
                observed += isnan(c->value[k][i]) ? 0 : 1;
            }
        }
        if (observed > 0) {
            p->complete = p->complete && observed == p->m;
            p->row[p->n++] = i;
        }
    }
    panel_pad(p);
}

static cap_status copeland_of(const panel *p, long *points,
                              const cap_poll *poll, cap_error *err)
{
    memset(points, 0, p->n * sizeof *points);
    for (size_t i = 0; i < p->n; i++) {
        if (i % 64 == 0 && cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        take(p, i);
        for (size_t b = i / BLOCK; b * BLOCK < p->n; b++) {
            double margin[BLOCK];
            margins_of(p, b, margin);
            for (size_t l = 0; l < BLOCK; l++) {
                size_t j = b * BLOCK + l;
                if (j > i && j < p->n) {
                    int sign = (margin[l] > 0) - (margin[l] < 0);
                    points[i] += sign;
                    points[j] -= sign;
                }
            }
        }
    }
    return CAP_OK;
}

/* Calls `score` for each segment; what it does not write stays NaN. */
typedef cap_status (*scorer)(const panel *p, double *out, int *unproven,
                             const cap_poll *poll, cap_error *err);

static cap_status by_segment(const cap_children *c, scorer score, double *out,
                             int *unproven, cap_error *err)
{
    const size_t whole[] = {0, c->n_rows};
    const size_t *segment = c->n_segments > 0 ? c->segment : whole;
    size_t n_segments = c->n_segments > 0 ? c->n_segments : 1, longest = 0;
    panel p = {0};
    for (size_t g = 0; g < n_segments; g++) {
        size_t length = segment[g + 1] - segment[g];
        longest = length > longest ? length : longest;
    }
    for (size_t i = 0; i < c->n_rows; i++) {
        out[i] = NAN;
    }
    cap_status status = panel_allocate(longest, c->n_children, &p, err);
    if (status != CAP_OK) {
        return status;
    }
    panel_weights(c->n_children, c->weight, &p);
    for (size_t g = 0; g < n_segments && status == CAP_OK; g++) {
        panel_fill(c, segment[g], segment[g + 1], &p);
        if (p.n > 1) {
            status = score(&p, out, unproven, c->poll, err);
        }
    }
    panel_free(&p);
    return status;
}

static cap_status score_copeland(const panel *p, double *out, int *unproven,
                                 const cap_poll *poll, cap_error *err)
{
    long *points = cap_calloc(p->n, sizeof *points);
    (void)unproven;
    if (points == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY,
                        "out of memory for the comparison of units");
    }
    cap_status status = copeland_of(p, points, poll, err);
    double others = (double)p->n - 1;
    for (size_t i = 0; i < p->n && status == CAP_OK; i++) {
        out[p->row[i]] = ((double)points[i] + others) / (2 * others);
    }
    cap_free(points);
    return status;
}

cap_status cap_combine_copeland(const cap_children *children, double *out,
                                int *unproven, cap_error *err)
{
    return by_segment(children, score_copeland, out, unproven, err);
}

/* --- Kemeny -------------------------------------------------------------- */

/* A unit's place in the first order; best first. */
typedef struct {
    double points, net;
    size_t unit;
} candidate;

static int by_promise(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->points != y->points) {
        return x->points > y->points ? -1 : 1;
    }
    if (fabs(x->net - y->net) > CAP_MARGIN_TOLERANCE) {
        return x->net > y->net ? -1 : 1;
    }
    return x->unit < y->unit ? -1 : 1;
}

typedef struct {
    size_t n;
    const double *margin;
    const size_t *size; /* or NULL */
} contest;

static double size_of(const contest *c, size_t i)
{
    return c->size != NULL ? (double)c->size[i] : 1;
}

/* What it gains to have i above j. */
static double gain(const contest *c, size_t i, size_t j)
{
    return size_of(c, i) * size_of(c, j) * c->margin[i + j * c->n];
}

/* What `unit` gains when it stands above all that are not in `above`. */
static double gain_over_rest(const contest *c, size_t unit, size_t above)
{
    double sum = 0;
    for (size_t j = 0; j < c->n; j++) {
        if (j != unit && !(above >> j & 1)) {
            sum += gain(c, unit, j);
        }
    }
    return sum;
}

/* Best total of the pairs decided when the set `s` stands on top, and the
 * number of orders that reach it; `rest` the same for what is decided after.
 */
typedef struct {
    double top, rest;
    double n_top, n_rest;
} subset;

static void better(double total, double orders, double *best, double *n)
{
    double tolerance = CAP_MARGIN_TOLERANCE * fmax(1, fabs(*best));
    if (*n == 0 || total > *best + tolerance) {
        *best = total;
        *n = orders;
    } else if (total >= *best - tolerance) {
        *n += orders;
    }
}

static void fill_subsets(const contest *c, subset *of)
{
    size_t full = ((size_t)1 << c->n) - 1;
    of[0].n_top = 1;
    of[full].n_rest = 1;
    for (size_t s = 1; s <= full; s++) {
        for (size_t j = 0; j < c->n; j++) {
            if (s >> j & 1) {
                const subset *before = &of[s & ~((size_t)1 << j)];
                better(before->top +
                           gain_over_rest(c, j, s & ~((size_t)1 << j)),
                       before->n_top, &of[s].top, &of[s].n_top);
            }
        }
    }
    for (size_t s = full; s-- > 0;) {
        for (size_t j = 0; j < c->n; j++) {
            if (!(s >> j & 1)) {
                const subset *after = &of[s | (size_t)1 << j];
                better(after->rest + gain_over_rest(c, j, s), after->n_rest,
                       &of[s].rest, &of[s].n_rest);
            }
        }
    }
}

/* The mean place of each unit over all optimal orders. */
static cap_status kemeny_exact(const contest *c, double *position,
                               cap_error *err)
{
    size_t full = ((size_t)1 << c->n) - 1;
    subset *of = cap_calloc(full + 1, sizeof *of);
    if (of == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for Kemeny order");
    }
    fill_subsets(c, of);
    double best = of[full].top;
    double tolerance = 4 * CAP_MARGIN_TOLERANCE * fmax(1, fabs(best));
    for (size_t j = 0; j < c->n; j++) {
        double orders = 0, places = 0;
        for (size_t s = 0; s <= full; s++) {
            const subset *after = &of[s | (size_t)1 << j];
            double above = 0;
            if (s >> j & 1 ||
                of[s].top + gain_over_rest(c, j, s) + after->rest <
                    best - tolerance) {
                continue;
            }
            for (size_t i = 0; i < c->n; i++) {
                above += s >> i & 1 ? size_of(c, i) : 0;
            }
            double n = of[s].n_top * after->n_rest;
            orders += n;
            places += n * (above + (size_of(c, j) + 1) / 2);
        }
        position[j] = places / orders;
    }
    cap_free(of);
    return CAP_OK;
}

/* Moves the unit at `at` to its best place; whether it moved. */
static int improve(const contest *c, size_t *order, size_t at)
{
    size_t unit = order[at], best_at = at;
    double best = CAP_MARGIN_TOLERANCE, sum = 0;
    for (size_t to = at; to-- > 0;) {
        sum += gain(c, unit, order[to]);
        if (sum > best) {
            best = sum;
            best_at = to;
        }
    }
    sum = 0;
    for (size_t to = at + 1; to < c->n; to++) {
        sum += gain(c, order[to], unit);
        if (sum > best) {
            best = sum;
            best_at = to;
        }
    }
    for (; at > best_at; at--) {
        order[at] = order[at - 1];
    }
    for (; at < best_at; at++) {
        order[at] = order[at + 1];
    }
    int moved = order[at] != unit;
    order[at] = unit;
    return moved;
}

static cap_status kemeny_search(const contest *c, double *position,
                                const cap_poll *poll, cap_error *err)
{
    candidate *first = cap_calloc(c->n, sizeof *first);
    size_t *order = cap_calloc(c->n, sizeof *order);
    cap_status status = CAP_OK;
    if (first == NULL || order == NULL) {
        status =
            cap_fail(err, CAP_ERR_MEMORY, "out of memory for Kemeny order");
        goto done;
    }
    for (size_t i = 0; i < c->n; i++) {
        first[i].unit = i;
        for (size_t j = 0; j < c->n; j++) {
            double m = c->margin[i + j * c->n];
            first[i].points += (double)((m > 0) - (m < 0)) * size_of(c, j);
            first[i].net += m * size_of(c, j);
        }
    }
    qsort(first, c->n, sizeof *first, by_promise);
    for (size_t i = 0; i < c->n; i++) {
        order[i] = first[i].unit;
    }
    for (int moved = 1; moved;) {
        moved = 0;
        if (cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            goto done;
        }
        for (size_t at = 0; at < c->n; at++) {
            moved = improve(c, order, at) || moved;
        }
    }
    double above = 0;
    for (size_t at = 0; at < c->n; at++) {
        double size = size_of(c, order[at]);
        position[order[at]] = above + (size + 1) / 2;
        above += size;
    }

done:
    cap_free(order);
    cap_free(first);
    return status;
}

cap_status cap_kemeny(size_t n, const double *margin, const size_t *size,
                      double *position, int *proven, const cap_poll *poll,
                      cap_error *err)
{
    const contest c = {n, margin, size};
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            if (!(fabs(margin[i + j * n] + margin[j + i * n]) <=
                  CAP_MARGIN_TOLERANCE)) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, j,
                                   "margins must be finite and antisymmetric");
            }
        }
    }
    *proven = n <= CAP_KEMENY_EXACT;
    return *proven ? kemeny_exact(&c, position, err)
                   : kemeny_search(&c, position, poll, err);
}

static int same_values(const panel *p, size_t a, size_t b)
{
    for (size_t k = 0; k < p->m; k++) {
        double x = *cell(p, a, k), y = *cell(p, b, k);
        if (x != y && !(isnan(x) && isnan(y))) {
            return 0;
        }
    }
    return 1;
}

/* Gives each unit the number of its kind; `size` counts the units of each and
 * `like` is the first of them. Returns the number of kinds. */
static size_t find_kinds(const panel *p, size_t *kind, size_t *like,
                         size_t *size)
{
    size_t n_kinds = 0;
    for (size_t i = 0; i < p->n; i++) {
        size_t g = 0;
        while (g < n_kinds && !same_values(p, like[g], i)) {
            g++;
        }
        if (g == n_kinds) {
            like[n_kinds++] = i;
        }
        kind[i] = g;
        size[g]++;
    }
    return n_kinds;
}

/* Identical units stand together in some optimal order: their kinds are
 * ordered. The margin of a kind is that of one of its units. */
static cap_status score_kemeny(const panel *p, double *out, int *unproven,
                               const cap_poll *poll, cap_error *err)
{
    size_t n = p->n;
    int proven = 1;
    cap_status status = CAP_ERR_MEMORY;
    size_t *kind = cap_calloc(n, sizeof *kind);
    size_t *like = cap_calloc(n, sizeof *like);
    size_t *size = cap_calloc(n, sizeof *size);
    double *position = cap_calloc(n, sizeof *position);
    double *margin =
        n > (size_t)-1 / n ? NULL : cap_calloc(n * n, sizeof *margin);
    if (kind == NULL || like == NULL || size == NULL || position == NULL ||
        margin == NULL) {
        cap_fail(err, status, "out of memory for the comparison of units");
        goto done;
    }
    status = all_margins(p, margin, poll, err);
    if (status != CAP_OK) {
        goto done;
    }
    size_t n_kinds = find_kinds(p, kind, like, size);
    /* Kinds come in the order of their first units: to the left, in place. */
    for (size_t b = 0; b < n_kinds; b++) {
        for (size_t a = 0; a < n_kinds; a++) {
            margin[a + b * n_kinds] = margin[like[a] + like[b] * n];
        }
    }
    status = cap_kemeny(n_kinds, margin, size, position, &proven, poll, err);
    for (size_t i = 0; i < n && status == CAP_OK; i++) {
        out[p->row[i]] = ((double)n - position[kind[i]]) / ((double)n - 1);
    }
    *unproven = *unproven || !proven;

done:
    cap_free(margin);
    cap_free(position);
    cap_free(size);
    cap_free(like);
    cap_free(kind);
    return status;
}

cap_status cap_combine_kemeny(const cap_children *children, double *out,
                              int *unproven, cap_error *err)
{
    return by_segment(children, score_kemeny, out, unproven, err);
}
