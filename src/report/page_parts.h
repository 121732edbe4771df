/* SPDX-License-Identifier: MIT */
/** @file Parts of the JSON of a page, for the files page_*.c only. */
#pragma once

#include "report/page.h"

struct cJSON; /* its header is for the .c files */

/** Places of inputs that the page shows: each once, numbered from 1. */
struct psim_page_notes {
    struct psim_arena *arena;
    struct psim_loc *places;
    size_t n, room;
};

/** The number of a place; 0 where it is none. */
size_t psim_page_note(struct psim_page_notes *notes, struct psim_loc at);

/** A list of {file, line, text, over}: the lines that stand there, and those of other
 * layers that change something of it. */
struct cJSON *psim_page_notes_json(struct psim_page_notes *notes,
                                   const struct psim_page *page);

/** A text in which nothing stands that is no UTF-8 or turns text round. NULL: null. */
struct cJSON *psim_page_text(struct psim_arena *arena, const char *text);

/** Members. Negative numbers that mean "not known" are the caller's to leave away. */
void psim_page_put_text(struct psim_arena *arena, struct cJSON *object, const char *key,
                        const char *text);
void psim_page_put_number(struct cJSON *object, const char *key, double number);
/** The same, but null where it is negative. */
void psim_page_put_known(struct cJSON *object, const char *key, double number);
void psim_page_put_note(struct psim_page_notes *notes, struct cJSON *object,
                        struct psim_loc at);

/** Numbers by the thousand: "125e-8 3 5e-1", as short as @p digits allow; what is
 * negative is not known: "-". */
struct psim_page_pack {
    FILE *file;
    char *text;
    size_t len;
    bool any;
};
void psim_page_pack_start(struct psim_page_pack *pack);
void psim_page_pack_add(struct psim_page_pack *pack, double number, int digits);
/** A string; nothing of @p pack remains. */
struct cJSON *psim_page_pack_end(struct psim_page_pack *pack);

/** Which of a result's kernels are alike in all that is shown. */
struct psim_page_classes {
    size_t *of;    /**< of each kernel */
    size_t *first; /**< of each class: a kernel of it */
    size_t n;
};
void psim_page_classify(struct psim_arena *arena, const struct psim_page_run *run,
                        struct psim_page_classes *ret);

/** Lines of programs: each once. */
struct psim_page_lines {
    struct psim_arena *arena;
    const char **items;
    size_t n, room;
    size_t *slots; /**< open addressing: 1 + index; 0: free */
    size_t n_slots;
};
size_t psim_page_line(struct psim_page_lines *lines, const char *text, size_t len);

struct cJSON *psim_page_machine_json(struct psim_page_notes *notes,
                                     const struct psim_page *page);
struct cJSON *psim_page_run_json(struct psim_page_notes *notes,
                                 struct psim_page_lines *lines,
                                 const struct psim_page_run *run);
/** Adds `servers`, `kernels` and `launches`. */
void psim_page_put_kernels(struct psim_page_notes *notes,
                           const struct psim_page_run *run,
                           const struct psim_page_classes *classes,
                           struct cJSON *object);
/** Adds `timeline`, and `play` to the kernels whose work-groups it has. */
void psim_page_put_timeline(struct psim_arena *arena, const struct psim_page_run *run,
                            const struct psim_page_classes *classes,
                            struct cJSON *object);
struct cJSON *psim_page_turns_json(struct psim_arena *arena,
                                   const struct psim_page_run *run,
                                   const struct psim_page_classes *classes);
struct cJSON *psim_page_programs_json(struct psim_page_lines *lines,
                                      const struct psim_page_run *run);
