/* SPDX-License-Identifier: MIT */
/** @file JSON: facts as keys of one object, tables as lists of objects, SI units. */
#include <cJSON.h>
#include <math.h>
#include <stdlib.h>

#include "report/format.h"

static cJSON *
json_cell(const struct psim_cell *cell)
{
    switch (cell->kind) {
    case PSIM_CELL_NONE:
        break;
    case PSIM_CELL_NUMBER:
        return isfinite(cell->number) ? cJSON_CreateNumber(cell->number)
                                      : cJSON_CreateNull();
    case PSIM_CELL_TEXT:
        return cJSON_CreateString(cell->text);
    case PSIM_CELL_FLAG:
        return cJSON_CreateBool(cell->flag);
    }
    return cJSON_CreateNull();
}

static cJSON *
json_table(const struct psim_table *t)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t r = 0; r < t->n_rows; r++) {
        cJSON *row = cJSON_CreateObject();
        for (size_t c = 0; c < t->n_columns; c++) {
            cJSON_AddItemToObject(row, t->columns[c].key,
                                  json_cell(&t->cells[r * t->n_columns + c]));
        }
        cJSON_AddItemToArray(list, row);
    }
    return list;
}

static void
write_json(const struct psim_document *d, FILE *out, bool colour)
{
    (void)colour;
    cJSON *root = cJSON_CreateObject();
    cJSON_AddItemToObject(root, "schema", cJSON_CreateString(d->schema));
    for (size_t i = 0; i < d->n_facts; i++) {
        cJSON_AddItemToObject(root, d->facts[i].key, json_cell(&d->facts[i].value));
    }
    for (size_t i = 0; i < d->n_tables; i++) {
        if (!d->tables[i].key) continue;
        cJSON_AddItemToObject(root, d->tables[i].key, json_table(&d->tables[i]));
    }
    char *text = cJSON_Print(root);
    if (text) fprintf(out, "%s\n", text);
    free(text);
    cJSON_Delete(root);
}

const struct psim_format psim_format_json = {
    .name = "json",
    .extension = "json",
    .doc = "everything, in SI units and full precision; unknown is null",
    .write = write_json,
};
