#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No engine knows an operation, a parallel group or an op by its name."""
import re

import tree

COMPARISON = re.compile(
    r"\b(strcmp|strncmp|strcasecmp|strncasecmp|strstr|psim_str_equal)\s*(?=\()")
# An argument such as op->kind->name or group.name compares with a name held in data.
NAME_MEMBER = re.compile(r"\b\w*(op|ops|operation|operations|group|groups|invocation)"
                         r"(\[[^]]*\])?(\.|->)(\w+(\.|->))*(name|word|text)\b")
SECTIONS = ("parallel_groups", "operations")
NAME = re.compile(r"(?:^|[\s{,-])name\s*:\s*(\"[^\"]*\"|'[^']*'|[^,}#\n]+)")


def spec_names(text):
    """The names in the lists of groups and operations of one machine file."""
    names, section = set(), ""
    for line in text.splitlines():
        key = re.match(r"(\w+)\s*:", line)
        section = key[1] if key else section
        if section in SECTIONS:
            names.update(name.strip().strip("\"'") for name in NAME.findall(line))
    return names


def known_names():
    names = {}
    for path in tree.files("specs/*.yaml"):
        for name in spec_names(tree.read(path)):
            names.setdefault(name, path)
    for path in tree.files("src/model/ops/*.c"):
        code = tree.without_comments(tree.read(path))
        for name in re.findall(r'\.name\s*=\s*"([^"]+)"', code):
            names.setdefault(name, path)
    return names


def main():
    verdict, names = tree.Verdict(), known_names()
    for path in tree.files("src/sim/**/*.[ch]"):
        code = tree.without_comments(tree.read(path))
        for offset, _, literal in tree.literals(code):
            if literal in names:
                verdict.fault(path, tree.line_of(code, offset),
                              f'"{literal}" is a name of {names[literal]}')
        for found in COMPARISON.finditer(code):
            for _, argument in tree.arguments(code, found.end()):
                member = NAME_MEMBER.search(argument)
                if member:
                    verdict.fault(path, tree.line_of(code, found.start()),
                                  f"{found[1]} looks at {member[0]}: "
                                  "an engine compares indices, not names")
    verdict.leave()


main()
