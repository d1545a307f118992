/* Reads a workbook file back before it takes its place: libxlsxwriter does
 * not see write errors of its temporary files, and a cut sheet would reach
 * the reader. Only zlib is used; the reader is for our own files (no ZIP64,
 * no encryption, no comment). */
#ifndef CAP_XLSX_PACKAGE_CHECK_H
#define CAP_XLSX_PACKAGE_CHECK_H

#include <stddef.h>

#include "base/status.h"

/* What the file must hold. */
typedef struct {
    size_t sheets, charts, tables;
    size_t cells; /* <c> elements in all sheets together */
} cap_package_contents;

/* Inflates each part of the file open at `fd` (any position) and requires its
 * size and CRC, tags that nest and end with the root's, as many cells as were
 * written, as many shared strings as the part announces, and the parts that
 * every workbook has. CAP_OK, CAP_ERR_MEMORY, CAP_ERR_INTERRUPT, or
 * CAP_ERR_IO with a message that names the part. */
cap_status cap_package_check(int fd, const cap_package_contents *expected,
                             const cap_poll *poll, cap_error *err);

#endif
