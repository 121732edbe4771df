/* SPDX-License-Identifier: MIT */
/** @file What holds for every plan on every machine, whatever the shape. */
#include <math.h>

#include "check_machines.h"
#include "check_visit.h"
#include "plan/plan_check.h"
#include "plan/plan_text.h"

enum { SHAPES = 150 /* of each kind */, MACHINES = CHECK_MAX_MACHINES + 2 };

/** A duration is rounded up to a femtosecond once a demand: a few thousand in a row. */
static const double rounding_s = 1e-11;

/**
 * Rates are held in 1/65536 of a femtosecond: 10 fs a unit, the fastest here, are
 * right to 1 in 10^6.
 */
static const double rate_rounding = 1e-6;

/** One plan under test, with the times of its kernels. */
struct subject {
    struct psim_arena *arena;
    const char *text; /**< op and machine, for messages */
    const struct psim_plan *plan;
    struct check_random *random;
};

typedef void check_subject(const struct subject *subject);

static struct psim_kernel_time
time_of(struct psim_arena *arena, const char *engine, const struct psim_plan *plan,
        uint32_t kernel)
{
    struct psim_kernel_time time;
    const struct psim_launch launch = {.kernel = kernel};
    psim_engine_find(engine)->time(arena, plan, &launch, &time);
    return time;
}

/** Plans of one kind of op on all machines: the best mapping, and any other. */
static void
for_plans_of(int kind, unsigned shapes, check_subject *check)
{
    struct check_random random = {(uint64_t)kind + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[MACHINES];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < shapes; i++) {
        CHECK_THAT(i < 30 * shapes, "only %u of %u shapes", built, i);
        const char *text = check_random_op(&arena, &random, (enum check_kind)kind,
                                           check_short((enum check_kind)kind));
        const struct psim_op *op = check_op(&arena, text);
        const struct psim_hw *hw = machines[i % n_machines];
        struct psim_chosen c;
        const bool best = check_draw(&random, 0, 2) == 0;
        if (best ? check_choose(&arena, hw, op, &c)
                 : check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            check(&(struct subject){
                &arena, psim_arena_printf(&arena, "%s on %s", text, hw->name), c.plan,
                &random});
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}

/* --- 1, 4: no schedule beats the bound; nobody works longer than there is time ---- */

static void
never_below_the_bound(const struct subject *s)
{
    const char *fault = psim_plan_check(s->arena, s->plan);
    CHECK_THAT(fault == NULL, "%s: %s", s->text, fault);
    for (uint32_t k = 0; k < s->plan->n_kernels; k++) {
        const char *name = s->plan->kernels[k].name;
        const struct psim_kernel_time a = time_of(s->arena, "analytic", s->plan, k);
        const struct psim_kernel_time e = time_of(s->arena, "event", s->plan, k);
        CHECK_THAT(a.bound_s > 0 && a.bound_s == e.bound_s, "%s: %s: bounds %g and %g",
                   s->text, name, a.bound_s, e.bound_s);
        CHECK_THAT(a.time_s >= a.bound_s, "%s: %s: analytic %g < bound %g", s->text,
                   name, a.time_s, a.bound_s);
        CHECK_THAT(e.time_s >= a.bound_s * (1 - rate_rounding) - rounding_s,
                   "%s: %s: event %.9g us < bound %.9g us", s->text, name,
                   e.time_s * 1e6, a.bound_s * 1e6);
        for (uint32_t v = 0; v < s->plan->n_servers; v++) {
            CHECK_THAT(e.loads[v].busy_s <= e.time_s && e.loads[v].busy_s >= 0,
                       "%s: %s: %s is busy for %g us of %g us", s->text, name,
                       s->plan->servers[v].name, e.loads[v].busy_s * 1e6,
                       e.time_s * 1e6);
            CHECK_THAT(a.loads[v].busy_s <= a.time_s * (1 + 1e-12),
                       "%s: %s: analytic: %s is busy for %g us of %g us", s->text, name,
                       s->plan->servers[v].name, a.loads[v].busy_s * 1e6,
                       a.time_s * 1e6);
        }
    }
}

START_TEST(no_schedule_is_faster_than_the_bound)
{
    for_plans_of(_i, SHAPES, never_below_the_bound);
}
END_TEST

/* --- 6: what must be read is read, and no more than is asked for ------------------ */

/** Bytes asked of the home of the tensors, in whole blocks. */
struct asking {
    double bytes;
};

static double
bytes_of_blocks(const struct check_visit *visit)
{
    const struct psim_step *step = &visit->kernel->steps[visit->step];
    const struct psim_tensor *tensor =
        &visit->plan->tensors[visit->kernel->tiles[step->tile].tensor];
    const struct check_box box = check_box_of(visit);
    double bytes = tensor->elem_bytes;
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        const uint64_t first = box.lo[d] / tensor->block[d] * tensor->block[d];
        const uint64_t end =
            (box.hi[d] + tensor->block[d] - 1) / tensor->block[d] * tensor->block[d];
        if (box.lo[d] == box.hi[d]) return 0;
        bytes *= (double)((end < tensor->extent[d] ? end : tensor->extent[d]) - first);
    }
    return bytes;
}

static void
add_asked(void *context, const struct check_visit *visit)
{
    struct asking *asking = context;
    const struct psim_step *step = &visit->kernel->steps[visit->step];
    if (step->kind != PSIM_STEP_DO || step->flags & PSIM_STORE) return;
    const struct psim_act *act = &visit->plan->acts[step->act];
    for (uint8_t d = 0; d < act->n_demands; d++) {
        const struct psim_demand *demand = &act->demand[d];
        if (!visit->plan->servers[demand->server].home) continue;
        const bool looks = act->n_caches > 0 && step->tile != PSIM_NONE &&
                           !(step->flags & PSIM_STREAM);
        asking->bytes += demand->count_per_unit *
                         (looks ? bytes_of_blocks(visit) : (double)visit->amount);
    }
}

static void
reads_between_both_ends(const struct subject *s)
{
    for (uint32_t k = 0; k < s->plan->n_kernels; k++) {
        const struct psim_kernel *kernel = &s->plan->kernels[k];
        double must = 0, read = 0;
        for (uint8_t u = 0; u < kernel->n_uses; u++) {
            must += (double)kernel->uses[u].read_bytes;
        }
        struct asking asking = {0};
        check_visit_all(s->plan, kernel, add_asked, &asking);
        const struct psim_kernel_time time = time_of(s->arena, "event", s->plan, k);
        for (uint32_t v = 0; v < s->plan->n_servers; v++) {
            if (s->plan->servers[v].home) read += time.loads[v].read;
        }
        /* Random accesses are a mean number of bytes: a sum of fractions. */
        CHECK_THAT(must <= read * (1 + 1e-9) && read <= asking.bytes * (1 + 1e-9),
                   "%s: %s: must read %.17g B, reads %.17g B, asks for %.17g B",
                   s->text, kernel->name, must, read, asking.bytes);
    }
}

START_TEST(reads_are_between_compulsory_and_requested)
{
    for_plans_of(_i, SHAPES, reads_between_both_ends);
}
END_TEST

/* --- 7: without latencies, time is inverse to the rates -----------------------------
 */

/** In whole femtoseconds, so that rounding a demand scales as well. */
static double
whole_ticks(double s_per_unit, double slower)
{
    return ceil(s_per_unit / 1e-15) * slower * 1e-15;
}

/** The plan with all latencies zero and every rate @p slower times as low. */
static struct psim_plan
without_latencies(struct psim_arena *arena, const struct psim_plan *plan, double slower)
{
    struct psim_plan copy = *plan;
    struct psim_act *acts = PSIM_NEW_N(arena, struct psim_act, plan->n_acts);
    memcpy(acts, plan->acts, plan->n_acts * sizeof *acts);
    for (uint32_t i = 0; i < plan->n_acts; i++) {
        memset(acts[i].latency_s, 0, sizeof acts[i].latency_s);
        acts[i].interval_s = whole_ticks(acts[i].interval_s, slower);
        for (uint8_t d = 0; d < acts[i].n_demands; d++) {
            struct psim_demand *demand = &acts[i].demand[d];
            demand->s_per_unit = whole_ticks(demand->s_per_unit, slower);
        }
    }
    copy.acts = acts;
    /* Turning a bus round is a latency too; what is in phase rounds shares of a wait.
     */
    struct psim_server *servers =
        PSIM_NEW_N(arena, struct psim_server, plan->n_servers + 1);
    for (uint32_t i = 0; i < plan->n_servers; i++) {
        servers[i] = plan->servers[i];
        servers[i].turn_s = 0;
    }
    copy.servers = servers;
    struct psim_kernel *kernels =
        PSIM_NEW_N(arena, struct psim_kernel, plan->n_kernels + 1);
    for (uint32_t i = 0; i < plan->n_kernels; i++) {
        kernels[i] = plan->kernels[i];
        if (kernels[i].in_phase > 0) kernels[i].in_phase = 1;
    }
    copy.kernels = kernels;
    return copy;
}

static void
rates_scale_the_time(const struct subject *s)
{
    static const char *const engines[] = {"analytic", "event"};
    const struct psim_plan fast = without_latencies(s->arena, s->plan, 1);
    const double slower = (double)check_draw(s->random, 2, 5);
    const struct psim_plan slow = without_latencies(s->arena, s->plan, slower);
    for (uint32_t k = 0; k < s->plan->n_kernels; k++) {
        const struct psim_kernel *kernel = &s->plan->kernels[k];
        for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
            const double a = time_of(s->arena, engines[e], &fast, k).time_s;
            const double b = time_of(s->arena, engines[e], &slow, k).time_s;
            /* The first slots of each channel are rounded to a tick, 1 fs, once. */
            const double ticks_s = e == 0 ? 0 : 1e-15 * kernel->n_channels * slower;
            CHECK_THAT(fabs(b - slower * a) <= 1e-12 * b + ticks_s,
                       "%s: %s: %s: %.17g us, %.17g us at rates %g times as low",
                       s->text, kernel->name, engines[e], a * 1e6, b * 1e6, slower);
        }
    }
}

START_TEST(without_latencies_rates_scale_the_time)
{
    for_plans_of(_i, SHAPES, rates_scale_the_time);
}
END_TEST

/* --- 10: the number of an axis means nothing -------------------------------------- */

static uint8_t
moved(uint8_t axis, uint8_t by, uint8_t n)
{
    return axis == PSIM_NONE ? axis : (uint8_t)((axis + by) % n);
}

/** The same kernel with its axes numbered in another order, walked as before. */
static void
renumber_axes(struct psim_arena *arena, struct psim_kernel *k, uint8_t by)
{
    struct psim_level *walk = PSIM_NEW_N(arena, struct psim_level, k->n_levels);
    struct psim_param *params = PSIM_NEW_N(arena, struct psim_param, k->n_params + 1U);
    struct psim_tile *tiles = PSIM_NEW_N(arena, struct psim_tile, k->n_tiles + 1U);
    const struct psim_kernel old = *k;
    for (uint8_t i = 0; i < k->n_levels; i++) {
        walk[i] = old.walk[i];
        walk[i].axis = moved(walk[i].axis, by, k->n_axes);
    }
    for (uint8_t i = 0; i < k->n_params; i++) {
        params[i] = old.params[i];
        params[i].axis = moved(params[i].axis, by, k->n_axes);
    }
    for (uint8_t i = 0; i < k->n_tiles; i++) {
        tiles[i] = old.tiles[i];
        for (size_t d = 0; d < PSIM_MAX_TILE_DIMS; d++) {
            tiles[i].dim[d].axis = moved(tiles[i].dim[d].axis, by, k->n_axes);
        }
    }
    for (uint8_t a = 0; a < k->n_axes; a++) {
        k->extent[moved(a, by, k->n_axes)] = old.extent[a];
        k->axis_name[moved(a, by, k->n_axes)] = old.axis_name[a];
    }
    k->walk = walk;
    k->params = params;
    k->tiles = tiles;
}

static void
axes_have_no_order(const struct subject *s)
{
    static const char *const engines[] = {"analytic", "event"};
    struct psim_plan other = *s->plan;
    struct psim_kernel *kernels =
        PSIM_NEW_N(s->arena, struct psim_kernel, other.n_kernels);
    memcpy(kernels, other.kernels, other.n_kernels * sizeof *kernels);
    other.kernels = kernels;
    for (uint32_t k = 0; k < other.n_kernels; k++) {
        if (kernels[k].n_axes == 1) continue;
        const uint8_t by = (uint8_t)check_draw(s->random, 1, kernels[k].n_axes - 1U);
        renumber_axes(s->arena, &kernels[k], by);
        const char *fault = psim_plan_check(s->arena, &other);
        CHECK_THAT(fault == NULL, "%s: %s", s->text, fault);
        for (size_t e = 0; e < PSIM_COUNT(engines); e++) {
            const struct psim_kernel_time a = time_of(s->arena, engines[e], s->plan, k);
            const struct psim_kernel_time b = time_of(s->arena, engines[e], &other, k);
            CHECK_THAT(a.time_s == b.time_s && a.bound_s == b.bound_s,
                       "%s: %s: %s: %.17g s, %.17g s with the axes moved by %u",
                       s->text, kernels[k].name, engines[e], a.time_s, b.time_s, by);
            CHECK_THAT(memcmp(a.loads, b.loads, other.n_servers * sizeof *a.loads) == 0,
                       "%s: %s: %s: loads differ with the axes moved by %u", s->text,
                       kernels[k].name, engines[e], by);
        }
    }
}

START_TEST(numbering_of_axes_changes_nothing)
{
    for_plans_of(_i, SHAPES / 3, axes_have_no_order);
}
END_TEST

/* --- 5: one role, blocking steps, one unit: the schedule is the bound --------------
 */

/** A program of blocking steps drawn at random; loops inside loops. */
static const char *
random_program(struct psim_arena *arena, struct check_random *random)
{
    const char *text = "server port B\nserver pipe op\nserver slots op\n";
    for (unsigned a = 0; a < 3; a++) {
        static const char *const servers[] = {"port", "pipe", "slots"};
        text = psim_arena_printf(
            arena, "%sact act%u op latency %llue-12\n  %s time %llue-15\n", text, a,
            (unsigned long long)check_draw(random, 0, 500000), servers[a],
            (unsigned long long)check_draw(random, 1, 900000));
        if (check_draw(random, 0, 1)) {
            text = psim_arena_printf(arena, "%s  %s time %llue-15\n", text,
                                     servers[(a + 1) % 3],
                                     (unsigned long long)check_draw(random, 1, 900000));
        }
    }
    text = psim_arena_printf(
        arena,
        "%skernel one on unit dispatch %s\n  axes i %llu\n"
        "  walk i\n  param p i %s\n  role lane\n",
        text, CHECK_PICK(random, "each", "stride", "queue"), 7ULL,
        CHECK_PICK(random, "7 x 3", "4 x 2, 3 x 5", "6 x ( 2 i + 1 ) / 3, 1 x 9"));
    unsigned depth = 0;
    for (unsigned i = 0; i < 12; i++) {
        const uint64_t what = check_draw(random, 0, 5);
        if (what == 0 && depth < PSIM_MAX_NESTING) {
            text = psim_arena_printf(arena, "%s    loop %s\n", text,
                                     CHECK_PICK(random, "1", "4", "1*p"));
            depth++;
        } else if (what == 1 && depth > 0) {
            text = psim_arena_printf(arena, "%s    end\n", text);
            depth--;
        } else {
            /* In a chain the amount is the same each time: the bound takes the mean,
             * and a chain's time is not linear in it. */
            const unsigned long long n = check_draw(random, 1, 400);
            const bool chain = check_draw(random, 0, 1);
            text = psim_arena_printf(arena, "%s    do act%llu %llu%s\n", text,
                                     (unsigned long long)check_draw(random, 0, 2), n,
                                     chain ? psim_arena_printf(arena, " chain %llu", n)
                                     : check_draw(random, 0, 1) ? "*p"
                                                                : "");
        }
    }
    for (; depth > 0; depth--) {
        text = psim_arena_printf(arena, "%s    end\n", text);
    }
    return psim_arena_printf(arena, "%srun one\n", text);
}

START_TEST(one_blocking_role_takes_its_bound)
{
    struct check_random random = {5};
    struct psim_arena arena = {0};
    for (unsigned i = 0; i < 2000; i++) {
        const struct psim_arena_mark mark = psim_arena_mark(&arena);
        const char *text = random_program(&arena, &random);
        struct psim_diag diag = {.arena = &arena};
        const struct psim_plan *plan = psim_plan_read(&arena, &diag, "one", text);
        if (!plan) psim_diag_print(&diag, stderr, false);
        CHECK_THAT(plan != NULL, "cannot be read:\n%s", text);
        const char *fault = psim_plan_check(&arena, plan);
        CHECK_THAT(fault == NULL, "%s\n%s", fault, text);
        const struct psim_kernel_time time = time_of(&arena, "event", plan, 0);
        /* Up to half a femtosecond a latency, a whole one a demand. */
        CHECK_THAT(fabs(time.time_s - time.bound_s) <= 1e-9 * time.bound_s + rounding_s,
                   "event %.12g us, bound %.12g us of\n%s", time.time_s * 1e6,
                   time.bound_s * 1e6, text);
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    const struct {
        const char *name;
        const TTest *test;
        int loops;
    } cases[] = {
        {"bound", no_schedule_is_faster_than_the_bound, CHECK_N_KINDS},
        {"reads", reads_are_between_compulsory_and_requested, CHECK_N_KINDS},
        {"rates", without_latencies_rates_scale_the_time, CHECK_N_KINDS},
        {"axes", numbering_of_axes_changes_nothing, CHECK_N_KINDS},
        {"one role", one_blocking_role_takes_its_bound, 1},
    };
    Suite *suite = suite_create("sim/invariants");
    for (size_t i = 0; i < PSIM_COUNT(cases); i++) {
        TCase *tcase = tcase_create(cases[i].name);
        tcase_set_timeout(tcase, 60);
        tcase_add_loop_test(tcase, cases[i].test, 0, cases[i].loops);
        suite_add_tcase(suite, tcase);
    }
    return check_main(suite);
}
