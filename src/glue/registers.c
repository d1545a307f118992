/* The core's registers: what R and workbooks read by name. */
#include "glue/glue.h"
#include "glue/entries.h"

#include "base/names.h"
#include "base/rounding.h"
#include "base/tolerance.h"

/* Named numbers: see src/base/tolerance.h. */
SEXP glue_tolerances(void)
{
    R_xlen_t n = 0;
    while (cap_tolerance_at((size_t)n) != NULL) {
        n++;
    }
    SEXP values = PROTECT(Rf_allocVector(REALSXP, n));
    SEXP names = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t k = 0; k < n; k++) {
        REAL(values)[k] = cap_tolerance_at((size_t)k)->value;
        SET_STRING_ELT(names, k, Rf_mkChar(cap_tolerance_at((size_t)k)->name));
    }
    Rf_setAttrib(values, R_NamesSymbol, names);
    UNPROTECT(2);
    return values;
}

/* Numbers rounded to one number of decimals, with the attributes of `x`. */
SEXP glue_round_half_up(SEXP x, SEXP digits)
{
    const double *from = glue_numbers(x, GLUE_ANY, "x");
    int decimals = (int)glue_whole_number(digits, 0, 100, "digits");
    SEXP rounded = PROTECT(Rf_shallow_duplicate(x));
    for (R_xlen_t k = 0; k < Rf_xlength(x); k++) {
        REAL(rounded)[k] = cap_round_decimals(from[k], decimals);
    }
    UNPROTECT(1);
    return rounded;
}

/* "none", "part" or "whole" for shares from 0 to 1, NA where one is missing;
 * with the dimensions of `share`. */
SEXP glue_share_state(SEXP share)
{
    R_xlen_t n = Rf_xlength(share);
    const double *from = glue_numbers(share, n, "share");
    SEXP state = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t k = 0; k < n; k++) {
        double x = from[k];
        SET_STRING_ELT(
            state, k,
            ISNAN(x) ? NA_STRING
                     : Rf_mkChar(cap_name_of(cap_share_states,
                                             (int)cap_share_state_of(x))));
    }
    Rf_setAttrib(state, R_DimSymbol, Rf_getAttrib(share, R_DimSymbol));
    UNPROTECT(1);
    return state;
}
