"""Charts, drawn by Matplotlib; its colours are then replaced by those of the page."""

import re
from io import StringIO

import matplotlib
from matplotlib.figure import Figure

from conv_lib import arguments
from conv_lib.draw.svg import NARROW, Panel, colour, still

SENTINELS = {"ink": "#010203", "muted": "#010204", "line": "#010205", "input-soft": "#010206", "input": "#010207"}
SETTINGS = {
    "svg.fonttype": "none",
    "svg.hashsalt": "conv_lib",
    "svg.id": None,
    "font.size": 9.36,
    "font.family": "sans-serif",
}


def bars(values, unit="", caption=""):
    """Draw horizontal bars with their numbers: ``{'label': value, ...}``. Returns a `Still`.

    Values are at least 0; ``unit`` is their unit in words. Raises TypeError and ValueError for other values.

    >>> bars({"standard": 36864, "depthwise separable": 4672}, "weights")
    standard: 36,864 weights; depthwise separable: 4,672 weights.
    """
    arguments.measures("values", values)
    arguments.word("unit", unit)
    with matplotlib.rc_context(SETTINGS):
        body, width, height = _chart(values)
    stories = [f"{label}: {_amount(value)} {unit}".rstrip() for label, value in values.items()]
    return still([[Panel(width, height, body)]], "; ".join(stories) + ".", caption)


def _amount(value):
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def _chart(values):
    width, height = NARROW, 44 * len(values)
    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    most = max(values.values()) or 1
    for k, (label, value) in enumerate(values.items()):
        axes.barh(
            44 * k + 30,
            value / most * (width - 1),
            height=18,
            color=SENTINELS["input-soft"],
            edgecolor=SENTINELS["input"],
        )
        axes.text(0, 44 * k + 16, label, color=SENTINELS["ink"], fontsize=13)
        axes.text(width, 44 * k + 16, _amount(value), color=SENTINELS["ink"], fontsize=13, ha="right")
    with StringIO() as file:
        figure.savefig(file, format="svg", metadata={"Date": None})
        svg = file.getvalue()
    return _plain(svg[svg.index('<g id="axes_1">') : svg.rindex("</g>")]), width, height


def _plain(svg):
    """Matplotlib's drawing without ids, clipping and fonts of its own, in the colours of the page."""
    svg = re.sub(r' (id|clip-path)="[^"]*"| ?font-family: [^;]*;| transform="rotate[^"]*"|; stroke-linejoin: miter', "", svg)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><")
    for role, sentinel in SENTINELS.items():
        svg = svg.replace(sentinel, colour(role))
    return svg
