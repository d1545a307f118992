/* Speed of convergence, and floors of p. */
#include "base/fp.h"
#include "core/trend/convergence_signs.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>

cap_convergence_speed cap_speed_of(double slope, double years, bool logs)
{
    cap_convergence_speed out = {NAN, NAN};
    double lost = slope * (logs ? years : 1);
    if (slope < 0 && lost > -1) {
        out.speed = -log1p(lost) / years;
        out.half_life = log(2) / out.speed;
    }
    return out;
}

static double log_factorial(size_t n) { return gsl_sf_lngamma((double)n + 1); }

cap_sign_floors cap_least_p(size_t n, size_t n_group, size_t n_rest)
{
    double log_ways = log_factorial(n_group + n_rest) -
                      log_factorial(n_group) - log_factorial(n_rest);
    cap_sign_floors out = {exp(-log_factorial(n)), exp2(1 - (double)n),
                           fmin(1, 2 * exp(-log_ways))};
    return out;
}
