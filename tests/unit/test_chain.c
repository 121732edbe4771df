/* SPDX-License-Identifier: MIT */
/** @file Ops in a row on this machine: what each of them reads. */
#include "check_main.h"
#include "measure/cpu/chain.h"
#include "measure/device.h"
#include "model/workload.h"

enum { THREADS = 2 };

static const char text[] =
    "{\"schema\": \"perfsim/workload/v1\", \"ops\": [{\"op\": \"graph\", \"repeat\": "
    "3, \"ops\": ["
    "{\"op\": \"conv2d\", \"algorithm\": \"implicit_gemm\", \"in_channels\": 3,"
    " \"out_channels\": 5, \"height\": 9, \"width\": 7, \"kernel\": [2, 2],"
    " \"dtype\": \"fp32\"},"
    "{\"op\": \"elementwise\", \"function\": \"relu\", \"elements\": 240,"
    " \"dtype\": \"fp32\"},"
    "{\"op\": \"pool2d\", \"channels\": 5, \"height\": 8, \"width\": 6,"
    " \"kernel\": [2, 2], \"dtype\": \"fp32\"},"
    "{\"op\": \"softmax\", \"rows\": 4, \"cols\": 9, \"dtype\": \"fp32\"}]}]}";

static const struct psim_workload *
read_workload(struct psim_arena *arena)
{
    struct psim_diag diag = {.arena = arena};
    const struct psim_workload *w = psim_workload_read(arena, &diag, "text", text);
    ck_assert_msg(w != NULL, "%s", check_printed(arena, &diag, false));
    return w;
}

START_TEST(a_graph_is_its_ops_once_and_how_often)
{
    struct psim_arena arena = {0};
    const struct psim_workload *w = read_workload(&arena);
    const struct psim_chains chains = psim_distinct_chains(&arena, &w, 1);
    ck_assert_uint_eq(chains.n, 5); /* four ops, and the graph */
    ck_assert_uint_eq(chains.items[3].n, 1);
    ck_assert_uint_eq(chains.items[4].n, 4);
    ck_assert_uint_eq(chains.items[4].repeat, 3);
    psim_arena_free(&arena);
}
END_TEST

/* 8 x 6 pixels of 5 channels are the 240 elements; their windows leave 4 x 3 x 5 = 60
 * elements, which are not the 36 of the softmax. */
START_TEST(an_op_reads_what_the_one_before_wrote)
{
    struct psim_arena arena = {0};
    const struct psim_workload *w = read_workload(&arena);
    const struct psim_chains chains = psim_distinct_chains(&arena, &w, 1);
    const struct psim_bench shared = {
        .arena = &arena,
        .host = psim_host_look(&arena),
        .team = psim_team_start(&arena, NULL, THREADS),
    };
    struct psim_cpu_chain chain;
    double worst;
    ck_assert_ptr_null(psim_cpu_chain_prepare(&shared, &chains.items[4], &chain));
    ck_assert_ptr_eq(chain.bench[1].in[0].data, chain.bench[0].out.data);
    ck_assert_ptr_eq(chain.bench[2].in[0].data, chain.bench[1].out.data);
    ck_assert_ptr_ne(chain.bench[3].in[0].data, chain.bench[2].out.data);
    ck_assert_ptr_null(psim_cpu_chain_check(&arena, &chain, &worst));
    /* The largest of a window of sums behind a relu is none below 0. */
    const float *pooled = chain.bench[2].out.data;
    for (int i = 0; i < 60; i++) {
        ck_assert(pooled[i] >= 0);
    }
    /* A result that is off is seen, whichever op it is of. */
    float *relu = chain.bench[1].out.data;
    relu[0] += 1;
    const struct psim_check check = psim_bench_check(&chain.bench[1]);
    ck_assert_double_gt(check.worst, 1);
    psim_cpu_chain_free(&chain);
    psim_team_stop(shared.team);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("measure/chain");
    TCase *tcase = tcase_create("chain");
    tcase_add_test(tcase, a_graph_is_its_ops_once_and_how_often);
    tcase_add_test(tcase, an_op_reads_what_the_one_before_wrote);
    suite_add_tcase(suite, tcase);
    return check_main(suite);
}
