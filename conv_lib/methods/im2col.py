"""Lay every window out as a column; the convolution is then one matrix product per group."""

import numpy as np


def im2col(padded, weight, rows, columns, groups):
    """(N, C_in, H_padded, W_padded) * (C_out, C_in//groups, K_h, K_w) -> (N, C_out, H_out, W_out), without bias."""
    C_out, channels, K_h, K_w = weight.shape
    height, width = rows.output_size, columns.output_size
    kernels = weight.reshape(groups, C_out // groups, channels * K_h * K_w)
    y = np.empty((len(padded), groups, C_out // groups, height * width), padded.dtype)
    windows = np.empty((groups * channels, K_h, K_w, height, width), padded.dtype)
    for image, result in zip(padded, y):  # one image at a time: its windows take K_h * K_w times its memory
        for u in range(K_h):
            for v in range(K_w):
                windows[:, u, v] = image[:, rows.reads(u), columns.reads(v)]
        np.matmul(kernels, windows.reshape(groups, channels * K_h * K_w, height * width), out=result)
    return y.reshape(len(padded), C_out, height, width)
