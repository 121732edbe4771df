/* SPDX-License-Identifier: MIT */
/** @file Options of all commands, and how words become them. */
#include <stddef.h>
#include <string.h>

#include "cli/command.h"
#include "report/format.h"
#include "util/arena.h"
#include "util/str.h"

#define AT(member) offsetof(struct psim_arguments, member)

static const struct psim_loc nowhere; /* a command line has no lines */

/** "text (default), json or csv", of all formats. */
static void
print_formats(FILE *out)
{
    for (size_t i = 0; psim_formats[i]; i++) {
        const char *join = i == 0 ? "" : psim_formats[i + 1] ? ", " : " or ";
        fprintf(out, "%s%s%s", join, psim_formats[i]->name, i == 0 ? " (default)" : "");
    }
}

/* clang-format off */
const struct psim_option psim_option_engine = {"--engine", "NAME", "analytic (default), event or both", AT(engine), 0, NULL};
const struct psim_option psim_option_one_engine = {"--engine", "NAME", "analytic (default) or event", AT(engine), 0, NULL};
const struct psim_option psim_option_timed_engine = {"--engine", "NAME", "event (default); the analytic one has no timeline", AT(engine), 0, NULL};
const struct psim_option psim_option_format = {"--format", "NAME", NULL, AT(format), 0, print_formats};
const struct psim_option psim_option_output = {"-o", "FILE", "write there instead of to stdout", AT(output), 0, NULL};
const struct psim_option psim_option_overlay = {"--overlay", "FILE", "lay this file over the machine; repeatable", AT(overlays), AT(n_overlays), NULL};
const struct psim_option psim_option_no_overlay = {"--no-overlay", NULL, "leave the machine's own overlay away", AT(no_overlay), 0, NULL};
const struct psim_option psim_option_set = {"--set", "PATH=VALUE", "set one figure, e.g. memory_domains.hbm.bandwidth='2 TB/s'; repeatable", AT(sets), AT(n_sets), NULL};
const struct psim_option psim_option_with = {"--with", "KEY=VALUE", "change a key of every op that knows it, e.g. batch=8; OP.KEY=VALUE: of those ops; repeatable", AT(with), AT(n_with), NULL};
const struct psim_option psim_option_measured = {"--measured", "FILE", "set what was measured beside it, from a measurement file", AT(measured), 0, NULL};
const struct psim_option psim_option_sustained = {"--sustained", NULL, "repeated for a second or more: the power cap lowers the clock", AT(sustained), 0, NULL};
const struct psim_option psim_option_program = {"--program", NULL, "print the kernel programs of the chosen mappings", AT(program), 0, NULL};
const struct psim_option psim_option_full = {"--full", NULL, "show also what changes little, and candidates that lost", AT(full), 0, NULL};
const struct psim_option psim_option_mappings = {"--mappings", NULL, "print every mapping looked at, with its time or why not", AT(mappings), 0, NULL};
const struct psim_option psim_option_host_timed = {"--host-timed", NULL, "a host launched each record that does not say how it was timed", AT(host_timed), 0, NULL};
const struct psim_option psim_option_launch = {"--launch", "MODE", "of all ops: stream or graph; else as the workload says, or stream", AT(launch), 0, NULL};
const struct psim_option psim_option_only = {"--only", "PATTERN", "compare only records with such an id, e.g. 'gemm_*'; repeatable", AT(only), AT(n_only), NULL};
const struct psim_option psim_option_check = {"--check", NULL, "check the plan's and the result's invariants as well", AT(check), 0, NULL};
const struct psim_option psim_option_device = {"--device", "NAME", "which device: cpu (default)", AT(device), 0, NULL};
const struct psim_option psim_option_threads = {"--threads", "N", "on so many cores; else on all", AT(threads), 0, NULL};
const struct psim_option psim_option_repeats = {"--repeats", "N", "time each op so often; else 11 times", AT(repeats), 0, NULL};
const struct psim_option psim_option_seconds = {"--seconds", "N", "take about so long; else 30", AT(seconds), 0, NULL};
const struct psim_option psim_option_cold = {"--cold", NULL, "flush the caches before each call; else as each op says", AT(cold), 0, NULL};
const struct psim_option psim_option_hot = {"--hot", NULL, "leave the caches as the call before left them", AT(hot), 0, NULL};
const struct psim_option psim_option_micro = {"--micro", NULL, "access patterns as well, which calibrate a machine: latency by footprint; on a cpu, stages in a row", AT(micro), 0, NULL};
const struct psim_option psim_option_parameters = {"--parameters", "FILE", "move what this file names; else what any machine may have fitted", AT(parameters), 0, NULL};
const struct psim_option psim_option_folds = {"--folds", "K", "cross-validate: fit as often, each time without a K-th of the records", AT(folds), 0, NULL};
const struct psim_option psim_option_holdout = {"--holdout", "half", "fit one half of the records, and score the other", AT(holdout), 0, NULL};
const struct psim_option psim_option_date = {"--date", "YYYY-MM-DD", "of the measurements, for the overlay", AT(date), 0, NULL};
const struct psim_option psim_option_workers = {"--threads", "N", "as many as there are processors, unless told; results are the same", AT(threads), 0, NULL};
const struct psim_option psim_option_keep = {"--keep", "PATH", "leave these figures as they are, e.g. 'operations.*.energy*'; repeatable", AT(keep), AT(n_keep), NULL};
const struct psim_option psim_option_fitted = {"-o", "FILE", "write the overlay there; else only the report is printed", AT(output), 0, NULL};
const struct psim_option psim_option_picture = {"-o", "FILE", "draw there; its ending, .png, .svg or .pdf, says what", AT(output), 0, NULL};
const struct psim_option psim_option_script = {"--script", "FILE", "keep gnuplot's script there", AT(script), 0, NULL};
const struct psim_option psim_option_dark = {"--dark", NULL, "light on dark", AT(dark), 0, NULL};
const struct psim_option psim_option_width = {"--width", "PX", "so many pixels wide; else 1200", AT(width), 0, NULL};
const struct psim_option psim_option_sweep = {"--sweep", "KEY=VALUES", "V1,V2,... or FROM..TO, doubled, of a key of ops or a PATH of the machine; KEY,KEY=...: of all these", AT(sweep), 0, NULL};
const struct psim_option psim_option_metric = {"--metric", "KEY", "what to draw; else time_s; 'perfsim list metrics' shows all", AT(metric), 0, NULL};
const struct psim_option psim_option_no_timeline = {"--no-timeline", NULL, "leave the event engine's run away, which takes most of the time", AT(no_timeline), 0, NULL};
/* clang-format on */

bool
psim_read_launch(struct psim_diag *diag, const char *name,
                 struct psim_predict_options *ret)
{
    ret->launch_given = name != NULL;
    if (!name) return true;
    for (const struct psim_choice *c = psim_launch_mode_choices; c->word; c++) {
        ret->launch = (enum psim_launch_mode)c->value;
        if (psim_str_equal(c->word, name)) return true;
    }
    return psim_error(diag, nowhere,
                      "--launch: no launch mode '%s'; stream or graph is needed",
                      psim_str_excerpt(diag->arena, name));
}

void
psim_command_usage(FILE *out, const struct psim_command *command)
{
    fprintf(out, "usage: perfsim %s %s\n\n%s\n", command->name, command->usage,
            command->doc);
    if (command->options[0]) fputs("\noptions:\n", out);
    for (size_t i = 0; command->options[i]; i++) {
        const struct psim_option *o = command->options[i];
        const int width = 22 - (int)strlen(o->name);
        fprintf(out, "  %s %-*s ", o->name, width, o->argument ? o->argument : "");
        if (o->print_doc) {
            o->print_doc(out);
        } else {
            fputs(o->doc, out);
        }
        fputc('\n', out);
    }
}

void
psim_usage(FILE *out)
{
    fputs("usage: perfsim COMMAND ...\n\n"
          "Predicts how long workloads take on machines described in YAML.\n\n"
          "commands:\n",
          out);
    for (size_t i = 0; psim_commands[i]; i++) {
        fprintf(out, "  %-9s  %s\n", psim_commands[i]->name, psim_commands[i]->doc);
    }
    fputs("\n'perfsim COMMAND --help' says more; 'perfsim --version' says which this "
          "is.\n",
          out);
}

static const struct psim_option *
find_option(const struct psim_command *command, const char *word)
{
    for (size_t i = 0; command->options[i]; i++) {
        const char *name = command->options[i]->name;
        const size_t len = strlen(name);
        if (strncmp(name, word, len) == 0 && (word[len] == '\0' || word[len] == '=')) {
            return command->options[i];
        }
    }
    return NULL;
}

static bool
unknown_option(struct psim_diag *diag, const struct psim_command *command,
               const char *word)
{
    const char *equals = strchr(word, '=');
    const size_t len = equals ? (size_t)(equals - word) : strlen(word);
    const char *name = psim_arena_copy(diag->arena, word, len);
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; command->options[i]; i++) {
        psim_guess_try(&guess, command->options[i]->name);
    }
    psim_error(diag, nowhere, "%s: unknown option '%s'; 'perfsim %s --help' shows all",
               command->name, psim_str_excerpt(diag->arena, name), command->name);
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return false;
}

static void
store(struct psim_arena *arena, const struct psim_option *option, const char *value,
      int argc, struct psim_arguments *ret)
{
    char *base = (char *)ret;
    if (!option->argument) {
        *(bool *)(void *)(base + option->offset) = true;
    } else if (option->count_offset == 0) {
        *(const char **)(void *)(base + option->offset) = value;
    } else {
        const char ***list = (const char ***)(void *)(base + option->offset);
        size_t *n = (size_t *)(void *)(base + option->count_offset);
        if (!*list) *list = PSIM_NEW_N(arena, const char *, (size_t)argc + 1);
        (*list)[(*n)++] = value;
    }
}

/** The words of a command line, and which of them is read. */
struct line {
    int argc, at;
    char **argv;
};

/** The option that is read, with its value, which may be the next word. */
static bool
read_option(struct psim_arena *arena, struct psim_diag *diag,
            const struct psim_command *command, struct line *line,
            struct psim_arguments *ret)
{
    const char *word = line->argv[line->at];
    const struct psim_option *option = find_option(command, word);
    if (!option) return unknown_option(diag, command, word);
    const char *equals = word[strlen(option->name)] == '=' ? strchr(word, '=') : NULL;
    const char *value = equals ? equals + 1 : NULL;
    if (option->argument && !value && line->at + 1 < line->argc) {
        value = line->argv[++line->at];
    }
    if (option->argument && !value) {
        return psim_error(diag, nowhere, "%s: %s needs %s", command->name, option->name,
                          option->argument);
    }
    if (!option->argument && value) {
        return psim_error(diag, nowhere, "%s: %s takes no value", command->name,
                          option->name);
    }
    store(arena, option, value, line->argc, ret);
    return true;
}

bool
psim_arguments_read(struct psim_arena *arena, struct psim_diag *diag,
                    const struct psim_command *command, int argc, char **argv,
                    struct psim_arguments *ret)
{
    *ret = (struct psim_arguments){
        .words = PSIM_NEW_N(arena, const char *, (size_t)argc + 1)};
    bool ok = true, only_words = false;
    for (struct line line = {.argc = argc, .argv = argv}; line.at < argc; line.at++) {
        const char *word = argv[line.at];
        if (only_words || word[0] != '-' || word[1] == '\0') {
            ret->words[ret->n_words++] = word;
        } else if (psim_str_equal(word, "--")) {
            only_words = true;
        } else if (!read_option(arena, diag, command, &line, ret)) {
            ok = false;
        }
    }
    const bool few = ret->n_words < command->least_words;
    const bool many = (command->most_words > 0 && ret->n_words > command->most_words) ||
                      (command->no_words && ret->n_words > 0);
    if (ok && (few || many)) {
        ok = psim_error(
            diag, nowhere, "%s: too %s arguments; 'perfsim %s %s' is needed",
            command->name, few ? "few" : "many", command->name, command->usage);
    }
    return ok;
}
