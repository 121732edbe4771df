/* SPDX-License-Identifier: MIT */
/** @file Machines and workloads by path or by name, wherever perfsim is started. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_FOLDERS = 4, MAX_PATH_BYTES = 4096 };

static bool
is_file(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISDIR(status.st_mode);
}

static bool
is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/** Beside an installed program: PREFIX/bin/perfsim has PREFIX/share/perfsim. */
static const char *
folder_beside_program(struct psim_arena *arena)
{
    char path[MAX_PATH_BYTES];
    const ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0) return NULL;
    path[len] = '\0';
    for (int up = 0; up < 2; up++) {
        char *slash = strrchr(path, '/');
        if (!slash) return NULL;
        *slash = '\0';
    }
    return psim_arena_printf(arena, "%s/share/perfsim", path);
}

size_t
psim_data_folders(struct psim_arena *arena, const char *ret[MAX_FOLDERS])
{
    /* A program in its build folder has nothing beside it: then the source tree it
     * was built from comes before an older, installed perfsim. */
    const char *const candidates[] = {folder_beside_program(arena), PSIM_SOURCE_DATA,
                                      PSIM_INSTALLED_DATA};
    size_t n = 0;
    for (size_t i = 0; i < PSIM_COUNT(candidates); i++) {
        if (candidates[i] && is_folder(candidates[i])) ret[n++] = candidates[i];
    }
    return n;
}

/** Names of a folder that were probably meant. */
static void
guess_name(struct psim_arena *arena, const char *folder, struct psim_guess *guess)
{
    DIR *dir = opendir(folder);
    if (!dir) return;
    const struct dirent *entry;
    while ((entry = readdir(dir))) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || dot == entry->d_name) continue;
        psim_guess_try(guess, psim_arena_copy(arena, entry->d_name,
                                              (size_t)(dot - entry->d_name)));
    }
    (void)closedir(dir);
}

/** As it is, or in the data folders; NULL where no such file is. */
static const char *
found(struct psim_arena *arena, const char *kind, const char *ending, const char *name)
{
    if (is_file(name)) return name;
    const char *folders[MAX_FOLDERS];
    const size_t n = psim_data_folders(arena, folders);
    for (size_t i = 0; i < n && name[0] != '/'; i++) {
        const char *plain =
            psim_arena_printf(arena, "%s/%s/%s", folders[i], kind, name);
        if (is_file(plain)) return plain;
        const char *with = psim_arena_printf(arena, "%s%s", plain, ending);
        if (is_file(with)) return with;
    }
    return NULL;
}

const char *
psim_find_file(struct psim_arena *arena, struct psim_diag *diag, const char *kind,
               const char *ending, const char *name)
{
    const char *path = found(arena, kind, ending, name);
    if (path) return path;
    const char *folders[MAX_FOLDERS];
    const size_t n = psim_data_folders(arena, folders);
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; i < n; i++) {
        guess_name(arena, psim_arena_printf(arena, "%s/%s", folders[i], kind), &guess);
    }
    psim_error(diag, (struct psim_loc){0},
               "no file '%s', and no such name among the %s that 'perfsim list' shows",
               name, psim_str_equal(kind, "specs") ? "machines" : kind);
    if (guess.best) {
        psim_note(diag, (struct psim_loc){0}, "did you mean '%s'?", guess.best);
    }
    return NULL;
}

/** overlays/NAME.yaml beside the machine's file; NULL where there is none. */
static const char *
own_overlay(struct psim_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    const char *overlay =
        psim_arena_printf(arena, "%.*soverlays/%s", (int)folder, path, path + folder);
    return is_file(overlay) ? overlay : NULL;
}

const struct psim_hw *
psim_load_machine(struct psim_arena *arena, struct psim_diag *diag, const char *name,
                  const struct psim_arguments *arguments)
{
    const char *path = psim_find_file(arena, diag, "specs", ".yaml", name);
    if (!path) return NULL;
    const char *folders[MAX_FOLDERS];
    const size_t n = psim_data_folders(arena, folders);
    const char **specs = PSIM_NEW_N(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        specs[i] = psim_arena_printf(arena, "%s/specs", folders[i]);
    }
    const char *own = own_overlay(arena, path);
    struct psim_hw_layers layers = {
        .overlays = arguments->overlays,
        .n_overlays = arguments->n_overlays,
        .sets = arguments->sets,
        .n_sets = arguments->n_sets,
        .folders = specs,
        .n_folders = n,
    };
    if (own && !arguments->no_overlay && arguments->n_overlays == 0) {
        layers.overlays = &own;
        layers.n_overlays = 1;
    }
    return psim_hw_load(arena, diag, path, &layers);
}

const struct psim_workload *
psim_load_workload(struct psim_arena *arena, struct psim_diag *diag,
                   const char *const *words, size_t n)
{
    /* A word alone is a workload first: some are called like their only op. */
    if (psim_op_kind_find(words[0]) &&
        (n > 1 || !found(arena, "workloads", ".json", words[0]))) {
        return psim_workload_words(arena, diag, words, n);
    }
    if (n > 1) {
        psim_error(
            diag, (struct psim_loc){0},
            "'%s' is no op, so '%s' means nothing; 'perfsim list ops' shows all ops",
            words[0], words[1]);
        return NULL;
    }
    const char *path = psim_find_file(arena, diag, "workloads", ".json", words[0]);
    return path ? psim_workload_load(arena, diag, path) : NULL;
}
