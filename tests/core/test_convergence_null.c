/* The simulated slope when nobody catches up. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/convergence_null.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

enum { N = 200 };
static double from[N], to[N];

static uint32_t seed = 77;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}
static double normal(void)
{
    return sqrt(-2 * log(uniform() + 1e-9)) *
           cos(6.283185307179586 * uniform());
}

static cap_convergence_null of(const cap_convergence_null_run *run)
{
    cap_convergence_null f;
    memset(&f, 0x55, sizeof f);
    assert_int_equal(cap_convergence_null_test(N, from, to, NULL, NULL, run,
                                               &f, NULL, NULL),
                     CAP_OK);
    return f;
}

/* Levels of variance 400 with noise of variance 100 at both ends: the slope is
 * -0.2 although nobody catches up, and the null says so. */
static void noise_alone_is_not_catching_up(void **state)
{
    (void)state;
    const cap_convergence_null_run run = {1, -HUGE_VAL, HUGE_VAL, 400, 5};
    double mean = 0, p = 0;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < N; i++) {
            double level = 50 + 20 * normal();
            from[i] = level + 10 * normal();
            to[i] = level + 8 + 10 * normal();
        }
        cap_convergence_null f = of(&run);
        mean += f.mean / 20;
        p += f.p < 0.05 ? 1 : 0;
    }
    near(mean, -0.2, 0.03);
    assert_true(p <= 4);
}

static void catching_up_is_seen(void **state)
{
    (void)state;
    const cap_convergence_null_run run = {1, 0, 100, 400, 5};
    for (size_t i = 0; i < N; i++) {
        from[i] = 100 * uniform();
        to[i] = 40 + 0.5 * from[i];
    }
    cap_convergence_null f = of(&run);
    near(f.slope, -0.5, 1e-12);
    near(f.p, 1.0 / 401, 1e-15);
    assert_true(f.mean > -0.3 && f.mean < 0 && f.low > f.slope);
}

/* Without noise and limits changes do not depend on levels: no slope. A
 * ceiling alone gives one. */
static void the_ceiling_alone_tilts_the_slope(void **state)
{
    (void)state;
    cap_convergence_null_run run = {0, -HUGE_VAL, HUGE_VAL, 500, 3};
    for (size_t i = 0; i < N; i++) {
        from[i] = 100 * uniform();
        to[i] = fmin(from[i] + 10 + 10 * normal(), 100);
        to[i] = fmax(to[i], 0);
    }
    cap_convergence_null f = of(&run);
    near(f.mean, 0, 0.01);
    near(f.ceiling_share, 0, 0);
    run.floor = 0;
    run.ceiling = 100;
    f = of(&run);
    assert_true(f.mean < -0.03 && f.ceiling_share > 0.05);
}

static void same_key_same_numbers(void **state)
{
    (void)state;
    cap_convergence_null_run run = {1, 0, 100, 100, 9};
    cap_convergence_null a = of(&run), b = of(&run);
    near(a.mean, b.mean, 0);
    near(a.p, b.p, 0);
    run.key = 10;
    b = of(&run);
    assert_true(fabs(a.mean - b.mean) > 0);
    /* weights of one are none */
    double one[N];
    for (size_t i = 0; i < N; i++) {
        one[i] = 1;
    }
    cap_convergence_null c;
    assert_int_equal(cap_convergence_null_test(N, from, to, one, NULL, &run,
                                               &c, NULL, NULL),
                     CAP_OK);
    near(c.mean, b.mean, 0);
}

/* A common change without scatter moves neither the spread nor the gap; the
 * ceiling narrows both, and units without users are left out. */
static void spread_and_gap_of_the_null(void **state)
{
    (void)state;
    static int side[N];
    static double users[N];
    cap_convergence_null_groups groups = {side, NULL, NULL, false};
    cap_convergence_null_run run = {1, -HUGE_VAL, HUGE_VAL, 50, 3};
    cap_convergence_null f;
    double mean[2] = {0, 0};
    for (size_t i = 0; i < N; i++) {
        from[i] = 100.0 * (double)i / N;
        to[i] = from[i] + 5;
        side[i] = i < N / 4 ? 1 : 0;
        users[i] = i % 2 == 0 ? 3 : 0;
        mean[side[i]] += from[i] / (side[i] ? N / 4 : 3 * N / 4);
    }
    assert_int_equal(cap_convergence_null_test(N, from, to, NULL, &groups,
                                               &run, &f, NULL, NULL),
                     CAP_OK);
    near(f.gap, 0, 1e-9);
    near(f.p_gap, 1, 0);
    near(f.spread, 100.0 / N * sqrt((N * N - 1.0) / 12), 1e-9);
    near(f.p_spread, 1, 0);
    assert_true(mean[1] < mean[0]);
    /* cut at 100 the upper side gains less: the gap narrows by itself */
    run.floor = 0;
    run.ceiling = 100;
    for (size_t i = 0; i < N; i++) {
        to[i] = fmin(from[i] + 20, 100);
    }
    assert_int_equal(cap_convergence_null_test(N, from, to, NULL, &groups,
                                               &run, &f, NULL, NULL),
                     CAP_OK);
    assert_true(f.gap > 0 && f.spread < 100.0 / N * sqrt(N * N / 12.0));
    double simple = f.gap;
    /* equal users of every second unit, and of all: much the same gap */
    groups.users_from = groups.users_to = users;
    assert_int_equal(cap_convergence_null_test(N, from, to, NULL, &groups,
                                               &run, &f, NULL, NULL),
                     CAP_OK);
    near(f.gap, simple, 0.5);
    assert_true(fabs(f.gap - simple) > 0);
    /* of logs the gap is that of the scores themselves */
    groups.users_from = groups.users_to = NULL;
    groups.logs = true;
    run.floor = -HUGE_VAL;
    run.ceiling = HUGE_VAL;
    for (size_t i = 0; i < N; i++) {
        from[i] = log(1 + from[i]);
        to[i] = from[i] + log(2);
    }
    assert_int_equal(cap_convergence_null_test(N, from, to, NULL, &groups,
                                               &run, &f, NULL, NULL),
                     CAP_OK);
    near(f.gap, mean[1] - mean[0], 1e-6);
    /* nobody on one side: no gap */
    for (size_t i = 0; i < N; i++) {
        side[i] = 2;
    }
    assert_int_equal(cap_convergence_null_test(N, from, to, NULL, &groups,
                                               &run, &f, NULL, NULL),
                     CAP_OK);
    assert_true(isnan(f.gap) && isnan(f.p_gap) && !isnan(f.spread));
}

static void edges(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3}, flat[] = {2, 2, 2}, up[] = {5, 6, 7};
    const double off[] = {1, 2, 101}, w[] = {1, 0, 1};
    cap_convergence_null_run run = {1, 0, 100, 50, 1}, bad = run;
    cap_convergence_null f;
    assert_int_equal(
        cap_convergence_null_test(3, a, up, NULL, NULL, &run, &f, NULL, NULL),
        CAP_OK);
    near(f.slope, 0, 1e-15); /* all moved alike: no noise, no slope */
    near(f.mean, 0, 1e-9);
    near(f.p, 1, 0);
    assert_int_equal(cap_convergence_null_test(3, flat, a, NULL, NULL, &run,
                                               &f, NULL, NULL),
                     CAP_ERR_NUMERIC);
    assert_int_equal(
        cap_convergence_null_test(2, a, up, NULL, NULL, &run, &f, NULL, NULL),
        CAP_ERR_NUMERIC);
    assert_int_equal(
        cap_convergence_null_test(3, a, off, NULL, NULL, &run, &f, NULL, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_convergence_null_test(3, a, up, w, NULL, &run, &f, NULL, NULL),
        CAP_ERR_INPUT);
    bad.noise = 1.5;
    assert_int_equal(
        cap_convergence_null_test(3, a, up, NULL, NULL, &bad, &f, NULL, NULL),
        CAP_ERR_INPUT);
    bad = run;
    bad.n_sim = 1;
    assert_int_equal(
        cap_convergence_null_test(3, a, up, NULL, NULL, &bad, &f, NULL, NULL),
        CAP_ERR_INPUT);
    alloc_fail_at(1);
    assert_int_equal(
        cap_convergence_null_test(3, a, up, NULL, NULL, &run, &f, NULL, NULL),
        CAP_ERR_MEMORY);
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_alone_is_not_catching_up),
        cmocka_unit_test(catching_up_is_seen),
        cmocka_unit_test(the_ceiling_alone_tilts_the_slope),
        cmocka_unit_test(same_key_same_numbers),
        cmocka_unit_test(spread_and_gap_of_the_null),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
