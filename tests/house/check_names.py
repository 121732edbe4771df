#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""No vendor, product or device is named in the sources: the machine is data."""
import re

import tree

# Folders whose business is one vendor's interface or one foreign format.
EXEMPT = ("src/measure/", "src/import/")
# Whole words, in any case; _ stands for a space, a hyphen, an underscore or nothing.
NAMES = r"""
    nvidia amd intel google apple qualcomm broadcom xilinx altera cerebras graphcore
    groq tenstorrent huawei texas_instruments
    geforce rtx quadro tesla hopper ampere volta turing blackwell ada_lovelace
    a30 a40 a100 a800 h100 h200 h800 gh200 b100 b200 b300 gb200 gb300 l40s? v100 dgx
    nvlink nvswitch nvml nvrtc nvcc cuda cublas cublaslt cudnn cutlass cufft cusparse
    nccl tensorrt triton radeon mi_[123]\d\d[axp]? cdna_\d? rdna_\d? rocm rocblas miopen
    zen_\d epyc ryzen threadripper xeon skylake icelake golden_cove raptor_lake
    avx_\d* amx mkl onednn openblas
    tpu tpu_v\d\w? trainium inferentia gaudi_\d?
    c66x? c6678 tms320\w* versal alveo stratix
    pytorch tensorflow jax
""".split()
# Letters and digits bound a word, underscores do not: a100_peak names a device.
WORD = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(NAMES).replace('_', '[ _-]?')})"
                  r"(?![A-Za-z0-9])", re.IGNORECASE)


def main():
    verdict = tree.Verdict()
    for path in tree.files("src/**/*.[ch]", "include/**/*.h"):
        if path.as_posix().startswith(EXEMPT):
            continue
        for number, line in enumerate(tree.read(path).splitlines(), 1):
            for found in WORD.finditer(line):
                verdict.fault(path, number, f"'{found[0]}' names a vendor, product or "
                              "device; the machine is data")
    verdict.leave()


main()
