/* Tests of a falling variance: the worked example, an identity, the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/sigma_convergence.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 8;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

static cap_sigma_convergence of(size_t n, const double *from, const double *to)
{
    cap_sigma_convergence c;
    memset(&c, 0x55, sizeof c);
    assert_int_equal(cap_sigma_convergence_test(n, from, to, &c, NULL),
                     CAP_OK);
    return c;
}

static void worked_example(void **state)
{
    (void)state;
    double a[] = {20, 40, 60, 50, 80, 90}, b[] = {35, 50, 70, 55, 88, 95};
    for (size_t i = 0; i < 6; i++) {
        a[i] = log(a[i]);
        b[i] = log(b[i]);
    }
    cap_sigma_convergence c = of(6, a, b);
    near(c.var_from, 0.247888357675, 6e-13);
    near(c.var_to, 0.11783874305, 6e-12);
    near(c.cov, 0.168270121155, 6e-13);
    near(c.t1, 2.10362357284, 6e-12);
    near(c.t2, 6.10321931396, 6e-12);
    near(c.p2, 0.0134935843051, 6e-14);
    near(c.slope, 0.678814135257, 6e-13);
    near(c.t3, 1.84071722848, 6e-12);
    near(c.p3, 0.0328315039327, 6e-14);
    near(c.r, 0.90837287512, 6e-12);
    near(c.t, 4.34460708207, 6e-12);
}

/* T2 by its own formula against -(n - 2.5) ln(1 - r^2), and what shifts and
 * scales do. */
static void identities(void **state)
{
    (void)state;
    enum { N = 20 };
    for (int round = 0; round < 200; round++) {
        double a[N], b[N], up[N], down[N];
        for (size_t i = 0; i < N; i++) {
            a[i] = 100 * uniform();
            b[i] = 0.6 * a[i] + 30 * uniform();
            up[i] = 3 * a[i] + 7;
            down[i] = 3 * b[i] - 5;
        }
        cap_sigma_convergence c = of(N, a, b), d = of(N, up, down),
                              e = of(N, b, a);
        double gap = c.var_from - c.var_to;
        near(c.t2,
             (N - 2.5) * log(1 + gap * gap / 4 /
                                     (c.var_from * c.var_to - c.cov * c.cov)),
             1e-9);
        near(c.t2, -(N - 2.5) * log(1 - c.r * c.r), 1e-9);
        near(c.t, c.r * sqrt((N - 2) / (1 - c.r * c.r)), 1e-9);
        near(c.t2, d.t2, 1e-9);
        near(c.t, d.t, 1e-9);
        near(c.t1, d.t1, 1e-9);
        near(c.t, -e.t, 1e-9);
        near(c.t1 * e.t1, 1, 1e-12);
        near(c.p1, e.p1, 1e-9); /* two-sided */
    }
}

static void edges(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, NAN}, b[] = {4, 5, 6, 1}, c[] = {2, 2, 2, 2};
    const double inf[] = {1, HUGE_VAL, 2};
    cap_sigma_convergence s = of(4, a, b); /* all moved alike */
    assert_int_equal(s.n, 3);
    near(s.r, 0, 0);
    near(s.p, 1, 1e-15);
    near(s.p2, 1, 1e-15);
    near(s.t1, 1, 1e-15);
    assert_true(isnan(s.t3) && isnan(s.p3)); /* a slope of 1 */
    s = of(4, a, c);                         /* no spread is left */
    near(s.r, 1, 0);
    assert_true(isinf(s.t) && isinf(s.t2));
    assert_true(isnan(s.p) && isnan(s.p2)); /* their limit is no evidence */
    near(s.p1, 0, 0);
    s = of(4, c, c);
    assert_true(isnan(s.t2) && isnan(s.p) && isnan(s.t1));
    near(s.var_to, 0, 0);
    s = of(2, a, b);
    assert_int_equal(s.n, 2);
    near(s.var_from, 0.25, 0);
    assert_true(isnan(s.p2));
    s = of(0, a, b);
    assert_true(isnan(s.mean_from) && isnan(s.var_from));
    assert_int_equal(cap_sigma_convergence_test(3, a, inf, &s, NULL),
                     CAP_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(identities),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
