/* SPDX-License-Identifier: MIT */
/** @file Runs a fuzz target without a fuzzing engine: seeds, then mutated seeds. */
#include <assert.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "target.h"

/*
 * Usage: fuzz_x [-runs=N] [-seed=S] [-max_len=N] [-timeout=S] [FILE|FOLDER]...
 *
 * The options are libFuzzer's, so that one command line serves both. Run number
 * r depends on the seed, on r and on the files alone, whatever the machine. The
 * runs are in a child process. Each input stands in shared memory before it is
 * tried, so that the parent can save the one that ended the child.
 */

enum {
    MAX_SEEDS = 1024,
    MAX_DEPTH = 8,     /* of folders */
    MAX_MUTATIONS = 8, /* of one input */
    MAX_SPLICE = 128,  /* bytes copied from another seed */
};

struct bytes {
    uint8_t *data;
    size_t size;
};

struct options {
    uint64_t runs, seed, max_len, timeout_s;
};

struct corpus {
    struct bytes seeds[MAX_SEEDS];
    size_t n;
};

/** What parent and child share. */
struct current {
    uint64_t run;
    size_t size;
    uint8_t data[];
};

/** splitmix64: every seed is a good one. */
static uint64_t
next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/** A number below @p bound; 0 where the bound is. */
static size_t
below(uint64_t *state, size_t bound)
{
    const uint64_t random = next_random(state);
    return bound ? (size_t)(random % bound) : 0;
}

static void
load_file(struct corpus *corpus, const char *path, size_t max_len)
{
    FILE *file = fopen(path, "rb");
    if (!file || corpus->n == MAX_SEEDS) {
        if (file) (void)fclose(file);
        return;
    }
    uint8_t *data = malloc(max_len);
    assert(data);
    const size_t size = fread(data, 1, max_len, file);
    (void)fclose(file);
    corpus->seeds[corpus->n++] = (struct bytes){data, size};
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/** A file, or all files of a folder in the order of their names; none if absent. */
static void
load(struct corpus *corpus, const char *path, size_t max_len, int depth)
{
    struct stat status;
    if (stat(path, &status) != 0 || depth > MAX_DEPTH) return;
    if (!S_ISDIR(status.st_mode)) {
        load_file(corpus, path, max_len);
        return;
    }
    struct dirent **entries = NULL;
    const int n = scandir(path, &entries, NULL, by_name);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        char child[4096];
        const int len = snprintf(child, sizeof(child), "%s/%s", path, name);
        if (name[0] != '.' && len > 0 && (size_t)len < sizeof(child)) {
            load(corpus, child, max_len, depth + 1);
        }
        free(entries[i]);
    }
    free(entries);
}

/** Put @p n bytes at @p at, moving the rest up; what passes max_len falls off. */
static void
insert(struct current *input, size_t at, const uint8_t *bytes, size_t n, size_t max_len)
{
    if (at + n > max_len) n = max_len - at;
    size_t rest = input->size - at;
    if (at + n + rest > max_len) rest = max_len - at - n;
    memmove(input->data + at + n, input->data + at, rest);
    memcpy(input->data + at, bytes, n);
    input->size = at + n + rest;
}

static void
erase(struct current *input, size_t at, size_t n)
{
    if (n > input->size - at) n = input->size - at;
    memmove(input->data + at, input->data + at + n, input->size - at - n);
    input->size -= n;
}

/** One change: of a bit, of a byte, of a stretch, or a word that parsers trip over. */
static void
mutate(struct current *input, const struct corpus *corpus, size_t max_len,
       uint64_t *state)
{
    static const char *const words[] = {
        "0",     "-1",   "1e999", "nan",  "inf", "18446744073709551616",
        "0x10",  "1.5",  "null",  "[",    "]",   "{",
        "}",     "{}",   "[]",    ":",    "&a ", "*a ",
        "<<: ",  "- ",   "\n",    "\n  ", "\t",  "\r\n",
        "---\n", "\"",   "'",     "\\u",  "%",   "#",
        ",",     "\xff",
    };
    const size_t at = below(state, input->size + 1);
    switch (below(state, 6)) {
    case 0:
        if (at < input->size) input->data[at] ^= (uint8_t)(1u << below(state, 8));
        break;
    case 1:
        if (at < input->size) input->data[at] = (uint8_t)next_random(state);
        break;
    case 2:
        erase(input, at, 1 + below(state, 4));
        break;
    case 3:
        erase(input, at, below(state, input->size));
        break;
    case 4: {
        const char *word = words[below(state, sizeof(words) / sizeof(words[0]))];
        insert(input, at, (const uint8_t *)word, strlen(word), max_len);
        break;
    }
    default: {
        if (!corpus->n) break;
        const struct bytes *other = &corpus->seeds[below(state, corpus->n)];
        const size_t from = below(state, other->size);
        size_t n = below(state, MAX_SPLICE);
        if (n > other->size - from) n = other->size - from;
        insert(input, at, other->data + from, n, max_len);
        break;
    }
    }
}

/** The input of one run: the seeds as they are come first. */
static void
make_input(struct current *input, const struct corpus *corpus,
           const struct options *options, uint64_t run)
{
    uint64_t state = options->seed ^ (run * 0xd1342543de82ef95u);
    const struct bytes empty = {NULL, 0};
    const size_t pick = run < corpus->n ? (size_t)run : below(&state, corpus->n);
    const struct bytes *seed = corpus->n ? &corpus->seeds[pick] : &empty;
    input->run = run;
    input->size = seed->size;
    if (seed->size) memcpy(input->data, seed->data, seed->size);
    if (run < corpus->n) return;
    for (size_t n = 1 + below(&state, MAX_MUTATIONS); n > 0; n--) {
        mutate(input, corpus, (size_t)options->max_len, &state);
    }
}

static bool
parse_option(const char *argument, const char *name, uint64_t *ret_value)
{
    const size_t len = strlen(name);
    if (strncmp(argument, name, len) != 0 || argument[len] != '=') return false;
    *ret_value = strtoull(argument + len + 1, NULL, 10);
    return true;
}

/** Say what ended the child and keep the input that did. */
static int
report(const struct current *input, int status, const char *program)
{
    const char *slash = strrchr(program, '/');
    char path[256];
    (void)snprintf(path, sizeof(path), "crash-%s-%llu", slash ? slash + 1 : program,
                   (unsigned long long)input->run);
    FILE *file = fopen(path, "wb");
    const bool saved = file && fwrite(input->data, 1, input->size, file) == input->size;
    if (file) (void)fclose(file);
    (void)fprintf(stderr,
                  "%s: run %llu ended the program: %s %d; input of %zu bytes %s%s\n",
                  program, (unsigned long long)input->run,
                  WIFSIGNALED(status) ? "signal" : "exit",
                  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
                  input->size, saved ? "in " : "could not be saved as ", path);
    return EXIT_FAILURE;
}

/** Memory that a forked child and its parent both see; a file so that POSIX has it. */
static struct current *
share(size_t size)
{
    FILE *file = tmpfile();
    if (!file || ftruncate(fileno(file), (off_t)size) != 0) return NULL;
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
    (void)fclose(file);
    return memory == MAP_FAILED ? NULL : memory;
}

static void
run_all(struct current *input, const struct corpus *corpus,
        const struct options *options)
{
    for (uint64_t run = 0; run < options->runs; run++) {
        make_input(input, corpus, options, run);
        /* A copy of its very size, so that a sanitizer sees one byte too far. */
        uint8_t *copy = malloc(input->size ? input->size : 1);
        assert(copy);
        memcpy(copy, input->data, input->size);
        (void)alarm((unsigned)options->timeout_s);
        (void)LLVMFuzzerTestOneInput(copy, input->size);
        free(copy);
    }
}

int
main(int argc, char **argv)
{
    struct options options = {
        .runs = 20000, .seed = 1, .max_len = 8192, .timeout_s = 10};
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') continue;
        if (!parse_option(argv[i], "-runs", &options.runs) &&
            !parse_option(argv[i], "-seed", &options.seed) &&
            !parse_option(argv[i], "-max_len", &options.max_len) &&
            !parse_option(argv[i], "-timeout", &options.timeout_s)) {
            (void)fprintf(stderr, "%s: unknown option %s\n", argv[0], argv[i]);
            return 2;
        }
    }
    struct corpus *corpus = calloc(1, sizeof(*corpus));
    assert(corpus);
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') load(corpus, argv[i], (size_t)options.max_len, 0);
    }
    struct current *input = share(sizeof(*input) + (size_t)options.max_len);
    assert(input);

    int status = 0;
    const pid_t child = fork();
    if (child == 0) run_all(input, corpus, &options);
    if (child > 0) (void)waitpid(child, &status, 0);
    for (size_t i = 0; i < corpus->n; i++) {
        free(corpus->seeds[i].data);
    }
    free(corpus);
    if (child == 0) return 0;
    if (child < 0 || status != 0) return report(input, status, argv[0]);
    (void)printf("%s: %llu runs\n", argv[0], (unsigned long long)options.runs);
    return 0;
}
