/* Shift-share: the worked example, exact sums, and the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/shift_share.h"
#include "base/sum.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 11;
static double uniform(void)
{
    seed = seed * 1664525u + 1013904223u;
    return (double)(seed >> 8) / 16777216.0;
}

enum { MOST = 40, PARTS = 3 };
static const size_t order[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                               10, 11, 12, 13, 14, 15, 16, 17, 18, 19,
                               20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
                               30, 31, 32, 33, 34, 35, 36, 37, 38, 39};

typedef struct {
    double within[MOST * PARTS], composition[MOST * PARTS];
    double interaction[MOST * PARTS], turnover[MOST * PARTS];
    double mean_from[PARTS], mean_to[PARTS];
    double se[PARTS * CAP_SHIFT_SUMS];
} store;

static cap_status split(const cap_shift_ends *ends, size_t n,
                        const size_t *member, cap_shift_form form, store *s)
{
    cap_shift_effects to = {s->within,   s->composition, s->interaction,
                            s->turnover, s->mean_from,   s->mean_to,
                            s->se};
    memset(s, 0x55, sizeof *s);
    return cap_shift_share(ends, n, member, form, &to, NULL);
}

static double total(const double *x, size_t n)
{
    cap_sum sum = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&sum, x[i]);
    }
    return cap_sum_value(&sum);
}

/* Two regions worked in exact arithmetic. */
static void worked_example(void **state)
{
    (void)state;
    const double x0[] = {20, 40, 60, 50, 80, 90};
    const double u0[] = {10, 30, 20, 60, 50, 30};
    const double x1[] = {35, 50, 70, 55, 88, 95};
    const double u1[] = {20, 45, 25, 65, 52, 33};
    const double midpoint[3][3] = {
        {8.88888888889, 10.9722222222, -2.08333333333},
        {5.95428571429, 6.05571428571, -0.101428571429},
        {5.10833333333, 7.72083333333, -2.6125}};
    const double error[] = {1.01992047172, 0.964449070809, 0.985692388605};
    const cap_shift_ends ends = {6, 1, x0, x1, u0, u1};
    const size_t first[] = {0, 3, 0}, size[] = {3, 3, 6};
    store s;
    for (size_t g = 0; g < 3; g++) {
        assert_int_equal(
            split(&ends, size[g], order + first[g], CAP_SHIFT_MIDPOINT, &s),
            CAP_OK);
        near(s.mean_to[0] - s.mean_from[0], midpoint[g][0], 6e-12);
        near(total(s.within, size[g]), midpoint[g][1], 6e-11);
        near(total(s.composition, size[g]), midpoint[g][2], 6e-12);
        near(total(s.interaction, size[g]), 0, 0);
        near(total(s.turnover, size[g]), 0, 0);
        near(s.se[CAP_SHIFT_CHANGE], error[g], 6e-12);
        near(s.se[CAP_SHIFT_TURNOVER], 0, 0);
    }
    split(&ends, 3, order, CAP_SHIFT_LASPEYRES, &s);
    near(total(s.within, 3), 10.8333333333, 6e-11);
    near(total(s.composition, 3), -2.22222222222, 6e-12);
    near(total(s.interaction, 3), 0.277777777778, 6e-13);
    split(&ends, 6, order, CAP_SHIFT_LASPEYRES, &s);
    near(total(s.within, 6), 7.5, 1e-12);
    near(total(s.composition, 6), -2.83333333333, 6e-12);
    near(total(s.interaction, 6), 0.441666666667, 6e-13);
}

/* Any gaps, both forms: effects add up over units and parts to the change of
 * the means of what is present at each end. */
static void everything_adds_up(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        double x0[MOST * PARTS], x1[MOST * PARTS], u0[MOST], u1[MOST];
        size_t n = 2 + (size_t)(uniform() * 38), both = 0;
        double sum[4] = {0, 0, 0, 0};
        for (size_t i = 0; i < n; i++) {
            u0[i] = uniform() < 0.1 ? NAN : 1e9 * uniform() * uniform();
            u1[i] = uniform() < 0.1 ? 0 : 1e9 * uniform() * uniform();
            int gone0 = uniform() < 0.1, gone1 = uniform() < 0.1;
            for (size_t p = 0; p < PARTS; p++) {
                x0[i + p * n] = gone0 ? NAN : 100 * uniform();
                x1[i + p * n] = gone1 ? NAN : 100 * uniform();
            }
            /* the first column is the sum of the others */
            x0[i] = x0[i + n] + x0[i + 2 * n];
            x1[i] = x1[i + n] + x1[i + 2 * n];
            int at0 = u0[i] > 0 && !gone0, at1 = u1[i] > 0 && !gone1;
            sum[0] += at0 ? u0[i] : 0;
            sum[1] += at0 ? u0[i] * x0[i] : 0;
            sum[2] += at1 ? u1[i] : 0;
            sum[3] += at1 ? u1[i] * x1[i] : 0;
            both += at0 && at1 ? 1 : 0;
        }
        const cap_shift_ends ends = {n, PARTS, x0, x1, u0, u1};
        for (int form = 0; form < 2; form++) {
            store s;
            assert_int_equal(split(&ends, n, order, (cap_shift_form)form, &s),
                             CAP_OK);
            if (both == 0) {
                assert_true(isnan(s.within[0]) && isnan(s.turnover[0]));
                continue;
            }
            near(s.mean_from[0], sum[1] / sum[0], 1e-11);
            near(s.mean_to[0], sum[3] / sum[2], 1e-11);
            double parts = 0;
            for (size_t p = 0; p < PARTS; p++) {
                double all = total(s.within + p * n, n) +
                             total(s.composition + p * n, n) +
                             total(s.interaction + p * n, n) +
                             total(s.turnover + p * n, n);
                near(all, s.mean_to[p] - s.mean_from[p], 1e-12 * 100);
                parts += p > 0 ? all : 0;
            }
            near(parts, s.mean_to[0] - s.mean_from[0], 1e-12 * 100);
        }
    }
}

/* The five sums of a part. */
static void sums_of(const store *s, size_t n, size_t part, double *sum)
{
    const double *effect[] = {s->within, s->composition, s->interaction,
                              s->turnover};
    sum[0] = s->mean_to[part] - s->mean_from[part];
    for (size_t k = 0; k < 4; k++) {
        sum[k + 1] = total(effect[k] + part * n, n);
    }
}

/* A linearised term is what a sum gains when the unit counts for a little
 * more at both ends: by difference quotients. */
static void errors_agree_with_derivatives(void **state)
{
    (void)state;
    for (int round = 0; round < 60; round++) {
        double x0[MOST * PARTS], x1[MOST * PARTS], u0[MOST], u1[MOST];
        size_t n = 3 + (size_t)(uniform() * 20), both = 0, either = 0;
        for (size_t i = 0; i < n; i++) {
            int leaves = i > 2 && uniform() < 0.2;
            int enters = i > 2 && !leaves && uniform() < 0.2;
            u0[i] = enters ? 0 : 1 + uniform();
            u1[i] = leaves ? 0 : 1 + uniform();
            both += !leaves && !enters;
            either++;
            for (size_t p = 0; p < PARTS; p++) {
                x0[i + p * n] = uniform();
                x1[i + p * n] = leaves ? NAN : uniform();
            }
        }
        const cap_shift_ends ends = {n, PARTS, x0, x1, u0, u1};
        for (int form = 0; form < 2; form++) {
            double square[PARTS * CAP_SHIFT_SUMS] = {0};
            const double step = 1e-5;
            store s;
            for (size_t i = 0; i < n; i++) {
                double v0 = u0[i], v1 = u1[i], up[5], down[5];
                store high, low;
                u0[i] = v0 * (1 + step);
                u1[i] = v1 * (1 + step);
                split(&ends, n, order, (cap_shift_form)form, &high);
                u0[i] = v0 * (1 - step);
                u1[i] = v1 * (1 - step);
                split(&ends, n, order, (cap_shift_form)form, &low);
                u0[i] = v0;
                u1[i] = v1;
                for (size_t p = 0; p < PARTS; p++) {
                    sums_of(&high, n, p, up);
                    sums_of(&low, n, p, down);
                    for (size_t k = 0; k < CAP_SHIFT_SUMS; k++) {
                        double z = (up[k] - down[k]) / (2 * step);
                        square[p + k * PARTS] += z * z;
                    }
                }
            }
            split(&ends, n, order, (cap_shift_form)form, &s);
            for (size_t p = 0; p < PARTS; p++) {
                for (size_t k = 0; k < CAP_SHIFT_SUMS; k++) {
                    int of_all =
                        k == CAP_SHIFT_CHANGE || k == CAP_SHIFT_TURNOVER;
                    double m = (double)(of_all ? either : both);
                    near(s.se[p + k * PARTS],
                         sqrt(m / (m - 1) * square[p + k * PARTS]), 1e-8);
                }
            }
        }
    }
}

static void users_that_do_not_move_compose_nothing(void **state)
{
    (void)state;
    const double x0[] = {1, 2, 3}, x1[] = {4, 4, 4}, u[] = {1, 5, 2};
    const double twice[] = {2, 10, 4};
    cap_shift_ends ends = {3, 1, x0, x1, u, twice};
    store s;
    split(&ends, 3, order, CAP_SHIFT_MIDPOINT, &s);
    near(total(s.composition, 3), 0, 1e-16);
    near(total(s.within, 3), 4 - 17.0 / 8, 1e-15);
    ends.users_from = ends.users_to = NULL; /* one each: simple means */
    split(&ends, 3, order, CAP_SHIFT_MIDPOINT, &s);
    near(s.mean_from[0], 2, 1e-15);
    near(total(s.within, 3), 2, 1e-15);
}

static void entry_and_exit(void **state)
{
    (void)state;
    const double x0[] = {10, 20, NAN}, x1[] = {10, NAN, 40};
    const cap_shift_ends ends = {3, 1, x0, x1, NULL, NULL};
    store s;
    split(&ends, 3, order, CAP_SHIFT_MIDPOINT, &s);
    near(s.within[0], 0, 0);
    near(s.turnover[0], 0, 0);
    near(s.turnover[1], -5, 1e-15); /* half the weight, ten above */
    near(s.turnover[2], 15, 1e-15);
    near(s.mean_to[0] - s.mean_from[0], 10, 1e-15);
    assert_true(isnan(s.se[CAP_SHIFT_WITHIN])); /* one unit at both ends */
    assert_true(s.se[CAP_SHIFT_TURNOVER] > 0);
}

static void nothing_in_common(void **state)
{
    (void)state;
    const double x0[] = {10, NAN}, x1[] = {NAN, 40}, none[] = {0, 0};
    cap_shift_ends ends = {2, 1, x0, x1, NULL, NULL};
    store s;
    assert_int_equal(split(&ends, 2, order, CAP_SHIFT_MIDPOINT, &s), CAP_OK);
    near(s.mean_from[0], 10, 0);
    near(s.mean_to[0], 40, 0);
    assert_true(isnan(s.within[0]) && isnan(s.composition[1]) &&
                isnan(s.interaction[0]) && isnan(s.turnover[1]));
    assert_true(s.se[CAP_SHIFT_CHANGE] > 0 || s.se[CAP_SHIFT_CHANGE] == 0);
    assert_true(isnan(s.se[CAP_SHIFT_WITHIN]) &&
                isnan(s.se[CAP_SHIFT_TURNOVER]));
    ends.users_from = ends.users_to = none;
    split(&ends, 2, order, CAP_SHIFT_MIDPOINT, &s);
    assert_true(isnan(s.mean_from[0]) && isnan(s.mean_to[0]));
    assert_int_equal(split(&ends, 0, order, CAP_SHIFT_MIDPOINT, &s), CAP_OK);
    assert_true(isnan(s.mean_from[0]));
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double x[] = {1, HUGE_VAL}, u[] = {1, 1}, bad[] = {1, -1};
    const double big[] = {1, 1e101};
    cap_shift_ends ends = {2, 1, x, u, u, u};
    store s;
    assert_int_equal(split(&ends, 2, order, CAP_SHIFT_MIDPOINT, &s),
                     CAP_ERR_INPUT);
    assert_int_equal(split(&ends, 1, order, CAP_SHIFT_MIDPOINT, &s), CAP_OK);
    assert_int_equal(split(&ends, 1, order + 2, CAP_SHIFT_MIDPOINT, &s),
                     CAP_ERR_INPUT);
    ends.score_from = u;
    ends.users_to = bad;
    assert_int_equal(split(&ends, 2, order, CAP_SHIFT_MIDPOINT, &s),
                     CAP_ERR_INPUT);
    ends.users_to = big;
    assert_int_equal(split(&ends, 2, order, CAP_SHIFT_MIDPOINT, &s),
                     CAP_ERR_INPUT);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const double x[] = {1, 2}, y[] = {3, 4};
    const cap_shift_ends ends = {2, 1, x, y, NULL, NULL};
    cap_status status = CAP_ERR_MEMORY;
    size_t n = 0;
    store s;
    while (status != CAP_OK) {
        alloc_fail_at(++n);
        status = split(&ends, 2, order, CAP_SHIFT_MIDPOINT, &s);
        alloc_fail_at(0);
        assert_true(status == CAP_OK || status == CAP_ERR_MEMORY);
        assert_true(n < 100);
    }
    assert_int_equal(n, 3);
    near(total(s.within, 2), 2, 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(everything_adds_up),
        cmocka_unit_test(errors_agree_with_derivatives),
        cmocka_unit_test(users_that_do_not_move_compose_nothing),
        cmocka_unit_test(entry_and_exit),
        cmocka_unit_test(nothing_in_common),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
