/* Between R and the core: every .Call entry, and what they share. Each entry
 * allocates its R objects first, calls core, frees, and only then raises. */
#ifndef CAP_GLUE_H
#define CAP_GLUE_H

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/names.h"
#include "core/framework/framework.h"
#include "core/montecarlo/pipeline.h"
#include "base/status.h"

/* Raises the R condition that belongs to `err` (see core_abort() in
 * R/util-conditions.R); never returns. Hold no C resource when calling it. */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void glue_raise(const cap_error *err);

/* A poll for the core that R's Ctrl-C stops. Use as
 *     SEXP token = PROTECT(glue_poll_begin(&poll));
 *     status = cap_...(..., &poll, &err);
 *     (free)
 *     glue_poll_end(token, status);   -- continues a pending interrupt
 * so that tryCatch(interrupt = ) sees a true interrupt and nothing leaks. */
SEXP glue_poll_begin(cap_poll *poll);
void glue_poll_end(SEXP token, cap_status status);

/* Has the poll call an R function of the share that is done (0 to 1), about
 * once a second; R_NilValue for none. The caller protects it. */
void glue_poll_report(cap_poll *poll, SEXP function);

/* Arguments. The core cannot see how long an R vector is, so every entry has
 * what the core will read checked here, before it holds any C resource: these
 * return what they checked, or raise a cap_error_input that names the
 * argument. `n` is the length that the core reads. */
enum { GLUE_ANY = -1 }; /* any length, or any number of rows or columns */

/* Doubles. */
const double *glue_numbers(SEXP x, R_xlen_t n, const char *name);

/* The same; NULL, none in the core, for R's NULL and for length 0. */
const double *glue_numbers_or_none(SEXP x, R_xlen_t n, const char *name);

/* A matrix of doubles; a vector is one column. */
const double *glue_matrix(SEXP x, R_xlen_t n_rows, R_xlen_t n_columns,
                          const char *name);

/* Integers, with NA as R has it. */
const int *glue_integers(SEXP x, R_xlen_t n, const char *name);

/* Logicals. */
const int *glue_logicals(SEXP x, R_xlen_t n, const char *name);

/* A list of `n` elements. */
SEXP glue_elements(SEXP x, R_xlen_t n, const char *name);

/* One integer or double, NaN and NA among them. */
double glue_number(SEXP x, const char *name);

/* One whole number from `least`, 0 or more, to `most`. */
size_t glue_whole_number(SEXP x, double least, double most, const char *name);

/* The most that is a whole number without doubt. */
#define GLUE_MOST 9007199254740992.0

/* One TRUE or FALSE. */
bool glue_flag(SEXP x, const char *name);

/* The value of an enumeration that one of the words of its table stands for.
 */
int glue_choice(SEXP word, const cap_name *table, const char *name);

/* The word for a value of an enumeration, as an element of strings; the words
 * for some values, and all words of a table, as strings. Not protected. */
SEXP glue_word(const cap_name *table, int value);
SEXP glue_words_for(const cap_name *table, size_t n, const int *value);
SEXP glue_words(const cap_name *table);

/* Options cross as a named list, which is read by name:
 *     glue_options own = glue_options_of(options, "options");
 *     double conf = glue_number_of(&own, "conf");
 *     glue_options_end(&own);
 * One that is missing is refused where it is read, and one that nobody read at
 * the end, each by its name. `glue_option()` gives the element itself, NULL
 * for none. */
typedef struct {
    SEXP list;
    const char *name; /* of the list */
    uint64_t read;    /* a bit an element */
} glue_options;

glue_options glue_options_of(SEXP list, const char *name);
SEXP glue_option(glue_options *options, const char *name);
double glue_number_of(glue_options *options, const char *name);
bool glue_flag_of(glue_options *options, const char *name);
size_t glue_whole_of(glue_options *options, const char *name, double most);
int glue_choice_of(glue_options *options, const char *name,
                   const cap_name *table);
uint64_t glue_key_of(glue_options *options);
void glue_options_end(const glue_options *options);

/* One string, in the encoding of the session. */
const char *glue_string(SEXP x, const char *name);

/* One-based integers from 1 to `most`, NA for none, as zero-based (NA:
 * CAP_NO_NODE) in R_alloc memory. */
size_t *glue_indices(SEXP x, R_xlen_t n, double most, const char *name);

/* Integers of 0 or more in R_alloc memory. */
size_t *glue_counts(SEXP x, R_xlen_t n, const char *name);

/* Integers that start at 0, never fall and end at `last`: offsets into `last`
 * elements, in R_alloc memory; GLUE_ANY number of them is one at least. */
size_t *glue_offsets(SEXP x, R_xlen_t n, size_t last, const char *name);

/* Raises what is wrong with an argument: it must be `needed`. */
#if defined(__GNUC__)
__attribute__((noreturn))
#endif
void glue_refuse(SEXP x, const char *name, const char *needed);

/* The element `name` of a list, or R_NilValue. */
SEXP glue_element(SEXP list, const char *name);

/* The names and values of a list that an entry returns, both protected by the
 * caller's own PROTECT of the result. */
SEXP glue_list(size_t n, const char *const *names, const SEXP *values);

/* A vector of numbers with names; not protected. */
SEXP glue_figures(size_t n, const char *const *names, const double *values);

/* Strings; not protected. */
SEXP glue_strings(size_t n, const char *const *text);

/* Names the dimensions of an array by strings or NULL each. */
void glue_name_dims(SEXP array, int n, const SEXP *names);

/* A matrix of numbers with names of its columns, to be filled; not protected.
 */
SEXP glue_table(size_t n_rows, size_t n_columns, const char *const *names);

/* A 64-bit key that one draw from R's generator decides: set.seed() governs,
 * and the generator advances by one. */
uint64_t glue_key(void);

/* Threads for a request: one in a process that was forked after the package
 * was loaded, where OpenMP may hang. */
int glue_threads(int requested);
void glue_remember_process(void);

/* The model of list(...) as bind_model() in R/montecarlo-model.R makes it, in
 * R_alloc memory; `tree` is for the caller to build, last, with glue_tree().
 */
void glue_model(SEXP list, const cap_tree *tree, cap_model *model);

/* The arrays of a tree, list(parent, weight, max, direction), checked: its
 * nodes and leaves. `parent` counts from 1 and is NA at the root. */
typedef struct {
    R_xlen_t n_nodes, n_leaves;
} glue_tree_size;
glue_tree_size glue_check_tree(SEXP arrays);

/* Builds the tree of such arrays; glue_check_tree() must have passed them.
 * Free with cap_tree_free(). */
cap_status glue_tree(SEXP arrays, cap_tree *tree, cap_error *err);

/* Rules of each level of a tree that has children, and their parameters, as
 * .Call(C_index_scores) takes them; raises for a rule that does not exist. */
const cap_rule *const *glue_rules_of(SEXP names, SEXP arrays);
const cap_values *const *glue_parameters_of(SEXP levels, R_xlen_t n_rules,
                                            const cap_rule *const *rules);

#endif
