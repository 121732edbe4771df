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

// What the instruction is told of a tile: rows of 128 bytes, permuted in groups of
// eight. `along`: from one box of columns to the next; `rows`: from group to group.
DEVICE u64 describe(u32 at, u64 along, u64 rows)
{
    return (u64)((at & 0x3ffff) >> 4) | along >> 4 << 16 | rows >> 4 << 32 | 1ull << 62;
}

// Registers of the sums belong to the instructions from the first fence on.
DEVICE void fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
DEVICE void commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int PENDING> DEVICE void finish()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(PENDING) : "memory");
}

// clang-format off
#if N == 256
DEVICE void multiply_async(float (&d)[N / 2], u64 a, u64 b, int add)
{
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
                 "wgmma.mma_async.sync.aligned.m64n256k16.f32." TYPE "." TYPE " {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
                 "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
                 "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
                 "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
                 "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
                 "}, %128, %129, p, 1, 1, 0, 1;\n}\n"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]),
                   "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15]),
                   "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]),
                   "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31]),
                   "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35]), "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39]),
                   "+f"(d[40]), "+f"(d[41]), "+f"(d[42]), "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]),
                   "+f"(d[48]), "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55]),
                   "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), "+f"(d[63]),
                   "+f"(d[64]), "+f"(d[65]), "+f"(d[66]), "+f"(d[67]), "+f"(d[68]), "+f"(d[69]), "+f"(d[70]), "+f"(d[71]),
                   "+f"(d[72]), "+f"(d[73]), "+f"(d[74]), "+f"(d[75]), "+f"(d[76]), "+f"(d[77]), "+f"(d[78]), "+f"(d[79]),
                   "+f"(d[80]), "+f"(d[81]), "+f"(d[82]), "+f"(d[83]), "+f"(d[84]), "+f"(d[85]), "+f"(d[86]), "+f"(d[87]),
                   "+f"(d[88]), "+f"(d[89]), "+f"(d[90]), "+f"(d[91]), "+f"(d[92]), "+f"(d[93]), "+f"(d[94]), "+f"(d[95]),
                   "+f"(d[96]), "+f"(d[97]), "+f"(d[98]), "+f"(d[99]), "+f"(d[100]), "+f"(d[101]), "+f"(d[102]), "+f"(d[103]),
                   "+f"(d[104]), "+f"(d[105]), "+f"(d[106]), "+f"(d[107]), "+f"(d[108]), "+f"(d[109]), "+f"(d[110]), "+f"(d[111]),
                   "+f"(d[112]), "+f"(d[113]), "+f"(d[114]), "+f"(d[115]), "+f"(d[116]), "+f"(d[117]), "+f"(d[118]), "+f"(d[119]),
                   "+f"(d[120]), "+f"(d[121]), "+f"(d[122]), "+f"(d[123]), "+f"(d[124]), "+f"(d[125]), "+f"(d[126]), "+f"(d[127])
                 : "l"(a), "l"(b), "r"(add));
}
#endif
#if N == 128
DEVICE void multiply_async(float (&d)[N / 2], u64 a, u64 b, int add)
{
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
                 "wgmma.mma_async.sync.aligned.m64n128k16.f32." TYPE "." TYPE " {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63"
                 "}, %64, %65, p, 1, 1, 0, 1;\n}\n"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3]), "+f"(d[4]), "+f"(d[5]), "+f"(d[6]), "+f"(d[7]),
                   "+f"(d[8]), "+f"(d[9]), "+f"(d[10]), "+f"(d[11]), "+f"(d[12]), "+f"(d[13]), "+f"(d[14]), "+f"(d[15]),
                   "+f"(d[16]), "+f"(d[17]), "+f"(d[18]), "+f"(d[19]), "+f"(d[20]), "+f"(d[21]), "+f"(d[22]), "+f"(d[23]),
                   "+f"(d[24]), "+f"(d[25]), "+f"(d[26]), "+f"(d[27]), "+f"(d[28]), "+f"(d[29]), "+f"(d[30]), "+f"(d[31]),
                   "+f"(d[32]), "+f"(d[33]), "+f"(d[34]), "+f"(d[35]), "+f"(d[36]), "+f"(d[37]), "+f"(d[38]), "+f"(d[39]),
                   "+f"(d[40]), "+f"(d[41]), "+f"(d[42]), "+f"(d[43]), "+f"(d[44]), "+f"(d[45]), "+f"(d[46]), "+f"(d[47]),
                   "+f"(d[48]), "+f"(d[49]), "+f"(d[50]), "+f"(d[51]), "+f"(d[52]), "+f"(d[53]), "+f"(d[54]), "+f"(d[55]),
                   "+f"(d[56]), "+f"(d[57]), "+f"(d[58]), "+f"(d[59]), "+f"(d[60]), "+f"(d[61]), "+f"(d[62]), "+f"(d[63])
                 : "l"(a), "l"(b), "r"(add));
}
#endif
// clang-format on

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
                               describe(from + A_BYTES + k * 2048, BOX_BYTES, 1024), 1);
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
