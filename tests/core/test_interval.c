/* Student's t: tails, quantiles, intervals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/index/interval.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))
#define close(a, b) near(a, b, 1e-12 * fabs(b))

/* By mpmath 1.3 with 50 digits: betainc(v / 2, 1 / 2, 0, v / (v + t^2),
 * regularized = True) / 2. GSL's own tail is 9e-7 of itself off at t = 20, 40
 * degrees of freedom. */
static void tails_to_the_last_digits(void **state)
{
    (void)state;
    const double want[][3] = {
        {0.5, 1, 0.35241638234956673},     {2, 1.5, 0.11209416517802553},
        {12.706, 1, 0.025000401179066593}, {2.5, 7.25, 0.019932760379457289},
        {8, 31, 2.4701318509516898e-9},    {20, 40.25, 8.073925646524953e-23},
        {12, 60, 6.8931613209088692e-18},  {6, 192, 4.8246192983948088e-9},
        {20, 100, 4.997133930668478e-37},  {3, 999, 0.001383388230073897},
    };
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        const double *v = want[k];
        close(cap_t_tail(v[0], v[1]), v[2]);
        near(cap_t_tail(-v[0], v[1]), 1 - v[2], 1e-15);
    }
    /* one degree of freedom is Cauchy's, and two have a square root */
    for (double t = 1e-3; t < 1e9; t *= 7) {
        close(cap_t_tail(t, 1), atan2(1, t) / acos(-1));
        close(cap_t_tail(t, 2), 1 / ((t * t + 2) + t * sqrt(t * t + 2)));
    }
    /* both sides of the change of method agree */
    for (double t = 0.5; t < 9; t += 0.5) {
        double at = cap_t_tail(t, 1000), past = cap_t_tail(t, 1000.0001);
        near(past / at, 1, 1e-8 * pow(t, 4));
    }
    close(cap_t_tail(1.959963984540054, INFINITY), 0.025);
}

/* By bisection on mpmath's tail. */
static void quantiles_to_the_last_digits(void **state)
{
    (void)state;
    const double want[][3] = {
        {0.95, 1, 12.706204736174693},        {0.95, 1.5, 6.0166631044279283},
        {0.9, 2, 2.9199855803537261},         {0.95, 7.25, 2.3481948491053716},
        {0.99, 30, 2.749995653567225},        {0.95, 192, 1.9723964913155808},
        {0.9999, 5, 11.177710070278869},      {0.5, 60.5, 0.67856656513305485},
        {0.95, INFINITY, 1.9599639845400539},
    };
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        const double *v = want[k];
        near(cap_t_reach(v[0], v[1]) / v[2], 1, 1e-13);
    }
    for (double df = 1; df < 5000; df *= 1.7) {
        for (double conf = 0.05; conf < 1; conf += 0.0831) {
            close(2 * cap_t_tail(cap_t_reach(conf, df), df), 1 - conf);
        }
    }
}

/* Student's sleep data (1908), paired: t.test() of R 4.2 gives 0.7001142 to
 * 2.4598858, t = 4.0621, p = 0.002833. */
static void sleep(void **state)
{
    (void)state;
    cap_t_figures f = cap_t_interval(1.58, 0.3889587238883952, 9, 0.95, 1.58);
    near(f.low, 0.7001142, 5e-8);
    near(f.high, 2.4598858, 5e-8);
    near(f.t, 4.0621277, 5e-8);
    near(f.p, 0.00283289, 5e-9);
}

static int is_empty(cap_t_figures f)
{
    return isnan(f.low) && isnan(f.high) && isnan(f.t) && isnan(f.p);
}

static void edges(void **state)
{
    (void)state;
    cap_t_figures f = cap_t_interval(3, 0, 5, 0.95, 3);
    assert_true(f.low == 3 && f.high == 3 && isinf(f.t) && isnan(f.p));
    f = cap_t_interval(0, 0, 5, 0.95, 3);
    assert_true(f.low == 0 && f.high == 0 && isnan(f.t) && isnan(f.p));
    f = cap_t_interval(3, 3e-11, 5, 0.95, 3); /* rounding */
    assert_true(f.low < 3 && f.high > 3 && isnan(f.p));
    f = cap_t_interval(3, 3e-11, 5, 0.95, 0.1); /* of something small */
    assert_true(f.p > 0 && f.p < 1e-50);
    f = cap_t_interval(0, 1, 5, 0.95, 0);
    near(f.p, 1, 1e-15);
    f = cap_t_interval(-2, 1, INFINITY, 0.95, -2);
    near(f.low, -2 - 1.959963984540054, 1e-14);
    near(f.p, 0.04550026389635842, 1e-15);
    assert_true(is_empty(cap_t_interval(NAN, 1, 5, 0.95, 1)));
    assert_true(is_empty(cap_t_interval(1, NAN, 5, 0.95, 1)));
    assert_true(is_empty(cap_t_interval(1, 1, NAN, 0.95, 1)));
    assert_true(is_empty(cap_t_interval(1, 1, 0, 0.95, 1)));
    assert_true(is_empty(cap_t_interval(1, -1, 5, 0.95, 1)));
    assert_true(is_empty(cap_t_interval(1, INFINITY, 5, 0.95, 1)));
    assert_true(is_empty(cap_t_interval(1, 1, 5, 1, 1)));
    assert_true(isnan(cap_t_tail(NAN, 5)) && isnan(cap_t_tail(1, -1)));
    near(cap_t_tail(INFINITY, 5), 0, 0);
    near(cap_t_tail(-INFINITY, 5), 1, 0);
    near(cap_t_tail(0, 5), 0.5, 0);
    near(cap_mean_df(7.5), 6.5, 0);
    near(cap_mean_df(1.2), 1, 0);
}

static void errors_of_shares(void **state)
{
    (void)state;
    near(cap_share_error(0.5, 100), 0.05, 1e-17);
    near(cap_share_error(0, 10), 0, 0);
    near(cap_share_error(1, 10), 0, 0);
    assert_true(isnan(cap_share_error(0.5, 0)));
    assert_true(isnan(cap_share_error(NAN, 10)));
    assert_true(isnan(cap_share_error(1.1, 10)));
    assert_true(isnan(cap_share_error(0.5, NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails_to_the_last_digits),
        cmocka_unit_test(quantiles_to_the_last_digits),
        cmocka_unit_test(sleep),
        cmocka_unit_test(edges),
        cmocka_unit_test(errors_of_shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
