/* From answers to scores at every level of a tree, for a whole panel. */
#ifndef CAP_AGGREGATE_H
#define CAP_AGGREGATE_H

#include "framework.h"
#include "status.h"

/* What a missing answer does. */
typedef enum {
    CAP_MISSING_ERROR = 0,   /* refuse, naming the cell */
    CAP_MISSING_ZERO,        /* no evidence, no points */
    CAP_MISSING_RENORMALISE, /* weigh what is observed */
} cap_missing;

/* One aggregation rule. `combine` takes the children of one parent:
 *   value   n_children columns of n_rows shares in [0, 1], NaN for missing
 *   weight  n_children weights, sum 1
 *   complete  non-zero when no value is missing
 * and writes n_rows shares to `out`, NaN where no weight is observed. It must
 * treat a missing child as absent (weights rescaled over the others).
 * `parameter` is the rule's own (an exponent, say). It returns non-zero when
 * it is out of memory. */
typedef struct {
    const char *name;
    int (*combine)(size_t n_children, const double *const *value,
                   const double *weight, int complete, size_t n_rows,
                   double parameter, double *out);
} cap_rule;

/* The rule of that name, or NULL. New rules register in the table in
 * aggregate.c; nothing else changes. */
const cap_rule *cap_rule_find(const char *name);

/* All zero (with rule pointers set) = error on missing. */
typedef struct {
    const cap_rule *const *rule; /* n_levels rules; rule[d] combines the
                                    children of nodes at depth d. NULL: the
                                    arithmetic mean everywhere */
    const double *parameter;     /* n_levels parameters, or NULL for 0 */
    cap_missing missing;
    double min_coverage; /* 0 to 1, with CAP_MISSING_RENORMALISE: a
                            node under it has no score */
} cap_aggregate_options;

/* Scores s_p = A({w_k, s_k / max_k}) * max_p, children first (OECD/JRC
 * Handbook on Constructing Composite Indicators, 2008, step 6; the GCI's own
 * rule is the arithmetic one, ITU Global Cybersecurity Index 2024).
 *   answers   n_rows x tree->n_leaves, column-major, in leaf order, each in
 *             [0, max] of its leaf; NaN is missing. Values outside are not
 *             refused here: an audit scores them too.
 *   scores    n_rows x tree->n_nodes, column-major, in node order, in points
 *             of the node (0 to its maximum); NaN where nothing is observed or
 *             coverage is under the minimum
 *   coverage  the same shape, 0 to 1: the share of the weight below the node
 *             that rests on an answer and enters its score; at a node without
 *             score, the share that was observed
 * A row is computed on its own: the order of rows cannot matter.
 * CAP_ERR_INPUT with row and leaf (err->row, err->column) for a missing answer
 * under CAP_MISSING_ERROR, for an infinite one always; CAP_ERR_INTERRUPT when
 * `poll` says stop. */
cap_status cap_aggregate(const cap_tree *tree,
                         const cap_aggregate_options *options, size_t n_rows,
                         const double *answers, double *scores,
                         double *coverage, const cap_poll *poll,
                         cap_error *err);

#endif
