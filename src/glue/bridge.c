/* Entry of the bridge between editions. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/index/change_bridge.h"

/* Splits the changes between two ends, whose trees are built for it. */
static cap_status split(const SEXP arrays[2], size_t n_rows,
                        const double *const scores[2], const size_t *leaves,
                        const size_t *nodes, const SEXP values[3],
                        const cap_poll *poll, cap_error *err)
{
    cap_tree tree[2] = {{0}, {0}};
    cap_bridge_end from = {&tree[0], scores[0]};
    cap_bridge_end to = {&tree[1], scores[1]};
    cap_status status = glue_tree(arrays[0], &tree[0], err);
    if (status == CAP_OK) {
        status = glue_tree(arrays[1], &tree[1], err);
    }
    if (status == CAP_OK) {
        status = cap_bridge_split(n_rows, &from, &to, leaves, nodes,
                                  REAL(values[0]), REAL(values[1]),
                                  REAL(values[2]), poll, err);
    }
    cap_tree_free(&tree[1]);
    cap_tree_free(&tree[0]);
    return status;
}

/* list(answers, weights, items), rows x nodes of the later tree. `leaf_from`
 * and `node_from` count from 1, NA for none. */
SEXP glue_bridge_split(SEXP arrays_from, SEXP arrays_to, SEXP scores_from,
                       SEXP scores_to, SEXP leaf_from, SEXP node_from)
{
    static const char *const names[] = {"answers", "weights", "items"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_poll poll;
    SEXP values[3];
    glue_tree_size size_from = glue_check_tree(arrays_from);
    glue_tree_size size_to = glue_check_tree(arrays_to);
    const double *at_to =
        glue_matrix(scores_to, GLUE_ANY, size_to.n_nodes, "scores_to");
    int n_rows = Rf_nrows(scores_to), n_nodes = Rf_ncols(scores_to);
    const double *at_from =
        glue_matrix(scores_from, n_rows, size_from.n_nodes, "scores_from");
    const size_t *leaves = glue_indices(
        leaf_from, size_to.n_leaves, (double)size_from.n_leaves, "leaf_from");
    const size_t *nodes = glue_indices(node_from, size_to.n_nodes,
                                       (double)size_from.n_nodes, "node_from");
    for (int k = 0; k < 3; k++) {
        values[k] = PROTECT(Rf_allocMatrix(REALSXP, n_rows, n_nodes));
    }
    SEXP token = PROTECT(glue_poll_begin(&poll));
    const SEXP arrays[2] = {arrays_from, arrays_to};
    const double *const scores[2] = {at_from, at_to};
    cap_status status = split(arrays, (size_t)n_rows, scores, leaves, nodes,
                              values, &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(3, names, values);
    UNPROTECT(4);
    return result;
}
