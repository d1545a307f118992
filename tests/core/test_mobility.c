/* Transitions, Shorrocks' index and correlations with intervals. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/trend/mobility.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

/* Ten units a row of [[.7,.2,.1],[.1,.7,.2],[0,.3,.7]]: 0.45. */
static void worked_example(void **state)
{
    (void)state;
    const size_t want[3][3] = {{7, 2, 1}, {1, 7, 2}, {0, 3, 7}};
    size_t from[31], to[31], n = 0;
    double count[9], share[9], shorrocks;
    for (size_t a = 0; a < 3; a++) {
        for (size_t b = 0; b < 3; b++) {
            for (size_t i = 0; i < want[a][b]; i++) {
                from[n] = a;
                to[n++] = b;
            }
        }
    }
    from[n] = 0;
    to[n++] = CAP_NOWHERE; /* left out */
    assert_int_equal(
        cap_transitions(n, 3, from, to, count, share, &shorrocks, NULL),
        CAP_OK);
    near(shorrocks, 0.45, 1e-15);
    for (size_t a = 0; a < 3; a++) {
        for (size_t b = 0; b < 3; b++) {
            near(count[a + 3 * b], (double)want[a][b], 0);
            near(share[a + 3 * b], (double)want[a][b] / 10, 1e-15);
        }
    }
}

static void transitions_at_the_edges(void **state)
{
    (void)state;
    const size_t from[] = {0, 0, 2}, to[] = {0, 0, 2}, off[] = {0, 3, 1};
    double count[9], share[9], s;
    cap_transitions(3, 3, from, to, count, share, &s, NULL);
    near(s, 0, 0); /* nobody moves; the empty class does not count */
    assert_true(isnan(share[1]));
    cap_transitions(2, 3, from, to, count, share, &s, NULL);
    assert_true(isnan(s)); /* one class */
    cap_transitions(0, 3, from, to, count, share, &s, NULL);
    assert_true(isnan(s) && isnan(share[0]));
    near(count[0], 0, 0);
    assert_int_equal(cap_transitions(3, 3, from, off, count, share, &s, NULL),
                     CAP_ERR_INPUT);
}

static void correlations_by_hand(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, NAN, 6}, y[] = {2, 1, 4, 3, 5, 9, 6};
    cap_association f;
    assert_int_equal(cap_association_test(7, x, y, NULL, 0.95, &f, NULL),
                     CAP_OK);
    assert_int_equal(f.n, 6);
    near(f.spearman.estimate, 1 - 6.0 * 4 / (6 * 35), 1e-15);
    near(f.pearson.estimate, f.spearman.estimate, 1e-15); /* ranks */
    near(f.kendall.estimate, 11.0 / 15, 1e-15);
    const double z = 1.959963984540054, r = f.spearman.estimate;
    near(f.pearson.low, tanh(atanh(r) - z / sqrt(3)), 1e-12);
    near(f.spearman.high, tanh(atanh(r) + z * sqrt((1 + r * r / 2) / 3)),
         1e-12);
    near(f.kendall.low, tanh(atanh(11.0 / 15) - z * sqrt(0.437 / 2)), 1e-12);
}

static void correlations_at_the_edges(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4}, flat[] = {5, 5, 5, 5}, y[] = {1, 3, 2, 4};
    const double inf[] = {1, HUGE_VAL, 2, 3};
    cap_association f;
    cap_association_test(4, x, x, NULL, 0.95, &f, NULL);
    near(f.pearson.estimate, 1, 0);
    assert_true(isnan(f.pearson.low) && isnan(f.kendall.high));
    cap_association_test(4, x, y, NULL, 0.95, &f, NULL);
    assert_true(f.spearman.low < f.spearman.estimate);
    assert_true(isnan(f.kendall.low)); /* n - 4 = 0 */
    cap_association_test(3, x, y, NULL, 0.95, &f, NULL);
    assert_true(isnan(f.pearson.low) && !isnan(f.pearson.estimate));
    cap_association_test(4, x, flat, NULL, 0.95, &f, NULL);
    assert_int_equal(f.n, 4);
    assert_true(isnan(f.pearson.estimate) && isnan(f.kendall.estimate));
    cap_association_test(0, x, y, NULL, 0.95, &f, NULL);
    assert_int_equal(f.n, 0);
    assert_int_equal(cap_association_test(4, x, inf, NULL, 0.95, &f, NULL),
                     CAP_ERR_INPUT);
    assert_int_equal(cap_association_test(4, x, y, NULL, 1, &f, NULL),
                     CAP_ERR_INPUT);
    alloc_fail_at(1);
    assert_int_equal(cap_association_test(4, x, y, NULL, 0.9, &f, NULL),
                     CAP_ERR_MEMORY);
    alloc_fail_at(0);
}

static void classes_of_equal_size(void **state)
{
    (void)state;
    const double x[] = {10, 40, 20, NAN, 30, 50, 60}, flat[] = {1, 1, 1};
    const size_t want[] = {2, 1, 2, CAP_NOWHERE, 1, 0, 0};
    size_t class[7];
    assert_int_equal(cap_equal_classes(7, x, 3, class, NULL), CAP_OK);
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(class[i], want[i]);
    }
    const double noise[] = {10, 10 + 1e-12, 20, 20}; /* equals stay together */
    cap_equal_classes(4, noise, 2, class, NULL);
    assert_true(class[0] == 1 && class[1] == 1 && class[2] == 0);
    cap_equal_classes(3, flat, 3, class, NULL);
    assert_true(class[0] == 2 && class[2] == 2);
    cap_equal_classes(1, flat, 5, class, NULL);
    assert_int_equal(class[0], 4);
    assert_int_equal(cap_equal_classes(0, flat, 5, class, NULL), CAP_OK);
    for (size_t n = 1;; n++) {
        alloc_fail_at(n);
        cap_status status = cap_equal_classes(7, x, 3, class, NULL);
        if (alloc_count() < n) {
            break;
        }
        assert_int_equal(status, CAP_ERR_MEMORY);
    }
    alloc_fail_at(0);
}

static void rank_shifts_by_hand(void **state)
{
    (void)state;
    enum { DRAWS = 20 };
    double from[2 * DRAWS], to[2 * DRAWS];
    for (size_t r = 0; r < DRAWS; r++) { /* unit 0: 20 .. 1, then 10 or 11 */
        from[2 * r] = (double)(DRAWS - r);
        to[2 * r] = r < 5 ? 11 : 10;
        from[2 * r + 1] = NAN;
        to[2 * r + 1] = 3;
    }
    to[2 * 19] = NAN; /* the draw of 1 is left out: 2 .. 20 */
    cap_rank_shift s[2];
    assert_int_equal(cap_rank_shifts(2, DRAWS, from, to, 0.9, s, NULL),
                     CAP_OK);
    /* 5 % of 19 is 0.95, so the first; 95 % is 18.05, so the last */
    assert_true(s[0].from_low == 2 && s[0].from_high == 20);
    assert_true(s[0].to_low == 10 && s[0].to_high == 11);
    near(s[0].nearer, 10.0 / 19,
         1e-15); /* 20 .. 16 over 11; 15 .. 11 over 10 */
    near(s[0].further, 8.0 / 19, 1e-15); /* 9 .. 2 under 10 */
    assert_true(isnan(s[1].from_low) && isnan(s[1].nearer));
    alloc_fail_at(2);
    assert_int_equal(cap_rank_shifts(2, DRAWS, from, to, 0.9, s, NULL),
                     CAP_ERR_MEMORY);
    alloc_fail_at(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worked_example),
        cmocka_unit_test(transitions_at_the_edges),
        cmocka_unit_test(correlations_by_hand),
        cmocka_unit_test(correlations_at_the_edges),
        cmocka_unit_test(classes_of_equal_size),
        cmocka_unit_test(rank_shifts_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
