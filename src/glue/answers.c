/* Entries for answers: a long table into a matrix. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "core/framework/answers.h"

/* list(values, sources, repeated): the matrix of answers, that of source codes
 * (NULL without sources) and a logical mark of repeated cells (NULL when there
 * are none). `row` and `column` count from 0. */
SEXP glue_answers_place(SEXP row, SEXP column, SEXP value, SEXP source,
                        SEXP n_rows, SEXP n_columns)
{
    static const char *const names[] = {"values", "sources", "repeated"};
    cap_error err = {CAP_OK, CAP_NOWHERE, CAP_NOWHERE, ""};
    cap_poll poll;
    R_xlen_t n = Rf_xlength(value);
    int rows = (int)glue_whole_number(n_rows, 0, INT_MAX, "n_rows");
    int columns = (int)glue_whole_number(n_columns, 0, INT_MAX, "n_columns");
    int has_source = source != R_NilValue;
    const double *number = glue_numbers(value, n, "value");
    const int *at_row = glue_integers(row, n, "row");
    const int *at_column = glue_integers(column, n, "column");
    const int *code = has_source ? glue_integers(source, n, "source") : NULL;
    size_t n_repeated = 0;
    SEXP matrix = PROTECT(Rf_allocMatrix(REALSXP, rows, columns));
    SEXP sources = PROTECT(has_source ? Rf_allocMatrix(INTSXP, rows, columns)
                                      : R_NilValue);
    SEXP repeated = PROTECT(Rf_allocVector(LGLSXP, n));
    for (R_xlen_t i = 0; has_source && i < Rf_xlength(sources); i++) {
        INTEGER(sources)[i] = 0;
    }
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status = cap_answers_place(
        (size_t)n, at_row, at_column, number, code, (size_t)rows,
        (size_t)columns, REAL(matrix), has_source ? INTEGER(sources) : NULL,
        LOGICAL(repeated), &n_repeated, &poll, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    SEXP values[] = {matrix, sources, n_repeated > 0 ? repeated : R_NilValue};
    SEXP result = glue_list(3, names, values);
    UNPROTECT(4);
    return result;
}
