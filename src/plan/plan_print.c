/* SPDX-License-Identifier: MIT */
/** @file A plan as text.
 *
 * Defaults are left out, so that what is there says something. */
#include <inttypes.h>
#include <stdio.h>

#include "plan/plan_text.h"
#include "util/arena.h"
#include "util/str.h"

static void
print_number(FILE *out, const char *key, double value)
{
    struct psim_arena arena = {0};
    fprintf(out, " %s %s", key, psim_number_print(&arena, value));
    psim_arena_free(&arena);
}

/** The text form is made of words: "the grid" becomes the_grid. */
static void
print_word(FILE *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        fputc(*c == ' ' || *c == ',' || *c == '#' ? '_' : *c, out);
    }
}

static void
print_share(FILE *out, uint32_t units)
{
    if (units == 0) {
        fputs(" for all", out);
    } else if (units != 1) {
        fprintf(out, " for %" PRIu32, units);
    }
}

static void
print_server(FILE *out, const struct psim_server *server)
{
    fprintf(out, "server %s %s", server->name,
            server->counts == PSIM_DIM_NONE ? "op" : psim_dim_unit(server->counts));
    print_share(out, server->units);
    if (server->level) fputs(server->home ? " home" : " memory", out);
    if (server->level && !psim_str_equal(server->level, server->name)) {
        fprintf(out, " of %s", server->level);
    }
    if (server->peak_per_s > 0) print_number(out, "peak", server->peak_per_s);
    if (server->turn_s > 0) print_number(out, "turn", server->turn_s);
    if (server->in_phase) fputs(" in_phase", out);
    if (server->fixed_clock) fputs(" fixed", out);
    fputc('\n', out);
}

static void
print_latency(FILE *out, const char *key, const struct psim_act *act, uint8_t k)
{
    if (act->latency_s[k] > 0 || k > 0) print_number(out, key, act->latency_s[k]);
    if (act->fixed_s[k] > 0) print_number(out, "fixed", act->fixed_s[k]);
}

static void
print_demand(FILE *out, const struct psim_plan *plan, const struct psim_demand *demand)
{
    fprintf(out, "  %s", plan->servers[demand->server].name);
    print_number(out, "time", demand->s_per_unit);
    if (demand->count_per_unit != 1) print_number(out, "count", demand->count_per_unit);
    if (demand->j_per_unit > 0) print_number(out, "energy", demand->j_per_unit);
    fputc('\n', out);
}

static void
print_act(FILE *out, const struct psim_plan *plan, const struct psim_act *act)
{
    fprintf(out, "act %s %s", act->name,
            act->counts == PSIM_DIM_NONE ? "op" : psim_dim_unit(act->counts));
    if (act->droops) fputs(" droops", out);
    if (act->interval_s > 0) print_number(out, "interval", act->interval_s);
    if (act->fixed_interval) fputs(" fixed", out);
    print_latency(out, "latency", act, 0);
    fputc('\n', out);
    for (uint8_t d = 0; d < act->n_demands; d++) {
        if (act->demand[d].behind == 0) print_demand(out, plan, &act->demand[d]);
    }
    for (uint8_t k = 1; k <= act->n_caches; k++) {
        fprintf(out, "  cache %s", plan->caches[act->cache[k - 1]].name);
        print_latency(out, "miss", act, k);
        fputc('\n', out);
        for (uint8_t d = 0; d < act->n_demands; d++) {
            if (act->demand[d].behind == k) print_demand(out, plan, &act->demand[d]);
        }
    }
}

static void
print_machine(FILE *out, const struct psim_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_servers; i++) {
        print_server(out, &plan->servers[i]);
    }
    for (uint32_t i = 0; i < plan->n_caches; i++) {
        const struct psim_cache *cache = &plan->caches[i];
        fprintf(out, "cache %s %" PRIu64, cache->name, cache->bytes);
        print_share(out, cache->units);
        fputc('\n', out);
    }
    for (uint32_t i = 0; i < plan->n_acts; i++) {
        print_act(out, plan, &plan->acts[i]);
    }
}

static void
print_tensor(FILE *out, const struct psim_tensor *tensor)
{
    fprintf(out, "tensor %s %" PRIu32 " B", tensor->name, tensor->elem_bytes);
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        fprintf(out, " %" PRIu64 "/%" PRIu64, tensor->extent[d], tensor->block[d]);
    }
    fputc('\n', out);
}

static void
print_amount(FILE *out, const struct psim_kernel *k, const struct psim_amount *amount)
{
    fprintf(out, " %" PRIu64, amount->coef);
    for (size_t i = 0; i < PSIM_MAX_FACTORS && amount->param[i] != PSIM_NONE; i++) {
        fprintf(out, "*%s", k->params[amount->param[i]].name);
    }
}

static void
print_param(FILE *out, const struct psim_kernel *k, const struct psim_param *p)
{
    fprintf(out, "  param %s %s", p->name, k->axis_name[p->axis]);
    for (uint8_t r = 0; r < p->n_runs; r++) {
        const struct psim_run *run = &k->runs[p->first_run + r];
        fprintf(out, "%s %" PRIu32 " x", r ? "," : "", run->count);
        if (run->a == 0 && run->c == 1) {
            fprintf(out, " %" PRId64, run->b);
        } else {
            fprintf(out, " ( %" PRId64 " i + %" PRId64 " ) / %" PRId64, run->a, run->b,
                    run->c);
        }
    }
    fputc('\n', out);
}

static void
print_if(FILE *out, const char *key, int64_t value, int64_t fallback)
{
    if (value != fallback) fprintf(out, " %s %" PRId64, key, value);
}

static void
print_tile(FILE *out, const struct psim_plan *plan, const struct psim_kernel *k,
           const struct psim_tile *tile)
{
    const struct psim_tensor *tensor = &plan->tensors[tile->tensor];
    fprintf(out, "  tile %s of %s\n", tile->name, tensor->name);
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        const struct psim_box_dim *dim = &tile->dim[d];
        fprintf(out, "    dim size %" PRId64, dim->size);
        if (dim->axis != PSIM_NONE) {
            fprintf(out, " by %s", k->axis_name[dim->axis]);
            print_if(out, "a", dim->a, 1);
        }
        print_if(out, "b", dim->b, 0);
        print_if(out, "last", dim->b_last, dim->b);
        print_if(out, "over", dim->c, 1);
        print_if(out, "mod", dim->m, 0);
        print_if(out, "mul", dim->mul, 1);
        print_if(out, "carry", dim->carry, 0);
        for (unsigned y = 0; y < PSIM_MAX_NESTING; y++) {
            if (dim->step[y] != 0) {
                fprintf(out, " loop %u step %" PRId64, y, dim->step[y]);
            }
        }
        print_if(out, "offset", dim->offset, 0);
        fputc('\n', out);
    }
}

static void
print_do(FILE *out, const struct psim_plan *plan, const struct psim_kernel *k,
         const struct psim_step *step)
{
    fprintf(out, " %s", plan->acts[step->act].name);
    print_amount(out, k, &step->amount);
    if (step->tile != PSIM_NONE) fprintf(out, " tile %s", k->tiles[step->tile].name);
    if (step->cast > 1) fprintf(out, " cast %u", step->cast);
    if (step->chain > 1) fprintf(out, " chain %" PRIu32, step->chain);
    if (step->flags & PSIM_STORE) fputs(" store", out);
    if (step->flags & PSIM_STREAM) fputs(" stream", out);
    if (step->flags & PSIM_POSTED) fputs(" posted", out);
    if (step->flags & PSIM_ASYNC) {
        fprintf(out, " into %s", k->channels[step->channel].name);
    }
}

static void
print_role(FILE *out, const struct psim_plan *plan, const struct psim_kernel *k,
           const struct psim_role *role)
{
    fprintf(out, "  role %s", role->name);
    if (role->gangs != 1) fprintf(out, " gangs %u", role->gangs);
    fputc('\n', out);
    int indent = 4;
    for (uint16_t s = role->first_step; k->steps[s].kind != PSIM_STEP_STOP; s++) {
        const struct psim_step *step = &k->steps[s];
        if (step->kind == PSIM_STEP_END) indent -= 2;
        fprintf(out, "%*s%s", indent, "",
                psim_step_kind_name((enum psim_step_kind)step->kind));
        if (step->kind == PSIM_STEP_LOOP) {
            print_amount(out, k, &step->amount);
            indent += 2;
        } else if (step->kind == PSIM_STEP_DO) {
            print_do(out, plan, k, step);
        } else if (step->kind != PSIM_STEP_END) {
            fprintf(out, " %s", k->channels[step->channel].name);
        }
        fputc('\n', out);
    }
}

static void
print_grid(FILE *out, const struct psim_plan *plan, const struct psim_kernel *k)
{
    fprintf(out, "kernel %s on ", k->name);
    print_word(out, k->unit_name);
    fprintf(out, " units %" PRIu32 " resident %" PRIu32, k->units, k->resident);
    if (k->resident_by) {
        fputs(" by ", out);
        print_word(out, k->resident_by);
    }
    if (k->bundle != 1) fprintf(out, " bundle %" PRIu32, k->bundle);
    fprintf(out, " dispatch %s", psim_dispatch_name((enum psim_dispatch)k->dispatch));
    if (k->start_act != PSIM_NONE) {
        fprintf(out, " start %s", plan->acts[k->start_act].name);
    }
    if (k->beside) fputs(" beside", out);
    if (k->in_phase > 0) print_number(out, "in_phase", k->in_phase);
    if (k->launch_s > 0) print_number(out, "launch", k->launch_s);
    if (k->flop > 0) print_number(out, "flop", k->flop);
    fputs("\n  axes", out);
    for (uint8_t a = 0; a < k->n_axes; a++) {
        fprintf(out, " %s %" PRIu32, k->axis_name[a], k->extent[a]);
    }
    fputs("\n  walk", out);
    for (uint8_t i = 0; i < k->n_levels; i++) {
        const struct psim_level *l = &k->walk[i];
        fprintf(out, " %s", k->axis_name[l->axis]);
        if (l->span != 0) fprintf(out, ":%" PRIu32, l->span);
        if (l->down) fputs(" down", out);
    }
    fputc('\n', out);
}

static void
print_kernel(FILE *out, const struct psim_plan *plan, const struct psim_kernel *k)
{
    print_grid(out, plan, k);
    for (uint8_t i = 0; i < k->n_params; i++) {
        print_param(out, k, &k->params[i]);
    }
    for (uint8_t i = 0; i < k->n_channels; i++) {
        const struct psim_channel *c = &k->channels[i];
        fprintf(out, "  channel %s depth %u", c->name, c->depth);
        if (c->primed) fprintf(out, " primed %u", c->primed);
        if (c->consumers != 1) fprintf(out, " consumers %u", c->consumers);
        if (c->slot_bytes) fprintf(out, " slot %" PRIu64, c->slot_bytes);
        fputc('\n', out);
    }
    for (uint8_t i = 0; i < k->n_tiles; i++) {
        print_tile(out, plan, k, &k->tiles[i]);
    }
    for (uint8_t i = 0; i < k->n_uses; i++) {
        const struct psim_use *use = &k->uses[i];
        fprintf(out, "  use %s read %" PRIu64 " write %" PRIu64 "%s\n",
                plan->tensors[use->tensor].name, use->read_bytes, use->write_bytes,
                use->constant ? " constant" : "");
    }
    for (uint8_t i = 0; i < k->n_roles; i++) {
        print_role(out, plan, k, &k->roles[i]);
    }
}

void
psim_plan_print(FILE *out, const struct psim_plan *plan, bool with_machine)
{
    if (with_machine) print_machine(out, plan);
    for (uint32_t i = 0; i < plan->n_tensors; i++) {
        print_tensor(out, &plan->tensors[i]);
    }
    for (uint32_t i = 0; i < plan->n_kernels; i++) {
        print_kernel(out, plan, &plan->kernels[i]);
    }
    if (plan->total_units > 0) fprintf(out, "units %" PRIu32 "\n", plan->total_units);
    if (plan->repeat > 1) fprintf(out, "repeat %" PRIu32 "\n", plan->repeat);
    if (plan->host_interval_s > 0) {
        fputs("host", out);
        print_number(out, "interval", plan->host_interval_s);
        fputc('\n', out);
    }
    for (uint32_t i = 0; i < plan->n_launches; i++) {
        const struct psim_launch *launch = &plan->launches[i];
        fprintf(out, "run %s", plan->kernels[launch->kernel].name);
        for (uint32_t t = 0; t < plan->n_tensors; t++) {
            if (launch->resident >> t & 1) {
                fprintf(out, " resident %s", plan->tensors[t].name);
            }
        }
        fputc('\n', out);
    }
}
