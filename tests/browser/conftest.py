"""A real browser and the built book. A machine without a browser skips these tests; CI does not."""

from __future__ import annotations

import os
from collections.abc import Iterator

import chromium
import figure_page
import firefox
import pytest
import site_of_book
from playwright.sync_api import Browser, Error, sync_playwright


# One browser a file: while playwright runs, its process cannot run the notebooks' kernels. A file for Firefox too says BOTH.
@pytest.fixture(scope="module")
def browser(request, tmp_path_factory) -> Iterator[Browser]:
    kind = {"chromium": chromium, "firefox": firefox}[getattr(request, "param", "chromium")]
    with sync_playwright() as playwright:
        try:
            opened = kind.launch(playwright, tmp_path_factory.mktemp("browser"))
        except Error as error:
            if kind.installed():
                raise
            stop = pytest.fail if os.environ.get("CI") else pytest.skip
            stop(f"{kind.HOW_TO_INSTALL} ({str(error).splitlines()[0]})")
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def site(browser: Browser) -> Iterator[str]:
    """The address of the built book's folder, ending in a slash: `site + "book/intro.html"` is a page."""
    reasons = site_of_book.build()
    assert not reasons, f"the book does not build:\n{reasons}"
    with site_of_book.served() as address:
        yield address


@pytest.fixture
def opened(browser, tmp_path):
    """opened(figure, ...) gives the page; at the end its console must be silent, and no other host asked."""
    visits = []

    def start(*figures, **context):
        manager = figure_page.visit(browser, tmp_path, *figures, **context)
        visits.append((manager, manager.__enter__()))
        return visits[-1][1].page

    yield start
    said = [(visited.console, visited.outside) for _, visited in visits]
    for manager, _ in visits:
        manager.__exit__(None, None, None)
    assert all(words == ([], []) for words in said), said
