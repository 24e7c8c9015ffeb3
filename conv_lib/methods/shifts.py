"""For groups: lay out the shifts of the kernel's columns, multiply once, and add up the shifts of its rows.

im2col copies each pixel once per tap, nine times for a 3x3 kernel, which costs more than the small products of a group. Here the
pixels are copied once per kernel column, three times; one product gives for every pixel what each kernel row makes of it; and
each output adds three of these numbers, from the row above, its own, and the row below. Where the output is as wide as the
input, a shifted map is one long copy, with a column of zeros where a row ran over into the next.
"""

import numpy as np

from conv_lib.methods import im2col
from conv_lib.methods.blocks import empty_output, finite, inside, product, scratch, shaped, split, starts

BYTES = 2**22  # of the groups that are computed together, about


def fits(x, weight, rows, columns, groups):
    """Layers with groups, of which one with its shifts is not much larger than twice the input."""
    return groups > 1 and group_size(x, weight, rows, columns, groups) * x.itemsize <= 2 * x.nbytes + BYTES


def group_size(x, weight, rows, columns, groups):
    """Numbers that one group needs: the pixels once per kernel column, and the products once per kernel row."""
    copies = columns.kernel_size * weight.shape[1] + rows.kernel_size * (len(weight) // groups)
    return copies * -(-rows.size // rows.stride) * columns.output_size


def convolve(x, weight, rows, columns, groups):
    """(K_h * C_out, K_w * C_in) @ (K_w * C_in, H * W_out), then K_h sums; with a stride, every stride-th row apart."""
    if not finite(weight):  # 0 * inf is nan, but rows of padding are left out here
        return im2col.convolve(x, weight, rows, columns, groups)
    y = empty_output(x, weight, rows, columns)
    C_out, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]
    kernels = np.ascontiguousarray(weight.reshape(groups, C_out, channels, K_h, K_w).transpose(0, 3, 1, 4, 2))
    lanes = [(lane, len(taps), kernels[:, taps].reshape(groups, -1, K_w * channels), sums) for lane, taps, sums in lanes_of(rows)]
    size = group_size(x, weight, rows, columns, groups)
    parts = split(groups, BYTES // (size * x.itemsize))
    (memory,) = scratch(x.dtype, parts[0][1] * size)
    by_group = x.reshape(len(x), groups, channels, rows.size, columns.size)
    results = y.reshape(len(y), groups, C_out, rows.output_size, columns.output_size)
    for image, result in zip(by_group, results):
        for first, last in parts:
            outputs, started = result[first:last], False
            for lane, taps, matrices, sums in lanes:
                pixels = image[first:last, :, lane :: rows.stride]
                G, _, H, _ = pixels.shape
                shifted = shaped(memory, G, K_w, channels, H, columns.output_size)
                products = shaped(memory[shifted.size :], G, taps, C_out, H, columns.output_size)
                shift(pixels, columns, shifted)
                product(matrices[first:last], shifted.reshape(G, K_w * channels, -1), products.reshape(G, taps * C_out, -1))
                add(products, sums, outputs, started)
                started = True
    return y


def lanes_of(rows):
    """(first input row, kernel rows, sums) for each set of kernel rows that read the same every stride-th input row.

    The sums tell for each of these kernel rows which outputs it is added to, first and last, and from which pixel row on.
    """
    lanes = {}
    for tap, (start, (top, bottom)) in enumerate(zip(starts(rows), inside(rows))):
        row = start - rows.padding[0]
        taps, sums = lanes.setdefault(row % rows.stride, ([], []))
        sums.append((len(taps), top, bottom, row // rows.stride + top))
        taps.append(tap)
    return [(lane, taps, sorted(sums, key=lambda each: each[1] - each[2])) for lane, (taps, sums) in lanes.items()]


def shift(pixels, columns, shifted):
    """Copy the pixels once per kernel column: what it reads for each output. (G, C, H, W) -> (G, K_w, C, H, W_out)"""
    flat = pixels.flags.c_contiguous and columns.stride == 1 and columns.output_size == columns.size
    for tap, (start, (left, right)) in enumerate(zip(starts(columns), inside(columns))):
        into = shifted[:, tap]
        by = start - columns.padding[0]
        if left < right and flat:
            to, size = into.reshape(*into.shape[:2], -1), into[0, 0].size
            to[..., max(0, -by) : size - max(0, by)] = pixels.reshape(to.shape)[..., max(0, by) : size - max(0, -by)]
        elif left < right:
            into[..., left:right] = pixels[..., by + left * columns.stride : by + (right - 1) * columns.stride + 1 : columns.stride]
        if left:
            into[..., :left] = 0
        if right < columns.output_size:
            into[..., right:] = 0


def add(products, sums, outputs, started):
    """Add up the products of the kernel rows, each over the outputs for which it reads pixels."""
    parts = [(top, bottom, products[:, tap, :, start : start + bottom - top]) for tap, top, bottom, start in sums]
    if not started:
        (top, bottom, widest), *parts = parts
        if top:
            outputs[:, :, :top] = 0
        if bottom < outputs.shape[2]:
            outputs[:, :, bottom:] = 0
        if parts and top <= parts[0][0] < parts[0][1] <= bottom:  # in one pass
            (first, last, other), *parts = parts
            np.add(widest[:, :, first - top : last - top], other, out=outputs[:, :, first:last])
            outputs[:, :, top:first] = widest[:, :, : first - top]
            outputs[:, :, last:bottom] = widest[:, :, last - top :]
        else:
            outputs[:, :, top:bottom] = widest
    for top, bottom, part in parts:
        outputs[:, :, top:bottom] += part
