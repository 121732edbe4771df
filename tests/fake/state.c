/* SPDX-License-Identifier: MIT */
/** @file What the fake libraries remember: calls, and what was not given back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"

enum { MOST_NAMES = 128 };

static struct {
    char name[48];
    int count;
} calls[MOST_NAMES], things[MOST_NAMES];

static int
count_of(const char *name, int change, bool call)
{
    for (int i = 0; i < MOST_NAMES; i++) {
        char *own = call ? calls[i].name : things[i].name;
        if (own[0] == '\0') (void)snprintf(own, sizeof(calls[i].name), "%s", name);
        if (strcmp(own, name) != 0) continue;
        int *count = call ? &calls[i].count : &things[i].count;
        return *count += change;
    }
    abort();
}

static void
log_line(const char *what, const char *name, int n)
{
    const char *path = getenv("FAKE_CUDA_LOG");
    FILE *log = path ? fopen(path, "a") : NULL;
    if (!log) return;
    fprintf(log, "%s %s %d\n", what, name, n);
    (void)fclose(log);
}

int
fake_call(const char *name)
{
    enum { FAKE_ERROR = 719 }; /* CUDA_ERROR_LAUNCH_FAILED */
    const int n = count_of(name, 1, true);
    const char *fail = getenv("FAKE_CUDA_FAIL");
    const size_t len = strlen(name);
    log_line("call", name, n);
    if (!fail || strncmp(fail, name, len) != 0 || fail[len] != ':') return 0;
    return atoi(fail + len + 1) == n ? FAKE_ERROR : 0;
}

void
fake_count(const char *kind, int change)
{
    (void)count_of(kind, change, false);
}

__attribute__((destructor)) static void
tell_what_is_left(void)
{
    for (int i = 0; i < MOST_NAMES && things[i].name[0]; i++) {
        if (things[i].count != 0) log_line("left", things[i].name, things[i].count);
    }
    log_line("closed", "library", 1);
}
