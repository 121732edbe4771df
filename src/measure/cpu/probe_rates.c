/* SPDX-License-Identifier: MIT */
/** @file Instructions: how many a cycle, and how long until the result is there. */
#include "measure/cpu/bench.h"
#include "measure/cpu/taken.h"
#include "util/arena.h"

/** A loop of the kernels' copy. */
struct loop {
    double (*run)(size_t turns);
};

static void
run_loop(const void *context, size_t turns)
{
    const struct loop *loop = context;
    double sum = loop->run(turns);
    __asm__ volatile("" : "+m"(sum));
}

/** Turns a cycle of a loop. */
static struct psim_taken
turns_per_cycle(const struct psim_probe *probe, double (*run)(size_t turns))
{
    const struct loop loop = {run};
    double clock_hz;
    const struct psim_taken s =
        psim_take_time(probe, PSIM_BY_ONE, run_loop, &loop, &clock_hz);
    return psim_taken_with(s, 1 / (s.value * clock_hz), "");
}

static struct psim_taken_rate
rate_of(const struct psim_probe *probe, const struct psim_kernels *kernels,
        double (*rate)(size_t turns), size_t chains, double (*latency)(size_t turns))
{
    struct psim_taken_rate ret = {.lanes =
                                      kernels->vector_bytes / kernels->element_bytes};
    const struct psim_taken turns = turns_per_cycle(probe, rate);
    ret.per_cycle = psim_taken_with(
        turns, turns.value * (double)chains,
        psim_arena_printf(probe->arena, "%zu chains at once, vectors of %zu B", chains,
                          kernels->vector_bytes));
    if (!latency) return ret;
    const struct psim_taken one = turns_per_cycle(probe, latency);
    ret.latency_cycles =
        psim_taken_with(one, 1 / one.value, "a chain, each waits for the one before");
    return ret;
}

static void
take_type(const struct psim_probe *probe, enum psim_taken_type type,
          struct psim_taken_all *ret)
{
    const struct psim_kernels *k = probe->kernels[type];
    const struct psim_micro_kernels *m = k->micro;
    const struct {
        enum psim_taken_operation operation;
        double (*rate)(size_t turns);
        size_t chains;
        double (*latency)(size_t turns);
    } loops[] = {
        {PSIM_TAKEN_FMA, m->fma_rate, m->fma_chains, m->fma_latency},
        {PSIM_TAKEN_ADD, m->add_rate, m->fma_chains, m->add_latency},
        {PSIM_TAKEN_MUL, m->mul_rate, m->fma_chains, m->mul_latency},
        {PSIM_TAKEN_MAX, m->max_rate, m->fma_chains, m->add_latency},
        {PSIM_TAKEN_DIVIDE, m->divide_rate, m->fma_chains, m->divide_latency},
        {PSIM_TAKEN_EXP2, m->exp_rate, m->exp_chains, m->exp_latency},
        {PSIM_TAKEN_RSQRT, m->rsqrt_rate, m->rsqrt_chains, NULL},
        {PSIM_TAKEN_INTEGER, m->integer_rate, m->fma_chains, NULL},
    };
    for (size_t i = 0; i < PSIM_COUNT(loops); i++) {
        ret->rate[loops[i].operation][type] =
            rate_of(probe, k, loops[i].rate, loops[i].chains, loops[i].latency);
    }
}

/** Each instruction set that this machine has: what its width is worth. */
static void
take_widths(const struct psim_probe *probe, struct psim_taken_all *ret)
{
    const struct psim_kernels *copies[8];
    const size_t n = psim_kernels_all(PSIM_FP32, copies);
    for (size_t i = 0; i < n && ret->n_widths < PSIM_MAX_WIDTHS; i++) {
        const struct psim_micro_kernels *m = copies[i]->micro;
        const struct loop loop = {m->fma_rate};
        const struct psim_taken s =
            psim_take_time(probe, PSIM_BY_ONE, run_loop, &loop, NULL);
        const double lanes = (double)psim_kernels_lanes(copies[i]);
        ret->width[ret->n_widths].isa = copies[i]->isa;
        ret->width[ret->n_widths].vector_bytes = copies[i]->vector_bytes;
        ret->width[ret->n_widths++].fma_flop_per_s =
            psim_taken_with(s, 2 * lanes * (double)m->fma_chains / s.value, "");
    }
}

/** Products of narrow types, where there are instructions for them. */
static void
take_dot(const struct psim_probe *probe, struct psim_taken_all *ret)
{
    const struct psim_dot_kernels *k = psim_kernels_dot();
    if (!k) return;
    const struct {
        double (*rate)(size_t turns), (*latency)(size_t turns);
        size_t products;
        struct psim_taken_rate *ret;
    } loops[] = {
        {k->bf16_rate, k->bf16_latency, k->bf16_products, &ret->dot_bf16},
        {k->int8_rate, k->int8_latency, k->int8_products, &ret->dot_int8},
    };
    for (size_t i = 0; i < PSIM_COUNT(loops); i++) {
        *loops[i].ret = rate_of(probe, probe->kernels[PSIM_TAKEN_FP32], loops[i].rate,
                                k->chains, loops[i].latency);
        loops[i].ret->lanes = loops[i].products;
    }
}

/** Whether additions are done beside multiply-adds: both together take no longer. */
static void
take_beside(const struct psim_probe *probe, struct psim_taken_all *ret)
{
    const struct psim_micro_kernels *m = probe->kernels[PSIM_TAKEN_FP32]->micro;
    const struct psim_taken turns = turns_per_cycle(probe, m->mixed_rate);
    ret->mixed_per_cycle =
        psim_taken_with(turns, turns.value * (double)m->mixed_chains,
                        "as many multiply-adds as additions, side by side");
}

/* Instructions that do nothing: as many as a core starts in a cycle. */
enum { NOTHINGS = 64 };

static double
do_nothing(size_t turns)
{
    for (size_t i = 0; i < turns; i++) {
        __asm__ volatile(".rept 64\n\tnop\n\t.endr");
    }
    return 0;
}

void
psim_probe_rates(struct psim_probe *probe, struct psim_taken_all *ret)
{
    _Static_assert(NOTHINGS == 64, "as in the loop");
    const struct psim_taken nothing = turns_per_cycle(probe, do_nothing);
    ret->issue_per_cycle = psim_taken_with(nothing, nothing.value * NOTHINGS,
                                           "instructions that do nothing");
    take_type(probe, PSIM_TAKEN_FP32, ret);
    take_type(probe, PSIM_TAKEN_FP64, ret);
    take_beside(probe, ret);
    take_dot(probe, ret);
    take_widths(probe, ret);
}
