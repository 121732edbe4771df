/* SPDX-License-Identifier: MIT */
/** @file Bodies, all pairs; and Fourier transforms of powers of two. */
#include "measure/cuda/fields.h"

/* --- nbody ----------------------------------------------------------------------- */

enum { BODY_LANES = 256 };

struct bodies_plan {
    struct psim_gpu_kernel_code code;
    unsigned each;
};

static const char *
nbody_refuses(const struct psim_gpu_bench *bench)
{
    const int dtype = PSIM_GPU_OP(bench, psim_nbody)->dtype;
    return dtype == PSIM_FP32 || dtype == PSIM_FP64
               ? NULL
               : "it is done in fp32 and fp64 only";
}

/** Inputs 0 to 3: x, y, z and mass; the result: all x, then all y, then all z. */
static bool
nbody_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_nbody *n = PSIM_GPU_OP(bench, psim_nbody);
    const enum psim_dtype dtype = (enum psim_dtype)n->dtype;
    struct bodies_plan *plan = PSIM_NEW(bench->arena, struct bodies_plan);
    bench->plan = plan;
    for (int i = 0; i < 4; i++) {
        psim_gpu_input(bench, i, n->bodies, dtype);
    }
    psim_gpu_output(bench, 3 * n->bodies, dtype);
    /* Two of a lane share what passes by, where there are enough for all units. */
    plan->each = n->bodies >= (uint64_t)bench->gpu->units * BODY_LANES * 4 ? 2 : 1;
    return psim_gpu_compile(bench->gpu, "bodies",
                            psim_arena_printf(bench->arena,
                                              "#define T %s\n#define EACH %u\n",
                                              psim_gpu_type(dtype), plan->each),
                            "bodies", 0, &plan->code);
}

static bool
nbody_run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct bodies_plan *plan = bench->plan;
    const uint64_t n = PSIM_GPU_OP(bench, psim_nbody)->bodies;
    const uint64_t own = (uint64_t)BODY_LANES * plan->each;
    const struct psim_gpu_launch launch = {.grid = {(n + own - 1) / own},
                                           .lanes = BODY_LANES};
    const psim_gpu_address out = psim_gpu_at(&bench->out, set),
                           x = psim_gpu_at(&bench->in[0], set),
                           y = psim_gpu_at(&bench->in[1], set),
                           z = psim_gpu_at(&bench->in[2], set),
                           mass = psim_gpu_at(&bench->in[3], set);
    const void *const parameters[] = {&out, &x, &y, &z, &mass, &n, NULL};
    return psim_gpu_run(bench->gpu, &plan->code, &launch, parameters);
}

extern const struct psim_gpu_kernel psim_gpu_nbody_kernel;
const struct psim_gpu_kernel psim_gpu_nbody_kernel = {
    .name = "pairs",
    .op = "nbody",
    .doc = "one or two bodies of a lane in registers, all others pass by",
    .refuses = nbody_refuses,
    .prepare = nbody_prepare,
    .run = nbody_run,
};

/* --- fft ------------------------------------------------------------------------- */

struct fft_plan {
    struct psim_gpu_kernel_code code[PSIM_GPU_MOST_PASSES];
    struct psim_gpu_fft_shape shape;
    unsigned log_length;
};

static unsigned
log_of(uint64_t n)
{
    unsigned log = 0;
    for (; n > 1; n /= 2) {
        log++;
    }
    return log;
}

/**
 * Sequences that shared memory holds take one pass. Longer ones take some of about the
 * same length, with enough columns at once that what lies side by side is moved so.
 */
struct psim_gpu_fft_shape
psim_gpu_fft_shape(enum psim_dtype dtype, unsigned log_length)
{
    enum {
        LOG_USUAL = 11, /* numbers of a work-group, of 8 B */
        LOG_WHOLE = 12, /* the longest that take one pass */
        LOG_PASS = 10,
        LOG_COLUMNS = 3,
        NUMBERS_OF_LANE = 16, /* of many */
        LANES = 256,
    };
    const unsigned wide = dtype == PSIM_FP64; /* twice the bytes: half as many */
    struct psim_gpu_fft_shape s = {.passes = 1};
    if (log_length > LOG_WHOLE - wide) {
        const unsigned most = LOG_PASS - wide;
        s.passes = (log_length + most - 1) / most;
    }
    for (unsigned i = 0; i < s.passes; i++) {
        /* What is left is cut evenly. */
        const unsigned left = s.passes - i;
        const unsigned log_r = (log_length + left - 1) / left;
        const unsigned usual = LOG_USUAL - wide;
        unsigned log_columns = usual > log_r ? usual - log_r : 0;
        if (s.passes > 1 && log_columns < LOG_COLUMNS) log_columns = LOG_COLUMNS;
        const unsigned numbers = 1U << (log_r + log_columns);
        s.pass[i] = (struct psim_gpu_fft_pass){
            log_r, 1U << log_columns,
            numbers / NUMBERS_OF_LANE > LANES ? numbers / NUMBERS_OF_LANE : LANES};
        log_length -= log_r;
    }
    return s;
}

size_t
psim_gpu_fft_bytes(enum psim_dtype dtype, const struct psim_gpu_fft_pass *pass)
{
    const size_t r = (size_t)1 << pass->log_r, padded = r + r / 16 + 1;
    return (2 * pass->columns * padded + r) * 2 * psim_dtype_bytes(dtype);
}

const char *
psim_gpu_fft_defines(struct psim_arena *arena, enum psim_dtype dtype,
                     const struct psim_gpu_fft_pass *pass)
{
    return psim_arena_printf(arena,
                             "#define T %s\n#define LOG_R %u\n#define COLUMNS %u\n"
                             "#define LANES %u\n",
                             psim_gpu_type(dtype), pass->log_r, pass->columns,
                             pass->lanes);
}

static const char *
fft_refuses(const struct psim_gpu_bench *bench)
{
    enum { LOG_MOST = 24 }; /* places of numbers are exact in fp32 */
    const uint64_t n = PSIM_GPU_OP(bench, psim_fft)->length;
    if ((n & (n - 1)) != 0 || n < 2) return "its length is no power of two";
    return n <= (uint64_t)1 << LOG_MOST ? NULL : "it is done for lengths up to 2^24";
}

static bool
fft_prepare(struct psim_gpu_bench *bench)
{
    const struct psim_fft *f = PSIM_GPU_OP(bench, psim_fft);
    const enum psim_dtype dtype = (enum psim_dtype)f->dtype;
    struct fft_plan *plan = PSIM_NEW(bench->arena, struct fft_plan);
    bench->plan = plan;
    plan->log_length = log_of(f->length);
    plan->shape = psim_gpu_fft_shape(dtype, plan->log_length);
    psim_gpu_input(bench, 0, 2 * f->batch * f->length, dtype);
    psim_gpu_output(bench, 2 * f->batch * f->length, dtype);
    if (plan->shape.passes > 1) {
        psim_gpu_scratch(bench, 2 * f->batch * f->length, dtype);
    }
    for (unsigned i = 0; i < plan->shape.passes; i++) {
        const struct psim_gpu_fft_pass *pass = &plan->shape.pass[i];
        if (!psim_gpu_compile(
                bench->gpu, "fourier", psim_gpu_fft_defines(bench->arena, dtype, pass),
                "fourier", psim_gpu_fft_bytes(dtype, pass), &plan->code[i])) {
            return false;
        }
    }
    return true;
}

/** To and fro between scratch and result, the last pass to the result. */
static bool
fft_run(const struct psim_gpu_bench *bench, unsigned set)
{
    const struct psim_fft *f = PSIM_GPU_OP(bench, psim_fft);
    const struct fft_plan *plan = bench->plan;
    psim_gpu_address from = psim_gpu_at(&bench->in[0], set);
    uint32_t log_n = plan->log_length, log_s = 0;
    for (unsigned i = 0; i < plan->shape.passes; i++) {
        const struct psim_gpu_fft_pass *pass = &plan->shape.pass[i];
        const bool last = (plan->shape.passes - i) % 2 == 1;
        const psim_gpu_address to =
            psim_gpu_at(last ? &bench->out : &bench->scratch, set);
        const uint64_t columns = f->batch * f->length >> pass->log_r;
        const struct psim_gpu_launch launch = {
            .grid = {(columns + pass->columns - 1) / pass->columns},
            .lanes = pass->lanes,
            .shared_bytes = psim_gpu_fft_bytes((enum psim_dtype)f->dtype, pass)};
        const void *const parameters[] = {&to, &from, &columns, &log_n, &log_s, NULL};
        if (!psim_gpu_run(bench->gpu, &plan->code[i], &launch, parameters))
            return false;
        from = to;
        log_n -= pass->log_r;
        log_s += pass->log_r;
    }
    return true;
}

extern const struct psim_gpu_kernel psim_gpu_fft_kernel;
const struct psim_gpu_kernel psim_gpu_fft_kernel = {
    .name = "stockham",
    .op = "fft",
    .doc = "Stockham's passes in shared memory, as many over memory as it takes",
    .refuses = fft_refuses,
    .prepare = fft_prepare,
    .run = fft_run,
};
