/* The split of a change into answers, weights and items. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/index/aggregate.h"
#include "core/index/change_bridge.h"

#define NONE CAP_NO_NODE
#define near(a, b) assert_true(fabs((a) - (b)) < 1e-10)

static uint32_t seed = 23;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
static double uniform(void) { return (double)draw() / 16777216.0; }

/* An edition: root 0; pillars 1 and 2; two leaves in each (3, 4 and 5, 6). */
static const size_t parent7[] = {NONE, 0, 0, 1, 1, 2, 2};
static const double max7[] = {100, 50, 50, 1, 1, 1, 1};
static const int direction7[] = {1, 1, 1, 1, 1, 1, 1};
static const double weight_from[] = {0, 1, 1, 1, 1, 1, 1};
static const double weight_to[] = {0, 1, 1, 3, 1, 1, 1};
static const size_t all_nodes[] = {0, 1, 2, NONE, NONE, NONE, NONE};

typedef struct {
    cap_tree from, to;
    double x0[4], x1[4], s0[7], s1[7], c[7];
    double answers[7], weights[7], items[7];
} pair;

static void prepare(pair *p, cap_missing missing)
{
    const cap_aggregate_options options = {.missing = missing};
    assert_int_equal(cap_tree_build(7, parent7, weight_from, max7, direction7,
                                    &p->from, NULL),
                     CAP_OK);
    assert_int_equal(
        cap_tree_build(7, parent7, weight_to, max7, direction7, &p->to, NULL),
        CAP_OK);
    assert_int_equal(
        cap_aggregate(&p->from, &options, 1, p->x0, p->s0, p->c, NULL, NULL),
        CAP_OK);
    assert_int_equal(
        cap_aggregate(&p->to, &options, 1, p->x1, p->s1, p->c, NULL, NULL),
        CAP_OK);
}

static cap_status split(pair *p, const size_t *leaf_from,
                        const size_t *node_from, const cap_poll *poll,
                        cap_error *err)
{
    const cap_bridge_end from = {&p->from, p->s0}, to = {&p->to, p->s1};
    return cap_bridge_split(1, &from, &to, leaf_from, node_from, p->answers,
                            p->weights, p->items, poll, err);
}

static void release(pair *p)
{
    cap_tree_free(&p->from);
    cap_tree_free(&p->to);
}

static void adds_up(const pair *p, size_t to, size_t from)
{
    near(p->answers[to] + p->weights[to] + p->items[to],
         p->s1[to] - p->s0[from]);
}

static void same_items_by_hand(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, 1, 2, 3};
    pair p = {.x0 = {0.2, 0.6, 0.5, 0.5}, .x1 = {0.4, 0.4, 1, 0.5}};
    prepare(&p, CAP_MISSING_ERROR);
    assert_int_equal(split(&p, leaf_from, all_nodes, NULL, NULL), CAP_OK);
    /* pillar 1 of 50: later points 37.5 and 12.5, earlier 25 and 25 */
    near(p.answers[1], 37.5 * 0.2 - 12.5 * 0.2);
    near(p.weights[1], 12.5 * 0.2 - 12.5 * 0.6);
    near(p.items[1], 0);
    near(p.answers[2], 25 * 0.5);
    near(p.weights[2], 0);
    near(p.answers[0], p.answers[1] + p.answers[2]);
    near(p.weights[0], -5);
    for (size_t k = 0; k < 3; k++) {
        adds_up(&p, k, k);
    }
    for (size_t k = 3; k < 7; k++) { /* leaves have no split */
        assert_true(isnan(p.answers[k]) && isnan(p.weights[k]) &&
                    isnan(p.items[k]));
    }
    release(&p);
}

/* The item of pillar 1 moves to pillar 2, as child online protection did. */
static void a_moved_item_by_hand(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, 2, 1, 3}; /* 4 was 5, 5 was 4 */
    pair p = {.x0 = {0, 1, 0, 0}, .x1 = {0, 0, 1, 0}};
    prepare(&p, CAP_MISSING_ERROR);
    assert_int_equal(split(&p, leaf_from, all_nodes, NULL, NULL), CAP_OK);
    near(p.answers[0], 0); /* the item kept its full marks */
    near(p.weights[0], 0);
    near(p.items[0], 0); /* 25 points of 100 before and after */
    near(p.items[1], -25);
    near(p.items[2], 25);
    for (size_t k = 0; k < 3; k++) {
        adds_up(&p, k, k);
    }
    release(&p);
}

static void added_and_dropped_by_hand(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, NONE, 2, 3};
    pair p = {.x0 = {1, 0.4, 0, 0}, .x1 = {1, 0.8, 0, 0}};
    prepare(&p, CAP_MISSING_ERROR);
    assert_int_equal(split(&p, leaf_from, all_nodes, NULL, NULL), CAP_OK);
    near(p.items[1], 12.5 * 0.8 - 25 * 0.4);
    near(p.weights[1], 12.5 * 1);
    near(p.answers[1], 0);
    adds_up(&p, 0, 0);
    release(&p);
}

static void levels_without_counterpart_have_no_split(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, 1, 2, 3};
    const size_t node_from[] = {0, NONE, 2, NONE, NONE, NONE, NONE};
    pair p = {.x0 = {0.2, 0.6, 0.5, 0.5}, .x1 = {0.4, 0.4, 1, 0.5}};
    prepare(&p, CAP_MISSING_ERROR);
    assert_int_equal(split(&p, leaf_from, node_from, NULL, NULL), CAP_OK);
    assert_true(isnan(p.answers[1]) && isnan(p.weights[1]) &&
                isnan(p.items[1]));
    adds_up(&p, 0, 0);
    adds_up(&p, 2, 2);
    near(p.weights[0], 0); /* what was below pillar 1 has moved */
    near(p.items[0], -5);
    release(&p);
}

static void missing_answers_use_the_weights_of_the_score(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, 1, 2, 3};
    pair p = {.x0 = {0.5, NAN, 0.5, 0.5}, .x1 = {0.5, 1, NAN, NAN}};
    prepare(&p, CAP_MISSING_RENORMALISE);
    assert_int_equal(split(&p, leaf_from, all_nodes, NULL, NULL), CAP_OK);
    /* pillar 1: leaf 3 alone (50 points) became 3 of 4 of them; leaf 4 is new
     * for this unit */
    near(p.answers[1], 0);
    near(p.weights[1], (37.5 - 50) * 0.5);
    near(p.items[1], 12.5);
    adds_up(&p, 1, 1);
    adds_up(&p, 0, 0); /* pillar 2 lost its score: its items are dropped */
    assert_true(isnan(p.answers[2]));
    release(&p);

    pair q = {.x0 = {NAN, NAN, NAN, NAN}, .x1 = {0.5, 1, 0, 0}};
    prepare(&q, CAP_MISSING_RENORMALISE);
    assert_int_equal(split(&q, leaf_from, all_nodes, NULL, NULL), CAP_OK);
    for (size_t k = 0; k < 7; k++) {
        assert_true(isnan(q.answers[k]) && isnan(q.weights[k]) &&
                    isnan(q.items[k]));
    }
    release(&q);
}

static void bad_matches_are_refused(void **state)
{
    (void)state;
    const size_t fine[] = {0, 1, 2, 3}, twice[] = {0, 1, 2, 0},
                 stray[] = {0, 1, 4, 3};
    const size_t node_stray[] = {0, 1, 7, NONE, NONE, NONE, NONE};
    pair p = {.x0 = {0}, .x1 = {0}};
    cap_error err;
    prepare(&p, CAP_MISSING_ERROR);
    assert_int_equal(split(&p, twice, all_nodes, NULL, &err), CAP_ERR_INPUT);
    assert_int_equal(err.column, 3);
    assert_int_equal(split(&p, stray, all_nodes, NULL, &err), CAP_ERR_INPUT);
    assert_int_equal(err.column, 2);
    assert_int_equal(split(&p, fine, node_stray, NULL, &err), CAP_ERR_INPUT);
    assert_int_equal(err.column, 2);
    p.to.max[0] = 10;
    assert_int_equal(split(&p, fine, all_nodes, NULL, &err), CAP_ERR_INPUT);
    p.to.max[0] = 100;
    assert_int_equal(split(&p, fine, all_nodes, NULL, &err), CAP_OK);
    release(&p);
}

/* Random pairs of trees, random gaps, random matches: it always adds up. */
static void make_tree(size_t n, cap_tree *tree)
{
    size_t parent[40];
    double weight[40], max[40];
    int direction[40];
    for (size_t k = 0; k < n; k++) {
        parent[k] = k == 0 ? NONE : draw() % k;
        weight[k] = 0.1 + uniform();
        max[k] = k == 0 ? 100 : 1 + draw() % 20;
        direction[k] = draw() % 4 ? 1 : -1;
    }
    assert_int_equal(
        cap_tree_build(n, parent, weight, max, direction, tree, NULL), CAP_OK);
}

static void random_pairs_add_up(void **state)
{
    (void)state;
    for (int round = 0; round < 150; round++) {
        enum { ROWS = 7, MOST = 40 };
        cap_tree t[2];
        double s[2][ROWS * MOST], c[ROWS * MOST];
        double a[ROWS * MOST], w[ROWS * MOST], m[ROWS * MOST];
        size_t leaf_from[MOST], node_from[MOST];
        char used[MOST] = {0};
        cap_aggregate_options options = {
            .missing = round % 2 ? CAP_MISSING_RENORMALISE : CAP_MISSING_ZERO,
            .min_coverage = round % 4 == 3 ? 0.4 : 0};
        for (int e = 0; e < 2; e++) {
            double x[ROWS * MOST];
            make_tree(2 + draw() % (MOST - 2), &t[e]);
            for (size_t leaf = 0; leaf < t[e].n_leaves; leaf++) {
                for (size_t i = 0; i < ROWS; i++) {
                    x[i + leaf * ROWS] =
                        draw() % 4 == 0
                            ? NAN
                            : uniform() * t[e].max[t[e].leaf_node[leaf]];
                }
            }
            assert_int_equal(
                cap_aggregate(&t[e], &options, ROWS, x, s[e], c, NULL, NULL),
                CAP_OK);
        }
        for (size_t k = 0; k < t[1].n_leaves; k++) {
            size_t leaf = draw() % t[0].n_leaves;
            leaf_from[k] = used[leaf] || draw() % 4 == 0 ? NONE : leaf;
            used[leaf] |= leaf_from[k] == leaf;
        }
        for (size_t k = 0; k < t[1].n_nodes; k++) {
            node_from[k] = k == 0 ? 0
                           : t[1].leaf[k] == NONE && k < t[0].n_nodes &&
                                   t[0].leaf[k] == NONE
                               ? k
                               : NONE;
        }
        const cap_bridge_end from = {&t[0], s[0]}, to = {&t[1], s[1]};
        assert_int_equal(cap_bridge_split(ROWS, &from, &to, leaf_from,
                                          node_from, a, w, m, NULL, NULL),
                         CAP_OK);
        for (size_t k = 0; k < t[1].n_nodes; k++) {
            for (size_t i = 0; i < ROWS; i++) {
                size_t at = i + k * ROWS;
                int split = t[1].leaf[k] == NONE && node_from[k] != NONE &&
                            !isnan(s[1][at]) &&
                            !isnan(s[0][i + node_from[k] * ROWS]);
                assert_int_equal(split, !isnan(a[at]));
                assert_int_equal(split, !isnan(w[at]));
                assert_int_equal(split, !isnan(m[at]));
                assert_true(!split ||
                            fabs(a[at] + w[at] + m[at] - s[1][at] +
                                 s[0][i + node_from[k] * ROWS]) < 1e-9);
            }
        }
        cap_tree_free(&t[1]);
        cap_tree_free(&t[0]);
    }
}

static int always(void *context)
{
    (void)context;
    return 1;
}

static void a_poll_stops_the_work(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, 1, 2, 3};
    const cap_poll poll = {always, NULL, NULL};
    cap_error err;
    pair p = {.x0 = {0}, .x1 = {0}};
    prepare(&p, CAP_MISSING_ERROR);
    assert_int_equal(split(&p, leaf_from, all_nodes, &poll, &err),
                     CAP_ERR_INTERRUPT);
    assert_int_equal(err.status, CAP_ERR_INTERRUPT);
    release(&p);
}

static void zero_rows_are_fine(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, 1, 2, 3};
    pair p = {.x0 = {0}, .x1 = {0}};
    prepare(&p, CAP_MISSING_ERROR);
    const cap_bridge_end from = {&p.from, p.s0}, to = {&p.to, p.s1};
    assert_int_equal(cap_bridge_split(0, &from, &to, leaf_from, all_nodes,
                                      p.answers, p.weights, p.items, NULL,
                                      NULL),
                     CAP_OK);
    release(&p);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const size_t leaf_from[] = {0, 1, 2, 3};
    pair p = {.x0 = {0.2, 0.6, 0.5, 0.5}, .x1 = {0.4, 0.4, 1, 0.5}};
    prepare(&p, CAP_MISSING_ERROR);
    cap_status status = CAP_ERR_MEMORY;
    size_t n = 0;
    while (status != CAP_OK) {
        cap_error err;
        alloc_fail_at(++n);
        status = split(&p, leaf_from, all_nodes, NULL, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 100);
    }
    assert_true(n > 1);
    adds_up(&p, 0, 0);
    release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_items_by_hand),
        cmocka_unit_test(a_moved_item_by_hand),
        cmocka_unit_test(added_and_dropped_by_hand),
        cmocka_unit_test(levels_without_counterpart_have_no_split),
        cmocka_unit_test(missing_answers_use_the_weights_of_the_score),
        cmocka_unit_test(bad_matches_are_refused),
        cmocka_unit_test(random_pairs_add_up),
        cmocka_unit_test(a_poll_stops_the_work),
        cmocka_unit_test(zero_rows_are_fine),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
