"""CostFigure: what four ways from C_in to C_out channels cost, side by side."""

import traitlets

from conv_lib import Conv2d, cost
from conv_lib.figures.base import LiveFigure
from conv_lib.figures.connectivity import grouped


class CostFigure(LiveFigure):
    """Parameters, multiply-accumulates and memory of four designs that turn the same input into the same output shape.

    The designs, all at stride 1 and with padding 'same', without bias: a standard layer, a grouped one, a depthwise separable
    pair, and a bottleneck of three layers whose middle has a quarter of the output channels.

    Parameters
    ----------
    in_channels, out_channels : int, from 1 to 512
    size : int, from 1 to 512
        Height and width, in pixels.
    kernel_size : int, from 1 to 7
    groups : int
        Of the grouped design; it divides both numbers of channels.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) in the words of `Conv2d`.

    Examples
    --------
    >>> CostFigure(32, 64, size=8, groups=4).costs["depthwise separable"]
    {'parameters': 2336, 'macs': 149504, 'bytes': 50304}
    """

    module = "cost"
    ranges = {"in_channels": (1, 512), "out_channels": (1, 512), "size": (1, 512), "kernel_size": (1, 7), "groups": (1, 512)}
    told = tuple(ranges)

    in_channels = traitlets.Any(64).tag(sync=True)
    out_channels = traitlets.Any(128).tag(sync=True)
    size = traitlets.Any(56).tag(sync=True)
    kernel_size = traitlets.Any(3).tag(sync=True)
    groups = traitlets.Any(4).tag(sync=True)

    def __init__(self, in_channels=64, out_channels=128, size=56, kernel_size=3, groups=4, **traits):
        given = {"in_channels": in_channels, "out_channels": out_channels, "size": size, "kernel_size": kernel_size, "groups": groups}
        super().__init__(**given, **traits)

    def check(self, state):
        return grouped(state, self.ranges)

    @property
    def designs(self):
        """Each design as its layers (in_channels, out_channels, kernel_size, groups), first layer first."""
        c_in, c_out, k, middle = self.in_channels, self.out_channels, self.kernel_size, max(1, self.out_channels // 4)
        return {
            "standard": [(c_in, c_out, k, 1)],
            "grouped": [(c_in, c_out, k, self.groups)],
            "depthwise separable": [(c_in, c_in, k, c_in), (c_in, c_out, 1, 1)],
            "bottleneck": [(c_in, middle, 1, 1), (middle, middle, k, 1), (middle, c_out, 1, 1)],
        }

    @property
    def costs(self):
        """Each design's parameters, MACs, and the bytes that its layers read and write in float32, by conv_lib's `cost`."""
        return {name: self._sum(layers) for name, layers in self.designs.items()}

    def _sum(self, layers):
        found = [
            cost(Conv2d(c_in, c_out, k, padding="same", groups=groups, bias=False), (1, c_in, self.size, self.size))
            for c_in, c_out, k, groups in layers
        ]
        return {
            "parameters": sum(one.parameters for one in found),
            "macs": sum(one.macs for one in found),
            "bytes": sum(one.input_bytes + one.weight_bytes + one.output_bytes for one in found),
        }

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        return draw.bars({name: found["macs"] for name, found in self.costs.items()}, unit="MACs", caption=self.title)
