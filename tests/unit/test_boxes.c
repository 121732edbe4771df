/* SPDX-License-Identifier: MIT */
/** @file What work-groups move and multiply, element by element. */
#include "check_machines.h"
#include "check_visit.h"

enum { SHAPES = 1000 };

/** Tiles that no menu has, so that small shapes make large grids. */
static void
small_tiles(struct check_random *random, const struct psim_part *part,
            struct psim_mapping *mapping)
{
    if (part->program == &psim_program_product) {
        mapping->m = (uint32_t)check_draw(random, 1, 24);
        mapping->n = (uint32_t)check_draw(random, 1, 24);
        mapping->k = (uint32_t)check_draw(random, 1, 16);
        mapping->split = (uint32_t)check_draw(random, 1, 4);
        mapping->cluster = (uint32_t)check_draw(random, 1, 2);
        mapping->out_buffer = 0;
    } else if (part->program == &psim_program_direct) {
        mapping->m = (uint32_t)check_draw(random, 1, 24);
    }
}

/** Which op is looked at, with what was built of it. */
struct looking {
    struct psim_arena *arena;
    const char *text;
    const struct psim_op *op;
    const struct psim_part *part;
    const struct psim_kernel *kernel;
    const uint32_t *x;
    uint8_t *seen; /**< how often each product, pair or element was met */
    uint64_t n_seen;
    uint8_t stored;        /**< the tensor whose stores are looked at */
    struct check_box a, b; /**< of the step of k under way */
    uint32_t *rows_lo, *rows_hi;
};

static const char *
tensor_name(const struct check_visit *visit)
{
    const struct psim_step *step = &visit->kernel->steps[visit->step];
    if (step->kind != PSIM_STEP_DO || step->tile == PSIM_NONE) return "";
    const struct psim_tile *tile = &visit->kernel->tiles[step->tile];
    return visit->plan->tensors[tile->tensor].name;
}

/** Names of later kernels' tensors end in a number: "A.2". */
static bool
is_called(const char *name, const char *wanted)
{
    const size_t len = strlen(wanted);
    return strncmp(name, wanted, len) == 0 && (name[len] == '\0' || name[len] == '.');
}

static uint64_t
box_bytes(const struct check_visit *visit, const struct check_box *box)
{
    const struct psim_step *step = &visit->kernel->steps[visit->step];
    const struct psim_tile *tile = &visit->kernel->tiles[step->tile];
    return check_box_volume(box) * visit->plan->tensors[tile->tensor].elem_bytes;
}

/* --- products --------------------------------------------------------------- */

/** A box of A and the box of B that follows it: all products of the two. */
static void
meet_product(void *context, const struct check_visit *visit)
{
    struct looking *l = context;
    const struct psim_product *p = &l->part->u.product;
    const char *name = tensor_name(visit);
    if (!*name) return;
    const struct check_box box = check_box_of(visit);
    const bool partial = is_called(name, "partial");
    /* Of a split sum, one part adds the bias. */
    const bool none = is_called(name, "bias") && visit->amount == 0;
    CHECK_THAT(none || visit->amount == box_bytes(visit, &box),
               "%s: %s moves %llu B of a box of %llu B", l->text, name,
               (unsigned long long)visit->amount,
               (unsigned long long)box_bytes(visit, &box));
    if (is_called(name, "A")) l->a = box;
    if (is_called(name, "C") || partial) return;
    if (!is_called(name, "B")) return;
    l->b = box;
    CHECK_THAT(l->a.lo[2] == box.lo[1] && l->a.hi[2] == box.hi[1],
               "%s: A and B of different steps of k", l->text);
    const uint64_t share = p->share_b > 1 ? p->share_b : 1;
    if (check_box_volume(&l->a) == 0 || check_box_volume(&box) == 0) return;
    CHECK_THAT(l->a.lo[0] / share == box.lo[0], "%s: A and B of different products",
               l->text);
    for (uint64_t i = l->a.lo[1]; i < l->a.hi[1]; i++) {
        for (uint64_t s = box.lo[1]; s < box.hi[1]; s++) {
            for (uint64_t j = box.lo[2]; j < box.hi[2]; j++) {
                l->seen[((l->a.lo[0] * p->m + i) * p->k + s) * p->n + j]++;
            }
        }
    }
}

static void
look_at_product(struct looking *l, const struct psim_plan *plan)
{
    const struct psim_product *p = &l->part->u.product;
    l->n_seen = p->batch * p->m * p->k * p->n;
    l->seen = PSIM_NEW_N(l->arena, uint8_t, l->n_seen);
    check_visit_all(plan, l->kernel, meet_product, l);
    for (uint64_t i = 0; i < l->n_seen; i++) {
        CHECK_THAT(l->seen[i] == 1, "%s: product %llu is made %u times", l->text,
                   (unsigned long long)i, l->seen[i]);
    }
}

/* --- elements that are written ---------------------------------------------- */

static void
meet_store(void *context, const struct check_visit *visit)
{
    struct looking *l = context;
    const struct psim_step *step = &visit->kernel->steps[visit->step];
    if (step->kind != PSIM_STEP_DO || !(step->flags & PSIM_STORE)) return;
    if (visit->kernel->tiles[step->tile].tensor != l->stored) return;
    const struct psim_tensor *tensor = &visit->plan->tensors[l->stored];
    const struct check_box box = check_box_of(visit);
    uint64_t extent[PSIM_MAX_TILE_DIMS] = {1, 1, 1};
    memcpy(extent, tensor->extent, tensor->n_dims * sizeof *extent);
    for (uint64_t i = box.lo[0]; i < box.hi[0]; i++) {
        for (uint64_t j = box.lo[1]; j < box.hi[1]; j++) {
            for (uint64_t k = box.lo[2]; k < box.hi[2]; k++) {
                l->seen[(i * extent[1] + j) * extent[2] + k]++;
            }
        }
    }
}

static void
look_at_stores_to(struct looking *l, const struct psim_plan *plan, uint8_t index)
{
    const struct psim_tensor *tensor = &plan->tensors[index];
    l->stored = index;
    l->n_seen = 1;
    for (uint8_t d = 0; d < tensor->n_dims; d++) {
        l->n_seen *= tensor->extent[d];
    }
    l->seen = PSIM_NEW_N(l->arena, uint8_t, l->n_seen);
    check_visit_all(plan, l->kernel, meet_store, l);
    for (uint64_t i = 0; i < l->n_seen; i++) {
        CHECK_THAT(l->seen[i] == 1, "%s: %s: element %llu of %s is written %u times",
                   l->text, l->kernel->name, (unsigned long long)i, tensor->name,
                   l->seen[i]);
    }
}

/** Every element of what a kernel writes is written once. */
static void
look_at_stores(struct looking *l, const struct psim_plan *plan)
{
    /* A box follows one axis in a dimension: partial sums of a batch lie over each
     * other. Both engines take a store for a stream, which is not looked up. */
    if (strcmp(l->kernel->axis_name[l->kernel->n_axes - 1], "b") == 0 &&
        strcmp(l->kernel->axis_name[l->kernel->n_axes - 2], "s") == 0) {
        return;
    }
    bool seen[PSIM_MAX_TENSORS] = {false};
    for (uint16_t s = 0; s < l->kernel->n_steps; s++) {
        const struct psim_step *step = &l->kernel->steps[s];
        if (step->kind != PSIM_STEP_DO || !(step->flags & PSIM_STORE)) continue;
        const uint8_t tensor = l->kernel->tiles[step->tile].tensor;
        if (!seen[tensor]) look_at_stores_to(l, plan, tensor);
        seen[tensor] = true;
    }
}

/* --- convolutions ------------------------------------------------------------ */

/** Rows of the image, all images in a row, that a tile of output pixels needs. */
static void
meet_image(void *context, const struct check_visit *visit)
{
    struct looking *l = context;
    const struct psim_conv2d *c = l->op->attributes;
    if (strcmp(tensor_name(visit), "X") != 0) return;
    const struct check_box box = check_box_of(visit);
    uint64_t out_h, out_w;
    psim_conv2d_output(c, &out_h, &out_w);
    const uint64_t pixels = c->batch * out_h * out_w;
    const struct psim_tile *tile =
        &visit->kernel->tiles[visit->kernel->steps[visit->step].tile];
    const uint64_t m = (uint64_t)tile->dim[0].a;
    const uint64_t first = visit->x[0] * m;
    /* A step takes one row of taps, or all of them where its box has several rows. */
    const uint64_t high = c->pool.value[0], wide = c->pool.value[1];
    const int64_t pooled = (int64_t)((high - 1) * c->stride.value[0]);
    const uint64_t taps = tile->dim[0].size > pooled + 1 ? c->kernel.value[0] : 1;
    for (uint64_t i = first * taps; i < (first + m) * taps && i < pixels * taps; i++) {
        const uint64_t p = i / taps, tap = taps > 1                 ? i % taps
                                           : c->kernel.value[0] > 1 ? visit->counter[0]
                                                                    : 0;
        /* Window by window, a row of windows after the other. */
        const uint64_t window = p / (high * wide), across = out_w / wide;
        const uint64_t image = p / (out_h * out_w);
        const uint64_t y =
            window / across % (out_h / high) * high + p % (high * wide) / wide;
        const uint64_t at = y * c->stride.value[0] + tap * c->dilation.value[0];
        if (at < c->padding.value[0] || at - c->padding.value[0] >= c->height) continue;
        const uint64_t row = image * c->height + at - c->padding.value[0];
        CHECK_THAT(
            row >= box.lo[0] && row < box.hi[0],
            "%s: pixel %llu needs row %llu under tap row %llu; the box is %llu to %llu",
            l->text, (unsigned long long)p, (unsigned long long)row,
            (unsigned long long)tap, (unsigned long long)box.lo[0],
            (unsigned long long)box.hi[0]);
    }
}

/* --- attention ---------------------------------------------------------------- */

/** A block of queries and one of keys: all pairs of the two. */
static void
meet_pairs(void *context, const struct check_visit *visit)
{
    struct looking *l = context;
    const struct psim_attention *a = l->op->attributes;
    const char *name = tensor_name(visit);
    if (!*name) return;
    const struct check_box box = check_box_of(visit);
    const uint64_t bytes = box_bytes(visit, &box);
    /* The tiles on a diagonal are loaded whole, also the one at the keys' end. */
    /* Two roles store half of O, or of their part of it, each. */
    const bool own = !is_called(name, "O") && !is_called(name, "partial");
    CHECK_THAT(visit->amount == bytes || !own || (a->causal && visit->amount > bytes),
               "%s: %s moves %llu B of a box of %llu B", l->text, name,
               (unsigned long long)visit->amount, (unsigned long long)bytes);
    if (is_called(name, "Q")) l->a = box;
    if (!is_called(name, "K")) return;
    const uint64_t rows = a->seq_q == 1 ? a->heads / a->kv_heads : a->seq_q;
    const uint64_t share = a->seq_q == 1 ? 1 : a->heads / a->kv_heads;
    CHECK_THAT(l->a.lo[0] / share == box.lo[0], "%s: keys of another head", l->text);
    for (uint64_t i = l->a.lo[1]; i < l->a.hi[1]; i++) {
        for (uint64_t j = box.lo[1]; j < box.hi[1]; j++) {
            l->seen[(l->a.lo[0] * rows + i) * a->seq_kv + j]++;
        }
    }
}

static void
look_at_pairs(struct looking *l, const struct psim_plan *plan)
{
    const struct psim_attention *a = l->op->attributes;
    const uint64_t rows = a->seq_q == 1 ? a->heads / a->kv_heads : a->seq_q;
    l->n_seen = a->batch * a->heads * a->seq_q * a->seq_kv;
    l->seen = PSIM_NEW_N(l->arena, uint8_t, l->n_seen);
    check_visit_all(plan, l->kernel, meet_pairs, l);
    for (uint64_t i = 0; i < l->n_seen; i++) {
        const uint64_t query = a->seq_q == 1 ? 0 : i / a->seq_kv % rows;
        const uint64_t key = i % a->seq_kv;
        const bool kept = !a->causal || key + a->seq_q <= query + a->seq_kv;
        CHECK_THAT(kept ? l->seen[i] == 1 : l->seen[i] <= 1,
                   "%s: query %llu meets key %llu %u times", l->text,
                   (unsigned long long)query, (unsigned long long)key, l->seen[i]);
    }
}

/* --- all of them -------------------------------------------------------------- */

static const struct {
    enum check_kind kind;
    uint64_t most;
} rows[] = {
    {CHECK_GEMM, 20},      {CHECK_NAIVE, 24},         {CHECK_IM2COL, 8},
    {CHECK_SOFTMAX, 40},   {CHECK_ELEMENTWISE, 20},   {CHECK_FLASH2, 300},
    {CHECK_FLASH3, 300},   {CHECK_FLASH_DECODE, 300}, {CHECK_DIRECT, 8},
    {CHECK_IMPLICIT, 8},   {CHECK_LAYERNORM, 40},     {CHECK_RMSNORM, 40},
    {CHECK_REDUCE, 40},    {CHECK_COPY, 20},          {CHECK_TRANSPOSE, 20},
    {CHECK_GATHER, 20},    {CHECK_POOL, 8},           {CHECK_FFT, 20},
    {CHECK_BATCHNORM, 40}, {CHECK_NBODY, 40},
};

static void
look_at_kernel(struct looking *l, const struct psim_plan *plan, bool first)
{
    const struct psim_program *program = l->part->program;
    if (first && program == &psim_program_product && !l->part->u.product.conv) {
        look_at_product(l, plan);
    }
    if (first && program == &psim_program_fused) look_at_pairs(l, plan);
    if (program == &psim_program_direct ||
        (program == &psim_program_product && l->part->u.product.conv)) {
        check_visit_all(plan, l->kernel, meet_image, l);
    }
    look_at_stores(l, plan);
}

START_TEST(work_groups_cover_the_op)
{
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[CHECK_MAX_MACHINES + 2];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 20 * SHAPES, "only %u of %u shapes", built, i);
        const char *text =
            check_random_op(&arena, &random, rows[_i].kind, rows[_i].most);
        const struct psim_op *op = check_op(&arena, text);
        const struct psim_hw *hw = machines[i % n_machines];
        struct psim_chosen c;
        if (check_any_plan(&arena, builder, hw, op, &random, small_tiles, &c)) {
            built++;
            text = psim_arena_printf(&arena, "%s on %s", text, hw->name);
            struct looking l = {.arena = &arena, .text = text, .op = op};
            uint32_t kernel = 0;
            for (size_t p = 0; p < c.parts.n; p++) {
                l.part = &c.parts.part[p];
                bool first = true;
                for (uint32_t k = 0; k < c.kernels_of[p]; k++) {
                    l.kernel = &c.plan->kernels[kernel++];
                    if (check_is_clear(l.kernel)) continue;
                    look_at_kernel(&l, c.plan, first);
                    first = false;
                }
            }
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

/* --- lane operations ---------------------------------------------------------- */

/** Amounts of all acts of one name, all work-groups. */
struct summing {
    const char *act;
    uint64_t sum;
};

static void
add_amount(void *context, const struct check_visit *visit)
{
    struct summing *s = context;
    const struct psim_step *step = &visit->kernel->steps[visit->step];
    if (step->kind != PSIM_STEP_DO) return;
    if (strcmp(visit->plan->acts[step->act].name, s->act) == 0) s->sum += visit->amount;
}

static uint64_t
sum_of(const struct psim_plan *plan, const char *act)
{
    struct summing s = {act, 0};
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        check_visit_all(plan, &plan->kernels[k], add_amount, &s);
    }
    return s.sum;
}

/** Blocks of queries and keys with a pair that the mask keeps; of 1 x 1: pairs. */
static uint64_t
kept_blocks(const struct psim_attention *a, uint64_t bq, uint64_t bk)
{
    /* Heads that share keys and have one query each are queries of one head. */
    const uint64_t share = a->seq_q == 1 ? a->heads / a->kv_heads : 1;
    const uint64_t queries = a->seq_q * share;
    uint64_t kept = 0;
    for (uint64_t q = 0; q < queries; q += bq) {
        const uint64_t last = q + bq < queries ? q + bq - 1 : queries - 1;
        for (uint64_t k = 0; k < a->seq_kv; k += bk) {
            kept += !a->causal || share > 1 || k + a->seq_q <= last + a->seq_kv;
        }
    }
    return a->batch * (share > 1 ? a->kv_heads : a->heads) * kept;
}

static void
look_at_work(const char *text, const struct psim_op *op, const struct psim_chosen *c)
{
    uint64_t fma = 0, exp2 = 0;
    const char *multiply = "fma", *exponential = "exp2";
    if (c->parts.part[0].program == &psim_program_serial) {
        const struct psim_attention *a = op->attributes;
        /* a pair: d products for the score, one for the exponent, d for the value */
        exp2 = kept_blocks(a, 1, 1);
        fma = exp2 * (2 * a->head_dim + 1);
    } else if (c->parts.part[0].program == &psim_program_fused) {
        const struct psim_attention *a = op->attributes;
        const struct psim_mapping *m = &c->mapping[0];
        /* Whole blocks are computed, masked or not; 2 FLOP for each of 2 d. */
        exp2 = kept_blocks(a, m->m, m->n) * m->m * m->n;
        fma = exp2 * 4 * a->head_dim;
        multiply = m->compute->name;
        exponential = "exponentials";
        if (m->compute->does != PSIM_DOES_MATMUL) return;
    } else {
        const struct psim_conv2d *conv = op->attributes;
        uint64_t out_h, out_w;
        psim_conv2d_output(conv, &out_h, &out_w);
        fma = conv->batch * out_h * out_w * conv->out_channels * conv->kernel.value[0] *
              conv->kernel.value[1] * (conv->in_channels / conv->groups);
    }
    CHECK_THAT(sum_of(c->plan, multiply) == fma, "%s: %llu of %s, want %llu", text,
               (unsigned long long)sum_of(c->plan, multiply), multiply,
               (unsigned long long)fma);
    CHECK_THAT(sum_of(c->plan, exponential) == exp2, "%s: %llu exponentials, want %llu",
               text, (unsigned long long)sum_of(c->plan, exponential),
               (unsigned long long)exp2);
}

static const struct {
    enum check_kind kind;
    uint64_t most;
} work_rows[] = {
    {CHECK_SERIAL, 24}, {CHECK_FLASH2, 400}, {CHECK_FLASH3, 400}, {CHECK_DIRECT, 8}};

START_TEST(lane_operations_are_those_of_the_op)
{
    struct check_random random = {(uint64_t)_i + 1};
    struct psim_arena arena = {0};
    const struct psim_hw *hw = check_machine(&arena, "h200", NULL, 0);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    for (unsigned i = 0, built = 0; built < SHAPES / 4; i++) {
        CHECK_THAT(i < SHAPES, "only %u of %u shapes", built, i);
        const char *text =
            check_random_op(&arena, &random, work_rows[_i].kind, work_rows[_i].most);
        const struct psim_op *op = check_op(&arena, text);
        struct psim_chosen c;
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            look_at_work(text, op, &c);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("plan/boxes");
    TCase *tcase = tcase_create("elements");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, work_groups_cover_the_op, 0, (int)PSIM_COUNT(rows));
    tcase_add_loop_test(tcase, lane_operations_are_those_of_the_op, 0,
                        (int)PSIM_COUNT(work_rows));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
