/* SPDX-License-Identifier: MIT */
/** @file THE list of kinds of device, and the ops that they are given. */
#include <stdlib.h>
#include <string.h>

#include "measure/device.h"
#include "util/arena.h"
#include "util/str.h"

extern const struct psim_device psim_device_cpu;
extern const struct psim_device psim_device_cuda;

const struct psim_device *const psim_devices[] = {&psim_device_cpu, &psim_device_cuda,
                                                  NULL};

/** Behind the colon: a whole number; -1 where it is none. */
static long
number_of(const char *words)
{
    int64_t number;
    if (psim_str_whole(words, &number) != PSIM_WHOLE_OK) return -1;
    return number >= 0 && number < 1024 ? (long)number : -1;
}

const struct psim_device *
psim_device_find(struct psim_diag *diag, const char *words, unsigned *ret_number)
{
    static const struct psim_loc nowhere;
    const size_t len = strcspn(words, ":");
    const char *name = psim_arena_copy(diag->arena, words, len);
    const long number = words[len] ? number_of(words + len + 1) : 0;
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; psim_devices[i]; i++) {
        psim_guess_try(&guess, psim_devices[i]->name);
        if (!psim_str_equal(psim_devices[i]->name, name)) continue;
        if (number < 0) break;
        *ret_number = (unsigned)number;
        return psim_devices[i];
    }
    psim_error(diag, nowhere,
               "--device: there is no '%s'; 'perfsim list devices' shows all",
               psim_str_excerpt(diag->arena, words));
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return NULL;
}

struct psim_op_list
psim_distinct_ops(struct psim_arena *arena,
                  const struct psim_workload *const *workloads, size_t n)
{
    size_t most = 0, found = 0;
    for (size_t i = 0; i < n; i++) {
        most += workloads[i]->n_ops;
    }
    const struct psim_op **ops = PSIM_NEW_N(arena, const struct psim_op *, most + 1);
    const char **ids = PSIM_NEW_N(arena, const char *, most + 1);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < workloads[i]->n_ops; j++) {
            const struct psim_op *op = &workloads[i]->ops[j];
            const char *id = psim_arena_printf(arena, "%s %d", psim_op_id(arena, op),
                                               op->keys.cache);
            size_t k = 0;
            while (k < found && !psim_str_equal(ids[k], id)) {
                k++;
            }
            if (k < found) continue;
            ids[found] = id;
            ops[found++] = op;
        }
    }
    return (struct psim_op_list){ops, found};
}
