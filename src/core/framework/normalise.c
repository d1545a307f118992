/* Fits a normalisation to a column and applies it.
 *
 * A fit is a few numbers (ends, centre, spread, breaks, or sorted values for
 * ranks and percentiles), so that it can be kept and applied to another panel.
 * Each method is one case in the fit and one where it is applied. */
#include "base/fp.h"
#include "core/framework/normalise.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"

const cap_name cap_normal_kinds[] = {
    {"minmax", CAP_NORMAL_MINMAX},
    {"zscore", CAP_NORMAL_ZSCORE},
    {"rank", CAP_NORMAL_RANK},
    {"percentile_rank", CAP_NORMAL_PERCENTILE},
    {"borda", CAP_NORMAL_BORDA},
    {"share_of_max", CAP_NORMAL_SHARE},
    {"distance_to_max", CAP_NORMAL_TO_MAX},
    {"distance_to_target", CAP_NORMAL_REFERENCE},
    {"distance_to_reference", CAP_NORMAL_REFERENCE},
    {"above_below_mean", CAP_NORMAL_ABOVE_BELOW},
    {"categorical", CAP_NORMAL_CATEGORY},
    {"log_goalposts", CAP_NORMAL_LOG},
    {"base_year", CAP_NORMAL_MINMAX},
    {"panel_global", CAP_NORMAL_MINMAX},
    {NULL, 0},
};

const cap_name cap_fit_faults[] = {
    {"sound", CAP_FIT_SOUND},       {"empty", CAP_FIT_EMPTY},
    {"constant", CAP_FIT_CONSTANT}, {"sign", CAP_FIT_SIGN},
    {"ends", CAP_FIT_ENDS},         {NULL, 0},
};

const cap_name cap_tie_rules[] = {
    {"min", CAP_TIES_MIN},
    {"average", CAP_TIES_AVERAGE},
    {"max", CAP_TIES_MAX},
    {NULL, 0},
};

const cap_name cap_normal_forms[] = {
    {"range", CAP_FORM_RANGE},
    {"ratio", CAP_FORM_RATIO},
    {"difference", CAP_FORM_DIFFERENCE},
    {NULL, 0},
};

static int is_reversed(const cap_normal_rule *rule)
{
    return rule->direction < 0;
}

static cap_status check_rule(const cap_normal_rule *rule, cap_error *err)
{
    if ((int)rule->kind < 0 || rule->kind >= CAP_NORMAL_KINDS ||
        (int)rule->form < 0 || rule->form > CAP_FORM_DIFFERENCE ||
        (int)rule->ties < 0 || rule->ties > CAP_TIES_MAX) {
        return cap_fail(err, CAP_ERR_INPUT, "no such method of normalisation");
    }
    if (rule->direction < -1 || rule->direction > 1) {
        return cap_fail(err, CAP_ERR_INPUT, "a direction must be 1 or -1");
    }
    if (!(rule->band >= 0) || isinf(rule->band)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the band must be 0 or more and finite");
    }
    if (rule->rescale && !(isfinite(rule->low) && isfinite(rule->high) &&
                           rule->low < rule->high)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "a range needs two finite ends, the lower first");
    }
    return CAP_OK;
}

static cap_status check_finite(size_t n, const double *x, cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (isinf(x[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a value is infinite");
        }
    }
    return CAP_OK;
}

static void measure(size_t n, const double *x, cap_normal_fit *fit)
{
    cap_sum total = {0, 0}, squares = {0, 0};
    const cap_normal_fit empty = {0,   NAN, NAN, NAN,
                                  NAN, NAN, NAN, CAP_FIT_SOUND};
    *fit = empty;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            fit->min = fit->n == 0 || x[i] < fit->min ? x[i] : fit->min;
            fit->max = fit->n == 0 || x[i] > fit->max ? x[i] : fit->max;
            cap_sum_add(&total, x[i]);
            fit->n++;
        }
    }
    if (fit->n == 0) {
        return;
    }
    fit->mean = cap_sum_value(&total) / (double)fit->n;
    for (size_t i = 0; i < n && fit->n > 1; i++) {
        if (!isnan(x[i])) {
            double d = x[i] - fit->mean;
            cap_sum_add(&squares, d * d);
        }
    }
    if (fit->n > 1) {
        fit->sd = sqrt(cap_sum_value(&squares) / (double)(fit->n - 1));
    }
}

/* Whether the ends come from outside, so that a constant column is sound. */
static int has_fixed_ends(const cap_normal_rule *rule, double lower,
                          double upper)
{
    switch (rule->kind) {
    case CAP_NORMAL_MINMAX:
        return !isnan(lower) && !isnan(upper);
    case CAP_NORMAL_LOG:
        return 1;
    case CAP_NORMAL_REFERENCE:
        return rule->form != CAP_FORM_RANGE;
    default:
        return 0;
    }
}

static void between(cap_normal_fit *fit, double origin, double end)
{
    fit->origin = origin;
    fit->scale = end - origin;
    if (!isfinite(fit->scale) || fit->scale == 0) {
        fit->fault = CAP_FIT_ENDS;
    }
}

static void fit_goalposts(const cap_normal_rule *rule, double lower,
                          double upper, cap_normal_fit *fit)
{
    double a = isnan(lower) ? fit->min : lower;
    double b = isnan(upper) ? fit->max : upper;
    if (!(a < b)) {
        fit->fault = CAP_FIT_ENDS;
    } else if (is_reversed(rule)) {
        between(fit, b, a);
    } else {
        between(fit, a, b);
    }
}

static void fit_log(const cap_normal_rule *rule, double lower, double upper,
                    cap_normal_fit *fit)
{
    if (!(lower > 0 && lower < upper)) {
        fit->fault = CAP_FIT_ENDS;
    } else if (is_reversed(rule)) {
        between(fit, log(upper), log(lower));
    } else {
        between(fit, log(lower), log(upper));
    }
}

static void fit_reference(const cap_normal_rule *rule, double r,
                          cap_normal_fit *fit)
{
    int reversed = is_reversed(rule);
    if (rule->form == CAP_FORM_RANGE) {
        double worst = reversed ? fit->max : fit->min;
        if (isnan(r) || (reversed ? !(r < worst) : !(r > worst))) {
            fit->fault = CAP_FIT_ENDS;
        } else {
            between(fit, worst, r);
        }
    } else if (!(r > 0)) {
        fit->fault = CAP_FIT_SIGN;
    } else if (rule->form == CAP_FORM_DIFFERENCE) {
        fit->origin = r;
        fit->scale = reversed ? -r : r;
    } else {
        fit->origin = 0; /* reversed: apply() takes scale / x */
        fit->scale = r;
    }
}

cap_status cap_normalise_fit(const cap_normal_rule *rule, size_t n,
                             const double *x, double lower, double upper,
                             double reference, cap_normal_fit *fit,
                             cap_error *err)
{
    measure(0, x, fit);
    cap_status status = check_rule(rule, err);
    if (status == CAP_OK) {
        status = check_finite(n, x, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    if (isinf(lower) || isinf(upper) || isinf(reference)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "goalposts and references must be finite");
    }
    measure(n, x, fit);
    if (fit->n == 0) {
        fit->fault = CAP_FIT_EMPTY;
    } else if (!(fit->min < fit->max) && !has_fixed_ends(rule, lower, upper)) {
        fit->fault = CAP_FIT_CONSTANT;
    } else if (rule->kind == CAP_NORMAL_MINMAX) {
        fit_goalposts(rule, lower, upper, fit);
    } else if (rule->kind == CAP_NORMAL_TO_MAX) {
        fit_goalposts(rule, NAN, NAN, fit);
    } else if (rule->kind == CAP_NORMAL_LOG) {
        fit_log(rule, lower, upper, fit);
    } else if (rule->kind == CAP_NORMAL_REFERENCE) {
        fit_reference(rule, reference, fit);
    } else if (rule->kind == CAP_NORMAL_ZSCORE) {
        fit->origin = fit->mean;
        fit->scale = is_reversed(rule) ? -fit->sd : fit->sd;
        if (!isfinite(fit->sd) || fit->sd == 0) { /* squares over- or */
            fit->fault = CAP_FIT_ENDS;            /* underflow */
        }
    } else if (rule->kind == CAP_NORMAL_SHARE) {
        if (fit->min < 0) {
            fit->fault = CAP_FIT_SIGN;
        } else {
            between(fit, is_reversed(rule) ? fit->max : 0,
                    is_reversed(rule) ? 0 : fit->max);
        }
    } else if (rule->kind == CAP_NORMAL_ABOVE_BELOW && !(fit->mean > 0)) {
        fit->fault = CAP_FIT_SIGN;
    }
    return CAP_OK;
}

cap_status cap_normalise_breaks(size_t n, const double *x, size_t n_breaks,
                                const double *probability, double *breaks,
                                cap_error *err)
{
    size_t kept = 0;
    cap_status status = check_finite(n, x, err);
    if (status != CAP_OK) {
        return status;
    }
    for (size_t k = 0; k < n_breaks; k++) {
        if (!(probability[k] >= 0 && probability[k] <= 1)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a probability must lie between 0 and 1");
        }
    }
    double *sorted = cap_calloc(n, sizeof *sorted);
    if (sorted == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for quantiles");
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            sorted[kept++] = x[i];
        }
    }
    gsl_sort(sorted, 1, kept);
    for (size_t k = 0; k < n_breaks; k++) {
        breaks[k] = kept == 0 ? NAN
                              : gsl_stats_quantile_from_sorted_data(
                                    sorted, 1, kept, probability[k]);
    }
    cap_free(sorted);
    return CAP_OK;
}

/* Ranks from 1 (worst) among the values that are not NaN. */
static cap_status rank_values(const cap_normal_rule *rule, size_t n,
                              const double *x, double *y, cap_error *err)
{
    size_t kept = 0;
    double *sorted = cap_calloc(n, sizeof *sorted);
    size_t *row = cap_calloc(n, sizeof *row);
    size_t *order = cap_calloc(n, sizeof *order);
    cap_status status = CAP_OK;
    if (sorted == NULL || row == NULL || order == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for ranks");
        goto done;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            row[kept] = i;
            sorted[kept++] = is_reversed(rule) ? -x[i] : x[i];
        }
    }
    gsl_sort_index(order, sorted, 1, kept);
    for (size_t from = 0, to; from < kept; from = to) {
        to = from + 1;
        while (to < kept && sorted[order[to]] <= sorted[order[from]]) {
            to++;
        }
        double rank = rule->ties == CAP_TIES_MIN ? (double)(from + 1)
                      : rule->ties == CAP_TIES_MAX
                          ? (double)to
                          : ((double)(from + 1) + (double)to) / 2;
        for (size_t k = from; k < to; k++) {
            y[row[order[k]]] = rank;
        }
    }
done:
    cap_free(order);
    cap_free(row);
    cap_free(sorted);
    return status;
}

static double category(const cap_normal_rule *rule, double x, size_t n_breaks,
                       const double *breaks)
{
    size_t reached = 0;
    for (size_t k = 0; k < n_breaks; k++) {
        reached += is_reversed(rule) ? x <= breaks[k] : x >= breaks[k];
    }
    return (double)reached / (double)n_breaks;
}

static double above_below(const cap_normal_rule *rule,
                          const cap_normal_fit *fit, double x)
{
    double ratio = x / fit->mean;
    double y = ratio > 1 + rule->band ? 1 : ratio < 1 - rule->band ? -1 : 0;
    return is_reversed(rule) && y != 0 ? -y : y;
}

/* The ends of the method's own scale; 0 when it has none. */
static int ends_of_scale(const cap_normal_rule *rule,
                         const cap_normal_fit *fit, double ends[2])
{
    ends[0] = 0;
    ends[1] = 1;
    switch (rule->kind) {
    case CAP_NORMAL_RANK:
        ends[0] = 1;
        ends[1] = (double)fit->n;
        return 1;
    case CAP_NORMAL_BORDA:
        ends[1] = (double)fit->n - 1;
        return 1;
    case CAP_NORMAL_ABOVE_BELOW:
        ends[0] = -1;
        return 1;
    case CAP_NORMAL_ZSCORE:
        ends[is_reversed(rule)] = (fit->min - fit->origin) / fit->scale;
        ends[!is_reversed(rule)] = (fit->max - fit->origin) / fit->scale;
        return 0;
    case CAP_NORMAL_REFERENCE:
        return rule->form == CAP_FORM_RANGE;
    default:
        return 1;
    }
}

static cap_status natural_scale(const cap_normal_rule *rule,
                                const cap_normal_fit *fit, size_t n,
                                const double *x, size_t n_breaks,
                                const double *breaks, double *y,
                                cap_error *err)
{
    int inverse = rule->kind == CAP_NORMAL_REFERENCE &&
                  rule->form == CAP_FORM_RATIO && is_reversed(rule);
    int logs = rule->kind == CAP_NORMAL_LOG;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            y[i] = NAN;
        } else if ((logs || inverse) && !(x[i] > 0)) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a value must be above 0 for this method");
        } else if (rule->kind == CAP_NORMAL_ABOVE_BELOW) {
            y[i] = above_below(rule, fit, x[i]);
        } else if (rule->kind == CAP_NORMAL_CATEGORY) {
            y[i] = category(rule, x[i], n_breaks, breaks);
        } else if (inverse) {
            y[i] = fit->scale / x[i];
        } else {
            y[i] = ((logs ? log(x[i]) : x[i]) - fit->origin) / fit->scale;
        }
    }
    return CAP_OK;
}

static cap_status rank_scale(const cap_normal_rule *rule,
                             const cap_normal_fit *fit, size_t n,
                             const double *x, double *y, cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = NAN;
    }
    cap_status status = rank_values(rule, n, x, y, err);
    for (size_t i = 0; i < n && rule->kind != CAP_NORMAL_RANK; i++) {
        y[i] -= 1;
        if (rule->kind == CAP_NORMAL_PERCENTILE) {
            y[i] /= (double)fit->n - 1;
        }
    }
    return status;
}

static void place_in_range(const cap_normal_rule *rule,
                           const cap_normal_fit *fit, size_t n, double *y,
                           int *beyond)
{
    double ends[2];
    int bounded = ends_of_scale(rule, fit, ends);
    for (size_t i = 0; i < n; i++) {
        int side = y[i] > ends[1] ? 1 : y[i] < ends[0] ? -1 : 0;
        side = bounded && !isnan(y[i]) ? side : 0;
        if (beyond != NULL) {
            beyond[i] = side;
        }
        if (rule->clip && side != 0) {
            y[i] = ends[side > 0];
        }
        if (rule->rescale) {
            double s = (y[i] - ends[0]) / (ends[1] - ends[0]);
            y[i] = (1 - s) * rule->low + s * rule->high;
        }
    }
}

cap_status cap_normalise_apply(const cap_normal_rule *rule,
                               const cap_normal_fit *fit, size_t n,
                               const double *x, size_t n_breaks,
                               const double *breaks, double *y, int *beyond,
                               cap_error *err)
{
    cap_status status = check_rule(rule, err);
    if (status == CAP_OK) {
        status = check_finite(n, x, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    if (fit->fault != CAP_FIT_SOUND) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        "a column has no scale of its own to be put on");
    }
    if (rule->kind == CAP_NORMAL_CATEGORY) {
        if (n_breaks == 0) {
            return cap_fail(err, CAP_ERR_INPUT, "categories need breaks");
        }
        for (size_t k = 0; k < n_breaks; k++) {
            if (!isfinite(breaks[k]) || (k > 0 && breaks[k] < breaks[k - 1])) {
                return cap_fail(err, CAP_ERR_INPUT,
                                "breaks must be finite and ascending");
            }
        }
    }
    int ranked = rule->kind == CAP_NORMAL_RANK ||
                 rule->kind == CAP_NORMAL_PERCENTILE ||
                 rule->kind == CAP_NORMAL_BORDA;
    status = ranked ? rank_scale(rule, fit, n, x, y, err)
                    : natural_scale(rule, fit, n, x, n_breaks, breaks, y, err);
    if (status == CAP_OK) {
        place_in_range(rule, fit, n, y, beyond);
    }
    return status;
}

cap_status cap_normalise_relative(size_t n, const double *x,
                                  const double *base, int direction,
                                  int difference, double *y, cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        y[i] = NAN;
        if (isinf(x[i]) || isinf(base[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a value is infinite");
        }
        if (isnan(x[i]) || isnan(base[i])) {
            continue;
        }
        if (!(base[i] > 0) || (direction < 0 && !difference && !(x[i] > 0))) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a value must be above 0 to be compared with "
                               "its base");
        }
        if (difference) {
            double d = (x[i] - base[i]) / base[i];
            y[i] = direction < 0 && d != 0 ? -d : d;
        } else {
            y[i] = direction < 0 ? base[i] / x[i] : x[i] / base[i];
        }
    }
    return CAP_OK;
}
