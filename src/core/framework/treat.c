/* Treats the outliers of a column: trims to bounds, winsorises until the shape
 * is fine, or takes logs or Box and Cox powers.
 *
 * Skewness and kurtosis are taken of values scaled by their largest deviation,
 * so that powers cannot overflow. Winsorising takes the value farther out
 * first, one distinct value at a time, until |G1| and G2 are within bounds or
 * the points that may move are spent. The power of Box and Cox is the maximum
 * of the likelihood on a grid, refined by golden sections, so that no local
 * optimum holds the search. */
#include "base/fp.h"
#include "core/framework/treat.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"

const cap_name cap_treated_words[] = {
    {"unchanged", CAP_TREATED_NOT},
    {"points", CAP_TREATED_POINTS},
    {"log", CAP_TREATED_LOG},
    {"boxcox", CAP_TREATED_BOXCOX},
    {"gave up", CAP_TREATED_GAVE_UP},
    {"constant", CAP_TREATED_CONSTANT},
    {NULL, 0},
};

const cap_name cap_treat_kinds[] = {
    {"winsorise", CAP_TREAT_WINSORISE}, {"percentile", CAP_TREAT_PERCENTILE},
    {"tukey", CAP_TREAT_TUKEY},         {"log", CAP_TREAT_LOG},
    {"boxcox", CAP_TREAT_BOXCOX},       {NULL, 0},
};

static double clamp(double x, double lower, double upper)
{
    return x > upper ? upper : x < lower ? lower : x;
}

/* Shape of the values held between two bounds; values are scaled by their
 * largest deviation, so that powers neither over- nor underflow. */
static void shape_between(size_t n, const double *x, double lower,
                          double upper, double *skewness, double *kurtosis)
{
    cap_sum total = {0, 0}, m2 = {0, 0}, m3 = {0, 0}, m4 = {0, 0};
    double count = 0, widest = 0;
    *skewness = NAN;
    *kurtosis = NAN;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            count++;
            cap_sum_add(&total, clamp(x[i], lower, upper));
        }
    }
    double mean = cap_sum_value(&total) / count;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            widest = fmax(widest, fabs(clamp(x[i], lower, upper) - mean));
        }
    }
    /* a constant whose mean is not itself to the last digit is a constant */
    if (count < 3 || !(widest > 1e-14 * fabs(mean)) || isinf(widest)) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            double d = (clamp(x[i], lower, upper) - mean) / widest;
            cap_sum_add(&m2, d * d);
            cap_sum_add(&m3, d * d * d);
            cap_sum_add(&m4, d * d * d * d);
        }
    }
    double s2 = cap_sum_value(&m2) / count;
    double g1 = cap_sum_value(&m3) / count / (s2 * sqrt(s2));
    double g2 = cap_sum_value(&m4) / count / (s2 * s2) - 3;
    *skewness = sqrt(count * (count - 1)) / (count - 2) * g1;
    if (count > 3) {
        *kurtosis =
            (count - 1) / ((count - 2) * (count - 3)) * ((count + 1) * g2 + 6);
    }
}

void cap_shape(size_t n, const double *x, double *skewness, double *kurtosis)
{
    shape_between(n, x, -HUGE_VAL, HUGE_VAL, skewness, kurtosis);
}

/* NaN, a shape that is not defined, is not beyond. */
static int is_beyond(const cap_treat_rule *rule, double skewness,
                     double kurtosis)
{
    return fabs(skewness) > rule->skewness && kurtosis > rule->kurtosis;
}

static cap_status check_rule(const cap_treat_rule *rule, cap_error *err)
{
    if ((int)rule->kind < 0 || rule->kind >= CAP_TREAT_KINDS) {
        return cap_fail(err, CAP_ERR_INPUT, "no such treatment");
    }
    if (!(rule->skewness > 0) || isnan(rule->kurtosis)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the thresholds of shape must be numbers, that of "
                        "skewness above 0");
    }
    if (rule->kind == CAP_TREAT_PERCENTILE &&
        !(rule->low >= 0 && rule->low < rule->high && rule->high <= 1)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "percentiles must be two, ascending, from 0 to 1");
    }
    if (rule->kind == CAP_TREAT_TUKEY &&
        !(rule->fence >= 0 && isfinite(rule->fence))) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the fence must be 0 or more and finite");
    }
    if (rule->kind == CAP_TREAT_BOXCOX && isinf(rule->lambda)) {
        return cap_fail(err, CAP_ERR_INPUT, "lambda must be finite");
    }
    return CAP_OK;
}

static void put_between(size_t n, const double *x, double lower, double upper,
                        double *y, cap_treat_report *report)
{
    report->lower = lower;
    report->upper = upper;
    for (size_t i = 0; i < n; i++) {
        y[i] = isnan(x[i]) ? NAN : clamp(x[i], lower, upper);
        report->n_low += x[i] < lower;
        report->n_high += x[i] > upper;
    }
    if (report->n_low + report->n_high > 0) {
        report->what = CAP_TREATED_POINTS;
    }
    if (report->n_low == 0) {
        report->lower = NAN;
    }
    if (report->n_high == 0) {
        report->upper = NAN;
    }
}

/* Shift of a log: 0 for a column above 0, else the least value comes to
 * 0.01 of the range. */
static double shift_for(double min, double max)
{
    return min > 0 ? 0 : 0.01 * (max - min) - min;
}

static cap_status take_logs(size_t n, const double *x, double min, double max,
                            double *y, cap_treat_report *report,
                            cap_error *err)
{
    double shift = shift_for(min, max);
    report->what = CAP_TREATED_LOG;
    report->shift = shift;
    report->reflected = report->skewness_before < 0;
    for (size_t i = 0; i < n; i++) {
        if (isnan(x[i])) {
            y[i] = NAN;
            continue;
        }
        y[i] = report->reflected ? -log((max - x[i]) + (min + shift))
                                 : log(x[i] + shift);
        if (!isfinite(y[i])) {
            return cap_fail_at(err, CAP_ERR_NUMERIC, i, CAP_NOWHERE,
                               "a value cannot be put on a log scale");
        }
    }
    return CAP_OK;
}

/* Of values z with geometric mean 1. */
static double power_of(double log_z, double lambda)
{
    double t = lambda * log_z;
    return fabs(lambda) < 1e-12 ? log_z : expm1(t) / lambda;
}

/* Variance (divisor n) of the transformed z: least where the likelihood,
 * -n/2 ln of it, is greatest. */
static double variance_at(size_t n, const double *log_z, double lambda)
{
    cap_sum total = {0, 0}, squares = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, power_of(log_z[i], lambda));
    }
    double mean = cap_sum_value(&total) / (double)n;
    for (size_t i = 0; i < n; i++) {
        double d = power_of(log_z[i], lambda) - mean;
        cap_sum_add(&squares, d * d);
    }
    return cap_sum_value(&squares) / (double)n;
}

/* A grid, so that no local optimum holds the search, then golden sections. */
static double most_likely_lambda(size_t n, const double *log_z)
{
    const double golden = 0.6180339887498949, step = 0.1;
    double best = -2, least = variance_at(n, log_z, -2);
    for (int k = 1; k <= 40; k++) {
        double lambda = -2 + step * k, v = variance_at(n, log_z, lambda);
        if (v < least) {
            least = v;
            best = lambda;
        }
    }
    double a = fmax(-2, best - step), b = fmin(2, best + step);
    double c = b - golden * (b - a), d = a + golden * (b - a);
    double vc = variance_at(n, log_z, c), vd = variance_at(n, log_z, d);
    while (b - a > 1e-8) {
        if (vc < vd) {
            b = d;
            d = c;
            vd = vc;
            c = b - golden * (b - a);
            vc = variance_at(n, log_z, c);
        } else {
            a = c;
            c = d;
            vc = vd;
            d = a + golden * (b - a);
            vd = variance_at(n, log_z, d);
        }
    }
    return (a + b) / 2;
}

/* `work` holds n values. */
static cap_status take_powers(const cap_treat_rule *rule, size_t n,
                              const double *x, double min, double max,
                              double *work, double *y,
                              cap_treat_report *report, cap_error *err)
{
    cap_sum total = {0, 0};
    size_t kept = 0;
    double shift = shift_for(min, max);
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i])) {
            work[kept] = log(x[i] + shift);
            cap_sum_add(&total, work[kept++]);
        }
    }
    double log_mean = cap_sum_value(&total) / (double)kept;
    for (size_t i = 0; i < kept; i++) {
        work[i] -= log_mean;
    }
    report->what = CAP_TREATED_BOXCOX;
    report->shift = shift;
    report->lambda =
        isnan(rule->lambda) ? most_likely_lambda(kept, work) : rule->lambda;
    for (size_t i = 0; i < n; i++) {
        y[i] = isnan(x[i]) ? NAN : power_of(log(x[i] + shift), report->lambda);
        if (!isnan(x[i]) && !isfinite(y[i])) {
            return cap_fail_at(err, CAP_ERR_NUMERIC, i, CAP_NOWHERE,
                               "a value is too large for this power");
        }
    }
    return CAP_OK;
}

/* Bounds between which winsorising succeeds. `low` and `high` count points
 * from the ends of the sorted values; equal values at an end are passed one
 * by one, so that every step ends. 0 when max_points are not enough. */
static int winsor_bounds(const cap_treat_rule *rule, size_t n,
                         const double *sorted, double *lower, double *upper)
{
    size_t low = 0, high = 0;
    for (size_t points = 0; points <= rule->max_points; points++) {
        double skewness, kurtosis;
        *lower = sorted[low];
        *upper = sorted[n - 1 - high];
        if (!(*lower < *upper)) {
            return 0; /* it would be constant */
        }
        shape_between(n, sorted, *lower, *upper, &skewness, &kurtosis);
        if (!is_beyond(rule, skewness, kurtosis)) {
            return 1;
        }
        if (low + high + 2 >= n) {
            return 0;
        }
        if (skewness > 0) {
            high++;
        } else {
            low++;
        }
    }
    return 0;
}

static cap_status treat(const cap_treat_rule *rule, size_t n, const double *x,
                        size_t kept, double *sorted, double *y,
                        cap_treat_report *report, cap_error *err)
{
    double lower = sorted[0], upper = sorted[kept - 1];
    double min = lower, max = upper;
    if (rule->kind == CAP_TREAT_LOG) {
        return take_logs(n, x, min, max, y, report, err);
    }
    if (rule->kind == CAP_TREAT_BOXCOX) {
        return take_powers(rule, n, x, min, max, sorted, y, report, err);
    }
    if (rule->kind == CAP_TREAT_WINSORISE) {
        if (!winsor_bounds(rule, kept, sorted, &lower, &upper)) {
            if (rule->then_log) {
                return take_logs(n, x, min, max, y, report, err);
            }
            report->what = CAP_TREATED_GAVE_UP;
            return CAP_OK;
        }
    } else if (rule->kind == CAP_TREAT_PERCENTILE) {
        lower =
            gsl_stats_quantile_from_sorted_data(sorted, 1, kept, rule->low);
        upper =
            gsl_stats_quantile_from_sorted_data(sorted, 1, kept, rule->high);
    } else {
        double q1 = gsl_stats_quantile_from_sorted_data(sorted, 1, kept, 0.25);
        double q3 = gsl_stats_quantile_from_sorted_data(sorted, 1, kept, 0.75);
        lower = q1 - rule->fence * (q3 - q1);
        upper = q3 + rule->fence * (q3 - q1);
    }
    if (!(lower < upper)) {
        report->what = CAP_TREATED_CONSTANT;
        return CAP_OK;
    }
    put_between(n, x, lower, upper, y, report);
    return CAP_OK;
}

cap_status cap_treat_column(const cap_treat_rule *rule, size_t n,
                            const double *x, double *y,
                            cap_treat_report *report, cap_error *err)
{
    const cap_treat_report none = {
        CAP_TREATED_NOT, NAN, NAN, NAN, NAN, 0, 0, 0, NAN, NAN, NAN, NAN, 0};
    size_t kept = 0;
    *report = none;
    cap_status status = check_rule(rule, err);
    if (status != CAP_OK) {
        return status;
    }
    double *sorted = cap_calloc(n, sizeof *sorted);
    if (sorted == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a treatment");
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = x[i];
        if (isinf(x[i])) {
            status = cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                                 "a value is infinite");
            goto done;
        }
        if (!isnan(x[i])) {
            sorted[kept++] = x[i];
        }
    }
    cap_shape(n, x, &report->skewness_before, &report->kurtosis_before);
    gsl_sort(sorted, 1, kept);
    if (kept == 0 || !(sorted[0] < sorted[kept - 1])) {
        report->what = CAP_TREATED_CONSTANT;
    } else {
        status = treat(rule, n, x, kept, sorted, y, report, err);
    }
    cap_shape(n, y, &report->skewness_after, &report->kurtosis_after);
    report->beyond =
        is_beyond(rule, report->skewness_after, report->kurtosis_after);
done:
    cap_free(sorted);
    return status;
}
