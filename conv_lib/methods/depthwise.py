"""One kernel per channel has no channels to sum, so there is no matrix product: multiply and add along the rows.

A piece of the padded input lies flat in memory, row after row. A tap then reads a run of numbers shifted by a few places, and
`einsum` multiplies the run by its weight and adds it to the outputs in one pass, thousands of numbers at a time, without
leaving the first-level cache. The runs go on over the ends of the rows: those outputs are computed too, and thrown away.

A stride of 2 is taken apart first: even and odd rows and columns lie apart ("lanes"), and inside a lane the stride is 1.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from conv_lib.methods.blocks import empty_output, fill, scratch, shaped, split, starts

RUN = 4096  # numbers that a tap multiplies in one go, about: 16 KB of float32
BYTES = 2**18  # of a piece, about


def fits(x, weight, rows, columns, groups):
    """Depthwise layers: each output channel reads one input channel."""
    return weight.shape[1] == 1


def convolve(x, weight, rows, columns, groups):
    """A few channels and rows at a time; with a channel multiplier, every multiplier-th output."""
    y = empty_output(x, weight, rows, columns)
    multiplier = len(weight) // groups
    width = -(-columns.padded_size // columns.stride)  # of a lane
    height = split(rows.output_size, BYTES // (width * x.itemsize))[0][1]  # output rows of a piece
    run = split(height, RUN // width)[0][1]
    height = -(-height // run) * run
    channels = split(x.shape[1], BYTES // (height * width * x.itemsize))
    lane = channels[0][1] * (height + lane_margin(rows)) * width
    memory = scratch(x.dtype, *(2 * [lane * rows.stride * columns.stride]), *(2 * [channels[0][1] * height * width]))
    for channel, end in channels:
        for row in range(0, rows.output_size, height):
            for images, results in zip(x[:, channel:end], y):
                lanes = lanes_of(images, rows, columns, row, height, width, memory)
                for m in range(multiplier):
                    outputs = slice(channel * multiplier + m, end * multiplier, multiplier)
                    piece = convolve_lanes(lanes, weight[outputs, 0], rows, columns, run, memory)
                    results[outputs, row : row + height] = piece[:, : rows.output_size - row, : columns.output_size]
    return y


def lanes_of(images, rows, columns, row, height, width, memory):
    """The padded input below output row `row`, every stride-th row and column apart. -> (s_h, s_w, C, rows, width)"""
    s_h, s_w = rows.stride, columns.stride
    below = lane_margin(rows)
    padded = shaped(memory[0], len(images), (height + below) * s_h, width * s_w)
    fill(padded, images, rows, columns, first_row=row * s_h)
    lanes = padded.reshape(len(images), height + below, s_h, width, s_w).transpose(2, 4, 0, 1, 3)
    if s_h == s_w == 1:
        return lanes
    apart = shaped(memory[1], *lanes.shape)
    apart[...] = lanes
    return apart


def lane_margin(rows):
    """Rows of a lane below the last output row: those that its window reads, and one that the last run ends in."""
    return -(-rows.effective_kernel_size // rows.stride) + 1


def convolve_lanes(lanes, kernels, rows, columns, run, memory):
    """The outputs of all rows, `run` rows at a time, with the width of a lane. -> (C, height, width)"""
    s_h, s_w, C, height, width = lanes.shape
    by_lane = list(taps_by_lane(rows))
    chunks = (height - lane_margin(rows)) // run
    y, part = (shaped(piece, C, chunks, run * width) for piece in memory[2:])
    started = False
    for v, right in enumerate(starts(columns)):
        right, lane_column = divmod(right, s_w)
        for lane_row, taps, down in by_lane:
            step = down[1] - down[0] if len(taps) > 1 else 0
            lane = lanes[lane_row, lane_column]
            c, r, item = lane.strides
            view = as_strided(
                lane[:, down[0] :, right:], (C, chunks, len(taps), run * width), (c, run * r, step * r, item), writeable=False
            )
            np.einsum("cbul,cu->cbl", view, kernels[:, taps, v], out=part if started else y)
            if started:
                y += part
            started = True
    return y.reshape(C, chunks * run, width)


def taps_by_lane(rows):
    """(lane, its taps, their rows in the lane), for each lane that is read. The rows of a lane's taps are evenly spaced."""
    lanes = {}
    for tap, start in enumerate(starts(rows)):
        taps, down = lanes.setdefault(start % rows.stride, ([], []))
        taps.append(tap)
        down.append(start // rows.stride)
    return [(lane, *lists) for lane, lists in lanes.items()]
