/* Kendall's coefficient of concordance W of several rankings. */
#ifndef CAP_KENDALL_W_H
#define CAP_KENDALL_W_H

#include "base/status.h"

/* NaN where a figure has no value: one judge, one item, or judges who all tie
 * every item (w, chi_square, both p). */
typedef struct {
    double w;            /* 0 no agreement .. 1 the same order by all */
    double chi_square;   /* n (m - 1) w */
    double df;           /* m - 1 */
    double p_chi_square; /* upper tail; an approximation for few judges */
    double p_exact;      /* NaN when it would take more than `max_work` */
} cap_concordance;

/* W of `n` judges and `m` items.
 *   values    n x m, column-major, judges in rows; each judge's values are
 *             ranked within the judge, ties get their mean rank
 *   max_work  bound on the steps of the exact test, each about 50 ns; 0 for
 *             none. The test is given up, and p_exact NaN, beyond it.
 * With R_j the rank sums, S = sum (R_j - mean)^2 and T = sum over judges and
 * their groups of t tied items of t^3 - t,
 *   W = 12 S / (n^2 (m^3 - m) - n T)
 * (Kendall 1948, Rank Correlation Methods, ch. 6; Kendall and Babington Smith
 * 1939). The exact p is P(S >= observed) when each judge's ranks, ties kept,
 * are permuted independently: the (m!)^(n - 1) equally likely outcomes are
 * enumerated through the distribution of the sorted rank sums, which is
 * convolved judge by judge.
 * CAP_ERR_INPUT for a NaN or infinite value (err->row, err->column), no judge
 * or no item, more than 2^20 judges or items; CAP_ERR_MEMORY. */
cap_status cap_kendall_w(size_t n, size_t m, const double *values,
                         double max_work, cap_concordance *out,
                         cap_error *err);

#endif
