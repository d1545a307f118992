/* Group statistics: a worked example, a slow twin, and the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/index/regions.h"
#include "base/sum.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 5;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
static double uniform(void) { return (double)draw() / 16777216.0; }

static const size_t six[] = {0, 1, 2, 3, 4, 5};

static cap_group group_of(const double *x, const double *u, size_t n,
                          const size_t *member)
{
    cap_group g;
    memset(&g, 0x55, sizeof g);
    assert_int_equal(cap_group_statistics(6, x, u, n, member, &g, NULL),
                     CAP_OK);
    return g;
}

/* Two regions at two editions, worked in exact arithmetic: the figures of a
 * design-based ratio mean (Wolter 2007), as printed to their last digit. */
static void worked_example(void **state)
{
    (void)state;
    const double x0[] = {20, 40, 60, 50, 80, 90};
    const double u0[] = {10, 30, 20, 60, 50, 30};
    const double x1[] = {35, 50, 70, 55, 88, 95};
    const double u1[] = {20, 45, 25, 65, 52, 33};
    cap_group g = group_of(x0, u0, 3, six);
    near(g.mean_weighted, 130.0 / 3, 1e-12);
    near(g.se_weighted, 8.55266906574, 6e-12);
    near(g.n_eff, 18.0 / 7, 1e-12);
    near(g.mean, 40, 1e-12);
    near(g.users, 60, 0);
    near(g.top_share, 0.5, 1e-15);
    assert_int_equal(g.top, 1);
    assert_int_equal(g.n, 3);
    assert_int_equal(g.n_without_users, 0);
    g = group_of(x1, u1, 3, six);
    near(g.mean_weighted, 470.0 / 9, 1e-12);
    near(g.se_weighted, 7.77189665952, 6e-12);
    near(g.n_eff, 2.6557377, 5e-8);
    near(g.n_eff, 8100.0 / 3050, 1e-12);
    g = group_of(x0, u0, 3, six + 3);
    near(g.mean_weighted, 69.2857142857, 6e-11);
    near(g.se_weighted, 12.4092918727, 6e-11);
    assert_int_equal(g.top, 3);
    g = group_of(x1, u1, 3, six + 3);
    near(g.mean_weighted, 75.24, 1e-12);
    near(g.se_weighted, 13.1561657961, 6e-11);
    g = group_of(x0, u0, 6, six);
    near(g.mean_weighted, 61.5, 1e-12);
    near(g.se_weighted, 8.91947307861, 6e-12);
    g = group_of(x1, u1, 6, six);
    near(g.mean_weighted, 7993.0 / 120, 1e-12);
    near(g.se_weighted, 8.72008564474, 6e-12);
}

static void quantiles_by_hand(void **state)
{
    (void)state;
    const double x[] = {4, 1, 3, 2, NAN, 10};
    cap_group g = group_of(x, NULL, 4, six);
    near(g.q1, 1.75, 1e-14); /* type 7 */
    near(g.median, 2.5, 1e-14);
    near(g.q3, 3.25, 1e-14);
    near(g.min, 1, 0);
    near(g.max, 4, 0);
    near(g.mean, 2.5, 1e-15);
    g = group_of(x, NULL, 6, six);
    assert_int_equal(g.n, 5);
    near(g.median, 3, 0);
    near(g.mean, 4, 1e-15);
    assert_int_equal(g.n_without_users, 5);
    assert_true(isnan(g.mean_weighted) && isnan(g.se_weighted) &&
                isnan(g.n_eff) && isnan(g.top_share));
    assert_int_equal(g.top, CAP_NOWHERE);
    near(g.users, 0, 0);
}

static void nothing_has_no_figures(void **state)
{
    (void)state;
    const double x[] = {NAN, NAN, NAN, NAN, NAN, NAN};
    const double u[] = {1, 1, 1, 1, 1, 1};
    for (size_t n = 0; n <= 6; n += 6) {
        cap_group g = group_of(x, u, n, six);
        assert_int_equal(g.n, 0);
        assert_int_equal(g.n_without_users, 0);
        assert_int_equal(g.top, CAP_NOWHERE);
        assert_true(isnan(g.mean) && isnan(g.median) && isnan(g.q1) &&
                    isnan(g.q3) && isnan(g.min) && isnan(g.max) &&
                    isnan(g.mean_weighted) && isnan(g.se_weighted) &&
                    isnan(g.n_eff) && isnan(g.top_share));
        near(g.users, 0, 0);
    }
}

static void one_unit_has_no_standard_error(void **state)
{
    (void)state;
    const double x[] = {0, 0, 42, 0, 0, 0}, u[] = {1, 1, 7, 1, 1, 1};
    cap_group g = group_of(x, u, 1, six + 2);
    assert_int_equal(g.n, 1);
    near(g.mean_weighted, 42, 1e-13);
    near(g.n_eff, 1, 1e-15);
    near(g.top_share, 1, 0);
    near(g.q1, 42, 0);
    near(g.q3, 42, 0);
    assert_int_equal(g.top, 2);
    assert_true(isnan(g.se_weighted));
}

static void unknown_and_zero_users_carry_nothing(void **state)
{
    (void)state;
    const double x[] = {10, 20, 30, NAN, 50, 60};
    const double u[] = {NAN, 0, 2, 100, 3, -0.0};
    cap_group g = group_of(x, u, 6, six);
    assert_int_equal(g.n, 5);
    assert_int_equal(g.n_without_users, 3); /* row 3 has users, no score */
    near(g.users, 5, 0);
    near(g.mean_weighted, 42, 1e-13);
    near(g.mean, 34, 1e-13);
    near(g.se_weighted, sqrt(2 * 2 * 4.8 * 4.8), 1e-12);
    /* one unit with users among several: a mean, no standard error */
    g = group_of(x, u, 3, six);
    near(g.mean_weighted, 30, 1e-13);
    assert_true(isnan(g.se_weighted));
}

static void the_first_of_equals_is_on_top(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6}, u[] = {5, 9, 9, 1, 9, 1};
    const size_t backwards[] = {4, 2, 1};
    cap_group g = group_of(x, u, 6, six);
    assert_int_equal(g.top, 1);
    g = group_of(x, u, 3, backwards);
    assert_int_equal(g.top, 4);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, HUGE_VAL, -HUGE_VAL};
    const double u[] = {1, -1, HUGE_VAL, 1, 1, 1};
    const size_t stray[] = {0, 6}, nowhere[] = {CAP_NOWHERE};
    cap_group g;
    for (size_t k = 1; k < 6; k++) {
        cap_error err;
        memset(&err, 0, sizeof err);
        cap_status status =
            cap_group_statistics(6, x, u, 1, six + k, &g, &err);
        assert_int_equal(status, k == 3 ? CAP_OK : CAP_ERR_INPUT);
        assert_int_equal(err.row, k == 3 ? 0 : k);
        if (k != 3) { /* a group is empty, not half filled, after an error */
            assert_int_equal(g.n, 0);
            assert_true(isnan(g.mean));
        }
    }
    assert_int_equal(cap_group_statistics(6, x, u, 2, stray, &g, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_group_statistics(6, x, NULL, 1, nowhere, &g, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_group_statistics(0, x, u, 1, six, &g, NULL),
                     CAP_ERR_INPUT);
    /* faults outside the group are none of its business */
    assert_int_equal(cap_group_statistics(6, x, u, 1, six, &g, NULL), CAP_OK);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void random_groups_agree_with_the_formulas(void **state)
{
    (void)state;
    enum { MOST = 60 };
    for (int round = 0; round < 200; round++) {
        size_t n = 2 + draw() % (MOST - 2), member[MOST], k = 0, w = 0;
        double x[MOST], u[MOST], sorted[MOST];
        long double su = 0, sux = 0, suu = 0, z2 = 0, sx = 0, top = 0;
        for (size_t i = 0; i < n; i++) {
            member[i] = i;
            x[i] = draw() % 6 == 0 ? NAN : 100 * uniform();
            u[i] = draw() % 6 == 0   ? NAN
                   : draw() % 6 == 0 ? 0
                                     : 1e9 * uniform();
        }
        for (size_t i = n; i-- > 1;) { /* any order of members */
            size_t j = draw() % (i + 1), keep = member[i];
            member[i] = member[j];
            member[j] = keep;
        }
        for (size_t i = 0; i < n; i++) {
            if (isnan(x[i])) {
                continue;
            }
            sorted[k++] = x[i];
            sx += x[i];
            if (u[i] > 0) {
                w++;
                su += u[i];
                sux += (long double)u[i] * x[i];
                suu += (long double)u[i] * u[i];
                top = u[i] > top ? u[i] : top;
            }
        }
        cap_group g;
        assert_int_equal(cap_group_statistics(n, x, u, n, member, &g, NULL),
                         CAP_OK);
        assert_int_equal(g.n, k);
        assert_int_equal(g.n_without_users, k - w);
        if (k == 0 || w < 2) {
            continue;
        }
        qsort(sorted, k, sizeof *sorted, ascending);
        for (int q = 1; q <= 3; q++) {
            double h = (double)(k - 1) * q / 4;
            size_t lo = (size_t)h;
            double v = lo + 1 < k
                           ? sorted[lo] + (h - (double)lo) *
                                              (sorted[lo + 1] - sorted[lo])
                           : sorted[lo];
            near(q == 1 ? g.q1 : q == 2 ? g.median : g.q3, v, 1e-11);
        }
        long double m = sux / su;
        for (size_t i = 0; i < n; i++) {
            if (!isnan(x[i]) && u[i] > 0) {
                long double z = u[i] / su * (x[i] - m);
                z2 += z * z;
            }
        }
        near(g.mean, (double)(sx / k), 1e-12);
        near(g.mean_weighted, (double)m, 1e-11);
        near(g.n_eff, (double)(su * su / suu), 1e-9);
        near(g.top_share, (double)(top / su), 1e-13);
        near(g.se_weighted, (double)sqrtl((long double)w / (w - 1) * z2),
             1e-10);
        assert_true(u[g.top] >= (double)top);
    }
}

/* Equal weights are no weights; the unit of users does not matter. */
static void weights_are_free_of_scale(void **state)
{
    (void)state;
    const double x[] = {12, 70, 33, 5, 99, 41};
    double u[] = {3, 1, 4, 1, 5, 9}, v[6], one[6];
    cap_group a = group_of(x, u, 6, six), b, c;
    for (size_t i = 0; i < 6; i++) {
        v[i] = 1e-7 * u[i];
        one[i] = 1234;
    }
    b = group_of(x, v, 6, six);
    near(a.mean_weighted, b.mean_weighted, 1e-12);
    near(a.se_weighted, b.se_weighted, 1e-12);
    near(a.n_eff, b.n_eff, 1e-12);
    c = group_of(x, one, 6, six);
    near(c.mean_weighted, c.mean, 1e-12);
    near(c.n_eff, 6, 1e-12);
    double ss = 0;
    for (size_t i = 0; i < 6; i++) {
        ss += (x[i] - c.mean) * (x[i] - c.mean);
    }
    near(c.se_weighted, sqrt(ss / 5 / 6), 1e-12); /* s / root n */
}

static void sums_are_compensated(void **state)
{
    (void)state;
    cap_sum s = {0, 0};
    const double terms[] = {1, 1e100, 1, -1e100}; /* Neumaier's own example */
    for (size_t i = 0; i < 4; i++) {
        cap_sum_add(&s, terms[i]);
    }
    near(cap_sum_value(&s), 2, 0);
    enum { N = 100000 };
    double *x = calloc(N, sizeof *x);
    size_t *member = calloc(N, sizeof *member);
    cap_group g;
    assert_true(x && member);
    for (size_t i = 0; i < N; i++) {
        x[i] = 0.1;
        member[i] = i;
    }
    assert_int_equal(cap_group_statistics(N, x, x, N, member, &g, NULL),
                     CAP_OK);
    near(g.mean, 0.1, 2e-17);
    near(g.mean_weighted, 0.1, 2e-17);
    free(member);
    free(x);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6};
    cap_status status = CAP_ERR_MEMORY;
    size_t n = 0;
    cap_group g;
    while (status != CAP_OK) {
        cap_error err;
        alloc_fail_at(++n);
        status = cap_group_statistics(6, x, x, 6, six, &g, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 100);
    }
    assert_true(n > 1);
    assert_int_equal(g.n, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(quantiles_by_hand),
        cmocka_unit_test(nothing_has_no_figures),
        cmocka_unit_test(one_unit_has_no_standard_error),
        cmocka_unit_test(unknown_and_zero_users_carry_nothing),
        cmocka_unit_test(the_first_of_equals_is_on_top),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(random_groups_agree_with_the_formulas),
        cmocka_unit_test(weights_are_free_of_scale),
        cmocka_unit_test(sums_are_compensated),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
