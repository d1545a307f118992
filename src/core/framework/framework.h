/* A framework's tree of items as flat arrays. */
#ifndef CAP_FRAMEWORK_H
#define CAP_FRAMEWORK_H

#include "base/status.h"

#define CAP_NO_NODE ((size_t)-1)

/* Nodes keep the order in which the caller gave them; leaves are numbered in
 * that order too. Nodes at depth 0 is the root alone. */
typedef struct {
    size_t n_nodes;
    size_t n_leaves;
    size_t n_levels; /* depth of the deepest node, plus one */
    size_t root;
    size_t *parent;      /* n_nodes; CAP_NO_NODE at the root */
    size_t *depth;       /* n_nodes; 0 at the root */
    size_t *leaf;        /* n_nodes; number of the leaf, CAP_NO_NODE inside */
    size_t *leaf_node;   /* n_leaves; the node of a leaf */
    size_t *child_start; /* n_nodes + 1; offsets into child */
    size_t *child;       /* n_nodes - 1; children of a node, in node order */
    size_t *inner;       /* n_nodes - n_leaves inner nodes, children before
                            their parents */
    double *weight;      /* n_nodes; sums to 1 over the children of a parent */
    double *max;         /* n_nodes; the score that full marks give */
    int *direction;      /* n_nodes; +1 more is better, -1 less is better */
} cap_tree;

/* Builds the tree of `n` nodes.
 *   parent     n parents as node numbers, CAP_NO_NODE for the root
 *   weight     n weights >= 0 within the parent, on any scale (points, per
 *              cent); the root's is not read. The children of one parent must
 *              not all be 0.
 *   max        n maxima > 0
 *   direction  n times +1 or -1 (read at leaves)
 * Missing values (NaN) are refused. CAP_ERR_INPUT, with the node in err->row,
 * for: no node, no root or two, a parent out of range, a cycle (err->row is on
 * it), a negative, missing or infinite weight, children that all weigh 0
 * (err->row is their parent), a maximum that is not > 0 and finite, a
 * direction other than +1 or -1. On success free with cap_tree_free(). */
cap_status cap_tree_build(size_t n, const size_t *parent, const double *weight,
                          const double *max, const int *direction,
                          cap_tree *tree, cap_error *err);

/* Frees what cap_tree_build() allocated; a zeroed tree is left alone. */
void cap_tree_free(cap_tree *tree);

/* Whether `node` is `ancestor` or lies below it. */
int cap_tree_is_below(const cap_tree *tree, size_t node, size_t ancestor);

#endif
