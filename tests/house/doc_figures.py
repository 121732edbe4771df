# SPDX-License-Identifier: MIT
"""Figures of documents: each is drawn again, and its script is what stands in the tree.

A command `perfsim plot ... -o figures/NAME.svg` of a document draws the picture of that name
in figures/ beside the document; NAME.gp there is gnuplot's script for it. The script must be
the same, byte for byte. So must be the picture, where the gnuplot that drew it is of the
version that the picture names; of another version it must only draw one.
"""
import difflib
import pathlib
import re

FOLDER = "figures"
DRAWN_BY = re.compile(rb"<desc>(Produced by .*?)\s*</desc>")


def name_of(words):
    """figures/NAME.svg, where that is what a command draws; else None."""
    if words[:1] != ["plot"] or "-o" not in words[:-1]:
        return None
    name = words[words.index("-o") + 1]
    at = pathlib.PurePosixPath(name)
    return name if at.parent.as_posix() == FOLDER and at.suffix == ".svg" else None


def script_of(name):
    return str(pathlib.PurePosixPath(name).with_suffix(".gp"))


def all_in(folder):
    """Names of all that stands in the figures/ of a folder of documents."""
    return {f"{FOLDER}/{path.name}" for path in (folder / FOLDER).glob("*")}


def _version(picture):
    match = DRAWN_BY.search(picture)
    return match[1] if match else None


class Figure:
    """What a command has drawn in one folder, beside what the document's folder has."""

    def __init__(self, name, fresh, kept):
        self.name = name
        self.fresh = fresh
        self.kept = kept

    def _differs(self, name):
        kept = self.kept / name
        return not kept.exists() or (self.fresh / name).read_bytes() != kept.read_bytes()

    def faults(self):
        picture = self.fresh / self.name
        if not picture.exists() or b"<svg" not in picture.read_bytes():
            return [f"{self.name} was not drawn"]
        script = script_of(self.name)
        if self._differs(script):
            return self._script_faults(script)
        kept = self.kept / self.name
        if not kept.exists():
            return [f"{kept} is missing"]
        same = _version(picture.read_bytes()) == _version(kept.read_bytes())
        if same and self._differs(self.name):
            return [f"{kept} is not what its script draws"]
        return []

    def _script_faults(self, script):
        kept = self.kept / script
        if not kept.exists():
            return [f"{kept} is missing"]
        lines = [path.read_text(encoding="utf-8").splitlines()
                 for path in (kept, self.fresh / script)]
        return list(difflib.unified_diff(*lines, str(kept), "this run", lineterm="", n=0))

    def update(self):
        if not (self.fresh / self.name).exists():
            return
        (self.kept / FOLDER).mkdir(exist_ok=True)
        for name in (self.name, script_of(self.name)):
            (self.kept / name).write_bytes((self.fresh / name).read_bytes())
