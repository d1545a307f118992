/* Components, varimax and alpha: the Handbook's tables, and the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "alloc_hook.h"
#include "core/weights/principal_components.h"
#include "core/weights/weights_spread.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 11;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

enum { UNITS = 23, ITEMS = 8, MOST = 40 };

/* OECD/JRC (2008), Handbook on Constructing Composite Indicators, Table A.2:
 * the Technology Achievement Index, first 23 countries. */
static const double tai[] = {
    /* patents */
    187, 289, 271, 994, 779, 189, 82, 31, 75, 8, 235, 103, 106, 72, 103, 165,
    205, 74, 42, 13, 28, 26, 105,
    /* royalties */
    125.6, 130, 156.6, 64.6, 9.8, 151.2, 134, 38.6, 18.2, 25.5, 36.8, 20.2,
    110.3, 73.9, 13, 14.8, 33.6, 43.6, 8.6, 9.8, 4.2, 6.2, 4,
    /* internet */
    200.2, 179.1, 125.8, 49, 4.8, 136, 57.4, 108, 125.9, 72.3, 41.2, 193.6,
    48.6, 58.9, 146.7, 84.2, 36.4, 43.2, 21, 30.4, 25, 21.6, 20.3,
    /* exports */
    50.7, 66.2, 59.7, 80.8, 66.7, 50.9, 61.9, 48.7, 16.2, 74.9, 64.2, 19, 53.6,
    47.6, 15.4, 50.3, 58.9, 45, 53.4, 51, 51.7, 63.5, 49.5,
    /* telephones, log */
    3.08, 3.00, 3.10, 3.00, 2.97, 3.02, 3.02, 2.94, 2.94, 2.95, 2.94, 3.12,
    2.97, 2.91, 2.86, 2.99, 2.97, 2.96, 2.86, 3.00, 2.75, 2.73, 2.84,
    /* electricity, log */
    4.15, 4.07, 4.14, 3.86, 3.65, 3.77, 3.73, 4.18, 3.94, 3.83, 3.75, 4.39,
    3.68, 3.86, 3.91, 3.79, 3.80, 3.74, 3.62, 3.65, 3.68, 3.46, 3.71,
    /* schooling */
    10, 12, 11.4, 9.5, 10.8, 9.4, 9.4, 11.6, 10.9, 7.1, 10.2, 11.9, 9.4, 9.3,
    11.7, 8.4, 7.9, 9.6, 7.3, 7.2, 9.5, 9.1, 7.1,
    /* university */
    27.4, 13.9, 15.3, 10, 23.2, 9.5, 14.9, 14.2, 25.3, 24.2, 14.4, 11.2, 12.3,
    13.6, 13.1, 13.6, 12.6, 11, 15.6, 13, 8.2, 7.7, 10.6};

typedef struct {
    double correlation[MOST * MOST], eigenvalue[MOST], loading[MOST * MOST],
        variance[MOST], communality[MOST], weight[MOST];
    size_t factor[MOST];
} arrays;

static cap_factors into(arrays *a)
{
    cap_factors out = {0,          0,           a->correlation, a->eigenvalue,
                       a->loading, a->variance, a->communality, a->factor,
                       a->weight};
    return out;
}

static const cap_factors_options kaiser = {CAP_FACTORS_KAISER, 0, 0, 0, 0};

/* Tables 6, 7, 9, 16, 17 and 18. The printed data are rounded (two digits of
 * the logarithms), so the last printed digit may differ by one or two. */
static void the_handbook(void **state)
{
    (void)state;
    static const double eigen[] = {3.3, 1.7, 1.0, 0.9, 0.5, 0.3, 0.2, 0.1};
    static const double share[] = {41.9, 21.8, 12.3, 11.1, 6.0, 3.7, 2.2, 0.9};
    static const double loading[] = {
        0.07,  0.13, 0.79,  -0.64, 0.37, 0.82, 0.88,  0.08, 0.97,  0.07, -0.21,
        0.56,  0.17, -0.04, 0.23,  0.04, 0.06, -0.07, 0.21, -0.04, 0.38, 0.25,
        -0.09, 0.96, 0.06,  0.93,  0.42, 0.36, 0.68,  0.35, 0.09,  0.04};
    static const double explained[] = {2.64, 1.39, 1.19, 1.76};
    static const double communality[] = {0.95, 0.89, 0.89, 0.86,
                                         0.77, 0.85, 0.85, 0.93};
    static const double weight[] = {0.17, 0.15, 0.11, 0.07,
                                    0.08, 0.12, 0.14, 0.16};
    static const size_t factor[] = {1, 3, 0, 0, 3, 0, 0, 2};
    const cap_factors_options handbook = {CAP_FACTORS_HANDBOOK, 0, 0, 0, 0};
    const cap_factors_options jolliffe = {CAP_FACTORS_JOLLIFFE, 0, 0, 0, 0};
    arrays a;
    cap_factors out = into(&a);
    assert_int_equal(
        cap_factor_weights(UNITS, ITEMS, tai, &handbook, &out, NULL), CAP_OK);
    assert_int_equal(out.n_factors, 4);
    assert_true(out.converged);
    near(a.correlation[2 * ITEMS + 5], 0.84, 0.005);
    near(a.correlation[0 * ITEMS + 3], 0.45, 0.005);
    for (size_t k = 0; k < ITEMS; k++) {
        near(a.eigenvalue[k], eigen[k], 0.06);
        near(100 * a.eigenvalue[k] / ITEMS, share[k], 0.15);
        near(a.communality[k], communality[k], 0.015);
        near(a.weight[k], weight[k], 0.0065);
        assert_int_equal(a.factor[k], factor[k]);
        for (size_t f = 0; f < 4; f++) {
            near(a.loading[f * ITEMS + k], loading[f * ITEMS + k], 0.02);
        }
    }
    for (size_t f = 0; f < 4; f++) {
        near(a.variance[f], explained[f], 0.03);
    }
    assert_int_equal(
        cap_factor_weights(UNITS, ITEMS, tai, &jolliffe, &out, NULL), CAP_OK);
    assert_int_equal(out.n_factors, 4);
    /* Box 6 has three by Kaiser's rule; its third eigenvalue, 1.0 in print, is
     * 0.985 from the printed data */
    assert_int_equal(
        cap_factor_weights(UNITS, ITEMS, tai, &kaiser, &out, NULL), CAP_OK);
    assert_int_equal(out.n_factors, 2);
}

/* Table 11 and the 0.70 of section 4.3. */
static void the_handbook_s_alpha(void **state)
{
    (void)state;
    static const double without[] = {0.704, 0.645, 0.636, 0.774,
                                     0.603, 0.624, 0.662, 0.706};
    static const double rest[] = {0.261, 0.527, 0.566, -0.108,
                                  0.701, 0.614, 0.451, 0.249};
    double r[ITEMS * ITEMS], a, raw, w[ITEMS], w_raw[ITEMS], item[ITEMS];
    assert_int_equal(cap_correlation(UNITS, ITEMS, tai, 0, r, NULL), CAP_OK);
    assert_int_equal(
        cap_alpha(UNITS, ITEMS, tai, r, 0, &a, &raw, w, w_raw, item, NULL),
        CAP_OK);
    near(a, 0.70, 0.005);
    for (size_t k = 0; k < ITEMS; k++) {
        near(w[k], without[k], 0.003);
        near(item[k], rest[k], 0.008);
    }
}

static void alpha_by_hand(void **state)
{
    (void)state;
    /* variances 5/3, 5/3, covariance 1: raw = standardised = 0.75 */
    const double x[] = {1, 2, 3, 4, 2, 1, 4, 3};
    double r[4], a, raw, w[2], w_raw[2], item[2];
    assert_int_equal(cap_correlation(4, 2, x, 0, r, NULL), CAP_OK);
    assert_int_equal(cap_alpha(4, 2, x, r, 0, &a, &raw, w, w_raw, item, NULL),
                     CAP_OK);
    near(r[1], 0.6, 1e-15);
    near(a, 0.75, 1e-15);
    near(raw, 0.75, 1e-15);
    near(item[0], 0.6, 1e-15);
    assert_true(isnan(w[0]) && isnan(w_raw[1])); /* one item left */
    const double against[] = {1, 2, 3, 4, 4, 3, 2, 1};
    assert_int_equal(cap_correlation(4, 2, against, 0, r, NULL), CAP_OK);
    assert_int_equal(
        cap_alpha(4, 2, against, r, 0, &a, &raw, w, w_raw, item, NULL),
        CAP_OK);
    assert_true(isnan(a) && isnan(raw)); /* the total does not vary */
    assert_int_equal(cap_correlation(4, 1, x, 0, r, NULL), CAP_OK);
    assert_int_equal(cap_alpha(4, 1, x, r, 0, &a, &raw, w, w_raw, item, NULL),
                     CAP_OK);
    assert_true(isnan(a) && isnan(raw) && isnan(item[0]));
}

static double criterion(size_t n, size_t m, const double *l)
{
    double sum = 0;
    for (size_t f = 0; f < m; f++) {
        double s2 = 0, s4 = 0;
        for (size_t k = 0; k < n; k++) {
            double q = l[f * n + k] * l[f * n + k];
            s2 += q;
            s4 += q * q;
        }
        sum += s4 - s2 * s2 / (double)n;
    }
    return sum;
}

/* No pair of factors can be turned to a larger criterion, rotation keeps the
 * communalities and the explained variance, flipped signs change nothing. */
static void varimax_is_at_its_largest(void **state)
{
    (void)state;
    enum { N = 9, M = 3 };
    for (int round = 0; round < 30; round++) {
        double l[N * M], flipped[N * M], start[N], length[N];
        for (size_t i = 0; i < N * M; i++) {
            l[i] = uniform() - 0.3;
            flipped[i] = i / N == 1 ? -l[i] : l[i];
        }
        for (size_t k = 0; k < N; k++) {
            start[k] = l[k] * l[k] + l[N + k] * l[N + k] +
                       l[2 * N + k] * l[2 * N + k];
        }
        assert_true(cap_varimax(N, M, 0, l, length));
        assert_true(cap_varimax(N, M, 0, flipped, length));
        double best = criterion(N, M, l);
        near(criterion(N, M, flipped), best, 0.2 * best);
        for (size_t k = 0; k < N; k++) {
            near(l[k] * l[k] + l[N + k] * l[N + k] +
                     l[2 * N + k] * l[2 * N + k],
                 start[k], 1e-13);
        }
        for (size_t f = 0; f < M; f++) {
            for (size_t g = f + 1; g < M; g++) {
                for (int step = 1; step < 60; step++) {
                    double turned[N * M],
                        angle = 3.141592653589793 * step / 60;
                    memcpy(turned, l, sizeof l);
                    for (size_t k = 0; k < N; k++) {
                        turned[f * N + k] = l[f * N + k] * cos(angle) +
                                            l[g * N + k] * sin(angle);
                        turned[g * N + k] = l[g * N + k] * cos(angle) -
                                            l[f * N + k] * sin(angle);
                    }
                    assert_true(criterion(N, M, turned) <= best + 1e-12);
                }
            }
        }
    }
    /* rows of zeros stay, with and without normalisation */
    double zero[] = {0, 0.8, 0.1, 0, 0.1, 0.7}, length[3];
    assert_true(cap_varimax(3, 2, 1, zero, length));
    near(zero[0], 0, 0);
    near(zero[3], 0, 0);
}

static void edges(void **state)
{
    (void)state;
    arrays a;
    cap_factors out = into(&a);
    cap_error err;
    double wide[3 * 12], flat[] = {1, 2, 3, 5, 5, 5};
    for (size_t i = 0; i < 36; i++) {
        wide[i] = uniform();
    }
    /* more items than units: rank two at most, all the same defined */
    assert_int_equal(cap_factor_weights(3, 12, wide, &kaiser, &out, &err),
                     CAP_OK);
    assert_int_equal(out.n_factors, 2);
    near(a.eigenvalue[2], 0, 1e-12);
    double sum = 0;
    for (size_t k = 0; k < 12; k++) {
        assert_true(a.weight[k] > 0 && a.eigenvalue[k] >= 0);
        sum += a.weight[k];
    }
    near(sum, 1, 1e-15);
    /* two units: every correlation is 1 or -1, one factor, equal weights */
    const double two[] = {1, 2, 5, 3, 0, 1};
    assert_int_equal(cap_factor_weights(2, 3, two, &kaiser, &out, &err),
                     CAP_OK);
    assert_int_equal(out.n_factors, 1);
    near(a.weight[1], 1.0 / 3, 1e-14);
    assert_int_equal(cap_factor_weights(3, 1, flat, &kaiser, &out, &err),
                     CAP_OK);
    near(a.weight[0], 1, 0);
    assert_int_equal(cap_factor_weights(3, 2, flat, &kaiser, &out, &err),
                     CAP_ERR_NUMERIC);
    assert_int_equal(err.column, 1);
    assert_int_equal(cap_factor_weights(1, 2, flat, &kaiser, &out, &err),
                     CAP_ERR_INPUT);
    flat[1] = NAN;
    assert_int_equal(cap_factor_weights(3, 2, flat, &kaiser, &out, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    for (size_t number = 0; number < 14; number += 13) {
        cap_factors_options o = {CAP_FACTORS_NUMBER, number, 0, 0, 0};
        assert_int_equal(cap_factor_weights(3, 12, wide, &o, &out, &err),
                         CAP_ERR_INPUT);
    }
    for (int s = 0; s < 3; s++) {
        cap_factors_options o = {CAP_FACTORS_SHARE, 0, s - 0.5 * (s > 1), 0,
                                 0};
        o.share = s == 0 ? 0 : s == 1 ? 1.5 : NAN;
        assert_int_equal(cap_factor_weights(3, 12, wide, &o, &out, &err),
                         CAP_ERR_INPUT);
    }
    cap_factors_options most = {CAP_FACTORS_SHARE, 0, 0.8, 0, 0};
    assert_int_equal(cap_factor_weights(UNITS, ITEMS, tai, &most, &out, &err),
                     CAP_OK);
    assert_int_equal(out.n_factors, 4);
    /* uncorrelated items have eigenvalues of 1: all are kept */
    const double apart[] = {1, -1, 1, -1, 1, 1, -1, -1};
    assert_int_equal(cap_factor_weights(4, 2, apart, &kaiser, &out, &err),
                     CAP_OK);
    assert_int_equal(out.n_factors, 2);
    near(a.weight[0], 0.5, 1e-15);
}

static void order_and_scale(void **state)
{
    (void)state;
    double x[UNITS * ITEMS];
    arrays a, b;
    cap_factors one = into(&a), other = into(&b);
    for (size_t k = 0; k < ITEMS; k++) {
        for (size_t i = 0; i < UNITS; i++) { /* one item reversed */
            x[(ITEMS - 1 - k) * UNITS + (i + 5) % UNITS] =
                tai[k * UNITS + i] * (k == 2 ? -3 : 1e-3) + (double)k;
        }
    }
    const cap_factors_options four = {CAP_FACTORS_NUMBER, 4, 0, 0, 0};
    assert_int_equal(cap_factor_weights(UNITS, ITEMS, tai, &four, &one, NULL),
                     CAP_OK);
    assert_int_equal(cap_factor_weights(UNITS, ITEMS, x, &four, &other, NULL),
                     CAP_OK);
    for (size_t k = 0; k < ITEMS; k++) {
        near(a.weight[k], b.weight[ITEMS - 1 - k], 1e-8);
        near(a.eigenvalue[k], b.eigenvalue[k], 1e-12);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t n = 1;; n++) {
        arrays a;
        cap_factors out = into(&a);
        double al, raw, w[ITEMS], w_raw[ITEMS], item[ITEMS];
        alloc_fail_at(n);
        cap_status status =
            cap_factor_weights(UNITS, ITEMS, tai, &kaiser, &out, NULL);
        if (status == CAP_OK) {
            status = cap_alpha(UNITS, ITEMS, tai, a.correlation, 1, &al, &raw,
                               w, w_raw, item, NULL);
        }
        if (alloc_count() < n) {
            assert_int_equal(status, CAP_OK);
            assert_true(n > 10);
            break;
        }
        assert_int_equal(status, CAP_ERR_MEMORY);
    }
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_handbook),
        cmocka_unit_test(the_handbook_s_alpha),
        cmocka_unit_test(alpha_by_hand),
        cmocka_unit_test(varimax_is_at_its_largest),
        cmocka_unit_test(edges),
        cmocka_unit_test(order_and_scale),
        cmocka_unit_test(every_allocation_may_fail),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
