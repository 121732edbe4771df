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
