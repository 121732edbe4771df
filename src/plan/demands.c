/* SPDX-License-Identifier: MIT */
/** @file Servers and caches of the machine, and what acts demand of them (eq. M1 to
 * M7). */
#include "plan/demands.h"

#include <assert.h>
#include <math.h>

#include "plan/origins.h"
#include "util/arena.h"
#include "util/str.h"

const char *
psim_server_name(struct psim_arena *arena, const char *group, const char *name)
{
    char *text =
        psim_arena_printf(arena, "%s%s%s", group ? group : "", group ? "." : "", name);
    for (char *c = text; *c; c++) {
        if ((unsigned char)*c <= ' ') *c = '_';
    }
    return text;
}

const char *
psim_build_name(struct psim_build *b, const char *group, const char *name)
{
    return psim_server_name(b->names, group, name);
}

/** How many units share one instance of what hangs on a group: 0 = all. */
static uint32_t
units_sharing(const struct psim_view *view, int group)
{
    const struct psim_hw *hw = view->hw;
    if (psim_group_within(hw, group, view->unit)) return 1;
    if (hw->groups[group].total == 1) return 0;
    return (uint32_t)(view->units / hw->groups[group].total);
}

static bool
same_key(const struct psim_server_key *a, const struct psim_server_key *b)
{
    if (a->kind != b->kind || a->index != b->index || a->unit != b->unit) return false;
    return a->name == b->name ||
           (a->name && b->name && psim_str_equal(a->name, b->name));
}

/** What reports call a server, made of what it stands for. */
static void
name_server(struct psim_build *b, const struct psim_server_key *key, int group,
            struct psim_server *ret)
{
    const struct psim_group *groups = b->hw->groups;
    const struct psim_memory *memories = b->hw->memories;
    switch (key->kind) {
    case PSIM_KEY_PIPE:
        ret->name = psim_build_name(b, groups[key->index].name, key->name);
        ret->doc = psim_arena_printf(b->names, "pipe of '%s'", ret->doc);
        break;
    case PSIM_KEY_ISSUE:
        ret->name = psim_build_name(b, groups[key->index].name, "issue");
        ret->doc = "slots in which instructions start";
        break;
    case PSIM_KEY_MEMORY:
        ret->level = psim_build_name(b, NULL, memories[key->index].name);
        ret->name = ret->level;
        if (key->name) {
            ret->name = psim_build_name(b, memories[key->index].name, key->name);
        }
        ret->doc = key->name                     ? "bytes that it writes"
                   : memories[key->index].duplex ? "bytes that it reads"
                                                 : "bytes that it reads and writes";
        break;
    case PSIM_KEY_PORT:
        ret->name = psim_build_name(b, memories[key->index].name, "port");
        ret->doc = psim_arena_printf(b->names, "bytes between it and one '%s'",
                                     groups[group].name);
        break;
    case PSIM_KEY_LANES:
        ret->name = ret->level = psim_build_name(b, NULL, memories[key->index].name);
        ret->doc = "lanes that each have one access under way";
        break;
    case PSIM_KEY_TURN:
        ret->name = psim_build_name(b, groups[key->index].name, "phase");
        ret->doc = "equal work-groups in phase: while all are at one operation, other "
                   "pipes idle";
        break;
    case PSIM_KEY_PLACE:
        ret->name = psim_build_name(b, groups[key->index].name, "place");
        ret->doc = "placing work-groups, one after the other";
        break;
    case PSIM_KEY_LINK:
        ret->name = psim_build_name(b, b->hw->links[key->index].name, key->name);
        break;
    }
}

uint16_t
psim_build_server(struct psim_build *b, struct psim_server_key key, int group,
                  struct psim_server fresh)
{
    key.unit = b->view.unit;
    for (uint32_t i = 0; i < b->plan.n_servers; i++) {
        if (!same_key(&b->keys[i], &key)) continue;
        /* Operations that share a pipe differ in what they get out of it. */
        const double peak_per_s = fresh.peak_per_s * b->multiplicity[i];
        b->servers[i].peak_per_s = fmax(b->servers[i].peak_per_s, peak_per_s);
        return (uint16_t)i;
    }
    if (b->plan.n_servers == PSIM_BUILD_SERVERS) {
        /* Mappings with other operations have met so many: this one is refused. */
        (void)psim_build_refuse(b, "more than %d pipes and memories in one search",
                                PSIM_BUILD_SERVERS);
        return 0;
    }
    const uint32_t index = b->plan.n_servers++;
    const double merged = psim_group_count(b->hw, group, b->view.unit);
    b->keys[index] = key;
    b->multiplicity[index] = merged > 1 ? merged : 1;
    name_server(b, &key, group, &fresh);
    fresh.units = units_sharing(&b->view, group);
    fresh.peak_per_s *= b->multiplicity[index];
    b->servers[index] = fresh;
    return (uint16_t)index;
}

void
psim_demand(struct psim_act *act, uint16_t server, uint8_t behind, double s_per_unit,
            double count, double energy_j)
{
    if (!(s_per_unit > 0) && !(count > 0)) return;
    assert(act->n_demands < PSIM_MAX_DEMANDS);
    act->demand[act->n_demands++] = (struct psim_demand){
        .server = server,
        .behind = behind,
        .s_per_unit = s_per_unit,
        .count_per_unit = count,
        .j_per_unit = energy_j,
    };
}

uint8_t
psim_build_cache(struct psim_build *b, int memory)
{
    const struct psim_memory *m = &b->hw->memories[memory];
    for (uint32_t i = 0; i < b->plan.n_caches; i++) {
        if (b->cache_memory[i] == memory) return (uint8_t)i;
    }
    const uint32_t index = b->plan.n_caches++;
    const double merged = psim_group_count(b->hw, m->group, b->view.unit);
    b->cache_memory[index] = memory;
    b->caches[index] = (struct psim_cache){
        .name = psim_build_name(b, NULL, m->name),
        .bytes = (uint64_t)(m->bytes * (merged > 1 ? merged : 1)),
        .units = units_sharing(&b->view, m->group),
    };
    return (uint8_t)index;
}

/** A bundle alone starts instructions more slowly than the hardware could. */
static void
pace_of_bundles(struct psim_build *b, struct psim_act *act, double slots_per_unit)
{
    for (int g = 0; g < (int)b->hw->n_groups; g++) {
        const struct psim_group *group = &b->hw->groups[g];
        if (!group->software || group->issue_per_s <= 0) continue;
        const double bundles = ceil(b->gang_lanes / psim_group_lanes(b->hw, g));
        const double pace_s = b->pace_s > 0 ? b->pace_s : 1 / group->issue_per_s;
        const double interval = slots_per_unit * pace_s / bundles;
        if (interval <= act->interval_s) continue;
        act->interval_s = interval;
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_PACE, .s = interval, .index = g,
                    .units = slots_per_unit, .per = bundles);
    }
}

double
psim_demand_slots(struct psim_build *b, const struct psim_operation *op,
                  enum psim_dtype dtype, double times, double per)
{
    const double slots = (op ? op->issue_slots : 1) * times / per;
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_SLOTS, .op = op, .dtype = dtype, .s = slots,
                .units = times, .per = per);
    return slots;
}

void
psim_demand_wait(struct psim_build *b, const struct psim_operation *op,
                 enum psim_dtype dtype, bool longest)
{
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_OWN_WAIT, .behind = PSIM_NONE,
                .s = op->by[dtype].latency_s, .op = op, .dtype = dtype,
                .longest = longest);
}

void
psim_demand_issue(struct psim_build *b, struct psim_act *act, double slots_per_unit)
{
    pace_of_bundles(b, act, slots_per_unit);
    for (int g = 0; g < (int)b->hw->n_groups && slots_per_unit > 0; g++) {
        const struct psim_group *group = &b->hw->groups[g];
        if (group->software || group->issue_per_s <= 0) continue;
        if (!psim_group_within(b->hw, g, b->view.unit)) continue;
        const uint16_t server = psim_build_server(
            b, (struct psim_server_key){PSIM_KEY_ISSUE, g, NULL, 0}, g,
            (struct psim_server){.counts = PSIM_DIM_NONE,
                                 .peak_per_s = group->issue_per_s,
                                 .at = group->at});
        const double per_s = group->issue_per_s * b->multiplicity[server];
        const double energy_j = slots_per_unit * group->energy.value;
        psim_demand(act, server, 0, slots_per_unit / per_s, slots_per_unit, energy_j);
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_ISSUE, .server = server,
                    .s = slots_per_unit / per_s, .count = slots_per_unit, .j = energy_j,
                    .index = g, .units = slots_per_unit,
                    .merged = b->multiplicity[server]);
        return;
    }
}

/** Pipes that a gang reaches: all below the issuer, or one for each issuer in it. */
static double
reached(const struct psim_build *b, const struct psim_operation *op, int group,
        double pipes)
{
    const int issuer = psim_group_hardware(b->hw, op->group);
    const double below = psim_group_count(b->hw, group, issuer);
    const double lanes = psim_group_lanes(b->hw, op->group);
    double issuers = lanes > 0 ? ceil(b->gang_lanes / lanes) : 1;
    if (issuers < 1) issuers = 1;
    const double reach = issuers * (below > 1 ? below : 1);
    return reach < pipes ? reach : pipes;
}

void
psim_demand_pipe(struct psim_build *b, struct psim_act *act,
                 const struct psim_operation *op, const struct psim_pipe_use *use)
{
    if (use->per_s <= 0 && use->energy_j <= 0) return;
    const int own = psim_group_hardware(b->hw, op->group);
    const int group = op->pipe_group >= 0 ? op->pipe_group : own;
    const size_t n = op->n_pipes > 0 ? op->n_pipes : 1;
    const double stated_per_s = op->by[use->dtype].peak_per_s; /* not as achieved */
    const double peak_per_s =
        stated_per_s * (use->units > 0 ? use->count / use->units : 1);
    for (size_t i = 0; i < n; i++) {
        const char *name = op->n_pipes > 0 ? op->pipe[i] : op->name;
        const uint16_t server = psim_build_server(
            b, (struct psim_server_key){PSIM_KEY_PIPE, group, name, 0}, group,
            (struct psim_server){.doc = op->name,
                                 .counts = use->counts,
                                 .peak_per_s = peak_per_s,
                                 .at = op->at});
        const double pipes = b->multiplicity[server];
        const double each_s =
            use->per_s > 0 ? use->units / (use->per_s * (double)n) : 0;
        psim_demand(act, server, 0, each_s / pipes, use->count / (double)n,
                    use->energy_j / (double)n);
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_PIPE, .server = server, .s = each_s / pipes,
                    .count = use->count / (double)n, .j = use->energy_j / (double)n,
                    .op = op, .dtype = use->dtype, .units = use->units,
                    .per = (double)n, .merged = pipes);
        const double reach = reached(b, op, group, pipes);
        if (reach >= pipes) continue;
        act->interval_s = fmax(act->interval_s, each_s / reach);
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_REACH, .s = each_s / reach, .op = op,
                    .dtype = use->dtype, .units = use->units, .per = (double)n,
                    .merged = reach);
    }
}

void
psim_demand_turn(struct psim_build *b, struct psim_act *act, double in_phase)
{
    if (in_phase <= 0) return;
    double longest_s = 0;
    for (uint8_t d = 0; d < act->n_demands; d++) {
        if (b->servers[act->demand[d].server].units != 1) continue;
        longest_s = fmax(longest_s, act->demand[d].s_per_unit);
    }
    const uint16_t server = psim_build_server(
        b, (struct psim_server_key){PSIM_KEY_TURN, b->view.unit, NULL, 0}, b->view.unit,
        (struct psim_server){.counts = PSIM_DIM_NONE,
                             .in_phase = true,
                             .at = b->hw->groups[b->view.unit].at});
    psim_demand(act, server, 0, longest_s * in_phase, 0, 0);
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_TURN, .server = server,
                .s = longest_s * in_phase, .units = in_phase);
}

static const struct psim_memory *
whole_of(const struct psim_hw *hw, int memory)
{
    const struct psim_memory *m = &hw->memories[memory];
    return m->part_of >= 0 ? &hw->memories[m->part_of] : m;
}

/** Writes among reads turn the bus round each time (eq. M13). */
static double
rate_of(const struct psim_build *b, int memory, bool write)
{
    const struct psim_memory *m = &b->hw->memories[memory];
    if (!write) return m->read_bytes_per_s;
    const bool mixed = (b->memories_read >> memory & 1) != 0;
    return mixed ? m->mixed_bytes_per_s : m->write_bytes_per_s;
}

void
psim_demand_memory(struct psim_build *b, struct psim_act *act, int memory,
                   const struct psim_memory_use *use)
{
    const struct psim_memory *m = &b->hw->memories[memory];
    const struct psim_memory *whole = whole_of(b->hw, memory);
    const int index = (int)(whole - b->hw->memories);
    if (!use->write) b->memories_read |= UINT64_C(1) << index;
    const double per_s = rate_of(b, index, use->write);
    double bytes = use->bytes, taken = use->bytes, more_s = 0;
    if (use->piece_bytes > 0 && per_s > 0) {
        /* Accesses that lie apart: each takes longer than one in a row (eq. M8). */
        const double apart_s = 1 / whole->scattered_bytes_per_s - 1 / per_s;
        more_s = fmax(apart_s, 0) * whole->access_bytes * bytes / use->piece_bytes;
        taken *= fmax(1, whole->access_bytes / use->piece_bytes);
        bytes *= fmax(1, whole->sector_bytes / use->piece_bytes);
    }
    const struct psim_server fresh = {.counts = PSIM_DIM_BYTES,
                                      .home = index == b->hw->main_memory,
                                      .peak_per_s = whole->peak_bytes_per_s,
                                      .turn_s = whole->turnaround_s,
                                      .fixed_clock = whole->fixed_clock,
                                      .at = whole->at};
    if (!m->one_access && per_s > 0) {
        const uint16_t server = psim_build_server(
            b,
            (struct psim_server_key){PSIM_KEY_MEMORY, index,
                                     use->write && whole->duplex ? "write" : NULL, 0},
            whole->group, fresh);
        const double merged = b->multiplicity[server];
        const double each_s = taken / (per_s * merged) + more_s / merged;
        const double energy_j = bytes * whole->energy.value;
        psim_demand(act, server, use->behind, each_s, bytes, energy_j);
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_MEMORY, .server = server,
                    .behind = use->behind, .s = each_s, .count = bytes, .j = energy_j,
                    .index = index, .merged = merged, .bytes = use->bytes,
                    .piece_bytes = use->piece_bytes, .write = use->write,
                    .mixed = (b->memories_read >> index & 1) != 0);
    }
    if (m->port_of >= 0 && m->port_bytes_per_s > 0 && !use->engine) {
        const uint16_t server = psim_build_server(
            b, (struct psim_server_key){PSIM_KEY_PORT, memory, NULL, 0}, m->port_of,
            (struct psim_server){.counts = PSIM_DIM_BYTES,
                                 .peak_per_s = m->port_bytes_per_s,
                                 .fixed_clock = m->fixed_clock,
                                 .at = m->at});
        const double merged = b->multiplicity[server];
        const double each_s = bytes / (m->port_bytes_per_s * merged);
        psim_demand(act, server, use->behind, each_s, bytes, 0);
        PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_PORT, .server = server,
                    .behind = use->behind, .s = each_s, .count = bytes, .index = memory,
                    .merged = merged, .bytes = use->bytes,
                    .piece_bytes = use->piece_bytes);
    }
}

/** One direction of a link, or the host's copies: so many bytes a second. */
struct way {
    const struct psim_ways *ways;
    bool out;
    const char *name, *doc;
};

static void
demand_way(struct psim_build *b, struct psim_act *act, int link, const struct way *way)
{
    const double per_s = way->ways->bytes_per_s[way->out ? PSIM_WAY_OUT : PSIM_WAY_IN];
    if (per_s <= 0) return;
    const struct psim_link *l = &b->hw->links[link];
    const uint16_t server = psim_build_server(
        b, (struct psim_server_key){PSIM_KEY_LINK, link, way->name, 0}, l->group,
        (struct psim_server){.doc = way->doc,
                             .counts = PSIM_DIM_BYTES,
                             .peak_per_s = way->ways->peak_bytes_per_s,
                             .fixed_clock = true,
                             .at = l->at});
    const double merged = b->multiplicity[server];
    psim_demand(act, server, 0, 1 / (per_s * merged), 1, 0);
    const bool staged = way->ways != &l->ways;
    PSIM_ORIGIN(b, .kind = staged ? PSIM_ORIGIN_STAGING : PSIM_ORIGIN_LINK,
                .server = server, .s = 1 / (per_s * merged), .count = 1, .index = link,
                .merged = merged, .out = way->out);
}

void
psim_demand_link(struct psim_build *b, struct psim_act *act, int link, bool out)
{
    const struct psim_link *l = &b->hw->links[link];
    const struct way ways[] = {
        {&l->ways, false, "host_to_device", "bytes that come from the host"},
        {&l->ways, true, "device_to_host", "bytes that go to the host"},
    };
    demand_way(b, act, link, &ways[out]);
    /* What comes was asked for first: there and back. */
    const double latency_s = out ? l->latency_s : 2 * l->latency_s;
    for (uint8_t k = 0; k <= act->n_caches; k++) {
        act->latency_s[k] += latency_s;
        act->fixed_s[k] += latency_s;
    }
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_WAY, .behind = PSIM_NONE, .s = latency_s,
                .index = link, .units = out ? 1 : 2);
}

void
psim_demand_staging(struct psim_build *b, struct psim_act *act, int link, bool out)
{
    const struct way way = {
        &b->hw->links[link].staging.ways, out, "staging",
        "bytes that the host copies between its pages and pinned buffers"};
    demand_way(b, act, link, &way);
}

void
psim_demand_lanes(struct psim_build *b, struct psim_act *act, int memory,
                  uint8_t behind, double access_bytes)
{
    const struct psim_memory *m = &b->hw->memories[memory];
    const uint16_t server = psim_build_server(
        b, (struct psim_server_key){PSIM_KEY_LANES, memory, NULL, 0}, b->view.unit,
        (struct psim_server){.counts = PSIM_DIM_BYTES,
                             .home = memory == b->hw->main_memory,
                             .fixed_clock = m->fixed_clock,
                             .at = m->at});
    const double energy_j = whole_of(b->hw, memory)->energy.value;
    const double each_s = m->latency_s / (b->view.lanes * access_bytes);
    psim_demand(act, server, behind, each_s, 1, energy_j);
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_LANES, .server = server, .behind = behind,
                .s = each_s, .count = 1, .j = energy_j, .index = memory,
                .units = b->view.lanes, .per = access_bytes);
    if (b->gang_lanes >= b->view.lanes) return;
    const double interval = m->latency_s / (b->gang_lanes * access_bytes);
    if (interval <= act->interval_s) return;
    act->interval_s = interval;
    act->fixed_interval = m->fixed_clock;
    PSIM_ORIGIN(b, .kind = PSIM_ORIGIN_ACCESS, .s = interval, .index = memory,
                .units = b->gang_lanes, .per = access_bytes);
}
