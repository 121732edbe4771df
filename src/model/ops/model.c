/* SPDX-License-Identifier: MIT */
/** @file model: a whole network, layer by layer, as a framework runs it. */
#include "model/expand.h"
#include "util/arena.h"

#define AT(member) .offset = offsetof(struct psim_model, member)

enum { MODEL_RESNET50 };

/* clang-format off */
static const struct psim_choice models[] = {{"resnet50", MODEL_RESNET50}, {NULL, 0}};
static const struct psim_field fields[] = {
    {.key = "model", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = models, AT(model),
     .doc = "resnet50: inference as in torchvision, batch norms, additions and relus as kernels of their own, channels last"},
    {.key = "batch", .kind = PSIM_FIELD_COUNT, .min = 1, .max = 1 << 16, AT(batch), .doc = "images", .fallback = "1"},
    {.key = "height", .kind = PSIM_FIELD_COUNT, .min = 32, .max = 4096, AT(height), .doc = "rows of an image", .fallback = "224"},
    {.key = "width", .kind = PSIM_FIELD_COUNT, .min = 32, .max = 4096, AT(width), .doc = "columns of an image", .fallback = "224"},
    {.key = "dtype", .kind = PSIM_FIELD_CHOICE, .required = true, .choices = psim_dtype_choices, AT(dtype), .doc = "of weights and images"},
    {.key = "launch", .kind = PSIM_FIELD_CHOICE, .choices = psim_launch_mode_choices,
     .loc_offset = offsetof(struct psim_model, launch_at), AT(launch), .doc = "how its kernels follow one another", .fallback = "that of the graph or workload around it"},
    {0},
};
/* clang-format on */

static void
complete(void *attributes)
{
    struct psim_model *m = attributes;
    if (m->batch == 0) m->batch = 1;
    if (m->height == 0) m->height = 224;
    if (m->width == 0) m->width = 224;
}

/** The images between two layers. */
struct images {
    uint64_t channels, height, width;
};

/** The network while it is written down. */
struct network {
    const struct psim_model *m;
    struct psim_expansion *x;
    const char *layer; /**< before the names of its ops: "layer1.0." */
    struct images at;
};

static const char *
name_of(const struct network *n, const char *name)
{
    return psim_arena_printf(n->x->arena, "%s%s", n->layer, name);
}

static struct psim_counts
both(uint64_t value)
{
    return (struct psim_counts){.value = {value, value}, .n = 2};
}

/** What is left of so many rows or columns, padded so that a window lies on each. */
static uint64_t
strided(uint64_t size, uint64_t stride)
{
    return (size - 1) / stride + 1;
}

/** Padded to keep the size, but for the stride; no bias. */
static void
add_conv(struct network *n, const char *name, uint64_t channels, uint64_t kernel,
         uint64_t stride)
{
    struct psim_conv2d *c = psim_expand(n->x, "conv2d", name_of(n, name));
    c->algorithm = PSIM_CONV_IMPLICIT_GEMM;
    c->batch = n->m->batch;
    c->in_channels = n->at.channels;
    c->out_channels = channels;
    c->height = n->at.height;
    c->width = n->at.width;
    c->kernel = both(kernel);
    c->stride = both(stride);
    c->padding = both(kernel / 2);
    c->dtype = n->m->dtype;
    n->at = (struct images){channels, strided(n->at.height, stride),
                            strided(n->at.width, stride)};
}

static void
add_norm(struct network *n, const char *name)
{
    struct psim_rows_op *norm = psim_expand(n->x, "batchnorm", name_of(n, name));
    norm->rows = n->m->batch * n->at.height * n->at.width;
    norm->cols = n->at.channels;
    norm->dtype = n->m->dtype;
}

static void
add_function(struct network *n, const char *name, const char *function)
{
    struct psim_elementwise *each = psim_expand(n->x, "elementwise", name_of(n, name));
    each->function = psim_function_index(function);
    each->elements = n->m->batch * n->at.height * n->at.width * n->at.channels;
    each->dtype = n->m->dtype;
}

static void
add_pool(struct network *n, const char *name, bool mean, uint64_t kernel_height,
         uint64_t kernel_width, uint64_t stride)
{
    struct psim_pool2d *p = psim_expand(n->x, "pool2d", name_of(n, name));
    p->function = mean;
    p->batch = n->m->batch;
    p->channels = n->at.channels;
    p->height = n->at.height;
    p->width = n->at.width;
    p->kernel = (struct psim_counts){.value = {kernel_height, kernel_width}, .n = 2};
    p->stride = both(stride);
    p->padding = both(mean ? 0 : kernel_height / 2);
    p->dtype = n->m->dtype;
    n->at.height = mean ? 1 : strided(n->at.height, stride);
    n->at.width = mean ? 1 : strided(n->at.width, stride);
}

/** Narrow, look around, widen; then what came in is added. */
static void
add_bottleneck(struct network *n, uint64_t channels, uint64_t stride, bool first)
{
    enum { WIDER = 4 };
    const struct images in = n->at;
    add_conv(n, "conv1", channels, 1, 1);
    add_norm(n, "bn1");
    add_function(n, "relu1", "relu");
    add_conv(n, "conv2", channels, 3, stride);
    add_norm(n, "bn2");
    add_function(n, "relu2", "relu");
    add_conv(n, "conv3", WIDER * channels, 1, 1);
    add_norm(n, "bn3");
    if (first) {
        n->at = in;
        add_conv(n, "downsample.0", WIDER * channels, 1, stride);
        add_norm(n, "downsample.1");
    }
    add_function(n, "add", "add");
    add_function(n, "relu3", "relu");
}

/**
 * He, Zhang, Ren and Sun, "Deep Residual Learning", CVPR 2016, table 1, with the
 * stride in the 3 x 3 convolution, as torchvision has it (eq. F13).
 */
static void
add_resnet50(struct network *n)
{
    static const uint64_t blocks[] = {3, 4, 6, 3};
    enum { CLASSES = 1000 };
    add_conv(n, "conv1", 64, 7, 2);
    add_norm(n, "bn1");
    add_function(n, "relu", "relu");
    add_pool(n, "maxpool", false, 3, 3, 2);
    for (size_t layer = 0; layer < PSIM_COUNT(blocks); layer++) {
        for (uint64_t block = 0; block < blocks[layer]; block++) {
            n->layer = psim_arena_printf(n->x->arena, "layer%zu.%u.", layer + 1,
                                         (unsigned)block);
            const uint64_t stride = layer > 0 && block == 0 ? 2 : 1;
            add_bottleneck(n, 64ULL << layer, stride, block == 0);
        }
    }
    n->layer = "";
    add_pool(n, "avgpool", true, n->at.height, n->at.width, 1);
    struct psim_gemm *fc = psim_expand(n->x, "gemm", "fc");
    fc->m = n->m->batch;
    fc->n = CLASSES;
    fc->k = n->at.channels;
    fc->dtype = n->m->dtype;
    fc->epilogue = 1U << PSIM_EPILOGUE_BIAS;
}

static void
expand(const struct psim_op *op, struct psim_expansion *ret)
{
    const struct psim_model *m = op->attributes;
    if (m->launch_at.line > 0) ret->launch = (enum psim_launch_mode)m->launch;
    struct network n = {.m = m, .x = ret, .layer = "", .at = {3, m->height, m->width}};
    add_resnet50(&n);
}

const struct psim_op_kind psim_op_model = {
    .name = "model",
    .doc = "a whole network, layer by layer: resnet50",
    .fields = fields,
    .size = sizeof(struct psim_model),
    .complete = complete,
    .expand = expand,
};
