"""LabFigure: a layer, a model or a message as text, and every shape, cost, field and lost row of it."""

from html import escape

import traitlets

from conv_lib import arguments
from conv_lib.figures.base import TextFigure
from conv_lib.figures.lab_examples import EXAMPLES

MOST_CHARACTERS = 1_500_000


class LabFigure(TextFigure):
    """A box to paste a layer, a model, what ``print(model)`` gives, or an error message into; it is read in the browser.

    Under it stand one sentence, and a table with a row a layer: output shape, parameters, MACs, what it never reads, and its
    receptive field. For a model that is at hand in Python, `conv_lib.network` gives the same table.

    Parameters
    ----------
    text : str
        What stands in the box.
    shape : str
        The input shape, such as "1, 3, 224, 224"; empty for the one that the text names.
    given : dict of str
        Values for names that the text leaves open, as text: ``{"c_in": "32"}``.
    examples : list of [name, text, input shape]
        What the reader can choose.
    title : str
        The figure's name.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) when one of them is no text, or longer than 1.5 million characters.

    Examples
    --------
    >>> LabFigure("nn.Conv2d(c_in, 8, 3)", shape="1, 3, 32, 32", given={"c_in": "3"})
    LabFigure(text='nn.Conv2d(c_in, 8, 3)', shape='1, 3, 32, 32', given={'c_in': '3'})
    """

    module = "lab"
    bundle = "lab"
    needs = ("messages",)
    told = ("text", "shape", "given", "examples")

    shape = traitlets.Any("").tag(sync=True)
    given = traitlets.Any({}).tag(sync=True)
    examples = traitlets.Any(EXAMPLES).tag(sync=True)

    def check(self, state):
        if not isinstance(state["given"], dict):
            raise TypeError(f"`given` (={arguments.show(state['given'])}) must be a dict, not {type(state['given']).__name__}.")
        arguments.sequence("examples", state["examples"])
        for example in state["examples"]:
            arguments.sequence("examples", example)
        examples = [list(example) for example in state["examples"]]
        if any(len(example) != 3 for example in examples):
            raise ValueError("`examples` must hold a name, a text and an input shape each.")
        parts = [("examples", part) for example in examples for part in example]
        for name, value in [("text", state["text"]), ("shape", state["shape"]), *state["given"].items(), *parts]:
            if len(arguments.word(name, value)) > MOST_CHARACTERS:
                raise ValueError(f"`{name}` has {len(value):,} characters, and at most {MOST_CHARACTERS:,} are read.")
        return state | {"given": dict(state["given"]), "examples": examples}

    def fallback(self):
        shape = f" on {self.shape}" if self.shape else ""
        told = f"<p>The Lab reads this{escape(shape)} in the browser:</p><pre>{escape(self.text)}</pre>"
        return {"text/html": f"<div class='cl-still'>{told}</div>"}
