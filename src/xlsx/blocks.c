/* Cells and tables of all blocks of a plan.
 *
 * The library wants cells row by row, so that blocks on one sheet are written
 * together, each row of each. What a cell of each of the four kinds is stands
 * in put_cell(). */
#include "xlsx/book.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/allocation.h"

#define POLL_EVERY 4096

/* Where the next cell goes. */
typedef struct {
    size_t sheet;
    uint32_t row, col;
    lxw_worksheet *worksheet;
    lxw_format *format;
} cell_place;

static cap_status stopped(cap_book *book)
{
    if (cap_target_terminated(book->target)) {
        return cap_fail(book->err, CAP_ERR_IO,
                        "stopped by a signal to terminate.");
    }
    if (cap_poll_stop(book->poll)) {
        return cap_fail(book->err, CAP_ERR_INTERRUPT, "interrupted");
    }
    return CAP_OK;
}

static cap_status result(cap_book *book, lxw_error code,
                         const cell_place *place)
{
    return code == LXW_NO_ERROR ? CAP_OK
                                : cap_book_result(book, code, place->sheet,
                                                  place->row, place->col);
}

/* An empty text leaves no cell unless it has a format to show. */
static cap_status put_text(cap_book *book, const cell_place *place,
                           const char *text)
{
    const char *clean;
    if (cap_text_clean(text, CAP_TEXT_MAX_UNITS, 1, &book->text, &clean,
                       &book->counts) != CAP_OK) {
        return cap_book_no_memory(book);
    }
    if (clean[0] == '\0') {
        book->cells += place->format != NULL;
        return result(book,
                      worksheet_write_blank(place->worksheet, place->row,
                                            (lxw_col_t)place->col,
                                            place->format),
                      place);
    }
    book->cells++;
    return result(book,
                  worksheet_write_string(place->worksheet, place->row,
                                         (lxw_col_t)place->col, clean,
                                         place->format),
                  place);
}

static cap_status put_number(cap_book *book, const cell_place *place,
                             const cap_xlsx_column *column, size_t i)
{
    double value = column->numbers[i];
    if (!isfinite(value)) {
        return put_text(book, place, cap_xlsx_shorthand(column));
    }
    book->cells++;
    return result(book,
                  worksheet_write_number(place->worksheet, place->row,
                                         (lxw_col_t)place->col,
                                         value + 0.0, /* no "-0" */
                                         place->format),
                  place);
}

/* Puts the formula with {r} replaced into book->formula. */
static cap_status expand_formula(cap_book *book, const char *template,
                                 uint32_t row)
{
    char number[16];
    int digits =
        snprintf(number, sizeof number, "%lu", (unsigned long)row + 1);
    size_t length = strlen(template);
    size_t needed = length / 3 * (size_t)digits + length + 1;
    if (needed > book->formula.size) {
        cap_text_free(&book->formula);
        book->formula.data = cap_calloc(needed, 1);
        if (book->formula.data == NULL) {
            return cap_book_no_memory(book);
        }
        book->formula.size = needed;
    }
    char *out = book->formula.data;
    for (const char *p = template; *p != '\0';) {
        if (strncmp(p, "{r}", 3) == 0) {
            memcpy(out, number, (size_t)digits);
            out += digits;
            p += 3;
        } else {
            *out++ = *p++;
        }
    }
    *out = '\0';
    return CAP_OK;
}

/* The computed text of a formula, NULL when it is a number. */
static const char *formula_text(const cap_xlsx_column *column, size_t i)
{
    if (column->numbers != NULL) {
        return isfinite(column->numbers[i]) ? NULL
                                            : cap_xlsx_shorthand(column);
    }
    return column->strings[i] == NULL ? cap_xlsx_shorthand(column)
                                      : column->strings[i];
}

static cap_status put_formula(cap_book *book, const cell_place *place,
                              const cap_xlsx_column *column, size_t i)
{
    cap_status status =
        expand_formula(book, cap_xlsx_cell_formula(column, i), place->row);
    if (status != CAP_OK) {
        return status;
    }
    const char *text = formula_text(column, i);
    const char *formula = book->formula.data;
    lxw_col_t col = (lxw_col_t)place->col;
    lxw_error code;
    if (text == NULL) {
        code = worksheet_write_formula_num(place->worksheet, place->row, col,
                                           formula, place->format,
                                           column->numbers[i] + 0.0);
    } else {
        const char *clean;
        status = cap_book_text(book, text, CAP_TEXT_MAX_UNITS, &clean);
        if (status != CAP_OK) {
            return status;
        }
        code = worksheet_write_formula_str(place->worksheet, place->row, col,
                                           formula, place->format, clean);
    }
    book->cells++;
    return result(book, code, place);
}

static cap_status put_link(cap_book *book, const cell_place *place,
                           const cap_xlsx_column *column, size_t i)
{
    const char *shown = column->strings[i];
    if (shown == NULL) {
        shown = column->urls[i] == NULL ? cap_xlsx_shorthand(column)
                                        : column->urls[i];
    }
    if (column->urls[i] == NULL || shown[0] == '\0') {
        return put_text(book, place, shown);
    }
    const char *clean;
    if (cap_text_clean(shown, CAP_TEXT_MAX_UNITS, 1, &book->text, &clean,
                       &book->counts) != CAP_OK) {
        return cap_book_no_memory(book);
    }
    book->cells++;
    return result(book,
                  worksheet_write_url_opt(
                      place->worksheet, place->row, (lxw_col_t)place->col,
                      column->urls[i], place->format, clean, NULL),
                  place);
}

static cap_status put_string(cap_book *book, const cell_place *place,
                             const cap_xlsx_column *column, size_t i)
{
    const char *text = column->strings[i];
    return put_text(book, place,
                    text == NULL ? cap_xlsx_shorthand(column) : text);
}

/* The four cases: what a cell of each kind is. */
static cap_status put_cell(cap_book *book, const cell_place *place,
                           const cap_xlsx_column *column, size_t i)
{
    switch (column->kind) {
    case CAP_XLSX_NUMBER:
        return put_number(book, place, column, i);
    case CAP_XLSX_STRING:
        return put_string(book, place, column, i);
    case CAP_XLSX_FORMULA:
        return put_formula(book, place, column, i);
    case CAP_XLSX_LINK:
        return put_link(book, place, column, i);
    default:
        return CAP_ERR_INPUT; /* not in a plan that was checked */
    }
}

static cap_status write_header(cap_book *book, const cap_xlsx_block *block)
{
    cell_place place = {block->sheet, block->row, 0,
                        book->sheets[block->sheet], NULL};
    for (size_t c = 0; c < block->n_columns; c++) {
        const cap_xlsx_column *column = &block->columns[c];
        place.col = block->col + (uint32_t)c;
        place.format = book->formats[column->header_format];
        if (column->header != NULL) {
            cap_status status = put_text(book, &place, column->header);
            if (status != CAP_OK) {
                return status;
            }
        }
    }
    return CAP_OK;
}

/* Row by row, as the library stores and sorts cells. */
static cap_status write_rows(cap_book *book, const cap_xlsx_block *block)
{
    cell_place place = {block->sheet, 0, 0, book->sheets[block->sheet], NULL};
    uint32_t first = block->row + (uint32_t)cap_xlsx_block_has_header(block);
    for (size_t i = 0; i < block->n_rows; i++) {
        place.row = first + (uint32_t)i;
        for (size_t c = 0; c < block->n_columns; c++) {
            const cap_xlsx_column *column = &block->columns[c];
            place.col = block->col + (uint32_t)c;
            place.format = book->formats[cap_xlsx_cell_format(column, i)];
            cap_status status = put_cell(book, &place, column, i);
            if (status == CAP_OK && ++book->calls % POLL_EVERY == 0) {
                status = stopped(book);
            }
            if (status != CAP_OK) {
                return status;
            }
        }
    }
    return CAP_OK;
}

/* The table writes its own header cells. */
static cap_status add_table(cap_book *book, const cap_xlsx_block *block)
{
    size_t n = block->n_columns;
    lxw_table_column *columns = cap_calloc(n, sizeof *columns);
    lxw_table_column **pointers = cap_calloc(n + 1, sizeof *pointers);
    cap_status status = CAP_OK;
    if (columns == NULL || pointers == NULL) {
        status = cap_book_no_memory(book);
        goto done;
    }
    for (size_t c = 0; c < n; c++) {
        columns[c].header = (char *)block->columns[c].header;
        columns[c].header_format =
            book->formats[block->columns[c].header_format];
        pointers[c] = &columns[c];
    }
    cap_xlsx_range range = cap_xlsx_block_range(block);
    lxw_table_options options = {
        .name = (char *)block->table,
        .no_autofilter = !block->autofilter,
        .no_banded_rows = LXW_TRUE,
        .style_type = LXW_TABLE_STYLE_TYPE_LIGHT,
        .style_type_number = 1,
        .columns = pointers,
    };
    lxw_error code =
        worksheet_add_table(book->sheets[block->sheet], range.first_row,
                            (lxw_col_t)range.first_col, range.last_row,
                            (lxw_col_t)range.last_col, &options);
    book->cells += n;
    if (code != LXW_NO_ERROR) {
        status =
            cap_book_result(book, code, block->sheet, block->row, block->col);
    }
done:
    cap_free(pointers);
    cap_free(columns);
    return status;
}

static cap_status add_filter(cap_book *book, const cap_xlsx_block *block)
{
    cap_xlsx_range range = cap_xlsx_block_range(block);
    if (!range.given) {
        return CAP_OK;
    }
    lxw_error code = worksheet_autofilter(
        book->sheets[block->sheet], range.first_row,
        (lxw_col_t)range.first_col, range.last_row, (lxw_col_t)range.last_col);
    return code == LXW_NO_ERROR ? CAP_OK
                                : cap_book_result(book, code, block->sheet,
                                                  block->row, block->col);
}

static cap_status write_block(cap_book *book, const cap_xlsx_block *block)
{
    cap_status status = block->table != NULL ? add_table(book, block)
                                             : write_header(book, block);
    if (status == CAP_OK && block->table == NULL && block->autofilter) {
        status = add_filter(book, block);
    }
    return status == CAP_OK ? write_rows(book, block) : status;
}

cap_status cap_book_blocks(cap_book *book)
{
    for (size_t i = 0; i < book->plan->n_blocks; i++) {
        cap_status status = write_block(book, &book->plan->blocks[i]);
        if (status != CAP_OK) {
            return status;
        }
    }
    return stopped(book);
}
