/* SPDX-License-Identifier: MIT */
/** @file How wide text is in a picture, whichever common sans-serif font draws it. */
#pragma once

#include <stddef.h>

struct psim_arena;

/** Least upper bound of the widths of a line in DejaVu Sans and Arial, in pixels. */
double psim_text_width_px(const char *text, double font_px);

/** The text, or its beginning and "..." where it is wider than @p most_px. */
const char *psim_text_cut(struct psim_arena *arena, const char *text, double font_px,
                          double most_px);

/**
 * The text in lines of at most @p most_px, broken at spaces. It ends, cut, at a word
 * that is wider than a line, and in the last of @p most_lines.
 *
 * @return how many lines: at least 1
 */
size_t psim_text_wrap(struct psim_arena *arena, const char *text, double font_px,
                      double most_px, size_t most_lines, const char **ret);
