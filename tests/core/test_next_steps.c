/* Next steps: worked cases, every small problem against enumeration, limits.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/readiness/next_steps.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

enum { ITEMS = 6, LEVELS = 4, MEMBERS = 40, GROUPS = 6, ALL = 4096 };

static uint32_t seed = 11;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

/* A problem and its arrays, filled in place. */
typedef struct {
    cap_next_steps_problem p;
    cap_gates g;
    size_t start[ITEMS + 1];
    double value[ITEMS * LEVELS], cost[ITEMS * LEVELS], gain[ITEMS * LEVELS];
    size_t stage[GROUPS], k[GROUPS], group[GROUPS + 1], item[MEMBERS];
    double minimum[MEMBERS];
    size_t raised[ITEMS], required[ITEMS];
    double required_minimum[ITEMS];
} mixed;

typedef struct {
    cap_next_steps_result r;
    size_t level[ALL * ITEMS];
    double cost[ALL];
    int blocked[GROUPS];
} answer;

static answer found;

static void prepare(answer *a, size_t most_plans, size_t most_nodes)
{
    memset(a, 0x55, sizeof *a);
    a->r.most_plans = most_plans;
    a->r.most_nodes = most_nodes;
    a->r.level = a->level;
    a->r.cost = a->cost;
    a->r.blocked = a->blocked;
}

static cap_status solve(const mixed *x, size_t most_plans, size_t most_nodes,
                        cap_error *err)
{
    prepare(&found, most_plans, most_nodes);
    return cap_next_steps_solve(&x->p, &found.r, NULL, err);
}

static void connect(mixed *x)
{
    x->p.level_start = x->start;
    x->p.value = x->value;
    x->p.cost = x->cost;
    x->p.raised = x->raised;
    x->p.required = x->required;
    x->p.required_minimum = x->required_minimum;
    x->g.group_stage = x->stage;
    x->g.group_k = x->k;
    x->g.group_start = x->group;
    x->g.item = x->item;
    x->g.minimum = x->minimum;
}

/* n items at level 0 of 0..top; a level costs `cost`. */
static void plain(mixed *x, size_t n, size_t top, const double *cost)
{
    memset(x, 0, sizeof *x);
    connect(x);
    x->p.n_items = n;
    for (size_t i = 0; i < n; i++) {
        x->start[i + 1] = x->start[i] + top + 1;
        for (size_t l = 0; l <= top; l++) {
            x->value[x->start[i] + l] = (double)l;
            x->cost[x->start[i] + l] = cost[i] * (double)l;
        }
    }
}

static void add_group(mixed *x, size_t stage, size_t k, size_t n,
                      const size_t *item, double minimum)
{
    size_t g = x->g.n_groups++, at = x->group[g];
    x->p.gates = &x->g;
    x->stage[g] = stage;
    x->k[g] = k;
    for (size_t m = 0; m < n; m++) {
        x->item[at + m] = item[m];
        x->minimum[at + m] = minimum;
    }
    x->group[g + 1] = at + n;
}

static void require(mixed *x, size_t item, size_t on, double minimum)
{
    x->raised[x->p.n_required] = item;
    x->required[x->p.n_required] = on;
    x->required_minimum[x->p.n_required++] = minimum;
}

static void random_problem(mixed *x)
{
    memset(x, 0, sizeof *x);
    connect(x);
    x->p.n_items = 1 + draw() % ITEMS;
    uint32_t costs = draw() % 5; /* equal, whole, decimal, fraction, any */
    double top = 0;
    for (size_t i = 0; i < x->p.n_items; i++) {
        size_t n = 1 + draw() % LEVELS, from = x->start[i];
        x->start[i + 1] = from + n;
        double weight = draw() % 3 == 0 ? 1 : 0.1 * (double)(draw() % 40);
        for (size_t l = 0; l < n; l++) {
            x->value[from + l] = (double)l;
            double step = costs == 0   ? 1
                          : costs == 1 ? (double)(draw() % 4)
                          : costs == 2 ? 0.1 * (double)(draw() % 30)
                          : costs == 3 ? (double)(draw() % 1000) / 333
                                       : sqrt((double)(draw() % 1000));
            x->cost[from + l] = l > 0 ? x->cost[from + l - 1] + step : 0;
            x->gain[from + l] = weight * (double)l;
        }
        top += x->gain[from + n - 1];
        if (draw() % 8 == 0) {
            x->value[from] = NAN; /* unknown: reaches nothing */
        }
    }
    if (draw() % 3 != 0) {
        x->p.gain = x->gain;
        x->p.need = top * (double)(draw() % 22) / 20 - 1e-9;
    }
    x->p.stage = 1 + draw() % 3;
    for (uint32_t g = draw() % GROUPS; g > 0; g--) {
        size_t n = 0, item[ITEMS];
        for (size_t i = 0; i < x->p.n_items; i++) {
            if (draw() % 2) {
                item[n++] = i;
            }
        }
        if (n > 0) {
            add_group(x, 1 + draw() % 3, 1 + draw() % n, n, item,
                      (double)(draw() % 4));
        }
    }
    for (size_t i = 1; i < x->p.n_items && draw() % 2; i++) {
        /* either way round in the order, but one way all */
        size_t on = draw() % i, last = x->p.n_items - 1;
        int is_reversed = x->p.n_items % 2 == 0;
        require(x, is_reversed ? last - i : i, is_reversed ? last - on : on,
                (double)(1 + draw() % 3));
    }
}

static int holds(double value, double minimum) /* also for NaN */
{
    return value >= minimum - 1e-9;
}

/* The definition, in values. */
static int twin_reaches(const mixed *x, const size_t *level)
{
    double gain = 0, at[ITEMS];
    for (size_t i = 0; i < x->p.n_items; i++) {
        at[i] = x->value[x->start[i] + level[i]];
        gain += x->p.gain ? x->gain[x->start[i] + level[i]] : 0;
    }
    for (size_t r = 0; r < x->p.n_required; r++) {
        if (level[x->raised[r]] > 0 &&
            !holds(at[x->required[r]], x->required_minimum[r])) {
            return 0;
        }
    }
    for (size_t g = 0; g < x->g.n_groups; g++) {
        size_t n = 0;
        for (size_t m = x->group[g]; m < x->group[g + 1]; m++) {
            n += (size_t)holds(at[x->item[m]], x->minimum[m]);
        }
        if (x->stage[g] <= x->p.stage && n < x->k[g]) {
            return 0;
        }
    }
    return !x->p.gain || gain >= x->p.need;
}

static int next_plan(const mixed *x, size_t *level)
{
    for (size_t i = 0; i < x->p.n_items; i++) {
        if (++level[i] < x->start[i + 1] - x->start[i]) {
            return 1;
        }
        level[i] = 0;
    }
    return 0;
}

typedef struct {
    size_t level[ITEMS];
    double cost;
    size_t raises;
} plan;

static const mixed *sorted_by; /* qsort() has no context */

static int by_rank(const void *a, const void *b)
{
    const plan *x = a, *y = b;
    if (fabs(x->cost - y->cost) > 1e-7) {
        return x->cost < y->cost ? -1 : 1;
    }
    if (x->raises != y->raises) {
        return x->raises < y->raises ? -1 : 1;
    }
    for (size_t i = 0; i < sorted_by->p.n_items; i++) {
        if (x->level[i] != y->level[i]) {
            return x->level[i] > y->level[i] ? -1 : 1;
        }
    }
    return 0;
}

/* All plans that reach the target and have no smaller one that does, where
 * smaller is: any set of raises left out or lowered. */
static size_t twin_plans(const mixed *x, plan *out)
{
    static size_t good[ALL][ITEMS];
    size_t n = 0, kept = 0, level[ITEMS] = {0};
    do {
        if (twin_reaches(x, level)) {
            memcpy(good[n++], level, sizeof level);
        }
    } while (next_plan(x, level));
    for (size_t a = 0; a < n; a++) {
        int is_minimal = 1;
        for (size_t b = 0; b < n && is_minimal; b++) {
            int is_below = b != a;
            for (size_t i = 0; i < x->p.n_items && is_below; i++) {
                is_below = good[b][i] <= good[a][i];
            }
            is_minimal = !is_below;
        }
        if (is_minimal) {
            plan *p = &out[kept++];
            memset(p, 0, sizeof *p);
            memcpy(p->level, good[a], sizeof p->level);
            for (size_t i = 0; i < x->p.n_items; i++) {
                p->cost += x->cost[x->start[i] + p->level[i]];
                p->raises += p->level[i] > 0;
            }
        }
    }
    sorted_by = x;
    qsort(out, kept, sizeof *out, by_rank);
    return kept;
}

static void every_small_problem_agrees_with_enumeration(void **state)
{
    (void)state;
    static plan twin[ALL];
    mixed x;
    size_t n_reached = 0, n_blocked = 0, n_many = 0;
    for (int round = 0; round < 4000; round++) {
        random_problem(&x);
        cap_error err;
        assert_int_equal(solve(&x, ALL, 1000000, &err), CAP_OK);
        size_t n = twin_plans(&x, twin);
        assert_int_equal(found.r.n_plans, n);
        assert_true(found.r.complete);
        n_blocked += n == 0;
        n_reached += n == 1 && twin[0].raises == 0;
        n_many += n > 5;
        for (size_t k = 0; k < n; k++) {
            near(found.cost[k], twin[k].cost, 1e-9);
            for (size_t i = 0; i < x.p.n_items; i++) {
                assert_int_equal(found.level[k * x.p.n_items + i],
                                 twin[k].level[i]);
            }
        }
        if (n > 0) {
            assert_true(found.r.proven);
            near(found.r.bound, twin[0].cost, 1e-9);
            /* the first alone, and cut short: never better than possible */
            size_t first[ITEMS];
            memcpy(first, found.level, sizeof first);
            assert_int_equal(solve(&x, 1, 1000000, &err), CAP_OK);
            assert_memory_equal(first, found.level,
                                x.p.n_items * sizeof *first);
            assert_true(n == 1 || !found.r.complete);
            assert_int_equal(solve(&x, 1, 1 + draw() % 20, &err), CAP_OK);
            assert_int_equal(found.r.n_plans, 1);
            assert_true(twin_reaches(&x, found.level));
            assert_true(found.r.bound <= twin[0].cost + 1e-9);
            assert_true(found.cost[0] >= twin[0].cost - 1e-9);
            if (found.r.proven) {
                near(found.cost[0], twin[0].cost, 1e-9);
            }
        } else {
            assert_false(found.r.proven);
        }
    }
    /* the cases are not all of one kind */
    assert_true(n_reached > 200 && n_blocked > 200 && n_many > 100);
}

static const size_t first_items[] = {0, 1, 2, 3, 4, 5};

static void least_k_of_n(void **state)
{
    (void)state;
    const double cost[] = {5, 1, 4, 2, 3};
    mixed x;
    plain(&x, 5, 1, cost);
    x.p.stage = 1;
    add_group(&x, 1, 2, 5, first_items, 1);
    assert_int_equal(solve(&x, 20, 1000, NULL), CAP_OK);
    assert_int_equal(found.r.n_plans, 10); /* every pair is minimal */
    assert_true(found.r.complete && found.r.proven);
    near(found.cost[0], 3, 0);
    near(found.cost[9], 9, 0);
    const size_t best[] = {0, 1, 0, 1, 0};
    assert_memory_equal(found.level, best, sizeof best);
    /* a later stage that shares an item changes the choice */
    add_group(&x, 2, 1, 1, first_items, 1);
    x.p.stage = 2;
    assert_int_equal(solve(&x, 20, 1000, NULL), CAP_OK);
    near(found.cost[0], 6, 0);
    assert_int_equal(found.r.n_plans, 4);
}

static void requirements_are_closed(void **state)
{
    (void)state;
    const double cost[] = {1, 10, 100, 1};
    mixed x;
    plain(&x, 4, 2, cost);
    x.p.stage = 1;
    add_group(&x, 1, 1, 1, first_items, 1);
    require(&x, 0, 1, 2);
    require(&x, 1, 2, 1);
    assert_int_equal(solve(&x, 2, 1000, NULL), CAP_OK);
    assert_int_equal(found.r.n_plans, 1);
    near(found.cost[0], 1 + 20 + 100, 0);
    /* what stands already asks for nothing more */
    x.value[x.start[1]] = 2;
    x.value[x.start[1] + 1] = 3;
    x.value[x.start[1] + 2] = 4;
    assert_int_equal(solve(&x, 2, 1000, NULL), CAP_OK);
    near(found.cost[0], 1, 0);
    require(&x, 2, 0, 1);
    cap_error err;
    assert_int_equal(solve(&x, 2, 1000, &err), CAP_ERR_INPUT);
    assert_true(err.row < 3);
}

static void what_blocks_is_named(void **state)
{
    (void)state;
    const double cost[] = {1, 1, 1};
    mixed x;
    plain(&x, 3, 2, cost);
    x.p.stage = 2;
    add_group(&x, 1, 2, 3, first_items, 2);
    add_group(&x, 2, 1, 2, first_items + 1, 3);
    add_group(&x, 3, 1, 1, first_items, 9);
    x.p.gain = x.gain;
    x.p.need = 1;
    assert_int_equal(solve(&x, 2, 1000, NULL), CAP_OK);
    assert_int_equal(found.r.n_plans, 0);
    assert_int_equal(found.blocked[0], 0);
    assert_int_equal(found.blocked[1], 1);
    assert_int_equal(found.blocked[2], 0); /* above the stage */
    near(found.r.most_gain, 0, 0);
    /* an item whose requirement cannot be met is no help */
    x.p.stage = 1;
    x.p.gain = NULL;
    require(&x, 0, 2, 5);
    require(&x, 1, 2, 5);
    assert_int_equal(solve(&x, 2, 1000, NULL), CAP_OK);
    assert_int_equal(found.r.n_plans, 0);
    assert_int_equal(found.blocked[0], 1);
}

static void a_target_that_is_reached_costs_nothing(void **state)
{
    (void)state;
    const double cost[] = {1, 1, 0};
    mixed x;
    plain(&x, 3, 2, cost);
    x.p.gain = x.gain;
    x.p.need = -5;
    assert_int_equal(solve(&x, 5, 1000, NULL), CAP_OK);
    assert_int_equal(found.r.n_plans, 1);
    assert_true(found.r.proven && found.r.complete);
    near(found.cost[0], 0, 0);
    const size_t none[] = {0, 0, 0};
    assert_memory_equal(found.level, none, sizeof none);
}

/* Decimal costs tie as decimals: 0.1 + 0.2 is 0.3. */
static void ties_are_exact(void **state)
{
    (void)state;
    const double cost[] = {0.1, 0.2, 0.3};
    mixed x;
    plain(&x, 3, 1, cost);
    const double points[] = {1, 2, 3};
    for (size_t i = 0; i < 3; i++) {
        x.gain[x.start[i] + 1] = points[i];
    }
    x.p.gain = x.gain;
    x.p.need = 3;
    assert_int_equal(solve(&x, 5, 1000, NULL), CAP_OK);
    assert_int_equal(found.r.n_plans, 2);
    const size_t one[] = {0, 0, 1}, two[] = {1, 1, 0};
    assert_memory_equal(found.level, one, sizeof one);
    assert_memory_equal(found.level + 3, two, sizeof two);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    const double cost[] = {1, 1, 1};
    mixed good, x;
    plain(&good, 3, 2, cost);
    good.p.stage = 1;
    add_group(&good, 1, 2, 3, first_items, 1);
    require(&good, 0, 1, 1);
    for (int fault = 0; fault < 16; fault++) {
        cap_error err;
        x = good;
        connect(&x);
        x.p.gates = &x.g;
        x.p.gain = x.gain;
        size_t plans = 5, nodes = 100;
        switch (fault) {
        case 0:
            x.p.n_items = 0;
            break;
        case 1:
            plans = 0;
            break;
        case 2:
            nodes = 0;
            break;
        case 3:
            x.start[1] = 0;
            break;
        case 4:
            x.cost[1] = -1;
            break;
        case 5:
            x.cost[2] = NAN;
            break;
        case 6:
            x.cost[0] = 1;
            break;
        case 7:
            x.value[1] = NAN;
            break;
        case 8:
            x.value[2] = x.value[1];
            break;
        case 9:
            x.gain[1] = HUGE_VAL;
            break;
        case 10:
            x.gain[2] = -1;
            break;
        case 11:
            x.p.need = NAN;
            break;
        case 12:
            x.item[1] = 3;
            break;
        case 13:
            x.item[1] = 0;
            break;
        case 14:
            x.k[0] = 0;
            break;
        case 15:
            x.required[0] = 7;
            break;
        }
        assert_int_equal(solve(&x, plans, nodes, &err), CAP_ERR_INPUT);
        assert_int_equal(err.status, CAP_ERR_INPUT);
    }
    const double many[] = {1};
    mixed long_item;
    plain(&long_item, 1, 2, many);
    long_item.start[1] = CAP_MOST_RAISES + 2;
    assert_int_equal(solve(&long_item, 1, 1, NULL), CAP_ERR_INPUT);
}

/* Sixty items in ten groups that overlap, with a score: many more plans than
 * could be listed, yet proven. */
enum { BIG = 60, BIG_LEVELS = BIG * 5 };
typedef struct {
    cap_next_steps_problem p;
    cap_gates g;
    size_t start[BIG + 1], stage[12], k[12], group[13], item[240];
    double value[BIG_LEVELS], cost[BIG_LEVELS], gain[BIG_LEVELS], minimum[240];
} big;

static void fill_big(big *x, int is_whole)
{
    memset(x, 0, sizeof *x);
    x->p.n_items = BIG;
    x->p.level_start = x->start;
    x->p.value = x->value;
    x->p.cost = x->cost;
    x->p.gain = x->gain;
    x->p.gates = &x->g;
    x->p.stage = 1;
    x->g.group_stage = x->stage;
    x->g.group_k = x->k;
    x->g.group_start = x->group;
    x->g.item = x->item;
    x->g.minimum = x->minimum;
    double top = 0;
    for (size_t i = 0; i < BIG; i++) {
        size_t from = 5 * i;
        x->start[i + 1] = from + 5;
        double cost = is_whole ? 1 + (double)(draw() % 9)
                               : 1 + (double)(draw() % 100000) / 7919;
        double weight = 1 + (double)(draw() % 1000) / 337;
        for (size_t l = 0; l < 5; l++) {
            x->value[from + l] = (double)l;
            x->cost[from + l] = cost * (double)l;
            x->gain[from + l] = weight * (double)l;
        }
        top += 4 * weight;
    }
    x->p.need = 0.3 * top;
    x->g.n_groups = 10;
    for (size_t g = 0; g < 10; g++) {
        size_t n = 0;
        x->stage[g] = 1;
        x->k[g] = 4;
        for (size_t m = 0; m < 10; m++, n++) {
            x->item[x->group[g] + n] = (g * 6 + m) % BIG;
            x->minimum[x->group[g] + n] = 2 + (double)(g % 2);
        }
        x->group[g + 1] = x->group[g] + n;
    }
}

static void sixty_items_are_solved(void **state)
{
    (void)state;
    static size_t level[20 * BIG];
    double cost[20];
    int blocked[12];
    static big x;
    for (int round = 0; round < 4; round++) {
        fill_big(&x, round % 2);
        cap_next_steps_result r = {.most_plans = 20,
                                   .most_nodes = 2000,
                                   .level = level,
                                   .cost = cost,
                                   .blocked = blocked};
        assert_int_equal(cap_next_steps_solve(&x.p, &r, NULL, NULL), CAP_OK);
        assert_true(r.n_plans >= 1 && r.bound <= cost[0] && r.bound > 0);
        /* whatever the limit, the plan reaches the target, near its bound */
        assert_true(cost[0] <= 1.1 * r.bound);
        double gain = 0;
        for (size_t i = 0; i < BIG; i++) {
            gain += x.gain[5 * i + level[i]];
        }
        assert_true(gain >= x.p.need);
    }
}

static int stop_at_once(void *context)
{
    ++*(int *)context;
    return 1;
}

static void a_poll_stops_the_search(void **state)
{
    (void)state;
    static size_t level[200 * BIG];
    double cost[200];
    int blocked[12], calls = 0;
    static big x;
    cap_poll poll = {stop_at_once, &calls, NULL};
    cap_error err;
    fill_big(&x, 0);
    cap_next_steps_result r = {.most_plans = 200,
                               .most_nodes = 10000000,
                               .level = level,
                               .cost = cost,
                               .blocked = blocked};
    assert_int_equal(cap_next_steps_solve(&x.p, &r, &poll, &err),
                     CAP_ERR_INTERRUPT);
    assert_int_equal(calls, 1);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    mixed x;
    for (int round = 0; round < 12; round++) {
        random_problem(&x);
        cap_status status = CAP_ERR_MEMORY;
        size_t n = 0;
        while (status != CAP_OK) {
            cap_error err;
            prepare(&found, 5, round % 2 ? 3 : 300);
            alloc_fail_at(++n);
            status = cap_next_steps_solve(&x.p, &found.r, NULL, &err);
            alloc_fail_at(0);
            if (status != CAP_OK) {
                assert_int_equal(status, CAP_ERR_MEMORY);
                assert_int_equal(err.status, CAP_ERR_MEMORY);
            }
            assert_true(n < 10000);
        }
        assert_true(n > 18);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_problem_agrees_with_enumeration),
        cmocka_unit_test(least_k_of_n),
        cmocka_unit_test(requirements_are_closed),
        cmocka_unit_test(what_blocks_is_named),
        cmocka_unit_test(a_target_that_is_reached_costs_nothing),
        cmocka_unit_test(ties_are_exact),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(sixty_items_are_solved),
        cmocka_unit_test(a_poll_stops_the_search),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
