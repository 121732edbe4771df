/* SPDX-License-Identifier: MIT */
/** @file probe: a machine file of the machine that perfsim runs on. */
#include "cli/command.h"
#include "measure/device.h"
#include "util/arena.h"

static int
probe(struct psim_arena *arena, struct psim_diag *diag,
      const struct psim_arguments *arguments)
{
    struct psim_measure_options options;
    unsigned number;
    if (!psim_measure_options(diag, arguments, &options)) return PSIM_EXIT_USAGE;
    const struct psim_device *device =
        psim_device_find(diag, arguments->device ? arguments->device : "cpu", &number);
    if (!device) return PSIM_EXIT_INPUT;
    psim_hold_interrupts();
    const char *text = device->probe(arena, diag, number, &options);
    return text && psim_write_text(diag, text, arguments->output) ? PSIM_EXIT_OK
                                                                  : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_device,
    &psim_option_threads,
    &psim_option_seconds,
    &psim_option_output,
    NULL,
};

const struct psim_command psim_command_probe = {
    .name = "probe",
    .usage = "[OPTION]...",
    .doc = "measure this machine and write its machine file",
    .options = options,
    .no_words = true,
    .run = probe,
};
