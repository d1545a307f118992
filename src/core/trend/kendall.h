/* Kendall's test of trend: one series, and units over the same editions. */
#ifndef CAP_KENDALL_H
#define CAP_KENDALL_H

#include "base/names.h"
#include "base/status.h"
#include "base/tolerance.h"

/* Exact tests: a series without ties, one with ties, editions of units. */
#define CAP_EXACT_UNTIED 50
#define CAP_EXACT_TIED 10
#define CAP_EXACT_EDITIONS 7

typedef enum { CAP_TWO_SIDED = 0, CAP_GREATER, CAP_LESS } cap_alternative;

/* Its values by name. */
extern const cap_name cap_alternatives[];

typedef struct {
    int normal; /* 1: the normal approximation even where exact is feasible */
    cap_alternative alternative;
} cap_kendall_options;

/* With no pair that could differ, s = z = var_s = 0, p = p_min = 1 and tau is
 * NaN. */
typedef struct {
    size_t n;     /* values, or editions with a value */
    double s;     /* concordant less discordant pairs, weighted for units */
    double var_s; /* its variance under no trend */
    double z;     /* (s - sign s) / sqrt(var_s), 0 for s = 0 */
    double tau;   /* tau-b: s over the geometric mean of the pairs not tied in
                     value and those not tied in time */
    double tau_a; /* s over all pairs */
    double open;  /* what tau divides by */
    double p;     /* never below p_min */
    double p_min; /* the least p that n and the ties allow */
    int exact;    /* p is exact, not from z */
} cap_kendall;

/* The test of one series (Mann 1945; Kendall 1975).
 *   x, time  n values and their times, in any order. Pairs at equal times, or
 *            with equal values, count in neither direction. Rows with a NaN
 *            are left out.
 * var_s has the correction for ties in both (Kendall 1975, eq. 4.9):
 *   [n(n-1)(2n+5) - sum t(t-1)(2t+5) - sum u(u-1)(2u+5)] / 18
 *   + sum t(t-1)(t-2) sum u(u-1)(u-2) / [9n(n-1)(n-2)]
 *   + sum t(t-1) sum u(u-1) / [2n(n-1)].
 * The exact p permutes the values over the times: P(S >= s) counts of the
 * Mahonian numbers without ties (n to CAP_EXACT_UNTIED), else the permutation
 * distribution given the ties (n to CAP_EXACT_TIED); two-sided is
 * P(|S| >= |s|). Beyond, p is from z. Where both columns have ties and n is
 * above CAP_EXACT_TIED, p_min is a lower bound. O(n log n).
 * CAP_ERR_INPUT for an infinite value (err->row). */
cap_status cap_kendall_series(size_t n, const double *x, const double *time,
                              const cap_kendall_options *options,
                              cap_kendall *out, cap_error *err);

/* The null distribution of S of n untied values at these times: prob[k] is
 * P(S = k - n (n - 1) / 2), k = 0 .. n (n - 1). *known is 0, and prob is not
 * filled, for n above CAP_EXACT_UNTIED, or above CAP_EXACT_TIED with equal
 * times. `time` is ascending, equal times equal to the last bit. */
cap_status cap_kendall_null(size_t n, const double *time, double *prob,
                            int *known, cap_error *err);

typedef struct {
    cap_kendall test;
    size_t units;           /* units that count: a weight, and a pair */
    double var_independent; /* of s, were the units independent, */
    double z_independent;   /* its z, with the test's own correction, and */
    double p_independent;   /* normal p: what programs without covariances
                               print; 0 and that of 0 without a variance */
    double heterogeneity;   /* sum of (z_g - mean z)^2 over the units with a
                               weight and a variance, z_g = S_g / sqrt(Var S_g);
                               NaN for   fewer than two */
    double heterogeneity_df;
    double heterogeneity_p;
    int heterogeneity_exact; /* by the joint permutation; else chi-square,
                                which takes the units as independent */
} cap_kendall_region;

/* The test of m units over the same n editions: S = sum of w_g S_g.
 *   x       m x n, column-major, units in rows, editions in ascending order
 *           of their distinct times; pairs with a NaN do not count
 *   weight  m weights from 0 to 1e100, NaN as 0, or NULL for 1 each
 *   units   m results of the units alone; one without a pair has
 *           s = var_s = 0, p = p_min = 1
 * With D_ij = sum w_g sign(x_jg - x_ig) and Q_t = sum_j D_jt,
 *   S = sum_{i<j} D_ij,  Var S = (sum_{i<j} D_ij^2 + sum_t Q_t^2) / 3:
 * the covariances of Dietz and Killeen (1981) and Hirsch and Slack (1984),
 * gaps at the mean rank, summed over all pairs of units. It is the variance of
 * S when the editions' labels are permuted for all units at once; for n to
 * CAP_EXACT_EDITIONS p comes from all n! such permutations, which keep the
 * dependence between units (a missing value moves with its label). p_min is
 * the share of the permutations that differ from one order (two-sided: and
 * its reverse) only by editions with the same values in all units. z has a
 * correction for continuity only when all weights are equal.
 * Editions without a value of a unit with a weight are left out.
 * CAP_ERR_INPUT for m or n of 0, an infinite value (err->row, err->column), a
 * weight out of range (err->row); CAP_ERR_INTERRUPT. */
cap_status cap_kendall_units(size_t m, size_t n, const double *x,
                             const double *weight,
                             const cap_kendall_options *options,
                             const cap_poll *poll, cap_kendall *units,
                             cap_kendall_region *out, cap_error *err);

/* All n! values of S under joint permutations, as above, of an antisymmetric
 * D (n x n); n to CAP_EXACT_EDITIONS. */
void cap_kendall_permute(size_t n, const double *d, double *values);

/* D of m units (see cap_kendall_units), n x n; values that tie are taken from
 * `x` less slope x `time` (NULL for 0). */
cap_status cap_kendall_signs(size_t m, size_t n, const double *x,
                             const double *weight, const double *time,
                             double slope, double *d, cap_error *err);

/* Variance of S from D. */
double cap_kendall_variance(size_t n, const double *d);

/* cap_tie_within() CAP_TIE_GAP of the largest size. */
cap_status cap_tie(size_t n, const double *x, double *tied, cap_error *err);

#endif
