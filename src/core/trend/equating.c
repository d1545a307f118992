/* Puts scores of one method on the scale of another: by means, by means and
 * spreads, or by equal percentiles. */
#include "base/fp.h"
#include "core/trend/equating.h"

#include <gsl/gsl_sort.h>
#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_equating_rules[] = {
    {"mean", CAP_LINK_MEAN},
    {"linear", CAP_LINK_LINEAR},
    {"equipercentile", CAP_LINK_EQUIPERCENTILE},
    {NULL, 0},
};

/* Distinct scores in order, and their percentile ranks. */
typedef struct {
    size_t n;
    double *score, *rank;
} percentiles;

static void rank_scores(size_t n, const double *sorted, percentiles *p)
{
    p->n = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !(sorted[end] > sorted[i]); end++) {
        }
        p->score[p->n] = sorted[i];
        p->rank[p->n] = ((double)i + 0.5 * (double)(end - i)) / (double)n;
        p->n++;
    }
}

/* y at `at` by linear interpolation over ascending x; the ends beyond. */
static double interpolate(size_t n, const double *x, const double *y,
                          double at)
{
    if (!(at > x[0])) {
        return y[0];
    }
    if (!(at < x[n - 1])) {
        return y[n - 1];
    }
    size_t low = 0, high = n - 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (x[middle] <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    double share = (at - x[low]) / (x[high] - x[low]);
    return y[low] + share * (y[high] - y[low]);
}

static double mean_of(size_t n, const double *x)
{
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, x[i]);
    }
    return cap_sum_value(&total) / (double)n;
}

static double spread_of(size_t n, const double *x, double mean)
{
    cap_sum squares = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&squares, (x[i] - mean) * (x[i] - mean));
    }
    return sqrt(cap_sum_value(&squares));
}

static void link_moments(cap_equating_rule rule, size_t n, const double *from,
                         const double *to, size_t m, const double *values,
                         double *linked)
{
    double centre = mean_of(n, from), target = mean_of(n, to), slope = 1;
    double spread = spread_of(n, from, centre);
    if (rule == CAP_LINK_LINEAR && spread > CAP_SPREAD_SLACK * fabs(centre)) {
        slope = spread_of(n, to, target) / spread;
    }
    for (size_t i = 0; i < m; i++) {
        linked[i] = target + slope * (values[i] - centre);
    }
}

/* `scratch` has room for 4 n numbers; from and to are sorted in place. */
static void link_percentiles(size_t n, double *from, double *to,
                             double *scratch, size_t m, const double *values,
                             double *linked)
{
    percentiles p = {0, scratch, scratch + n};
    percentiles q = {0, scratch + 2 * n, scratch + 3 * n};
    gsl_sort(from, 1, n);
    gsl_sort(to, 1, n);
    rank_scores(n, from, &p);
    rank_scores(n, to, &q);
    for (size_t i = 0; i < m; i++) {
        if (isnan(values[i])) {
            linked[i] = NAN;
            continue;
        }
        double rank = interpolate(p.n, p.score, p.rank, values[i]);
        linked[i] = interpolate(q.n, q.rank, q.score, rank);
    }
}

static cap_status check_values(size_t n, const double *x, cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is infinite");
        }
    }
    return CAP_OK;
}

cap_status cap_equate_scores(cap_equating_rule rule, size_t n,
                             const double *from, const double *to, size_t m,
                             const double *values, double *linked,
                             cap_error *err)
{
    cap_status status = CAP_OK;
    if (rule != CAP_LINK_MEAN && rule != CAP_LINK_LINEAR &&
        rule != CAP_LINK_EQUIPERCENTILE) {
        return cap_fail(err, CAP_ERR_INPUT, "no such rule of linking");
    }
    if ((status = check_values(n, from, err)) != CAP_OK ||
        (status = check_values(n, to, err)) != CAP_OK ||
        (status = check_values(m, values, err)) != CAP_OK) {
        return status;
    }
    double *work = n > (size_t)-1 / 6 ? NULL : cap_calloc(6 * n, sizeof *work);
    if (work == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a link");
    }
    double *both_from = work, *both_to = work + n;
    size_t both = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(from[i]) && !isnan(to[i])) {
            both_from[both] = from[i];
            both_to[both] = to[i];
            both++;
        }
    }
    if (both == 0) {
        status = cap_fail(err, CAP_ERR_NUMERIC, "no unit has both scores");
        goto done;
    }
    if (rule == CAP_LINK_EQUIPERCENTILE) {
        link_percentiles(both, both_from, both_to, work + 2 * n, m, values,
                         linked);
    } else {
        link_moments(rule, both, both_from, both_to, m, values, linked);
    }
done:
    cap_free(work);
    return status;
}
