/* SPDX-License-Identifier: MIT */
/** @file What the files that read the text form of a plan share. */
#pragma once

#include "plan/plan.h"

enum {
    PSIM_READER_WORDS = 64, /**< of a line */
    PSIM_READER_NAMED = 64,
    PSIM_READER_LAUNCHES = 4096,
    PSIM_READER_RUNS = 256, /**< of all parameters of a kernel */
};

/** One line, cut into words. */
struct psim_words {
    const char *text[PSIM_READER_WORDS];
    unsigned column[PSIM_READER_WORDS];
    size_t n, at; /**< `at`: the next to read */
    unsigned line;
};

/** The tables that grow while the lines are read. */
struct psim_reader {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_source *source;
    struct psim_words w;
    struct psim_plan *plan;
    struct psim_server *servers;
    struct psim_act *acts;
    struct psim_cache *caches;
    struct psim_tensor *tensors;
    struct psim_kernel *kernels;
    struct psim_launch *launches;
    struct psim_level *walk; /**< of the last kernel, like all below */
    struct psim_param *params;
    struct psim_run *runs;
    struct psim_channel *channels;
    struct psim_tile *tiles;
    struct psim_role *roles;
    struct psim_step *steps;
    struct psim_use *uses;
    uint16_t n_runs;
    uint8_t dim; /**< dimensions read of the last tile */
    bool ok;     /**< false after an error */
};

/** Cut the line at @p line into words. @return where the next line starts */
const char *psim_next_line(struct psim_reader *r, const char *line);

/** "plan: WHAT is needed here", at the word that was read last. */
void psim_reader_fail(struct psim_reader *r, const char *what);

/** The next word; "" after an error where there is none. */
const char *psim_next_word(struct psim_reader *r, const char *what);

/** Whether the next word is that one; then it is read. */
bool psim_accept(struct psim_reader *r, const char *word);

/** The next word as a name that no entry of the table has; entries start with theirs.
 */
const char *psim_new_name(struct psim_reader *r, const void *table, size_t size,
                          size_t n);

/** The next word as a number, 0 after an error; a count is one of 0 to @p most. */
double psim_next_number(struct psim_reader *r);
int64_t psim_next_whole(struct psim_reader *r);
uint64_t psim_next_count(struct psim_reader *r, uint64_t most);

/** Whether a table of @p n entries may grow; else an error. */
bool psim_has_room(struct psim_reader *r, size_t n, size_t most);

/**
 * Index of a named entry of a table whose elements start with their name;
 * 0 after an error where it has none of that name.
 */
uint32_t psim_index_of(struct psim_reader *r, const char *word, const void *table,
                       size_t size, size_t n);

/** The next word as the index of an entry of @p table, or as the name of a new one. */
#define PSIM_FIND(r, table, n)                                                         \
    psim_index_of((r), psim_next_word((r), "a name"), (table), sizeof *(table), (n))
#define PSIM_NEW_NAME(r, table, n) psim_new_name((r), (table), sizeof *(table), (n))

/**
 * The line as a statement about the kernel that was started last.
 * @return false, with nothing read, where its first word is none of those
 */
bool psim_read_in_kernel(struct psim_reader *r);
