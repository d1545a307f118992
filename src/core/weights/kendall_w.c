/* Kendall's coefficient of concordance, with an exact test.
 *
 * Ranks are doubled, so that mean ranks of ties are whole. The state of the
 * exact test is the sorted vector of rank sums, packed into one number; the
 * orders of one judge after the other are added to all states, and equal
 * states are counted together. */
#include "base/fp.h"
#include "core/weights/kendall_w.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdint.h>

#include "base/allocation.h"

enum { MAX_ITEMS_EXACT = 10, MAX_SIZE = 1 << 20 };

/* Sorted rank sums packed into a key (never 0, as ranks are positive), with
 * their probability: an open hash table. */
typedef struct {
    size_t capacity; /* a power of two */
    size_t used;
    uint64_t *key;
    double *chance;
} table;

static void table_free(table *t)
{
    cap_free(t->chance);
    cap_free(t->key);
    t->chance = NULL;
    t->key = NULL;
}

static int table_init(table *t, size_t capacity)
{
    t->capacity = capacity;
    t->used = 0;
    t->key = cap_calloc(capacity, sizeof *t->key);
    t->chance = cap_calloc(capacity, sizeof *t->chance);
    if (t->key == NULL || t->chance == NULL) {
        table_free(t);
        return 0;
    }
    return 1;
}

static void table_put(table *t, uint64_t key, double chance)
{
    uint64_t mixed = key * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(mixed >> 20) & (t->capacity - 1);
    while (t->key[at] != 0 && t->key[at] != key) {
        at = (at + 1) & (t->capacity - 1);
    }
    if (t->key[at] == 0) {
        t->key[at] = key;
        t->used++;
    }
    t->chance[at] += chance;
}

static int table_add(table *t, uint64_t key, double chance)
{
    if (2 * (t->used + 1) > t->capacity) {
        table grown;
        if (!table_init(&grown, 2 * t->capacity)) {
            return 0;
        }
        for (size_t k = 0; k < t->capacity; k++) {
            if (t->key[k] != 0) {
                table_put(&grown, t->key[k], t->chance[k]);
            }
        }
        table_free(t);
        *t = grown;
    }
    table_put(t, key, chance);
    return 1;
}

static void sort_small(size_t m, int *x)
{
    for (size_t i = 1; i < m; i++) {
        int v = x[i];
        size_t k = i;
        for (; k > 0 && x[k - 1] > v; k--) {
            x[k] = x[k - 1];
        }
        x[k] = v;
    }
}

/* The next distinct order of a multiset; 0 after the last. */
static int next_order(size_t m, int *x)
{
    size_t i = m - 1, j = m - 1;
    while (i > 0 && x[i - 1] >= x[i]) {
        i--;
    }
    if (i == 0) {
        return 0;
    }
    while (x[j] <= x[i - 1]) {
        j--;
    }
    int held = x[i - 1];
    x[i - 1] = x[j];
    x[j] = held;
    for (size_t a = i, b = m - 1; a < b; a++, b--) {
        held = x[a];
        x[a] = x[b];
        x[b] = held;
    }
    return 1;
}

/* The last sum is what the total leaves, so it is not stored. */
static uint64_t pack(size_t m, const int *sums, unsigned bits)
{
    uint64_t key = 0;
    for (size_t j = 0; j + 1 < m; j++) {
        key = key << bits | (uint64_t)sums[j];
    }
    return key;
}

static void unpack(uint64_t key, size_t m, unsigned bits, int total, int *sums)
{
    int left = total;
    for (size_t j = m - 1; j-- > 0;) {
        sums[j] = (int)(key & ((UINT64_C(1) << bits) - 1));
        key >>= bits;
        left -= sums[j];
    }
    sums[m - 1] = left;
}

static double sum_of_squares(size_t m, const int *sums)
{
    double total = 0; /* whole numbers below 2^53: exact */
    for (size_t j = 0; j < m; j++) {
        total += (double)sums[j] * (double)sums[j];
    }
    return total;
}

static double orders(size_t m, const int *sorted)
{
    double count = 1;
    size_t run = 0;
    for (size_t j = 0; j < m; j++) {
        run = j > 0 && sorted[j] == sorted[j - 1] ? run + 1 : 1;
        count *= (double)(j + 1) / (double)run;
    }
    return count;
}

/* All orders of one judge's ranks added to all states. */
static int convolve(const table *from, table *to, size_t m, int *ranks,
                    unsigned bits, int total)
{
    int sums[MAX_ITEMS_EXACT], next[MAX_ITEMS_EXACT];
    double each = 1 / orders(m, ranks);
    for (size_t k = 0; k < from->capacity; k++) {
        if (from->key[k] == 0) {
            continue;
        }
        unpack(from->key[k], m, bits, total, sums);
        do {
            for (size_t j = 0; j < m; j++) {
                next[j] = sums[j] + ranks[j];
            }
            sort_small(m, next);
            if (!table_add(to, pack(m, next, bits), each * from->chance[k])) {
                return 0;
            }
        } while (next_order(m, ranks)); /* ends in descending order */
        sort_small(m, ranks);
    }
    return 1;
}

/* `rank2` holds doubled ranks, m consecutive ones a judge. */
static cap_status exact_test(size_t n, size_t m, int *rank2, double observed,
                             double max_work, double *p, cap_error *err)
{
    table now = {0, 0, NULL, NULL}, next = {0, 0, NULL, NULL};
    unsigned bits = 1;
    double work = 0;
    int total = (int)(m * (m + 1)), sums[MAX_ITEMS_EXACT];
    cap_status status = CAP_ERR_MEMORY;
    while ((UINT64_C(1) << bits) <= 2 * (uint64_t)n * m) {
        bits++;
    }
    if (bits * (m - 1) > 64) {
        return CAP_OK;
    }
    sort_small(m, rank2);
    if (!table_init(&now, 64) || !table_add(&now, pack(m, rank2, bits), 1)) {
        goto done;
    }
    for (size_t e = 1; e < n; e++) {
        int *ranks = rank2 + e * m;
        sort_small(m, ranks);
        work += (double)now.used * orders(m, ranks);
        if (work > max_work) {
            status = CAP_OK;
            goto done;
        }
        if (!table_init(&next, 64) ||
            !convolve(&now, &next, m, ranks, bits, total)) {
            goto done;
        }
        total += (int)(m * (m + 1));
        table_free(&now);
        now = next;
        next.key = NULL;
        next.chance = NULL;
    }
    *p = 0;
    for (size_t k = 0; k < now.capacity; k++) {
        if (now.key[k] != 0) {
            unpack(now.key[k], m, bits, total, sums);
            *p += sum_of_squares(m, sums) >= observed ? now.chance[k] : 0;
        }
    }
    *p = *p > 1 ? 1 : *p;
    status = CAP_OK;
done:
    table_free(&next);
    table_free(&now);
    if (status == CAP_ERR_MEMORY) {
        return cap_fail(err, status, "out of memory for the test of W");
    }
    return status;
}

/* Doubled mean ranks of one judge; returns sum of t^3 - t over the ties. */
static double rank_judge(size_t n, size_t m, const double *x, int *rank2)
{
    double ties = 0;
    for (size_t j = 0; j < m; j++) {
        size_t below = 0, same = 0;
        for (size_t k = 0; k < m; k++) {
            below += x[k * n] < x[j * n] ? 1 : 0;
            same += x[k * n] == x[j * n] ? 1 : 0;
        }
        rank2[j] = (int)(2 * below + same + 1);
        /* t^3 - t shared among its t items */
        ties += (double)same * (double)same - 1;
    }
    return ties;
}

cap_status cap_kendall_w(size_t n, size_t m, const double *values,
                         double max_work, cap_concordance *out, cap_error *err)
{
    const cap_concordance none = {NAN, NAN, NAN, NAN, NAN};
    cap_status status = CAP_OK;
    *out = none;
    if (n == 0 || m == 0 || n > MAX_SIZE || m > MAX_SIZE) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "concordance needs judges and items, 2^20 at most");
    }
    for (size_t k = 0; k < n * m; k++) {
        if (!isfinite(values[k])) {
            return cap_fail_at(err, CAP_ERR_INPUT, k % n, k / n,
                               "a judgement is missing or infinite");
        }
    }
    if (n == 1 || m == 1) {
        return CAP_OK;
    }
    int *rank2 = cap_calloc(n * m, sizeof *rank2);
    double *sums = cap_calloc(m, sizeof *sums);
    if (rank2 == NULL || sums == NULL) {
        status = cap_fail(err, CAP_ERR_MEMORY, "out of memory for W");
        goto done;
    }
    double dn = (double)n, dm = (double)m, ties = 0, squares = 0, s = 0;
    for (size_t e = 0; e < n; e++) {
        ties += rank_judge(n, m, values + e, rank2 + e * m);
        for (size_t j = 0; j < m; j++) {
            sums[j] += rank2[e * m + j];
        }
    }
    for (size_t j = 0; j < m; j++) {
        double gap = sums[j] - dn * (dm + 1);
        s += gap * gap / 4;
        squares += sums[j] * sums[j];
    }
    double below = dn * dn * (dm * dm * dm - dm) - dn * ties;
    if (below <= 0) { /* every judge ties every item */
        goto done;
    }
    out->w = 12 * s / below;
    out->df = dm - 1;
    out->chi_square = dn * (dm - 1) * out->w;
    out->p_chi_square = gsl_cdf_chisq_Q(out->chi_square, out->df);
    if (max_work > 0 && m <= MAX_ITEMS_EXACT) {
        status =
            exact_test(n, m, rank2, squares, max_work, &out->p_exact, err);
    }
done:
    cap_free(sums);
    cap_free(rank2);
    return status;
}
