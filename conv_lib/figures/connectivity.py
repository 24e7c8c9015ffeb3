"""ConnectivityFigure: which input channels each output channel reads, and which weights belong to it."""

import traitlets

from conv_lib import arguments
from conv_lib.figures.base import LiveFigure


class ConnectivityFigure(LiveFigure):
    """Input channels, output channels and the weights between them, for any number of groups.

    Parameters
    ----------
    in_channels, out_channels : int, from 1 to 16
    groups : int
        A number that divides both.
    kernel_size : int, from 1 to 7
        It counts in the weight's shape, the parameters and the MACs.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) in the words of `Conv2d`.

    Examples
    --------
    >>> ConnectivityFigure(6, 4, groups=2).weight_shape
    (4, 3, 3, 3)
    """

    module = "connectivity"
    ranges = {"in_channels": (1, 16), "out_channels": (1, 16), "groups": (1, 16), "kernel_size": (1, 7)}
    told = tuple(ranges)

    in_channels = traitlets.Any(4).tag(sync=True)
    out_channels = traitlets.Any(4).tag(sync=True)
    groups = traitlets.Any(2).tag(sync=True)
    kernel_size = traitlets.Any(3).tag(sync=True)

    def __init__(self, in_channels=4, out_channels=4, groups=2, kernel_size=3, **traits):
        super().__init__(in_channels=in_channels, out_channels=out_channels, groups=groups, kernel_size=kernel_size, **traits)

    def check(self, state):
        return grouped(state, self.ranges)

    @property
    def weight_shape(self):
        """(out_channels, in_channels // groups, kernel_size, kernel_size)"""
        return self.out_channels, self.in_channels // self.groups, self.kernel_size, self.kernel_size

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        return draw.connectivity(self.in_channels, self.out_channels, self.groups, caption=self.title)


def grouped(state, ranges):
    """The numbers of a grouped layer, each in its range, with groups that divide both numbers of channels."""
    found = {name: arguments.within(name, state[name], *limits, "to be shown") for name, limits in ranges.items()}
    for name in ("in_channels", "out_channels"):
        arguments.divides(found["groups"], found[name], f"`{name}`")
    return found
