/* The model of a Monte Carlo: from the list that bind_model() makes in R to
 * the core's. */
#include "glue/glue.h"

#include "core/montecarlo/pipeline.h"

/* A matrix of the size of the answers, or NULL; `cells` of them. */
static const double *cells_of(glue_options *list, const char *name,
                              R_xlen_t cells)
{
    return glue_numbers_or_none(glue_option(list, name), cells, name);
}

static const cap_layer *layers_of(SEXP list, size_t n, R_xlen_t cells)
{
    cap_layer *layers = (cap_layer *)R_alloc(n + 1, sizeof *layers);
    glue_elements(list, (R_xlen_t)n, "layers");
    for (size_t k = 0; k < n; k++) {
        glue_options one =
            glue_options_of(VECTOR_ELT(list, (R_xlen_t)k), "layer");
        layers[k] = (cap_layer){
            glue_numbers(glue_option(&one, "value"), cells, "value"),
            cells_of(&one, "down", cells), cells_of(&one, "up", cells),
            cells_of(&one, "spread", cells),
            (cap_missing)glue_choice_of(&one, "missing",
                                        cap_missing_policies)};
        glue_options_end(&one);
    }
    return layers;
}

static const cap_recipe *recipes_of(SEXP list, SEXP arrays)
{
    size_t n = (size_t)Rf_xlength(glue_elements(list, GLUE_ANY, "recipes"));
    cap_recipe *recipes = (cap_recipe *)R_alloc(n + 1, sizeof *recipes);
    for (size_t k = 0; k < n; k++) {
        glue_options one =
            glue_options_of(VECTOR_ELT(list, (R_xlen_t)k), "recipe");
        SEXP names = glue_option(&one, "rules");
        const cap_rule *const *rules = glue_rules_of(names, arrays);
        recipes[k] = (cap_recipe){
            rules, glue_parameters_of(glue_option(&one, "parameters"),
                                      Rf_xlength(names), rules)};
        glue_options_end(&one);
    }
    return recipes;
}

static int n_children(SEXP arrays, size_t node)
{
    SEXP parent = glue_element(arrays, "parent");
    int n = 0;
    for (R_xlen_t k = 0; k < Rf_xlength(parent); k++) {
        n += node != CAP_NO_NODE && INTEGER(parent)[k] == (int)node + 1;
    }
    return n;
}

/* list(node, amount, shares): one element a parent, shares a list. */
static const cap_varied_parent *parents_of(SEXP list, SEXP arrays,
                                           size_t *n_parents)
{
    glue_options o = glue_options_of(list, "parents");
    SEXP node = glue_option(&o, "node"), shares = glue_option(&o, "shares");
    R_xlen_t n = Rf_xlength(node);
    const size_t *at = glue_indices(node, n, INT_MAX, "node");
    const double *amount =
        glue_numbers(glue_option(&o, "amount"), n, "amount");
    glue_options_end(&o);
    if (!Rf_isNull(shares)) {
        glue_elements(shares, n, "shares");
    }
    cap_varied_parent *parents =
        (cap_varied_parent *)R_alloc((size_t)n + 1, sizeof *parents);
    for (R_xlen_t k = 0; k < n; k++) {
        SEXP own = Rf_isNull(shares) ? R_NilValue : VECTOR_ELT(shares, k);
        parents[k] = (cap_varied_parent){at[k], amount[k], 0, NULL};
        if (!Rf_isNull(own)) {
            parents[k].shares = glue_matrix(
                own, GLUE_ANY, n_children(arrays, at[k]), "shares");
            parents[k].n_experts = (size_t)Rf_nrows(own);
        }
    }
    *n_parents = (size_t)n;
    return parents;
}

static const cap_factor *factors_of(SEXP list, SEXP arrays)
{
    size_t n = (size_t)Rf_xlength(glue_elements(list, GLUE_ANY, "factors"));
    cap_factor *factors = (cap_factor *)R_alloc(n + 1, sizeof *factors);
    for (size_t k = 0; k < n; k++) {
        glue_options one =
            glue_options_of(VECTOR_ELT(list, (R_xlen_t)k), "factor");
        cap_factor *f = &factors[k];
        SEXP nodes = glue_option(&one, "node");
        f->stage = (cap_stage)glue_choice_of(&one, "stage", cap_stages);
        f->n_choices = glue_whole_of(&one, "n_choices", INT_MAX);
        f->node =
            f->stage == CAP_STAGE_KEEP
                ? glue_indices(nodes, (R_xlen_t)f->n_choices, INT_MAX, "node")
                : NULL;
        f->kind =
            (cap_weights_kind)glue_choice_of(&one, "kind", cap_weights_kinds);
        f->parent =
            parents_of(glue_option(&one, "parents"), arrays, &f->n_parents);
        f->pool = (cap_pool)glue_choice_of(&one, "pool", cap_pools);
        f->trim = glue_number_of(&one, "trim");
        glue_options_end(&one);
    }
    return factors;
}

void glue_model(SEXP list, const cap_tree *tree, cap_model *model)
{
    glue_options o = glue_options_of(list, "model");
    SEXP arrays = glue_option(&o, "arrays");
    SEXP factors = glue_option(&o, "factors");
    SEXP recipes = glue_option(&o, "recipes");
    size_t n_rows = glue_whole_of(&o, "n_rows", INT_MAX);
    size_t n_missing = glue_whole_of(&o, "n_missing", INT_MAX);
    size_t n_normalise = glue_whole_of(&o, "n_normalise", INT_MAX);
    R_xlen_t cells = (R_xlen_t)n_rows * glue_check_tree(arrays).n_leaves;
    *model = (cap_model){
        .tree = tree,
        .n_rows = n_rows,
        .n_missing = n_missing,
        .n_normalise = n_normalise,
        .layer = layers_of(glue_option(&o, "layers"), n_missing * n_normalise,
                           cells),
        .p_down = cells_of(&o, "p_down", cells),
        .p_up = cells_of(&o, "p_up", cells),
        .n_recipes = (size_t)Rf_xlength(recipes),
        .recipe = recipes_of(recipes, arrays),
        .min_coverage = glue_number_of(&o, "min_coverage"),
        .rank = (cap_rank_method)glue_choice_of(&o, "rank", cap_rank_methods),
        .n_factors = (size_t)Rf_xlength(factors),
        .factor = factors_of(factors, arrays)};
    glue_options_end(&o);
}
