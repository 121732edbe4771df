/* SPDX-License-Identifier: MIT */
/** @file Any bytes as a workload: refused in words, or it runs on two machines. */
#include "predicted.h"
#include "target.h"
#include "util/arena.h"

/** More would only repeat: a graph may unroll to 65,536. */
enum { MAX_OPS = 8 };

static const char toy[] = "schema: perfsim/hardware/v1\n"
                          "name: toy\n"
                          "parallel_groups:\n"
                          "  - {name: chip, groups: lane, number: 4, clock: 1 Hz}\n"
                          "memory_domains:\n"
                          "  - {name: dram, shared_across: chip, bandwidth: 100 B/s}\n"
                          "operations:\n"
                          "  - {name: fma, supported_by: lane, throughput: 50 op/s,\n"
                          "     supported_data_types: [fp32, fp64]}\n"
                          "  - {name: exp2, supported_by: lane, throughput: 50 op/s,\n"
                          "     supported_data_types: fp32}\n";

/** Teams, caches, copies of three kinds, a matrix unit. */
static const char small_teams[] =
    "schema: perfsim/hardware/v1\n"
    "name: teams\n"
    "parallel_groups:\n"
    "  - {name: core, groups: lane, number: 32, clock: 1 GHz, issue: 2 op/cycle,\n"
    "     holds: {teams: 8, bundles: 32}}\n"
    "  - {name: chip, groups: core, number: 3}\n"
    "  - {name: bundle, runs_on: core, number: 16}\n"
    "  - {name: team, runs_on: core, groups: bundle, number: {max: 32},\n"
    "     start: 50 cycles, barrier: 10 cycles}\n"
    "  - {name: grid, runs_on: chip, groups: team, launch: {stream: 2 us, graph: 1 "
    "us},\n"
    "     host: {stream: 3 us}}\n"
    "memory_domains:\n"
    "  - {name: registers, shared_across: core, size: 256 KiB}\n"
    "  - {name: local, shared_across: core, size: 96 KiB, bandwidth: 64 B/cycle,\n"
    "     latency: 20 cycles}\n"
    "  - {name: cache, shared_across: chip, size: 1 MiB, bandwidth: 200 GB/s,\n"
    "     latency: 200 cycles, caches: dram}\n"
    "  - {name: dram, shared_across: chip, bandwidth: 50 GB/s, latency: 500 cycles}\n"
    "operations:\n"
    "  - {name: mma, does: matmul, supported_by: bundle, pipe: core.matrix,\n"
    "     tile: {m: 16, n: 8, k: 16}, throughput: {fp16: 512 FLOP/cycle}}\n"
    "  - {name: mma2, does: matmul, supported_by: bundle, pipe: core.matrix,\n"
    "     asynchronous: true, tile: {m: 64, n: 64, k: 16},\n"
    "     operands: {a: local, b: local}, throughput: {fp16: 1024 FLOP/cycle}}\n"
    "  - {name: fma, supported_by: bundle, pipe: core.fma,\n"
    "     throughput: {fp32: 1 op/cycle}, latency: 4 cycles}\n"
    "  - {name: exp2, supported_by: bundle, throughput: {fp32: 0.25 op/cycle}}\n"
    "  - {name: rsqrt, supported_by: bundle, throughput: {fp32: 0.25 op/cycle}}\n"
    "  - {name: load, supported_by: bundle, moves: [dram, registers],\n"
    "     pipe: core.ls, throughput: 0.5 op/cycle}\n"
    "  - {name: store, supported_by: bundle, moves: [registers, dram],\n"
    "     pipe: core.ls, throughput: 0.5 op/cycle}\n"
    "  - {name: copy, supported_by: bundle, moves: [dram, local], pipe: core.ls,\n"
    "     throughput: 0.5 op/cycle, asynchronous: true}\n"
    "  - {name: fetch, supported_by: bundle, moves: [local, registers],\n"
    "     pipe: core.ls, throughput: 0.5 op/cycle}\n";

static void
run_on(struct psim_arena *arena, struct psim_diag *diag, const char *machine,
       const struct psim_workload *workload)
{
    const struct psim_hw *hw = psim_hw_read(arena, diag, "machine", machine);
    must(hw != NULL, "the machine can be read");
    predict_all(arena, diag, hw, workload);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const char *text = psim_arena_copy(&arena, (const char *)data, size);
    const struct psim_workload *workload =
        psim_workload_read(&arena, &diag, "fuzz.json", text);
    check_verdict(&diag, workload != NULL, 0);
    if (workload && workload->n_ops <= MAX_OPS) {
        run_on(&arena, &diag, toy, workload);
        run_on(&arena, &diag, small_teams, workload);
    }
    print_nowhere(&diag);
    psim_arena_free(&arena);
    return 0;
}
