/* SPDX-License-Identifier: MIT */
/** @file Schedules by hand on machines of specs/ that are no GPU: both engines. */
#include <math.h>

#include "check_main.h"
#include "sim/predict.h"

/* One row is one kernel. `event_s` is exact up to the rounding that `rounding_s`
 * bounds: each move of a server is rounded up to a femtosecond, and a rate to 2^-17
 * fs a unit. `apart_s` is how far the analytic engine may be: what it lets overlap, or
 * not, at the start and the end, and what the event engine does otherwise. */
struct hand {
    const char *name, *machine, *op;
    double event_s, rounding_s, bound_s, apart_s, launch_s;
};

/*
 * zen5, a threaded triad: 2^26 fp32 elements, 805 MB, on 128 threads. A byte takes
 * 1 / (0.85 x 576 GB/s) = 2.04248 ps of DRAM; no core's own 43 GB/s (128 times as much
 * in all) is short. The loads of many passes are asked for at once, so that DRAM never
 * idles: 2^26 x 12 B at 489.6 GB/s = 1,644,825.10 ns, then 50 cycles at 4.1 GHz until
 * the outermost cache has the last store: 12.20 ns. Stores do not read their lines.
 * Each thread makes 4,096 passes of 3 moves: 128 x 4,096 x 3 fs = 1.6 ns of rounding.
 * Bound: the inputs must come, 2^29 B at 489.6 GB/s; the output of 2^28 B may stay in
 * 16 x 32 MiB of L3. The analytic engine adds the first pass to DRAM's time: 120 ns
 * and 1 KiB through the port.
 *
 * The same on one thread, 2^20 elements: 12 B each through its port of 43 GB/s,
 * 292,625.86 ns, and the same 12.20 ns. 4,096 passes of 3 moves: 12 ps. The analytic
 * engine adds 120 ns, a load and a multiply-add for the first pass, which it does not
 * count otherwise. Its bound spreads the port's work over the ports of all cores.
 */
#define ZEN5_DRAM_S   (1 / (0.85 * 576e9))
#define ZEN5_STORED_S (50 / 4.1e9)

/*
 * tpu_v4, weights that stay: 16 tiles of 128 x 512 weights, 128 x 128 in each of four
 * arrays, and 512 rows through all of them, at 1,050 MHz.
 *   first copy   (512 + 512) x 128 x 2 B at 0.9 x 1.2 TB/s   242.73 ns, then 500 ns
 *   first load   128 rows of weights                         128 cycles
 *   rows         16 tiles x max(512 rows, 128 to load)       8,192 cycles
 *   last rows    leave the array after                       256 cycles
 *   result       512 x 512 x 2 B at 1.08 TB/s                485.45 ns, then 500 ns
 * Later copies (254.9 cycles each) hide behind 512 cycles of rows. The array is
 * 131,072 FLOP a cycle: 7.266 fs a FLOP, 2^26 of them a tile, so the rate's rounding
 * is at most 16 x 2^26 x 2^-17 fs = 8.2 ps.
 * Bound: 8,192 cycles of blocking rows. The analytic engine lets the two copies of the
 * first step run side by side: 121.36 ns less.
 *
 * With 64 rows the copies are what takes longest: 16 x (64 + 512) x 128 x 2 B =
 * 16 x 136.53 ns; the last tile's weights (128 cycles), its 64 rows and 256 cycles
 * follow, then 64 x 512 x 2 B = 60.68 ns and 500 ns. Bound: HBM's bytes, in and out.
 * The analytic engine lets what follows, 256 cycles and 560.68 ns, go on beside HBM.
 */
#define TPU_BYTE_S  (1 / (0.9 * 1200e9))
#define TPU_CYCLE_S (1 / 1050e6)

/*
 * c66x, a dot product of 65,536 int16 through two buffers of 2 x 2,048: the DMA fills
 * one while the other is worked on, on one core at 1,250 MHz.
 *   DMA        8,192 B at 12.8 GB/s                          640 ns, then 100 ns
 *   loads      8,192 B, 2 of 8 B a cycle                     512 cycles
 *   products   2,048, 2 times 8 a cycle                      128 cycles
 *   slots      1,024 loads and 256 products, 8 a cycle       160 cycles
 * Loads and products are one loop: 512 cycles and, for the last one, 5 + 4: 416.8 ns.
 * A buffer is free 516.8 ns after its DMA has ended, before the DMA wants it again at
 * 640 ns. So: 32 x 640 + 100 + 416.8 ns, and the sum leaves: 4 B, 0.3125 ns + 100 ns.
 * Bound: DDR's bytes, in and out.
 *
 * Where products take longer than the DMA: a tile of 16 x 16 sums in fp32, 64 deep a
 * buffer, 1,024 in all. Again 8,192 B, 640 ns and 100 ns, but 16,384 multiply-adds at
 * 8 a cycle: 2,048 cycles, and 7 + 5 for the last one: 1,648 ns. (Loads: 48 sums fit
 * three quarters of 256 B, so each operand is fetched once for sqrt 48 products:
 * 1,182 cycles; slots: 1,832.) So: 740 + 16 x 1,648 ns, and 1,024 B leave: 80 + 100 ns.
 * Bound: the loops. The analytic engine is wrong by part of a buffer's DMA in both.
 */
#define C66X_DDR_S   (1 / 12.8e9)
#define C66X_CYCLE_S (1 / 1250e6)

static const struct hand rows[] = {
    {
        .name = "zen5: triad of 128 threads",
        .machine = "specs/zen5.yaml",
        .op = "{\"op\": \"elementwise\", \"function\": \"triad\", "
              "\"elements\": 67108864, \"dtype\": \"fp32\"}",
        .event_s = 0x1p26 * 12 * ZEN5_DRAM_S + ZEN5_STORED_S,
        .rounding_s = 1.6e-9,
        .bound_s = 0x1p29 * ZEN5_DRAM_S,
        .apart_s = 120e-9 + 1024 / 43e9,
        .launch_s = 5e-6,
    },
    {
        .name = "zen5: triad of one thread",
        .machine = "specs/zen5.yaml",
        .op = "{\"op\": \"elementwise\", \"function\": \"triad\", "
              "\"elements\": 1048576, \"dtype\": \"fp32\", "
              "\"grid_dim\": [1], \"block_dim\": [1]}",
        .event_s = 0x1p20 * 12 / 43e9 + ZEN5_STORED_S,
        .rounding_s = 13e-12,
        .bound_s = 0x1p23 * ZEN5_DRAM_S,
        .apart_s = 120e-9 + 1024 / 43e9 + 3e-9,
        .launch_s = 5e-6,
    },
    {
        .name = "tpu_v4: weights stay, rows pass",
        .machine = "specs/tpu_v4.yaml",
        .op = "{\"op\": \"gemm\", \"m\": 512, \"n\": 512, \"k\": 2048, \"dtype\": "
              "\"bf16\", \"tile\": {\"m\": 512, \"n\": 512, \"k\": 128}}",
        .event_s = 1024 * 128 * 2 * TPU_BYTE_S + 500e-9 +
                   (128 + 16 * 512 + 256) * TPU_CYCLE_S + 512 * 512 * 2 * TPU_BYTE_S +
                   500e-9,
        .rounding_s = 8.3e-12,
        .bound_s = 16 * 512 * TPU_CYCLE_S,
        .apart_s = 512 * 128 * 2 * TPU_BYTE_S + 1e-12,
        .launch_s = 2.5e-6,
    },
    {
        .name = "tpu_v4: copies hold up the rows",
        .machine = "specs/tpu_v4.yaml",
        .op = "{\"op\": \"gemm\", \"m\": 64, \"n\": 512, \"k\": 2048, \"dtype\": "
              "\"bf16\", \"tile\": {\"m\": 64, \"n\": 512, \"k\": 128}}",
        .event_s = 16 * 576 * 128 * 2 * TPU_BYTE_S + 500e-9 +
                   (128 + 64 + 256) * TPU_CYCLE_S + 64 * 512 * 2 * TPU_BYTE_S + 500e-9,
        .rounding_s = 8.3e-12,
        .bound_s = (16 * 576 * 128 * 2 + 64 * 512 * 2) * TPU_BYTE_S,
        .apart_s = 256 * TPU_CYCLE_S + 64 * 512 * 2 * TPU_BYTE_S + 500e-9,
        .launch_s = 2.5e-6,
    },
    {
        .name = "c66x: dot product through two buffers",
        .machine = "specs/c66x.yaml",
        .op = "{\"op\": \"gemm\", \"m\": 1, \"n\": 1, \"k\": 65536, \"dtype\": "
              "\"int16\", \"tile\": {\"m\": 1, \"n\": 1, \"k\": 2048}, \"stages\": 2}",
        .event_s = 32 * 8192 * C66X_DDR_S + 100e-9 + (512 + 5 + 4) * C66X_CYCLE_S +
                   4 * C66X_DDR_S + 100e-9,
        .rounding_s = 1e-12,
        .bound_s = (32 * 8192 + 4) * C66X_DDR_S,
        .apart_s = 8192 * C66X_DDR_S,
    },
    {
        .name = "c66x: products longer than the DMA",
        .machine = "specs/c66x.yaml",
        .op = "{\"op\": \"gemm\", \"m\": 16, \"n\": 16, \"k\": 1024, \"dtype\": "
              "\"fp32\", \"tile\": {\"m\": 16, \"n\": 16, \"k\": 64}, \"stages\": 2}",
        .event_s = 8192 * C66X_DDR_S + 100e-9 + 16 * (2048 + 7 + 5) * C66X_CYCLE_S +
                   1024 * C66X_DDR_S + 100e-9,
        .rounding_s = 1e-12,
        .bound_s = 16 * (2048 + 7 + 5) * C66X_CYCLE_S,
        .apart_s = 8192 * C66X_DDR_S,
    },
};

static void
ck_close(const struct hand *row, const char *what, double got_s, double want_s,
         double within_s)
{
    ck_assert_msg(fabs(got_s - want_s) <= within_s,
                  "%s: %s: %.6f ns, want %.6f ns, within %.6f", row->name, what,
                  got_s * 1e9, want_s * 1e9, within_s * 1e9);
}

static const struct psim_result *
predict(struct psim_arena *arena, const struct hand *row, const char *engine)
{
    struct psim_diag diag = {.arena = arena};
    const char *text = psim_arena_printf(
        arena, "{\"schema\": \"perfsim/workload/v1\", \"name\": \"t\", \"ops\": [%s]}",
        row->op);
    const struct psim_hw *hw = psim_hw_load(arena, &diag, row->machine, NULL);
    const struct psim_workload *workload =
        psim_workload_read(arena, &diag, row->name, text);
    ck_assert_msg(hw && workload, "%s", check_printed(arena, &diag, false));
    const struct psim_predict_options options = {.engine = psim_engine_find(engine)};
    const struct psim_result *result =
        psim_predict(arena, &diag, hw, workload, &options);
    ck_assert_msg(result != NULL, "%s", check_printed(arena, &diag, false));
    ck_assert_uint_eq(result->n_kernels, 1);
    return result;
}

START_TEST(both_engines_draw_the_schedule)
{
    struct psim_arena arena = {0};
    const struct hand *row = &rows[_i];
    const struct psim_result *event = predict(&arena, row, "event");
    const struct psim_result *analytic = predict(&arena, row, "analytic");
    const struct psim_kernel_result *k = &event->kernels[0], *a = &analytic->kernels[0];
    const double femto = 1e-15;
    ck_close(row, "event", k->time_s, row->event_s, row->rounding_s);
    ck_close(row, "bound", a->bound_s, row->bound_s, femto);
    ck_close(row, "analytic", a->time_s, row->event_s, row->apart_s + row->rounding_s);
    ck_close(row, "launch", event->time_s - k->time_s, row->launch_s, femto);
    ck_assert_msg(k->time_s >= k->bound_s && a->time_s >= a->bound_s,
                  "%s: faster than its bound", row->name);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/machines");
    TCase *tcase = tcase_create("by hand");
    tcase_add_loop_test(tcase, both_engines_draw_the_schedule, 0,
                        (int)PSIM_COUNT(rows));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
