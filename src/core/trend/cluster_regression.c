/* Weighted least squares with robust and clustered standard errors, and the
 * wild cluster bootstrap.
 *
 * The columns are orthogonalised twice (Gram and Schmidt), which for few
 * columns is as accurate as Householder's method and leaves Q at hand:
 * coefficients of a new response are then a product and a triangular solve.
 * The bootstrap changes the signs of whole clusters of the restricted fit's
 * residuals, all 2^G combinations while they are few, else drawn ones, and
 * refits. */
#include "base/fp.h"
#include "core/trend/cluster_regression.h"

#include <math.h>

#include "base/allocation.h"
#include "base/rng.h"
#include "base/sum.h"
#include "base/tolerance.h"

const cap_name cap_vcov_kinds[] = {
    {"classic", CAP_VCOV_CLASSIC},
    {"HC0", CAP_VCOV_HC0},
    {"HC1", CAP_VCOV_HC1},
    {"HC2", CAP_VCOV_HC2},
    {"HC3", CAP_VCOV_HC3},
    {"cluster", CAP_VCOV_CLUSTER},
    {NULL, 0},
};

enum { MOST_ENUMERATED = 20 };

/* The fit as q (n x k, orthonormal columns of sqrt(w) x) and the inverse of
 * its triangle (k x k, column-major): all figures follow from these. */
typedef struct {
    double *q;
    double *inverse;
    double *root_w;
    double *residual;  /* sqrt(w) e */
    double *influence; /* n x k: what an observation's residual does to coef */
} fit;

static cap_status check_data(const cap_regression *r, cap_error *err)
{
    if (r->k == 0 || r->n < r->k) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        "fewer observations than coefficients");
    }
    for (size_t i = 0; i < r->n; i++) {
        int finite = isfinite(r->y[i]);
        for (size_t j = 0; j < r->k; j++) {
            finite = finite && isfinite(r->x[i + j * r->n]);
        }
        if (!finite) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a value of a regression is not finite");
        }
        if (r->w != NULL && !(r->w[i] > 0 && isfinite(r->w[i]))) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a weight of a regression is not above 0");
        }
        if (r->cluster != NULL && r->cluster[i] >= r->n_clusters) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a cluster is out of range");
        }
    }
    return CAP_OK;
}

static cap_status fit_alloc(fit *f, size_t n, size_t k, cap_error *err)
{
    f->q = cap_calloc(n * k, sizeof(double));
    f->inverse = cap_calloc(k * k, sizeof(double));
    f->root_w = cap_calloc(n, sizeof(double));
    f->residual = cap_calloc(n, sizeof(double));
    f->influence = cap_calloc(n * k, sizeof(double));
    return f->q && f->inverse && f->root_w && f->residual && f->influence
               ? CAP_OK
               : cap_fail(err, CAP_ERR_MEMORY, "out of memory for a fit");
}

static void fit_free(fit *f)
{
    cap_free(f->influence);
    cap_free(f->residual);
    cap_free(f->root_w);
    cap_free(f->inverse);
    cap_free(f->q);
}

static double dot(size_t n, const double *a, const double *b)
{
    cap_sum total = {0, 0};
    for (size_t i = 0; i < n; i++) {
        cap_sum_add(&total, a[i] * b[i]);
    }
    return cap_sum_value(&total);
}

/* Gram-Schmidt, twice over: as good as Householder for few columns, and q is
 * at hand. `triangle` is k x k, upper, column-major. */
static cap_status orthogonalise(const cap_regression *r, fit *f,
                                double *triangle, cap_error *err)
{
    size_t n = r->n, k = r->k;
    for (size_t i = 0; i < n; i++) {
        f->root_w[i] = r->w == NULL ? 1 : sqrt(r->w[i]);
    }
    for (size_t j = 0; j < k; j++) {
        double *column = f->q + j * n;
        for (size_t i = 0; i < n; i++) {
            column[i] = f->root_w[i] * r->x[i + j * n];
        }
        double before = sqrt(dot(n, column, column));
        for (int pass = 0; pass < 2; pass++) {
            for (size_t p = 0; p < j; p++) {
                double along = dot(n, f->q + p * n, column);
                triangle[p + j * k] += along;
                for (size_t i = 0; i < n; i++) {
                    column[i] -= along * f->q[i + p * n];
                }
            }
        }
        double length = sqrt(dot(n, column, column));
        if (!(length > 1e-10 * before)) {
            return cap_fail_at(err, CAP_ERR_NUMERIC, CAP_NOWHERE, j,
                               "a column of a regression says nothing that "
                               "the others do not");
        }
        triangle[j + j * k] = length;
        for (size_t i = 0; i < n; i++) {
            column[i] /= length;
        }
    }
    return CAP_OK;
}

static void invert_triangle(size_t k, const double *triangle, double *inverse)
{
    for (size_t j = 0; j < k; j++) {
        inverse[j + j * k] = 1 / triangle[j + j * k];
        for (size_t i = j; i-- > 0;) {
            double total = 0;
            for (size_t p = i + 1; p <= j; p++) {
                total += triangle[i + p * k] * inverse[p + j * k];
            }
            inverse[i + j * k] = -total / triangle[i + i * k];
        }
    }
}

/* Coefficients, residuals and influences for the response `y`. */
static void solve(const cap_regression *r, const double *y, fit *f,
                  double *coef)
{
    size_t n = r->n, k = r->k;
    for (size_t i = 0; i < n; i++) {
        f->residual[i] = f->root_w[i] * y[i];
    }
    for (size_t j = 0; j < k; j++) {
        coef[j] = 0;
    }
    for (size_t p = 0; p < k; p++) {
        double along = dot(n, f->q + p * n, f->residual);
        for (size_t j = 0; j <= p; j++) {
            coef[j] += f->inverse[j + p * k] * along;
        }
        for (size_t i = 0; i < n; i++) {
            f->residual[i] -= along * f->q[i + p * n];
        }
    }
    for (size_t j = 0; j < k; j++) {
        for (size_t i = 0; i < n; i++) {
            double total = 0;
            for (size_t p = j; p < k; p++) {
                total += f->inverse[j + p * k] * f->q[i + p * n];
            }
            f->influence[i + j * n] = total * f->residual[i];
        }
    }
}

static cap_status fit_begin(const cap_regression *r, fit *f, cap_error *err)
{
    cap_status status = fit_alloc(f, r->n, r->k, err);
    double *triangle = cap_calloc(r->k * r->k, sizeof *triangle);
    if (status == CAP_OK && triangle == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for a fit");
    }
    if (status == CAP_OK) {
        status = orthogonalise(r, f, triangle, err);
    }
    if (status == CAP_OK) {
        invert_triangle(r->k, triangle, f->inverse);
    }
    cap_free(triangle);
    return status;
}

static double leverage_of(const cap_regression *r, const fit *f, size_t i)
{
    double h = 0;
    for (size_t j = 0; j < r->k; j++) {
        h += f->q[i + j * r->n] * f->q[i + j * r->n];
    }
    return h;
}

static double classic_se(const cap_regression *r, const fit *f, size_t j)
{
    double bread = 0, df = (double)r->n - (double)r->k;
    for (size_t p = j; p < r->k; p++) {
        bread += f->inverse[j + p * r->k] * f->inverse[j + p * r->k];
    }
    return df > 0 ? sqrt(dot(r->n, f->residual, f->residual) / df * bread)
                  : NAN;
}

static double robust_se(const cap_regression *r, const fit *f, size_t j,
                        cap_vcov_kind kind)
{
    cap_sum total = {0, 0};
    double df = (double)r->n - (double)r->k;
    for (size_t i = 0; i < r->n; i++) {
        double v = f->influence[i + j * r->n], rest = 1 - leverage_of(r, f, i);
        if (kind == CAP_VCOV_HC2 || kind == CAP_VCOV_HC3) {
            if (!(rest > 1e-10)) {
                return NAN;
            }
            v /= kind == CAP_VCOV_HC2 ? sqrt(rest) : rest;
        }
        cap_sum_add(&total, v * v);
    }
    double factor = kind != CAP_VCOV_HC1 ? 1
                    : df > 0             ? (double)r->n / df
                                         : NAN;
    return sqrt(factor * cap_sum_value(&total));
}

/* `sums` has room for a number a cluster. */
static double cluster_se(const cap_regression *r, const fit *f, size_t j,
                         double *sums)
{
    double groups = 0, total = 0, n = (double)r->n, k = (double)r->k;
    if (r->cluster == NULL || r->n <= r->k) {
        return NAN;
    }
    for (size_t g = 0; g < r->n_clusters; g++) {
        sums[g] = 0;
    }
    for (size_t i = 0; i < r->n; i++) {
        sums[r->cluster[i]] += f->influence[i + j * r->n];
    }
    for (size_t g = 0; g < r->n_clusters; g++) {
        total += sums[g] * sums[g];
    }
    groups = (double)r->n_clusters;
    return groups < 2
               ? NAN
               : sqrt(groups / (groups - 1) * (n - 1) / (n - k) * total);
}

/* Clusters must be numbered without gaps: an empty one would count. */
static cap_status check_clusters(const cap_regression *r, double *sums,
                                 cap_error *err)
{
    for (size_t i = 0; r->cluster != NULL && i < r->n; i++) {
        sums[r->cluster[i]] = 1;
    }
    for (size_t g = 0; r->cluster != NULL && g < r->n_clusters; g++) {
        if (!(sums[g] > 0)) {
            return cap_fail(err, CAP_ERR_INPUT, "a cluster is empty");
        }
    }
    return CAP_OK;
}

cap_status cap_regression_fit(const cap_regression *r, double *coef,
                              double *se, double *leverage, cap_error *err)
{
    fit f = {NULL, NULL, NULL, NULL, NULL};
    double *sums = NULL;
    cap_status status = check_data(r, err);
    if (status != CAP_OK) {
        return status;
    }
    sums = cap_calloc(r->n_clusters, sizeof *sums);
    if (sums == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for a fit");
    }
    status = check_clusters(r, sums, err);
    if (status == CAP_OK) {
        status = fit_begin(r, &f, err);
    }
    if (status != CAP_OK) {
        goto done;
    }
    solve(r, r->y, &f, coef);
    for (size_t j = 0; j < r->k; j++) {
        se[j] = classic_se(r, &f, j);
        for (int kind = CAP_VCOV_HC0; kind <= CAP_VCOV_HC3; kind++) {
            se[j + (size_t)kind * r->k] =
                robust_se(r, &f, j, (cap_vcov_kind)kind);
        }
        se[j + CAP_VCOV_CLUSTER * r->k] = cluster_se(r, &f, j, sums);
    }
    for (size_t i = 0; leverage != NULL && i < r->n; i++) {
        leverage[i] = leverage_of(r, &f, i);
    }

done:
    fit_free(&f);
    cap_free(sums);
    return status;
}

/* What the draws of the wild bootstrap need. */
typedef struct {
    const cap_regression *r;
    size_t which;
    fit *f;
    const double *fitted; /* of the restricted fit */
    const double *residual;
    double *y, *coef, *sums;
    signed char *sign;
} wild_work;

static double wild_t(const wild_work *w)
{
    for (size_t i = 0; i < w->r->n; i++) {
        w->y[i] = w->fitted[i] + w->sign[w->r->cluster[i]] * w->residual[i];
    }
    solve(w->r, w->y, w->f, w->coef);
    return w->coef[w->which] / cluster_se(w->r, w->f, w->which, w->sums);
}

/* Ties count: the mirror of the data's own signs has the same |t| but for
 * rounding. A draw without a t (a perfect fit) counts as extreme. */
static int is_extreme(double t, double observed)
{
    return !(fabs(t) < fabs(observed) * (1 - CAP_STATISTIC_GAP));
}

static cap_status count_extreme(wild_work *w, size_t most_exact, size_t draws,
                                uint64_t key, cap_wild *result,
                                const cap_poll *poll, cap_error *err)
{
    size_t groups = w->r->n_clusters, count = 0;
    result->exact = groups <= most_exact;
    result->draws = result->exact ? (size_t)1 << groups : draws;
    for (size_t d = 0; d < result->draws; d++) {
        cap_rng rng;
        if (d % 256 == 0 && cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        cap_rng_seek(&rng, key, d, 0);
        for (size_t g = 0; g < groups; g++) {
            int flip = result->exact ? (int)(d >> g & 1)
                                     : (int)(cap_rng_bits(&rng) & 1);
            w->sign[g] = flip ? -1 : 1;
        }
        count += is_extreme(wild_t(w), result->t) ? 1 : 0;
    }
    double total = (double)result->draws;
    result->p = result->exact ? (double)count / total
                              : (1 + (double)count) / (1 + total);
    result->floor = ldexp(1, 1 - (int)(groups > 1000 ? 1000 : groups));
    if (!result->exact && result->floor < 1 / (1 + total)) {
        result->floor = 1 / (1 + total);
    }
    return CAP_OK;
}

/* The fit without column `which`: fitted values and residuals; their mean is
 * what is left when there is no other column. */
static cap_status restrict_fit(const cap_regression *r, size_t which,
                               double *columns, double *coef, double *fitted,
                               double *residual, cap_error *err)
{
    cap_regression less = *r;
    fit f = {NULL, NULL, NULL, NULL, NULL};
    cap_status status = CAP_OK;
    less.x = columns;
    less.k = r->k - 1;
    for (size_t i = 0; i < r->n; i++) {
        fitted[i] = 0;
        for (size_t j = 0, to = 0; j < r->k; j++) {
            if (j != which) {
                columns[i + to++ * r->n] = r->x[i + j * r->n];
            }
        }
    }
    if (less.k > 0) {
        status = fit_begin(&less, &f, err);
        if (status == CAP_OK) {
            solve(&less, r->y, &f, coef);
            for (size_t i = 0; i < r->n; i++) {
                for (size_t j = 0; j < less.k; j++) {
                    fitted[i] += coef[j] * columns[i + j * r->n];
                }
            }
        }
        fit_free(&f);
    }
    for (size_t i = 0; i < r->n; i++) {
        residual[i] = r->y[i] - fitted[i];
    }
    return status;
}

cap_status cap_regression_wild(const cap_regression *r, size_t which,
                               size_t most_exact, size_t draws, uint64_t key,
                               cap_wild *result, const cap_poll *poll,
                               cap_error *err)
{
    const cap_wild none = {NAN, NAN, NAN, 0, 0};
    fit f = {NULL, NULL, NULL, NULL, NULL};
    *result = none;
    cap_status status = check_data(r, err);
    if (status != CAP_OK) {
        return status;
    }
    if (which >= r->k || r->cluster == NULL || most_exact > MOST_ENUMERATED) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "no such coefficient, no clusters, or too many");
    }
    size_t n = r->n, k = r->k;
    double *room =
        cap_calloc(n * (k + 3) + 2 * k + r->n_clusters, sizeof *room);
    signed char *sign = cap_calloc(r->n_clusters, 1);
    if (room == NULL || sign == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for draws");
        goto done;
    }
    double *fitted = room + n * k, *residual = fitted + n;
    wild_work w = {r,
                   which,
                   &f,
                   fitted,
                   residual,
                   residual + n,
                   residual + 2 * n,
                   residual + 2 * n + 2 * k,
                   sign};
    status = check_clusters(r, w.sums, err);
    if (status == CAP_OK) {
        status = fit_begin(r, &f, err);
    }
    if (status == CAP_OK) {
        status =
            restrict_fit(r, which, room, w.coef + k, fitted, residual, err);
    }
    if (status != CAP_OK) {
        goto done;
    }
    for (size_t g = 0; g < r->n_clusters; g++) {
        sign[g] = 1;
    }
    result->t = wild_t(&w);
    if (isfinite(result->t)) {
        status = count_extreme(&w, most_exact, draws, key, result, poll, err);
    }

done:
    fit_free(&f);
    cap_free(sign);
    cap_free(room);
    return status;
}
