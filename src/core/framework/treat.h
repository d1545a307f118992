/* Treatment of outliers in one indicator. NaN is a missing value: it takes no
 * part and stays NaN. No treatment changes the order of values, depends on the
 * order of rows, or turns a column with two values into a constant one.
 *
 * Sources: OECD/JRC (2008), Handbook on Constructing Composite Indicators;
 * JRC practice of skewness and kurtosis (|G1| > 2 and G2 > 3.5); Tukey (1977),
 * Exploratory Data Analysis; Box and Cox (1964), J. R. Stat. Soc. B 26. */
#ifndef CAP_TREAT_H
#define CAP_TREAT_H

#include "base/names.h"
#include "base/status.h"

/* Skewness and excess kurtosis with the corrections for bias (Joanes and Gill
 * 1998, G1 and G2), m_r the r-th central moment with divisor n:
 *   G1 = sqrt(n (n - 1)) / (n - 2) m3 / m2^1.5
 *   G2 = (n - 1) / ((n - 2) (n - 3)) ((n + 1) (m4 / m2^2 - 3) + 6)
 * NaN for a constant column and for n under 3 (G1) and 4 (G2). */
void cap_shape(size_t n, const double *x, double *skewness, double *kurtosis);

/* WINSORISE: while |G1| > skewness and G2 > kurtosis, one more point of the
 *   side of the skew (above for G1 > 0) takes the value of the next one
 * within. After max_points without success the column is left as it was and,
 * if then_log, put on the log scale. PERCENTILE: values beyond the two
 * quantiles (type 7) take them. TUKEY: values beyond q1 - fence (q3 - q1) and
 * q3 + fence (q3 - q1) take them. LOG: ln(x + shift). shift = 0 where all
 * values are above 0, else it puts the least value at 0.01 of the range. A
 * column with G1 < 0 is reflected, so that the long tail is drawn in: -ln(min
 * + max - x + shift). BOXCOX: ((x + shift)^lambda - 1) / lambda, ln for lambda
 * 0; lambda given, or that of the greatest likelihood in [-2, 2]. */
typedef enum {
    CAP_TREAT_WINSORISE = 0,
    CAP_TREAT_PERCENTILE,
    CAP_TREAT_TUKEY,
    CAP_TREAT_LOG,
    CAP_TREAT_BOXCOX,
    CAP_TREAT_KINDS,
} cap_treat_kind;

/* Its values by name. */
extern const cap_name cap_treat_kinds[];

typedef struct {
    cap_treat_kind kind;
    double skewness; /* thresholds, > 0; also what `beyond` is measured by */
    double kurtosis;
    size_t max_points;
    int then_log;
    double low; /* PERCENTILE: 0 <= low < high <= 1 */
    double high;
    double fence;  /* TUKEY: >= 0 */
    double lambda; /* BOXCOX: NaN for the most likely */
} cap_treat_rule;

typedef enum {
    CAP_TREATED_NOT = 0,  /* nothing needed changing */
    CAP_TREATED_POINTS,   /* some points were moved */
    CAP_TREATED_LOG,      /* the whole column is on a log scale */
    CAP_TREATED_BOXCOX,   /* the whole column is transformed */
    CAP_TREATED_GAVE_UP,  /* winsorising did not help; nothing was changed */
    CAP_TREATED_CONSTANT, /* one distinct value, or it would have become so; */
} cap_treated;            /* nothing was changed */

/* Its values by name. */
extern const cap_name cap_treated_words[];

typedef struct {
    cap_treated what;
    double skewness_before;
    double kurtosis_before;
    double skewness_after;
    double kurtosis_after;
    int beyond;   /* the treated column still exceeds both thresholds */
    size_t n_low; /* values raised, and lowered */
    size_t n_high;
    double lower; /* the bounds that they were put on; NaN for none */
    double upper;
    double shift;  /* of LOG and BOXCOX; NaN for none */
    double lambda; /* of BOXCOX; NaN for none */
    int reflected; /* LOG of min + max - x */
} cap_treat_report;

/* y: n treated values. CAP_ERR_INPUT with the row for an infinite value, and
 * for a rule out of range; CAP_ERR_NUMERIC where a transform overflows. */
cap_status cap_treat_column(const cap_treat_rule *rule, size_t n,
                            const double *x, double *y,
                            cap_treat_report *report, cap_error *err);

#endif
