/* SPDX-License-Identifier: MIT */
/** @file How lanes reach the tensors: the operations on the way, and their acts. */
#include "plan/access.h"
#include "plan/build.h"

/** A copy that its issuer need not wait for, where there is one. */
static const struct psim_operation *
copy_between(const struct psim_hw *hw, int from, int to)
{
    const struct psim_operation *found = psim_find_move(hw, from, to, true);
    return found ? found : psim_find_move(hw, from, to, false);
}

static bool
leaves_home(const struct psim_hw *hw)
{
    for (size_t i = 0; i < hw->n_operations; i++) {
        const struct psim_operation *op = &hw->operations[i];
        if (!op->moves || op->link >= 0) continue;
        if (op->from == hw->main_memory) return true;
    }
    return false;
}

bool
psim_access_find(const struct psim_view *view, struct psim_access *ret)
{
    const struct psim_hw *hw = view->hw;
    const int home = hw->main_memory;
    *ret = (struct psim_access){
        .local = -1,
        .load = psim_find_move(hw, home, -1, false),
        .store = psim_find_move(hw, -1, home, false),
    };
    if (ret->load || !leaves_home(hw)) return true;
    ret->local = psim_find_local(view);
    if (ret->local >= 0) {
        ret->in = copy_between(hw, home, ret->local);
        ret->out = copy_between(hw, ret->local, home);
        ret->fetch = psim_find_move(hw, ret->local, -1, false);
        ret->put = psim_find_move(hw, -1, ret->local, false);
    }
    return ret->in && ret->fetch && (ret->store || (ret->out && ret->put));
}

struct psim_move
psim_load_move(const struct psim_build *b, double access_bytes, bool aligned)
{
    const struct psim_access *a = &b->access;
    return (struct psim_move){a->local >= 0 ? a->in : a->load, b->hw->main_memory,
                              a->local, access_bytes, aligned};
}

uint8_t
psim_act_load(struct psim_build *b, double access_bytes, bool aligned)
{
    const struct psim_move move = psim_load_move(b, access_bytes, aligned);
    return psim_act_move(b, &move);
}

uint8_t
psim_act_fetch(struct psim_build *b, double access_bytes, bool aligned)
{
    const struct psim_access *a = &b->access;
    if (a->local < 0) return PSIM_NONE;
    return psim_act_move(
        b, &(struct psim_move){a->fetch, a->local, -1, access_bytes, aligned});
}

uint8_t
psim_act_store(struct psim_build *b, double access_bytes, bool aligned)
{
    const struct psim_access *a = &b->access;
    const bool staged = a->local >= 0 && !a->store;
    return psim_act_move(
        b, &(struct psim_move){staged ? a->out : a->store, staged ? a->local : -1,
                               b->hw->main_memory, access_bytes, aligned});
}

uint8_t
psim_act_put(struct psim_build *b, double access_bytes, bool aligned)
{
    const struct psim_access *a = &b->access;
    if (a->local < 0 || a->store) return PSIM_NONE;
    return psim_act_move(
        b, &(struct psim_move){a->put, -1, a->local, access_bytes, aligned});
}

void
psim_add_beside(struct psim_build *b, uint8_t act, struct psim_amount amount)
{
    if (act != PSIM_NONE) psim_add_do(b, act, amount)->flags = PSIM_POSTED;
}
