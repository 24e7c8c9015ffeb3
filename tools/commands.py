"""The commands of the project. Each sets up all that it needs, and a second run of it is quick."""

from __future__ import annotations

import os
import shutil
import subprocess

import chromium
import environment
import freshness
from environment import PYTHON, ROOT, SAFE_KERNELS
from lock import locked

DESCRIPTIONS = {
    "book": "execute every notebook and build the book",
    "test": "run all tests, and compare the notebooks with their stored outputs",
    "audit": "measure every built page: speed, access, size, links",
    "lab": "open the notebooks in JupyterLab",
    "refresh": "execute every notebook and store its outputs in it",
    "pdf": "print the whole book into one PDF, which its page of downloads then offers",
    "links": "follow every link of the book to another site",
    "lint": "check the style of the Python code",
    "clean": "remove what was built (.venv stays)",
}

# Two test processes. One keeps a file: the cells of a notebook share a kernel, and the browser tests a browser. A process that
# dies ends the run: with a new one in its place `loadfile` waits for ever for the tests that the lost one still held.
PROCESSES = ("-n", "2", "--dist", "loadfile", "--max-worker-restart=0")


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in DESCRIPTIONS:
        print("Usage: python3 tools/run.py COMMAND")
        for name, description in DESCRIPTIONS.items():
            print(f"  {name:8} {description}")
        return 2
    name, extra = arguments[0], arguments[1:]
    if name == "clean":
        return clean()
    environment.ensure()
    commands = {"book": book, "test": test, "audit": audit, "lab": lab, "refresh": refresh, "pdf": pdf, "links": links, "lint": lint}
    return commands[name](extra)


def book(extra: list[str]) -> int:
    with locked(ROOT / "_build" / "lock"):
        if not freshness.book_is_fresh():
            freshness.drop_stale_builds()
            code = _jupyter_book("-W", "--keep-going", *extra)
            if code:
                print("The book was not built: each WARNING and ERROR above has to go.")
                return code
            freshness.mark_book_fresh()
    print(f"The book is built. Open {freshness.INDEX.relative_to(ROOT).as_posix()}")
    print(f"  {freshness.INDEX.as_uri()}")
    return 0


def test(extra: list[str]) -> int:
    chromium.ensure()
    return _python("-m", "pytest", *PROCESSES, "-ra", *extra)


def audit(extra: list[str]) -> int:
    chromium.ensure()
    return _python("tools/audit.py", *extra)


def lab(extra: list[str]) -> int:
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return _python("-m", "jupyterlab", *as_root, *extra, "book/intro.ipynb")


def refresh(extra: list[str]) -> int:
    return _python("tools/refresh.py", *extra)


def pdf(extra: list[str]) -> int:
    chromium.ensure()
    return book(extra) or _python("tools/pdf.py")


def links(extra: list[str]) -> int:
    with locked(ROOT / "_build" / "lock"):
        return _jupyter_book("--builder", "custom", "--custom-builder", "linkcheck", *extra)


def lint(extra: list[str]) -> int:
    return _python("-m", "ruff", "check", *extra, ".")


def clean() -> int:
    for name in ("_build", "build", "conv_lib.egg-info", ".pytest_cache", ".ruff_cache", ".hypothesis"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    return 0


def _jupyter_book(*options: str) -> int:
    return _python("-c", "from jupyter_book.cli.main import main; main()", "build", *options, ".")


def _python(*arguments: str) -> int:
    try:
        return subprocess.run([str(PYTHON), *arguments], cwd=ROOT, env=os.environ | SAFE_KERNELS).returncode
    except KeyboardInterrupt:
        return 130
