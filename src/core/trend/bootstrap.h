/* Country bootstrap of a group's means and medians over several editions. */
#ifndef CAP_BOOTSTRAP_H
#define CAP_BOOTSTRAP_H

#include <stdint.h>

#include "base/names.h"
#include "base/status.h"

typedef enum {
    CAP_BOOT_MEAN = 0,
    CAP_BOOT_MEAN_WEIGHTED,
    CAP_BOOT_MEDIAN,
    CAP_BOOT_MEDIAN_WEIGHTED,
    CAP_BOOT_FIGURES
} cap_boot_figure;

/* Its values by name. */
extern const cap_name cap_boot_figures[];

typedef struct {
    double estimate; /* at the data */
    double se;       /* standard deviation of the draws */
    double low;      /* percentile interval: quantiles (type 7) of the draws */
    double high;
} cap_boot;

typedef struct {
    size_t draws;    /* 0 for the estimates alone */
    uint64_t key;    /* see rng.h */
    uint32_t stream; /* of the group: groups are independent */
    double conf;     /* of the interval, above 0 and below 1 */
} cap_boot_run;

/* m* = sum g_i u_i x_i / sum g_i u_i with g_i ~ Exp(1): Dirichlet weights over
 * the units (Rubin 1981, Annals of Statistics 9). One g_i is for all columns
 * of a unit, so that changes keep the covariance of the same units.
 *   x, u     n x k scores and users, column-major, a column an edition; NaN
 *            scores are absent, NaN and 0 users carry no weight; u NULL: no
 *            weighted figures
 *   member   rows of the group, no row twice; their order decides which
 *            number belongs to which row
 *   pair     2 n_pairs columns: figures of the second less those of the first
 *   figures  (k + n_pairs) x CAP_BOOT_FIGURES, a row a column or pair, figures
 *            fastest
 * A median is the least score with more than half of the weight at or below
 * it, or the mean of two where exactly half (to 1e-12) lies on each side.
 * estimate is NaN where no unit counts; se, low and high also where fewer than
 * two do (for a pair: at either end). Holds all draws, 8 bytes a figure.
 * CAP_ERR_INPUT for rows, columns, users or conf out of range, an infinite
 * score; CAP_ERR_MEMORY, CAP_ERR_INTERRUPT. */
cap_status cap_bootstrap_group(size_t n, size_t k, const double *x,
                               const double *u, size_t n_members,
                               const size_t *member, size_t n_pairs,
                               const size_t *pair, const cap_boot_run *run,
                               const cap_poll *poll, cap_boot *figures,
                               cap_error *err);

#endif
