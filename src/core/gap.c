#include "fp.h"
#include "gap.h"

#include <math.h>

#include "regions.h"
#include "sum.h"

typedef struct {
    size_t n;
    const double *x_from, *x_to, *u_from, *u_to;
    const int *group;
} ends;

/* One side of the gap. */
typedef struct {
    size_t n;
    double users[2], mean[2], n_eff;
    double var[2], var_change, cov;
} side;

static double users_at(const double *u, size_t i)
{
    return u == NULL ? 1 : u[i];
}

static int counts(const ends *e, size_t i, int which)
{
    return e->group[i] == which && !isnan(e->x_from[i]) &&
           !isnan(e->x_to[i]) && users_at(e->u_from, i) > 0 &&
           users_at(e->u_to, i) > 0;
}

static void total_side(const ends *e, int which, side *s)
{
    const double *x[2] = {e->x_from, e->x_to}, *u[2] = {e->u_from, e->u_to};
    for (int end = 0; end < 2; end++) {
        cap_sum total = {0, 0}, cross = {0, 0}, squares = {0, 0};
        s->n = 0;
        for (size_t i = 0; i < e->n; i++) {
            if (counts(e, i, which)) {
                s->n++;
                cap_sum_add(&total, users_at(u[end], i));
                cap_sum_add(&cross, users_at(u[end], i) * x[end][i]);
            }
        }
        s->users[end] = cap_sum_value(&total);
        s->mean[end] = cap_sum_value(&cross) / s->users[end];
        for (size_t i = 0; i < e->n; i++) {
            if (counts(e, i, which)) {
                double w = users_at(u[end], i) / s->users[end];
                cap_sum_add(&squares, w * w);
            }
        }
        double n_eff = 1 / cap_sum_value(&squares);
        s->n_eff = end == 0 ? n_eff : fmin(s->n_eff, n_eff);
    }
}

static void vary_side(const ends *e, int which, side *s)
{
    cap_sum from = {0, 0}, to = {0, 0}, change = {0, 0}, cov = {0, 0};
    double n = (double)s->n, factor = s->n > 1 ? n / (n - 1) : NAN;
    for (size_t i = 0; i < e->n; i++) {
        if (counts(e, i, which)) {
            double z0 = users_at(e->u_from, i) / s->users[0] *
                        (e->x_from[i] - s->mean[0]);
            double z1 =
                users_at(e->u_to, i) / s->users[1] * (e->x_to[i] - s->mean[1]);
            cap_sum_add(&from, z0 * z0);
            cap_sum_add(&to, z1 * z1);
            cap_sum_add(&change, (z1 - z0) * (z1 - z0));
            cap_sum_add(&cov, z1 * (z1 - z0));
        }
    }
    s->var[0] = factor * cap_sum_value(&from);
    s->var[1] = factor * cap_sum_value(&to);
    s->var_change = factor * cap_sum_value(&change);
    s->cov = factor * cap_sum_value(&cov);
}

static cap_status check_ends(const ends *e, cap_error *err)
{
    for (size_t i = 0; i < e->n; i++) {
        if (isinf(e->x_from[i]) || isinf(e->x_to[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is infinite");
        }
        double u0 = users_at(e->u_from, i), u1 = users_at(e->u_to, i);
        if (u0 < 0 || u1 < 0 || u0 > CAP_MOST_USERS || u1 > CAP_MOST_USERS) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "users must be from 0 to 1e100");
        }
    }
    return CAP_OK;
}

/* The two variances' own degrees of freedom as one (Welch 1947). */
static double welch(const side *a, const side *b)
{
    double total = a->var_change + b->var_change;
    double below = a->var_change * a->var_change / fmax(a->n_eff - 1, 1) +
                   b->var_change * b->var_change / fmax(b->n_eff - 1, 1);
    if (below > 0) {
        return total * total / below;
    }
    return fmax(fmin(a->n_eff, b->n_eff) - 1, 1); /* no variance at all */
}

cap_status cap_gap_change(size_t n, const double *x_from, const double *x_to,
                          const double *u_from, const double *u_to,
                          const int *group, cap_gap *result, cap_error *err)
{
    ends e = {n, x_from, x_to, u_from, u_to, group};
    cap_gap gap = {0, 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    side s[2];
    *result = gap;
    cap_status status = check_ends(&e, err);
    if (status != CAP_OK) {
        return status;
    }
    for (int which = 0; which < 2; which++) {
        total_side(&e, which, &s[which]);
        vary_side(&e, which, &s[which]);
    }
    gap.n_rest = s[0].n;
    gap.n_group = s[1].n;
    if (gap.n_rest > 0 && gap.n_group > 0) {
        gap.gap_from = s[1].mean[0] - s[0].mean[0];
        gap.gap_to = s[1].mean[1] - s[0].mean[1];
        gap.change = gap.gap_to - gap.gap_from;
        gap.se_from = sqrt(s[0].var[0] + s[1].var[0]);
        gap.se_to = sqrt(s[0].var[1] + s[1].var[1]);
        gap.se_change = sqrt(s[0].var_change + s[1].var_change);
        gap.cov = s[0].cov + s[1].cov;
        gap.df = isnan(gap.se_change) ? NAN : welch(&s[0], &s[1]);
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
