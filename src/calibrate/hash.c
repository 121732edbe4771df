/* SPDX-License-Identifier: MIT */
/** @file SHA-256 by Nettle. */
#include "calibrate/hash.h"

#include <nettle/sha2.h>
#include <stdint.h>

#include "util/arena.h"

const char *
psim_hash_bytes(struct psim_arena *arena, const char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, n, (const uint8_t *)bytes);
    sha256_digest(&context, sizeof digest, digest);
    char *text = PSIM_NEW_N(arena, char, 2 * sizeof digest + 1);
    for (size_t i = 0; i < sizeof digest; i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    return text;
}
