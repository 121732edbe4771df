#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_effects.py PERFSIM: docs/SPEC.md says truly which keys have no effect.

Each key of its tables is changed in a small machine, and ops run on it before and
after. A key must change a prediction, or say "(no effect yet)" and change none.
"""
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import tree

PAGE = pathlib.Path("docs/SPEC.md")
MACHINES = {name: f"tests/fuzz/seeds/hw_{name}.yaml"
            for name in ("teams", "threads", "scattered")}
MACHINES["host"] = "tests/fixtures/hw_host.yaml"
MACHINES["watts"] = "tests/fixtures/hw_watts.yaml"
OPS = {
    "add": "elementwise function=add elements=3000000 dtype=fp32",
    "fill": "elementwise function=fill elements=3000000 dtype=fp32",
    "gelu": "elementwise function=gelu elements=300000 dtype=fp16",
    "gemm": "gemm m=400 n=240 k=1000 dtype=fp16",
    "small": "gemm m=64 n=64 k=512 dtype=fp16",
    "deep": "gemm m=64 n=32 k=4096 dtype=fp16",
    "gemm32": "gemm m=200 n=300 k=500 dtype=fp32",
    "flash2": "attention algorithm=flash2 seq_q=300 head_dim=64 heads=4 dtype=fp16",
    "decode": "attention algorithm=flash_decode seq_q=1 seq_kv=30000 heads=1 head_dim=64 "
              "dtype=fp16",
    "heads": "attention algorithm=flash_decode seq_q=1 seq_kv=30000 heads=4 head_dim=64 "
             "dtype=fp16",
    "flash3": "attention algorithm=flash3 seq_q=300 head_dim=64 heads=4 dtype=fp16",
    "conv": "conv2d algorithm=implicit_gemm in_channels=12 out_channels=64 height=30 width=30 "
            "kernel=3 dtype=fp16",
    "direct": "conv2d algorithm=direct in_channels=12 out_channels=64 height=30 width=30 "
              "kernel=3 dtype=fp32",
    "im2col": "conv2d algorithm=im2col_gemm batch=4 in_channels=12 out_channels=64 height=30 "
              "width=30 kernel=3 dtype=fp16",
    "softmax": "softmax rows=300 cols=1000 dtype=fp32",
    "reduce": "reduce function=sum rows=4 cols=100000 dtype=fp32",
    "pool": "pool2d function=max batch=4 channels=16 height=32 width=32 kernel=2 stride=2 "
            "dtype=fp32",
    "batchnorm": "batchnorm rows=3000 cols=64 dtype=fp32",
    "transpose": "transpose rows=1000 cols=1000 dtype=fp32",
    "gather": "gather table_rows=300000 indices=100000 cols=1 index=random dtype=fp32",
    "copy": "copy bytes=1000000",
    "pinned": "copy bytes=1000 direction=host_to_device pinned=true",
    "back": "copy bytes=1000 direction=device_to_host pinned=true",
    "pageable": "copy bytes=1000 direction=host_to_device",
    "long": "elementwise function=add elements=3000000 dtype=fp32 --sustained",
    "fma": "elementwise function=fma flop_per_element=400 elements=1000000 dtype=fp64",
    "zeros": "elementwise function=add elements=3000000 dtype=fp32 data=zeros",
}
# What changes no run, but how measurements of one are compared.
MEASURED = {"burst": "tests/fixtures/ms_power.json"}
# What only people read.
PEOPLE = {"note", "title", "source", "confidence", "sources", "native_implementation"}
# Without them there is no machine; the goldens show what they mean.
NEEDED = {"schema", "name", "extends", "units", "parallel_groups", "memory_domains",
          "operations", "links", "libraries", "power", "port", "operands", "tiles",
          "between", "staging"}


def change(old, new, op, machine="teams"):
    return (machine, old, new, op)


# By section and key: what stands in a machine, what takes its place, and an op that
# tells; no op: all of them must be deaf to it.
CHANGES = {
    "Keys of the file": {
        "power: idle": change("idle: 50 W", "idle: 90 W", None),
        "power: base": change("base: 10 W", "base: 11 W", "add", "watts"),
        "power: active": change("active: 5 W", "active: 6 W", "add", "watts"),
        "power: cap": change("cap: 12 W", "cap: 11 W", "long", "watts"),
        "power: settle": change("settle: 0.5 s", "settle: 0.1 s", "burst", "watts"),
        "power: voltage": change("voltage: {floor: 0.5, slope: 0.5}", "voltage: {}", "long",
                                "watts"),
        "power: voltage: floor": change("floor: 0.5", "floor: 0.9", "long", "watts"),
        "power: voltage: slope": change("slope: 0.5", "slope: 0.1", "long", "watts"),
        "power: droop": change("droop: {share: 0.9, from: 3 W, exponent: 0.5}",
                              "droop: {share: 1}", "fma", "watts"),
        "power: droop: share": change("share: 0.9", "share: 0.5", "fma", "watts"),
        "power: droop: from": change("from: 3 W", "from: 1 W", "fma", "watts"),
        "power: droop: exponent": change("exponent: 0.5", "exponent: 0.1", "fma", "watts"),
        "power: zeros": change("zeros: 0.1", "zeros: 0.5", "zeros", "watts"),
    },
    "Groups": {
        "groups": change("groups: bundle, number: {max: 32}", "groups: quad, number: {max: 8}",
                        "add"),
        "number": change("groups: core, number: 3", "groups: core, number: 2", "add"),
        "runs_on": change("team, runs_on: core", "team, runs_on: chip", "add"),
        "holds": change("holds: {teams: 8}", "holds: {teams: 1}", "add"),
        "take": change("{max: 32}, start", "{max: 32}, take: {teams: 8}, start", "add"),
        "fits": change("number: {max: 4}, barrier", "number: {max: 4}, fits: {2: 1}, barrier",
                       "gemm"),
        "clock": change("clock: 1 GHz", "clock: 2 GHz", "add"),
        "issue": change("issue: 1 op/cycle", "issue: 0.01 op/cycle", "gemm32"),
        "energy": change("energy: 10 pJ/op", "energy: 20 pJ/op", "add", "watts"),
        "in_phase": change("loose_round_robin, ", "loose_round_robin, in_phase: 0.5, ", "flash2"),
        "fetched_in_phase": change("loose_round_robin, ",
                                  "loose_round_robin, fetched_in_phase: 1, ", "flash2"),
        "scheduler": change("scheduler: loose_round_robin, ", "", "flash2"),
        "in_flight": change("in_flight: 448", "in_flight: 2", "add", "threads"),
        "lock_step": change("lock_step: true", "lock_step: false", None),
        "start": change("start: 50 cycles", "start: 5000 cycles", "add"),
        "place": change("place: 1 op/cycle", "place: 0.001 op/cycle", "add"),
        "barrier": change("barrier: 10 cycles", "barrier: 10000 cycles", "softmax"),
        "launch": change("launch: {stream: 2 us", "launch: {stream: 20 us", "add"),
        "host": change("host: {stream: 3 us}", "host: {stream: 3 s}", "add"),
    },
    "Memories": {
        "shared_across": change("l2, shared_across: chip", "l2, shared_across: core", "gemm"),
        "size": change("l2, shared_across: chip, size: 1 MiB",
                      "l2, shared_across: chip, size: 8 KiB", "gemm"),
        "latency": change("size: 1 GB, latency: 500", "size: 1 GB, latency: 50000", "add"),
        "write_latency": change("write_latency: 300", "write_latency: 300000", "add"),
        "bandwidth": change("peak: 50 GB/s", "peak: 5 GB/s", "add"),
        "peak": change("peak: 50 GB/s", "peak: 5 GB/s", "add"),
        "read": change("50 GB/s, read: 0.9", "50 GB/s, read: 0.1", "add"),
        "write": change("write: 0.95", "write: 0.1", "fill"),
        "mixed": change("mixed: 0.94", "mixed: 0.1", "add"),
        "scattered": change("scattered: 0.5", "scattered: 0.1", "transpose", "scattered"),
        "write_back": change("duplex: false, write_back: 512 KiB", "write_back: 100 KiB", "add"),
        "duplex": change("clock: fixed, energy: 5", "duplex: true, clock: fixed, energy: 5", "add"),
        "access": change("access: 32 B", "access: 128 B", "transpose", "scattered"),
        "sector": change("sector: 32 B", "sector: 128 B", "transpose", "scattered"),
        "turnaround": change("size: 1 GB, latency: 500",
                             "size: 1 GB, turnaround: 50000 cycles, latency: 500", "add"),
        "translation": change("size: 1 GB, latency: 500",
                              "size: 1 GB, translation: 50000 cycles, latency: 500", "add"),
        "partitions": change("write_back: 512 KiB, latency: 200",
                             "write_back: 512 KiB, partitions: 4, latency: 200", "gather"),
        "access_mode": change("l2, shared_across: chip,",
                             "l2, shared_across: chip, access_mode: read-only,", None),
        "caches": change("caches: dram, duplex: false, write_back: 512 KiB, ", "", "add"),
        "part_of": change("part_of: array, size: 200 KiB", "size: 200 KiB", "gemm"),
        "placement": change("placement: private", "placement: interleaved", None, "threads"),
        "port: of": change("{of: core, bandwidth: 1 B/cycle", "{of: socket, bandwidth: 1 B/cycle",
                          "add", "scattered"),
        "port: bandwidth": change("of: core, bandwidth: 64 B/cycle",
                                 "of: core, bandwidth: 1 B/cycle", "add"),
        "port: in_flight": change("in_flight: 4 KiB", "in_flight: 64 B", "add"),
        "banks": change("banks: 32", "banks: 2", None),
        "clock": change("clock: fixed", "clock: group", "long", "watts"),
        "energy": change("energy: 100 pJ/B", "energy: 50 pJ/B", "add", "watts"),
    },
    "Links": {
        "bandwidth": change("{peak: 10 B/s, device_to_host: 0.5}", "20 B/s", "pinned", "host"),
        "latency": change("latency: 1 s", "latency: 2 s", "pinned", "host"),
        "peak": change("peak: 10 B/s", "peak: 20 B/s", "pinned", "host"),
        "host_to_device": change("10 B/s, device_to_host: 0.5", "10 B/s, host_to_device: 0.5",
                                 "pinned", "host"),
        "device_to_host": change("device_to_host: 0.5", "device_to_host: 0.6", "back", "host"),
        "staging: bandwidth": change("{bandwidth: 4 B/s", "{bandwidth: 5 B/s", "pageable", "host"),
        "staging: buffer": change("buffer: 20 B", "buffer: 200 B", "pageable", "host"),
        "staging: number": change("number: 2", "number: 1", "pageable", "host"),
        "staging: setup": change("setup: 3 s", "setup: 4 s", "pageable", "host"),
    },
    "Operations": {
        "does": change("does: matmul, supported_by: bundle", "does: fma, supported_by: bundle",
                       "flash2"),
        "supported_by": change("fma, supported_by: bundle", "fma, supported_by: lane", "gemm32"),
        "supported_data_types": change("supported_data_types: fp32, throughput: 2",
                                      "supported_data_types: fp64, throughput: 2", "add",
                                      "threads"),
        "throughput": change("fp32: 1 op/cycle, fp64", "fp32: 0.01 op/cycle, fp64", "gemm32"),
        "latency": change("0.5 op/cycle}, latency: 4", "0.5 op/cycle}, latency: 4000",
                         "gemm32"),
        "setup": change("setup: 400 cycles", "setup: 400000 cycles", "gemm"),
        "invocation_name": change("invocation_name: max", "invocation_name: maximum", "softmax"),
        "pipe": change("mma, does: matmul, supported_by: bundle, pipe: sub.matrix",
                      "mma, does: matmul, supported_by: bundle, pipe: core.matrix", "flash2"),
        "moves": change("bulk, supported_by: bundle, moves: [dram, local]",
                       "bulk, supported_by: bundle, moves: [dram, registers]", "gemm"),
        "operands: a": change("{a: local, b: local", "{a: registers, b: local", "gemm"),
        "operands: b": change("{a: local, b: local", "{a: local, b: registers", "gemm"),
        "operands: c": change("c: registers", "c: local", "gemm"),
        "asynchronous": change("setup: 400 cycles, asynchronous: true", "setup: 400 cycles",
                               "gemm"),
        "multicast": change(", multicast: cluster", "", "gemm"),
        "issue": change("issue: 2}", "issue: 2000}", "softmax"),
        "take": change("take: {bundles: 1}", "take: {bundles: 16}", None),
        "clock": change("fma, supported_by: bundle", "fma, clock: 1 MHz, supported_by: bundle",
                       "gemm32"),
        "elements": change("{fp32: 16, fp64: 8}", "{fp32: 1, fp64: 8}", "gemm32", "threads"),
        "tile": change("{fp16: {m: 64, n: 128, k: 16}}", "{fp16: {m: 8, n: 8, k: 16}}", "gemm"),
        "m": change("{fp16: {m: 64, n: 128, k: 16}}", "{fp16: {m: 512, n: 128, k: 16}}", "gemm"),
        "n": change("{fp16: {m: 64, n: 128, k: 16}}", "{fp16: {m: 64, n: 8, k: 16}}", "gemm"),
        "k": change("{fp16: {m: 64, n: 128, k: 16}}", "{fp16: {m: 64, n: 128, k: 512}}", "gemm"),
        "width": change("core.ls, width: 512 B", "core.ls, width: 16 B", "add"),
        "align": change("align: 16 B", "align: 4096 B", "gemm"),
        "achieved": change("achieved: 0.9", "achieved: 0.1", "gemm"),
        "energy": change("energy: 5 pJ/op", "energy: 6 pJ/op", "add", "watts"),
        "droops": change(", droops: fp64", "", "fma", "watts"),
    },
    "Libraries": {
        "op": change("own, op: softmax", "own, op: transpose", "softmax"),
        "algorithm": change("algorithm: flash2", "algorithm: flash3", "flash2"),
        "data_types": change("data_types: fp16, operation: mma4",
                            "data_types: bf16, operation: mma4", "gemm"),
        "operation": change("operation: mma4, copy", "operation: mma, copy", "gemm"),
        "copy": change("copy: bulk", "copy: copy", "gemm"),
        "step": change("step: 128 B", "step: 32 B", "gemm"),
        "cluster": change("cluster: 2, max", "cluster: 1, max", "gemm"),
        "sums": change("max_split: 8, lanes", "max_split: 8, sums: 2, leaves: 9, lanes", "gemm"),
        "loaders": change("max_split: 8, lanes", "max_split: 8, leaves: 9, loaders: 256, lanes",
                          "gemm"),
        "leaves": change("max_split: 8, lanes", "max_split: 8, leaves: 9, lanes", "gemm"),
        "upright": change("max_split: 8, lanes", "max_split: 8, upright: true, lanes", "gemm"),
        "min_split": change("max_split: 16", "max_split: 16, min_split: 5", "decode"),
        "max_split": change("max_split: 8, lanes", "max_split: 1, lanes", "deep"),
        "fills": change("max_split: 8, lanes", "max_split: 8, fills: 0.5, lanes", "small"),
        "clears": change("max_split: 8, lanes", "max_split: 8, clears: 4 B, lanes", "gemm"),
        "split_below": change("max_split: 16", "max_split: 16, split_below: 1e-6", "decode"),
        "split_full": change("max_split: 16", "max_split: 16, split_below: 1, split_full: 0.1",
                             "decode"),
        "lanes": change("op: softmax, lanes: 128", "op: softmax, lanes: 64", "softmax"),
        "registers": change("lanes: 128, registers: 200", "lanes: 128, registers: 500",
                           "flash2"),
        "stages": change("lanes: 128, stages: 3", "lanes: 128, stages: 2", "conv"),
        "resident": change("op: softmax,", "op: softmax, resident: 1,", "softmax"),
        "align": change("step: 128 B,", "step: 128 B, align: 4096 B,", "gemm"),
        "batch": change("step: 128 B,", "step: 128 B, batch: many,", "gemm"),
        "host": change("step: 128 B,", "step: 128 B, host: 1 s,", "gemm"),
        "misaligned": change("step: 128 B,", "step: 128 B, misaligned: 2 B,", "gemm"),
        "out_buffer": change("out_buffer: 8 KiB", "out_buffer: 190 KiB", "gemm"),
        "dispatch": change("dispatch: stride", "dispatch: each", "gemm"),
        "instructions": change("instructions: 2.5", "instructions: 250", "add"),
        "pace": change("pace: 4 cycles", "pace: 400 cycles", "flash2"),
        "pad_channels": change("pad_channels: 8", "pad_channels: 64", "conv"),
        "max_bytes": change("max_bytes: 2 MB", "max_bytes: 10 kB", "copy"),
        "launch": change("launch: stream", "launch: graph", "copy"),
        "launches": change(", launches: 1", "", "im2col"),
        "masks_all": change("lanes: 128, registers: 200",
                           "lanes: 128, masks_all: true, registers: 200", "flash2"),
        "joins_taps": change("joins_taps: false", "joins_taps: true", "conv"),
        "also_writes": change("also_writes: 8 B, ", "", "pool"),
    },
    "Tiles of a library": {
        "cluster": change("{m: 64, n: 64}, {m: 128, n: 64, stages: 3}",
                          "{m: 64, n: 64, cluster: 1}, {m: 128, n: 64, stages: 3, cluster: 1}",
                          "gemm"),
        "m": change("{m: 64, n: 32, k: 8}", "{m: 128, n: 32, k: 8}", "gemm32"),
        "n": change("{m: 64, n: 32, k: 8}", "{m: 64, n: 64, k: 8}", "gemm32"),
        "k": change("{m: 64, n: 32, k: 8}", "{m: 64, n: 32, k: 16}", "gemm32"),
        "q": change("{q: 64, kv: 32, head_dim: 64}", "{q: 32, kv: 32, head_dim: 64}", "flash2"),
        "kv": change("{q: 64, kv: 32, head_dim: 64}", "{q: 64, kv: 16, head_dim: 64}", "flash2"),
        "head_dim": change("kv: 32, head_dim: 64}, {q: 64, kv: 64}]", "kv: 32, head_dim: 32}]",
                          "flash2"),
        "max_cols": change("{rows: 1, max_cols: 1024}", "{rows: 1, max_cols: 10}", "softmax"),
        "rows": change("{rows: 1, max", "{rows: 8, max", "softmax"),
        "passes": change("{rows: 1, max_cols: 1024}", "{rows: 1, passes: 3}", "softmax"),
        "lanes": change("{rows: 1, max_cols: 1024}", "{rows: 1, lanes: 32}", "softmax"),
        "slices": change("n: 32, k: 8}", "n: 32, k: 8, slices: 4}", "gemm32"),
        "stages": change("{m: 64, n: 64}, {m: 128, n: 64, stages: 3}", "{m: 64, n: 64, stages: 2}",
                        "gemm"),
        "registers": change("{m: 64, n: 32, k: 8}", "{m: 64, n: 32, k: 8, registers: 250}",
                           "gemm32"),
        "elements": change("{elements: 4, fixed", "{elements: 32, fixed", "add"),
        "turns": change("{elements: 4, fixed", "{elements: 1, turns: 4, fixed", "add"),
        "max_groups": change("{elements: 4, fixed", "{elements: 4, max_groups: 2, fixed", "add"),
        "taps": change("taps: 9", "taps: 1", "direct"),
        "max_elements": change("max_elements: 16", "max_elements: 64", "reduce"),
        "fixed": change("fixed: 10", "fixed: 10000", "add"),
        "masked": change("{q: 64, kv: 32, head_dim: 64}",
                        "{q: 64, kv: 32, head_dim: 64, masked: 500}", "flash2"),
        "fixed_pace": change("{rows: 1, max_cols: 1024}",
                             "{rows: 1, max_cols: 1024, fixed: 1, fixed_pace: 40000 cycles}",
                             "softmax"),
        "idle": change("{rows: 1, max_cols: 1024}",
                       "{rows: 1, max_cols: 1024, elements: 16, idle: 10000}", "softmax"),
        "padded": change("{rows: 1, max_cols: 1024}",
                         "{rows: 1, max_cols: 1024, padded: 1000}", "softmax"),
        "instructions": change("{elements: 4, fixed", "{elements: 4, instructions: 250, fixed",
                               "add"),
        "pace": change("{q: 64, kv: 32, head_dim: 64}",
                      "{q: 64, kv: 32, head_dim: 64, pace: 400 cycles}", "flash2"),
    },
}


def keys_of_page():
    """(section, key, line, whether it says that it has no effect)."""
    section, found = "", []
    for number, line in enumerate(tree.read(PAGE).splitlines(), 1):
        heading = re.match(r"##+ ([^:`]+)", line)
        section = heading[1].strip() if heading else section
        row = re.match(r"\| `([^`]+)` \| [^|]+ \| .*\|$", line)
        if row and section in CHANGES:
            found.append((section, row[1], number, "(no effect yet)" in line))
    return found


def compare(perfsim, path, op):
    run = subprocess.run([perfsim, "compare", path, MEASURED[op], "--format", "json"],
                         check=False, capture_output=True, text=True)
    return [record["predicted_time_s"] for record in json.loads(run.stdout)["records"]]


def predict(perfsim, path, op):
    if op in MEASURED:
        return compare(perfsim, path, op)
    run = subprocess.run([perfsim, "run", path, *OPS[op].split(), "--format", "json"],
                         check=False, capture_output=True, text=True)
    if run.returncode not in (0, 1):
        return f"exit {run.returncode}: {run.stderr}"
    if run.returncode == 1:
        return "refused"
    report = json.loads(run.stdout)
    for memory in report["memories"]:
        del memory["at"]
    return [report[key] for key in ("time_s", "bound_s", "energy_j", "kernels", "memories")]


def differs(perfsim, folder, change):
    """Whether the change changes a prediction; or a word on why it cannot be told."""
    machine, old, new, op = change
    text = tree.read(pathlib.Path(MACHINES[machine]))
    if text.count(old) < 1:
        return f"'{old}' stands nowhere in {MACHINES[machine]}"
    path = os.path.join(folder, f"{abs(hash(change))}.yaml")
    pathlib.Path(path).write_text(text.replace(old, new, 1), encoding="utf-8")
    check = subprocess.run([perfsim, "check", path], check=False, capture_output=True,
                           text=True)
    if check.returncode:
        return f"'{new}' is refused: {check.stderr.splitlines()[0]}"
    return any(predict(perfsim, MACHINES[machine], name) != predict(perfsim, path, name)
               for name in ([op] if op else OPS))


def main():
    verdict, perfsim = tree.Verdict(), os.path.abspath(sys.argv[1])
    wanted = []
    for section, key, line, unused in keys_of_page():
        change = CHANGES[section].get(key)
        if change:
            wanted.append((line, key, unused, change))
        elif key not in PEOPLE | NEEDED:
            verdict.fault(PAGE, line, f"no change of '{key}' is tried; see {__file__}")
    with tempfile.TemporaryDirectory() as folder, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda want: differs(perfsim, folder, want[3]), wanted)
        for (line, key, unused, change), result in zip(wanted, results):
            if isinstance(result, str):
                verdict.fault(PAGE, line, f"'{key}': {result}")
            elif result == unused:
                says = "changes a prediction, and says that it does not" if unused \
                    else f"changes nothing of {change[3]}"
                verdict.fault(PAGE, line, f"'{key}' {says}")
    verdict.leave()


main()
