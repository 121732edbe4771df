/* SPDX-License-Identifier: MIT */
/** @file Metrics of a run: bytes, rates, shares (eq. D1), its bound, its plain
 * roofline. */
#include <math.h>
#include <string.h>

#include "explain/why.h"
#include "result/metric.h"
#include "util/arena.h"
#include "util/str.h"

/** A quotient; NULL where the metric is not known. */
static const struct psim_reason *
over(struct psim_why *w, const char *name, enum psim_dim dim,
     const struct psim_reason *a, const struct psim_reason *b)
{
    if (!a || !b || !(b->value > 0)) return NULL;
    struct psim_reason *r =
        psim_why_of(w, name, a->value / b->value, dim, "$0 / $1", a, b, NULL);
    r->equation = "eq. D1";
    return r;
}

const struct psim_reason *
psim_why_rate_of_work(struct psim_why *w)
{
    return over(w, "rate", PSIM_DIM_FLOP_PER_S, psim_why_cost(w, PSIM_WHY_FLOP),
                psim_why_time(w));
}

const struct psim_reason *
psim_why_compulsory(struct psim_why *w)
{
    const struct psim_reason *known =
        psim_why_known(w, w->result, PSIM_KEPT_COMPULSORY);
    if (known) return known;
    struct psim_reason *all =
        psim_why_of(w, "must move", w->result->read_bytes + w->result->write_bytes,
                    PSIM_DIM_BYTES, "$0 + $1", psim_why_cost(w, PSIM_WHY_READ_BYTES),
                    psim_why_cost(w, PSIM_WHY_WRITE_BYTES), NULL);
    all->equation = "eq. F7";
    return psim_why_keep(w, w->result, PSIM_KEPT_COMPULSORY, all);
}

const struct psim_reason *
psim_why_op_intensity(struct psim_why *w)
{
    return over(w, "intensity of the op", PSIM_DIM_FLOP_PER_BYTE,
                psim_why_cost(w, PSIM_WHY_FLOP), psim_why_compulsory(w));
}

/* --- bytes that cross a memory ------------------------------------------------------
 */

/** What an engine that simulates has seen. */
static const struct psim_reason *
as_simulated(struct psim_why *w, const struct psim_logged *l,
             const struct psim_server_use *use, double value)
{
    struct psim_reason *seen =
        psim_why_new(w, PSIM_REASON_FOUND, psim_why_text(w, "bytes of %s", use->name),
                     value, PSIM_DIM_BYTES);
    seen->doc = "as the event engine has seen them";
    seen->equation = "eq. E1";
    seen->at = l->op->at;
    return seen;
}

bool
psim_why_is_analytic(const struct psim_why *w)
{
    return psim_str_equal(w->result->engine, "analytic");
}

const struct psim_reason *
psim_why_crossing(struct psim_why *w, const struct psim_logged *l, const char *level,
                  enum psim_why_flow flow)
{
    struct psim_why_kernel *k = psim_why_kernel(w, l, false);
    struct psim_reason *sum = psim_why_new(
        w, PSIM_REASON_FORMULA,
        psim_why_text(w, "bytes of %s by %s", level, psim_why_kernel_name(w, l)), 0,
        PSIM_DIM_BYTES);
    sum->formula = "sum";
    sum->equation = "eq. A1";
    for (uint16_t v = 0; v < k->plan->n_servers; v++) {
        const struct psim_server_use *use = &l->result.servers[v];
        const double value = (flow != PSIM_WHY_WRITES ? use->read : 0) +
                             (flow != PSIM_WHY_READS ? use->written : 0);
        if (!psim_str_equal(use->level, level) || value <= 0) continue;
        const struct psim_reason *part =
            psim_why_is_analytic(w) ? psim_why_total(k, v, false, PSIM_WHY_COUNTS, flow)
                                    : as_simulated(w, l, use, value);
        psim_reason_add(w->arena, sum, part);
        sum->value += value;
    }
    if (sum->n_parts == 0) return NULL;
    return sum->n_parts == 1 ? sum->parts[0] : sum;
}

static const struct psim_reason *
home_bytes(struct psim_why *w, const struct psim_logged *l)
{
    return psim_why_crossing(w, l, w->home, PSIM_WHY_ALL);
}

const struct psim_reason *
psim_why_main_bytes(struct psim_why *w)
{
    const double value = psim_result_main_bytes(w->result);
    const struct psim_reason *known =
        psim_why_known(w, w->result, PSIM_KEPT_MAIN_BYTES);
    if (known || value < 0) return known;
    for (size_t i = 0; i < w->result->n_memories; i++) {
        if (w->result->memories[i].home) w->home = w->result->memories[i].name;
    }
    struct psim_reason *sum =
        psim_why_sum(w, "moves", value, PSIM_DIM_BYTES, PSIM_WHY_LAST_TURN, home_bytes);
    sum->equation = "eq. D1";
    return psim_why_keep(w, w->result, PSIM_KEPT_MAIN_BYTES, sum);
}

const struct psim_reason *
psim_why_intensity(struct psim_why *w)
{
    return over(w, "arithmetic intensity", PSIM_DIM_FLOP_PER_BYTE,
                psim_why_cost(w, PSIM_WHY_FLOP), psim_why_main_bytes(w));
}

/* --- the plain roofline -------------------------------------------------------------
 */

/** What an op takes at the peak of its fastest unit; NULL: the machine has none. */
static const struct psim_reason *
compute_alone(struct psim_why *w, const struct psim_op *op)
{
    const enum psim_dtype own = psim_why_dtype(op) < PSIM_N_DTYPES
                                    ? (enum psim_dtype)psim_why_dtype(op)
                                    : PSIM_FP32;
    const struct psim_operation *fastest = psim_hw_fastest(w->hw, own);
    if (!fastest) fastest = psim_hw_fastest(w->hw, psim_dtype_of_sums(own));
    if (!fastest) return NULL;
    const enum psim_dtype used =
        fastest->by[own].supported ? own : psim_dtype_of_sums(own);
    const struct psim_reason *peak = psim_why_peak(w, fastest, used);
    if (peak->value <= 0) return NULL;
    const struct psim_reason *work = psim_why_op_cost(w, op, PSIM_WHY_FLOP);
    struct psim_reason *r = psim_why_of(
        w, psim_why_text(w, "%s at the compute roof", op->name),
        work->value / peak->value, PSIM_DIM_SECONDS, "$0 / $1", work, peak, NULL);
    r->equation = "eq. F8";
    return r;
}

static const struct psim_reason *
memory_alone(struct psim_why *w, const struct psim_op *op)
{
    const struct psim_reason *peak = psim_why_memory_peak(w, w->hw->main_memory);
    if (!peak) return NULL;
    const struct psim_reason *read = psim_why_op_cost(w, op, PSIM_WHY_READ_BYTES);
    const struct psim_reason *written = psim_why_op_cost(w, op, PSIM_WHY_WRITE_BYTES);
    struct psim_reason *r =
        psim_why_of(w, psim_why_text(w, "%s at the memory roof", op->name),
                    (read->value + written->value) / peak->value, PSIM_DIM_SECONDS,
                    "($0 + $1) / $2", read, written, peak, NULL);
    r->equation = "eq. F8";
    return r;
}

/** A sum over the ops, as often as the list is run. */
static const struct psim_reason *
over_ops(struct psim_why *w, const char *name, double value,
         const struct psim_reason *(*one)(struct psim_why *w, const struct psim_op *op))
{
    const double repeat = (double)w->workload->repeat;
    struct psim_reason *sum =
        psim_why_new(w, PSIM_REASON_FORMULA, name, value / repeat, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = "eq. F8";
    for (size_t i = 0; i < w->workload->n_ops; i++) {
        psim_reason_add(w->arena, sum, one(w, &w->workload->ops[i]));
    }
    if (repeat == 1) return sum;
    sum->name = psim_why_text(w, "%s of one turn", name);
    return psim_why_of(w, name, value, PSIM_DIM_SECONDS, "$0 x $1",
                       psim_why_count(w, "repeat", repeat, w->workload->at), sum, NULL);
}

static const struct psim_reason *
slower_roof(struct psim_why *w, const struct psim_op *op)
{
    const struct psim_reason *compute = compute_alone(w, op);
    const struct psim_reason *memory = memory_alone(w, op);
    if (!compute || !memory) return compute ? compute : memory;
    struct psim_reason *r = psim_why_of(w, psim_why_text(w, "%s at its roof", op->name),
                                        fmax(compute->value, memory->value),
                                        PSIM_DIM_SECONDS, "max", compute, memory, NULL);
    r->equation = "eq. F8";
    return r;
}

const struct psim_reason *
psim_why_roofline(struct psim_why *w)
{
    return over_ops(w, "plain roofline", w->result->roofline_s, slower_roof);
}

/** What one kind of roof alone would take. */
static double
alone_s(const struct psim_result *r, enum psim_dim dim)
{
    double sum = 0;
    for (size_t i = 0; i < r->n_roofs; i++) {
        if (r->roofs[i].dim == dim && r->roofs[i].peak_per_s > 0) {
            sum += r->roofs[i].time_s;
        }
    }
    return sum;
}

static const struct psim_metric *
metric_of(const char *key)
{
    for (size_t i = 0; i < psim_metric_count; i++) {
        if (psim_str_equal(psim_metrics[i].key, key)) return &psim_metrics[i];
    }
    return NULL;
}

static const struct psim_reason *
share(struct psim_why *w, const char *key, const char *name, enum psim_dim dim,
      const struct psim_reason *(*one)(struct psim_why *w, const struct psim_op *op))
{
    const double value = metric_of(key)->get(w->result);
    if (value < 0) return NULL;
    struct psim_reason *r = psim_why_of(
        w, name, value, PSIM_DIM_NONE, "$0 / $1",
        over_ops(
            w, dim == PSIM_DIM_FLOP_PER_S ? "compute roof alone" : "memory roof alone",
            alone_s(w->result, dim), one),
        psim_why_time(w), NULL);
    r->percent = true;
    r->equation = "eq. D1";
    return r;
}

const struct psim_reason *
psim_why_compute_share(struct psim_why *w)
{
    return share(w, "compute_roof_share", "of the compute roof", PSIM_DIM_FLOP_PER_S,
                 compute_alone);
}

const struct psim_reason *
psim_why_memory_share(struct psim_why *w)
{
    return share(w, "memory_roof_share", "of the memory roof", PSIM_DIM_BYTES_PER_S,
                 memory_alone);
}

/* --- the bound of all mappings ------------------------------------------------------
 */

static const struct psim_reason *
with_launch(struct psim_why *w, const struct psim_logged *l)
{
    const struct psim_reason *bound = psim_why_kernel_bound(w, l);
    const struct psim_reason *launch = psim_why_launch(w, l);
    const double n = l->chosen->parts.part[l->part].launches;
    const char *name = psim_why_text(w, "bound of %s", psim_why_kernel_name(w, l));
    struct psim_reason *launches =
        psim_why_new(w, PSIM_REASON_COUNTED, "launches", n, PSIM_DIM_NONE);
    launches->at = l->op->at;
    if (launch && n != 1) {
        return psim_why_of(w, name, n * (bound->value + launch->value),
                           PSIM_DIM_SECONDS, "$0 x ($1 + $2)", launches, bound, launch,
                           NULL);
    }
    if (launch) {
        return psim_why_of(w, name, bound->value + launch->value, PSIM_DIM_SECONDS,
                           "$0 + $1", bound, launch, NULL);
    }
    if (n == 1) return bound;
    return psim_why_of(w, name, n * bound->value, PSIM_DIM_SECONDS, "$0 x $1", launches,
                       bound, NULL);
}

/** The launches of one op of one turn, from @p first on. @return the next op's first */
static size_t
add_op(struct psim_why *w, size_t first, struct psim_reason *ret)
{
    const struct psim_logged *l = &w->log->item[first];
    struct psim_reason *own = psim_why_new(
        w, PSIM_REASON_FORMULA, psim_why_text(w, "bound of %s as it runs", l->op->name),
        0, PSIM_DIM_SECONDS);
    own->formula = "sum";
    own->equation = "eq. A7";
    size_t i = first;
    for (; i < w->log->n; i++) {
        const struct psim_logged *other = &w->log->item[i];
        if (other->op != l->op || other->turn != l->turn ||
            (i > first && other->part == 0 && other->kernel == 0)) {
            break;
        }
        const struct psim_reason *one = with_launch(w, other);
        psim_reason_add(w->arena, own, one);
        own->value += one->value;
    }
    struct psim_reason *least =
        psim_why_new(w, PSIM_REASON_FOUND,
                     psim_why_text(w, "least bound of the mappings of %s", l->op->name),
                     l->chosen->bound_s, PSIM_DIM_SECONDS);
    least->equation = "eq. S2";
    least->doc = "explain --mappings shows all";
    least->at = l->op->at;
    struct psim_reason *bound = psim_why_of(
        w, psim_why_text(w, "bound of %s", l->op->name), fmin(least->value, own->value),
        PSIM_DIM_SECONDS, "min($0, $1)", own, least, NULL);
    bound->equation = "eq. S2";
    const double repeat = (double)w->workload->repeat;
    if (l->turn > 0 && repeat != 2) {
        bound = psim_why_of(
            w, bound->name, (repeat - 1) * bound->value, PSIM_DIM_SECONDS, "$0 x $1",
            psim_why_rule(w, "further turns", repeat - 1, PSIM_DIM_NONE, "eq. T2"),
            bound, NULL);
    }
    psim_reason_add(w->arena, ret, bound);
    return i;
}

const struct psim_reason *
psim_why_run_bound(struct psim_why *w)
{
    struct psim_reason *sum = psim_why_new(w, PSIM_REASON_FORMULA, "at least",
                                           w->result->bound_s, PSIM_DIM_SECONDS);
    sum->formula = "sum";
    sum->equation = w->workload->repeat > 1 ? "eq. T2" : "eq. S2";
    sum->doc = "no mapping of these programs on this machine is faster";
    for (size_t i = 0; i < w->log->n;) {
        i = add_op(w, i, sum);
    }
    return sum;
}
