#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_headers.py CC...: every header compiles as the only include of a file (TAP)."""
import concurrent.futures
import os
import subprocess
import sys

import tree

FLAGS = ["-std=c17", "-Wall", "-Wextra", "-Werror", "-D_XOPEN_SOURCE=700",
         "-Isrc", "-Iinclude", "-fsyntax-only", "-xc", "-"]


def compile_alone(path):
    include = path.relative_to(path.parts[0]).as_posix()
    return subprocess.run([*sys.argv[1:], *FLAGS], input=f'#include "{include}"\n',
                          capture_output=True, text=True, check=False)


def main():
    paths = tree.files("src/**/*.h", "include/**/*.h")
    print(f"1..{len(paths)}")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (path, run) in enumerate(
                zip(paths, pool.map(compile_alone, paths)), 1):
            print(f"{'not ok' if run.returncode else 'ok'} {number} - {path}")
            if run.returncode:
                failed += 1
                for line in run.stderr.splitlines():
                    print(f"# {line}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
