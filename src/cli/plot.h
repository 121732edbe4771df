/* SPDX-License-Identifier: MIT */
/** @file The contract of one kind of picture: words of the command line in, a figure
 * out. */
#pragma once

#include "cli/command.h"
#include "report/figure.h"
#include "report/plots.h"

/** What `perfsim plot KIND ...` draws. */
struct psim_plot_kind {
    const char *name;
    const char *usage; /**< what follows the name: "MACHINE WORKLOAD..." */
    const char *doc;
    /** Options that not every kind has, ended by NULL; those of which it knows
     * nothing are refused. */
    const struct psim_option *const *options;
    size_t least_words, most_words; /**< behind the name; 0 most: any number */
    /**
     * Load, predict, draw.
     *
     * @param arguments  their words are what follows the kind's name
     * @param ret_figure what psim_figure_write() prints
     * @return PSIM_EXIT_OK, or another code after an error
     */
    int (*draw)(struct psim_arena *arena, struct psim_diag *diag,
                const struct psim_arguments *arguments,
                const struct psim_figure_style *style, struct psim_figure **ret_figure);
};

/** The list, ended by NULL. */
extern const struct psim_plot_kind *const psim_plot_kinds[];

/** A machine, and predictions of workloads on it. */
struct psim_plot_input {
    const struct psim_hw *hw;
    const struct psim_workload **workloads;
    const struct psim_result **results; /**< of each workload */
    size_t n;
    const struct psim_measured_point *measured; /**< by --measured */
    size_t n_measured;
    struct psim_roofline_data roofline; /**< the machine's roofs, and all of that */
};

/** The options of plots of roofs, ended by NULL. */
extern const struct psim_option *const psim_roof_options[];

/** A picture of roofs and of what is under them. */
struct psim_roof_plot {
    const char *kind;
    const char *needs; /**< of the machine and the workload, for who lacks it */
    /** NULL where something of that is not there. */
    struct psim_figure *(*figure)(struct psim_arena *arena,
                                  const struct psim_figure_style *style,
                                  const struct psim_roofline_data *data);
};

/** psim_plot_kind.draw of such a picture. */
int psim_plot_roofs(struct psim_arena *arena, struct psim_diag *diag,
                    const struct psim_arguments *arguments,
                    const struct psim_figure_style *style,
                    const struct psim_roof_plot *plot, struct psim_figure **ret_figure);

/**
 * Words "MACHINE WORKLOAD...": a workload is a name, or an op with its KEY=VALUE.
 * @return false after an error
 */
bool psim_plot_load(struct psim_arena *arena, struct psim_diag *diag,
                    const struct psim_arguments *arguments,
                    struct psim_plot_input *ret);
