"""What a layer costs: parameters, multiply-accumulates and memory; and what kind of convolution it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from conv_lib import arguments
from conv_lib.geometry import Axis, axes
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


def cost(layer, input_shape: Sequence[int]) -> Cost:
    """The cost of a layer, conv_lib's or torch's, on an input of shape (N, C_in, H, W) or (C_in, H, W).

    parameters = C_out * (C_in / groups * K_h * K_w) + C_out (bias); macs = N * C_out * H_out * W_out * C_in / groups * K_h * K_w.
    Returns a `Cost`. Raises TypeError for another kind of layer, ValueError when the layer does not fit the shape.
    Source: Sze et al. 2017.

    >>> from conv_lib import Conv2d
    >>> found = cost(Conv2d(3, 64, 7, stride=2, padding=3, bias=False), (1, 3, 224, 224))
    >>> found.output_shape, found.parameters, found.macs
    ((1, 64, 112, 112), 9408, 118013952)
    """
    arguments.conv2d_layer(layer, (*SETTINGS, "weight", "bias"))
    input_shape = arguments.shape("input_shape", input_shape, (3, 4))
    arguments.channels(input_shape, layer.in_channels, f"a layer with `in_channels` (={layer.in_channels})")
    sizes = [axis.output_size for axis in layer_axes(layer, input_shape)]
    output_shape = (*input_shape[:-3], layer.out_channels, *sizes)
    weights, biases = math.prod(layer.weight.shape), 0 if layer.bias is None else layer.out_channels
    itemsize = layer.weight.itemsize
    return Cost(
        kind=kind(layer),
        output_shape=output_shape,
        parameters=weights + biases,
        macs=math.prod(output_shape) * math.prod(layer.weight.shape[1:]),
        input_bytes=math.prod(input_shape) * itemsize,
        weight_bytes=(weights + biases) * itemsize,
        output_bytes=math.prod(output_shape) * itemsize,
    )


def layer_axes(layer, input_shape: Sequence[int]) -> tuple[Axis, Axis]:
    """The two axes of a layer on an input shape. Raises ValueError when kernel or padding do not fit it."""
    settings = (layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.padding_mode)
    return axes(input_shape[-2:], *settings)


def kind(layer) -> str:
    """What kind of convolution a layer is: standard, grouped, depthwise, pointwise, dilated, strided, or several at once.

    >>> from conv_lib import Conv2d
    >>> kind(Conv2d(8, 8, 3, groups=8, stride=2)), kind(Conv2d(8, 4, 1)), kind(Conv2d(8, 4, 3))
    ('depthwise, strided', 'pointwise', 'standard')
    """
    kernel, dilation = (arguments.pair(name, getattr(layer, name), 1) for name in ("kernel_size", "dilation"))
    words = []
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
