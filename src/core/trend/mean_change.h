/* The change of a weighted mean between two editions of the same units. */
#ifndef CAP_MEAN_CHANGE_H
#define CAP_MEAN_CHANGE_H

#include "base/status.h"

/* Scores and users of n units at two editions. */
typedef struct {
    size_t n;
    const double *x_from, *x_to; /* NaN is absent */
    const double *u_from, *u_to; /* NULL for one each; NaN and 0 are absent */
} cap_ends;

/* Over the units that are present at both ends: a score, and users above 0.
 * NaN where a figure has no value: means of no unit, variances of one. */
typedef struct {
    size_t n;
    double mean_from, mean_to;
    double var_from, var_to, var_change;
    double cov;   /* of the later mean with the change */
    double n_eff; /* Kish's (sum u)^2 / sum u^2, the lesser of the two ends */
    double df;    /* n_eff - 1, at least 1 */
} cap_mean_change;

/* CAP_ERR_INPUT (err->row) for an infinite score, users below 0 or above
 * CAP_MOST_USERS. */
cap_status cap_ends_check(const cap_ends *ends, cap_error *err);

/* The change of the mean m = sum u x / sum u of the units whose group[] is
 * `which` (all of them for a NULL group), of ends that were checked. With
 * z_i = u_i (x_i - m) / sum u at one end a variance is n/(n-1) sum z_i^2, and
 * that of the change has z_i(to) - z_i(from): the covariance of the same units
 * is kept (Wolter 2007; Lumley 2010). */
cap_mean_change cap_change_of_mean(const cap_ends *ends, const int *group,
                                   int which);

#endif
