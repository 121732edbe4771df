# SPDX-License-Identifier: MIT
"""What docs/MODEL.md says of known misses, held to the ratios of records.

A claim reads "0.7 to 1.05 <!-- gemm_*_int8 -->": the ratios, by both engines, of the
records with such ids lie in that range, and reach its ends; one number is a range of
its own. A file other than h200 stands before a colon.
"""
import fnmatch
import re

SECTION = re.compile(r"^## Known misses\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
CLAIM = re.compile(r"(\d+\.?\d*)(?:\s+to\s+(\d+\.?\d*))?\s*<!--\s*(?:([\w-]+):)?\s*([^>]*?)\s*-->")
HALF = 0.05  # a tenth is what a claim is rounded to


def claims(text):
    """(file, patterns, least, most) of each claim of the page."""
    section = SECTION.search(text)
    for found in CLAIM.finditer(section[1] if section else ""):
        least, most, file, patterns = found.groups()
        yield file or "h200", patterns.split(), float(least), float(most or least)


def met(ratios, file, patterns):
    """Ratios of the claim's records, by whatever engines ran."""
    return [ratio for (name, _), of in ratios.items() if name == file
            for record, ratio in of.items()
            if any(fnmatch.fnmatchcase(record, pattern) for pattern in patterns)]


def faults(text, ratios):
    """What the page says that is not so; @p ratios: {(file, engine): {id: ratio}}."""
    engines = {engine for _, engine in ratios}
    for file, patterns, least, most in claims(text):
        if not any(name == file for name, _ in ratios):
            continue
        found = met(ratios, file, patterns)
        what = f"docs/MODEL.md, known misses: {file}: {' '.join(patterns)}"
        if not found:
            yield f"{what}: no such record"
        elif min(found) < least - HALF or max(found) > most + HALF:
            yield f"{what}: {min(found):.2f} to {max(found):.2f}, not {least} to {most}"
        elif len(engines) > 1 and (min(found) > least + HALF or max(found) < most - HALF):
            yield f"{what}: only {min(found):.2f} to {max(found):.2f} of {least} to {most}"


HEADS = (re.compile(r"times, (\w+) engine: off by ([\d.]+) %"),
         re.compile(r"fit is off by ([\d.]+) % in the mean"))


def heads(text):
    """(engine, percent) of what the head of an overlay says of its own fit."""
    flat = re.sub(r"\n#\s*", " ", text)
    yield from ((engine, float(percent)) for engine, percent in HEADS[0].findall(flat))
    yield from (("analytic", float(percent)) for percent in HEADS[1].findall(flat))


def stale_heads(text, path, entry):
    """Where an overlay's head is not what the ledger finds."""
    for engine, percent in heads(text):
        scored = entry.get("engines", {}).get(engine)
        if scored and abs(scored["families"]["all"]["time"]["mape"] - percent) > HALF + 1e-9:
            yield (f"{path}: its head says {percent} % by the {engine} engine, it is "
                   f"{scored['families']['all']['time']['mape']} %")
