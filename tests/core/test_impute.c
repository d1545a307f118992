/* Imputation: by hand, properties of EM, the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/framework/impute.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 11;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

static void centres_by_hand(void **state)
{
    (void)state;
    const double x[] = {1, NAN, 3, NAN, 10, 20, NAN};
    const size_t group[] = {0, 0, 0, 1, 1, 1, CAP_NOWHERE};
    double y[7], s[7];
    assert_int_equal(cap_impute_centre(7, x, 1, NULL, 0, y, s, NULL), CAP_OK);
    near(y[1], 8.5, 0);
    near(s[1], sqrt((7.5 * 7.5 + 5.5 * 5.5 + 1.5 * 1.5 + 11.5 * 11.5) / 3),
         1e-13);
    assert_true(isnan(s[0]));
    near(y[0], 1, 0);
    cap_impute_centre(7, x, 1, NULL, 1, y, s, NULL);
    near(y[1], 6.5, 0);
    near(s[1], 1.4826 * 4.5, 1e-12);
    cap_impute_centre(7, x, 3, group, 0, y, s, NULL);
    near(y[1], 2, 0);
    near(y[3], 15, 0);
    assert_true(isnan(y[6]));
    const size_t stray[] = {0, 0, 0, 1, 1, 3, 0};
    assert_int_equal(cap_impute_centre(7, x, 3, stray, 0, y, s, NULL),
                     CAP_ERR_INPUT);
}

static void series_by_hand(void **state)
{
    (void)state;
    const double x[] = {NAN, NAN, 2, NAN, NAN, 8, 1, NAN};
    const double t[] = {2021, 2010, 2012, 2018, 2014, 2020, 2009, 2013};
    const size_t u[] = {0, 0, 0, 0, 0, 0, 1, 1};
    double y[8];
    assert_int_equal(cap_impute_series(8, u, t, x, CAP_SERIES_LINEAR, y, NULL),
                     CAP_OK);
    assert_true(isnan(y[0]) && isnan(y[1]) && isnan(y[7]));
    near(y[4], 3.5, 1e-15);
    near(y[3], 6.5, 1e-15);
    cap_impute_series(8, u, t, x, CAP_SERIES_LAST, y, NULL);
    near(y[0], 8, 0);
    near(y[3], 2, 0);
    near(y[7], 1, 0);
    assert_true(isnan(y[1])); /* never another unit's */
    const double twice[] = {1, 1, 2, 3, 4, 5, 1, 2}, nan[] = {NAN};
    assert_int_equal(
        cap_impute_series(8, u, twice, x, CAP_SERIES_LAST, y, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(cap_impute_series(1, u, nan, x, CAP_SERIES_LAST, y, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_impute_series(0, u, t, x, CAP_SERIES_LAST, y, NULL),
                     CAP_OK);
}

static void neighbours_by_hand(void **state)
{
    (void)state;
    /* rows 1 and 2 are equally far from row 0; row 3 is further */
    const double x[] = {0, 1, -1, 5, NAN, NAN, 10, 20, 90, 7};
    double y[10], s[10];
    assert_int_equal(cap_impute_knn(5, 2, x, 1, y, s, NULL, NULL), CAP_OK);
    near(y[5], 15, 1e-12);
    near(s[5], sqrt(50), 1e-12);
    cap_impute_knn(5, 2, x, 9, y, s, NULL, NULL);
    near(y[5], 40, 1e-12); /* row 4 shares no item with row 0 */
    assert_true(!isnan(y[4]) && isnan(s[0]));
    assert_int_equal(cap_impute_knn(5, 2, x, 0, y, s, NULL, NULL),
                     CAP_ERR_INPUT);
    const double none[] = {NAN, NAN, 1, 1}; /* nothing to be filled from */
    cap_impute_knn(2, 2, none, 1, y, s, NULL, NULL);
    assert_true(isnan(y[0]) && isnan(y[1]));
}

enum { N = 60, P = 5 };

static void make(double *x, double gaps)
{
    for (size_t i = 0; i < N; i++) {
        double common = uniform() + uniform() - 1;
        for (size_t k = 0; k < P; k++) {
            double v = common + 0.4 * uniform() + (double)k;
            x[i + k * N] = uniform() < gaps ? NAN : pow(10, (double)k) * v;
        }
    }
}

/* One missing item: EM is the regression of it on the others, in closed form
 * for two items (Anderson 1957; Little and Rubin 2002, section 7.2). */
static void monotone_data_have_a_closed_form(void **state)
{
    (void)state;
    double x[2 * 40], y[80], s[80], mean[2], cov[4];
    double mx = 0, mz = 0, sxx = 0, sxz = 0, szz = 0, all = 0, var = 0;
    const size_t n = 40, seen = 25;
    for (size_t i = 0; i < n; i++) {
        x[i] = uniform();
        x[i + n] = i < seen ? 3 * x[i] + uniform() : NAN;
        all += x[i] / (double)n;
    }
    for (size_t i = 0; i < seen; i++) {
        mx += x[i] / (double)seen;
        mz += x[i + n] / (double)seen;
    }
    for (size_t i = 0; i < seen; i++) {
        sxx += (x[i] - mx) * (x[i] - mx) / (double)seen;
        sxz += (x[i] - mx) * (x[i + n] - mz) / (double)seen;
        szz += (x[i + n] - mz) * (x[i + n] - mz) / (double)seen;
    }
    for (size_t i = 0; i < n; i++) {
        var += (x[i] - all) * (x[i] - all) / (double)n;
    }
    const cap_em_rule rule = {0, 1e-13, 0};
    cap_em_report report;
    assert_int_equal(
        cap_impute_em(n, 2, x, &rule, y, s, mean, cov, &report, NULL, NULL),
        CAP_OK);
    double b = sxz / sxx, left = szz - b * sxz;
    assert_int_equal(report.converged, 1);
    near(mean[0], all, 1e-12);
    near(mean[1], mz + b * (all - mx), 1e-9);
    near(cov[0], var, 1e-12);
    near(cov[1], b * var, 1e-9);
    near(cov[3], left + b * b * var, 1e-9);
    for (size_t i = seen; i < n; i++) {
        near(y[i + n], mz + b * (x[i] - mx), 1e-9);
        near(s[i + n], sqrt(left), 1e-9);
    }
}

static void order_and_scale_do_not_matter(void **state)
{
    (void)state;
    double x[N * P], z[N * P], y[N * P], w[N * P], s[N * P], mean[P],
        cov[P * P];
    const cap_em_rule rule = {0, 0, 0};
    cap_em_report report;
    for (int round = 0; round < 10; round++) {
        make(x, 0.15);
        for (size_t i = 0; i < N; i++) { /* both reversed, and rescaled */
            for (size_t k = 0; k < P; k++) {
                z[(N - 1 - i) + (P - 1 - k) * N] = 7 - 3 * x[i + k * N];
            }
        }
        assert_int_equal(cap_impute_em(N, P, x, &rule, y, s, mean, cov,
                                       &report, NULL, NULL),
                         CAP_OK);
        assert_int_equal(report.converged, 1);
        assert_int_equal(cap_impute_em(N, P, z, &rule, w, s, mean, cov,
                                       &report, NULL, NULL),
                         CAP_OK);
        for (size_t i = 0; i < N; i++) {
            for (size_t k = 0; k < P; k++) {
                double a = y[i + k * N], size = pow(10, (double)k);
                double back = (7 - w[(N - 1 - i) + (P - 1 - k) * N]) / 3;
                near(a / size, back / size, 1e-6);
                if (!isnan(x[i + k * N])) {
                    near(a, x[i + k * N], 0);
                }
            }
        }
    }
}

static void complete_data_are_unchanged(void **state)
{
    (void)state;
    double x[N * P], y[N * P], s[N * P], mean[P], cov[P * P];
    const cap_em_rule rule = {0, 0, 0};
    cap_em_report report;
    make(x, 0);
    cap_impute_em(N, P, x, &rule, y, s, mean, cov, &report, NULL, NULL);
    assert_memory_equal(x, y, sizeof x);
    assert_int_equal(report.iterations, 2);
    assert_int_equal(report.converged, 1);
    double m = 0, v = 0;
    for (size_t i = 0; i < N; i++) {
        assert_true(isnan(s[i]));
        m += x[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        v += (x[i] - m) * (x[i] - m) / N;
    }
    near(mean[0], m, 1e-13);
    near(cov[0], v, 1e-12);
    cap_impute_knn(N, P, x, 3, y, s, NULL, NULL);
    assert_memory_equal(x, y, sizeof x);
}

static void degenerate_panels(void **state)
{
    (void)state;
    cap_em_rule rule = {0, 0, 0};
    cap_em_report report;
    cap_error err;
    double y[40], s[40], mean[10], cov[100];
    /* the second item is twice the first; the third is constant */
    const double x[] = {1, 2, 3, 4, 2, 4, 6, NAN, 5, 5, NAN, 5};
    assert_int_equal(
        cap_impute_em(4, 3, x, &rule, y, s, mean, cov, &report, NULL, &err),
        CAP_OK);
    near(y[7], 8, 1e-3);
    near(y[10], 5, 0);
    near(s[10], 0, 0);
    near(cov[8], 0, 0);
    /* more items than units */
    double wide[30];
    for (size_t i = 0; i < 30; i++) {
        wide[i] = i == 4 ? NAN : uniform();
    }
    assert_int_equal(cap_impute_em(3, 10, wide, &rule, y, s, mean, cov,
                                   &report, NULL, &err),
                     CAP_ERR_NUMERIC);
    rule.ridge = 1e-3;
    assert_int_equal(cap_impute_em(3, 10, wide, &rule, y, s, mean, cov,
                                   &report, NULL, &err),
                     CAP_OK);
    assert_true(isfinite(y[4]));
    /* an item without values; a unit without values; one step only */
    const double empty[] = {1, 2, NAN, NAN};
    assert_int_equal(cap_impute_em(2, 2, empty, &rule, y, s, mean, cov,
                                   &report, NULL, &err),
                     CAP_ERR_NUMERIC);
    assert_int_equal(err.column, 1);
    const double blank[] = {1, 2, 6, NAN, 4, 9, 1, NAN};
    rule.ridge = 0;
    assert_int_equal(cap_impute_em(4, 2, blank, &rule, y, s, mean, cov,
                                   &report, NULL, &err),
                     CAP_OK);
    near(y[3], 3, 1e-6);
    near(y[7], 14.0 / 3, 1e-6);
    rule.max_iterations = 1;
    cap_impute_em(4, 2, blank, &rule, y, s, mean, cov, &report, NULL, &err);
    assert_int_equal(report.converged, 0);
    rule.ridge = -1;
    assert_int_equal(cap_impute_em(4, 2, blank, &rule, y, s, mean, cov,
                                   &report, NULL, &err),
                     CAP_ERR_INPUT);
    const double inf[] = {1, HUGE_VAL};
    rule.ridge = 0;
    assert_int_equal(
        cap_impute_em(1, 2, inf, &rule, y, s, mean, cov, &report, NULL, &err),
        CAP_ERR_INPUT);
    assert_int_equal(err.column, 1);
    const double one[] = {3};
    assert_int_equal(
        cap_impute_em(1, 1, one, &rule, y, s, mean, cov, &report, NULL, &err),
        CAP_OK);
    near(mean[0], 3, 0);
}

static int stop_now(void *context)
{
    (void)context;
    return 1;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    double x[N * P], y[N * P], s[N * P], mean[P], cov[P * P];
    const cap_em_rule rule = {0, 0, 0};
    const cap_poll poll = {stop_now, NULL, NULL};
    const double t[] = {1};
    const size_t u[] = {0};
    cap_em_report report;
    make(x, 0.1);
    for (size_t n = 1;; n++) {
        alloc_fail_at(n);
        cap_status em = cap_impute_em(N, P, x, &rule, y, s, mean, cov, &report,
                                      NULL, NULL);
        if (alloc_count() < n) {
            break;
        }
        assert_int_equal(em, CAP_ERR_MEMORY);
    }
    for (size_t n = 1;; n++) {
        alloc_fail_at(n);
        cap_status knn = cap_impute_knn(N, P, x, 3, y, s, NULL, NULL);
        if (alloc_count() < n) {
            break;
        }
        assert_int_equal(knn, CAP_ERR_MEMORY);
    }
    alloc_fail_at(1);
    assert_int_equal(cap_impute_centre(N, x, 1, NULL, 0, y, s, NULL),
                     CAP_ERR_MEMORY);
    alloc_fail_at(1);
    assert_int_equal(cap_impute_series(1, u, t, x, CAP_SERIES_LAST, y, NULL),
                     CAP_ERR_MEMORY);
    alloc_fail_at(0);
    assert_int_equal(
        cap_impute_em(N, P, x, &rule, y, s, mean, cov, &report, &poll, NULL),
        CAP_ERR_INTERRUPT);
    assert_int_equal(cap_impute_knn(N, P, x, 3, y, s, &poll, NULL),
                     CAP_ERR_INTERRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(centres_by_hand),
        cmocka_unit_test(series_by_hand),
        cmocka_unit_test(neighbours_by_hand),
        cmocka_unit_test(monotone_data_have_a_closed_form),
        cmocka_unit_test(order_and_scale_do_not_matter),
        cmocka_unit_test(complete_data_are_unchanged),
        cmocka_unit_test(degenerate_panels),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
