/* SPDX-License-Identifier: MIT */
/** @file The mapping search leaves mappings out, and finds what all of them hold. */
#include <math.h>

#include "check_machines.h"

enum { SHAPES = 60 };

/** Launches cost something, so that a mapping of two kernels pays for both. */
static const double launch_s = 2e-6;

/** Programs with a quick bound, and one whose every mapping is looked at. */
static const enum check_kind kinds[] = {CHECK_GEMM,     CHECK_NAIVE,  CHECK_FLASH2,
                                        CHECK_IMPLICIT, CHECK_IM2COL, CHECK_SOFTMAX};

/** Of one part: the least time, which mapping comes first with it, the least bound. */
struct best {
    double time_s, bound_s;
    struct psim_mapping mapping;
    bool found;
};

/** Time and bound of a mapping with its launches. @return false where it is refused */
static bool
time_one(struct psim_arena *arena, const struct psim_hw *hw,
         const struct psim_part *part, const struct psim_mapping *mapping,
         double *ret_time_s, double *ret_bound_s)
{
    struct psim_build *build = PSIM_NEW(arena, struct psim_build);
    psim_build_init(build, arena, hw);
    build->launch_s = launch_s;
    if (!part->program->build(build, part, mapping)) return false;
    const struct psim_plan *plan = psim_build_plan(build);
    *ret_time_s = *ret_bound_s = 0;
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        struct psim_kernel_time time;
        psim_engine_find("analytic")->time(arena, plan, &plan->launches[k], &time);
        *ret_time_s += time.time_s + plan->kernels[k].launch_s;
        *ret_bound_s += time.bound_s + plan->kernels[k].launch_s;
    }
    return true;
}

/** Every mapping of a part, none left out; none is below its quick bound. */
static struct best
time_all(struct psim_arena *arena, const struct psim_hw *hw, const char *text,
         const struct psim_part *part)
{
    struct psim_diag diag = {.arena = arena};
    struct psim_mappings list = {.arena = arena};
    struct best best = {0};
    part->program->mappings(&diag, hw, part, &list);
    for (size_t i = 0; i < list.n; i++) {
        const struct psim_mapping *mapping = &list.item[i];
        const struct psim_arena_mark mark = psim_arena_mark(arena);
        double time_s, bound_s;
        if (time_one(arena, hw, part, mapping, &time_s, &bound_s)) {
            if (part->program->quick_s) {
                const struct psim_view view = psim_view_of(hw, mapping->compute->group);
                const double quick_s =
                    part->program->quick_s(&view, part, mapping, launch_s);
                CHECK_THAT(quick_s <= bound_s * (1 + 1e-9),
                           "%s on %s: %s: at least %.9g s at a glance, but %.9g s",
                           text, hw->name, psim_mapping_text(arena, mapping), quick_s,
                           bound_s);
            }
            if (best.bound_s == 0 || bound_s < best.bound_s) best.bound_s = bound_s;
            /* What its library passes over bounds the op, but is not taken. */
            if (!mapping->passed_over && (!best.found || time_s < best.time_s)) {
                best.time_s = time_s;
                best.mapping = *mapping;
                best.found = true;
            }
        }
        psim_arena_rewind(arena, mark);
    }
    return best;
}

START_TEST(the_search_finds_what_all_mappings_hold)
{
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned found = 0;
    for (unsigned i = 0; found < SHAPES; i++) {
        CHECK_THAT(i < 20 * SHAPES, "only %u of %u shapes", found, i);
        const struct psim_hw *hw = machines[i % n_machines];
        const char *text = check_random_op(&arena, &random, kinds[_i], 4096);
        struct psim_diag diag = {.arena = &arena};
        const struct psim_choose_options options = {.launch_s = launch_s};
        struct psim_chosen c;
        if (psim_choose(&arena, &diag, hw, check_op(&arena, text), &c, &options)) {
            found++;
            double bound_s = 0;
            for (size_t p = 0; p < c.parts.n; p++) {
                const struct psim_part *part = &c.parts.part[p];
                const struct best best = time_all(&arena, hw, text, part);
                double time_s, own_bound_s;
                ck_assert(best.found && time_one(&arena, hw, part, &c.mapping[p],
                                                 &time_s, &own_bound_s));
                CHECK_THAT(time_s == best.time_s,
                           "%s on %s: %s takes %.9g s, %s %.9g s", text, hw->name,
                           psim_mapping_text(&arena, &c.mapping[p]), time_s,
                           psim_mapping_text(&arena, &best.mapping), best.time_s);
                bound_s += best.bound_s * part->launches;
            }
            CHECK_THAT(fabs(c.bound_s - bound_s) <= 1e-12 * bound_s,
                       "%s on %s: at least %.12g s, of all mappings %.12g s", text,
                       hw->name, c.bound_s, bound_s);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/** A plan has the servers of its own kernels, whatever was tried before. */
START_TEST(a_plan_is_that_of_its_mapping_alone)
{
    struct check_random random = {7};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    for (unsigned i = 0; i < 4 * n_machines; i++) {
        const struct psim_hw *hw = machines[i % n_machines];
        struct psim_chosen c;
        const struct psim_op *op =
            check_op(&arena, check_random_op(&arena, &random, CHECK_GEMM, 4096));
        if (!check_choose(&arena, hw, op, &c)) continue;
        struct psim_build *build = PSIM_NEW(&arena, struct psim_build);
        psim_build_init(build, &arena, hw);
        ck_assert(
            c.parts.part[0].program->build(build, &c.parts.part[0], &c.mapping[0]));
        const struct psim_plan *alone = psim_build_plan(build);
        ck_assert_uint_eq(c.plan->n_servers, alone->n_servers);
        for (uint32_t v = 0; v < alone->n_servers; v++) {
            ck_assert_str_eq(c.plan->servers[v].name, alone->servers[v].name);
            ck_assert_double_eq(c.plan->servers[v].peak_per_s,
                                alone->servers[v].peak_per_s);
        }
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/search");
    TCase *tcase = tcase_create("search");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, the_search_finds_what_all_mappings_hold, 0,
                        (int)PSIM_COUNT(kinds));
    tcase_add_test(tcase, a_plan_is_that_of_its_mapping_alone);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
