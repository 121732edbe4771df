/* SPDX-License-Identifier: MIT */
/** @file Counters of a timeline: what tapes hold in bins, laid over the whole run.
 *
 * What is counted over a kernel is its loads, to the last byte and joule; the tape only
 * says when (docs/MODEL.md, eq. E6). */
#include <math.h>
#include <string.h>

#include "sim/timeline.h"
#include "sim/work.h"
#include "util/arena.h"
#include "util/str.h"

/** One kind of server, or the memory that it is bandwidth of. */
struct class
{
    const char *name, *doc;
    double instances, peak_per_s;
    double *bins, sum;
};

struct counting {
    struct psim_draft *draft;
    struct class servers[PSIM_MAX_SERVERS], memories[PSIM_MAX_SERVERS];
    size_t n_servers, n_memories;
    struct class occupancy, energy;
};

/** What a kind of server does in each bin of a tape. */
struct course {
    double *busy_s, *count, *energy_j;
};

static double *
new_bins(const struct psim_draft *draft)
{
    return PSIM_NEW_N(draft->run->arena, double, draft->points + 1);
}

/* --- bins ------------------------------------------------------------------------ */

/** Rounding must not leave a trace in the bin beside. */
static double
snap(double place)
{
    static const double close = 1e-9;
    const double whole = round(place);
    return fabs(place - whole) < close ? whole : place;
}

/** Add an amount that is even over a time. */
static void
spread(const struct psim_draft *draft, struct class *class, double from_s, double to_s,
       double amount)
{
    const double last = (double)draft->points - 1;
    double from = snap(from_s / draft->step_s);
    const double to = snap(to_s / draft->step_s);
    size_t bin = (size_t)fmin(from, last);
    class->sum += amount;
    if (to <= from) {
        class->bins[bin] += amount;
        return;
    }
    const double per_bin = amount / (to - from);
    for (; (double)bin < last && to > (double)bin + 1; bin++) {
        class->bins[bin] += per_bin * ((double)bin + 1 - from);
        from = (double)bin + 1;
    }
    class->bins[bin] += per_bin * (to - from);
}

/** The same for what a launch's tape has in its bins, times @p scale. */
static void
spread_bins(const struct psim_draft *draft, struct class *class,
            const struct psim_single *single, const double *bins, double scale)
{
    const struct psim_tape_detail *detail = &single->taped->tape.detail;
    const double time_s = single->end_s - single->first_s;
    for (size_t i = 0; i < detail->n_bins; i++) {
        if (bins[i] == 0) continue;
        const double from_s = (double)i * detail->step_s - detail->phase_s;
        spread(draft, class, single->first_s + fmax(0, from_s),
               single->first_s + fmin(time_s, from_s + detail->step_s),
               bins[i] * scale);
    }
}

/* --- what there is --------------------------------------------------------------- */

static struct class *
find_class(struct class *classes, size_t *n, const char *name)
{
    for (size_t i = 0; i < *n; i++) {
        if (psim_str_equal(classes[i].name, name)) return &classes[i];
    }
    if (*n == PSIM_MAX_SERVERS) return NULL;
    classes[*n].name = name;
    return &classes[(*n)++];
}

/** The classes to which a server belongs; NULL: to none. */
static void
classes_of(struct counting *c, const struct psim_plan *plan,
           const struct psim_server *server, struct class **ret_server,
           struct class **ret_memory)
{
    const double all = plan->total_units > 0 ? plan->total_units : 1;
    const double instances = server->units == 0 ? 1 : ceil(all / server->units);
    *ret_server = find_class(c->servers, &c->n_servers, server->name);
    if (*ret_server) {
        struct class *class = *ret_server;
        if (!class->bins) class->bins = new_bins(c->draft);
        class->doc = server->doc;
        class->instances = fmax(class->instances, instances);
    }
    *ret_memory =
        server->level ? find_class(c->memories, &c->n_memories, server->level) : NULL;
    if (*ret_memory) {
        struct class *class = *ret_memory;
        if (!class->bins) class->bins = new_bins(c->draft);
        class->peak_per_s = fmax(class->peak_per_s, server->peak_per_s * instances);
    }
}

/**
 * What was predicted of it: the busiest instance is known, the others are as busy as
 * far as work-groups are spread evenly.
 */
static double
predicted_busy(const struct psim_launched *of, uint32_t server)
{
    const struct psim_kernel *k = psim_launched_kernel(of);
    const double busiest_s = of->time.loads[server].busy_s, each = k->units;
    const uint32_t sharing = of->plan->servers[server].units;
    if (sharing == 0) return busiest_s;
    const double items = (double)psim_kernel_items(k);
    return busiest_s * ceil(each / sharing) * items / (ceil(items / each) * each);
}

/** Of all instances, how long one of them was busy. */
static double
busy_of(const struct psim_taped *taped, uint32_t server)
{
    const struct psim_launched *of = taped->first;
    const uint32_t units = psim_launched_kernel(of)->units;
    double ticks = 0;
    size_t before = SIZE_MAX;
    if (!taped->ran) return predicted_busy(of, server);
    for (uint32_t u = 0; u < units; u++) {
        const size_t i = psim_tape_instance(&taped->tape, server, u);
        if (i != before) ticks += (double)taped->tape.busy[i];
        before = i;
    }
    return ticks * taped->tape.tick_s;
}

/** Mean of the work-groups that a launch has at once, whole waves but for the last. */
static double
predicted_resident(const struct psim_launched *of)
{
    const struct psim_kernel *k = psim_launched_kernel(of);
    const double items = (double)psim_kernel_items(k);
    return items / ceil(items / ((double)k->units * k->resident));
}

/* --- launches -------------------------------------------------------------------- */

/** When a server did what, by the steps that asked it. */
static struct course
course_of(const struct psim_taped *taped, struct psim_arena *arena, uint32_t server)
{
    const struct psim_tape *tape = &taped->tape;
    const size_t n = tape->detail.n_bins;
    struct course course = {PSIM_NEW_N(arena, double, n), PSIM_NEW_N(arena, double, n),
                            PSIM_NEW_N(arena, double, n)};
    for (size_t p = 0; p < tape->n_pairs; p++) {
        if (tape->pairs[p].server != server) continue;
        for (size_t i = 0; i < n; i++) {
            const double held_s = tape->held[p * n + i] * tape->tick_s;
            course.busy_s[i] += held_s;
            course.count[i] += held_s * tape->pairs[p].count_per_s;
            course.energy_j[i] += held_s * tape->pairs[p].j_per_s;
        }
    }
    return course;
}

/** Lay a known sum over a launch, as the bins say; evenly where they are empty. */
static void
lay(const struct psim_draft *draft, struct class *class,
    const struct psim_single *single, const double *bins, double sum)
{
    double all = 0;
    if (!class || sum == 0) return;
    for (size_t i = 0; bins && i < single->taped->tape.detail.n_bins; i++) {
        all += bins[i];
    }
    if (!bins || !(all > 0)) {
        spread(draft, class, single->first_s, single->end_s, sum);
        return;
    }
    spread_bins(draft, class, single, bins, sum / all);
}

static double
energy_of(const struct psim_launched *of, uint32_t server)
{
    if (!of->setting.power->base.given) return 0;
    return psim_power_server_j(&of->setting, &of->plan->servers[server],
                               &of->time.loads[server]);
}

static double
active_of(const struct psim_launched *of)
{
    if (!of->setting.power->base.given) return 0;
    return psim_power_active_j(&of->setting, of->plan, psim_launched_kernel(of),
                               &of->time);
}

static void
count_single(struct counting *c, const struct psim_single *single)
{
    const struct psim_launched *of = single->launched;
    const struct psim_tape *tape = &single->taped->tape;
    const bool in_full = tape->detail.in_full;
    struct psim_arena scratch = {0};
    for (uint32_t v = 0; v < of->plan->n_servers; v++) {
        const struct psim_load *load = &of->time.loads[v];
        struct course course = {0};
        struct class *server, *memory;
        classes_of(c, of->plan, &of->plan->servers[v], &server, &memory);
        if (in_full) course = course_of(single->taped, &scratch, v);
        lay(c->draft, server, single, course.busy_s, busy_of(single->taped, v));
        lay(c->draft, memory, single, course.count, load->read + load->written);
        lay(c->draft, &c->energy, single, course.energy_j, energy_of(of, v));
    }
    lay(c->draft, &c->energy, single, tape->active, active_of(of));
    if (in_full || !single->taped->ran) {
        const double units = of->plan->total_units > 0
                                 ? of->plan->total_units
                                 : psim_launched_kernel(of)->units;
        const double fit = units * psim_launched_kernel(of)->resident;
        const double time_s = single->end_s - single->first_s;
        if (in_full) {
            spread_bins(c->draft, &c->occupancy, single, tape->resident,
                        tape->tick_s / fit);
        } else {
            spread(c->draft, &c->occupancy, single->first_s, single->end_s,
                   time_s * predicted_resident(of) / fit);
        }
    }
    psim_arena_free(&scratch);
}

static void
count_rest(struct counting *c, const struct psim_rest *rest)
{
    const struct psim_launched *of = rest->launched;
    const struct psim_taped *taped = &c->draft->taped[of->timed];
    for (uint32_t v = 0; v < of->plan->n_servers; v++) {
        const struct psim_load *load = &of->time.loads[v];
        struct class *server, *memory;
        classes_of(c, of->plan, &of->plan->servers[v], &server, &memory);
        const double from_s = rest->start_s, to_s = rest->end_s;
        if (server) {
            spread(c->draft, server, from_s, to_s, rest->launches * busy_of(taped, v));
        }
        if (memory) {
            spread(c->draft, memory, from_s, to_s,
                   rest->launches * (load->read + load->written));
        }
        spread(c->draft, &c->energy, from_s, to_s, rest->launches * energy_of(of, v));
    }
    spread(c->draft, &c->energy, rest->start_s, rest->end_s,
           rest->launches * active_of(of));
}

/* --- counters -------------------------------------------------------------------- */

/** Amounts become means over their bins. */
static void
add_counter(struct counting *c, const struct class *class, struct psim_counter counter,
            double per)
{
    static const double nothing = 1e-12;
    struct psim_timeline *line = c->draft->line;
    const size_t n = c->draft->points;
    double largest = 0;
    for (size_t i = 0; i < n; i++) {
        const double from_s = (double)i * c->draft->step_s;
        const double width_s =
            i + 1 < n ? c->draft->step_s : fmax(0, line->time_s - from_s);
        class->bins[i] = width_s > 0 ? class->bins[i] / width_s / per : 0;
        largest = fmax(largest, class->bins[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (class->bins[i] < nothing * largest) class->bins[i] = 0;
    }
    counter.value = class->bins;
    counter.n = n;
    counter.step_s = c->draft->step_s;
    counter.mean = line->time_s > 0 ? class->sum / line->time_s / per : 0;
    line->counters[line->n_counters++] = counter;
}

/** What is busy most comes first; of equals, what came first. */
static void
sort_by_sum(struct class *classes, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct class moved = classes[i];
        size_t at = i;
        while (at > 0 && classes[at - 1].sum / classes[at - 1].instances <
                             moved.sum / moved.instances) {
            classes[at] = classes[at - 1];
            at--;
        }
        classes[at] = moved;
    }
}

static void
add_counters(struct counting *c)
{
    const struct psim_power *power = &c->draft->run->hw->power;
    struct psim_arena *arena = c->draft->run->arena;
    add_counter(c, &c->occupancy,
                (struct psim_counter){.kind = PSIM_COUNTER_OCCUPANCY,
                                      .name = "occupancy",
                                      .doc = "work-groups of those that fit",
                                      .percent = true},
                1);
    if (power->base.given) {
        spread(c->draft, &c->energy, 0, c->draft->line->time_s,
               power->base.value * c->draft->line->time_s);
        add_counter(
            c, &c->energy,
            (struct psim_counter){.kind = PSIM_COUNTER_POWER,
                                  .name = "power",
                                  .doc = "what the machine draws",
                                  .dim = PSIM_DIM_WATTS,
                                  .peak = power->cap.given ? power->cap.value : 0},
            1);
    }
    for (size_t i = 0; i < c->n_memories; i++) {
        const struct class *m = &c->memories[i];
        if (m->sum <= 0) continue;
        add_counter(c, m,
                    (struct psim_counter){
                        .kind = PSIM_COUNTER_BANDWIDTH,
                        .name = psim_arena_printf(arena, "%s bandwidth", m->name),
                        .what = m->name,
                        .doc = "bytes that it reads and writes",
                        .dim = PSIM_DIM_BYTES_PER_S,
                        .peak = m->peak_per_s},
                    1);
    }
    sort_by_sum(c->servers, c->n_servers);
    for (size_t i = 0; i < c->n_servers; i++) {
        const struct class *s = &c->servers[i];
        if (s->sum <= 0) continue;
        add_counter(
            c, s,
            (struct psim_counter){.kind = PSIM_COUNTER_BUSY,
                                  .name = psim_arena_printf(arena, "%s busy", s->name),
                                  .what = s->name,
                                  .doc = s->doc,
                                  .percent = true},
            s->instances);
    }
}

void
psim_timeline_count(struct psim_draft *draft)
{
    struct psim_arena *arena = draft->run->arena;
    struct counting *c = PSIM_NEW(arena, struct counting);
    c->draft = draft;
    c->occupancy.bins = new_bins(draft);
    c->energy.bins = new_bins(draft);
    for (size_t i = 0; i < draft->n_singles; i++) {
        count_single(c, &draft->singles[i]);
    }
    for (size_t i = 0; i < draft->n_rests; i++) {
        count_rest(c, &draft->rests[i]);
    }
    draft->line->counters =
        PSIM_NEW_N(arena, struct psim_counter, 2 + c->n_servers + c->n_memories);
    add_counters(c);
}
