/* Implied weights: exact recovery, bounds, faulty rows, items that the rows
 * cannot tell apart, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc_hook.h"
#include "core/weights/implied_weights.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

enum { ROWS = 40, ITEMS = 4 };

static double x[ROWS * ITEMS], y[ROWS], weight[ITEMS], residual[ROWS];
static int aside[ROWS], unclear[ITEMS];
static cap_implied_report report;
static cap_error err;

/* Shares on an uneven grid, and scores by the given weights. */
static void fill(const double *truth)
{
    uint32_t state = 12345;
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = 0;
        for (size_t k = 0; k < ITEMS; k++) {
            state = state * 1664525u + 1013904223u;
            x[i + k * ROWS] = (double)(state >> 22) / 1023;
            y[i] += truth[k] * x[i + k * ROWS];
        }
    }
}

static cap_status solve(size_t n, size_t p, double total)
{
    return cap_implied_weights(n, p, x, y, total, NULL, weight, residual,
                               aside, unclear, &report, NULL, &err);
}

static void weights_are_recovered(void **state)
{
    const double truth[ITEMS] = {9, 1, 4, 6};
    (void)state;
    fill(truth);
    assert_int_equal(solve(ROWS, ITEMS, 20), CAP_OK);
    for (size_t k = 0; k < ITEMS; k++) {
        near(weight[k], truth[k], 1e-12);
        assert_int_equal(unclear[k], 0);
    }
    assert_int_equal(report.n_aside, 0);
    assert_int_equal(report.n_used, ROWS);
    assert_int_equal(report.rank, ITEMS);
    assert_true(report.condition >= 1 && report.condition < 10);
    assert_true(report.largest < 1e-12);
}

static void zero_weights_are_recovered(void **state)
{
    const double truth[ITEMS] = {0, 12, 0, 8};
    (void)state;
    fill(truth);
    assert_int_equal(solve(ROWS, ITEMS, 20), CAP_OK);
    for (size_t k = 0; k < ITEMS; k++) {
        near(weight[k], truth[k], 1e-12);
    }
}

/* Scores that only a negative weight would explain: the result must meet the
 * Kuhn-Tucker conditions of the bounded problem. */
static void bounds_hold_and_are_optimal(void **state)
{
    const double truth[ITEMS] = {15, -5, 6, 4};
    cap_implied_options no_trim = {1e9, 0};
    double gradient[ITEMS] = {0}, sum = 0, level = -INFINITY;
    (void)state;
    fill(truth);
    assert_int_equal(cap_implied_weights(ROWS, ITEMS, x, y, 20, &no_trim,
                                         weight, residual, aside, unclear,
                                         &report, NULL, &err),
                     CAP_OK);
    for (size_t k = 0; k < ITEMS; k++) {
        assert_true(weight[k] >= 0);
        sum += weight[k];
        for (size_t i = 0; i < ROWS; i++) {
            gradient[k] += residual[i] * x[i + k * ROWS];
        }
        level = weight[k] > 0 && gradient[k] > level ? gradient[k] : level;
    }
    near(sum, 20, 1e-12);
    assert_true(weight[1] == 0);
    for (size_t k = 0; k < ITEMS; k++) {
        if (weight[k] > 0) {
            near(gradient[k], level, 1e-9);
        } else {
            assert_true(gradient[k] <= level + 1e-9);
        }
    }
}

static void faulty_rows_are_set_aside(void **state)
{
    const double truth[ITEMS] = {9, 1, 4, 6};
    (void)state;
    fill(truth);
    y[7] /= 20;
    y[30] += 3;
    assert_int_equal(solve(ROWS, ITEMS, 20), CAP_OK);
    assert_int_equal(report.n_aside, 2);
    assert_true(aside[7] > 0 && aside[30] > 0);
    for (size_t i = 0; i < ROWS; i++) {
        assert_true((aside[i] > 0) == (i == 7 || i == 30));
    }
    for (size_t k = 0; k < ITEMS; k++) {
        near(weight[k], truth[k], 1e-12);
    }
    near(residual[30], 3, 1e-11);
}

static void items_that_move_together_are_named(void **state)
{
    const double truth[ITEMS] = {9, 1, 4, 6};
    (void)state;
    fill(truth);
    for (size_t i = 0; i < ROWS; i++) {
        y[i] += 4 * (x[i] - x[i + 2 * ROWS]);
        x[i + 2 * ROWS] = x[i];
    }
    assert_int_equal(solve(ROWS, ITEMS, 20), CAP_OK);
    assert_int_equal(report.rank, ITEMS - 1);
    assert_true(unclear[0] && unclear[2] && !unclear[1] && !unclear[3]);
    near(weight[0], 6.5, 1e-10);
    near(weight[2], 6.5, 1e-10);
    near(weight[3], 6, 1e-10);
}

static void few_rows_and_one_item(void **state)
{
    const double truth[ITEMS] = {5, 5, 5, 5};
    (void)state;
    fill(truth);
    /* one row: nothing is determined but the total */
    memmove(x + 1, x + ROWS, sizeof *x);
    memmove(x + 2, x + 2 * ROWS, sizeof *x);
    memmove(x + 3, x + 3 * ROWS, sizeof *x);
    assert_int_equal(solve(1, ITEMS, 20), CAP_OK);
    near(weight[0] + weight[1] + weight[2] + weight[3], 20, 1e-12);
    assert_int_equal(report.rank, 2);
    y[0] = 20 * x[0];
    assert_int_equal(solve(1, 1, 20), CAP_OK);
    assert_true(weight[0] >= 20 && weight[0] <= 20);
    assert_int_equal(report.rank, 1);
}

static void missing_rows_are_left_out(void **state)
{
    const double truth[ITEMS] = {9, 1, 4, 6};
    (void)state;
    fill(truth);
    x[3] = NAN;
    y[5] = NAN;
    assert_int_equal(solve(ROWS, ITEMS, 20), CAP_OK);
    assert_int_equal(report.n_used, ROWS - 2);
    assert_true(isnan(residual[3]) && isnan(residual[5]));
    near(weight[0], 9, 1e-12);
}

static void bad_input_is_refused(void **state)
{
    const double truth[ITEMS] = {9, 1, 4, 6};
    (void)state;
    fill(truth);
    assert_int_equal(solve(0, ITEMS, 20), CAP_ERR_INPUT);
    assert_int_equal(solve(ROWS, 0, 20), CAP_ERR_INPUT);
    assert_int_equal(solve(ROWS, ITEMS, 0), CAP_ERR_INPUT);
    assert_int_equal(solve(ROWS, ITEMS, NAN), CAP_ERR_INPUT);
    assert_int_equal(solve(ROWS, ITEMS, INFINITY), CAP_ERR_INPUT);
    x[2] = INFINITY;
    assert_int_equal(solve(ROWS, ITEMS, 20), CAP_ERR_INPUT);
    assert_int_equal(err.row, 2);
    for (size_t i = 0; i < ROWS; i++) {
        x[i] = NAN;
    }
    assert_int_equal(solve(ROWS, ITEMS, 20), CAP_ERR_NUMERIC);
}

/* Scores of a rule that is not a weighted sum. */
static void scores_without_weights_are_refused(void **state)
{
    const double truth[ITEMS] = {9, 1, 4, 6};
    cap_implied_options strict = {1e-12, 1e-3};
    (void)state;
    fill(truth);
    for (size_t i = 0; i < ROWS; i++) {
        y[i] = 20 * x[i] * x[i + ROWS] * x[i + 2 * ROWS] + (double)(i % 7);
    }
    assert_int_equal(cap_implied_weights(ROWS, ITEMS, x, y, 20, &strict,
                                         weight, residual, aside, unclear,
                                         &report, NULL, &err),
                     CAP_ERR_NUMERIC);
}

static int stop(void *context)
{
    (void)context;
    return 1;
}

static void poll_and_memory(void **state)
{
    const double truth[ITEMS] = {9, 1, 4, 6};
    cap_poll poll = {stop, NULL, NULL};
    cap_status status = CAP_ERR_MEMORY;
    (void)state;
    fill(truth);
    assert_int_equal(cap_implied_weights(ROWS, ITEMS, x, y, 20, NULL, weight,
                                         residual, aside, unclear, &report,
                                         &poll, &err),
                     CAP_ERR_INTERRUPT);
    for (size_t n = 1; status == CAP_ERR_MEMORY; n++) {
        alloc_fail_at(n);
        status = solve(ROWS, ITEMS, 20);
        assert_true(n < 100);
    }
    alloc_fail_at(0);
    assert_int_equal(status, CAP_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_recovered),
        cmocka_unit_test(zero_weights_are_recovered),
        cmocka_unit_test(bounds_hold_and_are_optimal),
        cmocka_unit_test(faulty_rows_are_set_aside),
        cmocka_unit_test(items_that_move_together_are_named),
        cmocka_unit_test(few_rows_and_one_item),
        cmocka_unit_test(missing_rows_are_left_out),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(scores_without_weights_are_refused),
        cmocka_unit_test(poll_and_memory),
    };
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
