/* SPDX-License-Identifier: MIT */
/** @file plot: pictures, drawn by gnuplot. */
#include <stdlib.h>
#include <string.h>

#include "cli/plot.h"
#include "report/run_gnuplot.h"
#include "util/arena.h"
#include "util/str.h"

extern char **environ; /* POSIX has it in no header */

static const struct psim_loc nowhere;

/** Wide enough for a page and a screen. */
enum { USUAL_PX = 1200 };

static const struct psim_plot_kind *
find_kind(struct psim_diag *diag, const struct psim_arguments *arguments)
{
    if (arguments->n_words == 0) {
        psim_error(
            diag, nowhere,
            "plot: a kind of plot is needed first; 'perfsim list plots' shows all");
        return NULL;
    }
    const char *name = arguments->words[0];
    struct psim_guess guess = psim_guess_start(name);
    for (size_t i = 0; psim_plot_kinds[i]; i++) {
        if (psim_str_equal(psim_plot_kinds[i]->name, name)) return psim_plot_kinds[i];
        psim_guess_try(&guess, psim_plot_kinds[i]->name);
    }
    psim_error(diag, nowhere,
               "plot: no kind of plot '%s'; 'perfsim list plots' shows all",
               psim_str_excerpt(diag->arena, name));
    if (guess.best) psim_note(diag, nowhere, "did you mean '%s'?", guess.best);
    return NULL;
}

static bool
read_width(struct psim_diag *diag, const char *text, double *ret_px)
{
    int64_t px = USUAL_PX;
    if (text && (psim_str_whole(text, &px) != PSIM_WHOLE_OK ||
                 px < PSIM_FIGURE_LEAST_PX || px > PSIM_FIGURE_MOST_PX)) {
        return psim_error(diag, nowhere,
                          "--width: '%s' is no width; a whole number of pixels from %d "
                          "to %d is needed",
                          psim_str_excerpt(diag->arena, text), PSIM_FIGURE_LEAST_PX,
                          PSIM_FIGURE_MOST_PX);
    }
    *ret_px = (double)px;
    return true;
}

static bool
read_style(struct psim_diag *diag, const struct psim_arguments *arguments,
           struct psim_figure_style *ret)
{
    const char *path = arguments->output;
    if (!path && !arguments->script) {
        return psim_error(diag, nowhere,
                          "plot: -o FILE is needed, a name that ends in .png, .svg or "
                          ".pdf; or --script FILE");
    }
    *ret = (struct psim_figure_style){.dark = arguments->dark,
                                      .terminal =
                                          psim_terminal_of(path ? path : "script.svg")};
    if (!ret->terminal) {
        return psim_error(diag, nowhere,
                          "-o: '%s' does not say what to draw; a name that ends in "
                          ".png, .svg or .pdf is needed",
                          psim_str_excerpt(diag->arena, path));
    }
    return read_width(diag, arguments->width, &ret->width_px);
}

static bool
right_words(struct psim_diag *diag, const struct psim_plot_kind *kind, size_t n)
{
    const bool few = n < kind->least_words;
    if (!few && (kind->most_words == 0 || n <= kind->most_words)) return true;
    return psim_error(
        diag, nowhere,
        "plot %s: too %s arguments; 'perfsim plot %s %s -o FILE' is needed", kind->name,
        few ? "few" : "many", kind->name, kind->usage);
}

/* Those of every kind come first. */
static const struct psim_option *const options[] = {
    &psim_option_picture,    &psim_option_script,     &psim_option_dark,
    &psim_option_width,      &psim_option_one_engine, &psim_option_overlay,
    &psim_option_no_overlay, &psim_option_set,        &psim_option_with,
    &psim_option_measured,   &psim_option_sweep,      &psim_option_metric,
    &psim_option_only,       &psim_option_host_timed, NULL,
};
enum { COMMON_OPTIONS = 8 };

static bool
is_given(const struct psim_option *option, const struct psim_arguments *arguments)
{
    const char *base = (const char *)arguments;
    if (!option->argument) return *(const bool *)(const void *)(base + option->offset);
    return *(const void *const *)(const void *)(base + option->offset) != NULL;
}

static bool
right_options(struct psim_diag *diag, const struct psim_plot_kind *kind,
              const struct psim_arguments *arguments)
{
    for (size_t i = COMMON_OPTIONS; options[i]; i++) {
        bool known = !is_given(options[i], arguments);
        for (size_t k = 0; kind->options[k]; k++) {
            known |= kind->options[k] == options[i];
        }
        if (known) continue;
        return psim_error(diag, nowhere, "plot %s: has no option %s", kind->name,
                          options[i]->name);
    }
    return true;
}

/** The figure's script, as a text of the arena. */
static const char *
script_of(struct psim_arena *arena, struct psim_figure *figure)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    if (!file) psim_die_out_of_memory(0);
    psim_figure_write(figure, file);
    if (fclose(file) != 0) psim_die_out_of_memory(len);
    const char *copy = psim_arena_copy(arena, text, len);
    free(text);
    return copy;
}

/** Without gnuplot the script is what can be given. */
static void
keep_script(struct psim_arena *arena, struct psim_diag *diag, const char *script,
            const struct psim_arguments *arguments)
{
    const char *path = arguments->script;
    if (!path) {
        path = psim_arena_printf(arena, "%s.gp", arguments->output);
        if (!psim_write_bytes(diag, script, strlen(script), path)) return;
    }
    psim_error(
        diag, nowhere,
        "there is no gnuplot: install the package gnuplot, or gnuplot-nox on Debian");
    psim_note(diag, nowhere, "the script is in '%s'", psim_str_excerpt(arena, path));
}

static int
plot(struct psim_arena *arena, struct psim_diag *diag,
     const struct psim_arguments *arguments)
{
    struct psim_figure_style style;
    struct psim_figure *figure = NULL;
    const struct psim_plot_kind *kind = find_kind(diag, arguments);
    if (!kind || !right_words(diag, kind, arguments->n_words - 1) ||
        !right_options(diag, kind, arguments) || !read_style(diag, arguments, &style) ||
        !psim_need_engine(diag, arguments->engine)) {
        return PSIM_EXIT_USAGE;
    }
    const int code = kind->draw(arena, diag, arguments, arguments->words + 1,
                                arguments->n_words - 1, &style, &figure);
    if (code != PSIM_EXIT_OK) return code;
    const char *script = script_of(arena, figure);
    if (arguments->script &&
        !psim_write_bytes(diag, script, strlen(script), arguments->script)) {
        return PSIM_EXIT_INPUT;
    }
    if (!arguments->output) return PSIM_EXIT_OK;
    struct psim_drawn drawn;
    if (psim_run_gnuplot(arena, diag, script, environ, &drawn) &&
        psim_write_bytes(diag, drawn.bytes, drawn.len, arguments->output)) {
        return PSIM_EXIT_OK;
    }
    if (drawn.absent) keep_script(arena, diag, script, arguments);
    return PSIM_EXIT_INPUT;
}

const struct psim_command psim_command_plot = {
    .name = "plot",
    .usage = "KIND MACHINE WORKLOAD... -o FILE",
    .doc = "draw a picture with gnuplot; 'perfsim list plots' shows all kinds",
    .options = options,
    .least_words = 0,
    .run = plot,
};
