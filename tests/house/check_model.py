#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/MODEL.md and the sources agree on the numbers of the equations.

Every "eq. X" of src/ and of the documents has its heading "### X. Title"; every
heading is referred to in src/, says its source, and names the files and functions
in which it stands: "Code: `src/plan/acts.c`: `demand_pipe`, `psim_act_vector`".
"""
import pathlib
import re

import doc
import tree

MODEL = pathlib.Path("docs/MODEL.md")
HEADING = re.compile(r"### ([A-Z]\d+)\. \S")
NUMBER = r"([A-Z]\d+)"
REFERENCE = re.compile(rf"\beqs?\. {NUMBER}((?:(?:, | to | and ){NUMBER})*)")
MORE = re.compile(rf"(, | to | and ){NUMBER}")
BREAK = re.compile(r"[ \t]*\n[ \t]*(?:\*(?!/)[ \t]*)?")
CODE = re.compile(r"`(src/[^`]+)`:((?:\s+`\w+`,?)+)")


def references(text):
    """(offset, number) of every equation that a text refers to; "A1 to A4" are four."""
    found = []
    for match in REFERENCE.finditer(text):
        last = match[1]
        found.append((match.start(), last))
        for joint, number in MORE.findall(match[2]):
            if joint == " to " and number[0] == last[0]:
                found += [(match.start(), f"{last[0]}{between}")
                          for between in range(int(last[1:]) + 1, int(number[1:]))]
            found.append((match.start(), number))
            last = number
    return found


def joined(text):
    """The text with broken lines of comments joined, and for each offset its old one."""
    out, places, at = [], [], 0
    for match in BREAK.finditer(text):
        out.append(text[at:match.start()] + " ")
        places += range(at, match.start() + 1)
        at = match.end()
    return "".join(out) + text[at:], places + list(range(at, len(text) + 1))


def sections(verdict):
    """number -> (line, text) of each equation of the model."""
    found, number = {}, None
    for line, text in enumerate(tree.read(MODEL).splitlines(), 1):
        match = HEADING.match(text)
        if match:
            number = match[1]
            if number in found:
                verdict.fault(MODEL, line, f"eq. {number} stands here a second time")
            found[number] = (line, "")
        elif text.startswith("#"):
            number = None
        elif number:
            found[number] = (found[number][0], f"{found[number][1]}{text}\n")
    return found


def check_section(verdict, number, line, text):
    if "Source: " not in text:
        verdict.fault(MODEL, line, f"eq. {number} does not say its source")
    code = text.partition("Code: ")[2]
    places = CODE.findall(code)
    if not places:
        verdict.fault(MODEL, line, f"eq. {number} does not say where in the code it stands")
    for name, functions in places:
        path = pathlib.Path(name)
        source = tree.read(path) if path.exists() else ""
        for function in re.findall(r"\w+", functions):
            if not re.search(rf"^{function}\(", source, re.MULTILINE):
                verdict.fault(MODEL, line, f"eq. {number}: {name} defines no {function}()")


def main():
    verdict = tree.Verdict()
    known = sections(verdict)
    used = set()
    paths = tree.files("src/**/*.[ch]", "include/**/*.h")
    for path in [*paths, *doc.documents()]:
        text = tree.read(path)
        flat, places = joined(text)
        for offset, number in references(flat):
            if path in paths:
                used.add(number)
            if number not in known:
                verdict.fault(path, tree.line_of(text, places[offset]),
                              f"eq. {number} is not in {MODEL}")
    for number, (line, text) in known.items():
        if number not in used:
            verdict.fault(MODEL, line, f"no file of src/ refers to eq. {number}")
        check_section(verdict, number, line, text)
    verdict.leave()


main()
