/* SPDX-License-Identifier: MIT */
/** @file A kernel's program run step by step for every work-group, without any time. */
#pragma once

#include "check_main.h"
#include "plan/plan.h"

/** One execution of one step by one work-group. */
struct check_visit {
    const struct psim_plan *plan;
    const struct psim_kernel *kernel;
    uint64_t item; /**< in the order of the walk */
    const uint32_t *x;
    const uint64_t *counter; /**< of the loops around */
    uint16_t step;
    uint64_t amount;
};

typedef void check_visitor(void *context, const struct check_visit *visit);

static inline void
check_visit_role(struct check_visit *visit, uint16_t pc, check_visitor *visitor,
                 void *context)
{
    const struct psim_kernel *k = visit->kernel;
    uint64_t counter[PSIM_MAX_NESTING] = {0}, trips[PSIM_MAX_NESTING] = {0};
    uint16_t body[PSIM_MAX_NESTING] = {0};
    unsigned depth = 0;
    visit->counter = counter;
    for (; k->steps[pc].kind != PSIM_STEP_STOP; pc++) {
        const struct psim_step *step = &k->steps[pc];
        visit->step = pc;
        visit->amount = psim_amount_value(k, &step->amount, visit->x);
        visitor(context, visit);
        if (step->kind == PSIM_STEP_LOOP && visit->amount == 0) {
            for (unsigned open = 1; open > 0;) {
                pc++;
                open += k->steps[pc].kind == PSIM_STEP_LOOP;
                open -= k->steps[pc].kind == PSIM_STEP_END;
            }
        } else if (step->kind == PSIM_STEP_LOOP) {
            counter[depth] = 0;
            trips[depth] = visit->amount;
            body[depth++] = pc;
        } else if (step->kind == PSIM_STEP_END) {
            depth--;
            if (++counter[depth] < trips[depth]) {
                pc = body[depth++];
            } else {
                counter[depth] = 0;
            }
        }
    }
    visit->counter = NULL;
}

/** Every step of every role of every work-group, in the order of the walk. */
static inline void
check_visit_all(const struct psim_plan *plan, const struct psim_kernel *kernel,
                check_visitor *visitor, void *context)
{
    const uint64_t items = psim_kernel_items(kernel);
    for (uint64_t item = 0; item < items; item++) {
        uint32_t x[PSIM_MAX_AXES];
        psim_kernel_walk(kernel, item, x);
        struct check_visit visit = {
            .plan = plan, .kernel = kernel, .item = item, .x = x};
        for (uint8_t r = 0; r < kernel->n_roles; r++) {
            check_visit_role(&visit, kernel->roles[r].first_step, visitor, context);
        }
    }
}

/** A box of a tensor: from lo to before hi in each dimension. */
struct check_box {
    uint64_t lo[PSIM_MAX_TILE_DIMS], hi[PSIM_MAX_TILE_DIMS];
};

/** The box that a visited step moves. */
static inline struct check_box
check_box_of(const struct check_visit *visit)
{
    const struct psim_tile *tile =
        &visit->kernel->tiles[visit->kernel->steps[visit->step].tile];
    const struct psim_tensor *tensor = &visit->plan->tensors[tile->tensor];
    struct check_box box = {.lo = {0}, .hi = {1, 1, 1}};
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        psim_box_span(&tile->dim[d], tensor->extent[d], visit->x, visit->counter,
                      &box.lo[d], &box.hi[d]);
    }
    return box;
}

static inline uint64_t
check_box_volume(const struct check_box *box)
{
    uint64_t volume = 1;
    for (unsigned d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
        volume *= box->hi[d] - box->lo[d];
    }
    return volume;
}
