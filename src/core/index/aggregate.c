/* Scores of all nodes of a tree, level by level upwards, by the rule of each
 * level and the policy for missing answers. */
#include "base/fp.h"
#include "core/index/aggregate.h"

#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_missing_policies[] = {
    {"error", CAP_MISSING_ERROR},
    {"zero", CAP_MISSING_ZERO},
    {"renormalise", CAP_MISSING_RENORMALISE},
    {NULL, 0},
};

/* Values are checked twice this many at a time. */
#define LANES 4

/* Whether every value is a finite number: 0 * NaN and 0 * Inf are NaN. One sum
 * would wait for itself at each step, several do not. */
static int all_finite(size_t n, const double *x)
{
    double zeros[2 * LANES] = {0};
    size_t i = 0;
    for (; i + 2 * LANES <= n; i += 2 * LANES) {
        for (size_t k = 0; k < 2 * LANES; k++) {
            zeros[k] += 0 * x[i + k];
        }
    }
    for (; i < n; i++) {
        zeros[0] += 0 * x[i];
    }
    for (size_t k = 1; k < 2 * LANES; k++) {
        zeros[0] += zeros[k];
    }
    return zeros[0] == 0;
}

static void read_complete_leaf(const cap_tree *tree, size_t node,
                               size_t n_rows, const double *x, double *share,
                               double *cover)
{
    double max = tree->max[node];
    if (tree->direction[node] < 0) {
        for (size_t i = 0; i < n_rows; i++) {
            share[i] = (max - x[i]) / max;
        }
    } else {
        for (size_t i = 0; i < n_rows; i++) {
            share[i] = x[i] / max;
        }
    }
    for (size_t i = 0; i < n_rows; i++) {
        cover[i] = 1;
    }
}

static cap_status read_leaf(const cap_tree *tree, size_t node,
                            cap_missing missing, size_t n_rows,
                            const double *x, double *share, double *cover,
                            cap_error *err)
{
    double max = tree->max[node];
    int reversed = tree->direction[node] < 0;
    size_t leaf = tree->leaf[node];
    for (size_t i = 0; i < n_rows; i++) {
        if (isinf(x[i])) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, leaf,
                               "an answer is infinite");
        }
        if (isnan(x[i]) && missing == CAP_MISSING_ERROR) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, leaf,
                               "an answer is missing");
        }
        cover[i] = isnan(x[i]) ? 0 : 1;
        if (isnan(x[i])) {
            share[i] = missing == CAP_MISSING_ZERO ? 0 : NAN;
        } else {
            share[i] = (reversed ? max - x[i] : x[i]) / max;
        }
    }
    return CAP_OK;
}

/* Shares and coverage of the leaves; `covered` marks nodes that rest on an
 * answer in every row. */
static cap_status read_leaves(const cap_tree *tree, cap_missing missing,
                              size_t n_rows, const double *answers,
                              double *shares, double *coverage, char *covered,
                              cap_error *err)
{
    for (size_t leaf = 0; leaf < tree->n_leaves; leaf++) {
        size_t node = tree->leaf_node[leaf];
        const double *x = answers + leaf * n_rows;
        double *share = shares + node * n_rows;
        double *cover = coverage + node * n_rows;
        covered[node] = (char)all_finite(n_rows, x);
        if (covered[node]) {
            read_complete_leaf(tree, node, n_rows, x, share, cover);
            continue;
        }
        cap_status status =
            read_leaf(tree, node, missing, n_rows, x, share, cover, err);
        if (status != CAP_OK) {
            return status;
        }
    }
    return CAP_OK;
}

/* Coverage of a parent: what its scored children rest on. */
static void cover_parent(const cap_tree *tree, size_t node, size_t n_rows,
                         const double *shares, double *coverage)
{
    double *cover = coverage + node * n_rows;
    size_t from = tree->child_start[node], to = tree->child_start[node + 1];
    for (size_t i = 0; i < n_rows; i++) {
        cap_sum sum = {0, 0};
        int complete = 1;
        for (size_t c = from; c < to; c++) {
            size_t at = tree->child[c] * n_rows + i;
            double part = isnan(shares[at]) ? 0 : coverage[at];
            complete = complete && part >= 1;
            cap_sum_add(&sum, tree->weight[tree->child[c]] * part);
        }
        cover[i] =
            complete || cap_sum_value(&sum) > 1 ? 1 : cap_sum_value(&sum);
    }
}

/* A tolerance keeps 0.6 + 0.4 from failing a minimum of 1. */
static int under_minimum(const cap_aggregate_options *options, double cover)
{
    return options->missing == CAP_MISSING_RENORMALISE &&
           cover + CAP_SHARE_SLACK < options->min_coverage;
}

/* What the nodes share while they are worked. */
typedef struct {
    const double **value; /* columns of the children of one node */
    double *weight;       /* their weights */
    char *covered;        /* nodes that have a score in every row and rest on
                             answers alone */
    char *left_out;       /* rows under the minimum coverage */
} workspace;

static cap_status combine_node(const cap_tree *tree, size_t node,
                               const cap_aggregate_options *options,
                               size_t n_rows, workspace *w, double *shares,
                               double *coverage, const cap_poll *poll,
                               cap_error *err)
{
    size_t depth = tree->depth[node];
    const cap_rule *rule =
        options->rule != NULL ? options->rule[depth] : cap_rule_at(0);
    size_t from = tree->child_start[node];
    double *out = shares + node * n_rows, *cover = coverage + node * n_rows;
    cap_children children = {.n_children = tree->child_start[node + 1] - from,
                             .n_rows = n_rows,
                             .value = w->value,
                             .weight = w->weight,
                             .parameter = options->parameter != NULL
                                              ? options->parameter[depth]
                                              : NULL,
                             .n_segments = options->n_segments,
                             .segment = options->segment,
                             .poll = poll};
    int unproven = 0;
    w->covered[node] = 1;
    for (size_t c = 0; c < children.n_children; c++) {
        size_t child = tree->child[from + c];
        w->covered[node] = w->covered[node] && w->covered[child];
        w->value[c] = shares + child * n_rows;
        w->weight[c] = tree->weight[child];
    }
    children.complete = w->covered[node];
    if (w->covered[node]) {
        for (size_t i = 0; i < n_rows; i++) {
            cover[i] = 1;
        }
    } else {
        cover_parent(tree, node, n_rows, shares, coverage);
        for (size_t i = 0; i < n_rows; i++) {
            w->left_out[i] = (char)under_minimum(options, cover[i]);
        }
        children.left_out = w->left_out;
    }
    cap_status status = rule->combine(&children, out, &unproven, err);
    if (status == CAP_ERR_MEMORY) {
        return cap_fail(err, status, "out of memory in rule '%s'", rule->name);
    }
    if (status != CAP_OK) {
        if (err != NULL && err->column == CAP_NOWHERE) {
            err->column = node;
        }
        return status;
    }
    if (options->unproven != NULL) {
        options->unproven[node] = (char)unproven;
    }
    for (size_t i = 0; children.left_out != NULL && i < n_rows; i++) {
        if (w->left_out[i]) {
            out[i] = NAN;
        }
    }
    /* A unit with nothing to be compared with has no score. */
    if (rule->compares_units && w->covered[node]) {
        w->covered[node] = (char)all_finite(n_rows, out);
    }
    return CAP_OK;
}

static void shares_to_points(const cap_tree *tree, size_t n_rows,
                             double *scores)
{
    for (size_t k = 0; k < tree->n_nodes; k++) {
        double *s = scores + k * n_rows;
        for (size_t i = 0; i < n_rows; i++) {
            s[i] *= tree->max[k];
        }
    }
}

static cap_status check_options(const cap_tree *tree,
                                const cap_aggregate_options *options,
                                size_t n_rows, cap_error *err)
{
    size_t n = options->n_segments;
    const size_t *segment = options->segment;
    if (n > 0 &&
        (segment == NULL || segment[0] != 0 || segment[n] != n_rows)) {
        return cap_fail(err, CAP_ERR_INPUT, "segments must cover all rows");
    }
    for (size_t g = 0; g < n; g++) {
        if (segment[g] > segment[g + 1]) {
            return cap_fail(err, CAP_ERR_INPUT, "segments must ascend");
        }
    }
    for (size_t d = 0; options->rule != NULL && d + 1 < tree->n_levels; d++) {
        cap_status status = cap_rule_check(
            options->rule[d],
            options->parameter != NULL ? options->parameter[d] : NULL, err);
        if (status != CAP_OK) {
            return status;
        }
    }
    return CAP_OK;
}

cap_status cap_aggregate(const cap_tree *tree,
                         const cap_aggregate_options *options, size_t n_rows,
                         const double *answers, double *scores,
                         double *coverage, const cap_poll *poll,
                         cap_error *err)
{
    size_t n_inner = tree->n_nodes - tree->n_leaves;
    workspace w = {NULL, NULL, NULL, NULL};
    cap_status status = check_options(tree, options, n_rows, err);
    if (status != CAP_OK) {
        return status;
    }
    w.value = cap_calloc(tree->n_nodes, sizeof *w.value);
    w.weight = cap_calloc(tree->n_nodes, sizeof *w.weight);
    w.covered = cap_calloc(tree->n_nodes, sizeof *w.covered);
    w.left_out = cap_calloc(n_rows, sizeof *w.left_out);
    if (w.value == NULL || w.weight == NULL || w.covered == NULL ||
        w.left_out == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for scores");
        goto done;
    }
    /* `scores` holds shares in [0, 1] until the end. */
    status = read_leaves(tree, options->missing, n_rows, answers, scores,
                         coverage, w.covered, err);
    for (size_t q = 0; q < n_inner && status == CAP_OK; q++) {
        if (cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            break;
        }
        status = combine_node(tree, tree->inner[q], options, n_rows, &w,
                              scores, coverage, poll, err);
    }
    if (status == CAP_OK) {
        shares_to_points(tree, n_rows, scores);
    }

done:
    cap_free(w.left_out);
    cap_free(w.covered);
    cap_free(w.weight);
    cap_free(w.value);
    return status;
}

void cap_observed_weights(const cap_tree *tree, size_t n_rows,
                          const double *scores, double *observed,
                          double *weight)
{
    for (size_t at = 0; at < tree->n_nodes * n_rows; at++) {
        observed[at] = weight[at] = isnan(scores[at]) ? 0 : 1;
    }
    for (size_t q = 0; q < tree->n_nodes - tree->n_leaves; q++) {
        size_t node = tree->inner[q];
        const size_t *child = tree->child + tree->child_start[node];
        size_t n = tree->child_start[node + 1] - tree->child_start[node];
        for (size_t i = 0; i < n_rows; i++) {
            cap_sum sum = {0, 0};
            for (size_t c = 0; c < n; c++) {
                weight[child[c] * n_rows + i] *= tree->weight[child[c]];
                cap_sum_add(&sum, weight[child[c] * n_rows + i]);
            }
            double total = cap_sum_value(&sum);
            observed[node * n_rows + i] = total;
            for (size_t c = 0; total > 0 && c < n; c++) {
                weight[child[c] * n_rows + i] /= total;
            }
        }
    }
}
