#include "alloc_hook.h"

#include <stdlib.h>

static size_t failing;
static size_t counted;

void alloc_fail_at(size_t n)
{
    failing = n;
    counted = 0;
}

size_t alloc_count(void) { return counted; }

void *cap_test_calloc(size_t count, size_t size)
{
    counted++;
    return counted == failing ? NULL : calloc(count, size);
}
