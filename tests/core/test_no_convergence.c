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
#include "core/no_convergence.h"

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

static cap_no_convergence of(const cap_no_convergence_run *run)
{
    cap_no_convergence f;
    memset(&f, 0x55, sizeof f);
    assert_int_equal(
        cap_no_convergence_test(N, from, to, NULL, run, &f, NULL, NULL),
        CAP_OK);
    return f;
}

/* Levels of variance 400 with noise of variance 100 at both ends: the slope is
 * -0.2 although nobody catches up, and the null says so. */
static void noise_alone_is_not_catching_up(void **state)
{
    (void)state;
    const cap_no_convergence_run run = {1, -HUGE_VAL, HUGE_VAL, 400, 5};
    double mean = 0, p = 0;
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < N; i++) {
            double level = 50 + 20 * normal();
            from[i] = level + 10 * normal();
            to[i] = level + 8 + 10 * normal();
        }
        cap_no_convergence f = of(&run);
        mean += f.mean / 20;
        p += f.p < 0.05 ? 1 : 0;
    }
    near(mean, -0.2, 0.03);
    assert_true(p <= 4);
}

static void catching_up_is_seen(void **state)
{
    (void)state;
    const cap_no_convergence_run run = {1, 0, 100, 400, 5};
    for (size_t i = 0; i < N; i++) {
        from[i] = 100 * uniform();
        to[i] = 40 + 0.5 * from[i];
    }
    cap_no_convergence f = of(&run);
    near(f.slope, -0.5, 1e-12);
    near(f.p, 1.0 / 401, 1e-15);
    assert_true(f.mean > -0.3 && f.mean < 0 && f.low > f.slope);
}

/* Without noise and limits changes do not depend on levels: no slope. A
 * ceiling alone gives one. */
static void the_ceiling_alone_tilts_the_slope(void **state)
{
    (void)state;
    cap_no_convergence_run run = {0, -HUGE_VAL, HUGE_VAL, 500, 3};
    for (size_t i = 0; i < N; i++) {
        from[i] = 100 * uniform();
        to[i] = fmin(from[i] + 10 + 10 * normal(), 100);
        to[i] = fmax(to[i], 0);
    }
    cap_no_convergence f = of(&run);
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
    cap_no_convergence_run run = {1, 0, 100, 100, 9};
    cap_no_convergence a = of(&run), b = of(&run);
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
    cap_no_convergence c;
    assert_int_equal(
        cap_no_convergence_test(N, from, to, one, &run, &c, NULL, NULL),
        CAP_OK);
    near(c.mean, b.mean, 0);
}

static void edges(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3}, flat[] = {2, 2, 2}, up[] = {5, 6, 7};
    const double off[] = {1, 2, 101}, w[] = {1, 0, 1};
    cap_no_convergence_run run = {1, 0, 100, 50, 1}, bad = run;
    cap_no_convergence f;
    assert_int_equal(
        cap_no_convergence_test(3, a, up, NULL, &run, &f, NULL, NULL), CAP_OK);
    near(f.slope, 0, 1e-15); /* all moved alike: no noise, no slope */
    near(f.mean, 0, 1e-9);
    near(f.p, 1, 0);
    assert_int_equal(
        cap_no_convergence_test(3, flat, a, NULL, &run, &f, NULL, NULL),
        CAP_ERR_NUMERIC);
    assert_int_equal(
        cap_no_convergence_test(2, a, up, NULL, &run, &f, NULL, NULL),
        CAP_ERR_NUMERIC);
    assert_int_equal(
        cap_no_convergence_test(3, a, off, NULL, &run, &f, NULL, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_no_convergence_test(3, a, up, w, &run, &f, NULL, NULL),
        CAP_ERR_INPUT);
    bad.noise = 1.5;
    assert_int_equal(
        cap_no_convergence_test(3, a, up, NULL, &bad, &f, NULL, NULL),
        CAP_ERR_INPUT);
    bad = run;
    bad.n_sim = 1;
    assert_int_equal(
        cap_no_convergence_test(3, a, up, NULL, &bad, &f, NULL, NULL),
        CAP_ERR_INPUT);
    alloc_fail_at(1);
    assert_int_equal(
        cap_no_convergence_test(3, a, up, NULL, &run, &f, NULL, NULL),
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
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
