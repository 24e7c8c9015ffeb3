"""A 1x1 kernel mixes the channels of each pixel: one matrix product, with no window to lay out."""

from conv_lib.methods.blocks import product


def fits(x, weight, rows, columns, groups):
    """Any layer whose kernel is 1x1 and that has no padding."""
    return weight.shape[2:] == (1, 1) and rows.padding == columns.padding == (0, 0)


def convolve(x, weight, rows, columns, groups, y):
    """(C_out, C_in) @ (C_in, H * W): the pixels of an image stand side by side as the columns of a matrix.

    A stride only leaves pixels out. Groups are products of their own.
    """
    C_out, channels = weight.shape[:2]
    size = rows.output_size * columns.output_size
    pixels = x[:, :, rows.reads(0), columns.reads(0)].reshape(len(x), groups, channels, size)
    product(weight.reshape(groups, C_out // groups, channels), pixels, y.reshape(len(x), groups, C_out // groups, size))
