/* SPDX-License-Identifier: MIT */
/** @file Which tensors the outermost cache holds between kernels (eq. R5). */
#include "sim/residency.h"

#include <string.h>

void
psim_residency_init(struct psim_residency_list *list, const struct psim_hw *hw)
{
    memset(list, 0, sizeof *list);
    /* The outermost cache of the tensors' home is the largest one. */
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches != hw->main_memory) continue;
        const double bytes = m->bytes * (double)hw->groups[m->group].total;
        if (hw->groups[m->group].total == 1 && bytes > list->capacity_bytes) {
            list->capacity_bytes = bytes;
        }
    }
}

static void
touch(struct psim_residency_list *list, double bytes, bool written)
{
    size_t at = 0;
    while (at < list->n && list->item[at].bytes != bytes) {
        at++;
    }
    if (at == list->n && list->n < PSIM_HELD) list->n++;
    if (at == PSIM_HELD) at--;
    memmove(&list->item[1], &list->item[0], at * sizeof *list->item);
    list->item[0] = (struct psim_held){bytes, written};
}

/** Whether a tensor of that size is within reach: all newer ones fit beside it. */
static bool
finds(const struct psim_residency_list *list, double bytes)
{
    double sum = 0;
    for (size_t i = 0; i < list->n; i++) {
        sum += list->item[i].bytes;
        if (sum > list->capacity_bytes) return false;
        if (list->item[i].bytes == bytes && list->item[i].written) return true;
    }
    return false;
}

uint32_t
psim_residency_step(struct psim_residency_list *list, const struct psim_kernel *kernel,
                    bool hot)
{
    uint32_t resident = 0;
    double all = 0;
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        all += (double)kernel->uses[i].read_bytes + (double)kernel->uses[i].write_bytes;
    }
    bool linked = false;
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        const struct psim_use *use = &kernel->uses[i];
        if (use->read_bytes == 0) continue;
        const bool warm = hot && all <= list->capacity_bytes;
        const bool left = !linked && finds(list, (double)use->read_bytes);
        if (left) linked = true;
        if (warm || left) resident |= 1U << use->tensor;
    }
    for (size_t i = 0; i < list->n; i++) {
        list->item[i].written = false;
    }
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        const struct psim_use *use = &kernel->uses[i];
        if (use->read_bytes > 0) touch(list, (double)use->read_bytes, false);
    }
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        const struct psim_use *use = &kernel->uses[i];
        if (use->write_bytes > 0) touch(list, (double)use->write_bytes, true);
    }
    return resident;
}
