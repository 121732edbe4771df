/* SPDX-License-Identifier: MIT */
/** @file One kernel of the program `rows` while it is built. */
#pragma once

#include "plan/lower.h"

enum {
    PSIM_ROWS_MOST = 64, /**< elements of a lane in registers: a quarter of the file */
    PSIM_ROWS_TURN = 8,  /**< elements of a lane in one turn of a pass */
};

/** Which steps of the program are a role's: with look-ahead, loads have their own. */
enum psim_rows_share {
    PSIM_ROWS_ALL,
    PSIM_ROWS_LOADS,
    PSIM_ROWS_BUT_LOADS,
};

/** What the parts of the kernel need to know of each other. */
struct psim_rows_work {
    struct psim_build *b;
    const struct psim_part *part;
    const struct psim_recipe *recipe;
    const struct psim_mapping *map;
    enum psim_rows_share share; /**< of the role that is being built */
    bool once;                  /**< a row is read once and stays */
    bool held;                  /**< in registers, from pass to pass */
    uint8_t rows;               /**< parameter: rows of a work-group */
    uint8_t turns, tail;        /**< parameters: of a part; PSIM_NONE: flat_turns, 1 */
    uint64_t flat_turns, rest;  /**< whole turns of a row; columns of a last one */
    uint8_t channel;
    uint8_t load, store, fetch, put; /**< acts; the last two PSIM_NONE if direct */
    uint8_t in[2], out[2], vec[2];   /**< tiles: of a whole turn, of the last one */
    double chunk;                    /**< elements of a row in one turn */
    double elem;
};

/**
 * How a row is cut, and its tensors.
 * @return the axis of parts of a row; PSIM_NONE: it is whole
 */
uint8_t psim_rows_tensors(struct psim_rows_work *w, uint8_t rows_axis);

/** One role: its loads, all but those, or both. */
void psim_rows_role(struct psim_rows_work *w, enum psim_rows_share share, bool split);
