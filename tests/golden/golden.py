#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden.py PERFSIM VERSION: run every tests/golden/*.txt again, report TAP.

A golden starts with `$ perfsim ARGUMENTS`, run in the source root, goes on with
the whole stdout, then `--- stderr` and the whole stderr, and ends with
`--- exit CODE`. Lines that start with `#` before the command say why it exists. A
command that ends with `> FILE` has its stdout there.
Nothing is left out but the version, written @VERSION@, and the source root, @ROOT@.

PSIM_UPDATE_GOLDEN=1 rewrites what differs: a new golden is a file with its first
line only. PSIM_WRAPPER='valgrind --quiet' runs perfsim under another program.
"""
import concurrent.futures
import difflib
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

FOLDER = pathlib.Path("tests/golden")
TIMEOUT_S = 60


def environment():
    """The caller's, with a comma as decimal point where that locale exists."""
    env = {key: value for key, value in os.environ.items()
           if key not in ("NO_COLOR", "LANG", "LANGUAGE")
           and not key.startswith("LC_")}
    names = []
    if shutil.which("locale"):
        listed = subprocess.run(["locale", "-a"], capture_output=True, text=True,
                                check=False)
        names = [name for name in listed.stdout.split()
                 if re.fullmatch(r"fr_FR\.utf-?8", name, re.IGNORECASE)]
    env["LC_ALL"] = names[0] if names else "C"
    return env


def text_of(raw):
    """Any bytes as text that a file can hold; what is no UTF-8 is shown as \\xNN."""
    text = raw.decode("utf-8", errors="backslashreplace")
    if text and not text.endswith("\n"):
        text += "\n\\ no newline at the end\n"
    return text


def rerun(path, perfsim, version, env):
    """What the golden would be now, and what it is."""
    want = path.read_bytes().decode("utf-8")
    head = []
    for line in want.splitlines():
        head.append(line)
        if not line.startswith("#"):
            break
    words = shlex.split(head[-1]) if head else []
    if words[:2] != ["$", "perfsim"]:
        return "", "the first line is no '$ perfsim ARGUMENTS'\n"
    target = words.pop() if words[-2] == ">" else None
    if target:
        words.pop()
    command = [*shlex.split(env.get("PSIM_WRAPPER", "")), perfsim, *words[2:]]
    try:
        with open(target or os.devnull, "wb") as file:
            run = subprocess.run(command, env=env, stdin=subprocess.DEVNULL,
                                 stdout=file if target else subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return want, f"no end within {TIMEOUT_S} s\n"
    got = (f"{text_of(run.stdout or b'')}--- stderr\n{text_of(run.stderr)}"
           f"--- exit {run.returncode}\n")
    got = re.sub(rf"(?<![\w.]){re.escape(version)}(?![\w.])", "@VERSION@", got)
    root = os.getcwd() + "/"
    # In Markdown a mark of the root's own, such as "_", is escaped.
    for written in (root, re.sub(r"([\\`*_|<\[~$&])", r"\\\1", root)):
        got = got.replace(written, "@ROOT@/")
    return want, "\n".join(head) + "\n" + got


def main():
    perfsim, version = os.path.abspath(sys.argv[1]), sys.argv[2]
    update = os.environ.get("PSIM_UPDATE_GOLDEN") == "1"
    env = environment()
    paths = sorted(FOLDER.glob("*.txt"))
    print(f"1..{len(paths)}")
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = pool.map(lambda path: rerun(path, perfsim, version, env), paths)
        for number, (path, (want, got)) in enumerate(zip(paths, runs), 1):
            whole = "\n--- exit " in got
            if want != got and update and whole:
                path.write_bytes(got.encode("utf-8"))
                want = got
            print(f"{'ok' if want == got else 'not ok'} {number} - {path.stem}")
            if want != got:
                failed += 1
                old = want.splitlines() if whole else []
                for line in difflib.unified_diff(old, got.splitlines(), str(path),
                                                 "this run", lineterm=""):
                    print(f"# {line}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
