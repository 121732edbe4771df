// SPDX-License-Identifier: MIT
// C = A B on the lanes, fp32: tiles of 128 x 128 x 8, a lane has 8 x 8 sums; the next
// step's operands wait in registers. Rows of A and B are read four elements at a time.
// -D: B_ROWS where B is stored as rows of columns (n x k)

enum { M = 128, N = 128, K = 8, LANES = 256, SIDE = 8, PAD = 4 };

// One operand's part of a step: the tile, and what waits to become it.
struct part {
    float4 waits;
    const float *from;
    u64 step;
    int left;   // elements of this row that are still to come, along k
    bool exists;
};

DEVICE void fetch(part &p)
{
    p.waits = p.exists && p.left > 0 ? *(const float4 *)p.from
                                     : make_float4(0, 0, 0, 0);
    p.from += p.step;
    p.left -= K;
}

// Two lanes a row, four elements along k each.
DEVICE part along_k(const float *from, u64 first, u64 rows, int k)
{
    const u64 row = first + threadIdx.x / 2;
    const int at = threadIdx.x % 2 * 4;
    return {{}, from + (row < rows ? row : 0) * k + at, K, k - at, row < rows};
}
DEVICE void put_along_k(const part &p, float (&tile)[K][M + PAD])
{
    const int row = threadIdx.x / 2, at = threadIdx.x % 2 * 4;
    tile[at][row] = p.waits.x;
    tile[at + 1][row] = p.waits.y;
    tile[at + 2][row] = p.waits.z;
    tile[at + 3][row] = p.waits.w;
}

// 32 lanes a row of k, four elements along n each.
DEVICE part along_n(const float *from, u64 first, u64 n, int k)
{
    const u64 col = first + threadIdx.x % 32 * 4;
    const int at = threadIdx.x / 32;
    return {{}, from + at * n + (col < n ? col : 0), K * n, k - at, col < n};
}
DEVICE void put_along_n(const part &p, float (&tile)[K][N + PAD])
{
    *(float4 *)&tile[threadIdx.x / 32][threadIdx.x % 32 * 4] = p.waits;
}

extern "C" __global__ void __launch_bounds__(LANES, 2)
    tiled(float *c, const float *a, const float *b, u64 m, u64 n, int k, u64 share,
          float scale)
{
    __shared__ __align__(16) float as[2][K][M + PAD], bs[2][K][N + PAD];
    const u64 first_m = (u64)blockIdx.y * M, first_n = (u64)blockIdx.x * N;
    const u64 item = blockIdx.z;
    part pa = along_k(a + item * m * k, first_m, m, k);
#ifdef B_ROWS
    part pb = along_k(b + item / share * n * k, first_n, n, k);
#define PUT_B put_along_k
#else
    part pb = along_n(b + item / share * n * k, first_n, n, k);
#define PUT_B put_along_n
#endif
    float sum[SIDE][SIDE] = {};
    // Halves of a lane's rows and columns lie 64 apart: 16 bytes at a time are free
    // of bank conflicts.
    const int y = threadIdx.x / 16 * 4, x = threadIdx.x % 16 * 4;
    fetch(pa);
    fetch(pb);
    put_along_k(pa, as[0]);
    PUT_B(pb, bs[0]);
    __syncthreads();
    for (int done = 0, now = 0; done < k; done += K, now ^= 1) {
        if (done + K < k) {
            fetch(pa);
            fetch(pb);
        }
#pragma unroll
        for (int kk = 0; kk < K; kk++) {
            float av[SIDE], bv[SIDE];
            *(float4 *)&av[0] = *(float4 *)&as[now][kk][y];
            *(float4 *)&av[4] = *(float4 *)&as[now][kk][y + 64];
            *(float4 *)&bv[0] = *(float4 *)&bs[now][kk][x];
            *(float4 *)&bv[4] = *(float4 *)&bs[now][kk][x + 64];
#pragma unroll
            for (int i = 0; i < SIDE; i++) {
#pragma unroll
                for (int j = 0; j < SIDE; j++) {
                    sum[i][j] += av[i] * bv[j];
                }
            }
        }
        if (done + K < k) {
            put_along_k(pa, as[now ^ 1]);
            PUT_B(pb, bs[now ^ 1]);
        }
        __syncthreads();
    }
#pragma unroll
    for (int i = 0; i < SIDE; i++) {
        const u64 row = first_m + y + i % 4 + i / 4 * 64;
        if (row >= m) continue;
#pragma unroll
        for (int j = 0; j < SIDE; j += 4) {
            const u64 col = first_n + x + j * 16;
            if (col >= n) continue;
            *(float4 *)(c + (item * m + row) * n + col) =
                make_float4(sum[i][j] * scale, sum[i][j + 1] * scale,
                            sum[i][j + 2] * scale, sum[i][j + 3] * scale);
        }
    }
}
