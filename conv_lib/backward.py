"""The two sums of the way back: what each output sends to its window, and what each weight collects.

Both follow the taps. A tap of the kernel joins one input position to each output; forward the input goes through it to the output,
and on the way back the gradient of that output goes through the same tap to the same input.
"""

from dataclasses import replace

import numpy as np

from conv_lib.methods import METHODS, choose
from conv_lib.methods.blocks import fill, finite, inside, split, starts
from conv_lib.methods.threads import side_by_side
from conv_lib.padding import pad_index
from conv_lib.plan import working

BYTES = 2**22  # of a block of windows, about


def input_gradient(plan, grad_output):
    """The gradient of the input of a checked convolution, in its padding mode."""
    with np.errstate(all="ignore"):  # inf and nan are legal, as they are in torch
        weight = np.ascontiguousarray(plan.weight, working(plan.weight.dtype)).conj()
        back = to_input(batched(grad_output, weight.dtype), weight, *plan.computed(), plan.groups)
        if plan.padding_mode != "zeros":
            back = unpad(back, plan.rows, plan.columns, plan.padding_mode)
        return plan.shaped(back.astype(plan.weight.dtype.newbyteorder("="), copy=False))


def weight_gradient(plan, grad_output):
    """The gradient of the weight of a checked convolution, in its padding mode."""
    with np.errstate(all="ignore"):
        x = np.ascontiguousarray(plan.source(), working(plan.x.dtype)).conj()
        back = to_weight(x, batched(grad_output, x.dtype), *plan.computed(), plan.groups)
        return back.astype(plan.x.dtype.newbyteorder("="), copy=False)


def bias_gradient(grad_output):
    """The gradient of a bias, which is added to all outputs of its channel: the sum of theirs."""
    dtype = grad_output.dtype
    with np.errstate(all="ignore"):
        sums = batched(grad_output, working(dtype)).sum((0, 2, 3), working(dtype))
        return sums.astype(dtype.newbyteorder("="), copy=False)


def batched(grad_output, dtype):
    """The gradient in C order, with a batch axis."""
    return np.ascontiguousarray(grad_output, dtype).reshape(-1, *grad_output.shape[-3:])


def to_input(grad_output, weight, rows, columns, groups):
    """What the inputs get back, (N, C_in, H, W): every output sends its gradient, times the kernel, to its window.

    Several windows meet in one input, and there what they send is added. An input in no window keeps 0.
    """
    if groups > 1 and can_gather(grad_output, weight, rows, columns):
        return gather(grad_output, weight, rows, columns, groups)
    N, C_out, height, width = grad_output.shape
    outputs, (channels, K_h, K_w) = C_out // groups, weight.shape[1:]
    kernels = weight.reshape(groups, outputs, -1).swapaxes(1, 2)
    y = np.zeros((N, groups, channels, rows.size, columns.size), grad_output.dtype)
    grad_output = grad_output.reshape(N, groups, outputs, height, width)
    for n, (first, last) in blocks(grad_output, weight[0].nbytes * groups):
        block = grad_output[n, :, :, first:last].transpose(1, 2, 0, 3, 4)
        block = block.reshape(groups, outputs, -1)
        sent = kernels @ block if outputs > 1 else kernels * block
        sent = sent.reshape(groups, channels, K_h, K_w, -1, last - first, width)
        for u in range(K_h):
            down, into_rows = meeting(rows, u, first, last)
            for v in range(K_w):
                right, into_columns = meeting(columns, v, 0, width)
                y[n, :, :, into_rows, into_columns] += sent[:, :, u, v, :, down, right].transpose(2, 0, 1, 3, 4)
    return y.reshape(N, groups * channels, rows.size, columns.size)


def can_gather(grad_output, weight, rows, columns):
    """Whether the input's gradient is one convolution of the output's: at stride 1, and where 0 * weight is 0 on its padding."""
    fit = all(axis.stride == 1 and max(axis.padding) < axis.effective_kernel_size for axis in (rows, columns))
    return fit and grad_output.shape[2:] == (rows.output_size, columns.output_size) and finite(weight)


def gather(grad_output, weight, rows, columns, groups):
    """The same at stride 1, asked by the input: a convolution with the kernel rotated by half a turn, and its channels swapped.

    With few channels in a group this is faster, since the methods of `conv2d` do it.
    """
    outputs, (channels, K_h, K_w) = len(weight) // groups, weight.shape[1:]
    rotated = weight.reshape(groups, outputs, channels, K_h, K_w)[..., ::-1, ::-1].swapaxes(1, 2)
    axes = (
        replace(axis, size=axis.output_size, padding=tuple(axis.effective_kernel_size - 1 - side for side in axis.padding))
        for axis in (rows, columns)
    )
    layer = grad_output, np.ascontiguousarray(rotated).reshape(-1, outputs, K_h, K_w), *axes, groups
    y = np.empty((len(grad_output), groups * channels, rows.size, columns.size), grad_output.dtype)
    if y.size:
        side_by_side(METHODS[choose(*layer)].convolve, layer, y)
    return y


def to_weight(x, grad_output, rows, columns, groups):
    """What the weights get, (C_out, C_in // groups, K_h, K_w): each the sum, over all windows, of its input times their gradient.

    So it is a convolution of the input, whose kernel is the gradient of the output with `stride` as its dilation.
    """
    N, C_out, height, width = grad_output.shape
    outputs, channels = C_out // groups, x.shape[1] // groups
    K_h, K_w = rows.kernel_size, columns.kernel_size
    y = np.zeros((groups, outputs, channels * K_h * K_w), x.dtype)
    for n, (first, last) in blocks(grad_output, x.shape[1] * K_h * K_w * x.itemsize):
        images = x[n].transpose(1, 0, 2, 3)
        windows = np.empty((len(images), K_h, K_w, images.shape[1], last - first, width), x.dtype)
        for u, top in enumerate(starts(rows)):
            for v, left in enumerate(starts(columns)):
                fill(windows[:, u, v], images, rows, columns, (top, left), (first, 0))
        block = grad_output[n, :, first:last].transpose(1, 0, 2, 3)
        y += block.reshape(groups, outputs, -1) @ windows.reshape(groups, channels * K_h * K_w, -1).swapaxes(1, 2)
    return y.reshape(C_out, channels, K_h, K_w)


def blocks(grad_output, window_bytes):
    """The outputs, some images or some rows of one image at a time: (images as a slice, (first row, last row))."""
    N, *_, height, width = grad_output.shape
    windows = BYTES // window_bytes
    for first, last in split(N, windows // (height * width)) if N else ():
        for down in split(height, windows // width):
            yield slice(first, last), down


def meeting(axis, tap, first, last):
    """The outputs from `first` to before `last` for which a tap reads a pixel, counted from `first`, and these pixels: two slices.

    >>> from conv_lib.geometry import Axis
    >>> meeting(Axis(6, 3, stride=2, padding=1), 0, 0, 3)  # outputs 1 and 2 read the pixels 1 and 3
    (slice(1, 3, None), slice(1, 4, 2))
    """
    begin, end = inside(axis)[tap]
    begin, end = max(begin, first), min(end, last)
    if begin >= end:
        return slice(0), slice(0)
    position = starts(axis)[tap] - axis.padding[0] + begin * axis.stride
    return slice(begin - first, end - first), slice(position, position + (end - begin - 1) * axis.stride + 1, axis.stride)


def unpad(grad, rows, columns, mode):
    """The way back of `pad`: what a padded position took from an input goes back to it, and what was a zero is dropped."""
    for place, axis in ((-2, rows), (-1, columns)):
        lines, before, inner = np.moveaxis(grad, place, 0), axis.padding[0], range(axis.size)
        sources = pad_index(axis.size, axis.padding, mode)
        kept = lines[before : before + axis.size].copy()
        for position, source in enumerate(sources, -before):
            if position not in inner and source in inner:
                kept[source] += lines[position + before]
        grad = np.moveaxis(kept, 0, place)
    return grad
