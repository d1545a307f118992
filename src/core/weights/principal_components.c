/* Weights from principal components after the OECD/JRC Handbook, and
 * Cronbach's alpha.
 *
 * Eigenvectors of the correlation matrix (GSL's symmetric solver) times the
 * roots of their eigenvalues are loadings; the kept ones are rotated by
 * varimax, pair of factors by pair, until all angles are small. Signs are
 * fixed by the largest loading, since those of eigenvectors are arbitrary. */
#include "base/fp.h"
#include "core/weights/principal_components.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <string.h>

#include "base/allocation.h"
#include "core/weights/weights_spread.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_factors_rules[] = {
    {"kaiser", CAP_FACTORS_KAISER},     {"number", CAP_FACTORS_NUMBER},
    {"share", CAP_FACTORS_SHARE},       {"handbook", CAP_FACTORS_HANDBOOK},
    {"jolliffe", CAP_FACTORS_JOLLIFFE}, {NULL, 0},
};

/* Loadings of all components, largest eigenvalue first, in the columns of
 * `loading` (column-major). */
static cap_status components(size_t n, const double *correlation,
                             double *eigenvalue, double *loading,
                             cap_error *err)
{
    cap_status status = CAP_OK;
    gsl_eigen_symmv_workspace *workspace = gsl_eigen_symmv_alloc(n);
    double *copy = cap_calloc(n * n, sizeof *copy);
    double *vector = cap_calloc(n * n, sizeof *vector);
    if (workspace == NULL || copy == NULL || vector == NULL) {
        status =
            cap_fail(err, CAP_ERR_MEMORY, "out of memory for the components");
        goto done;
    }
    memcpy(copy, correlation, n * n * sizeof *copy);
    gsl_matrix_view a = gsl_matrix_view_array(copy, n, n);
    gsl_matrix_view v = gsl_matrix_view_array(vector, n, n);
    gsl_vector_view e = gsl_vector_view_array(eigenvalue, n);
    if (gsl_eigen_symmv(&a.matrix, &e.vector, &v.matrix, workspace) !=
            GSL_SUCCESS ||
        gsl_eigen_symmv_sort(&e.vector, &v.matrix, GSL_EIGEN_SORT_VAL_DESC) !=
            GSL_SUCCESS) {
        status = cap_fail(err, CAP_ERR_NUMERIC,
                          "the components of the correlations were not found");
        goto done;
    }
    for (size_t f = 0; f < n; f++) {
        eigenvalue[f] = eigenvalue[f] > 0 ? eigenvalue[f] : 0;
        for (size_t k = 0; k < n; k++) {
            loading[f * n + k] = vector[k * n + f] * sqrt(eigenvalue[f]);
        }
    }
done:
    cap_free(vector);
    cap_free(copy);
    gsl_eigen_symmv_free(workspace);
    return status;
}

/* Rounding must not decide whether an eigenvalue of 1 counts as 1. */
static const double slack = 1e-9;

static size_t components_kept(size_t n, const double *eigenvalue,
                              const cap_factors_options *options)
{
    size_t kept = 0;
    double together = 0, all = (double)n;
    switch (options->rule) {
    case CAP_FACTORS_NUMBER:
        return options->number;
    case CAP_FACTORS_SHARE:
        while (kept < n && together < options->share * all - slack) {
            together += eigenvalue[kept++];
        }
        break;
    case CAP_FACTORS_HANDBOOK:
        while (kept < n && (eigenvalue[kept] > 0.1 * all + slack ||
                            together <= 0.6 * all + slack)) {
            together += eigenvalue[kept++];
        }
        break;
    case CAP_FACTORS_JOLLIFFE:
    case CAP_FACTORS_KAISER:
        all = options->rule == CAP_FACTORS_KAISER ? 1 : 0.7;
        while (kept < n && eigenvalue[kept] >= all - slack) {
            kept++;
        }
        break;
    }
    return kept > 0 ? kept : 1;
}

/* Kaiser's (1958) angle for one pair of factors; 0 when any angle will do. */
static double planar_angle(size_t n, const double *x, const double *y)
{
    double a = 0, b = 0, c = 0, d = 0, size = 0;
    for (size_t k = 0; k < n; k++) {
        double u = (x[k] - y[k]) * (x[k] + y[k]), v = 2 * x[k] * y[k];
        a += u;
        b += v;
        c += u * u - v * v;
        d += 2 * u * v;
        size += u * u + v * v;
    }
    double numerator = d - 2 * a * b / (double)n;
    double denominator = c - (a * a - b * b) / (double)n;
    if (hypot(numerator, denominator) <= 1e-13 * size) {
        return 0;
    }
    return atan2(numerator, denominator) / 4;
}

int cap_varimax(size_t n_items, size_t n_factors, int normalise,
                double *loading, double *length)
{
    double turned = n_factors > 1 ? 1 : 0;
    for (size_t k = 0; k < n_items; k++) {
        double square = 0;
        for (size_t f = 0; f < n_factors; f++) {
            square += loading[f * n_items + k] * loading[f * n_items + k];
        }
        /* an item without loadings has no direction to normalise */
        length[k] = normalise && square > 1e-20 ? sqrt(square) : 1;
        for (size_t f = 0; f < n_factors; f++) {
            loading[f * n_items + k] /= length[k];
        }
    }
    for (int sweep = 0; sweep < 1000 && turned > 1e-10; sweep++) {
        turned = 0;
        for (size_t f = 0; f + 1 < n_factors; f++) {
            for (size_t g = f + 1; g < n_factors; g++) {
                double *x = loading + f * n_items, *y = loading + g * n_items;
                double angle = planar_angle(n_items, x, y);
                double cosine = cos(angle), sine = sin(angle);
                turned = fmax(turned, fabs(angle));
                for (size_t k = 0; k < n_items; k++) {
                    double was = x[k];
                    x[k] = was * cosine + y[k] * sine;
                    y[k] = y[k] * cosine - was * sine;
                }
            }
        }
    }
    for (size_t k = 0; k < n_items; k++) {
        for (size_t f = 0; f < n_factors; f++) {
            loading[f * n_items + k] *= length[k];
        }
    }
    return turned <= 1e-10;
}

/* The sign of an eigenvector is arbitrary: largest loading positive. */
static void fix_signs(size_t n_items, size_t n_factors, double *loading)
{
    for (size_t f = 0; f < n_factors; f++) {
        double *column = loading + f * n_items, largest = 0;
        for (size_t k = 0; k < n_items; k++) {
            /* of equals in size the first, rounding apart */
            if (fabs(column[k]) > fabs(largest) * (1 + 1e-9)) {
                largest = column[k];
            }
        }
        for (size_t k = 0; largest < 0 && k < n_items; k++) {
            column[k] = -column[k];
        }
    }
}

static void nicoletti(size_t n, cap_factors *out)
{
    cap_sum total = {0, 0};
    for (size_t f = 0; f < out->n_factors; f++) {
        cap_sum square = {0, 0};
        for (size_t k = 0; k < n; k++) {
            double l = out->loading[f * n + k];
            cap_sum_add(&square, l * l);
        }
        out->variance[f] = cap_sum_value(&square);
    }
    for (size_t k = 0; k < n; k++) {
        cap_sum square = {0, 0};
        double largest = -1;
        for (size_t f = 0; f < out->n_factors; f++) {
            double l2 = out->loading[f * n + k] * out->loading[f * n + k];
            cap_sum_add(&square, l2);
            if (l2 > largest * (1 + 1e-9)) {
                largest = l2;
                out->factor[k] = f;
            }
        }
        out->communality[k] = cap_sum_value(&square);
        out->weight[k] = largest;
        cap_sum_add(&total, largest);
    }
    for (size_t k = 0; k < n; k++) {
        out->weight[k] /= cap_sum_value(&total);
    }
}

static cap_status check_options(size_t n_items,
                                const cap_factors_options *options,
                                cap_error *err)
{
    switch (options->rule) {
    case CAP_FACTORS_KAISER:
    case CAP_FACTORS_JOLLIFFE:
    case CAP_FACTORS_HANDBOOK:
        return CAP_OK;
    case CAP_FACTORS_NUMBER:
        if (options->number >= 1 && options->number <= n_items) {
            return CAP_OK;
        }
        break;
    case CAP_FACTORS_SHARE:
        if (options->share > 0 && options->share <= 1) {
            return CAP_OK;
        }
        break;
    }
    return cap_fail(err, CAP_ERR_INPUT,
                    "the number of factors must be from 1 to the number of "
                    "items, %lu; or a share over 0, to 1",
                    (unsigned long)n_items);
}

cap_status cap_factor_weights(size_t n_units, size_t n_items, const double *x,
                              const cap_factors_options *options,
                              cap_factors *out, cap_error *err)
{
    cap_status status = check_options(n_items, options, err);
    double *length = NULL;
    if (status != CAP_OK) {
        return status;
    }
    status = cap_correlation(n_units, n_items, x, options->spearman,
                             out->correlation, err);
    if (status == CAP_OK) {
        status = components(n_items, out->correlation, out->eigenvalue,
                            out->loading, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    length = cap_calloc(n_items, sizeof *length);
    if (length == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for the rotation");
    }
    out->n_factors = components_kept(n_items, out->eigenvalue, options);
    fix_signs(n_items, out->n_factors, out->loading);
    out->converged = cap_varimax(n_items, out->n_factors, !options->raw_rotate,
                                 out->loading, length);
    fix_signs(n_items, out->n_factors, out->loading);
    nicoletti(n_items, out);
    cap_free(length);
    return CAP_OK;
}

/* k / (k - 1) (1 - own / total) of the k items left. */
static double alpha_of(size_t k, double own, double total)
{
    if (k < 2 || !(total > CAP_SPREAD_SLACK * own)) {
        return NAN;
    }
    return (double)k / (double)(k - 1) * (1 - own / total);
}

/* Variance of the total without each item; the total's in `all`. `s` is the
 * covariance of items k and j. */
static void totals(size_t n, const double *r, const double *sd, double *rows,
                   double *own, double *all)
{
    cap_sum own_sum = {0, 0}, all_sum = {0, 0};
    for (size_t k = 0; k < n; k++) {
        cap_sum row = {0, 0};
        double s = sd == NULL ? 1 : sd[k];
        for (size_t j = 0; j < n; j++) {
            cap_sum_add(&row, s * r[k * n + j] * (sd == NULL ? 1 : sd[j]));
        }
        rows[k] = cap_sum_value(&row);
        cap_sum_add(&own_sum, s * s);
        cap_sum_add(&all_sum, rows[k]);
    }
    *own = cap_sum_value(&own_sum);
    *all = cap_sum_value(&all_sum);
}

/* Columns have spread once the correlations are there. */
cap_status cap_alpha(size_t n_units, size_t n_items, const double *x,
                     const double *correlation, int spearman,
                     double *standardised, double *raw, double *without,
                     double *without_raw, double *item_rest, cap_error *err)
{
    cap_status status = cap_check_panel(n_units, n_items, x, err);
    double *pearson = NULL, *sd = NULL, *rows = NULL, *centred = NULL;
    double own, all;
    if (status != CAP_OK) {
        return status;
    }
    pearson = cap_calloc(n_items * n_items, sizeof *pearson);
    sd = cap_calloc(n_items, sizeof *sd);
    rows = cap_calloc(n_items, sizeof *rows);
    centred = cap_calloc(n_units, sizeof *centred);
    if (pearson == NULL || sd == NULL || rows == NULL || centred == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for alpha");
        goto done;
    }
    /* the raw form is of covariances, whatever the correlations given */
    if (spearman) {
        status = cap_correlation(n_units, n_items, x, 0, pearson, err);
    } else {
        memcpy(pearson, correlation, n_items * n_items * sizeof *pearson);
    }
    if (status != CAP_OK) {
        goto done;
    }
    totals(n_items, correlation, NULL, rows, &own, &all);
    *standardised = alpha_of(n_items, own, all);
    for (size_t k = 0; k < n_items; k++) {
        double left = all - 2 * rows[k] + 1;
        without[k] = alpha_of(n_items - 1, own - 1, left);
        item_rest[k] = n_items > 1 && left > CAP_SPREAD_SLACK * own
                           ? (rows[k] - 1) / sqrt(left)
                           : NAN;
    }
    for (size_t k = 0; k < n_items; k++) {
        sd[k] = cap_centre(n_units, x + k * n_units, centred);
    }
    totals(n_items, pearson, sd, rows, &own, &all);
    *raw = alpha_of(n_items, own, all);
    for (size_t k = 0; k < n_items; k++) {
        double s2 = sd[k] * sd[k];
        without_raw[k] =
            alpha_of(n_items - 1, own - s2, all - 2 * rows[k] + s2);
    }
done:
    cap_free(centred);
    cap_free(rows);
    cap_free(sd);
    cap_free(pearson);
    return status;
}
