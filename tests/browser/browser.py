#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""browser.py PERFSIM FOLDER: run browser.js, if what it needs is in FOLDER.

`./dev test browser` puts it there. Whoever tests by meson alone is told that the suite
was left out.
"""
import os
import pathlib
import shutil
import subprocess
import sys


def main():
    perfsim, folder = sys.argv[1:]
    node = shutil.which("node")
    modules = pathlib.Path(folder, "node_modules")
    if not node or not modules.is_dir():
        print("1..0 # SKIP './dev test browser' installs what this needs")
        return 0
    script = pathlib.Path(__file__).with_name("browser.js")
    return subprocess.run([node, script, perfsim, folder], check=False,
                          env={**os.environ, "NODE_PATH": str(modules)}).returncode


if __name__ == "__main__":
    sys.exit(main())
