"""Draw the card that a shared page shows: `.venv/bin/python tools/card.py`.

It is a picture of a figure of conv_lib, taken by Chromium. Fonts differ from one machine to the next, so the card is made when
the figure changes, and not by `make refresh`.
"""

from __future__ import annotations

import io

import chromium
import numpy as np
from conv_lib import draw
from environment import ROOT
from PIL import Image
from playwright.sync_api import sync_playwright

ASSETS = ROOT / "book" / "_assets"
COLOURS = (ROOT / "book" / "_theme" / "static" / "colours.css").read_text(encoding="utf-8")
LOGO = (ASSETS / "logo.svg").read_text(encoding="utf-8")
STYLE = """
body { background: var(--cl-paper); color: var(--cl-ink); font: 34px/1.35 system-ui, sans-serif; margin: 0; }
.card { border-left: 24px solid var(--cl-input); box-sizing: border-box; height: 630px; padding: 48px 64px 0; width: 1200px; }
.title { align-items: center; display: flex; gap: 28px; margin-bottom: 30px; }
.title svg { flex: none; height: 92px; width: 92px; }
.title h1 { font-size: 50px; line-height: 1.1; white-space: nowrap; margin: 0; }
.title p { color: var(--cl-muted); margin: 6px 0 0; }
.figure { zoom: 1.63; }
"""


def main() -> None:
    image = [[0, 0, 75, 80, 80], [0, 75, 80, 80, 80], [0, 75, 80, 80, 80], [0, 70, 75, 80, 80], [0, 0, 0, 0, 0]]
    sobel = [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    figure = draw.convolution(np.array([[image]]), np.array([[sobel]]), at=(0, 0, 0, 0)).svg
    title = "<h1>Convolution, Number by Number</h1><p>torch.nn.Conv2d, every number traced to its pixels</p>"
    card = f'<div class="card"><div class="title">{LOGO}<div>{title}</div></div><div class="figure">{figure}</div></div>'
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.installed(), args=chromium.ARGUMENTS)
        page = browser.new_page(viewport={"width": 1200, "height": 630})
        page.set_content(f"<!doctype html><style>{COLOURS}{STYLE}</style>{card}")
        picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        browser.close()
    picture.quantize(64, dither=Image.Dither.NONE).save(ASSETS / "social-card.png", optimize=True)


if __name__ == "__main__":
    main()
