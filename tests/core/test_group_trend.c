/* Change of means, influence, linking and bootstrap: worked examples, slow
 * twins, and the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/bootstrap.h"
#include "core/trend/mean_change.h"
#include "core/trend/leave_one_out.h"
#include "core/trend/equating.h"
#include "base/rng.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static const double x0[] = {20, 40, 60, 50, 80, 90};
static const double u0[] = {10, 30, 20, 60, 50, 30};
static const double x1[] = {35, 50, 70, 55, 88, 95};
static const double u1[] = {20, 45, 25, 65, 52, 33};
static const size_t six[] = {0, 1, 2, 3, 4, 5};

static uint32_t seed = 7;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

/* ---- change ---- */

static void change_keeps_covariance(void **state)
{
    (void)state;
    const int side[] = {0, 0, 0, 1, 1, 1};
    const cap_ends ends = {6, x0, x1, u0, u1};
    assert_int_equal(cap_ends_check(&ends, NULL), CAP_OK);
    cap_mean_change a = cap_change_of_mean(&ends, side, 0);
    cap_mean_change b = cap_change_of_mean(&ends, side, 1);
    cap_mean_change all = cap_change_of_mean(&ends, NULL, 0);
    assert_int_equal(a.n, 3);
    assert_int_equal(all.n, 6);
    near(sqrt(a.var_change), 1.01992047172, 6e-12);
    near(sqrt(b.var_change), 0.964449070809, 6e-13);
    near(sqrt(all.var_change), 0.985692388605, 6e-13);
    near(a.mean_to - a.mean_from, 80.0 / 9, 1e-12);
    near(all.mean_from, 61.5, 1e-12);
    near(sqrt(a.var_from), 8.55266906574, 6e-12);
    near(sqrt(all.var_to), 8.72008564474, 6e-12);
    near(a.n_eff, 18.0 / 7, 1e-12);
    near(a.df, 11.0 / 7, 1e-12);
    /* Var(to - from) = Var(to) + Var(from) - 2 Cov, Cov = Var(to) - cov */
    near(a.var_change, a.var_to + a.var_from - 2 * (a.var_to - a.cov), 1e-10);
}

static void change_without_users_is_the_paired_t(void **state)
{
    (void)state;
    const cap_ends ends = {6, x0, x1, NULL, NULL};
    cap_mean_change c = cap_change_of_mean(&ends, NULL, 0);
    double mean = 0, squares = 0;
    for (size_t i = 0; i < 6; i++) {
        mean += (x1[i] - x0[i]) / 6;
    }
    for (size_t i = 0; i < 6; i++) {
        squares += pow(x1[i] - x0[i] - mean, 2);
    }
    near(c.var_change, squares / 5 / 6, 1e-12);
    near(c.df, 5, 1e-12);
}

static void change_at_the_edges(void **state)
{
    (void)state;
    const double gone[] = {NAN, 40, NAN}, users[] = {0, 5, 9};
    const double one[] = {1, 2, 3}, none[] = {NAN, NAN, NAN};
    cap_ends ends = {3, gone, one, users, users};
    cap_mean_change c = cap_change_of_mean(&ends, NULL, 0);
    assert_int_equal(c.n, 1);
    near(c.mean_from, 40, 0);
    assert_true(isnan(c.var_change) && isnan(c.df));
    ends.x_from = none;
    c = cap_change_of_mean(&ends, NULL, 0);
    assert_int_equal(c.n, 0);
    assert_true(isnan(c.mean_from) && isnan(c.n_eff));
    /* two units, one of nearly all users: one degree of freedom, not fewer */
    const double giant[] = {1e9, 1, 0};
    const cap_ends two = {3, one, one, giant, giant};
    c = cap_change_of_mean(&two, NULL, 0);
    assert_int_equal(c.n, 2);
    near(c.df, 1, 0);
    near(c.var_change, 0, 0);
    const double bad[] = {1, -1, 1}, infinite[] = {1, 1, INFINITY};
    cap_error err;
    const cap_ends negative = {3, one, one, users, bad};
    assert_int_equal(cap_ends_check(&negative, &err), CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    const cap_ends above = {3, one, infinite, NULL, NULL};
    assert_int_equal(cap_ends_check(&above, &err), CAP_ERR_INPUT);
    assert_int_equal(err.row, 2);
}

/* ---- influence ---- */

static void influence_is_the_largest_jackknife_step(void **state)
{
    (void)state;
    cap_influence f;
    assert_int_equal(cap_group_influence(6, x0, u0, 6, six, &f, NULL), CAP_OK);
    near(f.mean, 61.5, 1e-12);
    double worst = 0;
    size_t top = 99;
    for (size_t i = 0; i < 6; i++) {
        double step = u0[i] * (x0[i] - 61.5) / (200 - u0[i]);
        if (fabs(step) > fabs(worst)) {
            worst = step;
            top = i;
        }
    }
    assert_int_equal(f.top, top);
    near(f.influence, worst, 1e-12);
    near(f.mean - f.without, f.influence, 1e-12);
    assert_int_equal(cap_group_influence(6, x0, NULL, 2, six, &f, NULL),
                     CAP_OK);
    assert_int_equal(f.top, 0); /* equals: the first */
    near(f.without, 40, 1e-12);
}

static void influence_at_the_edges(void **state)
{
    (void)state;
    cap_influence f;
    cap_error err;
    const double users[] = {1, 0, NAN, 0, 0, 0};
    const size_t outside[] = {6};
    assert_int_equal(cap_group_influence(6, x0, users, 6, six, &f, NULL),
                     CAP_OK);
    assert_true(f.top == CAP_NOWHERE && isnan(f.mean) && isnan(f.influence));
    assert_int_equal(cap_group_influence(6, x0, u0, 0, six, &f, NULL), CAP_OK);
    assert_true(f.top == CAP_NOWHERE);
    assert_int_equal(cap_group_influence(6, x0, u0, 1, outside, &f, &err),
                     CAP_ERR_INPUT);
    const double bad[] = {-1, 1, 1, 1, 1, 1}, wild[] = {INFINITY};
    assert_int_equal(cap_group_influence(6, x0, bad, 6, six, &f, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 0);
    assert_int_equal(cap_group_influence(1, wild, NULL, 1, six, &f, &err),
                     CAP_ERR_INPUT);
}

/* ---- link ---- */

static void link_rules(void **state)
{
    (void)state;
    const double from[] = {10, 20, 30, 40, NAN}, to[] = {30, 50, 70, 90, 5};
    const double values[] = {10, 25, 40, 50, NAN, 0};
    double out[6];
    assert_int_equal(
        cap_equate_scores(CAP_LINK_MEAN, 5, from, to, 6, values, out, NULL),
        CAP_OK);
    near(out[0], 45, 1e-12);
    near(out[3], 85, 1e-12);
    assert_true(isnan(out[4]));
    assert_int_equal(
        cap_equate_scores(CAP_LINK_LINEAR, 5, from, to, 6, values, out, NULL),
        CAP_OK);
    near(out[0], 30, 1e-12);
    near(out[1], 60, 1e-12);
    near(out[3], 110, 1e-12); /* past the scale */
    assert_int_equal(cap_equate_scores(CAP_LINK_EQUIPERCENTILE, 5, from, to, 6,
                                       values, out, NULL),
                     CAP_OK);
    near(out[0], 30, 1e-12);
    near(out[1], 60, 1e-12);
    near(out[3], 90, 1e-12); /* the end */
    near(out[5], 30, 1e-12);
    assert_true(isnan(out[4]));
}

/* Ties: ranks 1/4 (two of 10) and 3/4 (two of 20) onto 1/8, 3/8, 5/8, 7/8. */
static void link_ties_at_their_middle(void **state)
{
    (void)state;
    const double from[] = {10, 20, 10, 20}, to[] = {1, 2, 3, 4};
    const double values[] = {10, 15, 20};
    double out[3];
    assert_int_equal(cap_equate_scores(CAP_LINK_EQUIPERCENTILE, 4, from, to, 3,
                                       values, out, NULL),
                     CAP_OK);
    near(out[0], 1.5, 1e-12);
    near(out[1], 2.5, 1e-12);
    near(out[2], 3.5, 1e-12);
}

static void link_to_itself_is_nothing(void **state)
{
    (void)state;
    double x[40], out[40];
    for (size_t i = 0; i < 40; i++) {
        x[i] = floor(20 * uniform()); /* with ties */
    }
    for (int rule = CAP_LINK_MEAN; rule <= CAP_LINK_EQUIPERCENTILE; rule++) {
        assert_int_equal(cap_equate_scores((cap_equating_rule)rule, 40, x, x,
                                           40, x, out, NULL),
                         CAP_OK);
        for (size_t i = 0; i < 40; i++) {
            near(out[i], x[i], 1e-12);
        }
    }
}

static void link_at_the_edges(void **state)
{
    (void)state;
    const double same[] = {5, 5, 5}, to[] = {1, 2, 3}, none[] = {NAN, NAN, 1};
    const double infinite[] = {1, INFINITY, 2};
    double out[3];
    cap_error err;
    assert_int_equal(
        cap_equate_scores(CAP_LINK_LINEAR, 3, same, to, 3, to, out, NULL),
        CAP_OK);
    near(out[0], -2, 1e-12); /* no spread: slope 1 */
    assert_int_equal(cap_equate_scores(CAP_LINK_EQUIPERCENTILE, 3, same, to, 3,
                                       to, out, NULL),
                     CAP_OK);
    near(out[2], 2, 1e-12);
    const double other[] = {1, 2, NAN};
    assert_int_equal(
        cap_equate_scores(CAP_LINK_MEAN, 3, none, other, 3, to, out, &err),
        CAP_ERR_NUMERIC);
    assert_int_equal(
        cap_equate_scores(CAP_LINK_MEAN, 0, none, other, 3, to, out, &err),
        CAP_ERR_NUMERIC);
    assert_int_equal(
        cap_equate_scores(CAP_LINK_MEAN, 3, infinite, to, 3, to, out, &err),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_equate_scores((cap_equating_rule)9, 3, to, to, 3, to, out, &err),
        CAP_ERR_INPUT);
    alloc_fail_at(1);
    assert_int_equal(
        cap_equate_scores(CAP_LINK_MEAN, 3, to, to, 3, to, out, &err),
        CAP_ERR_MEMORY);
    alloc_fail_at(0);
}

/* ---- bootstrap ---- */

enum { COLUMNS = 2, DRAWS = 400 };
static const size_t pair[] = {0, 1};

static void columns_of(double *x, double *u)
{
    memcpy(x, x0, sizeof x0);
    memcpy(x + 6, x1, sizeof x1);
    memcpy(u, u0, sizeof u0);
    memcpy(u + 6, u1, sizeof u1);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double type_7(double *v, size_t n, double p)
{
    qsort(v, n, sizeof *v, by_size);
    double at = p * (double)(n - 1);
    size_t k = (size_t)at;
    return k + 1 >= n ? v[n - 1] : v[k] + (at - floor(at)) * (v[k + 1] - v[k]);
}

/* The same draws, by the definition. */
static void bootstrap_is_its_definition(void **state)
{
    (void)state;
    double x[12], u[12], mean[3][DRAWS];
    const cap_boot_run run = {DRAWS, 42, 3, 0.9};
    cap_boot f[3 * CAP_BOOT_FIGURES];
    columns_of(x, u);
    assert_int_equal(cap_bootstrap_group(6, COLUMNS, x, u, 6, six, 1, pair,
                                         &run, NULL, f, NULL),
                     CAP_OK);
    for (size_t r = 0; r < DRAWS; r++) {
        cap_rng rng;
        double top[2] = {0, 0}, below[2] = {0, 0};
        cap_rng_seek(&rng, 42, r, 3);
        for (size_t i = 0; i < 6; i++) {
            double g = -log(cap_rng_uniform(&rng));
            for (size_t c = 0; c < 2; c++) {
                top[c] += g * u[6 * c + i] * x[6 * c + i];
                below[c] += g * u[6 * c + i];
            }
        }
        mean[0][r] = top[0] / below[0];
        mean[1][r] = top[1] / below[1];
        mean[2][r] = mean[1][r] - mean[0][r];
    }
    for (size_t c = 0; c < 3; c++) {
        const cap_boot *b = &f[c * CAP_BOOT_FIGURES + CAP_BOOT_MEAN_WEIGHTED];
        double total = 0, squares = 0;
        for (size_t r = 0; r < DRAWS; r++) {
            total += mean[c][r] / DRAWS;
        }
        for (size_t r = 0; r < DRAWS; r++) {
            squares += pow(mean[c][r] - total, 2);
        }
        near(b->se, sqrt(squares / (DRAWS - 1)), 1e-10);
        near(b->low, type_7(mean[c], DRAWS, 0.05), 1e-10);
        near(b->high, type_7(mean[c], DRAWS, 0.95), 1e-10);
    }
    near(f[CAP_BOOT_MEAN_WEIGHTED].estimate, 61.5, 1e-12);
    near(f[CAP_BOOT_MEAN].estimate, 170.0 / 3, 1e-12);
    near(f[CAP_BOOT_MEDIAN].estimate, 55, 1e-12);
    near(f[CAP_BOOT_MEDIAN_WEIGHTED].estimate, 55, 1e-12);
    near(f[2 * CAP_BOOT_FIGURES + CAP_BOOT_MEAN_WEIGHTED].estimate,
         66.6083333333 - 61.5, 1e-9);
}

/* The Dirichlet variance of a simple mean is (n-1)/(n+1) of s^2/n. */
static void bootstrap_spread(void **state)
{
    (void)state;
    enum { MANY = 40000 };
    const cap_boot_run run = {MANY, 1, 0, 0.95};
    cap_boot f[CAP_BOOT_FIGURES];
    double mean = 170.0 / 3, squares = 0;
    for (size_t i = 0; i < 6; i++) {
        squares += pow(x0[i] - mean, 2);
    }
    assert_int_equal(cap_bootstrap_group(6, 1, x0, NULL, 6, six, 0, NULL, &run,
                                         NULL, f, NULL),
                     CAP_OK);
    near(f[CAP_BOOT_MEAN].se / sqrt(squares / 6 / 7), 1, 0.02);
    assert_true(isnan(f[CAP_BOOT_MEAN_WEIGHTED].estimate));
    assert_true(f[CAP_BOOT_MEDIAN].low >= 20 && f[CAP_BOOT_MEDIAN].high <= 90);
}

/* Half of the weight on each side: the mean of the two, as of equal weights.
 */
static void medians_at_half(void **state)
{
    (void)state;
    const double x[] = {10, 20, 30, NAN, 25}, u[] = {1, 2, 3, 9, 0};
    const size_t member[] = {0, 1, 2, 3, 4};
    const cap_boot_run run = {0, 1, 0, 0.95};
    cap_boot f[CAP_BOOT_FIGURES];
    assert_int_equal(cap_bootstrap_group(5, 1, x, u, 5, member, 0, NULL, &run,
                                         NULL, f, NULL),
                     CAP_OK);
    near(f[CAP_BOOT_MEDIAN].estimate, 22.5, 1e-12);
    near(f[CAP_BOOT_MEDIAN_WEIGHTED].estimate, 25, 1e-12); /* 20 and 30 */
    assert_true(isnan(f[CAP_BOOT_MEDIAN].se));             /* no draws */
}

static void bootstrap_at_the_edges(void **state)
{
    (void)state;
    const double x[] = {10, NAN, 30, NAN}, u[] = {0, 1, 2, 3};
    const size_t ends[] = {0, 1};
    const cap_boot_run run = {50, 1, 0, 0.95};
    cap_boot f[3 * CAP_BOOT_FIGURES];
    /* rows 0 and 1 at two columns: (10, NaN) and (30, NaN) */
    assert_int_equal(
        cap_bootstrap_group(2, 2, x, u, 2, six, 1, ends, &run, NULL, f, NULL),
        CAP_OK);
    near(f[CAP_BOOT_MEAN].estimate, 10, 0);
    assert_true(isnan(f[CAP_BOOT_MEAN].se));                /* one unit */
    assert_true(isnan(f[CAP_BOOT_MEAN_WEIGHTED].estimate)); /* no users */
    near(f[CAP_BOOT_FIGURES + CAP_BOOT_MEAN_WEIGHTED].estimate, 30, 0);
    assert_int_equal(
        cap_bootstrap_group(2, 2, x, u, 0, six, 1, ends, &run, NULL, f, NULL),
        CAP_OK);
    assert_true(isnan(f[CAP_BOOT_MEAN].estimate));
    /* all alike: no spread */
    const double same[] = {7, 7, 7};
    assert_int_equal(cap_bootstrap_group(3, 1, same, NULL, 3, six, 0, NULL,
                                         &run, NULL, f, NULL),
                     CAP_OK);
    near(f[CAP_BOOT_MEDIAN].se, 0, 0);
    near(f[CAP_BOOT_MEAN].high, 7, 1e-12);
}

static int stop_at_once(void *context)
{
    (void)context;
    return 1;
}

static void bootstrap_refuses(void **state)
{
    (void)state;
    double x[12], u[12];
    cap_boot f[3 * CAP_BOOT_FIGURES];
    cap_error err;
    const size_t outside[] = {6}, no_column[] = {0, 2};
    cap_boot_run run = {10, 1, 0, 0.95};
    const cap_poll stop = {stop_at_once, NULL, NULL};
    columns_of(x, u);
#define boot(members, n, pairs)                                               \
    cap_bootstrap_group(6, COLUMNS, x, u, n, members, 1, pairs, &run, NULL,   \
                        f, &err)
    assert_int_equal(boot(outside, 1, pair), CAP_ERR_INPUT);
    assert_int_equal(boot(six, 6, no_column), CAP_ERR_INPUT);
    run.conf = 1;
    assert_int_equal(boot(six, 6, pair), CAP_ERR_INPUT);
    run.conf = 0.95;
    x[7] = INFINITY;
    assert_int_equal(boot(six, 6, pair), CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(err.column, 1);
    x[7] = 1;
    u[2] = -1;
    assert_int_equal(boot(six, 6, pair), CAP_ERR_INPUT);
    u[2] = 1;
    run.draws = (size_t)-1 / 4;
    assert_int_equal(boot(six, 6, pair), CAP_ERR_MEMORY);
    run.draws = 10;
    assert_int_equal(cap_bootstrap_group(6, COLUMNS, x, u, 6, six, 1, pair,
                                         &run, &stop, f, &err),
                     CAP_ERR_INTERRUPT);
    for (size_t n = 1;; n++) {
        alloc_fail_at(n);
        cap_status status = boot(six, 6, pair);
        if (alloc_count() < n) {
            assert_int_equal(status, CAP_OK);
            break;
        }
        assert_int_equal(status, CAP_ERR_MEMORY);
    }
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(change_keeps_covariance),
        cmocka_unit_test(change_without_users_is_the_paired_t),
        cmocka_unit_test(change_at_the_edges),
        cmocka_unit_test(influence_is_the_largest_jackknife_step),
        cmocka_unit_test(influence_at_the_edges),
        cmocka_unit_test(link_rules),
        cmocka_unit_test(link_ties_at_their_middle),
        cmocka_unit_test(link_to_itself_is_nothing),
        cmocka_unit_test(link_at_the_edges),
        cmocka_unit_test(bootstrap_is_its_definition),
        cmocka_unit_test(bootstrap_spread),
        cmocka_unit_test(medians_at_half),
        cmocka_unit_test(bootstrap_at_the_edges),
        cmocka_unit_test(bootstrap_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
