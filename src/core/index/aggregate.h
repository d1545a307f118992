/* From answers to scores at every level of a tree, for a whole panel. */
#ifndef CAP_AGGREGATE_H
#define CAP_AGGREGATE_H

#include "base/names.h"
#include "core/framework/framework.h"
#include "core/index/rules.h"
#include "base/status.h"

/* What a missing answer does. */
typedef enum {
    CAP_MISSING_ERROR = 0,   /* refuse, naming the cell */
    CAP_MISSING_ZERO,        /* no evidence, no points */
    CAP_MISSING_RENORMALISE, /* weigh what is observed */
} cap_missing;

/* Its values by name. */
extern const cap_name cap_missing_policies[];

/* All zero = the arithmetic mean everywhere, error on missing. */
typedef struct {
    const cap_rule *const
        *rule; /* a rule for each level with children: rule[d]
                  combines the children of nodes at depth d.
                  NULL: the arithmetic mean everywhere */
    const cap_values *const *parameter; /* for each of these levels the rule's
                                           parameters, in its own order, or
                                           NULL for the defaults; or NULL */
    cap_missing missing;
    double min_coverage;   /* 0 to 1, with CAP_MISSING_RENORMALISE: a
                              node under it has no score */
    size_t n_segments;     /* rules that compare units do so within segments */
    const size_t *segment; /* of rows (editions): n_segments + 1 offsets from
                              0 to n_rows, ascending; 0 and NULL: all rows */
    char *unproven;        /* output, or NULL: n_nodes; set to 1 at inner nodes
                              whose order is not proven optimal, else to 0 */
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
 * A row is computed on its own, but for rules that compare units (copeland,
 * kemeny): these look at the rows of one segment, and leave out those under
 * the minimum coverage. The order of rows matters to no rule, but for ties in
 * Kemeny's local search (outranking.h).
 * CAP_ERR_INPUT with row and leaf (err->row, err->column) for a missing answer
 * under CAP_MISSING_ERROR, for an infinite one always, and for parameters that
 * are no rule's (rules.h); CAP_ERR_NUMERIC with row and node (err->column) for
 * a score below 0 under a rule that has no value for it; CAP_ERR_INTERRUPT
 * when `poll` says stop. */
cap_status cap_aggregate(const cap_tree *tree,
                         const cap_aggregate_options *options, size_t n_rows,
                         const double *answers, double *scores,
                         double *coverage, const cap_poll *poll,
                         cap_error *err);

/* What counts where answers are missing and the rest is weighed
 * (CAP_MISSING_RENORMALISE).
 *   scores    as cap_aggregate() gives them
 *   observed  n_rows x n_nodes: the weight of the children that have a score,
 *             out of 1; of a leaf 1 or 0
 *   weight    n_rows x n_nodes: the weight of each node among those children
 *             of its parent that have a score, sum 1; 0 for one without. The
 *             root has 1 or 0 */
void cap_observed_weights(const cap_tree *tree, size_t n_rows,
                          const double *scores, double *observed,
                          double *weight);

#endif
