/* Lets the n-th allocation of core and xlsx fail, from inside a test:
 *     for (size_t n = 1;; n++) {
 *         alloc_fail_at(n);
 *         status = call();
 *         if (alloc_count() < n) break;   -- the call has fewer
 *         assert(status == CAP_ERR_MEMORY) and nothing leaked
 *     }
 *     alloc_fail_at(0);                                                     */
#ifndef CAP_ALLOC_HOOK_H
#define CAP_ALLOC_HOOK_H

#include <stddef.h>

/* From now on the n-th allocation fails, and only that one; 0 = none. Starts
 * the count again. */
void alloc_fail_at(size_t n);

/* Allocations asked for since the last alloc_fail_at(). */
size_t alloc_count(void);

/* What core/memory.c calls instead of calloc() under CAP_ALLOC_HOOK. */
void *cap_test_calloc(size_t count, size_t size);

#endif
