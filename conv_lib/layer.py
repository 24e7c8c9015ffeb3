"""Conv2d: torch.nn.Conv2d, in NumPy."""

import math

import numpy as np
from numpy.typing import DTypeLike

from conv_lib import arguments
from conv_lib.arguments import IntOrPair, Padding
from conv_lib.conv import compute
from conv_lib.plan import make_plan

SETTINGS = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")


class Conv2d:
    """A convolution layer with its weight and bias, a drop-in for ``torch.nn.Conv2d``.

    ``(N, C_in, H, W) -> (N, C_out, H_out, W_out)``, or ``(C_in, H, W) -> (C_out, H_out, W_out)``

    Parameters
    ----------
    in_channels, out_channels : int, at least 1
    kernel_size, stride, dilation : int or (height, width), at least 1
        In pixels.
    padding : int or (height, width), at least 0; 'same' or 'valid'
        In pixels per side. 'same' keeps the size, at stride 1 only; 'valid' adds none.
    groups : int, at least 1
        It divides `in_channels` and `out_channels`.
    bias : bool
        Whether one number is added per output channel.
    padding_mode : 'zeros', 'reflect', 'replicate' or 'circular'
        What the padding is filled with.
    dtype : float16, float32 or float64
        Of the initial weight and bias.
    generator : ``numpy.random.Generator`` or None
        It draws the initial values; a fresh one if None.

    Raises
    ------
    TypeError, ValueError
        From the constructor, for every argument out of its range.

    Source
    ------
    PyTorch, ``torch.nn.Conv2d``.

    Examples
    --------
    >>> layer = Conv2d(3, 4, 3, stride=2, padding=1)
    >>> layer
    Conv2d(3, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
    >>> layer.weight.shape, layer(np.zeros((1, 3, 6, 6), np.float32)).shape
    ((4, 3, 3, 3), (1, 4, 3, 3))
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrPair,
        stride: IntOrPair = 1,
        padding: Padding = 0,
        dilation: IntOrPair = 1,
        groups: int = 1,
        bias: bool | None = True,
        padding_mode: str = "zeros",
        dtype: DTypeLike = np.float32,
        *,
        generator: "np.random.Generator | None" = None,
    ):
        self.in_channels = arguments.whole("in_channels", in_channels, 1)
        self.out_channels = arguments.whole("out_channels", out_channels, 1)
        self.groups = arguments.whole("groups", groups, 1)
        arguments.divides(self.groups, self.in_channels, "`in_channels`")
        arguments.divides(self.groups, self.out_channels, "`out_channels`")
        self.kernel_size = arguments.pair("kernel_size", kernel_size, 1)
        self.stride = arguments.pair("stride", stride, 1)
        self.dilation = arguments.pair("dilation", dilation, 1)
        if isinstance(padding, str):
            arguments.padding_word(padding, self.stride)
            self.padding = padding
        else:
            self.padding = arguments.pair("padding", padding, 0)
        self.padding_mode = arguments.padding_mode(padding_mode)
        has_bias = arguments.flag("bias", bias)
        dtype = arguments.float_dtype(dtype)
        generator = arguments.random_generator(generator)
        arguments.memory("`weight`", self._weight_shape, np.dtype(float))  # in which it is drawn
        bound = 1 / math.sqrt(math.prod(self._weight_shape[1:]))
        self.weight = generator.uniform(-bound, bound, self._weight_shape).astype(dtype)
        self.bias = generator.uniform(-bound, bound, self.out_channels).astype(dtype) if has_bias else None

    @classmethod
    def from_torch(cls, layer) -> "Conv2d":
        """A copy of a ``torch.nn.Conv2d``, with its numbers. Raises TypeError for any other kind of layer.

        It is read by its attributes, so a conv_lib layer is copied too.

        >>> Conv2d.from_torch(Conv2d(3, 4, (1, 3), bias=False))
        Conv2d(3, 4, kernel_size=(1, 3), stride=(1, 1), bias=False)
        """
        arguments.conv2d_layer(layer, (*SETTINGS, "weight", "bias"))
        copy = cls(**{name: getattr(layer, name) for name in SETTINGS}, bias=layer.bias is not None)
        copy.weight = _numbers("weight", layer.weight)
        copy.bias = None if layer.bias is None else _numbers("bias", layer.bias)
        return copy

    @property
    def _weight_shape(self):
        return self.out_channels, self.in_channels // self.groups, *self.kernel_size

    @property
    def weight(self) -> np.ndarray:
        """The kernels, an array (out_channels, in_channels // groups, K_h, K_w).

        They start uniform between -bound and bound, where bound = 1 / sqrt(in_channels / groups * K_h * K_w), and can be set to
        an array of that shape and any supported dtype, which is copied. Raises TypeError and ValueError for another.
        """
        return self._weight

    @weight.setter
    def weight(self, value):
        arguments.array("weight", value, (4,))
        arguments.same_shape("weight", value, self._weight_shape)
        self._weight = value.copy()

    @property
    def bias(self) -> np.ndarray | None:
        """One number for each output channel, an array (out_channels,), or None. It starts and is set as `weight` is."""
        return self._bias

    @bias.setter
    def bias(self, value):
        if value is not None:
            arguments.array("bias", value, (1,))
            arguments.same_shape("bias", value, (self.out_channels,))
            value = value.copy()
        self._bias = value

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Convolve `x`; see the class for shapes, and `conv2d` for the errors."""
        return compute(
            make_plan(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups, self.padding_mode)
        )

    forward = __call__

    def __repr__(self):
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        parts += [f"padding={self.padding}"] * (self.padding != (0, 0))
        parts += [f"dilation={self.dilation}"] * (self.dilation != (1, 1))
        parts += [f"groups={self.groups}"] * (self.groups != 1)
        parts += ["bias=False"] * (self.bias is None)
        parts += [f"padding_mode={self.padding_mode}"] * (self.padding_mode != "zeros")
        return f"Conv2d({', '.join(parts)})"


def _numbers(name, parameter):
    """A torch parameter (or an array) as a NumPy array."""
    if not hasattr(parameter, "detach"):
        return parameter
    arguments.torch_dtype(name, parameter.dtype)
    return parameter.detach().cpu().resolve_conj().numpy()
