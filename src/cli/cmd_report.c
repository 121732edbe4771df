/* SPDX-License-Identifier: MIT */
/** @file report: workloads on a machine, explained in one page of HTML. */
#include <assert.h>
#include <string.h>

#include "cli/report_parts.h"
#include "input/node.h"
#include "sim/roofs.h"
#include "util/arena.h"
#include "util/str.h"

/** What the words of `sources:` mean. */
static void
collect_sources(struct psim_arena *arena, const struct psim_hw_text *text,
                struct psim_page *page)
{
    const struct psim_node *map = psim_node_find(text->root, "sources");
    if (!map || map->kind != PSIM_NODE_MAP) return;
    struct psim_page_source *sources =
        PSIM_NEW_N(arena, struct psim_page_source, psim_node_count(map) + 1);
    for (const struct psim_node *n = map->first; n; n = n->next) {
        if (n->kind != PSIM_NODE_SCALAR) continue;
        sources[page->n_sources++] = (struct psim_page_source){n->key, n->scalar};
    }
    page->sources = sources;
}

/** Figures of an entry that stand in another file than the entry: layers over it. */
struct overs {
    struct psim_arena *arena;
    struct psim_page_over *items;
    size_t n, room;
};

static void
add_over(struct overs *overs, struct psim_loc entry, struct psim_loc change)
{
    if (overs->n == overs->room) {
        overs->room = overs->room ? 2 * overs->room : 64;
        struct psim_page_over *more =
            PSIM_NEW_N(overs->arena, struct psim_page_over, overs->room);
        if (overs->n > 0) memcpy(more, overs->items, overs->n * sizeof *more);
        overs->items = more;
    }
    assert(overs->items);
    const struct psim_page_over *last =
        overs->n > 0 ? &overs->items[overs->n - 1] : NULL;
    if (last && last->change.source == change.source &&
        last->change.line == change.line && last->entry.line == entry.line) {
        return; /* a value and its source on one line */
    }
    overs->items[overs->n++] = (struct psim_page_over){entry, change};
}

static void
find_overs(struct overs *overs, const struct psim_node *node,
           const struct psim_node *entry)
{
    if (node->kind == PSIM_NODE_SCALAR) {
        const bool other = entry && node->at.source != entry->at.source;
        const bool is_name = psim_str_equal(node->key, "name");
        if (other && node->at.source && !is_name) add_over(overs, entry->at, node->at);
        return;
    }
    const bool named = psim_node_is_named_list(node);
    for (const struct psim_node *n = node->first; n; n = n->next) {
        find_overs(overs, n, named ? n : entry);
    }
}

static void
collect_measured(struct psim_arena *arena, const struct psim_besides *besides,
                 struct psim_page_run *run)
{
    struct psim_page_measured *list =
        PSIM_NEW_N(arena, struct psim_page_measured, besides->n + 1);
    for (size_t i = 0; i < besides->n; i++) {
        const struct psim_beside *b = &besides->items[i];
        list[i] = (struct psim_page_measured){
            .id = b->pair.record->id,
            .op = b->op,
            .whole = b->whole,
            .op_index = b->op_index,
            .count = b->count,
            .flop = b->flop,
            .bytes = b->bytes,
            .measured_s = b->pair.record->time_s,
            .predicted_s = b->pair.predicted_s,
            .measured_j = b->pair.record->energy_j,
            .predicted_j = b->pair.predicted_j,
        };
    }
    run->measured = list;
    run->n_measured = besides->n;
}

static const char *
join_words(struct psim_arena *arena, const char *first, const char *const *words,
           size_t n)
{
    const char *text = first;
    for (size_t i = 0; i < n; i++) {
        text = psim_arena_printf(arena, "%s %s", text, words[i]);
    }
    return text;
}

/** What all workloads share. */
struct report {
    struct psim_arena *arena;
    struct psim_diag *diag;
    const struct psim_arguments *arguments;
    struct psim_predict_options how;
    struct psim_hw_text text;
    const struct psim_hw *hw;
};

static bool
collect_run(struct report *r, const char *const *words, size_t n,
            struct psim_page_run *run)
{
    const struct psim_workload *workload =
        psim_load_workload(r->arena, r->diag, r->arguments, words, n);
    struct psim_besides besides;
    if (!r->hw || !workload ||
        !psim_load_besides(r->arena, r->diag, r->arguments, r->hw, workload,
                           &besides)) {
        return false;
    }
    run->words = join_words(r->arena, r->arguments->words[0], words, n);
    run->result = psim_predict(r->arena, r->diag, r->hw, workload, &r->how);
    if (!run->result ||
        !psim_report_programs(r->arena, r->diag, r->hw, workload, &r->how, run)) {
        return false;
    }
    const struct psim_turn_words again = {r->arguments, words, n};
    const struct psim_knob_case at = {r->hw, workload, run->result};
    psim_report_turns(r->arena, &again, &r->text, &at, &r->how, run);
    if (r->arguments->no_timeline) {
        run->no_timeline = "--no-timeline was given";
    } else {
        psim_report_timeline(r->arena, r->hw, workload, &r->how, run);
    }
    collect_measured(r->arena, &besides, run);
    return true;
}

static bool
collect_runs(struct report *r, struct psim_page *page)
{
    const char *const *words = r->arguments->words + 1;
    const size_t n = r->arguments->n_words - 1;
    struct psim_page_run *runs = PSIM_NEW_N(r->arena, struct psim_page_run, n);
    bool ok = true;
    for (size_t at = 0; at < n;) {
        const size_t len = psim_workload_word_count(words + at, n - at);
        ok = collect_run(r, words + at, len, &runs[page->n_runs++]) && ok;
        at += len;
    }
    page->runs = runs;
    return ok;
}

static int
report(struct psim_arena *arena, struct psim_diag *diag,
       const struct psim_arguments *arguments)
{
    struct report r = {
        .arena = arena,
        .diag = diag,
        .arguments = arguments,
        .how = {.engine = psim_need_engine(diag, NULL),
                .sustained = arguments->sustained},
    };
    if (!psim_read_launch(diag, arguments->launch, &r.how)) return PSIM_EXIT_USAGE;
    if (psim_open_machine(arena, diag, arguments->words[0], arguments, &r.text)) {
        r.hw = psim_hw_judge(arena, diag, &r.text);
    }
    struct psim_page page = {
        .version = PSIM_VERSION,
        .command =
            join_words(arena, "perfsim report", arguments->words, arguments->n_words)};
    if (!collect_runs(&r, &page) || !r.hw) return PSIM_EXIT_INPUT;
    psim_machine_roofs(arena, r.hw, &page.roofs);
    collect_sources(arena, &r.text, &page);
    struct overs overs = {.arena = arena};
    find_overs(&overs, r.text.root, NULL);
    page.overs = overs.items;
    page.n_overs = overs.n;
    return psim_write_page(diag, &page, arguments->output) ? PSIM_EXIT_OK
                                                           : PSIM_EXIT_INPUT;
}

static const struct psim_option *const options[] = {
    &psim_option_output,      &psim_option_overlay,
    &psim_option_no_overlay,  &psim_option_set,
    &psim_option_with,        &psim_option_sustained,
    &psim_option_launch,      &psim_option_measured,
    &psim_option_no_timeline, NULL,
};

extern const struct psim_command psim_command_report; /* src/cli/commands.c */
const struct psim_command psim_command_report = {
    .name = "report",
    .usage = "MACHINE WORKLOAD...",
    .doc = "explain predictions in one page of HTML, with pictures",
    .options = options,
    .least_words = 2,
    .run = report,
};
