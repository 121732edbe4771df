/* SPDX-License-Identifier: MIT */
/** @file report: workloads on a machine, explained in one page of HTML. */
#include <stdlib.h>

#include "cli/report_parts.h"
#include "input/node.h"
#include "sim/roofs.h"
#include "util/arena.h"

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
    run->result = psim_predict(r->arena, r->diag, r->hw, workload, &r->how);
    if (!run->result ||
        !psim_report_programs(r->arena, r->diag, r->hw, workload, &r->how, run)) {
        return false;
    }
    const struct psim_report_words again = {r->arguments, words, n};
    psim_report_turns(r->arena, &again, &r->text, r->hw, workload, &r->how, run);
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

static const char *
command_line(struct psim_arena *arena, const struct psim_arguments *arguments)
{
    const char *text = "perfsim report";
    for (size_t i = 0; i < arguments->n_words; i++) {
        text = psim_arena_printf(arena, "%s %s", text, arguments->words[i]);
    }
    return text;
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
    struct psim_page page = {.version = PSIM_VERSION,
                             .command = command_line(arena, arguments)};
    if (!collect_runs(&r, &page) || !r.hw) return PSIM_EXIT_INPUT;
    psim_machine_roofs(arena, r.hw, &page.roofs);
    collect_sources(arena, &r.text, &page);
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
