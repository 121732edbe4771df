// SPDX-License-Identifier: MIT
// What programs of the matrix instruction of four warps share (compute capability 9.0).
// It stands behind common.cu in front of each program; where it is not used it is
// nothing but macros and functions that nobody calls.

// Names of operands: ten of them, by their leading digits.
#define TEN(t)                                                                         \
    "%" #t "0, %" #t "1, %" #t "2, %" #t "3, %" #t "4, %" #t "5, %" #t "6, %" #t      \
    "7, %" #t "8, %" #t "9, "
#define FIFTY(a, b, c, d, e) TEN(a) TEN(b) TEN(c) TEN(d) TEN(e)
#define NAMES_64 FIFTY(, 1, 2, 3, 4) TEN(5) "%60, %61, %62, %63"
#define NAMES_128                                                                      \
    FIFTY(, 1, 2, 3, 4) FIFTY(5, 6, 7, 8, 9) TEN(10) TEN(11)                           \
        "%120, %121, %122, %123, %124, %125, %126, %127"
// Descriptions of A and B are the operands behind them.
#define FACTORS_64  "%64, %65"
#define FACTORS_128 "%128, %129"

// The registers of the sums, from the i-th on.
#define SUMS_4(letter, d, i)                                                           \
    "+" letter(d[i]), "+" letter(d[(i) + 1]), "+" letter(d[(i) + 2]),                  \
        "+" letter(d[(i) + 3])
#define SUMS_16(letter, d, i)                                                          \
    SUMS_4(letter, d, i), SUMS_4(letter, d, (i) + 4), SUMS_4(letter, d, (i) + 8),      \
        SUMS_4(letter, d, (i) + 12)
#define SUMS_64_FROM(letter, d, i)                                                     \
    SUMS_16(letter, d, i), SUMS_16(letter, d, (i) + 16), SUMS_16(letter, d, (i) + 32), \
        SUMS_16(letter, d, (i) + 48)
#define SUMS_64(letter, d)  SUMS_64_FROM(letter, d, 0)
#define SUMS_128(letter, d) SUMS_64_FROM(letter, d, 0), SUMS_64_FROM(letter, d, 64)

// d += A B, done when its group is. `name`: shape and types; `sums`: registers of d, of
// which `letter` is the kind; `scales`: operands behind the predicate.
#define MULTIPLY_ASYNC(name, sums, letter, scales, d, a, b)                            \
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, 1, 0;\n"                            \
                 "wgmma.mma_async.sync.aligned." name " {" NAMES_##sums                \
                 "}, " FACTORS_##sums ", p" scales ";\n}\n"                            \
                 : SUMS_##sums(letter, d)                                              \
                 : "l"(a), "l"(b))

// What the instruction is told of a tile: rows of 128 bytes, permuted in groups of
// eight. `along`: from one box of columns to the next; `rows`: from group to group.
DEVICE u64 describe(u32 at, u64 along, u64 rows)
{
    return (u64)((at & 0x3ffff) >> 4) | along >> 4 << 16 | rows >> 4 << 32 | 1ull << 62;
}

// Registers of the sums belong to the instructions from the first fence on.
DEVICE void fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
DEVICE void commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int PENDING> DEVICE void finish()
{
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(PENDING) : "memory");
}
