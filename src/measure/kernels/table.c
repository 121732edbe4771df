/* SPDX-License-Identifier: MIT */
/** @file One copy of the kernels: its tables in one. */
#include "measure/kernels/tables.h"

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

#ifndef PSIM_ISA
#define PSIM_ISA none
#endif

const struct psim_kernels PSIM_COPY(kernels) = {
    .isa = TEXT(PSIM_ISA),
    .vector_bytes = PSIM_VECTOR_BYTES,
    .element_bytes = sizeof(real),
    .streams = PSIM_COPY(streams),
    .product = &PSIM_COPY(product),
    .rows = &PSIM_COPY(rows),
    .attention = &PSIM_COPY(attention),
    .moves = &PSIM_COPY(moves),
    .fields = &PSIM_COPY(fields),
    .micro = &PSIM_COPY(micro),
};
