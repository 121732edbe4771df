/* SPDX-License-Identifier: MIT */
/** @file Which kernels of a result are alike in all that a page shows. */
#include <stdlib.h>
#include <string.h>

#include "report/page_parts.h"
#include "util/arena.h"

struct member {
    const struct psim_kernel_result *kernel;
    const struct psim_page_kernel *own;
    size_t index;
};

static int
order_text(const char *a, const char *b)
{
    if (!a || !b) return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int
order_number(double a, double b)
{
    return (a > b) - (a < b);
}

static int
order_servers(const struct psim_kernel_result *a, const struct psim_kernel_result *b)
{
    if (a->n_servers != b->n_servers) return a->n_servers < b->n_servers ? -1 : 1;
    for (size_t i = 0; i < a->n_servers; i++) {
        const struct psim_server_use *x = &a->servers[i], *y = &b->servers[i];
        int order = order_text(x->name, y->name);
        if (order == 0) order = order_number(x->read, y->read);
        if (order == 0) order = order_number(x->written, y->written);
        if (order == 0) order = order_number(x->busy_s, y->busy_s);
        if (order == 0) order = order_number(x->energy_j, y->energy_j);
        if (order != 0) return order;
    }
    return 0;
}

/** All that is shown of a kernel, but the op that it is of. */
static int
order_alike(const struct psim_kernel_result *a, const struct psim_kernel_result *b)
{
    const double x[] = {a->time_s,    a->bound_s,     a->launch_s, a->clock_s,
                        a->refetch_s, a->fill_s,      a->tail_s,   a->flop,
                        a->groups,    a->units,       a->clock_hz, a->energy_j,
                        a->resident,  a->contention_s};
    const double y[] = {b->time_s,    b->bound_s,     b->launch_s, b->clock_s,
                        b->refetch_s, b->fill_s,      b->tail_s,   b->flop,
                        b->groups,    b->units,       b->clock_hz, b->energy_j,
                        b->resident,  b->contention_s};
    int order = order_text(a->name, b->name);
    if (order == 0) order = order_text(a->mapping, b->mapping);
    if (order == 0) order = order_text(a->bound_by, b->bound_by);
    for (size_t i = 0; i < PSIM_COUNT(x) && order == 0; i++) {
        order = order_number(x[i], y[i]);
    }
    return order != 0 ? order : order_servers(a, b);
}

static int
by_likeness(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int order = order_alike(x->kernel, y->kernel);
    if (order == 0) {
        order = order_number((double)x->own->program, (double)y->own->program);
    }
    return order != 0 ? order : order_number((double)x->index, (double)y->index);
}

void
psim_page_classify(struct psim_arena *arena, const struct psim_page_run *run,
                   struct psim_page_classes *ret)
{
    const size_t n = run->result->n_kernels;
    struct member *members = PSIM_NEW_N(arena, struct member, n + 1);
    for (size_t i = 0; i < n; i++) {
        members[i] = (struct member){&run->result->kernels[i], &run->kernels[i], i};
    }
    qsort(members, n, sizeof *members, by_likeness);
    /* The first of those that are alike stands for them, in the order of the launches.
     */
    size_t *leader = PSIM_NEW_N(arena, size_t, n + 1);
    for (size_t i = 0; i < n; i++) {
        const bool same = i > 0 &&
                          order_alike(members[i - 1].kernel, members[i].kernel) == 0 &&
                          members[i - 1].own->program == members[i].own->program;
        leader[members[i].index] =
            same ? leader[members[i - 1].index] : members[i].index;
    }
    *ret = (struct psim_page_classes){
        .of = PSIM_NEW_N(arena, size_t, n + 1),
        .first = PSIM_NEW_N(arena, size_t, n + 1),
    };
    for (size_t i = 0; i < n; i++) {
        if (leader[i] == i) {
            ret->of[i] = ret->n;
            ret->first[ret->n++] = i;
        } else {
            ret->of[i] = ret->of[leader[i]];
        }
    }
}
