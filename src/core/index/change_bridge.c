/* Splits the difference of two scores into answers, weights and items, so that
 * the parts add up exactly. */
#include "base/fp.h"
#include "core/index/change_bridge.h"

#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"

/* What one leaf brings to a node, for one unit: points at full marks, the
 * share of them that was reached, and whether it counts at all. */
typedef struct {
    int counts;
    double points;
    double reached;
} contribution;

typedef struct {
    size_t n_rows;
    const cap_bridge_end *from;
    const cap_bridge_end *to;
    const size_t *leaf_from;
    const size_t *node_from;
    double *share_from; /* per node: weight used within the parent, one unit */
    double *share_to;
    size_t *leaf_to; /* per leaf of from: the matching leaf of to */
    char *moved;     /* per leaf of to */
} bridge_work;

static cap_status match_leaves(bridge_work *work, cap_error *err)
{
    const cap_tree *from = work->from->tree, *to = work->to->tree;
    for (size_t k = 0; k < from->n_leaves; k++) {
        work->leaf_to[k] = CAP_NO_NODE;
    }
    for (size_t k = 0; k < to->n_leaves; k++) {
        size_t leaf = work->leaf_from[k];
        if (leaf == CAP_NO_NODE) {
            continue;
        }
        if (leaf >= from->n_leaves || work->leaf_to[leaf] != CAP_NO_NODE) {
            return cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, k,
                               "an item is matched twice or to nothing");
        }
        work->leaf_to[leaf] = k;
        size_t parent_to = to->parent[to->leaf_node[k]];
        size_t parent_from = from->parent[from->leaf_node[leaf]];
        work->moved[k] = parent_to == CAP_NO_NODE ||
                         work->node_from[parent_to] != parent_from;
    }
    return CAP_OK;
}

static cap_status check_ends(const bridge_work *work, cap_error *err)
{
    const cap_tree *from = work->from->tree, *to = work->to->tree;
    if (from->max[from->root] < to->max[to->root] ||
        from->max[from->root] > to->max[to->root]) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the two indices are on different scales");
    }
    for (size_t k = 0; k < to->n_nodes; k++) {
        if (work->node_from[k] != CAP_NO_NODE &&
            work->node_from[k] >= from->n_nodes) {
            return cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, k,
                               "a level is matched to nothing");
        }
    }
    return CAP_OK;
}

/* The weights that row `i`'s own score used: a child without a score has
 * none, the others share its weight. */
static void shares_of_row(const cap_bridge_end *end, size_t n_rows, size_t i,
                          double *share)
{
    const cap_tree *tree = end->tree;
    for (size_t k = 0; k < tree->n_nodes; k++) {
        double used = 0;
        int complete = 1;
        for (size_t c = tree->child_start[k]; c < tree->child_start[k + 1];
             c++) {
            size_t child = tree->child[c];
            int missing = isnan(end->scores[i + child * n_rows]);
            complete &= !missing;
            share[child] = missing ? 0 : tree->weight[child];
            used += share[child];
        }
        for (size_t c = tree->child_start[k];
             c < tree->child_start[k + 1] && !complete && used > 0; c++) {
            share[tree->child[c]] /= used;
        }
    }
}

static contribution contribute(const cap_bridge_end *end, size_t n_rows,
                               size_t i, const double *share, size_t leaf,
                               size_t node)
{
    const cap_tree *tree = end->tree;
    contribution out = {0, 0, 0};
    if (leaf == CAP_NO_NODE) {
        return out;
    }
    size_t k = tree->leaf_node[leaf];
    double score = end->scores[i + k * n_rows];
    if (isnan(score)) {
        return out;
    }
    out.reached = score / tree->max[k];
    if (!cap_tree_is_below(tree, k, node)) {
        return out;
    }
    out.counts = 1;
    out.points = tree->max[node];
    for (; k != node; k = tree->parent[k]) {
        out.points *= share[k];
    }
    return out;
}

static int is_observed(const cap_bridge_end *end, size_t n_rows, size_t i,
                       size_t leaf)
{
    return leaf != CAP_NO_NODE &&
           !isnan(end->scores[i + end->tree->leaf_node[leaf] * n_rows]);
}

static void split_node(const bridge_work *work, size_t i, size_t node,
                       cap_sum *answers, cap_sum *weights, cap_sum *items)
{
    size_t n = work->n_rows, node0 = work->node_from[node];
    const cap_tree *from = work->from->tree, *to = work->to->tree;
    for (size_t k = 0; k < to->n_leaves; k++) {
        size_t leaf0 = work->leaf_from[k];
        contribution t = contribute(work->to, n, i, work->share_to, k, node);
        if (!is_observed(work->from, n, i, leaf0)) {
            cap_sum_add(items, t.points * t.reached);
            continue;
        }
        contribution f =
            contribute(work->from, n, i, work->share_from, leaf0, node0);
        if (!is_observed(work->to, n, i, k)) {
            cap_sum_add(items, -f.points * f.reached);
            continue;
        }
        cap_sum_add(answers, t.points * (t.reached - f.reached));
        cap_sum_add(work->moved[k] ? items : weights,
                    (t.points - f.points) * f.reached);
    }
    for (size_t k = 0; k < from->n_leaves; k++) {
        if (work->leaf_to[k] == CAP_NO_NODE) {
            contribution f =
                contribute(work->from, n, i, work->share_from, k, node0);
            cap_sum_add(items, -f.points * f.reached);
        }
    }
}

static void split_row(const bridge_work *work, size_t i, double *answers,
                      double *weights, double *items)
{
    const cap_tree *to = work->to->tree;
    size_t n = work->n_rows;
    shares_of_row(work->from, n, i, work->share_from);
    shares_of_row(work->to, n, i, work->share_to);
    for (size_t k = 0; k < to->n_nodes; k++) {
        size_t at = i + k * n, node0 = work->node_from[k];
        answers[at] = weights[at] = items[at] = NAN;
        if (to->leaf[k] != CAP_NO_NODE || node0 == CAP_NO_NODE ||
            isnan(work->to->scores[at]) ||
            isnan(work->from->scores[i + node0 * n])) {
            continue;
        }
        cap_sum a = {0, 0}, w = {0, 0}, m = {0, 0};
        split_node(work, i, k, &a, &w, &m);
        answers[at] = cap_sum_value(&a);
        weights[at] = cap_sum_value(&w);
        items[at] = cap_sum_value(&m);
    }
}

cap_status cap_bridge_split(size_t n_rows, const cap_bridge_end *from,
                            const cap_bridge_end *to, const size_t *leaf_from,
                            const size_t *node_from, double *answers,
                            double *weights, double *items,
                            const cap_poll *poll, cap_error *err)
{
    bridge_work work = {n_rows, from, to,   leaf_from, node_from,
                        NULL,   NULL, NULL, NULL};
    cap_status status = check_ends(&work, err);
    if (status != CAP_OK) {
        return status;
    }
    work.share_from = cap_calloc(from->tree->n_nodes, sizeof(double));
    work.share_to = cap_calloc(to->tree->n_nodes, sizeof(double));
    work.leaf_to = cap_calloc(from->tree->n_leaves, sizeof(size_t));
    work.moved = cap_calloc(to->tree->n_leaves, sizeof(char));
    if (work.share_from == NULL || work.share_to == NULL ||
        work.leaf_to == NULL || work.moved == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for a bridge");
        goto done;
    }
    status = match_leaves(&work, err);
    for (size_t i = 0; i < n_rows && status == CAP_OK; i++) {
        if (i % 64 == 0 && cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            break;
        }
        split_row(&work, i, answers, weights, items);
    }

done:
    cap_free(work.moved);
    cap_free(work.leaf_to);
    cap_free(work.share_to);
    cap_free(work.share_from);
    return status;
}
