/* SPDX-License-Identifier: MIT */
/** @file A page of one workload with three launches, and its data as it is read back.
 */
#pragma once

#include <cJSON.h>

#include "check_main.h"
#include "report/page_parts.h"
#include "util/str.h"

struct check_page {
    struct psim_server_use servers[3], memory;
    struct psim_kernel_result kernels[3];
    struct psim_page_kernel own[3];
    struct psim_page_program program;
    struct psim_page_count count;
    struct psim_result result;
    struct psim_slope slope;
    struct psim_ceiling ceiling;
    struct psim_page_run run;
    struct psim_page page;
};

/** Three launches; the first and the last are alike. */
static inline void
check_page_kernels(struct check_page *f, const char *name)
{
    for (size_t i = 0; i < 3; i++) {
        f->servers[i] = f->memory;
        f->servers[i].counts = PSIM_DIM_BYTES;
        f->servers[i].read = 3000;
        f->servers[i].busy_s = 2;
        f->kernels[i] = (struct psim_kernel_result){
            .name = name,
            .op = name,
            .op_index = i,
            .mapping = "none",
            .count = 1,
            .time_s = i == 1 ? 4 : 2,
            .flop = 600,
            .clock_hz = -1,
            .energy_j = -1,
            .bound_by = name,
            .groups = 1,
            .units = 1,
            .total_units = 1,
            .resident = 1,
            .unit_name = "unit",
            .servers = &f->servers[i],
            .n_servers = 1,
        };
        f->own[i] = (struct psim_page_kernel){
            .n_axes = 1, .extent = {1}, .axis_name = {"i"}, .bundle = 1};
    }
}

static inline void
check_page_fill(struct check_page *f, const char *name)
{
    *f = (struct check_page){0};
    f->memory = (struct psim_server_use){.name = name, .level = name, .home = true};
    check_page_kernels(f, name);
    f->program = (struct psim_page_program){
        .text = "kernel a\n  do b\n", .counts = &f->count, .n_counts = 1};
    f->count = (struct psim_page_count){1, 7, 4096, PSIM_DIM_BYTES};
    f->result = (struct psim_result){
        .machine = name,
        .machine_title = name,
        .workload = name,
        .workload_title = name,
        .engine = "analytic",
        .time_s = 8,
        .energy_j = -1,
        .clock_hz = -1,
        .cap_w = -1,
        .flop = 1800,
        .bound_by = name,
        .kernels = f->kernels,
        .n_kernels = 3,
        .memories = &f->memory,
        .n_memories = 1,
    };
    f->slope = (struct psim_slope){name, 100, -1, true, {0}};
    f->ceiling = (struct psim_ceiling){PSIM_CEILING_VECTOR, name, "fp32", 400, -1, {0}};
    f->run = (struct psim_page_run){
        .result = &f->result,
        .kernels = f->own,
        .programs = &f->program,
        .n_programs = 1,
    };
    f->page = (struct psim_page){
        .version = "1",
        .command = name,
        .roofs = {.machine = name,
                  .title = name,
                  .slopes = &f->slope,
                  .n_slopes = 1,
                  .ceilings = &f->ceiling,
                  .n_ceilings = 1,
                  .base_w = -1},
        .runs = &f->run,
        .n_runs = 1,
    };
}

static inline cJSON *
parsed(struct psim_arena *arena, const struct check_page *f)
{
    cJSON *root = cJSON_Parse(psim_page_json(arena, &f->page));
    ck_assert_ptr_nonnull(root);
    return root;
}

static inline const cJSON *
run_of(const cJSON *root)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(root, "runs"), 0);
}

static inline const char *
text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}
