/* Writes a plan to a file: check, fill, close, read back, put in place. */
/* open() with O_CLOEXEC is POSIX 2008. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include "xlsx/write.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

#include "base/allocation.h"
#include "xlsx/book.h"
#include "xlsx/guard.h"

#define A4 9
#define LETTER 1

/* ---- shared by the files of a book ------------------------------------- */

cap_status cap_book_no_memory(cap_book *book)
{
    return cap_fail(book->err, CAP_ERR_MEMORY, "no memory for the workbook");
}

cap_status cap_book_result(cap_book *book, lxw_error code, size_t sheet,
                           uint32_t row, uint32_t col)
{
    char cell[CAP_XLSX_CELL_NAME];
    if (code == LXW_NO_ERROR) {
        return CAP_OK;
    }
    if (code == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        return cap_book_no_memory(book);
    }
    cap_xlsx_cell_name(row, col, cell);
    return cap_fail(book->err, CAP_ERR_INPUT, "sheet \"%s\", cell %s: %s",
                    book->plan->sheets[sheet].name, cell, lxw_strerror(code));
}

cap_status cap_book_text(cap_book *book, const char *text, size_t units,
                         const char **clean)
{
    *clean = NULL;
    if (text == NULL) {
        return CAP_OK;
    }
    return cap_text_clean(text, units, 0, &book->text, clean, &book->counts) ==
                   CAP_OK
               ? CAP_OK
               : cap_book_no_memory(book);
}

lxw_color_t cap_book_color(uint32_t color)
{
    if (color == 0) {
        return LXW_COLOR_UNSET;
    }
    color &= LXW_COLOR_MASK;
    return color == 0 ? (lxw_color_t)LXW_COLOR_BLACK : color;
}

/* ---- formats ----------------------------------------------------------- */

static const uint8_t align_of[CAP_XLSX_ALIGN_COUNT] = {
    [CAP_XLSX_ALIGN_NONE] = LXW_ALIGN_NONE,
    [CAP_XLSX_ALIGN_LEFT] = LXW_ALIGN_LEFT,
    [CAP_XLSX_ALIGN_CENTER] = LXW_ALIGN_CENTER,
    [CAP_XLSX_ALIGN_RIGHT] = LXW_ALIGN_RIGHT,
    [CAP_XLSX_ALIGN_TOP] = LXW_ALIGN_VERTICAL_TOP,
    [CAP_XLSX_ALIGN_MIDDLE] = LXW_ALIGN_VERTICAL_CENTER,
    [CAP_XLSX_ALIGN_BOTTOM] = LXW_ALIGN_VERTICAL_BOTTOM,
};

static const uint8_t border_of[CAP_XLSX_BORDER_COUNT] = {
    [CAP_XLSX_BORDER_NONE] = LXW_BORDER_NONE,
    [CAP_XLSX_BORDER_THIN] = LXW_BORDER_THIN,
    [CAP_XLSX_BORDER_MEDIUM] = LXW_BORDER_MEDIUM,
    [CAP_XLSX_BORDER_THICK] = LXW_BORDER_THICK,
    [CAP_XLSX_BORDER_HAIR] = LXW_BORDER_HAIR,
};

static void set_font(lxw_format *to, const cap_xlsx_format *format)
{
    if (format->bold) {
        format_set_bold(to);
    }
    if (format->italic) {
        format_set_italic(to);
    }
    if (format->font_size > 0) {
        format_set_font_size(to, format->font_size);
    }
    if (format->font_color != 0) {
        format_set_font_color(to, cap_book_color(format->font_color));
    }
}

static void set_borders(lxw_format *to, const cap_xlsx_format *format)
{
    if (format->top != CAP_XLSX_BORDER_NONE) {
        format_set_top(to, border_of[format->top]);
        format_set_top_color(to, cap_book_color(format->top_color));
    }
    if (format->bottom != CAP_XLSX_BORDER_NONE) {
        format_set_bottom(to, border_of[format->bottom]);
        format_set_bottom_color(to, cap_book_color(format->bottom_color));
    }
}

static void set_format(lxw_format *to, const cap_xlsx_format *format)
{
    set_font(to, format);
    set_borders(to, format);
    if (format->num_format != NULL && format->num_format[0] != '\0') {
        format_set_num_format(to, format->num_format);
    }
    if (format->background != 0) {
        format_set_pattern(to, LXW_PATTERN_SOLID);
        format_set_bg_color(to, cap_book_color(format->background));
    }
    if (format->h_align != CAP_XLSX_ALIGN_NONE) {
        format_set_align(to, align_of[format->h_align]);
    }
    if (format->v_align != CAP_XLSX_ALIGN_NONE) {
        format_set_align(to, align_of[format->v_align]);
    }
    if (format->wrap) {
        format_set_text_wrap(to);
    }
    if (format->indent > 0) {
        format_set_indent(to, (uint8_t)format->indent);
    }
    if (format->reading_order > 0) {
        format_set_reading_order(to, (uint8_t)format->reading_order);
    }
    if (format->unlocked) {
        format_set_unlocked(to);
    }
}

static cap_status add_formats(cap_book *book)
{
    const cap_xlsx_plan *plan = book->plan;
    for (size_t i = 0; i < plan->n_formats; i++) {
        lxw_format *format = workbook_add_format(book->workbook);
        if (format == NULL) {
            return cap_book_no_memory(book);
        }
        set_format(format, &plan->formats[i]);
        book->formats[i + 1] = format;
    }
    return CAP_OK;
}

/* ---- sheets ------------------------------------------------------------ */

static cap_status set_sizes(cap_book *book, lxw_worksheet *to, size_t s)
{
    const cap_xlsx_sheet *sheet = &book->plan->sheets[s];
    lxw_error code = LXW_NO_ERROR;
    for (size_t i = 0; i < sheet->n_widths && code == LXW_NO_ERROR; i++) {
        const cap_xlsx_width *w = &sheet->widths[i];
        code = worksheet_set_column(to, (lxw_col_t)w->first,
                                    (lxw_col_t)w->last, w->width, NULL);
    }
    for (size_t i = 0; i < sheet->n_heights && code == LXW_NO_ERROR; i++) {
        code = worksheet_set_row(to, sheet->heights[i].row,
                                 sheet->heights[i].height, NULL);
    }
    return cap_book_result(book, code, s, 0, 0);
}

static void set_view(lxw_worksheet *to, const cap_xlsx_sheet *sheet)
{
    if (sheet->tab_color != 0) {
        worksheet_set_tab_color(to, cap_book_color(sheet->tab_color));
    }
    if (sheet->freeze_row != 0 || sheet->freeze_col != 0) {
        worksheet_freeze_panes(to, sheet->freeze_row,
                               (lxw_col_t)sheet->freeze_col);
    }
    if (sheet->zoom != 0) {
        worksheet_set_zoom(to, (uint16_t)sheet->zoom);
    }
    if (sheet->hide_gridlines) {
        worksheet_gridlines(to, LXW_HIDE_ALL_GRIDLINES);
    }
    if (sheet->right_to_left) {
        worksheet_right_to_left(to);
    }
}

/* Without a password: against accidents. Widths and filters stay free. */
static void protect(lxw_worksheet *to)
{
    lxw_protection options;
    memset(&options, 0, sizeof options);
    options.format_columns = 1;
    options.format_rows = 1;
    options.autofilter = 1;
    worksheet_protect(to, NULL, &options);
}

static cap_status set_breaks(cap_book *book, lxw_worksheet *to, size_t s)
{
    const cap_xlsx_sheet *sheet = &book->plan->sheets[s];
    if (sheet->n_page_breaks == 0) {
        return CAP_OK;
    }
    lxw_row_t *rows = cap_calloc(sheet->n_page_breaks + 1, sizeof *rows);
    if (rows == NULL) {
        return cap_book_no_memory(book);
    }
    for (size_t i = 0; i < sheet->n_page_breaks; i++) {
        rows[i] = sheet->page_breaks[i];
    }
    lxw_error code = worksheet_set_h_pagebreaks(to, rows);
    cap_free(rows);
    return cap_book_result(book, code, s, 0, 0);
}

static void set_paper(lxw_worksheet *to, const cap_xlsx_sheet *sheet)
{
    worksheet_set_paper(to, sheet->letter ? LETTER : A4);
    if (sheet->landscape) {
        worksheet_set_landscape(to);
    } else {
        worksheet_set_portrait(to);
    }
    if (sheet->fit) {
        worksheet_fit_to_pages(to, (uint16_t)sheet->fit_width,
                               (uint16_t)sheet->fit_height);
    }
    if (sheet->margins_given) {
        worksheet_set_margins(to, sheet->margin_left, sheet->margin_right,
                              sheet->margin_top, sheet->margin_bottom);
    }
}

static cap_status set_page(cap_book *book, lxw_worksheet *to, size_t s)
{
    const cap_xlsx_sheet *sheet = &book->plan->sheets[s];
    const cap_xlsx_range *area = &sheet->print_area;
    lxw_error code = LXW_NO_ERROR;
    set_paper(to, sheet);
    if (sheet->repeat_rows > 0) {
        code = worksheet_repeat_rows(to, sheet->repeat_first,
                                     sheet->repeat_first + sheet->repeat_rows -
                                         1);
    }
    if (code == LXW_NO_ERROR && area->given) {
        code = worksheet_print_area(to, area->first_row,
                                    (lxw_col_t)area->first_col, area->last_row,
                                    (lxw_col_t)area->last_col);
    }
    const char *footer =
        sheet->footer == NULL ? "&CPage &P of &N" : sheet->footer;
    if (code == LXW_NO_ERROR && footer[0] != '\0') {
        code = worksheet_set_footer(to, footer);
    }
    cap_status status = cap_book_result(book, code, s, 0, 0);
    return status == CAP_OK ? set_breaks(book, to, s) : status;
}

static cap_status add_sheet(cap_book *book, size_t s)
{
    const cap_xlsx_sheet *sheet = &book->plan->sheets[s];
    lxw_worksheet *to = workbook_add_worksheet(book->workbook, sheet->name);
    if (to == NULL) {
        return cap_fail(book->err, CAP_ERR_INPUT,
                        "the sheet \"%s\" could not be added.", sheet->name);
    }
    book->sheets[s] = to;
    set_view(to, sheet);
    if (sheet->protect) {
        protect(to);
    }
    cap_status status = set_sizes(book, to, s);
    return status == CAP_OK ? set_page(book, to, s) : status;
}

static cap_status add_sheets(cap_book *book)
{
    cap_status status = CAP_OK;
    for (size_t s = 0; s < book->plan->n_sheets && status == CAP_OK; s++) {
        status = add_sheet(book, s);
    }
    return status;
}

/* ---- properties -------------------------------------------------------- */

static cap_status set_properties(cap_book *book)
{
    const cap_xlsx_properties *from = &book->plan->properties;
    lxw_doc_properties to;
    memset(&to, 0, sizeof to);
    const struct {
        const char *from;
        char **to;
    } texts[] = {
        {from->title, &to.title},       {from->subject, &to.subject},
        {from->author, &to.author},     {from->company, &to.company},
        {from->keywords, &to.keywords}, {from->comments, &to.comments},
        {from->status, &to.status},
    };
    enum { N_TEXTS = sizeof texts / sizeof *texts };
    cap_text_buffer buffers[N_TEXTS];
    memset(buffers, 0, sizeof buffers);
    cap_status status = CAP_OK;
    for (size_t i = 0; i < N_TEXTS && status == CAP_OK; i++) {
        const char *clean = NULL;
        if (texts[i].from != NULL) {
            status = cap_text_clean(texts[i].from, 255, 0, &buffers[i], &clean,
                                    &book->counts);
        }
        *texts[i].to = (char *)clean;
    }
    to.created = (time_t)from->created;
    if (status != CAP_OK ||
        workbook_set_properties(book->workbook, &to) != LXW_NO_ERROR) {
        status = cap_book_no_memory(book);
    }
    for (size_t i = 0; i < N_TEXTS; i++) {
        cap_text_free(&buffers[i]);
    }
    return status;
}

/* ---- the file ---------------------------------------------------------- */

static cap_status fill(cap_book *book)
{
    static cap_status (*const steps[])(cap_book *) = {
        set_properties,  add_formats,     add_sheets,
        cap_book_blocks, cap_book_charts, cap_book_rules};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        cap_status status = steps[i](book);
        if (status != CAP_OK) {
            return status;
        }
    }
    return CAP_OK;
}

static cap_status begin(cap_book *book)
{
    const cap_xlsx_plan *plan = book->plan;
    book->sheets = cap_calloc(plan->n_sheets, sizeof *book->sheets);
    book->formats = cap_calloc(plan->n_formats + 1, sizeof *book->formats);
    if (book->sheets == NULL || book->formats == NULL) {
        return cap_book_no_memory(book);
    }
    lxw_workbook_options options = {.tmpdir = (char *)plan->temp_folder};
    book->workbook = workbook_new_opt(book->target->temporary, &options);
    return book->workbook == NULL ? cap_book_no_memory(book) : CAP_OK;
}

static void release(cap_book *book)
{
    if (book->workbook != NULL) {
        lxw_workbook_free(book->workbook);
    }
    cap_free(book->sheets);
    cap_free(book->formats);
    cap_text_free(&book->text);
    cap_text_free(&book->formula);
}

static cap_status close_book(cap_book *book)
{
    lxw_workbook *workbook = book->workbook;
    book->workbook = NULL; /* freed by the next call, whatever it returns */
    lxw_error code = workbook_close(workbook);
    if (code == LXW_NO_ERROR) {
        return CAP_OK;
    }
    if (code == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        return cap_book_no_memory(book);
    }
    return cap_fail(book->err, CAP_ERR_IO,
                    "the workbook could not be written: %s Is the disk or "
                    "the folder for temporary files full?",
                    lxw_strerror(code));
}

static size_t count_tables(const cap_xlsx_plan *plan)
{
    size_t n = 0;
    for (size_t i = 0; i < plan->n_blocks; i++) {
        n += plan->blocks[i].table != NULL;
    }
    return n;
}

/* Reads the finished file back and puts it in place. */
static cap_status check_and_commit(cap_book *book, cap_target *target)
{
    cap_package_contents expected = {
        .sheets = book->plan->n_sheets,
        .charts = book->plan->n_charts,
        .tables = count_tables(book->plan),
        .cells = book->cells,
    };
    int fd = open(target->temporary, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return cap_fail(book->err, CAP_ERR_IO,
                        "the workbook cannot be read back: %s.",
                        strerror(errno));
    }
    cap_status status =
        cap_package_check(fd, &expected, book->poll, book->err);
    if (status == CAP_OK && cap_target_terminated(target)) {
        status = cap_fail(book->err, CAP_ERR_IO,
                          "stopped by a signal to terminate.");
    }
    if (status == CAP_OK) {
        status = cap_target_commit(target, fd, book->err);
    }
    close(fd);
    return status;
}

static cap_status make_file(cap_book *book, cap_target *target)
{
    cap_status status = begin(book);
    if (status == CAP_OK) {
        status = fill(book);
    }
    if (status == CAP_OK) {
        status = close_book(book);
    }
    if (status == CAP_OK) {
        status = check_and_commit(book, target);
    }
    release(book);
    return status;
}

cap_status cap_xlsx_write(const cap_xlsx_plan *plan, const char *path,
                          int overwrite, const cap_poll *poll,
                          cap_xlsx_report *report, cap_error *err)
{
    cap_target target;
    cap_book book;
    memset(&book, 0, sizeof book);
    book.plan = plan;
    book.poll = poll;
    book.target = &target;
    book.err = err;
    if (report != NULL) {
        memset(report, 0, sizeof *report);
    }
    cap_status status =
        cap_xlsx_check_decimal_point(localeconv()->decimal_point, err);
    if (status == CAP_OK) {
        status = cap_xlsx_check(plan, err);
    }
    if (status == CAP_OK) {
        status = cap_target_open(&target, path, overwrite, err);
    }
    if (status != CAP_OK) {
        return status;
    }
    status = make_file(&book, &target);
    cap_target_close(&target);
    if (report != NULL && status == CAP_OK) {
        report->cells = book.cells;
        report->replaced = book.counts.replaced;
        report->cut = book.counts.cut;
    }
    return status;
}
