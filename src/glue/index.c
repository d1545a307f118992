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

const cap_rule *const *glue_rules_of(SEXP names)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    size_t n = (size_t)Rf_xlength(names);
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
const cap_values *const *glue_parameters_of(SEXP levels,
                                            const cap_rule *const *rules)
{
    size_t n = (size_t)Rf_xlength(levels);
    const cap_values **given =
        (const cap_values **)R_alloc(n + 1, sizeof(const cap_values *));
    for (size_t d = 0; d < n; d++) {
        SEXP level = VECTOR_ELT(levels, (R_xlen_t)d);
        size_t m = rules[d]->n_parameters;
        cap_values *values = (cap_values *)R_alloc(m + 1, sizeof *values);
        for (size_t q = 0; q < m; q++) {
            SEXP value = glue_element(level, rules[d]->parameter[q].name);
            values[q].n = (size_t)Rf_xlength(value);
            values[q].value = values[q].n > 0 ? REAL(value) : NULL;
        }
        given[d] = values;
    }
    return n > 0 ? given : NULL;
}

static const size_t *offsets_of(SEXP segment)
{
    size_t n = (size_t)Rf_xlength(segment);
    size_t *offsets = (size_t *)R_alloc(n + 1, sizeof *offsets);
    for (size_t g = 0; g < n; g++) {
        offsets[g] = (size_t)INTEGER(segment)[g];
    }
    return offsets;
}

/* list(scores, coverage, unproven): rows x nodes twice, and a logical a node.
 * `missing` is 0, 1, 2 as cap_missing; `rules` one name for each level that
 * has children, `parameters` for each a list of numbers by name (or an empty
 * list for all); `segment` holds row offsets of editions. */
SEXP glue_index_scores(SEXP arrays, SEXP answers, SEXP rules, SEXP parameters,
                       SEXP segment, SEXP missing, SEXP min_coverage)
{
    static const char *const names[] = {"scores", "coverage", "unproven"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    cap_poll poll;
    int n_rows = Rf_nrows(answers);
    int n_nodes = Rf_length(glue_element(arrays, "parent"));
    SEXP scores = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes));
    SEXP coverage = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes));
    SEXP unproven = PROTECT(Rf_allocVector(LGLSXP, n_nodes));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    const cap_rule *const *rule = glue_rules_of(rules);
    cap_aggregate_options options = {rule,
                                     glue_parameters_of(parameters, rule),
                                     (cap_missing)Rf_asInteger(missing),
                                     Rf_asReal(min_coverage),
                                     (size_t)Rf_xlength(segment) - 1,
                                     offsets_of(segment),
                                     R_alloc((size_t)n_nodes, 1)};
    memset(options.unproven, 0, (size_t)n_nodes);
    cap_status status = glue_tree(arrays, &tree, &err);
    if (status == CAP_OK) {
        status = cap_aggregate(&tree, &options, (size_t)n_rows, REAL(answers),
                               REAL(scores), REAL(coverage), &poll, &err);
    }
    cap_tree_free(&tree);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    for (int k = 0; k < n_nodes; k++) {
        LOGICAL(unproven)[k] = options.unproven[k];
    }
    SEXP values[] = {scores, coverage, unproven};
    SEXP result = glue_list(3, names, values);
    UNPROTECT(4);
    return result;
}

/* Ranks of each column within segments of rows; `segment` holds offsets. */
SEXP glue_rank_panel(SEXP scores, SEXP segment, SEXP method)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_poll poll;
    int n_rows = Rf_nrows(scores), n_columns = Rf_ncols(scores);
    size_t n_segments = (size_t)Rf_xlength(segment) - 1;
    const size_t *offsets = offsets_of(segment);
    SEXP ranks = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_columns));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status = cap_rank_panel(
        (size_t)n_rows, (size_t)n_columns, REAL(scores), n_segments, offsets,
        (cap_rank_method)Rf_asInteger(method), REAL(ranks), &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(2);
    return ranks;
}

/* Bands of scores, counted from 1, NA below all and where missing. */
SEXP glue_band(SEXP scores, SEXP lower)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    R_xlen_t n = Rf_xlength(scores);
    SEXP bands = PROTECT(Rf_allocVector(INTSXP, n));
    cap_status status =
        cap_band((size_t)n, REAL(scores), (size_t)Rf_xlength(lower),
                 REAL(lower), INTEGER(bands), &err);
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
