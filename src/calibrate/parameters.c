/* SPDX-License-Identifier: MIT */
/** @file What may be moved in any machine: rules by kind of figure. */
#include "calibrate/parameters.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

/* The first that matches counts. */
/* clang-format off */
const struct psim_rule psim_rules[] = {
    {"parallel_groups.*.issue", "issue rate", 1.5, 1.25, 0, true},
    {"parallel_groups.*.in_phase", "share in phase", 2, 2, 1, false},
    {"parallel_groups.*.place", "placing rate", 2, 2, 0, false},
    {"parallel_groups.*.start", "start", 3, 5, 0, false},
    {"parallel_groups.*.barrier", "barrier", 3, 3, 0, false},
    {"parallel_groups.*.launch", "launch", 2, 2, 0, false},
    {"parallel_groups.*.launch.*", "launch", 2, 2, 0, false},
    {"parallel_groups.*.host", "launch", 2, 2, 0, false},
    {"parallel_groups.*.host.*", "launch", 2, 2, 0, false},
    {"parallel_groups.*.energy", "energy", 3, 3, 0, false},
    {"memory_domains.*.latency", "latency", 1.5, 2, 0, false},
    {"memory_domains.*.write_latency", "latency", 2, 3, 0, false},
    {"memory_domains.*.port.bandwidth", "port", 1.6, 1.6, 0, false},
    {"memory_domains.*.port.in_flight", "port", 2, 2, 0, false},
    {"memory_domains.*.bandwidth", "bandwidth", 1.5, 1.25, 0, true},
    {"memory_domains.*.bandwidth.peak", NULL, 1, 1, 0, false},
    {"memory_domains.*.bandwidth.*", "share of bandwidth", 1.6, 1.6, 1, false},
    {"memory_domains.*.energy", "energy", 3, 3, 0, false},
    {"links.*.latency", "latency", 2, 3, 0, false},
    {"links.*.setup", "set-up", 3, 4, 0, false},
    {"links.*.bandwidth.peak", NULL, 1, 1, 0, false},
    {"links.*.bandwidth.*", "share of bandwidth", 1.6, 1.6, 1, false},
    {"operations.*.achieved", "share of throughput", 1.6, 1.6, 1, false},
    {"operations.*.throughput", "throughput", 1.6, 1.15, 0, true},
    {"operations.*.throughput.*", "throughput", 1.6, 1.15, 0, true},
    {"operations.*.latency", "latency", 2, 4, 0, false},
    {"operations.*.latency.*", "latency", 2, 4, 0, false},
    {"operations.*.setup", "set-up", 3, 4, 0, false},
    {"operations.*.energy", "energy", 3, 3, 0, false},
    {"operations.*.energy.*", "energy", 3, 3, 0, false},
    {"libraries.*.instructions", "instructions", 2.5, 2.5, 0, false},
    {"libraries.*.fixed", "instructions", 2.5, 2.5, 0, false},
    {"libraries.*.masked", "instructions", 2.5, 2.5, 0, false},
    {"libraries.*.pace", "pace", 2, 3, 0, false},
    {"power.base", "power", 1.4, 1.4, 0, false},
    {"power.active", "power", 1.6, 1.6, 0, false},
    {"power.droop.exponent", "droop", 2, 2, 0, false},
    {NULL, NULL, 0, 0, 0, false},
};
/* clang-format on */

double
psim_rule_spread(enum psim_confidence confidence)
{
    switch (confidence) {
    case PSIM_CONFIDENCE_DATASHEET:
        return 0.1;
    case PSIM_CONFIDENCE_MEASURED:
        return 0.25;
    case PSIM_CONFIDENCE_UNSTATED:
    case PSIM_CONFIDENCE_FITTED:
        return 0.4;
    case PSIM_CONFIDENCE_ASSUMED:
    case PSIM_N_CONFIDENCES:
        break;
    }
    return 0.7;
}

static const struct psim_rule *
find_rule(const struct psim_spot *spot)
{
    for (const struct psim_rule *rule = psim_rules; rule->pattern; rule++) {
        if (fnmatch(rule->pattern, spot->path, 0) == 0) return rule->kind ? rule : NULL;
    }
    return NULL;
}

/** What a sheet states is a peak, which no fit moves: a bound is made of it. */
static bool
is_peak(const struct psim_spot *spot)
{
    const struct psim_rule *rule = find_rule(spot);
    return rule && rule->peak && spot->confidence == PSIM_CONFIDENCE_DATASHEET;
}

/** A throughput beside `achieved`, whose product alone counts: one of both moves. */
static bool
is_told_apart_by_none(const struct psim_spot *spot)
{
    return fnmatch("operations.*.throughput*", spot->path, 0) == 0 && spot->entry &&
           psim_node_find(spot->entry, "achieved");
}

static bool
is_kept(const struct psim_spot *spot, const char *const *keep, size_t n_keep)
{
    for (size_t i = 0; i < n_keep; i++) {
        if (fnmatch(keep[i], spot->path, 0) == 0) return true;
    }
    return false;
}

/** "libraries.vendor/gemm" of "libraries.vendor/gemm.tiles.3": the entry of the list.
 */
static size_t
entry_len(const char *path)
{
    const char *dot = strchr(path, '.');
    const char *end = dot ? strchr(dot + 1, '.') : NULL;
    return end ? (size_t)(end - path) : strlen(path);
}

/**
 * Whether two figures share a number: the same by data type (fp16 as bf16), or the
 * same key of the tiles of one kernel of a library, which keep their ratios.
 */
static bool
go_together(const struct psim_spot *a, const struct psim_spot *b)
{
    if (a->entry && a->entry == b->entry && strncmp(a->path, "libraries.", 10) == 0) {
        return psim_str_equal(a->key, b->key);
    }
    return psim_str_equal(a->stem, b->stem) && a->number == b->number &&
           psim_str_equal(a->unit, b->unit) && entry_len(a->path) < strlen(a->stem) &&
           find_rule(a) == find_rule(b) && strncmp(a->path, "operations.", 11) == 0;
}

/** The part of a range that a rule leaves one spot; a figure that a sheet states has
 * half the room. */
static void
narrow(struct psim_parameter *p, const struct psim_spot *spot)
{
    static const struct psim_rule none = {NULL, "given", 2, 2, 0, false};
    const struct psim_rule *found = find_rule(spot), *rule = found ? found : &none;
    const double room = spot->confidence == PSIM_CONFIDENCE_DATASHEET ? 0.5 : 1;
    double most = room * log(rule->up);
    if (rule->most > 0) most = fmin(most, log(rule->most / spot->value));
    p->least = fmax(p->least, -room * log(rule->down));
    p->most = fmin(p->most, fmax(most, 0));
    p->kind = rule->kind;
}

struct psim_parameter
psim_parameter_of(struct psim_arena *arena, const struct psim_spot *const *spots,
                  size_t n)
{
    double *first = PSIM_NEW_N(arena, double, n + 1);
    struct psim_parameter p = {
        .name = spots[0]->path,
        .spots = spots,
        .n_spots = n,
        .first = first,
        .least = -INFINITY,
        .most = INFINITY,
        .spread = psim_rule_spread(spots[0]->confidence),
    };
    for (size_t i = n; i-- > 0;) {
        first[i] = spots[i]->number;
        narrow(&p, spots[i]);
    }
    if (n > 1) p.name = psim_arena_printf(arena, "%s and %zu more", p.name, n - 1);
    return p;
}

/** The number that moves spot @p i and all behind it that go with it. */
static struct psim_parameter
make_parameter(struct psim_arena *arena, struct psim_spots spots, size_t i, bool *taken)
{
    const struct psim_spot **with =
        PSIM_NEW_N(arena, const struct psim_spot *, spots.n - i);
    size_t n = 0;
    for (size_t k = i; k < spots.n; k++) {
        const struct psim_spot *spot = &spots.items[k];
        if (taken[k] || (k > i && !go_together(&spots.items[i], spot))) continue;
        taken[k] = true;
        with[n++] = spot;
    }
    return psim_parameter_of(arena, with, n);
}

struct psim_parameters
psim_parameters_default(struct psim_arena *arena, struct psim_spots spots,
                        const char *const *keep, size_t n_keep)
{
    struct psim_parameter *items =
        PSIM_NEW_N(arena, struct psim_parameter, spots.n + 1);
    bool *taken = PSIM_NEW_N(arena, bool, spots.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < spots.n; i++) {
        const struct psim_spot *spot = &spots.items[i];
        taken[i] = !spot->nameable || !find_rule(spot) || is_peak(spot) ||
                   is_told_apart_by_none(spot) || is_kept(spot, keep, n_keep);
    }
    for (size_t i = 0; i < spots.n; i++) {
        if (!taken[i]) items[n++] = make_parameter(arena, spots, i, taken);
    }
    return (struct psim_parameters){items, n};
}

size_t
psim_parameters_changes(struct psim_arena *arena, const struct psim_parameters *ps,
                        const double *logs, struct psim_change **ret)
{
    size_t n = 0;
    for (size_t i = 0; i < ps->n; i++) {
        n += ps->items[i].n_spots;
    }
    *ret = PSIM_NEW_N(arena, struct psim_change, n + 1);
    n = 0;
    for (size_t i = 0; i < ps->n; i++) {
        const struct psim_parameter *p = &ps->items[i];
        for (size_t k = 0; k < p->n_spots; k++) {
            const double number = p->first[k] * exp(logs[i]);
            if (number == p->spots[k]->number) continue;
            (*ret)[n++] = (struct psim_change){p->spots[k], number};
        }
    }
    return n;
}
