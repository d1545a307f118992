/* Linking: scores of one method put on the scale of another, by units that
 * have both. */
#ifndef CAP_EQUATING_H
#define CAP_EQUATING_H

#include "base/names.h"
#include "base/status.h"

typedef enum {
    CAP_LINK_MEAN = 0,      /* x + mean(to) - mean(from) */
    CAP_LINK_LINEAR,        /* mean(to) + sd(to) / sd(from) (x - mean(from)) */
    CAP_LINK_EQUIPERCENTILE /* Q_to(P_from(x)) */
} cap_equating_rule;

/* Its values by name. */
extern const cap_name cap_equating_rules[];

/* Fits a link on n units and applies it to `m` values (Kolen and Brennan 2014,
 * Test Equating, Scaling, and Linking: single group).
 *   from, to  n scores of the same units by the two methods; a unit with a NaN
 *             at one of them does not count
 *   values    m scores by the first method, NaN stays; linked: m results
 * Linear: where `from` has no spread the slope is 1. Equipercentile: the
 * percentile rank of a distinct score is the share of scores below it and half
 * of that at it; between distinct scores both it and its inverse are
 * interpolated, beyond the ends they are the ends'. Units that do both alike
 * get the same score back. CAP_ERR_INPUT for an infinite value or an unknown
 * rule, CAP_ERR_NUMERIC where no unit has both, CAP_ERR_MEMORY. */
cap_status cap_equate_scores(cap_equating_rule rule, size_t n,
                             const double *from, const double *to, size_t m,
                             const double *values, double *linked,
                             cap_error *err);

#endif
