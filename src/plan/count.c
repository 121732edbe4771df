/* SPDX-License-Identifier: MIT */
/** @file Exact sums over a grid (docs/MODEL.md, eq. C1 and C2). */
#include "plan/count.h"

#include <assert.h>
#include <string.h>

#include "util/arena.h"

/** All parameters of one axis in a product, and the factor before them. */
struct product {
    double coef;
    uint8_t param[PSIM_MAX_AXES][PSIM_MAX_FACTORS * (PSIM_MAX_NESTING + 1)];
    uint8_t n[PSIM_MAX_AXES];
};

static void
multiply(const struct psim_kernel *kernel, struct product *product,
         const struct psim_amount *amount)
{
    product->coef *= (double)amount->coef;
    for (size_t i = 0; i < PSIM_MAX_FACTORS && amount->param[i] != PSIM_NONE; i++) {
        const uint8_t axis = kernel->params[amount->param[i]].axis;
        product->param[axis][product->n[axis]++] = amount->param[i];
    }
}

/**
 * Sum of floor((a i + b) / c) for 0 <= i < n, by Euclid's algorithm.
 *
 * Notes: all arguments are non-negative, c positive; the sum stays below 2^63.
 * References: Graham, Knuth & Patashnik, Concrete Mathematics, sec. 3.5.
 */
static uint64_t
floor_sum(uint64_t n, uint64_t c, uint64_t a, uint64_t b)
{
    uint64_t sum = 0;
    while (n > 0) {
        if (a >= c) {
            sum += n * (n - 1) / 2 * (a / c);
            a %= c;
        }
        if (b >= c) {
            sum += n * (b / c);
            b %= c;
        }
        const uint64_t top = a * n + b;
        if (top < c) break;
        n = top / c;
        b = top % c;
        const uint64_t swap = c;
        c = a;
        a = swap;
    }
    return sum;
}

static const struct psim_run *
run_at(const struct psim_kernel *kernel, uint8_t param, uint32_t x)
{
    const struct psim_param *p = &kernel->params[param];
    for (uint8_t i = 0; i < p->n_runs; i++) {
        const struct psim_run *run = &kernel->runs[p->first_run + i];
        if (x - run->first < run->count) return run;
    }
    assert(false && "runs cover their axis");
    return NULL;
}

static double
product_at(const struct psim_kernel *kernel, const uint8_t *params, uint8_t n,
           uint32_t x)
{
    double value = 1;
    for (uint8_t i = 0; i < n; i++) {
        value *= (double)psim_param_value(kernel, params[i], x);
    }
    return value;
}

static void
note(struct psim_range *range, double value)
{
    if (value < range->least) range->least = value;
    if (value > range->most) range->most = value;
}

/** One stretch in which no parameter changes its run. */
static void
add_stretch(const struct psim_kernel *kernel, const uint8_t *params, uint8_t n,
            uint32_t first, uint32_t count, struct psim_range *range)
{
    const struct psim_run *sloped = NULL;
    uint8_t n_sloped = 0;
    double flat = 1;
    for (uint8_t i = 0; i < n; i++) {
        const struct psim_run *run = run_at(kernel, params[i], first);
        if (run->a != 0) {
            sloped = run;
            n_sloped++;
        } else {
            flat *= (double)psim_param_value(kernel, params[i], first);
        }
    }
    const double begin = product_at(kernel, params, n, first);
    const double end = product_at(kernel, params, n, first + count - 1);
    note(range, begin);
    note(range, end);
    if (n_sloped == 0) {
        range->sum += begin * count;
    } else if (n_sloped == 1 && sloped->a > 0 && sloped->b >= 0) {
        const uint64_t skip = first - sloped->first;
        range->sum +=
            flat * (double)floor_sum(count, (uint64_t)sloped->c, (uint64_t)sloped->a,
                                     (uint64_t)sloped->a * skip + (uint64_t)sloped->b);
    } else {
        for (uint32_t x = first; x < first + count; x++) {
            const double value = product_at(kernel, params, n, x);
            range->sum += value;
            note(range, value);
        }
    }
}

static struct psim_range
sum_axis(const struct psim_kernel *kernel, const uint8_t *params, uint8_t n,
         uint32_t extent)
{
    struct psim_range range = {.least = 1e300, .most = -1e300};
    for (uint32_t x = 0; x < extent;) {
        uint32_t end = extent;
        for (uint8_t i = 0; i < n; i++) {
            const struct psim_run *run = run_at(kernel, params[i], x);
            if (run->first + run->count < end) end = run->first + run->count;
        }
        add_stretch(kernel, params, n, x, end - x, &range);
        x = end;
    }
    return range;
}

/** A product with the sums over each axis that it depends on. */
struct counted {
    struct product product;
    struct psim_range axis[PSIM_MAX_AXES];
};

/** One more factor: only the axes of its parameters are summed again. */
static void
count_factor(const struct psim_kernel *kernel, struct counted *counted,
             const struct psim_amount *amount)
{
    struct product *product = &counted->product;
    uint8_t before[PSIM_MAX_AXES];
    memcpy(before, product->n, sizeof before);
    multiply(kernel, product, amount);
    for (uint8_t a = 0; a < kernel->n_axes; a++) {
        if (product->n[a] == before[a]) continue;
        counted->axis[a] =
            sum_axis(kernel, product->param[a], product->n[a], kernel->extent[a]);
    }
}

static struct psim_range
total_of(const struct psim_kernel *kernel, const struct counted *counted, double coef)
{
    struct psim_range total = {coef, coef, coef};
    for (uint8_t a = 0; a < kernel->n_axes; a++) {
        if (counted->product.n[a] == 0) {
            total.sum *= kernel->extent[a];
            continue;
        }
        total.sum *= counted->axis[a].sum;
        total.least *= counted->axis[a].least;
        total.most *= counted->axis[a].most;
    }
    return total;
}

struct psim_range
psim_count(const struct psim_kernel *kernel, const struct psim_amount *const *amounts,
           size_t n)
{
    struct counted counted = {.product.coef = 1};
    for (size_t i = 0; i < n; i++) {
        count_factor(kernel, &counted, amounts[i]);
    }
    return total_of(kernel, &counted, counted.product.coef);
}

/** The loops around a step, outermost first. */
static size_t
loops_around(const struct psim_kernel *kernel, uint16_t step,
             const struct psim_amount *ret[PSIM_MAX_NESTING + 1])
{
    uint16_t first = 0;
    for (uint8_t r = 0; r < kernel->n_roles; r++) {
        if (kernel->roles[r].first_step <= step &&
            kernel->roles[r].first_step >= first) {
            first = kernel->roles[r].first_step;
        }
    }
    size_t depth = 0;
    for (uint16_t s = first; s < step; s++) {
        if (kernel->steps[s].kind == PSIM_STEP_LOOP) {
            assert(depth < PSIM_MAX_NESTING);
            ret[depth++] = &kernel->steps[s].amount;
        } else if (kernel->steps[s].kind == PSIM_STEP_END) {
            assert(depth > 0);
            depth--;
        }
    }
    return depth;
}

struct psim_range
psim_count_step(const struct psim_kernel *kernel, uint16_t step)
{
    const struct psim_amount *amounts[PSIM_MAX_NESTING + 1];
    size_t n = loops_around(kernel, step, amounts);
    if (kernel->steps[step].kind == PSIM_STEP_DO) {
        amounts[n++] = &kernel->steps[step].amount;
    }
    return psim_count(kernel, amounts, n);
}

struct psim_range
psim_count_visits(const struct psim_kernel *kernel, uint16_t step)
{
    const struct psim_amount *amounts[PSIM_MAX_NESTING + 1];
    const size_t n = loops_around(kernel, step, amounts);
    return psim_count(kernel, amounts, n);
}

/** The amount of a step inside a nest of loops. */
static struct psim_range
count_in_nest(const struct psim_kernel *kernel, const struct counted *nest,
              const struct psim_amount *amount)
{
    if (amount->param[0] == PSIM_NONE) {
        return total_of(kernel, nest, nest->product.coef * (double)amount->coef);
    }
    struct counted with = *nest;
    count_factor(kernel, &with, amount);
    return total_of(kernel, &with, with.product.coef);
}

void
psim_count_steps(const struct psim_kernel *kernel,
                 struct psim_step_count ret[PSIM_MAX_STEPS])
{
    static const struct psim_amount one = {1, {PSIM_NONE}};
    struct counted nest[PSIM_MAX_NESTING + 1];
    nest[0] = (struct counted){.product.coef = 1};
    struct psim_range visits = count_in_nest(kernel, nest, &one);
    uint8_t depth = 0;
    for (uint16_t s = 0; s < kernel->n_steps; s++) {
        const struct psim_step *step = &kernel->steps[s];
        ret[s] = (struct psim_step_count){visits, visits};
        if (step->kind == PSIM_STEP_DO) {
            ret[s].amount = count_in_nest(kernel, &nest[depth], &step->amount);
        } else if (step->kind == PSIM_STEP_LOOP) {
            assert(depth < PSIM_MAX_NESTING);
            nest[depth + 1] = nest[depth];
            count_factor(kernel, &nest[++depth], &step->amount);
            visits = count_in_nest(kernel, &nest[depth], &one);
        } else if (step->kind == PSIM_STEP_END) {
            assert(depth > 0);
            visits = count_in_nest(kernel, &nest[--depth], &one);
        }
    }
}

double
psim_count_effort(const struct psim_kernel *kernel)
{
    struct psim_step_count counts[PSIM_MAX_STEPS];
    psim_count_steps(kernel, counts);
    double sum = 0;
    for (uint8_t r = 0; r < kernel->n_roles; r++) {
        const struct psim_role *role = &kernel->roles[r];
        for (uint16_t s = role->first_step; s < kernel->n_steps; s++) {
            sum += counts[s].visits.sum * role->gangs;
            if (kernel->steps[s].kind == PSIM_STEP_STOP) break;
        }
    }
    return sum;
}
