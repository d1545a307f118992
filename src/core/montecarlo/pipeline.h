/* One recomputation of an index under other assumptions, as the Monte Carlo
 * (robustness.h) and the Sobol indices (sensitivity.h) repeat it.
 *
 * The order is fixed: answers -> imputation -> normalisation -> items kept ->
 * weights -> aggregation -> ranks (OECD/JRC 2008, Handbook on Constructing
 * Composite Indicators, step 7; Saisana, Saltelli and Tarantola 2005, JRSS A
 * 168). What may vary is a list of factors; a factor draws its own part of the
 * state from its own stream of random numbers and leaves the rest alone, so
 * that factors can be drawn together, singly or from different replicates. */
#ifndef CAP_PIPELINE_H
#define CAP_PIPELINE_H

#include <stdint.h>

#include "base/names.h"
#include "core/index/aggregate.h"
#include "core/weights/budget_allocation.h"
#include "core/index/rank.h"
#include "base/rng.h"

/* Answers after one choice of imputation and one of normalisation, in points
 * of their item, n_rows x n_leaves, column-major; NaN is missing. */
typedef struct {
    const double *value;
    const double *down;   /* each answer one step lower, and */
    const double *up;     /* one step higher; NULL: answers do not vary */
    const double *spread; /* standard deviations of filled cells, 0 or NaN
                             elsewhere; NULL: filled cells do not vary. Drawn
                             values stay within 0 and the item's maximum, or,
                             where `value` is outside, go no further */
    cap_missing missing;  /* what the cells that stay missing do; not ERROR
                             when there are any */
} cap_layer;

/* A rule for each level with children, as in cap_aggregate_options. */
typedef struct {
    const cap_rule *const *rule; /* NULL: arithmetic everywhere */
    const cap_values *const *parameter;
} cap_recipe;

/* What one replicate has drawn. */
typedef struct {
    size_t missing;    /* the choice of imputation, */
    size_t normalise;  /* of normalisation, */
    size_t recipe;     /* of aggregation, */
    size_t left_out;   /* and the node left out, or CAP_NO_NODE */
    double *weight;    /* n_nodes; children of one parent on any scale */
    signed char *step; /* n_rows x n_leaves: -1, 0, 1 */
    double *deviate;   /* standard normal: one for each cell that has a spread
                          in some layer, in the order of the cells */
} cap_state;

typedef enum {
    CAP_STAGE_ANSWERS = 0,
    CAP_STAGE_MISSING,
    CAP_STAGE_NORMALISE,
    CAP_STAGE_KEEP,
    CAP_STAGE_WEIGHTS,
    CAP_STAGE_AGGREGATE,
} cap_stage;

/* Its values by name. */
extern const cap_name cap_stages[];

/* How the weights w of a parent's children vary. A child of weight 0 stays at
 * 0. */
typedef enum {
    CAP_WEIGHTS_NOISE = 0, /* w (1 + u), u uniform on [-amount, amount] */
    CAP_WEIGHTS_DIRICHLET, /* Dirichlet(amount w): mean w, variance
                              w (1 - w) / (amount + 1) */
    CAP_WEIGHTS_SIMPLEX,   /* uniform on the simplex: Dirichlet(1) */
    CAP_WEIGHTS_EXPERTS,   /* experts drawn with replacement, and pooled */
} cap_weights_kind;

/* Its values by name. */
extern const cap_name cap_weights_kinds[];

/* A parent whose weights vary. */
typedef struct {
    size_t node;
    double amount;        /* noise: 0 to 1; Dirichlet: > 0 */
    size_t n_experts;     /* experts: n_experts x n_children shares of the */
    const double *shares; /* parent, children in the order of the tree */
} cap_varied_parent;

/* A factor: a stage, and how to draw for it. */
typedef struct cap_factor cap_factor;
struct cap_factor {
    cap_stage stage;
    size_t n_choices; /* MISSING, NORMALISE, KEEP, AGGREGATE: choices, each as
                         likely; the first is the index's own */
    const size_t *node; /* KEEP: n_choices nodes, CAP_NO_NODE for none */
    cap_weights_kind kind;
    size_t n_parents;
    const cap_varied_parent *parent;
    cap_pool pool;
    double trim;
};

/* Everything that stays. `tree` holds the index's own weights. */
typedef struct {
    const cap_tree *tree;
    size_t n_rows;
    size_t n_missing, n_normalise; /* choices; 1 and 1 when none vary */
    const cap_layer *layer; /* n_missing x n_normalise, missing fastest */
    const double *p_down;   /* n_rows x n_leaves: probability that an answer */
    const double *p_up;     /* is a step lower, higher; or NULL */
    size_t n_recipes;
    const cap_recipe *recipe;
    double min_coverage;
    cap_rank_method rank;
    size_t n_factors;
    const cap_factor *factor;
} cap_model;

/* What the replicates of one thread work in. Ranks are doubled, so that
 * average ranks are whole; 0 where a unit has no score. */
typedef struct cap_pipeline cap_pipeline;

/* Checks the model and prepares it: shares of the maximum, nominal weights.
 * The model must outlive it. CAP_ERR_INPUT for no rows, choices out of range,
 * amounts out of range (noise 0 to 1, concentration > 0), experts' shares
 * outside 0..1 (or 0 under CAP_POOL_GEOMETRIC) of children that have weight, a
 * trim outside [0, 0.5), a parent that two factors vary, two factors of one
 * stage but for weights, `down` without `up`, values and spreads that are
 * infinite, missing values under CAP_MISSING_ERROR, probabilities below 0 or
 * above 1 together. Free with cap_pipeline_free(). */
cap_status cap_pipeline_new(const cap_model *model, cap_pipeline **out,
                            cap_error *err);

/* The same for another thread: shares what does not change. Free it before
 * the one that it was made from. */
cap_status cap_pipeline_twin(const cap_pipeline *first, cap_pipeline **out,
                             cap_error *err);

void cap_pipeline_free(cap_pipeline *p);

/* The state as the index has it. */
void cap_pipeline_reset(cap_pipeline *p);

/* Draws factor `f` of `replicate` from its stream on `side` (0, or 1 for the
 * second sample of a Sobol design). */
void cap_pipeline_draw(cap_pipeline *p, uint64_t key, uint64_t replicate,
                       size_t f, unsigned side);

/* Scores and ranks of the state. CAP_ERR_NUMERIC with row and node where a
 * rule has no value (cap_aggregate()), and with the node where a parent, or
 * when an item is left out the index, is left without weight; CAP_ERR_INPUT
 * for scores too large to rank. */
cap_status cap_pipeline_evaluate(cap_pipeline *p, cap_error *err);

/* The same for many states at once, which is quicker: `column` 0, 1, ... below
 * CAP_STRIP takes the scores of the state, which may then be drawn anew;
 * errors as above but for scores too large. After n columns
 * cap_pipeline_finish() gives scores and ranks, n_rows x CAP_STRIP, a unit's
 * columns together (those from n on are of no meaning), or CAP_ERR_INPUT and
 * the first column that cannot be ranked in *failed. */
cap_status cap_pipeline_add(cap_pipeline *p, size_t column, cap_error *err);
cap_status cap_pipeline_finish(cap_pipeline *p, size_t n, const double **score,
                               const uint32_t **rank, size_t *failed,
                               cap_error *err);

/* As cap_pipeline_draw() of every factor and cap_pipeline_add() for CAP_STRIP
 * replicates from `first` on, which is quicker still; the state stays as it
 * was. Returns 0 where they must be drawn one by one: more varies than noise
 * on weights, or one of them fails. */
int cap_pipeline_draw_strip(cap_pipeline *p, uint64_t key, uint64_t first);

/* Results of the last evaluation; n_rows of each. */
const double *cap_pipeline_scores(const cap_pipeline *p);
const uint32_t *cap_pipeline_ranks(const cap_pipeline *p);
const cap_state *cap_pipeline_state(const cap_pipeline *p);

/* The choice that the state has of a factor with choices; 0 for others. */
size_t cap_pipeline_choice(const cap_pipeline *p, size_t f);

#endif
