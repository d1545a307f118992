/* The core's registers: what R and workbooks read by name. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "base/names.h"
#include "base/rounding.h"
#include "base/tolerance.h"
#include "core/framework/impute.h"
#include "core/framework/normalise.h"
#include "core/framework/treat.h"
#include "core/index/aggregate.h"
#include "core/index/rank.h"
#include "core/montecarlo/pipeline.h"
#include "core/readiness/stage_probability.h"
#include "core/trend/bootstrap.h"
#include "core/trend/cluster_regression.h"
#include "core/trend/equating.h"
#include "core/trend/kendall.h"
#include "core/trend/sen.h"
#include "core/trend/shift_share.h"
#include "core/weights/ahp.h"
#include "core/weights/budget_allocation.h"
#include "core/weights/principal_components.h"
#include "core/weights/weights_spread.h"
#include "xlsx/plan.h"

/* Named numbers: see src/base/tolerance.h. */
SEXP glue_tolerances(void)
{
    size_t n = 0;
    while (cap_tolerance_at(n) != NULL) {
        n++;
    }
    const char **names = (const char **)R_alloc(n + 1, sizeof *names);
    double *values = (double *)R_alloc(n + 1, sizeof *values);
    for (size_t k = 0; k < n; k++) {
        names[k] = cap_tolerance_at(k)->name;
        values[k] = cap_tolerance_at(k)->value;
    }
    return glue_figures(n, names, values);
}

/* Numbers rounded to one number of decimals, with the attributes of `x`. */
SEXP glue_round_half_up(SEXP x, SEXP digits)
{
    const double *from = glue_numbers(x, GLUE_ANY, "x");
    int decimals = (int)glue_whole_number(digits, 0, 100, "digits");
    SEXP rounded = PROTECT(Rf_shallow_duplicate(x));
    for (R_xlen_t k = 0; k < Rf_xlength(x); k++) {
        REAL(rounded)[k] = cap_round_decimals(from[k], decimals);
    }
    UNPROTECT(1);
    return rounded;
}

/* "none", "part" or "whole" for shares from 0 to 1, NA where one is missing;
 * with the dimensions of `share`. */
SEXP glue_share_state(SEXP share)
{
    R_xlen_t n = Rf_xlength(share);
    const double *from = glue_numbers(share, n, "share");
    SEXP state = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t k = 0; k < n; k++) {
        cap_share_state own = cap_share_state_of(from[k]);
        SET_STRING_ELT(state, k,
                       ISNAN(from[k]) ? NA_STRING
                                      : glue_word(cap_share_states, (int)own));
    }
    Rf_setAttrib(state, R_DimSymbol, Rf_getAttrib(share, R_DimSymbol));
    UNPROTECT(1);
    return state;
}

/* --- enumerations -------------------------------------------------------- */

/* Every enumeration that crosses by name, as R calls it. */
static const struct {
    const char *name;
    const cap_name *table;
} enums[] = {
    {"share_state", cap_share_states},
    {"series", cap_series_kinds},
    {"treatment", cap_treat_kinds},
    {"treated", cap_treated_words},
    {"normalisation", cap_normal_kinds},
    {"form", cap_normal_forms},
    {"ties", cap_tie_rules},
    {"fit_fault", cap_fit_faults},
    {"rank", cap_rank_methods},
    {"missing", cap_missing_policies},
    {"pool", cap_pools},
    {"expert_fault", cap_expert_faults},
    {"ahp_method", cap_ahp_methods},
    {"ahp_group", cap_ahp_groups},
    {"spread", cap_spread_methods},
    {"factors", cap_factors_rules},
    {"stage", cap_stages},
    {"varied_weights", cap_weights_kinds},
    {"stage_law", cap_stage_probability_ways},
    {"alternative", cap_alternatives},
    {"interval", cap_intervals},
    {"equating", cap_equating_rules},
    {"shift_form", cap_shift_forms},
    {"standard_error", cap_vcov_kinds},
    {"bootstrap", cap_boot_figures},
    {"xlsx_kind", cap_xlsx_kinds},
    {"xlsx_h_align", cap_xlsx_h_aligns},
    {"xlsx_v_align", cap_xlsx_v_aligns},
    {"xlsx_border", cap_xlsx_borders},
    {"xlsx_reading_order", cap_xlsx_reading_orders},
    {"xlsx_chart", cap_xlsx_chart_kinds},
    {"xlsx_legend", cap_xlsx_legends},
    {"xlsx_marker", cap_xlsx_markers},
    {"xlsx_labels", cap_xlsx_labels_words},
    {"xlsx_span", cap_xlsx_spans},
    {"xlsx_rule", cap_xlsx_rule_kinds},
    {"xlsx_compare", cap_xlsx_compares},
    {"xlsx_validation", cap_xlsx_validation_kinds},
};

/* A list of the words of each enumeration, in the order of the core. */
SEXP glue_enums(void)
{
    enum { N = sizeof enums / sizeof enums[0] };
    const char *names[N];
    SEXP values[N];
    for (size_t k = 0; k < N; k++) {
        names[k] = enums[k].name;
        values[k] = PROTECT(glue_words(enums[k].table));
    }
    SEXP all = glue_list(N, names, values);
    UNPROTECT(N);
    return all;
}
