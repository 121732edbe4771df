// SPDX-License-Identifier: MIT
// What all kernels share: element types, vectors of 16 bytes, asynchronous copies.
// It stands in front of each of them; T and the shapes of tiles come by -D.
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

struct bf16_t {
    u16 bits;
};
struct fp16_t {
    u16 bits;
};
struct fp8_t { // e4m3
    unsigned char bits;
};
typedef signed char int8_t;

#define DEVICE __device__ __forceinline__

DEVICE float widen(float x) { return x; }
DEVICE double widen(double x) { return x; }
DEVICE int widen(int x) { return x; }
DEVICE int widen(int8_t x) { return x; }
DEVICE float widen(bf16_t x) { return __uint_as_float((u32)x.bits << 16); }
DEVICE float widen(fp16_t x)
{
    float wide;
    asm("cvt.f32.f16 %0, %1;" : "=f"(wide) : "h"(x.bits));
    return wide;
}

#if __CUDA_ARCH__ >= 890
DEVICE float widen(fp8_t x)
{
    u32 both;
    asm("cvt.rn.f16x2.e4m3x2 %0, %1;" : "=r"(both) : "h"((u16)x.bits));
    const fp16_t first = {(u16)both};
    return widen(first);
}
#endif

DEVICE void narrow(float x, float &to) { to = x; }
DEVICE void narrow(float x, int &to) { to = (int)x; }
DEVICE void narrow(double x, double &to) { to = x; }
DEVICE void narrow(double x, float &to) { to = (float)x; }
DEVICE void narrow(float x, fp16_t &to)
{
    asm("cvt.rn.f16.f32 %0, %1;" : "=h"(to.bits) : "f"(x));
}
DEVICE void narrow(float x, bf16_t &to)
{
#if __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to.bits) : "f"(x));
#else
    u32 bits = __float_as_uint(x);
    bits += 0x7fff + (bits >> 16 & 1);
    to.bits = (u16)(bits >> 16);
#endif
}

#if __CUDA_ARCH__ >= 890
DEVICE void narrow(float x, fp8_t &to)
{
    u16 both;
    asm("cvt.rn.satfinite.e4m3x2.f32 %0, %1, %2;" : "=h"(both) : "f"(0.f), "f"(x));
    to.bits = (unsigned char)both;
}
#endif
// Of numbers in [-1, 1): all whole numbers of the type.
DEVICE void narrow(float x, int8_t &to) { to = (int8_t)floorf(128 * x); }

// Two elements of 16 bits in a register: the first in its lower half.
template <class H> DEVICE u32 pack(float first, float second);
#if __CUDA_ARCH__ >= 800
template <> DEVICE u32 pack<bf16_t>(float first, float second)
{
    u32 both;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(second), "f"(first));
    return both;
}
template <> DEVICE u32 pack<fp16_t>(float first, float second)
{
    u32 both;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(both) : "f"(second), "f"(first));
    return both;
}
#endif

// The type in which elements are computed with.
template <class E> struct computed {
    typedef float type;
};
template <> struct computed<double> {
    typedef double type;
};

// N elements that are loaded and stored as one: at most 16 bytes.
template <class E, int N> struct __align__(N * sizeof(E)) chunk {
    E at[N];
};

DEVICE float exp2_fast(float x)
{
    float y;
    asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

DEVICE u32 shared_address(const void *p) { return (u32)__cvta_generic_to_shared(p); }

DEVICE void store_shared(u32 to, u32 x)
{
    asm volatile("st.shared.b32 [%0], %1;" ::"r"(to), "r"(x) : "memory");
}
DEVICE void store_shared(u32 to, u32 x, u32 y)
{
    asm volatile("st.shared.v2.b32 [%0], {%1,%2};" ::"r"(to), "r"(x), "r"(y) : "memory");
}
DEVICE uint4 load_shared(u32 from)
{
    uint4 x;
    asm volatile("ld.shared.v4.b32 {%0,%1,%2,%3}, [%4];"
                 : "=r"(x.x), "=r"(x.y), "=r"(x.z), "=r"(x.w)
                 : "r"(from)
                 : "memory");
    return x;
}

#if __CUDA_ARCH__ >= 800
// 16 bytes from memory to shared memory; zeros where there is nothing to be read.
DEVICE void copy_async(u32 to, const void *from, bool exists)
{
    const int bytes = exists ? 16 : 0;
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from),
                 "r"(bytes)
                 : "memory");
}
DEVICE void copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int PENDING> DEVICE void copy_wait()
{
    asm volatile("cp.async.wait_group %0;" ::"n"(PENDING) : "memory");
}

// Four 8 x 8 matrices of 16 bits; a lane gives the address of one row of one of them.
DEVICE void load_matrices(u32 (&to)[4], u32 from)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(from)
                 : "memory");
}
DEVICE void load_transposed(u32 (&to)[4], u32 from)
{
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(from)
                 : "memory");
}

// c += a b of 16 x 8 and as many k as are 32 bytes.
template <class H, class C>
DEVICE void multiply(C (&c)[4], const u32 (&a)[4], u32 b0, u32 b1);
#define MULTIPLY(H, C, letter, name)                                                   \
    template <>                                                                        \
    DEVICE void multiply<H, C>(C(&c)[4], const u32(&a)[4], u32 b0, u32 b1)             \
    {                                                                                  \
        asm volatile("mma.sync.aligned." name                                          \
                     " {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"          \
                     : "+" letter(c[0]), "+" letter(c[1]), "+" letter(c[2]),           \
                       "+" letter(c[3])                                                \
                     : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));  \
    }
MULTIPLY(bf16_t, float, "f", "m16n8k16.row.col.f32.bf16.bf16.f32")
MULTIPLY(fp16_t, float, "f", "m16n8k16.row.col.f32.f16.f16.f32")
MULTIPLY(int8_t, int, "r", "m16n8k32.row.col.s32.s8.s8.s32")
#if __CUDA_ARCH__ >= 890
MULTIPLY(fp8_t, float, "f", "m16n8k32.row.col.f32.e4m3.e4m3.f32")
#endif
#endif

// What the products of a type are added to, and what is kept of the sums.
template <class E> struct product_of {
    typedef float sum;
    typedef E kept;
};
template <> struct product_of<fp8_t> {
    typedef float sum;
    typedef bf16_t kept;
};
template <> struct product_of<int8_t> {
    typedef int sum;
    typedef int kept;
};
