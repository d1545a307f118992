/* What weights really do: how the index goes with each of its items. */
#ifndef CAP_IMPORTANCE_H
#define CAP_IMPORTANCE_H

#include <stddef.h>

#include "base/status.h"

/* Pearson's correlation of x and y, and the correlation ratio of y on x: the
 * share of the variance of y that a function of x explains,
 * eta^2 = sum (m(x_i) - mean)^2 / sum (y_i - mean)^2, with m a local linear
 * fit by a Gaussian kernel of bandwidth 1.06 s n^(-1/5) (Silverman 1986), s
 * the standard deviation of x; clipped to 1. It is the first-order variance
 * share of x (Paruolo, Saisana and Saltelli, JRSS A 176, 2013). n      pairs;
 * those with a NaN are left out used   pairs that were used Both results are
 * NaN with fewer than three pairs, or when x or y is constant. CAP_ERR_INPUT
 * for infinite values. */
cap_status cap_profile_pair(size_t n, const double *x, const double *y,
                            double *correlation, double *ratio, size_t *used,
                            cap_error *err);

#endif
