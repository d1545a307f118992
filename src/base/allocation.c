/* Allocation of arrays, with the one hook through which tests let it fail. */
#include "base/allocation.h"

#include <stdint.h>
#include <stdlib.h>

#ifdef CAP_ALLOC_HOOK
void *cap_test_calloc(size_t count, size_t size);
#define system_calloc cap_test_calloc
#else
#define system_calloc calloc
#endif

void *cap_calloc(size_t count, size_t size)
{
    if (count == 0 || size == 0) {
        count = 1;
        size = 1;
    }
    if (count > SIZE_MAX / size) {
        return NULL;
    }
    return system_calloc(count, size);
}

void cap_free(void *memory) { free(memory); }
