#include "base/fp.h"
#include "core/trend/gap_change.h"

#include <math.h>

#include "core/trend/mean_change.h"

/* The two variances' own degrees of freedom as one (Welch 1947). */
static double welch(const cap_mean_change *a, const cap_mean_change *b)
{
    double total = a->var_change + b->var_change;
    double below = a->var_change * a->var_change / a->df +
                   b->var_change * b->var_change / b->df;
    if (below > 0) {
        return total * total / below;
    }
    return fmin(a->df, b->df); /* no variance at all */
}

cap_status cap_gap_change(size_t n, const double *x_from, const double *x_to,
                          const double *u_from, const double *u_to,
                          const int *group, cap_gap *result, cap_error *err)
{
    cap_ends ends = {n, x_from, x_to, u_from, u_to};
    cap_gap gap = {0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    *result = gap;
    cap_status status = cap_ends_check(&ends, err);
    if (status != CAP_OK) {
        return status;
    }
    cap_mean_change one = cap_change_of_mean(&ends, group, 1);
    cap_mean_change rest = cap_change_of_mean(&ends, group, 0);
    gap.n_group = one.n;
    gap.n_rest = rest.n;
    if (rest.n > 0 && one.n > 0) {
        gap.gap_from = one.mean_from - rest.mean_from;
        gap.gap_to = one.mean_to - rest.mean_to;
        gap.change = gap.gap_to - gap.gap_from;
        gap.se_from = sqrt(rest.var_from + one.var_from);
        gap.se_to = sqrt(rest.var_to + one.var_to);
        gap.se_change = sqrt(rest.var_change + one.var_change);
        gap.cov = rest.cov + one.cov;
        gap.df = isnan(gap.se_change) ? NAN : welch(&rest, &one);
    }
    *result = gap;
    return CAP_OK;
}

cap_status cap_fieller(double a, double b, double vaa, double vab, double vbb,
                       double t, double *low, double *high,
                       cap_fieller_set *set, cap_error *err)
{
    *low = *high = NAN;
    *set = CAP_FIELLER_ALL;
    if (!isfinite(a) || !isfinite(b) || !isfinite(vaa) || !isfinite(vab) ||
        !isfinite(vbb) || !isfinite(t) || vaa < 0 || vbb < 0 || t < 0) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "a ratio needs finite estimates and variances");
    }
    /* square * ratio^2 - 2 * half * ratio + rest <= 0 */
    double square = b * b - t * t * vbb, half = a * b - t * t * vab;
    double rest = a * a - t * t * vaa, inside = half * half - square * rest;
    double scale = b * b + t * t * vbb;
    if (!(scale > 0)) {
        return cap_fail(err, CAP_ERR_NUMERIC, "a ratio to nothing");
    }
    if (fabs(square) <= 1e-14 * scale) {
        return CAP_OK; /* the edge: one-sided, and wide; said to be all */
    }
    if (square < 0 && inside < 0) {
        return CAP_OK;
    }
    double root = sqrt(inside < 0 ? 0 : inside);
    double first = (half - root) / square, second = (half + root) / square;
    *set = square > 0 ? CAP_FIELLER_BOUNDED : CAP_FIELLER_OUTSIDE;
    *low = fmin(first, second);
    *high = fmax(first, second);
    return CAP_OK;
}
