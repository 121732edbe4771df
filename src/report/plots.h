/* SPDX-License-Identifier: MIT */
/** @file Pictures of results: plain data in, a figure out. */
#pragma once

#include "report/figure.h"
#include "result/metric.h"
#include "result/result.h"
#include "result/roofs.h"

/** What was measured of a result, or of one of its ops, beside its prediction as it was
 * measured. */
struct psim_measured_point {
    size_t run;     /**< of which result */
    const char *op; /**< NULL: of all its ops */
    double flop;
    double predicted_s, measured_s;
    double predicted_j, measured_j; /**< negative: not known */
};

/** Results of one machine, its roofs, and what was measured. */
struct psim_roofline_data {
    const struct psim_machine_roofs *roofs;
    const struct psim_result *const *results;
    size_t n_results;
    const struct psim_measured_point *measured;
    size_t n_measured;
};

/** "a", "a and b", "a, b and c"; @p n is at least 1. */
const char *psim_words_joined(struct psim_arena *arena, const char *const *words,
                              size_t n);

/**
 * A picture of results: the title says what they are of, the line under it where and
 * how long they take.
 *
 * @param what "Roofline"
 */
struct psim_figure *psim_figure_of_results(struct psim_arena *arena,
                                           const struct psim_figure_style *style,
                                           const char *what, const char *machine,
                                           const struct psim_result *const *results,
                                           size_t n);

/** Results over one parameter. */
struct psim_scaling_data {
    const char *machine;   /**< its title */
    const char *parameter; /**< "seq_q" */
    /** Its values, ascending; where they are words, 0, 1, 2 ... */
    const double *values;
    const char *const *texts; /**< as they were given */
    size_t n;
    bool words;
    bool parallel; /**< the values count units that work side by side */
    const struct psim_result *const *results; /**< run after run, @p n each */
    size_t n_runs;
    const char *const *names; /**< of the runs, without a value */
    const struct psim_metric *metric;
};

/**
 * A metric over a parameter; where that counts units, with what no overhead would give
 * and with Amdahl's law by the first two values (docs/MODEL.md, eq. G2); where it grows
 * the work, with a time in proportion to that.
 *
 * @return NULL where the metric is not known at every value
 */
struct psim_figure *psim_scaling_figure(struct psim_arena *arena,
                                        const struct psim_figure_style *style,
                                        const struct psim_scaling_data *data);

/** A prediction beside its measurement. */
struct psim_accuracy_point {
    const char *label;
    size_t group;
    double measured, predicted; /**< above 0 */
};

struct psim_accuracy_data {
    const char *machine; /**< its title */
    const char *engine;
    const struct psim_accuracy_point *points;
    size_t n;
    const char *const *groups; /**< their names */
    size_t n_groups;
};

/** Mean of |predicted / measured - 1| (docs/MODEL.md, eq. V1). @param group n_groups:
 * of all. @return negative where there is none */
double psim_accuracy_mape(const struct psim_accuracy_data *data, size_t group,
                          size_t *ret_n);

/** Predicted against measured times: on the diagonal where they agree. There is a point
 * at least. */
struct psim_figure *psim_accuracy_figure(struct psim_arena *arena,
                                         const struct psim_figure_style *style,
                                         const struct psim_accuracy_data *data);

/** The serial part by which Amdahl's law gives the second of two times of n0 and n1
 * units (docs/MODEL.md, eq. G2), 0 to 1. */
double psim_amdahl_serial(double n0, double time0_s, double n1, double time1_s);

/**
 * What the time of each kernel is made of, in bars; of several results, what the time
 * of each is made of, in parts of it.
 */
struct psim_figure *psim_breakdown_figure(struct psim_arena *arena,
                                          const struct psim_figure_style *style,
                                          const char *machine,
                                          const struct psim_result *const *results,
                                          size_t n);

/**
 * What a FLOP costs, by how often each byte is used, and what it costs in each kernel
 * (docs/MODEL.md, eq. G1).
 *
 * @return NULL where the machine does not state what its memory's bytes, or FLOP of a
 *         data type in use, take
 */
struct psim_figure *psim_energy_figure(struct psim_arena *arena,
                                       const struct psim_figure_style *style,
                                       const struct psim_roofline_data *data);

/**
 * A slope for each memory, a ceiling for each kind of unit and data type, each kernel
 * as a point per memory (docs/MODEL.md, eq. F8).
 *
 * @return NULL where no kernel has both FLOP and bytes, or no memory a bandwidth
 */
struct psim_figure *psim_roofline_figure(struct psim_arena *arena,
                                         const struct psim_figure_style *style,
                                         const struct psim_roofline_data *data);

/** Work-groups on their units over time, under them how busy it all is. The result has
 * a timeline. */
struct psim_figure *psim_timeline_figure(struct psim_arena *arena,
                                         const struct psim_figure_style *style,
                                         const struct psim_result *result);
