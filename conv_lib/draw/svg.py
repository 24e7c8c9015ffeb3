"""The writer of the still figures: shapes and words in the page's colours, set in panels that flow like words.

Figures of numbers are written here directly and not by Matplotlib: Matplotlib spends some 500 bytes on a cell with
its number, where 40 are enough, and it cannot let panels move below each other on a phone. Charts are still
Matplotlib's (see `charts`).

Every colour is a CSS variable with a light fallback, so a figure inside a page follows the page's theme, and a figure
on its own is dark on white. Nothing has an id; the whole figure has a class that is a hash of what it holds. Where
the element around it is a CSS container that is too narrow, the panels move below each other.
"""

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from textwrap import wrap
from xml.sax.saxutils import escape, quoteattr

from conv_lib import arguments

COLOURS = {
    "ink": "#1b1f24",
    "muted": "#57606a",
    "paper": "#ffffff",
    "line": "#afb8c1",
    "input": "#0550ae",
    "input-soft": "#ddf0ff",
    "kernel": "#953800",
    "kernel-soft": "#ffe9d6",
    "output": "#116329",
    "output-soft": "#d8f5de",
    "pad": "#6e7781",
    "pad-soft": "#f3f5f7",
    "accent": "#8250df",
    "accent-soft": "#e9dcff",
    "warn": "#b3261e",
    "warn-soft": "#ffe3e0",
}
TEXT = 13  # pixels, for numbers and sentences
SMALL = 11  # pixels, for indices
WIDE, NARROW = 656, 322  # what fits into the text column of the book, and into that of a phone
GAP, MARGIN = 16, 6
FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-variant-numeric:tabular-nums"


@dataclass(frozen=True)
class Still:
    """A still figure: ``svg`` is the text of the drawing, ``alt`` says in words what it shows.

    >>> Still("<svg/>", alt="Nothing.")
    Nothing.
    """

    svg: str
    alt: str

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"image/svg+xml": self.svg, "text/plain": self.alt}

    def __repr__(self):
        return self.alt


@dataclass(frozen=True)
class Panel:
    """A piece of a figure, drawn from its own corner (0, 0); ``narrow`` is what takes its place on a phone."""

    width: float
    height: float
    body: str
    narrow: "Panel | None" = None


def colour(name):
    """A colour by its role, as CSS."""
    return f"var(--cl-{name},{COLOURS[name]})"


def number(value):
    """A coordinate, to two decimals."""
    return f"{round(value, 2):g}"


def box(x, y, width, height):
    """The outline of a rectangle, as path data."""
    x, y, width, height = map(number, (x, y, width, height))
    return f"M{x} {y}h{width}v{height}h-{width}z"


def line(*points):
    """A polyline through points (x, y), as path data."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def hatching(x, y, width, height, step=7):
    """Diagonal lines that fill a rectangle, as path data."""
    strokes = []
    for k in range(step, int(width + height), step):
        right, bottom = min(k, width), min(k, height)
        strokes.append(line((x + k - bottom, y + bottom), (x + right, y + k - right)))
    return "".join(strokes)


def path(data, fill="none", stroke="none", width=1, dash="", opacity=1):
    """A shape. ``data`` is path data or a list of it; colours are given by role."""
    data = data if isinstance(data, str) else "".join(data)
    if not data:
        return ""
    style = f"fill:{fill if fill == 'none' else colour(fill)}"
    if stroke != "none":
        style += f";stroke:{colour(stroke)};stroke-width:{width}" + (f";stroke-dasharray:{dash}" if dash else "")
    style += f";opacity:{number(opacity)}" if opacity != 1 else ""
    return f'<path d="{data}" style="{style}"/>'


def words(items, fill="ink", size=TEXT, anchor="middle", bold=False, italic=False):
    """Pieces of text (x, y, text), all in one style; y is the baseline."""
    style = f"fill:{colour(fill)};font-size:{size}px;text-anchor:{anchor}"
    style += ";font-weight:600" * bold + ";font-style:italic" * italic
    texts = "".join(f'<text x="{number(x)}" y="{number(y)}">{escape(str(text))}</text>' for x, y, text in items)
    return f'<g style="{style}">{texts}</g>' if texts else ""


def digits_width(text, size=TEXT):
    """About how wide a number is, in pixels, in the widest of the usual fonts."""
    return 0.62 * size * len(text)


def prose_width(text, size=TEXT):
    """About how wide a sentence is, in pixels, in the widest of the usual fonts."""
    return 0.57 * size * len(text)


def paragraph(sentences, fill="ink", bold=False):
    """A panel of sentences, wrapped to the column of the book, and on a phone to the phone."""
    wide, narrow = (_lines(sentences, width, fill, bold) for width in (WIDE, NARROW))
    return wide if wide == narrow else replace(wide, narrow=narrow)


def _lines(sentences, width, fill, bold):
    # A sign stays with the number behind it: no line begins with the bare number.
    glued = [re.sub(r"([-+=≈]) ", "\\1\0", sentence) for sentence in sentences]
    longest = int(width / prose_width("x"))
    lines = [line.replace("\0", " ") for sentence in glued for line in wrap(sentence, longest, break_on_hyphens=False)]
    items = [(0, 14 + 19 * i, line) for i, line in enumerate(lines)]
    return Panel(max(map(prose_width, lines), default=0), 19 * len(lines), words(items, fill, anchor="start", bold=bold))


def still(rows, alt, caption=""):
    """Set panels in rows, each row wrapped to the column of the book and to a phone; return the `Still`."""
    if arguments.word("caption", caption):
        rows = [[paragraph([caption], bold=True)], *rows]
        alt = f"{caption} {alt}" if caption[-1] in ".!?:" else f"{caption}. {alt}"
    panels = [panel for row in rows for panel in row]
    wide, size = _flow(rows, WIDE)
    narrow, narrow_size = _flow([[panel.narrow or panel for panel in row] for row in rows], NARROW)
    groups = "".join(
        f'<g class="p{k}" transform="translate({number(x)} {number(y)})">{_both(panel)}</g>'
        for k, (panel, (x, y)) in enumerate(zip(panels, wide, strict=True))
    )
    key = "cl-" + sha256((groups + alt).encode()).hexdigest()[:10]
    style = ""
    if narrow_size != size:
        rules = ["{{width:{}px!important;height:{}px!important}}".format(*map(number, narrow_size))]
        rules += [f" .p{k}{{transform:translate({number(x)}px,{number(y)}px)}}" for k, (x, y) in enumerate(narrow) if (x, y) != wide[k]]
        if any(panel.narrow for panel in panels):
            rules += [" .wide{display:none}", " .narrow{display:inline}"]
        rules = "".join(f".{key}{rule}" for rule in rules)
        style = f"<style>@container (width &lt; {number(size[0])}px){{{rules}}}</style>"
    width, height = map(number, size)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{key}" role="img" aria-label={quoteattr(alt)} '
        f'width="{width}" height="{height}" style="width:{width}px;height:{height}px;max-width:none;{FONT}">{style}'
        f'<rect width="100%" height="100%" rx="6" style="fill:{colour("paper")}"/>{groups}</svg>'
    )
    return Still(svg, alt)


def _both(panel):
    if panel.narrow is None:
        return panel.body
    return f'<g class="wide">{panel.body}</g><g class="narrow" display="none">{panel.narrow.body}</g>'


def _flow(rows, width):
    """The corner of each panel, and the size of the whole."""
    corners, y, widest = [], MARGIN, 0
    for row in rows:
        x, tallest = 0, 0
        for panel in row:
            if x and x + panel.width > width:
                x, y, tallest = 0, y + tallest + GAP, 0
            corners.append((x + MARGIN, y))
            widest, tallest = max(widest, x + panel.width), max(tallest, panel.height)
            x += panel.width + GAP
        y += tallest + GAP
    return corners, (widest + 2 * MARGIN, y - GAP + MARGIN)
