/* Finds words for enumerations, and values by their words. */
#include "base/names.h"

#include <stddef.h>
#include <string.h>

const cap_name *cap_name_find(const cap_name *table, const char *name)
{
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, name) == 0) {
            return table;
        }
    }
    return NULL;
}

const char *cap_name_of(const cap_name *table, int value)
{
    while (table->name != NULL && table->value != value) {
        table++;
    }
    return table->name;
}
