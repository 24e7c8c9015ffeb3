"""Which words stand in which part of a page. Sphinx's own index knows that of whole pages only, and a reader wants the part."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

UNREAD = ["book/api", "book/references", "book/take-along", "book/uneven"]  # lists of names, whose headings say what they hold


def words_of(section: nodes.section) -> Iterator[str]:
    """Those of the part itself, without its parts and drawings. Numbers differ from reader to reader; 1x1 is a name."""
    for child in section.children:
        if not isinstance(child, nodes.section | nodes.raw):
            text = " ".join(leaf.astext() for leaf in child.findall(nodes.Text) if not isinstance(leaf.parent, nodes.raw))
            yield from re.findall(r"[^\W\d]\w*|1x1", text.lower())


def write(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.format != "html":
        return
    stem = SearchEnglish({}).stem
    parts, where = [], defaultdict(list)
    for page in sorted(app.env.found_docs.difference(UNREAD)):
        for section in app.env.get_doctree(page).findall(nodes.section):
            if len(section) > 1 and isinstance(section[1], nodes.section):
                continue  # a heading over headings
            for word in sorted({stem(word) for word in words_of(section)}):
                where[word].append(len(parts))
            parts.append(f"{page}#{section['ids'][0]}" if isinstance(section.parent, nodes.section) else page)
    gaps = {word: [here - before for before, here in pairwise([0, *places])] for word, places in where.items()}  # fewer bytes
    text = json.dumps({"parts": parts, "gaps": gaps}, separators=(",", ":"), ensure_ascii=False)
    Path(app.outdir, "_static", "sections.js").write_text(f"const SECTIONS = {text};\n", encoding="utf-8")


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
