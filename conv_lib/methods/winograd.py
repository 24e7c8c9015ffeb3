"""Winograd's F(4, 3) down the rows: four outputs of a three-tap kernel for six multiplications where the definition takes twelve.

Four outputs of one column read six inputs d and three weights g. The same four numbers are

    OUTPUT @ ((KERNEL @ g) * (INPUT @ d))

with the three small matrices below: six products of a transformed weight and a transformed input. The transforms only add and
scale, and each is used again and again: that of a weight for all pixels, that of a pixel for all output channels. So a 3x3 layer
takes half the multiplications. The kernel's columns are not transformed: their three shifted copies stand below each other, as
in im2col, and one matrix product per transformed row sums over channels and columns.

The price is rounding: 1/24 and 8 are mixed in, and the four outputs of a tile share the errors of its six rows. So it is for
float32 only, where rows of unlike magnitude, and anything that is not finite, are left to im2col.
Source: Winograd 1980; Lavin and Gray 2016.
"""

import math

import numpy as np

from conv_lib.methods import im2col
from conv_lib.methods.blocks import empty_output, scratch, shaped, split, starts

INPUT = np.array(
    [
        [4, 0, -5, 0, 1, 0],
        [0, -4, -4, 1, 1, 0],
        [0, 4, -4, -1, 1, 0],
        [0, -2, -1, 2, 1, 0],
        [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
    ],
    np.float32,
)
KERNEL = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ],
    np.float32,
)
OUTPUT = np.array(
    [
        [1, 1, 1, 1, 1, 0],
        [0, 1, -1, 2, -2, 0],
        [0, 1, 1, 4, 4, 0],
        [0, 1, -1, 8, -8, 1],
    ],
    np.float32,
)
ROWS, TILE = OUTPUT.shape  # 4 outputs of 6 inputs
COLUMNS = 192  # of one matrix product, about
BYTES = 5 * 2**20  # of one step with all its arrays, at most
CHANNELS = 64  # of groups that are computed together, about
UNLIKE = 2.0**12  # between the energies of neighbouring rows: 64 times the size
ROOM = 2**21  # bytes by which the weights may be larger than twice the input and output


def fits(x, weight, rows, columns, groups):
    """float32, three kernel rows, stride 1, and weights that are not far larger than input and output."""
    output_bytes = len(x) * len(weight) * rows.output_size * columns.output_size * x.itemsize
    return (
        x.dtype == np.float32
        and rows.kernel_size == 3
        and rows.stride == columns.stride == 1
        and weight.nbytes <= 2 * (x.nbytes + output_bytes) + ROOM
    )


def convolve(x, weight, rows, columns, groups):
    """OUTPUT @ (transformed weights @ transformed rows), a few groups at a time."""
    if not alike(x):
        return im2col.convolve(x, weight, rows, columns, groups)
    y = empty_output(x, weight, rows, columns)
    C_out, channels = len(weight) // groups, weight.shape[1]  # of one group
    tiles = list(tile_rows(rows))
    together = CHANNELS * COLUMNS // min(COLUMNS, len(x) * len(tiles) * columns.output_size)
    for first, last in split(groups, together // channels):
        inputs, outputs = slice(first * channels, last * channels), slice(first * C_out, last * C_out)
        convolve_groups(x[:, inputs], weight[outputs], y[:, outputs], tiles, rows, columns, last - first)
    return y if finite(y) else im2col.convolve(x, weight, rows, columns, groups)


def tile_rows(rows):
    """(first output row, first input row) of each tile. A tile holds every `dilation`-th row: those that share inputs."""
    step = rows.dilation
    for phase in range(min(step, rows.output_size)):
        for row in range(phase, rows.output_size, ROWS * step):
            yield row, rows.taps(row)[0]


def convolve_groups(x, weight, y, tiles, rows, columns, groups):
    """The tiles side by side, about COLUMNS outputs at a time: transform, multiply, transform back, into `y`."""
    (N, C_in, H, W), (C_out, channels, _, K_w) = x.shape, weight.shape
    width, step, left, shifts = columns.output_size, rows.dilation, columns.padding[0], starts(columns)
    tiles = [(n, *tile) for n in range(N) for tile in tiles]
    column_bytes = 4 * (2 * TILE * C_in + K_w * C_in + (TILE + ROWS) * C_out)
    steps = split(len(tiles), min(COLUMNS, BYTES // column_bytes) // width)
    most = steps[0][1]
    shapes = (
        (C_out, TILE, K_w * channels),
        (TILE, groups, channels, most, columns.padded_size),
        (groups, K_w, channels, most, width),
        (TILE, groups, C_out // groups, most * width),
        (ROWS, C_out, most, width),
    )
    pieces = scratch(x.dtype, *map(math.prod, shapes))
    kernels, inputs, shifted, products, results = (shaped(piece, *shape) for piece, shape in zip(pieces, shapes))
    kernels = transform(weight, kernels).reshape(groups, C_out // groups, TILE, K_w * channels).transpose(2, 0, 1, 3)
    inputs[..., :left] = inputs[..., left + W :] = 0
    by_channel = inputs.reshape(TILE, C_in, most, columns.padded_size)
    for first, last in steps:
        for t, (n, _, row) in enumerate(tiles[first:last]):
            top = min(TILE, max(0, -(row // step)))  # rows of the tile above the input
            bottom = max(top, min(TILE, -((row - H) // step)))  # and from here on, below it
            into = by_channel[:, :, t, left : left + W].transpose(1, 0, 2)
            np.matmul(INPUT[:, top:bottom], x[n, :, row + top * step : max(0, row + bottom * step) : step], out=into)
        for a in range(TILE):
            for v, start in enumerate(shifts):
                shifted[:, v] = inputs[a, ..., start : start + width]
            np.matmul(kernels[a], shifted.reshape(groups, K_w * channels, most * width), out=products[a])
        np.matmul(OUTPUT, products.reshape(TILE, -1), out=results.reshape(ROWS, -1))
        for t, (n, row, _) in enumerate(tiles[first:last]):
            into = y[n, :, row : row + ROWS * step : step]
            into[...] = results[: into.shape[1], :, t].transpose(1, 0, 2)


def transform(weight, kernels):
    """KERNEL @ (the three rows of each kernel), into `kernels` (C_out, 6, K_w * channels): columns before channels."""
    C_out, channels, K_h, K_w = weight.shape
    for first, last in split(C_out, 2**16 // weight[0].size):  # a part that stays in the cache between the two steps
        rows = weight[first:last].reshape(-1, channels, K_h * K_w).transpose(0, 2, 1).reshape(-1, K_h, K_w * channels)
        np.matmul(KERNEL, rows, out=kernels[first:last])
    return kernels


def alike(x):
    """Whether the rows of the input are finite and of like magnitude: small rows beside large ones would drown in their rounding."""
    energy = np.einsum("nchw,nchw->nh", x, x)
    return bool(np.isfinite(energy).all() and energy.max(initial=0) <= UNLIKE * energy.min(initial=np.inf))


def finite(y):
    """Whether all numbers of the result are finite, by one sum of squares."""
    return bool(np.isfinite(np.dot(y.ravel(), y.ravel())))
