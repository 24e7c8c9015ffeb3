"""ReceptiveFieldFigure: the browser's levels are conv_lib's receptive field, and PyTorch's gradient."""

from __future__ import annotations

import random

import figures_engine
import pytest
import torch
from conv_lib import receptive_field
from conv_lib.figures import ReceptiveFieldFigure


def _stacks(count: int) -> list[list[list[int]]]:
    rng = random.Random(3)
    return [[[rng.randint(1, 5), rng.randint(1, 3), rng.randint(1, 4)] for _ in range(rng.randint(1, 4))] for _ in range(count)]


def test_the_levels_of_the_browser_are_the_fields_of_conv_lib():
    stacks = _stacks(200)
    for stack, levels in zip(stacks, figures_engine.run(["receptive_field"], "(layers) => receptive_field.levels(layers)", stacks)):
        fields = receptive_field(stack)
        assert [[level["size"], level["jump"]] for level in levels[1:]] == [[field.size, field.jump] for field in fields]
        assert levels[0]["count"] == fields[-1].size
        assert tuple(p for p, ways in enumerate(levels[0]["ways"]) if ways) == fields[-1].offsets


def test_ways_are_the_gradient_of_a_stack_of_ones():
    stacks = [stack for stack in _stacks(60) if receptive_field(stack)[-1].size <= 60]
    for stack, levels in zip(stacks, figures_engine.run(["receptive_field"], "(layers) => receptive_field.levels(layers)", stacks)):
        x = torch.zeros(1, 1, levels[0]["count"], dtype=torch.float64, requires_grad=True)
        y = x
        for kernel_size, stride, dilation in stack:
            y = torch.nn.functional.conv1d(y, torch.ones(1, 1, kernel_size, dtype=torch.float64), stride=stride, dilation=dilation)
        assert y.shape[-1] == 1
        y.sum().backward()
        assert x.grad.flatten().tolist() == levels[0]["ways"]


@pytest.mark.parametrize(
    ("layers", "kind"),
    [
        ([], ValueError), ([(3, 1, 1)] * 7, ValueError), ([(7, 4, 1)] * 3, ValueError), ([(1, 17, 1)], ValueError),
        ([(2, 1, 17)], ValueError), ([(3, 1.5, 1)], TypeError), ([3], TypeError),
    ],
)
def test_layers_are_checked_and_the_last_good_state_stays(layers, kind):
    figure = ReceptiveFieldFigure([(3, 2, 1)])
    with pytest.raises(kind):
        figure.layers = layers
    assert figure.layers == [[3, 2, 1]]
