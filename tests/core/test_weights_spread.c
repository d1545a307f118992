/* Weights from spread: published figures, a slow twin, and the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/weights/weights_spread.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 7;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

static cap_spread_options by(cap_spread_method method)
{
    cap_spread_options options;
    memset(&options, 0, sizeof options);
    options.method = method;
    options.min_max = method == CAP_SPREAD_CRITIC;
    return options;
}

/* Diakoulaki, Mavrotas and Papayannakis (1995): eight firms, profitability,
 * market share, productivity; the weights to eight digits as other
 * implementations of CRITIC reproduce them. */
static const double firms[] = {
    61,   20.7, 16.3, 9,    5.4,  4,    -6.1, -34.6, /* profitability */
    1.08, 0.26, 1.98, 3.29, 2.77, 4.12, 3.52, 3.31,  /* share */
    4.33, 4.34, 2.53, 1.65, 2.33, 1.21, 2.10, 0.98}; /* productivity */

static void critic_of_the_firms(void **state)
{
    (void)state;
    double w[3], c[3];
    cap_spread_options o = by(CAP_SPREAD_CRITIC);
    assert_int_equal(cap_spread_weights(8, 3, firms, &o, w, c, NULL), CAP_OK);
    near(w[0], 0.20222554, 5e-9);
    near(w[1], 0.48090173, 5e-9);
    near(w[2], 0.31687273, 5e-9);
    /* unscaled, the item with the largest unit takes it */
    o.min_max = 0;
    assert_int_equal(cap_spread_weights(8, 3, firms, &o, w, c, NULL), CAP_OK);
    assert_true(w[0] > 0.8);
    o.spearman = 1;
    assert_int_equal(cap_spread_weights(8, 3, firms, &o, w, c, NULL), CAP_OK);
}

static void entropy_and_sd_by_hand(void **state)
{
    (void)state;
    /* p = (1/4, 3/4) and (0, 1): E = 0.811278..., 0 */
    const double x[] = {1, 3, 0, 7, 5, 5};
    double w[3], v[3];
    cap_spread_options o = by(CAP_SPREAD_ENTROPY);
    double gap = 1 + (0.25 * log(0.25) + 0.75 * log(0.75)) / log(2);
    assert_int_equal(cap_spread_weights(2, 3, x, &o, w, v, NULL), CAP_OK);
    near(v[0], gap, 1e-15);
    near(v[1], 1, 1e-15);
    near(v[2], 0, 0); /* the same for all */
    near(w[0], gap / (1 + gap), 1e-15);
    near(w[2], 0, 0);
    o = by(CAP_SPREAD_SD);
    assert_int_equal(cap_spread_weights(2, 3, x, &o, w, v, NULL), CAP_OK);
    near(v[0], sqrt(2.0), 1e-15);
    near(v[1], 7 / sqrt(2.0), 1e-14);
    near(w[2], 0, 0);
    o.min_max = 1;
    assert_int_equal(cap_spread_weights(2, 2, x, &o, w, v, NULL), CAP_OK);
    near(w[0], 0.5, 1e-15);
    o = by(CAP_SPREAD_EQUAL);
    assert_int_equal(cap_spread_weights(0, 3, NULL, &o, w, v, NULL), CAP_OK);
    near(w[1], 1.0 / 3, 1e-16);
}

static void random_tables_agree_with_the_formulas(void **state)
{
    (void)state;
    enum { N = 40, K = 7 };
    for (int round = 0; round < 50; round++) {
        double x[N * K], r[K * K], w[K], v[K];
        long double mean[K], sd[K], c[K], total = 0;
        for (size_t i = 0; i < N * K; i++) {
            x[i] = uniform() + (i >= N ? 0.5 * x[i - N] : 0);
        }
        assert_int_equal(cap_correlation(N, K, x, 0, r, NULL), CAP_OK);
        for (size_t k = 0; k < K; k++) {
            long double s = 0, q = 0;
            for (size_t i = 0; i < N; i++) {
                s += x[k * N + i];
            }
            mean[k] = s / N;
            for (size_t i = 0; i < N; i++) {
                q += (x[k * N + i] - mean[k]) * (x[k * N + i] - mean[k]);
            }
            sd[k] = sqrtl(q / (N - 1));
        }
        for (size_t k = 0; k < K; k++) {
            c[k] = 0;
            for (size_t j = 0; j < K; j++) {
                long double s = 0;
                for (size_t i = 0; i < N; i++) {
                    s += (x[k * N + i] - mean[k]) * (x[j * N + i] - mean[j]);
                }
                s /= (N - 1) * sd[k] * sd[j];
                near(r[k * K + j], (double)s, 1e-14);
                c[k] += sd[k] * (1 - s);
            }
            total += c[k];
        }
        cap_spread_options o = by(CAP_SPREAD_CRITIC);
        o.min_max = 0;
        assert_int_equal(cap_spread_weights(N, K, x, &o, w, v, NULL), CAP_OK);
        for (size_t k = 0; k < K; k++) {
            near(w[k], (double)(c[k] / total), 1e-13);
        }
    }
}

static void ranks_take_ties_at_the_middle(void **state)
{
    (void)state;
    /* ranks 1.5 1.5 3 4 and 1 2 3.5 3.5 */
    const double x[] = {0, 0, 5, 9, -1, 0, 2, 2};
    double r[4];
    assert_int_equal(cap_correlation(4, 2, x, 1, r, NULL), CAP_OK);
    near(r[1], 4.0 / 4.5, 1e-15);
    const double monotone[] = {1, 2, 3, 4, 1, 8, 27, 1e9};
    assert_int_equal(cap_correlation(4, 2, monotone, 1, r, NULL), CAP_OK);
    near(r[1], 1, 0);
    near(r[0], 1, 0);
}

static void refusals_and_edges(void **state)
{
    (void)state;
    double w[3], v[3], r[9];
    cap_error err;
    const double constant[] = {1, 2, 3, 4, 4, 4};
    const double zeros[] = {1, 2, 3, 0, 0, 0};
    const double negative[] = {1, 2, 3, 4, -1, 4};
    const double gap[] = {1, 2, 3, 4, NAN, 4};
    const double big[] = {1, 2, 3, 4, HUGE_VAL, 4};
    const double huge[] = {1, 2, 3, 4, -1e200, 4};
    const double same[] = {1, 2, 3, 10, 20, 30};
    const double nearly[] = {0.1 + 0.2, 0.3, 0.3, 1, 2, 3};
    cap_spread_options critic = by(CAP_SPREAD_CRITIC),
                       entropy = by(CAP_SPREAD_ENTROPY),
                       sd = by(CAP_SPREAD_SD), none = by(CAP_SPREAD_EQUAL);
#define refused(x, o, expected, at)                                           \
    assert_int_equal(cap_spread_weights(3, 2, x, &o, w, v, &err), expected);  \
    assert_int_equal(err.column, at)
    refused(constant, critic, CAP_ERR_NUMERIC, 1);
    refused(nearly, critic, CAP_ERR_NUMERIC, 0);
    refused(zeros, entropy, CAP_ERR_NUMERIC, 1);
    refused(negative, entropy, CAP_ERR_INPUT, 1);
    assert_int_equal(err.row, 1);
    refused(gap, sd, CAP_ERR_INPUT, 1);
    refused(big, sd, CAP_ERR_INPUT, 1);
    refused(huge, critic, CAP_ERR_INPUT, 1);
    refused(same, critic, CAP_ERR_NUMERIC, CAP_NOWHERE);
    sd.min_max = 1;
    refused(constant, sd, CAP_ERR_NUMERIC, 1);
    sd.min_max = 0;
    /* no item varies */
    const double flat[] = {4, 4, 7, 7};
    assert_int_equal(cap_spread_weights(2, 2, flat, &sd, w, v, &err),
                     CAP_ERR_NUMERIC);
    assert_int_equal(cap_spread_weights(2, 2, flat, &entropy, w, v, &err),
                     CAP_ERR_NUMERIC);
    assert_int_equal(cap_spread_weights(1, 2, flat, &sd, w, v, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_spread_weights(2, 0, flat, &none, w, v, NULL),
                     CAP_ERR_INPUT);
    none.method = (cap_spread_method)17;
    assert_int_equal(cap_spread_weights(2, 2, flat, &none, w, v, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_correlation(2, 2, flat, 0, r, NULL), CAP_ERR_NUMERIC);
    /* one item weighs 1 by any method, also without spread */
    assert_int_equal(cap_spread_weights(2, 1, flat, &sd, w, v, NULL), CAP_OK);
    near(w[0], 1, 0);
    assert_int_equal(cap_spread_weights(2, 1, flat, &critic, w, v, NULL),
                     CAP_OK);
    assert_int_equal(cap_spread_weights(3, 1, zeros + 3, &entropy, w, v, NULL),
                     CAP_OK);
    near(w[0], 1, 0);
    /* two units against each other */
    const double two[] = {1, 2, 5, 3};
    assert_int_equal(cap_spread_weights(2, 2, two, &critic, w, v, NULL),
                     CAP_OK);
    near(w[0], 0.5, 1e-15);
}

static void order_scale_and_copies(void **state)
{
    (void)state;
    enum { N = 30, K = 4 };
    double x[N * K], y[N * K], twice[2 * N * K], a[K], b[K], v[K];
    for (size_t i = 0; i < N * K; i++) {
        x[i] = uniform();
    }
    for (size_t k = 0; k < K; k++) { /* items backwards, units rotated, units
                                        of measurement changed */
        for (size_t i = 0; i < N; i++) {
            y[(K - 1 - k) * N + (i + 11) % N] =
                x[k * N + i] * pow(10, (double)k);
            twice[k * 2 * N + i] = twice[k * 2 * N + N + i] = x[k * N + i];
        }
    }
    for (int m = CAP_SPREAD_ENTROPY; m <= CAP_SPREAD_CRITIC; m++) {
        cap_spread_options o = by((cap_spread_method)m);
        o.min_max = 1;
        assert_int_equal(cap_spread_weights(N, K, x, &o, a, v, NULL), CAP_OK);
        assert_int_equal(cap_spread_weights(N, K, y, &o, b, v, NULL), CAP_OK);
        for (size_t k = 0; k < K; k++) {
            near(a[k], b[K - 1 - k], 1e-14);
        }
        assert_int_equal(cap_spread_weights(2 * N, K, twice, &o, b, v, NULL),
                         CAP_OK);
        for (size_t k = 0; k < K && m != CAP_SPREAD_ENTROPY; k++) {
            near(a[k], b[k], 1e-14); /* ln n changes the entropies' base */
        }
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    cap_spread_options o = by(CAP_SPREAD_CRITIC);
    o.spearman = 1;
    for (size_t n = 1;; n++) {
        double w[3], v[3];
        alloc_fail_at(n);
        cap_status status = cap_spread_weights(8, 3, firms, &o, w, v, NULL);
        if (alloc_count() < n) {
            assert_int_equal(status, CAP_OK);
            assert_true(n > 4);
            break;
        }
        assert_int_equal(status, CAP_ERR_MEMORY);
    }
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(critic_of_the_firms),
        cmocka_unit_test(entropy_and_sd_by_hand),
        cmocka_unit_test(random_tables_agree_with_the_formulas),
        cmocka_unit_test(ranks_take_ties_at_the_middle),
        cmocka_unit_test(refusals_and_edges),
        cmocka_unit_test(order_scale_and_copies),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
