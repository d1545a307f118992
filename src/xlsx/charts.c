/* Charts of a plan.
 *
 * libxlsxwriter sets series and axes by functions that return nothing, so that
 * a mistake stays silent: each kind of thing has one helper here, and guard.c
 * has checked its input. Values are given to the library's cache, or viewers
 * that trust it would draw zeros. Bars for what has no chart element of its
 * own, such as a range or a mark, are error bars. */
#include "xlsx/book.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocation.h"

#define DEFAULT_WIDTH 480.0 /* pixels of a chart at scale 1 */
#define DEFAULT_HEIGHT 288.0
#define TITLE_UNITS 255
#define TICK_LENGTH 0.002 /* of the value axis, to each side */
#define ALT_UNITS 500     /* an attribute holds 2,079 bytes */

static const uint8_t kind_of[CAP_XLSX_CHART_COUNT] = {
    [CAP_XLSX_BAR] = LXW_CHART_BAR,
    [CAP_XLSX_BAR_STACKED] = LXW_CHART_BAR_STACKED,
    [CAP_XLSX_COLUMN] = LXW_CHART_COLUMN,
    [CAP_XLSX_COLUMN_STACKED] = LXW_CHART_COLUMN_STACKED,
    [CAP_XLSX_LINE] = LXW_CHART_LINE,
    [CAP_XLSX_SCATTER] = LXW_CHART_SCATTER,
};

static const uint8_t marker_of[CAP_XLSX_MARKER_COUNT] = {
    [CAP_XLSX_MARKER_AUTO] = LXW_CHART_MARKER_AUTOMATIC,
    [CAP_XLSX_MARKER_NONE] = LXW_CHART_MARKER_NONE,
    [CAP_XLSX_MARKER_SQUARE] = LXW_CHART_MARKER_SQUARE,
    [CAP_XLSX_MARKER_DIAMOND] = LXW_CHART_MARKER_DIAMOND,
    [CAP_XLSX_MARKER_TRIANGLE] = LXW_CHART_MARKER_TRIANGLE,
    [CAP_XLSX_MARKER_CIRCLE] = LXW_CHART_MARKER_CIRCLE,
    [CAP_XLSX_MARKER_LONG_DASH] = LXW_CHART_MARKER_LONG_DASH,
    [CAP_XLSX_MARKER_X] = LXW_CHART_MARKER_X,
};

static const uint8_t label_position_of[CAP_XLSX_LABELS_COUNT] = {
    [CAP_XLSX_LABELS_DEFAULT] = LXW_CHART_LABEL_POSITION_DEFAULT,
    [CAP_XLSX_LABELS_OUTSIDE_END] = LXW_CHART_LABEL_POSITION_OUTSIDE_END,
    [CAP_XLSX_LABELS_INSIDE_END] = LXW_CHART_LABEL_POSITION_INSIDE_END,
    [CAP_XLSX_LABELS_INSIDE_BASE] = LXW_CHART_LABEL_POSITION_INSIDE_BASE,
    [CAP_XLSX_LABELS_CENTER] = LXW_CHART_LABEL_POSITION_CENTER,
    [CAP_XLSX_LABELS_RIGHT] = LXW_CHART_LABEL_POSITION_RIGHT,
    [CAP_XLSX_LABELS_LEFT] = LXW_CHART_LABEL_POSITION_LEFT,
    [CAP_XLSX_LABELS_ABOVE] = LXW_CHART_LABEL_POSITION_ABOVE,
    [CAP_XLSX_LABELS_BELOW] = LXW_CHART_LABEL_POSITION_BELOW,
};

static const uint8_t legend_of[CAP_XLSX_LEGEND_COUNT] = {
    [CAP_XLSX_LEGEND_NONE] = LXW_CHART_LEGEND_NONE,
    [CAP_XLSX_LEGEND_RIGHT] = LXW_CHART_LEGEND_RIGHT,
    [CAP_XLSX_LEGEND_TOP] = LXW_CHART_LEGEND_TOP,
    [CAP_XLSX_LEGEND_BOTTOM] = LXW_CHART_LEGEND_BOTTOM,
};

static int is_bar(cap_xlsx_chart_kind kind)
{
    return kind == CAP_XLSX_BAR || kind == CAP_XLSX_BAR_STACKED;
}

static int has_area(cap_xlsx_chart_kind kind)
{
    return is_bar(kind) || kind == CAP_XLSX_COLUMN ||
           kind == CAP_XLSX_COLUMN_STACKED;
}

/* ---- size -------------------------------------------------------------- */

/* As the library and Excel measure: Calibri 11, 96 dots an inch. */
static double column_pixels(const cap_xlsx_sheet *sheet, uint32_t col)
{
    double width = 8.43;
    for (size_t i = 0; i < sheet->n_widths; i++) {
        if (col >= sheet->widths[i].first && col <= sheet->widths[i].last) {
            width = sheet->widths[i].width;
        }
    }
    return width < 1 ? floor(width * 12 + 0.5) : floor(width * 7 + 0.5) + 5;
}

static double row_pixels(const cap_xlsx_sheet *sheet, uint32_t row)
{
    double height = 15;
    for (size_t i = 0; i < sheet->n_heights; i++) {
        if (sheet->heights[i].row == row) {
            height = sheet->heights[i].height;
        }
    }
    return floor(height / 0.75);
}

/* The scales that make a chart fill whole cells. */
static lxw_chart_options placement(const cap_book *book,
                                   const cap_xlsx_chart *chart)
{
    const cap_xlsx_sheet *sheet = &book->plan->sheets[chart->sheet];
    double width = 0;
    double height = 0;
    for (uint32_t i = 0; i < chart->n_cols; i++) {
        width += column_pixels(sheet, chart->col + i);
    }
    for (uint32_t i = 0; i < chart->n_rows; i++) {
        height += row_pixels(sheet, chart->row + i);
    }
    /* The small addition keeps the product from falling below the sum. */
    lxw_chart_options options = {
        .x_scale = (width + 1e-6) / DEFAULT_WIDTH,
        .y_scale = (height + 1e-6) / DEFAULT_HEIGHT,
        .object_position = LXW_OBJECT_MOVE_DONT_SIZE,
    };
    return options;
}

/* ---- cached values ----------------------------------------------------- */

/* The library caches numbers and texts but takes 0 for every formula; a
 * viewer that trusts the cache would draw zeros. */
static int holds_formula(const cap_book *book, const cap_xlsx_range *range)
{
    for (uint32_t row = range->first_row; row <= range->last_row; row++) {
        for (uint32_t col = range->first_col; col <= range->last_col; col++) {
            size_t i;
            const cap_xlsx_column *column =
                cap_xlsx_find_cell(book->plan, range->sheet, row, col, &i);
            if (column != NULL && column->kind == CAP_XLSX_FORMULA) {
                return 1;
            }
        }
    }
    return 0;
}

/* The library frees the point and its text. */
static cap_status fill_point(cap_book *book, lxw_series_data_point *point,
                             const cap_xlsx_column *column, size_t i)
{
    const char *text = NULL;
    if (column->numbers != NULL) {
        point->number = column->numbers[i];
        if (isfinite(point->number)) {
            return CAP_OK;
        }
        point->number = 0;
        text = cap_xlsx_shorthand(column);
    } else if (column->strings != NULL) {
        text = column->strings[i] == NULL ? cap_xlsx_shorthand(column)
                                          : column->strings[i];
    }
    const char *clean;
    cap_status status =
        cap_book_text(book, text == NULL ? "" : text, TITLE_UNITS, &clean);
    if (status != CAP_OK) {
        return status;
    }
    point->string = lxw_strdup(clean);
    point->is_string = 1;
    return point->string == NULL ? cap_book_no_memory(book) : CAP_OK;
}

static cap_status add_point(cap_book *book, const cap_xlsx_range *range,
                            uint32_t row, uint32_t col, lxw_series_range *to)
{
    size_t i;
    const cap_xlsx_column *column =
        cap_xlsx_find_cell(book->plan, range->sheet, row, col, &i);
    lxw_series_data_point *point = calloc(1, sizeof *point);
    if (point == NULL) {
        return cap_book_no_memory(book);
    }
    STAILQ_INSERT_TAIL(to->data_cache, point, list_pointers);
    to->num_data_points++;
    if (column == NULL) {
        point->no_data = 1;
        return CAP_OK;
    }
    cap_status status = fill_point(book, point, column, i);
    to->has_string_cache |= point->is_string;
    return status;
}

static cap_status cache_formulas(cap_book *book, const cap_xlsx_range *range,
                                 lxw_series_range *to)
{
    if (!range->given || !holds_formula(book, range)) {
        return CAP_OK;
    }
    to->ignore_cache = 1; /* what is here now stays */
    for (uint32_t row = range->first_row; row <= range->last_row; row++) {
        for (uint32_t col = range->first_col; col <= range->last_col; col++) {
            cap_status status = add_point(book, range, row, col, to);
            if (status != CAP_OK) {
                return status;
            }
        }
    }
    return CAP_OK;
}

/* ---- series ------------------------------------------------------------ */

static lxw_chart_line line_of(const cap_xlsx_series *series)
{
    lxw_chart_line line = {
        .color = cap_book_color(series->line_color),
        .none = (uint8_t)(series->no_line != 0),
        .width = (float)series->line_width,
        .dash_type = series->dashed ? LXW_CHART_LINE_DASH_DASH
                                    : LXW_CHART_LINE_DASH_SOLID,
    };
    return line;
}

static void style_area(lxw_chart_series *to, const cap_xlsx_series *series)
{
    lxw_chart_fill fill = {.color = cap_book_color(series->fill_color),
                           .none = (uint8_t)(series->no_fill != 0)};
    lxw_chart_line line = line_of(series);
    if (fill.color != LXW_COLOR_UNSET || fill.none) {
        chart_series_set_fill(to, &fill);
    }
    /* The line of a span is not the outline of its invisible bar. */
    line.none |= series->span != CAP_XLSX_SPAN_NONE;
    if (line.color != LXW_COLOR_UNSET || line.none || line.width > 0) {
        chart_series_set_line(to, &line);
    }
}

static void style_marker(lxw_chart_series *to, const cap_xlsx_series *series)
{
    lxw_color_t color = cap_book_color(
        series->fill_color != 0 ? series->fill_color : series->line_color);
    if (series->marker != CAP_XLSX_MARKER_AUTO) {
        chart_series_set_marker_type(to, marker_of[series->marker]);
    }
    if (series->marker_size != 0) {
        chart_series_set_marker_size(to, (uint8_t)series->marker_size);
    }
    if (color != LXW_COLOR_UNSET && series->marker != CAP_XLSX_MARKER_NONE) {
        lxw_chart_fill fill = {.color = color};
        lxw_chart_line line = {.color = color};
        chart_series_set_marker_fill(to, &fill);
        chart_series_set_marker_line(to, &line);
    }
}

static void style_line(lxw_chart_series *to, const cap_xlsx_series *series)
{
    lxw_chart_line line = line_of(series);
    /* The stroke of a span has these; the points are not joined. */
    line.none |= series->span != CAP_XLSX_SPAN_NONE;
    if (line.color != LXW_COLOR_UNSET || line.none || line.width > 0 ||
        series->dashed) {
        chart_series_set_line(to, &line);
    }
    style_marker(to, series);
}

/* A bar for what has no chart element of its own: error bars that reach back
 * to zero, or so short that only the strokes at their ends are seen. */
static void add_span(const cap_xlsx_chart *chart, lxw_chart_series *to,
                     const cap_xlsx_series *series)
{
    lxw_chart_line line = {.color = cap_book_color(series->line_color),
                           .width = (float)series->line_width};
    lxw_series_error_bars *bars =
        chart_series_get_error_bars(to, LXW_CHART_ERROR_BAR_AXIS_X);
    if (series->span == CAP_XLSX_SPAN_TO_ZERO) {
        chart_series_set_error_bars(bars, LXW_CHART_ERROR_BAR_TYPE_PERCENTAGE,
                                    100);
        chart_series_set_error_bars_direction(bars,
                                              LXW_CHART_ERROR_BAR_DIR_MINUS);
        chart_series_set_error_bars_endcap(bars, LXW_CHART_ERROR_BAR_NO_CAP);
    } else {
        double length = (chart->value.max - chart->value.min) * TICK_LENGTH;
        chart_series_set_error_bars(bars, LXW_CHART_ERROR_BAR_TYPE_FIXED,
                                    length);
        chart_series_set_error_bars_direction(bars,
                                              LXW_CHART_ERROR_BAR_DIR_BOTH);
        chart_series_set_error_bars_endcap(bars, LXW_CHART_ERROR_BAR_END_CAP);
    }
    chart_series_set_error_bars_line(bars, &line);
}

/* Texts of the points instead of their values. The library copies them. */
static cap_status set_label_texts(cap_book *book, lxw_chart_series *to,
                                  const cap_xlsx_series *series)
{
    size_t n = series->n_label_text;
    lxw_chart_data_label *labels = cap_calloc(n, sizeof *labels);
    lxw_chart_data_label **pointers = cap_calloc(n + 1, sizeof *pointers);
    cap_text_buffer *buffers = cap_calloc(n, sizeof *buffers);
    cap_status status = CAP_OK;
    if (labels == NULL || pointers == NULL || buffers == NULL) {
        status = cap_book_no_memory(book);
    }
    for (size_t i = 0; i < n && status == CAP_OK; i++) {
        const char *clean = NULL;
        status = cap_text_clean(series->label_text[i], TITLE_UNITS, 0,
                                &buffers[i], &clean, &book->counts) == CAP_OK
                     ? CAP_OK
                     : cap_book_no_memory(book);
        labels[i].value = (char *)clean;
        pointers[i] = &labels[i];
    }
    if (status == CAP_OK &&
        chart_series_set_labels_custom(to, pointers) != LXW_NO_ERROR) {
        status = cap_book_no_memory(book);
    }
    for (size_t i = 0; buffers != NULL && i < n; i++) {
        cap_text_free(&buffers[i]);
    }
    cap_free(buffers);
    cap_free(pointers);
    cap_free(labels);
    return status;
}

static cap_status set_labels(cap_book *book, lxw_chart_series *to,
                             const cap_xlsx_series *series)
{
    if (series->labels == CAP_XLSX_LABELS_NONE) {
        return CAP_OK;
    }
    chart_series_set_labels(to);
    chart_series_set_labels_position(to, label_position_of[series->labels]);
    if (series->label_format != NULL) {
        chart_series_set_labels_num_format(to, series->label_format);
    }
    if (series->label_color != 0) {
        lxw_chart_font font = {.color = cap_book_color(series->label_color)};
        chart_series_set_labels_font(to, &font);
    }
    return series->n_label_text == 0 ? CAP_OK
                                     : set_label_texts(book, to, series);
}

static cap_status set_name(cap_book *book, lxw_chart_series *to,
                           const cap_xlsx_series *series)
{
    const cap_xlsx_range *cell = &series->name_cell;
    if (cell->given) {
        chart_series_set_name_range(to, book->plan->sheets[cell->sheet].name,
                                    cell->first_row,
                                    (lxw_col_t)cell->first_col);
        return CAP_OK;
    }
    const char *name;
    cap_status status = cap_book_text(book, series->name, TITLE_UNITS, &name);
    if (status == CAP_OK && name != NULL && name[0] != '\0') {
        chart_series_set_name(to, name);
    }
    return status;
}

static void set_ranges(cap_book *book, lxw_chart_series *to,
                       const cap_xlsx_series *series)
{
    const cap_xlsx_range *v = &series->values;
    const cap_xlsx_range *c = &series->categories;
    const cap_xlsx_sheet *sheets = book->plan->sheets;
    chart_series_set_values(to, sheets[v->sheet].name, v->first_row,
                            (lxw_col_t)v->first_col, v->last_row,
                            (lxw_col_t)v->last_col);
    if (c->given) {
        chart_series_set_categories(to, sheets[c->sheet].name, c->first_row,
                                    (lxw_col_t)c->first_col, c->last_row,
                                    (lxw_col_t)c->last_col);
    }
}

static cap_status add_series(cap_book *book, const cap_xlsx_chart *chart,
                             lxw_chart *to, const cap_xlsx_series *series)
{
    lxw_chart_series *added = chart_add_series(to, NULL, NULL);
    if (added == NULL) {
        return cap_book_no_memory(book);
    }
    set_ranges(book, added, series);
    if (has_area(chart->kind)) {
        style_area(added, series);
    } else {
        style_line(added, series);
    }
    if (series->span != CAP_XLSX_SPAN_NONE) {
        add_span(chart, added, series);
    }
    cap_status status = set_name(book, added, series);
    if (status == CAP_OK) {
        status = set_labels(book, added, series);
    }
    if (status == CAP_OK) {
        status = cache_formulas(book, &series->values, added->values);
    }
    return status == CAP_OK
               ? cache_formulas(book, &series->categories, added->categories)
               : status;
}

/* ---- axes -------------------------------------------------------------- */

static cap_status set_axis(cap_book *book, lxw_chart_axis *to,
                           const cap_xlsx_axis *axis)
{
    const char *title;
    cap_status status = cap_book_text(book, axis->title, TITLE_UNITS, &title);
    if (status == CAP_OK && title != NULL && title[0] != '\0') {
        lxw_chart_font font = {.size = 9, .bold = LXW_EXPLICIT_FALSE};
        chart_axis_set_name(to, title);
        chart_axis_set_name_font(to, &font);
    }
    if (axis->fixed) {
        chart_axis_set_min(to, axis->min);
        chart_axis_set_max(to, axis->max);
    }
    if (axis->major_unit > 0) {
        chart_axis_set_major_unit(to, axis->major_unit);
    }
    if (axis->num_format != NULL) {
        chart_axis_set_num_format(to, axis->num_format);
    }
    if (axis->reversed) {
        chart_axis_set_reverse(to);
    }
    if (axis->hidden) {
        chart_axis_off(to);
    }
    if (axis->low) {
        chart_axis_set_label_position(to, LXW_CHART_AXIS_LABEL_POSITION_LOW);
    }
    return status;
}

static void set_gridlines(lxw_chart_axis *to, int visible)
{
    lxw_chart_line line = {.color = 0xD9D9D9, .width = 0.75f};
    chart_axis_major_gridlines_set_visible(to, (uint8_t)visible);
    if (visible) {
        chart_axis_major_gridlines_set_line(to, &line);
    }
}

/* The library's x_axis of a horizontal bar chart is the value axis. */
static cap_status set_axes(cap_book *book, const cap_xlsx_chart *chart,
                           lxw_chart *to)
{
    int bar = is_bar(chart->kind);
    lxw_chart_axis *category = bar ? to->y_axis : to->x_axis;
    lxw_chart_axis *value = bar ? to->x_axis : to->y_axis;
    cap_status status = set_axis(book, category, &chart->category);
    if (status == CAP_OK) {
        status = set_axis(book, value, &chart->value);
    }
    if (chart->category.reversed) {
        /* keeps the value axis at the bottom (bar) or left */
        chart_axis_set_crossing_max(category);
    }
    set_gridlines(value, !chart->value.no_gridlines);
    set_gridlines(category, chart->kind == CAP_XLSX_SCATTER &&
                                !chart->category.no_gridlines);
    return status;
}

/* ---- charts ------------------------------------------------------------ */

static cap_status set_title(cap_book *book, const cap_xlsx_chart *chart,
                            lxw_chart *to)
{
    const char *title;
    lxw_chart_font font = {.size = 11, .bold = LXW_TRUE, .color = 0x3D3D3D};
    cap_status status = cap_book_text(book, chart->title, TITLE_UNITS, &title);
    if (status == CAP_OK) {
        chart_title_set_name(to, title);
        chart_title_set_name_font(to, &font);
    }
    return status;
}

static void set_look(const cap_xlsx_chart *chart, lxw_chart *to)
{
    lxw_chart_line frame = {.none = 1};
    chart_chartarea_set_line(to, &frame);
    chart_legend_set_position(to, legend_of[chart->legend]);
    if (has_area(chart->kind)) {
        if (chart->gap != 0) {
            chart_set_series_gap(to,
                                 (uint16_t)(chart->gap < 0 ? 0 : chart->gap));
        }
        if (chart->overlap != 0) {
            chart_set_series_overlap(to, (int8_t)chart->overlap);
        }
    }
    chart_show_blanks_as(to, LXW_CHART_BLANKS_AS_GAP);
}

static cap_status insert(cap_book *book, const cap_xlsx_chart *chart,
                         lxw_chart *made)
{
    const char *alt;
    cap_status status = cap_book_text(book, chart->alt_text, ALT_UNITS, &alt);
    if (status != CAP_OK) {
        return status;
    }
    lxw_chart_options options = placement(book, chart);
    options.description = (char *)alt;
    lxw_error code =
        worksheet_insert_chart_opt(book->sheets[chart->sheet], chart->row,
                                   (lxw_col_t)chart->col, made, &options);
    return code == LXW_NO_ERROR ? CAP_OK
                                : cap_book_result(book, code, chart->sheet,
                                                  chart->row, chart->col);
}

static cap_status add_chart(cap_book *book, const cap_xlsx_chart *chart)
{
    lxw_chart *made = workbook_add_chart(book->workbook, kind_of[chart->kind]);
    if (made == NULL) {
        return cap_book_no_memory(book);
    }
    cap_status status = set_title(book, chart, made);
    if (status == CAP_OK) {
        set_look(chart, made);
        status = set_axes(book, chart, made);
    }
    for (size_t i = 0; i < chart->n_series && status == CAP_OK; i++) {
        status = add_series(book, chart, made, &chart->series[i]);
    }
    return status == CAP_OK ? insert(book, chart, made) : status;
}

cap_status cap_book_charts(cap_book *book)
{
    for (size_t i = 0; i < book->plan->n_charts; i++) {
        cap_status status = add_chart(book, &book->plan->charts[i]);
        if (status != CAP_OK) {
            return status;
        }
    }
    return CAP_OK;
}
