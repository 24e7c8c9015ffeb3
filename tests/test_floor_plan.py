"""Each fact has one page: no heading, and no sentence of more than eight words, stands in two notebooks."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

BOOK = Path(__file__).resolve().parent.parent / "book"
# What every lesson has at its place, so that a reader knows where he is.
FRAME = {"Check yourself", "In short"}
MOST_WORDS = 8


def texts() -> dict[str, str]:
    """The prose of each notebook: without code, links' addresses, and what belongs to a table or a formula."""
    found = {}
    for path in sorted(BOOK.glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        prose = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        prose = re.sub(r"^(```|\$\$).*?^\1$", "", prose, flags=re.MULTILINE | re.DOTALL)
        prose = re.sub(r"^(?:\([\w-]+\)=|\|.*)$", "", prose, flags=re.MULTILINE)
        found[path.name] = re.sub(r"\]\([^)]*\)", "]", prose)
    return found


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ +(.*?) *$", text, flags=re.MULTILINE)


def sentences(text: str) -> set[str]:
    """Long sentences in small letters, words only; a sentence ends with its line, or at . ! ? : ;"""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    parts = [part for line in lines for part in re.split(r"(?<=[.!?:;])\s+", line)]
    words = [re.findall(r"[\w/'·.-]*\w", part.lower()) for part in parts]
    return {" ".join(some) for some in words if len(some) > MOST_WORDS}


def twice(found: dict[str, list[str] | set[str]]) -> dict[str, list[str]]:
    """What stands in more than one of the notebooks, or more than once in a list, and in which."""
    counts = Counter(part for parts in found.values() for part in parts)
    return {part: [name for name, parts in found.items() if part in parts] for part, count in counts.items() if count > 1}


def test_no_heading_stands_twice():
    found = {name: [heading for heading in headings(text) if heading not in FRAME] for name, text in texts().items()}
    assert twice(found) == {}


def test_no_sentence_stands_in_two_notebooks():
    assert twice({name: sentences(text) for name, text in texts().items()}) == {}


def test_a_copied_heading_or_sentence_is_noticed():
    lesson = "# A\n\nThe window moves two pixels at a time, and reads nine.\n\n(x)=\n## Size\n"
    copied = "# B\n\nSay it again: the window moves two pixels at a time, and [reads](#x) nine.\n\n### Size\n"
    assert twice({"a": headings(lesson), "b": headings(copied)}) == {"Size": ["a", "b"]}
    plain = {name: re.sub(r"\]\([^)]*\)", "]", text) for name, text in (("a", lesson), ("b", copied))}
    assert list(twice({name: sentences(text) for name, text in plain.items()})) == [
        "the window moves two pixels at a time and reads nine"
    ]
