"""A convolution is one pointwise convolution per kernel tap, shifted and added up; what would only read zeros is left out.

A tap of a widely dilated kernel reads padding for many of the outputs. With dilation 12 on 33x33 pixels, a corner tap meets the
input in 21 x 21 of the 33 x 33 windows, and all nine taps together need only 57 % of the multiplications.
"""

import numpy as np

from conv_lib.methods import im2col
from conv_lib.methods.blocks import inside, product, scratch, shaped, split, starts

PIXELS = 512  # of one product, about


def fits(x, weight, rows, columns, groups):
    """Every layer without groups."""
    return groups == 1


def share(axis):
    """The part of the products along an axis that meet a pixel, not padding.

    >>> from conv_lib.geometry import Axis
    >>> share(Axis(33, 3, padding=12, dilation=12)) == (21 + 33 + 21) / 99
    True
    """
    return sum(last - first for first, last in inside(axis)) / (axis.kernel_size * axis.output_size)


def pixels(axis, tap):
    """The input positions that the tap reads for the outputs `inside`, as a slice."""
    first, last = inside(axis)[tap]
    position = starts(axis)[tap] - axis.padding[0] + first * axis.stride
    return slice(position, position + (last - first - 1) * axis.stride + 1, axis.stride)


def convolve(x, weight, rows, columns, groups, y):
    """The sum over the taps of (C_out, C_in) @ (C_in, pixels that this tap meets)."""
    C_out, C_in, K_h, K_w = weight.shape
    kernels = np.ascontiguousarray(weight.transpose(2, 3, 0, 1))
    y[...] = 0
    with scratch(x.dtype, C_out * max(PIXELS, columns.output_size)) as (memory,):
        for u, (top, bottom) in enumerate(inside(rows)):
            for v, (left, right) in enumerate(inside(columns)):
                if top == bottom or left == right:
                    continue
                read = x[:, :, pixels(rows, u), pixels(columns, v)]
                for first, last in split(bottom - top, PIXELS // (right - left)):
                    for image, result in zip(read, y):
                        part = shaped(memory, C_out, (last - first) * (right - left))
                        product(kernels[u, v], image[:, first:last].reshape(C_in, -1), part)
                        result[:, top + first : top + last, left:right] += part.reshape(C_out, last - first, right - left)
    special = ~np.isfinite(weight).all((1, 2, 3))  # 0 * inf is nan: in these output channels the padding counts
    if special.any():
        whole = np.empty_like(y[:, special])
        im2col.convolve(x, weight[special], rows, columns, 1, whole)
        y[:, special] = whole
