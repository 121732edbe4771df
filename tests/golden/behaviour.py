#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""behaviour.py PERFSIM SANITIZER: what no golden can show (TAP).

Files and what is beside them, terminals, other folders, hostile inputs. A refusal is
exit code 1, something on stderr and nothing on stdout, within 256 MiB of memory (where no
sanitizer needs more); the time limit only ends what would hang.
"""
import os
import pathlib
import pty
import resource
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

PERFSIM = os.path.abspath(sys.argv[1])
ROOT = os.getcwd()
WRAPPER = shlex.split(os.environ.get("PSIM_WRAPPER", ""))
IS_BARE = sys.argv[2] == "none" and not WRAPPER
MEMORY_BYTES = 256 << 20
TIMEOUT_S = 60
ADD = "elementwise function=add elements=100 dtype=fp32".split()


def limit_memory():
    if IS_BARE:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def run(*words, program=PERFSIM, env=None, **options):
    return subprocess.run([*WRAPPER, program, *words], check=False, capture_output=True,
                          timeout=TIMEOUT_S, preexec_fn=limit_memory,
                          stdin=options.pop("stdin", subprocess.DEVNULL),
                          env={**os.environ, **(env or {})}, **options)


def terminal(*words, env=None):
    """What is printed where both streams are a terminal."""
    leader, follower = pty.openpty()
    child = subprocess.Popen([*WRAPPER, PERFSIM, *words], stdin=subprocess.DEVNULL,
                             stdout=follower, stderr=follower,
                             env={**os.environ, **(env or {})})
    os.close(follower)
    text = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:
            break
        if not part:
            break
        text += part
    child.wait(TIMEOUT_S)
    os.close(leader)
    return text


# --- files ---------------------------------------------------------------------


def writes_a_file(folder):
    path = folder / "report.json"
    mask = os.umask(0o027)
    try:
        done = run("run", "toy", *ADD, "--format", "json", "-o", str(path))
    finally:
        os.umask(mask)
    return done.returncode == 0 and not done.stdout and \
        path.read_text().startswith("{") and stat.S_IMODE(path.stat().st_mode) == 0o640 and \
        os.listdir(folder) == ["report.json"]


def keeps_the_mode_of_a_file(folder):
    path = folder / "report.txt"
    path.write_text("old")
    path.chmod(0o600)
    run("run", "toy", *ADD, "-o", str(path))
    return stat.S_IMODE(path.stat().st_mode) == 0o600 and "toy" in path.read_text().lower()


def leaves_a_file_alone_after_an_error(folder):
    path = folder / "report.txt"
    path.write_text("old")
    done = run("run", "toy", "softmax", "rows=1", "cols=1", "dtype=fp32", "-o", str(path))
    return done.returncode == 1 and path.read_text() == "old" and \
        os.listdir(folder) == ["report.txt"]


def writes_no_file_after_an_error(folder):
    done = run("explain", "toy", "tests/fixtures/wl_later_fault.json", "-o",
               str(folder / "report.txt"))
    return done.returncode == 1 and os.listdir(folder) == []


def writes_through_a_link(folder):
    (folder / "real.txt").write_text("old")
    link = folder / "link.txt"
    link.symlink_to("real.txt")
    done = run("list", "ops", "-o", str(link))
    return done.returncode == 0 and link.is_symlink() and \
        "gemm" in (folder / "real.txt").read_text()


def leaves_a_device_what_it_is(_):
    done = run("list", "ops", "-o", "/dev/null")
    return done.returncode == 0 and stat.S_ISCHR(os.stat("/dev/null").st_mode)


def reads_a_pipe(_):
    with open("specs/toy.yaml", "rb") as file:
        done = run("check", "/dev/stdin", stdin=file)
    return done.returncode == 0 and b"machine 'toy'" in done.stdout


def does_not_wait_for_a_pipe(folder):
    path = folder / "pipe.yaml"
    os.mkfifo(path)
    done = run("check", str(path))
    return done.returncode == 1 and b"the file is empty" in done.stderr


# --- terminals -----------------------------------------------------------------


def colours_on_a_terminal(_):
    return b"\033[1m" in terminal("list", "ops") and b"\033[1;31m" in terminal("check", "no")


def no_colours_where_unwanted(_):
    env = {"NO_COLOR": "1"}
    return b"\033" not in terminal("list", "ops", env=env) and \
        b"\033" not in terminal("check", "no", env=env)


def no_colours_in_a_pipe(_):
    return b"\033" not in run("list", "ops").stdout and b"\033" not in run("check", "no").stderr


def names_reach_a_terminal_tamed(folder):
    path = folder / "evil.yaml"
    path.write_text("schema: perfsim/hardware/v1\n"
                    'name: "a\\e[31mb"\ntitle: "T\\e]0;x\\a\\x9b2J\\u202e%s%n"\n'
                    'parallel_groups: [{name: "c\\nd\\e[5m", groups: lane, number: 4}]\n'
                    'memory_domains: [{name: "m\\rn", shared_across: "c\\nd\\e[5m", '
                    "bandwidth: 1 B/s}]\n"
                    'operations: [{name: "f\\tg", does: fma, supported_by: lane, '
                    "throughput: {fp32: 1 op/s}}]\n")
    out = b""
    for words in (["check", str(path)], ["run", str(path), *ADD], ["explain", str(path), *ADD],
                  ["run", str(path), "softmax", "rows=1", "cols=1", "dtype=fp32"]):
        done = run(*words)
        out += done.stdout + done.stderr
    text = out.decode("utf-8")
    return not any(ord(c) < 32 and c != "\n" or 0x7F <= ord(c) < 0xA0 or c == "\u202e"
                   for c in text) and "%s%n" in text


# --- places --------------------------------------------------------------------


def finds_names_from_any_folder(folder):
    done = run("run", "toy", "vector_add", cwd=folder)
    return done.returncode == 0 and b"Vector add" in done.stdout


def a_file_here_comes_before_a_name(folder):
    shutil.copy("specs/cuda_example.yaml", folder / "toy")
    done = run("check", "toy", cwd=folder)
    return b"toy: machine 'cuda_example'" in done.stdout


def an_installed_program_finds_its_data(folder):
    for name in ("bin", "share/perfsim"):
        (folder / name).mkdir(parents=True)
    shutil.copy(PERFSIM, folder / "bin/perfsim")
    shutil.copytree("specs", folder / "share/perfsim/specs")
    shutil.copytree("workloads", folder / "share/perfsim/workloads")
    done = run("run", "toy.yaml", "vector_add.json", program=str(folder / "bin/perfsim"),
               cwd=folder / "bin")
    return done.returncode == 0 and str(folder).encode() in done.stdout


# --- hostile inputs ------------------------------------------------------------

HEAD = "schema: perfsim/hardware/v1\nname: x\n"
GROUPS = "parallel_groups: [{name: chip, groups: lane, number: 4}]\n"
MEMORY = "memory_domains: [{name: dram, shared_across: chip, bandwidth: 100 B/s}]\n"
FMA = "operations: [{name: fma, supported_by: lane, throughput: {fp32: 50 op/s}}]\n"
OPS = '{"schema": "perfsim/workload/v1", "ops": ['


def laughs():
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x]\n"]
    for i in range(1, 30):
        lines.append(f"l{i}: &l{i} [" + ", ".join([f"*l{i - 1}"] * 9) + "]\n")
    return "".join(lines)


# Name: (the file's name, its text, words of the message).
REFUSED = {
    "aliases of aliases": ("a.yaml", laughs(), "more than 524288 values"),
    "one line of 10 MB": ("a.yaml", HEAD + "title: " + "a" * 10_000_000, "at most 4096"),
    "a million values": ("a.json", OPS + "5," * 1_000_000 + "5]}", "more than 524288 values"),
    "half a million faults": ("a.json", OPS + "5," * 400_000 + "5]}", "... and 399981 more"),
    "lists in lists": ("a.json", "[" * 1_000_000, "nested deeper than 64"),
    "maps in maps": ("a.yaml", "".join(" " * i + f"k{i}:\n" for i in range(3000)),
                     "nested deeper than 64"),
    "a key many times": ("a.yaml", HEAD + "name: y\n" * 300_000, "is given twice"),
    "many keys": ("a.yaml", HEAD + "".join(f"k{i}: 1\n" for i in range(300_000)),
                  "unknown key 'k0'"),
    "many anchors": ("a.yaml", "".join(f"k{i}: &a{i} 1\n" for i in range(300_000)),
                     "more than 1000 anchors"),
    "more than 32 MiB": ("a.yaml", HEAD + "# " + "x" * 34_000_000, "larger than 32 MiB"),
    "zeros": ("a.yaml", "\0" * 1_000_000, "a zero byte"),
    "two bytes a character": ("a.yaml", (HEAD + GROUPS).encode("utf-16"), "is not UTF-8"),
    "no text": ("a.yaml", bytes(range(256)) * 100, "a zero byte"),
    "nothing": ("a.json", "", "the file is empty"),
    "not a number": ("a.json", OPS + '{"op": "gemm", "m": NaN}]}', "not a value of JSON"),
    "infinity": ("a.yaml", HEAD + GROUPS + MEMORY.replace("100 B/s", ".inf") + FMA,
                 "is not a number"),
    "beyond a double": ("a.yaml", HEAD + GROUPS + MEMORY.replace("100", "1e400") + FMA,
                        "is too large"),
    "a negative size": ("a.yaml", HEAD + GROUPS + MEMORY.replace("100 B/s", "-1 B/s") + FMA,
                        "is below"),
    "bundles of bundles": (
        "a.yaml", HEAD + "parallel_groups:\n  - {name: chip, groups: lane, number: 4}\n" +
        "".join(f"  - {{name: s{i}, runs_on: chip, groups: [s{i + 1}, s{i + 2}, s{i + 3}]}}\n"
                for i in range(26)) +
        "".join(f"  - {{name: s{i}, runs_on: chip}}\n" for i in range(26, 29)) + MEMORY + FMA,
        "bundles one kind of part"),
    "a shape for ages": ("a.json", OPS + '{"op": "conv2d", "algorithm": "direct", "batch": 1, '
                         '"in_channels": 1, "out_channels": 1, "height": 65536, "width": 65536, '
                         '"kernel": 1024, "stride": 1024, "dilation": 1024, "padding": 1024, '
                         '"dtype": "fp32"}]}', "larger than the padded image"),
    "a billion ops": ("a.json", OPS + '{"op": "softmax", "rows": 1, "cols": 1, "dtype": "fp32"},'
                      '{"op": "graph", "repeat": 1000000, "ops": [{"op": "graph", '
                      '"repeat": 1000, "ops": [{"op": "softmax", "rows": 1, "cols": 1, '
                      '"dtype": "fp32"}]}]}]}', "at most 65536"),
}


def refuses(name, text, words):
    def test(folder):
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        done = run("check", str(path))
        return done.returncode == 1 and not done.stdout and words.encode() in done.stderr
    return test


def leaves_nothing_where_it_is_stopped(folder):
    """Ctrl-C in the midst of a calibration: no overlay, no half of one."""
    child = subprocess.Popen([*WRAPPER, PERFSIM, "calibrate", "h200", "data/h200.json",
                              "-o", str(folder / "o.yaml")], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=TIMEOUT_S)
    return child.returncode == -signal.SIGINT and not out and not list(folder.iterdir())


TESTS = [
    writes_a_file, keeps_the_mode_of_a_file, leaves_a_file_alone_after_an_error,
    writes_no_file_after_an_error, writes_through_a_link, leaves_a_device_what_it_is,
    reads_a_pipe, does_not_wait_for_a_pipe, colours_on_a_terminal, no_colours_where_unwanted,
    no_colours_in_a_pipe, names_reach_a_terminal_tamed, finds_names_from_any_folder,
    a_file_here_comes_before_a_name, an_installed_program_finds_its_data,
    leaves_nothing_where_it_is_stopped,
]


def main():
    cases = [(test.__name__, test) for test in TESTS]
    # Under another program they would take minutes.
    cases += [(f"refuses {name}", refuses(*row)) for name, row in REFUSED.items()
              if not WRAPPER]
    os.environ.pop("NO_COLOR", None)
    print(f"1..{len(cases)}")
    failed = 0
    for number, (name, test) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                good = test(pathlib.Path(folder))
            except subprocess.TimeoutExpired:
                good = False
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
