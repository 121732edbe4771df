/* SPDX-License-Identifier: MIT */
/** @file What the template of a machine file may name beside figures. */
#pragma once

#include "measure/cuda/probe.h"

/** A number of the device. */
double psim_gpu_spec_count(const struct psim_gpu_probe *probe, const char *name);

/** A text; NULL: it is none, but a figure. */
const char *psim_gpu_spec_text(const struct psim_gpu_probe *probe, const char *name);

/** Whether lines of that mark are kept. */
bool psim_gpu_spec_is(const struct psim_gpu_probe *probe, const char *name);

/** The entries of `libraries:`: the kernels that `measure` runs. */
const char *psim_gpu_spec_libraries(const struct psim_gpu_probe *probe);
