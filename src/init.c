/* Registers the entries when R loads the library. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

#define ENTRY(name, n_arguments)                                              \
    {                                                                         \
#name, (DL_FUNC)(void (*)(void))glue_##name, n_arguments              \
    }

static const R_CallMethodDef entries[] = {
    ENTRY(framework_compile, 1),
    ENTRY(framework_weights, 1),
    ENTRY(enums, 0),
    ENTRY(tolerances, 0),
    ENTRY(round_half_up, 2),
    ENTRY(share_state, 1),
    ENTRY(rules, 0),
    ENTRY(index_scores, 4),
    ENTRY(rank_agreement, 2),
    ENTRY(rank_panel, 4),
    ENTRY(band, 3),
    ENTRY(bound_holds, 3),
    ENTRY(bound_slack, 1),
    ENTRY(group_statistics, 3),
    ENTRY(t_interval, 5),
    ENTRY(share_error, 2),
    ENTRY(quantiles, 2),
    ENTRY(median_deviation, 1),
    ENTRY(tie, 2),
    ENTRY(count_quantiles, 2),
    ENTRY(bridge_split, 6),
    ENTRY(answers_place, 6),
    ENTRY(implied_weights, 3),
    ENTRY(importance, 2),
    ENTRY(normalise_fit, 5),
    ENTRY(normalise_apply, 5),
    ENTRY(normalise_relative, 4),
    ENTRY(treat, 2),
    ENTRY(impute_centre, 4),
    ENTRY(impute_series, 4),
    ENTRY(impute_knn, 2),
    ENTRY(impute_em, 2),
    ENTRY(next_steps_solve, 2),
    ENTRY(xlsx_write, 3),
    ENTRY(xlsx_clean_text, 1),
    ENTRY(xlsx_lines, 3),
    ENTRY(xlsx_line_counts, 4),
    ENTRY(expert_shares, 1),
    ENTRY(expert_pool, 2),
    ENTRY(kendall_w, 2),
    ENTRY(ahp_tidy, 1),
    ENTRY(ahp_pool, 3),
    ENTRY(ahp_triads, 1),
    ENTRY(weights_spread, 2),
    ENTRY(weights_factor, 2),
    ENTRY(weights_optimised, 3),
    ENTRY(is_constant, 1),
    ENTRY(concentration, 2),
    ENTRY(random_key, 0),
    ENTRY(robustness, 3),
    ENTRY(mean_rank_shifts, 3),
    ENTRY(sensitivity, 2),
    ENTRY(sobol_design, 1),
    ENTRY(sobol_tally, 4),
    ENTRY(sobol_indices, 3),
    ENTRY(gates_hold, 3),
    ENTRY(stage_reach, 3),
    ENTRY(stage_next, 5),
    ENTRY(evidence_pass, 4),
    ENTRY(stage_probability, 4),
    ENTRY(evidence_draw, 4),
    ENTRY(evidence_range, 4),
    ENTRY(kendall_series, 3),
    ENTRY(kendall_units, 3),
    ENTRY(sen, 4),
    ENTRY(compensated_sum, 1),
    ENTRY(shift_share, 6),
    ENTRY(inequality, 4),
    ENTRY(regression, 5),
    ENTRY(regression_wild, 2),
    ENTRY(sigma_convergence, 2),
    ENTRY(gap_change, 5),
    ENTRY(gap_error, 2),
    ENTRY(gap_closing, 3),
    ENTRY(convergence_speed, 3),
    ENTRY(sign_floors, 1),
    ENTRY(convergence_null, 5),
    ENTRY(transitions, 3),
    ENTRY(association, 4),
    ENTRY(equal_classes, 2),
    ENTRY(rank_shifts, 3),
    ENTRY(series_at, 3),
    ENTRY(series_standardise, 2),
    ENTRY(series_limit, 5),
    ENTRY(mean_change, 4),
    ENTRY(group_influence, 3),
    ENTRY(equate, 4),
    ENTRY(bootstrap, 5),
    ENTRY(file_lock, 1),
    ENTRY(file_unlock, 1),
    ENTRY(parent_process, 0),
    {NULL, NULL, 0},
};

void attribute_visible R_init_cybercap(DllInfo *dll)
{
    glue_remember_process();
    R_registerRoutines(dll, NULL, entries, NULL, NULL);
    R_useDynamicSymbols(dll, FALSE);
    R_forceSymbols(dll, TRUE);
}
