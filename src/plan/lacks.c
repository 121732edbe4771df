/* SPDX-License-Identifier: MIT */
/** @file What a machine lacks for an op: messages that say what it has instead. */
#include "plan/lower.h"
#include "util/arena.h"
#include "util/str.h"

/** "fp64, fp32 or bf16". */
static const char *
dtype_words(struct psim_arena *arena, uint32_t types)
{
    const char *words = NULL;
    for (int t = 0; t < PSIM_N_DTYPES; t++) {
        if (!(types >> t & 1)) continue;
        const char *name = psim_dtype_name((enum psim_dtype)t);
        const char *join = types >> t == 1 ? " and " : ", ";
        words = words ? psim_arena_printf(arena, "%s%s%s", words, join, name) : name;
    }
    return words ? words : "";
}

/** Where an op says its data type; the op itself where it does not. */
static struct psim_loc
dtype_at(const struct psim_op *op)
{
    for (const struct psim_field *f = op->kind->fields; f->key; f++) {
        if (f->choices != psim_dtype_choices || f->loc_offset == 0) continue;
        const char *at = (const char *)op->attributes + f->loc_offset;
        const struct psim_loc loc = *(const struct psim_loc *)(const void *)at;
        if (loc.line > 0) return loc;
    }
    return op->at;
}

/** Types in which the machine does something, itself or by what stands in for it. */
static uint32_t
types_of(const struct psim_hw *hw, enum psim_primitive does)
{
    uint32_t types = 0;
    while (does != PSIM_DOES_NOTHING_KNOWN) {
        for (size_t i = 0; i < hw->n_operations; i++) {
            const struct psim_operation *op = &hw->operations[i];
            for (int t = 0; t < PSIM_N_DTYPES; t++) {
                if (op->moves || op->does != does || !op->by[t].supported) continue;
                types |= 1U << t;
            }
        }
        double times;
        does = psim_primitive_instead(does, &times);
    }
    return types;
}

bool
psim_lacks(struct psim_diag *diag, const struct psim_hw *hw,
           const struct psim_part *part, enum psim_primitive does,
           enum psim_dtype dtype, struct psim_loc at)
{
    const uint32_t types = types_of(hw, does);
    if (types == 0) {
        return psim_error(diag, at, "%s: '%s' has no operation that does %s",
                          part->name, hw->name, psim_primitive_name(does));
    }
    (void)psim_error(diag, dtype_at(part->op),
                     "%s: no operation of '%s' does %s for %s", part->name, hw->name,
                     psim_primitive_name(does), psim_dtype_name(dtype));
    psim_note(diag, dtype_at(part->op), "it does for %s",
              dtype_words(diag->arena, types));
    return false;
}

bool
psim_lacks_product(struct psim_diag *diag, const struct psim_hw *hw,
                   const struct psim_part *part, enum psim_dtype dtype,
                   struct psim_loc at)
{
    /* Without any matrix operation multiply-adds are what a product is made of. */
    const bool matrix = types_of(hw, PSIM_DOES_MATMUL) != 0;
    return psim_lacks(diag, hw, part, matrix ? PSIM_DOES_MATMUL : PSIM_DOES_FMA, dtype,
                      at);
}

bool
psim_check_library(struct psim_diag *diag, const struct psim_hw *hw,
                   const struct psim_op *op)
{
    const struct psim_word *wanted = &op->keys.library;
    if (!wanted->text) return true;
    struct psim_guess guess = psim_guess_start(wanted->text);
    for (size_t i = 0; i < hw->n_libraries; i++) {
        if (psim_str_equal(hw->libraries[i].library, wanted->text)) return true;
        psim_guess_try(&guess, hw->libraries[i].library);
    }
    psim_error(diag, wanted->at, "library: '%s' has none that is named '%s'", hw->name,
               psim_str_excerpt(diag->arena, wanted->text));
    if (guess.best) psim_note(diag, wanted->at, "did you mean '%s'?", guess.best);
    return false;
}

void
psim_warn_of_keys(struct psim_diag *diag, const struct psim_op *op,
                  const struct psim_parts *parts)
{
    const struct psim_op_keys *k = &op->keys;
    const bool tile = k->tile.m > 0 || k->tile.n > 0 || k->tile.k > 0;
    const struct {
        const char *key;
        bool given;
        enum psim_asks asks;
        struct psim_loc at;
    } keys[] = {
        {"grid_dim", k->grid_dim.n > 0, PSIM_ASKS_GRID, k->grid_dim.at},
        {"block_dim", k->block_dim.n > 0, PSIM_ASKS_GRID, k->block_dim.at},
        {"tile: m, n, k", tile, PSIM_ASKS_TILE, k->tile_at},
        {"tile: q, kv", k->tile.q > 0 || k->tile.kv > 0, PSIM_ASKS_KEYS, k->tile_at},
        {"stages", k->stages > 0, PSIM_ASKS_STEPS, k->stages_at},
        {"split", k->split > 0, PSIM_ASKS_STEPS, k->split_at},
        {"cluster", k->cluster > 0, PSIM_ASKS_STEPS, k->cluster_at},
    };
    unsigned asks = 0;
    for (size_t p = 0; p < parts->n; p++) {
        asks |= parts->part[p].program->asks;
    }
    if ((asks & PSIM_ASKS_GRID) && k->grid_dim.n > 0 && k->block_dim.n == 0) {
        psim_warning(diag, k->grid_dim.at,
                     "grid_dim: it changes nothing without block_dim");
    }
    for (size_t i = 0; i < PSIM_COUNT(keys); i++) {
        if (!keys[i].given || (asks & keys[i].asks)) continue;
        psim_warning(diag, keys[i].at,
                     "%s: no program of '%s' asks for it; it changes "
                     "nothing",
                     keys[i].key, op->kind->name);
    }
}

/** What a kernel must at least hold of its tensors. */
static double
held_bytes(const struct psim_kernel *kernel)
{
    double sum = 0;
    for (uint8_t i = 0; i < kernel->n_uses; i++) {
        const struct psim_use *use = &kernel->uses[i];
        sum += (double)(use->read_bytes > use->write_bytes ? use->read_bytes
                                                           : use->write_bytes);
    }
    return sum;
}

bool
psim_check_capacity(struct psim_diag *diag, const struct psim_hw *hw,
                    const struct psim_op *op, const struct psim_plan *plan)
{
    const struct psim_memory *memory = &hw->memories[hw->main_memory];
    const double holds = memory->bytes * (double)hw->groups[memory->group].total;
    double most = 0;
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        const double bytes = held_bytes(&plan->kernels[k]);
        if (bytes > most) most = bytes;
    }
    if (holds <= 0 || most <= holds) return true;
    return psim_error(diag, op->at, "%s: its tensors take %s; '%s' holds %s",
                      psim_str_excerpt(diag->arena, op->name),
                      psim_quantity_print(diag->arena, most, PSIM_DIM_BYTES, 4),
                      psim_str_excerpt(diag->arena, memory->name),
                      psim_quantity_print(diag->arena, holds, PSIM_DIM_BYTES, 4));
}
