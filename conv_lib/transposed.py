"""Transposed convolution: `conv_transpose2d` and the layer `ConvTranspose2d`. It is the input gradient of a convolution."""

from collections.abc import Sequence

import numpy as np

from conv_lib import arguments
from conv_lib.arguments import IntOrPair
from conv_lib.backward import batched, to_input
from conv_lib.geometry import transposed_axes
from conv_lib.plan import working
from conv_lib.settings import TRANSPOSED, read, written
from conv_lib.weighted import Weighted


def conv_transpose2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    output_padding: IntOrPair = 0,
    groups: int = 1,
    dilation: IntOrPair = 1,
) -> np.ndarray:
    """Stamp the kernel at every pixel, times its value, and add up where stamps overlap, as ``torch.nn.functional.conv_transpose2d``.

    ``(N, C_in, H, W) * (C_in, C_out//groups, K_h, K_w) -> (N, C_out, H_out, W_out)``

    It is the input gradient of the convolution with the same weight, stride, padding and dilation: `conv2d_input`. Note that
    `groups` stands before `dilation`, as in torch.

    Parameters
    ----------
    x : array (N, C_in, H, W) or (C_in, H, W)
        The images, of any dtype of `conv2d`; N may be 0.
    weight : array (C_in, C_out // groups, K_h, K_w)
        The stamps, of the dtype of `x`: those of an input channel for all output channels of its group.
    bias : array (C_out,) or None
        One number added to each output channel, of the same dtype.
    stride : int or (height, width), at least 1
        Pixels from one stamp to the next.
    padding : int or (height, width), at least 0
        Pixels cut off from every side of the result; the words 'same' and 'valid' are not known here.
    output_padding : int or (height, width), at least 0, smaller than stride or dilation
        Pixels that are cut off less at the bottom and right: several input sizes of a convolution with stride give one output
        size, and this says which of them is meant.
    groups : int, at least 1
        It divides C_in and C_out: consecutive channels that are computed apart.
    dilation : int or (height, width), at least 1
        Pixels from one kernel tap to the next.

    Returns
    -------
    array (N, C_out, H_out, W_out) or (C_out, H_out, W_out)
        New, of the dtype of `x`; H_out = (H - 1) * stride - 2 * padding + dilation * (K_h - 1) + output_padding + 1.

    Raises
    ------
    TypeError
        For arguments of the wrong kind or of unlike dtypes.
    ValueError
        For numbers out of range, shapes that do not fit together, and when the padding leaves nothing of the result.

    Source
    ------
    PyTorch, ``torch.nn.functional.conv_transpose2d``; Dumoulin and Visin 2016.

    Examples
    --------
    Two stamps of 3 pixels, 2 apart, overlap in one: 10 * 3 + 20 * 1.

    >>> conv_transpose2d(np.array([[[10, 20]]]), np.array([[[[1, 2, 3]]]]), stride=2)
    array([[[10, 20, 50, 40, 60]]])
    """
    groups = arguments.whole("groups", groups, 1)
    arguments.transposed_arrays(x, weight, bias, groups)
    axes = transposed_axes(x.shape[-2:], weight.shape[-2:], stride, padding, output_padding, dilation)
    return _compute(x, weight, bias, axes, groups)


def _compute(x, weight, bias, axes, groups):
    """Carry out a checked transposed convolution."""
    channels = weight.shape[1] * groups
    arguments.memory("The output", (*x.shape[:-3], channels, *(axis.size for axis in axes)), x.dtype)
    dtype = working(x.dtype)
    with np.errstate(all="ignore"):  # inf and nan are legal, as they are in torch
        y = to_input(batched(x, dtype), np.ascontiguousarray(weight, dtype), *axes, groups)
        if bias is not None:
            y += np.asarray(bias, dtype)[:, None, None]
        return y.astype(x.dtype.newbyteorder("="), copy=False).reshape(*x.shape[:-3], *y.shape[1:])


class ConvTranspose2d(Weighted):
    """A transposed convolution layer with its weight and bias, a drop-in for ``torch.nn.ConvTranspose2d``.

    ``(N, C_in, H, W) -> (N, C_out, H_out, W_out)``, or ``(C_in, H, W) -> (C_out, H_out, W_out)``

    Parameters
    ----------
    in_channels, out_channels : int, at least 1
    kernel_size, stride, dilation : int or (height, width), at least 1
        In pixels of the output.
    padding : int or (height, width), at least 0
        Pixels cut off from every side of the output.
    output_padding : int or (height, width), at least 0, smaller than stride or dilation
        Pixels cut off less at the bottom and right.
    groups : int, at least 1
        It divides `in_channels` and `out_channels`.
    bias : bool
        Whether one number is added per output channel.
    padding_mode : 'zeros'
        There is no other for a transposed convolution.
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
    PyTorch, ``torch.nn.ConvTranspose2d``.

    Examples
    --------
    >>> layer = ConvTranspose2d(4, 6, (2, 3), stride=2, padding=1, groups=2)
    >>> layer
    ConvTranspose2d(4, 6, kernel_size=(2, 3), stride=(2, 2), padding=(1, 1), groups=2)
    >>> layer.weight.shape, layer(np.zeros((1, 4, 5, 5), np.float32)).shape
    ((4, 3, 2, 3), (1, 6, 8, 9))
    """

    transposed = True  # as of torch's layers, which all have this flag

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: IntOrPair,
        stride: IntOrPair = 1,
        padding: IntOrPair = 0,
        output_padding: IntOrPair = 0,
        groups: int = 1,
        bias: bool | None = True,
        dilation: IntOrPair = 1,
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
        self.padding = arguments.pair("padding", padding, 0)
        self.output_padding = arguments.pair("output_padding", output_padding, 0)
        self.dilation = arguments.pair("dilation", dilation, 1)
        for numbers in zip(("height", "width"), self.output_padding, self.stride, self.dilation):
            arguments.output_padding_fits(*numbers)
        self.padding_mode = arguments.only_zeros(padding_mode)
        self._draw((self.in_channels, self.out_channels // self.groups, *self.kernel_size), bias, dtype, generator)

    @classmethod
    def from_torch(cls, layer) -> "ConvTranspose2d":
        """A copy of a ``torch.nn.ConvTranspose2d``, with its numbers. Raises TypeError for any other kind of layer.

        It is read by its attributes, so a conv_lib layer is copied too.

        >>> ConvTranspose2d.from_torch(ConvTranspose2d(3, 4, (1, 3), bias=False))
        ConvTranspose2d(3, 4, kernel_size=(1, 3), stride=(1, 1), bias=False)
        """
        settings = read(layer, ("ConvTranspose2d",))
        return cls._copy(layer, {name: getattr(settings, name) for name in TRANSPOSED})

    def __call__(self, x: np.ndarray, output_size: Sequence[int] | None = None) -> np.ndarray:
        """Transposed convolution of `x`; see the class for shapes, and `conv_transpose2d` for the errors.

        ``output_size`` may say how large the output shall be, as (height, width) or as the whole shape: at least as large as
        without `output_padding`, and less than a stride larger. It takes the place of `output_padding`. ValueError for another.

        >>> layer = ConvTranspose2d(1, 1, 3, stride=2, padding=1)
        >>> x = np.zeros((1, 6, 6), np.float32)
        >>> layer(x).shape, layer(x, output_size=(11, 12)).shape
        ((1, 11, 11), (1, 11, 12))
        """
        groups = arguments.whole("groups", self.groups, 1)
        arguments.only_zeros(self.padding_mode)
        arguments.transposed_arrays(x, self.weight, self.bias, groups)
        if output_size is not None:
            output_size = arguments.shape("output_size", output_size, (2, x.ndim))[-2:]
        sizes = x.shape[-2:], self.weight.shape[-2:]
        axes = transposed_axes(*sizes, self.stride, self.padding, self.output_padding, self.dilation, output_size)
        return _compute(x, self.weight, self.bias, axes, groups)

    forward = __call__

    def __repr__(self):
        return f"ConvTranspose2d{written(self)}"
