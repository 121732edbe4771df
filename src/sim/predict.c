/* SPDX-License-Identifier: MIT */
/** @file From a machine and a workload to a result (docs/MODEL.md, eq. T1 and T2). */
#include "sim/predict.h"

#include <math.h>
#include <string.h>

#include "plan/count.h"
#include "sim/memo.h"
#include "sim/residency.h"
#include "sim/roofline.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_SERVERS = 64 };

/** The result while it grows. */
struct predicting {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_hw *hw;
    const struct psim_workload *workload;
    const struct psim_predict_options *options;
    enum psim_launch_mode launch; /* of the op in hand */
    struct psim_result *result;
    size_t kernel_room;
    struct psim_residency_list held; /* tensors in the outermost cache */
    double time_s, bound_s;
    double host_wait_s; /* of time_s */
    double steps;       /* that an engine goes through one by one */
    double host_s;      /* when the host has issued the launches so far */
};

/** What the kernel waits for: its name, and what that is in words. */
static void
set_binding(struct predicting *p, const struct psim_plan *plan,
            const struct psim_kernel *kernel, const struct psim_kernel_time *time,
            struct psim_kernel_result *ret)
{
    if (time->time_s < kernel->launch_s) {
        ret->bound_by = "launch";
        ret->bound_by_doc = "starting it takes longer than running it";
        return;
    }
    switch (time->binding) {
    case PSIM_BIND_SERVER:
        ret->bound_by = plan->servers[time->binding_index].name;
        ret->bound_by_doc = plan->servers[time->binding_index].doc;
        break;
    case PSIM_BIND_ROLE:
        ret->bound_by = psim_arena_printf(p->arena, "latency of '%s'",
                                          kernel->roles[time->binding_index].name);
        ret->bound_by_doc = "each step of this role waits for the one before";
        break;
    case PSIM_BIND_CHANNEL:
        ret->bound_by = psim_arena_printf(p->arena, "depth of '%s'",
                                          kernel->channels[time->binding_index].name);
        ret->bound_by_doc = "too few slots of this buffer are under way at once";
        break;
    }
}

static struct psim_kernel_result *
new_kernel(struct predicting *p)
{
    struct psim_result *r = p->result;
    if (r->n_kernels == p->kernel_room) {
        const size_t room = p->kernel_room ? 2 * p->kernel_room : 8;
        struct psim_kernel_result *more =
            PSIM_NEW_N(p->arena, struct psim_kernel_result, room);
        if (r->n_kernels > 0) memcpy(more, r->kernels, r->n_kernels * sizeof *more);
        r->kernels = more;
        p->kernel_room = room;
    }
    return &r->kernels[r->n_kernels++];
}

static double
instances(const struct psim_plan *plan, const struct psim_server *server)
{
    if (server->units == 0 || plan->total_units == 0) return 1;
    return ceil((double)plan->total_units / server->units);
}

static void
copy_servers(struct predicting *p, const struct psim_plan *plan,
             const struct psim_kernel_time *time, struct psim_kernel_result *ret)
{
    ret->n_servers = plan->n_servers;
    ret->servers = PSIM_NEW_N(p->arena, struct psim_server_use, plan->n_servers);
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        const struct psim_server *server = &plan->servers[v];
        ret->servers[v] = (struct psim_server_use){
            .name = server->name,
            .doc = server->doc,
            .counts = server->counts,
            .memory = server->memory,
            .home = server->home,
            .read = time->loads[v].read,
            .written = time->loads[v].written,
            .busy_s = time->loads[v].busy_s,
            .peak_per_s = server->peak_per_s * instances(plan, server),
            .at = server->at,
        };
    }
}

/** One kernel, timed with what the cache holds when it starts. */
static struct psim_kernel_result *
add_kernel(struct predicting *p, const struct psim_op *op, const struct psim_chosen *c,
           uint32_t index, size_t part)
{
    const struct psim_plan *plan = c->plan;
    const struct psim_kernel *k = &plan->kernels[index];
    const struct psim_launch launch = {
        .kernel = index,
        .resident = psim_residency_step(&p->held, k),
    };
    struct psim_kernel_time time;
    p->options->engine->time(p->arena, plan, &launch, &time);
    struct psim_kernel_result *r = new_kernel(p);
    *r = (struct psim_kernel_result){
        .name = k->name,
        .op = op->name,
        .mapping = psim_mapping_text(p->arena, &c->mapping[part]),
        .count = c->parts.part[part].launches,
        .time_s = time.time_s,
        .bound_s = time.bound_s,
        .launch_s = k->launch_s,
        .refetch_s = time.refetch_s,
        .fill_s = time.fill_s,
        .tail_s = time.tail_s,
        .contention_s = time.contention_s,
        .flop = k->flop,
        .groups = (double)psim_kernel_items(k) * k->bundle,
        .units = k->units,
        .total_units = plan->total_units,
        .resident = k->resident * k->bundle,
        .unit_name = k->unit_name,
        .resident_by = k->resident_by,
        .events = (double)time.events,
    };
    set_binding(p, plan, k, &time, r);
    copy_servers(p, plan, &time, r);
    return r;
}

/**
 * Kernels follow one another; a host that issues more slowly holds them up. Of
 * equal launches in a row, either none waits for the host after the first, or the
 * last one does.
 */
static void
add_time(struct predicting *p, const struct psim_kernel_result *k, double times)
{
    const double issue_s = psim_host_s(p->hw, p->launch);
    const double own_s = k->launch_s + k->time_s;
    const double begin_s = fmax(p->time_s, p->host_s + issue_s);
    const double before_s = p->time_s;
    p->host_s += issue_s * times;
    p->time_s = fmax(begin_s + own_s * times, p->host_s + own_s);
    p->host_wait_s += fmax(p->time_s - before_s - own_s * times, 0);
}

static void
keep_refusals(struct predicting *p, const struct psim_chosen *c)
{
    struct psim_result *r = p->result;
    r->mappings_tried += c->tried;
    if (c->n_refusals == 0 || r->n_refusals > 0) return;
    r->refusals = c->refusals;
    r->n_refusals = c->n_refusals;
}

static const struct psim_chosen *
choose_once(struct predicting *p, const struct psim_op *op,
            const struct psim_memos *memos)
{
    struct psim_memo *memo = psim_memos_find(memos, op);
    if (memo->op) return memo->chosen;
    const struct psim_choose_options options = {
        .launch_s = psim_launch_s(p->hw, p->launch),
    };
    struct psim_chosen *chosen = PSIM_NEW(p->arena, struct psim_chosen);
    const bool ok = psim_choose(p->arena, p->diag, p->hw, op, chosen, &options);
    /* The copies of an op that cannot be predicted are not asked about again. */
    *memo = (struct psim_memo){op, ok ? chosen : NULL};
    if (ok) keep_refusals(p, chosen);
    return memo->chosen;
}

/** Some engines take time for each step: a workload of too many is refused. */
static bool
is_feasible(struct predicting *p, const struct psim_op *op,
            const struct psim_plan *plan)
{
    const struct psim_engine *engine = p->options->engine;
    if (engine->most_steps <= 0 || p->steps > engine->most_steps) return true;
    const double turns = p->workload->repeat > 1 ? 2 : 1;
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        p->steps += turns * psim_count_effort(&plan->kernels[k]);
    }
    if (p->steps <= engine->most_steps) return true;
    return psim_error(
        p->diag, op->at,
        "%s: with it there are %s steps to simulate; the %s engine takes at most %s, "
        "the analytic engine any number",
        psim_str_excerpt(p->diag->arena, op->name),
        psim_quantity_print(p->diag->arena, p->steps, PSIM_DIM_NONE, 2), engine->name,
        psim_quantity_print(p->diag->arena, engine->most_steps, PSIM_DIM_NONE, 2));
}

/** All faults first: nothing is simulated for a workload that is refused. */
static bool
choose_all(struct predicting *p, const struct psim_memos *memos)
{
    bool ok = true;
    for (size_t i = 0; i < p->workload->n_ops; i++) {
        const struct psim_op *op = &p->workload->ops[i];
        p->launch = p->options->launch_given ? p->options->launch : op->launch;
        const struct psim_chosen *c = choose_once(p, op, memos);
        if (!c || !is_feasible(p, op, c->plan)) ok = false;
    }
    return ok;
}

/** Inputs that are there before: as a run of the list before this one leaves them. */
static void
warm_up(struct predicting *p, const struct psim_memos *memos)
{
    psim_residency_start(&p->held);
    for (size_t i = 0; i < p->workload->n_ops; i++) {
        const struct psim_op *op = &p->workload->ops[i];
        const struct psim_plan *plan = psim_memos_find(memos, op)->chosen->plan;
        for (uint32_t k = 0; k < plan->n_kernels; k++) {
            if (op->keys.cache == PSIM_CACHE_HOT) {
                (void)psim_residency_step(&p->held, &plan->kernels[k]);
            } else {
                psim_residency_skip(&p->held);
            }
        }
    }
}

static void
run_list(struct predicting *p, const struct psim_memos *memos)
{
    psim_residency_start(&p->held);
    for (size_t i = 0; i < p->workload->n_ops; i++) {
        const struct psim_op *op = &p->workload->ops[i];
        p->launch = p->options->launch_given ? p->options->launch : op->launch;
        const struct psim_chosen *c = psim_memos_find(memos, op)->chosen;
        double own_s = 0;
        uint32_t kernel = 0;
        for (size_t part = 0; part < c->parts.n; part++) {
            for (uint32_t k = 0; k < c->kernels_of[part]; k++, kernel++) {
                const struct psim_kernel_result *r = add_kernel(p, op, c, kernel, part);
                own_s += (r->bound_s + r->launch_s) * r->count;
                add_time(p, r, r->count);
            }
        }
        /* That of all mappings is for cold caches: what is held may be below it. */
        p->bound_s += fmin(c->bound_s, own_s);
    }
}

/** A repeated list: the first turn warms the cache, the second is like all others. */
static bool
run_repeated(struct predicting *p)
{
    const struct psim_memos memos = psim_memos_new(p->arena, p->workload->n_ops);
    if (!choose_all(p, &memos)) return false;
    warm_up(p, &memos);
    run_list(p, &memos);
    const double repeat = (double)p->workload->repeat;
    if (repeat <= 1) return true;
    const double first_s = p->time_s, bound_s = p->bound_s;
    const double wait_s = p->host_wait_s;
    const size_t first_kernels = p->result->n_kernels;
    run_list(p, &memos);
    const double turn_s = p->time_s - first_s;
    p->time_s = first_s + turn_s * (repeat - 1);
    p->bound_s = bound_s + (p->bound_s - bound_s) * (repeat - 1);
    p->host_wait_s = wait_s + (p->host_wait_s - wait_s) * (repeat - 1);
    /* The second turn stands for all: the first differs by its cold inputs only. */
    struct psim_result *r = p->result;
    for (size_t i = first_kernels; i < r->n_kernels; i++) {
        r->kernels[i].count *= repeat;
    }
    r->kernels += first_kernels;
    r->n_kernels -= first_kernels;
    return true;
}

/* --- sums ------------------------------------------------------------------ */

/** Totals of each memory over all kernels, inner levels first. */
static void
sum_memories(struct predicting *p)
{
    struct psim_result *r = p->result;
    r->memories = PSIM_NEW_N(p->arena, struct psim_server_use, MAX_SERVERS);
    for (size_t k = 0; k < r->n_kernels; k++) {
        for (size_t v = 0; v < r->kernels[k].n_servers; v++) {
            const struct psim_server_use *use = &r->kernels[k].servers[v];
            if (!use->memory || use->read + use->written <= 0) continue;
            size_t i = 0;
            while (i < r->n_memories &&
                   !psim_str_equal(r->memories[i].name, use->name)) {
                i++;
            }
            if (i == MAX_SERVERS) continue;
            if (i == r->n_memories) {
                r->memories[r->n_memories++] = *use;
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

/** The workload is bound by what binds the kernel that takes longest in all. */
static void
set_longest_binding(struct psim_result *r)
{
    double longest = -1;
    for (size_t i = 0; i < r->n_kernels; i++) {
        const double s = r->kernels[i].time_s * r->kernels[i].count;
        if (s <= longest) continue;
        longest = s;
        r->bound_by = r->kernels[i].bound_by;
        r->bound_by_doc = r->kernels[i].bound_by_doc;
    }
}

static void
copy_notes(struct predicting *p)
{
    struct psim_result *r = p->result;
    r->n_assumptions = p->hw->n_assumptions;
    r->assumptions = PSIM_NEW_N(p->arena, struct psim_note, r->n_assumptions + 1);
    for (size_t i = 0; i < r->n_assumptions; i++) {
        r->assumptions[i] =
            (struct psim_note){p->hw->assumptions[i].text, p->hw->assumptions[i].at};
    }
}

const struct psim_result *
psim_predict(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
             const struct psim_workload *workload,
             const struct psim_predict_options *options)
{
    struct psim_result *result = PSIM_NEW(arena, struct psim_result);
    const struct psim_cost cost = psim_workload_cost(workload);
    *result = (struct psim_result){
        .machine = hw->name,
        .machine_title = hw->title,
        .workload = workload->name,
        .workload_title = workload->title,
        .engine = options->engine->name,
        .layers = hw->layers,
        .n_layers = hw->n_layers,
        .flop = cost.flop,
        .read_bytes = cost.read_bytes,
        .write_bytes = cost.write_bytes,
        .energy_j = -1,
    };
    struct predicting p = {
        .arena = arena,
        .diag = diag,
        .hw = hw,
        .workload = workload,
        .options = options,
        .result = result,
    };
    psim_residency_init(&p.held, hw);
    if (!run_repeated(&p)) return NULL;
    result->time_s = p.time_s;
    result->bound_s = p.bound_s;
    result->host_wait_s = p.host_wait_s;
    set_longest_binding(result);
    sum_memories(&p);
    psim_sum_roofline(arena, hw, workload, result);
    copy_notes(&p);
    return result;
}
