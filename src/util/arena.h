/* SPDX-License-Identifier: MIT */
/** @file Arena: everything that lives exactly as long as one command. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct psim_arena_block;

/** Growing region of memory. Zero-initialise it; free it once, whole. */
struct psim_arena {
    struct psim_arena_block *head;
};

/** How full an arena was: what was allocated since can be given back. */
struct psim_arena_mark {
    struct psim_arena_block *head;
    size_t used;
};

/**
 * Zeroed memory, aligned for any type. Never NULL: out of memory ends the
 * process with a message, so no caller carries a path that cannot be tested.
 */
void *psim_arena_alloc(struct psim_arena *arena, size_t count, size_t size);

/**
 * Room for one more in an array that grows: where its @p n elements fill it, a copy twice
 * as large; where it has none yet, one of @p first.
 *
 * @param room how many fit into it, 0 at first
 * @return the array, perhaps another one; its new elements are zero
 */
void *psim_arena_more(struct psim_arena *arena, void *array, size_t n, size_t *room,
                      size_t first, size_t size);

/** Formatted text, with a zero behind it. */
char *psim_arena_printf(struct psim_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *psim_arena_vprintf(struct psim_arena *arena, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/** A copy of @p len bytes with a zero behind them. */
char *psim_arena_copy(struct psim_arena *arena, const char *text, size_t len);

/** Where the arena is now. */
struct psim_arena_mark psim_arena_mark(const struct psim_arena *arena);

/**
 * Give back all that was allocated after @p mark: a search tries thousands of plans.
 * Diagnostics recorded after the mark are among it: psim_diag_clear() first.
 */
void psim_arena_rewind(struct psim_arena *arena, struct psim_arena_mark mark);

/**
 * Take over all that another arena holds, so that it lives as long as this one: threads
 * have an arena each while they work. The other is empty then; marks of this one stay
 * good, those of the other do not.
 */
void psim_arena_adopt(struct psim_arena *arena, struct psim_arena *other);

/** Give back everything; the arena is empty and may be used again. */
void psim_arena_free(struct psim_arena *arena);

/** For a library that reports a failed allocation of its own: the same one end. */
_Noreturn void psim_die_out_of_memory(size_t bytes);

#define PSIM_NEW(arena, type) ((type *)psim_arena_alloc((arena), 1, sizeof(type)))
#define PSIM_NEW_N(arena, type, count)                                                 \
    ((type *)psim_arena_alloc((arena), (count), sizeof(type)))
#define PSIM_COUNT(array) (sizeof(array) / sizeof((array)[0]))
