/* Builds and checks the tree of items, and lists its nodes so that children
 * come before parents. */
#include "base/fp.h"
#include "core/framework/framework.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/allocation.h"

static cap_status check_nodes(size_t n, const size_t *parent,
                              const double *weight, const double *max,
                              const int *direction, size_t *root,
                              cap_error *err)
{
    *root = CAP_NO_NODE;
    if (n == 0 || n > SIZE_MAX / 2 / sizeof(double)) {
        return cap_fail(err, CAP_ERR_INPUT, "a framework needs a node");
    }
    for (size_t k = 0; k < n; k++) {
        if (!(max[k] > 0) || isinf(max[k])) {
            return cap_fail_at(err, CAP_ERR_INPUT, k, CAP_NOWHERE,
                               "the maximum must be above 0 and finite");
        }
        if (direction[k] != 1 && direction[k] != -1) {
            return cap_fail_at(err, CAP_ERR_INPUT, k, CAP_NOWHERE,
                               "the direction must be 1 or -1");
        }
        if (parent[k] == CAP_NO_NODE) {
            if (*root != CAP_NO_NODE) {
                return cap_fail_at(err, CAP_ERR_INPUT, k, CAP_NOWHERE,
                                   "there are two roots");
            }
            *root = k;
            continue;
        }
        if (parent[k] >= n) {
            return cap_fail_at(err, CAP_ERR_INPUT, k, CAP_NOWHERE,
                               "the parent is not a node");
        }
        if (!(weight[k] >= 0) || isinf(weight[k])) {
            return cap_fail_at(err, CAP_ERR_INPUT, k, CAP_NOWHERE,
                               "the weight must be 0 or more and finite");
        }
    }
    if (*root == CAP_NO_NODE) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "there is no root: every node has a parent");
    }
    return CAP_OK;
}

static cap_status allocate(size_t n, cap_tree *tree, cap_error *err)
{
    tree->n_nodes = n;
    tree->parent = cap_calloc(n, sizeof *tree->parent);
    tree->depth = cap_calloc(n, sizeof *tree->depth);
    tree->leaf = cap_calloc(n, sizeof *tree->leaf);
    tree->leaf_node = cap_calloc(n, sizeof *tree->leaf_node);
    tree->child_start = cap_calloc(n + 2, sizeof *tree->child_start);
    tree->child = cap_calloc(n, sizeof *tree->child);
    tree->inner = cap_calloc(n, sizeof *tree->inner);
    tree->weight = cap_calloc(n, sizeof *tree->weight);
    tree->max = cap_calloc(n, sizeof *tree->max);
    tree->direction = cap_calloc(n, sizeof *tree->direction);
    if (tree->parent == NULL || tree->depth == NULL || tree->leaf == NULL ||
        tree->leaf_node == NULL || tree->child_start == NULL ||
        tree->child == NULL || tree->inner == NULL || tree->weight == NULL ||
        tree->max == NULL || tree->direction == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a framework");
    }
    return CAP_OK;
}

/* Counting sort of the nodes by parent; child_start[k] is where the children
 * of k begin. */
static void link_children(cap_tree *tree)
{
    size_t n = tree->n_nodes;
    size_t *start = tree->child_start;
    for (size_t k = 0; k < n; k++) {
        if (tree->parent[k] != CAP_NO_NODE) {
            start[tree->parent[k] + 2]++;
        }
    }
    for (size_t k = 2; k <= n + 1; k++) {
        start[k] += start[k - 1];
    }
    for (size_t k = 0; k < n; k++) {
        if (tree->parent[k] != CAP_NO_NODE) {
            tree->child[start[tree->parent[k] + 1]++] = k;
        }
    }
}

/* Breadth first from the root, so that `inner` reversed has children before
 * parents. A node that is not reached lies on a cycle or below one. */
static cap_status walk(cap_tree *tree, size_t *queue, cap_error *err)
{
    size_t reached = 1, n_inner = 0;
    queue[0] = tree->root;
    for (size_t q = 0; q < reached; q++) {
        size_t k = queue[q];
        if (tree->depth[k] + 1 > tree->n_levels) {
            tree->n_levels = tree->depth[k] + 1;
        }
        for (size_t c = tree->child_start[k]; c < tree->child_start[k + 1];
             c++) {
            tree->depth[tree->child[c]] = tree->depth[k] + 1;
            queue[reached++] = tree->child[c];
        }
    }
    if (reached == tree->n_nodes) {
        for (size_t q = reached; q-- > 0;) {
            size_t k = queue[q];
            if (tree->child_start[k] < tree->child_start[k + 1]) {
                tree->inner[n_inner++] = k;
            }
        }
        return CAP_OK;
    }
    size_t lost = 0;
    while (lost == tree->root || tree->depth[lost] > 0) {
        lost++;
    }
    /* Up from a lost node, after n steps we are on the cycle itself. */
    for (size_t step = 0; step < tree->n_nodes; step++) {
        lost = tree->parent[lost];
    }
    return cap_fail_at(err, CAP_ERR_INPUT, lost, CAP_NOWHERE,
                       "the parents form a cycle");
}

static void number_leaves(cap_tree *tree)
{
    for (size_t k = 0; k < tree->n_nodes; k++) {
        tree->leaf[k] = CAP_NO_NODE;
        if (tree->child_start[k] == tree->child_start[k + 1]) {
            tree->leaf[k] = tree->n_leaves;
            tree->leaf_node[tree->n_leaves++] = k;
        }
    }
}

static cap_status normalise_weights(cap_tree *tree, cap_error *err)
{
    tree->weight[tree->root] = 1;
    for (size_t k = 0; k < tree->n_nodes; k++) {
        size_t from = tree->child_start[k], to = tree->child_start[k + 1];
        double sum = 0;
        for (size_t c = from; c < to; c++) {
            sum += tree->weight[tree->child[c]];
        }
        if (from < to && (!(sum > 0) || isinf(sum))) {
            return cap_fail_at(err, CAP_ERR_INPUT, k, CAP_NOWHERE,
                               "the weights of the children must have a "
                               "finite sum above 0");
        }
        for (size_t c = from; c < to; c++) {
            tree->weight[tree->child[c]] /= sum;
        }
    }
    return CAP_OK;
}

cap_status cap_tree_build(size_t n, const size_t *parent, const double *weight,
                          const double *max, const int *direction,
                          cap_tree *tree, cap_error *err)
{
    size_t *queue = NULL;
    memset(tree, 0, sizeof *tree);
    cap_status status =
        check_nodes(n, parent, weight, max, direction, &tree->root, err);
    if (status != CAP_OK) {
        return status;
    }
    status = allocate(n, tree, err);
    if (status != CAP_OK) {
        goto done;
    }
    queue = cap_calloc(n, sizeof *queue);
    if (queue == NULL) {
        status =
            cap_fail(err, CAP_ERR_MEMORY, "out of memory for a framework");
        goto done;
    }
    memcpy(tree->parent, parent, n * sizeof *parent);
    memcpy(tree->weight, weight, n * sizeof *weight);
    memcpy(tree->max, max, n * sizeof *max);
    memcpy(tree->direction, direction, n * sizeof *direction);
    link_children(tree);
    status = walk(tree, queue, err);
    if (status != CAP_OK) {
        goto done;
    }
    number_leaves(tree);
    status = normalise_weights(tree, err);

done:
    cap_free(queue);
    if (status != CAP_OK) {
        cap_tree_free(tree);
    }
    return status;
}

void cap_tree_free(cap_tree *tree)
{
    cap_free(tree->direction);
    cap_free(tree->max);
    cap_free(tree->weight);
    cap_free(tree->inner);
    cap_free(tree->child);
    cap_free(tree->child_start);
    cap_free(tree->leaf_node);
    cap_free(tree->leaf);
    cap_free(tree->depth);
    cap_free(tree->parent);
    memset(tree, 0, sizeof *tree);
}

int cap_tree_is_below(const cap_tree *tree, size_t node, size_t ancestor)
{
    while (node != CAP_NO_NODE && node != ancestor) {
        node = tree->parent[node];
    }
    return node == ancestor && node != CAP_NO_NODE;
}
