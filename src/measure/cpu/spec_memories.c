/* SPDX-License-Identifier: MIT */
/** @file A probe as a machine file: memories. */
#include <math.h>

#include "measure/cpu/spec.h"
#include "util/arena.h"

/** Of reads, of writes, and of writes that come with as many reads. */
struct ways {
    double peak, read, write, mixed;
    bool duplex;
};

/**
 * A copy's rate tells what writes cost beside reads. Both through one way take the
 * sum of their times: what is left of the copy's is that of its writes. Where a copy
 * takes hardly longer than the slower of the two, each has a way of its own.
 */
static struct ways
ways_of(double read, double write, double copy)
{
    const double seconds = 2 / copy; /* of a byte read and a byte written */
    const double least = fmax(1 / read, 1 / write), sum = 1 / read + 1 / write;
    struct ways w = {.read = read, .write = write};
    w.duplex = seconds < 0.5 * (least + sum);
    w.mixed = w.duplex ? fmin(write, 1 / seconds) : 1 / (seconds - 1 / read);
    w.peak = fmax(read, fmax(write, w.mixed));
    return w;
}

/** What accesses of a line each reach of the peak, where they lie apart. */
static void
put_scattered(FILE *out, const struct psim_taken *random, double peak)
{
    enum { LINE = 64 };
    if (!(random->value > 0)) return;
    const double moved = random->value * LINE / sizeof(float);
    psim_spec_figure(out, 6, "scattered", fmin(1, moved / peak), PSIM_DIM_NONE, random);
    fprintf(out,
            "    access: {value: %d B, confidence: datasheet, source: \"a line\"}\n",
            LINE);
}

static void
put_bandwidth(FILE *out, const struct psim_taken *read, const struct psim_taken *write,
              const struct psim_taken *copy, const struct psim_taken *random,
              double cycles_per_s)
{
    const struct ways w = ways_of(read->value, write->value, copy->value);
    const enum psim_dim dim =
        cycles_per_s > 0 ? PSIM_DIM_BYTES_PER_CYCLE : PSIM_DIM_BYTES_PER_S;
    fputs("    bandwidth:\n", out);
    psim_spec_figure(out, 6, "peak", cycles_per_s > 0 ? w.peak / cycles_per_s : w.peak,
                     dim, w.peak > read->value ? write : read);
    psim_spec_figure(out, 6, "read", w.read / w.peak, PSIM_DIM_NONE, read);
    psim_spec_figure(out, 6, "write", w.write / w.peak, PSIM_DIM_NONE, write);
    psim_spec_figure(out, 6, "mixed", w.mixed / w.peak, PSIM_DIM_NONE, copy);
    put_scattered(out, random, w.peak);
    if (w.duplex) fputs("    duplex: true\n", out);
}

static void
put_port(FILE *out, const struct psim_taken *read, double cycles_per_s)
{
    fputs("    port:\n      of: core\n", out);
    if (cycles_per_s > 0) {
        psim_spec_figure(out, 6, "bandwidth", read->value / cycles_per_s,
                         PSIM_DIM_BYTES_PER_CYCLE, read);
    } else {
        psim_spec_figure(out, 6, "bandwidth", read->value, PSIM_DIM_BYTES_PER_S, read);
    }
}

static void
put_cache(FILE *out, const struct psim_taken_all *t, unsigned level)
{
    const struct psim_host_cache *cache = &t->host->cache[level];
    const struct psim_taken_level *l = &t->level[level];
    const double clock = t->clock_hz.value;
    fprintf(out, "  - name: %s\n    shared_across: %s\n    caches: dram\n", l->name,
            psim_spec_group_of(t, level));
    if (l->held_bytes.value > 0) {
        psim_spec_figure(out, 4, "size", l->held_bytes.value, PSIM_DIM_BYTES,
                         &l->held_bytes);
    } else {
        fprintf(out, "    size: {value: %zu B, confidence: datasheet, source: LOOK}\n",
                cache->bytes);
    }
    if (cache->cores > 1) fputs("    placement: private\n", out);
    psim_spec_figure(out, 4, "latency", l->latency_cycles.value, PSIM_DIM_CYCLES,
                     &l->latency_cycles);
    if (cache->cores > 1) {
        put_bandwidth(out, &l->all_read_bytes_per_s, &l->all_write_bytes_per_s,
                      &l->all_copy_bytes_per_s, &l->random_bytes_per_s, clock);
        put_port(out, &l->read_bytes_per_s, clock);
    } else {
        put_bandwidth(out, &l->read_bytes_per_s, &l->write_bytes_per_s,
                      &l->copy_bytes_per_s, &l->random_bytes_per_s, clock);
    }
}

void
psim_spec_memories(FILE *out, const struct psim_taken_all *t)
{
    const size_t vector = t->width[t->n_widths - 1].vector_bytes;
    fprintf(out,
            "\nmemory_domains:\n  - name: registers\n    shared_across: core\n"
            "    size: {value: %zu B, confidence: datasheet, source: \"%d registers of "
            "%zu B\"}\n",
            vector >= 64 ? 32 * vector : 16 * vector, vector >= 64 ? 32 : 16, vector);
    for (unsigned level = 0; level < t->host->n_caches; level++) {
        put_cache(out, t, level);
    }
    const struct psim_taken_level *memory = &t->level[t->n_levels - 1];
    fprintf(out,
            "  - name: dram\n    shared_across: %s\n    placement: first_touch\n"
            "    size: {value: %.0f B, confidence: datasheet, source: LOOK}\n",
            psim_spec_group_of(t, t->host->n_caches), t->host->memory_bytes);
    psim_spec_figure(out, 4, "latency", memory->latency_s.value, PSIM_DIM_SECONDS,
                     &memory->latency_s);
    put_bandwidth(out, &memory->all_read_bytes_per_s, &memory->all_write_bytes_per_s,
                  &memory->all_copy_bytes_per_s, &memory->random_bytes_per_s, 0);
    put_port(out, &memory->read_bytes_per_s, 0);
    fputs("    clock: fixed\n", out);
}
