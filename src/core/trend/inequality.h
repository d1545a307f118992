/* How unequal scores are, and how much of it lies between groups. */
#ifndef CAP_INEQUALITY_H
#define CAP_INEQUALITY_H

#include "base/status.h"

/* total = between + within + overlap; overlap is 0 but for the Gini. */
typedef struct {
    double total;
    double between;
    double within;
    double overlap;
} cap_split;

typedef struct {
    size_t n; /* units that count */
    double mean;
    cap_split theil; /* GE(1) */
    cap_split mld;   /* GE(0); NaN where a score is 0 */
    cap_split ge2;   /* half the squared coefficient of variation */
    cap_split gini;
    double cv; /* coefficient of variation, divisor sum u: sqrt(2 GE(2)) */
} cap_inequality;

/* Indices of n scores x >= 0 with weights u over a partition into groups.
 * With w = u / sum u, m = sum w x, and S_r = sum of w x / m in group r, W_r
 * its sum of w, m_r its mean:
 *   Theil  sum w (x/m) ln(x/m) = sum S_r ln(m_r/m) + sum S_r T_r; a score of 0
 *          has the limit 0
 *   MLD    sum w ln(m/x)       = sum W_r ln(m/m_r) + sum W_r L_r
 *   GE(2)  sum w ((x/m)^2 - 1)/2 = sum W_r ((m_r/m)^2 - 1)/2
 *          + sum W_r (m_r/m)^2 E_r
 *   Gini   sum sum w_i w_j |x_i - x_j| / 2m: between, the Gini of the groups'
 *          means with weights W_r; within, sum W_r S_r G_r; overlap, what is
 *          left because groups overlap, >= 0
 * (Theil 1967; Shorrocks, Econometrica 48, 1980; Bhattacharya and Mahalanobis,
 * JASA 62, 1967.) All are the same for any scale of x or u. Sums are
 * compensated; total, between and within are computed apart.
 *   group   n numbers below n_groups
 *   u       n weights, or NULL for one each; units with a NaN score or weight,
 *           or weight 0, do not count
 * All is NaN without a unit or where the mean is 0.
 * CAP_ERR_INPUT for a score that is negative or infinite, a weight below 0 or
 * above CAP_MOST_USERS, a group out of range. */
cap_status cap_inequality_split(size_t n, const double *x, const double *u,
                                size_t n_groups, const size_t *group,
                                cap_inequality *result, cap_error *err);

#endif
