/* The distribution of a true answer given the answer and the grade of its
 * evidence; draws and bounds of it. */
#include "base/fp.h"
#include "core/readiness/answer_uncertainty.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#include "base/rng.h"

#define MOST_LEVELS 1e6

/* The law of one cell: the answer, a step down and a step up, or any level. */
typedef struct {
    int unknown;
    double value, down_to, up_to;
    double down, up;              /* chances */
    double lowest, step, highest; /* of the scale */
    double n_levels;
} cell;

static cell cell_of(const cap_levels *levels, size_t item, double value,
                    double reliability)
{
    double lowest = levels->lowest[item], highest = levels->highest[item];
    double step = levels->step[item], rest = 1 - reliability;
    int at_lowest = cap_gate_met(lowest, value);
    int at_highest = cap_gate_met(value, highest);
    cell c = {isnan(value) || isnan(reliability),
              value,
              fmax(value - step, lowest),
              fmin(value + step, highest),
              at_lowest    ? 0
              : at_highest ? rest
                           : rest / 2,
              at_highest  ? 0
              : at_lowest ? rest
                          : rest / 2,
              lowest,
              step,
              highest,
              floor((highest - lowest) / step + CAP_STEP_SLACK) + 1};
    return c;
}

/* Written so that certain gates are exactly 0 or 1. */
static double pass_of(const cell *c, double minimum)
{
    double met = 0;
    if (c->unknown) {
        for (double k = 0; k < c->n_levels; k++) {
            met += cap_gate_met(c->lowest + k * c->step, minimum);
        }
        return met / c->n_levels;
    }
    if (cap_gate_met(c->down_to, minimum)) {
        return 1;
    }
    if (cap_gate_met(c->value, minimum)) {
        return 1 - c->down;
    }
    return cap_gate_met(c->up_to, minimum) ? c->up : 0;
}

/* The level at which the distribution reaches u. */
static double level_at(const cell *c, double u)
{
    if (c->unknown) {
        double k = floor(u * c->n_levels);
        return c->lowest + fmin(k, c->n_levels - 1) * c->step;
    }
    if (u < c->down) {
        return c->down_to;
    }
    return u < 1 - c->up ? c->value : c->up_to;
}

static cap_status check_levels(size_t n_items, const cap_levels *levels,
                               cap_error *err)
{
    for (size_t i = 0; i < n_items; i++) {
        double range = levels->highest[i] - levels->lowest[i];
        if (!(range >= 0 && levels->step[i] > 0 &&
              range / levels->step[i] <= MOST_LEVELS)) {
            return cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, i,
                               "levels must ascend by a step above 0, and be "
                               "at most a million");
        }
    }
    return CAP_OK;
}

static cap_status check_cells(size_t n_rows, size_t n_items,
                              const double *reliability,
                              const cap_levels *levels, cap_error *err)
{
    cap_status status = check_levels(n_items, levels, err);
    for (size_t k = 0; k < n_rows * n_items && status == CAP_OK; k++) {
        if (reliability[k] < 0 || reliability[k] > 1) {
            status = cap_fail_at(err, CAP_ERR_INPUT, k % n_rows, k / n_rows,
                                 "a reliability is not from 0 to 1");
        }
    }
    return status;
}

cap_status cap_evidence_pass(const cap_gates *gates, size_t n_rows,
                             const double *value, const double *reliability,
                             const cap_levels *levels, double *pass,
                             cap_error *err)
{
    cap_status status = cap_gates_check(gates, err);
    if (status == CAP_OK) {
        status = check_cells(n_rows, gates->n_items, reliability, levels, err);
    }
    size_t n_members =
        gates->n_groups > 0 ? gates->group_start[gates->n_groups] : 0;
    for (size_t m = 0; m < n_members && status == CAP_OK; m++) {
        size_t i = gates->item[m];
        for (size_t row = 0; row < n_rows; row++) {
            size_t at = i * n_rows + row;
            cell c = cell_of(levels, i, value[at], reliability[at]);
            pass[m * n_rows + row] = pass_of(&c, gates->minimum[m]);
        }
    }
    return status;
}

cap_status cap_evidence_draw(size_t n_rows, size_t n_items,
                             const double *value, const double *reliability,
                             const cap_levels *levels,
                             const cap_evidence_draws *draws, double *drawn,
                             cap_error *err)
{
    double load = sqrt(draws->correlation);
    double own = sqrt(1 - draws->correlation);
    size_t n_out = n_rows * draws->n_draws;
    cap_status status = check_cells(n_rows, n_items, reliability, levels, err);
    if (!(draws->correlation >= 0 && draws->correlation <= 1)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the correlation must be from 0 to 1");
    }
    for (size_t d = 0; d < draws->n_draws && status == CAP_OK; d++) {
        for (size_t row = 0; row < n_rows; row++) {
            cap_rng rng;
            const gsl_rng normal = {cap_rng_gsl(), &rng};
            cap_rng_seek(&rng, draws->key, draws->first_draw + d,
                         (uint32_t)row);
            double common =
                load > 0 ? load * gsl_ran_gaussian_ziggurat(&normal, 1) : 0;
            for (size_t i = 0; i < n_items; i++) {
                size_t at = i * n_rows + row;
                cell c = cell_of(levels, i, value[at], reliability[at]);
                double u =
                    load > 0 ? gsl_cdf_ugaussian_P(
                                   common +
                                   own * gsl_ran_gaussian_ziggurat(&normal, 1))
                             : cap_rng_uniform(&rng);
                drawn[i * n_out + d * n_rows + row] = level_at(&c, u);
            }
        }
    }
    return status;
}

cap_status cap_evidence_range(size_t n_rows, size_t n_items,
                              const double *value, const double *reliability,
                              const cap_levels *levels, int greatest,
                              double *level, cap_error *err)
{
    cap_status status = check_cells(n_rows, n_items, reliability, levels, err);
    for (size_t k = 0; k < n_rows * n_items && status == CAP_OK; k++) {
        cell c = cell_of(levels, k / n_rows, value[k], reliability[k]);
        level[k] = level_at(&c, greatest ? 1 : 0);
        if (!c.unknown && greatest && !(c.up > 0)) {
            level[k] = 1 - c.down > 0 ? c.value : c.down_to;
        }
    }
    return status;
}
