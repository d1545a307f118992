/* Scores from answers: by hand, against a naive recursion, and at the edges.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/index/aggregate.h"

#define NONE CAP_NO_NODE
#define near(a, b) assert_true(fabs((a) - (b)) < 1e-12)

static uint32_t seed = 7;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
static double uniform(void) { return (double)draw() / 16777216.0; }

/* Root 0 of 100; pillars 1 (weight 3) and 2 (weight 1) of 20; leaves 3 (weight
 * 1, max 1), 4 (weight 3, max 2, less is better) under 1; 5 (max 3) under 2.
 */
static const size_t parent6[] = {NONE, 0, 0, 1, 1, 2};
static const double weight6[] = {NAN, 3, 1, 1, 3, 1};
static const double max6[] = {100, 20, 20, 1, 2, 3};
static const int direction6[] = {1, 1, 1, 1, -1, 1};

static void build6(cap_tree *tree)
{
    assert_int_equal(
        cap_tree_build(6, parent6, weight6, max6, direction6, tree, NULL),
        CAP_OK);
}

static void three_rows_by_hand(void **state)
{
    (void)state;
    /* leaf 3, leaf 4 (reversed), leaf 5; rows: mixed, best, worst */
    const double x[] = {0.5, 1, 0, 0.5, 0, 2, 1.5, 3, 0};
    double s[18], c[18];
    const cap_aggregate_options options = {0};
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 3, x, s, c, NULL, NULL),
                     CAP_OK);
    /* pillar 1: (0.25 * 0.5 + 0.75 * (2 - 0.5) / 2) * 20 = 13.75 */
    near(s[1 * 3], 13.75);
    near(s[2 * 3], 10);
    near(s[0], 75 * 0.6875 + 25 * 0.5);
    near(s[4 * 3], 1.5); /* a leaf's score honours its direction */
    near(s[1], 100);
    near(s[2], 0);
    for (size_t k = 0; k < 18; k++) {
        near(c[k], 1);
    }
    cap_tree_free(&tree);
}

static void a_single_node_is_its_answer(void **state)
{
    (void)state;
    const size_t parent[] = {NONE};
    const double weight[] = {0}, max[] = {4}, x[] = {1, NAN};
    const int direction[] = {-1};
    const cap_aggregate_options options = {.missing = CAP_MISSING_RENORMALISE};
    double s[2], c[2];
    cap_tree tree;
    assert_int_equal(
        cap_tree_build(1, parent, weight, max, direction, &tree, NULL),
        CAP_OK);
    assert_int_equal(cap_aggregate(&tree, &options, 2, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[0], 3);
    assert_true(isnan(s[1]));
    near(c[0], 1);
    near(c[1], 0);
    cap_tree_free(&tree);
}

static void zero_rows_are_fine(void **state)
{
    (void)state;
    double nothing[1] = {0};
    const cap_aggregate_options options = {0};
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 0, nothing, nothing,
                                   nothing, NULL, NULL),
                     CAP_OK);
    cap_tree_free(&tree);
}

static void missing_error_names_the_cell(void **state)
{
    (void)state;
    double x[] = {0, 0, 0, 0, NAN, 0};
    double s[12], c[12];
    cap_aggregate_options options = {0};
    cap_error err;
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 2, x, s, c, NULL, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 0);
    assert_int_equal(err.column, 2);
    /* an infinite answer is refused under every policy */
    for (int policy = 0; policy < 3; policy++) {
        for (int sign = -1; sign < 2; sign += 2) {
            x[4] = 0;
            x[3] = sign < 0 ? -HUGE_VAL : HUGE_VAL;
            options.missing = (cap_missing)policy;
            assert_int_equal(
                cap_aggregate(&tree, &options, 2, x, s, c, NULL, &err),
                CAP_ERR_INPUT);
            assert_int_equal(err.row, 1);
            assert_int_equal(err.column, 1);
        }
    }
    cap_tree_free(&tree);
}

static void policies_by_hand(void **state)
{
    (void)state;
    /* leaf 4 missing in row 0; leaf 5 in row 1; all in row 2 */
    const double x[] = {0.5, 1, NAN, NAN, 1, NAN, 1.5, NAN, NAN};
    double s[18], c[18];
    cap_aggregate_options options = {.missing = CAP_MISSING_ZERO};
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 3, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[3], 0.25 * 0.5 * 20); /* no evidence, no points: reversed too */
    near(s[0], 75 * 0.125 + 25 * 0.5);
    near(c[3], 0.25);
    near(c[0], 0.75 * 0.25 + 0.25);
    near(s[1], 75 * (0.25 + 0.75 * 0.5));
    near(c[1], 0.75);
    near(s[2], 0);
    near(c[2], 0);
    near(s[4 * 3], 0);

    options.missing = CAP_MISSING_RENORMALISE;
    assert_int_equal(cap_aggregate(&tree, &options, 3, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[3], 10);
    near(s[0], 50);
    near(c[0], 0.75 * 0.25 + 0.25);
    near(s[1], 62.5);
    near(c[1], 0.75);
    assert_true(isnan(s[2 * 3 + 1]));
    near(c[2 * 3 + 1], 0);
    assert_true(isnan(s[2]) && isnan(s[3 + 2]) && isnan(s[4 * 3]));
    near(c[2], 0);

    /* a pillar under the minimum has no score and lends none to the root,
     * but its coverage says what was observed */
    options.min_coverage = 0.3;
    assert_int_equal(cap_aggregate(&tree, &options, 3, x, s, c, NULL, NULL),
                     CAP_OK);
    assert_true(isnan(s[3]));
    near(c[3], 0.25);
    assert_true(isnan(s[0])); /* only the 0.25 of pillar 2 is left */
    near(c[0], 0.25);
    near(s[1], 62.5);
    options.min_coverage = 0.25; /* exactly met is met */
    assert_int_equal(cap_aggregate(&tree, &options, 3, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[3], 10);
    cap_tree_free(&tree);
}

/* 0.6 + 0.4 is complete though the sum may be 1 but for rounding. */
static void complete_rows_meet_a_minimum_of_one(void **state)
{
    (void)state;
    enum { N = 11 };
    size_t parent[N];
    double weight[N], max[N], x[2 * (N - 1)], s[2 * N], c[2 * N];
    int direction[N];
    const cap_aggregate_options options = {.missing = CAP_MISSING_RENORMALISE,
                                           .min_coverage = 1};
    cap_tree tree;
    for (size_t k = 0; k < N; k++) {
        parent[k] = k == 0 ? NONE : 0;
        weight[k] = 0.1 * (double)k;
        max[k] = k == 0 ? 100 : 1;
        direction[k] = 1;
    }
    for (size_t k = 0; k < N - 1; k++) {
        x[2 * k] = 1;
        x[2 * k + 1] = k == 3 ? NAN : 1;
    }
    assert_int_equal(
        cap_tree_build(N, parent, weight, max, direction, &tree, NULL),
        CAP_OK);
    assert_int_equal(cap_aggregate(&tree, &options, 2, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[0], 100);
    assert_true(c[0] >= 1 && c[0] <= 1);
    assert_true(isnan(s[1]));
    cap_tree_free(&tree);
}

static void a_child_of_weight_zero_counts_nothing(void **state)
{
    (void)state;
    const double weight[] = {0, 3, 1, 0, 3, 1};
    const double x[] = {NAN, 1, 1, NAN, 1.5, 1.5}; /* 3: NaN, 1; 4: 1, NaN */
    double s[12], c[12];
    const cap_aggregate_options options = {.missing = CAP_MISSING_RENORMALISE};
    cap_tree tree;
    assert_int_equal(
        cap_tree_build(6, parent6, weight, max6, direction6, &tree, NULL),
        CAP_OK);
    assert_int_equal(cap_aggregate(&tree, &options, 2, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[2], 10); /* pillar 1, row 0: leaf 3 missing, but it weighs 0 */
    near(c[2], 1);
    assert_true(isnan(s[3])); /* row 1: what is observed weighs 0 */
    near(c[3], 0);
    near(s[1], 50); /* the root is left with pillar 2 */
    near(c[1], 0.25);
    cap_tree_free(&tree);
}

static void values_off_the_scale_are_scored(void **state)
{
    (void)state;
    const double x[] = {-1, 4, 30};
    double s[6], c[6];
    const cap_aggregate_options options = {0};
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 1, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[1], (0.25 * -1 + 0.75 * -1) * 20);
    near(s[2], 200);
    cap_tree_free(&tree);
}

/* Naive twin: plain recursion in long double, one row at a time. */
typedef struct {
    long double share, coverage;
    int missing;
} twin;

static twin recurse(const cap_tree *tree, const cap_aggregate_options *options,
                    size_t n_rows, const double *x, size_t i, size_t k,
                    double *s, double *c)
{
    twin out = {0, 0, 0};
    if (tree->leaf[k] != NONE) {
        double v = x[i + tree->leaf[k] * n_rows];
        out.missing = isnan(v) && options->missing != CAP_MISSING_ZERO;
        out.coverage = isnan(v) ? 0 : 1;
        if (!isnan(v)) {
            out.share = tree->direction[k] > 0 ? v : tree->max[k] - v;
            out.share /= tree->max[k];
        }
    } else {
        long double used = 0, sum = 0, cover = 0;
        for (size_t q = tree->child_start[k]; q < tree->child_start[k + 1];
             q++) {
            size_t child = tree->child[q];
            twin below = recurse(tree, options, n_rows, x, i, child, s, c);
            if (!below.missing) {
                used += tree->weight[child];
                sum += tree->weight[child] * below.share;
                cover += tree->weight[child] * below.coverage;
            }
        }
        out.missing =
            !(used > 0) || (options->missing == CAP_MISSING_RENORMALISE &&
                            cover + 1e-9L < options->min_coverage);
        out.coverage = cover;
        out.share = used > 0 ? sum / used : 0;
    }
    s[k] = out.missing ? NAN : (double)(out.share * tree->max[k]);
    c[k] = (double)out.coverage;
    return out;
}

static void random_tree(size_t n, cap_tree *tree)
{
    size_t parent[80];
    double weight[80], max[80];
    int direction[80];
    for (size_t k = 0; k < n; k++) {
        parent[k] = k == 0 ? NONE : draw() % k;
        weight[k] = 0.1 + uniform();
        max[k] = k == 0 ? 100 : 1 + draw() % 20;
        direction[k] = draw() % 3 == 0 ? -1 : 1;
    }
    for (size_t k = 1; k < n; k++) { /* some weights 0, never all */
        if (draw() % 6 == 0 && k + 1 < n && parent[k + 1] == parent[k]) {
            weight[k] = 0;
        }
    }
    assert_int_equal(
        cap_tree_build(n, parent, weight, max, direction, tree, NULL), CAP_OK);
}

static void random_answers(const cap_tree *tree, size_t n_rows, unsigned gaps,
                           double *x)
{
    for (size_t leaf = 0; leaf < tree->n_leaves; leaf++) {
        for (size_t i = 0; i < n_rows; i++) {
            x[i + leaf * n_rows] =
                draw() % 100 < gaps
                    ? NAN
                    : uniform() * tree->max[tree->leaf_node[leaf]];
        }
    }
}

static void agree(double a, double b)
{
    assert_int_equal(isnan(a) != 0, isnan(b) != 0);
    assert_true(isnan(a) || fabs(a - b) <= 1e-11 * fmax(1, fabs(b)));
}

static void random_trees_agree_with_the_recursion(void **state)
{
    (void)state;
    static const double minimum[] = {0, 0.2, 0.5, 0.9, 1};
    for (int round = 0; round < 120; round++) {
        size_t n = 1 + draw() % 70, rows = 1 + draw() % 20;
        cap_aggregate_options options = {0};
        cap_tree tree;
        random_tree(n, &tree);
        options.missing = (cap_missing)(round % 3);
        if (options.missing == CAP_MISSING_RENORMALISE) {
            options.min_coverage = minimum[draw() % 5];
        }
        double *x = calloc(rows * tree.n_leaves, sizeof *x);
        double *s = calloc(rows * n, sizeof *s);
        double *c = calloc(rows * n, sizeof *c);
        double ts[80], tc[80];
        assert_true(x && s && c);
        random_answers(&tree, rows,
                       options.missing == CAP_MISSING_ERROR ? 0 : draw() % 90,
                       x);
        assert_int_equal(
            cap_aggregate(&tree, &options, rows, x, s, c, NULL, NULL), CAP_OK);
        for (size_t i = 0; i < rows; i++) {
            recurse(&tree, &options, rows, x, i, tree.root, ts, tc);
            for (size_t k = 0; k < n; k++) {
                agree(s[i + k * rows], ts[k]);
                agree(c[i + k * rows], tc[k]);
                assert_true(c[i + k * rows] >= 0 && c[i + k * rows] <= 1);
            }
        }
        free(c);
        free(s);
        free(x);
        cap_tree_free(&tree);
    }
}

/* "A row is computed on its own": the bits of a row must not depend on what
 * stands beside it, such as a row with a gap in the same block. */
static void a_row_has_the_same_bits_in_any_company(void **state)
{
    (void)state;
    enum { ROWS = 600 }; /* more than two blocks */
    size_t n = 40, differ = 0;
    cap_tree tree;
    random_tree(n, &tree);
    double *x = calloc(ROWS * tree.n_leaves, sizeof *x);
    double *s = calloc(ROWS * n, sizeof *s);
    double *c = calloc(ROWS * n, sizeof *c);
    const cap_aggregate_options options = {.missing = CAP_MISSING_RENORMALISE};
    assert_true(x && s && c);
    random_answers(&tree, ROWS, 0, x);
    for (size_t i = 0; i < ROWS; i += 7) {
        x[i + (i % tree.n_leaves) * ROWS] = NAN;
    }
    assert_int_equal(cap_aggregate(&tree, &options, ROWS, x, s, c, NULL, NULL),
                     CAP_OK);
    for (size_t i = 0; i < ROWS; i++) {
        double one[80], s1[80], c1[80];
        for (size_t leaf = 0; leaf < tree.n_leaves; leaf++) {
            one[leaf] = x[i + leaf * ROWS];
        }
        assert_int_equal(
            cap_aggregate(&tree, &options, 1, one, s1, c1, NULL, NULL),
            CAP_OK);
        for (size_t k = 0; k < n; k++) {
            differ += memcmp(&s1[k], &s[i + k * ROWS], sizeof(double)) != 0 &&
                      !(isnan(s1[k]) && isnan(s[i + k * ROWS]));
            differ += memcmp(&c1[k], &c[i + k * ROWS], sizeof(double)) != 0;
        }
    }
    free(c);
    free(s);
    free(x);
    cap_tree_free(&tree);
    assert_int_equal(differ, 0);
}

static void better_answers_never_lower_a_score(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        size_t n = 2 + draw() % 40;
        double x[80], s[80], c[80], s2[80];
        const cap_aggregate_options options = {.missing =
                                                   CAP_MISSING_RENORMALISE};
        cap_tree tree;
        random_tree(n, &tree);
        random_answers(&tree, 1, 20, x);
        assert_int_equal(
            cap_aggregate(&tree, &options, 1, x, s, c, NULL, NULL), CAP_OK);
        for (size_t leaf = 0; leaf < tree.n_leaves; leaf++) {
            size_t k = tree.leaf_node[leaf];
            double old = x[leaf];
            if (isnan(old)) {
                continue;
            }
            x[leaf] = tree.direction[k] > 0 ? tree.max[k] : 0;
            assert_int_equal(
                cap_aggregate(&tree, &options, 1, x, s2, c, NULL, NULL),
                CAP_OK);
            for (size_t q = 0; q < n; q++) {
                assert_true(isnan(s[q]) || s2[q] >= s[q] - 1e-12);
            }
            x[leaf] = old;
        }
        cap_tree_free(&tree);
    }
}

/* The GCI's own sum: 0.1 * 3 and its kind must not leave 100 short. */
static void full_marks_are_exactly_the_maximum(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t n = 2 + draw() % 60;
        double x[80], s[80], c[80];
        const cap_aggregate_options options = {0};
        cap_tree tree;
        random_tree(n, &tree);
        for (size_t leaf = 0; leaf < tree.n_leaves; leaf++) {
            size_t k = tree.leaf_node[leaf];
            x[leaf] = tree.direction[k] > 0 ? tree.max[k] : 0;
        }
        assert_int_equal(
            cap_aggregate(&tree, &options, 1, x, s, c, NULL, NULL), CAP_OK);
        assert_true(fabs(s[0] - 100) < 1e-12);
        cap_tree_free(&tree);
    }
}

static void rules_are_found_by_name(void **state)
{
    (void)state;
    const cap_rule *rule = cap_rule_find("arithmetic");
    assert_non_null(rule);
    assert_string_equal(rule->name, "arithmetic");
    assert_null(cap_rule_find("arithmetics"));
    assert_null(cap_rule_find(""));
}

/* The largest child: a rule of another kind, to see that levels choose. */
static double seen_parameter;
static int seen_complete;
static cap_status combine_largest(const cap_children *c, double *out,
                                  int *unproven, cap_error *err)
{
    (void)unproven, (void)err;
    seen_parameter = c->parameter != NULL ? c->parameter[0].value[0] : NAN;
    seen_complete = c->complete;
    for (size_t i = 0; i < c->n_rows; i++) {
        out[i] = NAN;
        for (size_t k = 0; k < c->n_children; k++) {
            out[i] = fmax(out[i], c->value[k][i]);
        }
    }
    return CAP_OK;
}
static cap_status combine_no_memory(const cap_children *c, double *out,
                                    int *unproven, cap_error *err)
{
    (void)c, (void)out, (void)unproven;
    return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
}

static void each_level_has_its_rule(void **state)
{
    (void)state;
    static const cap_rule largest = {.name = "largest",
                                     .combine = combine_largest,
                                     .n_parameters = 1,
                                     .parameter = {{"p", NAN, 0, 3, 0, 0}}};
    static const cap_rule broken = {.name = "broken",
                                    .combine = combine_no_memory};
    const cap_rule *rules[] = {&largest, cap_rule_find("arithmetic"), NULL};
    const double given = 2.5;
    cap_values values = {1, &given};
    const cap_values *parameter[] = {&values, NULL, NULL};
    const double x[] = {0.5, 0.5, 3};
    double s[6], c[6];
    cap_aggregate_options options = {.rule = rules, .parameter = parameter};
    cap_error err;
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 1, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[1], 13.75);
    near(s[0], 100); /* the larger pillar, not their mean */
    near(seen_parameter, 2.5);
    assert_true(seen_complete);
    const double gap[] = {NAN, NAN, 3};
    options.missing = CAP_MISSING_RENORMALISE;
    assert_int_equal(cap_aggregate(&tree, &options, 1, gap, s, c, NULL, NULL),
                     CAP_OK);
    assert_false(seen_complete); /* the rule is told that a child is missing */
    near(s[0], 100);
    options.missing = CAP_MISSING_ERROR;
    rules[1] = &broken;
    assert_int_equal(cap_aggregate(&tree, &options, 1, x, s, c, NULL, &err),
                     CAP_ERR_MEMORY);
    assert_non_null(strstr(err.message, "broken"));
    cap_tree_free(&tree);
}

static void parameters_and_segments_are_checked(void **state)
{
    (void)state;
    const cap_rule *power = cap_rule_find("generalised_mean");
    const cap_rule *rules[] = {power, power};
    const double x[] = {0.5, 0.5, 3}, nan = NAN;
    double s[6], c[6];
    cap_aggregate_options options = {.rule = rules};
    cap_error err;
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 1, x, s, c, NULL, &err),
                     CAP_ERR_INPUT);
    assert_non_null(strstr(err.message, "'r'"));
    cap_values values = {1, &nan};
    const cap_values *parameter[] = {&values, &values};
    options.parameter = parameter;
    assert_int_equal(cap_aggregate(&tree, &options, 1, x, s, c, NULL, &err),
                     CAP_ERR_INPUT);
    options.rule = NULL;
    const size_t short_of[] = {0, 0}, back[] = {0, 2, 1, 1};
    options.n_segments = 1;
    options.segment = short_of;
    assert_int_equal(cap_aggregate(&tree, &options, 1, x, s, c, NULL, &err),
                     CAP_ERR_INPUT);
    options.n_segments = 3;
    options.segment = back;
    assert_int_equal(cap_aggregate(&tree, &options, 1, x, s, c, NULL, &err),
                     CAP_ERR_INPUT);
    cap_tree_free(&tree);
}

/* Copeland at the root, two editions of three and one unit: the one has no
 * score there; under the minimum coverage a unit is not compared. */
static void units_are_compared_within_a_segment(void **state)
{
    (void)state;
    const cap_rule *rules[] = {cap_rule_find("copeland"),
                               cap_rule_find("arithmetic")};
    const size_t segment[] = {0, 3, 4};
    const double gap[] = {1, 0.5, NAN, 0, 0, 1, NAN, 2, 3, 2, NAN, 0};
    double x[12] = {1, 0.5, 0, 0, 0, 1, 2, 2, 3, 2, 1, 0}, s[24], c[24];
    char unproven[6] = {1, 1, 1, 1, 1, 1};
    cap_aggregate_options options = {.rule = rules,
                                     .n_segments = 2,
                                     .segment = segment,
                                     .unproven = unproven};
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 4, x, s, c, NULL, NULL),
                     CAP_OK);
    near(s[0], 100);
    near(s[1], 50);
    near(s[2], 0);
    assert_true(isnan(s[3]));
    near(c[3], 1);
    assert_int_equal(unproven[0] + unproven[1] + unproven[2], 0);
    options.missing = CAP_MISSING_RENORMALISE;
    options.min_coverage = 0.5;
    assert_int_equal(cap_aggregate(&tree, &options, 4, gap, s, c, NULL, NULL),
                     CAP_OK);
    near(s[0], 100);
    near(s[1], 0); /* the third is not there to be above */
    assert_true(isnan(s[2]));
    cap_tree_free(&tree);
}

static void a_negative_score_is_refused_by_name(void **state)
{
    (void)state;
    const cap_rule *rules[] = {cap_rule_find("geometric"),
                               cap_rule_find("arithmetic")};
    const double x[] = {0.5, -1, 0.5, 0.5, 3, 3};
    double s[12], c[12];
    const cap_aggregate_options options = {.rule = rules};
    cap_error err;
    cap_tree tree;
    const int direction[] = {1, 1, 1, 1, 1, 1};
    assert_int_equal(cap_tree_build(6, parent6, (double[]){0, 3, 1, 3, 1, 1},
                                    max6, direction, &tree, NULL),
                     CAP_OK);
    assert_int_equal(cap_aggregate(&tree, &options, 2, x, s, c, NULL, &err),
                     CAP_ERR_NUMERIC);
    assert_int_equal(err.row, 1);
    assert_int_equal(err.column, 0);
    cap_tree_free(&tree);
}

static int stop_at(void *context)
{
    int *left = context;
    return --*left < 0;
}

static void a_poll_stops_the_work(void **state)
{
    (void)state;
    const double x[] = {0.5, 0.5, 3};
    double s[6], c[6];
    const cap_aggregate_options options = {0};
    cap_error err;
    cap_tree tree;
    build6(&tree);
    int stopped = 0;
    for (int after = 0; after < 10; after++) {
        int left = after;
        cap_poll poll = {stop_at, &left, NULL};
        cap_status status =
            cap_aggregate(&tree, &options, 1, x, s, c, &poll, &err);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_INTERRUPT);
            assert_int_equal(err.status, CAP_ERR_INTERRUPT);
            stopped++;
        }
    }
    assert_true(stopped > 0 && stopped < 10);
    cap_tree_free(&tree);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const double x[] = {0.5, 0.5, 3};
    double s[6], c[6];
    const cap_aggregate_options options = {0};
    cap_status status = CAP_ERR_MEMORY;
    cap_tree tree;
    build6(&tree);
    size_t n = 0;
    while (status != CAP_OK) {
        cap_error err;
        alloc_fail_at(++n);
        status = cap_aggregate(&tree, &options, 1, x, s, c, NULL, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 100);
    }
    assert_true(n > 1);
    near(s[1], 13.75);
    cap_tree_free(&tree);
}

static void what_is_observed_shares_the_weight(void **state)
{
    (void)state;
    /* all, leaf 3 alone, none */
    const double x[] = {0.5, 1, NAN, 0.5, NAN, NAN, 1.5, NAN, NAN};
    const cap_aggregate_options options = {.missing = CAP_MISSING_RENORMALISE};
    /* nodes root, pillars 1 and 2, leaves 3, 4, 5; a column a row */
    const double observed[] = {1, 0.75, 0, 1, 0.25, 0, 1, 0, 0,
                               1, 1,    0, 1, 0,    0, 1, 0, 0};
    const double weight[] = {1,    1, 0, 0.75, 1, 0, 0.25, 0, 0,
                             0.25, 1, 0, 0.75, 0, 0, 1,    0, 0};
    double s[18], c[18], found_observed[18], found_weight[18];
    cap_tree tree;
    build6(&tree);
    assert_int_equal(cap_aggregate(&tree, &options, 3, x, s, c, NULL, NULL),
                     CAP_OK);
    cap_observed_weights(&tree, 3, s, found_observed, found_weight);
    for (size_t k = 0; k < 18; k++) {
        near(found_observed[k], observed[k]);
        near(found_weight[k], weight[k]);
    }
    cap_tree_free(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_rows_by_hand),
        cmocka_unit_test(a_single_node_is_its_answer),
        cmocka_unit_test(zero_rows_are_fine),
        cmocka_unit_test(missing_error_names_the_cell),
        cmocka_unit_test(policies_by_hand),
        cmocka_unit_test(complete_rows_meet_a_minimum_of_one),
        cmocka_unit_test(a_child_of_weight_zero_counts_nothing),
        cmocka_unit_test(values_off_the_scale_are_scored),
        cmocka_unit_test(random_trees_agree_with_the_recursion),
        cmocka_unit_test(a_row_has_the_same_bits_in_any_company),
        cmocka_unit_test(better_answers_never_lower_a_score),
        cmocka_unit_test(full_marks_are_exactly_the_maximum),
        cmocka_unit_test(rules_are_found_by_name),
        cmocka_unit_test(each_level_has_its_rule),
        cmocka_unit_test(parameters_and_segments_are_checked),
        cmocka_unit_test(units_are_compared_within_a_segment),
        cmocka_unit_test(a_negative_score_is_refused_by_name),
        cmocka_unit_test(what_is_observed_shares_the_weight),
        cmocka_unit_test(a_poll_stops_the_work),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
