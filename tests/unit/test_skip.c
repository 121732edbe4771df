/* SPDX-License-Identifier: MIT */
/** @file A run that skips what recurs ends like one that simulates all of it. */
#include "check_machines.h"
#include "plan/plan_text.h"

enum { SHAPES = 60 /* of each kind */, MACHINES = CHECK_MAX_MACHINES + 2 };

static struct psim_kernel_time
time_of(struct psim_arena *arena, const struct psim_plan *plan, uint32_t kernel,
        bool in_full)
{
    struct psim_kernel_time time;
    const struct psim_launch launch = {.kernel = kernel, .in_full = in_full};
    psim_engine_find("event")->time(arena, plan, &launch, &time);
    return time;
}

/** Both runs of all kernels. @return events that were skipped */
static uint64_t
check_same(struct psim_arena *arena, const struct psim_plan *plan, const char *text)
{
    uint64_t skipped = 0;
    for (uint32_t k = 0; k < plan->n_kernels; k++) {
        const char *name = plan->kernels[k].name;
        const struct psim_kernel_time full = time_of(arena, plan, k, true);
        const struct psim_kernel_time some = time_of(arena, plan, k, false);
        CHECK_THAT(full.skipped == 0, "%s: %s: a full run skips", text, name);
        CHECK_THAT(full.time_s == some.time_s, "%s: %s: %.17g s in full, else %.17g s",
                   text, name, full.time_s, some.time_s);
        CHECK_THAT(full.events == some.events, "%s: %s: %llu events in full, else %llu",
                   text, name, (unsigned long long)full.events,
                   (unsigned long long)some.events);
        for (uint32_t v = 0; v < plan->n_servers; v++) {
            const struct psim_load *a = &full.loads[v], *b = &some.loads[v];
            CHECK_THAT(a->busy_s == b->busy_s && a->read == b->read &&
                           a->energy_j == b->energy_j && a->written == b->written,
                       "%s: %s: %s is busy %.17g s, reads %.17g, writes %.17g in full, "
                       "else %.17g s, %.17g, %.17g",
                       text, name, plan->servers[v].name, a->busy_s, a->read,
                       a->written, b->busy_s, b->read, b->written);
        }
        skipped += some.skipped;
    }
    return skipped;
}

/* --- any op on any machine --------------------------------------------------- */

/** Extents of which the larger ones recur, and the full run takes milliseconds. */
static uint64_t
most_of(enum check_kind kind)
{
    static const uint64_t most[CHECK_N_KINDS] = {
        [CHECK_GEMM] = 2048,    [CHECK_ELEMENTWISE] = 160,   [CHECK_SOFTMAX] = 600,
        [CHECK_NAIVE] = 600,    [CHECK_FLASH2] = 1200,       [CHECK_FLASH3] = 1500,
        [CHECK_SERIAL] = 40,    [CHECK_DIRECT] = 64,         [CHECK_IM2COL] = 128,
        [CHECK_IMPLICIT] = 128, [CHECK_FLASH_DECODE] = 4000, [CHECK_LAYERNORM] = 600,
        [CHECK_RMSNORM] = 600,  [CHECK_BATCHNORM] = 600,     [CHECK_REDUCE] = 600,
        [CHECK_COPY] = 300,     [CHECK_TRANSPOSE] = 500,     [CHECK_GATHER] = 400,
        [CHECK_POOL] = 300,     [CHECK_FFT] = 400,           [CHECK_NBODY] = 400};
    return most[kind];
}

/** One in four draws is of one size, and large: random ones seldom recur. */
START_TEST(ops_skip_to_the_same_end)
{
    const enum check_kind kind = (enum check_kind)_i;
    struct check_random random = {(uint64_t)_i + 77};
    struct psim_arena arena = {0};
    const struct psim_hw *machines[MACHINES];
    const size_t n_machines = check_all_machines(&arena, machines);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    const struct psim_arena_mark mark = psim_arena_mark(&arena);
    uint64_t skipped = 0;
    unsigned built = 0;
    for (unsigned i = 0; built < SHAPES; i++) {
        CHECK_THAT(i < 30 * SHAPES, "only %u of %u shapes", built, i);
        const char *text = check_random_op(&arena, &random, kind, most_of(kind));
        const struct psim_op *op = check_op(&arena, text);
        const struct psim_hw *hw = machines[i % n_machines];
        struct psim_chosen c;
        const bool best = check_draw(&random, 0, 2) == 0;
        if (best ? check_choose(&arena, hw, op, &c)
                 : check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            built++;
            text = psim_arena_printf(&arena, "%s on %s", text, hw->name);
            skipped += check_same(&arena, c.plan, text);
        }
        psim_arena_rewind(&arena, mark);
    }
    psim_arena_free(&arena);
    CHECK_THAT(skipped > 0, "kind %d: nothing recurs in %u shapes", _i, built);
}
END_TEST

/* --- loops that share blocks, whatever the cache holds ------------------------ */

/** Long loops of many units: all of a cache's states, from too small to all of it. */
START_TEST(shared_blocks_skip_to_the_same_end)
{
    static const char *const ops[] = {
        "gemm m=1500 n=1000 k=16384 dtype=bf16",
        "gemm m=3000 n=3000 k=3000 dtype=fp16",
        "gemm m=300 n=1000 k=9000 dtype=fp32",
        "gemm m=2048 n=700 k=5000 batch=3 dtype=fp16",
        "attention algorithm=flash2 heads=4 seq_q=4096 head_dim=128 dtype=fp16",
        "attention algorithm=naive heads=4 seq_q=3000 head_dim=64 dtype=fp16",
        ("conv2d algorithm=implicit_gemm batch=8 in_channels=256 out_channels=256 "
         "height=28 width=28 kernel=3,3 padding=1,1 dtype=fp16"),
    };
    static const char *const sizes[] = {"1 MiB", "3 MiB", "7 MiB", "20 MiB", "60 MiB"};
    struct psim_arena arena = {0};
    const char *set = psim_arena_printf(&arena, "memory_domains.l2.size=%s", sizes[_i]);
    const struct psim_hw *hw = check_machine(&arena, "h200", &set, 1);
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    struct check_random random = {(uint64_t)_i + 5};
    uint64_t skipped = 0;
    for (size_t i = 0; i < PSIM_COUNT(ops); i++) {
        const struct psim_op *op = check_op(&arena, ops[i]);
        struct psim_chosen c;
        CHECK_THAT(check_choose(&arena, hw, op, &c), "%s: cannot be run", ops[i]);
        skipped += check_same(&arena, c.plan, ops[i]);
        if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
            skipped += check_same(&arena, c.plan, ops[i]);
        }
    }
    psim_arena_free(&arena);
    CHECK_THAT(skipped > 0, "%s: nothing recurs", sizes[_i]);
}
END_TEST

/* --- caches of single units ---------------------------------------------------- */

/** Blocks that pass through the units' own caches first, of any size. */
START_TEST(own_caches_skip_to_the_same_end)
{
    static const char *const ops[] = {
        "gemm m=600 n=700 k=2048 dtype=fp32",
        "gemm m=512 n=300 k=1500 batch=2 dtype=fp32",
        "gemm m=96 n=1000 k=5000 dtype=fp32",
    };
    static const struct {
        const char *machine, *own, *shared;
    } rows[] = {
        {"v100_pcie", "4 KiB", "6 MiB"},   {"v100_pcie", "40 KiB", "6 MiB"},
        {"v100_pcie", "128 KiB", "6 MiB"}, {"v100_pcie", "128 KiB", "200 KiB"},
        {"v100_pcie", "16 KiB", "1 MiB"},  {"v100_pcie", "40 KiB", "60 MiB"},
    };
    struct psim_arena arena = {0};
    const char *const sets[] = {
        psim_arena_printf(&arena, "memory_domains.l1.size=%s", rows[_i].own),
        psim_arena_printf(&arena, "memory_domains.l2.size=%s", rows[_i].shared),
    };
    const struct psim_hw *hw =
        check_machine(&arena, rows[_i].machine, sets, PSIM_COUNT(sets));
    struct check_builder *builder = PSIM_NEW(&arena, struct check_builder);
    struct check_random random = {(uint64_t)_i + 9};
    uint64_t skipped = 0;
    for (size_t i = 0; i < PSIM_COUNT(ops); i++) {
        const struct psim_op *op = check_op(&arena, ops[i]);
        struct psim_chosen c;
        CHECK_THAT(check_choose(&arena, hw, op, &c), "%s: cannot be run", ops[i]);
        skipped += check_same(&arena, c.plan, ops[i]);
        for (unsigned draw = 0; draw < 2; draw++) {
            if (check_any_plan(&arena, builder, hw, op, &random, NULL, &c)) {
                skipped += check_same(&arena, c.plan, ops[i]);
            }
        }
    }
    psim_arena_free(&arena);
    CHECK_THAT(skipped > 0, "%s, %s: nothing recurs", rows[_i].own, rows[_i].shared);
}
END_TEST

/* --- by hand ------------------------------------------------------------------- */

/*
 * Three stages of 3, 5 and 2 us, n frames: the first takes 3 + 5 + 2 = 10 us, then one
 * leaves every 5 us: 10 + (n - 1) 5 us. Of 100,000 frames all but the first few are
 * skipped; as the frames of 1,000 items of a kernel with 100 turns each, the same.
 */
static const char stages[] = "server one op\n"
                             "server two op\n"
                             "server three op\n"
                             "act first op\n"
                             "  one time 3e-6\n"
                             "act second op\n"
                             "  two time 5e-6\n"
                             "act third op\n"
                             "  three time 2e-6\n"
                             "kernel frames on socket dispatch %s\n"
                             "  axes f %llu\n"
                             "  walk f\n"
                             "  channel a depth 2\n"
                             "  channel b depth 3\n"
                             "  role first\n"
                             "    loop %llu\n"
                             "      reserve a\n"
                             "      do first 1\n"
                             "      commit a\n"
                             "    end\n"
                             "  role second\n"
                             "    loop %llu\n"
                             "      wait a\n"
                             "      reserve b\n"
                             "      do second 1\n"
                             "      commit b\n"
                             "      release a\n"
                             "    end\n"
                             "  role third\n"
                             "    loop %llu\n"
                             "      wait b\n"
                             "      do third 1\n"
                             "      release b\n"
                             "    end\n"
                             "run frames\n";

START_TEST(stages_skip_to_the_end_by_hand)
{
    static const struct {
        const char *dispatch;
        unsigned long long items, turns;
    } rows[] = {
        {"stride", 1, 100000}, {"queue", 1, 100000}, {"each", 1, 100000},
        {"stride", 1000, 100}, {"queue", 1000, 100}, {"stride", 100000, 1},
        {"queue", 100000, 1},  {"stride", 20000, 5}, {"queue", 20000, 5},
    };
    struct psim_arena arena = {0};
    const unsigned long long turns = rows[_i].turns;
    const char *text = psim_arena_printf(&arena, stages, rows[_i].dispatch,
                                         rows[_i].items, turns, turns, turns);
    struct psim_diag diag = {.arena = &arena};
    const struct psim_plan *plan = psim_plan_read(&arena, &diag, "stages", text);
    if (!plan) psim_diag_print(&diag, stderr, false);
    CHECK_THAT(plan != NULL, "cannot be read:\n%s", text);
    const uint64_t skipped = check_same(&arena, plan, text);
    const struct psim_kernel_time time = time_of(&arena, plan, 0, false);
    const double want_s = (10 + 99999 * 5.0) * 1e-6;
    CHECK_THAT(time.time_s == want_s, "%.17g s, not %.17g s:\n%s", time.time_s, want_s,
               text);
    /* A state is kept at the 1st, 2nd, 4th, 8th, 16th comparison: of 100 turns, at most
     * a fifth has passed until it is there again. */
    CHECK_THAT(5 * skipped >= 4 * time.events, "only %llu of %llu events skipped:\n%s",
               (unsigned long long)skipped, (unsigned long long)time.events, text);
    psim_arena_free(&arena);
}
END_TEST

/*
 * A loop through 1,000 blocks of 1 KiB of B and of A. Of A an earlier loop left 500 to
 * 509 in the outer cache, and none in the inner one, which has room for 4. A block
 * takes 1 us from memory and 100 ns from the outer cache: 10 + 1,000 + 990 of the
 * former and 10 of the latter. A skip ends where that changes, at the last look-up of a
 * period.
 */
static const char found_later[] = "server memory B for all\n"
                                  "cache inner 4096\n"
                                  "cache outer 1048576 for all\n"
                                  "act load B latency 0\n"
                                  "  cache inner miss 1e-7\n"
                                  "  cache outer miss 1e-6\n"
                                  "  memory time 0\n"
                                  "tensor A 1 B 1024000/1024\n"
                                  "tensor B 1 B 1024000/1024\n"
                                  "kernel walk on core units 1\n"
                                  "  axes i 1\n"
                                  "  walk i\n"
                                  "  tile early of A\n"
                                  "    dim size 1024 loop 0 step 1024 offset 512000\n"
                                  "  tile all of A\n"
                                  "    dim size 1024 loop 0 step 1024\n"
                                  "  tile other of B\n"
                                  "    dim size 1024 loop 0 step 1024\n"
                                  "  role reader\n"
                                  "    loop 10\n"
                                  "      do load 1024 tile early\n"
                                  "    end\n"
                                  "    loop 1000\n"
                                  "      do load 1024 tile other\n"
                                  "      do load 1024 tile all\n"
                                  "    end\n"
                                  "run walk\n";

START_TEST(a_skip_ends_where_a_block_is_found)
{
    struct psim_arena arena = {0};
    struct psim_diag diag = {.arena = &arena};
    const struct psim_plan *plan = psim_plan_read(&arena, &diag, "found", found_later);
    if (!plan) psim_diag_print(&diag, stderr, false);
    CHECK_THAT(plan != NULL, "cannot be read:\n%s", found_later);
    const uint64_t skipped = check_same(&arena, plan, found_later);
    const struct psim_kernel_time time = time_of(&arena, plan, 0, false);
    const double want_s = 2001e9 * 1e-15; /* in ticks, as the engine counts */
    CHECK_THAT(time.time_s == want_s, "%.17g s, not %.17g s", time.time_s, want_s);
    CHECK_THAT(2 * skipped > time.events, "only %llu of %llu events skipped",
               (unsigned long long)skipped, (unsigned long long)time.events);
    psim_arena_free(&arena);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("sim/skip");
    TCase *ops = tcase_create("ops");
    tcase_set_timeout(ops, 60);
    tcase_add_loop_test(ops, ops_skip_to_the_same_end, 0, CHECK_N_KINDS);
    suite_add_tcase(suite, ops);
    TCase *hand = tcase_create("hand");
    tcase_add_loop_test(hand, stages_skip_to_the_end_by_hand, 0, 9);
    tcase_add_test(hand, a_skip_ends_where_a_block_is_found);
    suite_add_tcase(suite, hand);
    TCase *shared = tcase_create("shared");
    tcase_set_timeout(shared, 60);
    tcase_add_loop_test(shared, shared_blocks_skip_to_the_same_end, 0, 5);
    suite_add_tcase(suite, shared);
    TCase *own = tcase_create("own");
    tcase_set_timeout(own, 60);
    tcase_add_loop_test(own, own_caches_skip_to_the_same_end, 0, 6);
    suite_add_tcase(suite, own);
    return check_main(suite);
}
