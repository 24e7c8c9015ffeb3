"""The templates of the theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docutils import nodes
from search_sections import words_of
from whole_streams import whole

THEME = Path(__file__).resolve().parent.parent / "book" / "_theme"


@pytest.mark.parametrize("template", sorted(THEME.glob("*.html")), ids=lambda path: path.name)
def test_every_word_of_a_template_can_be_translated(template):
    unread = r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(script|style)\b.*?</\1>|<!doctype html>"
    text = re.sub(unread, "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = re.findall(r'(?:aria-label|title|placeholder|alt|data-\w+)="([^"]*[A-Za-z]{2}[^"]*)"', text)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>|&\w+;", "", text))
    assert [name for name in names if name != "light"] == []
    assert [word for word in words if word != "Ctrl"] == []


def test_what_a_cell_prints_is_whole_however_it_arrives():
    def stream(text: str) -> dict:
        return {"output_type": "stream", "name": "stdout", "text": text}

    shown = {"output_type": "execute_result", "data": {}}
    assert whole([stream("one"), stream("\ntwo\n"), shown, stream("three\n")]) == [stream("one\ntwo\nthree\n"), shown]


def test_the_search_knows_the_words_of_a_part_and_not_those_of_its_parts():
    inner = nodes.section("", nodes.title("", "Dilated taps"), nodes.paragraph("", "", nodes.Text("Five pixels")))
    outer = nodes.section("", nodes.title("", "A 1x1 layer"), nodes.paragraph("", "", nodes.Text("64 Maps")), nodes.raw("", "svg"), inner)
    assert list(words_of(outer)) == ["a", "1x1", "layer", "maps"]
