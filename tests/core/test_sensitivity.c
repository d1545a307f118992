/* Sobol indices of an index: the sums against a slow twin, and the indices
 * against designs that can be enumerated. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/montecarlo/sensitivity.h"
#include "core/montecarlo/sobol.h"
#include "toy_model.h"

#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))

static void *zeros(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    assert_non_null(memory);
    return memory;
}

/* The index as it is, in arrays that plain_free() frees. */
typedef struct {
    double *score;
    uint32_t *rank;
} plain;

static plain plain_new(const toy *t)
{
    size_t n = t->model.n_rows;
    plain x = {zeros(n, sizeof *x.score), zeros(n, sizeof *x.rank)};
    cap_pipeline *p = toy_pipeline(t);
    assert_int_equal(cap_pipeline_evaluate(p, NULL), CAP_OK);
    memcpy(x.score, cap_pipeline_scores(p), n * sizeof *x.score);
    memcpy(x.rank, cap_pipeline_ranks(p), n * sizeof *x.rank);
    cap_pipeline_free(p);
    return x;
}

static void plain_free(plain *x)
{
    free(x->rank);
    free(x->score);
}

static size_t n_stats(const toy *t, size_t n_groups)
{
    return n_groups * cap_sensitivity_outputs(t->model.n_rows) *
           cap_sobol_stat_count(t->model.n_factors);
}

static double *sums_of(const toy *t, const cap_sensitivity_run *run)
{
    double *stats = zeros(n_stats(t, run->n_groups), sizeof *stats);
    assert_int_equal(cap_sensitivity(&t->model, run, stats, NULL, NULL),
                     CAP_OK);
    return stats;
}

/* --- the slow twin ------------------------------------------------------- */

/* Outputs of one point of the design: factor f on side[f]. A new pipeline for
 * each, so that nothing is left from another. */
static void point(const toy *t, const plain *x, uint64_t key, uint64_t row,
                  const unsigned *side, double *y)
{
    size_t n = t->model.n_rows, counted = 0;
    double shift = 0;
    cap_pipeline *p = toy_pipeline(t);
    for (size_t f = 0; f < t->model.n_factors; f++) {
        cap_pipeline_draw(p, key, row, f, side[f]);
    }
    assert_int_equal(cap_pipeline_evaluate(p, NULL), CAP_OK);
    for (size_t i = 0; i < n; i++) {
        uint32_t rank = cap_pipeline_ranks(p)[i];
        y[1 + i] = cap_pipeline_scores(p)[i];
        y[1 + n + i] = rank == 0 ? NAN : (double)rank / 2;
        if (x->rank[i] > 0) {
            shift += fabs(y[1 + n + i] - (double)x->rank[i] / 2);
            counted++;
        }
    }
    y[0] = shift / (double)counted; /* NaN by any of them, and for none */
    cap_pipeline_free(p);
}

/* The sums as sobol.h lists them, one product at a time. */
static double *sums_slowly(const toy *t, const plain *x,
                           const cap_sensitivity_run *run)
{
    size_t n = t->model.n_rows, d = t->model.n_factors;
    size_t outputs = 1 + 2 * n, size = outputs * (6 + 3 * d);
    double *stats = zeros(run->n_groups * size, sizeof *stats);
    double *a = zeros(outputs, 8), *b = zeros(outputs, 8);
    double *ab = zeros(outputs * d, 8);
    for (size_t row = 0; row < run->n_groups * run->n_rows; row++) {
        double *group = stats + row / run->n_rows * size;
        unsigned all[2][TOY_FACTORS] = {{0}};
        for (size_t f = 0; f < d; f++) {
            all[1][f] = 1;
        }
        point(t, x, run->key, row, all[0], a);
        point(t, x, run->key, row, all[1], b);
        for (size_t f = 0; f < d; f++) {
            all[0][f] = 1;
            point(t, x, run->key, row, all[0], ab + f * outputs);
            all[0][f] = 0;
        }
        for (size_t o = 0; o < outputs; o++) {
            double centre = o == 0   ? 0
                            : o <= n ? x->score[o - 1]
                                     : (double)x->rank[o - 1 - n] / 2;
            centre = isnan(centre) ? 0 : centre;
            double u = a[o] - centre, v = b[o] - centre;
            const double first[] = {1, u, v, u * u, v * v, u * v};
            for (size_t k = 0; k < 6; k++) {
                group[k * outputs + o] += first[k];
            }
            for (size_t f = 0; f < d; f++) {
                double w = ab[f * outputs + o] - centre;
                const double more[] = {v * (w - u), w - u, (w - u) * (w - u)};
                for (size_t k = 0; k < 3; k++) {
                    group[(6 + 3 * f + k) * outputs + o] += more[k];
                }
            }
        }
    }
    free(ab);
    free(b);
    free(a);
    return stats;
}

static void same_sums(size_t n, const double *a, const double *b)
{
    for (size_t k = 0; k < n; k++) {
        assert_int_equal(isnan(a[k]) != 0, isnan(b[k]) != 0);
        assert_true(isnan(a[k]) ||
                    fabs(a[k] - b[k]) <= 1e-9 * (1 + fabs(a[k])));
    }
}

static void sums_are_those_of_a_slow_twin(void **state)
{
    (void)state;
    const char *rules[] = {"harmonic", "geometric", "copeland"};
    for (size_t k = 0; k < LENGTH(rules); k++) {
        toy *t = toy_full(8, (uint32_t)k, rules[k]);
        t->model.rank = (cap_rank_method)k;
        plain x = plain_new(t);
        x.score[2] = NAN; /* as if it had no score before */
        x.rank[2] = 0;
        const cap_sensitivity_run run = {.key = 3 + k,
                                         .n_groups = 3,
                                         .n_rows = 5,
                                         .nominal_score = x.score,
                                         .nominal_rank = x.rank};
        double *fast = sums_of(t, &run), *slow = sums_slowly(t, &x, &run);
        same_sums(n_stats(t, 3), fast, slow);
        for (size_t o = 0; o < cap_sensitivity_outputs(8); o++) {
            assert_true(fabs(fast[o] - 5) < 1e-12); /* rows, in each group */
        }
        free(slow);
        free(fast);
        plain_free(&x);
        toy_free(t);
    }
}

/* A unit without score in some rows keeps NaN, and so does the mean shift;
 * one that has none as the index is stays out of the mean. */
static void outputs_of_units_without_score(void **state)
{
    (void)state;
    enum { ROWS = 6 };
    for (int without = 0; without < 2; without++) {
        toy *t = toy_full(ROWS, 4, "harmonic");
        t->model.min_coverage = 0.9;
        for (size_t k = 0; k < 4; k++) {
            double *x = toy_matrix(t);
            memcpy(x, t->layer[1 + k / 2 * 2].value, toy_cells(t) * 8);
            t->layer[k] =
                (cap_layer){.value = x, .missing = CAP_MISSING_RENORMALISE};
            /* unit 1 has gaps throughout, or under one choice of two */
            for (size_t leaf = 0; leaf < TOY_LEAVES; leaf++) {
                x[leaf * ROWS + 1] =
                    without || k % 2 == 1 ? NAN : x[leaf * ROWS + 1];
            }
        }
        for (size_t f = 0; f < t->model.n_factors; f++) {
            /* moved answers would fill the gaps */
            if (t->factor[f].stage == CAP_STAGE_ANSWERS) {
                t->factor[f] = t->factor[--t->model.n_factors];
            }
        }
        plain x = plain_new(t);
        assert_int_equal(x.rank[1] == 0, without);
        const cap_sensitivity_run run = {.key = 3,
                                         .n_groups = 2,
                                         .n_rows = 30,
                                         .nominal_score = x.score,
                                         .nominal_rank = x.rank};
        double *fast = sums_of(t, &run), *slow = sums_slowly(t, &x, &run);
        size_t outputs = cap_sensitivity_outputs(ROWS);
        same_sums(n_stats(t, 2), fast, slow);
        for (size_t o = 0; o < outputs; o++) {
            int of_unit_1 = o == 2 || o == ROWS + 2;
            assert_int_equal(isnan(fast[outputs + o]) != 0,
                             of_unit_1 || (o == 0 && !without));
        }
        free(slow);
        free(fast);
        plain_free(&x);
        toy_free(t);
    }
}

static void threads_change_nothing(void **state)
{
    (void)state;
    toy *t = toy_full(9, 5, "harmonic");
    plain x = plain_new(t);
    cap_sensitivity_run run = {.key = 8,
                               .n_groups = 13,
                               .n_rows = 7,
                               .nominal_score = x.score,
                               .nominal_rank = x.rank};
    size_t bytes = n_stats(t, 13) * sizeof(double);
    double *one = sums_of(t, &run);
    const int threads[] = {1, 2, 4};
    for (size_t k = 0; k < LENGTH(threads); k++) {
        run.threads = threads[k];
        double *same = sums_of(t, &run);
        assert_memory_equal(one, same, bytes);
        free(same);
    }
    run.key++;
    double *other = sums_of(t, &run);
    assert_true(memcmp(one, other, bytes) != 0);
    free(other);
    free(one);
    plain_free(&x);
    toy_free(t);
}

/* --- enumerated designs -------------------------------------------------- */

enum { UNITS = 3, A = 3, B = 2, OUTPUTS = 1 + 2 * UNITS };

/* Three ways of filling times two of normalising, and two recipes that are one
 * and the same. With `additive` a layer's answers are those of the way of
 * filling in pillar 1 and of normalising in pillar 2. */
static toy *discrete(int additive)
{
    toy *t = toy_new(UNITS, 31);
    t->model.n_missing = A;
    t->model.n_normalise = B;
    const double *fill[A], *normal[B];
    for (size_t k = 0; k < A; k++) {
        fill[k] = toy_answers(t);
    }
    for (size_t k = 0; k < B; k++) {
        normal[k] = toy_answers(t);
    }
    for (size_t k = 0; k < A * B; k++) {
        double *x = toy_answers(t);
        for (size_t cell = 0; cell < toy_cells(t) && additive; cell++) {
            x[cell] =
                cell < 3 * UNITS ? fill[k % A][cell] : normal[k / A][cell];
        }
        t->layer[k].value = x;
    }
    t->model.n_recipes = 2;
    toy_factor(t, CAP_STAGE_MISSING, A);
    toy_factor(t, CAP_STAGE_NORMALISE, B);
    toy_factor(t, CAP_STAGE_AGGREGATE, 2);
    return t;
}

/* Scores of a layer by hand: directions, weights 1/8 2/8 1/8, 1/12 3/12 0 and
 * 1/6 of 100. */
static double score_by_hand(const toy *t, size_t layer, size_t unit)
{
    const double weight[] = {3 / 24.0, 6 / 24.0, 3 / 24.0, 2 / 24.0,
                             6 / 24.0, 0,        4 / 24.0};
    double score = 0;
    for (size_t leaf = 0; leaf < TOY_LEAVES; leaf++) {
        size_t cell = leaf * UNITS + unit;
        double share = t->layer[layer].value[cell] / toy_max(t, cell);
        score += 100 * weight[leaf] * (leaf == 0 ? 1 - share : share);
    }
    return score;
}

/* Every output of the six layers; ranks with 1 for the best, ties sharing. */
static void outputs_by_hand(const toy *t, double y[OUTPUTS][A * B])
{
    const cap_scale scale = cap_scale_of(t->tree.max[t->tree.root]);
    for (size_t layer = 0; layer < A * B; layer++) {
        y[0][layer] = 0;
        for (size_t i = 0; i < UNITS; i++) {
            y[1 + i][layer] = score_by_hand(t, layer, i);
        }
        for (size_t i = 0; i < UNITS; i++) {
            double *rank = &y[1 + UNITS + i][layer];
            *rank = 1;
            for (size_t k = 0; k < UNITS; k++) {
                *rank += cap_rank_key(scale, y[1 + k][layer]) >
                         cap_rank_key(scale, y[1 + i][layer]);
            }
            y[0][layer] += fabs(*rank - y[1 + UNITS + i][0]) / UNITS;
        }
    }
}

/* First order and total of both factors from all six values: the variance of
 * the means given a factor, and the mean of the variances given the other. */
static int indices_by_hand(const double *y, double first[2], double total[2])
{
    double mean = 0, variance = 0, by_a[A] = {0}, by_b[B] = {0};
    for (size_t k = 0; k < A * B; k++) {
        mean += y[k] / (A * B);
        by_a[k % A] += y[k] / B;
        by_b[k / A] += y[k] / A;
    }
    first[0] = first[1] = 0;
    for (size_t k = 0; k < A * B; k++) {
        variance += (y[k] - mean) * (y[k] - mean) / (A * B);
        first[0] += pow(by_a[k % A] - mean, 2) / (A * B);
        first[1] += pow(by_b[k / A] - mean, 2) / (A * B);
    }
    if (variance < 1e-9) {
        return 0;
    }
    total[0] = 1 - first[1] / variance;
    total[1] = 1 - first[0] / variance;
    first[0] /= variance;
    first[1] /= variance;
    return 1;
}

/* Whether an index is that, within five standard errors of the groups' mean
 * (each group's index is off by its size's inverse, so the mean is too). */
static int is_index(size_t n_groups, const double *by_group, double truth)
{
    moments m = moments_of(n_groups, by_group);
    return fabs(m.mean - truth) <= 5 * m.mean_se + 0.01;
}

static void check_discrete(int additive)
{
    enum { GROUPS = 40, ROWS = 200, D = 3, INDICES = 2 * D + 3 };
    toy *t = discrete(additive);
    plain x = plain_new(t);
    const cap_sensitivity_run run = {.key = 77,
                                     .n_groups = GROUPS,
                                     .n_rows = ROWS,
                                     .threads = 2,
                                     .nominal_score = x.score,
                                     .nominal_rank = x.rank};
    double *stats = sums_of(t, &run);
    static double y[OUTPUTS][A * B], index[GROUPS][INDICES * OUTPUTS];
    int varied = 0, interacting = 0;
    outputs_by_hand(t, y);
    for (size_t g = 0; g < GROUPS; g++) {
        assert_int_equal(
            cap_sobol_indices(D, OUTPUTS, 1,
                              stats + g * OUTPUTS * cap_sobol_stat_count(D),
                              index[g], NULL, NULL),
            CAP_OK);
    }
    for (size_t o = 0; o < OUTPUTS; o++) {
        double first[2], total[2], by_group[GROUPS];
        if (!indices_by_hand(y[o], first, total)) {
            for (size_t k = 0; k < INDICES; k++) {
                assert_true(isnan(index[0][k * OUTPUTS + o]));
            }
            continue;
        }
        varied++;
        interacting += total[0] - first[0] > 0.05;
        if (additive && o > 0 && o <= UNITS) { /* scores are sums */
            assert_true(fabs(first[0] + first[1] - 1) < 1e-9);
        }
        for (size_t k = 0; k < 2 * D; k++) {
            for (size_t g = 0; g < GROUPS; g++) {
                by_group[g] = index[g][k * OUTPUTS + o];
            }
            size_t f = k % D;
            double truth = f == 2 ? 0 : k < D ? first[f] : total[f];
            assert_true(is_index(GROUPS, by_group, truth));
            for (size_t g = 0; g < GROUPS && f == 2; g++) {
                assert_true(fabs(by_group[g]) < 1e-12); /* it does nothing */
            }
        }
    }
    assert_true(varied >= 5 && (additive || interacting >= 3));
    free(stats);
    plain_free(&x);
    toy_free(t);
}

static void indices_of_an_additive_design(void **state)
{
    (void)state;
    check_discrete(1);
}

static void indices_of_a_design_with_interactions(void **state)
{
    (void)state;
    check_discrete(0);
}

/* --- errors -------------------------------------------------------------- */

static void failures_name_unit_and_node(void **state)
{
    (void)state;
    toy *t = toy_full(6, 7, "geometric");
    plain x = plain_new(t);
    size_t cell = 3 * 6 + 1, other = 8;
    double *p_down = toy_matrix(t);
    memcpy(p_down, t->model.p_down, toy_cells(t) * sizeof *p_down);
    t->model.p_down = p_down;
    for (size_t k = 0; k < 4; k++) {
        double *down = toy_matrix(t);
        memcpy(down, t->layer[k].down, toy_cells(t) * sizeof *down);
        down[cell] = down[other] = -0.5;
        t->layer[k].down = down;
    }
    cap_sensitivity_run run = {.n_groups = 100,
                               .n_rows = 10,
                               .nominal_score = x.score,
                               .nominal_rank = x.rank};
    double *stats = zeros(n_stats(t, 100), sizeof *stats);
    int both[2] = {0, 0};
    for (run.key = 0; run.key < 16; run.key++) {
        cap_error first = {.row = 0};
        /* far into the run, or in every group: then threads fail together */
        p_down[cell] = p_down[other] = run.key % 2 == 0 ? 0.03 : 0.004;
        for (int threads = 1; threads <= 4; threads += threads) {
            cap_error err;
            run.threads = threads;
            assert_int_equal(
                cap_sensitivity(&t->model, &run, stats, NULL, &err),
                CAP_ERR_NUMERIC);
            assert_int_equal(err.status, CAP_ERR_NUMERIC);
            first = threads == 1 ? err : first;
            assert_int_equal(err.row, first.row);
            assert_int_equal(err.column, first.column);
            assert_string_equal(err.message, first.message);
        }
        /* leaf 7 of unit 1 below node 2, or leaf 5 of unit 2 below node 1 */
        int which = first.row == 2;
        assert_int_equal(first.row, which ? 2 : 1);
        assert_int_equal(first.column, which ? 1 : 2);
        both[which] = 1;
        assert_int_equal(cap_sensitivity(&t->model, &run, stats, NULL, NULL),
                         CAP_ERR_NUMERIC);
    }
    assert_true(both[0] && both[1]);
    free(stats);
    plain_free(&x);
    toy_free(t);
}

static void bad_runs_are_refused(void **state)
{
    (void)state;
    for (int k = 0; k < 4; k++) {
        toy *t = toy_full(4, 1, "harmonic");
        plain x = plain_new(t);
        const cap_sensitivity_run run = {.n_groups = k != 0,
                                         .n_rows = k != 1,
                                         .nominal_score = x.score,
                                         .nominal_rank = x.rank};
        double stats[1] = {0};
        cap_error err;
        t->model.n_factors = k == 2 ? 0 : t->model.n_factors;
        t->parent[4].amount = k == 3 ? 2 : 0; /* noise of 200 % */
        assert_int_equal(cap_sensitivity(&t->model, &run, stats, NULL, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(err.status, CAP_ERR_INPUT);
        plain_free(&x);
        toy_free(t);
    }
}

typedef struct {
    int asked, stop_at;
} patience;

static int loses_patience(void *context)
{
    patience *p = context;
    return ++p->asked >= p->stop_at;
}

static void a_poll_stops_the_run(void **state)
{
    (void)state;
    enum { GROUPS = 9 };
    toy *t = toy_full(4, 1, "harmonic");
    plain x = plain_new(t);
    cap_sensitivity_run run = {.n_groups = GROUPS,
                               .n_rows = 3,
                               .nominal_score = x.score,
                               .nominal_rank = x.rank};
    for (run.threads = 1; run.threads <= 2; run.threads++) {
        for (int stop_at = 1; stop_at <= GROUPS + 1; stop_at++) {
            double *stats = zeros(n_stats(t, GROUPS), sizeof *stats);
            patience left = {0, stop_at};
            cap_poll poll = {loses_patience, &left, NULL};
            cap_error err = {.status = CAP_OK};
            cap_status status =
                cap_sensitivity(&t->model, &run, stats, &poll, &err);
            int stopped = left.asked == stop_at;
            assert_true(left.asked <= stop_at);
            assert_true(run.threads == 2 || stopped == (stop_at <= GROUPS));
            assert_int_equal(status, stopped ? CAP_ERR_INTERRUPT : CAP_OK);
            assert_int_equal(err.status, stopped ? CAP_ERR_INTERRUPT : CAP_OK);
            free(stats);
        }
    }
    plain_free(&x);
    toy_free(t);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    toy *t = toy_full(4, 1, "geometric");
    plain x = plain_new(t);
    const cap_sensitivity_run run = {.n_groups = 2,
                                     .n_rows = 1,
                                     .nominal_score = x.score,
                                     .nominal_rank = x.rank};
    size_t n = 0;
    for (cap_status status = CAP_ERR_MEMORY; status != CAP_OK;) {
        double *stats = zeros(n_stats(t, 2), sizeof *stats);
        cap_error err;
        alloc_fail_at(++n);
        status = cap_sensitivity(&t->model, &run, stats, NULL, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 500);
        free(stats);
    }
    assert_true(n > 60);
    plain_free(&x);
    toy_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_a_slow_twin),
        cmocka_unit_test(outputs_of_units_without_score),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(indices_of_an_additive_design),
        cmocka_unit_test(indices_of_a_design_with_interactions),
        cmocka_unit_test(failures_name_unit_and_node),
        cmocka_unit_test(bad_runs_are_refused),
        cmocka_unit_test(a_poll_stops_the_run),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
