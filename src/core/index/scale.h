/* The scale that scores are compared on: the maximum M of an index's root is
 * 100, so that ranks and tiers are the same whether it was written down as
 * 100, 1 or 0.001. All levels of an index use the maximum of its root. */
#ifndef CAP_SCALE_H
#define CAP_SCALE_H

#include <stdint.h>

#include "base/tolerance.h"

/* `unit` is u = 100 / M, 1 exactly for M = 100; 0 for scores without a
 * maximum (standardised ones). */
typedef struct {
    double unit;
} cap_scale;

/* Of an index whose root has the maximum `max`: above 0 and finite; anything
 * else, NaN say, means that there is none. */
cap_scale cap_scale_of(double max);

static inline int cap_scale_has_max(cap_scale scale) { return scale.unit > 0; }

/* The key on which scores tie: hundredths of u s, halves up,
 * floor(100 u s + 0.5 + 1e-7), for M = 100 the GCI's two printed decimals.
 * `score` must be under 9e13 / u in size; the scale must have a maximum. */
int64_t cap_rank_key(cap_scale scale, double score);

/* Whether a score reaches a bound, u s + 1e-9 >= u b, so that a sum that is 95
 * but for rounding reaches 95. NaN reaches nothing. */
static inline int cap_bound_holds(cap_scale scale, double score, double lower)
{
    return scale.unit * score + CAP_BOUND_SLACK >= scale.unit * lower;
}

/* The same tolerance in points of the scale: s + cap_bound_slack() >= b, for
 * what must be written as one number. The scale must have a maximum. */
double cap_bound_slack(cap_scale scale);

#endif
