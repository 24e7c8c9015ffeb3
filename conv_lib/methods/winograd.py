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
from numpy.lib.stride_tricks import as_strided

from conv_lib.methods import im2col
from conv_lib.methods.blocks import finite, product, scratch, shaped, split

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
BYTES = 5 * 2**20  # of one step with all its arrays, at most; also of the weights where there are many more than pixels
UNLIKE = 2.0**12  # between the energies of neighbouring rows: 64 times the size
PART = 2**16  # weights that are transformed together, about
ROOM = 2**21  # bytes by which the weights may be larger than twice the input and output


def fits(x, weight, rows, columns, groups):
    """float32, three kernel rows, stride 1, no groups."""
    return x.dtype == np.float32 and rows.kernel_size == 3 and rows.stride == columns.stride == groups == 1


def convolve(x, weight, rows, columns, groups, y):
    """OUTPUT @ (transformed weights @ transformed rows), for all output channels, or for as many as there is memory for."""
    if not alike(x):
        im2col.convolve(x, weight, rows, columns, groups, y)
        return
    together = len(weight)
    if weight.nbytes > 2 * (x.nbytes + y.nbytes) + ROOM:
        together = BYTES // (2 * weight[0].nbytes)
    for first, last in split(len(weight), together):
        convolve_part(x, weight[first:last], y[:, first:last], rows, columns)
    if not finite(y):
        im2col.convolve(x, weight, rows, columns, groups, y)


def tile_rows(rows):
    """(first output row, first input row) of each tile. A tile holds every `dilation`-th row: those that share inputs."""
    step = rows.dilation
    for phase in range(min(step, rows.output_size)):
        for row in range(phase, rows.output_size, ROWS * step):
            yield row, rows.window(row)[0]


def convolve_part(x, weight, y, rows, columns):
    """The tiles side by side, about COLUMNS outputs at a time: transform, multiply, transform back, into `y`."""
    (N, C_in, H, W), (C_out, _, _, K_w) = x.shape, weight.shape
    width, step, left = columns.output_size, rows.dilation, columns.padding[0]
    tiles = [(n, *tile) for n in range(N) for tile in tile_rows(rows)]
    column_bytes = 4 * (2 * TILE * C_in + K_w * C_in + (TILE + ROWS) * C_out)
    steps = split(len(tiles), min(COLUMNS, BYTES // column_bytes) // width)
    most = steps[0][1]
    shapes = (
        (C_out, TILE, K_w * C_in),
        (TILE, C_in, most, columns.padded_size),
        (K_w, C_in, most, width),
        (TILE, C_out, most * width),
        (ROWS, C_out, most, width),
    )
    with scratch(x.dtype, *map(math.prod, shapes)) as pieces:
        kernels, inputs, shifted, products, results = (shaped(piece, *shape) for piece, shape in zip(pieces, shapes))
        kernels = transform(weight, kernels).swapaxes(0, 1)
        inputs[..., :left] = inputs[..., left + W :] = 0
        for first, last in steps:
            for t, (n, _, row) in enumerate(tiles[first:last]):
                top = min(TILE, max(0, -(row // step)))  # rows of the tile above the input
                bottom = max(top, min(TILE, -((row - H) // step)))  # and from here on, below it
                into = inputs[:, :, t, left : left + W].swapaxes(0, 1)
                np.matmul(INPUT[:, top:bottom], x[n, :, row + top * step : max(0, row + bottom * step) : step], out=into)
            for a in range(TILE):
                shifted[...] = as_strided(inputs[a], shifted.shape, (columns.dilation * x.itemsize, *inputs.strides[1:]))
                product(kernels[a], shifted.reshape(K_w * C_in, most * width), products[a])
            np.matmul(OUTPUT, products.reshape(TILE, -1), out=results.reshape(ROWS, -1))
            for t, (n, row, _) in enumerate(tiles[first:last]):
                into = y[n, :, row : row + ROWS * step : step]
                into[...] = results[: into.shape[1], :, t].swapaxes(0, 1)


def transform(weight, kernels):
    """KERNEL @ (the three rows of each kernel), into `kernels` (C_out, 6, K_w * C_in): columns before channels."""
    C_out, C_in, K_h, K_w = weight.shape
    for first, last in split(C_out, PART // weight[0].size):  # a part that stays in the cache between the two steps
        rows = weight[first:last].reshape(-1, C_in, K_h * K_w).swapaxes(1, 2).reshape(-1, K_h, K_w * C_in)
        np.matmul(KERNEL, rows, out=kernels[first:last])
    return kernels


def alike(x):
    """Whether the rows of the input are finite and of like magnitude: small rows beside large ones would drown in their rounding."""
    energy = np.einsum("nchw,nchw->nh", x, x)
    return bool(np.isfinite(energy).all() and energy.max(initial=0) <= UNLIKE * energy.min(initial=np.inf))
