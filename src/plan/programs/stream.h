/* SPDX-License-Identifier: MIT */
/** @file What the files of the program `stream` share. */
#pragma once

#include "plan/lower.h"

/** @return false, with the place of the first lane operation that the machine lacks */
bool psim_stream_work(const struct psim_hw *hw, const struct psim_stream *stream,
                      struct psim_ability abilities[8], size_t *ret_missing);

/** The group that issues the work; without any, who moves data. */
int psim_stream_issuer(const struct psim_hw *hw, const struct psim_stream *stream);

/** Bytes of one element. */
uint32_t psim_stream_in_bytes(const struct psim_stream *stream);
uint32_t psim_stream_out_bytes(const struct psim_stream *stream);

/** Elements that the widest vector operation of the unit takes at once. */
uint64_t psim_stream_width(const struct psim_stream *stream,
                           const struct psim_view *view);

/** Bytes in a scratchpad on the way, for one element: two buffers of each tensor. */
double psim_stream_staged_bytes(const struct psim_stream *stream);

/** @return false after psim_build_refuse */
bool psim_stream_build(struct psim_build *b, const struct psim_part *part,
                       const struct psim_mapping *mapping);

/** Bytes of the indices of so many elements: a row that is cut has it in each part. */
uint64_t psim_stream_index_bytes(const struct psim_stream *stream, uint64_t elements);

/** One pass over `elements` of each tensor, which may depend on the item. */
struct psim_stream_pass {
    uint64_t elements;
    uint8_t rest;  /**< parameter; PSIM_NONE: `elements` each */
    uint8_t index; /**< parameter: bytes of indices; as `rest` */
    uint8_t tile;  /**< of the first tensor */
};

/** What the steps of one kernel share; tiles are numbers behind a pass's first. */
struct psim_stream_steps {
    struct psim_build *b;
    const struct psim_stream *s;
    const struct psim_mapping *map;
    uint8_t channel, index_channel;
    uint8_t out, index;  /**< tiles: of the first output, of the indices */
    uint8_t last_taps;   /**< tile: of the last, partial load of a window */
    uint8_t columns;     /**< a tile itself; PSIM_NONE */
    uint32_t taps;       /**< of a window, in one load; 0: all that an element takes */
    uint8_t trips, once; /**< parameters: whole passes, the partial one; PSIM_NONE */
    bool loops;
    struct psim_stream_pass whole, rest;
};

/** Taps of one load, where an element's do not come at once; else 0. */
uint32_t psim_stream_taps(const struct psim_stream *stream,
                          const struct psim_mapping *mapping);

/** All passes of an item: of the role that loads, of the one that works, or of both. */
void psim_stream_add_role(struct psim_stream_steps *w, bool loads, bool works);
