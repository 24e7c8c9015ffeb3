"""What readers take along from the built book: the archive, the wheel and the page that is printed as PDF."""

from __future__ import annotations

import re
import zipfile
from collections import Counter

import freshness
import pdf
import pytest
from bs4 import BeautifulSoup
from environment import ROOT

HTML = freshness.BUILD / "html"


@pytest.fixture(scope="module")
def archive(site):
    with zipfile.ZipFile(HTML / "convolution-notebooks.zip") as opened:
        yield {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def test_the_archive_has_every_notebook_as_it_is(archive):
    notebooks = {path.name: path.read_bytes() for path in (ROOT / "book").glob("*.ipynb")}
    assert {name: text for name, text in archive.items() if name.endswith(".ipynb")} == notebooks


def test_its_requirements_name_the_wheel_in_it(archive):
    wheel = re.search(r"^\./(.*\.whl)\[lessons\]$", archive["requirements.txt"].decode(), flags=re.MULTILINE)[1]
    assert archive[wheel] == (HTML / wheel).read_bytes()


def test_the_wheel_has_every_file_of_conv_lib(site):
    with zipfile.ZipFile(next(HTML.glob("*.whl"))) as wheel:
        packed = {name for name in wheel.namelist() if name.startswith("conv_lib/")}
    files = [path for path in (ROOT / "conv_lib").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert packed == {path.relative_to(ROOT).as_posix() for path in files}


def test_no_notebook_reads_a_file_that_is_not_with_it():
    for path in (ROOT / "book").glob("*.ipynb"):
        assert "../" not in path.read_text(encoding="utf-8"), f"{path.name} leads out of its folder"


@pytest.fixture(scope="module")
def paper(site):
    return BeautifulSoup(pdf.Book(pdf.chapters()).html({}), "html.parser")


def test_the_links_of_the_printed_book_lead_to_one_place_each(paper):
    places = Counter(part["id"] for part in paper.select("[id]") if not part.find_parent("svg"))
    assert [place for place, times in places.items() if times > 1] == []
    assert {a["href"] for a in paper.select("a[href^='#']")} - {f"#{place}" for place in places} == set()
    assert [a["href"] for a in paper.select("a[href]") if not re.match("#|https?:", a["href"])] == []


def test_the_printed_book_needs_no_click_and_tells_answers_at_the_end(paper):
    assert paper.select("script, details, button, input") == []
    answers = [part for part in paper.select(".answer") if not part.find_parent(id="answers")]
    assert answers == [] and len(paper.select("#answers .answer")) == len(paper.select(".asked")) > 40
