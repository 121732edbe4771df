/* SPDX-License-Identifier: MIT */
/** @file Knobs of a machine: its memories, its units, its clocks. */
#include "explore/turns.h"
#include "plan/demands.h"
#include "util/arena.h"
#include "util/str.h"

static const char memories[] = "memory_domains", groups[] = "parallel_groups",
                  operations[] = "operations";

/** {peak: ..., read: ...} or a figure by itself: what it is set by. */
static const char *
bandwidth_key(const struct psim_memory *m)
{
    const bool is_map =
        m->read.given || m->write.given || m->mixed.given || m->scattered.given;
    return is_map ? "bandwidth.peak" : "bandwidth";
}

bool
psim_scale_memory(struct psim_arena *arena, const struct psim_knob_case *at, int memory,
                  double factor, struct psim_turn *ret)
{
    struct psim_turning t = {.arena = arena};
    const struct psim_memory *m = &at->hw->memories[memory];
    psim_turning_scale(&t, memories, m->name, bandwidth_key(m), &m->bandwidth, factor);
    psim_turning_scale(&t, memories, m->name, "port.bandwidth", &m->port_bandwidth,
                       factor);
    psim_turning_scale(&t, memories, m->name, "port.in_flight", &m->port_in_flight,
                       factor);
    return psim_turning_end(&t, factor, ret);
}

bool
psim_scale_bandwidth(struct psim_arena *arena, const struct psim_knob_case *at,
                     double factor, struct psim_turn *ret)
{
    return psim_scale_memory(arena, at, at->hw->main_memory, factor, ret);
}

/** Whether some kernel kept a pipe of this operation busy. */
static bool
is_used(struct psim_arena *arena, const struct psim_knob_case *at,
        const struct psim_operation *op)
{
    const struct psim_hw *hw = at->hw;
    const int group = op->pipe_group >= 0 ? op->pipe_group : op->group;
    const size_t n_pipes = op->n_pipes > 0 ? op->n_pipes : 1;
    for (size_t p = 0; p < n_pipes; p++) {
        const char *pipe = psim_server_name(arena, hw->groups[group].name,
                                            op->n_pipes > 0 ? op->pipe[p] : op->name);
        for (size_t k = 0; k < at->result->n_kernels; k++) {
            const struct psim_kernel_result *kernel = &at->result->kernels[k];
            for (size_t s = 0; s < kernel->n_servers; s++) {
                if (psim_str_equal(kernel->servers[s].name, pipe)) return true;
            }
        }
    }
    return false;
}

/** Operations of one name are told apart by who issues them. */
static bool
has_namesake(const struct psim_hw *hw, const struct psim_operation *op)
{
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *other = &hw->operations[i];
        if (other != op && psim_str_equal(other->name, op->name)) return true;
    }
    return false;
}

/** The first that is given; NULL: none is. */
static const struct psim_figure *
any_throughput(const struct psim_operation *op)
{
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        if (op->by[t].throughput.given) return &op->by[t].throughput;
    }
    return NULL;
}

/** "{fp32: 2 op/cycle, fp64: 1 op/cycle}", or a figure for all. */
static const char *
throughput_text(struct psim_arena *arena, const struct psim_operation *op,
                double factor)
{
    if (op->one_throughput) {
        return psim_scaled_text(arena, any_throughput(op), factor);
    }
    const char *text = "{", *join = "";
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        const struct psim_figure *figure = &op->by[t].throughput;
        if (!figure->given) continue;
        text = psim_arena_printf(arena, "%s%s%s: %s", text, join,
                                 psim_dtype_name((enum psim_dtype)t),
                                 psim_scaled_text(arena, figure, factor));
        join = ", ";
    }
    return psim_arena_printf(arena, "%s}", text);
}

static void
scale_throughput(struct psim_turning *t, const struct psim_hw *hw,
                 const struct psim_operation *op, double factor)
{
    if (!any_throughput(op)) return;
    const char *text = throughput_text(t->arena, op, factor);
    if (!has_namesake(hw, op)) {
        psim_turning_set(t, operations, op->name, "throughput", text);
        return;
    }
    const char *whose = psim_yaml_word(t->arena, hw->groups[op->group].name);
    psim_turning_set(
        t, operations, op->name, "",
        psim_arena_printf(t->arena, "{supported_by: %s, throughput: %s}", whose, text));
}

bool
psim_scale_compute(struct psim_arena *arena, const struct psim_knob_case *at,
                   double factor, struct psim_turn *ret)
{
    struct psim_turning t = {.arena = arena};
    const struct psim_hw *hw = at->hw;
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (!op->moves && is_used(arena, at, op)) scale_throughput(&t, hw, op, factor);
    }
    if (t.n == 0) return false; /* nothing is computed, so issue is no compute */
    for (size_t i = 0; i < hw->n_groups; i++) {
        const struct psim_group *g = &hw->groups[i];
        psim_turning_scale(&t, groups, g->name, "issue", &g->issue, factor);
    }
    return psim_turning_end(&t, factor, ret);
}

/** Whether a memory is a cache, or shares an array with one. */
static bool
goes_with_caches(const struct psim_hw *hw, int index)
{
    const struct psim_memory *m = &hw->memories[index];
    if (index == hw->main_memory) return false;
    if (m->caches >= 0) return true;
    const int whole = m->part_of >= 0 ? m->part_of : index;
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *other = &hw->memories[i];
        if (other->caches >= 0 && (other->part_of == whole || (int)i == whole)) {
            return true;
        }
    }
    return false;
}

bool
psim_scale_cache(struct psim_arena *arena, const struct psim_knob_case *at,
                 double factor, struct psim_turn *ret)
{
    struct psim_turning t = {.arena = arena};
    for (size_t i = 0; i < at->hw->n_memories; i++) {
        const struct psim_memory *m = &at->hw->memories[i];
        if (!goes_with_caches(at->hw, (int)i)) continue;
        psim_turning_scale(&t, memories, m->name, "size", &m->size, factor);
        psim_turning_scale(&t, memories, m->name, "write_back", &m->write_back, factor);
    }
    return psim_turning_end(&t, factor, ret);
}

static bool
is_a_second(enum psim_dim dim)
{
    return dim == PSIM_DIM_BYTES_PER_S || dim == PSIM_DIM_FLOP_PER_S ||
           dim == PSIM_DIM_OP_PER_S;
}

/** What is stated by the second follows the clock as if it were stated by the cycle. */
static void
follow(struct psim_turning *t, const char *list, const char *name, const char *key,
       const struct psim_figure *figure, double factor)
{
    if (!is_a_second(figure->dim)) return;
    psim_turning_scale(t, list, name, key, figure, factor);
}

/** What is stated in cycles of a clock that is turned, and does not follow it. */
static void
keep_memory(struct psim_turning *t, const struct psim_memory *m)
{
    const struct {
        const char *key;
        const struct psim_figure *figure;
        double seconds;
    } rows[] = {
        {"latency", &m->latency, m->latency_s},
        {"write_latency", &m->write_latency, m->write_latency_s},
    };
    for (size_t i = 0; i < PSIM_COUNT(rows); i++) {
        if (!rows[i].figure->given || rows[i].figure->dim != PSIM_DIM_CYCLES) continue;
        const struct psim_figure in_seconds = {
            .value = rows[i].seconds, .dim = PSIM_DIM_SECONDS, .given = true};
        psim_turning_scale(t, memories, m->name, rows[i].key, &in_seconds, 1);
    }
    if (m->bandwidth.dim == PSIM_DIM_BYTES_PER_CYCLE && m->bandwidth.given) {
        const struct psim_figure a_second = {
            .value = m->peak_bytes_per_s, .dim = PSIM_DIM_BYTES_PER_S, .given = true};
        psim_turning_scale(t, memories, m->name, bandwidth_key(m), &a_second, 1);
    }
    if (m->turnaround_s > 0) {
        const struct psim_figure turn = {
            .value = m->turnaround_s, .dim = PSIM_DIM_SECONDS, .given = true};
        psim_turning_scale(t, memories, m->name, "turnaround", &turn, 1);
    }
}

bool
psim_scale_clock(struct psim_arena *arena, const struct psim_knob_case *at,
                 double factor, struct psim_turn *ret)
{
    struct psim_turning t = {.arena = arena};
    const struct psim_hw *hw = at->hw;
    for (size_t i = 0; i < hw->n_groups; i++) {
        const struct psim_group *g = &hw->groups[i];
        if (g->declared) {
            psim_turning_scale(&t, groups, g->name, "clock", &g->clock, factor);
        }
        follow(&t, groups, g->name, "issue", &g->issue, factor);
    }
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->fixed_clock || (int)i == hw->main_memory) {
            keep_memory(&t, m);
        } else {
            follow(&t, memories, m->name, bandwidth_key(m), &m->bandwidth, factor);
            follow(&t, memories, m->name, "port.bandwidth", &m->port_bandwidth, factor);
        }
    }
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (op->clock.given && !has_namesake(hw, op)) {
            psim_turning_scale(&t, operations, op->name, "clock", &op->clock, factor);
        }
        bool a_second = false;
        for (int d = 0; d < PSIM_N_DTYPES; d++) {
            const struct psim_figure *figure = &op->by[d].throughput;
            if (figure->given && is_a_second(figure->dim)) a_second = true;
        }
        if (a_second) scale_throughput(&t, hw, op, factor);
    }
    return psim_turning_end(&t, factor, ret);
}
