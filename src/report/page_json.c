/* SPDX-License-Identifier: MIT */
/** @file The page's JSON: what its parts are written with. */
#include <cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/page_parts.h"
#include "util/arena.h"
#include "util/str.h"

static bool
is_plain(const char *text)
{
    while (*text >= ' ' && *text <= '~') {
        text++;
    }
    return *text == '\0';
}

cJSON *
psim_page_text(struct psim_arena *arena, const char *text)
{
    if (!text) return cJSON_CreateNull();
    if (is_plain(text)) return cJSON_CreateString(text);
    char *clean = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&clean, &len);
    if (!out) psim_die_out_of_memory(0);
    const size_t all = strlen(text);
    for (size_t at = 0; at < all;) {
        int width;
        at += psim_str_put(text + at, all - at, out, &width);
    }
    if (fclose(out) != 0) psim_die_out_of_memory(len);
    const char *kept = psim_arena_copy(arena, clean, len);
    free(clean);
    return cJSON_CreateString(kept);
}

void
psim_page_put_text(struct psim_arena *arena, cJSON *object, const char *key,
                   const char *text)
{
    cJSON_AddItemToObject(object, key, psim_page_text(arena, text));
}

void
psim_page_put_number(cJSON *object, const char *key, double number)
{
    cJSON_AddItemToObject(object, key,
                          isfinite(number) ? cJSON_CreateNumber(number)
                                           : cJSON_CreateNull());
}

void
psim_page_put_known(cJSON *object, const char *key, double number)
{
    if (number < 0) {
        cJSON_AddNullToObject(object, key);
    } else {
        psim_page_put_number(object, key, number);
    }
}

/* --- packed numbers ----------------------------------------------------------------
 */

void
psim_page_pack_start(struct psim_page_pack *pack)
{
    *pack = (struct psim_page_pack){0};
    pack->file = open_memstream(&pack->text, &pack->len);
    if (!pack->file) psim_die_out_of_memory(0);
}

/** Digits without zeros at their end, as a whole number times a power of ten. */
void
psim_page_pack_add(struct psim_page_pack *pack, double number, int digits)
{
    if (pack->any) fputc(' ', pack->file);
    pack->any = true;
    if (!isfinite(number) || number < 0) {
        fputc('-', pack->file);
        return;
    }
    /* The decimal point of some locales is not '.': only digits are taken. */
    char text[64], digit[32] = "0";
    (void)snprintf(text, sizeof text, "%.*e", digits - 1, number);
    int n = 0;
    const char *c = text;
    for (; *c != 'e'; c++) {
        if (isdigit((unsigned char)*c)) digit[n++] = *c;
    }
    int exponent = (int)strtol(c + 1, NULL, 10);
    while (n > 1 && digit[n - 1] == '0') {
        n--;
    }
    exponent -= n - 1;
    (void)fwrite(digit, 1, (size_t)n, pack->file);
    if (exponent > 0 && exponent < 3) {
        for (int i = 0; i < exponent; i++) {
            fputc('0', pack->file);
        }
    } else if (exponent != 0 && digit[0] != '0') {
        fprintf(pack->file, "e%d", exponent);
    }
}

cJSON *
psim_page_pack_end(struct psim_page_pack *pack)
{
    if (fclose(pack->file) != 0) psim_die_out_of_memory(pack->len);
    cJSON *ret = cJSON_CreateString(pack->text);
    free(pack->text);
    return ret;
}

/* --- places of inputs --------------------------------------------------------------
 */

size_t
psim_page_note(struct psim_page_notes *notes, struct psim_loc at)
{
    if (!at.source || at.line == 0) return 0;
    for (size_t i = 0; i < notes->n; i++) {
        if (notes->places[i].source == at.source && notes->places[i].line == at.line) {
            return i + 1;
        }
    }
    if (notes->n == notes->room) {
        notes->room = notes->room ? 2 * notes->room : 64;
        struct psim_loc *more = PSIM_NEW_N(notes->arena, struct psim_loc, notes->room);
        if (notes->n > 0) memcpy(more, notes->places, notes->n * sizeof *more);
        notes->places = more;
    }
    notes->places[notes->n++] = at;
    return notes->n;
}

void
psim_page_put_note(struct psim_page_notes *notes, cJSON *object, struct psim_loc at)
{
    const size_t number = psim_page_note(notes, at);
    if (number > 0) psim_page_put_number(object, "note", (double)number);
}

/** An entry of a list is shown with what lies in it, as long as a person reads on. */
enum { NOTE_LINES = 24, NOTE_LINE_BYTES = 400 };

static size_t
indentation(const char *line)
{
    return strspn(line, " ");
}

static const char *
cut_line(struct psim_arena *arena, const char *line, size_t len)
{
    if (len <= NOTE_LINE_BYTES) return psim_arena_copy(arena, line, len);
    return psim_arena_printf(arena, "%.*s ...", NOTE_LINE_BYTES, line);
}

static cJSON *
note_lines(struct psim_arena *arena, struct psim_loc at)
{
    cJSON *list = cJSON_CreateArray();
    struct psim_loc begin = at;
    begin.column = 1;
    const char *line = at.source->text + psim_source_offset(begin);
    for (int i = 0; i < NOTE_LINES && *line; i++) {
        const size_t len = strcspn(line, "\n");
        if (i > 0 && (len == 0 || indentation(line) + 1 < at.column)) break;
        cJSON_AddItemToArray(list, psim_page_text(arena, cut_line(arena, line, len)));
        line += len;
        if (*line) line++;
    }
    return list;
}

static cJSON *
place_json(struct psim_arena *arena, struct psim_loc at, cJSON *text)
{
    cJSON *one = cJSON_CreateObject();
    psim_page_put_text(arena, one, "file", at.source->name);
    psim_page_put_number(one, "line", at.line);
    cJSON_AddItemToObject(one, "text", text);
    return one;
}

static const char *
line_of(struct psim_arena *arena, struct psim_loc at)
{
    at.column = 1;
    const char *line = at.source->text + psim_source_offset(at);
    return cut_line(arena, line, strcspn(line, "\n"));
}

/** What other layers say of the entry at a place. */
static cJSON *
overs_json(struct psim_arena *arena, const struct psim_page *page, struct psim_loc at)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < page->n_overs; i++) {
        const struct psim_page_over *over = &page->overs[i];
        if (over->entry.source != at.source || over->entry.line != at.line) continue;
        cJSON *text = psim_page_text(arena, line_of(arena, over->change));
        cJSON_AddItemToArray(list, place_json(arena, over->change, text));
    }
    return list;
}

cJSON *
psim_page_notes_json(struct psim_page_notes *notes, const struct psim_page *page)
{
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < notes->n; i++) {
        const struct psim_loc at = notes->places[i];
        cJSON *one = place_json(notes->arena, at, note_lines(notes->arena, at));
        cJSON_AddItemToObject(one, "over", overs_json(notes->arena, page, at));
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

/* --- lines of programs -------------------------------------------------------------
 */

static size_t
hash(const char *text, size_t len)
{
    /* Fowler, Noll and Vo's hash, FNV-1a, of 32 bits. */
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < len; i++) {
        h = (h ^ (unsigned char)text[i]) * UINT32_C(16777619);
    }
    return h;
}

static void
put_slot(struct psim_page_lines *lines, size_t index)
{
    const char *text = lines->items[index];
    size_t slot = hash(text, strlen(text)) & (lines->n_slots - 1);
    while (lines->slots[slot]) {
        slot = (slot + 1) & (lines->n_slots - 1);
    }
    lines->slots[slot] = index + 1;
}

static void
grow(struct psim_page_lines *lines)
{
    lines->room = lines->room ? 2 * lines->room : 256;
    const char **more = PSIM_NEW_N(lines->arena, const char *, lines->room);
    if (lines->n > 0) memcpy(more, lines->items, lines->n * sizeof *more);
    lines->items = more;
    lines->n_slots = 2 * lines->room;
    lines->slots = PSIM_NEW_N(lines->arena, size_t, lines->n_slots);
    for (size_t i = 0; i < lines->n; i++) {
        put_slot(lines, i);
    }
}

size_t
psim_page_line(struct psim_page_lines *lines, const char *text, size_t len)
{
    if (lines->n == lines->room) grow(lines);
    size_t slot = hash(text, len) & (lines->n_slots - 1);
    for (; lines->slots[slot]; slot = (slot + 1) & (lines->n_slots - 1)) {
        const char *item = lines->items[lines->slots[slot] - 1];
        if (strncmp(item, text, len) == 0 && item[len] == '\0') {
            return lines->slots[slot] - 1;
        }
    }
    lines->items[lines->n] = psim_arena_copy(lines->arena, text, len);
    lines->slots[slot] = lines->n + 1;
    return lines->n++;
}
