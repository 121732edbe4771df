/* SPDX-License-Identifier: MIT */
/** @file THE list of what can be explained (docs/MODEL.md, eq. D1). */
#include "explain/columns.h"
#include "explain/explain.h"

static const struct psim_reason *
work(struct psim_why *w)
{
    return psim_why_cost(w, PSIM_WHY_FLOP);
}

/* clang-format off */
const struct psim_subject psim_subjects[] = {
    {"time_s", "predicted time of the whole workload", psim_why_time, NULL},
    {"bound_s", "no mapping is faster", psim_why_run_bound, NULL},
    {"roofline_s", "plain roofline", psim_why_roofline, NULL},
    {"host_wait_s", "the machine is idle, as the host has issued no launch", psim_why_host_wait, NULL},
    {"flop", "FLOP of the ops", work, NULL},
    {"flop_per_s", "work over time", psim_why_rate_of_work, NULL},
    {"compulsory_bytes", "bytes that must move", psim_why_compulsory, NULL},
    {"compulsory_flop_per_byte", "intensity of the ops", psim_why_op_intensity, NULL},
    {"main_bytes", "bytes that cross the memory of the tensors", psim_why_main_bytes, NULL},
    {"flop_per_byte", "arithmetic intensity", psim_why_intensity, NULL},
    {"compute_roof_share", "of the compute roof", psim_why_compute_share, NULL},
    {"memory_roof_share", "of the memory roof", psim_why_memory_share, NULL},
    {"energy_j", "energy of the whole workload", psim_why_energy, NULL},
    {"power_w", "mean power", psim_why_power, NULL},
    {"clock_hz", "mean clock", psim_why_mean_clock, NULL},
    {"j_per_flop", "energy of work", psim_why_j_per_flop, NULL},
    {"j_per_byte", "energy of moves", psim_why_j_per_byte, NULL},
    {"count", "launches of a kernel", NULL, psim_why_launches},
    {"launch_s", "launch of a kernel", NULL, psim_why_launch},
    {"share", "of the time, a kernel's", NULL, psim_why_time_share},
    {"clock_s", "what a kernel's bound grows by at its clock", NULL, psim_why_clock_term},
    {"refetch_s", "bytes beyond the compulsory ones", NULL, psim_why_refetch_term},
    {"fill_s", "latencies of a kernel", NULL, psim_why_fill_term},
    {"tail_s", "the last wave of a kernel", NULL, psim_why_tail_term},
    {"contention_s", "what only the event engine sees", NULL, psim_why_contention},
    {"late_bytes", "written bytes that a cache holds when a kernel ends", NULL, psim_why_late_bytes},
    {"work_groups", "work-groups of a kernel", NULL, psim_why_work_groups},
    {"units", "units that a kernel uses", NULL, psim_why_units},
    {"resident", "work-groups at once on a unit", NULL, psim_why_resident},
    {"waves", "waves of work-groups", NULL, psim_why_waves},
    {"kernel.time_s", "time of a kernel", NULL, psim_why_kernel_time},
    {"kernel.bound_s", "bound of a kernel", NULL, psim_why_kernel_bound},
    {"kernel.clock_hz", "clock of a kernel", NULL, psim_why_kernel_clock},
    {"kernel.energy_j", "energy of a kernel", NULL, psim_why_kernel_energy},
    {0},
};
/* clang-format on */
