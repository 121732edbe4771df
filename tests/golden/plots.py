#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""plots.py PERFSIM: pictures as files, and what no golden of a script can show (TAP)."""
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

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


def asks_gnuplot_for_no_settings_of_the_user(folder):
    env = fake(folder, 'echo "$@ $LC_ALL $GNUTERM $LC_NUMERIC"\n')
    env |= {"GNUTERM": "png", "LC_NUMERIC": "fr_FR.UTF-8", "LC_ALL": "fr_FR.UTF-8"}
    run("plot", "roofline", "toy", *ADD, "-o", folder / "a.svg", env=env)
    return (folder / "a.svg").read_text() == "-d C.UTF-8  \n"


TESTS = [
    draws_each_kind_of_file, keeps_the_script_without_gnuplot,
    keeps_the_script_where_it_is_told, a_kept_script_draws_the_same,
    leaves_a_picture_alone_where_gnuplot_fails, an_empty_picture_is_none,
    passes_a_complaint_on, says_why_gnuplot_cannot_run,
    asks_gnuplot_for_no_settings_of_the_user,
]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
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
