/* Next steps: the least-cost set of item raises that reaches a target, and the
 * alternatives to it.
 *
 * The problem: each item stands at its first level and may be raised to a
 * later one. The target asks for gate groups (at least k of their members
 * reach their minimum), for a gain of a score that is the sum of the items'
 * gains, or for both. An item may be raised only when each item that it
 * requires is at its required value or above, raised or not.
 *
 * The method: best-first branch and bound over the items in their order (Land
 * and Doig, Econometrica 28, 1960; Hart, Nilsson and Raphael, IEEE Trans. SSC
 * 4, 1968). The lower bound of a partial plan is the largest of
 *   - the cost of what propagation forces;
 *   - the least cost at which the remaining items can bring the gain that is
 *     left: their Pareto frontier of cost and gain (Nemhauser and Ullmann,
 *     Management Science 15, 1969), rounded in favour of the bound where it
 * has more points than CAP_FRONTIER_SIZE;
 *   - the Lagrangian bound, with a price for each gate group and for the
 * score, found once by the subgradient method (Held, Wolfe and Crowder, Math.
 *     Programming 6, 1974): the constraints' total worth, and each item at the
 *     level that is cheapest net of what it earns.
 * A partial plan can be completed when raising all that is open would do, so
 * there are no dead ends.
 *
 * Plans are in order of cost; then of the number of raised items; then the one
 * comes first that raises the first item where they differ higher. Each is
 * minimal: no raise can be left out or lowered, be it by one level. (Lowering
 * several at once cannot help where lowering one does not: gates and gains
 * only grow, and of the raises left out one that no other raise requires can
 * go first.)
 *
 * Costs are compared as whole numbers: exact where they are decimals of up to
 * six places or fractions with a common denominator of up to 1000, else to
 * about one part in 1e10 of their sum. */
#ifndef CAP_NEXT_STEPS_H
#define CAP_NEXT_STEPS_H

#include "core/readiness/readiness.h"
#include "base/status.h"

enum { CAP_FRONTIER_SIZE = 4096, CAP_MOST_RAISES = 254 };

/* Nothing may be NaN or infinite but the first value of an item (NaN: unknown,
 * it reaches nothing). */
typedef struct {
    size_t n_items;            /* numbered in the order that settles ties */
    const size_t *level_start; /* n_items + 1: offsets into the levels; from 1
                                  to CAP_MOST_RAISES + 1 levels an item */
    const double *value;       /* levels: rising within an item; the first is
                                  where it stands */
    const double *cost; /* levels: of getting there; first 0, not falling */
    const double *gain; /* levels: points gained; first 0, not falling; NULL
                           when no score is asked */
    double need;        /* points of the score to gain; read with gain */
    const cap_gates *gates; /* NULL for none; stages' caps are not read */
    size_t stage;           /* groups of stages up to this one must hold */
    size_t n_required;
    const size_t *raised;           /* n_required: an item .. */
    const size_t *required;         /* .. and one that it requires .. */
    const double *required_minimum; /* .. to be at this value or above */
} cap_next_steps_problem;

/* Arrays belong to the caller. */
typedef struct {
    size_t most_plans; /* in: plans asked for, 1 or more */
    size_t most_nodes; /* in: partial plans to look at, 1 or more */
    size_t *level;     /* most_plans x n_items, a plan after the other: the
                          level of each item, 0 where it stands */
    double *cost;      /* most_plans */
    int *blocked;      /* gates->n_groups (NULL without gates): 1 for a group
                          up to the stage that no raise can make hold */
    size_t n_plans;    /* 0: the target cannot be reached. The plan that raises
                          nothing: it is reached already */
    double most_gain;  /* points that all possible raises would bring */
    int proven;        /* the first plan is of least cost */
    int complete;      /* there are no minimal plans but these */
    double bound; /* no plan costs less; the first plan's cost if proven */
    size_t nodes; /* partial plans looked at */
} cap_next_steps_result;

/* CAP_ERR_INPUT, with the item in err->row, for sizes and numbers that are not
 * as said above, a group or a requirement on an item that is not there, and
 * requirements that form a cycle (an item on it). CAP_ERR_INTERRUPT,
 * CAP_ERR_MEMORY. */
cap_status cap_next_steps_solve(const cap_next_steps_problem *problem,
                                cap_next_steps_result *result,
                                const cap_poll *poll, cap_error *err);

#endif
