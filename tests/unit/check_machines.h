/* SPDX-License-Identifier: MIT */
/** @file Two small machines without libraries: bundles of lanes, and plain cores. */
#pragma once

#include "check_plans.h"

/** Four units of 128 lanes in bundles of 32, a scratchpad each, one shared cache. */
static const char check_bundles[] =
    "schema: perfsim/hardware/v1\n"
    "name: bundles\n"
    "parallel_groups:\n"
    "  - {name: part, issue: 1 op/cycle, holds: {bundles: 16}}\n"
    "  - {name: unit, groups: part, number: 4, clock: 1 GHz, holds: {teams: 16}}\n"
    "  - {name: chip, groups: unit, number: 4}\n"
    "  - {name: bundle, number: 32, runs_on: part, lock_step: true}\n"
    "  - {name: team, groups: bundle, number: {max: 16}, runs_on: unit,"
    " start: 100 cycles, barrier: 20 cycles}\n"
    "  - {name: grid, groups: team, runs_on: chip, launch: {stream: 1 us}}\n"
    "memory_domains:\n"
    "  - {name: registers, shared_across: part, size: 64 KiB}\n"
    "  - {name: scratch, shared_across: unit, size: 64 KiB, bandwidth: 128 B/cycle,"
    " latency: 20 cycles}\n"
    "  - {name: cache, shared_across: chip, size: 256 KiB, caches: dram,"
    " bandwidth: 200 GB/s, latency: 100 cycles}\n"
    "  - {name: dram, shared_across: chip, size: 8 GiB, bandwidth: 100 GB/s,"
    " latency: 400 cycles}\n"
    "operations:\n"
    "  - {name: mma, does: matmul, supported_by: bundle, pipe: part.matrix,"
    " tile: {fp16: {m: 16, n: 8, k: 16}}, throughput: {fp16: 256 FLOP/cycle},"
    " latency: 16 cycles}\n"
    "  - {name: fma, supported_by: bundle, pipe: part.fma,"
    " throughput: {fp32: 1 op/cycle}, latency: 4 cycles}\n"
    "  - {name: add, supported_by: bundle, pipe: part.fma,"
    " throughput: {fp32: 1 op/cycle}, latency: 4 cycles}\n"
    "  - {name: mul, supported_by: bundle, pipe: part.fma,"
    " throughput: {fp32: 1 op/cycle}, latency: 4 cycles}\n"
    "  - {name: max, supported_by: bundle, pipe: part.other,"
    " throughput: {fp32: 0.5 op/cycle}, latency: 4 cycles}\n"
    "  - {name: convert, supported_by: bundle, pipe: part.other,"
    " throughput: {fp32: 0.5 op/cycle}, latency: 4 cycles}\n"
    "  - {name: integer, supported_by: bundle, pipe: part.other,"
    " throughput: {fp32: 0.5 op/cycle, fp16: 0.5 op/cycle, bf16: 0.5 op/cycle},"
    " latency: 4 cycles}\n"
    "  - {name: exp2, supported_by: bundle, pipe: part.special,"
    " throughput: {fp32: 0.125 op/cycle}, latency: 20 cycles}\n"
    "  - {name: divide, supported_by: bundle, pipe: part.special,"
    " throughput: {fp32: 0.125 op/cycle}, latency: 20 cycles}\n"
    "  - {name: copy, supported_by: bundle, moves: [dram, scratch], pipe: unit.mover,"
    " width: 512 B, throughput: 0.25 op/cycle, asynchronous: true}\n";

/** Four cores with vectors of 8, a cache each, one memory. */
static const char check_cores[] =
    "schema: perfsim/hardware/v1\n"
    "name: cores\n"
    "parallel_groups:\n"
    "  - {name: core, clock: 2 GHz, issue: 4 op/cycle, in_flight: 64}\n"
    "  - {name: chip, groups: core, number: 4}\n"
    "memory_domains:\n"
    "  - {name: registers, shared_across: core, size: 1 KiB}\n"
    "  - {name: cache, shared_across: core, size: 64 KiB, caches: dram,"
    " bandwidth: 64 B/cycle, latency: 14 cycles}\n"
    "  - {name: dram, shared_across: chip, size: 8 GiB, bandwidth: 40 GB/s,"
    " latency: 80 ns}\n"
    "operations:\n"
    "  - {name: fma, supported_by: core, pipe: core.fma, elements: {fp32: 8},"
    " throughput: {fp32: 2 op/cycle}, latency: 4 cycles}\n"
    "  - {name: add, supported_by: core, pipe: core.fma, elements: {fp32: 8},"
    " throughput: {fp32: 2 op/cycle}, latency: 4 cycles}\n"
    "  - {name: mul, supported_by: core, pipe: core.fma, elements: {fp32: 8},"
    " throughput: {fp32: 2 op/cycle}, latency: 4 cycles}\n"
    "  - {name: max, supported_by: core, pipe: core.fma, elements: {fp32: 8},"
    " throughput: {fp32: 2 op/cycle}, latency: 2 cycles}\n"
    "  - {name: convert, supported_by: core, pipe: core.fma, elements: {fp32: 8},"
    " throughput: {fp32: 1 op/cycle}, latency: 4 cycles}\n"
    "  - {name: integer, supported_by: core, pipe: core.alu,"
    " elements: {fp32: 8, fp16: 16, bf16: 16},"
    " throughput: {fp32: 4 op/cycle, fp16: 4 op/cycle, bf16: 4 op/cycle},"
    " latency: 1 cycles}\n"
    "  - {name: exp2, supported_by: core, pipe: core.fma, elements: {fp32: 8},"
    " throughput: {fp32: 0.1 op/cycle}, latency: 40 cycles}\n"
    "  - {name: divide, supported_by: core, pipe: core.divider, elements: {fp32: 8},"
    " throughput: {fp32: 0.2 op/cycle}, latency: 15 cycles}\n";

static inline const struct psim_hw *
check_machine_text(struct psim_arena *arena, const char *text)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_hw *hw = psim_hw_read(arena, &diag, "machine", text);
    if (!hw) psim_diag_print(&diag, stderr, false);
    ck_assert_msg(hw != NULL, "the machine of the test cannot be read");
    return hw;
}

/** The two above, and all that ship. */
static inline size_t
check_all_machines(struct psim_arena *arena,
                   const struct psim_hw *ret[CHECK_MAX_MACHINES + 2])
{
    const char *names[CHECK_MAX_MACHINES];
    const size_t n = check_machines(arena, names);
    ret[0] = check_machine_text(arena, check_bundles);
    ret[1] = check_machine_text(arena, check_cores);
    for (size_t i = 0; i < n; i++) {
        ret[i + 2] = check_machine(arena, names[i], NULL, 0);
    }
    return n + 2;
}
