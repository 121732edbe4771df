/* SPDX-License-Identifier: MIT */
/** @file The driver: device and memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"

static int the_context;

EXPORT int cuInit(unsigned flags);
EXPORT int
cuInit(unsigned flags)
{
    ASK("cuInit");
    return (int)flags;
}

EXPORT int cuDriverGetVersion(int *version);
EXPORT int
cuDriverGetVersion(int *version)
{
    ASK("cuDriverGetVersion");
    *version = 13000;
    return 0;
}

EXPORT int cuGetErrorString(int error, const char **text);
EXPORT int
cuGetErrorString(int error, const char **text)
{
    *text = error == 719 ? "unspecified launch failure" : NULL;
    return *text ? 0 : 1;
}

EXPORT int cuDeviceGetCount(int *count);
EXPORT int
cuDeviceGetCount(int *count)
{
    ASK("cuDeviceGetCount");
    *count = 1;
    return 0;
}

EXPORT int cuDeviceGet(int *device, int number);
EXPORT int
cuDeviceGet(int *device, int number)
{
    ASK("cuDeviceGet");
    *device = number;
    return 0;
}

EXPORT int cuDeviceGetName(char *name, int size, int device);
EXPORT int
cuDeviceGetName(char *name, int size, int device)
{
    ASK("cuDeviceGetName");
    (void)snprintf(name, (size_t)size, "Fake GPU %d", device);
    return 0;
}

EXPORT int cuDeviceTotalMem_v2(size_t *bytes, int device);
EXPORT int
cuDeviceTotalMem_v2(size_t *bytes, int device)
{
    ASK("cuDeviceTotalMem_v2");
    *bytes = (size_t)1 << (30 + device);
    return 0;
}

EXPORT int cuDeviceGetAttribute(int *value, int attribute, int device);
EXPORT int
cuDeviceGetAttribute(int *value, int attribute, int device)
{
    static const struct {
        int attribute, value;
    } rows[] = {{13, 1500000}, {16, FAKE_UNITS}, {36, 1000000}, {37, 256},
                {38, 65536},   {39, 2048},       {75, 8},       {76, 0},
                {81, 167936},  {82, 65536},      {97, 166912},  {106, 32}};
    ASK("cuDeviceGetAttribute");
    const char *capability = getenv("FAKE_CUDA_CAPABILITY");
    *value = device;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].attribute == attribute) *value = rows[i].value;
    }
    if (capability && attribute == 75) *value = atoi(capability) / 10;
    return 0;
}

EXPORT int cuDeviceGetPCIBusId(char *id, int size, int device);
EXPORT int
cuDeviceGetPCIBusId(char *id, int size, int device)
{
    ASK("cuDeviceGetPCIBusId");
    (void)snprintf(id, (size_t)size, "0000:0%d:00.0", device);
    return 0;
}

EXPORT int cuDevicePrimaryCtxRetain(void **context, int device);
EXPORT int
cuDevicePrimaryCtxRetain(void **context, int device)
{
    ASK("cuDevicePrimaryCtxRetain");
    fake_count("context", 1);
    *context = &the_context;
    return device;
}

EXPORT int cuDevicePrimaryCtxRelease_v2(int device);
EXPORT int
cuDevicePrimaryCtxRelease_v2(int device)
{
    fake_count("context", -1);
    return device;
}

EXPORT int cuCtxSetCurrent(void *context);
EXPORT int
cuCtxSetCurrent(void *context)
{
    ASK("cuCtxSetCurrent");
    return context == &the_context ? 0 : 201;
}

/* --- memory -------------------------------------------------------------------- */

EXPORT int cuMemAlloc_v2(uint64_t *address, size_t bytes);
EXPORT int
cuMemAlloc_v2(uint64_t *address, size_t bytes)
{
    ASK("cuMemAlloc_v2");
    void *at = malloc(bytes);
    if (!at) return 2;
    memset(at, 0x5a, bytes);
    *address = (uintptr_t)at;
    fake_count("memory", 1);
    return 0;
}

EXPORT int cuMemFree_v2(uint64_t address);
EXPORT int
cuMemFree_v2(uint64_t address)
{
    free((void *)(uintptr_t)address);
    fake_count("memory", -1);
    return 0;
}

EXPORT int cuMemGetInfo_v2(size_t *available, size_t *all);
EXPORT int
cuMemGetInfo_v2(size_t *available, size_t *all)
{
    ASK("cuMemGetInfo_v2");
    *available = (size_t)1 << 24;
    *all = (size_t)1 << 30;
    return 0;
}

EXPORT int cuMemHostAlloc(void **at, size_t bytes, unsigned flags);
EXPORT int
cuMemHostAlloc(void **at, size_t bytes, unsigned flags)
{
    ASK("cuMemHostAlloc");
    *at = calloc(bytes, 1);
    fake_count("host memory", 1);
    return *at ? (int)flags : 2;
}

EXPORT int cuMemFreeHost(void *at);
EXPORT int
cuMemFreeHost(void *at)
{
    free(at);
    fake_count("host memory", -1);
    return 0;
}

EXPORT int cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *s);
EXPORT int
cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *s)
{
    ASK("cuMemcpyHtoDAsync_v2");
    if (fake_take_turn()) memcpy((void *)(uintptr_t)to, from, bytes);
    return s ? 0 : 1;
}

EXPORT int cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *s);
EXPORT int
cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *s)
{
    ASK("cuMemcpyDtoHAsync_v2");
    if (fake_take_turn()) memcpy(to, (void *)(uintptr_t)from, bytes);
    return s ? 0 : 1;
}

EXPORT int cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *s);
EXPORT int
cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *s)
{
    ASK("cuMemcpyDtoDAsync_v2");
    if (fake_take_turn()) memcpy((void *)(uintptr_t)to, (void *)(uintptr_t)from, bytes);
    return s ? 0 : 1;
}

EXPORT int cuMemsetD8Async(uint64_t to, unsigned char value, size_t n, void *s);
EXPORT int
cuMemsetD8Async(uint64_t to, unsigned char value, size_t n, void *s)
{
    ASK("cuMemsetD8Async");
    memset((void *)(uintptr_t)to, value, n);
    return s ? 0 : 1;
}
