/* SPDX-License-Identifier: MIT */
/** @file The mapping of an op: the best of those enumerated (eq. S1 to S3). */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "plan/origins.h"
#include "sim/predict.h"
#include "util/arena.h"
#include "util/str.h"

enum { MAX_REFUSALS = 32 };

/** The search for one part. */
struct search {
    struct psim_arena *arena;
    const struct psim_hw *hw;
    const struct psim_part *part;
    struct psim_build *build;
    struct psim_chosen *chosen;
    size_t part_index;
    double best_s, best_bound_s;
    bool passed_over; /* by its library: any that fits */
    bool take_all;    /* these too, as nothing else fits */
    const struct psim_choose_options *options;
};

static void
count_refusal(struct search *s, const char *reason)
{
    struct psim_chosen *c = s->chosen;
    for (size_t i = 0; i < c->n_refusals; i++) {
        if (psim_str_equal(c->refusals[i].reason, reason) &&
            psim_str_equal(c->refusals[i].part, s->part->name)) {
            c->refusals[i].count++;
            return;
        }
    }
    if (c->n_refusals == MAX_REFUSALS) return;
    const size_t len = strlen(reason);
    c->refusals[c->n_refusals++] =
        (struct psim_refusal){s->part->name, psim_arena_copy(s->arena, reason, len), 1};
}

/** Time of the kernels that one mapping becomes; negative where it is refused. */
static double
time_mapping(struct search *s, const struct psim_mapping *mapping, double *ret_bound_s)
{
    struct psim_build *b = s->build;
    psim_build_again(b);
    if (!s->part->program->build(b, s->part, mapping)) return -1;
    struct psim_plan plan;
    psim_build_view(b, &plan);
    double time_s = 0;
    *ret_bound_s = 0;
    for (uint32_t k = 0; k < plan.n_kernels; k++) {
        struct psim_kernel_time time;
        const struct psim_launch launch = {.kernel = k};
        psim_engine_find("analytic")->time(b->arena, &plan, &launch, &time);
        time_s += time.time_s + plan.kernels[k].launch_s;
        *ret_bound_s += time.bound_s + plan.kernels[k].launch_s;
    }
    return time_s;
}

static void
try_mapping(struct search *s, const struct psim_mapping *mapping)
{
    struct psim_arena *scratch = s->build->arena;
    const struct psim_arena_mark mark = psim_arena_mark(scratch);
    struct psim_tried tried = {.part = s->part_index, .mapping = *mapping};
    tried.time_s = time_mapping(s, mapping, &tried.bound_s);
    tried.refusal = s->build->refusal;
    const bool passed_over = mapping->passed_over && !s->take_all;
    if (passed_over && tried.time_s >= 0) {
        tried.refusal = "its library prefers what fills the machine";
    }
    s->chosen->tried++;
    if (s->options->trace) s->options->trace(s->options->context, &tried);
    if (tried.time_s < 0) count_refusal(s, tried.refusal ? tried.refusal : "");
    psim_arena_rewind(scratch, mark);
    if (tried.time_s < 0) return;
    s->best_bound_s = fmin(s->best_bound_s, tried.bound_s);
    if (passed_over) return;
    if (s->best_s < 0 || tried.time_s < s->best_s) {
        s->best_s = tried.time_s;
        s->chosen->mapping[s->part_index] = *mapping;
    }
}

struct ordered {
    double quick_s;
    uint32_t index;
};

/** Merge sort, so that equal bounds stay in the order of the list. */
static void
sort_ordered(struct ordered *items, struct ordered *spare, size_t n)
{
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t lo = 0; lo < n; lo += 2 * width) {
            const size_t mid = lo + width < n ? lo + width : n;
            const size_t hi = lo + 2 * width < n ? lo + 2 * width : n;
            size_t i = lo, j = mid;
            for (size_t k = lo; k < hi; k++) {
                const bool left =
                    i < mid && (j >= hi || items[i].quick_s <= items[j].quick_s);
                spare[k] = left ? items[i++] : items[j++];
            }
        }
        memcpy(items, spare, n * sizeof *items);
    }
}

/** All mappings, those first that may be fast. */
static struct ordered *
order(const struct search *s, const struct psim_mappings *mappings)
{
    const size_t n = mappings->n;
    const struct psim_program *program = s->part->program;
    struct psim_arena *scratch = s->build->arena;
    struct ordered *items = PSIM_NEW_N(scratch, struct ordered, n);
    struct psim_view view = {0};
    int issuer = -1;
    for (size_t i = 0; i < n; i++) {
        items[i].index = (uint32_t)i;
        if (!program->quick_s) continue;
        const struct psim_mapping *mapping = &mappings->item[i];
        if (issuer != mapping->compute->group) {
            issuer = mapping->compute->group;
            view = psim_view_of(s->hw, issuer);
        }
        items[i].quick_s =
            program->quick_s(&view, s->part, mapping, s->options->launch_s);
    }
    sort_ordered(items, PSIM_NEW_N(scratch, struct ordered, n), n);
    return items;
}

static void
try_all(struct search *s, const struct psim_mappings *mappings,
        const struct ordered *items)
{
    for (size_t i = 0; i < mappings->n; i++) {
        const struct psim_mapping *mapping = &mappings->item[items[i].index];
        if (s->best_s >= 0 && items[i].quick_s >= s->best_s) break;
        const bool passed_over = mapping->passed_over && !s->take_all;
        s->passed_over = s->passed_over || passed_over;
        /* Of what is passed over only the bound counts. */
        if (passed_over && items[i].quick_s >= s->best_bound_s) continue;
        try_mapping(s, mapping);
    }
}

static bool
choose_part(struct search *s, struct psim_diag *diag)
{
    const unsigned said = diag->said;
    struct psim_mappings mappings = {.arena = s->build->arena};
    s->part->program->mappings(diag, s->hw, s->part, &mappings);
    const size_t n = mappings.n;
    if (n == 0) {
        if (diag->said > said) return false; /* the program said why */
        return psim_error(diag, s->part->op->at,
                          "%s: no mapping of '%s' takes this shape", s->part->name,
                          s->hw->name);
    }
    const struct ordered *items = order(s, &mappings);
    s->best_s = -1;
    s->best_bound_s = INFINITY;
    const size_t refusals = s->chosen->n_refusals;
    try_all(s, &mappings, items);
    if (s->best_s < 0 && s->passed_over) {
        s->take_all = true;
        s->chosen->n_refusals = refusals;
        try_all(s, &mappings, items);
    }
    if (s->best_s >= 0) return true;
    (void)psim_error(diag, s->part->op->at, "%s: none of %zu mappings fits '%s'",
                     s->part->name, n, s->hw->name);
    for (size_t i = 0; i < s->chosen->n_refusals; i++) {
        const struct psim_refusal *r = &s->chosen->refusals[i];
        if (!psim_str_equal(r->part, s->part->name)) continue;
        psim_note(diag, s->part->op->at, "%s, for %u of them", r->reason, r->count);
    }
    return false;
}

/** The chosen mappings once more, into the plan that stays. */
static bool
build_plan(struct psim_build *build, struct psim_arena *arena,
           struct psim_origins *origins, struct psim_chosen *ret)
{
    /* Servers and caches of mappings that were only tried are no part of it. */
    const double launch_s = build->launch_s;
    psim_build_init(build, arena, build->hw);
    build->launch_s = launch_s;
    build->origins = origins;
    for (size_t p = 0; p < ret->parts.n; p++) {
        const uint32_t before = build->plan.n_kernels;
        const struct psim_part *part = &ret->parts.part[p];
        if (!part->program->build(build, part, &ret->mapping[p])) return false;
        ret->kernels_of[p] = build->plan.n_kernels - before;
    }
    ret->plan = psim_build_plan(build);
    return true;
}

void
psim_chosen_trace(struct psim_arena *arena, const struct psim_hw *hw, double launch_s,
                  const struct psim_chosen *chosen, struct psim_origins *ret)
{
    struct psim_build *build = PSIM_NEW(arena, struct psim_build);
    build->hw = hw;
    build->launch_s = launch_s;
    struct psim_chosen again = *chosen;
    again.kernels_of = PSIM_NEW_N(arena, uint32_t, chosen->parts.n);
    *ret = (struct psim_origins){.arena = arena};
    const bool built = build_plan(build, arena, ret, &again);
    assert(built);
    (void)built;
}

/** Of an op's parts there are few, of ops there may be thousands. */
static void
keep_parts(struct psim_arena *arena, const struct psim_parts *parts,
           const struct psim_choose_options *options, struct psim_chosen *ret)
{
    struct psim_part *part = PSIM_NEW_N(arena, struct psim_part, parts->n);
    memcpy(part, parts->part, parts->n * sizeof *part);
    for (size_t p = 0; p < parts->n; p++) {
        part[p].launch = options->launch;
    }
    ret->parts.part = part;
    ret->parts.n = parts->n;
    ret->mapping = PSIM_NEW_N(arena, struct psim_mapping, parts->n);
    ret->kernels_of = PSIM_NEW_N(arena, uint32_t, parts->n);
}

static void
keep_refusals(struct psim_arena *arena, struct psim_chosen *ret)
{
    const size_t n = ret->n_refusals;
    struct psim_refusal *kept = PSIM_NEW_N(arena, struct psim_refusal, n);
    memcpy(kept, ret->refusals, n * sizeof *kept);
    ret->refusals = kept;
}

/**
 * A mapping for each part of one way to do an op.
 *
 * @return the time of all parts; negative where some part has none
 */
static double
choose_way(struct psim_arena *arena, struct psim_diag *diag, struct psim_build *build,
           const struct psim_parts *parts, struct psim_chosen *ret,
           const struct psim_choose_options *options)
{
    keep_parts(arena, parts, options, ret);
    double time_s = 0;
    for (size_t p = 0; p < ret->parts.n; p++) {
        const struct psim_part *part = &ret->parts.part[p];
        struct search s = {
            .arena = arena,
            .hw = build->hw,
            .part = part,
            .build = build,
            .chosen = ret,
            .part_index = p,
            .options = options,
        };
        if (!choose_part(&s, diag)) return -1;
        time_s += s.best_s * part->launches;
        ret->bound_s += s.best_bound_s * part->launches;
    }
    return time_s;
}

/**
 * The op in the other way that a library has for it, where that is faster. Why it
 * cannot be done so is no fault of the user's.
 */
static void
choose_instead(struct psim_arena *arena, struct psim_build *build,
               const struct psim_op *op, double time_s, struct psim_chosen *ret,
               const struct psim_choose_options *options)
{
    struct psim_diag quiet = {.arena = build->arena};
    struct psim_parts parts = {0};
    if (!psim_lower_instead(&quiet, build->hw, op, &parts) || parts.n == 0) return;
    struct psim_chosen other = {
        .refusals = ret->refusals,
        .n_refusals = ret->n_refusals,
        .tried = ret->tried,
    };
    const double other_s = choose_way(arena, &quiet, build, &parts, &other, options);
    const bool faster = other_s >= 0 && other_s < time_s;
    const double bound_s =
        other_s < 0 ? ret->bound_s : fmin(ret->bound_s, other.bound_s);
    ret->tried = other.tried;
    if (faster) *ret = other;
    ret->bound_s = bound_s;
}

bool
psim_choose(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
            const struct psim_op *op, struct psim_chosen *ret,
            const struct psim_choose_options *options)
{
    struct psim_parts parts = {0};
    *ret = (struct psim_chosen){0};
    if (!psim_lower_parts(diag, hw, op, &parts)) return false;
    struct psim_build build;
    psim_build_init(&build, arena, hw);
    build.launch_s = options->launch_s;
    struct psim_arena scratch = {0}, names = {0};
    build.arena = &scratch;
    build.names = &names; /* servers stay from one mapping to the next */
    ret->refusals = PSIM_NEW_N(&scratch, struct psim_refusal, MAX_REFUSALS);
    const double time_s = choose_way(arena, diag, &build, &parts, ret, options);
    if (time_s >= 0) choose_instead(arena, &build, op, time_s, ret, options);
    keep_refusals(arena, ret);
    psim_arena_free(&scratch);
    psim_arena_free(&names);
    return time_s >= 0 && build_plan(&build, arena, NULL, ret) &&
           psim_check_capacity(diag, hw, op, ret->plan);
}

/** "tile 8x64, 384 lanes" and "1 lane": one more part, where it says something. */
static const char *
and_count(struct psim_arena *arena, const char *text, uint32_t count, const char *noun,
          const char *after)
{
    if (count == 0) return text;
    return psim_arena_printf(arena, "%s%s%u %s%s%s", text, *text ? ", " : "", count,
                             noun, count > 1 ? "s" : "", after);
}

const char *
psim_mapping_text(struct psim_arena *arena, const struct psim_mapping *m)
{
    const char *text = "";
    if (m->m > 0) text = psim_arena_printf(arena, "tile %ux%u", m->m, m->n);
    if (m->m > 0 && m->k > 0) text = psim_arena_printf(arena, "%sx%u", text, m->k);
    text = and_count(arena, text, m->rows, "row", "");
    text = and_count(arena, text, m->lanes, "lane", "");
    if (m->m == 0) text = and_count(arena, text, m->elements, "element", " each");
    if (m->turns > 1) text = and_count(arena, text, m->turns, "turn", "");
    text = and_count(arena, text, m->stages, "stage", "");
    if (m->cluster > 1) {
        text = psim_arena_printf(arena, "%s, cluster %u", text, m->cluster);
    }
    if (m->split > 1) text = psim_arena_printf(arena, "%s, split %u", text, m->split);
    return text;
}
