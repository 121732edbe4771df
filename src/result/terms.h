/* SPDX-License-Identifier: MIT */
/** @file What a kernel's time is made of, from the bound of its plan on. */
#pragma once

#include "result/document.h"
#include "result/result.h"

/** Whether a kernel's name alone does not say which op it is of. */
bool psim_result_has_namesakes(const struct psim_result *result);

/** A table for people, a row a kernel; to programs the table of kernels says it. */
void psim_result_terms(struct psim_arena *arena, const struct psim_result *result,
                       struct psim_document *ret);
