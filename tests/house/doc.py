# SPDX-License-Identifier: MIT
"""What the checks of the documents share: which there are, their fenced blocks."""
import re

import tree

_FENCE = re.compile(r"(`{3,}|~{3,})\s*(.*?)\s*$")


class Block:
    """A fenced block: the words after the fence, its first line's number, its lines."""

    def __init__(self, info, line):
        self.info = info.split()
        self.line = line
        self.lines = []

    def text(self):
        return "".join(f"{line}\n" for line in self.lines)


def documents():
    return tree.files("*.md", "docs/**/*.md")


def blocks(text):
    """The fenced blocks of a document, in order."""
    found, fence = [], None
    for number, line in enumerate(text.splitlines(), 1):
        match = _FENCE.match(line)
        if fence is None and match:
            fence = match[1]
            found.append(Block(match[2], number + 1))
        elif fence is not None and match and match[1].startswith(fence) and not match[2]:
            fence = None
        elif fence is not None:
            found[-1].lines.append(line)
    return found


def prose(text):
    """(line number, line) of all that stands in no fenced block."""
    inside = set()
    for block in blocks(text):
        inside.update(range(block.line - 1, block.line + len(block.lines) + 1))
    return [(number, line) for number, line in enumerate(text.splitlines(), 1)
            if number not in inside]
