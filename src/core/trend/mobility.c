/* Counts moves between classes, and correlates two columns with intervals. */
#include "base/fp.h"
#include "core/trend/mobility.h"

#include <gsl/gsl_sort.h>
#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"
#include "core/framework/quantile.h"
#include "core/index/compare.h"
#include "core/index/interval.h"

cap_status cap_transitions(size_t n, size_t k, const size_t *from,
                           const size_t *to, double *count, double *share,
                           double *shorrocks, cap_error *err)
{
    size_t classes = 0;
    double trace = 0;
    for (size_t c = 0; c < k * k; c++) {
        count[c] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        if (from[i] == CAP_NOWHERE || to[i] == CAP_NOWHERE) {
            continue;
        }
        if (from[i] >= k || to[i] >= k) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a class is out of range");
        }
        count[from[i] + to[i] * k]++;
    }
    for (size_t a = 0; a < k; a++) {
        double row = 0;
        for (size_t b = 0; b < k; b++) {
            row += count[a + b * k];
        }
        for (size_t b = 0; b < k; b++) {
            share[a + b * k] = row > 0 ? count[a + b * k] / row : NAN;
        }
        if (row > 0) {
            classes++;
            trace += share[a + a * k];
        }
    }
    *shorrocks =
        classes > 1 ? ((double)classes - trace) / ((double)classes - 1) : NAN;
    return CAP_OK;
}

static int is_pair(const double *x, const double *y, size_t i)
{
    return !isnan(x[i]) && !isnan(y[i]);
}

static double pearson_of(size_t n, const double *x, const double *y,
                         size_t used)
{
    cap_sum sx = {0, 0}, sy = {0, 0}, xx = {0, 0}, yy = {0, 0}, xy = {0, 0};
    for (size_t i = 0; i < n; i++) {
        if (is_pair(x, y, i)) {
            cap_sum_add(&sx, x[i]);
            cap_sum_add(&sy, y[i]);
        }
    }
    double mx = cap_sum_value(&sx) / (double)used;
    double my = cap_sum_value(&sy) / (double)used;
    for (size_t i = 0; i < n; i++) {
        if (is_pair(x, y, i)) {
            double a = x[i] - mx, b = y[i] - my;
            cap_sum_add(&xx, a * a);
            cap_sum_add(&yy, b * b);
            cap_sum_add(&xy, a * b);
        }
    }
    double r = cap_sum_value(&xy) /
               (sqrt(cap_sum_value(&xx)) * sqrt(cap_sum_value(&yy)));
    /* on a line but for rounding */
    return r > 1 - 1e-14 ? 1 : r < -1 + 1e-14 ? -1 : r;
}

static cap_interval fisher(double r, double variance, double z)
{
    cap_interval out = {r, NAN, NAN};
    if (variance > 0 && isfinite(variance) && fabs(r) < 1) {
        double centre = atanh(r), reach = z * sqrt(variance);
        out.low = tanh(centre - reach);
        out.high = tanh(centre + reach);
    }
    return out;
}

cap_status cap_association_test(size_t n, const double *x, const double *y,
                                const double *size, double conf,
                                cap_association *result, cap_error *err)
{
    const cap_interval none = {NAN, NAN, NAN};
    cap_association out = {0, none, none, none};
    cap_agreement ranks;
    *result = out;
    if (!(conf > 0 && conf < 1)) {
        return cap_fail(err, CAP_ERR_INPUT, "confidence must be a share");
    }
    cap_status status = cap_rank_agreement(n, x, y, size, &ranks, err);
    if (status != CAP_OK) {
        return status;
    }
    out.n = ranks.n;
    if (!isnan(ranks.spearman)) { /* two pairs, and neither is constant */
        double z = cap_t_reach(conf, INFINITY);
        double more = (double)ranks.n - 3, s = ranks.spearman;
        out.pearson = fisher(pearson_of(n, x, y, ranks.n), 1 / more, z);
        out.spearman = fisher(s, (1 + s * s / 2) / more, z);
        out.kendall = fisher(ranks.kendall, 0.437 / (more - 1), z);
    }
    *result = out;
    return CAP_OK;
}

static size_t below(size_t n, const double *sorted, double x)
{
    size_t low = 0;
    while (low < n) { /* sorted[0 .. low - 1] < x <= sorted[n] */
        size_t middle = low + (n - low) / 2;
        if (sorted[middle] < x) {
            low = middle + 1;
        } else {
            n = middle;
        }
    }
    return low;
}

cap_status cap_equal_classes(size_t n, const double *x, size_t k,
                             size_t *class, cap_error *err)
{
    size_t used = 0;
    double *tied = cap_calloc(n, sizeof *tied);
    double *sorted = cap_calloc(n, sizeof *sorted);
    cap_status status =
        tied == NULL || sorted == NULL
            ? cap_fail(err, CAP_ERR_MEMORY, "out of memory for classes")
            : cap_tie_within(n, x, CAP_SCORE_GAP * cap_largest(n, x), tied,
                             err);
    for (size_t i = 0; i < n && status == CAP_OK; i++) {
        if (!isnan(tied[i])) {
            sorted[used++] = tied[i];
        }
    }
    if (status == CAP_OK) {
        gsl_sort(sorted, 1, used);
    }
    for (size_t i = 0; i < n && status == CAP_OK; i++) {
        class[i] = isnan(tied[i])
                       ? CAP_NOWHERE
                       : k - 1 - below(used, sorted, tied[i]) * k / used;
    }
    cap_free(sorted);
    cap_free(tied);
    return status;
}

/* The two ends of a unit's ranks, sorted in place. */
static void rank_ends(size_t n, double *rank, double conf, double *low,
                      double *high)
{
    gsl_sort(rank, 1, n);
    *low = n > 0 ? rank[cap_order_quantile(n, (1 - conf) / 2)] : NAN;
    *high = n > 0 ? rank[cap_order_quantile(n, (1 + conf) / 2)] : NAN;
}

cap_status cap_rank_shifts(size_t n, size_t n_draws, const double *from,
                           const double *to, double conf,
                           cap_rank_shift *shift, cap_error *err)
{
    double *first = cap_calloc(n_draws, sizeof *first);
    double *last = cap_calloc(n_draws, sizeof *last);
    if (first == NULL || last == NULL) {
        cap_free(last);
        cap_free(first);
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for ranks");
    }
    for (size_t i = 0; i < n; i++) {
        size_t used = 0, nearer = 0, further = 0;
        for (size_t r = 0; r < n_draws; r++) {
            double a = from[r * n + i], b = to[r * n + i];
            if (!isnan(a) && !isnan(b)) {
                nearer += b < a ? 1 : 0;
                further += b > a ? 1 : 0;
                first[used] = a;
                last[used++] = b;
            }
        }
        rank_ends(used, first, conf, &shift[i].from_low, &shift[i].from_high);
        rank_ends(used, last, conf, &shift[i].to_low, &shift[i].to_high);
        shift[i].nearer = (double)nearer / (double)used;
        shift[i].further = (double)further / (double)used;
    }
    cap_free(last);
    cap_free(first);
    return CAP_OK;
}
