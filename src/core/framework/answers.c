/* Puts a long table of answers into its matrix; a cell answered twice is an
 * error. */
#include "core/framework/answers.h"

#include <math.h>

#include "base/allocation.h"

#define CELLS_A_POLL 1000000

cap_status cap_answers_place(size_t n_cells, const int *row, const int *column,
                             const double *value, const int *source,
                             size_t n_rows, size_t n_columns, double *matrix,
                             int *sources, int *repeated, size_t *n_repeated,
                             const cap_poll *poll, cap_error *err)
{
    cap_status status = CAP_OK;
    size_t size = n_rows * n_columns;
    char *taken = cap_calloc(size, sizeof *taken);
    if (taken == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for answers");
    }
    *n_repeated = 0;
    for (size_t at = 0; at < size; at++) {
        matrix[at] = NAN;
    }
    for (size_t i = 0; i < n_cells; i++) {
        if (i % CELLS_A_POLL == 0 && cap_poll_stop(poll)) {
            status = cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            break;
        }
        if (row[i] < 0 || (size_t)row[i] >= n_rows || column[i] < 0 ||
            (size_t)column[i] >= n_columns) {
            status = cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                                 "a cell lies outside the matrix");
            break;
        }
        size_t at = (size_t)row[i] + (size_t)column[i] * n_rows;
        repeated[i] = taken[at];
        if (taken[at]) {
            ++*n_repeated;
            continue;
        }
        taken[at] = 1;
        matrix[at] = value[i];
        if (source != NULL && sources != NULL) {
            sources[at] = source[i];
        }
    }
    cap_free(taken);
    return status;
}
