#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed_page.py OUT PAGE.html STYLE.css SCRIPT.js...: the page as C arrays (page_frame.h).

The page allows its own style and its own program by their hashes, and nothing else.
"""
import base64
import hashlib
import pathlib
import re
import sys

import embed

SPDX = re.compile(r"^(<!--|/\*|//) SPDX-License-Identifier: MIT[^\n]*\n")


def read(path):
    return SPDX.sub("", pathlib.Path(path).read_text(encoding="utf-8"))


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def join(page, style, scripts):
    """The page with all but its title and its data."""
    program = '"use strict";\n(() => {\n' + "\n".join(map(read, scripts)) + "})();\n"
    look = read(style)
    for name, text in (("style", look), ("script", program)):
        if f"</{name}" in text.lower():
            sys.exit(f"embed_page.py: </{name} stands in the {name}")
    policy = ("default-src 'none'; "
              f"script-src 'sha256-{digest(program)}'; style-src 'sha256-{digest(look)}'; "
              "base-uri 'none'; form-action 'none'")
    text = read(page)
    for key, value in (("policy", policy), ("style", look), ("script", program)):
        before, after = text.split("{{" + key + "}}")
        text = before + value + after
    return text


def main():
    out, page, style, *scripts = sys.argv[1:]
    text = join(page, style, scripts)
    before_title, rest = text.split("{{title}}")
    before_data, after_data = rest.split("{{data}}")
    parts = {"before_title": before_title, "before_data": before_data,
             "after_data": after_data}
    lines = ["/** @file Made by tools/embed_page.py. */\n",
             '#include "report/page_frame.h"\n']
    lines += [embed.array(f"psim_page_{name}", part.encode(), "")
              for name, part in parts.items()]
    pathlib.Path(out).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
