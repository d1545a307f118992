/* What the slope of changes on levels, the spread and the gap of two groups
 * look like when nobody catches up. */
#ifndef CAP_CONVERGENCE_NULL_H
#define CAP_CONVERGENCE_NULL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct {
    double noise;          /* share of the changes' variance that is passing
                              noise, from 0 to 1 */
    double floor, ceiling; /* of the score; may be infinite */
    size_t n_sim;
    uint64_t key; /* of the random numbers; see rng.h */
} cap_convergence_null_run;

/* Two groups of the units, for the gap of their means. */
typedef struct {
    const int *side; /* n: 1 the group, 0 the rest, else in neither */
    const double *users_from, *users_to; /* n weights at each end, or NULL for
                                            simple means; a unit without one
                                            above 0 at both ends is left out */
    bool logs; /* scores are logarithms, the gap is of their exponentials */
} cap_convergence_null_groups;

typedef struct {
    double slope; /* of the data */
    double mean;  /* of the simulated slopes: the bias of the slope */
    double sd;
    double low; /* their 5 % quantile: the slope that alpha 0.05 asks for */
    double p;   /* (1 + number of slopes <= the data's) / (1 + n_sim) */
    double ceiling_share; /* of simulated scores at the end */
    double spread; /* standard deviation (divisor n) at the end: that of `from`
                      times the mean ratio of the simulated two */
    double p_spread; /* (1 + number of ratios <= the data's) / (1 + n_sim) */
    double gap;      /* mean change of the gap, group less rest */
    double p_gap;    /* (1 + number that narrow as much) / (1 + n_sim);
                        narrowing is up for a group that starts below */
} cap_convergence_null;

/* Simulates the slope b of to - from on from under no convergence. Let v be
 * the variance (divisor n) of the observed changes and s^2 = noise v / 2. The
 * true levels are
 *   theta_i = mean + sqrt(1 - s^2 / var(from)) (from_i - mean)
 * so that with noise of variance s^2 they vary as `from` does (the ratio is at
 * most 1). Scores are theta + shift + N(0, s^2) at the start and theta + shift
 * + N(0, s^2 + (1 - noise) v) at the end: changes do not depend on the level.
 * Both are cut to [floor, ceiling], with the two shifts that give the observed
 * means. What slope this leaves is regression to the mean (Galton 1886; Quah,
 * Scandinavian Journal of Economics 95, 1993) and the ceiling, not catching
 * up. noise = 1 takes every change beyond the common one as passing noise: the
 * most that regression to the mean can do.
 *   from, to  n finite scores within [floor, ceiling]
 *   w         n weights > 0 of the slope, or NULL
 *   groups    or NULL; `gap` and `p_gap` are NaN without, or without a unit on
 *             both sides
 * The spread and the gap are of the same simulated scores as the slope.
 * Same numbers for the same key. CAP_ERR_INPUT for what is out of range,
 * CAP_ERR_NUMERIC for fewer than three units or a constant `from`. */
cap_status cap_convergence_null_test(size_t n, const double *from,
                                     const double *to, const double *w,
                                     const cap_convergence_null_groups *groups,
                                     const cap_convergence_null_run *run,
                                     cap_convergence_null *result,
                                     const cap_poll *poll, cap_error *err);

#endif
