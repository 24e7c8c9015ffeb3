"""ReceptiveFieldFigure: what one output of a stack of layers sees of the input."""

import traitlets

from conv_lib import arguments, receptive_field
from conv_lib.figures.base import LiveFigure

MOST_LAYERS, MOST_PIXELS = 6, 48


class ReceptiveFieldFigure(LiveFigure):
    """A stack of layers that the reader edits, and what one of its outputs sees of the input.

    Parameters
    ----------
    layers : list of 1 to 6 tuples (kernel_size, stride, dilation)
        The first layer first; each number from 1 to 16, and a field of at most 48 pixels.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) in the words of `receptive_field`.

    Examples
    --------
    >>> ReceptiveFieldFigure([(3, 1, 1), (3, 1, 2)]).fields[-1].size
    7
    """

    module = "receptive_field"
    told = ("layers",)

    layers = traitlets.Any([[3, 1, 1], [3, 1, 1]]).tag(sync=True)

    def __init__(self, layers=((3, 1, 1), (3, 1, 1)), **traits):
        super().__init__(layers=layers, **traits)

    def check(self, state):
        fields = receptive_field(state["layers"])
        arguments.within("len(layers)", len(fields), 1, MOST_LAYERS, "to be shown")
        arguments.drawn("layers", fields[-1].size, "pixels in their receptive field", most=MOST_PIXELS)
        layers = [[int(number) for number in (*layer, 1, 1)[:3]] for layer in state["layers"]]
        arguments.drawn("layers", max(map(max, layers)), "as its largest number", most=16)
        return {"layers": layers}

    @property
    def fields(self):
        """The `Field` after each layer, by conv_lib's `receptive_field`."""
        return receptive_field(self.layers)

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        return draw.receptive_field(self.layers, caption=self.title)
