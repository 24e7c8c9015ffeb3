"""What a layer costs: parameters, multiply-accumulates and memory; and what kind of convolution it is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from conv_lib import arguments
from conv_lib.settings import Settings, read


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
    Returns a `Cost`. Raises TypeError for another kind of layer and for one that hooks or parametrizations change, ValueError
    when the layer does not fit the shape. Source: Sze et al. 2017.

    >>> from conv_lib import Conv2d
    >>> found = cost(Conv2d(3, 64, 7, stride=2, padding=3, bias=False), (1, 3, 224, 224))
    >>> found.output_shape, found.parameters, found.macs
    ((1, 64, 112, 112), 9408, 118013952)
    >>> found.backward_macs(x=False) == found.macs  # the first layer of a network: only the weight's gradient is needed
    True
    """
    settings = read(layer)
    arguments.unchanging(layer, settings.changes)
    input_shape = arguments.shape("input_shape", input_shape, (3, 4))
    arguments.channels(input_shape, settings.in_channels, f"a layer with `in_channels` (={settings.in_channels})")
    return cost_of(settings, input_shape)


def cost_of(settings: Settings, input_shape: tuple[int, ...]) -> Cost:
    """The cost of settings on an input shape that has their channels. Raises ValueError when kernel or padding do not fit it."""
    axes = settings.axes(input_shape)
    sizes = [axis.size if settings.transposed else axis.output_size for axis in axes]
    output_shape = (*input_shape[:-3], settings.out_channels, *sizes)
    windows = input_shape if settings.transposed else output_shape
    weights, biases = math.prod(settings.weight_shape), settings.out_channels * settings.bias
    return Cost(
        kind=kind_of(settings),
        output_shape=output_shape,
        parameters=weights + biases,
        macs=math.prod(windows) * math.prod(settings.weight_shape[1:]),
        input_bytes=math.prod(input_shape) * settings.itemsize,
        weight_bytes=(weights + biases) * settings.itemsize,
        output_bytes=math.prod(output_shape) * settings.itemsize,
    )


def kind(layer) -> str:
    """What kind of convolution a layer is: standard, transposed, grouped, depthwise, pointwise, dilated, strided, or several at once.

    >>> from conv_lib import Conv2d
    >>> kind(Conv2d(8, 8, 3, groups=8, stride=2)), kind(Conv2d(8, 4, 1)), kind(Conv2d(8, 4, 3))
    ('depthwise, strided', 'pointwise', 'standard')
    """
    return kind_of(read(layer))


def kind_of(settings: Settings) -> str:
    """What kind of convolution settings make."""
    words = ["transposed"] * settings.transposed
    if settings.groups > 1:
        words.append("depthwise" if settings.groups == settings.in_channels else "grouped")
    if settings.kernel_size == (1, 1):
        words.append("pointwise")
    words = words or ["standard"]
    if any(k > 1 and d > 1 for k, d in zip(settings.kernel_size, settings.dilation)):
        words.append("dilated")
    if max(settings.stride) > 1:
        words.append("strided")
    return ", ".join(words)
