/* Ranks and bands of scores. */
#ifndef CAP_RANK_H
#define CAP_RANK_H

#include <stdint.h>

#include "base/names.h"
#include "base/status.h"
#include "core/index/scale.h"

/* How ties are ranked: 1, 2, 2, 3 / 1, 2, 2, 4 / 1, 2.5, 2.5, 4. */
typedef enum {
    CAP_RANK_DENSE = 0,
    CAP_RANK_MIN,
    CAP_RANK_AVERAGE,
} cap_rank_method;

/* Its values by name. */
extern const cap_name cap_rank_methods[];

/* Ranks each column of `scores` within each segment of rows, largest first, by
 * the keys of its scale (scale.h); without a maximum by the scores themselves,
 * equal where they follow each other within 1e-9 of the segment's largest.
 *   scores   n_rows x n_columns, column-major; NaN has no rank (NaN)
 *   scale    n_columns: those of the indices that the columns belong to
 *   segment  n_segments + 1 row offsets from 0 to n_rows, ascending: rows of
 *            one edition stand together
 *   ranks    n_rows x n_columns
 * CAP_ERR_INPUT for infinite or huge scores or segments out of order. */
cap_status cap_rank_panel(size_t n_rows, size_t n_columns,
                          const double *scores, const cap_scale *scale,
                          size_t n_segments, const size_t *segment,
                          cap_rank_method method, double *ranks,
                          const cap_poll *poll, cap_error *err);

/* Columns that are ranked side by side. */
enum { CAP_STRIP = 16 };

/* What cap_rank_doubled() works in; zeroed before the first use. */
typedef struct {
    size_t n;
    cap_scale scale;
    void *rows;     /* sorting: two arrays of n */
    double *column; /* sorting: n scores, */
    uint32_t *rank; /* and their ranks */
    int32_t *key;
    uint16_t *height; /* of keys over the lowest, */
    uint16_t *word;   /* and the words of `seen` that they are in */
    uint64_t *seen;   /* one bit a height */
    uint32_t *above;
} cap_rank_space;

/* For columns of n scores of one scale. */
cap_status cap_rank_space_new(size_t n, cap_scale scale, cap_rank_space *space,
                              cap_error *err);
void cap_rank_space_free(cap_rank_space *space);

/* Ranks of `n_columns` columns, 1 or CAP_STRIP, of space->n scores each, as
 * cap_rank_panel() gives them, times two, so that averages are whole; 0 for
 * NaN. `scores` and `ranks` are column-minor: the columns of one row stand
 * together. For loops that rank over and over: allocates nothing. Errors as
 * cap_rank_panel(), with the first column that has one in *failed. */
cap_status cap_rank_doubled(cap_rank_space *space, size_t n_columns,
                            const double *scores, cap_rank_method method,
                            uint32_t *ranks, size_t *failed, cap_error *err);

/* The first band whose lower bound holds (cap_bound_holds()).
 *   lower   n_bands bounds, strictly descending
 *   band    n bands counted from 1; 0 where the score is NaN or under all
 * CAP_ERR_INPUT for bounds out of order and a scale without a maximum. */
cap_status cap_band(size_t n, const double *scores, cap_scale scale,
                    size_t n_bands, const double *lower, int *band,
                    cap_error *err);

/* Checks what cap_band() asks of bounds, with the bound in err->row. */
cap_status cap_bands_check(cap_scale scale, size_t n_bands,
                           const double *lower, cap_error *err);

#endif
