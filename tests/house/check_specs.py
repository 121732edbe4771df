#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Figures of machines say who says so: no fitted ones, and sources that are declared.

What a fit found stands in overlays. Where a file has `sources`, a figure of a data sheet
or a measurement begins with a key of them, or of those of a machine that it extends; an
assumed figure says its reasoning. An overlay that was fitted on bf16 says the same of
fp16, which the same pipes take at the same rate: else one type would be faster on paper.
Its head counts its figures and the numbers that moved them, of which there are 60 at most.
"""
import re

import tree

FITTED = re.compile(r"""\bconfidence["']?\s*:\s*["']?fitted\b""")
CONFIDENCE = re.compile(r"\bconfidence: (datasheet|measured|assumed)\b")
SOURCE = re.compile(r"""\bsource: ["']?([A-Za-z0-9_-]*)""")
KEY = re.compile(r"  ([A-Za-z0-9_-]+): ")
DTYPE = re.compile(r"( +)(bf16|fp16): \{value: ([^,]+),")
COUNTS = re.compile(r"(\d+) numbers for (\d+) figures")
MOST_NUMBERS = 60
EXTENDS = re.compile(r"extends: (\w+)$")


def declared(path):
    """The keys of `sources` of a machine and of what it extends; none: an empty set."""
    keys = set()
    inside = False
    for line in tree.read(path).splitlines():
        base = EXTENDS.match(line)
        if base:
            keys |= declared(path.with_name(f"{base[1]}.yaml"))
        if line and not line.startswith(" "):
            inside = line == "sources:"
        key = KEY.match(line)
        if inside and key:
            keys.add(key[1])
    return keys


def check_sources(path, keys, verdict):
    said = None  # a block's source, whose confidence stands in the line below
    for number, line in enumerate(tree.read(path).splitlines(), 1):
        source = SOURCE.search(line)
        confidence = CONFIDENCE.search(line)
        if source:
            said = (number, source[1])
        if confidence and said:
            at, word = said
            if confidence[1] != "assumed" and word not in keys:
                verdict.fault(path, at, f"'{word}' is not declared under sources")
            said = None


def check_twins(path, verdict):
    """bf16 and fp16 stand in neighbouring lines, with the same figure."""
    seen = {}
    for number, line in enumerate(tree.read(path).splitlines(), 1):
        found = DTYPE.match(line)
        if found:
            seen[number] = found.groups()
    for number, (indent, dtype, value) in seen.items():
        twin = (indent, "fp16" if dtype == "bf16" else "bf16", value)
        if twin not in (seen.get(number - 1), seen.get(number + 1)):
            verdict.fault(path, number, f"{twin[1]} is not given the figure of {dtype}")


def check_counts(path, verdict):
    """A head that counts, against the figures that are there."""
    text = tree.read(path)
    said = COUNTS.search(text)
    if not said:
        return
    number = text.count("\n", 0, said.start()) + 1
    numbers, figures = map(int, said.groups())
    there = sum(bool(FITTED.search(line.split(" #")[0])) for line in text.splitlines())
    if figures != there:
        verdict.fault(path, number, f"{there} figures are fitted, not {figures}")
    if numbers > min(figures, MOST_NUMBERS):
        verdict.fault(path, number, f"{numbers} numbers are more than "
                                    f"{min(figures, MOST_NUMBERS)}")


def main():
    verdict = tree.Verdict()
    for path in tree.files("specs/overlays/*.yaml"):
        check_twins(path, verdict)
        check_counts(path, verdict)
    for path in tree.files("specs/*.yaml"):
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            if FITTED.search(line.split(" #")[0]):
                verdict.fault(path, number, "a fitted figure belongs in specs/overlays/")
        keys = declared(path)
        if keys:
            check_sources(path, keys, verdict)
    verdict.leave()


main()
