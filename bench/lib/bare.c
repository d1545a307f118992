/* The same cells as a brief by calls of libxlsxwriter alone: prints the
 * seconds from opening the workbook to its closing. Arguments: a file of lines
 * "sheet row col format s|n value", the workbook, the number of formats. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xlsxwriter.h>

typedef struct {
    int sheet, row, col, format;
    char kind;
    char *text;
    double number;
} cell;

enum { MOST_CELLS = 1000000, MOST_SHEETS = 20, MOST_FORMATS = 100 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t read_cells(const char *path, cell *cells)
{
    static char line[65536];
    size_t n = 0;
    int at;
    FILE *file = fopen(path, "r");
    while (file != NULL && n < MOST_CELLS && fgets(line, sizeof line, file)) {
        cell *c = &cells[n];
        line[strcspn(line, "\n")] = '\0';
        if (sscanf(line, "%d %d %d %d %c %n", &c->sheet, &c->row, &c->col,
                   &c->format, &c->kind, &at) < 5) {
            continue;
        }
        c->text = strdup(line + at);
        c->number = atof(line + at);
        n++;
    }
    return n;
}

int main(int argc, char **argv)
{
    static cell cells[MOST_CELLS];
    lxw_worksheet *sheets[MOST_SHEETS] = {NULL};
    lxw_format *formats[MOST_FORMATS] = {NULL};
    if (argc < 4) {
        return 2;
    }
    size_t n = read_cells(argv[1], cells);
    int n_formats = atoi(argv[3]);
    double start = now();
    lxw_workbook *workbook = workbook_new(argv[2]);
    for (int f = 1; f <= n_formats && f < MOST_FORMATS; f++) {
        formats[f] = workbook_add_format(workbook);
        format_set_num_format(formats[f], "0.0");
        format_set_bold(formats[f]);
    }
    for (size_t i = 0; i < n; i++) {
        cell *c = &cells[i];
        while (sheets[c->sheet] == NULL) {
            int next = 0;
            while (sheets[next] != NULL) {
                next++;
            }
            sheets[next] = workbook_add_worksheet(workbook, NULL);
        }
        if (c->kind == 's') {
            worksheet_write_string(sheets[c->sheet], (lxw_row_t)c->row,
                                   (lxw_col_t)c->col, c->text,
                                   formats[c->format]);
        } else {
            worksheet_write_number(sheets[c->sheet], (lxw_row_t)c->row,
                                   (lxw_col_t)c->col, c->number,
                                   formats[c->format]);
        }
    }
    lxw_error error = workbook_close(workbook);
    printf("%.9g\n", now() - start);
    return error != LXW_NO_ERROR;
}
