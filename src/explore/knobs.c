/* SPDX-License-Identifier: MIT */
/** @file THE list of knobs. */
#include "explore/turns.h"

/* clang-format off */
const struct psim_knob psim_knobs[] = {
    {"bandwidth", "Memory bandwidth", "bytes a second of the memory that holds the tensors, and of its ports",
     {0.5, 2, 4}, psim_scale_bandwidth, NULL},
    {"compute", "Compute", "throughput of the operations that the kernels compute with, and the rate at which instructions start",
     {0.5, 2, 4}, psim_scale_compute, NULL},
    {"cache", "Cache size", "size of the caches, and of local memories that share an array with one",
     {0.5, 2, 4}, psim_scale_cache, NULL},
    {"clock", "Clock", "clock of the units and of the memories beside them; the memory that holds the tensors keeps its own",
     {0.5, 0.75, 1.25, 1.5}, psim_scale_clock, NULL},
    {"batch", "Batch", "images or sequences at once",
     {0}, psim_scale_batch, NULL},
    {"precision", "Precision", "data type of the tensors",
     {0}, NULL, psim_choose_precision},
    {0},
};
/* clang-format on */
