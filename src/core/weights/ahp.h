/* Analytic hierarchy process: weights from pairwise judgements. */
#ifndef CAP_AHP_H
#define CAP_AHP_H

#include "base/names.h"
#include "base/status.h"

typedef enum { CAP_AHP_EIGENVECTOR, CAP_AHP_GEOMETRIC } cap_ahp_method;

/* Its values by name. */
extern const cap_name cap_ahp_methods[];

typedef enum { CAP_AHP_JUDGEMENTS, CAP_AHP_PRIORITIES } cap_ahp_group;

/* Its values by name. */
extern const cap_name cap_ahp_groups[];

enum { CAP_AHP_MAX_ITEMS = 15 };

/* Consistency of one matrix: lambda is its principal eigenvalue (never below
 * n), ci = (lambda - n)/(n - 1), cr = ci / ri; ci and cr are 0 for n <= 2. */
typedef struct {
    double lambda;
    double ci;
    double ri;
    double cr;
} cap_ahp_consistency;

/* Saaty's random index (1980, The Analytic Hierarchy Process): 0, 0, .58, .90,
 * 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59 for 1 to 15
 * items; NaN for others. */
double cap_ahp_random_index(size_t n);

/* Checks an n x n judgement matrix and makes it exactly reciprocal.
 *   given  n x n: given[i + j n] says how many times i outweighs j; NaN is a
 *          gap. Where one of a pair is missing the other's reciprocal is used.
 *   tidy   n x n; may be `given`. Printed reciprocals are rounded (0.143 for
 *          1/7): where a_ij a_ji differs from 1 by 0.25 % at most, the larger
 *          of the two judgements, at least 1, stands.
 *   rounded  how many pairs were so changed (by more than 1e-9)
 * CAP_ERR_INPUT, with err->row and err->column, for a diagonal other than 1,
 * a judgement that is not in 1e-9..1e9, a pair that is not reciprocal; for n
 * of 0 or above CAP_AHP_MAX_ITEMS. */
cap_status cap_ahp_tidy(size_t n, const double *given, double *tidy,
                        size_t *rounded, cap_error *err);

/* The first item that no chain of judgements joins to item 0; n when all are
 * joined. */
size_t cap_ahp_unjoined(size_t n, const double *tidy);

/* Weights (sum 1) and consistency of a tidy matrix.
 * Gaps are completed by w_i / w_j after Harker (1987, Mathematical Modelling
 * 9): w is the principal eigenvector of the matrix with 0 for gaps and one
 * plus the number of gaps of the row on the diagonal; it is the principal
 * eigenvector of the completed matrix too.
 * CAP_AHP_EIGENVECTOR: principal right eigenvector (Saaty 1977, J. Math.
 * Psych. 15). CAP_AHP_GEOMETRIC: closed geometric means of the rows (Crawford
 * and Williams 1985, J. Math. Psych. 29). lambda is that of the matrix,
 * whatever the method.
 * The eigenvector is the limit of repeated squaring (64 squarings at most, all
 * entries >= 0, so that nothing cancels), polished by powers of the matrix.
 * CAP_ERR_INPUT as cap_ahp_tidy() and for judgements that do not join all
 * items (err->row is the first that is apart). */
cap_status cap_ahp_weights(size_t n, const double *tidy, cap_ahp_method method,
                           double *weight, cap_ahp_consistency *out,
                           cap_error *err);

/* How far each judgement is from what the others imply through a third item.
 *   implied    n x n: geometric mean over k of a_ik a_kj, both given
 *   deviation  n x n: mean over k of |log(a_ij / (a_ik a_kj))|, 0 when
 *              transitive
 *   worst      items i, j, k of the triad with the largest
 *              |log(a_ij a_jk a_ki)|; CAP_NOWHERE without a triad
 * NaN on the diagonal, at gaps, and where no k has both. Returns the
 * |log| of the worst triad, NaN without one. */
double cap_ahp_triads(size_t n, const double *tidy, double *implied,
                      double *deviation, size_t worst[3]);

/* Where cap_ahp_pool() writes; the caller owns the arrays. */
typedef struct {
    double *weight; /* n */
    double *se;     /* n; jackknife over the experts, NaN for one */
    double *low;    /* n; quartiles (type 7) of the experts' own weights, */
    double *high;   /* n; NaN when no expert has any, or for one */
    double *pooled; /* n x n; geometric mean of the judgements */
    double *expert_weight;       /* n_experts x n; NaN where an expert's own
                                    judgements do not join all items */
    cap_ahp_consistency *expert; /* n_experts; NaN likewise */
    cap_ahp_consistency group;   /* of the pooled matrix; for priorities of
                                    the least consistent expert */
} cap_ahp_pooled;

/* A group of experts (Aczel and Saaty 1983; Forman and Peniwati 1998).
 *   tidy   n_experts matrices n x n, one after the other
 *   CAP_AHP_JUDGEMENTS: weights of the matrix of geometric means, each over
 *          the experts who gave the judgement
 *   CAP_AHP_PRIORITIES: closed geometric means of the experts' weights
 * One expert alone gives that expert's weights. Errors as cap_ahp_weights();
 * under priorities every expert's judgements must join all items (err->row is
 * the expert, err->column the item); CAP_ERR_MEMORY. */
cap_status cap_ahp_pool(size_t n, size_t n_experts, const double *tidy,
                        cap_ahp_method method, cap_ahp_group group,
                        cap_ahp_pooled *out, cap_error *err);

#endif
