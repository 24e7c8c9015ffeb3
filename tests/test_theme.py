"""The templates of the theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

THEME = Path(__file__).resolve().parent.parent / "book" / "_theme"


@pytest.mark.parametrize("template", sorted(THEME.glob("*.html")), ids=lambda path: path.name)
def test_every_word_of_a_template_can_be_translated(template):
    unread = r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(script|style)\b.*?</\1>|<!doctype html>"
    text = re.sub(unread, "", template.read_text(encoding="utf-8"), flags=re.DOTALL)
    names = re.findall(r'(?:aria-label|title|placeholder|alt|data-\w+)="([^"]*[A-Za-z]{2}[^"]*)"', text)
    words = re.findall(r"[A-Za-z]{2,}", re.sub(r"<[^>]*>|&\w+;", "", text))
    assert [name for name in names if name != "light"] == []
    assert [word for word in words if word != "Ctrl"] == []
