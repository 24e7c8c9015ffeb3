"""A readable account of a layer on an input: sizes, cost, and what is easily missed; or why they do not fit, and what would."""

import math
import re
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from conv_lib import arguments
from conv_lib.cautions import cautions
from conv_lib.cost import cost_of
from conv_lib.cures import problem_and_cure
from conv_lib.network import Network, network
from conv_lib.settings import read, written


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
        from html import escape  # loaded when it is shown, not with the library

        rows = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{_marked_up(text)}</td></tr>' for name, text in self.facts)
        notes = "".join(f"<li>{_marked_up(warning)}</li>" for warning in self.warnings)
        notes = f'<ul class="cl-warnings">{notes}</ul>' if notes else ""
        return f'<div class="cl-explain"><table><caption>{escape(self.title)}</caption><tbody>{rows}</tbody></table>{notes}</div>'


def _is_network(layer):
    """Whether this is a module made of parts. A convolution is none, though what computes its weight may be a part of it."""
    if isinstance(layer, type) or any(cls.__module__ in arguments.LAYERS for cls in type(layer).__mro__):
        return False
    return callable(getattr(layer, "children", None)) and any(True for _ in layer.children())


def _marked_up(text: str) -> str:
    """Text as HTML, what stands in backticks as code."""
    from html import escape  # loaded when it is shown, not with the library

    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def explain(layer, input_shape: Sequence[int]) -> Explanation | Network:
    """Explain a layer, conv_lib's or torch's, on an input of the given shape. Returns an `Explanation`; print it.

    A torch model that holds layers, such as ``nn.Sequential(...)``, is told layer by layer: that is what `network` gives.
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
      MACs        36 = 72 FLOPs (1 MAC = 2 FLOPs)
      memory      input 144 B, weights 40 B, output 16 B
      ! height: the last window ends 1 pixel early, so row 5 is never read.
      ! width: the last window ends 1 pixel early, so column 5 is never read.
    """
    if _is_network(layer):
        return network(layer, input_shape)
    settings = read(layer)
    input_shape = arguments.shape("input_shape", input_shape, range(1, 10))
    turned = settings.transposed
    title = f"{type(layer).__name__}{written(settings)} on {input_shape}"
    notes = (*settings.notes, *settings.changes)
    found = problem_and_cure(settings, input_shape)
    if found:
        return Explanation(title, False, tuple(zip(("problem", "cure"), found)), notes)
    costs = cost_of(settings, input_shape)
    both = settings.axes(input_shape)
    weights = math.prod(settings.weight_shape)
    biases = costs.parameters - weights
    formula = partial(transposed_size_formula, settings) if turned else size_formula
    channels = "in_channels, out_channels / groups" if turned else "out_channels, in_channels / groups"
    facts = (
        ("kind", costs.kind),
        *((axis.name, formula(axis)) for axis in both),
        ("output", str(costs.output_shape)),
        ("weight", f"{settings.weight_shape} = ({channels}, height, width)"),
        ("parameters", f"{weights:,} weight{'s' * (weights != 1)} + {biases:,} bias{'es' * (biases != 1)} = {costs.parameters:,}"),
        ("MACs", f"{costs.macs:,} = {costs.flops:,} FLOPs (1 MAC = 2 FLOPs)"),
        ("memory", f"input {costs.input_bytes:,} B, weights {costs.weight_bytes:,} B, output {costs.output_bytes:,} B"),
    )
    return Explanation(title, True, facts, (*notes, *cautions(settings, input_shape, both)))


def size_formula(axis):
    """The output size of an `Axis` as a formula with its numbers in it."""
    before, after = axis.padding
    return (
        f"floor(({axis.size} + {before} + {after} - {axis.effective_kernel_size}) / {axis.stride}) + 1 = {axis.output_size}"
    )


def transposed_size_formula(settings, axis):
    """The output size of a transposed layer along an `Axis` that it goes backwards, as a formula with its numbers in it."""
    extra = settings.output_padding[axis.name == "width"]
    before, after = axis.padding
    inputs = (axis.size - extra + before + after - axis.effective_kernel_size) // axis.stride + 1
    return f"({inputs} - 1) * {axis.stride} + {axis.effective_kernel_size} - {before} - {after} + {extra} = {axis.size}"
