/* What a change of a weighted mean is made of: units that improved, and weight
 * that moved. */
#ifndef CAP_SHIFT_SHARE_H
#define CAP_SHIFT_SHARE_H

#include "base/names.h"
#include "base/status.h"

typedef enum {
    CAP_SHIFT_MIDPOINT = 0, /* Marshall-Edgeworth: no interaction */
    CAP_SHIFT_LASPEYRES     /* start weights and scores, and an interaction */
} cap_shift_form;

/* Its values by name. */
extern const cap_name cap_shift_forms[];

/* The sums over units whose standard errors are given, in this order. */
enum {
    CAP_SHIFT_CHANGE,
    CAP_SHIFT_WITHIN,
    CAP_SHIFT_COMPOSITION,
    CAP_SHIFT_INTERACTION,
    CAP_SHIFT_TURNOVER,
    CAP_SHIFT_SUMS
};

/* The two ends of the change of n units in n_parts scores each. */
typedef struct {
    size_t n;
    size_t n_parts;
    const double *score_from; /* n x n_parts, column-major */
    const double *score_to;
    const double *users_from; /* n weights >= 0; NULL for one each */
    const double *users_to;
} cap_shift_ends;

/* Where a group's effects go: rows in the order of `member`. */
typedef struct {
    double *within;      /* n_members x n_parts: the unit improved */
    double *composition; /* n_members x n_parts: users moved */
    double *interaction; /* n_members x n_parts: both; 0 for the midpoint */
    double *turnover;    /* n_members x n_parts: the unit entered or left */
    double *mean_from;   /* n_parts: weighted means of the group */
    double *mean_to;     /* n_parts */
    double *se;          /* n_parts x CAP_SHIFT_SUMS: standard errors */
} cap_shift_effects;

/* Splits the change of the weighted mean of the units in `member`, part by
 * part. With u users, w = u / sum u and x the score, among the units present
 * at both ends (weights that sum to 1 over these), the change of their mean is
 *   midpoint   sum wbar dx + sum (xbar - mbar) dw, bars the mean of both ends
 *   Laspeyres  sum w0 dx + sum (x0 - m0) dw + sum dw dx
 * The weights of a unit sum to one, so that centring by the mean leaves the
 * total as it is and tells where users moved to. A unit enters or leaves where
 * it is present at one end only; it brings w1 (x1 - m1), or -w0 (x0 - m0), w
 * its share of all users of that edition and m the mean of the units present
 * at both ends (Melitz and Polanec, RAND Journal 46, 2015, eqs 4-6). The four
 * effects of all units add up to mean_to - mean_from, and are additive over
 * parts.
 * Each sum over units is made of ratios of sums: means m of the units at both
 * ends, M of all units of an edition, and A of the changes dx under the
 * weights of one end: within is (A0 + A1) / 2, or A0; the interaction A1 - A0;
 * the composition what is left of m1 - m0; the turnover M1 - M0 - (m1 - m0).
 * Their variances are n/(n-1) sum z^2 of the linearised terms z (Wolter 2007),
 * such as w_i (dx_i - A); n units at both ends, or at either for the change
 * and the turnover; NaN for fewer than two.
 * A unit is present at an end where all its scores are known (not NaN) and its
 * users are above 0. Without a unit that is present at both ends all is NaN
 * but the means; a mean is NaN where no unit is present.
 * CAP_ERR_INPUT for a row out of range, an infinite score, users below 0 or
 * above CAP_MOST_USERS. */
cap_status cap_shift_share(const cap_shift_ends *ends, size_t n_members,
                           const size_t *member, cap_shift_form form,
                           const cap_shift_effects *effects, cap_error *err);

#endif
