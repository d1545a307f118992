/* Checks a whole plan before any file exists.
 *
 * The header lists what must hold. Sheets come first, then formats, blocks,
 * tables, charts, rules, validations and names, each in an order that lets
 * later checks rely on earlier ones; the first fault is reported with its
 * sheet and cell. */
#include "xlsx/guard.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocation.h"
#include "xlsx/text.h"

#define MAX_LINKS 65530u
#define MAX_URL 2079u
#define MAX_FORMULA 8192u
#define MAX_REFERENCE 127u
#define MAX_SERIES 255u
#define MAX_POINTS 32000u

/* ---- messages ---------------------------------------------------------- */

/* "sheet 2 ("Scores"), cell B3" */
static void place(const cap_xlsx_plan *plan, size_t sheet, uint32_t row,
                  uint32_t col, char *out, size_t size)
{
    char cell[CAP_XLSX_CELL_NAME];
    cap_xlsx_cell_name(row, col, cell);
    const char *name = sheet < plan->n_sheets ? plan->sheets[sheet].name : "";
    if (name == NULL || !cap_xlsx_is_sheet_name(name)) {
        name = "?";
    }
    snprintf(out, size, "sheet %lu (\"%s\"), cell %s",
             (unsigned long)sheet + 1, name, cell);
}

static cap_status refuse(const cap_xlsx_plan *plan, size_t sheet, uint32_t row,
                         uint32_t col, cap_error *err, const char *what)
{
    char where[160];
    place(plan, sheet, row, col, where, sizeof where);
    cap_fail(err, CAP_ERR_INPUT, "%s: %s.", where, what);
    if (err != NULL) {
        err->row = row;
        err->column = col;
    }
    return CAP_ERR_INPUT;
}

static cap_status refuse_sheet(size_t sheet, cap_error *err, const char *what)
{
    return cap_fail(err, CAP_ERR_INPUT, "sheet %lu: %s.",
                    (unsigned long)sheet + 1, what);
}

static cap_status refuse_part(const char *kind, size_t i, cap_error *err,
                              const char *what)
{
    return cap_fail(err, CAP_ERR_INPUT, "%s %lu: %s.", kind,
                    (unsigned long)i + 1, what);
}

/* ---- names ------------------------------------------------------------- */

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_digit(char c) { return c >= '0' && c <= '9'; }

int cap_xlsx_is_sheet_name(const char *name)
{
    size_t units = cap_text_name_units(name);
    if (units == 0 || units > 31) { /* also (size_t)-1 */
        return 0;
    }
    if (strpbrk(name, "[]:*?/\\") != NULL || name[0] == '\'' ||
        name[strlen(name) - 1] == '\'') {
        return 0;
    }
    return !cap_text_same_name(name, "History");
}

/* A1, XFD1048576, R1C1, r, c: what Excel reads as a cell, not as a name. */
static int looks_like_cell(const char *name)
{
    size_t letters = 0;
    while (is_letter(name[letters])) {
        letters++;
    }
    size_t digits = letters;
    while (is_digit(name[digits])) {
        digits++;
    }
    if (letters >= 1 && letters <= 3 && digits > letters &&
        name[digits] == '\0') {
        return 1;
    }
    const char *p = name;
    if (*p == 'r' || *p == 'R') {
        p++;
        while (is_digit(*p)) {
            p++;
        }
    }
    if (*p == 'c' || *p == 'C') {
        p++;
        while (is_digit(*p)) {
            p++;
        }
    }
    return *p == '\0';
}

int cap_xlsx_is_defined_name(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n > MAX_REFERENCE || !(is_letter(name[0]) || *name == '_')) {
        return 0;
    }
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        if (!is_letter(c) && !is_digit(c) && c != '_' && c != '.') {
            return 0;
        }
    }
    return !looks_like_cell(name) && strncmp(name, "_xl", 3) != 0;
}

int cap_xlsx_is_formula(const char *formula)
{
    const char *body = formula[0] == '=' ? formula + 1 : formula;
    size_t units = cap_text_name_units(body);
    return units > 0 && units <= MAX_FORMULA && body[0] != '{' &&
           strspn(body, " =") < strlen(body) && strstr(body, "[@") == NULL;
}

/* ---- links ------------------------------------------------------------- */

static int starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Copies the sheet name of internal:'It''s'!A1 without quotes; returns what
 * follows the "!", or NULL. */
static const char *internal_sheet(const char *target, char *name, size_t size)
{
    int quoted = target[0] == '\'';
    const char *p = target + quoted;
    size_t n = 0;
    for (; *p != '\0' && n + 1 < size; p++) {
        if (quoted && p[0] == '\'' && p[1] == '\'') {
            p++;
        } else if (*p == (quoted ? '\'' : '!')) {
            break;
        }
        name[n++] = *p;
    }
    name[n] = '\0';
    if (quoted) {
        p += *p == '\'';
    }
    return *p == '!' ? p + 1 : NULL;
}

static int is_internal_link(const cap_xlsx_plan *plan, const char *target)
{
    char name[200];
    const char *cell = internal_sheet(target, name, sizeof name);
    if (cell == NULL ||
        strspn(cell, "$:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") !=
            strlen(cell) ||
        cell[0] == '\0') {
        return 0;
    }
    for (size_t i = 0; i < plan->n_sheets; i++) {
        if (cap_text_same_name(plan->sheets[i].name, name)) {
            return 1;
        }
    }
    return 0;
}

int cap_xlsx_is_link(const cap_xlsx_plan *plan, const char *url)
{
    if (strlen(url) > MAX_URL || cap_text_name_units(url) == (size_t)-1) {
        return 0;
    }
    if (starts_with(url, "internal:")) {
        return strstr(url, "external:") == NULL &&
               is_internal_link(plan, url + strlen("internal:"));
    }
    /* The library looks for its own schemes anywhere in the text. */
    if (strstr(url, "internal:") != NULL || strstr(url, "external:") != NULL) {
        return 0;
    }
    static const char *const schemes[] = {"https://", "http://", "mailto:"};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        if (starts_with(url, schemes[i]) && strlen(url) > strlen(schemes[i])) {
            return 1;
        }
    }
    return 0;
}

/* ---- formats and sheets ------------------------------------------------ */

static cap_status check_format(const cap_xlsx_format *format, size_t i,
                               cap_error *err)
{
    if (format->num_format != NULL &&
        (strlen(format->num_format) > 127 ||
         cap_text_name_units(format->num_format) == (size_t)-1)) {
        return refuse_part("format", i, err,
                           "the number format is over 127 bytes or not text");
    }
    if (!(format->font_size == 0 ||
          (format->font_size >= 1 && format->font_size <= 409))) {
        return refuse_part("format", i, err, "font size outside 1 to 409");
    }
    if ((unsigned)format->h_align >= CAP_XLSX_ALIGN_COUNT ||
        (unsigned)format->v_align >= CAP_XLSX_ALIGN_COUNT ||
        (unsigned)format->top >= CAP_XLSX_BORDER_COUNT ||
        (unsigned)format->bottom >= CAP_XLSX_BORDER_COUNT ||
        format->indent > 15 ||
        (unsigned)format->reading_order >= CAP_XLSX_READ_COUNT) {
        return refuse_part("format", i, err,
                           "unknown alignment, border or reading order, or "
                           "indent over 15");
    }
    return CAP_OK;
}

static cap_status check_sheet_name(const cap_xlsx_plan *plan, size_t i,
                                   cap_error *err)
{
    const char *name = plan->sheets[i].name;
    if (name == NULL || !cap_xlsx_is_sheet_name(name)) {
        return refuse_sheet(
            i, err,
            "the name must have 1 to 31 characters, none of []:*?/\\, no "
            "apostrophe at an end, no control characters, and not be "
            "\"History\"");
    }
    for (size_t j = 0; j < i; j++) {
        if (cap_text_same_name(name, plan->sheets[j].name)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "sheets %lu and %lu have the same name \"%s\" "
                            "(Excel does not see case).",
                            (unsigned long)j + 1, (unsigned long)i + 1, name);
        }
    }
    return CAP_OK;
}

static int in_range(double value, double low, double high)
{
    return value >= low && value <= high; /* false for NaN */
}

static cap_status check_sizes(const cap_xlsx_sheet *sheet, size_t i,
                              cap_error *err)
{
    for (size_t k = 0; k < sheet->n_widths; k++) {
        const cap_xlsx_width *w = &sheet->widths[k];
        if (w->first > w->last || w->last >= CAP_XLSX_MAX_COLS ||
            !in_range(w->width, 0, 255)) {
            return refuse_sheet(i, err,
                                "a column width is outside 0 to 255 "
                                "or its columns do not exist");
        }
    }
    for (size_t k = 0; k < sheet->n_heights; k++) {
        if (sheet->heights[k].row >= CAP_XLSX_MAX_ROWS ||
            !in_range(sheet->heights[k].height, 0, 409)) {
            return refuse_sheet(i, err,
                                "a row height is outside 0 to 409 or "
                                "its row does not exist");
        }
    }
    return CAP_OK;
}

static int is_rectangle(const cap_xlsx_range *range)
{
    return range->first_row <= range->last_row &&
           range->first_col <= range->last_col &&
           range->last_row < CAP_XLSX_MAX_ROWS &&
           range->last_col < CAP_XLSX_MAX_COLS;
}

static cap_status check_page(const cap_xlsx_sheet *sheet, size_t i,
                             cap_error *err)
{
    if (sheet->print_area.given && !is_rectangle(&sheet->print_area)) {
        return refuse_sheet(i, err, "the print area is not on the sheet");
    }
    if (sheet->freeze_row >= CAP_XLSX_MAX_ROWS ||
        sheet->freeze_col >= CAP_XLSX_MAX_COLS ||
        sheet->repeat_rows > CAP_XLSX_MAX_ROWS ||
        sheet->repeat_first > CAP_XLSX_MAX_ROWS - sheet->repeat_rows) {
        return refuse_sheet(i, err, "frozen or repeated rows do not exist");
    }
    if (sheet->zoom != 0 && (sheet->zoom < 10 || sheet->zoom > 400)) {
        return refuse_sheet(i, err, "zoom outside 10 to 400");
    }
    if (sheet->fit_width > 1000 || sheet->fit_height > 1000 ||
        sheet->n_page_breaks > 1000) {
        return refuse_sheet(i, err, "over 1,000 pages or page breaks");
    }
    for (size_t k = 0; k < sheet->n_page_breaks; k++) {
        if (sheet->page_breaks[k] == 0 ||
            sheet->page_breaks[k] >= CAP_XLSX_MAX_ROWS) {
            return refuse_sheet(i, err,
                                "a page break is before the first "
                                "row or beyond the last");
        }
    }
    if (sheet->margins_given && !(in_range(sheet->margin_left, 0, 49) &&
                                  in_range(sheet->margin_right, 0, 49) &&
                                  in_range(sheet->margin_top, 0, 49) &&
                                  in_range(sheet->margin_bottom, 0, 49))) {
        return refuse_sheet(i, err, "a margin is outside 0 to 49 inches");
    }
    if (sheet->footer != NULL && cap_text_name_units(sheet->footer) > 254) {
        return refuse_sheet(i, err,
                            "the footer is over 254 characters or not text");
    }
    return CAP_OK;
}

/* ---- blocks ------------------------------------------------------------ */

static cap_status check_ids(const cap_xlsx_plan *plan,
                            const cap_xlsx_block *block,
                            const cap_xlsx_column *column, cap_error *err)
{
    if (column->format > plan->n_formats ||
        column->header_format > plan->n_formats) {
        return refuse(plan, block->sheet, block->row, block->col, err,
                      "a format id does not exist");
    }
    for (size_t i = 0; column->formats != NULL && i < block->n_rows; i++) {
        if (column->formats[i] > plan->n_formats) {
            return refuse(plan, block->sheet, block->row, block->col, err,
                          "a format id of a cell does not exist");
        }
    }
    return CAP_OK;
}

static int has_values(const cap_xlsx_column *column)
{
    switch (column->kind) {
    case CAP_XLSX_NUMBER:
        return column->numbers != NULL;
    case CAP_XLSX_STRING:
        return column->strings != NULL;
    case CAP_XLSX_FORMULA:
        return column->numbers != NULL || column->strings != NULL;
    case CAP_XLSX_LINK:
        return column->strings != NULL && column->urls != NULL;
    default:
        return 0;
    }
}

static cap_status check_links(const cap_xlsx_plan *plan,
                              const cap_xlsx_block *block, size_t c,
                              size_t *links, cap_error *err)
{
    const cap_xlsx_column *column = &block->columns[c];
    uint32_t first = block->row + (uint32_t)cap_xlsx_block_has_header(block);
    for (size_t i = 0; i < block->n_rows; i++) {
        const char *url = column->urls[i];
        if (url == NULL) {
            continue; /* text without a link */
        }
        uint32_t row = first + (uint32_t)i;
        uint32_t col = block->col + (uint32_t)c;
        if (!cap_xlsx_is_link(plan, url)) {
            return refuse(plan, block->sheet, row, col, err,
                          "a link must start with https://, http://, mailto: "
                          "or internal: and lead to a sheet of the workbook; "
                          "it must be under 2,080 bytes");
        }
        if (++links[block->sheet] > MAX_LINKS) {
            return refuse(plan, block->sheet, row, col, err,
                          "over 65,530 links on one sheet");
        }
    }
    return CAP_OK;
}

static int holds_formulas(const cap_xlsx_column *column, size_t n_rows)
{
    size_t n = column->formulas == NULL ? 1 : n_rows;
    for (size_t i = 0; i < n; i++) {
        const char *formula = cap_xlsx_cell_formula(column, i);
        if (formula == NULL || !cap_xlsx_is_formula(formula)) {
            return 0;
        }
    }
    return 1;
}

static cap_status check_column(const cap_xlsx_plan *plan,
                               const cap_xlsx_block *block, size_t c,
                               size_t *links, cap_error *err)
{
    const cap_xlsx_column *column = &block->columns[c];
    uint32_t col = block->col + (uint32_t)c;
    if ((unsigned)column->kind >= CAP_XLSX_KIND_COUNT ||
        (block->n_rows > 0 && !has_values(column))) {
        return refuse(plan, block->sheet, block->row, col, err,
                      "a column of unknown kind or without values");
    }
    if (column->kind == CAP_XLSX_FORMULA &&
        !holds_formulas(column, block->n_rows)) {
        return refuse(plan, block->sheet, block->row, col, err,
                      "a formula is empty, over 8,192 characters, an array "
                      "formula, or uses [@Column]; write "
                      "table[[#This Row],[Column]]");
    }
    cap_status status = check_ids(plan, block, column, err);
    if (status == CAP_OK && column->kind == CAP_XLSX_LINK &&
        block->n_rows > 0) {
        status = check_links(plan, block, c, links, err);
    }
    return status;
}

static int is_blank(const char *text)
{
    return text[strspn(text, " \t\n")] == '\0';
}

static cap_status check_table_headers(const cap_xlsx_plan *plan,
                                      const cap_xlsx_block *block,
                                      cap_error *err)
{
    for (size_t c = 0; c < block->n_columns; c++) {
        const char *header = block->columns[c].header;
        uint32_t col = block->col + (uint32_t)c;
        if (header == NULL || is_blank(header) ||
            cap_text_name_units(header) > 255) {
            return refuse(plan, block->sheet, block->row, col, err,
                          "a table column needs a header of 1 to 255 "
                          "characters on one line");
        }
        for (size_t d = 0; d < c; d++) {
            if (cap_text_same_name(header, block->columns[d].header)) {
                return refuse(plan, block->sheet, block->row, col, err,
                              "two columns of a table have the same header");
            }
        }
    }
    return CAP_OK;
}

static cap_status check_table(const cap_xlsx_plan *plan, size_t b,
                              cap_error *err)
{
    const cap_xlsx_block *block = &plan->blocks[b];
    if (!cap_xlsx_is_defined_name(block->table)) {
        return refuse(plan, block->sheet, block->row, block->col, err,
                      "a table name needs letters, digits, _ or ., a letter "
                      "first, and must not look like a cell");
    }
    for (size_t i = 0; i < b; i++) {
        if (plan->blocks[i].table != NULL &&
            cap_text_same_name(plan->blocks[i].table, block->table)) {
            return refuse(plan, block->sheet, block->row, block->col, err,
                          "the table name is already used");
        }
    }
    if (block->n_rows == 0) {
        return refuse(plan, block->sheet, block->row, block->col, err,
                      "a table needs at least one row of values");
    }
    return check_table_headers(plan, block, err);
}

static cap_status check_block(const cap_xlsx_plan *plan, size_t b,
                              size_t *links, cap_error *err)
{
    const cap_xlsx_block *block = &plan->blocks[b];
    if (block->sheet >= plan->n_sheets) {
        return refuse_part("block", b, err, "its sheet does not exist");
    }
    if (block->n_columns == 0 || block->columns == NULL) {
        return refuse(plan, block->sheet, block->row, block->col, err,
                      "a block without columns");
    }
    if (block->row >= CAP_XLSX_MAX_ROWS || block->col >= CAP_XLSX_MAX_COLS ||
        block->n_rows >= CAP_XLSX_MAX_ROWS - block->row ||
        block->n_columns > CAP_XLSX_MAX_COLS - block->col) {
        return refuse(plan, block->sheet, block->row, block->col, err,
                      "the block goes beyond the sheet (1,048,576 rows, "
                      "16,384 columns)");
    }
    for (size_t c = 0; c < block->n_columns; c++) {
        cap_status status = check_column(plan, block, c, links, err);
        if (status != CAP_OK) {
            return status;
        }
    }
    return block->table == NULL ? CAP_OK : check_table(plan, b, err);
}

static int by_sheet_and_row(const void *a, const void *b)
{
    const cap_xlsx_range *p = a;
    const cap_xlsx_range *q = b;
    if (p->sheet != q->sheet) {
        return p->sheet < q->sheet ? -1 : 1;
    }
    if (p->first_row != q->first_row) {
        return p->first_row < q->first_row ? -1 : 1;
    }
    return 0;
}

/* Ranges sorted by first row: only those that start before one ends can
 * overlap it. */
static cap_status find_overlap(const cap_xlsx_plan *plan,
                               const cap_xlsx_range *ranges, size_t n,
                               cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const cap_xlsx_range *a = &ranges[i];
        for (size_t j = i + 1; j < n; j++) {
            const cap_xlsx_range *b = &ranges[j];
            if (b->sheet != a->sheet || b->first_row > a->last_row) {
                break;
            }
            if (b->first_col <= a->last_col && a->first_col <= b->last_col) {
                return refuse(plan, b->sheet, b->first_row,
                              b->first_col > a->first_col ? b->first_col
                                                          : a->first_col,
                              err, "two blocks or tables overlap here");
            }
        }
    }
    return CAP_OK;
}

static cap_status check_overlaps(const cap_xlsx_plan *plan, cap_error *err)
{
    cap_xlsx_range *ranges = cap_calloc(plan->n_blocks, sizeof *ranges);
    if (ranges == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "no memory for the plan check");
    }
    size_t n = 0;
    for (size_t i = 0; i < plan->n_blocks; i++) {
        ranges[n] = cap_xlsx_block_range(&plan->blocks[i]);
        n += (size_t)ranges[n].given;
    }
    qsort(ranges, n, sizeof *ranges, by_sheet_and_row);
    cap_status status = find_overlap(plan, ranges, n, err);
    cap_free(ranges);
    return status;
}

/* The library keeps one filter a sheet; the second would replace the first. */
static cap_status check_filters(const cap_xlsx_plan *plan, cap_error *err)
{
    for (size_t i = 0; i < plan->n_blocks; i++) {
        const cap_xlsx_block *a = &plan->blocks[i];
        if (!a->autofilter || a->table != NULL) {
            continue;
        }
        for (size_t j = 0; j < i; j++) {
            const cap_xlsx_block *b = &plan->blocks[j];
            if (b->autofilter && b->table == NULL && b->sheet == a->sheet) {
                return refuse(plan, a->sheet, a->row, a->col, err,
                              "a second filter on one sheet; use tables");
            }
        }
    }
    return CAP_OK;
}

static cap_status check_blocks(const cap_xlsx_plan *plan, cap_error *err)
{
    size_t *links = cap_calloc(plan->n_sheets, sizeof *links);
    if (links == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "no memory for the plan check");
    }
    cap_status status = CAP_OK;
    for (size_t b = 0; b < plan->n_blocks && status == CAP_OK; b++) {
        status = check_block(plan, b, links, err);
    }
    cap_free(links);
    if (status == CAP_OK) {
        status = check_overlaps(plan, err);
    }
    return status == CAP_OK ? check_filters(plan, err) : status;
}

/* ---- charts ------------------------------------------------------------ */

static int is_plan_range(const cap_xlsx_plan *plan,
                         const cap_xlsx_range *range)
{
    return range->given && range->sheet < plan->n_sheets &&
           is_rectangle(range);
}

/* Number of cells of a range of one row or one column, else 0. */
static size_t line_length(const cap_xlsx_plan *plan,
                          const cap_xlsx_range *range)
{
    if (!is_plan_range(plan, range)) {
        return 0;
    }
    size_t rows = (size_t)range->last_row - range->first_row + 1;
    size_t cols = (size_t)range->last_col - range->first_col + 1;
    return rows == 1 ? cols : cols == 1 ? rows : 0;
}

static int is_bar(cap_xlsx_chart_kind kind)
{
    return kind != CAP_XLSX_LINE && kind != CAP_XLSX_SCATTER;
}

/* Excel repairs a file whose label position the chart kind does not have. */
static int labels_fit(const cap_xlsx_chart *chart,
                      const cap_xlsx_series *series)
{
    switch (series->labels) {
    case CAP_XLSX_LABELS_NONE:
    case CAP_XLSX_LABELS_DEFAULT:
    case CAP_XLSX_LABELS_CENTER:
        return 1;
    case CAP_XLSX_LABELS_OUTSIDE_END:
        return chart->kind == CAP_XLSX_BAR || chart->kind == CAP_XLSX_COLUMN;
    case CAP_XLSX_LABELS_INSIDE_END:
    case CAP_XLSX_LABELS_INSIDE_BASE:
        return is_bar(chart->kind);
    case CAP_XLSX_LABELS_RIGHT:
    case CAP_XLSX_LABELS_LEFT:
    case CAP_XLSX_LABELS_ABOVE:
    case CAP_XLSX_LABELS_BELOW:
        return !is_bar(chart->kind);
    default:
        return 0;
    }
}

/* The library takes chart text that starts with "=" for a reference. */
static int is_reference(const char *text)
{
    return text != NULL && text[0] == '=';
}

static const char *series_fault(const cap_xlsx_plan *plan,
                                const cap_xlsx_chart *chart,
                                const cap_xlsx_series *series)
{
    size_t points = line_length(plan, &series->values);
    if (points == 0 || points > MAX_POINTS) {
        return "a series needs values in one row or column of 1 to 32,000 "
               "cells";
    }
    if (series->categories.given
            ? line_length(plan, &series->categories) != points
            : chart->kind == CAP_XLSX_SCATTER) {
        return "the categories of a series must be as many cells as its "
               "values";
    }
    if (series->name_cell.given &&
        line_length(plan, &series->name_cell) != 1) {
        return "the name of a series must be one cell";
    }
    if ((unsigned)series->marker >= CAP_XLSX_MARKER_COUNT ||
        (series->marker_size != 0 &&
         (series->marker_size < 2 || series->marker_size > 72)) ||
        !in_range(series->line_width, 0, 72)) {
        return "unknown marker, marker size outside 2 to 72, or line width "
               "outside 0 to 72";
    }
    if (!labels_fit(chart, series) ||
        (series->n_label_text != 0 &&
         (series->n_label_text != points || series->label_text == NULL))) {
        return "the labels do not fit this kind of chart or the number of "
               "points";
    }
    if (series->label_format != NULL &&
        (strlen(series->label_format) > 127 ||
         cap_text_name_units(series->label_format) == (size_t)-1)) {
        return "a label format is over 127 bytes or not text";
    }
    if (is_reference(series->name)) {
        return "the name of a series cannot start with \"=\"; use name_cell";
    }
    for (size_t i = 0; i < series->n_label_text; i++) {
        if (series->label_text[i] == NULL ||
            is_reference(series->label_text[i])) {
            return "a label is missing or starts with \"=\"";
        }
    }
    if ((unsigned)series->span >= CAP_XLSX_SPAN_COUNT ||
        (series->span == CAP_XLSX_SPAN_TO_ZERO &&
         chart->kind != CAP_XLSX_SCATTER) ||
        (series->span == CAP_XLSX_SPAN_TICK &&
         (chart->kind != CAP_XLSX_BAR || !chart->value.fixed))) {
        return "this kind of chart has no such span, or its value axis has no "
               "limits";
    }
    return NULL;
}

static const char *axis_fault(const cap_xlsx_axis *axis)
{
    if (is_reference(axis->title)) {
        return "an axis title cannot start with \"=\"";
    }
    if (axis->fixed && !(isfinite(axis->min) && isfinite(axis->max) &&
                         axis->min < axis->max)) {
        return "an axis needs finite limits, the lower first";
    }
    if (!isfinite(axis->major_unit) || axis->major_unit < 0) {
        return "the unit of an axis must be positive";
    }
    if (axis->num_format != NULL &&
        (strlen(axis->num_format) > 127 ||
         cap_text_name_units(axis->num_format) == (size_t)-1)) {
        return "an axis format is over 127 bytes or not text";
    }
    return NULL;
}

static const char *chart_fault(const cap_xlsx_plan *plan,
                               const cap_xlsx_chart *chart)
{
    if ((unsigned)chart->kind >= CAP_XLSX_CHART_COUNT ||
        (unsigned)chart->legend >= CAP_XLSX_LEGEND_COUNT || chart->gap < -1 ||
        chart->gap > 500 || chart->overlap < -100 || chart->overlap > 100) {
        return "unknown kind or legend, gap over 500 or overlap over 100";
    }
    if (chart->row >= CAP_XLSX_MAX_ROWS || chart->col >= CAP_XLSX_MAX_COLS ||
        chart->n_rows == 0 || chart->n_cols == 0 || chart->n_rows > 1000 ||
        chart->n_cols > 200 ||
        chart->n_rows > CAP_XLSX_MAX_ROWS - chart->row ||
        chart->n_cols > CAP_XLSX_MAX_COLS - chart->col) {
        return "size or place is not on the sheet (at most 1,000 rows, 200 "
               "columns)";
    }
    if (chart->alt_text == NULL || is_blank(chart->alt_text)) {
        return "a chart needs alt text: type, variables, message, where the "
               "numbers are";
    }
    if (chart->title == NULL || is_blank(chart->title)) {
        return "a chart needs a title with its unit";
    }
    if (is_reference(chart->title)) {
        return "a chart title cannot start with \"=\"";
    }
    if (chart->n_series == 0 || chart->n_series > MAX_SERIES) {
        return "a chart needs 1 to 255 series";
    }
    const char *fault = axis_fault(&chart->category);
    fault = fault == NULL ? axis_fault(&chart->value) : fault;
    for (size_t i = 0; i < chart->n_series && fault == NULL; i++) {
        fault = series_fault(plan, chart, &chart->series[i]);
    }
    return fault;
}

static cap_status check_charts(const cap_xlsx_plan *plan, cap_error *err)
{
    for (size_t i = 0; i < plan->n_charts; i++) {
        const cap_xlsx_chart *chart = &plan->charts[i];
        if (chart->sheet >= plan->n_sheets) {
            return refuse_part("chart", i, err, "its sheet does not exist");
        }
        const char *fault = chart_fault(plan, chart);
        if (fault != NULL) {
            char what[400];
            snprintf(what, sizeof what, "chart %lu: %s", (unsigned long)i + 1,
                     fault);
            return refuse(plan, chart->sheet, chart->row, chart->col, err,
                          what);
        }
    }
    return CAP_OK;
}

/* ---- rules, validations, names ----------------------------------------- */

static const char *rule_fault(const cap_xlsx_plan *plan,
                              const cap_xlsx_rule *rule)
{
    if (!isfinite(rule->min) || !isfinite(rule->mid) || !isfinite(rule->max)) {
        return "its limits must be finite";
    }
    switch (rule->kind) {
    case CAP_XLSX_RULE_DATA_BAR:
    case CAP_XLSX_RULE_SCALE_2:
        return rule->min < rule->max ? NULL : "needs min < max";
    case CAP_XLSX_RULE_SCALE_3:
        return rule->min < rule->mid && rule->mid < rule->max
                   ? NULL
                   : "needs min < mid < max";
    case CAP_XLSX_RULE_CELL:
        if ((unsigned)rule->compare >= CAP_XLSX_COMPARE_COUNT ||
            (rule->compare == CAP_XLSX_BETWEEN && rule->min > rule->max)) {
            return "unknown comparison or min > max";
        }
        break;
    case CAP_XLSX_RULE_TEXT:
        if (rule->text == NULL || cap_text_name_units(rule->text) > 250) {
            return "its text must have 0 to 250 characters";
        }
        break;
    default:
        return "unknown kind";
    }
    return rule->format >= 1 && rule->format <= plan->n_formats
               ? NULL
               : "its format does not exist";
}

static cap_status check_rules(const cap_xlsx_plan *plan, cap_error *err)
{
    for (size_t i = 0; i < plan->n_rules; i++) {
        const cap_xlsx_rule *rule = &plan->rules[i];
        if (!is_plan_range(plan, &rule->range)) {
            return refuse_part("conditional format", i, err,
                               "its range is not on a sheet of the plan");
        }
        const char *fault = rule_fault(plan, rule);
        if (fault != NULL) {
            return refuse(plan, rule->range.sheet, rule->range.first_row,
                          rule->range.first_col, err, fault);
        }
    }
    return CAP_OK;
}

static int short_text(const char *text, size_t units)
{
    return text == NULL || cap_text_name_units(text) <= units;
}

static const char *validation_fault(const cap_xlsx_plan *plan,
                                    const cap_xlsx_validation *v)
{
    if (!short_text(v->input_title, 32) || !short_text(v->error_title, 32) ||
        !short_text(v->input_message, 255) ||
        !short_text(v->error_message, 255)) {
        return "a validation title is over 32 or a message over 255 "
               "characters";
    }
    switch (v->kind) {
    case CAP_XLSX_VALID_LIST:
        return line_length(plan, &v->source) > 0
                   ? NULL
                   : "a drop-down needs a row or column of cells as source";
    case CAP_XLSX_VALID_DECIMAL:
    case CAP_XLSX_VALID_WHOLE:
        if (!isfinite(v->min) || !isfinite(v->max) || v->min > v->max) {
            return "a validation needs finite limits, min <= max";
        }
        if (v->kind == CAP_XLSX_VALID_WHOLE &&
            (floor(v->min) != v->min || floor(v->max) != v->max)) {
            return "limits of a whole number must be whole";
        }
        return NULL;
    default:
        return "unknown kind of validation";
    }
}

static cap_status check_validations(const cap_xlsx_plan *plan, cap_error *err)
{
    for (size_t i = 0; i < plan->n_validations; i++) {
        const cap_xlsx_validation *v = &plan->validations[i];
        if (!is_plan_range(plan, &v->range)) {
            return refuse_part("validation", i, err,
                               "its range is not on a sheet of the plan");
        }
        const char *fault = validation_fault(plan, v);
        if (fault != NULL) {
            return refuse(plan, v->range.sheet, v->range.first_row,
                          v->range.first_col, err, fault);
        }
    }
    return CAP_OK;
}

static int is_name_used(const cap_xlsx_plan *plan, size_t i)
{
    const char *name = plan->names[i].name;
    for (size_t j = 0; j < i; j++) {
        if (cap_text_same_name(plan->names[j].name, name)) {
            return 1;
        }
    }
    for (size_t b = 0; b < plan->n_blocks; b++) {
        if (plan->blocks[b].table != NULL &&
            cap_text_same_name(plan->blocks[b].table, name)) {
            return 1;
        }
    }
    return 0;
}

static cap_status check_names(const cap_xlsx_plan *plan, cap_error *err)
{
    for (size_t i = 0; i < plan->n_names; i++) {
        const cap_xlsx_name *name = &plan->names[i];
        if (name->name == NULL || !cap_xlsx_is_defined_name(name->name)) {
            return refuse_part("defined name", i, err,
                               "needs letters, digits, _ or ., a letter "
                               "first, and must not look like a cell");
        }
        if (is_name_used(plan, i)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "the name \"%s\" is defined twice.", name->name);
        }
        if (!is_plan_range(plan, &name->range)) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "the name \"%s\" has a range that is not on a "
                            "sheet of the plan.",
                            name->name);
        }
        char reference[CAP_XLSX_REFERENCE];
        cap_xlsx_reference(plan, &name->range, reference);
        if (strlen(reference) > MAX_REFERENCE) {
            return cap_fail(err, CAP_ERR_INPUT,
                            "the name \"%s\" is on a sheet whose name is too "
                            "long for it; shorten the sheet's name.",
                            name->name);
        }
    }
    return CAP_OK;
}

/* ---- all --------------------------------------------------------------- */

static cap_status check_formats_and_sheets(const cap_xlsx_plan *plan,
                                           cap_error *err)
{
    if (plan->n_sheets == 0 || plan->n_sheets > 1000 ||
        plan->n_formats > 60000) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "a workbook needs 1 to 1,000 sheets and at most "
                        "60,000 formats.");
    }
    if (plan->properties.created < 0 ||
        plan->properties.created > 253402300799) {
        return cap_fail(err, CAP_ERR_INPUT,
                        "`created` must lie between 1970 and 9999.");
    }
    cap_status status = CAP_OK;
    for (size_t i = 0; i < plan->n_formats && status == CAP_OK; i++) {
        status = check_format(&plan->formats[i], i, err);
    }
    for (size_t i = 0; i < plan->n_sheets && status == CAP_OK; i++) {
        status = check_sheet_name(plan, i, err);
        if (status == CAP_OK) {
            status = check_sizes(&plan->sheets[i], i, err);
        }
        if (status == CAP_OK) {
            status = check_page(&plan->sheets[i], i, err);
        }
    }
    return status;
}

cap_status cap_xlsx_check(const cap_xlsx_plan *plan, cap_error *err)
{
    static cap_status (*const checks[])(const cap_xlsx_plan *, cap_error *) = {
        check_formats_and_sheets, check_blocks, check_charts, check_rules,
        check_validations,        check_names};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        cap_status status = checks[i](plan, err);
        if (status != CAP_OK) {
            return status;
        }
    }
    return CAP_OK;
}

cap_status cap_xlsx_check_decimal_point(const char *decimal_point,
                                        cap_error *err)
{
    if (strcmp(decimal_point, ".") == 0) {
        return CAP_OK;
    }
    return cap_fail(err, CAP_ERR_INPUT,
                    "the locale writes numbers with \"%.8s\" as decimal "
                    "separator, which would corrupt the workbook; call "
                    "Sys.setlocale(\"LC_NUMERIC\", \"C\") first.",
                    decimal_point);
}
