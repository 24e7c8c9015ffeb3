"""A convolution is one pointwise convolution per kernel tap, shifted and added up; what would only read zeros is left out.

A tap of a widely dilated kernel reads padding for many of the outputs. With dilation 12 on 33x33 pixels, a corner tap meets the
input in 21 x 21 of the 33 x 33 windows, and all nine taps together need only 57 % of the multiplications.
"""

import numpy as np

from conv_lib.methods import im2col
from conv_lib.methods.blocks import empty_output, split, starts

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
    met = [inside(axis, tap) for tap in range(axis.kernel_size)]
    return sum(last - first for first, last in met) / (axis.kernel_size * axis.output_size)


def inside(axis, tap):
    """(first, last): the outputs for which this tap reads a pixel, not padding.

    >>> from conv_lib.geometry import Axis
    >>> [inside(Axis(6, 3, padding=1), tap) for tap in range(3)]
    [(1, 6), (0, 6), (0, 5)]
    """
    position = starts(axis)[tap] - axis.padding[0]  # of the first output; the others follow at each stride
    first = max(0, -(position // axis.stride))
    last = min(axis.output_size, -((position - axis.size) // axis.stride))
    return first, max(first, last)


def pixels(axis, tap, first, last):
    """The input positions that the tap reads for these outputs, as a slice."""
    position = starts(axis)[tap] - axis.padding[0] + first * axis.stride
    return slice(position, position + (last - first - 1) * axis.stride + 1, axis.stride)


def convolve(x, weight, rows, columns, groups):
    """The sum over the taps of (C_out, C_in) @ (C_in, pixels that this tap meets)."""
    if not np.isfinite(weight).all():  # 0 * inf is nan: then the zeros count
        return im2col.convolve(x, weight, rows, columns, groups)
    C_out, C_in, K_h, K_w = weight.shape
    kernels = np.ascontiguousarray(weight.reshape(C_out, C_in, K_h * K_w).transpose(0, 2, 1)).reshape(C_out, K_h, K_w, C_in)
    y = empty_output(x, weight, rows, columns)
    y[...] = 0
    for u in range(K_h):
        top, bottom = inside(rows, u)
        for v in range(K_w):
            left, right = inside(columns, v)
            if top == bottom or left == right:
                continue
            across = pixels(columns, v, left, right)
            for first, last in split(bottom - top, PIXELS // (right - left)):
                down = pixels(rows, u, top + first, top + last)
                for image, result in zip(x, y):
                    met = image[:, down, across].reshape(C_in, -1)
                    part = kernels[:, u, v] @ met
                    result[:, top + first : top + last, left:right] += part.reshape(C_out, last - first, right - left)
    return y
