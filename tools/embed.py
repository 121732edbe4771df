#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py OUT FILE...: texts of the files as C arrays, in a table (cuda/sources.h)."""
import pathlib
import sys


def array(name, data, storage="static "):
    """A text as a C array: compilers need not take string literals of any length."""
    # char may be signed: bytes beyond 127 are written as it holds them.
    numbers = [byte - 256 if byte > 127 else byte for byte in data + b"\0"]
    rows = [", ".join(map(str, numbers[i:i + 20])) for i in range(0, len(numbers), 20)]
    return (f"{storage}const char {name}[] = {{\n    "
            + ",\n    ".join(rows) + ",\n};\n")


def main():
    paths = [pathlib.Path(word) for word in sys.argv[2:]]
    lines = ["/** @file Made by tools/embed.py. */\n", '#include "measure/cuda/sources.h"\n',
             "#include <stddef.h>\n"]
    lines += [array(path.stem, path.read_bytes()) for path in paths]
    lines.append("const struct psim_gpu_source psim_gpu_sources[] = {\n")
    lines += [f'    {{"{path.stem}", {path.stem}}},\n' for path in paths]
    lines.append("    {NULL, NULL},\n};\n")
    pathlib.Path(sys.argv[1]).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
