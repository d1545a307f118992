/* How much rounding is forgiven: each tolerance that decides something stands
 * here once, with its reason. C names it; R and the formulas of workbooks read
 * it from the register below. (What an algorithm stops at stands with it.)
 *
 * Sums and products of a hundred numbers are off by some 1e-14 of their size:
 * all of these lie far above that, and far below what anybody prints. */
#ifndef CAP_TOLERANCE_H
#define CAP_TOLERANCE_H

#include <stddef.h>

#include "base/names.h"

/* A lower bound on the scale of 0 to 100 may be missed by so much: a sum that
 * is 95 but for rounding reaches 95. So may a gate, in points of its answer,
 * and a level of an answer or a price, as given. */
#define CAP_BOUND_SLACK 1e-9

/* What may lack to a half that is rounded up, in units of the last digit kept:
 * 2.675 is a little less in binary, and prints as 2.68. */
#define CAP_HALF_SLACK 1e-7

/* Shares from 0 to 1, of weights, answers, coverage or confidence: what lacks
 * so little is whole, what is so little is none. */
#define CAP_SHARE_SLACK 1e-9

/* Counts of steps on a scale, which a division of decimals gives: 0.3 / 0.1 is
 * less than 3. */
#define CAP_STEP_SLACK 1e-9

/* Scores that agree to this share of the largest size are the same: what
 * rounding leaves of equal scores must not order them. */
#define CAP_SCORE_GAP 1e-11

/* Scores without a maximum are ranked as equal within this share of the
 * largest size, next steps as worth the same within this share of each. */
#define CAP_RANK_GAP 1e-9

/* Values of one series, and times, tie when the gap to a neighbour in their
 * order is at most this share of the largest absolute value: 0.1 + 0.2 ties
 * with 0.3. */
#define CAP_TIE_GAP 1e-12

/* Maxima of one level, on the common scale of their roots, that differ by no
 * more than this share are one. */
#define CAP_MAXIMUM_GAP 1e-9

/* Numbers that differ by no more than this share of the largest size do not
 * vary: there is no spread to divide by. */
#define CAP_SPREAD_SLACK 1e-12

/* Weights that sum to 1: half of the weight is reached, or one has none, but
 * for rounding. */
#define CAP_WEIGHT_SLACK 1e-12

/* A judgement of two items that is off from what others say by no more than
 * this, as a ratio or its logarithm, is what they say. */
#define CAP_JUDGEMENT_SLACK 1e-9

/* A statistic of permuted or drawn data is as extreme as that of the data when
 * it lacks no more than this share of its size. */
#define CAP_STATISTIC_GAP 1e-9

/* Scores on the scale of 0 to 100 that two computations of one index give. */
#define CAP_SAME_SCORE 1e-6

/* Published scores on the scale of 0 to 100 are those that the answers give:
 * six printed decimals, and two steps of rounding on the way. */
#define CAP_PUBLISHED_SLACK 2e-6

/* Published parts add up to their whole but for the decimals that they were
 * printed with: a share of the scale. */
#define CAP_SUM_SLACK 1e-5

/* An end of a scale that lost its 16th digit is that end. */
#define CAP_DIGIT_SLACK 1e-14

/* A number has so many decimals when its rest is under this, in units of the
 * last of them. */
#define CAP_DECIMAL_SLACK 1e-6

/* The register: name in R and value; NULL after the last. */
typedef struct {
    const char *name;
    double value;
} cap_tolerance;

const cap_tolerance *cap_tolerance_at(size_t k);

/* What a share from 0 to 1 stands for. */
typedef enum {
    CAP_SHARE_NONE = 0,
    CAP_SHARE_PART,
    CAP_SHARE_WHOLE,
} cap_share_state;

/* "none", "part", "whole". */
extern const cap_name cap_share_states[];

/* NaN has none of them: the caller leaves it out. */
static inline cap_share_state cap_share_state_of(double share)
{
    return share >= 1 - CAP_SHARE_SLACK ? CAP_SHARE_WHOLE
           : share > CAP_SHARE_SLACK    ? CAP_SHARE_PART
                                        : CAP_SHARE_NONE;
}

#endif
