# SPDX-License-Identifier: MIT
"""What the house checks share: the files of the tree, C's text, the verdict."""
import pathlib
import re
import sys

_STRING = r'"(?:\\.|[^"\\\n])*"'
_LEXEME = re.compile(
    rf"(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>{_STRING})|(?P<char>'(?:\\.|[^'\\\n])+')",
    re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b",
            "e": "\033", "f": "\f", "v": "\v"}


class Verdict:
    """Prints each fault as file:line: what is wrong, and remembers that there was one."""

    def __init__(self):
        self.faults = 0

    def fault(self, path, line, what):
        print(f"{path}:{line}: {what}")
        self.faults += 1

    def leave(self):
        sys.exit(self.faults != 0)


def files(*patterns):
    """The files that match any of the patterns, sorted."""
    found = {path for pattern in patterns for path in pathlib.Path().glob(pattern)}
    return sorted(path for path in found if path.is_file())


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def without_comments(text):
    """The same text, each comment turned into blanks: offsets and lines stay."""
    def blank(match):
        if match["comment"] is None:
            return match[0]
        return re.sub(r"[^\n]", " ", match[0])
    return _LEXEME.sub(blank, text)


def literals(code):
    """(start, end, content) of every string literal in code that has no comments."""
    return [(match.start(), match.end(), unescape(match["string"][1:-1]))
            for match in _LEXEME.finditer(code)
            if match["string"] is not None and not in_include(code, match.start())]


def in_include(code, offset):
    line = code[code.rfind("\n", 0, offset) + 1:offset]
    return re.match(r"\s*#\s*include", line) is not None


def unescape(body):
    def one(match):
        escape = match[1]
        if escape[0] == "x":
            return chr(int(escape[1:], 16))
        if escape[0] in "01234567":
            return chr(int(escape, 8))
        return _ESCAPES.get(escape, escape)
    raw = re.sub(r"\\(x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.)", one, body)
    # \xNN and \NNN give bytes: "\xc2\xb5" is one character.
    try:
        return raw.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return raw


def arguments(code, start):
    """(offset, text) of each argument of the call whose '(' is at start."""
    depth, begin, found, at = 0, start + 1, [], start
    while at < len(code):
        lexeme = _LEXEME.match(code, at)
        if lexeme:
            at = lexeme.end()
            continue
        char = code[at]
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0:
                found.append((begin, code[begin:at]))
                return found
        elif char == "," and depth == 1:
            found.append((begin, code[begin:at]))
            begin = at + 1
        at += 1
    return found
