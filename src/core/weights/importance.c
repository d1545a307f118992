/* Correlation of an index with each of its items, and the share of its
 * variance that goes with them. */
#include "base/fp.h"
#include "core/weights/importance.h"

#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"
#include "base/tolerance.h"

typedef struct {
    double mean_x, mean_y, xx, yy, xy;
} pair_moments;

static pair_moments moments_of(size_t n, const double *x, const double *y)
{
    cap_sum sx = {0, 0}, sy = {0, 0}, xx = {0, 0}, yy = {0, 0}, xy = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&sx, x[i]);
        cap_sum_add(&sy, y[i]);
    }
    pair_moments m = {cap_sum_value(&sx) / (double)n,
                      cap_sum_value(&sy) / (double)n, 0, 0, 0};
    for (size_t i = 0; i < n; i++) {
        double dx = x[i] - m.mean_x, dy = y[i] - m.mean_y;
        cap_sum_add(&xx, dx * dx);
        cap_sum_add(&yy, dy * dy);
        cap_sum_add(&xy, dx * dy);
    }
    m.xx = cap_sum_value(&xx);
    m.yy = cap_sum_value(&yy);
    m.xy = cap_sum_value(&xy);
    return m;
}

/* The local line through the neighbourhood of `at`, read at `at`. Where the
 * neighbours all lie at one x it is their mean. */
static double local_line(size_t n, const double *x, const double *y, double at,
                         double width)
{
    double w0 = 0, w1 = 0, w2 = 0, y0 = 0, y1 = 0;
    for (size_t i = 0; i < n; i++) {
        double d = x[i] - at, z = d / width, w = exp(-0.5 * z * z);
        w0 += w;
        w1 += w * d;
        w2 += w * d * d;
        y0 += w * y[i];
        y1 += w * d * y[i];
    }
    double spread = w0 * w2 - w1 * w1;
    if (!(spread > CAP_SPREAD_SLACK * w0 * w0 * width * width)) {
        return y0 / w0;
    }
    return (w2 * y0 - w1 * y1) / spread;
}

static int is_constant(double squares, double mean, size_t n)
{
    return !(squares > 1e-24 * (double)n * (1 + mean * mean));
}

cap_status cap_profile_pair(size_t n, const double *x, const double *y,
                            double *correlation, double *ratio, size_t *used,
                            cap_error *err)
{
    *correlation = *ratio = NAN;
    *used = 0;
    double *pairs = cap_calloc(2 * n, sizeof *pairs);
    if (pairs == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a profile");
    }
    double *px = pairs, *py = pairs + n;
    cap_status status = CAP_OK;
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i]) || isinf(y[i])) {
            status = cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                                 "a value is infinite");
            goto done;
        }
        if (!isnan(x[i]) && !isnan(y[i])) {
            px[*used] = x[i];
            py[(*used)++] = y[i];
        }
    }
    if (*used < 3) {
        goto done;
    }
    double count = (double)*used;
    pair_moments m = moments_of(*used, px, py);
    if (is_constant(m.xx, m.mean_x, *used) ||
        is_constant(m.yy, m.mean_y, *used)) {
        goto done;
    }
    double width = 1.06 * sqrt(m.xx / (count - 1)) * pow(count, -0.2);
    cap_sum explained = {0, 0};
    for (size_t i = 0; i < *used; i++) {
        double d = local_line(*used, px, py, px[i], width) - m.mean_y;
        cap_sum_add(&explained, d * d);
    }
    *correlation = m.xy / sqrt(m.xx * m.yy);
    *ratio = cap_sum_value(&explained) / m.yy;
    *ratio = *ratio > 1 ? 1 : *ratio;

done:
    cap_free(pairs);
    return status;
}
