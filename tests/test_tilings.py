"""Every method cuts its work into blocks. Here the blocks are so small that each cut meets each remainder, alone and with the others.

The layers are of small whole numbers, so that every sum is exact in single precision and must be met to the bit.
"""

import itertools
import random
import sys
from collections import defaultdict

import numpy as np
import pytest

from conv_lib import conv2d
from conv_lib.geometry import axes
from conv_lib.methods import METHODS, blocks, fitting

PARTS, LAYERS = 3, 280  # of each method; 5,040 layers in all

# The block sizes of each method, and what a test makes of them.
SMALL = {
    "pointwise": {},
    "shifts": {"BYTES": (-9000, -2000, 200, 1000, 4000), "FEW": (1, 4, 32)},
    "bands": {"BYTES": (1, 200, 1000, 4000)},
    "taps": {"PIXELS": (1, 5, 12, 40)},
    "winograd": {"COLUMNS": (1, 9, 30), "BYTES": (1, 1000, 4000), "ROOM": (-(2**21), 0), "PART": (1, 30, 200)},
    "im2col": {"COLUMNS": (3, 7, 20, 90), "MOST": (1, 400, 2000, 9000), "BYTES": (1, 600), "COPY": (1, 30), "GROUPS": (1, 500, 9000)},
}


def definition(x, weight, stride, padding, dilation, groups):
    """The convolution of whole numbers as one sum over the taps, in int64."""
    (C_out, channels, K_h, K_w), N = weight.shape, len(x)
    padded = np.pad(x.astype(int), ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    padded = padded.reshape(N, groups, channels, *padded.shape[2:])
    kernels = weight.astype(int).reshape(groups, C_out // groups, channels, K_h, K_w)
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, (K_h, K_w))]
    h, w = ((size - span) // s + 1 for size, span, s in zip(padded.shape[3:], spans, stride))
    y = np.zeros((N, groups, C_out // groups, h, w), int)
    for u in range(K_h):
        for v in range(K_w):
            top, left = u * dilation[0], v * dilation[1]
            read = padded[..., top : top + (h - 1) * stride[0] + 1 : stride[0], left : left + (w - 1) * stride[1] + 1 : stride[1]]
            y += np.einsum("gok,ngkhw->ngohw", kernels[..., u, v], read)
    return y.reshape(N, C_out, h, w)


def layers(name, seed):
    """Layers of small whole numbers that a method fits, flat, tall, wide and thin ones too: (x, weight, options) without end."""
    rng, pick = np.random.default_rng(seed), random.Random(seed).choice
    while True:
        chances = (1, 1, 2, 3, 3, 5), (1, 1, 1, 2, 3), (1, 1, 2, 3), (0, 0, 1, 2, 4)
        kernel, stride, dilation, padding = ((pick(sizes), pick(sizes)) for sizes in chances)
        if name == "pointwise":
            kernel, padding = (1, 1), (0, 0)
        if name == "winograd":
            kernel, stride = (3, kernel[1]), (1, 1)
        groups, channels, outputs = pick((1, 1, 2, 3, 5)), pick((1, 1, 2, 3, 5)), pick((1, 2, 3, 5, 8, 16))
        groups = 1 if name in ("taps", "winograd") else groups
        size = [max(1, d * (k - 1) + 1 - 2 * p) + pick(range(14)) for k, d, p in zip(kernel, dilation, padding)]
        if pick((0, 0, 0, 0, 1)):
            size[pick((0, 1))] += pick(range(60))
        x = rng.integers(-9, 10, (pick((1, 1, 2, 3, 5)), groups * channels, *size)).astype(np.float32)
        weight = rng.integers(-9, 10, (groups * outputs, channels, *kernel)).astype(np.float32)
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        if name is None or name in fitting(x, weight, *axes(size, kernel, **options), groups):
            yield x, weight, {**options, "groups": groups}


@pytest.fixture
def shrink(monkeypatch):
    """Call it with a method and a way to pick: the blocks of the method are then of other sizes, all of them small."""

    def shrink(name, pick):
        monkeypatch.setattr(blocks, "SMALL", pick((300, 2000, 10**6)))
        for constant, values in SMALL[name].items():
            monkeypatch.setattr(METHODS[name], constant, pick(values))

    return shrink


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", METHODS)
def test_a_method_in_small_blocks_equals_the_definition(name, part, shrink, monkeypatch):
    cuts, pick = defaultdict(set), random.Random(part).choice

    def split(total, most):
        found = blocks.split(total, most)
        last = found[-1][1] - found[-1][0]
        cuts[sys._getframe(1).f_lineno].add("whole" if len(found) == 1 else "even" if last == found[0][1] else "with a rest")
        return found

    if hasattr(METHODS[name], "split"):
        monkeypatch.setattr(METHODS[name], "split", split)
    for x, weight, options in itertools.islice(layers(name, part), LAYERS):
        shrink(name, pick)
        y = conv2d(x, weight, **options, method=name)
        y = np.rint(y) if name == "winograd" else y
        assert np.array_equal(y, definition(x, weight, **options)), (name, x.shape, weight.shape, options)
    assert all(seen == {"whole", "even", "with a rest"} for seen in cuts.values()), dict(cuts)


def readers(shape, weight, options, at):
    """Which outputs read the input at (n, c, i, j): a mask."""
    x = np.zeros(shape, int)
    x[at] = 1
    return definition(x, np.ones_like(weight), **options) > 0


def same_bits(a, b):
    return np.array_equal(a.view(np.uint32), b.view(np.uint32))


@pytest.mark.parametrize("name", [*(name for name in METHODS if name != "winograd"), None])
def test_no_output_depends_on_what_it_does_not_read(name, shrink):
    pick, rng = random.Random(name).choice, np.random.default_rng(0)
    for x, weight, options in itertools.islice(layers(name, 9), 60):
        x, weight = x * np.float32(np.pi), weight * np.float32(np.e)  # sums that round
        if name:
            shrink(name, pick)
        y = conv2d(x, weight, **options, method=name)
        for special in (np.nan, np.inf, np.float32(5e6), np.float32(0)):
            at = tuple(rng.integers(x.shape))
            other, reads = x.copy(), readers(x.shape, weight, options, at)
            other[at] = special
            changed = conv2d(other, weight, **options, method=name)
            assert same_bits(changed[~reads], y[~reads]), (name, x.shape, weight.shape, options, at, special)
            assert np.isfinite(special) or not np.isfinite(changed[reads]).any()
            kernel = weight.copy()
            kernel[tuple(rng.integers(weight.shape))] = special
            changed = conv2d(x, kernel, **options, method=name)
            apart = (kernel == weight).all((1, 2, 3))  # the output channels that read other weights
            assert same_bits(changed[:, apart], y[:, apart]), (name, x.shape, weight.shape, options, special)
            assert not np.isnan(special) or np.isnan(changed[:, ~apart]).all()


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("name", METHODS)
def test_wide_and_thin_maps(name, turn):
    pick, rng = random.Random(4).choice, np.random.default_rng(4)
    sizes = [*itertools.product((1, 5, 30), (611, 4096)), (1, 20_000)]
    for height, width in sizes:
        kernel, channels = (1, 1) if name == "pointwise" else (3 if name == "winograd" else pick((1, 2, 3)), pick((3, 5))), pick((1, 2))
        size, kernel = ((width, height), kernel[::-1]) if turn and name != "winograd" else ((height, width), kernel)
        padding = tuple(k // 2 for k in kernel) if name != "pointwise" else (0, 0)
        stride = (1, 1) if name == "winograd" else pick(((1, 1), (1, 2)))
        x = rng.integers(-9, 10, (1, channels, *size)).astype(np.float32)
        weight = rng.integers(-9, 10, (2, channels, *kernel)).astype(np.float32)
        options = {"stride": stride, "padding": padding, "dilation": (1, 1), "groups": 1}
        y = conv2d(x, weight, **options, method=name)
        y = np.rint(y) if name == "winograd" else y
        assert np.array_equal(y, definition(x, weight, **options)), (name, x.shape, weight.shape, options)


@pytest.mark.parametrize(("channels", "size", "outputs", "kernel"), [
    (1, (9, 8192), 1, (1, 16)),
    (3, (1080, 1920), 3, (7, 7)),
    (2, (2160, 3840), 2, (3, 3)),
    (1, (512, 512), 1, (101, 101)),
])  # fmt: skip
def test_photos_of_real_sizes(channels, size, outputs, kernel):
    x, weight = np.ones((channels, *size), np.float32), np.ones((outputs, channels, *kernel), np.float32)
    assert (conv2d(x, weight) == weight[0].size).all()
