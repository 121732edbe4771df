#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_docs.py GEN_DOCS: the generated pages of docs/ are what the tables say now."""
import difflib
import pathlib
import subprocess
import sys
import tempfile

import tree


def main():
    verdict = tree.Verdict()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        for new in sorted(path for path in pathlib.Path(folder).rglob("*")
                          if path.is_file()):
            old = pathlib.Path("docs") / new.relative_to(folder)
            before = tree.read(old).splitlines() if old.exists() else []
            after = tree.read(new).splitlines()
            if before != after:
                line = next((number for number, pair in enumerate(zip(before, after), 1)
                             if pair[0] != pair[1]), min(len(before), len(after)) + 1)
                verdict.fault(old, line, "is not what the tables say; run ./dev docs")
                print("\n".join(list(difflib.unified_diff(
                    before, after, str(old), "generated", lineterm=""))[:40]))
    verdict.leave()


main()
