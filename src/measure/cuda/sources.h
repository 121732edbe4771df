/* SPDX-License-Identifier: MIT */
/** @file Texts of kernels/: they are compiled where they run (made by tools/embed.py).
 */
#pragma once

struct psim_gpu_source {
    const char *name; /**< "stream": of kernels/stream.cu */
    const char *text;
};

/** Ended by a name of NULL. */
extern const struct psim_gpu_source psim_gpu_sources[];
