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
#include "core/trend/convergence_signs.h"
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

/* list(cv, split): split has a row a measure (theil, mld, ge2, gini) and the
 * columns total, between, within, overlap. */
SEXP glue_inequality(SEXP x, SEXP users, SEXP group, SEXP n_groups)
{
    static const char *const names[] = {"cv", "split"};
    cap_error err = no_error;
    cap_inequality f;
    SEXP values[] = {PROTECT(Rf_allocVector(REALSXP, 1)),
                     PROTECT(Rf_allocMatrix(REALSXP, 4, 4))};
    SEXP result = PROTECT(glue_list(2, names, values));
    if (cap_inequality_split((size_t)Rf_xlength(x), REAL(x), numbers(users),
                             (size_t)Rf_asInteger(n_groups),
                             glue_indices(group), &f, &err) != CAP_OK) {
        glue_raise(&err);
    }
    const cap_split splits[4] = {f.theil, f.mld, f.ge2, f.gini};
    REAL(values[0])[0] = f.cv;
    for (int k = 0; k < 4; k++) {
        double *to = REAL(values[1]) + k;
        to[0] = splits[k].total;
        to[4] = splits[k].between;
        to[8] = splits[k].within;
        to[12] = splits[k].overlap;
    }
    UNPROTECT(3);
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

/* What glue_gap_change() gave, as the core has it. */
static cap_gap gap_of(SEXP figures)
{
    const double *v = REAL(figures);
    cap_gap gap = {(size_t)v[0], (size_t)v[1], v[2], v[3], v[4],
                   v[5],         v[6],         v[7], v[8], v[9]};
    return gap;
}

SEXP glue_gap_error(SEXP gap, SEXP sd)
{
    cap_gap g = gap_of(gap);
    return Rf_ScalarReal(cap_gap_error(&g, Rf_asReal(sd)));
}

SEXP glue_gap_closing(SEXP gap, SEXP years, SEXP conf)
{
    static const char *const names[] = {"years", "years_low", "years_high"};
    cap_error err = no_error;
    cap_gap g = gap_of(gap);
    cap_closing f;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status =
        cap_gap_closing(&g, Rf_asReal(years), Rf_asReal(conf), &f, &err);
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {f.years, f.low, f.high};
    return figures(3, names, values);
}

SEXP glue_convergence_speed(SEXP slope, SEXP years, SEXP logs)
{
    static const char *const names[] = {"speed", "half_life"};
    cap_convergence_speed f = cap_speed_of(Rf_asReal(slope), Rf_asReal(years),
                                           Rf_asLogical(logs) == TRUE);
    const double values[] = {f.speed, f.half_life};
    return figures(2, names, values);
}

/* `n`: units with both scores, of the group, of the rest. */
SEXP glue_sign_floors(SEXP n)
{
    static const char *const names[] = {"beta", "sigma", "gap"};
    const double *v = REAL(n);
    cap_sign_floors f = cap_least_p((size_t)v[0], (size_t)v[1], (size_t)v[2]);
    const double values[] = {f.beta, f.sigma, f.gap};
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

/* c(n, and estimate, low, high of pearson, spearman, kendall); `size`: that of
 * x and of y, or NULL. */
SEXP glue_association(SEXP x, SEXP y, SEXP size, SEXP conf)
{
    cap_error err = no_error;
    cap_association f;
    SEXP result = PROTECT(Rf_allocVector(REALSXP, 10));
    if (cap_association_test((size_t)Rf_xlength(x), REAL(x), REAL(y),
                             numbers(size), Rf_asReal(conf), &f,
                             &err) != CAP_OK) {
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

/* The class of each value, 1 the largest; NA for NaN. */
SEXP glue_equal_classes(SEXP x, SEXP k)
{
    cap_error err = no_error;
    R_xlen_t n = Rf_xlength(x);
    SEXP result = PROTECT(Rf_allocVector(INTSXP, n));
    size_t *class = (size_t *)R_alloc((size_t)n + 1, sizeof *class);
    if (cap_equal_classes((size_t)n, REAL(x), (size_t)Rf_asInteger(k), class,
                          &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (R_xlen_t i = 0; i < n; i++) {
        INTEGER(result)
        [i] = class[i] == CAP_NOWHERE ? NA_INTEGER : (int)class[i] + 1;
    }
    UNPROTECT(1);
    return result;
}

/* Units x (from_low, from_high, to_low, to_high, nearer, further). */
SEXP glue_rank_shifts(SEXP from, SEXP to, SEXP conf)
{
    cap_error err = no_error;
    size_t n = (size_t)Rf_nrows(from);
    SEXP result = PROTECT(Rf_allocMatrix(REALSXP, (int)n, 6));
    cap_rank_shift *shift = (cap_rank_shift *)R_alloc(n + 1, sizeof *shift);
    if (cap_rank_shifts(n, (size_t)Rf_ncols(from), REAL(from), REAL(to),
                        Rf_asReal(conf), shift, &err) != CAP_OK) {
        glue_raise(&err);
    }
    for (size_t i = 0; i < n; i++) {
        const double figure[6] = {shift[i].from_low, shift[i].from_high,
                                  shift[i].to_low,   shift[i].to_high,
                                  shift[i].nearer,   shift[i].further};
        for (size_t k = 0; k < 6; k++) {
            REAL(result)[i + k * n] = figure[k];
        }
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

/* c(n, sd, added, limit) of agreement; `spread`: c(sd_y, sd_difference). */
SEXP glue_series_limit(SEXP x, SEXP filled, SEXP variance, SEXP spread,
                       SEXP conf)
{
    static const char *const names[] = {"n", "sd", "added", "limit"};
    cap_series_limit f = cap_limit_of_agreement(
        (size_t)Rf_xlength(x), REAL(x), LOGICAL(filled), REAL(variance),
        REAL(spread)[0], REAL(spread)[1], Rf_asReal(conf));
    const double values[] = {(double)f.n, f.sd, f.added, f.limit};
    return figures(4, names, values);
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
