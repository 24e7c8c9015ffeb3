"""One spatial axis of a convolution: which input positions each output touches.

"Output i touches the inputs i * stride - padding + j * dilation" stands in this file once. The output size, the rows that
nothing reads, the receptive field, the traces and the figures all ask it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import compress
from typing import NamedTuple

import numpy as np

from conv_lib import arguments
from conv_lib.arguments import IntOrPair, Padding


def effective_kernel_size(kernel_size: int, dilation: int = 1) -> int:
    """How many pixels a dilated kernel spans, from its first tap to its last: ``dilation * (kernel_size - 1) + 1``.

    Raises TypeError and ValueError for a size or dilation that is no integer of at least 1. Source: Dumoulin and Visin 2016, section 5.1.

    >>> effective_kernel_size(3), effective_kernel_size(3, dilation=2), effective_kernel_size(3, dilation=4)
    (3, 5, 9)
    """
    return _span(arguments.whole("kernel_size", kernel_size, 1), arguments.whole("dilation", dilation, 1))


def _span(kernel_size, dilation):
    return dilation * (kernel_size - 1) + 1


def same_padding(kernel_size: int, dilation: int = 1) -> tuple[int, int]:
    """The padding (before, after), in pixels, that keeps the size at stride 1; the odd pixel of an even kernel goes after.

    Raises TypeError and ValueError for a size or dilation that is no integer of at least 1. Source: PyTorch, ``Conv2d(padding='same')``.

    >>> same_padding(3), same_padding(4), same_padding(3, dilation=2)
    ((1, 1), (1, 2), (2, 2))
    """
    return _halves(effective_kernel_size(kernel_size, dilation) - 1)


def _halves(total):
    return total // 2, total - total // 2  # the odd pixel goes after


def tensorflow_padding(size: int, kernel_size: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """The padding (before, after), in pixels, with which TensorFlow's 'same' has ceil(size / stride) outputs at any stride.

    >>> tensorflow_padding(6, 3, 2), tensorflow_padding(7, 3, 2), tensorflow_padding(6, 1, 2)
    ((0, 1), (1, 1), (0, 0))
    """
    last_start = (math.ceil(size / stride) - 1) * stride
    return _halves(max(0, last_start + effective_kernel_size(kernel_size, dilation) - size))


def output_size(size: int, kernel_size: int, stride: int = 1, padding: Padding = 0, dilation: int = 1) -> int:
    """How many outputs a convolution has along one axis: ``floor((size + before + after - effective) / stride) + 1``.

    ``before`` and ``after`` are the ``padding`` in pixels: an int for each side, a pair (before, after), 'same' or 'valid';
    ``effective`` is the `effective_kernel_size`. Raises ValueError for a number out of its range and for a kernel that does not
    fit. Source: PyTorch, ``Conv2d``, section Shape.

    >>> output_size(6, 3), output_size(6, 3, stride=2, padding=1), output_size(224, 11, stride=4, padding=2)
    (4, 3, 55)
    """
    return Axis(size, kernel_size, stride, padding, dilation).output_size


@dataclass(frozen=True)
class Axis:
    """One spatial axis: an input of `size` pixels under a kernel that slides along it.

    Parameters
    ----------
    size : int, at least 1
        Pixels of the input.
    kernel_size : int, at least 1
        Taps of the kernel.
    stride : int, at least 1
        Pixels from one window to the next.
    padding : int, at least 0; (before, after); 'same' or 'valid'
        Pixels added: an int for each side. The attribute is always the pair.
    dilation : int, at least 1
        Pixels from one tap to the next.
    name : str
        What messages call this axis.
    padding_mode : 'zeros', 'reflect', 'replicate' or 'circular'
        What the padding is filled with. All but zeros copy pixels into it, which are then read there too.

    Raises
    ------
    TypeError, ValueError
        For a number out of its range, when the kernel does not fit into the padded input, and for more padding than the mode
        can fill.

    Source
    ------
    Dumoulin and Visin 2016.

    Examples
    --------
    Input 6, kernel 3, stride 2, padding 1: windows start at -1, 1 and 3, and the padded position behind the input stays unread.

    >>> axis = Axis(6, 3, stride=2, padding=1)
    >>> [axis.taps(i) for i in range(axis.output_size)]
    [(-1, 0, 1), (1, 2, 3), (3, 4, 5)]
    >>> axis.left_over, axis.unread, axis.users(1)
    (1, (), ((0, 2), (1, 0)))

    At dilation 2 the only window reads -1, 1 and 3. With reflect padding there stands a copy of pixel 1 at -1, and with circular
    padding a copy of pixel 3.

    >>> [Axis(4, 3, 2, (1, 0), 2, padding_mode=mode).unread for mode in ("zeros", "replicate")]
    [(0, 2), (2,)]
    """

    size: int
    kernel_size: int
    stride: int = 1
    padding: Padding = (0, 0)
    dilation: int = 1
    name: str = field(default="axis", compare=False, repr=False)
    padding_mode: str = field(default="zeros", kw_only=True)

    def __post_init__(self):
        own = self.__dict__  # object.__setattr__ is slow
        for name in ("size", "kernel_size", "stride", "dilation"):
            own[name] = arguments.whole(name, own[name], 1)
        own["padding"] = self._padding_pair()
        spans = self.effective_kernel_size, self.padded_size
        arguments.kernel_fits(self.name, self.size, self.padding, self.kernel_size, self.dilation, *spans)
        arguments.padding_fits(arguments.padding_mode(self.padding_mode), self.size, self.padding, self.name)

    def _padding_pair(self):
        if not isinstance(self.padding, str):
            return arguments.pair("padding", self.padding, 0)
        arguments.padding_word(self.padding, (self.stride,))
        return same_padding(self.kernel_size, self.dilation) if self.padding == "same" else (0, 0)

    @classmethod
    def transposed(
        cls, size: int, kernel_size: int, stride: int = 1, padding: int = 0, output_padding: int = 0, dilation: int = 1, name: str = "axis"
    ) -> "Axis":
        """The axis that a transposed convolution goes backwards: its `size` outputs become the inputs, and its inputs the result.

        ``(size - 1) * stride - 2 * padding + dilation * (kernel_size - 1) + output_padding + 1`` pixels: where the last window
        ends, less the padding, and `output_padding` more, which is at least 0 and smaller than `stride` or `dilation`.
        `padding` is an int. Raises TypeError and ValueError for a number out of its range. Source: PyTorch, ``ConvTranspose2d``.

        >>> axis = Axis.transposed(3, 3, stride=2, padding=1)
        >>> axis.size, axis.output_size, Axis.transposed(3, 3, stride=2, padding=1, output_padding=1).size
        (5, 3, 6)
        """
        size, kernel_size = arguments.whole("size", size, 1), arguments.whole("kernel_size", kernel_size, 1)
        stride, dilation = arguments.whole("stride", stride, 1), arguments.whole("dilation", dilation, 1)
        padding, output_padding = arguments.whole("padding", padding, 0), arguments.whole("output_padding", output_padding, 0)
        arguments.output_padding_fits(name, output_padding, stride, dilation)
        result = smallest_input(size, kernel_size, stride, padding, dilation) + output_padding
        arguments.something_left(name, size, kernel_size, stride, padding, dilation, output_padding, result)
        return cls(result, kernel_size, stride, padding, dilation, name=name)

    @cached_property
    def padded_size(self) -> int:
        """Pixels of the input with its padding."""
        return self.size + self.padding[0] + self.padding[1]

    @cached_property
    def effective_kernel_size(self) -> int:
        """Pixels that one window spans."""
        return _span(self.kernel_size, self.dilation)

    @cached_property
    def output_size(self) -> int:
        """How many windows fit. The last start is ``padded_size - effective_kernel_size``, and every stride-th start counts."""
        return (self.padded_size - self.effective_kernel_size) // self.stride + 1

    def taps(self, output: int) -> tuple[int, ...]:
        """The input positions that output `output` touches, in the order of the kernel; below 0 or from `size` on is padding.

        Raises TypeError and ValueError unless `output` is an integer from 0 to `output_size - 1`, and for more than a million taps.
        """
        output = arguments.within("output", output, 0, self.output_size - 1, "the last output")
        arguments.listed("taps", self.kernel_size)
        return tuple(self.window(output))

    def window(self, output: int) -> range:
        """The positions of `taps` as a range, which holds any number of them; `output` is not checked."""
        start = output * self.stride - self.padding[0]
        return range(start, start + self.effective_kernel_size, self.dilation)

    def users(self, position: int) -> tuple[tuple[int, int], ...]:
        """Every (output, tap) that touches this input position (negative: in the padding), in the order of the outputs.

        Raises TypeError and ValueError unless `position` is an integer inside the padded input, and for more than a million of them.
        """
        before, after = self.padding
        position = arguments.within("position", position, -before, self.size + after - 1, "the last padded position")
        ((first, last),) = zip(*self._taps_on(np.array([position], object)))
        taps = range(first, last + 1, self._tap_step)
        arguments.listed("users", len(taps))
        return tuple(((position + before - tap * self.dilation) // self.stride, tap) for tap in reversed(taps))

    def reads(self, tap: int) -> slice:
        """The padded positions that tap number `tap` reads, one per output, as a slice.

        Raises TypeError and ValueError unless `tap` is an integer from 0 to `kernel_size - 1`.
        """
        arguments.within("tap", tap, 0, self.kernel_size - 1, "the last tap")
        first, last = (self.window(i)[tap] + self.padding[0] for i in (0, self.output_size - 1))
        return slice(first, last + 1, self.stride)

    def meets(self, tap: int) -> range:
        """The outputs for which tap number `tap` reads a pixel, not padding.

        Raises TypeError and ValueError unless `tap` is an integer from 0 to `kernel_size - 1`.

        >>> [Axis(6, 3, padding=1).meets(tap) for tap in range(3)]
        [range(1, 6), range(0, 6), range(0, 5)]
        """
        position = self.window(0)[arguments.within("tap", tap, 0, self.kernel_size - 1, "the last tap")]
        first = max(0, -(position // self.stride))
        return range(first, max(first, min(self.output_size, -((position - self.size) // self.stride))))

    def origin(self, position: int) -> int | None:
        """The input position whose value stands at a position of `taps`: another one in copied padding, and None for a zero.

        >>> [Axis(4, 3, padding=2, padding_mode=mode).origin(-2) for mode in ("zeros", "reflect", "replicate", "circular")]
        [None, 2, 0, 2]
        """
        found = int(source(np.array(position, object), self.size, self.padding_mode))
        return None if found < 0 else found

    @property
    def met(self) -> tuple[int, int, int]:
        """How many products read a pixel, not padding; in how many outputs; and of how many taps.

        >>> axis = Axis(6, 3, padding=4)
        >>> axis.met, axis.output_size
        ((18, 8, 3), 12)
        """
        begin = self.padding[0]
        products = self._products_before(begin + self.size) - self._products_before(begin)
        taps, windows = (self.kernel_size, self.dilation), (self.output_size, self.stride)
        return products, self._meeting(*windows, *taps, products), self._meeting(*taps, *windows, products)

    def _meeting(self, count, step, others, across, products):
        """How many outputs, `step` apart, meet a pixel by one of the taps, `across` apart; or the other way round."""
        if self.size < across:  # then none meets two
            return products
        first = -(-(self.padding[0] - (others - 1) * across) // step)
        return max(0, min(count, (self.padding[0] + self.size - 1) // step + 1) - max(0, first))

    def _products_before(self, end):
        """How many products read a padded position before `end`: for each output all its taps, some, or none."""
        whole, some = (
            max(0, min(self.output_size, -((reach - end) // self.stride))) for reach in ((self.kernel_size - 1) * self.dilation, 0)
        )
        last = end - (some - 1) * self.stride + self.dilation - 1
        return whole * self.kernel_size + _floor_sum(some - whole, self.stride, last, self.dilation)

    @property
    def unread(self) -> tuple[int, ...]:
        """The input positions that no window reads, neither itself nor where the padding mode has copied it to."""
        arguments.listed("unread", self.size)
        before, after = self.padding
        exact = np.int64 if self.padded_size < 2**31 else object  # the products of `_taps_on` stay below 2**62
        read = self._is_read(np.arange(self.size).astype(exact))
        if self.padding_mode == "replicate":  # whatever lies beyond an edge is a copy of it
            read[0] |= before > 0
            read[-1] |= self.window(self.output_size - 1)[-1] >= self.size
        elif self.padding_mode != "zeros":
            ring = np.r_[-before:0, self.size : self.size + after]
            read[source(ring[self._is_read(ring.astype(exact))], self.size, self.padding_mode)] = True
        return tuple(np.flatnonzero(~read).tolist())

    @property
    def left_over(self) -> int:
        """How many padded positions lie behind the end of the last window. This is what the floor in the size formula drops."""
        return self.size + self.padding[1] - 1 - self.window(self.output_size - 1)[-1]

    @property
    def _tap_step(self):
        """Of the taps that touch a position, each is this many after the one before: the next window up needs as many less."""
        return min(self.stride, self.padded_size) // math.gcd(min(self.stride, self.padded_size), self.dilation)

    def _is_read(self, positions):
        first, last = self._taps_on(positions)
        return first <= last

    def _taps_on(self, positions):
        """The first tap that touches each position of an array, and the last that could; none does where first > last.

        Tap j of output i touches it where i * stride + j * dilation = position + padding. Divided by the greatest common divisor,
        that fixes j modulo stride; 0 <= i < output_size bounds it.
        """
        stride = min(self.stride, self.padded_size)  # a larger one leaves one output as well
        common, step = math.gcd(stride, self.dilation), self._tap_step
        ahead = positions + self.padding[0]  # of the first tap of output 0
        least = np.maximum(0, -(((self.output_size - 1) * stride - ahead) // self.dilation))
        last = np.minimum(self.kernel_size - 1, ahead // self.dilation)
        tap = ahead // common % step * pow(self.dilation // common, -1, step)
        return np.where(ahead % common == 0, least + (tap - least) % step, last + 1), last


def _floor_sum(count, step, start, divisor):
    """The sum of (start + i * step) // divisor over the first i, as Euclid's algorithm finds it; all are at least 0."""
    if count == 0:
        return 0
    total = count * (count - 1) // 2 * (step // divisor) + count * (start // divisor)
    step, start = step % divisor, start % divisor
    turns, rest = divmod(start + count * step, divisor)
    return total + _floor_sum(turns, divisor, rest, step) if turns else total


def source(positions: np.ndarray, size: int, padding_mode: str) -> np.ndarray:
    """The input position that each padded position takes its value from; -1 stands for a zero.

    >>> source(np.arange(-2, 6), 4, "reflect").tolist()
    [2, 1, 0, 1, 2, 3, 2, 1]
    """
    last = size - 1
    if padding_mode == "reflect":
        return last - np.abs(last - np.abs(positions))
    if padding_mode == "replicate":
        return np.clip(positions, 0, last)
    if padding_mode == "circular":
        return positions % size
    return np.where((positions >= 0) & (positions <= last), positions, -1)


def axes(
    input_size: Sequence[int],
    kernel_size: IntOrPair,
    stride: IntOrPair = 1,
    padding: Padding = 0,
    dilation: IntOrPair = 1,
    padding_mode: str = "zeros",
) -> tuple[Axis, Axis]:
    """The two axes (rows, columns) of a 2-D convolution on an input of (height, width) pixels.

    ``kernel_size``, ``stride`` and ``dilation`` are ints or pairs (height, width); ``padding`` also 'same' or 'valid';
    ``padding_mode`` is that of `Axis`.
    Raises TypeError and ValueError as `Axis` does, with the axis' name.

    >>> rows, columns = axes((6, 8), 3, stride=2, padding=(1, 0))
    >>> rows.output_size, columns.output_size
    (3, 3)
    """
    kernel_size = arguments.pair("kernel_size", kernel_size, 1)
    stride = arguments.pair("stride", stride, 1)
    dilation = arguments.pair("dilation", dilation, 1)
    if isinstance(padding, str):
        sides = zip(input_size, kernel_size, stride, dilation)
        arguments.padding_word(padding, stride, lambda: [tensorflow_padding(*one) for one in sides])
        padding = (padding, padding)
    else:
        padding = arguments.pair("padding", padding, 0)
    arguments.padding_mode(padding_mode)  # a word, so that it can be looked up
    rows, columns = zip(input_size, kernel_size, stride, padding, dilation, ("height", "width"))
    return _axis(*rows, padding_mode), _axis(*columns, padding_mode)


@lru_cache(1024, typed=True)  # a layer is called on one size many times, and checking its axes takes a fifth of the smallest convolution
def _axis(size, kernel_size, stride, padding, dilation, name, padding_mode):
    return Axis(size, kernel_size, stride, padding, dilation, name, padding_mode=padding_mode)


def smallest_input(outputs, kernel_size, stride, padding, dilation):
    """The fewest pixels with so many outputs: as many as the windows span, less the padding. 0 and less are told too."""
    return (outputs - 1) * stride + effective_kernel_size(kernel_size, dilation) - 2 * padding


def transposed_axes(
    size: Sequence[int],
    kernel_size: IntOrPair,
    stride: IntOrPair = 1,
    padding: IntOrPair = 0,
    output_padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    output_size: Sequence[int] | None = None,
) -> tuple[Axis, Axis]:
    """The two axes (rows, columns) that a transposed convolution of (height, width) inputs goes backwards; see `Axis.transposed`.

    An `output_size` (height, width) takes the place of `output_padding`.

    >>> rows, columns = transposed_axes((3, 3), 3, stride=2, padding=1, output_padding=(0, 1))
    >>> rows.size, columns.size
    (5, 6)
    """
    kernel_size = arguments.pair("kernel_size", kernel_size, 1)
    stride = arguments.pair("stride", stride, 1)
    padding = arguments.pair("padding", padding, 0)
    output_padding = arguments.pair("output_padding", output_padding, 0)
    dilation = arguments.pair("dilation", dilation, 1)
    if output_size is not None:
        smallest = tuple(map(smallest_input, size, kernel_size, stride, padding, dilation))
        arguments.output_within(output_size, smallest, tuple(low + step - 1 for low, step in zip(smallest, stride)))
        output_padding = tuple(wanted - low for wanted, low in zip(output_size, smallest))
    numbers = zip(size, kernel_size, stride, padding, output_padding, dilation, ("height", "width"))
    return tuple(Axis.transposed(*one_axis) for one_axis in numbers)


class Field(NamedTuple):
    """The receptive field of one output after some layers, along one axis.

    ``size``: pixels from the first to the last input that the output depends on. ``jump``: input pixels from one output to
    the next. ``offsets``: the inputs really read, counted from the first.
    """

    size: int
    jump: int
    offsets: tuple[int, ...]


def receptive_field(layers: Sequence[Sequence[int]]) -> list[Field]:
    """The receptive field along one axis after each layer of a stack, first layer first.

    ``layers``: a list or tuple of (kernel_size, stride, dilation), where stride and dilation may be left out. Returns one
    `Field` a layer. Raises TypeError and ValueError for an illegal number, and for a field of more than a million pixels.
    Source: Araujo et al. 2019.

    Two 3x3 layers see 5 pixels; with dilation 2 in the second they see 7; three times dilation 2 leaves gaps.

    >>> [field.size for field in receptive_field([(3,), (3,)])], receptive_field([(3,), (3, 1, 2)])[-1].size
    ([3, 5], 7)
    >>> receptive_field([(3, 1, 2)] * 3)[-1].offsets
    (0, 2, 4, 6, 8, 10, 12)
    """
    arguments.sequence("layers", layers)
    layers = [_layer(layer) for layer in layers]
    arguments.field_sizes(size for size, _ in _spans(layers))
    spans = [(1, 1), *_spans(layers)]
    numbers = tuple(range(spans[-1][0]))  # shared by all the fields
    fields, read = [], 1  # bit p of `read` tells whether input p is read
    for (kernel_size, _, dilation), (_, before), (size, jump) in zip(layers, spans, spans[1:]):
        taps = 1
        while taps < kernel_size:  # as many taps again, until all are there
            more = min(taps, kernel_size - taps)
            read |= read << more * dilation * before
            taps += more
        fields.append(Field(size, jump, tuple(compress(numbers, _bits(read)))))
    return fields


def _spans(layers):
    """(size, jump) after each layer."""
    size = jump = 1
    for kernel_size, stride, dilation in layers:
        size += (effective_kernel_size(kernel_size, dilation) - 1) * jump
        jump *= stride
        yield size, jump


def _bits(number):
    """The bits of an integer, the lowest first."""
    return np.unpackbits(np.frombuffer(number.to_bytes(number.bit_length() // 8 + 1, "little"), np.uint8), bitorder="little").tobytes()


def _layer(layer):
    names = ("kernel_size", "stride", "dilation")
    arguments.stack_layer(layer, names)
    return tuple(arguments.whole(name, value, 1) for name, value in zip(names, (*layer, 1, 1)))

