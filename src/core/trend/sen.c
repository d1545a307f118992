/* The Theil-Sen slope and its interval, of one series and of units pooled.
 *
 * Of one series the slopes of given ranks are selected without keeping all: a
 * sample places a bracket that holds the rank, one pass fills it, and the
 * value is found by partition (Hoare 1961). The interval takes the slopes at
 * the ranks that the exact or normal distribution of S gives. Units pooled:
 * the estimate is the median of all slopes within units, and each end of the
 * interval is the slope at which the joint permutation test of x less slope
 * times time changes its mind, found by bisection over the gaps between
 * distinct slopes. */
#include "base/fp.h"
#include "core/trend/sen.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocation.h"
#include "base/tolerance.h"

const cap_name cap_intervals[] = {
    {"auto", CAP_INTERVAL_AUTO},
    {"exact", CAP_INTERVAL_EXACT},
    {"normal", CAP_INTERVAL_NORMAL},
    {NULL, 0},
};

/* Probabilities that add up to one: less is none. */
#define NO_CHANCE 1e-12

/* Up to here all slopes are kept and sorted; beyond, a sample brackets them.
 */
enum {
    KEEP_ALL = 1 << 16,
    SAMPLE = 1 << 15,
    MOST_RANKS = 6,
    FACTORIAL = 5040
};

static const cap_sen nothing = {0, 0, NAN, NAN, NAN, NAN, NAN, 0};

/* Values in order of time, and for each row the first later one. */
typedef struct {
    size_t n;
    double *x, *t;
    size_t *later;
    double slopes;
} series;

static cap_status out_of_memory(cap_error *err)
{
    return cap_fail(err, CAP_ERR_MEMORY, "out of memory for slopes");
}

static cap_status check_options(const cap_sen_options *options, cap_error *err)
{
    if (!(options->conf > 0 && options->conf < 1)) {
        return cap_fail(err, CAP_ERR_INPUT, "conf is not between 0 and 1");
    }
    return CAP_OK;
}

static double sorted_median(double *values, size_t n)
{
    gsl_sort(values, 1, n);
    return gsl_stats_median_from_sorted_data(values, 1, n);
}

/* ---- one series --------------------------------------------------------- */

static void series_free(series *s)
{
    cap_free(s->later);
    cap_free(s->t);
    cap_free(s->x);
}

static cap_status series_make(size_t n, const double *x, const double *time,
                              series *s, cap_error *err)
{
    double *known = cap_calloc(2 * n, sizeof *known);
    size_t *order = cap_calloc(n, sizeof *order);
    cap_status status = CAP_OK;
    s->x = cap_calloc(n, sizeof *s->x);
    s->t = cap_calloc(n, sizeof *s->t);
    s->later = cap_calloc(n, sizeof *s->later);
    s->n = 0;
    s->slopes = 0;
    if (known == NULL || order == NULL || s->x == NULL || s->t == NULL ||
        s->later == NULL) {
        status = out_of_memory(err);
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i]) && !isnan(time[i])) {
            known[s->n] = time[i];
            known[n + s->n++] = x[i];
        }
    }
    gsl_sort_index(order, known, 1, s->n);
    for (size_t k = 0; k < s->n; k++) {
        s->t[k] = known[order[k]];
        s->x[k] = known[n + order[k]];
    }
    status = cap_tie(s->n, s->t, s->t, err);
    for (size_t i = s->n; i-- > 0;) {
        int tied = i + 1 < s->n && s->t[i + 1] == s->t[i];
        s->later[i] = tied ? s->later[i + 1] : i + 1;
        s->slopes += (double)(s->n - s->later[i]);
    }

done:
    cap_free(order);
    cap_free(known);
    return status;
}

static double slope_of(const series *s, size_t i, size_t j)
{
    return (s->x[j] - s->x[i]) / (s->t[j] - s->t[i]);
}

/* Slopes of row i to the later rows. */
CAP_HOT
static void row_slopes(size_t n, const double *restrict x,
                       const double *restrict t, size_t i, size_t from,
                       double *restrict row)
{
    double xi = x[i], ti = t[i];
    for (size_t j = from; j < n; j++) {
        row[j] = (x[j] - xi) / (t[j] - ti);
    }
}

/* Slopes within a bracket, and how many are on its ends and below. */
typedef struct {
    double low, high;
    size_t below, at_low, inside, at_high;
    size_t capacity;
    double *kept;
} bracket;

/* One pass over all slopes; 0 when more lie inside than there is room. */
static int fill_bracket(const series *s, bracket *b, double *row,
                        const cap_poll *poll, cap_status *status)
{
    for (size_t i = 0; i < s->n; i++) {
        size_t below = 0;
        row_slopes(s->n, s->x, s->t, i, s->later[i], row);
        for (size_t j = s->later[i]; j < s->n; j++) {
            below += row[j] < b->low;
            if (!(row[j] >= b->low) || row[j] > b->high) {
                continue;
            }
            if (row[j] == b->low) {
                b->at_low++;
            } else if (row[j] == b->high) {
                b->at_high++;
            } else if (b->inside == b->capacity) {
                return 0;
            } else {
                b->kept[b->inside++] = row[j];
            }
        }
        b->below += below;
        if (i % 256 == 0 && cap_poll_stop(poll)) {
            *status = CAP_ERR_INTERRUPT;
            return 0;
        }
    }
    return 1;
}

/* The value of rank k, by partition in place (Hoare 1961). */
static double value_of_rank(double *a, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = a[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (a[i] < pivot) {
                i++;
            }
            while (a[j] > pivot) {
                j--;
            }
            if (i >= j) {
                break;
            }
            double held = a[i];
            a[i++] = a[j];
            a[j--] = held;
        }
        /* j is the last of the lower part, also when i == j holds the pivot */
        if (k <= j) {
            high = j;
        } else {
            low = j + 1;
        }
    }
    return a[k];
}

/* Do the slopes of these ranks (from 0, ascending) lie in the bracket? */
static int in_bracket(bracket *b, size_t n_ranks, const size_t *ranks,
                      double *found)
{
    size_t inside = b->below + b->at_low, high = inside + b->inside;
    if (ranks[0] < b->below || ranks[n_ranks - 1] >= high + b->at_high) {
        return 0;
    }
    for (size_t k = 0; k < n_ranks; k++) {
        found[k] = ranks[k] < inside ? b->low
                   : ranks[k] < high
                       ? value_of_rank(b->kept, b->inside, ranks[k] - inside)
                       : b->high;
    }
    return 1;
}

/* A sample of the slopes in order. Which ones they are changes the time that
 * the selection takes, not what it finds. */
static void draw_sample(const series *s, double *sample)
{
    uint64_t state = 1;
    for (size_t k = 0; k < SAMPLE;) {
        state = state * UINT64_C(6364136223846793005) +
                UINT64_C(1442695040888963407);
        size_t i = (size_t)(state >> 33) % s->n;
        state = state * UINT64_C(6364136223846793005) +
                UINT64_C(1442695040888963407);
        size_t j = (size_t)(state >> 33) % s->n;
        if (s->t[i] < s->t[j]) {
            sample[k++] = slope_of(s, i, j);
        }
    }
    gsl_sort(sample, 1, SAMPLE);
}

/* The bracket from `margin` standard errors of the sample's ranks. */
static void place_bracket(const series *s, const double *sample,
                          const size_t *ranks, size_t n_ranks, double margin,
                          bracket *b)
{
    double size = SAMPLE, room = margin * sqrt(size) / 2 + 2;
    double first = (double)ranks[0] / s->slopes * size - room;
    double last = (double)ranks[n_ranks - 1] / s->slopes * size + room;
    b->low = first < 0 ? -INFINITY : sample[(size_t)first];
    b->high = last >= size ? INFINITY : sample[(size_t)last];
    double share = fmin(1, (fmin(last, size) - fmax(first, 0)) / size);
    b->below = b->at_low = b->inside = b->at_high = 0;
    b->capacity = (size_t)fmin(s->slopes, 1.2 * share * s->slopes);
}

/* The slopes of up to MOST_RANKS ranks, without keeping all of them. */
static cap_status select_slopes(const series *s, size_t n_ranks,
                                const size_t *ranks, const cap_poll *poll,
                                double *found, cap_error *err)
{
    double *row = cap_calloc(s->n, sizeof *row), *sample = NULL;
    cap_status status = row == NULL ? out_of_memory(err) : CAP_OK;
    int all = s->slopes <= KEEP_ALL, selected = 0;
    if (status == CAP_OK && !all) {
        sample = cap_calloc(SAMPLE, sizeof *sample);
        if (sample == NULL) {
            status = out_of_memory(err);
        } else {
            draw_sample(s, sample);
        }
    }
    for (double margin = 4; status == CAP_OK && !selected; margin *= 4) {
        bracket b = {-INFINITY, INFINITY, 0, 0, 0, 0, (size_t)s->slopes, NULL};
        if (!all) {
            place_bracket(s, sample, ranks, n_ranks, margin, &b);
        }
        b.kept = cap_calloc(b.capacity, sizeof *b.kept);
        if (b.kept == NULL) {
            status = out_of_memory(err);
        } else {
            selected = fill_bracket(s, &b, row, poll, &status) &&
                       in_bracket(&b, n_ranks, ranks, found);
        }
        cap_free(b.kept);
    }
    if (status == CAP_ERR_INTERRUPT) {
        cap_fail(err, status, "stopped");
    }
    cap_free(sample);
    cap_free(row);
    return status;
}

/* P(S >= least). */
static double upper_tail(size_t n, const double *prob, double least)
{
    double total = 0, pairs = (double)n * ((double)n - 1) / 2;
    for (size_t k = n * (n - 1) + 1; k-- > 0 && (double)k - pairs >= least;) {
        total += prob[k];
    }
    return total;
}

/* Ranks, from 1 and perhaps fractional, of the ends of the interval. */
typedef struct {
    double low, high, conf;
    int exact;
} ends;

static ends exact_ends(const series *s, const double *prob, double conf)
{
    double m = 1, least = 1 - 2 * upper_tail(s->n, prob, s->slopes);
    ends e = {1, s->slopes, least, 1};
    while (2 * m < s->slopes) {
        m++;
        double has = 1 - 2 * upper_tail(s->n, prob, s->slopes - 2 * m + 2);
        if (has < conf) {
            break;
        }
        e.low = m;
        e.high = s->slopes + 1 - m;
        e.conf = has;
    }
    return e;
}

static ends normal_ends(const series *s, double var, double widest,
                        double conf)
{
    double c = gsl_cdf_ugaussian_Pinv((1 + conf) / 2) * sqrt(var);
    ends e = {(s->slopes - c) / 2, (s->slopes + c) / 2 + 1, conf, 0};
    if (e.low < 1) {
        e.low = 1;
        e.high = s->slopes;
        e.conf = fmin(conf, widest);
    }
    return e;
}

static cap_status find_ends(const series *s, const cap_sen_options *options,
                            ends *e, cap_error *err)
{
    const cap_kendall_options normal = {1, CAP_TWO_SIDED};
    cap_kendall test;
    int known = 0, small = s->n <= CAP_EXACT_TIED;
    size_t width = s->n <= CAP_EXACT_UNTIED ? s->n * (s->n - 1) + 1 : 1;
    double *prob = cap_calloc(width, sizeof *prob);
    if (prob == NULL) {
        return out_of_memory(err);
    }
    cap_status status = cap_kendall_null(s->n, s->t, prob, &known, err);
    if (status == CAP_OK) {
        status = cap_kendall_series(s->n, s->x, s->t, &normal, &test, err);
    }
    if (status == CAP_OK) {
        int exact =
            known && (options->interval == CAP_INTERVAL_EXACT ||
                      (options->interval == CAP_INTERVAL_AUTO && small));
        double widest =
            known ? 1 - 2 * upper_tail(s->n, prob, s->slopes)
                  : 2 * gsl_cdf_ugaussian_P(s->slopes / sqrt(test.var_s)) - 1;
        *e = exact ? exact_ends(s, prob, options->conf)
                   : normal_ends(s, test.var_s, widest, options->conf);
    }
    cap_free(prob);
    return status;
}

/* The two slopes about each rank, and the weight of the upper one. */
static void ranks_about(double rank, double slopes, size_t *pair,
                        double *share)
{
    double below = fmax(1, fmin(floor(rank), slopes));
    pair[0] = (size_t)below - 1;
    pair[1] = (size_t)fmin(below + 1, slopes) - 1;
    *share = rank - below;
}

static double between(const double *pair, double share)
{
    return share > 0 ? pair[0] + share * (pair[1] - pair[0]) : pair[0];
}

static void intercept_of(series *s, const cap_sen_options *options,
                         cap_sen *out)
{
    if (options->intercept_of_residuals) {
        for (size_t i = 0; i < s->n; i++) {
            s->x[i] -= out->slope * s->t[i];
        }
        out->intercept = sorted_median(s->x, s->n);
    } else {
        double x = sorted_median(s->x, s->n);
        out->intercept = x - out->slope * sorted_median(s->t, s->n);
    }
}

static cap_status check_finite(const cap_sen *out, cap_error *err)
{
    if (isfinite(out->slope) && isfinite(out->intercept) && !isinf(out->low) &&
        !isinf(out->high)) {
        return CAP_OK;
    }
    return cap_fail(err, CAP_ERR_NUMERIC, "a slope is too large for a number");
}

cap_status cap_sen_series(size_t n, const double *x, const double *time,
                          const cap_sen_options *options, const cap_poll *poll,
                          cap_sen *out, cap_error *err)
{
    series s;
    ends e = {0, 0, 0, 0};
    size_t ranks[MOST_RANKS];
    double found[MOST_RANKS], share[3];
    *out = nothing;
    cap_status status = check_options(options, err);
    for (size_t i = 0; i < n && status == CAP_OK; i++) {
        if (isinf(x[i]) || isinf(time[i])) {
            status = cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                                 "a value is infinite");
        }
    }
    if (status != CAP_OK) {
        return status;
    }
    status = series_make(n, x, time, &s, err);
    out->n = s.n;
    out->slopes = s.slopes;
    if (status != CAP_OK || !(s.slopes > 0)) {
        goto done;
    }
    status = find_ends(&s, options, &e, err);
    if (status != CAP_OK) {
        goto done;
    }
    ranks_about(e.low, s.slopes, ranks, &share[0]);
    ranks_about((s.slopes + 1) / 2, s.slopes, ranks + 2, &share[1]);
    ranks_about(e.high, s.slopes, ranks + 4, &share[2]);
    /* select_slopes() takes its bracket from the first and the last */
    status = select_slopes(&s, MOST_RANKS, ranks, poll, found, err);
    if (status != CAP_OK) {
        goto done;
    }
    out->slope = between(found + 2, share[1]);
    out->conf_actual = fmax(0, e.conf);
    out->exact = e.exact;
    if (e.conf > NO_CHANCE) {
        out->low = between(found, share[0]);
        out->high = between(found + 4, share[2]);
    }
    intercept_of(&s, options, out);
    status = check_finite(out, err);

done:
    series_free(&s);
    return status;
}

/* ---- units pooled ------------------------------------------------------- */

typedef struct {
    double value, weight;
} weighted;

static int ascending(const void *a, const void *b)
{
    double p = ((const weighted *)a)->value, q = ((const weighted *)b)->value;
    return (p > q) - (p < q);
}

static double weight_of(const double *weight, size_t g)
{
    return weight == NULL ? 1 : isnan(weight[g]) ? 0 : weight[g];
}

/* The median when weights are equal, else the lower weighted median. */
static double weighted_median(size_t n, weighted *values)
{
    int even = 1;
    qsort(values, n, sizeof *values, ascending);
    for (size_t k = 1; k < n; k++) {
        even &= values[k].weight == values[0].weight;
    }
    if (even) {
        return (values[(n - 1) / 2].value + values[n / 2].value) / 2;
    }
    double total = 0, reached = 0;
    for (size_t k = 0; k < n; k++) {
        total += values[k].weight;
    }
    size_t at = 0;
    for (; at + 1 < n; at++) {
        reached += values[at].weight;
        if (reached >= total / 2 * (1 - CAP_WEIGHT_SLACK)) {
            break;
        }
    }
    return values[at].value;
}

/* All slopes within units with a weight; returns their number. */
static size_t pool_slopes(size_t m, size_t n, const double *x,
                          const double *time, const double *weight,
                          weighted *slopes)
{
    size_t used = 0;
    for (size_t g = 0; g < m; g++) {
        double w = weight_of(weight, g);
        for (size_t j = 1; w > 0 && j < n; j++) {
            for (size_t i = 0; i < j; i++) {
                double up = x[j * m + g] - x[i * m + g];
                if (!isnan(up)) {
                    slopes[used].value = up / (time[j] - time[i]);
                    slopes[used++].weight = w;
                }
            }
        }
    }
    return used;
}

/* What the test of one slope needs; d and values are its workspace. */
typedef struct {
    size_t m, n;
    const double *x, *time, *weight;
    int exact;
    double *d, *values;
} inversion;

/* Two-sided p of the joint test of x less slope x time. */
static cap_status p_at(const inversion *v, double slope, double *p,
                       cap_error *err)
{
    size_t n = v->n, count = 1, beyond = 0;
    double s = 0, scale = 0;
    cap_status status =
        cap_kendall_signs(v->m, n, v->x, v->weight, v->time, slope, v->d, err);
    if (status != CAP_OK) {
        return status;
    }
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < j; i++) {
            s += v->d[j * n + i];
            scale += fabs(v->d[j * n + i]);
        }
    }
    if (!v->exact) {
        double var = cap_kendall_variance(n, v->d);
        *p = var > 0 ? 2 * gsl_cdf_ugaussian_Q(fabs(s) / sqrt(var)) : 1;
        return CAP_OK;
    }
    for (size_t k = 2; k <= n; k++) {
        count *= k;
    }
    cap_kendall_permute(n, v->d, v->values);
    for (size_t k = 0; k < count; k++) {
        beyond +=
            fabs(v->values[k]) >= fabs(s) - CAP_STATISTIC_GAP * scale ? 1 : 0;
    }
    *p = (double)beyond / (double)count;
    return CAP_OK;
}

/* A slope within gap k, which lies below the k-th of the distinct slopes. */
static double in_gap(size_t n, const double *distinct, size_t k)
{
    if (k == 0) {
        return distinct[0] - 1 - fabs(distinct[0]);
    }
    if (k == n) {
        return distinct[n - 1] + 1 + fabs(distinct[n - 1]);
    }
    return distinct[k - 1] + (distinct[k] - distinct[k - 1]) / 2;
}

/* One end of the interval, by bisection from the gap `outer`, beyond all
 * slopes, to the gap `inner`, which has the median. *end is the slope between
 * the last gap refused and the next; *p is that of the gap refused, or of
 * `outer` when it is not refused. */
static cap_status search_end(const inversion *v, size_t n,
                             const double *distinct, size_t outer,
                             size_t inner, double alpha, double *end,
                             double *p, cap_error *err)
{
    cap_status status = p_at(v, in_gap(n, distinct, outer), p, err);
    *end = distinct[outer == 0 ? 0 : n - 1];
    if (status != CAP_OK || *p > alpha) {
        return status;
    }
    for (;;) {
        size_t apart = outer < inner ? inner - outer : outer - inner;
        if (apart < 2) {
            *end = distinct[outer < inner ? outer : inner];
            return CAP_OK;
        }
        size_t middle = outer < inner ? outer + apart / 2 : outer - apart / 2;
        double here;
        status = p_at(v, in_gap(n, distinct, middle), &here, err);
        if (status != CAP_OK) {
            return status;
        }
        if (here > alpha) {
            inner = middle;
        } else {
            outer = middle;
            *p = here;
        }
    }
}

static cap_status pooled_interval(inversion *v, const cap_sen_options *options,
                                  size_t count, const weighted *slopes,
                                  cap_sen *out, cap_error *err)
{
    double *distinct = cap_calloc(count, sizeof *distinct);
    double alpha = 1 - options->conf + NO_CHANCE, p_low = 1, p_high = 1;
    size_t n = 0, below = 0, up_to = 0;
    v->d = cap_calloc(v->n * v->n, sizeof *v->d);
    v->values = cap_calloc(FACTORIAL, sizeof *v->values);
    cap_status status = CAP_OK;
    if (distinct == NULL || v->d == NULL || v->values == NULL) {
        status = out_of_memory(err);
        goto done;
    }
    for (size_t k = 0; k < count; k++) {
        if (k == 0 || slopes[k].value > distinct[n - 1]) {
            distinct[n++] = slopes[k].value;
            below += slopes[k].value < out->slope;
            up_to += slopes[k].value <= out->slope;
        }
    }
    status =
        search_end(v, n, distinct, 0, up_to, alpha, &out->low, &p_low, err);
    if (status == CAP_OK) {
        status = search_end(v, n, distinct, n, below, alpha, &out->high,
                            &p_high, err);
    }
    out->exact = v->exact;
    out->conf_actual = 1 - fmax(p_low, p_high);
    if (!v->exact) {
        out->conf_actual = fmin(options->conf, out->conf_actual);
    }
    if (out->conf_actual < NO_CHANCE) {
        out->conf_actual = 0;
        out->low = out->high = NAN;
    }

done:
    cap_free(v->values);
    cap_free(v->d);
    cap_free(distinct);
    return status;
}

/* The median of the units' intercepts at the pooled slope. */
static cap_status pooled_intercept(size_t m, size_t n, const double *x,
                                   const double *time, const double *weight,
                                   const cap_sen_options *options,
                                   cap_sen *out, cap_error *err)
{
    weighted *each = cap_calloc(m, sizeof *each);
    double *row = cap_calloc(2 * n, sizeof *row);
    size_t units = 0;
    cap_status status = CAP_OK;
    if (each == NULL || row == NULL) {
        status = out_of_memory(err);
        goto done;
    }
    for (size_t g = 0; g < m; g++) {
        series s = {0, row, row + n, NULL, 0};
        cap_sen unit = {0};
        unit.slope = out->slope;
        for (size_t t = 0; t < n; t++) {
            if (!isnan(x[t * m + g])) {
                s.x[s.n] = x[t * m + g];
                s.t[s.n++] = time[t];
            }
        }
        if (s.n > 1 && weight_of(weight, g) > 0) {
            intercept_of(&s, options, &unit);
            each[units].value = unit.intercept;
            each[units++].weight = weight_of(weight, g);
        }
    }
    out->intercept = weighted_median(units, each);

done:
    cap_free(row);
    cap_free(each);
    return status;
}

static cap_status check_pooled(size_t m, size_t n, const double *x,
                               const double *time, const double *weight,
                               const cap_sen_options *options, cap_error *err)
{
    if (m == 0 || n == 0) {
        return cap_fail(err, CAP_ERR_INPUT, "no unit or no edition");
    }
    for (size_t k = 0; k < m * n; k++) {
        if (isinf(x[k])) {
            return cap_fail_at(err, CAP_ERR_INPUT, k % m, k / m,
                               "a value is infinite");
        }
    }
    for (size_t t = 0; t < n; t++) {
        if (!isfinite(time[t]) || (t > 0 && !(time[t] > time[t - 1]))) {
            return cap_fail(err, CAP_ERR_INPUT, "times do not ascend");
        }
    }
    for (size_t g = 0; weight != NULL && g < m; g++) {
        if (weight[g] < 0 || weight[g] > 1e100) {
            return cap_fail_at(err, CAP_ERR_INPUT, g, CAP_NOWHERE,
                               "a weight is not from 0 to 1e100");
        }
    }
    return check_options(options, err);
}

cap_status cap_sen_pooled(size_t m, size_t n, const double *x,
                          const double *time, const double *weight,
                          const cap_sen_options *options, const cap_poll *poll,
                          cap_sen *out, cap_error *err)
{
    *out = nothing;
    cap_status status = check_pooled(m, n, x, time, weight, options, err);
    if (status != CAP_OK) {
        return status;
    }
    double *kept = cap_calloc(m * n, sizeof *kept);
    double *when = cap_calloc(n, sizeof *when);
    weighted *slopes = NULL;
    size_t used = 0;
    if (kept == NULL || when == NULL) {
        status = out_of_memory(err);
        goto done;
    }
    for (size_t t = 0; t < n;
         t++) { /* editions without a value do not count */
        size_t g = 0;
        while (g < m && (isnan(x[t * m + g]) || !(weight_of(weight, g) > 0))) {
            g++;
        }
        if (g < m) {
            memcpy(kept + used * m, x + t * m, m * sizeof *kept);
            when[used++] = time[t];
        }
    }
    slopes =
        cap_calloc(m * used * (used > 0 ? used - 1 : 0) / 2, sizeof *slopes);
    if (slopes == NULL) {
        status = out_of_memory(err);
        goto done;
    }
    size_t count = pool_slopes(m, used, kept, when, weight, slopes);
    out->n = used;
    out->slopes = (double)count;
    if (count == 0) {
        goto done;
    }
    if (cap_poll_stop(poll)) {
        status = cap_fail(err, CAP_ERR_INTERRUPT, "stopped");
        goto done;
    }
    out->slope = weighted_median(count, slopes);
    int exact =
        used <= CAP_EXACT_EDITIONS && options->interval != CAP_INTERVAL_NORMAL;
    inversion v = {m, used, kept, when, weight, exact, NULL, NULL};
    status = pooled_interval(&v, options, count, slopes, out, err);
    if (status == CAP_OK) {
        status =
            pooled_intercept(m, used, kept, when, weight, options, out, err);
    }
    if (status == CAP_OK) {
        status = check_finite(out, err);
    }

done:
    cap_free(slopes);
    cap_free(when);
    cap_free(kept);
    return status;
}
