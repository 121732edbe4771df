/* SPDX-License-Identifier: MIT */
/** @file The contract of one report format: a document in, bytes out. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "result/document.h"

struct psim_format {
    const char *name;
    const char *extension;
    const char *doc;
    /** @param colour whether terminal colours may be used */
    void (*write)(const struct psim_document *document, FILE *out, bool colour);
};

/** The list, ended by NULL. */
extern const struct psim_format *const psim_formats[];
/** NULL where there is none of that name. */
const struct psim_format *psim_format_find(const char *name);
