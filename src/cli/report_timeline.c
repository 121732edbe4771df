/* SPDX-License-Identifier: MIT */
/** @file What ran when: the event engine's run of a workload. */
#include "cli/report_parts.h"
#include "util/arena.h"

/** A page shows less than a file of traces: what is kept for it, and how long that may
 * take to simulate. */
static const struct psim_timeline_limits limits = {
    .spans = 1000,
    .placed = 120000,
    .points = 240,
    .kernels = 1200,
    .steps = 5e7,
};

void
psim_report_timeline(struct psim_arena *arena, const struct psim_hw *hw,
                     const struct psim_workload *workload,
                     const struct psim_predict_options *how, struct psim_page_run *ret)
{
    struct psim_diag diag = {.arena = arena};
    struct psim_predict_options options = *how;
    options.engine = psim_need_engine(&diag, "event");
    options.timeline = &limits;
    const struct psim_result *result =
        psim_predict(arena, &diag, hw, workload, &options);
    if (result) {
        ret->timeline = result->timeline;
    } else {
        ret->no_timeline = diag.first ? diag.first->message : "";
    }
}
