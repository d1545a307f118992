/* Normalisation of one indicator: bringing values of any unit to one scale.
 * A method is first fitted to a column (what do its values stand against?) and
 * then applied, to the same or to another column, so that a new panel can be
 * normalised as the old one was. NaN is a missing value: it takes no part in
 * the fit and stays NaN. Directions are 1 (more is better) or -1 (less is
 * better); with either, a better value has the higher normalised value.
 *
 * Sources: OECD/JRC (2008), Handbook on Constructing Composite Indicators,
 * step 5; UNDP, Human Development Report, technical note 1 (log goalposts). */
#ifndef CAP_NORMALISE_H
#define CAP_NORMALISE_H

#include "base/names.h"
#include "base/status.h"

/* y of a value x, before a range is asked for; min, max, mean, sd (divisor
 * n - 1) are those of the fitted column, N its number of values. With
 * direction -1 the ends change places: max for min, and so on.
 *   MINMAX        (x - a) / (b - a), a and b the goalposts, else min and max
 *   ZSCORE        (x - mean) / sd; direction -1: the negative
 *   RANK          rank among the N values, N the best
 *   PERCENTILE    (rank - 1) / (N - 1)
 *   BORDA         rank - 1: the number of values that it beats
 *   SHARE         x / max, values >= 0; direction -1: 1 - x / max
 *   TO_MAX        1 - (max - x) / (max - min)
 *   REFERENCE     by `form`, r being the target or the reference:
 *     RANGE       1 - (r - x) / (r - min); direction -1: (max - x) / (max - r)
 *     RATIO       x / r, r > 0; direction -1: r / x
 *     DIFFERENCE  (x - r) / r, r > 0; direction -1: the negative
 *   ABOVE_BELOW   1 where x / mean > 1 + band, -1 where it is < 1 - band, else
 *                 0; mean > 0; direction -1: the negative
 *   CATEGORY      j / K, j the number of the K breaks that x reaches (x >= b);
 *                 direction -1: those that it stays at or under (x <= b)
 *   LOG           (ln x - ln a) / (ln b - ln a), goalposts 0 < a < b, x > 0 */
typedef enum {
    CAP_NORMAL_MINMAX = 0,
    CAP_NORMAL_ZSCORE,
    CAP_NORMAL_RANK,
    CAP_NORMAL_PERCENTILE,
    CAP_NORMAL_BORDA,
    CAP_NORMAL_SHARE,
    CAP_NORMAL_TO_MAX,
    CAP_NORMAL_REFERENCE,
    CAP_NORMAL_ABOVE_BELOW,
    CAP_NORMAL_CATEGORY,
    CAP_NORMAL_LOG,
    CAP_NORMAL_KINDS,
} cap_normal_kind;

/* Its values by name. */
extern const cap_name cap_normal_kinds[];

typedef enum {
    CAP_FORM_RANGE = 0,
    CAP_FORM_RATIO,
    CAP_FORM_DIFFERENCE,
} cap_normal_form;

/* Its values by name. */
extern const cap_name cap_normal_forms[];

/* Rank of equal values: 1, 2, 2, 4 / 1, 2.5, 2.5, 4 / 1, 3, 3, 4. */
typedef enum { CAP_TIES_MIN = 0, CAP_TIES_AVERAGE, CAP_TIES_MAX } cap_ties;

/* Its values by name. */
extern const cap_name cap_tie_rules[];

typedef struct {
    cap_normal_kind kind;
    cap_normal_form form;
    cap_ties ties;
    int direction; /* 1 or -1; 0 counts as 1 */
    double band;   /* ABOVE_BELOW, >= 0 */
    int clip;      /* values beyond the ends of the scale are put on them */
    int rescale; /* map the ends of the scale to low and high: those of the */
    double low;  /* method (0 and 1; RANK 1 and N; BORDA 0 and N - 1; */
    double high; /* ABOVE_BELOW -1 and 1), for ZSCORE the fitted min, max */
} cap_normal_rule;

/* Why a column cannot be normalised: a finding of the fit, not an error, since
 * the caller may have a value for such columns. */
typedef enum {
    CAP_FIT_SOUND = 0,
    CAP_FIT_EMPTY,    /* no value at all: everything stays NaN */
    CAP_FIT_CONSTANT, /* one distinct value, and the method needs two */
    CAP_FIT_SIGN,     /* SHARE: a negative value; mean, reference <= 0 */
    CAP_FIT_ENDS, /* the two ends coincide, are in the wrong order or not */
                  /* positive under a log, or too far apart for a double */
} cap_fit_fault;

/* Its values by name. */
extern const cap_name cap_fit_faults[];

typedef struct {
    size_t n; /* values that are not NaN */
    double min;
    double max;
    double mean;
    double sd;     /* divisor n - 1; NaN for fewer than two values */
    double origin; /* linear kinds: y = (f(x) - origin) / scale, f identity, */
    double scale;  /* or ln for LOG; NaN for the others */
    cap_fit_fault fault;
} cap_normal_fit;

/* Fits `rule` to a column of n values.
 *   lower, upper  goalposts of MINMAX and LOG; NaN for those observed
 *                 (LOG needs both)
 *   reference     REFERENCE: the target or the reference value
 * CAP_ERR_INPUT for an infinite value or option, or a rule out of range. */
cap_status cap_normalise_fit(const cap_normal_rule *rule, size_t n,
                             const double *x, double lower, double upper,
                             double reference, cap_normal_fit *fit,
                             cap_error *err);

/* Quantiles of the values of a column that are not NaN, as breaks of CATEGORY
 * (linear interpolation, type 7 of Hyndman and Fan 1996). NaN without values.
 * CAP_ERR_INPUT for probabilities outside [0, 1]. */
cap_status cap_normalise_breaks(size_t n, const double *x, size_t n_breaks,
                                const double *probability, double *breaks,
                                cap_error *err);

/* Applies a fit without fault.
 *   breaks   n_breaks ascending bounds, for CATEGORY
 *   y        n normalised values; NaN where x is
 *   beyond   n flags: 1 above, -1 below the ends of the scale before clipping
 *            (bounded kinds), else 0; may be NULL
 * CAP_ERR_INPUT with the row for an infinite value and for x <= 0 where a log
 * or r / x is taken; CAP_ERR_NUMERIC for a fit with a fault. */
cap_status cap_normalise_apply(const cap_normal_rule *rule,
                               const cap_normal_fit *fit, size_t n,
                               const double *x, size_t n_breaks,
                               const double *breaks, double *y, int *beyond,
                               cap_error *err);

/* Change against a base of its own for every row: x / base (direction -1:
 * base / x), or (x - base) / base with its sign by direction, as `difference`
 * says. NaN where either is missing. CAP_ERR_INPUT with the row for an
 * infinite value, a base <= 0, and x <= 0 where base / x is taken. */
cap_status cap_normalise_relative(size_t n, const double *x,
                                  const double *base, int direction,
                                  int difference, double *y, cap_error *err);

#endif
