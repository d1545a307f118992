/* Entry of the least-cost next steps. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/readiness/next_steps.h"

static double *figures_of(SEXP list, const char *name)
{
    SEXP from = glue_element(list, name);
    return Rf_isNull(from) ? NULL : REAL(from);
}

static cap_gates gates_of(SEXP list, size_t n_items)
{
    cap_gates gates = {n_items,
                       0,
                       (size_t)Rf_xlength(glue_element(list, "group_k")),
                       glue_counts(list, "group_stage"),
                       glue_counts(list, "group_k"),
                       glue_counts(list, "group_start"),
                       glue_indices(glue_element(list, "item")),
                       figures_of(list, "minimum"),
                       NULL};
    return gates;
}

static cap_next_steps_problem problem_of(SEXP list, const cap_gates *gates)
{
    SEXP raised = glue_element(list, "raised");
    cap_next_steps_problem problem = {
        (size_t)Rf_xlength(glue_element(list, "level_start")) - 1,
        glue_counts(list, "level_start"),
        figures_of(list, "value"),
        figures_of(list, "cost"),
        figures_of(list, "gain"),
        Rf_asReal(glue_element(list, "need")),
        gates->n_groups > 0 ? gates : NULL,
        (size_t)Rf_asInteger(glue_element(list, "stage")),
        (size_t)Rf_xlength(raised),
        glue_indices(raised),
        glue_indices(glue_element(list, "required")),
        figures_of(list, "required_minimum")};
    return problem;
}

/* list(level, a matrix with a column a plan; cost; blocked; figures, a vector
 * most_gain, proven, complete, bound, nodes) of one problem
 * (R/readiness-actions.R). */
SEXP glue_next_steps_solve(SEXP list, SEXP most_plans, SEXP most_nodes)
{
    static const char *const names[] = {"level", "cost", "blocked", "figures"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_gates gates =
        gates_of(list, (size_t)Rf_xlength(glue_element(list, "level_start")));
    cap_next_steps_problem problem = problem_of(list, &gates);
    size_t plans = (size_t)Rf_asReal(most_plans), n = problem.n_items;
    cap_next_steps_result found = {0};
    found.most_plans = plans;
    found.most_nodes = (size_t)Rf_asReal(most_nodes);
    found.level = (size_t *)R_alloc(plans * n + 1, sizeof(size_t));
    found.cost = (double *)R_alloc(plans + 1, sizeof(double));
    SEXP blocked = PROTECT(Rf_allocVector(LGLSXP, (R_xlen_t)gates.n_groups));
    found.blocked = LOGICAL(blocked);
    cap_poll poll;
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status = cap_next_steps_solve(&problem, &found, &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP level = PROTECT(Rf_allocMatrix(INTSXP, (int)n, (int)found.n_plans));
    SEXP cost = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)found.n_plans));
    SEXP figures = PROTECT(Rf_allocVector(REALSXP, 5));
    for (size_t k = 0; k < found.n_plans * n; k++) {
        INTEGER(level)[k] = (int)found.level[k];
    }
    for (size_t k = 0; k < found.n_plans; k++) {
        REAL(cost)[k] = found.cost[k];
    }
    const double all[] = {found.most_gain, found.proven, found.complete,
                          found.bound, (double)found.nodes};
    for (int k = 0; k < 5; k++) {
        REAL(figures)[k] = all[k];
    }
    const SEXP values[] = {level, cost, blocked, figures};
    SEXP result = glue_list(4, names, values);
    UNPROTECT(5);
    return result;
}
