// SPDX-License-Identifier: MIT
// The matrix instruction of a warp: CHAINS sums that do not wait for each other.
// -D: KIND (see below), CHAINS

#define QUAD(c) "+" LETTER(c[0]), "+" LETTER(c[1]), "+" LETTER(c[2]), "+" LETTER(c[3])
// 16 x 8, sixteen bytes of A's row: 4 registers of A, 2 of B.
#define WITH_4_2(name, c, a, b)                                                        \
    asm volatile("mma.sync.aligned." name " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, "  \
                 "{%0,%1,%2,%3};"                                                      \
                 : QUAD(c)                                                             \
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))
#define BF16 1
#define FP16 2
#define TF32 3
#define INT8 4
#define FP64 5
#define FP8 6
#if KIND == INT8
typedef int CTYPE;
#define LETTER "r"
#elif KIND == FP64
typedef double CTYPE;
#define LETTER "d"
#else
typedef float CTYPE;
#define LETTER "f"
#endif
#if KIND == FP64
typedef double ATYPE;
#else
typedef u32 ATYPE;
#endif

DEVICE void multiply_in_place(CTYPE (&c)[4], const ATYPE (&a)[4], const ATYPE (&b)[2])
{
#if KIND == BF16
    WITH_4_2("m16n8k16.row.col.f32.bf16.bf16.f32", c, a, b);
#elif KIND == FP16
    WITH_4_2("m16n8k16.row.col.f32.f16.f16.f32", c, a, b);
#elif KIND == TF32
    WITH_4_2("m16n8k8.row.col.f32.tf32.tf32.f32", c, a, b);
#elif KIND == INT8
    WITH_4_2("m16n8k32.row.col.s32.s8.s8.s32", c, a, b);
#elif KIND == FP8
    WITH_4_2("m16n8k32.row.col.f32.e4m3.e4m3.f32", c, a, b);
#elif __CUDA_ARCH__ >= 900
    asm volatile("mma.sync.aligned.m16n8k4.row.col.f64.f64.f64.f64 {%0,%1,%2,%3}, "
                 "{%4,%5}, {%6}, {%0,%1,%2,%3};"
                 : QUAD(c)
                 : "d"(a[0]), "d"(a[1]), "d"(b[0]));
#else
    // Twice the half of it, which is what there is.
    asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, "
                 "{%0,%1};"
                 : "+d"(c[0]), "+d"(c[1])
                 : "d"(a[0]), "d"(b[0]));
    asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0,%1}, {%2}, {%3}, "
                 "{%0,%1};"
                 : "+d"(c[2]), "+d"(c[3])
                 : "d"(a[1]), "d"(b[0]));
#endif
}

struct stretch {
    long long first, last;
};

extern "C" __global__ void __launch_bounds__(1024)
    rate_mma(u32 *cycles, u32 turns, const u32 *data, CTYPE *nowhere)
{
    __shared__ stretch s;
    ATYPE a[4], b[2];
    CTYPE c[CHAINS][4] = {};
#pragma unroll
    for (int i = 0; i < 4; i++) {
        a[i] = ((const ATYPE *)data)[(threadIdx.x + blockIdx.x) * 4 % 4096 + i];
        b[i % 2] = ((const ATYPE *)data)[(threadIdx.x * 2 + blockIdx.x + 777) % 4096];
    }
    if (threadIdx.x == 0) s = {1ll << 62, 0};
    __syncthreads();
    if (threadIdx.x % 32 == 0) atomicMin(&s.first, clock64());
    for (u32 t = 0; t < turns; t++) {
#pragma unroll
        for (int u = 0; u < 4; u++) {
#pragma unroll
            for (int i = 0; i < CHAINS; i++) {
                multiply_in_place(c[i], a, b);
            }
        }
    }
    if (threadIdx.x % 32 == 0) atomicMax(&s.last, clock64());
    __syncthreads();
    if (threadIdx.x == 0) cycles[blockIdx.x] = (u32)(s.last - s.first);
    if (turns == 0xffffffff) {
#pragma unroll
        for (int i = 0; i < CHAINS; i++) {
            nowhere[threadIdx.x + i] = c[i][0] + c[i][1] + c[i][2] + c[i][3];
        }
    }
}
