/* Inequality and its splits: the worked example, twins, and the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/inequality.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 3;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

static cap_inequality of(size_t n, const double *x, const double *u,
                         size_t groups, const size_t *group)
{
    cap_inequality f;
    memset(&f, 0x55, sizeof f);
    assert_int_equal(cap_inequality_split(n, x, u, groups, group, &f, NULL),
                     CAP_OK);
    return f;
}

static const size_t halves[] = {0, 0, 0, 1, 1, 1};

static void worked_example(void **state)
{
    (void)state;
    const double x0[] = {20, 40, 60, 50, 80, 90};
    const double u0[] = {10, 30, 20, 60, 50, 30};
    const double x1[] = {35, 50, 70, 55, 88, 95};
    const double u1[] = {20, 45, 25, 65, 52, 33};
    cap_inequality f = of(6, x0, u0, 2, halves);
    near(f.theil.total, 0.0559772104872, 6e-14);
    near(f.theil.between, 0.019996436318, 6e-13);
    near(f.theil.within, 0.0359807741692, 6e-14);
    near(f.mean, 61.5, 1e-13);
    f = of(6, x1, u1, 2, halves);
    near(f.theil.total, 0.0434182429934, 6e-14);
    near(f.theil.between, 0.0144892429552, 6e-14);
    near(f.theil.within, 0.0289290000382, 6e-14);
}

/* By definition, over all pairs. */
static void slow_twins_and_sums(void **state)
{
    (void)state;
    enum { MOST = 50, GROUPS = 4 };
    for (int round = 0; round < 200; round++) {
        size_t n = 2 + (size_t)(uniform() * 48), group[MOST], used = 0;
        double x[MOST], u[MOST], w[MOST], total = 0, m = 0;
        for (size_t i = 0; i < n; i++) {
            group[i] = (size_t)(uniform() * GROUPS);
            x[i] = uniform() < 0.1 ? NAN : 1 + 99 * uniform();
            u[i] = uniform() < 0.1 ? 0 : 1e6 * uniform();
            w[i] = isnan(x[i]) ? 0 : u[i];
            used += w[i] > 0 ? 1 : 0;
            total += w[i];
        }
        if (used == 0) {
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            w[i] /= total;
            m += w[i] > 0 ? w[i] * x[i] : 0;
        }
        double theil = 0, mld = 0, ge2 = 0, gini = 0, within = 0, between = 0;
        double gw[GROUPS] = {0}, gm[GROUPS] = {0};
        for (size_t i = 0; i < n; i++) {
            if (w[i] > 0) {
                double y = x[i] / m;
                theil += w[i] * y * log(y);
                mld -= w[i] * log(y);
                ge2 += w[i] * (y * y - 1) / 2;
                gw[group[i]] += w[i];
                gm[group[i]] += w[i] * x[i];
            }
            for (size_t j = 0; j < n; j++) {
                if (w[i] > 0 && w[j] > 0) {
                    double d = w[i] * w[j] * fabs(x[i] - x[j]) / (2 * m);
                    gini += d;
                    within += group[i] == group[j] ? d : 0;
                }
            }
        }
        for (size_t a = 0; a < GROUPS; a++) {
            for (size_t b = 0; b < GROUPS; b++) {
                if (gw[a] > 0 && gw[b] > 0) {
                    between += gw[a] * gw[b] *
                               fabs(gm[a] / gw[a] - gm[b] / gw[b]) / (2 * m);
                }
            }
        }
        cap_inequality f = of(n, x, u, GROUPS, group);
        assert_int_equal(f.n, used);
        near(f.theil.total, theil, 1e-12);
        near(f.mld.total, mld, 1e-12);
        near(f.ge2.total, ge2, 1e-12);
        near(f.cv, sqrt(2 * ge2), 1e-11);
        near(f.gini.total, gini, 1e-12);
        near(f.gini.within, within, 1e-12);
        near(f.gini.between, between, 1e-12);
        near(f.theil.between + f.theil.within, f.theil.total, 1e-14);
        near(f.mld.between + f.mld.within, f.mld.total, 1e-14);
        near(f.ge2.between + f.ge2.within, f.ge2.total, 1e-14);
        near(f.gini.between + f.gini.within + f.gini.overlap, f.gini.total,
             1e-14);
        assert_true(f.gini.overlap >= 0);
    }
}

static void scale_and_order_do_not_matter(void **state)
{
    (void)state;
    const double x[] = {5, 10, 20, 40, 0, 80}, u[] = {1, 2, 3, 1, 2, 3};
    double y[6], v[6];
    size_t group[6];
    cap_inequality a = of(6, x, u, 2, halves), b;
    for (size_t i = 0; i < 6; i++) {
        y[i] = 1e3 * x[5 - i];
        v[i] = 1e-6 * u[5 - i];
        group[i] = halves[5 - i];
    }
    b = of(6, y, v, 2, group);
    near(a.theil.total, b.theil.total, 1e-14);
    near(a.theil.between, b.theil.between, 1e-14);
    near(a.gini.overlap, b.gini.overlap, 1e-14);
    near(a.ge2.within, b.ge2.within, 1e-14);
}

static void edges(void **state)
{
    (void)state;
    const double zero[] = {0, 10, 20, 5, 5, 5}, none[] = {0, 0, 0, 0, 0, 0};
    const double tied[] = {7, 7, 7, 7, 7, 7};
    cap_inequality f = of(6, zero, NULL, 2, halves);
    assert_true(isnan(f.mld.total) && isnan(f.mld.between) &&
                isnan(f.mld.within));
    assert_true(f.theil.total > 0 && f.ge2.total > 0 && f.gini.total > 0);
    f = of(6, none, NULL, 2, halves);
    assert_int_equal(f.n, 6);
    near(f.mean, 0, 0);
    assert_true(isnan(f.theil.total) && isnan(f.gini.overlap));
    f = of(6, tied, NULL, 2, halves);
    near(f.theil.total, 0, 1e-15);
    near(f.gini.total, 0, 1e-15);
    near(f.mld.total, 0, 1e-15);
    f = of(6, zero, none, 2, halves); /* nobody has weight */
    assert_int_equal(f.n, 0);
    assert_true(isnan(f.mean) && isnan(f.gini.total));
    f = of(1, zero + 1, NULL, 1, halves);
    near(f.gini.total, 0, 1e-15);
    /* a group of zeros beside one that is not: all of it between */
    const double apart[] = {0, 0, 0, 1, 1, 1};
    f = of(6, apart, NULL, 2, halves);
    near(f.theil.between, log(2), 1e-15);
    near(f.theil.within, 0, 1e-15);
    near(f.gini.between, 0.5, 1e-15);
    near(f.gini.overlap, 0, 1e-15);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double x[] = {-1, HUGE_VAL, 3}, u[] = {1, 1, -1}, ok[] = {1, 2, 3};
    cap_inequality f;
    assert_int_equal(cap_inequality_split(1, x, u, 2, halves, &f, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_inequality_split(1, x + 1, u, 2, halves, &f, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_inequality_split(3, ok, u, 2, halves, &f, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(
        cap_inequality_split(3, ok, NULL, 1, halves + 1, &f, NULL),
        CAP_ERR_INPUT);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6};
    cap_status status = CAP_ERR_MEMORY;
    cap_inequality f;
    size_t n = 0;
    while (status != CAP_OK) {
        alloc_fail_at(++n);
        status = cap_inequality_split(6, x, NULL, 2, halves, &f, NULL);
        alloc_fail_at(0);
        assert_true(status == CAP_OK || status == CAP_ERR_MEMORY);
        assert_true(n < 100);
    }
    assert_int_equal(n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(slow_twins_and_sums),
        cmocka_unit_test(scale_and_order_do_not_matter),
        cmocka_unit_test(edges),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
