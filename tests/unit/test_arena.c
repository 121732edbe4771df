/* SPDX-License-Identifier: MIT */
/** @file The arena: zeroed, aligned, given back to a mark, and its one end. */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_main.h"

/** Larger than any block, and than several. */
enum { LARGE = 1 << 20 };

static bool
all_zero(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) return false;
    }
    return true;
}

START_TEST(memory_is_zeroed_also_after_a_rewind)
{
    struct psim_arena arena = {0};
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    for (int round = 0; round < 3; round++) {
        char *small = psim_arena_alloc(&arena, 100, 1);
        char *large = psim_arena_alloc(&arena, LARGE, 1);
        ck_assert(all_zero(small, 100));
        ck_assert(all_zero(large, LARGE));
        memset(small, 0xAA, 100);
        memset(large, 0xAA, LARGE);
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(what_is_adopted_lives_on)
{
    struct psim_arena arena = {0}, other = {0}, empty = {0};
    const struct psim_arena_mark start = psim_arena_mark(&arena);
    char *own = psim_arena_copy(&arena, "own", 3);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    char *text = psim_arena_copy(&other, "another's", 9);
    char *large = psim_arena_alloc(&other, LARGE, 1);
    psim_arena_adopt(&arena, &other);
    psim_arena_adopt(&arena, &empty);
    ck_assert_ptr_null(other.head);
    psim_arena_free(&other);
    (void)psim_arena_alloc(&arena, LARGE, 1);
    psim_arena_rewind(&arena, mark);
    ck_assert_str_eq(own, "own");
    ck_assert_str_eq(text, "another's");
    ck_assert(all_zero(large, LARGE));
    /* An empty arena takes over the blocks of another as its own. */
    psim_arena_adopt(&other, &arena);
    ck_assert_str_eq(own, "own");
    psim_arena_rewind(&other, start);
    ck_assert_ptr_null(other.head);
}
END_TEST

START_TEST(memory_is_aligned_for_any_type)
{
    struct psim_arena arena = {0};
    for (size_t size = 1; size < 200; size++) {
        (void)psim_arena_copy(&arena, "odd",
                              3); /* text is packed: it shifts the rest */
        const void *mem = psim_arena_alloc(&arena, 1, size);
        ck_assert_uint_eq((uintptr_t)mem % _Alignof(max_align_t), 0);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(allocations_do_not_overlap)
{
    enum { N = 20000 }; /* of 16 bytes: five blocks of 64 KiB */
    struct psim_arena arena = {0};
    uint64_t **numbers = PSIM_NEW_N(&arena, uint64_t *, N);
    for (uint64_t i = 0; i < N; i++) {
        numbers[i] = PSIM_NEW_N(&arena, uint64_t, 2);
        numbers[i][0] = i;
        numbers[i][1] = ~i;
    }
    for (uint64_t i = 0; i < N; i++) {
        ck_assert_uint_eq(numbers[i][0], i);
        ck_assert_uint_eq(numbers[i][1], ~i);
    }
    psim_arena_free(&arena);
}
END_TEST

START_TEST(a_mark_keeps_what_came_before_it)
{
    struct psim_arena arena = {0};
    const char *kept = psim_arena_printf(&arena, "kept %d", 7);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    const char *first = psim_arena_printf(&arena, "given back");
    (void)psim_arena_alloc(&arena, LARGE, 1);
    psim_arena_rewind(&arena, mark);
    const char *again = psim_arena_printf(&arena, "given again");
    ck_assert_str_eq(kept, "kept 7");
    ck_assert_str_eq(again, "given again");
    ck_assert_ptr_eq(first, again);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(text_is_copied_with_a_zero_behind)
{
    struct psim_arena arena = {0};
    const char text[] = {'a', 'b', 'c', 'd'};
    ck_assert_str_eq(psim_arena_copy(&arena, text, 3), "abc");
    ck_assert_str_eq(psim_arena_copy(&arena, NULL, 0), "");
    ck_assert_str_eq(psim_arena_printf(&arena, "%s-%03u", "x", 5u), "x-005");
    psim_arena_free(&arena);
}
END_TEST

START_TEST(nothing_may_be_asked_for_and_freed)
{
    struct psim_arena arena = {0};
    ck_assert_ptr_nonnull(psim_arena_alloc(&arena, 0, 8));
    ck_assert_ptr_nonnull(psim_arena_alloc(&arena, 8, 0));
    psim_arena_free(&arena);
    ck_assert_ptr_null(arena.head);
    psim_arena_free(&arena);
}
END_TEST

/** What a child says on stderr when it asks for too much, and how it ends. */
static int
ask_for_too_much(char *ret_said, size_t size)
{
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct psim_arena arena = {0};
        (void)dup2(ends[1], STDERR_FILENO);
        (void)psim_arena_alloc(&arena, SIZE_MAX / 4, 16);
        _exit(77); /* not reached */
    }
    (void)close(ends[1]);
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len + 1 < size; len += n > 0 ? (size_t)n : 0) {
        n = read(ends[0], ret_said + len, size - len - 1);
    }
    ret_said[len] = '\0';
    (void)close(ends[0]);
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

START_TEST(out_of_memory_ends_the_process_with_a_message)
{
    char said[200], want[200];
    ck_assert_int_eq(ask_for_too_much(said, sizeof said), 1);
    (void)snprintf(want, sizeof want,
                   "perfsim: error: out of memory (%zu bytes asked for)\n", SIZE_MAX);
    ck_assert_str_eq(said, want);
}
END_TEST

/* Room for 2, 4, 8 of them: it is copied when the third and the fifth come. */
START_TEST(an_array_that_grows_keeps_what_it_has)
{
    struct psim_arena arena = {0};
    size_t room = 0;
    int *numbers = NULL;
    for (size_t n = 0; n < 6; n++) {
        const int *before = numbers;
        numbers = psim_arena_more(&arena, numbers, n, &room, 2, sizeof *numbers);
        ck_assert_int_eq(numbers != before, n == 0 || n == 2 || n == 4);
        ck_assert_int_eq(numbers[n], 0);
        numbers[n] = (int)n + 1;
    }
    ck_assert_uint_eq(room, 8);
    for (size_t n = 0; n < 6; n++) {
        ck_assert_int_eq(numbers[n], (int)n + 1);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("util/arena");
    TCase *arena = tcase_create("arena");
    tcase_add_test(arena, memory_is_zeroed_also_after_a_rewind);
    tcase_add_test(arena, what_is_adopted_lives_on);
    tcase_add_test(arena, memory_is_aligned_for_any_type);
    tcase_add_test(arena, allocations_do_not_overlap);
    tcase_add_test(arena, a_mark_keeps_what_came_before_it);
    tcase_add_test(arena, text_is_copied_with_a_zero_behind);
    tcase_add_test(arena, nothing_may_be_asked_for_and_freed);
    tcase_add_test(arena, out_of_memory_ends_the_process_with_a_message);
    tcase_add_test(arena, an_array_that_grows_keeps_what_it_has);
    suite_add_tcase(suite, arena);
    return check_main(suite);
}
