/* SPDX-License-Identifier: MIT */
/** @file Every machine of specs/ with every workload of workloads/: who predicts what.
 */
#include <dirent.h>

#include "check_main.h"
#include "sim/predict.h"

/* In the order of the columns below. */
static const char *const workloads[] = {
    "conv_direct", "conv_im2col",      "conv_implicit_gemm", "conv_relu_maxpool",
    "cpu_suite",   "flash_attn",       "flash_decode",       "gemm",
    "gpu_suite",   "llama3_8b_decode", "llama3_8b_prefill",  "mlp_chain",
    "naive_attn",  "naive_attn_large", "naive_attn_serial",  "resnet50",
    "softmax",     "vector_add",
};
enum { N_WORKLOADS = PSIM_COUNT(workloads), CPU_SUITE = 4, GPU_SUITE = 8 };

/* What a machine lacks for a workload, as its refusal says: an operation, or the data
 * type and those for which it has the operation. NULL: it predicts. */
struct machine {
    const char *name;
    const char *lacks[N_WORKLOADS];
};

/* Some of its products ask for a library by name, which a probed machine has. */
#define LACKS_LIBRARY "has none that is named 'blas'"
#define LACKS_WGMMA   "has none that is named 'wgmma'"
#define LACKS_FMA     "'cuda_example' has no operation that does fma"
#define LACKS_MATMUL                                                                   \
    "no operation of 'cuda_example' does matmul for fp16\n"                            \
    "it does for fp64 and fp32"
#define TOY_LACKS_TYPE "no operation of 'toy' does fma for fp16\nit does for fp32"
#define TOY_LACKS_EXP  "'toy' has no operation that does exp2"
#define C66X_LACKS_TYPE                                                                \
    "no operation of 'c66x' does fma for fp16\nit does for fp32 and int16"
#define C66X_LACKS_INTEGER                                                             \
    "no operation of 'c66x' does integer for fp16\nit does for fp32, int32 and int16"
#define C66X_LACKS_EXP "'c66x' has no operation that does exp2"
#define TPU_LACKS_TYPE                                                                 \
    "no operation of 'tpu_v4' does matmul for fp16\nit does for bf16 and int8"

static const struct machine machines[] = {
    {"a100", {[CPU_SUITE] = LACKS_LIBRARY, [GPU_SUITE] = LACKS_WGMMA}},
    {"a100_pcie", {[CPU_SUITE] = LACKS_LIBRARY, [GPU_SUITE] = LACKS_WGMMA}},
    {"a100_pcie_40gb", {[CPU_SUITE] = LACKS_LIBRARY, [GPU_SUITE] = LACKS_WGMMA}},
    {"c66x",
     {
         C66X_LACKS_TYPE,
         C66X_LACKS_INTEGER,
         C66X_LACKS_TYPE,
         "implicit_gemm: " C66X_LACKS_TYPE,
         "no operation of 'c66x' does add for fp64",
         C66X_LACKS_TYPE,
         C66X_LACKS_TYPE,
         C66X_LACKS_TYPE,
         "'ddr' holds 2 GiB",
         "rmsnorm: " C66X_LACKS_TYPE,
         "rmsnorm: " C66X_LACKS_TYPE,
         C66X_LACKS_TYPE,
         C66X_LACKS_EXP,
         C66X_LACKS_TYPE,
         C66X_LACKS_EXP,
         "implicit_gemm: " C66X_LACKS_TYPE,
         C66X_LACKS_EXP,
         NULL,
     }},
    {"cuda_example",
     {
         LACKS_FMA,
         "no operation of 'cuda_example' does integer for fp16\n"
         "it does for fp32 and int32",
         LACKS_MATMUL,
         "implicit_gemm: " LACKS_MATMUL,
         "no operation of 'cuda_example' does add for fp64",
         LACKS_MATMUL,
         LACKS_MATMUL,
         LACKS_MATMUL,
         "no operation of 'cuda_example' does add for bf16",
         "rmsnorm: " LACKS_FMA,
         "rmsnorm: " LACKS_FMA,
         LACKS_MATMUL,
         LACKS_FMA,
         LACKS_MATMUL,
         LACKS_FMA,
         "implicit_gemm: " LACKS_MATMUL,
         LACKS_FMA,
         NULL,
     }},
    {"h100", {[CPU_SUITE] = LACKS_LIBRARY, [GPU_SUITE] = LACKS_WGMMA}},
    {"h200", {[CPU_SUITE] = LACKS_LIBRARY, [GPU_SUITE] = LACKS_WGMMA}},
    {"toy",
     {
         TOY_LACKS_TYPE,
         "no operation of 'toy' does integer for fp16\nit does for fp32",
         TOY_LACKS_TYPE,
         "implicit_gemm: " TOY_LACKS_TYPE,
         "no operation of 'toy' does add for fp64",
         TOY_LACKS_TYPE,
         TOY_LACKS_TYPE,
         TOY_LACKS_TYPE,
         "no operation of 'toy' does add for bf16",
         "rmsnorm: " TOY_LACKS_TYPE,
         "rmsnorm: " TOY_LACKS_TYPE,
         TOY_LACKS_TYPE,
         TOY_LACKS_EXP,
         TOY_LACKS_TYPE,
         TOY_LACKS_EXP,
         "implicit_gemm: " TOY_LACKS_TYPE,
         TOY_LACKS_EXP,
         NULL,
     }},
    {"tpu_v4",
     {
         "no operation of 'tpu_v4' does fma for fp16\nit does for fp32",
         "no operation of 'tpu_v4' does integer for fp16\nit does for fp32 and int32",
         TPU_LACKS_TYPE,
         "implicit_gemm: " TPU_LACKS_TYPE,
         "no operation of 'tpu_v4' does add for fp64",
         TPU_LACKS_TYPE,
         TPU_LACKS_TYPE,
         TPU_LACKS_TYPE,
         "no operation of 'tpu_v4' does add for fp16",
         "rmsnorm: "
         "no operation of 'tpu_v4' does fma for fp16\nit does for fp32",
         "rmsnorm: "
         "no operation of 'tpu_v4' does fma for fp16\nit does for fp32",
         TPU_LACKS_TYPE,
         NULL,
         TPU_LACKS_TYPE,
         NULL,
         "implicit_gemm: " TPU_LACKS_TYPE,
         NULL,
         NULL,
     }},
    {"v100_pcie",
     {[CPU_SUITE] = LACKS_LIBRARY,
      [GPU_SUITE] = "no operation of 'v100_pcie' does add for bf16"}},
    {"v100_sxm2",
     {[CPU_SUITE] = LACKS_LIBRARY,
      [GPU_SUITE] = "no operation of 'v100_sxm2' does add for bf16"}},
    {"zen5",
     {[CPU_SUITE] = LACKS_LIBRARY,
      [GPU_SUITE] = "'zen5' says nothing of the link to its host"}},
};

/* Capacities that a tile of the user's own does not fit. */
static const struct {
    const char *machine, *op, *lacks;
} capacities[] = {
    /* Two buffers of (64 + 64) x 64 x 4 B are 64 KiB, four times what there is. */
    {"c66x",
     "{\"op\": \"gemm\", \"m\": 512, \"n\": 512, \"k\": 512, \"dtype\": \"fp32\", "
     "\"tile\": {\"m\": 64, \"n\": 64, \"k\": 64}, \"stages\": 2}",
     "gemm: none of 1 mappings fits 'c66x'\nnot enough l1_sram, for 1 of them"},
    /* Two slots of 128 x 1,024 weights of 2 B: 512 KiB in four arrays of 64 KiB. */
    {"tpu_v4",
     "{\"op\": \"gemm\", \"m\": 512, \"n\": 1024, \"k\": 512, \"dtype\": \"bf16\", "
     "\"tile\": {\"m\": 512, \"n\": 1024, \"k\": 128}}",
     "gemm: none of 1 mappings fits 'tpu_v4'\nnot enough weights, for 1 of them"},
    /* Two of (1,024 + 1,024) x 512 x 4 B are 8 MiB, the cache of a core is 1 MiB. */
    {"zen5",
     "{\"op\": \"gemm\", \"m\": 1024, \"n\": 1024, \"k\": 512, \"dtype\": \"fp32\", "
     "\"tile\": {\"m\": 1024, \"n\": 1024, \"k\": 512}}",
     "gemm: none of 1 mappings fits 'zen5'\nthe tiles do not fit l2, for 1 of them"},
};

/** The first error and its first note, a line each; it must say where. */
static const char *
first_refusal(struct psim_arena *arena, const struct psim_diag *diag)
{
    const struct psim_diag_entry *entry = diag->first;
    while (entry && entry->severity != PSIM_SEVERITY_ERROR) {
        entry = entry->next;
    }
    ck_assert_msg(entry != NULL, "refused without a message");
    ck_assert_msg(entry->at.source && entry->at.line > 0, "%s: no place",
                  entry->message);
    return psim_arena_printf(arena, "%s%s%s", entry->message, entry->note ? "\n" : "",
                             entry->note ? entry->note->message : "");
}

static void
ck_outcome(const char *name, const struct psim_hw *hw,
           const struct psim_workload *workload, struct psim_diag *diag,
           const char *lacks)
{
    ck_assert_msg(hw && workload, "%s", check_printed(diag->arena, diag, false));
    const struct psim_predict_options options = {.engine =
                                                     psim_engine_find("analytic")};
    const struct psim_result *result =
        psim_predict(diag->arena, diag, hw, workload, &options);
    if (!lacks) {
        ck_assert_msg(result != NULL, "%s: %s", name,
                      check_printed(diag->arena, diag, false));
        ck_assert_msg(result->time_s > 0 && result->bound_s <= result->time_s,
                      "%s: %g s, at least %g s", name, result->time_s, result->bound_s);
        return;
    }
    ck_assert_msg(result == NULL, "%s: predicts, though it lacks: %s", name, lacks);
    const char *got = first_refusal(diag->arena, diag);
    ck_assert_msg(strstr(got, lacks) != NULL, "%s: got\n%s\nwant\n%s", name, got,
                  lacks);
}

START_TEST(predicts_or_says_what_it_lacks)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct machine *machine = &machines[_i / N_WORKLOADS];
    const char *workload = workloads[_i % N_WORKLOADS];
    const char *spec = psim_arena_printf(&arena, "specs/%s.yaml", machine->name);
    const char *file = psim_arena_printf(&arena, "workloads/%s.json", workload);
    ck_outcome(psim_arena_printf(&arena, "%s, %s", machine->name, workload),
               psim_hw_load(&arena, &diag, spec, NULL),
               psim_workload_load(&arena, &diag, file, NULL), &diag,
               machine->lacks[_i % N_WORKLOADS]);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(says_which_capacity_a_tile_lacks)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const char *spec =
        psim_arena_printf(&arena, "specs/%s.yaml", capacities[_i].machine);
    const char *text = psim_arena_printf(
        &arena, "{\"schema\": \"perfsim/workload/v1\", \"name\": \"t\", \"ops\": [%s]}",
        capacities[_i].op);
    ck_outcome(capacities[_i].machine, psim_hw_load(&arena, &diag, spec, NULL),
               psim_workload_read(&arena, &diag, "t", text), &diag,
               capacities[_i].lacks);
    psim_arena_free(&arena);
}
END_TEST

/** Whether NAME of a folder's file NAME.ENDING is in the list. */
static bool
is_listed(const char *file, size_t len, const char *const *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(names[i]) == len && strncmp(names[i], file, len) == 0) return true;
    }
    return false;
}

static void
ck_all_listed(const char *folder, const char *ending, const char *const *names,
              size_t n)
{
    DIR *dir = opendir(folder);
    size_t files = 0;
    ck_assert_msg(dir != NULL, "%s cannot be read", folder);
    for (const struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        const size_t len = strlen(e->d_name), tail = strlen(ending);
        if (len <= tail || strcmp(e->d_name + len - tail, ending) != 0) continue;
        files++;
        ck_assert_msg(is_listed(e->d_name, len - tail, names, n),
                      "%s/%s is not in the matrix", folder, e->d_name);
    }
    (void)closedir(dir);
    ck_assert_uint_eq(files, n);
}

START_TEST(the_matrix_is_whole)
{
    const char *names[PSIM_COUNT(machines)];
    for (size_t i = 0; i < PSIM_COUNT(machines); i++) {
        names[i] = machines[i].name;
    }
    ck_all_listed("specs", ".yaml", names, PSIM_COUNT(machines));
    ck_all_listed("workloads", ".json", workloads, N_WORKLOADS);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/matrix");
    TCase *tcase = tcase_create("machines and workloads");
    tcase_add_loop_test(tcase, predicts_or_says_what_it_lacks, 0,
                        (int)(PSIM_COUNT(machines) * N_WORKLOADS));
    tcase_add_loop_test(tcase, says_which_capacity_a_tile_lacks, 0,
                        (int)PSIM_COUNT(capacities));
    tcase_add_test(tcase, the_matrix_is_whole);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
