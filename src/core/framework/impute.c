/* Fills missing cells: by means and medians, along time, from the nearest
 * rows, and by expectation and maximisation.
 *
 * Nearest rows: items are scaled, the distance of two rows is the mean over
 * the items that both have, and a cell takes the mean of the k nearest rows
 * that have it. EM (Little and Rubin 2002, section 11.2): rows with the same
 * gaps are one pattern, for which the regression of the missing on the
 * observed items is found once by a Cholesky factor; the expected values and
 * products of all patterns give the next means and covariances, until no
 * parameter moves. Items are scaled before, so that their units do not matter;
 * constant items are filled at once and take no part. */
#include "base/fp.h"
#include "core/framework/impute.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocation.h"
#include "base/sum.h"

const cap_name cap_series_kinds[] = {
    {"linear", CAP_SERIES_LINEAR},
    {"last", CAP_SERIES_LAST},
    {NULL, 0},
};

static const double no_pivot = 1e-9;
static const size_t usual_iterations = 1000;
static const double usual_tolerance = 1e-8;

/* Copies x to y and empties the spread. */
static cap_status start(size_t n, size_t p, const double *x, double *y,
                        double *spread, cap_error *err)
{
    for (size_t k = 0; k < p; k++) {
        for (size_t i = 0; i < n; i++) {
            size_t at = i + k * n;
            if (isinf(x[at])) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, k,
                                   "a value is infinite");
            }
            y[at] = x[at];
            if (spread != NULL) {
                spread[at] = NAN;
            }
        }
    }
    return CAP_OK;
}

static void mean_and_sd(size_t n, const double *x, double *mean, double *sd)
{
    cap_sum total = {0, 0}, squares = {0, 0};
    *sd = NAN;
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, x[i]);
    }
    *mean = cap_sum_value(&total) / (double)n;
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&squares, (x[i] - *mean) * (x[i] - *mean));
    }
    if (n > 1) {
        *sd = sqrt(cap_sum_value(&squares) / (double)(n - 1));
    }
}

/* Sorts the values. */
static void median_and_mad(size_t n, double *x, double *median, double *mad)
{
    gsl_sort(x, 1, n);
    *median = gsl_stats_quantile_from_sorted_data(x, 1, n, 0.5);
    for (size_t i = 0; i < n; i++) {
        x[i] = fabs(x[i] - *median);
    }
    gsl_sort(x, 1, n);
    *mad = n > 1 ? 1.4826 * gsl_stats_quantile_from_sorted_data(x, 1, n, 0.5)
                 : NAN;
}

cap_status cap_impute_centre(size_t n, const double *x, size_t n_groups,
                             const size_t *group, int median, double *y,
                             double *spread, cap_error *err)
{
    cap_status status = start(n, 1, x, y, spread, err);
    if (status != CAP_OK) {
        return status;
    }
    for (size_t i = 0; group != NULL && i < n; i++) {
        if (group[i] != CAP_NOWHERE && group[i] >= n_groups) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a row is in a group that there is not");
        }
    }
    double *donors = cap_calloc(n, sizeof *donors);
    if (donors == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for imputation");
    }
    for (size_t g = 0; g < (group == NULL ? 1 : n_groups); g++) {
        size_t kept = 0;
        double centre, sd;
        for (size_t i = 0; i < n; i++) {
            if (!isnan(x[i]) && (group == NULL || group[i] == g)) {
                donors[kept++] = x[i];
            }
        }
        if (kept == 0) {
            continue;
        }
        if (median) {
            median_and_mad(kept, donors, &centre, &sd);
        } else {
            mean_and_sd(kept, donors, &centre, &sd);
        }
        for (size_t i = 0; i < n; i++) {
            if (isnan(x[i]) && (group == NULL || group[i] == g)) {
                y[i] = centre;
                spread[i] = sd;
            }
        }
    }
    cap_free(donors);
    return CAP_OK;
}

/* Series ------------------------------------------------------------------ */

typedef struct {
    size_t unit;
    double time;
    size_t row;
} moment;

static int by_unit_and_time(const void *a, const void *b)
{
    const moment *m = a, *o = b;
    if (m->unit != o->unit) {
        return m->unit < o->unit ? -1 : 1;
    }
    return (m->time > o->time) - (m->time < o->time);
}

/* Fills the cells after `from` and before `to` (positions in `at`); either is
 * CAP_NOWHERE when there is no observed value on that side. */
static void fill_gap(const moment *at, size_t first, size_t last, size_t from,
                     size_t to, const double *x, cap_series_kind kind,
                     double *y)
{
    if (from == CAP_NOWHERE ||
        (to == CAP_NOWHERE && kind != CAP_SERIES_LAST)) {
        return;
    }
    double x0 = x[at[from].row];
    for (size_t k = first; k < last; k++) {
        if (kind == CAP_SERIES_LAST) {
            y[at[k].row] = x0;
        } else {
            double share =
                (at[k].time - at[from].time) / (at[to].time - at[from].time);
            y[at[k].row] = (1 - share) * x0 + share * x[at[to].row];
        }
    }
}

cap_status cap_impute_series(size_t n, const size_t *unit, const double *time,
                             const double *x, cap_series_kind kind, double *y,
                             cap_error *err)
{
    cap_status status = start(n, 1, x, y, NULL, err);
    if (status != CAP_OK) {
        return status;
    }
    moment *at = cap_calloc(n, sizeof *at);
    if (at == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for imputation");
    }
    for (size_t i = 0; i < n; i++) {
        at[i] = (moment){unit[i], time[i], i};
        if (!isfinite(time[i])) {
            status = cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                                 "a time is not a number");
            goto done;
        }
    }
    if (n > 0) {
        qsort(at, n, sizeof *at, by_unit_and_time);
    }
    size_t before = CAP_NOWHERE, gap = 0;
    for (size_t k = 0; k < n; k++) {
        int is_new = k == 0 || at[k].unit != at[k - 1].unit;
        if (!is_new && !(at[k - 1].time < at[k].time)) {
            status = cap_fail_at(err, CAP_ERR_INPUT, at[k].row, CAP_NOWHERE,
                                 "a unit has one time twice");
            goto done;
        }
        if (is_new) {
            fill_gap(at, gap, k, before, CAP_NOWHERE, x, kind, y);
            before = CAP_NOWHERE;
            gap = k;
        }
        if (!isnan(x[at[k].row])) {
            fill_gap(at, gap, k, before, k, x, kind, y);
            before = k;
            gap = k + 1;
        }
    }
    fill_gap(at, gap, n, before, CAP_NOWHERE, x, kind, y);
done:
    cap_free(at);
    return status;
}

/* Nearest neighbours ------------------------------------------------------ */

/* Distance of two rows of z (scaled, p x n: a row is contiguous). */
static double distance(size_t p, const double *a, const double *b)
{
    double total = 0;
    size_t shared = 0;
    for (size_t k = 0; k < p; k++) {
        double d = a[k] - b[k];
        if (!isnan(d)) {
            total += d * d;
            shared++;
        }
    }
    return shared == 0 ? NAN : sqrt(total / (double)shared);
}

/* Scaled rows; NaN where missing or where the item is constant. */
static void scale_rows(size_t n, size_t p, const double *x, double *column,
                       double *z)
{
    for (size_t k = 0; k < p; k++) {
        size_t kept = 0;
        double mean = NAN, sd = NAN;
        for (size_t i = 0; i < n; i++) {
            if (!isnan(x[i + k * n])) {
                column[kept++] = x[i + k * n];
            }
        }
        if (kept > 1) {
            mean_and_sd(kept, column, &mean, &sd);
        }
        for (size_t i = 0; i < n; i++) {
            z[k + i * p] = sd > 0 ? (x[i + k * n] - mean) / sd : NAN;
        }
    }
}

/* The mean of the donors no further than the k-th; `order` holds n rows by
 * distance, NaN distances left out. */
static void take_nearest(size_t n_near, const size_t *order, const double *far,
                         const double *x, size_t k, double *donors,
                         double *value, double *sd)
{
    size_t kept = 0;
    double reach = 0;
    for (size_t j = 0; j < n_near; j++) {
        if (isnan(x[order[j]])) {
            continue;
        }
        /* equal but for the rounding of the sums */
        if (kept >= k && far[order[j]] > reach * (1 + 1e-12)) {
            break;
        }
        reach = far[order[j]];
        donors[kept++] = x[order[j]];
    }
    if (kept > 0) {
        mean_and_sd(kept, donors, value, sd);
    }
}

cap_status cap_impute_knn(size_t n, size_t p, const double *x, size_t k,
                          double *y, double *spread, const cap_poll *poll,
                          cap_error *err)
{
    cap_status status = start(n, p, x, y, spread, err);
    if (status != CAP_OK) {
        return status;
    }
    if (k == 0) {
        return cap_fail(err, CAP_ERR_INPUT, "k must be 1 or more");
    }
    if (p > 0 && n > (size_t)-1 / p) {
        return cap_fail(err, CAP_ERR_INPUT, "too many cells");
    }
    double *z = cap_calloc(n * p, sizeof *z);
    double *far = cap_calloc(n, sizeof *far);
    double *near_by = cap_calloc(n, sizeof *near_by);
    double *donors = cap_calloc(n, sizeof *donors);
    size_t *order = cap_calloc(n, sizeof *order);
    size_t *row = cap_calloc(n, sizeof *row);
    if (!z || !far || !near_by || !donors || !order || !row) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for imputation");
        goto done;
    }
    scale_rows(n, p, x, donors, z);
    for (size_t i = 0; i < n; i++) {
        size_t missing = 0, n_near = 0;
        for (size_t c = 0; c < p; c++) {
            missing += isnan(x[i + c * n]) ? 1 : 0;
        }
        if (missing == 0) {
            continue;
        }
        if (cap_poll_stop(poll)) {
            status = CAP_ERR_INTERRUPT;
            goto done;
        }
        for (size_t j = 0; j < n; j++) {
            far[j] = distance(p, z + i * p, z + j * p);
            if (j != i && !isnan(far[j])) {
                row[n_near] = j;
                near_by[n_near++] = far[j];
            }
        }
        gsl_sort_index(order, near_by, 1, n_near);
        for (size_t j = 0; j < n_near; j++) {
            order[j] = row[order[j]];
        }
        for (size_t c = 0; c < p; c++) {
            if (isnan(x[i + c * n])) {
                take_nearest(n_near, order, far, x + c * n, k, donors,
                             &y[i + c * n], &spread[i + c * n]);
            }
        }
    }
done:
    cap_free(row);
    cap_free(order);
    cap_free(donors);
    cap_free(near_by);
    cap_free(far);
    cap_free(z);
    return status;
}

/* EM ---------------------------------------------------------------------- */

typedef struct {
    const unsigned char *missing; /* q flags */
    size_t q;
    size_t row;
} mask;

static int by_mask(const void *a, const void *b)
{
    const mask *m = a, *o = b;
    int order = memcmp(m->missing, o->missing, m->q);
    if (order != 0) {
        return order;
    }
    return (m->row > o->row) - (m->row < o->row);
}

/* The model: q items that vary, scaled; rows of z are contiguous. */
typedef struct {
    size_t n, q;
    double *z;              /* q x n; missing cells hold their expectation */
    double *spread;         /* q x n: conditional variances */
    unsigned char *missing; /* q x n */
    mask *pattern;          /* n rows, equal patterns together */
    double *mean, *cov;     /* q, q x q */
    double *new_mean, *new_cov;
    double *factor;      /* q x q: Cholesky factor of the observed part */
    double *slope;       /* q x q: a column of coefficients a missing item */
    double *extra;       /* q x q: sum of conditional covariances */
    size_t *seen, *gone; /* items of a pattern */
} em_model;

static void em_free(em_model *m)
{
    cap_free(m->gone);
    cap_free(m->seen);
    cap_free(m->extra);
    cap_free(m->slope);
    cap_free(m->factor);
    cap_free(m->new_cov);
    cap_free(m->new_mean);
    cap_free(m->cov);
    cap_free(m->mean);
    cap_free(m->pattern);
    cap_free(m->missing);
    cap_free(m->spread);
    cap_free(m->z);
}

static cap_status em_allocate(em_model *m, size_t n, size_t q, cap_error *err)
{
    memset(m, 0, sizeof *m);
    m->n = n;
    m->q = q;
    m->z = cap_calloc(n * q, sizeof *m->z);
    m->spread = cap_calloc(n * q, sizeof *m->spread);
    m->missing = cap_calloc(n * q, sizeof *m->missing);
    m->pattern = cap_calloc(n, sizeof *m->pattern);
    m->mean = cap_calloc(q, sizeof *m->mean);
    m->cov = cap_calloc(q * q, sizeof *m->cov);
    m->new_mean = cap_calloc(q, sizeof *m->new_mean);
    m->new_cov = cap_calloc(q * q, sizeof *m->new_cov);
    m->factor = cap_calloc(q * q, sizeof *m->factor);
    m->slope = cap_calloc(q * q, sizeof *m->slope);
    m->extra = cap_calloc(q * q, sizeof *m->extra);
    m->seen = cap_calloc(q, sizeof *m->seen);
    m->gone = cap_calloc(q, sizeof *m->gone);
    if (!m->z || !m->spread || !m->missing || !m->pattern || !m->mean ||
        !m->cov || !m->new_mean || !m->new_cov || !m->factor || !m->slope ||
        !m->extra || !m->seen || !m->gone) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for EM");
    }
    return CAP_OK;
}

/* Lower Cholesky factor, by rows, of the covariance of `k` items. 0 when it is
 * not positive definite. */
static int factorise(em_model *m, size_t k)
{
    for (size_t i = 0; i < k; i++) {
        const double *from = m->cov + m->seen[i] * m->q;
        double *li = m->factor + i * m->q;
        for (size_t j = 0; j <= i; j++) {
            const double *lj = m->factor + j * m->q;
            double s = from[m->seen[j]];
            for (size_t t = 0; t < j; t++) {
                s -= li[t] * lj[t];
            }
            if (j < i) {
                li[j] = s / lj[j];
            } else if (!(s > no_pivot * from[m->seen[i]]) || !(s > 0)) {
                return 0;
            } else {
                li[i] = sqrt(s);
            }
        }
    }
    return 1;
}

/* Coefficients of missing item `g` on the k observed ones, into b. */
static void regress(em_model *m, size_t k, size_t g, double *b)
{
    const double *from = m->cov + g * m->q;
    for (size_t i = 0; i < k; i++) {
        const double *li = m->factor + i * m->q;
        double s = from[m->seen[i]];
        for (size_t t = 0; t < i; t++) {
            s -= li[t] * b[t];
        }
        b[i] = s / li[i];
    }
    for (size_t i = k; i-- > 0;) {
        double s = b[i];
        for (size_t t = i + 1; t < k; t++) {
            s -= m->factor[t * m->q + i] * b[t];
        }
        b[i] = s / m->factor[i * m->q + i];
    }
}

/* The rows of one pattern, pattern[from] to pattern[to - 1]. */
static cap_status expect_pattern(em_model *m, size_t from, size_t to,
                                 cap_error *err)
{
    size_t q = m->q, n_seen = 0, n_gone = 0;
    for (size_t k = 0; k < q; k++) {
        if (m->pattern[from].missing[k]) {
            m->gone[n_gone++] = k;
        } else {
            m->seen[n_seen++] = k;
        }
    }
    if (n_gone == 0) {
        return CAP_OK;
    }
    if (!factorise(m, n_seen)) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        "the covariance of the items is singular");
    }
    for (size_t a = 0; a < n_gone; a++) {
        regress(m, n_seen, m->gone[a], m->slope + a * q);
    }
    for (size_t a = 0; a < n_gone; a++) {
        size_t g = m->gone[a];
        const double *b = m->slope + a * q;
        for (size_t c = 0; c < n_gone; c++) {
            const double *other = m->cov + m->gone[c] * q;
            double left = other[g];
            for (size_t t = 0; t < n_seen; t++) {
                left -= b[t] * other[m->seen[t]];
            }
            m->extra[g * q + m->gone[c]] += (double)(to - from) * left;
            for (size_t r = from; a == c && r < to; r++) {
                m->spread[m->pattern[r].row * q + g] = fmax(left, 0);
            }
        }
        for (size_t r = from; r < to; r++) {
            double *row = m->z + m->pattern[r].row * q;
            double value = m->mean[g];
            for (size_t t = 0; t < n_seen; t++) {
                value += b[t] * (row[m->seen[t]] - m->mean[m->seen[t]]);
            }
            row[g] = value;
        }
    }
    return CAP_OK;
}

static cap_status expect(em_model *m, cap_error *err)
{
    memset(m->extra, 0, m->q * m->q * sizeof *m->extra);
    for (size_t from = 0, to; from < m->n; from = to) {
        to = from + 1;
        while (to < m->n && memcmp(m->pattern[to].missing,
                                   m->pattern[from].missing, m->q) == 0) {
            to++;
        }
        cap_status status = expect_pattern(m, from, to, err);
        if (status != CAP_OK) {
            return status;
        }
    }
    return CAP_OK;
}

/* New parameters from the filled data; the largest change of any. */
static double maximise(em_model *m, double ridge)
{
    size_t q = m->q;
    double change = 0, n = (double)m->n;
    memset(m->new_mean, 0, q * sizeof *m->new_mean);
    memcpy(m->new_cov, m->extra, q * q * sizeof *m->new_cov);
    for (size_t i = 0; i < m->n; i++) {
        for (size_t k = 0; k < q; k++) {
            m->new_mean[k] += m->z[i * q + k];
        }
    }
    for (size_t k = 0; k < q; k++) {
        m->new_mean[k] /= n;
        change = fmax(change, fabs(m->new_mean[k] - m->mean[k]));
    }
    for (size_t i = 0; i < m->n; i++) {
        double *row = m->slope; /* free at this time */
        for (size_t k = 0; k < q; k++) {
            row[k] = m->z[i * q + k] - m->new_mean[k];
        }
        for (size_t k = 0; k < q; k++) {
            double *to = m->new_cov + k * q, d = row[k];
            for (size_t j = 0; j <= k; j++) {
                to[j] += d * row[j];
            }
        }
    }
    for (size_t k = 0; k < q; k++) {
        for (size_t j = 0; j <= k; j++) {
            double v = m->new_cov[k * q + j] / n + (j == k ? ridge : 0);
            change = fmax(change, fabs(v - m->cov[k * q + j]));
            m->new_cov[k * q + j] = v;
            m->new_cov[j * q + k] = v;
        }
    }
    memcpy(m->mean, m->new_mean, q * sizeof *m->mean);
    memcpy(m->cov, m->new_cov, q * q * sizeof *m->cov);
    return change;
}

/* Scales the items that vary into the model; `item` lists them. */
static void em_load(em_model *m, const double *x, const size_t *item,
                    const double *centre, const double *sd)
{
    for (size_t k = 0; k < m->q; k++) {
        double squares = 0, count = 0;
        for (size_t i = 0; i < m->n; i++) {
            double v = x[i + item[k] * m->n];
            size_t at = i * m->q + k;
            m->missing[at] = (unsigned char)(isnan(v) != 0);
            m->z[at] = isnan(v) ? 0 : (v - centre[item[k]]) / sd[item[k]];
            squares += m->z[at] * m->z[at];
            count += isnan(v) ? 0 : 1;
        }
        m->cov[k * m->q + k] = squares / count;
    }
    for (size_t i = 0; i < m->n; i++) {
        m->pattern[i] = (mask){m->missing + i * m->q, m->q, i};
    }
    if (m->n > 0) {
        qsort(m->pattern, m->n, sizeof *m->pattern, by_mask);
    }
}

static cap_status em_iterate(em_model *m, const cap_em_rule *rule,
                             cap_em_report *report, const cap_poll *poll,
                             cap_error *err)
{
    size_t most =
        rule->max_iterations > 0 ? rule->max_iterations : usual_iterations;
    double tolerance = rule->tolerance > 0 ? rule->tolerance : usual_tolerance;
    cap_status status = CAP_OK;
    while (!report->converged && report->iterations < most) {
        if (cap_poll_stop(poll)) {
            return CAP_ERR_INTERRUPT;
        }
        status = expect(m, err);
        if (status != CAP_OK) {
            return status;
        }
        report->change = maximise(m, rule->ridge);
        report->iterations++;
        report->converged = report->change <= tolerance;
    }
    return expect(m, err); /* values under the last parameters */
}

static void em_store(const em_model *m, size_t p, const double *x,
                     const size_t *item, const double *centre,
                     const double *sd, double *y, double *spread, double *mean,
                     double *cov)
{
    memcpy(mean, centre, p * sizeof *mean);
    memset(cov, 0, p * p * sizeof *cov);
    for (size_t k = 0; k < m->q; k++) {
        size_t to = item[k];
        mean[to] = centre[to] + sd[to] * m->mean[k];
        for (size_t j = 0; j < m->q; j++) {
            cov[item[j] + to * p] =
                sd[to] * sd[item[j]] * m->cov[k * m->q + j];
        }
        for (size_t i = 0; i < m->n; i++) {
            if (isnan(x[i + to * m->n])) {
                size_t at = i * m->q + k;
                y[i + to * m->n] = centre[to] + sd[to] * m->z[at];
                spread[i + to * m->n] = sd[to] * sqrt(m->spread[at]);
            }
        }
    }
}

/* Observed mean and standard deviation (divisor n) of each item; constant
 * items, sd 0, are filled at once, the others listed. */
static cap_status em_measure(size_t n, size_t p, const double *x,
                             double *column, double *centre, double *sd,
                             size_t *item, size_t *q, double *y,
                             double *spread, cap_error *err)
{
    *q = 0;
    for (size_t k = 0; k < p; k++) {
        size_t kept = 0;
        double least = NAN, most = NAN;
        for (size_t i = 0; i < n; i++) {
            double v = x[i + k * n];
            if (!isnan(v)) {
                column[kept++] = v;
                least = v < least || isnan(least) ? v : least;
                most = v > most || isnan(most) ? v : most;
            }
        }
        if (kept == 0) {
            return cap_fail_at(err, CAP_ERR_NUMERIC, CAP_NOWHERE, k,
                               "an item has no observed value");
        }
        mean_and_sd(kept, column, &centre[k], &sd[k]);
        sd[k] *= sqrt(((double)kept - 1) / (double)kept);
        if (least < most && sd[k] > 0 && isfinite(sd[k])) {
            item[(*q)++] = k;
            continue;
        }
        centre[k] = least;
        for (size_t i = 0; i < n; i++) {
            if (isnan(x[i + k * n])) {
                y[i + k * n] = least;
                spread[i + k * n] = 0;
            }
        }
    }
    return CAP_OK;
}

cap_status cap_impute_em(size_t n, size_t p, const double *x,
                         const cap_em_rule *rule, double *y, double *spread,
                         double *mean, double *cov, cap_em_report *report,
                         const cap_poll *poll, cap_error *err)
{
    em_model m;
    size_t q = 0;
    memset(&m, 0, sizeof m);
    memset(report, 0, sizeof *report);
    if (!(rule->ridge >= 0) || isinf(rule->ridge) || isnan(rule->tolerance)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "ridge and tolerance must be 0 or more");
    }
    if (p > 0 && (n > (size_t)-1 / p || p > (size_t)-1 / p)) {
        return cap_fail(err, CAP_ERR_INPUT, "too many cells");
    }
    cap_status status = start(n, p, x, y, spread, err);
    if (status != CAP_OK) {
        return status;
    }
    double *column = cap_calloc(n, sizeof *column);
    double *centre = cap_calloc(p, sizeof *centre);
    double *sd = cap_calloc(p, sizeof *sd);
    size_t *item = cap_calloc(p, sizeof *item);
    if (!column || !centre || !sd || !item) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for EM");
        goto done;
    }
    status = em_measure(n, p, x, column, centre, sd, item, &q, y, spread, err);
    if (status != CAP_OK) {
        goto done;
    }
    status = em_allocate(&m, n, q, err);
    if (status != CAP_OK) {
        goto done;
    }
    em_load(&m, x, item, centre, sd);
    status = em_iterate(&m, rule, report, poll, err);
    if (status == CAP_OK) {
        em_store(&m, p, x, item, centre, sd, y, spread, mean, cov);
    }
done:
    em_free(&m);
    cap_free(item);
    cap_free(sd);
    cap_free(centre);
    cap_free(column);
    return status;
}
