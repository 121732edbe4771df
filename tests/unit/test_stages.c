/* SPDX-License-Identifier: MIT */
/** @file Stages in a row: what comes out, by one thread and by several. */
#include "check_main.h"
#include "measure/cpu/stages.h"

enum { STAGES = 3, FRAMES = 100, DEPTH = 4, WORDS = 5 };

static uint64_t words[STAGES][DEPTH * WORDS];

/** By as many threads as stages, or by one. */
START_TEST(each_frame_goes_through_all_stages_in_order)
{
    struct psim_arena arena = {0};
    struct psim_stage_queue queue[STAGES] = {0};
    for (int i = 0; i < STAGES; i++) {
        queue[i].words = words[i];
        memset(words[i], 0, sizeof(words[i]));
    }
    struct psim_stages stages = {STAGES, FRAMES, DEPTH, WORDS, 10, queue};
    struct psim_team *team = psim_team_start(&arena, NULL, _i == 0 ? 1 : STAGES);
    for (int turn = 0; turn < 3; turn++) {
        ck_assert_uint_eq(psim_stages_run(team, &stages), 0);
    }
    /* A frame starts as its number; stage i has added i + 1. The last four frames, 96
     * to 99, lie in slots 0 to 3. */
    for (unsigned i = 0; i < STAGES; i++) {
        for (unsigned slot = 0; slot < DEPTH; slot++) {
            for (unsigned w = 0; w < WORDS; w++) {
                ck_assert_uint_eq(words[i][slot * WORDS + w], 96 + slot + i + 1);
            }
        }
        ck_assert_uint_eq(atomic_load(&queue[i].committed), FRAMES);
    }
    /* All queues but the last one are emptied. */
    ck_assert_uint_eq(atomic_load(&queue[0].released), FRAMES);
    ck_assert_uint_eq(atomic_load(&queue[STAGES - 1].released), 0);
    psim_team_stop(team);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("measure/stages");
    TCase *tcase = tcase_create("stages");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, each_frame_goes_through_all_stages_in_order, 0, 2);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
