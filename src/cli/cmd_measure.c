/* SPDX-License-Identifier: MIT */
/** @file measure: run the ops of workloads for real, and time them. */
#include <pthread.h>
#include <signal.h>

#include "cli/command.h"
#include "measure/device.h"
#include "util/arena.h"
#include "util/str.h"

static const struct psim_loc nowhere;

/** Ctrl-C is held back and looked for between calls: what is measured is kept. */
static bool
is_interrupted(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && sigismember(&pending, SIGINT) == 1;
}

void
psim_hold_interrupts(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
}

static bool
read_count(struct psim_diag *diag, const char *option, const char *word, unsigned most,
           unsigned *ret)
{
    int64_t value = 0;
    *ret = 0;
    if (!word) return true;
    if (psim_str_whole(word, &value) != PSIM_WHOLE_OK || value < 1 || value > most) {
        return psim_error(diag, nowhere, "%s: '%s' is no whole number from 1 to %u",
                          option, psim_str_excerpt(diag->arena, word), most);
    }
    *ret = (unsigned)value;
    return true;
}

bool
psim_measure_options(struct psim_diag *diag, const struct psim_arguments *arguments,
                     struct psim_measure_options *ret)
{
    enum { MOST_THREADS = 1024, MOST_REPEATS = 101, MOST_SECONDS = 3600 };
    unsigned seconds;
    *ret = (struct psim_measure_options){
        .cache = arguments->cold  ? PSIM_CACHE_ALL_COLD
                 : arguments->hot ? PSIM_CACHE_ALL_HOT
                                  : PSIM_CACHE_AS_OP_SAYS,
        .micro = arguments->micro,
        .progress = stderr,
        .stop = is_interrupted,
    };
    if (arguments->cold && arguments->hot) {
        return psim_error(diag, nowhere, "--cold and --hot exclude each other");
    }
    const bool ok[] = {
        read_count(diag, "--threads", arguments->threads, MOST_THREADS, &ret->threads),
        read_count(diag, "--repeats", arguments->repeats, MOST_REPEATS, &ret->repeats),
        read_count(diag, "--seconds", arguments->seconds, MOST_SECONDS, &seconds),
    };
    ret->seconds = seconds;
    return ok[0] && ok[1] && ok[2];
}

/** Files, or one op in words. @return false after an error */
static bool
load(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments, const struct psim_workload ***ret,
     size_t *ret_n)
{
    const size_t n = arguments->n_words;
    const struct psim_workload **list =
        PSIM_NEW_N(arena, const struct psim_workload *, n + 1);
    *ret = list;
    *ret_n = n;
    if (n > 0 && psim_op_kind_find(arguments->words[0])) {
        list[0] = psim_load_workload(arena, diag, arguments, arguments->words, n);
        *ret_n = 1;
        return list[0] != NULL;
    }
    bool ok = true;
    for (size_t i = 0; i < n; i++) {
        list[i] = psim_load_workload(arena, diag, arguments, arguments->words + i, 1);
        if (!list[i]) ok = false;
    }
    return ok;
}

static void
warn_of_skipped(struct psim_diag *diag, const struct psim_readings *readings)
{
    for (size_t i = 0; i < readings->n_skipped; i++) {
        const struct psim_unread *s = &readings->skipped[i];
        const bool one = s->chain.n == 1 && s->chain.repeat == 1;
        psim_warning(diag, s->chain.ops->at, "%s: not measured: %s",
                     one ? s->chain.ops->name : "graph", s->reason);
    }
}

extern const struct psim_command psim_command_measure;

static int
measure(struct psim_arena *arena, struct psim_diag *diag,
        const struct psim_arguments *arguments)
{
    struct psim_measure_options options;
    const struct psim_workload **workloads;
    struct psim_readings readings;
    unsigned number;
    size_t n;
    if (!psim_measure_options(diag, arguments, &options)) return PSIM_EXIT_USAGE;
    if (arguments->n_words == 0 && !options.micro) {
        psim_error(diag, nowhere,
                   "measure: too few arguments; 'perfsim measure %s' is needed",
                   psim_command_measure.usage);
        return PSIM_EXIT_USAGE;
    }
    const struct psim_device *device =
        psim_device_find(diag, arguments->device ? arguments->device : "cpu", &number);
    const bool loaded = load(arena, diag, arguments, &workloads, &n);
    if (!device || !loaded) return PSIM_EXIT_INPUT; /* both are reported */
    const struct psim_chains chains = psim_distinct_chains(arena, workloads, n);
    psim_hold_interrupts();
    if (!device->measure(arena, diag, number, chains, &options, &readings)) {
        return PSIM_EXIT_INPUT;
    }
    warn_of_skipped(diag, &readings);
    if (readings.n + readings.n_micros == 0) {
        psim_error(diag, nowhere, "measure: nothing could be measured");
        return PSIM_EXIT_INPUT;
    }
    const bool written =
        psim_write_text(diag, psim_readings_text(arena, &readings), arguments->output);
    if (readings.interrupted) {
        psim_error(diag, nowhere, "measure: interrupted; %zu of %zu ops were measured",
                   readings.n, chains.n);
    }
    return written && !readings.interrupted ? PSIM_EXIT_OK : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_device, &psim_option_threads, &psim_option_repeats,
    &psim_option_cold,   &psim_option_hot,     &psim_option_micro,
    &psim_option_with,   &psim_option_output,  NULL,
};

const struct psim_command psim_command_measure = {
    .name = "measure",
    .usage = "WORKLOAD... | OP KEY=VALUE... | --micro",
    .doc = "run the ops of workloads on this machine and time them",
    .options = options,
    .run = measure,
};
