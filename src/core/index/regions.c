/* Means, quartiles and extremes of groups of units, simple and weighted. */
#include "base/fp.h"
#include "core/index/regions.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/allocation.h"
#include "core/index/interval.h"
#include "base/sum.h"

cap_status cap_group_check(size_t n_rows, const double *scores,
                           const double *users, size_t n_members,
                           const size_t *member, cap_error *err)
{
    for (size_t m = 0; m < n_members; m++) {
        size_t i = member[m];
        if (i >= n_rows) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a group has a row that the scores lack");
        }
        if (isinf(scores[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is infinite");
        }
        if (users != NULL && (users[i] < 0 || users[i] > CAP_MOST_USERS)) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "users must be from 0 to 1e100");
        }
    }
    return CAP_OK;
}

static void simple_statistics(size_t n, double *sorted, cap_group *group)
{
    cap_sum total = {0, 0};
    group->n = n;
    if (n == 0) {
        return;
    }
    gsl_sort(sorted, 1, n);
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, sorted[i]);
    }
    group->mean = cap_sum_value(&total) / (double)n;
    group->min = sorted[0];
    group->max = sorted[n - 1];
    group->q1 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.25);
    group->median = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.5);
    group->q3 = gsl_stats_quantile_from_sorted_data(sorted, 1, n, 0.75);
}

static double weight_of(const double *scores, const double *users, size_t i)
{
    return users == NULL || isnan(scores[i]) || isnan(users[i]) ? 0 : users[i];
}

static void weighted_statistics(const double *scores, const double *users,
                                size_t n_members, const size_t *member,
                                cap_group *group)
{
    cap_sum total = {0, 0}, cross = {0, 0}, squares = {0, 0}, z2 = {0, 0};
    double largest = 0, second = 0;
    size_t n = 0;
    for (size_t m = 0; m < n_members; m++) {
        size_t i = member[m];
        double u = weight_of(scores, users, i);
        if (!(u > 0)) {
            group->n_without_users += isnan(scores[i]) ? 0 : 1;
            continue;
        }
        n++;
        cap_sum_add(&total, u);
        cap_sum_add(&cross, u * scores[i]);
        if (u > largest) {
            second = largest;
            largest = u;
            group->top = i;
        } else if (u > second) {
            second = u;
        }
    }
    group->users = cap_sum_value(&total);
    if (n == 0) {
        return;
    }
    group->mean_weighted = cap_sum_value(&cross) / group->users;
    group->top_share = largest / group->users;
    group->top_two_share = (largest + second) / group->users;
    for (size_t m = 0; m < n_members; m++) {
        double u = weight_of(scores, users, member[m]) / group->users;
        if (u > 0) {
            double z = u * (scores[member[m]] - group->mean_weighted);
            cap_sum_add(&squares, u * u);
            cap_sum_add(&z2, z * z);
        }
    }
    group->n_eff = 1 / cap_sum_value(&squares);
    if (n > 1) {
        double count = (double)n;
        group->df = cap_mean_df(group->n_eff);
        group->se_weighted = sqrt(count / (count - 1) * cap_sum_value(&z2));
    }
}

cap_status cap_group_statistics(size_t n_rows, const double *scores,
                                const double *users, size_t n_members,
                                const size_t *member, cap_group *group,
                                cap_error *err)
{
    const cap_group empty = {0,   NAN, NAN, NAN, NAN, NAN,         NAN, NAN,
                             NAN, NAN, NAN, NAN, NAN, CAP_NOWHERE, 0,   0};
    size_t n = 0;
    *group = empty;
    cap_status status =
        cap_group_check(n_rows, scores, users, n_members, member, err);
    if (status != CAP_OK) {
        return status;
    }
    double *sorted = cap_calloc(n_members, sizeof *sorted);
    if (sorted == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a group");
    }
    for (size_t m = 0; m < n_members; m++) {
        if (!isnan(scores[member[m]])) {
            sorted[n++] = scores[member[m]];
        }
    }
    simple_statistics(n, sorted, group);
    weighted_statistics(scores, users, n_members, member, group);
    cap_free(sorted);
    return CAP_OK;
}
