/* Quantiles of values and of counts. */
#ifndef CAP_QUANTILE_H
#define CAP_QUANTILE_H

#include <stddef.h>

#include "base/status.h"
#include "base/tolerance.h"

/* Quantiles of the n values of x that are not NaN, by linear interpolation of
 * the order statistics at (n - 1) p (Hyndman and Fan, The American
 * Statistician 50, 1996, type 7). NaN without a value. CAP_ERR_INPUT for a p
 * not from 0 to 1, and for an infinite value (err->row). */
cap_status cap_quantiles(size_t n, const double *x, size_t n_p,
                         const double *p, double *q, cap_error *err);

/* The median of absolute deviations from the median, without a factor; NaN
 * without a value. Errors as of cap_quantiles(). */
cap_status cap_median_deviation(size_t n, const double *x, double *deviation,
                                cap_error *err);

/* The first of n classes, in order, up to which a share p of all counts lies
 * (Hyndman and Fan's type 1: no interpolation). CAP_NOWHERE where there is no
 * count, or a count or p is NaN. */
size_t cap_count_quantile(size_t n, const double *count, double p);

/* The same of n values in order that count 1 each: the position from 0. */
size_t cap_order_quantile(size_t n, double p);

#endif
