"""Put each still SVG figure into the page itself, so that its colours follow the theme, and see that it has a name.

myst-nb would link it as an image: a file of its own, which the page's colour variables do not reach.
"""

from __future__ import annotations

import html
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

SVG = "image/svg+xml"


def inline(app: Sphinx, doctree: nodes.document) -> None:
    for bundle in doctree.findall(_is_mime_bundle):
        by_mime = {box["mime_type"]: box for box in bundle.children}
        if SVG not in by_mime:
            continue
        image = next(iter(by_mime[SVG].findall(nodes.image)))
        svg = Path(app.env.relfn2path(image["uri"])[1]).read_text(encoding="utf-8")
        name = by_mime["text/plain"].astext().strip() if "text/plain" in by_mime else ""
        by_mime[SVG].children = []
        by_mime[SVG] += nodes.raw("", figure_html(svg, name), format="html")


def figure_html(svg: str, name: str) -> str:
    """The SVG text as an HTML figure, called `name` if it does not name itself."""
    svg = svg[svg.index("<svg") :]
    tag = svg[: svg.index(">")]
    if "aria-label" not in tag:
        svg = svg.replace(tag, f'{tag} role="img" aria-label="{html.escape(name, quote=True)}"', 1)
    return f'<figure class="still">{svg}</figure>'


def _is_mime_bundle(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def setup(app: Sphinx) -> dict:
    # Before Sphinx collects the images of the page (500): these are no files any more.
    app.connect("doctree-read", inline, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
