/* Readiness: gates, gaps, caps; the law of the stage against enumeration. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/readiness/answer_uncertainty.h"
#include "core/readiness/readiness.h"
#include "core/readiness/stage_probability.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))

static uint32_t seed = 7;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
static double uniform(void) { return (double)draw() / 16777216.0; }

/* Two stages on four items: all of a, b; then a higher, and 2 of b, c, d. */
static const size_t group_stage[] = {1, 2, 2}, group_k[] = {2, 1, 2};
static const size_t group_start[] = {0, 2, 3, 6};
static const size_t member_item[] = {0, 1, 0, 1, 2, 3};
static const double member_minimum[] = {2, 1, 3, 3, 2, 4};
static const double caps[] = {40, 70, NAN};

static cap_gates example(void)
{
    const cap_gates gates = {4,       3,           3,           group_stage,
                             group_k, group_start, member_item, member_minimum,
                             caps};
    return gates;
}

static void stages_and_gaps(void **state)
{
    (void)state;
    cap_gates gates = example();
    /* rows: nothing; stage 1; stage 1, one short; stage 2 */
    const double value[] = {0, 2, 3, 3, 0, 1, 3, 3, NAN, 0, 1, 2, 4, 0, 0, 0};
    size_t stage[4];
    double deficit[4], attainment[4], met[4], asked[4], gated[4];
    cap_stage_gap gap = {deficit, attainment, met, asked};
    const double score[] = {50, 50, 90, NAN};
    assert_int_equal(cap_stage_reach(&gates, 4, value, NULL, stage, NULL),
                     CAP_OK);
    assert_int_equal(stage[0], 0);
    assert_int_equal(stage[1], 1);
    assert_int_equal(stage[2], 1);
    assert_int_equal(stage[3], 2);
    assert_int_equal(cap_stage_next(&gates, 4, value, NULL, stage, &gap, NULL),
                     CAP_OK);
    near(deficit[0], 3, 0);
    near(deficit[1], 1 + 2 + 2, 0);
    near(deficit[2], 0 + 0 + 1, 0);
    near(deficit[3], 0, 0);
    near(attainment[0], 0, 0);
    near(attainment[1], (2.0 / 3 + 1.0 / 3 + 0) / 3, 1e-15);
    near(attainment[2], (1 + 1 + 0.5) / 3, 1e-15);
    near(attainment[3], 1, 0);
    near(met[2], 2, 0);
    near(asked[2], 3, 0);
    near(asked[3], 0, 0);
    assert_int_equal(cap_stage_cap(&gates, 4, score, stage, gated, NULL),
                     CAP_OK);
    assert_true(gated[0] < 40 && gated[0] > 40 - 1e-12);
    near(gated[1], 50, 0);
    assert_true(gated[2] < 70 && gated[2] > 70 - 1e-12);
    assert_true(isnan(gated[3]));
    /* b does not apply in row 1: of c and d two must hold */
    const int applies[] = {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    cap_group_size size = cap_gate_group_size(&gates, 2, 4, 1, applies);
    assert_int_equal(size.n, 2);
    assert_int_equal(size.k, 2);
    assert_int_equal(cap_stage_reach(&gates, 4, value, applies, stage, NULL),
                     CAP_OK);
    assert_int_equal(stage[1], 1);
    assert_int_equal(
        cap_stage_next(&gates, 4, value, applies, stage, &gap, NULL), CAP_OK);
    near(deficit[1], 1 + 2 + 4, 0);
}

static void members_and_groups_hold(void **state)
{
    (void)state;
    cap_gates gates = example();
    const double value[] = {0,   2, 3, 3, 0, 1 - 5e-10, 3, 3,
                            NAN, 0, 1, 2, 4, 0,         0, 0};
    const int expected_met[] = {0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 1, 1,
                                0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0};
    const int expected_holds[] = {0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 1};
    int met[24], holds[12];
    cap_group_size size[12];
    cap_gates_state found = {met, size, holds};
    assert_int_equal(cap_gates_hold(&gates, 4, value, NULL, &found, NULL),
                     CAP_OK);
    assert_memory_equal(met, expected_met, sizeof met);
    assert_memory_equal(holds, expected_holds, sizeof holds);
    assert_int_equal(size[8].n, 3);
    assert_int_equal(size[8].k, 2);
    /* b does not apply in row 1 */
    const int applies[] = {1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    assert_int_equal(cap_gates_hold(&gates, 4, value, applies, &found, NULL),
                     CAP_OK);
    assert_true(met[5] == 0 && holds[1] == 1 && size[1].k == 1);
    assert_true(size[9].n == 2 && size[9].k == 2);
    gates.n_items = 0;
    assert_int_equal(cap_gates_hold(&gates, 4, value, NULL, &found, NULL),
                     CAP_ERR_INPUT);
}

static void bad_gates(void **state)
{
    (void)state;
    const size_t first[] = {0, 1, 2}, descend[] = {2, 1, 2};
    const size_t many[] = {3, 1, 2}, none[] = {0, 1, 2};
    const size_t twice[] = {0, 0, 0, 1, 2, 3}, beyond[] = {0, 9, 0, 1, 2, 3};
    const double infinite[] = {2, INFINITY, 3, 3, 2, 4};
    for (int fault = 0; fault < 8; fault++) {
        cap_gates gates = example();
        cap_error err;
        switch (fault) {
        case 0:
            gates.group_stage = first;
            break;
        case 1:
            gates.group_stage = descend;
            break;
        case 2:
            gates.group_k = many;
            break;
        case 3:
            gates.group_k = none;
            break;
        case 4:
            gates.item = twice;
            break;
        case 5:
            gates.item = beyond;
            break;
        case 6:
            gates.minimum = infinite;
            break;
        default:
            gates.n_stages = 0;
            break;
        }
        assert_int_equal(cap_gates_check(&gates, &err), CAP_ERR_INPUT);
        assert_true(strlen(err.message) > 0);
    }
    cap_gates gates = example();
    assert_int_equal(cap_gates_check(&gates, NULL), CAP_OK);
}

static void grades_to_chances(void **state)
{
    (void)state;
    cap_gates gates = example();
    const double value[] = {3, 0, 4, NAN}, trust[] = {0.9, 0.8, 0.6, 0.9};
    const double zero[] = {0, 0, 0, 0}, one[] = {1, 1, 1, 1};
    const double four[] = {4, 4, 4, 4};
    const cap_levels levels = {zero, one, four};
    double pass[6];
    assert_int_equal(
        cap_evidence_pass(&gates, 1, value, trust, &levels, pass, NULL),
        CAP_OK);
    near(pass[0], 1, 0);       /* a at 3, one down 2: >= 2 */
    near(pass[1], 0.2, 1e-15); /* b at 0: all of the rest goes up */
    near(pass[2], 0.95, 1e-15);
    near(pass[3], 0, 0);
    near(pass[4], 1, 0);       /* c at 4, one down 3: >= 2 */
    near(pass[5], 0.2, 1e-15); /* d unknown: one of five levels */
    const double wild[] = {2, 0, 0, 0};
    cap_error err;
    assert_int_equal(
        cap_evidence_pass(&gates, 1, value, wild, &levels, pass, &err),
        CAP_ERR_INPUT);
    const cap_levels flat = {zero, zero, four};
    assert_int_equal(
        cap_evidence_pass(&gates, 1, value, trust, &flat, pass, &err),
        CAP_ERR_INPUT);
    /* drawn levels have these chances, and lie within the range */
    enum { DRAWS = 20000 };
    static double drawn[4 * DRAWS];
    cap_evidence_draws draws = {0, 5, 0, DRAWS};
    assert_int_equal(
        cap_evidence_draw(1, 4, value, trust, &levels, &draws, drawn, NULL),
        CAP_OK);
    double least[4], most[4], met[6] = {0};
    cap_evidence_range(1, 4, value, trust, &levels, 0, least, NULL);
    cap_evidence_range(1, 4, value, trust, &levels, 1, most, NULL);
    cap_evidence_pass(&gates, 1, value, trust, &levels, pass, NULL);
    for (size_t d = 0; d < DRAWS; d++) {
        for (size_t i = 0; i < 4; i++) {
            double x = drawn[i * DRAWS + d];
            assert_true(x >= least[i] && x <= most[i] && x == floor(x));
        }
        for (size_t m = 0; m < 6; m++) {
            met[m] += drawn[member_item[m] * DRAWS + d] >= member_minimum[m];
        }
    }
    for (size_t m = 0; m < 6; m++) {
        near(met[m] / DRAWS, pass[m], 0.016);
    }
    near(least[0], 2, 0);
    near(most[0], 4, 0);
    near(least[1], 0, 0);
    near(most[1], 1, 0);
    near(most[2], 4, 0);
    near(least[3], 0, 0);
    near(most[3], 4, 0);
}

/* P(stage >= s) by adding up all classes of all items, 3 minima an item. */
enum { ITEMS = 5, STAGES = 3, GROUPS = 4, MEMBERS = 12 };

typedef struct {
    cap_gates gates;
    size_t stage[GROUPS], k[GROUPS], start[GROUPS + 1], item[MEMBERS];
    double minimum[MEMBERS], cap[STAGES], pass[MEMBERS];
    double q[ITEMS][4]; /* P(class >= c) */
} random_case;

static void make_case(random_case *r)
{
    for (size_t i = 0; i < ITEMS; i++) {
        r->q[i][0] = 1;
        for (size_t c = 1; c < 4; c++) {
            r->q[i][c] = r->q[i][c - 1] * (draw() % 8 ? uniform() : 1);
        }
    }
    for (size_t g = 0; g < GROUPS; g++) {
        size_t shift = draw() % ITEMS;
        r->stage[g] = 1 + g / 2;
        r->k[g] = 1 + draw() % 3;
        r->start[g] = 3 * g;
        for (size_t m = 3 * g; m < 3 * g + 3; m++) {
            size_t class = 1 + draw() % 3;
            r->item[m] = (shift + m) % ITEMS;
            r->minimum[m] = (double)class;
            r->pass[m] = r->q[r->item[m]][class];
        }
    }
    r->start[GROUPS] = MEMBERS;
    r->cap[0] = r->cap[1] = r->cap[2] = NAN;
    cap_gates gates = {ITEMS,    STAGES,  GROUPS,     r->stage, r->k,
                       r->start, r->item, r->minimum, r->cap};
    r->gates = gates;
}

static void enumerate(const random_case *r, double *at_least)
{
    at_least[0] = at_least[1] = at_least[2] = 0;
    for (size_t code = 0; code < 1024; code++) { /* 4^5 classes */
        double value[ITEMS], chance = 1;
        size_t stage;
        for (size_t i = 0, c = code; i < ITEMS; i++, c /= 4) {
            value[i] = (double)(c % 4);
            chance *= r->q[i][c % 4] - (c % 4 < 3 ? r->q[i][c % 4 + 1] : 0);
        }
        cap_stage_reach(&r->gates, 1, value, NULL, &stage, NULL);
        for (size_t s = 0; s <= stage; s++) {
            at_least[s] += chance;
        }
    }
}

static void law_of(const random_case *r,
                   const cap_stage_probability_options *options,
                   double out[4][STAGES], cap_stage_probability_way *way)
{
    cap_stage_probability law = {out[0], out[1], out[2], out[3], way};
    assert_int_equal(cap_stage_probability_find(&r->gates, 1, r->pass, NULL,
                                                options, &law, NULL, NULL),
                     CAP_OK);
}

static void law_against_enumeration(void **state)
{
    (void)state;
    for (int trial = 0; trial < 300; trial++) {
        random_case r;
        double expected[STAGES], out[4][STAGES];
        cap_stage_probability_way way;
        cap_stage_probability_options options = {0, 0, 0, 0};
        make_case(&r);
        enumerate(&r, expected);
        law_of(&r, &options, out, &way);
        assert_int_equal(way, CAP_STAGE_PROBABILITY_EXACT);
        for (size_t s = 0; s < STAGES; s++) {
            near(out[0][s], expected[s], 1e-13);
            assert_true(out[1][s] <= out[0][s] && out[0][s] <= out[2][s]);
            assert_true(s == 0 || out[0][s] <= out[0][s - 1]);
        }
        for (int k = 1; k <= 4 && trial < 40; k++) {
            double bound[4][STAGES];
            memcpy(bound, out, sizeof out);
            options.correlation = k / 4.0;
            law_of(&r, &options, out, &way);
            for (size_t s = 0; s < STAGES; s++) {
                assert_true(out[0][s] >= bound[1][s] - 1e-15);
                assert_true(out[0][s] <= bound[2][s] + 1e-15);
                near(out[3][s], 0, 1e-9);
            }
        }
    }
}

static void law_against_draws(void **state)
{
    (void)state;
    for (int trial = 0; trial < 12; trial++) {
        random_case r;
        double exact[4][STAGES], drawn[4][STAGES];
        cap_stage_probability_way way;
        cap_stage_probability_options options = {(trial % 4) / 3.0, 40000, 99,
                                                 0};
        make_case(&r);
        law_of(&r, &options, exact, &way);
        options.simulate = 1;
        law_of(&r, &options, drawn, &way);
        assert_int_equal(way, CAP_STAGE_PROBABILITY_DRAWS);
        for (size_t s = 0; s < STAGES; s++) {
            near(drawn[0][s], exact[0][s], 5 * drawn[3][s] + 2e-4);
        }
    }
}

static void bounds_by_hand(void **state)
{
    (void)state;
    static const size_t one[] = {1}, start[] = {0, 5};
    static const size_t item[] = {0, 1, 2, 3, 4};
    static const double minimum[] = {1, 1, 1, 1, 1}, cap[] = {NAN, NAN};
    const double q[] = {0.95, 0.90, 0.80, 0.60, 0.99};
    const double at_least[] = {0, 0, 0, 0.849366, 0.406296};
    for (size_t k = 3; k < 5; k++) {
        const size_t asked = k + 1;
        cap_gates gates = {5, 2, 1, one, &asked, start, item, minimum, cap};
        double out[4][2];
        cap_stage_probability_way way;
        cap_stage_probability law = {out[0], out[1], out[2], out[3], &way};
        cap_stage_probability_options options = {0, 0, 0, 0};
        assert_int_equal(cap_stage_probability_find(
                             &gates, 1, q, NULL, &options, &law, NULL, NULL),
                         CAP_OK);
        near(out[0][1], at_least[k], 1e-12);
        if (k == 4) {
            near(out[1][1], 0.24, 1e-12);
            near(out[2][1], 0.60, 1e-12);
        } else {
            /* failures .01, .05, .1, .2, .4: two of them have at most the
             * chance min(.76 / 2, .36 / 1) */
            near(out[1][1], 1 - 0.36, 1e-12);
            near(out[2][1], 1, 1e-12);
        }
        options.correlation = 1;
        cap_stage_probability_find(&gates, 1, q, NULL, &options, &law, NULL,
                                   NULL);
        near(out[0][1], k == 4 ? 0.60 : 0.80, 1e-15);
    }
}

static void law_refuses(void **state)
{
    (void)state;
    cap_gates gates = example();
    double pass[] = {0.5, 0.5, 0.9, 0.1, 0.5, 0.5}, out[4][3];
    cap_stage_probability_way way;
    cap_stage_probability law = {out[0], out[1], out[2], out[3], &way};
    cap_stage_probability_options options = {0, 0, 0, 0};
    cap_error err;
    /* a: 0.5 for 2, 0.9 for 3 rises */
    assert_int_equal(cap_stage_probability_find(&gates, 1, pass, NULL,
                                                &options, &law, NULL, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.column, 0);
    pass[2] = NAN;
    assert_int_equal(cap_stage_probability_find(&gates, 1, pass, NULL,
                                                &options, &law, NULL, &err),
                     CAP_ERR_INPUT);
    pass[2] = 0.5;
    options.correlation = NAN;
    assert_int_equal(cap_stage_probability_find(&gates, 1, pass, NULL,
                                                &options, &law, NULL, &err),
                     CAP_ERR_INPUT);
    options.correlation = 0;
    assert_int_equal(cap_stage_probability_find(&gates, 1, pass, NULL,
                                                &options, &law, NULL, &err),
                     CAP_OK);
}

static int always(void *context)
{
    (void)context;
    return 1;
}

static void interrupted_and_out_of_memory(void **state)
{
    (void)state;
    random_case r;
    make_case(&r);
    double out[4][STAGES];
    cap_stage_probability_way way;
    cap_stage_probability law = {out[0], out[1], out[2], out[3], &way};
    const cap_poll stop = {always, NULL, NULL};
    cap_stage_probability_options options = {0.3, 100, 1, 0};
    cap_error err;
    assert_int_equal(cap_stage_probability_find(&r.gates, 1, r.pass, NULL,
                                                &options, &law, &stop, &err),
                     CAP_ERR_INTERRUPT);
    size_t stage;
    double value[ITEMS] = {1, 1, 1, 1, 1}, a, b, c, d;
    cap_stage_gap gap = {&a, &b, &c, &d};
    for (int what = 0; what < 3; what++) {
        cap_status status = CAP_OK;
        for (size_t n = 1;; n++) {
            alloc_fail_at(n);
            if (what == 0) {
                status = cap_stage_probability_find(
                    &r.gates, 1, r.pass, NULL, &options, &law, NULL, &err);
            } else if (what == 1) {
                status =
                    cap_stage_reach(&r.gates, 1, value, NULL, &stage, &err);
            } else {
                stage = 0;
                status = cap_stage_next(&r.gates, 1, value, NULL, &stage, &gap,
                                        &err);
            }
            if (alloc_count() < n) {
                break;
            }
            assert_int_equal(status, CAP_ERR_MEMORY);
        }
        alloc_fail_at(0);
        assert_int_equal(status, CAP_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_and_gaps),
        cmocka_unit_test(members_and_groups_hold),
        cmocka_unit_test(bad_gates),
        cmocka_unit_test(grades_to_chances),
        cmocka_unit_test(law_against_enumeration),
        cmocka_unit_test(law_against_draws),
        cmocka_unit_test(bounds_by_hand),
        cmocka_unit_test(law_refuses),
        cmocka_unit_test(interrupted_and_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
