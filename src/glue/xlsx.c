/* R plans (lists made by plan_for_c() in R/sheet-plan-for-c.R: zero-based
 * positions, enumerations by name) to the C plan. All memory is R's own, so
 * that an R error on the way leaks nothing. */
#include "glue/glue.h"

#include <math.h>
#include <string.h>

#include "xlsx/lines.h"
#include "xlsx/text.h"
#include "xlsx/write.h"

/* ---- reading lists ----------------------------------------------------- */

static double number(SEXP list, const char *name, double otherwise)
{
    SEXP x = glue_element(list, name);
    if (Rf_xlength(x) != 1 ||
        !(Rf_isReal(x) || Rf_isInteger(x) || Rf_isLogical(x))) {
        return otherwise;
    }
    double value = Rf_asReal(x);
    return ISNAN(value) ? otherwise : value;
}

static int flag(SEXP list, const char *name)
{
    return number(list, name, 0) != 0;
}

/* A position or count; what is out of range becomes `bad`, which the guard
 * refuses. */
static uint32_t position(SEXP list, const char *name, uint32_t bad)
{
    double value = number(list, name, 0);
    return value >= 0 && value <= 4294967294.0 ? (uint32_t)value : bad;
}

static size_t size_of(SEXP list, const char *name)
{
    double value = number(list, name, 0);
    return value >= 0 && value <= 4294967294.0 ? (size_t)value : (size_t)-2;
}

static int whole(SEXP list, const char *name)
{
    double value = number(list, name, 0);
    return value >= -1000000 && value <= 1000000 ? (int)value : 1000000;
}

/* The first of the words where none is given. */
static int choice(SEXP list, const char *name, const cap_name *words)
{
    SEXP word = glue_element(list, name);
    return Rf_isNull(word) ? words->value : glue_choice(word, words, name);
}

/* UTF-8 where R knows how; bytes as they are, for the cleaner to judge. */
static const char *utf8(SEXP text)
{
    if (text == NA_STRING) {
        return NULL;
    }
    return Rf_getCharCE(text) == CE_BYTES ? CHAR(text)
                                          : Rf_translateCharUTF8(text);
}

static const char *string(SEXP list, const char *name)
{
    SEXP x = glue_element(list, name);
    return Rf_isString(x) && Rf_xlength(x) == 1 ? utf8(STRING_ELT(x, 0))
                                                : NULL;
}

/* One of the strings of a column or of labels for each of `n` cells, or NULL
 * when the vector has another length. */
static const char *const *strings(SEXP x, size_t n)
{
    if (!Rf_isString(x) || (size_t)Rf_xlength(x) != n) {
        return NULL;
    }
    const char **out = (const char **)R_alloc(n + 1, sizeof *out);
    for (size_t i = 0; i < n; i++) {
        out[i] = utf8(STRING_ELT(x, (R_xlen_t)i));
    }
    return out;
}

static const double *numbers(SEXP x, size_t n)
{
    return Rf_isReal(x) && (size_t)Rf_xlength(x) == n ? REAL(x) : NULL;
}

/* "no colour" is NA or absent. */
static uint32_t color(SEXP list, const char *name)
{
    double value = number(list, name, -1);
    return value >= 0 && value <= 0xFFFFFF ? CAP_XLSX_RGB(value) : 0;
}

static void *rows(SEXP list, size_t size, size_t *n)
{
    *n = Rf_isNull(list)
             ? 0
             : (size_t)Rf_xlength(glue_elements(list, GLUE_ANY, "plan"));
    void *out = R_alloc(*n + 1, (int)size);
    memset(out, 0, (*n + 1) * size);
    return out;
}

static SEXP item(SEXP list, size_t i) { return VECTOR_ELT(list, (R_xlen_t)i); }

/* c(sheet, first_row, first_col, last_row, last_col), or nothing */
static cap_xlsx_range range(SEXP list, const char *name)
{
    cap_xlsx_range out = {0};
    SEXP x = glue_element(list, name);
    if (!Rf_isReal(x) || Rf_xlength(x) != 5) {
        return out;
    }
    uint32_t at[5];
    for (int i = 0; i < 5; i++) {
        double value = REAL(x)[i];
        at[i] =
            value >= 0 && value <= 4294967294.0 ? (uint32_t)value : UINT32_MAX;
    }
    out.given = 1;
    out.sheet = at[0];
    out.first_row = at[1];
    out.first_col = at[2];
    out.last_row = at[3];
    out.last_col = at[4];
    return out;
}

/* ---- parts of a plan --------------------------------------------------- */

static void read_format(SEXP from, cap_xlsx_format *to)
{
    to->num_format = string(from, "num_format");
    to->bold = flag(from, "bold");
    to->italic = flag(from, "italic");
    to->wrap = flag(from, "wrap");
    to->unlocked = flag(from, "unlocked");
    to->font_size = number(from, "font_size", 0);
    to->font_color = color(from, "font_color");
    to->background = color(from, "background");
    to->h_align = (cap_xlsx_align)choice(from, "h_align", cap_xlsx_h_aligns);
    to->v_align = (cap_xlsx_align)choice(from, "v_align", cap_xlsx_v_aligns);
    to->indent = (unsigned)whole(from, "indent");
    to->reading_order = (cap_xlsx_reading_order)choice(
        from, "reading_order", cap_xlsx_reading_orders);
    to->top = (cap_xlsx_border)choice(from, "top", cap_xlsx_borders);
    to->bottom = (cap_xlsx_border)choice(from, "bottom", cap_xlsx_borders);
    to->top_color = color(from, "top_color");
    to->bottom_color = color(from, "bottom_color");
}

static void read_sizes(SEXP from, cap_xlsx_sheet *to)
{
    SEXP widths = glue_element(from, "widths");
    SEXP heights = glue_element(from, "heights");
    cap_xlsx_width *w = rows(widths, sizeof *w, &to->n_widths);
    for (size_t i = 0; i < to->n_widths; i++) {
        SEXP x = item(widths, i);
        w[i].first = position(x, "first", UINT32_MAX);
        w[i].last = position(x, "last", UINT32_MAX);
        w[i].width = number(x, "width", -1);
    }
    cap_xlsx_height *h = rows(heights, sizeof *h, &to->n_heights);
    for (size_t i = 0; i < to->n_heights; i++) {
        SEXP x = item(heights, i);
        h[i].row = position(x, "row", UINT32_MAX);
        h[i].height = number(x, "height", -1);
    }
    to->widths = w;
    to->heights = h;
}

static void read_breaks(SEXP from, cap_xlsx_sheet *to)
{
    SEXP breaks = glue_element(from, "page_breaks");
    to->n_page_breaks = Rf_isReal(breaks) ? (size_t)Rf_xlength(breaks) : 0;
    uint32_t *at = (uint32_t *)R_alloc(to->n_page_breaks + 1, (int)sizeof *at);
    for (size_t i = 0; i < to->n_page_breaks; i++) {
        double value = REAL(breaks)[i];
        at[i] = value > 0 && value < CAP_XLSX_MAX_ROWS ? (uint32_t)value : 0;
    }
    to->page_breaks = at;
}

static void read_sheet(SEXP from, cap_xlsx_sheet *to)
{
    to->name = string(from, "name");
    to->tab_color = color(from, "tab_color");
    to->freeze_row = position(from, "freeze_row", UINT32_MAX);
    to->freeze_col = position(from, "freeze_col", UINT32_MAX);
    to->landscape = flag(from, "landscape");
    to->letter = flag(from, "letter");
    to->fit = flag(from, "fit");
    to->fit_width = position(from, "fit_width", UINT32_MAX);
    to->fit_height = position(from, "fit_height", UINT32_MAX);
    to->margins_given = flag(from, "margins_given");
    to->margin_left = number(from, "margin_left", 0);
    to->margin_right = number(from, "margin_right", 0);
    to->margin_top = number(from, "margin_top", 0);
    to->margin_bottom = number(from, "margin_bottom", 0);
    to->repeat_rows = position(from, "repeat_rows", UINT32_MAX);
    to->repeat_first = position(from, "repeat_first", UINT32_MAX);
    to->print_area = range(from, "print_area");
    to->footer = string(from, "footer");
    to->hide_gridlines = flag(from, "hide_gridlines");
    to->right_to_left = flag(from, "right_to_left");
    to->protect = flag(from, "protect");
    to->zoom = position(from, "zoom", UINT32_MAX);
    read_sizes(from, to);
    read_breaks(from, to);
}

/* One id for the column, or one a cell. */
static void read_column_format(SEXP format, size_t n, cap_xlsx_column *to)
{
    if (Rf_xlength(format) == 1) {
        to->format = (size_t)Rf_asInteger(format);
        return;
    }
    if (!Rf_isInteger(format) || (size_t)Rf_xlength(format) != n) {
        to->format = Rf_isNull(format) ? 0 : (size_t)-1;
        return;
    }
    uint32_t *ids = (uint32_t *)R_alloc(n + 1, (int)sizeof *ids);
    for (size_t i = 0; i < n; i++) {
        ids[i] = (uint32_t)INTEGER(format)[i];
    }
    to->formats = ids;
}

static void read_column(SEXP from, size_t n, cap_xlsx_column *to)
{
    SEXP values = glue_element(from, "values");
    to->kind = (cap_xlsx_kind)choice(from, "kind", cap_xlsx_kinds);
    to->numbers = numbers(values, n);
    to->strings = strings(values, n);
    to->urls = strings(glue_element(from, "urls"), n);
    to->formula = string(from, "formula");
    to->formulas =
        to->formula == NULL ? strings(glue_element(from, "formula"), n) : NULL;
    to->shorthand = string(from, "shorthand");
    to->header = string(from, "header");
    to->header_format = size_of(from, "header_format");
    read_column_format(glue_element(from, "format"), n, to);
}

static void read_block(SEXP from, cap_xlsx_block *to)
{
    SEXP columns = glue_element(from, "columns");
    to->sheet = size_of(from, "sheet");
    to->row = position(from, "row", UINT32_MAX);
    to->col = position(from, "col", UINT32_MAX);
    to->n_rows = size_of(from, "n_rows");
    to->table = string(from, "table");
    to->autofilter = flag(from, "autofilter");
    cap_xlsx_column *out = rows(columns, sizeof *out, &to->n_columns);
    for (size_t i = 0; i < to->n_columns; i++) {
        read_column(item(columns, i), to->n_rows, &out[i]);
    }
    to->columns = out;
}

static void read_series(SEXP from, cap_xlsx_series *to)
{
    SEXP labels = glue_element(from, "label_text");
    to->name = string(from, "name");
    to->name_cell = range(from, "name_cell");
    to->categories = range(from, "categories");
    to->values = range(from, "values");
    to->fill_color = color(from, "fill_color");
    to->line_color = color(from, "line_color");
    to->no_fill = flag(from, "no_fill");
    to->no_line = flag(from, "no_line");
    to->line_width = number(from, "line_width", 0);
    to->dashed = flag(from, "dashed");
    to->marker = (cap_xlsx_marker)choice(from, "marker", cap_xlsx_markers);
    to->marker_size = position(from, "marker_size", UINT32_MAX);
    to->labels =
        (cap_xlsx_labels)choice(from, "labels", cap_xlsx_labels_words);
    to->label_format = string(from, "label_format");
    to->label_color = color(from, "label_color");
    to->n_label_text = Rf_isString(labels) ? (size_t)Rf_xlength(labels) : 0;
    to->label_text = strings(labels, to->n_label_text);
    to->span = (cap_xlsx_span)choice(from, "span", cap_xlsx_spans);
}

static void read_axis(SEXP from, cap_xlsx_axis *to)
{
    to->title = string(from, "title");
    to->fixed = flag(from, "fixed");
    to->min = number(from, "min", 0);
    to->max = number(from, "max", 0);
    to->major_unit = number(from, "major_unit", 0);
    to->num_format = string(from, "num_format");
    to->reversed = flag(from, "reversed");
    to->hidden = flag(from, "hidden");
    to->no_gridlines = flag(from, "no_gridlines");
    to->low = flag(from, "low");
}

static void read_chart(SEXP from, cap_xlsx_chart *to)
{
    SEXP series = glue_element(from, "series");
    to->sheet = size_of(from, "sheet");
    to->row = position(from, "row", UINT32_MAX);
    to->col = position(from, "col", UINT32_MAX);
    to->n_rows = position(from, "n_rows", UINT32_MAX);
    to->n_cols = position(from, "n_cols", UINT32_MAX);
    to->kind = (cap_xlsx_chart_kind)choice(from, "kind", cap_xlsx_chart_kinds);
    to->title = string(from, "title");
    to->alt_text = string(from, "alt_text");
    to->legend = (cap_xlsx_legend)choice(from, "legend", cap_xlsx_legends);
    to->gap = whole(from, "gap");
    to->overlap = whole(from, "overlap");
    read_axis(glue_element(from, "category"), &to->category);
    read_axis(glue_element(from, "value"), &to->value);
    cap_xlsx_series *out = rows(series, sizeof *out, &to->n_series);
    for (size_t i = 0; i < to->n_series; i++) {
        read_series(item(series, i), &out[i]);
    }
    to->series = out;
}

static void read_rule(SEXP from, cap_xlsx_rule *to)
{
    to->range = range(from, "range");
    to->kind = (cap_xlsx_rule_kind)choice(from, "kind", cap_xlsx_rule_kinds);
    to->min = number(from, "min", 0);
    to->mid = number(from, "mid", 0);
    to->max = number(from, "max", 0);
    to->color = color(from, "color");
    to->mid_color = color(from, "mid_color");
    to->max_color = color(from, "max_color");
    to->compare = (cap_xlsx_compare)choice(from, "compare", cap_xlsx_compares);
    to->text = string(from, "text");
    to->format = size_of(from, "format");
}

static void read_validation(SEXP from, cap_xlsx_validation *to)
{
    to->range = range(from, "range");
    to->kind = (cap_xlsx_validation_kind)choice(from, "kind",
                                                cap_xlsx_validation_kinds);
    to->source = range(from, "source");
    to->min = number(from, "min", 0);
    to->max = number(from, "max", 0);
    to->input_title = string(from, "input_title");
    to->input_message = string(from, "input_message");
    to->error_title = string(from, "error_title");
    to->error_message = string(from, "error_message");
    to->warn_only = flag(from, "warn_only");
    to->refuse_blank = flag(from, "refuse_blank");
}

static void read_name(SEXP from, cap_xlsx_name *to)
{
    to->name = string(from, "name");
    to->range = range(from, "range");
}

static void read_properties(SEXP from, cap_xlsx_properties *to)
{
    to->title = string(from, "title");
    to->subject = string(from, "subject");
    to->author = string(from, "author");
    to->company = string(from, "company");
    to->keywords = string(from, "keywords");
    to->comments = string(from, "comments");
    to->status = string(from, "status");
    double created = number(from, "created", 0);
    to->created =
        created >= 0 && created < 1e12 ? (int64_t)created : (int64_t)-1;
}

/* ---- the plan ---------------------------------------------------------- */

/* Reads every item of the list `name` of `plan` into a new array. */
#define READ_ALL(plan, name, to, n, reader)                                   \
    do {                                                                      \
        SEXP all = glue_element(plan, name);                                  \
        (to) = rows(all, sizeof *(to), &(n));                                 \
        for (size_t i = 0; i < (n); i++) {                                    \
            reader(item(all, i), &(to)[i]);                                   \
        }                                                                     \
    } while (0)

static void read_plan(SEXP from, cap_xlsx_plan *to)
{
    cap_xlsx_format *formats;
    cap_xlsx_sheet *sheets;
    cap_xlsx_block *blocks;
    cap_xlsx_chart *charts;
    cap_xlsx_rule *rules;
    cap_xlsx_validation *validations;
    cap_xlsx_name *names;
    READ_ALL(from, "formats", formats, to->n_formats, read_format);
    READ_ALL(from, "sheets", sheets, to->n_sheets, read_sheet);
    READ_ALL(from, "blocks", blocks, to->n_blocks, read_block);
    READ_ALL(from, "charts", charts, to->n_charts, read_chart);
    READ_ALL(from, "rules", rules, to->n_rules, read_rule);
    READ_ALL(from, "validations", validations, to->n_validations,
             read_validation);
    READ_ALL(from, "names", names, to->n_names, read_name);
    to->formats = formats;
    to->sheets = sheets;
    to->blocks = blocks;
    to->charts = charts;
    to->rules = rules;
    to->validations = validations;
    to->names = names;
    to->temp_folder = string(from, "temp_folder");
    read_properties(glue_element(from, "properties"), &to->properties);
}

/* .Call(C_xlsx_write, plan, path, overwrite): c(cells, replaced, cut) */
SEXP glue_xlsx_write(SEXP plan, SEXP path, SEXP overwrite)
{
    static const char *const labels[] = {"cells", "replaced", "cut"};
    cap_xlsx_plan c_plan;
    cap_xlsx_report report = {0};
    cap_error err = {0};
    cap_poll poll;
    memset(&c_plan, 0, sizeof c_plan);
    read_plan(plan, &c_plan);
    const char *file = glue_string(path, "path");
    int replace = glue_flag(overwrite, "overwrite");
    SEXP token = PROTECT(glue_poll_begin(&poll));
    cap_status status =
        cap_xlsx_write(&c_plan, file, replace, &poll, &report, &err);
    glue_poll_end(token, status);
    if (status != CAP_OK) {
        glue_raise(&err);
    }
    UNPROTECT(1);
    const double values[] = {(double)report.cells, (double)report.replaced,
                             (double)report.cut};
    return glue_figures(3, labels, values);
}

/* ---- text -------------------------------------------------------------- */

/* Copies a cleaned text to R's memory, so that no buffer of ours is open when
 * R allocates. Returns NULL without memory. */
static const char *clean_copy(const char *text, cap_text_counts *found)
{
    cap_text_buffer buffer = {NULL, 0};
    const char *clean;
    if (cap_text_clean(text, CAP_TEXT_MAX_UNITS, 0, &buffer, &clean, found) !=
        CAP_OK) {
        return NULL;
    }
    if (clean == text) {
        return text;
    }
    /* At most three bytes for one, and an ellipsis; see text.c. The buffer is
     * cleaned into twice, because R_alloc() may jump. */
    cap_text_free(&buffer);
    char *copy = R_alloc(3 * strlen(text) + 8, 1);
    if (cap_text_clean(text, CAP_TEXT_MAX_UNITS, 0, &buffer, &clean, NULL) !=
        CAP_OK) {
        return NULL;
    }
    memcpy(copy, clean, strlen(clean) + 1);
    cap_text_free(&buffer);
    return copy;
}

/* .Call(C_xlsx_clean_text, x): list(text, n_replaced, n_cut) */
SEXP glue_xlsx_clean_text(SEXP text)
{
    R_xlen_t n = Rf_xlength(text);
    if (!Rf_isString(text)) {
        glue_refuse(text, "text", "strings");
    }
    cap_text_counts found = {0};
    const char *names[] = {"text", "n_replaced", "n_cut", ""};
    SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
    SEXP clean = Rf_allocVector(STRSXP, n);
    SET_VECTOR_ELT(out, 0, clean);
    for (R_xlen_t i = 0; i < n; i++) {
        const char *one = utf8(STRING_ELT(text, i));
        const char *copy = one == NULL ? NULL : clean_copy(one, &found);
        if (one != NULL && copy == NULL) {
            cap_error err = {CAP_ERR_MEMORY, CAP_NOWHERE, CAP_NOWHERE,
                             "no memory to clean a text"};
            glue_raise(&err);
        }
        SET_STRING_ELT(clean, i,
                       one == NULL ? NA_STRING : Rf_mkCharCE(copy, CE_UTF8));
    }
    SET_VECTOR_ELT(out, 1, Rf_ScalarReal((double)found.replaced));
    SET_VECTOR_ELT(out, 2, Rf_ScalarReal((double)found.cut));
    UNPROTECT(1);
    return out;
}

/* A letter wider than this many lines would take for ever to break. */
#define MOST_LINES_A_LETTER 1000

static void check_letters(SEXP width, const double *w, size_t n, double room)
{
    double most = room > 0 ? MOST_LINES_A_LETTER * room : 1e9;
    for (size_t k = 0; k < n; k++) {
        if (!(w[k] >= 0 && w[k] <= most) || isnan(room)) {
            glue_refuse(width, "width", "widths of letters in a room");
        }
    }
}

/* Widths of the lines of one text (src/xlsx/lines.h). */
SEXP glue_xlsx_lines(SEXP code, SEXP width, SEXP room)
{
    R_xlen_t n_letters = Rf_xlength(code);
    size_t n = (size_t)n_letters;
    const int *letter = glue_integers(code, n_letters, "code");
    const double *w = glue_numbers(width, n_letters, "width");
    double within = glue_number(room, "room");
    check_letters(width, w, n, within);
    size_t lines = cap_break_lines(n, letter, w, within, NULL);
    SEXP out = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)lines));
    cap_break_lines(n, letter, w, within, REAL(out));
    UNPROTECT(1);
    return out;
}

/* How many lines each of some texts takes, whose letters follow each other:
 * `length` of each, in its `room`. */
SEXP glue_xlsx_line_counts(SEXP code, SEXP width, SEXP length, SEXP room)
{
    R_xlen_t n = Rf_xlength(length), n_letters = Rf_xlength(code);
    const int *letter = glue_integers(code, n_letters, "code");
    const double *w = glue_numbers(width, n_letters, "width");
    const size_t *letters = glue_counts(length, n, "length");
    const double *within = glue_numbers(room, n, "room");
    size_t from = 0;
    for (R_xlen_t i = 0; i < n; i++) {
        if (letters[i] > (size_t)n_letters - from) {
            glue_refuse(length, "length", "lengths of the texts");
        }
        check_letters(width, w + from, letters[i], within[i]);
        from += letters[i];
    }
    if (from != (size_t)n_letters) {
        glue_refuse(length, "length", "lengths of the texts");
    }
    SEXP out = PROTECT(Rf_allocVector(INTSXP, n));
    from = 0;
    for (R_xlen_t i = 0; i < n; i++) {
        INTEGER(out)
        [i] = (int)cap_break_lines(letters[i], letter + from, w + from,
                                   within[i], NULL);
        from += letters[i];
    }
    UNPROTECT(1);
    return out;
}
