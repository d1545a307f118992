/* Readiness: stages guarded by gates. There is one primitive, value >=
 * minimum; a gate group holds when at least k of its members hold; a stage
 * holds when all its groups and all lower stages hold. */
#ifndef CAP_READINESS_H
#define CAP_READINESS_H

#include "base/status.h"
#include "base/tolerance.h"

/* stages.csv and gates.csv as compressed arrays. Stage 0 holds always; stages
 * are numbered 0..n_stages-1 by position. */
typedef struct {
    size_t n_items;
    size_t n_stages; /* with stage 0 */
    size_t n_groups;
    const size_t *group_stage; /* n_groups: the stage it guards, 1.. */
    const size_t *group_k;     /* n_groups: members that must hold */
    const size_t *group_start; /* n_groups + 1: offsets into the members */
    const size_t *item;        /* members: item (leaf) number */
    const double *minimum;     /* members: value >= minimum, in points */
    const double *cap; /* n_stages: upper edge of the stage's scores; NaN
                          none */
} cap_gates;

/* The primitive, with the tolerance of bounds, so that a sum of parts reaches
 * its whole. A missing value (NaN) reaches nothing. */
static inline int cap_gate_met(double value, double minimum)
{
    return value + CAP_BOUND_SLACK >= minimum;
}

/* CAP_ERR_INPUT for arrays that are no gates: no stage or item, a group that
 * guards stage 0 or one that is not there, stages of groups that descend, k of
 * 0 or above the number of members, an item out of range or twice in a group,
 * a minimum that is not finite. */
cap_status cap_gates_check(const cap_gates *gates, cap_error *err);

/* Members of a group that count in a row, and how many of them must hold. An
 * item that is not applicable leaves the group: k of n becomes min(k, n') of
 * the n' that remain, so an AND group stays one, and a group without members
 * holds.
 *   applies  n_rows x n_items, column-major, 0 for not applicable; NULL: all
 *            items apply */
typedef struct {
    size_t n;
    size_t k;
} cap_group_size;

cap_group_size cap_gate_group_size(const cap_gates *gates, size_t group,
                                   size_t n_rows, size_t row,
                                   const int *applies);

static inline int cap_item_applies(size_t n_rows, size_t row, size_t item,
                                   const int *applies)
{
    return applies == NULL || applies[item * n_rows + row] != 0;
}

/* What holds in each row.
 *   value  n_rows x n_items as cap_stage_reach() takes it
 *   met    n_rows x members: whether a member that applies reaches its minimum
 *   size   n_rows x n_groups: members that count, and how many must hold
 *   holds  n_rows x n_groups */
typedef struct {
    int *met;
    cap_group_size *size;
    int *holds;
} cap_gates_state;

cap_status cap_gates_hold(const cap_gates *gates, size_t n_rows,
                          const double *value, const int *applies,
                          cap_gates_state *state, cap_error *err);

/* The stage that each row reaches: the highest s such that all groups of the
 * stages 1..s hold.
 *   value  n_rows x n_items, column-major, in points (more is better), NaN
 *          missing: it meets no gate
 *   stage  n_rows positions, 0..n_stages-1
 * Called with the least and with the greatest values that missing answers may
 * have, it gives the pessimistic and the optimistic stage: it is monotone in
 * every value. */
cap_status cap_stage_reach(const cap_gates *gates, size_t n_rows,
                           const double *value, const int *applies,
                           size_t *stage, cap_error *err);

/* What lacks to the next stage; n_rows each. At the highest stage nothing
 * lacks: 0, 1, 0, 0. */
typedef struct {
    double *deficit; /* sum over what the next stage asks of max(0, minimum -
                        value), in points (levels): every member of an AND
                        group, an item once with its greatest minimum; for
                        k of n the k smallest, after these raises. k-of-n
                        groups that share items are summed one by one: then
                        it is an upper bound */
    double *attainment; /* mean of min(1, value / minimum) over the same
                           members, the k largest of k of n; a minimum of 0
                           counts as 1 */
    double *met;        /* of `asked`, the members that hold */
    double *asked;      /* members that the next stage asks for */
} cap_stage_gap;

/* The gaps of rows at the stages of cap_stage_reach() with the same values; a
 * missing value (NaN) counts as 0 (ENISA 2019, tiers over SIM3: deficit and
 * attainment of a conjunctive profile). */
cap_status cap_stage_next(const cap_gates *gates, size_t n_rows,
                          const double *value, const int *applies,
                          const size_t *stage, cap_stage_gap *gap,
                          cap_error *err);

/* R* = min(R, u): the score, strictly under the cap u of the row's stage when
 * it has one (the largest double below u), so that a high mean cannot jump a
 * gate. Tiers must not be read back from it. score and gated: n_rows, NaN
 * stays NaN. */
cap_status cap_stage_cap(const cap_gates *gates, size_t n_rows,
                         const double *score, const size_t *stage,
                         double *gated, cap_error *err);

#endif
