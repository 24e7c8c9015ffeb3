"""What a layer costs: parameters, multiply-accumulates and memory; and what kind of convolution it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from conv_lib import arguments, transposed
from conv_lib.geometry import Axis, axes, transposed_axes
from conv_lib.layer import SETTINGS


@dataclass(frozen=True)
class Cost:
    """Parameters, work and memory of a layer on an input.

    ``macs`` counts multiply-accumulates: one multiplication and one addition; ``flops`` is twice that. Bytes are those of the
    layer's dtype. The additions of the bias are not counted, as usual.
    """

    kind: str
    output_shape: tuple[int, ...]
    parameters: int
    macs: int
    input_bytes: int
    weight_bytes: int
    output_bytes: int

    @property
    def flops(self) -> int:
        """Floating-point operations, 2 per multiply-accumulate."""
        return 2 * self.macs

    def backward_macs(self, x: bool = True, weight: bool = True) -> int:
        """Multiply-accumulates of the backward pass: as many as forward for the gradient of the input, and again for the weight's.

        What need not be computed can be left out: ``x=False`` for the first layer of a network, whose input wants no gradient,
        and ``weight=False`` for a frozen layer. The additions for the bias are not counted.
        """
        return self.macs * (arguments.flag("x", x) + arguments.flag("weight", weight))


def cost(layer, input_shape: Sequence[int]) -> Cost:
    """The cost of a layer, conv_lib's or torch's, on an input of shape (N, C_in, H, W) or (C_in, H, W).

    parameters = C_out * (C_in / groups * K_h * K_w) + C_out (bias); macs = N * C_out * H_out * W_out * C_in / groups * K_h * K_w.
    A transposed layer has the same parameters and stamps at each input: macs = N * C_in * H * W * C_out / groups * K_h * K_w.
    Returns a `Cost`. Raises TypeError for another kind of layer, ValueError when the layer does not fit the shape.
    Source: Sze et al. 2017.

    >>> from conv_lib import Conv2d
    >>> found = cost(Conv2d(3, 64, 7, stride=2, padding=3, bias=False), (1, 3, 224, 224))
    >>> found.output_shape, found.parameters, found.macs
    ((1, 64, 112, 112), 9408, 118013952)
    >>> found.backward_macs(x=False) == found.macs  # the first layer of a network: only the weight's gradient is needed
    True
    """
    convolution_layer(layer)
    input_shape = arguments.shape("input_shape", input_shape, (3, 4))
    arguments.channels(input_shape, layer.in_channels, f"a layer with `in_channels` (={layer.in_channels})")
    stamps = is_transposed(layer)
    sizes = [axis.size if stamps else axis.output_size for axis in layer_axes(layer, input_shape)]
    output_shape = (*input_shape[:-3], layer.out_channels, *sizes)
    windows = input_shape if stamps else output_shape
    weights, biases = math.prod(layer.weight.shape), 0 if layer.bias is None else layer.out_channels
    itemsize = layer.weight.itemsize
    return Cost(
        kind=kind(layer),
        output_shape=output_shape,
        parameters=weights + biases,
        macs=math.prod(windows) * math.prod(layer.weight.shape[1:]),
        input_bytes=math.prod(input_shape) * itemsize,
        weight_bytes=(weights + biases) * itemsize,
        output_bytes=math.prod(output_shape) * itemsize,
    )


def is_transposed(layer) -> bool:
    """Whether a layer that `convolution_layer` has checked is a transposed convolution."""
    return getattr(layer, "transposed", False)


def convolution_layer(layer):
    """Check that `layer` is a 2-D convolution or transposed convolution, conv_lib's or torch's. Raises TypeError or ValueError."""
    if is_transposed(layer):
        arguments.transposed_layer(layer, (*transposed.SETTINGS, "weight", "bias"))
    else:
        arguments.conv2d_layer(layer, (*SETTINGS, "weight", "bias"))


def layer_axes(layer, input_shape: Sequence[int]) -> tuple[Axis, Axis]:
    """The two axes of a layer on an input shape. Raises ValueError when kernel or padding do not fit it.

    A transposed layer goes its axes backwards: their size is that of the output.
    """
    if is_transposed(layer):
        return transposed_axes(input_shape[-2:], layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation)
    settings = (layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.padding_mode)
    return axes(input_shape[-2:], *settings)


def kind(layer) -> str:
    """What kind of convolution a layer is: standard, transposed, grouped, depthwise, pointwise, dilated, strided, or several at once.

    >>> from conv_lib import Conv2d
    >>> kind(Conv2d(8, 8, 3, groups=8, stride=2)), kind(Conv2d(8, 4, 1)), kind(Conv2d(8, 4, 3))
    ('depthwise, strided', 'pointwise', 'standard')
    """
    kernel, dilation = (arguments.pair(name, getattr(layer, name), 1) for name in ("kernel_size", "dilation"))
    words = ["transposed"] * is_transposed(layer)
    if layer.groups > 1:
        words.append("depthwise" if layer.groups == layer.in_channels else "grouped")
    if kernel == (1, 1):
        words.append("pointwise")
    words = words or ["standard"]
    if any(k > 1 and d > 1 for k, d in zip(kernel, dilation)):
        words.append("dilated")
    if max(arguments.pair("stride", layer.stride, 1)) > 1:
        words.append("strided")
    return ", ".join(words)
