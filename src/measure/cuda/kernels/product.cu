// SPDX-License-Identifier: MIT
// C = A B by the matrix instruction of a warp, 16-bit elements, fp32 sums. Steps of
// K elements come by asynchronous copies, STAGES deep; chunks of 16 bytes are
// permuted within a row, so that neither copies nor matrix loads conflict.
// -D: T, M, N, K, STAGES, WARPS_M, WARPS_N; B_ROWS where B is stored as rows of
// columns (n x k); CONV where A is unfolded from an image on the way (channels last)

enum {
    LANES = 32 * WARPS_M * WARPS_N,
    WARP_M = M / WARPS_M,
    WARP_N = N / WARPS_N,
    TILES_M = WARP_M / 16,
    TILES_N = WARP_N / 8,
    CHUNK = 8,                  // elements of 16 bytes
    A_BYTES = M * K * 2,
    B_BYTES = N * K * 2,
    STAGE_BYTES = A_BYTES + B_BYTES,
    K_CHUNKS = K / CHUNK,
    N_CHUNKS = N / CHUNK,
};

struct problem {
    u64 m, n, share;
    int k;
    float scale;
    const T *bias; // NULL: none
    int relu;
    // The image, for CONV: channels last; weights are [tap][channel][n].
    int height, width, channels, out_height, out_width, kernel_width;
    int stride_y, stride_x, pad_y, pad_x, dilation_y, dilation_x;
};

// Where chunk `c` of row `row` lies in a tile whose rows have `chunks` of them.
template <int CHUNKS> DEVICE u32 place(int row, int c)
{
    const int mask = CHUNKS < 8 ? CHUNKS - 1 : 7;
    const int turn = CHUNKS < 8 ? row / (8 / CHUNKS) : row;
    return (row * CHUNKS + (c ^ (turn & mask))) * 16;
}

// Rows of K elements: A, and B where it is stored so.
template <int ROWS>
DEVICE void copy_rows(u32 to, const T *from, u64 first, u64 rows, int done, int k)
{
#pragma unroll
    for (int i = threadIdx.x; i < ROWS * K_CHUNKS; i += LANES) {
        const int row = i / K_CHUNKS, c = i % K_CHUNKS;
        const int at = done + c * CHUNK;
        const bool exists = first + row < rows && at < k;
        copy_async(to + place<K_CHUNKS>(row, c),
                   exists ? from + (first + row) * k + at : from, exists);
    }
}

// Rows of N elements, one for each k.
DEVICE void copy_columns(u32 to, const T *from, u64 first, u64 n, int done, int k)
{
#pragma unroll
    for (int i = threadIdx.x; i < K * N_CHUNKS; i += LANES) {
        const int row = i / N_CHUNKS, c = i % N_CHUNKS;
        const u64 at = first + c * CHUNK;
        const bool exists = at < n && done + row < k;
        copy_async(to + place<N_CHUNKS>(row, c),
                   exists ? from + (u64)(done + row) * n + at : from, exists);
    }
}

#ifdef CONV
// A lane copies the same chunk of some pixels in each step: their places are kept.
enum { PIXELS = M * K_CHUNKS / LANES };
struct pixels {
    int base[PIXELS]; // of the image, in elements
    int y[PIXELS], x[PIXELS];
};
DEVICE pixels find_pixels(const problem &p, u64 first)
{
    pixels at;
#pragma unroll
    for (int j = 0; j < PIXELS; j++) {
        const u32 pixel = (u32)first + (threadIdx.x + j * LANES) / K_CHUNKS;
        const u32 image = pixel / (p.out_height * p.out_width);
        const u32 y = pixel / p.out_width % p.out_height, x = pixel % p.out_width;
        at.base[j] = (int)(image * p.height * p.width * p.channels);
        // What lies behind the last pixel is read from nowhere.
        at.y[j] = pixel < p.m ? (int)y * p.stride_y - p.pad_y : -(1 << 20);
        at.x[j] = (int)x * p.stride_x - p.pad_x;
    }
    return at;
}
DEVICE void copy_image(u32 to, const T *image, const problem &p, const pixels &at,
                       int done)
{
    const int element = done + threadIdx.x % K_CHUNKS * CHUNK;
    const u32 tap = (u32)element / p.channels, channel = (u32)element % p.channels;
    const int dy = (int)(tap / p.kernel_width) * p.dilation_y;
    const int dx = (int)(tap % p.kernel_width) * p.dilation_x;
#pragma unroll
    for (int j = 0; j < PIXELS; j++) {
        const int row = (threadIdx.x + j * LANES) / K_CHUNKS;
        const int y = at.y[j] + dy, x = at.x[j] + dx;
        const bool exists = element < p.k && (u32)y < (u32)p.height &&
                            (u32)x < (u32)p.width;
        const int from = at.base[j] + (y * p.width + x) * p.channels + (int)channel;
        copy_async(to + place<K_CHUNKS>(row, threadIdx.x % K_CHUNKS),
                   exists ? image + from : image, exists);
    }
}
#endif

// 16 elements of k of the warp's rows and columns, multiplied.
DEVICE void multiply_step(float (&sum)[TILES_M][TILES_N][4], u32 stage, int warp_m,
                          int warp_n, int k16)
{
    const int lane = threadIdx.x % 32;
    u32 a[TILES_M][4];
#pragma unroll
    for (int i = 0; i < TILES_M; i++) {
        const int row = warp_m * WARP_M + i * 16 + lane % 16;
        load_matrices(a[i], stage + place<K_CHUNKS>(row, k16 * 2 + lane / 16));
    }
#pragma unroll
    for (int j = 0; j < TILES_N; j += 2) {
        u32 b[4];
        const int col = warp_n * WARP_N + j * 8;
#ifdef B_ROWS
        const int row = col + lane % 8 + lane / 16 * 8;
        load_matrices(b, stage + A_BYTES +
                             place<K_CHUNKS>(row, k16 * 2 + lane / 8 % 2));
#else
        load_transposed(b, stage + A_BYTES +
                               place<N_CHUNKS>(k16 * 16 + lane % 16,
                                               col / CHUNK + lane / 16));
#endif
#pragma unroll
        for (int i = 0; i < TILES_M; i++) {
            multiply<T>(sum[i][j], a[i], b[0], b[1]);
            multiply<T>(sum[i][j + 1], a[i], b[2], b[3]);
        }
    }
}

DEVICE void store(T *c, const problem &p, const float (&sum)[TILES_M][TILES_N][4],
                  u64 first_m, u64 first_n)
{
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < TILES_M; i++) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
            const u64 row = first_m + i * 16 + lane / 4 + half * 8;
            if (row >= p.m) continue;
#pragma unroll
            for (int j = 0; j < TILES_N; j++) {
                const u64 col = first_n + j * 8 + lane % 4 * 2;
                if (col >= p.n) continue;
                float x = sum[i][j][half * 2] * p.scale;
                float y = sum[i][j][half * 2 + 1] * p.scale;
                if (p.bias) {
                    x += widen(p.bias[col]);
                    y += widen(p.bias[col + 1]);
                }
                if (p.relu) {
                    x = x > 0 ? x : 0;
                    y = y > 0 ? y : 0;
                }
                *(u32 *)(c + row * p.n + col) = pack<T>(x, y);
            }
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES)
    product(T *c, const T *a, const T *b, const __grid_constant__ problem p)
{
    extern __shared__ __align__(128) char buffer[];
    const u32 base = shared_address(buffer);
    const u64 first_m = (u64)blockIdx.x * M, first_n = (u64)blockIdx.y * N;
    const u64 item = blockIdx.z;
    const T *const own_b = b + item / p.share * p.n * p.k;
    const int warp_m = threadIdx.x / 32 % WARPS_M, warp_n = threadIdx.x / 32 / WARPS_M;
    const int steps = (p.k + K - 1) / K;
    float sum[TILES_M][TILES_N][4] = {};
#ifdef CONV
    const pixels at = find_pixels(p, first_m);
#define COPY_A(to, done) copy_image(to, a, p, at, done)
#else
    const T *const own_a = a + item * p.m * p.k;
#define COPY_A(to, done) copy_rows<M>(to, own_a, first_m, p.m, done, p.k)
#endif
#ifdef B_ROWS
#define COPY_B(to, done) copy_rows<N>(to, own_b, first_n, p.n, done, p.k)
#else
#define COPY_B(to, done) copy_columns(to, own_b, first_n, p.n, done, p.k)
#endif
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) {
            COPY_A(base + s * STAGE_BYTES, s * K);
            COPY_B(base + s * STAGE_BYTES + A_BYTES, s * K);
        }
        copy_commit();
    }
    int from = 0, to = STAGES - 1;
    for (int step = 0; step < steps; step++) {
        copy_wait<STAGES - 2>();
        __syncthreads();
        if (step + STAGES - 1 < steps) {
            COPY_A(base + to * STAGE_BYTES, (step + STAGES - 1) * K);
            COPY_B(base + to * STAGE_BYTES + A_BYTES, (step + STAGES - 1) * K);
        }
        copy_commit();
#pragma unroll
        for (int k16 = 0; k16 < K / 16; k16++) {
            multiply_step(sum, base + from * STAGE_BYTES, warp_m, warp_n, k16);
        }
        from = from + 1 < STAGES ? from + 1 : 0;
        to = to + 1 < STAGES ? to + 1 : 0;
    }
    store(c + item * p.m * p.n, p, sum, first_m + warp_m * WARP_M,
          first_n + warp_n * WARP_N);
}
