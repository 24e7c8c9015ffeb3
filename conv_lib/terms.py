"""The terms of the way back: which outputs send to an input, and which inputs a weight has met."""

import itertools
from typing import NamedTuple

import numpy as np

from conv_lib.geometry import source


class BackTerm(NamedTuple):
    """One product of a gradient, or of an output of a transposed convolution: ``product = weight * value``.

    ``output`` is the place (image, channel, row, column) of the output that it comes from, ``tap`` the (row, column) in the kernel,
    and ``position`` the (row, column) of the input on which the tap lies, below 0 or beyond the size in the padding
    (``is_padding``). ``source`` is the (row, column) of the input that stands there, or None for a padded zero.

    In the gradient of an input ``value`` is the gradient of that output and ``weight`` the kernel's number; in the gradient of a
    weight ``value`` is the input and ``weight`` the gradient of the output. A bias has no tap: it counts each output once.
    """

    output: tuple[int, int, int, int]
    tap: tuple[int, int] | None
    position: tuple[int, int] | None
    weight: object
    value: object
    product: object
    is_padding: bool
    source: tuple[int, int] | None


def input_terms(grad_output, weight, rows, columns, groups, at):
    """What the input at (n, c, row, column) gets: from every output in whose window it lies, or a copy of it in the padding."""
    n, c, row, column = at
    outputs, channels = len(weight) // groups, weight.shape[1]
    first = outputs * (c // channels)  # its group's first output
    meetings = [list(_meetings(axis, place, size)) for axis, place, size in zip((rows, columns), at[2:], grad_output.shape[2:])]
    met = sorted(((i, j), (u, v), (y, x)) for (i, u, y), (j, v, x) in itertools.product(*meetings))
    for o in range(first, first + outputs):
        for (i, j), tap, position in met:
            factor, value = weight[o, c % channels, *tap].item(), grad_output[n, o, i, j].item()
            yield BackTerm((n, o, i, j), tap, position, factor, value, factor * value, position != (row, column), (row, column))


def _meetings(axis, place, outputs):
    """(output, tap, position) for each copy of an input along an axis."""
    before, after = (0, 0) if axis.padding_mode == "zeros" else axis.padding
    sources = source(np.arange(-before, axis.size + after), axis.size, axis.padding_mode)
    copies = (np.flatnonzero(sources == place) - before).tolist()
    return [(i, u, position) for position in copies for i, u in axis.users(position) if i < outputs]


def weight_terms(grad_output, x, rows, columns, groups, at):
    """What the weight at (o, c, u, v) gets: for every window, the input on which it lay times the gradient of that output."""
    o, c, u, v = at
    channel = x.shape[1] // groups * (o // (grad_output.shape[1] // groups)) + c
    met = [[(position, axis.origin(position)) for position in _read_by(axis, tap)] for axis, tap in ((rows, u), (columns, v))]
    for n in range(len(x)):
        for (i, (row, top)), (j, (column, left)) in itertools.product(*map(enumerate, met)):
            position, origin = (row, column), None if None in (top, left) else (top, left)
            value = x.dtype.type(0).item() if origin is None else x[n, channel, *origin].item()
            factor, value = grad_output[n, o, i, j].item(), value.conjugate()
            yield BackTerm((n, o, i, j), (u, v), position, factor, value, factor * value, position != origin, origin)


def _read_by(axis, tap):
    """The positions that a tap reads, one per output."""
    return [axis.window(output)[tap] for output in range(axis.output_size)]


def bias_terms(grad_output, at):
    """What the bias at (o,) gets: the gradient of every output of its channel."""
    (o,) = at
    one = grad_output.dtype.type(1).item()
    for n, image in enumerate(grad_output):
        for i, row in enumerate(image[o]):
            for j, value in enumerate(row):
                yield BackTerm((n, o, i, j), None, None, one, value.item(), value.item(), False, (i, j))
