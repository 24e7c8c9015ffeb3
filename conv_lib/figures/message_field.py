"""MessageField: paste an error message, and read its cause and cure with your own numbers."""

from conv_lib import arguments
from conv_lib.figures.base import TextFigure


class MessageField(TextFigure):
    """A field to paste an error message into. Under it stand the cause and the cure, with the numbers of the message.

    It reads messages of PyTorch, in today's and older wordings, and of Keras, alone or in a traceback. Nothing is run or sent.

    Parameters
    ----------
    text : str
        The message that stands in the field at first.

    Raises
    ------
    Refused
        A ValueError and a TypeError, when `text` is no text.

    Examples
    --------
    >>> MessageField("running_mean should contain 32 elements not 64")
    MessageField(text='running_mean should contain 32 elements not 64')
    """

    module = "message_field"
    bundle = "messages"
    told = ("text",)

    def check(self, state):
        return {"text": arguments.word("text", state["text"])}

    def fallback(self):
        return {
            "text/html": "<div class='cl-still'><p>Where scripts run, a field stands here: paste the whole message into it, "
            "and read its cause and cure with your own numbers.</p></div>"
        }
