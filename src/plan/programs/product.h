/* SPDX-License-Identifier: MIT */
/** @file What the files of the program `product`, C = A B, share. */
#pragma once

#include "plan/lower.h"

/** How operands come from memory to where the compute operation wants them. */
enum psim_route {
    PSIM_ROUTE_COPY,   /**< one asynchronous copy to its home: no instruction between */
    PSIM_ROUTE_STAGED, /**< asynchronous copy to a scratchpad, then to registers */
    PSIM_ROUTE_HELD,   /**< through registers to a scratchpad: no asynchronous copy */
    PSIM_ROUTE_CACHED, /**< no scratchpad: a cache of the unit, or memory itself */
};

struct psim_product_route {
    enum psim_route route;
    int local;                           /**< memory that holds the tiles; -1 = none */
    const struct psim_operation *copy;   /**< memory to local, or to registers */
    const struct psim_operation *put;    /**< HELD: registers to local */
    const struct psim_operation *fetch;  /**< local to registers; NULL: implied */
    const struct psim_operation *second; /**< COPY: local to the home of b (weights) */
    const struct psim_operation *drain;  /**< local to memory, asynchronous; NULL */
    bool in_local;                       /**< sums lie there, not in registers */
};

/** @return false where the operands' homes cannot be reached */
bool psim_product_route(const struct psim_hw *hw, const struct psim_view *view,
                        const struct psim_operation *compute,
                        const struct psim_operation *copy,
                        struct psim_product_route *ret);

/** One instruction's part of a tile: rows x columns, either way round if @p turns. */
struct psim_mma psim_product_instruction(const struct psim_operation *compute,
                                         enum psim_dtype dtype, uint32_t m, uint32_t n,
                                         bool turns);

/** Bytes that a step's fragments read from local memory, by bundles (eq. P5). */
double psim_product_fragment_bytes(const struct psim_view *view,
                                   const struct psim_mapping *mapping, bool matrix,
                                   double elem_bytes);

/** The kernels of one mapping. @return false after psim_build_refuse */
bool psim_product_build(struct psim_build *b, const struct psim_part *part,
                        const struct psim_mapping *mapping);
