/* SPDX-License-Identifier: MIT */
/** @file SplitMix64, addressed by index. */
#include "measure/random.h"

uint64_t
psim_random(uint64_t seed, uint64_t index)
{
    uint64_t z = seed * 0xd1342543de82ef95u + (index + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double
psim_random_signed(uint64_t seed, uint64_t index)
{
    /* 24 bits: as many as fp32 holds. */
    return (double)(psim_random(seed, index) >> 40) * 0x1p-23 - 1;
}
