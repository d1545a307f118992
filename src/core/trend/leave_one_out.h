/* The unit on which a weighted mean hangs most. */
#ifndef CAP_LEAVE_ONE_OUT_H
#define CAP_LEAVE_ONE_OUT_H

#include "base/status.h"

typedef struct {
    size_t top;       /* row whose removal moves the mean most; the first of
                         equals; CAP_NOWHERE where fewer than two rows count */
    double mean;      /* with every unit */
    double without;   /* without that one */
    double influence; /* mean - without = u (x - mean) / (sum u - u) */
} cap_influence;

/* Of the mean sum u x / sum u of `n_members` rows of n scores; arguments and
 * errors as those of cap_group_statistics(), users NULL for one each (the
 * simple mean). Rows without a score or users do not count. NaN where fewer
 * than two rows count (the jackknife's leave-one-out; Miller 1974). */
cap_status cap_group_influence(size_t n_rows, const double *scores,
                               const double *users, size_t n_members,
                               const size_t *member, cap_influence *result,
                               cap_error *err);

#endif
