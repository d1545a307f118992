/* The one rounding rule: halves up, those that binary numbers just miss too.
 */
#ifndef CAP_ROUNDING_H
#define CAP_ROUNDING_H

#include <math.h>

#include "base/tolerance.h"

/* floor(x + 0.5 + 1e-7). */
static inline double cap_round_half_up(double x)
{
    return floor(x + 0.5 + CAP_HALF_SLACK);
}

/* A number as printed: rounded to `digits` decimals (below 0: to tens,
 * hundreds, ...), halves away from zero. NaN and infinite numbers stay. */
static inline double cap_round_decimals(double x, int digits)
{
    if (isnan(x)) {
        return x;
    }
    double power = pow(10, digits);
    return copysign(cap_round_half_up(fabs(x) * power) / power, x);
}

#endif
