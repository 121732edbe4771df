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

DEVICE u64 describe(u32 at)
{
    return (u64)((at & 0x3ffff) >> 4) | 1ull << 16 | (u64)(1024 >> 4) << 32 | 1ull << 62;
}

// clang-format off
DEVICE void multiply_async(CTYPE (&d)[N / 2], u64 a, u64 b)
{
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, 1, 0;\n"
                 "wgmma.mma_async.sync.aligned." NAME " {"
                 "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
                 "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
                 "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
                 "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
                 "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
                 "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
                 "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
                 "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127"
                 "}, %128, %129, p" SCALES ";\n}\n"
                 : "+" LETTER(d[0]), "+" LETTER(d[1]), "+" LETTER(d[2]), "+" LETTER(d[3]), "+" LETTER(d[4]), "+" LETTER(d[5]), "+" LETTER(d[6]), "+" LETTER(d[7]),
                   "+" LETTER(d[8]), "+" LETTER(d[9]), "+" LETTER(d[10]), "+" LETTER(d[11]), "+" LETTER(d[12]), "+" LETTER(d[13]), "+" LETTER(d[14]), "+" LETTER(d[15]),
                   "+" LETTER(d[16]), "+" LETTER(d[17]), "+" LETTER(d[18]), "+" LETTER(d[19]), "+" LETTER(d[20]), "+" LETTER(d[21]), "+" LETTER(d[22]), "+" LETTER(d[23]),
                   "+" LETTER(d[24]), "+" LETTER(d[25]), "+" LETTER(d[26]), "+" LETTER(d[27]), "+" LETTER(d[28]), "+" LETTER(d[29]), "+" LETTER(d[30]), "+" LETTER(d[31]),
                   "+" LETTER(d[32]), "+" LETTER(d[33]), "+" LETTER(d[34]), "+" LETTER(d[35]), "+" LETTER(d[36]), "+" LETTER(d[37]), "+" LETTER(d[38]), "+" LETTER(d[39]),
                   "+" LETTER(d[40]), "+" LETTER(d[41]), "+" LETTER(d[42]), "+" LETTER(d[43]), "+" LETTER(d[44]), "+" LETTER(d[45]), "+" LETTER(d[46]), "+" LETTER(d[47]),
                   "+" LETTER(d[48]), "+" LETTER(d[49]), "+" LETTER(d[50]), "+" LETTER(d[51]), "+" LETTER(d[52]), "+" LETTER(d[53]), "+" LETTER(d[54]), "+" LETTER(d[55]),
                   "+" LETTER(d[56]), "+" LETTER(d[57]), "+" LETTER(d[58]), "+" LETTER(d[59]), "+" LETTER(d[60]), "+" LETTER(d[61]), "+" LETTER(d[62]), "+" LETTER(d[63]),
                   "+" LETTER(d[64]), "+" LETTER(d[65]), "+" LETTER(d[66]), "+" LETTER(d[67]), "+" LETTER(d[68]), "+" LETTER(d[69]), "+" LETTER(d[70]), "+" LETTER(d[71]),
                   "+" LETTER(d[72]), "+" LETTER(d[73]), "+" LETTER(d[74]), "+" LETTER(d[75]), "+" LETTER(d[76]), "+" LETTER(d[77]), "+" LETTER(d[78]), "+" LETTER(d[79]),
                   "+" LETTER(d[80]), "+" LETTER(d[81]), "+" LETTER(d[82]), "+" LETTER(d[83]), "+" LETTER(d[84]), "+" LETTER(d[85]), "+" LETTER(d[86]), "+" LETTER(d[87]),
                   "+" LETTER(d[88]), "+" LETTER(d[89]), "+" LETTER(d[90]), "+" LETTER(d[91]), "+" LETTER(d[92]), "+" LETTER(d[93]), "+" LETTER(d[94]), "+" LETTER(d[95]),
                   "+" LETTER(d[96]), "+" LETTER(d[97]), "+" LETTER(d[98]), "+" LETTER(d[99]), "+" LETTER(d[100]), "+" LETTER(d[101]), "+" LETTER(d[102]), "+" LETTER(d[103]),
                   "+" LETTER(d[104]), "+" LETTER(d[105]), "+" LETTER(d[106]), "+" LETTER(d[107]), "+" LETTER(d[108]), "+" LETTER(d[109]), "+" LETTER(d[110]), "+" LETTER(d[111]),
                   "+" LETTER(d[112]), "+" LETTER(d[113]), "+" LETTER(d[114]), "+" LETTER(d[115]), "+" LETTER(d[116]), "+" LETTER(d[117]), "+" LETTER(d[118]), "+" LETTER(d[119]),
                   "+" LETTER(d[120]), "+" LETTER(d[121]), "+" LETTER(d[122]), "+" LETTER(d[123]), "+" LETTER(d[124]), "+" LETTER(d[125]), "+" LETTER(d[126]), "+" LETTER(d[127])
                 : "l"(a), "l"(b));
}
// clang-format on

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
        asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
#pragma unroll
        for (int k = 0; k < 4; k++) {
            multiply_async(sum, describe(base + k * 32), describe(base + A_BYTES + k * 32));
        }
        asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
        asm volatile("wgmma.wait_group.sync.aligned 0;" ::: "memory");
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
