"""Is what was built still what its sources say? A digest of the sources answers."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from environment import ROOT

BUILD = ROOT / "_build"
INDEX = BUILD / "html" / "index.html"

# A notebook's outputs follow from its own cells, which the cache of executed notebooks knows, and from these.
EXECUTION_SOURCES = ["conv_lib", "requirements.txt", "constraints.txt"]
BOOK_SOURCES = [*EXECUTION_SOURCES, "book", "_config.yml", "_toc.yml"]

# The texts of the pages; all else that a page is read with is the same for every page.
TEXTS = frozenset({".ipynb", ".md"})


def book_is_fresh() -> bool:
    return INDEX.exists() and _holds("book", _digest(BOOK_SOURCES))


def mark_book_fresh() -> None:
    """Note what the book was built from, once it is built without a fault: a document that was read with one is read again."""
    _stamp("reading").write_text(_digest(BOOK_SOURCES, by_name=TEXTS))
    _stamp("book").write_text(_digest(BOOK_SOURCES))


def drop_stale_builds() -> None:
    """Remove the built pages, and what they were made from as far as more than the text of a page has changed since.

    The executed notebooks go if conv_lib or a package changed, the read documents if anything did that is not the text of one
    page, or a page came or went: a link between two is settled when one is read, whatever becomes of the other.
    """
    BUILD.mkdir(exist_ok=True)
    _stamp("book").unlink(missing_ok=True)
    _drop("html")
    if not _holds("reading", _digest(BOOK_SOURCES, by_name=TEXTS)):
        _drop(".doctrees", "jupyter_execute")
    _stamp("reading").unlink(missing_ok=True)
    wanted = _digest(EXECUTION_SOURCES)
    if not _holds("execution", wanted):
        _drop(".jupyter_cache")
        _stamp("execution").write_text(wanted)


def _stamp(what: str) -> Path:
    return BUILD / f"{what}.sha256"


def _holds(what: str, wanted: str) -> bool:
    return _stamp(what).exists() and _stamp(what).read_text() == wanted


def _drop(*folders: str) -> None:
    for name in folders:
        shutil.rmtree(BUILD / name, ignore_errors=True)


def _digest(sources: list[str], by_name: frozenset[str] = frozenset()) -> str:
    """A digest of all files of the sources; of those with an ending in `by_name` only the name counts."""
    digest = hashlib.sha256()
    for name in _files(sources):
        content = b"" if Path(name).suffix in by_name else (ROOT / name).read_bytes()
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def _files(sources: list[str]) -> Iterator[str]:
    for source in sources:
        path = ROOT / source
        paths = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in paths:
            if file.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(file.parts):
                yield file.relative_to(ROOT).as_posix()
