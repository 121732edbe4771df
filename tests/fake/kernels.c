/* SPDX-License-Identifier: MIT */
/** @file A few kernels by loops of the host; their types stand in the program's text.
 */
#include <math.h>
#include <string.h>

#include "cuda.h"

#define PARAMETER(type, i) (*(type *)parameters[i])
#define POINTER(type, i)   ((type *)(uintptr_t)PARAMETER(uint64_t, i))

static uint64_t
random_bits(uint64_t seed, uint64_t index)
{
    uint64_t z = seed * 0xd1342543de82ef95u + (index + 1) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void
fill_random(void *const *parameters)
{
    float *to = POINTER(float, 0);
    for (uint64_t i = 0; i < PARAMETER(uint64_t, 1); i++) {
        to[i] =
            (float)((double)(random_bits(PARAMETER(uint64_t, 2), i) >> 40) * 0x1p-23 -
                    1);
    }
}

static void
fill_indices(void *const *parameters)
{
    int64_t *to = POINTER(int64_t, 0);
    const uint64_t seed = PARAMETER(uint64_t, 2), rows = PARAMETER(uint64_t, 3);
    for (uint64_t i = 0; i < PARAMETER(uint64_t, 1); i++) {
        to[i] = (int64_t)((PARAMETER(int, 4) ? random_bits(seed, i) : i) % rows);
    }
}

static void
count_wrong(void *const *parameters)
{
    const float *from = POINTER(float, 0);
    for (uint64_t i = 0; i < PARAMETER(uint64_t, 1); i++) {
        *POINTER(uint64_t, 2) += isnan(from[i]) != 0;
    }
}

static void
sample(void *const *parameters)
{
    for (uint64_t i = 0; i < PARAMETER(uint64_t, 2); i++) {
        POINTER(double, 3)[i] = (double)POINTER(float, 0)[POINTER(uint64_t, 1)[i]];
    }
}

static void
read_clocks(void *const *parameters, uint64_t now_ns)
{
    for (int i = 0; i < FAKE_UNITS; i++) {
        POINTER(int64_t, 0)[i] = (int64_t)now_ns * FAKE_CLOCK_MHZ / 1000;
        POINTER(uint64_t, 1)[i] = now_ns;
    }
}

/** Sums only: another function leaves the poison where it is. */
static void
stream(const char *text, void *const *parameters)
{
    if (!strstr(text, "#define FUNCTION f_add\n")) return;
    for (uint64_t i = 0; i < PARAMETER(uint64_t, 3); i++) {
        POINTER(float, 0)[i] = POINTER(float, 1)[i] + POINTER(float, 2)[i];
    }
}

static void
transpose(void *const *parameters)
{
    const int rows = PARAMETER(int, 2), cols = PARAMETER(int, 3);
    for (int i = 0; i < rows * cols; i++) {
        POINTER(float, 0)[i % cols * rows + i / cols] = POINTER(float, 1)[i];
    }
}

/** One element is one too large. */
static void
tiled(void *const *parameters)
{
    const uint64_t m = PARAMETER(uint64_t, 3), n = PARAMETER(uint64_t, 4);
    const int k = PARAMETER(int, 5);
    for (uint64_t i = 0; i < m * n; i++) {
        double sum = i == 3;
        for (int j = 0; j < k; j++) {
            sum += (double)POINTER(float, 1)[i / n * (uint64_t)k + (uint64_t)j] *
                   (double)POINTER(float, 2)[(uint64_t)j * n + i % n];
        }
        POINTER(float, 0)[i] = (float)sum;
    }
}

/** A chain takes so many cycles a step, and 10 more where each is looked at. */
static void
follow(void *const *parameters, uint32_t step)
{
    const uint32_t timed = PARAMETER(uint32_t, 2);
    uint32_t *cycles = POINTER(uint32_t, 3);
    for (uint32_t i = 0; i < timed; i++) {
        cycles[i] = step + 10;
    }
    cycles[timed] = step * timed;
}

/** Units from 2 on are on the other side: each second line is 150 cycles away when it
 * is read first. */
static void
read_lines(void *const *parameters)
{
    const uint32_t lines = PARAMETER(uint32_t, 1), turns = PARAMETER(uint32_t, 2);
    const uint32_t reader = PARAMETER(uint32_t, 3);
    for (uint32_t i = 0; i < lines * turns; i++) {
        const bool far = reader >= FAKE_UNITS / 2 && i < lines && i % 2 == 1;
        POINTER(uint32_t, 5)[i] = 300 + (far ? 150 : 0);
    }
}

/** 64 bytes a cycle each. */
static void
read_shares(void *const *parameters)
{
    const uint32_t n = PARAMETER(uint32_t, 1), of = PARAMETER(uint32_t, 3);
    for (uint32_t i = 0; i < of; i++) {
        POINTER(uint32_t, 5)[2 * i] = n / of * 16 / 64;
        POINTER(uint32_t, 5)[2 * i + 1] = n / of;
    }
}

void
fake_run(const struct fake_function *function, void *const *parameters, uint64_t now_ns)
{
    const char *name = function->name;
    /* Elements of fp32 alone; of a real compiler's code nothing is known. */
    const bool floats = strstr(function->text, "#define T float\n") != NULL;
    if (strcmp(name, "fill_indices") == 0) fill_indices(parameters);
    if (strcmp(name, "read_clocks") == 0) read_clocks(parameters, now_ns);
    if (strcmp(name, "tiled") == 0) tiled(parameters);
    if (strcmp(name, "follow_near") == 0) follow(parameters, 40);
    if (strcmp(name, "follow_far") == 0) follow(parameters, 290);
    if (strcmp(name, "read_lines") == 0) read_lines(parameters);
    if (strcmp(name, "read_shares") == 0) read_shares(parameters);
    if (!floats) return;
    if (strcmp(name, "fill_random") == 0) fill_random(parameters);
    if (strcmp(name, "count_wrong") == 0) count_wrong(parameters);
    if (strcmp(name, "sample") == 0) sample(parameters);
    if (strcmp(name, "stream") == 0) stream(function->text, parameters);
    if (strcmp(name, "transpose") == 0) transpose(parameters);
}
