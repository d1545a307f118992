/* The Philox generator: blocks of random numbers from a key and a counter, and
 * its face as a gsl_rng_type. */
#include "base/fp.h"
#include "base/rng.h"

/* Blocks that are worked out side by side. */
enum { ROUNDS = 10, LANES = CAP_RNG_LANES };
#define MULTIPLIER_0 0xD2511F53u
#define MULTIPLIER_1 0xCD9E8D57u
#define WEYL_0 0x9E3779B9u
#define WEYL_1 0xBB67AE85u

void cap_philox(const uint32_t counter[CAP_RNG_WORDS], const uint32_t key[2],
                uint32_t out[CAP_RNG_WORDS])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2];
    uint32_t c3 = counter[3], k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t a = (uint64_t)MULTIPLIER_0 * c0;
        uint64_t b = (uint64_t)MULTIPLIER_1 * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void cap_rng_seek(cap_rng *rng, uint64_t key, uint64_t replicate,
                  uint32_t stream)
{
    rng->key[0] = (uint32_t)key;
    rng->key[1] = (uint32_t)(key >> 32);
    rng->counter[0] = 0;
    rng->counter[1] = stream;
    rng->counter[2] = (uint32_t)replicate;
    rng->counter[3] = (uint32_t)(replicate >> 32);
    rng->used = CAP_RNG_WORDS;
}

void cap_rng_refill(cap_rng *rng)
{
    cap_philox(rng->counter, rng->key, rng->word);
    rng->counter[0]++;
    rng->used = 0;
}

/* cap_philox() for LANES counters in place, word by word. */
CAP_HOT static void philox_lanes(const uint32_t key[2],
                                 uint32_t word[CAP_RNG_WORDS][LANES])
{
    uint32_t *c0 = word[0], *c1 = word[1], *c2 = word[2], *c3 = word[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ROUNDS; round++) {
        for (int l = 0; l < LANES; l++) {
            uint64_t a = (uint64_t)MULTIPLIER_0 * c0[l];
            uint64_t b = (uint64_t)MULTIPLIER_1 * c2[l];
            c0[l] = (uint32_t)(b >> 32) ^ c1[l] ^ k0;
            c1[l] = (uint32_t)b;
            c2[l] = (uint32_t)(a >> 32) ^ c3[l] ^ k1;
            c3[l] = (uint32_t)a;
        }
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
}

CAP_HOT static void lane_uniforms(const uint32_t *restrict high,
                                  const uint32_t *restrict low,
                                  double *restrict u)
{
    for (size_t l = 0; l < LANES; l++) {
        u[l] = cap_rng_middle(high[l], low[l]);
    }
}

/* The next n uniforms, of at most LANES whole blocks. What is left of the
 * last block stays for the next call. */
static void take_lanes(cap_rng *rng, size_t n, double *u)
{
    uint32_t word[CAP_RNG_WORDS][LANES];
    double first[LANES], second[LANES];
    size_t blocks = (n + 1) / 2;
    for (uint32_t l = 0; l < LANES; l++) {
        word[0][l] = rng->counter[0] + l;
        for (size_t k = 1; k < CAP_RNG_WORDS; k++) {
            word[k][l] = rng->counter[k];
        }
    }
    philox_lanes(rng->key, word);
    lane_uniforms(word[0], word[1], first);
    lane_uniforms(word[2], word[3], second);
    for (size_t k = 0; k < n; k++) {
        u[k] = (k % 2 == 0 ? first : second)[k / 2];
    }
    for (size_t k = 0; k < CAP_RNG_WORDS; k++) {
        rng->word[k] = word[k][blocks - 1];
    }
    rng->counter[0] += (uint32_t)blocks;
    rng->used = n % 2 == 0 ? CAP_RNG_WORDS : CAP_RNG_WORDS / 2;
}

void cap_rng_uniforms(cap_rng *rng, size_t n, double *u)
{
    size_t done = 0;
    while (rng->used == CAP_RNG_WORDS && n - done >= LANES) {
        size_t some = n - done < 2 * LANES ? n - done : 2 * LANES;
        take_lanes(rng, some, u + done);
        done += some;
    }
    while (done < n) {
        u[done++] = cap_rng_uniform(rng);
    }
}

void cap_rng_strip(uint64_t key, uint64_t first, uint32_t stream, size_t n,
                   size_t n_replicates, double *u)
{
    const uint32_t half[2] = {(uint32_t)key, (uint32_t)(key >> 32)};
    double over[LANES]; /* of a last block that is half used */
    for (size_t k = 0; k < n; k += 2) {
        for (size_t from = 0; from < n_replicates; from += LANES) {
            uint32_t word[CAP_RNG_WORDS][LANES];
            double *to = u + k * n_replicates + from;
            for (uint32_t l = 0; l < LANES; l++) {
                uint64_t replicate = first + from + l;
                word[0][l] = (uint32_t)(k / 2);
                word[1][l] = stream;
                word[2][l] = (uint32_t)replicate;
                word[3][l] = (uint32_t)(replicate >> 32);
            }
            philox_lanes(half, word);
            lane_uniforms(word[0], word[1], to);
            lane_uniforms(word[2], word[3],
                          k + 1 < n ? to + n_replicates : over);
        }
    }
}

static void set_state(void *state, unsigned long int seed)
{
    cap_rng_seek(state, seed, 0, 0);
}

static unsigned long int get_bits(void *state) { return cap_rng_bits(state); }

static double get_uniform(void *state) { return cap_rng_uniform(state); }

const gsl_rng_type *cap_rng_gsl(void)
{
    static const gsl_rng_type type = {.name = "philox4x32-10",
                                      .max = 0xFFFFFFFFu,
                                      .min = 0,
                                      .size = sizeof(cap_rng),
                                      .set = set_state,
                                      .get = get_bits,
                                      .get_double = get_uniform};
    return &type;
}

uint64_t cap_rng_key(uint64_t bits)
{
    uint64_t z = bits + 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}
