/* Evaluates an index for one state of its uncertain assumptions, or for a
 * strip of states at once.
 *
 * Preparation makes a layer (answers imputed and normalised, as shares) for
 * each combination of discrete choices upstream, so that a draw only picks
 * one. A draw writes the part of the state that its factor owns. Evaluation
 * closes the drawn weights, aggregates and ranks; where all rules are weighted
 * sums, a score is the sum of the leaves' effects, and a changed cell adds its
 * difference. When nothing but noise on weights varies, CAP_STRIP states are
 * drawn, aggregated and ranked side by side, which gives the same bits as one
 * by one. */
#include "base/fp.h"
#include "core/montecarlo/pipeline.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <string.h>

#include "base/allocation.h"

const cap_name cap_weights_kinds[] = {
    {"noise", CAP_WEIGHTS_NOISE},
    {"dirichlet", CAP_WEIGHTS_DIRICHLET},
    {"experts", CAP_WEIGHTS_EXPERTS},
    {"simplex", CAP_WEIGHTS_SIMPLEX},
    {NULL, 0},
};

const cap_name cap_stages[] = {
    {"answers", CAP_STAGE_ANSWERS},
    {"missing", CAP_STAGE_MISSING},
    {"normalise", CAP_STAGE_NORMALISE},
    {"drop", CAP_STAGE_KEEP},
    {"weights", CAP_STAGE_WEIGHTS},
    {"aggregate", CAP_STAGE_AGGREGATE},
    {NULL, 0},
};

/* A layer as shares of each leaf's maximum, more being better. */
typedef struct {
    double *share, *down, *up; /* n_rows x n_leaves; the last two or NULL */
    double
        *spread;  /* of the filled cells, in the order of `filled`; or NULL */
    int complete; /* no share is missing */
} shares;

/* What the pipelines of all threads read. */
typedef struct {
    const cap_model *model;
    shares *layer;
    size_t *filled; /* cells that have a spread in some layer */
    size_t n_filled;
    size_t *uncertain; /* cells whose answer may move */
    size_t n_uncertain;
    char *arithmetic; /* for each recipe: a weighted sum of the leaves */
    int plain;        /* every state is one of the only layer as it is, */
    int noisy;        /* in which nothing but noise on weights is drawn */
    size_t most_experts;
} prepared;

/* States that are evaluated together, one a column. */
typedef struct {
    double *memory; /* of what follows */
    double *effect; /* n_leaves x CAP_STRIP */
    double *score;  /* n_rows x CAP_STRIP */
    double *weight; /* n_nodes x CAP_STRIP, for noise: closed weights, then */
    double *drawn;  /* effects; and uniforms */
    uint32_t *rank; /* the same */
} strip;

struct cap_pipeline {
    prepared *common;
    int owns_common;
    cap_state state;
    cap_rank_space space;
    cap_tree tree; /* shares instead of points: all maxima 1, no directions */
    double *ones;
    int *upward;
    double *weight;   /* n_nodes: those of the state, closed and kept */
    double *effect;   /* n_nodes: points of the root by full marks */
    double *leaves;   /* n_rows x n_leaves */
    double *nodes;    /* n_rows x n_nodes */
    double *coverage; /* the same */
    double *drawn;    /* n_nodes, or two for each expert */
    double *score;
    uint32_t *rank;
    strip strip;
};

/* --- preparation --------------------------------------------------------- */

static size_t n_layers(const cap_model *m)
{
    return m->n_missing * m->n_normalise;
}

/* Shares of children that have weight; a geometric mean has no room for 0. */
static int panel_is_fine(const cap_tree *tree, const cap_factor *f,
                         const cap_varied_parent *p)
{
    size_t from = tree->child_start[p->node], n = p->n_experts;
    int fine = n > 0 && p->shares != NULL && f->trim >= 0 && f->trim < 0.5;
    for (size_t c = from; fine && c < tree->child_start[p->node + 1]; c++) {
        const double *share = p->shares + (c - from) * n;
        for (size_t e = 0; tree->weight[tree->child[c]] > 0 && e < n; e++) {
            fine = fine && share[e] >= 0 && share[e] <= 1 &&
                   (share[e] > 0 || f->pool != CAP_POOL_GEOMETRIC);
        }
    }
    return fine;
}

static cap_status check_weights(const cap_model *m, const cap_factor *f,
                                char *varied, cap_error *err)
{
    for (size_t k = 0; k < f->n_parents; k++) {
        const cap_varied_parent *p = &f->parent[k];
        if (p->node >= m->tree->n_nodes ||
            m->tree->leaf[p->node] != CAP_NO_NODE) {
            return cap_fail(err, CAP_ERR_INPUT, "weights vary below no node");
        }
        if (varied[p->node]++) {
            return cap_fail_at(err, CAP_ERR_INPUT, p->node, CAP_NOWHERE,
                               "two factors vary the weights of one parent");
        }
        int fine =
            f->kind == CAP_WEIGHTS_NOISE ? p->amount >= 0 && p->amount <= 1
            : f->kind == CAP_WEIGHTS_DIRICHLET
                ? p->amount > 0 && isfinite(p->amount)
            : f->kind == CAP_WEIGHTS_EXPERTS ? panel_is_fine(m->tree, f, p)
                                             : 1;
        if (!fine) {
            return cap_fail_at(
                err, CAP_ERR_INPUT, p->node, CAP_NOWHERE,
                "noise must be 0 to 1, a concentration above 0, "
                "and a panel have experts whose shares are 0 to "
                "1, for a geometric mean above 0");
        }
    }
    return CAP_OK;
}

static cap_status check_choices(const cap_model *m, const cap_factor *f,
                                cap_error *err)
{
    size_t n = f->stage == CAP_STAGE_MISSING     ? m->n_missing
               : f->stage == CAP_STAGE_NORMALISE ? m->n_normalise
               : f->stage == CAP_STAGE_AGGREGATE ? m->n_recipes
                                                 : f->n_choices;
    if (f->n_choices == 0 || f->n_choices != n) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "a factor must have as many choices as there are");
    }
    for (size_t c = 0; f->stage == CAP_STAGE_KEEP && c < n; c++) {
        size_t node = f->node[c];
        if (node != CAP_NO_NODE &&
            (node >= m->tree->n_nodes || node == m->tree->root)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a node that may be left out does not exist");
        }
    }
    return CAP_OK;
}

static cap_status check_model(const cap_model *m, cap_error *err)
{
    cap_status status = CAP_OK;
    unsigned stages = 0;
    if (m->n_rows == 0 || n_layers(m) == 0 || m->n_recipes == 0) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "there are no units, no answers or no rules");
    }
    char *varied = cap_calloc(m->tree->n_nodes, 1);
    if (varied == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    for (size_t f = 0; f < m->n_factors && status == CAP_OK; f++) {
        const cap_factor *factor = &m->factor[f];
        unsigned stage = 1u << factor->stage;
        if (factor->stage != CAP_STAGE_WEIGHTS && (stages & stage) != 0) {
            status = cap_fail(err, CAP_ERR_INPUT,
                              "two factors draw the same part of the state");
            break;
        }
        stages |= stage;
        if (factor->stage == CAP_STAGE_WEIGHTS) {
            status = check_weights(m, factor, varied, err);
        } else if (factor->stage != CAP_STAGE_ANSWERS) {
            status = check_choices(m, factor, err);
        } else if (m->p_down == NULL || m->p_up == NULL) {
            status = cap_fail(err, CAP_ERR_INPUT,
                              "answers vary without probabilities");
        }
    }
    cap_free(varied);
    return status;
}

static double share_of(const cap_tree *tree, size_t node, cap_missing missing,
                       double x)
{
    if (isnan(x)) {
        return missing == CAP_MISSING_ZERO ? 0 : NAN;
    }
    double max = tree->max[node];
    return (tree->direction[node] < 0 ? max - x : x) / max;
}

/* Shares of a whole matrix in new memory; *complete is cleared by a gap. */
static cap_status read_shares(const cap_model *m, const cap_layer *layer,
                              const double *x, double **out, int *complete,
                              cap_error *err)
{
    double *share = cap_calloc(m->n_rows * m->tree->n_leaves, sizeof *share);
    *out = share;
    if (share == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for answers");
    }
    for (size_t leaf = 0; leaf < m->tree->n_leaves; leaf++) {
        for (size_t i = 0; i < m->n_rows; i++) {
            size_t cell = leaf * m->n_rows + i;
            if (isinf(x[cell]) ||
                (isnan(x[cell]) && layer->missing == CAP_MISSING_ERROR)) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, leaf,
                                   isinf(x[cell]) ? "an answer is infinite"
                                                  : "an answer is missing");
            }
            share[cell] = share_of(m->tree, m->tree->leaf_node[leaf],
                                   layer->missing, x[cell]);
            *complete = *complete && !isnan(share[cell]);
        }
    }
    return CAP_OK;
}

/* Cells for which any of the layers has a spread. */
static cap_status find_filled(prepared *c, cap_error *err)
{
    const cap_model *m = c->model;
    size_t n_cells = m->n_rows * m->tree->n_leaves;
    c->filled = cap_calloc(n_cells, sizeof *c->filled);
    if (c->filled == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    for (size_t cell = 0; cell < n_cells; cell++) {
        int varies = 0;
        for (size_t k = 0; k < n_layers(m); k++) {
            const double *spread = m->layer[k].spread;
            varies = varies || (spread != NULL && spread[cell] > 0);
        }
        if (varies) {
            c->filled[c->n_filled++] = cell;
        }
    }
    return CAP_OK;
}

static cap_status read_spread(prepared *c, const cap_layer *layer, shares *out,
                              cap_error *err)
{
    const cap_model *m = c->model;
    if (layer->spread == NULL || c->n_filled == 0) {
        return CAP_OK;
    }
    out->spread = cap_calloc(c->n_filled, sizeof *out->spread);
    if (out->spread == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    for (size_t k = 0; k < c->n_filled; k++) {
        double spread = layer->spread[c->filled[k]];
        size_t row = c->filled[k] % m->n_rows;
        size_t leaf = c->filled[k] / m->n_rows;
        size_t node = m->tree->leaf_node[leaf];
        if (isinf(spread)) {
            return cap_fail_at(err, CAP_ERR_INPUT, row, leaf,
                               "the spread of a filled answer is infinite");
        }
        out->spread[k] = spread > 0 ? spread / m->tree->max[node] : 0;
    }
    return CAP_OK;
}

static cap_status read_layers(prepared *c, cap_error *err)
{
    const cap_model *m = c->model;
    cap_status status = find_filled(c, err);
    for (size_t k = 0; k < n_layers(m) && status == CAP_OK; k++) {
        const cap_layer *layer = &m->layer[k];
        shares *s = &c->layer[k];
        s->complete = 1;
        if ((layer->down == NULL) != (layer->up == NULL)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "answers vary in one direction only");
        }
        status =
            read_shares(m, layer, layer->value, &s->share, &s->complete, err);
        if (status == CAP_OK && layer->down != NULL) {
            status = read_shares(m, layer, layer->down, &s->down, &s->complete,
                                 err);
        }
        if (status == CAP_OK && layer->up != NULL) {
            status =
                read_shares(m, layer, layer->up, &s->up, &s->complete, err);
        }
        if (status == CAP_OK) {
            status = read_spread(c, layer, s, err);
        }
    }
    return status;
}

static cap_status find_uncertain(prepared *c, cap_error *err)
{
    const cap_model *m = c->model;
    size_t n_cells = m->n_rows * m->tree->n_leaves;
    if (m->p_down == NULL || m->p_up == NULL) {
        return CAP_OK;
    }
    c->uncertain = cap_calloc(n_cells, sizeof *c->uncertain);
    if (c->uncertain == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    for (size_t cell = 0; cell < n_cells; cell++) {
        double moves = m->p_down[cell] + m->p_up[cell];
        if (!(m->p_down[cell] >= 0 && m->p_up[cell] >= 0 && moves <= 1)) {
            return cap_fail_at(err, CAP_ERR_INPUT, cell % m->n_rows,
                               cell / m->n_rows,
                               "the probabilities that an answer moves must "
                               "be 0 or more and at most 1 together");
        }
        if (moves > 0) {
            c->uncertain[c->n_uncertain++] = cell;
        }
    }
    return CAP_OK;
}

static int is_arithmetic(const cap_model *m, const cap_recipe *recipe)
{
    for (size_t d = 0; recipe->rule != NULL && d + 1 < m->tree->n_levels;
         d++) {
        if (recipe->rule[d] != cap_rule_at(0)) {
            return 0;
        }
    }
    return 1;
}

static void free_prepared(prepared *c)
{
    for (size_t k = 0; c->layer != NULL && k < n_layers(c->model); k++) {
        cap_free(c->layer[k].spread);
        cap_free(c->layer[k].up);
        cap_free(c->layer[k].down);
        cap_free(c->layer[k].share);
    }
    cap_free(c->arithmetic);
    cap_free(c->uncertain);
    cap_free(c->filled);
    cap_free(c->layer);
    cap_free(c);
}

static void find_largest_panel(prepared *c)
{
    const cap_model *m = c->model;
    for (size_t f = 0; f < m->n_factors; f++) {
        for (size_t k = 0; k < m->factor[f].n_parents; k++) {
            size_t n = m->factor[f].parent[k].n_experts;
            c->most_experts = n > c->most_experts ? n : c->most_experts;
        }
    }
}

/* Whether all that varies is weights. */
static int is_plain(const prepared *c)
{
    return n_layers(c->model) == 1 && c->model->n_recipes == 1 &&
           c->arithmetic[0] && c->layer[0].complete && c->n_uncertain == 0 &&
           c->n_filled == 0;
}

static int is_noisy(const prepared *c)
{
    const cap_model *m = c->model;
    int noisy = c->plain;
    for (size_t f = 0; f < m->n_factors; f++) {
        noisy = noisy && m->factor[f].stage == CAP_STAGE_WEIGHTS &&
                m->factor[f].kind == CAP_WEIGHTS_NOISE;
    }
    return noisy;
}

static cap_status prepare(const cap_model *m, prepared **out, cap_error *err)
{
    prepared *c = cap_calloc(1, sizeof *c);
    if (c == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    c->model = m;
    c->layer = cap_calloc(n_layers(m), sizeof *c->layer);
    c->arithmetic = cap_calloc(m->n_recipes, 1);
    cap_status status = CAP_OK;
    if (c->layer == NULL || c->arithmetic == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory");
        goto done;
    }
    for (size_t k = 0; k < m->n_recipes; k++) {
        c->arithmetic[k] = (char)is_arithmetic(m, &m->recipe[k]);
    }
    find_largest_panel(c);
    status = read_layers(c, err);
    if (status == CAP_OK) {
        status = find_uncertain(c, err);
    }
    c->plain = status == CAP_OK && is_plain(c);
    c->noisy = is_noisy(c);

done:
    if (status != CAP_OK) {
        free_prepared(c);
        c = NULL;
    }
    *out = c;
    return status;
}

/* The first of these numbers that starts a line of the cache, so that wide
 * registers are filled from one. */
static double *at_cache_line(double *memory)
{
    enum { LINE = 64 };
    size_t past = (size_t)((uintptr_t)memory % LINE) / sizeof *memory;
    return memory + (past > 0 ? LINE / sizeof *memory - past : 0);
}

static cap_status allocate(cap_pipeline *p, cap_error *err)
{
    const prepared *c = p->common;
    const cap_tree *tree = c->model->tree;
    size_t n = c->model->n_rows, n_nodes = tree->n_nodes;
    size_t pairs = 2 * c->most_experts;
    size_t most = n_nodes > pairs ? n_nodes : pairs;
    p->state.weight = cap_calloc(n_nodes, sizeof(double));
    p->state.step = cap_calloc(n * tree->n_leaves, 1);
    p->state.deviate = cap_calloc(c->n_filled, sizeof(double));
    p->ones = cap_calloc(n_nodes, sizeof(double));
    p->upward = cap_calloc(n_nodes, sizeof(int));
    p->weight = cap_calloc(n_nodes, sizeof(double));
    p->effect = cap_calloc(n_nodes, sizeof(double));
    p->leaves = cap_calloc(n * tree->n_leaves, sizeof(double));
    p->nodes = cap_calloc(n * n_nodes, sizeof(double));
    p->coverage = cap_calloc(n * n_nodes, sizeof(double));
    p->drawn = cap_calloc(most, sizeof(double));
    p->score = cap_calloc(n, sizeof(double));
    p->rank = cap_calloc(n, sizeof(uint32_t));
    p->strip.memory = cap_calloc(
        (tree->n_leaves + n + 2 * n_nodes + 1) * CAP_STRIP, sizeof(double));
    p->strip.rank = cap_calloc(n * CAP_STRIP, sizeof(uint32_t));
    if (p->state.weight == NULL || p->state.step == NULL ||
        p->state.deviate == NULL || p->ones == NULL || p->upward == NULL ||
        p->weight == NULL || p->effect == NULL || p->leaves == NULL ||
        p->nodes == NULL || p->coverage == NULL || p->drawn == NULL ||
        p->score == NULL || p->rank == NULL || p->strip.memory == NULL ||
        p->strip.rank == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    for (size_t k = 0; k < n_nodes; k++) {
        p->ones[k] = 1;
        p->upward[k] = 1;
    }
    p->strip.effect = at_cache_line(p->strip.memory);
    p->strip.score = p->strip.effect + tree->n_leaves * CAP_STRIP;
    p->strip.weight = p->strip.score + n * CAP_STRIP;
    p->strip.drawn = p->strip.weight + n_nodes * CAP_STRIP;
    p->tree = *tree;
    p->tree.weight = p->weight;
    p->tree.max = p->ones;
    p->tree.direction = p->upward;
    return cap_rank_space_new(n, cap_scale_of(tree->max[tree->root]),
                              &p->space, err);
}

static cap_status new_pipeline(prepared *common, int owns, cap_pipeline **out,
                               cap_error *err)
{
    cap_pipeline *p = cap_calloc(1, sizeof *p);
    *out = p;
    if (p == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory");
    }
    p->common = common;
    cap_status status = allocate(p, err);
    if (status != CAP_OK) {
        cap_pipeline_free(p); /* leaves `common`: it is not owned yet */
        *out = NULL;
        return status;
    }
    p->owns_common = owns;
    cap_pipeline_reset(p);
    return CAP_OK;
}

cap_status cap_pipeline_new(const cap_model *model, cap_pipeline **out,
                            cap_error *err)
{
    prepared *common = NULL;
    *out = NULL;
    cap_status status = check_model(model, err);
    if (status == CAP_OK) {
        status = prepare(model, &common, err);
    }
    if (status == CAP_OK) {
        status = new_pipeline(common, 1, out, err);
        if (status != CAP_OK) {
            free_prepared(common);
        }
    }
    return status;
}

cap_status cap_pipeline_twin(const cap_pipeline *first, cap_pipeline **out,
                             cap_error *err)
{
    return new_pipeline(first->common, 0, out, err);
}

void cap_pipeline_free(cap_pipeline *p)
{
    if (p == NULL) {
        return;
    }
    cap_rank_space_free(&p->space);
    cap_free(p->strip.rank);
    cap_free(p->strip.memory);
    cap_free(p->rank);
    cap_free(p->score);
    cap_free(p->drawn);
    cap_free(p->coverage);
    cap_free(p->nodes);
    cap_free(p->leaves);
    cap_free(p->effect);
    cap_free(p->weight);
    cap_free(p->upward);
    cap_free(p->ones);
    cap_free(p->state.deviate);
    cap_free(p->state.step);
    cap_free(p->state.weight);
    if (p->owns_common) {
        free_prepared(p->common);
    }
    cap_free(p);
}

void cap_pipeline_reset(cap_pipeline *p)
{
    const prepared *c = p->common;
    const cap_tree *tree = c->model->tree;
    p->state.missing = p->state.normalise = p->state.recipe = 0;
    p->state.left_out = CAP_NO_NODE;
    memcpy(p->state.weight, tree->weight, tree->n_nodes * sizeof(double));
    memset(p->state.step, 0, c->model->n_rows * tree->n_leaves);
    memset(p->state.deviate, 0, c->n_filled * sizeof(double));
}

/* --- draws: each factor its own part of the state ------------------------ */

/* Weights that a factor draws. */
static size_t n_varied(const cap_tree *tree, const cap_factor *factor)
{
    size_t n = 0;
    for (size_t k = 0; k < factor->n_parents; k++) {
        size_t node = factor->parent[k].node;
        n += tree->child_start[node + 1] - tree->child_start[node];
    }
    return n;
}

/* All parents' noise at once, parent by parent. */
static void draw_noise(const cap_tree *tree, const cap_factor *factor,
                       cap_rng *rng, double *drawn, double *weight)
{
    cap_rng_uniforms(rng, n_varied(tree, factor), drawn);
    for (size_t k = 0; k < factor->n_parents; k++) {
        const cap_varied_parent *parent = &factor->parent[k];
        for (size_t c = tree->child_start[parent->node];
             c < tree->child_start[parent->node + 1]; c++) {
            double u = 2 * *drawn++ - 1;
            weight[tree->child[c]] =
                tree->weight[tree->child[c]] * (1 + parent->amount * u);
        }
    }
}

/* The logarithm of a gamma deviate, which for a small shape would be too small
 * for a double: G(a) = G(a + 1) U^(1/a) (Marsaglia and Tsang 2000, ACM TOMS
 * 26, who also give the method for a >= 1 that GSL uses). */
static double log_gamma_deviate(cap_rng *rng, double shape)
{
    gsl_rng wrapped = {cap_rng_gsl(), rng};
    if (shape >= 1) {
        return log(gsl_ran_gamma(&wrapped, shape, 1));
    }
    double boost = log(cap_rng_uniform(rng)) / shape;
    return log(gsl_ran_gamma(&wrapped, shape + 1, 1)) + boost;
}

/* Below this a Dirichlet draw is 0 and 1s to the last bit, and its logarithms
 * would not be finite. */
#define LEAST_CONCENTRATION 1e-200

/* Dirichlet(concentration w): gamma deviates over their sum. */
static void draw_dirichlet(const cap_tree *tree,
                           const cap_varied_parent *parent, int flat,
                           cap_rng *rng, double *drawn, double *weight)
{
    size_t from = tree->child_start[parent->node];
    size_t to = tree->child_start[parent->node + 1];
    double largest = -INFINITY;
    for (size_t c = from; c < to; c++) {
        double w = tree->weight[tree->child[c]];
        double shape =
            flat ? 1 : fmax(parent->amount, LEAST_CONCENTRATION) * w;
        drawn[c - from] =
            w > 0 && shape > 0 ? log_gamma_deviate(rng, shape) : -INFINITY;
        largest = drawn[c - from] > largest ? drawn[c - from] : largest;
    }
    for (size_t c = from; c < to; c++) {
        weight[tree->child[c]] =
            drawn[c - from] > -INFINITY ? exp(drawn[c - from] - largest) : 0;
    }
}

/* As many experts as there are, with replacement, pooled as the panel was. */
static void draw_experts(const cap_tree *tree, const cap_factor *factor,
                         const cap_varied_parent *parent, cap_rng *rng,
                         size_t most_experts, double *drawn, double *weight)
{
    size_t n = parent->n_experts, from = tree->child_start[parent->node];
    double *who = drawn + most_experts, *x = drawn;
    for (size_t e = 0; e < n; e++) {
        who[e] = (double)cap_rng_below(rng, n);
    }
    for (size_t c = from; c < tree->child_start[parent->node + 1]; c++) {
        const double *share = parent->shares + (c - from) * n;
        for (size_t e = 0; e < n; e++) {
            x[e] = share[(size_t)who[e]];
        }
        weight[tree->child[c]] =
            tree->weight[tree->child[c]] > 0
                ? cap_expert_location(n, x, factor->pool, factor->trim)
                : 0;
    }
}

static void draw_weights(cap_pipeline *p, const cap_factor *factor,
                         cap_rng *rng)
{
    const prepared *common = p->common;
    const cap_tree *tree = common->model->tree;
    double *weight = p->state.weight;
    if (factor->kind == CAP_WEIGHTS_NOISE) {
        draw_noise(tree, factor, rng, p->drawn, weight);
        return;
    }
    for (size_t k = 0; k < factor->n_parents; k++) {
        const cap_varied_parent *parent = &factor->parent[k];
        if (factor->kind == CAP_WEIGHTS_EXPERTS) {
            draw_experts(tree, factor, parent, rng, common->most_experts,
                         p->drawn, weight);
        } else {
            draw_dirichlet(tree, parent, factor->kind == CAP_WEIGHTS_SIMPLEX,
                           rng, p->drawn, weight);
        }
    }
}

static void draw_steps(cap_pipeline *p, cap_rng *rng)
{
    const prepared *c = p->common;
    for (size_t k = 0; k < c->n_uncertain; k++) {
        size_t cell = c->uncertain[k];
        double u = cap_rng_uniform(rng), down = c->model->p_down[cell];
        p->state.step[cell] =
            (signed char)(u < down ? -1 : u < down + c->model->p_up[cell]);
    }
}

static void draw_fill(cap_pipeline *p, cap_rng *rng)
{
    gsl_rng wrapped = {cap_rng_gsl(), rng};
    for (size_t k = 0; k < p->common->n_filled; k++) {
        p->state.deviate[k] = gsl_ran_gaussian_ziggurat(&wrapped, 1);
    }
}

void cap_pipeline_draw(cap_pipeline *p, uint64_t key, uint64_t replicate,
                       size_t f, unsigned side)
{
    const cap_factor *factor = &p->common->model->factor[f];
    cap_rng rng;
    cap_rng_seek(&rng, key, replicate, (uint32_t)(2 * f + side));
    switch (factor->stage) {
    case CAP_STAGE_WEIGHTS:
        draw_weights(p, factor, &rng);
        break;
    case CAP_STAGE_ANSWERS:
        draw_steps(p, &rng);
        break;
    case CAP_STAGE_MISSING:
        p->state.missing = cap_rng_below(&rng, factor->n_choices);
        draw_fill(p, &rng);
        break;
    case CAP_STAGE_NORMALISE:
        p->state.normalise = cap_rng_below(&rng, factor->n_choices);
        break;
    case CAP_STAGE_KEEP:
        p->state.left_out =
            factor->node[cap_rng_below(&rng, factor->n_choices)];
        break;
    case CAP_STAGE_AGGREGATE:
        p->state.recipe = cap_rng_below(&rng, factor->n_choices);
        break;
    }
}

size_t cap_pipeline_choice(const cap_pipeline *p, size_t f)
{
    const cap_factor *factor = &p->common->model->factor[f];
    switch (factor->stage) {
    case CAP_STAGE_MISSING:
        return p->state.missing;
    case CAP_STAGE_NORMALISE:
        return p->state.normalise;
    case CAP_STAGE_AGGREGATE:
        return p->state.recipe;
    case CAP_STAGE_KEEP:
        for (size_t c = 0; c < factor->n_choices; c++) {
            if (factor->node[c] == p->state.left_out) {
                return c;
            }
        }
        return 0;
    default:
        return 0;
    }
}

/* --- evaluation ---------------------------------------------------------- */

/* The node that goes when `node` is left out: the parent, where no sibling
 * has weight. */
static size_t last_of_its_kind(const cap_tree *tree, size_t node)
{
    while (tree->parent[node] != CAP_NO_NODE) {
        size_t parent = tree->parent[node];
        int siblings = 0;
        for (size_t c = tree->child_start[parent];
             c < tree->child_start[parent + 1]; c++) {
            size_t child = tree->child[c];
            siblings = siblings || (child != node && tree->weight[child] > 0);
        }
        if (siblings) {
            return node;
        }
        node = parent;
    }
    return node;
}

/* Weights of the kept children, sum 1 below each parent. */
static cap_status close_weights(cap_pipeline *p, cap_error *err)
{
    const cap_tree *tree = &p->tree;
    size_t n_inner = tree->n_nodes - tree->n_leaves;
    memcpy(p->weight, p->state.weight, tree->n_nodes * sizeof *p->weight);
    if (p->state.left_out != CAP_NO_NODE) {
        size_t gone =
            last_of_its_kind(p->common->model->tree, p->state.left_out);
        if (gone == tree->root) {
            return cap_fail_at(err, CAP_ERR_NUMERIC, CAP_NOWHERE,
                               p->state.left_out,
                               "nothing is left when this node is left out");
        }
        p->weight[gone] = 0;
    }
    for (size_t q = 0; q < n_inner; q++) {
        size_t node = tree->inner[q];
        double sum = 0;
        for (size_t c = tree->child_start[node];
             c < tree->child_start[node + 1]; c++) {
            sum += p->weight[tree->child[c]];
        }
        if (!(sum > 0)) {
            return cap_fail_at(err, CAP_ERR_NUMERIC, CAP_NOWHERE, node,
                               "the children of a parent have no weight left");
        }
        for (size_t c = tree->child_start[node];
             c < tree->child_start[node + 1]; c++) {
            p->weight[tree->child[c]] /= sum;
        }
    }
    return CAP_OK;
}

/* Points of the root that full marks of each leaf bring. */
static void leaf_effects(cap_pipeline *p)
{
    const cap_tree *tree = &p->tree;
    p->effect[tree->root] = p->common->model->tree->max[tree->root];
    for (size_t q = tree->n_nodes - tree->n_leaves; q-- > 0;) {
        size_t node = tree->inner[q];
        for (size_t c = tree->child_start[node];
             c < tree->child_start[node + 1]; c++) {
            size_t child = tree->child[c];
            p->effect[child] = p->effect[node] * p->weight[child];
        }
    }
}

/* out = sum over leaves of effect x share, four leaves at a time. */
CAP_HOT static void weigh(size_t n, size_t n_leaves, const double *effect,
                          const size_t *node, const double *share, double *out)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        out[i] = 0;
    }
    for (; k + 4 <= n_leaves; k += 4) {
        double a = effect[node[k]], b = effect[node[k + 1]];
        double c = effect[node[k + 2]], d = effect[node[k + 3]];
        const double *x = share + k * n;
        for (size_t i = 0; i < n; i++) {
            out[i] += (a * x[i] + b * x[n + i]) +
                      (c * x[2 * n + i] + d * x[3 * n + i]);
        }
    }
    for (; k < n_leaves; k++) {
        double a = effect[node[k]];
        const double *x = share + k * n;
        for (size_t i = 0; i < n; i++) {
            out[i] += a * x[i];
        }
    }
}

/* The share of a cell whose answer may have moved. */
static double moved_share(const shares *s, const cap_state *state, size_t cell)
{
    signed char step = s->down != NULL ? state->step[cell] : 0;
    return step < 0 ? s->down[cell] : step > 0 ? s->up[cell] : s->share[cell];
}

/* `share` with the deviate of the k-th filled cell. It stays on the scale, or
 * where it is off it (not every normalisation has ends) goes no further. */
static double filled_share(const shares *s, const cap_state *state, size_t k,
                           double share)
{
    double drawn = share + s->spread[k] * state->deviate[k];
    return fmax(fmin(share, 0), fmin(fmax(share, 1), drawn));
}

/* Scores of a weighted sum: those of the layer as it is, and the difference
 * that each changed cell makes. */
static void score_by_effects(cap_pipeline *p, const shares *s)
{
    const prepared *c = p->common;
    const cap_tree *tree = &p->tree;
    size_t n = c->model->n_rows;
    leaf_effects(p);
    weigh(n, tree->n_leaves, p->effect, tree->leaf_node, s->share, p->score);
    for (size_t k = 0; s->down != NULL && k < c->n_uncertain; k++) {
        size_t cell = c->uncertain[k];
        double effect = p->effect[tree->leaf_node[cell / n]];
        p->score[cell % n] +=
            effect * (moved_share(s, &p->state, cell) - s->share[cell]);
    }
    for (size_t k = 0; s->spread != NULL && k < c->n_filled; k++) {
        size_t cell = c->filled[k];
        double share = moved_share(s, &p->state, cell);
        double effect = p->effect[tree->leaf_node[cell / n]];
        if (s->spread[k] > 0) {
            p->score[cell % n] +=
                effect * (filled_share(s, &p->state, k, share) - share);
        }
    }
}

static cap_status score_by_rules(cap_pipeline *p, const cap_layer *layer,
                                 const shares *s, cap_error *err)
{
    const prepared *c = p->common;
    const cap_model *m = c->model;
    const cap_recipe *recipe = &m->recipe[p->state.recipe];
    size_t n = m->n_rows, root = p->tree.root;
    memcpy(p->leaves, s->share, n * p->tree.n_leaves * sizeof *p->leaves);
    for (size_t k = 0; s->down != NULL && k < c->n_uncertain; k++) {
        size_t cell = c->uncertain[k];
        p->leaves[cell] = moved_share(s, &p->state, cell);
    }
    for (size_t k = 0; s->spread != NULL && k < c->n_filled; k++) {
        size_t cell = c->filled[k];
        if (s->spread[k] > 0) {
            p->leaves[cell] = filled_share(s, &p->state, k, p->leaves[cell]);
        }
    }
    cap_aggregate_options options = {.rule = recipe->rule,
                                     .parameter = recipe->parameter,
                                     .missing = layer->missing,
                                     .min_coverage = m->min_coverage};
    cap_status status = cap_aggregate(&p->tree, &options, n, p->leaves,
                                      p->nodes, p->coverage, NULL, err);
    for (size_t i = 0; status == CAP_OK && i < n; i++) {
        p->score[i] = p->nodes[root * n + i] * m->tree->max[root];
    }
    return status;
}

/* Scores of the state, whose weights are closed. */
static cap_status score_state(cap_pipeline *p, cap_error *err)
{
    const prepared *c = p->common;
    const cap_model *m = c->model;
    size_t at = p->state.missing + p->state.normalise * m->n_missing;
    const shares *s = &c->layer[at];
    if (c->arithmetic[p->state.recipe] && s->complete) {
        score_by_effects(p, s);
        return CAP_OK;
    }
    return score_by_rules(p, &m->layer[at], s, err);
}

cap_status cap_pipeline_evaluate(cap_pipeline *p, cap_error *err)
{
    size_t failed;
    cap_status status = close_weights(p, err);
    if (status == CAP_OK) {
        status = score_state(p, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    return cap_rank_doubled(&p->space, 1, p->score, p->common->model->rank,
                            p->rank, &failed, err);
}

/* --- many states at once ------------------------------------------------- */

cap_status cap_pipeline_add(cap_pipeline *p, size_t column, cap_error *err)
{
    const cap_tree *tree = &p->tree;
    const prepared *c = p->common;
    strip *to = &p->strip;
    cap_status status = close_weights(p, err);
    if (status == CAP_OK && c->plain) { /* cap_pipeline_finish() weighs */
        leaf_effects(p);
        for (size_t k = 0; k < tree->n_leaves; k++) {
            to->effect[k * CAP_STRIP + column] = p->effect[tree->leaf_node[k]];
        }
    } else if (status == CAP_OK) {
        status = score_state(p, err);
        for (size_t i = 0; status == CAP_OK && i < c->model->n_rows; i++) {
            to->score[i * CAP_STRIP + column] = p->score[i];
        }
    }
    return status;
}

/* As draw_noise() for every column of a strip, and the same bits. */
CAP_HOT static void draw_noise_strip(const cap_tree *tree,
                                     const cap_factor *factor,
                                     const double *restrict drawn,
                                     double *restrict weight)
{
    for (size_t k = 0; k < factor->n_parents; k++) {
        size_t node = factor->parent[k].node;
        double amount = factor->parent[k].amount;
        for (size_t c = tree->child_start[node];
             c < tree->child_start[node + 1]; c++) {
            double w = tree->weight[tree->child[c]];
            double *to = weight + tree->child[c] * CAP_STRIP;
            for (size_t r = 0; r < CAP_STRIP; r++) {
                double u = 2 * drawn[r] - 1;
                to[r] = w * (1 + amount * u);
            }
            drawn += CAP_STRIP;
        }
    }
}

/* As close_weights() and leaf_effects() for every column, and the same bits,
 * but that each child's weight is followed by its effect in one place. 0 if a
 * parent's children have no weight. */
CAP_HOT static int strip_effects(const cap_tree *tree, double max,
                                 double *restrict weight)
{
    int fine = 1;
    for (size_t r = 0; r < CAP_STRIP; r++) {
        weight[tree->root * CAP_STRIP + r] = max;
    }
    for (size_t q = tree->n_nodes - tree->n_leaves; q-- > 0;) {
        size_t node = tree->inner[q];
        const double *whole = weight + node * CAP_STRIP;
        double sum[CAP_STRIP] = {0};
        for (size_t c = tree->child_start[node];
             c < tree->child_start[node + 1]; c++) {
            const double *w = weight + tree->child[c] * CAP_STRIP;
            for (size_t r = 0; r < CAP_STRIP; r++) {
                sum[r] += w[r];
            }
        }
        for (size_t r = 0; r < CAP_STRIP; r++) {
            fine = fine && sum[r] > 0;
        }
        for (size_t c = tree->child_start[node];
             c < tree->child_start[node + 1]; c++) {
            double *w = weight + tree->child[c] * CAP_STRIP;
            for (size_t r = 0; r < CAP_STRIP; r++) {
                w[r] = whole[r] * (w[r] / sum[r]);
            }
        }
    }
    return fine;
}

int cap_pipeline_draw_strip(cap_pipeline *p, uint64_t key, uint64_t first)
{
    const cap_model *m = p->common->model;
    const cap_tree *tree = m->tree;
    strip *to = &p->strip;
    if (!p->common->noisy) {
        return 0;
    }
    for (size_t k = 0; k < tree->n_nodes; k++) {
        for (size_t r = 0; r < CAP_STRIP; r++) {
            to->weight[k * CAP_STRIP + r] = tree->weight[k];
        }
    }
    for (size_t f = 0; f < m->n_factors; f++) {
        cap_rng_strip(key, first, (uint32_t)(2 * f),
                      n_varied(tree, &m->factor[f]), CAP_STRIP, to->drawn);
        draw_noise_strip(tree, &m->factor[f], to->drawn, to->weight);
    }
    if (!strip_effects(tree, tree->max[tree->root], to->weight)) {
        return 0;
    }
    for (size_t k = 0; k < tree->n_leaves; k++) {
        memcpy(to->effect + k * CAP_STRIP,
               to->weight + tree->leaf_node[k] * CAP_STRIP,
               CAP_STRIP * sizeof *to->effect);
    }
    return 1;
}

/* As weigh() for every column of a strip, and the same bits. */
CAP_HOT static void weigh_strip(size_t n, size_t n_leaves,
                                const double *restrict effect,
                                const double *restrict share,
                                double *restrict out)
{
    for (size_t i = 0; i < n; i++) {
        double sum[CAP_STRIP] = {0};
        size_t k = 0;
        for (; k + 4 <= n_leaves; k += 4) {
            const double *x = share + k * n + i, *e = effect + k * CAP_STRIP;
            double a = x[0], b = x[n], c = x[2 * n], d = x[3 * n];
            for (size_t r = 0; r < CAP_STRIP; r++) {
                sum[r] +=
                    (a * e[r] + b * e[CAP_STRIP + r]) +
                    (c * e[2 * CAP_STRIP + r] + d * e[3 * CAP_STRIP + r]);
            }
        }
        for (; k < n_leaves; k++) {
            double a = share[k * n + i];
            for (size_t r = 0; r < CAP_STRIP; r++) {
                sum[r] += a * effect[k * CAP_STRIP + r];
            }
        }
        memcpy(out + i * CAP_STRIP, sum, sizeof sum);
    }
}

cap_status cap_pipeline_finish(cap_pipeline *p, size_t n, const double **score,
                               const uint32_t **rank, size_t *failed,
                               cap_error *err)
{
    const prepared *c = p->common;
    size_t n_rows = c->model->n_rows;
    double *scores = p->strip.score;
    *score = scores;
    *rank = p->strip.rank;
    if (n == 0) {
        return CAP_OK;
    }
    if (c->plain) {
        weigh_strip(n_rows, p->tree.n_leaves, p->strip.effect,
                    c->layer[0].share, scores);
    }
    /* Columns that nothing was added to repeat the first. */
    for (size_t i = 0; n < CAP_STRIP && i < n_rows; i++) {
        for (size_t k = n; k < CAP_STRIP; k++) {
            scores[i * CAP_STRIP + k] = scores[i * CAP_STRIP];
        }
    }
    return cap_rank_doubled(&p->space, CAP_STRIP, scores, c->model->rank,
                            p->strip.rank, failed, err);
}

const double *cap_pipeline_scores(const cap_pipeline *p) { return p->score; }

const uint32_t *cap_pipeline_ranks(const cap_pipeline *p) { return p->rank; }

const cap_state *cap_pipeline_state(const cap_pipeline *p)
{
    return &p->state;
}
