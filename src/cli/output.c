/* SPDX-License-Identifier: MIT */
/** @file Where a document goes: stdout, or a file that is there whole or not at all. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "report/page.h"
#include "util/arena.h"
#include "util/str.h"

bool
psim_may_colour(FILE *stream)
{
    const char *no_color = getenv("NO_COLOR");
    if (no_color && *no_color) return false;
    return isatty(fileno(stream)) == 1;
}

const struct psim_engine *
psim_need_engine(struct psim_diag *diag, const char *name)
{
    if (!name) name = "analytic";
    const struct psim_engine *engine = psim_engine_find(name);
    if (engine) return engine;
    psim_error(diag, (struct psim_loc){0},
               "--engine: no engine '%s'; 'perfsim list engines' shows all",
               psim_str_excerpt(diag->arena, name));
    return NULL;
}

const struct psim_format *
psim_need_format(struct psim_diag *diag, const char *name)
{
    if (!name) name = "text";
    const struct psim_format *format = psim_format_find(name);
    if (format) return format;
    psim_error(diag, (struct psim_loc){0},
               "--format: no format '%s'; 'perfsim list formats' shows all",
               psim_str_excerpt(diag->arena, name));
    return NULL;
}

static bool
cannot_write(struct psim_diag *diag, const char *path, int why)
{
    return psim_error(diag, (struct psim_loc){0}, "-o: '%s' cannot be written: %s",
                      psim_str_excerpt(diag->arena, path), strerror(why));
}

/** @return 0, or the system's reason */
static int
write_and_close(int fd, const char *text, size_t len)
{
    int why = 0;
    while (len > 0 && why == 0) {
        const ssize_t n = write(fd, text, len);
        if (n < 0) {
            why = errno == EINTR ? 0 : errno;
            continue;
        }
        text += n;
        len -= (size_t)n;
    }
    if (close(fd) != 0 && why == 0) why = errno;
    return why;
}

/** A device or a pipe must stay what it is. */
static bool
write_directly(struct psim_diag *diag, const char *path, const char *text, size_t len)
{
    const int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    const int why = fd < 0 ? errno : write_and_close(fd, text, len);
    return why == 0 || cannot_write(diag, path, why);
}

/** @return 0, or the system's reason */
static int
write_beside(char *name, const char *path, mode_t mode, const char *text, size_t len)
{
    const int fd = mkstemp(name);
    if (fd < 0) return errno;
    int why = fchmod(fd, mode) == 0 ? 0 : errno;
    const int failed = write_and_close(fd, text, len);
    if (why == 0) why = failed;
    if (why == 0 && rename(name, path) != 0) why = errno;
    if (why != 0) (void)unlink(name);
    return why;
}

/** Beside the file first, then in its place: nobody sees a half of it. */
static bool
write_whole(struct psim_diag *diag, const char *path, mode_t mode, const char *text,
            size_t len)
{
    char *name = psim_arena_printf(diag->arena, "%s.XXXXXX", path);
    sigset_t stops, before;
    (void)sigemptyset(&stops);
    (void)sigaddset(&stops, SIGINT);
    (void)sigaddset(&stops, SIGTERM);
    (void)sigaddset(&stops, SIGHUP);
    /* Who stops the program between the two steps would leave the first of them. */
    (void)sigprocmask(SIG_BLOCK, &stops, &before);
    const int why = write_beside(name, path, mode, text, len);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return why == 0 || cannot_write(diag, path, why);
}

static bool
write_file(struct psim_diag *diag, const char *path, const char *text, size_t len)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        const mode_t mask = umask(0);
        (void)umask(mask);
        return write_whole(diag, path, 0666 & ~mask, text, len);
    }
    if (!S_ISREG(status.st_mode)) return write_directly(diag, path, text, len);
    /* The file that a link stands for is replaced, not the link. */
    char *real = realpath(path, NULL);
    if (!real) return cannot_write(diag, path, errno);
    const bool ok = write_whole(diag, real, status.st_mode & 07777, text, len);
    free(real);
    return ok;
}

bool
psim_write_bytes(struct psim_diag *diag, const char *bytes, size_t len,
                 const char *path)
{
    return write_file(diag, path, bytes, len);
}

static bool
write_bytes(struct psim_diag *diag, const char *text, size_t len, const char *path)
{
    if (path) return write_file(diag, path, text, len);
    (void)fwrite(text, 1, len, stdout); /* main() asks whether it worked */
    return true;
}

/** What something prints, as a text in memory. */
struct memory_file {
    FILE *file;
    char *text;
    size_t len;
};

static void
open_memory(struct memory_file *memory)
{
    *memory = (struct memory_file){0};
    memory->file = open_memstream(&memory->text, &memory->len);
    if (!memory->file) psim_die_out_of_memory(0);
}

static void
close_memory(struct memory_file *memory)
{
    if (fclose(memory->file) != 0) psim_die_out_of_memory(memory->len);
}

bool
psim_write_text(struct psim_diag *diag, const char *text, const char *path)
{
    struct memory_file memory;
    const size_t len = strlen(text);
    open_memory(&memory);
    for (size_t at = 0; at < len;) {
        int width;
        if (text[at] == '\n') {
            fputc(text[at++], memory.file);
        } else {
            at += psim_str_put(text + at, len - at, memory.file, &width);
        }
    }
    close_memory(&memory);
    const bool ok = write_bytes(diag, memory.text, memory.len, path);
    free(memory.text);
    return ok;
}

bool
psim_write_document(struct psim_diag *diag, const struct psim_format *format,
                    const struct psim_document *document, const char *path)
{
    struct memory_file memory;
    open_memory(&memory);
    format->write(document, memory.file, !path && psim_may_colour(stdout));
    close_memory(&memory);
    const bool ok = write_bytes(diag, memory.text, memory.len, path);
    free(memory.text);
    return ok;
}

bool
psim_write_page(struct psim_diag *diag, const struct psim_page *page, const char *path)
{
    struct memory_file memory;
    open_memory(&memory);
    psim_page_write(diag->arena, page, memory.file);
    close_memory(&memory);
    const bool ok = write_bytes(diag, memory.text, memory.len, path);
    free(memory.text);
    return ok;
}
