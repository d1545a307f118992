/* Splits the change of a weighted mean into units that improved and weight
 * that moved, with standard errors. */
#include "base/fp.h"
#include "core/trend/shift_share.h"

#include <math.h>

#include "base/allocation.h"
#include "core/index/regions.h"
#include "base/sum.h"

const cap_name cap_shift_forms[] = {
    {"midpoint", CAP_SHIFT_MIDPOINT},
    {"laspeyres", CAP_SHIFT_LASPEYRES},
    {NULL, 0},
};

/* Each member's share of the users of an edition; 0 where it is absent.
 * `both` are shares among the units present at both ends. */
typedef struct {
    double *all_from, *all_to, *both_from, *both_to;
} shares;

static int is_present(const cap_shift_ends *e, const double *score,
                      const double *users, size_t i)
{
    for (size_t p = 0; p < e->n_parts; p++) {
        if (isnan(score[i + p * e->n])) {
            return 0;
        }
    }
    return users == NULL || users[i] > 0;
}

static cap_status check_users(const double *users, size_t i, cap_error *err)
{
    if (users != NULL && (users[i] < 0 || users[i] > CAP_MOST_USERS)) {
        return cap_fail_at(err, CAP_ERR_INPUT, i, CAP_NOWHERE,
                           "users must be from 0 to 1e100");
    }
    return CAP_OK;
}

static cap_status check_members(const cap_shift_ends *e, size_t n_members,
                                const size_t *member, cap_error *err)
{
    for (size_t m = 0; m < n_members; m++) {
        size_t i = member[m];
        if (i >= e->n) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "a group has a row that the scores lack");
        }
        for (size_t p = 0; p < e->n_parts; p++) {
            if (isinf(e->score_from[i + p * e->n]) ||
                isinf(e->score_to[i + p * e->n])) {
                return cap_fail_at(err, CAP_ERR_INPUT, i, p,
                                   "a score is infinite");
            }
        }
        if (check_users(e->users_from, i, err) != CAP_OK ||
            check_users(e->users_to, i, err) != CAP_OK) {
            return CAP_ERR_INPUT;
        }
    }
    return CAP_OK;
}

/* Users to shares of the units that `keep` marks, in place. */
static void scale_shares(size_t n, const char *keep, double *share)
{
    cap_sum total = {0, 0};
    for (size_t m = 0; m < n; m++) {
        share[m] = keep[m] ? share[m] : 0;
        cap_sum_add(&total, share[m]);
    }
    double sum = cap_sum_value(&total);
    for (size_t m = 0; m < n && sum > 0; m++) {
        share[m] /= sum;
    }
}

static void make_shares(const cap_shift_ends *e, size_t n,
                        const size_t *member, char *keep, shares *s)
{
    char *from = keep, *to = keep + n, *both = keep + 2 * n;
    for (size_t m = 0; m < n; m++) {
        size_t i = member[m];
        from[m] = (char)is_present(e, e->score_from, e->users_from, i);
        to[m] = (char)is_present(e, e->score_to, e->users_to, i);
        both[m] = from[m] && to[m];
        s->all_from[m] = e->users_from == NULL ? 1 : e->users_from[i];
        s->all_to[m] = e->users_to == NULL ? 1 : e->users_to[i];
        s->both_from[m] = s->all_from[m];
        s->both_to[m] = s->all_to[m];
    }
    scale_shares(n, from, s->all_from);
    scale_shares(n, to, s->all_to);
    scale_shares(n, both, s->both_from);
    scale_shares(n, both, s->both_to);
}

/* NaN when no member has a share. */
static double mean_of(size_t n, const size_t *member, const double *share,
                      const double *score)
{
    cap_sum total = {0, 0};
    int any = 0;
    for (size_t m = 0; m < n; m++) {
        if (share[m] > 0) {
            any = 1;
            cap_sum_add(&total, share[m] * score[member[m]]);
        }
    }
    return any ? cap_sum_value(&total) : NAN;
}

static void split_part(const cap_shift_ends *e, size_t n, const size_t *member,
                       const shares *s, cap_shift_form form, size_t part,
                       const cap_shift_effects *to)
{
    const double *x0 = e->score_from + part * e->n;
    const double *x1 = e->score_to + part * e->n;
    double m0 = mean_of(n, member, s->both_from, x0);
    double m1 = mean_of(n, member, s->both_to, x1);
    double centre = form == CAP_SHIFT_MIDPOINT ? (m0 + m1) / 2 : m0;
    for (size_t m = 0; m < n; m++) {
        size_t i = member[m], at = m + part * n;
        double w0 = s->both_from[m], w1 = s->both_to[m], dw = w1 - w0;
        to->within[at] = to->composition[at] = 0;
        to->interaction[at] = to->turnover[at] = 0;
        if (isnan(m0)) {
            to->within[at] = to->composition[at] = NAN;
            to->interaction[at] = to->turnover[at] = NAN;
        } else if (w0 > 0 && form == CAP_SHIFT_MIDPOINT) {
            to->within[at] = (w0 + w1) / 2 * (x1[i] - x0[i]);
            to->composition[at] = dw * ((x0[i] + x1[i]) / 2 - centre);
        } else if (w0 > 0) {
            to->within[at] = w0 * (x1[i] - x0[i]);
            to->composition[at] = dw * (x0[i] - centre);
            to->interaction[at] = dw * (x1[i] - x0[i]);
        } else if (s->all_to[m] > 0) {
            to->turnover[at] = s->all_to[m] * (x1[i] - m1);
        } else if (s->all_from[m] > 0) {
            to->turnover[at] = -s->all_from[m] * (x0[i] - m0);
        }
    }
    to->mean_from[part] = mean_of(n, member, s->all_from, x0);
    to->mean_to[part] = mean_of(n, member, s->all_to, x1);
}

/* What a unit adds to a weighted mean, linearised; 0 without a share. */
static double deviation(double share, double value, double mean)
{
    return share > 0 ? share * (value - mean) : 0;
}

static double error_of(const cap_sum *squares, size_t n)
{
    return n > 1 ? sqrt((double)n / ((double)n - 1) * cap_sum_value(squares))
                 : NAN;
}

/* Standard errors of the sums of a part, from the linearised terms of its
 * means: of all units at each end, of the units at both, and of their changes
 * under the shares of each end. */
static void errors_of_part(const cap_shift_ends *e, size_t n,
                           const size_t *member, const shares *s,
                           cap_shift_form form, size_t part, double *se)
{
    const double *x0 = e->score_from + part * e->n;
    const double *x1 = e->score_to + part * e->n;
    double all0 = mean_of(n, member, s->all_from, x0);
    double all1 = mean_of(n, member, s->all_to, x1);
    double m0 = mean_of(n, member, s->both_from, x0);
    double m1 = mean_of(n, member, s->both_to, x1);
    double gain0 = mean_of(n, member, s->both_from, x1) - m0;
    double gain1 = m1 - mean_of(n, member, s->both_to, x0);
    cap_sum squares[CAP_SHIFT_SUMS] = {{0, 0}};
    size_t n_both = 0, n_either = 0;
    for (size_t m = 0; m < n; m++) {
        size_t i = member[m];
        double w0 = s->both_from[m], w1 = s->both_to[m], dx = x1[i] - x0[i];
        double z[CAP_SHIFT_SUMS];
        double start = deviation(w0, dx, gain0),
               end = deviation(w1, dx, gain1);
        double stayers = deviation(w1, x1[i], m1) - deviation(w0, x0[i], m0);
        n_both += w0 > 0;
        n_either += s->all_from[m] > 0 || s->all_to[m] > 0;
        z[CAP_SHIFT_CHANGE] = deviation(s->all_to[m], x1[i], all1) -
                              deviation(s->all_from[m], x0[i], all0);
        z[CAP_SHIFT_WITHIN] =
            form == CAP_SHIFT_MIDPOINT ? (start + end) / 2 : start;
        z[CAP_SHIFT_INTERACTION] =
            form == CAP_SHIFT_MIDPOINT ? 0 : end - start;
        z[CAP_SHIFT_COMPOSITION] =
            stayers - z[CAP_SHIFT_WITHIN] - z[CAP_SHIFT_INTERACTION];
        z[CAP_SHIFT_TURNOVER] = z[CAP_SHIFT_CHANGE] - stayers;
        for (size_t k = 0; k < CAP_SHIFT_SUMS; k++) {
            cap_sum_add(&squares[k], z[k] * z[k]);
        }
    }
    for (size_t k = 0; k < CAP_SHIFT_SUMS; k++) {
        int of_all = k == CAP_SHIFT_CHANGE || k == CAP_SHIFT_TURNOVER;
        int known = !isnan(m0) ||
                    (k == CAP_SHIFT_CHANGE && !isnan(all0) && !isnan(all1));
        se[part + k * e->n_parts] =
            known ? error_of(&squares[k], of_all ? n_either : n_both) : NAN;
    }
}

cap_status cap_shift_share(const cap_shift_ends *ends, size_t n_members,
                           const size_t *member, cap_shift_form form,
                           const cap_shift_effects *effects, cap_error *err)
{
    cap_status status = check_members(ends, n_members, member, err);
    if (status != CAP_OK) {
        return status;
    }
    char *keep = cap_calloc(3 * n_members, 1);
    double *block = cap_calloc(4 * n_members, sizeof *block);
    if (keep == NULL || block == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for a group");
        goto done;
    }
    shares s = {block, block + n_members, block + 2 * n_members,
                block + 3 * n_members};
    make_shares(ends, n_members, member, keep, &s);
    for (size_t p = 0; p < ends->n_parts; p++) {
        split_part(ends, n_members, member, &s, form, p, effects);
        errors_of_part(ends, n_members, member, &s, form, p, effects->se);
    }

done:
    cap_free(block);
    cap_free(keep);
    return status;
}
