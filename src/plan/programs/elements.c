/* SPDX-License-Identifier: MIT */
/** @file What is done to independent elements, in any order (docs/MODEL.md, eq. M11).
 */
#include <assert.h>

#include "plan/lower.h"

static void
add_in_turn(struct psim_build *b, const struct psim_element_work *w,
            struct psim_amount elements)
{
    for (size_t i = 0; w->work[i].does != PSIM_DOES_NOTHING_KNOWN; i++) {
        (void)psim_add_work(b, w->work[i].does, w->dtype, elements,
                            w->work[i].times * w->share);
    }
    if (w->converts > 0) {
        (void)psim_add_work(b, PSIM_DOES_CONVERT, w->dtype, elements, w->converts);
    }
    if (w->instructions > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->instructions), elements);
    }
}

void
psim_add_element_work(struct psim_build *b, const struct psim_element_work *w,
                      struct psim_amount elements)
{
    enum { MOST = 8 };
    struct psim_mixed mixed[MOST + 1];
    size_t n = 0;
    for (; w->work[n].does != PSIM_DOES_NOTHING_KNOWN; n++) {
        assert(n < MOST);
        mixed[n] = (struct psim_mixed){
            psim_find_vector(b->hw, w->work[n].does, w->dtype),
            w->work[n].times * w->share,
        };
        if (!mixed[n].ability.op) break;
    }
    const bool all = w->work[n].does == PSIM_DOES_NOTHING_KNOWN;
    if (w->converts > 0) {
        mixed[n++] = (struct psim_mixed){
            psim_find_vector(b->hw, PSIM_DOES_CONVERT, w->dtype), w->converts};
    }
    const bool known = n == 0 || mixed[n - 1].ability.op;
    if (b->view.team < 0 || !all || !known) {
        add_in_turn(b, w, elements);
    } else if (n > 0) {
        (void)psim_add_do(b, psim_act_mix(b, "work", mixed, n, w->instructions),
                          elements);
    } else if (w->instructions > 0) {
        (void)psim_add_do(b, psim_act_issue(b, w->instructions), elements);
    }
}
