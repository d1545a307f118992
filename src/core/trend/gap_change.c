/* The change of the gap between two groups, its standard error and degrees of
 * freedom, and Fieller's interval of a ratio. */
#include "base/fp.h"
#include "core/trend/gap_change.h"

#include <math.h>

#include "core/index/interval.h"
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

double cap_gap_error(const cap_gap *gap, double sd)
{
    return sqrt(gap->se_change * gap->se_change +
                sd * sd *
                    (1 / (double)gap->n_group + 1 / (double)gap->n_rest));
}

static double years_at_this_pace(const cap_gap *gap, double years)
{
    if (gap->gap_to * gap->change < 0) {
        return -gap->gap_to / gap->change * years;
    }
    return gap->gap_to == 0 ? 0 : INFINITY;
}

/* The part of Fieller's set that is to come, as one interval. */
static void cut_to_the_future(cap_fieller_set set, cap_closing *c)
{
    if (set == CAP_FIELLER_BOUNDED) {
        int past = c->high < 0;
        c->low = past ? INFINITY : fmax(c->low, 0);
        c->high = past ? INFINITY : c->high;
        return;
    }
    int outside = set == CAP_FIELLER_OUTSIDE && c->low < 0 && c->high > 0;
    c->low = outside ? c->high : 0;
    c->high = INFINITY;
}

cap_status cap_gap_closing(const cap_gap *gap, double years, double conf,
                           cap_closing *result, cap_error *err)
{
    cap_closing c = {NAN, NAN, NAN};
    cap_fieller_set set;
    *result = c;
    if (isnan(gap->change)) {
        return CAP_OK;
    }
    c.years = years_at_this_pace(gap, years);
    *result = c;
    double t = cap_t_reach(conf, gap->df), pace = gap->change / years;
    double se = gap->se_change / years;
    if (isnan(t) || isnan(se) || (pace == 0 && se == 0)) {
        return CAP_OK;
    }
    cap_status status =
        cap_fieller(-gap->gap_to, pace, gap->se_to * gap->se_to,
                    -gap->cov / years, se * se, t, &c.low, &c.high, &set, err);
    if (status == CAP_OK) {
        cut_to_the_future(set, &c);
        *result = c;
    }
    return status;
}
