/* The weights that published scores imply, robustly. */
#ifndef CAP_IMPLIED_WEIGHTS_H
#define CAP_IMPLIED_WEIGHTS_H

#include <stddef.h>

#include "base/status.h"

/* All zero = the defaults. */
typedef struct {
    double threshold; /* residual in points that is never set aside; 0: 1e-4 */
    double mads;      /* and as many MADs of the residuals; 0: 10 */
} cap_implied_options;

typedef struct {
    size_t n_used;    /* rows that the weights rest on */
    size_t n_aside;   /* rows set aside */
    size_t rank;      /* of the items' shares, 1 to n_items: how many weights
                         the rows determine, the fixed total included */
    double condition; /* largest over smallest singular value that counts, of
                         the shares in directions that keep the total; 1 for
                         one item */
    double largest;   /* largest |residual| of the rows used, points */
} cap_implied_report;

/* Solves min |X w - y| over w >= 0 with sum w = total, sets the row with the
 * largest residual aside while that exceeds max(threshold, mads * MAD), and
 * solves again. Active sets (Lawson and Hanson, Solving Least Squares
 * Problems, 1974, chapter 23) on the plane of the fixed total; each step by a
 * singular value decomposition, so that items which the rows cannot tell apart
 * share their weight as evenly as they may. x         n_rows x n_items shares
 * of the items, column-major, each 0 to 1 y         n_rows scores of the
 * parent in points total     points of the parent, > 0 weight    n_items
 * points, sum `total` residual  n_rows, y - X w, also of rows set aside; NaN
 * where missing aside     n_rows: 0, or the order in which the row was set
 * aside, from 1 unclear   n_items: 1 for items whose weights the rows do not
 * determine Rows with a missing (NaN) share or score are left out.
 * CAP_ERR_INPUT for no items, an infinite value, total <= 0; CAP_ERR_NUMERIC
 * for no complete row, or when more than half of the rows would be set aside:
 * no fixed weights explain the scores. */
cap_status cap_implied_weights(size_t n_rows, size_t n_items, const double *x,
                               const double *y, double total,
                               const cap_implied_options *options,
                               double *weight, double *residual, int *aside,
                               int *unclear, cap_implied_report *report,
                               const cap_poll *poll, cap_error *err);

#endif
