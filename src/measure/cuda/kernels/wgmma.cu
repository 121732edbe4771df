// SPDX-License-Identifier: MIT
// C = A B by the matrix instruction of four warps (compute capability 9.0), 16-bit
// elements, fp32 sums. One warp brings steps of 64 elements by bulk copies of
// permuted boxes, STAGES deep; two groups of four warps multiply half of the rows
// each, straight from shared memory, and store through it.
// -D: T, TYPE (its name in the instruction), N, STAGES

enum {
    M = 128,
    K = 64,
    GROUPS = M / 64,
    LANES = 128 * (GROUPS + 1),
    BOX = 64,                      // columns of B that one box holds: 128 bytes
    A_BYTES = M * K * 2,
    BOX_BYTES = BOX * K * 2,
    STAGE_BYTES = A_BYTES + N * K * 2,
};

struct map { // CUtensorMap
    __align__(64) u64 words[16];
};

DEVICE void barrier_start(u32 at, int arrivals)
{
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(at), "r"(arrivals)
                 : "memory");
}
DEVICE void barrier_wait(u32 at, u32 phase)
{
    asm volatile("{\n.reg .pred done;\nwait:\n"
                 "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
                 "@!done bra wait;\n}\n" ::"r"(at),
                 "r"(phase)
                 : "memory");
}
DEVICE void barrier_arrive(u32 at)
{
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(at) : "memory");
}
DEVICE void barrier_expect(u32 at, int bytes)
{
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(at),
                 "r"(bytes)
                 : "memory");
}
DEVICE void copy_box(u32 to, const map *from, int x, int y, int item, u32 barrier)
{
    asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx"
                 "::bytes [%0], [%1, {%2, %3, %4}], [%5];" ::"r"(to),
                 "l"(from), "r"(x), "r"(y), "r"(item), "r"(barrier)
                 : "memory");
}

DEVICE void multiply_async(float (&d)[N / 2], u64 a, u64 b)
{
#if N == 256
    MULTIPLY_ASYNC("m64n256k16.f32." TYPE "." TYPE, 128, "f", ", 1, 1, 0, 1", d, a, b);
#else
    MULTIPLY_ASYNC("m64n128k16.f32." TYPE "." TYPE, 64, "f", ", 1, 1, 0, 1", d, a, b);
#endif
}

// Work-groups that follow one another share columns of A's tiles: GROUP of them lie
// above one another.
DEVICE void find_tile(int tiles_m, int tiles_n, int &m, int &n)
{
    const int GROUP = 16, all = GROUP * tiles_n;
    const int first = blockIdx.x / all * GROUP;
    const int rows = tiles_m - first < GROUP ? tiles_m - first : GROUP;
    m = first + (int)blockIdx.x % all % rows;
    n = (int)blockIdx.x % all / rows;
}

DEVICE void bring(const map *a, const map *b, u32 base, u32 full, u32 empty, int m,
                  int n, int item, int share, int steps)
{
    for (int step = 0; step < steps; step++) {
        const int slot = step % STAGES;
        const u32 phase = (u32)(step / STAGES) & 1, to = base + slot * STAGE_BYTES;
        barrier_wait(empty + slot * 8, phase ^ 1);
        barrier_expect(full + slot * 8, STAGE_BYTES);
        copy_box(to, a, step * K, m * M, item, full + slot * 8);
#pragma unroll
        for (int box = 0; box < N / BOX; box++) {
            copy_box(to + A_BYTES + box * BOX_BYTES, b, n * N + box * BOX, step * K,
                     item / share, full + slot * 8);
        }
    }
}

// Chunks of 16 bytes of a row are permuted, so that neither side conflicts.
DEVICE u32 place(int row, int c) { return (row * (N / 8) + (c ^ (row & 7))) * 16; }

// Through shared memory, so that rows are stored 16 bytes a lane.
DEVICE void store(T *c, const float (&sum)[N / 2], u32 buffer, u64 first_m, u64 first_n,
                  u64 rows, u64 cols, int group)
{
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32 % 4;
    // Both groups have read their last operands.
    asm volatile("bar.sync 1, %0;" ::"n"(128 * GROUPS) : "memory");
#pragma unroll
    for (int j = 0; j < N / 8; j++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const int row = group * 64 + warp * 16 + lane / 4 + half * 8;
            store_shared(buffer + place(row, j) + lane % 4 * 4,
                         pack<T>(sum[j * 4 + half * 2], sum[j * 4 + half * 2 + 1]));
        }
    }
    asm volatile("bar.sync 1, %0;" ::"n"(128 * GROUPS) : "memory");
#pragma unroll
    for (int i = threadIdx.x - 128; i < M * N / 8; i += 128 * GROUPS) {
        const u64 row = first_m + i / (N / 8), col = first_n + i % (N / 8) * 8;
        if (row < rows && col < cols) {
            *(uint4 *)(c + row * cols + col) =
                load_shared(buffer + place(i / (N / 8), i % (N / 8)));
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES, 1)
    product(T *c, u64 c_rows, u64 c_cols, int share, int steps,
            const __grid_constant__ map a, const __grid_constant__ map b)
{
    extern __shared__ __align__(1024) char buffer[];
    const u32 barriers = shared_address(buffer);
    const u32 base = (barriers + 16 * STAGES + 1023) & ~1023u;
    const u32 full = barriers, empty = barriers + 8 * STAGES;
    const int tiles_m = (int)((c_rows + M - 1) / M);
    const int tiles_n = (int)((c_cols + N - 1) / N);
    const int group = (int)threadIdx.x / 128 - 1, item = blockIdx.y;
    int m, n;
    find_tile(tiles_m, tiles_n, m, n);
    if (threadIdx.x == 0) {
        for (int i = 0; i < STAGES; i++) {
            barrier_start(full + i * 8, 1);
            barrier_start(empty + i * 8, GROUPS);
        }
        asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    }
    __syncthreads();
    if (group < 0) {
        asm volatile("setmaxnreg.dec.sync.aligned.u32 40;");
        if (threadIdx.x == 0) {
            bring(&a, &b, base, full, empty, m, n, item, share, steps);
        }
    } else {
        asm volatile("setmaxnreg.inc.sync.aligned.u32 232;");
        float sum[N / 2];
#pragma unroll
        for (int i = 0; i < N / 2; i++) {
            sum[i] = 0;
        }
        for (int step = 0; step < steps; step++) {
            const int slot = step % STAGES;
            barrier_wait(full + slot * 8, (u32)(step / STAGES) & 1);
            const u32 from = base + slot * STAGE_BYTES;
            fence();
#pragma unroll
            for (int k = 0; k < K / 16; k++) {
                multiply_async(sum,
                               describe(from + group * 64 * 128 + k * 32, 16, 1024),
                               describe(from + A_BYTES + k * 2048, BOX_BYTES, 1024));
            }
            commit();
            // The step before is done with: its slot is free.
            finish<1>();
            if (step > 0 && threadIdx.x % 128 == 0) {
                barrier_arrive(empty + (step - 1) % STAGES * 8);
            }
        }
        finish<0>();
        store(c + (u64)item * c_rows * c_cols, sum, base, (u64)m * M, (u64)n * N, c_rows,
              c_cols, group);
    }
}
