/* Weights from the spread of the items: equal, entropy, standard deviation,
 * CRITIC; and the correlations that they and the factors rest on. */
#ifndef CAP_WEIGHTS_SPREAD_H
#define CAP_WEIGHTS_SPREAD_H

#include "base/names.h"
#include "base/status.h"

typedef enum {
    CAP_SPREAD_EQUAL = 0,
    CAP_SPREAD_ENTROPY,
    CAP_SPREAD_SD,
    CAP_SPREAD_CRITIC,
} cap_spread_method;

/* Its values by name. */
extern const cap_name cap_spread_methods[];

/* All zero: equal weights, Pearson, data as they are. */
typedef struct {
    cap_spread_method method;
    int min_max;  /* standard deviations of (x - min) / (max - min) */
    int spearman; /* CRITIC with rank correlations */
} cap_spread_options;

/* True where a column has no spread but for rounding: largest - smallest <=
 * 1e-12 of the largest size. */
int cap_is_constant(size_t n, const double *x);

/* Correlations of the columns of `x` (n_units x n_items, column-major).
 *   spearman     0: Pearson; else Pearson of mid-ranks
 *   correlation  n_items x n_items, symmetric, 1 on the diagonal; within
 *                1e-12 of -1 or 1 it is that number
 * CAP_ERR_INPUT (with the cell) for values that are not finite or larger than
 * 1e150 in size, or fewer than 2 units; CAP_ERR_NUMERIC (with the column) for
 * a constant column. */
cap_status cap_correlation(size_t n_units, size_t n_items, const double *x,
                           int spearman, double *correlation, cap_error *err);

/* Weights of the columns of `x` (n_units x n_items, column-major), which are
 * proportional to `information`:
 *   equal    1
 *   entropy  1 - E_k, E_k = -sum_i p_i ln p_i / ln n, p = x / sum x, 0 ln 0 =
 *            0 (Shannon 1948; Hwang and Yoon 1981); no negative values
 *   sd       the standard deviation (n - 1)
 *   CRITIC   C_k = s_k sum_j (1 - r_kj) (Diakoulaki, Mavrotas and
 *            Papayannakis 1995)
 *   weight       n_items, sum 1
 *   information  n_items
 * Items without spread: weight 0 by entropy and by sd (without min_max), else
 * CAP_ERR_NUMERIC with the column. A column of zeros has no p: CAP_ERR_NUMERIC
 * with the column by entropy. One item weighs 1. No item carries information
 * (all constant; CRITIC: all perfectly correlated): CAP_ERR_NUMERIC without a
 * column. Equal weights do not look at `x`, which may be NULL. CAP_ERR_INPUT
 * (with the cell) for NaN, infinite, huge (over 1e150), and by entropy
 * negative values; no item; fewer than 2 units. */
cap_status cap_spread_weights(size_t n_units, size_t n_items, const double *x,
                              const cap_spread_options *options,
                              double *weight, double *information,
                              cap_error *err);

/* Checks for every method that reads `x`: sizes and finite cells. */
cap_status cap_check_panel(size_t n_units, size_t n_items, const double *x,
                           cap_error *err);

/* Column minus its mean, into `centred`; its standard deviation (n - 1). */
double cap_centre(size_t n, const double *x, double *centred);

#endif
