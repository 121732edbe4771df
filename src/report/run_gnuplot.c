/* SPDX-License-Identifier: MIT */
/** @file gnuplot as a child: a script goes in, a picture comes out, no shell between.
 */
#include "report/run_gnuplot.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/diag.h"
#include "util/str.h"

static const struct psim_loc nowhere;

/** Files without a name, which end with their descriptor. */
struct streams {
    FILE *script, *picture, *said;
};

static bool
open_streams(struct streams *ret, const char *script)
{
    *ret = (struct streams){tmpfile(), tmpfile(), tmpfile()};
    if (!ret->script || !ret->picture || !ret->said) return false;
    return fputs(script, ret->script) >= 0 && fflush(ret->script) == 0 &&
           fseek(ret->script, 0, SEEK_SET) == 0;
}

static void
close_streams(struct streams *streams)
{
    if (streams->script) (void)fclose(streams->script);
    if (streams->picture) (void)fclose(streams->picture);
    if (streams->said) (void)fclose(streams->said);
}

/** All of a file; NULL where it cannot be read. */
static const char *
read_all(struct psim_arena *arena, FILE *file, size_t *ret_len)
{
    long size;
    if (fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0) return NULL;
    rewind(file);
    char *text = psim_arena_alloc(arena, (size_t)size + 1, 1);
    *ret_len = fread(text, 1, (size_t)size, file);
    return *ret_len == (size_t)size ? text : NULL;
}

/** The caller's surroundings, but for what would change numbers, fonts of texts or
 * what gnuplot does by itself. */
static char **
surroundings(struct psim_arena *arena, char *const *inherited)
{
    static const char *const left_out[] = {"LC_", "LANG", "GNUTERM=", "GNUPLOT_",
                                           "GDFONTPATH="};
    static const char locale[] = "LC_ALL=C.UTF-8";
    size_t n = 0, kept = 0;
    while (inherited[n]) {
        n++;
    }
    char **ret = PSIM_NEW_N(arena, char *, n + 2);
    for (size_t i = 0; i < n; i++) {
        bool out = false;
        for (size_t k = 0; k < PSIM_COUNT(left_out); k++) {
            out |= strncmp(inherited[i], left_out[k], strlen(left_out[k])) == 0;
        }
        if (!out) ret[kept++] = inherited[i];
    }
    ret[kept] = psim_arena_copy(arena, locale, sizeof locale - 1);
    return ret;
}

/** @return 0, or the system's reason */
static int
spawn(const struct streams *streams, char *const *environment, pid_t *ret_child)
{
    /* What it is given as a file it reads in blocks, its input a byte a call. */
    char name[] = "gnuplot", defaults[] = "-d"; /* no settings of the user's own */
    char input[] = "/dev/stdin";
    char *const words[] = {name, defaults, access(input, R_OK) == 0 ? input : NULL,
                           NULL};
    FILE *const files[] = {streams->script, streams->picture, streams->said};
    posix_spawn_file_actions_t actions;
    int why = posix_spawn_file_actions_init(&actions);
    if (why != 0) return why;
    for (int fd = 0; fd < 3 && why == 0; fd++) {
        why = posix_spawn_file_actions_adddup2(&actions, fileno(files[fd]), fd);
    }
    if (why == 0) {
        why = posix_spawnp(ret_child, name, &actions, NULL, words, environment);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return why;
}

static int
wait_for(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/** The first line that says something. */
static const char *
first_line(struct psim_arena *arena, const char *text)
{
    text += strspn(text, " \t\r\n^");
    const char *line = psim_arena_copy(arena, text, strcspn(text, "\r\n"));
    return *line != '\0' ? psim_str_excerpt(arena, line) : "it does not say why";
}

static bool
take_picture(struct psim_arena *arena, struct psim_diag *diag,
             const struct streams *streams, int code, struct psim_drawn *ret)
{
    size_t said_len = 0;
    const char *said = read_all(arena, streams->said, &said_len);
    ret->bytes = read_all(arena, streams->picture, &ret->len);
    if (code != 0 || !ret->bytes || ret->len == 0) {
        return psim_error(diag, nowhere, "gnuplot draws nothing: %s",
                          first_line(arena, said ? said : ""));
    }
    if (said && said_len > 0) {
        psim_warning(diag, nowhere, "gnuplot: %s", first_line(arena, said));
    }
    return true;
}

bool
psim_run_gnuplot(struct psim_arena *arena, struct psim_diag *diag, const char *script,
                 char *const *environment, struct psim_drawn *ret)
{
    struct streams streams;
    pid_t child = 0;
    int why = 0, code = -1;
    *ret = (struct psim_drawn){0};
    if (open_streams(&streams, script)) {
        why = spawn(&streams, surroundings(arena, environment), &child);
        code = why == 0 ? wait_for(child) : -1;
    } else {
        why = errno;
    }
    /* Some systems find out in the child only, which then ends as a shell's does. */
    ret->absent = why == ENOENT || code == 127;
    bool ok = false;
    if (why != 0 && !ret->absent) {
        psim_error(diag, nowhere, "gnuplot cannot be run: %s", strerror(why));
    } else if (!ret->absent) {
        ok = take_picture(arena, diag, &streams, code, ret);
    }
    close_streams(&streams);
    return ok;
}
