/* Rank correlations, against pairs counted one by one.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/index/compare.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static uint32_t seed = 3;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static double rank_of(size_t n, const double *x, size_t i)
{
    double below = 0, equal = 0;
    for (size_t j = 0; j < n; j++) {
        below += x[j] < x[i];
        equal += x[j] == x[i];
    }
    return below + (equal + 1) / 2;
}

static void agrees_with_counted_pairs(void **state)
{
    (void)state;
    enum { MOST = 60 };
    for (int round = 0; round < 500; round++) {
        size_t n = 2 + draw() % (MOST - 2);
        unsigned steps = round % 2 ? 4 : 100000;
        double x[MOST], y[MOST], s = 0, xt = 0, yt = 0, xx = 0, yy = 0, xy = 0;
        cap_agreement a;
        for (size_t i = 0; i < n; i++) {
            x[i] = draw() % steps;
            y[i] = draw() % steps;
        }
        for (size_t i = 0; i < n; i++) {
            double mid = ((double)n + 1) / 2;
            double p = rank_of(n, x, i) - mid, q = rank_of(n, y, i) - mid;
            xx += p * p;
            yy += q * q;
            xy += p * q;
            for (size_t j = 0; j < i; j++) {
                double dx = (x[i] > x[j]) - (x[i] < x[j]);
                double dy = (y[i] > y[j]) - (y[i] < y[j]);
                s += dx * dy;
                xt += dx * dx;
                yt += dy * dy;
            }
        }
        assert_int_equal(cap_rank_agreement(n, x, y, NULL, &a, NULL), CAP_OK);
        assert_int_equal(a.n, n);
        if (xt > 0 && yt > 0) {
            near(a.kendall, s / sqrt(xt * yt));
            near(a.spearman, xy / sqrt(xx * yy));
        } else {
            assert_true(isnan(a.kendall) && isnan(a.spearman));
        }
    }
}

static void edges(void **state)
{
    (void)state;
    const double x[] = {1, 2, NAN, 3}, y[] = {3, NAN, 2, 1};
    const double same[] = {1, 1, 1, 1}, bad[] = {1, -HUGE_VAL, 1, 1};
    cap_agreement a;
    cap_error err;
    assert_int_equal(cap_rank_agreement(4, x, y, NULL, &a, NULL), CAP_OK);
    assert_int_equal(a.n, 2);
    near(a.kendall, -1);
    near(a.spearman, -1);
    assert_int_equal(cap_rank_agreement(4, x, x, NULL, &a, NULL), CAP_OK);
    assert_true(a.kendall == 1 && a.spearman == 1);
    assert_int_equal(cap_rank_agreement(4, x, same, NULL, &a, NULL), CAP_OK);
    assert_true(isnan(a.kendall) && isnan(a.spearman));
    assert_int_equal(cap_rank_agreement(1, x, y, NULL, &a, NULL), CAP_OK);
    assert_true(isnan(a.kendall));
    assert_int_equal(cap_rank_agreement(0, x, y, NULL, &a, NULL), CAP_OK);
    assert_int_equal(a.n, 0);
    assert_int_equal(cap_rank_agreement(4, bad, x, NULL, &a, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
}

/* Noise of rounding orders nothing, and is measured by the size given. */
static void rounding_ties(void **state)
{
    (void)state;
    const double x[] = {50, 50 + 1e-10, 70, 90}, y[] = {2, 1, 3, 4};
    const double z[] = {50, 50, 70, 90}, small[] = {1, 1}, big[] = {1e5, 1};
    double tied[4];
    cap_agreement a, b;
    cap_rank_agreement(4, x, y, NULL, &a, NULL);
    cap_rank_agreement(4, z, y, NULL, &b, NULL);
    near(a.kendall, b.kendall);
    near(a.spearman, b.spearman);
    cap_rank_agreement(4, x, y, small, &a, NULL); /* 1e-10 is above 1e-11 */
    near(a.kendall, 4.0 / 6);
    const double apart[] = {50, 50 + 1e-7, 70, 90};
    cap_rank_agreement(4, apart, y, big, &a, NULL);
    near(a.kendall, b.kendall);
    assert_int_equal(cap_tie_within(4, x, 1e-9, tied, NULL), CAP_OK);
    assert_true(tied[0] == 50 && tied[1] == 50 && tied[2] == 70);
    const double gaps[] = {NAN, 3, NAN, 3.5};
    cap_tie_within(4, gaps, 0.5, tied, NULL);
    assert_true(isnan(tied[0]) && tied[1] == 3 && tied[3] == 3);
    assert_int_equal(cap_tie_within(0, gaps, 1, tied, NULL), CAP_OK);
    assert_true(cap_largest(4, gaps) == 3.5 && cap_largest(0, gaps) == 0);
    /* R's NA is a NaN that signals, of which fmax() makes a NaN */
    const uint64_t signals = 0x7FF00000000007A2;
    double with_na[] = {2, 0};
    memcpy(&with_na[1], &signals, sizeof signals);
    assert_true(cap_largest(2, with_na) == 2);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3};
    for (size_t n = 1;; n++) {
        cap_agreement a;
        cap_error err;
        alloc_fail_at(n);
        cap_status status = cap_rank_agreement(3, x, x, NULL, &a, &err);
        if (alloc_count() < n) {
            assert_int_equal(status, CAP_OK);
            break;
        }
        assert_int_equal(status, CAP_ERR_MEMORY);
    }
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_counted_pairs),
        cmocka_unit_test(edges),
        cmocka_unit_test(rounding_ties),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
