/* Breaks text into lines by the widths of its characters. */
#include "xlsx/lines.h"

#include <math.h>

/* The lines so far. */
typedef struct {
    size_t n;
    double *width; /* or NULL */
} lines;

static void end_line(lines *to, double width)
{
    if (to->width != NULL) {
        to->width[to->n] = width;
    }
    to->n++;
}

static double sum_of(size_t n, const double *width)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++) {
        sum += width[k];
    }
    return sum;
}

/* Characters of the word that begins here, with the space or hyphen that ends
 * it. */
static size_t word_length(size_t n, const int *code)
{
    size_t k = 0;
    while (k < n && code[k] != ' ' && code[k] != '-') {
        k++;
    }
    return k < n ? k + 1 : n;
}

/* A text without line feeds. */
static void break_paragraph(size_t n, const int *code, const double *width,
                            double room, lines *to)
{
    double whole = sum_of(n, width), used = 0, shown = 0;
    if (whole <= room) {
        end_line(to, whole);
        return;
    }
    for (size_t from = 0, length; from < n; from += length) {
        length = word_length(n - from, code + from);
        double full = sum_of(length, width + from), bare = full;
        if (code[from + length - 1] == ' ') {
            bare -= width[from + length - 1];
        }
        if (used > 0 && used + bare > room) {
            end_line(to, shown);
            used = 0;
        }
        for (; room > 0 && bare > room; bare -= room, full -= room) {
            end_line(to, room);
        }
        shown = used + bare;
        used += full;
    }
    end_line(to, shown);
}

size_t cap_break_lines(size_t n, const int *code, const double *width,
                       double room, double *line)
{
    lines to = {0, line};
    size_t from = 0;
    for (size_t k = 0; k <= n; k++) {
        if (k == n || code[k] == '\n') {
            break_paragraph(k - from, code + from, width + from, room, &to);
            from = k + 1;
        }
    }
    return to.n;
}
