/* Entries of changes between two editions: shift-share, inequality,
 * regression, spread, gap, the null of convergence, mobility, and series at
 * common times. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>
#include <string.h>

#include "core/trend/gap_change.h"
#include "core/trend/inequality.h"
#include "core/trend/mobility.h"
#include "core/trend/convergence_null.h"
#include "core/trend/cluster_regression.h"
#include "core/trend/common_times.h"
#include "core/trend/shift_share.h"
#include "core/trend/sigma_convergence.h"
#include "base/sum.h"

static const cap_error no_error = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};

/* The numbers of a vector, or NULL for R's NULL. */
static const double *numbers(SEXP x) { return Rf_isNull(x) ? NULL : REAL(x); }

/* A named vector of figures; not protected. */
static SEXP figures(size_t n, const char *const *names, const double *values)
{
    SEXP result = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)n));
    SEXP labels = PROTECT(Rf_allocVector(STRSXP, (R_xlen_t)n));
    memcpy(REAL(result), values, n * sizeof *values);
    for (size_t k = 0; k < n; k++) {
        SET_STRING_ELT(labels, (R_xlen_t)k, Rf_mkChar(names[k]));
    }
    Rf_setAttrib(result, R_NamesSymbol, labels);
    UNPROTECT(2);
    return result;
}

/* list(within, composition, interaction, turnover): members x parts of one
 * group, and mean_from, mean_to: a number a part. */
SEXP glue_shift_share(SEXP from, SEXP to, SEXP users_from, SEXP users_to,
                      SEXP member, SEXP laspeyres)
{
    static const char *const names[] = {
        "within",    "composition", "interaction", "turnover",
        "mean_from", "mean_to",     "se"};
    cap_error err = no_error;
    SEXP values[7];
    int n_members = (int)Rf_xlength(member), n_parts = Rf_ncols(from);
    for (int k = 0; k < 6; k++) {
        values[k] = PROTECT(k < 4 ? Rf_allocMatrix(REALSXP, n_members, n_parts)
                                  : Rf_allocVector(REALSXP, n_parts));
    }
    values[6] = PROTECT(Rf_allocMatrix(REALSXP, n_parts, CAP_SHIFT_SUMS));
    cap_shift_ends ends = {
        (size_t)Rf_nrows(from), (size_t)n_parts,  REAL(from), REAL(to),
        numbers(users_from),    numbers(users_to)};
    cap_shift_effects effects = {
        REAL(values[0]), REAL(values[1]), REAL(values[2]), REAL(values[3]),
        REAL(values[4]), REAL(values[5]), REAL(values[6])};
    if (cap_shift_share(&ends, (size_t)n_members, glue_indices(member),
                        Rf_asLogical(laspeyres) ? CAP_SHIFT_LASPEYRES
                                                : CAP_SHIFT_MIDPOINT,
                        &effects, &err) != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(7, names, values);
    UNPROTECT(7);
    return result;
}

/* c(n, mean, and total, between, within, overlap of theil, mld, ge2, gini). */
SEXP glue_inequality(SEXP x, SEXP users, SEXP group, SEXP n_groups)
{
    cap_error err = no_error;
    cap_inequality f;
    SEXP result = PROTECT(Rf_allocVector(REALSXP, 18));
    if (cap_inequality_split((size_t)Rf_xlength(x), REAL(x), numbers(users),
                             (size_t)Rf_asInteger(n_groups),
                             glue_indices(group), &f, &err) != CAP_OK) {
        glue_raise(&err);
    }
    const cap_split splits[4] = {f.theil, f.mld, f.ge2, f.gini};
    REAL(result)[0] = (double)f.n;
    REAL(result)[1] = f.mean;
    for (int k = 0; k < 4; k++) {
        double *to = REAL(result) + 2 + 4 * k;
        to[0] = splits[k].total;
        to[1] = splits[k].between;
        to[2] = splits[k].within;
        to[3] = splits[k].overlap;
    }
    UNPROTECT(1);
    return result;
}

static cap_regression regression_of(SEXP x, SEXP y, SEXP w, SEXP cluster,
                                    SEXP n_clusters)
{
    cap_regression r = {(size_t)Rf_nrows(x),
                        (size_t)Rf_ncols(x),
                        REAL(x),
                        REAL(y),
                        numbers(w),
                        Rf_isNull(cluster) ? NULL : glue_indices(cluster),
                        (size_t)Rf_asInteger(n_clusters)};
    return r;
}

/* list(coef, se, leverage); se has a column for each kind of cluster_regression.h. */
SEXP glue_regression(SEXP x, SEXP y, SEXP w, SEXP cluster, SEXP n_clusters)
{
    static const char *const names[] = {"coef", "se", "leverage"};
    cap_error err = no_error;
    cap_regression r = regression_of(x, y, w, cluster, n_clusters);
    SEXP values[3];
    values[0] = PROTECT(Rf_allocVector(REALSXP, Rf_ncols(x)));
    values[1] = PROTECT(Rf_allocMatrix(REALSXP, Rf_ncols(x), CAP_VCOV_KINDS));
    values[2] = PROTECT(Rf_allocVector(REALSXP, Rf_nrows(x)));
    if (cap_regression_fit(&r, REAL(values[0]), REAL(values[1]),
                           REAL(values[2]), &err) != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

/* c(t, p, floor, draws, exact) of the hypothesis that coefficient `which`
 * (from 1) is 0. */
SEXP glue_regression_wild(SEXP regression, SEXP which, SEXP most_exact,
                          SEXP draws, SEXP key)
{
    static const char *const names[] = {"t", "p", "floor", "draws", "exact"};
    cap_error err = no_error;
    cap_poll poll;
    cap_wild f;
    cap_regression r =
        regression_of(VECTOR_ELT(regression, 0), VECTOR_ELT(regression, 1),
                      VECTOR_ELT(regression, 2), VECTOR_ELT(regression, 3),
                      VECTOR_ELT(regression, 4));
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status = cap_regression_wild(
        &r, (size_t)Rf_asInteger(which) - 1, (size_t)Rf_asInteger(most_exact),
        (size_t)Rf_asReal(draws), glue_key_of(key), &f, &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {f.t, f.p, f.floor, (double)f.draws, f.exact};
    SEXP result = figures(5, names, values);
    UNPROTECT(1);
    return result;
}

SEXP glue_sigma_convergence(SEXP from, SEXP to)
{
    static const char *const names[] = {
        "n",  "mean_from", "mean_to", "var_from", "var_to", "cov", "t1", "p1",
        "t2", "p2",        "slope",   "t3",       "p3",     "r",   "t",  "p"};
    cap_error err = no_error;
    cap_sigma_convergence f;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_sigma_convergence_test(
        (size_t)Rf_xlength(from), REAL(from), REAL(to), &f, &err);
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {(double)f.n, f.mean_from, f.mean_to, f.var_from,
                             f.var_to,    f.cov,       f.t1,      f.p1,
                             f.t2,        f.p2,        f.slope,   f.t3,
                             f.p3,        f.r,         f.t,       f.p};
    return figures(16, names, values);
}

/* `group`: 1 the group, 0 the rest, -1 neither. */
SEXP glue_gap_change(SEXP from, SEXP to, SEXP users_from, SEXP users_to,
                     SEXP group)
{
    static const char *const names[] = {
        "n_group", "n_rest", "gap_from",  "gap_to", "change",
        "se_from", "se_to",  "se_change", "cov",    "df"};
    cap_error err = no_error;
    cap_gap f;
    if (cap_gap_change((size_t)Rf_xlength(from), REAL(from), REAL(to),
                       numbers(users_from), numbers(users_to), INTEGER(group),
                       &f, &err) != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {
        (double)f.n_group, (double)f.n_rest, f.gap_from,  f.gap_to, f.change,
        f.se_from,         f.se_to,          f.se_change, f.cov,    f.df};
    return figures(10, names, values);
}

/* c(low, high, set) of the ratio of c(a, b, vaa, vab, vbb, t). */
SEXP glue_fieller(SEXP given)
{
    static const char *const names[] = {"low", "high", "set"};
    cap_error err = no_error;
    cap_fieller_set set;
    double values[3];
    const double *v = REAL(given);
    if (cap_fieller(v[0], v[1], v[2], v[3], v[4], v[5], &values[0], &values[1],
                    &set, &err) != CAP_OK) {
        glue_raise(&err);
    }
    values[2] = (double)set;
    return figures(3, names, values);
}

/* `rule`: c(noise, floor, ceiling, n_sim). `groups`: NULL or list(side,
 * users_from, users_to, logs). */
SEXP glue_convergence_null(SEXP from, SEXP to, SEXP w, SEXP rule, SEXP key,
                           SEXP groups)
{
    static const char *const names[] = {
        "slope",         "mean",   "sd",       "low", "p",
        "ceiling_share", "spread", "p_spread", "gap", "p_gap"};
    cap_error err = no_error;
    cap_poll poll;
    cap_convergence_null f;
    const double *v = REAL(rule);
    cap_convergence_null_run run = {v[0], v[1], v[2], (size_t)v[3],
                                    glue_key_of(key)};
    cap_convergence_null_groups g;
    bool grouped = groups != R_NilValue;
    if (grouped) {
        g.side = INTEGER(VECTOR_ELT(groups, 0));
        g.users_from = numbers(VECTOR_ELT(groups, 1));
        g.users_to = numbers(VECTOR_ELT(groups, 2));
        g.logs = Rf_asLogical(VECTOR_ELT(groups, 3)) == TRUE;
    }
    SEXP token = PROTECT(glue_poll_begin(&poll));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_convergence_null_test(
        (size_t)Rf_xlength(from), REAL(from), REAL(to), numbers(w),
        grouped ? &g : NULL, &run, &f, &poll, &err);
    gsl_set_error_handler(handler);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {f.slope, f.mean,          f.sd,     f.low,
                             f.p,     f.ceiling_share, f.spread, f.p_spread,
                             f.gap,   f.p_gap};
    SEXP result = figures(10, names, values);
    UNPROTECT(1);
    return result;
}

/* list(count, share, shorrocks) of classes from 1 to k, NA for unknown. */
SEXP glue_transitions(SEXP from, SEXP to, SEXP classes)
{
    static const char *const names[] = {"count", "share", "shorrocks"};
    cap_error err = no_error;
    int k = Rf_asInteger(classes);
    SEXP values[3];
    values[0] = PROTECT(Rf_allocMatrix(REALSXP, k, k));
    values[1] = PROTECT(Rf_allocMatrix(REALSXP, k, k));
    values[2] = PROTECT(Rf_allocVector(REALSXP, 1));
    if (cap_transitions((size_t)Rf_xlength(from), (size_t)k,
                        glue_indices(from), glue_indices(to), REAL(values[0]),
                        REAL(values[1]), REAL(values[2]), &err) != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

/* c(n, and estimate, low, high of pearson, spearman, kendall). */
SEXP glue_association(SEXP x, SEXP y, SEXP conf)
{
    cap_error err = no_error;
    cap_association f;
    SEXP result = PROTECT(Rf_allocVector(REALSXP, 10));
    if (cap_association_test((size_t)Rf_xlength(x), REAL(x), REAL(y),
                             Rf_asReal(conf), &f, &err) != CAP_OK) {
        glue_raise(&err);
    }
    const cap_interval found[3] = {f.pearson, f.spearman, f.kendall};
    REAL(result)[0] = (double)f.n;
    for (int k = 0; k < 3; k++) {
        REAL(result)[1 + 3 * k] = found[k].estimate;
        REAL(result)[2 + 3 * k] = found[k].low;
        REAL(result)[3 + 3 * k] = found[k].high;
    }
    UNPROTECT(1);
    return result;
}

/* list(value, variance, per_year): units x `at`. */
SEXP glue_series_at(SEXP time, SEXP x, SEXP at)
{
    static const char *const names[] = {"value", "variance", "per_year"};
    cap_error err = no_error;
    SEXP values[3];
    int n = Rf_nrows(x), n_at = (int)Rf_xlength(at);
    values[0] = PROTECT(Rf_allocMatrix(REALSXP, n, n_at));
    values[1] = PROTECT(Rf_allocMatrix(REALSXP, n, n_at));
    values[2] = PROTECT(Rf_allocVector(REALSXP, 1));
    if (cap_series_at((size_t)n, (size_t)Rf_xlength(time), REAL(time), REAL(x),
                      (size_t)n_at, REAL(at), REAL(values[0]), REAL(values[1]),
                      REAL(values[2]), &err) != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

/* list(x, y, spread): the standardised columns, and c(sd_x, sd_y,
 * sd_difference). */
SEXP glue_series_standardise(SEXP x, SEXP y)
{
    static const char *const names[] = {"x", "y", "spread"};
    cap_error err = no_error;
    SEXP values[3];
    values[0] = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(x)));
    values[1] = PROTECT(Rf_allocVector(REALSXP, Rf_xlength(x)));
    values[2] = PROTECT(Rf_allocVector(REALSXP, 3));
    double *spread = REAL(values[2]);
    if (cap_series_standardise((size_t)Rf_xlength(x), REAL(x), REAL(y),
                               REAL(values[0]), REAL(values[1]), &spread[0],
                               &spread[1], &spread[2], &err) != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

/* The compensated sum of a vector. */
SEXP glue_compensated_sum(SEXP x)
{
    cap_sum total = {0, 0};
    for (R_xlen_t i = 0; i < Rf_xlength(x); i++) {
        cap_sum_add(&total, REAL(x)[i]);
    }
    return Rf_ScalarReal(cap_sum_value(&total));
}
