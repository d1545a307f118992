/* Budget allocation: experts' points, pooled into weights. */
#ifndef CAP_BUDGET_ALLOCATION_H
#define CAP_BUDGET_ALLOCATION_H

#include "base/names.h"
#include "base/status.h"

typedef enum {
    CAP_POOL_MEAN,
    CAP_POOL_MEDIAN,
    CAP_POOL_TRIMMED,
    CAP_POOL_GEOMETRIC
} cap_pool;

/* Its values by name. */
extern const cap_name cap_pools[];

typedef enum {
    CAP_EXPERT_FINE,
    CAP_EXPERT_BLANK,    /* a missing value */
    CAP_EXPERT_INFINITE, /* an infinite value */
    CAP_EXPERT_NEGATIVE, /* a negative value */
    CAP_EXPERT_ZERO      /* the points sum to 0 */
} cap_expert_fault;

/* Its values by name. */
extern const cap_name cap_expert_faults[];

/* Each expert's points divided by their sum.
 *   points  n x m, column-major, experts in rows; NaN is a blank
 *   shares  n x m; rows at fault are NaN
 *   fault   n values of cap_expert_fault
 *   item    n columns of the first cell at fault, CAP_NOWHERE where none
 * CAP_ERR_INPUT for no expert or no item. */
cap_status cap_expert_shares(size_t n, size_t m, const double *points,
                             double *shares, int *fault, size_t *item,
                             cap_error *err);

/* Where cap_expert_pool() writes; the caller owns the arrays. */
typedef struct {
    double *weight;    /* m; sum to 1 */
    double *se;        /* m; NaN for one expert */
    double *low;       /* m; first quartile of the experts' shares and */
    double *high;      /* m; third (Hyndman and Fan 1996, type 7) */
    double *leave_out; /* n x m; weights without the expert of the row; NaN
                          for one expert and where they would all be 0 */
    double *shift;     /* n; share of the weight that moves without this
                          expert: half the sum of absolute differences */
} cap_pooled;

/* Pools shares, item by item, and divides by the sum of the pooled values.
 *   shares  n x m from cap_expert_shares(), every one in 0..1
 *   trim    share of experts cut at each end for CAP_POOL_TRIMMED: the
 *           floor(n trim) lowest and highest values; 0 <= trim < 0.5
 * Geometric: exp(mean log share) closed to 1, the centre of a composition
 * (Aitchison 1986, The Statistical Analysis of Compositional Data).
 * Standard errors: of the mean sd / sqrt(n); of the median by Maritz and
 * Jarrett (1978, JASA 73), the order statistics weighted by increments of a
 * Beta((n + 1)/2, (n + 1)/2), the sum of the medians taken as fixed; of the
 * trimmed and the geometric mean by the jackknife,
 * sqrt((n - 1)/n sum (w_-e - mean)^2).
 * CAP_ERR_INPUT for no expert or item, a share outside 0..1 or missing, a trim
 * out of range, a share of 0 under CAP_POOL_GEOMETRIC (err->row, err->column:
 * a logarithm has no room for it); CAP_ERR_NUMERIC when all pooled values are
 * 0 (medians of experts who each back another item); CAP_ERR_MEMORY. */
cap_status cap_expert_pool(size_t n, size_t m, const double *shares,
                           cap_pool pool, double trim, const cap_pooled *out,
                           cap_error *err);

/* The pooled value of one item, before all are divided by their sum; x holds
 * the n >= 1 experts' shares and is overwritten. Nothing is checked. */
double cap_expert_location(size_t n, double *x, cap_pool pool, double trim);

/* The concentration of a Dirichlet distribution whose means are m weights and
 * whose variances agree on average with their standard errors:
 * sum w (1 - w) / sum se^2 - 1. NaN where a weight or an se is, and Inf for
 * standard errors of 0. */
double cap_concentration(size_t m, const double *weight, const double *se);

/* Two items in the order of their pooled weights, and how firm that is. */
typedef struct {
    size_t upper; /* item of the larger weight; of equals the first */
    size_t lower;
    double difference; /* of their weights, >= 0 */
    double se;         /* of the difference, the experts being paired */
    double p;          /* two-sided, t with n - 1 degrees of freedom; NaN
                          without a standard error, 1 for no difference */
    size_t swaps;      /* experts whose removal alone turns the order */
    size_t first;      /* row of the first of them; CAP_NOWHERE */
    size_t removals;   /* fewest experts whose removal turns it: mean only;
                          CAP_NOWHERE when none does, or for other pools */
} cap_item_pair;

/* All m (m - 1) / 2 pairs. `weight` and `leave_out` are from
 * cap_expert_pool() with the same shares and pool. The standard error is that
 * of the mean of the experts' differences; for the median that of Maritz and
 * Jarrett for the differences, in units of the weights; else the jackknife's.
 * Differences below 1e-12 turn nothing. Errors as cap_expert_pool(). */
cap_status cap_expert_pairs(size_t n, size_t m, const double *shares,
                            cap_pool pool, const double *weight,
                            const double *leave_out, cap_item_pair *pairs,
                            cap_error *err);

#endif
