"""A checked convolution: the arguments, proved to fit together, before any number is multiplied."""

from dataclasses import dataclass

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

    def padded(self):
        """The input with its padding, (N, C_in, H + top + bottom, W + left + right)."""
        if self.rows.padding == self.columns.padding == (0, 0):
            return self.x
        return pad(self.x, (self.rows.padding, self.columns.padding), self.padding_mode)

    def shaped(self, y):
        """The result as the caller asked for it: without a batch axis if the input had none."""
        return y if self.batched else y[0]


def make_plan(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1, padding_mode="zeros"):
    """Check all the arguments of a convolution and return its `Plan`. Raises TypeError or ValueError."""
    groups = arguments.whole("groups", groups, 1)
    arguments.arrays(x, weight, bias, groups)
    rows, columns = axes(x.shape[-2:], weight.shape[-2:], stride, padding, dilation, padding_mode)
    batched = x.ndim == 4
    plan = Plan(x if batched else x[None], weight, bias, rows, columns, groups, padding_mode, batched)
    arguments.memory("The padded input", (*plan.x.shape[:2], rows.padded_size, columns.padded_size), x.dtype)
    arguments.memory("The output", plan.output_shape, x.dtype)
    return plan
