/* Tests whether the scores of the same units lie closer together than they
 * did. */
#include "base/fp.h"
#include "core/trend/sigma_convergence.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#include "base/sum.h"
#include "core/index/interval.h"

static double mean_of(size_t n, const double *x, const double *other,
                      size_t *used)
{
    cap_sum total = {0, 0};
    *used = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i]) && !isnan(other[i])) {
            cap_sum_add(&total, x[i]);
            (*used)++;
        }
    }
    return *used > 0 ? cap_sum_value(&total) / (double)*used : NAN;
}

/* Mean product of (from * f + to * t) and (from * g + to * h), centred. */
static double moment(size_t n, const double *from, const double *to,
                     const cap_sigma_convergence *c, const double f[2],
                     const double g[2])
{
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        if (!isnan(from[i]) && !isnan(to[i])) {
            double a = from[i] - c->mean_from, b = to[i] - c->mean_to;
            cap_sum_add(&total, (f[0] * a + f[1] * b) * (g[0] * a + g[1] * b));
        }
    }
    return cap_sum_value(&total) / (double)c->n;
}

/* r of the difference with the sum; a spread below rounding is none. */
static double pitman_morgan(size_t n, const double *from, const double *to,
                            const cap_sigma_convergence *c)
{
    static const double less[2] = {1, -1}, plus[2] = {1, 1};
    double d = moment(n, from, to, c, less, less);
    double s = moment(n, from, to, c, plus, plus);
    double tiny = 1e-24 * (c->var_from + c->var_to);
    if (!(d > tiny) || !(s > tiny)) {
        return 0;
    }
    double r = moment(n, from, to, c, less, plus) / (sqrt(d) * sqrt(s));
    return r > 1 - 1e-14 ? 1 : r < -1 + 1e-14 ? -1 : r;
}

static void test_spread(cap_sigma_convergence *c)
{
    double n = (double)c->n, df = n - 2;
    c->t1 = c->var_from / c->var_to;
    c->p1 = isinf(c->t1) ? 0
                         : 2 * fmin(gsl_cdf_fdist_P(c->t1, df, df),
                                    gsl_cdf_fdist_Q(c->t1, df, df));
    c->p1 = fmin(c->p1, 1);
    c->t2 = -(n - 2.5) * log1p(-c->r * c->r);
    c->slope = c->cov / c->var_from;
    c->t3 = sqrt(n) * (c->t1 - 1) / (2 * sqrt(1 - c->slope * c->slope));
    c->p3 = isfinite(c->t3) ? gsl_cdf_ugaussian_Q(c->t3) : NAN;
    if (!isfinite(c->t3)) {
        c->t3 = NAN;
    }
    c->t = c->r * sqrt(df / (1 - c->r * c->r));
    if (fabs(c->t) <= 1 / CAP_NO_SCATTER) {
        c->p2 = gsl_cdf_chisq_Q(c->t2, 1);
        c->p = 2 * cap_t_tail(fabs(c->t), df);
    }
}

cap_status cap_sigma_convergence_test(size_t n, const double *from,
                                      const double *to,
                                      cap_sigma_convergence *result,
                                      cap_error *err)
{
    static const double first[2] = {1, 0}, last[2] = {0, 1};
    cap_sigma_convergence c = {0,   NAN, NAN, NAN, NAN, NAN, NAN, NAN,
                               NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    *result = c;
    for (size_t i = 0; i < n; i++) {
        if (isinf(from[i]) || isinf(to[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is infinite");
        }
    }
    c.mean_from = mean_of(n, from, to, &c.n);
    c.mean_to = mean_of(n, to, from, &c.n);
    if (c.n > 0) {
        c.var_from = moment(n, from, to, &c, first, first);
        c.var_to = moment(n, from, to, &c, last, last);
        c.cov = moment(n, from, to, &c, first, last);
    }
    if (c.n > 2 && c.var_from + c.var_to > 0) {
        c.r = pitman_morgan(n, from, to, &c);
        test_spread(&c);
    }
    *result = c;
    return CAP_OK;
}
