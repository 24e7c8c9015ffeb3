"""The gradients of `conv2d`, with the names and the order of ``torch.nn.grad``."""

from collections.abc import Sequence

import numpy as np

from conv_lib import arguments
from conv_lib.arguments import IntOrPair, Padding
from conv_lib.backward import bias_gradient, input_gradient, weight_gradient
from conv_lib.plan import make_plan, stand_in

__all__ = ["conv2d_bias", "conv2d_input", "conv2d_weight"]


def conv2d_input(
    input_size: Sequence[int],
    weight: np.ndarray,
    grad_output: np.ndarray,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> np.ndarray:
    """The gradient of the input of a convolution: every output sends its gradient, times the kernel, back to its window.

    ``(C_out, C_in//groups, K_h, K_w), (N, C_out, H_out, W_out) -> (N, C_in, H, W)``

    Parameters
    ----------
    input_size : tuple (N, C_in, H, W) or (C_in, H, W)
        The shape of the input. It has to be told: several sizes give the same output (6 and 5 pixels at kernel 3, stride 2).
    weight : array (C_out, C_in // groups, K_h, K_w)
        Of any dtype of `conv2d`; a complex one is conjugated, as by autograd.
    grad_output : array (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        The gradient of each output, of the dtype of `weight`.
    stride, padding, dilation, groups
        Those of the convolution; see `conv2d`.

    Returns
    -------
    array of shape `input_size`
        Exactly 0 where no window reads.

    Raises
    ------
    TypeError, ValueError
        As `conv2d` does for an input of that size; and for a `grad_output` that has not the shape of its output.

    Source
    ------
    PyTorch, ``torch.nn.grad.conv2d_input``; Dumoulin and Visin 2016.

    Examples
    --------
    Windows of 3 pixels start at 0 and 2. Pixel 2 lies in both: it gets 10 * 3 from the first and 20 * 1 from the second.

    >>> conv2d_input((1, 1, 6), np.array([[[[1, 2, 3]]]]), np.array([[[10, 20]]]), stride=2)
    array([[[10, 20, 50, 40, 60,  0]]])
    """
    sizes = arguments.shape("input_size", input_size, (3, 4))
    arguments.array("weight", weight, (4,))
    x = stand_in("The input", sizes, weight.dtype)
    plan = make_plan(x, weight, None, stride, padding, dilation, groups)
    arguments.gradient(grad_output, plan.result_shape, weight=weight)
    return input_gradient(plan, grad_output)


def conv2d_weight(
    x: np.ndarray,
    weight_size: Sequence[int],
    grad_output: np.ndarray,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    groups: int = 1,
) -> np.ndarray:
    """The gradient of the weight of a convolution: each weight adds up the inputs that it met, times the gradients of these outputs.

    ``(N, C_in, H, W), (N, C_out, H_out, W_out) -> (C_out, C_in//groups, K_h, K_w)``

    Parameters
    ----------
    x : array (N, C_in, H, W) or (C_in, H, W)
        The input, of any dtype of `conv2d`; a complex one is conjugated, as by autograd.
    weight_size : tuple (C_out, C_in // groups, K_h, K_w)
        The shape of the weight.
    grad_output : array (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        The gradient of each output, of the dtype of `x`.
    stride, padding, dilation, groups
        Those of the convolution; see `conv2d`.

    Returns
    -------
    array of shape `weight_size`

    Raises
    ------
    TypeError, ValueError
        As `conv2d` does for a weight of that size; and for a `grad_output` that has not the shape of its output.

    Source
    ------
    PyTorch, ``torch.nn.grad.conv2d_weight``.

    Examples
    --------
    With stride 2 the first weight met pixels 0 and 2, so it gets 0 * 10 + 2 * 20.

    >>> conv2d_weight(np.array([[[0, 1, 2, 3, 4, 5]]]), (1, 1, 1, 3), np.array([[[10, 20]]]), stride=2)
    array([[[[ 40,  70, 100]]]])
    """
    arguments.array("x", x, (3, 4))
    sizes = arguments.shape("weight_size", weight_size, (4,))
    weight = stand_in("The weight", sizes, x.dtype)
    plan = make_plan(x, weight, None, stride, padding, dilation, groups)
    arguments.gradient(grad_output, plan.result_shape, x=x)
    return weight_gradient(plan, grad_output)


def conv2d_bias(grad_output: np.ndarray) -> np.ndarray:
    """The gradient of the bias of a convolution: a bias is added to every output of its channel, so it gets the sum of theirs.

    ``(N, C_out, H_out, W_out) -> (C_out,)``, or ``(C_out, H_out, W_out) -> (C_out,)``

    ``grad_output`` is of any dtype of `conv2d`; float16 is summed in float32, integers wrap. Raises TypeError and ValueError for
    anything else.

    >>> conv2d_bias(np.array([[[1, 2], [3, 4]], [[10, 20], [30, 40]]]))
    array([ 10, 100])
    """
    arguments.array("grad_output", grad_output, (3, 4))
    arguments.no_empty_axis("grad_output", grad_output.shape, grad_output.shape[-3:])
    return bias_gradient(grad_output)
