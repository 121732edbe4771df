/* SPDX-License-Identifier: MIT */
/** @file The text form of a plan, where it is wrong: what is said, and where. */
#include "check_main.h"
#include "plan/plan_text.h"

/** Text that must not be read, and what is said about it. */
static const struct {
    const char *text, *message;
} faults[] = {
    {"nonsense\n", "plan:1:1: error: plan: a name given above is needed here"},
    {"server a op\na time 1\n", "plan:2:1: error: plan: an act above is needed here"},
    {"server a op\nserver a op\n",
     "plan:2:8: error: plan: a name not given above is needed here"},
    {"server a cm\n", "plan:1:10: error: plan: B, FLOP or op is needed here"},
    {"server a op for -1\n",
     "plan:1:17: error: plan: a number from 0 to 4294967295 is needed here"},
    {"server a op for 1.5\n", "plan:1:17: error: plan: a whole number is needed here"},
    {"server a op peak x\n", "plan:1:18: error: plan: a number is needed here"},
    {"server a op peak\n", "plan:1:13: error: plan: a number is needed here"},
    {"server a op home 3\n",
     "plan:1:18: error: plan: the end of the line is needed here"},
    {"tensor t 4 B 8\n", "plan:1:14: error: plan: extent/block is needed here"},
    {"axes q 1\n", "plan:1:1: error: plan: a kernel above is needed here"},
    {"kernel k dispatch x\n",
     "plan:1:19: error: plan: each, stride or queue is needed here"},
    {"kernel k\n  axes q 4\n  walk r\n",
     "plan:3:8: error: plan: an axis is needed here"},
    {"kernel k\n  axes q 4\n  walk q:x\n",
     "plan:3:8: error: plan: axis:span is needed here"},
    {"kernel k\n  axes q 4\n  param p q 4 y 1\n",
     "plan:3:13: error: plan: x is needed here"},
    {"kernel k\n  channel c depth 300\n",
     "plan:2:19: error: plan: a number from 0 to 255 is needed here"},
    {"kernel k\n  dim size 1\n", "plan:2:3: error: plan: a tile above is needed here"},
    {"kernel k\n  end\n", "plan:2:3: error: plan: a role above is needed here"},
    {"kernel k\n  role r\n    loop 2*p\n",
     "plan:3:10: error: plan: a name given above is needed here"},
};

START_TEST(what_is_wrong_is_said)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    ck_assert_ptr_null(psim_plan_read(&arena, &diag, "plan", faults[_i].text));
    const char *said = check_printed(&arena, &diag, false);
    const size_t len = strcspn(said, "\n");
    ck_assert_str_eq(psim_arena_copy(&arena, said, len), faults[_i].message);
    psim_arena_free(&arena);
}
END_TEST

/** More lines than any table of a kernel or plan has room for. */
static const struct {
    const char *before, *line; /**< %u: a number, so that names differ */
} tables[] = {
    {"", "server s%u op\n"},
    {"", "cache c%u 64\n"},
    {"", "act a%u op\n"},
    {"", "tensor t%u 1 B 8/8\n"},
    {"", "kernel k%u\n"},
    {"kernel k\naxes q 1\n", "param p%u q 1 x 1\n"},
    {"kernel k\n", "channel c%u\n"},
    {"tensor t 1 B 8/8\nkernel k\n", "tile t%u of t\n"},
    {"tensor t 1 B 8/8\nkernel k\n", "use t read %u\n"},
    {"kernel k\n", "role r%u\n"},
    {"kernel k\nrole r\n", "loop %u\n"},
    {"kernel k\n", "run k # %u\n"},
};

START_TEST(a_table_that_is_full_is_said)
{
    enum { LINES = 5000 };
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    fputs(tables[_i].before, out);
    const char *at = strstr(tables[_i].line, "%u");
    for (unsigned i = 0; i < LINES; i++) {
        fprintf(out, "%.*s%u%s", (int)(at - tables[_i].line), tables[_i].line, i,
                at + 2);
    }
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_ptr_null(psim_plan_read(&arena, &diag, "plan", text));
    ck_assert_ptr_nonnull(
        strstr(check_printed(&arena, &diag, false), "plan: a plan with at most "));
    free(text);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("plan/text");
    TCase *text = tcase_create("text form");
    tcase_add_loop_test(text, what_is_wrong_is_said, 0, (int)PSIM_COUNT(faults));
    tcase_add_loop_test(text, a_table_that_is_full_is_said, 0, (int)PSIM_COUNT(tables));
    suite_add_tcase(suite, text);
    return check_main(suite);
}
