/* SPDX-License-Identifier: MIT */
/** @file Input texts before their syntax: from the disk, and clean of odd bytes. */
#include "input/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** First read of what does not know its size: a pipe. */
enum { CHUNK_BYTES = 64 * 1024 };

static struct psim_loc
whole_file(struct psim_diag *diag, const char *path)
{
    return (struct psim_loc){.source = psim_source_new(diag, path, NULL, 0)};
}

/** How many bytes to make room for: one more than the file has, so that its end
 * is seen at once. */
static size_t
room_for(FILE *file)
{
    long size = 0;
    if (fseek(file, 0, SEEK_END) == 0) size = ftell(file);
    /* A pipe refuses both; then nothing was moved. */
    if (fseek(file, 0, SEEK_SET) != 0 || size <= 0) return CHUNK_BYTES;
    return size < PSIM_READ_MAX_BYTES ? (size_t)size + 1 : PSIM_READ_MAX_BYTES + 1;
}

/**
 * Read to the end or past the limit. Only the last room is kept of the growing
 * ones, which is why @p scratch is an arena of its own.
 *
 * @return false where the system failed
 */
static bool
read_all(struct psim_arena *scratch, FILE *file, char **ret_text, size_t *ret_len)
{
    size_t room = room_for(file), len = 0;
    char *text = psim_arena_alloc(scratch, room, 1);
    for (;;) {
        len += fread(text + len, 1, room - len, file);
        if (len < room || len > PSIM_READ_MAX_BYTES) break;
        room = room <= PSIM_READ_MAX_BYTES / 2 ? 2 * room : PSIM_READ_MAX_BYTES + 1;
        struct psim_arena larger = {0};
        char *more = psim_arena_alloc(&larger, room, 1);
        memcpy(more, text, len);
        psim_arena_free(scratch);
        *scratch = larger;
        text = more;
    }
    *ret_text = text;
    *ret_len = len;
    return !ferror(file);
}

/** Like fopen(); but a pipe without a writer is empty, not waited for. */
static FILE *
open_file(const char *path)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return NULL;
    /* A pipe with a writer is read at the writer's pace. */
    FILE *file = fcntl(fd, F_SETFL, 0) == 0 ? fdopen(fd, "rb") : NULL;
    if (!file) {
        const int why = errno;
        (void)close(fd);
        errno = why;
    }
    return file;
}

bool
psim_text_load(struct psim_arena *arena, struct psim_diag *diag, const char *path,
               const char **ret_text, size_t *ret_len)
{
    FILE *file = open_file(path);
    if (!file) {
        return psim_error(diag, whole_file(diag, path), "cannot be opened: %s",
                          strerror(errno));
    }
    struct psim_arena scratch = {0};
    char *text;
    size_t len;
    errno = 0;
    const bool ok = read_all(&scratch, file, &text, &len);
    const int why = errno;
    (void)fclose(file);
    if (ok) {
        *ret_text = psim_arena_copy(arena, text, len);
        *ret_len = len;
    } else {
        psim_error(diag, whole_file(diag, path), "cannot be read: %s", strerror(why));
    }
    psim_arena_free(&scratch);
    return ok;
}

static bool
ends_lines_for_some(uint32_t code)
{
    return code == 0x85 || code == 0x2028 || code == 0x2029;
}

static bool
is_control(uint32_t code)
{
    return (code < 0x20 && code != '\t' && code != '\n' && code != '\r') ||
           (code >= 0x7F && code <= 0x9F) || code == 0xFEFF || code == 0xFFFE ||
           code == 0xFFFF;
}

/** The fault at @p offset; only called where there is one. */
static bool
bad_byte(struct psim_diag *diag, const struct psim_source *source, size_t offset)
{
    const struct psim_loc at = psim_source_at(source, offset);
    const unsigned char byte = (unsigned char)source->text[offset];
    uint32_t code;
    if (psim_str_utf8(source->text + offset, source->len - offset, &code) == 0) {
        return psim_error(diag, at, "byte 0x%02X is not UTF-8; text in UTF-8 is needed",
                          byte);
    }
    if (code == 0) {
        return psim_error(diag, at, "a zero byte; text is needed, not a binary file");
    }
    if (code == '\r') {
        return psim_error(diag, at,
                          "a carriage return without a line feed; lines end in "
                          "LF or CR LF");
    }
    if (ends_lines_for_some(code)) {
        return psim_error(diag, at,
                          "the line separator U+%04X is not allowed; lines end in "
                          "LF or CR LF",
                          (unsigned)code);
    }
    return psim_error(diag, at, "the control character U+%04X is not allowed",
                      (unsigned)code);
}

bool
psim_text_check(struct psim_diag *diag, const struct psim_source *source)
{
    const char *text = source->text;
    for (size_t pos = 0; pos < source->len;) {
        /* Nearly every byte of nearly every file. */
        if (text[pos] >= ' ' && text[pos] < 0x7F) {
            pos++;
            continue;
        }
        uint32_t code;
        const size_t n = psim_str_utf8(text + pos, source->len - pos, &code);
        const bool lone_return =
            text[pos] == '\r' && (pos + 1 == source->len || text[pos + 1] != '\n');
        if (n == 0 || lone_return || is_control(code) || ends_lines_for_some(code)) {
            return bad_byte(diag, source, pos);
        }
        pos += n;
    }
    return true;
}

const struct psim_source *
psim_text_open(struct psim_diag *diag, const char *name, const char *text, size_t len)
{
    static const char mark[] = "\xEF\xBB\xBF";
    const size_t skip = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    const struct psim_source *source =
        psim_source_new(diag, name, text + skip, len - skip);
    if (len > PSIM_READ_MAX_BYTES) {
        psim_error(diag, (struct psim_loc){.source = source}, "larger than %d MiB",
                   PSIM_READ_MAX_BYTES >> 20);
        return NULL;
    }
    return psim_text_check(diag, source) ? source : NULL;
}

bool
psim_text_check_directives(struct psim_diag *diag, const struct psim_source *source,
                           size_t offset)
{
    const char *end = source->text + source->len;
    for (const char *line = source->text + offset; line < end;) {
        const char *eol = memchr(line, '\n', (size_t)(end - line));
        if (!eol || eol + 1 == end) break;
        line = eol + 1;
        if (*line == '%') {
            return psim_error(diag,
                              psim_source_at(source, (size_t)(line - source->text)),
                              "a line cannot begin with '%%'; a text that does needs "
                              "quotes");
        }
    }
    return true;
}

void
psim_text_trim(const char *text, size_t *pos, size_t *end)
{
    static const char blanks[] = {' ', '\t', '\r', '\n'};
    while (*pos < *end && memchr(blanks, text[*pos], sizeof blanks)) {
        ++*pos;
    }
    while (*pos < *end && memchr(blanks, text[*end - 1], sizeof blanks)) {
        --*end;
    }
}
