/* Weights that give each item the importance that it should have. */
#ifndef CAP_IMPORTANCE_WEIGHTS_H
#define CAP_IMPORTANCE_WEIGHTS_H

#include "base/status.h"

/* All zero: linear importance, 500 iterations a start. */
typedef struct {
    size_t degree;         /* of the polynomials; 0 counts as 1, at most 5 */
    size_t max_iterations; /* a start */
} cap_optimise_options;

/* What cap_optimise_weights() reports of the point that it returns. */
typedef struct {
    double objective;  /* sum_k (importance_k - target_k)^2 */
    size_t iterations; /* from the start that led to it */
    size_t starts;     /* tried */
    int converged;     /* no first-order improvement is left */
} cap_optimum;

/* The importance of each column of `x` (n_units x n_items, column-major) for
 * the index y = sum_k w_k x_k: the share of the variance of y that a
 * polynomial of the given degree in x_k explains (least squares). Degree 1:
 * Pearson's R^2. Degree 3 is a correlation ratio (exact where an item has four
 * values or fewer): the main effect of Paruolo, Saisana and Saltelli (2013).
 *   weight  n_items, >= 0
 *   ratio   n_items, in [0, 1]
 * CAP_ERR_INPUT as cap_check_panel(), for negative or not finite weights and a
 * degree over 5; CAP_ERR_NUMERIC (with the column) for a constant column, and
 * (without) when y is constant. */
cap_status cap_importance(size_t n_units, size_t n_items, const double *x,
                          size_t degree, const double *weight, double *ratio,
                          cap_error *err);

/* Weights >= 0 with sum 1 that make the importances, divided by their sum, as
 * near to `target` as can be: least squares (Becker, Saisana, Paruolo and
 * Vandecasteele 2017), by Levenberg-Marquardt on v = softmax(t), w_k
 * proportional to v_k / s_k, so that the unit of an item changes its weight
 * only in inverse proportion. Starts: v equal; v by target; v by the solution
 * of the linear problem without bounds; v mostly on one item, for each of up
 * to 12 items. The best is returned, the first of equals. Deterministic.
 *   target      n_items, >= 0, any positive sum; NULL: equal
 *   weight      n_items
 *   ratio       n_items: cap_importance() of them
 *   importance  n_items: the same, sum 1
 * One item weighs 1. A local optimum may be all that is found: `objective` is
 * that of the weights returned, whatever. Errors as cap_importance();
 * CAP_ERR_INPUT for a bad target; CAP_ERR_NUMERIC when all starts give a
 * constant index; CAP_ERR_INTERRUPT by `poll`. */
cap_status cap_optimise_weights(size_t n_units, size_t n_items,
                                const double *x, const double *target,
                                const cap_optimise_options *options,
                                double *weight, double *ratio,
                                double *importance, cap_optimum *optimum,
                                const cap_poll *poll, cap_error *err);

/* Pearson's correlation of each column of `x` with the index sum_k w_k x_k.
 * NaN for a column that is constant, and for all where the index is, but for
 * rounding (cap_is_constant()). CAP_ERR_INPUT as cap_check_panel(), and for
 * weights that are negative or not finite. */
cap_status cap_index_correlation(size_t n_units, size_t n_items,
                                 const double *x, const double *weight,
                                 double *correlation, cap_error *err);

/* From weights of columns as they are to those of (x - min) / (max - min) that
 * give the same order of the units: weight_k (max_k - min_k), with sum 1. NaN
 * where all weight is on constant columns. */
void cap_min_max_weights(size_t n_units, size_t n_items, const double *x,
                         double *weight);

#endif
