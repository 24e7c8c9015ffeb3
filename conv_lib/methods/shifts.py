"""For groups: lay out the shifts of the kernel's columns, multiply once, and add up the shifts of its rows.

im2col copies each pixel once per tap, nine times for a 3x3 kernel, which costs more than the small products of a group. Here the
pixels are copied once per kernel column, three times; one product gives for every pixel what each kernel row makes of it; and
each output adds three of these numbers, from the row above, its own, and the row below.

Where the output is as large as the input, each of these copies and sums is one long run over all rows and maps: what runs over
from one into the next is set to zero. Row by row it would take several times as long.
"""

import math

import numpy as np

from conv_lib.methods import im2col
from conv_lib.methods.blocks import finite, inside, overlap, product, scratch, shaped, split, starts

BYTES = 2**22  # of the groups that are computed together, about


def fits(x, weight, rows, columns, groups):
    """Layers with groups, of which one with its shifts is not much larger than twice the input."""
    return groups > 1 and group_size(x, weight, rows, columns, groups) * x.itemsize <= 2 * x.nbytes + BYTES


def group_size(x, weight, rows, columns, groups):
    """Numbers that one group needs: the pixels once per kernel column, and the products once per kernel row."""
    copies = columns.kernel_size * weight.shape[1] + rows.kernel_size * (len(weight) // groups)
    return copies * -(-rows.size // rows.stride) * columns.output_size


def convolve(x, weight, rows, columns, groups, y):
    """(K_h * C_out, K_w * C_in) @ (K_w * C_in, H * W_out), then K_h sums; with a stride, every stride-th row apart."""
    if not finite(weight):  # 0 * inf is nan, but rows of padding are left out here
        im2col.convolve(x, weight, rows, columns, groups, y)
        return
    C_out, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]
    kernels = weight.reshape(groups, C_out, channels, K_h, K_w).transpose(0, 3, 1, 4, 2)
    lanes = [(lane, kernels[:, taps].reshape(groups, -1, K_w * channels), sums) for lane, taps, sums in sums_by_lane(rows)]
    size = group_size(x, weight, rows, columns, groups)
    parts = split(groups, BYTES // (size * x.itemsize))
    (memory,) = scratch(x.dtype, parts[0][1] * size)
    by_group = x.reshape(len(x), groups, channels, rows.size, columns.size)
    results = y.reshape(len(y), groups, C_out, rows.output_size, columns.output_size)
    for image, result in zip(by_group, results):
        for first, last in parts:
            for number, (lane, matrices, sums) in enumerate(lanes):
                G, pixels = last - first, image[first:last, :, lane :: rows.stride]
                maps = pixels.shape[2], columns.output_size
                shifted = by_tap(memory, G, K_w, channels, *maps)
                products = by_tap(memory[shifted.size :], G, len(sums), C_out, *maps)
                shift(pixels, columns, shifted)
                flat = shifted.reshape(G, K_w * channels, -1), products.reshape(G, len(sums) * C_out, -1)
                product(matrices[first:last], *flat)
                add(products, sums, result[first:last], started=number > 0)


def by_tap(memory, groups, taps, channels, height, width):
    """An array (groups, taps, channels, height, width). All maps of a tap lie together where there is one a group."""
    if channels > 1:
        return shaped(memory, groups, taps, channels, height, width)
    return shaped(memory, taps, groups, channels, height, width).swapaxes(0, 1)


def sums_by_lane(rows):
    """(first input row, kernel rows, sums) for each set of kernel rows that read the same every stride-th input row.

    The sums tell for each of these kernel rows which outputs it is added to, first and last, and from which pixel row on.
    """
    lanes, step = [], rows.stride // math.gcd(rows.stride, rows.dilation)
    for first in range(min(step, rows.kernel_size)):
        taps, lane = slice(first, None, step), (starts(rows)[first] - rows.padding[0]) % rows.stride
        reads = zip(starts(rows)[taps], inside(rows)[taps])
        sums = [(top, bottom, (start - rows.padding[0]) // rows.stride + top) for start, (top, bottom) in reads]
        lanes.append((lane, taps, sums))
    return lanes


def runs(maps):
    """The maps of all groups (G, C, H, W) as one run of numbers, or one a group, as they lie in memory."""
    return maps.reshape(-1) if maps.flags.c_contiguous else maps.reshape(len(maps), -1)


def shift(pixels, columns, shifted):
    """Copy the pixels once per kernel column: what it reads for each output. (G, C, H, W) -> (G, K_w, C, H, W_out)"""
    stride, width = columns.stride, columns.output_size
    whole = stride == 1 and width == columns.size and pixels.flags.c_contiguous
    sources = {0: (0, pixels)} if whole else {}  # where every stride-th pixel from a position on already lies side by side
    for tap, (start, (left, right)) in enumerate(zip(starts(columns), inside(columns))):
        into, position = shifted[:, tap], start - columns.padding[0]
        begin, source = sources.setdefault(position % stride, (position, into))
        by, missing = (position - begin) // stride, left
        if source is not into and abs(by) < width:
            to = runs(into)
            here, there = overlap(to.shape[-1], by)
            to[here] = source.reshape(to.shape)[there]
            missing = right if whole else max(left, width - by)
        if missing < right:
            into[..., missing:right] = pixels[..., position + missing * stride : position + (right - 1) * stride + 1 : stride]
        into[..., :left] = into[..., right:] = 0


def add(products, sums, outputs, started):
    """Add up the products of the kernel rows, each over the outputs for which it reads pixels."""
    height, width = outputs.shape[2:]
    whole = (0, height, 0)  # of a kernel row that reads for each output the pixel row of the same number
    if whole not in sums or products.shape[3] != height:
        if not started:
            outputs[...] = 0
        for tap, (top, bottom, start) in enumerate(sums):
            outputs[:, :, top:bottom] += products[:, tap, :, start : start + bottom - top]
        return
    middle = runs(products[:, sums.index(whole)])
    total = outputs.reshape(middle.shape)
    if started:
        total += middle
    for tap, (top, bottom, start) in enumerate(sums):
        if (top, bottom, start) == whole or top == bottom:
            continue
        products[:, tap, :, :start] = products[:, tap, :, start + bottom - top :] = 0
        here, there = overlap(total.shape[-1], (start - top) * width)
        np.add(total[here] if started else middle[here], runs(products[:, tap])[there], out=total[here])
        if not started:  # the first sum, which is written in one pass
            total[..., : here[1].start] = middle[..., : here[1].start]
            total[..., here[1].stop :] = middle[..., here[1].stop :]
        started = True
    if not started:
        total[...] = middle
