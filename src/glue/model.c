/* The model of a Monte Carlo: from the list that bind_model() makes in R to
 * the core's. */
#include "glue/glue.h"

#include "core/montecarlo/pipeline.h"

static const double *numbers(SEXP list, const char *name)
{
    SEXP x = glue_element(list, name);
    return Rf_isReal(x) && Rf_xlength(x) > 0 ? REAL(x) : NULL;
}

static int whole(SEXP list, const char *name)
{
    return Rf_asInteger(glue_element(list, name));
}

static const cap_layer *layers_of(SEXP list)
{
    size_t n = (size_t)Rf_xlength(list);
    cap_layer *layers = (cap_layer *)R_alloc(n + 1, sizeof *layers);
    for (size_t k = 0; k < n; k++) {
        SEXP one = VECTOR_ELT(list, (R_xlen_t)k);
        layers[k] = (cap_layer){numbers(one, "value"), numbers(one, "down"),
                                numbers(one, "up"), numbers(one, "spread"),
                                (cap_missing)whole(one, "missing")};
    }
    return layers;
}

static const cap_recipe *recipes_of(SEXP list)
{
    size_t n = (size_t)Rf_xlength(list);
    cap_recipe *recipes = (cap_recipe *)R_alloc(n + 1, sizeof *recipes);
    for (size_t k = 0; k < n; k++) {
        SEXP one = VECTOR_ELT(list, (R_xlen_t)k);
        const cap_rule *const *rules =
            glue_rules_of(glue_element(one, "rules"));
        recipes[k] = (cap_recipe){
            rules, glue_parameters_of(glue_element(one, "parameters"), rules)};
    }
    return recipes;
}

/* list(node, amount, shares): one element a parent, shares a list. */
static const cap_varied_parent *parents_of(SEXP list, size_t *n_parents)
{
    SEXP node = glue_element(list, "node"), shares;
    size_t n = (size_t)Rf_xlength(node), *at = glue_indices(node);
    cap_varied_parent *parents =
        (cap_varied_parent *)R_alloc(n + 1, sizeof *parents);
    shares = glue_element(list, "shares");
    for (size_t k = 0; k < n; k++) {
        SEXP panel =
            Rf_isNull(shares) ? R_NilValue : VECTOR_ELT(shares, (R_xlen_t)k);
        parents[k] =
            (cap_varied_parent){at[k], REAL(glue_element(list, "amount"))[k],
                                Rf_isNull(panel) ? 0 : (size_t)Rf_nrows(panel),
                                Rf_isNull(panel) ? NULL : REAL(panel)};
    }
    *n_parents = n;
    return parents;
}

static const cap_factor *factors_of(SEXP list)
{
    size_t n = (size_t)Rf_xlength(list);
    cap_factor *factors = (cap_factor *)R_alloc(n + 1, sizeof *factors);
    for (size_t k = 0; k < n; k++) {
        SEXP one = VECTOR_ELT(list, (R_xlen_t)k);
        cap_factor *f = &factors[k];
        SEXP nodes = glue_element(one, "node");
        f->stage = (cap_stage)whole(one, "stage");
        f->n_choices = (size_t)whole(one, "n_choices");
        f->node = Rf_isNull(nodes) ? NULL : glue_indices(nodes);
        f->kind = (cap_weights_kind)whole(one, "kind");
        f->parent = parents_of(glue_element(one, "parents"), &f->n_parents);
        f->pool = (cap_pool)whole(one, "pool");
        f->trim = Rf_asReal(glue_element(one, "trim"));
    }
    return factors;
}

void glue_model(SEXP list, const cap_tree *tree, cap_model *model)
{
    SEXP factors = glue_element(list, "factors");
    SEXP recipes = glue_element(list, "recipes");
    SEXP layers = glue_element(list, "layers");
    *model = (cap_model){.tree = tree,
                         .n_rows = (size_t)whole(list, "n_rows"),
                         .n_missing = (size_t)whole(list, "n_missing"),
                         .n_normalise = (size_t)whole(list, "n_normalise"),
                         .layer = layers_of(layers),
                         .p_down = numbers(list, "p_down"),
                         .p_up = numbers(list, "p_up"),
                         .n_recipes = (size_t)Rf_xlength(recipes),
                         .recipe = recipes_of(recipes),
                         .min_coverage =
                             Rf_asReal(glue_element(list, "min_coverage")),
                         .rank = (cap_rank_method)whole(list, "rank"),
                         .n_factors = (size_t)Rf_xlength(factors),
                         .factor = factors_of(factors)};
}
