/* Keys, ranks and bands by the one rounding rule. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alloc_hook.h"
#include "core/index/rank.h"

static const cap_scale hundred = {1};
static const cap_scale scales[] = {{1}, {1}, {1}};

#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))

static uint32_t seed = 11;
static uint32_t draw(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void keys_are_hundredths_halves_up(void **state)
{
    (void)state;
    const struct {
        double score;
        int64_t key;
    } cases[] = {
        {0, 0},
        {-0.0, 0},
        {100, 10000},
        {2.675, 268}, /* 267.49999999999994 in binary */
        {1.005, 101},
        {1.115, 112},
        {0.005, 1},
        {0.0049, 0},
        {0.004999, 0},
        {99.994, 9999},
        {99.995, 10000},
        {94.9999999995, 9500},
        {0.1 + 0.2, 30},
        {-0.005, 0},
        {-0.006, -1},
        {-2.675, -267},
        {9e13, 9000000000000000},
    };
    for (size_t k = 0; k < LENGTH(cases); k++) {
        assert_int_equal(cap_rank_key(hundred, cases[k].score), cases[k].key);
    }
    /* every half of the published range rounds up, however it was computed */
    for (int h = 0; h < 10000; h++) {
        assert_int_equal(cap_rank_key(hundred, (h + 0.5) / 100), h + 1);
        assert_int_equal(cap_rank_key(hundred, h / 100.0), h);
        assert_int_equal(cap_rank_key(hundred, h * 0.01 + 0.005), h + 1);
    }
}

static void rank(size_t n, const double *scores, cap_rank_method method,
                 double *ranks)
{
    const size_t segment[] = {0, n};
    assert_int_equal(cap_rank_panel(n, 1, scores, scales, 1, segment, method,
                                    ranks, NULL, NULL),
                     CAP_OK);
}

static void same(size_t n, const double *a, const double *b)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(isnan(a[i]) != 0, isnan(b[i]) != 0);
        assert_true(isnan(a[i]) || fabs(a[i] - b[i]) < 1e-12);
    }
}

static void ties_by_hand(void **state)
{
    (void)state;
    const double s[] = {70, 90.001, 90.004, 10, NAN, 70, 70};
    const double dense[] = {2, 1, 1, 3, NAN, 2, 2};
    const double least[] = {3, 1, 1, 6, NAN, 3, 3};
    const double average[] = {4, 1.5, 1.5, 6, NAN, 4, 4};
    double r[7];
    rank(7, s, CAP_RANK_DENSE, r);
    same(7, r, dense);
    rank(7, s, CAP_RANK_MIN, r);
    same(7, r, least);
    rank(7, s, CAP_RANK_AVERAGE, r);
    same(7, r, average);
}

static void edges_of_size(void **state)
{
    (void)state;
    const double nothing[] = {NAN, NAN}, all_first[] = {1, 1};
    const double equal[] = {0.001, 0.002};
    double r[2];
    rank(0, nothing, CAP_RANK_DENSE, r);
    rank(2, nothing, CAP_RANK_MIN, r);
    same(2, r, nothing);
    rank(2, equal, CAP_RANK_DENSE, r);
    same(2, r, all_first);
    rank(1, equal, CAP_RANK_AVERAGE, r);
    same(1, r, all_first);
    /* no columns, no segments */
    const size_t none[] = {0};
    assert_int_equal(cap_rank_panel(0, 3, nothing, scales, 0, none,
                                    CAP_RANK_DENSE, r, NULL, NULL),
                     CAP_OK);
    const size_t two[] = {0, 2};
    assert_int_equal(cap_rank_panel(2, 0, nothing, scales, 1, two,
                                    CAP_RANK_DENSE, r, NULL, NULL),
                     CAP_OK);
}

static void segments_and_columns_are_apart(void **state)
{
    (void)state;
    /* two columns of five rows; editions of 2, 0 and 3 rows */
    const double s[] = {1, 2, 3, 4, 5, 9, 8, 9, 8, 8};
    const size_t segment[] = {0, 2, 2, 5};
    const double expected[] = {2, 1, 3, 2, 1, 1, 2, 1, 2, 2};
    double r[10];
    assert_int_equal(cap_rank_panel(5, 2, s, scales, 3, segment,
                                    CAP_RANK_DENSE, r, NULL, NULL),
                     CAP_OK);
    same(10, r, expected);
}

static void bad_segments_are_refused(void **state)
{
    (void)state;
    const double s[] = {1, 2, 3};
    const size_t bad[][3] = {{1, 2, 3}, {0, 2, 2}, {0, 4, 3}, {0, 1, 4}};
    double r[3];
    for (size_t k = 0; k < LENGTH(bad); k++) {
        cap_error err;
        assert_int_equal(cap_rank_panel(3, 1, s, scales, 2, bad[k],
                                        CAP_RANK_DENSE, r, NULL, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(err.status, CAP_ERR_INPUT);
    }
}

static void infinite_and_huge_scores_are_refused(void **state)
{
    (void)state;
    const double bad[] = {INFINITY, -INFINITY, 1e14, -1e14, 1e300};
    const size_t segment[] = {0, 2};
    double s[] = {0, 0}, r[2];
    for (size_t k = 0; k < LENGTH(bad); k++) {
        cap_error err;
        s[1] = bad[k];
        assert_int_equal(cap_rank_panel(2, 1, s, scales, 1, segment,
                                        CAP_RANK_DENSE, r, NULL, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(err.status, CAP_ERR_INPUT);
    }
    /* just under the limit, on both sides */
    const double wide[] = {-8.9e13, 8.9e13}, expected[] = {2, 1};
    rank(2, wide, CAP_RANK_DENSE, r);
    same(2, r, expected);
}

/* Counting every pair: the definition, slowly. */
static void rank_slowly(size_t n, const double *s, cap_rank_method method,
                        double *r)
{
    for (size_t i = 0; i < n; i++) {
        double above = 0, ties = 0, distinct = 0;
        r[i] = NAN;
        if (isnan(s[i])) {
            continue;
        }
        for (size_t j = 0; j < n; j++) {
            if (isnan(s[j])) {
                continue;
            }
            int64_t a = cap_rank_key(hundred, s[i]),
                    b = cap_rank_key(hundred, s[j]);
            above += b > a;
            ties += b == a;
            int first = b > a;
            for (size_t q = 0; q < j && first; q++) {
                first = isnan(s[q]) || cap_rank_key(hundred, s[q]) != b;
            }
            distinct += first;
        }
        r[i] = method == CAP_RANK_DENSE ? distinct + 1
               : method == CAP_RANK_MIN ? above + 1
                                        : above + (ties + 1) / 2;
    }
}

/* Keys of one byte to eight: those up to 100 span two. */
static void narrow_and_wide_keys_agree_with_the_definition(void **state)
{
    (void)state;
    static const double scale[] = {0.5, 1, 100, 1e4, 1e6, 1e9, 1e12, 8e13};
    for (int round = 0; round < 150; round++) {
        enum { MOST = 60 };
        double s[MOST], r[MOST], slow[MOST];
        size_t n = 1 + draw() % MOST;
        double top = scale[draw() % LENGTH(scale)];
        for (size_t i = 0; i < n; i++) {
            s[i] = (double)(draw() % 200) / 200 * top - top / 3;
            s[i] = draw() % 8 == 0 ? NAN : s[i];
            if (i > 0 && draw() % 4 == 0) {
                s[i] = s[draw() % i];
            }
        }
        for (int m = 0; m < 3; m++) {
            rank(n, s, (cap_rank_method)m, r);
            rank_slowly(n, s, (cap_rank_method)m, slow);
            same(n, r, slow);
        }
    }
}

/* However scores are sorted, one far below changes no other rank. */
static void a_wide_score_changes_no_other_rank(void **state)
{
    (void)state;
    enum { N = 500 };
    double s[N + 1], a[N], b[N + 1];
    for (size_t i = 0; i < N; i++) {
        s[i] = (double)(draw() % 3000) / 100;
    }
    s[N] = -1e12; /* last, whatever the method */
    for (int m = 0; m < 3; m++) {
        rank(N, s, (cap_rank_method)m, a);
        rank(N + 1, s, (cap_rank_method)m, b);
        same(N, a, b);
        assert_true(m == 0 ? b[N] > 1 : fabs(b[N] - (N + 1)) < 1e-12);
    }
}

static void bands_hold_from_their_bound(void **state)
{
    (void)state;
    const double lower[] = {95, 85, 55, 20, 0};
    const double s[] = {100,     95,  94.9999999995, 94.99999999, 85,
                        84.9999, 55,  19.99,         0,           -5e-10,
                        -1e-8,   NAN, HUGE_VAL,      -HUGE_VAL};
    const int expected[] = {1, 1, 1, 2, 2, 3, 3, 5, 5, 5, 0, 0, 1, 0};
    int band[LENGTH(s)];
    assert_int_equal(cap_band(LENGTH(s), s, hundred, 5, lower, band, NULL),
                     CAP_OK);
    for (size_t i = 0; i < LENGTH(s); i++) {
        assert_int_equal(band[i], expected[i]);
    }
    /* no bands, no scores */
    assert_int_equal(cap_band(1, s, hundred, 0, lower, band, NULL), CAP_OK);
    assert_int_equal(band[0], 0);
    assert_int_equal(cap_band(0, s, hundred, 5, lower, band, NULL), CAP_OK);
}

static void bands_out_of_order_are_refused(void **state)
{
    (void)state;
    const double bad[][3] = {{95, 95, 20},     {20, 55, 95},
                             {95, 20, 55},     {95, NAN, 20},
                             {INFINITY, 5, 0}, {95, 20, -INFINITY}};
    const size_t row[] = {1, 1, 2, 1, 0, 2};
    const double s[] = {50};
    int band[1];
    for (size_t k = 0; k < LENGTH(bad); k++) {
        cap_error err;
        assert_int_equal(cap_band(1, s, hundred, 3, bad[k], band, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(err.row, row[k]);
    }
}

/* Neighbours on both sides of 256, 65,536 and 2^24 hundredths. */
static void byte_boundaries_of_keys_keep_their_order(void **state)
{
    (void)state;
    double s[9], r[9];
    for (int shift = 8; shift <= 48; shift += 8) {
        for (int i = 0; i < 9; i++) {
            s[i] = ((double)((int64_t)1 << shift) + (i * 5) % 9 - 4) / 100;
        }
        rank(9, s, CAP_RANK_MIN, r);
        for (int i = 0; i < 9; i++) {
            assert_true(fabs(r[i] - (9 - (i * 5) % 9)) < 1e-12);
        }
        s[8] = 0; /* and as distances from a key at the other end */
        rank(9, s, CAP_RANK_MIN, r);
        for (int i = 0; i < 8; i++) {
            assert_true(r[i] < r[8]);
        }
    }
}

static int stop_at(void *context)
{
    int *left = context;
    return --*left < 0;
}

static void a_poll_stops_the_work(void **state)
{
    (void)state;
    const double s[] = {1, 2, 3, 4};
    const size_t segment[] = {0, 1, 2};
    double r[4];
    int stopped = 0;
    for (int after = 0; after < 10; after++) {
        int left = after;
        cap_poll poll = {stop_at, &left, NULL};
        cap_error err;
        cap_status status = cap_rank_panel(2, 2, s, scales, 2, segment,
                                           CAP_RANK_DENSE, r, &poll, &err);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_INTERRUPT);
            assert_int_equal(err.status, CAP_ERR_INTERRUPT);
            assert_true(left >= -1); /* it did not ask again */
            stopped++;
        }
    }
    assert_true(stopped > 0 && stopped < 10);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const double s[] = {1, 2}, expected[] = {2, 1};
    const size_t segment[] = {0, 2};
    double r[2];
    cap_status status = CAP_ERR_MEMORY;
    size_t n = 0;
    while (status != CAP_OK) {
        cap_error err;
        alloc_fail_at(++n);
        status = cap_rank_panel(2, 1, s, scales, 1, segment, CAP_RANK_DENSE, r,
                                NULL, &err);
        alloc_fail_at(0);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_int_equal(err.status, CAP_ERR_MEMORY);
        }
        assert_true(n < 100);
    }
    assert_true(n > 1);
    same(2, r, expected);
}

static void double_rank(cap_rank_space *space, const double *s,
                        cap_rank_method method, uint32_t *r)
{
    size_t failed;
    assert_int_equal(cap_rank_doubled(space, 1, s, method, r, &failed, NULL),
                     CAP_OK);
}

/* One workspace for all rounds, so that what a round leaves behind (marks,
 * keys) would show in the next. */
static void doubled_ranks_are_those_of_a_panel(void **state)
{
    (void)state;
    enum { MOST = 300 };
    static const double scale[] = {0.02, 1,   100,   600, 700,  1e4,
                                   9e6,  2e7, 2.2e7, 1e9, 1e12, 8e13};
    double s[MOST], r[MOST];
    uint32_t doubled[MOST];
    const size_t size[] = {1, 2, 3, 63, 64, 65, 194, MOST};
    for (size_t k = 0; k < LENGTH(size); k++) {
        size_t n = size[k];
        cap_rank_space space = {0};
        assert_int_equal(cap_rank_space_new(n, hundred, &space, NULL), CAP_OK);
        for (int round = 0; round < 120; round++) {
            double top = scale[draw() % LENGTH(scale)];
            int gaps = draw() % 3 == 0, below = draw() % 2 == 0;
            for (size_t i = 0; i < n; i++) {
                s[i] = (double)draw() / 16777216 * top - below * top / 2;
                s[i] = gaps && draw() % 8 == 0 ? NAN : s[i];
                if (i > 0 && draw() % 4 == 0) {
                    s[i] = s[draw() % i];
                }
            }
            for (int m = 0; m < 3; m++) {
                rank(n, s, (cap_rank_method)m, r);
                double_rank(&space, s, (cap_rank_method)m, doubled);
                for (size_t i = 0; i < n; i++) {
                    assert_true(isnan(r[i]) ? doubled[i] == 0
                                            : doubled[i] == 2 * r[i]);
                }
            }
        }
        cap_rank_space_free(&space);
    }
}

/* A strip's columns are ranked as each alone, be they near each other, far
 * apart (so that they are sorted) or with gaps; the first that cannot be is
 * told. */
static void strips_are_ranked_as_their_columns(void **state)
{
    (void)state;
    enum { MOST = 300 };
    static const double apart[] = {0, 1, 50, 1e4, 1e7};
    static double strip[MOST * CAP_STRIP];
    static uint32_t ranks[MOST * CAP_STRIP];
    double s[MOST];
    uint32_t alone[MOST];
    const size_t size[] = {1, 2, 194, 255, 256, MOST};
    size_t failed;
    for (size_t k = 0; k < LENGTH(size); k++) {
        size_t n = size[k];
        cap_rank_space space = {0};
        assert_int_equal(cap_rank_space_new(n, hundred, &space, NULL), CAP_OK);
        for (size_t round = 0; round < 30; round++) {
            double far = apart[round % LENGTH(apart)];
            for (size_t i = 0; i < n * CAP_STRIP; i++) {
                double x = (double)(draw() % 5000) / 50 - 20;
                strip[i] = x + far * (double)(i % CAP_STRIP);
                strip[i] = round % 3 == 0 && draw() % 9 == 0 ? NAN : strip[i];
            }
            for (int m = 0; m < 3; m++) {
                assert_int_equal(cap_rank_doubled(&space, CAP_STRIP, strip,
                                                  (cap_rank_method)m, ranks,
                                                  &failed, NULL),
                                 CAP_OK);
                for (size_t c = 0; c < CAP_STRIP; c++) {
                    for (size_t i = 0; i < n; i++) {
                        s[i] = strip[i * CAP_STRIP + c];
                    }
                    double_rank(&space, s, (cap_rank_method)m, alone);
                    for (size_t i = 0; i < n; i++) {
                        assert_int_equal(ranks[i * CAP_STRIP + c], alone[i]);
                    }
                }
            }
        }
        strip[CAP_STRIP - 1] = INFINITY;
        strip[(n - 1) * CAP_STRIP + 5] = -1e14;
        assert_int_equal(cap_rank_doubled(&space, CAP_STRIP, strip,
                                          CAP_RANK_DENSE, ranks, &failed,
                                          NULL),
                         CAP_ERR_INPUT);
        assert_int_equal(failed, 5);
        cap_rank_space_free(&space);
    }
}

/* Keys at the ends of what bits (65,536 apart) and 32-bit keys hold, and
 * halves of a hundredth on both sides of 0, where truncation is not floor. */
static void doubled_ranks_at_the_edges(void **state)
{
    (void)state;
    const double cases[][4] = {{655.35, 0, 655.34, 0.01},
                               {655.36, 0, 655.35, 0.01},
                               {655.37, 0, 655.36, 0.01},
                               {-655.36, 0, -655.37, -0.01},
                               {9999999.98, 9999999.99, 1e7, 10000000.01},
                               {-9999999.98, -9999999.99, -1e7, -10000000.01},
                               {9999999.99, -9999999.99, 0, 1},
                               {-0.005, 0.005, -0.0051, 0.0049},
                               {-0.015, -0.01, -0.0151, -0.02},
                               {1.005, 1.015, 1.01, 1.0149999},
                               {0.0, -0.0, 0.004, -0.005},
                               {7, 7, 7, 7},
                               {NAN, NAN, NAN, NAN},
                               {NAN, 1, NAN, 2},
                               {-8.9e13, 8.9e13, 0, NAN}};
    cap_rank_space space = {0};
    assert_int_equal(cap_rank_space_new(4, hundred, &space, NULL), CAP_OK);
    for (size_t k = 0; k < LENGTH(cases); k++) {
        for (int m = 0; m < 3; m++) {
            double slow[4];
            uint32_t doubled[4];
            rank_slowly(4, cases[k], (cap_rank_method)m, slow);
            double_rank(&space, cases[k], (cap_rank_method)m, doubled);
            for (size_t i = 0; i < 4; i++) {
                assert_true(isnan(slow[i]) ? doubled[i] == 0
                                           : doubled[i] == 2 * slow[i]);
            }
        }
    }
    cap_rank_space_free(&space);
}

static void doubled_ranks_refuse_the_infinite_and_huge(void **state)
{
    (void)state;
    const double bad[] = {INFINITY, -INFINITY, 1e14, -1e14, 1e300};
    cap_rank_space space = {0};
    assert_int_equal(cap_rank_space_new(2, hundred, &space, NULL), CAP_OK);
    for (size_t k = 0; k < LENGTH(bad); k++) {
        for (int m = 0; m < 3; m++) {
            const double s[] = {1, bad[k]};
            uint32_t r[2];
            cap_error err;
            size_t failed = 9;
            assert_int_equal(cap_rank_doubled(&space, 1, s, (cap_rank_method)m,
                                              r, &failed, &err),
                             CAP_ERR_INPUT);
            assert_int_equal(err.status, CAP_ERR_INPUT);
            assert_int_equal(failed, 0);
        }
    }
    cap_rank_space_free(&space);
    cap_rank_space_free(&space); /* a freed one is left alone */
    /* no scores */
    assert_int_equal(cap_rank_space_new(0, hundred, &space, NULL), CAP_OK);
    for (int m = 0; m < 3; m++) {
        double_rank(&space, bad, (cap_rank_method)m, NULL);
    }
    cap_rank_space_free(&space);
}

static void every_allocation_of_a_workspace_may_fail(void **state)
{
    (void)state;
    size_t n = 0;
    for (cap_status status = CAP_ERR_MEMORY; status != CAP_OK;) {
        cap_rank_space space = {0};
        cap_error err;
        alloc_fail_at(++n);
        status = cap_rank_space_new(5, hundred, &space, &err);
        alloc_fail_at(0);
        assert_true(status == CAP_OK || (status == CAP_ERR_MEMORY &&
                                         err.status == CAP_ERR_MEMORY));
        assert_true((space.rows == NULL) == (status != CAP_OK));
        cap_rank_space_free(&space);
        assert_true(n < 100);
    }
    assert_true(n > 1);
}

/* --- scales -------------------------------------------------------------- */

static const double maximum[] = {100, 1, 0.001, 1e6, 7.3};

/* Halves and wholes of hundredths of the maximum, up to the whole. */
static void keys_are_those_of_the_shares(void **state)
{
    (void)state;
    assert_true(cap_scale_of(100).unit == 1);
    for (size_t m = 0; m < LENGTH(maximum); m++) {
        cap_scale scale = cap_scale_of(maximum[m]);
        for (int h = 0; h <= 20000; h++) {
            double share = h / 20000.0;
            assert_int_equal(cap_rank_key(scale, share * maximum[m]),
                             cap_rank_key(hundred, 100 * share));
        }
    }
}

static void fifty_scores_have_fifty_places(void **state)
{
    (void)state;
    const size_t segment[] = {0, 50};
    for (size_t m = 0; m < LENGTH(maximum); m++) {
        cap_scale scale = cap_scale_of(maximum[m]);
        cap_rank_space space = {0};
        double s[50], r[50];
        uint32_t doubled[50];
        size_t failed;
        for (size_t i = 0; i < 50; i++) {
            s[i] = (double)(i + 1) / 50 * maximum[m];
        }
        assert_int_equal(cap_rank_panel(50, 1, s, &scale, 1, segment,
                                        CAP_RANK_DENSE, r, NULL, NULL),
                         CAP_OK);
        assert_int_equal(cap_rank_space_new(50, scale, &space, NULL), CAP_OK);
        for (int method = 0; method < 3; method++) {
            assert_int_equal(cap_rank_doubled(&space, 1, s,
                                              (cap_rank_method)method, doubled,
                                              &failed, NULL),
                             CAP_OK);
            for (size_t i = 0; i < 50; i++) {
                assert_true(r[i] == (double)(50 - i));
                assert_int_equal(doubled[i], 2 * (50 - i));
            }
        }
        cap_rank_space_free(&space);
    }
}

static void bounds_hold_on_every_scale(void **state)
{
    (void)state;
    const double share[] = {
        0.95, 0.949999999995, 0.94999999998, 0.2, 0.19999, 0.1999999999999, 1,
        0};
    const int expected[] = {1, 1, 2, 2, 3, 2, 1, 3};
    for (size_t m = 0; m < LENGTH(maximum); m++) {
        double s[LENGTH(share)], lower[] = {0.95, 0.2, 0};
        int band[LENGTH(share)];
        for (size_t i = 0; i < LENGTH(share); i++) {
            s[i] = share[i] * maximum[m];
        }
        for (size_t b = 0; b < 3; b++) {
            lower[b] *= maximum[m];
        }
        cap_scale scale = cap_scale_of(maximum[m]);
        assert_int_equal(cap_band(LENGTH(s), s, scale, 3, lower, band, NULL),
                         CAP_OK);
        for (size_t i = 0; i < LENGTH(s); i++) {
            assert_int_equal(band[i], expected[i]);
        }
        double slack = cap_bound_slack(scale);
        assert_true(fabs(slack - 1e-11 * maximum[m]) < 1e-15 * maximum[m]);
    }
}

/* Standardised scores: no two decimals to round to, and no bands. */
static void scores_without_a_maximum_rank_as_they_are(void **state)
{
    (void)state;
    const double none[] = {NAN, 0, -1, INFINITY, 5e-324};
    const double s[] = {0.001, 0.002, -3, -3 - 2e-9, NAN, -2.9999, -0.0, 0};
    const double dense[] = {2, 1, 5, 5, NAN, 4, 3, 3};
    const double lower[] = {0};
    const size_t segment[] = {0, LENGTH(s)};
    for (size_t k = 0; k < LENGTH(none); k++) {
        cap_scale scale = cap_scale_of(none[k]);
        double r[LENGTH(s)];
        int band[LENGTH(s)];
        uint32_t doubled[LENGTH(s)];
        size_t failed;
        cap_rank_space space = {0};
        assert_false(cap_scale_has_max(scale));
        assert_int_equal(cap_rank_panel(LENGTH(s), 1, s, &scale, 1, segment,
                                        CAP_RANK_DENSE, r, NULL, NULL),
                         CAP_OK);
        assert_int_equal(cap_rank_space_new(LENGTH(s), scale, &space, NULL),
                         CAP_OK);
        assert_int_equal(cap_rank_doubled(&space, 1, s, CAP_RANK_DENSE,
                                          doubled, &failed, NULL),
                         CAP_OK);
        for (size_t i = 0; i < LENGTH(s); i++) {
            assert_true(isnan(dense[i]) ? isnan(r[i]) : r[i] == dense[i]);
            assert_true(doubled[i] == (isnan(r[i]) ? 0 : 2 * r[i]));
        }
        cap_rank_space_free(&space);
        cap_error err;
        assert_int_equal(cap_band(LENGTH(s), s, scale, 1, lower, band, &err),
                         CAP_ERR_INPUT);
        assert_int_equal(cap_band(LENGTH(s), s, scale, 0, lower, band, NULL),
                         CAP_OK);
    }
    const cap_scale scale = {0};
    const double bad[] = {1, INFINITY};
    const size_t two[] = {0, 2};
    double r[2];
    assert_int_equal(
        cap_rank_panel(2, 1, bad, &scale, 1, two, CAP_RANK_MIN, r, NULL, NULL),
        CAP_ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_those_of_the_shares),
        cmocka_unit_test(fifty_scores_have_fifty_places),
        cmocka_unit_test(bounds_hold_on_every_scale),
        cmocka_unit_test(scores_without_a_maximum_rank_as_they_are),
        cmocka_unit_test(keys_are_hundredths_halves_up),
        cmocka_unit_test(ties_by_hand),
        cmocka_unit_test(edges_of_size),
        cmocka_unit_test(segments_and_columns_are_apart),
        cmocka_unit_test(bad_segments_are_refused),
        cmocka_unit_test(infinite_and_huge_scores_are_refused),
        cmocka_unit_test(narrow_and_wide_keys_agree_with_the_definition),
        cmocka_unit_test(a_wide_score_changes_no_other_rank),
        cmocka_unit_test(byte_boundaries_of_keys_keep_their_order),
        cmocka_unit_test(bands_hold_from_their_bound),
        cmocka_unit_test(bands_out_of_order_are_refused),
        cmocka_unit_test(a_poll_stops_the_work),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(doubled_ranks_are_those_of_a_panel),
        cmocka_unit_test(strips_are_ranked_as_their_columns),
        cmocka_unit_test(doubled_ranks_at_the_edges),
        cmocka_unit_test(doubled_ranks_refuse_the_infinite_and_huge),
        cmocka_unit_test(every_allocation_of_a_workspace_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
