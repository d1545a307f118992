/* Student's t: tails, quantiles, intervals.
 *
 * The tail is half the regularised incomplete beta function, taken from its
 * small end so that no digits cancel. GSL's t distribution is used where its
 * expansion is the better of the two, from 1,000 degrees of freedom on. The
 * quantile starts from GSL's and takes Newton steps on that tail. */
#include "base/fp.h"
#include "core/index/interval.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

static const double many_df = 1000;

static double tail_of(double t, double df) /* t >= 0, finite df */
{
    if (df > many_df) {
        return gsl_cdf_tdist_Q(t, df);
    }
    double square = t * t;
    return square < df
               ? gsl_cdf_beta_Q(square / (df + square), 0.5, df / 2) / 2
               : gsl_cdf_beta_P(1 / (1 + square / df), df / 2, 0.5) / 2;
}

double cap_t_tail(double t, double df)
{
    if (isnan(t) || !(df > 0)) {
        return NAN;
    }
    if (isinf(t)) {
        return t > 0 ? 0 : 1;
    }
    if (isinf(df)) {
        return gsl_cdf_ugaussian_Q(t);
    }
    return t < 0 ? 1 - tail_of(-t, df) : tail_of(t, df);
}

double cap_t_reach(double conf, double df)
{
    if (!(conf > 0 && conf < 1) || !(df > 0)) {
        return NAN;
    }
    double beyond = (1 - conf) / 2;
    if (isinf(df)) {
        return gsl_cdf_ugaussian_Qinv(beyond);
    }
    double t = gsl_cdf_tdist_Qinv(beyond, df);
    for (int step = 0; step < 2; step++) {
        t += (tail_of(t, df) - beyond) / gsl_ran_tdist_pdf(t, df);
    }
    return t;
}

cap_t_figures cap_t_interval(double estimate, double se, double df,
                             double conf, double size)
{
    cap_t_figures out = {NAN, NAN, NAN, NAN};
    double reach = cap_t_reach(conf, df);
    if (isnan(estimate) || isnan(reach) || !(se >= 0) || isinf(se)) {
        return out;
    }
    out.low = estimate - reach * se;
    out.high = estimate + reach * se;
    out.t = estimate / se;
    if (se > CAP_NO_SCATTER * fabs(size)) {
        out.p = 2 * cap_t_tail(fabs(out.t), df);
    }
    return out;
}

double cap_mean_df(double n_eff) { return fmax(n_eff - 1, 1); }

double cap_share_error(double p, double n)
{
    return p >= 0 && p <= 1 && n > 0 ? sqrt(p * (1 - p) / n) : NAN;
}
