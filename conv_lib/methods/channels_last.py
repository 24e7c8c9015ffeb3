"""For depthwise layers on small maps: with the channels last in memory, one multiply-add covers all channels of a pixel.

On 7x7 pixels a row is too short to be worth a pass of its own, but such layers have many channels: 384, or 960.
"""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from conv_lib.methods.blocks import empty_output, fill


def fits(x, weight, rows, columns, groups):
    """Depthwise layers with one output per channel."""
    return weight.shape[1] == 1 and len(weight) == x.shape[1]


def convolve(x, weight, rows, columns, groups):
    """The windows of an image as a view (H_out, W_out, K_h, K_w, C), multiplied and summed over its kernel axes."""
    y = empty_output(x, weight, rows, columns)
    kernels = np.ascontiguousarray(weight[:, 0].transpose(1, 2, 0))
    pixels = np.empty((rows.padded_size, columns.padded_size, len(weight)), x.dtype)
    r, c, item = pixels.strides
    shape = rows.output_size, columns.output_size, rows.kernel_size, columns.kernel_size, len(weight)
    strides = rows.stride * r, columns.stride * c, rows.dilation * r, columns.dilation * c, item
    windows = as_strided(pixels, shape, strides, writeable=False)
    for image, result in zip(x, y):
        fill(pixels.transpose(2, 0, 1), image, rows, columns)
        result[...] = np.einsum("hwuvc,uvc->hwc", windows, kernels).transpose(2, 0, 1)
    return y
