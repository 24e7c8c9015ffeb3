"""A readable account of a layer on an input: sizes, cost, and what is easily missed; or why they do not fit, and what would."""

import math
import operator
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial
from html import escape
from typing import NamedTuple

from conv_lib import arguments
from conv_lib.cost import convolution_layer, cost, is_transposed, layer_axes
from conv_lib.geometry import effective_kernel_size, smallest_input


class Explanation(NamedTuple):
    """``facts`` are pairs (name, text); ``warnings`` are sentences; ``fits`` tells whether the layer accepts the input."""

    title: str
    fits: bool
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]

    def __str__(self):
        width = max(len(name) for name, _ in self.facts)
        lines = [f"  {name:<{width}}  {text}" for name, text in self.facts]
        return "\n".join([self.title, *lines, *(f"  ! {warning}" for warning in self.warnings)])

    __repr__ = __str__

    def _repr_html_(self):
        rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{_marked_up(text)}</td></tr>' for name, text in self.facts)
        notes = "".join(f"<li>{_marked_up(warning)}</li>" for warning in self.warnings)
        notes = f'<ul class="cl-warnings">{notes}</ul>' if notes else ""
        return f'<div class="cl-explain"><table><caption>{escape(self.title)}</caption><tbody>{rows}</tbody></table>{notes}</div>'


def _marked_up(text: str) -> str:
    """Text as HTML, what stands in backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def explain(layer, input_shape: Sequence[int]) -> Explanation:
    """Explain a layer, conv_lib's or torch's, on an input of the given shape. Returns an `Explanation`; print it.

    Of a transposed layer it tells what `padding` crops, and whether its stamps overlap unevenly (a checkerboard).
    A layer that does not fit the input is not an error here: the account says which axis, which numbers, and what would mend it.
    Raises TypeError when `layer` is no 2-D convolution or `input_shape` holds anything but integers, and ValueError for sizes
    below 1 (only a batch may be 0) and for a layer that fits no input at all, such as torch's with stride 0.

    >>> from conv_lib import Conv2d
    >>> print(explain(Conv2d(1, 1, 3, stride=2), (1, 1, 6, 6)))
    Conv2d(1, 1, kernel_size=(3, 3), stride=(2, 2)) on (1, 1, 6, 6)
      kind        standard, strided
      height      floor((6 + 0 + 0 - 3) / 2) + 1 = 2
      width       floor((6 + 0 + 0 - 3) / 2) + 1 = 2
      output      (1, 1, 2, 2)
      weight      (1, 1, 3, 3) = (out_channels, in_channels / groups, height, width)
      parameters  9 weights + 1 bias = 10
      MACs        36
      memory      input 144 B, weights 40 B, output 16 B
      ! height: the last window ends 1 pixel early, so row 5 is never read.
      ! width: the last window ends 1 pixel early, so column 5 is never read.
    """
    convolution_layer(layer)
    input_shape = arguments.shape("input_shape", input_shape, range(1, 10))
    title = f"{layer!r} on {input_shape}"
    problem = _problem(layer, input_shape)
    if problem:
        return Explanation(title, False, tuple(zip(("problem", "cure"), problem)), ())
    found = cost(layer, input_shape)
    both = layer_axes(layer, input_shape)
    weights = math.prod(layer.weight.shape)
    biases = found.parameters - weights
    formula = partial(transposed_size_formula, layer) if is_transposed(layer) else size_formula
    channels = "in_channels, out_channels / groups" if is_transposed(layer) else "out_channels, in_channels / groups"
    facts = (
        ("kind", found.kind),
        *((axis.name, formula(axis)) for axis in both),
        ("output", str(found.output_shape)),
        ("weight", f"{tuple(layer.weight.shape)} = ({channels}, height, width)"),
        ("parameters", f"{weights:,} weights + {biases:,} bias{'es' * (biases != 1)} = {found.parameters:,}"),
        ("MACs", f"{found.macs:,}"),
        ("memory", f"input {found.input_bytes:,} B, weights {found.weight_bytes:,} B, output {found.output_bytes:,} B"),
    )
    return Explanation(title, True, facts, tuple(_warnings(layer, input_shape, both)))


def size_formula(axis):
    """The output size of an `Axis` as a formula with its numbers in it."""
    before, after = axis.padding
    return (
        f"floor(({axis.size} + {before} + {after} - {axis.effective_kernel_size}) / {axis.stride}) + 1 = {axis.output_size}"
    )


def transposed_size_formula(layer, axis):
    """The output size of a transposed layer along an `Axis` that it goes backwards, as a formula with its numbers in it."""
    extra = arguments.pair("output_padding", layer.output_padding, 0)[axis.name == "width"]
    before, after = axis.padding
    inputs = (axis.size - extra + before + after - axis.effective_kernel_size) // axis.stride + 1
    return f"({inputs} - 1) * {axis.stride} + {axis.effective_kernel_size} - {before} - {after} + {extra} = {axis.size}"


def _problem(layer, shape):
    """(what does not fit, what would mend it), or None."""
    wanted = layer.in_channels
    if len(shape) not in (3, 4):
        problem = f"the input has {len(shape)} sizes {shape}; a 2-D convolution takes 4 (N, C, H, W) or 3 (C, H, W)."
        cure = _first_cure(layer, _reshapes(shape, wanted))
        return problem, cure or f"bring it to (N, {wanted}, H, W) or ({wanted}, H, W)."
    found = shape[-3]
    if found != wanted:
        problem = f"axis {len(shape) - 3} (channels) of the input is {found}, and the layer takes `in_channels` (={wanted})."
        return problem, _first_cure(layer, _moves(shape, wanted)) or _other_channels(layer, found)
    try:
        layer_axes(layer, shape)
    except ValueError as error:
        return str(error), _other_padding(layer, shape)
    return None


def _first_cure(layer, candidates):
    """The first change of the input, of pairs (text, new shape), that the layer would accept."""
    return next((f"{text}." for text, shape in candidates if _problem(layer, shape) is None), None)


def _reshapes(shape, wanted):
    """Ways to bring an input of the wrong number of axes to 3 or 4."""
    if len(shape) > 4:
        merged = (math.prod(shape[:-3]), *shape[-3:])
        yield f"merge the leading axes: x.reshape{merged}", merged
        return
    side = math.isqrt(shape[-1] // wanted)
    if wanted * side * side == shape[-1]:
        flat = (*shape[:-1], wanted, side, side) if len(shape) == 2 else (1, wanted, side, side)
        yield f"undo the flattening: x.reshape{flat}", flat
    if len(shape) == 2:
        yield f"add the axes of batch and channel: x[None, None] has shape {(1, 1, *shape)}", (1, 1, *shape)


def _moves(shape, wanted):
    """Ways to bring the channels of an input to where the layer expects them."""
    if shape[-1] == wanted:
        order = (0, 3, 1, 2) if len(shape) == 4 else (2, 0, 1)
        moved = tuple(shape[axis] for axis in order)
        how = f"x.transpose{order} (torch: x.permute{order}) has shape {moved}"
        yield f"the last axis is {wanted}, so the array looks channels-last: {how}", moved
    if len(shape) == 3 and wanted == 1:
        batch = shape[0], 1, *shape[1:]
        yield f"a batch of {shape[0]} grey images needs a channel axis: x[:, None] has shape {batch}", batch


def _other_channels(layer, found):
    groups = "" if found % layer.groups == 0 else f" and groups=1 (groups={layer.groups} does not divide {found})"
    return f"build the layer with in_channels={found}{groups}, or give the input {layer.in_channels} channels."


def _other_padding(layer, shape):
    """Padding, and a mode if need be, with which the layer fits."""
    if is_transposed(layer):
        names = ("kernel_size", "stride", "padding", "dilation", "output_padding")
        pairs = (arguments.pair(name, getattr(layer, name), 0) for name in names)
        spans = ((smallest_input(size, k, s, 0, d) + extra, p) for size, k, s, p, d, extra in zip(shape[-2:], *pairs))
        return f"use padding={tuple(min(p, (span - 1) // 2) for span, p in spans)}, or a larger input."
    if layer.padding == "same":
        return "use padding_mode='zeros' or 'replicate', which have no limit."
    padding = (0, 0) if layer.padding == "valid" else arguments.pair("padding", layer.padding, 0)
    spans = map(effective_kernel_size, layer.kernel_size, arguments.pair("dilation", layer.dilation, 1))
    least = [max(0, math.ceil((span - size) / 2)) for span, size in zip(spans, shape[-2:])]
    enough = tuple(map(max, padding, least))
    cures = []
    for mode in dict.fromkeys((layer.padding_mode, "zeros")):
        allowed = tuple(min(p, arguments.padding_limit(mode, size)) for p, size in zip(enough, shape[-2:]))
        if all(map(operator.ge, allowed, least)):
            cures.append(f"padding={allowed}" + f" with padding_mode={mode!r}" * (mode != layer.padding_mode))
    others = ", or a larger input, or a smaller kernel or dilation" * (enough != padding)
    return f"use {', or '.join(cures)}{others}."


def _warnings(layer, shape, both):
    if len(shape) == 3:
        yield f"three sizes are read as one image (C, H, W) = {shape} without a batch axis, not as a batch of {shape[0]}."
    if shape[-1] in (1, 3, 4) and min(shape[-3:-1]) > shape[-1]:
        batch = "N, " * (len(shape) == 4)
        yield f"the last axis is {shape[-1]}: is this array channels-last ({batch}H, W, C)? Conv2d takes ({batch}C, H, W)."
    yield from _stamp_warnings(layer, both) if is_transposed(layer) else _window_warnings(layer, both)


def _window_warnings(layer, both):
    if not isinstance(layer.padding, str) and len(set(layer.padding)) == 2:
        height, width = layer.padding
        order = f"(left, right, top, bottom) = ({width}, {width}, {height}, {height})"
        yield f"padding={layer.padding} is (height, width), per side; torch.nn.functional.pad takes {order}."
    for axis, line in zip(both, ("row", "column")):
        yield from _unread_warnings(axis, line)
        if axis.padding[0] != axis.padding[1]:
            yield f"{axis.name}: 'same' pads {axis.padding[0]} before and {axis.padding[1]} after; the extra {line} goes last."
    if layer.padding_mode != "zeros" and not any(sum(axis.padding) for axis in both):
        yield f"padding_mode={layer.padding_mode!r} does nothing: the padding is 0."


def _stamp_warnings(layer, both):
    """Where the stamps of a transposed layer are cropped, do not reach, or overlap unevenly."""
    for axis, line in zip(both, ("row", "column")):
        crop = axis.padding[0]
        if crop:
            yield f"{axis.name}: `padding` cuts {crop} {line}{'s' * (crop > 1)} off each side, it adds none."
        phases = Counter(tap * axis.dilation % axis.stride for tap in range(axis.kernel_size))
        counts = sorted({phases[phase] for phase in range(axis.stride)})
        if counts[0] == 0:
            numbers = f"stride {axis.stride}, kernel {axis.kernel_size}, dilation {axis.dilation}"
            yield f"{axis.name}: some {line}s between the stamps get nothing but the bias ({numbers})."
        elif len(counts) > 1:
            many = " or ".join(map(str, counts))
            yield (
                f"{axis.name}: kernel {axis.kernel_size} is not divisible by stride {axis.stride}, so the {line}s get {many} taps in turn: "
                "a checkerboard."
            )


def _unread_warnings(axis, line):
    unread, last = axis.unread, axis.taps(axis.output_size - 1)[-1]
    end = tuple(position for position in unread if position > last)
    inner = len(unread) - len(end)
    if end:
        what = f"{line} {end[0]} is" if len(end) == 1 else f"{line}s {end[0]} to {end[-1]} are"
        early = f"{axis.left_over} pixel{'s' * (axis.left_over > 1)} early" + ", padding included" * (axis.padding[1] > 0)
        yield f"{axis.name}: the last window ends {early}, so {what} never read."
    if inner:
        what = f"1 {line} lies between the taps and is" if inner == 1 else f"{inner} {line}s lie between the taps and are"
        yield f"{axis.name}: {what} never read (stride {axis.stride}, dilation {axis.dilation})."
