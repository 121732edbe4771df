# SPDX-License-Identifier: MIT
"""docs/VALIDATION.md from the figures."""
import bounds

HEAD = """# Validation

How far off predictions are, family by family, from `./dev fidelity`, which writes this page. *MAPE* is the mean of |predicted / measured − 1|,
*bias* the mean of ln(predicted / measured). *Steady* are records whose repeats spread by at most 5 %. *Roofline* is the MAPE of the plain
roofline on the same records. *Bound* is what `tests/fidelity/bounds.json` states: where a figure is worse, `./dev fidelity` and `./dev test` fail;
`./dev fidelity --state` states the bounds anew. Files, machines and goals are in `tests/fidelity/ledger.json`. Measurements that
are not part of this project keep the figures of the last run that had them.
"""
ENGINES = ("analytic", "event")
WHATS = ("kernels", "tile", "stages", "cluster", "split", "grid")


def percent(value):
    return "–" if value is None else f"{value:.1f} %"


def table(columns, rows):
    """A table; the first column is text, the others numbers."""
    lines = ["| " + " | ".join(columns) + " |",
             "|---" + "|---:" * (len(columns) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def bound_of(stated, *key):
    bound = bounds.find(stated, *key)
    return "–" if bound is None else f"{bound} %"


def measured(name, engine, scored, stated):
    """The families of a comparison: time, energy, and the worst records."""
    times, energies, worst = [], [], []
    for family, found in scored["families"].items():
        time, steady = found["time"], found.get("time, steady")
        times.append([family, time["records"], percent(time["mape"]),
                      percent(time["median"]), percent(time["p90"]), percent(time["bias"]),
                      percent(time["roofline"]), bound_of(stated, name, engine, family, "time"),
                      steady["records"] if steady else 0,
                      percent(steady and steady["mape"]), percent(steady and steady["roofline"]),
                      bound_of(stated, name, engine, family, "time, steady")])
        if "energy" in found:
            energy, calm = found["energy"], found.get("energy, steady")
            energies.append([family, energy["records"], percent(energy["mape"]),
                             percent(energy["median"]), percent(energy["p90"]),
                             percent(energy["bias"]),
                             bound_of(stated, name, engine, family, "energy"),
                             percent(calm and calm["mape"])])
        worst.append(f"- {family}: " + ", ".join(
            f"{w['id']} × {w['ratio']:.2f} ({w['bound_by']})" for w in found["worst"]))
    text = f"### {name}, {engine} engine\n\n" + table(
        ["time", "records", "MAPE", "median", "p90", "bias", "roofline", "bound", "steady",
         "MAPE", "roofline", "bound"], times)
    if energies:
        text += "\n" + table(["energy, sustained", "records", "MAPE", "median", "p90", "bias",
                              "bound", "steady MAPE"], energies)
    return text + "\nWorst five, predicted over measured, with what binds them:\n\n" + \
        "\n".join(worst) + "\n"


def checked(name, entry, stated, metrics, part):
    """Clock or counters: both engines side by side, and the rows behind them."""
    summary = []
    for engine, scored in entry["engines"].items():
        found = scored["families"]["all"]
        summary += [[f"{metric}, {engine} engine", found[metric]["records"],
                     percent(found[metric]["mape"]), percent(found[metric]["median"]),
                     percent(found[metric]["p90"]), percent(found[metric]["bias"]),
                     bound_of(stated, name, engine, "all", metric)] for metric in metrics]
    text = table(["", "records", "MAPE", "median", "p90", "bias", f"bound of the {part}"],
                 summary) + "\n"
    engine = next(iter(entry["engines"]))
    rows = entry["engines"][engine]["rows"]
    keys = [key for key in rows[0] if key != "id"]
    unit = "GHz" if entry["kind"] == "clock" else "MB"
    columns = [f"{engine} engine"]
    for key in keys:
        columns += [f"{key}, {unit}", "measured", "ratio"]
    body = []
    for row in rows:
        cells = [row["id"]]
        for predicted, truth in (row[key] for key in keys):
            cells += [predicted, truth, f"{predicted / truth:.2f}"]
        body.append(cells)
    return text + table(columns, body)


def agreed(name, entry, stated):
    """Shares of records whose mapping is the library's."""
    rows = []
    for engine, scored in entry["engines"].items():
        for family, found in scored["families"].items():
            cells = [family, found["records"]]
            for what in WHATS:
                pair = found.get(what)
                cells.append(f"{bounds.share(pair):.0f} % of {pair[1]}" if pair else "–")
            cells.append(bound_of(stated, name, engine, family, "tile"))
            rows.append(cells)
    return table(["", "records", *WHATS, "tile: at least"], rows)


def skips(entry):
    scored = next(iter(entry["engines"].values()), None)
    if not scored:
        return ""
    return "".join(f"- not predicted, {number} records: {why}\n"
                   for why, number in scored.get("skipped", {}).items())


CHECKS = {
    "clock": ("Effective clock under load, at 10 ms and sustained.",
              lambda name, entry, stated: checked(
                  name, entry, stated, ("clock", "burst", "sustained"), "MAPE")),
    "counters": ("Bytes read and written of a case, its kernels summed. The counters have caches flushed before each kernel, and end "
                 "with it: what it leaves dirty in the cache is not written yet. Predictions start cold and count every write: *dram, read* leaves the writes out.",
                 lambda name, entry, stated: checked(
                     name, entry, stated, ("dram", "dram, read", "l2"), "median")),
    "kernels": ("Share of records in which perfsim's mapping is the library's, as far as kernels' names and launches tell: as many "
                "kernels, the same tile, stages, cluster, whether the sum is split, and as many work-groups.",
                agreed),
}


def sections(figures, stated):
    """All that is scored, file by file."""
    texts = []
    for name, entry in figures.items():
        if not entry.get("engines"):
            continue
        machine = entry["machine"] + ("" if entry["overlay"] else ", without overlay")
        head = f"## {name}: {entry['device']}, machine {machine}\n\n"
        if entry["kind"] == "measurements":
            head += skips(entry)
            if entry.get("timed"):
                head += f"- with `--host-timed`: {entry['timed']}\n"
            if "left_out" in entry:
                head += f"- {entry['left_out']}\n"
            head = head.rstrip("\n") + "\n"
            texts.append(head)
            texts += [measured(name, engine, scored, stated)
                      for engine, scored in sorted(entry["engines"].items())
                      if scored["families"]]
        else:
            said, show = CHECKS[entry["kind"]]
            texts.append(head + said + "\n\n" + show(name, entry, stated))
    return "\n".join(texts)


def goal_row(goal, figures):
    """A goal, and what each engine reaches."""
    unit = goal.get("unit", "%")
    reached, cells = [], []
    for engine in ENGINES:
        value = "why" not in goal and bounds.lookup(
            figures, goal["file"], engine, goal["family"], goal["metric"])
        known = value not in (None, False)
        cells.append(percent(value) if known else "–")
        if known and value <= goal["must"] and goal.get("engine", engine) == engine:
            reached.append(engine)
    said = goal.get("why")
    if not said and cells == ["–", "–"]:
        entry = figures.get(goal["file"], {})
        said = entry.get("uncovered", "not measured yet")
    answer = f"not on this page: {said}" if said else " and ".join(reached) or "no"
    if goal.get("engine") and not said:
        answer += f" (asked of {goal['engine']})"
    return [goal["measure"], f"{goal['must']} {unit}".strip(), f"{goal['aim']} {unit}".strip(),
            *cells, answer]


def calibration(entry, scored):
    """The records that a machine is described from, and that nobody scores."""
    others = entry["records"] - scored["predicted"] - sum(scored["skipped"].values())
    return f", {others} for calibration only" if others else ""


def covered(figures):
    """Which file is scored with what."""
    rows = []
    for name, entry in figures.items():
        scored = next((entry["engines"][e] for e in ENGINES if e in entry.get("engines", {})),
                      None)
        if "uncovered" in entry:
            said = f"uncovered: {entry['uncovered']}"
        elif entry["kind"] != "measurements":
            said = f"{entry['kind']}, with {entry['machine']}"
        elif not scored:
            said = f"with {entry['machine']}, by no engine yet"
        else:
            said = (f"with {entry['machine']}: {scored['predicted']} of {entry['records']} "
                    f"predicted, {sum(scored['skipped'].values())} not"
                    + calibration(entry, scored))
        rows.append(f"| {name} | {entry['device']} | {said} |")
    return "\n".join(["| file | device | scored |", "|---|---|---|", *rows]) + "\n"


def render(figures, stated, ledger):
    """The page."""
    goals = table(["measure", "must", "aim", *ENGINES, "reached by"],
                  [goal_row(goal, figures) for goal in ledger["goals"]])
    return "\n".join([HEAD, "## Goals\n", goals, "## Files\n", covered(figures),
                      sections(figures, stated)])
