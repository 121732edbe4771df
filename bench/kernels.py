#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kernels.py PERFSIM [THREADS]: what the CPU's kernels reach of this machine.

Shares of the multiply-adds that the cores can do and of the bandwidth that they can
draw, as perfsim probe finds them, and which of two ways to do a thing is the faster.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

PERFSIM = os.path.abspath(sys.argv[1])
THREADS = sys.argv[2] if len(sys.argv) > 2 else "1"
SIDE = 512
GEMM = {"op": "gemm", "m": SIDE, "n": SIDE, "k": SIDE, "dtype": "fp32", "cache": "hot"}
CONV = {"op": "conv2d", "batch": 2, "in_channels": 64, "out_channels": 64, "height": 56,
        "width": 56, "kernel": 3, "padding": 1, "dtype": "fp32"}
ATTENTION = {"op": "attention", "heads": 2, "head_dim": 64, "dtype": "fp32"}
MOVES = [
    ("add", {"op": "elementwise", "function": "add", "elements": 1 << 22}, 12 << 22),
    ("triad", {"op": "elementwise", "function": "triad", "elements": 1 << 22}, 12 << 22),
    ("scale", {"op": "elementwise", "function": "mul", "inputs": 1,
               "elements": 1 << 22}, 8 << 22),
    ("sum of rows", {"op": "reduce", "function": "sum", "rows": 2048, "cols": 2048},
     4 << 22),
]


def run(*words):
    done = subprocess.run([PERFSIM, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def seconds(ops):
    """Of each op; None where it was skipped."""
    found = []
    for op in ops:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"schema": "perfsim/workload/v1", "ops": [op]}, file)
            file.flush()
            done = subprocess.run([PERFSIM, "measure", file.name, "--threads", THREADS],
                                  capture_output=True, text=True, check=False)
        records = json.loads(done.stdout)["records"] if done.stdout else []
        found.append(records[0]["measured"]["time_s"] if records else None)
    return found


def probe():
    """FLOP/s of fp32 and B/s of reads, writes, and writes beside reads."""
    text = run("probe", "--threads", THREADS)
    cores = int(THREADS)
    number = r": \{value: ([\d.e+-]+)(?: ([A-Za-z/]+))?"
    clock = float(re.search(r"clock" + number, text)[1]) * 1e9
    fma = text[text.index("- name: fma\n"):]
    peak = 2 * clock * cores
    for key in ("elements:", "throughput:"):
        peak *= float(re.search(r"fp32" + number, fma[fma.index(key):])[1])
    dram = text[text.index("- name: dram"):text.index("operations:")]
    bandwidth = float(re.search(r"peak" + number, dram)[1]) * 1e9
    shares = [float(re.search(key + number, dram)[1]) for key in ("read", "mixed")]
    return peak, [bandwidth * share for share in shares]


def line(what, value, text):
    print(f"{what:<34} {value:>8.1f} {text}")


def main():
    peak, (read, write) = probe()
    line("multiply-adds, fp32", peak / 1e9, "GFLOP/s")
    line("reads", read / 1e9, "GB/s")
    line("writes beside reads", write / 1e9, "GB/s")
    for name in ("tiled", "blas", "naive"):
        time_s, = seconds([{**GEMM, "library": name}])
        if time_s:
            line(f"gemm, {name}", 2e2 * SIDE**3 / time_s / peak, "% of the multiply-adds")
    for name, op, moved in MOVES:
        time_s, = seconds([{**op, "dtype": "fp32"}])
        written = 4 << 22 if op["op"] == "elementwise" else 0
        ideal = (moved - written) / read + written / write
        line(name, 100 * ideal / time_s, "% of the bandwidth")
    for length in (1024, 2048, 4096):
        naive, fused = seconds([{**ATTENTION, "algorithm": a, "seq_q": length}
                                for a in ("naive", "flash2")])
        line(f"attention of {length}, fused", naive / fused, "times as fast as naive")
    times = seconds([{**CONV, "algorithm": a}
                     for a in ("im2col_gemm", "implicit_gemm", "direct")])
    line("conv2d, implicit", times[0] / times[1], "times as fast as im2col")
    line("conv2d, direct", times[0] / times[2], "times as fast as im2col")


main()
