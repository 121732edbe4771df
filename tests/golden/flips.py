#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""flips.py PERFSIM: what `explain` says would change a verdict does so (TAP)."""
import json
import re
import shlex
import subprocess
import sys

PERFSIM = sys.argv[1]
PRODUCT = "gemm m=512 n=512 k=512 dtype="
PAIRS = [
    "toy elementwise function=add elements=100 dtype=fp32", f"toy {PRODUCT}fp32",
    "a100 vector_add", "a100 gemm", "a100 flash_attn", "a100 naive_attn_large",
    "a100 conv_implicit_gemm", "h200 vector_add", "h200 softmax", "h200 flash_attn",
    "h200 naive_attn", "h200 conv_implicit_gemm", "zen5 gemm", "zen5 softmax",
    "zen5 conv_direct", f"c66x {PRODUCT}fp32", "c66x vector_add", f"tpu_v4 {PRODUCT}bf16",
    "tpu_v4 naive_attn",
]
# What scales, and each number of its options with it; a clock leaves some as they are.
SCALES = {"bandwidth", "compute", "cache", "level", "batch", "size"}
NUMBER = re.compile(r"(?<![\w.])\d[\d.]*(?:e[+-]?\d+)?(?=[ ,}]|$)")


def explain(*words):
    done = subprocess.run([PERFSIM, "explain", *words, "--format", "json"], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def nearer(flip):
    """The same options with all numbers two hundredths nearer to what they were."""
    by_size = flip["knob"] in ("batch", "size")
    up = flip["factor"] > 1
    scale = (lambda x: x / 1.02) if up else (lambda x: x * 1.02)

    def near(match):
        value = scale(float(match[0]))
        return f"{round(value)}" if by_size else f"{value:.12g}"

    words = shlex.split(flip["options"])
    for at in range(1, len(words), 2):
        path, _, value = words[at].partition("=")
        words[at] = f"{path}={NUMBER.sub(near, value)}"
    return words


def check(pair):
    """Each flip typed as it is said; of what scales, a little less leaves the verdict."""
    words = pair.split()
    now = explain(*words)
    for flip in [flip for flip in now["flips"] if flip["verdict"]]:
        options = shlex.split(flip["options"])
        then = explain(*words, "time_s", *options)
        if then["verdict"] != flip["verdict"] or then["verdict"] == now["verdict"] or \
                abs(then["time_s"] / flip["time_s"] - 1) > 1e-9:
            print(f"# {flip}: {then['verdict']}, {then['time_s']} s")
            return False
        # What flips within two hundredths has nothing between to look at.
        scales = flip["knob"] in SCALES and abs(flip["factor"] - 1) > 0.02
        less = nearer(flip) if scales else options
        if less == options:
            continue
        almost = explain(*words, "time_s", *less)
        if almost["verdict"] != now["verdict"]:
            print(f"# {flip}: {almost['verdict']} already with {less}")
            return False
    return True


def main():
    print(f"1..{len(PAIRS) + 1}")
    failed = 0
    for number, pair in enumerate(PAIRS, 1):
        good = check(pair)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {pair}")
    found = {flip["knob"] for pair in PAIRS for flip in explain(*pair.split())["flips"]
             if flip["verdict"]}
    every = SCALES | {"clock", "precision", "tile", "algorithm"}
    failed += found != every
    print(f"{'ok' if found == every else 'not ok'} {len(PAIRS) + 1} - each knob has one")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
