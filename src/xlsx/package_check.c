/* Reads a finished workbook back, part by part.
 *
 * The central directory lists the parts; each is inflated in pieces, and a
 * small state machine follows its tags: they must nest and end with the
 * root's. Cells and shared strings are counted on the way. */
/* pread() and fstat() are POSIX 2008. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include "xlsx/package_check.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <zlib.h>

#include "base/allocation.h"

#define END_SIZE 22
#define CENTRAL_SIZE 46
#define LOCAL_SIZE 30
#define CHUNK 65536
#define HEAD_SIZE 512

/* ---- tags -------------------------------------------------------------- */

typedef enum { IN_TEXT, AT_OPEN, IN_TAG, IN_CLOSE, IN_DECLARATION } tag_state;

/* Follows the tags of one part as it is inflated, piece by piece. The library
 * escapes < and > everywhere else, so that they mark tags and nothing more. */
typedef struct {
    tag_state state;
    char name[4]; /* start of the name of the tag being read */
    size_t name_length;
    int named;          /* the name is complete */
    unsigned char last; /* byte before the one at hand, in a tag */
    size_t depth, roots, cells, strings;
    int broken;
    char head[HEAD_SIZE + 1];
    size_t head_length;
} tag_reader;

static int name_is(const tag_reader *tags, const char *name)
{
    size_t n = strlen(name);
    return tags->name_length == n && memcmp(tags->name, name, n) == 0;
}

static void begin_tag(tag_reader *tags, unsigned char byte)
{
    tags->name_length = 0;
    tags->named = 1;
    tags->last = byte;
    if (byte == '/') {
        tags->state = IN_CLOSE;
    } else if (byte == '?' || byte == '!') {
        tags->state = IN_DECLARATION;
    } else {
        tags->state = IN_TAG;
        tags->named = 0;
        tags->name[tags->name_length++] = (char)byte;
    }
}

static void open_element(tag_reader *tags, int empty)
{
    if (tags->depth == 0) {
        tags->roots++;
    }
    tags->cells += (size_t)name_is(tags, "c");
    tags->strings += (size_t)name_is(tags, "si");
    tags->depth += empty ? 0 : 1;
}

static void end_tag(tag_reader *tags)
{
    if (tags->state == IN_TAG) {
        open_element(tags, tags->last == '/');
    } else if (tags->state == IN_CLOSE) {
        tags->broken |= tags->depth == 0;
        tags->depth -= tags->depth > 0;
    }
    tags->state = IN_TEXT;
}

/* Takes one byte of a tag's name, or learns that it is complete. */
static void read_name(tag_reader *tags, unsigned char byte)
{
    if (byte == ' ' || byte == '/') {
        tags->named = 1;
    } else if (tags->name_length < sizeof tags->name) {
        tags->name[tags->name_length++] = (char)byte;
    }
    tags->last = byte;
}

/* Skips to the end of a tag whose name is known; returns the bytes used. */
static size_t skip_tag(tag_reader *tags, const unsigned char *data, size_t n)
{
    const unsigned char *close = memchr(data, '>', n);
    size_t used = close == NULL ? n : (size_t)(close - data);
    if (used > 0) {
        tags->broken |= memchr(data, '<', used) != NULL;
        tags->last = data[used - 1];
    }
    if (close != NULL) {
        end_tag(tags);
        used++;
    }
    return used;
}

static void read_tags(tag_reader *tags, const unsigned char *data, size_t n)
{
    size_t i = 0;
    while (i < n) {
        if (tags->state == IN_TEXT) {
            const unsigned char *open = memchr(data + i, '<', n - i);
            if (open == NULL) {
                return;
            }
            tags->state = AT_OPEN;
            i = (size_t)(open - data) + 1;
        } else if (tags->state == AT_OPEN) {
            begin_tag(tags, data[i++]);
        } else if (!tags->named && data[i] != '>') {
            read_name(tags, data[i++]);
        } else {
            i += skip_tag(tags, data + i, n - i);
        }
    }
}

static void keep_head(tag_reader *tags, const unsigned char *data, size_t n)
{
    size_t room = HEAD_SIZE - tags->head_length;
    size_t used = n < room ? n : room;
    memcpy(tags->head + tags->head_length, data, used);
    tags->head_length += used;
    tags->head[tags->head_length] = '\0';
}

static int is_whole(const tag_reader *tags)
{
    return tags->state == IN_TEXT && tags->depth == 0 && tags->roots == 1 &&
           !tags->broken;
}

/* uniqueCount of xl/sharedStrings.xml against the strings found. */
static int has_all_strings(const tag_reader *tags)
{
    const char *count = strstr(tags->head, "uniqueCount=\"");
    if (count == NULL) {
        return 0;
    }
    count += strlen("uniqueCount=\"");
    return strtoull(count, NULL, 10) == tags->strings;
}

/* ---- zip --------------------------------------------------------------- */

typedef struct {
    int fd;
    uint64_t size;
    unsigned char *input, *output; /* CHUNK bytes each */
    const cap_poll *poll;
    cap_package_contents found;
    size_t required;
} package;

typedef struct {
    char name[128];
    uint32_t crc, packed, unpacked, offset;
    unsigned method;
} part;

static uint32_t u16(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32(const unsigned char *p)
{
    return u16(p) | u16(p + 2) << 16;
}

static int read_at(const package *pkg, uint64_t offset, void *out, size_t n)
{
    unsigned char *to = out;
    while (n > 0) {
        ssize_t got = pread(pkg->fd, to, n, (off_t)offset);
        if (got <= 0) {
            return 0;
        }
        to += got;
        offset += (uint64_t)got;
        n -= (size_t)got;
    }
    return 1;
}

static cap_status damaged(cap_error *err, const char *name, const char *what)
{
    return cap_fail(err, CAP_ERR_IO,
                    "the workbook was not written whole: %s %s. Is the disk "
                    "or the folder for temporary files full?",
                    name, what);
}

/* Feeds one piece of output to the checks. */
static void take(tag_reader *tags, const unsigned char *data, size_t n,
                 uLong *crc, uint64_t *total)
{
    *crc = crc32(*crc, data, (uInt)n);
    *total += n;
    if (tags->head_length < HEAD_SIZE) {
        keep_head(tags, data, n);
    }
    read_tags(tags, data, n);
}

/* Inflates `entry` from `offset`; returns 0 when the stream is bad. */
static int inflate_part(package *pkg, const part *entry, uint64_t offset,
                        z_stream *stream, tag_reader *tags)
{
    uLong crc = crc32(0, NULL, 0);
    uint64_t total = 0;
    uint32_t left = entry->packed;
    int code = Z_OK;
    while (code == Z_OK) {
        if (stream->avail_in == 0 && left > 0) {
            uint32_t n = left < CHUNK ? left : CHUNK;
            if (!read_at(pkg, offset, pkg->input, n)) {
                return 0;
            }
            offset += n;
            left -= n;
            stream->next_in = pkg->input;
            stream->avail_in = n;
        }
        stream->next_out = pkg->output;
        stream->avail_out = CHUNK;
        code = inflate(stream, Z_NO_FLUSH);
        if (code == Z_OK || code == Z_STREAM_END) {
            take(tags, pkg->output, CHUNK - stream->avail_out, &crc, &total);
        }
    }
    return code == Z_STREAM_END && crc == entry->crc &&
           total == entry->unpacked && left == 0 && stream->avail_in == 0;
}

static int starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static int is_required(const char *name)
{
    static const char *const names[] = {
        "[Content_Types].xml", "_rels/.rels",
        "xl/workbook.xml",     "xl/styles.xml",
        "docProps/core.xml",   "docProps/app.xml",
        "xl/theme/theme1.xml", "xl/_rels/workbook.xml.rels"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            return 1;
        }
    }
    return 0;
}
#define N_REQUIRED 8

static void count_part(package *pkg, const part *entry, const tag_reader *tags)
{
    const char *name = entry->name;
    pkg->required += (size_t)is_required(name);
    if (starts_with(name, "xl/worksheets/sheet")) {
        pkg->found.sheets++;
        pkg->found.cells += tags->cells;
    }
    pkg->found.charts += (size_t)starts_with(name, "xl/charts/chart");
    pkg->found.tables += (size_t)starts_with(name, "xl/tables/table");
}

static cap_status check_part(package *pkg, const part *entry, cap_error *err)
{
    unsigned char local[LOCAL_SIZE];
    if (entry->method != Z_DEFLATED ||
        !read_at(pkg, entry->offset, local, sizeof local) ||
        u32(local) != 0x04034B50u) {
        return damaged(err, entry->name, "has no header");
    }
    uint64_t start = (uint64_t)entry->offset + LOCAL_SIZE + u16(local + 26) +
                     u16(local + 28);
    tag_reader tags;
    memset(&tags, 0, sizeof tags);
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        return cap_fail(err, CAP_ERR_MEMORY, "no memory to check the file");
    }
    int good = inflate_part(pkg, entry, start, &stream, &tags);
    inflateEnd(&stream);
    if (!good) {
        return damaged(err, entry->name, "is cut or does not match its sum");
    }
    if (!is_whole(&tags)) {
        return damaged(err, entry->name, "does not end with its root tag");
    }
    if (strcmp(entry->name, "xl/sharedStrings.xml") == 0 &&
        !has_all_strings(&tags)) {
        return damaged(err, entry->name, "lacks texts");
    }
    count_part(pkg, entry, &tags);
    return CAP_OK;
}

/* Reads one entry of the central directory; returns its length or 0. */
static size_t read_entry(const unsigned char *p, size_t left, part *entry)
{
    if (left < CENTRAL_SIZE || u32(p) != 0x02014B50u) {
        return 0;
    }
    size_t name = u16(p + 28);
    size_t length = CENTRAL_SIZE + name + u16(p + 30) + u16(p + 32);
    if (length > left || name == 0 || name >= sizeof entry->name) {
        return 0;
    }
    memcpy(entry->name, p + CENTRAL_SIZE, name);
    entry->name[name] = '\0';
    entry->method = u16(p + 10);
    entry->crc = u32(p + 16);
    entry->packed = u32(p + 20);
    entry->unpacked = u32(p + 24);
    entry->offset = u32(p + 42);
    return length;
}

static cap_status check_directory(package *pkg, const unsigned char *directory,
                                  size_t size, size_t n, cap_error *err)
{
    for (size_t i = 0; i < n; i++) {
        part entry;
        size_t used = read_entry(directory, size, &entry);
        if (used == 0) {
            return damaged(err, "the directory", "is cut");
        }
        cap_status status = check_part(pkg, &entry, err);
        if (status != CAP_OK) {
            return status;
        }
        if (cap_poll_stop(pkg->poll)) {
            return cap_fail(err, CAP_ERR_INTERRUPT, "interrupted");
        }
        directory += used;
        size -= used;
    }
    return CAP_OK;
}

static cap_status check_contents(const package *pkg,
                                 const cap_package_contents *expected,
                                 cap_error *err)
{
    if (pkg->required != N_REQUIRED) {
        return damaged(err, "a part of the workbook", "is missing");
    }
    if (pkg->found.sheets != expected->sheets ||
        pkg->found.charts != expected->charts ||
        pkg->found.tables != expected->tables) {
        return damaged(err, "a sheet, chart or table", "is missing");
    }
    if (pkg->found.cells != expected->cells) {
        char what[96];
        snprintf(what, sizeof what, "hold %llu cells where %llu were written",
                 (unsigned long long)pkg->found.cells,
                 (unsigned long long)expected->cells);
        return damaged(err, "the sheets", what);
    }
    return CAP_OK;
}

static cap_status check_parts(package *pkg, cap_error *err)
{
    unsigned char end[END_SIZE];
    if (pkg->size < END_SIZE ||
        !read_at(pkg, pkg->size - END_SIZE, end, sizeof end) ||
        u32(end) != 0x06054B50u) {
        return damaged(err, "the file", "has no end record");
    }
    size_t size = u32(end + 12);
    uint64_t start = u32(end + 16);
    if (start + size + END_SIZE != pkg->size) {
        return damaged(err, "the directory", "is not where it should be");
    }
    unsigned char *directory = cap_calloc(size, 1);
    if (directory == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "no memory to check the file");
    }
    cap_status status =
        read_at(pkg, start, directory, size)
            ? check_directory(pkg, directory, size, u16(end + 10), err)
            : damaged(err, "the directory", "cannot be read");
    cap_free(directory);
    return status;
}

cap_status cap_package_check(int fd, const cap_package_contents *expected,
                             const cap_poll *poll, cap_error *err)
{
    package pkg;
    memset(&pkg, 0, sizeof pkg);
    pkg.fd = fd;
    pkg.poll = poll;
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return damaged(err, "the file", "cannot be read");
    }
    pkg.size = (uint64_t)info.st_size;
    pkg.input = cap_calloc(2, CHUNK);
    if (pkg.input == NULL) {
        return cap_fail(err, CAP_ERR_MEMORY, "no memory to check the file");
    }
    pkg.output = pkg.input + CHUNK;
    cap_status status = check_parts(&pkg, err);
    if (status == CAP_OK) {
        status = check_contents(&pkg, expected, err);
    }
    cap_free(pkg.input);
    return status;
}
