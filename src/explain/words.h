/* SPDX-License-Identifier: MIT */
/** @file What holds a run up, in words: sentences, and tables that prove them. */
#pragma once

#include "result/document.h"
#include "result/result.h"

/**
 * Add the verdict with what it rests on: the side that is busy, the ridge of each level
 * of memory, and what a change would have to do (docs/MODEL.md, eq. D2).
 */
void psim_words_add(struct psim_arena *arena, const struct psim_result *result,
                    struct psim_document *document);
