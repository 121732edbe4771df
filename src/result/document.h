/* SPDX-License-Identifier: MIT */
/** @file What a format prints: facts and tables, whatever they are about. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "util/quantity.h"

struct psim_arena;

enum psim_cell_kind {
    PSIM_CELL_NONE, /**< not known: null, an empty field, a dash */
    PSIM_CELL_NUMBER,
    PSIM_CELL_TEXT,
    PSIM_CELL_FLAG,
};

struct psim_cell {
    double number;
    const char *text;
    enum psim_cell_kind kind; /**< which of the three counts */
    bool flag;
};

struct psim_column {
    const char *key;     /**< in JSON and CSV, with its SI unit: "time_s" */
    const char *heading; /**< for people; NULL: not shown in text */
    enum psim_dim dim;   /**< of its numbers; text prints them with prefixes */
    bool percent;        /**< a fraction that people read in percent */
};

struct psim_table {
    const char
        *key; /**< in JSON: name of the list; NULL: in text only, what others say */
    const char *title; /**< for people; NULL: not shown in text */
    const struct psim_column *columns;
    size_t n_columns;
    struct psim_cell *cells; /**< row by row */
    size_t n_rows, room;
};

/** One fact: a metric with its value, or a word. */
struct psim_fact {
    const char *key, *heading;
    struct psim_cell value;
    enum psim_dim dim;
    bool percent;
    const char *remark; /**< for people; NULL: none */
};

enum { PSIM_MAX_FACTS = 48, PSIM_MAX_TABLES = 12, PSIM_MAX_LINES = 16 };

struct psim_document {
    const char *schema; /**< "perfsim/result/v1" */
    const char *title;
    const char *lines[PSIM_MAX_LINES]; /**< sentences, before everything else */
    size_t n_lines;
    struct psim_fact facts[PSIM_MAX_FACTS];
    size_t n_facts;
    struct psim_table tables[PSIM_MAX_TABLES];
    size_t n_tables;
};

struct psim_cell psim_cell_number(double number);
/** NULL is no text: psim_cell_none. */
struct psim_cell psim_cell_text(const char *text);
struct psim_cell psim_cell_flag(bool flag);
extern const struct psim_cell psim_cell_none;

/** Add a sentence, a fact, a table; texts are borrowed. */
void psim_document_line(struct psim_document *document, const char *line);
struct psim_fact *psim_document_fact(struct psim_document *document, const char *key,
                                     const char *heading, enum psim_dim dim,
                                     struct psim_cell value);
struct psim_table *psim_document_table(struct psim_document *document, const char *key,
                                       const char *title,
                                       const struct psim_column *columns,
                                       size_t n_columns);

/** A new row; its cells are none until they are set. */
struct psim_cell *psim_table_row(struct psim_arena *arena, struct psim_table *table);
