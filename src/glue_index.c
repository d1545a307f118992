#include "glue.h"
#include "entries.h"

#include <string.h>

#include "core/aggregate.h"
#include "core/rank.h"

static const cap_rule *const *rules_of(SEXP names, cap_error *err)
{
    size_t n = (size_t)Rf_xlength(names);
    const cap_rule **rules =
        (const cap_rule **)R_alloc(n + 1, sizeof(const cap_rule *));
    for (size_t k = 0; k < n; k++) {
        const char *name = CHAR(STRING_ELT(names, (R_xlen_t)k));
        rules[k] = cap_rule_find(name);
        if (rules[k] == NULL) {
            cap_fail(err, CAP_ERR_INPUT, "there is no rule '%s'", name);
            glue_raise(err);
        }
    }
    return rules;
}

/* list(scores, coverage), rows x nodes. `missing` is 0, 1, 2 as cap_missing;
 * `rules` one name for each level that has children. */
SEXP glue_index_scores(SEXP arrays, SEXP answers, SEXP rules, SEXP missing,
                       SEXP min_coverage)
{
    static const char *const names[] = {"scores", "coverage"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    cap_poll poll;
    int n_rows = Rf_nrows(answers);
    int n_nodes = Rf_length(glue_element(arrays, "parent"));
    SEXP scores = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes));
    SEXP coverage = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_aggregate_options options = {rules_of(rules, &err), NULL,
                                     (cap_missing)Rf_asInteger(missing),
                                     Rf_asReal(min_coverage)};
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
    SEXP values[] = {scores, coverage};
    SEXP result = glue_list(2, names, values);
    UNPROTECT(3);
    return result;
}

/* Ranks of each column within segments of rows; `segment` holds offsets. */
SEXP glue_rank_panel(SEXP scores, SEXP segment, SEXP method)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_poll poll;
    int n_rows = Rf_nrows(scores), n_columns = Rf_ncols(scores);
    size_t n_segments = (size_t)Rf_xlength(segment) - 1;
    size_t *offsets = (size_t *)R_alloc(n_segments + 1, sizeof *offsets);
    for (size_t g = 0; g <= n_segments; g++) {
        offsets[g] = (size_t)INTEGER(segment)[g];
    }
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
