/* Pairs of units: margins, Copeland's score, Kemeny's order. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/index/outranking.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-9)
enum { MOST = 40 };

static uint32_t seed = 11;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void random_panel(size_t n, size_t m, unsigned gaps, unsigned steps,
                         double *x, double *w)
{
    for (size_t i = 0; i < n * m; i++) {
        x[i] = draw() % 100 < gaps ? NAN : (double)(draw() % steps);
    }
    for (size_t k = 0; k < m; k++) {
        w[k] = draw() % 5 == 0 ? 0 : 0.1 + (double)(draw() % 100) / 100;
    }
    w[0] = 1;
}

static double twin(size_t n, size_t m, const double *x, const double *w,
                   size_t i, size_t j)
{
    double better = 0, both = 0;
    for (size_t k = 0; k < m; k++) {
        double a = x[i + k * n], b = x[j + k * n];
        if (!isnan(a) && !isnan(b)) {
            both += w[k];
            better += a > b ? w[k] : a == b ? w[k] / 2 : 0;
        }
    }
    return both > 0 ? 2 * better / both - 1 : 0;
}

static void margins_agree_with_the_definition(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        size_t n = 1 + draw() % MOST, m = 1 + draw() % 12;
        double x[MOST * 12], w[12], margin[MOST * MOST];
        random_panel(n, m, round % 2 ? 30 : 0, 4, x, w);
        assert_int_equal(cap_outranking(n, m, x, w, margin, NULL, NULL),
                         CAP_OK);
        for (size_t i = 0; i < n; i++) {
            assert_true(margin[i + i * n] == 0);
            for (size_t j = 0; j < i; j++) {
                near(margin[i + j * n], twin(n, m, x, w, i, j));
                assert_true(margin[i + j * n] == -margin[j + i * n]);
            }
        }
    }
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    double x[] = {1, 2, 3, HUGE_VAL}, w[] = {1, 1}, margin[4], place[2];
    int proven;
    cap_error err;
    assert_int_equal(cap_outranking(2, 2, x, w, margin, NULL, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(err.column, 1);
    w[1] = -1;
    assert_int_equal(cap_outranking(2, 2, x, w, margin, NULL, &err),
                     CAP_ERR_INPUT);
    w[1] = NAN;
    assert_int_equal(cap_outranking(2, 2, x, w, margin, NULL, &err),
                     CAP_ERR_INPUT);
    const double lopsided[] = {0, 1, 1, 0}, missing[] = {0, NAN, NAN, 0};
    assert_int_equal(cap_kemeny(2, lopsided, NULL, place, &proven, NULL, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_kemeny(2, missing, NULL, place, &proven, NULL, &err),
                     CAP_ERR_INPUT);
}

static double agreement(size_t n, const double *margin, const size_t *order)
{
    double sum = 0;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = a + 1; b < n; b++) {
            sum += margin[order[a] + order[b] * n];
        }
    }
    return sum;
}

static int next_permutation(size_t n, size_t *p)
{
    size_t i = n - 1, j = n - 1;
    while (i > 0 && p[i - 1] > p[i]) {
        i--;
    }
    if (i == 0) {
        return 0;
    }
    while (p[j] < p[i - 1]) {
        j--;
    }
    size_t t = p[j];
    p[j] = p[i - 1];
    p[i - 1] = t;
    for (j = n - 1; i < j; i++, j--) {
        t = p[i];
        p[i] = p[j];
        p[j] = t;
    }
    return 1;
}

/* Every order of up to seven units is tried. */
static void small_contests_are_solved_exactly(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        size_t n = 1 + draw() % 7, m = 1 + draw() % 5, p[7];
        double x[35], w[5], margin[49], place[7], mean[7] = {0};
        double best = -HUGE_VAL, orders = 0;
        int proven = 0;
        random_panel(n, m, round % 3 ? 0 : 20, round % 2 ? 3 : 1000, x, w);
        cap_outranking(n, m, x, w, margin, NULL, NULL);
        for (int pass = 0; pass < 2; pass++) {
            for (size_t i = 0; i < n; i++) {
                p[i] = i;
            }
            do {
                double total = agreement(n, margin, p);
                best = total > best ? total : best;
                if (pass == 1 && total > best - 1e-8) {
                    orders++;
                    for (size_t i = 0; i < n; i++) {
                        mean[p[i]] += (double)i + 1;
                    }
                }
            } while (next_permutation(n, p));
        }
        assert_int_equal(
            cap_kemeny(n, margin, NULL, place, &proven, NULL, NULL), CAP_OK);
        assert_true(proven);
        for (size_t i = 0; i < n; i++) {
            near(place[i], mean[i] / orders);
        }
    }
}

/* Condorcet's cycle: three orders are equally good. */
static void a_cycle_favours_nobody(void **state)
{
    (void)state;
    const double x[] = {3, 2, 1, 1, 3, 2, 2, 1, 3}, w[] = {1, 1, 1};
    double margin[9], place[3];
    int proven;
    cap_outranking(3, 3, x, w, margin, NULL, NULL);
    assert_int_equal(cap_kemeny(3, margin, NULL, place, &proven, NULL, NULL),
                     CAP_OK);
    for (size_t i = 0; i < 3; i++) {
        near(place[i], 2);
    }
}

/* With more units no single move may gain, and it says that it is no proof. */
static void a_search_ends_where_no_move_gains(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        size_t n = 11 + draw() % 20, order[MOST];
        double x[MOST * 6], w[6], margin[MOST * MOST], place[MOST];
        int proven = 1;
        random_panel(n, 6, 0, 1000, x, w);
        cap_outranking(n, 6, x, w, margin, NULL, NULL);
        assert_int_equal(
            cap_kemeny(n, margin, NULL, place, &proven, NULL, NULL), CAP_OK);
        assert_false(proven);
        for (size_t i = 0; i < n; i++) {
            order[(size_t)place[i] - 1] = i;
        }
        double found = agreement(n, margin, order);
        for (size_t from = 0; from < n; from++) {
            for (size_t to = 0; to < n; to++) {
                size_t moved[MOST], unit = order[from], q = 0;
                for (size_t a = 0; a < n; a++) {
                    if (q == to) {
                        moved[q++] = unit;
                    }
                    if (a != from) {
                        moved[q++] = order[a];
                    }
                }
                if (q < n) {
                    moved[q] = unit;
                }
                assert_true(agreement(n, margin, moved) <= found + 1e-8);
            }
        }
    }
}

/* One column decides alone: the order is known, however many units. */
static void a_clear_order_is_found(void **state)
{
    (void)state;
    enum { N = 35 };
    double x[N], margin[N * N], place[N];
    const double w[] = {2};
    int proven;
    for (size_t i = 0; i < N; i++) {
        x[i] = (double)((i * 12) % N);
    }
    cap_outranking(N, 1, x, w, margin, NULL, NULL);
    assert_int_equal(cap_kemeny(N, margin, NULL, place, &proven, NULL, NULL),
                     CAP_OK);
    for (size_t i = 0; i < N; i++) {
        near(place[i], N - x[i]);
    }
}

static cap_children view(size_t n, size_t m, const double *const *value,
                         const double *w)
{
    cap_children c = {
        .n_children = m, .n_rows = n, .value = value, .weight = w};
    return c;
}

static void copeland_by_hand(void **state)
{
    (void)state;
    /* The second and third are equal, the fourth has nothing. */
    const double a[] = {3, 2, 2, NAN, 1}, b[] = {1, 2, 2, NAN, NAN};
    const double *value[] = {a, b};
    const double w[] = {0.6, 0.4};
    double out[5];
    int unproven = 0;
    cap_children c = view(5, 2, value, w);
    assert_int_equal(cap_combine_copeland(&c, out, &unproven, NULL), CAP_OK);
    near(out[0], 1);
    near(out[1], 0.5); /* above one, under one */
    near(out[2], out[1]);
    assert_true(isnan(out[3]));
    near(out[4], 0);
    const char left_out[] = {0, 0, 1, 0, 0};
    c.left_out = left_out;
    assert_int_equal(cap_combine_copeland(&c, out, &unproven, NULL), CAP_OK);
    near(out[1], 0.5);
    assert_true(isnan(out[2]));
    /* one unit alone, and no rows */
    c.left_out = NULL;
    c.n_rows = 1;
    assert_int_equal(cap_combine_copeland(&c, out, &unproven, NULL), CAP_OK);
    assert_true(isnan(out[0]));
    assert_int_equal(cap_combine_kemeny(&c, out, &unproven, NULL), CAP_OK);
    assert_true(isnan(out[0]));
    c.n_rows = 0;
    assert_int_equal(cap_combine_kemeny(&c, out, &unproven, NULL), CAP_OK);
    assert_int_equal(unproven, 0);
}

/* 0.1 + 0.2 against 0.3: a tie in weight is a tie but for rounding. */
static void halves_are_ties(void **state)
{
    (void)state;
    const double x[] = {1, 0, 1, 0, 0, 1}, w[] = {0.1, 0.2, 0.3};
    double margin[4];
    cap_outranking(2, 3, x, w, margin, NULL, NULL);
    assert_true(margin[1] == 0 && margin[2] == 0);
}

/* Twelve units of four kinds: exact, and equals share their places. */
static void identical_units_are_treated_alike(void **state)
{
    (void)state;
    const double a[] = {4, 4, 4, 3, 3, 3, 2, 2, 2, 1, 1, 1};
    double b[12], out[12];
    const double *value[] = {a, b};
    const double w[] = {0.7, 0.3};
    int unproven = 0;
    for (size_t i = 0; i < 12; i++) {
        b[i] = i < 6 ? NAN : 1;
    }
    cap_children c = view(12, 2, value, w);
    assert_int_equal(cap_combine_kemeny(&c, out, &unproven, NULL), CAP_OK);
    assert_int_equal(unproven, 0);
    for (size_t i = 0; i < 12; i++) {
        near(out[i], (12 - (3 * (double)(i / 3) + 2)) / 11);
    }
    for (size_t i = 0; i < 12; i++) {
        b[i] = (double)i;
    }
    assert_int_equal(cap_combine_kemeny(&c, out, &unproven, NULL), CAP_OK);
    assert_int_equal(unproven, 1);
}

static int stop(void *context)
{
    (void)context;
    return 1;
}

static void allocations_may_fail_and_a_poll_may_stop(void **state)
{
    (void)state;
    double x[24], out[24];
    const double *value[] = {x};
    const double w[] = {1};
    const cap_poll poll = {stop, NULL, NULL};
    for (size_t i = 0; i < 24; i++) {
        x[i] = (double)i;
    }
    cap_status (*const rule[])(const cap_children *, double *, int *,
                               cap_error *) = {cap_combine_copeland,
                                               cap_combine_kemeny};
    for (size_t r = 0; r < 2; r++) {
        for (size_t rows = 5; rows < 25; rows += 19) {
            cap_children c = view(rows, 1, value, w);
            cap_error err;
            int unproven = 0;
            for (size_t n = 1;; n++) {
                alloc_fail_at(n);
                cap_status status = rule[r](&c, out, &unproven, &err);
                if (alloc_count() < n) {
                    assert_int_equal(status, CAP_OK);
                    break;
                }
                assert_int_equal(status, CAP_ERR_MEMORY);
            }
            alloc_fail_at(0);
            c.poll = &poll;
            assert_int_equal(rule[r](&c, out, &unproven, &err),
                             CAP_ERR_INTERRUPT);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(margins_agree_with_the_definition),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(small_contests_are_solved_exactly),
        cmocka_unit_test(a_cycle_favours_nobody),
        cmocka_unit_test(a_search_ends_where_no_move_gains),
        cmocka_unit_test(a_clear_order_is_found),
        cmocka_unit_test(copeland_by_hand),
        cmocka_unit_test(halves_are_ties),
        cmocka_unit_test(identical_units_are_treated_alike),
        cmocka_unit_test(allocations_may_fail_and_a_poll_may_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
