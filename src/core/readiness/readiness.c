/* Holds values against the gates of stages: which stage is reached, and what
 * lacks to the next. */
#include "base/fp.h"
#include "core/readiness/readiness.h"

#include <math.h>
#include <stdlib.h>

#include "base/allocation.h"
#include "base/sum.h"

/* --- checks -------------------------------------------------------------- */

static cap_status check_group(const cap_gates *gates, size_t g,
                              size_t *seen_in, cap_error *err)
{
    size_t from = gates->group_start[g], to = gates->group_start[g + 1];
    if (gates->group_stage[g] < 1 ||
        gates->group_stage[g] >= gates->n_stages) {
        return cap_fail_at(err, CAP_ERR_INPUT, g, CAP_NOWHERE,
                           "a gate group guards a stage that is not there");
    }
    if (g > 0 && gates->group_stage[g] < gates->group_stage[g - 1]) {
        return cap_fail_at(err, CAP_ERR_INPUT, g, CAP_NOWHERE,
                           "gate groups must stand in order of stages");
    }
    if (to < from || gates->group_k[g] < 1 || gates->group_k[g] > to - from) {
        return cap_fail_at(err, CAP_ERR_INPUT, g, CAP_NOWHERE,
                           "a gate group asks for k from 1 to its members");
    }
    for (size_t m = from; m < to; m++) {
        if (gates->item[m] >= gates->n_items || !isfinite(gates->minimum[m])) {
            return cap_fail_at(err, CAP_ERR_INPUT, g, m,
                               "a gate needs an item and a finite minimum");
        }
        if (seen_in[gates->item[m]] == g + 1) {
            return cap_fail_at(err, CAP_ERR_INPUT, g, m,
                               "a gate group has an item twice");
        }
        seen_in[gates->item[m]] = g + 1;
    }
    return CAP_OK;
}

cap_status cap_gates_check(const cap_gates *gates, cap_error *err)
{
    cap_status status = CAP_OK;
    if (gates->n_stages == 0 || gates->n_items == 0) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "gates need a stage and an item at least");
    }
    if (gates->n_groups > 0 && gates->group_start[0] != 0) {
        return cap_fail(err, CAP_ERR_INPUT, "offsets must start at 0");
    }
    size_t *seen_in = cap_calloc(gates->n_items, sizeof *seen_in);
    if (seen_in == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for gates");
    }
    for (size_t g = 0; g < gates->n_groups && status == CAP_OK; g++) {
        status = check_group(gates, g, seen_in, err);
    }
    cap_free(seen_in);
    return status;
}

/* --- stages -------------------------------------------------------------- */

cap_group_size cap_gate_group_size(const cap_gates *gates, size_t group,
                                   size_t n_rows, size_t row,
                                   const int *applies)
{
    cap_group_size size = {0, gates->group_k[group]};
    for (size_t m = gates->group_start[group];
         m < gates->group_start[group + 1]; m++) {
        size.n +=
            cap_item_applies(n_rows, row, gates->item[m], applies) ? 1 : 0;
    }
    size.k = size.k < size.n ? size.k : size.n;
    return size;
}

static int member_holds(const cap_gates *gates, size_t m, size_t n_rows,
                        size_t row, const double *value, const int *applies)
{
    size_t i = gates->item[m];
    return cap_item_applies(n_rows, row, i, applies) &&
           cap_gate_met(value[i * n_rows + row], gates->minimum[m]);
}

static int group_holds(const cap_gates *gates, size_t g, size_t n_rows,
                       size_t row, const double *value, const int *applies)
{
    size_t met = 0;
    for (size_t m = gates->group_start[g]; m < gates->group_start[g + 1];
         m++) {
        met += (size_t)member_holds(gates, m, n_rows, row, value, applies);
    }
    return met >= cap_gate_group_size(gates, g, n_rows, row, applies).k;
}

cap_status cap_gates_hold(const cap_gates *gates, size_t n_rows,
                          const double *value, const int *applies,
                          cap_gates_state *state, cap_error *err)
{
    cap_status status = cap_gates_check(gates, err);
    for (size_t g = 0; g < gates->n_groups && status == CAP_OK; g++) {
        for (size_t row = 0; row < n_rows; row++) {
            size_t at = g * n_rows + row;
            for (size_t m = gates->group_start[g];
                 m < gates->group_start[g + 1]; m++) {
                state->met[m * n_rows + row] =
                    member_holds(gates, m, n_rows, row, value, applies);
            }
            state->size[at] =
                cap_gate_group_size(gates, g, n_rows, row, applies);
            state->holds[at] =
                group_holds(gates, g, n_rows, row, value, applies);
        }
    }
    return status;
}

cap_status cap_stage_reach(const cap_gates *gates, size_t n_rows,
                           const double *value, const int *applies,
                           size_t *stage, cap_error *err)
{
    cap_status status = cap_gates_check(gates, err);
    for (size_t row = 0; row < n_rows && status == CAP_OK; row++) {
        stage[row] = gates->n_stages - 1;
        for (size_t g = 0; g < gates->n_groups; g++) {
            if (!group_holds(gates, g, n_rows, row, value, applies)) {
                stage[row] = gates->group_stage[g] - 1;
                break;
            }
        }
    }
    return status;
}

/* --- what lacks ---------------------------------------------------------- */

/* One row on its way to one stage. */
typedef struct {
    size_t n_rows, row;
    const double *value;
    const int *applies;
    double *asked_of; /* n_items: greatest minimum of the AND groups; NaN */
    double *gap;      /* scratch, n_items each */
    double *share;
    cap_sum deficit, attained;
    size_t met, asked;
} step;

static double value_of(const step *s, size_t item)
{
    double x = s->value[item * s->n_rows + s->row];
    return isnan(x) ? 0 : x;
}

static double gap_of(double value, double minimum)
{
    return cap_gate_met(value, minimum) ? 0 : minimum - value;
}

static double share_of(double value, double minimum)
{
    if (cap_gate_met(value, minimum)) {
        return 1;
    }
    return value > 0 ? value / minimum : 0;
}

static void require_all(const cap_gates *gates, size_t g, step *s)
{
    for (size_t m = gates->group_start[g]; m < gates->group_start[g + 1];
         m++) {
        size_t i = gates->item[m];
        if (cap_item_applies(s->n_rows, s->row, i, s->applies) &&
            !(s->asked_of[i] >= gates->minimum[m])) {
            s->asked_of[i] = gates->minimum[m];
        }
    }
}

/* Sums do not depend on the order of items. */
static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void count_required(size_t n_items, step *s)
{
    size_t n = 0;
    for (size_t i = 0; i < n_items; i++) {
        if (!isnan(s->asked_of[i])) {
            s->gap[n] = gap_of(value_of(s, i), s->asked_of[i]);
            s->share[n++] = share_of(value_of(s, i), s->asked_of[i]);
        }
    }
    qsort(s->gap, n, sizeof *s->gap, ascending);
    qsort(s->share, n, sizeof *s->share, ascending);
    for (size_t j = 0; j < n; j++) {
        cap_sum_add(&s->deficit, s->gap[j]);
        cap_sum_add(&s->attained, s->share[j]);
        s->met += s->share[j] >= 1;
    }
    s->asked += n;
}

static void count_some(const cap_gates *gates, size_t g, size_t k, step *s)
{
    size_t n = 0;
    for (size_t m = gates->group_start[g]; m < gates->group_start[g + 1];
         m++) {
        size_t i = gates->item[m];
        if (cap_item_applies(s->n_rows, s->row, i, s->applies)) {
            double x = value_of(s, i);
            double raised = s->asked_of[i] > x ? s->asked_of[i] : x;
            s->gap[n] = gap_of(raised, gates->minimum[m]);
            s->share[n++] = share_of(x, gates->minimum[m]);
        }
    }
    qsort(s->gap, n, sizeof *s->gap, ascending);
    qsort(s->share, n, sizeof *s->share, ascending);
    for (size_t j = 0; j < k; j++) {
        cap_sum_add(&s->deficit, s->gap[j]);
        cap_sum_add(&s->attained, s->share[n - 1 - j]);
        s->met += s->share[n - 1 - j] >= 1;
    }
    s->asked += k;
}

static void measure(const cap_gates *gates, size_t stage, step *s)
{
    for (size_t i = 0; i < gates->n_items; i++) {
        s->asked_of[i] = NAN;
    }
    for (int pass = 0; pass < 2; pass++) {
        for (size_t g = 0; g < gates->n_groups; g++) {
            cap_group_size size =
                cap_gate_group_size(gates, g, s->n_rows, s->row, s->applies);
            if (gates->group_stage[g] != stage) {
                continue;
            }
            if (pass == 0 && size.k == size.n) {
                require_all(gates, g, s);
            } else if (pass == 1 && size.k < size.n) {
                count_some(gates, g, size.k, s);
            }
        }
        if (pass == 0) {
            count_required(gates->n_items, s);
        }
    }
}

cap_status cap_stage_next(const cap_gates *gates, size_t n_rows,
                          const double *value, const int *applies,
                          const size_t *stage, cap_stage_gap *gap,
                          cap_error *err)
{
    cap_status status = cap_gates_check(gates, err);
    if (status != CAP_OK) {
        return status;
    }
    double *scratch = cap_calloc(gates->n_items, 3 * sizeof *scratch);
    if (scratch == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for gates");
    }
    for (size_t row = 0; row < n_rows; row++) {
        step s = {n_rows,
                  row,
                  value,
                  applies,
                  scratch,
                  scratch + gates->n_items,
                  scratch + 2 * gates->n_items,
                  {0, 0},
                  {0, 0},
                  0,
                  0};
        measure(gates, stage[row] + 1, &s);
        gap->deficit[row] = cap_sum_value(&s.deficit);
        gap->attainment[row] =
            s.asked > 0 ? cap_sum_value(&s.attained) / (double)s.asked : 1;
        gap->met[row] = (double)s.met;
        gap->asked[row] = (double)s.asked;
    }
    cap_free(scratch);
    return CAP_OK;
}

cap_status cap_stage_cap(const cap_gates *gates, size_t n_rows,
                         const double *score, const size_t *stage,
                         double *gated, cap_error *err)
{
    for (size_t row = 0; row < n_rows; row++) {
        if (stage[row] >= gates->n_stages) {
            return cap_fail_at(err, CAP_ERR_INPUT, row, CAP_NOWHERE,
                               "a stage is not there");
        }
        double cap = gates->cap[stage[row]];
        gated[row] =
            score[row] >= cap ? nextafter(cap, -INFINITY) : score[row];
    }
    return CAP_OK;
}
