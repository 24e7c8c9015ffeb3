"""Lay out the shifts of the kernel's columns, multiply once per kernel row, and add up.

im2col copies each pixel once per tap, nine times for a 3x3 kernel. Here the pixels are copied once per kernel column, three
times; a product gives for every pixel what a kernel row makes of it; and each output adds three of these numbers, from the row
above, its own, and the row below. The products of small groups are small; there all kernel rows are multiplied at once.
Source: after Cho and Brand 2017, who lay the rows out so that nothing is left to add.
"""

import math

import numpy as np

from conv_lib.methods.blocks import product, scratch, shaped, shift, split, starts

BYTES = 2**22  # of the rows and groups that are computed together, about
SHARED = 2**26  # bytes of the rows that one block has to read again for the next, at most, beside those of the input
GAP = 1024  # numbers between two runs, at most
FEW = 32  # output channels of a group whose kernel rows are multiplied at once


def fits(x, weight, rows, columns, groups):
    """Layers of which some rows, with those that they share with the next, take not much more memory than the input."""
    return 2 * reach(rows) * row_bytes(x, weight, columns, groups) <= x.nbytes + SHARED


def reach(rows):
    """How many rows further down than the first the last kernel row reads, of the rows that the outputs are a stride apart on."""
    return starts(rows)[-1] // rows.stride


def row_bytes(x, weight, columns, groups):
    """Of one row of one group: the pixels once per kernel column, and their products."""
    C_out, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]
    return (K_w * channels + (K_h if C_out < FEW else 1) * C_out) * columns.output_size * x.itemsize


def convolve(x, weight, rows, columns, groups, y):
    """(C_out, K_w * C_in) @ (K_w * C_in, pixels) for each kernel row, added up; some groups and rows at a time."""
    C_out, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]  # of one group
    width, bytes_of_row, halo = columns.output_size, row_bytes(x, weight, columns, groups), reach(rows)
    heights = split(rows.output_size, max((BYTES + 2 * (x[0].nbytes + y[0].nbytes)) // bytes_of_row - halo, halo))
    tall = heights[0][1] + halo
    parts = split(groups, BYTES // (bytes_of_row * tall))
    kernels = np.ascontiguousarray(weight.reshape(groups, C_out, channels, K_h, K_w).transpose(0, 3, 1, 4, 2))
    kernels = kernels.reshape(groups, K_h, C_out, K_w * channels)
    by_group = x.reshape(len(x), groups, channels, rows.size, columns.size)
    results = y.reshape(len(y), groups, C_out, -1)
    size = parts[0][1] * tall * width
    rooms = size * K_w * channels + K_w * GAP, size * (K_h if C_out < FEW else 1) * C_out + K_h * GAP
    with scratch(x.dtype, *rooms) as (copies, sums):
        for image, result in zip(by_group, results):
            for g, g_end in parts:
                for first, last in heights:
                    into = result[g:g_end, :, first * width : last * width]
                    shifted = by_tap(copies, g_end - g, K_w, channels, last - first + halo, width)
                    started = False
                    for taps in taps_by_lane(rows):
                        shift(shifted, image[g:g_end], rows, columns, starts(rows)[taps[0]] % rows.stride, (first, 0))
                        pixels = shifted.reshape(g_end - g, K_w * channels, -1)
                        for together in [taps] if C_out < FEW else [taps[n : n + 1] for n in range(len(taps))]:
                            matrices = kernels[g:g_end, together.start : together.stop : together.step]
                            matrices = matrices.reshape(g_end - g, -1, K_w * channels)
                            offsets = [starts(rows)[tap] // rows.stride * width for tap in together]
                            multiply(matrices, pixels, offsets, into, sums, started)
                            started = True


def taps_by_lane(rows):
    """The kernel rows that read the same every stride-th input row, as ranges.

    >>> from conv_lib.geometry import Axis
    >>> taps_by_lane(Axis(9, 5, stride=2, padding=1))
    [range(0, 5, 2), range(1, 5, 2)]
    """
    step = rows.stride // math.gcd(rows.stride, rows.dilation)
    return [range(first, rows.kernel_size, step) for first in range(min(step, rows.kernel_size))]


def multiply(matrices, pixels, offsets, into, memory, started):
    """Add to `into` (G, C_out, outputs) what some kernel rows make of the pixels, each from its own offset on."""
    groups, C_out, outputs = into.shape
    pixels = pixels[..., offsets[0] : offsets[-1] + outputs]
    if len(offsets) == 1 and not started:
        product(matrices, pixels, into)
        return
    products = by_tap(memory, groups, len(offsets), C_out, 1, pixels.shape[-1])
    product(matrices, pixels, products.reshape(groups, -1, pixels.shape[-1]))
    terms = [products[:, n, :, 0, offset - offsets[0] :][..., :outputs] for n, offset in enumerate(offsets)]
    while len(terms) > 2 and C_out == 1:  # all maps in one run: what runs over from one into the next lies behind its outputs
        terms.pop()
        down = offsets[len(terms)] - offsets[0]
        total = products[:, 0].reshape(-1)
        total[:-down] += products[:, len(terms)].reshape(-1)[down:]
    if not started:
        np.add(terms.pop(), terms.pop(), out=into)
    for term in terms:
        into += term


def by_tap(memory, groups, taps, channels, height, width):
    """An array (groups, taps, channels, height, width). All maps of a tap lie together where there is one a group.

    Then one tap is copied or added to another in one run. A processor compares the last twelve bits of addresses first, and waits
    where it reads what seems to be just written: so no two of these runs begin a multiple of 4096 bytes apart.
    """
    if channels > 1:
        return shaped(memory, groups, taps, channels, height, width)
    size = groups * height * width
    room = size + (576 // memory.itemsize - size) % GAP
    return shaped(memory, taps, room)[:, :size].reshape(taps, groups, 1, height, width).swapaxes(0, 1)
