/* SPDX-License-Identifier: MIT */
/** @file Programs of a workload's kernels, each once, with what their lines count. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "cli/report_parts.h"
#include "plan/count.h"
#include "plan/plan_text.h"
#include "sim/memo.h"
#include "util/arena.h"
#include "util/str.h"

_Static_assert((int)PSIM_PAGE_MAX_AXES == (int)PSIM_MAX_AXES, "a grid fits");
_Static_assert((int)PSIM_PAGE_MAX_LEVELS == (int)PSIM_MAX_LEVELS, "a walk fits");

static const char *
print_plan(struct psim_arena *arena, const struct psim_plan *plan)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out) psim_die_out_of_memory(0);
    psim_plan_print(out, plan, true);
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}

static bool
begins_with(const char *line, const char *word)
{
    const size_t len = strlen(word);
    return strncmp(line, word, len) == 0 && strchr(" \n", line[len]) != NULL;
}

/** The steps of a kernel in the order of its lines, and where they are. */
struct steps {
    const struct psim_plan *plan;
    const struct psim_kernel *kernel;
    struct psim_step_count count[PSIM_MAX_STEPS];
    uint16_t next;
};

static void
start_kernel(struct steps *steps)
{
    steps->kernel = steps->kernel ? steps->kernel + 1 : steps->plan->kernels;
    psim_count_steps(steps->kernel, steps->count);
    steps->next = 0;
}

/** The step that a line shows; NULL where it shows none. */
static const struct psim_step *
step_of(struct steps *steps, const char *line)
{
    const struct psim_kernel *k = steps->kernel;
    /* The end of a role has no line. */
    while (k && steps->next < k->n_steps &&
           k->steps[steps->next].kind == PSIM_STEP_STOP) {
        steps->next++;
    }
    if (!k || steps->next == k->n_steps || line[0] != ' ') return NULL;
    const struct psim_step *step = &k->steps[steps->next];
    const char *word = psim_step_kind_name((enum psim_step_kind)step->kind);
    return begins_with(line + strspn(line, " "), word) ? step : NULL;
}

static void
count_line(struct steps *steps, const struct psim_step *step, uint32_t line,
           struct psim_page_program *ret)
{
    const struct psim_step_count *count = &steps->count[steps->next++];
    if (step->kind == PSIM_STEP_END) return;
    const bool does = step->kind == PSIM_STEP_DO;
    ret->counts[ret->n_counts++] = (struct psim_page_count){
        .line = line,
        .visits = count->visits.sum,
        .amount = does ? count->amount.sum : 0,
        .dim = does ? steps->plan->acts[step->act].counts : PSIM_DIM_NONE,
    };
}

static struct psim_page_program
new_program(struct psim_arena *arena, const struct psim_plan *plan)
{
    size_t most = 0;
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        most += plan->kernels[k].n_steps;
    }
    struct psim_page_program ret = {
        .text = print_plan(arena, plan),
        .counts = PSIM_NEW_N(arena, struct psim_page_count, most + 1),
    };
    struct steps *steps = PSIM_NEW(arena, struct steps);
    steps->plan = plan;
    uint32_t n = 0;
    for (const char *line = ret.text; *line; n++) {
        if (begins_with(line, "kernel")) start_kernel(steps);
        const struct psim_step *step = step_of(steps, line);
        if (step) count_line(steps, step, n, &ret);
        line += strcspn(line, "\n");
        if (*line) line++;
    }
    return ret;
}

static struct psim_page_kernel
kernel_of(const struct psim_kernel *k, size_t program)
{
    struct psim_page_kernel ret = {
        .program = program,
        .n_axes = k->n_axes,
        .n_levels = k->n_levels,
        .bundle = k->bundle,
    };
    for (uint32_t a = 0; a < k->n_axes; a++) {
        ret.extent[a] = k->extent[a];
        ret.axis_name[a] = k->axis_name[a];
    }
    for (uint32_t i = 0; i < k->n_levels; i++) {
        ret.level[i].axis = k->walk[i].axis;
        ret.level[i].span = k->walk[i].span;
        ret.level[i].down = k->walk[i].down;
    }
    return ret;
}

/** Plans of the workload's ops, those that are alike once. */
struct plans {
    struct psim_memos seen;
    const struct psim_op *ops;
    size_t *program_of; /**< of each op; of those alike, of the first only */
    struct psim_page_program *programs;
    size_t n_programs;
};

/** Programs that read the same are one. */
static size_t
add_program(struct psim_arena *arena, struct plans *plans, const struct psim_plan *plan)
{
    const struct psim_page_program program = new_program(arena, plan);
    for (size_t i = 0; i < plans->n_programs; i++) {
        if (psim_str_equal(plans->programs[i].text, program.text)) return i;
    }
    plans->programs[plans->n_programs] = program;
    return plans->n_programs++;
}

static const struct psim_memo *
find_plan(struct psim_arena *arena, struct psim_diag *diag, const struct psim_hw *hw,
          const struct psim_op *op, const struct psim_predict_options *how,
          struct plans *plans)
{
    struct psim_memo *memo = psim_memos_find(&plans->seen, op);
    if (memo->op) return memo;
    const enum psim_launch_mode launch = how->launch_given ? how->launch : op->launch;
    const struct psim_choose_options options = {
        .launch = launch,
        .launch_s = psim_launch_s(hw, launch),
    };
    struct psim_chosen *chosen = PSIM_NEW(arena, struct psim_chosen);
    if (!psim_choose(arena, diag, hw, op, chosen, &options)) return NULL;
    *memo = (struct psim_memo){op, chosen};
    plans->program_of[op - plans->ops] = add_program(arena, plans, chosen->plan);
    return memo;
}

bool
psim_report_programs(struct psim_arena *arena, struct psim_diag *diag,
                     const struct psim_hw *hw, const struct psim_workload *workload,
                     const struct psim_predict_options *how, struct psim_page_run *ret)
{
    struct plans plans = {
        .seen = psim_memos_new(arena, workload->n_ops),
        .ops = workload->ops,
        .program_of = PSIM_NEW_N(arena, size_t, workload->n_ops),
        .programs = PSIM_NEW_N(arena, struct psim_page_program, workload->n_ops),
    };
    const struct psim_result *r = ret->result;
    struct psim_page_kernel *kernels =
        PSIM_NEW_N(arena, struct psim_page_kernel, r->n_kernels + 1);
    uint32_t ordinal = 0;
    for (size_t i = 0; i < r->n_kernels; i++) {
        const size_t op = r->kernels[i].op_index;
        const bool first = i == 0 || r->kernels[i - 1].op_index != op;
        ordinal = first ? 0 : ordinal + 1;
        const struct psim_memo *memo =
            find_plan(arena, diag, hw, &workload->ops[op], how, &plans);
        if (!memo) return false;
        /* The choice depends on nothing but these inputs: it is the prediction's. */
        assert(ordinal < memo->chosen->plan->n_kernels);
        kernels[i] = kernel_of(&memo->chosen->plan->kernels[ordinal],
                               plans.program_of[memo->op - workload->ops]);
    }
    ret->kernels = kernels;
    ret->programs = plans.programs;
    ret->n_programs = plans.n_programs;
    return true;
}
