/* SPDX-License-Identifier: MIT */
/** @file A plan read back is the same in each member; its size is its program's. */
#include <math.h>

#include "check_machines.h"
#include "plan/plan_check.h"
#include "plan/plan_text.h"

enum { SHAPES = 60 /* of each kind */ };

/* --- 12: the text reads back to the same plan --------------------------------------
 */

static const char *
printed(struct psim_arena *arena, const struct psim_plan *plan)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    CHECK_THAT(out != NULL, "no memory for a text");
    psim_plan_print(out, plan, true);
    CHECK_THAT(fclose(out) == 0, "a text cannot be closed");
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}

/** Two plans side by side, and which of their parts is looked at. */
struct sides {
    const char *text;
    const char *what;
    const char *name;
};

#define SAME(s, a, b)                                                                  \
    CHECK_THAT((a) == (b), "%s: %s %s: %s differs", (s)->text, (s)->what, (s)->name, #a)

/** Names of the machine are one word in the text: blanks became underscores. */
static bool
spelt_alike(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        if (*a != *b && !(strchr(" ,#", *a) && *b == '_')) return false;
    }
    return *a == *b;
}

static void
same_word(const struct sides *s, const char *a, const char *b)
{
    CHECK_THAT(a == b || (a && b && spelt_alike(a, b)), "%s: %s %s: '%s' and '%s'",
               s->text, s->what, s->name, a, b);
}

static void
same_machine(struct sides *s, const struct psim_plan *a, const struct psim_plan *b)
{
    SAME(s, a->n_servers, b->n_servers);
    SAME(s, a->n_caches, b->n_caches);
    SAME(s, a->n_acts, b->n_acts);
    for (uint32_t i = 0; i < a->n_servers; i++) {
        const struct psim_server *x = &a->servers[i], *y = &b->servers[i];
        *s = (struct sides){s->text, "server", x->name};
        same_word(s, x->name, y->name);
        SAME(s, x->counts, y->counts);
        SAME(s, x->units, y->units);
        SAME(s, x->level != NULL, y->level != NULL);
        if (x->level) same_word(s, x->level, y->level);
        SAME(s, x->home, y->home);
        SAME(s, x->peak_per_s, y->peak_per_s);
        SAME(s, x->fixed_clock, y->fixed_clock);
    }
    for (uint32_t i = 0; i < a->n_caches; i++) {
        const struct psim_cache *x = &a->caches[i], *y = &b->caches[i];
        *s = (struct sides){s->text, "cache", x->name};
        same_word(s, x->name, y->name);
        SAME(s, x->bytes, y->bytes);
        SAME(s, x->units, y->units);
    }
    for (uint32_t i = 0; i < a->n_acts; i++) {
        const struct psim_act *x = &a->acts[i], *y = &b->acts[i];
        *s = (struct sides){s->text, "act", x->name};
        same_word(s, x->name, y->name);
        SAME(s, x->counts, y->counts);
        SAME(s, x->n_demands, y->n_demands);
        SAME(s, x->n_caches, y->n_caches);
        SAME(s, x->interval_s, y->interval_s);
        SAME(s, x->fixed_interval, y->fixed_interval);
        SAME(s, x->droops, y->droops);
        for (uint8_t k = 0; k <= x->n_caches; k++) {
            SAME(s, x->latency_s[k], y->latency_s[k]);
            SAME(s, x->fixed_s[k], y->fixed_s[k]);
            if (k < x->n_caches) SAME(s, x->cache[k], y->cache[k]);
        }
        for (uint8_t d = 0; d < x->n_demands; d++) {
            SAME(s, x->demand[d].server, y->demand[d].server);
            SAME(s, x->demand[d].behind, y->demand[d].behind);
            SAME(s, x->demand[d].s_per_unit, y->demand[d].s_per_unit);
            SAME(s, x->demand[d].count_per_unit, y->demand[d].count_per_unit);
            SAME(s, x->demand[d].j_per_unit, y->demand[d].j_per_unit);
        }
    }
}

static void
same_tensors(struct sides *s, const struct psim_plan *a, const struct psim_plan *b)
{
    SAME(s, a->n_tensors, b->n_tensors);
    for (uint32_t i = 0; i < a->n_tensors; i++) {
        const struct psim_tensor *x = &a->tensors[i], *y = &b->tensors[i];
        *s = (struct sides){s->text, "tensor", x->name};
        same_word(s, x->name, y->name);
        SAME(s, x->elem_bytes, y->elem_bytes);
        SAME(s, x->n_dims, y->n_dims);
        for (uint8_t d = 0; d < x->n_dims; d++) {
            SAME(s, x->extent[d], y->extent[d]);
            SAME(s, x->block[d], y->block[d]);
        }
    }
}

static void
same_grid(struct sides *s, const struct psim_kernel *x, const struct psim_kernel *y)
{
    *s = (struct sides){s->text, "kernel", x->name};
    same_word(s, x->name, y->name);
    same_word(s, x->unit_name, y->unit_name);
    same_word(s, x->resident_by, y->resident_by);
    SAME(s, x->n_axes, y->n_axes);
    SAME(s, x->n_levels, y->n_levels);
    SAME(s, x->n_params, y->n_params);
    SAME(s, x->dispatch, y->dispatch);
    SAME(s, x->units, y->units);
    SAME(s, x->resident, y->resident);
    SAME(s, x->bundle, y->bundle);
    SAME(s, x->start_act, y->start_act);
    SAME(s, x->launch_s, y->launch_s);
    SAME(s, x->flop, y->flop);
    for (uint8_t i = 0; i < x->n_axes; i++) {
        same_word(s, x->axis_name[i], y->axis_name[i]);
        SAME(s, x->extent[i], y->extent[i]);
    }
    for (uint8_t i = 0; i < x->n_levels; i++) {
        SAME(s, x->walk[i].axis, y->walk[i].axis);
        SAME(s, x->walk[i].down, y->walk[i].down);
        SAME(s, x->walk[i].span, y->walk[i].span);
    }
    for (uint8_t i = 0; i < x->n_params; i++) {
        same_word(s, x->params[i].name, y->params[i].name);
        SAME(s, x->params[i].axis, y->params[i].axis);
        SAME(s, x->params[i].n_runs, y->params[i].n_runs);
        for (uint8_t r = 0; r < x->params[i].n_runs; r++) {
            const struct psim_run *p = &x->runs[x->params[i].first_run + r];
            const struct psim_run *q = &y->runs[y->params[i].first_run + r];
            SAME(s, p->first, q->first);
            SAME(s, p->count, q->count);
            SAME(s, p->a, q->a);
            SAME(s, p->b, q->b);
            SAME(s, p->c, q->c);
        }
    }
}

static void
same_dim(const struct sides *s, const struct psim_box_dim *p,
         const struct psim_box_dim *q)
{
    SAME(s, p->axis, q->axis);
    /* Without an axis there is nothing to multiply with. */
    if (p->axis != PSIM_NONE) SAME(s, p->a, q->a);
    SAME(s, p->b, q->b);
    SAME(s, p->b_last, q->b_last);
    SAME(s, p->c, q->c);
    SAME(s, p->m, q->m);
    SAME(s, p->mul, q->mul);
    SAME(s, p->carry, q->carry);
    SAME(s, p->offset, q->offset);
    SAME(s, p->size, q->size);
    for (unsigned y = 0; y < PSIM_MAX_NESTING; y++) {
        SAME(s, p->step[y], q->step[y]);
    }
}

static void
same_tiles(struct sides *s, const struct psim_plan *plan, const struct psim_kernel *x,
           const struct psim_kernel *y)
{
    SAME(s, x->n_tiles, y->n_tiles);
    SAME(s, x->n_uses, y->n_uses);
    SAME(s, x->n_channels, y->n_channels);
    for (uint8_t i = 0; i < x->n_tiles; i++) {
        const struct psim_tile *p = &x->tiles[i], *q = &y->tiles[i];
        *s = (struct sides){s->text, "tile", p->name};
        same_word(s, p->name, q->name);
        SAME(s, p->tensor, q->tensor);
        for (uint8_t d = 0; d < plan->tensors[p->tensor].n_dims; d++) {
            same_dim(s, &p->dim[d], &q->dim[d]);
        }
    }
    for (uint8_t i = 0; i < x->n_uses; i++) {
        SAME(s, x->uses[i].tensor, y->uses[i].tensor);
        SAME(s, x->uses[i].read_bytes, y->uses[i].read_bytes);
        SAME(s, x->uses[i].write_bytes, y->uses[i].write_bytes);
        SAME(s, x->uses[i].constant, y->uses[i].constant);
    }
    for (uint8_t i = 0; i < x->n_channels; i++) {
        const struct psim_channel *p = &x->channels[i], *q = &y->channels[i];
        *s = (struct sides){s->text, "channel", p->name};
        same_word(s, p->name, q->name);
        SAME(s, p->depth, q->depth);
        SAME(s, p->primed, q->primed);
        SAME(s, p->consumers, q->consumers);
        SAME(s, p->slot_bytes, q->slot_bytes);
    }
}

static void
same_steps(struct sides *s, const struct psim_kernel *x, const struct psim_kernel *y)
{
    SAME(s, x->n_roles, y->n_roles);
    SAME(s, x->n_steps, y->n_steps);
    for (uint8_t i = 0; i < x->n_roles; i++) {
        *s = (struct sides){s->text, "role", x->roles[i].name};
        same_word(s, x->roles[i].name, y->roles[i].name);
        SAME(s, x->roles[i].gangs, y->roles[i].gangs);
        SAME(s, x->roles[i].first_step, y->roles[i].first_step);
    }
    for (uint16_t i = 0; i < x->n_steps; i++) {
        const struct psim_step *p = &x->steps[i], *q = &y->steps[i];
        const char *kind = psim_step_kind_name((enum psim_step_kind)p->kind);
        *s = (struct sides){s->text, x->name, kind};
        SAME(s, p->kind, q->kind);
        if (p->kind == PSIM_STEP_STOP) continue;
        SAME(s, p->flags, q->flags);
        SAME(s, p->channel, q->channel);
        SAME(s, p->act, q->act);
        SAME(s, p->tile, q->tile);
        SAME(s, p->cast > 1 ? p->cast : 1, q->cast > 1 ? q->cast : 1);
        SAME(s, p->chain > 1 ? p->chain : 1, q->chain > 1 ? q->chain : 1);
        if (p->kind != PSIM_STEP_LOOP && p->kind != PSIM_STEP_DO) continue;
        SAME(s, p->amount.coef, q->amount.coef);
        for (size_t f = 0; f < PSIM_MAX_FACTORS; f++) {
            SAME(s, p->amount.param[f], q->amount.param[f]);
            if (p->amount.param[f] == PSIM_NONE) break;
        }
    }
}

static void
check_text(struct psim_arena *arena, const char *op, const struct psim_plan *plan)
{
    const char *text = printed(arena, plan);
    struct psim_diag diag = {.arena = arena};
    const struct psim_plan *read = psim_plan_read(arena, &diag, "plan", text);
    if (!read) psim_diag_print(&diag, stderr, false);
    CHECK_THAT(read != NULL, "%s: its plan cannot be read back", op);
    const char *fault = psim_plan_check(arena, read);
    CHECK_THAT(fault == NULL, "%s: %s", op, fault);
    struct sides s = {op, "the", "plan"};
    same_machine(&s, plan, read);
    same_tensors(&s, plan, read);
    s = (struct sides){op, "the", "plan"};
    SAME(&s, plan->n_kernels, read->n_kernels);
    SAME(&s, plan->n_launches, read->n_launches);
    SAME(&s, plan->repeat, read->repeat);
    SAME(&s, plan->total_units, read->total_units);
    SAME(&s, plan->host_interval_s, read->host_interval_s);
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        same_grid(&s, &plan->kernels[k], &read->kernels[k]);
        same_tiles(&s, plan, &plan->kernels[k], &read->kernels[k]);
        same_steps(&s, &plan->kernels[k], &read->kernels[k]);
    }
    for (uint32_t i = 0; i < plan->n_launches; i++) {
        SAME(&s, plan->launches[i].kernel, read->launches[i].kernel);
        SAME(&s, plan->launches[i].resident, read->launches[i].resident);
    }
    CHECK_THAT(strcmp(printed(arena, read), text) == 0, "%s: prints otherwise", op);
}

/* A kernel in memory: 200 B, 32 a step, 352 a tile (three dimensions of 112 B). The
 * longest, of two roles that take turns, has 80 steps and 9 tiles. */
enum { MOST_KERNEL_BYTES = 8 << 10, MOST_MACHINE_BYTES = 7 << 10 };

static void
check_bytes(const char *text, const struct psim_plan *plan)
{
    CHECK_THAT(psim_plan_machine_bytes(plan) <= MOST_MACHINE_BYTES,
               "%s: servers and acts take %zu B", text, psim_plan_machine_bytes(plan));
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        const size_t bytes = psim_kernel_bytes(&plan->kernels[k]);
        CHECK_THAT(bytes <= MOST_KERNEL_BYTES, "%s: %s takes %zu B", text,
                   plan->kernels[k].name, bytes);
    }
}

START_TEST(text_reads_back_to_the_same_plan)
{
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 30 * SHAPES, "only %u of %u shapes", built, i);
        const char *text = check_random_op(&arena, &random, (enum check_kind)_i, 500);
        const struct psim_hw *hw = machines[i % n_machines];
        const struct psim_op *op = check_op(&arena, text);
        struct psim_chosen c;
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            text = psim_arena_printf(&arena, "%s on %s", text, hw->name);
            check_text(&arena, text, c.plan);
            check_bytes(text, c.plan);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- 11: a plan's bytes are its program's, not its shape's --------------------------
 */

/** Ops whose extents marked ? grow. */
static const char *const growing[] = {
    "gemm m=? n=? k=? dtype=fp16",
    "gemm m=256 n=256 k=256 batch=? dtype=fp32",
    "elementwise function=add elements=? dtype=fp32",
    "softmax rows=? cols=512 dtype=fp32",
    "attention algorithm=naive heads=4 seq_q=? head_dim=64 dtype=fp16",
    "attention algorithm=flash2 heads=4 seq_q=? head_dim=64 causal=true dtype=fp16",
    "attention algorithm=flash2 heads=4 seq_q=? head_dim=64 dtype=fp32",
    "attention algorithm=naive lanes=1 seq_q=? head_dim=64 causal=true dtype=fp32",
    ("conv2d algorithm=direct batch=? in_channels=8 out_channels=8 height=16 width=16 "
     "kernel=3,3 dtype=fp32"),
    ("conv2d algorithm=implicit_gemm batch=? in_channels=64 out_channels=64 height=16 "
     "width=16 kernel=3,3 padding=1,1 dtype=fp16"),
};

static const char *
of_size(struct psim_arena *arena, const char *text, unsigned size)
{
    const char *mark = strchr(text, '?');
    if (!mark) return text;
    return psim_arena_printf(arena, "%.*s%u%s", (int)(mark - text), text, size,
                             of_size(arena, mark + 1, size));
}

/** The plan of the first mapping that fits the smallest shape, for a larger one. */
static const struct psim_plan *
plan_of_size(struct psim_arena *arena, const struct psim_hw *hw,
             struct check_builder *builder, const char *text, const char *first)
{
    struct check_random random = {1};
    struct psim_chosen small, large;
    if (!check_choose(arena, hw, check_op(arena, first), &small)) return NULL;
    const struct psim_op *op = check_op(arena, text);
    if (!check_any_plan(arena, builder, hw, op, &random, NULL, &large)) return NULL;
    struct psim_build *build = PSIM_NEW(arena, struct psim_build);
    psim_build_init(build, arena, hw);
    for (size_t p = 0; p < large.parts.n; p++) {
        const struct psim_part *part = &large.parts.part[p];
        if (!part->program->build(build, part, &small.mapping[p])) return NULL;
    }
    return psim_build_plan(build);
}

/* Large enough that a walk's bands are narrower than the grid. */
enum { SMALLEST = 4096 };

START_TEST(bytes_of_a_plan_do_not_grow_with_the_shape)
{
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned compared = 0;
    for (size_t m = 0; m < n_machines; m++) {
        size_t first_bytes[PSIM_BUILD_KERNELS] = {0};
        const char *first = NULL;
        for (unsigned size = SMALLEST; size <= 16 * SMALLEST; size *= 2) {
            const char *text = of_size(&arena, growing[_i], size);
            if (!first) first = text;
            const struct psim_plan *plan =
                plan_of_size(&arena, machines[m], builder, text, first);
            if (!plan) break;
            check_bytes(text, plan);
            /* Launches that clear a counter come with the size. */
            uint32_t n = 0;
            for (uint32_t i = 0; i < plan->n_kernels; i++) {
                if (check_is_clear(&plan->kernels[i])) continue;
                const uint32_t k = n++;
                const size_t bytes = psim_kernel_bytes(&plan->kernels[i]);
                if (size == SMALLEST) first_bytes[k] = bytes;
                /* A ragged end is a second run of a parameter. */
                const size_t ends = plan->kernels[i].n_params * sizeof(struct psim_run);
                CHECK_THAT(bytes <= first_bytes[k] + ends,
                           "%s on %s: %s takes %zu B, and %zu B at first", text,
                           machines[m]->name, plan->kernels[i].name, bytes,
                           first_bytes[k]);
                compared++;
            }
        }
    }
    ck_assert_uint_gt(compared, 0);
    psim_arena_rewind(&arena, mark);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("plan/same");
    TCase *text = tcase_create("text");
    tcase_set_timeout(text, 60);
    tcase_add_loop_test(text, text_reads_back_to_the_same_plan, 0, CHECK_N_KINDS);
    suite_add_tcase(suite, text);
    TCase *bytes = tcase_create("bytes");
    tcase_set_timeout(bytes, 60);
    tcase_add_loop_test(bytes, bytes_of_a_plan_do_not_grow_with_the_shape, 0,
                        (int)PSIM_COUNT(growing));
    suite_add_tcase(suite, bytes);
    return check_main(suite);
}
