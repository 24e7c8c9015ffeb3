"""For few channels on large maps: the windows' columns are laid out, their rows are not.

Each row of the padded input is copied once per kernel column, shifted: three times for a 3x3 kernel, not nine. The lines that an
output row reads then lie below each other in memory, so they are a matrix as they are, and so are those of the next row, one
line further down; the products go straight into the result.

With one output channel the matrix of weights would have a single row. So a band of several output rows is computed at a time,
by a matrix in which the kernel is repeated along the diagonal: more multiplications, by zeros, in less time.
Source: Cho and Brand 2017.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from conv_lib.methods import im2col
from conv_lib.methods.blocks import finite, inside, pixels, product, scratch, shaped, split

BAND = 4  # output rows of a product with fewer than FEW output channels
FEW = 4
BYTES = 2**21  # of the lines that are laid out at a time, about


def fits(x, weight, rows, columns, groups):
    """Layers with at most 4 channels per group, and no dilation of the rows."""
    return weight.shape[1] <= 4 and rows.dilation == 1


def convolve(x, weight, rows, columns, groups, y):
    """(rows of a band, lines) @ (lines, W_out), for some groups and rows at a time."""
    C_out, channels = len(weight) // groups, weight.shape[1]  # of one group
    band = 1 if C_out >= FEW or x.dtype.kind in "iu" else min(BAND, rows.output_size)
    matrices = banded(weight, rows, band, groups)
    line = columns.kernel_size * channels * columns.output_size  # one row of one group, once per kernel column
    budget = BYTES // (line * x.itemsize)
    heights = split(rows.output_size, max(band, budget // rows.stride))
    tall = (heights[0][1] - 1) * rows.stride + rows.kernel_size
    parts = split(groups, budget // tall)
    (memory,) = scratch(x.dtype, parts[0][1] * tall * line)
    for images, results in zip(x, y):
        for g, g_end in parts:
            inputs = images[g * channels : g_end * channels].reshape(g_end - g, channels, rows.size, columns.size)
            outputs = results[g * C_out : g_end * C_out].reshape(g_end - g, C_out, *y.shape[2:])
            for first, last in heights:
                lines = lines_of(inputs, rows, columns, first, last, memory)
                height = last - first
                size = min(band, height)
                multiply(matrices[g:g_end], lines, outputs[:, :, first : first + height // size * size], rows.stride, size)
                if height % size:  # the last band overlaps the one before
                    again = height - size
                    multiply(matrices[g:g_end], lines[:, again * rows.stride :], outputs[:, :, first + again : last], rows.stride, size)
    if band > 1 and not finite(y):  # 0 * inf would spread in a band
        im2col.convolve(x, weight, rows, columns, groups, y)


def banded(weight, rows, band, groups):
    """The weights as matrices (groups, C_out, band, lines), each row one stride further; (groups, 1, C_out, lines) for one row."""
    C_out, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]
    kernels = weight.reshape(groups, C_out, channels, K_h, K_w).transpose(0, 1, 3, 4, 2)  # as the lines lie
    span = (band - 1) * rows.stride + K_h
    matrices = np.zeros((groups, C_out, band, span, K_w, channels), weight.dtype)
    for row in range(band):
        matrices[:, :, row, row * rows.stride : row * rows.stride + K_h] = kernels
    matrices = matrices.reshape(groups, C_out, band, -1)
    return matrices if band > 1 else matrices.swapaxes(1, 2)


def lines_of(inputs, rows, columns, first, last, memory):
    """The lines that the output rows read, once per kernel column. (G, C, H, W) -> (G, rows, K_w, C, W_out)"""
    groups, channels = inputs.shape[:2]
    start = first * rows.stride - rows.padding[0]
    tall = (last - first - 1) * rows.stride + rows.kernel_size
    lines = shaped(memory, groups, tall, columns.kernel_size, channels, columns.output_size)
    top, bottom = max(0, -start), max(0, min(tall, rows.size - start))  # what lies above and below is padding
    lines[:, :top] = lines[:, bottom:] = 0
    for v, (left, right) in enumerate(inside(columns)):
        lines[:, top:bottom, v, :, :left] = lines[:, top:bottom, v, :, right:] = 0
        if top < bottom and left < right:
            read = inputs[:, :, start + top : start + bottom, pixels(columns, v)]
            lines[:, top:bottom, v, :, left:right] = read.transpose(0, 2, 1, 3)
    return lines


def multiply(matrices, lines, outputs, stride, band):
    """The bands of `outputs` (G, C_out, bands * band, W_out), each from the lines that it reads."""
    groups, C_out, height, width = outputs.shape
    bands = height // band
    outputs = outputs.reshape(groups, C_out, bands, band, width)
    if matrices.shape[1] < C_out:
        outputs = outputs.swapaxes(1, 3)
    per_group, per_row, _, _, item = lines.strides
    shape = groups, 1, bands, matrices.shape[-1], width
    windows = as_strided(lines, shape, (per_group, 0, band * stride * per_row, width * item, item), writeable=False)
    product(matrices[:, :, None], windows, outputs)
