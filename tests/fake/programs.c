/* SPDX-License-Identifier: MIT */
/** @file The compiler, which keeps texts, and launches of what they name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"

EXPORT int nvrtcVersion(int *major, int *minor);
EXPORT int
nvrtcVersion(int *major, int *minor)
{
    *major = 13;
    *minor = 0;
    return fake_call("nvrtcVersion");
}

EXPORT const char *nvrtcGetErrorString(int error);
EXPORT const char *
nvrtcGetErrorString(int error)
{
    return error == 719 ? "NVRTC_ERROR_INTERNAL_ERROR" : "unknown";
}

EXPORT int nvrtcCreateProgram(void **program, const char *text, const char *name, int n,
                              const char *const *texts, const char *const *names);
EXPORT int
nvrtcCreateProgram(void **program, const char *text, const char *name, int n,
                   const char *const *texts, const char *const *names)
{
    ASK("nvrtcCreateProgram");
    fake_count("program", 1);
    *program = strdup(text);
    return name && !texts && !names ? n : 1;
}

EXPORT int nvrtcDestroyProgram(void **program);
EXPORT int
nvrtcDestroyProgram(void **program)
{
    free(*program);
    fake_count("program", -1);
    return 0;
}

EXPORT int nvrtcCompileProgram(void *program, int n, const char *const *options);
EXPORT int
nvrtcCompileProgram(void *program, int n, const char *const *options)
{
    ASK("nvrtcCompileProgram");
    const char *capability = getenv("FAKE_CUDA_CAPABILITY");
    const bool newer = capability && strcmp(capability, "90") == 0;
    const char *want = newer ? "--gpu-architecture=sm_90a" : "--gpu-architecture=sm_80";
    return program && n == 2 && strcmp(options[0], want) == 0 ? 0 : 5;
}

static const char log_text[] = "stream.cu(9): error: no more\n1 error detected\n";

EXPORT int nvrtcGetProgramLogSize(const void *program, size_t *size);
EXPORT int
nvrtcGetProgramLogSize(const void *program, size_t *size)
{
    *size = sizeof(log_text);
    return program ? 0 : 1;
}

EXPORT int nvrtcGetProgramLog(const void *program, char *log);
EXPORT int
nvrtcGetProgramLog(const void *program, char *log)
{
    memcpy(log, log_text, sizeof(log_text));
    return program ? 0 : 1;
}

EXPORT int nvrtcGetCUBINSize(const char *program, size_t *size);
EXPORT int
nvrtcGetCUBINSize(const char *program, size_t *size)
{
    ASK("nvrtcGetCUBINSize");
    *size = strlen(program) + 1;
    return 0;
}

EXPORT int nvrtcGetCUBIN(const char *program, char *image);
EXPORT int
nvrtcGetCUBIN(const char *program, char *image)
{
    ASK("nvrtcGetCUBIN");
    memcpy(image, program, strlen(program) + 1);
    return 0;
}

/** The image is the text; a module's functions are kept in a list of its own. */
struct module {
    char *text;
    struct fake_function function[32];
    int n;
};

EXPORT int cuModuleLoadData(struct module **module, const char *image);
EXPORT int
cuModuleLoadData(struct module **module, const char *image)
{
    ASK("cuModuleLoadData");
    fake_count("module", 1);
    *module = calloc(1, sizeof(**module));
    (*module)->text = strdup(image);
    return 0;
}

EXPORT int cuModuleUnload(struct module *module);
EXPORT int
cuModuleUnload(struct module *module)
{
    fake_count("module", -1);
    free(module->text);
    free(module);
    return 0;
}

EXPORT int cuModuleGetFunction(struct fake_function **function, struct module *module,
                               const char *name);
EXPORT int
cuModuleGetFunction(struct fake_function **function, struct module *module,
                    const char *name)
{
    ASK("cuModuleGetFunction");
    /* Of a real compiler's result nothing is known but that it has them all. */
    const bool real = memcmp(module->text,
                             "\x7f"
                             "ELF",
                             4) == 0;
    if (!real && !strstr(module->text, name)) return 500;
    for (int i = 0; i < module->n; i++) {
        *function = &module->function[i];
        if (strcmp((*function)->name, name) == 0) return 0;
    }
    *function = &module->function[module->n++];
    **function = (struct fake_function){module->text, name};
    return 0;
}

EXPORT int cuFuncGetAttribute(int *value, int attribute, const void *function);
EXPORT int
cuFuncGetAttribute(int *value, int attribute, const void *function)
{
    ASK("cuFuncGetAttribute");
    *value = attribute == 4 ? 40 : 0; /* registers */
    return function ? 0 : 1;
}

EXPORT int cuFuncSetAttribute(const void *function, int attribute, int value);
EXPORT int
cuFuncSetAttribute(const void *function, int attribute, int value)
{
    ASK("cuFuncSetAttribute");
    return function && attribute == 8 && value > 0 ? 0 : 1;
}

EXPORT int cuLaunchKernel(const struct fake_function *function, unsigned x, unsigned y,
                          unsigned z, unsigned lanes, unsigned ly, unsigned lz,
                          unsigned shared_bytes, void *s, void **parameters,
                          void **extra);
EXPORT int
cuLaunchKernel(const struct fake_function *function, unsigned x, unsigned y, unsigned z,
               unsigned lanes, unsigned ly, unsigned lz, unsigned shared_bytes, void *s,
               void **parameters, void **extra)
{
    ASK("cuLaunchKernel");
    if (x * y * z * lanes * ly * lz == 0 || shared_bytes > 166912 || extra || !s) {
        return 1;
    }
    (void)fake_call(function->name);
    if (fake_take_turn()) fake_run(function, parameters, fake_now_ns());
    return 0;
}

EXPORT int cuTensorMapEncodeTiled(void);
EXPORT int
cuTensorMapEncodeTiled(void)
{
    return fake_call("cuTensorMapEncodeTiled");
}

/** What the real compiler asks the driver for: there is no such table. */
EXPORT int cuGetExportTable(const void **table, const void *id);
EXPORT int
cuGetExportTable(const void **table, const void *id)
{
    *table = NULL;
    return id ? 500 : 1;
}
