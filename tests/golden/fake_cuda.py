#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fake_cuda.py PERFSIM LIBRARY: the GPU's side without a GPU (TAP).

LIBRARY stands for driver, compiler, monitor and BLAS (tests/fake). It counts time: a
kernel takes a millisecond.
"""
import ctypes
import json
import os
import pathlib
import subprocess
import sys
import tempfile

PERFSIM = os.path.abspath(sys.argv[1])
LIBRARY = os.path.abspath(sys.argv[2])
NAMES = ["libcuda.so.1", "libnvrtc.so", "libnvidia-ml.so.1", "libcublas.so"]
ADD = {"op": "elementwise", "function": "add", "elements": 1000, "dtype": "fp32"}
TRANSPOSE = {"op": "transpose", "rows": 30, "cols": 20, "dtype": "fp32", "cache": "hot"}
DECODE = {"op": "attention", "algorithm": "flash_decode", "heads": 2, "kv_heads": 1,
          "seq_q": 1, "seq_kv": 600, "head_dim": 64, "dtype": "bf16"}
POOL = {"op": "pool2d", "channels": 8, "height": 4, "width": 4, "kernel": [2, 2],
        "dtype": "fp32"}
# What a fake device need not do in full.
SIZES = ["m", "n", "rows", "batch", "heads", "kv_heads", "indices", "table_rows",
         "height", "width", "seq_q", "seq_kv"]
# They end the process before anything is measured, or give back what was taken.
UNASKED = {"cuGetErrorString", "nvrtcVersion", "cuStreamQuery", "cuDeviceGetAttribute",
           "cuFuncGetAttribute", "cuDeviceGetPCIBusId"}


def fake(folder, names=NAMES):
    libraries = folder / "lib"
    libraries.mkdir(exist_ok=True)
    for name in names:
        (libraries / name).symlink_to(LIBRARY)
    return {**os.environ, "LD_LIBRARY_PATH": str(libraries),
            "FAKE_CUDA_LOG": str(folder / "log")}


def run(environment, *words):
    return subprocess.run([PERFSIM, *map(str, words)], capture_output=True, text=True,
                          timeout=240, check=False, stdin=subprocess.DEVNULL,
                          env=environment)


def measure(folder, ops, environment=None, device="cuda:0", **more):
    path = folder / "w.json"
    path.write_text(json.dumps({"schema": "perfsim/workload/v1", "ops": ops}),
                    encoding="utf-8")
    environment = {**(environment or fake(folder)), **more}
    out = folder / "m.json"
    out.unlink(missing_ok=True)
    done = run(environment, "measure", path, "--device", device, "-o", out)
    file = json.loads(out.read_text(encoding="utf-8")) if out.exists() else None
    return done, file


def log(folder):
    return [line.split(" ", 1)[1].rsplit(" ", 1)[0] if line.startswith("call") else line
            for line in (folder / "log").read_text(encoding="utf-8").splitlines()]


def ops_are_run_checked_and_timed(folder):
    done, file = measure(folder, [ADD, TRANSPOSE])
    assert done.returncode == 0, done.stderr
    assert file["device"] == "Fake GPU 0"
    assert file["software"] == ("perfsim's kernels by NVRTC 13.0 for sm_80, "
                                "driver for CUDA 13.0")
    add, transpose = file["records"]
    assert add["library"] == "stream" and transpose["library"] == "transpose"
    # 1000 x 4 B are 4,096 B of memory; three tensors, and a cache of 65,536 B: twice
    # that are 10.7 sets, and two more make 12. Each of them is called once a graph,
    # since three calls of 1 ms are enough for 2.5 ms.
    assert add["measured"]["calls"] == 12 and add["measured"]["cache"] == "cold"
    assert transpose["measured"]["calls"] == 3
    assert transpose["measured"]["cache"] == "hot"
    for record in (add, transpose):
        got = record["measured"]
        assert abs(got["time_s"] - 1e-3) < 1e-9 and got["repeat_spread"] == 0
        assert got["repeats"] == 11 and got["timing"] == "graph"
        # Counters of all units go at 1,500 MHz.
        assert abs(got["clock_hz"] - 1.5e9) < 1e3
        assert abs(got["sustained_time_s"] - 1e-3) < 1e-9
        assert got["power_w"] > 0 and got["energy_j"] > 0 and got["error"] <= 1


def results_are_poisoned_before_and_looked_at_before_they_are_timed(folder):
    done, _ = measure(folder, [ADD])
    assert done.returncode == 0, done.stderr
    calls = log(folder)
    first = calls.index("stream")
    poison = len(calls) - 1 - calls[::-1].index("cuMemsetD8Async", len(calls) - first)
    look, record = calls.index("count_wrong"), calls.index("cuStreamBeginCapture_v2")
    assert calls.index("fill_random") < poison < first < look < record
    assert calls.index("sample") < record
    assert calls[-1] == "closed library 1"
    assert not any(line.startswith("left") for line in calls)


def a_wrong_result_is_not_timed(folder):
    gemm = {"op": "gemm", "m": 4, "n": 4, "k": 4, "dtype": "fp32", "library": "tiled"}
    done, file = measure(folder, [{**ADD, "function": "sub"}, gemm, ADD])
    assert len(file["records"]) == 1
    unwritten, wrong = file["skipped"]
    assert "its kernel 'stream' is wrong: elements are not written" in unwritten["reason"]
    assert "its kernel 'tiled' is wrong: element 3 is" in wrong["reason"]
    assert "warning: gemm: not measured: its kernel 'tiled' is wrong" in done.stderr


def a_graph_is_run_as_a_whole(folder):
    other = {**TRANSPOSE, "rows": 20, "cols": 30}
    graph = {"op": "graph", "repeat": 3, "ops": [TRANSPOSE, other]}
    environment = fake(folder)
    done, file = measure(folder, [graph, ADD], environment)
    assert done.returncode == 0, done.stderr
    # Each of its ops, the other op, then the graph: three times two kernels of 1 ms.
    assert len(file["records"]) == 4
    whole = file["records"][-1]
    assert whole["workload"]["op"] == "graph" and whole["workload"]["repeat"] == 3
    assert whole["workload"]["launch"] == "graph"
    assert abs(whole["measured"]["time_s"] - 6e-3) < 1e-9
    long = {"op": "graph", "repeat": 4097, "ops": [TRANSPOSE]}
    many = {"op": "graph", "ops": [{**TRANSPOSE, "rows": 2 + i} for i in range(65)]}
    done, file = measure(folder, [long, many, ADD], environment)
    reasons = [s["reason"] for s in file["skipped"]]
    assert reasons == ["it repeats too often; up to 4096 ops are run in all",
                       "its list is too long; up to 64 ops are run"], reasons


def access_patterns_are_records(folder):
    environment = fake(folder)
    out = folder / "m.json"
    done = run(environment, "measure", "--micro", "--device", "cuda:0", "-o", out)
    assert done.returncode == 0, done.stderr
    records = json.loads(out.read_text(encoding="utf-8"))["records"]
    # From 8 KiB to a quarter of the memory, 256 MiB: 16 doublings.
    assert [r["workload"]["bytes"] for r in records] == [8192 << i for i in range(16)]
    # The chain of the fake takes 40 cycles a step, with the first-level cache.
    assert {r["measured"]["cycles"] for r in records} == {40}
    assert not [line for line in log(folder) if line.startswith("left")]


def what_it_cannot_do_is_said(folder):
    rows = [
        ({"op": "batchnorm", "rows": 64, "cols": 8, "dtype": "fp32"},
         "it has no kernel for the op"),
        ({**ADD, "library": "blas"}, "it has no kernel of that library for the op"),
        ({"op": "gemm", "m": 8, "n": 8, "k": 8, "dtype": "bf16", "library": "wgmma"},
         "compute capability 9.0 is needed"),
        ({"op": "gemm", "m": 8, "n": 8, "k": 9, "dtype": "bf16", "library": "mma"},
         "rows of whole 16 B are needed"),
        ({"op": "gemm", "m": 8, "n": 8, "k": 16, "dtype": "fp8", "library": "mma"},
         "compute capability 8.9 is needed"),
        ({"op": "gemm", "m": 8, "n": 8, "k": 8, "dtype": "int8", "library": "mma"},
         "rows of whole 16 B are needed"),
        ({**DECODE, "heads": 17}, "it is done for up to 16 heads that share keys"),
        ({**DECODE, "head_dim": 96},
         "it is done for head dimensions of 64, 128 and 256 only"),
        ({**POOL, "layout": "nchw"}, "it is done in layout nhwc only"),
        ({**POOL, "dtype": "int8"}, "it is done in fp64, fp32, bf16 and fp16 only"),
        ({**POOL, "padding": [2, 2]}, "its padding is as large as its windows"),
        ({**POOL, "height": 40000}, "it is done up to 32767 pixels a side"),
        ({**POOL, "batch": 1 << 20, "channels": 1 << 12}, "it is done up to 2^31"),
        ({"op": "conv2d", "algorithm": "implicit_gemm", "in_channels": 8,
          "out_channels": 8, "height": 8, "width": 8, "kernel": [1, 1], "dtype": "fp16",
          "epilogue": ["max_pool"], "pool": [3, 1]},
         "it is done with windows of 2, 4, 8, 16, 32 or 64 pixels"),
        ({"op": "nbody", "bodies": 64, "dtype": "bf16"},
         "it is done in fp32 and fp64 only"),
        ({"op": "fft", "length": 12, "dtype": "complex64"}, "is no power of two"),
        ({"op": "fft", "length": 1 << 25, "dtype": "complex64"}, "lengths up to 2^24"),
        ({**ADD, "elements": 1 << 22}, "it takes more than the free memory"),
    ]
    done, file = measure(folder, [op for op, _ in rows] + [ADD])
    assert done.returncode == 0, done.stderr
    for skipped, (_, reason) in zip(file["skipped"], rows):
        assert reason in skipped["reason"], skipped


def each_failing_call_ends_in_a_message_and_leaves_nothing(folder):
    environment = fake(folder)
    measure(folder, [ADD, TRANSPOSE], environment)
    functions = sorted({name for name in log(folder) if name.startswith(("cu", "nvrtc"))}
                       - UNASKED)
    assert len(functions) > 25, functions
    for name in functions:
        (folder / "log").unlink()
        done, file = measure(folder, [ADD, TRANSPOSE], environment,
                             FAKE_CUDA_FAIL=f"{name}:1")
        said = (f"{name}: ", done.returncode, done.stderr)
        assert done.returncode == 1 and file is None, said
        error = done.stderr.strip().splitlines()[-1]
        assert error.startswith("perfsim: error: cuda:0: "), said
        assert "unspecified launch failure (error 719)" in error or \
            "compiler" in error, said
        assert log(folder)[-1] == "closed library 1", said
        assert not [line for line in log(folder) if line.startswith("left")], said


def later_calls_may_fail_as_well(folder):
    environment = fake(folder)
    for call in ("cuLaunchKernel:9", "cuMemAlloc_v2:5", "cuEventRecord:3",
                 "cuGraphLaunch:4", "cuStreamEndCapture:2", "cuModuleLoadData:3",
                 "cuStreamSynchronize:7", "cuEventCreate:8", "cuStreamQuery:1"):
        (folder / "log").unlink(missing_ok=True)
        done, file = measure(folder, [ADD, TRANSPOSE], environment, FAKE_CUDA_FAIL=call)
        assert done.returncode == 1 and file is None, (call, done.stderr)
        assert not [line for line in log(folder) if line.startswith("left")], call


# What precedes each message of the device.
ERROR = "perfsim: error: "
TAKING = "cuda:0: taking memory failed: unspecified launch failure (error 719)"
COMPILER = "cuda:0: the compiler fails at stream.cu: NVRTC_ERROR_INTERNAL_ERROR"
REFUSES = "cuda:0: the compiler (NVRTC 13.0, for sm_80) refuses stream.cu: error: no more"
OLD_DEVICE = "cuda:0: its compute capability is 7.0; 8.0 is needed for a probe"
NO_DEVICE = "cuda:7: there is no such device; the driver has 1"
# One literal each: tests/house looks for them.
NO_DRIVER = "cuda:0: it cannot be used: no driver: libcuda.so.1: cannot open shared object file: No such file or directory"  # noqa: E501


def messages_are_whole(folder):
    environment = fake(folder)
    for call, want in (("cuMemAlloc_v2:1", TAKING), ("nvrtcCreateProgram:1", COMPILER),
                       ("nvrtcCompileProgram:1", REFUSES)):
        done, _ = measure(folder, [ADD], environment, FAKE_CUDA_FAIL=call)
        assert done.stderr.strip().splitlines()[-1] == ERROR + want, done.stderr


def a_probe_writes_a_machine_file_that_predicts(folder):
    """Times of the fake are no machine's, so no figure is looked at but counted ones."""
    environment = fake(folder)
    for capability, wgmma in (("80", False), ("90", True)):
        path = folder / "gpu.yaml"
        done = run({**environment, "FAKE_CUDA_CAPABILITY": capability}, "probe",
                   "--device", "cuda:0", "-o", path)
        assert done.returncode == 0, done.stderr
        text = path.read_text(encoding="utf-8")
        # 2,048 lanes and 65,536 registers a unit, four schedulers, four units.
        assert "holds: {warps: 16}" in text and "number: 4" in text
        assert "size: {value: 65536 B, confidence: datasheet" in text
        # Cycles of all units go at 1.5 GHz; a kernel takes a millisecond.
        assert "clock: {value: 1.5 GHz, confidence: measured" in text
        assert "graph: {value: 1 ms, confidence: measured" in text
        assert ("name: wgmma" in text) == wgmma
        # Two of four units have half of their lines 150 cycles farther away than the
        # 290 of a chain; each reads 64 B a cycle.
        assert "latency: {value: 290 cycles, confidence: measured" in text
        assert "    partitions: 2 #" in text
        assert ("far latency 440 cycles (probe: lines that a unit of the other half has "
                "read, 2 of 4 units; tenths: 440 and 440 cycles; near: 290 and 290; "
                "spread 0.0 %). A unit reads 64 B/cycle near (spread 0.0 %), "
                "and 64 B/cycle where half is far") in text
        assert run(environment, "check", path).returncode == 0
        words = ["gemm", "m=256", "n=256", "k=256", "dtype=bf16", "library=mma"]
        assert run(environment, "run", path, *words).returncode == 0
        assert not [line for line in log(folder) if line.startswith("left")]


def each_failing_call_ends_a_probe(folder):
    environment = fake(folder)
    run(environment, "probe", "--device", "cuda:0", "-o", folder / "gpu.yaml")
    functions = sorted({name for name in log(folder) if name.startswith(("cu", "nvrtc"))}
                       - UNASKED)
    for name in functions:
        (folder / "log").unlink()
        (folder / "gpu.yaml").unlink(missing_ok=True)
        done = run({**environment, "FAKE_CUDA_FAIL": f"{name}:1"}, "probe", "--device",
                   "cuda:0", "-o", folder / "gpu.yaml")
        assert done.returncode == 1, (name, done.stderr)
        assert not (folder / "gpu.yaml").exists(), name
        assert "perfsim: error: cuda:0: " in done.stderr, (name, done.stderr)
        assert not [line for line in log(folder) if line.startswith("left")], name


def an_old_device_is_not_probed(folder):
    done = run({**fake(folder), "FAKE_CUDA_CAPABILITY": "70"}, "probe", "--device",
               "cuda:0")
    assert done.returncode == 1
    assert done.stderr.strip() == ERROR + OLD_DEVICE, done.stderr


def own_kernels_of_an_h200_are_predicted_from_its_probe(_):
    """What probe, measure and compare said there; the model may have moved since."""
    compared = json.loads(run(os.environ, "compare", "data/h200-perfsim-probe.yaml",
                              "data/h200-perfsim-kernels.json", "--format",
                              "json").stdout)
    overall = [row for row in compared["summary"]
               if row["group"] == "all" and row["metric"] == "time"]
    assert len(compared["records"]) == 148 and not compared["skipped"]
    assert overall[0]["mape"] <= 0.12, overall[0]


def a_device_that_is_not_there_is_refused(folder):
    done, file = measure(folder, [ADD], device="cuda:7")
    assert done.returncode == 1 and file is None
    assert done.stderr.strip() == ERROR + NO_DEVICE


def without_a_driver_it_says_so(folder):
    try:
        ctypes.CDLL("libcuda.so.1")
        return # this machine has one
    except OSError:
        pass
    done, file = measure(folder, [ADD], fake(folder, []))
    assert done.returncode == 1 and file is None
    assert done.stderr.strip() == ERROR + NO_DRIVER


def without_monitor_or_blas_it_measures(folder):
    done, file = measure(folder, [ADD], fake(folder, NAMES[:2]))
    assert done.returncode == 0, done.stderr
    got = file["records"][0]["measured"]
    if "energy: libnvidia-ml.so.1: cannot open" in file["note"]:
        assert "energy_j" not in got and "power_w" not in got


def all_sources_compile(folder):
    """By the real compiler, where there is one: the driver is fake, so that what was
    compiled is not run, and results are wrong."""
    suite = json.loads(pathlib.Path("workloads/gpu_suite.json").read_text("utf-8"))
    environment = fake(folder, NAMES[:1])
    small = [{**op, **{key: min(op[key], 64) for key in SIZES if key in op}}
             for op in suite["ops"]]
    for capability in ("80", "90"):
        done, _ = measure(folder, small, environment, FAKE_CUDA_CAPABILITY=capability)
        if "no compiler (NVRTC)" in done.stderr:
            print("# skipped: no NVRTC is installed")
            return
        assert "refuses" not in done.stderr, done.stderr
        assert "its kernel" in done.stderr, done.stderr


def an_energy_that_cannot_be_read_is_left_out(folder):
    environment = fake(folder)
    for call, reason in (("nvmlInit_v2:1", "NVML does not start"),
                         ("nvmlDeviceGetHandleByPciBusId_v2:1",
                          "NVML does not know the device"),
                         ("nvmlDeviceGetTotalEnergyConsumption:1", "NVML's counter")):
        done, file = measure(folder, [ADD], environment, FAKE_CUDA_FAIL=call)
        assert done.returncode == 0, done.stderr
        assert reason in file["note"]
        assert "energy_j" not in file["records"][0]["measured"]
        assert not [line for line in log(folder) if line.startswith("left")], call


TESTS = [ops_are_run_checked_and_timed,
         results_are_poisoned_before_and_looked_at_before_they_are_timed,
         a_wrong_result_is_not_timed, a_graph_is_run_as_a_whole, access_patterns_are_records, what_it_cannot_do_is_said,
         each_failing_call_ends_in_a_message_and_leaves_nothing,
         later_calls_may_fail_as_well, messages_are_whole,
         a_probe_writes_a_machine_file_that_predicts, each_failing_call_ends_a_probe,
         an_old_device_is_not_probed,
         own_kernels_of_an_h200_are_predicted_from_its_probe,
         a_device_that_is_not_there_is_refused, without_a_driver_it_says_so,
         without_monitor_or_blas_it_measures,
         all_sources_compile, an_energy_that_cannot_be_read_is_left_out]


def main():
    print(f"1..{len(TESTS)}")
    failed = 0
    for number, test in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                print(f"ok {number} - {test.__name__}")
            except (AssertionError, KeyError, ValueError,
                    subprocess.TimeoutExpired) as error:
                failed += 1
                print(f"not ok {number} - {test.__name__}")
                for line in f"{type(error).__name__}: {error}".splitlines():
                    print(f"# {line}")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
