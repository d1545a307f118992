/* Interpolates two series of scores to common times, and standardises them by
 * what both have. */
#include "base/fp.h"
#include "core/trend/common_times.h"

#include <math.h>

#include "base/sum.h"
#include "core/index/interval.h"

static cap_status check_finite(size_t n, const double *x, cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is infinite");
        }
    }
    return CAP_OK;
}

static double roughness(size_t n, size_t n_times, const double *time,
                        const double *x)
{
    cap_sum squares = {0, 0};
    double df = 0;
    for (size_t t = 0; t + 1 < n_times; t++) {
        const double *a = x + t * n, *b = a + n;
        cap_sum total = {0, 0};
        size_t used = 0;
        for (size_t i = 0; i < n; i++) {
            if (!isnan(a[i]) && !isnan(b[i])) {
                cap_sum_add(&total, b[i] - a[i]);
                used++;
            }
        }
        if (used < 2) {
            continue;
        }
        double mean = cap_sum_value(&total) / (double)used;
        for (size_t i = 0; i < n; i++) {
            if (!isnan(a[i]) && !isnan(b[i])) {
                double d = b[i] - a[i] - mean;
                cap_sum_add(&squares, d * d / (time[t + 1] - time[t]));
            }
        }
        df += (double)used - 1;
    }
    return df > 0 ? cap_sum_value(&squares) / df : NAN;
}

/* The nearest score of a unit on each side of `at`, in one row of x. */
static void interpolate(size_t n, size_t n_times, const double *time,
                        const double *row, double at, double s2, double *value,
                        double *variance)
{
    size_t before = n_times, after = n_times;
    for (size_t t = 0; t < n_times; t++) {
        if (!isnan(row[t * n])) {
            before = time[t] <= at ? t : before;
            after = time[t] >= at && after == n_times ? t : after;
        }
    }
    *value = *variance = NAN;
    if (before == n_times || after == n_times) {
        return;
    }
    double d = at - time[before], e = time[after] - at;
    *value = before == after
                 ? row[before * n]
                 : (e * row[before * n] + d * row[after * n]) / (d + e);
    *variance = before == after ? 0 : s2 * d * e / (d + e);
}

cap_status cap_series_at(size_t n, size_t n_times, const double *time,
                         const double *x, size_t n_at, const double *at,
                         double *value, double *variance, double *per_year,
                         cap_error *err)
{
    for (size_t t = 0; t < n_times; t++) {
        if (!isfinite(time[t]) || (t > 0 && !(time[t] > time[t - 1]))) {
            return cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, t,
                               "times must be finite and rise");
        }
    }
    cap_status status = check_finite(n * n_times, x, err);
    if (status != CAP_OK) {
        return status;
    }
    *per_year = roughness(n, n_times, time, x);
    for (size_t k = 0; k < n_at; k++) {
        if (!isfinite(at[k])) {
            return cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, k,
                               "times must be finite and rise");
        }
        for (size_t i = 0; i < n; i++) {
            interpolate(n, n_times, time, x + i, at[k], *per_year,
                        value + i + k * n, variance + i + k * n);
        }
    }
    return CAP_OK;
}

/* Centres and scales in place; returns the standard deviation. */
static double standardise(size_t n, size_t used, double *z)
{
    cap_sum total = {0, 0}, squares = {0, 0};
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(z[i])) {
            cap_sum_add(&total, z[i]);
            largest = fmax(largest, fabs(z[i]));
        }
    }
    double mean = cap_sum_value(&total) / (double)used;
    for (size_t i = 0; i < n; i++) {
        z[i] -= mean;
        if (!isnan(z[i])) {
            cap_sum_add(&squares, z[i] * z[i]);
        }
    }
    double sd = sqrt(cap_sum_value(&squares) / ((double)used - 1));
    if (!(sd > 1e-14 * largest)) {
        sd = NAN; /* constant but for rounding */
    }
    for (size_t i = 0; i < n; i++) {
        z[i] /= sd;
    }
    return sd;
}

cap_status cap_series_standardise(size_t n, const double *x, const double *y,
                                  double *zx, double *zy, double *sd_x,
                                  double *sd_y, double *sd_difference,
                                  cap_error *err)
{
    size_t used = 0;
    cap_sum squares = {0, 0};
    *sd_x = *sd_y = *sd_difference = NAN;
    cap_status status = check_finite(n, x, err);
    if (status == CAP_OK) {
        status = check_finite(n, y, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    for (size_t i = 0; i < n; i++) {
        int both = !isnan(x[i]) && !isnan(y[i]);
        used += both ? 1 : 0;
        zx[i] = both ? x[i] : NAN;
        zy[i] = both ? y[i] : NAN;
    }
    *sd_x = standardise(n, used, zx);
    *sd_y = standardise(n, used, zy);
    if (used < 2 || isnan(*sd_x) || isnan(*sd_y)) {
        for (size_t i = 0; i < n; i++) {
            zx[i] = zy[i] = NAN;
        }
        *sd_x = *sd_y = NAN;
        return CAP_OK;
    }
    for (size_t i = 0; i < n; i++) { /* their means are 0 */
        if (!isnan(zx[i])) {
            cap_sum_add(&squares, (zx[i] - zy[i]) * (zx[i] - zy[i]));
        }
    }
    *sd_difference = sqrt(cap_sum_value(&squares) / ((double)used - 1));
    return CAP_OK;
}

cap_series_limit cap_limit_of_agreement(size_t n, const double *zx,
                                        const int *filled,
                                        const double *variance,
                                        double sd_other, double sd_difference,
                                        double conf)
{
    cap_series_limit out = {0, sd_difference, 0, NAN};
    cap_sum total = {0, 0};
    size_t n_filled = 0;
    for (size_t i = 0; i < n; i++) {
        n_filled += filled[i] ? 1 : 0;
        if (!isnan(zx[i])) {
            out.n++;
            cap_sum_add(&total, filled[i] ? variance[i] : 0);
        }
    }
    if (n_filled > 0) {
        out.added = sqrt(cap_sum_value(&total) / (double)out.n) / sd_other;
    }
    out.limit = cap_t_reach(conf, INFINITY) * hypot(out.sd, out.added);
    return out;
}
