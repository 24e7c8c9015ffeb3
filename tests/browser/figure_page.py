"""A page of its own for live figures: the script, the style and the markup are those of the built book."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import site_of_book
from conv_lib.figures.base import LiveFigure
from conv_lib.figures.bundle import page_script, page_style
from conv_lib.figures.photo import photo_script
from environment import ROOT
from playwright.sync_api import Browser, Locator


def html(*figures: LiveFigure) -> str:
    modules = sorted({figure.module for figure in figures})
    states = (json.dumps({"figure": figure.module, "state": figure.state}).replace("<", "\\u003c") for figure in figures)
    places = "".join(f'<div class="cl-live"><script type="application/json">{state}</script></div>' for state in states)
    book = "".join((ROOT / "book" / "_theme" / "static" / name).read_text(encoding="utf-8") for name in ("colours.css", "text.css"))
    page_css = "body { max-width: 46rem; margin: 1rem auto; padding: 0 1rem; } html { background: var(--cl-paper); color: var(--cl-ink); }"
    dark = "document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';"
    return (
        '<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>Figures</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<script>{dark}</script><style>{book}{page_style(modules)}{page_css}</style></head>"
        f'<body><main><h1>Figures</h1>{places}</main><script src="live-figures.js"></script></body></html>'
    )


def write(folder: Path, *figures: LiveFigure, link: str = "") -> str:
    """Write a page with these figures into `folder`; gives its address, with `link` as the part behind the #."""
    folder.mkdir(exist_ok=True)
    page = folder / "figures.html"
    page.write_text(html(*figures), encoding="utf-8")
    (folder / "live-figures.js").write_text(page_script(sorted({figure.module for figure in figures})), encoding="utf-8")
    (folder / "live-photo.js").write_text(photo_script(), encoding="utf-8")
    return page.as_uri() + (f"#{link}" if link else "")


@contextmanager
def visit(browser: Browser, folder: Path, *figures: LiveFigure, link: str = "", **context) -> Iterator[site_of_book.Visit]:
    """Open a page with these figures from disk, in a fresh profile."""
    with site_of_book.visit(browser, write(folder, *figures, link=link), **context) as visited:
        site_of_book.started(visited.page)
        yield visited


def tap(target: Locator, **where) -> None:
    """A finger's tap, or in Firefox, whose desktop makes no clicks of touches, a click."""
    is_firefox = target.page.context.browser.browser_type.name == "firefox"
    (target.click if is_firefox else target.tap)(**where)
