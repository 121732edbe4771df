#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Figures of machines say who says so: no fitted ones, and sources that are declared.

What a fit found stands in overlays. Where a file has `sources`, a figure of a data sheet
or a measurement begins with a key of them, or of those of a machine that it extends; an
assumed figure says its reasoning.
"""
import re

import tree

FITTED = re.compile(r"""\bconfidence["']?\s*:\s*["']?fitted\b""")
CONFIDENCE = re.compile(r"\bconfidence: (datasheet|measured|assumed)\b")
SOURCE = re.compile(r"""\bsource: ["']?([A-Za-z0-9_-]*)""")
KEY = re.compile(r"  ([A-Za-z0-9_-]+): ")
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


def main():
    verdict = tree.Verdict()
    for path in tree.files("specs/*.yaml"):
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            if FITTED.search(line.split(" #")[0]):
                verdict.fault(path, number, "a fitted figure belongs in specs/overlays/")
        keys = declared(path)
        if keys:
            check_sources(path, keys, verdict)
    verdict.leave()


main()
