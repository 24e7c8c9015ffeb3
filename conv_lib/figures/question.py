"""Question: an exercise that checks the reader's answer in the page."""

from html import escape

import traitlets

from conv_lib import arguments
from conv_lib.figures.base import LiveFigure, numbers, plain


class Question(LiveFigure):
    """An exercise that checks the reader's answer in the page, and says what is wrong with a wrong one.

    Parameters
    ----------
    prompt : str
        The question, as plain text.
    answer : int, float, tuple of integers, or str
        An integer must be met exactly, a float within half a percent, a tuple is a shape; with `choices`, one of them.
    wrong : dict {wrong answer: why it is wrong}
        For the answers that one expects.
    explanation : str
        Why the answer is right; shown with it.
    choices : list of str, or None
        The texts to choose from.

    Raises
    ------
    Refused
        A ValueError (and a TypeError, for the wrong kind of thing) when a part is empty or of another kind.

    Examples
    --------
    >>> Question("Conv2d(3, 8, 5) on 32 x 32: how many columns?", answer=28, wrong={32: "That needs padding=2."})
    Question(prompt='Conv2d(3, 8, 5) on 32 x 32: how many columns?', answer=28, wrong=[[32, 'That needs padding=2.']])
    """

    module = "question"
    told = ("prompt", "answer", "wrong", "explanation", "choices")

    prompt = traitlets.Any("").tag(sync=True)
    answer = traitlets.Any(None).tag(sync=True)
    wrong = traitlets.Any([]).tag(sync=True)
    explanation = traitlets.Any("").tag(sync=True)
    choices = traitlets.Any(None).tag(sync=True)

    def __init__(self, prompt, *, answer, wrong=None, explanation="", choices=None):
        super().__init__(prompt=prompt, answer=answer, wrong={} if wrong is None else wrong, explanation=explanation, choices=choices)

    def check(self, state):
        choices = state["choices"]
        if choices is not None:
            arguments.sequence("choices", choices)
            choices = [_text("choices", choice) for choice in choices]
            if state["answer"] not in choices:
                raise ValueError(f"`answer` (={arguments.show(state['answer'])}) must be one of `choices`.")
        wrong = list(state["wrong"].items()) if isinstance(state["wrong"], dict) else state["wrong"]
        arguments.sequence("wrong", wrong)
        for part in wrong:
            arguments.sequence("wrong", part)
            arguments.within("len(wrong)", len(part), 2, 2, "an answer and why it is wrong")
        wrong = [[_answer("wrong", value, choices), _text("wrong", why)] for value, why in wrong]
        answer = _answer("answer", state["answer"], choices)
        if answer in (value for value, _ in wrong):
            raise ValueError(f"`wrong` must not hold the answer (={arguments.show(state['answer'])}).")
        return {
            "prompt": _text("prompt", state["prompt"]),
            "answer": answer,
            "wrong": wrong,
            "explanation": arguments.word("explanation", state["explanation"]) and _text("explanation", state["explanation"]),
            "choices": choices,
        }

    def fallback(self):
        choices = f" ({' / '.join(map(escape, self.choices))})" if self.choices else ""
        answer = tuple(self.answer) if isinstance(self.answer, list) else self.answer
        return {
            "text/html": f"<div class='cl-still'><p><b>Question.</b> {escape(self.prompt)}{choices}</p>"
            f"<details><summary>Answer</summary><p>{escape(str(answer))}. {escape(self.explanation)}</p></details></div>"
        }


def _text(name, value):
    if not arguments.word(name, value).strip():
        raise ValueError(f"`{name}` must not be empty.")
    return value


def _answer(name, value, choices):
    if choices is not None:
        return _text(name, value)
    shape = isinstance(value, (tuple, list))
    found = plain(numbers(name, value, (1,) if shape else (0,)))
    if shape and not all(isinstance(size, int) for size in found):
        raise TypeError(f"`{name}` (={arguments.show(value)}) must hold whole numbers.")
    return found
