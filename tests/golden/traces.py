#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""traces.py PERFSIM SANITIZER: traces of many workloads hold together (TAP).

Each trace is JSON in which no number was rounded to a float: on a track nothing
overlaps, all lies within the kernels and the run, sums are those of the report, the
end is the predicted time to a picosecond, and it is small.

traces.py PERFSIM none MACHINE WORKLOAD...  checks that one.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal

PERFSIM = os.path.abspath(sys.argv[1])
MOST_BYTES = 20_000_000
TIMEOUT_S = 120
PICOSECOND = Decimal("1e-6")  # in the trace's microseconds
DOUBLE = Decimal("1e-15")
KERNELS, LAUNCHES = 1, 2      # threads of process 1
COUNTERS = 2                  # process

CAUSAL = "heads=32 seq_q=16384 head_dim=128 dtype=bf16 causal=true"
FULL = "heads=32 seq_q=16384 head_dim=128 dtype=bf16"
# 16 K tokens, with and without a mask, and a larger one.
LARGE = [
    f"h200 attention algorithm=flash3 {CAUSAL}",
    f"h200 attention algorithm=flash2 {FULL}",
    f"a100 attention algorithm=flash2 {CAUSAL}",
    f"a100 attention algorithm=flash2 {FULL}",
    f"h200 attention algorithm=flash3 batch=4 {CAUSAL}",
    f"h200 attention algorithm=naive {FULL}",
    "h200 resnet50",
]
CASES = [
    # Many kernels, many small work-groups, several in a row, repeats, other units.
    "a100 llama3_8b_prefill",
    "h200 naive_attn_serial",
    "v100_sxm2 vector_add",
    "a100 conv_im2col",
    "toy gemm m=40 n=40 k=20 dtype=fp32",
    "tpu_v4 gemm m=1024 n=1024 k=1024 dtype=bf16",
    "zen5 flash_attn",
    "c66x elementwise function=add elements=100000 dtype=fp32",
    "h200 gemm m=2048 n=2048 k=2048 dtype=bf16 --sustained",
    "tests/fixtures/hw_names.yaml elementwise function=add elements=16 dtype=fp32",
    "h200 copy bytes=100000000 direction=host_to_device",
    "h200 elementwise function=add elements=1000 dtype=fp32 --launch graph",
]


class Broken(Exception):
    pass


def need(holds, text):
    if not holds:
        raise Broken(text)


def perfsim(*words):
    done = subprocess.run([PERFSIM, *words], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False)
    need(done.returncode == 0, f"{words[0]}: {done.stderr}")
    return done.stdout


def read_trace(words):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "trace.json")
        perfsim("trace", *words, "-o", path)
        with open(path, "rb") as file:
            raw = file.read()
    need(len(raw) <= MOST_BYTES, f"{len(raw)} bytes")
    return json.loads(raw, parse_float=Decimal, parse_int=Decimal,
                      object_pairs_hook=without_twins)


def without_twins(pairs):
    keys = [key for key, _ in pairs]
    need(len(keys) == len(set(keys)), f"a key stands twice: {keys}")
    return dict(pairs)


def tracks_of(events):
    """Complete events by process and thread, in the order of the file."""
    tracks = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X":
            tracks[event["pid"], event["tid"]].append(event)
    return tracks


def check_names(events, tracks):
    named = collections.Counter(
        (e["pid"], e.get("tid")) for e in events if e["name"] in
        ("thread_name", "process_name"))
    need(max(named.values()) == 1, "a name is given twice")
    for pid, tid in tracks:
        need((pid, tid) in named and (pid, None) in named, f"{pid}, {tid}: no name")
    tids = [tid for _, tid in named if tid is not None]
    need(len(tids) == len(set(tids)), "two threads have one number")


def check_order(tracks, end):
    for (pid, tid), events in tracks.items():
        before = Decimal(0)
        for event in events:
            at = f"process {pid}, thread {tid}: '{event['name']}' at {event['ts']}"
            need(event["dur"] >= 0, f"{at}: its length is negative")
            need(event["ts"] >= before, f"{at}: begins before {before}")
            before = event["ts"] + event["dur"]
            need(before <= end, f"{at}: ends after the run")


def check_nesting(tracks):
    """What belongs to a launch lies within it; work-groups take part in it."""
    kernels = tracks[1, KERNELS]
    for (pid, _), events in tracks.items():
        if pid == 1:
            continue
        for event in events:
            kernel = kernels[int(event["args"]["launch"])]
            need(kernel["ts"] <= event["ts"] and
                 event["ts"] + event["dur"] <= kernel["ts"] + kernel["dur"],
                 f"'{event['name']}' at {event['ts']} is not within its kernel")


def busy_of(event):
    return event["args"].get("busy in us", event["dur"])


def check_sums(words, events, tracks, other):
    """Of a single kernel, what its busiest servers did is what the report says."""
    report = json.loads(perfsim("run", *words, "--engine", "event", "--format", "json"),
                        parse_float=Decimal)
    end = Decimal(report["time_s"]) * 10**6
    if other["turns"] == 1:
        # A double in seconds, and the same as microseconds: fifteen digits.
        need(abs(other["time in us"] - end) <= max(PICOSECOND, end * DOUBLE),
             f"the end is {other['time in us']}, predicted were {end}")
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events
             if e["name"] == "thread_name"}
    if len(report["kernels"]) > 1 or report["kernels"][0]["count"] > 1:
        return
    busiest = collections.defaultdict(Decimal)
    for track, on_it in tracks.items():
        if track[0] > 2 and not names[track].startswith("work-groups"):
            busy = sum(busy_of(event) for event in on_it)
            busiest[names[track]] = max(busiest[names[track]], busy)
            for event in on_it:
                need(busy_of(event) <= event["dur"] + PICOSECOND,
                     f"{names[track]}: busier than long")
                need("joined" in event["args"] or "busy in us" not in event["args"],
                     f"{names[track]}: busy, but not joined")
    all_shown = "servers of" not in other["detail"]
    for row in report["servers"]:
        want = Decimal(row["busy_s"]) * 10**6
        off = busiest[row["name"]] - want
        slack = PICOSECOND * (1 + sum(len(on_it) for track, on_it in tracks.items()
                                      if names[track] == row["name"]))
        need(-slack <= off <= slack if all_shown else off <= slack,
             f"{row['name']}: busy for {busiest[row['name']]}, reported are {want}")
    return


def check_counters(events, end):
    last = {}
    for event in events:
        if event["ph"] != "C":
            continue
        need(event["pid"] == COUNTERS, "a counter of another process")
        (unit, value), = event["args"].items()
        need(0 <= value, f"{event['name']}: {value}")
        need(unit != "%" or value <= Decimal("100.0001"), f"{event['name']}: {value} %")
        if event["name"] in last:
            need(event["ts"] > last[event["name"]][0], f"{event['name']}: out of order")
        last[event["name"]] = event["ts"], value
    for name, (at, value) in last.items():
        need(value == 0 and at <= end, f"{name}: is {value} at the end")


def check_groups(events):
    """Of each launch that shows all its work-groups, each is there once."""
    groups = collections.defaultdict(list)
    joined = set()
    for event in events:
        if event["ph"] == "X" and event["pid"] > 2 and "place" in event["args"]:
            groups[event["args"]["launch"]].append(
                (event["args"]["group"], tuple(event["args"]["place"].values())))
        if event["ph"] == "X" and event["name"] == "work-groups":
            joined.add(event["args"]["launch"])
    for launch, seen in groups.items():
        need(len({g for g, _ in seen}) == len(seen), f"launch {launch}: a group twice")
        need(len({p for _, p in seen}) == len(seen), f"launch {launch}: a place twice")
        if launch not in joined:
            need(sorted(g for g, _ in seen) == list(range(len(seen))),
                 f"launch {launch}: groups are left out")


def check(words):
    trace = read_trace(words)
    events, other = trace["traceEvents"], trace["otherData"]
    need(trace["displayTimeUnit"] == "ns", "the unit of times")
    tracks = tracks_of(events)
    kernels = tracks[1, KERNELS]
    end = other["time in us"]
    need(kernels[-1]["ts"] + kernels[-1]["dur"] == end, "kernels end before the run")
    check_names(events, tracks)
    check_order(tracks, end)
    check_nesting(tracks)
    check_sums(words, events, tracks, other)
    check_counters(events, end)
    check_groups(events)


def main():
    cases = [" ".join(sys.argv[3:])] if sys.argv[3:] else \
        CASES + (LARGE if sys.argv[2] == "none" else [])
    print(f"1..{len(cases)}")
    failed = 0
    for i, case in enumerate(cases, 1):
        try:
            check(case.split())
            print(f"ok {i} - {case}")
        except (Broken, KeyError, ValueError, subprocess.TimeoutExpired) as why:
            failed += 1
            print(f"not ok {i} - {case}: {type(why).__name__}: {why}")
    return failed != 0


sys.exit(main())
