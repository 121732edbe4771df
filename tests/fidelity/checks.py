# SPDX-License-Identifier: MIT
"""Clocks, counters and kernel names of a device beside what perfsim predicts."""
import json
import pathlib
import re
import tempfile

import scores

BURST_MS = 10
MAX_KERNELS = 200 # a record with as many is cut off


def value(word):
    """A word of an op as JSON has it."""
    if word in ("true", "false"):
        return word == "true"
    return int(word) if word.isdigit() else word


def op_of(words):
    """The op of a command line: gemm m=1 ..."""
    name, *keys = words.split()
    return {"op": name, **{key: value(word) for key, _, word in
                           (pair.partition("=") for pair in keys)}}


class Predictor:
    """perfsim run, with launches recorded once, as the measurements were."""

    def __init__(self, perfsim, machine):
        self.perfsim = perfsim
        self.machine = machine

    def run(self, op, engine, *options):
        """The report of one op, or None where it cannot be predicted."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "workload.json")
            path.write_text(json.dumps({"schema": "perfsim/workload/v1",
                                        "launch": "graph", "ops": [op]}), encoding="utf-8")
            text = self.perfsim("run", self.machine, path, "--engine", engine,
                                "--format", "json", *options)
        return json.loads(text) if text else None


def clock(predictor, engine, data, ledger):
    """Effective clocks at 10 ms and sustained."""
    pairs, rows = {"burst": [], "sustained": []}, []
    for name, load in data["loads"].items():
        samples = load["clock_ghz"]
        measured = {"burst": dict(samples)[BURST_MS], "sustained": samples[-1][1]}
        row = {"id": name}
        for phase, options in (("burst", []), ("sustained", ["--sustained"])):
            report = predictor.run(op_of(ledger["clock"][name]), engine, *options)
            predicted = report["clock_hz"] / 1e9
            pairs[phase].append((predicted, measured[phase]))
            row[phase] = [round(predicted, 3), round(measured[phase], 3)]
        rows.append(row)
    return {"clock": scores.score(pairs["burst"] + pairs["sustained"]),
            "burst": scores.score(pairs["burst"]),
            "sustained": scores.score(pairs["sustained"])}, rows


def moved(report):
    """Bytes read and written of the main memory and of the cache before it, and read."""
    cache, main = report["memories"][-2:]
    both = [m["read_bytes"] + m["written_bytes"] for m in (main, cache)]
    late = sum(k["late_bytes"] * k["count"] for k in report["kernels"])
    return {"dram": both[0] - late, "l2": both[1], "dram, read": main["read_bytes"]}


def counters(predictor, engine, data, ledger):
    """Bytes of each case, its kernels summed, each predicted from cold caches."""
    pairs, rows = {"dram": [], "dram, read": [], "l2": []}, []
    for case in data["cases"]:
        sums = {key: sum(k[key] for k in case["kernels"])
                for key in ("dram_read_bytes", "dram_write_bytes", "l2_bytes")}
        measured = {"dram": sums["dram_read_bytes"] + sums["dram_write_bytes"],
                    "dram, read": sums["dram_read_bytes"], "l2": sums["l2_bytes"]}
        kernels_moved = [moved(predictor.run(op_of(words), engine))
                         for words in ledger["counters"][case["id"]]]
        row = {"id": case["id"]}
        for key, of_key in pairs.items():
            predicted = sum(one[key] for one in kernels_moved)
            of_key.append((predicted, measured[key]))
            row[key] = [round(predicted / 1e6, 1), round(measured[key] / 1e6, 1)]
        rows.append(row)
    return {key: scores.score(both) for key, both in pairs.items()}, rows


def count(blocks):
    product = 1
    for number in blocks:
        product *= number
    return product


class Named:
    """What a kernel's name says of its mapping; None where it says nothing."""

    def __init__(self, kernel, match):
        said = match.groupdict()
        m = said.get("m") or 2 * int(said["half_m"])
        self.tile = (int(m), int(said["n"]))
        self.stages = said.get("stages") and int(said["stages"])
        self.cluster = said.get("c1") and int(said["c1"]) * int(said["c2"])
        self.split = said.get("split") is not None or "split" in kernel["kernel"].lower()


def named(kernel, patterns):
    for pattern in patterns:
        match = re.search(pattern["pattern"], kernel["kernel"])
        if match:
            return Named(kernel, match)
    return None


class Picked:
    """What perfsim chose for a kernel, from its mapping's words."""

    def __init__(self, kernel):
        words = kernel["mapping"]
        tile = re.search(r"tile (\d+)x(\d+)", words)
        self.tile = tile and (int(tile[1]), int(tile[2]))
        self.stages = int((re.search(r"(\d+) stage", words) or [0, 1])[1])
        self.cluster = int((re.search(r"cluster (\d+)", words) or [0, 1])[1])
        self.split = "split" in words
        self.grids = {kernel["work_groups"]}
        # A persistent kernel has a work-group for each place.
        self.grids.add(min(kernel["work_groups"], kernel["units"] * kernel["resident"]))


def agreements(case, report, patterns):
    """What of a record agrees: {what: whether}, without what its names do not say."""
    theirs = case["kernels"]
    # A counter that is cleared is no kernel to a profiler, but a memset.
    ours = [k for k in report["kernels"] if not k["name"].startswith("clear")
            for _ in range(int(k["count"]))]
    found = {"kernels": len(theirs) == len(ours)}
    if found["kernels"]:
        found["grid"] = all(count(t["grid"]) in Picked(o).grids
                            for t, o in zip(theirs, ours))
    says = [n for n in (named(k, patterns) for k in theirs) if n]
    picks = [p for p in map(Picked, ours) if p.tile]
    if not says:
        return found
    split = any(n.split for n in says) or any("splitKreduce" in k["kernel"] for k in theirs)
    found["split"] = split == any(p.split for p in picks)
    # The kernel that combines the parts has the mapping of the one before it.
    pairs = list(zip(says, picks))
    for what in ("tile", "stages", "cluster"):
        known = [(getattr(n, what), getattr(p, what)) for n, p in pairs if getattr(n, what)]
        if known:
            found[what] = all(a == b for a, b in known)
    return found


def kernels(predictor, engine, data, ledger, records):
    """Shares of records whose mapping is the library's, by family."""
    members = {}
    for case in data["cases"]:
        record = records.get(case["id"])
        if record is None or len(case["kernels"]) >= MAX_KERNELS:
            continue
        op = dict(record["workload"])
        op.setdefault("cache", record["measured"].get("cache", "cold"))
        report = predictor.run(op, engine)
        if report is None:
            continue
        agreed = agreements(case, report, ledger["kernel_names"])
        for family in scores.families(op):
            members.setdefault(family, []).append(agreed)
    found = {}
    for family in scores.FAMILIES:
        rows = members.get(family, [])
        if not rows:
            continue
        found[family] = {"records": len(rows)}
        for what in ("kernels", "tile", "stages", "cluster", "split", "grid"):
            said = [row[what] for row in rows if what in row]
            if said:
                found[family][what] = [sum(said), len(said)]
    return found
