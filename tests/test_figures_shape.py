"""ShapeFigure: its refusals, and that the browser tells an illegal layer in PyTorch's own words."""

from __future__ import annotations

import random
import re

import figures_engine
import pytest
import torch
from conv_lib.figures import ShapeFigure
from torch.nn import functional as F

NAMES = ("size", "kernel_size", "stride", "padding", "dilation")


def _cases(count: int) -> list[dict]:
    rng = random.Random(5)
    paddings = (0, 1, 2, 5, "same", "valid")
    return [
        dict(zip(NAMES, (rng.randint(1, 12), rng.randint(1, 6), rng.randint(1, 3), rng.choice(paddings), rng.randint(1, 4))))
        for _ in range(count)
    ]


def _torch_says(case: dict) -> str | None:
    size, k = case["size"], case["kernel_size"]
    try:
        F.conv2d(torch.zeros(1, 1, size, size), torch.zeros(1, 1, k, k), None, case["stride"], case["padding"], case["dilation"])
    except RuntimeError as error:
        return str(error)
    return None


def test_an_illegal_layer_is_told_in_the_words_of_pytorch():
    cases = _cases(400)
    told = figures_engine.run(["shape"], "(state) => shape.problem(state)", cases)
    said = [_torch_says(case) for case in cases]
    assert sum(text is not None for text in said) > 50
    for case, problem, text in zip(cases, told, said):
        assert (problem[0] if problem else None) == text, case


# What each cure changes, by its words.
CURES = {
    r"Give the padding in numbers: (\d+) per side": "padding",
    r"padding of at least (\d+)": "padding",
    r"an input of at least (\d+)": "size",
    r"dilation of at most (\d+)": "dilation",
    r"a kernel of at most (\d+)": "kernel_size",
    r"set the stride to (1)": "stride",
}


def test_each_cure_that_is_offered_makes_the_layer_fit():
    cases = [dict(zip(NAMES, (1, 2, 2, "same", 1))), dict(zip(NAMES, (8, 3, 1, 0, 4))), *_cases(400)]
    tried = {}
    for case, problem in zip(cases, figures_engine.run(["shape"], "(state) => shape.problem(state)", cases)):
        for words, name in CURES.items() if problem else ():
            number = re.search(words, problem[1])
            if number:
                assert _torch_says(case | {name: int(number[1])}) is None, (case, problem[1])
                tried[words] = tried.get(words, 0) + 1
    assert set(tried) == set(CURES) and sum(tried.values()) > 200


def test_traits_are_checked_and_the_last_good_state_stays():
    figure = ShapeFigure(7, stride=2)
    for name, value, kind in (
        ("stride", 0, ValueError),
        ("size", 1000, ValueError),
        ("dilation", 1.5, TypeError),
        ("padding", "SAME", ValueError),
    ):
        with pytest.raises(kind, match=name):
            setattr(figure, name, value)
    assert figure.axis.output_size == 3


def test_a_layer_that_does_not_fit_is_shown_as_text():
    figure = ShapeFigure(2, 3)
    assert "spans 3 pixels" in figure.fallback()["text/html"]
    with pytest.raises(ValueError, match="does not fit"):
        _ = figure.axis
