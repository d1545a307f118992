/* Imputation: values for missing cells (NaN). Observed values are never
 * changed; a cell that no observed value can inform stays NaN. `spread` is
 * the standard deviation that belongs to a filled cell, NaN where there is
 * none; it is written for filled cells only and NaN elsewhere. All functions
 * refuse an infinite value with CAP_ERR_INPUT and its row (and column).
 *
 * Sources: OECD/JRC (2008), Handbook on Constructing Composite Indicators,
 * step 3; Little and Rubin (2002), Statistical Analysis with Missing Data,
 * sections 8.4 and 11.2 (EM); Troyanskaya et al. (2001), Bioinformatics 17
 * (nearest neighbours). */
#ifndef CAP_IMPUTE_H
#define CAP_IMPUTE_H

#include "base/names.h"
#include "base/status.h"

/* A missing value becomes the mean of the observed values of its group, with
 * their standard deviation (divisor n - 1); or their median, with 1.4826 times
 * the median absolute deviation from it.
 *   group   n groups from 0 to n_groups - 1, or CAP_NOWHERE for none: those
 *           cells stay NaN; NULL when all rows are one group */
cap_status cap_impute_centre(size_t n, const double *x, size_t n_groups,
                             const size_t *group, int median, double *y,
                             double *spread, cap_error *err);

typedef enum { CAP_SERIES_LINEAR = 0, CAP_SERIES_LAST } cap_series_kind;

/* Its values by name. */
extern const cap_name cap_series_kinds[];

/* Along time within a unit: linear between the nearest observed values before
 * and after (cells before the first or after the last stay NaN), or the last
 * value before.
 *   unit, time   n of each; a unit has no time twice; times are finite */
cap_status cap_impute_series(size_t n, const size_t *unit, const double *time,
                             const double *x, cap_series_kind kind, double *y,
                             cap_error *err);

/* The mean, and the standard deviation (n - 1), of the k nearest rows in which
 * the item is observed; rows as near as the k-th count too, so that the order
 * of rows does not matter. The distance of two rows is the root mean square of
 * the differences over the items observed in both, each divided by its
 * standard deviation (constant items tell nothing); rows that share no item
 * are no neighbours. Fewer than k neighbours: those that there are.
 *   x, y, spread   n x p, column-major; k >= 1 */
cap_status cap_impute_knn(size_t n, size_t p, const double *x, size_t k,
                          double *y, double *spread, const cap_poll *poll,
                          cap_error *err);

typedef struct {
    size_t max_iterations; /* 0: 1000 */
    double tolerance;      /* 0: 1e-8 */
    double ridge;          /* >= 0 */
} cap_em_rule;

typedef struct {
    size_t iterations;
    int converged;
    double change; /* the last, as compared with the tolerance */
} cap_em_report;

/* Maximum likelihood of a multivariate normal with values missing at random,
 * by EM; a missing value becomes its mean given the observed values of its
 * row, with that distribution's standard deviation.
 *   x, y, spread   n x p, column-major; a row without values gets the means
 *   mean, cov      p and p x p: the estimates (divisor n), in the units of x
 * Works on items divided by their observed standard deviation, so that scale
 * does not matter; starts from observed means and uncorrelated items; stops
 * when no mean and no (co)variance, so scaled, changes by more than the
 * tolerance. `ridge` is added to the scaled variances at each step: it
 * makes a singular covariance (more items than units, collinear items)
 * regular. Constant items take their value and no part in the model.
 * Complete data come back unchanged after two steps.
 * CAP_ERR_NUMERIC with the column for an item without any value; without a
 * column for a covariance that is singular (a pivot under 1e-9).
 * Not to converge is no error: see the report. */
cap_status cap_impute_em(size_t n, size_t p, const double *x,
                         const cap_em_rule *rule, double *y, double *spread,
                         double *mean, double *cov, cap_em_report *report,
                         const cap_poll *poll, cap_error *err);

#endif
