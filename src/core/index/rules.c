/* The aggregation rules, and the register that lists them by name.
 *
 * Terms are shares of the children's maxima with weights of sum 1. The
 * weighted sum, which a Monte Carlo calls millions of times, takes several
 * rows at once with compensated sums in registers; a mean is then held within
 * the range of its terms, so that full marks give full marks whatever the
 * weights round to. The other rules take row after row. A product is a sum of
 * logs, quotients and powers are taken relative to the term that weighs most,
 * so that nothing under- or overflows. A rule is an entry of the register at
 * the end of the file and nothing else. */
#include "base/fp.h"
#include "core/index/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocation.h"
#include "core/index/outranking.h"
#include "base/sum.h"
#include "base/tolerance.h"

/* Complete rows are worked this many at a time. */
#define LANES 4

/* So full marks are full marks, whatever the weights round to: a mean cannot
 * leave the range of its terms. */
static inline double within(double mean, double lowest, double highest)
{
    mean = mean < lowest ? lowest : mean;
    return mean > highest ? highest : mean;
}

/* --- arithmetic: the one that is called millions of times ---------------- */

/* The means of LANES rows, whose sums stay in registers. Knuth's two-sum keeps
 * what rounding loses and, free of branches, vectorises. */
static inline void mean_of_lanes(size_t n_children, const double *const *value,
                                 const double *weight, size_t from,
                                 double *out)
{
    double sum[LANES] = {0}, lost[LANES] = {0}, lowest[LANES], highest[LANES];
    for (size_t i = 0; i < LANES; i++) {
        lowest[i] = highest[i] = value[0][from + i];
    }
    for (size_t k = 0; k < n_children; k++) {
        const double *v = value[k] + from;
        for (size_t i = 0; i < LANES; i++) {
            double term = weight[k] * v[i];
            double t = sum[i] + term;
            double grown = t - sum[i];
            lost[i] += (sum[i] - (t - grown)) + (term - grown);
            sum[i] = t;
            lowest[i] = v[i] < lowest[i] ? v[i] : lowest[i];
            highest[i] = v[i] > highest[i] ? v[i] : highest[i];
        }
    }
    for (size_t i = 0; i < LANES; i++) {
        out[i] = within(sum[i] + lost[i], lowest[i], highest[i]);
    }
}

/* The same for one row with gaps, over the weight of what is there. */
static double mean_of_observed(size_t n_children, const double *const *value,
                               const double *weight, size_t row)
{
    cap_sum sum = {0, 0}, used = {0, 0};
    double lowest = INFINITY, highest = -INFINITY;
    int complete = 1;
    for (size_t k = 0; k < n_children; k++) {
        double v = value[k][row];
        if (isnan(v)) {
            complete = 0;
            continue;
        }
        cap_sum_add(&sum, weight[k] * v);
        cap_sum_add(&used, weight[k]);
        lowest = v < lowest ? v : lowest;
        highest = v > highest ? v : highest;
    }
    if (!(cap_sum_value(&used) > 0)) {
        return NAN;
    }
    /* All weights sum to 1: do not divide by their rounding error. */
    double total = cap_sum_value(&sum);
    return within(complete ? total : total / cap_sum_value(&used), lowest,
                  highest);
}

static cap_status combine_arithmetic(const cap_children *c, double *out,
                                     int *unproven, cap_error *err)
{
    size_t i = 0, n_rows = c->n_rows, n_children = c->n_children;
    const double *const *value = c->value;
    const double *weight = c->weight;
    int complete = c->complete;
    (void)unproven, (void)err;
    for (; complete && i + LANES <= n_rows; i += LANES) {
        mean_of_lanes(n_children, value, weight, i, out + i);
    }
    for (; i < n_rows; i++) {
        out[i] = mean_of_observed(n_children, value, weight, i);
    }
    return CAP_OK;
}

/* --- rules that take one row after the other ----------------------------- */

typedef struct {
    double share, weight;
} term;

/* What one row has of a parent's children: weights > 0 that sum to 1. */
typedef struct {
    size_t n;
    term *term;
    double lowest, highest;
} terms;

static double parameter_of(const cap_children *c, const cap_rule *rule,
                           size_t k)
{
    int given = c->parameter != NULL && c->parameter[k].n > 0;
    return given ? c->parameter[k].value[0] : rule->parameter[k].initial;
}

static void gather(const cap_children *c, size_t row, terms *found)
{
    cap_sum used = {0, 0};
    int complete = 1;
    found->n = 0;
    found->lowest = INFINITY;
    found->highest = -INFINITY;
    for (size_t k = 0; k < c->n_children; k++) {
        double v = c->value[k][row];
        if (!(c->weight[k] > 0)) {
            continue;
        }
        if (isnan(v)) {
            complete = 0;
            continue;
        }
        found->term[found->n].share = v;
        found->term[found->n++].weight = c->weight[k];
        cap_sum_add(&used, c->weight[k]);
        found->lowest = v < found->lowest ? v : found->lowest;
        found->highest = v > found->highest ? v : found->highest;
    }
    for (size_t k = 0; !complete && k < found->n; k++) {
        found->term[k].weight /= cap_sum_value(&used);
    }
}

typedef double (*row_rule)(const terms *t, const double *setting);

enum { REFUSE_NEGATIVE = 1 };

static cap_status by_row(const cap_children *c, row_rule rule,
                         const double *setting, int refuse_negative,
                         double *out, cap_error *err)
{
    terms t = {0, cap_calloc(c->n_children, sizeof *t.term), 0, 0};
    cap_status status = CAP_OK;
    if (t.term == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    for (size_t i = 0; i < c->n_rows; i++) {
        gather(c, i, &t);
        if (t.n == 0) {
            out[i] = NAN;
            continue;
        }
        if (refuse_negative && t.lowest < 0) {
            status = cap_fail_at(err, CAP_ERR_NUMERIC, i, CAP_NOWHERE,
                                 "a score is negative");
            break;
        }
        out[i] = rule(&t, setting);
    }
    cap_free(t.term);
    return status;
}

/* exp(sum w log(s + shift)) - shift: a sum of logs cannot underflow. */
static double row_geometric(const terms *t, const double *setting)
{
    double shift = setting[0];
    cap_sum logs = {0, 0};
    if (!(t->lowest + shift > 0)) {
        return 0;
    }
    for (size_t k = 0; k < t->n; k++) {
        cap_sum_add(&logs, t->term[k].weight * log(t->term[k].share + shift));
    }
    return within(exp(cap_sum_value(&logs)) - shift, t->lowest, t->highest);
}

/* With the smallest term taken out, no quotient can overflow. */
static double row_harmonic(const terms *t, const double *setting)
{
    cap_sum sum = {0, 0};
    (void)setting;
    if (!(t->lowest > 0)) {
        return 0;
    }
    for (size_t k = 0; k < t->n; k++) {
        cap_sum_add(&sum, t->term[k].weight * (t->lowest / t->term[k].share));
    }
    return within(t->lowest / cap_sum_value(&sum), t->lowest, t->highest);
}

static double row_arithmetic(const terms *t, const double *setting)
{
    cap_sum sum = {0, 0};
    (void)setting;
    for (size_t k = 0; k < t->n; k++) {
        cap_sum_add(&sum, t->term[k].weight * t->term[k].share);
    }
    return within(cap_sum_value(&sum), t->lowest, t->highest);
}

static double row_minimum(const terms *t, const double *setting)
{
    (void)setting;
    return t->lowest;
}

static double row_maximum(const terms *t, const double *setting)
{
    (void)setting;
    return t->highest;
}

/* (sum w s^r)^(1/r) relative to the term that weighs most in it, in logs:
 * exact for r near 0, and no power overflows. */
static double row_power(const terms *t, const double *setting)
{
    double r = setting[0], base = r > 0 ? t->highest : t->lowest;
    cap_sum sum = {0, 0};
    if (!(base > 0)) {
        return 0;
    }
    for (size_t k = 0; k < t->n; k++) {
        double distance = log(t->term[k].share / base);
        cap_sum_add(&sum, t->term[k].weight * expm1(r * distance));
    }
    return within(base * exp(log1p(cap_sum_value(&sum)) / r), t->lowest,
                  t->highest);
}

static int by_share(const void *a, const void *b)
{
    double x = ((const term *)a)->share, y = ((const term *)b)->share;
    return (x > y) - (x < y);
}

static double row_median(const terms *t, const double *setting)
{
    cap_sum below = {0, 0};
    size_t k = 0;
    (void)setting;
    qsort(t->term, t->n, sizeof *t->term, by_share);
    for (; k + 1 < t->n; k++) {
        cap_sum_add(&below, t->term[k].weight);
        if (cap_sum_value(&below) + CAP_WEIGHT_SLACK >= 0.5) {
            break;
        }
    }
    return t->term[k].share;
}

static double row_penalised(const terms *t, const double *setting)
{
    double mean = row_arithmetic(t, NULL);
    cap_sum squares = {0, 0};
    for (size_t k = 0; k < t->n; k++) {
        double gap = t->term[k].share - mean;
        cap_sum_add(&squares, t->term[k].weight * gap * gap);
    }
    double variance = cap_sum_value(&squares);
    if (setting[1] > 0) {
        variance *= t->n > 1 ? (double)t->n / ((double)t->n - 1) : 0;
    }
    return mean == 0 ? 0 : mean - setting[0] * variance / fabs(mean);
}

static double row_bottleneck(const terms *t, const double *setting)
{
    cap_sum above = {0, 0};
    (void)setting;
    for (size_t k = 0; k < t->n; k++) {
        cap_sum_add(&above,
                    t->term[k].weight * -expm1(t->lowest - t->term[k].share));
    }
    return within(t->lowest + cap_sum_value(&above), t->lowest, t->highest);
}

enum {
    RULE_ARITHMETIC,
    RULE_GEOMETRIC,
    RULE_HARMONIC,
    RULE_GENERALISED,
    RULE_MINIMUM,
    RULE_MEDIAN,
    RULE_PENALISED,
    RULE_BOTTLENECK,
    RULE_OWA,
    RULE_COPELAND,
    RULE_KEMENY,
    N_RULES
};
static const cap_rule rules[N_RULES];

static cap_status combine_geometric(const cap_children *c, double *out,
                                    int *unproven, cap_error *err)
{
    double shift = parameter_of(c, &rules[RULE_GEOMETRIC], 0);
    (void)unproven;
    return by_row(c, row_geometric, &shift, REFUSE_NEGATIVE, out, err);
}

static cap_status combine_harmonic(const cap_children *c, double *out,
                                   int *unproven, cap_error *err)
{
    (void)unproven;
    return by_row(c, row_harmonic, NULL, REFUSE_NEGATIVE, out, err);
}

static cap_status combine_generalised(const cap_children *c, double *out,
                                      int *unproven, cap_error *err)
{
    double r = parameter_of(c, &rules[RULE_GENERALISED], 0), no_shift = 0;
    (void)unproven;
    if (isinf(r)) {
        return by_row(c, r < 0 ? row_minimum : row_maximum, NULL, 0, out, err);
    }
    if (r == 0) {
        return by_row(c, row_geometric, &no_shift, REFUSE_NEGATIVE, out, err);
    }
    if (r == 1) {
        return by_row(c, row_arithmetic, NULL, 0, out, err);
    }
    return by_row(c, r == -1 ? row_harmonic : row_power, &r, REFUSE_NEGATIVE,
                  out, err);
}

static cap_status combine_minimum(const cap_children *c, double *out,
                                  int *unproven, cap_error *err)
{
    (void)unproven;
    return by_row(c, row_minimum, NULL, 0, out, err);
}

static cap_status combine_median(const cap_children *c, double *out,
                                 int *unproven, cap_error *err)
{
    (void)unproven;
    return by_row(c, row_median, NULL, 0, out, err);
}

static cap_status combine_penalised(const cap_children *c, double *out,
                                    int *unproven, cap_error *err)
{
    const double setting[] = {parameter_of(c, &rules[RULE_PENALISED], 0),
                              parameter_of(c, &rules[RULE_PENALISED], 1)};
    (void)unproven;
    if (setting[0] == 0) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "parameter 'sign' of the rule 'mazziotta_pareto' must "
                        "be 1 or -1");
    }
    return by_row(c, row_penalised, setting, 0, out, err);
}

static cap_status combine_bottleneck(const cap_children *c, double *out,
                                     int *unproven, cap_error *err)
{
    (void)unproven;
    return by_row(c, row_bottleneck, NULL, 0, out, err);
}

/* --- ordered weights ----------------------------------------------------- */

/* setting: number of ordered weights, whether weighted, then their n + 1
 * cumulated shares from 0 to 1. */
static double cumulated(const double *setting, double at)
{
    size_t n = (size_t)setting[0];
    const double *q = setting + 2;
    double place = at * (double)n;
    /* A place that is whole but for rounding is whole. */
    double whole = floor(place + 0.5);
    if (fabs(place - whole) <= CAP_STEP_SLACK) {
        place = whole;
    }
    size_t below = (size_t)place;
    if (below >= n) {
        return 1;
    }
    return q[below] + (place - (double)below) * (q[below + 1] - q[below]);
}

static double row_owa(const terms *t, const double *setting)
{
    double reached = 0, at = 0;
    cap_sum sum = {0, 0};
    qsort(t->term, t->n, sizeof *t->term, by_share);
    for (size_t j = 0; j < t->n; j++) {
        const term *largest = &t->term[t->n - 1 - j];
        at = setting[1] > 0 ? at + largest->weight
                            : (double)(j + 1) / (double)t->n;
        double up_to = j + 1 == t->n ? 1 : cumulated(setting, at);
        cap_sum_add(&sum, (up_to - reached) * largest->share);
        reached = up_to;
    }
    return within(cap_sum_value(&sum), t->lowest, t->highest);
}

static cap_status combine_owa(const cap_children *c, double *out,
                              int *unproven, cap_error *err)
{
    size_t n = c->parameter != NULL ? c->parameter[0].n : 0, n_terms = 0;
    double weighted = parameter_of(c, &rules[RULE_OWA], 1);
    cap_sum total = {0, 0}, so_far = {0, 0};
    (void)unproven;
    for (size_t k = 0; k < c->n_children; k++) {
        n_terms += c->weight[k] > 0;
    }
    if (n == 0 || (!(weighted > 0) && n != n_terms)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the rule 'owa' has %zu ordered weights for %zu "
                        "children; give as many, or 'weighted = TRUE'",
                        n, n_terms);
    }
    const double *v = c->parameter[0].value;
    for (size_t j = 0; j < n; j++) {
        cap_sum_add(&total, v[j]);
    }
    if (!(cap_sum_value(&total) > 0)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the ordered weights of the rule 'owa' are all 0");
    }
    double *setting = cap_calloc(n + 3, sizeof *setting);
    if (setting == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    setting[0] = (double)n;
    setting[1] = weighted;
    for (size_t j = 0; j < n; j++) {
        cap_sum_add(&so_far, v[j]);
        setting[3 + j] = cap_sum_value(&so_far) / cap_sum_value(&total);
    }
    cap_status status = by_row(c, row_owa, setting, 0, out, err);
    cap_free(setting);
    return status;
}

/* --- the register -------------------------------------------------------- */

static const cap_rule rules[N_RULES] = {
    [RULE_ARITHMETIC] = {.name = "arithmetic", .combine = combine_arithmetic},
    [RULE_GEOMETRIC] = {.name = "geometric",
                        .combine = combine_geometric,
                        .n_parameters = 1,
                        .parameter = {{"shift", 0, 0, 1e6, 0, 0}}},
    [RULE_HARMONIC] = {.name = "harmonic", .combine = combine_harmonic},
    [RULE_GENERALISED] = {.name = "generalised_mean",
                          .combine = combine_generalised,
                          .n_parameters = 1,
                          .parameter = {{"r", NAN, -INFINITY, INFINITY, 0,
                                         0}}},
    [RULE_MINIMUM] = {.name = "minimum", .combine = combine_minimum},
    [RULE_MEDIAN] = {.name = "median", .combine = combine_median},
    [RULE_PENALISED] = {.name = "mazziotta_pareto",
                        .combine = combine_penalised,
                        .n_parameters = 2,
                        .parameter = {{"sign", 1, -1, 1, 1, 0},
                                      {"sample", 0, 0, 1, 1, 0}}},
    [RULE_BOTTLENECK] = {.name = "bottleneck", .combine = combine_bottleneck},
    [RULE_OWA] = {.name = "owa",
                  .combine = combine_owa,
                  .n_parameters = 2,
                  .parameter = {{"weights", NAN, 0, 1e300, 0, 1},
                                {"weighted", 0, 0, 1, 1, 0}}},
    [RULE_COPELAND] = {.name = "copeland",
                       .combine = cap_combine_copeland,
                       .compares_units = 1},
    [RULE_KEMENY] = {.name = "kemeny",
                     .combine = cap_combine_kemeny,
                     .compares_units = 1},
};

const cap_rule *cap_rule_at(size_t k)
{
    return k < N_RULES ? &rules[k] : NULL;
}

const cap_rule *cap_rule_find(const char *name)
{
    for (size_t k = 0; k < N_RULES; k++) {
        if (strcmp(rules[k].name, name) == 0) {
            return &rules[k];
        }
    }
    return NULL;
}

cap_status cap_rule_check(const cap_rule *rule, const cap_values *parameter,
                          cap_error *err)
{
    for (size_t k = 0; k < rule->n_parameters; k++) {
        const cap_parameter *p = &rule->parameter[k];
        size_t n = parameter != NULL ? parameter[k].n : 0;
        if (n == 0 && isnan(p->initial)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "the rule '%s' needs its parameter '%s'",
                            rule->name, p->name);
        }
        if (n > 1 && !p->is_vector) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "parameter '%s' of the rule '%s' must be one "
                            "number",
                            p->name, rule->name);
        }
        for (size_t j = 0; j < n; j++) {
            double v = parameter[k].value[j];
            if (!(v >= p->lowest && v <= p->highest) ||
                (p->is_whole && v != floor(v))) {
                return cap_fail(err, CAP_ERR_INPUT,
                                "parameter '%s' of the rule '%s' must be a "
                                "%snumber from %g to %g",
                                p->name, rule->name,
                                p->is_whole ? "whole " : "", p->lowest,
                                p->highest);
            }
        }
    }
    return CAP_OK;
}
