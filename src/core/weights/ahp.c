/* Weights from pairwise judgements, of one expert or a group.
 *
 * A matrix is made exactly reciprocal, gaps are completed after Harker (1987),
 * and the principal eigenvector is the limit of repeated squaring, polished by
 * powers: all entries are at least 0, so nothing cancels. A group pools
 * judgements or priorities by geometric means; its standard errors are a
 * jackknife over the experts. */
#include "base/fp.h"
#include "core/weights/ahp.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

#include "base/allocation.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_ahp_methods[] = {
    {"eigenvector", CAP_AHP_EIGENVECTOR},
    {"geometric", CAP_AHP_GEOMETRIC},
    {NULL, 0},
};

const cap_name cap_ahp_groups[] = {
    {"judgements", CAP_AHP_JUDGEMENTS},
    {"priorities", CAP_AHP_PRIORITIES},
    {NULL, 0},
};

enum { MAX = CAP_AHP_MAX_ITEMS, SQUARINGS = 64, POLISHES = 200 };

/* |log(a_ij a_ji)| that rounding of a reciprocal to three decimals explains */
#define ROUNDING 0.0025

double cap_ahp_random_index(size_t n)
{
    static const double saaty[MAX] = {0,    0,    0.58, 0.90, 1.12,
                                      1.24, 1.32, 1.41, 1.45, 1.49,
                                      1.51, 1.48, 1.56, 1.57, 1.59};
    return n >= 1 && n <= MAX ? saaty[n - 1] : NAN;
}

static cap_status check_size(size_t n, cap_error *err)
{
    if (n == 0 || n > MAX) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "judgements compare 1 to %d items, not %zu", MAX, n);
    }
    return CAP_OK;
}

static int is_judgement(double a)
{
    return isnan(a) || (a >= 1e-9 && a <= 1e9);
}

cap_status cap_ahp_tidy(size_t n, const double *given, double *tidy,
                        size_t *rounded, cap_error *err)
{
    cap_status status = check_size(n, err);
    *rounded = 0;
    if (status != CAP_OK) {
        return status;
    }
    for (size_t k = 0; k < n * n; k++) {
        if (!is_judgement(given[k])) {
            return cap_fail_at(err, CAP_ERR_INPUT, k % n, k / n,
                               "a judgement must be above 0, from 1e-9 to "
                               "1e9");
        }
        if (k % n == k / n && !(fabs(given[k] - 1) <= CAP_JUDGEMENT_SLACK)) {
            return cap_fail_at(err, CAP_ERR_INPUT, k % n, k / n,
                               "an item compared with itself must be 1");
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            double a = given[i + j * n], b = given[j + i * n];
            a = isnan(a) ? 1 / b : a;
            b = isnan(b) ? 1 / a : b;
            double gap = fabs(log(a * b));
            if (gap > ROUNDING) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, j,
                                   "a judgement and its converse are not "
                                   "reciprocal");
            }
            *rounded += gap > CAP_JUDGEMENT_SLACK ? 1 : 0;
            tidy[i + j * n] = a >= b ? a : 1 / b;
            tidy[j + i * n] = a >= b ? 1 / a : b;
        }
    }
    for (size_t i = 0; i < n; i++) {
        tidy[i + i * n] = 1;
    }
    return CAP_OK;
}

size_t cap_ahp_unjoined(size_t n, const double *tidy)
{
    int joined[MAX] = {1};
    for (size_t round = 0; round < n; round++) {
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n && joined[i]; j++) {
                joined[j] = joined[j] || !isnan(tidy[i + j * n]);
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (!joined[i]) {
            return i;
        }
    }
    return n;
}

static void close_to_one(size_t n, double *w)
{
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, w[i]);
    }
    for (size_t i = 0; i < n; i++) {
        w[i] /= cap_sum_value(&total);
    }
}

/* Squares a matrix and divides it by its largest entry; returns how far its
 * columns are from being proportional to the first. */
static double square(size_t n, double *b)
{
    double c[MAX * MAX], largest = 0, apart = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < n; k++) {
                sum += b[i + k * n] * b[k + j * n];
            }
            c[i + j * n] = sum;
            largest = fmax(largest, sum);
        }
    }
    for (size_t k = 0; k < n * n; k++) {
        b[k] = c[k] / largest;
    }
    for (size_t j = 1; j < n; j++) {
        for (size_t i = 1; i < n; i++) {
            double cross = b[i + j * n] * b[0], other = b[i] * b[j * n];
            apart = fmax(apart, fabs(cross - other) / fmax(cross, other));
        }
    }
    return apart;
}

static void multiply(size_t n, const double *a, const double *w, double *out)
{
    for (size_t i = 0; i < n; i++) {
        cap_sum sum = {0, 0};
        for (size_t j = 0; j < n; j++) {
            cap_sum_add(&sum, a[i + j * n] * w[j]);
        }
        out[i] = cap_sum_value(&sum);
    }
}

/* Principal eigenvector w (sum 1) and eigenvalue of a primitive matrix of
 * entries >= 0. */
static double principal(size_t n, const double *a, double *w)
{
    double b[MAX * MAX], next[MAX];
    memcpy(b, a, n * n * sizeof *b);
    for (int k = 0; k < SQUARINGS && (square(n, b) > 1e-15 || k < 3); k++) {
    }
    memcpy(w, b, n * sizeof *w);
    close_to_one(n, w);
    for (int k = 0; k < POLISHES; k++) {
        double moved = 0;
        multiply(n, a, w, next);
        close_to_one(n, next);
        for (size_t i = 0; i < n; i++) {
            moved = fmax(moved, fabs(next[i] - w[i]) / next[i]);
        }
        memcpy(w, next, n * sizeof *w);
        if (moved <= 2e-16) {
            break;
        }
    }
    cap_sum total = {0, 0};
    multiply(n, a, w, next);
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, next[i]);
    }
    return cap_sum_value(&total); /* w sums to 1 */
}

static void row_means(size_t n, const double *a, const double *harker,
                      double *w)
{
    double largest = -HUGE_VAL;
    for (size_t i = 0; i < n; i++) {
        cap_sum sum = {0, 0};
        for (size_t j = 0; j < n; j++) {
            cap_sum_add(&sum, isnan(a[i + j * n]) ? log(harker[i] / harker[j])
                                                  : log(a[i + j * n]));
        }
        w[i] = cap_sum_value(&sum) / (double)n;
        largest = fmax(largest, w[i]);
    }
    for (size_t i = 0; i < n; i++) {
        w[i] = exp(w[i] - largest);
    }
    close_to_one(n, w);
}

/* A matrix that is tidy and joins all items. */
static void solve(size_t n, const double *tidy, cap_ahp_method method,
                  double *weight, cap_ahp_consistency *out)
{
    double a[MAX * MAX], w[MAX];
    for (size_t i = 0; i < n; i++) {
        double gaps = 0;
        for (size_t j = 0; j < n; j++) {
            int gap = isnan(tidy[i + j * n]);
            gaps += gap ? 1 : 0;
            a[i + j * n] = gap ? 0 : tidy[i + j * n];
        }
        a[i + i * n] = 1 + gaps;
    }
    out->lambda = fmax(principal(n, a, w), (double)n); /* rounding */
    out->ri = cap_ahp_random_index(n);
    out->lambda = n <= 2 ? (double)n : out->lambda;
    out->ci = n <= 2 ? 0 : (out->lambda - (double)n) / ((double)n - 1);
    out->cr = n <= 2 ? 0 : out->ci / out->ri;
    if (method == CAP_AHP_GEOMETRIC) {
        row_means(n, tidy, w, weight);
    } else {
        memcpy(weight, w, n * sizeof *weight);
    }
}

cap_status cap_ahp_weights(size_t n, const double *tidy, cap_ahp_method method,
                           double *weight, cap_ahp_consistency *out,
                           cap_error *err)
{
    double checked[MAX * MAX];
    size_t rounded;
    cap_status status = check_size(n, err);
    if (status == CAP_OK) {
        status = cap_ahp_tidy(n, tidy, checked, &rounded, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    size_t apart = cap_ahp_unjoined(n, checked);
    if (apart < n) {
        return cap_fail_at(err, CAP_ERR_INPUT, apart, CAP_NOWHERE,
                           "the judgements do not join all items");
    }
    solve(n, checked, method, weight, out);
    return CAP_OK;
}

double cap_ahp_triads(size_t n, const double *tidy, double *implied,
                      double *deviation, size_t worst[3])
{
    double largest = NAN;
    worst[0] = worst[1] = worst[2] = CAP_NOWHERE;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double direct = log(tidy[i + j * n]), count = 0;
            cap_sum away = {0, 0}, through = {0, 0};
            for (size_t k = 0; k < n && i != j; k++) {
                double other = log(tidy[i + k * n]) + log(tidy[k + j * n]);
                double off = fabs(direct - other);
                if (k == i || k == j || isnan(off)) {
                    continue;
                }
                count++;
                cap_sum_add(&through, other);
                cap_sum_add(&away, off);
                if (i < j && j < k && !(off <= largest)) {
                    largest = off;
                    worst[0] = i;
                    worst[1] = j;
                    worst[2] = k;
                }
            }
            implied[i + j * n] =
                count > 0 ? exp(cap_sum_value(&through) / count) : NAN;
            deviation[i + j * n] =
                count > 0 ? cap_sum_value(&away) / count : NAN;
        }
    }
    return largest;
}

/* Geometric means of the judgements of all experts but `skip`. */
static void mean_judgements(size_t n, size_t n_experts, const double *tidy,
                            size_t skip, double *pooled)
{
    for (size_t k = 0; k < n * n; k++) {
        cap_sum sum = {0, 0};
        double count = 0, only = NAN;
        for (size_t e = 0; e < n_experts; e++) {
            double a = tidy[e * n * n + k];
            if (e != skip && !isnan(a)) {
                count++;
                only = a;
                cap_sum_add(&sum, log(a));
            }
        }
        pooled[k] = count > 1 ? exp(cap_sum_value(&sum) / count) : only;
    }
}

static void mean_priorities(size_t n, size_t n_experts, const double *weights,
                            size_t skip, double *out)
{
    for (size_t i = 0; i < n; i++) {
        cap_sum sum = {0, 0};
        double count = 0;
        for (size_t e = 0; e < n_experts; e++) {
            if (e != skip) {
                count++;
                cap_sum_add(&sum, log(weights[i * n_experts + e]));
            }
        }
        out[i] = exp(cap_sum_value(&sum) / count);
    }
    close_to_one(n, out);
}

/* Weights of the group without expert `skip`; 0 when there are none. */
static int group_weights(size_t n, size_t n_experts, const double *tidy,
                         const double *priorities, size_t skip,
                         cap_ahp_method method, cap_ahp_group group,
                         double *pooled, double *weight,
                         cap_ahp_consistency *consistency)
{
    mean_judgements(n, n_experts, tidy, skip, pooled);
    if (group == CAP_AHP_PRIORITIES) {
        mean_priorities(n, n_experts, priorities, skip, weight);
        return 1;
    }
    if (cap_ahp_unjoined(n, pooled) < n) {
        return 0;
    }
    solve(n, pooled, method, weight, consistency);
    return 1;
}

static void jackknife(size_t n, size_t n_experts, const double *tidy,
                      cap_ahp_method method, cap_ahp_group group,
                      double *without, cap_ahp_pooled *out)
{
    double matrix[MAX * MAX], count = (double)n_experts;
    cap_ahp_consistency unused;
    for (size_t i = 0; i < n; i++) {
        out->se[i] = NAN;
    }
    for (size_t e = 0; e < n_experts; e++) {
        if (n_experts == 1 ||
            !group_weights(n, n_experts, tidy, out->expert_weight, e, method,
                           group, matrix, without + e * n, &unused)) {
            return;
        }
    }
    for (size_t i = 0; i < n; i++) {
        cap_sum sum = {0, 0}, squares = {0, 0};
        for (size_t e = 0; e < n_experts; e++) {
            cap_sum_add(&sum, without[e * n + i]);
        }
        for (size_t e = 0; e < n_experts; e++) {
            double off = without[e * n + i] - cap_sum_value(&sum) / count;
            cap_sum_add(&squares, off * off);
        }
        out->se[i] = sqrt((count - 1) / count * cap_sum_value(&squares));
    }
}

static void quartiles(size_t n, size_t n_experts, double *scratch,
                      cap_ahp_pooled *out)
{
    for (size_t i = 0; i < n; i++) {
        size_t kept = 0;
        for (size_t e = 0; e < n_experts; e++) {
            double w = out->expert_weight[i * n_experts + e];
            if (!isnan(w)) {
                scratch[kept++] = w;
            }
        }
        out->low[i] = out->high[i] = NAN;
        if (n_experts > 1 && kept > 0) {
            gsl_sort(scratch, 1, kept);
            out->low[i] =
                gsl_stats_quantile_from_sorted_data(scratch, 1, kept, 0.25);
            out->high[i] =
                gsl_stats_quantile_from_sorted_data(scratch, 1, kept, 0.75);
        }
    }
}

/* Each expert's own weights; the least consistent is the group's for now. */
static cap_status each_expert(size_t n, size_t n_experts, const double *tidy,
                              cap_ahp_method method, cap_ahp_group group,
                              cap_ahp_pooled *out, cap_error *err)
{
    const cap_ahp_consistency none = {NAN, NAN, NAN, NAN};
    out->group = none;
    for (size_t e = 0; e < n_experts; e++) {
        double w[MAX], checked[MAX * MAX];
        size_t rounded, apart;
        cap_status status =
            cap_ahp_tidy(n, tidy + e * n * n, checked, &rounded, err);
        if (status != CAP_OK) {
            return status;
        }
        apart = cap_ahp_unjoined(n, checked);
        out->expert[e] = none;
        if (apart < n && group == CAP_AHP_PRIORITIES) {
            return cap_fail_at(err, CAP_ERR_INPUT, e, apart,
                               "an expert's judgements do not join all items");
        }
        if (apart == n) {
            solve(n, checked, method, w, &out->expert[e]);
            if (!(out->expert[e].cr <= out->group.cr)) {
                out->group = out->expert[e];
            }
        }
        for (size_t i = 0; i < n; i++) {
            out->expert_weight[i * n_experts + e] = apart == n ? w[i] : NAN;
        }
    }
    return CAP_OK;
}

cap_status cap_ahp_pool(size_t n, size_t n_experts, const double *tidy,
                        cap_ahp_method method, cap_ahp_group group,
                        cap_ahp_pooled *out, cap_error *err)
{
    cap_status status = check_size(n, err);
    if (status == CAP_OK && n_experts == 0) {
        status = cap_fail(err, CAP_ERR_INPUT, "a group needs an expert");
    }
    if (status != CAP_OK) {
        return status;
    }
    double *scratch = cap_calloc(n_experts, n * sizeof *scratch);
    if (scratch == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a group");
    }
    status = each_expert(n, n_experts, tidy, method, group, out, err);
    if (status != CAP_OK) {
        goto done;
    }
    if (!group_weights(n, n_experts, tidy, out->expert_weight, CAP_NOWHERE,
                       method, group, out->pooled, out->weight, &out->group)) {
        status = cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE,
                             cap_ahp_unjoined(n, out->pooled),
                             "the judgements do not join all items");
        goto done;
    }
    jackknife(n, n_experts, tidy, method, group, scratch, out);
    quartiles(n, n_experts, scratch, out);
done:
    cap_free(scratch);
    return status;
}
