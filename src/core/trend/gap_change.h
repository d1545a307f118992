/* The gap between two groups of units, and whether it closes. */
#ifndef CAP_GAP_CHANGE_H
#define CAP_GAP_CHANGE_H

#include "base/status.h"

/* Weighted mean of the group less that of the rest, at both ends, over the
 * units that are present at both (a score, and users above 0). */
typedef struct {
    size_t n_group, n_rest;
    double gap_from, gap_to, change;
    double se_from, se_to, se_change;
    double cov; /* of gap_to with change */
    double df;  /* Welch and Satterthwaite, by Kish's effective numbers */
} cap_gap;

/* With m = sum u x / sum u and z_i = u_i (x_i - m) / sum u of a group at one
 * end, a variance is n/(n-1) sum z_i^2, that of the change of m has
 * z_i(to) - z_i(from), so that the covariance of the same units is kept, and
 * groups are independent (Wolter 2007; Lumley 2010). A group's degrees of
 * freedom are its n_eff - 1, at least 1, n_eff the lesser of (sum u)^2 /
 * sum u^2 at the two ends.
 *   x_from, x_to  n scores; NaN is absent
 *   u_from, u_to  n weights, or NULL for one each; NaN and 0 are absent
 *   group         n: 1 for the group, 0 for the rest, -1 for neither
 * NaN where a group has no unit; no standard error with one unit in a group.
 * CAP_ERR_INPUT for an infinite score, users below 0 or above CAP_MOST_USERS.
 */
cap_status cap_gap_change(size_t n, const double *x_from, const double *x_to,
                          const double *u_from, const double *u_to,
                          const int *group, cap_gap *result, cap_error *err);

typedef enum {
    CAP_FIELLER_BOUNDED = 0, /* from low to high */
    CAP_FIELLER_OUTSIDE,     /* below low and above high */
    CAP_FIELLER_ALL          /* any ratio agrees with the data */
} cap_fieller_set;

/* The set of ratios a / b that agree with two estimates at the quantile t:
 * (a - ratio b)^2 <= t^2 (vaa - 2 ratio vab + ratio^2 vbb) (Fieller, JRSS B
 * 16, 1954). low and high are NaN for CAP_FIELLER_ALL. CAP_ERR_INPUT for a
 * value that is not finite, CAP_ERR_NUMERIC where a and b are known to be 0.
 */
cap_status cap_fieller(double a, double b, double vaa, double vab, double vbb,
                       double t, double *low, double *high,
                       cap_fieller_set *set, cap_error *err);

/* The standard error of the change where each unit's score has an error of its
 * own too, of standard deviation sd: sqrt(se_change^2 + sd^2 (1 / n_group +
 * 1 / n_rest)). */
double cap_gap_error(const cap_gap *gap, double sd);

typedef struct {
    double years;     /* from the later edition; Inf for never */
    double low, high; /* its interval; Inf for no end */
} cap_closing;

/* When the gap is 0 at the pace of its change, which took `years`: the ratio
 * -gap_to / (change / years) with Fieller's interval at the t of `conf`, cut
 * to the time to come. A gap that widens never closes; an interval wholly in
 * the past says that it never does. Where the change may be 0 the interval has
 * no end. All is NaN without a change, low and high without a standard error
 * and where the change is known to be 0. Errors as of cap_fieller(). */
cap_status cap_gap_closing(const cap_gap *gap, double years, double conf,
                           cap_closing *result, cap_error *err);

#endif
