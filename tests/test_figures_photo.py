"""PhotoFigure: its traits, its output, and that the browser computes and shows a picture as conv_lib does."""

from __future__ import annotations

import io
import random
from base64 import b64decode

import figures_engine
import numpy as np
import pytest
import torch
from conv_lib import conv2d
from conv_lib.figures import PhotoFigure
from conv_lib.figures.photo import COLOURS, KERNELS, rings, shown
from conv_lib.photo import photo
from PIL import Image
from torch.nn import functional as F

OUTPUTS = """(given) => {
  const layer = photo.layerOf(photo.asPicture(photo.planesOf(given.bytes), given.width), given);
  const [height, width] = [layer.rows.outputSize, layer.columns.outputSize];
  const bytes = new Uint8ClampedArray(4 * height * width).fill(255);
  const values = [];
  photo.convolve(layer, (o, i, row) => {
    values.push(...row);
    photo.shade(row, photo.tone(layer), bytes, i * width, layer.outChannels > 1 ? o : null);
  });
  return [[layer.outChannels, height, width], values, Array.from(bytes)];
}"""


def _cases(count: int) -> list[dict]:
    rng = random.Random(11)
    cases = []
    for _ in range(count):
        size, width, height = rng.choice((3, 5, 7)), rng.randint(1, 12), rng.randint(1, 12)
        weight = rng.choice((lambda: rng.randint(-9, 9), lambda: rng.randint(-1, 1), lambda: rng.randint(-99, 99) / 4))
        cases.append(
            {
                "kernel": [[weight() for _ in range(size)] for _ in range(size)],
                "stride": rng.randint(1, 8),
                "dilation": rng.randint(1, 6),
                "colour": rng.choice(COLOURS),
                "width": width,
                "bytes": [rng.randint(0, 255) if k % 4 < 3 else 255 for k in range(4 * width * height)],
            }
        )
    return cases


def _layer(case: dict) -> tuple[np.ndarray, np.ndarray, dict]:
    """What conv_lib is given for a case: a grey picture, or three channels each alone or summed."""
    kernel = np.array(case["kernel"])
    x = np.array(case["bytes"]).reshape(-1, case["width"], 4)[:, :, :3].transpose(2, 0, 1)
    x = x.sum(axis=0, keepdims=True) // 3 if case["colour"] == "grey" else x
    weight = np.array([[kernel] * 3] if case["colour"] == "channels summed" else [[kernel]] * len(x))
    options = {"padding": case["dilation"] * (len(kernel) // 2), "groups": len(weight)}
    return x.astype(kernel.dtype), weight, {"stride": case["stride"], "dilation": case["dilation"], **options}


def test_the_browser_computes_and_shows_what_conv_lib_does():
    cases = _cases(400)
    for case, (shape, values, pixels) in zip(cases, figures_engine.run(["photo"], OUTPUTS, cases)):
        x, weight, options = _layer(case)
        output = conv2d(x, weight, **options)
        assert shape == list(output.shape), case
        assert values == output.ravel().tolist(), case
        colours = np.broadcast_to(shown(output, weight), (3, *output.shape[1:])).transpose(1, 2, 0)
        assert np.array(pixels).reshape(-1, 4)[:, :3].tolist() == colours.reshape(-1, 3).tolist(), case


FAULTS = {
    "the kernel flipped": ("line[first + t] ?? 0", "line[line.length - 1 - first - t] ?? 0"),
    "padding off by one": ("plane[r - rows.before] ?? []", "plane[r - rows.before + 1] ?? []"),
    "the wrong channel": ("padded[firstChannel(o) + c]", "padded[c]"),
    "channels averaged, not summed": ("divide: 2 * perGroup", "divide: 2"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_browser_is_seen(fault):
    cases = _cases(60)
    right = figures_engine.run(["photo"], OUTPUTS, cases)
    assert figures_engine.run(["photo"], OUTPUTS, cases, patch=FAULTS[fault]) != right


def test_kernels_and_rings_are_the_same_in_the_browser():
    kernels = "Object.entries(photo.KERNELS).map(([name, make]) => [name.toLowerCase(), make(3, 3)])"
    (kernels, circles), = figures_engine.run(["photo"], f"() => [{kernels}, Array.from(photo.rings())]", [None])
    assert dict(kernels) == KERNELS
    assert circles == rings().ravel().tolist()


def test_another_size_keeps_the_kernel():
    cases = [[KERNELS[name], 5] for name in ("ones", "blur", "sobel")] + [[np.arange(25).reshape(5, 5).tolist(), 3]]
    made = figures_engine.run(["photo"], "([kernel, size]) => photo.resized(kernel, size)", cases)
    assert made[0] == [[1] * 5] * 5
    assert made[1] == np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]).tolist()
    assert made[2] == np.pad(KERNELS["sobel"], 1).tolist()
    assert made[3] == [[6, 7, 8], [11, 12, 13], [16, 17, 18]]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("picture", ["photo", "rings"])
def test_the_output_is_that_of_torch(colour, picture):
    figure = PhotoFigure("sobel vertical", stride=3, dilation=2, colour=colour, picture=picture)
    groups = 3 if colour == "each channel alone" else 1
    expected = F.conv2d(torch.from_numpy(figure.x), torch.from_numpy(figure.weight), None, 3, 2, 2, groups)
    assert figure.output.dtype == np.int64
    assert np.array_equal(figure.output, expected.numpy())


def test_stride_1_keeps_the_size_for_every_kernel_and_dilation():
    for size in (3, 5, 7):
        for dilation in range(1, 7):
            assert PhotoFigure(np.ones((size, size), int), dilation=dilation).output.shape == (1, 256, 256)


def test_fractions_give_fractions():
    assert PhotoFigure(np.full((3, 3), 1 / 8)).output.dtype == np.float64


def test_the_photo_reaches_the_browser_pixel_by_pixel_and_stays_out_of_the_text():
    figure = PhotoFigure(stride=2, title="A photo")
    pixels = np.asarray(Image.open(io.BytesIO(b64decode(figure.photo_uri.split(",", 1)[1]))))
    assert np.array_equal(pixels.transpose(2, 0, 1), photo(256, colour=True))
    assert repr(figure) == "PhotoFigure(stride=2, title='A photo')"


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("kernel", "Scharr", ValueError),
        ("kernel", [[1, 2], [3, 4]], ValueError),
        ("kernel", np.ones((3, 5)), ValueError),
        ("kernel", np.ones((9, 9)), ValueError),
        ("kernel", [[1, 2, 3], [1, 2], [1]], ValueError),
        ("kernel", np.full((3, 3), 1e6), ValueError),
        ("kernel", np.full((3, 3), np.nan), ValueError),
        ("kernel", [["a"] * 3] * 3, TypeError),
        ("stride", 0, ValueError),
        ("stride", 9, ValueError),
        ("stride", 1.5, TypeError),
        ("dilation", 7, ValueError),
        ("dilation", True, TypeError),
        ("colour", "RGB", ValueError),
        ("colour", None, ValueError),
        ("picture", "cat.jpg", ValueError),
    ],
)
def test_traits_are_checked_and_the_last_good_state_stays(name, value, kind):
    figure = PhotoFigure(stride=2)
    before = figure.state
    with pytest.raises(kind, match=name):
        setattr(figure, name, value)
    assert figure.state == before


def test_the_still_shows_both_pictures():
    assert PhotoFigure(stride=4, title="Before and after").still().alt == "Before and after. Pictures: before (128x128); after (64x64)."
    colour = PhotoFigure("blur", colour="each channel alone").still()
    assert colour.alt.endswith("after (128x128 in colour).")
    assert colour.svg == PhotoFigure("blur", colour="each channel alone").still().svg
