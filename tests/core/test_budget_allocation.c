/* Pooling experts, and their concordance: hand-worked figures, slow twins, the
 * edges. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/weights/budget_allocation.h"
#include "core/weights/kendall_w.h"

#define near(a, b, by) assert_true(fabs((a) - (b)) <= (by))
enum { MAX_N = 40, MAX_M = 8 };

static uint32_t seed = 11;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
static double uniform(void) { return (double)draw() / 16777216.0; }

typedef struct {
    double weight[MAX_M], se[MAX_M], low[MAX_M], high[MAX_M];
    double leave_out[MAX_N * MAX_M], shift[MAX_N];
} figures;

static cap_status pool_into(figures *f, size_t n, size_t m, const double *s,
                            cap_pool pool, double trim, cap_error *err)
{
    cap_pooled out = {f->weight, f->se,        f->low,
                      f->high,   f->leave_out, f->shift};
    return cap_expert_pool(n, m, s, pool, trim, &out, err);
}

static figures pooled(size_t n, size_t m, const double *s, cap_pool pool,
                      double trim)
{
    figures f;
    memset(&f, 0x55, sizeof f);
    assert_int_equal(pool_into(&f, n, m, s, pool, trim, NULL), CAP_OK);
    return f;
}

static void shares_of(size_t n, size_t m, const double *points, double *shares)
{
    int fault[MAX_N];
    size_t item[MAX_N];
    assert_int_equal(
        cap_expert_shares(n, m, points, shares, fault, item, NULL), CAP_OK);
    for (size_t e = 0; e < n; e++) {
        assert_int_equal(fault[e], CAP_EXPERT_FINE);
        assert_int_equal(item[e], CAP_NOWHERE);
    }
}

static void random_shares(size_t n, size_t m, double *shares)
{
    double points[MAX_N * MAX_M];
    for (size_t k = 0; k < n * m; k++) {
        points[k] = 0.5 + floor(10 * uniform()) / 2;
    }
    shares_of(n, m, points, shares);
}

static void faults_are_told_apart(void **state)
{
    (void)state;
    /* experts: fine, blank, infinite, negative, zero, huge */
    const double points[] = {10, NAN, 1,     1, 0, 1e308, 30, 1, INFINITY,
                             1,  0,   1e308, 0, 1, 1,     -1, 0, 1e308};
    double shares[18];
    int fault[6];
    size_t item[6];
    assert_int_equal(
        cap_expert_shares(6, 3, points, shares, fault, item, NULL), CAP_OK);
    const int want[] = {CAP_EXPERT_FINE,     CAP_EXPERT_BLANK,
                        CAP_EXPERT_INFINITE, CAP_EXPERT_NEGATIVE,
                        CAP_EXPERT_ZERO,     CAP_EXPERT_FINE};
    const size_t where[] = {CAP_NOWHERE, 0, 1, 2, CAP_NOWHERE, CAP_NOWHERE};
    for (size_t e = 0; e < 6; e++) {
        assert_int_equal(fault[e], want[e]);
        assert_int_equal(item[e], where[e]);
        for (size_t j = 0; j < 3; j++) {
            assert_int_equal(isnan(shares[j * 6 + e]),
                             want[e] != CAP_EXPERT_FINE);
        }
    }
    near(shares[0], 0.25, 1e-15);
    near(shares[6], 0.75, 1e-15);
    near(shares[5], 1.0 / 3, 1e-15);
    assert_int_equal(
        cap_expert_shares(0, 3, points, shares, fault, item, NULL),
        CAP_ERR_INPUT);
    assert_int_equal(
        cap_expert_shares(3, 0, points, shares, fault, item, NULL),
        CAP_ERR_INPUT);
}

/* Three experts, two items: .5, .6, .7 of the first. */
static void mean_by_hand(void **state)
{
    (void)state;
    const double points[] = {5, 60, 0.7, 5, 40, 0.3};
    double s[6];
    shares_of(3, 2, points, s);
    figures f = pooled(3, 2, s, CAP_POOL_MEAN, 0);
    near(f.weight[0], 0.6, 1e-15);
    near(f.weight[1], 0.4, 1e-15);
    near(f.se[0], 0.1 / sqrt(3), 1e-15);
    near(f.low[0], 0.55, 1e-15);
    near(f.high[0], 0.65, 1e-15);
    near(f.leave_out[0], 0.65, 1e-15);
    near(f.shift[0], 0.05, 1e-15);
    near(f.shift[1], 0, 1e-15);
    near(f.shift[2], 0.05, 1e-15);
    cap_item_pair pair;
    assert_int_equal(cap_expert_pairs(3, 2, s, CAP_POOL_MEAN, f.weight,
                                      f.leave_out, &pair, NULL),
                     CAP_OK);
    assert_int_equal(pair.upper, 0);
    assert_int_equal(pair.lower, 1);
    near(pair.difference, 0.2, 1e-15);
    near(pair.se, 0.2 / sqrt(3), 1e-15);
    /* t = sqrt(3), 2 degrees of freedom: p = 1 - t / sqrt(2 + t^2) */
    near(pair.p, 1 - sqrt(3) / sqrt(5), 1e-14);
    assert_int_equal(pair.swaps, 0);
    assert_int_equal(pair.first, CAP_NOWHERE);
    assert_int_equal(pair.removals, CAP_NOWHERE);
}

static void medians_trims_and_geometric_means(void **state)
{
    (void)state;
    const double s[] = {0.1, 0.2, 0.3, 0.8, 0.9, 0.8, 0.7, 0.2};
    figures f = pooled(4, 2, s, CAP_POOL_MEDIAN, 0);
    near(f.weight[0], 0.25, 1e-15);
    near(f.weight[1], 0.75, 1e-15);
    f = pooled(4, 2, s, CAP_POOL_TRIMMED, 0.25);
    near(f.weight[0], 0.25, 1e-15);
    f = pooled(4, 2, s, CAP_POOL_TRIMMED, 0.24); /* floor(0.96) = 0 */
    near(f.weight[0], 0.35, 1e-15);
    f = pooled(4, 2, s, CAP_POOL_GEOMETRIC, 0);
    double a = pow(0.1 * 0.2 * 0.3 * 0.8, 0.25);
    double b = pow(0.9 * 0.8 * 0.7 * 0.2, 0.25);
    near(f.weight[0], a / (a + b), 1e-15);
    /* medians 0.3, 0.3 and 0.2 are divided by their sum */
    const double t[] = {0.2, 0.3, 0.7, 0.6, 0.3, 0.1, 0.2, 0.4, 0.2};
    f = pooled(3, 3, t, CAP_POOL_MEDIAN, 0);
    near(f.weight[0], 0.375, 1e-15);
    near(f.weight[2], 0.25, 1e-15);
}

/* With three values the bootstrap medians are the order statistics with
 * probabilities 7/27, 13/27, 7/27. */
static void the_error_of_a_median_is_the_exact_bootstrap(void **state)
{
    (void)state;
    const double s[] = {0.2, 0.3, 0.6, 0.8, 0.7, 0.4};
    figures f = pooled(3, 2, s, CAP_POOL_MEDIAN, 0);
    double mean = (7 * 0.2 + 13 * 0.3 + 7 * 0.6) / 27;
    double square = (7 * 0.04 + 13 * 0.09 + 7 * 0.36) / 27;
    near(f.se[0], sqrt(square - mean * mean), 1e-14);
    near(f.se[1], f.se[0], 1e-14);
}

static void all_pools_agree_with_slow_twins(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        size_t n = 2 + draw() % 20, m = 1 + draw() % (MAX_M - 1);
        double s[MAX_N * MAX_M], fewer[MAX_N * MAX_M];
        random_shares(n, m, s);
        for (int pool = CAP_POOL_MEAN; pool <= CAP_POOL_GEOMETRIC; pool++) {
            figures f = pooled(n, m, s, (cap_pool)pool, 0.2);
            double sum = 0, jackknife[MAX_M] = {0};
            for (size_t j = 0; j < m; j++) {
                sum += f.weight[j];
            }
            near(sum, 1, 1e-14);
            for (size_t e = 0; e < n; e++) {
                double moved = 0;
                for (size_t j = 0; j < m; j++) {
                    size_t at = 0;
                    for (size_t k = 0; k < n; k++) {
                        if (k != e) {
                            fewer[j * (n - 1) + at++] = s[j * n + k];
                        }
                    }
                }
                figures g = pooled(n - 1, m, fewer, (cap_pool)pool, 0.2);
                for (size_t j = 0; j < m; j++) {
                    near(f.leave_out[j * n + e], g.weight[j], 1e-15);
                    moved += fabs(g.weight[j] - f.weight[j]) / 2;
                }
                near(f.shift[e], moved, 1e-14);
            }
            for (size_t j = 0; j < m && pool != CAP_POOL_MEDIAN; j++) {
                double mean = 0;
                for (size_t e = 0; e < n; e++) {
                    mean += f.leave_out[j * n + e] / (double)n;
                }
                for (size_t e = 0; e < n; e++) {
                    double off = f.leave_out[j * n + e] - mean;
                    jackknife[j] += off * off;
                }
                /* the mean's jackknife is sd / sqrt(n) itself */
                near(f.se[j], sqrt((double)(n - 1) / (double)n * jackknife[j]),
                     1e-12);
            }
        }
    }
}

static void fewest_removals_are_the_fewest(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        enum { N = 9, M = 2 };
        double s[N * M];
        random_shares(N, M, s);
        figures f = pooled(N, M, s, CAP_POOL_MEAN, 0);
        cap_item_pair pair;
        assert_int_equal(cap_expert_pairs(N, M, s, CAP_POOL_MEAN, f.weight,
                                          f.leave_out, &pair, NULL),
                         CAP_OK);
        size_t best = CAP_NOWHERE, alone = 0;
        for (unsigned set = 1; set + 1 < 1u << N; set++) {
            size_t gone = 0;
            double left = 0;
            for (size_t e = 0; e < N; e++) {
                int out = (set >> e & 1u) != 0;
                gone += out ? 1 : 0;
                left +=
                    out ? 0 : s[pair.upper * N + e] - s[pair.lower * N + e];
            }
            if (left < -1e-11 && gone < best) {
                best = gone;
            }
            alone += left < -1e-11 && gone == 1 ? 1 : 0;
        }
        assert_int_equal(pair.removals, best);
        assert_int_equal(pair.swaps, alone);
        assert_int_equal(pair.first == CAP_NOWHERE, alone == 0);
    }
}

static void edges_are_defined(void **state)
{
    (void)state;
    const double one[] = {0.25, 0.75}, same[] = {0.4, 0.4, 0.6, 0.6};
    figures f = pooled(1, 2, one, CAP_POOL_MEAN, 0);
    near(f.weight[1], 0.75, 0);
    assert_true(isnan(f.se[0]) && isnan(f.shift[0]) && isnan(f.leave_out[0]));
    near(f.low[0], 0.25, 0);
    cap_item_pair pair;
    for (int pool = CAP_POOL_MEAN; pool <= CAP_POOL_GEOMETRIC; pool++) {
        f = pooled(1, 2, one, (cap_pool)pool, 0.1);
        assert_int_equal(cap_expert_pairs(1, 2, one, (cap_pool)pool, f.weight,
                                          f.leave_out, &pair, NULL),
                         CAP_OK);
        assert_int_equal(pair.upper, 1);
        assert_true(isnan(pair.se) && isnan(pair.p));
        f = pooled(2, 2, same, (cap_pool)pool, 0.1);
        near(f.se[0], 0, 1e-16);
        assert_int_equal(cap_expert_pairs(2, 2, same, (cap_pool)pool, f.weight,
                                          f.leave_out, &pair, NULL),
                         CAP_OK);
        near(pair.p, 0, 1e-9);
        near(pooled(2, 1, (const double[]){1, 1}, (cap_pool)pool, 0).weight[0],
             1, 1e-15);
    }
    /* a tie keeps the order of the items and is noise */
    const double tie[] = {0.4, 0.6, 0.6, 0.4};
    f = pooled(2, 2, tie, CAP_POOL_MEAN, 0);
    assert_int_equal(cap_expert_pairs(2, 2, tie, CAP_POOL_MEAN, f.weight,
                                      f.leave_out, &pair, NULL),
                     CAP_OK);
    assert_int_equal(pair.upper, 0);
    near(pair.p, 1, 0);
    assert_int_equal(pair.swaps, 1);
    assert_int_equal(pair.first, 1);
}

static void bad_shares_are_refused(void **state)
{
    (void)state;
    figures f;
    cap_error err;
    const double zero[] = {0.5, 0, 0.5, 1}, gap[] = {0.5, 0.5, NAN, 0.5};
    const double apart[] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    assert_int_equal(pool_into(&f, 2, 2, zero, CAP_POOL_GEOMETRIC, 0, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(err.column, 0);
    assert_int_equal(pool_into(&f, 2, 2, gap, CAP_POOL_MEAN, 0, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(err.row, 0);
    assert_int_equal(err.column, 1);
    assert_int_equal(pool_into(&f, 3, 3, apart, CAP_POOL_MEDIAN, 0, &err),
                     CAP_ERR_NUMERIC);
    assert_int_equal(pool_into(&f, 2, 2, zero, CAP_POOL_TRIMMED, 0.5, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(pool_into(&f, 2, 2, zero, CAP_POOL_TRIMMED, NAN, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(pool_into(&f, 0, 2, zero, CAP_POOL_MEAN, 0, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(pool_into(&f, 2, 2, zero, (cap_pool)9, 0, &err),
                     CAP_ERR_INPUT);
    assert_int_equal(
        cap_expert_pairs(2, 2, gap, CAP_POOL_MEAN, gap, gap, NULL, &err),
        CAP_ERR_INPUT);
    /* four of five back one item: without one of them its median stands */
    const double most[] = {1, 1, 0, 0, 0, 1};
    f = pooled(3, 2, most, CAP_POOL_MEDIAN, 0);
    near(f.weight[0], 1, 0);
    near(f.leave_out[0], 0.5, 1e-15);
}

/* Concordance ---------------------------------------------------------- */

static cap_concordance w_of(size_t n, size_t m, const double *x, double work)
{
    cap_concordance w;
    memset(&w, 0x55, sizeof w);
    assert_int_equal(cap_kendall_w(n, m, x, work, &w, NULL), CAP_OK);
    return w;
}

/* Friedman's and Kendall's tables (Kendall 1948; Siegel 1956, table N). */
static void printed_tables_are_met(void **state)
{
    (void)state;
    const double three[] = {1, 1, 1, 2, 2, 2, 3, 3, 3};
    cap_concordance w = w_of(3, 3, three, 1e6);
    near(w.w, 1, 1e-15);
    near(w.chi_square, 6, 1e-14);
    near(w.df, 2, 0);
    near(w.p_exact, 1.0 / 36, 1e-15); /* .028 */
    near(w.p_chi_square, exp(-3), 1e-15);
    const double four[] = {1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
    near(w_of(4, 3, four, 1e6).p_exact, 1.0 / 216, 1e-15); /* .0046 */
    const double swapped[] = {1, 1, 1, 2, 2, 2, 2, 1, 3, 3, 3, 3};
    w = w_of(4, 3, swapped, 1e6);
    near(w.chi_square, 6.5, 1e-14);
    near(w.p_exact, 9.0 / 216, 1e-15); /* .042 */
    const double two[] = {1, 1, 2, 2, 3, 3, 4, 4};
    near(w_of(2, 4, two, 1e6).p_exact, 1.0 / 24, 1e-15); /* .042 */
}

/* All orders of all judges, one by one. */
static void count_orders(size_t n, size_t m, size_t judge, const int *rank2,
                         int *sums, double observed, double *above,
                         double *all);
static void permute(size_t n, size_t m, size_t judge, const int *rank2,
                    int *order, size_t at, int *sums, double observed,
                    double *above, double *all)
{
    if (at == m) {
        for (size_t j = 0; j < m; j++) {
            sums[j] += rank2[judge * m + (size_t)order[j]];
        }
        count_orders(n, m, judge + 1, rank2, sums, observed, above, all);
        for (size_t j = 0; j < m; j++) {
            sums[j] -= rank2[judge * m + (size_t)order[j]];
        }
        return;
    }
    for (size_t k = at; k < m; k++) {
        int held = order[at];
        order[at] = order[k];
        order[k] = held;
        permute(n, m, judge, rank2, order, at + 1, sums, observed, above, all);
        held = order[at];
        order[at] = order[k];
        order[k] = held;
    }
}
static void count_orders(size_t n, size_t m, size_t judge, const int *rank2,
                         int *sums, double observed, double *above,
                         double *all)
{
    int order[MAX_M];
    if (judge == n) {
        double squares = 0;
        for (size_t j = 0; j < m; j++) {
            squares += (double)sums[j] * sums[j];
        }
        *all += 1;
        *above += squares >= observed ? 1 : 0;
        return;
    }
    for (size_t j = 0; j < m; j++) {
        order[j] = (int)j;
    }
    permute(n, m, judge, rank2, order, 0, sums, observed, above, all);
}

static void exact_p_is_the_full_enumeration(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{2, 2}, {5, 2}, {3, 3}, {4, 3},
                                      {5, 3}, {3, 4}, {2, 5}};
    for (int round = 0; round < 40; round++) {
        size_t n = sizes[round % 7][0], m = sizes[round % 7][1];
        double x[MAX_N], observed = 0, above = 0, all = 0;
        int rank2[MAX_N], sums[MAX_M] = {0};
        for (size_t k = 0; k < n * m; k++) {
            x[k] = (double)(draw() % 4); /* with ties */
        }
        for (size_t e = 0; e < n; e++) {
            for (size_t j = 0; j < m; j++) {
                int r = 1;
                for (size_t k = 0; k < m; k++) {
                    r += x[k * n + e] < x[j * n + e] ? 2 : 0;
                    r += x[k * n + e] == x[j * n + e] ? 1 : 0;
                }
                rank2[e * m + j] = r;
            }
        }
        for (size_t j = 0; j < m; j++) {
            double sum = 0;
            for (size_t e = 0; e < n; e++) {
                sum += rank2[e * m + j];
            }
            observed += sum * sum;
        }
        count_orders(n, m, 0, rank2, sums, observed, &above, &all);
        cap_concordance w = w_of(n, m, x, 1e7);
        if (isnan(w.w)) {
            continue;
        }
        near(w.p_exact, above / all, 1e-12);
        assert_true(w.w >= 0 && w.w <= 1 + 1e-12);
    }
}

static void concordance_has_edges(void **state)
{
    (void)state;
    cap_concordance w;
    cap_error err;
    const double x[] = {1, 1, 1, 1, 1, 1}, gap[] = {1, 2, 3, NAN};
    assert_true(isnan(w_of(1, 4, x, 1e6).w));
    assert_true(isnan(w_of(4, 1, x, 1e6).w));
    w = w_of(2, 3, x, 1e6); /* all tied */
    assert_true(isnan(w.w) && isnan(w.p_chi_square) && isnan(w.p_exact));
    assert_int_equal(cap_kendall_w(2, 2, gap, 0, &w, &err), CAP_ERR_INPUT);
    assert_int_equal(err.row, 1);
    assert_int_equal(err.column, 1);
    assert_int_equal(cap_kendall_w(0, 2, gap, 0, &w, &err), CAP_ERR_INPUT);
    assert_int_equal(cap_kendall_w(2, 0, gap, 0, &w, &err), CAP_ERR_INPUT);
    /* too much work, no work, too many items: chi-square alone */
    double many[12 * 12];
    for (size_t k = 0; k < 144; k++) {
        many[k] = uniform();
    }
    w = w_of(12, 12, many, 1e7);
    assert_true(isnan(w.p_exact) && w.p_chi_square > 0);
    w = w_of(18, 8, many, 1e5);
    assert_true(isnan(w.p_exact));
    assert_true(isnan(w_of(4, 3, many, 0).p_exact));
    assert_true(w_of(40, 3, many, 1e7).p_exact > 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    double s[30], x[60];
    random_shares(10, 3, s);
    for (size_t k = 0; k < 60; k++) {
        x[k] = uniform();
    }
    for (int call = 0; call < 3; call++) {
        cap_status status = CAP_ERR_MEMORY;
        size_t n = 0;
        while (status != CAP_OK) {
            cap_error err;
            figures f = pooled(10, 3, s, CAP_POOL_MEAN, 0);
            cap_item_pair pairs[3];
            cap_concordance w;
            alloc_fail_at(++n);
            status = call == 0
                         ? pool_into(&f, 10, 3, s, CAP_POOL_MEAN, 0, &err)
                     : call == 1
                         ? cap_expert_pairs(10, 3, s, CAP_POOL_MEAN, f.weight,
                                            f.leave_out, pairs, &err)
                         : cap_kendall_w(15, 4, x, 1e6, &w, &err);
            alloc_fail_at(0);
            if (status != CAP_OK) {
                assert_int_equal(status, CAP_ERR_MEMORY);
                assert_int_equal(err.status, CAP_ERR_MEMORY);
            }
            assert_true(n < 500);
        }
        assert_true(n > 1);
    }
}

/* A Dirichlet of concentration 9: var = w (1 - w) / 10. */
static void concentration(void **state)
{
    (void)state;
    const double w[] = {0.2, 0.3, 0.5}, one[] = {1};
    const double se[] = {sqrt(0.016), sqrt(0.021), sqrt(0.025)};
    const double none[] = {0, 0, 0}, gone[] = {0.1, NAN, 0.1};
    near(cap_concentration(3, w, se), 9, 1e-13);
    assert_true(isinf(cap_concentration(3, w, none)));
    assert_true(isnan(cap_concentration(3, w, gone)));
    assert_true(isnan(cap_concentration(1, one, none)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_told_apart),
        cmocka_unit_test(mean_by_hand),
        cmocka_unit_test(medians_trims_and_geometric_means),
        cmocka_unit_test(the_error_of_a_median_is_the_exact_bootstrap),
        cmocka_unit_test(all_pools_agree_with_slow_twins),
        cmocka_unit_test(fewest_removals_are_the_fewest),
        cmocka_unit_test(edges_are_defined),
        cmocka_unit_test(bad_shares_are_refused),
        cmocka_unit_test(printed_tables_are_met),
        cmocka_unit_test(exact_p_is_the_full_enumeration),
        cmocka_unit_test(concordance_has_edges),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(concentration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
