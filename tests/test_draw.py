"""The still figures: what is drawn is what conv_lib computes, and a page can take it as it is."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from base64 import b64decode
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from conv_lib import Axis, conv2d, draw, pad, receptive_field
from conv_lib.geometry import axes
from conv_lib.photo import photo

SVG = "{http://www.w3.org/2000/svg}"
X = np.arange(36).reshape(1, 1, 6, 6)
X3 = np.arange(108).reshape(1, 3, 6, 6)
ONES = np.ones((1, 1, 3, 3), int)

STILLS = {
    "grid": lambda: draw.grid(X3[0], "Three channels"),
    "matrices": lambda: draw.matrices({"a <b>": X[0, 0], "c & d": X[0, 0, :2]}),
    "convolution": lambda: draw.convolution(X, ONES, stride=2, padding=1, at=(0, 0, 0, 0)),
    "channels": lambda: draw.convolution(X3, np.ones((2, 3, 3, 3), int), np.array([5, 6]), padding=1, at=(0, 1, 0, 0)),
    "axis": lambda: draw.axis(Axis(12, 3, 3, 1, 2)),
    "long axis": lambda: draw.axis(Axis(224, 11, 4, 2)),
    "unread": lambda: draw.unread(*axes((6, 6), 3, 2)),
    "connectivity": lambda: draw.connectivity(4, 8, 2),
    "taps": lambda: draw.taps((3, 2), (2, 1)),
    "padding modes": lambda: draw.padding_modes(X[0, 0], (2, 1)),
    "receptive field": lambda: draw.receptive_field([(3, 2), (3, 1, 2)]),
    "images": lambda: draw.images({"photo": photo(16), "colour": photo(8, colour=True), "edges": np.eye(3) - 0.5}),
    "bars": lambda: draw.bars({"one & <two>": 3, "four": 4.5}, "MACs", "Work"),
}


def parse(still):
    return ElementTree.fromstring(still.svg)


def panels(still):
    """{title: texts in the middle of cells} for the boards of a figure."""
    found = {}
    for group in parse(still).findall(f"{SVG}g"):
        groups = group.findall(f"{SVG}g")
        if len(groups) > 1 and not any(g.get("class") for g in groups):
            title = groups[0].find(f"{SVG}text").text
            found[title] = [t for g in groups[1:] if "text-anchor:middle" in g.get("style") for t in g]
    return found


def table(still, title):
    """The numbers of a board as the reader sees them, row by row, without the row and column numbers."""
    cells = {}
    for text in panels(still)[title]:
        cells[float(text.get("y")), float(text.get("x"))] = text.text
    rows = sorted({y for y, _ in cells})[1:]  # the first line holds the column numbers
    return [[cells[y, x] for x in sorted(x for line, x in cells if line == y)] for y in rows]


def words(array):
    return [[str(number) for number in row] for row in np.asarray(array).tolist()]


@pytest.mark.parametrize("name", STILLS)
def test_a_figure_is_the_same_on_every_run(name):
    assert STILLS[name]().svg == STILLS[name]().svg


def test_a_figure_is_the_same_in_another_process():
    code = (
        "import sys; sys.path.insert(0, 'tests'); from test_draw import STILLS; from hashlib import sha256;"
        "print(sha256(''.join(s().svg for s in STILLS.values()).encode()).hexdigest())"
    )
    runs = {subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout for _ in range(2)}
    assert len(runs) == 1 and len(runs.pop()) == 65


@pytest.mark.parametrize("name", STILLS)
def test_a_figure_is_one_svg_element_that_says_what_it_shows(name):
    still = STILLS[name]()
    root = parse(still)
    assert still.svg.startswith("<svg ") and root.tag == f"{SVG}svg"
    assert root.get("role") == "img" and root.get("aria-label") == still.alt
    assert len(still.alt) > 20 and "\n" not in still.alt
    bundle = still._repr_mimebundle_()
    assert bundle == {"image/svg+xml": still.svg, "text/plain": still.alt} and repr(still) == still.alt


@pytest.mark.parametrize("name", STILLS)
def test_a_figure_asks_nothing_of_anyone_and_runs_nothing(name):
    svg = STILLS[name]().svg
    addresses = set(re.findall(r"[a-z]+://[^\"' )]*", svg))
    assert addresses == {"http://www.w3.org/2000/svg"}  # the name of the format
    assert not re.search(r"<script|\bon[a-z]+=|<foreignObject|@import|url\(", svg)
    assert all(link.startswith("data:image/png;base64,") for link in re.findall(r'href="([^"]*)"', svg))


@pytest.mark.parametrize("name", STILLS)
def test_all_colours_are_the_pages_with_a_fallback(name):
    svg = re.sub(r'href="[^"]*"', "", STILLS[name]().svg)
    outside = re.sub(r"var\(--cl-[a-z-]+,#[0-9a-f]{6}\)", "", svg)
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", outside)
    painted = re.findall(r"(?:fill|stroke):\s*([a-z#]+)", outside)
    assert set(painted) <= {"none"}
    for element in ElementTree.fromstring(svg).iter(f"{SVG}path"):
        assert "fill" in element.get("style"), "black is no colour of the page"


@pytest.mark.parametrize("name", STILLS)
def test_several_figures_can_stand_in_one_page(name):
    svg = STILLS[name]().svg
    assert not re.search(r'\bid="', svg)
    rules = re.search(r"<style>(.*?)</style>", svg)
    own = parse(STILLS[name]()).get("class")
    assert rules is None or set(re.findall(r"\.(cl-\w+)", rules[1])) == {own}
    other = draw.grid(X[0, 0], "another")
    assert parse(other).get("class") != own


@pytest.mark.parametrize("name", STILLS)
def test_a_figure_fits_the_column_and_stays_small(name):
    still = STILLS[name]()
    assert float(parse(still).get("width")) <= 668
    assert len(still.svg) < 32_000


def test_a_small_example_is_small():
    assert len(STILLS["convolution"]().svg) < 14_000


@pytest.mark.parametrize("padding_mode", ["zeros", "reflect", "replicate", "circular"])
def test_every_cell_holds_the_number_that_conv_lib_has(padding_mode):
    weight = np.arange(18).reshape(2, 1, 3, 3) - 5
    still = draw.convolution(X, weight, padding=2, stride=2, padding_mode=padding_mode, at=(0, 1, 2, 1))
    padded = pad(X, 2, padding_mode)
    assert table(still, "Input") == words(padded[0, 0])
    assert table(still, "weight[1, 0]") == words(weight[1, 0])
    assert table(still, "Output, channel 1") == words(conv2d(padded, weight, stride=2)[0, 1])


def test_the_channels_of_the_group_are_drawn_and_no_others():
    x, weight = np.arange(144).reshape(1, 4, 6, 6), np.ones((2, 2, 3, 3), int)
    still = draw.convolution(x, weight, padding=1, groups=2, at=(0, 1, 0, 0))
    assert list(panels(still)) == [
        "Input, channel 2",
        "Input, channel 3",
        "weight[1, 0]",
        "weight[1, 1]",
        "Output, channel 1",
    ]
    assert still.alt.endswith("72 + 73 + 78 + 79 + 108 + 109 + 114 + 115 = 748.")
    assert "Channel 2: 72 + 73 + 78 + 79 = 302" in texts(still)
    assert "Output (0, 0): 302 + 446 = 748" in texts(still)


def texts(still):
    return ["".join(text.itertext()) for text in parse(still).iter(f"{SVG}text")]


def test_the_sum_is_told_with_its_bias():
    still = draw.convolution(X3[0], np.full((1, 3, 1, 1), 2), np.array([7]), at=(0, 0, 1))
    assert "Output (0, 1): 1·2 + 37·2 + 73·2 + 7 (bias) = 229" in texts(still)
    still = draw.convolution(X3[0, :2], np.ones((1, 2, 1, 2), int), np.array([7]), at=(0, 0, 0))
    assert "Output (0, 0): 1 + 73 + 7 (bias) = 81" in texts(still)


def test_the_sum_of_a_channel_is_that_of_its_products():
    weight = np.array([[[[1, -2]], [[3, 0]]]])
    shown = texts(draw.convolution(X3[0, :2], weight, at=(0, 0, 1)))
    assert "Channel 0: 1·1 + 2·(-2) = -3" in shown and "Channel 1: 37·3 + 38·0 = 111" in shown
    assert f"Output (0, 1): -3 + 111 = {conv2d(X3[0, :2], weight)[0, 0, 1]}" in shown


def squares(still, style):
    """The corners (x, y) of the boxes that are painted so, on all panels."""
    paths = [p.get("d") for p in parse(still).iter(f"{SVG}path") if style in p.get("style")]
    return sorted((float(x), float(y)) for d in paths for x, y in re.findall(r"M([-\d.]+) ([-\d.]+)h", d))


def test_the_window_and_its_taps_stand_where_the_axis_says():
    still = draw.convolution(X // 6, ONES, padding=1, dilation=2, at=(0, 0, 1, 2))
    rows, columns = axes((6, 6), 3, 1, 1, 2)
    expected = [(15 + 30 * (c + 1), 51 + 30 * (r + 1)) for r in rows.taps(1) for c in columns.taps(2)]
    assert squares(still, "fill:var(--cl-accent-soft") == sorted(expected)
    window, chosen = sorted(squares(still, "stroke-width:3"), reverse=True)
    assert window == (15 + 30 * (columns.taps(2)[0] + 1), 51 + 30 * (rows.taps(1)[0] + 1))
    assert chosen == (15 + 30 * 2, 51 + 30 * 1)
    frame = [p.get("d") for p in parse(still).iter(f"{SVG}path") if "stroke-width:3" in p.get("style")]
    assert frame[0].endswith("h150v150h-150z") and frame[1].endswith("v30h-30z")
    assert not squares(draw.convolution(X, ONES, padding=1, dilation=2), "stroke-width:3")


def hatched(still, left, top, across, down):
    """The cells (row, column) that hold diagonal lines."""
    paths = [p.get("d") for p in parse(still).iter(f"{SVG}path") if "stroke:var(--cl-warn" in p.get("style")]
    starts = re.findall(r"M([-\d.]+) ([-\d.]+)L([-\d.]+) ([-\d.]+)", "".join(paths))
    middles = [((float(a) + float(c)) / 2, (float(b) + float(d)) / 2) for a, b, c, d in starts]
    return {(int((y - top) // down), int((x - left) // across)) for x, y in middles}


@pytest.mark.parametrize("size, kernel, stride, padding, dilation", [(6, 3, 2, 1, 1), (6, 1, 3, 0, 1), (7, 2, 4, 1, 3), (5, 3, 1, 1, 1)])
def test_what_no_window_reads_is_hatched_and_nothing_else(size, kernel, stride, padding, dilation):
    x, weight = np.ones((1, size, size), int), np.ones((1, 1, kernel, kernel), int)
    axis = Axis(size, kernel, stride, padding, dilation)
    blind = {p + padding for p in range(-padding, size + padding) if not axis.users(p)}
    length = size + 2 * padding
    cross = {(r, c) for r in range(length) for c in range(length) if r in blind or c in blind}
    assert hatched(draw.convolution(x, weight, None, stride, padding, dilation), 15, 51, 30, 30) == cross
    read = {(p, q) for p in range(size) for q in range(size) if p in axis.unread or q in axis.unread}
    assert hatched(draw.unread(axis, axis), 15, 51, 30, 30) == read


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_a_pixel_that_is_read_in_the_ring_is_not_hatched(mode):
    rows, columns = (Axis(6, k, s, p, d, padding_mode=mode) for k, s, p, d in ((3, 2, 2, 3), (2, 3, 1, 2)))
    x = torch.ones(1, 1, 6, 6, requires_grad=True)
    layer = torch.nn.Conv2d(1, 1, (3, 2), (2, 3), (2, 1), (3, 2), padding_mode=mode, bias=False)
    readers = np.zeros((6, 6), int)
    for output in layer(x).ravel():
        readers += torch.autograd.grad(output, x, retain_graph=True)[0][0, 0].numpy() != 0
    still = draw.unread(rows, columns)
    assert table(still, "Windows that read each pixel") == words(readers)
    unread = {(int(r), int(c)) for r, c in zip(*np.nonzero(readers == 0))}
    assert hatched(still, 15, 51, 30, 30) == unread
    picture = draw.convolution(np.ones((1, 6, 6), int), np.ones((1, 1, 3, 2), int), None, (2, 3), (2, 1), (3, 2), padding_mode=mode)
    inside = {(r - 2, c - 1) for r, c in hatched(picture, 15, 51, 30, 30)}
    assert {(r, c) for r, c in inside if 0 <= r < 6 and 0 <= c < 6} == unread
    assert f"{mode} padding 2 before" in draw.axis(rows).alt
    for axis in (rows, columns):
        never = re.search(r"No window reads positions? (\d+(?:, \d+)*)", draw.axis(axis).alt)
        assert axis.unread == (tuple(map(int, never[1].split(", "))) if never else ())


def test_height_and_width_are_hatched_apart():
    still = draw.convolution(X, ONES, stride=(2, 1))
    assert hatched(still, 15, 51, 30, 30) == {(5, column) for column in range(6)}
    assert "no window reads row 5." in still.alt.lower() and "column 5" not in still.alt


@pytest.mark.parametrize("padding", [1, (2, 0), (0, 3), "same"])
def test_the_padding_ring_is_dashed_and_italic(padding):
    still = draw.convolution(X // 9, ONES[..., :2], padding=padding)
    rows, columns = axes((6, 6), (3, 2), 1, padding)
    top, left = rows.padding[0], columns.padding[0]
    cells = {(r, c) for r in range(rows.padded_size) for c in range(columns.padded_size)}
    ring = {(r, c) for r, c in cells if not (top <= r < top + 6 and left <= c < left + 6)}
    assert squares(still, "stroke-dasharray") == sorted((15 + 30 * c, 51 + 30 * r) for r, c in ring)
    italic = [t.text for g in parse(still).iter(f"{SVG}g") if "italic" in g.get("style", "") for t in g]
    assert italic == ["0"] * len(ring)


def test_the_count_of_windows_is_that_of_the_axes():
    rows, columns = axes((4, 6), (3, 2), (1, 3))
    expected = [[len(rows.users(r)) * len(columns.users(c)) for c in range(6)] for r in range(4)]
    assert table(draw.unread(rows, columns), "Windows that read each pixel") == words(expected)


def test_the_four_padding_modes_stand_apart_and_hold_the_padded_values():
    still = draw.padding_modes(X[0, 0], (2, 1))
    for mode in ("zeros", "reflect", "replicate", "circular"):
        assert table(still, mode) == words(pad(X[0, 0], (2, 1), mode))
    assert len(squares(still, "stroke:var(--cl-pad")) == 4 * (10 * 8 - 36)
    cells = {(r, c) for r in range(2 + 2 * 1) for c in range(4 + 2 * 3)}
    ring = sorted((15 + 30 * c, 35 + 30 * r) for r, c in cells if not (1 <= r < 3 and 3 <= c < 7))
    wide = draw.padding_modes(X[0, 0, :2, :4], (1, 3))
    assert squares(wide, "stroke-dasharray") == sorted(4 * ring)


def test_the_ruler_tells_every_window_and_what_none_reads():
    axis = Axis(10, 3, 4, 0, 2)
    still = draw.axis(axis)
    assert "output 0 reads 0, 2, 4; output 1 reads 4, 6, 8" in still.alt.lower()
    assert "Hatched: no window reads positions 1, 3, 5, 7, 9." in texts(still)
    assert "No window reads padding 6" in draw.axis(Axis(6, 3, 2, 1)).alt
    assert "Every position is read" in draw.axis(Axis(6, 3, 1, 1)).alt
    wide = parse(still).find(f"{SVG}g/{SVG}g[@class='wide']")
    kernel = [p.get("d") for p in wide.iter(f"{SVG}path") if "fill:var(--cl-kernel-soft" in p.get("style")]
    starts = [float(x) for d in kernel for x in re.findall(r"M([-\d.]+) ", d)]
    side = 28
    assert [(x - 64) / side for x in starts] == [*axis.taps(0), *axis.taps(1)]


def test_a_long_axis_shows_both_of_its_ends():
    shown = texts(draw.axis(Axis(224, 11, 4, 2)))
    assert {"-2", "8", "⋯", "215", "225", "output 0", "output 54", "⋮"} <= set(shown)
    assert "Outputs: floor((224 + 2 + 2 - 11) / 4) + 1 = 55." in shown


@pytest.mark.parametrize("in_channels, out_channels, groups", [(4, 2, 2), (3, 6, 3), (4, 4, 1), (12, 12, 12)])
def test_each_output_channel_has_a_line_to_every_input_channel_of_its_group(in_channels, out_channels, groups):
    still = draw.connectivity(in_channels, out_channels, groups)
    weight = np.ones((out_channels, in_channels // groups, 1, 1), int)
    x = np.eye(in_channels, dtype=int)[:, :, None, None]  # one image per input channel
    connected = conv2d(x, weight, groups=groups)[:, :, 0, 0].T  # (output, input)
    lines = [p.get("d") for p in parse(still).iter(f"{SVG}path") if "stroke-width:1.5" in p.get("style")]
    assert sum(d.count("M") for d in lines) == connected.sum()
    title = f"weight ({out_channels}, {in_channels // groups}, K_h, K_w)"
    letters = np.array([[bool(letter) for letter in row] for row in table(still, title)])
    assert (letters == (connected > 0)).all()


def test_groups_are_lettered_on_after_z():
    alt = draw.connectivity(28, 28, 28).alt
    assert "group Z: input 25 to output 25; group AA: input 26 to output 26; group AB: input 27 to output 27" in alt


def test_the_taps_of_a_dilated_kernel_stand_between_zeros():
    assert table(draw.taps((2, 3), (3, 2)), "2x3 kernel, dilation (3, 2)") == [
        ["0,0", "0", "0,1", "0", "0,2"],
        ["0"] * 5,
        ["0"] * 5,
        ["1,0", "0", "1,1", "0", "1,2"],
    ]
    assert "Height: 3·(2 - 1) + 1 = 4; width: 2·(3 - 1) + 1 = 5" in texts(draw.taps((2, 3), (3, 2)))


@pytest.mark.parametrize("layers", [[(3,), (3,)], [(3, 1, 2)] * 3, [(3, 2), (2, 3, 1), (3, 1, 2)], [(1,)]])
def test_the_ways_to_an_output_are_the_gradient_of_a_stack_of_ones(layers):
    still = draw.receptive_field(layers)
    field = receptive_field(layers)[-1]
    signals = np.eye(field.size, dtype=int)[:, None, None, :]  # one signal per pixel: what does it add to the output?
    for layer in layers:
        kernel_size, stride, dilation = (*layer, 1, 1)[:3]
        signals = conv2d(signals, np.ones((1, 1, 1, kernel_size), int), stride=(1, stride), dilation=(1, dilation))
    ways = [str(n) for n in signals.ravel() if n]
    wide = parse(still).find(f"{SVG}g/{SVG}g[@class='wide']")
    shown = [t.text for g in wide.findall(f"{SVG}g") if "middle" in g.get("style") for t in g]
    assert shown == ways
    assert f"reads {len(field.offsets)} of them: {', '.join(map(str, field.offsets))}." in still.alt


def decoded(still):
    """The pixels of each picture, read back from the PNG in the figure."""
    for link in re.findall(r'href="data:image/png;base64,([^"]*)"', still.svg):
        png = b64decode(link)
        width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
        colours = 3 if png[25] == 2 else 1
        start = png.index(b"IDAT")
        data = zlib.decompress(png[start + 4 : start + 4 + int.from_bytes(png[start - 4 : start], "big")])
        lines = np.frombuffer(data, np.uint8).reshape(height, 1 + width * colours)
        assert (lines[:, 0] == 0).all()
        yield lines[:, 1:].reshape(height, width, colours).squeeze()


def test_pictures_are_kept_pixel_by_pixel():
    grey, colour = photo(256), photo(32, colour=True)  # the first needs more than one stored block
    still = draw.images({"grey": grey, "colour": colour, "channels last": colour.transpose(1, 2, 0)})
    pixels = list(decoded(still))
    assert (pixels[0] == grey).all()
    assert (pixels[1] == colour.transpose(1, 2, 0)).all() and (pixels[2] == pixels[1]).all()


def test_other_numbers_are_stretched_and_their_range_is_told():
    still = draw.images({"ramp": np.array([[0.0, 1.0, 2.0]]), "signed": np.array([[-4, 0, 2]]), "flat": np.full((2, 2), 7.0)})
    ramp, signed, flat = decoded(still)
    assert ramp.tolist() == [0, 128, 255] and signed.tolist() == [0, 128, 191] and (flat == 0).all()
    assert "ramp (1x3, from 0 to 2)" in still.alt and "signed (1x3, from -4 to 2)" in still.alt


def test_matplotlib_reads_the_pictures(tmp_path):
    from matplotlib.image import imread

    still = draw.images({"photo": photo(16)})
    (tmp_path / "photo.png").write_bytes(b64decode(re.search(r'base64,([^"]*)"', still.svg)[1]))
    assert (np.rint(imread(tmp_path / "photo.png") * 255) == photo(16)).all()


def test_bars_are_as_long_as_their_values():
    still = draw.bars({"a": 10, "b": 4, "none": 0}, "MACs")
    bars = [p.get("d") for p in parse(still).iter(f"{SVG}path")]
    lengths = [max(float(x) for x in re.findall(r"[ML] ([\d.]+)", d)) for d in bars]
    assert lengths[1] == pytest.approx(0.4 * lengths[0], abs=0.02) and lengths[2] == 0
    assert still.alt == "a: 10 MACs; b: 4 MACs; none: 0 MACs."
    assert {"a", "b", "10", "4"} <= set(texts(still))


CAPTIONED = {
    "grid": lambda caption: draw.grid(X[0, 0], caption),
    "matrices": lambda caption: draw.matrices({"a": X[0, 0]}, caption),
    "convolution": lambda caption: draw.convolution(X, ONES, caption=caption),
    "axis": lambda caption: draw.axis(Axis(12, 3, 3, 1, 2), caption),
    "unread": lambda caption: draw.unread(*axes((6, 6), 3, 2), caption),
    "connectivity": lambda caption: draw.connectivity(4, 8, 2, caption),
    "taps": lambda caption: draw.taps((3, 2), (2, 1), caption),
    "padding_modes": lambda caption: draw.padding_modes(X[0, 0], (2, 1), caption),
    "receptive_field": lambda caption: draw.receptive_field([(3, 2), (3, 1, 2)], caption),
    "images": lambda caption: draw.images({"photo": photo(16)}, caption),
}


@pytest.mark.parametrize("name", CAPTIONED)
def test_every_figure_has_its_caption_above_it_and_in_its_words(name):
    still, bare = CAPTIONED[name]("Three of a kind"), CAPTIONED[name]("")
    assert texts(still)[0] == "Three of a kind" and still.alt == f"Three of a kind. {bare.alt}"
    assert texts(still)[1:] == texts(bare)


def test_a_caption_stands_first():
    still = draw.grid(X[0, 0], "Numbers 0 to 35")
    assert texts(still)[0] == "Numbers 0 to 35" and still.alt.startswith("Numbers 0 to 35. Grid")


@pytest.mark.parametrize("size", [8, 64, 512])
def test_the_photo_is_averaged_not_sampled(size):
    whole, small = photo(512, colour=True), photo(size, colour=True)
    side = 512 // size
    means = whole.reshape(3, size, side, size, side).mean(axis=(2, 4))
    assert small.dtype == np.uint8 and np.abs(small - means).max() <= 0.5
    grey = np.tensordot([0.299, 0.587, 0.114], means, 1)
    assert np.abs(photo(size) - grey).max() <= 0.5 + 1e-9


NO = [
    lambda: draw.grid([[1]]),
    lambda: draw.grid(np.ones(3)),
    lambda: draw.grid(np.ones((40, 2))),
    lambda: draw.grid(np.ones((0, 2))),
    lambda: draw.matrices({}),
    lambda: draw.matrices({1: X[0, 0]}),
    lambda: draw.matrices([X]),
    lambda: draw.convolution(X, ONES, at=(0, 0, 4, 0)),
    lambda: draw.convolution(X, ONES, at=(0, 0)),
    lambda: draw.convolution(X[:0], ONES),
    lambda: draw.convolution(np.ones((1, 1, 40, 40)), np.ones((1, 1, 3, 3))),
    lambda: draw.convolution(X, ONES, padding=20),
    lambda: draw.convolution(X, ONES, padding=(0, 14)),
    lambda: draw.convolution(X, ONES, question=3),
    lambda: draw.unread(Axis(6, 3), Axis(6, 3, padding=1100)),
    lambda: draw.axis(6),
    lambda: draw.axis(Axis(5000, 3)),
    lambda: draw.unread(Axis(6, 3), 6),
    lambda: draw.connectivity(4, 6, 4),
    lambda: draw.connectivity(64, 64),
    lambda: draw.connectivity(0, 1),
    lambda: draw.taps(0),
    lambda: draw.taps(3, 40),
    lambda: draw.padding_modes(X[0, 0], 6),
    lambda: draw.padding_modes(X[0, 0], "same"),
    lambda: draw.receptive_field([3]),
    lambda: draw.receptive_field([(3, 9)] * 4),
    lambda: draw.receptive_field([]),
    lambda: draw.images({"x": np.ones((2, 2, 4))}),
    lambda: draw.images({"x": np.array([[np.nan]])}),
    lambda: draw.images({"x": X[0, 0]}, side=0),
    lambda: draw.bars({"a": -1}),
    lambda: draw.bars({"a": "1"}),
    lambda: draw.bars({"a": True}),
    lambda: draw.bars({"a": np.True_}),
    lambda: draw.unread(Axis(6, 3, padding=1100), Axis(6, 3)),
    lambda: draw.bars({"a": float("nan")}),
    lambda: draw.grid(X[0, 0], caption=3),
    lambda: photo(100),
    lambda: photo(64, colour="yes"),
]


@pytest.mark.parametrize("call", NO, ids=range(len(NO)))
def test_what_cannot_be_drawn_is_refused_on_purpose(call):
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert caught.traceback[-1].path.name == "arguments.py"


def test_the_largest_that_is_drawn_is_32_cells_and_1024_pixels():
    draw.grid(np.zeros((32, 2), int)), draw.images({"a": np.zeros((1, 1024))})
    for beyond in (lambda: draw.grid(np.zeros((2, 33), int)), lambda: draw.images({"a": np.zeros((1, 1025))})):
        with pytest.raises(ValueError, match="at most 32|between 1 and 1024"):
            beyond()


def test_the_input_is_left_alone():
    x, weight = X3.copy(), np.ones((1, 3, 3, 3), int)
    x.flags.writeable = weight.flags.writeable = False
    draw.convolution(x, weight, padding=1, padding_mode="reflect", at=(0, 0, 0, 0))
    draw.images({"x": x[0, 0]})
    assert (x == X3).all()


def test_numpy_is_all_that_the_library_itself_loads():
    code = "import sys, conv_lib; print([m for m in ('matplotlib', 'PIL', 'torch', 'ipywidgets') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
