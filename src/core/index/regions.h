/* Statistics of groups of units, simple and weighted by internet users. */
#ifndef CAP_REGIONS_H
#define CAP_REGIONS_H

#include "base/status.h"

/* More users than this are a mistake, and their sums could overflow. */
#define CAP_MOST_USERS 1e100

/* One group of one score. NaN where a figure has no value (no unit, no
 * weight, one unit for a standard error). */
typedef struct {
    size_t n;      /* units with a score */
    double mean;   /* simple mean */
    double median; /* quantiles by linear interpolation of the order */
    double q1;     /* statistics at (n - 1) p (Hyndman and Fan 1996, */
    double q3;     /* type 7) */
    double min;
    double max;
    double mean_weighted; /* sum u x / sum u over the units with users */
    double se_weighted;   /* linearised (Taylor) standard error of it */
    double n_eff;         /* Kish's (sum u)^2 / sum u^2 */
    double df;            /* of mean_weighted: n_eff - 1, at least 1 */
    double top_share;     /* largest u / sum u */
    double top_two_share; /* the two largest of them together */
    size_t top;   /* row of the largest; the first of equals; CAP_NOWHERE */
    double users; /* sum u: the users that the mean covers */
    size_t n_without_users; /* units with a score and no, or zero, users */
} cap_group;

/* Statistics of `n_members` rows of one column of scores.
 *   scores   n_rows scores; NaN rows are left out of every figure
 *   users    n_rows weights >= 0, or NULL for none; NaN (unknown) and 0 carry
 *            no weight and are counted in n_without_users
 *   member   rows of the group, in the order that breaks ties of `top`; no row
 *            twice
 * The weighted mean is a ratio; with z_i = u_i (x_i - m) / sum u its variance
 * is n / (n - 1) sum z_i^2 over the n units with users, without a correction
 * for a finite population (Wolter 2007; Lumley 2010; survey::svymean with
 * weights and no clusters). Sums are compensated.
 * CAP_ERR_INPUT for a row out of range, a weight that is negative or above
 * CAP_MOST_USERS, an infinite score. */
cap_status cap_group_statistics(size_t n_rows, const double *scores,
                                const double *users, size_t n_members,
                                const size_t *member, cap_group *group,
                                cap_error *err);

/* The errors of cap_group_statistics(). */
cap_status cap_group_check(size_t n_rows, const double *scores,
                           const double *users, size_t n_members,
                           const size_t *member, cap_error *err);

#endif
