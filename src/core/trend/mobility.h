/* How far units change places. */
#ifndef CAP_MOBILITY_H
#define CAP_MOBILITY_H

#include "base/status.h"

/* Counts of moves among k classes, and what they say.
 *   from, to  n classes below k; CAP_NOWHERE where unknown: the unit is left
 *             out
 *   count     k x k, column-major: from class i to class j
 *   share     k x k: count over its row's sum; NaN in a row without units
 *   shorrocks (K - trace) / (K - 1) over the K classes that have a unit at the
 *             start (Shorrocks, Econometrica 46, 1978): 0 where nobody moves;
 *             NaN for fewer than two
 * CAP_ERR_INPUT for a class out of range. */
cap_status cap_transitions(size_t n, size_t k, const size_t *from,
                           const size_t *to, double *count, double *share,
                           double *shorrocks, cap_error *err);

typedef struct {
    double estimate, low, high;
} cap_interval;

typedef struct {
    size_t n; /* pairs with both values */
    cap_interval pearson;
    cap_interval spearman;
    cap_interval kendall; /* tau-b */
} cap_association;

/* Correlations of two columns with intervals by Fisher's z, of standard error
 *   Pearson   1 / sqrt(n - 3) (Fisher 1921)
 *   Spearman  sqrt((1 + r^2 / 2) / (n - 3)) (Bonett and Wright, Psychometrika
 *             65, 2000)
 *   Kendall   sqrt(0.437 / (n - 4)) (Fieller, Hartley and Pearson, Biometrika
 *             44, 1957)
 * at the normal quantile of `conf`. Pairs with a NaN are left out. For the two
 * of ranks values tie as in cap_rank_agreement(), with its `size`; Pearson's
 * is of the values as they are. NaN for fewer than two pairs or a constant
 * column; no interval where the root has no value or the correlation is 1 or
 * -1. CAP_ERR_INPUT for an infinite value or a conf not between 0 and 1. */
cap_status cap_association_test(size_t n, const double *x, const double *y,
                                const double *size, double conf,
                                cap_association *result, cap_error *err);

/* k classes of equal size of n values, class 0 the largest: k - 1 - floor(b k
 * / m), m the values that are not NaN, b how many of them are less. Equal
 * values, within CAP_SCORE_GAP of the largest size, share the lowest class of
 * any of them. CAP_NOWHERE for NaN. */
cap_status cap_equal_classes(size_t n, const double *x, size_t k,
                             size_t *class, cap_error *err);

/* How sure the ranks of one unit and their shift are. */
typedef struct {
    double from_low, from_high, to_low, to_high;
    double nearer;  /* share of the draws with a lesser rank at the end */
    double further; /* and with a greater one */
} cap_rank_shift;

/* Of n units' ranks at both ends in n_draws draws.
 *   from, to  n x n_draws, column-major; a draw with a NaN at one end is left
 *             out
 *   shift     n; the ends are the quantiles (1 -+ conf) / 2 without
 *             interpolation, as in cap_order_quantile(); all NaN without a
 *             draw */
cap_status cap_rank_shifts(size_t n, size_t n_draws, const double *from,
                           const double *to, double conf,
                           cap_rank_shift *shift, cap_error *err);

#endif
