/* The workbook plan: everything that goes into one .xlsx file, as plain const
 * data that the caller owns. All-zero members mean "the default". Rows and
 * columns are zero-based, as are sheet and format positions in their arrays;
 * a format *id* is 1 + its position, so that 0 means "no format". All text is
 * UTF-8; NULL means "not given". Colours are CAP_XLSX_RGB(0x12436D), 0 is
 * "not given". cap_xlsx_write() (write.h) makes the file, cap_xlsx_check()
 * (guard.h) says what is wrong with a plan before any file exists. */
#ifndef CAP_XLSX_PLAN_H
#define CAP_XLSX_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/names.h"

#define CAP_XLSX_RGB(rgb) (0x1000000u | (uint32_t)(rgb))
#define CAP_XLSX_MAX_ROWS 1048576u
#define CAP_XLSX_MAX_COLS 16384u

/* A rectangle on one sheet, corners included. `given` = 0 means no range. */
typedef struct {
    int given;
    size_t sheet;
    uint32_t first_row, first_col, last_row, last_col;
} cap_xlsx_range;

typedef enum {
    CAP_XLSX_ALIGN_NONE = 0,
    CAP_XLSX_ALIGN_LEFT,
    CAP_XLSX_ALIGN_CENTER,
    CAP_XLSX_ALIGN_RIGHT,
    CAP_XLSX_ALIGN_TOP,
    CAP_XLSX_ALIGN_MIDDLE,
    CAP_XLSX_ALIGN_BOTTOM,
    CAP_XLSX_ALIGN_COUNT
} cap_xlsx_align;

/* Its values by name, across and down. */
extern const cap_name cap_xlsx_h_aligns[];
extern const cap_name cap_xlsx_v_aligns[];

typedef enum {
    CAP_XLSX_BORDER_NONE = 0,
    CAP_XLSX_BORDER_THIN,
    CAP_XLSX_BORDER_MEDIUM,
    CAP_XLSX_BORDER_THICK,
    CAP_XLSX_BORDER_HAIR,
    CAP_XLSX_BORDER_COUNT
} cap_xlsx_border;

/* Its values by name. */
extern const cap_name cap_xlsx_borders[];

/* Numbered as Excel does. */
typedef enum {
    CAP_XLSX_READ_BY_TEXT = 0,
    CAP_XLSX_READ_LEFT_TO_RIGHT,
    CAP_XLSX_READ_RIGHT_TO_LEFT,
    CAP_XLSX_READ_COUNT
} cap_xlsx_reading_order;

/* Its values by name. */
extern const cap_name cap_xlsx_reading_orders[];

typedef struct {
    const char *num_format;
    int bold, italic, wrap, unlocked;
    double font_size;
    uint32_t font_color, background;
    cap_xlsx_align h_align, v_align;
    unsigned indent;
    cap_xlsx_reading_order reading_order;
    cap_xlsx_border top, bottom;
    uint32_t top_color, bottom_color;
} cap_xlsx_format;

typedef struct {
    uint32_t first, last; /* columns */
    double width;         /* in characters, as Excel shows it */
} cap_xlsx_width;

typedef struct {
    uint32_t row;
    double height; /* points */
} cap_xlsx_height;

typedef struct {
    const char *name; /* 1..31 UTF-16 units, see guard.h */
    uint32_t tab_color;
    const cap_xlsx_width *widths;
    size_t n_widths;
    const cap_xlsx_height *heights;
    size_t n_heights;
    uint32_t freeze_row, freeze_col; /* first row and column that scroll */
    int landscape, letter;           /* paper is A4 unless `letter` */
    int fit;                         /* 1: fit to the pages below */
    unsigned fit_width, fit_height;  /* pages, 0 = as many as needed */
    int margins_given;               /* inches */
    double margin_left, margin_right, margin_top, margin_bottom;
    uint32_t repeat_rows;      /* this many rows are printed on every page, */
    uint32_t repeat_first;     /* from this row on */
    cap_xlsx_range print_area; /* its `sheet` is not read */
    const char *footer;        /* NULL: "Page &P of &N"; "": none */
    int hide_gridlines, right_to_left, protect;
    unsigned zoom;               /* percent, 0 = 100 */
    const uint32_t *page_breaks; /* a new page starts at these rows */
    size_t n_page_breaks;
} cap_xlsx_sheet;

typedef enum {
    CAP_XLSX_NUMBER = 0,
    CAP_XLSX_STRING,
    CAP_XLSX_FORMULA,
    CAP_XLSX_LINK,
    CAP_XLSX_KIND_COUNT
} cap_xlsx_kind;

/* Its values by name. */
extern const cap_name cap_xlsx_kinds[];

/* One column of a block. A number that is not finite and a string that is
 * NULL are written as the shorthand text ("" gives an empty cell). */
typedef struct {
    cap_xlsx_kind kind;
    const double *numbers;       /* NUMBER; FORMULA: the computed values */
    const char *const *strings;  /* STRING; LINK: the text shown; FORMULA with
                                    `numbers` NULL: the computed text */
    const char *const *urls;     /* LINK: https, http, mailto, internal */
    const char *formula;         /* FORMULA: {r} becomes the 1-based row */
    const char *const *formulas; /* or one a cell */
    const char *shorthand;       /* NULL: "[x]" */
    size_t format;               /* id for the whole column */
    const uint32_t *formats;     /* or one id a cell */
    const char *header;          /* NULL in all columns: no header row */
    size_t header_format;
} cap_xlsx_column;

/* Columns side by side. With headers, `row` is the header's and the values
 * start one row below. With `table` it becomes an Excel table of that name:
 * then every column needs a header, and there must be a row. */
typedef struct {
    size_t sheet;
    uint32_t row, col;
    size_t n_rows; /* values in every column */
    const cap_xlsx_column *columns;
    size_t n_columns;
    const char *table;
    int autofilter; /* filter buttons; at most one plain block a sheet */
} cap_xlsx_block;

typedef enum {
    CAP_XLSX_BAR = 0, /* horizontal, clustered */
    CAP_XLSX_BAR_STACKED,
    CAP_XLSX_COLUMN,
    CAP_XLSX_COLUMN_STACKED,
    CAP_XLSX_LINE,
    CAP_XLSX_SCATTER,
    CAP_XLSX_CHART_COUNT
} cap_xlsx_chart_kind;

/* Its values by name. */
extern const cap_name cap_xlsx_chart_kinds[];

typedef enum {
    CAP_XLSX_LEGEND_NONE = 0,
    CAP_XLSX_LEGEND_RIGHT,
    CAP_XLSX_LEGEND_TOP,
    CAP_XLSX_LEGEND_BOTTOM,
    CAP_XLSX_LEGEND_COUNT
} cap_xlsx_legend;

/* Its values by name. */
extern const cap_name cap_xlsx_legends[];

typedef enum {
    CAP_XLSX_MARKER_AUTO = 0,
    CAP_XLSX_MARKER_NONE,
    CAP_XLSX_MARKER_SQUARE,
    CAP_XLSX_MARKER_DIAMOND,
    CAP_XLSX_MARKER_TRIANGLE,
    CAP_XLSX_MARKER_CIRCLE,
    CAP_XLSX_MARKER_LONG_DASH,
    CAP_XLSX_MARKER_X,
    CAP_XLSX_MARKER_COUNT
} cap_xlsx_marker;

/* Its values by name. */
extern const cap_name cap_xlsx_markers[];

typedef enum {
    CAP_XLSX_LABELS_NONE = 0,
    CAP_XLSX_LABELS_DEFAULT,
    CAP_XLSX_LABELS_OUTSIDE_END, /* bars and columns only */
    CAP_XLSX_LABELS_INSIDE_END,  /* bars and columns only */
    CAP_XLSX_LABELS_INSIDE_BASE, /* bars and columns only */
    CAP_XLSX_LABELS_CENTER,
    CAP_XLSX_LABELS_RIGHT, /* lines and scatter only, as the next three */
    CAP_XLSX_LABELS_LEFT,
    CAP_XLSX_LABELS_ABOVE,
    CAP_XLSX_LABELS_BELOW,
    CAP_XLSX_LABELS_COUNT
} cap_xlsx_labels;

/* Its values by name. */
extern const cap_name cap_xlsx_labels_words[];

typedef enum {
    CAP_XLSX_SPAN_NONE = 0,
    CAP_XLSX_SPAN_TICK,    /* bar, with limits on the value axis: a stroke
                              across the end of the bar */
    CAP_XLSX_SPAN_TO_ZERO, /* scatter: a horizontal stroke back to x = 0 */
    CAP_XLSX_SPAN_COUNT
} cap_xlsx_span;

/* Its values by name. */
extern const cap_name cap_xlsx_spans[];

typedef struct {
    const char *name;         /* literal; shown in the legend */
    cap_xlsx_range name_cell; /* or a cell */
    cap_xlsx_range categories, values;
    uint32_t fill_color, line_color;
    int no_fill, no_line;
    double line_width; /* points, 0 = default */
    int dashed;
    cap_xlsx_marker marker;
    unsigned marker_size; /* 2..72, 0 = default */
    cap_xlsx_labels labels;
    const char *label_format;
    uint32_t label_color;
    const char *const *label_text; /* one a point, instead of the values */
    size_t n_label_text;
    cap_xlsx_span span; /* drawn in line_color and line_width */
} cap_xlsx_series;

/* `min` and `max` hold when `fixed`. */
typedef struct {
    const char *title;
    int fixed;
    double min, max;
    double major_unit; /* 0 = automatic */
    const char *num_format;
    int reversed, hidden, no_gridlines;
    int low; /* labels at the low end, where bars or points may be below 0 */
} cap_xlsx_axis;

/* `category` is the axis of the categories (scatter: x), `value` that of the
 * values (scatter: y), also in horizontal bar charts. */
typedef struct {
    size_t sheet;
    uint32_t row, col;
    uint32_t n_rows, n_cols; /* size in whole cells */
    cap_xlsx_chart_kind kind;
    const char *title, *alt_text;
    cap_xlsx_axis category, value;
    cap_xlsx_legend legend;
    int gap;     /* percent, 0 = default, -1 = none */
    int overlap; /* percent, -100..100, 0 = default */
    const cap_xlsx_series *series;
    size_t n_series;
} cap_xlsx_chart;

typedef enum {
    CAP_XLSX_RULE_DATA_BAR = 0, /* solid `color`, axis from min to max */
    CAP_XLSX_RULE_SCALE_2,      /* color .. max_color over min .. max */
    CAP_XLSX_RULE_SCALE_3,      /* color, mid_color, max_color */
    CAP_XLSX_RULE_CELL,         /* `format` where the comparison holds */
    CAP_XLSX_RULE_TEXT,         /* `format` where the cell equals `text` */
    CAP_XLSX_RULE_COUNT
} cap_xlsx_rule_kind;

/* Its values by name. */
extern const cap_name cap_xlsx_rule_kinds[];

typedef enum {
    CAP_XLSX_EQUAL = 0,
    CAP_XLSX_NOT_EQUAL,
    CAP_XLSX_GREATER,
    CAP_XLSX_GREATER_EQUAL,
    CAP_XLSX_LESS,
    CAP_XLSX_LESS_EQUAL,
    CAP_XLSX_BETWEEN, /* min .. max; the others compare with min */
    CAP_XLSX_COMPARE_COUNT
} cap_xlsx_compare;

/* Its values by name. */
extern const cap_name cap_xlsx_compares[];

typedef struct {
    cap_xlsx_range range;
    cap_xlsx_rule_kind kind;
    double min, mid, max; /* finite */
    uint32_t color, mid_color, max_color;
    cap_xlsx_compare compare;
    const char *text;
    size_t format;
} cap_xlsx_rule;

typedef enum {
    CAP_XLSX_VALID_LIST = 0, /* drop-down of the cells of `source` */
    CAP_XLSX_VALID_DECIMAL,
    CAP_XLSX_VALID_WHOLE,
    CAP_XLSX_VALID_COUNT
} cap_xlsx_validation_kind;

/* Its values by name. */
extern const cap_name cap_xlsx_validation_kinds[];

typedef struct {
    cap_xlsx_range range;
    cap_xlsx_validation_kind kind;
    cap_xlsx_range source;
    double min, max;
    const char *input_title, *input_message; /* at most 32 and 255 */
    const char *error_title, *error_message;
    int warn_only, refuse_blank;
} cap_xlsx_validation;

typedef struct {
    const char *name;
    cap_xlsx_range range;
} cap_xlsx_name;

typedef struct {
    const char *title, *subject, *author, *company, *keywords, *comments,
        *status;
    int64_t created; /* seconds since 1970, 0 = now; fix it for equal bytes */
} cap_xlsx_properties;

typedef struct {
    cap_xlsx_properties properties;
    const cap_xlsx_format *formats;
    size_t n_formats;
    const cap_xlsx_sheet *sheets;
    size_t n_sheets;
    const cap_xlsx_block *blocks;
    size_t n_blocks;
    const cap_xlsx_chart *charts;
    size_t n_charts;
    const cap_xlsx_rule *rules;
    size_t n_rules;
    const cap_xlsx_validation *validations;
    size_t n_validations;
    const cap_xlsx_name *names;
    size_t n_names;
    const char *temp_folder; /* for the library's own temporary files;
                                NULL: $TMPDIR or the system's */
} cap_xlsx_plan;

/* 1 when one of the columns has a header. */
int cap_xlsx_block_has_header(const cap_xlsx_block *block);

/* The rectangle that a block fills (needs n_columns > 0); a block without
 * header and rows fills nothing and gives `given` = 0. */
cap_xlsx_range cap_xlsx_block_range(const cap_xlsx_block *block);

/* The column and the position in it that fill a cell, or NULL: an index over
 * the blocks is not needed for the few cells that charts ask about. */
const cap_xlsx_column *cap_xlsx_find_cell(const cap_xlsx_plan *plan,
                                          size_t sheet, uint32_t row,
                                          uint32_t col, size_t *position);

/* The format id of one cell of a column. */
size_t cap_xlsx_cell_format(const cap_xlsx_column *column, size_t position);

/* The formula of one cell of a column, {r} in it; NULL where there is none. */
const char *cap_xlsx_cell_formula(const cap_xlsx_column *column,
                                  size_t position);

/* The shorthand of a column, "[x]" unless it has its own. */
const char *cap_xlsx_shorthand(const cap_xlsx_column *column);

/* "B3" for row 2, column 1; `out` has room for CAP_XLSX_CELL_NAME bytes. */
#define CAP_XLSX_CELL_NAME 16
void cap_xlsx_cell_name(uint32_t row, uint32_t col, char *out);

/* ='Sheet name'!$A$1:$B$2 for a valid range of a valid plan; needs
 * CAP_XLSX_REFERENCE bytes. One cell gives ='Sheet name'!$A$1. */
#define CAP_XLSX_REFERENCE 256
void cap_xlsx_reference(const cap_xlsx_plan *plan, const cap_xlsx_range *range,
                        char *out);

#endif
