/* SPDX-License-Identifier: MIT */
/** @file Colours of a picture, on light and on dark ground. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { PSIM_THEME_COLOURS = 7 };

/** Colours as 0xRRGGBB. */
struct psim_theme {
    uint32_t ground;
    uint32_t ink;   /**< of titles and of what is said */
    uint32_t quiet; /**< of ticks and of what is said beside */
    uint32_t axis;
    uint32_t grid;
    uint32_t band_near, band_far; /**< areas behind all else */
    /** That people who see few colours tell apart: of lines, marks and bars; at least
     * 3 : 1 against the ground (WCAG 2.2, 1.4.11). */
    uint32_t series[PSIM_THEME_COLOURS];
    /** The same for their names: at least 4.5 : 1 (WCAG 2.2, 1.4.3). */
    uint32_t text[PSIM_THEME_COLOURS];
};

const struct psim_theme *psim_theme(bool dark);
