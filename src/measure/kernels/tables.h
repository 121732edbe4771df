/* SPDX-License-Identifier: MIT */
/** @file The tables of this copy, under the names that it gives them. */
#pragma once

#include "measure/kernels/kernels.h"
#include "measure/kernels/vec.h"

extern const struct psim_stream_kernel PSIM_COPY(streams)[];
extern const struct psim_product_kernels PSIM_COPY(product);
extern const struct psim_row_kernels PSIM_COPY(rows);
extern const struct psim_attention_kernels PSIM_COPY(attention);
extern const struct psim_move_kernels PSIM_COPY(moves);
extern const struct psim_field_kernels PSIM_COPY(fields);
extern const struct psim_micro_kernels PSIM_COPY(micro);
extern const struct psim_kernels PSIM_COPY(kernels);
