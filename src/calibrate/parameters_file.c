/* SPDX-License-Identifier: MIT */
/** @file Parameters that a file names: paths, ranges, what shares one number. */
#include <fnmatch.h>
#include <math.h>

#include "calibrate/parameters.h"
#include "input/read.h"
#include "util/arena.h"
#include "util/str.h"

/** One entry of the file. */
struct raw_parameter {
    struct psim_words paths;
    struct psim_figure first, least, most, spread;
    struct psim_word note;
    struct psim_loc at;
};

struct raw_file {
    struct psim_word schema, note;
    struct psim_items parameters;
};

/* clang-format off */
#define ANY_DIM (((psim_dims)1 << PSIM_N_DIMS) - 1)
#define AT(member) .offset = offsetof(struct raw_parameter, member)
static const struct psim_field parameter_fields[] = {
    {.key = "paths", .kind = PSIM_FIELD_TEXTS, .required = true, AT(paths),
     .doc = "figures that one number moves; a pattern stands for all that it matches"},
    {.key = "first", .kind = PSIM_FIELD_FIGURE, .dims = ANY_DIM, AT(first),
     .doc = "first guess of all of them", .fallback = "what the file of the machine says"},
    {.key = "least", .kind = PSIM_FIELD_FIGURE, .dims = ANY_DIM, AT(least),
     .doc = "the first of them may become", .fallback = "as the rule of its kind says"},
    {.key = "most", .kind = PSIM_FIELD_FIGURE, .dims = ANY_DIM, AT(most),
     .doc = "the first of them may become", .fallback = "as the rule of its kind says"},
    {.key = "spread", .kind = PSIM_FIELD_FIGURE, .min = 0.01, .max = 10, AT(spread),
     .doc = "how far the first guess is likely to be off, as a logarithm", .fallback = "by its confidence"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {0},
};
#undef AT
#define AT(member) .offset = offsetof(struct raw_file, member)
static const struct psim_field file_fields[] = {
    {.key = "schema", .kind = PSIM_FIELD_TEXT, .required = true, AT(schema), .doc = "perfsim/parameters/v1"},
    {.key = "note", .kind = PSIM_FIELD_TEXT, AT(note), .doc = "for people"},
    {.key = "parameters", .kind = PSIM_FIELD_MAPS, .required = true, .fields = parameter_fields,
     .item_size = sizeof(struct raw_parameter), .item_loc_offset = offsetof(struct raw_parameter, at),
     .max_items = PSIM_MAX_FITTED, AT(parameters), .doc = "one number each"},
    {0},
};
#undef AT
/* clang-format on */

/** Where the file is read into. */
struct reader {
    struct psim_arena *arena;
    struct psim_diag *diag;
    struct psim_spots spots;
    struct psim_loc *taken; /**< of each spot: who has it; line 0: nobody */
};

static bool
no_such_path(struct reader *r, const struct psim_word *path)
{
    struct psim_guess guess = psim_guess_start(path->text);
    for (size_t i = 0; i < r->spots.n; i++) {
        psim_guess_try(&guess, r->spots.items[i].path);
    }
    (void)psim_error(r->diag, path->at,
                     "paths: the machine has no figure '%s'; one as "
                     "'memory_domains.NAME.latency' is needed",
                     psim_str_excerpt(r->diag->arena, path->text));
    if (guess.best) psim_note(r->diag, path->at, "did you mean '%s'?", guess.best);
    return false;
}

/** The spots that a path or pattern means go into the parameter. */
static bool
add_path(struct reader *r, const struct psim_word *path, const struct psim_spot **with,
         size_t *n)
{
    const size_t before = *n;
    for (size_t i = 0; i < r->spots.n; i++) {
        const struct psim_spot *spot = &r->spots.items[i];
        if (fnmatch(path->text, spot->path, 0) != 0) continue;
        if (!spot->nameable) {
            return psim_error(r->diag, path->at,
                              "paths: several entries are named as in '%s'; an overlay "
                              "cannot tell them apart",
                              psim_str_excerpt(r->diag->arena, spot->path));
        }
        if (r->taken[i].line > 0) {
            (void)psim_error(r->diag, path->at,
                             "paths: '%s' has a number already; one for each figure is "
                             "needed",
                             psim_str_excerpt(r->diag->arena, spot->path));
            psim_note(r->diag, r->taken[i], "first named here");
            return false;
        }
        r->taken[i] = path->at;
        with[(*n)++] = spot;
    }
    return *n > before || no_such_path(r, path);
}

/** The logarithm of an end of the range; both must be of the figure's dimension. */
static bool
read_end(struct reader *r, const char *key, const struct psim_figure *figure,
         const struct psim_spot *spot, double first_value, double *ret)
{
    if (!figure->given) return true;
    if (figure->dim != spot->dim || !(figure->value > 0)) {
        return psim_error(
            r->diag, figure->at,
            "%s: '%s' is a %s, in %s; a number above 0 of that dimension "
            "is needed",
            key, psim_str_excerpt(r->diag->arena, spot->path), psim_dim_name(spot->dim),
            spot->dim == PSIM_DIM_NONE ? "no unit" : psim_dim_unit(spot->dim));
    }
    *ret = log(figure->value / first_value);
    return true;
}

static bool
read_range(struct reader *r, const struct raw_parameter *raw, struct psim_parameter *p)
{
    const struct psim_spot *lead = p->spots[0];
    double shift = 0;
    bool ok = read_end(r, "first", &raw->first, lead, lead->value, &shift);
    const double first_value = lead->value * exp(shift);
    ok = read_end(r, "least", &raw->least, lead, first_value, &p->least) && ok;
    ok = read_end(r, "most", &raw->most, lead, first_value, &p->most) && ok;
    if (ok && !(p->least <= 0 && p->most >= 0 && p->least < p->most)) {
        ok = psim_error(r->diag, raw->at,
                        "the first guess is not between 'least' and 'most'; a range "
                        "around it is needed");
    }
    return ok;
}

static bool
read_one(struct reader *r, const struct raw_parameter *raw, struct psim_parameter *ret)
{
    const struct psim_spot **with =
        PSIM_NEW_N(r->arena, const struct psim_spot *, r->spots.n + 1);
    double *first = PSIM_NEW_N(r->arena, double, r->spots.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw->paths.n; i++) {
        if (!add_path(r, &raw->paths.items[i], with, &n)) return false;
    }
    *ret = psim_parameter_of(r->arena, with, n);
    ret->at = raw->at;
    if (raw->spread.given) ret->spread = raw->spread.value;
    if (!read_range(r, raw, ret)) return false;
    for (size_t k = 0; k < n; k++) {
        first[k] = with[k]->number;
        if (!raw->first.given) continue;
        if (with[k]->dim != with[0]->dim) {
            return psim_error(r->diag, raw->first.at,
                              "first: '%s' is of another dimension than '%s'",
                              psim_str_excerpt(r->diag->arena, with[k]->path),
                              psim_str_excerpt(r->diag->arena, with[0]->path));
        }
        first[k] *= raw->first.value / with[k]->value;
    }
    ret->first = first;
    return true;
}

static bool
check_schema(struct psim_diag *diag, const struct psim_node *root)
{
    const struct psim_node *schema = psim_node_find(root, "schema");
    if (!schema || schema->kind != PSIM_NODE_SCALAR) return true; /* bind tells */
    if (psim_str_equal(schema->scalar, "perfsim/parameters/v1")) return true;
    return psim_error(diag, schema->at,
                      "schema: '%s' is not known here; perfsim/parameters/v1 is needed",
                      psim_str_excerpt(diag->arena, schema->scalar));
}

bool
psim_parameters_load(struct psim_arena *arena, struct psim_diag *diag, const char *path,
                     struct psim_spots spots, struct psim_parameters *ret)
{
    const struct psim_node *root = psim_read_file(arena, diag, path);
    struct raw_file file;
    if (!root || !check_schema(diag, root)) return false;
    if (!psim_bind(arena, diag, root, file_fields, NULL, &file)) return false;
    const struct raw_parameter *raw = file.parameters.items;
    struct psim_parameter *items =
        PSIM_NEW_N(arena, struct psim_parameter, file.parameters.n + 1);
    struct reader r = {arena, diag, spots,
                       PSIM_NEW_N(arena, struct psim_loc, spots.n + 1)};
    bool ok = true;
    for (size_t i = 0; i < file.parameters.n; i++) {
        ok = read_one(&r, &raw[i], &items[i]) && ok;
    }
    *ret = (struct psim_parameters){items, file.parameters.n};
    return ok;
}
