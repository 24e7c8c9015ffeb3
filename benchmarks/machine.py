"""What the race ran on, without names or paths."""

import os
import platform
import re
from pathlib import Path

import numpy as np
import torch


def describe():
    """Processor, cores, and versions, as a dict of words and numbers."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "torch": torch.__version__,
    }


def processor():
    """The model of the processor, and whether it has AVX-512."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    text = info.read_text(encoding="utf-8")
    model = re.search(r"model name\s*: (.*)", text)
    return (model[1] if model else platform.machine()) + (", AVX-512" if "avx512f" in text else "")
