#include "glue.h"

#include <setjmp.h>
#include <string.h>

void glue_raise(const cap_error *err)
{
    SEXP namespace_name = PROTECT(Rf_mkString("cybercap"));
    SEXP namespace = PROTECT(R_FindNamespace(namespace_name));
    SEXP status = PROTECT(Rf_ScalarInteger((int)err->status));
    SEXP message = PROTECT(Rf_mkString(err->message));
    SEXP call =
        PROTECT(Rf_lang3(Rf_install("core_abort"), status, message));
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
