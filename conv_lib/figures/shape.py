"""ShapeFigure: one axis as a ruler, and how its output size comes about."""

from html import escape

import traitlets

from conv_lib import arguments
from conv_lib.figures.base import LiveFigure
from conv_lib.geometry import Axis


class ShapeFigure(LiveFigure):
    """One axis of a convolution as a ruler: its windows, their taps, what is left over, and the size formula step by step.

    Parameters
    ----------
    size : int, from 1 to 512
        Pixels of the input.
    kernel_size, stride : int, from 1 to 32
    padding : int, from 0 to 64; 'same' or 'valid'
        Pixels per side.
    dilation : int, from 1 to 64
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) for a number out of its range. A layer that does not fit is
        shown as such, with the message that PyTorch prints and what would mend it.

    Examples
    --------
    >>> ShapeFigure(7, stride=2).axis.output_size
    3
    """

    module = "shape"
    ranges = {"size": (1, 512), "kernel_size": (1, 32), "stride": (1, 32), "padding": (0, 64), "dilation": (1, 64)}
    told = tuple(ranges)

    size = traitlets.Any(6).tag(sync=True)
    kernel_size = traitlets.Any(3).tag(sync=True)
    stride = traitlets.Any(1).tag(sync=True)
    padding = traitlets.Any(0).tag(sync=True)
    dilation = traitlets.Any(1).tag(sync=True)

    def __init__(self, size=6, kernel_size=3, **traits):
        super().__init__(size=size, kernel_size=kernel_size, **traits)

    def check(self, state):
        limits = dict(self.ranges)
        if isinstance(state["padding"], str):
            arguments.padding_word(state["padding"], (1,))
            del limits["padding"]
        return state | {name: arguments.within(name, state[name], *limits[name], "to be shown") for name in limits}

    @property
    def axis(self):
        """The `Axis` that is shown. Raises ValueError when the layer does not fit."""
        return Axis(*(getattr(self, name) for name in self.told))

    def fallback(self):
        try:
            return super().fallback()
        except ValueError as error:
            return {"text/html": f"<p class='cl-still'>{escape(str(error))}</p>"}

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        return draw.axis(self.axis, caption=self.title)
