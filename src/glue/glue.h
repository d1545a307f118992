/* Between R and the core: every .Call entry, and what they share. Each entry
 * allocates its R objects first, calls core, frees, and only then raises. */
#ifndef CAP_GLUE_H
#define CAP_GLUE_H

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>

#include <stdint.h>

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

/* The element `name` of a list, or R_NilValue. */
SEXP glue_element(SEXP list, const char *name);

/* The names and values of a list that an entry returns, both protected by the
 * caller's own PROTECT of the result. */
SEXP glue_list(size_t n, const char *const *names, const SEXP *values);

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

/* A key as two whole numbers below 2^32, which R holds exactly. */
uint64_t glue_key_of(SEXP halves);

/* Rules and parameters of each level, as .Call(C_index_scores) takes them;
 * raises for a rule that does not exist. */
const cap_rule *const *glue_rules_of(SEXP names);
const cap_values *const *glue_parameters_of(SEXP levels,
                                            const cap_rule *const *rules);

/* Builds the tree of list(parent, weight, max, direction); `parent` counts
 * from 1 and is NA at the root. Free with cap_tree_free(). */
cap_status glue_tree(SEXP arrays, cap_tree *tree, cap_error *err);

/* One-based R indices, NA for none, as zero-based in R_alloc memory. */
size_t *glue_indices(SEXP indices);

/* The whole numbers of the element `name` of a list in R_alloc memory. */
size_t *glue_counts(SEXP list, const char *name);

#endif
