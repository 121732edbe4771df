#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_doc_examples.py PERFSIM CC...: the examples of the documents hold (TAP).

In README.md, docs/*.md and the other documents of the root:

```console   each `$ perfsim ...` or `$ ./dev run ...` is run in the source tree; what
             it prints, first on stdout, then on stderr, is what stands below it. A
             line `...` stands for any lines. Other commands are left alone. Pictures
             that they draw in figures/ are those that stand there: doc_figures.py.
```yaml mini.yaml   is a file of that name for the commands of the same document.
```c src/a/b.c      stands in that file, word for word.
```c example        compiles beside the headers of src/.

PSIM_UPDATE_GOLDEN=1 writes what the commands print now; the diff is read like code.
"""
import concurrent.futures
import difflib
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import doc
import doc_figures
import tree

TIMEOUT_S = 60
# What ./dev passes on to perfsim.
PASSED_ON = {"run", "compare", "calibrate", "check", "list", "explain", "plot"}
FLAGS = ["-std=c17", "-Wall", "-Wextra", "-Werror", "-D_POSIX_C_SOURCE=200809L", "-Isrc",
         "-Iinclude", "-fsyntax-only", "-xc", "-"]


def arguments_of(command):
    """What perfsim gets; None where the command is another program's."""
    words = shlex.split(command)
    if words[:1] == ["perfsim"]:
        return words[1:]
    if words[:1] == ["./dev"] and words[1:2] and words[1] in PASSED_ON:
        return words[1:]
    return None


def matches(want, got):
    """Whether the lines got are those wanted, where ... stands for any."""
    parts, part = [], []
    for line in [*want, None]:
        if line in (None, "..."):
            parts.append(part)
            part = []
        else:
            part.append(line)
    if len(parts) == 1:
        return want == got
    first, last = parts[0], parts[-1]
    if got[:len(first)] != first or len(got) < len(first) + len(last):
        return False
    end = len(got) - len(last)
    if got[end:] != last:
        return False
    at = len(first)
    for part in parts[1:-1]:
        while got[at:at + len(part)] != part:
            at += 1
            if at + len(part) > end:
                return False
        at += len(part)
    return at <= end


def shape(line):
    """A line without its numbers: by this one is found again whose figures have changed."""
    return re.sub(r"\d[\d.]*( [munpkMGTKiµ]{0,2}[a-zA-Z/]*)?", "0", re.sub(" +", " ", line))


def renewed(want, got):
    """What stands in the document after an update: `...` keep their places where what stands
    between them is found again; else all that was printed."""
    found, at, part = [], 0, []
    for line in [*want, None]:
        if line not in (None, "..."):
            part.append(line)
            continue
        shapes = [shape(one) for one in part]
        # What stands before the first ... stands at the start, after the last one at the end.
        starts = range(at, len(got) - len(part) + 1)
        if line is None and found:
            starts = starts[-1:]
        elif not found:
            starts = starts[:1]
            shapes = None
        at = next((start for start in starts if shapes is None or
                   [shape(one) for one in got[start:start + len(part)]] == shapes), None)
        if at is None or line is None and not found:
            return got
        found += got[at:at + len(part)] + ([line] if line else [])
        at += len(part)
        part = []
    return found


class Example:
    """One thing to check: `run` returns what is wrong, as lines."""

    def __init__(self, path, line, title, run):
        self.name = f"{path}:{line} {title}"
        self.run = run


class Document:
    """One document: its lines, its files in a folder, its examples."""

    def __init__(self, path, perfsim, compiler, folder):
        self.path = path
        self.perfsim = perfsim
        self.compiler = compiler
        self.folder = pathlib.Path(folder)
        self.lines = tree.read(path).splitlines()
        self.updates = []
        self.figures = []
        for name in os.listdir("."):
            if not name.startswith((".", "build")):
                (self.folder / name).symlink_to(os.path.abspath(name))
        (self.folder / doc_figures.FOLDER).mkdir()
        self.examples = [example for block in doc.blocks(tree.read(path))
                         for example in self.of_block(block)]

    def of_block(self, block):
        language, name = (block.info + ["", ""])[:2]
        if language == "console":
            return self.of_console(block)
        if language in ("yaml", "json") and name:
            (self.folder / name).write_text(block.text(), encoding="utf-8")
        elif language == "c" and name == "example":
            return [Example(self.path, block.line, "compiles", lambda: self.compile(block))]
        elif language == "c" and name:
            return [Example(self.path, block.line, f"stands in {name}",
                            lambda: self.quote(block, name))]
        return []

    def of_console(self, block):
        found, at = [], 0
        while at < len(block.lines):
            if not block.lines[at].startswith("$ "):
                at += 1
                continue
            command = block.lines[at][2:]
            while command.endswith("\\"):
                at += 1
                command = command[:-1] + block.lines[at]
            begin = at = at + 1
            while at < len(block.lines) and not block.lines[at].startswith("$ "):
                at += 1
            words, end = arguments_of(command), at
            while end > begin and not block.lines[end - 1]:
                end -= 1
            if words is not None:
                span = (block.line + begin, block.line + end)
                found.append(Example(self.path, span[0], command, self.runner(words, span)))
        return found

    def runner(self, words, span):
        name = doc_figures.name_of(words)
        if not name:
            return lambda: self.execute(words, span)
        figure = doc_figures.Figure(name, self.folder, self.path.parent)
        self.figures.append(figure)
        words = [*words, "--script", doc_figures.script_of(name)]
        return lambda: self.execute(words, span) or figure.faults()

    def execute(self, words, span):
        env = {key: value for key, value in os.environ.items()
               if not key.startswith("LC_") and key != "LANG"}
        try:
            run = subprocess.run([self.perfsim, *words], env={**env, "LC_ALL": "C"},
                                 cwd=self.folder, stdin=subprocess.DEVNULL,
                                 capture_output=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            return [f"no end within {TIMEOUT_S} s"]
        want = self.lines[span[0] - 1:span[1] - 1]
        if run.returncode < 0 or run.returncode and not any("error" in line for line in want):
            return [f"exit {run.returncode}, and the document shows no error",
                    *run.stderr.decode("utf-8", errors="backslashreplace").splitlines()]
        printed = (run.stdout + run.stderr).decode("utf-8", errors="backslashreplace")
        # Where this tree lies is nobody's business but this machine's.
        got = printed.replace(os.getcwd() + "/", "").splitlines()
        while got and not got[-1]:
            got.pop()
        if matches(want, got):
            return []
        self.updates.append((span, renewed(want, got)))
        return list(difflib.unified_diff(want, got, str(self.path), "this run", lineterm=""))

    def compile(self, block):
        run = subprocess.run([*self.compiler, *FLAGS], input=block.text(),
                             capture_output=True, text=True, check=False)
        return run.stderr.splitlines() if run.returncode else []

    def quote(self, block, name):
        path = pathlib.Path(name)
        if path.exists() and block.text() in tree.read(path):
            return []
        return [f"{name} says it in other words"]

    def update(self):
        for figure in self.figures:
            figure.update()
        if not self.updates:
            return
        for (first, end), lines in sorted(self.updates, reverse=True):
            self.lines[first - 1:end - 1] = lines
        self.path.write_text("".join(f"{line}\n" for line in self.lines), encoding="utf-8")

    def drawn(self):
        """What stands in figures/ beside this document because of it."""
        return {name for figure in self.figures
                for name in (figure.name, doc_figures.script_of(figure.name))}


def idle_figures(documents):
    """Figures that no document draws: an Example for each folder that has any."""
    folders = sorted({one.path.parent for one in documents})
    for folder in folders:
        kept = doc_figures.all_in(folder)
        if not kept:
            continue
        drawn = set().union(*(one.drawn() for one in documents if one.path.parent == folder))
        yield Example(folder, 1, "every figure is drawn by a document",
                      lambda idle=sorted(kept - drawn): [f"nothing draws {name}" for name in idle])


def main():
    perfsim = os.path.abspath(sys.argv[1])
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        documents = []
        for number, path in enumerate(doc.documents()):
            own = pathlib.Path(folder, str(number))
            own.mkdir()
            documents.append(Document(path, perfsim, sys.argv[2:], own))
        examples = [example for one in documents for example in one.examples]
        examples += idle_figures(documents)
        print(f"1..{len(examples)}")
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = pool.map(lambda example: example.run(), examples)
            for number, (example, faults) in enumerate(zip(examples, results), 1):
                title = re.sub("#", "", example.name)
                print(f"{'not ok' if faults else 'ok'} {number} - {title}")
                for fault in faults:
                    print(f"# {fault}")
                failed += bool(faults)
        if os.environ.get("PSIM_UPDATE_GOLDEN") == "1":
            for one in documents:
                one.update()
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
