/* The gap of two groups, its change, and Fieller's set. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/gap_change.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static const double x0[] = {20, 40, 60, 50, 80, 90};
static const double u0[] = {10, 30, 20, 60, 50, 30};
static const double x1[] = {35, 50, 70, 55, 88, 95};
static const double u1[] = {20, 45, 25, 65, 52, 33};
static const int first[] = {1, 1, 1, 0, 0, 0};

/* Standard errors of the two regions, in exact arithmetic. */
static void worked_example(void **state)
{
    (void)state;
    cap_gap g;
    assert_int_equal(cap_gap_change(6, x0, x1, u0, u1, first, &g, NULL),
                     CAP_OK);
    near(g.gap_from, 43.3333333333 - 69.2857142857, 1e-9);
    near(g.gap_to, 52.2222222222 - 75.24, 1e-9);
    near(g.se_from, hypot(8.55266906574, 12.4092918727), 1e-9);
    near(g.se_to, hypot(7.77189665952, 13.1561657961), 1e-9);
    near(g.se_change, hypot(1.01992047172, 0.964449070809), 1e-10);
    double a = 1.01992047172 * 1.01992047172;
    double b = 0.964449070809 * 0.964449070809;
    /* n_eff - 1: 18/7 - 1 in A, the least of the two ends; B's by hand */
    double nb = fmin(140.0 * 140 / 7000, 150.0 * 150 / 8018);
    near(g.df, (a + b) * (a + b) / (a * a / (18.0 / 7 - 1) + b * b / (nb - 1)),
         1e-9);
    assert_int_equal(g.n_group, 3);
    assert_int_equal(g.n_rest, 3);
}

static void one_user_each_is_a_paired_welch(void **state)
{
    (void)state;
    cap_gap g, h;
    const double one[] = {1, 1, 1, 1, 1, 1};
    cap_gap_change(6, x0, x1, NULL, NULL, first, &g, NULL);
    cap_gap_change(6, x0, x1, one, one, first, &h, NULL);
    near(g.se_change, h.se_change, 0);
    near(g.df, h.df, 1e-12);
    near(g.change, (15 + 10 + 10) / 3.0 - (5 + 8 + 5) / 3.0, 1e-13);
    /* variances of the changes: 25/3 and 3, over three units each */
    near(g.se_change, sqrt(25.0 / 9 + 1), 1e-13);
    near(g.cov,
         (g.se_to * g.se_to + g.se_change * g.se_change -
          g.se_from * g.se_from) /
             2,
         1e-10);
}

static void edges(void **state)
{
    (void)state;
    cap_gap g;
    const int alone[] = {1, 0, 0, -1, -1, -1}, all[] = {1, 1, 1, 1, 1, 1};
    const double bad[] = {1, 1, -1, 1, 1, 1},
                 inf[] = {HUGE_VAL, 1, 1, 1, 1, 1};
    const double gone[] = {20, NAN, 60, 50, 80, 90};
    assert_int_equal(cap_gap_change(6, x0, x1, NULL, NULL, alone, &g, NULL),
                     CAP_OK);
    near(g.gap_from, -30, 1e-13);
    assert_true(isnan(g.se_change) && isnan(g.df));
    assert_int_equal(cap_gap_change(6, x0, x1, NULL, NULL, all, &g, NULL),
                     CAP_OK);
    assert_true(isnan(g.gap_from) && isnan(g.change) && isnan(g.se_to));
    assert_int_equal(g.n_rest, 0);
    cap_gap_change(6, gone, x1, NULL, NULL, first, &g, NULL);
    assert_int_equal(g.n_group, 2); /* absent at one end, left out of both */
    near(g.gap_to, 52.5 - 238.0 / 3, 1e-12);
    cap_gap_change(6, x0, x0, u0, u0, first, &g, NULL);
    near(g.change, 0, 0);
    near(g.se_change, 0, 0);
    assert_true(g.df >= 1);
    assert_int_equal(cap_gap_change(6, x0, x1, u0, bad, first, &g, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_gap_change(6, inf, x1, u0, u1, first, &g, NULL),
                     CAP_ERR_INPUT);
}

static int agrees(double ratio, double a, double b, double vaa, double vab,
                  double vbb, double t)
{
    double d = a - ratio * b;
    return d * d <= t * t * (vaa - 2 * ratio * vab + ratio * ratio * vbb);
}

/* Against its definition, ratio by ratio. */
static void fieller_by_definition(void **state)
{
    (void)state;
    const double given[][6] = {{10, 2, 1, 0.1, 0.04, 2},
                               {10, 2, 1, -0.3, 4, 2},
                               {1, 0.1, 4, 0.5, 4, 2},
                               {-10, 2, 1, 0, 0.01, 1.96},
                               {10, 0, 1, 0, 1, 2}};
    cap_fieller_set seen[5];
    for (size_t k = 0; k < 5; k++) {
        const double *v = given[k];
        double low, high;
        assert_int_equal(cap_fieller(v[0], v[1], v[2], v[3], v[4], v[5], &low,
                                     &high, &seen[k], NULL),
                         CAP_OK);
        for (double r = -60; r <= 60; r += 0.0371) {
            int inside =
                seen[k] == CAP_FIELLER_ALL ||
                (seen[k] == CAP_FIELLER_BOUNDED ? r >= low && r <= high
                                                : r <= low || r >= high);
            assert_int_equal(inside,
                             agrees(r, v[0], v[1], v[2], v[3], v[4], v[5]));
        }
    }
    assert_int_equal(seen[0], CAP_FIELLER_BOUNDED);
    assert_int_equal(seen[1], CAP_FIELLER_OUTSIDE);
    assert_int_equal(seen[2], CAP_FIELLER_ALL);
    double low, high;
    cap_fieller_set set;
    assert_int_equal(cap_fieller(0, 0, 0, 0, 0, 2, &low, &high, &set, NULL),
                     CAP_ERR_NUMERIC);
    assert_int_equal(cap_fieller(NAN, 1, 0, 0, 0, 2, &low, &high, &set, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_fieller(6, 3, 0, 0, 0, 2, &low, &high, &set, NULL),
                     CAP_OK); /* known for sure */
    near(low, 2, 1e-15);
    near(high, 2, 1e-15);
}

static cap_closing closing_of(double from, double to, double se, double cov)
{
    cap_gap g = {5, 5, from, to, to - from, 1, 1, se, cov, 8};
    cap_closing c;
    assert_int_equal(cap_gap_closing(&g, 4, 0.95, &c, NULL), CAP_OK);
    return c;
}

static void when_it_closes(void **state)
{
    (void)state;
    cap_closing c =
        closing_of(-20, -10, 0.5, 0.2); /* ten points in four years */
    near(c.years, 4, 1e-15);
    near(c.low, 2.90026770347247, 1e-13); /* by polyroot() of R 4.2 */
    near(c.high, 5.29374713913373, 1e-13);
    /* its ends are where the gap, carried on, is at the edge of its error */
    const double t = 2.306004135204166;
    const double ends[] = {c.low, c.high};
    for (size_t k = 0; k < 2; k++) {
        double r = ends[k] / 4, d = -10 + r * 10;
        near(d * d, t * t * (1 + 2 * r * 0.2 + r * r * 0.25), 1e-9);
    }
    c = closing_of(-20, -10, 20, 0); /* the change may be 0 */
    assert_true(c.years == 4 && isinf(c.high) && c.low >= 0);
    c = closing_of(-10, -20, 0.5, 0.2); /* it widens */
    assert_true(isinf(c.years) && isinf(c.low) && isinf(c.high));
    c = closing_of(-10, 0, 1, 0);
    near(c.years, 0, 0);
    c = closing_of(-10, -10, 0, 0); /* known not to change */
    assert_true(isinf(c.years) && isnan(c.low) && isnan(c.high));
    c = closing_of(NAN, NAN, NAN, NAN);
    assert_true(isnan(c.years) && isnan(c.low));
    c = closing_of(-20, -10, NAN, NAN); /* one unit in a group */
    assert_true(c.years == 4 && isnan(c.low) && isnan(c.high));
    c = closing_of(-20, -10, 0, 0); /* but the gap itself is not known */
    assert_true(c.years == 4 && c.low < 4 && c.high > 4);
    cap_gap inf = {5, 5, -20, -10, 10, 1, INFINITY, 1, 0, 8};
    assert_int_equal(cap_gap_closing(&inf, 4, 0.95, &c, NULL), CAP_ERR_INPUT);
    cap_gap g = {4, 16, -20, -10, 10, 1, 1, 0.3, 0, 8};
    near(cap_gap_error(&g, 0), 0.3, 1e-16);
    near(cap_gap_error(&g, 0.8), sqrt(0.09 + 0.64 * 0.3125), 1e-15);
    assert_true(isnan(cap_gap_error(&g, NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(one_user_each_is_a_paired_welch),
        cmocka_unit_test(edges),
        cmocka_unit_test(fieller_by_definition),
        cmocka_unit_test(when_it_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
