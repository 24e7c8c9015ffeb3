"""Lay the windows out as the columns of a matrix; the convolution is then one matrix product per group.

A 3x3 kernel copies each pixel nine times, so the matrix is nine times the input. It is made in blocks: a few rows of outputs at
a time, or a few small images, or a few groups, so that a block is still in the cache when the product reads it.
"""

import numpy as np

from conv_lib.methods.blocks import empty_output, fill, reads, span, split

COLUMNS = 256  # of a block, at least: a matrix product is quick from about here on
BYTES = 2**20  # of a block, about: the second-level cache of a core


def fits(x, weight, rows, columns, groups):
    """Every layer and every dtype: the method that the others fall back on."""
    return True


def convolve(x, weight, rows, columns, groups):
    """(C_out, C_in * K_h * K_w) @ (C_in * K_h * K_w, windows), for one block of windows after the other."""
    y = empty_output(x, weight, rows, columns)
    C_out, channels = len(weight) // groups, weight.shape[1]  # of one group
    column_bytes = weight[0].size * x.itemsize
    wanted = max(COLUMNS, BYTES // column_bytes // groups)
    wanted = max(1, min(wanted, 4 * BYTES // column_bytes))
    height, width = y.shape[2:]
    for first, last in split(groups, BYTES // (column_bytes * min(wanted, height * width))):
        inputs, outputs = slice(first * channels, last * channels), slice(first * C_out, last * C_out)
        for n in split(len(x), wanted // (height * width)):
            for i in split(height, wanted // width):
                for j in split(width, wanted):
                    here = (slice(*n), outputs, slice(*i), slice(*j))
                    y[here] = block(x[slice(*n), inputs], weight[outputs], rows, columns, last - first, i, j)
    return y


def block(x, weight, rows, columns, groups, i, j):
    """The outputs of rows i[0] to i[1] and columns j[0] to j[1] of some images. -> (N, C_out, rows, columns)"""
    N, C_in = x.shape[:2]
    C_out, channels, K_h, K_w = weight.shape
    height, width = i[1] - i[0], j[1] - j[0]
    padded = np.empty((C_in, N, span(rows, height), span(columns, width)), x.dtype)
    fill(padded, x.transpose(1, 0, 2, 3), rows, columns, i[0] * rows.stride, j[0] * columns.stride)
    windows = np.empty((C_in, K_h, K_w, N, height, width), x.dtype)
    for v in range(K_w):
        read = padded[..., reads(columns, v, width)]
        for u in range(K_h):
            windows[:, u, v] = read[:, :, reads(rows, u, height)]
    kernels = weight.reshape(groups, C_out // groups, channels * K_h * K_w)
    y = np.matmul(kernels, windows.reshape(groups, channels * K_h * K_w, N * height * width))
    return y.reshape(C_out, N, height, width).transpose(1, 0, 2, 3)
