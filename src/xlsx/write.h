/* From a plan to an .xlsx file, through libxlsxwriter (>= 1.1.4). This folder
 * is the only one that knows it. */
#ifndef CAP_XLSX_WRITE_H
#define CAP_XLSX_WRITE_H

#include "base/status.h"
#include "xlsx/plan.h"

/* What happened on the way; zeroed by cap_xlsx_write(). */
typedef struct {
    size_t cells;    /* written */
    size_t replaced; /* characters that became U+FFFD, see text.h */
    size_t cut;      /* texts that were cut */
} cap_xlsx_report;

/* Writes `plan` to `path`, all or nothing:
 *   1. the whole plan is checked (guard.h); nothing is created if it is bad;
 *   2. a temporary file beside `path` is written (target.h), then read back
 *      and checked part by part (package_check.h), flushed and renamed.
 * On any error an existing file at `path` is as it was and no file is left,
 * neither beside `path` nor in plan->temp_folder, where the library keeps
 * files without a name while it works.
 *
 * The same plan with the same properties.created > 0 gives the same bytes.
 * `poll` is asked every few thousand cells and once before the file is put in
 * place. `report` may be NULL. Not for two threads at once: the library calls
 * srand() and the signal mask is the process's.
 *
 * CAP_ERR_INPUT   the plan is bad, or LC_NUMERIC has a decimal comma
 * CAP_ERR_IO      the file exists and `overwrite` is 0; it cannot be created;
 *                 disk or temporary folder full; SIGTERM or SIGHUP arrived
 * CAP_ERR_MEMORY, CAP_ERR_INTERRUPT
 *
 * After a full disk libxlsxwriter itself loses some memory and two open
 * files; everything else is released on every path. */
cap_status cap_xlsx_write(const cap_xlsx_plan *plan, const char *path,
                          int overwrite, const cap_poll *poll,
                          cap_xlsx_report *report, cap_error *err);

#endif
