/* Gini and entropy indices of scores, and their parts between and within
 * groups. */
#include "base/fp.h"
#include "core/trend/inequality.h"

#include <math.h>
#include <stdlib.h>

#include "base/allocation.h"
#include "core/index/regions.h"
#include "base/sum.h"

typedef struct {
    double x; /* share of the overall mean: x / m */
    double w; /* share of the weight */
    size_t group;
} unit;

static int by_score(const void *a, const void *b)
{
    double x = ((const unit *)a)->x, y = ((const unit *)b)->x;
    return (x > y) - (x < y);
}

static int by_group(const void *a, const void *b)
{
    const unit *p = a, *q = b;
    if (p->group != q->group) {
        return p->group < q->group ? -1 : 1;
    }
    return by_score(a, b);
}

static cap_status collect(size_t n, const double *x, const double *u,
                          size_t n_groups, const size_t *group, unit *units,
                          size_t *used, cap_error *err)
{
    *used = 0;
    for (size_t i = 0; i < n; i++) {
        double w = u == NULL ? 1 : u[i];
        if (x[i] < 0 || isinf(x[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "scores must be numbers from 0 up");
        }
        if (w < 0 || w > CAP_MOST_USERS) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "users must be from 0 to 1e100");
        }
        if (group[i] >= n_groups) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a group is out of range");
        }
        if (!isnan(x[i]) && w > 0) {
            unit one = {x[i], w, group[i]};
            units[(*used)++] = one;
        }
    }
    return CAP_OK;
}

/* Shares of the mean and of the weight; returns the mean. */
static double scale_units(size_t n, unit *units)
{
    cap_sum weight = {0, 0}, cross = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&weight, units[i].w);
    }
    for (size_t i = 0; i < n; i++) {
        units[i].w /= cap_sum_value(&weight);
        cap_sum_add(&cross, units[i].w * units[i].x);
    }
    double mean = cap_sum_value(&cross);
    for (size_t i = 0; i < n && mean > 0; i++) {
        units[i].x /= mean;
    }
    return mean;
}

/* Sums over units of one run, of which W is the weight and M the mean (in
 * shares of the whole); each is divided by what its group counts. */
typedef struct {
    double weight, mean;
    double theil, mld, ge2, gini;
} run_figures;

static run_figures measure(size_t n, const unit *units)
{
    run_figures f = {0, 0, 0, 0, 0, 0};
    cap_sum weight = {0, 0}, cross = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&weight, units[i].w);
        cap_sum_add(&cross, units[i].w * units[i].x);
    }
    f.weight = cap_sum_value(&weight);
    f.mean = f.weight > 0 ? cap_sum_value(&cross) / f.weight : 0;
    if (!(f.mean > 0)) {
        f.mld = n > 0 ? NAN : 0;
        return f;
    }
    cap_sum theil = {0, 0}, mld = {0, 0}, ge2 = {0, 0}, gini = {0, 0};
    cap_sum before = {0, 0}, total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double w = units[i].w / f.weight, y = units[i].x / f.mean;
        double gap = y - 1;
        cap_sum_add(&theil, y > 0 ? w * y * log(y) : 0);
        cap_sum_add(&mld, y > 0 ? -w * log(y) : NAN);
        cap_sum_add(&ge2, w * gap * gap / 2);
        cap_sum_add(&gini, w * y * cap_sum_value(&before));
        cap_sum_add(&gini, -w * cap_sum_value(&total));
        cap_sum_add(&before, w);
        cap_sum_add(&total, w * y);
    }
    f.theil = cap_sum_value(&theil);
    f.mld = cap_sum_value(&mld);
    f.ge2 = cap_sum_value(&ge2);
    f.gini = cap_sum_value(&gini);
    return f;
}

/* `units` in order of group, then score. `means` gets a unit a group: what the
 * index between groups is computed from. */
static void split_within(size_t n, const unit *units, unit *means,
                         size_t *n_means, cap_inequality *to)
{
    cap_sum theil = {0, 0}, mld = {0, 0}, ge2 = {0, 0}, gini = {0, 0};
    *n_means = 0;
    for (size_t from = 0, end; from < n; from = end) {
        for (end = from; end < n && units[end].group == units[from].group;
             end++) {
        }
        run_figures f = measure(end - from, units + from);
        double share = f.weight * f.mean;
        cap_sum_add(&theil, share * f.theil);
        cap_sum_add(&mld, f.weight * f.mld);
        cap_sum_add(&ge2, share * f.mean * f.ge2);
        cap_sum_add(&gini, f.weight * share * f.gini);
        unit one = {f.mean, f.weight, 0};
        means[(*n_means)++] = one;
    }
    to->theil.within = cap_sum_value(&theil);
    to->mld.within = cap_sum_value(&mld);
    to->ge2.within = cap_sum_value(&ge2);
    to->gini.within = cap_sum_value(&gini);
}

cap_status cap_inequality_split(size_t n, const double *x, const double *u,
                                size_t n_groups, const size_t *group,
                                cap_inequality *result, cap_error *err)
{
    const cap_split none = {NAN, NAN, NAN, NAN};
    cap_inequality to = {0, NAN, none, none, none, none, NAN};
    size_t n_means = 0;
    *result = to;
    unit *units = cap_calloc(n, sizeof *units);
    unit *means = cap_calloc(n, sizeof *means);
    cap_status status = CAP_OK;
    if (units == NULL || means == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for scores");
        goto done;
    }
    status = collect(n, x, u, n_groups, group, units, &to.n, err);
    if (status != CAP_OK || to.n == 0) {
        goto done;
    }
    to.mean = scale_units(to.n, units);
    if (to.mean > 0) {
        qsort(units, to.n, sizeof *units, by_score);
        run_figures all = measure(to.n, units);
        qsort(units, to.n, sizeof *units, by_group);
        split_within(to.n, units, means, &n_means, &to);
        qsort(means, n_means, sizeof *means, by_score);
        run_figures between = measure(n_means, means);
        to.theil.total = all.theil;
        to.theil.between = between.theil;
        to.mld.total = all.mld;
        to.mld.between = isnan(all.mld) ? NAN : between.mld;
        to.ge2.total = all.ge2;
        to.cv = sqrt(2 * all.ge2);
        to.ge2.between = between.ge2;
        to.gini.total = all.gini;
        to.gini.between = between.gini;
        to.theil.overlap = to.ge2.overlap = 0;
        to.mld.overlap = isnan(all.mld) ? NAN : 0;
        double overlap = all.gini - between.gini - to.gini.within;
        to.gini.overlap = overlap < 0 ? 0 : overlap;
    }
    *result = to;

done:
    cap_free(means);
    cap_free(units);
    return status;
}
