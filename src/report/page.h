/* SPDX-License-Identifier: MIT */
/** @file The page of `perfsim report`: plain data in, one file of HTML out. */
#pragma once

#include <stdio.h>

#include "result/result.h"
#include "result/roofs.h"
#include "result/timeline.h"

struct psim_arena;

/** What one line of a program does over the whole grid. */
struct psim_page_count {
    uint32_t line; /**< of the program's text, from 0 */
    double visits; /**< how often it is executed */
    double amount; /**< in all: bytes, FLOP, lane operations; 0: it has none */
    enum psim_dim dim;
};

/** The kernels of one op, as `perfsim explain --program` prints them. */
struct psim_page_program {
    const char *text;
    struct psim_page_count *counts; /**< in the order of the lines */
    size_t n_counts;
};

enum { PSIM_PAGE_MAX_AXES = 4, PSIM_PAGE_MAX_LEVELS = 6 };

/** What a result does not say of one of its kernels: its program and its grid. */
struct psim_page_kernel {
    size_t program; /**< index */
    uint32_t n_axes, n_levels;
    uint32_t extent[PSIM_PAGE_MAX_AXES];
    const char *axis_name[PSIM_PAGE_MAX_AXES];
    /** The order in which the grid is taken, fastest first; span 0: the whole axis. */
    struct {
        uint32_t axis, span;
        bool down;
    } level[PSIM_PAGE_MAX_LEVELS];
    uint32_t bundle; /**< work-groups in one item of the grid */
};

/** A knob turned, and what was predicted then. */
struct psim_page_turn {
    const char *knob, *title, *doc; /**< turns of one knob stand together */
    const char *label;
    double factor;       /**< 0: a choice */
    bool as_is;          /**< the choice that holds already */
    const char *options; /**< as a person would type them */
    const char *why_not; /**< NULL: there is a result */
    const struct psim_result *result;
    struct psim_machine_roofs roofs;
};

/** What was measured of a whole workload, or of one of its ops. */
struct psim_page_measured {
    const char *id, *op;
    bool whole;
    size_t op_index;
    double count, flop, bytes;
    double measured_s, predicted_s;
    double measured_j, predicted_j; /**< negative: not known */
};

/** One workload. */
struct psim_page_run {
    const char *words; /**< machine and workload, as other commands take them */
    const struct psim_result *result;
    const struct psim_page_kernel *kernels; /**< one each of the result's */
    const struct psim_page_program *programs;
    size_t n_programs;
    const struct psim_page_turn *turns;
    size_t n_turns;
    const struct psim_page_measured *measured;
    size_t n_measured;
    const struct psim_timeline *timeline; /**< NULL: none */
    const char *no_timeline;              /**< why there is none, in words */
};

/** What a key of the machine's `sources:` stands for. */
struct psim_page_source {
    const char *key, *text;
};

/** A figure of an entry of the machine's file that a later layer has changed. */
struct psim_page_over {
    struct psim_loc entry, change;
};

struct psim_page {
    const char *version, *command;
    struct psim_machine_roofs roofs;
    const struct psim_page_source *sources;
    size_t n_sources;
    const struct psim_page_over *overs;
    size_t n_overs;
    const struct psim_page_run *runs;
    size_t n_runs;
};

/** Write the page; nothing of what it says comes from elsewhere when it is opened. */
void psim_page_write(struct psim_arena *arena, const struct psim_page *page, FILE *out);

/**
 * What the page's program reads: JSON in which no '<', '>', '&' and no line separator
 * of JavaScript stands, so that no text can end the element that holds it.
 */
const char *psim_page_json(struct psim_arena *arena, const struct psim_page *page);
