/* Normalisation, treatment of outliers and imputation of panels. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

#include "core/framework/impute.h"
#include "core/framework/normalise.h"
#include "core/framework/treat.h"

static const cap_error no_error = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};

/* A matrix of the size of `x`. */
static SEXP like(SEXP x, SEXPTYPE type)
{
    return Rf_allocMatrix(type, Rf_nrows(x), Rf_ncols(x));
}

/* `rule`: list(method, form, ties, band, clip, rescale, low, high). */
static cap_normal_rule normal_rule(SEXP rule)
{
    glue_options r = glue_options_of(rule, "rule");
    cap_normal_rule own = {
        (cap_normal_kind)glue_choice_of(&r, "method", cap_normal_kinds),
        (cap_normal_form)glue_choice_of(&r, "form", cap_normal_forms),
        (cap_ties)glue_choice_of(&r, "ties", cap_tie_rules),
        1,
        glue_number_of(&r, "band"),
        glue_flag_of(&r, "clip"),
        glue_flag_of(&r, "rescale"),
        glue_number_of(&r, "low"),
        glue_number_of(&r, "high")};
    glue_options_end(&r);
    return own;
}

enum { N_FIT = 7 };

static const char *const fit_columns[N_FIT] = {"n",  "min",    "max",  "mean",
                                               "sd", "origin", "scale"};

/* A row of the fits, its figures `stride` apart. */
static void store_fit(const cap_normal_fit *fit, double *at, size_t stride)
{
    const double figures[N_FIT] = {(double)fit->n, fit->min, fit->max,
                                   fit->mean,      fit->sd,  fit->origin,
                                   fit->scale};
    for (size_t j = 0; j < N_FIT; j++) {
        at[j * stride] = figures[j];
    }
}

/* list(fit, fault, breaks): a row an item of `fit` with n, min, max, mean, sd,
 * origin, scale; a word of cap_fit_faults an item; a column an item of
 * `breaks`. `ends` holds two goalposts and a reference an item. */
SEXP glue_normalise_fit(SEXP x, SEXP rule, SEXP direction, SEXP ends,
                        SEXP probability)
{
    static const char *const names[] = {"fit", "fault", "breaks"};
    cap_error err = no_error;
    cap_status status = CAP_OK;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), m = (size_t)Rf_ncols(x);
    cap_normal_rule own = normal_rule(rule);
    const int *way = glue_integers(direction, (R_xlen_t)m, "direction");
    const double *at = glue_numbers(ends, 3 * (R_xlen_t)m, "ends");
    const double *share = glue_numbers(probability, GLUE_ANY, "probability");
    size_t n_breaks = (size_t)Rf_xlength(probability);
    SEXP fits = PROTECT(glue_table(m, N_FIT, fit_columns));
    int *fault = (int *)R_alloc(m + 1, sizeof *fault);
    SEXP breaks = PROTECT(Rf_allocMatrix(REALSXP, (int)n_breaks, (int)m));
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    for (size_t k = 0; k < m && status == CAP_OK; k++) {
        cap_normal_fit fit = {0};
        own.direction = way[k];
        status = cap_normalise_fit(&own, n, from + k * n, at[k], at[k + m],
                                   at[k + 2 * m], &fit, &err);
        if (status == CAP_OK) {
            status = cap_normalise_breaks(n, from + k * n, n_breaks, share,
                                          REAL(breaks) + k * n_breaks, &err);
        }
        store_fit(&fit, REAL(fits) + k, m);
        fault[k] = (int)fit.fault;
        err.column = k;
    }
    gsl_set_error_handler(old);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const SEXP values[] = {
        fits, PROTECT(glue_words_for(cap_fit_faults, m, fault)), breaks};
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

/* The fits of `m` items from list(fit, fault) as glue_normalise_fit() gives
 * it, in R_alloc memory. */
static const cap_normal_fit *fits_of(SEXP fits, R_xlen_t m)
{
    glue_options o = glue_options_of(fits, "fits");
    SEXP fault = glue_option(&o, "fault");
    const double *f = glue_matrix(glue_option(&o, "fit"), m, N_FIT, "fit");
    glue_options_end(&o);
    cap_normal_fit *out =
        (cap_normal_fit *)R_alloc((size_t)m + 1, sizeof *out);
    if (!Rf_isString(fault) || Rf_xlength(fault) != m) {
        glue_refuse(fault, "fault", "a word an item");
    }
    for (R_xlen_t k = 0; k < m; k++) {
        SEXP word = PROTECT(Rf_ScalarString(STRING_ELT(fault, k)));
        if (!(f[k] >= 0 && f[k] <= GLUE_MOST)) {
            glue_refuse(fits, "fits", "the fits of the items");
        }
        out[k] = (cap_normal_fit){
            (size_t)f[k],
            f[k + m],
            f[k + 2 * m],
            f[k + 3 * m],
            f[k + 4 * m],
            f[k + 5 * m],
            f[k + 6 * m],
            (cap_fit_fault)glue_choice(word, cap_fit_faults, "fault")};
        UNPROTECT(1);
    }
    return out;
}

/* list(value, beyond). Columns with a fault are NA. */
SEXP glue_normalise_apply(SEXP x, SEXP rule, SEXP direction, SEXP fits,
                          SEXP breaks)
{
    static const char *const names[] = {"value", "beyond"};
    cap_error err = no_error;
    cap_status status = CAP_OK;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), m = (size_t)Rf_ncols(x);
    cap_normal_rule own = normal_rule(rule);
    const int *way = glue_integers(direction, (R_xlen_t)m, "direction");
    const cap_normal_fit *fitted = fits_of(fits, (R_xlen_t)m);
    const double *bound = glue_matrix(breaks, GLUE_ANY, (R_xlen_t)m, "breaks");
    size_t n_breaks = (size_t)Rf_nrows(breaks);
    SEXP value = PROTECT(like(x, REALSXP)), beyond = PROTECT(like(x, INTSXP));
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    for (size_t k = 0; k < m && status == CAP_OK; k++) {
        const cap_normal_fit fit = fitted[k];
        own.direction = way[k];
        if (fit.fault == CAP_FIT_SOUND) {
            status = cap_normalise_apply(
                &own, &fit, n, from + k * n, n_breaks, bound + k * n_breaks,
                REAL(value) + k * n, INTEGER(beyond) + k * n, &err);
        }
        for (size_t i = 0; fit.fault != CAP_FIT_SOUND && i < n; i++) {
            REAL(value)[i + k * n] = NA_REAL;
            INTEGER(beyond)[i + k * n] = 0;
        }
        err.column = k;
    }
    gsl_set_error_handler(old);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const SEXP values[] = {value, beyond};
    SEXP result = glue_list(2, names, values);
    UNPROTECT(2);
    return result;
}

/* Each cell against its base; `difference` is TRUE or FALSE. */
SEXP glue_normalise_relative(SEXP x, SEXP base, SEXP direction,
                             SEXP difference)
{
    cap_error err = no_error;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), m = (size_t)Rf_ncols(x);
    const double *against =
        glue_matrix(base, (R_xlen_t)n, (R_xlen_t)m, "base");
    const int *way = glue_integers(direction, (R_xlen_t)m, "direction");
    bool is_difference = glue_flag(difference, "difference");
    SEXP value = PROTECT(like(x, REALSXP));
    for (size_t k = 0; k < m; k++) {
        if (cap_normalise_relative(n, from + k * n, against + k * n, way[k],
                                   is_difference, REAL(value) + k * n,
                                   &err) != CAP_OK) {
            err.column = k;
            glue_raise(&err);
        }
    }
    UNPROTECT(1);
    return value;
}

enum { N_REPORT = 12 };

/* `rule`: list(method, skewness, kurtosis, max_points, then_log, low, high,
 * fence, lambda). */
static cap_treat_rule treat_rule(SEXP rule)
{
    glue_options r = glue_options_of(rule, "rule");
    cap_treat_rule own = {
        (cap_treat_kind)glue_choice_of(&r, "method", cap_treat_kinds),
        glue_number_of(&r, "skewness"),
        glue_number_of(&r, "kurtosis"),
        glue_whole_of(&r, "max_points", GLUE_MOST),
        glue_flag_of(&r, "then_log"),
        glue_number_of(&r, "low"),
        glue_number_of(&r, "high"),
        glue_number_of(&r, "fence"),
        glue_number_of(&r, "lambda")};
    glue_options_end(&r);
    return own;
}

/* The figures of cap_treat_report in their order, `stride` apart. */
static void store_report(const cap_treat_report *t, double *at, size_t stride)
{
    const double figures[N_REPORT] = {
        t->skewness_before, t->kurtosis_before, t->skewness_after,
        t->kurtosis_after,  (double)t->beyond,  (double)t->n_low,
        (double)t->n_high,  t->lower,           t->upper,
        t->shift,           t->lambda,          (double)t->reflected};
    for (size_t j = 0; j < N_REPORT; j++) {
        at[j * stride] = figures[j];
    }
}

/* list(value, what, report): a word of cap_treated_words an item, and a row an
 * item of `report`. */
SEXP glue_treat(SEXP x, SEXP rule)
{
    static const char *const names[] = {"value", "what", "report"};
    static const char *const columns[N_REPORT] = {
        "skewness_before", "kurtosis_before", "skewness_after",
        "kurtosis_after",  "beyond",          "n_raised",
        "n_lowered",       "lower",           "upper",
        "shift",           "lambda",          "reflected"};
    cap_error err = no_error;
    cap_status status = CAP_OK;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), m = (size_t)Rf_ncols(x);
    const cap_treat_rule own = treat_rule(rule);
    SEXP value = PROTECT(like(x, REALSXP));
    int *what = (int *)R_alloc(m + 1, sizeof *what);
    SEXP reports = PROTECT(glue_table(m, N_REPORT, columns));
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    for (size_t k = 0; k < m && status == CAP_OK; k++) {
        cap_treat_report t = {0};
        status = cap_treat_column(&own, n, from + k * n, REAL(value) + k * n,
                                  &t, &err);
        store_report(&t, REAL(reports) + k, m);
        what[k] = (int)t.what;
        err.column = k;
    }
    gsl_set_error_handler(old);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const SEXP values[] = {
        value, PROTECT(glue_words_for(cap_treated_words, m, what)), reports};
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

static SEXP filled(SEXP value, SEXP spread)
{
    static const char *const names[] = {"value", "spread"};
    const SEXP values[] = {value, spread};
    return glue_list(2, names, values);
}

/* list(value, spread). `group`: one-based, NA for none. */
SEXP glue_impute_centre(SEXP x, SEXP group, SEXP n_groups, SEXP median)
{
    cap_error err = no_error;
    cap_status status = CAP_OK;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), m = (size_t)Rf_ncols(x);
    size_t groups = glue_whole_number(n_groups, 0, INT_MAX, "n_groups");
    const size_t *of =
        glue_indices(group, (R_xlen_t)n, (double)groups, "group");
    bool is_median = glue_flag(median, "median");
    SEXP value = PROTECT(like(x, REALSXP)), spread = PROTECT(like(x, REALSXP));
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    for (size_t k = 0; k < m && status == CAP_OK; k++) {
        size_t at = k * n;
        status = cap_impute_centre(n, from + at, groups, of, is_median,
                                   REAL(value) + at, REAL(spread) + at, &err);
        err.column = k;
    }
    gsl_set_error_handler(old);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = filled(value, spread);
    UNPROTECT(2);
    return result;
}

/* A matrix. `unit`: one-based; `way`: a word of cap_series_kinds. */
SEXP glue_impute_series(SEXP x, SEXP unit, SEXP time, SEXP way)
{
    cap_error err = no_error;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t n = (size_t)Rf_nrows(x), m = (size_t)Rf_ncols(x);
    const size_t *of = glue_indices(unit, (R_xlen_t)n, INT_MAX, "unit");
    const double *times = glue_numbers(time, (R_xlen_t)n, "time");
    cap_series_kind kind =
        (cap_series_kind)glue_choice(way, cap_series_kinds, "way");
    SEXP value = PROTECT(like(x, REALSXP));
    for (size_t k = 0; k < m; k++) {
        if (cap_impute_series(n, of, times, from + k * n, kind,
                              REAL(value) + k * n, &err) != CAP_OK) {
            err.column = k;
            glue_raise(&err);
        }
    }
    UNPROTECT(1);
    return value;
}

/* list(value, spread). */
SEXP glue_impute_knn(SEXP x, SEXP k)
{
    cap_error err = no_error;
    cap_poll poll;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t nearest = glue_whole_number(k, 0, INT_MAX, "k");
    SEXP token = PROTECT(glue_poll_begin(&poll));
    SEXP value = PROTECT(like(x, REALSXP)), spread = PROTECT(like(x, REALSXP));
    gsl_error_handler_t *old = gsl_set_error_handler_off();
    cap_status status =
        cap_impute_knn((size_t)Rf_nrows(x), (size_t)Rf_ncols(x), from, nearest,
                       REAL(value), REAL(spread), &poll, &err);
    gsl_set_error_handler(old);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = filled(value, spread);
    UNPROTECT(3);
    return result;
}

/* `rule`: list(max_iterations, tolerance, ridge). */
static cap_em_rule em_rule(SEXP rule)
{
    glue_options r = glue_options_of(rule, "rule");
    cap_em_rule own = {glue_whole_of(&r, "max_iterations", GLUE_MOST),
                       glue_number_of(&r, "tolerance"),
                       glue_number_of(&r, "ridge")};
    glue_options_end(&r);
    return own;
}

/* list(value, spread, mean, cov, report): report holds iterations, converged
 * and the last change. */
SEXP glue_impute_em(SEXP x, SEXP rule)
{
    static const char *const names[] = {"value", "spread", "mean", "cov",
                                        "report"};
    static const char *const figures[] = {"iterations", "converged", "change"};
    cap_error err = no_error;
    cap_em_report report;
    cap_poll poll;
    const double *from = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    const cap_em_rule own = em_rule(rule);
    int p = Rf_ncols(x);
    SEXP token = PROTECT(glue_poll_begin(&poll));
    SEXP value = PROTECT(like(x, REALSXP)), spread = PROTECT(like(x, REALSXP));
    SEXP mean = PROTECT(Rf_allocVector(REALSXP, p));
    SEXP cov = PROTECT(Rf_allocMatrix(REALSXP, p, p));
    cap_status status = cap_impute_em(
        (size_t)Rf_nrows(x), (size_t)p, from, &own, REAL(value), REAL(spread),
        REAL(mean), REAL(cov), &report, &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double about[] = {(double)report.iterations, report.converged,
                            report.change};
    SEXP told = PROTECT(glue_figures(3, figures, about));
    const SEXP values[] = {value, spread, mean, cov, told};
    SEXP result = glue_list(5, names, values);
    UNPROTECT(6);
    return result;
}
