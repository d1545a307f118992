/* The .Call entries that init.c registers; their comments stand with them. */
#ifndef CAP_ENTRIES_H
#define CAP_ENTRIES_H

#include <Rinternals.h>

SEXP glue_framework_compile(SEXP arrays);
SEXP glue_framework_weights(SEXP arrays);
SEXP glue_enums(void);
SEXP glue_tolerances(void);
SEXP glue_round_half_up(SEXP x, SEXP digits);
SEXP glue_share_state(SEXP share);
SEXP glue_rules(void);
SEXP glue_index_scores(SEXP arrays, SEXP answers, SEXP segment, SEXP options);
SEXP glue_observed_weights(SEXP arrays, SEXP scores);
SEXP glue_rank_agreement(SEXP x, SEXP y);
SEXP glue_rank_panel(SEXP scores, SEXP segment, SEXP method, SEXP max);
SEXP glue_band(SEXP scores, SEXP lower, SEXP max);
SEXP glue_bound_holds(SEXP scores, SEXP lower, SEXP max);
SEXP glue_bound_slack(SEXP max);
SEXP glue_group_statistics(SEXP scores, SEXP users, SEXP groups);
SEXP glue_t_interval(SEXP estimate, SEXP se, SEXP df, SEXP conf, SEXP size);
SEXP glue_share_error(SEXP p, SEXP n);
SEXP glue_quantiles(SEXP x, SEXP p);
SEXP glue_median_deviation(SEXP x);
SEXP glue_tie(SEXP x, SEXP gap);
SEXP glue_count_quantiles(SEXP counts, SEXP p);
SEXP glue_bridge_split(SEXP arrays_from, SEXP arrays_to, SEXP scores_from,
                       SEXP scores_to, SEXP leaf_from, SEXP node_from);
SEXP glue_answers_place(SEXP row, SEXP column, SEXP value, SEXP source,
                        SEXP n_rows, SEXP n_columns);
SEXP glue_implied_weights(SEXP x, SEXP y, SEXP options);
SEXP glue_importance(SEXP x, SEXP y);
SEXP glue_expert_shares(SEXP points);
SEXP glue_expert_pool(SEXP shares, SEXP options);
SEXP glue_kendall_w(SEXP values, SEXP max_work);
SEXP glue_ahp_tidy(SEXP matrix);
SEXP glue_ahp_pool(SEXP matrices, SEXP size, SEXP options);
SEXP glue_ahp_triads(SEXP matrix);
SEXP glue_weights_spread(SEXP x, SEXP options);
SEXP glue_weights_factor(SEXP x, SEXP options);
SEXP glue_weights_optimised(SEXP x, SEXP target, SEXP options);
SEXP glue_is_constant(SEXP x);
SEXP glue_concentration(SEXP weight, SEXP se);
SEXP glue_normalise_fit(SEXP x, SEXP rule, SEXP direction, SEXP ends,
                        SEXP probability);
SEXP glue_normalise_apply(SEXP x, SEXP rule, SEXP direction, SEXP fits,
                          SEXP breaks);
SEXP glue_normalise_relative(SEXP x, SEXP base, SEXP direction,
                             SEXP difference);
SEXP glue_treat(SEXP x, SEXP rule);
SEXP glue_impute_centre(SEXP x, SEXP group, SEXP n_groups, SEXP median);
SEXP glue_impute_series(SEXP x, SEXP unit, SEXP time, SEXP way);
SEXP glue_impute_knn(SEXP x, SEXP k);
SEXP glue_impute_em(SEXP x, SEXP rule);
SEXP glue_gates_hold(SEXP list, SEXP value, SEXP applies);
SEXP glue_stage_reach(SEXP list, SEXP value, SEXP applies);
SEXP glue_stage_next(SEXP list, SEXP value, SEXP applies, SEXP stage,
                     SEXP score);
SEXP glue_evidence_pass(SEXP list, SEXP value, SEXP reliability, SEXP levels);
SEXP glue_stage_probability(SEXP list, SEXP pass, SEXP applies, SEXP options);
SEXP glue_evidence_draw(SEXP value, SEXP reliability, SEXP levels, SEXP run);
SEXP glue_evidence_range(SEXP value, SEXP reliability, SEXP levels,
                         SEXP greatest);
SEXP glue_next_steps_solve(SEXP list, SEXP limits);
SEXP glue_xlsx_write(SEXP plan, SEXP path, SEXP overwrite);
SEXP glue_xlsx_clean_text(SEXP text);
SEXP glue_xlsx_lines(SEXP code, SEXP width, SEXP room);
SEXP glue_xlsx_line_counts(SEXP code, SEXP width, SEXP length, SEXP room);
SEXP glue_random_key(void);
SEXP glue_mean_rank_shifts(SEXP counts, SEXP rank, SEXP nominal);
SEXP glue_robustness(SEXP model, SEXP run, SEXP report);
SEXP glue_sobol_design(SEXP design);
SEXP glue_sobol_tally(SEXP y, SEXP centre, SEXP scale, SEXP ends);
SEXP glue_sobol_indices(SEXP stats, SEXP d, SEXP conf);
SEXP glue_sensitivity(SEXP model, SEXP run);
SEXP glue_kendall_series(SEXP x, SEXP time, SEXP options);
SEXP glue_kendall_units(SEXP x, SEXP weights, SEXP options);
SEXP glue_sen(SEXP x, SEXP time, SEXP weights, SEXP options);
SEXP glue_compensated_sum(SEXP x);
SEXP glue_shift_share(SEXP from, SEXP to, SEXP users_from, SEXP users_to,
                      SEXP member, SEXP form);
SEXP glue_inequality(SEXP x, SEXP users, SEXP group, SEXP n_groups);
SEXP glue_regression(SEXP x, SEXP y, SEXP w, SEXP cluster, SEXP n_clusters);
SEXP glue_regression_wild(SEXP regression, SEXP run);
SEXP glue_sigma_convergence(SEXP from, SEXP to);
SEXP glue_gap_change(SEXP from, SEXP to, SEXP users_from, SEXP users_to,
                     SEXP group);
SEXP glue_gap_error(SEXP gap, SEXP sd);
SEXP glue_gap_closing(SEXP gap, SEXP years, SEXP conf);
SEXP glue_convergence_speed(SEXP slope, SEXP years, SEXP logs);
SEXP glue_sign_floors(SEXP n);
SEXP glue_convergence_null(SEXP from, SEXP to, SEXP w, SEXP run, SEXP groups);
SEXP glue_transitions(SEXP from, SEXP to, SEXP classes);
SEXP glue_association(SEXP x, SEXP y, SEXP size, SEXP conf);
SEXP glue_equal_classes(SEXP x, SEXP k);
SEXP glue_rank_shifts(SEXP from, SEXP to, SEXP conf);
SEXP glue_series_at(SEXP time, SEXP x, SEXP at);
SEXP glue_series_limit(SEXP x, SEXP filled, SEXP variance, SEXP spread,
                       SEXP conf);
SEXP glue_series_standardise(SEXP x, SEXP y);
SEXP glue_mean_change(SEXP from, SEXP to, SEXP users_from, SEXP users_to);
SEXP glue_group_influence(SEXP scores, SEXP users, SEXP groups);
SEXP glue_equate(SEXP rule, SEXP from, SEXP to, SEXP values);
SEXP glue_bootstrap(SEXP x, SEXP users, SEXP groups, SEXP pairs, SEXP run);
SEXP glue_file_lock(SEXP path);
SEXP glue_file_unlock(SEXP lock);
SEXP glue_parent_process(void);

#endif
