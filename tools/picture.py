#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""picture.py PERFSIM OUT.svg: the roofline of README.md, from perfsim's own numbers."""
import json
import pathlib
import subprocess
import sys
import tempfile

MACHINE = "a100"
# Workload, its name in the picture, where the name stands.
POINTS = [
    ("vector_add", "vector add", "left offset 1.2,-0.4"),
    ("softmax", "softmax", "left offset 0.8,-0.8"),
    ("flash_decode", "attention, decoding", "left offset 1.2,0.1"),
    ("conv_im2col", "convolution by im2col", "left offset 0.8,-0.8"),
    ("naive_attn_large", "attention, naive", "left offset 0.8,-0.8"),
    ("conv_implicit_gemm", "convolution, implicit GEMM", "left offset 0.8,-0.8"),
    ("gemm", "matrix product", "left offset 1.0,0.3"),
    ("flash_attn", "attention, fused", "left offset 1.2,0.0"),
]
SCRIPT = """
set terminal {terminal} size 900,560 font "sans,13" background "#ffffff"
set output "{out}"
set logscale xy
set xrange [0.05:300000]
set yrange [5e10:1e15]
set format x "%g"
set ytics ("100 GFLOP/s" 1e11, "1 TFLOP/s" 1e12, "10 TFLOP/s" 1e13, "100 TFLOP/s" 1e14, "1 PFLOP/s" 1e15)
set tmargin 1
set rmargin 2
set xlabel "arithmetic intensity, FLOP per byte of memory traffic"
set grid linecolor "#dddddd"
set border 3
set tics nomirror
unset key
set label 1 "{memory} of memory" at 0.11,{memory_y} rotate by 43 textcolor "#0072b2"
set label 2 "matrix unit, fp16: {matrix}" at 280000,{matrix_y} right textcolor "#d55e00"
set label 3 "vector unit, fp32: {vector}" at 280000,{vector_y} right textcolor "#009e73"
{labels}
min(a, b) = a < b ? a : b
plot min({bytes_per_s} * x, {matrix_flop_per_s}) with lines linewidth 3 linecolor "#d55e00", \\
     min({bytes_per_s} * x, {vector_flop_per_s}) with lines linewidth 2 dashtype 2 linecolor "#009e73", \\
     {bytes_per_s} * x < {vector_flop_per_s} ? {bytes_per_s} * x : 1/0 with lines linewidth 3 linecolor "#0072b2", \\
     "-" using 1:2 with points pointtype 7 pointsize 0.9 linecolor "#222222"
{data}
e
"""


def run(perfsim, *words):
    """The report of one prediction."""
    done = subprocess.run([perfsim, "run", MACHINE, *words, "--format", "json"],
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def main(perfsim, out):
    reports = {name: run(perfsim, name) for name, _, _ in POINTS}
    roofs = {roof["name"]: roof for report in reports.values() for roof in report["roofs"]}
    matrix = next(r["peak_flop_per_s"] for n, r in roofs.items() if n.endswith("fp16"))
    vector = next(r["peak_flop_per_s"] for n, r in roofs.items() if n.endswith("fp32"))
    memory = next(r["peak_bytes_per_s"] for r in roofs.values() if r["peak_bytes_per_s"])
    data, labels = [], []
    for number, (name, text, place) in enumerate(POINTS, 10):
        x, y = reports[name]["flop_per_byte"], reports[name]["flop_per_s"]
        data.append(f"{x} {y}")
        labels.append(f'set label {number} "{text}" at {x},{y} {place}')
    terminal = "svg" if out.endswith(".svg") else "pngcairo"
    script = SCRIPT.format(
        terminal=terminal, out=out, labels="\n".join(labels), data="\n".join(data),
        bytes_per_s=memory, memory=f"{memory / 1e12:.3g} TB/s", memory_y=memory * 0.26,
        matrix_flop_per_s=matrix, matrix=f"{matrix / 1e12:.0f} TFLOP/s",
        matrix_y=matrix * 1.4, vector_flop_per_s=vector,
        vector=f"{vector / 1e12:.1f} TFLOP/s", vector_y=vector * 1.4)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "roofline.gp"
        path.write_text(script, encoding="utf-8")
        subprocess.run(["gnuplot", str(path)], check=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
