/* Everything that must hold before libxlsxwriter is called, in one place: it
 * crashes, aborts or writes a corrupt file where these checks are missing.
 *
 *   sheet names     1..31 UTF-16 units, none of []:*?/\, no ' at an end, not
 *                   "History", unique whatever their case, valid text
 *   tables          a name that is no cell reference, unique; a header in
 *                   every column, not blank, unique, at most 255; a row
 *   rectangles      on the sheet, on an existing sheet, no two blocks overlap
 *   formats         ids exist, sizes in range, number formats under 128 bytes
 *   formulas        not empty, at most 8,192, valid text, no "[@"
 *   links           https, http, mailto or internal to a sheet of the plan;
 *                   at most 2,079 bytes; at most 65,530 on a sheet
 *   charts          a series, each with values; ranges of one row or column;
 *                   categories as long as values; alt text; enums known
 *   rules           own enums, finite numbers, min < max
 *   validations     lists from a range; min <= max; texts within Excel's
 *   names           letter or _ first, no cell reference, unique; the
 *                   reference within 127 bytes
 *   LC_NUMERIC      a decimal point, else numbers would be written "1,5"
 *
 * There are no merges, icon sets, header images, array formulas, inline lists
 * or URL guessing in a plan, so their traps cannot be reached. Text of cells,
 * titles and properties is cleaned when it is written (text.h), not refused;
 * numbers that are not finite are written as text. */
#ifndef CAP_XLSX_GUARD_H
#define CAP_XLSX_GUARD_H

#include "base/status.h"
#include "xlsx/plan.h"

/* CAP_OK, CAP_ERR_MEMORY, or CAP_ERR_INPUT with a message that names the
 * sheet and the cell. Reads the whole plan but for the text of its cells. */
cap_status cap_xlsx_check(const cap_xlsx_plan *plan, cap_error *err);

/* Refuses any decimal separator but ".". */
cap_status cap_xlsx_check_decimal_point(const char *decimal_point,
                                        cap_error *err);

/* The parts of cap_xlsx_check() that callers may want by themselves. 1 = ok */
int cap_xlsx_is_sheet_name(const char *name);
int cap_xlsx_is_defined_name(const char *name);
int cap_xlsx_is_formula(const char *formula);
int cap_xlsx_is_link(const cap_xlsx_plan *plan, const char *url);

#endif
