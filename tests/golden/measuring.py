#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""measuring.py PERFSIM: real runs from end to end (TAP). No time is judged.

Small shapes and few repeats: what matters is that files are whole, and that what one
command writes the next one reads.
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

PERFSIM = os.path.abspath(sys.argv[1])
TIMEOUT_S = 240
SUITE = {
    "schema": "perfsim/workload/v1",
    "ops": [
        {"op": "elementwise", "function": "triad", "elements": 100000, "dtype": "fp32"},
        {"op": "gemm", "m": 128, "n": 96, "k": 64, "dtype": "fp64", "cache": "hot"},
        {"op": "softmax", "rows": 64, "cols": 1000, "dtype": "fp32"},
        {"op": "softmax", "rows": 64, "cols": 1000, "dtype": "fp32"},
    ],
}


def run(*words):
    done = subprocess.run([PERFSIM, *map(str, words)], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
    return done


def ok(done):
    assert done.returncode == 0, done.stderr
    return done


def suite(folder):
    path = folder / "suite.json"
    path.write_text(json.dumps(SUITE), encoding="utf-8")
    return path


def measured(folder, *options):
    path = folder / "m.json"
    ok(run("measure", suite(folder), "--repeats", 3, "-o", path, *options))
    return path, json.loads(path.read_text(encoding="utf-8"))


def measures_each_op_once(folder):
    _, file = measured(folder)
    assert file["schema"] == "perfsim/measurements/v1"
    records = file["records"]
    assert [r["workload"]["op"] for r in records] == ["elementwise", "gemm", "softmax"]
    assert [r["measured"]["cache"] for r in records] == ["cold", "hot", "cold"]
    for record in records:
        got = record["measured"]
        assert got["time_s"] > 0 and got["repeat_spread"] >= 0 and got["error"] <= 1
        assert 3 <= got["repeats"] <= 12
    assert records[1]["workload"]["m"] == 128 and records[1]["library"] == "tiled"


def caches_are_as_asked(folder):
    for option, want in (("--cold", "cold"), ("--hot", "hot")):
        _, file = measured(folder, option)
        assert {r["measured"]["cache"] for r in file["records"]} == {want}


def what_is_measured_can_be_compared(folder):
    path, _ = measured(folder)
    compared = json.loads(ok(run("compare", "zen5", path, "--format", "json")).stdout)
    assert len(compared["records"]) == 3, compared["skipped"]


def a_probe_can_be_compared_with_what_is_measured(folder):
    path, _ = measured(folder)
    machine = folder / "host.yaml"
    ok(run("probe", "--seconds", 1, "-o", machine))
    said = ok(run("check", machine)).stdout
    assert "core" in said and "dram" in said, said
    text = machine.read_text(encoding="utf-8")
    assert text.count("confidence: measured") > 40 and "nan" not in text, text
    compared = json.loads(ok(run("compare", machine, path, "--format", "json")).stdout)
    assert len(compared["records"]) == 3, compared["skipped"]
    for record in compared["records"]:
        assert record["predicted_time_s"] >= record["bound_time_s"] * 0.999 > 0


def a_probe_predicts_every_op_of_the_suite(folder):
    machine = folder / "host.yaml"
    ok(run("probe", "--seconds", 1, "--threads", 1, "-o", machine))
    ok(run("run", machine, "cpu_suite"))


def a_graph_is_run_as_a_whole_and_predicted(folder):
    graph = {"op": "graph", "repeat": 2, "ops": [
        {"op": "conv2d", "algorithm": "implicit_gemm", "in_channels": 3,
         "out_channels": 8, "height": 9, "width": 8, "kernel": [2, 2], "dtype": "fp32"},
        {"op": "elementwise", "function": "relu", "elements": 448, "dtype": "fp32"},
        {"op": "pool2d", "channels": 8, "height": 8, "width": 7, "kernel": [2, 2],
         "dtype": "fp32"}]}
    (folder / "g.json").write_text(json.dumps(
        {"schema": "perfsim/workload/v1", "ops": [SUITE["ops"][0], graph]}))
    out = folder / "m.json"
    ok(run("measure", folder / "g.json", "--repeats", 3, "-o", out))
    records = json.loads(out.read_text(encoding="utf-8"))["records"]
    # Each op on its own, then all of the graph; repeated ops are the same ones.
    assert [r["workload"]["op"] for r in records] == [
        "elementwise", "conv2d", "elementwise", "pool2d", "graph"]
    whole = records[-1]
    assert whole["workload"]["repeat"] == 2 and "library" not in whole
    assert [op["op"] for op in whole["workload"]["ops"]] == [
        "conv2d", "elementwise", "pool2d"]
    assert whole["measured"]["time_s"] > 0 and whole["measured"]["error"] <= 1
    compared = json.loads(ok(run("compare", "zen5", out, "--format", "json")).stdout)
    assert len(compared["records"]) == 5, compared["skipped"]


def access_patterns_are_records_that_calibrate(folder):
    path = folder / "m.json"
    ok(run("measure", "--micro", "--threads", 1, "-o", path))
    records = json.loads(path.read_text(encoding="utf-8"))["records"]
    assert all(r["workload"]["op"] == "micro" for r in records)
    chases = [r for r in records if r["workload"]["instruction"] == "pointer_chase"]
    stages = [r for r in records if r["workload"]["instruction"] == "pipeline"]
    assert len(chases) > 8 and [r["workload"]["bytes"] for r in chases] == sorted(
        r["workload"]["bytes"] for r in chases)
    assert all(r["measured"]["cycles"] > 0 and r["measured"]["time_s"] > 0
               for r in records)
    assert chases[0]["id"] == "micro_pointer_chase_8192"
    # One thread does the work of all stages: three shapes of 2 stages, three of 4.
    assert [r["workload"]["stages"] for r in stages] == [2, 2, 2, 4, 4, 4]
    assert {r["workload"]["threads"] for r in stages} == {1}
    # 20,000 additions, one after the other, of 256 frames in 2 stages: at least half a
    # cycle each on any machine.
    assert stages[2]["id"] == "micro_pipeline_2_1_256_2_64_20000"
    assert stages[2]["measured"]["cycles"] > 0.5 * 20000 * 256 * 2
    compared = json.loads(ok(run("compare", "zen5", path, "--format", "json")).stdout)
    assert not compared["records"] and not compared["skipped"], compared


def an_interrupted_run_leaves_a_whole_file(folder):
    path = folder / "m.json"
    large = {**SUITE, "ops": [
        {"op": "elementwise", "function": "add", "elements": 50000 + i, "dtype": "fp32"}
        for i in range(2000)]}
    (folder / "large.json").write_text(json.dumps(large), encoding="utf-8")
    with subprocess.Popen([PERFSIM, "measure", folder / "large.json", "-o", path],
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          text=True) as child:
        child.stderr.readline() # the first op is done
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=TIMEOUT_S)
    records = json.loads(path.read_text(encoding="utf-8"))["records"]
    assert 1 <= len(records) < 2000
    want = "measure: interrupted; 7 of 2000 ops were measured"
    assert want.replace("7", str(len(records))) in said and child.returncode == 1, said


def an_interrupted_probe_writes_nothing(folder):
    path = folder / "host.yaml"
    with subprocess.Popen([PERFSIM, "probe", "--seconds", "1", "-o", path],
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          text=True) as child:
        child.stderr.readline() # the first step has begun
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=TIMEOUT_S)
    assert "probe: interrupted; a machine needs all its figures" in said, said
    assert child.returncode == 1 and not path.exists()


TESTS = [measures_each_op_once, caches_are_as_asked, what_is_measured_can_be_compared,
         a_probe_can_be_compared_with_what_is_measured,
         a_probe_predicts_every_op_of_the_suite,
         a_graph_is_run_as_a_whole_and_predicted,
         access_patterns_are_records_that_calibrate, an_interrupted_run_leaves_a_whole_file,
         an_interrupted_probe_writes_nothing]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok {number} - {test.__name__}")
            except (AssertionError, KeyError, subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"not ok {number} - {test.__name__}")
                for line in f"{type(error).__name__}: {error}".splitlines():
                    print(f"# {line}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
