/* Names and sizes of a plan's parts that more than one file asks for. */
#include "xlsx/plan.h"

#include <stdio.h>
#include <string.h>

int cap_xlsx_block_has_header(const cap_xlsx_block *block)
{
    for (size_t i = 0; i < block->n_columns; i++) {
        if (block->columns[i].header != NULL) {
            return 1;
        }
    }
    return 0;
}

cap_xlsx_range cap_xlsx_block_range(const cap_xlsx_block *block)
{
    cap_xlsx_range range = {0};
    size_t rows = block->n_rows + (size_t)cap_xlsx_block_has_header(block);
    if (rows == 0 || block->n_columns == 0) {
        return range;
    }
    range.given = 1;
    range.sheet = block->sheet;
    range.first_row = block->row;
    range.first_col = block->col;
    range.last_row = block->row + (uint32_t)(rows - 1);
    range.last_col = block->col + (uint32_t)(block->n_columns - 1);
    return range;
}

static int inside(const cap_xlsx_range *range, size_t sheet, uint32_t row,
                  uint32_t col)
{
    return range->given && range->sheet == sheet && row >= range->first_row &&
           row <= range->last_row && col >= range->first_col &&
           col <= range->last_col;
}

const cap_xlsx_column *cap_xlsx_find_cell(const cap_xlsx_plan *plan,
                                          size_t sheet, uint32_t row,
                                          uint32_t col, size_t *position)
{
    for (size_t i = 0; i < plan->n_blocks; i++) {
        const cap_xlsx_block *block = &plan->blocks[i];
        if (block->sheet != sheet) {
            continue;
        }
        cap_xlsx_range range = cap_xlsx_block_range(block);
        uint32_t header = (uint32_t)cap_xlsx_block_has_header(block);
        if (inside(&range, sheet, row, col) && row >= block->row + header) {
            *position = row - block->row - header;
            return &block->columns[col - block->col];
        }
    }
    return NULL;
}

size_t cap_xlsx_cell_format(const cap_xlsx_column *column, size_t position)
{
    return column->formats == NULL ? column->format
                                   : column->formats[position];
}

const char *cap_xlsx_cell_formula(const cap_xlsx_column *column,
                                  size_t position)
{
    return column->formulas == NULL ? column->formula
                                    : column->formulas[position];
}

const char *cap_xlsx_shorthand(const cap_xlsx_column *column)
{
    return column->shorthand == NULL ? "[x]" : column->shorthand;
}

/* Column letters without a terminator; returns how many. */
static size_t column_letters(uint32_t col, char *out)
{
    char reversed[8];
    size_t n = 0;
    for (uint32_t left = col + 1; left > 0; left = (left - 1) / 26) {
        reversed[n++] = (char)('A' + (left - 1) % 26);
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    return n;
}

void cap_xlsx_cell_name(uint32_t row, uint32_t col, char *out)
{
    size_t n = column_letters(col % CAP_XLSX_MAX_COLS, out);
    snprintf(out + n, CAP_XLSX_CELL_NAME - n, "%lu", (unsigned long)row + 1);
}

/* $B$3 without a terminator; returns the bytes written. */
static size_t absolute_cell(uint32_t row, uint32_t col, char *out)
{
    out[0] = '$';
    size_t n = 1 + column_letters(col, out + 1);
    int digits = snprintf(out + n, 12, "$%lu", (unsigned long)row + 1);
    return n + (size_t)digits;
}

void cap_xlsx_reference(const cap_xlsx_plan *plan, const cap_xlsx_range *range,
                        char *out)
{
    const char *name = plan->sheets[range->sheet].name;
    size_t n = 0;
    out[n++] = '=';
    out[n++] = '\'';
    for (size_t i = 0; name[i] != '\0' && n < 200; i++) {
        if (name[i] == '\'') {
            out[n++] = '\'';
        }
        out[n++] = name[i];
    }
    out[n++] = '\'';
    out[n++] = '!';
    n += absolute_cell(range->first_row, range->first_col, out + n);
    if (range->first_row != range->last_row ||
        range->first_col != range->last_col) {
        out[n++] = ':';
        n += absolute_cell(range->last_row, range->last_col, out + n);
    }
    out[n] = '\0';
}
