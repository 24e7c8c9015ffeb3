"""The links of the built book that lead nowhere inside it: no such file, or no such place in it."""

from __future__ import annotations

import functools
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from freshness import BUILD


class _Page(HTMLParser):
    """The places that a page has, and the links that it makes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name == "id":
                self.places.add(value or "")
            elif name in ("href", "src"):
                self.links.add(value or "")


@functools.cache
def _read(path: str) -> _Page:
    return _Page((BUILD / "html" / path).read_text(encoding="utf-8"))


def broken(path: str) -> list[str]:
    """The links of the page at `path`, as it writes them. Links to other hosts are not followed."""
    return sorted(link for link in _read(path).links if not (urlsplit(link).scheme or _leads_somewhere(path, link)))


def _leads_somewhere(path: str, link: str) -> bool:
    target = urlsplit(urljoin(f"http://book/{path}", link))
    file, place = unquote(target.path.lstrip("/")), unquote(target.fragment)
    if not (BUILD / "html" / file).is_file():
        return False
    return not place or place in _read(file).places
