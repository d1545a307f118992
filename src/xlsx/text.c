/* Cleans text: replaces what Excel and XML cannot hold, cuts what is too long,
 * and counts both. */
#include "xlsx/text.h"

#include <string.h>

#include "base/allocation.h"

#define REPLACEMENT 0xFFFDu
#define INVALID 0xFFFFFFFFu

void cap_text_free(cap_text_buffer *buffer)
{
    cap_free(buffer->data);
    buffer->data = NULL;
    buffer->size = 0;
}

static int is_tail(unsigned char byte) { return (byte & 0xC0) == 0x80; }

/* Number of bytes that the first byte announces, 0 when it cannot be first. */
static size_t sequence_length(unsigned char first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 3;
    }
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

static int is_overlong_or_outside(uint32_t point, size_t length)
{
    return (length == 3 && point < 0x800) ||
           (length == 4 && (point < 0x10000 || point > 0x10FFFF)) ||
           (point >= 0xD800 && point <= 0xDFFF);
}

/* Decodes one code point; INVALID consumes one byte. */
static uint32_t decode(const unsigned char *text, size_t *consumed)
{
    static const unsigned char mask[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    size_t length = sequence_length(text[0]);
    *consumed = 1;
    if (length == 0) {
        return INVALID;
    }
    uint32_t point = text[0] & mask[length];
    for (size_t i = 1; i < length; i++) {
        if (!is_tail(text[i])) { /* also the terminator */
            return INVALID;
        }
        point = point << 6 | (text[i] & 0x3F);
    }
    if (is_overlong_or_outside(point, length)) {
        return INVALID;
    }
    *consumed = length;
    return point;
}

static size_t encode(uint32_t point, char *out)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        out[0] = (char)(0xC0 | point >> 6);
        out[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        out[0] = (char)(0xE0 | point >> 12);
        out[1] = (char)(0x80 | (point >> 6 & 0x3F));
        out[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | point >> 18);
    out[1] = (char)(0x80 | (point >> 12 & 0x3F));
    out[2] = (char)(0x80 | (point >> 6 & 0x3F));
    out[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

static int is_forbidden(uint32_t point)
{
    return point == INVALID ||
           (point < 0x20 && point != '\t' && point != '\n' && point != '\r') ||
           (point >= 0x7F && point <= 0x9F) || point == 0xFFFE ||
           point == 0xFFFF;
}

static size_t units_of(uint32_t point) { return point >= 0x10000 ? 2 : 1; }

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
           (c >= 'A' && c <= 'F');
}

static int is_escape(const char *text)
{
    return text[0] == '_' && text[1] == 'x' && is_hex(text[2]) &&
           is_hex(text[3]) && is_hex(text[4]) && is_hex(text[5]) &&
           text[6] == '_';
}

/* Plain printable ASCII needs no work: the case of nearly every cell. */
static int is_plain(const char *text, size_t length, size_t max_units,
                    int escape)
{
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char odd = 0;
    unsigned char low = 0;
    for (size_t i = 0; i < length; i++) {
        odd |= (unsigned char)(bytes[i] & 0x80);
        low |= (unsigned char)(bytes[i] < 0x20 || bytes[i] == 0x7F);
    }
    return !odd && !low && length <= max_units &&
           !(escape && strstr(text, "_x") != NULL);
}

/* What a pass over the text finds. */
typedef struct {
    size_t units;    /* UTF-16 units of the cleaned text */
    size_t replaced; /* forbidden characters */
    size_t changes;  /* places where the cleaned text differs */
    size_t fitting;  /* input bytes whose output fits with an ellipsis */
    size_t fitting_replaced;
} text_scan;

static text_scan scan(const char *text, size_t max_units, int escape)
{
    text_scan found = {0};
    for (size_t i = 0; text[i] != '\0';) {
        size_t consumed;
        uint32_t point = decode((const unsigned char *)text + i, &consumed);
        size_t units = 1;
        if (is_forbidden(point)) {
            found.replaced++;
            found.changes++;
        } else if (point == '\r') {
            found.changes++;
            consumed += text[i + 1] == '\n';
        } else if (escape && is_escape(text + i)) {
            found.changes++;
            units = 7;
        } else {
            units = units_of(point);
        }
        found.units += units;
        i += consumed;
        if (found.units < max_units) {
            found.fitting = i;
            found.fitting_replaced = found.replaced;
        }
    }
    return found;
}

static cap_status reserve(cap_text_buffer *buffer, size_t size)
{
    if (size <= buffer->size) {
        return CAP_OK;
    }
    cap_text_free(buffer);
    buffer->data = cap_calloc(size, 1);
    if (buffer->data == NULL) {
        return CAP_ERR_MEMORY;
    }
    buffer->size = size;
    return CAP_OK;
}

/* Writes the cleaned first `length` bytes of `text`; returns the bytes. */
static size_t copy_clean(const char *text, size_t length, int escape,
                         char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < length;) {
        size_t consumed;
        uint32_t point = decode((const unsigned char *)text + i, &consumed);
        if (is_forbidden(point)) {
            point = REPLACEMENT;
        } else if (point == '\r') {
            point = '\n';
            consumed += text[i + 1] == '\n';
        } else if (escape && is_escape(text + i)) {
            memcpy(out + n, "_x005F", 6);
            n += 6;
        }
        n += encode(point, out + n);
        i += consumed;
    }
    return n;
}

cap_status cap_text_clean(const char *text, size_t max_units, int escape,
                          cap_text_buffer *buffer, const char **clean,
                          cap_text_counts *counts)
{
    size_t length = strlen(text);
    *clean = text;
    if (is_plain(text, length, max_units, escape)) {
        return CAP_OK;
    }
    text_scan found = scan(text, max_units, escape);
    int cut = found.units > max_units;
    if (!cut && found.changes == 0) {
        return CAP_OK;
    }
    size_t used = cut ? found.fitting : length;
    /* One byte becomes at most three, or seven for an escape of seven. */
    if (used > (SIZE_MAX - 8) / 3 || reserve(buffer, 3 * used + 8) != CAP_OK) {
        return CAP_ERR_MEMORY;
    }
    size_t n = copy_clean(text, used, escape, buffer->data);
    if (cut && max_units > 0) {
        n += encode(0x2026, buffer->data + n);
    }
    buffer->data[n] = '\0';
    *clean = buffer->data;
    if (counts != NULL) {
        counts->cut += (size_t)cut;
        counts->replaced += cut ? found.fitting_replaced : found.replaced;
    }
    return CAP_OK;
}

size_t cap_text_name_units(const char *text)
{
    size_t units = 0;
    for (size_t i = 0; text[i] != '\0';) {
        size_t consumed;
        uint32_t point = decode((const unsigned char *)text + i, &consumed);
        if (is_forbidden(point) || point < 0x20) {
            return (size_t)-1;
        }
        units += units_of(point);
        i += consumed;
    }
    return units;
}

/* Simple case folding of the scripts with case that names of countries and
 * sheets use: Latin with its first extension, Greek, Cyrillic. */
static uint32_t fold(uint32_t c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
        (c >= 0x391 && c <= 0x3A9) || (c >= 0x410 && c <= 0x42F)) {
        return c + 32;
    }
    if (c >= 0x400 && c <= 0x40F) {
        return c + 80;
    }
    if (c == 0x178) {
        return 0xFF;
    }
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) {
        return c % 2 == 1 ? c + 1 : c; /* capitals are odd here */
    }
    if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 && c != 0x138) {
        return c | 1;
    }
    return c;
}

int cap_text_same_name(const char *a, const char *b)
{
    const unsigned char *p = (const unsigned char *)a;
    const unsigned char *q = (const unsigned char *)b;
    while (*p != '\0' && *q != '\0') {
        size_t np;
        size_t nq;
        if (fold(decode(p, &np)) != fold(decode(q, &nq))) {
            return 0;
        }
        p += np;
        q += nq;
    }
    return *p == *q;
}
