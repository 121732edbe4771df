/* SPDX-License-Identifier: MIT */
/** @file Which tensors the outermost cache holds between kernels (eq. R5). */
#include "sim/residency.h"

#include <math.h>
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

void
psim_residency_start(struct psim_residency_list *list)
{
    list->position = 0;
}

void
psim_residency_skip(struct psim_residency_list *list)
{
    list->position++;
}

static struct psim_held *
find_id(struct psim_residency_list *list, uint64_t id)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->item[i].id == id) return &list->item[i];
    }
    return NULL;
}

/** What was written last of that size, and is not another input of this kernel. */
static struct psim_held *
find_written(struct psim_residency_list *list, double bytes)
{
    struct psim_held *last = NULL;
    for (size_t i = 0; i < list->n; i++) {
        struct psim_held *held = &list->item[i];
        if (!held->written || held->bytes != bytes || held->when == list->now) continue;
        if (!last || held->when > last->when) last = held;
    }
    return last;
}

/**
 * Whether all of a tensor is still there when it is read again. Its first byte has
 * behind it all that was touched with it and since, its last one what was touched
 * since and what this kernel touches. What is written comes after what its wave of
 * work-groups has read: of the first wave nothing but that follows.
 */
static bool
is_held(const struct psim_residency_list *list, const struct psim_held *tensor,
        double kernel_bytes)
{
    double with = 0, since = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct psim_held *held = &list->item[i];
        if (held->when == tensor->when) with += held->bytes;
        if (held->when > tensor->when && held->when < list->now) since += held->bytes;
    }
    with = fmax(tensor->early * with, tensor->bytes);
    return since + fmax(with, kernel_bytes) <= list->capacity_bytes;
}

/** One more tensor, in place of the one that was touched least recently. */
static struct psim_held *
new_held(struct psim_residency_list *list, double bytes, uint64_t id, bool written)
{
    size_t at = list->n;
    if (list->n < PSIM_HELD) {
        list->n++;
    } else {
        at = 0;
        for (size_t i = 1; i < list->n; i++) {
            if (list->item[i].when < list->item[at].when) at = i;
        }
    }
    list->item[at] = (struct psim_held){.bytes = bytes, .id = id, .written = written};
    return &list->item[at];
}

/** Of all that a kernel touches, what follows the first byte that it writes. */
static double
early_part(const struct psim_kernel *kernel)
{
    const double slots = (double)kernel->units * kernel->resident;
    if (slots <= 0) return 1;
    return 1 - 1 / ceil((double)psim_kernel_items(kernel) / slots);
}

uint32_t
psim_residency_step(struct psim_residency_list *list, const struct psim_kernel *kernel)
{
    list->now++;
    list->reads_anew = list->writes_anew = false;
    const uint64_t first_id = list->position++ * PSIM_MAX_TENSORS;
    double all = 0;
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        all += (double)kernel->uses[i].read_bytes + (double)kernel->uses[i].write_bytes;
    }
    uint32_t resident = 0;
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        const struct psim_use *use = &kernel->uses[i];
        if (use->read_bytes == 0) continue;
        const double bytes = (double)use->read_bytes;
        /* No kernel wrote what this one found nowhere the last time. */
        struct psim_held *held = find_id(list, first_id + i);
        if (!held && !use->constant) held = find_written(list, bytes);
        const bool found = held && is_held(list, held, all);
        if (found) resident |= 1U << use->tensor;
        if (!found) list->reads_anew = true;
        if (!held) held = new_held(list, bytes, first_id + i, false);
        held->when = list->now;
        held->early = 1;
    }
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        const struct psim_use *use = &kernel->uses[i];
        if (use->write_bytes == 0) continue;
        struct psim_held *held = find_id(list, first_id + i);
        if (!held || !is_held(list, held, all)) list->writes_anew = true;
        if (!held) held = new_held(list, (double)use->write_bytes, first_id + i, true);
        held->when = list->now;
        held->early = early_part(kernel);
    }
    return resident;
}
