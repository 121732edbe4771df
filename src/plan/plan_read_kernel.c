/* SPDX-License-Identifier: MIT */
/** @file A plan from its text form: the statements of a kernel. */
#include <stdlib.h>
#include <string.h>

#include "plan/plan_words.h"
#include "util/arena.h"
#include "util/str.h"

static struct psim_kernel *
kernel(const struct psim_reader *r)
{
    return &r->kernels[r->plan->n_kernels - 1];
}

static uint8_t
read_axis(struct psim_reader *r, const char *word)
{
    const struct psim_kernel *k = kernel(r);
    for (uint8_t a = 0; a < k->n_axes; a++) {
        const size_t len = strlen(k->axis_name[a]);
        if (strncmp(word, k->axis_name[a], len) == 0 &&
            (word[len] == '\0' || word[len] == ':')) {
            return a;
        }
    }
    psim_reader_fail(r, "an axis");
    return 0;
}

static void
read_axes(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    while (r->w.at < r->w.n && k->n_axes < PSIM_MAX_AXES) {
        k->axis_name[k->n_axes] = psim_next_word(r, "an axis");
        k->extent[k->n_axes++] = (uint32_t)psim_next_count(r, UINT32_MAX);
    }
}

static void
read_walk(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    while (r->w.at < r->w.n && k->n_levels < PSIM_MAX_LEVELS) {
        struct psim_level *level = &r->walk[k->n_levels++];
        const char *word = psim_next_word(r, "an axis");
        level->axis = read_axis(r, word);
        const char *colon = strchr(word, ':');
        char *end = NULL;
        if (colon) level->span = (uint32_t)strtoul(colon + 1, &end, 10);
        if (end && (*end || level->span == 0)) psim_reader_fail(r, "axis:span");
        level->down = psim_accept(r, "down");
    }
}

/** "param t q 3 x 4, 5 x ( 64 i + 127 ) / 64" */
static void
read_param(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    if (!psim_has_room(r, k->n_params, PSIM_MAX_PARAMS)) return;
    struct psim_param *p = &r->params[k->n_params];
    p->name = PSIM_NEW_NAME(r, r->params, k->n_params);
    k->n_params++;
    p->axis = read_axis(r, psim_next_word(r, "an axis"));
    p->first_run = r->n_runs;
    uint32_t first = 0;
    while (r->w.at < r->w.n && r->n_runs < PSIM_READER_RUNS && r->ok) {
        struct psim_run *run = &r->runs[r->n_runs++];
        p->n_runs++;
        run->first = first;
        run->count = (uint32_t)psim_next_count(r, UINT32_MAX);
        first += run->count;
        if (!psim_accept(r, "x")) psim_reader_fail(r, "x");
        run->c = 1;
        if (psim_accept(r, "(")) {
            run->a = psim_next_whole(r);
            if (!psim_accept(r, "i") || !psim_accept(r, "+")) {
                psim_reader_fail(r, "i +");
            }
            run->b = psim_next_whole(r);
            if (!psim_accept(r, ")") || !psim_accept(r, "/")) {
                psim_reader_fail(r, ") /");
            }
            run->c = psim_next_whole(r);
        } else {
            run->b = psim_next_whole(r);
        }
        (void)psim_accept(r, ",");
    }
}

static void
read_channel(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    if (!psim_has_room(r, k->n_channels, PSIM_MAX_CHANNELS)) return;
    struct psim_channel *c = &r->channels[k->n_channels];
    c->name = PSIM_NEW_NAME(r, r->channels, k->n_channels);
    k->n_channels++;
    c->depth = psim_accept(r, "depth") ? (uint8_t)psim_next_count(r, UINT8_MAX) : 1;
    c->primed = psim_accept(r, "primed") ? (uint8_t)psim_next_count(r, UINT8_MAX) : 0;
    c->consumers =
        psim_accept(r, "consumers") ? (uint8_t)psim_next_count(r, UINT8_MAX) : 1;
    c->slot_bytes = psim_accept(r, "slot") ? psim_next_count(r, INT64_MAX) : 0;
}

static void
read_tile(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    if (!psim_has_room(r, k->n_tiles, PSIM_READER_NAMED)) return;
    struct psim_tile *tile = &r->tiles[k->n_tiles];
    tile->name = PSIM_NEW_NAME(r, r->tiles, k->n_tiles);
    k->n_tiles++;
    if (!psim_accept(r, "of")) psim_reader_fail(r, "of");
    tile->tensor = (uint8_t)PSIM_FIND(r, r->tensors, r->plan->n_tensors);
    r->dim = 0;
}

static void
read_dim(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    if (k->n_tiles == 0 || r->dim == PSIM_MAX_TILE_DIMS) {
        psim_reader_fail(r, "a tile above");
        return;
    }
    struct psim_box_dim *dim = &r->tiles[k->n_tiles - 1].dim[r->dim++];
    *dim = (struct psim_box_dim){.axis = PSIM_NONE, .c = 1, .mul = 1};
    dim->size = psim_accept(r, "size") ? psim_next_whole(r) : 1;
    if (psim_accept(r, "by")) {
        dim->axis = read_axis(r, psim_next_word(r, "an axis"));
        dim->a = 1;
        if (psim_accept(r, "a")) dim->a = psim_next_whole(r);
    }
    if (psim_accept(r, "b")) dim->b = psim_next_whole(r);
    dim->b_last = psim_accept(r, "last") ? psim_next_whole(r) : dim->b;
    if (psim_accept(r, "over")) dim->c = psim_next_whole(r);
    if (psim_accept(r, "mod")) dim->m = psim_next_whole(r);
    if (psim_accept(r, "mul")) dim->mul = psim_next_whole(r);
    if (psim_accept(r, "carry")) dim->carry = psim_next_whole(r);
    while (psim_accept(r, "loop")) {
        const uint64_t depth = psim_next_count(r, PSIM_MAX_NESTING - 1);
        if (!psim_accept(r, "step")) {
            psim_reader_fail(r, "loop DEPTH step N");
            return;
        }
        dim->step[depth] = psim_next_whole(r);
    }
    if (psim_accept(r, "offset")) dim->offset = psim_next_whole(r);
}

static void
read_use(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    if (!psim_has_room(r, k->n_uses, PSIM_MAX_TENSORS)) return;
    struct psim_use *use = &r->uses[k->n_uses++];
    use->tensor = (uint8_t)PSIM_FIND(r, r->tensors, r->plan->n_tensors);
    if (psim_accept(r, "read")) use->read_bytes = psim_next_count(r, INT64_MAX);
    if (psim_accept(r, "write")) use->write_bytes = psim_next_count(r, INT64_MAX);
    use->constant = psim_accept(r, "constant");
}

static struct psim_step *
new_step(struct psim_reader *r, enum psim_step_kind kind)
{
    struct psim_kernel *k = kernel(r);
    if (k->n_roles == 0) psim_reader_fail(r, "a role above");
    /* The STOP behind the last step is always there, and is overwritten. */
    struct psim_step *step = &r->steps[k->n_steps > 0 ? k->n_steps - 1 : 0];
    if (psim_has_room(r, k->n_steps, PSIM_MAX_STEPS)) k->n_steps++;
    const struct psim_amount none = {
        .param = {PSIM_NONE, PSIM_NONE, PSIM_NONE, PSIM_NONE}};
    *step = (struct psim_step){.kind = (uint8_t)kind,
                               .channel = PSIM_NONE,
                               .act = PSIM_NONE,
                               .tile = PSIM_NONE,
                               .amount = none};
    step[1] = (struct psim_step){.kind = PSIM_STEP_STOP, .amount = none};
    return step;
}

static void
read_role(struct psim_reader *r)
{
    struct psim_kernel *k = kernel(r);
    if (!psim_has_room(r, k->n_roles, PSIM_MAX_GANGS)) return;
    struct psim_role *role = &r->roles[k->n_roles];
    role->name = PSIM_NEW_NAME(r, r->roles, k->n_roles);
    k->n_roles++;
    role->gangs = psim_accept(r, "gangs") ? (uint8_t)psim_next_count(r, UINT8_MAX) : 1;
    role->first_step = k->n_steps;
    if (psim_has_room(r, k->n_steps, PSIM_MAX_STEPS)) k->n_steps++;
    r->steps[role->first_step] = (struct psim_step){.kind = PSIM_STEP_STOP};
}

/** "128*m*n" */
static void
read_amount(struct psim_reader *r, struct psim_amount *amount)
{
    const struct psim_kernel *k = kernel(r);
    char *at;
    const char *word = psim_next_word(r, "an amount");
    amount->coef = strtoull(word, &at, 10);
    for (size_t i = 0; i < PSIM_MAX_FACTORS && *at == '*'; i++) {
        const size_t len = strcspn(at + 1, "*");
        const char *name = psim_arena_copy(r->arena, at + 1, len);
        amount->param[i] =
            (uint8_t)psim_index_of(r, name, k->params, sizeof *k->params, k->n_params);
        at += 1 + len;
    }
    if (*at) psim_reader_fail(r, "an amount");
}

static void
read_do(struct psim_reader *r)
{
    const struct psim_kernel *k = kernel(r);
    struct psim_step *step = new_step(r, PSIM_STEP_DO);
    step->act = (uint8_t)PSIM_FIND(r, r->acts, r->plan->n_acts);
    read_amount(r, &step->amount);
    if (psim_accept(r, "tile")) {
        step->tile = (uint8_t)PSIM_FIND(r, r->tiles, k->n_tiles);
    }
    if (psim_accept(r, "cast")) step->cast = (uint8_t)psim_next_count(r, UINT8_MAX);
    if (psim_accept(r, "chain")) step->chain = (uint32_t)psim_next_count(r, UINT32_MAX);
    if (psim_accept(r, "store")) step->flags |= PSIM_STORE;
    if (psim_accept(r, "stream")) step->flags |= PSIM_STREAM;
    if (psim_accept(r, "posted")) step->flags |= PSIM_POSTED;
    if (psim_accept(r, "into")) {
        step->flags |= PSIM_ASYNC;
        step->channel = (uint8_t)PSIM_FIND(r, r->channels, k->n_channels);
    }
}

static void
read_loop(struct psim_reader *r)
{
    read_amount(r, &new_step(r, PSIM_STEP_LOOP)->amount);
}

static void
read_end(struct psim_reader *r)
{
    (void)new_step(r, PSIM_STEP_END);
}

static void
read_on_channel(struct psim_reader *r)
{
    enum psim_step_kind kind = PSIM_STEP_RESERVE;
    while (!psim_str_equal(psim_step_kind_name(kind), r->w.text[0])) {
        kind++;
    }
    new_step(r, kind)->channel =
        (uint8_t)PSIM_FIND(r, r->channels, kernel(r)->n_channels);
}

static const struct {
    const char *word;
    void (*read)(struct psim_reader *r);
} statements[] = {
    {"axes", read_axes},
    {"walk", read_walk},
    {"param", read_param},
    {"channel", read_channel},
    {"tile", read_tile},
    {"dim", read_dim},
    {"use", read_use},
    {"role", read_role},
    {"loop", read_loop},
    {"end", read_end},
    {"do", read_do},
    {"reserve", read_on_channel},
    {"commit", read_on_channel},
    {"wait", read_on_channel},
    {"release", read_on_channel},
};

bool
psim_read_in_kernel(struct psim_reader *r)
{
    for (size_t i = 0; i < PSIM_COUNT(statements); i++) {
        if (!psim_str_equal(statements[i].word, r->w.text[0])) continue;
        if (r->plan->n_kernels > 0) {
            statements[i].read(r);
        } else {
            psim_reader_fail(r, "a kernel above");
        }
        return true;
    }
    return false;
}
