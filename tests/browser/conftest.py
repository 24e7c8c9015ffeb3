"""A real browser and the built book. A machine without a browser skips these tests; CI does not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import chromium
import figure_page
import firefox
import pytest
import site_of_book
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

expect.set_options(timeout=60_000)  # what is meant comes, however busy the machine, or it never does


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


@pytest.fixture(scope="module")
def tabs(browser) -> Iterator[Callable[..., site_of_book.Visit]]:
    """tabs(**context) gives the page of that kind of context, one for all tests of a file: a new one costs Firefox a second."""
    with ExitStack() as open_pages:
        kept = {}

        def tab(**context) -> site_of_book.Visit:
            kind = json.dumps(context)
            if kind not in kept:
                kept[kind] = open_pages.enter_context(site_of_book.visit(browser, "about:blank", **context))
            return kept[kind]

        yield tab


@pytest.fixture
def opened(tabs, tmp_path):
    """opened(figure, ...) shows them and gives the page; at the end its console must be silent, and no other host asked."""
    used = []

    def start(*figures, link="", width=1280, height=900, dark=False, **context) -> Page:
        visited = tabs(**context)
        used.append(visited)
        page = visited.page
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.bring_to_front()
        page.mouse.move(0, 0)
        page.goto(figure_page.write(tmp_path / str(len(used)), *figures, link=link), wait_until="load")
        return site_of_book.started(page)

    yield start
    said = [(visited.console.copy(), visited.outside.copy()) for visited in used]
    for visited in used:
        visited.page.goto("about:blank")  # what plays here ends here
        visited.console.clear()
        visited.outside.clear()
    assert all(words == ([], []) for words in said), said
