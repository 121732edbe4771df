// SPDX-License-Identifier: MIT
// C = A B by the matrix instruction of a warp. Steps of K elements come by asynchronous
// copies, STAGES deep; chunks of 16 bytes are permuted within a row, so that neither
// copies nor matrix loads conflict.
// -D: T, M, N, K, STAGES, WARPS_M, WARPS_N; B_ROWS where B is stored as rows of
// columns (n x k), as elements of a byte must be; CONV where A is unfolded from an image
// on the way (channels last); SCALED, BIAS, RELU: what becomes of the sums; POOL_Y,
// POOL_X: windows of pixels, of which the largest is kept

typedef product_of<T>::sum sum_t;
typedef product_of<T>::kept kept_t;

enum {
    LANES = 32 * WARPS_M * WARPS_N,
    WARP_M = M / WARPS_M,
    WARP_N = N / WARPS_N,
    TILES_M = WARP_M / 16,
    TILES_N = WARP_N / 8,
    CHUNK = 16 / (int)sizeof(T), // elements of 16 bytes
    STEP = 2 * CHUNK,            // of an instruction
    A_BYTES = M * K * (int)sizeof(T),
    B_BYTES = N * K * (int)sizeof(T),
    STAGE_BYTES = A_BYTES + B_BYTES,
    K_CHUNKS = K / CHUNK,
    N_CHUNKS = N / CHUNK,
    KEPT_CHUNK = 16 / (int)sizeof(kept_t),
    KEPT_CHUNKS = N / KEPT_CHUNK,
#ifdef POOL_Y
    WINDOW = POOL_Y * POOL_X, // rows of the tile that become one
#else
    WINDOW = 1,
#endif
};

struct problem {
    u64 m, n, share;
    int k;
    float scale;
    const T *bias;
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

// What a lane copies in each step: the same chunk of rows that lie apart, so that one
// address and a bit for each row are all that it keeps.
template <int ROWS, int CHUNKS> struct source {
    enum { APART = LANES / CHUNKS, EACH = ROWS / APART };
    const char *from;
    u64 row_bytes, step_bytes; // from row to row of the lane, from step to step
    u32 exists;                // bit j: row j of the lane does
};

// Rows of K elements: A, and B where it is stored so.
template <int ROWS>
DEVICE source<ROWS, K_CHUNKS> rows_source(const T *from, u64 first, u64 rows, int k)
{
    source<ROWS, K_CHUNKS> s;
    const u64 row = first + threadIdx.x / K_CHUNKS;
    s.from = (const char *)(from + row * k + threadIdx.x % K_CHUNKS * CHUNK);
    s.row_bytes = (u64)s.APART * k * sizeof(T);
    s.step_bytes = K * sizeof(T);
    s.exists = 0;
#pragma unroll
    for (int j = 0; j < s.EACH; j++) {
        s.exists |= (u32)(row + j * s.APART < rows) << j;
    }
    return s;
}
template <int ROWS>
DEVICE void copy_rows(u32 to, source<ROWS, K_CHUNKS> &s, int left)
{
    const u32 exists = (int)(threadIdx.x % K_CHUNKS) * CHUNK < left ? s.exists : 0;
#pragma unroll
    for (int j = 0; j < s.EACH; j++) {
        const int row = threadIdx.x / K_CHUNKS + j * s.APART;
        copy_async(to + place<K_CHUNKS>(row, threadIdx.x % K_CHUNKS),
                   s.from + j * s.row_bytes, exists >> j & 1);
    }
    s.from += s.step_bytes;
}

// Rows of N elements, one for each k.
DEVICE source<K, N_CHUNKS> columns_source(const T *from, u64 first, u64 n)
{
    source<K, N_CHUNKS> s;
    const u64 col = first + threadIdx.x % N_CHUNKS * CHUNK;
    s.from = (const char *)(from + (u64)(threadIdx.x / N_CHUNKS) * n + col);
    s.row_bytes = s.APART * n * sizeof(T);
    s.step_bytes = K * n * sizeof(T);
    s.exists = col < n;
    return s;
}
DEVICE void copy_columns(u32 to, source<K, N_CHUNKS> &s, int left)
{
#pragma unroll
    for (int j = 0; j < s.EACH; j++) {
        const int row = threadIdx.x / N_CHUNKS + j * s.APART;
        copy_async(to + place<N_CHUNKS>(row, threadIdx.x % N_CHUNKS),
                   s.from + j * s.row_bytes, s.exists && row < left);
    }
    s.from += s.step_bytes;
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
#ifdef POOL_Y
        // Pixels of a window follow one another.
        const u32 wide = p.out_width / POOL_X, high = p.out_height / POOL_Y;
        const u32 window = pixel / WINDOW, inside = pixel % WINDOW;
        const u32 y = window / wide % high * POOL_Y + inside / POOL_X;
        const u32 x = window % wide * POOL_X + inside % POOL_X;
#else
        const u32 y = pixel / p.out_width % p.out_height, x = pixel % p.out_width;
#endif
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

// Operands of the warp's rows and columns, of one step.
struct fragments {
    u32 a[TILES_M][4], b[TILES_N / 2][4];
};
DEVICE void load_fragments(fragments &f, u32 stage, int warp_m, int warp_n, int step)
{
    const int lane = threadIdx.x % 32;
#pragma unroll
    for (int i = 0; i < TILES_M; i++) {
        const int row = warp_m * WARP_M + i * 16 + lane % 16;
        load_matrices(f.a[i], stage + place<K_CHUNKS>(row, step * 2 + lane / 16));
    }
#pragma unroll
    for (int j = 0; j < TILES_N; j += 2) {
        const int col = warp_n * WARP_N + j * 8;
#ifdef B_ROWS
        const int row = col + lane % 8 + lane / 16 * 8;
        load_matrices(f.b[j / 2], stage + A_BYTES +
                                      place<K_CHUNKS>(row, step * 2 + lane / 8 % 2));
#else
        load_transposed(f.b[j / 2], stage + A_BYTES +
                                        place<N_CHUNKS>(step * 16 + lane % 16,
                                                        col / CHUNK + lane / 16));
#endif
    }
}
DEVICE void multiply_fragments(sum_t (&sum)[TILES_M][TILES_N][4], const fragments &f)
{
#pragma unroll
    for (int j = 0; j < TILES_N; j++) {
#pragma unroll
        for (int i = 0; i < TILES_M; i++) {
            multiply<T, sum_t>(sum[i][j], f.a[i], f.b[j / 2][j % 2 * 2],
                               f.b[j / 2][j % 2 * 2 + 1]);
        }
    }
}

// Two sums of a row are kept: finished, and side by side.
template <class H> DEVICE void keep(u32 to, const problem &, int x, int y, u64)
{
    store_shared(to, (u32)x, (u32)y);
}
template <class H>
DEVICE void keep(u32 to, const problem &p, float x, float y, u64 col)
{
#ifdef SCALED
    x *= p.scale;
    y *= p.scale;
#endif
#ifdef BIAS
    if (col < p.n) {
        x += widen(p.bias[col]);
        y += widen(p.bias[col + 1]);
    }
#endif
#ifdef RELU
    x = x > 0 ? x : 0;
    y = y > 0 ? y : 0;
#endif
    store_shared(to, pack<H>(x, y));
}

#ifdef POOL_Y
// The larger elements of two chunks.
DEVICE uint4 larger(uint4 a, uint4 b)
{
    kept_t x[KEPT_CHUNK], y[KEPT_CHUNK];
    *(uint4 *)x = a;
    *(uint4 *)y = b;
#pragma unroll
    for (int i = 0; i < KEPT_CHUNK; i++) {
        if (widen(y[i]) > widen(x[i])) x[i] = y[i];
    }
    return *(uint4 *)x;
}
#endif

// Chunk `c` of a row of the result, from the tile that is kept.
DEVICE uint4 load_kept(u32 buffer, int row, int c)
{
    uint4 x = load_shared(buffer + place<KEPT_CHUNKS>(row * WINDOW, c));
#ifdef POOL_Y
#pragma unroll
    for (int i = 1; i < WINDOW; i++) {
        x = larger(x, load_shared(buffer + place<KEPT_CHUNKS>(row * WINDOW + i, c)));
    }
#endif
    return x;
}

// Through shared memory, so that rows are stored 16 bytes a lane.
DEVICE void store(kept_t *c, const problem &p, const sum_t (&sum)[TILES_M][TILES_N][4],
                  u32 buffer, u64 first_m, u64 first_n, int warp_m, int warp_n)
{
    const int lane = threadIdx.x % 32;
    __syncthreads(); // the last operands were read
#pragma unroll
    for (int i = 0; i < TILES_M; i++) {
#pragma unroll
        for (int j = 0; j < TILES_N; j++) {
#pragma unroll
            for (int half = 0; half < 2; half++) {
                const int row = warp_m * WARP_M + i * 16 + lane / 4 + half * 8;
                const int own = j * 8 + lane % 4 * 2;
                const int at = warp_n * WARP_N / KEPT_CHUNK + own / KEPT_CHUNK;
                keep<kept_t>(buffer + place<KEPT_CHUNKS>(row, at) +
                                 own % KEPT_CHUNK * (int)sizeof(kept_t),
                             p, sum[i][j][half * 2], sum[i][j][half * 2 + 1],
                             first_n + warp_n * WARP_N + own);
            }
        }
    }
    __syncthreads();
#pragma unroll
    for (int i = threadIdx.x; i < M / WINDOW * KEPT_CHUNKS; i += LANES) {
        const u64 row = first_m / WINDOW + i / KEPT_CHUNKS,
                  col = first_n + i % KEPT_CHUNKS * KEPT_CHUNK;
        if (row < p.m / WINDOW && col < p.n) {
            *(uint4 *)(c + row * p.n + col) =
                load_kept(buffer, i / KEPT_CHUNKS, i % KEPT_CHUNKS);
        }
    }
}

extern "C" __global__ void __launch_bounds__(LANES)
    product(kept_t *c, const T *a, const T *b, const __grid_constant__ problem p)
{
    extern __shared__ __align__(128) char buffer[];
    const u32 base = shared_address(buffer);
    const u64 first_m = (u64)blockIdx.x * M, first_n = (u64)blockIdx.y * N;
    const u64 item = blockIdx.z;
    const T *const own_b = b + item / p.share * p.n * p.k;
    const int warp_m = threadIdx.x / 32 % WARPS_M, warp_n = threadIdx.x / 32 / WARPS_M;
    const int steps = (p.k + K - 1) / K;
    sum_t sum[TILES_M][TILES_N][4] = {};
#ifdef CONV
    const pixels at = find_pixels(p, first_m);
#define COPY_A(to, step) copy_image(to, a, p, at, (step)*K)
#else
    source<M, K_CHUNKS> from_a = rows_source<M>(a + item * p.m * p.k, first_m, p.m, p.k);
#define COPY_A(to, step) copy_rows<M>(to, from_a, p.k - (step)*K)
#endif
#ifdef B_ROWS
    source<N, K_CHUNKS> from_b = rows_source<N>(own_b, first_n, p.n, p.k);
#define COPY_B(to, step) copy_rows<N>(to, from_b, p.k - (step)*K)
#else
    source<K, N_CHUNKS> from_b = columns_source(own_b, first_n, p.n);
#define COPY_B(to, step) copy_columns(to, from_b, p.k - (step)*K)
#endif
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
        if (s < steps) {
            COPY_A(base + s * STAGE_BYTES, s);
            COPY_B(base + s * STAGE_BYTES + A_BYTES, s);
        }
        copy_commit();
    }
    // Fragments of the next step are loaded while these are multiplied.
    fragments f[2];
    int from = 0, to = STAGES - 1;
    copy_wait<STAGES - 2>();
    __syncthreads();
    load_fragments(f[0], base, warp_m, warp_n, 0);
    for (int step = 0; step < steps; step++) {
        const int next = from + 1 < STAGES ? from + 1 : 0;
#pragma unroll
        for (int k = 0; k < K / STEP; k++) {
            if (k == K / STEP - 1) {
                copy_wait<STAGES - 2>();
                __syncthreads();
            }
            load_fragments(f[(k + 1) % 2],
                           base + (k == K / STEP - 1 ? next : from) * STAGE_BYTES,
                           warp_m, warp_n, (k + 1) % (K / STEP));
            if (k == 0) {
                if (step + STAGES - 1 < steps) {
                    COPY_A(base + to * STAGE_BYTES, step + STAGES - 1);
                    COPY_B(base + to * STAGE_BYTES + A_BYTES, step + STAGES - 1);
                }
                copy_commit();
            }
            multiply_fragments(sum, f[k % 2]);
        }
        from = next;
        to = to + 1 < STAGES ? to + 1 : 0;
    }
    store(c + item * p.m * p.n, p, sum, base, first_m, first_n, warp_m, warp_n);
}
