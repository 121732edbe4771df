#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The form of every file: licence, opening sentence, length, white space, no loose ends."""
import re

import tree

SPDX = "SPDX-License-Identifier: MIT"
MAX_LINES = 450 # a file of src/ or include/ is read in one sitting
FOLDERS = ("src", "tests", "bench", "tools")
C_FILES = tree.files("include/**/*.h", *(f"{folder}/**/*.[ch]" for folder in FOLDERS))
SCRIPTS = tree.files(
    "meson.build", "meson_options.txt", "dev", ".ci/run", "specs/**/*.yaml",
    "tests/house/layers.txt",
    *(f"{folder}/**/{name}" for folder in FOLDERS for name in ("*.py", "*.sh", "meson.build")))
PROSE = tree.files("*.md", "docs/**/*.md", "specs/**/*.md", "workloads/**/*.json",
                   ".clang-format", "**/.clang-tidy", ".gitignore")
# What says TO-DO must say in which issue.
LOOSE_END = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b(?!\s*\(?#\d+)")
ABBREVIATION = re.compile(r"\b(eq|sec|fig|e\.g|i\.e|cf|vs)\.(?=\s)", re.IGNORECASE)
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def check_form(verdict, path, lines, text):
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            verdict.fault(path, number, "a tab; indent with spaces")
        if line != line.rstrip():
            verdict.fault(path, number, "space at the end of the line")
        if INVISIBLE.search(line):
            verdict.fault(path, number, "an invisible character")
        if LOOSE_END.search(line):
            verdict.fault(path, number, "a loose end without its issue, such as (#12)")
    if text and not text.endswith("\n"):
        verdict.fault(path, len(lines), "no newline at the end")
    if text.endswith("\n\n"):
        verdict.fault(path, len(lines), "an empty line at the end")


def check_c(verdict, path, lines, text):
    if not lines or lines[0] != f"/* {SPDX} */":
        verdict.fault(path, 1, f"the first line must be /* {SPDX} */")
    opening = re.match(r"[^\n]*\n/\*\*(?:\n \*)? @file (.*?)\s*(\*/|\n \*\n)", text,
                       re.DOTALL)
    if not opening:
        verdict.fault(path, 2, "the second line must open with /** @file and one sentence")
        return
    sentence = ABBREVIATION.sub("", re.sub(r"\s*\n \*\s*", " ", opening[1]))
    if not sentence.endswith((".", "?", "!")) or re.search(r"[.?!]\s+[A-Z]", sentence):
        verdict.fault(path, 2, "@file must say one sentence, with its full stop; what "
                      "more there is to say stands behind an empty line")


def check_listed(verdict):
    """A source or test that no meson.build names is never compiled, and nobody sees it."""
    for folder in FOLDERS:
        builds = [(build.parent, tree.read(build))
                  for build in tree.files(f"{folder}/**/meson.build")]
        for path in tree.files(f"{folder}/**/*.c"):
            if not any(path.is_relative_to(near) and
                       f"'{path.relative_to(near).as_posix()}'" in build
                       for near, build in builds):
                verdict.fault(path, 1, "not named in a meson.build above it")


def main():
    verdict = tree.Verdict()
    for path in sorted({*C_FILES, *SCRIPTS, *PROSE}):
        text = path.read_bytes().decode("utf-8", errors="replace")
        lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
        check_form(verdict, path, lines, text)
        if path in C_FILES:
            check_c(verdict, path, lines, text)
        elif path in SCRIPTS:
            # A script starts with what runs it, and says its licence next.
            first = lines[1:2] if lines[0].startswith("#!") else lines[0:1]
            if first != [f"# {SPDX}"]:
                verdict.fault(path, 1, f"the first line must be # {SPDX}")
        if path.parts[0] in ("src", "include") and len(lines) > MAX_LINES:
            verdict.fault(path, MAX_LINES + 1,
                          f"{len(lines)} lines; split what has more than {MAX_LINES}")
    check_listed(verdict)
    verdict.leave()


main()
