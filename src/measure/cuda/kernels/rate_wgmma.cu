// SPDX-License-Identifier: MIT
// The matrix instruction of four warps, 64 x 256 of 32 bytes of depth, both operands
// in shared memory (compute capability 9.0).
// -D: NAME (shape and types), SCALES (operands behind the predicate), INTEGER or not

#ifdef INTEGER
typedef int CTYPE;
#define LETTER "r"
#else
typedef float CTYPE;
#define LETTER "f"
#endif

enum { N = 256, A_BYTES = 64 * 128, B_BYTES = N * 128 };

struct stretch {
    long long first, last;
};

extern "C" __global__ void __launch_bounds__(256, 1)
    rate_wgmma(u32 *cycles, u32 turns, const uint4 *data, CTYPE *nowhere)
{
    extern __shared__ __align__(1024) char buffer[];
    __shared__ stretch s;
    const u32 base = (shared_address(buffer) + 1023) & ~1023u;
    for (u32 i = threadIdx.x; i < (A_BYTES + B_BYTES) / 16; i += blockDim.x) {
        const uint4 x = data[(i + blockIdx.x) % 1024];
        asm volatile("st.shared.v4.b32 [%0], {%1,%2,%3,%4};" ::"r"(base + i * 16),
                     "r"(x.x), "r"(x.y), "r"(x.z), "r"(x.w)
                     : "memory");
    }
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
    CTYPE sum[N / 2];
#pragma unroll
    for (int i = 0; i < N / 2; i++) {
        sum[i] = 0;
    }
    if (threadIdx.x == 0) s = {1ll << 62, 0};
    __syncthreads();
    if (threadIdx.x % 32 == 0) atomicMin(&s.first, clock64());
    for (u32 t = 0; t < turns; t++) {
        fence();
#pragma unroll
        for (int k = 0; k < 4; k++) {
            const u64 a = describe(base + k * 32, 16, 1024);
            const u64 b = describe(base + A_BYTES + k * 32, 16, 1024);
            MULTIPLY_ASYNC(NAME, 128, LETTER, SCALES, sum, a, b);
        }
        commit();
        finish<0>();
    }
    if (threadIdx.x % 32 == 0) atomicMax(&s.last, clock64());
    __syncthreads();
    if (threadIdx.x == 0) cycles[blockIdx.x] = (u32)(s.last - s.first);
    if (turns == 0xffffffff) {
#pragma unroll
        for (int i = 0; i < N / 2; i++) {
            nowhere[i * 256 + threadIdx.x] = sum[i];
        }
    }
}
