#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""count.py TESTLOG...: show what failed, then `N passed, N failed`.

Reads meson's testlog.json. A test that speaks TAP counts once for each of its
lines, any other counts once. A program that died, hung or left out lines that it
had planned counts as one failure more.
"""
import json
import pathlib
import re
import sys

SHOWN_LINES = 200


def tap_counts(stdout):
    """Passed, failed and missing lines of a TAP report; None where it is none."""
    plan = re.search(r"^1\.\.(\d+)", stdout, re.MULTILINE)
    if not plan:
        return None
    skipped = len(re.findall(r"^ok\b.*#\s*SKIP", stdout, re.MULTILINE | re.IGNORECASE))
    passed = len(re.findall(r"^ok\b", stdout, re.MULTILINE))
    failed = len(re.findall(r"^not ok\b", stdout, re.MULTILINE))
    return passed - skipped, failed, int(plan[1]) - passed - failed


def counts(record):
    good = record["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
    tap = tap_counts(record.get("stdout") or "")
    if tap:
        passed, failed, missing = tap
        return passed, failed + (missing != 0 or (not good and not failed))
    if record["result"] == "SKIP":
        return 0, 0
    return (1, 0) if good else (0, 1)


def show(record):
    """The lines that matter: of a TAP report the failures with their comments."""
    print(f"--- {record['name']}: {record['result']}")
    stdout = record.get("stdout") or ""
    lines = stdout.splitlines()
    if tap_counts(stdout):
        kept, inside = [], False
        for line in lines:
            if re.match(r"(not )?ok\b", line):
                inside = line.startswith("not")
            if inside:
                kept.append(line)
        lines = kept
    lines += (record.get("stderr") or "").splitlines()
    for line in lines[:SHOWN_LINES]:
        print(line)
    if len(lines) > SHOWN_LINES:
        print(f"... and {len(lines) - SHOWN_LINES} more lines")


def main():
    passed = failed = 0
    for log in sys.argv[1:]:
        path = pathlib.Path(log)
        if not path.exists():
            print(f"{log}: meson left no test results")
            failed += 1
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            good, bad = counts(record)
            passed += good
            failed += bad
            if bad or record["result"] == "SKIP":
                show(record)
    print(f"{passed} passed, {failed} failed")
    return failed != 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
