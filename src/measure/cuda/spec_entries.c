/* SPDX-License-Identifier: MIT */
/** @file One entry of `libraries:` of a machine file. */
#include "measure/cuda/spec_entries.h"

#include <stdio.h>

unsigned
psim_gpu_entry_registers(const struct psim_gpu_entries *w, const char *source,
                         const char *function, const char *defines, size_t shared_bytes)
{
    struct psim_gpu_kernel_code code;
    if (!psim_gpu_compile(w->gpu, source, defines, function, shared_bytes, &code)) {
        return 0;
    }
    return code.registers;
}

static void
put(const struct psim_gpu_entries *w, const char *name, const char *op,
    const char *more, bool counted)
{
    fprintf(w->out, "  - name: %s\n    op: %s\n%s", name, op, more);
    fprintf(w->out,
            "    source: \"kernels/*.cu of perfsim, compiled for %s (registers); %s "
            "(instructions)\"\n    confidence: %s\n    tiles:\n",
            w->gpu->target,
            counted ? "hardware counters at compute capability 9.0"
                    : "estimated from the source",
            counted && w->gpu->capability == 90 ? "measured" : "assumed");
}

void
psim_gpu_entry(const struct psim_gpu_entries *w, const char *name, const char *op,
               const char *more)
{
    put(w, name, op, more, true);
}

void
psim_gpu_entry_paced(const struct psim_gpu_entries *w, const char *name, const char *op,
                     const char *more)
{
    put(w, name, op, psim_arena_printf(w->gpu->arena, "%s%s", more, w->pace), true);
}

void
psim_gpu_entry_estimated(const struct psim_gpu_entries *w, const char *name,
                         const char *op, const char *more)
{
    put(w, name, op, psim_arena_printf(w->gpu->arena, "%s%s", more, w->pace), false);
}

void
psim_gpu_entry_tile(const struct psim_gpu_entries *w, const char *text,
                    unsigned registers)
{
    fprintf(w->out, "      - {%s", text);
    if (registers > 0) fprintf(w->out, ", registers: %u", registers);
    fputs("}\n", w->out);
}
