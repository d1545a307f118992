/* Weighted least squares with standard errors that survive unequal variances
 * and clusters. */
#ifndef CAP_CLUSTER_REGRESSION_H
#define CAP_CLUSTER_REGRESSION_H

#include <stdint.h>

#include "base/names.h"
#include "base/status.h"

/* Kinds of covariance of the coefficients. With e the residuals, w the weights
 * and h_i = w_i x_i' (X'WX)^-1 x_i the leverages, all but the first are
 * (X'WX)^-1 [sum f_i w_i^2 e_i^2 x_i x_i'] (X'WX)^-1. */
typedef enum {
    CAP_VCOV_CLASSIC = 0, /* s^2 (X'WX)^-1, s^2 = sum w e^2 / (n - k) */
    CAP_VCOV_HC0,         /* f = 1 (White 1980) */
    CAP_VCOV_HC1,         /* f = n / (n - k) */
    CAP_VCOV_HC2,         /* f = 1 / (1 - h) */
    CAP_VCOV_HC3,         /* f = 1 / (1 - h)^2 (MacKinnon and White 1985) */
    CAP_VCOV_CLUSTER,     /* sums over clusters, times G/(G-1) (n-1)/(n-k) */
    CAP_VCOV_KINDS
} cap_vcov_kind;

/* Its values by name. */
extern const cap_name cap_vcov_kinds[];

typedef struct {
    size_t n;        /* observations */
    size_t k;        /* columns of x */
    const double *x; /* n x k, column-major; a column of ones if wanted */
    const double *y; /* n */
    const double *w; /* n weights > 0, or NULL for one each */
    const size_t *cluster; /* n numbers below n_clusters, or NULL */
    size_t n_clusters;
} cap_regression;

/* Least squares min sum w (y - x b)^2 by QR of sqrt(w) x.
 *   coef     k
 *   se       k x CAP_VCOV_KINDS, column-major. NaN where a kind has no value:
 *            n = k for the classic and HC1, a leverage of 1 for HC2 and HC3,
 *            fewer than two clusters or none given for the cluster form
 *   leverage n, or NULL
 * CAP_ERR_INPUT for a value that is not finite, a weight that is not above 0,
 * a cluster out of range. CAP_ERR_NUMERIC for fewer observations than columns
 * and for collinear columns. */
cap_status cap_regression_fit(const cap_regression *r, double *coef,
                              double *se, double *leverage, cap_error *err);

/* The wild cluster bootstrap of the hypothesis that coefficient `which` is 0,
 * imposed (Cameron, Gelbach and Miller, Review of Economics and Statistics 90,
 * 2008): residuals of the restricted fit change sign cluster by cluster, and
 * t of the cluster form is computed again. */
typedef struct {
    double t;     /* of the data */
    double p;     /* share of |t*| >= |t|, the data's own signs among them */
    double floor; /* the least p that so many clusters allow */
    size_t draws;
    int exact; /* all 2^G signs were tried */
} cap_wild;

/* Up to `most_exact` clusters (at most 20) all signs are enumerated and p has
 * steps of 2 / 2^G, each choice and its mirror being alike; beyond, `draws`
 * random ones of `key` and p = (1 + count) / (1 + draws). NaN where t has no
 * value. Errors as of cap_regression_fit(). */
cap_status cap_regression_wild(const cap_regression *r, size_t which,
                               size_t most_exact, size_t draws, uint64_t key,
                               cap_wild *result, const cap_poll *poll,
                               cap_error *err);

#endif
