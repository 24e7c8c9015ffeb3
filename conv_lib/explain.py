"""A readable account of a layer on an input: sizes, cost, and what is easily missed; or why they do not fit, and what would."""

import math
from html import escape
from typing import NamedTuple

from conv_lib import arguments
from conv_lib.cost import cost
from conv_lib.geometry import axes, effective_kernel_size
from conv_lib.layer import SETTINGS
from conv_lib.padding import pad_index


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
        rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(text)}</td></tr>' for name, text in self.facts)
        notes = "".join(f"<li>{escape(warning)}</li>" for warning in self.warnings)
        notes = f'<ul class="cl-warnings">{notes}</ul>' if notes else ""
        return f'<div class="cl-explain"><table><caption>{escape(self.title)}</caption><tbody>{rows}</tbody></table>{notes}</div>'


def explain(layer, input_shape):
    """Explain a layer, conv_lib's or torch's, on an input of the given shape. Returns an `Explanation`; print it.

    A layer that does not fit the input is not an error here: the account says which axis, which numbers, and what would mend it.
    Raises TypeError when `layer` is no 2-D convolution or `input_shape` holds anything but integers.

    >>> from conv_lib import Conv2d
    >>> print(explain(Conv2d(1, 1, 3, stride=2), (1, 1, 6, 6)))
    Conv2d(1, 1, kernel_size=(3, 3), stride=(2, 2)) on (1, 1, 6, 6)
      kind        standard, strided
      height      floor((6 + 0 + 0 - 3) / 2) + 1 = 2
      width       floor((6 + 0 + 0 - 3) / 2) + 1 = 2
      output      (1, 1, 2, 2)
      weight      (1, 1, 3, 3) = (out_channels, in_channels / groups, height, width)
      parameters  9 weights + 1 biases = 10
      MACs        36
      memory      input 144 B, weights 40 B, output 16 B
      ! height: the last window ends 1 pixel early, so row 5 is never read.
      ! width: the last window ends 1 pixel early, so column 5 is never read.
    """
    arguments.conv2d_layer(layer, (*SETTINGS, "weight", "bias"))
    input_shape = arguments.shape("input_shape", input_shape, range(1, 10))
    title = f"{layer!r} on {input_shape}"
    problem = _problem(layer, input_shape)
    if problem:
        return Explanation(title, False, tuple(zip(("problem", "cure"), problem)), ())
    found = cost(layer, input_shape)
    both = axes(input_shape[-2:], *(getattr(layer, name) for name in SETTINGS[2:6]))
    weights = math.prod(layer.weight.shape)
    facts = (
        ("kind", found.kind),
        *((axis.name, _size_formula(axis)) for axis in both),
        ("output", str(found.output_shape)),
        ("weight", f"{tuple(layer.weight.shape)} = (out_channels, in_channels / groups, height, width)"),
        ("parameters", f"{weights:,} weights + {found.parameters - weights:,} biases = {found.parameters:,}"),
        ("MACs", f"{found.macs:,}"),
        ("memory", f"input {found.input_bytes:,} B, weights {found.weight_bytes:,} B, output {found.output_bytes:,} B"),
    )
    return Explanation(title, True, facts, tuple(_warnings(layer, input_shape, both)))


def _size_formula(axis):
    before, after = axis.padding
    return (
        f"floor(({axis.size} + {before} + {after} - {axis.effective_kernel_size}) / {axis.stride}) + 1 = {axis.output_size}"
    )


def _problem(layer, shape):
    """(what does not fit, what would mend it), or None."""
    if len(shape) not in (3, 4):
        sizes = f"{len(shape)} sizes {shape}"
        side = math.isqrt(shape[-1] // layer.in_channels)
        flat = len(shape) == 2 and side * side * layer.in_channels == shape[1]
        cure = f"reshape it to {(shape[0], layer.in_channels, side, side)}." if flat else "bring it to (N, C, H, W) or (C, H, W)."
        return f"the input has {sizes}; a 2-D convolution takes 4 (N, C, H, W) or 3 (C, H, W).", cure
    found, wanted = shape[-3], layer.in_channels
    if found != wanted:
        problem = f"axis {len(shape) - 3} (channels) of the input is {found}, and the layer takes `in_channels` (={wanted})."
        if shape[-1] == wanted:
            order = (0, 3, 1, 2) if len(shape) == 4 else (2, 0, 1)
            return problem, f"the last axis is {wanted}: the array is channels-last; move it with x.transpose{order} (torch: x.permute{order})."
        return problem, f"build the layer with in_channels={found}, or give the input {wanted} channels."
    try:
        both = axes(shape[-2:], *(getattr(layer, name) for name in SETTINGS[2:6]))
    except ValueError as error:
        return str(error), _room(layer, shape)
    for axis in both:
        try:
            pad_index(axis.size, axis.padding, layer.padding_mode, axis.name)
        except ValueError as error:
            return str(error), "use less padding, or padding_mode 'zeros' or 'replicate', which have no limit."
    return None


def _room(layer, shape):
    """What would let a kernel fit that is too large for its input."""
    kernel = arguments.pair("kernel_size", layer.kernel_size, 1)
    dilation = arguments.pair("dilation", layer.dilation, 1)
    spans = [effective_kernel_size(k, d) for k, d in zip(kernel, dilation)]
    padding = max(0, *(math.ceil((span - size) / 2) for span, size in zip(spans, shape[-2:])))
    return f"give padding of at least {padding} per side, a larger input, or a smaller kernel or dilation."


def _warnings(layer, shape, both):
    if len(shape) == 3:
        yield f"three sizes are read as one image (C, H, W) = {shape} without a batch axis, not as a batch of {shape[0]}."
    if len(shape) == 4 and shape[3] in (1, 3, 4) and shape[1] > shape[3]:
        yield f"the last axis is {shape[3]}: is this array channels-last (N, H, W, C)? Conv2d takes (N, C, H, W)."
    for axis, line in zip(both, ("row", "column")):
        yield from _unread_warnings(axis, line)
        if axis.padding[0] != axis.padding[1]:
            yield f"{axis.name}: 'same' pads {axis.padding[0]} before and {axis.padding[1]} after; the extra {line} goes last."
    if layer.padding_mode != "zeros" and not any(sum(axis.padding) for axis in both):
        yield f"padding_mode={layer.padding_mode!r} does nothing: the padding is 0."


def _unread_warnings(axis, line):
    end = tuple(p for p in axis.unread if p > axis.taps(axis.output_size - 1)[-1])
    inner = len(axis.unread) - len(end)
    if end:
        what = f"{line} {end[0]} is" if len(end) == 1 else f"{line}s {end[0]} to {end[-1]} are"
        plural = "s" * (axis.left_over > 1)
        yield f"{axis.name}: the last window ends {axis.left_over} pixel{plural} early, so {what} never read."
    if inner:
        yield f"{axis.name}: {inner} more {line}s lie between the taps and are never read (stride {axis.stride}, dilation {axis.dilation})."
