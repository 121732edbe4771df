#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every message that a user can meet is pinned, in a golden or in a unit test.

The formats given to psim_error, psim_warning, psim_note and to every function of
src/ that takes a diagnostic and a printf format are made into patterns. Each must
match a whole message in tests/golden/*.txt, or in a string of tests/unit/*.c or of
tests/golden/*.py. Where "%s" takes its words from a table, as in
psim_error(diag, at, "%s", row->words), each `.words = "..."` of that file is checked
in its place.
"""
import re

import tree

# Function: index of its format argument, severity; None where it may be any.
DIRECT = {"psim_error": (2, "error"), "psim_warning": (2, "warning"),
          "psim_note": (2, "note")}
WRAPPER = re.compile(r"\b(\w+)\s*(\((?:[^()]|\([^()]*\))*\))\s*"
                     r"__attribute__\s*\(\(\s*format\s*\(\s*(?:printf|__printf__)\s*,"
                     r"\s*(\d+)\s*,\s*([1-9]\d*)\s*\)\s*\)\)")
# The attribute may also stand before the definition.
WRAPPER_BEFORE = re.compile(
    r"__attribute__\s*\(\(\s*format\s*\(\s*(?:printf|__printf__)\s*,\s*(\d+)\s*,"
    r"\s*([1-9]\d*)\s*\)\s*\)\)[\w\s*]*?\b(\w+)\s*(\((?:[^()]|\([^()]*\))*\))")
CONVERSION = re.compile(r"%(?P<flags>[-+ #0]*)(?:\d+|\*)?(?:\.(?:\d+|\*))?"
                        r"(?:hh|h|ll|l|j|z|t|L)?(?P<kind>[diouxXeEfFgGaAcspn%])")
PATTERNS = {"d": r"\s*[-+]?\d+", "i": r"\s*[-+]?\d+", "u": r"\s*\d+", "o": r"[0-7]+",
            "x": r"[0-9a-f]+", "X": r"[0-9A-F]+", "c": r"(?s:.)", "s": r".*",
            "p": r"\S+", "%": "%"}
NUMBER = r"\s*[-+]?(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|inf|nan)"
PRINTED = re.compile(r"(?:^|: )(error|warning|note): (.*)$")


def wrappers(code):
    """Functions that pass a format on to a diagnostic: name -> index of the format."""
    found = {}
    for match in WRAPPER.finditer(code):
        if "psim_diag" in match[2]:
            found[match[1]] = int(match[3]) - 1
    for match in WRAPPER_BEFORE.finditer(code):
        if "psim_diag" in match[4]:
            found[match[3]] = int(match[1]) - 1
    return {name: (index, None) for name, index in found.items() if name not in DIRECT}


def texts(code):
    """The strings in code, adjacent ones joined; PRIu64 and the like count as strings."""
    code = re.sub(r"\bPRI([diouxX])\w+", r'"\1"', code)
    found, last_end = [], None
    for start, end, content in tree.literals(code):
        if last_end is not None and not code[last_end:start].strip():
            found[-1] += content
        else:
            found.append(content)
        last_end = end
    return found


def pattern(fmt):
    out, at = [], 0
    for match in CONVERSION.finditer(fmt):
        out += [re.escape(fmt[at:match.start()]), PATTERNS.get(match["kind"], NUMBER)]
        at = match.end()
    return re.compile("".join(out) + re.escape(fmt[at:]))


def pinned():
    """(severity or None, message) of all that the tests pin."""
    found = set()
    for path in tree.files("tests/golden/*.txt"):
        for line in tree.read(path).splitlines():
            match = PRINTED.search(line)
            if match:
                found.add((match[1], match[2]))
    for path in tree.files("tests/unit/**/*.c"):
        code = tree.without_comments(tree.read(path))
        for text in texts(code):
            for line in text.splitlines():
                match = PRINTED.search(line)
                found.add((match[1], match[2]) if match else (None, line))
    for path in tree.files("tests/golden/*.py"):
        found.update((None, text) for _, _, text in tree.literals(tree.read(path)))
    return found


def enclosing(code, offset):
    """The function around offset; definitions have their name at the line's start."""
    starts = re.findall(r"^(\w+)\(", code[:offset], re.MULTILINE)
    return starts[-1] if starts else ""


def shown(fmt):
    return '"' + re.sub(r"[\x00-\x1f]", lambda c: repr(c[0])[1:-1], fmt) + '"'


def is_pinned(messages, severity, wanted):
    return any(wanted.fullmatch(text) for kind, text in messages
               if None in (severity, kind) or severity == kind)


def table_rows(code, values):
    """(offset, words) of the tables that the values of a call read: .member = "..."."""
    found = []
    for value in values:
        member = re.search(r"(?:\.|->)(\w+)\s*$", value)
        for row in re.finditer(rf"\.{member[1]}\s*=\s*(?=\")", code) if member else ():
            end = re.compile(r'(\s*"(?:\\.|[^"\\\n])*")+').match(code, row.end()).end()
            found.append((row.start(), texts(code[row.end():end])[0]))
    return found


def check_call(verdict, messages, place, given, severity):
    """given: the format and what follows it; place: file, its code, the call's offset."""
    path, code, offset = place
    line = tree.line_of(code, offset)
    found = texts(given[0])
    if not found:
        verdict.fault(path, line, "a message needs its format here, as a literal")
    for fmt in found:
        if re.search(r"[A-Za-z]{2}", CONVERSION.sub("", fmt)):
            if not is_pinned(messages, severity, pattern(fmt)):
                verdict.fault(path, line, f"no golden and no unit test shows {shown(fmt)}")
            continue
        rows = table_rows(code, given[1:])
        if not rows:
            verdict.fault(path, line, f"{shown(fmt)} hides its words: no test can pin them")
        for at, words in rows:
            if not is_pinned(messages, severity, re.compile(f".*{re.escape(words)}.*")):
                verdict.fault(path, tree.line_of(code, at),
                              f"no golden and no unit test shows {shown(words)}")


def main():
    verdict, messages = tree.Verdict(), pinned()
    codes = {path: tree.without_comments(tree.read(path))
             for path in tree.files("src/**/*.[ch]")}
    shared = {}
    for path, code in codes.items():
        if path.suffix == ".h":
            shared |= wrappers(code)
    for path, code in codes.items():
        functions = DIRECT | shared | wrappers(code)
        for match in re.finditer(rf"\b({'|'.join(functions)})\s*(?=\()", code):
            index, severity = functions[match[1]]
            given = [text for _, text in tree.arguments(code, match.end())]
            declares = "struct psim_diag" in " ".join(given)
            if declares or len(given) <= index:
                continue
            # A wrapper hands on the words of its callers, which are checked there.
            if enclosing(code, match.start()) in functions:
                continue
            check_call(verdict, messages, (path, code, match.start()), given[index:],
                       severity)
    verdict.leave()


main()
