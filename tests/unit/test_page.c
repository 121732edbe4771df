/* SPDX-License-Identifier: MIT */
/** @file The page's data: no text of an input can be anything but text, what is alike
 * is there once, numbers are those of the result. */
#include <cJSON.h>
#include <math.h>

#include "check_main.h"
#include "report/page_parts.h"
#include "util/str.h"

/* --- a result of two kernels ------------------------------------------------------ */

struct fixture {
    struct psim_server_use servers[3], memory;
    struct psim_kernel_result kernels[3];
    struct psim_page_kernel own[3];
    struct psim_page_program program;
    struct psim_page_count count;
    struct psim_result result;
    struct psim_slope slope;
    struct psim_ceiling ceiling;
    struct psim_page_run run;
    struct psim_page page;
};

/** Three launches; the first and the last are alike. */
static void
fill_kernels(struct fixture *f, const char *name)
{
    for (size_t i = 0; i < 3; i++) {
        f->servers[i] = f->memory;
        f->servers[i].counts = PSIM_DIM_BYTES;
        f->servers[i].read = 3000;
        f->servers[i].busy_s = 2;
        f->kernels[i] = (struct psim_kernel_result){
            .name = name,
            .op = name,
            .op_index = i,
            .mapping = "none",
            .count = 1,
            .time_s = i == 1 ? 4 : 2,
            .flop = 600,
            .clock_hz = -1,
            .energy_j = -1,
            .bound_by = name,
            .groups = 1,
            .units = 1,
            .total_units = 1,
            .resident = 1,
            .unit_name = "unit",
            .servers = &f->servers[i],
            .n_servers = 1,
        };
        f->own[i] = (struct psim_page_kernel){
            .n_axes = 1, .extent = {1}, .axis_name = {"i"}, .bundle = 1};
    }
}

static void
fill(struct fixture *f, const char *name)
{
    *f = (struct fixture){0};
    f->memory = (struct psim_server_use){.name = name, .level = name, .home = true};
    fill_kernels(f, name);
    f->program = (struct psim_page_program){
        .text = "kernel a\n  do b\n", .counts = &f->count, .n_counts = 1};
    f->count = (struct psim_page_count){1, 7, 4096, PSIM_DIM_BYTES};
    f->result = (struct psim_result){
        .machine = name,
        .machine_title = name,
        .workload = name,
        .workload_title = name,
        .engine = "analytic",
        .time_s = 8,
        .energy_j = -1,
        .clock_hz = -1,
        .cap_w = -1,
        .flop = 1800,
        .bound_by = name,
        .kernels = f->kernels,
        .n_kernels = 3,
        .memories = &f->memory,
        .n_memories = 1,
    };
    f->slope = (struct psim_slope){name, 100, -1, true, {0}};
    f->ceiling = (struct psim_ceiling){PSIM_CEILING_VECTOR, name, "fp32", 400, -1, {0}};
    f->run = (struct psim_page_run){
        .result = &f->result,
        .kernels = f->own,
        .programs = &f->program,
        .n_programs = 1,
    };
    f->page = (struct psim_page){
        .version = "1",
        .command = name,
        .roofs = {.machine = name,
                  .title = name,
                  .slopes = &f->slope,
                  .n_slopes = 1,
                  .ceilings = &f->ceiling,
                  .n_ceilings = 1,
                  .base_w = -1},
        .runs = &f->run,
        .n_runs = 1,
    };
}

static cJSON *
parsed(struct psim_arena *arena, const struct fixture *f)
{
    cJSON *root = cJSON_Parse(psim_page_json(arena, &f->page));
    ck_assert_ptr_nonnull(root);
    return root;
}

static const cJSON *
run_of(const cJSON *root)
{
    return cJSON_GetArrayItem(cJSON_GetObjectItem(root, "runs"), 0);
}

static const char *
text_of(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
}

/* --- text stays text -------------------------------------------------------------- */

static const struct {
    const char *name, *shown;
} hostile[] = {
    {"</script><script>alert(1)</script>", NULL},
    {"<!--<script>", NULL},
    {"a & b &lt; c", NULL},
    {"\"'`\\", NULL},
    {"caf\xc3\xa9", NULL},
    /* A line separator of JavaScript, a byte that is no UTF-8, a bell, and what turns
       text round. */
    {"a\xe2\x80\xa8z", "a?z"},
    {"a\xffz", "a?z"},
    {"a\az", "a?z"},
    {"a\xe2\x80\xaez", "a?z"},
};

START_TEST(names_come_back_as_text)
{
    struct psim_arena arena = {0};
    struct fixture f;
    fill(&f, hostile[_i].name);
    const char *json = psim_page_json(&arena, &f.page);
    ck_assert_ptr_null(strpbrk(json, "<>&"));
    ck_assert_ptr_null(strstr(json, "\xe2\x80\xa8"));
    ck_assert_ptr_null(strstr(json, "\xe2\x80\xa9"));
    cJSON *root = parsed(&arena, &f);
    const char *want = hostile[_i].shown ? hostile[_i].shown : hostile[_i].name;
    ck_assert_str_eq(text_of(cJSON_GetObjectItem(root, "machine"), "title"), want);
    ck_assert_str_eq(text_of(run_of(root), "workload"), want);
    cJSON_Delete(root);
    psim_arena_free(&arena);
}
END_TEST

static size_t
count(const char *text, const char *word)
{
    size_t n = 0;
    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word)) {
        n++;
    }
    return n;
}

START_TEST(a_page_has_its_own_scripts_only)
{
    struct psim_arena arena = {0};
    struct fixture f;
    fill(&f, hostile[_i].name);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    psim_page_write(&arena, &f.page, out);
    ck_assert_int_eq(fclose(out), 0);
    /* Its data and its program. */
    ck_assert_uint_eq(count(text, "<script"), 2);
    ck_assert_uint_eq(count(text, "</script>"), 2);
    ck_assert_uint_eq(count(text, "<title>"), 1);
    ck_assert_ptr_nonnull(strstr(text, "default-src 'none'"));
    ck_assert_ptr_null(strstr(text, "{{"));
    ck_assert_int_eq(strncmp(text, "<!doctype html>\n", 16), 0);
    ck_assert_str_eq(text + len - strlen("</html>\n"), "</html>\n");
    free(text);
    psim_arena_free(&arena);
}
END_TEST

/* --- what is alike is there once
   -------------------------------------------------- */

START_TEST(kernels_that_are_alike_are_one)
{
    struct psim_arena arena = {0};
    struct fixture f;
    struct psim_page_classes classes;
    fill(&f, "k");
    psim_page_classify(&arena, &f.run, &classes);
    ck_assert_uint_eq(classes.n, 2);
    ck_assert_uint_eq(classes.of[0], 0);
    ck_assert_uint_eq(classes.of[1], 1);
    ck_assert_uint_eq(classes.of[2], 0);
    ck_assert_uint_eq(classes.first[1], 1);
    /* One figure of one server is enough to tell them apart. */
    f.servers[2].written = 1;
    psim_page_classify(&arena, &f.run, &classes);
    ck_assert_uint_eq(classes.n, 3);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(launches_name_their_kernel)
{
    struct psim_arena arena = {0};
    struct fixture f;
    fill(&f, "k");
    cJSON *root = parsed(&arena, &f);
    const cJSON *launches = cJSON_GetObjectItem(run_of(root), "launches");
    const cJSON *kernels = cJSON_GetObjectItem(run_of(root), "kernels");
    ck_assert_int_eq(cJSON_GetArraySize(launches), 3);
    ck_assert_int_eq(cJSON_GetArraySize(kernels), 2);
    const cJSON *last = cJSON_GetArrayItem(launches, 2);
    ck_assert_double_eq(cJSON_GetArrayItem(last, 0)->valuedouble, 0);
    /* [server, read, written, busy_s, energy_j] */
    ck_assert_str_eq(text_of(cJSON_GetArrayItem(kernels, 0), "uses"), "0 3e3 0 2 0");
    /* What is not known is null. */
    const cJSON *clock =
        cJSON_GetObjectItem(cJSON_GetArrayItem(kernels, 0), "clock_hz");
    ck_assert(cJSON_IsNull(clock));
    cJSON_Delete(root);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(lines_of_programs_are_there_once)
{
    struct psim_arena arena = {0};
    struct psim_page_lines lines = {.arena = &arena};
    for (size_t i = 0; i < 2000; i++) {
        const char *text = psim_arena_printf(&arena, "line %zu", i % 1000);
        ck_assert_uint_eq(psim_page_line(&lines, text, strlen(text)), i % 1000);
    }
    /* A line is not another that begins like it. */
    ck_assert_uint_eq(psim_page_line(&lines, "line 12", 6), 1);
    ck_assert_uint_eq(lines.n, 1000);
    psim_arena_free(&arena);
}
END_TEST

START_TEST(programs_are_lines_and_counts)
{
    struct psim_arena arena = {0};
    struct fixture f;
    fill(&f, "k");
    cJSON *root = parsed(&arena, &f);
    const cJSON *program =
        cJSON_GetArrayItem(cJSON_GetObjectItem(run_of(root), "programs"), 0);
    ck_assert_str_eq(text_of(program, "lines"), "0 1");
    ck_assert_str_eq(text_of(program, "counts"), "1 7 4096");
    const cJSON *lines = cJSON_GetObjectItem(root, "lines");
    ck_assert_str_eq(cJSON_GetArrayItem(lines, 1)->valuestring, "  do b");
    cJSON_Delete(root);
    psim_arena_free(&arena);
}
END_TEST

/* --- numbers ---------------------------------------------------------------------- */

static const struct {
    double number;
    int digits;
    const char *text;
} numbers[] = {
    {0, 5, "0"},
    {3, 5, "3"},
    {0.5, 5, "5e-1"},
    {1.25e-6, 5, "125e-8"},
    {1500, 5, "1500"},
    {15000, 5, "15e3"},
    {1234567, 3, "123e4"},
    {1e100, 5, "1e100"},
    {0x1p30, 10, "1073741824"},
    {-1, 5, "-"}, /* not known */
};

START_TEST(numbers_are_packed)
{
    struct psim_page_pack pack;
    psim_page_pack_start(&pack);
    psim_page_pack_add(&pack, 7, 1);
    psim_page_pack_add(&pack, numbers[_i].number, numbers[_i].digits);
    cJSON *text = psim_page_pack_end(&pack);
    char want[64];
    (void)snprintf(want, sizeof want, "7 %s", numbers[_i].text);
    ck_assert_str_eq(cJSON_GetStringValue(text), want);
    cJSON_Delete(text);
}
END_TEST

/* --- places of inputs ------------------------------------------------------------- */

static const char yaml[] = "memories:\n"
                           "  - name: far\n"
                           "    size: 1 GB\n"
                           "    bandwidth:\n"
                           "      peak: 1 B/s\n"
                           "  - name: near\n"
                           "units: {a: b}\n";

START_TEST(a_note_is_the_entry_that_stands_there)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_source *source =
        psim_source_new(&diag, "m.yaml", yaml, strlen(yaml));
    struct psim_page_notes notes = {.arena = &arena};
    ck_assert_uint_eq(psim_page_note(&notes, (struct psim_loc){0}), 0);
    ck_assert_uint_eq(psim_page_note(&notes, (struct psim_loc){source, 2, 5}), 1);
    ck_assert_uint_eq(psim_page_note(&notes, (struct psim_loc){source, 7, 8}), 2);
    ck_assert_uint_eq(psim_page_note(&notes, (struct psim_loc){source, 2, 9}), 1);
    const struct psim_source *above =
        psim_source_new(&diag, "over.yaml", "a:\n  size: 2 GB\n", 17);
    const struct psim_page_over over = {{source, 2, 5}, {above, 2, 9}};
    const struct psim_page page = {.overs = &over, .n_overs = 1};
    cJSON *list = psim_page_notes_json(&notes, &page);
    ck_assert_int_eq(cJSON_GetArraySize(list), 2);
    const cJSON *far = cJSON_GetObjectItem(cJSON_GetArrayItem(list, 0), "text");
    /* From its line up to the next entry. */
    ck_assert_int_eq(cJSON_GetArraySize(far), 4);
    ck_assert_str_eq(cJSON_GetArrayItem(far, 0)->valuestring, "  - name: far");
    ck_assert_str_eq(cJSON_GetArrayItem(far, 3)->valuestring, "      peak: 1 B/s");
    const cJSON *units = cJSON_GetObjectItem(cJSON_GetArrayItem(list, 1), "text");
    ck_assert_int_eq(cJSON_GetArraySize(units), 1);
    /* What an overlay says of that entry, and of no other. */
    const cJSON *overs = cJSON_GetObjectItem(cJSON_GetArrayItem(list, 0), "over");
    ck_assert_int_eq(cJSON_GetArraySize(overs), 1);
    ck_assert_str_eq(text_of(cJSON_GetArrayItem(overs, 0), "text"), "  size: 2 GB");
    overs = cJSON_GetObjectItem(cJSON_GetArrayItem(list, 1), "over");
    ck_assert_int_eq(cJSON_GetArraySize(overs), 0);
    cJSON_Delete(list);
    psim_arena_free(&arena);
}
END_TEST

/* --- knobs
   ------------------------------------------------------------------------ */

/* The second op becomes two kernels of 1 s and 2 s with 1000 and 500 B: together
 * they are where its kernel was. The others take 1 s instead of 2 s. */
START_TEST(turned_kernels_are_found_by_their_op)
{
    struct psim_arena arena = {0};
    struct fixture f, turned;
    fill(&f, "k");
    fill(&turned, "k");
    struct psim_kernel_result now[4] = {turned.kernels[0], turned.kernels[1],
                                        turned.kernels[1], turned.kernels[2]};
    struct psim_server_use less[2] = {turned.servers[0], turned.servers[0]};
    less[0].read = 1000;
    less[1].read = 500;
    now[0].time_s = now[3].time_s = 1;
    now[1].time_s = 1;
    now[1].servers = &less[0];
    now[2].time_s = 2;
    now[2].flop = 0;
    now[2].servers = &less[1];
    turned.result.kernels = now;
    turned.result.n_kernels = 4;
    const struct psim_page_turn turns[] = {
        {.knob = "x", .label = "2", .factor = 2, .result = &turned.result},
        {.knob = "x", .label = "4", .factor = 4, .why_not = "too much"},
    };
    f.run.turns = turns;
    f.run.n_turns = 2;
    cJSON *root = parsed(&arena, &f);
    const cJSON *knobs = cJSON_GetObjectItem(run_of(root), "knobs");
    ck_assert_int_eq(cJSON_GetArraySize(knobs), 1);
    const cJSON *steps = cJSON_GetObjectItem(cJSON_GetArrayItem(knobs, 0), "steps");
    /* [time_s, flop, bytes] of both classes */
    ck_assert_str_eq(text_of(cJSON_GetArrayItem(steps, 0), "points"),
                     "1 600 3e3 3 600 1500");
    ck_assert_str_eq(text_of(cJSON_GetArrayItem(steps, 1), "why_not"), "too much");
    cJSON_Delete(root);
    psim_arena_free(&arena);
}
END_TEST

/* --- time
   ------------------------------------------------------------------------- */

/* Four work-groups on two units, two after the other, from 10 s to 14 s: the ticks
 * of a half and of a whole launch are 131072 and 262143, "gAA" and "___" to the
 * base of 64.
 */
START_TEST(work_groups_are_where_they_ran)
{
    struct psim_arena arena = {0};
    struct fixture f;
    fill(&f, "k");
    for (size_t i = 0; i < 3; i++) {
        f.own[i].extent[0] = 4;
    }
    struct psim_placement_of placed[4];
    for (uint32_t g = 0; g < 4; g++) {
        placed[g] = (struct psim_placement_of){.unit = g % 2,
                                               .group = g,
                                               .start_s = g < 2 ? 10 : 12,
                                               .end_s = g < 2 ? 12 : 14};
    }
    struct psim_timeline_kernel kernel = {
        .name = "k",
        .op = "k",
        .mapping = "none",
        .launches = 1,
        .start_s = 10,
        .end_s = 14,
        .units = 2,
        .resident = 1,
        .n_placed = 4,
    };
    const struct psim_timeline timeline = {.time_s = 14,
                                           .turns = 1,
                                           .kernels = &kernel,
                                           .n_kernels = 1,
                                           .placed = placed,
                                           .n_placed = 4,
                                           .detail = ""};
    f.run.timeline = &timeline;
    cJSON *root = parsed(&arena, &f);
    const cJSON *kernels = cJSON_GetObjectItem(run_of(root), "kernels");
    const cJSON *play = cJSON_GetObjectItem(cJSON_GetArrayItem(kernels, 0), "play");
    ck_assert_str_eq(text_of(play, "start"), "AAAAAAgAAgAA");
    ck_assert_str_eq(text_of(play, "end"), "gAAgAA______");
    ck_assert_str_eq(text_of(play, "slot"), "AAAAABAAAAAB");
    const cJSON *line = cJSON_GetObjectItem(run_of(root), "timeline");
    /* [launch, start_s, end_s, launch_s, launches] */
    ck_assert_str_eq(text_of(line, "launches"), "0 10 14 0 1");
    cJSON_Delete(root);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("report/page");
    TCase *page = tcase_create("page");
    tcase_add_loop_test(page, names_come_back_as_text, 0, PSIM_COUNT(hostile));
    tcase_add_loop_test(page, a_page_has_its_own_scripts_only, 0, PSIM_COUNT(hostile));
    tcase_add_test(page, kernels_that_are_alike_are_one);
    tcase_add_test(page, launches_name_their_kernel);
    tcase_add_test(page, lines_of_programs_are_there_once);
    tcase_add_test(page, programs_are_lines_and_counts);
    tcase_add_loop_test(page, numbers_are_packed, 0, PSIM_COUNT(numbers));
    tcase_add_test(page, a_note_is_the_entry_that_stands_there);
    tcase_add_test(page, turned_kernels_are_found_by_their_op);
    tcase_add_test(page, work_groups_are_where_they_ran);
    suite_add_tcase(suite, page);
    return check_main(suite);
}
