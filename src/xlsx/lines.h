/* Lines of a text, as a word processor breaks it: at line feeds, after spaces
 * and hyphens, and inside words that are too long. */
#ifndef CAP_XLSX_LINES_H
#define CAP_XLSX_LINES_H

#include <stddef.h>

/* How many lines n characters take in columns of `room`, of code points `code`
 * and widths `width` in the same unit; at least 1. Without room (0 or less) no
 * word is cut. A space at a line's
 * end may stand over the edge. Their widths go to `line` unless that is NULL:
 * as many as are told by a call with NULL. */
size_t cap_break_lines(size_t n, const int *code, const double *width,
                       double room, double *line);

#endif
