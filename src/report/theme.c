/* SPDX-License-Identifier: MIT */
/** @file Colours of a picture: those of Okabe and Ito, darker where a light ground asks
 * for it. */
#include "report/theme.h"

/* Okabe and Ito, "Color Universal Design", 2008: blue, vermilion, bluish green, reddish
 * purple, orange, sky blue; and grey for what has no colour of its own. */
static const struct psim_theme light = {
    .ground = 0xFFFFFF,
    .ink = 0x1B1F24,
    .quiet = 0x59636E,
    .axis = 0x8C959F,
    .grid = 0xE6E9ED,
    .band_near = 0xDCE6EE,
    .band_far = 0xEFF3F7,
    .series = {0x0072B2, 0xD55E00, 0x009E73, 0xC063A0, 0xB97F00, 0x2D96D2, 0x7A828B},
    .text = {0x0068A3, 0xB34E00, 0x007857, 0xA14683, 0x8A5F00, 0x1A719F, 0x59636E},
};

static const struct psim_theme dark = {
    .ground = 0x14181D,
    .ink = 0xE9EDF1,
    .quiet = 0xA3ADB8,
    .axis = 0x6B7580,
    .grid = 0x272D35,
    .band_near = 0x2A3947,
    .band_far = 0x1D2630,
    .series = {0x56B4E9, 0xE8762C, 0x1DB98A, 0xD98CB8, 0xE6B422, 0x8F9BFF, 0x8B949E},
    .text = {0x7CC4EF, 0xF2935A, 0x3CC99F, 0xE3A5C8, 0xEBC251, 0xA9B2FF, 0xA3ADB8},
};

const struct psim_theme *
psim_theme(bool is_dark)
{
    return is_dark ? &dark : &light;
}
