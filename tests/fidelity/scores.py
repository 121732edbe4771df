# SPDX-License-Identifier: MIT
"""Families of ops, and how far predictions of a family are off."""
import math

STEADY_SPREAD = 0.05 # as perfsim compare draws the line
ALIGNED_BYTES = 16 # rows that bulk copies can take
DTYPE_BYTES = {"fp8": 1, "bf16": 2, "fp16": 2}
MEMORY_BOUND = {"copy", "elementwise", "softmax", "layernorm", "rmsnorm", "reduce",
                "transpose", "gather", "pool2d", "fft"}
MODELS = {"transformer_block", "model"}
# In the order of the page; a record is in `all`, in one family and perhaps in a part.
FAMILIES = ["all", "gemm, 16 and 8 bit, aligned", "gemm, other", "attention",
            "attention/naive", "attention/flash2", "attention/flash3",
            "attention/flash_decode", "conv2d", "memory-bound ops", "blocks and models",
            "other"]
METRICS = ["time", "time, steady", "energy", "energy, steady"]


def is_aligned(op):
    """Whether the rows of A, of B and of the result are whole pieces of a bulk copy."""
    bytes_each = DTYPE_BYTES.get(op.get("dtype"))
    return (bytes_each is not None
            and op["k"] * bytes_each % ALIGNED_BYTES == 0
            and op["n"] * bytes_each % ALIGNED_BYTES == 0)


def families(op):
    """All families of an op."""
    name = op.get("op")
    if name == "gemm":
        return ["all", FAMILIES[1] if is_aligned(op) else FAMILIES[2]]
    if name == "attention":
        return ["all", "attention", f"attention/{op.get('algorithm')}"]
    if name == "conv2d":
        return ["all", "conv2d"]
    if name in MEMORY_BOUND:
        return ["all", "memory-bound ops"]
    return ["all", "blocks and models" if name in MODELS else "other"]


def median(values):
    values = sorted(values)
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2


def percent(part):
    """To a hundredth of a percent: below it compilers differ."""
    return round(100 * part, 2)


def score(pairs):
    """Errors of (predicted, measured), in percent; bias is the mean of the logarithm."""
    apes = sorted(abs(p / m - 1) for p, m in pairs)
    return {
        "records": len(pairs),
        "mape": percent(sum(apes) / len(apes)),
        "median": percent(median(apes)),
        "p90": percent(apes[math.ceil(0.9 * len(apes)) - 1]),
        "bias": percent(sum(math.log(p / m) for p, m in pairs) / len(pairs)),
    }


def is_steady(record):
    spread = record["repeat_spread"]
    return spread is not None and spread <= STEADY_SPREAD


def metrics(records):
    """The score of each metric that these records have."""
    steady = [r for r in records if is_steady(r)]
    found = {}
    for name, chosen in (("time", records), ("time, steady", steady)):
        if not chosen:
            continue
        found[name] = score([(r["predicted_time_s"], r["measured_time_s"]) for r in chosen])
        found[name]["roofline"] = score(
            [(r["roofline_time_s"], r["measured_time_s"]) for r in chosen])["mape"]
    for name, chosen in (("energy", records), ("energy, steady", steady)):
        pairs = [(r["predicted_energy_j"], r["measured_energy_j"]) for r in chosen
                 if r["predicted_energy_j"] and r["measured_energy_j"]]
        if pairs:
            found[name] = score(pairs)
    return found


def worst(records, count):
    """The records whose time is off most."""
    ordered = sorted(records, key=lambda r: (-abs(r["ratio"] - 1), r["id"]))
    return [{"id": r["id"], "ratio": round(r["ratio"], 2), "bound_by": r["bound_by"]}
            for r in ordered[:count]]


def of_families(comparison, ops, count=5):
    """A comparison of perfsim by family: errors, and the worst records."""
    members = {family: [] for family in FAMILIES}
    for record in comparison["records"]:
        for family in families(ops[record["id"]]):
            members[family].append(record)
    return {family: {**metrics(records), "worst": worst(records, count)}
            for family, records in members.items() if records}
