#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""ledger.py PERFSIM ROOT [--engine E] [--state] [--check] [PATH]...

Scores perfsim against every measurement file that is there, prints the errors and
writes docs/VALIDATION.md; exit status 3 where a stated bound does not hold. Files of
PATH are scored and printed only. --state states the bounds anew, as of today;
--check writes nothing: it looks at the analytic engine and at what is in data/.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

import bounds
import checks
import misses
import page
import scores

ENGINES = ("analytic", "event")
STALE_PERCENT = 0.1 # by which a figure may move before the page is out of date


class Perfsim:
    """The program; its messages are shown where it fails."""

    def __init__(self, path):
        self.path = path

    def __call__(self, *words):
        """What it prints, or None where it cannot do that."""
        done = subprocess.run([self.path, *map(str, words)], capture_output=True,
                              text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(map(str, words))}: {done.stderr}")
        return done.stdout if done.returncode == 0 else None


def kind_of(data):
    """What a file holds, by its form."""
    if "records" in data:
        return "measurements"
    if "loads" in data:
        return "clock"
    if any("dram_read_bytes" in k for case in data.get("cases", [])
           for k in case["kernels"]):
        return "counters"
    return "kernels" if "cases" in data else None


class Ledger:
    """The table, the tree, the program."""

    def __init__(self, root, perfsim):
        self.root = root
        self.table = json.loads((root / "tests/fidelity/ledger.json").read_text("utf-8"))
        self.perfsim = Perfsim(perfsim)
        self.ratios = {}  # {(file, engine): {id: predicted over measured time}}

    def files(self, folders):
        """{name: path} of the measurement files; the first of a name counts."""
        found = {}
        for folder in folders:
            # By the name of the checkout's path, also where that is a link.
            place = pathlib.Path(os.path.normpath(self.root / folder))
            for path in sorted(place.glob("*.json")):
                found.setdefault(path.stem, path)
        return found

    def machine(self, device):
        """(machine file, its row), or (None, why not)."""
        row = self.table["devices"].get(device)
        if row is None:
            return None, "the table of the ledger does not have this device"
        if "machine" not in row:
            return None, row["why"]
        path = self.root / row.get("file", f"specs/{row['machine']}.yaml")
        return (path, row) if path.exists() else (None, f"there is no machine {row['machine']}")

    def stale_heads(self, entries):
        """Where heads of overlays are not of today."""
        for entry in entries.values():
            path = self.root / "specs/overlays" / f"{entry.get('machine')}.yaml"
            if entry["kind"] == "measurements" and entry.get("overlay") and path.exists():
                yield from misses.stale_heads(path.read_text("utf-8"),
                                              path.relative_to(self.root), entry)

    def compare(self, path, data, machine, row, engine):
        """The errors of a measurement file."""
        layers = [] if row.get("overlay", True) else ["--no-overlay"]
        layers += ["--host-timed"] if row.get("host_timed") else []
        text = self.perfsim("compare", machine, path, "--engine", engine,
                            "--format", "json", *layers)
        if text is None:
            sys.exit(f"{path}: cannot be compared")
        ops = {record["id"]: record["workload"] for record in data["records"]}
        comparison = json.loads(text)
        self.ratios[path.stem, engine] = {record["id"]: record["ratio"]
                                          for record in comparison["records"]}
        families = scores.of_families(comparison, ops)
        if "transfer" in row:
            families["transfer"] = self.transfer(path, machine, row["transfer"], engine, ops)
        skipped = {}
        for record in comparison["skipped"]:
            skipped.setdefault(record["reason"], []).append(record["id"])
        return {"families": families,
                "predicted": len(comparison["records"]),
                "skipped": {why: len(ids) for why, ids in skipped.items()}}

    def transfer(self, path, machine, how, engine, ops):
        """The errors of some ops with an overlay that was fitted on others."""
        text = self.perfsim("compare", machine, path, "--engine", engine, "--format", "json",
                            "--no-overlay", "--overlay", self.root / how["overlay"])
        comparison = json.loads(text)
        comparison["records"] = [record for record in comparison["records"]
                                 if ops[record["id"]]["op"] in how["ops"]]
        return scores.of_families(comparison, ops)["all"]

    def check(self, kind, data, machine, engine, records):
        """The errors of a file of another kind."""
        predictor = checks.Predictor(self.perfsim, machine)
        if kind == "kernels":
            return {"families": checks.kernels(predictor, engine, data, self.table, records)}
        found, rows = getattr(checks, kind)(predictor, engine, data, self.table)
        return {"families": {"all": found}, "rows": rows}

    def score(self, path, wanted, files):
        """A file's entry of the figures."""
        data = json.loads(path.read_text("utf-8"))
        kind, device = kind_of(data), data.get("device", "unknown")
        entry = {"kind": kind, "device": device}
        machine, row = self.machine(device)
        if kind is None or machine is None:
            return {**entry, "uncovered": row if kind else "its form is not known",
                    "records": len(data.get("records", []))}
        entry.update(machine=row["machine"], overlay=row.get("overlay", True), engines={})
        if "timed" in row:
            entry["timed"] = row["timed"]
        records = {}
        if kind == "kernels":
            base = path.stem.partition("-")[0]
            if base in files:
                base_data = json.loads(files[base].read_text("utf-8"))
                records = {record["id"]: record for record in base_data["records"]}
        for engine in wanted:
            if engine not in row.get("engines", ENGINES):
                entry["left_out"] = f"{engine} engine: {row['why']}"
            elif kind == "measurements":
                entry["records"] = len(data["records"])
                entry["engines"][engine] = self.compare(path, data, machine, row, engine)
            elif kind != "kernels" or engine == "analytic":
                # Both engines run the same mapping: one of them tells.
                entry["engines"][engine] = self.check(kind, data, machine, engine, records)
        return entry

    def score_all(self, files, wanted):
        """All entries; perfsim runs on as many cores as there are."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = {(name, engine): pool.submit(self.score, path, [engine], files)
                    for name, path in files.items() for engine in wanted}
            entries = {}
            for (name, _), job in jobs.items():
                entry = job.result()
                known = entries.setdefault(name, entry)
                known.get("engines", {}).update(entry.get("engines", {}))
                if "left_out" in entry:
                    known["left_out"] = entry["left_out"]
        return entries


def read_json(path):
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8")


def merged(old, new):
    """The figures with the new ones; an engine that did not run keeps its old ones."""
    figures = dict(old)
    for name, entry in new.items():
        before = old.get(name, {})
        if "engines" in entry and before.get("machine") == entry["machine"]:
            entry = {**entry, "engines": {**before.get("engines", {}), **entry["engines"]}}
            if "left_out" in before:
                entry.setdefault("left_out", before["left_out"])
        figures[name] = entry
    return {name: figures[name] for name in sorted(figures)}


def stale(old, new):
    """What moved by more than the page may be off."""
    for name, engine, family, metric, value in bounds.values(new):
        before = bounds.lookup(old, name, engine, family, metric)
        if before is None or abs(before - value) > STALE_PERCENT:
            shown = "absent" if before is None else f"{before} %"
            yield f"{name}, {engine} engine, {family}, {metric}: {value} %, on the page {shown}"


def check(ledger, paths):
    """Whether bounds hold and the page is of today, as far as one can see quickly."""
    files = {name: path for name, path in ledger.files(["data"]).items()
             if kind_of(json.loads(path.read_text("utf-8"))) != "kernels"}
    entries = ledger.score_all(files, ["analytic"])
    old = read_json(paths["figures"])
    stated = read_json(paths["bounds"])
    faults = list(bounds.broken(entries, stated))
    faults += [f"{what}; run ./dev fidelity" for what in stale(old, entries)]
    faults += misses.faults(paths["model"].read_text("utf-8"), ledger.ratios)
    faults += ledger.stale_heads(entries)
    if paths["page"].read_text("utf-8") != page.render(old, stated, ledger.table):
        faults.append("docs/VALIDATION.md is not what figures.json says; run ./dev fidelity")
    print("\n".join(faults) or f"{sum(1 for _ in bounds.values(entries))} figures hold")
    return 3 if faults else 0


def refresh(ledger, paths, options):
    """Scores all, prints, writes the page; 3 where a bound is broken."""
    wanted = [options.engine] if options.engine else list(ENGINES)
    others = {}
    for path in map(pathlib.Path, options.path):
        for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
            others[str(file)] = file
    if others:
        scored = ledger.score_all(others, wanted)
        print(page.covered(scored), page.sections(scored, {}), sep="\n")
    files = ledger.files(ledger.table["folders"])
    entries = ledger.score_all(files, wanted)
    figures = merged(read_json(paths["figures"]), entries)
    stated = read_json(paths["bounds"])
    if options.state:
        stated = bounds.state(figures)
        write_json(paths["bounds"], stated)
    text = page.render(figures, stated, ledger.table)
    write_json(paths["figures"], figures)
    paths["page"].write_text(text, "utf-8")
    print(text)
    faults = list(bounds.broken(entries, stated))
    faults += misses.faults(paths["model"].read_text("utf-8"), ledger.ratios)
    faults += ledger.stale_heads(entries)
    print("\n".join(faults) or "all stated bounds hold; docs/VALIDATION.md is written",
          file=sys.stderr)
    return 3 if faults else 0


def main():
    parser = argparse.ArgumentParser(prog="./dev fidelity", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("perfsim")
    parser.add_argument("root", type=pathlib.Path)
    parser.add_argument("path", nargs="*")
    parser.add_argument("--engine", choices=ENGINES)
    parser.add_argument("--state", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_intermixed_args()
    ledger = Ledger(options.root, options.perfsim)
    folder = options.root / "tests/fidelity"
    paths = {"figures": folder / "figures.json", "bounds": folder / "bounds.json",
             "model": options.root / "docs/MODEL.md",
             "page": options.root / "docs/VALIDATION.md"}
    return check(ledger, paths) if options.check else refresh(ledger, paths, options)


if __name__ == "__main__":
    sys.exit(main())
