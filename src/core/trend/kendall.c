/* Kendall's test of one series, and of units over the same editions.
 *
 * Without ties the null distribution of S is that of the Mahonian numbers,
 * summed from both tails so that small probabilities keep their precision.
 * With ties values are placed set by set, one time after the other, which
 * counts the ways to each S over subsets. Units over the same editions are
 * permuted together, all editions at once, so that their correlation is kept:
 * the sum of their S, and the scatter of their standardised S, are tested
 * against all joint orders. Beyond the exact limits the normal approximation
 * takes over. */
#include "base/fp.h"
#include "core/trend/kendall.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

#include "core/index/compare.h"
#include "base/allocation.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_alternatives[] = {
    {"two.sided", CAP_TWO_SIDED},
    {"greater", CAP_GREATER},
    {"less", CAP_LESS},
    {NULL, 0},
};

static const cap_kendall no_pair = {0, 0, 0, 0, NAN, NAN, 0, 1, 1, 0};

static double sign(double d) { return (double)((d > 0) - (d < 0)); }

static double pairs_of(double n) { return n * (n - 1) / 2; }

/* ---- ties --------------------------------------------------------------- */

cap_status cap_tie(size_t n, const double *x, double *tied, cap_error *err)
{
    return cap_tie_within(n, x, CAP_TIE_GAP * cap_largest(n, x), tied, err);
}

static int has_near_ties(const cap_pair_counts *c)
{
    return c->x.closest <= CAP_TIE_GAP || c->y.closest <= CAP_TIE_GAP;
}

/* Pairs of time and value; near ties are rare, so they cost a second count.
 */
static cap_status count_series(size_t n, const double *x, const double *time,
                               cap_pair_counts *counts, cap_error *err)
{
    cap_status status = cap_count_pairs(n, time, x, counts, err);
    if (status != CAP_OK || !has_near_ties(counts)) {
        return status;
    }
    double *t = cap_calloc(n, sizeof *t), *v = cap_calloc(n, sizeof *v);
    if (t == NULL || v == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for ties");
        goto done;
    }
    for (size_t i = 0; i < n; i++) { /* a row counts whole or not at all */
        t[i] = isnan(x[i]) ? NAN : time[i];
        v[i] = isnan(time[i]) ? NAN : x[i];
    }
    status = cap_tie(n, t, t, err);
    if (status == CAP_OK) {
        status = cap_tie(n, v, v, err);
    }
    if (status == CAP_OK) {
        status = cap_count_pairs(n, t, v, counts, err);
    }

done:
    cap_free(v);
    cap_free(t);
    return status;
}

/* ---- null distributions ------------------------------------------------- */

/* Counts of orders of n by d discordant pairs, d = 0 .. n (n - 1) / 2, as
 * probabilities. Each half is a running sum of terms that grow, so the tails
 * keep their relative precision. */
static void mahonian(size_t n, double *now, double *next)
{
    size_t last = 0;
    now[0] = 1;
    for (size_t k = 2; k <= n; k++) {
        size_t top = last + k - 1;
        double window = 0;
        for (size_t d = 0; d <= top / 2; d++) {
            window += d <= last ? now[d] : 0;
            window -= d >= k ? now[d - k] : 0;
            next[d] = next[top - d] = window;
        }
        memcpy(now, next, (top + 1) * sizeof *now);
        last = top;
    }
    double all = exp(gsl_sf_lngamma((double)n + 1));
    if (n <= 20) {
        all = 1;
        for (size_t k = 2; k <= n; k++) {
            all *= (double)k;
        }
    }
    for (size_t d = 0; d <= last; d++) {
        now[d] /= all;
    }
}

/* P(S) of n untied values at distinct times; prob as in cap_kendall_null(). */
static cap_status untied_null(size_t n, double *prob, cap_error *err)
{
    size_t pairs = n * (n - 1) / 2;
    double *now = cap_calloc(pairs + 1, sizeof *now);
    double *next = cap_calloc(pairs + 1, sizeof *next);
    cap_status status = CAP_OK;
    if (now == NULL || next == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for Kendall");
        goto done;
    }
    mahonian(n, now, next);
    memset(prob, 0, (2 * pairs + 1) * sizeof *prob);
    for (size_t d = 0; d <= pairs; d++) {
        prob[2 * d] = now[d];
    }

done:
    cap_free(next);
    cap_free(now);
    return status;
}

static unsigned bits_of(unsigned set)
{
    unsigned count = 0;
    for (; set != 0; set &= set - 1) {
        count++;
    }
    return count;
}

/* The change of S when the values in `added` follow those in `placed`. */
static int step(size_t n, const double *x, unsigned placed, unsigned added)
{
    int total = 0;
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; added >> j & 1 && i < n; i++) {
            total += placed >> i & 1 ? (x[j] > x[i]) - (x[j] < x[i]) : 0;
        }
    }
    return total;
}

/* P(S) given the ties of values and times (ascending): sets of values are
 * placed, one time after the other; ways[set] counts the ways to each S. */
static cap_status tied_null(size_t n, const double *x, const double *time,
                            double *prob, cap_error *err)
{
    size_t width = n * (n - 1) + 1, centre = width / 2;
    unsigned full = (1U << n) - 1;
    double *ways = cap_calloc((full + 1) * width, sizeof *ways);
    if (ways == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for Kendall");
    }
    ways[centre] = 1;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && time[to] == time[from]; to++) {
        }
        for (unsigned placed = 0; placed < full; placed++) {
            if (bits_of(placed) != from) {
                continue;
            }
            const double *at = ways + placed * width;
            unsigned rest = full & ~placed;
            for (unsigned added = rest; added; added = (added - 1) & rest) {
                if (bits_of(added) != to - from) {
                    continue;
                }
                double *then = ways + (placed | added) * width;
                int shift = step(n, x, placed, added);
                for (size_t k = 0; k < width; k++) {
                    if (at[k] > 0) {
                        then[(size_t)((int)k + shift)] += at[k];
                    }
                }
            }
        }
    }
    double all = 0;
    for (size_t k = 0; k < width; k++) {
        all += ways[full * width + k];
    }
    for (size_t k = 0; k < width; k++) {
        prob[k] = ways[full * width + k] / all;
    }
    cap_free(ways);
    return CAP_OK;
}

cap_status cap_kendall_null(size_t n, const double *time, double *prob,
                            int *known, cap_error *err)
{
    double x[CAP_EXACT_TIED];
    int tied = 0;
    for (size_t i = 1; i < n; i++) {
        tied |= time[i] == time[i - 1];
    }
    *known = n > 0 && n <= (tied ? CAP_EXACT_TIED : CAP_EXACT_UNTIED);
    if (!*known) {
        return CAP_OK;
    }
    if (!tied) {
        return untied_null(n, prob, err);
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = (double)i;
    }
    return tied_null(n, x, time, prob, err);
}

/* ---- one series --------------------------------------------------------- */

static double variance_of(const cap_pair_counts *c)
{
    double n = (double)c->n, t2 = 2 * (double)c->x.pairs;
    double u2 = 2 * (double)c->y.pairs, t3 = c->x.triples, u3 = c->y.triples;
    /* t (t - 1) (2 t + 5) = 2 t (t - 1) (t - 2) + 9 t (t - 1) */
    double var =
        (n * (n - 1) * (2 * n + 5) - 2 * (t3 + u3) - 9 * (t2 + u2)) / 18;
    if (n > 1) {
        var += t2 * u2 / (2 * n * (n - 1));
    }
    if (n > 2) {
        var += t3 * u3 / (9 * n * (n - 1) * (n - 2));
    }
    return var;
}

static double z_of(double s, double var, double correction)
{
    if (!(var > 0) || fabs(s) <= correction) {
        return 0;
    }
    return (s - correction * sign(s)) / sqrt(var);
}

static double normal_p(double z, cap_alternative alternative)
{
    switch (alternative) {
    case CAP_GREATER:
        return gsl_cdf_ugaussian_Q(z);
    case CAP_LESS:
        return gsl_cdf_ugaussian_P(z);
    default:
        return fmin(1, 2 * gsl_cdf_ugaussian_Q(fabs(z)));
    }
}

/* Is the value at least as far out as s on the side asked for? */
static int as_far(double value, double s, cap_alternative alternative,
                  double slack)
{
    switch (alternative) {
    case CAP_GREATER:
        return value >= s - slack;
    case CAP_LESS:
        return value <= s + slack;
    default:
        return fabs(value) >= fabs(s) - slack;
    }
}

/* p of s, and the least p, from `count` values with their probabilities (NULL:
 * equal ones). */
static void exact_p(size_t count, const double *values, const double *prob,
                    cap_alternative alternative, double slack,
                    cap_kendall *out)
{
    double each = 1 / (double)count, out_most = 0;
    cap_sum p = {0, 0}, p_min = {0, 0};
    for (size_t k = 0; k < count; k++) {
        int possible = prob == NULL || prob[k] > 0;
        double v = alternative == CAP_TWO_SIDED ? fabs(values[k])
                   : alternative == CAP_GREATER ? values[k]
                                                : -values[k];
        out_most = possible && v > out_most ? v : out_most;
    }
    out_most = alternative == CAP_LESS ? -out_most : out_most;
    for (size_t k = 0; k < count; k++) {
        double chance = prob == NULL ? each : prob[k];
        if (as_far(values[k], out->s, alternative, slack)) {
            cap_sum_add(&p, chance);
        }
        if (as_far(values[k], out_most, alternative, slack)) {
            cap_sum_add(&p_min, chance);
        }
    }
    out->p = fmin(1, cap_sum_value(&p));
    out->p_min = fmin(1, cap_sum_value(&p_min));
}

/* The values with their times, in order of time, ties made equal. */
static cap_status tidy_series(size_t n, const double *x, const double *time,
                              double *v, double *t, cap_error *err)
{
    double a[CAP_EXACT_TIED] = {0}, b[CAP_EXACT_TIED] = {0};
    size_t used = 0, order[CAP_EXACT_TIED];
    for (size_t i = 0; i < n; i++) {
        if (!isnan(x[i]) && !isnan(time[i])) {
            a[used] = x[i];
            b[used++] = time[i];
        }
    }
    gsl_sort_index(order, b, 1, used);
    for (size_t k = 0; k < used; k++) {
        v[k] = a[order[k]];
        t[k] = b[order[k]];
    }
    cap_status status = cap_tie(used, v, v, err);
    return status == CAP_OK ? cap_tie(used, t, t, err) : status;
}

/* Exact p of a series within the limits. */
static cap_status exact_series(size_t n, const double *x, const double *time,
                               int tied, cap_alternative alternative,
                               cap_kendall *out, cap_error *err)
{
    double v[CAP_EXACT_TIED], t[CAP_EXACT_TIED];
    size_t pairs = out->n * (out->n - 1) / 2, width = 2 * pairs + 1;
    double *prob = cap_calloc(2 * width, sizeof *prob);
    if (prob == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for Kendall");
    }
    double *values = prob + width;
    cap_status status;
    if (tied) {
        status = tidy_series(n, x, time, v, t, err);
        if (status == CAP_OK) {
            status = tied_null(out->n, v, t, prob, err);
        }
    } else {
        status = untied_null(out->n, prob, err);
    }
    for (size_t k = 0; k < width; k++) {
        values[k] = (double)k - (double)pairs;
    }
    if (status == CAP_OK) {
        exact_p(width, values, prob, alternative, 0.5, out);
    }
    cap_free(prob);
    return status;
}

/* The share of the orders that are the farthest out. */
static double least_p(double n, double log_orders, cap_alternative side)
{
    double each = exp(log_orders - gsl_sf_lngamma(n + 1));
    return fmin(1, side == CAP_TWO_SIDED ? 2 * each : each);
}

cap_status cap_kendall_series(size_t n, const double *x, const double *time,
                              const cap_kendall_options *options,
                              cap_kendall *out, cap_error *err)
{
    cap_pair_counts c;
    *out = no_pair;
    cap_status status = count_series(n, x, time, &c, err);
    if (status != CAP_OK) {
        return status;
    }
    double all = pairs_of((double)c.n);
    double open =
        sqrt(all - (double)c.x.pairs) * sqrt(all - (double)c.y.pairs);
    out->n = c.n;
    out->exact = !options->normal;
    if (!(open > 0)) {
        return CAP_OK;
    }
    int tied = c.x.pairs > 0 || c.y.pairs > 0;
    out->open = open;
    out->s = (double)c.concordant - (double)c.discordant;
    out->var_s = variance_of(&c);
    out->z = z_of(out->s, out->var_s, 1);
    out->tau = fmax(-1, fmin(1, out->s / open));
    out->tau_a = out->s / all;
    out->exact = c.n <= (tied ? CAP_EXACT_TIED : CAP_EXACT_UNTIED);
    if (out->exact) {
        status =
            exact_series(n, x, time, tied, options->alternative, out, err);
    } else {
        out->p_min = least_p((double)c.n, fmax(c.x.log_orders, c.y.log_orders),
                             options->alternative);
    }
    out->exact = out->exact && !options->normal;
    if (!out->exact) {
        out->p = fmax(normal_p(out->z, options->alternative), out->p_min);
    }
    return status;
}

/* ---- units over the same editions --------------------------------------- */

static double weight_of(const double *weight, size_t g)
{
    return weight == NULL ? 1 : isnan(weight[g]) ? 0 : weight[g];
}

cap_status cap_kendall_signs(size_t m, size_t n, const double *x,
                             const double *weight, const double *time,
                             double slope, double *d, cap_error *err)
{
    double *row = cap_calloc(n, sizeof *row);
    cap_status status = CAP_OK;
    if (row == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for units");
    }
    memset(d, 0, n * n * sizeof *d);
    for (size_t g = 0; g < m && status == CAP_OK; g++) {
        double w = weight_of(weight, g);
        for (size_t t = 0; t < n; t++) {
            row[t] = x[t * m + g] -
                     (time == NULL ? 0 : slope * (time[t] - time[0]));
        }
        status = cap_tie(n, row, row, err);
        for (size_t j = 0; j < n && w > 0 && status == CAP_OK; j++) {
            for (size_t i = 0; i < n; i++) { /* no sign where one is NaN */
                d[j * n + i] += w * sign(row[j] - row[i]);
            }
        }
    }
    cap_free(row);
    return status;
}

double cap_kendall_variance(size_t n, const double *d)
{
    cap_sum total = {0, 0};
    for (size_t j = 0; j < n; j++) {
        double q = 0;
        for (size_t i = 0; i < n; i++) {
            double step_ij = d[j * n + i];
            q += step_ij;
            cap_sum_add(&total, step_ij * step_ij / 2);
        }
        cap_sum_add(&total, q * q);
    }
    return cap_sum_value(&total) / 3;
}

/* One walk over all orders of the editions: S from D, and the heterogeneity
 * from the signs of m units over their standard deviations, z[(j n + i) m + g]
 * (none for m = 0). `path` holds the units' z so far, a stretch of m a depth.
 */
typedef struct {
    size_t n, m;
    const double *d, *z;
    double *path, *values, *heterogeneity;
    size_t at, order[CAP_EXACT_EDITIONS];
} walk;

static double spread_of(size_t m, const double *z)
{
    double total = 0, spread = 0;
    for (size_t g = 0; g < m; g++) {
        total += z[g];
    }
    for (size_t g = 0; g < m; g++) {
        double off = z[g] - total / (double)m;
        spread += off * off;
    }
    return spread;
}

static void walk_on(walk *w, size_t depth, unsigned left, double s)
{
    size_t n = w->n, m = w->m;
    if (depth == n) {
        if (m > 0) {
            w->heterogeneity[w->at] = spread_of(m, w->path + n * m);
        }
        w->values[w->at++] = s;
        return;
    }
    for (size_t j = 0; j < n; j++) {
        if (!(left >> j & 1)) {
            continue;
        }
        double added = 0;
        for (size_t k = 0; k < depth; k++) {
            added += w->d[j * n + w->order[k]];
        }
        if (m > 0) {
            double *here = w->path + (depth + 1) * m;
            memcpy(here, w->path + depth * m, m * sizeof *here);
            for (size_t k = 0; k < depth; k++) {
                const double *signs = w->z + (j * n + w->order[k]) * m;
                for (size_t g = 0; g < m; g++) {
                    here[g] += signs[g];
                }
            }
        }
        w->order[depth] = j;
        walk_on(w, depth + 1, left & ~(1U << j), s + added);
    }
}

void cap_kendall_permute(size_t n, const double *d, double *values)
{
    walk w = {n, 0, d, NULL, NULL, values, NULL, 0, {0}};
    walk_on(&w, 0, (1U << n) - 1, 0);
}

/* Log of the number of permutations that only swap editions with the same
 * values in all units: so many give each value of S at least. */
static cap_status alike_orders(size_t m, size_t n, const double *x,
                               const double *weight, double *log_orders,
                               cap_error *err)
{
    double *row = cap_calloc(n, sizeof *row);
    int *differ = cap_calloc(n * n, sizeof *differ);
    cap_status status = CAP_OK;
    *log_orders = 0;
    if (row == NULL || differ == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for units");
        goto done;
    }
    for (size_t g = 0; g < m && status == CAP_OK; g++) {
        for (size_t t = 0; t < n; t++) {
            row[t] = x[t * m + g];
        }
        status = cap_tie(n, row, row, err);
        for (size_t k = 0; k < n * n && weight_of(weight, g) > 0; k++) {
            double a = row[k / n], b = row[k % n];
            differ[k] |= a != b && !(isnan(a) && isnan(b));
        }
    }
    for (size_t j = 0; j < n; j++) {
        size_t alike = 1;
        for (size_t i = 0; i < j; i++) {
            alike += differ[j * n + i] ? 0 : 1;
        }
        *log_orders += log((double)alike);
    }

done:
    cap_free(differ);
    cap_free(row);
    return status;
}

static int varies(const cap_kendall *units, const double *weight, size_t g)
{
    return units[g].var_s > 0 && weight_of(weight, g) > 0;
}

static size_t factorial(size_t n) { return n < 2 ? 1 : n * factorial(n - 1); }

/* Signs of the units with a variance, over their standard deviations. */
static cap_status scaled_signs(size_t m, size_t n, const double *x,
                               const cap_kendall *units, const double *weight,
                               size_t used, double *z, cap_error *err)
{
    double *row = cap_calloc(n, sizeof *row);
    cap_status status = CAP_OK;
    size_t at = 0;
    if (row == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for units");
    }
    for (size_t g = 0; g < m && status == CAP_OK; g++) {
        if (!varies(units, weight, g)) {
            continue;
        }
        for (size_t t = 0; t < n; t++) {
            row[t] = x[t * m + g];
        }
        status = cap_tie(n, row, row, err);
        for (size_t j = 0; j < n; j++) {
            for (size_t i = 0; i < n; i++) {
                z[(j * n + i) * used + at] =
                    sign(row[j] - row[i]) / sqrt(units[g].var_s);
            }
        }
        at++;
    }
    cap_free(row);
    return status;
}

/* p of the heterogeneity and of S by all joint permutations. */
static cap_status joint_p(size_t m, size_t n, const double *x, const double *d,
                          const cap_kendall *units, const double *weight,
                          double slack, cap_alternative alternative,
                          cap_kendall_region *out, cap_error *err)
{
    size_t used =
        isnan(out->heterogeneity) ? 0 : (size_t)out->heterogeneity_df + 1;
    size_t count = factorial(n), beyond = 0;
    double *z = cap_calloc(n * n * used, sizeof *z);
    double *path = cap_calloc((n + 1) * used, sizeof *path);
    double *values = cap_calloc(2 * count, sizeof *values);
    cap_status status = CAP_OK;
    if (z == NULL || path == NULL || values == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for units");
        goto done;
    }
    if (used > 0) {
        status = scaled_signs(m, n, x, units, weight, used, z, err);
        if (status != CAP_OK) {
            goto done;
        }
    }
    walk w = {n, used, d, z, path, values, values + count, 0, {0}};
    walk_on(&w, 0, (1U << n) - 1, 0);
    exact_p(count, values, NULL, alternative, slack, &out->test);
    for (size_t k = 0; k < count && used > 0; k++) {
        beyond +=
            w.heterogeneity[k] >=
            out->heterogeneity * (1 - CAP_STATISTIC_GAP) - CAP_STATISTIC_GAP;
    }
    if (used > 0) {
        out->heterogeneity_exact = 1;
        out->heterogeneity_p = (double)beyond / (double)count;
    }

done:
    cap_free(values);
    cap_free(path);
    cap_free(z);
    return status;
}

static cap_status check_units(size_t m, size_t n, const double *x,
                              const double *weight, cap_error *err)
{
    if (m == 0 || n == 0) {
        return cap_fail(err, CAP_ERR_INPUT, "no unit or no edition");
    }
    for (size_t k = 0; k < m * n; k++) {
        if (isinf(x[k])) {
            return cap_fail_at(err, CAP_ERR_INPUT, k % m, k / m,
                               "a value is infinite");
        }
    }
    for (size_t g = 0; weight != NULL && g < m; g++) {
        if (weight[g] < 0 || weight[g] > 1e100) {
            return cap_fail_at(err, CAP_ERR_INPUT, g, CAP_NOWHERE,
                               "a weight is not from 0 to 1e100");
        }
    }
    return CAP_OK;
}

/* The columns with a value of a unit that carries weight, moved together;
 * returns their number. */
static size_t keep_editions(size_t m, size_t n, const double *x,
                            const double *weight, double *kept)
{
    size_t used = 0;
    for (size_t t = 0; t < n; t++) {
        size_t known = 0;
        for (size_t g = 0; g < m; g++) {
            known += weight_of(weight, g) > 0 && !isnan(x[t * m + g]) ? 1 : 0;
        }
        if (known > 0) {
            memcpy(kept + used * m, x + t * m, m * sizeof *kept);
            used++;
        }
    }
    return used;
}

/* Each unit alone. */
static cap_status test_units(size_t m, size_t n, const double *x,
                             const cap_kendall_options *options,
                             const cap_poll *poll, cap_kendall *units,
                             cap_error *err)
{
    double *row = cap_calloc(2 * n, sizeof *row);
    cap_status status = CAP_OK;
    if (row == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for units");
    }
    for (size_t g = 0; g < m && status == CAP_OK; g++) {
        for (size_t t = 0; t < n; t++) {
            row[t] = x[t * m + g];
            row[n + t] = (double)t;
        }
        status =
            cap_poll_stop(poll)
                ? cap_fail(err, CAP_ERR_INTERRUPT, "stopped")
                : cap_kendall_series(n, row, row + n, options, &units[g], err);
    }
    cap_free(row);
    return status;
}

/* Sums over the units. *even is the weight that they share, 0 when their
 * weights differ. */
static void add_units(size_t m, const cap_kendall *units, const double *weight,
                      cap_kendall_region *out, double *even)
{
    cap_sum s = {0, 0}, all = {0, 0}, open = {0, 0}, var = {0, 0};
    *even = -1;
    for (size_t g = 0; g < m; g++) {
        double w = weight_of(weight, g);
        if (!(w > 0) || units[g].n < 2) {
            continue;
        }
        out->units++;
        *even = *even < 0 || *even == w ? w : 0;
        cap_sum_add(&s, w * units[g].s);
        cap_sum_add(&all, w * pairs_of((double)units[g].n));
        cap_sum_add(&open, w * units[g].open);
        cap_sum_add(&var, w * w * units[g].var_s);
    }
    *even = *even < 0 ? 0 : *even;
    out->test.s = cap_sum_value(&s);
    out->test.open = cap_sum_value(&open);
    out->var_independent = cap_sum_value(&var);
    if (out->test.open > 0) {
        out->test.tau = out->test.s / out->test.open;
        out->test.tau_a = out->test.s / cap_sum_value(&all);
    }
}

/* Do the units differ in their trends? Each unit with a weight counts once. */
static void add_heterogeneity(size_t m, const cap_kendall *units,
                              const double *weight, cap_kendall_region *out)
{
    cap_sum total = {0, 0}, spread = {0, 0};
    size_t used = 0;
    for (size_t g = 0; g < m; g++) {
        if (varies(units, weight, g)) {
            cap_sum_add(&total, units[g].s / sqrt(units[g].var_s));
            used++;
        }
    }
    if (used < 2) {
        return;
    }
    for (size_t g = 0; g < m; g++) {
        if (varies(units, weight, g)) {
            double off = units[g].s / sqrt(units[g].var_s) -
                         cap_sum_value(&total) / (double)used;
            cap_sum_add(&spread, off * off);
        }
    }
    out->heterogeneity = cap_sum_value(&spread);
    out->heterogeneity_df = (double)used - 1;
    out->heterogeneity_p =
        gsl_cdf_chisq_Q(out->heterogeneity, out->heterogeneity_df);
}

cap_status cap_kendall_units(size_t m, size_t n, const double *x,
                             const double *weight,
                             const cap_kendall_options *options,
                             const cap_poll *poll, cap_kendall *units,
                             cap_kendall_region *out, cap_error *err)
{
    const cap_kendall_region none = {no_pair, 0, 0, 0, 1, NAN, 0, NAN, 0};
    double even, log_orders, scale = 0;
    *out = none;
    cap_status status = check_units(m, n, x, weight, err);
    if (status != CAP_OK) {
        return status;
    }
    double *kept = cap_calloc(m * n, sizeof *kept);
    double *d = cap_calloc(n * n, sizeof *d);
    if (kept == NULL || d == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for units");
        goto done;
    }
    size_t used = keep_editions(m, n, x, weight, kept);
    cap_kendall *test = &out->test;
    status = test_units(m, n, x, options, poll, units, err);
    if (status != CAP_OK) {
        goto done;
    }
    add_units(m, units, weight, out, &even);
    add_heterogeneity(m, units, weight, out);
    status = cap_kendall_signs(m, used, kept, weight, NULL, 0, d, err);
    if (status != CAP_OK) {
        goto done;
    }
    for (size_t k = 0; k < used * used; k++) {
        scale += fabs(d[k]);
    }
    int small = used <= CAP_EXACT_EDITIONS;
    test->n = used;
    test->exact = small && !options->normal;
    if (scale > 0) {
        test->var_s = cap_kendall_variance(used, d);
        test->z = z_of(test->s, test->var_s, even);
    }
    out->z_independent = z_of(test->s, out->var_independent, even);
    out->p_independent = normal_p(out->z_independent, options->alternative);
    if (small) {
        status =
            joint_p(m, used, kept, d, units, weight, CAP_STATISTIC_GAP * scale,
                    options->alternative, out, err);
    }
    if (status != CAP_OK || !(scale > 0)) {
        goto done;
    }
    status = alike_orders(m, used, kept, weight, &log_orders, err);
    test->p_min = least_p((double)used, log_orders, options->alternative);
    if (!test->exact) {
        test->p = fmax(normal_p(test->z, options->alternative), test->p_min);
    }

done:
    cap_free(d);
    cap_free(kept);
    return status;
}
