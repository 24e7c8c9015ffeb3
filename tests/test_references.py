"""What chapters cite: each name in the text leads to its entry, by the label that stands there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from citations import AuthorYearStyle
from pybtex.database import parse_file

BOOK = Path(__file__).resolve().parent.parent / "book"
CITATION = re.compile(r"\[([^\]]+)\]\(references\.md#([\w-]+)\)")
# A paper that is named and not linked: "(Xie and others, 2017)", "Lavin & Gray (2016)".
NAMED = re.compile(r"\bet al\b|\w+,? \((?:19|20)\d\d\)|[A-Z]\w+,? (?:19|20)\d\d\b|others,? (?:19|20)\d\d\b")


@pytest.fixture(scope="module")
def labels() -> dict[str, str]:
    entries = parse_file(str(BOOK / "references.bib")).entries.values()
    return {entry.key: entry.label for entry in AuthorYearStyle().format_entries(entries)}


@pytest.fixture(scope="module")
def text() -> dict[str, str]:
    chapters = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in BOOK.glob("*.ipynb")}
    return {
        name: "\n".join("".join(cell["source"]) for cell in chapter["cells"] if cell["cell_type"] == "markdown")
        for name, chapter in chapters.items()
    }


def test_a_citation_says_what_its_entry_is_called(text, labels):
    cited = [(name, words, key) for name, source in text.items() for words, key in CITATION.findall(source)]
    wrong = [(name, words, labels.get(key)) for name, words, key in cited if re.sub("[()]", "", words) != labels.get(key)]
    assert wrong == []


def test_every_entry_is_cited(text, labels):
    assert set(labels) == {key for source in text.values() for _, key in CITATION.findall(source)}


def test_a_paper_named_is_a_link(text):
    assert {name: NAMED.findall(CITATION.sub("", source)) for name, source in text.items()} == {name: [] for name in text}

