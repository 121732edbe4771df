/* SPDX-License-Identifier: MIT */
/** @file Power: energies of operations, and that none is missing where they count. */
#include <math.h>

#include "model/hw_raw.h"
#include "util/str.h"

/** What holds where a figure is not given: see the keys' own documentation. */
static void
fall_back(struct psim_figure *figure, double value)
{
    if (!figure->given) figure->value = value;
}

static void
complete(struct psim_power *power)
{
    fall_back(&power->cap, INFINITY);
    fall_back(&power->voltage_floor, 0.1);
    fall_back(&power->droop_share, 1);
    fall_back(&power->droop_from, INFINITY);
    fall_back(&power->zeros, 1);
}

static bool
energy_fits(const struct psim_operation *op, enum psim_dim dim)
{
    if (dim == PSIM_DIM_J_PER_OP) return true;
    if (op->moves) return dim == PSIM_DIM_J_PER_BYTE;
    return dim == PSIM_DIM_J_PER_FLOP && psim_primitive_flop(op->does) > 0;
}

/** Of what programs count: a lane operation, a FLOP of a matrix, a byte moved. */
static double
energy_of(const struct psim_operation *op, const struct psim_rate_of *rate)
{
    const double j = rate->energy.value;
    const bool of_op = rate->energy.dim == PSIM_DIM_J_PER_OP;
    if (op->does == PSIM_DOES_MATMUL) {
        return of_op ? j / (2.0 * rate->mma.m * rate->mma.n * rate->mma.k) : j;
    }
    if (op->moves) return of_op ? j / rate->lanes : j;
    return of_op ? j : j * psim_primitive_flop(op->does);
}

static bool
wrong_energy(struct psim_hw_build *b, const struct psim_operation *op,
             const struct psim_figure *energy)
{
    const bool flop = !op->moves && psim_primitive_flop(op->does) > 0;
    return psim_error(b->diag, energy->at,
                      "energy: an %s of an operation that %s; %s is needed",
                      psim_dim_name(energy->dim),
                      op->moves ? "moves data"
                      : flop    ? "computes"
                                : "does no FLOP",
                      op->moves ? "J/B or J/op"
                      : flop    ? "J/FLOP or J/op"
                                : "J/op");
}

static bool
read_energies(struct psim_hw_build *b, struct psim_operation *op, uint32_t droops)
{
    const bool needed =
        b->hw->power.base.given && !op->moves && psim_primitive_flop(op->does) > 0;
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        struct psim_rate_of *rate = &op->by[t];
        if (!rate->supported) continue;
        rate->droops = (droops >> t & 1) != 0;
        if (!rate->energy.given && needed) {
            return psim_error(b->diag, op->at,
                              "energy: '%s' has none for %s; where 'power: base' is "
                              "given, each operation that does FLOP needs its own",
                              psim_str_excerpt(b->diag->arena, op->name),
                              psim_dtype_name((enum psim_dtype)t));
        }
        if (!rate->energy.given) continue;
        if (!energy_fits(op, rate->energy.dim)) {
            return wrong_energy(b, op, &rate->energy);
        }
        rate->energy_j = energy_of(op, rate);
    }
    return true;
}

bool
psim_hw_build_power(struct psim_hw_build *b)
{
    const struct psim_raw_operation *raw = b->raw->operations.items;
    bool ok = true;
    complete(&b->hw->power);
    for (size_t i = 0; i < b->hw->n_operations; i++) {
        ok = read_energies(b, &b->operations[i], raw[i].droops) && ok;
    }
    const struct psim_memory *home = &b->memories[b->hw->main_memory];
    if (b->hw->power.base.given && !home->energy.given) {
        ok = psim_error(b->diag, home->at,
                        "energy: '%s' has none; where 'power: base' is given, the "
                        "memory of the tensors needs its own",
                        psim_str_excerpt(b->diag->arena, home->name));
    }
    return ok;
}
