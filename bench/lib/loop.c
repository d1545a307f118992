/* A bare Monte Carlo loop, as fast as plain C gets for this one case. For each
 * replicate it draws noise on every weight by the package's law (w (1 + u), u
 * uniform on +-0.25, from a good generator), closes the weights below each
 * parent, scores each unit by the weighted sum of its answers, rounds scores
 * to the package's keys, floor(100 s + 0.5 + 1e-7), and gives dense ranks; it
 * keeps nothing but a checksum of the ranks. The compiler may fuse and reorder
 * as it likes. No checks, missing values, counts or seeds that threads share;
 * the fastest of a few ways to rank was taken. Prints the elapsed and the CPU
 * seconds of the best of `runs`, and the mean of the checksums.
 * Arguments: a file of lines "parent weight max" (parents first, -1 for the
 * root), a file of answers (doubles, units in rows), units, replicates, runs.
 * Of two levels below the root. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_NODES = 64, MOST_UNITS = 256, WORDS = 10112 / 64 };

typedef struct {
    int n, n_leaves, n_units;
    int parent[MOST_NODES], leaf[MOST_NODES];
    double weight[MOST_NODES], max[MOST_NODES];
    double share[MOST_NODES * MOST_UNITS]; /* answers / max, leaf by leaf */
} index;

static double now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* xoshiro256+ (Blackman and Vigna 2021, ACM TOMS 47). */
static uint64_t state[4] = {1, 2, 3, 4};

static inline double uniform(void)
{
    uint64_t sum = state[0] + state[3], t = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= t;
    state[3] = state[3] << 45 | state[3] >> 19;
    return (double)(sum >> 11) * 0x1p-53;
}

static void draw(const index *x, double *effect)
{
    double total[MOST_NODES] = {0};
    effect[0] = x->max[0];
    for (int k = 1; k < x->n; k++) {
        effect[k] = x->weight[k] * (0.75 + 0.5 * uniform());
        total[x->parent[k]] += effect[k];
    }
    for (int k = 0; k < x->n; k++) {
        total[k] = total[k] > 0 ? 1 / total[k] : 0;
    }
    for (int k = 1; k < x->n; k++) {
        effect[k] *= effect[x->parent[k]] * total[x->parent[k]];
    }
}

static void score(const index *x, const double *effect, double *restrict out)
{
    const double *at = x->share;
    int k = 0, n = x->n_units;
    memset(out, 0, (size_t)n * sizeof *out);
    for (; k + 4 <= x->n_leaves; k += 4, at += 4 * n) {
        double a = effect[x->leaf[k]], b = effect[x->leaf[k + 1]];
        double c = effect[x->leaf[k + 2]], d = effect[x->leaf[k + 3]];
        for (int i = 0; i < n; i++) {
            out[i] += a * at[i] + b * at[n + i] + c * at[2 * n + i] +
                      d * at[3 * n + i];
        }
    }
    for (; k < x->n_leaves; k++, at += n) {
        for (int i = 0; i < n; i++) {
            out[i] += effect[x->leaf[k]] * at[i];
        }
    }
}

/* Dense ranks of the scores in hundredths: one bit a score seen. */
static uint64_t rank(int n, const double *score, int *restrict rank)
{
    uint64_t seen[WORDS], checksum = 0;
    int key[MOST_UNITS], before[WORDS], low = 10000, high = 0, above = 0;
    for (int i = 0; i < n; i++) {
        key[i] = (int)floor(100 * score[i] + 0.5 + 1e-7);
        low = key[i] < low ? key[i] : low;
        high = key[i] > high ? key[i] : high;
    }
    unsigned words = (unsigned)(high - low) / 64 + 1;
    if (words > WORDS) {
        return 0;
    }
    memset(seen, 0, words * sizeof *seen);
    for (int i = 0; i < n; i++) {
        int d = high - key[i];
        seen[d / 64] |= (uint64_t)1 << (d % 64);
    }
    for (unsigned w = 0; w < words; w++) {
        before[w] = above;
        above += __builtin_popcountll(seen[w]);
    }
    for (int i = 0; i < n; i++) {
        int d = high - key[i];
        uint64_t up_to = seen[d / 64] & (((uint64_t)1 << (d % 64)) - 1);
        rank[i] = before[d / 64] + __builtin_popcountll(up_to) + 1;
        checksum += (uint64_t)(rank[i] * (i + 1));
    }
    return checksum;
}

static int read_index(index *x, char **argv)
{
    static double answer[MOST_NODES * MOST_UNITS];
    FILE *lines = fopen(argv[1], "r"), *dump = fopen(argv[2], "rb");
    x->n_units = atoi(argv[3]);
    if (lines == NULL || dump == NULL || x->n_units > MOST_UNITS) {
        return 0;
    }
    while (x->n < MOST_NODES && fscanf(lines, "%d %lf %lf", &x->parent[x->n],
                                       &x->weight[x->n], &x->max[x->n]) == 3) {
        x->n++;
    }
    for (int k = 0; k < x->n; k++) {
        int children = 0;
        for (int c = 0; c < x->n; c++) {
            children += x->parent[c] == k;
        }
        if (children == 0) {
            x->leaf[x->n_leaves++] = k;
        }
    }
    size_t cells = (size_t)(x->n_leaves * x->n_units);
    size_t found = fread(answer, sizeof *answer, cells, dump);
    for (size_t c = 0; c < found; c++) {
        x->share[c] = answer[c] / x->max[x->leaf[(int)c / x->n_units]];
    }
    return found == cells;
}

int main(int argc, char **argv)
{
    static index x;
    double effect[MOST_NODES], scores[MOST_UNITS], best = 1e9, cpu = 1e9;
    int ranks[MOST_UNITS];
    double checksum = 0;
    if (argc < 6 || !read_index(&x, argv)) {
        return 2;
    }
    long replicates = atol(argv[4]);
    int runs = atoi(argv[5]);
    for (int run = 0; run < runs; run++) {
        uint64_t sum = 0;
        double start = now(CLOCK_MONOTONIC);
        double worked = now(CLOCK_PROCESS_CPUTIME_ID);
        for (long r = 0; r < replicates; r++) {
            draw(&x, effect);
            score(&x, effect, scores);
            sum += rank(x.n_units, scores, ranks);
        }
        double took = now(CLOCK_MONOTONIC) - start;
        worked = now(CLOCK_PROCESS_CPUTIME_ID) - worked;
        best = took < best ? took : best;
        cpu = worked < cpu ? worked : cpu;
        checksum += (double)sum / (double)replicates / runs;
    }
    printf("%.9g\n%.9g\n%.9g\n", best, cpu, checksum);
    return 0;
}
