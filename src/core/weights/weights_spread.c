/* Correlations, and weights from the spread of the items.
 *
 * Each column is centred and scaled once; correlations are products of
 * columns, of values or of mid-ranks. Every method gives its items a number,
 * the information, and weights are its shares. */
#include "base/fp.h"
#include "core/weights/weights_spread.h"

#include <gsl/gsl_sort.h>
#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_spread_methods[] = {
    {"equal", CAP_SPREAD_EQUAL},
    {"entropy", CAP_SPREAD_ENTROPY},
    {"sd", CAP_SPREAD_SD},
    {"critic", CAP_SPREAD_CRITIC},
    {NULL, 0},
};

static const double most = 1e150; /* squares stay finite */

cap_status cap_check_panel(size_t n_units, size_t n_items, const double *x,
                           cap_error *err)
{
    if (n_items == 0) {
        return cap_fail(err, CAP_ERR_INPUT, "there are no items");
    }
    if (n_units < 2) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "weights from data need 2 units or more");
    }
    for (size_t k = 0; k < n_items; k++) {
        for (size_t i = 0; i < n_units; i++) {
            if (!(fabs(x[k * n_units + i]) <= most)) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, k,
                                   "a value is missing, infinite or too "
                                   "large");
            }
        }
    }
    return CAP_OK;
}

int cap_is_constant(size_t n, const double *x)
{
    double least = x[0], largest = x[0];
    for (size_t i = 1; i < n; i++) {
        least = x[i] < least ? x[i] : least;
        largest = x[i] > largest ? x[i] : largest;
    }
    return largest - least <=
           CAP_SPREAD_SLACK * fmax(fabs(least), fabs(largest));
}

static cap_status check_spread(size_t n_units, size_t n_items, const double *x,
                               cap_error *err)
{
    for (size_t k = 0; k < n_items; k++) {
        if (cap_is_constant(n_units, x + k * n_units)) {
            return cap_fail_at(err, CAP_ERR_NUMERIC, CAP_NOWHERE, k,
                               "an item is the same for all units");
        }
    }
    return CAP_OK;
}

double cap_centre(size_t n, const double *x, double *centred)
{
    cap_sum total = {0, 0}, rest = {0, 0}, squares = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, x[i]);
    }
    double mean = cap_sum_value(&total) / (double)n;
    for (size_t i = 0; i < n; i++) {
        centred[i] = x[i] - mean;
        cap_sum_add(&rest, centred[i]);
    }
    /* what rounding of the mean has left */
    double left = cap_sum_value(&rest) / (double)n;
    for (size_t i = 0; i < n; i++) {
        centred[i] -= left;
        cap_sum_add(&squares, centred[i] * centred[i]);
    }
    return sqrt(cap_sum_value(&squares) / (double)(n - 1));
}

/* Ranks from the smallest, ties at the middle. */
static void mid_ranks(size_t n, const double *x, size_t *order, double *rank)
{
    gsl_sort_index(order, x, 1, n);
    for (size_t i = 0; i < n;) {
        size_t j = i + 1;
        while (j < n && x[order[j]] == x[order[i]]) {
            j++;
        }
        for (size_t m = i; m < j; m++) {
            rank[order[m]] = (double)(i + j + 1) / 2;
        }
        i = j;
    }
}

static double snapped(double r)
{
    return r > 1 - CAP_SPREAD_SLACK ? 1 : r < CAP_SPREAD_SLACK - 1 ? -1 : r;
}

cap_status cap_correlation(size_t n_units, size_t n_items, const double *x,
                           int spearman, double *correlation, cap_error *err)
{
    double *z = NULL, *rank = NULL;
    size_t *order = NULL;
    cap_status status = cap_check_panel(n_units, n_items, x, err);
    if (status == CAP_OK) {
        status = check_spread(n_units, n_items, x, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    z = n_items <= (size_t)-1 / n_units
            ? cap_calloc(n_units * n_items, sizeof *z)
            : NULL;
    rank = cap_calloc(n_units, sizeof *rank);
    order = cap_calloc(n_units, sizeof *order);
    if (z == NULL || rank == NULL || order == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY,
                          "out of memory for the correlations");
        goto done;
    }
    for (size_t k = 0; k < n_items; k++) {
        const double *from = x + k * n_units;
        double *to = z + k * n_units;
        if (spearman) {
            mid_ranks(n_units, from, order, rank);
            from = rank;
        }
        double scale =
            1 / (cap_centre(n_units, from, to) * sqrt((double)(n_units - 1)));
        for (size_t i = 0; i < n_units; i++) {
            to[i] *= scale;
        }
    }
    for (size_t k = 0; k < n_items; k++) {
        correlation[k * n_items + k] = 1;
        for (size_t j = 0; j < k; j++) {
            const double *a = z + k * n_units, *b = z + j * n_units;
            double r = 0;
            for (size_t i = 0; i < n_units; i++) {
                r += a[i] * b[i];
            }
            correlation[k * n_items + j] = correlation[j * n_items + k] =
                snapped(r);
        }
    }
done:
    cap_free(order);
    cap_free(rank);
    cap_free(z);
    return status;
}

/* 1 - E; negative by rounding is 0. */
static cap_status entropy_gap(size_t n, const double *x, size_t column,
                              double *gap, cap_error *err)
{
    cap_sum total = {0, 0}, sum = {0, 0};
    for (size_t i = 0; i < n; i++) {
        if (x[i] < 0) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, column,
                               "entropy weights need values of 0 or more");
        }
        cap_sum_add(&total, x[i]);
    }
    double all = cap_sum_value(&total);
    if (!(all > 0)) {
        return cap_fail_at(err, CAP_ERR_NUMERIC, CAP_NOWHERE, column,
                           "an item is 0 for all units: its entropy is not "
                           "defined");
    }
    for (size_t i = 0; i < n; i++) {
        double p = x[i] / all;
        if (p > 0) {
            /* ln n + ln p summed with weights p, so that small gaps keep
             * their digits */
            cap_sum_add(&sum, p * log(p * (double)n));
        }
    }
    *gap = fmax(0, cap_sum_value(&sum) / log((double)n));
    if (cap_is_constant(n, x)) {
        *gap = 0;
    }
    return CAP_OK;
}

static double range_of(size_t n, const double *x)
{
    double least = x[0], largest = x[0];
    for (size_t i = 1; i < n; i++) {
        least = x[i] < least ? x[i] : least;
        largest = x[i] > largest ? x[i] : largest;
    }
    return largest - least;
}

static cap_status deviations(size_t n_units, size_t n_items, const double *x,
                             int min_max, double *sd, cap_error *err)
{
    double *centred = cap_calloc(n_units, sizeof *centred);
    if (centred == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for the weights");
    }
    for (size_t k = 0; k < n_items; k++) {
        const double *column = x + k * n_units;
        sd[k] = cap_is_constant(n_units, column)
                    ? 0
                    : cap_centre(n_units, column, centred);
        if (min_max && sd[k] > 0) {
            sd[k] /= range_of(n_units, column);
        }
    }
    cap_free(centred);
    return CAP_OK;
}

/* s_k sum_j (1 - r_kj), over the s_k in `information`. */
static cap_status conflict(size_t n_units, size_t n_items, const double *x,
                           int spearman, double *information, cap_error *err)
{
    cap_status status = CAP_OK;
    double *r = n_items <= (size_t)-1 / n_items
                    ? cap_calloc(n_items * n_items, sizeof *r)
                    : NULL;
    if (r == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for the weights");
    }
    status = cap_correlation(n_units, n_items, x, spearman, r, err);
    for (size_t k = 0; status == CAP_OK && k < n_items; k++) {
        cap_sum sum = {0, 0};
        for (size_t j = 0; j < n_items; j++) {
            cap_sum_add(&sum, 1 - r[k * n_items + j]);
        }
        information[k] *= cap_sum_value(&sum);
    }
    cap_free(r);
    return status;
}

static cap_status information_of(size_t n_units, size_t n_items,
                                 const double *x,
                                 const cap_spread_options *options,
                                 double *information, cap_error *err)
{
    cap_status status = cap_check_panel(n_units, n_items, x, err);
    if (status != CAP_OK) {
        return status;
    }
    if (options->method == CAP_SPREAD_ENTROPY) {
        for (size_t k = 0; k < n_items; k++) {
            status =
                entropy_gap(n_units, x + k * n_units, k, information + k, err);
            /* one item weighs 1, also without an entropy */
            if (status != CAP_OK &&
                !(status == CAP_ERR_NUMERIC && n_items == 1)) {
                return status;
            }
        }
        return CAP_OK;
    }
    if (n_items > 1 && options->min_max) {
        status = check_spread(n_units, n_items, x, err);
    }
    if (status == CAP_OK) {
        status = deviations(n_units, n_items, x, options->min_max, information,
                            err);
    }
    if (status == CAP_OK && options->method == CAP_SPREAD_CRITIC &&
        n_items > 1) {
        status =
            conflict(n_units, n_items, x, options->spearman, information, err);
    }
    return status;
}

cap_status cap_spread_weights(size_t n_units, size_t n_items, const double *x,
                              const cap_spread_options *options,
                              double *weight, double *information,
                              cap_error *err)
{
    cap_status status = CAP_OK;
    cap_sum sum = {0, 0};
    if (n_items == 0) {
        return cap_fail(err, CAP_ERR_INPUT, "there are no items");
    }
    for (size_t k = 0; k < n_items; k++) {
        information[k] = 1;
    }
    switch (options->method) {
    case CAP_SPREAD_EQUAL:
        break;
    case CAP_SPREAD_ENTROPY:
    case CAP_SPREAD_SD:
    case CAP_SPREAD_CRITIC:
        status =
            information_of(n_units, n_items, x, options, information, err);
        break;
    default:
        status = cap_fail(err, CAP_ERR_INPUT, "there is no such method");
    }
    if (status != CAP_OK) {
        return status;
    }
    for (size_t k = 0; k < n_items; k++) {
        cap_sum_add(&sum, information[k]);
    }
    double total = cap_sum_value(&sum);
    if (n_items > 1 && !(total > 0)) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        options->method == CAP_SPREAD_CRITIC
                            ? "all items are perfectly correlated: none "
                              "carries information that the others lack"
                            : "no item differs between the units");
    }
    for (size_t k = 0; k < n_items; k++) {
        weight[k] = n_items == 1 ? 1 : information[k] / total;
    }
    return CAP_OK;
}
