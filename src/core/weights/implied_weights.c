/* Solves for the weights that published scores imply.
 *
 * Least squares over weights of at least 0 with a fixed sum: the sum is taken
 * out by an orthonormal basis of the plane (Helmert), each step is solved by a
 * singular value decomposition, and items that would fall below 0 are held
 * there until the gradient calls for them (active sets, Lawson and Hanson
 * 1974). The row with the largest residual is set aside while it is beyond the
 * threshold, and all is solved again. */
#include "base/fp.h"
#include "core/weights/implied_weights.h"

#include <gsl/gsl_linalg.h>
#include <gsl/gsl_matrix.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <gsl/gsl_vector.h>
#include <math.h>

#include "base/allocation.h"
#include "base/sum.h"

#define RANK_TOLERANCE 1e-9 /* singular values under this share count as 0 */
#define ZERO_WEIGHT 1e-12   /* share of the total that is rounding */

typedef struct {
    size_t n_rows, n_items;
    const double *x, *y;
    double total;
    char *row_used;        /* n_rows */
    char *free_item;       /* n_items: weights not held at 0 */
    size_t *free_list;     /* n_items */
    double *step;          /* n_items */
    double *sorted;        /* n_rows */
    double *a, *v, *s, *b; /* the decomposition's storage */
    size_t rank;
    double condition;
} implied_work;

/* Column j of an orthonormal basis of the vectors of length n that sum to 0
 * (Helmert): entry k. */
static double plane_basis(size_t k, size_t j)
{
    double scale = 1 / sqrt((double)(j + 1) * (double)(j + 2));
    return k <= j ? scale : k == j + 1 ? -(double)(j + 1) * scale : 0;
}

static size_t list_free(implied_work *work)
{
    size_t n = 0;
    for (size_t k = 0; k < work->n_items; k++) {
        if (work->free_item[k]) {
            work->free_list[n++] = k;
        }
    }
    return n;
}

/* The rows' shares in the directions of the plane, and what an even spread of
 * the total leaves; rows of zeros make the matrix tall enough. */
static size_t fill_system(implied_work *work, size_t n_free)
{
    size_t n_dir = n_free - 1, row = 0;
    double even = work->total / (double)n_free;
    for (size_t i = 0; i < work->n_rows; i++) {
        if (!work->row_used[i]) {
            continue;
        }
        cap_sum rest = {work->y[i], 0};
        for (size_t k = 0; k < n_free; k++) {
            size_t item = work->free_list[k];
            cap_sum_add(&rest, -even * work->x[i + item * work->n_rows]);
        }
        work->b[row] = cap_sum_value(&rest);
        for (size_t j = 0; j < n_dir; j++) {
            cap_sum entry = {0, 0};
            for (size_t k = 0; k <= j + 1; k++) {
                size_t item = work->free_list[k];
                cap_sum_add(&entry, plane_basis(k, j) *
                                        work->x[i + item * work->n_rows]);
            }
            work->a[row * n_dir + j] = cap_sum_value(&entry);
        }
        row++;
    }
    for (; row < n_dir; row++) {
        work->b[row] = 0;
        for (size_t j = 0; j < n_dir; j++) {
            work->a[row * n_dir + j] = 0;
        }
    }
    return row;
}

/* Least squares in the plane: work->step are the weights of the free items. */
static cap_status solve_plane(implied_work *work, size_t n_free,
                              cap_error *err)
{
    size_t n_dir = n_free - 1;
    double even = work->total / (double)n_free;
    work->rank = 1;
    work->condition = 1;
    for (size_t k = 0; k < n_free; k++) {
        work->step[work->free_list[k]] = even;
    }
    if (n_dir == 0) {
        return CAP_OK;
    }
    size_t n = fill_system(work, n_free);
    gsl_matrix_view a = gsl_matrix_view_array(work->a, n, n_dir);
    gsl_matrix_view v = gsl_matrix_view_array(work->v, n_dir, n_dir);
    gsl_vector_view s = gsl_vector_view_array(work->s, n_dir);
    if (gsl_linalg_SV_decomp_jacobi(&a.matrix, &v.matrix, &s.vector)) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        "the singular values did not converge");
    }
    for (size_t j = 0; j < n_dir; j++) {
        if (!(work->s[j] > RANK_TOLERANCE * work->s[0])) {
            continue;
        }
        cap_sum along = {0, 0};
        for (size_t i = 0; i < n; i++) {
            cap_sum_add(&along, work->a[i * n_dir + j] * work->b[i]);
        }
        double length = cap_sum_value(&along) / work->s[j];
        for (size_t k = 0; k < n_free; k++) {
            double direction = 0;
            for (size_t d = 0; d < n_dir; d++) {
                direction += plane_basis(k, d) * work->v[d * n_dir + j];
            }
            work->step[work->free_list[k]] += length * direction;
        }
        work->rank++;
        work->condition = work->s[0] / work->s[j];
    }
    return CAP_OK;
}

static double residual_of(const implied_work *work, const double *weight,
                          size_t i)
{
    cap_sum sum = {work->y[i], 0};
    for (size_t k = 0; k < work->n_items; k++) {
        cap_sum_add(&sum, -weight[k] * work->x[i + k * work->n_rows]);
    }
    return cap_sum_value(&sum);
}

/* From the feasible `weight` towards the step, as far as weights stay >= 0;
 * what reaches 0 is held there. Returns whether the whole step was taken. */
static int move_feasibly(implied_work *work, size_t n_free, double *weight)
{
    double reach = 1;
    size_t blocking = CAP_NOWHERE;
    for (size_t k = 0; k < n_free; k++) {
        size_t item = work->free_list[k];
        if (work->step[item] < -ZERO_WEIGHT * work->total) {
            double part = weight[item] / (weight[item] - work->step[item]);
            if (part < reach || blocking == CAP_NOWHERE) {
                reach = part < reach ? part : reach;
                blocking = item;
            }
        }
    }
    for (size_t k = 0; k < n_free; k++) {
        size_t item = work->free_list[k];
        weight[item] += reach * (work->step[item] - weight[item]);
        if (weight[item] < 0) {
            weight[item] = 0;
        }
    }
    if (blocking == CAP_NOWHERE) {
        return 1;
    }
    weight[blocking] = 0;
    work->free_item[blocking] = 0;
    return 0;
}

/* The item held at 0 that would most lower the sum of squares, if any. */
static size_t item_to_free(implied_work *work, size_t n_free,
                           const double *weight)
{
    double level = 0, best = 0, scale = 0;
    size_t found = CAP_NOWHERE;
    double *gradient = work->step; /* no longer needed */
    for (size_t k = 0; k < work->n_items; k++) {
        gradient[k] = 0;
    }
    for (size_t i = 0; i < work->n_rows; i++) {
        if (!work->row_used[i]) {
            continue;
        }
        double r = residual_of(work, weight, i);
        scale += fabs(r);
        for (size_t k = 0; k < work->n_items; k++) {
            gradient[k] += r * work->x[i + k * work->n_rows];
        }
    }
    for (size_t k = 0; k < n_free; k++) {
        level += gradient[work->free_list[k]] / (double)n_free;
    }
    for (size_t k = 0; k < work->n_items; k++) {
        double gain = gradient[k] - level;
        if (!work->free_item[k] && gain > best + 1e-9 * scale) {
            best = gain;
            found = k;
        }
    }
    return found;
}

static cap_status solve_weights(implied_work *work, double *weight,
                                cap_error *err)
{
    size_t steps = 0, most_steps = 20 * work->n_items + 100;
    for (size_t k = 0; k < work->n_items; k++) {
        work->free_item[k] = 1;
        weight[k] = work->total / (double)work->n_items;
    }
    for (;;) {
        size_t n_free = list_free(work);
        cap_status status = solve_plane(work, n_free, err);
        if (status != CAP_OK) {
            return status;
        }
        if (++steps > most_steps) {
            return cap_fail(err, CAP_ERR_NUMERIC,
                            "the active sets did not come to an end");
        }
        if (!move_feasibly(work, n_free, weight)) {
            continue;
        }
        size_t item = item_to_free(work, n_free, weight);
        if (item == CAP_NOWHERE) {
            return CAP_OK;
        }
        work->free_item[item] = 1;
    }
}

/* Items with a part in a direction that no row sees. */
static cap_status mark_unclear(implied_work *work, int *unclear,
                               cap_implied_report *report, cap_error *err)
{
    size_t n_dir = work->n_items - 1;
    for (size_t k = 0; k < work->n_items; k++) {
        work->free_item[k] = 1;
        unclear[k] = 0;
    }
    cap_status status = solve_plane(work, list_free(work), err);
    report->rank = work->rank;
    report->condition = work->condition;
    for (size_t j = 0; status == CAP_OK && j < n_dir; j++) {
        if (work->s[j] > RANK_TOLERANCE * work->s[0]) {
            continue;
        }
        for (size_t k = 0; k < work->n_items; k++) {
            double direction = 0;
            for (size_t d = 0; d < n_dir; d++) {
                direction += plane_basis(k, d) * work->v[d * n_dir + j];
            }
            if (fabs(direction) > 1e-6) {
                unclear[k] = 1;
            }
        }
    }
    return status;
}

static double mad_of_used(implied_work *work, const double *residual)
{
    size_t n = 0;
    for (size_t i = 0; i < work->n_rows; i++) {
        if (work->row_used[i]) {
            work->sorted[n++] = residual[i];
        }
    }
    gsl_sort(work->sorted, 1, n);
    double median = gsl_stats_median_from_sorted_data(work->sorted, 1, n);
    for (size_t i = 0; i < n; i++) {
        work->sorted[i] = fabs(work->sorted[i] - median);
    }
    gsl_sort(work->sorted, 1, n);
    return gsl_stats_median_from_sorted_data(work->sorted, 1, n);
}

/* Residuals of all complete rows, and the used row with the largest. */
static size_t fill_residuals(const implied_work *work, const double *weight,
                             double *residual, double *largest)
{
    size_t worst = CAP_NOWHERE;
    *largest = 0;
    for (size_t i = 0; i < work->n_rows; i++) {
        residual[i] = residual_of(work, weight, i);
        if (work->row_used[i] &&
            (worst == CAP_NOWHERE || fabs(residual[i]) > *largest)) {
            *largest = fabs(residual[i]);
            worst = i;
        }
    }
    return worst;
}

static cap_status trim_and_solve(implied_work *work,
                                 const cap_implied_options *options,
                                 double *weight, double *residual, int *aside,
                                 cap_implied_report *report,
                                 const cap_poll *poll, cap_error *err)
{
    double threshold =
        options != NULL && options->threshold > 0 ? options->threshold : 1e-4;
    double mads = options != NULL && options->mads > 0 ? options->mads : 10;
    size_t complete = report->n_used;
    for (;;) {
        if (cap_poll_stop(poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        cap_status status = solve_weights(work, weight, err);
        if (status != CAP_OK) {
            return status;
        }
        size_t worst =
            fill_residuals(work, weight, residual, &report->largest);
        double limit = mads * mad_of_used(work, residual);
        if (report->largest <= (limit > threshold ? limit : threshold)) {
            return CAP_OK;
        }
        work->row_used[worst] = 0;
        aside[worst] = (int)++report->n_aside;
        report->n_used--;
        if (report->n_aside * 2 > complete) {
            return cap_fail(err, CAP_ERR_NUMERIC,
                            "no fixed weights explain the scores: more than "
                            "half of the units would be set aside");
        }
    }
}

static cap_status find_complete_rows(implied_work *work, int *aside,
                                     cap_implied_report *report,
                                     cap_error *err)
{
    for (size_t i = 0; i < work->n_rows; i++) {
        int complete = !isnan(work->y[i]), infinite = isinf(work->y[i]);
        for (size_t k = 0; k < work->n_items; k++) {
            double share = work->x[i + k * work->n_rows];
            complete = complete && !isnan(share);
            infinite = infinite || isinf(share);
        }
        if (infinite) {
            return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                               "a share or score is infinite");
        }
        work->row_used[i] = (char)complete;
        aside[i] = 0;
        report->n_used += (size_t)complete;
    }
    if (report->n_used == 0) {
        return cap_fail(err, CAP_ERR_NUMERIC,
                        "no unit has all items and the score");
    }
    return CAP_OK;
}

static cap_status allocate(implied_work *work, cap_error *err)
{
    size_t p = work->n_items, n = work->n_rows + p;
    work->row_used = cap_calloc(work->n_rows, sizeof(char));
    work->free_item = cap_calloc(p, sizeof(char));
    work->free_list = cap_calloc(p, sizeof(size_t));
    work->step = cap_calloc(p, sizeof(double));
    work->sorted = cap_calloc(work->n_rows, sizeof(double));
    work->a = cap_calloc(n * p, sizeof(double));
    work->v = cap_calloc(p * p, sizeof(double));
    work->s = cap_calloc(p, sizeof(double));
    work->b = cap_calloc(n, sizeof(double));
    if (work->row_used == NULL || work->free_item == NULL ||
        work->free_list == NULL || work->step == NULL ||
        work->sorted == NULL || work->a == NULL || work->v == NULL ||
        work->s == NULL || work->b == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "out of memory for weights");
    }
    return CAP_OK;
}

cap_status cap_implied_weights(size_t n_rows, size_t n_items, const double *x,
                               const double *y, double total,
                               const cap_implied_options *options,
                               double *weight, double *residual, int *aside,
                               int *unclear, cap_implied_report *report,
                               const cap_poll *poll, cap_error *err)
{
    implied_work work = {
        .n_rows = n_rows, .n_items = n_items, .x = x, .y = y, .total = total};
    const cap_implied_report empty = {0, 0, 0, 1, 0};
    *report = empty;
    if (n_items == 0 || n_rows == 0 || !(total > 0) || isinf(total)) {
        return cap_fail(
            err, CAP_ERR_INPUT,
            "implied weights need items, units and a total above 0");
    }
    cap_status status = allocate(&work, err);
    if (status == CAP_OK) {
        status = find_complete_rows(&work, aside, report, err);
    }
    if (status == CAP_OK) {
        status = trim_and_solve(&work, options, weight, residual, aside,
                                report, poll, err);
    }
    if (status == CAP_OK) {
        status = mark_unclear(&work, unclear, report, err);
    }
    cap_free(work.b);
    cap_free(work.s);
    cap_free(work.v);
    cap_free(work.a);
    cap_free(work.sorted);
    cap_free(work.step);
    cap_free(work.free_list);
    cap_free(work.free_item);
    cap_free(work.row_used);
    return status;
}
