/* Simulates slope, spread and gap when nobody catches up.
 *
 * True levels are the observed ones drawn in by the noise; both ends of each
 * simulated pair are cut to the scale. The shift that gives the observed mean
 * after the cut is found by halving, since the mean of a cut normal rises with
 * it. One simulation serves all three signs: its scores give a slope, a ratio
 * of spreads and a change of the gap. */
#include "base/fp.h"
#include "core/trend/convergence_null.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

#include "base/allocation.h"
#include "base/rng.h"
#include "base/sum.h"

/* A ratio, gap or slope that is drawn is that of the data but for rounding. */
#define SAME 1e-12

/* Scores around theta + shift with a normal spread, cut to the scale. */
typedef struct {
    double shift, sd;
} end_model;

typedef struct {
    size_t n;
    const double *w;
    const cap_convergence_null_groups *groups;
    const cap_convergence_null_run *run;
    end_model from, to;
    double *theta, *x, *y;
} null_work;

/* What the simulations are compared with, and how often they reach it. */
typedef struct {
    double slope, ratio, gap;
    double narrowing; /* 1 when the gap narrows upwards, else -1 */
    size_t slopes, ratios, gaps, top;
    cap_sum ratio_sum, gap_sum;
} null_tally;

static cap_status check_scores(size_t n, const double *x, const double *w,
                               const cap_convergence_null_run *run,
                               cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || x[i] < run->floor || x[i] > run->ceiling) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a score is off the scale");
        }
        if (w != NULL && !(w[i] > 0 && isfinite(w[i]))) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a weight is not above 0");
        }
    }
    return CAP_OK;
}

static double mean_of(size_t n, const double *x)
{
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, x[i]);
    }
    return cap_sum_value(&total) / (double)n;
}

static double variance_of(size_t n, const double *x)
{
    double mean = mean_of(n, x);
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, (x[i] - mean) * (x[i] - mean));
    }
    return cap_sum_value(&total) / (double)n;
}

/* Slope of y - x on x; NaN for a constant x. */
static double slope_of(size_t n, const double *x, const double *y,
                       const double *w)
{
    cap_sum weight = {0, 0}, sx = {0, 0}, sd = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double v = w == NULL ? 1 : w[i];
        cap_sum_add(&weight, v);
        cap_sum_add(&sx, v * x[i]);
        cap_sum_add(&sd, v * (y[i] - x[i]));
    }
    double total = cap_sum_value(&weight), mx = cap_sum_value(&sx) / total;
    double md = cap_sum_value(&sd) / total;
    cap_sum xx = {0, 0}, xd = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double v = w == NULL ? 1 : w[i], a = x[i] - mx;
        cap_sum_add(&xx, v * a * a);
        cap_sum_add(&xd, v * a * (y[i] - x[i] - md));
    }
    double below = cap_sum_value(&xx);
    return below > 0 ? cap_sum_value(&xd) / below : NAN;
}

/* Standard deviation of y over that of x. */
static double spread_ratio(size_t n, const double *x, const double *y)
{
    return sqrt(variance_of(n, y) / variance_of(n, x));
}

/* Mean of the group less that of the rest; NaN without both. */
static double gap_at(const null_work *work, const double *x, bool at_end)
{
    const cap_convergence_null_groups *g = work->groups;
    const double *users = at_end ? g->users_to : g->users_from;
    cap_sum total[2] = {{0, 0}, {0, 0}}, weight[2] = {{0, 0}, {0, 0}};
    for (size_t i = 0; i < work->n; i++) {
        int side = g->side[i];
        bool counts = side == 0 || side == 1;
        if (counts && users != NULL) {
            counts = g->users_from[i] > 0 && g->users_to[i] > 0;
        }
        if (counts) {
            double u = users == NULL ? 1 : users[i];
            cap_sum_add(&weight[side], u);
            cap_sum_add(&total[side], u * (g->logs ? exp(x[i]) : x[i]));
        }
    }
    return cap_sum_value(&total[1]) / cap_sum_value(&weight[1]) -
           cap_sum_value(&total[0]) / cap_sum_value(&weight[0]);
}

static double cut(double x, const cap_convergence_null_run *run)
{
    return fmin(fmax(x, run->floor), run->ceiling);
}

/* Mean of a normal that is cut to the scale. */
static double cut_mean(double a, double sd,
                       const cap_convergence_null_run *run)
{
    if (!(sd > 0)) {
        return cut(a, run);
    }
    double low = (run->floor - a) / sd, high = (run->ceiling - a) / sd;
    double below = isinf(low) ? 0 : gsl_cdf_ugaussian_P(low);
    double above = isinf(high) ? 0 : gsl_cdf_ugaussian_Q(high);
    double mean = a * (1 - below - above);
    if (!isinf(low)) {
        mean += run->floor * below + sd * gsl_ran_ugaussian_pdf(low);
    }
    if (!isinf(high)) {
        mean += run->ceiling * above - sd * gsl_ran_ugaussian_pdf(high);
    }
    return mean;
}

/* The shift that gives the observed mean, by halving: the mean rises with it.
 */
static double find_shift(const null_work *work, double sd, double target)
{
    double centre = mean_of(work->n, work->theta), reach = 10 * sd + 1;
    for (size_t i = 0; i < work->n; i++) {
        reach = fmax(reach, 10 * sd + fabs(work->theta[i] - centre) +
                                fabs(target - centre));
    }
    double low = -2 * reach, high = 2 * reach;
    for (int step = 0; step < 80; step++) {
        double middle = (low + high) / 2;
        cap_sum total = {0, 0};
        for (size_t i = 0; i < work->n; i++) {
            cap_sum_add(&total,
                        cut_mean(work->theta[i] + middle, sd, work->run));
        }
        if (cap_sum_value(&total) / (double)work->n < target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return (low + high) / 2;
}

static void make_model(null_work *work, const double *from, const double *to)
{
    size_t n = work->n;
    double mean = mean_of(n, from), variance = variance_of(n, from);
    for (size_t i = 0; i < n; i++) {
        work->x[i] = to[i] - from[i];
    }
    double change = variance_of(n, work->x);
    double noise = work->run->noise * change / 2;
    double kept = sqrt(1 - fmin(noise / variance, 1));
    for (size_t i = 0; i < n; i++) {
        work->theta[i] = mean + kept * (from[i] - mean);
    }
    work->from.sd = sqrt(noise);
    work->to.sd = sqrt(noise + (1 - work->run->noise) * change);
    work->from.shift = find_shift(work, work->from.sd, mean);
    work->to.shift = find_shift(work, work->to.sd, mean_of(n, to));
}

static double draw_normal(cap_rng *rng)
{
    return gsl_cdf_ugaussian_Pinv(cap_rng_uniform(rng));
}

/* Draws the scores of both ends; counts those at the ceiling. */
static void simulate(const null_work *work, size_t replicate, size_t *top)
{
    cap_rng rng;
    cap_rng_seek(&rng, work->run->key, replicate, 0);
    for (size_t i = 0; i < work->n; i++) {
        double theta = work->theta[i];
        work->x[i] =
            cut(theta + work->from.shift + work->from.sd * draw_normal(&rng),
                work->run);
        work->y[i] =
            cut(theta + work->to.shift + work->to.sd * draw_normal(&rng),
                work->run);
        *top += work->y[i] >= work->run->ceiling ? 1 : 0;
    }
}

static null_tally start_tally(const null_work *work, const double *from,
                              const double *to)
{
    null_tally t = {.slope = slope_of(work->n, from, to, work->w),
                    .ratio = spread_ratio(work->n, from, to),
                    .gap = NAN};
    if (work->groups != NULL) {
        double start = gap_at(work, from, false);
        t.gap = gap_at(work, to, true) - start;
        t.narrowing = start < 0 ? 1 : -1;
    }
    return t;
}

/* The spread and the gap of the scores that were drawn last. */
static void count_signs(const null_work *work, null_tally *t)
{
    double ratio = spread_ratio(work->n, work->x, work->y);
    cap_sum_add(&t->ratio_sum, ratio);
    t->ratios += ratio <= t->ratio + SAME ? 1 : 0;
    if (!isnan(t->gap)) {
        double gap =
            gap_at(work, work->y, true) - gap_at(work, work->x, false);
        cap_sum_add(&t->gap_sum, gap);
        t->gaps += t->narrowing * (gap - t->gap) >= -SAME ? 1 : 0;
    }
}

static cap_status simulate_all(const null_work *work, double *slope,
                               null_tally *t, cap_convergence_null *to,
                               const cap_poll *poll, cap_error *err)
{
    size_t n_sim = work->run->n_sim;
    for (size_t s = 0; s < n_sim; s++) {
        if (s % 128 == 0 && cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        simulate(work, s, &t->top);
        slope[s] = slope_of(work->n, work->x, work->y, work->w);
        if (isnan(slope[s])) {
            return cap_fail(err, CAP_ERR_NUMERIC,
                            "a simulated start is the same for all units");
        }
        t->slopes += slope[s] <= t->slope + SAME ? 1 : 0;
        count_signs(work, t);
    }
    double total = (double)n_sim;
    to->slope = t->slope;
    to->mean = mean_of(n_sim, slope);
    to->sd = sqrt(variance_of(n_sim, slope) * total / (total - 1));
    gsl_sort(slope, 1, n_sim);
    to->low = gsl_stats_quantile_from_sorted_data(slope, 1, n_sim, 0.05);
    to->p = (1 + (double)t->slopes) / (1 + total);
    to->ceiling_share = (double)t->top / total / (double)work->n;
    to->spread = cap_sum_value(&t->ratio_sum) / total;
    to->p_spread = (1 + (double)t->ratios) / (1 + total);
    if (!isnan(t->gap)) {
        to->gap = cap_sum_value(&t->gap_sum) / total;
        to->p_gap = (1 + (double)t->gaps) / (1 + total);
    }
    return CAP_OK;
}

cap_status cap_convergence_null_test(size_t n, const double *from,
                                     const double *to, const double *w,
                                     const cap_convergence_null_groups *groups,
                                     const cap_convergence_null_run *run,
                                     cap_convergence_null *result,
                                     const cap_poll *poll, cap_error *err)
{
    const cap_convergence_null none = {NAN, NAN, NAN, NAN, NAN,
                                       NAN, NAN, NAN, NAN, NAN};
    *result = none;
    if (!(run->noise >= 0 && run->noise <= 1) || run->n_sim < 2 ||
        !(run->floor < run->ceiling)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "noise must be a share, with two simulations or more "
                        "and a floor below the ceiling");
    }
    cap_status status = check_scores(n, from, w, run, err);
    if (status == CAP_OK) {
        status = check_scores(n, to, w, run, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    if (n < 3 || !(variance_of(n, from) > 0)) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        "a slope needs three units that start apart");
    }
    double *room = cap_calloc(3 * n + run->n_sim, sizeof *room);
    if (room == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for slopes");
    }
    null_work work = {n,      w,    groups,   run,         {0, 0},
                      {0, 0}, room, room + n, room + 2 * n};
    make_model(&work, from, to);
    null_tally tally = start_tally(&work, from, to);
    cap_convergence_null found = none;
    status = simulate_all(&work, room + 3 * n, &tally, &found, poll, err);
    if (status == CAP_OK) {
        found.spread *= sqrt(variance_of(n, from));
        *result = found;
    }
    cap_free(room);
    return status;
}
