/* SPDX-License-Identifier: MIT */
/** @file Memories: where they hang, what they cache or are carved from, how fast. */
#include <math.h>

#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

#define BANDWIDTH                                                                      \
    (PSIM_DIM_BIT(PSIM_DIM_BYTES_PER_S) | PSIM_DIM_BIT(PSIM_DIM_BYTES_PER_CYCLE))

int
psim_hw_memory(const struct psim_hw *hw, const char *name)
{
    for (size_t i = 0; i < hw->n_memories; i++) {
        if (psim_str_equal(hw->memories[i].name, name)) return (int)i;
    }
    return -1;
}

double
psim_hw_last_cache_bytes(const struct psim_hw *hw)
{
    double bytes = 0;
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches != hw->main_memory) continue;
        bytes = fmax(bytes, m->bytes * (double)hw->groups[m->group].total);
    }
    return bytes;
}

double
psim_hw_common_cache_bytes(const struct psim_hw *hw)
{
    double bytes = 0;
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches != hw->main_memory) continue;
        const double all = m->bytes * (double)hw->groups[m->group].total;
        bytes = fmax(bytes, all / (double)m->partitions);
    }
    return bytes;
}

double
psim_hw_write_back_bytes(const struct psim_hw *hw)
{
    double bytes = 0;
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        if (m->caches != hw->main_memory) continue;
        bytes += m->write_back.value * (double)hw->groups[m->group].total;
    }
    return bytes;
}

int
psim_hw_need_memory(struct psim_hw_build *b, const char *key,
                    const struct psim_word *name)
{
    const int found = psim_hw_memory(b->hw, name->text);
    if (found >= 0) return found;
    struct psim_guess guess = psim_guess_start(name->text);
    for (size_t i = 0; i < b->hw->n_memories; i++) {
        psim_guess_try(&guess, b->memories[i].name);
    }
    psim_error(b->diag, name->at,
               "%s: no memory '%s'; the name of a memory domain is needed", key,
               psim_str_excerpt(b->diag->arena, name->text));
    if (guess.best) psim_note(b->diag, name->at, "did you mean '%s'?", guess.best);
    return -1;
}

/** The three keys of {peak: ..., read: ..., write: ...}; a plain figure is the peak. */
struct rates {
    struct psim_figure peak, read, write, mixed, scattered;
};

/* clang-format off */
#define AT(member) .offset = offsetof(struct rates, member)
const struct psim_field psim_hw_rate_fields[] = {
    {.key = "peak", .kind = PSIM_FIELD_FIGURE, .required = true, .dims = BANDWIDTH, .min = 1e-3, .max = 1e18, AT(peak),
     .doc = "as stated"},
    {.key = "read", .kind = PSIM_FIELD_FIGURE, .min = 1e-3, .max = 1, AT(read), .doc = "fraction achieved by reads", .fallback = "1"},
    {.key = "write", .kind = PSIM_FIELD_FIGURE, .min = 1e-3, .max = 1, AT(write), .doc = "fraction achieved by writes", .fallback = "1"},
    {.key = "mixed", .kind = PSIM_FIELD_FIGURE, .min = 1e-3, .max = 1, AT(mixed), .doc = "fraction achieved by writes of kernels that read it as well: turning its bus round takes time", .fallback = "`write`"},
    {.key = "scattered", .kind = PSIM_FIELD_FIGURE, .min = 1e-3, .max = 1, AT(scattered), .doc = "fraction achieved by accesses that lie apart, each of `access` bytes at least", .fallback = "1"},
    {0},
};
static const struct psim_field plain_rate_fields[] = {
    {.key = "bandwidth", .kind = PSIM_FIELD_FIGURE, .dims = BANDWIDTH, .min = 1e-3, .max = 1e18, AT(peak), .doc = "as stated"},
    {0},
};
#undef AT
/* clang-format on */

bool
psim_hw_bind_bandwidth(struct psim_hw_build *b, const struct psim_node *node,
                       const struct psim_field *fields, const struct psim_field *plain,
                       void *ret)
{
    if (!node) return true;
    if (node->kind == PSIM_NODE_MAP && !psim_node_find(node, "value")) {
        return psim_bind(b->arena, b->diag, node, fields, b->units, ret);
    }
    /* A figure by itself is bound as the only key of a map. */
    struct psim_node only = *node;
    only.key = "bandwidth";
    only.next = NULL;
    const struct psim_node map = {
        .kind = PSIM_NODE_MAP, .at = node->at, .first = &only};
    return psim_bind(b->arena, b->diag, &map, plain, b->units, ret);
}

static bool
read_bandwidth(struct psim_hw_build *b, const struct psim_node *node,
               struct psim_memory *memory)
{
    struct rates rates = {0};
    if (!node) return true;
    if (!psim_hw_bind_bandwidth(b, node, psim_hw_rate_fields, plain_rate_fields,
                                &rates)) {
        return false;
    }
    memory->bandwidth = rates.peak;
    memory->read = rates.read;
    memory->write = rates.write;
    memory->mixed = rates.mixed.given ? rates.mixed : rates.write;
    memory->scattered = rates.scattered;
    return true;
}

double
psim_hw_bytes_per_s(const struct psim_figure *figure, double hz)
{
    if (!figure->given) return 0;
    return figure->dim == PSIM_DIM_BYTES_PER_CYCLE ? figure->value * hz : figure->value;
}

static bool
read_port(struct psim_hw_build *b, const struct psim_raw_port *port,
          struct psim_memory *memory)
{
    memory->port_of = -1;
    if (!port->of.text) return true;
    memory->port_of = psim_hw_need_group(b, "port: of", &port->of);
    if (memory->port_of < 0) return false;
    if (b->has_tree && !psim_group_within(b->hw, memory->port_of, memory->group)) {
        return psim_error(
            b->diag, port->of.at,
            "port: of: '%s' is no part of '%s', across which the memory is "
            "shared; a part of it is needed",
            psim_str_excerpt(b->diag->arena, port->of.text),
            psim_str_excerpt(b->diag->arena, b->groups[memory->group].name));
    }
    const double hz = b->groups[memory->port_of].clock_hz;
    memory->port_bandwidth = port->bandwidth;
    memory->port_in_flight = port->in_flight;
    memory->port_bytes_per_s = psim_hw_bytes_per_s(&port->bandwidth, hz);
    return true;
}

/** Little's law (docs/MODEL.md, eq. M2): a part's latency may be the whole's. */
static void
limit_port(struct psim_memory *memory)
{
    if (!memory->port_in_flight.given || memory->latency_s <= 0) return;
    const double rate = memory->port_in_flight.value / memory->latency_s;
    if (memory->port_bytes_per_s <= 0 || rate < memory->port_bytes_per_s) {
        memory->port_bytes_per_s = rate;
    }
}

static bool
read_one(struct psim_hw_build *b, const struct psim_raw_memory *raw,
         struct psim_memory *memory)
{
    const bool rated = read_bandwidth(b, raw->bandwidth, memory);
    memory->group = psim_hw_need_group(b, "shared_across", &raw->shared_across);
    if (memory->group < 0) return false;
    if (b->groups[memory->group].software) {
        return psim_error(b->diag, raw->shared_across.at,
                          "shared_across: '%s' is software; a hardware group is needed",
                          psim_str_excerpt(b->diag->arena, raw->shared_across.text));
    }
    const double hz = b->groups[memory->group].clock_hz;
    memory->size = raw->size;
    memory->latency = raw->latency;
    memory->energy = raw->energy;
    memory->bytes = raw->size.given ? raw->size.value : 0;
    memory->latency_s = psim_hw_seconds(&raw->latency, hz);
    memory->write_latency =
        raw->write_latency.given ? raw->write_latency : raw->latency;
    memory->write_latency_s = psim_hw_seconds(&memory->write_latency, hz);
    memory->peak_bytes_per_s = psim_hw_bytes_per_s(&memory->bandwidth, hz);
    memory->read_bytes_per_s =
        memory->peak_bytes_per_s * (memory->read.given ? memory->read.value : 1);
    memory->write_bytes_per_s =
        memory->peak_bytes_per_s * (memory->write.given ? memory->write.value : 1);
    memory->mixed_bytes_per_s =
        memory->peak_bytes_per_s * (memory->mixed.given ? memory->mixed.value : 1);
    memory->scattered_bytes_per_s =
        memory->peak_bytes_per_s *
        (memory->scattered.given ? memory->scattered.value : 1);
    memory->turnaround = raw->turnaround;
    memory->translation = raw->translation;
    memory->turnaround_s = psim_hw_seconds(&raw->turnaround, hz);
    memory->translation_s = psim_hw_seconds(&raw->translation, hz);
    memory->partitions = raw->partitions > 0 ? raw->partitions : 1;
    memory->access = raw->access;
    memory->write_back = raw->write_back;
    memory->sector = raw->sector.given ? raw->sector : raw->access;
    memory->access_bytes = raw->access.given ? raw->access.value : 0;
    memory->sector_bytes = memory->sector.given ? memory->sector.value : 0;
    memory->writable = raw->access_mode == 0;
    memory->placement = (enum psim_placement)raw->placement;
    memory->fixed_clock = raw->clock == 1;
    memory->duplex = raw->duplex;
    return read_port(b, &raw->port, memory) && rated;
}

static bool
read_links(struct psim_hw_build *b, const struct psim_raw_memory *raw,
           struct psim_memory *memory)
{
    memory->caches = memory->part_of = -1;
    if (raw->caches.text) {
        memory->caches = psim_hw_need_memory(b, "caches", &raw->caches);
        if (memory->caches < 0) return false;
    }
    if (raw->part_of.text) {
        memory->part_of = psim_hw_need_memory(b, "part_of", &raw->part_of);
        if (memory->part_of < 0) return false;
    }
    return true;
}

static const char *
excerpt(const struct psim_hw_build *b, const char *name)
{
    return psim_str_excerpt(b->diag->arena, name);
}

static bool
check_cache(struct psim_hw_build *b, const struct psim_raw_memory *raw,
            const struct psim_memory *memory)
{
    bool ok = true;
    const struct psim_memory *from = &b->memories[memory->caches];
    if (from == memory || from->caches >= 0) {
        ok = psim_error(b->diag, raw->caches.at,
                        "caches: '%s' is a cache itself; the memory that holds the "
                        "data in the end is needed",
                        excerpt(b, raw->caches.text));
    } else if (b->has_tree && !psim_group_within(b->hw, memory->group, from->group)) {
        ok = psim_error(b->diag, raw->caches.at,
                        "caches: '%s' is shared across '%s', of which '%s' is no part",
                        excerpt(b, raw->caches.text),
                        excerpt(b, b->groups[from->group].name),
                        excerpt(b, b->groups[memory->group].name));
    }
    if (!memory->size.given && memory->part_of < 0) {
        ok = psim_error(b->diag, raw->caches.at,
                        "size: a cache needs its size; 'size' is missing");
    }
    return ok;
}

static bool
check_part(struct psim_hw_build *b, const struct psim_raw_memory *raw,
           struct psim_memory *memory)
{
    const struct psim_memory *of = &b->memories[memory->part_of];
    if (of == memory || of->part_of >= 0) {
        return psim_error(b->diag, raw->part_of.at,
                          "part_of: '%s' is a part itself; the whole memory is needed",
                          excerpt(b, raw->part_of.text));
    }
    bool ok = true;
    if (of->group != memory->group) {
        ok = psim_error(b->diag, raw->part_of.at,
                        "part_of: '%s' is shared across '%s', not '%s'; both must be "
                        "shared alike",
                        excerpt(b, raw->part_of.text),
                        excerpt(b, b->groups[of->group].name),
                        excerpt(b, b->groups[memory->group].name));
    }
    if (of->bytes > 0 && memory->bytes > of->bytes) {
        ok = psim_error(
            b->diag, raw->size.at,
            "size: %s is larger than '%s', a part of which it is",
            psim_quantity_print(b->diag->arena, memory->bytes, PSIM_DIM_BYTES, 4),
            excerpt(b, raw->part_of.text));
    }
    if (memory->bytes <= 0) memory->bytes = of->bytes;
    if (memory->latency_s <= 0) memory->latency_s = of->latency_s;
    if (memory->write_latency_s <= 0) memory->write_latency_s = of->write_latency_s;
    if (memory->caches >= 0 && memory->bytes <= 0) {
        ok = psim_error(b->diag, raw->caches.at,
                        "size: a cache needs its size; 'size' is missing");
    }
    return ok;
}

/** The rules that need all memories to be read. */
static bool
check_one(struct psim_hw_build *b, const struct psim_raw_memory *raw, size_t index)
{
    struct psim_memory *memory = &b->memories[index];
    bool ok = true;
    if (memory->caches >= 0) ok = check_cache(b, raw, memory);
    if (memory->part_of >= 0) ok = check_part(b, raw, memory) && ok;
    return ok;
}

static void
assume_access(struct psim_hw_build *b, struct psim_memory *memory)
{
    const struct psim_memory *whole =
        memory->part_of >= 0 ? &b->memories[memory->part_of] : memory;
    if (whole->peak_bytes_per_s > 0 || memory->port_bytes_per_s > 0) return;
    if (memory->latency_s <= 0) return;
    memory->one_access = true;
    psim_hw_assume(b, memory->at,
                   "'%s' has a latency and no bandwidth: one access in flight a lane",
                   memory->name);
}

static bool
declare(struct psim_hw_build *b)
{
    const struct psim_raw_memory *raw = b->raw->memories.items;
    bool ok = true;
    for (size_t i = 0; i < b->raw->memories.n; i++) {
        const int twin = psim_hw_memory(b->hw, raw[i].name.text);
        if (twin >= 0) {
            ok = psim_error(b->diag, raw[i].name.at, "name: memory '%s' is given twice",
                            psim_str_excerpt(b->diag->arena, raw[i].name.text));
            psim_note(b->diag, raw[twin].name.at, "first given here");
        }
        b->memories[i].name = raw[i].name.text;
        b->memories[i].at = raw[i].at;
        b->hw->n_memories = i + 1;
    }
    return ok;
}

void
psim_hw_read_memory_nodes(struct psim_hw_build *b)
{
    const struct psim_raw_memory *raw = b->raw->memories.items;
    for (size_t i = 0; i < b->raw->memories.n; i++) {
        struct psim_memory unused = {0};
        (void)read_bandwidth(b, raw[i].bandwidth, &unused);
    }
}

bool
psim_hw_build_memories(struct psim_hw_build *b)
{
    const struct psim_raw_memory *raw = b->raw->memories.items;
    bool ok = declare(b);
    for (size_t i = 0; i < b->raw->memories.n; i++) {
        const bool linked = read_links(b, &raw[i], &b->memories[i]);
        ok = read_one(b, &raw[i], &b->memories[i]) && linked && ok;
    }
    if (!ok) return false;
    for (size_t i = 0; i < b->raw->memories.n; i++) {
        ok = check_one(b, &raw[i], i) && ok;
    }
    for (size_t i = 0; i < b->raw->memories.n; i++) {
        limit_port(&b->memories[i]);
        assume_access(b, &b->memories[i]);
    }
    if (b->hw->n_memories == 0) {
        ok = psim_error(b->diag, b->raw->memories_at,
                        "memory_domains: at least one is needed");
    }
    return ok;
}
