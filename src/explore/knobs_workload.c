/* SPDX-License-Identifier: MIT */
/** @file Knobs of a workload: how much at once, in which data type. */
#include <math.h>

#include "explore/turns.h"
#include "util/arena.h"
#include "util/str.h"

static const struct psim_field *
find_field(const struct psim_op *op, const char *key, enum psim_field_kind kind)
{
    for (const struct psim_field *f = op->kind->fields; f && f->key; f++) {
        if (f->kind == kind && psim_str_equal(f->key, key)) return f;
    }
    return NULL;
}

/** The batch of all ops that have one; 0 where they differ, or none has. */
static uint64_t
common_batch(const struct psim_workload *workload)
{
    uint64_t ret = 0;
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_op *op = &workload->ops[i];
        const struct psim_field *f = find_field(op, "batch", PSIM_FIELD_COUNT);
        if (!f) continue;
        const uint64_t own =
            *(const uint64_t *)(const void *)((const char *)op->attributes + f->offset);
        if (ret != 0 && own != ret) return 0;
        ret = own;
    }
    return ret;
}

bool
psim_scale_batch(struct psim_arena *arena, const struct psim_knob_case *at,
                 double factor, struct psim_turn *ret)
{
    const uint64_t now = common_batch(at->workload);
    const double wanted = round((double)now * factor);
    if (now == 0 || wanted < 1 || wanted > 1e9) return false;
    const char **with = PSIM_NEW(arena, const char *);
    *with = psim_arena_printf(arena, "batch=%.0f", wanted);
    *ret = (struct psim_turn){
        .label = psim_arena_printf(arena, "%.0f", wanted),
        .factor = wanted / (double)now,
        .as_is = wanted == (double)now,
        .with = with,
        .n_with = 1,
    };
    return true;
}

/** The data type of all ops that have one; PSIM_N_DTYPES where they differ. */
static int
common_dtype(const struct psim_workload *workload, bool *ret_any)
{
    int ret = PSIM_N_DTYPES;
    *ret_any = false;
    for (size_t i = 0; i < workload->n_ops; i++) {
        const struct psim_op *op = &workload->ops[i];
        const struct psim_field *f = find_field(op, "dtype", PSIM_FIELD_CHOICE);
        if (!f) continue;
        const int own =
            *(const int *)(const void *)((const char *)op->attributes + f->offset);
        if (*ret_any && own != ret) return PSIM_N_DTYPES;
        ret = own;
        *ret_any = true;
    }
    return ret;
}

size_t
psim_choose_precision(struct psim_arena *arena, const struct psim_knob_case *at,
                      struct psim_turn ret[PSIM_MAX_CHOICES])
{
    bool any;
    const int now = common_dtype(at->workload, &any);
    if (!any || now == PSIM_N_DTYPES) return 0;
    size_t n = 0;
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        const enum psim_dtype dtype = (enum psim_dtype)t;
        if (t != now && !psim_hw_fastest(at->hw, dtype)) continue;
        const char **with = PSIM_NEW(arena, const char *);
        *with = psim_arena_printf(arena, "dtype=%s", psim_dtype_name(dtype));
        ret[n++] = (struct psim_turn){
            .label = psim_dtype_name(dtype),
            .as_is = t == now,
            .with = with,
            .n_with = 1,
        };
    }
    return n > 1 ? n : 0;
}
