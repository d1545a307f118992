/* Keys and bounds of scores on the scale of their index. */
#include "base/fp.h"
#include "core/index/scale.h"

#include <math.h>

#include "base/rounding.h"

cap_scale cap_scale_of(double max)
{
    double unit = 100 / max;
    return (cap_scale){max > 0 && unit > 0 && isfinite(unit) ? unit : 0};
}

int64_t cap_rank_key(cap_scale scale, double score)
{
    return (int64_t)cap_round_half_up(100 * scale.unit * score);
}

double cap_bound_slack(cap_scale scale)
{
    return CAP_BOUND_SLACK / scale.unit;
}
