/* SPDX-License-Identifier: MIT */
/** @file Every kernel of the CPU in every copy that this machine runs, on odd shapes,
 * beside its reference; and references that see what is wrong.
 */
#include <math.h>

#include "check_main.h"
#include "measure/cpu/bench.h"
#include "model/workload.h"
#include "util/str.h"

enum { THREADS = 3, MOST_WORDS = 24 };

/* Sides that no vector, no panel and no number of threads divides. */
static const char *const rows[] = {
    "elementwise function=add elements=1003 dtype=%s",
    "elementwise function=sub elements=17 dtype=%s",
    "elementwise function=mul elements=1003 dtype=%s",
    "elementwise function=mul inputs=1 elements=1003 dtype=%s",
    "elementwise function=div elements=1003 dtype=%s",
    "elementwise function=relu elements=1003 dtype=%s",
    "elementwise function=gelu elements=1003 dtype=fp32",
    "elementwise function=exp elements=1003 dtype=%s",
    "elementwise function=silu elements=1003 dtype=%s",
    "elementwise function=silu_mul elements=1003 dtype=%s",
    "elementwise function=triad elements=1003 dtype=%s",
    "elementwise function=fma flop_per_element=20 elements=1003 dtype=%s",
    "elementwise function=fill elements=1003 dtype=%s",
    "elementwise function=copy elements=1 dtype=%s",
    "copy bytes=4004",
    "gemm m=1 n=1 k=1 dtype=%s",
    "gemm m=67 n=101 k=53 dtype=%s",
    "gemm m=8 n=16 k=300 dtype=%s",
    "gemm m=33 n=70 k=19 batch=3 dtype=%s epilogue=[bias,relu]",
    "gemm m=401 n=37 k=600 dtype=%s",
    "gemm m=67 n=101 k=53 dtype=%s library=naive epilogue=bias",
    "softmax rows=7 cols=1001 dtype=%s",
    "softmax rows=5 cols=3 dtype=%s",
    "layernorm rows=7 cols=301 dtype=%s",
    "rmsnorm rows=7 cols=301 dtype=%s",
    "reduce function=sum rows=7 cols=1001 dtype=%s",
    "reduce function=max rows=7 cols=1001 dtype=%s",
    "transpose rows=67 cols=83 dtype=%s",
    "transpose rows=64 cols=32 dtype=%s",
    "gather table_rows=100 cols=1 indices=333 dtype=%s",
    "gather table_rows=100 cols=19 indices=333 index=sequential dtype=%s",
    "pool2d channels=19 height=13 width=11 kernel=3,2 stride=2 padding=1,0 dtype=%s",
    "pool2d function=mean channels=5 height=8 width=8 kernel=2 dtype=%s",
    "pool2d function=mean channels=5 height=20 width=21 kernel=3,2 stride=1,3 "
    "padding=2,1 dtype=%s",
    "attention algorithm=naive lanes=1 heads=2 seq_q=9 seq_kv=13 head_dim=7 dtype=%s",
    ("attention algorithm=naive heads=4 kv_heads=2 seq_q=33 seq_kv=41 head_dim=19 "
     "dtype=%s"),
    "attention algorithm=naive causal=true seq_q=33 seq_kv=41 head_dim=19 dtype=%s",
    ("attention algorithm=flash2 heads=4 kv_heads=2 seq_q=33 seq_kv=41 head_dim=19 "
     "dtype=%s"),
    "attention algorithm=flash2 causal=true batch=2 seq_q=301 head_dim=64 dtype=%s",
    "attention algorithm=flash2 causal=true seq_q=9 seq_kv=500 head_dim=33 dtype=%s",
    ("conv2d algorithm=direct batch=2 in_channels=5 out_channels=19 height=9 width=7 "
     "kernel=3,2 stride=2,1 padding=1 dilation=1,2 epilogue=[bias,relu] dtype=%s"),
    ("conv2d algorithm=im2col_gemm batch=2 in_channels=5 out_channels=19 height=9 "
     "width=7 kernel=3,2 stride=2,1 padding=1 dilation=1,2 dtype=%s"),
    ("conv2d algorithm=implicit_gemm batch=2 in_channels=5 out_channels=19 height=9 "
     "width=7 kernel=3,2 stride=2,1 padding=1 dilation=1,2 epilogue=bias dtype=%s"),
    ("conv2d algorithm=implicit_gemm batch=2 in_channels=5 out_channels=19 height=11 "
     "width=12 kernel=3,2 padding=1 epilogue=[bias,relu,max_pool] pool=3,2 dtype=%s"),
    ("conv2d algorithm=im2col_gemm in_channels=5 out_channels=50 height=17 width=17 "
     "kernel=3 epilogue=max_pool dtype=%s"),
    ("conv2d algorithm=implicit_gemm in_channels=40 out_channels=50 height=17 width=17 "
     "kernel=3 padding=1 dtype=%s"),
    "nbody bodies=101 dtype=%s",
    "fft length=2 dtype=complex%s",
    "fft length=64 batch=5 dtype=complex%s",
    "fft length=128 dtype=complex%s",
    "fft length=2048 batch=2 dtype=complex%s",
};
enum { TYPES = 2, COPIES = 4 };

static const struct psim_op *
read_op(struct psim_arena *arena, const char *format, enum psim_dtype dtype)
{
    struct psim_diag diag = {.arena = arena};
    const char *words[MOST_WORDS];
    const bool transform = strstr(format, "complex%s") != NULL;
    const char *type =
        transform ? dtype == PSIM_FP32 ? "64" : "128" : psim_dtype_name(dtype);
    const char *mark = strstr(format, "%s");
    char *line = mark ? psim_arena_printf(arena, "%.*s%s%s", (int)(mark - format),
                                          format, type, mark + 2)
                      : psim_arena_printf(arena, "%s", format);
    size_t n = 0;
    for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
        words[n++] = word;
    }
    const struct psim_workload *workload =
        psim_workload_words(arena, &diag, words, n, NULL);
    ck_assert_msg(workload != NULL, "%s: %s", format,
                  check_printed(arena, &diag, false));
    return &workload->ops[0];
}

/** What a test needs of one op in one copy of the kernels. */
struct run {
    struct psim_bench bench;
    const struct psim_cpu_kernel *kernel;
};

static bool
start(struct psim_arena *arena, const char *format, enum psim_dtype dtype, int copy,
      struct run *ret)
{
    const struct psim_kernels *copies[8];
    const size_t n = psim_kernels_all(dtype, copies);
    const char *reason;
    if ((size_t)copy >= n) return false;
    *ret = (struct run){.bench = {
                            .arena = arena,
                            .op = read_op(arena, format, dtype),
                            .host = psim_host_look(arena),
                            .team = psim_team_start(arena, NULL, THREADS),
                            .kernels = copies[copy],
                        }};
    ret->kernel = psim_cpu_kernel_for(&ret->bench, &reason);
    ck_assert_msg(ret->kernel != NULL, "%s: %s", format, reason);
    ret->kernel->prepare(&ret->bench);
    return true;
}

static void
end(struct run *run)
{
    psim_team_stop(run->bench.team);
    psim_regions_free(&run->bench.regions);
}

START_TEST(each_kernel_agrees_with_its_reference)
{
    const char *format = rows[_i / TYPES / COPIES];
    const enum psim_dtype dtype = _i % TYPES == 0 ? PSIM_FP32 : PSIM_FP64;
    struct psim_arena arena = {0};
    struct run run = {0};
    if (strstr(format, "%s") || dtype == PSIM_FP32) {
        if (start(&arena, format, dtype, _i / TYPES % COPIES, &run)) {
            for (int turn = 0; turn < 2; turn++) { /* nothing is left of the first */
                psim_bench_poison(&run.bench);
                run.kernel->run(&run.bench);
                const struct psim_check c = psim_bench_check(&run.bench);
                ck_assert_msg(c.worst <= 1, "%s, %s, %s: %g off at %zu: %.9g, not %.9g",
                              format, psim_dtype_name(dtype), run.bench.kernels->isa,
                              c.worst, c.index, c.got, c.want);
            }
        }
        end(&run);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_is_wrong_is_seen)
{
    struct psim_arena arena = {0};
    struct run run;
    ck_assert(start(&arena, "gemm m=9 n=10 k=11 dtype=%s", PSIM_FP32, 0, &run));
    /* Nothing was computed yet: all is poisoned. */
    ck_assert(isinf(psim_bench_check(&run.bench).worst));
    run.kernel->run(&run.bench);
    ck_assert_double_le(psim_bench_check(&run.bench).worst, 1);
    /* One element off by a ten-thousandth of what its 11 products of at most 1 are. */
    float *c = run.bench.out.data;
    c[37] += 1e-4f * 11;
    const struct psim_check check = psim_bench_check(&run.bench);
    ck_assert_double_gt(check.worst, 1);
    ck_assert_uint_eq(check.index, 37);
    end(&run);
    psim_arena_free(&arena);
}
END_TEST

static void
count(void *context, unsigned thread)
{
    atomic_uint *counts = context;
    atomic_fetch_add(&counts[thread], 1);
}

START_TEST(each_thread_works_once_a_round)
{
    enum { ROUNDS = 2000 };
    struct psim_arena arena = {0};
    struct psim_team *team = psim_team_start(&arena, NULL, THREADS);
    atomic_uint counts[THREADS] = {0};
    for (int i = 0; i < ROUNDS; i++) {
        psim_team_run(team, count, counts);
    }
    for (int i = 0; i < THREADS; i++) {
        ck_assert_uint_eq(atomic_load(&counts[i]), ROUNDS);
    }
    psim_team_stop(team);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(shares_cover_everything_once)
{
    struct psim_arena arena = {0};
    struct psim_team *team = psim_team_start(&arena, NULL, THREADS);
    /* 100 things in grains of 16: 7 grains; threads get 2, 2 and 3 of them. */
    static const size_t want[THREADS][2] = {{0, 32}, {32, 64}, {64, 100}};
    for (unsigned i = 0; i < THREADS; i++) {
        size_t first, last;
        psim_team_share(team, i, 100, 16, &first, &last);
        ck_assert_uint_eq(first, want[i][0]);
        ck_assert_uint_eq(last, want[i][1]);
    }
    psim_team_stop(team);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("measure/cpu_kernels");
    TCase *tcase = tcase_create("kernels");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, each_kernel_agrees_with_its_reference, 0,
                        (int)PSIM_COUNT(rows) * TYPES * COPIES);
    tcase_add_test(tcase, what_is_wrong_is_seen);
    tcase_add_test(tcase, each_thread_works_once_a_round);
    tcase_add_test(tcase, shares_cover_everything_once);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
