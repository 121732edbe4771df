/* SPDX-License-Identifier: MIT */
/** @file A plan from its text form, line by line: tests and teachers write plans by
 * hand. */
#include <stdlib.h>
#include <string.h>

#include "plan/plan_text.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_WORDS = 64, MAX_NAMED = 64, MAX_LAUNCHES = 4096, MAX_RUNS = 256 };

struct words {
    const char *text[MAX_WORDS];
    unsigned column[MAX_WORDS];
    size_t n, at;
    unsigned line;
};

/** The tables that grow while the lines are read. */
struct reader {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_source *source;
    struct words w;
    struct psim_plan *plan;
    struct psim_server *servers;
    struct psim_act *acts;
    struct psim_cache *caches;
    struct psim_tensor *tensors;
    struct psim_kernel *kernels;
    struct psim_launch *launches;
    struct psim_level *walk; /* of the last kernel, like all below */
    struct psim_param *params;
    struct psim_run *runs;
    struct psim_channel *channels;
    struct psim_tile *tiles;
    struct psim_role *roles;
    struct psim_step *steps;
    struct psim_use *uses;
    uint16_t n_runs;
    uint8_t cache_level, dim;
    bool ok;
};

static void
fail(struct reader *r, const char *what)
{
    const size_t at = r->w.at > 0 ? r->w.at - 1 : 0;
    const struct psim_loc loc = {r->source, r->w.line, r->w.column[at]};
    r->ok = psim_error(r->diag, loc, "plan: %s is needed here", what);
}

static const char *
next_word(struct reader *r, const char *what)
{
    if (r->w.at < r->w.n) return r->w.text[r->w.at++];
    fail(r, what);
    return "";
}

static bool
accept(struct reader *r, const char *word)
{
    if (r->w.at >= r->w.n || !psim_str_equal(r->w.text[r->w.at], word)) return false;
    r->w.at++;
    return true;
}

static double
next_number(struct reader *r)
{
    double value = 0;
    const char *word = next_word(r, "a number");
    const char *end = psim_str_number(word, &value);
    if (*word && (end == word || *end)) fail(r, "a number");
    return value;
}

static int64_t
next_whole(struct reader *r)
{
    const char *word = next_word(r, "a whole number");
    char *end;
    const long long value = strtoll(word, &end, 10);
    if (*word && *end) fail(r, "a whole number");
    return value;
}

/** Index of a named entry of a table whose elements start with their name. */
static uint32_t
index_of(struct reader *r, const char *word, const void *table, size_t size, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *const *name =
            (const char *const *)(const void *)((const char *)table + i * size);
        if (psim_str_equal(*name, word)) return (uint32_t)i;
    }
    if (*word) fail(r, "a name given above");
    return 0;
}

#define FIND(r, table, n)                                                              \
    index_of((r), next_word((r), "a name"), (table), sizeof *(table), (n))

static struct psim_kernel *
kernel(struct reader *r)
{
    if (r->plan->n_kernels == 0) {
        fail(r, "a kernel above");
        r->plan->n_kernels = 1;
    }
    return &r->kernels[r->plan->n_kernels - 1];
}

static enum psim_dim
read_counts(struct reader *r)
{
    const char *word = next_word(r, "B, FLOP or op");
    if (psim_str_equal(word, "B")) return PSIM_DIM_BYTES;
    if (psim_str_equal(word, "FLOP")) return PSIM_DIM_FLOP;
    if (!psim_str_equal(word, "op")) fail(r, "B, FLOP or op");
    return PSIM_DIM_NONE;
}

static uint32_t
read_share(struct reader *r)
{
    if (!accept(r, "for")) return 1;
    if (accept(r, "all")) return 0;
    return (uint32_t)next_whole(r);
}

static void
read_server(struct reader *r)
{
    struct psim_server *server = &r->servers[r->plan->n_servers++];
    server->name = next_word(r, "a name");
    server->counts = read_counts(r);
    server->units = read_share(r);
    server->home = accept(r, "home");
    server->memory = server->home || accept(r, "memory");
    if (accept(r, "peak")) server->peak_per_s = next_number(r);
    if (accept(r, "energy")) server->j_per_count = next_number(r);
}

static void
read_cache(struct reader *r)
{
    if (r->plan->n_acts > 0) { /* a line of an act: "cache l2 miss 3e-7" */
        struct psim_act *act = &r->acts[r->plan->n_acts - 1];
        if (act->n_caches == PSIM_MAX_CACHES) {
            fail(r, "a server");
            return;
        }
        act->cache[act->n_caches] = (uint8_t)FIND(r, r->caches, r->plan->n_caches);
        act->n_caches++;
        if (accept(r, "miss")) act->latency_s[act->n_caches] = next_number(r);
        return;
    }
    struct psim_cache *cache = &r->caches[r->plan->n_caches++];
    cache->name = next_word(r, "a name");
    cache->bytes = (uint64_t)next_whole(r);
    cache->units = read_share(r);
}

static void
read_act(struct reader *r)
{
    struct psim_act *act = &r->acts[r->plan->n_acts++];
    act->name = next_word(r, "a name");
    act->counts = read_counts(r);
    if (accept(r, "interval")) act->interval_s = next_number(r);
    if (accept(r, "latency")) act->latency_s[0] = next_number(r);
}

/** A line that starts with the name of a server belongs to the act above it. */
static void
read_demand(struct reader *r)
{
    r->w.at = 0;
    const uint32_t server = FIND(r, r->servers, r->plan->n_servers);
    if (!r->ok) return;
    struct psim_act *act = &r->acts[r->plan->n_acts - 1];
    if (r->plan->n_acts == 0 || act->n_demands == PSIM_MAX_DEMANDS) {
        fail(r, "an act above");
        return;
    }
    struct psim_demand *demand = &act->demand[act->n_demands++];
    demand->server = (uint16_t)server;
    demand->behind = act->n_caches;
    demand->count_per_unit = 1;
    if (accept(r, "time")) demand->s_per_unit = next_number(r);
    if (accept(r, "count")) demand->count_per_unit = next_number(r);
}

static void
read_tensor(struct reader *r)
{
    struct psim_tensor *tensor = &r->tensors[r->plan->n_tensors++];
    tensor->name = next_word(r, "a name");
    tensor->elem_bytes = (uint32_t)next_whole(r);
    if (!accept(r, "B")) fail(r, "B");
    while (r->w.at < r->w.n && tensor->n_dims < PSIM_MAX_TILE_DIMS) {
        char *end;
        const char *word = next_word(r, "extent/block");
        tensor->extent[tensor->n_dims] = strtoull(word, &end, 10);
        tensor->block[tensor->n_dims] = *end == '/' ? strtoull(end + 1, &end, 10) : 0;
        if (tensor->block[tensor->n_dims] == 0 || *end) fail(r, "extent/block");
        tensor->n_dims++;
    }
}

static void
new_program(struct reader *r, struct psim_kernel *k)
{
    k->walk = r->walk = PSIM_NEW_N(r->arena, struct psim_level, PSIM_MAX_LEVELS);
    k->params = r->params = PSIM_NEW_N(r->arena, struct psim_param, PSIM_MAX_PARAMS);
    k->runs = r->runs = PSIM_NEW_N(r->arena, struct psim_run, MAX_RUNS);
    k->channels = r->channels =
        PSIM_NEW_N(r->arena, struct psim_channel, PSIM_MAX_CHANNELS);
    k->tiles = r->tiles = PSIM_NEW_N(r->arena, struct psim_tile, MAX_NAMED);
    k->roles = r->roles = PSIM_NEW_N(r->arena, struct psim_role, PSIM_MAX_GANGS);
    k->steps = r->steps = PSIM_NEW_N(r->arena, struct psim_step, PSIM_MAX_STEPS + 1);
    k->uses = r->uses = PSIM_NEW_N(r->arena, struct psim_use, PSIM_MAX_TENSORS);
    r->n_runs = 0;
}

static void
read_kernel(struct reader *r)
{
    struct psim_kernel *k = &r->kernels[r->plan->n_kernels++];
    new_program(r, k);
    k->name = next_word(r, "a name");
    k->unit_name = accept(r, "on") ? next_word(r, "a group") : "unit";
    k->units = accept(r, "units") ? (uint32_t)next_whole(r) : 1;
    k->resident = accept(r, "resident") ? (uint32_t)next_whole(r) : 1;
    k->resident_by = accept(r, "by") ? next_word(r, "a capacity") : NULL;
    k->bundle = accept(r, "bundle") ? (uint32_t)next_whole(r) : 1;
    if (accept(r, "dispatch")) {
        const char *word = next_word(r, "each, stride or queue");
        while (k->dispatch < PSIM_N_DISPATCHES &&
               !psim_str_equal(psim_dispatch_name((enum psim_dispatch)k->dispatch),
                               word)) {
            k->dispatch++;
        }
        if (k->dispatch == PSIM_N_DISPATCHES) fail(r, "each, stride or queue");
    }
    k->start_act =
        accept(r, "start") ? (uint8_t)FIND(r, r->acts, r->plan->n_acts) : PSIM_NONE;
    if (accept(r, "launch")) k->launch_s = next_number(r);
    if (accept(r, "flop")) k->flop = next_number(r);
}

static uint8_t
read_axis(struct reader *r, const char *word)
{
    const struct psim_kernel *k = kernel(r);
    for (uint8_t a = 0; a < k->n_axes; a++) {
        const size_t len = strlen(k->axis_name[a]);
        if (strncmp(word, k->axis_name[a], len) == 0 &&
            (word[len] == '\0' || word[len] == ':')) {
            return a;
        }
    }
    fail(r, "an axis");
    return 0;
}

static void
read_axes(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    while (r->w.at < r->w.n && k->n_axes < PSIM_MAX_AXES) {
        k->axis_name[k->n_axes] = next_word(r, "an axis");
        k->extent[k->n_axes++] = (uint32_t)next_whole(r);
    }
}

static void
read_walk(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    while (r->w.at < r->w.n && k->n_levels < PSIM_MAX_LEVELS) {
        struct psim_level *level = &r->walk[k->n_levels++];
        const char *word = next_word(r, "an axis");
        level->axis = read_axis(r, word);
        const char *colon = strchr(word, ':');
        if (colon) level->span = (uint32_t)strtoul(colon + 1, NULL, 10);
        level->down = accept(r, "down");
    }
}

/** "param t q 3 x 4, 5 x ( 64 i + 127 ) / 64" */
static void
read_param(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    struct psim_param *p = &r->params[k->n_params++];
    p->name = next_word(r, "a name");
    p->axis = read_axis(r, next_word(r, "an axis"));
    p->first_run = r->n_runs;
    uint32_t first = 0;
    while (r->w.at < r->w.n && r->n_runs < MAX_RUNS && r->ok) {
        struct psim_run *run = &r->runs[r->n_runs++];
        p->n_runs++;
        run->first = first;
        run->count = (uint32_t)next_whole(r);
        first += run->count;
        if (!accept(r, "x")) fail(r, "x");
        run->c = 1;
        if (accept(r, "(")) {
            run->a = next_whole(r);
            if (!accept(r, "i") || !accept(r, "+")) fail(r, "i +");
            run->b = next_whole(r);
            if (!accept(r, ")") || !accept(r, "/")) fail(r, ") /");
            run->c = next_whole(r);
        } else {
            run->b = next_whole(r);
        }
        (void)accept(r, ",");
    }
}

static void
read_channel(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    struct psim_channel *c = &r->channels[k->n_channels++];
    c->name = next_word(r, "a name");
    c->depth = accept(r, "depth") ? (uint8_t)next_whole(r) : 1;
    c->primed = accept(r, "primed") ? (uint8_t)next_whole(r) : 0;
    c->consumers = accept(r, "consumers") ? (uint8_t)next_whole(r) : 1;
    c->slot_bytes = accept(r, "slot") ? (uint64_t)next_whole(r) : 0;
}

static void
read_tile(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    struct psim_tile *tile = &r->tiles[k->n_tiles++];
    tile->name = next_word(r, "a name");
    if (!accept(r, "of")) fail(r, "of");
    tile->tensor = (uint8_t)FIND(r, r->tensors, r->plan->n_tensors);
    r->dim = 0;
}

static void
read_dim(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    if (k->n_tiles == 0 || r->dim == PSIM_MAX_TILE_DIMS) {
        fail(r, "a tile above");
        return;
    }
    struct psim_box_dim *dim = &r->tiles[k->n_tiles - 1].dim[r->dim++];
    *dim = (struct psim_box_dim){.axis = PSIM_NONE, .c = 1, .mul = 1};
    dim->size = accept(r, "size") ? next_whole(r) : 1;
    if (accept(r, "by")) {
        dim->axis = read_axis(r, next_word(r, "an axis"));
        dim->a = 1;
        if (accept(r, "a")) dim->a = next_whole(r);
    }
    if (accept(r, "b")) dim->b = next_whole(r);
    dim->b_last = accept(r, "last") ? next_whole(r) : dim->b;
    if (accept(r, "over")) dim->c = next_whole(r);
    if (accept(r, "mod")) dim->m = next_whole(r);
    if (accept(r, "mul")) dim->mul = next_whole(r);
    if (accept(r, "carry")) dim->carry = next_whole(r);
    while (accept(r, "loop")) {
        const int64_t depth = next_whole(r);
        if (depth < 0 || depth >= PSIM_MAX_NESTING || !accept(r, "step")) {
            fail(r, "loop DEPTH step N");
            return;
        }
        dim->step[depth] = next_whole(r);
    }
    if (accept(r, "offset")) dim->offset = next_whole(r);
}

static void
read_use(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    struct psim_use *use = &r->uses[k->n_uses++];
    use->tensor = (uint8_t)FIND(r, r->tensors, r->plan->n_tensors);
    if (accept(r, "read")) use->read_bytes = (uint64_t)next_whole(r);
    if (accept(r, "write")) use->write_bytes = (uint64_t)next_whole(r);
}

static struct psim_step *
new_step(struct reader *r, enum psim_step_kind kind)
{
    struct psim_kernel *k = kernel(r);
    /* The STOP behind the last step is always there, and is overwritten. */
    struct psim_step *step = &r->steps[k->n_steps > 0 ? k->n_steps - 1 : 0];
    if (k->n_steps < PSIM_MAX_STEPS) k->n_steps++;
    const struct psim_amount none = {
        .param = {PSIM_NONE, PSIM_NONE, PSIM_NONE, PSIM_NONE}};
    *step = (struct psim_step){.kind = (uint8_t)kind,
                               .channel = PSIM_NONE,
                               .act = PSIM_NONE,
                               .tile = PSIM_NONE,
                               .amount = none};
    step[1] = (struct psim_step){.kind = PSIM_STEP_STOP, .amount = none};
    return step;
}

static void
read_role(struct reader *r)
{
    struct psim_kernel *k = kernel(r);
    struct psim_role *role = &r->roles[k->n_roles++];
    role->name = next_word(r, "a name");
    role->gangs = accept(r, "gangs") ? (uint8_t)next_whole(r) : 1;
    role->first_step = k->n_steps;
    if (k->n_steps < PSIM_MAX_STEPS) k->n_steps++;
    r->steps[role->first_step] = (struct psim_step){.kind = PSIM_STEP_STOP};
}

/** "128*m*n" */
static void
read_amount(struct reader *r, struct psim_amount *amount)
{
    const struct psim_kernel *k = kernel(r);
    char *at;
    const char *word = next_word(r, "an amount");
    amount->coef = strtoull(word, &at, 10);
    for (size_t i = 0; i < PSIM_MAX_FACTORS && *at == '*'; i++) {
        const size_t len = strcspn(at + 1, "*");
        const char *name = psim_arena_copy(r->arena, at + 1, len);
        amount->param[i] =
            (uint8_t)index_of(r, name, k->params, sizeof *k->params, k->n_params);
        at += 1 + len;
    }
    if (*at) fail(r, "an amount");
}

static void
read_do(struct reader *r)
{
    const struct psim_kernel *k = kernel(r);
    struct psim_step *step = new_step(r, PSIM_STEP_DO);
    step->act = (uint8_t)FIND(r, r->acts, r->plan->n_acts);
    read_amount(r, &step->amount);
    if (accept(r, "tile")) step->tile = (uint8_t)FIND(r, r->tiles, k->n_tiles);
    if (accept(r, "cast")) step->cast = (uint8_t)next_whole(r);
    if (accept(r, "chain")) step->chain = (uint32_t)next_whole(r);
    if (accept(r, "store")) step->flags |= PSIM_STORE;
    if (accept(r, "stream")) step->flags |= PSIM_STREAM;
    if (accept(r, "posted")) step->flags |= PSIM_POSTED;
    if (accept(r, "into")) {
        step->flags |= PSIM_ASYNC;
        step->channel = (uint8_t)FIND(r, r->channels, k->n_channels);
    }
}

static void
read_loop(struct reader *r)
{
    read_amount(r, &new_step(r, PSIM_STEP_LOOP)->amount);
}

static void
read_end(struct reader *r)
{
    (void)new_step(r, PSIM_STEP_END);
}

static void
read_on_channel(struct reader *r)
{
    enum psim_step_kind kind = PSIM_STEP_RESERVE;
    while (!psim_str_equal(psim_step_kind_name(kind), r->w.text[0])) {
        kind++;
    }
    new_step(r, kind)->channel = (uint8_t)FIND(r, r->channels, kernel(r)->n_channels);
}

static void
read_units(struct reader *r)
{
    r->plan->total_units = (uint32_t)next_whole(r);
}

static void
read_repeat(struct reader *r)
{
    r->plan->repeat = (uint32_t)next_whole(r);
}

static void
read_host(struct reader *r)
{
    if (!accept(r, "interval")) fail(r, "interval");
    r->plan->host_interval_s = next_number(r);
}

static void
read_run(struct reader *r)
{
    if (r->plan->n_launches == MAX_LAUNCHES) {
        fail(r, "an end");
        return;
    }
    struct psim_launch *launch = &r->launches[r->plan->n_launches++];
    launch->kernel = FIND(r, r->kernels, r->plan->n_kernels);
    while (accept(r, "resident")) {
        launch->resident |= 1U << FIND(r, r->tensors, r->plan->n_tensors);
    }
}

static const struct {
    const char *word;
    void (*read)(struct reader *r);
} statements[] = {
    {"server", read_server},
    {"cache", read_cache},
    {"act", read_act},
    {"tensor", read_tensor},
    {"kernel", read_kernel},
    {"axes", read_axes},
    {"walk", read_walk},
    {"param", read_param},
    {"channel", read_channel},
    {"tile", read_tile},
    {"dim", read_dim},
    {"use", read_use},
    {"role", read_role},
    {"loop", read_loop},
    {"end", read_end},
    {"do", read_do},
    {"reserve", read_on_channel},
    {"commit", read_on_channel},
    {"wait", read_on_channel},
    {"release", read_on_channel},
    {"units", read_units},
    {"repeat", read_repeat},
    {"host", read_host},
    {"run", read_run},
};

static const char *
split(struct reader *r, const char *line)
{
    struct words *w = &r->w;
    w->n = w->at = 0;
    w->line++;
    const char *at = line;
    while (*at && *at != '\n' && *at != '#') {
        const size_t blank = strspn(at, " ");
        at += blank;
        size_t len = strcspn(at, " ,\n#");
        if (len == 0 && *at == ',') len = 1;
        if (len == 0) break;
        if (w->n < MAX_WORDS) {
            w->column[w->n] = (unsigned)(at - line) + 1;
            w->text[w->n++] = psim_arena_copy(r->arena, at, len);
        }
        at += len;
    }
    at += strcspn(at, "\n");
    return *at ? at + 1 : at;
}

static void
read_line(struct reader *r)
{
    if (r->w.n == 0) return;
    r->w.at = 1;
    for (size_t i = 0; i < PSIM_COUNT(statements); i++) {
        if (psim_str_equal(statements[i].word, r->w.text[0])) {
            statements[i].read(r);
            if (r->ok && r->w.at < r->w.n) {
                r->w.at++;
                fail(r, "the end of the line");
            }
            return;
        }
    }
    read_demand(r);
}

const struct psim_plan *
psim_plan_read(struct psim_arena *arena, struct psim_diag *diag, const char *name,
               const char *text)
{
    struct psim_plan *plan = PSIM_NEW(arena, struct psim_plan);
    struct reader r = {
        .arena = arena,
        .diag = diag,
        .source = psim_source_new(diag, name, text, strlen(text)),
        .plan = plan,
        .servers = PSIM_NEW_N(arena, struct psim_server, MAX_NAMED),
        .acts = PSIM_NEW_N(arena, struct psim_act, MAX_NAMED),
        .caches = PSIM_NEW_N(arena, struct psim_cache, MAX_NAMED),
        .tensors = PSIM_NEW_N(arena, struct psim_tensor, MAX_NAMED),
        .kernels = PSIM_NEW_N(arena, struct psim_kernel, MAX_NAMED),
        .launches = PSIM_NEW_N(arena, struct psim_launch, MAX_LAUNCHES),
        .ok = true,
    };
    plan->repeat = 1;
    for (const char *at = text; *at && r.ok;) {
        at = split(&r, at);
        if (plan->n_servers == MAX_NAMED || plan->n_acts == MAX_NAMED ||
            plan->n_tensors == PSIM_MAX_TENSORS || plan->n_kernels == MAX_NAMED) {
            fail(&r, "a smaller plan");
        }
        read_line(&r);
    }
    plan->servers = r.servers;
    plan->acts = r.acts;
    plan->caches = r.caches;
    plan->tensors = r.tensors;
    plan->kernels = r.kernels;
    plan->launches = r.launches;
    return r.ok ? plan : NULL;
}
