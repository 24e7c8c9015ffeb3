"""Every method cuts its work into blocks. Here the blocks are so small that each cut meets each remainder, alone and with the others."""

import random

import numpy as np
import pytest

from conv_lib import conv2d
from conv_lib.methods import METHODS

# The block sizes of each method, and what a test makes of them.
SMALL = {
    "pointwise": {},
    "shifts": {"BYTES": (1, 200, 1000, 4000)},
    "bands": {"BYTES": (1, 200, 1000, 4000)},
    "taps": {"PIXELS": (1, 5, 12)},
    "winograd": {"COLUMNS": (1, 9, 30), "BYTES": (1, 1000, 4000), "ROOM": (-(2**21), 0)},
    "im2col": {"COLUMNS": (1, 7, 20), "MOST": (1, 400, 2000), "BYTES": (1, 600), "COPY": (1, 30), "GROUPS": (1, 500)},
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


def small_layers(name, seed, count):
    """`count` layers of small whole numbers that a method may fit: flat, tall, wide and thin ones too."""
    rng, pick = np.random.default_rng(seed), random.Random(seed).choice
    for _ in range(count):
        chances = (1, 1, 2, 3, 3, 5), (1, 1, 1, 2, 3), (1, 1, 2, 3), (0, 0, 1, 2, 4)
        kernel, stride, dilation, padding = ((pick(sizes), pick(sizes)) for sizes in chances)
        if name == "pointwise":
            kernel, padding = (1, 1), (0, 0)
        if name == "winograd":
            kernel, stride = (3, kernel[1]), (1, 1)
        groups, channels, outputs = pick((1, 1, 2, 3, 5)), pick((1, 1, 2, 3, 5)), pick((1, 2, 3, 5, 9))
        groups = 1 if name in ("taps", "winograd") else groups
        least = [max(1, d * (k - 1) + 1 - 2 * p) for k, d, p in zip(kernel, dilation, padding)]
        size = [least[0] + pick(range(12)), least[1] + pick(range(12))]
        if pick((0, 0, 0, 0, 1)):
            size[pick((0, 1))] += pick(range(60))
        x = rng.integers(-9, 10, (pick((1, 1, 2, 3)), groups * channels, *size))
        weight = rng.integers(-9, 10, (groups * outputs, channels, *kernel))
        yield x, weight, {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}


@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("name", METHODS)
def test_a_method_in_small_blocks_equals_the_definition(name, part, monkeypatch):
    pick, computed = random.Random(part).choice, 0
    for x, weight, options in small_layers(name, part, 100):
        for constant, values in SMALL[name].items():
            monkeypatch.setattr(METHODS[name], constant, pick(values))
        try:
            y = conv2d(x.astype(np.float32), weight.astype(np.float32), **options, method=name)
        except ValueError as error:
            assert "does not fit" in str(error), (name, x.shape, weight.shape, options)
            continue
        computed += 1
        expected = definition(x, weight, **options)
        assert np.array_equal(np.rint(y) if name == "winograd" else y, expected), (name, x.shape, weight.shape, options)
    assert computed >= 20
