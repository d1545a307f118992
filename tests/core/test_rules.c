/* Rules that combine children: by hand, against plain definitions, and by what
 * every mean must do. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/index/rules.h"

#define near(a, b) assert_true(fabs((a) - (b)) < 1e-11)
enum { MOST = 12 };

static uint32_t seed = 5;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
static double uniform(void) { return (double)draw() / 16777216.0; }

/* One row of n children under a rule with up to two parameters. */
static cap_status apply(const char *name, const cap_values *parameter,
                        size_t n, const double *s, const double *w,
                        double *out, cap_error *err)
{
    const double *value[MOST];
    int unproven = 0, complete = 1;
    for (size_t k = 0; k < n; k++) {
        value[k] = s + k;
        complete = complete && !isnan(s[k]);
    }
    const cap_children children = {.n_children = n,
                                   .n_rows = 1,
                                   .value = value,
                                   .weight = w,
                                   .complete = complete,
                                   .parameter = parameter};
    return cap_rule_find(name)->combine(&children, out, &unproven, err);
}

static double result(const char *name, double p, size_t n, const double *s,
                     const double *w)
{
    size_t given = 1;
    if (isnan(p)) {
        given = 0;
    }
    double out;
    const cap_values parameter[] = {{given, &p}, {0, NULL}};
    assert_int_equal(apply(name, parameter, n, s, w, &out, NULL), CAP_OK);
    return out;
}
#define of(name, n, s, w) result(name, NAN, n, s, w)

typedef struct {
    const char *name;
    double parameter;
} mean;
static const mean means[] = {
    {"arithmetic", NAN},
    {"geometric", NAN},
    {"geometric", 0.1},
    {"harmonic", NAN},
    {"generalised_mean", 2},
    {"generalised_mean", -3},
    {"generalised_mean", 1e-9},
    {"generalised_mean", 0},
    {"generalised_mean", -1},
    {"generalised_mean", 1},
    {"generalised_mean", 800},
    {"generalised_mean", -800},
    {"generalised_mean", INFINITY},
    {"generalised_mean", -INFINITY},
    {"minimum", NAN},
    {"median", NAN},
};
enum { N_MEANS = sizeof means / sizeof means[0] };

static void by_hand(void **state)
{
    (void)state;
    const double s[] = {0.2, 0.8, 0.5}, w[] = {0.5, 0.25, 0.25};
    near(of("arithmetic", 3, s, w), 0.425);
    near(of("geometric", 3, s, w), sqrt(0.2) * pow(0.4, 0.25));
    near(of("harmonic", 3, s, w), 1 / (2.5 + 0.3125 + 0.5));
    near(result("generalised_mean", 2, 3, s, w), sqrt(0.02 + 0.16 + 0.0625));
    near(result("generalised_mean", -INFINITY, 3, s, w), 0.2);
    near(result("generalised_mean", INFINITY, 3, s, w), 0.8);
    near(of("minimum", 3, s, w), 0.2);
    near(of("median", 3, s, w), 0.2); /* half of the weight: the lower */
    const double thirds[] = {1.0 / 3, 1.0 / 3, 1.0 / 3};
    near(of("median", 3, s, thirds), 0.5);
    near(result("geometric", 0.1, 2, (double[]){0, 0.3}, (double[]){.5, .5}),
         sqrt(0.1 * 0.4) - 0.1);
}

/* Acs, Autio and Szerb's form on four branches, each to twelve places. */
static void bottleneck_by_hand(void **state)
{
    (void)state;
    const double s[] = {0.9, 0.75, 0.4, 0.8}, w[] = {0.25, 0.25, 0.25, 0.25};
    near(of("bottleneck", 4, s, w),
         (0.793469340287 + 0.695311910281 + 0.4 + 0.729679953964) / 4);
    near(of("bottleneck", 1, s, (double[]){1}), 0.9);
}

/* Mean 0.5, S = 0.3: 0.5 -+ 0.3 * 0.6; sample S^2 = 0.18. */
static void mazziotta_pareto_by_hand(void **state)
{
    (void)state;
    const double s[] = {0.2, 0.8}, w[] = {0.5, 0.5}, zero[] = {0, 0};
    double sign = 1, sample = 1, out;
    const cap_values parameter[] = {{1, &sign}, {1, &sample}};
    near(of("mazziotta_pareto", 2, s, w), 0.32);
    near(result("mazziotta_pareto", -1, 2, s, w), 0.68);
    near(of("mazziotta_pareto", 2, zero, w), 0);
    near(of("mazziotta_pareto", 1, s, (double[]){1}), 0.2);
    assert_int_equal(apply("mazziotta_pareto", parameter, 2, s, w, &out, NULL),
                     CAP_OK);
    near(out, 0.5 - 0.18 / 0.5);
    assert_int_equal(
        apply("mazziotta_pareto", parameter, 1, s, (double[]){1}, &out, NULL),
        CAP_OK);
    near(out, 0.2);
    sign = 0;
    cap_error err;
    assert_int_equal(apply("mazziotta_pareto", parameter, 2, s, w, &out, &err),
                     CAP_ERR_INPUT);
}

static void owa_by_hand(void **state)
{
    (void)state;
    const double s[] = {0.2, 0.9, 0.5}, w[] = {0.6, 0.3, 0.1};
    const double v[] = {1, 2, 3}, equal[] = {1, 1}, gap[] = {0.2, 0.9, NAN};
    double yes = 1, out;
    cap_values parameter[] = {{3, v}, {0, NULL}};
    apply("owa", parameter, 3, s, w, &out, NULL);
    near(out, (0.9 + 2 * 0.5 + 3 * 0.2) / 6);
    /* two of three: Q(1/2) = 1/6 + half of 1/3 */
    apply("owa", parameter, 3, gap, w, &out, NULL);
    near(out, 0.9 / 3 + 0.2 * 2 / 3);
    cap_error err;
    parameter[0].n = 2;
    assert_int_equal(apply("owa", parameter, 3, s, w, &out, &err),
                     CAP_ERR_INPUT);
    /* with equal ordered weights, weighted: the arithmetic mean */
    parameter[0].value = equal;
    parameter[1] = (cap_values){1, &yes};
    assert_int_equal(apply("owa", parameter, 3, s, w, &out, &err), CAP_OK);
    near(out, 0.6 * 0.2 + 0.3 * 0.9 + 0.1 * 0.5);
    parameter[0].value = (double[]){0, 0};
    assert_int_equal(apply("owa", parameter, 3, s, w, &out, &err),
                     CAP_ERR_INPUT);
}

static void draw_row(size_t n, double *s, double *w)
{
    double total = 0;
    for (size_t k = 0; k < n; k++) {
        s[k] = draw() % 8 == 0 ? 0 : uniform();
        w[k] = draw() % 6 == 0 && k > 0 ? 0 : 0.05 + uniform();
        total += w[k];
    }
    for (size_t k = 0; k < n; k++) {
        w[k] /= total;
    }
}

static void what_every_mean_does(void **state)
{
    (void)state;
    for (int round = 0; round < 400; round++) {
        for (size_t q = 0; q < N_MEANS; q++) {
            size_t n = 1 + draw() % (MOST - 2), m = 0;
            double s[MOST], w[MOST], t[MOST], v[MOST], p = means[q].parameter;
            const char *name = means[q].name;
            double low = INFINITY, high = -INFINITY;
            draw_row(n, s, w);
            for (size_t k = 0; k < n; k++) {
                if (w[k] > 0) {
                    low = fmin(low, s[k]);
                    high = fmax(high, s[k]);
                }
            }
            double r = result(name, p, n, s, w);
            assert_true(r >= low && r <= high);
            /* the other way round, and a child split in two */
            for (size_t k = n; k-- > 0;) {
                t[m] = s[k];
                v[m++] = k == 0 ? w[k] / 2 : w[k];
            }
            t[m] = s[0];
            v[m++] = w[0] / 2;
            near(result(name, p, m, t, v), r);
            /* a missing child is one that is not there */
            t[m] = NAN;
            for (size_t k = 0; k < m; k++) {
                v[k] *= 0.75;
            }
            v[m] = 0.25;
            near(result(name, p, m + 1, t, v), r);
            /* better never lowers */
            size_t lifted = draw() % n;
            memcpy(t, s, n * sizeof *t);
            t[lifted] += (1 - t[lifted]) * uniform();
            assert_true(result(name, p, n, t, w) >= r - 1e-12);
            /* equal values are their mean, to the last bit */
            for (size_t k = 0; k < n; k++) {
                t[k] = s[0];
            }
            assert_true(result(name, p, n, t, w) == s[0]);
        }
    }
}

static void means_agree_with_their_definitions(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t n = 1 + draw() % MOST;
        double s[MOST], w[MOST], r = 6 * uniform() - 3;
        double a = 0, g = 1, h = 0, power = 0, s2 = 0;
        int zero = 0;
        draw_row(n, s, w);
        for (size_t k = 0; k < n; k++) {
            zero = zero || (s[k] == 0 && w[k] > 0);
            a += w[k] * s[k];
            g *= w[k] > 0 ? pow(s[k], w[k]) : 1;
            h += w[k] > 0 ? w[k] / s[k] : 0;
            power += w[k] > 0 ? w[k] * pow(s[k], r) : 0;
        }
        for (size_t k = 0; k < n; k++) {
            s2 += w[k] * (s[k] - a) * (s[k] - a);
        }
        near(of("geometric", n, s, w), g);
        near(of("harmonic", n, s, w), zero ? 0 : 1 / h);
        near(result("generalised_mean", r, n, s, w),
             zero && r < 0 ? 0 : pow(power, 1 / r));
        near(result("generalised_mean", 1e-12, n, s, w), g);
        near(of("mazziotta_pareto", n, s, w), a == 0 ? 0 : a - s2 / a);
        assert_true(of("harmonic", n, s, w) <=
                    of("geometric", n, s, w) + 1e-12);
        assert_true(of("geometric", n, s, w) <=
                    of("arithmetic", n, s, w) + 1e-12);
    }
}

static void nothing_observed_is_nothing(void **state)
{
    (void)state;
    const double s[] = {NAN, 0.5}, w[] = {1, 0}, v[] = {1};
    double out;
    for (size_t q = 0; q < N_MEANS; q++) {
        assert_true(isnan(result(means[q].name, means[q].parameter, 2, s, w)));
    }
    const cap_values parameter[] = {{1, v}, {0, NULL}};
    assert_int_equal(apply("owa", parameter, 2, s, w, &out, NULL), CAP_OK);
    assert_true(isnan(out));
    assert_true(isnan(of("mazziotta_pareto", 2, s, w)));
}

static void negative_shares_are_refused_where_they_have_no_mean(void **state)
{
    (void)state;
    const double s[] = {-0.5, 0.5}, w[] = {0.5, 0.5};
    const char *const none[] = {"geometric", "harmonic", "generalised_mean"};
    const double half = 0.5;
    const cap_values parameter[] = {{1, &half}};
    double out;
    for (size_t q = 0; q < 3; q++) {
        cap_error err;
        assert_int_equal(apply(none[q], parameter, 2, s, w, &out, &err),
                         CAP_ERR_NUMERIC);
        assert_int_equal(err.row, 0);
    }
    near(of("minimum", 2, s, w), -0.5);
    near(of("arithmetic", 2, s, w), 0);
    near(result("generalised_mean", 1, 2, s, w), 0);
}

static void extreme_values_do_not_overflow(void **state)
{
    (void)state;
    const double tiny[] = {1e-300, 1e-300, 1e-280}, w[] = {0.5, 0.25, 0.25};
    for (size_t q = 0; q < N_MEANS; q++) {
        double r = result(means[q].name, means[q].parameter, 3, tiny, w);
        assert_true(r >= 1e-300 && r <= 1e-280);
    }
}

static void the_register_is_complete(void **state)
{
    (void)state;
    size_t n = 0;
    for (; cap_rule_at(n) != NULL; n++) {
        const cap_rule *rule = cap_rule_at(n);
        assert_non_null(rule->name);
        assert_non_null(rule->combine);
        assert_ptr_equal(cap_rule_find(rule->name), rule);
    }
    assert_string_equal(cap_rule_at(0)->name, "arithmetic");
    assert_null(cap_rule_find("Arithmetic"));
}

static void parameters_are_checked(void **state)
{
    (void)state;
    const cap_rule *power = cap_rule_find("generalised_mean");
    const cap_rule *mp = cap_rule_find("mazziotta_pareto");
    const cap_rule *shifted = cap_rule_find("geometric");
    double v[] = {2, NAN};
    cap_values p[] = {{1, v}, {0, NULL}};
    cap_error err;
    assert_int_equal(cap_rule_check(power, NULL, &err), CAP_ERR_INPUT);
    assert_int_equal(cap_rule_check(power, p, &err), CAP_OK);
    assert_int_equal(cap_rule_check(mp, p, &err), CAP_ERR_INPUT);
    assert_int_equal(cap_rule_check(mp, NULL, &err), CAP_OK);
    v[0] = 0.5;
    assert_int_equal(cap_rule_check(mp, p, &err), CAP_ERR_INPUT);
    v[0] = -0.1;
    assert_int_equal(cap_rule_check(shifted, p, &err), CAP_ERR_INPUT);
    v[0] = INFINITY;
    assert_int_equal(cap_rule_check(shifted, p, &err), CAP_ERR_INPUT);
    assert_int_equal(cap_rule_check(power, p, &err), CAP_OK);
    v[0] = 2;
    p[0].n = 2;
    assert_int_equal(cap_rule_check(power, p, &err), CAP_ERR_INPUT);
    assert_int_equal(cap_rule_check(cap_rule_find("owa"), p, &err),
                     CAP_ERR_INPUT);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    const double s[] = {0.2, 0.9}, w[] = {0.5, 0.5}, v[] = {1, 2}, one = 1;
    for (size_t q = 0; cap_rule_at(q) != NULL; q++) {
        const cap_rule *rule = cap_rule_at(q);
        const cap_values parameter[] = {
            {strcmp(rule->name, "owa") == 0 ? 2 : 1,
             strcmp(rule->name, "owa") == 0 ? v : &one},
            {0, NULL}};
        for (size_t n = 1;; n++) {
            double out;
            cap_error err;
            alloc_fail_at(n);
            cap_status status =
                apply(rule->name, parameter, 2, s, w, &out, &err);
            if (alloc_count() < n) {
                assert_int_equal(status, CAP_OK);
                break;
            }
            assert_int_equal(status, CAP_ERR_MEMORY);
        }
        alloc_fail_at(0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(mazziotta_pareto_by_hand),
        cmocka_unit_test(bottleneck_by_hand),
        cmocka_unit_test(owa_by_hand),
        cmocka_unit_test(what_every_mean_does),
        cmocka_unit_test(means_agree_with_their_definitions),
        cmocka_unit_test(nothing_observed_is_nothing),
        cmocka_unit_test(negative_shares_are_refused_where_they_have_no_mean),
        cmocka_unit_test(extreme_values_do_not_overflow),
        cmocka_unit_test(the_register_is_complete),
        cmocka_unit_test(parameters_are_checked),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
