"""Conv2d: torch.nn.Conv2d, in NumPy."""

from typing import NamedTuple

import numpy as np

from conv_lib import arguments
from conv_lib.arguments import IntOrPair, Padding
from conv_lib.backward import bias_gradient, input_gradient, weight_gradient
from conv_lib.conv import compute
from conv_lib.plan import make_plan
from conv_lib.settings import NAMES, read, written
from conv_lib.weighted import Weighted


class Gradients(NamedTuple):
    """What `Conv2d.backward` returns: the gradients of input, weight and bias; that of a bias that is not there is None."""

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None


class Conv2d(Weighted):
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
        dtype: "np.typing.DTypeLike" = np.float32,
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
        self.padding = arguments.padding(padding)
        if self.padding == "same":
            arguments.padding_word(padding, self.stride)
        self.padding_mode = arguments.padding_mode(padding_mode)
        self._draw((self.out_channels, self.in_channels // self.groups, *self.kernel_size), bias, dtype, generator)

    @classmethod
    def from_torch(cls, layer) -> "Conv2d":
        """A copy of a ``torch.nn.Conv2d``, with its numbers.

        It is read by its attributes, so a conv_lib layer is copied too. Raises TypeError for any other kind of layer, and for one
        that computes something else than its attributes say: with a ``forward`` of its own, hooks or parametrizations.

        >>> Conv2d.from_torch(Conv2d(3, 4, (1, 3), bias=False))
        Conv2d(3, 4, kernel_size=(1, 3), stride=(1, 1), bias=False)
        """
        settings = read(layer, ("Conv2d",))
        options = {name: getattr(settings, name) for name in NAMES}
        if settings.ring is not None:
            options["padding"] = arguments.even_ring(settings.ring)
        return cls._copy(layer, options)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Convolve `x`; see the class for shapes, and `conv2d` for the errors."""
        return compute(self._plan(x))

    forward = __call__

    def backward(self, x: np.ndarray, grad_output: np.ndarray) -> Gradients:
        """The gradients of input, weight and bias, when each output of ``layer(x)`` has the gradient `grad_output`.

        ``(N, C_in, H, W), (N, C_out, H_out, W_out) -> Gradients(x, weight, bias)``, or the same without N

        `x` and `grad_output` are of the dtype of the weight; `grad_output` has the shape of ``layer(x)``. Returns a named tuple
        of three arrays, each of the shape of what it belongs to; ``bias`` is None for a layer without one. In the padding modes
        that copy inputs, the gradient of the padding goes back to the inputs that were copied. Nothing is kept from the forward
        pass, and nothing is changed in the layer. Raises TypeError and ValueError as the layer does for `x`, and for a
        `grad_output` of another shape or dtype. Source: PyTorch, ``torch.autograd``.

        >>> layer = Conv2d(1, 1, (1, 3), stride=2)
        >>> layer.weight, layer.bias = np.array([[[[1, 2, 3]]]]), np.array([0])
        >>> layer.backward(np.array([[[0, 1, 2, 3, 4, 5]]]), np.array([[[10, 20]]]))
        Gradients(x=array([[[10, 20, 50, 40, 60,  0]]]), weight=array([[[[ 40,  70, 100]]]]), bias=array([30]))
        """
        plan = self._plan(x)
        arguments.gradient(grad_output, plan.result_shape, x=x)
        bias = None if self.bias is None else bias_gradient(grad_output)
        return Gradients(input_gradient(plan, grad_output), weight_gradient(plan, grad_output), bias)

    def _plan(self, x):
        return make_plan(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups, self.padding_mode)

    def __repr__(self):
        return f"Conv2d{written(self)}"
