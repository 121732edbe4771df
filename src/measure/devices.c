/* SPDX-License-Identifier: MIT */
/** @file THE list of kinds of device, and the ops that they are given. */
#include <stdlib.h>
#include <string.h>

#include "measure/device.h"
#include "util/arena.h"
#include "util/str.h"

extern const struct psim_device psim_device_cpu;
extern const struct psim_device psim_device_cuda;

const struct psim_device *const psim_devices[] = {&psim_device_cpu, &psim_device_cuda,
                                                  NULL};

/** Behind the colon: a whole number; -1 where it is none. */
static long
number_of(const char *words)
{
    int64_t number;
    if (psim_str_whole(words, &number) != PSIM_WHOLE_OK) return -1;
    return number >= 0 && number < 1024 ? (long)number : -1;
}

const struct psim_device *
psim_device_find(struct psim_diag *diag, const char *words, unsigned *ret_number)
{
    static const struct psim_loc nowhere;
    const size_t len = strcspn(words, ":");
    const char *name = psim_arena_copy(diag->arena, words, len);
    const long number = words[len] ? number_of(words + len + 1) : 0;
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; psim_devices[i]; i++) {
        psim_guess_try(&guess, psim_devices[i]->name);
        if (!psim_str_equal(psim_devices[i]->name, name)) continue;
        if (number < 0) break;
        *ret_number = (unsigned)number;
        return psim_devices[i];
    }
    psim_error(diag, nowhere,
               "--device: there is no '%s'; 'perfsim list devices' shows all",
               psim_str_excerpt(diag->arena, words));
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return NULL;
}

/** Chains that were found, and what tells them from others. */
struct found {
    struct psim_arena *arena;
    struct psim_chain *items;
    const char **ids;
    size_t n;
};

static void
add(struct found *f, const struct psim_chain *chain)
{
    const char *id = psim_arena_printf(
        f->arena, "%s %d", psim_chain_id(f->arena, chain), chain->ops[0].keys.cache);
    for (size_t i = 0; i < f->n; i++) {
        if (psim_str_equal(f->ids[i], id)) return;
    }
    f->ids[f->n] = id;
    f->items[f->n++] = *chain;
}

/** A list that is the same again and again is that list, so often. */
static struct psim_chain
folded(const struct psim_op *ops, size_t n, uint64_t repeat)
{
    size_t period = 1;
    for (; period < n; period++) {
        size_t i = period;
        while (i < n && ops[i].attributes == ops[i - period].attributes) {
            i++;
        }
        if (i == n && n % period == 0) break;
    }
    return (struct psim_chain){ops, period, n / period * repeat};
}

static void
add_graphs(struct found *f, const struct psim_workload *w)
{
    for (size_t i = 0, n; i < w->n_ops; i += n) {
        const uint32_t graph = w->ops[i].graph;
        for (n = 1; i + n < w->n_ops && w->ops[i + n].graph == graph;) {
            n++;
        }
        if (graph == 0) continue;
        const struct psim_chain chain = folded(&w->ops[i], n, w->repeat);
        if (chain.n > 1 || chain.repeat > 1) add(f, &chain);
    }
}

struct psim_chains
psim_distinct_chains(struct psim_arena *arena,
                     const struct psim_workload *const *workloads, size_t n)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        most += 2 * workloads[i]->n_ops;
    }
    struct found f = {.arena = arena,
                      .items = PSIM_NEW_N(arena, struct psim_chain, most + 1),
                      .ids = PSIM_NEW_N(arena, const char *, most + 1)};
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < workloads[i]->n_ops; j++) {
            add(&f, &(struct psim_chain){&workloads[i]->ops[j], 1, 1});
        }
    }
    for (size_t i = 0; i < n; i++) {
        add_graphs(&f, workloads[i]);
    }
    return (struct psim_chains){f.items, f.n};
}
