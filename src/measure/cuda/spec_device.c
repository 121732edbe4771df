/* SPDX-License-Identifier: MIT */
/** @file Numbers and words of a machine file that the driver knows. */
#include <assert.h>
#include <ctype.h>

#include "measure/cuda/spec.h"
#include "util/str.h"

enum { SCHEDULERS = 4, LANES = 32, REGISTER_BYTES = 4 };

double
psim_gpu_spec_count(const struct psim_gpu_probe *probe, const char *name)
{
    const struct psim_gpu *gpu = probe->gpu;
    /* A work-group's shared memory is a little less than a unit's; the rest of the
     * array is the L1's. */
    static const double l1_least_bytes = 28 * 1024, write_back = 0.6;
    const double array_bytes = (double)gpu->unit_shared_bytes + l1_least_bytes;
    const struct {
        const char *name;
        double value;
    } rows[] = {
        {"warps", (double)gpu->unit_lanes / LANES / SCHEDULERS},
        {"blocks", gpu->unit_blocks},
        {"units", gpu->units},
        {"register_bytes", (double)gpu->unit_registers * REGISTER_BYTES / SCHEDULERS},
        {"l1_bytes", array_bytes},
        {"shared_bytes", (double)gpu->block_shared_bytes},
        {"l1_cache_bytes", array_bytes * 3 / 4},
        {"l2_bytes", (double)gpu->l2_bytes},
        {"write_back_bytes", write_back * (double)gpu->l2_bytes},
        {"memory_bytes", (double)gpu->memory_bytes},
        {"memory_peak", psim_gpu_taken(probe, "memory_peak")},
    };
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        if (psim_str_equal(rows[i].name, name)) return rows[i].value;
    }
    assert(!"the template names a number that is not known");
    return 0;
}

/** "nvidia_h200": small letters, digits and bars. */
static const char *
word_of(struct psim_arena *arena, const char *title)
{
    char *word = psim_arena_printf(arena, "%s", title);
    for (char *c = word; *c; c++) {
        *c = isalnum((unsigned char)*c) ? (char)tolower((unsigned char)*c) : '_';
    }
    return word;
}

/** What no key has a place for. */
static const char *
sides(const struct psim_gpu_probe *probe)
{
    struct psim_arena *arena = probe->gpu->arena;
    const struct psim_gpu_figure *latency = psim_gpu_find(probe, "l2_far_latency");
    const struct psim_gpu_figure *near = psim_gpu_find(probe, "l2_near_port");
    const struct psim_gpu_figure *far = psim_gpu_find(probe, "l2_far_port");
    assert(latency && near && far);
    return psim_arena_printf(
        arena,
        "far latency %s (probe: %s; spread %.1f %%). A unit reads %s near "
        "(spread %.1f %%), and %s where half is far (spread %.1f %%)",
        psim_quantity_print(arena, latency->value, latency->dim, 4), latency->how,
        100 * latency->spread, psim_quantity_print(arena, near->value, near->dim, 4),
        100 * near->spread, psim_quantity_print(arena, far->value, far->dim, 4),
        100 * far->spread);
}

const char *
psim_gpu_spec_text(const struct psim_gpu_probe *probe, const char *name)
{
    const struct psim_gpu *gpu = probe->gpu;
    if (psim_str_equal(name, "machine")) return word_of(gpu->arena, gpu->name);
    if (psim_str_equal(name, "title")) return gpu->name;
    if (psim_str_equal(name, "sides")) return sides(probe);
    if (psim_str_equal(name, "libraries")) return psim_gpu_spec_libraries(probe);
    if (psim_str_equal(name, "software")) {
        return psim_arena_printf(
            gpu->arena, "compute capability %d.%d, driver for CUDA %d.%d",
            gpu->capability / 10, gpu->capability % 10, gpu->driver_version / 1000,
            gpu->driver_version % 1000 / 10);
    }
    return NULL;
}

bool
psim_gpu_spec_is(const struct psim_gpu_probe *probe, const char *name)
{
    if (psim_str_equal(name, "wgmma")) return probe->gpu->capability == 90;
    if (psim_str_equal(name, "plain")) return probe->gpu->capability != 90;
    if (psim_str_equal(name, "fp8")) return psim_gpu_taken(probe, "mma_fp8_rate") > 0;
    if (psim_str_equal(name, "sides")) {
        return psim_gpu_taken(probe, "l2_far_latency") > 0;
    }
    assert(psim_str_equal(name, "power"));
    /* Energy is predicted from all of them, or not at all. */
    static const char *const needed[] = {"base", "fma_energy", "mma_energy",
                                         "memory_energy", "wgmma_energy"};
    const size_t n = PSIM_COUNT(needed) - (probe->gpu->capability == 90 ? 0 : 1);
    for (size_t i = 0; i < n; i++) {
        if (!(psim_gpu_taken(probe, needed[i]) > 0)) return false;
    }
    return true;
}
