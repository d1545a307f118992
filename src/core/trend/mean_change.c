/* The change of a weighted mean between two editions, with a standard error
 * that keeps the covariance of the same units. */
#include "base/fp.h"
#include "core/trend/mean_change.h"

#include <math.h>

#include "core/index/interval.h"
#include "core/index/regions.h"
#include "base/sum.h"

static double users_at(const double *u, size_t i)
{
    return u == NULL ? 1 : u[i];
}

cap_status cap_ends_check(const cap_ends *ends, cap_error *err)
{
    for (size_t i = 0; i < ends->n; i++) {
        if (isinf(ends->x_from[i]) || isinf(ends->x_to[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is infinite");
        }
        double u0 = users_at(ends->u_from, i), u1 = users_at(ends->u_to, i);
        if (u0 < 0 || u1 < 0 || u0 > CAP_MOST_USERS || u1 > CAP_MOST_USERS) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "users must be from 0 to 1e100");
        }
    }
    return CAP_OK;
}

static int counts(const cap_ends *e, const int *group, int which, size_t i)
{
    return (group == NULL || group[i] == which) && !isnan(e->x_from[i]) &&
           !isnan(e->x_to[i]) && users_at(e->u_from, i) > 0 &&
           users_at(e->u_to, i) > 0;
}

/* A mean of the units that count: its users, value and effective number. */
typedef struct {
    double users, mean, n_eff;
} weighted;

static weighted mean_at(const cap_ends *e, const int *group, int which,
                        const double *x, const double *u)
{
    cap_sum total = {0, 0}, cross = {0, 0}, squares = {0, 0};
    weighted m;
    for (size_t i = 0; i < e->n; i++) {
        if (counts(e, group, which, i)) {
            cap_sum_add(&total, users_at(u, i));
            cap_sum_add(&cross, users_at(u, i) * x[i]);
        }
    }
    m.users = cap_sum_value(&total);
    m.mean = cap_sum_value(&cross) / m.users;
    for (size_t i = 0; i < e->n; i++) {
        if (counts(e, group, which, i)) {
            double w = users_at(u, i) / m.users;
            cap_sum_add(&squares, w * w);
        }
    }
    m.n_eff = 1 / cap_sum_value(&squares);
    return m;
}

static void vary(const cap_ends *e, const int *group, int which, weighted m0,
                 weighted m1, cap_mean_change *out)
{
    cap_sum from = {0, 0}, to = {0, 0}, change = {0, 0}, cov = {0, 0};
    double n = (double)out->n, factor = n / (n - 1);
    for (size_t i = 0; i < e->n; i++) {
        if (counts(e, group, which, i)) {
            double z0 =
                users_at(e->u_from, i) / m0.users * (e->x_from[i] - m0.mean);
            double z1 =
                users_at(e->u_to, i) / m1.users * (e->x_to[i] - m1.mean);
            cap_sum_add(&from, z0 * z0);
            cap_sum_add(&to, z1 * z1);
            cap_sum_add(&change, (z1 - z0) * (z1 - z0));
            cap_sum_add(&cov, z1 * (z1 - z0));
        }
    }
    out->var_from = factor * cap_sum_value(&from);
    out->var_to = factor * cap_sum_value(&to);
    out->var_change = factor * cap_sum_value(&change);
    out->cov = factor * cap_sum_value(&cov);
}

cap_mean_change cap_change_of_mean(const cap_ends *ends, const int *group,
                                   int which)
{
    cap_mean_change out = {0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    for (size_t i = 0; i < ends->n; i++) {
        out.n += counts(ends, group, which, i) ? 1 : 0;
    }
    if (out.n == 0) {
        return out;
    }
    weighted m0 = mean_at(ends, group, which, ends->x_from, ends->u_from);
    weighted m1 = mean_at(ends, group, which, ends->x_to, ends->u_to);
    out.mean_from = m0.mean;
    out.mean_to = m1.mean;
    out.n_eff = fmin(m0.n_eff, m1.n_eff);
    if (out.n > 1) {
        out.df = cap_mean_df(out.n_eff);
        vary(ends, group, which, m0, m1, &out);
    }
    return out;
}
