/* SPDX-License-Identifier: MIT */
/** @file Energy counters of the packages, where the system shows them. */
#pragma once

struct psim_arena;

enum { PSIM_RAPL_DOMAINS = 16 };

struct psim_rapl {
    const char *path[PSIM_RAPL_DOMAINS]; /**< of the counters */
    double range_j[PSIM_RAPL_DOMAINS];   /**< after which one starts again */
    unsigned n_domains;                  /**< 0: see `reason` */
    const char *reason;
};

void psim_rapl_open(struct psim_arena *arena, struct psim_rapl *ret);

/** Joules of all packages, ever more; negative where it cannot be read. */
double psim_rapl_j(const struct psim_rapl *rapl);
