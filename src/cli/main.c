/* SPDX-License-Identifier: MIT */
/** @file perfsim: read a machine and a workload, predict, report. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "util/arena.h"
#include "util/str.h"

static const struct psim_command *
find_command(const char *name)
{
    for (size_t i = 0; psim_commands[i]; i++) {
        if (psim_str_equal(psim_commands[i]->name, name)) return psim_commands[i];
    }
    return NULL;
}

static int
unknown_command(struct psim_diag *diag, const char *name)
{
    const struct psim_loc nowhere = {0};
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; psim_commands[i]; i++) {
        psim_guess_try(&guess, psim_commands[i]->name);
    }
    psim_error(diag, nowhere, "unknown command '%s'; 'perfsim --help' shows all",
               psim_str_excerpt(diag->arena, name));
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return PSIM_EXIT_USAGE;
}

static bool
asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (psim_str_equal(argv[i], "--")) return false;
        if (psim_str_equal(argv[i], "--help") || psim_str_equal(argv[i], "-h")) {
            return true;
        }
    }
    return false;
}

static int
run_command(struct psim_arena *arena, struct psim_diag *diag,
            const struct psim_command *command, int argc, char **argv)
{
    struct psim_arguments arguments;
    if (asks_for_help(argc, argv)) {
        psim_command_usage(stdout, command);
        return PSIM_EXIT_OK;
    }
    if (!psim_arguments_read(arena, diag, command, argc, argv, &arguments)) {
        return PSIM_EXIT_USAGE;
    }
    return command->run(arena, diag, &arguments);
}

/** The words behind the program's name. */
static int
run(struct psim_arena *arena, struct psim_diag *diag, int argc, char **argv)
{
    const struct psim_command *command = find_command(argv[0]);
    if (command) return run_command(arena, diag, command, argc - 1, argv + 1);
    if (asks_for_help(1, argv)) {
        psim_usage(stdout);
        return PSIM_EXIT_OK;
    }
    if (psim_str_equal(argv[0], "--version")) {
        puts("perfsim " PSIM_VERSION);
        return PSIM_EXIT_OK;
    }
    return unknown_command(diag, argv[0]);
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        psim_usage(stderr);
        return PSIM_EXIT_USAGE;
    }
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    int code = run(&arena, &diag, argc - 1, argv + 1);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        psim_error(&diag, (struct psim_loc){0}, "the output cannot be written: %s",
                   strerror(errno));
        code = PSIM_EXIT_INPUT;
    }
    psim_diag_print(&diag, stderr, psim_may_colour(stderr));
    psim_arena_free(&arena);
    return code;
}
