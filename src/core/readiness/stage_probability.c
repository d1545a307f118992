/* The probability of each stage when answers are uncertain: by counting, over
 * a common factor, or by draws.
 *
 * An item's levels fall into classes by the minima that gates ask of it. A
 * plan takes one stage apart: items that must reach one minimum are factors of
 * a product; k-of-n groups that share items are counted together, item after
 * item, and parts that share none are multiplied. With a common factor the
 * same counts are made at each node of a quadrature: Gauss-Hermite where the
 * integrand is smooth, Gauss-Legendre panels around steep steps, refined until
 * two sums agree. Counts with too many states are drawn. Bounds under any
 * dependence are those of sums of marginals, tightened along the stages. */
#include "base/fp.h"
#include "core/readiness/stage_probability.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "base/allocation.h"
#include "base/rng.h"

const cap_name cap_stage_probability_ways[] = {
    {"exact", CAP_STAGE_PROBABILITY_EXACT},
    {"quadrature", CAP_STAGE_PROBABILITY_QUADRATURE},
    {"simulation", CAP_STAGE_PROBABILITY_DRAWS},
    {NULL, 0},
};

enum {
    MOST_STATES = 4096,
    MOST_STATES_GIVEN = 512, /* a node of the factor after the other */
    DEFAULT_DRAWS = 10000,
    POLL_EVERY = 1024
};

/* --- classes: which of its minima an item reaches ------------------------ */

/* An item of class c reaches its c smallest minima. `q` of a row holds
 * P(class >= c) of item i, c = 1.., at start[i] + c - 1. */
typedef struct {
    const cap_gates *gates;
    size_t n_members;
    size_t *class_of; /* members */
    size_t *start;    /* n_items + 1 */
} classes;

typedef struct {
    size_t item;
    double minimum;
    size_t member;
} named_minimum;

static int by_item(const void *a, const void *b)
{
    const named_minimum *x = a, *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    return (x->minimum > y->minimum) - (x->minimum < y->minimum);
}

static cap_status build_classes(const cap_gates *gates, classes *c,
                                cap_error *err)
{
    c->gates = gates;
    c->n_members =
        gates->n_groups > 0 ? gates->group_start[gates->n_groups] : 0;
    c->class_of = cap_calloc(c->n_members, sizeof *c->class_of);
    c->start = cap_calloc(gates->n_items + 1, sizeof *c->start);
    named_minimum *sorted = cap_calloc(c->n_members, sizeof *sorted);
    if (c->class_of == NULL || c->start == NULL || sorted == NULL) {
        cap_free(sorted);
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for gates");
    }
    for (size_t m = 0; m < c->n_members; m++) {
        sorted[m].item = gates->item[m];
        sorted[m].minimum = gates->minimum[m];
        sorted[m].member = m;
    }
    qsort(sorted, c->n_members, sizeof *sorted, by_item);
    for (size_t j = 0, class = 0; j < c->n_members; j++) {
        int same_item = j > 0 && sorted[j].item == sorted[j - 1].item;
        if (!same_item) {
            class = 1;
        } else if (sorted[j].minimum > sorted[j - 1].minimum) {
            class ++;
        }
        c->class_of[sorted[j].member] = class;
        c->start[sorted[j].item + 1] = class;
    }
    for (size_t i = 0; i < gates->n_items; i++) {
        c->start[i + 1] += c->start[i];
    }
    cap_free(sorted);
    return CAP_OK;
}

static size_t top_class(const classes *c, size_t item)
{
    return c->start[item + 1] - c->start[item];
}

/* P(class >= k). */
static double reach(const classes *c, const double *q, size_t item, size_t k)
{
    if (k == 0) {
        return 1;
    }
    return k > top_class(c, item) ? 0 : q[c->start[item] + k - 1];
}

static cap_status read_pass(const classes *c, size_t n_rows, size_t row,
                            const double *pass, const int *applies, double *q,
                            cap_error *err)
{
    const cap_gates *gates = c->gates;
    for (size_t j = 0; j < c->start[gates->n_items]; j++) {
        q[j] = 1;
    }
    for (size_t m = 0; m < c->n_members; m++) {
        size_t i = gates->item[m];
        double p = pass[m * n_rows + row];
        if (!cap_item_applies(n_rows, row, i, applies)) {
            continue;
        }
        if (!(p >= 0 && p <= 1)) {
            return cap_fail_at(err, CAP_ERR_INPUT, row, i,
                               "a probability is not from 0 to 1");
        }
        q[c->start[i] + c->class_of[m] - 1] = p;
    }
    for (size_t i = 0; i < gates->n_items; i++) {
        for (size_t k = 1; k < top_class(c, i); k++) {
            double *at = q + c->start[i] + k;
            if (at[0] > at[-1] + 1e-12) {
                return cap_fail_at(err, CAP_ERR_INPUT, row, i,
                                   "a probability rises with the minimum");
            }
            at[0] = fmin(at[0], at[-1]);
        }
    }
    return CAP_OK;
}

/* --- plans: what one stage asks, taken apart ----------------------------- */

/* An item that counts in a k-of-n group once it is of `class`. */
typedef struct {
    size_t part, item, counter, class;
} tie;

typedef struct {
    size_t k;      /* members that must hold beyond those that must anyway */
    size_t part;   /* counters that share items are one part */
    size_t stride; /* of the count, 0..k, in the state of the part */
} counter;

typedef struct {
    size_t *need; /* n_items: class that AND groups ask for, 0 none */
    char *tied;   /* n_items: counts in a k-of-n group too */
    size_t n_ties, n_counters;
    tie *ties; /* by part, then item */
    counter *counters;
    size_t states; /* of the largest part */
} plan;

static int by_part(const void *a, const void *b)
{
    const tie *x = a, *y = b;
    if (x->part != y->part) {
        return x->part < y->part ? -1 : 1;
    }
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    return (x->counter > y->counter) - (x->counter < y->counter);
}

static void require_group(const classes *c, size_t g, size_t n_rows,
                          size_t row, const int *applies, plan *p)
{
    const cap_gates *gates = c->gates;
    for (size_t m = gates->group_start[g]; m < gates->group_start[g + 1];
         m++) {
        size_t i = gates->item[m];
        if (cap_item_applies(n_rows, row, i, applies) &&
            c->class_of[m] > p->need[i]) {
            p->need[i] = c->class_of[m];
        }
    }
}

/* Members that hold anyway are counted off. */
static void count_group(const classes *c, size_t g, size_t k, size_t n_rows,
                        size_t row, const int *applies, plan *p)
{
    const cap_gates *gates = c->gates;
    size_t first = p->n_ties;
    for (size_t m = gates->group_start[g]; m < gates->group_start[g + 1];
         m++) {
        size_t i = gates->item[m];
        if (!cap_item_applies(n_rows, row, i, applies)) {
            continue;
        }
        if (c->class_of[m] <= p->need[i]) {
            k -= k > 0 ? 1 : 0;
            continue;
        }
        tie *l = &p->ties[p->n_ties++];
        l->item = i;
        l->counter = p->n_counters;
        l->class = c->class_of[m];
    }
    if (k == 0) {
        p->n_ties = first;
        return;
    }
    p->counters[p->n_counters].k = k;
    p->counters[p->n_counters].part = p->n_counters;
    p->n_counters++;
}

static void join_parts(plan *p)
{
    for (size_t a = 0; a < p->n_ties; a++) {
        for (size_t b = 0; b < a; b++) {
            size_t x = p->counters[p->ties[a].counter].part;
            size_t y = p->counters[p->ties[b].counter].part;
            if (p->ties[a].item != p->ties[b].item || x == y) {
                continue;
            }
            for (size_t k = 0; k < p->n_counters; k++) {
                if (p->counters[k].part == x) {
                    p->counters[k].part = y;
                }
            }
        }
    }
    for (size_t a = 0; a < p->n_ties; a++) {
        p->ties[a].part = p->counters[p->ties[a].counter].part;
        p->tied[p->ties[a].item] = 1;
    }
    qsort(p->ties, p->n_ties, sizeof *p->ties, by_part);
}

static void number_states(plan *p)
{
    p->states = 1;
    for (size_t part = 0; part < p->n_counters; part++) {
        size_t states = 1;
        for (size_t k = 0; k < p->n_counters; k++) {
            if (p->counters[k].part == part && states <= MOST_STATES) {
                p->counters[k].stride = states;
                states *= p->counters[k].k + 1;
            }
        }
        p->states = states > p->states ? states : p->states;
    }
}

static void build_plan(const classes *c, size_t stage, size_t n_rows,
                       size_t row, const int *applies, plan *p)
{
    const cap_gates *gates = c->gates;
    p->n_ties = p->n_counters = 0;
    for (size_t i = 0; i < gates->n_items; i++) {
        p->need[i] = 0;
        p->tied[i] = 0;
    }
    for (int some = 0; some < 2; some++) {
        for (size_t g = 0;
             g < gates->n_groups && gates->group_stage[g] <= stage; g++) {
            cap_group_size size =
                cap_gate_group_size(gates, g, n_rows, row, applies);
            if (size.k == size.n && !some) {
                require_group(c, g, n_rows, row, applies, p);
            } else if (size.k < size.n && some) {
                count_group(c, g, size.k, n_rows, row, applies, p);
            }
        }
    }
    join_parts(p);
    number_states(p);
}

/* --- independent items --------------------------------------------------- */

/* One item's classes move the counts of its part: from -> to. */
static void count_item(const classes *c, const double *q, const plan *p,
                       size_t first, size_t last, size_t states,
                       const double *from, double *to)
{
    size_t item = p->ties[first].item;
    for (size_t s = 0; s < states; s++) {
        to[s] = 0;
    }
    for (size_t k = p->need[item]; k <= top_class(c, item); k++) {
        double chance = reach(c, q, item, k) - reach(c, q, item, k + 1);
        for (size_t s = 0; chance > 0 && s < states; s++) {
            size_t next = s;
            for (size_t l = first; l < last; l++) {
                const counter *n = &p->counters[p->ties[l].counter];
                if (p->ties[l].class <= k &&
                    s / n->stride % (n->k + 1) < n->k) {
                    next += n->stride;
                }
            }
            to[next] += chance * from[s];
        }
    }
}

/* The chance that all counts of the part that starts at tie *at are full. */
static double part_chance(const classes *c, const double *q, const plan *p,
                          size_t *at, double *from, double *to)
{
    size_t part = p->ties[*at].part, states = 1;
    for (size_t k = 0; k < p->n_counters; k++) {
        states *= p->counters[k].part == part ? p->counters[k].k + 1 : 1;
    }
    for (size_t s = 1; s < states; s++) {
        from[s] = 0;
    }
    from[0] = 1;
    while (*at < p->n_ties && p->ties[*at].part == part) {
        size_t first = *at;
        while (*at < p->n_ties && p->ties[*at].part == part &&
               p->ties[*at].item == p->ties[first].item) {
            (*at)++;
        }
        count_item(c, q, p, first, *at, states, from, to);
        double *swap = from;
        from = to;
        to = swap;
    }
    return from[states - 1];
}

/* state: 2 * MOST_STATES of scratch. */
static double plan_chance(const classes *c, const double *q, const plan *p,
                          double *state)
{
    double chance = 1;
    for (size_t i = 0; i < c->gates->n_items; i++) {
        if (p->need[i] > 0 && !p->tied[i]) {
            chance *= reach(c, q, i, p->need[i]);
        }
    }
    for (size_t at = 0; at < p->n_ties && chance > 0;) {
        chance *= part_chance(c, q, p, &at, state, state + MOST_STATES);
    }
    return chance;
}

/* --- any dependence ------------------------------------------------------ */

/* Greatest P(at least k of n) with ascending marginals q: the least over
 * j < k of the sum of the n - j smallest, over k - j. */
static double most_of(size_t n, size_t k, const double *q)
{
    double most = 1, sum = 0;
    for (size_t taken = 0; taken < n; taken++) {
        sum += q[taken];
        if (n - taken - 1 < k) {
            most = fmin(most, sum / (double)(k - (n - taken - 1)));
        }
    }
    return most;
}

/* The least is one less the greatest chance that n - k + 1 fail. */
static double least_of(size_t n, size_t k, double *q)
{
    for (size_t j = 0; j < n; j++) {
        q[j] = 1 - q[j];
    }
    gsl_sort(q, 1, n);
    return 1 - most_of(n, n - k + 1, q);
}

typedef struct {
    double shortfall; /* sum of 1 - least chance of each event */
    double upper;
    double comonotone;
} bounds;

static void bound_event(bounds *b, double least, double most, double both)
{
    b->shortfall += 1 - least;
    b->upper = fmin(b->upper, most);
    b->comonotone = fmin(b->comonotone, both);
}

/* marginal: scratch, members. */
static bounds plan_bounds(const classes *c, const double *q, const plan *p,
                          double *marginal)
{
    bounds b = {0, 1, 1};
    for (size_t i = 0; i < c->gates->n_items; i++) {
        if (p->need[i] > 0) {
            double chance = reach(c, q, i, p->need[i]);
            bound_event(&b, chance, chance, chance);
        }
    }
    for (size_t k = 0; k < p->n_counters; k++) {
        size_t n = 0, asked = p->counters[k].k;
        for (size_t l = 0; l < p->n_ties; l++) {
            if (p->ties[l].counter == k) {
                marginal[n++] = reach(c, q, p->ties[l].item, p->ties[l].class);
            }
        }
        gsl_sort(marginal, 1, n);
        double kth_largest = marginal[n - asked];
        double most = most_of(n, asked, marginal);
        bound_event(&b, least_of(n, asked, marginal), most, kth_largest);
    }
    return b;
}

/* --- a common factor ----------------------------------------------------- */

enum { N_HERMITE = 3, N_SUMS = 8, N_PANEL = 16 };

#define FAR 9.0     /* of the factor: beyond, 1e-18 */
#define SETTLED 8.0 /* widths from its step a chance is 0 or 1 to 1e-15 */
#define NARROW 0.5  /* widths that the Hermite rules are too coarse for */

typedef struct {
    size_t n;
    double *node;
    double *weight;
} rule;

/* The weights sum to 1, which divides by sqrt(2 pi). */
static cap_status build_hermite(size_t n, rule *r, cap_error *err)
{
    gsl_integration_fixed_workspace *w = gsl_integration_fixed_alloc(
        gsl_integration_fixed_hermite, n, 0, 0.5, 0, 0);
    r->n = n;
    r->node = cap_calloc(n, sizeof *r->node);
    r->weight = cap_calloc(n, sizeof *r->weight);
    if (r->node == NULL || r->weight == NULL || w == NULL) {
        if (w != NULL) {
            gsl_integration_fixed_free(w);
        }
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for quadrature");
    }
    double total = 0;
    for (size_t j = 0; j < n; j++) {
        r->node[j] = gsl_integration_fixed_nodes(w)[j];
        r->weight[j] = gsl_integration_fixed_weights(w)[j];
        total += r->weight[j];
    }
    for (size_t j = 0; j < n; j++) {
        r->weight[j] /= total;
    }
    gsl_integration_fixed_free(w);
    return CAP_OK;
}

/* --- one row after the other --------------------------------------------- */

typedef struct {
    classes c;
    plan *plans;   /* n_stages; [0] stays empty */
    double *q;     /* one a class */
    double *score; /* the same as normal quantiles */
    double *given; /* the same given the factor */
    double *state;
    double *marginal;
    double *found;   /* n_stages, three sets */
    size_t *sorted;  /* classes, the likeliest first */
    size_t *step_of; /* classes: number of the step that they share */
    double *step;    /* the distinct scores, falling */
    double *passed;  /* the same as `given`, one a step */
    size_t n_steps;
    rule rules[N_HERMITE];
    gsl_integration_glfixed_table *panel;
    size_t *live; /* n_items: when the item was drawn last, plus one */
    size_t *drawn;
    uint64_t *cut;  /* one a class, in 32 bits */
    tie *uncertain; /* members: those that draws decide */
    size_t *tally;  /* n_stages */
} workspace;

static void chances(workspace *w, const double *q, double *at_least)
{
    size_t n_stages = w->c.gates->n_stages;
    at_least[0] = 1;
    for (size_t s = 1; s < n_stages; s++) {
        at_least[s] = at_least[s - 1] > 0
                          ? plan_chance(&w->c, q, &w->plans[s], w->state)
                          : 0;
    }
}

/* Many classes share a chance: they are found once a node. */
static void sort_steps(workspace *w)
{
    size_t n = w->c.start[w->c.gates->n_items];
    for (size_t k = 0; k < n; k++) {
        w->score[k] = gsl_cdf_ugaussian_Pinv(w->q[k]);
    }
    gsl_sort_index(w->sorted, w->score, 1, n);
    w->n_steps = 0;
    for (size_t j = n; j-- > 0;) {
        size_t k = w->sorted[j];
        if (w->n_steps == 0 || w->score[k] < w->step[w->n_steps - 1]) {
            w->step[w->n_steps++] = w->score[k];
        }
        w->step_of[k] = w->n_steps - 1;
    }
}

/* A sum over nodes of the factor. */
typedef struct {
    workspace *w;
    double load, own;
    double *total; /* n_stages */
} factor_sum;

static void add_node(factor_sum *sum, double factor, double weight)
{
    workspace *w = sum->w;
    size_t n_stages = w->c.gates->n_stages;
    double *given_factor = w->found + 2 * n_stages;
    for (size_t j = 0; j < w->n_steps; j++) {
        double z = (w->step[j] + sum->load * factor) / sum->own;
        w->passed[j] = 0.5 * erfc(-z * M_SQRT1_2);
    }
    for (size_t k = 0; k < w->c.start[w->c.gates->n_items]; k++) {
        w->given[k] = w->passed[w->step_of[k]];
    }
    chances(w, w->given, given_factor);
    for (size_t s = 0; s < n_stages; s++) {
        sum->total[s] += weight * given_factor[s];
    }
}

/* From `low` to `high` all chances are 0 or 1. */
static void add_flat(factor_sum *sum, double low, double high)
{
    if (low < high) {
        add_node(sum, low + 0.5 * (high - low),
                 gsl_cdf_ugaussian_P(high) - gsl_cdf_ugaussian_P(low));
    }
}

static void add_panels(factor_sum *sum, double low, double high, double most)
{
    size_t n = (size_t)ceil((high - low) / most);
    double length = (high - low) / (double)n;
    for (size_t k = 0; k < n; k++) {
        double from = low + length * (double)k;
        for (size_t j = 0; j < N_PANEL; j++) {
            double node, weight;
            gsl_integration_glfixed_point(from, from + length, j, &node,
                                          &weight, sum->w->panel);
            add_node(sum, node, weight * gsl_ran_ugaussian_pdf(node));
        }
    }
}

/* Where the factor decides no class nothing changes; around the steps,
 * Gauss-Legendre panels as wide as two widths of a step over `splits`. */
static void add_pieces(factor_sum *sum, size_t splits)
{
    const workspace *w = sum->w;
    double width = sum->own / sum->load, at = -FAR;
    double most = 2 * fmin(width, 1) / (double)splits;
    for (size_t j = 0; j < w->n_steps;) {
        double low = -w->step[j] / sum->load - SETTLED * width, high = low;
        do {
            high = -w->step[j++] / sum->load + SETTLED * width;
        } while (j < w->n_steps &&
                 -w->step[j] / sum->load - SETTLED * width <= high);
        low = fmax(low, at);
        high = fmin(high, FAR);
        if (low < high) {
            add_flat(sum, at, low);
            add_panels(sum, low, high, most);
            at = high;
        }
    }
    add_flat(sum, at, FAR);
}

/* The k-th of ever finer sums. */
static cap_status integrate(workspace *w, double correlation, size_t k,
                            double *at_least, cap_error *err)
{
    factor_sum sum = {w, sqrt(correlation), sqrt(1 - correlation), at_least};
    for (size_t s = 0; s < w->c.gates->n_stages; s++) {
        at_least[s] = 0;
    }
    if (k >= N_HERMITE) {
        add_pieces(&sum, (size_t)1 << (k - N_HERMITE));
        return CAP_OK;
    }
    rule *r = &w->rules[k];
    cap_status status =
        r->n == 0 ? build_hermite((size_t)32 << k, r, err) : CAP_OK;
    for (size_t j = 0; status == CAP_OK && j < r->n; j++) {
        add_node(&sum, r->node[j], r->weight[j]);
    }
    return status;
}

static cap_status quadrature(workspace *w, double correlation,
                             double *at_least, double *error,
                             const cap_poll *poll, cap_error *err)
{
    size_t n_stages = w->c.gates->n_stages;
    double *before = w->found, *now = w->found + n_stages;
    double change = 1;
    int is_narrow = sqrt(1 - correlation) < NARROW * sqrt(correlation);
    size_t first = is_narrow ? N_HERMITE : 0;
    sort_steps(w);
    for (size_t k = first; k < N_SUMS && change >= 1e-10; k++) {
        if (cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        cap_status status = integrate(w, correlation, k, now, err);
        if (status != CAP_OK) {
            return status;
        }
        change = k > first ? 0 : 1;
        for (size_t s = 0; s < n_stages; s++) {
            error[s] = k > first ? fabs(now[s] - before[s]) : 1;
            change = fmax(change, error[s]);
            at_least[s] = before[s] = now[s];
        }
    }
    return CAP_OK;
}

/* --- draws --------------------------------------------------------------- */

/* A group that is open: what certain members leave of it. */
typedef struct {
    size_t stage, k, first, last; /* of `uncertain` */
} open_group;

static size_t draw_class(workspace *w, size_t item, cap_rng *rng,
                         const gsl_rng *normal, double common, double own)
{
    size_t from = w->c.start[item], n = top_class(&w->c, item), k = 0;
    if (normal == NULL) {
        uint32_t bits = cap_rng_bits(rng);
        while (k < n && bits < w->cut[from + k]) {
            k++;
        }
        return k;
    }
    double z = common + own * gsl_ran_gaussian_ziggurat(normal, 1);
    while (k < n && z >= -w->score[from + k]) {
        k++;
    }
    return k;
}

/* Members that are certain are counted off; returns the number of groups that
 * are open, in order, and the highest stage that can be reached. */
static size_t open_groups(workspace *w, size_t n_rows, size_t row,
                          const int *applies, open_group *open,
                          size_t *highest)
{
    const cap_gates *gates = w->c.gates;
    size_t n_open = 0, n = 0;
    *highest = gates->n_stages - 1;
    for (size_t g = 0; g < gates->n_groups; g++) {
        size_t k = cap_gate_group_size(gates, g, n_rows, row, applies).k;
        open_group *o = &open[n_open];
        o->stage = gates->group_stage[g];
        o->first = n;
        for (size_t m = gates->group_start[g]; m < gates->group_start[g + 1];
             m++) {
            size_t i = gates->item[m];
            double q = reach(&w->c, w->q, i, w->c.class_of[m]);
            if (!cap_item_applies(n_rows, row, i, applies) || q <= 0) {
                continue;
            }
            if (q >= 1) {
                k -= k > 0 ? 1 : 0;
                continue;
            }
            w->uncertain[n].item = i;
            w->uncertain[n++].class = w->c.class_of[m];
        }
        if (k > n - o->first) {
            *highest = o->stage - 1;
            break;
        }
        o->last = n;
        o->k = k;
        n_open += k > 0;
        n = k > 0 ? n : o->first;
    }
    return n_open;
}

/* Items are drawn when a gate first asks for them: most draws end early. */
static size_t draw_stage(workspace *w, size_t draw, const open_group *open,
                         size_t n_open, size_t highest, cap_rng *rng,
                         const gsl_rng *normal, double load, double own)
{
    double common =
        normal != NULL ? load * gsl_ran_gaussian_ziggurat(normal, 1) : 0;
    for (size_t g = 0; g < n_open; g++) {
        size_t met = 0, left = open[g].last - open[g].first;
        for (size_t l = open[g].first; met < open[g].k; l++, left--) {
            if (met + left < open[g].k) {
                return open[g].stage - 1;
            }
            size_t i = w->uncertain[l].item;
            if (w->live[i] != draw + 1) {
                w->live[i] = draw + 1;
                w->drawn[i] = draw_class(w, i, rng, normal, common, own);
            }
            met += w->drawn[i] >= w->uncertain[l].class;
        }
    }
    return highest;
}

static cap_status simulate(workspace *w, size_t n_rows, size_t row,
                           const int *applies,
                           const cap_stage_probability_options *options,
                           open_group *open, double *at_least, double *error,
                           const cap_poll *poll, cap_error *err)
{
    const cap_gates *gates = w->c.gates;
    size_t draws = options->draws > 0 ? options->draws : DEFAULT_DRAWS;
    size_t n = w->c.start[gates->n_items], highest, above = 0;
    size_t n_open = open_groups(w, n_rows, row, applies, open, &highest);
    cap_rng rng;
    const gsl_rng wrapped = {cap_rng_gsl(), &rng};
    const gsl_rng *normal = options->correlation > 0 ? &wrapped : NULL;
    for (size_t k = 0; k < n; k++) {
        w->cut[k] = (uint64_t)(w->q[k] * 0x1p32 + 0.5);
        w->score[k] = gsl_cdf_ugaussian_Pinv(w->q[k]);
    }
    for (size_t i = 0; i < gates->n_items; i++) {
        w->live[i] = 0;
    }
    for (size_t s = 0; s < gates->n_stages; s++) {
        w->tally[s] = 0;
    }
    for (size_t d = 0; d < draws; d++) {
        if (d % POLL_EVERY == 0 && cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        cap_rng_seek(&rng, options->key, d, (uint32_t)row);
        w->tally[draw_stage(w, d, open, n_open, highest, &rng, normal,
                            sqrt(options->correlation),
                            sqrt(1 - options->correlation))]++;
    }
    for (size_t s = gates->n_stages; s-- > 0;) {
        above += w->tally[s];
        at_least[s] = (double)above / (double)draws;
        error[s] = sqrt(at_least[s] * (1 - at_least[s]) / (double)draws);
    }
    return CAP_OK;
}

/* --- all ----------------------------------------------------------------- */

static void free_workspace(workspace *w)
{
    if (w->panel != NULL) {
        gsl_integration_glfixed_table_free(w->panel);
    }
    for (size_t k = 0; k < N_HERMITE; k++) {
        cap_free(w->rules[k].weight);
        cap_free(w->rules[k].node);
    }
    for (size_t s = 0; w->plans != NULL && s < w->c.gates->n_stages; s++) {
        cap_free(w->plans[s].counters);
        cap_free(w->plans[s].ties);
        cap_free(w->plans[s].tied);
        cap_free(w->plans[s].need);
    }
    cap_free(w->tally);
    cap_free(w->uncertain);
    cap_free(w->cut);
    cap_free(w->drawn);
    cap_free(w->live);
    cap_free(w->found);
    cap_free(w->passed);
    cap_free(w->step);
    cap_free(w->step_of);
    cap_free(w->sorted);
    cap_free(w->marginal);
    cap_free(w->state);
    cap_free(w->given);
    cap_free(w->score);
    cap_free(w->q);
    cap_free(w->plans);
    cap_free(w->c.start);
    cap_free(w->c.class_of);
}

static cap_status alloc_workspace(const cap_gates *gates, workspace *w,
                                  cap_error *err)
{
    cap_status status = build_classes(gates, &w->c, err);
    if (status != CAP_OK) {
        return status;
    }
    size_t n = w->c.start[gates->n_items], n_members = w->c.n_members;
    int complete = 1;
    w->plans = cap_calloc(gates->n_stages, sizeof *w->plans);
    w->q = cap_calloc(n, sizeof *w->q);
    w->score = cap_calloc(n, sizeof *w->score);
    w->given = cap_calloc(n, sizeof *w->given);
    w->state = cap_calloc(2 * MOST_STATES, sizeof *w->state);
    w->marginal = cap_calloc(n_members, sizeof *w->marginal);
    w->found = cap_calloc(3 * gates->n_stages, sizeof *w->found);
    w->sorted = cap_calloc(n, sizeof *w->sorted);
    w->step_of = cap_calloc(n, sizeof *w->step_of);
    w->step = cap_calloc(n, sizeof *w->step);
    w->passed = cap_calloc(n, sizeof *w->passed);
    w->panel = gsl_integration_glfixed_table_alloc(N_PANEL);
    w->live = cap_calloc(gates->n_items, sizeof *w->live);
    w->drawn = cap_calloc(gates->n_items, sizeof *w->drawn);
    w->cut = cap_calloc(n, sizeof *w->cut);
    w->uncertain = cap_calloc(n_members, sizeof *w->uncertain);
    w->tally = cap_calloc(gates->n_stages, sizeof *w->tally);
    for (size_t s = 0; w->plans != NULL && s < gates->n_stages; s++) {
        plan *p = &w->plans[s];
        p->need = cap_calloc(gates->n_items, sizeof *p->need);
        p->tied = cap_calloc(gates->n_items, sizeof *p->tied);
        p->ties = cap_calloc(n_members, sizeof *p->ties);
        p->counters = cap_calloc(gates->n_groups, sizeof *p->counters);
        complete = complete && p->need != NULL && p->tied != NULL &&
                   p->ties != NULL && p->counters != NULL;
    }
    if (!complete || w->plans == NULL || w->q == NULL || w->score == NULL ||
        w->given == NULL || w->state == NULL || w->marginal == NULL ||
        w->found == NULL || w->sorted == NULL || w->step_of == NULL ||
        w->step == NULL || w->passed == NULL || w->panel == NULL ||
        w->live == NULL || w->drawn == NULL || w->cut == NULL ||
        w->uncertain == NULL || w->tally == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY,
                        "out of memory for probabilities");
    }
    return CAP_OK;
}

static int is_certain(const workspace *w)
{
    for (size_t j = 0; j < w->c.start[w->c.gates->n_items]; j++) {
        if (w->q[j] > 0 && w->q[j] < 1) {
            return 0;
        }
    }
    return 1;
}

static cap_stage_probability_way
choose_way(const workspace *w, const cap_stage_probability_options *options)
{
    size_t states = 1;
    for (size_t s = 1; s < w->c.gates->n_stages; s++) {
        states = w->plans[s].states > states ? w->plans[s].states : states;
    }
    if (options->simulate) {
        return CAP_STAGE_PROBABILITY_DRAWS;
    }
    if (options->correlation >= 1) {
        return CAP_STAGE_PROBABILITY_EXACT;
    }
    int given = options->correlation > 0 && !is_certain(w);
    if (states > (given ? MOST_STATES_GIVEN : MOST_STATES)) {
        return CAP_STAGE_PROBABILITY_DRAWS;
    }
    return given ? CAP_STAGE_PROBABILITY_QUADRATURE
                 : CAP_STAGE_PROBABILITY_EXACT;
}

/* Bounds of every stage; at_least as if all items moved together. A stage
 * above is no likelier than one below, which tightens either's bounds. */
static void bound_stages(workspace *w, double *at_least, double *lower,
                         double *upper)
{
    size_t n_stages = w->c.gates->n_stages;
    at_least[0] = lower[0] = upper[0] = 1;
    for (size_t s = 1; s < n_stages; s++) {
        bounds b = plan_bounds(&w->c, w->q, &w->plans[s], w->marginal);
        lower[s] = fmax(0, 1 - b.shortfall);
        upper[s] = fmin(b.upper, upper[s - 1]);
        at_least[s] = fmin(b.comonotone, at_least[s - 1]);
    }
    for (size_t s = n_stages; s-- > 1;) {
        lower[s - 1] = fmax(lower[s - 1], lower[s]);
    }
}

static double within(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

static cap_status find_row(workspace *w, size_t n_rows, size_t row,
                           const int *applies,
                           const cap_stage_probability_options *options,
                           open_group *open, cap_stage_probability *law,
                           double *scratch, const cap_poll *poll,
                           cap_error *err)
{
    size_t n_stages = w->c.gates->n_stages;
    double *at_least = scratch, *error = scratch + n_stages;
    double *lower = error + n_stages, *upper = lower + n_stages;
    cap_stage_probability_way way = choose_way(w, options);
    cap_status status = CAP_OK;
    for (size_t s = 0; s < n_stages; s++) {
        error[s] = 0;
    }
    bound_stages(w, at_least, lower, upper);
    if (way == CAP_STAGE_PROBABILITY_DRAWS) {
        status = simulate(w, n_rows, row, applies, options, open, at_least,
                          error, poll, err);
    } else if (way == CAP_STAGE_PROBABILITY_QUADRATURE) {
        status =
            quadrature(w, options->correlation, at_least, error, poll, err);
    } else if (options->correlation < 1) {
        chances(w, w->q, at_least);
    }
    law->way[row] = way;
    for (size_t s = 0; s < n_stages && status == CAP_OK; s++) {
        double most = s > 0 ? fmin(upper[s], at_least[s - 1]) : 1;
        at_least[s] = within(at_least[s], fmin(lower[s], most), most);
        law->at_least[s * n_rows + row] = at_least[s];
        law->lower[s * n_rows + row] = fmin(lower[s], upper[s]);
        law->upper[s * n_rows + row] = upper[s];
        law->error[s * n_rows + row] = error[s];
    }
    return status;
}

cap_status cap_stage_probability_find(
    const cap_gates *gates, size_t n_rows, const double *pass,
    const int *applies, const cap_stage_probability_options *options,
    cap_stage_probability *law, const cap_poll *poll, cap_error *err)
{
    workspace w = {.c = {.gates = gates}};
    double *scratch = NULL;
    open_group *open = NULL;
    cap_status status = cap_gates_check(gates, err);
    if (status != CAP_OK) {
        return status;
    }
    if (!(options->correlation >= 0 && options->correlation <= 1)) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "the correlation must be from 0 to 1");
    }
    status = alloc_workspace(gates, &w, err);
    if (status != CAP_OK) {
        goto done;
    }
    scratch = cap_calloc(4 * gates->n_stages, sizeof *scratch);
    open = cap_calloc(gates->n_groups, sizeof *open);
    if (scratch == NULL || open == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for stages");
        goto done;
    }
    for (size_t row = 0; row < n_rows && status == CAP_OK; row++) {
        if (cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            break;
        }
        for (size_t s = 1;
             s < gates->n_stages && (row == 0 || applies != NULL); s++) {
            build_plan(&w.c, s, n_rows, row, applies, &w.plans[s]);
        }
        status = read_pass(&w.c, n_rows, row, pass, applies, w.q, err);
        if (status == CAP_OK) {
            status = find_row(&w, n_rows, row, applies, options, open, law,
                              scratch, poll, err);
        }
    }

done:
    cap_free(open);
    cap_free(scratch);
    free_workspace(&w);
    return status;
}
