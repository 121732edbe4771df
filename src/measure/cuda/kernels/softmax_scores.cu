// SPDX-License-Identifier: MIT
// The second of three kernels of attention: scores of a query become weights, in
// place; with a mask a query sees the keys up to its own place, counted from the end.
// -D: T, WIDE, LANES; a row is read twice

typedef chunk<T, WIDE> vec;
enum { WARPS = LANES / 32 };

DEVICE float2 merge(float2 a, float2 b)
{
    const float most = fmaxf(a.x, b.x);
    return make_float2(most, a.y * exp2_fast(a.x - most) + b.y * exp2_fast(b.x - most));
}

// The largest of all lanes, and the sum of exponentials below it.
DEVICE float2 over_group(float2 x)
{
    __shared__ float2 part[WARPS];
#pragma unroll
    for (int i = 16; i > 0; i /= 2) {
        x = merge(x, make_float2(__shfl_xor_sync(0xffffffff, x.x, i),
                                 __shfl_xor_sync(0xffffffff, x.y, i)));
    }
    if (threadIdx.x % 32 == 0) part[threadIdx.x / 32] = x;
    __syncthreads();
    x = part[0];
#pragma unroll
    for (int i = 1; i < WARPS; i++) {
        x = merge(x, part[i]);
    }
    return x;
}

extern "C" __global__ void __launch_bounds__(LANES)
    softmax_scores(T *scores, int queries, int keys, int causal)
{
    const float log2e = 1.4426950408889634f;
    T *const row = scores + (u64)blockIdx.x * keys;
    const int query = blockIdx.x % queries;
    const int seen = causal ? query + 1 + keys - queries : keys;
    float2 x = make_float2(-1e30f, 0);
    for (int at = threadIdx.x * WIDE; at < seen; at += LANES * WIDE) {
        const vec in = *(const vec *)(row + at);
        float y[WIDE], most = x.x;
#pragma unroll
        for (int i = 0; i < WIDE; i++) {
            y[i] = at + i < seen ? widen(in.at[i]) * log2e : -1e30f;
            most = fmaxf(most, y[i]);
        }
        x.y *= exp2_fast(x.x - most);
        x.x = most;
#pragma unroll
        for (int i = 0; i < WIDE; i++) {
            x.y += exp2_fast(y[i] - most);
        }
    }
    x = over_group(x);
    const float part = 1 / x.y;
    for (int at = threadIdx.x * WIDE; at < keys; at += LANES * WIDE) {
        const vec in = *(const vec *)(row + at);
        vec out;
#pragma unroll
        for (int i = 0; i < WIDE; i++) {
            const float y =
                at + i < seen ? exp2_fast(widen(in.at[i]) * log2e - x.x) * part : 0;
            narrow(y, out.at[i]);
        }
        *(vec *)(row + at) = out;
    }
}
