/* SPDX-License-Identifier: MIT */
/** @file Field tables: one row says all there is to know about one key. */
#pragma once

#include <stdint.h>

#include "input/node.h"
#include "util/quantity.h"

struct psim_arena;

enum psim_confidence {
    PSIM_CONFIDENCE_UNSTATED,
    PSIM_CONFIDENCE_DATASHEET,
    PSIM_CONFIDENCE_MEASURED, /**< by micro-benchmarks */
    PSIM_CONFIDENCE_FITTED,   /**< in overlays only */
    PSIM_CONFIDENCE_ASSUMED,
    PSIM_N_CONFIDENCES,
};

const char *psim_confidence_name(enum psim_confidence confidence);

/** One number of a machine: what it is, where it stands, who says so. */
struct psim_figure {
    double value; /**< SI unit of dim */
    enum psim_dim dim;
    bool given;
    enum psim_confidence confidence;
    struct psim_loc at;
    const char *source; /**< NULL where none is given */
};

/** A word and where it stands. */
struct psim_word {
    const char *text;
    struct psim_loc at;
};

struct psim_words {
    const struct psim_word *items;
    size_t n;
};

/** Up to four whole numbers: a pair [height, width], a grid [x, y, z]. */
struct psim_counts {
    uint64_t value[4];
    size_t n; /**< 0: not given */
    struct psim_loc at;
};

/** A list of structs, each filled by the same table. */
struct psim_items {
    void *items;
    size_t n;
    bool
        faulty; /**< some of it could not be read, so what refers to it is not judged */
};

/** A name is printed in many places; no title or note of a person is as long. */
enum { PSIM_BIND_MAX_TEXT = 4096 };

enum psim_field_kind {
    PSIM_FIELD_TEXT,    /**< struct psim_word of at most PSIM_BIND_MAX_TEXT bytes */
    PSIM_FIELD_TEXTS,   /**< struct psim_words: a list, or one word */
    PSIM_FIELD_COUNT,   /**< uint64_t, a whole number in min..max */
    PSIM_FIELD_COUNTS,  /**< struct psim_counts: a list of at most max_items, or one */
    PSIM_FIELD_BOOL,    /**< bool: true or false */
    PSIM_FIELD_CHOICE,  /**< int: index in choices; an unknown word is an error */
    PSIM_FIELD_CHOICES, /**< uint32_t: set of indices in choices; a list, or one */
    PSIM_FIELD_FIGURE,  /**< struct psim_figure in one of dims */
    PSIM_FIELD_FIGURES, /**< struct psim_figure[number of choices]: one figure for
                             all (then every element is set), or a map by choice */
    PSIM_FIELD_MAP,     /**< a struct by the table `fields`, in place at offset */
    PSIM_FIELD_MAPS,    /**< struct psim_items: list of maps by the table `fields` */
    PSIM_FIELD_NODE,    /**< const struct psim_node *: its owner reads it; dims and
                             fields say for docs what that may be */
};

/** A word that a choice accepts. The first spelling of a value is the one shown. */
struct psim_choice {
    const char *word; /**< NULL ends the list */
    int value;
};

/**
 * One key of a map. The reader, the range check, the "did you mean", the fuzz
 * dictionary and the format reference (docs/) are all drawn from this row: a
 * key that has no doc cannot exist.
 */
struct psim_field {
    const char *key;
    const char *doc;
    enum psim_field_kind kind;
    bool required;
    bool unused;      /**< docs: accepted, but nothing is computed from it yet */
    psim_dims dims;   /**< figures: accepted dimensions; 0 = plain numbers */
    double min, max;  /**< inclusive, in SI; max 0 = no upper bound */
    size_t max_items; /**< COUNTS: 1..4, 0 = 4; MAPS: 0 = 4096 */
    size_t offset;    /**< of the member in the struct that is filled */
    size_t
        loc_offset; /**< of a struct psim_loc that gets the value's place; 0 = none */
    const struct psim_choice *choices;
    const struct psim_field *fields; /**< MAP, MAPS */
    size_t item_size;                /**< MAPS: bytes of one struct */
    size_t item_loc_offset; /**< MAP, MAPS: of the struct psim_loc in the item that
                                 gets the map's own place; 0 = none */
    const char *fallback;   /**< docs: what holds where the key is absent */
};

/** What the `units:` header of a file says: a unit for bare numbers, by key. */
struct psim_bare_unit {
    const char *key;
    const char *unit; /**< NULL: it was refused; its bare numbers are not blamed too */
};

struct psim_bare_units {
    const struct psim_bare_unit *items;
    size_t n;
};

/**
 * Fill a struct from a map, all rows at once. The members that the table names are
 * zeroed before, so what is optional and absent reads as 0, NULL, false or not
 * given; members that it does not name are left alone.
 *
 * Reports every fault of the map, not just the first: unknown keys with what
 * was probably meant, missing keys, wrong types and units, values out of range.
 * A figure is a scalar or {value: ..., source: ..., confidence: ...}; extra key
 * `note` is allowed there.
 *
 * @param fields     table, ended by a row without key
 * @param units      NULL where a bare number is an error
 * @param ret_struct filled member by member; use it only after true
 */
bool psim_bind(struct psim_arena *arena, struct psim_diag *diag,
               const struct psim_node *map, const struct psim_field *fields,
               const struct psim_bare_units *units, void *ret_struct);

/**
 * "unknown data type 'fp61'", with what was probably meant; for owners of NODE
 * fields. Speaks of the key of @p node, or of its word where it has no key.
 *
 * @param what    the kind of thing, "data type"
 * @param choices the words that are known
 * @return false
 */
bool psim_bind_unknown(struct psim_diag *diag, const struct psim_node *node,
                       const char *what, const struct psim_choice *choices);
