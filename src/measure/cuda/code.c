/* SPDX-License-Identifier: MIT */
/** @file Programs, compiled for the device when they are first needed, and launches. */
#include <assert.h>
#include <string.h>

#include "measure/cuda/gpu.h"
#include "measure/cuda/sources.h"
#include "util/str.h"

static const struct psim_loc nowhere;

/* As the driver's header numbers them. */
enum function_attribute {
    STATIC_SHARED_BYTES = 1,
    LOCAL_BYTES = 3,
    REGISTERS = 4,
    DYNAMIC_SHARED_BYTES = 8,
};

/** A program that was compiled: the text tells it from others. */
struct psim_gpu_module {
    const char *text;
    psim_gpu_code *code;
    struct psim_gpu_module *next;
};

const char *
psim_gpu_source_text(const char *name)
{
    for (const struct psim_gpu_source *s = psim_gpu_sources; s->name; s++) {
        if (psim_str_equal(s->name, name)) return s->text;
    }
    assert(!"a source that was not embedded");
    return NULL;
}

bool
psim_gpu_compiler_ok(const struct psim_gpu *gpu, int result, const char *what)
{
    if (result == 0) return true;
    return psim_error(gpu->diag, nowhere, "cuda:%d: the compiler fails at %s: %s",
                      gpu->device, what, gpu->api.compiler_error(result));
}

/** The first error that the compiler's log tells of. */
static const char *
first_error(struct psim_gpu *gpu, psim_gpu_program *program)
{
    size_t size = 0;
    if (gpu->api.log_size(program, &size) != 0 || size < 2)
        return "it does not say why";
    char *log = psim_arena_alloc(gpu->arena, size + 1, 1);
    if (gpu->api.log_get(program, log) != 0) return "it does not say why";
    const char *error = strstr(log, "error");
    if (!error) error = log;
    return psim_arena_copy(gpu->arena, error, strcspn(error, "\n"));
}

/** @return the code of the device; NULL after an error */
static const char *
get_image(struct psim_gpu *gpu, psim_gpu_program *program)
{
    size_t size = 0;
    if (!psim_gpu_compiler_ok(gpu, gpu->api.image_size(program, &size), "its result")) {
        return NULL;
    }
    char *image = psim_arena_alloc(gpu->arena, size + 1, 1);
    const bool ok =
        psim_gpu_compiler_ok(gpu, gpu->api.image_get(program, image), "its result");
    return ok ? image : NULL;
}

static const char *
compile(struct psim_gpu *gpu, const char *text, const char *name)
{
    psim_gpu_program *program = NULL;
    const char *image = NULL;
    const char *const options[] = {
        psim_arena_printf(gpu->arena, "--gpu-architecture=%s", gpu->target),
        "--std=c++17",
    };
    if (!psim_gpu_compiler_ok(
            gpu, gpu->api.program_new(&program, text, name, 0, NULL, NULL), name)) {
        return NULL;
    }
    const int result =
        gpu->api.program_compile(program, (int)PSIM_COUNT(options), options);
    if (result == 0) {
        image = get_image(gpu, program);
    } else {
        psim_error(gpu->diag, nowhere,
                   "cuda:%d: the compiler (NVRTC %d.%d, for %s) refuses %s: %s",
                   gpu->device, gpu->compiler_major, gpu->compiler_minor, gpu->target,
                   name, first_error(gpu, program));
    }
    (void)gpu->api.program_free(&program);
    return image;
}

/** @return NULL after an error */
static const struct psim_gpu_module *
find_module(struct psim_gpu *gpu, const char *source, const char *defines)
{
    const char *text = psim_arena_printf(
        gpu->arena, "%s%s%s%s", psim_gpu_source_text("common"),
        psim_gpu_source_text("group"), defines, psim_gpu_source_text(source));
    for (const struct psim_gpu_module *m = gpu->modules; m; m = m->next) {
        if (psim_str_equal(m->text, text)) return m;
    }
    const char *name = psim_arena_printf(gpu->arena, "%s.cu", source);
    const char *image = compile(gpu, text, name);
    psim_gpu_code *code = NULL;
    if (!image || !psim_gpu_ok(gpu, gpu->api.code_load(&code, image), name))
        return NULL;
    struct psim_gpu_module *m = PSIM_NEW(gpu->arena, struct psim_gpu_module);
    *m = (struct psim_gpu_module){text, code, gpu->modules};
    gpu->modules = m;
    return m;
}

void
psim_gpu_forget_code(struct psim_gpu *gpu)
{
    for (; gpu->modules; gpu->modules = gpu->modules->next) {
        (void)gpu->api.code_unload(gpu->modules->code);
    }
}

static unsigned
ask(const struct psim_gpu *gpu, psim_gpu_function *function,
    enum function_attribute which)
{
    int value = 0;
    if (gpu->api.function_get(&value, (int)which, function) != 0) return 0;
    return value > 0 ? (unsigned)value : 0;
}

bool
psim_gpu_compile(struct psim_gpu *gpu, const char *source, const char *defines,
                 const char *function, size_t shared_bytes,
                 struct psim_gpu_kernel_code *ret)
{
    /* More needs to be asked for. */
    enum { SHARED_BYTES_OF_ANY = 48 * 1024 };
    const struct psim_gpu_module *module = find_module(gpu, source, defines);
    if (!module ||
        !psim_gpu_ok(gpu,
                     gpu->api.code_function(&ret->function, module->code, function),
                     function)) {
        return false;
    }
    ret->registers = ask(gpu, ret->function, REGISTERS);
    ret->local_bytes = ask(gpu, ret->function, LOCAL_BYTES);
    ret->shared_bytes = ask(gpu, ret->function, STATIC_SHARED_BYTES);
    if (shared_bytes <= SHARED_BYTES_OF_ANY) return true;
    return psim_gpu_ok(
        gpu,
        gpu->api.function_set(ret->function, DYNAMIC_SHARED_BYTES, (int)shared_bytes),
        "asking for shared memory");
}

static unsigned
at_least_one(uint64_t n)
{
    return n > 0 ? (unsigned)n : 1;
}

bool
psim_gpu_run(const struct psim_gpu *gpu, const struct psim_gpu_kernel_code *code,
             const struct psim_gpu_launch *launch, const void *const *parameters)
{
    void *list[16];
    size_t n = 0;
    for (; parameters[n]; n++) {
        assert(n < PSIM_COUNT(list));
        memcpy(&list[n], &parameters[n], sizeof(list[n])); /* they are only read */
    }
    return psim_gpu_ok(gpu,
                       gpu->api.launch(code->function, at_least_one(launch->grid[0]),
                                       at_least_one(launch->grid[1]),
                                       at_least_one(launch->grid[2]), launch->lanes, 1,
                                       1, (unsigned)launch->shared_bytes, gpu->stream,
                                       list, NULL),
                       "a launch");
}
