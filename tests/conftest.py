"""What all tests share."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import environment
import pytest
from hypothesis import settings

# For this process and the kernels of the notebooks, before either loads torch; environment.py says why.
os.environ.update(environment.SAFE_KERNELS)

# An example may be the first to import torch: how long it takes says nothing about the code.
settings.register_profile("course", deadline=None, print_blob=True)
settings.load_profile("course")


@pytest.fixture(scope="session")
def root() -> Path:
    return Path(__file__).resolve().parent.parent


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(report: pytest.TestReport) -> None:
    """A test process that dies ends the run at once, named: the other one would first go through all the files that it holds."""
    import site_of_book  # Playwright is loaded when it is needed

    site_of_book.end_builds()
    pytest.exit(report.longrepr, returncode=pytest.ExitCode.TESTS_FAILED)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files in an order that keeps two processes busy to the end, with `--dist loadfile` and `--no-loadscope-reorder`.

    The largest file that needs the built book comes first, and builds it. Meanwhile the other process has the notebooks and the
    figures to test; then come the files that wait for the book, and last the many short ones.
    """
    needs_book = Counter(item.path for item in items if "site" in getattr(item, "fixturenames", ()))
    first = max(needs_book, key=needs_book.get, default=None)

    def place(item: pytest.Item) -> int:
        if item.path in needs_book:
            return 0 if item.path == first else 2
        return 1 if item.path.suffix == ".ipynb" or item.path.parent.name == "browser" else 3

    items.sort(key=place)
