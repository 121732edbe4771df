// SPDX-License-Identifier: MIT
// Latency and bandwidth of the levels of memory.

enum { LINE = 128 / 4 }; // words from one to the next of a chain

// Each line tells the next one: steps of a golden part of the ring meet all of them,
// since their number is a power of 2 and the step is odd.
extern "C" __global__ void make_chain(u32 *to, u64 lines)
{
    const u64 step = (u64)(lines * 0.6180339887) | 1;
    for (u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x; i < lines;
         i += (u64)gridDim.x * blockDim.x) {
        to[i * LINE] = (u32)((i + step) % lines);
    }
}

// One lane follows it: first `before` steps that are not timed, then `timed` in one
// stretch, and as many again one by one.
template <bool L1> DEVICE u32 load_word(const u32 *from)
{
    u32 x;
    if (L1) {
        asm volatile("ld.global.ca.u32 %0, [%1];" : "=r"(x) : "l"(from) : "memory");
    } else {
        asm volatile("ld.global.cg.u32 %0, [%1];" : "=r"(x) : "l"(from) : "memory");
    }
    return x;
}
template <bool L1>
DEVICE void follow(const u32 *chain, u32 before, u32 timed, u32 *cycles)
{
    u32 at = 0;
    for (u32 i = 0; i < before; i++) {
        at = load_word<L1>(chain + (u64)at * LINE);
    }
    const long long start = clock64();
    for (u32 i = 0; i < timed; i++) {
        at = load_word<L1>(chain + (u64)at * LINE);
    }
    cycles[timed] = (u32)(clock64() - start) + (at == 0xffffffff);
    for (u32 i = 0; i < timed; i++) {
        const long long now = clock64();
        at = load_word<L1>(chain + (u64)at * LINE);
        cycles[i] = (u32)(clock64() - now) + (at == 0xffffffff);
    }
}
extern "C" __global__ void follow_near(const u32 *chain, u32 before, u32 timed,
                                       u32 *cycles)
{
    follow<true>(chain, before, timed, cycles);
}
extern "C" __global__ void follow_far(const u32 *chain, u32 before, u32 timed,
                                      u32 *cycles)
{
    follow<false>(chain, before, timed, cycles);
}
extern "C" __global__ void store_and_fence(u32 *to, u32 timed, u32 *cycles)
{
    const long long start = clock64();
    for (u32 i = 0; i < timed; i++) {
        to[i % 1024 * LINE] = i;
        __threadfence();
    }
    cycles[0] = (u32)(clock64() - start);
}
extern "C" __global__ void follow_shared(u32 timed, u32 *cycles)
{
    __shared__ u32 chain[1024];
    for (u32 i = 0; i < 1024; i++) {
        chain[i] = (i + 33) % 1024;
    }
    u32 at = 0;
    const long long start = clock64();
    for (u32 i = 0; i < timed; i++) {
        at = chain[at];
    }
    cycles[timed] = (u32)(clock64() - start) + (at == 0xffffffff);
}

// A stretch for each work-group, as often as is asked; EACH loads of a lane are under
// way together.
enum { EACH = 8 };
extern "C" __global__ void __launch_bounds__(512)
    read_all(const uint4 *from, u64 n, u32 turns, u32 *nowhere)
{
    u32 sum = 0;
    for (u32 t = 0; t < turns; t++) {
        for (u64 at = (u64)blockIdx.x * EACH * 512 + threadIdx.x; at < n;
             at += (u64)gridDim.x * EACH * 512) {
            uint4 x[EACH];
#pragma unroll
            for (int j = 0; j < EACH; j++) {
                if (at + j * 512 < n) {
                    asm volatile("ld.global.cg.v4.u32 {%0,%1,%2,%3}, [%4];"
                                 : "=r"(x[j].x), "=r"(x[j].y), "=r"(x[j].z), "=r"(x[j].w)
                                 : "l"(from + at + j * 512));
                } else {
                    x[j] = make_uint4(0, 0, 0, 0);
                }
            }
#pragma unroll
            for (int j = 0; j < EACH; j++) {
                sum += x[j].x ^ x[j].y ^ x[j].z ^ x[j].w;
            }
        }
    }
    if (sum == 0x12345678) *nowhere = sum;
}
extern "C" __global__ void __launch_bounds__(512)
    write_all(uint4 *to, u64 n, u32 turns, u32 word)
{
    for (u32 t = 0; t < turns; t++) {
        for (u64 at = (u64)blockIdx.x * 2 * 512 + threadIdx.x; at < n;
             at += (u64)gridDim.x * 2 * 512) {
            to[at] = make_uint4(word, t, word, t);
            if (at + 512 < n) to[at + 512] = make_uint4(word, t, word, t);
        }
    }
}
extern "C" __global__ void __launch_bounds__(512)
    copy_all(uint4 *to, const uint4 *from, u64 n)
{
    const u64 first = (u64)blockIdx.x * EACH * 512 + threadIdx.x;
    uint4 x[EACH];
#pragma unroll
    for (int j = 0; j < EACH; j++) {
        if (first + j * 512 < n) x[j] = from[first + j * 512];
    }
#pragma unroll
    for (int j = 0; j < EACH; j++) {
        if (first + j * 512 < n) to[first + j * 512] = x[j];
    }
}
// Words that lie apart, four of a lane under way.
extern "C" __global__ void __launch_bounds__(512)
    read_apart(const u32 *from, u64 words, u32 *nowhere)
{
    u32 x[4];
    const u64 own = (u64)blockIdx.x * 512 + threadIdx.x;
#pragma unroll
    for (int j = 0; j < 4; j++) {
        u64 z = (own * 4 + j) * 0x9e3779b97f4a7c15ull;
        z = (z ^ z >> 29) * 0xbf58476d1ce4e5b9ull;
        x[j] = from[(z ^ z >> 32) % words];
    }
    if ((x[0] ^ x[1] ^ x[2] ^ x[3]) == 0x12345678) *nowhere = x[0];
}

// Of one unit: cycles of `turns` walks over a few KiB.
template <bool SHARED> DEVICE void walk(const uint4 *from, u32 n, u32 turns, u32 *cycles)
{
    extern __shared__ __align__(16) char buffer[];
    __shared__ long long first, last;
    uint4 *const own = (uint4 *)buffer;
    uint4 seen[4] = {};
    u32 sum = 0;
    if (threadIdx.x == 0) {
        first = 1ll << 62;
        last = 0;
    }
    for (u32 i = threadIdx.x; i < n && SHARED; i += 1024) {
        own[i] = from[i];
    }
    __syncthreads();
    for (u32 t = 0; t < turns; t++) {
        // The first walk fills the cache.
        if (t == 1 && threadIdx.x % 32 == 0) atomicMin(&first, clock64());
        for (u32 i = threadIdx.x; i < n; i += 1024 * 4) {
            uint4 x[4];
#pragma unroll
            for (int j = 0; j < 4; j++) {
                if (SHARED) {
                    x[j] = load_shared(shared_address(own + i + j * 1024));
                } else {
                    asm volatile("ld.global.ca.v4.u32 {%0,%1,%2,%3}, [%4];"
                                 : "=r"(x[j].x), "=r"(x[j].y), "=r"(x[j].z), "=r"(x[j].w)
                                 : "l"(from + i + j * 1024));
                }
            }
            // Looked at a walk later: the next loads are under way before that.
#pragma unroll
            for (int j = 0; j < 4; j++) {
                sum ^= (seen[j].x ^ seen[j].y ^ seen[j].z) & seen[j].w;
                seen[j] = x[j];
            }
        }
    }
    if (threadIdx.x % 32 == 0) atomicMax(&last, clock64());
    __syncthreads();
    if (threadIdx.x == 0) cycles[blockIdx.x] = (u32)(last - first) + (sum == 0x12345678);
}
extern "C" __global__ void __launch_bounds__(1024)
    walk_shared(const uint4 *from, u32 n, u32 turns, u32 *cycles)
{
    walk<true>(from, n, turns, cycles);
}
extern "C" __global__ void __launch_bounds__(1024)
    walk_l1(const uint4 *from, u32 n, u32 turns, u32 *cycles)
{
    walk<false>(from, n, turns, cycles);
}

// Warps that wait: what the device draws when it does nothing else.
extern "C" __global__ void sleep_all(u32 turns)
{
    for (u32 t = 0; t < turns; t++) {
        __nanosleep(1000);
    }
}
