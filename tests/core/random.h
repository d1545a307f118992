/* What tests of the Monte Carlo share: numbers for inputs that do not come
 * from the generator under test, and moments with their errors. */
#ifndef CAP_TEST_RANDOM_H
#define CAP_TEST_RANDOM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t seed;
} lcg;

static inline uint32_t lcg_draw(lcg *g)
{
    g->seed = g->seed * 1664525u + 1013904223u;
    return g->seed >> 8;
}

static inline double lcg_uniform(lcg *g)
{
    return (lcg_draw(g) + 0.5) / 16777216.0;
}

/* Mean and variance of n draws, and the standard error of each (that of the
 * variance from the fourth moment). */
typedef struct {
    double mean, variance, mean_se, variance_se;
} moments;

static inline moments moments_of(size_t n, const double *x)
{
    double count = (double)n, mean = 0, second = 0, fourth = 0;
    for (size_t i = 0; i < n; i++) {
        mean += x[i] / count;
    }
    for (size_t i = 0; i < n; i++) {
        double square = (x[i] - mean) * (x[i] - mean);
        second += square / count;
        fourth += square * square / count;
    }
    return (moments){mean, second, sqrt(second / count),
                     sqrt((fourth - second * second) / count)};
}

/* Whether draws have this mean and variance, within five standard errors. A
 * variance may be off by 1e-9 of itself too: draws of a two-point
 * distribution with equal odds have almost no error. */
static inline int has_moments(size_t n, const double *x, double mean,
                              double variance)
{
    moments m = moments_of(n, x);
    return fabs(m.mean - mean) <= 5 * m.mean_se + 1e-15 &&
           fabs(m.variance - variance) <= 5 * m.variance_se + 1e-9 * variance;
}

/* Whether `count` of n draws is likely for a probability: five standard
 * errors, and one draw of grace for the rare. */
static inline int is_likely(double count, double n, double probability)
{
    double se = sqrt(n * probability * (1 - probability));
    return fabs(count - n * probability) <= 5 * se + (se > 0);
}

/* Pearson's statistic of counts that should be equal. */
static inline double chi_square(size_t cells, const uint32_t *count)
{
    double total = 0, sum = 0;
    for (size_t k = 0; k < cells; k++) {
        total += count[k];
    }
    for (size_t k = 0; k < cells; k++) {
        double expected = total / (double)cells, off = count[k] - expected;
        sum += off * off / expected;
    }
    return sum;
}

/* Whether that statistic is neither too large nor too small to be random:
 * five standard deviations of the chi-square about its mean. */
static inline int is_random(size_t cells, const uint32_t *count)
{
    double df = (double)cells - 1;
    return fabs(chi_square(cells, count) - df) < 5 * sqrt(2 * df);
}

#endif
