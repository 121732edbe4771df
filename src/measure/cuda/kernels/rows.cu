// SPDX-License-Identifier: MIT
// Rows that are held in registers: LANES lanes a row, ROWS rows a work-group, a lane
// has PER vectors of WIDE elements. Longer rows are read PASSES times.
// -D: T, WIDE, LANES, ROWS, PER, one of SOFTMAX LAYERNORM RMSNORM SUM MAX

typedef computed<T>::type C;
typedef chunk<T, WIDE> vec;
enum { WARPS = LANES / 32 };

struct maximum {
    static DEVICE C of(C a, C b) { return a > b ? a : b; }
};
struct total {
    static DEVICE C of(C a, C b) { return a + b; }
};

// Over the lanes of a row; all of them know the result.
template <class F> DEVICE C over_row(C x)
{
#pragma unroll
    for (int i = 16; i > 0; i /= 2) {
        x = F::of(x, __shfl_xor_sync(0xffffffff, x, i));
    }
    if (WARPS == 1) return x;
    __shared__ C part[32];
    const int warp = threadIdx.x / 32;
    __syncthreads(); // the parts of the step before were read
    if (threadIdx.x % 32 == 0) part[warp] = x;
    __syncthreads();
    x = part[threadIdx.x % WARPS];
#pragma unroll
    for (int i = WARPS / 2; i > 0; i /= 2) {
        x = F::of(x, __shfl_xor_sync(0xffffffff, x, i));
    }
    return x;
}

struct row {
    C x[PER][WIDE];
    u32 vectors; // of the row
    u32 lane;
};

#define EACH_ELEMENT(r, j, i)                                                          \
    _Pragma("unroll") for (int j = 0; j < PER; j++) if ((r).lane + j * LANES <         \
                                                        (r).vectors)                   \
        _Pragma("unroll") for (int i = 0; i < WIDE; i++)

DEVICE void load_row(row &r, const T *from)
{
    vec in[PER];
#pragma unroll
    for (int j = 0; j < PER; j++) {
        if (r.lane + j * LANES < r.vectors) {
            in[j] = ((const vec *)from)[r.lane + j * LANES];
        }
    }
    EACH_ELEMENT (r, j, i) {
        r.x[j][i] = widen(in[j].at[i]);
    }
}

DEVICE void store_row(const row &r, T *to)
{
#pragma unroll
    for (int j = 0; j < PER; j++) {
        if (r.lane + j * LANES < r.vectors) {
            vec out;
#pragma unroll
            for (int i = 0; i < WIDE; i++) {
                narrow(r.x[j][i], out.at[i]);
            }
            ((vec *)to)[r.lane + j * LANES] = out;
        }
    }
}

#if defined(SOFTMAX)
DEVICE void compute(row &r, const T *weight, const T *bias)
{
    const C log2e = (C)1.4426950408889634;
    C most = -1e30, all = 0;
    EACH_ELEMENT (r, j, i) {
        most = maximum::of(most, r.x[j][i]);
    }
    most = over_row<maximum>(most) * log2e;
    EACH_ELEMENT (r, j, i) {
        r.x[j][i] = exp2_fast(r.x[j][i] * log2e - most);
        all += r.x[j][i];
    }
    const C part = 1 / over_row<total>(all);
    EACH_ELEMENT (r, j, i) {
        r.x[j][i] *= part;
    }
}
#elif defined(LAYERNORM)
DEVICE void compute(row &r, const T *weight, const T *bias)
{
    const C share = (C)1 / (r.vectors * WIDE);
    C sum = 0, squares = 0;
    EACH_ELEMENT (r, j, i) {
        sum += r.x[j][i];
    }
    const C mean = over_row<total>(sum) * share;
    EACH_ELEMENT (r, j, i) {
        r.x[j][i] -= mean;
        squares += r.x[j][i] * r.x[j][i];
    }
    const C root = rsqrt(over_row<total>(squares) * share + (C)1e-5);
#pragma unroll
    for (int j = 0; j < PER; j++) {
        if (r.lane + j * LANES >= r.vectors) continue;
        const vec w = ((const vec *)weight)[r.lane + j * LANES];
        const vec b = ((const vec *)bias)[r.lane + j * LANES];
#pragma unroll
        for (int i = 0; i < WIDE; i++) {
            r.x[j][i] = r.x[j][i] * root * widen(w.at[i]) + widen(b.at[i]);
        }
    }
}
#elif defined(RMSNORM)
DEVICE void compute(row &r, const T *weight, const T *bias)
{
    C squares = 0;
    EACH_ELEMENT (r, j, i) {
        squares += r.x[j][i] * r.x[j][i];
    }
    const C root =
        rsqrt(over_row<total>(squares) * ((C)1 / (r.vectors * WIDE)) + (C)1e-5);
#pragma unroll
    for (int j = 0; j < PER; j++) {
        if (r.lane + j * LANES >= r.vectors) continue;
        const vec w = ((const vec *)weight)[r.lane + j * LANES];
#pragma unroll
        for (int i = 0; i < WIDE; i++) {
            r.x[j][i] *= root * widen(w.at[i]);
        }
    }
}
#endif

#if defined(SUM) || defined(MAX)
#ifdef SUM
typedef total fold;
#else
typedef maximum fold;
#endif
// A lane has PER vectors under way, as often as the row asks for it.
extern "C" __global__ void __launch_bounds__(LANES *ROWS)
    rows(T *out, const T *in, const T *weight, const T *bias, u64 n_rows, u32 cols)
{
    const u64 index = (u64)blockIdx.x * ROWS + threadIdx.x / LANES;
    if (index >= n_rows) return;
    const vec *from = (const vec *)(in + index * cols);
    const u32 vectors = cols / WIDE, lane = threadIdx.x % LANES;
#ifdef SUM
    C x = 0;
#else
    C x = -1e30;
#endif
    for (u32 at = lane; at < vectors; at += PER * LANES) {
        vec v[PER];
#pragma unroll
        for (int j = 0; j < PER; j++) {
            if (at + j * LANES < vectors) v[j] = from[at + j * LANES];
        }
#pragma unroll
        for (int j = 0; j < PER; j++) {
            if (at + j * LANES >= vectors) continue;
#pragma unroll
            for (int i = 0; i < WIDE; i++) {
                x = fold::of(x, widen(v[j].at[i]));
            }
        }
    }
    x = over_row<fold>(x);
    if (lane == 0) narrow(x, out[index]);
}
#else
extern "C" __global__ void __launch_bounds__(LANES *ROWS)
    rows(T *out, const T *in, const T *weight, const T *bias, u64 n_rows, u32 cols)
{
    const u64 index = (u64)blockIdx.x * ROWS + threadIdx.x / LANES;
    if (index >= n_rows) return;
    row r;
    r.vectors = cols / WIDE;
    r.lane = threadIdx.x % LANES;
    load_row(r, in + index * cols);
    compute(r, weight, bias);
    store_row(r, out + index * cols);
}
#endif
