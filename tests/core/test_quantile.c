/* Quantiles of values and of counts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/framework/quantile.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

/* By R 4.2: quantile(c(3.5, 9, 1, 4, 4, 7.25, 2), c(0, .1, .25, .5, .9, 1))
 * and mad(., constant = 1). */
static void as_r_has_them(void **state)
{
    (void)state;
    const double x[] = {3.5, 9, NAN, 1, 4, 4, 7.25, 2};
    const double p[] = {0, 0.1, 0.25, 0.5, 0.9, 1};
    const double want[] = {1, 1.6, 2.75, 4, 7.95, 9};
    double q[6], deviation;
    assert_int_equal(cap_quantiles(8, x, 6, p, q, NULL), CAP_OK);
    for (size_t k = 0; k < 6; k++) {
        near(q[k], want[k], 1e-14);
    }
    assert_int_equal(cap_median_deviation(8, x, &deviation, NULL), CAP_OK);
    near(deviation, 2, 1e-15);
}

static void edges(void **state)
{
    (void)state;
    const double one[] = {7}, flat[] = {2, 2, 2}, gone[] = {NAN, NAN};
    const double inf[] = {1, INFINITY}, half[] = {0.5}, off[] = {1.5};
    const double none[] = {NAN};
    double q, d;
    cap_error err;
    cap_quantiles(1, one, 1, half, &q, NULL);
    cap_median_deviation(1, one, &d, NULL);
    assert_true(q == 7 && d == 0);
    cap_quantiles(3, flat, 1, half, &q, NULL);
    cap_median_deviation(3, flat, &d, NULL);
    assert_true(q == 2 && d == 0);
    assert_int_equal(cap_quantiles(2, gone, 1, half, &q, NULL), CAP_OK);
    assert_int_equal(cap_median_deviation(0, gone, &d, NULL), CAP_OK);
    assert_true(isnan(q) && isnan(d));
    assert_int_equal(cap_quantiles(2, inf, 1, half, &q, &err), CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(cap_median_deviation(2, inf, &d, NULL), CAP_ERR_INPUT);
    assert_int_equal(cap_quantiles(3, flat, 1, off, &q, NULL), CAP_ERR_INPUT);
    assert_int_equal(cap_quantiles(3, flat, 1, none, &q, NULL), CAP_ERR_INPUT);
    alloc_fail_at(1);
    assert_int_equal(cap_quantiles(3, flat, 1, half, &q, NULL),
                     CAP_ERR_MEMORY);
    alloc_fail_at(1);
    assert_int_equal(cap_median_deviation(3, flat, &d, NULL), CAP_ERR_MEMORY);
    alloc_fail_at(0);
}

/* The same from counts and from what they count, in order. */
static void counts_and_orders(void **state)
{
    (void)state;
    const double count[] = {0, 2, 0, 5, 3, 0}, empty[] = {0, 0};
    const double gap[] = {1, NAN};
    const size_t is[] = {1, 1, 3, 3, 3, 3, 3, 4, 4, 4};
    for (double p = 0; p <= 1; p += 0.05) {
        assert_int_equal(cap_count_quantile(6, count, p),
                         is[cap_order_quantile(10, p)]);
    }
    /* (1 - 0.95) / 2 of 1000 is 25 and a little in binary */
    assert_int_equal(cap_order_quantile(1000, (1 - 0.95) / 2), 24);
    assert_int_equal(cap_order_quantile(1000, (1 + 0.95) / 2), 974);
    assert_int_equal(cap_order_quantile(7, 1), 6);
    assert_int_equal(cap_order_quantile(7, 0), 0);
    assert_int_equal(cap_order_quantile(1, 0.5), 0);
    assert_int_equal(cap_order_quantile(0, 0.5), CAP_NOWHERE);
    assert_int_equal(cap_order_quantile(7, NAN), CAP_NOWHERE);
    assert_int_equal(cap_count_quantile(2, empty, 0.5), CAP_NOWHERE);
    assert_int_equal(cap_count_quantile(2, gap, 0.5), CAP_NOWHERE);
    assert_int_equal(cap_count_quantile(6, count, NAN), CAP_NOWHERE);
    assert_int_equal(cap_count_quantile(6, count, 1), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_r_has_them),
        cmocka_unit_test(edges),
        cmocka_unit_test(counts_and_orders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
