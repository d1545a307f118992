/* A counter-based random number generator: the numbers of a replicate depend
 * on (key, replicate, stream) alone, never on what was drawn before, so that
 * results are the same bits for any number of threads, chunks and machines.
 *
 * Philox4x32-10: Salmon, Moraes, Dror and Shaw (2011), Parallel random
 * numbers: as easy as 1, 2, 3, Proc. SC11; ten rounds, 128-bit counter, 64-bit
 * key. */
#ifndef CAP_RNG_H
#define CAP_RNG_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

enum { CAP_RNG_WORDS = 4 };

/* The block function: four words from a counter and a key. */
void cap_philox(const uint32_t counter[CAP_RNG_WORDS], const uint32_t key[2],
                uint32_t out[CAP_RNG_WORDS]);

/* A position in the sequence of one (key, replicate, stream): 2^32 blocks of
 * four words, then it starts over. */
typedef struct {
    uint32_t key[2];
    uint32_t counter[CAP_RNG_WORDS]; /* block, stream, replicate (low, high) */
    uint32_t word[CAP_RNG_WORDS];
    unsigned used; /* words of the block that were given out */
} cap_rng;

/* Puts `rng` at the start of a sequence. */
void cap_rng_seek(cap_rng *rng, uint64_t key, uint64_t replicate,
                  uint32_t stream);

/* The next block into word[]. */
void cap_rng_refill(cap_rng *rng);

/* 32 random bits. */
static inline uint32_t cap_rng_bits(cap_rng *rng)
{
    if (rng->used == CAP_RNG_WORDS) {
        cap_rng_refill(rng);
    }
    return rng->word[rng->used++];
}

/* The middle of one of 2^52 cells of (0, 1), which two words number. */
static inline double cap_rng_middle(uint32_t high, uint32_t low)
{
    uint64_t cell = (uint64_t)(high >> 6) << 26 | low >> 6;
    return ((double)(int64_t)cell + 0.5) * 0x1p-52;
}

/* Uniform on the open interval (0, 1). */
static inline double cap_rng_uniform(cap_rng *rng)
{
    uint32_t high = cap_rng_bits(rng), low = cap_rng_bits(rng);
    return cap_rng_middle(high, low);
}

/* The next n of them, as n calls give them, many blocks at a time. */
void cap_rng_uniforms(cap_rng *rng, size_t n, double *u);

/* Replicates that cap_rng_strip() works out side by side. */
enum { CAP_RNG_LANES = 8 };

/* The first n uniforms of each of some replicates from `first` on, their
 * number a multiple of CAP_RNG_LANES: u[k * n_replicates + r]. */
void cap_rng_strip(uint64_t key, uint64_t first, uint32_t stream, size_t n,
                   size_t n_replicates, double *u);

/* A whole number from 0 to n - 1, each as likely but for 1 in 2^52 / n. */
static inline size_t cap_rng_below(cap_rng *rng, size_t n)
{
    return (size_t)(cap_rng_uniform(rng) * (double)n);
}

/* The same generator for GSL's distributions: a gsl_rng with this type and a
 * cap_rng as its state, gsl_rng wrapped = {cap_rng_gsl(), &rng}, needs no
 * allocation. gsl_rng_set() seeks (seed, 0, 0). */
const gsl_rng_type *cap_rng_gsl(void);

/* A 64-bit key from any 64 bits: every bit of the one depends on every bit of
 * the other (the finaliser of SplitMix64; Steele, Lea and Flood 2014). */
uint64_t cap_rng_key(uint64_t bits);

#endif
