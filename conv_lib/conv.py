"""conv2d: check, pad, choose a method, compute, add the bias."""

from dataclasses import replace

import numpy as np

from conv_lib import arguments
from conv_lib.arguments import IntOrPair, Padding
from conv_lib.methods import METHODS, choose, fitting
from conv_lib.methods.threads import side_by_side
from conv_lib.plan import make_plan, working


def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
    method: str | None = None,
) -> np.ndarray:
    """Slide a kernel over an image and take a weighted sum at each stop, exactly as ``torch.nn.functional.conv2d`` does.

    ``(N, C_in, H, W) * (C_out, C_in//groups, K_h, K_w) -> (N, C_out, H_out, W_out)``

    Parameters
    ----------
    x : array (N, C_in, H, W) or (C_in, H, W)
        The images, with or without a batch axis; N may be 0. Of dtype int8, uint8, int16, int32, int64 (sums wrap), float16
        (summed in float32), float32, float64, complex64 or complex128.
    weight : array (C_out, C_in // groups, K_h, K_w)
        The kernels, of the dtype of `x`. They are not flipped.
    bias : array (C_out,) or None
        One number added to each output channel, of the same dtype.
    stride : int or (height, width), at least 1
        Pixels from one window to the next.
    padding : int or (height, width), at least 0; 'same' or 'valid'
        Zeros added per side, in pixels. 'same' keeps the size, at stride 1 only; 'valid' adds none.
    dilation : int or (height, width), at least 1
        Pixels from one kernel tap to the next.
    groups : int, at least 1
        It divides C_in and C_out: consecutive channels that are convolved apart.
    method : str or None
        How it is computed. None chooses the method that is expected to be fastest among the direct ones: there no output depends
        on an input that it does not read, and whole numbers stay whole while their sums fit the dtype. Or the name of one:
        'pointwise' (1x1 without padding), 'shifts' (most layers), 'bands' (at most 4 channels per group), 'taps' (groups=1),
        'im2col' (any layer), or 'winograd' (float32 and float16, three kernel rows, stride 1, groups=1), which takes half the
        multiplications, and in which the rounding of four rows is shared.

    Returns
    -------
    array (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        New, of the dtype of `x`. Nothing is ever changed or broadcast. A large layer is computed on as many threads as NumPy's
        BLAS has: OPENBLAS_NUM_THREADS=1 in the environment, or ``threadpoolctl.threadpool_limits(1)``, leaves one. Up to
        8 MB for each core are kept for the next call.

    Raises
    ------
    TypeError
        For arguments of the wrong kind or of unlike dtypes.
    ValueError
        For numbers out of range, shapes that do not fit together, a kernel that spans more than the padded input, and a
        method that does not fit the layer.

    Source
    ------
    PyTorch, ``torch.nn.functional.conv2d``; Dumoulin and Visin 2016.

    Examples
    --------
    >>> x = np.arange(36).reshape(1, 1, 6, 6)
    >>> conv2d(x, np.ones((1, 1, 3, 3), int), stride=2, padding=1)  # the first: 0 + 1 + 6 + 7 = 14
    array([[[[ 14,  30,  42],
             [ 75, 126, 144],
             [147, 234, 252]]]])
    """
    return compute(make_plan(x, weight, bias, stride, padding, dilation, groups), method)


def compute(plan, method=None):
    """Carry out a checked convolution."""
    dtype = plan.x.dtype.newbyteorder("=")
    summed = working(dtype)
    y = np.empty(plan.output_shape, summed)
    # A stride beyond the input leaves one output, however large it is.
    rows, columns = (axis if axis.stride <= axis.padded_size else replace(axis, stride=axis.padded_size) for axis in plan.computed())
    # In whatever order the numbers lie in memory, the sums round alike.
    x, weight = np.ascontiguousarray(plan.source() if y.size else plan.x, summed), np.ascontiguousarray(plan.weight, summed)
    layer = x, weight, rows, columns, plan.groups
    name = choose(*layer) if method is None else arguments.method(method, METHODS, fitting(*layer), plan)
    with np.errstate(all="ignore"):  # inf, nan and 0 are legal results, as they are in torch
        if y.size:
            side_by_side(METHODS[name].convolve, layer, y)
        if plan.bias is not None:
            y += np.asarray(plan.bias, summed)[:, None, None]
        return plan.shaped(y.astype(dtype, copy=False))
