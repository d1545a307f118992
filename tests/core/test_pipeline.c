/* The pipeline: what is drawn, from which law, and that the scores of a state
 * are those of cap_aggregate() with the same weights and answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>

#include "alloc_hook.h"
#include "toy_model.h"

#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))
#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))
enum { ROWS = 9, CELLS = ROWS * TOY_LEAVES, DRAWS = 8000 };
static double sample[DRAWS], other[DRAWS];

static void evaluate(cap_pipeline *p)
{
    assert_int_equal(cap_pipeline_evaluate(p, NULL), CAP_OK);
}

/* --- slow twins ---------------------------------------------------------- */

/* The node whose weight goes: the last item of a parent takes it along. */
static size_t gone_with(const cap_tree *tree, size_t node)
{
    size_t parent = tree->parent[node];
    for (size_t k = 0; k < tree->n_nodes; k++) {
        if (k != node && tree->parent[k] == parent && tree->weight[k] > 0) {
            return node;
        }
    }
    return gone_with(tree, parent);
}

/* A state's answers, in points. */
static void answers_of(const toy *t, const cap_state *s, double *x)
{
    size_t m = s->missing, k = 0;
    const cap_layer *layer = &t->layer[m + s->normalise * t->model.n_missing];
    for (size_t cell = 0; cell < toy_cells(t); cell++) {
        double max = toy_max(t, cell);
        int step = layer->down != NULL ? s->step[cell] : 0, varies = 0;
        for (size_t l = 0; l < t->model.n_missing * t->model.n_normalise;
             l++) {
            const double *spread = t->layer[l].spread;
            varies = varies || (spread != NULL && spread[cell] > 0);
        }
        x[cell] = step < 0   ? layer->down[cell]
                  : step > 0 ? layer->up[cell]
                             : layer->value[cell];
        if (varies && layer->spread != NULL && layer->spread[cell] > 0) {
            int reversed =
                t->tree.direction[t->tree.leaf_node[cell / t->model.n_rows]] <
                0;
            double z = s->deviate[k] * (reversed ? -1 : 1);
            double from = fmin(0, x[cell]), to = fmax(max, x[cell]);
            x[cell] += layer->spread[cell] * z;
            x[cell] = x[cell] < from ? from : x[cell] > to ? to : x[cell];
        }
        k += (size_t)varies;
    }
}

/* Scores of a state by cap_aggregate() on a tree with its weights. */
static cap_status score_slowly(const toy *t, const cap_state *s, double *score,
                               cap_error *err)
{
    const cap_model *m = &t->model;
    const cap_recipe *recipe = &m->recipe[s->recipe];
    size_t cells = toy_cells(t), nodes = t->tree.n_nodes * m->n_rows;
    double *x = calloc(cells, sizeof *x), *w = calloc(nodes, sizeof *w);
    double *scores = calloc(nodes, sizeof *x), *cover = calloc(nodes, 8);
    cap_tree tree;
    memcpy(w, s->weight, t->tree.n_nodes * sizeof *w);
    if (s->left_out != CAP_NO_NODE) {
        w[gone_with(&t->tree, s->left_out)] = 0;
    }
    w[t->tree.root] = 0;
    assert_int_equal(cap_tree_build(t->tree.n_nodes, t->tree.parent, w,
                                    t->tree.max, t->tree.direction, &tree,
                                    NULL),
                     CAP_OK);
    answers_of(t, s, x);
    cap_aggregate_options options = {
        .rule = recipe->rule,
        .parameter = recipe->parameter,
        .missing = t->layer[s->missing + s->normalise * m->n_missing].missing,
        .min_coverage = m->min_coverage};
    cap_status status =
        cap_aggregate(&tree, &options, m->n_rows, x, scores, cover, NULL, err);
    memcpy(score, scores + tree.root * m->n_rows, m->n_rows * sizeof *score);
    cap_tree_free(&tree);
    free(cover);
    free(scores);
    free(w);
    free(x);
    return status;
}

static void scores_are_those_of_the_state(const toy *t, cap_pipeline *p)
{
    const double *score = cap_pipeline_scores(p);
    const uint32_t *rank = cap_pipeline_ranks(p);
    double slow[64], ranks[64];
    const cap_scale scale = cap_scale_of(t->tree.max[t->tree.root]);
    const size_t segment[] = {0, t->model.n_rows};
    assert_true(t->model.n_rows <= 64);
    evaluate(p);
    assert_int_equal(score_slowly(t, cap_pipeline_state(p), slow, NULL),
                     CAP_OK);
    assert_int_equal(cap_rank_panel(t->model.n_rows, 1, score, &scale, 1,
                                    segment, t->model.rank, ranks, NULL, NULL),
                     CAP_OK);
    for (size_t i = 0; i < t->model.n_rows; i++) {
        assert_int_equal(isnan(slow[i]) != 0, isnan(score[i]) != 0);
        assert_true(isnan(slow[i]) || fabs(slow[i] - score[i]) < 1e-9);
        assert_true(isnan(ranks[i]) ? rank[i] == 0 : rank[i] == 2 * ranks[i]);
    }
}

/* --- evaluation ---------------------------------------------------------- */

/* The rules with parameters without a default get these. */
static const double power[] = {-0.5}, steps[] = {3, 2, 1}, yes[] = {1};
static const cap_values power_given[] = {{1, power}};
static const cap_values owa_given[] = {{3, steps}, {1, yes}};

static void a_reset_state_scores_as_the_index(void **state)
{
    (void)state;
    const double minimum[] = {0, 0.7, 1};
    for (size_t k = 0; cap_rule_at(k) != NULL; k++) {
        for (int gaps = 0; gaps < 5; gaps++) {
            toy *t = toy_new(ROWS, (uint32_t)k);
            const cap_rule *rule = cap_rule_at(k);
            const cap_values *given =
                strcmp(rule->name, "owa") == 0                ? owa_given
                : strcmp(rule->name, "generalised_mean") == 0 ? power_given
                                                              : NULL;
            const cap_values *const parameters[] = {given, given};
            double *x = toy_answers(t);
            for (size_t cell = 0; cell < CELLS && gaps > 0; cell += 4) {
                x[cell] = NAN;
            }
            t->layer[0].value = x;
            t->layer[0].missing = gaps == 0   ? CAP_MISSING_ERROR
                                  : gaps == 1 ? CAP_MISSING_ZERO
                                              : CAP_MISSING_RENORMALISE;
            t->model.min_coverage = gaps < 2 ? 0 : minimum[gaps - 2];
            toy_recipe(t, rule->name);
            t->recipe[1].parameter = parameters;
            t->recipe[0] = t->recipe[1];
            t->model.rank = (cap_rank_method)(gaps % 3);
            cap_pipeline *p = toy_pipeline(t);
            scores_are_those_of_the_state(t, p);
            cap_pipeline_free(p);
            toy_free(t);
        }
    }
}

/* No children at all: the root is the one item. */
static void a_single_item_is_its_own_index(void **state)
{
    (void)state;
    const size_t parent[] = {CAP_NO_NODE};
    const double weight[] = {0}, max[] = {4}, x[] = {1, 4, 0};
    const int direction[] = {-1};
    const cap_layer layer = {.value = x};
    const cap_recipe recipe = {NULL, NULL};
    cap_tree tree;
    cap_pipeline *p;
    assert_int_equal(
        cap_tree_build(1, parent, weight, max, direction, &tree, NULL),
        CAP_OK);
    const cap_model model = {.tree = &tree,
                             .n_rows = 3,
                             .n_missing = 1,
                             .n_normalise = 1,
                             .layer = &layer,
                             .n_recipes = 1,
                             .recipe = &recipe};
    assert_int_equal(cap_pipeline_new(&model, &p, NULL), CAP_OK);
    evaluate(p);
    near(cap_pipeline_scores(p)[0], 3, 1e-12);
    near(cap_pipeline_scores(p)[1], 0, 1e-12);
    assert_int_equal(cap_pipeline_ranks(p)[2], 2);
    cap_pipeline_free(p);
    cap_tree_free(&tree);
}

static void draw_all(cap_pipeline *p, const toy *t, uint64_t replicate)
{
    for (size_t f = 0; f < t->model.n_factors; f++) {
        cap_pipeline_draw(p, 17, replicate, f, 0);
    }
}

static void drawn_states_score_as_the_same_index(void **state)
{
    (void)state;
    const char *rules[] = {"geometric", "harmonic", "median", "copeland"};
    for (size_t k = 0; k < LENGTH(rules); k++) {
        toy *t = toy_full(ROWS, 5, rules[k]);
        cap_pipeline *p = toy_pipeline(t);
        for (uint64_t r = 0; r < 60; r++) {
            t->model.rank = (cap_rank_method)(r % 3);
            draw_all(p, t, r);
            scores_are_those_of_the_state(t, p);
        }
        cap_pipeline_free(p);
        toy_free(t);
    }
}

/* A mean of power 1 takes the way of the rules. Cells may move and be filled
 * with a spread at once. */
static void weighted_sums_take_either_way(void **state)
{
    (void)state;
    const double one[] = {1};
    const cap_values given[] = {{1, one}};
    const cap_values *const parameters[] = {given, given};
    toy *fast = toy_full(ROWS, 8, "arithmetic");
    toy *slow = toy_full(ROWS, 8, "generalised_mean");
    slow->recipe[1].parameter = parameters;
    slow->recipe[0] = slow->recipe[1];
    int both = 0;
    for (size_t cell = 0; cell < CELLS; cell++) {
        both += fast->layer[1].spread[cell] > 0 && fast->model.p_up[cell] > 0;
    }
    assert_true(both > 0);
    cap_pipeline *p = toy_pipeline(fast), *q = toy_pipeline(slow);
    for (uint64_t r = 0; r < 300; r++) {
        draw_all(p, fast, r);
        draw_all(q, slow, r);
        evaluate(p);
        evaluate(q);
        for (size_t i = 0; i < ROWS; i++) {
            near(cap_pipeline_scores(p)[i], cap_pipeline_scores(q)[i], 1e-10);
        }
    }
    cap_pipeline_free(q);
    cap_pipeline_free(p);
    toy_free(slow);
    toy_free(fast);
}

/* --- the state ----------------------------------------------------------- */

enum { MOST_FILLED = CELLS };
typedef struct {
    size_t missing, normalise, recipe, left_out;
    double weight[TOY_NODES];
    signed char step[CELLS];
    double deviate[MOST_FILLED];
} snapshot;

static size_t count_filled(const toy *t)
{
    size_t n = 0;
    for (size_t cell = 0; cell < CELLS; cell++) {
        n += t->layer[1].spread[cell] > 0;
    }
    return n;
}

static snapshot take(const toy *t, const cap_pipeline *p)
{
    const cap_state *s = cap_pipeline_state(p);
    snapshot taken;
    memset(&taken, 0, sizeof taken);
    taken.missing = s->missing;
    taken.normalise = s->normalise;
    taken.recipe = s->recipe;
    taken.left_out = s->left_out;
    memcpy(taken.weight, s->weight, sizeof taken.weight);
    memcpy(taken.step, s->step, sizeof taken.step);
    memcpy(taken.deviate, s->deviate, count_filled(t) * sizeof(double));
    return taken;
}

/* Copies what factor `f` of toy_full() may write. */
static void copy_slot(size_t f, const snapshot *from, snapshot *to)
{
    switch (f) {
    case 0:
        to->missing = from->missing;
        memcpy(to->deviate, from->deviate, sizeof to->deviate);
        break;
    case 1:
        to->normalise = from->normalise;
        break;
    case 2:
        memcpy(to->step, from->step, sizeof to->step);
        break;
    case 3:
        to->left_out = from->left_out;
        break;
    case 7:
        to->recipe = from->recipe;
        break;
    default: /* 4, 5, 6: the children of nodes 0, 1 and 2 */
        memcpy(to->weight + 1 + 3 * (f - 4), from->weight + 1 + 3 * (f - 4),
               3 * sizeof(double));
    }
}

static void a_factor_writes_only_its_own_slot(void **state)
{
    (void)state;
    toy *t = toy_full(ROWS, 3, "harmonic");
    cap_pipeline *p = toy_pipeline(t);
    snapshot nominal = take(t, p);
    assert_int_equal(t->model.n_factors, 8);
    for (size_t f = 0; f < t->model.n_factors; f++) {
        int changed = 0;
        for (uint64_t r = 0; r < 40; r++) {
            cap_pipeline_reset(p);
            cap_pipeline_draw(p, 1, r, f, 0);
            snapshot drawn = take(t, p);
            changed += memcmp(&drawn, &nominal, sizeof drawn) != 0;
            copy_slot(f, &nominal, &drawn);
            assert_memory_equal(&drawn, &nominal, sizeof drawn);
        }
        assert_true(changed > 10);
    }
    cap_pipeline_reset(p);
    snapshot again = take(t, p);
    assert_memory_equal(&again, &nominal, sizeof again);
    cap_pipeline_free(p);
    toy_free(t);
}

/* Whatever was drawn or evaluated before, and in whatever order. */
static void a_draw_depends_on_its_numbers_alone(void **state)
{
    (void)state;
    toy *t = toy_full(ROWS, 3, "harmonic");
    cap_pipeline *p = toy_pipeline(t), *q;
    assert_int_equal(cap_pipeline_twin(p, &q, NULL), CAP_OK);
    for (uint64_t r = 0; r < 30; r++) {
        draw_all(p, t, r);
        for (size_t f = t->model.n_factors; f-- > 0;) {
            cap_pipeline_draw(q, 99, r, f, 1);
            evaluate(q);
            cap_pipeline_draw(q, 17, r, f, 0);
        }
        snapshot a = take(t, p), b = take(t, q);
        assert_memory_equal(&a, &b, sizeof a);
        evaluate(p);
        evaluate(q);
        assert_memory_equal(cap_pipeline_scores(p), cap_pipeline_scores(q),
                            ROWS * sizeof(double));
        assert_memory_equal(cap_pipeline_ranks(p), cap_pipeline_ranks(q),
                            ROWS * sizeof(uint32_t));
    }
    cap_pipeline_free(q);
    evaluate(p); /* what they shared is still there */
    cap_pipeline_free(p);
    toy_free(t);
}

/* Key, replicate, side and factor each give other numbers. */
static void draws_of_other_numbers_differ(void **state)
{
    (void)state;
    toy *t = toy_new(2, 1);
    const uint64_t far = (uint64_t)1 << 40;
    const struct {
        uint64_t key, replicate;
        size_t f;
        unsigned side;
    } draw[] = {{1, 0, 0, 0}, {2, 0, 0, 0},       {1 + far, 0, 0, 0},
                {1, 1, 0, 0}, {1, 1 + far, 0, 0}, {1, 0, 0, 1},
                {1, 0, 1, 0}, {1, 0, 1, 1}};
    double drawn[LENGTH(draw)];
    toy_weights(t, CAP_WEIGHTS_NOISE, 1, 1);
    toy_weights(t, CAP_WEIGHTS_NOISE, 2, 1);
    cap_pipeline *p = toy_pipeline(t);
    const double *w = cap_pipeline_state(p)->weight;
    for (size_t k = 0; k < LENGTH(draw); k++) {
        cap_pipeline_draw(p, draw[k].key, draw[k].replicate, draw[k].f,
                          draw[k].side);
        drawn[k] = draw[k].f == 0 ? w[4] / t->tree.weight[4]
                                  : w[7] / t->tree.weight[7];
        for (size_t l = 0; l < k; l++) {
            assert_true(fabs(drawn[k] - drawn[l]) > 1e-12);
        }
    }
    cap_pipeline_free(p);
    toy_free(t);
}

/* --- weights ------------------------------------------------------------- */

/* Draws factor 0 and puts the weights of nodes a and b, closed among the
 * children of their parent, or as they are, in sample[] and other[]. */
static void sample_weights(const toy *t, int closed, size_t a, size_t b)
{
    cap_pipeline *p = toy_pipeline(t);
    const double *w = cap_pipeline_state(p)->weight;
    size_t parent = t->tree.parent[a];
    for (uint64_t r = 0; r < DRAWS; r++) {
        double sum = 0;
        cap_pipeline_draw(p, 7, r, 0, 0);
        for (size_t c = t->tree.child_start[parent];
             c < t->tree.child_start[parent + 1]; c++) {
            double weight = w[t->tree.child[c]];
            assert_true(isfinite(weight) && weight >= 0);
            assert_true(t->tree.weight[t->tree.child[c]] > 0 || weight <= 0);
            sum += weight;
        }
        assert_true(sum > 0);
        sample[r] = w[a] / (closed ? sum : 1);
        other[r] = w[b] / (closed ? sum : 1);
    }
    cap_pipeline_free(p);
}

/* Standardised covariance of the samples: its standard error is about 1 /
 * sqrt(DRAWS). */
static double covariance(void)
{
    double a = 0, b = 0, c = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        a += sample[i] / DRAWS;
        b += other[i] / DRAWS;
    }
    for (size_t i = 0; i < DRAWS; i++) {
        c += (sample[i] - a) * (other[i] - b) / DRAWS;
    }
    return c;
}

static void noise_is_uniform_about_the_weight(void **state)
{
    (void)state;
    enum { GRID = 20 };
    const double amount[] = {0, 1e-6, 0.25, 1};
    for (size_t k = 0; k < LENGTH(amount); k++) {
        toy *t = toy_new(2, 1);
        double a = amount[k], w = t->tree.weight[8], v = t->tree.weight[7];
        uint32_t count[GRID] = {0};
        toy_weights(t, CAP_WEIGHTS_NOISE, 2, a);
        sample_weights(t, 0, 8, 7);
        for (size_t i = 0; i < DRAWS; i++) {
            assert_true(sample[i] > 0);
            near(sample[i], w, w * a);
            near(other[i], v, v * a);
            if (a > 0) {
                double u = (sample[i] / w - 1 + a) / (2 * a);
                count[(size_t)fmin(GRID - 1, GRID * u)]++;
            }
        }
        if (a > 0) {
            assert_true(is_random(GRID, count));
            assert_true(has_moments(DRAWS, sample, w, w * w * a * a / 3));
            assert_true(has_moments(DRAWS, other, v, v * v * a * a / 3));
            near(covariance() / (w * v * a * a / 3), 0, 5 / sqrt(DRAWS));
        }
        toy_free(t);
    }
}

static void dirichlet_has_its_moments(void **state)
{
    (void)state;
    const double concentration[] = {1e-320, 1e-100, 1e-8, 1e-3, 0.3, 1,
                                    4,      7.5,    200,  1e6,  1e12};
    for (size_t k = 0; k < LENGTH(concentration); k++) {
        double c = concentration[k];
        toy *t = toy_new(2, 1);
        toy_weights(t, CAP_WEIGHTS_DIRICHLET, 1, c);
        sample_weights(t, 1, 5, 6);
        double w = t->tree.weight[5], v = t->tree.weight[6];
        near(w, 0.5, 1e-12);
        assert_true(has_moments(DRAWS, sample, w, w * (1 - w) / (c + 1)));
        assert_true(has_moments(DRAWS, other, v, v * (1 - v) / (c + 1)));
        /* the error of a covariance of these is near that of a product */
        near(covariance() * (c + 1), -w * v, 5 * 0.5 / sqrt(DRAWS));
        toy_free(t);
    }
    /* as good as no variation */
    toy *t = toy_new(2, 1);
    toy_weights(t, CAP_WEIGHTS_DIRICHLET, 2, DBL_MAX);
    sample_weights(t, 1, 7, 8);
    for (size_t i = 0; i < DRAWS; i++) {
        near(sample[i], 0.25, 1e-12);
    }
    toy_free(t);
}

/* A weight of 1e-12 is drawn about as often as it should be: never. */
static void dirichlet_of_a_tiny_weight(void **state)
{
    (void)state;
    const double concentration[] = {1e-3, 1, 1e12};
    for (size_t k = 0; k < LENGTH(concentration); k++) {
        toy *t = toy_new(2, 1);
        t->tree.weight[7] = 1e-12;
        t->tree.weight[8] = 1;
        toy_weights(t, CAP_WEIGHTS_DIRICHLET, 2, concentration[k]);
        sample_weights(t, 1, 7, 8);
        moments m = moments_of(DRAWS, sample);
        near(m.mean, 1e-12, 5 * m.mean_se + 1e-11);
        toy_free(t);
    }
}

static void the_simplex_is_uniform(void **state)
{
    (void)state;
    toy *t = toy_new(2, 1);
    enum { SIDE = 10 };
    uint32_t half[2] = {0};
    toy_weights(t, CAP_WEIGHTS_SIMPLEX, 1, 0);
    sample_weights(t, 1, 4, 5); /* nominal weights do not matter: 3 children */
    assert_true(has_moments(DRAWS, sample, 1.0 / 3, 1.0 / 18));
    assert_true(has_moments(DRAWS, other, 1.0 / 3, 1.0 / 18));
    near(covariance() * 36, -1, 10 / sqrt(DRAWS));
    for (size_t i = 0; i < DRAWS; i++) {
        half[sample[i] < other[i]]++;
    }
    assert_true(is_likely(half[0], DRAWS, 0.5));
    toy_free(t);
    /* beside a child of weight 0 two are left, whose shares are uniform */
    uint32_t count[SIDE] = {0};
    t = toy_new(2, 1);
    toy_weights(t, CAP_WEIGHTS_SIMPLEX, 2, 0);
    sample_weights(t, 1, 7, 9);
    for (size_t i = 0; i < DRAWS; i++) {
        count[(size_t)(SIDE * sample[i])]++;
        assert_true(other[i] <= 0);
    }
    assert_true(is_random(SIDE, count));
    toy_free(t);
}

static int ascending(const void *a, const void *b)
{
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Pooled by the definition: five experts, of whom a trim of 0.2 cuts one at
 * each end. */
static double pool_slowly(cap_pool pool, const double *x)
{
    double s[TOY_EXPERTS], sum = 0;
    memcpy(s, x, sizeof s);
    qsort(s, TOY_EXPERTS, sizeof *s, ascending);
    for (size_t e = 0; e < TOY_EXPERTS; e++) {
        sum += pool == CAP_POOL_GEOMETRIC ? log(s[e]) : s[e];
    }
    return pool == CAP_POOL_MEDIAN      ? s[2]
           : pool == CAP_POOL_TRIMMED   ? (s[1] + s[2] + s[3]) / 3
           : pool == CAP_POOL_GEOMETRIC ? exp(sum / TOY_EXPERTS)
                                        : sum / TOY_EXPERTS;
}

/* Mean and variance over all 5^5 samples with replacement. */
static void enumerate_samples(cap_pool pool, const double *share, double *mean,
                              double *variance)
{
    enum { ALL = 3125 };
    double sum = 0, squares = 0;
    for (size_t k = 0; k < ALL; k++) {
        double x[TOY_EXPERTS];
        size_t code = k;
        for (size_t e = 0; e < TOY_EXPERTS; e++, code /= TOY_EXPERTS) {
            x[e] = share[code % TOY_EXPERTS];
        }
        double y = pool_slowly(pool, x);
        sum += y / ALL;
        squares += y * y / ALL;
    }
    *mean = sum;
    *variance = squares - sum * sum;
}

/* Experts in rows, items 7, 8 and 9; none gives anything to the last. */
static const double panel[] = {0.2, 0.3, 0.25, 0.6, 0.1, 0.8, 0.7, 0.75,
                               0.4, 0.9, 0,    0,   0,   0,   0};

static void experts_are_drawn_with_replacement(void **state)
{
    (void)state;
    for (int pool = 0; pool < 4; pool++) {
        toy *t = toy_new(2, 1);
        cap_varied_parent *p = toy_weights(t, CAP_WEIGHTS_EXPERTS, 2, 0);
        p->n_experts = TOY_EXPERTS;
        p->shares = panel;
        t->factor[0].pool = (cap_pool)pool;
        t->factor[0].trim = 0.2;
        sample_weights(t, 0, 7, 8);
        for (size_t item = 0; item < 2; item++) {
            double mean, variance;
            enumerate_samples((cap_pool)pool, panel + item * TOY_EXPERTS,
                              &mean, &variance);
            assert_true(has_moments(DRAWS, item == 0 ? sample : other, mean,
                                    variance));
        }
        if (pool == CAP_POOL_MEAN) { /* sigma^2 / n, in closed form */
            moments m = moments_of(TOY_EXPERTS, panel);
            assert_true(
                has_moments(DRAWS, sample, m.mean, m.variance / TOY_EXPERTS));
            for (size_t i = 0; i < DRAWS; i++) {
                /* the same experts for all items */
                near(sample[i] + other[i], 1, 1e-12);
            }
        }
        toy_free(t);
    }
}

/* Medians of experts who each back another item are 0 together: no weights. */
static void weights_that_are_all_0_are_an_error(void **state)
{
    (void)state;
    const double apart[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    toy *t = toy_new(2, 1);
    cap_varied_parent *p = toy_weights(t, CAP_WEIGHTS_EXPERTS, 1, 0);
    p->n_experts = 3;
    p->shares = apart;
    t->factor[0].pool = CAP_POOL_MEDIAN;
    cap_pipeline *q = toy_pipeline(t);
    int failed = 0, fine = 0;
    for (uint64_t r = 0; r < 200; r++) {
        cap_error err;
        cap_pipeline_draw(q, 1, r, 0, 0);
        cap_status status = cap_pipeline_evaluate(q, &err);
        if (status == CAP_OK) {
            fine++;
            continue;
        }
        failed++;
        assert_int_equal(status, CAP_ERR_NUMERIC);
        assert_int_equal(err.status, CAP_ERR_NUMERIC);
        assert_int_equal(err.column, 1);
        assert_int_equal(cap_pipeline_evaluate(q, NULL), CAP_ERR_NUMERIC);
    }
    /* three different experts of 27 draws: 6 */
    assert_true(is_likely(failed, 200, 6.0 / 27) && fine > 0);
    cap_pipeline_free(q);
    toy_free(t);
}

/* --- items left out ------------------------------------------------------ */

static void leave_out(size_t node, const double *expected, int lost)
{
    toy *t = toy_new(1, 1);
    double x[TOY_LEAVES];
    t->node[0] = node;
    toy_factor(t, CAP_STAGE_KEEP, 1)->node = t->node;
    t->layer[0].value = x;
    for (size_t leaf = 0; leaf < TOY_LEAVES; leaf++) {
        /* all but this leaf at their worst: what is left is its weight */
        for (size_t k = 0; k < TOY_LEAVES; k++) {
            int best = k == leaf, reversed = k == 0;
            x[k] = best != reversed ? toy_max(t, k) : 0;
        }
        cap_error err;
        cap_pipeline *p = toy_pipeline(t);
        cap_pipeline_draw(p, 1, leaf, 0, 0);
        assert_true(cap_pipeline_state(p)->left_out == node);
        cap_status status = cap_pipeline_evaluate(p, &err);
        assert_int_equal(status, lost ? CAP_ERR_NUMERIC : CAP_OK);
        if (!lost) {
            near(cap_pipeline_scores(p)[0], 100 * expected[leaf], 1e-12);
        }
        cap_pipeline_free(p);
    }
    toy_free(t);
}

static void the_weight_of_what_is_left_out_is_shared(void **state)
{
    (void)state;
    const double none[] = {3 / 24.0, 6 / 24.0, 3 / 24.0, 2 / 24.0,
                           6 / 24.0, 0,        4 / 24.0};
    const double item5[] = {0.25, 0, 0.25, 2 / 24.0, 6 / 24.0, 0, 4 / 24.0};
    const double parent1[] = {0, 0, 0, 2 / 12.0, 6 / 12.0, 0, 4 / 12.0};
    const double parent3[] = {3 / 20.0, 6 / 20.0, 3 / 20.0, 2 / 20.0,
                              6 / 20.0, 0,        0};
    const double item8[] = {3 / 24.0, 6 / 24.0, 3 / 24.0, 8 / 24.0,
                            0,        0,        4 / 24.0};
    leave_out(CAP_NO_NODE, none, 0);
    leave_out(5, item5, 0);
    leave_out(1, parent1, 0);
    leave_out(3, parent3, 0);
    leave_out(10, parent3, 0); /* the last of its parent takes it along */
    leave_out(9, none, 0);     /* it had no weight */
    leave_out(8, item8, 0);    /* beside one of weight 0, one is left */
}

/* With no other weight anywhere up to the root, nothing would be left. */
static void the_only_item_cannot_go(void **state)
{
    (void)state;
    const size_t parent[] = {CAP_NO_NODE, 0, 1, 1}, gone[] = {2};
    const double weight[] = {0, 1, 1, 0}, max[] = {100, 50, 1, 1};
    const double x[] = {1, 0};
    const int direction[] = {1, 1, 1, 1};
    const cap_layer layer = {.value = x};
    const cap_recipe recipe = {NULL, NULL};
    const cap_factor factor = {
        .stage = CAP_STAGE_KEEP, .n_choices = 1, .node = gone};
    cap_tree tree;
    cap_pipeline *p;
    cap_error err;
    assert_int_equal(
        cap_tree_build(4, parent, weight, max, direction, &tree, NULL),
        CAP_OK);
    const cap_model model = {.tree = &tree,
                             .n_rows = 1,
                             .n_missing = 1,
                             .n_normalise = 1,
                             .layer = &layer,
                             .n_recipes = 1,
                             .recipe = &recipe,
                             .n_factors = 1,
                             .factor = &factor};
    assert_int_equal(cap_pipeline_new(&model, &p, NULL), CAP_OK);
    cap_pipeline_draw(p, 1, 1, 0, 0);
    assert_int_equal(cap_pipeline_evaluate(p, &err), CAP_ERR_NUMERIC);
    assert_int_equal(err.column, 2);
    cap_pipeline_free(p);
    cap_tree_free(&tree);
}

/* --- answers ------------------------------------------------------------- */

static void answers_move_with_their_probabilities(void **state)
{
    (void)state;
    const double down[] = {0, 1, 0, 0.2, 0.7, 1e-9},
                 up[] = {0, 0, 1, 0.1, 0.3, 0};
    enum { TRIED = 6 };
    toy *t = toy_new(1, 1);
    uint32_t lower[TRIED] = {0}, higher[TRIED] = {0};
    toy_moves(t);
    double *p_down = toy_matrix(t), *p_up = toy_matrix(t);
    memcpy(p_down, down, sizeof down);
    memcpy(p_up, up, sizeof up);
    t->model.p_down = p_down;
    t->model.p_up = p_up;
    cap_pipeline *p = toy_pipeline(t);
    const cap_state *s = cap_pipeline_state(p);
    double together = 0;
    for (uint64_t r = 0; r < DRAWS; r++) {
        cap_pipeline_draw(p, 3, r, 0, 0);
        for (size_t k = 0; k < TRIED; k++) {
            lower[k] += s->step[k] == -1;
            higher[k] += s->step[k] == 1;
            assert_true(s->step[k] >= -1 && s->step[k] <= 1);
        }
        assert_int_equal(s->step[TRIED], 0);
        together += s->step[3] == -1 && s->step[4] == -1;
    }
    for (size_t k = 0; k < TRIED; k++) {
        assert_true(is_likely(lower[k], DRAWS, down[k]));
        assert_true(is_likely(higher[k], DRAWS, up[k]));
    }
    assert_true(is_likely(together, DRAWS, 0.2 * 0.7)); /* independent */
    cap_pipeline_free(p);
    toy_free(t);
}

/* A cell at 0.9 of its scale with a spread of 0.4 of it: 40 % reach the end.
 */
static void filled_cells_spread_and_stay_on_the_scale(void **state)
{
    (void)state;
    toy *t = toy_new(1, 1);
    double *x = toy_answers(t), *spread = toy_matrix(t);
    t->layer[0].value = x;
    t->layer[0].spread = spread;
    for (size_t k = 0; k < TOY_LEAVES; k++) {
        x[k] = k == 0 ? toy_max(t, k) : 0; /* the worst: the first turns */
        spread[k] = NAN;
    }
    x[1] = 0.9 * toy_max(t, 1);
    spread[1] = 0.4 * toy_max(t, 1);
    x[0] = 0.5 * toy_max(t, 0);
    spread[0] = 0.1 * toy_max(t, 0);
    spread[3] = -1; /* as good as none */
    toy_factor(t, CAP_STAGE_MISSING, 1);
    cap_pipeline *p = toy_pipeline(t);
    const cap_state *s = cap_pipeline_state(p);
    uint32_t top = 0, bottom = 0;
    for (uint64_t r = 0; r < DRAWS; r++) {
        cap_pipeline_draw(p, 3, r, 0, 0);
        sample[r] = s->deviate[0];
        other[r] = s->deviate[1];
        evaluate(p);
        /* leaf 0 weighs 12.5 points and leaf 1 25 */
        double y = cap_pipeline_scores(p)[0];
        double first = fmax(0, fmin(1, 0.5 + 0.1 * s->deviate[0]));
        double second = (y - 12.5 * first) / 25;
        double drawn = 0.9 + 0.4 * s->deviate[1];
        near(second, fmax(0, fmin(1, drawn)), 1e-12);
        top += drawn >= 1;
        bottom += drawn <= 0;
    }
    assert_true(has_moments(DRAWS, sample, 0, 1));
    assert_true(has_moments(DRAWS, other, 0, 1));
    near(covariance(), 0, 5 / sqrt(DRAWS));
    assert_true(is_likely(top, DRAWS, 0.5 * erfc(0.25 / sqrt(2))));
    assert_true(is_likely(bottom, DRAWS, 0.5 * erfc(2.25 / sqrt(2))));
    cap_pipeline_free(p);
    toy_free(t);
}

/* A normalisation without ends may put a filled cell off the scale: as long as
 * it is not drawn it stays there, whatever the rule. */
static void a_spread_alone_moves_nothing(void **state)
{
    (void)state;
    for (int rule = 0; rule < 2; rule++) {
        toy *t = toy_new(ROWS, 1);
        double *x = toy_answers(t), *spread = toy_matrix(t);
        t->layer[0].value = x;
        t->layer[0].spread = spread;
        for (size_t cell = 0; cell < CELLS; cell += 2) {
            x[cell] = (cell % 4 == 0 ? -0.3 : 1.3) * toy_max(t, cell);
            spread[cell] = toy_max(t, cell);
        }
        toy_factor(t, CAP_STAGE_MISSING, 1);
        toy_recipe(t, rule == 0 ? "arithmetic" : "mazziotta_pareto");
        t->recipe[0] = t->recipe[1];
        cap_pipeline *p = toy_pipeline(t);
        scores_are_those_of_the_state(t, p);
        for (uint64_t r = 0; r < 50; r++) {
            draw_all(p, t, r);
            scores_are_those_of_the_state(t, p);
        }
        cap_pipeline_free(p);
        toy_free(t);
    }
}

/* --- choices ------------------------------------------------------------- */

static void choices_are_equally_likely(void **state)
{
    (void)state;
    const cap_stage stage[] = {CAP_STAGE_MISSING, CAP_STAGE_NORMALISE,
                               CAP_STAGE_KEEP, CAP_STAGE_AGGREGATE};
    toy *t = toy_new(2, 1);
    t->model.n_missing = 3;
    t->model.n_normalise = 2;
    t->model.n_recipes = 3;
    for (size_t k = 1; k < TOY_LAYERS; k++) {
        t->layer[k] = t->layer[0];
    }
    const size_t nodes[] = {CAP_NO_NODE, 4, 2, 10};
    memcpy(t->node, nodes, sizeof nodes);
    const size_t choices[] = {3, 2, 4, 3};
    for (size_t f = 0; f < LENGTH(stage); f++) {
        toy_factor(t, stage[f], choices[f])->node = t->node;
    }
    toy_weights(t, CAP_WEIGHTS_NOISE, 0, 1);
    cap_pipeline *p = toy_pipeline(t);
    uint32_t count[4][4] = {{0}}, pair[6] = {0};
    const cap_state *s = cap_pipeline_state(p);
    for (uint64_t r = 0; r < DRAWS; r++) {
        draw_all(p, t, r);
        for (size_t f = 0; f < LENGTH(stage); f++) {
            count[f][cap_pipeline_choice(p, f)]++;
        }
        pair[cap_pipeline_choice(p, 0) + 3 * cap_pipeline_choice(p, 1)]++;
        assert_int_equal(cap_pipeline_choice(p, 0), s->missing);
        assert_int_equal(cap_pipeline_choice(p, 1), s->normalise);
        assert_true(nodes[cap_pipeline_choice(p, 2)] == s->left_out);
        assert_int_equal(cap_pipeline_choice(p, 3), s->recipe);
        assert_int_equal(cap_pipeline_choice(p, 4), 0);
    }
    for (size_t f = 0; f < LENGTH(stage); f++) {
        for (size_t k = 0; k < choices[f]; k++) {
            assert_true(
                is_likely(count[f][k], DRAWS, 1.0 / (double)choices[f]));
        }
    }
    assert_true(is_random(6, pair)); /* independent of one another */
    cap_pipeline_free(p);
    toy_free(t);
}

/* --- errors -------------------------------------------------------------- */

static void refused_at(const toy *t, size_t row, size_t column)
{
    cap_error err = {.row = 12345, .column = 12345};
    cap_pipeline *p = NULL;
    assert_int_equal(cap_pipeline_new(&t->model, &p, &err), CAP_ERR_INPUT);
    assert_int_equal(err.status, CAP_ERR_INPUT);
    assert_true(strlen(err.message) > 0);
    assert_true(err.row == row && err.column == column);
    assert_null(p);
    assert_int_equal(cap_pipeline_new(&t->model, &p, NULL), CAP_ERR_INPUT);
}

static void refused(const toy *t) { refused_at(t, CAP_NOWHERE, CAP_NOWHERE); }

static void an_empty_model_is_refused(void **state)
{
    (void)state;
    toy *t = toy_new(ROWS, 1);
    size_t *part[] = {&t->model.n_rows, &t->model.n_missing,
                      &t->model.n_normalise, &t->model.n_recipes};
    for (size_t k = 0; k < LENGTH(part); k++) {
        size_t was = *part[k];
        *part[k] = 0;
        refused(t);
        *part[k] = was;
    }
    cap_pipeline_free(toy_pipeline(t));
    toy_free(t);
}

static void bad_weights_are_refused(void **state)
{
    (void)state;
    const struct {
        cap_weights_kind kind;
        double amount;
    } bad[] = {{CAP_WEIGHTS_NOISE, -0.01},   {CAP_WEIGHTS_NOISE, 1.01},
               {CAP_WEIGHTS_NOISE, NAN},     {CAP_WEIGHTS_NOISE, INFINITY},
               {CAP_WEIGHTS_DIRICHLET, 0},   {CAP_WEIGHTS_DIRICHLET, -1},
               {CAP_WEIGHTS_DIRICHLET, NAN}, {CAP_WEIGHTS_DIRICHLET, INFINITY},
               {CAP_WEIGHTS_EXPERTS, 1}}; /* a panel without experts */
    for (size_t k = 0; k < LENGTH(bad); k++) {
        toy *t = toy_new(ROWS, 1);
        toy_weights(t, bad[k].kind, 2, bad[k].amount);
        refused_at(t, 2, CAP_NOWHERE);
        toy_free(t);
    }
    const double share[][2] = {{-0.1, 1.1}, {NAN, 1}, {0.5, INFINITY}, {0, 1}};
    for (size_t k = 0; k < LENGTH(share); k++) {
        for (int pool = 0; pool < 4; pool++) {
            toy *t = toy_new(ROWS, 1);
            cap_varied_parent *p = toy_weights(t, CAP_WEIGHTS_EXPERTS, 3, 0);
            p->n_experts = 2;
            p->shares = share[k];
            t->factor[0].pool = (cap_pool)pool;
            if (k == 3 && pool != CAP_POOL_GEOMETRIC) {
                cap_pipeline_free(toy_pipeline(t));
                t->factor[0].trim = 0.5; /* nobody would be left */
            }
            refused_at(t, 3, CAP_NOWHERE);
            toy_free(t);
        }
    }
    const size_t childless[] = {4, 10, TOY_NODES, CAP_NO_NODE};
    for (size_t k = 0; k < LENGTH(childless); k++) {
        toy *t = toy_new(ROWS, 1);
        toy_weights(t, CAP_WEIGHTS_NOISE, childless[k], 0.1);
        refused(t);
        toy_free(t);
    }
    toy *t = toy_new(ROWS, 1);
    toy_weights(t, CAP_WEIGHTS_NOISE, 0, 0.1);
    toy_weights(t, CAP_WEIGHTS_SIMPLEX, 1, 0.1);
    cap_pipeline_free(toy_pipeline(t));
    toy_weights(t, CAP_WEIGHTS_DIRICHLET, 0, 1); /* as the first */
    refused_at(t, 0, CAP_NOWHERE);
    toy_free(t);
}

static void bad_choices_are_refused(void **state)
{
    (void)state;
    const cap_stage stage[] = {CAP_STAGE_MISSING, CAP_STAGE_NORMALISE,
                               CAP_STAGE_AGGREGATE, CAP_STAGE_KEEP};
    for (size_t k = 0; k < LENGTH(stage); k++) {
        for (size_t n = 0; n < 3; n++) {
            toy *t = toy_new(ROWS, 1);
            t->node[0] = t->node[1] = CAP_NO_NODE;
            toy_factor(t, stage[k], n)->node = t->node;
            if (n == 1 || (n == 2 && stage[k] == CAP_STAGE_KEEP)) {
                cap_pipeline_free(toy_pipeline(t));
            } else {
                refused(t);
            }
            toy_free(t);
        }
    }
    const size_t node[] = {0, TOY_NODES}; /* the root, and none */
    for (size_t k = 0; k < LENGTH(node); k++) {
        toy *t = toy_new(ROWS, 1);
        t->node[0] = 4;
        t->node[1] = node[k];
        toy_factor(t, CAP_STAGE_KEEP, 2)->node = t->node;
        refused(t);
        toy_free(t);
    }
    /* two factors would draw the same part of the state */
    for (size_t k = 0; k < LENGTH(stage); k++) {
        toy *t = toy_new(ROWS, 1);
        toy_factor(t, stage[k], 1)->node = t->node;
        toy_factor(t, stage[k], 1)->node = t->node;
        t->node[0] = 4;
        refused(t);
        toy_free(t);
    }
}

static void bad_answers_are_refused(void **state)
{
    (void)state;
    const double bad[] = {INFINITY, -INFINITY, NAN};
    for (size_t k = 0; k < LENGTH(bad); k++) {
        for (int part = 0; part < 4; part++) {
            toy *t = toy_new(ROWS, 1);
            double *x = toy_matrix(t);
            cap_layer *layer = &t->layer[0];
            toy_moves(t);
            memcpy(x, part == 3 ? x : layer->value, CELLS * sizeof *x);
            x[5 * ROWS + 7] = bad[k];
            if (part == 0) {
                layer->value = x;
            } else if (part == 1) {
                layer->down = x;
            } else if (part == 2) {
                layer->up = x;
            } else {
                layer->spread = x;
                x[0] = 1;
            }
            /* no spread is what a missing or negative one means */
            if (part == 3 && !(bad[k] > 0)) {
                cap_pipeline_free(toy_pipeline(t));
            } else {
                refused_at(t, 7, 5);
            }
            toy_free(t);
        }
    }
    toy *t = toy_new(ROWS, 1);
    toy_moves(t);
    t->layer[0].up = NULL; /* one direction only */
    refused(t);
    toy_free(t);
}

static void bad_probabilities_are_refused(void **state)
{
    (void)state;
    const double bad[][2] = {{-0.1, 0.1}, {0.1, -0.1}, {0.6, 0.5},
                             {NAN, 0},    {0, NAN},    {INFINITY, 0}};
    for (size_t k = 0; k < LENGTH(bad); k++) {
        toy *t = toy_new(ROWS, 1);
        toy_moves(t);
        double *down = toy_matrix(t), *up = toy_matrix(t);
        down[3 * ROWS + 4] = bad[k][0];
        up[3 * ROWS + 4] = bad[k][1];
        t->model.p_down = down;
        t->model.p_up = up;
        refused_at(t, 4, 3);
        toy_free(t);
    }
    for (int side = 0; side < 2; side++) {
        toy *t = toy_new(ROWS, 1);
        toy_moves(t);
        t->model.p_down = side == 0 ? NULL : t->model.p_down;
        t->model.p_up = side == 1 ? NULL : t->model.p_up;
        refused(t);
        toy_free(t);
    }
}

static void a_rule_without_a_value_names_unit_and_node(void **state)
{
    (void)state;
    toy *t = toy_new(ROWS, 1);
    double *x = toy_answers(t);
    x[3 * ROWS + 6] = -0.5; /* leaf 7, below node 2 */
    t->layer[0].value = x;
    toy_recipe(t, "geometric");
    t->recipe[0] = t->recipe[1];
    cap_pipeline *p = toy_pipeline(t);
    cap_error err;
    assert_int_equal(cap_pipeline_evaluate(p, &err), CAP_ERR_NUMERIC);
    assert_int_equal(err.row, 6);
    assert_int_equal(err.column, 2);
    cap_pipeline_free(p);
    toy_free(t);
}

/* Scores too large to rank are an error, not a rank. */
static void huge_scores_are_an_error(void **state)
{
    (void)state;
    toy *t = toy_new(ROWS, 1);
    double *x = toy_answers(t);
    x[10] = 1e16;
    t->layer[0].value = x;
    cap_pipeline *p = toy_pipeline(t);
    assert_int_equal(cap_pipeline_evaluate(p, NULL), CAP_ERR_INPUT);
    cap_pipeline_free(p);
    toy_free(t);
}

static cap_status whole_life(const toy *t, cap_error *err)
{
    cap_pipeline *p = NULL, *q = NULL;
    cap_status status = cap_pipeline_new(&t->model, &p, err);
    if (status == CAP_OK) {
        status = cap_pipeline_twin(p, &q, err);
    }
    assert_true(status == CAP_OK || q == NULL);
    for (uint64_t r = 0; r < 4 && status == CAP_OK; r++) {
        draw_all(q, t, r);
        status = cap_pipeline_evaluate(q, err);
    }
    cap_pipeline_free(q);
    cap_pipeline_free(p);
    return status;
}

/* A strip gives the bits of its states one by one, whether all that varies is
 * weights (seven leaves: four at once and three alone) or everything, and
 * whatever was in it before. */
static void strips_score_as_their_states(void **state)
{
    (void)state;
    const size_t size[] = {CAP_STRIP, 1, 5, 0, CAP_STRIP - 1};
    for (int all = 0; all < 2; all++) {
        for (size_t rows = 1; rows < 400; rows += 133) {
            toy *t = all ? toy_full(rows, 3, "harmonic") : toy_new(rows, 3);
            if (!all) {
                toy_weights(t, CAP_WEIGHTS_NOISE, 0, 0.9);
                toy_weights(t, CAP_WEIGHTS_DIRICHLET, 1, 2);
            }
            t->model.rank = (cap_rank_method)(rows % 3);
            cap_pipeline *p = toy_pipeline(t), *alone = toy_pipeline(t);
            for (size_t k = 0; k < LENGTH(size); k++) {
                const double *score;
                const uint32_t *rank;
                size_t failed;
                for (size_t c = 0; c < size[k]; c++) {
                    for (size_t f = 0; f < t->model.n_factors; f++) {
                        cap_pipeline_draw(p, 8, 100 * k + c, f, 0);
                    }
                    assert_int_equal(cap_pipeline_add(p, c, NULL), CAP_OK);
                }
                assert_int_equal(cap_pipeline_finish(p, size[k], &score, &rank,
                                                     &failed, NULL),
                                 CAP_OK);
                for (size_t c = 0; c < size[k]; c++) {
                    for (size_t f = 0; f < t->model.n_factors; f++) {
                        cap_pipeline_draw(alone, 8, 100 * k + c, f, 0);
                    }
                    evaluate(alone);
                    for (size_t i = 0; i < rows; i++) {
                        double x = score[i * CAP_STRIP + c];
                        double y = cap_pipeline_scores(alone)[i];
                        assert_true(isnan(y) ? isnan(x) : x == y);
                        assert_int_equal(rank[i * CAP_STRIP + c],
                                         cap_pipeline_ranks(alone)[i]);
                    }
                }
            }
            cap_pipeline_free(alone);
            cap_pipeline_free(p);
            toy_free(t);
        }
    }
}

/* A strip of noise drawn at once gives the bits of its replicates. */
static void strips_of_noise_are_their_replicates(void **state)
{
    (void)state;
    for (size_t rows = 1; rows < 40; rows += 19) {
        toy *t = toy_new(rows, 5);
        toy_weights(t, CAP_WEIGHTS_NOISE, 0, 0.9);
        toy_weights(t, CAP_WEIGHTS_NOISE, 1, 1);
        cap_pipeline *p = toy_pipeline(t), *alone = toy_pipeline(t);
        for (uint64_t first = 0; first < 100; first += 33) {
            const double *score;
            const uint32_t *rank;
            size_t failed;
            assert_int_equal(cap_pipeline_draw_strip(p, 8, first), 1);
            assert_int_equal(cap_pipeline_finish(p, CAP_STRIP, &score, &rank,
                                                 &failed, NULL),
                             CAP_OK);
            for (size_t c = 0; c < CAP_STRIP; c++) {
                for (size_t f = 0; f < t->model.n_factors; f++) {
                    cap_pipeline_draw(alone, 8, first + c, f, 0);
                }
                evaluate(alone);
                for (size_t i = 0; i < rows; i++) {
                    assert_true(score[i * CAP_STRIP + c] ==
                                cap_pipeline_scores(alone)[i]);
                    assert_int_equal(rank[i * CAP_STRIP + c],
                                     cap_pipeline_ranks(alone)[i]);
                }
            }
        }
        cap_pipeline_free(alone);
        cap_pipeline_free(p);
        toy_free(t);
    }
}

static void other_strips_are_drawn_one_by_one(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        toy *t = k == 0 ? toy_full(ROWS, 3, "harmonic") : toy_new(ROWS, 3);
        if (k == 1) {
            toy_weights(t, CAP_WEIGHTS_NOISE, 0, 0.9);
            toy_weights(t, CAP_WEIGHTS_DIRICHLET, 1, 2);
        } else if (k == 2) { /* no weight left: told by the slow way */
            toy_weights(t, CAP_WEIGHTS_NOISE, 0, 0.9);
            memset((double *)(uintptr_t)t->tree.weight, 0,
                   t->tree.n_nodes * sizeof(double));
        }
        cap_pipeline *p = toy_pipeline(t);
        assert_int_equal(cap_pipeline_draw_strip(p, 8, 0), 0);
        if (k == 2) {
            cap_pipeline_draw(p, 8, 0, 0, 0);
            assert_int_equal(cap_pipeline_add(p, 0, NULL), CAP_ERR_NUMERIC);
        }
        cap_pipeline_free(p);
        toy_free(t);
    }
}

/* The first state of a strip that cannot be ranked is told. */
static void a_strip_tells_its_first_huge_score(void **state)
{
    (void)state;
    toy *t = toy_new(ROWS, 1);
    const double *score;
    const uint32_t *rank;
    size_t failed = 99;
    cap_error err;
    t->layer[1].value = toy_matrix(t);
    for (size_t cell = 0; cell < toy_cells(t); cell++) {
        ((double *)(uintptr_t)t->layer[1].value)[cell] = 1e16;
    }
    t->model.n_normalise = 2;
    toy_factor(t, CAP_STAGE_NORMALISE, 2);
    cap_pipeline *p = toy_pipeline(t);
    size_t first = CAP_STRIP;
    for (size_t c = 0; c < CAP_STRIP; c++) {
        cap_pipeline_draw(p, 5, c, 0, 0);
        first = cap_pipeline_choice(p, 0) == 1 && c < first ? c : first;
        assert_int_equal(cap_pipeline_add(p, c, NULL), CAP_OK);
    }
    assert_true(first < CAP_STRIP);
    assert_int_equal(
        cap_pipeline_finish(p, CAP_STRIP, &score, &rank, &failed, &err),
        CAP_ERR_INPUT);
    assert_int_equal(err.status, CAP_ERR_INPUT);
    assert_int_equal(failed, first);
    cap_pipeline_free(p);
    toy_free(t);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    toy *t = toy_full(ROWS, 1, "kemeny");
    size_t n = 0;
    for (cap_status status = CAP_ERR_MEMORY; status != CAP_OK;) {
        cap_error err;
        alloc_fail_at(++n);
        status = whole_life(t, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 1000);
    }
    assert_true(n > 60);
    cap_pipeline_free(NULL);
    toy_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reset_state_scores_as_the_index),
        cmocka_unit_test(a_single_item_is_its_own_index),
        cmocka_unit_test(drawn_states_score_as_the_same_index),
        cmocka_unit_test(weighted_sums_take_either_way),
        cmocka_unit_test(a_factor_writes_only_its_own_slot),
        cmocka_unit_test(a_draw_depends_on_its_numbers_alone),
        cmocka_unit_test(draws_of_other_numbers_differ),
        cmocka_unit_test(noise_is_uniform_about_the_weight),
        cmocka_unit_test(dirichlet_has_its_moments),
        cmocka_unit_test(dirichlet_of_a_tiny_weight),
        cmocka_unit_test(the_simplex_is_uniform),
        cmocka_unit_test(experts_are_drawn_with_replacement),
        cmocka_unit_test(weights_that_are_all_0_are_an_error),
        cmocka_unit_test(the_weight_of_what_is_left_out_is_shared),
        cmocka_unit_test(the_only_item_cannot_go),
        cmocka_unit_test(answers_move_with_their_probabilities),
        cmocka_unit_test(filled_cells_spread_and_stay_on_the_scale),
        cmocka_unit_test(a_spread_alone_moves_nothing),
        cmocka_unit_test(choices_are_equally_likely),
        cmocka_unit_test(an_empty_model_is_refused),
        cmocka_unit_test(bad_weights_are_refused),
        cmocka_unit_test(bad_choices_are_refused),
        cmocka_unit_test(bad_answers_are_refused),
        cmocka_unit_test(bad_probabilities_are_refused),
        cmocka_unit_test(a_rule_without_a_value_names_unit_and_node),
        cmocka_unit_test(huge_scores_are_an_error),
        cmocka_unit_test(strips_score_as_their_states),
        cmocka_unit_test(strips_of_noise_are_their_replicates),
        cmocka_unit_test(other_strips_are_drawn_one_by_one),
        cmocka_unit_test(a_strip_tells_its_first_huge_score),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
