/* SPDX-License-Identifier: MIT */
/** @file Arena: a list of blocks, filled from the front, freed at once. */
#include "util/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Inside a block every byte is the program's own, so the sanitizer must be told
 * which ones were handed out, or it would miss every overrun. */
#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
enum { REDZONE_BYTES = 16 };
#else
#define ASAN_POISON_MEMORY_REGION(addr, size)   ((void)(addr), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(addr, size) ((void)(addr), (void)(size))
enum { REDZONE_BYTES = 0 };
#endif

/** Below the size from which malloc() asks the kernel each time. */
enum { BLOCK_BYTES = 64 * 1024 };

struct psim_arena_block {
    struct psim_arena_block *next;
    size_t used, size;
    max_align_t data[];
};

_Noreturn void
psim_die_out_of_memory(size_t bytes)
{
    fprintf(stderr, "perfsim: error: out of memory (%zu bytes asked for)\n", bytes);
    exit(EXIT_FAILURE);
}

static void
push_block(struct psim_arena *arena, size_t bytes)
{
    const size_t room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct psim_arena_block *block = malloc(sizeof *block + room);
    if (!block) psim_die_out_of_memory(room);
    block->used = 0;
    block->size = room;
    block->next = arena->head;
    ASAN_POISON_MEMORY_REGION(block->data, room);
    arena->head = block;
}

/** @p bytes not yet zeroed, at a multiple of @p align, a power of two. */
static void *
take(struct psim_arena *arena, size_t bytes, size_t align)
{
    if (bytes > SIZE_MAX / 2) psim_die_out_of_memory(bytes);
    const size_t need = bytes + REDZONE_BYTES;
    const struct psim_arena_block *head = arena->head;
    size_t at = head ? (head->used + align - 1) & ~(align - 1) : 0;
    if (!head || at > head->size || head->size - at < need) {
        push_block(arena, need);
        at = 0;
    }
    arena->head->used = at + need;
    char *mem = (char *)arena->head->data + at;
    ASAN_UNPOISON_MEMORY_REGION(mem, bytes);
    return mem;
}

void *
psim_arena_alloc(struct psim_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) psim_die_out_of_memory(SIZE_MAX);
    void *mem = take(arena, count * size, _Alignof(max_align_t));
    return memset(mem, 0, count * size);
}

char *
psim_arena_copy(struct psim_arena *arena, const char *text, size_t len)
{
    char *copy = take(arena, len + 1, 1);
    if (len > 0) memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void *
psim_arena_more(struct psim_arena *arena, void *array, size_t n, size_t *room,
                size_t first, size_t size)
{
    if (n < *room) return array;
    *room = *room > 0 ? 2 * *room : first;
    void *more = psim_arena_alloc(arena, *room, size);
    if (n > 0) memcpy(more, array, n * size);
    return more;
}

char *
psim_arena_vprintf(struct psim_arena *arena, const char *fmt, va_list ap)
{
    char line[128]; /* most texts are names: printed once, then copied */
    va_list again;
    va_copy(again, ap);
    const int len = vsnprintf(line, sizeof line, fmt, ap);
    assert(len >= 0);
    const size_t size = (size_t)len + 1;
    char *text = take(arena, size, 1);
    if (size <= sizeof line) {
        memcpy(text, line, size);
    } else {
        (void)vsnprintf(text, size, fmt, again);
    }
    va_end(again);
    return text;
}

char *
psim_arena_printf(struct psim_arena *arena, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *text = psim_arena_vprintf(arena, fmt, ap);
    va_end(ap);
    return text;
}

struct psim_arena_mark
psim_arena_mark(const struct psim_arena *arena)
{
    return (struct psim_arena_mark){
        .head = arena->head,
        .used = arena->head ? arena->head->used : 0,
    };
}

void
psim_arena_rewind(struct psim_arena *arena, struct psim_arena_mark mark)
{
    while (arena->head != mark.head) {
        struct psim_arena_block *block = arena->head;
        assert(block); /* a mark of another arena, or one already given back */
        arena->head = block->next;
        ASAN_UNPOISON_MEMORY_REGION(block->data, block->size);
        free(block);
    }
    if (!arena->head) return;
    arena->head->used = mark.used;
    ASAN_POISON_MEMORY_REGION((char *)arena->head->data + mark.used,
                              arena->head->size - mark.used);
}

void
psim_arena_adopt(struct psim_arena *arena, struct psim_arena *other)
{
    struct psim_arena_block **end = &arena->head;
    while (*end) {
        end = &(*end)->next;
    }
    *end = other->head;
    other->head = NULL;
}

void
psim_arena_free(struct psim_arena *arena)
{
    psim_arena_rewind(arena, (struct psim_arena_mark){0});
}
