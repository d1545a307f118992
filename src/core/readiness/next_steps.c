/* Finds the least-cost set of raises that reaches a target, and the next best
 * ones.
 *
 * The method is described in the header. The parts of this file, in order:
 * costs as whole numbers; propagation of what requirements force; the three
 * lower bounds (forced cost, Pareto frontier of cost and gain, Lagrangian);
 * the queue of partial plans, best bound first; and the check that a complete
 * plan is minimal. */
#include "base/fp.h"
#include "core/readiness/next_steps.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/allocation.h"
#include "base/sum.h"

#define NO_LEVEL ((size_t)-1)
#define NEVER INT64_MAX

/* Slack where sums of gains in different order must not lose a plan. */
#define GAIN_SLACK 1e-10

/* A price in whole units is whole but for rounding, which grows with it. */
#define WHOLE_SLACK 1e-9

/* A partial plan: the levels of the first `depth` items. Stored as 255 -
 * level, with 0 for what is open, so that memcmp() orders plans by rank among
 * ties. */
typedef struct {
    int64_t bound;
    int64_t key;
    double gain;
    size_t depth;
    unsigned char levels[]; /* n */
} node;

/* What has to hold, in levels instead of values, and costs as whole numbers
 * (keys) that also count raised items, so that one number orders plans. */
typedef struct {
    const cap_next_steps_problem *p;
    size_t n;
    size_t n_levels;
    size_t n_groups;      /* groups up to the stage */
    size_t *group;        /* their numbers */
    size_t *member_level; /* members: the level that reaches the minimum */
    size_t *required_level;
    int is_structured; /* there are groups or requirements */
    int is_coarse;     /* frontiers are rounded */
    int has_score;
    int64_t *key;           /* levels: of getting there */
    int64_t cost_unit;      /* keys of one unit of cost */
    int64_t most_minor;     /* most that counting raised items adds */
    double per_cost;        /* units of one point of cost */
    size_t *least;          /* items: lowest and .. */
    size_t *most;           /* .. highest level that a plan can have */
    size_t *frontier_start; /* n + 1; the frontier of the items from here on */
    size_t *frontier_end;
    int64_t *frontier_key;
    double *frontier_gain;
    /* Of one partial plan: */
    size_t *low;
    size_t *high;
    size_t *chosen;
    /* The Lagrangian bound: what a constraint that is met is worth. */
    double *price; /* groups, in order of `group`; then the score */
    double *best_price;
    double *missed; /* groups, then the score: by how much */
    double *net;    /* levels: key less what its constraints are worth */
    double net_base;
    double gain_scale; /* points that count as one in the score constraint */
    /* The cheapest plan that a dive has found, and what a dive needs: */
    int64_t known_key;
    size_t *known;
    node *at;
    node *trial;
    node *best;
} search;

typedef struct {
    node **at;
    size_t size;
    size_t room;
    size_t n;
} heap;

/* Checks --------------------------------------------------------------------
 */

static cap_status fail_item(cap_error *err, size_t item, const char *message)
{
    return cap_fail_at(err, CAP_ERR_INPUT, item, CAP_NOWHERE, message);
}

static cap_status check_levels(const cap_next_steps_problem *p, cap_error *err)
{
    for (size_t i = 0; i < p->n_items; i++) {
        size_t from = p->level_start[i], to = p->level_start[i + 1];
        if (to <= from || to - from > CAP_MOST_RAISES + 1) {
            return fail_item(err, i, "an item must have 1 to 255 levels");
        }
        if (isinf(p->value[from]) || p->cost[from] != 0 ||
            (p->gain && p->gain[from] != 0)) {
            return fail_item(err, i, "where an item stands costs nothing");
        }
        for (size_t l = from + 1; l < to; l++) {
            if (!isfinite(p->value[l]) || p->value[l] <= p->value[l - 1]) {
                return fail_item(err, i, "the levels of an item must rise");
            }
            if (!isfinite(p->cost[l]) || p->cost[l] < p->cost[l - 1]) {
                return fail_item(err, i, "a cost is negative or not finite");
            }
            if (p->gain &&
                (!isfinite(p->gain[l]) || p->gain[l] < p->gain[l - 1])) {
                return fail_item(err, i, "a gain is negative or not finite");
            }
        }
    }
    if (p->gain && !isfinite(p->need)) {
        return cap_fail(err, CAP_ERR_INPUT, "the points needed are unknown");
    }
    return CAP_OK;
}

static cap_status check_gates(const cap_next_steps_problem *p, cap_error *err)
{
    const cap_gates *g = p->gates;
    for (size_t k = 0; g != NULL && k < g->n_groups; k++) {
        size_t from = g->group_start[k], to = g->group_start[k + 1];
        if (to < from || g->group_k[k] < 1) {
            return cap_fail(err, CAP_ERR_INPUT, "a gate group is empty");
        }
        for (size_t m = from; m < to; m++) {
            if (g->item[m] >= p->n_items || !isfinite(g->minimum[m])) {
                return cap_fail(err, CAP_ERR_INPUT,
                                "a gate is on an item that is not there");
            }
            for (size_t other = from; other < m; other++) {
                if (g->item[other] == g->item[m]) {
                    return fail_item(err, g->item[m],
                                     "a gate group has an item twice");
                }
            }
        }
    }
    for (size_t r = 0; r < p->n_required; r++) {
        if (p->raised[r] >= p->n_items || p->required[r] >= p->n_items ||
            !isfinite(p->required_minimum[r])) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a requirement is on an item that is not there");
        }
    }
    return CAP_OK;
}

/* Takes away, again and again, the items that require nothing that is left. */
static cap_status check_cycles(const cap_next_steps_problem *p, search *s,
                               cap_error *err)
{
    size_t *is_left = s->low;
    for (size_t i = 0; i < p->n_items; i++) {
        is_left[i] = 1;
    }
    for (size_t gone = 1, left = p->n_items; left > 0; left -= gone) {
        gone = 0;
        for (size_t i = 0; i < p->n_items; i++) {
            int waits = 0;
            for (size_t r = 0; r < p->n_required; r++) {
                waits |= p->raised[r] == i && is_left[p->required[r]];
            }
            if (is_left[i] && !waits) {
                is_left[i] = 0;
                gone++;
            }
        }
        for (size_t i = 0; gone == 0 && i < p->n_items; i++) {
            if (is_left[i]) {
                return fail_item(err, i, "requirements form a cycle");
            }
        }
    }
    return CAP_OK;
}

/* Setting up ----------------------------------------------------------------
 */

static size_t n_levels_of(const cap_next_steps_problem *p, size_t i)
{
    return p->level_start[i + 1] - p->level_start[i];
}

static size_t level_reaching(const cap_next_steps_problem *p, size_t i,
                             double minimum)
{
    for (size_t l = 0; l < n_levels_of(p, i); l++) {
        if (cap_gate_met(p->value[p->level_start[i] + l], minimum)) {
            return l;
        }
    }
    return NO_LEVEL;
}

static size_t n_members(const cap_next_steps_problem *p)
{
    return p->gates ? p->gates->group_start[p->gates->n_groups] : 0;
}

static node *new_node(size_t n) { return cap_calloc(1, sizeof(node) + n); }

static cap_status allocate(search *s, cap_error *err)
{
    const cap_next_steps_problem *p = s->p;
    size_t n = p->n_items, groups = p->gates ? p->gates->n_groups : 0;
    size_t points = p->gain ? (n + 1) * CAP_FRONTIER_SIZE : 0;
    s->n = n;
    s->n_levels = p->level_start[n];
    s->group = cap_calloc(groups, sizeof *s->group);
    s->member_level = cap_calloc(n_members(p), sizeof *s->member_level);
    s->required_level = cap_calloc(p->n_required, sizeof *s->required_level);
    s->key = cap_calloc(s->n_levels, sizeof *s->key);
    s->least = cap_calloc(n, sizeof *s->least);
    s->most = cap_calloc(n, sizeof *s->most);
    s->frontier_start = cap_calloc(n + 1, sizeof *s->frontier_start);
    s->frontier_end = cap_calloc(n + 1, sizeof *s->frontier_end);
    s->frontier_key = cap_calloc(points, sizeof *s->frontier_key);
    s->frontier_gain = cap_calloc(points, sizeof *s->frontier_gain);
    s->low = cap_calloc(n, sizeof *s->low);
    s->high = cap_calloc(n, sizeof *s->high);
    s->chosen = cap_calloc(n, sizeof *s->chosen);
    s->price = cap_calloc(groups + 1, sizeof *s->price);
    s->best_price = cap_calloc(groups + 1, sizeof *s->best_price);
    s->missed = cap_calloc(groups + 1, sizeof *s->missed);
    s->net = cap_calloc(s->n_levels, sizeof *s->net);
    s->known = cap_calloc(n, sizeof *s->known);
    s->at = new_node(n);
    s->trial = new_node(n);
    s->best = new_node(n);
    if (!s->known || !s->at || !s->trial || !s->best || !s->group ||
        !s->member_level || !s->required_level || !s->key || !s->least ||
        !s->most || !s->frontier_start || !s->frontier_end ||
        !s->frontier_key || !s->frontier_gain || !s->low || !s->high ||
        !s->chosen || !s->price || !s->best_price || !s->missed || !s->net) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for next steps");
    }
    return CAP_OK;
}

static void release(search *s)
{
    cap_free(s->best);
    cap_free(s->trial);
    cap_free(s->at);
    cap_free(s->known);
    cap_free(s->net);
    cap_free(s->missed);
    cap_free(s->best_price);
    cap_free(s->price);
    cap_free(s->chosen);
    cap_free(s->high);
    cap_free(s->low);
    cap_free(s->frontier_gain);
    cap_free(s->frontier_key);
    cap_free(s->frontier_end);
    cap_free(s->frontier_start);
    cap_free(s->most);
    cap_free(s->least);
    cap_free(s->key);
    cap_free(s->required_level);
    cap_free(s->member_level);
    cap_free(s->group);
}

/* Whether so many units of one point of cost make every cost whole. */
static int makes_whole(const search *s, double units)
{
    for (size_t l = 0; l < s->n_levels; l++) {
        double x = s->p->cost[l] * units;
        if (fabs(x - floor(x + 0.5)) > WHOLE_SLACK * (1 + 1e-3 * x)) {
            return 0;
        }
    }
    return 1;
}

/* Fractions with a denominator of up to 1000, decimals of up to six places;
 * else as many units as there is room for. */
static double units_of_cost(const search *s, double total, double most_units)
{
    for (double units = 1; units <= 1e6;
         units += units < 1000 ? 1 : 9 * units) {
        if (total * units <= most_units && makes_whole(s, units)) {
            return units;
        }
    }
    return most_units / total;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void set_keys(search *s)
{
    const cap_next_steps_problem *p = s->p;
    int64_t common = 0, most = 0;
    double total = 0;
    s->most_minor = (int64_t)s->n;
    for (size_t i = 0; i < s->n; i++) {
        total += p->cost[p->level_start[i + 1] - 1];
    }
    double most_units = floor(0x1p60 / (double)(4 * (s->most_minor + 1)));
    s->per_cost = total > 0 ? units_of_cost(s, total, most_units) : 1;
    for (size_t l = 0; l < s->n_levels; l++) {
        s->key[l] = (int64_t)floor(p->cost[l] * s->per_cost + 0.5);
        common = common_divisor(common, s->key[l]);
    }
    if (common > 1) {
        s->per_cost /= (double)common;
    }
    for (size_t i = 0; i < s->n; i++) {
        for (size_t l = p->level_start[i]; l < p->level_start[i + 1]; l++) {
            s->key[l] /= common > 1 ? common : 1;
        }
        most += s->key[p->level_start[i + 1] - 1];
    }
    /* The larger the unit, the more a bound between two costs is worth. */
    s->cost_unit = INT64_MAX / 4 / (most + 1);
    for (size_t i = 0; i < s->n; i++) {
        int64_t *key = s->key + p->level_start[i];
        for (size_t l = 1; l < n_levels_of(p, i); l++) {
            key[l] = key[l] * s->cost_unit + 1;
        }
    }
}

static void set_levels(search *s)
{
    const cap_next_steps_problem *p = s->p;
    const cap_gates *g = p->gates;
    for (size_t k = 0; g != NULL && k < g->n_groups; k++) {
        if (g->group_stage[k] <= p->stage) {
            s->group[s->n_groups++] = k;
        }
        for (size_t m = g->group_start[k]; m < g->group_start[k + 1]; m++) {
            s->member_level[m] = level_reaching(p, g->item[m], g->minimum[m]);
        }
    }
    for (size_t r = 0; r < p->n_required; r++) {
        s->required_level[r] =
            level_reaching(p, p->required[r], p->required_minimum[r]);
    }
    for (size_t i = 0; i < s->n; i++) {
        s->most[i] = n_levels_of(p, i) - 1;
    }
    s->is_structured = s->n_groups > 0 || p->n_required > 0;
    s->has_score = p->gain != NULL;
}

static double gain_of(const search *s, size_t i, size_t level)
{
    return s->has_score ? s->p->gain[s->p->level_start[i] + level] : 0;
}

static int64_t key_of(const search *s, size_t i, size_t level)
{
    return s->key[s->p->level_start[i] + level];
}

static int is_short(const search *s, double gain)
{
    return s->has_score && gain < s->p->need;
}

/* What a partial plan forces ------------------------------------------------
 */

/* Items whose requirements cannot be met stay where they stand. */
static int lower_ceilings(const search *s, const size_t *low, size_t *high)
{
    const cap_next_steps_problem *p = s->p;
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t r = 0; r < p->n_required; r++) {
            size_t i = p->raised[r];
            if (high[i] > 0 && (s->required_level[r] == NO_LEVEL ||
                                high[p->required[r]] < s->required_level[r])) {
                if (low[i] > 0) {
                    return 0;
                }
                high[i] = 0;
                changed = 1;
            }
        }
    }
    return 1;
}

/* Groups with no more open members than they need, and what raised items
 * require. */
static int raise_floors(const search *s, size_t *low, const size_t *high)
{
    const cap_next_steps_problem *p = s->p;
    const cap_gates *g = p->gates;
    for (size_t j = 0; j < s->n_groups; j++) {
        size_t k = s->group[j], can = 0;
        for (size_t m = g->group_start[k]; m < g->group_start[k + 1]; m++) {
            can += s->member_level[m] != NO_LEVEL &&
                   high[g->item[m]] >= s->member_level[m];
        }
        if (can < g->group_k[k]) {
            return 0;
        }
        for (size_t m = g->group_start[k];
             can == g->group_k[k] && m < g->group_start[k + 1]; m++) {
            size_t i = g->item[m], level = s->member_level[m];
            if (level != NO_LEVEL && high[i] >= level && low[i] < level) {
                low[i] = level;
            }
        }
    }
    for (int changed = 1; changed;) {
        changed = 0;
        for (size_t r = 0; r < p->n_required; r++) {
            size_t on = p->required[r], level = s->required_level[r];
            if (low[p->raised[r]] > 0 && low[on] < level) {
                if (level > high[on]) { /* also NO_LEVEL */
                    return 0;
                }
                low[on] = level;
                changed = 1;
            }
        }
    }
    return 1;
}

static double total_gain(const search *s, const size_t *level)
{
    double gain = 0;
    for (size_t i = 0; i < s->n; i++) {
        gain += gain_of(s, i, level[i]);
    }
    return gain;
}

/* 0 when nothing within low..high reaches the target. */
static int propagate(const search *s, size_t *low, size_t *high)
{
    return lower_ceilings(s, low, high) && raise_floors(s, low, high) &&
           !is_short(s, total_gain(s, high));
}

static int groups_hold(const search *s, const size_t *level)
{
    const cap_gates *g = s->p->gates;
    for (size_t j = 0; j < s->n_groups; j++) {
        size_t k = s->group[j], holds = 0;
        for (size_t m = g->group_start[k]; m < g->group_start[k + 1]; m++) {
            holds += s->member_level[m] != NO_LEVEL &&
                     level[g->item[m]] >= s->member_level[m];
        }
        if (holds < g->group_k[k]) {
            return 0;
        }
    }
    return 1;
}

static int reaches_target(const search *s, const size_t *level)
{
    const cap_next_steps_problem *p = s->p;
    for (size_t r = 0; r < p->n_required; r++) {
        size_t asked = s->required_level[r];
        if (level[p->raised[r]] > 0 &&
            (asked == NO_LEVEL || level[p->required[r]] < asked)) {
            return 0;
        }
    }
    return groups_hold(s, level) && !is_short(s, total_gain(s, level));
}

static int is_minimal(const search *s, size_t *level)
{
    for (size_t i = 0; i < s->n; i++) {
        if (level[i] > 0) {
            level[i]--;
            int is_less_enough = reaches_target(s, level);
            level[i]++;
            if (is_less_enough) {
                return 0;
            }
        }
    }
    return 1;
}

/* The frontier of cost and gain ---------------------------------------------
 */

typedef struct {
    int64_t *key;
    double *gain;
    size_t size;
} frontier;

static void frontier_add(frontier *f, int64_t key, double gain, double enough)
{
    if (f->size > 0) {
        double best = f->gain[f->size - 1];
        if (best >= enough || gain <= best) {
            return;
        }
        if (f->key[f->size - 1] == key) {
            f->gain[f->size - 1] = gain;
            return;
        }
    }
    f->key[f->size] = key;
    f->gain[f->size] = gain;
    f->size++;
}

/* Both sorted; the second moved by a raise of one item. */
static void merge(const frontier *a, const frontier *b, int64_t key,
                  double gain, double enough, frontier *out)
{
    size_t i = 0, j = 0;
    out->size = 0;
    while (i < a->size || j < b->size) {
        int from_a =
            j == b->size || (i < a->size && a->key[i] <= b->key[j] + key);
        if (from_a) {
            frontier_add(out, a->key[i], a->gain[i], enough);
            i++;
        } else {
            frontier_add(out, b->key[j] + key, b->gain[j] + gain, enough);
            j++;
        }
    }
}

/* At most `most` points: neighbours become one with the lower cost and the
 * higher gain. Whether anything changed. */
static int coarsen(frontier *f, size_t most)
{
    if (f->size <= most) {
        return 0;
    }
    size_t width = (f->size + most - 1) / most, n = 0;
    for (size_t from = 0; from < f->size; from += width, n++) {
        size_t to = from + width < f->size ? from + width : f->size;
        f->key[n] = f->key[from];
        f->gain[n] = f->gain[to - 1];
    }
    f->size = n;
    return 1;
}

static void swap(frontier *a, frontier *b)
{
    frontier keep = *a;
    *a = *b;
    *b = keep;
}

/* Frontiers of the items from i to the last, for all i. */
static cap_status build_frontiers(search *s, cap_error *err)
{
    enum { WORK = 4 * CAP_FRONTIER_SIZE, ROOM = WORK + CAP_FRONTIER_SIZE };
    frontier f = {s->frontier_key, s->frontier_gain, 1}, a, b;
    size_t used = 1;
    a.key = cap_calloc(2 * ROOM, sizeof *a.key);
    a.gain = cap_calloc(2 * ROOM, sizeof *a.gain);
    if (a.key == NULL || a.gain == NULL) {
        cap_free(a.gain);
        cap_free(a.key);
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for next steps");
    }
    int64_t *keys = a.key;
    double *gains = a.gain;
    b.key = keys + ROOM;
    b.gain = gains + ROOM;
    f.key[0] = 0;
    f.gain[0] = 0;
    s->frontier_start[s->n] = 0;
    s->frontier_end[s->n] = 1;
    for (size_t i = s->n; i-- > 0;) {
        a.size = 0;
        for (size_t l = s->least[i]; l <= s->most[i]; l++) {
            merge(&a, &f, key_of(s, i, l), gain_of(s, i, l), s->p->need, &b);
            s->is_coarse |= coarsen(&b, WORK);
            swap(&a, &b);
        }
        s->is_coarse |= coarsen(&a, CAP_FRONTIER_SIZE);
        s->frontier_start[i] = used;
        memcpy(s->frontier_key + used, a.key, a.size * sizeof *a.key);
        memcpy(s->frontier_gain + used, a.gain, a.size * sizeof *a.gain);
        f.key = s->frontier_key + used;
        f.gain = s->frontier_gain + used;
        f.size = a.size;
        used += a.size;
        s->frontier_end[i] = used;
    }
    cap_free(gains);
    cap_free(keys);
    return CAP_OK;
}

/* Least key of the items from i on that brings `need`. */
static int64_t frontier_bound(const search *s, size_t i, double need)
{
    size_t low = s->frontier_start[i], high = s->frontier_end[i], end = high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->frontier_gain[middle] + GAIN_SLACK < need) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < end ? s->frontier_key[low] : NEVER;
}

/* The bound of a partial plan with gates ------------------------------------
 */

/* A bound between two costs is raised to the upper: costs are whole units. */
static int64_t round_up(const search *s, int64_t bound, int64_t minor)
{
    int64_t units = bound / s->cost_unit;
    if (bound - units * s->cost_unit > s->most_minor) {
        return (units + 1) * s->cost_unit + minor;
    }
    int64_t least = units * s->cost_unit + minor;
    return bound > least ? bound : least;
}

/* Level of item i within low..high that nets least; `net` of it. */
static size_t cheapest_level(const search *s, size_t i, double *net)
{
    const double *of = s->net + s->p->level_start[i];
    size_t best = s->low[i];
    for (size_t l = best + 1; l <= s->high[i]; l++) {
        if (of[l] < of[best]) {
            best = l;
        }
    }
    *net = of[best];
    return best;
}

static double priced_bound(const search *s)
{
    double bound = s->net_base, net;
    for (size_t i = 0; i < s->n; i++) {
        cheapest_level(s, i, &net);
        bound += net;
    }
    return bound;
}

static void set_prices(search *s, const double *price)
{
    const cap_next_steps_problem *p = s->p;
    const cap_gates *g = p->gates;
    double point = s->has_score ? price[s->n_groups] / s->gain_scale : 0;
    s->net_base = s->has_score ? point * p->need : 0;
    for (size_t i = 0; i < s->n; i++) {
        for (size_t l = 0; l <= s->most[i]; l++) {
            s->net[p->level_start[i] + l] =
                (double)key_of(s, i, l) - point * gain_of(s, i, l);
        }
    }
    for (size_t j = 0; j < s->n_groups; j++) {
        size_t k = s->group[j];
        s->net_base += price[j] * (double)g->group_k[k];
        for (size_t m = g->group_start[k]; m < g->group_start[k + 1]; m++) {
            size_t i = g->item[m];
            for (size_t l = s->member_level[m]; l <= s->most[i]; l++) {
                s->net[p->level_start[i] + l] -= price[j];
            }
        }
    }
}

/* How far the cheapest levels at these prices miss each constraint; the bound
 * that they give. */
static double miss(search *s)
{
    const cap_gates *g = s->p->gates;
    double bound = s->net_base, net, gain = 0;
    size_t *level = s->chosen;
    for (size_t i = 0; i < s->n; i++) {
        level[i] = cheapest_level(s, i, &net);
        bound += net;
        gain += gain_of(s, i, level[i]);
    }
    for (size_t j = 0; j < s->n_groups; j++) {
        size_t k = s->group[j];
        s->missed[j] = (double)g->group_k[k];
        for (size_t m = g->group_start[k]; m < g->group_start[k + 1]; m++) {
            s->missed[j] -= s->member_level[m] != NO_LEVEL &&
                            level[g->item[m]] >= s->member_level[m];
        }
    }
    s->missed[s->n_groups] =
        s->has_score ? (s->p->need - gain) / s->gain_scale : 0;
    return bound;
}

/* Prices by the subgradient method with Polyak's steps towards `upper`, the
 * cost of a plan that is known. */
static void find_prices(search *s, double upper)
{
    enum { ROUNDS = 300, PATIENCE = 12 };
    size_t n = s->n_groups + 1;
    double best = -INFINITY, pace = 1;
    memcpy(s->low, s->least, s->n * sizeof *s->low);
    memcpy(s->high, s->most, s->n * sizeof *s->high);
    s->gain_scale = 0;
    for (size_t i = 0; i < s->n; i++) {
        double gain = gain_of(s, i, s->most[i]);
        s->gain_scale = gain > s->gain_scale ? gain : s->gain_scale;
    }
    s->gain_scale = s->gain_scale > 0 ? s->gain_scale : 1;
    for (size_t round = 0, waited = 0; round < ROUNDS; round++) {
        double squares = 0;
        set_prices(s, s->price);
        double bound = miss(s);
        if (bound > best) {
            best = bound;
            waited = 0;
            memcpy(s->best_price, s->price, n * sizeof *s->price);
        } else if (++waited == PATIENCE) {
            pace /= 2;
            waited = 0;
        }
        for (size_t j = 0; j < n; j++) {
            squares += s->missed[j] * s->missed[j];
        }
        if (squares < 1e-12 || bound >= upper) {
            break;
        }
        for (size_t j = 0; j < n; j++) {
            s->price[j] += pace * (upper - bound) / squares * s->missed[j];
            s->price[j] = s->price[j] > 0 ? s->price[j] : 0;
        }
    }
    set_prices(s, s->best_price);
}

/* Cost of what s->low has, and of what is still to come at least. */
static int64_t structured_bound(const search *s)
{
    int64_t paid = 0;
    for (size_t i = 0; i < s->n; i++) {
        paid += key_of(s, i, s->low[i]);
    }
    double priced = priced_bound(s) * (1 - 1e-12);
    int64_t bound = priced > (double)paid ? (int64_t)priced : paid;
    return round_up(s, bound, paid % s->cost_unit);
}

/* The search ----------------------------------------------------------------
 */

static int comes_before(const heap *h, const node *a, const node *b)
{
    if (a->bound != b->bound) {
        return a->bound < b->bound;
    }
    return memcmp(a->levels, b->levels, h->n) < 0;
}

/* Takes over the node; 0 when there is no memory. */
static int heap_push(heap *h, node *added)
{
    if (h->size == h->room) {
        size_t room = h->room > 0 ? 2 * h->room : 256;
        node **at = cap_calloc(room, sizeof(node *));
        if (at == NULL) {
            return 0;
        }
        if (h->size > 0) {
            memcpy(at, h->at, h->size * sizeof(node *));
        }
        cap_free(h->at);
        h->at = at;
        h->room = room;
    }
    size_t at = h->size++;
    for (; at > 0 && comes_before(h, added, h->at[(at - 1) / 2]);
         at = (at - 1) / 2) {
        h->at[at] = h->at[(at - 1) / 2];
    }
    h->at[at] = added;
    return 1;
}

static node *heap_pop(heap *h)
{
    node *top = h->at[0], *last = h->at[--h->size];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= h->size) {
            break;
        }
        if (child + 1 < h->size &&
            comes_before(h, h->at[child + 1], h->at[child])) {
            child++;
        }
        if (!comes_before(h, h->at[child], last)) {
            break;
        }
        h->at[at] = h->at[child];
        at = child;
    }
    h->at[at] = last;
    return top;
}

static void heap_free(heap *h)
{
    while (h->size > 0) {
        cap_free(h->at[--h->size]);
    }
    cap_free(h->at);
}

static size_t stored_level(const node *x, size_t i)
{
    return (size_t)(255 - x->levels[i]);
}

/* The rest of the plan is as in s->low: there is nothing cheaper below. */
static void finish(const search *s, node *x)
{
    x->key = 0;
    for (size_t i = 0; i < s->n; i++) {
        x->levels[i] = (unsigned char)(255 - s->low[i]);
        x->key += key_of(s, i, s->low[i]);
    }
    x->depth = s->n;
    x->bound = x->key;
}

/* Completes or bounds the partial plan x; 0 when nothing minimal is below. */
static int assess_structured(search *s, node *x)
{
    for (size_t i = 0; i < s->n; i++) {
        int is_set = i < x->depth;
        s->low[i] = is_set ? stored_level(x, i) : s->least[i];
        s->high[i] = is_set ? s->low[i] : s->most[i];
    }
    if (!propagate(s, s->low, s->high)) {
        return 0;
    }
    if (groups_hold(s, s->low) && !is_short(s, total_gain(s, s->low))) {
        finish(s, x);
        return is_minimal(s, s->low);
    }
    int64_t bound = structured_bound(s);
    if (s->has_score) {
        int64_t rest = frontier_bound(s, x->depth, s->p->need - x->gain);
        if (rest == NEVER) {
            return 0;
        }
        if (x->key + rest > bound) {
            bound = x->key + rest;
        }
    }
    x->bound = bound;
    return x->depth < s->n;
}

static int assess(search *s, node *x)
{
    if (s->is_structured || s->is_coarse) {
        return assess_structured(s, x);
    }
    if (!is_short(s, x->gain)) {
        for (size_t i = 0; i < s->n; i++) {
            s->low[i] = i < x->depth ? stored_level(x, i) : 0;
        }
        finish(s, x);
        return is_minimal(s, s->low);
    }
    int64_t rest = x->depth < s->n
                       ? frontier_bound(s, x->depth, s->p->need - x->gain)
                       : NEVER;
    if (rest == NEVER) {
        return 0;
    }
    x->bound = round_up(s, x->key + rest, x->key % s->cost_unit + 1);
    return 1;
}

/* Puts the first open item at `level`. */
static void set_next(const search *s, node *x, size_t level)
{
    x->levels[x->depth] = (unsigned char)(255 - level);
    x->key += key_of(s, x->depth, level);
    x->gain += gain_of(s, x->depth, level);
    x->depth++;
}

static cap_status expand(search *s, heap *open, const node *x, size_t *nodes,
                         cap_error *err)
{
    size_t i = x->depth, size = sizeof(node) + s->n;
    for (size_t l = s->least[i]; l <= s->most[i]; l++) {
        memcpy(s->trial, x, size);
        set_next(s, s->trial, l);
        (*nodes)++;
        if (!assess(s, s->trial)) {
            continue;
        }
        node *next = new_node(s->n);
        if (next != NULL) {
            memcpy(next, s->trial, size);
        }
        if (next == NULL || !heap_push(open, next)) {
            cap_free(next);
            return cap_fail(err, CAP_ERR_MEMORY,
                            "out of memory for next steps");
        }
    }
    return CAP_OK;
}

static void record(const search *s, const size_t *level,
                   cap_next_steps_result *out)
{
    cap_sum cost = {0, 0};
    for (size_t i = 0; i < s->n; i++) {
        out->level[out->n_plans * s->n + i] = level[i];
        cap_sum_add(&cost, s->p->cost[s->p->level_start[i] + level[i]]);
    }
    out->cost[out->n_plans++] = cap_sum_value(&cost);
}

/* Leaves out and lowers what s->low does not need. */
static void keep_if_better(search *s)
{
    size_t *level = s->low;
    int64_t key = 0;
    for (int lowered = 1; lowered;) {
        lowered = 0;
        for (size_t i = s->n; i-- > 0;) {
            while (level[i] > 0) {
                level[i]--;
                if (!reaches_target(s, level)) {
                    level[i]++;
                    break;
                }
                lowered = 1;
            }
        }
    }
    for (size_t i = 0; i < s->n; i++) {
        key += key_of(s, i, level[i]);
    }
    if (key < s->known_key) {
        s->known_key = key;
        memcpy(s->known, level, s->n * sizeof *level);
    }
}

/* From a partial plan always to the best child, then without what is not
 * needed: a plan that may be the best. */
static void dive(search *s, const node *from)
{
    size_t size = sizeof(node) + s->n;
    memcpy(s->at, from, size);
    while (s->at->depth < s->n) {
        size_t i = s->at->depth;
        s->best->bound = NEVER;
        for (size_t l = s->least[i]; l <= s->most[i]; l++) {
            memcpy(s->trial, s->at, size);
            set_next(s, s->trial, l);
            s->trial->bound = NEVER;
            /* a full plan is taken also when it is not minimal */
            int is_open = assess(s, s->trial);
            if ((is_open || s->trial->bound == s->trial->key) &&
                s->trial->bound < s->best->bound) {
                memcpy(s->best, s->trial, size);
            }
        }
        if (s->best->bound == NEVER) {
            return; /* lost in rounding */
        }
        memcpy(s->at, s->best, size);
    }
    for (size_t i = 0; i < s->n; i++) {
        s->low[i] = stored_level(s->at, i);
    }
    keep_if_better(s);
}

static cap_status stop_short(search *s, const heap *open,
                             cap_next_steps_result *out)
{
    out->complete = 0;
    if (out->n_plans == 0) {
        int64_t units = open->at[0]->bound / s->cost_unit;
        dive(s, open->at[0]);
        record(s, s->known, out);
        out->proven = s->known_key / s->cost_unit <= units;
        out->bound = (double)units / s->per_cost;
    }
    return CAP_OK;
}

static cap_status start(search *s, heap *open, cap_error *err)
{
    node *root = new_node(s->n);
    if (root == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for next steps");
    }
    if (!assess(s, root)) {
        cap_free(root);
        return CAP_OK;
    }
    if ((s->is_structured || s->is_coarse) && root->depth < s->n) {
        find_prices(s, (double)s->known_key);
        dive(s, root);
        find_prices(s, (double)s->known_key);
        dive(s, root);
    }
    if (!heap_push(open, root)) {
        cap_free(root);
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for next steps");
    }
    return CAP_OK;
}

static void take(search *s, const node *x, cap_next_steps_result *out)
{
    for (size_t i = 0; i < s->n; i++) {
        s->low[i] = stored_level(x, i);
    }
    record(s, s->low, out);
    out->proven = 1;
}

static cap_status search_plans(search *s, heap *open,
                               cap_next_steps_result *out,
                               const cap_poll *poll, cap_error *err)
{
    enum { POLL_EVERY = 128, FIRST_DIVE = 4096 };
    size_t next_dive = FIRST_DIVE;
    cap_status status = start(s, open, err);
    out->nodes = 1;
    for (size_t popped = 1; status == CAP_OK && open->size > 0; popped++) {
        if (out->n_plans == out->most_plans || out->nodes >= out->most_nodes) {
            return stop_short(s, open, out);
        }
        if (popped % POLL_EVERY == 0 && cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        if (out->nodes >= next_dive && out->n_plans == 0) {
            dive(s, open->at[0]);
            next_dive *= 2;
        }
        node *x = heap_pop(open);
        if (x->depth < s->n) {
            status = expand(s, open, x, &out->nodes, err);
        } else {
            take(s, x, out);
        }
        cap_free(x);
    }
    return status;
}

/* What can be reached at all; 0 when the target cannot. */
static int set_reach(search *s, cap_next_steps_result *out)
{
    const cap_gates *g = s->p->gates;
    lower_ceilings(s, s->least, s->most);
    for (size_t j = 0; j < s->n_groups; j++) {
        size_t k = s->group[j], can = 0;
        for (size_t m = g->group_start[k]; m < g->group_start[k + 1]; m++) {
            can += s->member_level[m] != NO_LEVEL &&
                   s->most[g->item[m]] >= s->member_level[m];
        }
        out->blocked[k] = can < g->group_k[k];
    }
    out->most_gain = total_gain(s, s->most);
    return propagate(s, s->least, s->most) && !is_short(s, out->most_gain);
}

cap_status cap_next_steps_solve(const cap_next_steps_problem *problem,
                                cap_next_steps_result *result,
                                const cap_poll *poll, cap_error *err)
{
    search s;
    heap open = {NULL, 0, 0, problem->n_items};
    memset(&s, 0, sizeof s);
    s.p = problem;
    result->n_plans = 0;
    result->nodes = 0;
    result->proven = 0;
    result->complete = 1;
    result->bound = 0;
    result->most_gain = 0;
    for (size_t k = 0; problem->gates && k < problem->gates->n_groups; k++) {
        result->blocked[k] = 0;
    }
    if (problem->n_items == 0 || result->most_plans == 0 ||
        result->most_nodes == 0) {
        return cap_fail(err, CAP_ERR_INPUT, "nothing is asked for");
    }
    cap_status status = check_levels(problem, err);
    if (status == CAP_OK) {
        status = check_gates(problem, err);
    }
    if (status == CAP_OK) {
        status = allocate(&s, err);
    }
    if (status == CAP_OK) {
        status = check_cycles(problem, &s, err);
    }
    if (status != CAP_OK) {
        goto done;
    }
    set_levels(&s);
    set_keys(&s);
    if (set_reach(&s, result)) {
        s.known_key = NEVER;
        memcpy(s.low, s.most, s.n * sizeof *s.low);
        keep_if_better(&s); /* all raises reach the target */
        if (s.has_score) {
            status = build_frontiers(&s, err);
        }
        if (status == CAP_OK) {
            status = search_plans(&s, &open, result, poll, err);
        }
        if (status == CAP_OK && result->proven) {
            result->bound = result->cost[0];
        }
    }
done:
    heap_free(&open);
    release(&s);
    return status;
}
