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

typedef struct {
    size_t n;     /* pairs */
    double sd;    /* of the differences, as given */
    double added; /* standard deviation of what interpolation does not know,
                     the root of its mean variance, in standard scores */
    double limit; /* of agreement: z sqrt(sd^2 + added^2), z the normal
                     quantile of conf (Bland and Altman, Lancet 327, 1986) */
} cap_series_limit;

/* How far apart two standardised series may be, of n units whose score zx is
 * not NaN.
 *   filled    n: 1 where the other series' score is interpolated, with
 *   variance  n: its variance, on that series' own scale
 *   sd_other, sd_difference  of cap_series_standardise()
 * `added` is 0 where nothing is interpolated, else NaN without a pair; the
 * limit is NaN where sd_difference is, and for a conf not between 0 and 1. */
cap_series_limit cap_limit_of_agreement(size_t n, const double *zx,
                                        const int *filled,
                                        const double *variance,
                                        double sd_other, double sd_difference,
                                        double conf);

#endif
