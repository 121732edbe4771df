#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_report_keys.py PERFSIM: docs/REPORT.md names every key of the JSON reports.

A section of that page is a heading with a schema, as in `perfsim/result/v1`. Its tables
name keys in their first column; a heading of a lower level that is a key itself, as in
### `memories`, is put before them. Each command below must print these keys and no
others; a list that happens to be empty says nothing of its rows.
"""
import json
import pathlib
import re
import subprocess
import sys

import tree

PAGE = pathlib.Path("docs/REPORT.md")
OP = "elementwise function=add elements=4096 dtype=fp32".split()
COMMANDS = [
    ["run", "cuda_example", *OP, "--engine", "both"],
    ["run", "tests/fixtures/hw_watts.yaml", *OP, "--engine", "both"],
    ["run", "toy", *OP, "--measured", "tests/fixtures/ms_exact.json"],
    ["compare", "toy", "tests/fixtures/ms_exact.json"],
    ["calibrate", "tests/fixtures/hw_fit.yaml", "tests/fixtures/ms_fit.json", "--folds", "2"],
    ["check", "cuda_example"],
    ["check", "vector_add"],
    ["check", "tests/fixtures/ms_exact.json"],
    ["explain", "toy", *OP],
    ["explain", "toy", *OP, "--mappings"],
    ["list", "ops"],
]


def documented():
    """Schema -> {key: line}."""
    found, schema, before = {}, None, ""
    for number, line in enumerate(tree.read(PAGE).splitlines(), 1):
        if line.startswith("## "):
            name = re.search(r"`(perfsim/[a-z]+/v\d+)`", line)
            schema, before = (name[1] if name else None), ""
        elif line.startswith("### "):
            key = re.fullmatch(r"### `(\w+)`", line)
            before = key[1] + "[]." if key else ""
            if key:
                found.setdefault(schema, {})[key[1]] = number
        key = re.match(r"\| `([\w\[\].]+)` \|", line)
        if key:
            keys = found.setdefault(schema, {})
            keys[before + key[1]] = number
            if "[]." in key[1]:
                keys.setdefault(key[1].split("[].")[0], number)
    return found


def printed(report):
    """All keys of a report, and the lists whose rows are not known."""
    keys, empty = set(), set()
    for key, value in report.items():
        keys.add(key)
        if isinstance(value, list):
            if not value:
                empty.add(key)
            for row in value:
                keys.update(f"{key}[].{name}" for name in row)
    return keys, empty


def main():
    verdict, pages, seen = tree.Verdict(), documented(), {}
    for words in COMMANDS:
        run = subprocess.run([sys.argv[1], *words, "--format", "json"], check=True,
                             capture_output=True, text=True)
        report = json.loads(run.stdout)
        schema = report["schema"]
        keys, empty = printed(report)
        page = pages.get(schema, {})
        for key in sorted(keys - page.keys()):
            verdict.fault(PAGE, 1, f"{schema}: '{key}' is printed by perfsim "
                          f"{' '.join(words)} and not named")
        all_keys, all_empty = seen.setdefault(schema, (set(), set()))
        all_keys |= keys
        all_empty |= empty
    for schema, (keys, empty) in seen.items():
        for key, line in pages.get(schema, {}).items():
            if key not in keys and key.split("[].")[0] not in empty:
                verdict.fault(PAGE, line, f"{schema}: '{key}' is printed nowhere")
    verdict.leave()


main()
