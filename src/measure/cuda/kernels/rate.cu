// SPDX-License-Identifier: MIT
// How often one instruction starts, and how long one waits for the one before: CHAINS
// of them in each lane, one work-group. -D: TYPE, REGISTER (its letter), INSTRUCTION
// (of operands %0 += %1, %2), CHAINS; or MIX: two pipes take turns

enum { UNROLLED = 16 };

// From the first warp's start to the last one's end.
struct stretch {
    long long first, last;
};

DEVICE void begin(stretch &s)
{
    if (threadIdx.x == 0) s = {1ll << 62, 0};
    __syncthreads();
    if (threadIdx.x % 32 == 0) atomicMin(&s.first, clock64());
}
DEVICE void finish(stretch &s, u32 *cycles)
{
    if (threadIdx.x % 32 == 0) atomicMax(&s.last, clock64());
    __syncthreads();
    if (threadIdx.x == 0) cycles[blockIdx.x] = (u32)(s.last - s.first);
}

extern "C" __global__ void __launch_bounds__(1024)
    rate(u32 *cycles, u32 turns, float seed, void *nowhere)
{
    __shared__ stretch s;
    TYPE x[CHAINS];
    // Numbers of many bits, of changing sign: x becomes about -x + b.
    const float own = seed * (float)(threadIdx.x * 2654435761u >> 8 | 1) * 0x1p-24f;
#ifdef INTEGER
    const TYPE a = (TYPE)__float_as_uint(seed + 3), b = a ^ 0x5bd1e995;
#else
    const TYPE a = (TYPE)(seed * -1.40844f), b = (TYPE)(seed * 0.4321f);
#endif
#pragma unroll
    for (int i = 0; i < CHAINS; i++) {
        x[i] = (TYPE)(own + seed * i);
    }
#ifdef MIX
    u32 y[CHAINS];
#pragma unroll
    for (int i = 0; i < CHAINS; i++) {
        y[i] = __float_as_uint(own) + i;
    }
#endif
    begin(s);
    for (u32 t = 0; t < turns; t++) {
#pragma unroll
        for (int u = 0; u < UNROLLED; u++) {
#pragma unroll
            for (int i = 0; i < CHAINS; i++) {
                asm volatile(INSTRUCTION
                             : "+" REGISTER(x[i])
                             : REGISTER(a), REGISTER(b));
#ifdef MIX
                asm volatile("lop3.b32 %0, %0, %1, %2, 0xe8;"
                             : "+r"(y[i])
                             : "r"(turns), "r"(t));
#endif
            }
        }
    }
    finish(s, cycles);
    // Never, and the compiler does not know.
    if (seed == 123.25f) {
#pragma unroll
        for (int i = 0; i < CHAINS; i++) {
            ((TYPE *)nowhere)[i * 1024 + threadIdx.x] = x[i];
#ifdef MIX
            ((u32 *)nowhere)[i * 1024 + threadIdx.x] = y[i];
#endif
        }
    }
}
