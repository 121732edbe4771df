/* SPDX-License-Identifier: MIT */
/** @file THE list of metrics (docs/MODEL.md, eq. D1). */
#include "result/metric.h"

#include "util/arena.h"

static double
time_s(const struct psim_result *r)
{
    return r->time_s;
}

static double
bound_s(const struct psim_result *r)
{
    return r->bound_s;
}

static double
roofline_s(const struct psim_result *r)
{
    return r->roofline_s;
}

static double
host_wait_s(const struct psim_result *r)
{
    return r->host_wait_s;
}

static double
flop(const struct psim_result *r)
{
    return r->flop;
}

static double
flop_per_s(const struct psim_result *r)
{
    return r->time_s > 0 ? r->flop / r->time_s : -1;
}

static double
compulsory_bytes(const struct psim_result *r)
{
    return r->read_bytes + r->write_bytes;
}

static double
compulsory_intensity(const struct psim_result *r)
{
    const double bytes = compulsory_bytes(r);
    return bytes > 0 ? r->flop / bytes : -1;
}

double
psim_result_main_bytes(const struct psim_result *r)
{
    for (size_t i = 0; i < r->n_memories; i++) {
        if (r->memories[i].home) return r->memories[i].read + r->memories[i].written;
    }
    return -1;
}

static double
intensity(const struct psim_result *r)
{
    const double bytes = psim_result_main_bytes(r);
    return bytes > 0 ? r->flop / bytes : -1;
}

/** Time that one kind of roof alone would take, as a part of the time; a machine
 * that states none has no share of it. */
static double
roof_share(const struct psim_result *r, enum psim_dim dim)
{
    double alone_s = 0;
    bool any = false;
    for (size_t i = 0; i < r->n_roofs; i++) {
        if (r->roofs[i].dim != dim || r->roofs[i].peak_per_s <= 0) continue;
        alone_s += r->roofs[i].time_s;
        any = true;
    }
    return any && r->time_s > 0 ? alone_s / r->time_s : -1;
}

static double
compute_share(const struct psim_result *r)
{
    return roof_share(r, PSIM_DIM_FLOP_PER_S);
}

static double
memory_share(const struct psim_result *r)
{
    return roof_share(r, PSIM_DIM_BYTES_PER_S);
}

static double
energy_j(const struct psim_result *r)
{
    return r->energy_j;
}

static double
power_w(const struct psim_result *r)
{
    return r->energy_j >= 0 && r->time_s > 0 ? r->energy_j / r->time_s : -1;
}

static double
clock_hz(const struct psim_result *r)
{
    return r->clock_hz;
}

static double
j_per_flop(const struct psim_result *r)
{
    return r->energy_j >= 0 && r->flop > 0 ? r->energy_j / r->flop : -1;
}

static double
j_per_byte(const struct psim_result *r)
{
    const double bytes = psim_result_main_bytes(r);
    return r->energy_j >= 0 && bytes > 0 ? r->energy_j / bytes : -1;
}

/* clang-format off */
const struct psim_metric psim_metrics[] = {
    {"time_s", "time", "predicted time of the whole workload", PSIM_DIM_SECONDS, false, PSIM_BETTER_LOWER, time_s},
    {"bound_s", "at least", "no mapping of these programs on this machine is faster", PSIM_DIM_SECONDS, false, PSIM_BETTER_LOWER, bound_s},
    {"roofline_s", "plain roofline", "FLOP at the fastest unit's peak or compulsory bytes at memory's peak, whichever takes longer", PSIM_DIM_SECONDS, false, PSIM_BETTER_LOWER, roofline_s},
    {"host_wait_s", "waits for the host", "the machine is idle, as the host has not issued the next launch yet; a part of the time", PSIM_DIM_SECONDS, false, PSIM_BETTER_LOWER, host_wait_s},
    {"flop", "work", "FLOP of the ops; a multiply-add is two", PSIM_DIM_FLOP, false, PSIM_BETTER_NEITHER, flop},
    {"flop_per_s", "rate", "work over time", PSIM_DIM_FLOP_PER_S, false, PSIM_BETTER_HIGHER, flop_per_s},
    {"compulsory_bytes", "must move", "every input read once, every output written once", PSIM_DIM_BYTES, false, PSIM_BETTER_NEITHER, compulsory_bytes},
    {"compulsory_flop_per_byte", "intensity of the op", "work over the bytes that must move", PSIM_DIM_FLOP_PER_BYTE, false, PSIM_BETTER_HIGHER, compulsory_intensity},
    {"main_bytes", "moves", "bytes that cross the memory of the tensors", PSIM_DIM_BYTES, false, PSIM_BETTER_LOWER, psim_result_main_bytes},
    {"flop_per_byte", "arithmetic intensity", "work over the bytes that cross that memory", PSIM_DIM_FLOP_PER_BYTE, false, PSIM_BETTER_HIGHER, intensity},
    {"compute_roof_share", "of the compute roof", "time at the peak of the fastest unit, as a part of the time", PSIM_DIM_NONE, true, PSIM_BETTER_HIGHER, compute_share},
    {"memory_roof_share", "of the memory roof", "time of the compulsory bytes at memory's peak, as a part of the time", PSIM_DIM_NONE, true, PSIM_BETTER_HIGHER, memory_share},
    {"energy_j", "energy", "of the whole workload", PSIM_DIM_JOULES, false, PSIM_BETTER_LOWER, energy_j},
    {"power_w", "power", "energy over time", PSIM_DIM_WATTS, false, PSIM_BETTER_LOWER, power_w},
    {"clock_hz", "clock", "mean of the units' clock while kernels run, as their load and the cap leave it", PSIM_DIM_HERTZ, false, PSIM_BETTER_HIGHER, clock_hz},
    {"j_per_flop", "energy of work", "energy over work", PSIM_DIM_J_PER_FLOP, false, PSIM_BETTER_LOWER, j_per_flop},
    {"j_per_byte", "energy of moves", "energy over the bytes that cross the memory of the tensors", PSIM_DIM_J_PER_BYTE, false, PSIM_BETTER_LOWER, j_per_byte},
};
/* clang-format on */
const size_t psim_metric_count = PSIM_COUNT(psim_metrics);
