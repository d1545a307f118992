/* Optimised weights: cases with known answers, a search by chance, edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/weights/importance_weights.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 3;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

enum { N = 50, K = 5 };
static const cap_optimise_options linear = {1, 0}, cubic = {3, 0};

static void table(double *x, double common)
{
    for (size_t i = 0; i < N; i++) {
        double g = uniform();
        for (size_t k = 0; k < K; k++) {
            x[k * N + i] = common * g + uniform() * (double)(k + 1);
        }
    }
}

/* Pearson's R^2 of each column and the index, from the definition. */
static void squares(const double *x, const double *w, double *r2)
{
    double y[N], my = 0, vy = 0;
    for (size_t i = 0; i < N; i++) {
        y[i] = 0;
        for (size_t k = 0; k < K; k++) {
            y[i] += w[k] * x[k * N + i];
        }
        my += y[i] / N;
    }
    for (size_t i = 0; i < N; i++) {
        vy += (y[i] - my) * (y[i] - my);
    }
    for (size_t k = 0; k < K; k++) {
        double m = 0, v = 0, c = 0;
        for (size_t i = 0; i < N; i++) {
            m += x[k * N + i] / N;
        }
        for (size_t i = 0; i < N; i++) {
            double d = x[k * N + i] - m;
            v += d * d;
            c += d * (y[i] - my);
        }
        r2[k] = c * c / (v * vy);
    }
}

static double gap(const double *r2, const double *target)
{
    double sum = 0, objective = 0;
    for (size_t k = 0; k < K; k++) {
        sum += r2[k];
    }
    for (size_t k = 0; k < K; k++) {
        double d = r2[k] / sum - (target == NULL ? 1.0 / K : target[k]);
        objective += d * d;
    }
    return objective;
}

static void the_report_is_of_the_weights(void **state)
{
    (void)state;
    for (int round = 0; round < 30; round++) {
        double x[N * K], w[K], r[K], s[K], again[K], r2[K], target[K], all = 0;
        cap_optimum best;
        table(x, 2);
        for (size_t k = 0; k < K; k++) {
            all += target[k] = 0.2 + uniform();
        }
        for (size_t k = 0; k < K; k++) {
            target[k] /= all;
        }
        const double *aim = round % 2 ? target : NULL;
        assert_int_equal(cap_optimise_weights(N, K, x, aim, &linear, w, r, s,
                                              &best, NULL, NULL),
                         CAP_OK);
        squares(x, w, r2);
        assert_int_equal(cap_importance(N, K, x, 1, w, again, NULL), CAP_OK);
        double sum = 0;
        for (size_t k = 0; k < K; k++) {
            assert_true(w[k] >= 0);
            sum += w[k];
            near(r[k], r2[k], 1e-12);
            near(again[k], r2[k], 1e-12);
        }
        near(sum, 1, 1e-14);
        near(best.objective, gap(r2, aim), 1e-12);
        assert_true(best.converged);
        /* no weights drawn by chance do better */
        for (int trial = 0; trial < 2000; trial++) {
            double v[K];
            for (size_t k = 0; k < K; k++) {
                v[k] = -log(uniform() + 1e-9) * (trial % 2 ? 1 : w[k] + 1e-3);
            }
            squares(x, v, r2);
            assert_true(gap(r2, aim) >= best.objective - 1e-9);
        }
    }
}

static void known_answers(void **state)
{
    (void)state;
    /* uncorrelated items: R^2 in proportion to w^2 s^2, so w = 1 / s */
    const double apart[] = {1, -1, 1, -1, 10, 10, -10, -10};
    double w[2], r[2], s[2];
    cap_optimum best;
    assert_int_equal(cap_optimise_weights(4, 2, apart, NULL, &linear, w, r, s,
                                          &best, NULL, NULL),
                     CAP_OK);
    near(w[0], 10.0 / 11, 1e-9);
    near(r[0], 0.5, 1e-9);
    const double target[] = {4, 1};
    assert_int_equal(cap_optimise_weights(4, 2, apart, target, &linear, w, r,
                                          s, &best, NULL, NULL),
                     CAP_OK);
    near(w[0] * 1 / (w[1] * 10), 2, 1e-7);
    near(s[0], 0.8, 1e-9);
    near(best.objective, 0, 1e-18);
    /* an item that should not matter at all */
    const double none[] = {0, 3};
    assert_int_equal(cap_optimise_weights(4, 2, apart, none, &linear, w, r, s,
                                          &best, NULL, NULL),
                     CAP_OK);
    near(w[0], 0, 1e-3);
    near(s[0], 0, 1e-7);
    /* copies share what one would have */
    double x[4 * 3];
    memcpy(x, apart, sizeof apart);
    memcpy(x + 8, apart, 4 * sizeof *x);
    double w3[3], r3[3], s3[3];
    assert_int_equal(cap_optimise_weights(4, 3, x, NULL, &linear, w3, r3, s3,
                                          &best, NULL, NULL),
                     CAP_OK);
    near(w3[0], w3[2], 1e-9);
    near(best.objective, 0, 1e-18);
    double one[1];
    assert_int_equal(cap_optimise_weights(4, 1, apart, NULL, &cubic, one, r, s,
                                          &best, NULL, NULL),
                     CAP_OK);
    near(one[0], 1, 0);
    near(r[0], 1, 1e-12);
}

/* A ratio of variances between and within groups, where values are few. */
static void cubic_importance_is_the_correlation_ratio(void **state)
{
    (void)state;
    enum { M = 40 };
    for (int round = 0; round < 20; round++) {
        double x[M * 2], r[2], linear_r[2];
        const double w[] = {0.4, 0.6};
        for (size_t i = 0; i < M; i++) {
            x[i] = floor(4 * uniform());
            x[M + i] = uniform() + (x[i] - 1.5) * (x[i] - 1.5);
        }
        assert_int_equal(cap_importance(M, 2, x, 3, w, r, NULL), CAP_OK);
        assert_int_equal(cap_importance(M, 2, x, 1, w, linear_r, NULL),
                         CAP_OK);
        double mean = 0, total = 0, between = 0;
        for (size_t i = 0; i < M; i++) {
            mean += (w[0] * x[i] + w[1] * x[M + i]) / M;
        }
        for (int value = 0; value < 4; value++) {
            double sum = 0, count = 0;
            for (size_t i = 0; i < M; i++) {
                double y = w[0] * x[i] + w[1] * x[M + i];
                if ((int)x[i] == value) {
                    sum += y;
                    count++;
                    total += (y - mean) * (y - mean);
                }
            }
            between += count > 0 ? count * pow(sum / count - mean, 2) : 0;
        }
        near(r[0], between / total, 1e-12);
        assert_true(r[0] >= linear_r[0] - 1e-12 &&
                    r[1] >= linear_r[1] - 1e-12);
    }
}

static void order_and_units_of_measurement(void **state)
{
    (void)state;
    double x[N * K], y[N * K], a[K], b[K], r[K], s[K];
    cap_optimum best;
    table(x, 3);
    double total = 0;
    for (size_t k = 0; k < K; k++) {
        for (size_t i = 0; i < N; i++) {
            y[(K - 1 - k) * N + (i + 7) % N] =
                x[k * N + i] * pow(10, 2 * (double)k);
        }
    }
    for (size_t degree = 1; degree <= 3; degree += 2) {
        const cap_optimise_options o = {degree, 0};
        assert_int_equal(cap_optimise_weights(N, K, x, NULL, &o, a, r, s,
                                              &best, NULL, NULL),
                         CAP_OK);
        assert_int_equal(cap_optimise_weights(N, K, y, NULL, &o, b, r, s,
                                              &best, NULL, NULL),
                         CAP_OK);
        total = 0;
        for (size_t k = 0; k < K; k++) {
            total += b[K - 1 - k] * pow(10, 2 * (double)k);
        }
        for (size_t k = 0; k < K; k++) {
            near(a[k], b[K - 1 - k] * pow(10, 2 * (double)k) / total, 1e-6);
        }
    }
}

static int stop(void *context)
{
    (void)context;
    return 1;
}

static void refusals(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, 4, 4, 3, 2, 1}, flat[] = {1, 2, 3, 3};
    double w[2], r[2], s[2], target[] = {0, 0};
    const cap_optimise_options high = {6, 0};
    cap_optimum best;
    cap_error err;
#define attempt(n, data, aim, options)                                        \
    cap_optimise_weights(n, 2, data, aim, &options, w, r, s, &best, NULL, &err)
    assert_int_equal(attempt(4, x, target, linear), CAP_ERR_INPUT);
    target[1] = -1;
    assert_int_equal(attempt(4, x, target, linear), CAP_ERR_INPUT);
    assert_int_equal(err.column, 1);
    target[1] = NAN;
    assert_int_equal(attempt(4, x, target, linear), CAP_ERR_INPUT);
    assert_int_equal(attempt(4, x, NULL, high), CAP_ERR_INPUT);
    assert_int_equal(attempt(2, flat, NULL, linear), CAP_ERR_NUMERIC);
    assert_int_equal(err.column, 1);
    assert_int_equal(attempt(1, flat, NULL, linear), CAP_ERR_INPUT);
    /* opposites: equal weights give a constant index; others match */
    assert_int_equal(attempt(4, x, NULL, linear), CAP_OK);
    near(best.objective, 0, 1e-18);
    const double half[] = {0.5, 0.5}, nothing[] = {0, 0}, bad[] = {1, -1};
    assert_int_equal(cap_importance(4, 2, x, 1, half, r, NULL),
                     CAP_ERR_NUMERIC);
    assert_int_equal(cap_importance(4, 2, x, 1, nothing, r, NULL),
                     CAP_ERR_NUMERIC);
    assert_int_equal(cap_importance(4, 2, x, 1, bad, r, NULL), CAP_ERR_INPUT);
    x[3] = INFINITY;
    assert_int_equal(attempt(4, x, NULL, linear), CAP_ERR_INPUT);
    double many[N * K];
    const cap_poll poll = {stop, NULL, NULL};
    double w5[K], r5[K], s5[K];
    table(many, 1);
    assert_int_equal(cap_optimise_weights(N, K, many, NULL, &linear, w5, r5,
                                          s5, &best, &poll, NULL),
                     CAP_ERR_INTERRUPT);
}

/* cor(x, x %*% w) of R 4.2 with the columns (1, 2, 4, 3), (2, 1, 5, 9) and
 * (7, 7, 7, 7), w = (0.2, 0.5, 0.3). */
static void correlations_with_the_index(void **state)
{
    (void)state;
    double x[] = {1, 2, 4, 3, 2, 1, 5, 9, 7, 7, 7, 7}, r[3];
    double w[] = {0.2, 0.5, 0.3}, none[] = {0, 0, 0}, bad[] = {1, -1, 0};
    assert_int_equal(cap_index_correlation(4, 3, x, w, r, NULL), CAP_OK);
    near(r[0], 0.689730494715, 5e-13);
    near(r[1], 0.994573437815, 5e-13);
    assert_true(isnan(r[2]));
    for (size_t k = 0; k < 8; k++) {
        x[k] *= 1e140; /* squares are beyond the largest number */
    }
    assert_int_equal(cap_index_correlation(4, 2, x, w, r, NULL), CAP_OK);
    near(r[0], 0.689730494715, 5e-13);
    assert_int_equal(cap_index_correlation(4, 2, x, none, r, NULL), CAP_OK);
    assert_true(isnan(r[0]) && isnan(r[1])); /* a constant index */
    assert_int_equal(cap_index_correlation(4, 2, x, bad, r, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_index_correlation(1, 2, x, w, r, NULL),
                     CAP_ERR_INPUT);
    alloc_fail_at(1);
    assert_int_equal(cap_index_correlation(4, 2, x, w, r, NULL),
                     CAP_ERR_MEMORY);
    alloc_fail_at(0);
    x[0] = NAN;
    assert_int_equal(cap_index_correlation(4, 2, x, w, r, NULL),
                     CAP_ERR_INPUT);
}

static void weights_of_scaled_columns(void **state)
{
    (void)state;
    const double x[] = {0, 10, 5, 3, 4, 5, 2, 2, 2};
    double w[] = {0.1, 0.5, 0.4}, flat[] = {1};
    cap_min_max_weights(3, 3, x, w);
    near(w[0], 0.5, 1e-15); /* 0.1 x 10 against 0.5 x 2 */
    near(w[1], 0.5, 1e-15);
    near(w[2], 0, 0);
    cap_min_max_weights(3, 1, x + 6, flat);
    assert_true(isnan(flat[0]));
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    double x[N * K], w[K], r[K], s[K];
    cap_optimum best;
    table(x, 1);
    for (size_t n = 1;; n++) {
        alloc_fail_at(n);
        cap_status status = cap_optimise_weights(N, K, x, NULL, &cubic, w, r,
                                                 s, &best, NULL, NULL);
        if (status == CAP_OK) {
            status = cap_importance(N, K, x, 1, w, r, NULL);
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
        cmocka_unit_test(the_report_is_of_the_weights),
        cmocka_unit_test(known_answers),
        cmocka_unit_test(cubic_importance_is_the_correlation_ratio),
        cmocka_unit_test(order_and_units_of_measurement),
        cmocka_unit_test(refusals),
        cmocka_unit_test(correlations_with_the_index),
        cmocka_unit_test(weights_of_scaled_columns),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
