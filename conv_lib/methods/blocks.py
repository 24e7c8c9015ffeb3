"""What the methods share: pieces of the padded input, made one at a time so that they stay in the processor's cache."""

import numpy as np


def split(total, most):
    """(first, last) of equal steps of at most `most` from 0 to `total`, the last one shorter.

    >>> split(10, 4)
    [(0, 4), (4, 8), (8, 10)]
    """
    parts = -(-total // max(1, most))
    step = -(-total // parts)
    return [(first, min(first + step, total)) for first in range(0, total, step)]


def fill(piece, images, rows, columns, first_row=0, first_column=0):
    """Copy the zero-padded images from padded position (first_row, first_column) on into `piece`. (..., height, width)

    >>> from conv_lib.geometry import axes
    >>> piece = np.empty((3, 3), int)
    >>> fill(piece, np.array([[1, 2], [3, 4]]), *axes((2, 2), 2, padding=1), first_row=1)
    >>> piece
    array([[0, 1, 2],
           [0, 3, 4],
           [0, 0, 0]])
    """
    top, left = rows.padding[0] - first_row, columns.padding[0] - first_column  # where the pixel (0, 0) falls in the piece
    height, width = piece.shape[-2:]
    above, below = (min(max(0, edge), height) for edge in (top, top + rows.size))
    before, behind = (min(max(0, edge), width) for edge in (left, left + columns.size))
    piece[..., :above, :] = piece[..., below:, :] = 0
    piece[..., above:below, :before] = piece[..., above:below, behind:] = 0
    piece[..., above:below, before:behind] = images[..., above - top : below - top, before - left : behind - left]


def reads(axis, tap, outputs):
    """What `tap` reads for `outputs` windows in a row, as a slice from where the first of these windows starts."""
    start = axis.reads(tap).start
    return slice(start, start + (outputs - 1) * axis.stride + 1, axis.stride)


def span(axis, outputs):
    """How many padded positions `outputs` windows in a row touch, from the first tap to the last."""
    return reads(axis, axis.kernel_size - 1, outputs).stop


def empty_output(x, weight, rows, columns):
    """An array for the result, (N, C_out, H_out, W_out)."""
    return np.empty((len(x), len(weight), rows.output_size, columns.output_size), x.dtype)
