/* SPDX-License-Identifier: MIT */
/** @file perfsim: read a machine and a workload, predict, report. */
#include <stdio.h>

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

static void
unknown_command(const char *name)
{
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; psim_commands[i]; i++) {
        psim_guess_try(&guess, psim_commands[i]->name);
    }
    fprintf(stderr, "perfsim: unknown command '%s'", name);
    if (guess.best) fprintf(stderr, "; did you mean '%s'?", guess.best);
    fputs("\n'perfsim --help' shows all commands\n", stderr);
}

static bool
asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (psim_str_equal(argv[i], "--help") || psim_str_equal(argv[i], "-h")) {
            return true;
        }
    }
    return false;
}

static int
run_command(const struct psim_command *command, int argc, char **argv)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    struct psim_arguments arguments;
    int code = psim_arguments_read(&arena, command, argc, argv, &arguments);
    if (code == PSIM_EXIT_OK) code = command->run(&arena, &diag, &arguments);
    psim_diag_print(&diag, stderr, psim_may_colour(stderr));
    psim_arena_free(&arena);
    return code;
}

int
main(int argc, char **argv)
{
    if (argc < 2) {
        psim_usage(stderr);
        return PSIM_EXIT_USAGE;
    }
    const struct psim_command *command = find_command(argv[1]);
    int code = PSIM_EXIT_OK;
    if (command && asks_for_help(argc - 2, argv + 2)) {
        psim_command_usage(stdout, command);
    } else if (command) {
        code = run_command(command, argc - 2, argv + 2);
    } else if (asks_for_help(1, argv + 1)) {
        psim_usage(stdout);
    } else if (psim_str_equal(argv[1], "--version")) {
        puts("perfsim " PSIM_VERSION);
    } else {
        unknown_command(argv[1]);
        code = PSIM_EXIT_USAGE;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("perfsim: the output cannot be written\n", stderr);
        return PSIM_EXIT_INPUT;
    }
    return code;
}
