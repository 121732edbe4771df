/* SPDX-License-Identifier: MIT */
/** @file Ops that go through their data in order, as parts. */
#include <math.h>
#include <string.h>

#include "plan/lower.h"
#include "util/arena.h"
#include "util/whole.h"

bool
psim_lower_elementwise(struct psim_diag *diag, const struct psim_hw *hw,
                       const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_elementwise *e = op->attributes;
    const struct psim_function *f = &psim_functions[e->function];
    struct psim_part *part = psim_add_part(ret, &psim_program_stream, f->name, op,
                                           e->strided ? "strided" : "elementwise");
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
        psim_add_part(ret, &psim_program_rows, op->kind->name, op, op->kind->name);
    part->u.rows = (struct psim_rows){.recipe = recipe,
                                      .rows = rows->rows,
                                      .cols = rows->cols,
                                      .dtype = (enum psim_dtype)rows->dtype,
                                      .flop = op->kind->cost(op).flop};
}

bool
psim_lower_softmax(struct psim_diag *diag, const struct psim_hw *hw,
                   const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    lower_rows(op, &psim_recipe_softmax, op->attributes, ret);
    return true;
}

bool
psim_lower_layernorm(struct psim_diag *diag, const struct psim_hw *hw,
                     const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    lower_rows(op, &psim_recipe_layernorm, op->attributes, ret);
    return true;
}

bool
psim_lower_rmsnorm(struct psim_diag *diag, const struct psim_hw *hw,
                   const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    lower_rows(op, &psim_recipe_rmsnorm, op->attributes, ret);
    return true;
}

bool
psim_lower_reduce(struct psim_diag *diag, const struct psim_hw *hw,
                  const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_reduce *r = op->attributes;
    lower_rows(op, r->function == 0 ? &psim_recipe_sum : &psim_recipe_max, &r->rows,
               ret);
    return true;
}

/** One element in, one out, of one type. */
static struct psim_stream
moved_elements(double elements, int dtype)
{
    return (struct psim_stream){
        .elements = (uint64_t)elements,
        .inputs = 1,
        .outputs = 1,
        .reads = 1,
        .dtype = (enum psim_dtype)dtype,
        .in = (enum psim_dtype)dtype,
        .out = (enum psim_dtype)dtype,
    };
}

/** Some libraries make ready what the columns need in kernels of their own. */
static bool
add_preparation(const struct psim_hw *hw, const struct psim_op *op, const char *name,
                struct psim_parts *ret)
{
    const struct psim_rows_op *r = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)r->dtype;
    const struct psim_part wanted = {
        .op = op, .library_op = "batchnorm", .algorithm = name};
    if (!psim_library_next(hw, &wanted, dtype, NULL)) return false;
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, name, op, "batchnorm");
    part->algorithm = name;
    part->u.stream = moved_elements((double)r->cols, r->dtype);
    part->u.stream.out = psim_dtype_of_sums(dtype);
    part->u.stream.weights = true;
    return true;
}

/** 1 / root of (variance + epsilon). */
static const struct psim_times deviation[2] = {{PSIM_DOES_ADD, 1},
                                               {PSIM_DOES_RSQRT, 1}};

/** x - mean, times 1 / deviation, times weight, plus bias (eq. F6). */
bool
psim_lower_batchnorm(struct psim_diag *diag, const struct psim_hw *hw,
                     const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag;
    const struct psim_rows_op *r = op->attributes;
    const enum psim_dtype dtype = (enum psim_dtype)r->dtype;
    const double own = psim_dtype_bytes(dtype);
    const double wide = psim_dtype_bytes(psim_dtype_of_sums(dtype));
    const double cols_flop = 2 * (double)r->cols;
    const bool casts = add_preparation(hw, op, "cast", ret);
    const bool roots = add_preparation(hw, op, "deviation", ret);
    if (roots) {
        struct psim_stream *s = &ret->part[ret->n - 1].u.stream;
        memcpy(s->work, deviation, sizeof deviation);
        s->flop = cols_flop;
    }
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, "batchnorm", op, "batchnorm");
    part->algorithm = "transform";
    struct psim_stream *s = &part->u.stream;
    *s = moved_elements((double)r->rows * (double)r->cols, r->dtype);
    s->cols = r->cols;
    s->cols_bytes = 2 * own + (casts ? wide : own) + (roots ? wide : own);
    if (!roots) memcpy(s->cols_work, deviation, sizeof deviation);
    s->flop = op->kind->cost(op).flop - (roots ? cols_flop : 0);
    s->work[0] = (struct psim_times){PSIM_DOES_ADD, 1};
    s->work[1] = (struct psim_times){PSIM_DOES_MUL, 1};
    s->work[2] = (struct psim_times){PSIM_DOES_FMA, 1};
    return true;
}

bool
psim_lower_copy(struct psim_diag *diag, const struct psim_hw *hw,
                const struct psim_op *op, struct psim_parts *ret)
{
    enum { PIECE_BYTES = 16 /* the widest access of a lane */ };
    const struct psim_copy *c = op->attributes;
    if (c->direction != PSIM_COPY_DEVICE && hw->n_links == 0) {
        return psim_error(diag, op->at,
                          "direction: '%s' says nothing of the link to its host; only "
                          "copies within the device are predicted",
                          hw->name);
    }
    if (c->direction != PSIM_COPY_DEVICE) {
        psim_add_part(ret, &psim_program_engine, "copy", op, "copy")->u.transfer =
            (struct psim_transfer){
                .bytes = c->bytes,
                .way = c->direction == PSIM_COPY_DEVICE_TO_HOST ? PSIM_WAY_OUT
                                                                : PSIM_WAY_IN,
                .pinned = c->pinned,
            };
        return true;
    }
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, "copy", op, "copy");
    /* What does not fill the last piece is moved by one lane: as long as a piece. */
    part->u.stream = (struct psim_stream){
        .elements = psim_ceil_div(c->bytes, PIECE_BYTES),
        .inputs = 1,
        .outputs = 1,
        .reads = 1,
        .dtype = PSIM_FP32,
        .in = PSIM_FP32,
        .out = PSIM_FP32,
        .in_bytes = PIECE_BYTES,
        .out_bytes = PIECE_BYTES,
        .bytes = c->bytes,
    };
    return true;
}

/** Neighbours write neighbouring elements and read from different rows. */
bool
psim_lower_transpose(struct psim_diag *diag, const struct psim_hw *hw,
                     const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag, (void)hw;
    const struct psim_transpose *t = op->attributes;
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, "transpose", op, "transpose");
    part->u.stream = moved_elements((double)t->rows * (double)t->cols, t->dtype);
    const double elem = psim_dtype_bytes((enum psim_dtype)t->dtype);
    part->u.stream.pieces = (struct psim_pieces){PSIM_STRIDED, elem, 1};
    return true;
}

/** The part of random reads that no cache holds: met first, or thrown out since. */
static double
missing_part(const struct psim_hw *hw, const struct psim_gather *g, double row_bytes)
{
    const double sector = hw->memories[hw->main_memory].sector_bytes;
    const double piece = fmax(row_bytes, sector);
    const struct psim_gather sectors = {
        .table_rows = (uint64_t)ceil((double)g->table_rows * row_bytes / piece),
        .indices = g->indices,
        .index = g->index,
    };
    const double first = psim_gather_distinct(&sectors) / (double)g->indices;
    const double table = (double)sectors.table_rows * piece;
    /* An index and a result go through the cache with each piece. */
    const double with = piece + 8 + row_bytes;
    const double held = psim_hw_common_cache_bytes(hw) * piece / with;
    const double out = fmax(0, 1 - held / table);
    return fmin(1, first) + (1 - fmin(1, first)) * out;
}

bool
psim_lower_gather(struct psim_diag *diag, const struct psim_hw *hw,
                  const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag;
    const struct psim_gather *g = op->attributes;
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, "gather", op, "gather");
    const double elem = psim_dtype_bytes((enum psim_dtype)g->dtype);
    const double row_bytes = (double)g->cols * elem;
    struct psim_stream *s = &part->u.stream;
    *s = moved_elements((double)g->indices * (double)g->cols, g->dtype);
    s->index_bytes = 8 / (double)g->cols;
    s->read_bytes = psim_gather_distinct(g) * row_bytes;
    s->run = g->cols > 1 ? g->cols : 0;
    s->size = g->cols;
    if (g->index == 0) {
        s->pieces = (struct psim_pieces){PSIM_RANDOM, row_bytes,
                                         missing_part(hw, g, row_bytes)};
    }
    return true;
}

/** An output looks at the elements of its window, one after the other. */
bool
psim_lower_pool2d(struct psim_diag *diag, const struct psim_hw *hw,
                  const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag;
    const struct psim_pool2d *p = op->attributes;
    uint64_t height, width;
    psim_pool2d_output(p, &height, &width);
    const uint64_t window = p->kernel.value[0] * p->kernel.value[1];
    const double outputs =
        (double)p->batch * (double)p->channels * (double)height * (double)width;
    const struct psim_cost cost = op->kind->cost(op);
    struct psim_part *part =
        psim_add_part(ret, &psim_program_stream, "pool2d", op, "pool2d");
    part->algorithm = p->function == 0 ? "max" : "mean";
    struct psim_stream *s = &part->u.stream;
    *s = moved_elements(outputs, p->dtype);
    /* Windows that overlap meet in a cache: each input comes from memory once. */
    s->taps = (uint32_t)window;
    s->read_bytes = cost.read_bytes;
    s->flop = cost.flop;
    s->size = window;
    s->work[0].does = p->function == 0 ? PSIM_DOES_MAX : PSIM_DOES_ADD;
    s->work[0].times = (double)window;
    const struct psim_library_kernel *library =
        psim_library_next(hw, part, s->in, NULL);
    if (library) {
        s->out_bytes = psim_dtype_bytes(s->out) + (uint32_t)library->also_writes_bytes;
    }
    return true;
}

/** Passes over memory: those of the library's variant, else as local memory asks. */
static uint32_t
fft_passes(const struct psim_hw *hw, const struct psim_part *part, double length)
{
    const struct psim_library_kernel *library =
        psim_library_next(hw, part, part->u.stream.in, NULL);
    for (size_t i = 0; library && i < library->n_tiles; i++) {
        const struct psim_menu_tile *tile = &library->tiles[i];
        if (tile->max_cols > 0 && length > (double)tile->max_cols) continue;
        return tile->passes > 1 ? (uint32_t)tile->passes : 1;
    }
    double local = 0;
    for (size_t i = 0; i < hw->n_memories; i++) {
        const struct psim_memory *m = &hw->memories[i];
        const bool near = (int)i != hw->main_memory && m->caches < 0;
        if (near && m->bytes > local) local = m->bytes;
    }
    const double held = fmax(2, local / part->u.stream.in_bytes);
    return (uint32_t)ceil(log2(length) / floor(log2(held)));
}

/** Each pass reads all, does its share of the stages, and writes all (eq. F11). */
bool
psim_lower_fft(struct psim_diag *diag, const struct psim_hw *hw,
               const struct psim_op *op, struct psim_parts *ret)
{
    (void)diag;
    const struct psim_fft *f = op->attributes;
    const double stages = log2((double)f->length), flop = op->kind->cost(op).flop;
    struct psim_part *part = psim_add_part(ret, &psim_program_stream, "fft", op, "fft");
    struct psim_stream *s = &part->u.stream;
    *s = moved_elements((double)f->batch * (double)f->length, f->dtype);
    s->in_bytes = s->out_bytes = 2 * psim_dtype_bytes(s->in);
    s->size = f->length;
    uint32_t passes = fft_passes(hw, part, (double)f->length);
    if (passes > PSIM_MAX_PARTS) passes = PSIM_MAX_PARTS;
    const double share = stages / passes;
    /* A butterfly of two elements: 10 FLOP, of which 4 in two multiply-adds. */
    s->work[0].does = PSIM_DOES_FMA;
    s->work[0].times = share;
    s->work[1].does = PSIM_DOES_ADD;
    s->work[1].times = 3 * share;
    s->flop = flop / passes;
    for (uint32_t i = 1; i < passes; i++) {
        ret->part[ret->n++] = ret->part[0];
    }
    return true;
}
