/* The tree of items: what it accepts, refuses, and how it numbers things. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/framework/framework.h"
#include "base/allocation.h"

#define NONE CAP_NO_NODE
#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))

/* A small generator of our own: the same numbers on every machine. */
static uint32_t seed = 1;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

/* Root 0; pillars 1 (weight 30) and 2 (weight 10); leaves 3, 4 under 1 and 5
 * under 2. */
static const size_t parent6[] = {NONE, 0, 0, 1, 1, 2};
static const double weight6[] = {NAN, 30, 10, 1, 3, 0.2};
static const double max6[] = {100, 20, 20, 1, 2, 3};
static const int direction6[] = {1, 1, 1, 1, -1, 1};

static cap_status build6(cap_tree *tree, cap_error *err)
{
    return cap_tree_build(6, parent6, weight6, max6, direction6, tree, err);
}

static void small_tree_is_laid_out(void **state)
{
    (void)state;
    const size_t depth[] = {0, 1, 1, 2, 2, 2};
    const size_t leaf[] = {NONE, NONE, NONE, 0, 1, 2};
    const size_t start[] = {0, 2, 4, 5, 5, 5, 5};
    const size_t child[] = {1, 2, 3, 4, 5};
    const double weight[] = {1, 0.75, 0.25, 0.25, 0.75, 1};
    cap_tree tree;
    cap_error err;
    assert_int_equal(build6(&tree, &err), CAP_OK);
    assert_int_equal(tree.n_nodes, 6);
    assert_int_equal(tree.n_leaves, 3);
    assert_int_equal(tree.n_levels, 3);
    assert_int_equal(tree.root, 0);
    for (size_t k = 0; k < 6; k++) {
        assert_int_equal(tree.parent[k], parent6[k]);
        assert_int_equal(tree.depth[k], depth[k]);
        assert_int_equal(tree.leaf[k], leaf[k]);
        assert_true(fabs(tree.weight[k] - weight[k]) < 1e-15);
        assert_true(tree.max[k] >= max6[k] && tree.max[k] <= max6[k]);
        assert_int_equal(tree.direction[k], direction6[k]);
    }
    assert_memory_equal(tree.child_start, start, sizeof start);
    assert_memory_equal(tree.child, child, sizeof child);
    for (size_t k = 0; k < 3; k++) {
        assert_int_equal(tree.leaf_node[k], k + 3);
    }
    assert_int_equal(tree.inner[2], 0); /* the root last */
    cap_tree_free(&tree);
}

static void caller_keeps_its_arrays(void **state)
{
    (void)state;
    size_t parent[6];
    double weight[6];
    cap_tree tree;
    memcpy(parent, parent6, sizeof parent);
    memcpy(weight, weight6, sizeof weight);
    assert_int_equal(
        cap_tree_build(6, parent, weight, max6, direction6, &tree, NULL),
        CAP_OK);
    assert_memory_equal(parent, parent6, sizeof parent);
    assert_memory_equal(weight, weight6, sizeof weight);
    memset(parent, 0, sizeof parent); /* the tree has copies */
    assert_int_equal(tree.parent[5], 2);
    cap_tree_free(&tree);
}

static void one_node_is_a_tree(void **state)
{
    (void)state;
    const size_t parent[] = {NONE};
    const double weight[] = {NAN}, max[] = {1};
    const int direction[] = {1};
    cap_tree tree;
    assert_int_equal(
        cap_tree_build(1, parent, weight, max, direction, &tree, NULL),
        CAP_OK);
    assert_int_equal(tree.n_leaves, 1);
    assert_int_equal(tree.n_levels, 1);
    assert_int_equal(tree.leaf_node[0], 0);
    assert_int_equal(tree.child_start[1], 0);
    cap_tree_free(&tree);
}

/* The root may stand last, children before parents: order is the caller's. */
static void any_order_of_nodes_is_read(void **state)
{
    (void)state;
    const size_t parent[] = {2, 2, 3, NONE};
    const double weight[] = {1, 1, 5, 0}, max[] = {1, 1, 20, 100};
    const int direction[] = {1, 1, 1, 1};
    cap_tree tree;
    assert_int_equal(
        cap_tree_build(4, parent, weight, max, direction, &tree, NULL),
        CAP_OK);
    assert_int_equal(tree.root, 3);
    assert_int_equal(tree.depth[0], 2);
    assert_int_equal(tree.inner[0], 2);
    assert_int_equal(tree.inner[1], 3);
    assert_true(fabs(tree.weight[2] - 1) < 1e-15);
    cap_tree_free(&tree);
}

static void a_chain_of_ten_thousand_is_walked(void **state)
{
    (void)state;
    enum { N = 10000 };
    size_t *parent = calloc(N, sizeof *parent);
    double *one = calloc(N, sizeof *one);
    int *direction = calloc(N, sizeof *direction);
    cap_tree tree;
    assert_true(parent && one && direction);
    for (size_t k = 0; k < N; k++) {
        parent[k] = k + 1 < N ? k + 1 : NONE;
        one[k] = 1;
        direction[k] = 1;
    }
    assert_int_equal(
        cap_tree_build(N, parent, one, one, direction, &tree, NULL), CAP_OK);
    assert_int_equal(tree.n_levels, N);
    assert_int_equal(tree.depth[0], N - 1);
    assert_int_equal(tree.inner[0], 1);
    assert_int_equal(tree.inner[N - 2], N - 1);
    cap_tree_free(&tree);
    free(direction);
    free(one);
    free(parent);
}

/* Changes one thing of the small tree and expects it to be refused at `row`.
 */
static void refused(const size_t *parent, const double *weight,
                    const double *max, const int *direction, size_t row)
{
    cap_error err;
    cap_tree tree;
    memset(&err, 0x55, sizeof err);
    assert_int_equal(
        cap_tree_build(6, parent, weight, max, direction, &tree, &err),
        CAP_ERR_INPUT);
    assert_int_equal(err.status, CAP_ERR_INPUT);
    assert_int_equal(err.row, row);
    assert_int_equal(err.column, CAP_NOWHERE);
    assert_true(err.message[0] != '\0');
    assert_true(strlen(err.message) < sizeof err.message);
    /* err may be NULL, and a failed tree holds nothing */
    assert_int_equal(
        cap_tree_build(6, parent, weight, max, direction, &tree, NULL),
        CAP_ERR_INPUT);
    cap_tree_free(&tree);
}

static void bad_parents_are_refused(void **state)
{
    (void)state;
    size_t p[6];
    memcpy(p, parent6, sizeof p);
    p[4] = NONE; /* two roots: the second is named */
    refused(p, weight6, max6, direction6, 4);
    p[4] = 6; /* out of range */
    refused(p, weight6, max6, direction6, 4);
    p[4] = NONE - 1;
    refused(p, weight6, max6, direction6, 4);
    p[4] = 4; /* its own parent */
    refused(p, weight6, max6, direction6, 4);
    memcpy(p, parent6, sizeof p);
    p[0] = 1; /* no root at all */
    const double w[] = {1, 1, 1, 1, 1, 1};
    refused(p, w, max6, direction6, CAP_NOWHERE);
    assert_int_equal(
        cap_tree_build(0, p, weight6, max6, direction6, &(cap_tree){0}, NULL),
        CAP_ERR_INPUT);
}

static void a_cycle_is_named_by_a_node_on_it(void **state)
{
    (void)state;
    /* 1 -> 2 -> 1, with 3 and 4 below the cycle and 5 beside it */
    const size_t p[] = {NONE, 2, 1, 1, 3, 0};
    const double w[] = {0, 1, 1, 1, 1, 1};
    cap_error err;
    cap_tree tree;
    assert_int_equal(cap_tree_build(6, p, w, max6, direction6, &tree, &err),
                     CAP_ERR_INPUT);
    assert_true(err.row == 1 || err.row == 2);
    /* the lowest lost node hangs below the cycle and is not on it */
    const size_t q[] = {NONE, 3, 0, 4, 5, 3};
    assert_int_equal(cap_tree_build(6, q, w, max6, direction6, &tree, &err),
                     CAP_ERR_INPUT);
    assert_true(err.row >= 3 && err.row <= 5);
}

static void bad_figures_are_refused(void **state)
{
    (void)state;
    const double bad_weight[] = {-1, -1e-300, NAN, INFINITY, -INFINITY};
    const double bad_max[] = {0, -1, NAN, INFINITY, -0.0};
    const int bad_direction[] = {0, 2, -2, INT32_MIN};
    double w[6], m[6];
    int d[6];
    memcpy(w, weight6, sizeof w);
    memcpy(m, max6, sizeof m);
    memcpy(d, direction6, sizeof d);
    for (size_t k = 0; k < LENGTH(bad_weight); k++) {
        w[3] = bad_weight[k];
        refused(parent6, w, max6, direction6, 3);
    }
    for (size_t k = 0; k < LENGTH(bad_max); k++) {
        m[5] = bad_max[k];
        refused(parent6, weight6, m, direction6, 5);
    }
    for (size_t k = 0; k < LENGTH(bad_direction); k++) {
        d[1] = bad_direction[k];
        refused(parent6, weight6, max6, d, 1);
    }
}

static void children_that_weigh_nothing_name_their_parent(void **state)
{
    (void)state;
    double w[6];
    memcpy(w, weight6, sizeof w);
    w[3] = 0;
    cap_tree tree;
    assert_int_equal(
        cap_tree_build(6, parent6, w, max6, direction6, &tree, NULL), CAP_OK);
    assert_true(tree.weight[3] <= 0 && tree.weight[4] >= 1);
    cap_tree_free(&tree);
    w[4] = 0;
    refused(parent6, w, max6, direction6, 1);
    w[3] = w[4] = 1e308; /* an infinite sum has no shares */
    refused(parent6, w, max6, direction6, 1);
}

/* The children of a parent sum to 1 on any scale of the weights. */
static void random_trees_keep_their_promises(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        enum { MOST = 60 };
        size_t n = 1 + draw() % MOST, root = draw() % n, parent[MOST];
        size_t order[MOST], seen = 0;
        double weight[MOST], max[MOST], sum[MOST] = {0};
        int direction[MOST];
        double scale = pow(10, (double)(draw() % 13) - 6);
        for (size_t k = 0; k < n; k++) {
            order[k] = k;
        }
        order[0] = root;
        order[root] = 0;
        for (size_t q = 0; q < n; q++) {
            size_t k = order[q];
            parent[k] = q == 0 ? NONE : order[draw() % q];
            weight[k] = scale * (1 + draw() % 1000);
            max[k] = 1 + draw() % 100;
            direction[k] = draw() % 2 ? 1 : -1;
        }
        cap_tree tree;
        assert_int_equal(
            cap_tree_build(n, parent, weight, max, direction, &tree, NULL),
            CAP_OK);
        assert_int_equal(tree.root, root);
        char done[MOST] = {0};
        for (size_t q = 0; q < n - tree.n_leaves; q++) {
            size_t k = tree.inner[q];
            assert_true(tree.child_start[k] < tree.child_start[k + 1]);
            for (size_t c = tree.child_start[k]; c < tree.child_start[k + 1];
                 c++) {
                size_t below = tree.child[c];
                assert_int_equal(parent[below], k);
                assert_int_equal(tree.depth[below], tree.depth[k] + 1);
                assert_true(tree.leaf[below] != NONE || done[below]);
                /* children in node order */
                assert_true(c == tree.child_start[k] ||
                            tree.child[c - 1] < below);
                sum[k] += tree.weight[below];
                seen++;
            }
            done[k] = 1;
            assert_true(fabs(sum[k] - 1) < 1e-14);
        }
        assert_int_equal(seen, n - 1);
        for (size_t k = 0; k < tree.n_leaves; k++) {
            assert_int_equal(tree.leaf[tree.leaf_node[k]], k);
            assert_true(k == 0 || tree.leaf_node[k - 1] < tree.leaf_node[k]);
        }
        cap_tree_free(&tree);
    }
}

static void below_is_reflexive_and_goes_down(void **state)
{
    (void)state;
    cap_tree tree;
    assert_int_equal(build6(&tree, NULL), CAP_OK);
    assert_true(cap_tree_is_below(&tree, 5, 2));
    assert_true(cap_tree_is_below(&tree, 5, 0));
    assert_true(cap_tree_is_below(&tree, 5, 5));
    assert_false(cap_tree_is_below(&tree, 5, 1));
    assert_false(cap_tree_is_below(&tree, 2, 5));
    assert_false(cap_tree_is_below(&tree, 5, NONE));
    assert_false(cap_tree_is_below(&tree, NONE, NONE));
    cap_tree_free(&tree);
}

static void a_freed_or_zeroed_tree_may_be_freed(void **state)
{
    (void)state;
    cap_tree tree;
    memset(&tree, 0, sizeof tree);
    cap_tree_free(&tree);
    assert_int_equal(build6(&tree, NULL), CAP_OK);
    cap_tree_free(&tree);
    assert_null(tree.parent);
    cap_tree_free(&tree);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t n = 0;
    cap_status status = CAP_ERR_MEMORY;
    while (status != CAP_OK) {
        cap_tree tree;
        cap_error err;
        alloc_fail_at(++n);
        status = build6(&tree, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
            assert_null(tree.parent);
        }
        assert_true(n < 100);
        cap_tree_free(&tree);
    }
    assert_true(n > 1);
}

static void memory_refuses_what_overflows(void **state)
{
    (void)state;
    assert_null(cap_calloc(SIZE_MAX, 2));
    assert_null(cap_calloc(SIZE_MAX / 2, 3));
    char *some = cap_calloc(0, 8); /* at least one byte, zeroed */
    assert_non_null(some);
    assert_int_equal(some[0], 0);
    cap_free(some);
    some = cap_calloc(3, 0);
    assert_non_null(some);
    cap_free(some);
    cap_free(NULL);
}

static void errors_are_reported_in_full(void **state)
{
    (void)state;
    char longer[2 * CAP_MESSAGE_SIZE];
    cap_error err;
    assert_int_equal(cap_fail(&err, CAP_ERR_IO, "%d of %s", 3, "it"),
                     CAP_ERR_IO);
    assert_string_equal(err.message, "3 of it");
    assert_int_equal(err.row, CAP_NOWHERE);
    memset(longer, 'x', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(cap_fail_at(&err, CAP_ERR_NUMERIC, 4, 5, longer),
                     CAP_ERR_NUMERIC);
    assert_int_equal(strlen(err.message), CAP_MESSAGE_SIZE - 1);
    assert_int_equal(err.row, 4);
    assert_int_equal(err.column, 5);
    /* the text of a caller is no format */
    cap_fail_at(&err, CAP_ERR_INPUT, 0, 0, "100 %s %n");
    assert_string_equal(err.message, "100 %s %n");
    assert_int_equal(cap_fail(NULL, CAP_ERR_INPUT, "x"), CAP_ERR_INPUT);
    assert_int_equal(cap_fail_at(NULL, CAP_ERR_INPUT, 1, 1, "x"),
                     CAP_ERR_INPUT);
}

static int always(void *context)
{
    ++*(int *)context;
    return 1;
}

static void polls_may_be_absent(void **state)
{
    (void)state;
    int asked = 0;
    cap_poll none = {NULL, NULL, NULL}, stop = {always, &asked, NULL};
    assert_false(cap_poll_stop(NULL));
    assert_false(cap_poll_stop(&none));
    assert_true(cap_poll_stop(&stop));
    assert_int_equal(asked, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_tree_is_laid_out),
        cmocka_unit_test(caller_keeps_its_arrays),
        cmocka_unit_test(one_node_is_a_tree),
        cmocka_unit_test(any_order_of_nodes_is_read),
        cmocka_unit_test(a_chain_of_ten_thousand_is_walked),
        cmocka_unit_test(bad_parents_are_refused),
        cmocka_unit_test(a_cycle_is_named_by_a_node_on_it),
        cmocka_unit_test(bad_figures_are_refused),
        cmocka_unit_test(children_that_weigh_nothing_name_their_parent),
        cmocka_unit_test(random_trees_keep_their_promises),
        cmocka_unit_test(below_is_reflexive_and_goes_down),
        cmocka_unit_test(a_freed_or_zeroed_tree_may_be_freed),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(memory_refuses_what_overflows),
        cmocka_unit_test(errors_are_reported_in_full),
        cmocka_unit_test(polls_may_be_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
