#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""plots.py PERFSIM: pictures as files, and what no golden of a script can show (TAP)."""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import labels

PERFSIM = os.path.abspath(sys.argv[1])
WRAPPER = shlex.split(os.environ.get("PSIM_WRAPPER", ""))
TIMEOUT_S = 120
ADD = "elementwise function=add elements=100 dtype=fp32".split()
MACHINE = pathlib.Path("specs/toy.yaml").read_text(encoding="utf-8")


def run(*words, env=None, cwd=None):
    return subprocess.run([*WRAPPER, PERFSIM, *map(str, words)], check=False,
                          capture_output=True, timeout=TIMEOUT_S, cwd=cwd,
                          stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})


def said(done, code, *messages):
    """The exit code, nothing on stdout, and these messages on stderr, whole."""
    lines = done.stderr.decode().splitlines()
    words = [line.split(": ", 2)[-1] for line in lines]
    return done.returncode == code and not done.stdout and words == list(messages)


def fake(folder, body):
    """A folder for PATH whose gnuplot is a script of these lines."""
    place = folder / "bin"
    place.mkdir()
    program = place / "gnuplot"
    program.write_text("#!/bin/sh\n" + body)
    program.chmod(0o755)
    return {"PATH": f"{place}:{os.environ['PATH']}"}


# --- gnuplot as a child ----------------------------------------------------------


def draws_each_kind_of_file(folder):
    starts = {"a.png": b"\x89PNG", "a.svg": b"<?xml", "a.pdf": b"%PDF"}
    for name, start in starts.items():
        done = run("plot", "roofline", "toy", *ADD, "-o", folder / name)
        if not said(done, 0) or \
                not (folder / name).read_bytes().startswith(start):
            return False
    return sorted(os.listdir(folder)) == sorted(starts)


NO_GNUPLOT = "there is no gnuplot: install the package gnuplot, or gnuplot-nox on Debian"


def keeps_the_script_without_gnuplot(folder):
    done = run("plot", "roofline", "toy", *ADD, "-o", "a.svg", cwd=folder,
               env={"PATH": "/nonexistent"})
    return said(done, 1, NO_GNUPLOT, "the script is in 'a.svg.gp'") and \
        os.listdir(folder) == ["a.svg.gp"] and \
        "\nplot " in (folder / "a.svg.gp").read_text()


def keeps_the_script_where_it_is_told(folder):
    done = run("plot", "roofline", "toy", *ADD, "-o", "a.svg", "--script", "b", cwd=folder,
               env={"PATH": "/nonexistent"})
    return said(done, 1, NO_GNUPLOT, "the script is in 'b'") and os.listdir(folder) == ["b"]


def a_kept_script_draws_the_same(folder):
    run("plot", "roofline", "toy", *ADD, "-o", folder / "a.svg", "--script", folder / "a.gp")
    again = subprocess.run(["gnuplot", "-d", folder / "a.gp"], check=True,
                           capture_output=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    return again.stdout == (folder / "a.svg").read_bytes()


def leaves_a_picture_alone_where_gnuplot_fails(folder):
    env = fake(folder, "echo '<svg>'\necho 'line 3: out of ink' >&2\nexit 1\n")
    (folder / "a.svg").write_text("old")
    done = run("plot", "roofline", "toy", *ADD, "-o", folder / "a.svg", env=env)
    return said(done, 1, "gnuplot draws nothing: line 3: out of ink") and \
        (folder / "a.svg").read_text() == "old" and \
        sorted(os.listdir(folder)) == ["a.svg", "bin"]


def an_empty_picture_is_none(folder):
    done = run("plot", "roofline", "toy", *ADD, "-o", folder / "a.svg",
               env=fake(folder, "exit 0\n"))
    return said(done, 1, "gnuplot draws nothing: it does not say why") and \
        not (folder / "a.svg").exists()


def passes_a_complaint_on(folder):
    env = fake(folder, "echo '<svg/>'\necho 'warning: the ink is low' >&2\n")
    done = run("plot", "roofline", "toy", *ADD, "-o", folder / "a.svg", env=env)
    return said(done, 0, "gnuplot: warning: the ink is low") and \
        (folder / "a.svg").read_text() == "<svg/>\n"


def says_why_gnuplot_cannot_run(folder):
    env = fake(folder, "")
    env["PATH"] = str(folder / "bin")
    (folder / "bin" / "gnuplot").write_bytes(b"no program at all")
    done = run("plot", "roofline", "toy", *ADD, "-o", folder / "a.svg", env=env)
    return said(done, 1, "gnuplot cannot be run: Exec format error") and \
        not (folder / "a.svg").exists()


# A byte a call is what gnuplot reads of its input, where that has no name.
SCRIPT = "/dev/stdin" if os.access("/dev/stdin", os.R_OK) else ""


def asks_gnuplot_for_no_settings_of_the_user(folder):
    env = fake(folder, 'echo "$@ $LC_ALL $GNUTERM $LC_NUMERIC"\n')
    env |= {"GNUTERM": "png", "LC_NUMERIC": "fr_FR.UTF-8", "LC_ALL": "fr_FR.UTF-8"}
    run("plot", "roofline", "toy", *ADD, "-o", folder / "a.svg", env=env)
    return (folder / "a.svg").read_text() == f"-d {SCRIPT} C.UTF-8  \n"


# --- hostile names ---------------------------------------------------------------

HOSTILE = [
    "`touch hit`", '"; system("touch hit"); "', "'; system('touch hit'); '", "a''; system('touch hit'); ''b",
    "@hit {/:Bold x}_y^z ~ & \\\\n %g %s", "<script>alert(1)</script> ]]> &amp;",
    "a\nset output 'hit'\n", "\u202e\x1b[2J\uffff \u6f22",
]


def shown(text):
    """What is left of it in a picture: no control characters, quotes as in books."""
    text = text.replace("]]>", "]] >")
    text = "".join("?" if c < " " or c in "\u202e\uffff" else c for c in text)
    return re.sub(r"(^|[ (])'", "\\1\u2018", text).replace("'", "\u2019")


def names_are_only_text(folder):
    for number, name in enumerate(HOSTILE):
        machine = MACHINE.replace("title: Toy machine (100 B/s, 400 FLOP/s)",
                                  f"title: {json.dumps(name)}")
        (folder / "m.yaml").write_text(machine, encoding="utf-8")
        (folder / "w.json").write_text(json.dumps({
            "schema": "perfsim/workload/v1", "name": name, "title": name, "ops": [
                {"op": "elementwise", "name": name, "function": "add", "elements": 100,
                 "dtype": "fp32"}]}), encoding="utf-8")
        for kind in ("roofline", "breakdown", "timeline"):
            out = folder / f"{number}.svg"
            done = run("plot", kind, "m.yaml", "w.json", "-o", out, cwd=folder)
            if not said(done, 0):
                print(f"# {name!r}: {done.stderr.decode()}")
                return False
            _, _, texts, _ = labels.read(out, KNOWN)
            if not any(text.startswith(shown(name)[:20]) for text, _ in texts):
                print(f"# {name!r} is not in {[text for text, _ in texts]}")
                return False
    names = {path.name for path in folder.iterdir()}
    return names == {"m.yaml", "w.json"} | {f"{i}.svg" for i in range(len(HOSTILE))}


# --- every picture ---------------------------------------------------------------

KNOWN = labels.fonts()
MIXED = ["llama3_8b_decode", "naive_attn", "flash_attn"]
PICTURES = [
    ["roofline", "h200", "resnet50"], ["roofline", "h200", *MIXED],
    ["roofline", "zen5", "naive_attn"], ["roofline", "toy", "vector_add"],
    ["roofline", "h200", "gemm"], ["roofline", "tpu_v4", "vector_add"],
    ["roofline", "h200", "gemm", "--measured", "h200"],
    ["energy", "h200", "resnet50", "--measured", "h200"], ["energy", "h200", "resnet50"], ["energy", "h100", *MIXED],
    ["breakdown", "h200", "resnet50"], ["breakdown", "zen5", *MIXED],
    ["scaling", "h200", "flash_attn", "--sweep", "seq_q,seq_kv=512..16384"],
    ["scaling", "h200", *MIXED, "--sweep", "parallel_groups.gpu.number=4..132"],
    ["scaling", "h200", "gemm", "--sweep", "dtype=fp16,fp8", "--metric", "power_w"],
    ["timeline", "h200", "resnet50"], ["timeline", "a100", "naive_attn"],
    ["timeline", "zen5", "flash_attn"], ["timeline", "toy", *ADD],
    # From 1e17 to 8e21 FLOP/s, from 2e-9 to 8e-9.
    ["roofline", "toy", *ADD, "--set", "memory_domains.dram.bandwidth=1 EB/s",
     "--set", "operations.fma.throughput.fp32=1e21 op/s"],
    ["roofline", "toy", *ADD, "--set", "memory_domains.dram.bandwidth=0.001 B/s",
     "--set", "operations.fma.throughput.fp32=1e-9 op/s"],
    ["accuracy", "h200", "h200"], ["accuracy", "toy", "tests/fixtures/ms_small.json"],
]
SIZES = [["--width", "380"], ["--width", "800", "--dark"], ["--width", "1200"]]


def draw_all(folder, jobs):
    """Draw each; true where all are without a word on stderr and with labels apart."""
    def one(numbered):
        number, words = numbered
        out = folder / f"{number}.svg"
        done = run("plot", *words, "-o", out)
        return words, done, labels.faults(out, KNOWN) if done.returncode == 0 else []
    good = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for words, done, faults in pool.map(one, enumerate(jobs)):
            if done.returncode != 0 or done.stderr or faults:
                good = False
                print(f"# plot {' '.join(words)}: {done.stderr.decode()} {faults}")
    return good


def labels_are_apart(folder):
    return draw_all(folder, [words + size for words in PICTURES for size in SIZES])


def predicts(pair):
    return run("run", *pair).returncode == 0


def every_pair_that_predicts_is_drawn(folder):
    pairs = [[machine.stem, workload.stem]
             for machine in sorted(pathlib.Path("specs").glob("*.yaml"))
             for workload in sorted(pathlib.Path("workloads").glob("*.json"))]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = [pair for pair, good in zip(pairs, pool.map(predicts, pairs)) if good]
    # What states no bandwidth has no roofline: a golden shows its message.
    jobs = [["roofline", *pair] for pair in pairs if pair[0] != "cuda_example"]
    jobs += [["breakdown", *pair, "--width", "700"] for pair in pairs]
    # Of timelines some, for the event engine takes its time.
    jobs += [["timeline", *pair] for pair in pairs[::6]]
    return len(jobs) > 200 and draw_all(folder, jobs)


def the_same_bytes_each_time(folder):
    for name, env in (("a", {"LC_ALL": "C"}), ("b", {"LC_ALL": "fr_FR.UTF-8", "TZ": "Asia/Tokyo"})):
        run("plot", "roofline", "h200", *MIXED, "-o", folder / f"{name}.svg", env=env)
    return (folder / "a.svg").read_bytes() == (folder / "b.svg").read_bytes()


def collisions_are_found(folder):
    """The check itself: two labels on top of each other, one that sticks out."""
    (folder / "a.gp").write_text(
        "set terminal svg size 300,200 noenhanced font 'Arial,12' "
        "background rgb '#ffffff'\nunset tics\nunset key\n"
        "set label 1 'one label' at screen 0.5,0.5\nset label 2 'another' at screen 0.55,0.5\n"
        "set label 3 'sticks out' at screen 0.9,0.1\nset label 4 'fine' at screen 0.1,0.9\n"
        "set label 5 'turned' at screen 0.2,0.4 rotate by 45\n"
        "plot [0:1][0:1] '+' using (0.5):(0.8) with points pt 7 ps 1\n")
    drawn = subprocess.run(["gnuplot", "-d", "a.gp"], cwd=folder, check=True,
                           capture_output=True).stdout
    (folder / "a.svg").write_bytes(drawn)
    return labels.faults(folder / "a.svg", KNOWN) == [
        "'another' meets 'one label'", "'sticks out' leaves the picture"]


TESTS = [
    draws_each_kind_of_file, keeps_the_script_without_gnuplot,
    keeps_the_script_where_it_is_told, a_kept_script_draws_the_same,
    leaves_a_picture_alone_where_gnuplot_fails, an_empty_picture_is_none,
    passes_a_complaint_on, says_why_gnuplot_cannot_run,
    asks_gnuplot_for_no_settings_of_the_user, the_same_bytes_each_time,
]
# They need the fonts, to know what a label covers.
WITH_FONTS = [collisions_are_found, names_are_only_text, labels_are_apart]
# Under another program they would take minutes.
MANY = [every_pair_that_predicts_is_drawn]


def main():
    tests = TESTS + WITH_FONTS + MANY
    skipped = (WITH_FONTS + MANY if not KNOWN else []) + (MANY if WRAPPER else [])
    print(f"1..{len(tests)}")
    failed = 0
    for number, test in enumerate(tests, 1):
        if test in skipped:
            print(f"ok {number} - {test.__name__} # SKIP")
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                good = test(pathlib.Path(folder))
            except subprocess.TimeoutExpired:
                good = False
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {test.__name__}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
