#include "fp.h"
#include "aggregate.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "sum.h"

/* Complete rows are worked this many at a time. */
#define LANES 4

static int combine_arithmetic(size_t n_children, const double *const *value,
                              const double *weight, int complete,
                              size_t n_rows, double parameter, double *out);

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

/* So full marks are full marks, whatever the weights round to: a mean cannot
 * leave the range of its terms. */
static inline double within(double mean, double lowest, double highest)
{
    mean = mean < lowest ? lowest : mean;
    return mean > highest ? highest : mean;
}

/* The means of LANES rows, whose sums stay in registers. Knuth's two-sum keeps
 * what rounding loses and, free of branches, vectorises. */
static inline void mean_of_lanes(size_t n_children, const double *const *value,
                                 const double *weight, size_t from,
                                 double *out)
{
    double sum[LANES] = {0}, lost[LANES] = {0}, lowest[LANES], highest[LANES];
    for (size_t i = 0; i < LANES; i++) {
        lowest[i] = highest[i] = value[0][from + i];
    }
    for (size_t k = 0; k < n_children; k++) {
        const double *v = value[k] + from;
        for (size_t i = 0; i < LANES; i++) {
            double term = weight[k] * v[i];
            double t = sum[i] + term;
            double grown = t - sum[i];
            lost[i] += (sum[i] - (t - grown)) + (term - grown);
            sum[i] = t;
            lowest[i] = v[i] < lowest[i] ? v[i] : lowest[i];
            highest[i] = v[i] > highest[i] ? v[i] : highest[i];
        }
    }
    for (size_t i = 0; i < LANES; i++) {
        out[i] = within(sum[i] + lost[i], lowest[i], highest[i]);
    }
}

/* The same for one row with gaps, over the weight of what is there. */
static double mean_of_observed(size_t n_children, const double *const *value,
                               const double *weight, size_t row)
{
    cap_sum sum = {0, 0}, used = {0, 0};
    double lowest = INFINITY, highest = -INFINITY;
    int complete = 1;
    for (size_t k = 0; k < n_children; k++) {
        double v = value[k][row];
        if (isnan(v)) {
            complete = 0;
            continue;
        }
        cap_sum_add(&sum, weight[k] * v);
        cap_sum_add(&used, weight[k]);
        lowest = v < lowest ? v : lowest;
        highest = v > highest ? v : highest;
    }
    if (!(cap_sum_value(&used) > 0)) {
        return NAN;
    }
    /* All weights sum to 1: do not divide by their rounding error. */
    double total = cap_sum_value(&sum);
    return within(complete ? total : total / cap_sum_value(&used), lowest,
                  highest);
}

static int combine_arithmetic(size_t n_children, const double *const *value,
                              const double *weight, int complete,
                              size_t n_rows, double parameter, double *out)
{
    size_t i = 0;
    (void)parameter;
    for (; complete && i + LANES <= n_rows; i += LANES) {
        mean_of_lanes(n_children, value, weight, i, out + i);
    }
    for (; i < n_rows; i++) {
        out[i] = mean_of_observed(n_children, value, weight, i);
    }
    return 0;
}

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

static cap_status combine_node(const cap_tree *tree, size_t node,
                               const cap_aggregate_options *options,
                               size_t n_rows, const double **value,
                               double *weight, double *shares,
                               double *coverage, char *covered, cap_error *err)
{
    size_t depth = tree->depth[node];
    const cap_rule *rule =
        options->rule != NULL ? options->rule[depth] : &rules[0];
    double parameter =
        options->parameter != NULL ? options->parameter[depth] : 0;
    size_t from = tree->child_start[node];
    size_t n_children = tree->child_start[node + 1] - from;
    double *out = shares + node * n_rows, *cover = coverage + node * n_rows;
    covered[node] = 1;
    for (size_t c = 0; c < n_children; c++) {
        size_t child = tree->child[from + c];
        covered[node] = covered[node] && covered[child];
        value[c] = shares + child * n_rows;
        weight[c] = tree->weight[child];
    }
    if (rule->combine(n_children, value, weight, covered[node], n_rows,
                      parameter, out)) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory in rule '%s'",
                        rule->name);
    }
    if (covered[node]) {
        for (size_t i = 0; i < n_rows; i++) {
            cover[i] = 1;
        }
        return CAP_OK;
    }
    cover_parent(tree, node, n_rows, shares, coverage);
    if (options->missing == CAP_MISSING_RENORMALISE) {
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
    char *covered = cap_calloc(tree->n_nodes, sizeof *covered);
    if (value == NULL || weight == NULL || covered == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for scores");
        goto done;
    }
    /* `scores` holds shares in [0, 1] until the end. */
    status = read_leaves(tree, options->missing, n_rows, answers, scores,
                         coverage, covered, err);
    for (size_t q = 0; q < n_inner && status == CAP_OK; q++) {
        if (cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            break;
        }
        status = combine_node(tree, tree->inner[q], options, n_rows, value,
                              weight, scores, coverage, covered, err);
    }
    if (status == CAP_OK) {
        shares_to_points(tree, n_rows, scores);
    }

done:
    cap_free(covered);
    cap_free(weight);
    cap_free(value);
    return status;
}
