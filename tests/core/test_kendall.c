/* Kendall's test and the Theil-Sen slope: published figures, and twins that go
 * through every order and every slope. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/kendall.h"
#include "core/trend/sen.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 7;
static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static const cap_kendall_options exact = {0, CAP_TWO_SIDED};
static const cap_kendall_options normal = {1, CAP_TWO_SIDED};
static const cap_sen_options plain = {0.95, CAP_INTERVAL_AUTO, 0};
static const double steps[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

static cap_kendall series_of(size_t n, const double *x, const double *t,
                             const cap_kendall_options *options)
{
    cap_kendall k;
    memset(&k, 0x55, sizeof k);
    assert_int_equal(cap_kendall_series(n, x, t, options, &k, NULL), CAP_OK);
    return k;
}

static double sign(double d) { return (double)((d > 0) - (d < 0)); }

static double s_of(size_t n, const double *x, const double *t)
{
    double s = 0;
    for (size_t j = 0; j < n; j++) {
        for (size_t i = 0; i < j; i++) {
            s += sign(x[j] - x[i]) * sign(t[j] - t[i]);
        }
    }
    return s;
}

/* S of every order, by swaps (Heap). */
static void every_order(size_t k, size_t n, double *x, const double *t,
                        double *s, size_t *count)
{
    if (k < 2) {
        s[(*count)++] = s_of(n, x, t);
        return;
    }
    for (size_t i = 0; i < k; i++) {
        every_order(k - 1, n, x, t, s, count);
        size_t with = k % 2 ? 0 : i;
        double held = x[with];
        x[with] = x[k - 1];
        x[k - 1] = held;
    }
}

static void the_null_is_that_of_every_order(void **state)
{
    (void)state;
    static double s[40320], prob[57];
    for (size_t n = 1; n <= 8; n++) {
        double x[8], found[57] = {0};
        size_t count = 0;
        int known = 0;
        memcpy(x, steps, sizeof x);
        every_order(n, n, x, steps, s, &count);
        for (size_t k = 0; k < count; k++) {
            found[(size_t)(s[k] + (double)(n * (n - 1) / 2))] += 1;
        }
        assert_int_equal(cap_kendall_null(n, steps, prob, &known, NULL),
                         CAP_OK);
        assert_true(known);
        for (size_t k = 0; k <= n * (n - 1); k++) {
            near(prob[k], found[k] / (double)count, 1e-16);
        }
    }
}

static void ties_agree_with_every_order(void **state)
{
    (void)state;
    static double s[5040];
    for (int round = 0; round < 300; round++) {
        size_t n = 3 + draw(5), count = 0;
        double x[7], t[7], at[7];
        for (size_t i = 0; i < n; i++) {
            x[i] = draw(4);
            t[i] = draw(5);
        }
        double observed = s_of(n, x, t);
        memcpy(at, x, sizeof at);
        every_order(n, n, at, t, s, &count);
        for (int side = 0; side < 3; side++) {
            cap_kendall_options options = {0, (cap_alternative)side};
            cap_kendall k = series_of(n, x, t, &options);
            double p = 0, most = 0, least = 0, square = 0;
            for (size_t o = 0; o < count; o++) {
                double v = side == 0   ? fabs(s[o]) - fabs(observed)
                           : side == 1 ? s[o] - observed
                                       : observed - s[o];
                double far = side == 0 ? fabs(s[o]) : side == 1 ? s[o] : -s[o];
                p += v >= 0;
                square += s[o] * s[o];
                least = far > most ? 1 : least + (far == most);
                most = far > most ? far : most;
            }
            near(k.s, observed, 0);
            near(k.p, p / (double)count, 1e-12);
            near(k.p_min, least / (double)count, 1e-12);
            near(k.var_s, square / (double)count, 1e-9);
        }
    }
}

static void published_series(void **state)
{
    (void)state;
    const double x[] = {44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1};
    const double y[] = {2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8};
    cap_kendall k = series_of(9, y, x, &exact); /* Hollander and Wolfe 1973 */
    near(k.s, 16, 0);
    near(k.tau, 4.0 / 9, 1e-15);
    near(k.p, 21671.0 / 181440, 1e-15);
    const double a[] = {2.5, 2.5, 2.5, 2.5, 5,  6.5, 6.5, 10, 10,
                        10,  10,  10,  14,  14, 14,  16,  17};
    const double b[] = {1, 1, 1, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 2, 2};
    k = series_of(17, a, b, &exact); /* Kendall, example 3.4 */
    near(k.s, 34, 0);
    near(k.open, 83.4266144585, 1e-10);
    near(k.var_s, 344.558823529, 1e-9);
    assert_false(k.exact);
    const double four[] = {10, 15, 14, 20}; /* Gilbert 1987 */
    const cap_kendall_options up = {0, CAP_GREATER};
    near(series_of(4, four, steps, &up).p, 1.0 / 6, 1e-15);
}

static void p_is_never_below_the_least(void **state)
{
    (void)state;
    for (size_t n = 2; n <= 10; n++) {
        cap_kendall k = series_of(n, steps, steps, &normal);
        assert_true(k.p >= k.p_min && k.p_min > 0);
        assert_false(k.exact);
    }
    near(series_of(3, steps, steps, &normal).p, 1.0 / 3, 1e-15);
}

static void nothing_to_order(void **state)
{
    (void)state;
    const double same[] = {3, 3, 3, 3}, none[] = {NAN, NAN, NAN, NAN};
    const double *cases[] = {same, none};
    for (size_t c = 0; c < 2; c++) {
        cap_kendall k = series_of(4, cases[c], steps, &exact);
        assert_true(isnan(k.tau) && isnan(k.tau_a));
        assert_true(k.p == 1 && k.p_min == 1 && k.s == 0 && k.z == 0 &&
                    k.var_s == 0);
        k = series_of(4, steps, same, &exact);
        assert_true(isnan(k.tau) && k.p == 1);
    }
    assert_int_equal(series_of(0, steps, steps, &exact).n, 0);
    assert_true(series_of(1, steps, steps, &exact).p == 1);
}

static void near_ties_tie(void **state)
{
    (void)state;
    const double x[] = {0.1 + 0.2, 0.3, 0.5, 0.4}, y[] = {0.3, 0.3, 0.5, 0.4};
    cap_kendall a = series_of(4, x, steps, &exact);
    cap_kendall b = series_of(4, y, steps, &exact);
    assert_true(x[0] != x[1]);
    assert_true(a.s == b.s && a.var_s == b.var_s && a.p == b.p);
    a = series_of(4, steps, x, &exact);
    b = series_of(4, steps, y, &exact);
    assert_true(a.s == b.s && a.var_s == b.var_s && a.p == b.p);
}

static const double three[] = {20, 40, 10, 35, 38, 12, 30, 50,
                               12, 55, 52, 30, 60, 70, 25};
static const double years[] = {2014, 2017, 2018, 2020, 2024};

static void worked_region(void **state)
{
    (void)state;
    const double w[] = {1, 4, 2};
    cap_kendall units[3];
    cap_kendall_region r;
    assert_int_equal(
        cap_kendall_units(3, 5, three, NULL, &exact, NULL, units, &r, NULL),
        CAP_OK);
    near(r.test.s, 23, 0);
    near(r.test.var_s, 121, 1e-12);
    near(r.test.z, 2, 1e-14);
    near(r.var_independent, 49, 1e-12);
    near(r.z_independent, 22.0 / 7, 1e-14); /* one for continuity */
    near(r.p_independent, 0.00167307, 5e-9);
    near(r.test.p, 4.0 / 120, 1e-15);
    near(r.test.p_min, 2.0 / 120, 1e-15);
    assert_true(units[0].s == 8 && units[1].s == 8 && units[2].s == 7);
    assert_int_equal(
        cap_kendall_units(3, 5, three, NULL, &normal, NULL, units, &r, NULL),
        CAP_OK);
    near(r.test.p, 0.0455003, 5e-8);
    assert_int_equal(
        cap_kendall_units(3, 5, three, w, &exact, NULL, units, &r, NULL),
        CAP_OK);
    near(r.test.s, 54, 0);
    near(r.var_independent, 346, 1e-10);
    near(r.test.var_s, 667.3333, 5e-5);
    near(r.test.p, 4.0 / 120, 1e-15);
}

/* The variance with covariances is the second moment over all permutations,
 * gaps and ties and weights included. */
static void the_variance_is_that_of_the_permutations(void **state)
{
    (void)state;
    static double values[5040], d[49];
    for (int round = 0; round < 100; round++) {
        size_t m = 1 + draw(6), n = 3 + draw(5), count = 1;
        double x[42], w[6], total = 0;
        for (size_t k = 0; k < m * n; k++) {
            x[k] = draw(6) == 0 ? NAN : (double)draw(5);
        }
        for (size_t g = 0; g < m; g++) {
            w[g] = draw(4);
        }
        for (size_t k = 2; k <= n; k++) {
            count *= k;
        }
        assert_int_equal(cap_kendall_signs(m, n, x, w, NULL, 0, d, NULL),
                         CAP_OK);
        cap_kendall_permute(n, d, values);
        for (size_t k = 0; k < count; k++) {
            total += values[k] * values[k];
        }
        near(cap_kendall_variance(n, d), total / (double)count, 1e-9);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void the_slope_is_the_median_of_all(void **state)
{
    (void)state;
    enum { MOST = 500 };
    static double x[MOST], t[MOST], all[MOST * MOST];
    for (int round = 0; round < 60; round++) {
        /* the last rounds are long enough for the selection */
        size_t n = round < 50 ? 2 + draw(40) : MOST - draw(50), count = 0;
        uint32_t range = 1 + draw(round % 2 ? 6 : 10000);
        for (size_t i = 0; i < n; i++) {
            x[i] = draw(range);
            t[i] = round % 3 ? (double)i * 0.5 : draw(30);
        }
        for (size_t j = 0; j < n; j++) {
            for (size_t i = 0; i < j; i++) {
                if (t[i] != t[j]) {
                    all[count++] = (x[j] - x[i]) / (t[j] - t[i]);
                }
            }
        }
        cap_sen s;
        assert_int_equal(cap_sen_series(n, x, t, &plain, NULL, &s, NULL),
                         CAP_OK);
        near(s.slopes, (double)count, 0);
        if (count == 0) {
            assert_true(isnan(s.slope));
            continue;
        }
        qsort(all, count, sizeof *all, ascending);
        near(s.slope, (all[(count - 1) / 2] + all[count / 2]) / 2, 1e-12);
        if (n > CAP_EXACT_TIED && s.conf_actual == 0.95) {
            double c =
                1.959963984540054 * sqrt(series_of(n, x, t, &normal).var_s);
            double r = ((double)count - c) / 2;
            size_t k = (size_t)r;
            near(s.low, all[k - 1] + (r - (double)k) * (all[k] - all[k - 1]),
                 1e-9);
        }
    }
}

static void published_slopes(void **state)
{
    (void)state;
    const double four[] = {10, 15, 14, 20};
    cap_sen s;
    assert_int_equal(cap_sen_series(4, four, steps, &plain, NULL, &s, NULL),
                     CAP_OK);
    near(s.slope, (2.5 + 10.0 / 3) / 2, 1e-14); /* Gilbert 1987 */
    near(s.conf_actual, 1 - 2.0 / 24, 1e-15);
    near(s.low, -1, 0);
    near(s.high, 6, 0);
    const cap_sen_options less = {0.9, CAP_INTERVAL_AUTO, 0};
    assert_int_equal(cap_sen_series(5, three, years, &less, NULL, &s, NULL),
                     CAP_OK);
    near(s.conf_actual, 1 - 10.0 / 120, 1e-15);
    const double w[] = {1, 4, 2};
    assert_int_equal(
        cap_sen_pooled(3, 5, three, years, NULL, &plain, NULL, &s, NULL),
        CAP_OK);
    near(s.slope, 19.0 / 6, 1e-14);
    assert_int_equal(
        cap_sen_pooled(3, 5, three, years, w, &plain, NULL, &s, NULL), CAP_OK);
    near(s.slope, 3, 0);
}

static void one_unit_is_its_series(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        size_t n = 2 + draw(6);
        double x[7];
        cap_sen one, pooled;
        cap_kendall unit, alone;
        cap_kendall_region r;
        for (size_t i = 0; i < n; i++) {
            x[i] = draw(1000); /* few ties */
        }
        assert_int_equal(cap_sen_series(n, x, steps, &plain, NULL, &one, NULL),
                         CAP_OK);
        assert_int_equal(
            cap_sen_pooled(1, n, x, steps, NULL, &plain, NULL, &pooled, NULL),
            CAP_OK);
        near(one.slope, pooled.slope, 1e-12);
        near(one.intercept, pooled.intercept, 1e-12);
        alone = series_of(n, x, steps, &exact);
        assert_int_equal(
            cap_kendall_units(1, n, x, NULL, &exact, NULL, &unit, &r, NULL),
            CAP_OK);
        near(r.test.p, alone.p, 1e-12);
        near(r.test.p_min, alone.p_min, 1e-12);
        near(r.test.var_s, alone.var_s, 1e-9);
        near(r.test.z, alone.z, 1e-12);
        near(r.test.tau, alone.tau, 1e-12);
    }
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double bad[] = {1, HUGE_VAL, 3}, minus[] = {1, -1, 1};
    const cap_sen_options one = {1, CAP_INTERVAL_AUTO, 0};
    cap_kendall k[3];
    cap_kendall_region r;
    cap_sen s;
    cap_error err;
    assert_int_equal(cap_kendall_series(3, bad, steps, &exact, k, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(
        cap_kendall_units(0, 3, bad, NULL, &exact, NULL, k, &r, &err),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_kendall_units(1, 3, bad, NULL, &exact, NULL, k, &r, &err),
        CAP_ERR_INPUT);
    assert_int_equal(err.column, 1);
    assert_int_equal(
        cap_kendall_units(3, 1, steps, minus, &exact, NULL, k, &r, &err),
        CAP_ERR_INPUT);
    assert_int_equal(cap_sen_series(3, bad, steps, &plain, NULL, &s, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_sen_series(3, steps, steps, &one, NULL, &s, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(
        cap_sen_pooled(1, 3, steps, minus, NULL, &plain, NULL, &s, &err),
        CAP_ERR_INPUT);
    const double huge[] = {-1e308, 1e308};
    assert_int_equal(cap_sen_series(2, huge, steps, &plain, NULL, &s, &err),
                     CAP_ERR_NUMERIC);
}

static int stop(void *context)
{
    (void)context;
    return 1;
}

static void a_poll_stops(void **state)
{
    (void)state;
    const cap_poll poll = {stop, NULL, NULL};
    cap_kendall k[3];
    cap_kendall_region r;
    cap_sen s;
    assert_int_equal(
        cap_kendall_units(3, 5, three, NULL, &exact, &poll, k, &r, NULL),
        CAP_ERR_INTERRUPT);
    assert_int_equal(cap_sen_series(5, three, years, &plain, &poll, &s, NULL),
                     CAP_ERR_INTERRUPT);
    assert_int_equal(
        cap_sen_pooled(3, 5, three, years, NULL, &plain, &poll, &s, NULL),
        CAP_ERR_INTERRUPT);
}

static cap_status call(int which)
{
    static const double tied[] = {0.1 + 0.2, 0.3, 1, 1, 0};
    static double x[400], t[400];
    cap_kendall k[3];
    cap_kendall_region r;
    cap_sen s;
    int known;
    static double prob[100];
    switch (which) {
    case 0:
        return cap_kendall_series(5, tied, steps, &exact, k, NULL);
    case 1:
        return cap_kendall_series(5, years, steps, &exact, k, NULL);
    case 2:
        return cap_kendall_units(3, 5, three, NULL, &exact, NULL, k, &r, NULL);
    case 3:
        return cap_sen_series(5, tied, steps, &plain, NULL, &s, NULL);
    case 4:
        return cap_sen_pooled(3, 5, three, years, NULL, &plain, NULL, &s,
                              NULL);
    case 5:
        return cap_kendall_null(5, tied, prob, &known, NULL);
    default:
        for (size_t i = 0; i < 400; i++) {
            x[i] = (double)(i * i % 37);
            t[i] = (double)i;
        }
        return cap_sen_series(400, x, t, &plain, NULL, &s, NULL);
    }
}

static void allocations_may_fail(void **state)
{
    (void)state;
    for (int which = 0; which < 7; which++) {
        for (size_t n = 1;; n++) {
            alloc_fail_at(n);
            cap_status status = call(which);
            if (alloc_count() < n) {
                assert_int_equal(status, CAP_OK);
                assert_true(n > 1);
                break;
            }
            assert_int_equal(status, CAP_ERR_MEMORY);
        }
    }
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_null_is_that_of_every_order),
        cmocka_unit_test(ties_agree_with_every_order),
        cmocka_unit_test(published_series),
        cmocka_unit_test(p_is_never_below_the_least),
        cmocka_unit_test(nothing_to_order),
        cmocka_unit_test(near_ties_tie),
        cmocka_unit_test(worked_region),
        cmocka_unit_test(the_variance_is_that_of_the_permutations),
        cmocka_unit_test(the_slope_is_the_median_of_all),
        cmocka_unit_test(published_slopes),
        cmocka_unit_test(one_unit_is_its_series),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(a_poll_stops),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
