"""Give the photos of the still figures files of their own: inside the page they hold up its text, since they are most of its bytes.

The figures hold them as plain PNG, the same on every machine; the files are WebP without loss, half as large. An SVG fetches its
pictures at once, an HTML picture can wait until the reader comes near it: so each becomes one.
"""

from __future__ import annotations

import base64
import hashlib
import io
import posixpath
import re
from pathlib import Path

from docutils import nodes
from PIL import Image
from sphinx.application import Sphinx

# As conv_lib/draw/images.py writes it. An XML parser would write all else in the figure anew, and differently.
PICTURE = re.compile(
    r'<image (?P<place>[^<>]*?) preserveAspectRatio="none" style="(?P<style>[^"]*)" href="data:image/png;base64,(?P<data>[\w+/=]+)"/>'
)


def lift(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """When the page is written, since its files may be gone while what was read of it is still there."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / app.builder.imagedir
    root = posixpath.relpath(".", posixpath.dirname(app.builder.get_target_uri(docname)) or ".")

    def lifted(found: re.Match) -> str:
        name = f"{hashlib.sha256(found['data'].encode()).hexdigest()[:16]}.webp"
        folder.mkdir(parents=True, exist_ok=True)
        Image.open(io.BytesIO(base64.b64decode(found["data"]))).save(folder / name, lossless=True, method=6, exact=True)
        picture = f'<img src="{root}/{folder.name}/{name}" alt="" loading="lazy" style="{found["style"]}">'
        return f"<foreignObject {found['place']}>{picture}</foreignObject>"

    for still in doctree.findall(nodes.raw):
        still.children = [nodes.Text(PICTURE.sub(lifted, still.astext()))]


def setup(app: Sphinx) -> dict:
    app.connect("doctree-resolved", lift)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
