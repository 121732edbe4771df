/* SPDX-License-Identifier: MIT */
/** @file OpenBLAS or any other CBLAS by dlopen. */
#include "measure/cpu/blas.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure/cpu/timing.h"
#include "measure/random.h"
#include "util/arena.h"

/* CBLAS, as netlib defined it. */
enum { ROW_MAJOR = 101, NO_TRANSPOSE = 111 };
typedef void sgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k,
                      float alpha, const float *a, int lda, const float *b, int ldb,
                      float beta, float *c, int ldc);
typedef void dgemm_fn(int order, int trans_a, int trans_b, int m, int n, int k,
                      double alpha, const double *a, int lda, const double *b, int ldb,
                      double beta, double *c, int ldc);
typedef void set_threads_fn(int threads);
typedef char *config_fn(void);

struct psim_blas {
    sgemm_fn *sgemm;
    dgemm_fn *dgemm;
    const char *name;
};

static const char *const libraries[] = {"libopenblas.so.0", "libopenblas.so",
                                        "libblas.so.3", "libcblas.so.3"};

/* "" is what the environment says, else the library's own choice. */
static const char *const coretypes[] = {
    "", "SapphireRapids", "Cooperlake", "SkylakeX", "Zen", "Haswell"};

/** A function of a library; C has no cast from what dlsym gives. */
static void
find(void *library, const char *name, void *ret_function)
{
    void *symbol = dlsym(library, name);
    memcpy(ret_function, &symbol, sizeof symbol);
}

static const struct psim_blas *
open_library(struct psim_arena *arena, unsigned threads, const char *coretype)
{
    if (*coretype) (void)setenv(PSIM_BLAS_VARIABLE, coretype, 1);
    for (size_t i = 0; i < PSIM_COUNT(libraries); i++) {
        void *library = dlopen(libraries[i], RTLD_NOW | RTLD_LOCAL);
        if (!library) continue;
        struct psim_blas *blas = PSIM_NEW(arena, struct psim_blas);
        set_threads_fn *set_threads;
        config_fn *config;
        find(library, "cblas_sgemm", &blas->sgemm);
        find(library, "cblas_dgemm", &blas->dgemm);
        find(library, "openblas_set_num_threads", &set_threads);
        find(library, "openblas_get_config", &config);
        if (!blas->sgemm || !blas->dgemm) {
            (void)dlclose(library);
            continue;
        }
        if (set_threads) set_threads((int)threads);
        const char *text = config ? config() : libraries[i];
        blas->name = *coretype ? psim_arena_printf(arena, "%s, OPENBLAS_CORETYPE=%s",
                                                   text, coretype)
                               : psim_arena_copy(arena, text, strlen(text));
        return blas;
    }
    return NULL;
}

/** FLOP/s of a product of 512 cubed by one thread, the best of a few. */
static double
rate_of(struct psim_arena *arena, bool fp64, const char *coretype)
{
    enum { N = 512, TRIES = 7 };
    const struct psim_blas *blas = open_library(arena, 1, coretype);
    if (!blas) return 0;
    /* As many bytes as fp64 needs; random ones of fp32 are numbers of fp64 too. */
    float *a = PSIM_NEW_N(arena, float, (size_t)6 * N * N);
    for (size_t i = 0; i < (size_t)6 * N * N; i++) {
        a[i] = (float)psim_random_signed(1, i);
    }
    double best_s = 0;
    for (int i = 0; i < TRIES; i++) {
        const double start_s = psim_own_s();
        psim_blas_gemm(blas, (struct psim_blas_product){fp64, N, N, N}, a,
                       a + (size_t)2 * N * N, a + (size_t)4 * N * N);
        const double s = psim_own_s() - start_s;
        if (i == 1 || (i > 1 && s < best_s)) best_s = s;
    }
    return 2.0 * N * N * N / best_s;
}

/** The same in a process of its own: a library reads its environment once. */
static double
rate_in_child(struct psim_arena *arena, bool fp64, const char *coretype)
{
    int ends[2];
    double rate = 0;
    if (pipe(ends) != 0) return 0;
    const pid_t child = fork();
    if (child == 0) {
        /* What a library says on stderr of names that it lacks is of no interest. */
        (void)close(STDERR_FILENO);
        rate = rate_of(arena, fp64, coretype);
        const ssize_t n = write(ends[1], &rate, sizeof rate);
        _exit(n == (ssize_t)sizeof rate ? 0 : 1);
    }
    (void)close(ends[1]);
    if (child < 0 || read(ends[0], &rate, sizeof rate) != (ssize_t)sizeof rate) {
        rate = 0;
    }
    (void)close(ends[0]);
    if (child > 0) (void)waitpid(child, NULL, 0);
    return rate;
}

double
psim_blas_rate(struct psim_arena *arena, bool fp64, const char **ret_coretype)
{
    double best_rate = 0;
    *ret_coretype = coretypes[0];
    for (size_t i = 0; i < PSIM_COUNT(coretypes); i++) {
        const double rate = rate_in_child(arena, fp64, coretypes[i]);
        if (i == 0 && rate == 0) return 0; /* there is no library */
        /* A name must be clearly better than the library's own choice. */
        if (rate <= best_rate * 1.02) continue;
        *ret_coretype = coretypes[i];
        best_rate = rate;
    }
    return best_rate;
}

const struct psim_blas *
psim_blas_open(struct psim_arena *arena, unsigned threads)
{
    const char *coretype;
    if (!(psim_blas_rate(arena, false, &coretype) > 0)) return NULL;
    return open_library(arena, threads, coretype);
}

void
psim_blas_gemm(const struct psim_blas *blas, struct psim_blas_product product,
               const void *a, const void *b, void *c)
{
    const int m = product.m, n = product.n, k = product.k;
    if (product.fp64) {
        blas->dgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, 1, a, k, b, n, 0, c,
                    n);
    } else {
        blas->sgemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, m, n, k, 1, a, k, b, n, 0, c,
                    n);
    }
}

const char *
psim_blas_name(const struct psim_blas *blas)
{
    return blas->name;
}
