/* What all entries share: conditions, interrupts, lists, indices and trees. */
#include "glue/glue.h"

#include <R_ext/Random.h>
#include <setjmp.h>
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

SEXP glue_element(SEXP list, const char *name)
{
    SEXP names = Rf_getAttrib(list, R_NamesSymbol);
    for (R_xlen_t i = 0; i < Rf_xlength(names); i++) {
        if (strcmp(CHAR(STRING_ELT(names, i)), name) == 0) {
            return VECTOR_ELT(list, i);
        }
    }
    return R_NilValue;
}

SEXP glue_list(size_t n, const char *const *names, const SEXP *values)
{
    SEXP list = PROTECT(Rf_allocVector(VECSXP, (R_xlen_t)n));
    SEXP labels = PROTECT(Rf_allocVector(STRSXP, (R_xlen_t)n));
    for (size_t k = 0; k < n; k++) {
        SET_VECTOR_ELT(list, (R_xlen_t)k, values[k]);
        SET_STRING_ELT(labels, (R_xlen_t)k, Rf_mkChar(names[k]));
    }
    Rf_setAttrib(list, R_NamesSymbol, labels);
    UNPROTECT(2);
    return list;
}

size_t *glue_indices(SEXP indices)
{
    size_t n = (size_t)Rf_xlength(indices);
    const int *from = INTEGER(indices);
    size_t *to = (size_t *)R_alloc(n + 1, sizeof *to);
    for (size_t k = 0; k < n; k++) {
        to[k] = from[k] == NA_INTEGER ? CAP_NO_NODE : (size_t)(from[k] - 1);
    }
    return to;
}

cap_status glue_tree(SEXP arrays, cap_tree *tree, cap_error *err)
{
    SEXP parent = glue_element(arrays, "parent");
    return cap_tree_build((size_t)Rf_xlength(parent), glue_indices(parent),
                          REAL(glue_element(arrays, "weight")),
                          REAL(glue_element(arrays, "max")),
                          INTEGER(glue_element(arrays, "direction")), tree,
                          err);
}

size_t *glue_counts(SEXP list, const char *name)
{
    SEXP from = glue_element(list, name);
    size_t n = (size_t)Rf_xlength(from);
    size_t *to = (size_t *)R_alloc(n + 1, sizeof *to);
    for (size_t k = 0; k < n; k++) {
        to[k] = (size_t)INTEGER(from)[k];
    }
    return to;
}
