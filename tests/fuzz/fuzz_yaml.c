/* SPDX-License-Identifier: MIT */
/** @file Any bytes as YAML: read, bound, merged, and refused in words. */
#include "every_kind.h"
#include "target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_input("fuzz.yaml", data, size);
}
