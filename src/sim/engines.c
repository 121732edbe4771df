/* SPDX-License-Identifier: MIT */
/** @file THE list of engines. */
#include <stddef.h>

#include "sim/engine.h"
#include "util/str.h"

extern const struct psim_engine psim_engine_analytic;
extern const struct psim_engine psim_engine_event;

const struct psim_engine *const psim_engines[] = {
    &psim_engine_analytic,
    &psim_engine_event,
    NULL,
};

const struct psim_engine *
psim_engine_find(const char *name)
{
    for (size_t i = 0; psim_engines[i]; i++) {
        if (psim_str_equal(psim_engines[i]->name, name)) return psim_engines[i];
    }
    return NULL;
}
