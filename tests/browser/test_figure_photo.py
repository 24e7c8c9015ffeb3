"""PhotoFigure in a real browser: every pixel it shows is conv_lib's, by pointer, touch, keyboard, link and the reader's own file."""

from __future__ import annotations

import io
import json
import re
from base64 import b64decode
from urllib.parse import quote

import numpy as np
import pytest
from accessibility import violations
from conv_lib import conv2d
from conv_lib.figures import PhotoFigure
from conv_lib.figures.photo import shown
from PIL import Image
from figure_page import tap
from playwright.sync_api import Page, expect

COLOUR = "each channel alone"
READ = """(canvas) => {
  const { width, height } = canvas;
  const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  let text = "";
  for (const byte of copy.getImageData(0, 0, width, height).data) text += String.fromCharCode(byte);
  return [height, width, btoa(text)];
}"""


def pixels(page: Page, name: str) -> np.ndarray:
    """What the canvas whose name begins with `name` shows: (3, H, W)."""
    canvas = page.get_by_role("img", name=re.compile(f"^{name}"))
    height, width, data = canvas.evaluate(READ)
    return np.frombuffer(b64decode(data), np.uint8).reshape(height, width, 4)[:, :, :3].transpose(2, 0, 1)


def settled(page: Page) -> Page:
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return page


def assert_shows(page: Page, figure: PhotoFigure) -> None:
    settled(page)
    expected = shown(figure.output, figure.weight)
    assert np.array_equal(pixels(page, "Output"), np.broadcast_to(expected, (3, *expected.shape[1:])))


def started(page: Page) -> Page:
    expect(page.get_by_role("img", name="Input")).to_have_accessible_name(re.compile("256 × 256"))
    return page


def terms(page: Page) -> str:
    settled(page)
    return " ".join(page.get_by_role("status").inner_text().split())


def move(page: Page, name: str, value: float) -> None:
    page.get_by_role("slider", name=name, exact=True).fill(str(value))


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def chosen(page: Page, name: str) -> bool:
    return page.get_by_role("button", name=name, exact=True).get_attribute("aria-pressed") == "true"


def png(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def give(page: Page, name: str, data: bytes) -> None:
    page.get_by_label("Own picture").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


def test_every_pixel_is_conv_libs(opened):
    page = started(opened(PhotoFigure("sobel", title="Edges")))
    figure = PhotoFigure("sobel")
    assert page.get_by_role("group", name="Edges", exact=True).is_visible()
    assert np.array_equal(pixels(page, "Input"), np.broadcast_to(figure.x, (3, 256, 256)))
    assert_shows(page, figure)
    for name, value in (("Stride", 3), ("Dilation", 2)):
        move(page, name, value)
    press(page, COLOUR)
    press(page, "blur")
    figure = PhotoFigure("blur", stride=3, dilation=2, colour=COLOUR)
    assert_shows(page, figure)
    assert np.array_equal(pixels(page, "Input"), figure.x)
    assert page.get_by_text("nn.Conv2d(3, 3, kernel_size=3, stride=3, padding=2, dilation=2, groups=3, bias=False)").is_visible()
    press(page, "channels summed")
    press(page, "rings")
    move(page, "Kernel size", 5)
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])
    assert_shows(page, PhotoFigure(kernel, stride=3, dilation=2, colour="channels summed", picture="rings"))
    press(page, "Reset")
    assert_shows(page, PhotoFigure("sobel"))
    assert chosen(page, "Sobel") and chosen(page, "grey") and chosen(page, "photo")


def test_pointer_keyboard_and_touch_tell_the_terms_of_a_pixel(opened):
    figure = PhotoFigure("sobel", stride=2)
    output = figure.output[0]
    page = started(opened(figure, has_touch=True))
    assert terms(page).startswith("Output row 64, column 64") and terms(page).endswith(f"= {output[64, 64]}")
    after, before = (page.get_by_role("img", name=name) for name in ("Output", "Input"))
    box = after.bounding_box()
    after.hover(position={"x": box["width"] * 10.5 / 128, "y": box["height"] * 20.5 / 128})
    assert terms(page).startswith("Output row 20, column 10 ") and terms(page).endswith(f"= {output[20, 10]}")
    before.hover(position={"x": box["width"] * 200.5 / 256, "y": box["height"] * 100.5 / 256})
    assert terms(page).startswith("Output row 50, column 100 ") and terms(page).endswith(f"= {output[50, 100]}")
    tap(after, position={"x": 2, "y": 2})  # within the round corner
    assert "Output row 0, column 0 · 5 of 9 taps on the zero padding" in terms(page) and terms(page).endswith(f"= {output[0, 0]}")
    page.get_by_role("slider", name="Row", exact=True).focus()
    page.keyboard.press("End")
    page.get_by_role("slider", name="Column", exact=True).focus()
    page.keyboard.press("ArrowRight")
    assert terms(page).startswith("Output row 127, column 1") and terms(page).endswith(f"= {output[127, 1]}")


def test_the_terms_of_three_channels(opened):
    figure = PhotoFigure("blur", colour="channels summed")
    page = started(opened(figure))
    value = figure.output[0, 128, 128]
    parts = [conv2d(figure.x[c : c + 1], figure.weight[:, c : c + 1], padding=1)[0, 128, 128] for c in range(3)]
    assert terms(page).endswith(f"= {value}") and re.search(r"red: .*green: .*blue: ", terms(page))
    assert f"{parts[0]} + {parts[1]} + {parts[2]} = {value}" in terms(page)
    move(page, "Kernel size", 5)
    kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])
    assert terms(page).count("(25 terms)") == 3
    assert terms(page).endswith(f"= {PhotoFigure(kernel, colour='channels summed').output[0, 128, 128]}")


def test_a_weight_is_typed_and_dragged(opened):
    page = started(opened(PhotoFigure("identity", stride=4)))
    cells = page.get_by_role("grid", name="Kernel", exact=True).get_by_role("gridcell")
    assert cells.all_inner_texts() == ["0", "0", "0", "0", "1", "0", "0", "0", "0"]
    move(page, "Weight", 2.5)
    cells.nth(1).click()
    move(page, "Weight", -3)
    cells.nth(8).click()
    for text in ("abc", "1e999", "99999999"):
        page.keyboard.press("F2")
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The old number stays.")
        assert cells.nth(8).inner_text() == "0"
    slider = page.get_by_role("slider", name="Weight", exact=True)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    settled(page)
    assert slider.bounding_box() == box and cells.nth(8).inner_text() != "0"
    page.mouse.up()
    expect(page.get_by_role("alert")).to_have_text("")  # what it said goes when the slider is let go
    cells.nth(8).press("F2")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("")
    assert_shows(page, PhotoFigure([[0, -3, 0], [0, 2.5, 0], [0, 0, 7]], stride=4))


def test_the_readers_own_picture(opened):
    page = started(opened(PhotoFigure("blur", colour=COLOUR)))
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    give(page, "mine.png", png(picture))
    expect(page.get_by_text("mine.png, shown at 20 × 30 pixels.")).to_be_visible()
    x = picture.transpose(2, 0, 1).astype(np.int64)
    weight = PhotoFigure("blur", colour=COLOUR).weight
    mine = shown(conv2d(x, weight, padding=1, groups=3), weight)
    assert np.array_equal(pixels(settled(page), "Output"), mine)
    bad = {"<img src=x onerror=alert(1)>.png": b"no picture", "empty.png": b"", "huge.png": png(np.zeros((5000, 8000), bool))}
    for name, data in bad.items():
        give(page, name, data)
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("less than 40 fit here. The last" if name == "huge.png" else f"“{name}” is no picture")
        assert np.array_equal(pixels(settled(page), "Output"), mine)
    give(page, "wide.png", png(np.zeros((300, 1024, 3), np.uint8)))
    expect(page.get_by_role("img", name="Input")).to_have_accessible_name("Input, 150 × 512")
    press(page, "Reset")
    assert_shows(page, PhotoFigure("blur", colour=COLOUR))
    assert chosen(page, "photo") and page.locator("img").count() == 0


def test_a_picture_is_dropped(opened):
    page = started(opened(PhotoFigure()))
    make = "data => { const all = new DataTransfer(); all.items.add(new File([Uint8Array.from(data)], 'drop.png')); return all; }"
    handle = page.evaluate_handle(make, list(png(np.full((9, 11, 3), 7, np.uint8))))
    page.get_by_role("group").first.dispatch_event("drop", {"dataTransfer": handle})
    expect(page.get_by_role("img", name="Input")).to_have_accessible_name("Input, 9 × 11")
    press(page, "photo")
    assert_shows(page, PhotoFigure())


def test_a_link_restores_the_state_and_nonsense_does_not(opened):
    figure = PhotoFigure(title="A link")
    state = {"kernel": [[0, 0, 0], [0, 2, 0], [0, 0, -1]], "stride": 5, "dilation": 6, "colour": "channels summed", "picture": "rings"}
    page = started(opened(figure, link=f"a-link={quote(json.dumps(state))}"))
    assert_shows(page, PhotoFigure(**state))
    hostile = [
        '{"kernel": "sobel"}', '{"kernel": [[1]]}', '{"kernel": [[1, 2], [3, 4]]}', '{"kernel": [["<b>"]]}',
        '{"kernel": [[1, 2, 3], [4, 5, 6], [7, 8, 1e9]]}', '{"stride": 0}', '{"stride": "2"}', '{"dilation": 99}',
        '{"colour": ["grey"]}', '{"colour": "toString"}', '{"picture": "https://example.org/a.png"}', "null",
    ]  # fmt: skip
    for text in hostile:
        page.evaluate("hash => { location.hash = ''; location.hash = hash; }", f"a-link={quote(text)}")
        expect(page.get_by_role("alert")).to_have_text("The link could not be read: the figure stands as it is in the book.")
        assert chosen(page, "Sobel"), text
        move(page, "Stride", 2)
        expect(page.get_by_role("alert")).to_have_text("")
    press(page, "Copy link")
    assert page.url.endswith(quote('{"stride":2}'))


@pytest.mark.parametrize("dark", [False, True])
def test_it_is_accessible_and_fits_a_phone(opened, dark):
    page = started(opened(PhotoFigure("blur", stride=2, colour=COLOUR), dark=dark))
    for width in (1280, 390, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert settled(page).evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
