"""LearningFigure: a kernel that learns, step by step, from an input and the output of a hidden kernel."""

import numpy as np
import traitlets

from conv_lib import arguments, conv2d, grad
from conv_lib.figures.base import LiveFigure, Text, numbers, plain

HIDDEN = {
    "Sobel": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
    "blur": [[0.0625, 0.125, 0.0625], [0.125, 0.25, 0.125], [0.0625, 0.125, 0.0625]],
}
RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05)
MOST_STEPS, MOST_LOSS, MOST_NUMBER = 400, 1e12, 99
X = [[2, 0, 1, -1, 0, 2], [1, -2, 0, 1, 3, 0], [0, 1, 2, -1, 1, -2], [-1, 0, 1, 2, 0, 1], [3, 1, -2, 0, 1, 0], [0, 2, 1, -1, 0, 1]]


class LearningFigure(LiveFigure):
    """A kernel that learns: it starts random, and each step moves every weight against its gradient.

    The target is what a hidden kernel makes of the input. Loss: half the sum of the squared differences between output and target,
    so that the gradient of each output is just that difference.

    Parameters
    ----------
    x : numbers (H, W)
        The input, from 3 x 3 to 8 x 8, of numbers up to 99 in size.
    hidden : 'Sobel', 'blur', or 3 x 3 numbers
        The kernel that made the target.
    seed : int, from 0 to 9999
        Of the random start, whole numbers from -3 to 3.
    rate : 0.001, 0.002, 0.005, 0.01, 0.02 or 0.05
        The learning rate.
    steps : int, from 0 to 400
        How many steps are taken.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) for anything else.

    Examples
    --------
    >>> figure = LearningFigure(seed=1, rate=0.01, steps=1)
    >>> [round(loss, 2) for loss in figure.losses]
    [618.0, 202.56]
    """

    module = "learning"
    bundle = "back"
    told = ("x", "hidden", "seed", "rate", "steps")

    x = traitlets.Any(X).tag(sync=True)
    hidden = traitlets.Any("Sobel").tag(sync=True)
    seed = traitlets.Any(1).tag(sync=True)
    rate = traitlets.Any(0.01).tag(sync=True)
    steps = traitlets.Any(0).tag(sync=True)
    title = Text("A kernel that learns").tag(sync=True)

    def check(self, state):
        x = numbers("x", state["x"], (2,), MOST_NUMBER)
        arguments.within("the shortest side of `x`", min(x.shape), 3, 8, "to be shown")
        arguments.within("the longest side of `x`", max(x.shape), 3, 8, "to be shown")
        hidden = state["hidden"]
        if not isinstance(hidden, str):
            hidden = numbers("hidden", hidden, (2,), MOST_NUMBER)
            arguments.same_shape("hidden", hidden, (3, 3))
            hidden = plain(hidden)
        elif hidden not in HIDDEN:
            raise ValueError(f"`hidden` (={hidden!r}) must be 'Sobel', 'blur' or 3 x 3 numbers.")
        if not isinstance(state["rate"], float) or state["rate"] not in RATES:
            raise ValueError(f"`rate` (={arguments.show(state['rate'])}) must be one of {', '.join(map(str, RATES))}.")
        return {
            "x": plain(x),
            "hidden": hidden,
            "seed": arguments.within("seed", state["seed"], 0, 9999, "the last one"),
            "rate": state["rate"],
            "steps": arguments.within("steps", state["steps"], 0, MOST_STEPS, "the last step"),
        }

    @property
    def start(self):
        """The random kernel before the first step, an array (3, 3). Its generator is small enough to be the same in the browser."""
        drawn, number = [], self.seed + 1
        for _ in range(9):
            number = (75 * number + 74) % 65537
            drawn.append(number % 7 - 3)
        return np.array(drawn, np.float64).reshape(3, 3)

    @property
    def target(self):
        """What the hidden kernel makes of the input."""
        hidden = np.array(HIDDEN[self.hidden] if isinstance(self.hidden, str) else self.hidden, np.float64)
        return conv2d(np.array(self.x, np.float64)[None], hidden[None, None])

    @property
    def weight(self):
        """The kernel after the steps, an array (3, 3)."""
        return self._train()[0]

    @property
    def losses(self):
        """The loss before the first step, and after each."""
        return self._train()[1]

    def _train(self):
        x, weight, target = np.array(self.x, np.float64)[None], self.start[None, None], self.target
        losses = []
        for step in range(self.steps + 1):
            error = conv2d(x, weight) - target
            losses.append(float((error**2).sum() / 2))
            if step == self.steps or losses[-1] > MOST_LOSS:
                return weight[0, 0], losses
            weight = weight - self.rate * grad.conv2d_weight(x, weight.shape, error)

    def still(self):
        from conv_lib import draw  # Matplotlib: loaded when a figure is shown, not when it is made

        arrays = {"input": np.array(self.x), "kernel": self.weight.round(2), "target": self.target[0].round(2)}
        return draw.matrices(arrays, caption=self.title)
