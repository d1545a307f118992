/* Allocation for core and xlsx. One place, so that tests can let the n-th
 * allocation fail: compile with -DCAP_ALLOC_HOOK and supply cap_test_calloc().
 * There is no hook, and no state, in the shipped library. */
#ifndef CAP_ALLOCATION_H
#define CAP_ALLOCATION_H

#include <stddef.h>

/* Zeroed memory for `count` elements of `size` bytes (at least one byte);
 * NULL when there is none or the product overflows. Free with cap_free(). */
void *cap_calloc(size_t count, size_t size);

void cap_free(void *memory);

#endif
