/* What a slope of changes on levels says of speed, and the least p that so
 * many units allow. */
#ifndef CAP_CONVERGENCE_SIGNS_H
#define CAP_CONVERGENCE_SIGNS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double speed;     /* lambda, a year */
    double half_life; /* ln 2 / lambda, in years */
} cap_convergence_speed;

/* Of a slope b of changes over T years: lambda = -ln(1 + b) / T of changes of
 * the level, -ln(1 + b T) / T of changes of its log a year (Barro and
 * Sala-i-Martin, Journal of Political Economy 100, 1992). NaN where b is NaN
 * or not below 0, and where the logarithm has no value. */
cap_convergence_speed cap_speed_of(double slope, double years, bool logs);

typedef struct {
    double beta;  /* one order of n! for a slope */
    double sigma; /* two of the 2^n ways to swap the two scores of each unit */
    double gap;   /* two of the ways to pick the group from all, 1 at most */
} cap_sign_floors;

/* The least p that n units with both scores, and a gap between n_group and
 * n_rest of them, allow. */
cap_sign_floors cap_least_p(size_t n, size_t n_group, size_t n_rest);

#endif
