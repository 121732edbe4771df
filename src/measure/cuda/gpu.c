/* SPDX-License-Identifier: MIT */
/** @file The device: opened, asked what it is, and given back. */
#include "measure/cuda/gpu.h"

#include <string.h>

static const struct psim_loc nowhere; /* a device has no lines */

/* As the driver's header numbers them. */
enum device_attribute {
    CLOCK_KHZ = 13,
    UNITS = 16,
    MEMORY_CLOCK_KHZ = 36,
    MEMORY_BUS_BITS = 37,
    L2_BYTES = 38,
    UNIT_LANES = 39,
    CAPABILITY_MAJOR = 75,
    CAPABILITY_MINOR = 76,
    UNIT_SHARED_BYTES = 81,
    UNIT_REGISTERS = 82,
    BLOCK_SHARED_BYTES = 97,
    UNIT_BLOCKS = 106,
};

struct psim_gpu_memory {
    psim_gpu_address address;
    void *host; /* NULL: it is the device's */
    struct psim_gpu_memory *next;
};

bool
psim_gpu_ok(const struct psim_gpu *gpu, int result, const char *what)
{
    const char *text = NULL;
    if (result == 0) return true;
    if (gpu->api.error_text(result, &text) != 0 || !text) text = "an unknown error";
    return psim_error(gpu->diag, nowhere, "cuda:%d: %s failed: %s (error %d)",
                      gpu->device, what, text, result);
}

static int
attribute(const struct psim_gpu *gpu, enum device_attribute which)
{
    int value = 0;
    if (gpu->api.device_attribute(&value, (int)which, gpu->device) != 0) return 0;
    return value;
}

static bool
describe(struct psim_gpu *gpu)
{
    char name[128] = "";
    if (!psim_gpu_ok(gpu, gpu->api.device_name(name, sizeof(name), gpu->device),
                     "asking for its name") ||
        !psim_gpu_ok(gpu, gpu->api.device_memory(&gpu->memory_bytes, gpu->device),
                     "asking for its memory") ||
        !psim_gpu_ok(gpu, gpu->api.driver_version(&gpu->driver_version),
                     "asking for the driver's version")) {
        return false;
    }
    (void)gpu->api.compiler_version(&gpu->compiler_major, &gpu->compiler_minor);
    gpu->name = psim_arena_copy(gpu->arena, name, strlen(name));
    const int major = attribute(gpu, CAPABILITY_MAJOR);
    gpu->capability = major * 10 + attribute(gpu, CAPABILITY_MINOR);
    /* Instructions of this one architecture alone ask for the suffix. */
    gpu->target = psim_arena_printf(gpu->arena, "sm_%d%s", gpu->capability,
                                    gpu->capability == 90 ? "a" : "");
    gpu->units = attribute(gpu, UNITS);
    gpu->unit_lanes = attribute(gpu, UNIT_LANES);
    gpu->unit_registers = attribute(gpu, UNIT_REGISTERS);
    gpu->unit_blocks = attribute(gpu, UNIT_BLOCKS);
    gpu->unit_shared_bytes = (size_t)attribute(gpu, UNIT_SHARED_BYTES);
    gpu->block_shared_bytes = (size_t)attribute(gpu, BLOCK_SHARED_BYTES);
    gpu->l2_bytes = (size_t)attribute(gpu, L2_BYTES);
    gpu->clock_hz = 1e3 * attribute(gpu, CLOCK_KHZ);
    gpu->memory_clock_hz = 1e3 * attribute(gpu, MEMORY_CLOCK_KHZ);
    gpu->memory_bus_bits = (unsigned)attribute(gpu, MEMORY_BUS_BITS);
    return true;
}

/** Energy and power, where they can be read. */
static void
open_monitor(struct psim_gpu *gpu)
{
    char bus[64] = "";
    if (gpu->api.no_monitor) return;
    if (gpu->api.monitor_init() != 0) {
        gpu->api.no_monitor = "NVML does not start";
        return;
    }
    if (gpu->api.device_bus(bus, sizeof(bus), gpu->device) != 0 ||
        gpu->api.monitor_find(bus, &gpu->monitor) != 0) {
        gpu->monitor = NULL;
        gpu->api.no_monitor = "NVML does not know the device";
        (void)gpu->api.monitor_end();
    }
}

static bool
open_device(struct psim_gpu *gpu, unsigned number)
{
    int count = 0;
    gpu->device = (int)number;
    if (!psim_gpu_ok(gpu, gpu->api.init(0), "starting the driver") ||
        !psim_gpu_ok(gpu, gpu->api.device_count(&count), "counting devices")) {
        return false;
    }
    if ((int)number >= count) {
        return psim_error(gpu->diag, nowhere,
                          "cuda:%u: there is no such device; the driver has %d", number,
                          count);
    }
    if (!psim_gpu_ok(gpu, gpu->api.device_get(&gpu->device, (int)number),
                     "finding it") ||
        !describe(gpu) ||
        !psim_gpu_ok(gpu, gpu->api.context_retain(&gpu->context, gpu->device),
                     "taking its context")) {
        return false;
    }
    open_monitor(gpu);
    return psim_gpu_ok(gpu, gpu->api.context_set(gpu->context),
                       "entering its context") &&
           psim_gpu_ok(gpu, gpu->api.stream_new(&gpu->stream, 1), "making a stream");
}

bool
psim_gpu_open(struct psim_arena *arena, struct psim_diag *diag, unsigned number,
              struct psim_gpu *ret)
{
    *ret = (struct psim_gpu){.arena = arena, .diag = diag};
    const char *reason = psim_gpu_api_open(arena, &ret->api);
    if (reason) {
        return psim_error(diag, nowhere, "cuda:%u: it cannot be used: %s", number,
                          reason);
    }
    if (open_device(ret, number)) return true;
    psim_gpu_close(ret);
    return false;
}

void
psim_gpu_close(struct psim_gpu *gpu)
{
    if (gpu->context) {
        psim_gpu_free_all(gpu);
        if (gpu->blas) (void)gpu->api.blas_free(gpu->blas);
        psim_gpu_forget_code(gpu);
        if (gpu->stream) (void)gpu->api.stream_free(gpu->stream);
        if (gpu->monitor) (void)gpu->api.monitor_end();
        (void)gpu->api.context_release(gpu->device);
    }
    psim_gpu_api_close(&gpu->api);
    gpu->context = NULL;
}

static void
remember(struct psim_gpu *gpu, psim_gpu_address address, void *host)
{
    struct psim_gpu_memory *memory = PSIM_NEW(gpu->arena, struct psim_gpu_memory);
    *memory = (struct psim_gpu_memory){address, host, gpu->memory};
    gpu->memory = memory;
}

psim_gpu_address
psim_gpu_new(struct psim_gpu *gpu, size_t bytes)
{
    psim_gpu_address address = 0;
    if (!psim_gpu_ok(gpu, gpu->api.memory_new(&address, bytes > 0 ? bytes : 1),
                     "taking memory")) {
        return 0;
    }
    remember(gpu, address, NULL);
    return address;
}

void *
psim_gpu_new_host(struct psim_gpu *gpu, size_t bytes)
{
    void *at = NULL;
    if (!psim_gpu_ok(gpu, gpu->api.host_new(&at, bytes, 0),
                     "taking the host's memory")) {
        return NULL;
    }
    remember(gpu, 0, at);
    return at;
}

void
psim_gpu_free_all(struct psim_gpu *gpu)
{
    for (; gpu->memory; gpu->memory = gpu->memory->next) {
        const struct psim_gpu_memory *m = gpu->memory;
        (void)(m->host ? gpu->api.host_free(m->host)
                       : gpu->api.memory_free(m->address));
    }
}

bool
psim_gpu_wait(const struct psim_gpu *gpu)
{
    return psim_gpu_ok(gpu, gpu->api.stream_wait(gpu->stream), "waiting for it");
}

bool
psim_gpu_copy_in(const struct psim_gpu *gpu, psim_gpu_address to, const void *from,
                 size_t bytes)
{
    return psim_gpu_ok(gpu, gpu->api.copy_in(to, from, bytes, gpu->stream),
                       "copying to it") &&
           psim_gpu_wait(gpu);
}

bool
psim_gpu_copy_out(const struct psim_gpu *gpu, void *to, psim_gpu_address from,
                  size_t bytes)
{
    return psim_gpu_ok(gpu, gpu->api.copy_out(to, from, bytes, gpu->stream),
                       "copying from it") &&
           psim_gpu_wait(gpu);
}
