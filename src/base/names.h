/* Words for the values of an enumeration: each has one table, which ends with
 * a NULL, and is read from and written to by name. */
#ifndef CAP_NAMES_H
#define CAP_NAMES_H

typedef struct {
    const char *name;
    int value;
} cap_name;

/* The entry of a name, or NULL. */
const cap_name *cap_name_find(const cap_name *table, const char *name);

/* The name of a value, or NULL. */
const char *cap_name_of(const cap_name *table, int value);

#endif
