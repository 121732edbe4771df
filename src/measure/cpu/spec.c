/* SPDX-License-Identifier: MIT */
/** @file A probe as a machine file: its head, its groups and how a figure is written.
 */
#include "measure/cpu/spec.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

enum { DIGITS = 4 };

/** A value with its unit; memory of its own, since a file has hundreds. */
static void
put_value(FILE *out, double value, enum psim_dim dim)
{
    struct psim_arena arena = {0};
    fputs(psim_quantity_print(&arena, value, dim, DIGITS), out);
    psim_arena_free(&arena);
}

void
psim_spec_inline(FILE *out, const char *key, double value, enum psim_dim dim,
                 const struct psim_taken *taken)
{
    fprintf(out, "%s: {value: ", key);
    put_value(out, value, dim);
    fprintf(out, ", confidence: measured, source: \"UB: %s; spread %.1f %%\"}",
            taken->how, 100 * taken->spread);
}

void
psim_spec_figure(FILE *out, int indent, const char *key, double value,
                 enum psim_dim dim, const struct psim_taken *taken)
{
    fprintf(out, "%*s", indent, "");
    psim_spec_inline(out, key, value, dim, taken);
    fputc('\n', out);
}

/* --- groups --------------------------------------------------------------------------
 */

/** Cores below one cache of that level, of those that were probed. */
static unsigned
cores_below(const struct psim_taken_all *t, unsigned level)
{
    const unsigned cores =
        level < t->host->n_caches ? t->host->cache[level].cores : t->n_threads;
    assert(cores > 0 && t->n_threads > 0);
    return cores < t->n_threads ? cores : t->n_threads;
}

const char *
psim_spec_group_of(const struct psim_taken_all *t, unsigned level)
{
    static const char *const names[PSIM_MAX_LEVELS] = {"sharers_l1", "sharers_l2",
                                                       "sharers_l3", "sharers_l4"};
    const unsigned cores = cores_below(t, level);
    if (cores == t->n_threads) return t->n_threads == 1 ? "core" : "machine";
    if (cores == 1) return "core";
    /* Levels that the same cores share have one group. */
    unsigned first = level;
    while (first > 0 && cores_below(t, first - 1) == cores) {
        first--;
    }
    return names[first];
}

void
psim_spec_groups(FILE *out, const struct psim_taken_all *t)
{
    const unsigned smt = t->host->n_threads / t->host->n_cores;
    fputs("parallel_groups:\n  - name: core\n", out);
    psim_spec_figure(out, 4, "clock", t->clock_hz.value, PSIM_DIM_HERTZ, &t->clock_hz);
    psim_spec_figure(out, 4, "issue", t->issue_per_cycle.value, PSIM_DIM_OP_PER_CYCLE,
                     &t->issue_per_cycle);
    fprintf(out,
            "    in_flight: 100000 # streams are fetched ahead, as far as ports carry\n"
            "    holds: {threads: %u}\n",
            smt > 0 ? smt : 1);
    const char *below = "core";
    unsigned below_cores = 1;
    for (unsigned level = 0; level <= t->host->n_caches; level++) {
        const char *name = psim_spec_group_of(t, level);
        const unsigned cores = cores_below(t, level);
        if (psim_str_equal(name, below)) continue;
        fprintf(out, "  - {name: %s, groups: %s, number: %u}\n", name, below,
                cores / below_cores > 0 ? cores / below_cores : 1);
        below = name;
        below_cores = cores;
    }
    fprintf(out,
            "  - name: team\n    number: {max: %u}\n    runs_on: %s\n"
            "    take: {threads: 1}\n    launch:\n",
            t->n_threads, below);
    psim_spec_figure(out, 6, "stream", t->launch_s.value, PSIM_DIM_SECONDS,
                     &t->launch_s);
    psim_spec_figure(out, 6, "graph", t->barrier_s.value, PSIM_DIM_SECONDS,
                     &t->barrier_s);
    psim_spec_figure(out, 4, "barrier", t->barrier_s.value, PSIM_DIM_SECONDS,
                     &t->barrier_s);
    fprintf(out, "    note: \"starting a thread takes %.3g us (%s)\"\n",
            1e6 * t->start_s.value, t->start_s.how);
}

/* --- the whole -----------------------------------------------------------------------
 */

static void
put_head(FILE *out, const struct psim_taken_all *t)
{
    fprintf(
        out,
        "# SPDX-License-Identifier: MIT\n"
        "# Written by perfsim probe. What a core does in a cycle, how far and how "
        "wide\n"
        "# its memories are, and the tiles of the kernels that perfsim measure runs.\n"
        "schema: perfsim/hardware/v1\n"
        "name: host\n"
        "title: \"%s, %u cores, probed\"\n\n"
        "sources:\n"
        "  UB: \"perfsim probe: the median of undisturbed repeats; spread is the "
        "distance of their quartiles over it\"\n"
        "  LOOK: \"%s\"\n"
        "note: \"fma of one core by vectors:",
        t->host->model, t->n_threads, t->host->told_by);
    for (size_t i = 0; i < t->n_widths; i++) {
        fprintf(out, " %zu B (%s) %.4g GFLOP/s%s", t->width[i].vector_bytes,
                t->width[i].isa, 1e-9 * t->width[i].fma_flop_per_s.value,
                i + 1 < t->n_widths ? "," : "");
    }
    if (t->host->n_nodes > 1) {
        fputs("; latency from node 0 to memory of each node:", out);
        for (unsigned i = 0; i < t->host->n_nodes; i++) {
            fprintf(out, " %.4g ns", 1e9 * t->node_latency_s[i].value);
        }
    }
    fputs("\"\n\n", out);
}

const char *
psim_probe_spec(struct psim_arena *arena, const struct psim_taken_all *taken)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) psim_die_out_of_memory(0);
    put_head(out, taken);
    psim_spec_groups(out, taken);
    psim_spec_memories(out, taken);
    psim_spec_operations(out, taken);
    psim_spec_libraries(out, taken);
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}
