/* SPDX-License-Identifier: MIT */
/** @file In place of hash.c where Nettle was not there at build time. */
#include "calibrate/hash.h"

const char *
psim_hash_bytes(struct psim_arena *arena, const char *bytes, size_t n)
{
    (void)arena;
    (void)bytes;
    (void)n;
    return NULL;
}
