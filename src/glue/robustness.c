/* Entries of the Monte Carlo, and of its random key. */
#include "glue/glue.h"
#include "glue/entries.h"

#include <string.h>

#include "core/montecarlo/robustness.h"

/* A key from R's generator, as glue_key_of() takes it. */
SEXP glue_random_key(void)
{
    uint64_t key = glue_key();
    SEXP halves = PROTECT(Rf_allocVector(REALSXP, 2));
    REAL(halves)[0] = (double)(key >> 32);
    REAL(halves)[1] = (double)(key & 0xFFFFFFFFu);
    UNPROTECT(1);
    return halves;
}

uint64_t glue_key_of(SEXP halves)
{
    const double *half = glue_numbers(halves, 2, "key");
    for (int k = 0; k < 2; k++) {
        if (!(half[k] >= 0 && half[k] < 4294967296.0)) {
            glue_refuse(halves, "key", "two whole numbers below 2^32");
        }
    }
    return (uint64_t)half[0] << 32 | (uint64_t)half[1];
}

static uint32_t *counts(size_t n)
{
    uint32_t *x = (uint32_t *)R_alloc(n + 1, sizeof *x);
    memset(x, 0, (n + 1) * sizeof *x);
    return x;
}

static cap_tally new_tally(size_t n, size_t n_ranks, size_t n_bands,
                           size_t n_choices, int compare)
{
    cap_tally t = {counts(n * n_ranks),
                   counts(n * (n_bands + 1)),
                   compare ? counts(n * n) : NULL,
                   counts(n * (CAP_GRID + 1)),
                   counts(n),
                   counts(n_choices),
                   (uint64_t *)R_alloc(n_choices + 1, sizeof(uint64_t)),
                   0};
    memset(t.choice_shift, 0, (n_choices + 1) * sizeof(uint64_t));
    return t;
}

static SEXP as_numbers(size_t n, const uint32_t *from)
{
    SEXP to = Rf_allocVector(REALSXP, from == NULL ? 0 : (R_xlen_t)n);
    for (size_t k = 0; from != NULL && k < n; k++) {
        REAL(to)[k] = from[k];
    }
    return to;
}

/* Grid points of one unit from its first to its last that has a count: the
 * attribute-free list(first, counts), first counted from 0. */
static SEXP grid_counts(const uint32_t *from)
{
    static const char *const names[] = {"first", "counts"};
    size_t low = 0, high = CAP_GRID + 1;
    while (low < high && from[low] == 0) {
        low++;
    }
    while (high > low && from[high - 1] == 0) {
        high--;
    }
    SEXP values[] = {PROTECT(Rf_ScalarReal((double)low)),
                     PROTECT(as_numbers(high - low, from + low))};
    SEXP one = glue_list(2, names, values);
    UNPROTECT(2);
    return one;
}

/* The tally as a list of numbers; R gives matrices their dimensions. */
static SEXP tally_list(const cap_tally *t, size_t n, size_t n_ranks,
                       size_t n_bands, size_t n_choices)
{
    static const char *const names[] = {"rank",         "tier",   "above",
                                        "score",        "beyond", "choice",
                                        "choice_shift", "failed"};
    SEXP values[8];
    values[0] = PROTECT(as_numbers(n * n_ranks, t->rank));
    values[1] = PROTECT(as_numbers(n * (n_bands + 1), t->tier));
    values[2] = PROTECT(as_numbers(n * n, t->above));
    values[3] = PROTECT(Rf_allocVector(VECSXP, (R_xlen_t)n));
    for (size_t i = 0; i < n; i++) {
        SET_VECTOR_ELT(values[3], (R_xlen_t)i,
                       grid_counts(t->score + i * (CAP_GRID + 1)));
    }
    values[4] = PROTECT(as_numbers(n, t->beyond));
    values[5] = PROTECT(as_numbers(n_choices, t->choice));
    values[6] = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)n_choices));
    for (size_t k = 0; k < n_choices; k++) {
        REAL(values[6])[k] = (double)t->choice_shift[k];
    }
    values[7] = PROTECT(Rf_ScalarReal((double)t->failed));
    SEXP list = glue_list(8, names, values);
    UNPROTECT(8);
    return list;
}

static cap_robustness_run run_of(SEXP run, size_t n_rows)
{
    SEXP lower = glue_element(run, "lower");
    return (cap_robustness_run){
        .key = glue_key_of(glue_element(run, "key")),
        .first = glue_whole_of(run, "first", GLUE_MOST),
        .n = glue_whole_of(run, "n", UINT32_MAX),
        .threads = glue_threads((int)glue_whole_of(run, "threads", INT_MAX)),
        .allow_failed =
            glue_flag(glue_element(run, "allow_failed"), "allow_failed"),
        .n_bands = (size_t)Rf_xlength(lower),
        .lower = glue_numbers(lower, GLUE_ANY, "lower"),
        .nominal_rank =
            (const uint32_t *)glue_integers(glue_element(run, "nominal_rank"),
                                            (R_xlen_t)n_rows, "nominal_rank")};
}

/* Room for the scores and choices of every replicate, if run$keep. */
static void keep_draws(SEXP run, size_t n_rows, size_t n_choosing,
                       cap_robustness_run *r, SEXP values[2])
{
    if (glue_flag(glue_element(run, "keep"), "keep")) {
        values[0] = Rf_allocMatrix(REALSXP, (int)n_rows, (int)r->n);
        PROTECT(values[0]);
        values[1] = Rf_allocMatrix(INTSXP, (int)n_choosing, (int)r->n);
        r->kept_score = REAL(values[0]);
        r->kept_choice = INTEGER(values[1]);
        UNPROTECT(1);
    }
}

/* list(counts, kept_score, kept_choice): the replicates of `run` (first, from
 * 0, and n) of `model`; the kept ones are units x replicates and factors with
 * choices x replicates, NULL unless run$keep. `report` is NULL or a function
 * of the share that is done. */
SEXP glue_robustness(SEXP model, SEXP run, SEXP report)
{
    static const char *const names[] = {"counts", "kept_score", "kept_choice"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    cap_model m;
    cap_poll poll;
    uint64_t failed_at;
    if (!Rf_isNull(report) && !Rf_isFunction(report)) {
        glue_refuse(report, "report", "a function");
    }
    glue_model(model, &tree, &m);
    cap_robustness_run r = run_of(run, m.n_rows);
    bool compare = glue_flag(glue_element(run, "compare"), "compare");
    size_t n_choices = 0, n_choosing = 0;
    for (size_t f = 0; f < m.n_factors; f++) {
        n_choices += m.factor[f].n_choices;
        n_choosing += m.factor[f].n_choices > 0;
    }
    size_t n_ranks = cap_robustness_ranks(m.n_rows, m.rank);
    cap_tally tally =
        new_tally(m.n_rows, n_ranks, r.n_bands, n_choices, compare);
    SEXP token = PROTECT(glue_poll_begin(&poll));
    glue_poll_report(&poll, report);
    SEXP values[] = {R_NilValue, R_NilValue, R_NilValue};
    keep_draws(run, m.n_rows, n_choosing, &r, values + 1);
    PROTECT(values[1]);
    PROTECT(values[2]);
    cap_status status = glue_tree(glue_element(model, "arrays"), &tree, &err);
    if (status == CAP_OK) {
        status = cap_robustness(&m, &r, &tally, &failed_at, &poll, &err);
    }
    cap_tree_free(&tree);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    values[0] = tally_list(&tally, m.n_rows, n_ranks, r.n_bands, n_choices);
    PROTECT(values[0]);
    SEXP result = glue_list(3, names, values);
    UNPROTECT(4);
    return result;
}

SEXP glue_mean_rank_shifts(SEXP counts, SEXP rank, SEXP nominal)
{
    R_xlen_t n = Rf_xlength(nominal), n_ranks = Rf_xlength(rank);
    const double *count = glue_matrix(counts, (int)n_ranks, (int)n, "counts");
    const double *value = glue_numbers(rank, n_ranks, "rank");
    const double *own = glue_numbers(nominal, n, "nominal");
    SEXP result = PROTECT(Rf_allocVector(REALSXP, n));
    cap_mean_rank_shifts((size_t)n, (size_t)n_ranks, count, value, own,
                         REAL(result));
    UNPROTECT(1);
    return result;
}
