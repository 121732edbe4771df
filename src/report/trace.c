/* SPDX-License-Identifier: MIT */
/** @file A timeline as trace events, written as they come: they may be many. */
#include "report/trace.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/str.h"

/** Processes are what viewers fold: kernels, counters, what is shared, each unit. */
enum { KERNELS_PID = 1, COUNTERS_PID, SHARED_PID, FIRST_UNIT_PID };
enum { KERNELS_TID = 1, LAUNCHES_TID, FIRST_TRACK_TID };

/** Where a track is shown. */
struct place {
    const struct psim_track *track;
    size_t index;          /**< of it, in the timeline */
    size_t group;          /**< of its units, in the order of their first track */
    uint32_t pid, tid;     /**< no thread of any process has the number of another */
    const char *name, *at; /**< as JSON */
};

struct writing {
    struct psim_arena *arena;
    const struct psim_result *result;
    const struct psim_timeline *line;
    FILE *out;
    uint64_t parts_a_us; /**< as finely as times are written */
    bool any;            /**< an event was written */
    struct place *place; /**< of each track */
};

/* --- JSON ------------------------------------------------------------------------ */

/** Any text as a string of JSON, with its quotes; a long one is cut. */
static const char *
json_text(struct psim_arena *arena, const char *text)
{
    const char *from = psim_str_excerpt(arena, text);
    const size_t len = strlen(from), most = 6; /* "\u001f" */
    char *to = psim_arena_alloc(arena, len * most + 3, 1);
    size_t n = 0;
    to[n++] = '"';
    for (size_t i = 0; i < len; i++) {
        const unsigned char byte = (unsigned char)from[i];
        if (byte < 0x20 || byte == 0x7f) {
            n += (size_t)snprintf(to + n, most + 1, "\\u%04x", byte);
        } else {
            if (byte == '"' || byte == '\\') to[n++] = '\\';
            to[n++] = (char)byte;
        }
    }
    to[n++] = '"';
    return to;
}

/** A time in the smallest part of a microsecond that is written. */
static uint64_t
parts(const struct writing *w, double s)
{
    static const double most = 0x1p63;
    return (uint64_t)round(fmin(s * 1e6 * (double)w->parts_a_us, most));
}

/** Microseconds, without zeros at the end. */
static void
put_us(const struct writing *w, uint64_t parts)
{
    uint64_t part = parts % w->parts_a_us, digit = w->parts_a_us / 10;
    fprintf(w->out, "%" PRIu64, parts / w->parts_a_us);
    if (part == 0) return;
    fputc('.', w->out);
    for (; part > 0; part %= digit, digit /= 10) {
        fputc((char)('0' + part / digit), w->out);
        if (digit == 1) break;
    }
}

/** A picosecond, or the smallest power of ten of them in which the run is exact. */
static uint64_t
choose_parts(double time_s)
{
    static const double exact = 0x1p53;
    uint64_t parts_a_us = 1000000;
    while (parts_a_us > 1 && time_s * 1e6 * (double)parts_a_us > exact) {
        parts_a_us /= 10;
    }
    return parts_a_us;
}

static void
begin_event(struct writing *w)
{
    fputs(w->any ? ",\n" : "\n", w->out);
    w->any = true;
}

/* --- names ------------------------------------------------------------------------ */

/** @param name as JSON */
static void
put_process(struct writing *w, uint32_t pid, const char *name)
{
    begin_event(w);
    fprintf(w->out,
            "{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%" PRIu32
            ",\"args\":{\"name\":%s}},\n"
            "{\"ph\":\"M\",\"name\":\"process_sort_index\",\"pid\":%" PRIu32
            ",\"args\":{\"sort_index\":%" PRIu32 "}}",
            pid, name, pid, pid);
}

static void
put_thread(struct writing *w, uint32_t pid, uint32_t tid, const char *name)
{
    begin_event(w);
    fprintf(w->out,
            "{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":%" PRIu32
            ",\"tid\":%" PRIu32 ",\"args\":{\"name\":%s}},\n"
            "{\"ph\":\"M\",\"name\":\"thread_sort_index\",\"pid\":%" PRIu32
            ",\"tid\":%" PRIu32 ",\"args\":{\"sort_index\":%" PRIu32 "}}",
            pid, tid, name, pid, tid, tid);
}

/** Shared ones first, then unit by unit: its work-groups, then its servers. */
static int
compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    const struct psim_track *s = x->track, *t = y->track;
    const bool s_shared = s->unit < 0, t_shared = t->unit < 0;
    if (s_shared != t_shared) return s_shared ? -1 : 1;
    if (!s_shared) {
        if (x->group != y->group) return x->group < y->group ? -1 : 1;
        if (s->unit != t->unit) return s->unit < t->unit ? -1 : 1;
        if (s->units != t->units) return s->units < t->units ? -1 : 1;
        if (s->kind != t->kind) return s->kind < t->kind ? -1 : 1;
        if (s->lane != t->lane) return s->lane < t->lane ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static size_t
group_of(const struct psim_timeline *line, size_t index)
{
    size_t i = 0;
    while (!psim_str_equal(line->tracks[i].group, line->tracks[index].group)) {
        i++;
    }
    return i;
}

/** What a track is called where its unit is known. */
static const char *
thread_name(struct psim_arena *arena, const struct psim_track *track)
{
    if (track->kind != PSIM_TRACK_UNIT) return track->what;
    if (track->lane == PSIM_LANE_JOINED) return "work-groups, joined";
    if (track->lane == 0) return "work-groups";
    return psim_arena_printf(arena, "work-groups %" PRIu32, track->lane + 1);
}

/** "sm 3", "sm 4 to 5" */
static const char *
unit_name(struct psim_arena *arena, const struct psim_track *track)
{
    if (track->units < 2) {
        return psim_arena_printf(arena, "%s %" PRIi64, track->group, track->unit);
    }
    return psim_arena_printf(arena, "%s %" PRIi64 " to %" PRIi64, track->group,
                             track->unit, track->unit + track->units - 1);
}

/** The line of the machine's file, without the folders that it is in. */
static const char *
line_of(struct psim_arena *arena, struct psim_loc at)
{
    if (!at.source) return NULL;
    const char *slash = strrchr(at.source->name, '/');
    const char *name = psim_str_excerpt(arena, slash ? slash + 1 : at.source->name);
    return json_text(arena, psim_arena_printf(arena, "%s:%u", name, at.line));
}

static void
put_tracks(struct writing *w)
{
    const struct psim_timeline *line = w->line;
    struct place *sorted = PSIM_NEW_N(w->arena, struct place, line->n_tracks + 1);
    w->place = PSIM_NEW_N(w->arena, struct place, line->n_tracks + 1);
    for (size_t i = 0; i < line->n_tracks; i++) {
        sorted[i] = (struct place){
            .track = &line->tracks[i], .index = i, .group = group_of(line, i)};
    }
    qsort(sorted, line->n_tracks, sizeof *sorted, compare_places);
    uint32_t pid = SHARED_PID;
    for (size_t i = 0; i < line->n_tracks; i++) {
        const struct psim_track *track = sorted[i].track;
        const struct place *before = i > 0 ? &sorted[i - 1] : NULL;
        if (track->unit < 0) {
            if (!before) put_process(w, pid, "\"what all units share\"");
        } else if (!before || before->track->unit != track->unit ||
                   before->group != sorted[i].group ||
                   before->track->units != track->units) {
            pid = pid == SHARED_PID ? FIRST_UNIT_PID : pid + 1;
            put_process(w, pid, json_text(w->arena, unit_name(w->arena, track)));
        }
        sorted[i].pid = pid;
        sorted[i].tid = FIRST_TRACK_TID + (uint32_t)i;
        sorted[i].at = line_of(w->arena, track->at);
        put_thread(w, pid, sorted[i].tid,
                   json_text(w->arena, thread_name(w->arena, track)));
        w->place[sorted[i].index] = sorted[i];
    }
}

/* --- events ----------------------------------------------------------------------- */

/** The start of an event, up to its arguments. */
static void
put_complete(struct writing *w, uint32_t pid, uint32_t tid, const char *name,
             double start_s, double end_s)
{
    const uint64_t from = parts(w, start_s), to = parts(w, end_s);
    begin_event(w);
    fprintf(w->out,
            "{\"ph\":\"X\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"ts\":", pid, tid);
    put_us(w, from);
    fputs(",\"dur\":", w->out);
    put_us(w, to - from);
    fprintf(w->out, ",\"name\":%s", name);
}

static void
put_kernel(struct writing *w, const struct psim_timeline_kernel *k)
{
    const char *name = json_text(w->arena, k->name);
    const double begin_s = k->start_s - k->launch_s;
    if (k->wait_s > 0) {
        put_complete(w, KERNELS_PID, LAUNCHES_TID, "\"waits for the host\"",
                     begin_s - k->wait_s, begin_s);
        fputc('}', w->out);
    }
    if (k->launch_s > 0) {
        put_complete(w, KERNELS_PID, LAUNCHES_TID, name, begin_s, k->start_s);
        fputc('}', w->out);
    }
    put_complete(w, KERNELS_PID, KERNELS_TID, name, k->start_s, k->end_s);
    fprintf(w->out,
            ",\"args\":{\"op\":%s,\"mapping\":%s,\"work-groups\":%" PRIu64
            ",\"a unit\":%" PRIu32 ",\"units\":%" PRIu32,
            json_text(w->arena, k->op), json_text(w->arena, k->mapping), k->groups,
            k->resident, k->units);
    if (k->launches > 1) fprintf(w->out, ",\"launches\":%" PRIu32, k->launches);
    if (k->clock_hz > 0) fprintf(w->out, ",\"clock in Hz\":%.6g", k->clock_hz);
    fputs("}}", w->out);
}

/** Where in the grid it is: "q 3, h 5". */
static void
put_grid_place(struct writing *w, const struct psim_placement_of *placed)
{
    const struct psim_timeline_kernel *k = &w->line->kernels[placed->kernel];
    if (k->extent[0] == 0) return;
    fputs(",\"place\":{", w->out);
    for (size_t a = 0; a < PSIM_COUNT(k->extent) && k->extent[a] > 0; a++) {
        fprintf(w->out, "%s%s:%" PRIu32, a > 0 ? "," : "",
                json_text(w->arena, k->axis_name[a]), placed->x[a]);
    }
    fputc('}', w->out);
}

/** Spans of one act are many: its name is written as JSON once in a row. */
static void
put_spans(struct writing *w)
{
    const char *last = NULL, *name = NULL;
    for (size_t i = 0; i < w->line->n_spans; i++) {
        const struct psim_span *span = &w->line->spans[i];
        const struct place *place = &w->place[span->track];
        const double length_s = span->end_s - span->start_s;
        if (span->count == 1) {
            if (last != span->name) name = json_text(w->arena, span->name);
            last = span->name;
            put_complete(w, place->pid, place->tid, name, span->start_s, span->end_s);
        } else {
            const double part = length_s > 0 ? 100 * span->busy_s / length_s : 100;
            char text[64];
            (void)snprintf(text, sizeof text, "\"%.0f %% busy\"", part);
            put_complete(w, place->pid, place->tid,
                         span->placed < 0 && place->track->kind == PSIM_TRACK_UNIT
                             ? "\"work-groups\""
                             : text,
                         span->start_s, span->end_s);
        }
        fprintf(w->out, ",\"args\":{\"launch\":%" PRIu32, span->kernel);
        if (span->group >= 0) fprintf(w->out, ",\"group\":%" PRIi64, span->group);
        if (span->placed >= 0) put_grid_place(w, &w->line->placed[span->placed]);
        if (span->count > 1) fprintf(w->out, ",\"joined\":%" PRIu32, span->count);
        if (span->count != 1) {
            fputs(",\"busy in us\":", w->out);
            put_us(w, parts(w, span->busy_s));
        }
        if (place->at) fprintf(w->out, ",\"given in\":%s", place->at);
        fputs("}}", w->out);
    }
}

/** The unit behind a counter's name. */
static const char *
counter_unit(const struct psim_counter *counter)
{
    return counter->percent ? "%" : psim_dim_unit(counter->dim);
}

/** Where it changes, as far as that is written, and its end. */
static void
put_counter(struct writing *w, const struct psim_counter *counter)
{
    const char *name = json_text(w->arena, counter->name);
    const char *unit = json_text(w->arena, counter_unit(counter));
    char before[64] = "", now[64];
    for (size_t i = 0; i <= counter->n; i++) {
        const double at_s = fmin((double)i * counter->step_s, w->line->time_s);
        const double value = i < counter->n ? counter->value[i] : 0;
        (void)snprintf(now, sizeof now, "%.6g", counter->percent ? 100 * value : value);
        if (strcmp(now, before) == 0) continue;
        memcpy(before, now, sizeof now);
        begin_event(w);
        fprintf(w->out, "{\"ph\":\"C\",\"pid\":%d,\"ts\":", COUNTERS_PID);
        put_us(w, parts(w, at_s));
        fprintf(w->out, ",\"name\":%s,\"args\":{%s:%s}}", name, unit, now);
    }
}

static void
put_head(struct writing *w)
{
    const struct psim_result *r = w->result;
    fprintf(w->out,
            "{\"displayTimeUnit\":\"ns\",\n\"otherData\":{\"schema\":\"perfsim/trace/"
            "v1\",\"machine\":%s,\"workload\":%s,\"engine\":%s,\"time in us\":",
            json_text(w->arena, r->machine), json_text(w->arena, r->workload),
            json_text(w->arena, r->engine));
    put_us(w, parts(w, w->line->time_s));
    fprintf(w->out, ",\"turns\":%.0f,\n\"detail\":\"%s\"},\n\"traceEvents\":[",
            w->line->turns, w->line->detail);
}

void
psim_trace_write(struct psim_arena *arena, const struct psim_result *result, FILE *out)
{
    struct writing w = {
        .arena = arena,
        .result = result,
        .line = result->timeline,
        .out = out,
        .parts_a_us = choose_parts(result->timeline->time_s),
    };
    put_head(&w);
    put_process(&w, KERNELS_PID,
                json_text(arena, psim_arena_printf(arena, "%s on %s", result->workload,
                                                   result->machine)));
    put_thread(&w, KERNELS_PID, KERNELS_TID, "\"kernels\"");
    put_thread(&w, KERNELS_PID, LAUNCHES_TID, "\"launches\"");
    put_process(&w, COUNTERS_PID, "\"counters\"");
    put_tracks(&w);
    for (size_t i = 0; i < w.line->n_kernels; i++) {
        put_kernel(&w, &w.line->kernels[i]);
    }
    put_spans(&w);
    for (size_t i = 0; i < w.line->n_counters; i++) {
        put_counter(&w, &w.line->counters[i]);
    }
    fputs("\n]}\n", out);
}
