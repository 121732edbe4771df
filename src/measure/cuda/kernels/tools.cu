// SPDX-License-Identifier: MIT
// Data of the kernels that are measured: random numbers, and a look at results.

// Number `index` of sequence `seed`: as perfsim's host side computes it.
DEVICE u64 random_bits(u64 seed, u64 index)
{
    u64 z = seed * 0xd1342543de82ef95ull + (index + 1) * 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

#define EACH(i, n)                                                                     \
    for (u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x; i < n;                    \
         i += (u64)gridDim.x * blockDim.x)

DEVICE float random_number(u64 seed, u64 index)
{
    return (float)(random_bits(seed, index) >> 40) * 0x1p-23f - 1;
}

extern "C" __global__ void fill_random(T *to, u64 n, u64 seed)
{
    EACH (i, n) {
        narrow(random_number(seed, i), to[i]);
    }
}

// The same numbers in matrices that are stored column by column.
extern "C" __global__ void fill_turned(T *to, u64 n, u64 seed, u64 rows, u64 cols)
{
    EACH (i, n) {
        const u64 place = i % (rows * cols);
        const u64 index = i - place + place % rows * cols + place / rows;
        narrow(random_number(seed, index), to[i]);
    }
}

// Rows of a table: random ones, or one after the other.
extern "C" __global__ void fill_indices(long long *to, u64 n, u64 seed, u64 rows,
                                        int random)
{
    EACH (i, n) {
        to[i] = (long long)((random ? random_bits(seed, i) : i) % rows);
    }
}

// What was poisoned and not written, or went wrong: no number, or more than any sum.
template <class C> DEVICE bool is_wrong(C x) { return x != x; }
template <> DEVICE bool is_wrong<int>(int x) { return x == 0x7f7f7f7f; }
extern "C" __global__ void count_wrong(const T *from, u64 n, u64 *count)
{
    u64 own = 0;
    EACH (i, n) {
        own += is_wrong(widen(from[i]));
    }
    if (own > 0) atomicAdd(count, own);
}

extern "C" __global__ void sample(const T *from, const u64 *index, u64 n, double *to)
{
    EACH (i, n) {
        to[i] = (double)widen(from[index[i]]);
    }
}

// Cycle counter of an SM beside the timer of the device: a block each, a few more
// than SMs, so that every SM has one.
extern "C" __global__ void read_clocks(long long *cycles, u64 *nanoseconds)
{
    u32 sm;
    u64 now;
    asm volatile("mov.u32 %0, %%smid;" : "=r"(sm));
    asm volatile("mov.u64 %0, %%globaltimer;" : "=l"(now));
    cycles[sm] = clock64();
    nanoseconds[sm] = now;
}

extern "C" __global__ void nothing() {}
