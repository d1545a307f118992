/* Entries of Kendall's test and the Theil-Sen slope. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/trend/kendall.h"
#include "core/trend/sen.h"

enum { N_KENDALL = 9, N_REGION = 8, N_SEN = 8 };

static const char *const kendall_names[N_KENDALL] = {
    "n", "s", "var_s", "z", "tau", "tau_a", "p", "p_min", "exact"};
static const char *const region_names[N_REGION] = {
    "units",           "var_independent",    "z_independent",
    "p_independent",   "heterogeneity",      "heterogeneity_df",
    "heterogeneity_p", "heterogeneity_exact"};
static const char *const sen_names[N_SEN] = {"n",           "slopes", "slope",
                                             "intercept",   "low",    "high",
                                             "conf_actual", "exact"};

static void store_kendall(const cap_kendall *k, double *at, size_t stride)
{
    const double values[N_KENDALL] = {
        (double)k->n, k->s,     k->var_s,        k->z, k->tau, k->tau_a,
        k->p,         k->p_min, (double)k->exact};
    for (size_t i = 0; i < N_KENDALL; i++) {
        at[i * stride] = values[i];
    }
}

/* `options`: list(normal, alternative). */
static cap_kendall_options kendall_options(SEXP options)
{
    glue_options o = glue_options_of(options, "options");
    cap_kendall_options own = {
        glue_flag_of(&o, "normal"),
        (cap_alternative)glue_choice_of(&o, "alternative", cap_alternatives)};
    glue_options_end(&o);
    return own;
}

SEXP glue_kendall_series(SEXP x, SEXP time, SEXP options)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_kendall_options o = kendall_options(options);
    cap_kendall found;
    R_xlen_t n = Rf_xlength(x);
    const double *value = glue_numbers(x, n, "x");
    const double *times = glue_numbers(time, n, "time");
    if (cap_kendall_series((size_t)n, value, times, &o, &found, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    double figures[N_KENDALL];
    store_kendall(&found, figures, 1);
    return glue_figures(N_KENDALL, kendall_names, figures);
}

/* list(test, region, units): units has a row a unit, columns as `test`. */
SEXP glue_kendall_units(SEXP x, SEXP weights, SEXP options)
{
    static const char *const names[] = {"test", "region", "units"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    const double *value = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    size_t m = (size_t)Rf_nrows(x);
    const double *weight = glue_numbers(weights, (R_xlen_t)m, "weights");
    cap_kendall_options o = kendall_options(options);
    cap_kendall_region found;
    cap_poll poll;
    SEXP token = PROTECT(glue_poll_begin(&poll));
    SEXP units = PROTECT(Rf_allocMatrix(REALSXP, (int)m, N_KENDALL));
    cap_kendall *each = (cap_kendall *)R_alloc(m + 1, sizeof *each);
    cap_status status = cap_kendall_units(
        m, (size_t)Rf_ncols(x), value, weight, &o, &poll, each, &found, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double of_region[N_REGION] = {
        (double)found.units,   found.var_independent,
        found.z_independent,   found.p_independent,
        found.heterogeneity,   found.heterogeneity_df,
        found.heterogeneity_p, (double)found.heterogeneity_exact};
    double of_test[N_KENDALL];
    store_kendall(&found.test, of_test, 1);
    for (size_t g = 0; g < m; g++) {
        store_kendall(&each[g], REAL(units) + g, m);
    }
    SEXP values[] = {PROTECT(glue_figures(N_KENDALL, kendall_names, of_test)),
                     PROTECT(glue_figures(N_REGION, region_names, of_region)),
                     units};
    SEXP result = glue_list(3, names, values);
    UNPROTECT(4);
    return result;
}

/* `options`: list(conf, interval, of_residuals). */
static cap_sen_options sen_options(SEXP options)
{
    glue_options o = glue_options_of(options, "options");
    cap_sen_options own = {
        glue_number_of(&o, "conf"),
        (cap_interval)glue_choice_of(&o, "interval", cap_intervals),
        glue_flag_of(&o, "of_residuals")};
    glue_options_end(&o);
    return own;
}

/* The slope of a series, or with `weights` of the units (rows) of a matrix. */
SEXP glue_sen(SEXP x, SEXP time, SEXP weights, SEXP options)
{
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    R_xlen_t n = Rf_xlength(time);
    const double *times = glue_numbers(time, n, "time");
    int pooled = weights != R_NilValue;
    const double *value =
        pooled ? glue_matrix(x, GLUE_ANY, n, "x") : glue_numbers(x, n, "x");
    R_xlen_t n_units = pooled ? Rf_nrows(x) : 1;
    const double *weight =
        pooled ? glue_numbers(weights, n_units, "weights") : NULL;
    const cap_sen_options own = sen_options(options);
    cap_sen found;
    cap_poll poll;
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status =
        pooled ? cap_sen_pooled((size_t)n_units, (size_t)n, value, times,
                                weight, &own, &poll, &found, &err)
               : cap_sen_series((size_t)n, value, times, &own, &poll, &found,
                                &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[N_SEN] = {
        (double)found.n, found.slopes, found.slope,       found.intercept,
        found.low,       found.high,   found.conf_actual, (double)found.exact};
    SEXP result = glue_figures(N_SEN, sen_names, values);
    UNPROTECT(1);
    return result;
}
