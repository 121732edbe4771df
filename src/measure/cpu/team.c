/* SPDX-License-Identifier: MIT */
/** @file Threads that spin a while for work, then sleep. */
#include "measure/cpu/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>

#include "util/arena.h"

enum {
    SPINS = 2000,  /* looks at a flag before the processor is offered to others */
    YIELDS = 2000, /* offers, before a thread sleeps */
};

struct member {
    struct psim_team *team;
    pthread_t thread;
    unsigned number;
    int cpu;
};

struct psim_team {
    struct member *members; /* of the threads beside the caller */
    unsigned n_threads;
    psim_team_work *work;
    void *context;
    atomic_uint round;   /* counts up: there is work */
    atomic_uint working; /* threads that are not done with it */
    atomic_uint waiting, meeting;
    atomic_uint sleepers;
    atomic_bool stop;
    pthread_mutex_t lock;
    pthread_cond_t wake;
};

static void
pause_a_moment(unsigned looks)
{
    if (looks > SPINS) {
        (void)sched_yield();
        return;
    }
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

static void
sleep_until(struct psim_team *team, unsigned seen)
{
    (void)pthread_mutex_lock(&team->lock);
    atomic_fetch_add(&team->sleepers, 1);
    while (atomic_load(&team->round) == seen) {
        (void)pthread_cond_wait(&team->wake, &team->lock);
    }
    atomic_fetch_sub(&team->sleepers, 1);
    (void)pthread_mutex_unlock(&team->lock);
}

static void
bind_to(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)cpu, &set);
    /* Where that is not allowed, the thread runs wherever it is put. */
    (void)pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void *
serve(void *argument)
{
    const struct member *member = argument;
    struct psim_team *team = member->team;
    unsigned seen = 0;
    if (member->cpu >= 0) bind_to(member->cpu);
    for (;;) {
        for (unsigned looks = 0; atomic_load(&team->round) == seen; looks++) {
            if (looks > SPINS + YIELDS) {
                sleep_until(team, seen);
            } else {
                pause_a_moment(looks);
            }
        }
        seen++;
        if (atomic_load(&team->stop)) return NULL;
        team->work(team->context, member->number);
        atomic_fetch_sub(&team->working, 1);
    }
}

static void
next_round(struct psim_team *team)
{
    atomic_store(&team->working, team->n_threads - 1);
    atomic_fetch_add(&team->round, 1);
    if (atomic_load(&team->sleepers) == 0) return;
    (void)pthread_mutex_lock(&team->lock);
    (void)pthread_cond_broadcast(&team->wake);
    (void)pthread_mutex_unlock(&team->lock);
}

void
psim_team_run(struct psim_team *team, psim_team_work *work, void *context)
{
    team->work = work;
    team->context = context;
    next_round(team);
    work(context, 0);
    for (unsigned looks = 0; atomic_load(&team->working) > 0; looks++) {
        pause_a_moment(looks);
    }
}

void
psim_team_meet(struct psim_team *team)
{
    const unsigned meeting = atomic_load(&team->meeting);
    if (atomic_fetch_add(&team->waiting, 1) + 1 == team->n_threads) {
        atomic_store(&team->waiting, 0);
        atomic_fetch_add(&team->meeting, 1);
        return;
    }
    for (unsigned looks = 0; atomic_load(&team->meeting) == meeting; looks++) {
        pause_a_moment(looks);
    }
}

struct psim_team *
psim_team_start(struct psim_arena *arena, const int *cpus, unsigned n_threads)
{
    struct psim_team *team = PSIM_NEW(arena, struct psim_team);
    team->members = PSIM_NEW_N(arena, struct member, n_threads);
    (void)pthread_mutex_init(&team->lock, NULL);
    (void)pthread_cond_init(&team->wake, NULL);
    team->n_threads = 1;
    for (unsigned i = 1; i < n_threads; i++) {
        struct member *member = &team->members[i - 1];
        *member =
            (struct member){.team = team, .number = i, .cpu = cpus ? cpus[i] : -1};
        if (pthread_create(&member->thread, NULL, serve, member) != 0) {
            break;
        }
        team->n_threads++;
    }
    if (cpus) bind_to(cpus[0]);
    return team;
}

void
psim_team_stop(struct psim_team *team)
{
    if (!team) return;
    atomic_store(&team->stop, true);
    next_round(team);
    for (unsigned i = 1; i < team->n_threads; i++) {
        (void)pthread_join(team->members[i - 1].thread, NULL);
    }
    (void)pthread_mutex_destroy(&team->lock);
    (void)pthread_cond_destroy(&team->wake);
}

unsigned
psim_team_threads(const struct psim_team *team)
{
    return team->n_threads;
}

bool
psim_queue_take(struct psim_queue *queue, size_t n, size_t *ret_piece)
{
    *ret_piece = atomic_fetch_add(&queue->next, 1);
    return *ret_piece < n;
}

void
psim_team_share(const struct psim_team *team, unsigned thread, size_t n, size_t grain,
                size_t *ret_first, size_t *ret_end)
{
    const size_t grains = (n + grain - 1) / grain, threads = team->n_threads;
    const size_t first = grains * thread / threads * grain;
    const size_t end = grains * (thread + 1) / threads * grain;
    *ret_first = first < n ? first : n;
    *ret_end = end < n ? end : n;
}
