"""The whole book as one PDF, printed by Chromium from the built pages: `make pdf`.

The chapters are put into one page, with their still figures and without anything that needs a click. Answers move to the end.
It is printed twice: the first print tells on which page each heading stands, for the table of contents of the second.
"""

from __future__ import annotations

import io
import re
import sys
from urllib.parse import urljoin

import chromium
import freshness
import site_of_book
from bs4 import BeautifulSoup, Tag
from environment import ROOT
from playwright.sync_api import Browser, Error, sync_playwright
from pypdf import PdfReader

HTML = freshness.BUILD / "html"
TITLE = "Convolution, Number by Number"
PDF = HTML / "convolution-number-by-number.pdf"
PAGE = freshness.BUILD / "pdf" / "book.html"
STYLES = [HTML / "_static" / "colours.css", HTML / "_static" / "text.css", ROOT / "tools" / "pdf.css"]
UNPRINTED = "script, .headerlink, .toctree-wrapper, .tag_hide-input details.fold"
PLACE = "<!-- pdf -->.*?<!-- /pdf -->"


def main() -> int:
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=chromium.installed(), args=chromium.ARGUMENTS)
        except Error:
            print(chromium.HOW_TO_INSTALL)
            return 1
        PDF.write_bytes(printed_twice(browser))
        browser.close()
    link()
    print(f"The PDF: {PDF.relative_to(ROOT).as_posix()}, {len(PdfReader(PDF).pages)} pages, {PDF.stat().st_size / 1e6:.1f} MB")
    return 0


def printed_twice(browser: Browser) -> bytes:
    book = Book(chapters())
    pages: dict[str, int] = {}
    for _ in range(3):  # a second print has the right numbers; a third, should they have moved a heading
        content = printed(browser, book.html(pages))
        found = page_numbers(content)
        if found == pages:
            break
        pages = found
    return content


def chapters() -> list[str]:
    """What is printed: all pages of the book but the one that offers the PDF."""
    return [name.removeprefix("book/") for name in site_of_book.pages() if name != "book/take-along"]


def printed(browser: Browser, html: str) -> bytes:
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(html, encoding="utf-8")
    page = browser.new_page()
    missing: list[str] = []
    page.on("requestfailed", lambda request: missing.append(request.url))
    page.goto(PAGE.as_uri())
    content = page.pdf(prefer_css_page_size=True, print_background=True, outline=True, tagged=True)
    page.close()
    if missing:
        raise FileNotFoundError(f"the PDF would have gaps: {missing}")
    return content


def page_numbers(content: bytes) -> dict[str, int]:
    """The page of each place that a link of the PDF leads to."""
    reader = PdfReader(io.BytesIO(content))
    return {name.lstrip("/"): reader.get_destination_page_number(place) + 1 for name, place in reader.named_destinations.items()}


def link() -> None:
    """Put the PDF into the list of the page on what can be taken along."""
    page = HTML / "book" / "take-along.html"
    size = f"{PDF.stat().st_size / 1e6:.1f} MB"
    words = f"({size}): every chapter with its figures, the answers at the end."
    entry = f'<li><p><a href="../{PDF.name}">The whole course as a PDF</a> {words}</p></li>'
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(PLACE, f"<!-- pdf -->{entry}<!-- /pdf -->", text, flags=re.DOTALL), encoding="utf-8", newline="\n")


class Book:
    """All chapters in one page."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.answers: list[str] = []
        self.chapters = [self._chapter(name) for name in names]

    def html(self, pages: dict[str, int]) -> str:
        """The page to print; `pages` gives the page number of each heading, so far as they are known."""
        styles = "".join(f'<link rel="stylesheet" href="{path.as_uri()}">' for path in STYLES)
        named = "".join(
            f'@page {name} {{ @top-left {{ content: "{title(chapter)}" }} }} #{name} {{ page: {name} }}\n'
            for name, chapter in zip(map(page_name, self.names), self.chapters)
        )
        answers = f'<article id="answers"><h1>Answers</h1>{"".join(self.answers)}</article>'
        body = "".join(map(str, self.chapters)) + answers
        body = re.sub(r'(data-page-of="([^"]*)">)', lambda found: found[1] + str(pages.get(found[2], "")), body)
        return (
            f'<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{TITLE}</title>{styles}'
            f"<style>{named}</style></head><body>{self._cover()}{self._contents(pages)}{body}</body></html>"
        )

    def _chapter(self, name: str) -> Tag:
        article = BeautifulSoup((HTML / "book" / f"{name}.html").read_text(encoding="utf-8"), "html.parser").select_one("article")
        for part in article.select(UNPRINTED):
            part.decompose()
        for part in article.select("[id]"):
            part["id"] = f"{name}--{part['id']}"
        for anchor in article.select("a[href]"):
            self._lead_inside(name, anchor)
        for picture in article.select("img"):
            picture["src"] = urljoin((HTML / "book" / "").as_uri() + "/", picture["src"])
            del picture["loading"]
        article.attrs = {"id": page_name(name), "class": "chapter"}
        self._collect_answers(page_name(name), article)
        return article

    def _lead_inside(self, name: str, anchor: Tag) -> None:
        """A link between two pages becomes one inside the PDF; one to a file beside the pages becomes plain text."""
        if re.match(r"https?:", anchor["href"]):
            return
        page, _, place = anchor["href"].partition("#")
        target = page.removesuffix(".html") or name
        if target not in self.names:
            anchor.unwrap()
        else:
            anchor["href"] = f"#{target}--{place}" if place else f"#{page_name(target)}"

    def _collect_answers(self, name: str, article: Tag) -> None:
        """Move what a reader opens with a click to the answers at the end, and leave its page number."""
        number = 0
        for box in article.select("details"):
            if box.find_parent("details"):
                continue
            for heading in box.select("summary"):
                heading.decompose()
            cell = box.find_parent(class_="tag_hide-cell")
            before = cell.find_previous_sibling() if cell else None
            if before and before.select(".asked"):  # the worked solution of the question before it
                self.answers.append(box.decode_contents())
                cell.decompose()
                continue
            number += 1
            if number == 1:
                self.answers.append(f"<h2>{title(article)}</h2>")
            there, here = f"answer-{name}-{number}", f"asked-{name}-{number}"
            note = f'<p class="asked" id="{here}"><a href="#{there}">Answer {number}, page <span data-page-of="{there}"></span></a></p>'
            box.replace_with(BeautifulSoup(note, "html.parser"))
            back = f'<a href="#{here}">Answer {number} <small>(asked on page <span data-page-of="{here}"></span>)</small></a>'
            self.answers.append(f'<div class="answer" id="{there}"><p class="number">{back}</p></div>{box.decode_contents()}')

    def _cover(self) -> str:
        figure = self.chapters[0].select_one("figure.still")
        logo = (HTML / "_static" / "logo.svg").read_text(encoding="utf-8")
        text = "A course on torch.nn.Conv2d in which every number can be traced to the pixels and weights it came from."
        note = "This is the book on paper: its figures stand still. In the published pages they answer when you point at them."
        licence = "Code: BSD 3-Clause. Text and figures: CC BY 4.0."
        small = f'<p class="small">{note}<br>{licence}</p>'
        return f'<section id="cover">{logo}<p class="title">{TITLE}</p><p>{text}</p>{figure}{small}</section>'

    def _contents(self, pages: dict[str, int]) -> str:
        def line(kind: str, place: str, text: str) -> str:
            return f'<li class="{kind}"><a href="#{place}"><span>{text}</span><span class="at">{pages.get(place, "")}</span></a></li>'

        lines = []
        for chapter in self.chapters:
            lines.append(line("chapter", chapter["id"], title(chapter)))
            lines += [line("section", part["id"], part.h2.decode_contents()) for part in chapter.select("section[id]:has(> h2)")]
        lines.append(line("chapter", "answers", "Answers"))
        return f'<nav id="contents"><h1>Contents</h1><ul>{"".join(lines)}</ul></nav>'


def page_name(name: str) -> str:
    """The name of a chapter as CSS takes it: `1x1` may not begin with a digit."""
    return f"ch-{name}"


def title(chapter: Tag) -> str:
    return chapter.h1.get_text().strip()


if __name__ == "__main__":
    sys.exit(main())
