"""The virtual environment .venv: made once, and brought up to date when a requirement changes."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import ssl
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "requirements.sha256"
REQUIREMENTS = [ROOT / name for name in ("requirements.txt", "constraints.txt", "pyproject.toml")]

# On processors with half-precision units (AVX512-FP16, AMX) oneDNN's float16 kernels, which torch 2.13 brings, crash the process.
SAFE_KERNELS = {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
SECONDS_TO_ANSWER = 4


def ensure() -> None:
    """Make .venv hold what requirements.txt asks for; returns at once where it already does."""
    wanted = _digest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
        return
    if not PYTHON.exists():
        _create()
    _install_torch()
    print("Installing the packages of requirements.txt into .venv ...", flush=True)
    if _pip("-r", "requirements.txt", "-c", "constraints.txt", "-e", "."):
        sys.exit("The packages could not be installed: pip's message above says which and why.")
    STAMP.write_text(wanted)


def _digest() -> str:
    # The folder is part of it: the editable install of conv_lib points there.
    digest = hashlib.sha256(str(ROOT).encode())
    for path in REQUIREMENTS:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _create() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        version = "%d.%d" % sys.version_info[:2]
        sys.exit(f"Python's venv module is missing: on Debian or Ubuntu, apt-get install python{version}-venv.")
    print("Making the virtual environment .venv (the first run takes a few minutes) ...", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)]).returncode:
        sys.exit("The virtual environment .venv could not be made: the message above says why.")


def _install_torch() -> None:
    """Take torch from PyTorch's own index of CPU builds, where that answers.

    Elsewhere the same version comes from the ordinary index with the other packages. On Linux that build
    carries CUDA: it works on the CPU too, and is some gigabytes larger.
    """
    pin = _torch_pin()
    if not _cpu_index_has(pin):
        print(f"PyTorch's index of CPU builds did not answer: {pin} comes from the ordinary index.", flush=True)
        return
    print(f"Installing {pin} for the CPU ...", flush=True)
    if _pip("--no-deps", "--index-url", CPU_INDEX, pin):
        print(f"PyTorch's index of CPU builds gave no {pin}: it comes from the ordinary index.", flush=True)


def _torch_pin() -> str:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    return next(line.split()[0] for line in lines if line.startswith("torch=="))


def _cpu_index_has(pin: str) -> bool:
    """True where the index lists the pinned version within SECONDS_TO_ANSWER, whatever the network does."""
    listed: list[bool] = []

    def ask() -> None:
        try:
            context = ssl.create_default_context()
            if os.environ.get("PIP_CERT"):
                context.load_verify_locations(os.environ["PIP_CERT"])
            with urllib.request.urlopen(f"{CPU_INDEX}/torch/", timeout=SECONDS_TO_ANSWER, context=context) as page:
                listed.append(pin.replace("==", "-").encode() in page.read())
        except (OSError, ValueError):
            listed.append(False)

    # A thread, since the timeout of urlopen counts for each address of the host, and not for looking up its name.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(SECONDS_TO_ANSWER)
    return listed == [True]


def _pip(*arguments: str) -> int:
    environment = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode
