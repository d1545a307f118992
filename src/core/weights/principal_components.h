/* Principal components, varimax, the Handbook's weights, Cronbach's alpha. */
#ifndef CAP_PRINCIPAL_COMPONENTS_H
#define CAP_PRINCIPAL_COMPONENTS_H

#include "base/names.h"
#include "base/status.h"

/* How many components are kept, at least one:
 *   Kaiser    eigenvalue >= 1
 *   number    that many
 *   share     the fewest that explain that share of the variance together
 *   Jolliffe  eigenvalue >= 0.7
 *   Handbook  each explains more than 10 %, and as many more as it takes to
 *             explain more than 60 % together (OECD/JRC 2008, section 6.1) */
typedef enum {
    CAP_FACTORS_KAISER = 0,
    CAP_FACTORS_NUMBER,
    CAP_FACTORS_SHARE,
    CAP_FACTORS_JOLLIFFE,
    CAP_FACTORS_HANDBOOK,
} cap_factors_rule;

/* Its values by name. */
extern const cap_name cap_factors_rules[];

/* All zero: Kaiser's rule, Pearson, rotation with Kaiser's normalisation. */
typedef struct {
    cap_factors_rule rule;
    size_t number;  /* with CAP_FACTORS_NUMBER: 1 to n_items */
    double share;   /* with CAP_FACTORS_SHARE: over 0, to 1 */
    int spearman;   /* rank correlations */
    int raw_rotate; /* varimax of the loadings as they are */
} cap_factors_options;

/* What cap_factor_weights() finds, in arrays of the caller. */
typedef struct {
    size_t n_factors;    /* components kept */
    int converged;       /* the rotation came to rest */
    double *correlation; /* n_items x n_items */
    double *eigenvalue;  /* n_items, largest first, not below 0 */
    double *loading;     /* n_items x n_items; rotated, first n_factors
                            columns; each column's largest is positive */
    double *variance;    /* n_items; of the first n_factors rotated factors:
                            sum of squared loadings */
    double *communality; /* n_items */
    size_t *factor;      /* n_items: where each item loads most */
    double *weight;      /* n_items, sum 1 */
} cap_factors;

/* Weights after the OECD/JRC Handbook (2008), section 6.1, and Nicoletti,
 * Scarpetta and Boylaud (2000), from `x` (n_units x n_items, column-major):
 * eigenvectors of the correlation matrix times the roots of the eigenvalues
 * are the loadings; varimax (Kaiser 1958) by planar rotations; weight_k
 * proportional to (l_kf^2 / V_f) (V_f / sum V) with f the factor where |l_kf|
 * is largest and V_f = sum_k l_kf^2. (V_f cancels: the largest squared loading
 * of each item, rescaled.) Signs of eigenvectors do not matter. One item
 * weighs 1. More items than units is allowed.
 * CAP_ERR_INPUT and CAP_ERR_NUMERIC as cap_correlation(); CAP_ERR_INPUT for a
 * number or share out of range. */
cap_status cap_factor_weights(size_t n_units, size_t n_items, const double *x,
                              const cap_factors_options *options,
                              cap_factors *out, cap_error *err);

/* Varimax rotation of `loading` (n_items x n_factors, column-major) in place;
 * `normalise`: rows are scaled to length 1 first and back (Kaiser 1958); rows
 * of zeros stay. Returns 1 when no pair of factors turned by more than 1e-10
 * in the last of at most 1,000 sweeps. `length` has room for n_items. */
int cap_varimax(size_t n_items, size_t n_factors, int normalise,
                double *loading, double *length);

/* Cronbach's (1951) alpha of the items, standardised
 * k m / (1 + (k - 1) m), m the mean correlation, or raw
 * k / (k - 1) (1 - sum v_j / v_total), and without each item in turn; and the
 * correlation of each standardised item with the sum of the others.
 * NaN: one item left; a total without variance.
 *   raw, without_raw   of the columns as they are
 *   without, without_raw, item_rest   n_items
 * `correlation` and `spearman` as of cap_correlation(), which the errors are
 * of too. */
cap_status cap_alpha(size_t n_units, size_t n_items, const double *x,
                     const double *correlation, int spearman,
                     double *standardised, double *raw, double *without,
                     double *without_raw, double *item_rest, cap_error *err);

#endif
