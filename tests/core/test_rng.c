/* The generator: published vectors, streams that do not meet, uniforms, and
 * GSL's distributions through it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <gsl/gsl_randist.h>

#include "base/rng.h"
#include "random.h"

#define LENGTH(x) (sizeof(x) / sizeof((x)[0]))
enum { N = 20000 };
static double sample[N];

/* kat_vectors of Random123 (D. E. Shaw Research), philox4x32 10. */
static void known_answers(void **state)
{
    (void)state;
    const uint32_t all = 0xFFFFFFFFu;
    const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0},
         {0, 0},
         {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{all, all, all, all},
         {all, all},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t k = 0; k < LENGTH(known); k++) {
        uint32_t out[4];
        cap_philox(known[k].counter, known[k].key, out);
        assert_memory_equal(out, known[k].out, sizeof out);
    }
}

/* Every part of (key, replicate, stream) reaches the counter or the key. */
static void a_sequence_is_its_counters(void **state)
{
    (void)state;
    cap_rng rng;
    cap_rng_seek(&rng, 0x0123456789ABCDEFu, 0xFEDCBA9876543210u, 77);
    for (uint32_t block = 0; block < 10; block++) {
        const uint32_t key[] = {0x89ABCDEFu, 0x01234567u};
        const uint32_t counter[] = {block, 77, 0x76543210u, 0xFEDCBA98u};
        uint32_t out[4];
        cap_philox(counter, key, out);
        for (int word = 0; word < 4; word++) {
            assert_int_equal(cap_rng_bits(&rng), out[word]);
        }
    }
}

static void seeking_starts_again(void **state)
{
    (void)state;
    cap_rng rng, other;
    for (unsigned before = 0; before < 9; before++) {
        cap_rng_seek(&rng, 5, 6, 7);
        for (unsigned k = 0; k < before; k++) {
            cap_rng_bits(&rng);
        }
        cap_rng_seek(&rng, 5, 6, 7);
        cap_rng_seek(&other, 5, 6, 7);
        for (unsigned k = 0; k < 9; k++) {
            assert_int_equal(cap_rng_bits(&rng), cap_rng_bits(&other));
        }
    }
}

/* After 2^32 blocks a sequence starts over, and enters no other stream. */
static void the_last_block_is_followed_by_the_first(void **state)
{
    (void)state;
    cap_rng rng, start;
    cap_rng_seek(&rng, 1, 2, 3);
    rng.counter[0] = 0xFFFFFFFFu;
    for (int k = 0; k < 4; k++) {
        cap_rng_bits(&rng);
    }
    cap_rng_seek(&start, 1, 2, 3);
    for (int k = 0; k < 8; k++) {
        assert_int_equal(cap_rng_bits(&rng), cap_rng_bits(&start));
    }
}

static int by_size(const void *a, const void *b)
{
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* 64 bits at a time, which chance would make meet once in 10^10 such tests. */
static void sequences_do_not_meet(void **state)
{
    (void)state;
    enum { KEYS = 6, REPLICATES = 6, STREAMS = 6, PAIRS = 64 };
    static uint64_t seen[KEYS * REPLICATES * STREAMS * PAIRS];
    const uint64_t far[] = {
        0, 1, 2, (uint64_t)1 << 32, (uint64_t)1 << 63, UINT64_MAX};
    const uint32_t stream[] = {0, 1, 2, 3, (uint32_t)1 << 31, UINT32_MAX};
    size_t n = 0;
    for (size_t k = 0; k < KEYS; k++) {
        for (size_t r = 0; r < REPLICATES; r++) {
            for (size_t s = 0; s < STREAMS; s++) {
                cap_rng rng;
                cap_rng_seek(&rng, far[k], far[r], stream[s]);
                for (size_t p = 0; p < PAIRS; p++) {
                    uint64_t high = cap_rng_bits(&rng);
                    seen[n++] = high << 32 | cap_rng_bits(&rng);
                }
            }
        }
    }
    qsort(seen, n, sizeof *seen, by_size);
    for (size_t k = 1; k < n; k++) {
        assert_true(seen[k] != seen[k - 1]);
    }
}

static cap_rng words(uint32_t first, uint32_t second)
{
    cap_rng rng = {.word = {first, second, first, second}, .used = 0};
    return rng;
}

static void uniforms_stay_inside(void **state)
{
    (void)state;
    const uint32_t all = 0xFFFFFFFFu;
    const size_t most[] = {1, 2, 3, 10, 1000003, (size_t)1 << 40};
    cap_rng rng = words(0, 0);
    double least = cap_rng_uniform(&rng);
    assert_true(least > 0 && least <= 0x1p-53);
    rng = words(all, all);
    double largest = cap_rng_uniform(&rng);
    assert_true(largest < 1 && largest >= 1 - 0x1p-53);
    /* both words count, the first for more */
    rng = words(0, all);
    double second = cap_rng_uniform(&rng);
    rng = words(64, 0);
    double first = cap_rng_uniform(&rng);
    assert_true(least < second && second < first && first < 0x1p-25);
    for (size_t k = 0; k < LENGTH(most); k++) {
        rng = words(0, 0);
        assert_true(cap_rng_below(&rng, most[k]) == 0);
        rng = words(all, all);
        assert_true(cap_rng_below(&rng, most[k]) == most[k] - 1);
    }
}

/* Draws in each of the orders in which the package makes them. */
static void fill(int order)
{
    cap_rng rng;
    cap_rng_seek(&rng, 42, 0, 0);
    for (size_t i = 0; i < N; i++) {
        if (order == 1) { /* one a replicate */
            cap_rng_seek(&rng, 42, i, 0);
        } else if (order == 2) { /* one a stream */
            cap_rng_seek(&rng, 42, 9, (uint32_t)i);
        } else if (order == 3) { /* one a key */
            cap_rng_seek(&rng, i, 9, 0);
        }
        sample[i] = cap_rng_uniform(&rng);
    }
}

/* Many at a time are those of as many calls, wherever one is in a block, and
 * leave the generator where these do; the counter's low word may wrap. */
static void many_uniforms_are_those_of_calls(void **state)
{
    (void)state;
    enum { MOST = 70 };
    for (uint32_t at = 0; at < 2; at++) {
        for (unsigned words = 0; words < 6; words++) {
            for (size_t n = 0; n <= MOST; n++) {
                cap_rng one, many;
                double u[MOST];
                cap_rng_seek(&one, 77, 1ull << 40, 3);
                one.counter[0] = at == 0 ? 0 : UINT32_MAX - 5;
                for (unsigned k = 0; k < words; k++) {
                    cap_rng_bits(&one);
                }
                many = one;
                cap_rng_uniforms(&many, n, u);
                for (size_t k = 0; k < n; k++) {
                    assert_true(u[k] == cap_rng_uniform(&one));
                }
                assert_int_equal(cap_rng_bits(&many), cap_rng_bits(&one));
            }
        }
    }
}

/* A strip's columns are the sequences of its replicates, past 32 bits too. */
static void strips_are_the_sequences_of_replicates(void **state)
{
    (void)state;
    enum { MOST = 27, COLUMNS = 2 * CAP_RNG_LANES };
    const uint64_t first = ((uint64_t)1 << 32) - 5, key = 0x123456789ABCDEFu;
    for (size_t n = 0; n <= MOST; n++) {
        for (size_t columns = CAP_RNG_LANES; columns <= COLUMNS;
             columns += CAP_RNG_LANES) {
            double u[(MOST + 1) * COLUMNS];
            for (size_t k = 0; k < LENGTH(u); k++) {
                u[k] = -1;
            }
            cap_rng_strip(key, first, 6, n, columns, u);
            for (size_t r = 0; r < columns; r++) {
                cap_rng rng;
                cap_rng_seek(&rng, key, first + r, 6);
                for (size_t k = 0; k < n; k++) {
                    assert_true(u[k * columns + r] == cap_rng_uniform(&rng));
                }
            }
            assert_true(u[n * columns] == -1);
        }
    }
}

static void uniforms_are_uniform_and_apart(void **state)
{
    (void)state;
    enum { CELLS = 100, SIDE = 10 };
    for (int order = 0; order < 4; order++) {
        uint32_t one[CELLS] = {0}, pair[SIDE * SIDE] = {0};
        double product = 0;
        fill(order);
        for (size_t i = 0; i < N; i++) {
            assert_true(sample[i] > 0 && sample[i] < 1);
            one[(size_t)(CELLS * sample[i])]++;
            double next = sample[(i + 1) % N];
            product += (sample[i] - 0.5) * (next - 0.5) / N;
            if (i % 2 == 0) {
                pair[SIDE * (size_t)(SIDE * sample[i]) +
                     (size_t)(SIDE * next)]++;
            }
        }
        assert_true(has_moments(N, sample, 0.5, 1.0 / 12));
        assert_true(is_random(CELLS, one));
        assert_true(is_random(SIDE * SIDE, pair));
        /* serial covariance: standard error 1/12 / sqrt(N) */
        assert_true(fabs(product) < 5.0 / 12 / sqrt(N));
    }
}

static void every_bit_is_fair(void **state)
{
    (void)state;
    uint32_t ones[32] = {0};
    cap_rng rng;
    cap_rng_seek(&rng, 8, 8, 8);
    for (size_t i = 0; i < N; i++) {
        uint32_t bits = cap_rng_bits(&rng);
        for (int k = 0; k < 32; k++) {
            ones[k] += bits >> k & 1;
        }
    }
    for (int k = 0; k < 32; k++) {
        assert_true(is_likely(ones[k], N, 0.5));
    }
}

static void whole_numbers_are_equally_likely(void **state)
{
    (void)state;
    for (size_t n = 1; n < 12; n++) {
        uint32_t count[12] = {0};
        cap_rng rng;
        cap_rng_seek(&rng, 3, n, 0);
        for (size_t i = 0; i < N; i++) {
            size_t k = cap_rng_below(&rng, n);
            assert_true(k < n);
            count[k]++;
        }
        assert_true(n == 1 || chi_square(n, count) <
                                  (double)n - 1 + 5 * sqrt(2 * (double)n));
    }
}

static void gsl_sees_the_same_numbers(void **state)
{
    (void)state;
    cap_rng mine, theirs;
    gsl_rng wrapped = {cap_rng_gsl(), &theirs};
    cap_rng_seek(&mine, 11, 22, 33);
    cap_rng_seek(&theirs, 11, 22, 33);
    for (int k = 0; k < 50; k++) {
        assert_int_equal(gsl_rng_get(&wrapped), cap_rng_bits(&mine));
        double u = gsl_rng_uniform(&wrapped), v = cap_rng_uniform(&mine);
        assert_memory_equal(&u, &v, sizeof u);
    }
    gsl_rng_set(&wrapped, 99);
    cap_rng_seek(&mine, 99, 0, 0);
    assert_int_equal(gsl_rng_get(&wrapped), cap_rng_bits(&mine));
    assert_int_equal(gsl_rng_min(&wrapped), 0);
    assert_true(gsl_rng_max(&wrapped) == 0xFFFFFFFFu);
    /* one that GSL allocates */
    gsl_rng *own = gsl_rng_alloc(cap_rng_gsl());
    assert_non_null(own);
    gsl_rng_set(own, 99);
    cap_rng_seek(&mine, 99, 0, 0);
    for (int k = 0; k < 50; k++) {
        assert_int_equal(gsl_rng_get(own), cap_rng_bits(&mine));
    }
    gsl_rng_free(own);
}

static void gsl_distributions_have_their_moments(void **state)
{
    (void)state;
    const double shape[] = {1, 2.5, 40};
    cap_rng rng;
    gsl_rng wrapped = {cap_rng_gsl(), &rng};
    cap_rng_seek(&rng, 1, 2, 3);
    for (size_t i = 0; i < N; i++) {
        sample[i] = gsl_ran_gaussian_ziggurat(&wrapped, 1);
    }
    assert_true(has_moments(N, sample, 0, 1));
    double fourth = 0; /* 3, its standard error sqrt(96 / N) */
    for (size_t i = 0; i < N; i++) {
        fourth += pow(sample[i], 4) / N;
    }
    assert_true(fabs(fourth - 3) < 5 * sqrt(96.0 / N));
    for (size_t k = 0; k < LENGTH(shape); k++) {
        for (size_t i = 0; i < N; i++) {
            sample[i] = gsl_ran_gamma(&wrapped, shape[k], 1);
        }
        assert_true(has_moments(N, sample, shape[k], shape[k]));
    }
    uint32_t count[7] = {0};
    for (size_t i = 0; i < N; i++) {
        count[gsl_rng_uniform_int(&wrapped, 7)]++;
    }
    assert_true(is_random(7, count));
}

/* The first outputs of SplitMix64 seeded with 0 and 1234567 (Vigna 2015), and
 * the second of the latter, whose state is one step on. */
static void keys_are_those_of_splitmix(void **state)
{
    (void)state;
    assert_true(cap_rng_key(0) == 0xE220A8397B1DCDAFu);
    assert_true(cap_rng_key(1234567) == 6457827717110365317u);
    assert_true(cap_rng_key(1234567 + 0x9E3779B97F4A7C15u) ==
                3203168211198807973u);
}

/* One bit of the input changes each bit of the key as often as not. */
static void keys_spread_every_bit(void **state)
{
    (void)state;
    enum { INPUTS = 500 };
    for (int bit = 0; bit < 64; bit++) {
        uint32_t changed = 0;
        for (uint64_t x = 0; x < INPUTS; x++) {
            uint64_t off =
                cap_rng_key(x) ^ cap_rng_key(x ^ (uint64_t)1 << bit);
            for (; off > 0; off &= off - 1) {
                changed++;
            }
        }
        assert_true(is_likely(changed, 64 * INPUTS, 0.5));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(a_sequence_is_its_counters),
        cmocka_unit_test(seeking_starts_again),
        cmocka_unit_test(the_last_block_is_followed_by_the_first),
        cmocka_unit_test(sequences_do_not_meet),
        cmocka_unit_test(uniforms_stay_inside),
        cmocka_unit_test(many_uniforms_are_those_of_calls),
        cmocka_unit_test(strips_are_the_sequences_of_replicates),
        cmocka_unit_test(uniforms_are_uniform_and_apart),
        cmocka_unit_test(every_bit_is_fair),
        cmocka_unit_test(whole_numbers_are_equally_likely),
        cmocka_unit_test(gsl_sees_the_same_numbers),
        cmocka_unit_test(gsl_distributions_have_their_moments),
        cmocka_unit_test(keys_are_those_of_splitmix),
        cmocka_unit_test(keys_spread_every_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
