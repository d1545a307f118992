#include "glue.h"

#include <setjmp.h>
#include <string.h>

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

/* R_UnwindProtect() runs `unwind_to_poll` when an interrupt jumps out of
 * R_CheckUserInterrupt(); it jumps back into interrupted(), which tells the
 * core to stop. glue_poll_end() then lets the jump go on. */
typedef struct {
    SEXP token;
    jmp_buf back;
} poll_state;

static SEXP check_interrupt(void *unused)
{
    (void)unused;
    R_CheckUserInterrupt();
    return R_NilValue;
}

static void unwind_to_poll(void *data, Rboolean jumped)
{
    if (jumped) {
        poll_state *state = data;
        longjmp(state->back, 1);
    }
}

static int interrupted(void *context)
{
    poll_state state;
    state.token = (SEXP)context;
    if (setjmp(state.back)) {
        return 1;
    }
    R_UnwindProtect(check_interrupt, NULL, unwind_to_poll, &state,
                    state.token);
    return 0;
}

SEXP glue_poll_begin(cap_poll *poll)
{
    SEXP token = R_MakeUnwindCont();
    poll->should_stop = interrupted;
    poll->context = token;
    return token;
}

void glue_poll_end(SEXP token, cap_status status)
{
    if (status == CAP_ERR_INTERRUPT) {
        R_ContinueUnwind(token);
    }
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
