/* Text on its way into a workbook: what Excel and XML cannot hold is replaced
 * and counted, never passed on and never an error. */
#ifndef CAP_XLSX_TEXT_H
#define CAP_XLSX_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* The longest text that a cell holds, in UTF-16 units as Excel counts. */
#define CAP_TEXT_MAX_UNITS 32766

typedef struct {
    size_t replaced; /* characters that became U+FFFD */
    size_t cut;      /* texts that were cut */
} cap_text_counts;

/* Scratch memory that grows; start with zeros, free with cap_text_free(). */
typedef struct {
    char *data;
    size_t size;
} cap_text_buffer;

void cap_text_free(cap_text_buffer *buffer);

/* Cleans `text` (nul-terminated bytes). Control characters other than tab and
 * line feed, U+FFFE, U+FFFF and each byte of invalid UTF-8 become U+FFFD; CR
 * and CR LF become LF, as every XML reader would do. A text of more than
 * `max_units` UTF-16 units is cut and ends in an ellipsis. With `escape`, a
 * literal _xHHHH_, which Excel would decode, is written so that it reads back
 * as it was. `*clean` is `text` itself when there is nothing to do, else it
 * points into `buffer` until the next call. `counts` (may be NULL) is added
 * to. CAP_ERR_MEMORY is the only error. */
cap_status cap_text_clean(const char *text, size_t max_units, int escape,
                          cap_text_buffer *buffer, const char **clean,
                          cap_text_counts *counts);

/* Length in UTF-16 units, or (size_t)-1 for text that cap_text_clean() would
 * change for another reason than its length. A line feed or tab is such a
 * reason here too: this is for names. */
size_t cap_text_name_units(const char *text);

/* 1 when two valid texts are equal but for the case of their letters, as far
 * as Latin, Greek and Cyrillic go: for names that Excel compares so. */
int cap_text_same_name(const char *a, const char *b);

#endif
