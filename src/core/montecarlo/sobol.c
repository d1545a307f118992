/* Sobol indices and their intervals from sums over the rows of a design, and
 * the designs themselves.
 *
 * All indices are functions of the sums of a few products over rows. The
 * bootstrap draws rows with replacement and adds up their products; the
 * jackknife leaves out one group of rows after the other, from sums before and
 * after the group. Designs: random, Latin hypercube, or GSL's Sobol sequence
 * shifted at random (Cranley and Patterson 1976), with each shift an odd
 * multiple of 2^-53, so that 0 and 1 cannot come out. */
#include "base/fp.h"
#include "core/montecarlo/sobol.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_qrng.h>
#include <math.h>
#include <string.h>

#include "base/allocation.h"
#include "base/rng.h"
#include "core/index/interval.h"

/* Outputs that are resampled together: their sums over the groups fit the
 * processor's first cache, one kind of sum at a time. */
enum { LANES = 8 };

/* Below this share of the mean square a variance is rounding. */
static const double no_variance = 1e-13;
static const double most_undefined = 0.05;

static cap_status no_memory(cap_error *err)
{
    return cap_fail(err, CAP_ERR_MEMORY, "out of memory for Sobol indices");
}

static cap_status check_sizes(size_t d, size_t n_groups, cap_error *err)
{
    if (d == 0 || n_groups == 0) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "Sobol indices need a factor and a group of rows");
    }
    return CAP_OK;
}

static cap_status check_level(double conf, cap_error *err)
{
    if (!(conf > 0 && conf < 1)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the level of an interval must be inside (0, 1)");
    }
    return CAP_OK;
}

/* ---- Indices from sums ------------------------------------------------- */

/* Of output `o` of `n`; every NaN rule of the header is here. */
static double indices_of(size_t d, size_t n, size_t o, const double *sums,
                         double *index)
{
    const double *s = sums + o;
    double *first = index + o, *total = first + d * n, *rest = total + d * n;
    double rows = s[0], m = (s[n] + s[2 * n]) / (2 * rows);
    double square = (s[3 * n] + s[4 * n]) / (2 * rows);
    double v = square - m * m, sum = 0;
    if (!(v > no_variance * square)) {
        for (size_t k = 0; k < cap_sobol_index_count(d); k++) {
            first[k * n] = NAN;
        }
        return isfinite(v) ? 0 : NAN;
    }
    for (size_t j = 0; j < d; j++) {
        const double *f = s + (6 + 3 * j) * n;
        first[j * n] = (f[0] - m * f[n]) / rows / v;
        total[j * n] = f[2 * n] / rows / (2 * v);
        sum += first[j * n];
    }
    rest[0] = sum;
    rest[n] = (s[5 * n] - m * (s[n] + s[2 * n])) / rows / v + m * m / v;
    rest[2 * n] = 1 - ((s[4 * n] - 2 * m * s[2 * n]) / rows + m * m) / v;
    return v;
}

static void add(size_t size, const double *from, double *to)
{
    for (size_t k = 0; k < size; k++) {
        to[k] += from[k];
    }
}

cap_status cap_sobol_indices(size_t d, size_t n_outputs, size_t n_groups,
                             const double *stats, double *index,
                             double *variance, cap_error *err)
{
    size_t size = n_outputs * cap_sobol_stat_count(d);
    cap_status status = check_sizes(d, n_groups, err);
    if (status != CAP_OK) {
        return status;
    }
    double *sums = cap_calloc(size, sizeof *sums);
    if (sums == NULL) {
        return no_memory(err);
    }
    for (size_t g = 0; g < n_groups; g++) {
        add(size, stats + g * size, sums);
    }
    for (size_t o = 0; o < n_outputs; o++) {
        double v = indices_of(d, n_outputs, o, sums, index);
        if (variance != NULL) {
            variance[o] = v;
        }
    }
    cap_free(sums);
    return CAP_OK;
}

cap_status cap_sobol_tally(size_t d, size_t n_rows, const double *y,
                           double centre, double scale, size_t n_ends,
                           const size_t *ends, double *stats, cap_error *err)
{
    const double zero = 0;
    size_t size = cap_sobol_stat_count(d), i = 0;
    if (!(scale > 0 && isfinite(scale) && isfinite(centre))) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "centre and scale must be finite, scale positive");
    }
    double *row = cap_calloc(d + 2, sizeof *row);
    if (row == NULL) {
        return no_memory(err);
    }
    cap_status status = CAP_OK;
    for (size_t e = 0; e < n_ends && status == CAP_OK; e++) {
        double *sums = stats + e * size;
        if (ends[e] > n_rows || ends[e] < i) {
            status = cap_fail(err, CAP_ERR_INPUT, "row counts must ascend");
        } else if (e > 0) {
            memcpy(sums, sums - size, size * sizeof *sums);
        } else {
            memset(sums, 0, size * sizeof *sums);
        }
        for (; status == CAP_OK && i < ends[e]; i++) {
            for (size_t k = 0; k < d + 2; k++) {
                row[k] = (y[k * n_rows + i] - centre) / scale;
                if (!isfinite(row[k])) {
                    status = cap_fail_at(err, CAP_ERR_INPUT, i, k,
                                         "a value is not finite");
                }
            }
            cap_sobol_add(d, 1, row, row + 1, row + 2, &zero, sums);
        }
    }
    cap_free(row);
    return status;
}

/* ---- Bootstrap --------------------------------------------------------- */

/* What the resampling of up to LANES outputs works in. */
typedef struct {
    uint32_t *draw; /* n_boot x n_groups: the groups of each resample */
    double *panel;  /* n_groups x LANES: one kind of sum of every group */
    double *sums;   /* of every resample, LANES x stat_count */
    double *index;  /* LANES x index_count */
} resampling;

static cap_status make_resampling(size_t d, size_t n_groups, size_t n_boot,
                                  resampling *w)
{
    size_t n_stat = cap_sobol_stat_count(d);
    if (n_boot > SIZE_MAX / n_groups || n_boot > SIZE_MAX / LANES / n_stat) {
        return CAP_ERR_MEMORY;
    }
    w->draw = cap_calloc(n_boot * n_groups, sizeof *w->draw);
    w->panel = cap_calloc(n_groups, LANES * sizeof *w->panel);
    w->sums = cap_calloc(n_boot * n_stat, LANES * sizeof *w->sums);
    w->index = cap_calloc(cap_sobol_index_count(d), LANES * sizeof *w->index);
    return w->draw == NULL || w->panel == NULL || w->sums == NULL ||
                   w->index == NULL
               ? CAP_ERR_MEMORY
               : CAP_OK;
}

static void free_resampling(resampling *w)
{
    cap_free(w->index);
    cap_free(w->sums);
    cap_free(w->panel);
    cap_free(w->draw);
}

static void draw_groups(size_t n_groups, size_t n_boot, uint64_t key,
                        uint32_t *draw)
{
    cap_rng rng;
    for (size_t r = 0; r < n_boot; r++) {
        cap_rng_seek(&rng, key, r, CAP_SOBOL_STREAM);
        for (size_t g = 0; g < n_groups; g++) {
            draw[r * n_groups + g] = (uint32_t)cap_rng_below(&rng, n_groups);
        }
    }
}

/* The sum of the drawn rows of `panel`. */
static inline void sum_drawn(size_t n_groups, const uint32_t *draw,
                             const double *panel, double *out)
{
    double sum[LANES] = {0};
    for (size_t g = 0; g < n_groups; g++) {
        const double *row = panel + (size_t)draw[g] * LANES;
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC unroll 8 /* so that the sums stay in registers */
#endif
        for (size_t l = 0; l < LANES; l++) {
            sum[l] += row[l];
        }
    }
    memcpy(out, sum, sizeof sum);
}

/* Sums of every resample of the outputs from `at`, `lanes` of them. */
CAP_HOT static void resample(size_t n_stat, size_t n_outputs, size_t n_groups,
                             const double *stats, size_t n_boot, size_t at,
                             size_t lanes, resampling *w)
{
    for (size_t k = 0; k < n_stat; k++) {
        for (size_t g = 0; g < n_groups; g++) {
            memcpy(w->panel + g * LANES,
                   stats + (g * n_stat + k) * n_outputs + at,
                   lanes * sizeof *stats);
        }
        for (size_t r = 0; r < n_boot; r++) {
            sum_drawn(n_groups, w->draw + r * n_groups, w->panel,
                      w->sums + (r * n_stat + k) * LANES);
        }
    }
}

/* Differences of resampled indices from the index, added up. */
typedef struct {
    double n, sum, squares;
} moments;

static void add_moment(moments *m, double difference)
{
    if (!isnan(difference)) {
        m->n += 1;
        m->sum += difference;
        m->squares += difference * difference;
    }
}

/* sum (x - mean)^2 */
static double scatter(const moments *m)
{
    return fmax(0, m->squares - m->sum * m->sum / m->n);
}

/* index +- half, where `half` is NaN for none. */
static void store_bounds(double index, double half, double *low, double *high)
{
    *low = index - half;
    *high = index + half;
}

cap_status cap_sobol_bootstrap(size_t d, size_t n_outputs, size_t n_groups,
                               const double *stats, size_t n_boot,
                               uint64_t key, double conf, double *low,
                               double *high, const cap_poll *poll,
                               cap_error *err)
{
    size_t n_stat = cap_sobol_stat_count(d);
    size_t n_index = cap_sobol_index_count(d), figures = n_outputs * n_index;
    resampling w = {NULL, NULL, NULL, NULL};
    moments *m = NULL;
    cap_status status = check_level(conf, err);
    if (status == CAP_OK && (n_boot < 2 || n_groups > UINT32_MAX)) {
        status = cap_fail(err, CAP_ERR_INPUT,
                          "a bootstrap needs two resamples or more");
    }
    if (status == CAP_OK) { /* low: the indices, until the bounds are known */
        status =
            cap_sobol_indices(d, n_outputs, n_groups, stats, low, NULL, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    m = cap_calloc(figures, sizeof *m);
    if (m == NULL || make_resampling(d, n_groups, n_boot, &w) != CAP_OK) {
        status = no_memory(err);
        goto done;
    }
    draw_groups(n_groups, n_boot, key, w.draw);
    for (size_t at = 0; at < n_outputs; at += LANES) {
        size_t lanes = n_outputs - at < LANES ? n_outputs - at : LANES;
        if (cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            goto done;
        }
        resample(n_stat, n_outputs, n_groups, stats, n_boot, at, lanes, &w);
        for (size_t r = 0; r < n_boot; r++) {
            for (size_t l = 0; l < lanes; l++) {
                indices_of(d, LANES, l, w.sums + r * n_stat * LANES, w.index);
                for (size_t c = 0; c < n_index; c++) {
                    size_t k = c * n_outputs + at + l;
                    add_moment(&m[k], w.index[c * LANES + l] - low[k]);
                }
            }
        }
    }
    double z = gsl_cdf_ugaussian_Pinv((1 + conf) / 2);
    for (size_t k = 0; k < figures; k++) {
        int defined =
            n_groups > 1 && m[k].n >= (1 - most_undefined) * (double)n_boot;
        double se = sqrt(scatter(&m[k]) / (m[k].n - 1));
        store_bounds(low[k], defined ? z * se : NAN, &low[k], &high[k]);
    }
done:
    cap_free(m);
    free_resampling(&w);
    return status;
}

/* ---- Jackknife --------------------------------------------------------- */

/* rest[g]: the sums of the groups after g. */
static void sums_after(size_t size, size_t n_groups, const double *stats,
                       double *rest)
{
    memset(rest + (n_groups - 1) * size, 0, size * sizeof *rest);
    for (size_t g = n_groups - 1; g-- > 0;) {
        memcpy(rest + g * size, rest + (g + 1) * size, size * sizeof *rest);
        add(size, stats + (g + 1) * size, rest + g * size);
    }
}

cap_status cap_sobol_jackknife(size_t d, size_t n_outputs, size_t n_groups,
                               const double *stats, double conf, double *low,
                               double *high, cap_error *err)
{
    size_t size = n_outputs * cap_sobol_stat_count(d);
    size_t figures = n_outputs * cap_sobol_index_count(d);
    double *rest = NULL, *before = NULL, *index = NULL;
    moments *m = NULL;
    cap_status status = check_level(conf, err);
    if (status == CAP_OK) { /* low: the indices, until the bounds are known */
        status =
            cap_sobol_indices(d, n_outputs, n_groups, stats, low, NULL, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    rest = n_groups > SIZE_MAX / (size + 1)
               ? NULL
               : cap_calloc(n_groups * size, sizeof *rest);
    before = cap_calloc(size, sizeof *before);
    index = cap_calloc(figures, sizeof *index);
    m = cap_calloc(figures, sizeof *m);
    if (rest == NULL || before == NULL || index == NULL || m == NULL) {
        status = no_memory(err);
        goto done;
    }
    sums_after(size, n_groups, stats, rest);
    for (size_t g = 0; g < n_groups; g++) {
        double *others = rest + g * size;
        add(size, before, others);
        add(size, stats + g * size, before);
        for (size_t o = 0; o < n_outputs; o++) {
            indices_of(d, n_outputs, o, others, index);
        }
        for (size_t k = 0; k < figures; k++) {
            add_moment(&m[k], index[k] - low[k]);
        }
    }
    double n = (double)n_groups;
    double t = cap_t_reach(conf, n - 1);
    for (size_t k = 0; k < figures; k++) {
        double se = sqrt((n - 1) / n * scatter(&m[k]));
        store_bounds(low[k], m[k].n == n ? t * se : NAN, &low[k], &high[k]);
    }
done:
    cap_free(m);
    cap_free(index);
    cap_free(before);
    cap_free(rest);
    return status;
}

/* ---- Designs ----------------------------------------------------------- */

/* Column k of A and B side by side. */
static double *column_of(size_t d, size_t n, double *a, double *b, size_t k)
{
    return k < d ? a + k * n : b + (k - d) * n;
}

/* (x + shift) mod 1. `x` is a multiple of 2^-30 and `shift` an odd one of
 * 2^-53, so that every step is exact and 0 and 1 cannot come out. */
static double shifted(double x, double shift)
{
    double room = 1 - shift;
    return x < room ? x + shift : x - room;
}

static cap_status quasi_design(size_t d, size_t n, cap_rng *rng, double *a,
                               double *b, cap_error *err)
{
    double shift[2 * CAP_SOBOL_MOST_QUASI];
    double point[2 * CAP_SOBOL_MOST_QUASI] = {
        0}; /* GSL leaves out the origin */
    gsl_qrng *sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)(2 * d));
    if (sequence == NULL) {
        return no_memory(err);
    }
    for (size_t k = 0; k < 2 * d; k++) {
        shift[k] = cap_rng_uniform(rng);
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < 2 * d; k++) {
            column_of(d, n, a, b, k)[i] = shifted(point[k], shift[k]);
        }
        gsl_qrng_get(sequence, point);
    }
    gsl_qrng_free(sequence);
    return CAP_OK;
}

/* One value in each of n slices, in random order. */
static void latin_column(size_t n, cap_rng *rng, double *x)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = cap_rng_below(rng, i + 1);
        x[i] = x[at];
        x[at] = (double)i;
    }
    for (size_t i = 0; i < n; i++) {
        x[i] = fmin((x[i] + cap_rng_uniform(rng)) / (double)n, 1 - 0x1p-53);
    }
}

cap_status cap_sobol_design(size_t d, size_t n, uint64_t key,
                            uint64_t replicate, double *a, double *b,
                            cap_error *err)
{
    cap_rng rng;
    if (d == 0 || n == 0 || n > (size_t)1 << 30 || d > UINT32_MAX / 2) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "a design has a factor and from 1 to 2^30 rows");
    }
    if (d <= CAP_SOBOL_MOST_QUASI) {
        cap_rng_seek(&rng, key, replicate, 0);
        return quasi_design(d, n, &rng, a, b, err);
    }
    for (size_t k = 0; k < 2 * d; k++) {
        cap_rng_seek(&rng, key, replicate, (uint32_t)k);
        latin_column(n, &rng, column_of(d, n, a, b, k));
    }
    return CAP_OK;
}
