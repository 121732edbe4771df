/* SPDX-License-Identifier: MIT */
/** @file Machines, random ops and their plans, for tests that hold for any shape. */
#pragma once

#include <assert.h>
#include <dirent.h>

#include "check_main.h"
#include "sim/predict.h"
#include "util/str.h"

/** A fixed sequence, so that what fails once fails again. */
struct check_random {
    uint64_t state;
};

/**
 * Uniform in [least, most].
 *
 * References: Knuth, The Art of Computer Programming, vol. 2, sec. 3.3.4 (MMIX).
 */
static inline uint64_t
check_draw(struct check_random *random, uint64_t least, uint64_t most)
{
    assert(least <= most && most - least < UINT64_MAX);
    random->state =
        random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return least + (random->state >> 33) % (most - least + 1);
}

/** A launch that sets a library's counter to zero: none of the op's own work. */
static inline bool
check_is_clear(const struct psim_kernel *kernel)
{
    return strncmp(kernel->name, "clear", strlen("clear")) == 0;
}

/** As often small as large: uniform in the number of digits. */
static inline uint64_t
check_draw_size(struct check_random *random, uint64_t most)
{
    uint64_t top = 1;
    const uint64_t doublings = check_draw(random, 0, 63);
    for (uint64_t i = 0; i < doublings && top < most; i++) {
        top *= 2;
    }
    return check_draw(random, 1, top < most ? top : most);
}

/** The machine of specs/NAME.yaml with `--set` options over it. */
static inline const struct psim_hw *
check_machine(struct psim_arena *arena, const char *name, const char *const *sets,
              size_t n_sets)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_hw_layers layers = {.sets = sets, .n_sets = n_sets};
    const char *path = psim_arena_printf(arena, "specs/%s.yaml", name);
    const struct psim_hw *hw = psim_hw_load(arena, &diag, path, &layers);
    if (!hw) psim_diag_print(&diag, stderr, false);
    ck_assert_msg(hw != NULL, "%s: cannot be loaded", path);
    return hw;
}

enum { CHECK_MAX_MACHINES = 64 };

/** Names of all machines that ship, in the order of the alphabet. */
static inline size_t
check_machines(struct psim_arena *arena, const char *ret_names[CHECK_MAX_MACHINES])
{
    size_t n = 0;
    DIR *folder = opendir("specs");
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        const char *dot = strrchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".yaml") != 0) continue;
        ck_assert(n < CHECK_MAX_MACHINES);
        const char *name =
            psim_arena_copy(arena, entry->d_name, (size_t)(dot - entry->d_name));
        size_t at = n++;
        for (; at > 0 && strcmp(ret_names[at - 1], name) > 0; at--) {
            ret_names[at] = ret_names[at - 1];
        }
        ret_names[at] = name;
    }
    ck_assert_int_eq(closedir(folder), 0);
    return n;
}

/** One op from words, as on the command line: "gemm m=64 n=64 k=64 dtype=fp16". */
static inline const struct psim_workload *
check_words(struct psim_arena *arena, const char *text)
{
    enum { MOST_WORDS = 24 };
    const char *words[MOST_WORDS];
    size_t n = 0;
    for (const char *at = text; *at;) {
        const size_t len = strcspn(at, " ");
        ck_assert(n < MOST_WORDS);
        words[n++] = psim_arena_copy(arena, at, len);
        at += len + (at[len] == ' ');
    }
    struct psim_diag diag = {.arena = arena};
    const struct psim_workload *workload =
        psim_workload_words(arena, &diag, words, n, NULL);
    if (!workload) psim_diag_print(&diag, stderr, false);
    ck_assert_msg(workload != NULL, "%s: is no op", text);
    return workload;
}

static inline const struct psim_op *
check_op(struct psim_arena *arena, const char *text)
{
    return &check_words(arena, text)->ops[0];
}

/** The best mapping's plan. @return false where the machine cannot run the op */
static inline bool
check_choose(struct psim_arena *arena, const struct psim_hw *hw,
             const struct psim_op *op, struct psim_chosen *ret)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_choose_options options = {0};
    return psim_choose(arena, &diag, hw, op, ret, &options);
}

/** Changes a mapping before it is built: tiles that no menu has. */
typedef void check_tweak(struct check_random *random, const struct psim_part *part,
                         struct psim_mapping *mapping);

/** Room for a plan under way: what is large is allocated once, not for each shape. */
struct check_builder {
    struct psim_build build;
};

/**
 * A plan of a mapping drawn from all that the op's programs offer, good or bad.
 *
 * @param tweak may be NULL
 * @return false where the machine cannot run the op, or the mapping does not fit
 */
static inline bool
check_any_plan(struct psim_arena *arena, struct check_builder *builder,
               const struct psim_hw *hw, const struct psim_op *op,
               struct check_random *random, check_tweak *tweak, struct psim_chosen *ret)
{
    struct psim_diag diag = {.arena = arena};
    *ret = (struct psim_chosen){0};
    struct psim_parts *parts = PSIM_NEW(arena, struct psim_parts);
    if (!psim_lower_parts(&diag, hw, op, parts)) return false;
    ret->parts.part = parts->part;
    ret->parts.n = parts->n;
    ret->mapping = PSIM_NEW_N(arena, struct psim_mapping, parts->n);
    ret->kernels_of = PSIM_NEW_N(arena, uint32_t, parts->n);
    struct psim_build *build = &builder->build;
    psim_build_init(build, arena, hw);
    for (size_t p = 0; p < ret->parts.n; p++) {
        const struct psim_part *part = &ret->parts.part[p];
        struct psim_mappings list = {.arena = arena};
        part->program->mappings(&diag, hw, part, &list);
        if (list.n == 0) return false;
        ret->mapping[p] = list.item[check_draw(random, 0, list.n - 1)];
        if (tweak) tweak(random, part, &ret->mapping[p]);
        const uint32_t before = build->plan.n_kernels;
        if (!part->program->build(build, part, &ret->mapping[p])) return false;
        ret->kernels_of[p] = build->plan.n_kernels - before;
    }
    ret->plan = psim_build_plan(build);
    return true;
}

/* --- random ops ------------------------------------------------------------ */

enum check_kind {
    CHECK_GEMM,
    CHECK_ELEMENTWISE,
    CHECK_SOFTMAX,
    CHECK_NAIVE,
    CHECK_FLASH2,
    CHECK_FLASH3,
    CHECK_FLASH_DECODE,
    CHECK_SERIAL,
    CHECK_DIRECT,
    CHECK_IM2COL,
    CHECK_IMPLICIT,
    CHECK_LAYERNORM,
    CHECK_RMSNORM,
    CHECK_BATCHNORM,
    CHECK_REDUCE,
    CHECK_COPY,
    CHECK_TRANSPOSE,
    CHECK_GATHER,
    CHECK_POOL,
    CHECK_FFT,
    CHECK_NBODY,
    CHECK_N_KINDS,
};

/** Extents of an op that keep runs of the event engine short. */
static inline uint64_t
check_short(enum check_kind kind)
{
    static const uint64_t most[CHECK_N_KINDS] = {
        [CHECK_GEMM] = 700,          [CHECK_ELEMENTWISE] = 80, [CHECK_SOFTMAX] = 200,
        [CHECK_NAIVE] = 300,         [CHECK_FLASH2] = 700,     [CHECK_FLASH3] = 700,
        [CHECK_FLASH_DECODE] = 1000, [CHECK_SERIAL] = 20,      [CHECK_DIRECT] = 32,
        [CHECK_IM2COL] = 64,         [CHECK_IMPLICIT] = 64,    [CHECK_LAYERNORM] = 200,
        [CHECK_RMSNORM] = 200,       [CHECK_BATCHNORM] = 200,  [CHECK_REDUCE] = 200,
        [CHECK_COPY] = 100,          [CHECK_TRANSPOSE] = 200,  [CHECK_GATHER] = 200,
        [CHECK_POOL] = 100,          [CHECK_FFT] = 64,         [CHECK_NBODY] = 200};
    return most[kind];
}

static inline const char *
check_pick(struct check_random *random, const char *const *words, size_t n)
{
    return words[check_draw(random, 0, n - 1)];
}

#define CHECK_PICK(random, ...)                                                        \
    check_pick((random), (const char *const[]){__VA_ARGS__},                           \
               PSIM_COUNT(((const char *const[]){__VA_ARGS__})))

static inline const char *
check_random_gemm(struct psim_arena *arena, struct check_random *random, uint64_t most,
                  const char *dtype)
{
    const unsigned long long m = check_draw_size(random, most);
    const unsigned long long n = check_draw_size(random, most);
    const unsigned long long k = check_draw_size(random, most);
    const unsigned long long batch = check_draw_size(random, 4);
    return psim_arena_printf(arena, "gemm m=%llu n=%llu k=%llu batch=%llu dtype=%s", m,
                             n, k, batch, dtype);
}

static inline const char *
check_random_attention(struct psim_arena *arena, struct check_random *random,
                       enum check_kind kind, uint64_t most, const char *dtype)
{
    static const char *const names[CHECK_N_KINDS] = {
        [CHECK_NAIVE] = "naive",          [CHECK_FLASH2] = "flash2",
        [CHECK_FLASH3] = "flash3",        [CHECK_FLASH_DECODE] = "flash_decode",
        [CHECK_SERIAL] = "naive lanes=1",
    };
    const bool decode = kind == CHECK_FLASH_DECODE;
    const unsigned long long kv = check_draw_size(random, most);
    const unsigned long long q = decode                     ? 1
                                 : check_draw(random, 0, 1) ? kv
                                                            : check_draw(random, 1, kv);
    const unsigned long long share = 1ULL << check_draw(random, 0, 2);
    const unsigned long long kv_heads = check_draw(random, 1, 3);
    const unsigned long long dim = 8 * check_draw(random, 1, most < 64 ? 2 : 16);
    const unsigned long long batch = check_draw(random, 1, 2);
    return psim_arena_printf(
        arena,
        "attention algorithm=%s batch=%llu heads=%llu kv_heads=%llu seq_q=%llu "
        "seq_kv=%llu head_dim=%llu causal=%s dtype=%s",
        names[kind], batch, share * kv_heads, kv_heads, q, kv, dim,
        check_draw(random, 0, 1) ? "true" : "false", dtype);
}

static inline const char *
check_random_conv(struct psim_arena *arena, struct check_random *random,
                  enum check_kind kind, uint64_t most, const char *dtype)
{
    static const char *const names[CHECK_N_KINDS] = {
        [CHECK_DIRECT] = "direct",
        [CHECK_IM2COL] = "im2col_gemm",
        [CHECK_IMPLICIT] = "implicit_gemm",
    };
    const uint64_t edge = most < 24 ? most : 24;
    unsigned long long taps[2], stride[2], padding[2], dilation[2], size[2];
    for (int d = 0; d < 2; d++) {
        taps[d] = check_draw(random, 1, 4);
        stride[d] = check_draw(random, 1, 3);
        dilation[d] = check_draw(random, 1, 2);
        const unsigned long long reach = dilation[d] * (taps[d] - 1);
        padding[d] = check_draw(random, 0, reach);
        const unsigned long long least =
            reach + 1 > 2 * padding[d] ? reach + 1 - 2 * padding[d] : 1;
        size[d] = check_draw(random, least, least + edge);
    }
    const unsigned long long groups = 1ULL << check_draw(random, 0, 1);
    const unsigned long long in = groups * check_draw_size(random, most / groups + 1);
    const unsigned long long out = groups * check_draw_size(random, most / groups + 1);
    const unsigned long long batch = check_draw(random, 1, 3);
    const char *pooled = "";
    if (kind != CHECK_DIRECT && !(groups > 1 && groups == in)) {
        unsigned long long pool[2];
        for (int d = 0; d < 2; d++) {
            const unsigned long long reach = dilation[d] * (taps[d] - 1) + 1;
            const unsigned long long output =
                (size[d] + 2 * padding[d] - reach) / stride[d] + 1;
            pool[d] = check_draw(random, 1, output > 1 ? 2 : 1);
        }
        const char *more = CHECK_PICK(random, "", "bias,relu,", "relu,");
        pooled = psim_arena_printf(arena, " epilogue=%smax_pool pool=%llu,%llu", more,
                                   pool[0], pool[1]);
    }
    return psim_arena_printf(
        arena,
        "conv2d algorithm=%s batch=%llu in_channels=%llu out_channels=%llu height=%llu "
        "width=%llu kernel=%llu,%llu stride=%llu,%llu padding=%llu,%llu "
        "dilation=%llu,%llu groups=%llu dtype=%s%s",
        names[kind], batch, in, out, size[0], size[1], taps[0], taps[1], stride[0],
        stride[1], padding[0], padding[1], dilation[0], dilation[1], groups, dtype,
        pooled);
}

static inline const char *
check_random_rows(struct psim_arena *arena, struct check_random *random, const char *op,
                  uint64_t most, const char *dtype)
{
    return psim_arena_printf(arena, "%s rows=%llu cols=%llu dtype=%s", op,
                             (unsigned long long)check_draw_size(random, most * 4),
                             (unsigned long long)check_draw_size(random, most * 16),
                             dtype);
}

static inline const char *
check_random_pool(struct psim_arena *arena, struct check_random *random, uint64_t most,
                  const char *dtype)
{
    const unsigned long long kernel = check_draw(random, 1, 4);
    const unsigned long long padding = check_draw(random, 0, kernel / 2);
    const uint64_t edge = most < 24 ? most : 24;
    return psim_arena_printf(
        arena,
        "pool2d function=%s batch=%llu channels=%llu height=%llu width=%llu "
        "kernel=%llu stride=%llu padding=%llu layout=%s dtype=%s",
        CHECK_PICK(random, "max", "mean"), (unsigned long long)check_draw(random, 1, 3),
        (unsigned long long)check_draw_size(random, most),
        (unsigned long long)check_draw(random, kernel, kernel + edge),
        (unsigned long long)check_draw(random, kernel, kernel + edge), kernel,
        (unsigned long long)check_draw(random, 1, 4), padding,
        CHECK_PICK(random, "nhwc", "nchw"), dtype);
}

/** The ops that move data. */
static inline const char *
check_random_move(struct psim_arena *arena, struct check_random *random,
                  enum check_kind kind, uint64_t most, const char *dtype)
{
    const unsigned long long a = check_draw_size(random, most * 4);
    const unsigned long long b = check_draw_size(random, most * 4);
    const unsigned long long c = check_draw_size(random, most);
    if (kind == CHECK_COPY)
        return psim_arena_printf(arena, "copy bytes=%llu", a * b * c);
    if (kind == CHECK_TRANSPOSE) {
        return psim_arena_printf(arena, "transpose rows=%llu cols=%llu dtype=%s", a, b,
                                 dtype);
    }
    return psim_arena_printf(
        arena, "gather table_rows=%llu indices=%llu cols=%llu index=%s dtype=%s", a, b,
        c, CHECK_PICK(random, "random", "sequential"), dtype);
}

/** Words of an op of that kind, none of whose extents is much above @p most. */
static inline const char *
check_random_op(struct psim_arena *arena, struct check_random *random,
                enum check_kind kind, uint64_t most)
{
    const char *dtype = CHECK_PICK(random, "fp16", "bf16", "fp32");
    switch (kind) {
    case CHECK_GEMM:
        dtype = CHECK_PICK(random, "fp16", "bf16", "fp32", "fp64", "int8", "fp8");
        return check_random_gemm(arena, random, most, dtype);
    case CHECK_ELEMENTWISE:
        return psim_arena_printf(
            arena, "elementwise function=%s elements=%llu strided=%s dtype=%s",
            CHECK_PICK(random, "add", "mul", "relu", "gelu", "exp", "silu", "silu_mul",
                       "triad", "fma", "fill", "copy"),
            (unsigned long long)check_draw_size(random, most * most * most),
            CHECK_PICK(random, "false", "true"), dtype);
    case CHECK_SOFTMAX:
        return check_random_rows(arena, random, "softmax", most, dtype);
    case CHECK_LAYERNORM:
        return check_random_rows(arena, random, "layernorm", most, dtype);
    case CHECK_RMSNORM:
        return check_random_rows(arena, random, "rmsnorm", most, dtype);
    case CHECK_BATCHNORM:
        return check_random_rows(arena, random, "batchnorm", most, dtype);
    case CHECK_NBODY:
        return psim_arena_printf(arena, "nbody bodies=%llu dtype=%s",
                                 (unsigned long long)check_draw_size(random, 8 * most),
                                 CHECK_PICK(random, "fp32", "fp64"));
    case CHECK_REDUCE:
        return check_random_rows(
            arena, random,
            CHECK_PICK(random, "reduce function=sum", "reduce function=max"), most,
            dtype);
    case CHECK_COPY:
    case CHECK_TRANSPOSE:
    case CHECK_GATHER:
        return check_random_move(arena, random, kind, most, dtype);
    case CHECK_POOL:
        return check_random_pool(arena, random, most, dtype);
    case CHECK_FFT:
        return psim_arena_printf(arena, "fft batch=%llu length=%llu dtype=complex64",
                                 (unsigned long long)check_draw_size(random, most),
                                 2ULL << check_draw(random, 0, 12));
    case CHECK_NAIVE:
    case CHECK_FLASH2:
    case CHECK_FLASH3:
    case CHECK_FLASH_DECODE:
    case CHECK_SERIAL:
        return check_random_attention(arena, random, kind, most, dtype);
    case CHECK_DIRECT:
    case CHECK_IM2COL:
    case CHECK_IMPLICIT:
        return check_random_conv(arena, random, kind, most, dtype);
    case CHECK_N_KINDS:
        break;
    }
    ck_abort_msg("no such kind");
}
