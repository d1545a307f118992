/* Rounding, shares and words: the small rules that everything else names. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/names.h"
#include "base/rounding.h"
#include "base/tolerance.h"

#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))

static void halves_are_rounded_away_from_zero(void **state)
{
    (void)state;
    const struct {
        double x;
        int digits;
        double rounded;
    } cases[] = {
        {0.5, 0, 1},        {-0.5, 0, -1},      {2.5, 0, 3},
        {0.4999, 0, 0},     {2.675, 2, 2.68},   {1.005, 2, 1.01},
        {-1.005, 2, -1.01}, {94.95, 1, 95},     {94.94999, 1, 94.9},
        {1250, -2, 1300},   {-1249, -2, -1200}, {0, 3, 0},
        {1e15, 0, 1e15},
    };
    for (size_t k = 0; k < LENGTH(cases); k++) {
        double found = cap_round_decimals(cases[k].x, cases[k].digits);
        assert_true(fabs(found - cases[k].rounded) <=
                    1e-12 * fabs(cases[k].rounded));
    }
    assert_true(signbit(cap_round_decimals(-0.01, 1)));
    assert_true(isnan(cap_round_decimals(NAN, 1)));
    assert_true(cap_round_decimals(-INFINITY, 1) == -INFINITY);
    assert_true(cap_round_half_up(-0.5) == 0 && cap_round_half_up(0.5) == 1);
}

static void shares_are_none_part_or_whole(void **state)
{
    (void)state;
    const double share[] = {0,         5e-10, 2e-9, 0.5, 1 - 2e-9,
                            1 - 5e-10, 1,     1.2,  -0.1};
    const char *const words[] = {"none",  "none",  "part",  "part", "part",
                                 "whole", "whole", "whole", "none"};
    for (size_t k = 0; k < LENGTH(share); k++) {
        assert_string_equal(
            cap_name_of(cap_share_states, (int)cap_share_state_of(share[k])),
            words[k]);
    }
}

static void words_are_found_both_ways(void **state)
{
    (void)state;
    assert_int_equal(cap_name_find(cap_share_states, "part")->value,
                     CAP_SHARE_PART);
    assert_null(cap_name_find(cap_share_states, "Part"));
    assert_null(cap_name_find(cap_share_states, ""));
    assert_null(cap_name_of(cap_share_states, 3));
}

static void tolerances_have_names_of_their_own(void **state)
{
    (void)state;
    size_t n = 0;
    for (; cap_tolerance_at(n) != NULL; n++) {
        const cap_tolerance *one = cap_tolerance_at(n);
        assert_true(one->value > 0 && one->value < 1e-4);
        for (size_t k = 0; k < n; k++) {
            assert_true(strcmp(cap_tolerance_at(k)->name, one->name) != 0);
        }
    }
    assert_true(n > 5);
    assert_true(cap_tolerance_at(0)->value == CAP_BOUND_SLACK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(halves_are_rounded_away_from_zero),
        cmocka_unit_test(shares_are_none_part_or_whole),
        cmocka_unit_test(words_are_found_both_ways),
        cmocka_unit_test(tolerances_have_names_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
