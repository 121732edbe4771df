/* SPDX-License-Identifier: MIT */
/** @file Text of any origin, safe for any terminal, and how wide it is there. */
#include "util/str.h"

struct code_range {
    uint32_t first, last;
};

static bool
in_ranges(uint32_t code, const struct code_range *ranges)
{
    while (ranges->last != 0 && code > ranges->last) {
        ranges++;
    }
    return ranges->last != 0 && code >= ranges->first;
}

bool
psim_str_is_control(uint32_t code)
{
    static const struct code_range ranges[] = {
        {0x00, 0x1F},     {0x7F, 0x9F},     {0x200E, 0x200F}, {0x2028, 0x202E},
        {0x2066, 0x2069}, {0xFEFF, 0xFEFF}, {0, 0},
    };
    return in_ranges(code, ranges);
}

static int
width_of(uint32_t code)
{
    static const struct code_range combining[] = {
        {0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x200B, 0x200D},
        {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0, 0},
    };
    static const struct code_range wide[] = {
        {0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
        {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}, {0, 0},
    };
    if (in_ranges(code, combining)) return 0;
    return in_ranges(code, wide) ? 2 : 1;
}

size_t
psim_str_put(const char *text, size_t len, FILE *out, int *ret_width)
{
    uint32_t code = 0;
    const size_t n = psim_str_utf8(text, len, &code);
    if (n == 0 || psim_str_is_control(code)) {
        if (out) fputc('?', out);
        *ret_width = 1;
        return n == 0 ? 1 : n;
    }
    if (out) fwrite(text, 1, n, out);
    *ret_width = width_of(code);
    return n;
}
