/* SPDX-License-Identifier: MIT */
/** @file Regions straight from the system. */
#include "measure/cpu/memory.h"

#include <stdint.h>
#include <sys/mman.h>

#include "util/arena.h"

enum { LARGE_PAGE = 2 << 20 };

void *
psim_region_new(struct psim_arena *arena, struct psim_region **list, size_t bytes)
{
    /* A page more, so that the data can start on a large page. */
    const size_t room = (bytes / LARGE_PAGE + 2) * LARGE_PAGE;
    struct psim_region *region = PSIM_NEW(arena, struct psim_region);
    void *data =
        mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED) psim_die_out_of_memory(bytes);
#ifdef MADV_HUGEPAGE
    (void)madvise(data, room, MADV_HUGEPAGE);
#endif
    *region = (struct psim_region){.next = *list, .data = data, .bytes = room};
    *list = region;
    const uintptr_t at = (uintptr_t)data;
    const size_t skip = (size_t)((LARGE_PAGE - at % LARGE_PAGE) % LARGE_PAGE);
    return (char *)data + skip;
}

void
psim_regions_free(struct psim_region **list)
{
    for (struct psim_region *r = *list; r; r = r->next) {
        (void)munmap(r->data, r->bytes);
    }
    *list = NULL;
}
