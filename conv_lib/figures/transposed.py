"""TransposedFigure: a transposed convolution in numbers; every pixel stamps the kernel, and stamps add up."""

import numpy as np
import traitlets

from conv_lib import arguments, conv_transpose2d
from conv_lib.figures.base import LiveFigure, Text, numbers, plain

SETTINGS = ("stride", "padding", "output_padding", "dilation", "groups")
VIEWS = ("numbers", "overlap")
MOST_CHANNELS, MOST_PIXELS, MOST_TAPS, MOST_OUTPUTS = 4, 8, 7, 32
MOST_NUMBER = 10**6  # in size: every sum of products then is exact, here and in the browser


class TransposedFigure(LiveFigure):
    """A transposed convolution in numbers: point at an input for its stamp, at an output for the terms that overlap there.

    ``x (C_in, H, W) * weight (C_in, C_out//groups, K_h, K_w) -> output (C_out, H_out, W_out)``

    Parameters
    ----------
    x : numbers (C_in, H, W), or (H, W) for one channel
        At most 4 channels of 8 x 8 pixels; 1 to 9 in 3 x 3 if left out.
    weight : numbers (C_in, C_out // groups, K_h, K_w), or (K_h, K_w) for one channel
        At most 4 outputs of 7 x 7 taps; a 3 x 3 kernel of ones if left out.
    stride, padding, output_padding, dilation, groups
        As for `ConvTranspose2d`.
    view : 'numbers' or 'overlap'
        Whether the output shows its numbers, or how many stamps of one input channel meet in each pixel.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) in the words of `conv_transpose2d`.

    Examples
    --------
    >>> TransposedFigure([[1, 2]], [[1, 2, 3]], stride=2).output
    array([[[1, 2, 5, 4, 6]]])
    """

    module = "transposed"
    bundle = "back"
    told = ("x", "weight", *SETTINGS, "view")

    x = traitlets.Any(plain(np.arange(1, 10).reshape(1, 3, 3))).tag(sync=True)
    weight = traitlets.Any(plain(np.ones((1, 1, 3, 3)))).tag(sync=True)
    stride = traitlets.Any(2).tag(sync=True)
    padding = traitlets.Any(0).tag(sync=True)
    output_padding = traitlets.Any(0).tag(sync=True)
    dilation = traitlets.Any(1).tag(sync=True)
    groups = traitlets.Any(1).tag(sync=True)
    view = traitlets.Any("numbers").tag(sync=True)
    title = Text("Transposed convolution").tag(sync=True)

    def __init__(self, x=None, weight=None, **traits):
        given = {"x": x, "weight": weight}
        super().__init__(**{name: value for name, value in given.items() if value is not None}, **traits)

    def check(self, state):
        x, weight = (numbers(name, state[name], axes, MOST_NUMBER) for name, axes in (("x", (2, 3)), ("weight", (2, 4))))
        x = x[None] if x.ndim == 2 else x
        weight = weight[None, None] if weight.ndim == 2 else weight
        arguments.within("x.shape", max(x.shape[1:]), 1, MOST_PIXELS, "to be shown number by number")
        arguments.within("weight.shape", max(weight.shape[2:]), 1, MOST_TAPS, "to be shown number by number")
        found = _output(state | {"x": x, "weight": weight})
        for name, count in (("input", len(x)), ("output", len(found))):
            arguments.within(f"{name} channels", count, 1, MOST_CHANNELS, "to be shown")
        arguments.within("output size", max(found.shape[1:]), 1, MOST_OUTPUTS, "to be shown number by number")
        settings = {name: [int(n) for n in pair] if isinstance(pair := state[name], (tuple, list)) else int(pair) for name in SETTINGS}
        return state | {"x": plain(x), "weight": plain(weight), **settings, "view": arguments.among("view", state["view"], VIEWS)}

    @property
    def output(self):
        """What conv_lib computes from the present traits, an array (C_out, H_out, W_out), int64 where all numbers are whole."""
        return _output(self.state)

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        arrays = {"input": self.x, "kernel": self.weight[0], "output": self.output}
        return draw.matrices({title: np.asarray(array)[0] for title, array in arrays.items()}, caption=self.title)


def _output(state):
    x, weight = np.asarray(state["x"]), np.asarray(state["weight"])
    dtype = np.result_type(x, weight)
    settings = {name: tuple(value) if isinstance(value := state[name], list) else value for name in SETTINGS}
    return conv_transpose2d(x.astype(dtype), weight.astype(dtype), **settings)
