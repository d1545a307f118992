/* Whether scores of the same units lie closer together than they did. */
#ifndef CAP_SIGMA_CONVERGENCE_H
#define CAP_SIGMA_CONVERGENCE_H

#include "base/status.h"

/* Variances have divisor n. */
typedef struct {
    size_t n; /* units with both scores */
    double mean_from, mean_to;
    double var_from, var_to, cov;
    /* var_from / var_to, with F(n - 2, n - 2). It takes the two variances as
     * independent, which they are not: for reproduction only (Lichtenberg,
     * Economica 61, 1994). */
    double t1, p1;
    /* (n - 2.5) ln(1 + (var_from - var_to)^2 / 4 / (var_from var_to - cov^2)),
     * chi-squared with 1 df (Carree and Klomp, Review of Economics and
     * Statistics 79, 1997). */
    double t2, p2;
    /* sqrt(n) (var_from / var_to - 1) / (2 sqrt(1 - slope^2)), normal;
     * one-sided p that the variance fell. slope is that of `to` on `from`; NaN
     * where it is not between -1 and 1. */
    double slope, t3, p3;
    /* Pitman and Morgan (1939): the correlation r of from - to with from + to,
     * t with n - 2 df, two-sided p. t2 = -(n - 2.5) ln(1 - r^2). */
    double r, t, p;
} cap_sigma_convergence;

/* Pairs with a NaN are left out. Figures that have no value are NaN: tests for
 * fewer than three pairs or where both variances are 0. Where r is 1 or -1
 * (one variance is 0, or all scores lie on a line and the spread differs) t
 * and t2 are infinite; above 1 / CAP_NO_SCATTER of t p and p2 are NaN, since
 * their limit, 0, is no evidence. Where all scores moved alike r and t are 0
 * and p is 1. CAP_ERR_INPUT for an infinite score. */
cap_status cap_sigma_convergence_test(size_t n, const double *from,
                                      const double *to,
                                      cap_sigma_convergence *result,
                                      cap_error *err);

#endif
