/* Correlation and correlation ratio of an index on an item. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/weights/importance.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

enum { N = 200 };
static double x[N], y[N], r, eta;
static size_t used;
static cap_error err;

static cap_status pair(size_t n)
{
    return cap_profile_pair(n, x, y, &r, &eta, &used, &err);
}

static void a_line_explains_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)i;
        y[i] = 3 - 2 * (double)i;
    }
    assert_int_equal(pair(N), CAP_OK);
    near(r, -1, 1e-12);
    near(eta, 1, 1e-9);
    assert_int_equal(used, N);
}

/* A parabola has no correlation, but x explains nearly all of it. */
static void a_curve_needs_the_ratio(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)i - (N - 1) / 2.0;
        y[i] = x[i] * x[i];
    }
    assert_int_equal(pair(N), CAP_OK);
    near(r, 0, 1e-12);
    assert_true(eta > 0.6 && eta <= 1);
}

/* With two values of x the local line runs through the two group means, so
 * the ratio is the squared correlation. */
static void two_values_give_the_group_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)(i % 2);
        y[i] = (double)(i % 2) + (double)(i % 10) / 10;
    }
    assert_int_equal(pair(N), CAP_OK);
    near(eta, r * r, 1e-9);
}

static void gaps_constants_and_few_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)i;
        y[i] = (double)(i % 7);
    }
    x[3] = NAN;
    y[9] = NAN;
    assert_int_equal(pair(N), CAP_OK);
    assert_int_equal(used, N - 2);
    assert_true(isfinite(r) && eta >= 0 && eta <= 1);
    assert_int_equal(pair(2), CAP_OK);
    assert_true(isnan(r) && isnan(eta));
    assert_int_equal(pair(0), CAP_OK);
    for (size_t i = 0; i < N; i++) {
        y[i] = 5;
    }
    assert_int_equal(pair(N), CAP_OK);
    assert_true(isnan(r) && isnan(eta));
    y[4] = INFINITY;
    assert_int_equal(pair(N), CAP_ERR_INPUT);
    assert_int_equal(err.row, 4);
}

static void scale_and_memory(void **state)
{
    (void)state;
    double before;
    for (size_t i = 0; i < N; i++) {
        x[i] = sin((double)i);
        y[i] = x[i] * x[i] * x[i] + cos((double)(5 * i)) / 4;
    }
    assert_int_equal(pair(N), CAP_OK);
    before = eta;
    for (size_t i = 0; i < N; i++) {
        x[i] = 1e6 * x[i] + 5;
        y[i] = 1e-6 * y[i] - 7;
    }
    assert_int_equal(pair(N), CAP_OK);
    near(eta, before, 1e-6);
    alloc_fail_at(1);
    assert_int_equal(pair(N), CAP_ERR_MEMORY);
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_explains_all),
        cmocka_unit_test(a_curve_needs_the_ratio),
        cmocka_unit_test(two_values_give_the_group_means),
        cmocka_unit_test(gaps_constants_and_few_pairs),
        cmocka_unit_test(scale_and_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
