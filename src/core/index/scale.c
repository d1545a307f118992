/* Keys, bounds and ties of scores on the scale of their index. */
#include "base/fp.h"
#include "core/index/scale.h"

#include <math.h>
#include <stdlib.h>

#include "base/allocation.h"

cap_scale cap_scale_of(double max)
{
    double unit = 100 / max;
    return (cap_scale){max > 0 && unit > 0 && isfinite(unit) ? unit : 0};
}

int64_t cap_rank_key(cap_scale scale, double score)
{
    return (int64_t)floor(100 * scale.unit * score + 0.5 + CAP_HALF_SLACK);
}

double cap_bound_slack(cap_scale scale)
{
    return CAP_BOUND_SLACK / scale.unit;
}

double cap_tie_gap(cap_scale scale, size_t n, const double *values)
{
    if (cap_scale_has_max(scale)) {
        return CAP_SCORE_TIE / scale.unit;
    }
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        double size = fabs(values[i]);
        largest = size > largest ? size : largest; /* not NaN */
    }
    return CAP_VALUE_TIE * largest;
}

typedef struct {
    double value;
    size_t at;
} placed_value;

static int compare_values(const void *a, const void *b)
{
    double x = ((const placed_value *)a)->value;
    double y = ((const placed_value *)b)->value;
    return (x > y) - (x < y);
}

cap_status cap_settle_ties(size_t n, const double *values, double gap,
                           double *out, cap_error *err)
{
    size_t known = 0;
    placed_value *sorted = cap_calloc(n, sizeof *sorted);
    if (sorted == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for ties");
    }
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i])) {
            out[i] = values[i];
        } else {
            sorted[known++] = (placed_value){values[i], i};
        }
    }
    qsort(sorted, known, sizeof *sorted, compare_values);
    for (size_t k = 0; k < known; k++) {
        int tied = k > 0 && sorted[k].value - sorted[k - 1].value <= gap;
        out[sorted[k].at] = tied ? out[sorted[k - 1].at] : sorted[k].value;
    }
    cap_free(sorted);
    return CAP_OK;
}
