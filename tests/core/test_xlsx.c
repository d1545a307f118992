/* The workbook writer without R: guards, text, the file's place, the check of
 * what was written. Every guard is provoked; every refusal is looked at for
 * litter. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "alloc_hook.h"
#include "base/allocation.h"
#include "xlsx/guard.h"
#include "xlsx/package_check.h"
#include "xlsx/target.h"
#include "xlsx/text.h"
#include "xlsx/write.h"

/* ---- a folder of its own for each test --------------------------------- */

static char folder[64];
static char book_path[96];

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder, "xlsx-test-XXXXXX", sizeof "xlsx-test-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(book_path, sizeof book_path, "%s/book.xlsx", folder);
    return 0;
}

static size_t files_in_folder(void)
{
    size_t n = 0;
    DIR *dir = opendir(folder);
    struct dirent *entry;
    assert_non_null(dir);
    while ((entry = readdir(dir)) != NULL) {
        n += strcmp(entry->d_name, ".") != 0 &&
             strcmp(entry->d_name, "..") != 0;
    }
    closedir(dir);
    return n;
}

static int remove_folder(void **state)
{
    (void)state;
    DIR *dir = opendir(folder);
    struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2) {
            unlink(path);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return rmdir(folder);
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *data = malloc(*size + 1);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, *size, file), *size);
    data[*size] = '\0';
    fclose(file);
    return data;
}

static void write_file(const char *path, const char *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* One part of a workbook, inflated by its own walk through the local headers
 * of the central directory; NULL when it is not there. */
static char *part_of(const char *path, const char *name)
{
    size_t size;
    char *data = read_file(path, &size);
    char *found = NULL;
    for (size_t i = 0; i + 46 < size && found == NULL; i++) {
        const unsigned char *p = (const unsigned char *)data + i;
        if (memcmp(p, "PK\1\2", 4) != 0 ||
            (size_t)(p[28] | p[29] << 8) != strlen(name) ||
            memcmp(p + 46, name, strlen(name)) != 0) {
            continue;
        }
        size_t packed = (size_t)p[20] | (size_t)p[21] << 8 |
                        (size_t)p[22] << 16 | (size_t)p[23] << 24;
        size_t plain = (size_t)p[24] | (size_t)p[25] << 8 |
                       (size_t)p[26] << 16 | (size_t)p[27] << 24;
        size_t at = (size_t)p[42] | (size_t)p[43] << 8 | (size_t)p[44] << 16 |
                    (size_t)p[45] << 24;
        const unsigned char *local = (const unsigned char *)data + at;
        at += 30u + (size_t)(local[26] | local[27] << 8) +
              (size_t)(local[28] | local[29] << 8);
        found = calloc(plain + 1, 1);
        assert_non_null(found);
        z_stream stream;
        memset(&stream, 0, sizeof stream);
        assert_int_equal(inflateInit2(&stream, -MAX_WBITS), Z_OK);
        stream.next_in = (unsigned char *)data + at;
        stream.avail_in = (uInt)packed;
        stream.next_out = (unsigned char *)found;
        stream.avail_out = (uInt)plain;
        assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
        inflateEnd(&stream);
    }
    free(data);
    return found;
}

static void assert_part_has(const char *name, const char *text)
{
    char *part = part_of(book_path, name);
    assert_non_null(part);
    if (strstr(part, text) == NULL) {
        print_error("%s lacks %s:\n%.3000s\n", name, text, part);
        fail();
    }
    free(part);
}

static void assert_part_lacks(const char *name, const char *text)
{
    char *part = part_of(book_path, name);
    assert_non_null(part);
    assert_null(strstr(part, text));
    free(part);
}

/* ---- a plan with one of everything ------------------------------------- */

typedef struct {
    cap_xlsx_plan plan;
    cap_xlsx_format formats[3];
    cap_xlsx_sheet sheets[2];
    cap_xlsx_block blocks[2];
    cap_xlsx_column columns[4], lines[1];
    cap_xlsx_chart charts[1];
    cap_xlsx_series series[2];
    cap_xlsx_rule rules[3];
    cap_xlsx_validation validations[2];
    cap_xlsx_name names[1];
    cap_xlsx_width widths[1];
    cap_xlsx_height heights[1];
    uint32_t breaks[1];
} fixture;

static const char *const pillars[] = {"Legal", "Technical", "=cmd()"};
static const double scores[] = {14.25, NAN, 6};
static const double gaps[] = {4.25, INFINITY, -4};
static const char *const shown[] = {"site", "notes", NULL};
static const char *const urls[] = {"https://www.itu.int/",
                                   "internal:'It''s notes'!A1", NULL};
static const char *const texts[] = {"<b>&\"", "", NULL};

static cap_xlsx_range at(size_t sheet, uint32_t r1, uint32_t c1, uint32_t r2,
                         uint32_t c2)
{
    cap_xlsx_range range = {1, sheet, r1, c1, r2, c2};
    return range;
}

static void fill_sheets(fixture *f)
{
    f->formats[0].num_format = "0.0";
    f->formats[1].bold = 1;
    f->formats[1].font_color = CAP_XLSX_RGB(0xFFFFFF);
    f->formats[1].background = CAP_XLSX_RGB(0x12436D);
    f->formats[1].wrap = 1;
    f->formats[2].unlocked = 1;
    f->formats[2].top = CAP_XLSX_BORDER_THIN;
    f->formats[2].top_color = CAP_XLSX_RGB(0);
    f->widths[0].width = 22;
    f->heights[0].row = 1;
    f->heights[0].height = 30;
    f->breaks[0] = 20;
    f->sheets[0].name = "Summary";
    f->sheets[0].widths = f->widths;
    f->sheets[0].n_widths = 1;
    f->sheets[0].heights = f->heights;
    f->sheets[0].n_heights = 1;
    f->sheets[0].freeze_row = 1;
    f->sheets[0].fit = 1;
    f->sheets[0].fit_width = 1;
    f->sheets[0].repeat_rows = 1;
    f->sheets[0].print_area = at(0, 0, 0, 30, 5);
    f->sheets[0].page_breaks = f->breaks;
    f->sheets[0].n_page_breaks = 1;
    f->sheets[1].name = "It's notes";
    f->sheets[1].protect = 1;
    f->sheets[1].letter = 1;
}

static void fill_blocks(fixture *f)
{
    f->columns[0].strings = pillars;
    f->columns[0].kind = CAP_XLSX_STRING;
    f->columns[0].header = "Pillar";
    f->columns[1].numbers = scores;
    f->columns[1].header = "Score";
    f->columns[1].format = 1;
    f->columns[1].header_format = 2;
    f->columns[2].kind = CAP_XLSX_FORMULA;
    f->columns[2].numbers = gaps;
    f->columns[2].formula = "=B{r}-10+0*B{r}";
    f->columns[2].header = "Gap";
    f->columns[3].kind = CAP_XLSX_LINK;
    f->columns[3].strings = shown;
    f->columns[3].urls = urls;
    f->columns[3].header = "Link";
    f->blocks[0].columns = f->columns;
    f->blocks[0].n_columns = 4;
    f->blocks[0].n_rows = 3;
    f->blocks[0].table = "tbl_pillars";
    f->lines[0].kind = CAP_XLSX_STRING;
    f->lines[0].strings = texts;
    f->lines[0].shorthand = "[z]";
    f->blocks[1].sheet = 1;
    f->blocks[1].columns = f->lines;
    f->blocks[1].n_columns = 1;
    f->blocks[1].n_rows = 3;
}

static void fill_chart(fixture *f)
{
    cap_xlsx_chart *chart = f->charts;
    chart->row = 6;
    chart->n_rows = 12;
    chart->n_cols = 4;
    chart->title = "Score, points";
    chart->alt_text = "Bars of the score of each pillar; in A1:C4";
    chart->category.reversed = 1;
    chart->value.fixed = 1;
    chart->value.max = 20;
    chart->series = f->series;
    chart->n_series = 2;
    f->series[0].name = "Score";
    f->series[0].categories = at(0, 1, 0, 3, 0);
    f->series[0].values = at(0, 1, 1, 3, 1);
    f->series[0].fill_color = CAP_XLSX_RGB(0x12436D);
    f->series[1].name_cell = at(0, 0, 2, 0, 2);
    f->series[1].categories = at(0, 1, 0, 3, 0);
    f->series[1].values = at(0, 1, 2, 3, 2);
    f->series[1].no_fill = 1;
    f->series[1].line_color = CAP_XLSX_RGB(0xF46A25);
    f->series[1].span = CAP_XLSX_SPAN_TICK;
}

static void fill_rules(fixture *f)
{
    f->rules[0].range = at(0, 1, 1, 3, 1);
    f->rules[0].max = 20;
    f->rules[1].range = at(0, 1, 2, 3, 2);
    f->rules[1].kind = CAP_XLSX_RULE_SCALE_3;
    f->rules[1].mid = 10;
    f->rules[1].max = 20;
    f->rules[2].range = at(0, 1, 0, 3, 0);
    f->rules[2].kind = CAP_XLSX_RULE_TEXT;
    f->rules[2].text = "Say \"Legal\"";
    f->rules[2].format = 2;
    f->validations[0].range = at(1, 5, 0, 9, 0);
    f->validations[0].source = at(0, 1, 0, 3, 0);
    f->validations[1].range = at(1, 5, 1, 9, 1);
    f->validations[1].kind = CAP_XLSX_VALID_DECIMAL;
    f->validations[1].max = 1;
    f->validations[1].error_message = "From 0 to 1";
    f->names[0].name = "scores";
    f->names[0].range = at(1, 1, 1, 3, 1);
}

static fixture *new_fixture(void)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    fill_sheets(f);
    fill_blocks(f);
    fill_chart(f);
    fill_rules(f);
    f->plan.formats = f->formats;
    f->plan.n_formats = 3;
    f->plan.sheets = f->sheets;
    f->plan.n_sheets = 2;
    f->plan.blocks = f->blocks;
    f->plan.n_blocks = 2;
    f->plan.charts = f->charts;
    f->plan.n_charts = 1;
    f->plan.rules = f->rules;
    f->plan.n_rules = 3;
    f->plan.validations = f->validations;
    f->plan.n_validations = 2;
    f->plan.names = f->names;
    f->plan.n_names = 1;
    f->plan.properties.title = "Fiji";
    f->plan.properties.created = 1726099200;
    f->plan.temp_folder = folder;
    return f;
}

static cap_status write_book(const fixture *f, int overwrite, cap_error *err)
{
    return cap_xlsx_write(&f->plan, book_path, overwrite, NULL, NULL, err);
}

/* ---- what is written --------------------------------------------------- */

static void writes_everything(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    cap_xlsx_report report;
    cap_error err = {0};
    cap_status status =
        cap_xlsx_write(&f->plan, book_path, 0, NULL, &report, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(status, CAP_OK);
    assert_int_equal(files_in_folder(), 1);
    assert_int_equal(report.cells, 4 + 12 + 2);
    const char *sheet = "xl/worksheets/sheet1.xml";
    assert_part_has(sheet, "<c r=\"B2\" s=\"2\"><v>14.25</v></c>");
    assert_part_has(sheet, "<f>B4-10+0*B4</f><v>-4</v>");
    assert_part_has(sheet, "t=\"str\"><f>B3-10+0*B3</f><v>[x]</v>");
    assert_part_lacks(sheet, "<f>cmd");
    assert_part_lacks(sheet, "NAN");
    assert_part_has(sheet, "fitToPage");
    assert_part_has(sheet, "cfvo type=\"num\" val=\"20\"");
    assert_part_has(sheet, "Say \"\"Legal\"\"");
    assert_part_has(sheet, "location=\"'It''s notes'!A1\"");
    assert_part_has(sheet, "Page &amp;P of &amp;N");
    assert_part_has("xl/sharedStrings.xml", "<t>=cmd()</t>");
    assert_part_has("xl/sharedStrings.xml", "&lt;b&gt;&amp;\"");
    assert_part_has("xl/sharedStrings.xml", "<t>[z]</t>");
    assert_part_has("xl/worksheets/sheet2.xml", "sheetProtection");
    assert_part_has("xl/worksheets/sheet2.xml",
                    "<dataValidation type=\"list\" allowBlank=\"1\"");
    assert_part_has("xl/worksheets/sheet2.xml", "Summary'!$A$2:$A$4");
    assert_part_has("xl/workbook.xml", ">'It''s notes'!$B$2:$B$4<");
    assert_part_has("xl/tables/table1.xml", "displayName=\"tbl_pillars\"");
    assert_part_has("docProps/core.xml", "2024-09-12T00:00:00Z");
    free(f);
}

static void writes_a_formula_for_each_cell(void **state)
{
    (void)state;
    static const char *const each[] = {"B{r}+1", "10-B{r}", "SUM(B2:B{r})"};
    fixture *f = new_fixture();
    f->columns[2].formula = NULL;
    f->columns[2].formulas = each;
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    const char *sheet = "xl/worksheets/sheet1.xml";
    assert_part_has(sheet, "<f>B2+1</f>");
    assert_part_has(sheet, "<f>10-B3</f>");
    assert_part_has(sheet, "<f>SUM(B2:B4)</f><v>-4</v>");
    free(f);
}

static void caches_values_of_charts(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    const char *chart = "xl/charts/chart1.xml";
    assert_part_has(chart, "<c:v>14.25</c:v>");
    assert_part_has(chart, "<c:v>=cmd()</c:v>");
    assert_part_has(chart, "<c:v>-4</c:v>"); /* of a formula */
    assert_part_has(chart, "<c:v>4.25</c:v>");
    assert_part_has(chart, "<c:max val=\"20\"/>");
    assert_part_has(chart, "orientation val=\"maxMin\"");
    assert_part_has(chart, "<c:errBars>");
    assert_part_has("xl/drawings/drawing1.xml",
                    "descr=\"Bars of the score of each pillar; in A1:C4\"");
    assert_part_has("xl/drawings/drawing1.xml", "editAs=\"oneCell\"");
    /* whole cells: the far corner has no offset */
    assert_part_has("xl/drawings/drawing1.xml",
                    "<xdr:to><xdr:col>4</xdr:col><xdr:colOff>0</xdr:colOff>"
                    "<xdr:row>18</xdr:row><xdr:rowOff>0</xdr:rowOff>");
    free(f);
}

static void writes_every_kind_of_chart(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    static const char *const labels[] = {"a", "b", "c"};
    for (int kind = 0; kind < CAP_XLSX_CHART_COUNT; kind++) {
        f->charts[0].kind = (cap_xlsx_chart_kind)kind;
        f->series[1].span = kind == CAP_XLSX_SCATTER ? CAP_XLSX_SPAN_TO_ZERO
                                                     : CAP_XLSX_SPAN_NONE;
        f->series[0].labels = CAP_XLSX_LABELS_CENTER;
        f->series[0].label_text = labels;
        f->series[0].n_label_text = 3;
        f->series[0].marker = CAP_XLSX_MARKER_DIAMOND;
        f->charts[0].legend = CAP_XLSX_LEGEND_BOTTOM;
        cap_error err = {0};
        assert_int_equal(write_book(f, 1, &err), CAP_OK);
        assert_part_has("xl/charts/chart1.xml", "<c:v>14.25</c:v>");
        assert_part_has("xl/charts/chart1.xml", "<a:t>b</a:t>");
    }
    free(f);
}

static void same_plan_same_bytes(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    size_t n1;
    size_t n2;
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    char *first = read_file(book_path, &n1);
    sleep(1);
    assert_int_equal(write_book(f, 1, NULL), CAP_OK);
    char *second = read_file(book_path, &n2);
    assert_int_equal(n1, n2);
    assert_memory_equal(first, second, n1);
    free(first);
    free(second);
    free(f);
}

/* ---- text -------------------------------------------------------------- */

static void assert_clean(const char *text, const char *expected,
                         size_t replaced)
{
    cap_text_buffer buffer = {NULL, 0};
    cap_text_counts counts = {0};
    const char *clean;
    assert_int_equal(
        cap_text_clean(text, CAP_TEXT_MAX_UNITS, 0, &buffer, &clean, &counts),
        CAP_OK);
    assert_string_equal(clean, expected);
    assert_int_equal(counts.replaced, replaced);
    assert_int_equal(counts.cut, 0);
    cap_text_free(&buffer);
}

#define FFFD "\xEF\xBF\xBD"

static void cleans_text(void **state)
{
    (void)state;
    assert_clean("plain", "plain", 0);
    assert_clean("", "", 0);
    assert_clean("tab\tline\n", "tab\tline\n", 0);
    assert_clean("a\r\nb\rc", "a\nb\nc", 0);
    assert_clean("\x01z\x7F", FFFD "z" FFFD, 2);
    assert_clean("C\xC3\xB4te d\xE2\x80\x99Ivoire",
                 "C\xC3\xB4te d\xE2\x80\x99Ivoire", 0);
    assert_clean("\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", 0); /* emoji */
    assert_clean("\xC2\x85", FFFD, 1);                       /* C1 control */
    assert_clean("\xEF\xBF\xBF", FFFD, 1);                   /* U+FFFF */
    assert_clean("caf\xE9", "caf" FFFD, 1);                  /* Latin-1 */
    assert_clean("\xE2\x82", FFFD FFFD, 2);                  /* cut off */
    assert_clean("\xC0\xAF", FFFD FFFD, 2);                  /* overlong */
    assert_clean("\xED\xA0\x80", FFFD FFFD FFFD, 3);         /* surrogate */
    assert_clean("\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD, 4);
    assert_clean("=1+1", "=1+1", 0);
    assert_clean("_x0041_", "_x0041_", 0);
}

static void cuts_long_text(void **state)
{
    (void)state;
    cap_text_buffer buffer = {NULL, 0};
    cap_text_counts counts = {0};
    const char *clean;
    char *text = calloc(160001, 1);
    assert_non_null(text);
    memset(text, 'x', CAP_TEXT_MAX_UNITS);
    cap_text_clean(text, CAP_TEXT_MAX_UNITS, 0, &buffer, &clean, &counts);
    assert_ptr_equal(clean, text);
    memset(text, 'x', 40000);
    cap_text_clean(text, CAP_TEXT_MAX_UNITS, 0, &buffer, &clean, &counts);
    assert_int_equal(strlen(clean), CAP_TEXT_MAX_UNITS - 1 + 3);
    assert_string_equal(clean + CAP_TEXT_MAX_UNITS - 1, "\xE2\x80\xA6");
    assert_int_equal(counts.cut, 1);
    for (size_t i = 0; i < 40000; i++) { /* two units each */
        memcpy(text + 4 * i, "\xF0\x9F\x98\x80", 4);
    }
    cap_text_clean(text, CAP_TEXT_MAX_UNITS, 0, &buffer, &clean, &counts);
    assert_int_equal(strlen(clean), 4 * 16382 + 3);
    assert_int_equal(counts.cut, 2);
    assert_int_equal(counts.replaced, 0);
    cap_text_free(&buffer);
    free(text);
}

static void keeps_literal_escapes(void **state)
{
    (void)state;
    cap_text_buffer buffer = {NULL, 0};
    const char *clean;
    cap_text_clean("a_x0041_x00e9_ _xyz_", 100, 1, &buffer, &clean, NULL);
    assert_string_equal(clean, "a_x005F_x0041_x005F_x00e9_ _xyz_");
    cap_text_free(&buffer);
}

static void counts_what_text_lost(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    char *text = calloc(40001, 1);
    assert_non_null(text);
    memset(text, 'y', 40000);
    const char *const hostile[] = {text, "bell\a", "\xFF"};
    f->lines[0].strings = hostile;
    cap_xlsx_report report;
    assert_int_equal(
        cap_xlsx_write(&f->plan, book_path, 0, NULL, &report, NULL), CAP_OK);
    assert_int_equal(report.cut, 1);
    assert_int_equal(report.replaced, 2);
    assert_part_has("xl/sharedStrings.xml", "<t>bell" FFFD "</t>");
    free(text);
    free(f);
}

static void compares_names_without_case(void **state)
{
    (void)state;
    assert_true(cap_text_same_name("Scores", "sCORES"));
    assert_true(cap_text_same_name("\xC3\x89tat", "\xC3\xA9tat"));
    assert_true(cap_text_same_name("\xD0\x9C\xD0\xB8\xD1\x80",
                                   "\xD0\xBC\xD0\x98\xD1\x80"));
    assert_true(cap_text_same_name("\xCE\xA9", "\xCF\x89"));
    assert_true(cap_text_same_name("\xC5\xBD", "\xC5\xBE")); /* Z caron */
    assert_false(cap_text_same_name("a", "ab"));
    assert_false(cap_text_same_name("a", "\xC3\xA9"));
}

/* ---- guards ------------------------------------------------------------ */

/* The plan is refused, the message has `part`, and nothing was made. */
static void assert_refused(fixture *f, const char *part)
{
    cap_error err = {0};
    assert_int_equal(write_book(f, 0, &err), CAP_ERR_INPUT);
    if (strstr(err.message, part) == NULL) {
        print_error("\"%s\" lacks \"%s\"\n", err.message, part);
        fail();
    }
    assert_int_equal(files_in_folder(), 0);
    free(f);
}

/* A changed fixture in one line: REFUSED(f->x = 1, "message") */
#define REFUSED(change, part)                                                 \
    do {                                                                      \
        fixture *f = new_fixture();                                           \
        change;                                                               \
        assert_refused(f, part);                                              \
    } while (0)

static void refuses_bad_sheets(void **state)
{
    (void)state;
    static const char *const bad[] = {
        NULL,      "",     "a[b",     "a]b",
        "a:b",     "a*b",  "a?b",     "a/b",
        "a\\b",    "'ab",  "ab'",     "History",
        "hISTORY", "a\nb", "caf\xE9", "12345678901234567890123456789012"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        REFUSED(f->sheets[1].name = bad[i], "sheet 2");
    }
    /* 16 emoji are 32 units */
    REFUSED(f->sheets[1].name =
                "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98"
                "\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F"
                "\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0"
                "\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
                "\xF0\x9F\x98\x80",
            "31 characters");
    REFUSED(f->sheets[1].name = "SUMMARY", "same name");
    REFUSED(f->plan.n_sheets = 0, "1 to 1,000 sheets");
    REFUSED(f->widths[0].width = NAN, "column width");
    REFUSED(f->widths[0].last = CAP_XLSX_MAX_COLS, "column width");
    REFUSED(f->heights[0].height = 410, "row height");
    REFUSED(f->sheets[0].zoom = 5, "zoom");
    REFUSED(f->breaks[0] = 0, "page break");
    REFUSED(f->sheets[0].print_area.last_row = CAP_XLSX_MAX_ROWS,
            "print area");
    REFUSED(f->sheets[0].repeat_rows = UINT32_MAX, "repeated rows");
    REFUSED(f->sheets[0].freeze_row = CAP_XLSX_MAX_ROWS, "frozen");
    REFUSED(f->sheets[0].footer = "\x01", "footer");
    REFUSED((f->sheets[0].margins_given = 1, f->sheets[0].margin_top = -1),
            "margin");
    REFUSED(f->sheets[0].fit_width = 5000, "pages");
    REFUSED(f->plan.properties.created = -1, "created");
}

static void refuses_bad_formats(void **state)
{
    (void)state;
    char long_format[200];
    memset(long_format, '0', sizeof long_format);
    long_format[199] = '\0';
    REFUSED(f->formats[0].num_format = long_format, "number format");
    REFUSED(f->formats[0].num_format = "0\x02", "number format");
    REFUSED(f->formats[0].font_size = 500, "font size");
    REFUSED(f->formats[0].font_size = NAN, "font size");
    REFUSED(f->formats[0].h_align = CAP_XLSX_ALIGN_COUNT, "alignment");
    REFUSED(f->formats[0].top = (cap_xlsx_border)99, "border");
    REFUSED(f->columns[1].format = 4, "format id");
    REFUSED(f->columns[1].header_format = (size_t)-1, "format id");
    static const uint32_t ids[] = {1, 2, 9};
    REFUSED(f->columns[1].formats = ids, "format id of a cell");
}

static void refuses_bad_blocks(void **state)
{
    (void)state;
    REFUSED(f->blocks[0].sheet = 2, "its sheet does not exist");
    REFUSED(f->blocks[0].n_columns = 0, "without columns");
    REFUSED(f->blocks[0].row = CAP_XLSX_MAX_ROWS - 2, "beyond the sheet");
    REFUSED(f->blocks[0].col = CAP_XLSX_MAX_COLS - 1, "beyond the sheet");
    REFUSED(f->blocks[0].n_rows = SIZE_MAX, "beyond the sheet");
    REFUSED(f->columns[1].kind = CAP_XLSX_KIND_COUNT, "unknown kind");
    REFUSED(f->columns[1].numbers = NULL, "without values");
    REFUSED(f->columns[3].urls = NULL, "without values");
    REFUSED(f->columns[2].formula = NULL, "formula is empty");
    REFUSED(f->columns[2].formula = "=", "formula is empty");
    REFUSED(f->columns[2].formula = "", "formula is empty");
    REFUSED(f->columns[2].formula = "={SUM(A1)}", "formula");
    REFUSED(f->columns[2].formula = "SUM([@Score])", "[@Column]");
    REFUSED(f->columns[2].formula = "A\x01", "formula");
    static const char *const one_bad[] = {"B{r}", "B{r}", ""};
    REFUSED(f->columns[2].formulas = one_bad, "formula is empty");
    /* the message names the sheet and the cell */
    REFUSED(
        (f->blocks[1].sheet = 0, f->blocks[1].row = 2, f->blocks[1].col = 1),
        "sheet 1 (\"Summary\"), cell B3: two blocks or tables overlap");
    REFUSED((f->blocks[1].autofilter = 1, f->blocks[0].autofilter = 1,
             f->blocks[0].table = NULL, f->blocks[1].sheet = 0,
             f->blocks[1].row = 50),
            "second filter");
}

static void refuses_bad_tables(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "a b",   "1a",       "A1",
                                      "XFD1048576", "R1C1",  "r",        "C",
                                      "a-b",        "_xlnm", "t\xC3\xA9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        REFUSED(f->blocks[0].table = bad[i], "table name");
    }
    REFUSED(f->columns[1].header = "PILLAR", "same header");
    REFUSED(f->columns[1].header = NULL, "needs a header");
    REFUSED(f->columns[1].header = "  ", "needs a header");
    REFUSED(f->columns[1].header = "two\nlines", "needs a header");
    REFUSED(f->blocks[0].n_rows = 0, "at least one row");
    REFUSED((f->lines[0].header = "x", f->blocks[1].table = "TBL_pillars"),
            "already used");
}

static void refuses_bad_links(void **state)
{
    (void)state;
    static const char *bad[] = {"javascript:alert(1)",
                                "file:///etc/passwd",
                                "ftp://x",
                                "HTTPS://x",
                                "https://",
                                "mailto:",
                                "external:c.xlsx",
                                "https://x/?external:y",
                                "https://x/internal:",
                                "internal:Nowhere!A1",
                                "internal:Summary",
                                "internal:Summary!",
                                "internal:Summary!A1 B2",
                                "https://x\x01",
                                "https://\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *three[] = {bad[i], NULL, NULL};
        REFUSED(f->columns[3].urls = three, "cell D2: a link must");
    }
    char long_url[2200];
    memset(long_url, 'a', sizeof long_url);
    memcpy(long_url, "https://", 8);
    long_url[2199] = '\0';
    const char *three[] = {NULL, long_url, NULL};
    REFUSED(f->columns[3].urls = three, "cell D3");
}

static void refuses_too_many_links(void **state)
{
    (void)state;
    size_t n = 65531;
    const char **many = calloc(n, sizeof *many);
    assert_non_null(many);
    for (size_t i = 0; i < n; i++) {
        many[i] = "mailto:a@b.c";
    }
    REFUSED((f->lines[0].kind = CAP_XLSX_LINK, f->lines[0].strings = many,
             f->lines[0].urls = many, f->blocks[1].n_rows = n),
            "65,530 links");
    free(many);
}

static void refuses_bad_charts(void **state)
{
    (void)state;
    REFUSED(f->charts[0].sheet = 5, "chart 1");
    REFUSED(f->charts[0].kind = CAP_XLSX_CHART_COUNT, "unknown kind");
    REFUSED(f->charts[0].legend = (cap_xlsx_legend)9,
            "unknown kind or legend");
    REFUSED(f->charts[0].gap = 501, "gap");
    REFUSED(f->charts[0].overlap = 101, "overlap");
    REFUSED(f->charts[0].n_rows = 0, "size");
    REFUSED(f->charts[0].row = CAP_XLSX_MAX_ROWS - 3, "size");
    REFUSED(f->charts[0].alt_text = NULL, "alt text");
    REFUSED(f->charts[0].alt_text = " ", "alt text");
    REFUSED(f->charts[0].title = NULL, "title");
    REFUSED(f->charts[0].title = "=A1", "title");
    REFUSED(f->charts[0].value.title = "=A1", "axis title");
    REFUSED(f->series[0].name = "=A1", "name of a series");
    REFUSED(f->charts[0].n_series = 0, "1 to 255 series");
    REFUSED(f->series[0].values.given = 0, "values in one row");
    REFUSED(f->series[0].values.last_col = 2, "values in one row");
    REFUSED(f->series[0].values.sheet = 3, "values in one row");
    REFUSED(f->series[0].categories.last_row = 9, "categories");
    REFUSED((f->charts[0].kind = CAP_XLSX_SCATTER,
             f->series[0].categories.given = 0),
            "categories");
    REFUSED(f->series[1].name_cell.last_row = 3, "one cell");
    REFUSED(f->series[0].marker = CAP_XLSX_MARKER_COUNT, "marker");
    REFUSED(f->series[0].marker_size = 99, "marker");
    REFUSED(f->series[0].line_width = NAN, "line width");
    REFUSED(f->series[0].labels = CAP_XLSX_LABELS_ABOVE, "labels");
    REFUSED((f->charts[0].kind = CAP_XLSX_BAR_STACKED,
             f->series[0].labels = CAP_XLSX_LABELS_OUTSIDE_END),
            "labels");
    REFUSED(f->series[0].n_label_text = 2, "labels");
    REFUSED(f->series[0].span = CAP_XLSX_SPAN_TO_ZERO, "no such span");
    REFUSED(f->charts[0].value.fixed = 0, "no limits");
    REFUSED(f->charts[0].value.max = -1, "finite limits");
    REFUSED(f->charts[0].value.max = INFINITY, "finite limits");
    REFUSED(f->charts[0].value.major_unit = -1, "unit");
    REFUSED(f->charts[0].value.num_format = "\x01", "axis format");
    static const char *const labels[] = {"a", "=b", "c"};
    REFUSED((f->series[0].labels = CAP_XLSX_LABELS_DEFAULT,
             f->series[0].n_label_text = 3, f->series[0].label_text = labels),
            "starts with \"=\"");
}

static void refuses_bad_rules(void **state)
{
    (void)state;
    REFUSED(f->rules[0].range.sheet = 7, "conditional format 1");
    REFUSED(f->rules[0].range.given = 0, "conditional format 1");
    REFUSED(f->rules[0].max = NAN, "finite");
    REFUSED(f->rules[0].max = 0, "min < max");
    REFUSED(f->rules[1].mid = 30, "min < mid < max");
    REFUSED(f->rules[2].text = NULL, "text");
    REFUSED(f->rules[2].format = 0, "format");
    REFUSED(f->rules[2].format = 4, "format");
    REFUSED((f->rules[2].kind = CAP_XLSX_RULE_CELL,
             f->rules[2].compare = CAP_XLSX_COMPARE_COUNT),
            "comparison");
    REFUSED(f->rules[0].kind = CAP_XLSX_RULE_COUNT, "unknown kind");
    REFUSED(f->validations[0].source.given = 0, "drop-down");
    REFUSED(f->validations[0].source.last_col = 2, "drop-down");
    REFUSED(f->validations[1].max = -1, "min <= max");
    REFUSED((f->validations[1].kind = CAP_XLSX_VALID_WHOLE,
             f->validations[1].max = 1.5),
            "whole");
    REFUSED(f->validations[1].kind = CAP_XLSX_VALID_COUNT, "unknown kind");
    REFUSED(f->validations[1].input_title =
                "a title of more than thirty-two characters",
            "over 32");
    REFUSED(f->validations[1].range.last_row = CAP_XLSX_MAX_ROWS,
            "validation 2");
}

static void refuses_bad_names(void **state)
{
    (void)state;
    static const char *const bad[] = {"!",        "",  "A1", "a b",
                                      "Sheet1!x", "'", NULL};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        REFUSED(f->names[0].name = bad[i], "defined name 1");
    }
    REFUSED(f->names[0].name = "TBL_PILLARS", "defined twice");
    REFUSED(f->names[0].range.sheet = 4, "not on a sheet");
    /* 31 characters of three bytes and a long range pass; four would not */
    char wide[31 * 4 + 1] = {0};
    for (size_t i = 0; i < 31; i++) {
        memcpy(wide + 3 * i, "\xE4\xB8\xAD", 3);
    }
    fixture *f = new_fixture();
    f->sheets[1].name = wide;
    f->columns[3].urls = pillars;
    f->columns[3].kind = CAP_XLSX_STRING;
    cap_error err = {0};
    assert_int_equal(write_book(f, 0, &err), CAP_OK);
    free(f);
}

static void every_comparison_is_written(void **state)
{
    (void)state;
    static const char *const words[] = {
        "\"equal\"",       "\"notEqual\"",
        "\"greaterThan\"", "\"greaterThanOrEqual\"",
        "\"lessThan\"",    "\"lessThanOrEqual\"",
        "\"between\""};
    for (int i = 0; i < CAP_XLSX_COMPARE_COUNT; i++) {
        fixture *f = new_fixture();
        f->rules[2].kind = CAP_XLSX_RULE_CELL;
        f->rules[2].compare = (cap_xlsx_compare)i;
        f->rules[2].max = 5;
        assert_int_equal(write_book(f, 1, NULL), CAP_OK);
        assert_part_has("xl/worksheets/sheet1.xml", words[i]);
        free(f);
    }
}

static void refuses_a_decimal_comma(void **state)
{
    (void)state;
    cap_error err = {0};
    assert_int_equal(cap_xlsx_check_decimal_point(".", &err), CAP_OK);
    assert_int_equal(cap_xlsx_check_decimal_point(",", &err), CAP_ERR_INPUT);
    assert_non_null(strstr(err.message, "Sys.setlocale"));
    assert_int_equal(cap_xlsx_check_decimal_point("\xD9\xAB", &err),
                     CAP_ERR_INPUT);
}

/* ---- the file's place -------------------------------------------------- */

static void keeps_what_exists(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    cap_error err = {0};
    write_file(book_path, "mine", 4);
    assert_int_equal(write_book(f, 0, &err), CAP_ERR_IO);
    assert_non_null(strstr(err.message, "book.xlsx\" exists"));
    assert_int_equal(files_in_folder(), 1);
    size_t size;
    char *data = read_file(book_path, &size);
    assert_string_equal(data, "mine");
    free(data);
    assert_int_equal(chmod(book_path, 0640), 0);
    assert_int_equal(write_book(f, 1, &err), CAP_OK);
    struct stat info;
    assert_int_equal(stat(book_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    assert_int_equal(files_in_folder(), 1);
    free(f);
}

static void honours_umask(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    mode_t old = umask(027);
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    umask(old);
    struct stat info;
    assert_int_equal(stat(book_path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0640);
    free(f);
}

static void writes_through_a_link(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    char link_path[128];
    snprintf(link_path, sizeof link_path, "%s/link.xlsx", folder);
    write_file(book_path, "old", 3);
    assert_int_equal(symlink("book.xlsx", link_path), 0);
    assert_int_equal(cap_xlsx_write(&f->plan, link_path, 1, NULL, NULL, NULL),
                     CAP_OK);
    struct stat info;
    assert_int_equal(lstat(link_path, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_part_has("xl/workbook.xml", "Summary");
    free(f);
}

static void refuses_bad_paths(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    cap_error err = {0};
    char inside[128];
    snprintf(inside, sizeof inside, "%s/none/x.xlsx", folder);
    static const char *const bad[] = {"", "/", "/dev/null", NULL};
    for (size_t i = 0; bad[i] != NULL; i++) {
        assert_int_equal(cap_xlsx_write(&f->plan, bad[i], 1, NULL, NULL, &err),
                         CAP_ERR_IO);
    }
    assert_int_equal(cap_xlsx_write(&f->plan, inside, 1, NULL, NULL, &err),
                     CAP_ERR_IO);
    assert_int_equal(cap_xlsx_write(&f->plan, folder, 1, NULL, NULL, &err),
                     CAP_ERR_IO);
    assert_non_null(strstr(err.message, "not a regular file"));
    assert_int_equal(files_in_folder(), 0);
    free(f);
}

/* A child that is gone when this returns. */
static long dead_process(void)
{
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return (long)child;
}

static void clears_what_a_killed_run_left(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    cap_target target;
    assert_int_equal(cap_target_open(&target, book_path, 0, NULL), CAP_OK);
    /* the name that a process which no longer runs would have used */
    char stale[256];
    char alive[256];
    const char *name = strrchr(target.temporary, '/') + 1;
    snprintf(stale, sizeof stale, "%s/%.19s%ld-0.tmp", folder, name,
             dead_process());
    snprintf(alive, sizeof alive, "%s/%.19s%ld-0.tmp", folder, name,
             (long)getppid());
    cap_target_close(&target);
    assert_int_equal(files_in_folder(), 0);
    write_file(stale, "x", 1);
    write_file(alive, "x", 1);
    char other[128];
    snprintf(other, sizeof other, "%s/.cybercap-mine.tmp", folder);
    write_file(other, "x", 1);
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    assert_int_equal(access(stale, F_OK), -1);
    assert_int_equal(access(alive, F_OK), 0);
    assert_int_equal(access(other, F_OK), 0);
    free(f);
}

static void loses_a_race_for_the_name(void **state)
{
    (void)state;
    cap_target target;
    cap_error err = {0};
    assert_int_equal(cap_target_open(&target, book_path, 0, &err), CAP_OK);
    write_file(book_path, "theirs", 6);
    int fd = open(target.temporary, O_RDONLY);
    assert_int_equal(cap_target_commit(&target, fd, &err), CAP_ERR_IO);
    close(fd);
    assert_non_null(strstr(err.message, "exists"));
    cap_target_close(&target);
    assert_int_equal(files_in_folder(), 1);
    size_t size;
    char *data = read_file(book_path, &size);
    assert_string_equal(data, "theirs");
    free(data);
}

/* ---- stopping ---------------------------------------------------------- */

typedef struct {
    int calls, stop_at;
} poll_count;

static int stop_later(void *context)
{
    poll_count *count = context;
    return ++count->calls >= count->stop_at;
}

static void an_interrupt_leaves_nothing(void **state)
{
    (void)state;
    size_t n = 20000;
    double *many = calloc(n, sizeof *many);
    assert_non_null(many);
    fixture *f = new_fixture();
    f->lines[0].kind = CAP_XLSX_NUMBER;
    f->lines[0].numbers = many;
    f->blocks[1].n_rows = n;
    write_file(book_path, "old", 3);
    int stopped = 0;
    cap_status status = CAP_ERR_INTERRUPT;
    for (int stop_at = 1; status != CAP_OK; stop_at++) {
        poll_count count = {0, stop_at};
        cap_poll poll = {stop_later, &count, NULL};
        status = cap_xlsx_write(&f->plan, book_path, 1, &poll, NULL, NULL);
        assert_int_equal(files_in_folder(), 1);
        if (status != CAP_OK) {
            assert_int_equal(status, CAP_ERR_INTERRUPT);
            size_t size;
            char *data = read_file(book_path, &size);
            assert_string_equal(data, "old");
            free(data);
            stopped++;
        }
    }
    assert_true(stopped > 5);
    free(many);
    free(f);
}

static int raise_sigterm(void *context)
{
    (void)context;
    raise(SIGTERM);
    return 0;
}

static void a_sigterm_cleans_up_first(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    pid_t child = fork();
    if (child == 0) {
        cap_poll poll = {raise_sigterm, NULL, NULL};
        signal(SIGTERM, SIG_DFL);
        (void)cap_xlsx_write(&f->plan, book_path, 0, &poll, NULL, NULL);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    assert_int_equal(files_in_folder(), 0);
    free(f);
}

/* ---- allocation failures ----------------------------------------------- */

static void survives_failing_allocations(void **state)
{
    (void)state;
    static const char *const labels[] = {"a\x01", "b", "c"};
    static const char *const long_formula =
        "B{r}+B{r}+B{r}+B{r}+B{r}+B{r}+B{r}";
    fixture *f = new_fixture();
    f->series[0].labels = CAP_XLSX_LABELS_CENTER;
    f->series[0].label_text = labels;
    f->series[0].n_label_text = 3;
    f->columns[2].formula = long_formula;
    f->columns[0].header = "Pill\xC3\xA9";
    f->plan.properties.title = "bell\a";
    size_t failed = 0;
    for (size_t n = 1; n < 1000; n++) {
        cap_error err = {0};
        alloc_fail_at(n);
        cap_status status = write_book(f, 0, &err);
        size_t asked = alloc_count();
        alloc_fail_at(0);
        if (asked < n) {
            assert_int_equal(status, CAP_OK);
            break;
        }
        if (status == CAP_OK) { /* only the flush of the folder may do */
            assert_int_equal(unlink(book_path), 0);
        } else {
            assert_int_equal(status, CAP_ERR_MEMORY);
            assert_string_not_equal(err.message, "");
            failed++;
        }
        assert_int_equal(files_in_folder(), 0);
    }
    assert_true(failed > 12);
    assert_int_equal(files_in_folder(), 1);
    free(f);
}

/* ---- the check of the file --------------------------------------------- */

static cap_status check(const cap_package_contents *expected, cap_error *err)
{
    int fd = open(book_path, O_RDONLY);
    assert_true(fd >= 0);
    cap_status status = cap_package_check(fd, expected, NULL, err);
    close(fd);
    return status;
}

static const cap_package_contents whole = {2, 1, 1, 18};

static void a_whole_file_passes(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    assert_int_equal(check(&whole, NULL), CAP_OK);
    for (int i = 0; i < 4; i++) {
        cap_package_contents wrong = whole;
        size_t *counts[] = {&wrong.sheets, &wrong.charts, &wrong.tables,
                            &wrong.cells};
        ++*counts[i];
        assert_int_equal(check(&wrong, NULL), CAP_ERR_IO);
    }
    free(f);
}

static void a_cut_file_fails(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    size_t size;
    char *data = read_file(book_path, &size);
    for (size_t cut = 0; cut < size; cut += 97) {
        write_file(book_path, data, cut);
        assert_int_equal(check(&whole, NULL), CAP_ERR_IO);
    }
    free(data);
    free(f);
}

static void a_changed_byte_fails(void **state)
{
    (void)state;
    fixture *f = new_fixture();
    assert_int_equal(write_book(f, 0, NULL), CAP_OK);
    size_t size;
    char *data = read_file(book_path, &size);
    size_t unseen = 0;
    for (size_t i = 0; i < size; i += 53) {
        data[i] = (char)(data[i] ^ 0x20);
        write_file(book_path, data, size);
        unseen += check(&whole, NULL) == CAP_OK;
        data[i] = (char)(data[i] ^ 0x20);
    }
    /* Names and sums stand twice in a ZIP file and dates mean nothing: only
     * changes there may pass. */
    assert_true(unseen * 4 < size / 53);
    free(data);
    free(f);
}

/* A part as the library would pack a temporary file that was cut: whole for
 * ZIP, its sum right, but without its end. */
static void put16(char *p, size_t value)
{
    p[0] = (char)(value & 0xFF);
    p[1] = (char)(value >> 8 & 0xFF);
}

static void put32(char *p, size_t value)
{
    put16(p, value & 0xFFFF);
    put16(p + 2, value >> 16);
}

static void write_one_part(const char *name, const char *xml)
{
    char file[8192] = {0};
    unsigned char packed[4096];
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8,
                                  Z_DEFAULT_STRATEGY),
                     Z_OK);
    stream.next_in = (unsigned char *)(uintptr_t)xml;
    stream.avail_in = (uInt)strlen(xml);
    stream.next_out = packed;
    stream.avail_out = sizeof packed;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    size_t n = stream.total_out;
    deflateEnd(&stream);
    size_t crc = crc32(crc32(0, NULL, 0), (const unsigned char *)xml,
                       (uInt)strlen(xml));
    size_t name_length = strlen(name);
    memcpy(file, "PK\3\4", 4);
    put16(file + 26, name_length);
    memcpy(file + 30, name, name_length);
    memcpy(file + 30 + name_length, packed, n);
    size_t start = 30 + name_length + n;
    char *p = file + start;
    memcpy(p, "PK\1\2", 4);
    put16(p + 10, 8);
    put32(p + 16, crc);
    put32(p + 20, n);
    put32(p + 24, strlen(xml));
    put16(p + 28, name_length);
    memcpy(p + 46, name, name_length);
    char *end = p + 46 + name_length;
    memcpy(end, "PK\5\6", 4);
    put16(end + 8, 1);
    put16(end + 10, 1);
    put32(end + 12, 46 + name_length);
    put32(end + 16, start);
    write_file(book_path, file, start + 46 + name_length + 22);
}

static void assert_part_verdict(const char *xml, const char *verdict)
{
    cap_package_contents none = {1, 0, 0, 2};
    cap_error err = {0};
    write_one_part("xl/worksheets/sheet1.xml", xml);
    assert_int_equal(check(&none, &err), CAP_ERR_IO);
    if (strstr(err.message, verdict) == NULL) {
        print_error("%s: \"%s\" lacks \"%s\"\n", xml, err.message, verdict);
        fail();
    }
}

static void cut_xml_is_seen(void **state)
{
    (void)state;
    const char *root = "does not end with its root tag";
    /* whole: the next check complains, about the parts that are not there */
    assert_part_verdict("<?xml version=\"1.0\"?>\n<w a=\"/\"><c r=\"A1\"/>"
                        "<c><v>1</v></c><cols/></w>",
                        "is missing");
    assert_part_verdict("<?xml version=\"1.0\"?>\n<w><c/><c/>", root);
    assert_part_verdict("<w><c/><c r=\"A", root);
    assert_part_verdict("<w><c><v>1</c></w>", root);
    assert_part_verdict("<w><c r=\"A1\" <c/></w>", root);
    assert_part_verdict("<w></w></w>", root);
    assert_part_verdict("<w></w><w></w>", root);
    assert_part_verdict("", root);
    write_one_part("xl/sharedStrings.xml",
                   "<sst uniqueCount=\"2\"><si><t>a</t></si></sst>");
    cap_error err = {0};
    assert_int_equal(check(&whole, &err), CAP_ERR_IO);
    assert_non_null(strstr(err.message, "lacks texts"));
}

#define IN_FOLDER(test)                                                       \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(writes_everything),
        IN_FOLDER(writes_a_formula_for_each_cell),
        IN_FOLDER(caches_values_of_charts),
        IN_FOLDER(writes_every_kind_of_chart),
        IN_FOLDER(same_plan_same_bytes),
        cmocka_unit_test(cleans_text),
        cmocka_unit_test(cuts_long_text),
        cmocka_unit_test(keeps_literal_escapes),
        IN_FOLDER(counts_what_text_lost),
        cmocka_unit_test(compares_names_without_case),
        IN_FOLDER(refuses_bad_sheets),
        IN_FOLDER(refuses_bad_formats),
        IN_FOLDER(refuses_bad_blocks),
        IN_FOLDER(refuses_bad_tables),
        IN_FOLDER(refuses_bad_links),
        IN_FOLDER(refuses_too_many_links),
        IN_FOLDER(refuses_bad_charts),
        IN_FOLDER(refuses_bad_rules),
        IN_FOLDER(refuses_bad_names),
        IN_FOLDER(every_comparison_is_written),
        cmocka_unit_test(refuses_a_decimal_comma),
        IN_FOLDER(keeps_what_exists),
        IN_FOLDER(honours_umask),
        IN_FOLDER(writes_through_a_link),
        IN_FOLDER(refuses_bad_paths),
        IN_FOLDER(clears_what_a_killed_run_left),
        IN_FOLDER(loses_a_race_for_the_name),
        IN_FOLDER(an_interrupt_leaves_nothing),
        IN_FOLDER(a_sigterm_cleans_up_first),
        IN_FOLDER(survives_failing_allocations),
        IN_FOLDER(a_whole_file_passes),
        IN_FOLDER(a_cut_file_fails),
        IN_FOLDER(a_changed_byte_fails),
        IN_FOLDER(cut_xml_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
