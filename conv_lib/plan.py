"""A checked convolution: the arguments, proved to fit together, before any number is multiplied."""

from dataclasses import dataclass, replace

import numpy as np

from conv_lib import arguments
from conv_lib.geometry import Axis, axes
from conv_lib.padding import pad


@dataclass(frozen=True)
class Plan:
    """What a convolution is about to compute.

    ``x`` is (N, C_in, H, W) whether or not the caller's input had a batch axis; ``rows`` and ``columns`` are the two axes.
    """

    x: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None
    rows: Axis
    columns: Axis
    groups: int
    padding_mode: str
    batched: bool

    @property
    def output_shape(self):
        """(N, C_out, H_out, W_out)"""
        return len(self.x), len(self.weight), self.rows.output_size, self.columns.output_size

    @property
    def result_shape(self):
        """The shape of the result as the caller gets it: without a batch axis if the input had none."""
        return self.output_shape if self.batched else self.output_shape[1:]

    def padded(self):
        """The input with its padding, (N, C_in, H + top + bottom, W + left + right)."""
        if self.rows.padding == self.columns.padding == (0, 0):
            return self.x
        return pad(self.x, (self.rows.padding, self.columns.padding), self.padding_mode)

    def computed(self):
        """The two axes to compute with: what is not padded with zeros is padded first, and has no padding then."""
        if self.padding_mode == "zeros":
            return self.rows, self.columns
        padded = {"padding": (0, 0), "padding_mode": "zeros"}
        return tuple(replace(axis, size=axis.padded_size, **padded) for axis in (self.rows, self.columns))

    def source(self):
        """The input that goes with the `computed` axes."""
        return self.x if self.padding_mode == "zeros" else self.padded()

    def shaped(self, y):
        """The result as the caller asked for it: without a batch axis if the input had none."""
        return y if self.batched else y[0]


def working(dtype):
    """The dtype to sum in, of the machine's byte order: half precision is summed in single, and rounded once."""
    return np.dtype(np.float32) if dtype.newbyteorder("=") == np.float16 else dtype.newbyteorder("=")


def stand_in(what, sizes, dtype):
    """An array of that shape which takes no memory, for a `Plan` of which only the shape is known."""
    arguments.memory(what, sizes, dtype)
    return np.broadcast_to(np.zeros((), dtype), sizes)


def make_plan(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros"):
    """Check all the arguments of a convolution and return its `Plan`. Raises TypeError or ValueError."""
    groups = arguments.whole("groups", groups, 1)
    arguments.arrays(x, weight, bias, groups)
    rows, columns = axes(x.shape[-2:], weight.shape[-2:], stride, padding, dilation, padding_mode)
    batched = x.ndim == 4
    plan = Plan(x if batched else x[None], weight, bias, rows, columns, groups, padding_mode, batched)
    if padding_mode != "zeros":
        arguments.memory("The padded input", (*plan.x.shape[:2], rows.padded_size, columns.padded_size), x.dtype)
    arguments.memory("The output", plan.output_shape, x.dtype)
    return plan
