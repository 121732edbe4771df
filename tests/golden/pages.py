#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""pages.py PERFSIM: what perfsim report writes, without a browser (TAP).

The page says what `perfsim run` says, has the same bytes each time and everywhere, and
is there whole or not at all.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

PERFSIM = os.path.abspath(sys.argv[1])
TIMEOUT_S = 240
DATA = re.compile(r'<script id="data" type="application/json">(.*?)</script>', re.DOTALL)


def run(*words, **environment):
    return subprocess.run([PERFSIM, *map(str, words)], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL,
                          env={**os.environ, **environment})


def ok(done):
    assert done.returncode == 0, done.stderr
    return done.stdout


def page(*words):
    return ok(run("report", *words))


def data(*words):
    return json.loads(DATA.search(page(*words)).group(1))


def close(a, b, within=1e-9):
    return a == b or abs(a - b) <= within * abs(b)


def numbers(text):
    return [None if word == "-" else float(word) for word in text.split()]


def says_what_run_says():
    for words in (("toy", "vector_add"), ("h200", "resnet50", "--sustained"),
                  ("a100", "gemm", "m=512", "n=512", "k=512", "dtype=fp16")):
        result = json.loads(ok(run("run", *words, "--format", "json")))
        one = data(*words, "--no-timeline")["runs"][0]
        for key, value in one["metrics"].items():
            want = result[key]
            assert value == want or close(value, want), (words, key, value, want)
        launches = [(one["kernels"][k]["name"], op, count)
                    for k, op, count, _ in one["launches"]]
        assert launches == [(k["name"], k["op"], k["count"]) for k in result["kernels"]]
        for (index, _, _, _), kernel in zip(one["launches"], result["kernels"]):
            for key in ("time_s", "bound_s", "fill_s", "tail_s", "energy_j", "flop"):
                assert one["kernels"][index][key] == kernel[key], (words, key)
        assert len(one["kernels"]) <= len(result["kernels"])


def steps_are_what_their_options_predict():
    one = data("h200", "gemm", "--no-timeline")
    keys = [metric["key"] for metric in one["metrics"]]
    tried = 0
    for knob in one["runs"][0]["knobs"]:
        step = knob["steps"][0]
        words = subprocess.run(["sh", "-c", f"printf '%s\\n' {step['options']}"], text=True,
                               capture_output=True, check=True).stdout.splitlines()
        done = run("run", "h200", "gemm", *words, "--format", "json")
        if "why_not" in step:
            assert done.returncode == 1 and step["why_not"] in done.stderr, step
            continue
        result = json.loads(ok(done))
        for key, value in zip(keys, numbers(step["metrics"])):
            want = result[key]
            assert (value is None) == (want is None), (knob["name"], key)
            assert want is None or close(value, want, 1e-4), (knob["name"], key, value, want)
        tried += 1
    assert tried >= 4, tried


def programs_are_those_of_explain():
    one = data("a100", "flash_attn", "--no-timeline")
    lines = one["lines"]
    program = one["runs"][0]["programs"][0]
    text = "".join(lines[int(i)] + "\n" for i in program["lines"].split())
    explained = ok(run("explain", "a100", "flash_attn", "--program"))
    assert explained.split("\n", 1)[1] == text
    # 64 heads x 32 tiles of queries: as many work-groups, each loads its queries once.
    first = next(i for i, line in enumerate(text.splitlines()) if "tile Q into q" in line)
    counts = numbers(program["counts"])
    rows = {int(counts[i]): counts[i + 1:i + 3] for i in range(0, len(counts), 3)}
    # 4 x 16 heads x 4096 x 128 elements of 2 B.
    assert rows[first] == [2048, 4 * 16 * 4096 * 128 * 2], rows[first]


def has_the_same_bytes_each_time():
    words = ("a100", "flash_attn", "--with", "seq_q=1024", "--with", "seq_kv=1024")
    first = page(*words)
    assert first == page(*words)
    again = run("report", *words, LC_ALL="de_DE.UTF-8", TZ="Asia/Tokyo", COLUMNS="40")
    assert first == ok(again)


def asks_nothing_of_a_network():
    text = DATA.sub("", page("toy", "vector_add"))
    assert "default-src 'none'" in text
    for word in ("http://", "https://", "//cdn", "@import", "url(", "<link", "<img", "<iframe"):
        # A name of XML, and a part of the same page.
        found = text.replace("http://www.w3.org/2000/svg", "").replace("url(#", "").find(word)
        assert found < 0, text[found - 40:found + 40]
    for call in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert call not in text, call


def is_there_whole_or_not_at_all():
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "page.html")
        done = run("report", "toy", "no_such_workload", "-o", path)
        assert done.returncode == 1 and "no_such_workload" in done.stderr
        done = run("report", "toy", "vector_add", "gemm", "-o", path)
        assert done.returncode == 1 and done.stderr.startswith("workloads/gemm.json:"), done.stderr
        assert not list(pathlib.Path(folder).iterdir())
        ok(run("report", "toy", "vector_add", "-o", path))
        assert path.read_text(encoding="utf-8").endswith("</html>\n")


def says_why_there_is_no_timeline():
    one = data("toy", "vector_add", "--no-timeline")["runs"][0]
    assert "timeline" not in one and one["no_timeline"] == "--no-timeline was given"
    with_one = data("toy", "vector_add")["runs"][0]
    assert with_one["no_timeline"] is None
    assert with_one["timeline"]["time_s"] > 0


def main():
    cases = [says_what_run_says, steps_are_what_their_options_predict,
             programs_are_those_of_explain, has_the_same_bytes_each_time,
             asks_nothing_of_a_network, is_there_whole_or_not_at_all,
             says_why_there_is_no_timeline]
    print(f"1..{len(cases)}")
    failed = 0
    for i, case in enumerate(cases):
        try:
            case()
            print(f"ok {i + 1} - {case.__name__}")
        except (AssertionError, ValueError, KeyError, AttributeError) as error:
            failed += 1
            print(f"not ok {i + 1} - {case.__name__}")
            print("\n".join("# " + line for line in repr(error)[:2000].splitlines()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
