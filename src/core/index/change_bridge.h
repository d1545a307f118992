/* The exact split of a published change between two editions. */
#ifndef CAP_CHANGE_BRIDGE_H
#define CAP_CHANGE_BRIDGE_H

#include "core/framework/framework.h"
#include "base/status.h"

/* The two ends of a bridge: a tree and the scores that cap_aggregate() gave
 * for the same n_rows units in the same order, by the arithmetic rule. */
typedef struct {
    const cap_tree *tree;
    const double *scores; /* n_rows x tree->n_nodes, column-major */
} cap_bridge_end;

/* Splits score(to) - score(from), at each inner node of to->tree that has a
 * counterpart, into
 *   answers  the change of the answers to matched items under the later
 *            weights: the change like for like
 *   weights  the earlier answers under the later less the earlier weights,
 *            for items that stayed where they were
 *   items    items added, dropped, or moved to another parent
 * so that the three add up to the change: the later weights value the answers,
 * the earlier answers value the weights.
 *   leaf_from  to->tree->n_leaves: the matching leaf of from->tree, or
 *              CAP_NO_NODE for an item that is new; no leaf twice
 *   node_from  to->tree->n_nodes: the node of from->tree to compare with, or
 *              CAP_NO_NODE
 *   answers, weights, items  n_rows x to->tree->n_nodes, column-major; NaN at
 *              leaves, at nodes without counterpart and where either score is
 *              missing
 * An item is moved when the parents of its two leaves are not each other's
 * counterparts. Where an answer is missing (NaN score of the leaf) the weights
 * are those that the unit's own score used, and an item that is observed in
 * one edition only counts as added or dropped for that unit.
 * CAP_ERR_INPUT when a match is out of range or used twice, or the roots'
 * maxima differ. */
cap_status cap_bridge_split(size_t n_rows, const cap_bridge_end *from,
                            const cap_bridge_end *to, const size_t *leaf_from,
                            const size_t *node_from, double *answers,
                            double *weights, double *items,
                            const cap_poll *poll, cap_error *err);

#endif
