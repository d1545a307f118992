/* What a rule combines: the children of one parent, and the parameters that a
 * user gives. For rules.c and the files of single rules. */
#ifndef CAP_CHILDREN_H
#define CAP_CHILDREN_H

#include "base/status.h"

/* The children of one parent, as a rule sees them. A child without value in a
 * row is absent there: the weights of the others are rescaled. So is, for
 * every rule, a child of weight 0. */
typedef struct {
    size_t n_children;
    size_t n_rows;
    const double *const *value; /* n_children columns of n_rows shares of the
                                   child's maximum, NaN for missing */
    const double *weight;       /* n_children weights >= 0, sum 1 */
    int complete;               /* non-zero when no value is missing */
    const char *left_out; /* n_rows: non-zero for rows that get no score, or
                             NULL; rules that compare units leave them out */
    const struct cap_values *parameter; /* as the rule lists them; NULL: each
                                           at its default */
    size_t n_segments;     /* rows that are compared with one another: */
    const size_t *segment; /* n_segments + 1 offsets from 0 to n_rows */
    const cap_poll *poll;
} cap_children;

/* What a user gives for one parameter; n = 0 for its default. */
typedef struct cap_values {
    size_t n;
    const double *value;
} cap_values;

#endif
