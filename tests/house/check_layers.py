#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hold every #include to layers.txt, to one owner of each library, to no circles."""
import re

import tree

# Third-party headers and the only files that may know their types.
OWNERS = {
    "yaml.h": r"src/input/read\.c",
    "cJSON.h": r"src/report/(json|trace|page(_\w+)?)\.c|src/import/.*|src/measure/reading\.c",
    "hwloc.h": r"src/measure/cpu/host\.c",
    "spawn.h": r"src/report/.*",
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def layers():
    may = {}
    for row in tree.read(tree.files("tests/house/layers.txt")[0]).splitlines():
        if row and not row.startswith("#"):
            folder, _, others = row.partition(":")
            may[folder.strip()] = set(others.split()) | {folder.strip()}
    return may


def check_own_include(verdict, path, line, target, may):
    layer = path.parts[1]
    if "/" not in target:
        verdict.fault(path, line, f'"{target}": include from src/, as "{layer}/{target}"')
    elif layer not in may:
        verdict.fault(path, line, f"{layer}/ has no row in tests/house/layers.txt")
    elif target.split("/")[0] not in may[layer]:
        verdict.fault(path, line, f"{layer}/ may not include {target.split('/')[0]}/")


def check_circles(verdict, graph):
    """Depth first; a header that is met again on its own path closes a circle."""
    done = set()

    def visit(header, path):
        if header in path:
            circle = path[path.index(header):] + [header]
            verdict.fault(f"src/{circle[-2]}", graph[circle[-2]][header],
                          f"closes a circle: {' -> '.join(circle)}")
        elif header not in done:
            for other in graph.get(header, {}):
                visit(other, path + [header])
            done.add(header)

    for header in sorted(graph):
        visit(header, [])


def main():
    verdict, may, graph = tree.Verdict(), layers(), {}
    for path in tree.files("src/**/*.[ch]", "include/**/*.h"):
        code = tree.without_comments(tree.read(path))
        own = path.with_suffix(".h")
        first = None
        for found in INCLUDE.finditer(code):
            line = tree.line_of(code, found.start())
            quoted, target = found[1] == '"', found[2]
            first = first or target
            owner = OWNERS.get(target.split("/")[-1])
            if owner and not re.fullmatch(owner, path.as_posix()):
                verdict.fault(path, line, f"{target} belongs in {owner} only")
            elif quoted and not owner:
                check_own_include(verdict, path, line, target, may)
                if path.suffix == ".h":
                    header = path.relative_to(path.parts[0]).as_posix()
                    graph.setdefault(header, {})[target] = line
        if (path.suffix == ".c" and own.exists()
                and first != own.relative_to(path.parts[0]).as_posix()):
            verdict.fault(path, 1, f"its own header {own.name} must be included first")
    check_circles(verdict, graph)
    verdict.leave()


main()
