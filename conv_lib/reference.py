"""The definition of a convolution, as nested loops that can be read aloud. It is slow, and it is what the fast code must equal."""

import numpy as np

from conv_lib.arguments import IntOrPair, Padding
from conv_lib.plan import make_plan


def reference_conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> np.ndarray:
    """A 2-D convolution by its definition: one multiplication at a time.

    ``(N, C_in, H, W) * (C_out, C_in//groups, K_h, K_w) -> (N, C_out, H_out, W_out)``

    Arguments, result and errors are those of `conv2d`. The sums are exact for integers (which wrap to the dtype at the end)
    and in double precision for floats.

    >>> x = np.arange(36).reshape(1, 1, 6, 6)
    >>> reference_conv2d(x, np.ones((1, 1, 3, 3), int), stride=2)
    array([[[[ 63,  81],
             [171, 189]]]])
    """
    plan = make_plan(x, weight, bias, stride, padding, dilation, groups)
    sums = loops(plan.x, plan.weight, plan.bias, plan.rows, plan.columns, plan.groups)
    dtype = x.dtype.newbyteorder("=")
    if dtype.kind in "iu":
        y = np.array([total % 2**64 for total in sums], np.uint64).astype(dtype)
    else:
        with np.errstate(all="ignore"):
            y = np.array(sums, np.complex128 if dtype.kind == "c" else np.float64).astype(dtype)
    return plan.shaped(y.reshape(plan.output_shape))


def loops(x, weight, bias, rows, columns, groups):
    """All outputs in the order of the sliding window, each as a plain Python number."""
    C_out, channels, K_h, K_w = weight.shape
    outputs = []
    for image in x:
        for o in range(C_out):
            first = channels * (o // (C_out // groups))  # its group's first channel
            for i in range(rows.output_size):
                for j in range(columns.output_size):
                    total = 0 if bias is None else bias[o].item()
                    for c in range(channels):
                        for u, row in enumerate(rows.taps(i)):
                            for v, column in enumerate(columns.taps(j)):
                                value = 0  # on the padding
                                if 0 <= row < rows.size and 0 <= column < columns.size:
                                    value = image[first + c, row, column].item()
                                total += value * weight[o, c, u, v].item()
                    outputs.append(total)
    return outputs
