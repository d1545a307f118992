/* Sobol indices of an index's uncertain assumptions: pick-freeze over the
 * factors of a model (pipeline.h), for every unit's score and rank at once.
 *
 * Row r of the design draws every factor twice, on side 0 (sample A) and side
 * 1 (sample B), from streams keyed by (key, r, factor, side); A_B^(j) is A
 * with the whole draw of factor j from B. A factor is a block: all weights
 * that it moves change together. There is no limit on factors, and rows are
 * independent (no quasi-random sequence), so that they may be resampled. */
#ifndef CAP_SENSITIVITY_H
#define CAP_SENSITIVITY_H

#include "core/montecarlo/pipeline.h"

typedef struct {
    uint64_t key;
    size_t n_groups;              /* groups of rows, */
    size_t n_rows;                /* and rows in each, both 1 or more */
    int threads;                  /* 0: one */
    const double *nominal_score;  /* n units; the scores as they are */
    const uint32_t *nominal_rank; /* n: doubled, 0 for none */
} cap_sensitivity_run;

/* Outputs: the mean absolute rank shift over the units that have a nominal
 * rank, then each unit's score, then each unit's rank: 1 + 2 n. */
size_t cap_sensitivity_outputs(size_t n_units);

/* The sums that cap_sobol_indices() and cap_sobol_bootstrap() take.
 *   stats   n_groups x (n_outputs x cap_sobol_stat_count(d)), zeroed; d is
 *           the model's number of factors. Outputs of a unit without a score
 *           in some row keep NaN.
 * The same bits for any number of threads. CAP_ERR_NUMERIC with unit and node
 * where a rule has no value; CAP_ERR_INPUT for no factor, group or row, and
 * for a bad model; CAP_ERR_INTERRUPT. */
cap_status cap_sensitivity(const cap_model *model,
                           const cap_sensitivity_run *run, double *stats,
                           const cap_poll *poll, cap_error *err);

#endif
