/* SPDX-License-Identifier: MIT */
/** @file The machine file: a template whose places are filled with figures.
 *
 * @NAME@         a figure with its source; without one, the line is left out
 * @part:A/B@     figure A as a part of B
 * @count:NAME@   a bare number
 * [NAME]         in front of a line: kept where that is so
 */
#include "measure/cuda/spec.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "measure/cuda/probe.h"
#include "util/str.h"

enum { DIGITS = 4, NAME_BYTES = 96 };

static void
put_figure(FILE *out, struct psim_arena *arena, const struct psim_gpu_figure *f,
           double value, enum psim_dim dim)
{
    fprintf(out, "{value: %s, confidence: measured, source: \"probe (%s",
            psim_quantity_print(arena, value, dim, DIGITS), f->how);
    if (f->spread >= 0) fprintf(out, "; spread %.1f %%", 100 * f->spread);
    fputs(")\"}", out);
}

/** @return false: it was not taken */
static bool
put_part(FILE *out, const struct psim_gpu_probe *probe, const char *names)
{
    struct psim_arena *arena = probe->gpu->arena;
    const size_t len = strcspn(names, "/");
    const struct psim_gpu_figure *a =
        psim_gpu_find(probe, psim_arena_copy(arena, names, len));
    const struct psim_gpu_figure *b = psim_gpu_find(probe, names + len + 1);
    if (!a || !b || !(b->value > 0)) return false;
    put_figure(out, arena, a, fmin(1, a->value / b->value), PSIM_DIM_NONE);
    return true;
}

static bool
put_place(FILE *out, const struct psim_gpu_probe *probe, const char *name)
{
    static const char part[] = "part:", count[] = "count:";
    if (strncmp(name, part, strlen(part)) == 0) {
        return put_part(out, probe, name + strlen(part));
    }
    if (strncmp(name, count, strlen(count)) == 0) {
        fprintf(out, "%.0f", psim_gpu_spec_count(probe, name + strlen(count)));
        return true;
    }
    const char *text = psim_gpu_spec_text(probe, name);
    if (text) {
        fputs(text, out);
        return true;
    }
    const struct psim_gpu_figure *f = psim_gpu_find(probe, name);
    if (!f || !(f->value > 0)) return false;
    put_figure(out, probe->gpu->arena, f, f->value, f->dim);
    return true;
}

/** A line of the template, without what is in front of it. @return false: left out */
static bool
put_line(FILE *out, const struct psim_gpu_probe *probe, const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        const char *at = line + i + 1;
        const char *end = line[i] == '@' ? memchr(at, '@', len - i - 1) : NULL;
        if (!end) {
            fputc(line[i], out);
            continue;
        }
        const char *name = psim_arena_copy(probe->gpu->arena, at, (size_t)(end - at));
        if (!put_place(out, probe, name)) return false;
        i = (size_t)(end - line);
    }
    return true;
}

static bool
is_kept(const struct psim_gpu_probe *probe, const char **line, size_t *len)
{
    if (*len == 0 || **line != '[') return true;
    const char *end = memchr(*line, ']', *len);
    assert(end);
    const char *name =
        psim_arena_copy(probe->gpu->arena, *line + 1, (size_t)(end - *line - 1));
    *len -= (size_t)(end + 1 - *line);
    *line = end + 1;
    return psim_gpu_spec_is(probe, name);
}

const char *
psim_gpu_spec(const struct psim_gpu_probe *probe)
{
    char *text = NULL;
    size_t size = 0, whole_size = 0;
    char *whole = NULL;
    FILE *all = open_memstream(&whole, &whole_size);
    if (!all) psim_die_out_of_memory(0);
    for (const char *line = psim_gpu_source_text("machine"); *line;) {
        size_t len = strcspn(line, "\n");
        const char *next = line + len + (line[len] == '\n');
        if (is_kept(probe, &line, &len)) {
            FILE *out = open_memstream(&text, &size);
            if (!out) psim_die_out_of_memory(0);
            const bool full = put_line(out, probe, line, len);
            (void)fclose(out);
            if (full) fprintf(all, "%s\n", text);
            free(text);
        }
        line = next;
    }
    (void)fclose(all);
    const char *kept = psim_arena_copy(probe->gpu->arena, whole, whole_size);
    free(whole);
    return kept;
}
