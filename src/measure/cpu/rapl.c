/* SPDX-License-Identifier: MIT */
/** @file Running average power limit, by the powercap files of the system. */
#include "measure/cpu/rapl.h"

#include <stdio.h>

#include "util/arena.h"

static const char folder[] = "/sys/class/powercap";

/** A whole number that is all of a file; negative where there is none. */
static double
read_number(const char *path)
{
    FILE *file = fopen(path, "r");
    double value = -1;
    char text[64];
    if (!file) return -1;
    if (fgets(text, sizeof text, file)) {
        value = 0;
        for (const char *at = text; *at >= '0' && *at <= '9'; at++) {
            value = value * 10 + (*at - '0');
        }
    }
    (void)fclose(file);
    return value;
}

void
psim_rapl_open(struct psim_arena *arena, struct psim_rapl *ret)
{
    *ret = (struct psim_rapl){
        .reason =
            psim_arena_printf(arena, "left out: no counter in %s can be read", folder)};
    for (int i = 0; i < PSIM_RAPL_DOMAINS; i++) {
        const char *path =
            psim_arena_printf(arena, "%s/intel-rapl:%d/energy_uj", folder, i);
        const char *range =
            psim_arena_printf(arena, "%s/intel-rapl:%d/max_energy_range_uj", folder, i);
        if (read_number(path) < 0) continue;
        ret->range_j[ret->n_domains] = read_number(range) * 1e-6;
        ret->path[ret->n_domains++] = path;
    }
}

double
psim_rapl_j(const struct psim_rapl *rapl)
{
    double sum = 0;
    for (unsigned i = 0; i < rapl->n_domains; i++) {
        const double value = read_number(rapl->path[i]);
        if (value < 0) return -1;
        sum += value * 1e-6;
    }
    return sum;
}
