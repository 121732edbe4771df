/* SPDX-License-Identifier: MIT */
/** @file A probe as a machine file: operations. */
#include <math.h>

#include "measure/cpu/spec.h"
#include "util/arena.h"

static const char *const types[PSIM_N_TAKEN_TYPES] = {"fp32", "fp64"};

/** An operation of the lanes, in both types. */
struct row {
    const char *name, *pipe;
    double issue; /* instructions that do it; 1: it is one */
    enum psim_taken_operation operation;
    bool latency;
};

/** Figures of both types as a map, one line each. */
static void
put_map(FILE *out, const char *key, const struct psim_taken_rate *rates, bool latency)
{
    fprintf(out, "    %s:\n", key);
    for (int type = 0; type < PSIM_N_TAKEN_TYPES; type++) {
        const struct psim_taken *t =
            latency ? &rates[type].latency_cycles : &rates[type].per_cycle;
        psim_spec_figure(out, 6, types[type], t->value,
                         latency ? PSIM_DIM_CYCLES : PSIM_DIM_OP_PER_CYCLE, t);
    }
}

static void
put_elements(FILE *out, const struct psim_taken_rate *rates)
{
    fputs("    elements:\n", out);
    for (int type = 0; type < PSIM_N_TAKEN_TYPES; type++) {
        fprintf(
            out,
            "      %s: {value: %zu, confidence: datasheet, source: \"vectors of the "
            "widest instructions\"}\n",
            types[type], rates[type].lanes);
    }
}

static void
put_operation(FILE *out, const struct psim_taken_all *t, const struct row *row)
{
    const struct psim_taken_rate *rates = t->rate[row->operation];
    fprintf(out, "  - name: %s\n    supported_by: core\n    pipe: core.%s\n", row->name,
            row->pipe);
    if (row->issue > 1) {
        fprintf(
            out,
            "    issue: {value: %.0f, confidence: assumed, source: \"instructions of "
            "perfsim's own function of a vector\"}\n",
            row->issue);
    }
    put_elements(out, rates);
    put_map(out, "throughput", rates, false);
    if (row->latency) put_map(out, "latency", rates, true);
}

/**
 * Multiply-adds as a kernel's inner loop does them: what it reaches of the rate is
 * `achieved`, so that a library can name the loop as its operation.
 */
static void
put_loop(FILE *out, const struct psim_taken_all *t, const char *name,
         enum psim_taken_type type, const struct psim_taken *cycles)
{
    const struct psim_taken_rate *fma = &t->rate[PSIM_TAKEN_FMA][type];
    const double achieved = 1 / (cycles->value * fma->per_cycle.value);
    fprintf(
        out,
        "  - name: %s_%s\n    does: fma\n    supported_by: core\n    pipe: core.fma\n"
        "    elements: {%s: {value: %zu, confidence: datasheet, source: \"vectors of "
        "the widest instructions\"}}\n    throughput: {",
        name, types[type], types[type], fma->lanes);
    psim_spec_inline(out, types[type], fma->per_cycle.value, PSIM_DIM_OP_PER_CYCLE,
                     &fma->per_cycle);
    fputs("}\n", out);
    psim_spec_figure(out, 4, "achieved", achieved < 1 ? achieved : 1, PSIM_DIM_NONE,
                     cycles);
}

/** Products of narrow types: an instruction sums several of them. */
static void
put_dot(FILE *out, const struct psim_taken_all *t)
{
    const struct psim_taken_rate *dots[] = {&t->dot_bf16, &t->dot_int8};
    static const char *const names[] = {"bf16", "int8"};
    if (!(t->dot_bf16.per_cycle.value > 0)) return;
    fputs("  - name: dot\n    does: fma\n    supported_by: core\n    pipe: core.fma\n",
          out);
    fputs("    elements:\n", out);
    for (size_t i = 0; i < PSIM_COUNT(dots); i++) {
        fprintf(out,
                "      %s: {value: %zu, confidence: datasheet, source: \"products that "
                "one instruction sums\"}\n",
                names[i], dots[i]->lanes);
    }
    fputs("    throughput:\n", out);
    for (size_t i = 0; i < PSIM_COUNT(dots); i++) {
        psim_spec_figure(out, 6, names[i], dots[i]->per_cycle.value,
                         PSIM_DIM_OP_PER_CYCLE, &dots[i]->per_cycle);
    }
    fputs("    latency:\n", out);
    for (size_t i = 0; i < PSIM_COUNT(dots); i++) {
        psim_spec_figure(out, 6, names[i], dots[i]->latency_cycles.value,
                         PSIM_DIM_CYCLES, &dots[i]->latency_cycles);
    }
}

static void
put_move(FILE *out, const char *name, const char *moves, const struct psim_taken *taken,
         size_t width)
{
    fprintf(out,
            "  - name: %s\n    supported_by: core\n    moves: [%s]\n    pipe: core.%s\n"
            "    width: {value: %zu B, confidence: datasheet, source: \"vectors of the "
            "widest instructions\"}\n",
            name, moves, name, width);
    psim_spec_figure(out, 4, "throughput", taken->value, PSIM_DIM_OP_PER_CYCLE, taken);
}

void
psim_spec_operations(FILE *out, const struct psim_taken_all *t)
{
    /* Additions have units of their own where they do not slow multiply-adds down. */
    const double alone = t->rate[PSIM_TAKEN_FMA][PSIM_TAKEN_FP32].per_cycle.value;
    const bool beside = t->mixed_per_cycle.value > 1.25 * alone;
    const char *adder = beside ? "fadd" : "fma";
    const struct row rows[] = {
        {"fma", "fma", 1, PSIM_TAKEN_FMA, true},
        {"mul", "fma", 1, PSIM_TAKEN_MUL, true},
        {"add", adder, 1, PSIM_TAKEN_ADD, true},
        {"max", adder, 1, PSIM_TAKEN_MAX, true},
        {"exp2", "fma", 14, PSIM_TAKEN_EXP2, true},
        {"divide", "divider", 1, PSIM_TAKEN_DIVIDE, true},
        {"rsqrt", "fma", 5, PSIM_TAKEN_RSQRT, false},
        {"integer", "valu", 1, PSIM_TAKEN_INTEGER, false},
    };
    const size_t width = t->width[t->n_widths - 1].vector_bytes;
    fprintf(out, "\noperations:\n  # %s: %.3g a cycle, multiply-adds alone %.3g\n",
            t->mixed_per_cycle.how, t->mixed_per_cycle.value, alone);
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        put_operation(out, t, &rows[i]);
    }
    for (int type = 0; type < PSIM_N_TAKEN_TYPES; type++) {
        const struct psim_taken_loops *loops = &t->loops[type];
        put_loop(out, t, "fma_packed", (enum psim_taken_type)type, &loops->packed);
        put_loop(out, t, "fma_rows", (enum psim_taken_type)type, &loops->rows);
        put_loop(out, t, "fma_naive", (enum psim_taken_type)type, &loops->naive);
        const struct psim_taken *blas = &t->blas_per_s[type];
        const double lanes = (double)t->rate[PSIM_TAKEN_FMA][type].lanes;
        if (!(blas->value > 0)) continue;
        const struct psim_taken cycles = psim_taken_with(
            *blas, 2 * lanes * t->clock_hz.value / blas->value, blas->how);
        put_loop(out, t, "fma_blas", (enum psim_taken_type)type, &cycles);
    }
    put_dot(out, t);
    put_move(out, "load", "dram, registers", &t->load_per_cycle, width);
    put_move(out, "store", "registers, dram", &t->store_per_cycle, width);
}
