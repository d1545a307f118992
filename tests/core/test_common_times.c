/* Interpolation between editions, and standard scores. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/common_times.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

/* Two units at 2016, 2018, 2022; the second lacks 2018. */
static void on_the_line_and_unsure_of_it(void **state)
{
    (void)state;
    const double time[] = {2016, 2018, 2022};
    const double x[] = {10, 20, 14, NAN, 22, 40};
    const double at[] = {2015, 2016, 2017, 2018, 2019, 2022, 2023};
    double value[14], variance[14], s2;
    assert_int_equal(
        cap_series_at(2, 3, time, x, 7, at, value, variance, &s2, NULL),
        CAP_OK);
    assert_true(isnan(s2)); /* no two units share a change */
    const double full[] = {10, 20, 14, 28, 22, 40};
    cap_series_at(2, 3, time, full, 7, at, value, variance, &s2, NULL);
    /* changes 4, 8 over two years and 8, 12 over four: 8/2 + 8/4 over 2 */
    near(s2, 3, 1e-14);
    assert_true(isnan(value[0]) && isnan(value[13]) && isnan(variance[0]));
    near(value[2], 10, 0);
    near(variance[2], 0, 0);
    near(value[4], 12, 1e-14);
    near(variance[4], 3 * 0.5, 1e-14);
    near(value[8], 16, 1e-14);
    near(variance[8], 3 * 0.75, 1e-14);
    near(value[10], 22, 0);
    near(variance[11], 0, 0);
    cap_series_at(2, 3, time, x, 7, at, value, variance, &s2, NULL);
    near(value[7], 20 + 20.0 * 2 / 6, 1e-13); /* across its own gap */
}

static void standard_scores(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 9}, y[] = {10, 30, 20, 40, NAN};
    double zx[5], zy[5], sx, sy, sd, r = 0;
    assert_int_equal(
        cap_series_standardise(5, x, y, zx, zy, &sx, &sy, &sd, NULL), CAP_OK);
    near(sx, sqrt(5.0 / 3), 1e-15);
    near(sy, 10 * sqrt(5.0 / 3), 1e-13);
    assert_true(isnan(zx[4]) && isnan(zy[4]));
    for (size_t i = 0; i < 4; i++) {
        r += zx[i] * zy[i] / 3;
    }
    near(sd, sqrt(2 * (1 - r)), 1e-14); /* for any pair of standard scores */
    near(zx[0] + zx[1] + zx[2] + zx[3], 0, 1e-15);
}

static void edges(void **state)
{
    (void)state;
    const double x[] = {1, 1, 1}, y[] = {1, 2, 3}, inf[] = {1, HUGE_VAL, 2};
    const double back[] = {3, 2, 1}, nan[] = {NAN, 1};
    double zx[3], zy[3], sx, sy, sd, value[6], variance[6], s2;
    cap_series_standardise(3, x, y, zx, zy, &sx, &sy, &sd, NULL);
    assert_true(isnan(sd) && isnan(sy) && isnan(zy[0]));
    cap_series_standardise(1, y, y, zx, zy, &sx, &sy, &sd, NULL);
    assert_true(isnan(sd) && isnan(zx[0]));
    cap_series_standardise(0, y, y, zx, zy, &sx, &sy, &sd, NULL);
    assert_true(isnan(sd));
    assert_int_equal(
        cap_series_standardise(3, inf, y, zx, zy, &sx, &sy, &sd, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_series_at(1, 3, back, y, 1, y, value, variance, &s2, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_series_at(1, 3, y, inf, 1, y, value, variance, &s2, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_series_at(1, 3, y, y, 2, nan, value, variance, &s2, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_series_at(1, 3, y, y, 1, y, value, variance, &s2, NULL), CAP_OK);
    near(value[0], 1, 0);
    near(variance[0], 0, 0);
    assert_true(isnan(s2));
}

static void limits_of_agreement(void **state)
{
    (void)state;
    const double z[] = {-1, 0, NAN, 1}, variance[] = {9, 4, 100, 8};
    const int own[] = {0, 0, 0, 0}, some[] = {0, 1, 0, 1};
    cap_series_limit l =
        cap_limit_of_agreement(4, z, own, variance, 2, 0.5, 0.95);
    assert_int_equal(l.n, 3);
    near(l.added, 0, 0);
    near(l.limit, 0.5 * 1.959963984540054, 1e-15);
    l = cap_limit_of_agreement(4, z, some, variance, 2, 0.5, 0.95);
    near(l.added, 1, 1e-15); /* sqrt((4 + 8) / 3) / 2 */
    near(l.limit, sqrt(1.25) * 1.959963984540054, 1e-14);
    l = cap_limit_of_agreement(4, z, own, variance, 2, NAN, 0.95);
    assert_true(l.added == 0 && isnan(l.limit));
    l = cap_limit_of_agreement(1, z + 2, some + 1, variance, NAN, NAN, 0.95);
    assert_true(l.n == 0 && isnan(l.added) && isnan(l.limit));
    l = cap_limit_of_agreement(0, z, own, variance, 2, 0.5, 0.95);
    assert_true(l.n == 0 && l.added == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_line_and_unsure_of_it),
        cmocka_unit_test(standard_scores),
        cmocka_unit_test(edges),
        cmocka_unit_test(limits_of_agreement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
