/* Sobol indices: analytic cases, slow twins, coverage of the intervals, and
 * the designs. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "base/rng.h"
#include "core/montecarlo/sobol.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

enum { MOST_D = 4, MOST_STAT = 6 + 3 * MOST_D, MOST_INDEX = 2 * MOST_D + 3 };
static const double pi = 3.14159265358979323846;
static const double zero = 0;

typedef double function(const double *u);

static double ishigami(const double *u)
{
    double x = pi * (2 * u[0] - 1), y = pi * (2 * u[1] - 1);
    double z = pi * (2 * u[2] - 1);
    return sin(x) + 7 * sin(y) * sin(y) + 0.1 * z * z * z * z * sin(x);
}

/* S1 S2 S3 T1 T2 T3 with a = 7, b = 0.1 (Ishigami and Homma 1990). */
static void ishigami_truth(double *truth)
{
    double p4 = pow(pi, 4), p8 = p4 * p4, b = 0.1;
    double v1 = 0.5 * (1 + b * p4 / 5) * (1 + b * p4 / 5), v2 = 49.0 / 8;
    double v13 = b * b * p8 * (1.0 / 18 - 1.0 / 50), v = v1 + v2 + v13;
    const double shares[] = {v1, v2, 0, v1 + v13, v2, v13};
    for (size_t k = 0; k < 6; k++) {
        truth[k] = shares[k] / v;
    }
}

/* y_A, y_B and y_AB of one pair of points. */
static void evaluate(function *f, size_t d, const double *a, const double *b,
                     double *y)
{
    double mixed[MOST_D];
    y[0] = f(a);
    y[1] = f(b);
    for (size_t j = 0; j < d; j++) {
        memcpy(mixed, a, d * sizeof *a);
        mixed[j] = b[j];
        y[2 + j] = f(mixed);
    }
}

/* Sums of random rows in groups. */
static void random_groups(function *f, size_t d, size_t n_groups, size_t rows,
                          uint64_t seed, double *stats)
{
    size_t size = cap_sobol_stat_count(d);
    memset(stats, 0, n_groups * size * sizeof *stats);
    for (size_t i = 0; i < n_groups * rows; i++) {
        double a[MOST_D], b[MOST_D], y[MOST_D + 2];
        cap_rng rng;
        cap_rng_seek(&rng, seed, i, 0);
        for (size_t j = 0; j < d; j++) {
            a[j] = cap_rng_uniform(&rng);
            b[j] = cap_rng_uniform(&rng);
        }
        evaluate(f, d, a, b, y);
        cap_sobol_add(d, 1, y, y + 1, y + 2, &zero, stats + i / rows * size);
    }
}

/* ---- Estimates --------------------------------------------------------- */

static double discrete(const double *u) /* levels of a 3 x 2 design */
{
    double i = floor(u[0] * 3), k = floor(u[1] * 2);
    return i * i + 3 * k + 2 * i * k;
}

/* Every pair of points of a discrete design: the estimates are then the
 * indices themselves, whose parts are worked out as an analysis of variance.
 */
static void full_enumeration_is_exact(void **state)
{
    (void)state;
    double stats[6 + 3 * 2] = {0}, index[7], variance;
    double table[3][2], row[3] = {0}, column[2] = {0}, mean = 0;
    for (size_t p = 0; p < 36; p++) {
        double a[] = {(double)(p % 3) / 3 + 0.1,
                      (double)(p / 3 % 2) / 2 + 0.1};
        double b[] = {(double)(p / 6 % 3) / 3 + 0.1,
                      (double)(p / 18) / 2 + 0.1};
        double y[4];
        const double centre = 4;
        evaluate(discrete, 2, a, b, y);
        table[p % 3][p / 3 % 2] = y[0];
        cap_sobol_add(2, 1, y, y + 1, y + 2, &centre, stats);
    }
    assert_int_equal(cap_sobol_indices(2, 1, 1, stats, index, &variance, NULL),
                     CAP_OK);
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 2; k++) {
            mean += table[i][k] / 6;
            row[i] += table[i][k] / 2;
            column[k] += table[i][k] / 3;
        }
    }
    double v = 0, v1 = 0, v2 = 0;
    for (size_t i = 0; i < 3; i++) {
        v1 += (row[i] - mean) * (row[i] - mean) / 3;
        for (size_t k = 0; k < 2; k++) {
            v += (table[i][k] - mean) * (table[i][k] - mean) / 6;
        }
    }
    for (size_t k = 0; k < 2; k++) {
        v2 += (column[k] - mean) * (column[k] - mean) / 2;
    }
    near(variance, v, 1e-12);
    near(index[0], v1 / v, 1e-13);
    near(index[1], v2 / v, 1e-13);
    near(index[2], 1 - v2 / v, 1e-13);
    near(index[3], 1 - v1 / v, 1e-13);
    near(index[4], (v1 + v2) / v, 1e-13);
    near(index[5], 0, 1e-13);
    near(index[6], 0, 1e-13);
}

/* The definitions, on values themselves and in two passes. */
static void sums_agree_with_the_definitions(void **state)
{
    (void)state;
    enum { N = 57, D = 3 };
    const double shifts[] = {0, 1000, 1e6};
    for (size_t s = 0; s < 3; s++) {
        double y[N][D + 2], stats[6 + 3 * D] = {0}, index[2 * D + 3], v;
        double m = 0, var = 0, centre = shifts[s] + 3;
        for (size_t i = 0; i < N; i++) {
            double a[D], b[D];
            cap_rng rng;
            cap_rng_seek(&rng, 9, i, 0);
            for (size_t j = 0; j < D; j++) {
                a[j] = cap_rng_uniform(&rng);
                b[j] = cap_rng_uniform(&rng);
            }
            evaluate(ishigami, D, a, b, y[i]);
            m += (y[i][0] + y[i][1]) / (2 * N);
            double shifted[D + 2];
            for (size_t k = 0; k < D + 2; k++) {
                shifted[k] = y[i][k] + shifts[s];
            }
            cap_sobol_add(D, 1, shifted, shifted + 1, shifted + 2, &centre,
                          stats);
        }
        double dummy = 0, dummy_total = 0, sum = 0;
        for (size_t i = 0; i < N; i++) {
            var += (pow(y[i][0] - m, 2) + pow(y[i][1] - m, 2)) / (2 * N);
            dummy += (y[i][0] - m) * (y[i][1] - m) / N;
            dummy_total += pow(y[i][1] - m, 2) / N;
        }
        assert_int_equal(cap_sobol_indices(D, 1, 1, stats, index, &v, NULL),
                         CAP_OK);
        near(v, var, 1e-9 * var);
        for (size_t j = 0; j < D; j++) {
            double first = 0, total = 0;
            for (size_t i = 0; i < N; i++) {
                first += (y[i][1] - m) * (y[i][2 + j] - y[i][0]) / N;
                total += pow(y[i][0] - y[i][2 + j], 2) / N;
            }
            near(index[j], first / var, 1e-9);
            near(index[D + j], total / (2 * var), 1e-9);
            sum += first / var;
        }
        near(index[2 * D], sum, 1e-9);
        near(index[2 * D + 1], dummy / var, 1e-9);
        near(index[2 * D + 2], 1 - dummy_total / var, 1e-9);
    }
}

static void outputs_do_not_touch_each_other(void **state)
{
    (void)state;
    enum { D = 2, O = 19, G = 6, SIZE = 6 + 3 * D, K = 2 * D + 3 };
    double *stats = calloc(O * SIZE * G, sizeof *stats);
    double *own = calloc(O * SIZE * G, sizeof *own);
    double low[O * K], high[O * K], centre[O] = {0};
    for (size_t i = 0; i < G * 4; i++) {
        double a[O], b[O], ab[O * D];
        cap_rng rng;
        cap_rng_seek(&rng, 5, i, 0);
        for (size_t o = 0; o < O; o++) {
            a[o] = cap_rng_uniform(&rng);
            b[o] = o == 3 ? NAN : cap_rng_uniform(&rng);
            for (size_t j = 0; j < D; j++) {
                ab[j * O + o] = cap_rng_uniform(&rng);
            }
        }
        cap_sobol_add(D, O, a, b, ab, centre, stats + i / 4 * O * SIZE);
        for (size_t o = 0; o < O; o++) {
            const double mine[] = {ab[o], ab[O + o]};
            cap_sobol_add(D, 1, a + o, b + o, mine, centre,
                          own + (o * G + i / 4) * SIZE);
        }
    }
    for (size_t rule = 0; rule < 3; rule++) {
        cap_status status =
            rule == 0 ? cap_sobol_indices(D, O, G, stats, low, high, NULL)
            : rule == 1
                ? cap_sobol_bootstrap(D, O, G, stats, 40, 3, 0.9, low, high,
                                      NULL, NULL)
                : cap_sobol_jackknife(D, O, G, stats, 0.9, low, high, NULL);
        assert_int_equal(status, CAP_OK);
        for (size_t o = 0; o < O; o++) {
            double one[K], top[K];
            const double *s = own + o * G * SIZE;
            status = rule == 0 ? cap_sobol_indices(D, 1, G, s, one, top, NULL)
                     : rule == 1 ? cap_sobol_bootstrap(D, 1, G, s, 40, 3, 0.9,
                                                       one, top, NULL, NULL)
                                 : cap_sobol_jackknife(D, 1, G, s, 0.9, one,
                                                       top, NULL);
            assert_int_equal(status, CAP_OK);
            for (size_t k = 0; k < K; k++) {
                assert_true(o == 3 ? isnan(low[k * O + o]) && isnan(one[k])
                                   : low[k * O + o] == one[k]);
                assert_true(rule == 0 || o == 3 || high[k * O + o] == top[k]);
            }
        }
    }
    free(own);
    free(stats);
}

static void what_does_not_vary_has_no_indices(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < 3; kind++) {
        double stats[2 * 9] = {0}, index[5], low[5], high[5], variance = -1;
        const double value = kind == 0 ? 0 : 0.1, centre = kind == 2 ? 0.3 : 0;
        for (size_t i = 0; i < 40; i++) {
            cap_sobol_add(1, 1, &value, &value, &value, &centre,
                          stats + i % 2 * 9);
        }
        assert_int_equal(
            cap_sobol_indices(1, 1, 2, stats, index, &variance, NULL), CAP_OK);
        near(variance, 0, 0);
        assert_int_equal(
            cap_sobol_jackknife(1, 1, 2, stats, 0.95, low, high, NULL),
            CAP_OK);
        for (size_t k = 0; k < 5; k++) {
            assert_true(isnan(index[k]) && isnan(low[k]) && isnan(high[k]));
        }
        assert_int_equal(cap_sobol_bootstrap(1, 1, 2, stats, 9, 1, 0.95, low,
                                             high, NULL, NULL),
                         CAP_OK);
        assert_true(isnan(low[0]) && isnan(high[4]));
    }
    double none[9] = {0}, index[5], variance;
    assert_int_equal(cap_sobol_indices(1, 1, 1, none, index, &variance, NULL),
                     CAP_OK);
    assert_true(isnan(index[0]) && isnan(variance));
}

/* ---- Intervals --------------------------------------------------------- */

static void jackknife_by_hand(void **state)
{
    (void)state;
    enum { G = 5, D = 3, SIZE = 6 + 3 * D, K = 2 * D + 3 };
    double stats[G * SIZE], all[K], low[K], high[K], out[G][K];
    const double t = 2.7764451051977987; /* 97.5 %, 4 degrees of freedom */
    random_groups(ishigami, D, G, 20, 2, stats);
    cap_sobol_indices(D, 1, G, stats, all, NULL, NULL);
    for (size_t g = 0; g < G; g++) {
        double others[(G - 1) * SIZE];
        memcpy(others, stats, g * SIZE * sizeof *stats);
        memcpy(others + g * SIZE, stats + (g + 1) * SIZE,
               (G - 1 - g) * SIZE * sizeof *stats);
        cap_sobol_indices(D, 1, G - 1, others, out[g], NULL, NULL);
    }
    assert_int_equal(
        cap_sobol_jackknife(D, 1, G, stats, 0.95, low, high, NULL), CAP_OK);
    for (size_t k = 0; k < K; k++) {
        double mean = 0, squares = 0;
        for (size_t g = 0; g < G; g++) {
            mean += out[g][k] / G;
        }
        for (size_t g = 0; g < G; g++) {
            squares += (out[g][k] - mean) * (out[g][k] - mean);
        }
        double half = t * sqrt((G - 1.0) / G * squares);
        near(low[k], all[k] - half, 1e-10);
        near(high[k], all[k] + half, 1e-10);
    }
    cap_sobol_jackknife(D, 1, 1, stats, 0.95, low, high, NULL);
    assert_true(isnan(low[0]) && isnan(high[K - 1]));
}

static void bootstrap_by_hand(void **state)
{
    (void)state;
    enum { G = 7, B = 50, D = 3, SIZE = 6 + 3 * D, K = 2 * D + 3 };
    double stats[G * SIZE], all[K], low[K], high[K], sample[B][K];
    random_groups(ishigami, D, G, 20, 4, stats);
    cap_sobol_indices(D, 1, G, stats, all, NULL, NULL);
    for (size_t r = 0; r < B; r++) {
        double drawn[G * SIZE];
        cap_rng rng;
        cap_rng_seek(&rng, 77, r, CAP_SOBOL_STREAM);
        for (size_t g = 0; g < G; g++) {
            memcpy(drawn + g * SIZE, stats + cap_rng_below(&rng, G) * SIZE,
                   SIZE * sizeof *stats);
        }
        cap_sobol_indices(D, 1, G, drawn, sample[r], NULL, NULL);
    }
    assert_int_equal(cap_sobol_bootstrap(D, 1, G, stats, B, 77, 0.95, low,
                                         high, NULL, NULL),
                     CAP_OK);
    for (size_t k = 0; k < K; k++) {
        double mean = 0, squares = 0;
        for (size_t r = 0; r < B; r++) {
            mean += sample[r][k] / B;
        }
        for (size_t r = 0; r < B; r++) {
            squares += (sample[r][k] - mean) * (sample[r][k] - mean);
        }
        double half = 1.959963984540054 * sqrt(squares / (B - 1));
        near(low[k], all[k] - half, 1e-10);
        near(high[k], all[k] + half, 1e-10);
    }
    cap_sobol_bootstrap(D, 1, 1, stats, B, 77, 0.95, low, high, NULL, NULL);
    assert_true(isnan(low[0]) && isnan(high[K - 1]));
}

static double ranks(const double *u) /* few steps, as a unit's rank has */
{
    return floor(3 * (u[0] + 0.2 * u[1] + 0.05 * u[2]));
}

/* 95 % intervals of random rows: hits among 300 samples are binomial, with a
 * standard deviation of 1.3 %. */
static void intervals_keep_their_level(void **state)
{
    (void)state;
    enum { G = 64, ROWS = 16, D = 3, SIZE = 6 + 3 * D, K = 9, RUNS = 300 };
    function *const cases[] = {ishigami, ranks};
    double *stats = calloc(4096 * SIZE, sizeof *stats);
    for (size_t c = 0; c < 2; c++) {
        double truth[K], low[K], high[K], variance;
        size_t hits[2][6] = {{0}};
        random_groups(cases[c], D, 4096, 256, 12345, stats);
        cap_sobol_indices(D, 1, 4096, stats, truth, &variance, NULL);
        if (c == 0) {
            double exact[6];
            ishigami_truth(exact);
            for (size_t k = 0; k < 6; k++) {
                near(truth[k], exact[k], 6e-3);
                truth[k] = exact[k];
            }
        }
        for (uint64_t run = 0; run < RUNS; run++) {
            random_groups(cases[c], D, G, ROWS, 1000 + run, stats);
            for (size_t rule = 0; rule < 2; rule++) {
                cap_status status =
                    rule == 0
                        ? cap_sobol_bootstrap(D, 1, G, stats, 200, run, 0.95,
                                              low, high, NULL, NULL)
                        : cap_sobol_jackknife(D, 1, G, stats, 0.95, low, high,
                                              NULL);
                assert_int_equal(status, CAP_OK);
                for (size_t k = 0; k < 6; k++) {
                    hits[rule][k] += low[k] <= truth[k] && truth[k] <= high[k];
                }
            }
        }
        for (size_t k = 0; k < 12; k++) {
            double share = (double)hits[k / 6][k % 6] / RUNS;
            assert_true(share > 0.895 && share < 0.99);
        }
    }
    free(stats);
}

static void rare_changes_have_no_bootstrap(void **state)
{
    (void)state;
    enum { G = 40, SIZE = 9 };
    double stats[G * SIZE] = {0}, low[5], high[5];
    for (size_t i = 0; i < G; i++) { /* one group alone varies */
        double a = i == 7, b = 0, ab = 0;
        cap_sobol_add(1, 1, &a, &b, &ab, &zero, stats + i * SIZE);
    }
    assert_int_equal(cap_sobol_bootstrap(1, 1, G, stats, 100, 1, 0.95, low,
                                         high, NULL, NULL),
                     CAP_OK);
    assert_true(isnan(low[0]) && isnan(high[0]));
    assert_int_equal(
        cap_sobol_jackknife(1, 1, G, stats, 0.95, low, high, NULL), CAP_OK);
    assert_true(isnan(low[0]) && isnan(high[0]));
}

/* ---- Designs ----------------------------------------------------------- */

static void designs_fill_the_cube(void **state)
{
    (void)state;
    const size_t factors[] = {1, 3, 20, 21, 41};
    for (size_t c = 0; c < 5; c++) {
        enum { N = 64 };
        size_t d = factors[c];
        double *a = calloc(4 * d * N, sizeof *a), *b = a + d * N;
        double *again = b + d * N;
        assert_int_equal(cap_sobol_design(d, N, 8, 2, a, b, NULL), CAP_OK);
        for (size_t k = 0; k < 2 * d; k++) { /* one value in each slice */
            unsigned char seen[N] = {0};
            double first = fmod(a[k * N] * N, 1);
            for (size_t i = 0; i < N; i++) {
                double u = a[k * N + i];
                assert_true(u > 0 && u < 1);
                seen[(size_t)(u * N)] = 1;
                /* A shifted net keeps its grid, a hypercube has none. */
                assert_true(d > 20 || fabs(fmod(u * N, 1) - first) < 1e-9);
            }
            for (size_t i = 0; i < N; i++) {
                assert_int_equal(seen[i], 1);
            }
        }
        cap_sobol_design(d, N, 8, 2, again, again + d * N, NULL);
        assert_memory_equal(a, again, 2 * d * N * sizeof *a);
        cap_sobol_design(d, N, 8, 3, again, again + d * N, NULL);
        assert_true(a[0] != again[0] && b[0] != again[d * N]);
        cap_sobol_design(d, N, 9, 2, again, again + d * N, NULL);
        assert_true(a[0] != again[0] && b[0] != again[d * N]);
        assert_true(a[0] != b[0]);
        free(a);
    }
}

/* ---- Refusals ---------------------------------------------------------- */

static int stop(void *context)
{
    (void)context;
    return 1;
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    double stats[9] = {0}, x[9], z[9];
    cap_poll poll = {stop, NULL, NULL};
    cap_error err;
    assert_int_equal(cap_sobol_indices(0, 1, 1, stats, x, NULL, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_sobol_indices(1, 1, 0, stats, x, NULL, NULL),
                     CAP_ERR_INPUT);
    const double levels[] = {0, 1, -1, NAN};
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(
            cap_sobol_jackknife(1, 1, 1, stats, levels[k], x, z, NULL),
            CAP_ERR_INPUT);
        assert_int_equal(cap_sobol_bootstrap(1, 1, 1, stats, 9, 1, levels[k],
                                             x, z, NULL, NULL),
                         CAP_ERR_INPUT);
    }
    assert_int_equal(
        cap_sobol_bootstrap(1, 1, 1, stats, 1, 1, 0.9, x, z, NULL, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_sobol_bootstrap(1, 1, 1, stats, 9, 1, 0.9, x, z, &poll, NULL),
        CAP_ERR_INTERRUPT);
    assert_int_equal(cap_sobol_design(0, 1, 1, 1, x, z, NULL), CAP_ERR_INPUT);
    assert_int_equal(cap_sobol_design(1, 0, 1, 1, x, z, NULL), CAP_ERR_INPUT);
    assert_int_equal(
        cap_sobol_design(1, ((size_t)1 << 30) + 1, 1, 1, x, z, NULL),
        CAP_ERR_INPUT);
    const double y[] = {1, 2, 3, 4, INFINITY, 6};
    const size_t ends[] = {1, 2}, back[] = {2, 1}, far[] = {3};
    double sums[18];
    assert_int_equal(cap_sobol_tally(1, 2, y, 0, 1, 2, ends, sums, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 0);
    assert_int_equal(err.column, 2);
    assert_int_equal(cap_sobol_tally(1, 1, y, 0, 1, 2, back, sums, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_sobol_tally(1, 1, y, 0, 1, 1, far, sums, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_sobol_tally(1, 1, y, 0, 0, 1, ends, sums, NULL),
                     CAP_ERR_INPUT);
}

static void tallies_are_sums_of_the_first_rows(void **state)
{
    (void)state;
    const double y[] = {1, 2, 3, 5, 8, 13, 2, 4, 6}; /* 3 rows: a, b, ab */
    const size_t ends[] = {1, 3};
    double sums[2 * 9], by_hand[9] = {0};
    assert_int_equal(cap_sobol_tally(1, 3, y, 2, 4, 2, ends, sums, NULL),
                     CAP_OK);
    for (size_t i = 0; i < 3; i++) {
        double a = (y[i] - 2) / 4, b = (y[3 + i] - 2) / 4;
        double ab = (y[6 + i] - 2) / 4;
        cap_sobol_add(1, 1, &a, &b, &ab, &zero, by_hand);
        if (i == 0) {
            assert_memory_equal(by_hand, sums, sizeof by_hand);
        }
    }
    assert_memory_equal(by_hand, sums + 9, sizeof by_hand);
    near(sums[9], 3, 0);
    near(sums[9 + 7], (1.0 + 2 + 3) / 4, 1e-15);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    enum { D = 3, G = 4, SIZE = 15, K = 9 };
    double stats[G * SIZE], low[K], high[K], sums[SIZE];
    const double y[] = {1, 2, 3, 4, 5};
    const size_t end = 1;
    random_groups(ishigami, D, G, 5, 1, stats);
    for (size_t rule = 0; rule < 4; rule++) {
        cap_status status = CAP_ERR_MEMORY;
        size_t n = 0;
        while (status != CAP_OK) {
            alloc_fail_at(++n);
            status =
                rule == 0 ? cap_sobol_indices(D, 1, G, stats, low, NULL, NULL)
                : rule == 1
                    ? cap_sobol_jackknife(D, 1, G, stats, 0.9, low, high, NULL)
                : rule == 2
                    ? cap_sobol_bootstrap(D, 1, G, stats, 9, 1, 0.9, low, high,
                                          NULL, NULL)
                    : cap_sobol_tally(D, 1, y, 0, 1, 1, &end, sums, NULL);
            alloc_fail_at(0);
            assert_true(status == CAP_OK || status == CAP_ERR_MEMORY);
            assert_true(n < 100);
        }
        assert_true(n > 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_enumeration_is_exact),
        cmocka_unit_test(sums_agree_with_the_definitions),
        cmocka_unit_test(outputs_do_not_touch_each_other),
        cmocka_unit_test(what_does_not_vary_has_no_indices),
        cmocka_unit_test(jackknife_by_hand),
        cmocka_unit_test(bootstrap_by_hand),
        cmocka_unit_test(intervals_keep_their_level),
        cmocka_unit_test(rare_changes_have_no_bootstrap),
        cmocka_unit_test(designs_fill_the_cube),
        cmocka_unit_test(tallies_are_sums_of_the_first_rows),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
