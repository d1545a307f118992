/* Pools experts' points into weights, and says how firm the weights and their
 * order are.
 *
 * Each expert's points become shares; shares are pooled by mean, median,
 * trimmed or geometric mean and divided by their sum. Leaving out one expert
 * after the other gives influence and, for trimmed and geometric means,
 * standard errors; the median has those of Maritz and Jarrett (1978). For each
 * pair of items the differences of the experts, largest first, tell how many
 * must go before the order turns. */
#include "base/fp.h"
#include "core/weights/budget_allocation.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"
#include "base/tolerance.h"
#include "core/index/interval.h"

const cap_name cap_expert_faults[] = {
    {"fine", CAP_EXPERT_FINE},         {"blank", CAP_EXPERT_BLANK},
    {"infinite", CAP_EXPERT_INFINITE}, {"negative", CAP_EXPERT_NEGATIVE},
    {"zero", CAP_EXPERT_ZERO},         {NULL, 0},
};

const cap_name cap_pools[] = {
    {"mean", CAP_POOL_MEAN},
    {"median", CAP_POOL_MEDIAN},
    {"trimmed", CAP_POOL_TRIMMED},
    {"geometric", CAP_POOL_GEOMETRIC},
    {NULL, 0},
};

#define TURNS 1e-12

static cap_status check_size(size_t n, size_t m, cap_error *err)
{
    if (n == 0 || m == 0 || n > ((size_t)-1) / sizeof(double) / m) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "a panel needs at least one expert and one item");
    }
    return CAP_OK;
}

static cap_expert_fault fault_of(double x)
{
    return isnan(x)   ? CAP_EXPERT_BLANK
           : isinf(x) ? CAP_EXPERT_INFINITE
           : x < 0    ? CAP_EXPERT_NEGATIVE
                      : CAP_EXPERT_FINE;
}

cap_status cap_expert_shares(size_t n, size_t m, const double *points,
                             double *shares, int *fault, size_t *item,
                             cap_error *err)
{
    cap_status status = check_size(n, m, err);
    if (status != CAP_OK) {
        return status;
    }
    for (size_t e = 0; e < n; e++) {
        cap_expert_fault found = CAP_EXPERT_FINE;
        double largest = 0;
        item[e] = CAP_NOWHERE;
        for (size_t j = 0; j < m && found == CAP_EXPERT_FINE; j++) {
            found = fault_of(points[j * n + e]);
            item[e] = found == CAP_EXPERT_FINE ? CAP_NOWHERE : j;
            largest = fmax(largest, points[j * n + e]);
        }
        if (found == CAP_EXPERT_FINE && !(largest > 0)) {
            found = CAP_EXPERT_ZERO;
        }
        fault[e] = (int)found;
        cap_sum total = {0, 0}; /* over the largest: no overflow */
        for (size_t j = 0; j < m; j++) {
            shares[j * n + e] =
                found == CAP_EXPERT_FINE ? points[j * n + e] / largest : NAN;
            cap_sum_add(&total, shares[j * n + e]);
        }
        for (size_t j = 0; j < m; j++) {
            shares[j * n + e] /= cap_sum_value(&total);
        }
    }
    return CAP_OK;
}

static double mean_of(size_t n, const double *x)
{
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, x[i]);
    }
    return cap_sum_value(&total) / (double)n;
}

static double squares_about_mean(size_t n, const double *x)
{
    double mean = mean_of(n, x);
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, (x[i] - mean) * (x[i] - mean));
    }
    return cap_sum_value(&total);
}

static double se_mean(size_t n, const double *x)
{
    double count = (double)n;
    return n < 2 ? NAN : sqrt(squares_about_mean(n, x) / (count - 1) / count);
}

static double se_jackknife(size_t n, const double *without)
{
    double count = (double)n;
    return n < 2 ? NAN
                 : sqrt((count - 1) / count * squares_about_mean(n, without));
}

/* Maritz and Jarrett: the variance of a median drawn from the sample. */
static double se_median(size_t n, const double *sorted)
{
    double shape = ((double)n + 1) / 2, before = 0;
    cap_sum first = {0, 0}, second = {0, 0};
    double centre = sorted[n / 2]; /* keeps the squares small */
    if (n < 2) {
        return NAN;
    }
    for (size_t i = 0; i < n; i++) {
        double upto = i + 1 == n ? 1
                                 : gsl_cdf_beta_P((double)(i + 1) / (double)n,
                                                  shape, shape);
        double x = sorted[i] - centre;
        cap_sum_add(&first, (upto - before) * x);
        cap_sum_add(&second, (upto - before) * x * x);
        before = upto;
    }
    double mean = cap_sum_value(&first);
    return sqrt(fmax(0, cap_sum_value(&second) - mean * mean));
}

double cap_expert_location(size_t n, double *x, cap_pool pool, double trim)
{
    size_t cut = (size_t)floor((double)n * trim);
    switch (pool) {
    case CAP_POOL_MEDIAN:
        gsl_sort(x, 1, n);
        return gsl_stats_median_from_sorted_data(x, 1, n);
    case CAP_POOL_TRIMMED:
        gsl_sort(x, 1, n);
        return mean_of(n - 2 * cut, x + cut);
    case CAP_POOL_GEOMETRIC:
        for (size_t i = 0; i < n; i++) {
            x[i] = log(x[i]);
        }
        return exp(mean_of(n, x));
    default:
        return mean_of(n, x);
    }
}

/* Weights of all experts but `skip` (CAP_NOWHERE for none) at a stride;
 * returns their sum before closing, 0 when they are all 0 (then NaN). */
static double pool_without(size_t n, size_t m, const double *shares,
                           size_t skip, cap_pool pool, double trim,
                           double *scratch, double *weight, size_t stride)
{
    cap_sum total = {0, 0};
    for (size_t j = 0; j < m; j++) {
        size_t kept = 0;
        for (size_t e = 0; e < n; e++) {
            if (e != skip) {
                scratch[kept++] = shares[j * n + e];
            }
        }
        weight[j * stride] = cap_expert_location(kept, scratch, pool, trim);
        cap_sum_add(&total, weight[j * stride]);
    }
    double sum = cap_sum_value(&total);
    for (size_t j = 0; j < m; j++) {
        weight[j * stride] = sum > 0 ? weight[j * stride] / sum : NAN;
    }
    return sum;
}

static void leave_each_out(size_t n, size_t m, const double *shares,
                           cap_pool pool, double trim, double *scratch,
                           const cap_pooled *out)
{
    for (size_t e = 0; e < n; e++) {
        cap_sum moved = {0, 0};
        if (n > 1) {
            (void)pool_without(n, m, shares, e, pool, trim, scratch,
                               out->leave_out + e, n);
        }
        for (size_t j = 0; j < m; j++) {
            double *without = out->leave_out + j * n + e;
            *without = n > 1 ? *without : NAN;
            cap_sum_add(&moved, fabs(*without - out->weight[j]));
        }
        out->shift[e] = cap_sum_value(&moved) / 2;
    }
}

static cap_status check_shares(size_t n, size_t m, const double *shares,
                               cap_pool pool, cap_error *err)
{
    cap_status status = check_size(n, m, err);
    if (status != CAP_OK) {
        return status;
    }
    if (pool < CAP_POOL_MEAN || pool > CAP_POOL_GEOMETRIC) {
        return cap_fail(err, CAP_ERR_INPUT, "there is no such way to pool");
    }
    for (size_t k = 0; k < n * m; k++) {
        if (!(shares[k] >= 0 && shares[k] <= 1 + CAP_SHARE_SLACK)) {
            return cap_fail_at(err, CAP_ERR_INPUT, k % n, k / n,
                               "a share is missing or not from 0 to 1");
        }
        if (pool == CAP_POOL_GEOMETRIC && !(shares[k] > 0)) {
            return cap_fail_at(err, CAP_ERR_INPUT, k % n, k / n,
                               "a geometric mean needs shares above 0");
        }
    }
    return CAP_OK;
}

cap_status cap_expert_pool(size_t n, size_t m, const double *shares,
                           cap_pool pool, double trim, const cap_pooled *out,
                           cap_error *err)
{
    cap_status status = check_shares(n, m, shares, pool, err);
    if (status != CAP_OK) {
        return status;
    }
    trim = pool == CAP_POOL_TRIMMED ? trim : 0;
    if (!(trim >= 0 && trim < 0.5)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the trimmed share must be from 0 to below 0.5");
    }
    double *scratch = cap_calloc(n, sizeof *scratch);
    if (scratch == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a panel");
    }
    double sum = pool_without(n, m, shares, CAP_NOWHERE, pool, trim, scratch,
                              out->weight, 1);
    if (!(sum > 0)) {
        status = cap_fail(err, CAP_ERR_NUMERIC,
                          "the pooled weights of all items are 0");
        goto done;
    }
    leave_each_out(n, m, shares, pool, trim, scratch, out);
    for (size_t j = 0; j < m; j++) {
        for (size_t e = 0; e < n; e++) {
            scratch[e] = shares[j * n + e];
        }
        double se = se_mean(n, scratch);
        gsl_sort(scratch, 1, n);
        out->low[j] = gsl_stats_quantile_from_sorted_data(scratch, 1, n, 0.25);
        out->high[j] =
            gsl_stats_quantile_from_sorted_data(scratch, 1, n, 0.75);
        out->se[j] = pool == CAP_POOL_MEAN ? se
                     : pool == CAP_POOL_MEDIAN
                         ? se_median(n, scratch) / sum
                         : se_jackknife(n, out->leave_out + j * n);
    }
done:
    cap_free(scratch);
    return status;
}

/* How many of the largest differences must go until the rest sum below 0. */
static size_t fewest_removals(size_t n, const double *sorted)
{
    double rest = mean_of(n, sorted) * (double)n;
    for (size_t k = 1; k < n; k++) {
        rest -= sorted[n - k];
        if (rest < -TURNS) {
            return k;
        }
    }
    return CAP_NOWHERE;
}

static double se_difference(size_t n, cap_pool pool, const double *shares,
                            const double *leave_out, double scale,
                            cap_item_pair *pair, double *x)
{
    const double *upper = shares + pair->upper * n,
                 *lower = shares + pair->lower * n;
    if (pool == CAP_POOL_TRIMMED || pool == CAP_POOL_GEOMETRIC) {
        upper = leave_out + pair->upper * n;
        lower = leave_out + pair->lower * n;
    }
    for (size_t e = 0; e < n; e++) {
        x[e] = upper[e] - lower[e];
    }
    if (pool == CAP_POOL_TRIMMED || pool == CAP_POOL_GEOMETRIC) {
        return se_jackknife(n, x);
    }
    double se = se_mean(n, x);
    gsl_sort(x, 1, n);
    if (pool == CAP_POOL_MEDIAN) {
        return se_median(n, x) / scale;
    }
    pair->removals = fewest_removals(n, x);
    return se;
}

static void judge_pair(size_t n, cap_pool pool, const double *shares,
                       const double *leave_out, double scale,
                       cap_item_pair *pair, double *scratch)
{
    for (size_t e = 0; e < n; e++) {
        if (leave_out[pair->lower * n + e] - leave_out[pair->upper * n + e] >
            TURNS) {
            pair->first = pair->swaps == 0 ? e : pair->first;
            pair->swaps++;
        }
    }
    pair->se = se_difference(n, pool, shares, leave_out, scale, pair, scratch);
    if (pair->difference <= TURNS) {
        pair->p = n < 2 ? NAN : 1;
    } else if (!isnan(pair->se)) {
        pair->p = 2 * cap_t_tail(pair->difference / pair->se, (double)n - 1);
    }
}

cap_status cap_expert_pairs(size_t n, size_t m, const double *shares,
                            cap_pool pool, const double *weight,
                            const double *leave_out, cap_item_pair *pairs,
                            cap_error *err)
{
    cap_status status = check_shares(n, m, shares, pool, err);
    if (status != CAP_OK) {
        return status;
    }
    double *scratch = cap_calloc(n, sizeof *scratch);
    if (scratch == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a panel");
    }
    double scale = 1;
    if (pool == CAP_POOL_MEDIAN) { /* the sum of medians before closing */
        cap_sum total = {0, 0};
        for (size_t j = 0; j < m; j++) {
            for (size_t e = 0; e < n; e++) {
                scratch[e] = shares[j * n + e];
            }
            cap_sum_add(&total, cap_expert_location(n, scratch, pool, 0));
        }
        scale = cap_sum_value(&total);
    }
    size_t k = 0;
    for (size_t i = 0; i + 1 < m; i++) {
        for (size_t j = i + 1; j < m; j++) {
            int turned = weight[j] - weight[i] > TURNS;
            cap_item_pair pair = {turned ? j : i,
                                  turned ? i : j,
                                  fabs(weight[i] - weight[j]),
                                  NAN,
                                  NAN,
                                  0,
                                  CAP_NOWHERE,
                                  CAP_NOWHERE};
            judge_pair(n, pool, shares, leave_out, scale, &pair, scratch);
            pairs[k++] = pair;
        }
    }
    cap_free(scratch);
    return CAP_OK;
}

double cap_concentration(size_t m, const double *weight, const double *se)
{
    cap_sum spread = {0, 0}, squares = {0, 0};
    for (size_t k = 0; k < m; k++) {
        cap_sum_add(&spread, weight[k] * (1 - weight[k]));
        cap_sum_add(&squares, se[k] * se[k]);
    }
    return cap_sum_value(&spread) / cap_sum_value(&squares) - 1;
}
