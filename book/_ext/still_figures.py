"""Put each still SVG figure into the page itself, so that its colours follow the theme, and give it a name.

myst-nb would link it as an image: a file of its own, which the page's colour variables do not reach.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

SVG = "image/svg+xml"
REFERENCE = re.compile(r'(\bid=")([^"]+)(")|(url\(#)([^)]+)(\))|((?:xlink:)?href="#)([^"]+)(")')


def inline(app: Sphinx, doctree: nodes.document) -> None:
    count = 0
    for bundle in doctree.findall(_is_mime_bundle):
        by_mime = {box["mime_type"]: box for box in bundle.children}
        if SVG not in by_mime:
            continue
        count += 1
        image = next(by_mime[SVG].findall(nodes.image))
        svg = Path(app.env.relfn2path(image["uri"])[1])
        name = by_mime["text/plain"].astext().strip() if "text/plain" in by_mime else ""
        figure = figure_html(svg.read_text(encoding="utf-8"), name, f"still-{count}-")
        by_mime[SVG].children = []
        by_mime[SVG] += nodes.raw("", figure, format="html")


def figure_html(svg: str, name: str, prefix: str) -> str:
    """The SVG text as an HTML figure called `name`; `prefix` keeps its ids apart from those of other figures."""
    svg = svg[svg.index("<svg") :]
    svg = REFERENCE.sub(lambda match: _prefixed(match, prefix), svg)
    end_of_tag = svg.index(">")
    tag = re.sub(r'\s(role|aria-label|aria-labelledby)="[^"]*"', "", svg[:end_of_tag])
    named = f'{tag} role="img" aria-label="{html.escape(name, quote=True)}"'
    return f'<figure class="cl-still">{named}{svg[end_of_tag:]}</figure>'


def _prefixed(match: re.Match, prefix: str) -> str:
    before, name, after = (part for part in match.groups() if part is not None)
    return f"{before}{prefix}{name}{after}"


def _is_mime_bundle(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def setup(app: Sphinx) -> dict:
    # Before Sphinx collects the images of the page (500): these are no files any more.
    app.connect("doctree-read", inline, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
