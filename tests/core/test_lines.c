#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "xlsx/lines.h"

enum { MOST = 64 };

/* Lines of ASCII whose characters are one wide, but for 'W', which is two. */
static size_t lines_of(const char *text, double room, double *line)
{
    int code[MOST];
    double width[MOST];
    size_t n = strlen(text);
    for (size_t k = 0; k < n; k++) {
        code[k] = text[k];
        width[k] = text[k] == 'W' ? 2 : 1;
    }
    size_t told = cap_break_lines(n, code, width, room, NULL);
    assert_int_equal(cap_break_lines(n, code, width, room, line), told);
    return told;
}

static void texts_break_after_spaces_and_hyphens(void **state)
{
    (void)state;
    double line[MOST];
    assert_int_equal(lines_of("one two", 7, line), 1);
    assert_true(line[0] == 7);
    assert_int_equal(lines_of("one two", 6, line), 2);
    assert_true(line[0] == 3 && line[1] == 3); /* without the space */
    assert_int_equal(lines_of("one-two", 6, line), 2);
    assert_true(line[0] == 4 && line[1] == 3);
    assert_int_equal(lines_of("one two three", 7, line), 2);
    assert_true(line[0] == 7 && line[1] == 5); /* a space over the edge */
    assert_int_equal(lines_of("WWW WW", 6, line), 2);
    assert_true(line[0] == 6 && line[1] == 4);
}

static void long_words_are_cut(void **state)
{
    (void)state;
    double line[MOST];
    assert_int_equal(lines_of("a bcdefghij k", 4, line), 4);
    assert_true(line[0] == 1 && line[1] == 4 && line[2] == 4 && line[3] == 3);
    assert_int_equal(lines_of("WW", 1, line), 4);
    assert_int_equal(lines_of("abcdefgh", 4, line), 2);
    assert_true(line[0] == 4 && line[1] == 4);
    assert_int_equal(lines_of("ab cd", 0, line), 2); /* no room, no cut */
    assert_true(line[0] == 2 && line[1] == 2);
}

static void line_feeds_end_lines(void **state)
{
    (void)state;
    double line[MOST];
    assert_int_equal(lines_of("", 5, line), 1);
    assert_true(line[0] == 0);
    assert_int_equal(lines_of("a\n\nbc\n", 5, line), 4);
    assert_true(line[0] == 1 && line[1] == 0 && line[2] == 2 && line[3] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_break_after_spaces_and_hyphens),
        cmocka_unit_test(long_words_are_cut),
        cmocka_unit_test(line_feeds_end_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
