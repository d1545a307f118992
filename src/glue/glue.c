/* What all entries share: conditions, interrupts, lists, indices and trees. */
#include "glue/glue.h"

#include <R_ext/Random.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* One-based for R; NA where no cell is at fault. */
static SEXP position(size_t at)
{
    return Rf_ScalarReal(at == CAP_NOWHERE ? NA_REAL : (double)at + 1);
}

void glue_raise(const cap_error *err)
{
    SEXP namespace_name = PROTECT(Rf_mkString("cybercap"));
    SEXP namespace = PROTECT(R_FindNamespace(namespace_name));
    SEXP status = PROTECT(Rf_ScalarInteger((int)err->status));
    SEXP message = PROTECT(Rf_mkString(err->message));
    SEXP row = PROTECT(position(err->row));
    SEXP column = PROTECT(position(err->column));
    SEXP call = PROTECT(
        Rf_lang5(Rf_install("core_abort"), status, message, row, column));
    Rf_eval(call, namespace);
    Rf_error("%s", err->message); /* not reached: core_abort() stops */
}

/* R_UnwindProtect() runs `unwind_to_poll` when an interrupt or an error jumps
 * out of R code; it jumps back into call_r(), which tells the core to stop.
 * glue_poll_end() then lets the jump go on. */
typedef struct {
    SEXP token;
    SEXP report; /* R's function of the share that is done, or NULL */
    time_t reported;
} poll_context;

static void unwind_to_poll(void *back, Rboolean jumped)
{
    if (jumped) {
        longjmp(*(jmp_buf *)back, 1);
    }
}

/* Whether `code` was jumped out of. */
static int call_r(SEXP (*code)(void *), void *data, SEXP token)
{
    jmp_buf back;
    if (setjmp(back)) {
        return 1;
    }
    R_UnwindProtect(code, data, unwind_to_poll, &back, token);
    return 0;
}

static SEXP check_interrupt(void *unused)
{
    (void)unused;
    R_CheckUserInterrupt();
    return R_NilValue;
}

static int interrupted(void *context)
{
    return call_r(check_interrupt, NULL, ((poll_context *)context)->token);
}

static SEXP evaluate(void *call) { return Rf_eval((SEXP)call, R_GlobalEnv); }

/* Once a second is enough for a bar of progress. */
static int report(void *context, double share)
{
    poll_context *c = context;
    time_t now = time(NULL);
    if (now == c->reported) {
        return 0;
    }
    c->reported = now;
    SEXP done = PROTECT(Rf_ScalarReal(share));
    SEXP call = PROTECT(Rf_lang2(c->report, done));
    int stopped = call_r(evaluate, call, c->token);
    UNPROTECT(2);
    return stopped;
}

SEXP glue_poll_begin(cap_poll *poll)
{
    poll_context *context = (poll_context *)R_alloc(1, sizeof *context);
    *context = (poll_context){R_MakeUnwindCont(), NULL, 0};
    *poll = (cap_poll){interrupted, context, NULL};
    return context->token;
}

void glue_poll_report(cap_poll *poll, SEXP function)
{
    poll_context *context = poll->context;
    if (!Rf_isNull(function)) {
        context->report = function;
        poll->report = report;
    }
}

void glue_poll_end(SEXP token, cap_status status)
{
    if (status == CAP_ERR_INTERRUPT) {
        R_ContinueUnwind(token);
    }
}

uint64_t glue_key(void)
{
    GetRNGstate();
    double u = unif_rand();
    PutRNGstate();
    return cap_rng_key((uint64_t)(u * 0x1p53));
}

static long loaded_in;

void glue_remember_process(void) { loaded_in = (long)getpid(); }

int glue_threads(int requested)
{
    return (long)getpid() == loaded_in ? requested : 1;
}

/* ---- arguments ------------------------------------------------------------
 */

void glue_refuse(SEXP x, const char *name, const char *needed)
{
    cap_error err;
    (void)cap_fail(&err, CAP_ERR_INPUT,
                   "internal argument `%s` must be %s, not %s of length %.0f",
                   name, needed, Rf_type2char((SEXPTYPE)TYPEOF(x)),
                   (double)Rf_xlength(x));
    glue_raise(&err);
}

static void check_vector(SEXP x, SEXPTYPE type, R_xlen_t n, const char *name)
{
    if ((SEXPTYPE)TYPEOF(x) == type && (n == GLUE_ANY || Rf_xlength(x) == n)) {
        return;
    }
    char needed[64];
    if (n == GLUE_ANY) {
        snprintf(needed, sizeof needed, "%s", Rf_type2char(type));
    } else {
        snprintf(needed, sizeof needed, "%s of length %.0f",
                 Rf_type2char(type), (double)n);
    }
    glue_refuse(x, name, needed);
}

const double *glue_numbers(SEXP x, R_xlen_t n, const char *name)
{
    check_vector(x, REALSXP, n, name);
    return REAL(x);
}

const double *glue_numbers_or_none(SEXP x, R_xlen_t n, const char *name)
{
    return Rf_xlength(x) == 0 ? NULL : glue_numbers(x, n, name);
}

const double *glue_matrix(SEXP x, R_xlen_t n_rows, R_xlen_t n_columns,
                          const char *name)
{
    check_vector(x, REALSXP, GLUE_ANY, name);
    if ((n_rows != GLUE_ANY && Rf_nrows(x) != n_rows) ||
        (n_columns != GLUE_ANY && Rf_ncols(x) != n_columns)) {
        glue_refuse(x, name, "a matrix of other dimensions");
    }
    return REAL(x);
}

const int *glue_integers(SEXP x, R_xlen_t n, const char *name)
{
    check_vector(x, INTSXP, n, name);
    return INTEGER(x);
}

const int *glue_logicals(SEXP x, R_xlen_t n, const char *name)
{
    check_vector(x, LGLSXP, n, name);
    return LOGICAL(x);
}

SEXP glue_elements(SEXP x, R_xlen_t n, const char *name)
{
    check_vector(x, VECSXP, n, name);
    return x;
}

double glue_number(SEXP x, const char *name)
{
    if ((TYPEOF(x) != REALSXP && TYPEOF(x) != INTSXP) || Rf_xlength(x) != 1) {
        glue_refuse(x, name, "one number");
    }
    return Rf_asReal(x);
}

size_t glue_whole_number(SEXP x, double least, double most, const char *name)
{
    double value = glue_number(x, name);
    if (!(value >= least && value <= most && value == floor(value))) {
        char needed[64];
        snprintf(needed, sizeof needed, "a whole number from %.0f to %.0f",
                 least, most);
        glue_refuse(x, name, needed);
    }
    return (size_t)value;
}

/* What a refusal says is needed: one of the words. */
static const char *one_of(const cap_name *table)
{
    char *text = R_alloc(CAP_MESSAGE_SIZE, 1);
    size_t used = 0;
    for (; table->name != NULL && used < CAP_MESSAGE_SIZE; table++) {
        int more = snprintf(text + used, CAP_MESSAGE_SIZE - used, "%s'%s'",
                            used == 0 ? "one of " : ", ", table->name);
        used += more > 0 ? (size_t)more : CAP_MESSAGE_SIZE;
    }
    return text;
}

int glue_choice(SEXP word, const cap_name *table, const char *name)
{
    const cap_name *found =
        Rf_isString(word) && Rf_xlength(word) == 1 &&
                STRING_ELT(word, 0) != NA_STRING
            ? cap_name_find(table, CHAR(STRING_ELT(word, 0)))
            : NULL;
    if (found != NULL) {
        return found->value;
    }
    glue_refuse(word, name, one_of(table));
}

SEXP glue_word(const cap_name *table, int value)
{
    const char *name = cap_name_of(table, value);
    return name == NULL ? NA_STRING : Rf_mkChar(name);
}

bool glue_flag(SEXP x, const char *name)
{
    check_vector(x, LGLSXP, 1, name);
    if (LOGICAL(x)[0] == NA_LOGICAL) {
        glue_refuse(x, name, "TRUE or FALSE");
    }
    return LOGICAL(x)[0] != 0;
}

const char *glue_string(SEXP x, const char *name)
{
    check_vector(x, STRSXP, 1, name);
    if (STRING_ELT(x, 0) == NA_STRING) {
        glue_refuse(x, name, "a string");
    }
    return Rf_translateChar(STRING_ELT(x, 0));
}

/* Room for the elements of `x`, and one more, lest it be none. */
static size_t *new_sizes(SEXP x)
{
    return (size_t *)R_alloc((size_t)Rf_xlength(x) + 1, sizeof(size_t));
}

size_t *glue_indices(SEXP x, R_xlen_t n, double most, const char *name)
{
    const int *from = glue_integers(x, n, name);
    size_t *to = new_sizes(x);
    for (R_xlen_t k = 0; k < Rf_xlength(x); k++) {
        if (from[k] != NA_INTEGER && !(from[k] >= 1 && from[k] <= most)) {
            glue_refuse(x, name, "positions within what they point to");
        }
        to[k] = from[k] == NA_INTEGER ? CAP_NO_NODE : (size_t)(from[k] - 1);
    }
    return to;
}

size_t *glue_counts(SEXP x, R_xlen_t n, const char *name)
{
    const int *from = glue_integers(x, n, name);
    size_t *to = new_sizes(x);
    for (R_xlen_t k = 0; k < Rf_xlength(x); k++) {
        if (from[k] < 0) {
            glue_refuse(x, name, "counts of 0 or more");
        }
        to[k] = (size_t)from[k];
    }
    return to;
}

size_t *glue_offsets(SEXP x, R_xlen_t n, size_t last, const char *name)
{
    size_t *to = glue_counts(x, n, name);
    R_xlen_t length = Rf_xlength(x);
    bool fine = length > 0 && to[0] == 0 && to[length - 1] == last;
    for (R_xlen_t k = 1; k < length; k++) {
        fine = fine && to[k] >= to[k - 1];
    }
    if (!fine) {
        glue_refuse(x, name, "offsets from 0 to the end that never fall");
    }
    return to;
}

/* The place of `name` in a list, or -1. */
static R_xlen_t place_of(SEXP list, const char *name)
{
    SEXP names = Rf_getAttrib(list, R_NamesSymbol);
    R_xlen_t n = TYPEOF(list) == VECSXP ? Rf_xlength(names) : 0;
    for (R_xlen_t i = 0; i < n; i++) {
        if (strcmp(CHAR(STRING_ELT(names, i)), name) == 0) {
            return i;
        }
    }
    return -1;
}

SEXP glue_element(SEXP list, const char *name)
{
    R_xlen_t at = place_of(list, name);
    return at < 0 ? R_NilValue : VECTOR_ELT(list, at);
}

SEXP glue_strings(size_t n, const char *const *text)
{
    SEXP strings = PROTECT(Rf_allocVector(STRSXP, (R_xlen_t)n));
    for (size_t k = 0; k < n; k++) {
        SET_STRING_ELT(strings, (R_xlen_t)k, Rf_mkChar(text[k]));
    }
    UNPROTECT(1);
    return strings;
}

SEXP glue_list(size_t n, const char *const *names, const SEXP *values)
{
    SEXP list = PROTECT(Rf_allocVector(VECSXP, (R_xlen_t)n));
    for (size_t k = 0; k < n; k++) {
        SET_VECTOR_ELT(list, (R_xlen_t)k, values[k]);
    }
    Rf_setAttrib(list, R_NamesSymbol, glue_strings(n, names));
    UNPROTECT(1);
    return list;
}

SEXP glue_figures(size_t n, const char *const *names, const double *values)
{
    SEXP result = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)n));
    memcpy(REAL(result), values, n * sizeof *values);
    Rf_setAttrib(result, R_NamesSymbol, glue_strings(n, names));
    UNPROTECT(1);
    return result;
}

void glue_name_dims(SEXP array, int n, const SEXP *names)
{
    SEXP dimnames = PROTECT(Rf_allocVector(VECSXP, n));
    for (int k = 0; k < n; k++) {
        SET_VECTOR_ELT(dimnames, k, names[k]);
    }
    Rf_setAttrib(array, R_DimNamesSymbol, dimnames);
    UNPROTECT(1);
}

SEXP glue_table(size_t n_rows, size_t n_columns, const char *const *names)
{
    SEXP table = PROTECT(Rf_allocMatrix(REALSXP, (int)n_rows, (int)n_columns));
    const SEXP dims[] = {R_NilValue, PROTECT(glue_strings(n_columns, names))};
    glue_name_dims(table, 2, dims);
    UNPROTECT(2);
    return table;
}

SEXP glue_words_for(const cap_name *table, size_t n, const int *value)
{
    SEXP words = PROTECT(Rf_allocVector(STRSXP, (R_xlen_t)n));
    for (size_t k = 0; k < n; k++) {
        SET_STRING_ELT(words, (R_xlen_t)k, glue_word(table, value[k]));
    }
    UNPROTECT(1);
    return words;
}

SEXP glue_words(const cap_name *table)
{
    R_xlen_t n = 0;
    while (table[n].name != NULL) {
        n++;
    }
    SEXP words = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t k = 0; k < n; k++) {
        SET_STRING_ELT(words, k, Rf_mkChar(table[k].name));
    }
    UNPROTECT(1);
    return words;
}

/* ---- options --------------------------------------------------------------
 */

enum { MOST_OPTIONS = 64 }; /* the bits of `read` */

glue_options glue_options_of(SEXP list, const char *name)
{
    (void)glue_elements(list, GLUE_ANY, name);
    if (Rf_xlength(list) > MOST_OPTIONS) {
        glue_refuse(list, name, "a list of 64 options at most");
    }
    return (glue_options){list, name, 0};
}

SEXP glue_option(glue_options *options, const char *name)
{
    R_xlen_t at = place_of(options->list, name);
    if (at < 0) {
        return R_NilValue;
    }
    options->read |= UINT64_C(1) << at;
    return VECTOR_ELT(options->list, at);
}

double glue_number_of(glue_options *options, const char *name)
{
    return glue_number(glue_option(options, name), name);
}

bool glue_flag_of(glue_options *options, const char *name)
{
    return glue_flag(glue_option(options, name), name);
}

size_t glue_whole_of(glue_options *options, const char *name, double most)
{
    return glue_whole_number(glue_option(options, name), 0, most, name);
}

int glue_choice_of(glue_options *options, const char *name,
                   const cap_name *table)
{
    return glue_choice(glue_option(options, name), table, name);
}

/* `key`: two whole numbers below 2^32, which R holds exactly. */
uint64_t glue_key_of(glue_options *options)
{
    SEXP halves = glue_option(options, "key");
    const double *half = glue_numbers(halves, 2, "key");
    for (int k = 0; k < 2; k++) {
        if (!(half[k] >= 0 && half[k] < 4294967296.0)) {
            glue_refuse(halves, "key", "two whole numbers below 2^32");
        }
    }
    return (uint64_t)half[0] << 32 | (uint64_t)half[1];
}

void glue_options_end(const glue_options *options)
{
    SEXP names = Rf_getAttrib(options->list, R_NamesSymbol);
    for (R_xlen_t i = 0; i < Rf_xlength(options->list); i++) {
        if ((options->read >> i & 1) == 0) {
            cap_error err;
            (void)cap_fail(&err, CAP_ERR_INPUT,
                           "internal argument `%s` has no option '%s'",
                           options->name,
                           Rf_isNull(names) ? "" : CHAR(STRING_ELT(names, i)));
            glue_raise(&err);
        }
    }
}

/* ---- trees ----------------------------------------------------------------
 */

glue_tree_size glue_check_tree(SEXP arrays)
{
    SEXP parent = glue_element(arrays, "parent");
    const int *above = glue_integers(parent, GLUE_ANY, "parent");
    R_xlen_t n = Rf_xlength(parent);
    (void)glue_numbers(glue_element(arrays, "weight"), n, "weight");
    (void)glue_numbers(glue_element(arrays, "max"), n, "max");
    (void)glue_integers(glue_element(arrays, "direction"), n, "direction");
    char *has_child = R_alloc((size_t)n + 1, 1);
    memset(has_child, 0, (size_t)n + 1);
    glue_tree_size size = {n, n};
    for (R_xlen_t k = 0; k < n; k++) {
        if (above[k] >= 1 && above[k] <= n && !has_child[above[k] - 1]) {
            has_child[above[k] - 1] = 1;
            size.n_leaves--;
        }
    }
    return size;
}

/* Out of range parents are for the core to refuse, with their rows. */
static const size_t *parents_of(SEXP parent)
{
    size_t *to = new_sizes(parent);
    for (R_xlen_t k = 0; k < Rf_xlength(parent); k++) {
        int above = INTEGER(parent)[k];
        to[k] = above == NA_INTEGER ? CAP_NO_NODE
                : above >= 1        ? (size_t)(above - 1)
                                    : CAP_NO_NODE - 1;
    }
    return to;
}

cap_status glue_tree(SEXP arrays, cap_tree *tree, cap_error *err)
{
    SEXP parent = glue_element(arrays, "parent");
    return cap_tree_build((size_t)Rf_xlength(parent), parents_of(parent),
                          REAL(glue_element(arrays, "weight")),
                          REAL(glue_element(arrays, "max")),
                          INTEGER(glue_element(arrays, "direction")), tree,
                          err);
}
