/* SPDX-License-Identifier: MIT */
/** @file What knobs are written with: options that grow, figures as text. */
#pragma once

#include "explore/knob.h"

/** The functions of THE list. */
bool psim_scale_bandwidth(struct psim_arena *arena, const struct psim_knob_case *at,
                          double factor, struct psim_turn *ret);
bool psim_scale_compute(struct psim_arena *arena, const struct psim_knob_case *at,
                        double factor, struct psim_turn *ret);
bool psim_scale_cache(struct psim_arena *arena, const struct psim_knob_case *at,
                      double factor, struct psim_turn *ret);
bool psim_scale_clock(struct psim_arena *arena, const struct psim_knob_case *at,
                      double factor, struct psim_turn *ret);
bool psim_scale_batch(struct psim_arena *arena, const struct psim_knob_case *at,
                      double factor, struct psim_turn *ret);
size_t psim_choose_precision(struct psim_arena *arena, const struct psim_knob_case *at,
                             struct psim_turn ret[PSIM_MAX_CHOICES]);

/** Bytes a second of one memory, and of its ports. */
bool psim_scale_memory(struct psim_arena *arena, const struct psim_knob_case *at,
                       int memory, double factor, struct psim_turn *ret);

/** "200 B/s": a figure times @p factor, in its own unit. */
const char *psim_scaled_text(struct psim_arena *arena, const struct psim_figure *figure,
                             double factor);

/** Options of one turn while they are collected. */
struct psim_turning {
    struct psim_arena *arena;
    const char **items;
    size_t n, room;
    bool nameless; /**< some path cannot be typed: a name in it has a dot */
};

/**
 * Add "LIST.NAME.KEY=VALUE". No option can mean an entry whose name has a dot or a
 * '=': then the whole turn is none.
 */
void psim_turning_set(struct psim_turning *turning, const char *list, const char *name,
                      const char *key, const char *value);
/** The same for a figure that is given; one that is not stays as it is. */
void psim_turning_scale(struct psim_turning *turning, const char *list,
                        const char *name, const char *key,
                        const struct psim_figure *figure, double factor);

/** @return false where nothing was collected, or what no option can say */
bool psim_turning_end(const struct psim_turning *turning, double factor,
                      struct psim_turn *ret);

/** A word as YAML reads it back: quoted where it must be. */
const char *psim_yaml_word(struct psim_arena *arena, const char *word);
