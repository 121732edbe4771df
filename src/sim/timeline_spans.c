/* SPDX-License-Identifier: MIT */
/** @file Spans and placements of a timeline: tapes laid at each of their launches. */
#include <math.h>
#include <stdlib.h>

#include "sim/timeline.h"
#include "util/arena.h"

enum { FIRST_ROOM = 1024 };

static void
add_span(struct psim_draft *draft, const struct psim_span *span)
{
    struct psim_timeline *line = draft->line;
    line->spans = psim_arena_more(draft->run->arena, line->spans, line->n_spans,
                                  &draft->span_room, FIRST_ROOM, sizeof *line->spans);
    line->spans[line->n_spans++] = *span;
    line->tracks[span->track].busy_s += span->busy_s;
}

/** A tick of a launch's tape; rounding leads none beyond its end. */
static double
time_of(const struct psim_single *single, psim_tick tick)
{
    const double s = single->first_s + (double)tick * single->taped->tape.tick_s;
    return fmin(s, single->end_s);
}

static void
add_groups(struct psim_draft *draft, uint32_t kernel)
{
    const struct psim_single *single = &draft->singles[kernel];
    const struct psim_tape *tape = &single->taped->tape;
    struct psim_timeline *line = draft->line;
    const uint32_t bundle = line->kernels[kernel].bundle;
    const char *name =
        bundle > 1 ? psim_arena_printf(draft->run->arena, "%u work-groups", bundle)
                   : "work-group";
    line->kernels[kernel].first_placed = line->n_placed;
    line->kernels[kernel].n_placed = tape->n_groups;
    for (size_t i = 0; i < tape->n_groups; i++) {
        const struct psim_tape_group *group = &tape->groups[i];
        line->placed =
            psim_arena_more(draft->run->arena, line->placed, line->n_placed,
                            &draft->placed_room, FIRST_ROOM, sizeof *line->placed);
        struct psim_placement_of *placed = &line->placed[line->n_placed++];
        *placed = (struct psim_placement_of){
            .kernel = kernel,
            .track =
                psim_timeline_lane(draft, single->launched, group->unit, group->lane),
            .unit = group->unit,
            .lane = group->lane,
            .group = group->item,
            .start_s = time_of(single, group->start),
            .end_s = time_of(single, group->end),
        };
        psim_kernel_walk(psim_launched_kernel(single->launched), group->item,
                         placed->x);
        add_span(draft, &(struct psim_span){
                            .track = placed->track,
                            .kernel = kernel,
                            .count = 1,
                            .group = (int64_t)group->item,
                            .placed = (int64_t)line->n_placed - 1,
                            .name = name,
                            .start_s = placed->start_s,
                            .end_s = placed->end_s,
                            .busy_s = placed->end_s - placed->start_s,
                        });
    }
}

static void
add_joined_groups(struct psim_draft *draft, uint32_t kernel)
{
    const struct psim_single *single = &draft->singles[kernel];
    const struct psim_tape *tape = &single->taped->tape;
    for (size_t i = 0; i < tape->n_joined; i++) {
        const struct psim_tape_joined *joined = &tape->joined[i];
        const double start_s = time_of(single, joined->start);
        const double end_s = time_of(single, joined->end);
        add_span(draft, &(struct psim_span){
                            .track = psim_timeline_lane(draft, single->launched,
                                                        joined->unit, PSIM_LANE_JOINED),
                            .kernel = kernel,
                            .count = (uint32_t)joined->count,
                            .group = -1,
                            .placed = -1,
                            .name = "work-groups",
                            .start_s = start_s,
                            .end_s = end_s,
                            .busy_s = end_s - start_s,
                        });
    }
}

static void
add_server_spans(struct psim_draft *draft, uint32_t kernel)
{
    const struct psim_single *single = &draft->singles[kernel];
    const struct psim_tape *tape = &single->taped->tape;
    for (size_t i = 0; i < tape->n_spans; i++) {
        const struct psim_tape_span *span = &tape->spans[i];
        const bool one = span->count == 1;
        add_span(draft, &(struct psim_span){
                            .track = single->taped->track[span->instance],
                            .kernel = kernel,
                            .count = span->count,
                            .group = one ? (int64_t)span->item : -1,
                            .placed = -1,
                            .name = one ? tape->pairs[span->pair].act : "several",
                            .start_s = time_of(single, span->start),
                            .end_s = time_of(single, span->end),
                            .busy_s = (double)span->busy * tape->tick_s,
                        });
    }
}

/** Of a launch that nothing but sums is known of. */
static void
add_sums(struct psim_draft *draft, uint32_t kernel)
{
    const struct psim_single *single = &draft->singles[kernel];
    const struct psim_tape *tape = &single->taped->tape;
    for (size_t i = 0; i < tape->n_instances; i++) {
        if (!tape->kept[i] || tape->busy[i] == 0) continue;
        add_span(draft, &(struct psim_span){
                            .track = single->taped->track[i],
                            .kernel = kernel,
                            .group = -1,
                            .placed = -1,
                            .name = "several",
                            .start_s = single->first_s,
                            .end_s = single->end_s,
                            .busy_s = (double)tape->busy[i] * tape->tick_s,
                        });
    }
}

/** Of a launch that was not run once more: its units have work-groups all the time. */
static void
add_units(struct psim_draft *draft, uint32_t kernel)
{
    const struct psim_single *single = &draft->singles[kernel];
    const struct psim_kernel *k = psim_launched_kernel(single->launched);
    const uint64_t items = psim_kernel_items(k);
    for (uint32_t u = 0; u < k->units && u < items; u++) {
        if (!psim_tape_is_chosen(u, draft->group_units, draft->most_units)) continue;
        add_span(draft, &(struct psim_span){
                            .track = psim_timeline_lane(draft, single->launched, u,
                                                        PSIM_LANE_JOINED),
                            .kernel = kernel,
                            .count = (uint32_t)((items + k->units - 1) / k->units),
                            .group = -1,
                            .placed = -1,
                            .name = "work-groups",
                            .start_s = single->first_s,
                            .end_s = single->end_s,
                            .busy_s = single->end_s - single->first_s,
                        });
    }
}

/** One span a track for all launches that are not shown by themselves. */
static void
add_rest_sums(struct psim_draft *draft)
{
    struct psim_timeline *line = draft->line;
    double *busy_s = PSIM_NEW_N(draft->run->arena, double, line->n_tracks + 1);
    for (size_t r = 0; r < draft->n_rests; r++) {
        const struct psim_taped *taped = &draft->taped[draft->rests[r].launched->timed];
        for (size_t i = 0; i < taped->tape.n_instances; i++) {
            if (!taped->tape.kept[i] || taped->tape.busy[i] == 0) continue;
            busy_s[taped->track[i]] += draft->rests[r].launches *
                                       (double)taped->tape.busy[i] * taped->tape.tick_s;
        }
    }
    const uint32_t kernel = (uint32_t)line->n_kernels - 1;
    for (uint32_t t = 0; t < line->n_tracks; t++) {
        if (busy_s[t] <= 0) continue;
        add_span(draft, &(struct psim_span){
                            .track = t,
                            .kernel = kernel,
                            .group = -1,
                            .placed = -1,
                            .name = "several",
                            .start_s = line->kernels[kernel].start_s,
                            .end_s = line->kernels[kernel].end_s,
                            .busy_s = busy_s[t],
                        });
    }
}

static int
compare_spans(const void *a, const void *b)
{
    const struct psim_span *x = a, *y = b;
    if (x->track != y->track) return x->track < y->track ? -1 : 1;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    /* Of no length: it comes before what begins where it ends. */
    if (x->end_s != y->end_s) return x->end_s < y->end_s ? -1 : 1;
    return (x->group > y->group) - (x->group < y->group);
}

void
psim_timeline_span(struct psim_draft *draft)
{
    struct psim_timeline *line = draft->line;
    for (uint32_t k = 0; k < draft->n_singles; k++) {
        line->kernels[k].first_span = line->n_spans;
        if (draft->singles[k].taped->tape.detail.in_full) {
            add_groups(draft, k);
            add_joined_groups(draft, k);
            add_server_spans(draft, k);
        } else if (draft->singles[k].taped->ran) {
            add_sums(draft, k);
        } else {
            add_units(draft, k);
        }
        line->kernels[k].n_spans = line->n_spans - line->kernels[k].first_span;
        qsort(line->spans + line->kernels[k].first_span, line->kernels[k].n_spans,
              sizeof *line->spans, compare_spans);
    }
    if (draft->n_rests == 0) return;
    struct psim_timeline_kernel *rest = &line->kernels[line->n_kernels - 1];
    rest->first_span = line->n_spans;
    add_rest_sums(draft);
    rest->n_spans = line->n_spans - rest->first_span;
}
