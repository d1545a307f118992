/* How far two orders of the same units agree. */
#ifndef CAP_COMPARE_H
#define CAP_COMPARE_H

#include <stdint.h>

#include "base/status.h"
#include "base/tolerance.h"

/* Groups of t equal values in a column. */
typedef struct {
    uint64_t pairs;    /* sum of t (t - 1) / 2 */
    double triples;    /* sum of t (t - 1) (t - 2) */
    double log_orders; /* sum of log t! */
    double closest;    /* least gap of unequal values / largest |value|;
                          infinite when all are equal */
} cap_ties;

typedef struct {
    size_t n; /* rows with both values */
    cap_ties x, y;
    uint64_t tied_both;
    uint64_t concordant, discordant; /* pairs */
} cap_pair_counts;

/* Counts the pairs of rows of two columns of n values in O(n log n) (Knight,
 * JASA 61, 1966). Rows with a NaN are left out. Values tie when they are
 * equal. CAP_ERR_INPUT for an infinite value (err->row). */
cap_status cap_count_pairs(size_t n, const double *x, const double *y,
                           cap_pair_counts *counts, cap_error *err);

typedef struct {
    size_t n;        /* pairs with both values */
    double spearman; /* Pearson's correlation of average ranks */
    double kendall;  /* tau-b, (P - Q) / sqrt((P + Q + X) (P + Q + Y)): P
                        concordant, Q discordant pairs, X and Y those tied in
                        one only */
} cap_agreement;

/* The largest size of n values, NaN left out; 0 for none. */
double cap_largest(size_t n, const double *x);

/* Copies n values with those that tie made equal: neighbours in order that
 * differ by no more than `gap`. NaN stays. `tied` may be `x`. */
cap_status cap_tie_within(size_t n, const double *x, double gap, double *tied,
                          cap_error *err);

/* Rank correlations of two columns of n values, in O(n log n) (Spearman 1904;
 * Kendall, Biometrika 33, 1945; Knight, JASA 61, 1966).
 * Pairs with a NaN are left out; NaN results for fewer than two pairs or a
 * constant column. Values tie within CAP_SCORE_GAP of `size` (see
 * cap_tie_within()): the sizes of x and y that rounding is measured by, or
 * NULL for the largest of each column.
 * CAP_ERR_INPUT for an infinite value (err->row). */
cap_status cap_rank_agreement(size_t n, const double *x, const double *y,
                              const double *size, cap_agreement *result,
                              cap_error *err);

#endif
