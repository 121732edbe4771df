/* SPDX-License-Identifier: MIT */
/** @file THE list of report formats. */
#include "report/format.h"
#include "util/str.h"

extern const struct psim_format psim_format_text;
extern const struct psim_format psim_format_json;
extern const struct psim_format psim_format_csv;
extern const struct psim_format psim_format_markdown;

const struct psim_format *const psim_formats[] = {
    &psim_format_text, &psim_format_json, &psim_format_csv, &psim_format_markdown, NULL,
};

const struct psim_format *
psim_format_find(const char *name)
{
    for (size_t i = 0; psim_formats[i]; i++) {
        if (psim_str_equal(psim_formats[i]->name, name)) return psim_formats[i];
    }
    return NULL;
}
