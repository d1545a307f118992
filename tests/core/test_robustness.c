/* The Monte Carlo's counts: against a slow recount, against laws in closed
 * form, and the same for any threads and parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>

#include "alloc_hook.h"
#include "core/montecarlo/robustness.h"
#include "base/threads.h"
#include "toy_model.h"

#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))
static const double bounds[] = {80, 60.5, 45, 20};

/* --- tallies ------------------------------------------------------------- */

/* A tally and the number of counts in each of its arrays. */
typedef struct {
    cap_tally tally;
    size_t n_rank, n_tier, n_above, n_score, n_unit, n_choice;
} counts;

static void *zeros(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    assert_non_null(memory);
    return memory;
}

static counts counts_new(const cap_model *m, size_t n_bands)
{
    size_t n = m->n_rows;
    counts c = {.n_rank = n * cap_robustness_ranks(n, m->rank),
                .n_tier = n * (n_bands + 1),
                .n_above = n * n,
                .n_score = n * (CAP_GRID + 1),
                .n_unit = n};
    for (size_t f = 0; f < m->n_factors; f++) {
        c.n_choice += m->factor[f].n_choices;
    }
    c.tally = (cap_tally){.rank = zeros(c.n_rank, 4),
                          .tier = zeros(c.n_tier, 4),
                          .above = zeros(c.n_above, 4),
                          .score = zeros(c.n_score, 4),
                          .beyond = zeros(c.n_unit, 4),
                          .choice = zeros(c.n_choice, 4),
                          .choice_shift = zeros(c.n_choice, 8)};
    return c;
}

static void counts_free(counts *c)
{
    free(c->tally.rank);
    free(c->tally.tier);
    free(c->tally.above);
    free(c->tally.score);
    free(c->tally.beyond);
    free(c->tally.choice);
    free(c->tally.choice_shift);
}

static int counts_equal(const counts *a, const counts *b)
{
    const cap_tally *s = &a->tally, *t = &b->tally;
    return memcmp(s->rank, t->rank, a->n_rank * 4) == 0 &&
           memcmp(s->tier, t->tier, a->n_tier * 4) == 0 &&
           memcmp(s->above, t->above, a->n_above * 4) == 0 &&
           memcmp(s->score, t->score, a->n_score * 4) == 0 &&
           memcmp(s->beyond, t->beyond, a->n_unit * 4) == 0 &&
           memcmp(s->choice, t->choice, a->n_choice * 4) == 0 &&
           memcmp(s->choice_shift, t->choice_shift, a->n_choice * 8) == 0 &&
           s->failed == t->failed;
}

static uint64_t sum(size_t n, const uint32_t *x)
{
    uint64_t total = 0;
    for (size_t k = 0; k < n; k++) {
        total += x[k];
    }
    return total;
}

/* --- runs ---------------------------------------------------------------- */

/* What every run of a toy shares; free nominal_rank. */
static cap_robustness_run run_of(const toy *t, uint64_t first, uint64_t n)
{
    uint32_t *rank = zeros(t->model.n_rows, sizeof *rank);
    cap_pipeline *p = toy_pipeline(t);
    assert_int_equal(cap_pipeline_evaluate(p, NULL), CAP_OK);
    memcpy(rank, cap_pipeline_ranks(p), t->model.n_rows * sizeof *rank);
    cap_pipeline_free(p);
    return (cap_robustness_run){.key = 2024,
                                .first = first,
                                .n = n,
                                .threads = 1,
                                .n_bands = LENGTH(bounds),
                                .lower = bounds,
                                .nominal_rank = rank};
}

static void run_freed(cap_robustness_run *run)
{
    free((void *)(uintptr_t)run->nominal_rank);
    free(run->kept_score);
    free(run->kept_choice);
}

static void counted(const toy *t, const cap_robustness_run *run, counts *c)
{
    uint64_t failed_at = 0;
    assert_int_equal(
        cap_robustness(&t->model, run, &c->tally, &failed_at, NULL, NULL),
        CAP_OK);
    assert_true(failed_at == UINT64_MAX);
}

/* --- the slow recount ---------------------------------------------------- */

static void recount_units(const toy *t, const cap_robustness_run *run,
                          const double *score, counts *c, uint64_t *shift)
{
    const cap_model *m = &t->model;
    size_t n = m->n_rows, n_ranks = cap_robustness_ranks(n, m->rank);
    const size_t segment[] = {0, n};
    double max = m->tree->max[m->tree->root];
    const cap_scale scale = cap_scale_of(max);
    double *rank = zeros(n, sizeof *rank);
    int *band = zeros(n, sizeof *band);
    assert_int_equal(cap_rank_panel(n, 1, score, &scale, 1, segment, m->rank,
                                    rank, NULL, NULL),
                     CAP_OK);
    assert_int_equal(
        cap_band(n, score, scale, run->n_bands, run->lower, band, NULL),
        CAP_OK);
    for (size_t i = 0; i < n; i++) {
        if (isnan(score[i])) {
            continue;
        }
        double place =
            m->rank == CAP_RANK_AVERAGE ? 2 * rank[i] - 2 : rank[i] - 1;
        double point = floor(score[i] * (CAP_GRID / max) + 0.5);
        size_t tier = band[i] > 0 ? (size_t)band[i] - 1 : run->n_bands;
        c->tally.rank[i * n_ranks + (size_t)place]++;
        c->tally.tier[tier * n + i]++;
        c->tally.beyond[i] += point < 0 || point > CAP_GRID;
        point = fmax(0, fmin(CAP_GRID, point));
        c->tally.score[i * (CAP_GRID + 1) + (size_t)point]++;
        if (run->nominal_rank[i] > 0) {
            *shift += (uint64_t)fabs(2 * rank[i] - run->nominal_rank[i]);
        }
        for (size_t k = 0; k < n; k++) { /* i above k */
            c->tally.above[k * n + i] += rank[i] < rank[k];
        }
    }
    free(band);
    free(rank);
}

/* Every replicate drawn and counted one by one; also checks what was kept. */
static counts recount(const toy *t, const cap_robustness_run *run)
{
    counts c = counts_new(&t->model, run->n_bands);
    cap_pipeline *p = toy_pipeline(t);
    const int *kept = run->kept_choice;
    size_t n = t->model.n_rows;
    for (uint64_t r = 0; r < run->n; r++) {
        uint64_t shift = 0;
        size_t from = 0;
        for (size_t f = 0; f < t->model.n_factors; f++) {
            cap_pipeline_draw(p, run->key, run->first + r, f, 0);
        }
        cap_status status = cap_pipeline_evaluate(p, NULL);
        const double *score = cap_pipeline_scores(p);
        if (status == CAP_OK) {
            recount_units(t, run, score, &c, &shift);
        }
        c.tally.failed += status != CAP_OK;
        for (size_t i = 0; run->kept_score != NULL && i < n; i++) {
            double x = run->kept_score[r * n + i];
            assert_true(status != CAP_OK || isnan(score[i])
                            ? isnan(x)
                            : memcmp(&x, &score[i], sizeof x) == 0);
        }
        for (size_t f = 0; f < t->model.n_factors; f++) {
            size_t choices = t->factor[f].n_choices;
            if (choices > 0) {
                size_t choice = cap_pipeline_choice(p, f);
                assert_true(kept == NULL || *kept++ == (int)choice);
                c.tally.choice[from + choice] += status == CAP_OK;
                c.tally.choice_shift[from + choice] += shift;
            }
            from += choices;
        }
    }
    cap_pipeline_free(p);
    return c;
}

/* --- models -------------------------------------------------------------- */

/* Some units have no score in replicates that leave gaps; one never has. */
static toy *gappy(size_t n_rows)
{
    toy *t = toy_full(n_rows, 4, "harmonic");
    t->model.min_coverage = 0.8;
    for (size_t k = 0; k < 4; k++) {
        double *x = toy_matrix(t);
        memcpy(x, t->layer[k].value, toy_cells(t) * sizeof *x);
        for (size_t leaf = 0; leaf < TOY_LEAVES; leaf++) {
            x[leaf * n_rows + n_rows - 1] = NAN;
        }
        t->layer[k].value = x;
        t->layer[k].missing = CAP_MISSING_RENORMALISE;
    }
    return t;
}

/* Answers far outside their scales. */
static toy *off_scale(size_t n_rows)
{
    toy *t = toy_full(n_rows, 6, "arithmetic");
    for (size_t k = 0; k < 4; k++) {
        double *x = toy_matrix(t);
        for (size_t cell = 0; cell < toy_cells(t); cell++) {
            x[cell] = 4 * t->layer[k].value[cell] - 1.5 * toy_max(t, cell);
        }
        t->layer[k].value = x;
    }
    return t;
}

/* Replicates in which unit 1's answer to leaf 7 moves down and the mean is
 * geometric have no value. */
static toy *failing(size_t n_rows, double probability)
{
    toy *t = toy_full(n_rows, 7, "geometric");
    size_t cell = 3 * n_rows + 1;
    double *p_down = toy_matrix(t);
    memcpy(p_down, t->model.p_down, toy_cells(t) * sizeof *p_down);
    p_down[cell] = probability;
    t->model.p_down = p_down;
    for (size_t k = 0; k < 4; k++) {
        double *down = toy_matrix(t);
        memcpy(down, t->layer[k].down, toy_cells(t) * sizeof *down);
        down[cell] = -0.5;
        t->layer[k].down = down;
    }
    return t;
}

static toy *variant(size_t k)
{
    toy *t = k == 0   ? toy_full(9, 2, "median")
             : k == 1 ? gappy(9)
             : k == 2 ? off_scale(9)
             : k == 3 ? failing(9, 0.1)
             : k == 4 ? toy_full(1, 3, "harmonic")
                      : toy_new(9, 9); /* no factors: every replicate alike */
    t->tree.max[0] = k == 2 ? 7.3 : 100;
    return t;
}
enum { VARIANTS = 6 };

/* --- tests --------------------------------------------------------------- */

static void counts_are_those_of_a_recount(void **state)
{
    (void)state;
    const uint64_t size[] = {0, 1, 17, 239, 240, 241, 530};
    enum { LAST = LENGTH(size) - 1 };
    int gaps = 0, beyond = 0, failed = 0;
    for (size_t v = 0; v < VARIANTS; v++) {
        toy *t = variant(v);
        for (size_t k = 0; k < LENGTH(size); k++) {
            t->model.rank = (cap_rank_method)((v + k) % 3);
            size_t n = size[k], rows = t->model.n_rows;
            cap_robustness_run run = run_of(t, 1000 * k, n);
            run.threads = k == LAST ? 2 : 1;
            run.allow_failed = 1;
            run.n_bands = v == 4 ? 0 : LENGTH(bounds);
            run.kept_score = zeros(n * rows, sizeof(double));
            run.kept_choice = zeros(n * TOY_FACTORS, sizeof(int));
            counts fast = counts_new(&t->model, run.n_bands);
            counted(t, &run, &fast);
            counts slow = recount(t, &run);
            assert_true(counts_equal(&fast, &slow));
            uint64_t done = n - fast.tally.failed;
            gaps += sum(fast.n_tier, fast.tally.tier) < done * rows;
            beyond += sum(rows, fast.tally.beyond) > 0;
            failed += fast.tally.failed > 0;
            counts_free(&slow);
            counts_free(&fast);
            run_freed(&run);
        }
        toy_free(t);
    }
    assert_true(gaps > 2 && beyond > 2 && failed > 2);
}

/* Only weights vary, so that whole strips are weighed at once. */
static toy *weights_alone(size_t n_rows)
{
    toy *t = toy_new(n_rows, 4);
    toy_weights(t, CAP_WEIGHTS_NOISE, 0, 0.6);
    toy_weights(t, CAP_WEIGHTS_NOISE, 1, 0.2);
    return t;
}

/* The most ranks that one unit has. */
static void count_ranks(const toy *t, const counts *c, size_t *most)
{
    size_t n = cap_robustness_ranks(t->model.n_rows, t->model.rank);
    for (size_t i = 0; i < t->model.n_rows; i++) {
        size_t ranks = 0;
        for (size_t k = 0; k < n; k++) {
            ranks += c->tally.rank[i * n + k] > 0;
        }
        *most = ranks > *most ? ranks : *most;
    }
}

/* Many units, of whom many tie, in blocks that end early, and counts that do
 * not fit a byte. */
static void check_many(toy *t, uint64_t n, size_t *most_ranks)
{
    for (int method = 0; method < 3; method++) {
        t->model.rank = (cap_rank_method)method;
        cap_robustness_run run = run_of(t, 5, n);
        counts fast = counts_new(&t->model, run.n_bands);
        counted(t, &run, &fast);
        counts slow = recount(t, &run);
        assert_true(counts_equal(&fast, &slow));
        count_ranks(t, &fast, most_ranks);
        counts_free(&slow);
        counts_free(&fast);
        run_freed(&run);
    }
    toy_free(t);
}

static void many_units_are_counted_alike(void **state)
{
    (void)state;
    size_t few = 0, many = 0;
    check_many(toy_full(80, 12, "median"), 130, &few);
    check_many(weights_alone(80), 270, &few);
    check_many(weights_alone(255), 40, &few);
    check_many(weights_alone(300), 40, &few);
    check_many(weights_alone(3), 3000, &few);
    check_many(weights_alone(600), 230, &many);
    assert_true(many > 100); /* not looked for one by one */
}

static void counts_add_up(void **state)
{
    (void)state;
    toy *t = toy_full(20, 2, "harmonic");
    enum { REPLICATES = 500 };
    size_t n = t->model.n_rows;
    for (int method = 0; method < 2; method++) { /* dense, min */
        t->model.rank = (cap_rank_method)method;
        cap_robustness_run run = run_of(t, 0, REPLICATES);
        counts c = counts_new(&t->model, run.n_bands);
        counted(t, &run, &c);
        for (size_t i = 0; i < n; i++) {
            uint64_t tiers = 0, above = 0, ranks = 0;
            for (size_t b = 0; b <= run.n_bands; b++) {
                tiers += c.tally.tier[b * n + i];
            }
            assert_int_equal(tiers, REPLICATES);
            assert_int_equal(sum(n, c.tally.rank + i * n), REPLICATES);
            assert_int_equal(
                sum(CAP_GRID + 1, c.tally.score + i * (CAP_GRID + 1)),
                REPLICATES);
            for (size_t k = 0; k < n; k++) {
                above += c.tally.above[i * n + k]; /* k above i */
                ranks += k * c.tally.rank[i * n + k];
                assert_true(c.tally.above[i * n + k] +
                                c.tally.above[k * n + i] <=
                            REPLICATES);
            }
            assert_int_equal(c.tally.above[i * n + i], 0);
            /* the least rank is one more than the units above */
            assert_true(method == CAP_RANK_MIN ? ranks == above
                                               : ranks <= above);
        }
        counts_free(&c);
        run_freed(&run);
    }
    toy_free(t);
}

static void threads_and_parts_change_nothing(void **state)
{
    (void)state;
    enum { REPLICATES = 700 };
    const int threads[] = {0, 2, 4};
    const uint64_t part[] = {1, 240, 0, 15, 16, 255, 173};
#ifdef _OPENMP
    if (omp_get_thread_limit() >= 4) {
        assert_int_equal(cap_threads_usable(4), 4);
    }
#endif
    assert_int_equal(cap_threads_usable(0), 1);
    assert_int_equal(cap_threads_usable(-3), 1);
    for (size_t v = 0; v < 4; v++) {
        toy *t = variant(v);
        uint64_t first = ((uint64_t)1 << 32) - 300; /* past 32 bits */
        cap_robustness_run run = run_of(t, first, REPLICATES);
        run.allow_failed = 1;
        counts one = counts_new(&t->model, run.n_bands);
        counted(t, &run, &one);
        for (size_t k = 0; k < LENGTH(threads); k++) {
            counts c = counts_new(&t->model, run.n_bands);
            run.threads = threads[k];
            counted(t, &run, &c);
            assert_true(counts_equal(&one, &c));
            counts_free(&c);
        }
        counts parts = counts_new(&t->model, run.n_bands);
        for (size_t k = LENGTH(part); k-- > 0;) { /* in any order */
            run.first = first;
            for (size_t l = 0; l < k; l++) {
                run.first += part[l];
            }
            run.n = part[k];
            run.threads = 1 + (int)k % 2;
            counted(t, &run, &parts);
        }
        assert_true(counts_equal(&one, &parts));
        counts_free(&parts);
        /* another key, or other replicates, are another run */
        run.first = first;
        run.n = REPLICATES;
        for (int k = 0; k < 2; k++) {
            counts c = counts_new(&t->model, run.n_bands);
            run.key += (uint64_t)1 << (40 * k);
            run.first = first + (uint64_t)k;
            counted(t, &run, &c);
            assert_false(counts_equal(&one, &c));
            counts_free(&c);
        }
        counts_free(&one);
        run_freed(&run);
        toy_free(t);
    }
}

/* Without the array of pairs the rest is the same. */
static void pairs_are_optional(void **state)
{
    (void)state;
    toy *t = gappy(9);
    cap_robustness_run run = run_of(t, 0, 200);
    counts with = counts_new(&t->model, run.n_bands);
    counts without = counts_new(&t->model, run.n_bands);
    uint32_t *above = without.tally.above;
    counted(t, &run, &with);
    without.tally.above = NULL;
    counted(t, &run, &without);
    without.tally.above = above;
    memcpy(above, with.tally.above, with.n_above * sizeof *above);
    assert_true(counts_equal(&with, &without));
    counts_free(&without);
    counts_free(&with);
    run_freed(&run);
    toy_free(t);
}

/* --- failures ------------------------------------------------------------ */

static uint64_t first_failure_slowly(const toy *t, uint64_t key, uint64_t from)
{
    cap_pipeline *p = toy_pipeline(t);
    for (uint64_t r = from;; r++) {
        for (size_t f = 0; f < t->model.n_factors; f++) {
            cap_pipeline_draw(p, key, r, f, 0);
        }
        if (cap_pipeline_evaluate(p, NULL) != CAP_OK) {
            cap_pipeline_free(p);
            return r;
        }
    }
}

static void the_first_failure_is_named(void **state)
{
    (void)state;
    const double probability[] = {1, 0.1, 0.008};
    for (size_t k = 0; k < LENGTH(probability); k++) {
        toy *t = failing(7, probability[k]);
        for (uint64_t from = 0; from < 3000; from += 1000) {
            cap_robustness_run run = run_of(t, from, 4000);
            uint64_t first = first_failure_slowly(t, run.key, from);
            char number[32];
            assert_true(first < from + 4000);
            snprintf(number, sizeof number, "replicate %llu)",
                     (unsigned long long)first + 1);
            for (int threads = 1; threads <= 4; threads++) {
                counts c = counts_new(&t->model, run.n_bands);
                uint64_t failed_at = 0;
                cap_error err;
                run.threads = threads;
                assert_int_equal(cap_robustness(&t->model, &run, &c.tally,
                                                &failed_at, NULL, &err),
                                 CAP_ERR_NUMERIC);
                assert_int_equal(failed_at, first);
                assert_int_equal(err.status, CAP_ERR_NUMERIC);
                assert_int_equal(err.row, 1);
                assert_int_equal(err.column, 2);
                assert_non_null(strstr(err.message, number));
                assert_int_equal(cap_robustness(&t->model, &run, &c.tally,
                                                &failed_at, NULL, NULL),
                                 CAP_ERR_NUMERIC);
                counts_free(&c);
            }
            /* up to it all is well */
            run.n = first - from;
            counts c = counts_new(&t->model, run.n_bands);
            counted(t, &run, &c);
            counts_free(&c);
            run_freed(&run);
        }
        toy_free(t);
    }
}

static void failures_that_are_allowed_are_counted_alone(void **state)
{
    (void)state;
    enum { REPLICATES = 1500 };
    toy *t = failing(7, 0.1); /* and a geometric mean: one in twenty */
    cap_robustness_run run = run_of(t, 0, REPLICATES);
    counts c = counts_new(&t->model, run.n_bands);
    run.allow_failed = 1;
    run.threads = 2;
    counted(t, &run, &c);
    assert_true(is_likely((double)c.tally.failed, REPLICATES, 0.05));
    assert_int_equal(sum(c.n_tier, c.tally.tier),
                     (REPLICATES - c.tally.failed) * 7);
    counts_free(&c);
    run_freed(&run);
    toy_free(t);
    /* all of them */
    t = failing(7, 1);
    run = run_of(t, 0, 300);
    t->recipe[0] = t->recipe[1];
    c = counts_new(&t->model, run.n_bands);
    counts none = counts_new(&t->model, run.n_bands);
    run.allow_failed = 1;
    counted(t, &run, &c);
    assert_int_equal(c.tally.failed, 300);
    none.tally.failed = 300;
    assert_true(counts_equal(&c, &none));
    counts_free(&none);
    counts_free(&c);
    run_freed(&run);
    toy_free(t);
}

/* Only a rule without value is a failure that may be allowed. */
static void other_errors_stop_the_run(void **state)
{
    (void)state;
    toy *t = toy_full(5, 1, "harmonic");
    cap_robustness_run run = run_of(t, 0, 500);
    double *x = toy_matrix(t);
    memcpy(x, t->layer[2].value, toy_cells(t) * sizeof *x);
    x[1] = 1e18;
    t->layer[2].value = x;
    counts c = counts_new(&t->model, run.n_bands);
    uint64_t failed_at;
    cap_error err;
    run.allow_failed = 1;
    assert_int_equal(
        cap_robustness(&t->model, &run, &c.tally, &failed_at, NULL, &err),
        CAP_ERR_INPUT);
    assert_true(failed_at < 500);
    /* whichever error is the first */
    run.allow_failed = 0;
    cap_robustness(&t->model, &run, &c.tally, &failed_at, NULL, &err);
    assert_int_equal(failed_at, first_failure_slowly(t, run.key, 0));
    counts_free(&c);
    run_freed(&run);
    toy_free(t);
}

static void bad_runs_are_refused(void **state)
{
    (void)state;
    toy *t = toy_new(3, 1);
    cap_robustness_run run = run_of(t, 0, UINT32_MAX);
    counts c = counts_new(&t->model, run.n_bands);
    uint64_t failed_at;
    const size_t rows[] = {0, 16384};
    for (size_t k = 0; k < 4; k++) {
        cap_error err;
        t->model.n_rows = k < 2 ? rows[k] : 3;
        run.n = k == 2 ? UINT32_MAX : 10;
        if (k == 3) { /* what cap_pipeline_new() refuses */
            toy_weights(t, CAP_WEIGHTS_NOISE, 0, 2);
        }
        assert_int_equal(
            cap_robustness(&t->model, &run, &c.tally, &failed_at, NULL, &err),
            CAP_ERR_INPUT);
        assert_int_equal(err.status, CAP_ERR_INPUT);
        assert_true(failed_at == UINT64_MAX);
    }
    assert_int_equal(sum(c.n_tier, c.tally.tier), 0);
    assert_int_equal(cap_robustness_ranks(16383, CAP_RANK_AVERAGE), 32765);
    counts_free(&c);
    run_freed(&run);
    toy_free(t);
}

/* --- interruption and memory --------------------------------------------- */

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
    enum { BLOCKS = 20, BLOCK = 240 }; /* as robustness.c has it */
    toy *t = toy_full(5, 1, "harmonic");
    cap_robustness_run run = run_of(t, 0, BLOCK * BLOCKS);
    for (int threads = 1; threads <= 2; threads++) {
        for (int stop_at = 1; stop_at <= BLOCKS + 1; stop_at += 5) {
            counts c = counts_new(&t->model, run.n_bands);
            patience left = {0, stop_at};
            cap_poll poll = {loses_patience, &left, NULL};
            cap_error err = {.status = CAP_OK};
            uint64_t failed_at;
            run.threads = threads;
            cap_status status = cap_robustness(&t->model, &run, &c.tally,
                                               &failed_at, &poll, &err);
            uint64_t done = sum(c.n_tier, c.tally.tier);
            /* one thread asks before each block; of two, the caller's */
            assert_true(left.asked <= stop_at);
            assert_true(threads == 2 ||
                        left.asked == (stop_at < BLOCKS ? stop_at : BLOCKS) ||
                        stop_at == BLOCKS + 1);
            if (left.asked == stop_at) {
                assert_int_equal(status, CAP_ERR_INTERRUPT);
                assert_int_equal(err.status, CAP_ERR_INTERRUPT);
                assert_true(done % 5 == 0 && done < 5 * run.n);
            } else {
                assert_int_equal(status, CAP_OK);
                assert_int_equal(done, 5 * run.n);
            }
            if (threads == 1) {
                assert_int_equal(done, 5 * BLOCK * (uint64_t)(stop_at - 1));
            }
            counts_free(&c);
        }
    }
    run_freed(&run);
    toy_free(t);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    toy *t = toy_full(4, 1, "geometric");
    cap_robustness_run run = run_of(t, 0, 5);
    size_t n = 0;
    for (cap_status status = CAP_ERR_MEMORY; status != CAP_OK;) {
        counts c = counts_new(&t->model, run.n_bands);
        uint64_t failed_at;
        cap_error err;
        run.allow_failed = n % 2 == 0; /* no failure that is allowed */
        alloc_fail_at(++n);
        status =
            cap_robustness(&t->model, &run, &c.tally, &failed_at, NULL, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 500);
        counts_free(&c);
    }
    assert_true(n > 60);
    run_freed(&run);
    toy_free(t);
}

/* --- laws in closed form ------------------------------------------------- */

/* P(share of the first of two weights <= t). */
typedef double law(double t);

/* X / (X + Y), both uniform on [1 - a, 1 + a], a = 0.4: the area under X <= c
 * Y with c = t / (1 - t). */
static double law_of_noise(double t)
{
    double low = 0.6, high = 1.4, width = high - low, c = t / (1 - t);
    if (t <= 0 || t >= 1) {
        return t >= 1;
    }
    double from = fmin(fmax(low / c, low), high);
    double to = fmin(fmax(high / c, low), high);
    double rising = c / 2 * (to * to - from * from) - low * (to - from);
    return (rising / width + (high - to)) / width;
}

static double law_of_the_simplex(double t) { return t < 0 ? 0 : fmin(t, 1); }

static double law_of_dirichlet(double t) /* concentration 5, weights 1/2 */
{
    return gsl_cdf_beta_P(fmin(fmax(t, 0), 1), 2.5, 2.5);
}

/* P(a + b share < x), b != 0. */
static double score_below(law *f, double a, double b, double x)
{
    double t = (x - a) / b;
    return b > 0 ? f(t) : 1 - f(t);
}

/* Scores a + b share of four units: 100 s, 50, 40 + 30 s and 90 - 70 s. */
enum { UNITS = 4 };
static const double answer[] = {1, 0.5, 0.7, 0.2, 0, 0.5, 0.4, 0.9};

static void check_law(law *f, cap_weights_kind kind, double amount, size_t n)
{
    const size_t parent[] = {CAP_NO_NODE, 0, 0};
    const double weight[] = {0, 1, 1}, max[] = {100, 1, 1};
    const double lower[] = {62.5, 55, 50.1, 44};
    const int direction[] = {1, 1, 1};
    const cap_varied_parent varied = {.node = 0, .amount = amount};
    const cap_factor factor = {.stage = CAP_STAGE_WEIGHTS,
                               .kind = kind,
                               .n_parents = 1,
                               .parent = &varied};
    const cap_layer layer = {.value = answer};
    const cap_recipe recipe = {NULL, NULL};
    const uint32_t nominal[] = {4, 4, 2, 4};
    double total = (double)n;
    uint64_t failed_at;
    cap_tree tree;
    assert_int_equal(
        cap_tree_build(3, parent, weight, max, direction, &tree, NULL),
        CAP_OK);
    const cap_model model = {.tree = &tree,
                             .n_rows = UNITS,
                             .n_missing = 1,
                             .n_normalise = 1,
                             .layer = &layer,
                             .n_recipes = 1,
                             .recipe = &recipe,
                             .rank = CAP_RANK_MIN,
                             .n_factors = 1,
                             .factor = &factor};
    const cap_robustness_run run = {.key = 5,
                                    .n = n,
                                    .threads = 2,
                                    .n_bands = LENGTH(lower),
                                    .lower = lower,
                                    .nominal_rank = nominal};
    counts c = counts_new(&model, LENGTH(lower));
    assert_int_equal(
        cap_robustness(&model, &run, &c.tally, &failed_at, NULL, NULL),
        CAP_OK);
    for (size_t i = 0; i < UNITS; i++) {
        double a = 100 * answer[UNITS + i], b = 100 * answer[i] - a;
        if (i == 1) { /* 50 whatever the weights are */
            assert_int_equal(c.tally.tier[3 * UNITS + i], n);
            continue;
        }
        double left = 1; /* tiers from the best: P(score < bound) falls */
        for (size_t k = 0; k <= LENGTH(lower); k++) {
            double below =
                k < LENGTH(lower) ? score_below(f, a, b, lower[k]) : 0;
            assert_true(
                is_likely(c.tally.tier[k * UNITS + i], total, left - below));
            left = below;
        }
        /* above and under the one that stands still, keys being hundredths */
        assert_true(is_likely(c.tally.above[UNITS + i], total,
                              1 - score_below(f, a, b, 50.005 - 1e-9)));
        assert_true(is_likely(c.tally.above[i * UNITS + 1], total,
                              score_below(f, a, b, 49.995 - 1e-9)));
        /* scores up to a point of the grid */
        for (size_t g = 4400; g < 6000; g += 333) {
            const uint32_t *at = c.tally.score + i * (CAP_GRID + 1);
            double probability = score_below(f, a, b, ((double)g + 0.5) / 100);
            assert_true(is_likely((double)sum(g + 1, at), total, probability));
        }
    }
    /* 100 s above 40 + 30 s: certain for a difference over a hundredth */
    double least = 1 - f(40.01 / 70), most = 1 - f(39.99 / 70);
    double above = c.tally.above[2 * UNITS];
    assert_true(above >=
                total * least - 5 * sqrt(total * least * (1 - least)));
    assert_true(above <= total * most + 5 * sqrt(total * most * (1 - most)));
    assert_true(most - least < 0.002);
    counts_free(&c);
    cap_tree_free(&tree);
}

static void probabilities_are_exact_for_noise(void **state)
{
    (void)state;
    size_t n = getenv("CAP_TEST_VALGRIND") == NULL ? 1000000 : 100000;
    check_law(law_of_noise, CAP_WEIGHTS_NOISE, 0.4, n);
}

static void probabilities_are_exact_for_the_simplex(void **state)
{
    (void)state;
    check_law(law_of_the_simplex, CAP_WEIGHTS_SIMPLEX, 0, 50000);
}

static void probabilities_are_exact_for_dirichlet(void **state)
{
    (void)state;
    check_law(law_of_dirichlet, CAP_WEIGHTS_DIRICHLET, 5, 50000);
}

/* A maximum that is written down otherwise changes no count of ranks, tiers
 * and pairs. */
static void counts_do_not_know_the_maximum(void **state)
{
    (void)state;
    const double maximum[] = {1, 0.001, 1e6};
    toy *t = weights_alone(40);
    cap_robustness_run run = run_of(t, 0, 600);
    counts hundred = counts_new(&t->model, run.n_bands);
    counted(t, &run, &hundred);
    assert_true(sum(hundred.n_tier / (LENGTH(bounds) + 1),
                    hundred.tally.tier) < 600 * 40);
    for (size_t k = 0; k < LENGTH(maximum); k++) {
        double lower[LENGTH(bounds)];
        for (size_t b = 0; b < LENGTH(bounds); b++) {
            lower[b] = bounds[b] / 100 * maximum[k];
        }
        t->tree.max[0] = maximum[k];
        run.lower = lower;
        counts c = counts_new(&t->model, run.n_bands);
        counted(t, &run, &c);
        assert_memory_equal(c.tally.rank, hundred.tally.rank, c.n_rank * 4);
        assert_memory_equal(c.tally.tier, hundred.tally.tier, c.n_tier * 4);
        assert_memory_equal(c.tally.above, hundred.tally.above, c.n_above * 4);
        counts_free(&c);
    }
    counts_free(&hundred);
    run_freed(&run);
    toy_free(t);
}

static void mean_shifts(void **state)
{
    (void)state;
    const double count[] = {2, 1, 1, 0, 4, 0, 0, 0, 0, 1, 1, 0};
    const double rank[] = {1, 1.5, 2}, nominal[] = {1, 1.5, 2, NAN};
    double shift[4];
    cap_mean_rank_shifts(4, 3, count, rank, nominal, shift);
    assert_true(shift[0] == (0.5 + 1) / 4 && shift[1] == 0);
    assert_true(isnan(shift[2]) && isnan(shift[3])); /* no count, no rank */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_a_recount),
        cmocka_unit_test(many_units_are_counted_alike),
        cmocka_unit_test(counts_do_not_know_the_maximum),
        cmocka_unit_test(counts_add_up),
        cmocka_unit_test(threads_and_parts_change_nothing),
        cmocka_unit_test(pairs_are_optional),
        cmocka_unit_test(the_first_failure_is_named),
        cmocka_unit_test(failures_that_are_allowed_are_counted_alone),
        cmocka_unit_test(other_errors_stop_the_run),
        cmocka_unit_test(bad_runs_are_refused),
        cmocka_unit_test(a_poll_stops_the_run),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(probabilities_are_exact_for_noise),
        cmocka_unit_test(probabilities_are_exact_for_the_simplex),
        cmocka_unit_test(probabilities_are_exact_for_dirichlet),
        cmocka_unit_test(mean_shifts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
