/* SPDX-License-Identifier: MIT */
/** @file What a file was, in a line: its SHA-256. */
#pragma once

#include <stddef.h>

struct psim_arena;

/** SHA-256 (FIPS 180-4) of some bytes, in hexadecimal; NULL where the build has none.
 */
const char *psim_hash_bytes(struct psim_arena *arena, const char *bytes, size_t n);
