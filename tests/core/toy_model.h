/* A small index with everything that may vary, for tests of the Monte Carlo.
 *
 *   0 root, 100 points
 *   |- 1 weight 3 of 6: leaves 4 (1 of 4, less is better), 5 (2), 6 (1)
 *   |- 2 weight 2:      leaves 7 (1 of 4), 8 (3), 9 (0: no weight)
 *   `- 3 weight 1:      leaf 10 alone
 *
 * A toy starts with one layer of complete answers, the arithmetic rule and no
 * factor; the toy_ functions add to it. */
#ifndef CAP_TEST_TOY_MODEL_H
#define CAP_TEST_TOY_MODEL_H

#include <stdlib.h>
#include <string.h>

#include "core/montecarlo/pipeline.h"
#include "random.h"

enum {
    TOY_NODES = 11,
    TOY_LEAVES = 7,
    TOY_FACTORS = 8,
    TOY_LAYERS = 6,
    TOY_RECIPES = 3,
    TOY_EXPERTS = 5
};

typedef struct {
    cap_tree tree;
    cap_model model;
    cap_layer layer[TOY_LAYERS];
    cap_recipe recipe[TOY_RECIPES];
    const cap_rule *rule[TOY_RECIPES][2];
    cap_factor factor[TOY_FACTORS];
    cap_varied_parent parent[TOY_FACTORS];
    size_t node[TOY_FACTORS];
    double *memory[4 * TOY_LAYERS + 2];
    size_t n_memory;
    lcg random;
} toy;

/* A matrix of n_rows x leaves that toy_free() frees. */
static inline double *toy_matrix(toy *t)
{
    double *x = calloc(t->model.n_rows * TOY_LEAVES, sizeof *x);
    if (x == NULL || t->n_memory == 4 * TOY_LAYERS + 2) {
        abort();
    }
    return t->memory[t->n_memory++] = x;
}

static inline size_t toy_cells(const toy *t)
{
    return t->model.n_rows * TOY_LEAVES;
}

static inline double toy_max(const toy *t, size_t cell)
{
    return t->tree.max[t->tree.leaf_node[cell / t->model.n_rows]];
}

/* Answers from a tenth to all of the maximum, often equal. */
static inline double *toy_answers(toy *t)
{
    double *x = toy_matrix(t);
    for (size_t cell = 0; cell < toy_cells(t); cell++) {
        double share = lcg_draw(&t->random) % 2 == 0
                           ? 0.1 + 0.9 * lcg_uniform(&t->random)
                           : 0.25 * (1 + lcg_draw(&t->random) % 3);
        x[cell] = share * toy_max(t, cell);
    }
    return x;
}

static inline toy *toy_new(size_t n_rows, uint32_t seed)
{
    static const size_t parent[] = {CAP_NO_NODE, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3};
    static const double weight[] = {0, 3, 2, 1, 1, 2, 1, 1, 3, 0, 5};
    static const double max[] = {100, 60, 20, 20, 4, 1, 2, 3, 5, 1, 10};
    static const int direction[] = {1, 1, 1, 1, -1, 1, 1, 1, 1, 1, 1};
    toy *t = calloc(1, sizeof *t);
    if (t == NULL || cap_tree_build(TOY_NODES, parent, weight, max, direction,
                                    &t->tree, NULL) != CAP_OK) {
        abort();
    }
    t->random.seed = seed;
    t->model = (cap_model){.tree = &t->tree,
                           .n_rows = n_rows,
                           .n_missing = 1,
                           .n_normalise = 1,
                           .layer = t->layer,
                           .n_recipes = 1,
                           .recipe = t->recipe,
                           .rank = CAP_RANK_MIN,
                           .factor = t->factor};
    t->layer[0].value = toy_answers(t);
    return t;
}

static inline void toy_free(toy *t)
{
    while (t->n_memory > 0) {
        free(t->memory[--t->n_memory]);
    }
    cap_tree_free(&t->tree);
    free(t);
}

static inline cap_factor *toy_factor(toy *t, cap_stage stage, size_t choices)
{
    cap_factor *f = &t->factor[t->model.n_factors++];
    *f = (cap_factor){.stage = stage, .n_choices = choices};
    return f;
}

/* Weights below `node` vary. */
static inline cap_varied_parent *toy_weights(toy *t, cap_weights_kind kind,
                                             size_t node, double amount)
{
    cap_varied_parent *p = &t->parent[t->model.n_factors];
    cap_factor *f = toy_factor(t, CAP_STAGE_WEIGHTS, 0);
    *p = (cap_varied_parent){.node = node, .amount = amount};
    f->kind = kind;
    f->n_parents = 1;
    f->parent = p;
    return p;
}

/* One rule for all levels. */
static inline void toy_recipe(toy *t, const char *rule)
{
    size_t k = t->model.n_recipes++;
    t->rule[k][0] = t->rule[k][1] = cap_rule_find(rule);
    t->recipe[k] = (cap_recipe){t->rule[k], NULL};
}

/* Every third answer may move by a fifth of its scale. */
static inline void toy_moves(toy *t)
{
    double *down = toy_matrix(t), *up = toy_matrix(t);
    for (size_t cell = 0; cell < toy_cells(t); cell += 3) {
        down[cell] = 0.3;
        up[cell] = 0.2;
    }
    t->model.p_down = down;
    t->model.p_up = up;
    for (size_t k = 0; k < t->model.n_missing * t->model.n_normalise; k++) {
        double *lower = toy_matrix(t), *higher = toy_matrix(t);
        for (size_t cell = 0; cell < toy_cells(t); cell++) {
            double x = t->layer[k].value[cell], max = toy_max(t, cell);
            lower[cell] = fmax(0, x - 0.2 * max);
            higher[cell] = fmin(max, x + 0.2 * max);
            if (isnan(x)) {
                lower[cell] = higher[cell] = NAN;
            }
        }
        t->layer[k].down = lower;
        t->layer[k].up = higher;
    }
    toy_factor(t, CAP_STAGE_ANSWERS, 0);
}

/* Everything at once: two ways with gaps (the first leaves them, the second
 * fills them with a spread), two normalisations, a leaf, a last leaf or none
 * left out, three kinds of weights, two rules and moved answers. */
static inline toy *toy_full(size_t n_rows, uint32_t seed, const char *rule)
{
    toy *t = toy_new(n_rows, seed);
    double *spread = toy_matrix(t), *filled = toy_matrix(t);
    double *gaps = toy_matrix(t);
    t->model.n_missing = t->model.n_normalise = 2;
    for (size_t k = 0; k < 2; k++) {
        double *bare = k == 0 ? gaps : toy_matrix(t);
        double *whole = k == 0 ? filled : toy_answers(t);
        const double *x = k == 0 ? t->layer[0].value : whole;
        for (size_t cell = 0; cell < toy_cells(t); cell++) {
            int gap = cell % 11 == 1;
            bare[cell] = gap ? NAN : x[cell];
            whole[cell] = x[cell];
            spread[cell] = gap ? 0.4 * toy_max(t, cell) : 0;
        }
        t->layer[2 * k] =
            (cap_layer){.value = bare, .missing = CAP_MISSING_RENORMALISE};
        t->layer[2 * k + 1] = (cap_layer){.value = whole, .spread = spread};
    }
    toy_factor(t, CAP_STAGE_MISSING, 2);
    toy_factor(t, CAP_STAGE_NORMALISE, 2);
    toy_moves(t);
    t->node[0] = CAP_NO_NODE;
    t->node[1] = 5;
    t->node[2] = 10;
    toy_factor(t, CAP_STAGE_KEEP, 3)->node = t->node;
    toy_weights(t, CAP_WEIGHTS_NOISE, 0, 0.5);
    toy_weights(t, CAP_WEIGHTS_DIRICHLET, 1, 6);
    toy_weights(t, CAP_WEIGHTS_SIMPLEX, 2, 0);
    toy_recipe(t, rule);
    toy_factor(t, CAP_STAGE_AGGREGATE, 2);
    return t;
}

static inline cap_pipeline *toy_pipeline(const toy *t)
{
    cap_pipeline *p;
    if (cap_pipeline_new(&t->model, &p, NULL) != CAP_OK) {
        abort();
    }
    return p;
}

#endif
