"""Is what was built still what its sources say? A digest of the sources answers."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator

from environment import ROOT

BUILD = ROOT / "_build"
INDEX = BUILD / "html" / "index.html"

# A notebook's outputs follow from its own cells, which the cache of executed notebooks knows, and from these.
EXECUTION_SOURCES = ["conv_lib", "requirements.txt", "constraints.txt"]
BOOK_SOURCES = [*EXECUTION_SOURCES, "book", "_config.yml", "_toc.yml"]

_EXECUTION_STAMP = BUILD / "execution.sha256"
_BOOK_STAMP = BUILD / "book.sha256"


def book_is_fresh() -> bool:
    return INDEX.exists() and _BOOK_STAMP.exists() and _BOOK_STAMP.read_text() == _digest(BOOK_SOURCES)


def mark_book_fresh() -> None:
    _BOOK_STAMP.write_text(_digest(BOOK_SOURCES))


def drop_stale_builds() -> None:
    """Remove the built pages, and the executed notebooks too if conv_lib or a package changed since."""
    BUILD.mkdir(exist_ok=True)
    _BOOK_STAMP.unlink(missing_ok=True)
    # The read documents as well: a link between two is settled when one is read, whatever becomes of the other.
    for name in ("html", ".doctrees", "jupyter_execute"):
        shutil.rmtree(BUILD / name, ignore_errors=True)
    wanted = _digest(EXECUTION_SOURCES)
    if not _EXECUTION_STAMP.exists() or _EXECUTION_STAMP.read_text() != wanted:
        shutil.rmtree(BUILD / ".jupyter_cache", ignore_errors=True)
        _EXECUTION_STAMP.write_text(wanted)


def _digest(sources: list[str]) -> str:
    digest = hashlib.sha256()
    for name in _files(sources):
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()


def _files(sources: list[str]) -> Iterator[str]:
    for source in sources:
        path = ROOT / source
        paths = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in paths:
            if file.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(file.parts):
                yield file.relative_to(ROOT).as_posix()
