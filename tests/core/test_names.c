/* Words for enumerations: every value has one, and no two have the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/names.h"
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

/* Each table, with the first and the last value of its enumeration. */
static const struct {
    const cap_name *words;
    int first, last;
} tables[] = {
    {cap_share_states, CAP_SHARE_NONE, CAP_SHARE_WHOLE},
    {cap_series_kinds, CAP_SERIES_LINEAR, CAP_SERIES_LAST},
    {cap_treat_kinds, 0, CAP_TREAT_KINDS - 1},
    {cap_treated_words, CAP_TREATED_NOT, CAP_TREATED_CONSTANT},
    {cap_normal_kinds, 0, CAP_NORMAL_KINDS - 1},
    {cap_normal_forms, CAP_FORM_RANGE, CAP_FORM_DIFFERENCE},
    {cap_tie_rules, CAP_TIES_MIN, CAP_TIES_MAX},
    {cap_fit_faults, CAP_FIT_SOUND, CAP_FIT_ENDS},
    {cap_rank_methods, CAP_RANK_DENSE, CAP_RANK_AVERAGE},
    {cap_missing_policies, CAP_MISSING_ERROR, CAP_MISSING_RENORMALISE},
    {cap_pools, CAP_POOL_MEAN, CAP_POOL_GEOMETRIC},
    {cap_expert_faults, CAP_EXPERT_FINE, CAP_EXPERT_ZERO},
    {cap_ahp_methods, CAP_AHP_EIGENVECTOR, CAP_AHP_GEOMETRIC},
    {cap_ahp_groups, CAP_AHP_JUDGEMENTS, CAP_AHP_PRIORITIES},
    {cap_spread_methods, CAP_SPREAD_EQUAL, CAP_SPREAD_CRITIC},
    {cap_factors_rules, CAP_FACTORS_KAISER, CAP_FACTORS_HANDBOOK},
    {cap_stages, CAP_STAGE_ANSWERS, CAP_STAGE_AGGREGATE},
    {cap_weights_kinds, CAP_WEIGHTS_NOISE, CAP_WEIGHTS_EXPERTS},
    {cap_stage_probability_ways, CAP_STAGE_PROBABILITY_EXACT,
     CAP_STAGE_PROBABILITY_DRAWS},
    {cap_alternatives, CAP_TWO_SIDED, CAP_LESS},
    {cap_intervals, CAP_INTERVAL_AUTO, CAP_INTERVAL_NORMAL},
    {cap_equating_rules, CAP_LINK_MEAN, CAP_LINK_EQUIPERCENTILE},
    {cap_shift_forms, CAP_SHIFT_MIDPOINT, CAP_SHIFT_LASPEYRES},
    {cap_vcov_kinds, 0, CAP_VCOV_KINDS - 1},
    {cap_boot_figures, 0, CAP_BOOT_FIGURES - 1},
    {cap_xlsx_kinds, 0, CAP_XLSX_KIND_COUNT - 1},
    {cap_xlsx_h_aligns, CAP_XLSX_ALIGN_NONE, CAP_XLSX_ALIGN_RIGHT},
    {cap_xlsx_v_aligns + 1, CAP_XLSX_ALIGN_TOP, CAP_XLSX_ALIGN_BOTTOM},
    {cap_xlsx_borders, 0, CAP_XLSX_BORDER_COUNT - 1},
    {cap_xlsx_reading_orders, 0, CAP_XLSX_READ_COUNT - 1},
    {cap_xlsx_chart_kinds, 0, CAP_XLSX_CHART_COUNT - 1},
    {cap_xlsx_legends, 0, CAP_XLSX_LEGEND_COUNT - 1},
    {cap_xlsx_markers, 0, CAP_XLSX_MARKER_COUNT - 1},
    {cap_xlsx_labels_words, 0, CAP_XLSX_LABELS_COUNT - 1},
    {cap_xlsx_spans, 0, CAP_XLSX_SPAN_COUNT - 1},
    {cap_xlsx_rule_kinds, 0, CAP_XLSX_RULE_COUNT - 1},
    {cap_xlsx_compares, 0, CAP_XLSX_COMPARE_COUNT - 1},
    {cap_xlsx_validation_kinds, 0, CAP_XLSX_VALID_COUNT - 1},
};

enum { N_TABLES = sizeof tables / sizeof tables[0] };

static void every_value_has_a_word(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TABLES; t++) {
        for (int value = tables[t].first; value <= tables[t].last; value++) {
            const char *word = cap_name_of(tables[t].words, value);
            assert_non_null(word);
            assert_int_equal(cap_name_find(tables[t].words, word)->value,
                             value);
        }
        assert_null(cap_name_of(tables[t].words, tables[t].last + 1));
        assert_null(cap_name_of(tables[t].words, tables[t].first - 1));
    }
}

static void words_differ(void **state)
{
    (void)state;
    for (size_t t = 0; t < N_TABLES; t++) {
        for (const cap_name *w = tables[t].words; w->name != NULL; w++) {
            assert_ptr_equal(cap_name_find(tables[t].words, w->name), w);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_has_a_word),
        cmocka_unit_test(words_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
