/* Intervals and p-values of estimates with a standard error: Student's t, and
 * the normal distribution as its limit. */
#ifndef CAP_INTERVAL_H
#define CAP_INTERVAL_H

#include <stddef.h>

#include "base/status.h"

/* Below this share of a figure a standard error is rounding. */
#define CAP_NO_SCATTER 1e-10

/* P(T > t) of Student's t, to 1e-12 of itself at least where it is above
 * 1e-50. `df` above 0; Inf is the normal distribution. NaN for a NaN, or a df
 * of 0 or less. GSL's own tail loses up to 1e-6 of itself from 30 to 1,000
 * degrees of freedom, so that it comes from the incomplete beta function
 * (Abramowitz and Stegun 1964, 26.7.1). */
double cap_t_tail(double t, double df);

/* The t beyond which a share (1 - conf) / 2 lies on each side, to 1e-13 of
 * itself; errors as of cap_t_tail(), and NaN for a conf not between 0 and 1.
 */
double cap_t_reach(double conf, double df);

typedef struct {
    double low, high; /* of the interval */
    double t;         /* estimate / se; infinite for an se of 0 */
    double p;         /* that T is as far from 0, two-sided */
} cap_t_figures;

/* The interval estimate -+ reach se, and the test that the estimate is 0.
 * Where the standard error is not above CAP_NO_SCATTER of `size`, the largest
 * of the figures that the estimate was computed from, nothing scatters: the
 * interval is what it is (a point for an se of 0) and p is NaN, since p = 0
 * would be arithmetic, not evidence. All is NaN where the estimate, se or df
 * is NaN or df is 0 or less, and where se is below 0 or infinite. */
cap_t_figures cap_t_interval(double estimate, double se, double df,
                             double conf, double size);

/* Degrees of freedom of a mean over units of which n_eff count: n_eff - 1, at
 * least 1. */
double cap_mean_df(double n_eff);

/* Standard error of a share p of n independent draws, sqrt(p (1 - p) / n);
 * NaN for no draw, a NaN, or a p not from 0 to 1. */
double cap_share_error(double p, double n);

#endif
