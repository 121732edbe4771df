// SPDX-License-Identifier: MIT
// Halves of a last-level cache, each of which keeps what the units near it read: what a
// line takes that another unit has read, and takes again.

// One work-group a unit, all of them at once, or some cycles later.
DEVICE void meet(u32 *arrived)
{
    const long long start = clock64(), patience = 1 << 22;
    __syncthreads();
    if (threadIdx.x == 0) {
        atomicAdd(arrived, 1);
        while (*(volatile u32 *)arrived < gridDim.x && clock64() - start < patience) {}
    }
    __syncthreads();
}
DEVICE u32 own_unit()
{
    u32 unit;
    asm volatile("mov.u32 %0, %%smid;" : "=r"(unit));
    return unit;
}

// A line of each 4 KiB, not always the same one.
DEVICE u32 word_of(u32 line) { return line * 1024 + line * 7 % 32 * 32; }

// One lane of one unit reads them one by one, some times; a step waits for the one before.
extern "C" __global__ void read_lines(const u32 *from, u32 lines, u32 turns, u32 reader,
                                      u32 *arrived, u32 *cycles)
{
    meet(arrived);
    if (own_unit() != reader) return;
    u32 at = 0;
    long long before = clock64();
    for (u32 i = 0; i < lines * turns; i++) {
        u32 x;
        asm volatile("ld.global.cg.u32 %0, [%1];"
                     : "=r"(x)
                     : "l"(from + word_of(i % lines) + at)
                     : "memory");
        at = x == 0x12345678;
        const long long now = clock64() + at;
        cycles[i] = (u32)(now - before);
        before = now;
    }
}

// The units of a set share out a stretch; each says how long its part took, and how many
// vectors it was.
enum { EACH = 4, LANES = 512 };
extern "C" __global__ void __launch_bounds__(LANES)
    read_shares(const uint4 *from, u32 n, const u32 *place, u32 of, u32 *arrived,
                u32 *cycles)
{
    meet(arrived);
    const u32 own = place[own_unit()];
    if (own >= of) return;
    u32 sum = 0, mine = 0;
    const long long start = clock64();
    for (u32 at = own * EACH * LANES + threadIdx.x; at < n; at += of * EACH * LANES) {
        uint4 x[EACH];
#pragma unroll
        for (int j = 0; j < EACH; j++) {
            asm volatile("ld.global.cg.v4.u32 {%0,%1,%2,%3}, [%4];"
                         : "=r"(x[j].x), "=r"(x[j].y), "=r"(x[j].z), "=r"(x[j].w)
                         : "l"(from + at + j * LANES));
        }
#pragma unroll
        for (int j = 0; j < EACH; j++) {
            sum += x[j].x ^ x[j].y ^ x[j].z ^ x[j].w;
        }
        mine += EACH * LANES;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
        cycles[own * 2] = (u32)(clock64() - start) + (sum == 0x12345678);
        cycles[own * 2 + 1] = mine;
    }
}
