/* Rules that combine the children of one parent, and their register. */
#ifndef CAP_RULES_H
#define CAP_RULES_H

#include "base/status.h"
#include "core/index/children.h"

/* A parameter of a rule: one number, or with `is_vector` one or more. */
typedef struct {
    const char *name;
    double initial; /* its default; NaN: it must be given */
    double
        lowest; /* least and largest value; infinite ones are allowed when */
    double highest; /* the bound is infinite */
    int is_whole;
    int is_vector;
} cap_parameter;

enum { CAP_MOST_PARAMETERS = 2 };

/* A rule writes n_rows shares to `out`, NaN where no weight is observed. It
 * sets *unproven when an order is not proven optimal, and leaves it alone
 * else. */
typedef struct {
    const char *name;
    cap_status (*combine)(const cap_children *children, double *out,
                          int *unproven, cap_error *err);
    int compares_units; /* scores depend on the other rows of the segment */
    size_t n_parameters;
    cap_parameter parameter[CAP_MOST_PARAMETERS];
} cap_rule;

/* The register. New rules are entered in the table in rules.c; nothing else
 * changes, here or in R.
 *   arithmetic        sum w s
 *   geometric         prod (s + shift)^w - shift; 0 stays 0 unless shifted
 *   harmonic          1 / sum (w / s); 0 when an s is 0
 *   generalised_mean  (sum w s^r)^(1/r); r = 0 geometric, -Inf the smallest,
 *                     Inf the largest; 0 when r <= 0 and an s is 0
 *   minimum           the smallest s
 *   median            the lower weighted median: the smallest s up to which
 *                     half of the weight lies
 *   mazziotta_pareto  M - sign S^2 / |M| with M = sum w s and
 *                     S^2 = sum w (s - M)^2, times n / (n - 1) with sample = 1
 *                     over n children (0 with one); 0 when M = 0. It is not
 *                     clipped: the penalty may exceed the mean (Mazziotta and
 *                     Pareto, Social Indicators Research 127, 2016; sign +1
 *                     where more is better, -1 for a phenomenon that is bad)
 *   bottleneck        sum w h, h = m + 1 - exp(-(s - m)) with m the least s:
 *                     what is above the weakest counts ever less (Acs, Autio
 *                     and Szerb, Research Policy 43, 2014, penalty for
 *                     bottleneck)
 *   owa               sum v_j s_(j), s_(1) the largest, v scaled to sum 1
 *                     (Yager, IEEE Trans. SMC 18, 1988): the weights of the
 *                     children are not used, v has as many as there are
 *                     children of weight > 0. With m children observed, v_j is
 *                     Q(j/m) - Q((j-1)/m), Q the sum of v interpolated
 *                     linearly. With weighted = 1 the steps of Q are the
 *                     children's weights (Torra, Int. J. Intelligent Systems
 *                     12, 1997) and v may have any length.
 *   copeland, kemeny  see outranking.h: units of one segment are compared
 * Means lie within the range of their terms, exactly. Negative shares are
 * refused by geometric, harmonic and generalised_mean (but for r = 1 and
 * infinite r). */
const cap_rule *cap_rule_find(const char *name);

/* The k-th rule of the register from 0, or NULL. */
const cap_rule *cap_rule_at(size_t k);

/* CAP_ERR_INPUT, naming rule and parameter, for one that is missing, out of
 * range, not whole or of the wrong length. `parameter` as in cap_children. */
cap_status cap_rule_check(const cap_rule *rule, const cap_values *parameter,
                          cap_error *err);

#endif
