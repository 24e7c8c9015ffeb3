"""ConvolutionFigure: a convolution in numbers, each of which can be pointed at and changed."""

import numpy as np
import traitlets

from conv_lib import arguments, conv2d
from conv_lib.backward import bias_gradient, input_gradient, weight_gradient
from conv_lib.figures.base import LiveFigure, Text, numbers, plain
from conv_lib.layer import Gradients
from conv_lib.plan import make_plan

SETTINGS = ("stride", "padding", "dilation", "groups", "padding_mode")
CONTROLS = ("direction", "kernel_size", *SETTINGS, "apart", "presets")
DIRECTIONS = ("forward", "backward")
MOST_CHANNELS, MOST_PIXELS, MOST_TAPS = 8, 16, 9
MOST_CELLS = 1600  # numbers in all: what a browser lays out anew while a slider moves; core.js has the same
MOST_NUMBER = 10**6  # in size: every sum of products then is exact, here and in the browser


class ConvolutionFigure(LiveFigure):
    """A convolution in numbers: input with its padding ring, kernel and output, each cell to be pointed at and changed.

    ``x (C_in, H, W) * weight (C_out, C_in//groups, K_h, K_w) -> output (C_out, H_out, W_out)``

    Parameters
    ----------
    x : numbers (C_in, H, W), or (H, W) for one channel
        At most 8 channels of 16 x 16 pixels; 0 to 35 in 6 x 6 if left out. Numbers are at most a million in size.
    weight : numbers (C_out, C_in // groups, K_h, K_w), or (K_h, K_w) for one channel
        At most 8 outputs of 9 x 9 taps; a 3 x 3 kernel of ones if left out.
    bias : C_out numbers, or None
        The padded input, one output's kernels and all outputs together are at most 1600 numbers.
    stride, padding, dilation, groups, padding_mode
        As for `Conv2d`.
    controls : list of names
        What stands above the grids: 'direction' (a switch between forward and backward), 'kernel_size', 'stride', 'padding',
        'dilation', 'groups', 'padding_mode', 'presets', and 'apart', which lets the reader set height and width apart.
    at : (channel, row, column)
        The output whose window is lit at the start.
    direction : 'forward' or 'backward'
        Whether the grids hold the numbers, or the gradients that flow back to them.
    grad_output : numbers (C_out, H_out, W_out), or None
        The gradient of each output; ones if left out, and where the reader makes another output size.
    predict : None, a question, or (question, number)
        With a question the outputs stay hidden until the reader has answered it: with the number, or with the output at `at`.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) in the words of `conv2d`.

    Examples
    --------
    >>> figure = ConvolutionFigure(stride=2, padding=1)
    >>> figure.output
    array([[[ 14,  30,  42],
            [ 75, 126, 144],
            [147, 234, 252]]])
    """

    module = "convolution"
    told = ("x", "weight", "bias", *SETTINGS, "controls", "at", "predict", "direction", "grad_output")

    x = traitlets.Any(plain(np.arange(36).reshape(1, 6, 6))).tag(sync=True)
    weight = traitlets.Any(plain(np.ones((1, 1, 3, 3)))).tag(sync=True)
    bias = traitlets.Any(None).tag(sync=True)
    stride = traitlets.Any(1).tag(sync=True)
    padding = traitlets.Any(0).tag(sync=True)
    dilation = traitlets.Any(1).tag(sync=True)
    groups = traitlets.Any(1).tag(sync=True)
    padding_mode = traitlets.Any("zeros").tag(sync=True)
    controls = traitlets.Any(["kernel_size", "stride", "padding", "dilation"]).tag(sync=True)
    at = traitlets.Any([0, 0, 0]).tag(sync=True)
    predict = traitlets.Any(None).tag(sync=True)
    direction = traitlets.Any("forward").tag(sync=True)
    grad_output = traitlets.Any(None).tag(sync=True)
    title = Text("Convolution").tag(sync=True)

    def __init__(self, x=None, weight=None, bias=None, **traits):
        given = {"x": x, "weight": weight, "bias": bias}
        super().__init__(**{name: value for name, value in given.items() if value is not None}, **traits)

    def check(self, state):
        x = numbers("x", state["x"], (2, 3), MOST_NUMBER)
        weight = numbers("weight", state["weight"], (2, 4), MOST_NUMBER)
        bias = None if state["bias"] is None else numbers("bias", state["bias"], (1,), MOST_NUMBER)
        x = x[None] if x.ndim == 2 else x
        weight = weight[None, None] if weight.ndim == 2 else weight
        plan = _plan(state | {"x": x, "weight": weight, "bias": bias})
        _drawable("`x`", x.shape, (MOST_CHANNELS, MOST_PIXELS, MOST_PIXELS))
        _drawable("`weight`", weight.shape, (MOST_CHANNELS, MOST_CHANNELS, MOST_TAPS, MOST_TAPS))
        _drawable("The padded input", (plan.rows.padded_size, plan.columns.padded_size), (2 * MOST_PIXELS, 2 * MOST_PIXELS))
        if cells(plan) > MOST_CELLS:
            raise ValueError(f"This layer would show {cells(plan)} numbers, padding and outputs among them; at most {MOST_CELLS} fit.")
        return {
            "x": plain(x),
            "weight": plain(weight),
            "bias": None if bias is None else plain(bias),
            **{name: plain_setting(state[name]) for name in SETTINGS},
            "controls": _controls(state["controls"]),
            "at": _inside(state["at"], plan.output_shape[1:]),
            "predict": _question(state["predict"]),
            "direction": arguments.among("direction", state["direction"], DIRECTIONS),
            "grad_output": _gradient(state["grad_output"]),
        }

    @property
    def output(self):
        """What conv_lib computes from the present traits, an array (C_out, H_out, W_out), int64 where all numbers are whole."""
        plan = _plan(self.state)
        stride, dilation = (axes_of(plan, name) for name in ("stride", "dilation"))
        return conv2d(plan.padded()[0], plan.weight, plan.bias, stride, 0, dilation, plan.groups)

    @property
    def gradients(self):
        """What flows back from ``grad_output`` (ones where it does not fit), as `Conv2d.backward` tells it."""
        shape = _plan(self.state).output_shape[1:]
        grad = np.ones(shape, np.int64)
        if self.grad_output is not None and np.shape(self.grad_output) == shape:
            grad = np.asarray(self.grad_output)
        plan = _plan(self.state | {"x": np.asarray(self.x, np.result_type(np.asarray(self.x), grad))})
        grad = grad.astype(plan.x.dtype)
        bias = None if plan.bias is None else bias_gradient(grad)
        return Gradients(input_gradient(plan, grad), weight_gradient(plan, grad), bias)

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        plan = _plan(self.state)
        settings = {name: _tuple(getattr(self, name)) for name in SETTINGS}
        at = tuple(_inside(self.at, plan.output_shape[1:]))
        question = self.predict[0] if isinstance(self.predict, list) else self.predict or ""
        return draw.convolution(plan.x[0], plan.weight, plan.bias, **settings, at=at, question=question, caption=self.title)


def _plan(state):
    """The checked convolution of a figure's state, whose numbers share one dtype."""
    arrays = [None if state[name] is None else np.asarray(state[name]) for name in ("x", "weight", "bias")]
    dtype = np.result_type(*(array for array in arrays if array is not None))
    arrays = [None if array is None else array.astype(dtype) for array in arrays]
    return make_plan(*arrays, *(_tuple(state[name]) for name in SETTINGS))


def cells(plan):
    """How many numbers a figure shows: the padded input, the kernels of one output, and all outputs."""
    rows, columns = plan.rows, plan.columns
    return plan.x.shape[1] * rows.padded_size * columns.padded_size + plan.weight[0].size + int(np.prod(plan.output_shape[1:]))


def axes_of(plan, name):
    return getattr(plan.rows, name), getattr(plan.columns, name)


def plain_setting(value):
    """A number, word or pair of numbers as JSON has it."""
    if isinstance(value, (tuple, list)):
        return [int(number) for number in value]
    return value if isinstance(value, str) else int(value)


def _tuple(value):
    return tuple(value) if isinstance(value, list) else value


def _drawable(name, shape, most):
    if any(size > limit for size, limit in zip(shape, most)):
        raise ValueError(f"{name} of shape {shape} is too large to be shown number by number: at most {most}.")


def _controls(names):
    names = [names] if isinstance(names, str) else names
    arguments.sequence("controls", names)
    return [arguments.among("controls", name, CONTROLS) for name in names]


def _inside(at, sizes):
    """The cell `at`, moved to the last one along an axis that has become shorter."""
    if not isinstance(at, (tuple, list)) or len(at) != len(sizes):
        raise ValueError(f"`at` (={arguments.show(at)}) must be (channel, row, column).")
    return [min(arguments.whole(f"at[{i}]", index, 0), size - 1) for i, (index, size) in enumerate(zip(at, sizes))]


def _gradient(value):
    if value is None:
        return None
    value = numbers("grad_output", value, (3,), MOST_NUMBER)
    _drawable("`grad_output`", value.shape, (MOST_CHANNELS, 3 * MOST_PIXELS, 3 * MOST_PIXELS))
    return plain(value)


def _question(predict):
    if predict is None or isinstance(predict, str):
        return predict
    if isinstance(predict, (tuple, list)) and len(predict) == 2 and isinstance(predict[0], str):
        return [predict[0], plain(numbers("predict[1]", predict[1], (0,)))]
    raise TypeError(f"`predict` (={arguments.show(predict)}) must be a question, a pair (question, number) or None.")
