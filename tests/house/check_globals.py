#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_globals.py LIBRARY...: no layer keeps state in writable data of its own."""
import re
import subprocess
import sys

import tree

# .data.rel.ro holds constants that the loader writes once, before main.
WRITABLE = re.compile(r"\.(data(?!\.rel\.ro)|bss|tdata|tbss)(\..*)?$|\*COM\*$")


def place(member, symbol):
    """Where the symbol of an object such as sim_event.c.o is most likely defined."""
    name = re.sub(r"\.\d+$", "", symbol)
    for path in tree.files("src/**/*.c"):
        if "_".join(path.parts[1:]) + ".o" == member:
            code = tree.without_comments(tree.read(path))
            found = re.search(rf"\b{re.escape(name)}\b\s*(\[[^]]*\]\s*)*[=;,]", code)
            return path, tree.line_of(code, found.start()) if found else 1
    return member, 1


def main():
    verdict = tree.Verdict()
    for library in sys.argv[1:]:
        symbols = subprocess.run(["objdump", "-t", library], capture_output=True,
                                 text=True, check=True)
        member = library
        for line in symbols.stdout.splitlines():
            header = re.match(r"(\S+):\s+file format", line)
            if header:
                member = header[1].split("/")[-1]
            # VALUE FLAGS SECTION<tab>SIZE NAME; flag O is an object.
            entry = re.match(r"[0-9a-f]+ (.{7}) (\S+)\s+[0-9a-f]+ (.+)", line)
            if entry and entry[1].endswith("O") and WRITABLE.match(entry[2]):
                path, number = place(member, entry[3])
                verdict.fault(path, number, f"writable data '{entry[3]}' in {entry[2]}")
    verdict.leave()


main()
