/* SPDX-License-Identifier: MIT */
/** @file In place of linear_step.c where NLopt was not there at build time. */
#include <assert.h>

#include "calibrate/linear.h"

const char *
psim_linear_lack(void)
{
    return "this perfsim was built without NLopt and Nettle, which are needed";
}

void
psim_linear_step(struct psim_arena *arena, const struct psim_linear *linear,
                 const bool *chosen, double radius, double *ret_logs)
{
    (void)arena;
    (void)linear;
    (void)chosen;
    (void)radius;
    ret_logs[0] = 0;
    assert(false); /* nobody asks who has read psim_linear_lack() */
}
