/* SPDX-License-Identifier: MIT */
/** @file Libraries of CUDA by dlopen: names under which they are found, tables of what
 * is looked up in them. */
#include "measure/cuda/api.h"

#include <dlfcn.h>
#include <string.h>

#include "util/arena.h"

struct symbol {
    const char *name;
    size_t offset;
};

#define ROW(result, name, symbol, parameters)                                          \
    {symbol, offsetof(struct psim_gpu_api, name)},
static const struct symbol driver_symbols[] = {PSIM_DRIVER_FUNCTIONS(ROW){NULL, 0}};
static const struct symbol optional_symbols[] = {PSIM_DRIVER_OPTIONAL(ROW){NULL, 0}};
static const struct symbol compiler_symbols[] = {PSIM_COMPILER_FUNCTIONS(ROW){NULL, 0}};
static const struct symbol monitor_symbols[] = {PSIM_MONITOR_FUNCTIONS(ROW){NULL, 0}};
static const struct symbol blas_symbols[] = {PSIM_BLAS_FUNCTIONS(ROW){NULL, 0}};
#undef ROW

/* The name that links to whatever is installed first, then the versions that have all
 * that is used, then where the toolkit is installed without the loader knowing. */
static const char *const driver_names[] = {"libcuda.so.1", NULL};
static const char *const compiler_names[] = {
    "libnvrtc.so",
    "libnvrtc.so.13",
    "libnvrtc.so.12",
    "libnvrtc.so.11.2",
    "/usr/local/cuda/lib64/libnvrtc.so",
    "/usr/local/cuda/lib64/libnvrtc.so.13",
    "/usr/local/cuda/lib64/libnvrtc.so.12",
    NULL,
};
static const char *const monitor_names[] = {"libnvidia-ml.so.1", NULL};
static const char *const blas_names[] = {
    "libcublas.so",
    "libcublas.so.13",
    "libcublas.so.12",
    "libcublas.so.11",
    "/usr/local/cuda/lib64/libcublas.so",
    "/usr/local/cuda/lib64/libcublas.so.13",
    "/usr/local/cuda/lib64/libcublas.so.12",
    NULL,
};

/** The first that can be opened; NULL, and what the loader says of the first name. */
static void *
open_first(struct psim_arena *arena, const char *const *names, const char **ret_reason)
{
    *ret_reason = NULL;
    for (size_t i = 0; names[i]; i++) {
        void *library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        if (library) return library;
        const char *said = dlerror();
        if (!*ret_reason) *ret_reason = psim_arena_printf(arena, "%s", said);
    }
    return NULL;
}

/** @return NULL, or the name of a function that the library lacks */
static const char *
look_up(struct psim_gpu_api *api, void *library, const struct symbol *symbols)
{
    for (const struct symbol *s = symbols; s->name; s++) {
        void *at = dlsym(library, s->name);
        if (!at) return s->name;
        /* POSIX has it that pointers to functions and to objects are alike. */
        memcpy((char *)api + s->offset, &at, sizeof(at));
    }
    return NULL;
}

/** @return NULL, or why the library cannot be used: a sentence */
static const char *
add_library(struct psim_arena *arena, struct psim_gpu_api *api, int slot,
            const char *const *names, const struct symbol *symbols)
{
    const char *reason;
    void *library = open_first(arena, names, &reason);
    if (!library) return reason;
    const char *lacks = look_up(api, library, symbols);
    if (lacks) {
        (void)dlclose(library);
        return psim_arena_printf(arena, "%s has no function '%s'", names[0], lacks);
    }
    api->libraries[slot] = library;
    return NULL;
}

const char *
psim_gpu_api_open(struct psim_arena *arena, struct psim_gpu_api *ret)
{
    *ret = (struct psim_gpu_api){0};
    const char *reason = add_library(arena, ret, 0, driver_names, driver_symbols);
    if (reason) return psim_arena_printf(arena, "no driver: %s", reason);
    /* What only new devices have, old drivers lack. */
    (void)look_up(ret, ret->libraries[0], optional_symbols);
    reason = add_library(arena, ret, 1, compiler_names, compiler_symbols);
    if (reason) {
        psim_gpu_api_close(ret);
        return psim_arena_printf(arena, "no compiler (NVRTC): %s", reason);
    }
    ret->no_monitor = add_library(arena, ret, 2, monitor_names, monitor_symbols);
    ret->no_blas = add_library(arena, ret, 3, blas_names, blas_symbols);
    return NULL;
}

void
psim_gpu_api_close(struct psim_gpu_api *api)
{
    for (size_t i = PSIM_COUNT(api->libraries); i-- > 0;) {
        if (api->libraries[i]) (void)dlclose(api->libraries[i]);
    }
    *api = (struct psim_gpu_api){0};
}
