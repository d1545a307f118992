/* The probability of each stage when answers are uncertain. */
#ifndef CAP_STAGE_PROBABILITY_H
#define CAP_STAGE_PROBABILITY_H

#include <stdint.h>

#include "base/names.h"
#include "core/readiness/readiness.h"
#include "base/status.h"

/* How a law was found. */
typedef enum {
    CAP_STAGE_PROBABILITY_EXACT =
        0, /* products, counts, comonotone: to rounding */
    CAP_STAGE_PROBABILITY_QUADRATURE, /* over the common factor */
    CAP_STAGE_PROBABILITY_DRAWS,      /* Monte Carlo */
} cap_stage_probability_way;

/* Its values by name. */
extern const cap_name cap_stage_probability_ways[];

/* All zero = independent, exact where it can be. */
typedef struct {
    double correlation; /* 0 to 1, of the normal scores of a unit's items */
    size_t draws;       /* Monte Carlo draws; 0: 10,000 */
    uint64_t key;       /* of the draws (rng.h) */
    int simulate;       /* non-zero: draw always */
} cap_stage_probability_options;

/* n_rows x n_stages each, but `way`: n_rows. */
typedef struct {
    double *at_least; /* P(stage >= s); 1 in column 0, never rising */
    double *lower;    /* bounds of it under any dependence */
    double *upper;
    double *error; /* standard error of draws, last change of the quadrature,
                      0 when exact */
    cap_stage_probability_way *way;
} cap_stage_probability;

/* P(stage >= s) for each row and stage s.
 *   pass     n_rows x members, P(value >= minimum); of one item it must not
 *            rise with the minimum. Not read for items that do not apply.
 *   applies  as in cap_stage_reach()
 * Levels of an item are ordered, so that stage >= s asks of each item of the
 * AND groups up to s to reach its greatest minimum: a product. Items of k-of-n
 * groups are counted one after the other, given what is asked of them already,
 * for all groups that share items together (for one group this is the Poisson
 * binomial law): exact whatever items are shared, up to 4,096 states of the
 * counts (512 with a correlation); then draws.
 * Correlation r > 0: a one-factor Gaussian copula, z = sqrt(r) F +
 * sqrt(1 - r) e, of all items of a row; given F they are independent. F is
 * integrated by Gauss-Hermite rules of 32, 64 and 128 nodes and, where r
 * above 0.8 makes steps of the integrand that these are too coarse for, by
 * Gauss-Legendre panels of 16 nodes around the steps, ever shorter, and at
 * once where nothing changes (beyond 8 widths of a step sqrt((1 - r) / r)),
 * until two in a row differ by less than 1e-10. At r = 1 the law is comonotone
 * and exact. Bounds: Frechet for AND (max(0, sum q - (n - 1)), min q),
 * Rueger's for k of n (Rueger 1978, Metrika 25), joined by Frechet's; sharp
 * for AND gates and for one k-of-n group alone. Draws are kept within them.
 * Draws are keyed by (key, draw, row): the same for any chunks of draws.
 * CAP_ERR_INPUT for probabilities outside [0, 1] or rising, a correlation
 * outside [0, 1]; CAP_ERR_INTERRUPT when `poll` says stop. */
cap_status cap_stage_probability_find(
    const cap_gates *gates, size_t n_rows, const double *pass,
    const int *applies, const cap_stage_probability_options *options,
    cap_stage_probability *law, const cap_poll *poll, cap_error *err);

#endif
