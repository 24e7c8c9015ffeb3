"""For few channels on large maps: the windows' columns are laid out, their rows are not.

Each row of the padded input is copied once per kernel column, shifted: three times for a 3x3 kernel, not nine. The lines that an
output row reads then lie below each other in memory, so they are a matrix as they are, and so are those of the next row, one
line further down; the products go straight into the result.
Source: Cho and Brand 2017.
"""

from dataclasses import replace

import numpy as np

from conv_lib.methods.blocks import fill, product, scratch, shaped, split, starts

BYTES = 2**21  # of the lines that are laid out at a time, about


def fits(x, weight, rows, columns, groups):
    """Layers with at most 4 channels per group, and no dilation of the rows."""
    return weight.shape[1] <= 4 and rows.dilation == 1


def convolve(x, weight, rows, columns, groups, y):
    """(C_out, lines) @ (lines, W_out) for each output row, for some groups and rows at a time."""
    C_out, (channels, K_h, K_w), width = len(weight) // groups, weight.shape[1:], columns.output_size
    matrices = weight.reshape(groups, C_out, channels, K_h, K_w).transpose(0, 1, 3, 4, 2).reshape(groups, 1, C_out, -1)  # as the lines
    budget = BYTES // (K_w * channels * width * x.itemsize)
    heights = split(rows.output_size, budget // rows.stride)
    tall = (heights[0][1] - 1) * rows.stride + K_h
    parts = split(groups, budget // tall)
    by_group = x.reshape(len(x), groups, channels, rows.size, columns.size)
    results = y.reshape(len(y), groups, C_out, rows.output_size, width)
    every_row = rows if rows.stride == 1 else replace(rows, stride=1)
    with scratch(x.dtype, parts[0][1] * tall * K_w * channels * width) as (memory,):
        for image, result in zip(by_group, results):
            for g, g_end in parts:
                for first, last in heights:
                    lines = shaped(memory, g_end - g, (last - first - 1) * rows.stride + K_h, K_w, channels, width)
                    for tap, start in enumerate(starts(columns)):
                        fill(lines[:, :, tap].swapaxes(1, 2), image[g:g_end], every_row, columns, (0, start), (first * rows.stride, 0))
                    per_group, per_row, _, per_line, item = lines.strides
                    shape = g_end - g, last - first, matrices.shape[-1], width
                    windows = np.ndarray(shape, x.dtype, memory, strides=(per_group, rows.stride * per_row, per_line, item))
                    product(matrices[g:g_end], windows, result[g:g_end, :, first:last].swapaxes(1, 2))
