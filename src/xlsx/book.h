/* An open workbook, shared by the files that fill it. Internal to xlsx/. */
#ifndef CAP_XLSX_BOOK_H
#define CAP_XLSX_BOOK_H

#include <xlsxwriter.h>

#include "xlsx/package_check.h"
#include "xlsx/plan.h"
#include "xlsx/target.h"
#include "xlsx/text.h"

typedef struct {
    const cap_xlsx_plan *plan;
    const cap_poll *poll;
    const cap_target *target;
    lxw_workbook *workbook;
    lxw_worksheet **sheets; /* plan->n_sheets */
    lxw_format **formats;   /* 1 + plan->n_formats, the first NULL */
    cap_text_buffer text, formula;
    cap_text_counts counts;
    size_t cells; /* <c> elements there will be */
    size_t calls; /* cells since the start, for the poll */
    cap_error *err;
} cap_book;

/* A return code of the library as a status, with the place in the message. */
cap_status cap_book_result(cap_book *book, lxw_error code, size_t sheet,
                           uint32_t row, uint32_t col);

cap_status cap_book_no_memory(cap_book *book);

/* Text without what a file cannot hold, at most `units` long; it lives in
 * book->text until the next call. NULL stays NULL. */
cap_status cap_book_text(cap_book *book, const char *text, size_t units,
                         const char **clean);

/* The library knows 0 as unset, so black has a value of its own. */
lxw_color_t cap_book_color(uint32_t color);

/* blocks.c: all cells of all blocks, and the tables. */
cap_status cap_book_blocks(cap_book *book);

/* charts.c: all charts; the cells must be there. */
cap_status cap_book_charts(cap_book *book);

/* rules.c: conditional formats, validations, defined names. */
cap_status cap_book_rules(cap_book *book);

#endif
