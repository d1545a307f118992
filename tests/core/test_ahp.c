/* Pairwise judgements: Saaty's textbook matrices, exact cases, the edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/weights/ahp.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))
enum { MAX = CAP_AHP_MAX_ITEMS };

static uint32_t seed = 3;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
static double uniform(void) { return (double)draw() / 16777216.0; }

/* A full matrix from its upper triangle, row by row. */
static void fill(size_t n, const double *upper, double *a)
{
    for (size_t i = 0; i < n; i++) {
        a[i + i * n] = 1;
        for (size_t j = i + 1; j < n; j++) {
            a[i + j * n] = *upper;
            a[j + i * n] = 1 / *upper++;
        }
    }
}

static cap_ahp_consistency solve(size_t n, const double *a,
                                 cap_ahp_method method, double *w)
{
    cap_ahp_consistency c;
    memset(&c, 0x55, sizeof c);
    assert_int_equal(cap_ahp_weights(n, a, method, w, &c, NULL), CAP_OK);
    return c;
}

static void check(size_t n, const double *upper, const double *weight,
                  double by, double lambda)
{
    double a[MAX * MAX], w[MAX], sum = 0;
    fill(n, upper, a);
    cap_ahp_consistency c = solve(n, a, CAP_AHP_EIGENVECTOR, w);
    for (size_t i = 0; i < n; i++) {
        double product = 0;
        near(w[i], weight[i], by);
        sum += w[i];
        for (size_t j = 0; j < n; j++) {
            product += a[i + j * n] * w[j];
        }
        near(product, c.lambda * w[i], 1e-13);
    }
    near(sum, 1, 1e-14);
    near(c.lambda, lambda, 0.006);
    near(c.ci, (c.lambda - (double)n) / (double)(n - 1), 1e-15);
    near(c.cr, c.ci / c.ri, 1e-15);
}

/* Saaty (1977), distances from Philadelphia and wealth of nations; Saaty
 * (1990, EJOR 48), buying a house. */
static void textbook_matrices(void **state)
{
    (void)state;
    const double distance[] = {1.0 / 3, 8,       3,       3, 7,       9, 3, 3,
                               9,       1.0 / 6, 1.0 / 5, 2, 1.0 / 3, 6, 6};
    const double w_distance[] = {.263, .397, .033, .116, .164, .027};
    check(6, distance, w_distance, 1.5e-3, 6.45);
    const double wealth[] = {4,       9,       6,       6, 5,       5,
                             7,       5,       5,       3, 4,       1.0 / 5,
                             1.0 / 5, 1.0 / 7, 1.0 / 5, 1, 1.0 / 3, 1.0 / 3,
                             1.0 / 3, 1.0 / 3, 2};
    const double w_wealth[] = {.427, .230, .021, .052, .052, .123, .094};
    check(7, wealth, w_wealth, 1.1e-3, 7.61);
    const double house[] = {
        5,       3,       7,       6,       6,       1.0 / 3, 1.0 / 4,
        1.0 / 3, 5,       3,       3,       1.0 / 5, 1.0 / 7, 6,
        3,       4,       6,       1.0 / 5, 1.0 / 3, 1.0 / 4, 1.0 / 7,
        1.0 / 8, 1.0 / 2, 1.0 / 5, 1.0 / 6, 1.0 / 5, 1.0 / 6, 1.0 / 2};
    const double w_house[] = {.173, .054, .188, .018, .031, .036, .167, .333};
    check(8, house, w_house, 6e-4, 9.669);
}

static void random_index_is_saatys(void **state)
{
    (void)state;
    near(cap_ahp_random_index(1), 0, 0);
    near(cap_ahp_random_index(3), 0.58, 0);
    near(cap_ahp_random_index(10), 1.49, 0);
    near(cap_ahp_random_index(15), 1.59, 0);
    assert_true(isnan(cap_ahp_random_index(0)));
    assert_true(isnan(cap_ahp_random_index(16)));
}

static void consistent_matrices_give_exact_weights(void **state)
{
    (void)state;
    for (size_t n = 1; n <= MAX; n++) {
        double w[MAX], a[MAX * MAX], got[MAX], sum = 0;
        for (size_t i = 0; i < n; i++) {
            w[i] = pow(10, 4 * uniform() - 2);
            sum += w[i];
        }
        for (size_t k = 0; k < n * n; k++) {
            a[k] = w[k % n] / w[k / n];
        }
        for (int method = 0; method < 2; method++) {
            cap_ahp_consistency c = solve(n, a, (cap_ahp_method)method, got);
            for (size_t i = 0; i < n; i++) {
                near(got[i] / (w[i] / sum), 1, 1e-13);
            }
            near(c.lambda, (double)n, 1e-12);
            near(c.cr, 0, 1e-12);
        }
    }
}

static void random_matrix(size_t n, double wild, double *a)
{
    double upper[MAX * MAX];
    for (size_t k = 0; k < n * n; k++) {
        upper[k] = pow(9, wild * (2 * uniform() - 1));
    }
    fill(n, upper, a);
}

/* The order of items does not matter; for geometric means the transpose gives
 * the reciprocal weights (for the eigenvector it need not, Johnson et al.
 * 1979); three items have the same weights by both (Saaty and Vargas 1984). */
static void properties_hold(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        size_t n = 1 + draw() % MAX;
        double a[MAX * MAX], b[MAX * MAX], t[MAX * MAX], w[MAX], v[MAX];
        double sum = 0;
        random_matrix(n, round % 3 == 0 ? 8 : 1, a);
        for (size_t k = 0; k < n * n; k++) {
            b[(n - 1 - k % n) + (n - 1 - k / n) * n] = a[k];
            t[k / n + k % n * n] = a[k];
        }
        for (int method = 0; method < 2; method++) {
            cap_ahp_consistency c = solve(n, a, (cap_ahp_method)method, w);
            cap_ahp_consistency d = solve(n, b, (cap_ahp_method)method, v);
            near(c.lambda / d.lambda, 1, 1e-12);
            assert_true(c.ci >= 0 && c.lambda >= (double)n);
            for (size_t i = 0; i < n; i++) {
                near(w[i] / v[n - 1 - i], 1, 1e-10);
            }
            near(solve(n, t, (cap_ahp_method)method, v).lambda / c.lambda, 1,
                 1e-12);
        }
        for (size_t i = 0; i < n; i++) {
            sum += 1 / w[i];
        }
        for (size_t i = 0; i < n; i++) {
            near(v[i], 1 / w[i] / sum, 1e-13);
        }
        if (n <= 3) {
            (void)solve(n, a, CAP_AHP_EIGENVECTOR, v);
            for (size_t i = 0; i < n; i++) {
                near(v[i], w[i], 1e-12);
            }
        }
        if (n <= 2) {
            near(solve(n, a, CAP_AHP_EIGENVECTOR, v).cr, 0, 0);
        }
    }
}

static void harker_completes_gaps(void **state)
{
    (void)state;
    /* Harker (1987): 1 over 2 is 2, 2 over 3 is 2, 1 over 3 is not judged */
    const double a[] = {1, 0.5, NAN, 2, 1, 0.5, NAN, 2, 1};
    double w[MAX];
    for (int method = 0; method < 2; method++) {
        cap_ahp_consistency c = solve(3, a, (cap_ahp_method)method, w);
        near(w[0], 4.0 / 7, 1e-14);
        near(w[1], 2.0 / 7, 1e-14);
        near(w[2], 1.0 / 7, 1e-14);
        near(c.lambda, 3, 1e-13);
        near(c.cr, 0, 1e-13);
    }
    for (int round = 0; round < 100; round++) {
        size_t n = 4 + draw() % 6;
        double b[MAX * MAX], v[MAX];
        random_matrix(n, 1, b);
        b[0 + 2 * n] = b[2 + 0 * n] = NAN;
        b[1 + 3 * n] = b[3 + 1 * n] = NAN;
        cap_ahp_consistency c = solve(n, b, CAP_AHP_EIGENVECTOR, w);
        for (size_t k = 0; k < n * n; k++) {
            b[k] = isnan(b[k]) ? w[k % n] / w[k / n] : b[k];
        }
        cap_ahp_consistency d = solve(n, b, CAP_AHP_EIGENVECTOR, v);
        near(c.lambda, d.lambda, 1e-11);
        for (size_t i = 0; i < n; i++) {
            near(w[i], v[i], 1e-12);
        }
    }
}

static void bad_judgements_are_refused(void **state)
{
    (void)state;
    double a[16], out[16], w[4];
    size_t rounded;
    cap_error err;
    cap_ahp_consistency c;
    const double upper[] = {2, 3, 4, 5, 6, 7};
    const double bad[] = {0, -1, INFINITY, 1e-10, 2e9, 3};
    for (size_t k = 0; k < 6; k++) {
        fill(4, upper, a);
        a[1 + 2 * 4] = bad[k];
        assert_int_equal(cap_ahp_tidy(4, a, out, &rounded, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(err.row, 1);
        assert_int_equal(err.column, 2);
    }
    fill(4, upper, a);
    a[5] = 2;
    assert_int_equal(cap_ahp_tidy(4, a, out, &rounded, &err), CAP_ERR_INPUT);
    a[5] = NAN;
    assert_int_equal(cap_ahp_tidy(4, a, out, &rounded, &err), CAP_ERR_INPUT);
    assert_int_equal(cap_ahp_tidy(0, a, out, &rounded, &err), CAP_ERR_INPUT);
    assert_int_equal(cap_ahp_tidy(16, a, out, &rounded, &err), CAP_ERR_INPUT);
    /* one side is enough; a rounded reciprocal is mended */
    fill(4, upper, a);
    a[1] = NAN;
    a[2] = 0.333;
    assert_int_equal(cap_ahp_tidy(4, a, out, &rounded, &err), CAP_OK);
    near(out[1], 0.5, 0);
    near(out[2], 1.0 / 3, 1e-16);
    assert_int_equal(rounded, 1);
    /* items 2 and 3 apart from 0 and 1 */
    fill(4, upper, a);
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 2; j < 4; j++) {
            a[i + j * 4] = a[j + i * 4] = NAN;
        }
    }
    assert_int_equal(cap_ahp_weights(4, a, CAP_AHP_EIGENVECTOR, w, &c, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 2);
    assert_int_equal(cap_ahp_weights(0, a, CAP_AHP_EIGENVECTOR, w, &c, &err),
                     CAP_ERR_INPUT);
    a[3] = -1;
    assert_int_equal(cap_ahp_weights(4, a, CAP_AHP_EIGENVECTOR, w, &c, &err),
                     CAP_ERR_INPUT);
}

static void the_planted_judgement_stands_out(void **state)
{
    (void)state;
    const double w[] = {5, 4, 3, 2, 1};
    double a[25], implied[25], deviation[25];
    size_t worst[3];
    for (size_t k = 0; k < 25; k++) {
        a[k] = w[k % 5] / w[k / 5];
    }
    near(cap_ahp_triads(5, a, implied, deviation, worst), 0, 1e-14);
    a[1 + 3 * 5] = 0.5; /* was 2 */
    a[3 + 1 * 5] = 2;
    near(cap_ahp_triads(5, a, implied, deviation, worst), log(4), 1e-14);
    near(deviation[1 + 3 * 5], log(4), 1e-14);
    near(implied[1 + 3 * 5], 2, 1e-14);
    near(deviation[0 + 1 * 5], log(4) / 3, 1e-14);
    near(deviation[0 + 2 * 5], 0, 1e-14);
    assert_true(isnan(deviation[0]));
    assert_int_equal(worst[0], 0);
    assert_int_equal(worst[1], 1);
    assert_int_equal(worst[2], 3);
    assert_true(isnan(cap_ahp_triads(2, a, implied, deviation, worst)));
    assert_int_equal(worst[0], CAP_NOWHERE);
}

typedef struct {
    double weight[MAX], se[MAX], low[MAX], high[MAX], pooled[MAX * MAX];
    double expert_weight[10 * MAX];
    cap_ahp_consistency expert[10];
} room;

static cap_ahp_pooled in_room(room *r)
{
    cap_ahp_pooled out;
    memset(&out, 0, sizeof out);
    out.weight = r->weight;
    out.se = r->se;
    out.low = r->low;
    out.high = r->high;
    out.pooled = r->pooled;
    out.expert_weight = r->expert_weight;
    out.expert = r->expert;
    return out;
}

/* With row means both ways of grouping are the same (Aczel and Saaty 1983). */
static void groups_are_geometric_means(void **state)
{
    (void)state;
    double a[4 * 16], want[4], w[4];
    room r, s;
    cap_error err;
    for (size_t e = 0; e < 4; e++) {
        random_matrix(4, 1, a + e * 16);
    }
    cap_ahp_pooled x = in_room(&r), y = in_room(&s);
    assert_int_equal(
        cap_ahp_pool(4, 4, a, CAP_AHP_GEOMETRIC, CAP_AHP_JUDGEMENTS, &x, &err),
        CAP_OK);
    assert_int_equal(
        cap_ahp_pool(4, 4, a, CAP_AHP_GEOMETRIC, CAP_AHP_PRIORITIES, &y, &err),
        CAP_OK);
    double sum = 0, largest = 0;
    for (size_t i = 0; i < 4; i++) {
        want[i] = 1;
        for (size_t e = 0; e < 4; e++) {
            cap_ahp_consistency c = solve(4, a + e * 16, CAP_AHP_GEOMETRIC, w);
            near(r.expert_weight[i * 4 + e], w[i], 1e-15);
            near(r.expert[e].lambda, c.lambda, 1e-12);
            want[i] *= pow(w[i], 0.25);
            largest = fmax(largest, c.cr);
        }
        sum += want[i];
        near(r.pooled[i * 5], 1, 1e-15);
        near(r.weight[i], s.weight[i], 1e-14);
        near(r.se[i], s.se[i], 1e-14);
        assert_true(r.se[i] > 0 && r.low[i] <= r.high[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        near(r.weight[i], want[i] / sum, 1e-14);
    }
    near(y.group.cr, largest, 1e-12);
    near(x.group.cr, solve(4, r.pooled, CAP_AHP_EIGENVECTOR, w).cr, 1e-12);
    /* one expert is no group */
    assert_int_equal(cap_ahp_pool(4, 1, a, CAP_AHP_EIGENVECTOR,
                                  CAP_AHP_JUDGEMENTS, &x, &err),
                     CAP_OK);
    (void)solve(4, a, CAP_AHP_EIGENVECTOR, w);
    near(r.weight[2], w[2], 1e-15);
    assert_true(isnan(r.se[0]) && isnan(r.low[0]) && isnan(r.high[0]));
    assert_int_equal(cap_ahp_pool(4, 0, a, CAP_AHP_EIGENVECTOR,
                                  CAP_AHP_JUDGEMENTS, &x, &err),
                     CAP_ERR_INPUT);
}

/* Two experts who each judge half of a chain: joined together, not alone. */
static void experts_fill_each_others_gaps(void **state)
{
    (void)state;
    const double a[] = {1, 0.5, NAN, 2,   1, NAN, NAN, NAN, 1,
                        1, NAN, NAN, NAN, 1, 0.5, NAN, 2,   1};
    room r;
    cap_error err;
    cap_ahp_pooled x = in_room(&r);
    assert_int_equal(cap_ahp_pool(3, 2, a, CAP_AHP_EIGENVECTOR,
                                  CAP_AHP_JUDGEMENTS, &x, &err),
                     CAP_OK);
    near(r.weight[0], 4.0 / 7, 1e-14);
    assert_true(isnan(r.se[0]) && isnan(r.expert_weight[0]) &&
                isnan(r.low[0]) && isnan(r.expert[1].cr));
    assert_int_equal(cap_ahp_pool(3, 2, a, CAP_AHP_EIGENVECTOR,
                                  CAP_AHP_PRIORITIES, &x, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 0);
    assert_int_equal(err.column, 2);
    assert_int_equal(cap_ahp_pool(3, 1, a, CAP_AHP_EIGENVECTOR,
                                  CAP_AHP_JUDGEMENTS, &x, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.column, 2);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    double a[2 * 9];
    room r;
    cap_ahp_pooled x = in_room(&r);
    cap_status status = CAP_ERR_MEMORY;
    size_t n = 0;
    random_matrix(3, 1, a);
    random_matrix(3, 1, a + 9);
    while (status != CAP_OK) {
        cap_error err;
        alloc_fail_at(++n);
        status = cap_ahp_pool(3, 2, a, CAP_AHP_EIGENVECTOR, CAP_AHP_JUDGEMENTS,
                              &x, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 100);
    }
    assert_true(n > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(textbook_matrices),
        cmocka_unit_test(random_index_is_saatys),
        cmocka_unit_test(consistent_matrices_give_exact_weights),
        cmocka_unit_test(properties_hold),
        cmocka_unit_test(harker_completes_gaps),
        cmocka_unit_test(bad_judgements_are_refused),
        cmocka_unit_test(the_planted_judgement_stands_out),
        cmocka_unit_test(groups_are_geometric_means),
        cmocka_unit_test(experts_fill_each_others_gaps),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
