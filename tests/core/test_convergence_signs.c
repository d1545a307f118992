/* Speed of convergence, and floors of p. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/trend/convergence_signs.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static void speeds(void **state)
{
    (void)state;
    /* half of the gap is gone after four years */
    cap_convergence_speed f = cap_speed_of(-0.5, 4, false);
    near(f.half_life, 4, 1e-14);
    near(f.speed, log(2) / 4, 1e-16);
    f = cap_speed_of(-0.125, 4, true); /* (1 - exp(-lambda T)) / T = 0.125 */
    near(f.half_life, 4, 1e-14);
    const double none[] = {0, 0.2, -1, -1.5, NAN, -INFINITY};
    for (size_t k = 0; k < 6; k++) {
        f = cap_speed_of(none[k], 4, false);
        assert_true(isnan(f.speed) && isnan(f.half_life));
    }
    f = cap_speed_of(-0.3, 4, true); /* faster than any */
    assert_true(isnan(f.speed));
}

static void floors(void **state)
{
    (void)state;
    cap_sign_floors f = cap_least_p(4, 2, 3);
    near(f.beta, 1.0 / 24, 1e-16);
    near(f.sigma, 2.0 / 16, 0);
    near(f.gap, 2.0 / 10, 1e-15);
    f = cap_least_p(1, 1, 0);
    assert_true(f.beta == 1 && f.sigma == 1 && f.gap == 1);
    f = cap_least_p(0, 0, 0);
    assert_true(f.beta == 1 && f.gap == 1); /* no test, and no claim */
    f = cap_least_p(194, 46, 148);
    assert_true(f.beta >= 0 && f.sigma > 0 && f.gap > 0 && f.gap < 1e-40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speeds),
        cmocka_unit_test(floors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
