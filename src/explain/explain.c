/* SPDX-License-Identifier: MIT */
/** @file A prediction that can be asked why. */
#include "explain/explain.h"

#include <assert.h>

#include "explain/why.h"
#include "util/arena.h"
#include "util/str.h"

struct psim_why *
psim_explain_open(struct psim_arena *arena, struct psim_diag *diag,
                  const struct psim_hw *hw, const struct psim_workload *workload,
                  const struct psim_predict_options *how)
{
    struct psim_launch_log *log = PSIM_NEW(arena, struct psim_launch_log);
    struct psim_predict_options options = *how;
    options.log = log;
    const struct psim_result *result =
        psim_predict(arena, diag, hw, workload, &options);
    if (!result) return NULL;
    struct psim_why *w = PSIM_NEW(arena, struct psim_why);
    *w = (struct psim_why){
        .arena = arena,
        .hw = hw,
        .workload = workload,
        .result = result,
        .log = log,
        .launch_given = how->launch_given,
        .launch = how->launch,
        .plans = PSIM_NEW_N(arena, struct psim_why_plan, log->n + 1),
    };
    return w;
}

const struct psim_result *
psim_explain_result(const struct psim_why *why)
{
    return why->result;
}

const struct psim_subject *
psim_subject_need(struct psim_diag *diag, const char *key)
{
    static const struct psim_loc nowhere;
    struct psim_guess guess = psim_guess_start(key);
    for (const struct psim_subject *s = psim_subjects; s->key; s++) {
        if (psim_str_equal(s->key, key)) return s;
        psim_guess_try(&guess, s->key);
    }
    psim_error(diag, nowhere,
               "explain: no metric '%s'; 'perfsim list metrics' shows those of a run, "
               "'all' explains each",
               psim_str_excerpt(diag->arena, key));
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return NULL;
}

size_t
psim_explain(struct psim_why *w, const struct psim_subject *subject,
             const struct psim_reason ***ret)
{
    struct psim_why_group *groups;
    const size_t n_groups = psim_why_groups(w, &groups);
    const struct psim_reason **list =
        PSIM_NEW_N(w->arena, const struct psim_reason *, n_groups + 1);
    size_t n = 0;
    *ret = list;
    if (subject->run) {
        const struct psim_reason *one = subject->run(w);
        if (one) list[n++] = one;
        return n;
    }
    /* What the table of kernels shows: of a repeated list the later turns. */
    const unsigned turn = w->workload->repeat > 1 ? 1 : 0;
    for (size_t g = 0; g < n_groups; g++) {
        if (groups[g].launched->turn != turn) continue;
        const struct psim_reason *one = subject->kernel(w, groups[g].launched);
        if (one) list[n++] = one;
    }
    return n;
}
