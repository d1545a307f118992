/* Least squares, sandwich standard errors and the wild cluster bootstrap. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/cluster_regression.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 21;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

/* Growth of six scores on the log of the first, in exact arithmetic. */
static void worked_example(void **state)
{
    (void)state;
    const double x0[] = {20, 40, 60, 50, 80, 90};
    const double x1[] = {35, 50, 70, 55, 88, 95};
    double x[12], y[6], coef[2], se[2 * CAP_VCOV_KINDS], h[6], trace = 0;
    for (size_t i = 0; i < 6; i++) {
        x[i] = 1;
        x[i + 6] = log(x0[i]);
        y[i] = log(x1[i] / x0[i]) / 4;
    }
    const cap_regression r = {6, 2, x, y, NULL, NULL, 0};
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_OK);
    near(coef[0], 0.364702198457, 6e-13);
    near(coef[1], -0.0802964661856, 6e-14);
    near(se[1 + 2 * CAP_VCOV_CLASSIC], 0.0150942815537, 6e-14);
    near(se[1 + 2 * CAP_VCOV_HC3], 0.0407134669207, 6e-14);
    for (size_t i = 0; i < 6; i++) {
        trace += h[i];
    }
    near(trace, 2, 1e-14);
    assert_true(isnan(se[1 + 2 * CAP_VCOV_CLUSTER]));
}

/* Solves a 3 x 3 system by Cramer's rule: an independent twin. */
static double det(const double m[3][3])
{
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) -
           m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0]) +
           m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
}

static void invert(const double m[3][3], double out[3][3])
{
    double d = det(m);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
            int a = (j + 1) % 3, b = (j + 2) % 3, c = (i + 1) % 3,
                e = (i + 2) % 3;
            out[i][j] = (m[a][c] * m[b][e] - m[a][e] * m[b][c]) / d;
        }
    }
}

static void sandwich_of(double bread[3][3], double meat[3][3], double *se,
                        double factor)
{
    for (int j = 0; j < 3; j++) {
        double v = 0;
        for (int a = 0; a < 3; a++) {
            for (int b = 0; b < 3; b++) {
                v += bread[j][a] * meat[a][b] * bread[b][j];
            }
        }
        se[j] = sqrt(factor * v);
    }
}

static void slow_twin(void **state)
{
    (void)state;
    enum { N = 30, G = 5 };
    for (int round = 0; round < 100; round++) {
        double x[3 * N], y[N], w[N], coef[3], se[3 * CAP_VCOV_KINDS], h[N];
        size_t cluster[N];
        double xx[3][3] = {{0}}, xy[3] = {0}, bread[3][3], b[3], e[N];
        for (size_t i = 0; i < N; i++) {
            x[i] = 1;
            x[i + N] = 100 * uniform();
            x[i + 2 * N] = uniform() - 0.5;
            y[i] = 3 - 0.4 * x[i + N] + x[i + 2 * N] + 10 * uniform();
            w[i] = round % 2 == 0 ? 1 : 0.1 + uniform();
            cluster[i] = i % G;
            for (size_t a = 0; a < 3; a++) {
                xy[a] += w[i] * x[i + a * N] * y[i];
                for (size_t c = 0; c < 3; c++) {
                    xx[a][c] += w[i] * x[i + a * N] * x[i + c * N];
                }
            }
        }
        invert((const double(*)[3])xx, bread);
        for (size_t a = 0; a < 3; a++) {
            b[a] = 0;
            for (size_t c = 0; c < 3; c++) {
                b[a] += bread[a][c] * xy[c];
            }
        }
        const cap_regression r = {N,       3, x, y, round % 2 == 0 ? NULL : w,
                                  cluster, G};
        assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_OK);
        double meat[CAP_VCOV_KINDS][3][3] = {{{0}}}, ss = 0;
        double sums[G][3] = {{0}};
        for (size_t i = 0; i < N; i++) {
            double lever = 0;
            e[i] = y[i];
            for (size_t a = 0; a < 3; a++) {
                e[i] -= b[a] * x[i + a * N];
                for (size_t c = 0; c < 3; c++) {
                    lever += w[i] * x[i + a * N] * bread[a][c] * x[i + c * N];
                }
            }
            near(h[i], lever, 1e-11);
            ss += w[i] * e[i] * e[i];
            double u = w[i] * e[i];
            for (size_t a = 0; a < 3; a++) {
                sums[cluster[i]][a] += u * x[i + a * N];
                for (size_t c = 0; c < 3; c++) {
                    double t = u * u * x[i + a * N] * x[i + c * N];
                    meat[CAP_VCOV_HC0][a][c] += t;
                    meat[CAP_VCOV_HC2][a][c] += t / (1 - lever);
                    meat[CAP_VCOV_HC3][a][c] +=
                        t / ((1 - lever) * (1 - lever));
                }
            }
        }
        for (size_t g = 0; g < G; g++) {
            for (size_t a = 0; a < 3; a++) {
                for (size_t c = 0; c < 3; c++) {
                    meat[CAP_VCOV_CLUSTER][a][c] += sums[g][a] * sums[g][c];
                }
            }
        }
        double want[3];
        for (size_t a = 0; a < 3; a++) {
            near(coef[a], b[a], 1e-9);
            near(se[a], sqrt(ss / (N - 3) * bread[a][a]), 1e-9);
        }
        sandwich_of(bread, meat[CAP_VCOV_HC0], want, 1);
        for (size_t a = 0; a < 3; a++) {
            near(se[a + 3 * CAP_VCOV_HC0], want[a], 1e-9);
            near(se[a + 3 * CAP_VCOV_HC1], want[a] * sqrt(N / (N - 3.0)),
                 1e-9);
        }
        sandwich_of(bread, meat[CAP_VCOV_HC2], want, 1);
        near(se[1 + 3 * CAP_VCOV_HC2], want[1], 1e-9);
        sandwich_of(bread, meat[CAP_VCOV_HC3], want, 1);
        near(se[1 + 3 * CAP_VCOV_HC3], want[1], 1e-9);
        sandwich_of(bread, meat[CAP_VCOV_CLUSTER], want,
                    G / (G - 1.0) * (N - 1.0) / (N - 3.0));
        near(se[1 + 3 * CAP_VCOV_CLUSTER], want[1], 1e-9);
    }
}

/* Every sign by hand for three clusters. */
static void wild_by_hand(void **state)
{
    (void)state;
    const double x[] = {1, 1, 1, 1, 1, 1, 1, 2, 3, 4, 5, 6};
    const double y[] = {1, 2.5, 2.5, 4.5, 4.5, 7};
    const size_t cluster[] = {0, 0, 1, 1, 2, 2};
    const cap_regression r = {6, 2, x, y, NULL, cluster, 3};
    double coef[2], se[2 * CAP_VCOV_KINDS], mean = 0, t;
    size_t extreme = 0;
    cap_wild wild;
    assert_int_equal(cap_regression_fit(&r, coef, se, NULL, NULL), CAP_OK);
    t = coef[1] / se[1 + 2 * CAP_VCOV_CLUSTER];
    for (size_t i = 0; i < 6; i++) {
        mean += y[i] / 6;
    }
    for (unsigned d = 0; d < 8; d++) {
        double z[6];
        for (size_t i = 0; i < 6; i++) {
            z[i] = mean + (d >> cluster[i] & 1 ? -1 : 1) * (y[i] - mean);
        }
        const cap_regression draw = {6, 2, x, z, NULL, cluster, 3};
        assert_int_equal(cap_regression_fit(&draw, coef, se, NULL, NULL),
                         CAP_OK);
        extreme += fabs(coef[1] / se[1 + 2 * CAP_VCOV_CLUSTER]) >
                   fabs(t) * (1 - 1e-9);
    }
    assert_int_equal(cap_regression_wild(&r, 1, 12, 99, 1, &wild, NULL, NULL),
                     CAP_OK);
    near(wild.t, t, 1e-12);
    near(wild.p, (double)extreme / 8, 0);
    near(wild.floor, 0.25, 0); /* 2 of 2^3 */
    assert_true(wild.p >= wild.floor);
    assert_int_equal(wild.draws, 8);
    assert_true(wild.exact);
    /* random signs: near the same share, the same for the same key */
    cap_wild a, b;
    cap_regression_wild(&r, 1, 2, 4000, 7, &a, NULL, NULL);
    cap_regression_wild(&r, 1, 2, 4000, 7, &b, NULL, NULL);
    assert_false(a.exact);
    near(a.p, wild.p, 0.03);
    near(a.p, b.p, 0);
}

static int stop_now(void *context)
{
    (void)context;
    return 1;
}

static void edges(void **state)
{
    (void)state;
    const double x[] = {1, 1, 1, 5, 5, 7}, flat[] = {1, 1, 1, 5, 5, 5};
    const double y[] = {1, 2, 3}, bad[] = {1, HUGE_VAL, 3}, w[] = {1, 0, 1};
    const size_t far[] = {0, 1, 3}, gap[] = {0, 2, 2}, two[] = {0, 0, 1};
    double coef[2], se[2 * CAP_VCOV_KINDS], h[3];
    cap_regression r = {3, 2, x, y, NULL, NULL, 0};
    cap_wild wild;
    /* one unit alone decides the slope: no HC2, no HC3 */
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_OK);
    near(h[2], 1, 1e-15);
    near(coef[1], 0.75, 1e-15);
    assert_true(isnan(se[1 + 2 * CAP_VCOV_HC3]) &&
                isnan(se[1 + 2 * CAP_VCOV_HC2]));
    assert_true(se[1 + 2 * CAP_VCOV_HC1] > 0);
    r.n = 2; /* exact fit */
    r.x = (const double[]){1, 1, 5, 7};
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_OK);
    assert_true(isnan(se[1]) && isnan(se[1 + 2 * CAP_VCOV_HC1]));
    r.n = 1;
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL),
                     CAP_ERR_NUMERIC);
    r.n = 3;
    r.x = flat;
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL),
                     CAP_ERR_NUMERIC);
    r.x = x;
    r.y = bad;
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_ERR_INPUT);
    r.y = y;
    r.w = w;
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_ERR_INPUT);
    r.w = NULL;
    r.cluster = far;
    r.n_clusters = 3;
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_ERR_INPUT);
    r.cluster = gap;
    assert_int_equal(cap_regression_fit(&r, coef, se, h, NULL), CAP_ERR_INPUT);
    assert_int_equal(cap_regression_wild(&r, 1, 12, 9, 1, &wild, NULL, NULL),
                     CAP_ERR_INPUT);
    r.cluster = two;
    r.n_clusters = 2;
    assert_int_equal(cap_regression_wild(&r, 2, 12, 9, 1, &wild, NULL, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_regression_wild(&r, 1, 21, 9, 1, &wild, NULL, NULL),
                     CAP_ERR_INPUT);
    const cap_poll poll = {stop_now, NULL, NULL};
    assert_int_equal(cap_regression_wild(&r, 0, 12, 9, 1, &wild, &poll, NULL),
                     CAP_ERR_INTERRUPT);
    r.n_clusters = 1;
    r.cluster = (const size_t[]){0, 0, 0};
    assert_int_equal(cap_regression_wild(&r, 1, 12, 9, 1, &wild, NULL, NULL),
                     CAP_OK);
    assert_true(isnan(wild.t) && isnan(wild.p));
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const double x[] = {1, 1, 1, 1, 1, 2, 3, 5}, y[] = {1, 3, 2, 5};
    const size_t cluster[] = {0, 0, 1, 1};
    const cap_regression r = {4, 2, x, y, NULL, cluster, 2};
    double coef[2], se[2 * CAP_VCOV_KINDS];
    cap_wild wild;
    for (int wilder = 0; wilder < 2; wilder++) {
        cap_status status = CAP_ERR_MEMORY;
        size_t n = 0;
        while (status != CAP_OK) {
            alloc_fail_at(++n);
            status =
                wilder ? cap_regression_wild(&r, 1, 4, 9, 1, &wild, NULL, NULL)
                       : cap_regression_fit(&r, coef, se, NULL, NULL);
            alloc_fail_at(0);
            assert_true(status == CAP_OK || status == CAP_ERR_MEMORY);
            assert_true(n < 100);
        }
        assert_true(n > 6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(slow_twin),
        cmocka_unit_test(wild_by_hand),
        cmocka_unit_test(edges),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
