/* Monte Carlo of an index under other assumptions: how often each unit has
 * each rank and tier, and how often it stands above each other.
 *
 * Replicate r depends on (key, r) alone and all that is kept are counts, so
 * that a run is the same bits for any number of threads, and runs over
 * different ranges add up to one over both (OECD/JRC 2008, Handbook on
 * Constructing Composite Indicators, step 7). */
#ifndef CAP_ROBUSTNESS_H
#define CAP_ROBUSTNESS_H

#include "core/montecarlo/pipeline.h"

/* Scores are counted on a grid of the root's maximum / CAP_GRID: grid point g
 * holds those that round to it, the two ends also what lies beyond. */
enum { CAP_GRID = 10000 };

/* Counts over replicates; the caller's arrays, zeroed, to which is added.
 * n = n_rows. Count r of ranks is that of rank r + 1, with average ranks
 * (r + 2) / 2; n_ranks = cap_robustness_ranks(). */
typedef struct {
    uint32_t *rank;   /* n_ranks x n, column-major */
    uint32_t *tier;   /* n x (n_bands + 1), the last for scores under all */
    uint32_t *above;  /* n x n: row above column, ties not; or NULL */
    uint32_t *score;  /* (CAP_GRID + 1) x n */
    uint32_t *beyond; /* n: scores beyond the grid's ends */
    uint32_t *choice; /* for each factor with choices its counts, in order */
    uint64_t *choice_shift; /* and the sums over replicates of the units'
                               doubled absolute rank shifts */
    uint64_t failed;        /* replicates that a rule had no value for */
} cap_tally;

typedef struct {
    uint64_t key;
    uint64_t first; /* replicate; counted from 0 */
    uint64_t n;     /* replicates, under 2^32 - 1 */
    int threads;    /* 0: one */
    int allow_failed;
    size_t n_bands;
    const double *lower;          /* as cap_band() */
    const uint32_t *nominal_rank; /* n: doubled, 0 none; for rank shifts */
    double *kept_score; /* n_rows x n replicates, or NULL; NaN for failed */
    int *kept_choice;   /* the same of factors with choices, from 0; or NULL */
} cap_robustness_run;

/* Columns of cap_tally.rank. */
size_t cap_robustness_ranks(size_t n_rows, cap_rank_method method);

/* Runs replicates first .. first + n - 1 and adds to `tally`. CAP_ERR_NUMERIC
 * (unless failures are allowed, which are counted) with the unit in err->row,
 * the node in err->column and the number of the first failed replicate in
 * *failed_at; CAP_ERR_INPUT for more than 16,383 units or a bad model
 * (cap_pipeline_new()); CAP_ERR_INTERRUPT, after which `tally` holds a part of
 * the replicates. Only the calling thread polls
 * and reports. */
cap_status cap_robustness(const cap_model *model,
                          const cap_robustness_run *run, cap_tally *tally,
                          uint64_t *failed_at, const cap_poll *poll,
                          cap_error *err);

/* Mean distance of each unit's counted ranks from its nominal one.
 *   count    n_ranks x n, column-major: replicates with each rank
 *   rank     n_ranks: what the ranks are
 *   nominal  n
 *   shift    n; NaN for a unit without a rank or a count */
void cap_mean_rank_shifts(size_t n, size_t n_ranks, const double *count,
                          const double *rank, const double *nominal,
                          double *shift);

#endif
