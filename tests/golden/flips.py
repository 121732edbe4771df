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
    "h200 softmax", "h200 conv_implicit_gemm", "zen5 gemm", "zen5 softmax",
    f"c66x {PRODUCT}fp32", f"tpu_v4 {PRODUCT}bf16",
]


def explain(*words):
    done = subprocess.run([PERFSIM, "explain", *words, "--format", "json"], check=True,
                          capture_output=True, text=True)
    return json.loads(done.stdout)


def less(options):
    """One figure two hundredths nearer to what it was; None where it is not just one."""
    match = re.fullmatch(r"(.*=)([0-9.e+-]+)( .*)", options[1]) if len(options) == 2 else None
    return match and (match[1], float(match[2]), match[3])


def check(pair):
    """Each flip typed as it is said; of a bandwidth a little less leaves the verdict."""
    words = pair.split()
    now = explain(*words)
    found = [flip for flip in now["flips"] if flip["verdict"]]
    for flip in found:
        options = shlex.split(flip["options"])
        then = explain(*words, *options)
        if then["verdict"] != flip["verdict"] or then["verdict"] == now["verdict"] or \
                abs(then["time_s"] / flip["time_s"] - 1) > 1e-9:
            print(f"# {flip}: {then['verdict']}, {then['time_s']} s")
            return False
        figure = less(options) if flip["knob"] == "bandwidth" else None
        if not figure:
            continue
        factor = float(flip["change"].split()[-1])
        nearer = figure[1] / 1.02 if factor > 1 else figure[1] * 1.02
        almost = explain(*words, "--set", f"{figure[0]}{nearer:.9g}{figure[2]}")
        if almost["verdict"] != now["verdict"]:
            print(f"# {flip}: with less of it {almost['verdict']} already")
            return False
    return True


def main():
    print(f"1..{len(PAIRS) + 1}")
    failed = 0
    for number, pair in enumerate(PAIRS, 1):
        good = check(pair)
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {pair}")
    some = sum(bool(flip["verdict"]) for pair in PAIRS[:4]
               for flip in explain(*pair.split())["flips"])
    failed += some < 4
    print(f"{'ok' if some >= 4 else 'not ok'} {len(PAIRS) + 1} - there are some")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
