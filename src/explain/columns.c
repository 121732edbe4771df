/* SPDX-License-Identifier: MIT */
/** @file Numbers of kernels that no metric has: the columns of their table. */
#include "explain/columns.h"
#include "util/arena.h"

static struct psim_reason *
counted(struct psim_why *w, const struct psim_logged *l, const char *what, double value)
{
    struct psim_reason *r =
        psim_why_new(w, PSIM_REASON_COUNTED,
                     psim_why_text(w, "%s of %s", what, psim_why_kernel_name(w, l)),
                     value, PSIM_DIM_NONE);
    r->at = l->op->at;
    return r;
}

const struct psim_reason *
psim_why_launches(struct psim_why *w, const struct psim_logged *l)
{
    struct psim_reason *runs =
        counted(w, l, "launches", l->chosen->parts.part[l->part].launches);
    const double repeat = (double)w->workload->repeat;
    if (repeat == 1) return runs;
    return psim_why_of(w, runs->name, runs->value * repeat, PSIM_DIM_NONE, "$0 x $1",
                       runs, psim_why_count(w, "repeat", repeat, w->workload->at),
                       NULL);
}

const struct psim_reason *
psim_why_time_share(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *launch = psim_why_launch(w, l);
    const struct psim_reason *n = psim_why_launches(w, l);
    const double all_s = n->value * (l->result.time_s + l->result.launch_s);
    struct psim_reason *share =
        psim_why_of(w, psim_why_text(w, "share of %s", psim_why_kernel_name(w, l)),
                    all_s / w->result->time_s, PSIM_DIM_NONE,
                    launch ? "$0 x ($1 + $3) / $2" : "$0 x $1 / $2", n,
                    psim_why_kernel_time(w, l), psim_why_time(w), launch, NULL);
    share->percent = true;
    share->equation = "eq. D1";
    return share;
}

const struct psim_reason *
psim_why_work_groups(struct psim_why *w, const struct psim_logged *l)
{
    struct psim_why_kernel *k = psim_why_kernel(w, l, false);
    const struct psim_reason *items = psim_why_items(k);
    if (k->kernel->bundle <= 1) return items;
    return psim_why_of(
        w, psim_why_text(w, "work-groups of %s", psim_why_kernel_name(w, l)),
        l->result.groups, PSIM_DIM_NONE, "$0 x $1", items,
        counted(w, l, "work-groups in an item", k->kernel->bundle), NULL);
}

const struct psim_reason *
psim_why_units(struct psim_why *w, const struct psim_logged *l)
{
    struct psim_why_kernel *k = psim_why_kernel(w, l, false);
    const struct psim_reason *all = psim_why_instances(w, k->unit, w->hw->root);
    if (all && all->value == l->result.units) return all;
    return counted(w, l, "units", l->result.units);
}

const struct psim_reason *
psim_why_resident(struct psim_why *w, const struct psim_logged *l)
{
    struct psim_reason *r = counted(w, l, "resident work-groups", l->result.resident);
    r->equation = "eq. M10";
    if (l->result.resident_by) {
        r->doc = psim_why_text(w, "limited by %s", l->result.resident_by);
    }
    return r;
}

const struct psim_reason *
psim_why_waves(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *groups = psim_why_work_groups(w, l);
    const struct psim_reason *units = psim_why_units(w, l);
    const struct psim_reason *resident = psim_why_resident(w, l);
    struct psim_reason *waves =
        psim_why_of(w, psim_why_text(w, "waves of %s", psim_why_kernel_name(w, l)),
                    groups->value / (units->value * resident->value), PSIM_DIM_NONE,
                    "$0 / ($1 x $2)", groups, units, resident, NULL);
    waves->equation = "eq. D1";
    return waves;
}

/** Bytes of the memory of the tensors, as servers that are its have counted them. */
static const struct psim_reason *
of_home(struct psim_why *w, const struct psim_logged *l, enum psim_why_flow flow)
{
    for (size_t v = 0; v < l->result.n_servers; v++) {
        const struct psim_server_use *use = &l->result.servers[v];
        if (use->home && use->level) return psim_why_crossing(w, l, use->level, flow);
    }
    return NULL;
}

const struct psim_reason *
psim_why_late_bytes(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *written = of_home(w, l, PSIM_WHY_WRITES);
    const struct psim_reason *read = of_home(w, l, PSIM_WHY_READS);
    if (l->result.late_bytes <= 0 || !written) return NULL;
    struct psim_reason *held =
        psim_why_new(w, PSIM_REASON_FORMULA, "a write-back cache holds",
                     psim_hw_write_back_bytes(w->hw), PSIM_DIM_BYTES);
    held->formula = "sum";
    for (size_t i = 0; i < w->hw->n_memories; i++) {
        const struct psim_memory *m = &w->hw->memories[i];
        if (m->caches != w->hw->main_memory || !m->write_back.given) continue;
        struct psim_reason *one = psim_why_new(
            w, PSIM_REASON_FORMULA, psim_why_text(w, "held by %s", m->name),
            m->write_back.value * (double)w->hw->groups[m->group].total,
            PSIM_DIM_BYTES);
        psim_reason_times(w->arena, one,
                          psim_why_figure(w, "write_back", &m->write_back));
        psim_reason_times(w->arena, one, psim_why_instances(w, m->group, w->hw->root));
        psim_reason_add(w->arena, held, one);
    }
    struct psim_reason *late =
        read ? psim_why_of(
                   w, psim_why_text(w, "late bytes of %s", psim_why_kernel_name(w, l)),
                   l->result.late_bytes, PSIM_DIM_BYTES,
                   "min($0 + $2, $1) x $0 / ($0 + $2)", written, held, read, NULL)
             : psim_why_of(
                   w, psim_why_text(w, "late bytes of %s", psim_why_kernel_name(w, l)),
                   l->result.late_bytes, PSIM_DIM_BYTES, "min($0, $1)", written, held,
                   NULL);
    late->equation = "eq. R7";
    return late;
}
