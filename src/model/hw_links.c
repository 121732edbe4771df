/* SPDX-License-Identifier: MIT */
/** @file Links to the host: what hangs on them, how fast they are each way. */
#include "model/hw_raw.h"
#include "util/arena.h"
#include "util/str.h"

#define BANDWIDTH                                                                      \
    (PSIM_DIM_BIT(PSIM_DIM_BYTES_PER_S) | PSIM_DIM_BIT(PSIM_DIM_BYTES_PER_CYCLE))

/** The other end of every link. */
static const char host[] = "host";

/** Buffers of the host, where nobody says how many: one fills, one empties. */
enum { USUAL_BUFFERS = 2 };

/* clang-format off */
#define AT(member) .offset = offsetof(struct psim_ways, member)
const struct psim_field psim_hw_way_fields[] = {
    {.key = "peak", .kind = PSIM_FIELD_FIGURE, .required = true, .dims = BANDWIDTH, .min = 1e-3, .max = 1e18, AT(peak),
     .doc = "as stated, each way"},
    {.key = "host_to_device", .kind = PSIM_FIELD_FIGURE, .min = 1e-3, .max = 1, AT(achieved[PSIM_WAY_IN]), .doc = "fraction achieved from the host", .fallback = "1"},
    {.key = "device_to_host", .kind = PSIM_FIELD_FIGURE, .min = 1e-3, .max = 1, AT(achieved[PSIM_WAY_OUT]), .doc = "fraction achieved to the host", .fallback = "1"},
    {0},
};
static const struct psim_field plain_fields[] = {
    {.key = "bandwidth", .kind = PSIM_FIELD_FIGURE, .dims = BANDWIDTH, .min = 1e-3, .max = 1e18, AT(peak), .doc = "as stated, each way"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_raw_staging, member)
static const struct psim_field staging_fields[] = {
    {.key = "bandwidth", .kind = PSIM_FIELD_NODE, .fields = psim_hw_way_fields, .dims = BANDWIDTH, AT(bandwidth),
     .doc = "of the host's own copies into and out of its buffers, as a link's", .fallback = "not limited"},
    {.key = "buffer", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_BYTES), .min = 1, .max = 1e12, AT(buffer),
     .doc = "of one buffer: the host copies one while another is on the link", .fallback = "as large as the copy"},
    {.key = "number", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 64, AT(number), .doc = "of buffers", .fallback = "2"},
    {.key = "setup", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS), .max = 1e3, AT(setup),
     .doc = "once a copy, beside the `setup` of the operation", .fallback = "0"},
    {0},
};
#undef AT

#define AT(member) .offset = offsetof(struct psim_raw_link, member)
const struct psim_field psim_hw_link_fields[] = {
    {.key = "name", .kind = PSIM_FIELD_TEXT, .required = true, AT(name), .doc = "how operations that move over it call it"},
    {.key = "between", .kind = PSIM_FIELD_TEXTS, .required = true, AT(between), .doc = "[group, host]: the hardware group that hangs on it"},
    {.key = "bandwidth", .kind = PSIM_FIELD_NODE, .fields = psim_hw_way_fields, .dims = BANDWIDTH, AT(bandwidth),
     .doc = "each way: a figure, or {peak: ..., host_to_device: ..., device_to_host: ...} with achieved fractions of the peak", .fallback = "not limited"},
    {.key = "latency", .kind = PSIM_FIELD_FIGURE, .dims = PSIM_DIM_BIT(PSIM_DIM_SECONDS) | PSIM_DIM_BIT(PSIM_DIM_CYCLES), .max = 1e9, AT(latency),
     .doc = "of one way", .fallback = "0"},
    {.key = "staging", .kind = PSIM_FIELD_MAP, .fields = staging_fields, .loc_offset = offsetof(struct psim_raw_link, staging_at), AT(staging),
     .doc = "how copies of pageable memory get there: through pinned buffers of the host", .fallback = "as copies of pinned memory"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
#undef AT
/* clang-format on */

int
psim_hw_link(const struct psim_hw *hw, const char *name)
{
    for (size_t i = 0; i < hw->n_links; i++) {
        if (psim_str_equal(hw->links[i].name, name)) return (int)i;
    }
    return -1;
}

static const char *
excerpt(const struct psim_hw_build *b, const char *text)
{
    return psim_str_excerpt(b->diag->arena, text);
}

static bool
read_ways(struct psim_hw_build *b, const struct psim_node *node, double clock_hz,
          struct psim_ways *ret)
{
    *ret = (struct psim_ways){0};
    if (!psim_hw_bind_bandwidth(b, node, psim_hw_way_fields, plain_fields, ret)) {
        return false;
    }
    ret->peak_bytes_per_s = psim_hw_bytes_per_s(&ret->peak, clock_hz);
    for (size_t way = 0; way < PSIM_N_WAYS; way++) {
        const struct psim_figure *achieved = &ret->achieved[way];
        ret->bytes_per_s[way] =
            ret->peak_bytes_per_s * (achieved->given ? achieved->value : 1);
    }
    return true;
}

/** [gpu, host]: the hardware that hangs on the link. */
static bool
read_ends(struct psim_hw_build *b, const struct psim_words *words,
          struct psim_link *link)
{
    const struct psim_word *own = NULL;
    size_t hosts = 0;
    for (size_t i = 0; i < words->n; i++) {
        const bool is_host = psim_str_equal(words->items[i].text, host);
        hosts += is_host;
        if (!is_host) own = &words->items[i];
    }
    if (words->n != 2 || hosts != 1) {
        return psim_error(b->diag, words->n > 0 ? words->items[0].at : link->at,
                          "between: [group, host] is needed: what hangs on the host");
    }
    link->group = psim_hw_need_group(b, "between", own);
    if (link->group < 0) return false;
    if (!b->groups[link->group].software) return true;
    return psim_error(b->diag, own->at,
                      "between: '%s' is software; a hardware group is needed",
                      excerpt(b, own->text));
}

static bool
read_staging(struct psim_hw_build *b, const struct psim_raw_link *raw, double clock_hz,
             struct psim_link *link)
{
    const struct psim_raw_staging *from = &raw->staging;
    link->staging.given = raw->staging_at.line > 0;
    if (!link->staging.given) {
        psim_hw_assume(b, link->at,
                       "'%s' says nothing of pageable memory: copied as pinned is",
                       link->name);
        return true;
    }
    link->staging.bytes = from->buffer.given ? (uint64_t)from->buffer.value : 0;
    link->staging.number = from->number > 0 ? from->number : USUAL_BUFFERS;
    link->staging.setup = from->setup;
    link->staging.setup_s = from->setup.given ? from->setup.value : 0;
    return read_ways(b, from->bandwidth, clock_hz, &link->staging.ways);
}

static bool
read_one(struct psim_hw_build *b, const struct psim_raw_link *raw,
         struct psim_link *link)
{
    bool ok = read_ends(b, &raw->between, link);
    const double hz = ok ? b->groups[link->group].clock_hz : 1;
    ok = read_ways(b, raw->bandwidth, hz, &link->ways) && ok;
    link->latency = raw->latency;
    link->latency_s = psim_hw_seconds(&raw->latency, hz);
    return read_staging(b, raw, hz, link) && ok;
}

void
psim_hw_read_link_nodes(struct psim_hw_build *b)
{
    const struct psim_raw_link *raw = b->raw->links.items;
    for (size_t i = 0; i < b->raw->links.n; i++) {
        struct psim_ways unused;
        (void)read_ways(b, raw[i].bandwidth, 1, &unused);
        (void)read_ways(b, raw[i].staging.bandwidth, 1, &unused);
    }
}

bool
psim_hw_build_links(struct psim_hw_build *b)
{
    const struct psim_raw_link *raw = b->raw->links.items;
    bool ok = true;
    for (size_t i = 0; i < b->raw->links.n; i++) {
        const char *name = raw[i].name.text;
        const int twin = psim_hw_link(b->hw, name),
                  memory = psim_hw_memory(b->hw, name);
        if (twin >= 0 || memory >= 0) {
            ok = psim_error(b->diag, raw[i].name.at, "name: '%s' is given twice",
                            excerpt(b, name));
            psim_note(b->diag, twin >= 0 ? raw[twin].name.at : b->memories[memory].at,
                      "first given here");
        }
        b->links[i].name = name;
        b->links[i].at = raw[i].at;
        b->hw->n_links = i + 1;
        ok = read_one(b, &raw[i], &b->links[i]) && ok;
    }
    return ok;
}
