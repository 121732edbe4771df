/* SPDX-License-Identifier: MIT */
/** @file THE list of commands. */
#include "cli/command.h"

extern const struct psim_command psim_command_run;
extern const struct psim_command psim_command_compare;
extern const struct psim_command psim_command_calibrate;
extern const struct psim_command psim_command_check;
extern const struct psim_command psim_command_list;
extern const struct psim_command psim_command_explain;
extern const struct psim_command psim_command_measure;
extern const struct psim_command psim_command_plot;
extern const struct psim_command psim_command_report;
extern const struct psim_command psim_command_probe;
extern const struct psim_command psim_command_trace;

const struct psim_command *const psim_commands[] = {
    &psim_command_run,   &psim_command_compare, &psim_command_calibrate,
    &psim_command_check, &psim_command_list,    &psim_command_explain,
    &psim_command_trace, &psim_command_plot,    &psim_command_report,
    &psim_command_probe, &psim_command_measure, NULL,
};
