/* SPDX-License-Identifier: MIT */
/** @file What kernels take: which takes longest, and what their times are made of. */
#pragma once

#include "result/document.h"
#include "result/result.h"

/** Whether a kernel's name alone does not say which op it is of. */
bool psim_result_has_namesakes(const struct psim_result *result);

/** The kernel whose launches take longest in all; NULL where there is none. */
const struct psim_kernel_result *psim_result_longest(const struct psim_result *result);

/** A table for people, a row a kernel; to programs the table of kernels says it. */
void psim_result_terms(struct psim_arena *arena, const struct psim_result *result,
                       struct psim_document *ret);
