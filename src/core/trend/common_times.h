/* Two series of scores, brought to common times. */
#ifndef CAP_COMMON_TIMES_H
#define CAP_COMMON_TIMES_H

#include "base/status.h"

/* Scores of n units at n_times times, at other times.
 *   time      n_times, rising
 *   x         n x n_times, column-major; NaN is missing
 *   at        n_at times
 *   value     n x n_at: the score at its own time, else on the line between
 *             the unit's nearest earlier and later scores; NaN outside them
 *   variance  n x n_at: 0 at the unit's own scores, else what interpolation
 *             does not know, the variance of a Brownian bridge, s2 d e /
 *             (d + e) at d years from one score and e from the other
 *   per_year  s2, the variance of a year's change: over adjacent times of x,
 *             sum of (dx - mean dx)^2 / gap over units, divided by the sum of
 *             (units - 1). Taking out the mean leaves changes of method that
 *             all units share out of it. NaN without two units that change.
 * CAP_ERR_INPUT for times that do not rise or are not finite, or an infinite
 * score. */
cap_status cap_series_at(size_t n, size_t n_times, const double *time,
                         const double *x, size_t n_at, const double *at,
                         double *value, double *variance, double *per_year,
                         cap_error *err);

/* Standardises the pairs of two columns, each to mean 0 and standard deviation
 * 1 (divisor used - 1), and gives the standard deviation of zx - zy and the
 * two that were taken out. Units without both get NaN. A constant column, or
 * fewer than two pairs, gives NaN everywhere. CAP_ERR_INPUT for an infinite
 * score. */
cap_status cap_series_standardise(size_t n, const double *x, const double *y,
                                  double *zx, double *zy, double *sd_x,
                                  double *sd_y, double *sd_difference,
                                  cap_error *err);

#endif
