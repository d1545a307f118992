/* How much rounding is forgiven, each tolerance once: where C compares, it
 * names one of these; R and the formulas of workbooks read those that they
 * write out from the list in rounding.c (cap_constant_at()).
 *
 * Products and sums of a hundred numbers are off by some 1e-14 of their size.
 * All tolerances lie far above that, and far below what anybody prints. */
#ifndef CAP_TOLERANCE_H
#define CAP_TOLERANCE_H

/* A lower bound, on the scale of 0 to 100, may be missed by so much: a sum
 * that is 95 but for rounding reaches 95. Gates on answers use it as it
 * stands, in the points of the answer. */
#define CAP_BOUND_SLACK 1e-9

/* Added before a number is rounded half up: 2.675 in binary is a little less
 * than that, and prints as 2.68. In units of the last digit kept. */
#define CAP_HALF_SLACK 1e-7

/* Scores tie, in statistics that order them, when they differ by at most so
 * much on the scale of 0 to 100. */
#define CAP_SCORE_TIE 1e-9

/* Numbers without a scale of their own tie within so much of the largest. */
#define CAP_VALUE_TIE 1e-9

/* Shares from 0 to 1: of weights, answers, coverage, confidence. One that
 * misses the whole by so little is whole, one so small is none. */
#define CAP_SHARE_SLACK 1e-9

/* A spread under this share of the largest size is rounding: all is one. */
#define CAP_SPREAD_SLACK 1e-12

/* Counts of steps that come out of a division of floating-point numbers. */
#define CAP_STEP_SLACK 1e-9

#endif
