/* SPDX-License-Identifier: MIT */
/** @file Entries of `libraries:`: windows, bodies, Fourier transforms. */
#include "measure/cuda/fields.h"
#include "measure/cuda/spec_entries.h"

/** A tap takes the same slots for a vector of 16 bytes, and two for each of its
 * elements that are unpacked; places of pixels take some once. */
static void
put_windows(const struct psim_gpu_entries *w, const char *types, const char *type,
            unsigned wide, bool unpacks)
{
    static const double of_tap = 11, of_element = 2, fixed = 120;
    static const unsigned taps[] = {4, 9, 25, 49};
    for (int mean = 0; mean < 2; mean++) {
        const char *defines = psim_arena_printf(
            w->gpu->arena, "#define T %s\n#define WIDE %u\n#define %s 1\n", type, wide,
            mean ? "MEAN" : "MAX");
        const unsigned registers =
            psim_gpu_entry_registers(w, "pool", "windows", defines, 0);
        psim_gpu_entry_estimated(
            w, "windows", "pool2d",
            psim_arena_printf(w->gpu->arena,
                              "    algorithm: %s\n    data_types: [%s]\n"
                              "    lanes: 256\n",
                              mean ? "mean" : "max", types));
        for (size_t i = 0; i < PSIM_COUNT(taps); i++) {
            const double slots = of_tap / wide + (unpacks ? of_element : 0);
            psim_gpu_entry_tile(
                w,
                psim_arena_printf(w->gpu->arena,
                                  "taps: %u, elements: %u, k: 1, instructions: %g, "
                                  "fixed: %g",
                                  taps[i], wide, taps[i] * slots, fixed),
                registers);
        }
    }
}

/** What passes by is loaded once a pair, or once two; the rest the program counts. */
static void
put_bodies(const struct psim_gpu_entries *w)
{
    psim_gpu_entry_estimated(w, "pairs", "nbody",
                             "    data_types: [fp32]\n    lanes: 256\n");
    for (unsigned each = 1; each <= 2; each++) {
        const char *defines = psim_arena_printf(
            w->gpu->arena, "#define T float\n#define EACH %u\n", each);
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(w->gpu->arena, "elements: %u, k: 256, instructions: %g",
                              each, 1.0 / each),
            psim_gpu_entry_registers(w, "bodies", "bodies", defines, 0));
    }
}

/** Lengths that are cut alike; of each the passes over memory. */
static void
put_fourier(const struct psim_gpu_entries *w)
{
    enum { LOG_MOST = 24 };
    /* Of a number and pass: moves through shared memory and their places, for each
     * factor of 4; what comes and goes, with a root where there is another pass. */
    static const double of_stage = 9, of_move = 14, of_root = 30;
    psim_gpu_entry_estimated(w, "stockham", "fft", "    data_types: [fp32]\n");
    for (unsigned log = 6; log <= LOG_MOST; log += 2) {
        const struct psim_gpu_fft_shape s = psim_gpu_fft_shape(PSIM_FP32, log);
        const struct psim_gpu_fft_pass *pass = &s.pass[0];
        const double stages = (double)log / s.passes / 2;
        const char *defines = psim_gpu_fft_defines(w->gpu->arena, PSIM_FP32, pass);
        psim_gpu_entry_tile(
            w,
            psim_arena_printf(w->gpu->arena,
                              "max_cols: %u, passes: %u, lanes: %u, elements: %u, "
                              "instructions: %.3g",
                              1U << log, s.passes, pass->lanes,
                              (pass->columns << pass->log_r) / pass->lanes,
                              of_stage * stages + of_move +
                                  (s.passes > 1 ? of_root : 0)),
            psim_gpu_entry_registers(w, "fourier", "fourier", defines,
                                     psim_gpu_fft_bytes(PSIM_FP32, pass)));
    }
}

void
psim_gpu_entries_of_fields(const struct psim_gpu_entries *w)
{
    put_windows(w, "bf16, fp16", "bf16_t", 8, true);
    put_windows(w, "fp32", "float", 4, false);
    put_bodies(w);
    put_fourier(w);
}
