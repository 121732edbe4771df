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

const struct psim_file_kind psim_machine_files = {"specs", ".yaml", "machine",
                                                  "machines"};
const struct psim_file_kind psim_workload_files = {"workloads", ".json", "workload",
                                                   "workloads"};
const struct psim_file_kind psim_measurement_files = {"data", ".json",
                                                      "measurement file", NULL};

/** A path as it is seen from where perfsim was started, if it lies below. */
static const char *
seen_from_here(const char *path)
{
    char here[MAX_PATH_BYTES];
    const size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
    const bool below = len > 1 && strncmp(path, here, len) == 0 && path[len] == '/';
    return below ? path + len + 1 : path;
}

/** A file of that name in the data folders; NULL. */
static const char *
find_named(struct psim_arena *arena, const struct psim_file_kind *kind,
           const char *name, struct psim_guess *guess)
{
    const char *folders[MAX_FOLDERS];
    const size_t n = psim_data_folders(arena, folders);
    for (size_t i = 0; i < n && name[0] != '/'; i++) {
        const char *folder =
            seen_from_here(psim_arena_printf(arena, "%s/%s", folders[i], kind->folder));
        const char *plain = psim_arena_printf(arena, "%s/%s", folder, name);
        if (is_file(plain)) return plain;
        const char *with = psim_arena_printf(arena, "%s%s", plain, kind->ending);
        if (is_file(with)) return with;
        guess_name(arena, folder, guess);
    }
    return NULL;
}

/** "toy" of "toy.yml": what stands before the last dot of a name, or all of it. */
static const char *
stem_of(struct psim_arena *arena, const char *name)
{
    const char *dot = strrchr(name, '.');
    if (!dot || dot == name || strchr(dot, '/')) return name;
    return psim_arena_copy(arena, name, (size_t)(dot - name));
}

/** A file that is there, but for its ending; NULL. */
static const char *
other_ending(struct psim_arena *arena, const char *name)
{
    static const char *const endings[] = {".yaml", ".yml", ".json"};
    const char *stems[] = {name, stem_of(arena, name)};
    for (size_t s = 0; s < PSIM_COUNT(stems); s++) {
        for (size_t e = 0; e < PSIM_COUNT(endings); e++) {
            const char *whole = psim_arena_printf(arena, "%s%s", stems[s], endings[e]);
            if (is_file(whole)) return whole;
        }
    }
    return NULL;
}

static const char *
not_found(struct psim_diag *diag, const char *name, const struct psim_file_kind *kind,
          const struct psim_guess *guess)
{
    const struct psim_loc nowhere = {0};
    const char *shown = psim_str_excerpt(diag->arena, name);
    if (is_folder(name)) {
        psim_error(diag, nowhere, "'%s' is a folder; a file is needed", shown);
        return NULL;
    }
    if (kind->list) {
        psim_error(diag, nowhere,
                   "no file '%s', and no %s of that name; 'perfsim list %s' shows all",
                   shown, kind->what, kind->list);
    } else {
        psim_error(diag, nowhere, "no file '%s', and no %s of that name", shown,
                   kind->what);
    }
    const char *other = other_ending(diag->arena, name);
    const char *best = other ? psim_str_excerpt(diag->arena, other) : guess->best;
    if (best) psim_note(diag, nowhere, "did you mean '%s'?", best);
    return NULL;
}

const char *
psim_find_file(struct psim_arena *arena, struct psim_diag *diag,
               const struct psim_file_kind *kind, const char *name)
{
    if (is_file(name)) return name;
    struct psim_guess guess = psim_guess_start(stem_of(arena, name));
    const char *path = find_named(arena, kind, name, &guess);
    return path ? path : not_found(diag, name, kind, &guess);
}

/** What stands where the machine belongs is a workload or an op. */
static void
note_order(struct psim_arena *arena, struct psim_diag *diag, const char *name)
{
    struct psim_guess guess = psim_guess_start(name);
    const bool op = psim_op_kind_find(name) != NULL;
    if (!op && !find_named(arena, &psim_workload_files, name, &guess)) return;
    psim_note(diag, (struct psim_loc){0}, "'%s' is %s; the machine comes first",
              psim_str_excerpt(diag->arena, name), op ? "an op" : "a workload");
}

const char *
psim_find_any(struct psim_arena *arena, struct psim_diag *diag, const char *name)
{
    static const struct psim_file_kind *const kinds[] = {
        &psim_machine_files, &psim_workload_files, &psim_measurement_files};
    if (is_file(name)) return name;
    struct psim_guess guess = psim_guess_start(stem_of(arena, name));
    for (size_t i = 0; i < PSIM_COUNT(kinds); i++) {
        const char *path = find_named(arena, kinds[i], name, &guess);
        if (path) return path;
    }
    const struct psim_file_kind any = {.what = "machine, workload or measurement file"};
    return not_found(diag, name, &any, &guess);
}

bool
psim_open_machine(struct psim_arena *arena, struct psim_diag *diag, const char *name,
                  const struct psim_arguments *arguments, struct psim_hw_text *ret)
{
    const char *path = psim_find_file(arena, diag, &psim_machine_files, name);
    if (!path) {
        note_order(arena, diag, name);
        return false;
    }
    const char *folders[MAX_FOLDERS];
    const size_t n = psim_data_folders(arena, folders);
    const char **specs = PSIM_NEW_N(arena, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        specs[i] = seen_from_here(psim_arena_printf(arena, "%s/specs", folders[i]));
    }
    const struct psim_hw_layers layers = {
        .overlays = arguments->overlays,
        .n_overlays = arguments->n_overlays,
        .sets = arguments->sets,
        .n_sets = arguments->n_sets,
        .folders = specs,
        .n_folders = n,
        .own_overlays = !arguments->no_overlay && arguments->n_overlays == 0,
    };
    return psim_hw_open(arena, diag, path, &layers, ret);
}

const struct psim_hw *
psim_load_machine(struct psim_arena *arena, struct psim_diag *diag, const char *name,
                  const struct psim_arguments *arguments)
{
    struct psim_hw_text *text = PSIM_NEW(arena, struct psim_hw_text);
    if (!psim_open_machine(arena, diag, name, arguments, text)) return NULL;
    return psim_hw_judge(arena, diag, text);
}

const struct psim_measured *
psim_load_measured(struct psim_arena *arena, struct psim_diag *diag,
                   const struct psim_arguments *arguments, const char *word)
{
    const char *path = psim_find_file(arena, diag, &psim_measurement_files, word);
    const struct psim_measured *all =
        path ? psim_measured_load(arena, diag, path) : NULL;
    if (all && arguments->host_timed) all = psim_measured_by_host(arena, all);
    if (!all || arguments->n_only == 0) return all;
    return psim_measured_only(arena, all, arguments->only, arguments->n_only);
}

bool
psim_load_besides(struct psim_arena *arena, struct psim_diag *diag,
                  const struct psim_arguments *arguments, const struct psim_hw *hw,
                  const struct psim_workload *workload, struct psim_besides *ret)
{
    *ret = (struct psim_besides){0};
    if (!arguments->measured) return true;
    const struct psim_measured *measured =
        psim_load_measured(arena, diag, arguments, arguments->measured);
    if (!measured) return false;
    psim_measured_check_device(diag, measured, hw);
    const bool both = arguments->engine && psim_str_equal(arguments->engine, "both");
    const struct psim_engine *engine =
        psim_need_engine(diag, both ? "event" : arguments->engine);
    if (!engine) return false;
    psim_beside_find(arena, hw, engine, workload, measured, ret);
    return true;
}

bool
psim_check_only(struct psim_diag *diag, const struct psim_arguments *arguments,
                size_t n_records)
{
    static const struct psim_loc nowhere;
    if (n_records > 0 || arguments->n_only == 0) return true;
    return psim_error(diag, nowhere, "--only: no record's id is like '%s'",
                      psim_str_excerpt(diag->arena, arguments->only[0]));
}

/** Words behind what is no op. */
static const struct psim_workload *
no_op(struct psim_diag *diag, const char *const *words)
{
    const struct psim_loc nowhere = {0};
    struct psim_guess guess = psim_guess_start(words[0]);
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        psim_guess_try(&guess, psim_op_kinds[i]->name);
    }
    psim_error(diag, nowhere,
               "'%s' is no op, so '%s' means nothing; 'perfsim list ops' shows all ops",
               psim_str_excerpt(diag->arena, words[0]),
               psim_str_excerpt(diag->arena, words[1]));
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return NULL;
}

size_t
psim_workload_word_count(const char *const *words, size_t n)
{
    size_t len = 1;
    while (len < n && strchr(words[len], '=')) {
        len++;
    }
    return len;
}

const struct psim_workload *
psim_load_workload(struct psim_arena *arena, struct psim_diag *diag,
                   const struct psim_arguments *arguments, const char *const *words,
                   size_t n)
{
    const struct psim_workload_with with = {arguments->with, arguments->n_with};
    const bool is_op = psim_op_kind_find(words[0]) != NULL;
    if (n > 1) {
        return is_op ? psim_workload_words(arena, diag, words, n, &with)
                     : no_op(diag, words);
    }
    /* A word alone: an op without any key is none, and a workload may have its name. */
    struct psim_guess guess = psim_guess_start(stem_of(arena, words[0]));
    const char *path = is_file(words[0])
                           ? words[0]
                           : find_named(arena, &psim_workload_files, words[0], &guess);
    if (path) return psim_workload_load(arena, diag, path, &with);
    if (is_op) return psim_workload_words(arena, diag, words, n, &with);
    for (size_t i = 0; psim_op_kinds[i]; i++) {
        psim_guess_try(&guess, psim_op_kinds[i]->name);
    }
    (void)not_found(diag, words[0], &psim_workload_files, &guess);
    return NULL;
}
