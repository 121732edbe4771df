/* SPDX-License-Identifier: MIT */
/** @file A GPU for tests: what the libraries of CUDA export, done by the host.
 *
 * One library stands for all of them. Time is counted, not taken: each kernel and copy
 * lasts a millisecond. FAKE_CUDA_FAIL=NAME:N makes call N of a function fail;
 * FAKE_CUDA_LOG names a file that gets a line a call and, when the library is closed,
 * "left NAME N" for each kind of thing that was not given back.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))
/** Fail here, where this call is to. */
#define ASK(name)                                                                      \
    do {                                                                               \
        const int failed = fake_call(name);                                            \
        if (failed) return failed;                                                     \
    } while (0)

enum { FAKE_UNITS = 4, FAKE_MS_OF_KERNEL = 1, FAKE_CLOCK_MHZ = 1500, FAKE_WATTS = 300 };

/** Each call of an exported function asks first; it fails where this is not 0. */
int fake_call(const char *name);

/** A thing was taken (+1) or given back (-1). */
void fake_count(const char *kind, int change);

/**
 * One stream: what is launched is done at once, or only counted where it is recorded.
 * @return whether it is to be done now
 */
bool fake_take_turn(void);
uint64_t fake_now_ns(void);

/** A kernel of a program's text. */
struct fake_function {
    const char *text, *name;
};

/** Do what it does, where that is known. */
void fake_run(const struct fake_function *function, void *const *parameters,
              uint64_t now_ns);
