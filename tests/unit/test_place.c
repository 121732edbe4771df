/* SPDX-License-Identifier: MIT */
/** @file Where labels go: boxes that may be turned, and the best free place. */
#include <math.h>

#include "check_main.h"
#include "report/place.h"

static const struct {
    const char *name;
    struct psim_box a, b;
    bool meet;
} boxes[] = {
    {"apart", {0, 0, 2, 1, 0}, {5, 0, 2, 1, 0}, false},
    {"side by side, 2 + 2 wide", {0, 0, 2, 1, 0}, {4, 0, 2, 1, 0}, false},
    {"a hair nearer", {0, 0, 2, 1, 0}, {3.99, 0, 2, 1, 0}, true},
    {"one in the other", {0, 0, 9, 9, 0}, {1, 1, 1, 1, 0}, true},
    /* A square of 2 on its tip reaches 1.4142 to each side. */
    {"on its tip, before", {0, 0, 1, 1, 45}, {2.42, 0, 1, 1, 0}, false},
    {"on its tip, touching", {0, 0, 1, 1, 45}, {2.40, 0, 1, 1, 0}, true},
    /* Two long ones that cross at right angles. */
    {"a cross", {0, 0, 10, 1, 0}, {0, 0, 10, 1, 90}, true},
    /* Parallel along a slope of 30 degrees: 2 x 1 apart across it, 3 is free. At
     * -sin 30, cos 30 (y grows downwards) times 3. */
    {"parallel and turned", {0, 0, 10, 1, 30}, {1.5, 2.598, 10, 1, 30}, false},
    {"their upright frames meet", {0, 0, 10, 1, 45}, {6, 6, 1, 1, 0}, false},
    {"on the line itself", {0, 0, 10, 1, 45}, {6, -6, 1, 1, 0}, true},
};

START_TEST(boxes_meet_where_no_line_parts_them)
{
    const struct psim_box *a = &boxes[_i].a, *b = &boxes[_i].b;
    ck_assert_msg(psim_boxes_meet(a, b) == boxes[_i].meet, "%s", boxes[_i].name);
    ck_assert_msg(psim_boxes_meet(b, a) == boxes[_i].meet, "%s, swapped",
                  boxes[_i].name);
}
END_TEST

START_TEST(discs_lines_and_edges)
{
    const struct psim_box box = {0, 0, 3, 1, 0};
    /* The corner (3, 1) is 5 from (6, 5): 3-4-5. */
    ck_assert(psim_box_meets_disc(&box, 6, 5, 5.01));
    ck_assert(!psim_box_meets_disc(&box, 6, 5, 4.99));
    ck_assert(psim_box_meets_disc(&box, 0, 0, 0.1));
    /* A line through the whole width of 6; one across it, 2 long; one beside. */
    ck_assert_double_eq_tol(psim_box_on_line(&box, -9, 0, 9, 0), 6, 1e-12);
    ck_assert_double_eq_tol(psim_box_on_line(&box, 1, -9, 1, 9), 2, 1e-12);
    ck_assert_double_eq(psim_box_on_line(&box, -9, 1.5, 9, 1.5), 0);
    ck_assert_double_eq(psim_box_on_line(&box, 4, 0, 9, 0), 0);
    /* Turned by 90 degrees it is 2 wide and 6 high. */
    const struct psim_box upright = {0, 0, 3, 1, 90};
    ck_assert(psim_box_inside(&upright, &(struct psim_rect){-1.01, -3.01, 1.01, 3.01}));
    ck_assert(
        !psim_box_inside(&upright, &(struct psim_rect){-3.01, -1.01, 3.01, 1.01}));
}
END_TEST

static struct psim_candidate
at(double x, double y, double cost)
{
    return (struct psim_candidate){.box = {x, y, 2, 1, 0}, .cost = cost};
}

START_TEST(the_cheapest_free_place_is_taken)
{
    struct psim_arena arena = {0};
    struct psim_placer placer = {.arena = &arena, .area = {0, 0, 100, 100}};
    psim_placer_disc(&placer, 50, 50, 3);
    const struct psim_candidate offers[] = {
        at(1, 50, 0),  /* leaves the area: its left edge is at -1 */
        at(54, 50, 1), /* covers the point: from 52 on, which reaches to 53 */
        at(56, 50, 3), at(44, 50, 2), at(50, 60, 2),
    };
    size_t chosen = 9;
    ck_assert(psim_place(&placer, offers, PSIM_COUNT(offers), &chosen));
    ck_assert_uint_eq(chosen, 3); /* of two at 2 the first */
    ck_assert(psim_place(&placer, offers, PSIM_COUNT(offers), &chosen));
    ck_assert_uint_eq(chosen, 4);
    ck_assert(psim_place(&placer, offers, PSIM_COUNT(offers), &chosen));
    ck_assert_uint_eq(chosen, 2);
    chosen = 9;
    ck_assert(!psim_place(&placer, offers, PSIM_COUNT(offers), &chosen));
    ck_assert_uint_eq(chosen, 9); /* untouched */
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_line_beneath_costs_its_length)
{
    struct psim_arena arena = {0};
    struct psim_placer placer = {.arena = &arena, .area = {0, 0, 100, 100}};
    psim_placer_stroke(&placer, 0, 20, 100, 20);
    /* 4 wide on the line, 2 high: 2 heights. The other place costs 1.9, then 2.1. */
    const struct psim_candidate near[] = {at(50, 20, 0), at(50, 40, 1.9)};
    const struct psim_candidate far[] = {at(70, 20, 0), at(70, 40, 2.1)};
    size_t chosen = 9;
    ck_assert(psim_place(&placer, near, 2, &chosen));
    ck_assert_uint_eq(chosen, 1);
    ck_assert(psim_place(&placer, far, 2, &chosen));
    ck_assert_uint_eq(chosen, 0);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(leaders_cross_no_label_and_no_leader)
{
    struct psim_arena arena = {0};
    struct psim_placer placer = {.arena = &arena, .area = {0, 0, 100, 100}};
    psim_placer_box(&placer, &(struct psim_box){50, 30, 2, 1, 0});
    struct psim_candidate offers[] = {at(50, 10, 0), at(20, 50, 1)};
    for (size_t i = 0; i < 2; i++) {
        offers[i].leads = true;
        offers[i].tip_x = 50;
        offers[i].tip_y = 50;
        offers[i].gap = 5;
    }
    /* From its edge at (22, 50) to 5 before the tip. */
    const struct psim_stroke line = psim_leader(&offers[1]);
    ck_assert_double_eq_tol(line.x0, 22, 1e-12);
    ck_assert_double_eq_tol(line.x1, 45, 1e-12);
    ck_assert_double_eq_tol(line.y1, 50, 1e-12);
    size_t chosen = 9;
    ck_assert(psim_place(&placer, offers, 2, &chosen));
    ck_assert_uint_eq(chosen, 1); /* above, the box at y = 30 is in the way */
    const struct psim_candidate on_it[] = {at(35, 50, 0)};
    ck_assert(!psim_place(&placer, on_it, 1, &chosen));
    psim_arena_free(&arena);
}
END_TEST

START_TEST(many_labels_never_meet)
{
    struct psim_arena arena = {0};
    struct psim_placer placer = {.arena = &arena, .area = {0, 0, 200, 120}};
    /* Points of a spiral, and for each 24 places round it, turned ones too. */
    for (int i = 0; i < 60; i++) {
        struct psim_candidate offers[24];
        const double x = 100 + i * cos(i), y = 60 + 0.8 * i * sin(i);
        psim_placer_disc(&placer, x, y, 2);
        for (int k = 0; k < 24; k++) {
            const double angle = 15.0 * k * 3.14159265358979 / 180;
            offers[k] = (struct psim_candidate){
                .box = {x + 14 * cos(angle), y + 9 * sin(angle), 9, 3, 15.0 * (k % 7)},
                .cost = k};
        }
        size_t chosen;
        (void)psim_place(&placer, offers, 24, &chosen);
    }
    ck_assert_uint_gt(placer.n_boxes, 10);
    for (size_t i = 0; i < placer.n_boxes; i++) {
        ck_assert(psim_box_inside(&placer.boxes[i], &placer.area));
        for (size_t k = 0; k < i; k++) {
            ck_assert(!psim_boxes_meet(&placer.boxes[i], &placer.boxes[k]));
        }
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("report/place");
    TCase *cases = tcase_create("place");
    tcase_add_loop_test(cases, boxes_meet_where_no_line_parts_them, 0,
                        PSIM_COUNT(boxes));
    tcase_add_test(cases, discs_lines_and_edges);
    tcase_add_test(cases, the_cheapest_free_place_is_taken);
    tcase_add_test(cases, a_line_beneath_costs_its_length);
    tcase_add_test(cases, leaders_cross_no_label_and_no_leader);
    tcase_add_test(cases, many_labels_never_meet);
    suite_add_tcase(suite, cases);
    return check_main(suite);
}
