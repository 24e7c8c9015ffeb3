"""The pages for an address that is not there: 404.html, which a server shows, and not-found.html, to which that leads (book/_theme)."""

from __future__ import annotations

from collections.abc import Iterator

from sphinx.application import Sphinx


def pages(app: Sphinx) -> Iterator[tuple[str, dict, str]]:
    for name in ("not-found", "404"):
        yield name, {}, f"{name}.html"


def setup(app: Sphinx) -> dict:
    app.connect("html-collect-pages", pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
