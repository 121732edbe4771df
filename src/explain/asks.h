/* SPDX-License-Identifier: MIT */
/** @file What one origin of an act asks.
 *
 * Internal to src/explain. */
#pragma once

#include "explain/why.h"

/** A number of the kernel's program, at the op that it is of. */
const struct psim_reason *psim_why_number(struct psim_why_kernel *k, const char *name,
                                          double value, enum psim_dim dim);

/** A figure by the second or by the cycle, as a rate by the second. */
const struct psim_reason *psim_why_a_second(struct psim_why_kernel *k, const char *name,
                                            const struct psim_figure *figure, int group,
                                            double value);

/** Issue slots of one unit: the SLOTS before an ISSUE or PACE in the list. */
const struct psim_reason *psim_why_slots(struct psim_why_kernel *k,
                                         const struct psim_origin *issue);

/** What an origin that is a demand, or an interval, adds; NULL: nothing. */
const struct psim_reason *psim_why_ask(struct psim_why_kernel *k,
                                       const struct psim_origin *origin,
                                       enum psim_why_each each);
