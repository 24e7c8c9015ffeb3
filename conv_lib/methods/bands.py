"""For few channels on large maps: the windows' columns are laid out, their rows are not.

Each row of the padded input is copied once per kernel column, shifted: three times for a 3x3 kernel, not nine. The lines that an
output row reads then lie below each other in memory, so they are a matrix as they are, and so are those of the next row, one
line further down; the products go straight into the result.
Source: Cho and Brand 2017.
"""

from numpy.lib.stride_tricks import as_strided

from conv_lib.methods.blocks import inside, pixels, product, scratch, shaped, split

BYTES = 2**21  # of the lines that are laid out at a time, about


def fits(x, weight, rows, columns, groups):
    """Layers with at most 4 channels per group, and no dilation of the rows."""
    return weight.shape[1] <= 4 and rows.dilation == 1


def convolve(x, weight, rows, columns, groups, y):
    """(C_out, lines) @ (lines, W_out) for each output row, for some groups and rows at a time."""
    C_out, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]  # of one group
    matrices = weight.reshape(groups, C_out, channels, K_h, K_w).transpose(0, 1, 3, 4, 2).reshape(groups, C_out, -1)  # as the lines lie
    line = K_w * channels * columns.output_size  # one row of one group, once per kernel column
    budget = BYTES // (line * x.itemsize)
    heights = split(rows.output_size, budget // rows.stride)
    tall = (heights[0][1] - 1) * rows.stride + K_h
    parts = split(groups, budget // tall)
    (memory,) = scratch(x.dtype, parts[0][1] * tall * line)
    for images, results in zip(x, y):
        for g, g_end in parts:
            inputs = images[g * channels : g_end * channels].reshape(g_end - g, channels, rows.size, columns.size)
            outputs = results[g * C_out : g_end * C_out].reshape(g_end - g, C_out, *y.shape[2:])
            for first, last in heights:
                lines = lines_of(inputs, rows, columns, first, last, memory)
                per_group, per_row, _, _, item = lines.strides
                shape = g_end - g, last - first, matrices.shape[-1], columns.output_size
                strides = per_group, rows.stride * per_row, columns.output_size * item, item
                windows = as_strided(lines, shape, strides, writeable=False)
                product(matrices[g:g_end, None], windows, outputs[:, :, first:last].swapaxes(1, 2))


def lines_of(inputs, rows, columns, first, last, memory):
    """The lines that the output rows read, once per kernel column. (G, C, H, W) -> (G, rows, K_w, C, W_out)"""
    groups, channels = inputs.shape[:2]
    start = first * rows.stride - rows.padding[0]
    tall = (last - first - 1) * rows.stride + rows.kernel_size
    lines = shaped(memory, groups, tall, columns.kernel_size, channels, columns.output_size)
    top, bottom = max(0, -start), max(0, min(tall, rows.size - start))  # what lies above and below is padding
    lines[:, :top] = lines[:, bottom:] = 0
    for v, (left, right) in enumerate(inside(columns)):
        lines[:, top:bottom, v, :, :left] = lines[:, top:bottom, v, :, right:] = 0
        if top < bottom and left < right:
            read = inputs[:, :, start + top : start + bottom, pixels(columns, v)]
            lines[:, top:bottom, v, :, left:right] = read.transpose(0, 2, 1, 3)
    return lines
