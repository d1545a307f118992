/* Comparing units pair by pair: outranking, Copeland's score, Kemeny's order.
 *
 * Unit i outranks unit j with the weight of the children where i is better,
 * plus half of that where they are equal, over the weight of the children
 * observed in both: p_ij = 0.5 (1 + m_ij), where the margin m_ij = -m_ji, so
 * that the order of rows cannot matter, also with gaps. Without a child
 * observed in both m_ij = 0 and p_ij = 0.5. (OECD/JRC Handbook on Constructing
 * Composite Indicators, 2008, step 6; Munda and Nardo, Applied Economics 41,
 * 2009.) */
#ifndef CAP_OUTRANKING_H
#define CAP_OUTRANKING_H

#include "core/index/children.h"
#include "base/status.h"

/* Kemeny's order is found exactly for up to so many different units. */
enum { CAP_KEMENY_EXACT = 10 };

/* A margin of less is a tie: half of the weight but for rounding. */
#define CAP_MARGIN_TOLERANCE 1e-9

/* Margins of n units on m criteria.
 *   x        n x m, column-major; NaN is missing, else finite
 *   weight   m weights >= 0, finite
 *   margin   n x n, column-major: margin[i + j n] = m_ij in [-1, 1]; 0 on the
 *            diagonal
 * CAP_ERR_INPUT for an infinite value (err->row, err->column) or a weight that
 * is negative or not finite (err->column). */
cap_status cap_outranking(size_t n, size_t m, const double *x,
                          const double *weight, double *margin,
                          const cap_poll *poll, cap_error *err);

/* The order of n units (or kinds of identical units) that agrees most with the
 * pairs: it maximises the sum of m_ij over i above j (Kemeny, Daedalus 88,
 * 1959; Young and Levenglick, SIAM J. Applied Math. 35, 1978).
 *   margin    n x n as above, antisymmetric
 *   size      n numbers of identical units that stand together, or NULL for 1
 *   position  n places, 1 the best; the mean place of the units of a kind
 *   proven    1 when the order is proven optimal, 0 when it is not
 * Up to CAP_KEMENY_EXACT: dynamic programming over subsets (Held and Karp,
 * 1962; Betzler et al., 2009); `position` is the mean over all orders that are
 * optimal, so that ties favour nobody. Beyond: from the order by Copeland's
 * score, then by the sum of margins, then by number, a unit is moved to its
 * best place until no move gains.
 * CAP_ERR_INPUT for a margin that is not finite or not antisymmetric. */
cap_status cap_kemeny(size_t n, const double *margin, const size_t *size,
                      double *position, int *proven, const cap_poll *poll,
                      cap_error *err);

/* The rules `copeland` and `kemeny` (rules.h). Within each segment the units
 * with an observed child are compared, n of them:
 *   copeland  (C + n - 1) / (2 (n - 1)), C the number of units that a unit
 *             outranks (p > 0.5) less the number that outrank it (Copeland
 *             1951; Saari and Merlin, Economic Theory 8, 1996)
 *   kemeny    (n - position) / (n - 1); units with the same values share their
 *             places
 * One unit alone has nothing to be compared with: NaN. */
cap_status cap_combine_copeland(const cap_children *children, double *out,
                                int *unproven, cap_error *err);
cap_status cap_combine_kemeny(const cap_children *children, double *out,
                              int *unproven, cap_error *err);

#endif
