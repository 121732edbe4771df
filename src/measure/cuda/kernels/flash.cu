// SPDX-License-Identifier: MIT
// Attention in one kernel: a work-group has Q queries of a head and walks over the
// keys, KV at a time, with a running maximum and sum (online softmax). Keys and
// values take turns on the way in: one comes while the other is multiplied.
// -D: T, D (head dimension), Q, KV, WARPS; SPLIT for one query of a head, whose keys
// are shared out among work-groups

enum {
    LANES = 32 * WARPS,
    ROWS = Q / WARPS / 16, // of 16 queries, of a warp
    CHUNKS = D / 8,
    ROW_BYTES = D * 2,
    Q_BYTES = Q * ROW_BYTES,
    KV_BYTES = KV * ROW_BYTES,
};

DEVICE u32 place(int row, int c)
{
    return row * ROW_BYTES + (c ^ (row & 7)) * 16;
}

template <int N>
DEVICE void copy_tile(u32 to, const T *from, int first, int rows)
{
#pragma unroll
    for (int i = threadIdx.x; i < N * CHUNKS; i += LANES) {
        const int row = i / CHUNKS, c = i % CHUNKS;
        const bool exists = first + row < rows;
        copy_async(to + place(row, c),
                   exists ? from + (u64)(first + row) * D + c * 8 : from, exists);
    }
}

// Scores of the warp's queries and all keys of the tile.
DEVICE void multiply_keys(float (&s)[ROWS][KV / 8][4], u32 queries, u32 keys)
{
    const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
#pragma unroll
    for (int k = 0; k < D / 16; k++) {
        u32 a[ROWS][4];
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            load_matrices(a[i], queries + place((warp * ROWS + i) * 16 + lane % 16,
                                                k * 2 + lane / 16));
        }
#pragma unroll
        for (int j = 0; j < KV / 8; j += 2) {
            u32 b[4];
            load_matrices(b, keys + place(j * 8 + lane % 8 + lane / 16 * 8,
                                          k * 2 + lane / 8 % 2));
#pragma unroll
            for (int i = 0; i < ROWS; i++) {
                multiply<T, float>(s[i][j], a[i], b[0], b[1]);
                multiply<T, float>(s[i][j + 1], a[i], b[2], b[3]);
            }
        }
    }
}

// Sums of the values, weighted by what the scores have become.
DEVICE void multiply_values(float (&o)[ROWS][D / 8][4],
                            const float (&p)[ROWS][KV / 8][4], u32 values)
{
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int k = 0; k < KV / 16; k++) {
        u32 a[ROWS][4];
#pragma unroll
        for (int i = 0; i < ROWS; i++) {
            a[i][0] = pack<T>(p[i][2 * k][0], p[i][2 * k][1]);
            a[i][1] = pack<T>(p[i][2 * k][2], p[i][2 * k][3]);
            a[i][2] = pack<T>(p[i][2 * k + 1][0], p[i][2 * k + 1][1]);
            a[i][3] = pack<T>(p[i][2 * k + 1][2], p[i][2 * k + 1][3]);
        }
#pragma unroll
        for (int j = 0; j < D / 8; j += 2) {
            u32 b[4];
            load_transposed(b, values + place(k * 16 + lane % 16, j + lane / 16));
#pragma unroll
            for (int i = 0; i < ROWS; i++) {
                multiply<T, float>(o[i][j], a[i], b[0], b[1]);
                multiply<T, float>(o[i][j + 1], a[i], b[2], b[3]);
            }
        }
    }
}

// What no query may see is far below all that it sees.
DEVICE void mask(float (&s)[ROWS][KV / 8][4], int first_key, int keys, int first_query,
                 int shift, bool causal)
{
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int j = 0; j < KV / 8; j++) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                const int key = first_key + j * 8 + lane % 4 * 2 + e % 2;
                const int query = first_query + i * 16 + lane / 4 + e / 2 * 8;
                if (key >= keys || (causal && key > query + shift)) s[i][j][e] = -1e30f;
            }
        }
    }
}

DEVICE float over_quad_max(float x)
{
    x = fmaxf(x, __shfl_xor_sync(0xffffffff, x, 1));
    return fmaxf(x, __shfl_xor_sync(0xffffffff, x, 2));
}
DEVICE float over_quad_sum(float x)
{
    x += __shfl_xor_sync(0xffffffff, x, 1);
    return x + __shfl_xor_sync(0xffffffff, x, 2);
}

// Scores become exponentials; what was summed under an older maximum shrinks.
DEVICE void soften(float (&s)[ROWS][KV / 8][4], float (&o)[ROWS][D / 8][4],
                   float (&most)[ROWS][2], float (&all)[ROWS][2], float scale)
{
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            float now = most[i][half];
#pragma unroll
            for (int j = 0; j < KV / 8; j++) {
                now = fmaxf(now, fmaxf(s[i][j][half * 2], s[i][j][half * 2 + 1]));
            }
            now = over_quad_max(now);
            const float shrink = exp2_fast((most[i][half] - now) * scale);
            const float below = now * scale;
            float sum = 0;
#pragma unroll
            for (int j = 0; j < KV / 8; j++) {
#pragma unroll
                for (int e = half * 2; e < half * 2 + 2; e++) {
                    s[i][j][e] = exp2_fast(s[i][j][e] * scale - below);
                    sum += s[i][j][e];
                }
            }
            all[i][half] = all[i][half] * shrink + sum;
            most[i][half] = now;
#pragma unroll
            for (int j = 0; j < D / 8; j++) {
                o[i][j][half * 2] *= shrink;
                o[i][j][half * 2 + 1] *= shrink;
            }
        }
    }
}

DEVICE void store(T *out, float (&o)[ROWS][D / 8][4], const float (&all)[ROWS][2],
                  int first_query, int queries)
{
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const float part = 1 / over_quad_sum(all[i][half]);
            const int query = first_query + i * 16 + lane / 4 + half * 8;
            if (query >= queries) continue;
#pragma unroll
            for (int j = 0; j < D / 8; j++) {
                *(u32 *)(out + (u64)query * D + j * 8 + lane % 4 * 2) =
                    pack<T>(o[i][j][half * 2] * part, o[i][j][half * 2 + 1] * part);
            }
        }
    }
}

// What a warp keeps of its queries: weighted values, largest scores, sums of weights.
struct running {
    float o[ROWS][D / 8][4], most[ROWS][2], all[ROWS][2];
};
struct tiles {
    u32 q, k, v;
};
DEVICE tiles cut(void *buffer)
{
    const u32 base = shared_address(buffer);
    return {base, base + Q_BYTES, base + Q_BYTES + KV_BYTES};
}

// Over the keys from `begin` to `end`; `first`: the warp's first query; `shift`: so many
// keys more does a query see than its place says. Queries and the first keys come.
DEVICE void walk(running &r, const tiles &at, const T *k, const T *v, int begin, int end,
                 int keys, int first, int shift, bool causal, float scale)
{
#pragma unroll
    for (int i = 0; i < ROWS; i++) {
        r.most[i][0] = r.most[i][1] = -1e30f;
        r.all[i][0] = r.all[i][1] = 0;
#pragma unroll
        for (int j = 0; j < D / 8; j++) {
            r.o[i][j][0] = r.o[i][j][1] = r.o[i][j][2] = r.o[i][j][3] = 0;
        }
    }
    for (int key = begin; key < end; key += KV) {
        copy_wait<0>();
        __syncthreads();
        copy_tile<KV>(at.v, v, key, keys);
        copy_commit();
        float s[ROWS][KV / 8][4] = {};
        multiply_keys(s, at.q, at.k);
        copy_wait<0>();
        __syncthreads();
        if (key + KV < end) copy_tile<KV>(at.k, k, key + KV, keys);
        copy_commit();
        if (key + KV > keys || (causal && key + KV > first + shift + 1)) {
            mask(s, key, keys, first, shift, causal);
        }
        soften(s, r.o, r.most, r.all, scale);
        multiply_values(r.o, s, at.v);
    }
}

#ifndef SPLIT
extern "C" __global__ void __launch_bounds__(LANES)
    flash(T *out, const T *q, const T *k, const T *v, int queries, int keys, int share,
          int causal, float scale)
{
    extern __shared__ __align__(128) char buffer[];
    const tiles at = cut(buffer);
    const int first = blockIdx.x * Q, head = blockIdx.y;
    const int own_first = first + threadIdx.x / 32 * ROWS * 16, shift = keys - queries;
    k += (u64)(head / share) * keys * D;
    v += (u64)(head / share) * keys * D;
    int end = keys;
    if (causal && first + Q + shift < end) end = first + Q + shift;
    copy_tile<Q>(at.q, q + (u64)head * queries * D, first, queries);
    copy_tile<KV>(at.k, k, 0, keys);
    copy_commit();
    running r;
    walk(r, at, k, v, 0, end, keys, own_first, shift, causal, scale);
    store(out + (u64)head * queries * D, r.o, r.all, own_first, queries);
}
#else
// What a part of the keys came to, not yet divided by the sum of its weights.
struct part {
    float o[D], most, all;
};
DEVICE void store_part(part *to, const running &r, int half)
{
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int j = 0; j < D / 8; j++) {
        *(float2 *)&to->o[j * 8 + lane % 4 * 2] =
            make_float2(r.o[0][j][half * 2], r.o[0][j][half * 2 + 1]);
    }
    if (lane % 4 == 0) {
        to->most = r.most[0][half];
        to->all = r.all[0][half];
    }
}

// A warp has the queries of all heads that use the same keys, up to 16, and EACH keys.
extern "C" __global__ void __launch_bounds__(LANES)
    flash_split(T *out, part *parts, const T *q, const T *k, const T *v, int queries,
                int keys, int each, float scale)
{
    extern __shared__ __align__(128) char buffer[];
    const tiles at = cut(buffer);
    const int head = blockIdx.y, lane = threadIdx.x % 32;
    const int begin = blockIdx.x * each;
    const int end = begin + each < keys ? begin + each : keys;
    k += (u64)head * keys * D;
    v += (u64)head * keys * D;
    copy_tile<Q>(at.q, q + (u64)head * queries * D, 0, queries);
    copy_tile<KV>(at.k, k, begin, end);
    copy_commit();
    running r;
    // For this warp there are no keys behind its own.
    walk(r, at, k, v, begin, end, end, 0, 0, false, scale);
    if (gridDim.x == 1) {
        store(out + (u64)head * queries * D, r.o, r.all, 0, queries);
        return;
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
        const int row = lane / 4 + half * 8;
        r.all[0][half] = over_quad_sum(r.all[0][half]);
        if (row >= queries) continue;
        store_part(parts + ((u64)head * queries + row) * gridDim.x + blockIdx.x, r,
                   half);
    }
}

// A lane a column: parts are weighted by their largest scores.
extern "C" __global__ void __launch_bounds__(D)
    combine(T *out, const part *parts, int n, float scale)
{
    parts += (u64)blockIdx.x * n;
    float most = -1e30f, sum = 0, all = 0;
    for (int i = 0; i < n; i++) {
        most = fmaxf(most, parts[i].most);
    }
    for (int i = 0; i < n; i++) {
        const float weight = exp2_fast((parts[i].most - most) * scale);
        sum += parts[i].o[threadIdx.x] * weight;
        all += parts[i].all * weight;
    }
    narrow(sum / all, out[(u64)blockIdx.x * D + threadIdx.x]);
}
#endif
