/* Quantiles of values and of counts. */
#include "base/fp.h"
#include "core/framework/quantile.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/allocation.h"

/* The known values in order, to be freed with cap_free(). */
static cap_status sorted_values(size_t n, const double *x, double **sorted,
                                size_t *used, cap_error *err)
{
    *used = 0;
    *sorted = NULL;
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a value is infinite");
        }
    }
    *sorted = cap_calloc(n, sizeof **sorted);
    if (*sorted == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for quantiles");
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            (*sorted)[(*used)++] = x[i];
        }
    }
    gsl_sort(*sorted, 1, *used);
    return CAP_OK;
}

static double quantile_of(size_t n, const double *sorted, double p)
{
    return n > 0 ? gsl_stats_quantile_from_sorted_data(sorted, 1, n, p) : NAN;
}

cap_status cap_quantiles(size_t n, const double *x, size_t n_p,
                         const double *p, double *q, cap_error *err)
{
    double *sorted;
    size_t used;
    for (size_t k = 0; k < n_p; k++) {
        if (!(p[k] >= 0 && p[k] <= 1)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a quantile is of a share from 0 to 1");
        }
    }
    cap_status status = sorted_values(n, x, &sorted, &used, err);
    for (size_t k = 0; k < n_p && status == CAP_OK; k++) {
        q[k] = quantile_of(used, sorted, p[k]);
    }
    cap_free(sorted);
    return status;
}

cap_status cap_median_deviation(size_t n, const double *x, double *deviation,
                                cap_error *err)
{
    double *sorted;
    size_t used;
    *deviation = NAN;
    cap_status status = sorted_values(n, x, &sorted, &used, err);
    if (status == CAP_OK) {
        double median = quantile_of(used, sorted, 0.5);
        for (size_t i = 0; i < used; i++) {
            sorted[i] = fabs(sorted[i] - median);
        }
        gsl_sort(sorted, 1, used);
        *deviation = quantile_of(used, sorted, 0.5);
    }
    cap_free(sorted);
    return status;
}

size_t cap_count_quantile(size_t n, const double *count, double p)
{
    double total = 0, reached = 0;
    for (size_t k = 0; k < n; k++) {
        total += count[k];
    }
    double wanted = (p - CAP_SHARE_SLACK) * total;
    if (!(total > 0) || isnan(p)) {
        return CAP_NOWHERE;
    }
    for (size_t k = 0; k < n; k++) {
        reached += count[k];
        if (reached >= wanted && reached > 0) {
            return k;
        }
    }
    return n - 1;
}

size_t cap_order_quantile(size_t n, double p)
{
    double at = ceil((p - CAP_SHARE_SLACK) * (double)n) - 1;
    if (n == 0 || isnan(at)) {
        return CAP_NOWHERE;
    }
    return at <= 0 ? 0 : at >= (double)n ? n - 1 : (size_t)at;
}
