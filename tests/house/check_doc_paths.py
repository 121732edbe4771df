#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every file and folder that a document names is there.

Looked at are `code spans` and the targets of links. A word counts as a path where it
starts with a folder of the tree or ends like one of its files; src/ may be left out,
and a name by itself may stand for the only file of that name. Placeholders, such as
<name>.c or NAME.yaml, are left alone.
"""
import os
import pathlib
import re

import doc
import tree

ENDINGS = (".c", ".h", ".py", ".yaml", ".json", ".md", ".txt", ".build", ".sh")
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
PLACEHOLDER = re.compile(r"[<>…]|(?:^|/)[A-Z]+(?:\.\w+)?(?:/|$)")
# What the tree makes and does not hold.
MADE = re.compile(r"build[\w-]*(/|$)")


def all_paths():
    """Files and folders of the tree, but hidden and built ones."""
    found = set()
    for folder, folders, names in os.walk("."):
        folders[:] = [name for name in folders if not MADE.match(name)
                      and (not name.startswith(".") or name == ".ci")]
        at = pathlib.Path(folder)
        found.update((at / name).as_posix() for name in [*folders, *names])
    return found


def candidates(line):
    for span in SPAN.findall(line):
        for word in span.split():
            yield word.strip(",;:()'\"")
    for target in LINK.findall(line):
        if not re.match(r"\w+:|#", target):
            yield "docs:" + target.partition("#")[0]


def looks_like_path(word, tops):
    if not re.fullmatch(r"[\w.*+-]+(/[\w.*+-]+)*/?", word) or PLACEHOLDER.search(word):
        return False
    if word.startswith((".", "*")) and "/" not in word:
        return word in tops
    return word.endswith(ENDINGS) or ("/" in word and word.split("/")[0] in tops)


def exists(word, paths):
    wanted = word.rstrip("/")
    if "*" in wanted:
        form = re.compile(r"(.*/)?" + re.escape(wanted).replace(r"\*", "[^/]*"))
        return any(form.fullmatch(path) for path in paths)
    return any(path == wanted or path.endswith("/" + wanted) for path in paths)


def main():
    verdict, paths = tree.Verdict(), all_paths()
    tops = {path for path in paths if "/" not in path}
    for path in doc.documents():
        text = tree.read(path)
        # A document's own examples have names too.
        examples = {name for block in doc.blocks(text) for name in block.info[1:]}
        for number, line in doc.prose(text):
            for word in candidates(line):
                if word.startswith("docs:"):
                    target = os.path.normpath(path.parent / word[5:])
                    if not pathlib.Path(target).exists():
                        verdict.fault(path, number, f"the link {word[5:]} leads nowhere")
                elif (looks_like_path(word, tops) and word not in examples
                      and not MADE.match(word) and not exists(word, paths)):
                    verdict.fault(path, number, f"there is no {word}")
    verdict.leave()


main()
