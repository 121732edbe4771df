/* SPDX-License-Identifier: MIT */
/** @file gnuplot as a printer: what a script may hold, and for which kinds of file. */
#pragma once

#include <stdint.h>
#include <stdio.h>

struct psim_arena;

/** A kind of file that gnuplot writes. Lengths in a script are pixels of 1/96 inch. */
struct psim_terminal {
    const char *ending; /**< ".svg" */
    const char *name;   /**< of gnuplot's terminal */
    double size_unit;   /**< of its size, in pixels: 1, or 72 where it is inches */
    const char *unit;   /**< behind the size: "" or "in" */
    const char
        *scales;     /**< its options that make a point of text and of lines a pixel */
    double point_px; /**< radius of a point of size 1 */
};

/** The list, ended by one without a name. */
extern const struct psim_terminal psim_terminals[];

/** By the ending of a file's name; NULL where there is none of that ending. */
const struct psim_terminal *psim_terminal_of(const char *path);

/**
 * Any text as a string of gnuplot, with its quotes. In single quotes gnuplot replaces
 * nothing: no backquotes, no macros, no backslashes. Only the quote itself would end
 * it, and written twice it is not read back everywhere (gnuplot 5.4: not at the start,
 * not beside another), so it becomes the one that is printed in books. What must not
 * reach a terminal, what XML may not hold and what is no UTF-8 becomes '?'. The script
 * says `noenhanced`, so that no character marks up another.
 */
const char *psim_gnuplot_quote(struct psim_arena *arena, const char *text);

/** A number that reads back as the same double, whatever the locale. */
void psim_gnuplot_number(struct psim_arena *arena, FILE *out, double value);

/** "'#0072b2'" */
void psim_gnuplot_colour(FILE *out, uint32_t rgb);

/**
 * How every script starts: encoding, terminal, nothing that gnuplot would draw by
 * itself. The picture goes to stdout, so that no name of a file is in a script.
 */
void psim_gnuplot_head(struct psim_arena *arena, FILE *out,
                       const struct psim_terminal *terminal, double width_px,
                       double height_px, uint32_t background);
