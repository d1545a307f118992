#include "fp.h"
#include "aggregate.h"

#include <math.h>
#include <string.h>

#include "memory.h"

/* Rows are worked in blocks that fit the first-level cache. */
#define BLOCK 256

static int combine_arithmetic(size_t n_children, const double *const *value,
                              const double *weight, size_t n_rows,
                              double parameter, double *out);

static const cap_rule rules[] = {
    {"arithmetic", combine_arithmetic},
};

const cap_rule *cap_rule_find(const char *name)
{
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
        if (strcmp(rules[k].name, name) == 0) {
            return &rules[k];
        }
    }
    return NULL;
}

/* Neumaier's compensated sum, branch-free over the rows of a block. */
static void add_compensated(size_t n, const double *term, double *sum,
                            double *lost)
{
    for (size_t i = 0; i < n; i++) {
        double t = sum[i] + term[i];
        double from_sum = (sum[i] - t) + term[i];
        double from_term = (term[i] - t) + sum[i];
        lost[i] += fabs(sum[i]) >= fabs(term[i]) ? from_sum : from_term;
        sum[i] = t;
    }
}

static int combine_arithmetic(size_t n_children, const double *const *value,
                              const double *weight, size_t n_rows,
                              double parameter, double *out)
{
    double term[BLOCK], sum[BLOCK], lost[BLOCK], used[BLOCK];
    double lowest[BLOCK], highest[BLOCK];
    (void)parameter;
    for (size_t from = 0; from < n_rows; from += BLOCK) {
        size_t n = n_rows - from < BLOCK ? n_rows - from : BLOCK;
        int complete = 1;
        memset(sum, 0, sizeof sum);
        memset(lost, 0, sizeof lost);
        memset(used, 0, sizeof used);
        for (size_t i = 0; i < n; i++) {
            lowest[i] = INFINITY;
            highest[i] = -INFINITY;
        }
        for (size_t k = 0; k < n_children; k++) {
            const double *v = value[k] + from;
            for (size_t i = 0; i < n; i++) {
                int missing = isnan(v[i]);
                complete &= !missing;
                term[i] = missing ? 0 : weight[k] * v[i];
                used[i] += missing ? 0 : weight[k];
                lowest[i] = v[i] < lowest[i] ? v[i] : lowest[i];
                highest[i] = v[i] > highest[i] ? v[i] : highest[i];
            }
            add_compensated(n, term, sum, lost);
        }
        for (size_t i = 0; i < n; i++) {
            double total = sum[i] + lost[i];
            /* The weights sum to 1: do not divide by their rounding error. */
            double mean = complete      ? total
                          : used[i] > 0 ? total / used[i]
                                        : NAN;
            /* A mean lies within its terms; so full marks are full marks. */
            mean = mean < lowest[i] ? lowest[i] : mean;
            out[from + i] = mean > highest[i] ? highest[i] : mean;
        }
    }
    return 0;
}

/* Shares and coverage of the leaves, and the checks of single answers. */
static cap_status read_leaves(const cap_tree *tree, cap_missing missing,
                              size_t n_rows, const double *answers,
                              double *shares, double *coverage,
                              cap_error *err)
{
    for (size_t leaf = 0; leaf < tree->n_leaves; leaf++) {
        size_t node = tree->leaf_node[leaf];
        const double *x = answers + leaf * n_rows;
        double *share = shares + node * n_rows;
        double *cover = coverage + node * n_rows;
        double max = tree->max[node];
        int reversed = tree->direction[node] < 0;
        for (size_t i = 0; i < n_rows; i++) {
            if (isnan(x[i])) {
                if (missing == CAP_MISSING_ERROR) {
                    return cap_fail_at(err, CAP_ERR_INPUT, i, leaf,
                                       "an answer is missing");
                }
                share[i] = missing == CAP_MISSING_ZERO ? 0 : NAN;
                cover[i] = 0;
                continue;
            }
            if (isinf(x[i])) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, leaf,
                                   "an answer is infinite");
            }
            share[i] = (reversed ? max - x[i] : x[i]) / max;
            cover[i] = 1;
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
    int complete = 1;
    memset(cover, 0, n_rows * sizeof *cover);
    for (size_t c = from; c < to; c++) {
        size_t child = tree->child[c];
        const double *below = coverage + child * n_rows;
        const double *share = shares + child * n_rows;
        double weight = tree->weight[child];
        for (size_t i = 0; i < n_rows; i++) {
            double part = isnan(share[i]) ? 0 : below[i];
            complete &= part >= 1;
            cover[i] += weight * part;
        }
    }
    for (size_t i = 0; i < n_rows; i++) {
        cover[i] = complete || cover[i] > 1 ? 1 : cover[i];
    }
}

static cap_status combine_node(const cap_tree *tree, size_t node,
                               const cap_aggregate_options *options,
                               size_t n_rows, const double **value,
                               double *weight, double *shares,
                               double *coverage, cap_error *err)
{
    size_t depth = tree->depth[node];
    const cap_rule *rule =
        options->rule != NULL ? options->rule[depth] : &rules[0];
    double parameter =
        options->parameter != NULL ? options->parameter[depth] : 0;
    size_t from = tree->child_start[node];
    size_t n_children = tree->child_start[node + 1] - from;
    double *out = shares + node * n_rows;
    for (size_t c = 0; c < n_children; c++) {
        size_t child = tree->child[from + c];
        value[c] = shares + child * n_rows;
        weight[c] = tree->weight[child];
    }
    if (rule->combine(n_children, value, weight, n_rows, parameter, out)) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory in rule '%s'",
                        rule->name);
    }
    cover_parent(tree, node, n_rows, shares, coverage);
    if (options->missing == CAP_MISSING_RENORMALISE) {
        const double *cover = coverage + node * n_rows;
        for (size_t i = 0; i < n_rows; i++) {
            /* The tolerance keeps 0.6 + 0.4 from failing a minimum of 1. */
            if (cover[i] + 1e-9 < options->min_coverage) {
                out[i] = NAN;
            }
        }
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

cap_status cap_aggregate(const cap_tree *tree,
                         const cap_aggregate_options *options, size_t n_rows,
                         const double *answers, double *scores,
                         double *coverage, const cap_poll *poll,
                         cap_error *err)
{
    size_t n_inner = tree->n_nodes - tree->n_leaves;
    cap_status status = CAP_OK;
    const double **value = cap_calloc(tree->n_nodes, sizeof *value);
    double *weight = cap_calloc(tree->n_nodes, sizeof *weight);
    if (value == NULL || weight == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for scores");
        goto done;
    }
    /* `scores` holds shares in [0, 1] until the end. */
    status = read_leaves(tree, options->missing, n_rows, answers, scores,
                         coverage, err);
    for (size_t q = 0; q < n_inner && status == CAP_OK; q++) {
        if (cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            break;
        }
        status = combine_node(tree, tree->inner[q], options, n_rows, value,
                              weight, scores, coverage, err);
    }
    if (status == CAP_OK) {
        shares_to_points(tree, n_rows, scores);
    }

done:
    cap_free(weight);
    cap_free(value);
    return status;
}
