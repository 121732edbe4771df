# SPDX-License-Identifier: MIT
"""Stated bounds: what must hold of each figure, in whole percent."""
import math

# By kind of file: which part of which metric is bounded.
AT_MOST = {
    "measurements": {"time": "mape", "time, steady": "mape", "energy": "mape"},
    "clock": {"clock": "mape", "burst": "mape", "sustained": "mape"},
    "counters": {"dram": "median", "dram, read": "median", "l2": "median"},
}
AT_LEAST = {"kernels": ("kernels", "tile", "stages", "cluster", "split", "grid")}


def share(pair):
    """Percent of [how many agree, of how many]."""
    return round(100 * pair[0] / pair[1], 2)


def of_family(kind, scored):
    """(metric, percent) of each bounded figure."""
    for metric, part in AT_MOST.get(kind, {}).items():
        if metric in scored:
            yield metric, scored[metric][part]
    for metric in AT_LEAST.get(kind, ()):
        if metric in scored:
            yield metric, share(scored[metric])


def values(figures):
    """(file, engine, family, metric, percent) of all bounded figures."""
    for name, entry in figures.items():
        for engine, scored in entry.get("engines", {}).items():
            for family, found in scored["families"].items():
                for metric, value in of_family(entry["kind"], found):
                    yield name, engine, family, metric, value


def lookup(figures, name, engine, family, metric):
    """One of them, or None."""
    entry = figures.get(name, {})
    found = entry.get("engines", {}).get(engine, {}).get("families", {}).get(family)
    return dict(of_family(entry["kind"], found)).get(metric) if found else None


def state(figures):
    """Bounds as of today: rounded to the next percent that holds."""
    stated = {}
    for name, engine, family, metric, value in values(figures):
        least = figures[name]["kind"] in AT_LEAST
        row = stated.setdefault(name, {}).setdefault(engine, {}).setdefault(family, {})
        row[metric] = math.floor(value) if least else math.ceil(value)
    return stated


def find(stated, name, engine, family, metric):
    """The bound of a figure, or None where none is stated."""
    return stated.get(name, {}).get(engine, {}).get(family, {}).get(metric)


def broken(figures, stated):
    """A line for each bound that does not hold."""
    for name, engine, family, metric, value in values(figures):
        bound = find(stated, name, engine, family, metric)
        if bound is None:
            continue
        least = figures[name]["kind"] in AT_LEAST
        if value < bound if least else value > bound:
            yield (f"{name}, {engine} engine, {family}, {metric}: {value} %, "
                   f"stated is at {'least' if least else 'most'} {bound} %")
