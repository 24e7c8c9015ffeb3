"""Put each live figure into the page with its state and its still picture, and give the page the scripts that start its figures.

A figure's output carries its state (see conv_lib/figures/base.py). The page needs nothing else of Jupyter's widgets: their own
state, in which every figure would bring all its code along, is left out. Without the script the still picture stands there.
"""

from __future__ import annotations

import json
from pathlib import Path

from conv_lib import figures
from conv_lib.figures.base import WIDGET_VIEW, LiveFigure
from conv_lib.figures.bundle import page_script, page_style
from conv_lib.figures.photo import photo_script
from docutils import nodes
from sphinx.application import Sphinx

try:
    import minify
except ImportError:  # Apple's ARM processors, and what requirements.txt leaves out there
    minify = None

PHOTO = "live-photo.js"
CLASSES = [getattr(figures, name) for name in figures.__all__]
STILLS = ("image/svg+xml", "text/html")


def write_assets(app: Sphinx) -> None:
    """A script and a stylesheet for each bundle, and the photo; before Sphinx takes the checksums for their addresses."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static"
    folder.mkdir(parents=True, exist_ok=True)
    bundles = {cls.bundle: sorted(other.module for other in CLASSES if other.bundle == cls.bundle) for cls in CLASSES}
    for bundle, modules in bundles.items():
        shared = [module for other in _before(bundle) for module in bundles[other]]
        kept = any(bundle in cls.needs for cls in CLASSES)
        _write(folder / f"live-{bundle}.js", _short(page_script(modules, shared, kept)))
        _write(folder / f"live-{bundle}.css", page_style(modules, shared))
    _write(folder / PHOTO, photo_script())


def _before(bundle: str) -> list[str]:
    """The bundles whose scripts a page loads before that of `bundle`."""
    if bundle == LiveFigure.bundle:
        return []
    return [LiveFigure.bundle, *(name for cls in CLASSES if cls.bundle == bundle for name in cls.needs)]


def _short(script: str) -> str:
    """A script without what only its readers need: long names, spaces. As it is where the minifier has no build for the machine."""
    return minify.string("application/javascript", script) if minify else script


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def place(app: Sphinx, doctree: nodes.document) -> None:
    for bundle in doctree.findall(_is_mime_bundle):
        by_mime = {box["mime_type"]: box for box in bundle.children}
        view = _view(by_mime.get(WIDGET_VIEW))
        if view is None:
            continue
        still = next((by_mime[mime].astext() for mime in STILLS if mime in by_mime), "")
        state = json.dumps({"figure": view["figure"], "state": view["state"]}).replace("<", "\\u003c")
        parts = f'<script type="application/json">{state}</script><div class="cl-still">{still}</div>'
        classes = "cl-live" if "live_bundles" in doctree else "cl-live cl-first"
        html = f'<div class="{classes}" data-figure="{view["figure"]}">{parts}</div>'
        by_mime[WIDGET_VIEW].children = []
        by_mime[WIDGET_VIEW] += nodes.raw("", html, format="html")
        bundle = next(cls.bundle for cls in CLASSES if cls.module == view["figure"])
        doctree["live_bundles"] = [*doctree.get("live_bundles", []), bundle]
    metadata = getattr(app.env, "nb_metadata", {})
    metadata.get(app.env.docname, {}).get("js_files", {}).pop("ipywidgets_state", None)


def add_assets(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    used = doctree.get("live_bundles", []) if doctree is not None else []
    for bundle in dict.fromkeys(name for own in used for name in [LiveFigure.bundle, *_before(own), own]):
        app.add_js_file(f"live-{bundle}.js", loading_method="defer")
        app.add_css_file(f"live-{bundle}.css")


def _view(box: nodes.Element | None) -> dict | None:
    """The JSON of a live figure's output; None for other outputs and other widgets."""
    if box is None:
        return None
    text = box.astext()
    view = json.loads(text[text.index("{") : text.rindex("}") + 1])
    return view if "figure" in view else None


def _is_mime_bundle(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def setup(app: Sphinx) -> dict:
    app.connect("builder-inited", write_assets)
    # After still_figures (400) has put the still pictures into the page, before Sphinx collects images (500).
    app.connect("doctree-read", place, priority=450)
    app.connect("html-page-context", add_assets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
