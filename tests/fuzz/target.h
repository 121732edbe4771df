/* SPDX-License-Identifier: MIT */
/** @file What each fuzz target defines; the name is libFuzzer's. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/** Any bytes must be taken or refused, never crash or hang. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
