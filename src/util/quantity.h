/* SPDX-License-Identifier: MIT */
/** @file Quantities: "1555 GB/s" at the edge, a double in SI inside. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct psim_arena;

/** What a number measures. Inside the program each has one unit only. */
enum psim_dim {
    PSIM_DIM_NONE,            /**< a plain number; "91 %" is 0.91 */
    PSIM_DIM_BYTES,           /**< B */
    PSIM_DIM_SECONDS,         /**< s */
    PSIM_DIM_CYCLES,          /**< cycles of a clock that the context names */
    PSIM_DIM_HERTZ,           /**< Hz */
    PSIM_DIM_BYTES_PER_S,     /**< B/s */
    PSIM_DIM_BYTES_PER_CYCLE, /**< B/cycle */
    PSIM_DIM_FLOP,            /**< FLOP: work */
    PSIM_DIM_FLOP_PER_S,      /**< FLOP/s */
    PSIM_DIM_FLOP_PER_CYCLE,  /**< FLOP/cycle */
    PSIM_DIM_OP_PER_S,        /**< op/s: invocations */
    PSIM_DIM_OP_PER_CYCLE,    /**< op/cycle, also written "/cycle" */
    PSIM_DIM_FLOP_PER_BYTE,   /**< FLOP/B: arithmetic intensity */
    PSIM_DIM_JOULES,          /**< J */
    PSIM_DIM_WATTS,           /**< W */
    PSIM_DIM_J_PER_BYTE,      /**< J/B */
    PSIM_DIM_J_PER_FLOP,      /**< J/FLOP */
    PSIM_DIM_J_PER_OP,        /**< J/op */
    PSIM_N_DIMS,
};

/** A set of dimensions: some figures may be given in seconds or in cycles. */
typedef uint32_t psim_dims;
#define PSIM_DIM_BIT(dim) ((psim_dims)1 << (dim))

/** The unit in which a dimension is kept, for messages and headings: "B/s". */
const char *psim_dim_unit(enum psim_dim dim);
/** The word for it: "bandwidth". */
const char *psim_dim_name(enum psim_dim dim);

enum psim_quantity_status {
    PSIM_QUANTITY_OK,
    PSIM_QUANTITY_NOT_A_NUMBER,
    PSIM_QUANTITY_NO_UNIT,
    PSIM_QUANTITY_UNKNOWN_UNIT,
    PSIM_QUANTITY_WRONG_DIM,
    PSIM_QUANTITY_TOO_LARGE,
};

struct psim_quantity {
    double value; /**< in the SI unit of dim */
    enum psim_dim dim;
};

/**
 * Read a number with its unit: "1555 GB/s", "40 GiB", "1.41GHz", "3.7 pJ".
 *
 * SI prefixes are powers of 1000, IEC prefixes (Ki, Mi, Gi, Ti, Pi) powers of 1024.
 * Bits are taken as eighths of a byte ("14.7 pJ/bit", "400 Gbit/s"). Other
 * spellings of a unit are one table: "cycle", "clk", "/s", "µs", "us", "FLOPS".
 * What would be a slip of the shift key is refused: "5 Ms", "2 mB", "8 Gb".
 *
 * @param allowed     the dimensions that the context accepts
 * @param bare_unit   unit of a number without one, or NULL: then a unit is
 *                    required unless PSIM_DIM_NONE is allowed. Where it does not
 *                    fit and PSIM_DIM_NONE is allowed, the number stays plain
 * @param ret         value and dimension; only when OK
 * @param reterr_dim  the dimension found; only when WRONG_DIM
 */
enum psim_quantity_status psim_quantity_parse(const char *text, psim_dims allowed,
                                              const char *bare_unit,
                                              struct psim_quantity *ret,
                                              enum psim_dim *reterr_dim);

/** Whether @p unit ("cycles", "op/s") is known, and what it measures. */
bool psim_unit_find(const char *unit, enum psim_dim *ret_dim);

/** The unit of @p allowed, prefix included, that @p typed may have been; or NULL. */
const char *psim_unit_guess(struct psim_arena *arena, const char *typed,
                            psim_dims allowed);

/**
 * For people: "1.555 TB/s", "83.52 µs", "128 MiB" where a size is a whole number
 * of 1024ths. At most @p digits significant digits (1 to 17), zeros at the end left
 * away; what has no prefix keeps the digits before its point ("12345 cycles").
 * Beyond the prefixes "1.2e25 B/s". The same bytes in every locale.
 */
const char *psim_quantity_print(struct psim_arena *arena, double value,
                                enum psim_dim dim, int digits);

/** The shortest decimal text that reads back as the same double; "inf", "nan". */
const char *psim_number_print(struct psim_arena *arena, double value);
