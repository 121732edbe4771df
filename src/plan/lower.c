/* SPDX-License-Identifier: MIT */
/** @file From an op to parts: the only place where kinds of op meet programs. */
#include "plan/lower.h"

#include "util/arena.h"
#include "util/str.h"

const struct psim_library_kernel *
psim_library_next(const struct psim_hw *hw, const struct psim_part *part,
                  enum psim_dtype dtype, const struct psim_library_kernel *after)
{
    const char *wanted = part->op->keys.library.text;
    const char *group = part->library_op;
    for (size_t i = after ? (size_t)(after - hw->libraries) + 1 : 0;
         i < hw->n_libraries; i++) {
        const struct psim_library_kernel *kernel = &hw->libraries[i];
        if (!psim_str_equal(kernel->op, group)) continue;
        if (!(kernel->dtypes >> dtype & 1)) continue;
        if (kernel->algorithm && !psim_str_equal(kernel->algorithm, part->algorithm)) {
            continue;
        }
        if (wanted && !psim_str_equal(kernel->library, wanted)) continue;
        return kernel;
    }
    return NULL;
}

struct psim_mapping
psim_library_mapping(const struct psim_hw *hw,
                     const struct psim_library_kernel *library,
                     const struct psim_menu_tile *tile)
{
    return (struct psim_mapping){
        .library = library,
        .compute = library->operation >= 0 ? &hw->operations[library->operation] : NULL,
        .copy = library->copy >= 0 ? &hw->operations[library->copy] : NULL,
        .lanes = (uint32_t)tile->lanes,
        .registers = (uint32_t)tile->registers,
        .stages = (uint32_t)tile->stages,
        .elements = (uint32_t)tile->elements,
        .rows = (uint32_t)tile->rows,
        .passes = (uint32_t)tile->passes,
        .cluster = (uint32_t)(library->cluster ? library->cluster : 1),
        .resident = (uint32_t)library->resident,
        .out_buffer = (uint32_t)library->out_bytes,
        .instructions = tile->instructions.given ? tile->instructions.value : 0,
        .fixed = tile->fixed.given ? tile->fixed.value : 0,
        .pace_cycles = tile->pace.given ? tile->pace.value : 0,
        .dispatch = library->dispatch ? (enum psim_dispatch)(library->dispatch - 1)
                                      : PSIM_DISPATCH_EACH,
    };
}

void
psim_mappings_add(struct psim_mappings *list, const struct psim_mapping *mapping)
{
    if (list->n < list->room) list->item[list->n++] = *mapping;
}

static bool
is_twin(const struct psim_mapping *a, const struct psim_mapping *b)
{
    return a->library == b->library && a->m == b->m && a->n == b->n && a->k == b->k &&
           a->split == b->split && a->stages == b->stages && a->cluster == b->cluster &&
           a->lanes == b->lanes;
}

void
psim_mappings_fix(struct psim_mappings *list, const struct psim_op_keys *keys,
                  uint64_t m, uint64_t n, uint64_t k)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++) {
        struct psim_mapping mapping = list->item[i];
        if (m > 0) mapping.m = (uint32_t)m;
        if (n > 0) mapping.n = (uint32_t)n;
        if (k > 0) mapping.k = (uint32_t)k;
        if (keys->stages > 0) mapping.stages = (uint32_t)keys->stages;
        if (keys->cluster > 0) mapping.cluster = (uint32_t)keys->cluster;
        if (keys->split > 0) mapping.split = (uint32_t)keys->split;
        bool twin = false;
        for (size_t j = 0; j < kept && !twin; j++) {
            twin = is_twin(&list->item[j], &mapping);
        }
        if (!twin) list->item[kept++] = mapping;
    }
    list->n = kept;
}

bool
psim_lacks(struct psim_diag *diag, const struct psim_hw *hw,
           const struct psim_part *part, enum psim_primitive does,
           enum psim_dtype dtype, struct psim_loc at)
{
    uint32_t types = 0;
    for (size_t i = 0; i < hw->n_operations; i++) {
        for (int t = 0; t < PSIM_N_DTYPES; t++) {
            const struct psim_operation *op = &hw->operations[i];
            if (op->does == does && op->by[t].supported && !op->moves) types |= 1U << t;
        }
    }
    if (types == 0) {
        return psim_error(diag, at, "%s: '%s' has no operation that does %s",
                          part->name, hw->name, psim_primitive_name(does));
    }
    (void)psim_error(diag, at, "%s: no operation of '%s' does %s for %s", part->name,
                     hw->name, psim_primitive_name(does), psim_dtype_name(dtype));
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        if (types >> t & 1) {
            psim_note(diag, at, "it does for %s", psim_dtype_name((enum psim_dtype)t));
            break;
        }
    }
    return false;
}

static struct psim_part *
add_part(struct psim_parts *parts, const struct psim_program *program, const char *name,
         const struct psim_op *op, const char *library_op)
{
    struct psim_part *part = &parts->part[parts->n++];
    *part = (struct psim_part){
        .program = program,
        .name = name,
        .op = op,
        .library_op = library_op,
        .launches = 1,
    };
    return part;
}

static bool
lower_gemm(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_op *op,
           struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_gemm *g = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)g->dtype;
    const double elem = psim_dtype_bytes(dtype);
    struct psim_part *part = add_part(ret, &psim_program_product, "gemm", op, "gemm");
    part->u.product = (struct psim_product){
        .m = g->m,
        .n = g->n,
        .k = g->k,
        .batch = g->batch,
        .dtype = dtype,
        .out = psim_dtype_of_product(dtype),
        .a_row_bytes = (double)g->k * elem,
        .b_row_bytes = (double)g->n * elem,
        .epilogue = g->epilogue,
        .biases = 1,
        .flop = op->kind->cost(op).flop,
    };
    return true;
}

/** Scores, softmax, values: S and P go through memory between them. */
static void
lower_naive(const struct psim_op *op, struct psim_parts *ret)
{
    const struct psim_attention *a = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)a->dtype;
    const double elem = psim_dtype_bytes(dtype);
    const uint64_t heads = a->batch * a->heads;
    const double pairs = psim_attention_pairs(a) * (double)heads;
    const double products = 2 * pairs * (double)a->head_dim;
    struct psim_part *part = add_part(ret, &psim_program_product, "scores", op, "gemm");
    part->u.product = (struct psim_product){
        .m = a->seq_q,
        .n = a->seq_kv,
        .k = a->head_dim,
        .batch = heads,
        .share_b = a->heads / a->kv_heads,
        .dtype = dtype,
        .out = dtype,
        .a_row_bytes = (double)a->head_dim * elem,
        .b_row_bytes = (double)a->head_dim * elem, /* K is read by rows: B transposed */
        .flop = products,
    };
    part = add_part(ret, &psim_program_rows, "softmax", op, "softmax");
    part->u.rows = (struct psim_rows){.recipe = &psim_recipe_softmax,
                                      .rows = heads * a->seq_q,
                                      .cols = a->seq_kv,
                                      .dtype = dtype,
                                      .flop = 5 * pairs};
    part = add_part(ret, &psim_program_product, "values", op, "gemm");
    part->u.product = (struct psim_product){
        .m = a->seq_q,
        .n = a->head_dim,
        .k = a->seq_kv,
        .batch = heads,
        .share_b = a->heads / a->kv_heads,
        .dtype = dtype,
        .out = dtype,
        .a_row_bytes = (double)a->seq_kv * elem,
        .b_row_bytes = (double)a->head_dim * elem,
        .flop = products,
    };
}

static bool
lower_attention(struct psim_diag *diag, const struct psim_hw *hw,
                const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_attention *a = op->attributes;
    static const char *const names[] = {
        [PSIM_ATTENTION_NAIVE] = "naive",
        [PSIM_ATTENTION_FLASH2] = "flash2",
        [PSIM_ATTENTION_FLASH3] = "flash3",
        [PSIM_ATTENTION_FLASH_DECODE] = "flash_decode",
    };
    if (a->algorithm == PSIM_ATTENTION_NAIVE && op->keys.lanes == 1) {
        (void)add_part(ret, &psim_program_serial, "attention", op, "attention");
    } else if (a->algorithm == PSIM_ATTENTION_NAIVE) {
        lower_naive(op, ret);
    } else {
        add_part(ret, &psim_program_fused, names[a->algorithm], op, "attention")
            ->algorithm = names[a->algorithm];
    }
    return true;
}

/** Some libraries unfold image by image: the op's batch becomes launches. */
static void
cut_into_launches(const struct psim_hw *hw, struct psim_part *part, uint64_t batch)
{
    const struct psim_library_kernel *library =
        psim_library_next(hw, part, part->u.stream.in, NULL);
    if (!library || library->launches <= 0) return;
    part->u.stream.elements /= batch;
    part->launches = (uint32_t)batch;
}

/** Input channels of a group, after a library's kernel has padded them. */
static uint64_t
add_padding(const struct psim_hw *hw, const struct psim_op *op, struct psim_parts *ret)
{
    const struct psim_conv2d *c = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)c->dtype;
    const uint32_t elem = psim_dtype_bytes(dtype);
    const struct psim_part wanted = {
        .op = op, .library_op = "conv2d", .algorithm = "implicit_gemm"};
    const struct psim_library_kernel *library = NULL;
    while ((library = psim_library_next(hw, &wanted, dtype, library))) {
        const uint64_t multiple = library->pad_channels;
        if (multiple == 0 || c->groups > 1 || c->in_channels % multiple == 0) continue;
        const uint64_t channels = (c->in_channels / multiple + 1) * multiple;
        struct psim_part *part = add_part(ret, &psim_program_stream, "pad", op, "pad");
        part->u.stream = (struct psim_stream){
            .elements = c->batch * c->height * c->width,
            .inputs = 1,
            .outputs = 1,
            .reads = 1,
            .dtype = dtype,
            .in = dtype,
            .out = dtype,
            .in_bytes = (uint32_t)c->in_channels * elem,
            .out_bytes = (uint32_t)channels * elem,
        };
        return channels;
    }
    return c->in_channels / c->groups;
}

static bool
lower_conv2d(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_op *op,
             struct psim_parts *ret)
{
    (void)diag;
    const struct psim_conv2d *c = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)c->dtype;
    const double elem = psim_dtype_bytes(dtype), flop = op->kind->cost(op).flop;
    uint64_t out_h, out_w;
    psim_conv2d_output(c, &out_h, &out_w);
    const uint64_t pixels = c->batch * out_h * out_w;
    const uint64_t taps = c->kernel.value[0] * c->kernel.value[1];
    const uint64_t depth = taps * c->in_channels / c->groups;
    /* A 1 x 1 kernel without stride is a product of matrices as they lie. One
     * channel a group leaves nothing to multiply: its programs are direct ones. */
    const bool plain = taps == 1 && c->stride.value[0] == 1 &&
                       c->stride.value[1] == 1 && c->padding.value[0] == 0 &&
                       c->padding.value[1] == 0;
    const bool depthwise = psim_conv2d_is_depthwise(c);
    if (c->algorithm == PSIM_CONV_DIRECT || depthwise) {
        struct psim_part *part =
            add_part(ret, &psim_program_direct, "direct", op, "conv2d");
        part->algorithm = depthwise ? "depthwise" : "direct";
        return true;
    }
    const bool stored = c->algorithm == PSIM_CONV_IM2COL_GEMM;
    if (stored) {
        struct psim_part *part =
            add_part(ret, &psim_program_stream, "im2col", op, "im2col");
        part->u.stream = (struct psim_stream){
            .elements = pixels * taps * c->in_channels,
            .inputs = 1,
            .outputs = 1,
            .reads = 1,
            .dtype = dtype,
            .in = dtype,
            .out = dtype,
            .work = {{PSIM_DOES_INTEGER, 4}},
            .unfold = c,
        };
        cut_into_launches(hw, part, c->batch);
    }
    const bool gathered = !stored && !plain;
    const uint64_t channels =
        gathered ? add_padding(hw, op, ret) : c->in_channels / c->groups;
    struct psim_part *part =
        add_part(ret, &psim_program_product, stored ? "gemm" : "implicit_gemm", op,
                 stored || taps == 1 ? "gemm" : "conv2d");
    part->algorithm = stored ? NULL : "implicit_gemm";
    part->u.product = (struct psim_product){
        .m = pixels,
        .n = c->out_channels / c->groups,
        .k = taps * channels,
        .batch = c->groups,
        .dtype = dtype,
        .out = dtype,
        .a_row_bytes = (double)channels * elem,
        .b_row_bytes = (double)(c->out_channels / c->groups) * elem,
        .epilogue = c->epilogue,
        .biases = c->groups,
        .flop = flop,
        .conv = gathered ? c : NULL,
        .channels = channels,
    };
    if (stored) part->u.product.a_row_bytes = (double)depth * elem;
    return true;
}

static bool
lower_elementwise(struct psim_diag *diag, const struct psim_hw *hw,
                  const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_elementwise *e = op->attributes;
    const struct psim_function *f = &psim_functions[e->function];
    struct psim_part *part =
        add_part(ret, &psim_program_stream, f->name, op, "elementwise");
    part->algorithm = f->name;
    part->u.stream = (struct psim_stream){
        .elements = e->elements,
        .inputs = (uint32_t)e->inputs,
        .outputs = (uint32_t)e->outputs,
        .reads = 1,
        .dtype = (enum psim_dtype)e->dtype,
        .in = (enum psim_dtype)e->dtype,
        .out = (enum psim_dtype)e->dtype,
        .flop = op->kind->cost(op).flop,
    };
    const double scale = f->flop > 0 ? psim_elementwise_flop(e) / f->flop : 1;
    for (size_t i = 0; i < PSIM_COUNT(f->work); i++) {
        part->u.stream.work[i].does = f->work[i].does;
        part->u.stream.work[i].times = f->work[i].times * scale;
    }
    return true;
}

static void
lower_rows(const struct psim_op *op, const struct psim_recipe *recipe,
           const struct psim_rows_op *rows, struct psim_parts *ret)
{
    struct psim_part *part =
        add_part(ret, &psim_program_rows, op->kind->name, op, op->kind->name);
    part->u.rows = (struct psim_rows){.recipe = recipe,
                                      .rows = rows->rows,
                                      .cols = rows->cols,
                                      .dtype = (enum psim_dtype)rows->dtype,
                                      .flop = op->kind->cost(op).flop};
}

static bool
lower_softmax(struct psim_diag *diag, const struct psim_hw *hw,
              const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    lower_rows(op, &psim_recipe_softmax, op->attributes, ret);
    return true;
}

static bool
lower_layernorm(struct psim_diag *diag, const struct psim_hw *hw,
                const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    lower_rows(op, &psim_recipe_layernorm, op->attributes, ret);
    return true;
}

static bool
lower_rmsnorm(struct psim_diag *diag, const struct psim_hw *hw,
              const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    lower_rows(op, &psim_recipe_rmsnorm, op->attributes, ret);
    return true;
}

static bool
lower_reduce(struct psim_diag *diag, const struct psim_hw *hw, const struct psim_op *op,
             struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_reduce *r = op->attributes;
    lower_rows(op, r->function == 0 ? &psim_recipe_sum : &psim_recipe_max, &r->rows,
               ret);
    return true;
}

static const struct {
    const char *op;
    bool (*lower)(struct psim_diag *diag, const struct psim_hw *hw,
                  const struct psim_op *op, struct psim_parts *ret);
} lowerings[] = {
    {"gemm", lower_gemm},       {"attention", lower_attention},
    {"conv2d", lower_conv2d},   {"elementwise", lower_elementwise},
    {"softmax", lower_softmax}, {"layernorm", lower_layernorm},
    {"rmsnorm", lower_rmsnorm}, {"reduce", lower_reduce},
};

bool
psim_lower_parts(struct psim_diag *diag, const struct psim_hw *hw,
                 const struct psim_op *op, struct psim_parts *ret)
{
    ret->n = 0;
    if (op->keys.lanes == 1 &&
        !psim_str_equal(psim_op_kind_find("attention")->name, op->kind->name)) {
        return psim_error(diag, op->keys.lanes_at,
                          "lanes: only naive attention has a program for one lane");
    }
    for (size_t i = 0; i < PSIM_COUNT(lowerings); i++) {
        if (psim_str_equal(lowerings[i].op, op->kind->name)) {
            return lowerings[i].lower(diag, hw, op, ret);
        }
    }
    return psim_error(diag, op->at, "%s: no program runs this op yet", op->name);
}
