/* SPDX-License-Identifier: MIT */
/** @file Sums over the kernels of a result: bytes and energy. */
#include "sim/totals.h"

#include "util/arena.h"
#include "util/str.h"

enum { MAX_SERVERS = 64 };

void
psim_total_memories(struct psim_arena *arena, struct psim_result *r)
{
    r->memories = PSIM_NEW_N(arena, struct psim_server_use, MAX_SERVERS);
    for (size_t k = 0; k < r->n_kernels; k++) {
        for (size_t v = 0; v < r->kernels[k].n_servers; v++) {
            const struct psim_server_use *use = &r->kernels[k].servers[v];
            if (!use->level || use->read + use->written <= 0) continue;
            size_t i = 0;
            while (i < r->n_memories &&
                   !psim_str_equal(r->memories[i].name, use->level)) {
                i++;
            }
            if (i == MAX_SERVERS) continue;
            if (i == r->n_memories) {
                r->memories[r->n_memories++] = *use;
                r->memories[i].name = use->level;
                r->memories[i].read = r->memories[i].written = r->memories[i].busy_s =
                    0;
            }
            r->memories[i].read += use->read * r->kernels[k].count;
            r->memories[i].written += use->written * r->kernels[k].count;
            r->memories[i].busy_s += use->busy_s * r->kernels[k].count;
        }
    }
    /* Farther memories are smaller in bandwidth: that is the order people expect. */
    for (size_t i = 1; i < r->n_memories; i++) {
        const struct psim_server_use moved = r->memories[i];
        size_t at = i;
        while (at > 0 && (r->memories[at - 1].home ||
                          r->memories[at - 1].peak_per_s < moved.peak_per_s)) {
            r->memories[at] = r->memories[at - 1];
            at--;
        }
        r->memories[at] = moved;
    }
}

static void
add_energy(struct psim_result *r, const char *name, const char *doc, double energy_j,
           bool of_server)
{
    size_t i = 0;
    if (!(energy_j > 0)) return;
    while (i < r->n_energies && !psim_str_equal(r->energies[i].name, name)) {
        i++;
    }
    if (i == MAX_SERVERS) return;
    if (i == r->n_energies) {
        r->energies[r->n_energies++] =
            (struct psim_energy_part){.name = name, .doc = doc, .of_server = of_server};
    }
    r->energies[i].energy_j += energy_j;
    r->energy_j += energy_j;
}

/** The machine's own first, then what computes and moves, the most first. */
static void
sort_energies(struct psim_result *r)
{
    size_t first = 0;
    while (first < r->n_energies && !r->energies[first].of_server) {
        first++;
    }
    for (size_t i = first + 1; i < r->n_energies; i++) {
        const struct psim_energy_part moved = r->energies[i];
        size_t at = i;
        while (at > first && r->energies[at - 1].energy_j < moved.energy_j) {
            r->energies[at] = r->energies[at - 1];
            at--;
        }
        r->energies[at] = moved;
    }
}

void
psim_total_energy(struct psim_arena *arena, const struct psim_hw *hw,
                  struct psim_result *r)
{
    double kernels_s = 0, clocks = 0;
    r->cap_w = hw->power.cap.given ? hw->power.cap.value : -1;
    r->energy_j = r->clock_hz = -1;
    if (!hw->power.base.given) return;
    r->energies = PSIM_NEW_N(arena, struct psim_energy_part, MAX_SERVERS);
    r->n_energies = 0;
    r->energy_j = 0;
    add_energy(r, "base", "whatever runs: clocks, leakage, memories that wait",
               hw->power.base.value * r->time_s, false);
    for (size_t i = 0; i < r->n_kernels; i++) {
        const struct psim_kernel_result *k = &r->kernels[i];
        kernels_s += k->time_s * k->count;
        clocks += k->clock_hz * k->time_s * k->count;
        add_energy(r, "active", "units that have work-groups", k->active_j * k->count,
                   false);
        for (size_t v = 0; v < k->n_servers; v++) {
            const struct psim_server_use *use = &k->servers[v];
            add_energy(r, use->name, use->doc, use->energy_j * k->count, true);
        }
    }
    sort_energies(r);
    if (kernels_s > 0) r->clock_hz = clocks / kernels_s;
}
