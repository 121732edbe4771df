/* SPDX-License-Identifier: MIT */
/** @file The timeline of a prediction: launches in place, each with its tape. */
#include "sim/timeline.h"

#include <assert.h>
#include <math.h>

#include "util/arena.h"

/* --- launches ------------------------------------------------------------------ */

/** When the launch of one of a row begins: the one before has ended, the host has
 * issued it. */
static double
begin_of(const struct psim_launched *row, double j)
{
    const double own_s = psim_launched_kernel(row)->launch_s + row->time.time_s;
    return fmax(row->begin_s + j * own_s, row->issued_s + j * row->issue_s);
}

static double
end_of(const struct psim_launched *row, double j)
{
    const double own_s = psim_launched_kernel(row)->launch_s + row->time.time_s;
    return j + 1 >= row->times ? row->end_s : begin_of(row, j) + own_s;
}

static struct psim_timeline_kernel
entry_of(const struct psim_launched *row, double j)
{
    const struct psim_kernel *k = psim_launched_kernel(row);
    const double begin_s = begin_of(row, j);
    const double before_s = j > 0 ? end_of(row, j - 1) : row->end_before_s;
    struct psim_timeline_kernel entry = {
        .name = k->name,
        .op = row->op->name,
        .mapping = row->mapping,
        .launches = 1,
        .wait_s = fmax(0, begin_s - before_s),
        .launch_s = k->launch_s,
        .start_s = begin_s + k->launch_s,
        .end_s = end_of(row, j),
        .clock_hz = row->clock_hz,
        .groups = psim_kernel_items(k) * k->bundle,
        .bundle = k->bundle,
        .unit_name = k->unit_name,
        .units = k->units,
        .total_units = row->plan->total_units > 0 ? row->plan->total_units : k->units,
        .resident = k->resident,
    };
    for (uint8_t a = 0; a < k->n_axes; a++) {
        entry.extent[a] = k->extent[a];
        entry.axis_name[a] = k->axis_name[a];
    }
    return entry;
}

static void
add_single(struct psim_draft *draft, const struct psim_launched *row, double j)
{
    struct psim_timeline_kernel *entry =
        &draft->line->kernels[draft->line->n_kernels++];
    *entry = entry_of(row, j);
    struct psim_taped *taped = &draft->taped[row->timed];
    const double first_s = entry->start_s + row->translation_s;
    if (taped->launches == 0) {
        taped->first = row;
        taped->start_s = first_s;
    }
    taped->launches++;
    draft->singles[draft->n_singles++] =
        (struct psim_single){row, taped, first_s, entry->end_s};
}

/** All launches of a row from one on. */
static void
add_rest(struct psim_draft *draft, const struct psim_launched *row, double j)
{
    struct psim_timeline *line = draft->line;
    const struct psim_timeline_kernel one = entry_of(row, j);
    const double launches = row->times - j;
    struct psim_taped *taped = &draft->taped[row->timed];
    if (!taped->first) taped->first = row;
    draft->rests[draft->n_rests++] =
        (struct psim_rest){row, launches, one.start_s, row->end_s};
    if (draft->n_rests == 1) line->kernels[line->n_kernels++] = one;
    struct psim_timeline_kernel *entry = &line->kernels[line->n_kernels - 1];
    entry->end_s = row->end_s;
    if (draft->n_rests == 1) {
        entry->launches = (uint32_t)launches;
        return;
    }
    /* Of several kernels: none of what one of them is. */
    *entry = (struct psim_timeline_kernel){
        .name = "further launches",
        .op = "",
        .mapping = "",
        .launches = entry->launches + (uint32_t)launches,
        .wait_s = entry->wait_s,
        .launch_s = entry->launch_s,
        .start_s = entry->start_s,
        .end_s = entry->end_s,
        .clock_hz = -1,
        .unit_name = "",
    };
}

static void
list_launches(struct psim_draft *draft)
{
    const struct psim_prediction *run = draft->run;
    const size_t most = draft->limits.kernels;
    draft->line->kernels = PSIM_NEW_N(run->arena, struct psim_timeline_kernel, most);
    draft->singles = PSIM_NEW_N(run->arena, struct psim_single, most);
    draft->rests = PSIM_NEW_N(run->arena, struct psim_rest, run->n_launched + 1);
    size_t left = 0;
    for (size_t i = 0; i < run->n_launched; i++) {
        left += run->launched[i].times;
    }
    for (size_t i = 0; i < run->n_launched; i++) {
        const struct psim_launched *row = &run->launched[i];
        for (uint32_t j = 0; j < row->times; j++, left--) {
            if (draft->n_singles + 1 == most && left > 1) {
                add_rest(draft, row, j);
                break;
            }
            add_single(draft, row, j);
        }
        if (psim_launched_kernel(row)->units > draft->most_units) {
            draft->most_units = psim_launched_kernel(row)->units;
        }
        if (row->plan->total_units > draft->most_units) {
            draft->most_units = row->plan->total_units;
        }
    }
}

/* --- tapes ---------------------------------------------------------------------- */

/** Run it once more, at the clock that was found. */
static void
run_tape(const struct psim_prediction *run, struct psim_taped *taped)
{
    const struct psim_launched *of = taped->first;
    struct psim_kernel_time time;
    taped->tape.arena = run->arena;
    taped->ran = true;
    psim_power_tape(run->arena, run->engine, &of->setting, of->plan, &of->launch,
                    of->time.clock, &taped->tape, &time);
    /* What is recorded is what was predicted, or the timeline shows something else. */
    assert(time.time_s + of->translation_s == of->time.time_s);
}

/** The track of each instance whose spans are kept. */
static void
find_tracks(struct psim_draft *draft, struct psim_taped *taped)
{
    const struct psim_launched *of = taped->first;
    const struct psim_tape *tape = &taped->tape;
    taped->track = PSIM_NEW_N(draft->run->arena, uint32_t, tape->n_instances + 1);
    for (uint32_t v = 0; v < of->plan->n_servers; v++) {
        for (uint32_t u = 0; u < psim_launched_kernel(of)->units; u++) {
            const size_t i = psim_tape_instance(tape, v, u);
            if (!tape->kept[i] || tape->busy[i] == 0) continue;
            taped->track[i] = psim_timeline_server(draft, of, v, u);
        }
    }
}

/* --- all of it ------------------------------------------------------------------ */

static void
set_limits(struct psim_timeline_limits *limits)
{
    if (limits->spans == 0) limits->spans = 90000;
    if (limits->placed == 0) limits->placed = 30000;
    if (limits->points == 0) limits->points = 1000;
    if (limits->kernels == 0) limits->kernels = 2000;
    if (limits->steps <= 0) limits->steps = 2e8; /* a few seconds */
}

/** One, two or five times a power of ten, so that there are not too many steps. */
static void
choose_step(struct psim_draft *draft)
{
    const double least_s = draft->line->time_s / (double)draft->limits.points;
    draft->step_s = 1;
    draft->points = 1;
    if (!(least_s > 0)) return;
    const double power = pow(10, floor(log10(least_s)));
    static const double steps[] = {1, 2, 5, 10, 20};
    for (size_t i = 0; i < PSIM_COUNT(steps); i++) {
        /* As written: 0.001, and not what a thousandth of 1 may be rounded to. */
        draft->step_s = power < 1 ? steps[i] / round(1 / power) : steps[i] * power;
        if (draft->step_s >= least_s) break;
    }
    draft->points = (size_t)ceil(draft->line->time_s / draft->step_s - 1e-9);
}

const struct psim_timeline *
psim_timeline_make(struct psim_prediction *run,
                   const struct psim_timeline_limits *limits)
{
    struct psim_timeline *line = PSIM_NEW(run->arena, struct psim_timeline);
    struct psim_draft draft = {.run = run, .limits = *limits, .line = line};
    set_limits(&draft.limits);
    line->time_s = run->n_launched > 0 ? run->launched[run->n_launched - 1].end_s : 0;
    line->turns = (double)run->workload->repeat;
    draft.n_taped = run->timed.n;
    draft.taped = PSIM_NEW_N(run->arena, struct psim_taped, run->timed.n + 1);
    choose_step(&draft);
    list_launches(&draft);
    psim_timeline_choose(&draft);
    for (size_t i = 0; i < draft.n_taped; i++) {
        const bool in_full = draft.taped[i].tape.detail.in_full;
        if (!draft.taped[i].first) continue;
        if (!in_full && draft.limits.seen_points > 0) continue;
        run_tape(run, &draft.taped[i]);
        find_tracks(&draft, &draft.taped[i]);
    }
    psim_timeline_span(&draft);
    psim_timeline_count(&draft);
    line->detail = psim_timeline_detail(&draft);
    return line;
}
