/* SPDX-License-Identifier: MIT */
/** @file What is used of CUDA's driver, its compiler, its monitor and its BLAS:
 * libraries that are opened where they are found, never linked.
 *
 * A row declares a function: result, name as called here, exported name, parameters.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct psim_arena;

typedef struct psim_gpu_context psim_gpu_context; /* never defined: theirs */
typedef struct psim_gpu_stream psim_gpu_stream;
typedef struct psim_gpu_event psim_gpu_event;
typedef struct psim_gpu_graph psim_gpu_graph;
typedef struct psim_gpu_exec psim_gpu_exec;
typedef struct psim_gpu_code psim_gpu_code;
typedef struct psim_gpu_function psim_gpu_function;
typedef struct psim_gpu_program psim_gpu_program;
typedef struct psim_gpu_monitor psim_gpu_monitor;
typedef struct psim_gpu_blas psim_gpu_blas;
typedef uint64_t psim_gpu_address; /* CUdeviceptr */

/** A descriptor of a tensor for bulk copies: only the driver knows what is in it. */
struct psim_gpu_map {
    _Alignas(64) uint64_t words[16];
};

/* clang-format off */
#define PSIM_DRIVER_FUNCTIONS(X)                                                       \
    X(int, init, "cuInit", (unsigned flags))                                           \
    X(int, driver_version, "cuDriverGetVersion", (int *version))                       \
    X(int, error_text, "cuGetErrorString", (int error, const char **text))             \
    X(int, device_count, "cuDeviceGetCount", (int *count))                             \
    X(int, device_get, "cuDeviceGet", (int *device, int number))                       \
    X(int, device_name, "cuDeviceGetName", (char *name, int size, int device))         \
    X(int, device_memory, "cuDeviceTotalMem_v2", (size_t *bytes, int device))          \
    X(int, device_attribute, "cuDeviceGetAttribute",                                   \
      (int *value, int attribute, int device))                                         \
    X(int, device_bus, "cuDeviceGetPCIBusId", (char *id, int size, int device))        \
    X(int, context_retain, "cuDevicePrimaryCtxRetain",                                 \
      (psim_gpu_context **context, int device))                                        \
    X(int, context_release, "cuDevicePrimaryCtxRelease_v2", (int device))              \
    X(int, context_set, "cuCtxSetCurrent", (psim_gpu_context *context))                \
    X(int, memory_new, "cuMemAlloc_v2", (psim_gpu_address *address, size_t bytes))     \
    X(int, memory_free, "cuMemFree_v2", (psim_gpu_address address))                    \
    X(int, memory_info, "cuMemGetInfo_v2", (size_t *available, size_t *all))           \
    X(int, host_new, "cuMemHostAlloc", (void **at, size_t bytes, unsigned flags))      \
    X(int, host_free, "cuMemFreeHost", (void *at))                                     \
    X(int, copy_in, "cuMemcpyHtoDAsync_v2",                                            \
      (psim_gpu_address to, const void *from, size_t bytes, psim_gpu_stream *stream))  \
    X(int, copy_out, "cuMemcpyDtoHAsync_v2",                                           \
      (void *to, psim_gpu_address from, size_t bytes, psim_gpu_stream *stream))        \
    X(int, copy_within, "cuMemcpyDtoDAsync_v2",                                        \
      (psim_gpu_address to, psim_gpu_address from, size_t bytes,                       \
       psim_gpu_stream *stream))                                                       \
    X(int, set_bytes, "cuMemsetD8Async",                                               \
      (psim_gpu_address to, unsigned char value, size_t n, psim_gpu_stream *stream))   \
    X(int, code_load, "cuModuleLoadData", (psim_gpu_code **code, const void *image))   \
    X(int, code_unload, "cuModuleUnload", (psim_gpu_code *code))                       \
    X(int, code_function, "cuModuleGetFunction",                                       \
      (psim_gpu_function **function, psim_gpu_code *code, const char *name))           \
    X(int, function_get, "cuFuncGetAttribute",                                         \
      (int *value, int attribute, psim_gpu_function *function))                        \
    X(int, function_set, "cuFuncSetAttribute",                                         \
      (psim_gpu_function *function, int attribute, int value))                         \
    X(int, launch, "cuLaunchKernel",                                                   \
      (psim_gpu_function *function, unsigned grid_x, unsigned grid_y, unsigned grid_z, \
       unsigned lanes_x, unsigned lanes_y, unsigned lanes_z, unsigned shared_bytes,    \
       psim_gpu_stream *stream, void **parameters, void **extra))                      \
    X(int, stream_new, "cuStreamCreate", (psim_gpu_stream **stream, unsigned flags))   \
    X(int, stream_free, "cuStreamDestroy_v2", (psim_gpu_stream *stream))               \
    X(int, stream_wait, "cuStreamSynchronize", (psim_gpu_stream *stream))              \
    X(int, stream_query, "cuStreamQuery", (psim_gpu_stream *stream))                   \
    X(int, capture_start, "cuStreamBeginCapture_v2",                                   \
      (psim_gpu_stream *stream, int mode))                                             \
    X(int, capture_end, "cuStreamEndCapture",                                          \
      (psim_gpu_stream *stream, psim_gpu_graph **graph))                               \
    X(int, graph_ready, "cuGraphInstantiateWithFlags",                                 \
      (psim_gpu_exec **exec, psim_gpu_graph *graph, unsigned long long flags))         \
    X(int, graph_launch, "cuGraphLaunch",                                              \
      (psim_gpu_exec *exec, psim_gpu_stream *stream))                                  \
    X(int, exec_free, "cuGraphExecDestroy", (psim_gpu_exec *exec))                     \
    X(int, graph_free, "cuGraphDestroy", (psim_gpu_graph *graph))                      \
    X(int, event_new, "cuEventCreate", (psim_gpu_event **event, unsigned flags))       \
    X(int, event_free, "cuEventDestroy_v2", (psim_gpu_event *event))                   \
    X(int, event_record, "cuEventRecord",                                              \
      (psim_gpu_event *event, psim_gpu_stream *stream))                                \
    X(int, event_elapsed, "cuEventElapsedTime",                                        \
      (float *ms, psim_gpu_event *from, psim_gpu_event *to))

/* Compute capability 9.0 and later. */
#define PSIM_DRIVER_OPTIONAL(X)                                                        \
    X(int, map_encode, "cuTensorMapEncodeTiled",                                       \
      (struct psim_gpu_map *map, int type, unsigned rank, psim_gpu_address at,         \
       const uint64_t *sizes, const uint64_t *strides, const uint32_t *box,            \
       const uint32_t *steps, int interleave, int swizzle, int promotion, int fill))

#define PSIM_COMPILER_FUNCTIONS(X)                                                     \
    X(int, compiler_version, "nvrtcVersion", (int *major, int *minor))                 \
    X(const char *, compiler_error, "nvrtcGetErrorString", (int error))                \
    X(int, program_new, "nvrtcCreateProgram",                                          \
      (psim_gpu_program **program, const char *text, const char *name, int headers,    \
       const char *const *header_texts, const char *const *header_names))              \
    X(int, program_free, "nvrtcDestroyProgram", (psim_gpu_program **program))          \
    X(int, program_compile, "nvrtcCompileProgram",                                     \
      (psim_gpu_program *program, int options, const char *const *option))             \
    X(int, log_size, "nvrtcGetProgramLogSize",                                         \
      (psim_gpu_program *program, size_t *size))                                       \
    X(int, log_get, "nvrtcGetProgramLog", (psim_gpu_program *program, char *log))      \
    X(int, image_size, "nvrtcGetCUBINSize", (psim_gpu_program *program, size_t *size)) \
    X(int, image_get, "nvrtcGetCUBIN", (psim_gpu_program *program, char *image))

#define PSIM_MONITOR_FUNCTIONS(X)                                                      \
    X(int, monitor_init, "nvmlInit_v2", (void))                                        \
    X(int, monitor_end, "nvmlShutdown", (void))                                        \
    X(int, monitor_find, "nvmlDeviceGetHandleByPciBusId_v2",                           \
      (const char *id, psim_gpu_monitor **device))                                     \
    X(int, monitor_energy, "nvmlDeviceGetTotalEnergyConsumption",                      \
      (psim_gpu_monitor *device, unsigned long long *millijoules))                     \
    X(int, monitor_power, "nvmlDeviceGetPowerUsage",                                   \
      (psim_gpu_monitor *device, unsigned *milliwatts))                                \
    X(int, monitor_cap, "nvmlDeviceGetEnforcedPowerLimit",                             \
      (psim_gpu_monitor *device, unsigned *milliwatts))

#define PSIM_BLAS_FUNCTIONS(X)                                                         \
    X(int, blas_new, "cublasCreate_v2", (psim_gpu_blas **blas))                        \
    X(int, blas_free, "cublasDestroy_v2", (psim_gpu_blas *blas))                       \
    X(int, blas_version, "cublasGetVersion_v2", (psim_gpu_blas *blas, int *version))   \
    X(int, blas_stream, "cublasSetStream_v2",                                          \
      (psim_gpu_blas *blas, psim_gpu_stream *stream))                                  \
    X(int, blas_workspace, "cublasSetWorkspace_v2",                                    \
      (psim_gpu_blas *blas, psim_gpu_address at, size_t bytes))                        \
    X(int, blas_gemm, "cublasGemmStridedBatchedEx",                                    \
      (psim_gpu_blas *blas, int trans_a, int trans_b, int m, int n, int k,             \
       const void *alpha, psim_gpu_address a, int a_type, int lda, long long a_stride, \
       psim_gpu_address b, int b_type, int ldb, long long b_stride, const void *beta,  \
       psim_gpu_address c, int c_type, int ldc, long long c_stride, int batch,         \
       int compute, int algorithm))
/* clang-format on */

#define PSIM_API_MEMBER(result, name, symbol, parameters) result(*name) parameters;

/** Functions by dlopen. Those of a library that is not there are NULL. */
struct psim_gpu_api {
    PSIM_DRIVER_FUNCTIONS(PSIM_API_MEMBER)
    PSIM_DRIVER_OPTIONAL(PSIM_API_MEMBER)
    PSIM_COMPILER_FUNCTIONS(PSIM_API_MEMBER)
    PSIM_MONITOR_FUNCTIONS(PSIM_API_MEMBER)
    PSIM_BLAS_FUNCTIONS(PSIM_API_MEMBER)
    void *libraries[4];               /**< open ones */
    const char *no_monitor, *no_blas; /**< why; NULL: they are there */
};

#undef PSIM_API_MEMBER

/**
 * Open the libraries. The driver and the compiler are needed.
 * @return NULL, or why it cannot be: a sentence
 */
const char *psim_gpu_api_open(struct psim_arena *arena, struct psim_gpu_api *ret);
void psim_gpu_api_close(struct psim_gpu_api *api);
