/* The Bayesian bootstrap over countries of means and medians of a group, in
 * several editions at once.
 *
 * One exponential weight a country and draw serves all editions, so that
 * changes keep the covariance of the same countries. Scores are sorted once; a
 * weighted median is then one pass. All draws of a figure are kept, since the
 * interval is made of their quantiles, which are selected and not sorted. */
#include "base/fp.h"
#include "core/trend/bootstrap.h"

#include <gsl/gsl_sort.h>
#include <math.h>

#include "base/allocation.h"
#include "core/index/regions.h"
#include "base/rng.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_boot_figures[] = {
    {"mean", CAP_BOOT_MEAN},
    {"mean_weighted", CAP_BOOT_MEAN_WEIGHTED},
    {"median", CAP_BOOT_MEDIAN},
    {"median_weighted", CAP_BOOT_MEDIAN_WEIGHTED},
    {NULL, 0},
};

enum { POLL_EVERY = 256 };

/* Of the group's rows: k columns of m numbers each. */
typedef struct {
    size_t m, k, n_pairs, rows; /* rows = k + n_pairs */
    const size_t *pair;
    double *x;       /* scores, 0 where absent */
    double *here;    /* 1 where there is a score, else 0 */
    double *users;   /* 0 where there are none or no score; NULL */
    size_t *order;   /* rows by score */
    size_t *counted; /* rows that count, rows x CAP_BOOT_FIGURES */
    double *g;       /* m weights of a draw */
    double *now;     /* figures of a draw */
    double *kept;    /* draws of each figure, draws fastest */
} work;

static cap_status check_input(size_t n, size_t k, const double *x,
                              const double *u, size_t n_members,
                              const size_t *member, size_t n_pairs,
                              const size_t *pair, const cap_boot_run *run,
                              cap_error *err)
{
    if (run->draws > 0 && !(run->conf > 0 && run->conf < 1)) {
        return cap_fail(err, CAP_ERR_INPUT, "conf must be above 0, below 1");
    }
    for (size_t p = 0; p < 2 * n_pairs; p++) {
        if (pair[p] >= k) {
            return cap_fail(err, CAP_ERR_INPUT, "a pair has no such column");
        }
    }
    for (size_t i = 0; i < n_members; i++) {
        if (member[i] >= n) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a group has a row that the scores lack");
        }
        for (size_t c = 0; c < k; c++) {
            size_t at = c * n + member[i];
            if (isinf(x[at])) {
                return cap_fail_at(err, CAP_ERR_INPUT, member[i], c,
                                   "a score is infinite");
            }
            if (u != NULL && (u[at] < 0 || u[at] > CAP_MOST_USERS)) {
                return cap_fail_at(err, CAP_ERR_INPUT, member[i], c,
                                   "users must be from 0 to 1e100");
            }
        }
    }
    return CAP_OK;
}

static cap_status allocate(work *w, size_t draws, int weighted, cap_error *err)
{
    size_t cells = w->m * w->k, figures = w->rows * CAP_BOOT_FIGURES;
    if ((w->m > 0 && cells / w->m != w->k) ||
        (draws > 0 && figures > (size_t)-1 / draws)) {
        return cap_fail(err, CAP_ERR_MEMORY, "too many draws to hold");
    }
    w->x = cap_calloc(cells, sizeof *w->x);
    w->here = cap_calloc(cells, sizeof *w->here);
    w->users = weighted ? cap_calloc(cells, sizeof *w->users) : NULL;
    w->order = cap_calloc(cells, sizeof *w->order);
    w->counted = cap_calloc(figures, sizeof *w->counted);
    w->g = cap_calloc(w->m, sizeof *w->g);
    w->now = cap_calloc(figures, sizeof *w->now);
    w->kept = cap_calloc(figures * draws, sizeof *w->kept);
    if (w->x == NULL || w->here == NULL || (weighted && w->users == NULL) ||
        w->order == NULL || w->counted == NULL || w->g == NULL ||
        w->now == NULL || w->kept == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a bootstrap");
    }
    return CAP_OK;
}

static void release(work *w)
{
    cap_free(w->kept);
    cap_free(w->now);
    cap_free(w->g);
    cap_free(w->counted);
    cap_free(w->order);
    cap_free(w->users);
    cap_free(w->here);
    cap_free(w->x);
}

static size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

static void fill(work *w, size_t n, const double *x, const double *u,
                 const size_t *member)
{
    for (size_t c = 0; c < w->k; c++) {
        size_t *counted = w->counted + c * CAP_BOOT_FIGURES;
        for (size_t i = 0; i < w->m; i++) {
            size_t at = c * w->m + i, from = c * n + member[i];
            if (isnan(x[from])) {
                continue;
            }
            w->x[at] = x[from];
            w->here[at] = 1;
            counted[CAP_BOOT_MEAN]++;
            if (u != NULL && u[from] > 0) {
                w->users[at] = u[from];
                counted[CAP_BOOT_MEAN_WEIGHTED]++;
            }
        }
        counted[CAP_BOOT_MEDIAN] = counted[CAP_BOOT_MEAN];
        counted[CAP_BOOT_MEDIAN_WEIGHTED] = counted[CAP_BOOT_MEAN_WEIGHTED];
        gsl_sort_index(w->order + c * w->m, w->x + c * w->m, 1, w->m);
    }
    for (size_t p = 0; p < w->n_pairs; p++) {
        for (size_t f = 0; f < CAP_BOOT_FIGURES; f++) {
            w->counted[(w->k + p) * CAP_BOOT_FIGURES + f] =
                lesser(w->counted[w->pair[2 * p] * CAP_BOOT_FIGURES + f],
                       w->counted[w->pair[2 * p + 1] * CAP_BOOT_FIGURES + f]);
        }
    }
}

/* Of weights g w with sum `total` over scores in order. */
static double weighted_median(size_t m, const double *g, const double *w,
                              const double *x, const size_t *order,
                              double total)
{
    double cumulated = 0, half = total / 2, slack = CAP_WEIGHT_SLACK * total;
    size_t j = 0;
    while (j < m && cumulated < half - slack) {
        cumulated += g[order[j]] * w[order[j]];
        j++;
    }
    if (j == 0) {
        return NAN; /* no weight */
    }
    double low = x[order[j - 1]];
    if (cumulated > half + slack) {
        return low;
    }
    while (j < m && !(g[order[j]] * w[order[j]] > 0)) {
        j++;
    }
    return j < m ? (low + x[order[j]]) / 2 : low;
}

static void mean_and_median(const work *w, size_t c, const double *weight,
                            double *mean, double *median)
{
    const double *x = w->x + c * w->m, *u = weight + c * w->m;
    double total = 0, cross = 0;
    for (size_t i = 0; i < w->m; i++) {
        double gu = w->g[i] * u[i];
        total += gu;
        cross += gu * x[i];
    }
    *mean = cross / total; /* 0 / 0, NaN, where no unit counts */
    *median = weighted_median(w->m, w->g, u, x, w->order + c * w->m, total);
}

static void figures_of_draw(const work *w)
{
    for (size_t c = 0; c < w->k; c++) {
        double *at = w->now + c * CAP_BOOT_FIGURES;
        mean_and_median(w, c, w->here, &at[CAP_BOOT_MEAN],
                        &at[CAP_BOOT_MEDIAN]);
        at[CAP_BOOT_MEAN_WEIGHTED] = at[CAP_BOOT_MEDIAN_WEIGHTED] = NAN;
        if (w->users != NULL) {
            mean_and_median(w, c, w->users, &at[CAP_BOOT_MEAN_WEIGHTED],
                            &at[CAP_BOOT_MEDIAN_WEIGHTED]);
        }
    }
    for (size_t p = 0; p < w->n_pairs; p++) {
        for (size_t f = 0; f < CAP_BOOT_FIGURES; f++) {
            w->now[(w->k + p) * CAP_BOOT_FIGURES + f] =
                w->now[w->pair[2 * p + 1] * CAP_BOOT_FIGURES + f] -
                w->now[w->pair[2 * p] * CAP_BOOT_FIGURES + f];
        }
    }
}

static void draw_weights(const work *w, const cap_boot_run *run, size_t draw)
{
    cap_rng rng;
    cap_rng_seek(&rng, run->key, draw, run->stream);
    for (size_t i = 0; i < w->m; i++) {
        w->g[i] = -log(cap_rng_uniform(&rng));
    }
}

/* Puts the number of rank `k` into its place, no greater ones before it and
 * no lesser ones behind (Hoare 1961). */
static void select_rank(double *v, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = v[low + (high - low) / 2];
        size_t i = low, j = high;
        for (;;) {
            while (v[i] < pivot) {
                i++;
            }
            while (v[j] > pivot) {
                j--;
            }
            if (i >= j) {
                break;
            }
            double swap = v[i];
            v[i++] = v[j];
            v[j--] = swap;
        }
        /* v[low .. i - 1] <= pivot <= v[i .. high], v[i] = pivot if i = j */
        if (i == j && k == i) {
            return;
        }
        if (k < i) {
            high = i - 1;
        } else {
            low = i == j ? i + 1 : i;
        }
    }
}

static double quantile(double *v, size_t n, double probability)
{
    double at = probability * (double)(n - 1);
    size_t k = (size_t)at;
    select_rank(v, n, k);
    if (k + 1 >= n) {
        return v[n - 1];
    }
    double next = v[k + 1];
    for (size_t i = k + 2; i < n; i++) {
        next = v[i] < next ? v[i] : next;
    }
    return v[k] + (at - (double)k) * (next - v[k]);
}

static void summarise(double *v, const cap_boot_run *run, cap_boot *figure)
{
    size_t n = run->draws;
    cap_sum total = {0, 0}, squares = {0, 0};
    for (size_t r = 0; r < n; r++) {
        cap_sum_add(&total, v[r]);
    }
    double mean = cap_sum_value(&total) / (double)n;
    for (size_t r = 0; r < n; r++) {
        cap_sum_add(&squares, (v[r] - mean) * (v[r] - mean));
    }
    figure->se = sqrt(cap_sum_value(&squares) / (double)(n - 1));
    figure->low = quantile(v, n, (1 - run->conf) / 2);
    figure->high = quantile(v, n, (1 + run->conf) / 2);
}

static cap_status run_draws(const work *w, const cap_boot_run *run,
                            const cap_poll *poll, cap_error *err)
{
    size_t n_figures = w->rows * CAP_BOOT_FIGURES;
    for (size_t r = 0; r < run->draws; r++) {
        if (r % POLL_EVERY == 0 && cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "stopped");
        }
        draw_weights(w, run, r);
        figures_of_draw(w);
        for (size_t f = 0; f < n_figures; f++) {
            w->kept[f * run->draws + r] = w->now[f];
        }
    }
    return CAP_OK;
}

cap_status cap_bootstrap_group(size_t n, size_t k, const double *x,
                               const double *u, size_t n_members,
                               const size_t *member, size_t n_pairs,
                               const size_t *pair, const cap_boot_run *run,
                               const cap_poll *poll, cap_boot *figures,
                               cap_error *err)
{
    const cap_boot none = {NAN, NAN, NAN, NAN};
    work w = {n_members, k,    n_pairs, k + n_pairs, pair, NULL, NULL,
              NULL,      NULL, NULL,    NULL,        NULL, NULL};
    size_t n_figures = w.rows * CAP_BOOT_FIGURES;
    cap_status status =
        check_input(n, k, x, u, n_members, member, n_pairs, pair, run, err);
    if (status != CAP_OK) {
        return status;
    }
    if ((status = allocate(&w, run->draws, u != NULL, err)) != CAP_OK) {
        goto done;
    }
    fill(&w, n, x, u, member);
    for (size_t i = 0; i < w.m; i++) {
        w.g[i] = 1;
    }
    figures_of_draw(&w);
    for (size_t f = 0; f < n_figures; f++) {
        figures[f] = none;
        figures[f].estimate = w.now[f];
    }
    if ((status = run_draws(&w, run, poll, err)) != CAP_OK) {
        goto done;
    }
    for (size_t f = 0; f < n_figures; f++) {
        if (w.counted[f] > 1 && run->draws > 1) {
            summarise(w.kept + f * run->draws, run, &figures[f]);
        }
    }
done:
    release(&w);
    return status;
}
