/* SPDX-License-Identifier: MIT */
/** @file Tables behind the words: verdicts of kernels, ridges of levels. */
#include "explain/word_tables.h"

#include <math.h>

#include "result/terms.h"
#include "result/verdict.h"
#include "util/arena.h"
#include "util/str.h"

#define NONE PSIM_DIM_NONE

size_t
psim_word_levels(const struct psim_kernel_result *k,
                 struct psim_word_level ret[PSIM_WORD_LEVELS])
{
    size_t n = 0;
    for (size_t v = 0; v < k->n_servers; v++) {
        const struct psim_server_use *use = &k->servers[v];
        if (!use->level || use->read + use->written <= 0) continue;
        size_t i = 0;
        while (i < n && !psim_str_equal(ret[i].name, use->level)) {
            i++;
        }
        if (i == PSIM_WORD_LEVELS) continue;
        if (i == n) ret[n++] = (struct psim_word_level){.name = use->level};
        ret[i].bytes += use->read + use->written;
        ret[i].busy_s = fmax(ret[i].busy_s, use->busy_s);
        ret[i].peak_per_s = fmax(ret[i].peak_per_s, use->peak_per_s);
        ret[i].home = ret[i].home || use->home;
    }
    return n;
}

/** Pipes that an operation may choose from have one doc: their peaks are one. */
struct psim_word_unit
psim_word_unit(const struct psim_kernel_result *k)
{
    struct psim_word_unit best = {0};
    for (size_t v = 0; v < k->n_servers; v++) {
        struct psim_word_unit own = {.name = k->servers[v].name};
        for (size_t u = 0; u < k->n_servers; u++) {
            const struct psim_server_use *use = &k->servers[u];
            if (use->counts != PSIM_DIM_FLOP || use->read + use->written <= 0) continue;
            if (!psim_str_equal(use->doc, k->servers[v].doc)) continue;
            if (own.peak_per_s > 0) own.name = use->doc; /* any of several pipes */
            own.peak_per_s += use->peak_per_s;
            own.flop += use->read + use->written;
        }
        if (own.peak_per_s > best.peak_per_s) best = own;
    }
    return best;
}

static struct psim_cell
share_cell(const struct psim_server_use *use, double share)
{
    return use ? psim_cell_number(share) : psim_cell_none;
}

static const struct psim_column verdict_columns[] = {
    {"kernel", "kernel", NONE, false},         {"op", NULL, NONE, false},
    {"share", "of the time", NONE, true},      {"verdict", "is", NONE, false},
    {"memory", "busiest memory", NONE, false}, {"memory_share", "busy", NONE, true},
    {"compute", "busiest unit", NONE, false},  {"compute_share", "busy ", NONE, true},
    {"bound_by", "bound by", NONE, false},
};

static void
add_verdict(struct psim_arena *arena, const struct psim_result *r,
            const struct psim_kernel_result *k, struct psim_table *t)
{
    const struct psim_verdict v = psim_verdict_of(k);
    const double all_s = (k->time_s + k->launch_s) * k->count;
    struct psim_cell *row = psim_table_row(arena, t);
    row[0] = psim_cell_text(k->name);
    row[1] = psim_cell_text(k->op);
    row[2] = psim_cell_number(r->time_s > 0 ? all_s / r->time_s : 0);
    row[3] = psim_cell_text(psim_verdict_name(v.kind));
    row[4] = psim_cell_text(v.memory ? v.memory->name : NULL);
    row[5] = share_cell(v.memory, v.memory_share);
    row[6] = psim_cell_text(v.compute ? v.compute->name : NULL);
    row[7] = share_cell(v.compute, v.compute_share);
    row[8] = psim_cell_text(k->bound_by);
}

/** Whether a kernel is among the @p most that take longest. */
static bool
takes_long(const struct psim_result *r, size_t index, size_t most)
{
    const struct psim_kernel_result *k = &r->kernels[index];
    size_t longer = 0;
    for (size_t i = 0; i < r->n_kernels && longer < most; i++) {
        const double other = r->kernels[i].time_s * r->kernels[i].count;
        const double own = k->time_s * k->count;
        if (other > own || (other == own && i < index)) longer++;
    }
    return longer < most;
}

/** To programs all kernels, to people those that take longest. */
void
psim_word_verdicts(struct psim_arena *arena, const struct psim_result *r,
                   struct psim_document *d)
{
    enum { MOST = 12 };
    struct psim_column *shown =
        PSIM_NEW_N(arena, struct psim_column, PSIM_COUNT(verdict_columns));
    for (size_t c = 0; c < PSIM_COUNT(verdict_columns); c++) {
        shown[c] = verdict_columns[c];
    }
    if (psim_result_has_namesakes(r)) shown[1].heading = "op";
    struct psim_table *all = psim_document_table(d, "verdicts", NULL, verdict_columns,
                                                 PSIM_COUNT(verdict_columns));
    for (size_t i = 0; i < r->n_kernels; i++) {
        add_verdict(arena, r, &r->kernels[i], all);
    }
    if (r->n_kernels < 2) return;
    const char *title = r->n_kernels > MOST ? "Kernels that take longest" : "Kernels";
    struct psim_table *some =
        psim_document_table(d, NULL, title, shown, PSIM_COUNT(verdict_columns));
    for (size_t i = 0; i < r->n_kernels; i++) {
        if (takes_long(r, i, MOST)) add_verdict(arena, r, &r->kernels[i], some);
    }
}

/** Each level of memory of one kernel, and on which side of its ridge that is. */
void
psim_word_ridges(struct psim_arena *arena, const struct psim_kernel_result *k,
                 struct psim_document *d)
{
    static const struct psim_column columns[] = {
        {"kernel", NULL, NONE, false},
        {"level", "level", NONE, false},
        {"flop_per_byte", "intensity", PSIM_DIM_FLOP_PER_BYTE, false},
        {"ridge_flop_per_byte", "ridge", PSIM_DIM_FLOP_PER_BYTE, false},
        {"side", "side", NONE, false},
        {"busy_share", "busy", NONE, true},
        {"peak_bytes_per_s", "peak", PSIM_DIM_BYTES_PER_S, false},
    };
    struct psim_table *t = psim_document_table(
        d, "levels",
        psim_arena_printf(arena, "Ridges of '%s', level by level", k->name), columns,
        PSIM_COUNT(columns));
    struct psim_word_level levels[PSIM_WORD_LEVELS];
    const size_t n = psim_word_levels(k, levels);
    const struct psim_word_unit unit = psim_word_unit(k);
    for (size_t i = 0; i < n; i++) {
        const struct psim_word_level *l = &levels[i];
        struct psim_cell *row = psim_table_row(arena, t);
        const double own = k->flop / l->bytes;
        row[0] = psim_cell_text(k->name);
        row[1] = psim_cell_text(l->name);
        if (k->flop > 0) row[2] = psim_cell_number(own);
        if (unit.name && l->peak_per_s > 0) {
            const double ridge = unit.peak_per_s / l->peak_per_s;
            row[3] = psim_cell_number(ridge);
            if (k->flop > 0) row[4] = psim_cell_text(own < ridge ? "left" : "right");
        }
        row[5] = psim_cell_number(k->time_s > 0 ? l->busy_s / k->time_s : 0);
        if (l->peak_per_s > 0) row[6] = psim_cell_number(l->peak_per_s);
    }
}
