/* Finds weights that give each item a wanted importance.
 *
 * The importance of an item is the share of the index's variance that
 * orthonormal polynomials of its column explain; its slopes by the weights are
 * closed forms, so that Levenberg and Marquardt's method can descend on v =
 * softmax(t). It starts from several points and keeps the best. Items whose
 * weight runs towards 0 get 0 where that costs nothing, and first-order
 * conditions on the simplex say whether the point is stationary. */
#include "base/fp.h"
#include "core/weights/importance_weights.h"

#include <math.h>
#include <string.h>

#include "base/allocation.h"
#include "core/index/compare.h"
#include "core/weights/weights_spread.h"
#include "base/sum.h"
#include "base/tolerance.h"

enum { MOST_DEGREE = 5, MOST_STARTS = 12 };

/* Everything about the data that an evaluation needs. With z the standardised
 * columns and y = sum v_k z_k, both R^2 and var y are quadratic in v. */
typedef struct {
    size_t n;             /* items */
    size_t degree;        /* rows of `project` an item */
    double *sd;           /* n */
    double *correlation;  /* n x n */
    double *project;      /* n x degree x n: z_j on the d-th basis of item k */
    const double *target; /* n, sum 1 */
} problem;

/* One point and the workspace for its derivatives. */
typedef struct {
    double *v;        /* n, sum 1 */
    double *ratio;    /* n */
    double *residual; /* n */
    double *jacobian; /* n x n, d residual_k / d theta_j, row k */
    double objective;
} point;

/* Orthonormal polynomials of one column, without the constant: rows of
 * `basis`, each n_units long; powers that add nothing are rows of zeros. */
static void polynomial_basis(size_t n, size_t degree, const double *z,
                             double *basis)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(z[i]));
    }
    for (size_t d = 0; d < degree; d++) {
        double *b = basis + d * n, before = 0, after = 0;
        for (size_t i = 0; i < n; i++) {
            b[i] = (z[i] / largest) * (d == 0 ? 1 : 0);
        }
        /* x times the last polynomial spans the same as the next power */
        if (d > 0) {
            for (size_t i = 0; i < n; i++) {
                b[i] = basis[(d - 1) * n + i] * (z[i] / largest);
            }
        }
        for (size_t i = 0; i < n; i++) {
            before += b[i] * b[i];
        }
        for (int twice = 0; twice < 2; twice++) {
            double mean = 0;
            for (size_t i = 0; i < n; i++) {
                mean += b[i] / (double)n;
            }
            for (size_t i = 0; i < n; i++) {
                b[i] -= mean;
            }
            for (size_t c = 0; c < d; c++) {
                const double *q = basis + c * n;
                double along = 0;
                for (size_t i = 0; i < n; i++) {
                    along += q[i] * b[i];
                }
                for (size_t i = 0; i < n; i++) {
                    b[i] -= along * q[i];
                }
            }
        }
        for (size_t i = 0; i < n; i++) {
            after += b[i] * b[i];
        }
        double scale = after > 1e-14 * before ? 1 / sqrt(after) : 0;
        for (size_t i = 0; i < n; i++) {
            b[i] *= scale;
        }
    }
}

static void problem_free(problem *p)
{
    cap_free(p->project);
    cap_free(p->correlation);
    cap_free(p->sd);
}

static cap_status project_all(problem *p, size_t n_units, const double *x,
                              cap_error *err)
{
    cap_status status = CAP_OK;
    double *z = cap_calloc(n_units * p->n, sizeof *z);
    double *basis = cap_calloc(n_units * p->degree, sizeof *basis);
    if (z == NULL || basis == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for weights");
        goto done;
    }
    for (size_t k = 0; k < p->n; k++) {
        double *column = z + k * n_units;
        p->sd[k] = cap_centre(n_units, x + k * n_units, column);
        double scale = 1 / (p->sd[k] * sqrt((double)(n_units - 1)));
        for (size_t i = 0; i < n_units; i++) {
            column[i] *= scale;
        }
    }
    for (size_t k = 0; k < p->n; k++) {
        polynomial_basis(n_units, p->degree, z + k * n_units, basis);
        for (size_t d = 0; d < p->degree; d++) {
            double *row = p->project + (k * p->degree + d) * p->n;
            const double *q = basis + d * n_units;
            for (size_t j = 0; j < p->n; j++) {
                double along = 0;
                for (size_t i = 0; i < n_units; i++) {
                    along += q[i] * z[j * n_units + i];
                }
                row[j] = along;
            }
        }
    }
done:
    cap_free(basis);
    cap_free(z);
    return status;
}

static cap_status problem_build(problem *p, size_t n_units, size_t n_items,
                                const double *x, size_t degree, cap_error *err)
{
    cap_status status;
    p->n = n_items;
    p->degree = degree == 0 ? 1 : degree;
    if (degree > MOST_DEGREE) {
        return cap_fail(err, CAP_ERR_INPUT, "the degree must be at most 5");
    }
    status = cap_check_panel(n_units, n_items, x, err);
    if (status != CAP_OK) {
        return status;
    }
    p->sd = cap_calloc(n_items, sizeof *p->sd);
    p->correlation = cap_calloc(n_items * n_items, sizeof *p->correlation);
    p->project = cap_calloc(n_items * n_items * p->degree, sizeof *p->project);
    if (p->sd == NULL || p->correlation == NULL || p->project == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for weights");
    }
    status = cap_correlation(n_units, n_items, x, 0, p->correlation, err);
    return status == CAP_OK ? project_all(p, n_units, x, err) : status;
}

/* Ratios and residuals at v; 0 when y has no variance. */
static int evaluate(const problem *p, const double *v, double *ratio,
                    double *residual, double *objective)
{
    size_t n = p->n;
    double variance = 0, sum = 0, size = 0;
    cap_sum squares = {0, 0};
    for (size_t k = 0; k < n; k++) {
        double along = 0;
        for (size_t j = 0; j < n; j++) {
            along += p->correlation[k * n + j] * v[j];
        }
        variance += v[k] * along;
        size += v[k];
    }
    if (!(variance > CAP_SPREAD_SLACK * size * size)) {
        return 0;
    }
    for (size_t k = 0; k < n; k++) {
        ratio[k] = 0;
        for (size_t d = 0; d < p->degree; d++) {
            const double *row = p->project + (k * p->degree + d) * n;
            double along = 0;
            for (size_t j = 0; j < n; j++) {
                along += row[j] * v[j];
            }
            ratio[k] += along * along;
        }
        ratio[k] = fmin(1, ratio[k] / variance);
        sum += ratio[k];
    }
    if (!(sum > 0)) {
        return 0;
    }
    for (size_t k = 0; k < n && residual != NULL; k++) {
        residual[k] = ratio[k] / sum - p->target[k];
        cap_sum_add(&squares, residual[k] * residual[k]);
    }
    if (objective != NULL) {
        *objective = cap_sum_value(&squares);
    }
    return 1;
}

/* d residual / d v, into `slope` (n x n, row k). */
static void slopes(const problem *p, const double *v, const double *ratio,
                   double *slope)
{
    size_t n = p->n;
    double variance = 0, sum = 0;
    double *along_y = slope; /* row 0 is written last */
    for (size_t k = 0; k < n; k++) {
        double along = 0;
        for (size_t j = 0; j < n; j++) {
            along += p->correlation[k * n + j] * v[j];
        }
        along_y[k] = along;
        variance += v[k] * along;
        sum += ratio[k];
    }
    for (size_t step = 0; step < n; step++) {
        size_t k = n - 1 - step;
        double *row = slope + k * n;
        for (size_t j = 0; j < n; j++) {
            row[j] = -ratio[k] * along_y[j];
        }
        for (size_t d = 0; d < p->degree; d++) {
            const double *q = p->project + (k * p->degree + d) * n;
            double along = 0;
            for (size_t j = 0; j < n; j++) {
                along += q[j] * v[j];
            }
            for (size_t j = 0; j < n; j++) {
                row[j] += along * q[j];
            }
        }
        for (size_t j = 0; j < n; j++) {
            row[j] *= 2 / variance;
        }
    }
    /* importances are ratios over their sum */
    for (size_t j = 0; j < n; j++) {
        double all = 0;
        for (size_t k = 0; k < n; k++) {
            all += slope[k * n + j];
        }
        for (size_t k = 0; k < n; k++) {
            slope[k * n + j] = (slope[k * n + j] - ratio[k] / sum * all) / sum;
        }
    }
}

/* d residual / d theta for v = softmax(theta). */
static void jacobian_of(const problem *p, point *at)
{
    size_t n = p->n;
    slopes(p, at->v, at->ratio, at->jacobian);
    for (size_t k = 0; k < n; k++) {
        double *row = at->jacobian + k * n, mean = 0;
        for (size_t j = 0; j < n; j++) {
            mean += at->v[j] * row[j];
        }
        for (size_t j = 0; j < n; j++) {
            row[j] = at->v[j] * (row[j] - mean);
        }
    }
}

/* Solves (a + damping I) x = b for symmetric a, lower triangle, by Cholesky
 * in `work`; 0 when it is not positive definite. `x` may be `b`. */
static int solve_damped(size_t n, const double *a, double damping,
                        const double *b, double *work, double *x)
{
    memcpy(work, a, n * n * sizeof *work);
    for (size_t k = 0; k < n; k++) {
        work[k * n + k] += damping;
    }
    for (size_t k = 0; k < n; k++) {
        for (size_t j = 0; j <= k; j++) {
            double s = work[k * n + j];
            for (size_t m = 0; m < j; m++) {
                s -= work[k * n + m] * work[j * n + m];
            }
            if (j < k) {
                work[k * n + j] = s / work[j * n + j];
            } else if (s > 0) {
                work[k * n + k] = sqrt(s);
            } else {
                return 0;
            }
        }
    }
    for (size_t k = 0; k < n; k++) {
        double s = b[k];
        for (size_t m = 0; m < k; m++) {
            s -= work[k * n + m] * x[m];
        }
        x[k] = s / work[k * n + k];
    }
    for (size_t back = 0; back < n; back++) {
        size_t k = n - 1 - back;
        double s = x[k];
        for (size_t m = k + 1; m < n; m++) {
            s -= work[m * n + k] * x[m];
        }
        x[k] = s / work[k * n + k];
    }
    return 1;
}

typedef struct {
    point now, next;
    double *normal;   /* n x n, J'J */
    double *factor;   /* n x n */
    double *gradient; /* n, J'r */
    double *step;     /* n */
} descent;

static void descent_free(descent *s) { cap_free(s->normal); }

/* One block for all of it. */
static cap_status descent_make(descent *s, size_t n, cap_error *err)
{
    double *at = cap_calloc(4 * n * n + 8 * n, sizeof *at);
    if (at == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for weights");
    }
    s->normal = at;
    s->factor = at + n * n;
    s->now.jacobian = at + 2 * n * n;
    s->next.jacobian = at + 3 * n * n;
    at += 4 * n * n;
    s->gradient = at;
    s->step = at + n;
    s->now.v = at + 2 * n;
    s->now.ratio = at + 3 * n;
    s->now.residual = at + 4 * n;
    s->next.v = at + 5 * n;
    s->next.ratio = at + 6 * n;
    s->next.residual = at + 7 * n;
    return CAP_OK;
}

/* J'J and J'r; the largest size of a gradient. */
static double normal_equations(size_t n, descent *s)
{
    double largest = 0;
    memset(s->normal, 0, n * n * sizeof *s->normal);
    memset(s->gradient, 0, n * sizeof *s->gradient);
    for (size_t k = 0; k < n; k++) {
        const double *row = s->now.jacobian + k * n;
        for (size_t i = 0; i < n; i++) {
            double *to = s->normal + i * n;
            for (size_t j = 0; j <= i; j++) {
                to[j] += row[i] * row[j];
            }
            s->gradient[i] += row[i] * s->now.residual[k];
        }
    }
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, fabs(s->gradient[i]));
    }
    return largest;
}

/* v times exp(-step), sum 1; a step moves no log weight by more than 3. */
static void stepped(size_t n, const double *v, const double *step, double *to)
{
    double largest = 0, sum = 0;
    for (size_t k = 0; k < n; k++) {
        largest = fmax(largest, fabs(step[k]));
    }
    double shrink = largest > 3 ? 3 / largest : 1;
    for (size_t k = 0; k < n; k++) {
        to[k] = v[k] * exp(-shrink * step[k]);
        sum += to[k];
    }
    for (size_t k = 0; k < n; k++) {
        to[k] /= sum;
    }
}

static void swap_points(descent *s)
{
    point keep = s->now;
    s->now = s->next;
    s->next = keep;
}

/* Descends from s->now.v; 0 when it has no objective. */
static int descend(const problem *p, descent *s, size_t most,
                   size_t *iterations, const cap_poll *poll, int *stopped)
{
    size_t n = p->n;
    double damping = -1;
    *iterations = 0;
    if (!evaluate(p, s->now.v, s->now.ratio, s->now.residual,
                  &s->now.objective)) {
        return 0;
    }
    while (*iterations < most && s->now.objective > 1e-28) {
        int better = 0;
        jacobian_of(p, &s->now);
        if (normal_equations(n, s) < 1e-15) {
            break;
        }
        if (damping < 0) {
            damping = 0;
            for (size_t k = 0; k < n; k++) {
                damping = fmax(damping, 1e-3 * s->normal[k * n + k]);
            }
        }
        (*iterations)++;
        while (!better && damping < 1e12) {
            better = solve_damped(n, s->normal, damping, s->gradient,
                                  s->factor, s->step);
            if (better) {
                stepped(n, s->now.v, s->step, s->next.v);
                better = evaluate(p, s->next.v, s->next.ratio,
                                  s->next.residual, &s->next.objective) &&
                         s->next.objective < s->now.objective;
            }
            damping = better ? fmax(damping / 5, 1e-18) : damping * 4 + 1e-18;
            if (cap_poll_stop(poll)) {
                *stopped = 1;
                return 0;
            }
        }
        if (!better) {
            break;
        }
        swap_points(s);
    }
    return 1;
}

/* First-order conditions on the simplex: no gradient along items in use, none
 * that calls for an item that is out of use. */
static int is_stationary(const problem *p, descent *s)
{
    size_t n = p->n;
    slopes(p, s->now.v, s->now.ratio, s->now.jacobian);
    for (size_t j = 0; j < n; j++) {
        double g = 0;
        for (size_t k = 0; k < n; k++) {
            g += s->now.jacobian[k * n + j] * s->now.residual[k];
        }
        if (fabs(s->now.v[j] * g) > 1e-8 || g < -1e-6 / (s->now.v[j] + 1e-3)) {
            return 0;
        }
    }
    return 1;
}

/* Items whose weight has run towards 0 get 0, if that costs nothing. */
static void drop_traces(const problem *p, descent *s)
{
    size_t n = p->n;
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        s->next.v[k] = s->now.v[k] < 1e-9 ? 0 : s->now.v[k];
        sum += s->next.v[k];
    }
    for (size_t k = 0; k < n; k++) {
        s->next.v[k] /= sum;
    }
    if (evaluate(p, s->next.v, s->next.ratio, s->next.residual,
                 &s->next.objective) &&
        s->next.objective <= s->now.objective + 1e-15) {
        swap_points(s);
    }
}

/* The start of that number, into `v`; 0 when there is none. */
static int start_at(const problem *p, size_t number, descent *s, double *v)
{
    size_t n = p->n;
    double sum = 0;
    if (number == 0) {
        for (size_t k = 0; k < n; k++) {
            v[k] = 1;
        }
    } else if (number == 1) {
        for (size_t k = 0; k < n; k++) {
            v[k] = p->target[k] + 1e-3 / (double)n;
        }
    } else if (number == 2) {
        /* C v = root of the target: exact where it is positive */
        for (size_t k = 0; k < n; k++) {
            s->gradient[k] = sqrt(p->target[k]);
        }
        if (!solve_damped(n, p->correlation, 1e-9, s->gradient, s->factor,
                          v)) {
            return 0;
        }
        for (size_t k = 0; k < n; k++) {
            sum += fabs(v[k]);
        }
        for (size_t k = 0; k < n; k++) {
            v[k] = fmax(v[k] / sum, 1e-4 / (double)n);
        }
    } else {
        for (size_t k = 0; k < n; k++) {
            v[k] = k == number - 3 ? (double)n : 1;
        }
    }
    sum = 0;
    for (size_t k = 0; k < n; k++) {
        sum += v[k];
    }
    for (size_t k = 0; k < n; k++) {
        v[k] /= sum;
    }
    return isfinite(sum);
}

static cap_status search(const problem *p, size_t most, descent *s,
                         double *best, cap_optimum *optimum,
                         const cap_poll *poll, cap_error *err)
{
    size_t n = p->n, n_starts = 3 + (n <= MOST_STARTS ? n : 0);
    optimum->objective = INFINITY;
    for (size_t number = 0; number < n_starts; number++) {
        size_t iterations = 0;
        int stopped = 0;
        /* nothing is nearer than a match */
        if (optimum->objective <= 1e-20) {
            break;
        }
        if (!start_at(p, number, s, s->now.v)) {
            continue;
        }
        if (!descend(p, s, most, &iterations, poll, &stopped)) {
            if (stopped) {
                return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
            }
            continue;
        }
        optimum->starts++;
        drop_traces(p, s);
        if (s->now.objective < optimum->objective - 1e-12) {
            optimum->objective = s->now.objective;
            optimum->iterations = iterations;
            optimum->converged = is_stationary(p, s);
            memcpy(best, s->now.v, n * sizeof *best);
        }
    }
    if (optimum->starts == 0) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        "the index is the same for all units under all "
                        "weights that were tried");
    }
    return CAP_OK;
}

static cap_status check_target(size_t n, const double *target, double *share,
                               cap_error *err)
{
    cap_sum sum = {0, 0};
    for (size_t k = 0; k < n; k++) {
        share[k] = target == NULL ? 1 : target[k];
        if (!(share[k] >= 0 && share[k] <= 1e150)) {
            return cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, k,
                               "a target must be a number of 0 or more");
        }
        cap_sum_add(&sum, share[k]);
    }
    if (!(cap_sum_value(&sum) > 0)) {
        return cap_fail(err, CAP_ERR_INPUT, "all targets are 0");
    }
    for (size_t k = 0; k < n; k++) {
        share[k] /= cap_sum_value(&sum);
    }
    return CAP_OK;
}

cap_status cap_optimise_weights(size_t n_units, size_t n_items,
                                const double *x, const double *target,
                                const cap_optimise_options *options,
                                double *weight, double *ratio,
                                double *importance, cap_optimum *optimum,
                                const cap_poll *poll, cap_error *err)
{
    const cap_optimum none = {0, 0, 0, 0};
    problem p = {0, 0, NULL, NULL, NULL, NULL};
    descent s;
    double *share = NULL, *best = NULL, objective = 0;
    cap_sum sum = {0, 0};
    memset(&s, 0, sizeof s);
    *optimum = none;
    cap_status status =
        problem_build(&p, n_units, n_items, x, options->degree, err);
    if (status != CAP_OK) {
        goto done;
    }
    share = cap_calloc(n_items, sizeof *share);
    best = cap_calloc(n_items, sizeof *best);
    if (share == NULL || best == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for weights");
        goto done;
    }
    status = check_target(n_items, target, share, err);
    if (status == CAP_OK) {
        status = descent_make(&s, n_items, err);
    }
    if (status != CAP_OK) {
        goto done;
    }
    p.target = share;
    status = search(
        &p, options->max_iterations == 0 ? 500 : options->max_iterations, &s,
        best, optimum, poll, err);
    if (status != CAP_OK) {
        goto done;
    }
    /* the objective of what is returned, not of what was on the way */
    evaluate(&p, best, ratio, s.now.residual, &objective);
    optimum->objective = objective;
    for (size_t k = 0; k < n_items; k++) {
        importance[k] = s.now.residual[k] + share[k];
        weight[k] = best[k] / p.sd[k];
        cap_sum_add(&sum, weight[k]);
    }
    for (size_t k = 0; k < n_items; k++) {
        weight[k] /= cap_sum_value(&sum);
    }
done:
    descent_free(&s);
    cap_free(best);
    cap_free(share);
    problem_free(&p);
    return status;
}

cap_status cap_importance(size_t n_units, size_t n_items, const double *x,
                          size_t degree, const double *weight, double *ratio,
                          cap_error *err)
{
    problem p = {0, 0, NULL, NULL, NULL, NULL};
    double *v = NULL, largest = 0;
    cap_status status = problem_build(&p, n_units, n_items, x, degree, err);
    if (status != CAP_OK) {
        goto done;
    }
    v = cap_calloc(n_items, sizeof *v);
    if (v == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for weights");
        goto done;
    }
    for (size_t k = 0; k < n_items; k++) {
        if (!(weight[k] >= 0 && weight[k] <= 1e150)) {
            status = cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, k,
                                 "a weight must be a number of 0 or more");
            goto done;
        }
        v[k] = weight[k] * p.sd[k];
        largest = fmax(largest, v[k]);
    }
    for (size_t k = 0; k < n_items && largest > 0; k++) {
        v[k] /= largest;
    }
    if (!evaluate(&p, v, ratio, NULL, NULL)) {
        status = cap_fail(err, CAP_ERR_NUMERIC,
                          "the index is the same for all units");
    }
done:
    cap_free(v);
    problem_free(&p);
    return status;
}

/* The columns divided by their largest size, into `z`, and the index of them
 * but for a factor, into `index`. */
static void build_index(size_t n_units, size_t n_items, const double *x,
                        const double *weight, double *z, double *index)
{
    double most = 0;
    for (size_t k = 0; k < n_items; k++) {
        most = fmax(most, weight[k] * cap_largest(n_units, x + k * n_units));
    }
    for (size_t k = 0; k < n_items; k++) {
        double size = cap_largest(n_units, x + k * n_units);
        double share = most > 0 ? weight[k] * size / most : 0;
        for (size_t i = 0; i < n_units; i++) {
            size_t at = i + k * n_units;
            z[at] = size > 0 ? x[at] / size : 0;
            index[i] += share * z[at];
        }
    }
}

cap_status cap_index_correlation(size_t n_units, size_t n_items,
                                 const double *x, const double *weight,
                                 double *correlation, cap_error *err)
{
    cap_status status = cap_check_panel(n_units, n_items, x, err);
    for (size_t k = 0; k < n_items && status == CAP_OK; k++) {
        if (!(weight[k] >= 0) || isinf(weight[k])) {
            status = cap_fail_at(err, CAP_ERR_INPUT, CAP_NOWHERE, k,
                                 "a weight must be a number of 0 or more");
        }
    }
    if (status != CAP_OK) {
        return status;
    }
    double *z = cap_calloc(n_units * n_items, sizeof *z);
    double *index = cap_calloc(n_units, sizeof *index);
    if (z == NULL || index == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for weights");
        goto done;
    }
    build_index(n_units, n_items, x, weight, z, index);
    int flat = cap_is_constant(n_units, index);
    double sd = cap_centre(n_units, index, index);
    for (size_t k = 0; k < n_items; k++) {
        double *column = z + k * n_units;
        cap_sum cross = {0, 0};
        int constant = flat || cap_is_constant(n_units, column);
        double below = sd * cap_centre(n_units, column, column);
        for (size_t i = 0; i < n_units; i++) {
            cap_sum_add(&cross, column[i] * index[i]);
        }
        double r = cap_sum_value(&cross) / ((double)(n_units - 1) * below);
        correlation[k] = constant ? NAN : fmax(-1, fmin(1, r));
    }
done:
    cap_free(index);
    cap_free(z);
    return status;
}

void cap_min_max_weights(size_t n_units, size_t n_items, const double *x,
                         double *weight)
{
    cap_sum sum = {0, 0};
    for (size_t k = 0; k < n_items; k++) {
        double least = INFINITY, most = -INFINITY;
        for (size_t i = 0; i < n_units; i++) {
            least = fmin(least, x[i + k * n_units]);
            most = fmax(most, x[i + k * n_units]);
        }
        weight[k] *= most - least;
        cap_sum_add(&sum, weight[k]);
    }
    for (size_t k = 0; k < n_items; k++) {
        weight[k] /= cap_sum_value(&sum);
    }
}
