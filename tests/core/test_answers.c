/* From a long table to a matrix. */
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/framework/answers.h"

static const int row[] = {1, 0, 1, 1}, column[] = {0, 2, 2, 0};
static const double value[] = {0.25, 0.5, NAN, 0.75};
static const int source[] = {2, 1, 3, 9};

static void cells_find_their_place(void **state)
{
    (void)state;
    double m[6];
    int sources[6] = {0}, repeated[4];
    size_t n = 99;
    assert_int_equal(cap_answers_place(4, row, column, value, source, 2, 3, m,
                                       sources, repeated, &n, NULL, NULL),
                     CAP_OK);
    assert_true(isnan(m[0]) && isnan(m[2]) && isnan(m[3]) && isnan(m[5]));
    assert_true(fabs(m[1] - 0.25) < 1e-15); /* the first of two, not 0.75 */
    assert_true(fabs(m[4] - 0.5) < 1e-15);
    const int expected_sources[] = {0, 2, 0, 0, 1, 3};
    const int expected_repeated[] = {0, 0, 0, 1};
    assert_memory_equal(sources, expected_sources, sizeof sources);
    assert_memory_equal(repeated, expected_repeated, sizeof repeated);
    assert_int_equal(n, 1);
}

static void a_missing_value_takes_its_place(void **state)
{
    (void)state;
    const int at[] = {0, 0}, zero[] = {0, 0};
    const double v[] = {NAN, 1};
    double m[1];
    int repeated[2];
    size_t n;
    assert_int_equal(cap_answers_place(2, at, zero, v, NULL, 1, 1, m, NULL,
                                       repeated, &n, NULL, NULL),
                     CAP_OK);
    assert_int_equal(n, 1);
    assert_true(isnan(m[0]));
}

static void no_cells_and_no_matrix(void **state)
{
    (void)state;
    double m[2] = {5, 5};
    int repeated[1];
    size_t n = 7;
    assert_int_equal(cap_answers_place(0, row, column, value, NULL, 2, 1, m,
                                       NULL, repeated, &n, NULL, NULL),
                     CAP_OK);
    assert_true(isnan(m[0]) && isnan(m[1]));
    assert_int_equal(n, 0);
    assert_int_equal(cap_answers_place(0, row, column, value, NULL, 0, 0, m,
                                       NULL, repeated, &n, NULL, NULL),
                     CAP_OK);
    cap_error err;
    assert_int_equal(cap_answers_place(1, row, column, value, NULL, 0, 3, m,
                                       NULL, repeated, &n, NULL, &err),
                     CAP_ERR_INPUT);
}

static void cells_outside_are_refused(void **state)
{
    (void)state;
    const int bad[][2] = {{2, 0},  {-1, 0},      {0, 3},
                          {0, -1}, {INT_MIN, 0}, {0, INT_MAX}};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        int r[] = {0, bad[k][0]}, c[] = {0, bad[k][1]}, repeated[2];
        double m[6];
        size_t n;
        cap_error err;
        assert_int_equal(cap_answers_place(2, r, c, value, NULL, 2, 3, m, NULL,
                                           repeated, &n, NULL, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(err.status, CAP_ERR_INPUT);
        assert_int_equal(err.row, 1);
    }
}

static int always(void *context)
{
    (void)context;
    return 1;
}

static void a_poll_stops_the_work(void **state)
{
    (void)state;
    const cap_poll poll = {always, NULL, NULL};
    double m[6];
    int repeated[4];
    size_t n;
    cap_error err;
    assert_int_equal(cap_answers_place(4, row, column, value, NULL, 2, 3, m,
                                       NULL, repeated, &n, &poll, &err),
                     CAP_ERR_INTERRUPT);
    assert_int_equal(err.status, CAP_ERR_INTERRUPT);
}

/* Any order of different cells gives the same matrix. */
static void order_does_not_matter(void **state)
{
    (void)state;
    enum { ROWS = 17, COLUMNS = 9, N = ROWS * COLUMNS };
    int r[N], c[N], repeated[N];
    double v[N], m[N];
    uint32_t seed = 3;
    size_t n;
    for (int i = 0; i < N; i++) {
        r[i] = i % ROWS;
        c[i] = i / ROWS;
        v[i] = i;
    }
    for (size_t i = N; i-- > 1;) {
        seed = seed * 1664525u + 1013904223u;
        size_t j = (seed >> 8) % (i + 1);
        int a = r[i], b = c[i];
        double w = v[i];
        r[i] = r[j], c[i] = c[j], v[i] = v[j];
        r[j] = a, c[j] = b, v[j] = w;
    }
    assert_int_equal(cap_answers_place(N, r, c, v, NULL, ROWS, COLUMNS, m,
                                       NULL, repeated, &n, NULL, NULL),
                     CAP_OK);
    assert_int_equal(n, 0);
    for (int i = 0; i < N; i++) {
        assert_true(fabs(m[i] - i) < 1e-15);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    double m[6];
    int repeated[4];
    size_t count, n = 0;
    cap_status status = CAP_ERR_MEMORY;
    while (status != CAP_OK) {
        cap_error err;
        alloc_fail_at(++n);
        status = cap_answers_place(4, row, column, value, NULL, 2, 3, m, NULL,
                                   repeated, &count, NULL, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 100);
    }
    assert_true(n > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_find_their_place),
        cmocka_unit_test(a_missing_value_takes_its_place),
        cmocka_unit_test(no_cells_and_no_matrix),
        cmocka_unit_test(cells_outside_are_refused),
        cmocka_unit_test(a_poll_stops_the_work),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
