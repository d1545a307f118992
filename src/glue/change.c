/* Entries of changes between two editions: shift-share, inequality,
 * regression, spread, gap, the null of convergence, mobility, and series at
 * common times. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <gsl/gsl_errno.h>

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

/* list(within, composition, interaction, turnover): members x parts of one
 * group, and mean_from, mean_to: a number a part. */
SEXP glue_shift_share(SEXP from, SEXP to, SEXP users_from, SEXP users_to,
                      SEXP member, SEXP form)
{
    static const char *const names[] = {
        "within",    "composition", "interaction", "turnover",
        "mean_from", "mean_to",     "se"};
    cap_error err = no_error;
    SEXP values[7];
    const double *x_from = glue_matrix(from, GLUE_ANY, GLUE_ANY, "from");
    int n_rows = Rf_nrows(from), n_parts = Rf_ncols(from);
    const double *x_to = glue_matrix(to, n_rows, n_parts, "to");
    const size_t *row = glue_indices(member, GLUE_ANY, n_rows, "member");
    int n_members = (int)Rf_xlength(member);
    cap_shift_form way =
        (cap_shift_form)glue_choice(form, cap_shift_forms, "form");
    cap_shift_ends ends = {
        (size_t)n_rows,
        (size_t)n_parts,
        x_from,
        x_to,
        glue_numbers_or_none(users_from, n_rows, "users_from"),
        glue_numbers_or_none(users_to, n_rows, "users_to")};
    for (int k = 0; k < 6; k++) {
        values[k] = PROTECT(k < 4 ? Rf_allocMatrix(REALSXP, n_members, n_parts)
                                  : Rf_allocVector(REALSXP, n_parts));
    }
    values[6] = PROTECT(Rf_allocMatrix(REALSXP, n_parts, CAP_SHIFT_SUMS));
    cap_shift_effects effects = {
        REAL(values[0]), REAL(values[1]), REAL(values[2]), REAL(values[3]),
        REAL(values[4]), REAL(values[5]), REAL(values[6])};
    if (cap_shift_share(&ends, (size_t)n_members, row, way, &effects, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(7, names, values);
    UNPROTECT(7);
    return result;
}

/* list(cv, split): split has a row for each part of the total (total, between,
 * within, overlap) and a column for each measure. */
SEXP glue_inequality(SEXP x, SEXP users, SEXP group, SEXP n_groups)
{
    static const char *const names[] = {"cv", "split"};
    static const char *const measures[] = {"theil", "mld", "ge2", "gini"};
    cap_error err = no_error;
    cap_inequality f;
    R_xlen_t n = Rf_xlength(x);
    const double *score = glue_numbers(x, n, "x");
    const double *weight = glue_numbers_or_none(users, n, "users");
    size_t groups = glue_whole_number(n_groups, 0, INT_MAX, "n_groups");
    const size_t *of = glue_indices(group, n, (double)groups, "group");
    SEXP values[] = {PROTECT(Rf_allocVector(REALSXP, 1)),
                     PROTECT(glue_table(4, 4, measures))};
    SEXP result = PROTECT(glue_list(2, names, values));
    if (cap_inequality_split((size_t)n, score, weight, groups, of, &f, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    const cap_split splits[4] = {f.theil, f.mld, f.ge2, f.gini};
    REAL(values[0])[0] = f.cv;
    for (int k = 0; k < 4; k++) {
        double *to = REAL(values[1]) + 4 * k;
        to[0] = splits[k].total;
        to[1] = splits[k].between;
        to[2] = splits[k].within;
        to[3] = splits[k].overlap;
    }
    UNPROTECT(3);
    return result;
}

static cap_regression regression_of(SEXP x, SEXP y, SEXP w, SEXP cluster,
                                    SEXP n_clusters)
{
    const double *columns = glue_matrix(x, GLUE_ANY, GLUE_ANY, "x");
    int n = Rf_nrows(x);
    size_t clusters = glue_whole_number(n_clusters, 0, INT_MAX, "n_clusters");
    cap_regression r = {
        (size_t)n,
        (size_t)Rf_ncols(x),
        columns,
        glue_numbers(y, n, "y"),
        glue_numbers_or_none(w, n, "w"),
        Rf_isNull(cluster)
            ? NULL
            : glue_indices(cluster, n, (double)clusters, "cluster"),
        clusters};
    return r;
}

/* list(coef, se, leverage); `se` has a column for each word of cap_vcov_kinds.
 */
SEXP glue_regression(SEXP x, SEXP y, SEXP w, SEXP cluster, SEXP n_clusters)
{
    static const char *const names[] = {"coef", "se", "leverage"};
    cap_error err = no_error;
    cap_regression r = regression_of(x, y, w, cluster, n_clusters);
    SEXP values[3];
    values[0] = PROTECT(Rf_allocVector(REALSXP, Rf_ncols(x)));
    values[1] = PROTECT(Rf_allocMatrix(REALSXP, Rf_ncols(x), CAP_VCOV_KINDS));
    values[2] = PROTECT(Rf_allocVector(REALSXP, Rf_nrows(x)));
    const SEXP dims[] = {R_NilValue, PROTECT(glue_words(cap_vcov_kinds))};
    glue_name_dims(values[1], 2, dims);
    if (cap_regression_fit(&r, REAL(values[0]), REAL(values[1]),
                           REAL(values[2]), &err) != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(3, names, values);
    UNPROTECT(4);
    return result;
}

/* What cap_regression_wild() does beside the regression. */
typedef struct {
    size_t column, most_exact, draws;
    uint64_t key;
} wild_run;

/* `run`: list(column, most_exact, draws, key); columns of k count from 1. */
static wild_run wild_run_of(SEXP run, size_t k)
{
    glue_options r = glue_options_of(run, "run");
    wild_run own = {
        glue_whole_number(glue_option(&r, "column"), 1, (double)k, "column") -
            1,
        glue_whole_of(&r, "most_exact", 20),
        glue_whole_number(glue_option(&r, "draws"), 1, GLUE_MOST, "draws"),
        glue_key_of(&r)};
    glue_options_end(&r);
    return own;
}

/* c(t, p, floor, draws, exact) of the hypothesis that a coefficient of
 * list(x, y, w, cluster, n_clusters) is 0. */
SEXP glue_regression_wild(SEXP regression, SEXP run)
{
    static const char *const names[] = {"t", "p", "floor", "draws", "exact"};
    cap_error err = no_error;
    cap_poll poll;
    cap_wild f;
    glue_options o = glue_options_of(regression, "regression");
    cap_regression r = regression_of(
        glue_option(&o, "x"), glue_option(&o, "y"), glue_option(&o, "w"),
        glue_option(&o, "cluster"), glue_option(&o, "n_clusters"));
    glue_options_end(&o);
    wild_run own = wild_run_of(run, r.k);
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status = cap_regression_wild(
        &r, own.column, own.most_exact, own.draws, own.key, &f, &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {f.t, f.p, f.floor, (double)f.draws, f.exact};
    SEXP result = glue_figures(5, names, values);
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
    R_xlen_t n = Rf_xlength(from);
    const double *x_from = glue_numbers(from, n, "from");
    const double *x_to = glue_numbers(to, n, "to");
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status =
        cap_sigma_convergence_test((size_t)n, x_from, x_to, &f, &err);
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {(double)f.n, f.mean_from, f.mean_to, f.var_from,
                             f.var_to,    f.cov,       f.t1,      f.p1,
                             f.t2,        f.p2,        f.slope,   f.t3,
                             f.p3,        f.r,         f.t,       f.p};
    return glue_figures(16, names, values);
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
    R_xlen_t n = Rf_xlength(from);
    if (cap_gap_change((size_t)n, glue_numbers(from, n, "from"),
                       glue_numbers(to, n, "to"),
                       glue_numbers_or_none(users_from, n, "users_from"),
                       glue_numbers_or_none(users_to, n, "users_to"),
                       glue_integers(group, n, "group"), &f, &err) != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {
        (double)f.n_group, (double)f.n_rest, f.gap_from,  f.gap_to, f.change,
        f.se_from,         f.se_to,          f.se_change, f.cov,    f.df};
    return glue_figures(10, names, values);
}

/* What glue_gap_change() gave, as the core has it. */
static cap_gap gap_of(SEXP figures)
{
    const double *v = glue_numbers(figures, 10, "gap");
    cap_gap gap = {(size_t)v[0], (size_t)v[1], v[2], v[3], v[4],
                   v[5],         v[6],         v[7], v[8], v[9]};
    return gap;
}

SEXP glue_gap_error(SEXP gap, SEXP sd)
{
    cap_gap g = gap_of(gap);
    return Rf_ScalarReal(cap_gap_error(&g, glue_number(sd, "sd")));
}

SEXP glue_gap_closing(SEXP gap, SEXP years, SEXP conf)
{
    static const char *const names[] = {"years", "years_low", "years_high"};
    cap_error err = no_error;
    cap_gap g = gap_of(gap);
    double span = glue_number(years, "years");
    double level = glue_number(conf, "conf");
    cap_closing f;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status = cap_gap_closing(&g, span, level, &f, &err);
    gsl_set_error_handler(handler);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {f.years, f.low, f.high};
    return glue_figures(3, names, values);
}

SEXP glue_convergence_speed(SEXP slope, SEXP years, SEXP logs)
{
    static const char *const names[] = {"speed", "half_life"};
    cap_convergence_speed f =
        cap_speed_of(glue_number(slope, "slope"), glue_number(years, "years"),
                     glue_flag(logs, "logs"));
    const double values[] = {f.speed, f.half_life};
    return glue_figures(2, names, values);
}

/* `n`: units with both scores, of the group, of the rest. */
SEXP glue_sign_floors(SEXP n)
{
    static const char *const names[] = {"beta", "sigma", "gap"};
    const size_t *units = glue_counts(n, 3, "n");
    cap_sign_floors f = cap_least_p(units[0], units[1], units[2]);
    const double values[] = {f.beta, f.sigma, f.gap};
    return glue_figures(3, names, values);
}

/* `run`: list(noise, floor, ceiling, n, key). */
static cap_convergence_null_run null_run(SEXP run)
{
    glue_options r = glue_options_of(run, "run");
    cap_convergence_null_run own = {
        glue_number_of(&r, "noise"), glue_number_of(&r, "floor"),
        glue_number_of(&r, "ceiling"), glue_whole_of(&r, "n", GLUE_MOST),
        glue_key_of(&r)};
    glue_options_end(&r);
    return own;
}

/* `groups`: list(side, users_from, users_to, logs) of n units. */
static cap_convergence_null_groups null_groups(SEXP groups, R_xlen_t n)
{
    glue_options o = glue_options_of(groups, "groups");
    cap_convergence_null_groups g = {
        glue_integers(glue_option(&o, "side"), n, "side"),
        glue_numbers_or_none(glue_option(&o, "users_from"), n, "users_from"),
        glue_numbers_or_none(glue_option(&o, "users_to"), n, "users_to"),
        glue_flag_of(&o, "logs")};
    glue_options_end(&o);
    if ((g.users_from == NULL) != (g.users_to == NULL)) {
        glue_refuse(groups, "groups", "with users at both ends or none");
    }
    return g;
}

/* `run` and `groups` as above, or no groups. */
SEXP glue_convergence_null(SEXP from, SEXP to, SEXP w, SEXP run, SEXP groups)
{
    static const char *const names[] = {
        "slope",         "mean",   "sd",       "low", "p",
        "ceiling_share", "spread", "p_spread", "gap", "p_gap"};
    cap_error err = no_error;
    cap_poll poll;
    cap_convergence_null f;
    R_xlen_t n = Rf_xlength(from);
    const double *x_from = glue_numbers(from, n, "from");
    const double *x_to = glue_numbers(to, n, "to");
    const double *weight = glue_numbers_or_none(w, n, "w");
    const cap_convergence_null_run own = null_run(run);
    cap_convergence_null_groups g = {0};
    bool grouped = groups != R_NilValue;
    if (grouped) {
        g = null_groups(groups, n);
    }
    SEXP token = PROTECT(glue_poll_begin(&poll));
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    cap_status status =
        cap_convergence_null_test((size_t)n, x_from, x_to, weight,
                                  grouped ? &g : NULL, &own, &f, &poll, &err);
    gsl_set_error_handler(handler);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    const double values[] = {f.slope, f.mean,          f.sd,     f.low,
                             f.p,     f.ceiling_share, f.spread, f.p_spread,
                             f.gap,   f.p_gap};
    SEXP result = glue_figures(10, names, values);
    UNPROTECT(1);
    return result;
}

/* list(count, share, shorrocks) of classes from 1 to k, NA for unknown. */
SEXP glue_transitions(SEXP from, SEXP to, SEXP classes)
{
    static const char *const names[] = {"count", "share", "shorrocks"};
    cap_error err = no_error;
    R_xlen_t n = Rf_xlength(from);
    int k = (int)glue_whole_number(classes, 0, 46340, "classes");
    const size_t *start = glue_indices(from, n, k, "from");
    const size_t *end = glue_indices(to, n, k, "to");
    SEXP values[3];
    values[0] = PROTECT(Rf_allocMatrix(REALSXP, k, k));
    values[1] = PROTECT(Rf_allocMatrix(REALSXP, k, k));
    values[2] = PROTECT(Rf_allocVector(REALSXP, 1));
    if (cap_transitions((size_t)n, (size_t)k, start, end, REAL(values[0]),
                        REAL(values[1]), REAL(values[2]), &err) != CAP_OK) {
        glue_raise(&err);
    }
    SEXP result = glue_list(3, names, values);
    UNPROTECT(3);
    return result;
}

/* A row with estimate, low, high and n for each of pearson, spearman and
 * kendall; `size`: that of x and of y, or NULL. */
SEXP glue_association(SEXP x, SEXP y, SEXP size, SEXP conf)
{
    static const char *const names[] = {"estimate", "low", "high", "n"};
    static const char *const measures[] = {"pearson", "spearman", "kendall"};
    cap_error err = no_error;
    cap_association f;
    R_xlen_t n = Rf_xlength(x);
    const double *first = glue_numbers(x, n, "x");
    const double *second = glue_numbers(y, n, "y");
    const double *weight = glue_numbers_or_none(size, 2, "size");
    double level = glue_number(conf, "conf");
    SEXP result = PROTECT(Rf_allocMatrix(REALSXP, 3, 4));
    const SEXP dims[] = {PROTECT(glue_strings(3, measures)),
                         PROTECT(glue_strings(4, names))};
    glue_name_dims(result, 2, dims);
    if (cap_association_test((size_t)n, first, second, weight, level, &f,
                             &err) != CAP_OK) {
        glue_raise(&err);
    }
    const cap_interval found[3] = {f.pearson, f.spearman, f.kendall};
    for (int k = 0; k < 3; k++) {
        REAL(result)[k] = found[k].estimate;
        REAL(result)[k + 3] = found[k].low;
        REAL(result)[k + 6] = found[k].high;
        REAL(result)[k + 9] = (double)f.n;
    }
    UNPROTECT(3);
    return result;
}

/* The class of each value, 1 the largest; NA for NaN. */
SEXP glue_equal_classes(SEXP x, SEXP k)
{
    cap_error err = no_error;
    R_xlen_t n = Rf_xlength(x);
    const double *value = glue_numbers(x, n, "x");
    size_t n_classes = glue_whole_number(k, 1, INT_MAX, "k");
    SEXP result = PROTECT(Rf_allocVector(INTSXP, n));
    size_t *class = (size_t *)R_alloc((size_t)n + 1, sizeof *class);
    if (cap_equal_classes((size_t)n, value, n_classes, class, &err) !=
        CAP_OK) {
        glue_raise(&err);
    }
    for (R_xlen_t i = 0; i < n; i++) {
        INTEGER(result)
        [i] = class[i] == CAP_NOWHERE ? NA_INTEGER : (int)class[i] + 1;
    }
    UNPROTECT(1);
    return result;
}

/* A row a unit. */
SEXP glue_rank_shifts(SEXP from, SEXP to, SEXP conf)
{
    static const char *const names[] = {"from_low", "from_high", "to_low",
                                        "to_high",  "nearer",    "further"};
    cap_error err = no_error;
    const double *before = glue_matrix(from, GLUE_ANY, GLUE_ANY, "from");
    size_t n = (size_t)Rf_nrows(from), draws = (size_t)Rf_ncols(from);
    const double *after = glue_matrix(to, (int)n, (int)draws, "to");
    double level = glue_number(conf, "conf");
    SEXP result = PROTECT(glue_table(n, 6, names));
    cap_rank_shift *shift = (cap_rank_shift *)R_alloc(n + 1, sizeof *shift);
    if (cap_rank_shifts(n, draws, before, after, level, shift, &err) !=
        CAP_OK) {
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
    R_xlen_t n_times = Rf_xlength(time);
    const double *times = glue_numbers(time, n_times, "time");
    const double *scores = glue_matrix(x, GLUE_ANY, n_times, "x");
    const double *wanted = glue_numbers(at, GLUE_ANY, "at");
    int n = Rf_nrows(x), n_at = (int)Rf_xlength(at);
    values[0] = PROTECT(Rf_allocMatrix(REALSXP, n, n_at));
    values[1] = PROTECT(Rf_allocMatrix(REALSXP, n, n_at));
    values[2] = PROTECT(Rf_allocVector(REALSXP, 1));
    if (cap_series_at((size_t)n, (size_t)n_times, times, scores, (size_t)n_at,
                      wanted, REAL(values[0]), REAL(values[1]),
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
    R_xlen_t n = Rf_xlength(x);
    const double *first = glue_numbers(x, n, "x");
    const double *second = glue_numbers(y, n, "y");
    SEXP values[3];
    values[0] = PROTECT(Rf_allocVector(REALSXP, n));
    values[1] = PROTECT(Rf_allocVector(REALSXP, n));
    values[2] = PROTECT(Rf_allocVector(REALSXP, 3));
    double *spread = REAL(values[2]);
    if (cap_series_standardise((size_t)n, first, second, REAL(values[0]),
                               REAL(values[1]), &spread[0], &spread[1],
                               &spread[2], &err) != CAP_OK) {
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
    R_xlen_t n = Rf_xlength(x);
    const double *score = glue_numbers(x, n, "x");
    const int *is_filled = glue_logicals(filled, n, "filled");
    const double *added = glue_numbers(variance, n, "variance");
    const double *sd = glue_numbers(spread, 2, "spread");
    cap_series_limit f =
        cap_limit_of_agreement((size_t)n, score, is_filled, added, sd[0],
                               sd[1], glue_number(conf, "conf"));
    const double values[] = {(double)f.n, f.sd, f.added, f.limit};
    return glue_figures(4, names, values);
}

/* The compensated sum of a vector. */
SEXP glue_compensated_sum(SEXP x)
{
    cap_sum total = {0, 0};
    const double *value = glue_numbers(x, GLUE_ANY, "x");
    for (R_xlen_t i = 0; i < Rf_xlength(x); i++) {
        cap_sum_add(&total, value[i]);
    }
    return Rf_ScalarReal(cap_sum_value(&total));
}
