/* SPDX-License-Identifier: MIT */
/** @file Where a document goes: stdout, or a file that is there whole or not at all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
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
               "--engine: no engine '%s'; 'perfsim list engines' shows all", name);
    return NULL;
}

const struct psim_format *
psim_need_format(struct psim_diag *diag, const char *name)
{
    if (!name) name = "text";
    const struct psim_format *format = psim_format_find(name);
    if (format) return format;
    psim_error(diag, (struct psim_loc){0},
               "--format: no format '%s'; 'perfsim list formats' shows all", name);
    return NULL;
}

static bool
write_file(struct psim_diag *diag, const struct psim_format *format,
           const struct psim_document *document, const char *path)
{
    struct psim_arena arena = {0};
    bool ok = false;
    char *name = psim_arena_printf(&arena, "%s.XXXXXX", path);
    const int fd = mkstemp(name);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file) {
        format->write(document, file, false);
        ok = fflush(file) == 0 && !ferror(file);
        ok = fclose(file) == 0 && ok;
        /* What mkstemp makes is private; a report is a file like any other. */
        const mode_t mask = umask(0);
        (void)umask(mask);
        ok = ok && chmod(name, 0666 & ~mask) == 0 && rename(name, path) == 0;
    }
    if (!ok) {
        psim_error(diag, (struct psim_loc){0}, "-o: '%s' cannot be written: %s", path,
                   strerror(errno));
        if (fd >= 0) (void)unlink(name);
    }
    psim_arena_free(&arena);
    return ok;
}

bool
psim_write_document(struct psim_diag *diag, const struct psim_format *format,
                    const struct psim_document *document, const char *path)
{
    if (path) return write_file(diag, format, document, path);
    format->write(document, stdout, psim_may_colour(stdout));
    return true;
}
