/* Normalisation: each formula by hand, directions, faults, the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/framework/normalise.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static cap_normal_rule rule_of(cap_normal_kind kind, int direction)
{
    cap_normal_rule rule;
    memset(&rule, 0, sizeof rule);
    rule.kind = kind;
    rule.direction = direction;
    return rule;
}

static cap_fit_fault fault_of(const cap_normal_rule *rule, size_t n,
                              const double *x, double lower, double upper,
                              double reference)
{
    cap_normal_fit fit;
    assert_int_equal(
        cap_normalise_fit(rule, n, x, lower, upper, reference, &fit, NULL),
        CAP_OK);
    return fit.fault;
}

static void expect(const cap_normal_rule *rule, double lower, double upper,
                   double reference, const double want[5])
{
    const double x[] = {2, 8, NAN, 4, 4};
    double y[5];
    cap_normal_fit fit;
    assert_int_equal(
        cap_normalise_fit(rule, 5, x, lower, upper, reference, &fit, NULL),
        CAP_OK);
    assert_int_equal(fit.fault, CAP_FIT_SOUND);
    assert_int_equal(fit.n, 4);
    near(fit.mean, 4.5, 0);
    near(fit.sd, sqrt(19.0 / 3), 1e-15);
    assert_int_equal(
        cap_normalise_apply(rule, &fit, 5, x, 0, NULL, y, NULL, NULL), CAP_OK);
    for (size_t i = 0; i < 5; i++) {
        if (isnan(want[i])) {
            assert_true(isnan(y[i]));
        } else {
            near(y[i], want[i], 1e-14);
        }
    }
}

static void formulas_by_hand(void **state)
{
    (void)state;
    const double s = sqrt(19.0 / 3);
    cap_normal_rule r = rule_of(CAP_NORMAL_MINMAX, 1);
    expect(&r, NAN, NAN, NAN, (double[]){0, 1, NAN, 1.0 / 3, 1.0 / 3});
    expect(&r, 0, NAN, NAN, (double[]){0.25, 1, NAN, 0.5, 0.5});
    expect(&r, 4, 6, NAN, (double[]){-1, 2, NAN, 0, 0});
    r.clip = 1;
    expect(&r, 4, 6, NAN, (double[]){0, 1, NAN, 0, 0});
    r.rescale = 1;
    r.low = 10;
    r.high = 30;
    expect(&r, NAN, NAN, NAN,
           (double[]){10, 30, NAN, 10 + 20.0 / 3, 10 + 20.0 / 3});
    r = rule_of(CAP_NORMAL_MINMAX, -1);
    expect(&r, NAN, NAN, NAN, (double[]){1, 0, NAN, 2.0 / 3, 2.0 / 3});
    r = rule_of(CAP_NORMAL_ZSCORE, 0);
    expect(&r, NAN, NAN, NAN,
           (double[]){-2.5 / s, 3.5 / s, NAN, -0.5 / s, -0.5 / s});
    r.direction = -1;
    expect(&r, NAN, NAN, NAN,
           (double[]){2.5 / s, -3.5 / s, NAN, 0.5 / s, 0.5 / s});
    r.rescale = 1;
    r.high = 1;
    expect(&r, NAN, NAN, NAN, (double[]){1, 0, NAN, 2.0 / 3, 2.0 / 3});
    r = rule_of(CAP_NORMAL_RANK, 1);
    expect(&r, NAN, NAN, NAN, (double[]){1, 4, NAN, 2, 2});
    r.ties = CAP_TIES_AVERAGE;
    expect(&r, NAN, NAN, NAN, (double[]){1, 4, NAN, 2.5, 2.5});
    r.ties = CAP_TIES_MAX;
    r.direction = -1;
    expect(&r, NAN, NAN, NAN, (double[]){4, 1, NAN, 3, 3});
    r = rule_of(CAP_NORMAL_PERCENTILE, 1);
    expect(&r, NAN, NAN, NAN, (double[]){0, 1, NAN, 1.0 / 3, 1.0 / 3});
    r = rule_of(CAP_NORMAL_BORDA, 1);
    expect(&r, NAN, NAN, NAN, (double[]){0, 3, NAN, 1, 1});
    r = rule_of(CAP_NORMAL_SHARE, 1);
    expect(&r, NAN, NAN, NAN, (double[]){0.25, 1, NAN, 0.5, 0.5});
    r.direction = -1;
    expect(&r, NAN, NAN, NAN, (double[]){0.75, 0, NAN, 0.5, 0.5});
    r = rule_of(CAP_NORMAL_TO_MAX, 1);
    expect(&r, NAN, NAN, NAN, (double[]){0, 1, NAN, 1.0 / 3, 1.0 / 3});
    r = rule_of(CAP_NORMAL_REFERENCE, 1);
    expect(&r, NAN, NAN, 6, (double[]){0, 1.5, NAN, 0.5, 0.5});
    r.direction = -1;
    expect(&r, NAN, NAN, 4, (double[]){1.5, 0, NAN, 1, 1});
    r.form = CAP_FORM_RATIO;
    expect(&r, NAN, NAN, 4, (double[]){2, 0.5, NAN, 1, 1});
    r.form = CAP_FORM_DIFFERENCE;
    expect(&r, NAN, NAN, 4, (double[]){0.5, -1, NAN, 0, 0});
    r.direction = 1;
    expect(&r, NAN, NAN, 4, (double[]){-0.5, 1, NAN, 0, 0});
    r = rule_of(CAP_NORMAL_ABOVE_BELOW, 1);
    r.band = 0.2;
    expect(&r, NAN, NAN, NAN, (double[]){-1, 1, NAN, 0, 0});
    r.direction = -1;
    expect(&r, NAN, NAN, NAN, (double[]){1, -1, NAN, 0, 0});
    r = rule_of(CAP_NORMAL_LOG, 1);
    expect(&r, 1, 16, NAN, (double[]){0.25, 0.75, NAN, 0.5, 0.5});
    r.direction = -1;
    expect(&r, 1, 16, NAN, (double[]){0.75, 0.25, NAN, 0.5, 0.5});
}

static void categories_count_the_breaks_reached(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, NAN}, p[] = {0.25, 0.5, 0.75};
    double b[3], y[6];
    cap_normal_rule r = rule_of(CAP_NORMAL_CATEGORY, 1);
    cap_normal_fit fit;
    assert_int_equal(cap_normalise_breaks(6, x, 3, p, b, NULL), CAP_OK);
    near(b[0], 2, 0);
    near(b[1], 3, 0);
    near(b[2], 4, 0);
    cap_normalise_fit(&r, 6, x, NAN, NAN, NAN, &fit, NULL);
    cap_normalise_apply(&r, &fit, 6, x, 3, b, y, NULL, NULL);
    near(y[0], 0, 0);
    near(y[1], 1.0 / 3, 1e-15);
    near(y[4], 1, 0);
    assert_true(isnan(y[5]));
    r.direction = -1;
    cap_normalise_apply(&r, &fit, 6, x, 3, b, y, NULL, NULL);
    near(y[0], 1, 0);
    near(y[3], 1.0 / 3, 1e-15);
    near(y[4], 0, 0);
    const double wrong[] = {2, 1, 3}, bad[] = {0.5, 1.5, 0.1};
    assert_int_equal(
        cap_normalise_apply(&r, &fit, 6, x, 3, wrong, y, NULL, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(cap_normalise_apply(&r, &fit, 6, x, 0, b, y, NULL, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_normalise_breaks(6, x, 3, bad, b, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_normalise_breaks(1, x + 5, 1, p, b, NULL), CAP_OK);
    assert_true(isnan(b[0]));
}

static void faults_are_told_apart(void **state)
{
    (void)state;
    const double none[] = {NAN, NAN}, same[] = {3, 3}, zero[] = {0, 0},
                 neg[] = {-1, 2}, low[] = {-3, 1}, huge[] = {-1e308, 1e308},
                 sound[] = {1, 2};
    for (int k = 0; k < CAP_NORMAL_KINDS; k++) {
        cap_normal_rule r = rule_of((cap_normal_kind)k, 1);
        assert_int_equal(fault_of(&r, 2, none, 1, 2, 5), CAP_FIT_EMPTY);
        assert_int_equal(fault_of(&r, 0, none, 1, 2, 5), CAP_FIT_EMPTY);
        cap_fit_fault want = k == CAP_NORMAL_LOG || k == CAP_NORMAL_MINMAX
                                 ? CAP_FIT_SOUND
                                 : CAP_FIT_CONSTANT;
        assert_int_equal(fault_of(&r, 2, same, 1, 5, 5), want);
        assert_int_equal(fault_of(&r, 1, same, 1, 5, 5), want);
        assert_int_equal(fault_of(&r, 2, zero, 1, 5, 5), want);
    }
    cap_normal_rule r = rule_of(CAP_NORMAL_MINMAX, 1);
    assert_int_equal(fault_of(&r, 2, same, NAN, NAN, 0), CAP_FIT_CONSTANT);
    assert_int_equal(fault_of(&r, 2, sound, 5, 5, 0), CAP_FIT_ENDS);
    assert_int_equal(fault_of(&r, 2, sound, 5, 1, 0), CAP_FIT_ENDS);
    assert_int_equal(fault_of(&r, 2, huge, NAN, NAN, 0), CAP_FIT_ENDS);
    r = rule_of(CAP_NORMAL_ZSCORE, 1);
    assert_int_equal(fault_of(&r, 2, huge, NAN, NAN, 0), CAP_FIT_ENDS);
    r = rule_of(CAP_NORMAL_SHARE, 1);
    assert_int_equal(fault_of(&r, 2, neg, NAN, NAN, 0), CAP_FIT_SIGN);
    r = rule_of(CAP_NORMAL_ABOVE_BELOW, 1);
    assert_int_equal(fault_of(&r, 2, low, NAN, NAN, 0), CAP_FIT_SIGN);
    r = rule_of(CAP_NORMAL_LOG, 1);
    assert_int_equal(fault_of(&r, 2, sound, 0, 5, 0), CAP_FIT_ENDS);
    assert_int_equal(fault_of(&r, 2, sound, NAN, 5, 0), CAP_FIT_ENDS);
    r = rule_of(CAP_NORMAL_REFERENCE, 1);
    assert_int_equal(fault_of(&r, 2, sound, NAN, NAN, 1), CAP_FIT_ENDS);
    assert_int_equal(fault_of(&r, 2, sound, NAN, NAN, NAN), CAP_FIT_ENDS);
    r.direction = -1;
    assert_int_equal(fault_of(&r, 2, sound, NAN, NAN, 2), CAP_FIT_ENDS);
    r.form = CAP_FORM_RATIO;
    assert_int_equal(fault_of(&r, 2, sound, NAN, NAN, 0), CAP_FIT_SIGN);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double inf[] = {1, HUGE_VAL}, x[] = {1, 2}, zero[] = {1, 0};
    double y[2];
    cap_normal_fit fit;
    cap_error err;
    cap_normal_rule r = rule_of(CAP_NORMAL_MINMAX, 1);
#define refused(rule)                                                         \
    assert_int_equal(                                                         \
        cap_normalise_fit(&(rule), 2, x, NAN, NAN, NAN, &fit, NULL),          \
        CAP_ERR_INPUT)
    assert_int_equal(cap_normalise_fit(&r, 2, inf, NAN, NAN, NAN, &fit, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(cap_normalise_fit(&r, 2, x, HUGE_VAL, 1, 0, &fit, NULL),
                     CAP_ERR_INPUT);
    r.direction = 2;
    refused(r);
    r = rule_of((cap_normal_kind)99, 1);
    refused(r);
    r = rule_of(CAP_NORMAL_ABOVE_BELOW, 1);
    r.band = -1;
    refused(r);
    r.band = NAN;
    refused(r);
    r = rule_of(CAP_NORMAL_MINMAX, 1);
    r.rescale = 1;
    refused(r);
    r = rule_of(CAP_NORMAL_LOG, 1);
    cap_normalise_fit(&r, 2, zero, 1, 2, NAN, &fit, NULL);
    assert_int_equal(
        cap_normalise_apply(&r, &fit, 2, zero, 0, NULL, y, NULL, &err),
        CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(
        cap_normalise_apply(&r, &fit, 2, inf, 0, NULL, y, NULL, NULL),
        CAP_ERR_INPUT);
    fit.fault = CAP_FIT_CONSTANT;
    assert_int_equal(
        cap_normalise_apply(&r, &fit, 2, x, 0, NULL, y, NULL, NULL),
        CAP_ERR_NUMERIC);
}

static void values_beyond_are_flagged(void **state)
{
    (void)state;
    const double x[] = {-1, 0, 5, 10, 12, NAN};
    const int want[] = {-1, 0, 0, 0, 1, 0};
    double y[6];
    int beyond[6];
    cap_normal_rule r = rule_of(CAP_NORMAL_MINMAX, 1);
    cap_normal_fit fit;
    cap_normalise_fit(&r, 6, x, 0, 10, NAN, &fit, NULL);
    for (r.clip = 0; r.clip < 2; r.clip++) {
        cap_normalise_apply(&r, &fit, 6, x, 0, NULL, y, beyond, NULL);
        assert_memory_equal(beyond, want, sizeof want);
        near(y[0], r.clip ? 0 : -0.1, 1e-15);
        near(y[4], r.clip ? 1 : 1.2, 1e-15);
    }
}

static void change_against_a_base(void **state)
{
    (void)state;
    const double x[] = {3, 2, NAN, 0}, base[] = {2, 4, 1, 5};
    double y[4];
    cap_error err;
    assert_int_equal(cap_normalise_relative(4, x, base, 1, 0, y, NULL),
                     CAP_OK);
    near(y[0], 1.5, 0);
    near(y[1], 0.5, 0);
    assert_true(isnan(y[2]));
    assert_int_equal(cap_normalise_relative(4, x, base, -1, 1, y, NULL),
                     CAP_OK);
    near(y[0], -0.5, 0);
    near(y[3], 1, 0);
    assert_int_equal(cap_normalise_relative(4, x, base, -1, 0, y, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 3);
    const double none[] = {1, NAN, 0, 1}, inf[] = {HUGE_VAL, 1, 1, 1};
    assert_int_equal(cap_normalise_relative(2, x, none, 1, 0, y, NULL),
                     CAP_OK);
    assert_true(isnan(y[1]));
    const double one[] = {1, 1, 1, 1};
    assert_int_equal(cap_normalise_relative(3, one, none, 1, 0, y, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_normalise_relative(1, inf, none, 1, 0, y, NULL),
                     CAP_ERR_INPUT);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const double x[] = {3, 1, NAN, 2}, p[] = {0.5};
    double y[4], b[1];
    cap_normal_rule r = rule_of(CAP_NORMAL_RANK, 1);
    cap_normal_fit fit;
    cap_normalise_fit(&r, 4, x, NAN, NAN, NAN, &fit, NULL);
    for (size_t n = 1; n <= 3; n++) {
        alloc_fail_at(n);
        assert_int_equal(
            cap_normalise_apply(&r, &fit, 4, x, 0, NULL, y, NULL, NULL),
            CAP_ERR_MEMORY);
    }
    alloc_fail_at(1);
    assert_int_equal(cap_normalise_breaks(4, x, 1, p, b, NULL),
                     CAP_ERR_MEMORY);
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formulas_by_hand),
        cmocka_unit_test(categories_count_the_breaks_reached),
        cmocka_unit_test(faults_are_told_apart),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(values_beyond_are_flagged),
        cmocka_unit_test(change_against_a_base),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
