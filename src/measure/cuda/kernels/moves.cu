// SPDX-License-Identifier: MIT
// Elements to other places: transpose by tiles of 32 x 32, rows of a table by index.
// -D: T, and for gather WIDE elements of a vector and VECTORS of a row

enum { SIDE = 32, LINES = 8 };

// Lanes of a row of the grid lie along the columns of the input, then of the output.
extern "C" __global__ void __launch_bounds__(SIDE *LINES)
    transpose(T *out, const T *in, int rows, int cols)
{
    __shared__ T tile[SIDE][SIDE + 1];
    const int x = threadIdx.x % SIDE, y = threadIdx.x / SIDE;
    const int col = blockIdx.x * SIDE, row = blockIdx.y * SIDE;
#pragma unroll
    for (int i = 0; i < SIDE; i += LINES) {
        if (row + y + i < rows && col + x < cols) {
            tile[y + i][x] = in[(u64)(row + y + i) * cols + col + x];
        }
    }
    __syncthreads();
#pragma unroll
    for (int i = 0; i < SIDE; i += LINES) {
        if (col + y + i < cols && row + x < rows) {
            out[(u64)(col + y + i) * rows + row + x] = tile[x][y + i];
        }
    }
}

#ifdef WIDE
// A lane a vector of a row.
extern "C" __global__ void __launch_bounds__(256)
    gather(T *out, const T *table, const long long *index, u32 all)
{
    typedef chunk<T, WIDE> vec;
    const u32 at = blockIdx.x * 256 + threadIdx.x;
    if (at >= all) return;
    const u64 from = (u64)index[at / VECTORS] * VECTORS + at % VECTORS;
    ((vec *)out)[at] = ((const vec *)table)[from];
}
#endif
