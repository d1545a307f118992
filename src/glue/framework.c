/* Entries of frameworks: the tree and its weights. */
#include "glue/glue.h"
#include "glue/entries.h"

/* list(depth, leaf_node) of a tree, nodes counted from 1; raises
 * what cap_tree_build() refuses. */
SEXP glue_framework_compile(SEXP arrays)
{
    static const char *const names[] = {"depth", "leaf_node"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree;
    R_xlen_t n = glue_check_tree(arrays).n_nodes;
    SEXP depth = PROTECT(Rf_allocVector(INTSXP, n));
    SEXP leaves = PROTECT(Rf_allocVector(INTSXP, n));
    if (glue_tree(arrays, &tree, &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (size_t k = 0; k < tree.n_nodes; k++) {
        INTEGER(depth)[k] = (int)tree.depth[k];
    }
    for (size_t k = 0; k < tree.n_leaves; k++) {
        INTEGER(leaves)[k] = (int)tree.leaf_node[k] + 1;
    }
    R_xlen_t n_leaves = (R_xlen_t)tree.n_leaves;
    cap_tree_free(&tree);
    SEXP values[] = {depth, PROTECT(Rf_xlengthgets(leaves, n_leaves))};
    SEXP result = glue_list(2, names, values);
    UNPROTECT(3);
    return result;
}

/* The weight of each node within its parent, sum 1. */
SEXP glue_framework_weights(SEXP arrays)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree;
    R_xlen_t n = glue_check_tree(arrays).n_nodes;
    SEXP weights = PROTECT(Rf_allocVector(REALSXP, n));
    if (glue_tree(arrays, &tree, &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (size_t k = 0; k < tree.n_nodes; k++) {
        REAL(weights)[k] = tree.weight[k];
    }
    cap_tree_free(&tree);
    UNPROTECT(1);
    return weights;
}
