"""For depthwise layers on small maps: with the channels last in memory, one multiply-add covers all channels of a pixel.

On 7x7 pixels a row is too short to be worth a pass of its own, but such layers have many channels: 384, or 960.
"""

import numpy as np

from conv_lib.methods.blocks import empty_output, fill


def fits(x, weight, rows, columns, groups):
    """Depthwise layers with one output per channel."""
    return weight.shape[1] == 1 and len(weight) == x.shape[1]


def convolve(x, weight, rows, columns, groups):
    """The windows of an image as a view (H_out, W_out, K_h, K_w, C), multiplied and summed over its kernel axes."""
    y = empty_output(x, weight, rows, columns)
    padded = np.empty((x.shape[1], rows.padded_size, columns.padded_size), x.dtype)
    kernels = np.ascontiguousarray(weight[:, 0].transpose(1, 2, 0))
    for image, result in zip(x, y):
        fill(padded, image, rows, columns)
        pixels = np.ascontiguousarray(padded.transpose(1, 2, 0))
        windows = np.lib.stride_tricks.sliding_window_view(
            pixels, (rows.effective_kernel_size, columns.effective_kernel_size), axis=(0, 1)
        )
        windows = windows[:: rows.stride, :: columns.stride, :, :: rows.dilation, :: columns.dilation]
        result[...] = np.einsum("hwcuv,uvc->hwc", windows, kernels).transpose(2, 0, 1)
    return y
