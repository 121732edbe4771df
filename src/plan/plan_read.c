/* SPDX-License-Identifier: MIT */
/** @file A plan from its text form, line by line: tests and teachers write plans by
 * hand. */
#include <stdlib.h>
#include <string.h>

#include "plan/plan_text.h"
#include "plan/plan_words.h"
#include "util/arena.h"
#include "util/str.h"

static enum psim_dim
read_counts(struct psim_reader *r)
{
    const char *word = psim_next_word(r, "B, FLOP or op");
    if (psim_str_equal(word, "B")) return PSIM_DIM_BYTES;
    if (psim_str_equal(word, "FLOP")) return PSIM_DIM_FLOP;
    if (!psim_str_equal(word, "op")) psim_reader_fail(r, "B, FLOP or op");
    return PSIM_DIM_NONE;
}

static uint32_t
read_share(struct psim_reader *r)
{
    if (!psim_accept(r, "for")) return 1;
    if (psim_accept(r, "all")) return 0;
    return (uint32_t)psim_next_count(r, UINT32_MAX);
}

static void
read_server(struct psim_reader *r)
{
    if (!psim_has_room(r, r->plan->n_servers, PSIM_READER_NAMED)) return;
    struct psim_server *server = &r->servers[r->plan->n_servers];
    server->name = PSIM_NEW_NAME(r, r->servers, r->plan->n_servers);
    r->plan->n_servers++;
    server->counts = read_counts(r);
    server->units = read_share(r);
    server->home = psim_accept(r, "home");
    if (server->home || psim_accept(r, "memory")) {
        server->level =
            psim_accept(r, "of") ? psim_next_word(r, "a name") : server->name;
    }
    if (psim_accept(r, "peak")) server->peak_per_s = psim_next_number(r);
    if (psim_accept(r, "turn")) server->turn_s = psim_next_number(r);
    server->in_phase = psim_accept(r, "in_phase");
    server->fixed_clock = psim_accept(r, "fixed");
}

static void
read_latency(struct psim_reader *r, const char *key, struct psim_act *act, uint8_t k)
{
    if (psim_accept(r, key)) act->latency_s[k] = psim_next_number(r);
    if (psim_accept(r, "fixed")) act->fixed_s[k] = psim_next_number(r);
}

static void
read_cache(struct psim_reader *r)
{
    if (r->plan->n_acts > 0) { /* a line of an act: "cache l2 miss 3e-7" */
        struct psim_act *act = &r->acts[r->plan->n_acts - 1];
        if (!psim_has_room(r, act->n_caches, PSIM_MAX_CACHES)) return;
        act->cache[act->n_caches] = (uint8_t)PSIM_FIND(r, r->caches, r->plan->n_caches);
        act->n_caches++;
        read_latency(r, "miss", act, act->n_caches);
        return;
    }
    if (!psim_has_room(r, r->plan->n_caches, PSIM_READER_NAMED)) return;
    struct psim_cache *cache = &r->caches[r->plan->n_caches];
    cache->name = PSIM_NEW_NAME(r, r->caches, r->plan->n_caches);
    r->plan->n_caches++;
    cache->bytes = psim_next_count(r, INT64_MAX);
    cache->units = read_share(r);
}

static void
read_act(struct psim_reader *r)
{
    if (!psim_has_room(r, r->plan->n_acts, PSIM_READER_NAMED)) return;
    struct psim_act *act = &r->acts[r->plan->n_acts];
    act->name = PSIM_NEW_NAME(r, r->acts, r->plan->n_acts);
    r->plan->n_acts++;
    act->counts = read_counts(r);
    act->droops = psim_accept(r, "droops");
    if (psim_accept(r, "interval")) {
        act->interval_s = psim_next_number(r);
        act->fixed_interval = psim_accept(r, "fixed");
    }
    read_latency(r, "latency", act, 0);
}

/** A line that starts with the name of a server belongs to the act above it. */
static void
read_demand(struct psim_reader *r)
{
    r->w.at = 0;
    const uint32_t server = PSIM_FIND(r, r->servers, r->plan->n_servers);
    if (!r->ok) return;
    if (r->plan->n_acts == 0) {
        psim_reader_fail(r, "an act above");
        return;
    }
    struct psim_act *act = &r->acts[r->plan->n_acts - 1];
    if (!psim_has_room(r, act->n_demands, PSIM_MAX_DEMANDS)) return;
    struct psim_demand *demand = &act->demand[act->n_demands++];
    demand->server = (uint16_t)server;
    demand->behind = act->n_caches;
    demand->count_per_unit = 1;
    if (psim_accept(r, "time")) demand->s_per_unit = psim_next_number(r);
    if (psim_accept(r, "count")) demand->count_per_unit = psim_next_number(r);
    if (psim_accept(r, "energy")) demand->j_per_unit = psim_next_number(r);
}

static void
read_tensor(struct psim_reader *r)
{
    if (!psim_has_room(r, r->plan->n_tensors, PSIM_MAX_TENSORS)) return;
    struct psim_tensor *tensor = &r->tensors[r->plan->n_tensors];
    tensor->name = PSIM_NEW_NAME(r, r->tensors, r->plan->n_tensors);
    r->plan->n_tensors++;
    tensor->elem_bytes = (uint32_t)psim_next_count(r, UINT32_MAX);
    if (!psim_accept(r, "B")) psim_reader_fail(r, "B");
    while (r->w.at < r->w.n && tensor->n_dims < PSIM_MAX_TILE_DIMS) {
        char *end;
        const char *word = psim_next_word(r, "extent/block");
        tensor->extent[tensor->n_dims] = strtoull(word, &end, 10);
        tensor->block[tensor->n_dims] = *end == '/' ? strtoull(end + 1, &end, 10) : 0;
        if (tensor->block[tensor->n_dims] == 0 || *end) {
            psim_reader_fail(r, "extent/block");
        }
        tensor->n_dims++;
    }
}

static void
new_program(struct psim_reader *r, struct psim_kernel *k)
{
    k->walk = r->walk = PSIM_NEW_N(r->arena, struct psim_level, PSIM_MAX_LEVELS);
    k->params = r->params = PSIM_NEW_N(r->arena, struct psim_param, PSIM_MAX_PARAMS);
    k->runs = r->runs = PSIM_NEW_N(r->arena, struct psim_run, PSIM_READER_RUNS);
    k->channels = r->channels =
        PSIM_NEW_N(r->arena, struct psim_channel, PSIM_MAX_CHANNELS);
    k->tiles = r->tiles = PSIM_NEW_N(r->arena, struct psim_tile, PSIM_READER_NAMED);
    k->roles = r->roles = PSIM_NEW_N(r->arena, struct psim_role, PSIM_MAX_GANGS);
    k->steps = r->steps = PSIM_NEW_N(r->arena, struct psim_step, PSIM_MAX_STEPS + 1);
    k->uses = r->uses = PSIM_NEW_N(r->arena, struct psim_use, PSIM_MAX_TENSORS);
    r->n_runs = 0;
}

static void
read_kernel(struct psim_reader *r)
{
    if (!psim_has_room(r, r->plan->n_kernels, PSIM_READER_NAMED)) return;
    struct psim_kernel *k = &r->kernels[r->plan->n_kernels];
    new_program(r, k);
    k->name = PSIM_NEW_NAME(r, r->kernels, r->plan->n_kernels);
    r->plan->n_kernels++;
    k->unit_name = psim_accept(r, "on") ? psim_next_word(r, "a group") : "unit";
    k->units = psim_accept(r, "units") ? (uint32_t)psim_next_count(r, UINT32_MAX) : 1;
    k->resident =
        psim_accept(r, "resident") ? (uint32_t)psim_next_count(r, UINT32_MAX) : 1;
    k->resident_by = psim_accept(r, "by") ? psim_next_word(r, "a capacity") : NULL;
    k->bundle = psim_accept(r, "bundle") ? (uint32_t)psim_next_count(r, UINT32_MAX) : 1;
    if (psim_accept(r, "dispatch")) {
        const char *word = psim_next_word(r, "each, stride or queue");
        while (k->dispatch < PSIM_N_DISPATCHES &&
               !psim_str_equal(psim_dispatch_name((enum psim_dispatch)k->dispatch),
                               word)) {
            k->dispatch++;
        }
        if (k->dispatch == PSIM_N_DISPATCHES) {
            psim_reader_fail(r, "each, stride or queue");
        }
    }
    k->start_act = psim_accept(r, "start")
                       ? (uint8_t)PSIM_FIND(r, r->acts, r->plan->n_acts)
                       : PSIM_NONE;
    k->beside = psim_accept(r, "beside");
    if (psim_accept(r, "in_phase")) k->in_phase = psim_next_number(r);
    if (psim_accept(r, "launch")) k->launch_s = psim_next_number(r);
    if (psim_accept(r, "flop")) k->flop = psim_next_number(r);
}

static void
read_units(struct psim_reader *r)
{
    r->plan->total_units = (uint32_t)psim_next_count(r, UINT32_MAX);
}

static void
read_repeat(struct psim_reader *r)
{
    r->plan->repeat = (uint32_t)psim_next_count(r, UINT32_MAX);
}

static void
read_host(struct psim_reader *r)
{
    if (!psim_accept(r, "interval")) psim_reader_fail(r, "interval");
    r->plan->host_interval_s = psim_next_number(r);
}

static void
read_run(struct psim_reader *r)
{
    if (!psim_has_room(r, r->plan->n_launches, PSIM_READER_LAUNCHES)) return;
    struct psim_launch *launch = &r->launches[r->plan->n_launches++];
    launch->kernel = PSIM_FIND(r, r->kernels, r->plan->n_kernels);
    while (psim_accept(r, "resident")) {
        launch->resident |= 1U << PSIM_FIND(r, r->tensors, r->plan->n_tensors);
    }
}

static const struct {
    const char *word;
    void (*read)(struct psim_reader *r);
} statements[] = {
    {"server", read_server}, {"cache", read_cache},   {"act", read_act},
    {"tensor", read_tensor}, {"kernel", read_kernel}, {"units", read_units},
    {"repeat", read_repeat}, {"host", read_host},     {"run", read_run},
};

static bool
read_in_plan(struct psim_reader *r)
{
    for (size_t i = 0; i < PSIM_COUNT(statements); i++) {
        if (!psim_str_equal(statements[i].word, r->w.text[0])) continue;
        statements[i].read(r);
        return true;
    }
    return false;
}

/** "NAME time ...": a server may be called what starts another statement. */
static bool
is_demand(const struct psim_reader *r)
{
    if (r->w.n < 2 || !psim_str_equal(r->w.text[1], "time")) return false;
    for (uint32_t i = 0; i < r->plan->n_servers; i++) {
        if (psim_str_equal(r->servers[i].name, r->w.text[0])) return true;
    }
    return false;
}

static void
read_line(struct psim_reader *r)
{
    if (r->w.n == 0) return;
    r->w.at = 1;
    if (is_demand(r) || (!read_in_plan(r) && !psim_read_in_kernel(r))) {
        read_demand(r);
        return;
    }
    if (r->ok && r->w.at < r->w.n) {
        r->w.at++;
        psim_reader_fail(r, "the end of the line");
    }
}

const struct psim_plan *
psim_plan_read(struct psim_arena *arena, struct psim_diag *diag, const char *name,
               const char *text)
{
    struct psim_plan *plan = PSIM_NEW(arena, struct psim_plan);
    struct psim_reader r = {
        .arena = arena,
        .diag = diag,
        .source = psim_source_new(diag, name, text, strlen(text)),
        .plan = plan,
        .servers = PSIM_NEW_N(arena, struct psim_server, PSIM_READER_NAMED),
        .acts = PSIM_NEW_N(arena, struct psim_act, PSIM_READER_NAMED),
        .caches = PSIM_NEW_N(arena, struct psim_cache, PSIM_READER_NAMED),
        .tensors = PSIM_NEW_N(arena, struct psim_tensor, PSIM_READER_NAMED),
        .kernels = PSIM_NEW_N(arena, struct psim_kernel, PSIM_READER_NAMED),
        .launches = PSIM_NEW_N(arena, struct psim_launch, PSIM_READER_LAUNCHES),
        .ok = true,
    };
    plan->repeat = 1;
    for (const char *at = text; *at && r.ok;) {
        at = psim_next_line(&r, at);
        if (r.ok) read_line(&r);
    }
    plan->servers = r.servers;
    plan->acts = r.acts;
    plan->caches = r.caches;
    plan->tensors = r.tensors;
    plan->kernels = r.kernels;
    plan->launches = r.launches;
    return r.ok ? plan : NULL;
}
