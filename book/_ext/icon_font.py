"""Cut the theme's icon font down to the icons that the pages use: some 25 of 1400, so that a page loads in a tenth."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from fontTools import subset
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

LINK = re.compile(r'<link href="([^"]*_static)/vendor/fontawesome/[^"]*\.css[^"]*" rel="stylesheet" ?/>')
NAMED = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
# The theme's own styles hold icons as characters of the private use area, or as their numbers.
CHARACTER = re.compile(r"[\ue000-\uf8ff]")
NUMBER = re.compile(r'content: ?"\\([ef][0-9a-f]{3})"')

STYLE = """/* Icons of Font Awesome Free (CC BY 4.0), font under the SIL OFL 1.1, cut down to those used: icons-licence.txt */
@font-face { font-family: "Font Awesome 6 Free"; font-weight: 900; src: url(icons.woff) format("woff"); }
@font-face { font-family: "Font Awesome 5 Free"; font-weight: 900; src: url(icons.woff) format("woff"); }
:root { --fa-font-solid: normal 900 1em/1 "Font Awesome 6 Free"; }
.fas, .fa-solid { display: inline-block; font: var(--fa-font-solid); -webkit-font-smoothing: antialiased; }
.fa-lg { font-size: 1.25em; line-height: 0.05em; vertical-align: -0.075em; }
"""

# The buttons for a repository: they appear with its address in _config.yml.
BRANDS = """@font-face { font-family: "Font Awesome 6 Brands"; font-weight: 400; src: url(icons-brands.woff) format("woff"); }
.fab { display: inline-block; font: normal 400 1em/1 "Font Awesome 6 Brands"; -webkit-font-smoothing: antialiased; }
"""


def cut(app: Sphinx, exception: Exception | None) -> None:
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    vendor = next(static.glob("vendor/fontawesome/*"))
    pages = [path for path in Path(app.outdir).rglob("*.html") if static not in path.parents]
    texts = {path: path.read_text(encoding="utf-8") for path in pages}
    if not any(map(LINK.search, texts.values())):
        raise ExtensionError("icon_font found no page that links the theme's icons.")
    used = set(re.findall(r"\bfa-[a-z-]+", " ".join(texts.values())))
    rules = {}
    for selectors, number in NAMED.findall((vendor / "css" / "all.min.css").read_text(encoding="utf-8")):
        for name in re.findall(r"fa-[a-z0-9-]+", selectors):
            if name in used:
                rules[name] = number
    styles = " ".join(path.read_text(encoding="utf-8") for path in static.rglob("*.css") if vendor not in path.parents)
    needed = {int(number, 16) for number in [*rules.values(), *NUMBER.findall(styles)]}
    needed |= set(map(ord, CHARACTER.findall(styles)))
    _write_font(vendor / "webfonts" / "fa-solid-900.ttf", static / "icons.woff", needed)
    brands = any('class="fab ' in text for text in texts.values())
    if brands:
        _write_font(vendor / "webfonts" / "fa-brands-400.ttf", static / "icons-brands.woff", needed)
    named = "".join(f'.{name}::before {{ content: "\\{number}"; }}\n' for name, number in sorted(rules.items()))
    (static / "icons.css").write_text(STYLE + BRANDS * brands + named, encoding="utf-8", newline="\n")
    shutil.copy(vendor / "LICENSE.txt", static / "icons-licence.txt")
    shutil.rmtree(vendor)
    for path, text in texts.items():
        path.write_text(LINK.sub(r'<link href="\1/icons.css" rel="stylesheet" />', text), encoding="utf-8", newline="\n")


def _write_font(source: Path, target: Path, characters: set[int]) -> None:
    options = subset.Options(flavor="woff", notdef_outline=True)
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    subset.save_font(font, str(target), options)


def setup(app: Sphinx) -> dict:
    app.connect("build-finished", cut, priority=800)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
