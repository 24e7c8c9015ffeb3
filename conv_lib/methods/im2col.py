"""Lay the windows out as the columns of a matrix; the convolution is then one matrix product per group.

A 3x3 kernel copies each pixel nine times, so the matrix is nine times the input. It is made in blocks: a few rows of outputs at
a time, or a few small images, or a few groups, so that a block is still in the cache when the product reads it.
"""

import itertools
import math

import numpy as np

from conv_lib.methods.blocks import product, scratch, shaped, shift, split, starts

COLUMNS = 1024  # of a block, if it then stays below MOST bytes: each product packs the weights anew
MOST = 7 * 2**20
BYTES = 2**19  # of a block that may have more columns than that: it should stay in the second-level cache of a core
COPY = 2**13  # numbers that one tap copies in one go, at least: less is not worth the call
GROUPS = 2**21  # bytes of the groups that are computed together, about


def fits(x, weight, rows, columns, groups):
    """Every layer and every dtype."""
    return True


def convolve(x, weight, rows, columns, groups, y):
    """(C_out, C_in * K_h * K_w) @ (C_in * K_h * K_w, windows), for one block of windows after the other."""
    C_out, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]  # of one group
    height, width = y.shape[2:]
    column_bytes = weight[0].size * x.itemsize
    wanted = max(COLUMNS, BYTES // column_bytes // groups, COPY // x.shape[1])
    wanted = max(1, min(wanted, MOST // column_bytes))
    parts = split(groups, GROUPS // (column_bytes * min(wanted, height * width)))
    batches, downs, acrosses = split(len(x), wanted // (height * width)), split(height, wanted // width), split(width, wanted)
    most = math.prod(parts[0][1] for parts in (parts, batches, downs, acrosses)) * weight[0].size
    with scratch(x.dtype, most) as (memory,):
        for (first, last), n, i, j in itertools.product(parts, batches, downs, acrosses):
            outputs = slice(first * C_out, last * C_out)
            images = x[slice(*n), first * channels : last * channels].transpose(1, 0, 2, 3)
            sizes = n[1] - n[0], i[1] - i[0], j[1] - j[0]
            windows = shaped(memory, len(images), K_h, K_w, *sizes)
            for u, start in enumerate(starts(rows)):
                shift(windows[:, u], images, rows, columns, start, (i[0], j[0]))
            windows = windows.reshape(last - first, weight[0].size, -1)
            kernels = weight[outputs].reshape(last - first, C_out, -1)
            if sizes[0] == 1 and j == (0, width):  # the products of one image's rows lie in y as they come
                into = y[n[0], outputs].reshape(last - first, C_out, height * width)
                product(kernels, windows, into[..., i[0] * width : i[1] * width])
            else:
                block = np.matmul(kernels, windows).reshape(-1, *sizes)
                y[slice(*n), outputs, slice(*i), slice(*j)] = block.transpose(1, 0, 2, 3)
