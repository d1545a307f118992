/* Entry of the least-cost next steps. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/readiness/next_steps.h"

static const double *figures_of(glue_options *o, const char *name, R_xlen_t n)
{
    return glue_numbers(glue_option(o, name), n, name);
}

static cap_gates gates_of(glue_options *o, size_t n_items)
{
    SEXP k = glue_option(o, "group_k"), item = glue_option(o, "item");
    R_xlen_t n_groups = Rf_xlength(k), n_members = Rf_xlength(item);
    cap_gates gates = {
        n_items,
        0,
        (size_t)n_groups,
        glue_counts(glue_option(o, "group_stage"), n_groups, "group_stage"),
        glue_counts(k, n_groups, "group_k"),
        glue_offsets(glue_option(o, "group_start"), n_groups + 1,
                     (size_t)n_members, "group_start"),
        glue_indices(item, n_members, (double)n_items, "item"),
        figures_of(o, "minimum", n_members),
        NULL};
    return gates;
}

static cap_next_steps_problem problem_of(glue_options *o,
                                         const cap_gates *gates)
{
    SEXP raised = glue_option(o, "raised");
    SEXP value = glue_option(o, "value");
    R_xlen_t n_required = Rf_xlength(raised), n_levels = Rf_xlength(value);
    double n_items = (double)gates->n_items;
    cap_next_steps_problem problem = {
        gates->n_items,
        glue_offsets(glue_option(o, "level_start"),
                     (R_xlen_t)gates->n_items + 1, (size_t)n_levels,
                     "level_start"),
        glue_numbers(value, n_levels, "value"),
        figures_of(o, "cost", n_levels),
        glue_numbers_or_none(glue_option(o, "gain"), n_levels, "gain"),
        glue_number_of(o, "need"),
        gates->n_groups > 0 ? gates : NULL,
        glue_whole_of(o, "stage", INT_MAX),
        (size_t)n_required,
        glue_indices(raised, n_required, n_items, "raised"),
        glue_indices(glue_option(o, "required"), n_required, n_items,
                     "required"),
        figures_of(o, "required_minimum", n_required)};
    return problem;
}

/* Room for what is found; `limits`: list(most_plans, most_nodes). */
static cap_next_steps_result room_for(SEXP limits, size_t n_items,
                                      SEXP blocked)
{
    glue_options l = glue_options_of(limits, "limits");
    cap_next_steps_result found = {0};
    found.most_plans = glue_whole_number(glue_option(&l, "most_plans"), 1,
                                         INT_MAX, "most_plans");
    found.most_nodes = glue_whole_number(glue_option(&l, "most_nodes"), 1,
                                         GLUE_MOST, "most_nodes");
    found.level =
        (size_t *)R_alloc(found.most_plans * n_items + 1, sizeof(size_t));
    found.cost = (double *)R_alloc(found.most_plans + 1, sizeof(double));
    found.blocked = LOGICAL(blocked);
    glue_options_end(&l);
    return found;
}

/* list(level, a matrix with a column a plan; cost; blocked; figures, a vector
 * most_gain, proven, complete, bound, nodes) of one problem
 * (R/readiness-actions-problem.R). */
SEXP glue_next_steps_solve(SEXP list, SEXP limits)
{
    static const char *const names[] = {"level", "cost", "blocked", "figures"};
    static const char *const figure_names[] = {"most_gain", "proven",
                                               "complete", "bound", "nodes"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    glue_options o = glue_options_of(list, "problem");
    R_xlen_t n_starts = Rf_xlength(glue_option(&o, "level_start"));
    cap_gates gates = gates_of(&o, n_starts > 0 ? (size_t)n_starts - 1 : 0);
    cap_next_steps_problem problem = problem_of(&o, &gates);
    glue_options_end(&o);
    size_t n = problem.n_items;
    SEXP blocked = PROTECT(Rf_allocVector(LGLSXP, (R_xlen_t)gates.n_groups));
    cap_next_steps_result found = room_for(limits, n, blocked);
    cap_poll poll;
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status = cap_next_steps_solve(&problem, &found, &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP level = PROTECT(Rf_allocMatrix(INTSXP, (int)n, (int)found.n_plans));
    SEXP cost = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)found.n_plans));
    const double all[] = {found.most_gain, found.proven, found.complete,
                          found.bound, (double)found.nodes};
    SEXP figures = PROTECT(glue_figures(5, figure_names, all));
    for (size_t k = 0; k < found.n_plans * n; k++) {
        INTEGER(level)[k] = (int)found.level[k];
    }
    for (size_t k = 0; k < found.n_plans; k++) {
        REAL(cost)[k] = found.cost[k];
    }
    const SEXP values[] = {level, cost, blocked, figures};
    SEXP result = glue_list(4, names, values);
    UNPROTECT(5);
    return result;
}
