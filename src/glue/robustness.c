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

/* `run`: list(key, first, n, threads, allow_failed, lower, nominal_rank,
 * compare, keep); the last two go to the places given. */
static cap_robustness_run run_of(SEXP run, size_t n_rows, bool *compare,
                                 bool *keep)
{
    glue_options r = glue_options_of(run, "run");
    SEXP lower = glue_option(&r, "lower");
    cap_robustness_run own = {
        .key = glue_key_of(&r),
        .first = glue_whole_of(&r, "first", GLUE_MOST),
        .n = glue_whole_of(&r, "n", UINT32_MAX),
        .threads = glue_threads((int)glue_whole_of(&r, "threads", INT_MAX)),
        .allow_failed = glue_flag_of(&r, "allow_failed"),
        .n_bands = (size_t)Rf_xlength(lower),
        .lower = glue_numbers(lower, GLUE_ANY, "lower"),
        .nominal_rank =
            (const uint32_t *)glue_integers(glue_option(&r, "nominal_rank"),
                                            (R_xlen_t)n_rows, "nominal_rank")};
    *compare = glue_flag_of(&r, "compare");
    *keep = glue_flag_of(&r, "keep");
    glue_options_end(&r);
    return own;
}

/* Room for the scores and choices of every replicate: list(score, choice). */
static SEXP keep_draws(size_t n_rows, size_t n_choosing, cap_robustness_run *r)
{
    static const char *const names[] = {"score", "choice"};
    SEXP values[] = {
        PROTECT(Rf_allocMatrix(REALSXP, (int)n_rows, (int)r->n)),
        PROTECT(Rf_allocMatrix(INTSXP, (int)n_choosing, (int)r->n))};
    r->kept_score = REAL(values[0]);
    r->kept_choice = INTEGER(values[1]);
    SEXP kept = glue_list(2, names, values);
    UNPROTECT(2);
    return kept;
}

static void count_choices(const cap_model *m, size_t *n_choices,
                          size_t *n_choosing)
{
    *n_choices = *n_choosing = 0;
    for (size_t f = 0; f < m->n_factors; f++) {
        *n_choices += m->factor[f].n_choices;
        *n_choosing += m->factor[f].n_choices > 0;
    }
}

/* list(counts, kept): the replicates of `run` (first, from 0, and n) of
 * `model`; the kept scores are units x replicates and choices factors with
 * choices x replicates, NULL unless run$keep. `report` is NULL or a function
 * of the share that is done. */
SEXP glue_robustness(SEXP model, SEXP run, SEXP report)
{
    static const char *const names[] = {"counts", "kept"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_tree tree = {0};
    cap_model m;
    cap_poll poll;
    uint64_t failed_at;
    bool compare, keep;
    size_t n_choices, n_choosing;
    if (!Rf_isNull(report) && !Rf_isFunction(report)) {
        glue_refuse(report, "report", "a function");
    }
    glue_model(model, &tree, &m);
    cap_robustness_run r = run_of(run, m.n_rows, &compare, &keep);
    count_choices(&m, &n_choices, &n_choosing);
    size_t n_ranks = cap_robustness_ranks(m.n_rows, m.rank);
    cap_tally tally =
        new_tally(m.n_rows, n_ranks, r.n_bands, n_choices, compare);
    SEXP token = PROTECT(glue_poll_begin(&poll));
    glue_poll_report(&poll, report);
    SEXP kept =
        PROTECT(keep ? keep_draws(m.n_rows, n_choosing, &r) : R_NilValue);
    cap_status status = glue_tree(glue_element(model, "arrays"), &tree, &err);
    if (status == CAP_OK) {
        status = cap_robustness(&m, &r, &tally, &failed_at, &poll, &err);
    }
    cap_tree_free(&tree);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP values[] = {
        PROTECT(tally_list(&tally, m.n_rows, n_ranks, r.n_bands, n_choices)),
        kept};
    SEXP result = glue_list(2, names, values);
    UNPROTECT(3);
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
