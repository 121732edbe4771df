/* SPDX-License-Identifier: MIT */
/** @file The tile of fused attention. */
#pragma once

#include "measure/cpu/bench.h"

struct psim_flash_tile {
    size_t q, kv;
};

/** Queries and keys that a thread holds in its L2 at a time. */
struct psim_flash_tile psim_flash_tile_for(const struct psim_kernels *kernels,
                                           const struct psim_host *host,
                                           size_t head_dim);
