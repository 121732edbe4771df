#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""tidy.py BUILD: clang-tidy over every file of BUILD's compile_commands.json."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys


def tidy(build, path):
    # The flags are those of the compiler that built; clang may not know them all.
    return subprocess.run(["clang-tidy", "--quiet", "-p", build,
                           "--extra-arg=-Wno-unknown-warning-option", path],
                          capture_output=True, text=True, check=False)


def main():
    build = sys.argv[1]
    commands = json.loads(pathlib.Path(build, "compile_commands.json")
                          .read_text(encoding="utf-8"))
    paths = sorted({os.path.relpath(os.path.join(entry["directory"], entry["file"]))
                    for entry in commands})
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for run in pool.map(lambda path: tidy(build, path), paths):
            if run.returncode:
                failed += 1
                print(run.stdout.replace(f"{os.path.abspath(build)}/../", ""), end="")
                # Without the count of what was found in the system's headers.
                print("".join(line + "\n" for line in run.stderr.splitlines()
                              if "warnings generated" not in line), end="")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
