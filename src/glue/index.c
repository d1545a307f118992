/* Entries of an index: the register of rules, scores, ranks and bands. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <string.h>

#include "core/index/aggregate.h"
#include "core/index/rank.h"

/* The register of rules: list(name, parameters), the latter a list of named
 * numbers a rule, NA where a parameter must be given. */
SEXP glue_rules(void)
{
    static const char *const names[] = {"name", "parameters"};
    R_xlen_t n = 0;
    while (cap_rule_at((size_t)n) != NULL) {
        n++;
    }
    SEXP name = PROTECT(Rf_allocVector(STRSXP, n));
    SEXP parameters = PROTECT(Rf_allocVector(VECSXP, n));
    for (R_xlen_t k = 0; k < n; k++) {
        const cap_rule *rule = cap_rule_at((size_t)k);
        R_xlen_t m = (R_xlen_t)rule->n_parameters;
        SEXP initial = Rf_allocVector(REALSXP, m);
        SET_VECTOR_ELT(parameters, k, initial);
        SEXP labels = PROTECT(Rf_allocVector(STRSXP, m));
        for (R_xlen_t q = 0; q < m; q++) {
            double value = rule->parameter[q].initial;
            REAL(initial)[q] = ISNAN(value) ? NA_REAL : value;
            SET_STRING_ELT(labels, q, Rf_mkChar(rule->parameter[q].name));
        }
        Rf_setAttrib(initial, R_NamesSymbol, labels);
        UNPROTECT(1);
        SET_STRING_ELT(name, k, Rf_mkChar(rule->name));
    }
    SEXP values[] = {name, parameters};
    SEXP result = glue_list(2, names, values);
    UNPROTECT(2);
    return result;
}

/* Levels of a checked tree that have children. A node on a cycle, which the
 * core refuses, has more parents than there are nodes. */
static size_t n_levels_with_children(SEXP parent)
{
    int n = (int)Rf_xlength(parent);
    const int *above = INTEGER(parent);
    int deepest = 0;
    for (int k = 0; k < n; k++) {
        int depth = 0;
        for (int at = k; depth <= n && above[at] >= 1 && above[at] <= n;
             at = above[at] - 1) {
            depth++;
        }
        deepest = depth > deepest ? depth : deepest;
    }
    return (size_t)deepest;
}

const cap_rule *const *glue_rules_of(SEXP names, SEXP arrays)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    size_t n = n_levels_with_children(glue_element(arrays, "parent"));
    if (!Rf_isString(names) || (size_t)Rf_xlength(names) != n) {
        glue_refuse(names, "rules", "a rule for each level with children");
    }
    const cap_rule **rules =
        (const cap_rule **)R_alloc(n + 1, sizeof(const cap_rule *));
    for (size_t k = 0; k < n; k++) {
        const char *name = CHAR(STRING_ELT(names, (R_xlen_t)k));
        rules[k] = cap_rule_find(name);
        if (rules[k] == NULL) {
            cap_fail(&err, CAP_ERR_INPUT, "there is no rule '%s'", name);
            glue_raise(&err);
        }
    }
    return rules;
}

/* For each level NULL, or the values of each parameter of its rule. */
const cap_values *const *glue_parameters_of(SEXP levels, R_xlen_t n_rules,
                                            const cap_rule *const *rules)
{
    size_t n = (size_t)Rf_xlength(levels);
    glue_elements(levels, n == 0 ? 0 : n_rules, "parameters");
    const cap_values **given =
        (const cap_values **)R_alloc(n + 1, sizeof(const cap_values *));
    for (size_t d = 0; d < n; d++) {
        glue_options level =
            glue_options_of(VECTOR_ELT(levels, (R_xlen_t)d), "parameters");
        size_t m = rules[d]->n_parameters;
        cap_values *values = (cap_values *)R_alloc(m + 1, sizeof *values);
        for (size_t q = 0; q < m; q++) {
            SEXP value = glue_option(&level, rules[d]->parameter[q].name);
            values[q].n = (size_t)Rf_xlength(value);
            values[q].value = glue_numbers_or_none(
                value, GLUE_ANY, rules[d]->parameter[q].name);
        }
        glue_options_end(&level);
        given[d] = values;
    }
    return n > 0 ? given : NULL;
}

/* `options`: list(rules, parameters, missing, min_coverage): the name of a
 * rule for each level that has children, for each of them a list of numbers by
 * name (or an empty list for all), and a word of cap_missing_policies.
 * `segment` holds offsets of editions into the rows. */
static cap_aggregate_options aggregate_options(SEXP options, SEXP arrays,
                                               SEXP segment, int n_rows)
{
    glue_options o = glue_options_of(options, "options");
    SEXP names = glue_option(&o, "rules");
    const cap_rule *const *rules = glue_rules_of(names, arrays);
    size_t n_nodes = (size_t)Rf_xlength(glue_element(arrays, "parent"));
    cap_aggregate_options own = {
        rules,
        glue_parameters_of(glue_option(&o, "parameters"), Rf_xlength(names),
                           rules),
        (cap_missing)glue_choice_of(&o, "missing", cap_missing_policies),
        glue_number_of(&o, "min_coverage"),
        (size_t)Rf_xlength(segment) - 1,
        glue_offsets(segment, GLUE_ANY, (size_t)n_rows, "segment"),
        R_alloc(n_nodes + 1, 1)};
    memset(own.unproven, 0, n_nodes);
    glue_options_end(&o);
    return own;
}

/* list(scores, coverage, unproven): rows x nodes twice, and a logical a node.
 */
SEXP glue_index_scores(SEXP arrays, SEXP answers, SEXP segment, SEXP options)
{
    static const char *const names[] = {"scores", "coverage", "unproven"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    cap_poll poll;
    glue_tree_size size = glue_check_tree(arrays);
    const double *x = glue_matrix(answers, GLUE_ANY, size.n_leaves, "answers");
    int n_rows = Rf_nrows(answers), n_nodes = (int)size.n_nodes;
    SEXP scores = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes));
    SEXP coverage = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes));
    SEXP unproven = PROTECT(Rf_allocVector(LGLSXP, n_nodes));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    const cap_aggregate_options how =
        aggregate_options(options, arrays, segment, n_rows);
    cap_status status = glue_tree(arrays, &tree, &err);
    if (status == CAP_OK) {
        status = cap_aggregate(&tree, &how, (size_t)n_rows, x, REAL(scores),
                               REAL(coverage), &poll, &err);
    }
    cap_tree_free(&tree);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    for (int k = 0; k < n_nodes; k++) {
        LOGICAL(unproven)[k] = how.unproven[k];
    }
    SEXP values[] = {scores, coverage, unproven};
    SEXP result = glue_list(3, names, values);
    UNPROTECT(4);
    return result;
}

/* list(observed, weight) of scores of all nodes: see
 * src/core/index/aggregate.h. */
SEXP glue_observed_weights(SEXP arrays, SEXP scores)
{
    static const char *const names[] = {"observed", "weight"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    int n_nodes = (int)glue_check_tree(arrays).n_nodes;
    const double *x = glue_matrix(scores, GLUE_ANY, n_nodes, "scores");
    int n_rows = Rf_nrows(scores);
    SEXP values[] = {PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes)),
                     PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes))};
    SEXP result = PROTECT(glue_list(2, names, values));
    if (glue_tree(arrays, &tree, &err) != CAP_OK) {
        glue_raise(&err);
    }
    cap_observed_weights(&tree, (size_t)n_rows, x, REAL(values[0]),
                         REAL(values[1]));
    cap_tree_free(&tree);
    UNPROTECT(3);
    return result;
}

/* Scales of n columns from their maxima: one for each, or one for all; NA has
 * none. */
static cap_scale *scales_of(SEXP max, int n)
{
    cap_scale *scales = (cap_scale *)R_alloc((size_t)n + 1, sizeof *scales);
    int shared = Rf_xlength(max) == 1;
    const double *of = glue_numbers(max, shared ? 1 : n, "max");
    for (int k = 0; k < n; k++) {
        scales[k] = cap_scale_of(of[shared ? 0 : k]);
    }
    return scales;
}

/* Ranks of each column within segments of rows; `segment` holds offsets, `max`
 * the maxima of the indices that the columns belong to. */
SEXP glue_rank_panel(SEXP scores, SEXP segment, SEXP method, SEXP max)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_poll poll;
    const double *x = glue_matrix(scores, GLUE_ANY, GLUE_ANY, "scores");
    int n_rows = Rf_nrows(scores), n_columns = Rf_ncols(scores);
    const size_t *offsets =
        glue_offsets(segment, GLUE_ANY, (size_t)n_rows, "segment");
    size_t n_segments = (size_t)Rf_xlength(segment) - 1;
    const cap_scale *scale = scales_of(max, n_columns);
    cap_rank_method ties =
        (cap_rank_method)glue_choice(method, cap_rank_methods, "method");
    SEXP ranks = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_columns));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status =
        cap_rank_panel((size_t)n_rows, (size_t)n_columns, x, scale, n_segments,
                       offsets, ties, REAL(ranks), &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(2);
    return ranks;
}

/* Bands of scores, counted from 1, NA below all and where missing. */
SEXP glue_band(SEXP scores, SEXP lower, SEXP max)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    R_xlen_t n = Rf_xlength(scores);
    const double *x = glue_numbers(scores, n, "scores");
    const double *bound = glue_numbers(lower, GLUE_ANY, "lower");
    SEXP bands = PROTECT(Rf_allocVector(INTSXP, n));
    cap_status status =
        cap_band((size_t)n, x, *scales_of(max, 1), (size_t)Rf_xlength(lower),
                 bound, INTEGER(bands), &err);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    for (R_xlen_t i = 0; i < n; i++) {
        if (INTEGER(bands)[i] == 0) {
            INTEGER(bands)[i] = NA_INTEGER;
        }
    }
    UNPROTECT(1);
    return bands;
}

/* Whether scores reach bounds on scales, element by element; the shorter ones
 * are repeated, and NA reaches nothing. */
SEXP glue_bound_holds(SEXP scores, SEXP lower, SEXP max)
{
    const double *score = glue_numbers(scores, GLUE_ANY, "scores");
    const double *bound = glue_numbers(lower, GLUE_ANY, "lower");
    const double *top = glue_numbers(max, GLUE_ANY, "max");
    R_xlen_t n_scores = Rf_xlength(scores), n_lower = Rf_xlength(lower);
    R_xlen_t n_max = Rf_xlength(max);
    R_xlen_t n = n_scores > n_lower ? n_scores : n_lower;
    n = n_scores == 0 || n_lower == 0 || n_max == 0 ? 0 : n;
    SEXP holds = PROTECT(Rf_allocVector(LGLSXP, n));
    for (R_xlen_t i = 0; i < n; i++) {
        LOGICAL(holds)
        [i] = cap_bound_holds(cap_scale_of(top[i % n_max]),
                              score[i % n_scores], bound[i % n_lower]);
    }
    UNPROTECT(1);
    return holds;
}

/* The tolerance of a bound in points of a scale. */
SEXP glue_bound_slack(SEXP max)
{
    return Rf_ScalarReal(cap_bound_slack(*scales_of(max, 1)));
}
