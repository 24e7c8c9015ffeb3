"""The convolutions that are raced: each a function that takes a layer's arrays, and returns a call without arguments or None."""

import importlib.util
import math

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view

import conv_lib
from conv_lib.geometry import axes

LOOPS = 200_000  # multiplications that the nested loops are asked to do, at most
SLOW = 3_000_000_000  # multiplications from which on the slow peers are left out


def torch_conv2d(layer, x, weight):
    """PyTorch on the CPU."""
    x, weight = torch.from_numpy(x), torch.from_numpy(weight)
    return lambda: torch.nn.functional.conv2d(x, weight, **layer.options).numpy()


def library(layer, x, weight):
    """conv_lib, by the method that it chooses."""
    return lambda: conv_lib.conv2d(x, weight, **layer.options)


def plain_im2col(layer, x, weight):
    """All windows of the whole batch copied into one matrix, then one product per group."""
    windows, groups = window_view(layer, x)

    def call():
        N, C, h, w, K_h, K_w = windows().shape
        matrix = windows().transpose(0, 1, 4, 5, 2, 3).reshape(N, groups, C // groups * K_h * K_w, h * w)
        return (weight.reshape(groups, len(weight) // groups, -1) @ matrix).reshape(N, len(weight), h, w)

    return call


def einsum(layer, x, weight):
    """`sliding_window_view`, and one `einsum` over the windows, as many tutorials have it."""
    windows, groups = window_view(layer, x)

    def call():
        N, C, h, w, K_h, K_w = windows().shape
        apart = windows().reshape(N, groups, C // groups, h, w, K_h, K_w) if groups > 1 else windows()[:, None]
        y = np.einsum("ngchwuv,gocuv->ngohw", apart, weight.reshape(groups, -1, *weight.shape[1:]), optimize=True)
        return y.reshape(N, len(weight), h, w)

    return call


def window_view(layer, x):
    """A call that pads and gives the windows (N, C, H_out, W_out, K_h, K_w), and the groups."""
    rows, columns = layer_axes(layer)

    def windows():
        padded = np.pad(x, ((0, 0), (0, 0), rows.padding, columns.padding))
        spans = rows.effective_kernel_size, columns.effective_kernel_size
        view = sliding_window_view(padded, spans, axis=(2, 3))
        return view[:, :, :: rows.stride, :: columns.stride, :: rows.dilation, :: columns.dilation]

    return windows, layer.options.get("groups", 1)


def mygrad(layer, x, weight):
    """MyGrad's conv_nd; it has no groups, and refuses a size of which the last window leaves pixels over."""
    if not importlib.util.find_spec("mygrad") or layer.options.get("groups", 1) > 1 or any(a.left_over for a in layer_axes(layer)):
        return None
    from mygrad.nnet.layers import conv_nd

    options = {"stride": 1, **layer.options}
    return lambda: conv_nd(x, weight, constant=True, **options).data


def onnx_reference(layer, x, weight):
    """The reference evaluator of ONNX."""
    if not importlib.util.find_spec("onnx") or multiplications(layer) > SLOW:
        return None
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    rows, columns = ((value, value) if isinstance(value, int) else value for value in (layer.options.get("padding", 0),) * 2)
    attributes = {
        "pads": [rows[0], columns[1], rows[0], columns[1]],
        "strides": [layer.options.get("stride", 1)] * 2,
        "dilations": [layer.options.get("dilation", 1)] * 2,
        "group": layer.options.get("groups", 1),
    }
    node = helper.make_node("Conv", ["x", "w"], ["y"], **attributes)
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "xwy"]
    model = helper.make_model(helper.make_graph([node], "g", values[:2], values[2:]), opset_imports=[helper.make_opsetid("", 21)])
    evaluator = ReferenceEvaluator(model)
    return lambda: evaluator.run(None, {"x": x, "w": weight})[0]


def loops(layer, x, weight):
    """The definition, as conv_lib's `reference_conv2d` has it."""
    if multiplications(layer) > LOOPS:
        return None
    return lambda: conv_lib.reference_conv2d(x, weight, **layer.options)


def layer_axes(layer):
    """The two axes of a layer."""
    options = {name: value for name, value in layer.options.items() if name != "groups"}
    return axes(layer.x[2:], layer.weight[2:], **options)


def multiplications(layer):
    """How many multiplications the layer takes by its definition."""
    rows, columns = layer_axes(layer)
    return layer.x[0] * rows.output_size * columns.output_size * math.prod(layer.weight)


CONTENDERS = {
    "torch": torch_conv2d,
    "conv_lib": library,
    "plain im2col": plain_im2col,
    "einsum": einsum,
    "MyGrad": mygrad,
    "ONNX reference": onnx_reference,
    "loops": loops,
}
