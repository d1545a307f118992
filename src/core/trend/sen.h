/* The Theil-Sen slope with its interval: one series, and units pooled. */
#ifndef CAP_SEN_H
#define CAP_SEN_H

#include "base/names.h"
#include "core/trend/kendall.h"

typedef enum {
    CAP_INTERVAL_AUTO = 0, /* exact for n to CAP_EXACT_TIED, else normal */
    CAP_INTERVAL_EXACT,
    CAP_INTERVAL_NORMAL,
} cap_interval;

/* Its values by name. */
extern const cap_name cap_intervals[];

typedef struct {
    double conf; /* above 0, below 1 */
    cap_interval interval;
    int intercept_of_residuals; /* 1: median (x - b t), else Conover's
                                   median x - b median t */
} cap_sen_options;

/* NaN where a figure has no value: no slope, or no interval (n < 3). */
typedef struct {
    size_t n;      /* values, or editions with a value */
    double slopes; /* pairs at different times */
    double slope, intercept;
    double low, high;
    double
        conf_actual; /* of the interval; below conf where n allows no more */
    int exact;       /* the interval is from the distribution of S, not from
                        the normal approximation */
} cap_sen;

/* Median of the slopes (x_j - x_i) / (t_j - t_i) of the pairs at different
 * times (Theil 1950; Sen, JASA 63, 1968), of n values in any order; rows with
 * a NaN are left out. Times tie as in cap_tie().
 * Interval, with N slopes in order:
 *   exact   b_(M) and b_(N+1-M) with the largest M >= 1 of confidence
 *           1 - 2 P(S >= N - 2M + 2) >= conf, or M = 1; up to
 *           CAP_EXACT_UNTIED values (CAP_EXACT_TIED where times tie), beyond
 *           which it is
 *   normal  the M1-th and the (M2 + 1)-th slope, M1 = (N - C) / 2,
 *           M2 = (N + C) / 2, C = z sqrt(Var S) with ties of the values too,
 *           between ranks by linear interpolation (Hollander and Wolfe 1973;
 *           Gilbert 1987, ch. 16). Ranks beyond the ends are the ends, and
 *           conf_actual is then what they have.
 * Slopes are selected, not sorted: time is O(n^2), and a few per cent of the
 * slopes are held at once.
 * CAP_ERR_INPUT for an infinite value (err->row), conf out of range;
 * CAP_ERR_INTERRUPT. */
cap_status cap_sen_series(size_t n, const double *x, const double *time,
                          const cap_sen_options *options, const cap_poll *poll,
                          cap_sen *out, cap_error *err);

/* Units pooled: the median of all slopes within units (Hirsch, Slack and Smith
 * 1982).
 *   x, weight  as in cap_kendall_units(); time: n ascending distinct times
 * Each slope has its unit's weight. Equal weights give the median; else the
 * lower weighted median, the least slope at which the weights of the slopes
 * up to it reach half of all. The intercept is that median of the units'
 * intercepts at the pooled slope. Interval: the slopes b that the test of
 * cap_kendall_units(), of x - b t, does not refuse at 1 - conf: by joint
 * permutation for n to CAP_EXACT_EDITIONS, else from S / sqrt(Var S) with
 * covariances. Each end is a slope, found by bisection over the slopes in
 * order. conf_actual is 1 less the larger p just beyond the ends (of the
 * normal test: conf). Where n is too small to refuse any b, the interval is
 * all slopes, and conf_actual below conf. Holds all slopes, m n (n - 1) / 2,
 * in memory. CAP_ERR_INPUT as there; CAP_ERR_INTERRUPT. */
cap_status cap_sen_pooled(size_t m, size_t n, const double *x,
                          const double *time, const double *weight,
                          const cap_sen_options *options, const cap_poll *poll,
                          cap_sen *out, cap_error *err);

#endif
