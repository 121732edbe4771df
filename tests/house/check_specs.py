#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A figure of a machine is never fitted: what a fit found stands in overlays."""
import re

import tree

FITTED = re.compile(r"""\bconfidence["']?\s*:\s*["']?fitted\b""")


def main():
    verdict = tree.Verdict()
    for path in tree.files("specs/*.yaml"):
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            if FITTED.search(line.split(" #")[0]):
                verdict.fault(path, number, "a fitted figure belongs in specs/overlays/")
    verdict.leave()


main()
