// SPDX-License-Identifier: MIT
// Bodies, all pairs: a lane has EACH of them in registers, all others pass by through
// shared memory, LANES at a time.
// -D: T, EACH

enum { LANES = 256 };

struct __align__(4 * sizeof(T)) body {
    T x, y, z, mass;
};

DEVICE double inverse_root(double x) { return rsqrt(x); }
DEVICE float inverse_root(float x)
{
    float y;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

DEVICE body load_body(const T *x, const T *y, const T *z, const T *mass, u64 i, u64 n)
{
    body b = {0, 0, 0, 0}; // what is not there has no mass
    if (i < n) b = {x[i], y[i], z[i], mass[i]};
    return b;
}

extern "C" __global__ void __launch_bounds__(LANES)
    bodies(T *out, const T *x, const T *y, const T *z, const T *mass, u64 n)
{
    __shared__ body passing[LANES];
    const u64 first = (u64)blockIdx.x * LANES * EACH + threadIdx.x;
    const T softening = (T)1e-2;
    body own[EACH];
    T pull[EACH][3] = {};
#pragma unroll
    for (int e = 0; e < EACH; e++) {
        own[e] = load_body(x, y, z, mass, first + e * LANES, n);
    }
    for (u64 from = 0; from < n; from += LANES) {
        passing[threadIdx.x] = load_body(x, y, z, mass, from + threadIdx.x, n);
        __syncthreads();
#pragma unroll 16
        for (int j = 0; j < LANES; j++) {
            const body b = passing[j];
#pragma unroll
            for (int e = 0; e < EACH; e++) {
                const T dx = b.x - own[e].x, dy = b.y - own[e].y, dz = b.z - own[e].z;
                const T root =
                    inverse_root(dx * dx + (dy * dy + (dz * dz + softening)));
                const T part = b.mass * root * (root * root);
                pull[e][0] += dx * part;
                pull[e][1] += dy * part;
                pull[e][2] += dz * part;
            }
        }
        __syncthreads();
    }
#pragma unroll
    for (int e = 0; e < EACH; e++) {
        const u64 i = first + e * LANES;
        if (i >= n) continue;
#pragma unroll
        for (int axis = 0; axis < 3; axis++) {
            out[axis * n + i] = pull[e][axis];
        }
    }
}
