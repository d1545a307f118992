/* Finds the unit on which a weighted mean hangs most, and the mean without it.
 */
#include "base/fp.h"
#include "core/trend/leave_one_out.h"

#include <math.h>

#include "core/index/regions.h"
#include "base/sum.h"

static double weight_of(const double *scores, const double *users, size_t i)
{
    double u = users == NULL ? 1 : users[i];
    return isnan(scores[i]) || isnan(u) ? 0 : u;
}

/* The mean of the members but for row `left_out`, CAP_NOWHERE for none. */
static double mean_without(const double *scores, const double *users,
                           size_t n_members, const size_t *member,
                           size_t left_out, size_t *n)
{
    cap_sum total = {0, 0}, cross = {0, 0};
    *n = 0;
    for (size_t m = 0; m < n_members; m++) {
        double u = weight_of(scores, users, member[m]);
        if (u > 0 && member[m] != left_out) {
            (*n)++;
            cap_sum_add(&total, u);
            cap_sum_add(&cross, u * scores[member[m]]);
        }
    }
    return cap_sum_value(&cross) / cap_sum_value(&total);
}

cap_status cap_group_influence(size_t n_rows, const double *scores,
                               const double *users, size_t n_members,
                               const size_t *member, cap_influence *result,
                               cap_error *err)
{
    const cap_influence none = {CAP_NOWHERE, NAN, NAN, NAN};
    size_t n = 0, rest = 0;
    *result = none;
    cap_status status =
        cap_group_check(n_rows, scores, users, n_members, member, err);
    if (status != CAP_OK) {
        return status;
    }
    double mean =
        mean_without(scores, users, n_members, member, CAP_NOWHERE, &n);
    if (n < 2) {
        return CAP_OK;
    }
    result->mean = mean;
    for (size_t m = 0; m < n_members; m++) {
        if (weight_of(scores, users, member[m]) > 0) {
            double without = mean_without(scores, users, n_members, member,
                                          member[m], &rest);
            if (result->top == CAP_NOWHERE ||
                fabs(mean - without) > fabs(result->influence)) {
                result->top = member[m];
                result->without = without;
                result->influence = mean - without;
            }
        }
    }
    return CAP_OK;
}
