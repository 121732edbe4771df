// SPDX-License-Identifier: MIT
// Windows of an image, channels last: a lane a vector of channels of a result.
// -D: T, WIDE (elements of a vector), MAX or MEAN

typedef computed<T>::type C;
typedef chunk<T, WIDE> vec;

struct image {
    u32 all;     // vectors of the result
    u32 vectors; // of a pixel
    int height, width, out_height, out_width;
    int kernel_y, kernel_x, stride_y, stride_x, pad_y, pad_x;
};

extern "C" __global__ void __launch_bounds__(256)
    windows(vec *out, const vec *in, const __grid_constant__ image p)
{
    const u32 at = blockIdx.x * 256 + threadIdx.x;
    if (at >= p.all) return;
    const u32 pixel = at / p.vectors, own = at % p.vectors;
    const u32 line = pixel / (u32)p.out_width, image = line / (u32)p.out_height;
    const int x0 = (int)(pixel % (u32)p.out_width), y0 = (int)(line % (u32)p.out_height);
    in += (u64)image * p.height * p.width * p.vectors;
    C sum[WIDE];
#pragma unroll
    for (int i = 0; i < WIDE; i++) {
#ifdef MAX
        sum[i] = -1e30;
#else
        sum[i] = 0;
#endif
    }
    for (int i = 0; i < p.kernel_y; i++) {
        const int y = y0 * p.stride_y - p.pad_y + i;
        if ((u32)y >= (u32)p.height) continue;
        for (int j = 0; j < p.kernel_x; j++) {
            const int x = x0 * p.stride_x - p.pad_x + j;
            if ((u32)x >= (u32)p.width) continue;
            const vec v = in[((u64)y * p.width + x) * p.vectors + own];
#pragma unroll
            for (int e = 0; e < WIDE; e++) {
#ifdef MAX
                const C c = widen(v.at[e]);
                sum[e] = c > sum[e] ? c : sum[e];
#else
                sum[e] += widen(v.at[e]);
#endif
            }
        }
    }
    vec v;
#pragma unroll
    for (int e = 0; e < WIDE; e++) {
#ifdef MEAN
        sum[e] /= (C)(p.kernel_y * p.kernel_x);
#endif
        narrow(sum[e], v.at[e]);
    }
    out[at] = v;
}
