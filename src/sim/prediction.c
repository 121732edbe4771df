/* SPDX-License-Identifier: MIT */
/** @file One run of a workload, kernel after kernel (docs/MODEL.md, eq. T1 and T2). */
#include "sim/prediction.h"

#include <math.h>

#include "plan/count.h"
#include "sim/power.h"
#include "sim/totals.h"
#include "util/arena.h"
#include "util/str.h"

enum { FIRST_ROOM = 8 };

/** What the kernel waits for: its name, and what that is in words. */
static void
set_binding(struct psim_prediction *p, const struct psim_plan *plan,
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
new_kernel(struct psim_prediction *p)
{
    struct psim_result *r = p->result;
    r->kernels = psim_arena_more(p->arena, r->kernels, r->n_kernels, &p->kernel_room,
                                 FIRST_ROOM, sizeof *r->kernels);
    return &r->kernels[r->n_kernels++];
}

static double
instances(const struct psim_plan *plan, const struct psim_server *server)
{
    if (server->units == 0 || plan->total_units == 0) return 1;
    return ceil((double)plan->total_units / server->units);
}

/** What counts neither bytes nor FLOP starts instructions, or, for all units, groups.
 */
static enum psim_side
side_of(const struct psim_server *server)
{
    if (server->counts == PSIM_DIM_BYTES) return PSIM_SIDE_MEMORY;
    if (server->counts == PSIM_DIM_FLOP || server->units == 1) return PSIM_SIDE_COMPUTE;
    return PSIM_SIDE_NEITHER;
}

static void
copy_servers(struct psim_prediction *p, const struct psim_plan *plan,
             const struct psim_setting *setting, const struct psim_kernel_time *time,
             struct psim_kernel_result *ret)
{
    ret->n_servers = plan->n_servers;
    ret->servers = PSIM_NEW_N(p->arena, struct psim_server_use, plan->n_servers);
    for (uint32_t v = 0; v < plan->n_servers; v++) {
        const struct psim_server *server = &plan->servers[v];
        ret->servers[v] = (struct psim_server_use){
            .side = side_of(server),
            .name = server->name,
            .doc = server->doc,
            .counts = server->counts,
            .level = server->level,
            .home = server->home,
            .read = time->loads[v].read,
            .written = time->loads[v].written,
            .busy_s = time->loads[v].busy_s,
            .peak_per_s = server->peak_per_s * instances(plan, server),
            .energy_j = psim_power_server_j(setting, server, &time->loads[v]),
            .at = server->at,
        };
    }
}

/** Of what a kernel wrote, the part that is still in the outermost cache (eq. R7). */
static double
late_bytes(const struct psim_hw *hw, const struct psim_kernel_result *kernel)
{
    double read = 0, written = 0;
    for (size_t v = 0; v < kernel->n_servers; v++) {
        const struct psim_server_use *use = &kernel->servers[v];
        if (!use->home) continue;
        read += use->read;
        written += use->written;
    }
    const double last = fmin(read + written, psim_hw_write_back_bytes(hw));
    return written > 0 ? last * written / (read + written) : 0;
}

/** What the kernel drew, where the machine says so. */
static void
set_energy(struct psim_prediction *p, const struct psim_plan *plan,
           const struct psim_kernel *kernel, const struct psim_setting *setting,
           const struct psim_kernel_time *time, struct psim_kernel_result *ret)
{
    ret->energy_j = ret->clock_hz = -1;
    if (!setting->power->base.given) return;
    const int unit = psim_hw_group(p->hw, kernel->unit_name);
    ret->clock_hz = p->hw->groups[unit].clock_hz * time->clock;
    ret->active_j = psim_power_active_j(setting, plan, kernel, time);
    ret->energy_j =
        setting->power->base.value * (time->time_s + kernel->launch_s) + ret->active_j;
    for (size_t v = 0; v < ret->n_servers; v++) {
        ret->energy_j += ret->servers[v].energy_j;
    }
}

/** Who explains the run gets what it is made of. */
static void
log_launch(struct psim_prediction *p, const struct psim_logged *logged)
{
    struct psim_launch_log *log = p->options->log;
    log->item = psim_arena_more(p->arena, log->item, log->n, &log->room, FIRST_ROOM,
                                sizeof *log->item);
    log->item[log->n] = *logged;
    log->item[log->n++].turn = p->turn;
}

/** Room for what is launched next. */
static struct psim_launched *
new_launched(struct psim_prediction *p)
{
    p->launched = psim_arena_more(p->arena, p->launched, p->n_launched,
                                  &p->launched_room, FIRST_ROOM, sizeof *p->launched);
    return &p->launched[p->n_launched++];
}

/** One kernel, timed with what the cache holds when it starts. */
static struct psim_kernel_result *
add_kernel(struct psim_prediction *p, const struct psim_op *op,
           const struct psim_chosen *c, uint32_t index, size_t part)
{
    const struct psim_plan *plan = c->plan;
    const struct psim_kernel *k = &plan->kernels[index];
    const struct psim_launch launch = {
        .kernel = index,
        .resident = psim_residency_step(&p->held, k),
    };
    const struct psim_setting setting = {
        .power = &p->hw->power,
        .clock = p->clock,
        .flop_energy = op->keys.data == PSIM_DATA_ZEROS ? p->hw->power.zeros.value : 1,
    };
    const double translated = (double)p->held.reads_anew + p->held.writes_anew;
    const double translation_s =
        translated * p->hw->memories[p->hw->main_memory].translation_s;
    struct psim_kernel_time time =
        psim_timed(p->arena, &p->timed, p->engine, &setting, plan, &launch);
    time.time_s += translation_s;
    time.fill_s += translation_s;
    struct psim_kernel_result *r = new_kernel(p);
    *r = (struct psim_kernel_result){
        .name = k->name,
        .op = op->name,
        .op_index = (size_t)(op - p->workload->ops),
        .mapping = psim_mapping_text(p->arena, &c->mapping[part]),
        .count = c->parts.part[part].launches,
        .time_s = time.time_s,
        .bound_s = time.bound_s,
        .launch_s = k->launch_s,
        .clock_s = time.clock_s,
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
    copy_servers(p, plan, &setting, &time, r);
    r->late_bytes = late_bytes(p->hw, r);
    set_energy(p, plan, k, &setting, &time, r);
    if (p->options->log) {
        log_launch(p, &(struct psim_logged){
                          .op = op,
                          .chosen = c,
                          .part = part,
                          .kernel = index,
                          .resident = launch.resident,
                          .reads_anew = p->held.reads_anew,
                          .writes_anew = p->held.writes_anew,
                          .flop_energy = setting.flop_energy,
                          .before_s = p->time_s,
                          .host_before_s = p->host_s,
                          .time = time,
                          .result = *r,
                      });
    }
    if (p->keeps) {
        *new_launched(p) = (struct psim_launched){
            .op = op,
            .mapping = r->mapping,
            .plan = plan,
            .launch = launch,
            .setting = setting,
            .time = time,
            .translation_s = translation_s,
            .clock_hz = r->clock_hz,
            .timed = p->timed.asked,
            .times = c->parts.part[part].launches,
        };
    }
    return r;
}

/**
 * Kernels follow one another; a host that issues more slowly holds them up. Of
 * equal launches in a row, either none waits for the host after the first, or the
 * last one does.
 */
static void
add_time(struct psim_prediction *p, const struct psim_kernel_result *k, double times,
         double issue_s)
{
    const double own_s = k->launch_s + k->time_s;
    const double first_s = p->host_s + issue_s;
    const double begin_s = fmax(p->time_s, first_s);
    /* Not what is left of the end: where nothing waits, that is rounding. */
    const double later_s = (issue_s - own_s) * (times - 1) - (begin_s - first_s);
    p->host_wait_s += begin_s - p->time_s + fmax(later_s, 0);
    const double end_before_s = p->time_s;
    p->host_s += issue_s * times;
    p->time_s = fmax(begin_s + own_s * times, p->host_s + own_s);
    if (!p->keeps) return;
    struct psim_launched *launched = &p->launched[p->n_launched - 1];
    launched->end_before_s = end_before_s;
    launched->begin_s = begin_s;
    launched->issued_s = first_s;
    launched->issue_s = issue_s;
    launched->end_s = p->time_s;
}

static void
keep_refusals(struct psim_prediction *p, const struct psim_chosen *c)
{
    struct psim_result *r = p->result;
    r->mappings_tried += c->tried;
    if (c->n_refusals == 0 || r->n_refusals > 0) return;
    r->refusals = c->refusals;
    r->n_refusals = c->n_refusals;
}

static const struct psim_chosen *
choose_once(struct psim_prediction *p, const struct psim_op *op)
{
    struct psim_memo *memo = psim_memos_find(&p->memos, op);
    if (memo->op) return memo->chosen;
    const struct psim_choose_options options = {
        .launch = p->launch,
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
is_feasible(struct psim_prediction *p, const struct psim_op *op,
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

bool
psim_prediction_choose(struct psim_prediction *p)
{
    bool ok = true;
    for (size_t i = 0; i < p->workload->n_ops; i++) {
        const struct psim_op *op = &p->workload->ops[i];
        p->launch = p->options->launch_given ? p->options->launch : op->launch;
        const struct psim_chosen *c = choose_once(p, op);
        if (!c || !is_feasible(p, op, c->plan)) ok = false;
    }
    return ok;
}

/** Inputs that are there before: as a run of the list before this one leaves them. */
static void
warm_up(struct psim_prediction *p)
{
    psim_residency_start(&p->held);
    for (size_t i = 0; i < p->workload->n_ops; i++) {
        const struct psim_op *op = &p->workload->ops[i];
        const struct psim_plan *plan = psim_memos_find(&p->memos, op)->chosen->plan;
        for (uint32_t k = 0; k < plan->n_kernels; k++) {
            if (op->keys.cache == PSIM_CACHE_HOT) {
                (void)psim_residency_step(&p->held, &plan->kernels[k]);
            } else {
                psim_residency_skip(&p->held);
            }
        }
    }
}

/** Host time of one kernel of a part: a library's call may be dearer than a launch. */
static double
issue_s(const struct psim_prediction *p, const struct psim_mapping *mapping, uint32_t k)
{
    const double any_s = psim_host_s(p->hw, p->launch);
    if (any_s <= 0 || !mapping->library || mapping->library->host_s <= 0) return any_s;
    return k == 0 ? mapping->library->host_s : 0;
}

static void
run_list(struct psim_prediction *p)
{
    psim_residency_start(&p->held);
    for (size_t i = 0; i < p->workload->n_ops; i++) {
        const struct psim_op *op = &p->workload->ops[i];
        p->launch = p->options->launch_given ? p->options->launch : op->launch;
        const struct psim_chosen *c = psim_memos_find(&p->memos, op)->chosen;
        double own_s = 0;
        uint32_t kernel = 0;
        for (size_t part = 0; part < c->parts.n; part++) {
            for (uint32_t k = 0; k < c->kernels_of[part]; k++, kernel++) {
                const struct psim_kernel_result *r = add_kernel(p, op, c, kernel, part);
                own_s += (r->bound_s + r->launch_s) * r->count;
                const double host_s = issue_s(p, &c->mapping[part], k);
                if (p->options->log) {
                    p->options->log->item[p->options->log->n - 1].issue_s = host_s;
                }
                add_time(p, r, r->count, host_s);
            }
        }
        /* That of all mappings is for cold caches: what is held may be below it. */
        p->bound_s += fmin(c->bound_s, own_s);
    }
}

/** A repeated list: the first turn warms the cache, the second is like all others. */
static void
run_repeated(struct psim_prediction *p)
{
    warm_up(p);
    p->keeps = p->options->timeline != NULL;
    run_list(p);
    p->keeps = false;
    const double repeat = (double)p->workload->repeat;
    if (repeat <= 1) return;
    const double first_s = p->time_s, bound_s = p->bound_s;
    const double wait_s = p->host_wait_s;
    const size_t first_kernels = p->result->n_kernels;
    p->turn = 1;
    run_list(p);
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
}

void
psim_prediction_at(struct psim_prediction *p, const struct psim_engine *engine,
                   double clock)
{
    struct psim_result *r = p->result;
    p->engine = engine;
    p->clock = clock;
    p->time_s = p->bound_s = p->host_s = p->host_wait_s = 0;
    p->kernel_room = r->n_kernels = 0;
    p->turn = 0;
    if (p->options->log) *p->options->log = (struct psim_launch_log){.clock = clock};
    p->launched_room = p->n_launched = 0;
    p->timed = (struct psim_timed_table){0};
    psim_residency_init(&p->held, p->hw);
    run_repeated(p);
    r->time_s = p->time_s;
    r->bound_s = p->bound_s;
    r->host_wait_s = p->host_wait_s;
    psim_total_energy(p->arena, p->hw, r);
}
