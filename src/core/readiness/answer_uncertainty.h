/* What the grade of evidence says about an answer. */
#ifndef CAP_ANSWER_UNCERTAINTY_H
#define CAP_ANSWER_UNCERTAINTY_H

#include <stdint.h>

#include "core/readiness/readiness.h"
#include "base/status.h"

/* What is known of each item's levels; n_items each. */
typedef struct {
    const double *lowest; /* levels lowest, lowest + step, ..., highest */
    const double *step;   /* > 0 */
    const double *highest;
} cap_levels;

/* The chance that each member of a gate holds, P(value >= minimum).
 *   value        n_rows x n_items, in points
 *   reliability  n_rows x n_items: probability that the level is the value;
 *                the rest is half on either neighbour one step away (cut at
 *                the ends of the scale), all on the one at an end
 *   pass         n_rows x members
 * Where value or reliability is NaN nothing is known: every level is equally
 * likely. CAP_ERR_INPUT for reliabilities outside [0, 1], levels without order
 * or more than 1e6 of them. */
cap_status cap_evidence_pass(const cap_gates *gates, size_t n_rows,
                             const double *value, const double *reliability,
                             const cap_levels *levels, double *pass,
                             cap_error *err);

/* Drawn levels, for what is no gate: n_draws x n_rows rows (the rows of one
 * draw together) x n_items.
 *   value, reliability  n_rows x n_items, as above
 *   correlation         as in stage_probability.h
 * Keyed by (key, first_draw + draw, row): the same for any chunks of draws. */
typedef struct {
    double correlation;
    uint64_t key;
    uint64_t first_draw;
    size_t n_draws;
} cap_evidence_draws;

cap_status cap_evidence_draw(size_t n_rows, size_t n_items,
                             const double *value, const double *reliability,
                             const cap_levels *levels,
                             const cap_evidence_draws *draws, double *drawn,
                             cap_error *err);

/* The least (`greatest` 0) or the greatest level of each cell that has a
 * chance; n_rows x n_items. */
cap_status cap_evidence_range(size_t n_rows, size_t n_items,
                              const double *value, const double *reliability,
                              const cap_levels *levels, int greatest,
                              double *level, cap_error *err);

#endif
