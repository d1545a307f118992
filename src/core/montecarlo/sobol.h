/* Sobol indices: how much of the variance of an output is due to each input
 * factor alone (first order) and in all its interactions (total); their
 * intervals; and the designs that they are estimated from.
 *
 * A design is two independent samples A and B of the d factors, and for each
 * factor j a sample A_B^(j): A with factor j from B. A row is one point of
 * each: y_A, y_B and y_AB(1..d). Everything here rests on sums over rows, so
 * that memory does not grow with the rows and sums of parts can be added.
 *
 * With m the mean and V the variance (divisor: number of values) of the y_A
 * and y_B together:
 *   first order  S_j = mean((y_B - m) (y_ABj - y_A)) / V    Saltelli, Annoni,
 *                Azzini, Campolongo, Ratto and Tarantola (2010), Computer
 *                Physics Communications 181, table 2 (b), centred
 *   total        T_j = mean((y_A - y_ABj)^2) / (2 V)        Jansen (1999),
 *                Computer Physics Communications 117
 *   dummy        mean((y_A - m) (y_B - m)) / V and
 *                1 - mean((y_B - m)^2) / V: what estimators that correlate
 *                whole samples give for a factor that does not exist, so 0 but
 *                for the noise of the sample (Khorashadi Zadeh, Nossent,
 *                Sarrazin, Pianosi, van Griensven, Wagener and Bauwens 2017,
 *                Environmental Modelling and Software 91)
 * Since m is taken off, adding a constant to y changes no index. */
#ifndef CAP_SOBOL_H
#define CAP_SOBOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* More factors than GSL's Sobol sequence has columns for. */
enum { CAP_SOBOL_MOST_QUASI = 20 };

/* The stream of the generator that resampling uses; see rng.h. */
#define CAP_SOBOL_STREAM 0x50B01u

/* Sums of one output: rows, a, b, a^2, b^2, a b, then for each factor
 * b (ab_j - a), ab_j - a, (ab_j - a)^2, where a and b are y_A and y_B less a
 * constant. */
static inline size_t cap_sobol_stat_count(size_t d) { return 6 + 3 * d; }

/* Indices of one output: first order of the d factors, totals of the d
 * factors, the sum of the first orders, the dummy's first order and total. */
static inline size_t cap_sobol_index_count(size_t d) { return 2 * d + 3; }

/* Adds a row to the sums of one group.
 *   a, b    n_outputs values y_A and y_B
 *   ab      n_outputs x d values y_ABj, column-major
 *   centre  n_outputs constants near the mean of each output (within 1e5
 *           standard deviations, lest figures cancel): the same for every row
 *           and group
 *   stats   n_outputs x cap_sobol_stat_count(d), column-major; zeros at first
 * An output with NaN keeps NaN. */
static inline void cap_sobol_add(size_t d, size_t n_outputs, const double *a,
                                 const double *b, const double *ab,
                                 const double *centre, double *restrict stats)
{
    const size_t n = n_outputs;
    for (size_t o = 0; o < n; o++) {
        double x = a[o] - centre[o], y = b[o] - centre[o];
        stats[o] += 1;
        stats[n + o] += x;
        stats[2 * n + o] += y;
        stats[3 * n + o] += x * x;
        stats[4 * n + o] += y * y;
        stats[5 * n + o] += x * y;
    }
    for (size_t j = 0; j < d; j++) {
        double *restrict sums = stats + (6 + 3 * j) * n;
        for (size_t o = 0; o < n; o++) {
            double change = ab[j * n + o] - a[o];
            sums[o] += (b[o] - centre[o]) * change;
            sums[n + o] += change;
            sums[2 * n + o] += change * change;
        }
    }
}

/* Sums of the first ends[0], ends[1], ... rows of one output, for a user's
 * function.
 *   y       n_rows x (d + 2): y_A, y_B, y_AB1, ...; values are divided by
 *           `scale` (> 0) lest squares overflow or vanish: indices do not
 *           change
 *   ends    n_ends row counts, ascending, at most n_rows
 *   stats   cap_sobol_stat_count(d) x n_ends
 * CAP_ERR_INPUT for a value that is not finite (with the cell), ends out of
 * order, a scale that is not positive. */
cap_status cap_sobol_tally(size_t d, size_t n_rows, const double *y,
                           double centre, double scale, size_t n_ends,
                           const size_t *ends, double *stats, cap_error *err);

/* Indices from the sums of `n_groups` groups of rows together.
 *   stats     n_groups of them, each n_outputs x cap_sobol_stat_count(d)
 *   index     n_outputs x cap_sobol_index_count(d), column-major
 *   variance  n_outputs: V; or NULL
 * Indices are not clipped: noise can bring them below 0 and above 1. An output
 * that does not vary (V at most 1e-13 of the mean square about the centre, so
 * 0 but for rounding) has no indices: NaN, and V = 0; so has one with NaN, and
 * no row. CAP_ERR_INPUT for no factor or no group. */
cap_status cap_sobol_indices(size_t d, size_t n_outputs, size_t n_groups,
                             const double *stats, double *index,
                             double *variance, cap_error *err);

/* Bounds of intervals at level `conf` by resampling groups of rows: index +- z
 * s, with z of the normal distribution and s the standard deviation of the
 * resampled indices. (In simulations with 256 groups this kept its level
 * better than percentile, basic and BCa intervals, which miss where an output
 * changes rarely; see the tests.) Each of `n_boot` times n_groups groups are
 * drawn with replacement; rows of A, B and A_B stay together, and m and V are
 * computed anew. Groups must be independent and of one size. The draws depend
 * on `key` alone and are the same for all outputs. low, high  n_outputs x
 * cap_sobol_index_count(d) NaN where an index is NaN, with one group, and
 * where in more than 5 % of the resamples the output does not vary (its rare
 * changes are in too few groups). CAP_ERR_INPUT for no factor or group, fewer
 * than 2 resamples, more than 2^32 - 1 groups, a level outside (0, 1);
 * CAP_ERR_INTERRUPT. */
cap_status cap_sobol_bootstrap(size_t d, size_t n_outputs, size_t n_groups,
                               const double *stats, size_t n_boot,
                               uint64_t key, double conf, double *low,
                               double *high, const cap_poll *poll,
                               cap_error *err);

/* Bounds of intervals at level `conf` for few groups: index +- t s, with t of
 * Student's distribution with n_groups - 1 degrees of freedom and s the
 * jackknife's standard error, s^2 = (G - 1) / G sum (x_g - mean x)^2 over the
 * indices x_g without group g (Efron and Tibshirani 1993, chapter 11). A group
 * may be a whole quasi-random design with its own random shift, whose rows are
 * not exchangeable. Shapes as above. NaN where an index is NaN, with one
 * group, and where the index without some group is NaN. */
cap_status cap_sobol_jackknife(size_t d, size_t n_outputs, size_t n_groups,
                               const double *stats, double conf, double *low,
                               double *high, cap_error *err);

/* The samples A and B (n x d, column-major, every value inside (0, 1)) of
 * replicate `replicate` of a design. Up to CAP_SOBOL_MOST_QUASI factors: the
 * first n points of a Sobol sequence of 2 d columns, the origin included
 * (n = 2^k is best), moved by one random vector modulo 1 (Cranley and
 * Patterson 1976, SIAM Journal on Numerical Analysis 13). More factors: a
 * Latin hypercube (McKay, Beckman and Conover 1979, Technometrics 21) of 2 d
 * columns. Replicates of one key are independent. n from 1 to 2^30;
 * CAP_ERR_INPUT otherwise and for no factor. */
cap_status cap_sobol_design(size_t d, size_t n, uint64_t key,
                            uint64_t replicate, double *a, double *b,
                            cap_error *err);

#endif
