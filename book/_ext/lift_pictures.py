"""Give the photos of the still figures files of their own: inside the page they hold up its text, since they are most of its bytes.

The figures hold them as plain PNG, the same on every machine; the files are WebP without loss, half as large.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
from pathlib import Path

from PIL import Image
from sphinx.application import Sphinx

PICTURE = re.compile(r'(?P<tag><image\b[^<>]*?\bhref=")data:image/png;base64,(?P<data>[\w+/=]+)"')


def lift(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    output = Path(app.outdir)
    images = output / app.builder.imagedir
    images.mkdir(exist_ok=True)
    for path in output.rglob("*.html"):
        root = "../" * (len(path.relative_to(output).parts) - 1)

        def lifted(found: re.Match, root: str = root) -> str:
            name = f"{hashlib.sha256(found['data'].encode()).hexdigest()[:16]}.webp"
            Image.open(io.BytesIO(base64.b64decode(found["data"]))).save(images / name, lossless=True, method=6, exact=True)
            return f'{found["tag"]}{root}{images.name}/{name}"'

        text = path.read_text(encoding="utf-8")
        path.write_text(PICTURE.sub(lifted, text), encoding="utf-8", newline="\n")


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", lift, priority=700)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
