"""The built book on a server of its own, and what a page asked for and said while it was open."""

from __future__ import annotations

import functools
import gzip
import http.server
import io
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import freshness
from environment import ROOT
from playwright.sync_api import Browser, Page, Route

# As on GitHub Pages, the book does not stand at the root of its host.
SUBPATH = "/some/course/"
# Pages lay out what the reader comes near to; a look at the whole page wants it all.
EVERYTHING = "* { content-visibility: visible !important }"
COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml"}


def pages() -> list[str]:
    """The pages of the book, as in _toc.yml: `book/intro`, ..."""
    return re.findall(r"(?:root|file): *(\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))


def chapters() -> list[str]:
    """Those of its pages that are notebooks."""
    return [page for page in pages() if (ROOT / f"{page}.ipynb").exists()]


def built_pages() -> list[str]:
    """The files of the built pages: `book/intro.html`, ... Not those that only lead on to another."""
    html = freshness.BUILD / "html"
    files = [path for path in sorted(html.rglob("*.html")) if not {"_static", "_sources"} & set(path.relative_to(html).parts)]
    return [path.relative_to(html).as_posix() for path in files if 'id="main-content"' in path.read_text(encoding="utf-8")]


@functools.cache
def build() -> str:
    """Build the book unless the built one is that of the sources as they are now. Returns why it could not, or nothing."""
    if freshness.book_is_fresh():
        return ""
    code, output = ended_with_this([sys.executable, "tools/run.py", "book"])
    if code == 0:
        return ""
    said = [line for line in output.splitlines() if "[IPKernelApp]" not in line]  # a kernel warns, the book does not
    return "\n".join([line for line in said if "WARNING" in line or "ERROR" in line][:20] or said[-20:])


def ended_with_this(command: list[str]) -> tuple[int, str]:
    """Run a command, which `end_builds` ends should this test process die. Returns its exit code and what it said."""
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    ) as process:
        mark = freshness.BUILD / f"building-{os.getppid()}-{process.pid}"
        mark.parent.mkdir(exist_ok=True)
        mark.touch()
        try:
            output, _ = process.communicate()
        except BaseException:
            _end(process.pid)
            raise
        finally:
            mark.unlink(missing_ok=True)
    return process.returncode, output


def end_builds() -> None:
    """End what test processes of this one have started and, since one of them died, no longer wait for."""
    for mark in freshness.BUILD.glob(f"building-{os.getpid()}-*"):
        _end(int(mark.name.rpartition("-")[2]))
        mark.unlink(missing_ok=True)


def _end(group: int) -> None:
    with suppress(ProcessLookupError, AttributeError):  # Windows has no groups to end
        os.killpg(group, signal.SIGTERM)


@functools.cache
def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes())


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Text goes out compressed, over connections that stay open, as from any host of static pages."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix(SUBPATH.rstrip("/")))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """As on GitHub Pages, 404.html stands in for whatever is missing."""
        if code != 404:
            return super().send_error(code, message, explain)
        page = (freshness.BUILD / "html" / "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page)

    def send_head(self) -> BinaryIO | None:
        path = Path(self.translate_path(self.path))
        if path.suffix not in COMPRESSED or not path.is_file():
            return super().send_head()
        body = _compressed(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path) + "; charset=utf-8")
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return io.BytesIO(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: a page that is not there shows up in the console of the page that asked."""


class _Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *arguments: object) -> None:
        """Say nothing: a page that is left while a file is on its way is no fault."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the built book under SUBPATH; gives the address of that folder."""
    handler = functools.partial(_Handler, directory=str(freshness.BUILD / "html"))
    server = _Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{SUBPATH}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Visit:
    """One open page, with every request it made to another host and every word of its console."""

    page: Page
    outside: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)


# A figure that lies in something folded cannot be come near to.
VISIT_FIGURES = """async () => {
  const back = scrollY;
  for (const place of document.querySelectorAll('.cl-live')) {
    if (!place.checkVisibility()) continue;
    for (let tries = 0; tries < 500 && !place.classList.contains('cl-started'); tries += 1) {
      place.scrollIntoView({ behavior: 'instant' });
      await new Promise((done) => setTimeout(done, 10));
    }
  }
  scrollTo({ top: back, behavior: 'instant' });
  return [...document.querySelectorAll('.cl-live:not(.cl-started)')].filter((place) => place.checkVisibility()).length;
}"""


def started(page: Page) -> Page:
    """The page, once all its live figures have started, as for a reader who has been everywhere."""
    unstarted = page.evaluate(VISIT_FIGURES)
    assert unstarted == 0, f"{unstarted} figures have not started"
    return page


def laid_out(page: Page) -> Page:
    """The page with all its cells laid out, as if a reader had been everywhere: none moves another any more."""
    page.add_style_tag(content=EVERYTHING)
    return page


@contextmanager
def visit(browser: Browser, url: str, *, width: int = 1280, height: int = 900, dark: bool = False, **context) -> Iterator[Visit]:
    """Open `url` in a fresh profile, where every other host is blocked."""
    opened = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", **context
    )
    visited = Visit(opened.new_page())

    def guard(route: Route) -> None:
        target = urlsplit(route.request.url)
        if target.scheme in ("http", "https") and target.hostname != "127.0.0.1":
            visited.outside.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    opened.route("**/*", guard)
    visited.page.on("console", lambda message: visited.console.append(f"{message.type}: {message.text}"))
    visited.page.on("pageerror", lambda error: visited.console.append(f"error: {error}"))
    try:
        visited.page.goto(url, wait_until="load")
        yield visited
    finally:
        opened.close()


def looks(page: Page) -> Iterator[str]:
    """Show the whole open page on a wide screen and on a phone, in light and in dark, one after the other."""
    laid_out(page)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for colours in ("light", "dark"):
            page.emulate_media(color_scheme=colours)
            page.wait_for_function("colours => document.documentElement.dataset.theme === colours", arg=colours)
            page.evaluate("new Promise(drawn => requestAnimationFrame(() => setTimeout(drawn)))")
            yield f"{colours}, {width} px"


def too_wide(page: Page) -> int:
    """By how many pixels the whole page can be scrolled sideways."""
    laid_out(page)
    return page.evaluate("Math.max(document.documentElement.scrollWidth - innerWidth, (scrollTo(10000, 0), scrollX))")
