/* From a long table of answers to a matrix. */
#ifndef CAP_ANSWERS_H
#define CAP_ANSWERS_H

#include "base/status.h"

/* Puts n_cells values into a matrix of n_rows x n_columns.
 *   row, column  the place of each cell, zero-based
 *   value        any number; NaN is missing
 *   matrix       column-major; cells that no value names become NaN
 *   source       a code >= 1 for each cell, or NULL
 *   sources      n_rows x n_columns codes, 0 where no cell, or NULL
 *   repeated     n_cells marks: 1 where an earlier cell has the same place
 *                (its value is not written), else 0
 * CAP_ERR_INPUT for a place outside the matrix (err->row is the cell). */
cap_status cap_answers_place(size_t n_cells, const int *row, const int *column,
                             const double *value, const int *source,
                             size_t n_rows, size_t n_columns, double *matrix,
                             int *sources, int *repeated, size_t *n_repeated,
                             const cap_poll *poll, cap_error *err);

#endif
