#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each house check can fail: it is run on a small tree with one fault, and without (TAP)."""
import os
import pathlib
import subprocess
import sys
import tempfile

HOUSE = pathlib.Path(__file__).resolve().parent
C_HEAD = "/* SPDX-License-Identifier: MIT */\n/** @file One sentence. */\n"
HEADER = C_HEAD + "#pragma once\n"
HASH_HEAD = "# SPDX-License-Identifier: MIT\n"

# What check_doc_examples takes for perfsim: it says which words it got, and its files.
PERFSIM = """#!/bin/sh
[ "$1" != fail ] || { echo "error: failed" >&2; exit 1; }
[ "$1" != check ] || { cat "$2"; exit; }
if [ "$1" = plot ]; then # plot KIND -o figures/NAME.svg --script figures/NAME.gp
  [ "$2" = none ] || echo "<svg><desc>Produced by P 1 </desc>$2" >"$4"
  echo "draw $2" >"$6"
  exit
fi
printf 'got\\n\\n%s\\nend\\n' "$*"
"""
# What check_report_keys takes for it: every command prints the same report.
REPORTS = """#!/bin/sh
echo '{"schema": "perfsim/a/v1", "time_s": 1, "rows": [{"name": "x"}], "none": []}'
"""
MODEL = "### A2. Name\n\nSource: own.\nCode: `src/low/a.c`: `f`\n"

# A page with all keys of those reports; an empty list may have rows of any kind.
KEYS = "## A report: `perfsim/a/v1`\n\n| `schema` |\n| `time_s` | s |\n| `none[].x` |\n" \
       "### `rows`\n\n| `name` |\n"

# A tree that passes every check.
SOUND = {
    "tests/house/layers.txt": HASH_HEAD + "low:\nhigh: low\nsim: low\nreport: low\n",
    "src/meson.build": HASH_HEAD + "'low/a.c' 'sim/s.c' 'model/ops/gemm.c'\n",
    "src/low/a.h": HEADER,
    "src/low/a.c": C_HEAD + '#include "low/a.h"\n\n#include <stdio.h>\n'
                   'bool\nf(struct psim_diag *diag)\n{\n'
                   '    return psim_error(diag, at, "%s: \'%s\' is "\n'
                   '                      "odd; %d are needed", key, text, 2);\n}\n',
    "src/high/b.h": "/* SPDX-License-Identifier: MIT */\n/**\n * @file One (eq. A2) and\n"
                    " * only.\n *\n * And more. Much more.\n */\n"
                    "#pragma once\n" '#include "low/a.h"\n',
    "src/sim/s.c": C_HEAD + 'static const char *const word = "busy";\n',
    "src/model/ops/gemm.c": C_HEAD + '.name = "gemm",\n',
    "specs/toy.yaml": HASH_HEAD + "parallel_groups:\n  - name: block\n    number: 4\n"
                      "operations:\n  - {name: matrix multiply, latency: 1 ns}\n",
    "specs/overlays/toy.yaml": HASH_HEAD + "  confidence: fitted\n",
    "tests/golden/odd.txt": "$ perfsim check odd.yaml\n--- stderr\n"
                            "odd.yaml:1:2: error: size: 'x' is odd; 2 are needed\n"
                            "--- exit 1\n",
    "docs/MODEL.md": MODEL,
    "docs/USE.md": "See [the model](MODEL.md), `low/a.c`, `specs/*.yaml` and `<name>.c`.\n\n"
                   "```console\n$ perfsim run a \\\n  'b c'\ngot\n\nrun a b c\nend\n\n"
                   "$ ./dev list\ngot\n...\nend\n$ ls\nnothing\n$ perfsim fail\n"
                   "error: failed\n$ perfsim check mini.yaml\nx: 1\n```\n"
                   "```yaml mini.yaml\nx: 1\n```\n"
                   "```c src/low/a.c\nf(struct psim_diag *diag)\n```\n"
                   '```c example\n#include "low/a.h"\n```\n'
                   "```console\n$ perfsim plot lines -o figures/a.svg\n"
                   "$ perfsim plot dots -o figures/b.svg\n```\n",
    "docs/figures/a.svg": "<svg><desc>Produced by P 1 </desc>lines\n",
    "docs/figures/a.gp": "draw lines\n",
    "docs/figures/b.svg": "<svg><desc>Produced by P 2 </desc>another version's dots\n",
    "docs/figures/b.gp": "draw dots\n",
}


def example(text):
    return f"```console\n{text}```\n"


def message(fmt, function="psim_error"):
    """A source whose only message has this format, in line 6."""
    return C_HEAD + f"void\ng(void)\n{{\n    {function}(diag, at, {fmt});\n}}\n"


# (check, what is wrong, file, its text or what is added to it, where it is reported)
FAULTS = [
    ("layers", "a layer looks up", "src/low/c.h", '#include "high/b.h"\n', ":1: low/ may"),
    ("layers", "a folder without a row", "src/new/c.h", '#include "low/a.h"\n', ":1: new/"),
    ("layers", "no folder named", "src/low/c.h", '\n#include "a.h"\n', ":2: "),
    ("layers", "yaml.h outside its owner", "src/low/c.c", "#include <yaml.h>\n", ":1: yaml.h"),
    ("layers", "cJSON.h outside its owners", "src/low/c.c", "#include <cjson/cJSON.h>\n",
     ":1: cjson/cJSON.h"),
    ("layers", "spawn.h outside report/", "src/low/c.c", "#include <spawn.h>\n", ":1: spawn.h"),
    ("layers", "own header not first", "src/low/a.c", '#include <stdio.h>\n#include "low/a.h"\n',
     ":1: its own header"),
    ("layers", "a circle", "src/low/a.h", '#include "high/b.h"\n', "closes a circle"),
    ("names", "a product", "src/sim/s.c", "/* as on an H100 */\n", ":1: 'H100'"),
    ("names", "inside an identifier", "src/sim/s.c", "double nvidia_peak;\n", ":1: 'nvidia'"),
    ("names", "of two words", "src/sim/s.c", "\n/* Zen 5 */\n", ":2: 'Zen 5'"),
    ("sim_words", "an op", "src/sim/s.c", 'const char *a = "gemm";\n', ':1: "gemm"'),
    ("sim_words", "a group", "src/sim/s.c", 'if (is(g, "block"))\n', ':1: "block"'),
    ("sim_words", "an operation", "src/sim/s.c", '\nf("matrix multiply");\n', ":2: "),
    ("sim_words", "a comparison", "src/sim/s.c", "if (!strcmp(op->kind->name, x))\n",
     ":1: strcmp looks at op->kind->name"),
    ("messages", "no golden", "src/low/a.c", message('"never shown to %s", who'),
     ":6: no golden"),
    ("messages", "only half of ?: shown", "src/low/a.c",
     message('many ? "%s: \'%s\' is odd; %d are needed" : "one is odd"'),
     'shows "one is odd"'),
    ("messages", "another severity", "src/low/a.c",
     message('"%s: \'%s\' is odd; %d are needed"', "psim_warning"),
     ":6: no golden"),
    ("messages", "words hidden", "src/low/a.c", message('"%s: %s", key, text'), ":6: "),
    ("messages", "one row of a table", "src/low/a.c",
     C_HEAD + 'const struct row rows[] = {\n    {.words = "size: \'x\' is odd"},\n'
     '    {.words = "never "\n              "shown"},\n};\n'
     'void\ng(void)\n{\n    psim_error(diag, at, "%s", rows[i].words);\n}\n',
     ':5: no golden and no unit test shows "never shown"'),
    ("messages", "no literal", "src/low/a.c", message("text"), ":6: a message needs"),
    ("messages", "by a wrapper", "src/low/a.c",
     C_HEAD + "static bool fault(struct psim_diag *diag, const char *fmt, ...)\n"
     "    __attribute__((format(printf, 2, 3)));\n"
     'void\ng(void)\n{\n    fault(diag, "a %zu " PRIu64 " never shown", n, m);\n}\n',
     ":8: no golden"),
    ("specs", "a fitted figure", "specs/toy.yaml", "x: {value: 1, confidence: fitted}\n",
     ":1: a fitted"),
    ("specs", "one of two equal data types", "specs/overlays/toy.yaml",
     "  a:\n      bf16: {value: 5 FLOP/cycle, source: fit}\n", ":2: fp16 is not"),
    ("specs", "a head that counts wrong", "specs/overlays/toy.yaml",
     "# 1 numbers for 2 figures\nx: {value: 1, confidence: fitted}\n",
     ":1: 1 figures are fitted, not 2"),
    ("specs", "too many numbers", "specs/overlays/toy.yaml",
     "# 2 numbers for 1 figures\nx: {value: 1, confidence: fitted}\n",
     ":1: 2 numbers are more than 1"),
    ("specs", "a source that is not declared", "specs/toy.yaml",
     "sources:\n  sheet: a page\nx:\n"
     "  a: {value: 1, source: no one, confidence: assumed}\n"
     "  b: {value: 1, source: shete, confidence: measured}\n",
     ":5: 'shete' is not declared"),
    ("specs", "a source of lines of their own", "specs/toy.yaml",
     "sources:\n  sheet: a page\nx:\n  source: page (1)\n  confidence: datasheet\n",
     ":4: 'page' is not declared"),
    ("files", "no licence", "src/low/a.h", "#pragma once\n", ":1: the first line"),
    ("files", "no licence in a script", "tools/x.py", "#!/usr/bin/env python3\n", ":1: the first"),
    ("files", "no opening", "src/low/a.h", HEADER.replace("/** @file", "/*"), ":2: the second"),
    ("files", "two sentences", "src/low/a.h", HEADER.replace("One", "One. And one"),
     ":2: @file must"),
    ("files", "no full stop", "src/low/a.h", HEADER.replace(". */", " */"), ":2: @file must"),
    ("files", "451 lines", "src/low/a.h", HEADER + "\n" * 447 + "x\n", ":451: 451 lines"),
    ("files", "a tab", "src/low/a.h", HEADER + "\tint x;\n", ":4: a tab"),
    ("files", "a space at the end", "src/low/a.h", HEADER + "int x; \n", ":4: space"),
    ("files", "no newline", "src/low/a.h", HEADER + "int x;", ":4: no newline"),
    ("files", "a loose end", "src/low/a.h", HEADER + "/* TO" "DO: more */\n", ":4: a loose end"),
    ("files", "an invisible character", "src/low/a.h", HEADER + "/* a\u200bb */\n",
     ":4: an invisible"),
    ("files", "a source not built", "src/low/new.c", C_HEAD, ":1: not named"),
    ("files", "a test not built", "tests/unit/test_new.c", C_HEAD, ":1: not named"),
    ("headers", "does not stand alone", "src/low/a.h", "size_t n;\n", "size_t"),
    ("globals", "a global that changes", "src/low/a.c", C_HEAD + "int count;\n",
     "src/low/a.c:3: writable data 'count'"),
    ("globals", "a static local that changes", "src/low/a.c",
     "int f(void);\nint\nf(void)\n{\n    static int n = 4;\n    return n++;\n}\n",
     "src/low/a.c:5: writable data 'n.0'"),
    ("docs", "a stale page", "docs/SPEC.md", "old\n", "docs/SPEC.md:1: is not"),
    ("model", "an unknown number", "src/sim/s.c", "/* (eq. B7) */\n", ":1: eq. B7 is not"),
    ("model", "on a broken line", "src/sim/s.c", "/*\n * See (eq.\n * B7).\n */\n",
     ":2: eq. B7 is not"),
    ("model", "inside a range", "src/sim/s.c", "/* eq. A2 to A4 */\n", ":1: eq. A3 is not"),
    ("model", "at the end of a list", "src/sim/s.c", "/* eqs. A2, A2 and A5 */\n",
     ":1: eq. A5 is not"),
    ("model", "in a document", "docs/USE.md", "By eq. B7.\n", "docs/USE.md:1: eq. B7"),
    ("model", "a number that nobody refers to", "docs/MODEL.md",
     MODEL + MODEL.replace("A2", "A3"), "docs/MODEL.md:5: no file of src/ refers to eq. A3"),
    ("model", "a number twice", "docs/MODEL.md", MODEL + MODEL, ":5: eq. A2 stands here"),
    ("model", "no source", "docs/MODEL.md", MODEL.replace("Source: own.\n", ""),
     ":1: eq. A2 does not say its source"),
    ("model", "no place", "docs/MODEL.md", MODEL.replace("Code: ", ""),
     ":1: eq. A2 does not say where"),
    ("model", "no such function", "docs/MODEL.md", MODEL.replace("`f`", "`f`, `g`"),
     ":1: eq. A2: src/low/a.c defines no g()"),
    ("model", "no such file", "docs/MODEL.md", MODEL.replace("a.c", "b.c"),
     ":1: eq. A2: src/low/b.c defines no f()"),
    ("doc_paths", "no such file", "docs/USE.md", "\nSee `src/low/b.c`.\n",
     "docs/USE.md:2: there is no src/low/b.c"),
    ("doc_paths", "no such folder", "docs/USE.md", "In `src/new`.\n", ":1: there is no src/new"),
    ("doc_paths", "a name alone", "README.md", "Run `b.c`.\n", "README.md:1: there is no b.c"),
    ("doc_paths", "no such pattern", "README.md", "All `specs/*.json`.\n",
     ":1: there is no specs/*.json"),
    ("doc_paths", "a link to nowhere", "docs/USE.md", "See [it](NEW.md#here).\n",
     ":1: the link NEW.md leads nowhere"),
    ("report_keys", "a key that nobody prints", "docs/REPORT.md", KEYS + "| `old_s` | s |\n",
     ":9: perfsim/a/v1: 'rows[].old_s' is printed nowhere"),
    ("report_keys", "a key without words", "docs/REPORT.md",
     KEYS.replace("| `time_s` | s |\n", ""), "'time_s' is printed by"),
    ("effects", "a key that nobody tries", "docs/SPEC.md", "## Groups\n\n| `odd` | a | | b |\n",
     "docs/SPEC.md:3: no change of 'odd' is tried"),
    ("doc_examples", "another output", "docs/USE.md", example("$ perfsim run\ngot\n\nran\nend\n"),
     "# -ran"),
    ("doc_examples", "less output", "docs/USE.md", example("$ perfsim run\ngot\n\nrun\n"),
     "# +end"),
    ("doc_examples", "another end", "docs/USE.md", example("$ perfsim run\ngot\n...\nno end\n"),
     "not ok"),
    ("doc_examples", "another middle", "docs/USE.md",
     example("$ perfsim run\ngot\n...\nran\n...\n"), "not ok"),
    ("doc_examples", "a failure", "docs/USE.md", example("$ perfsim fail\n...\n"),
     "exit 1, and the document"),
    ("doc_examples", "another file", "docs/USE.md",
     "```yaml m.yaml\nx: 1\n```\n" + example("$ perfsim check m.yaml\nx: 2\n"), "# +x: 1"),
    ("doc_examples", "other words", "docs/USE.md", "```c src/low/a.c\ng(\n```\n",
     "src/low/a.c says it in other words"),
    ("doc_examples", "code that does not compile", "docs/USE.md", "```c example\nx;\n```\n",
     "not ok"),
    ("doc_examples", "a figure of another script", "docs/figures/b.gp", "draw lines\n",
     "-draw lines"),
    ("doc_examples", "another figure", "docs/figures/a.svg",
     "<svg><desc>Produced by P 1 </desc>dots\n", "docs/figures/a.svg is not what"),
    ("doc_examples", "a figure that nothing draws", "docs/figures/c.svg", "<svg>\n",
     "nothing draws figures/c.svg"),
    ("doc_examples", "a figure that is not there", "docs/USE.md",
     example("$ perfsim plot lines -o figures/d.svg\n"), "docs/figures/d.gp is missing"),
    ("doc_examples", "a figure that is not drawn", "docs/USE.md",
     example("$ perfsim plot none -o figures/a.svg\n"), "figures/a.svg was not drawn"),
]
SOUND_GLOBALS = "static const int table[2] = {1, 2};\nint f(int i);\n" \
                "int\nf(int i)\n{\n    return table[i];\n}\n"
CC = os.environ.get("CC", "cc")


def run_check(root, check):
    """Exit code and output of one check on the tree in root."""
    arguments = []
    if check == "headers":
        arguments = [CC]
    elif check == "globals":
        compiled = pathlib.Path(root, "low_a.c.o")
        subprocess.run([CC, "-fPIC", "-O2", "-c", "src/low/a.c", "-o", compiled], cwd=root,
                       check=True)
        arguments = [str(compiled)]
    elif check == "doc_examples":
        program = pathlib.Path(root, "build-perfsim")
        program.write_text(PERFSIM, encoding="utf-8")
        program.chmod(0o755)
        arguments = [str(program), CC]
    elif check in ("report_keys", "effects"):
        program = pathlib.Path(root, "build-perfsim")
        program.write_text(REPORTS, encoding="utf-8")
        program.chmod(0o755)
        arguments = [str(program)]
    elif check == "docs":
        program = pathlib.Path(root, "gen_docs")
        program.write_text('#!/bin/sh\necho new >"$1/SPEC.md"\n', encoding="utf-8")
        program.chmod(0o755)
        arguments = [str(program)]
    run = subprocess.run([sys.executable, "-B", str(HOUSE / f"check_{check}.py"), *arguments],
                         cwd=root, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def build_tree(root, changed):
    for name, text in {**SOUND, **changed}.items():
        path = pathlib.Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main():
    checks = sorted({fault[0] for fault in FAULTS})
    sound = {"globals": {"src/low/a.c": SOUND_GLOBALS}, "docs": {"docs/SPEC.md": "new\n"},
             "report_keys": {"docs/REPORT.md": KEYS},
             "effects": {"docs/SPEC.md": "## Groups\n\n| `note` | a | | b |\n"}}
    cases = [(check, "a sound tree", sound.get(check, {}), None) for check in checks]
    cases += [(check, what, {name: text}, where) for check, what, name, text, where in FAULTS]
    print(f"1..{len(cases)}")
    failed = 0
    for number, (check, what, changed, where) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as root:
            build_tree(root, changed)
            code, output = run_check(root, check)
        good = code == 0 if where is None else code == 1 and where in output
        print(f"{'ok' if good else 'not ok'} {number} - {check}: {what}")
        if not good:
            failed += 1
            for line in [f"exit {code}, expected {where}", *output.splitlines()]:
                print(f"# {line}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
