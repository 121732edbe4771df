/* SPDX-License-Identifier: MIT */
/** @file The tracks of a timeline: what several kernels use is one track. */

#include "sim/timeline.h"
#include "util/arena.h"
#include "util/str.h"

/** Tracks by what they are; 0: a free place. */
struct psim_track_table {
    uint32_t *index; /**< + 1 */
    size_t room;     /**< a power of two */
    size_t track_room;
};

static uint64_t
hash_text(uint64_t hash, const char *text)
{
    for (; *text; text++) {
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001B3);
    }
    return hash * UINT64_C(0x9E3779B97F4A7C15);
}

static size_t
hash_of(const struct psim_track *track)
{
    uint64_t hash = hash_text(UINT64_C(0xCBF29CE484222325), track->what);
    hash = hash_text(hash, track->group);
    hash = (hash ^ (uint64_t)track->unit) * UINT64_C(0x9E3779B97F4A7C15);
    hash = (hash ^ track->lane ^ (uint64_t)track->kind << 40 ^
            (uint64_t)track->units << 44) *
           UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash >> 20);
}

static bool
is_same(const struct psim_track *a, const struct psim_track *b)
{
    return a->kind == b->kind && a->unit == b->unit && a->units == b->units &&
           a->lane == b->lane && psim_str_equal(a->what, b->what) &&
           psim_str_equal(a->group, b->group);
}

static void
grow(struct psim_draft *draft)
{
    struct psim_track_table *table = draft->tracks;
    const struct psim_timeline *line = draft->line;
    struct psim_arena *arena = draft->run->arena;
    table->room = table->room > 0 ? 2 * table->room : 256;
    table->index = PSIM_NEW_N(arena, uint32_t, table->room);
    for (uint32_t i = 0; i < line->n_tracks; i++) {
        size_t at = hash_of(&line->tracks[i]);
        while (table->index[at & (table->room - 1)] != 0) {
            at++;
        }
        table->index[at & (table->room - 1)] = i + 1;
    }
}

static void
add(struct psim_draft *draft, const struct psim_track *track)
{
    struct psim_track_table *table = draft->tracks;
    struct psim_timeline *line = draft->line;
    enum { FIRST_ROOM = 64 };
    line->tracks =
        psim_arena_more(draft->run->arena, line->tracks, line->n_tracks,
                        &table->track_room, FIRST_ROOM, sizeof *line->tracks);
    line->tracks[line->n_tracks++] = *track;
}

/** @return its index, and whether it is new: then it has no name yet */
static uint32_t
find(struct psim_draft *draft, const struct psim_track *track, bool *ret_new)
{
    if (!draft->tracks) {
        draft->tracks = PSIM_NEW(draft->run->arena, struct psim_track_table);
    }
    struct psim_track_table *table = draft->tracks;
    if (2 * (draft->line->n_tracks + 1) > table->room) grow(draft);
    *ret_new = false;
    size_t at = hash_of(track);
    for (;; at++) {
        const uint32_t index = table->index[at & (table->room - 1)];
        if (index == 0) break;
        if (is_same(&draft->line->tracks[index - 1], track)) return index - 1;
    }
    *ret_new = true;
    add(draft, track);
    table->index[at & (table->room - 1)] = (uint32_t)draft->line->n_tracks;
    return (uint32_t)draft->line->n_tracks - 1;
}

uint32_t
psim_timeline_lane(struct psim_draft *draft, const struct psim_launched *of,
                   uint32_t unit, uint32_t lane)
{
    const char *group = psim_launched_kernel(of)->unit_name;
    const struct psim_track track = {
        .kind = PSIM_TRACK_UNIT,
        .what = group,
        .group = group,
        .doc = "work-groups that run on it",
        .unit = unit,
        .units = 1,
        .lane = lane,
    };
    bool is_new;
    const uint32_t index = find(draft, &track, &is_new);
    if (is_new) {
        draft->line->tracks[index].name =
            psim_arena_printf(draft->run->arena, "%s %u", group, unit);
    }
    return index;
}

/** "hbm", "sm.tensor of sm 3", "tex of sm 4 to 5". */
static const char *
name_of(struct psim_arena *arena, const struct psim_track *track)
{
    const long long unit = track->unit;
    if (unit < 0) return track->what;
    if (track->units == 1) {
        return psim_arena_printf(arena, "%s of %s %lld", track->what, track->group,
                                 unit);
    }
    return psim_arena_printf(arena, "%s of %s %lld to %lld", track->what, track->group,
                             unit, unit + track->units - 1);
}

uint32_t
psim_timeline_server(struct psim_draft *draft, const struct psim_launched *of,
                     uint32_t server, uint32_t unit)
{
    const struct psim_server *from = &of->plan->servers[server];
    const struct psim_kernel *kernel = psim_launched_kernel(of);
    const struct psim_track track = {
        .kind = PSIM_TRACK_SERVER,
        .what = from->name,
        /* What all units share is one, whatever its units are called. */
        .group = from->units == 0 ? "" : kernel->unit_name,
        .doc = from->doc,
        .unit = from->units == 0 ? -1 : (int64_t)(unit - unit % from->units),
        .units = from->units,
        .at = from->at,
    };
    bool is_new;
    const uint32_t index = find(draft, &track, &is_new);
    if (is_new) {
        draft->line->tracks[index].name = name_of(draft->run->arena, &track);
    }
    return index;
}
