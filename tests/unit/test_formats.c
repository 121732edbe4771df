/* SPDX-License-Identifier: MIT */
/** @file What each report format makes of the same small document. */
#include <math.h>

#include "check_main.h"
#include "report/format.h"

static const struct psim_column columns[] = {
    {"name", "name", PSIM_DIM_NONE, false},
    {"time_s", "time", PSIM_DIM_SECONDS, false},
    {"share", "share", PSIM_DIM_NONE, true},
    {"hidden", NULL, PSIM_DIM_NONE, false},
    {"empty", "empty", PSIM_DIM_NONE, false},
};

/** Words that need quoting and escaping, numbers of all kinds, what is not known. */
static struct psim_document
make_document(struct psim_arena *arena)
{
    struct psim_document d = {.schema = "perfsim/test/v1", .title = "A *title*"};
    psim_document_line(&d, "One sentence.");
    psim_document_fact(&d, "word", "a word", PSIM_DIM_NONE,
                       psim_cell_text("say \"a, b\""));
    psim_document_fact(&d, "third", NULL, PSIM_DIM_NONE, psim_cell_number(1.0 / 3));
    psim_document_fact(&d, "flag", "a flag", PSIM_DIM_NONE, psim_cell_flag(true))
        ->remark = "yes or no";
    psim_document_fact(&d, "unknown", "nothing", PSIM_DIM_NONE, psim_cell_none);
    struct psim_table *t =
        psim_document_table(&d, "rows", "Two rows", columns, PSIM_COUNT(columns));
    const struct psim_cell cells[2][PSIM_COUNT(columns)] = {
        {psim_cell_text("a|b"), psim_cell_number(1.5e-3), psim_cell_number(0.25),
         psim_cell_number(7), psim_cell_none},
        {psim_cell_text("tab\there"), psim_cell_number(INFINITY), psim_cell_none,
         psim_cell_flag(false), psim_cell_none},
    };
    for (size_t r = 0; r < 2; r++) {
        memcpy(psim_table_row(arena, t), cells[r], sizeof cells[r]);
    }
    return d;
}

static const struct {
    const char *format, *text;
} rows[] = {
    /* 1/3 needs 16 digits, 0.0015 two; neither infinity nor what is unknown is a
     * number; what would move the cursor is a question mark. */
    {"csv", "facts\n"
            "schema,word,third,flag,unknown\n"
            "perfsim/test/v1,\"say \"\"a, b\"\"\",0.33333333333333331,true,\n"
            "\n"
            "rows\n"
            "name,time_s,share,hidden,empty\n"
            "a|b,0.0015,0.25,7,\n"
            "tab?here,,,false,\n"},
    {"markdown", "# A \\*title\\*\n"
                 "\n"
                 "One sentence.\n"
                 "\n"
                 "| | | |\n"
                 "|---|---|---|\n"
                 "| a word | say \"a, b\" |  |\n"
                 "| a flag | yes | yes or no |\n"
                 "\n"
                 "## Two rows\n"
                 "\n"
                 "| name | time | share |\n"
                 "|---|---:|---:|\n"
                 "| a\\|b | 1.5 ms | 25.0 % |\n"
                 "| tab?here | inf s | - |\n"},
};

START_TEST(a_document_is_printed)
{
    struct psim_arena arena = {0};
    const struct psim_document d = make_document(&arena);
    const struct psim_format *format = psim_format_find(rows[_i].format);
    ck_assert_ptr_nonnull(format);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    ck_assert_ptr_nonnull(out);
    format->write(&d, out, false);
    ck_assert_int_eq(fclose(out), 0);
    check_same_text(rows[_i].format, text, rows[_i].text);
    free(text);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("report/formats");
    TCase *tcase = tcase_create("documents");
    tcase_add_loop_test(tcase, a_document_is_printed, 0, (int)PSIM_COUNT(rows));
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
