"""What a layer computes when it is called: the settings of conv_lib's or torch's layers, read as their constructors read them."""

from collections.abc import Sequence
from typing import NamedTuple

from conv_lib import arguments
from conv_lib.geometry import Axis, same_padding

NAMES = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "padding_mode")
TRANSPOSED = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "output_padding", "groups", "dilation", "padding_mode")
AXIS = ("size", "kernel_size", "stride", "padding", "dilation", "name")
USUAL = {"padding": (0, 0), "dilation": (1, 1), "output_padding": (0, 0), "groups": 1, "bias": True, "padding_mode": "zeros"}  # not printed
PLAIN = {  # what takes a hook of torch's off a layer and leaves the numbers, by the hook's type
    "WeightNorm": "torch.nn.utils.remove_weight_norm(layer)",
    "SpectralNorm": "torch.nn.utils.remove_spectral_norm(layer)",
}


class Settings(NamedTuple):
    """The settings of a layer, pairs written out. The weight decides over channels and kernel size, as it does in torch.

    ``output_padding`` is that of a transposed layer, and None for another. ``ring``: the padding (before, after) of rows and
    columns, where it is not what ``padding`` says. ``notes`` are sentences on what the attributes do not tell; ``changes`` are those
    on what changes the layer at every call.
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int] | str
    dilation: tuple[int, int]
    groups: int
    padding_mode: str
    bias: bool
    itemsize: int
    output_padding: tuple[int, int] | None = None
    ring: tuple[tuple[int, int], tuple[int, int]] | None = None
    notes: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()

    @property
    def transposed(self) -> bool:
        """Whether these are the settings of a transposed layer."""
        return self.output_padding is not None

    @property
    def weight_shape(self) -> tuple[int, int, int, int]:
        """(out_channels, in_channels // groups, height, width); of a transposed layer (in_channels, out_channels // groups, …)"""
        first, second = (self.out_channels, self.in_channels)[:: -1 if self.transposed else 1]
        return first, second // self.groups, *self.kernel_size

    @property
    def sides(self) -> tuple[tuple[int, int], ...]:
        """The padding (before, after) of rows and columns."""
        if self.ring is not None:
            return self.ring
        if self.padding == "same":
            return tuple(map(same_padding, self.kernel_size, self.dilation))
        return ((0, 0), (0, 0)) if self.padding == "valid" else tuple((side, side) for side in self.padding)

    def per_axis(self, input_shape: Sequence[int]) -> tuple[dict, dict]:
        """The arguments of the two axes, with the word 'same' where the layer says so; what `axis` takes."""
        padding = ("same", "same") if self.padding == "same" and self.ring is None else self.sides
        numbers = zip(input_shape[-2:], self.kernel_size, self.stride, padding, self.dilation, ("height", "width"))
        return tuple(dict(zip(AXIS, one)) for one in numbers)

    def axis(self, one: dict, padding_mode: str) -> Axis:
        """The axis with these arguments; a transposed layer goes it backwards. Raises ValueError when they do not fit."""
        if not self.transposed:
            return Axis(**one, padding_mode=padding_mode)
        return Axis.transposed(**one | {"padding": one["padding"][0], "output_padding": self.output_padding[one["name"] == "width"]})

    def axes(self, input_shape: Sequence[int]) -> tuple[Axis, Axis]:
        """The two axes on an input of this shape. Raises ValueError when kernel or padding do not fit it."""
        return tuple(self.axis(one, self.padding_mode) for one in self.per_axis(input_shape))


def read(layer, kinds: Sequence[str] = ("Conv2d", "ConvTranspose2d")) -> Settings:
    """Read a layer of these kinds, conv_lib's or torch's. TypeError for any other, and for one with a ``forward`` of its own.

    >>> from conv_lib import Conv2d
    >>> layer = Conv2d(4, 6, (3, 5), groups=2)
    >>> layer.stride = 2
    >>> read(layer).stride, read(layer).weight_shape
    ((2, 2), (6, 2, 3, 5))
    """
    turned = arguments.layer_of(kinds, layer, (*NAMES, "weight", "bias")) == "ConvTranspose2d"
    groups = arguments.whole("groups", layer.groups, 1)
    kernel_size, stride, dilation = (arguments.pair(name, getattr(layer, name), 1) for name in ("kernel_size", "stride", "dilation"))
    padding = arguments.pair("padding", layer.padding, 0) if turned else arguments.padding(layer.padding)
    mode = arguments.only_zeros(layer.padding_mode) if turned else arguments.padding_mode(layer.padding_mode)
    told = layer.in_channels, layer.out_channels, kernel_size
    if "weight" in getattr(layer, "parametrizations", ()):  # to read such a weight may change it
        (inputs, outputs, kernel_size), number = told, next(iter(layer.parameters()))
    else:
        arguments.weight_of_layer(layer, layer.weight)
        number = layer.weight
        first, second, *taps = number.shape
        arguments.divides(groups, first, f"the {'input' if turned else 'output'} channels, `weight.shape[0]`")
        inputs, outputs = (first, second * groups) if turned else (second * groups, first)
        kernel_size = tuple(taps)
    if layer.bias is not None:
        arguments.same_shape("bias", layer.bias, (outputs,))
    notes = []
    if (inputs, outputs, kernel_size) != told:
        notes.append(f"`weight` of shape {tuple(number.shape)} decides, whatever the attributes say: it takes {inputs} channels.")
    ring = _ring(layer, padding, kernel_size, stride, dilation)
    if ring is not None:
        (top, bottom), (left, right) = ring
        notes.append(
            f"torch pads with the ring that a layer of padding_mode={mode!r} was built with, (left, right, top, bottom) = "
            f"{(left, right, top, bottom)}; its `padding` now says {padding!r}."
        )
    extra = arguments.pair("output_padding", layer.output_padding, 0) if turned else None
    return Settings(
        inputs, outputs, kernel_size, stride, padding, dilation, groups, mode, layer.bias is not None, number.itemsize,
        extra, ring, tuple(notes), tuple(changes(layer)),
    )  # fmt: skip


def _ring(layer, padding, kernel_size, stride, dilation):
    """The padding of a torch layer that reflects, replicates or circles, if it is another than its attributes tell."""
    built = getattr(layer, "_reversed_padding_repeated_twice", ())
    if layer.padding_mode == "zeros" or len(built) != 4:
        return None
    left, right, top, bottom = built
    ring = (top, bottom), (left, right)
    if padding == "same":
        told = tuple(map(same_padding, kernel_size, dilation))
        half = isinstance(layer.dilation, (tuple, list)) and len(layer.dilation) == 1  # from one number torch builds but half, by mistake
        as_told = ring in (told, (told[0], (0, 0))) if half else ring == told and stride == (1, 1)
    else:
        as_told = ring == tuple((side, side) for side in ((0, 0) if padding == "valid" else padding))
    return None if as_told else ring


def written(layer) -> str:
    """The settings of a layer, or `Settings`, in the form in which torch prints a layer."""
    parts = [f"{layer.in_channels}, {layer.out_channels}, kernel_size={layer.kernel_size}, stride={layer.stride}"]
    for name, plain in USUAL.items():
        value = getattr(layer, name, plain)
        if name == "bias":
            value = value is not None and value is not False
        if value is not None and str(value) != str(plain):  # whatever a caller has set is printed
            parts.append(f"{name}={value}")
    return f"({', '.join(parts)})"


def changes(layer):
    """A sentence on each hook and parametrization: what they do shows only in a call."""
    for name in getattr(layer, "parametrizations", ()):
        yield (
            f"`{name}` is computed anew at every call (torch.nn.utils.parametrize); "
            f"`torch.nn.utils.parametrize.remove_parametrizations(layer, '{name}')` leaves its numbers as they are."
        )
    for hooks in ("_forward_pre_hooks", "_forward_hooks"):
        for hook in getattr(layer, hooks, {}).values():
            kind = type(hook)
            plain = PLAIN.get(kind.__name__, "handle.remove()")  # of the handle that came from registering it
            if kind.__module__ == "torch.nn.utils.prune":
                plain = f"torch.nn.utils.prune.remove(layer, '{hook._tensor_name}')"
            name = getattr(hook, "__name__", kind.__name__)
            yield f"a hook ({name}) runs at every call and may change the numbers or the shape; `{plain}` takes it off."
