"""The colours of the book: the same in the still figures and in the pages, and readable in light and dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conv_lib.draw.svg import COLOURS

CSS = (Path(__file__).resolve().parent.parent / "book" / "_theme" / "static" / "colours.css").read_text(encoding="utf-8")
FAMILIES = ["input", "kernel", "output", "pad", "accent", "warn"]


def theme(selector: str) -> dict[str, str]:
    block = re.search(re.escape(selector) + r" \{([^}]*)\}", CSS)[1]
    return dict(re.findall(r"--cl-([a-z-]+): (#[0-9a-f]{6});", block))


def code(selector: str) -> dict[str, str]:
    """The colours of code."""
    block = re.search(re.escape(selector) + r" \{\s*--code([^}]*)\}", CSS)[0]
    return dict(re.findall(r"--code-([a-z-]+): (#[0-9a-f]{6});", block))


LIGHT = theme("html")
DARK = theme('html[data-theme="dark"]')


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_the_pages_use_the_colours_of_the_still_figures():
    assert LIGHT == COLOURS


def test_dark_has_every_colour_of_light():
    assert DARK.keys() == LIGHT.keys()


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_paper_and_on_every_fill(colours):
    fills = ["paper"] + [f"{family}-soft" for family in FAMILIES]
    assert {fill: contrast(colours["ink"], colours[fill]) for fill in fills if contrast(colours["ink"], colours[fill]) < 7} == {}
    weak = [fill for fill in ("paper", "pad-soft") if contrast(colours["muted"], colours[fill]) < 4.5]
    assert weak == []


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_a_strong_colour_stands_out_from_paper_and_from_its_own_fill(colours, family):
    assert contrast(colours[family], colours["paper"]) >= 4.5
    # Outlines, not text: text on a fill is ink, which the test above holds to more.
    assert contrast(colours[family], colours[f"{family}-soft"]) >= 3


@pytest.mark.parametrize("selector, paper", [("html", LIGHT["pad-soft"]), ('html[data-theme="dark"]', DARK["pad-soft"])])
def test_code_is_readable(selector, paper):
    assert {name: contrast(colour, paper) for name, colour in code(selector).items() if contrast(colour, paper) < 4.5} == {}
    assert code(selector).keys() == {"word", "text", "number", "name"}
