/* SPDX-License-Identifier: MIT */
/** @file Servers and caches of a plan, and demands of its acts on them. */
#pragma once

#include "plan/build.h"

/** "group.name" or "name" as one word, since the text form of a plan is made of words:
 * so results call what the machine calls otherwise. */
const char *psim_server_name(struct psim_arena *arena, const char *group,
                             const char *name);
const char *psim_build_name(struct psim_build *b, const char *group, const char *name);

/**
 * The server for something of the machine that every instance of @p group has:
 * the one made before, or @p fresh, which is given its name and doc here (a pipe's
 * doc is the name of its operation before). Instances in one unit are merged into
 * one server, whose peak is the sum of theirs.
 */
uint16_t psim_build_server(struct psim_build *b, struct psim_server_key key, int group,
                           struct psim_server fresh);

/** The plan's cache for a memory of the machine. */
uint8_t psim_build_cache(struct psim_build *b, int memory);

/**
 * Add a demand to an act, unless it is for nothing.
 *
 * @param behind     only what missed in the act's first so many caches
 * @param s_per_unit time on the server for one of what the act counts
 * @param count      of what the server counts, for one of what the act counts
 * @param energy_j   of that
 */
void psim_demand(struct psim_act *act, uint16_t server, uint8_t behind,
                 double s_per_unit, double count, double energy_j);

/** Issue slots of the hardware groups that start invocations (eq. M4). */
void psim_demand_issue(struct psim_build *b, struct psim_act *act,
                       double slots_per_unit);

/**
 * Say of what the issue slots that come next are made: @p times those of an operation,
 * or so many other instructions (@p op NULL), over @p per that start together.
 * @return so many slots
 */
double psim_demand_slots(struct psim_build *b, const struct psim_operation *op,
                         enum psim_dtype dtype, double times, double per);

/** Say that an act waits for an operation's latency; of @p longest ones the longest
 * counts. */
void psim_demand_wait(struct psim_build *b, const struct psim_operation *op,
                      enum psim_dtype dtype, bool longest);

/** What one unit of an act's amount asks of an operation's pipes. */
struct psim_pipe_use {
    enum psim_dtype dtype;
    double per_s; /**< the operation's rate on one pipe */
    double units; /**< of that rate */
    double count; /**< of `counts` */
    enum psim_dim counts;
    double energy_j; /**< of all of it */
};

/**
 * Demands on an operation's pipes: one of a list is any of them, so each takes
 * its share.
 */
void psim_demand_pipe(struct psim_build *b, struct psim_act *act,
                      const struct psim_operation *op, const struct psim_pipe_use *use);

/**
 * Equal work-groups whose loops wait for pipes only, served in turn, stay in
 * phase: while all are at one act, the pipes of the others idle (eq. M7). To be
 * called when the act's other demands are there.
 *
 * @param in_phase the part of the time for which they are; 0 = never
 */
void psim_demand_turn(struct psim_build *b, struct psim_act *act, double in_phase);

/** What one unit of an act's amount asks of a memory. */
struct psim_memory_use {
    double bytes;
    double piece_bytes; /**< of each access, where they lie apart; 0: they do not */
    uint8_t behind;     /**< only what missed in the act's first so many caches */
    bool write;
    bool engine; /**< by what needs no port to it */
};

/** Bandwidth and port of one memory; its parts share the whole's. */
void psim_demand_memory(struct psim_build *b, struct psim_act *act, int memory,
                        const struct psim_memory_use *use);

/** A link to the host, @p out or in, and its latency (eq. M14). */
void psim_demand_link(struct psim_build *b, struct psim_act *act, int link, bool out);

/** The host's own copies between its pages and what the link takes. */
void psim_demand_staging(struct psim_build *b, struct psim_act *act, int link,
                         bool out);

/** Name of an operation as one word: itself, in most machines. */
const char *psim_act_name(struct psim_build *b, const char *name);

/** The act of a move, which is not yet one of the plan. */
struct psim_act psim_move_make(struct psim_build *b, const struct psim_move *move,
                               const struct psim_pieces *pieces);

/** A memory with a latency only: each lane has one access in flight (eq. M3). */
void psim_demand_lanes(struct psim_build *b, struct psim_act *act, int memory,
                       uint8_t behind, double access_bytes);
