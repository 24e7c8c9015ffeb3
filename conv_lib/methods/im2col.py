"""Lay the windows out as the columns of a matrix; the convolution is then one matrix product per group.

A 3x3 kernel copies each pixel nine times, so the matrix is nine times the input. It is made in blocks: a few rows of outputs at
a time, or a few small images, or a few groups, so that a block is still in the cache when the product reads it.

With a stride of 2, even and odd rows and columns are taken apart first, so that each tap copies whole runs. Where a block is
whole maps, as large as the output, a tap copies each map in one run.
"""

import math

import numpy as np

from conv_lib.methods.blocks import fill, inside, overlap, product, scratch, shaped, split, starts

COLUMNS = 1024  # of a block, if it then stays below MOST bytes: each product packs the weights anew
MOST = 7 * 2**20
BYTES = 2**19  # of a block that may have more columns than that: it should stay in the second-level cache of a core
COPY = 2**13  # numbers that one tap copies in one go, at least: less is not worth the call
GROUPS = 2**21  # bytes of the groups that are computed together, about


def fits(x, weight, rows, columns, groups):
    """Every layer and every dtype: the method that the others fall back on."""
    return True


def convolve(x, weight, rows, columns, groups, y):
    """(C_out, C_in * K_h * K_w) @ (C_in * K_h * K_w, windows), for one block of windows after the other."""
    C_out, channels = len(weight) // groups, weight.shape[1]  # of one group
    height, width = y.shape[2:]
    column_bytes = weight[0].size * x.itemsize
    wanted = max(COLUMNS, BYTES // column_bytes // groups, COPY // x.shape[1])
    wanted = max(1, min(wanted, MOST // column_bytes))
    parts = split(groups, GROUPS // (column_bytes * min(wanted, height * width)))
    batches, downs, acrosses = split(len(x), wanted // (height * width)), split(height, wanted // width), split(width, wanted)
    most = [parts[0][1] * channels, batches[0][1], downs[0][1], acrosses[0][1]]  # channels, images, rows and columns of a block
    lanes = len(lanes_of(rows)) * len(lanes_of(columns)) * lane_size(rows, most[2]) * lane_size(columns, most[3])
    laid_out = shared(rows, columns) and not whole_maps(rows, columns, downs[0], acrosses[0])
    memory = scratch(x.dtype, math.prod(most) * weight[0, 0].size, math.prod(most[:2]) * lanes * laid_out)
    for first, last in parts:
        inputs, outputs = slice(first * channels, last * channels), slice(first * C_out, last * C_out)
        kernels = weight[outputs].reshape(last - first, C_out, weight[0].size)
        for n in batches:
            images = x[slice(*n), inputs].transpose(1, 0, 2, 3)
            for i in downs:
                for j in acrosses:
                    windows = windows_of(images, rows, columns, i, j, memory).reshape(last - first, weight[0].size, -1)
                    if n[1] - n[0] == 1 and j == (0, width):  # the products of one image's rows lie in y as they come
                        into = y[n[0], outputs].reshape(last - first, C_out, height * width)
                        product(kernels, windows, into[..., i[0] * width : i[1] * width])
                    else:
                        block = np.matmul(kernels, windows).reshape(-1, n[1] - n[0], i[1] - i[0], j[1] - j[0])
                        y[slice(*n), outputs, slice(*i), slice(*j)] = block.transpose(1, 0, 2, 3)


def lanes_of(axis):
    """Where the lanes begin, as padded positions: a lane is every stride-th pixel, and a tap reads a run of one lane."""
    return sorted({start % axis.stride for start in starts(axis)})


def lane_size(axis, outputs):
    """How many pixels of a lane so many outputs read."""
    return starts(axis)[-1] // axis.stride + outputs


def shared(rows, columns):
    """Whether several taps read the same lane, so that it is worth laying out first."""
    return len(lanes_of(rows)) * len(lanes_of(columns)) < rows.kernel_size * columns.kernel_size


def windows_of(images, rows, columns, i, j, memory):
    """The windows of output rows i[0] to i[1] and columns j[0] to j[1]. (C, N, H, W) -> (C, K_h, K_w, N, rows, columns)"""
    (C, N), height, width = images.shape[:2], i[1] - i[0], j[1] - j[0]
    windows = shaped(memory[0], C, rows.kernel_size, columns.kernel_size, N, height, width)
    if whole_maps(rows, columns, i, j):
        run_over(images, rows, columns, windows)
        return windows
    if not shared(rows, columns):
        for u, down in enumerate(starts(rows)):
            for v, right in enumerate(starts(columns)):
                fill(windows[:, u, v], images, rows, columns, (down, right), (i[0], j[0]))
        return windows
    down_lanes, right_lanes = lanes_of(rows), lanes_of(columns)
    lanes = shaped(memory[1], len(down_lanes), len(right_lanes), C, N, lane_size(rows, height), lane_size(columns, width))
    for a, down in enumerate(down_lanes):
        for b, right in enumerate(right_lanes):
            fill(lanes[a, b], images, rows, columns, (down, right), (i[0], j[0]))
    across = [(right_lanes.index(right % columns.stride), right // columns.stride) for right in starts(columns)]
    for u, down in enumerate(starts(rows)):
        lane_row, top = lanes[down_lanes.index(down % rows.stride)], down // rows.stride
        for v, (b, left) in enumerate(across):
            windows[:, u, v] = lane_row[b, :, :, top : top + height, left : left + width]
    return windows


def whole_maps(rows, columns, i, j):
    """Whether output rows i[0] to i[1] and columns j[0] to j[1] are all that there are, as many as pixels."""
    return all(a.stride == 1 and span == (0, a.size) and a.output_size == a.size for a, span in ((rows, i), (columns, j)))


def run_over(images, rows, columns, windows):
    """Each tap copies each map in one run, shifted; what ran over from one row into the next is padding, and set to zero."""
    pixels = images.reshape(*images.shape[:2], -1)
    for u, (top, bottom) in enumerate(inside(rows)):
        for v, (left, right) in enumerate(inside(columns)):
            into = windows[:, u, v]
            if top < bottom and left < right:
                by = (starts(rows)[u] - rows.padding[0]) * columns.size + starts(columns)[v] - columns.padding[0]
                here, there = overlap(pixels.shape[-1], by)
                into.reshape(pixels.shape)[here] = pixels[there]
            into[:, :, :top] = into[:, :, bottom:] = 0
            into[..., :left] = into[..., right:] = 0
