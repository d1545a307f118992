/* Outliers: shapes, winsorising by hand, ties, transforms, the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/framework/treat.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static cap_treat_rule rule_of(cap_treat_kind kind)
{
    cap_treat_rule rule = {kind, 2, 3.5, 5, 1, 0.1, 0.9, 1.5, NAN};
    return rule;
}

static cap_treat_report treat(const cap_treat_rule *rule, size_t n,
                              const double *x, double *y)
{
    cap_treat_report report;
    assert_int_equal(cap_treat_column(rule, n, x, y, &report, NULL), CAP_OK);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(isnan(x[i]) != 0, isnan(y[i]) != 0);
        for (size_t j = 0; j < n; j++) { /* order is kept */
            assert_false(x[i] < x[j] && y[i] > y[j]);
        }
    }
    return report;
}

static void shapes_by_hand(void **state)
{
    (void)state;
    double g1, g2;
    const double x[] = {1, 2, 3, 4, 10, NAN};
    /* m2 = 10, m3 = 36, m4 = 278.8 */
    cap_shape(6, x, &g1, &g2);
    near(g1, sqrt(20.0) / 3 * 36 / pow(10, 1.5), 1e-14);
    near(g2, 4.0 / 6 * (6 * (278.8 / 100 - 3) + 6), 1e-13);
    cap_shape(3, x, &g1, &g2);
    near(g1, 0, 1e-15);
    assert_true(isnan(g2));
    cap_shape(2, x, &g1, &g2);
    assert_true(isnan(g1));
    const double same[] = {0.1, 0.1, 0.1, 0.1, 0.1};
    cap_shape(5, same, &g1, &g2);
    assert_true(isnan(g1) && isnan(g2));
    const double far[] = {1e-200, 2e-200, 3e-200, 4e-200, 10e-200};
    cap_shape(5, far, &g1, &g2);
    near(g1, sqrt(20.0) / 3 * 36 / pow(10, 1.5), 1e-13);
}

static void one_point_at_a_time(void **state)
{
    (void)state;
    double x[14], y[14];
    for (size_t i = 0; i < 12; i++) {
        x[i] = (double)i + 1;
    }
    x[12] = NAN;
    x[13] = 400;
    cap_treat_rule r = rule_of(CAP_TREAT_WINSORISE);
    cap_treat_report t = treat(&r, 14, x, y);
    assert_int_equal(t.what, CAP_TREATED_POINTS);
    assert_int_equal(t.n_high, 1);
    assert_int_equal(t.n_low, 0);
    near(y[13], 12, 0);
    near(t.upper, 12, 0);
    assert_true(isnan(t.lower));
    assert_int_equal(t.beyond, 0);
    for (size_t i = 0; i < 14; i++) {
        x[i] = -x[i];
    }
    t = treat(&r, 14, x, y);
    assert_int_equal(t.n_low, 1);
    near(y[13], -12, 0);
    /* nothing to do */
    t = treat(&r, 12, x, y);
    assert_int_equal(t.what, CAP_TREATED_NOT);
    assert_memory_equal(x, y, 12 * sizeof *x);
}

static void ties_end(void **state)
{
    (void)state;
    double x[60], y[60];
    for (size_t i = 0; i < 60; i++) {
        x[i] = i < 3 ? 1000 : (double)i;
    }
    cap_treat_rule r = rule_of(CAP_TREAT_WINSORISE);
    cap_treat_report t = treat(&r, 60, x, y);
    assert_int_equal(t.what, CAP_TREATED_POINTS);
    assert_int_equal(t.n_high, 3);
    near(y[0], 59, 0);
    r.max_points = 2; /* not enough for three equal ones: logs instead */
    t = treat(&r, 60, x, y);
    assert_int_equal(t.what, CAP_TREATED_LOG);
    near(y[0], log(1000), 1e-15);
    r.then_log = 0;
    t = treat(&r, 60, x, y);
    assert_int_equal(t.what, CAP_TREATED_GAVE_UP);
    assert_int_equal(t.beyond, 1);
    assert_memory_equal(x, y, sizeof x);
    /* a zero everywhere but in one row must not become constant */
    r.max_points = 50;
    for (size_t i = 0; i < 60; i++) {
        x[i] = i == 7 ? 1 : 0;
    }
    t = treat(&r, 60, x, y);
    assert_int_equal(t.what, CAP_TREATED_GAVE_UP);
    assert_memory_equal(x, y, sizeof x);
    r.max_points = (size_t)-1;
    t = treat(&r, 60, x, y);
    assert_int_equal(t.what, CAP_TREATED_GAVE_UP);
}

static void quantiles_and_fences(void **state)
{
    (void)state;
    const double x[] = {5, 1, 2, NAN, 3, 100, 4, 6, 7, 8, 9, 10};
    double y[12];
    cap_treat_rule r = rule_of(CAP_TREAT_PERCENTILE);
    cap_treat_report t = treat(&r, 12, x, y); /* 11 values: h = 1 and 9 */
    near(y[1], 2, 1e-13);
    near(y[5], 10, 1e-13);
    assert_int_equal(t.n_low, 1);
    assert_int_equal(t.n_high, 1);
    r = rule_of(CAP_TREAT_TUKEY);
    t = treat(&r, 12, x, y); /* q1 = 3.5, q3 = 8.5 */
    near(y[5], 16, 1e-13);
    near(y[1], 1, 0);
    assert_int_equal(t.n_high, 1);
    const double flat[] = {0, 0, 0, 0, 0, 0, 0, 0, 9};
    t = treat(&r, 9, flat, y);
    assert_int_equal(t.what, CAP_TREATED_CONSTANT);
    near(y[8], 9, 0);
}

static void transforms(void **state)
{
    (void)state;
    const double x[] = {1, 10, 100, NAN, 1000}, neg[] = {-1000, -1, -3, 0, 0};
    double y[5];
    cap_treat_rule r = rule_of(CAP_TREAT_LOG);
    cap_treat_report t = treat(&r, 5, x, y);
    near(y[4], log(1000), 1e-15);
    near(t.shift, 0, 0);
    assert_int_equal(t.reflected, 0);
    t = treat(&r, 5, neg, y); /* reflected: the tail is below */
    assert_int_equal(t.reflected, 1);
    near(t.shift, 1010, 1e-12);
    near(y[3], -log(10), 1e-14);
    near(y[0], -log(1010), 1e-14);
    r = rule_of(CAP_TREAT_BOXCOX);
    r.lambda = 0.5;
    t = treat(&r, 5, x, y);
    near(y[2], 18, 1e-12);
    r.lambda = 0;
    t = treat(&r, 5, x, y);
    near(y[2], log(100), 1e-14);
    r.lambda = NAN; /* equal steps of the log: lambda 0 */
    t = treat(&r, 5, x, y);
    assert_true(fabs(t.lambda) < 0.2);
    const double normal[] = {1, 2, 3, 4, 5};
    r.lambda = 1;
    t = treat(&r, 5, normal, y);
    near(y[4], 4, 1e-14);
    cap_treat_report report;
    r.lambda = 400;
    assert_int_equal(cap_treat_column(&r, 5, x, y, &report, NULL),
                     CAP_ERR_NUMERIC);
}

static void edges(void **state)
{
    (void)state;
    const double none[] = {NAN, NAN}, same[] = {4, 4}, two[] = {1, 9},
                 inf[] = {1, HUGE_VAL};
    double y[2];
    cap_treat_report report;
    cap_error err;
    for (int k = 0; k < CAP_TREAT_KINDS; k++) {
        cap_treat_rule r = rule_of((cap_treat_kind)k);
        assert_int_equal(treat(&r, 0, none, y).what, CAP_TREATED_CONSTANT);
        assert_int_equal(treat(&r, 2, none, y).what, CAP_TREATED_CONSTANT);
        assert_int_equal(treat(&r, 2, same, y).what, CAP_TREATED_CONSTANT);
        near(y[1], 4, 0);
        treat(&r, 2, two, y);
        assert_true(y[0] < y[1]);
        assert_int_equal(cap_treat_column(&r, 2, inf, y, &report, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(err.row, 1);
        alloc_fail_at(1);
        assert_int_equal(cap_treat_column(&r, 2, two, y, &report, NULL),
                         CAP_ERR_MEMORY);
        alloc_fail_at(0);
    }
    cap_treat_rule bad[6];
    for (size_t k = 0; k < 6; k++) {
        bad[k] = rule_of(k < 3   ? CAP_TREAT_WINSORISE
                         : k < 4 ? CAP_TREAT_PERCENTILE
                         : k < 5 ? CAP_TREAT_TUKEY
                                 : CAP_TREAT_BOXCOX);
    }
    bad[0].kind = (cap_treat_kind)9;
    bad[1].skewness = 0;
    bad[2].kurtosis = NAN;
    bad[3].high = 0.1;
    bad[4].fence = -1;
    bad[5].lambda = HUGE_VAL;
    for (size_t k = 0; k < 6; k++) {
        assert_int_equal(cap_treat_column(&bad[k], 2, two, y, &report, NULL),
                         CAP_ERR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_by_hand),
        cmocka_unit_test(one_point_at_a_time),
        cmocka_unit_test(ties_end),
        cmocka_unit_test(quantiles_and_fences),
        cmocka_unit_test(transforms),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
